"""The catalogues' tool (E2): `python -m appliance.web.i18n --check` names what a catalogue lacks, `--compile` writes the .mo files."""

import sys
from collections.abc import Iterable

from appliance.web.i18n_check import findings
from appliance.web.texts import LANGUAGES, compiled, po_path


def compile_all() -> None:
    """Each .mo beside its .po."""
    for language in LANGUAGES:
        po_path(language).with_suffix(".mo").write_bytes(compiled(language))


def main(arguments: Iterable[str]) -> int:
    match list(arguments):
        case ["--compile"]:
            compile_all()
            return 0
        case ["--check"]:
            found = findings()
            for line in found:
                print(line)
            return 1 if found else 0
        case _:
            print("usage: python -m appliance.web.i18n --check | --compile", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
