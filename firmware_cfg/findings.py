"""A finding of the check, and how it is said: `path (line N): what is wrong; what would be right`, always one line."""

import difflib
import re
from collections.abc import Iterable

import msgspec

_BARE = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


class Finding(msgspec.Struct, frozen=True):
    """One mistake. path: the setting's, as `line[l1].port`, or the file's name; line: from 1, None where there is none to name."""

    path: str
    line: int | None
    wrong: str
    right: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path} (line {self.line})"
        return f"{where}: {self.wrong}; {self.right}"


class ConfigErrors(ValueError):
    """A configuration that cannot be used, with everything that is wrong with it, in the order of its lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def shown(value: object) -> str:
    """A value as a person may read it: one line, short, nothing unprintable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = '"' + repr(value)[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    elif isinstance(value, dict):
        return "a table"
    elif isinstance(value, list):
        return "a list"
    elif isinstance(value, int):
        text = hex(value) if abs(value) > 10**30 else str(value)  # str() of a huge one raises
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:56] + '…"' * text.startswith('"') + "…" * (not text.startswith('"'))


def key_shown(key: str) -> str:
    return key if _BARE.match(key) else shown(key)


def listed(options: Iterable[str]) -> str:
    return ", ".join(f'"{option}"' for option in options)


def suggestion(word: object, options: Iterable[str], none_yet: str) -> str:
    """The nearest of the words that would be right, or all of them; `none_yet` where there is none."""
    known = sorted(set(options))
    if not known:
        return none_yet
    plain = {option.lower().replace("-", "_"): option for option in known}
    near = difflib.get_close_matches(str(word)[:60].lower().replace("-", "_"), plain, 1, 0.6)
    if near:
        return f'did you mean "{plain[near[0]]}"?'
    return ("it can be " if len(known) == 1 else "it can be one of ") + listed(known[:12]) + (" …" if len(known) > 12 else "")
