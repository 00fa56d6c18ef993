"""Where each setting of a TOML document stands: tomllib parses well and forgets the lines.

LineNumbers is only for text that tomllib has accepted, so this reader may trust the grammar and looks for no mistakes. What stands
inside an inline table or a list has the line of its key.
"""

import re
from typing import Final

Path = tuple[str | int, ...]

_KEY: Final = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' + r"|'''(?:[^']|'(?!''))*'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


MOST_DOTS: Final = 200  # on a line; of a.a.a.a… tomllib takes the square, half a minute and gigabytes for 50,000


def crowded(text: str) -> int | None:
    """The first line with more dots; None where there is none. To be asked before tomllib."""
    return next((line for line, written in enumerate(text.split("\n"), 1) if written.count(".") > MOST_DOTS), None)


class LineNumbers:
    """`of(("line", 0, "port"))` is the line, from 1, of the first [[line]]'s port; of its nearest parent where it is not written."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._lists: dict[Path, int] = {}
        self._read(text.replace("\r\n", "\n"))

    def of(self, path: Path) -> int | None:
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    def _read(self, text: str) -> None:
        table: Path = ()
        at, line = 0, 1
        while at < len(text):
            char = text[at]
            if char == "\n":
                at, line = at + 1, line + 1
            elif char in " \t":
                at += 1
            elif char == "#":
                at = _end_of_line(text, at)
            elif char == "[":
                table = self._header(text, at, line)
                at = _end_of_line(text, at)
            else:
                keys, at = _keys(text, at)
                self._note(table + keys, line)
                at, line = _past_value(text, at, line)

    def _header(self, text: str, at: int, line: int) -> Path:
        is_list = text.startswith("[[", at)
        keys, _ = _keys(text, at + (2 if is_list else 1))
        path = self._resolved(keys[:-1]) + keys[-1:] if is_list else self._resolved(keys)
        if is_list:
            index = self._lists.get(path, -1) + 1
            self._lists[path] = index
            path = (*path, index)
        self._note(path, line)
        return path

    def _resolved(self, keys: Path) -> Path:
        """A list's name means its last element, as TOML has it."""
        done: Path = ()
        for key in keys:
            done = (*done, key)
            if done in self._lists:
                done = (*done, self._lists[done])
        return done

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)
        self._lines[path] = line


def _keys(text: str, at: int) -> tuple[Path, int]:
    keys: list[str] = []
    while match := _KEY.match(text, at):
        keys.append(next(group for group in match.groups() if group is not None))
        at = match.end()
        if at >= len(text) or text[at] != ".":
            break
        at += 1
    return tuple(keys), at


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _past_value(text: str, at: int, line: int) -> tuple[int, int]:
    """The end of the line that the value ends on, and that line's number."""
    depth = 0
    while match := _TOKEN.search(text, at):
        token = match[0]
        if token == "\n" and depth <= 0:
            return match.start(), line
        depth += (token in "[{") - (token in "]}") if len(token) == 1 else 0
        line += token.count("\n")
        at = match.end()
    return len(text), line
