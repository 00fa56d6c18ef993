"""One target under atheris: `python -m tests.support.fuzz_run TARGET FOLDER libFuzzer's options`; FOLDER gets what is new.

A defect ends it with a traceback and an exit code that is not 0; the input is beside -artifact_prefix.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["appliance", "firmware_cfg", "tomllib"]):
    from tests.support.fuzz_corpus import seeds
    from tests.support.fuzz_targets import BY_NAME


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(name)):
        (folder / f"seed-{number:03}").write_bytes(data)
    atheris.Setup([sys.argv[0], str(folder), *sys.argv[3:]], BY_NAME[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
