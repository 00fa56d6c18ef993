"""A finding of the check, and how it is said: `path (line N): what is wrong; what would be right`, always one line.

Each is English and remembers how it was made (Said), so that the page says it in the reader's language.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

Text = TypeVar("Text", bound=str)
_BARE = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


class Said(str):
    """English words, and how they were made: `template`, a key of the page's catalogues, and `words`, which fill its places.

    A word is what the file says, or Said itself. own: the same in other languages, where what it speaks of brings them along.
    """

    template: str
    words: Mapping[str, object]
    own: Mapping[str, str]

    def __new__(cls, template: str, /, **words: object) -> Said:
        said = super().__new__(cls, template.format_map(words))
        said.template, said.words, said.own = template, words, {}
        return said

    @classmethod
    def brought(cls, own: Mapping[str, str]) -> Said:
        """From a file that has the sentence in each language, as a modem's profile its `limit`."""
        said = cls("{en}", en=own["en"])
        said.own = own
        return said


class Finding(msgspec.Struct, frozen=True):
    """One mistake. path: the setting's, as `line[l1].port`, or the file's name; line: from 1, None where there is none to name."""

    path: str
    line: int | None
    wrong: str
    right: str

    @property
    def what(self) -> Said:
        """Without the place."""
        return Said("{wrong}; {right}", wrong=self.wrong, right=self.right)

    @property
    def whole(self) -> Said:
        if self.line is None:
            return Said("{path}: {what}", path=self.path, what=self.what)
        return Said("{path} (line {line}): {what}", path=self.path, line=self.line, what=self.what)

    def __str__(self) -> str:
        return str(self.whole)


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
        return Said("a table")
    elif isinstance(value, list):
        return Said("a list")
    elif isinstance(value, int):
        text = hex(value) if abs(value) > 10**30 else str(value)  # str() of a huge one raises
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:56] + '…"' * text.startswith('"') + "…" * (not text.startswith('"'))


def key_shown(key: str) -> str:
    return key if _BARE.match(key) else shown(key)


def listed(options: Iterable[str]) -> str:
    return ", ".join(f'"{option}"' for option in options)


def suggestion(word: object, options: Iterable[str], none_yet: Text) -> Text | Said:
    """The nearest of the words that would be right, or all of them; `none_yet` where there is none."""
    known = sorted(set(options))
    if not known:
        return none_yet
    plain = {option.lower().replace("-", "_"): option for option in known}
    near = difflib.get_close_matches(str(word)[:60].lower().replace("-", "_"), plain, 1, 0.6)
    if near:
        return Said('did you mean "{word}"?', word=plain[near[0]])
    if len(known) == 1:
        return Said("it can be {word}", word=listed(known))
    return Said("it can be one of {words}", words=listed(known[:12]) + (" …" if len(known) > 12 else ""))


def out_of_range(value: str) -> Said:
    return Said("{value} is out of range", value=value)


def between(least: object, most: object) -> Said:
    return Said("write {least} to {most}", least=least, most=most)
