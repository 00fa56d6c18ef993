"""The fields of an AT answer: `1,0,"138,5",129` (A1). What does not fit raises ValueError, which is noise on the wire."""

import re

_FIELD = re.compile(r'\s*(?:"([^"]*)"|([^,"]*))\s*(?:,|\Z)')


def fields(text: str) -> list[str]:
    """Split at commas outside quotes; quotes are taken off. `1,,"a,b"` gives ["1", "", "a,b"]."""
    found: list[str] = []
    at = 0
    while at <= len(text):
        match = _FIELD.match(text, at)
        if match is None:
            raise ValueError(f"not fields: {text!r}")
        quoted, bare = match.groups()
        found.append(quoted if quoted is not None else bare.strip())
        if match.end() == len(text) and not text.endswith(",", 0, match.end()):
            break
        if match.end() == len(text):
            found.append("")
            break
        at = match.end()
    return found


def numbers(text: str, least: int) -> list[int]:
    """The leading fields as integers, at least `least` of them; stops at the first that is none."""
    found: list[int] = []
    for field in fields(text):
        if not re.fullmatch(r"-?[0-9]{1,6}", field):
            break
        found.append(int(field))
    if len(found) < least:
        raise ValueError(f"fewer than {least} numbers: {text!r}")
    return found
