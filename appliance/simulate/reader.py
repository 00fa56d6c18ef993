"""Values of a scenario, each checked where it is read: every mistake becomes a finding, and reading goes on with the default."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Final

from firmware_cfg.findings import key_shown, shown, suggestion
from firmware_cfg.line_numbers import Path

Report = Callable[[Path, str, str], None]
"""Where in the document, what is wrong, what would be right."""

_MISSING: Final = object()


class Table:
    """One table of the document. Whoever reads a key says what it may be; `close` reports the keys that nobody knows."""

    def __init__(self, content: dict[str, Any], path: Path, report: Report) -> None:
        self.content, self.path, self.report = content, path, report
        self._known: set[str] = set()

    def wrong(self, key: str, wrong: str, right: str) -> None:
        self.report((*self.path, key), wrong, right)

    def has(self, key: str) -> bool:
        return key in self.content

    def get(self, key: str) -> Any:
        self._known.add(key)
        return self.content.get(key, _MISSING)

    def missing(self, key: str, example: str) -> None:
        self.report((*self.path, key), "is missing", f"add {example}")

    def number(self, key: str, default: float | None, low: float, high: float, example: str, *, above: bool = False) -> float:
        """From low (`above`: more than low) to high. default None: it must be there; then low where it is wrong."""
        value = self.get(key)
        fallback = default if default is not None else high
        if value is _MISSING:
            if default is None:
                self.missing(key, f"{key} = {example}")
            return fallback
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.wrong(key, f"is {shown(value)}, which is no number", f"write a number, for example {example}")
        elif value < low or (above and value == low):
            least = f"more than {low:g}" if above else f"{low:g} or more"
            self.wrong(key, f"{shown(value)} is {'negative' if value < 0 else 'too small'}", f"write {least}, for example {example}")
        elif value > high:
            self.wrong(key, f"{shown(value)} is too large", f"write at most {high:g}, for example {example}")
        else:
            return float(value)
        return fallback

    def whole(self, key: str, default: int | None, low: int, high: int, example: str) -> int:
        value = self.get(key)
        fallback = default if default is not None else low
        if value is _MISSING:
            if default is None:
                self.missing(key, f"{key} = {example}")
            return fallback
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(key, f"is {shown(value)}, which is no whole number", f"write a whole number, for example {example}")
        elif value < low:
            self.wrong(key, f"{shown(value)} is {'negative' if value < 0 else 'too small'}", f"write {low} or more, for example {example}")
        elif value > high:
            self.wrong(key, f"{shown(value)} is too large", f"write at most {high}")
        else:
            return value
        return fallback

    def word(self, key: str, default: str | None, options: Iterable[str], what: str) -> str | None:
        """One of these; None where it is wrong or missing."""
        options = tuple(options)
        value = self.get(key)
        if value is _MISSING:
            if default is None:
                self.missing(key, f'{key} = "{options[0]}"')
            return default
        if not isinstance(value, str):
            self.wrong(key, f"is {shown(value)}, which is no text", suggestion("", options, ""))
        elif value not in options:
            self.wrong(key, f"there is no {what} {shown(value)}", suggestion(value, options, ""))
        else:
            return value
        return None

    def text(self, key: str, example: str) -> str | None:
        value = self.get(key)
        if value is _MISSING:
            self.missing(key, f'{key} = "{example}"')
        elif not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 100:
            self.wrong(key, f"is {shown(value)}", f'write a short text in quotes, for example "{example}"')
        else:
            return value
        return None

    def numbers(self, key: str, most: int, high: float, example: str) -> tuple[float, ...]:
        """A list of numbers from 0 on, at least one; () where it is wrong."""
        value = self.get(key)
        if value is _MISSING:
            self.missing(key, f"{key} = {example}")
            return ()
        if not isinstance(value, list) or not value or len(value) > most:
            self.wrong(key, f"is {shown(value)}", f"write a list of 1 to {most} numbers, for example {example}")
            return ()
        for one in value:
            if isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one <= high:
                self.wrong(key, f"holds {shown(one)}", f"write numbers from 0 to {high:g}, for example {example}")
                return ()
        return tuple(map(float, value))

    def tables(self, key: str, example: str, *, wanted: bool = True) -> list[Table]:
        value = self.get(key)
        if value is _MISSING:
            if wanted:
                self.missing(key, example)
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(key, f"is {shown(value)}", f"write {example}")
            return []
        if not value and wanted:
            self.missing(key, example)
        return [Table(one, (*self.path, key, place), self.report) for place, one in enumerate(value)]

    def table(self, key: str, example: str) -> Table | None:
        """None where it is missing or no table."""
        value = self.get(key)
        if value is _MISSING:
            self.missing(key, f"{key} = {example}")
        elif not isinstance(value, dict):
            self.wrong(key, f"is {shown(value)}, which is no table", f"write {key} = {example}")
        else:
            return Table(value, (*self.path, key), self.report)
        return None

    def skills(self, key: str) -> tuple[tuple[str, int], ...]:
        value = self.get(key)
        if value is _MISSING:
            return ()
        if not isinstance(value, dict):
            self.wrong(key, f"is {shown(value)}, which is no table", f"write {key} = {{ english = 5 }}")
            return ()
        inside = Table(value, (*self.path, key), self.report)
        return tuple((skill, inside.whole(skill, None, 1, 9, "5")) for skill in sorted(value))

    def close(self) -> None:
        for key in self.content:
            if key not in self._known:
                self.wrong(key, f"there is no setting {key_shown(key)}", suggestion(key, self._known, "take it out"))
