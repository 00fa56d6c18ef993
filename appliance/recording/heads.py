"""The chain's head, told to the outside once a day (A7): a fact of the journal, a file in DIR/reports, a line on the page.

A head names the seals since the last one, so a recording is proven by its seal and one head, without a word of other calls.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from appliance.events import Event
from appliance.events.recording import HeadPrinted, RecordingSealed
from appliance.store.entry import Entry

REPORTS: Final = "reports"


class Heads:
    """A subscriber of the bus, of the event loop's thread. `local_day`: UTC ms to "2026-11-24"."""

    def __init__(self, state: Path, publish: Callable[[Sequence[Event]], object], local_day: Callable[[int], str]) -> None:
        self._folder, self._publish, self._local_day = state / REPORTS, publish, local_day
        self._seals: list[bytes] = []
        self.closed: str | None = None
        """The last day that was closed; None: the box has not yet seen the end of one."""
        self.before: dict[int, str | None] = {}
        """Number of a day's head: the day that was closed before it. A box that was off closes several at once."""
        self.last: Entry | None = None
        self.unwritten: list[Entry] = []
        """Heads that have no file yet."""

    def learn(self, heads: Iterable[Entry], seals: Callable[[int], Iterable[Entry]], first_utc_ms: int) -> None:
        """At the start: printed heads, and the seals above a number. first_utc_ms: when the journal began."""
        self.closed = self._local_day(first_utc_ms - 86_400_000)
        for entry in heads:
            self._head(entry)
        self.take(list(seals(self.last.number if self.last is not None else 0)))
        self.unwritten = [entry for entry in self.unwritten if not self.file_of(entry).exists()]

    def take(self, entries: list[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, RecordingSealed):
                self._seals.append(entry.hash)
            elif isinstance(entry.event, HeadPrinted):
                self._head(entry)

    def _head(self, entry: Entry) -> None:
        assert isinstance(entry.event, HeadPrinted)
        self._seals, self.last = [], entry
        if entry.event.by == "box":
            self.before[entry.number] = self.closed
            self.closed = entry.event.day
        self.unwritten.append(entry)

    def look(self, now_ms: int, utc_ms: int) -> bool:
        """True where a day is over and was closed now; to be asked once a minute or oftener."""
        over = self._local_day(utc_ms - 86_400_000)
        if self.closed is None or over <= self.closed:
            return False
        self._print(now_ms, over, "box")
        return True

    def print_now(self, now_ms: int, utc_ms: int, by: str) -> None:
        """In between, as somebody asked for it."""
        self._print(now_ms, self._local_day(utc_ms), by)

    def _print(self, now_ms: int, day: str, by: str) -> None:
        self._publish([HeadPrinted(at_ms=now_ms, day=day, by=by, seals=b"".join(self._seals))])

    def file_of(self, entry: Entry) -> Path:
        assert isinstance(entry.event, HeadPrinted)
        middle = "" if entry.event.by == "box" else f"-entry-{entry.number}"
        return self._folder / f"{entry.event.day}{middle}.txt"

    def write_report(self, entry: Entry, more: str = "") -> Path:
        """The file of a head that is on the disk, with more text below. May be called from another thread. OSError."""
        path = self.file_of(entry)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            file.write(report(entry) + more)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        self.unwritten.remove(entry)
        return path


def message(entry: Entry) -> str:
    """What holds the journal against this head, in one short message."""
    fact = entry.event
    assert isinstance(fact, HeadPrinted)
    return f"Seatbox {fact.day}: head {entry.number}:{entry.hash.hex()}, recordings {len(fact.seals) // 32}"


def report(entry: Entry) -> str:
    """To be printed and kept outside of the box."""
    fact = entry.event
    assert isinstance(fact, HeadPrinted)
    return (
        f"Seatbox {fact.day}\nhead {entry.number} {entry.hash.hex()}\nrecordings {len(fact.seals) // 32}\n"
        "Keep this outside of the box. 请在设备之外保存本页。\n"
        f"seatbox verify --state DIR --head {entry.number}:{entry.hash.hex()}\n"
        f"python3 prove_recording.py RECORDING.wav PROOF.json {entry.hash.hex()}\n"
    )
