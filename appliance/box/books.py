"""Everything that is a fold over the journal, in the order in which facts happened: calls, days, where recordings lie (A7 E5)."""

import time
from collections.abc import Callable

from appliance.base.clock import Clock
from appliance.calls.tables import CallBook, DayBook
from appliance.events import Event
from appliance.events.box import BoxStarted, BoxStopped
from appliance.events.recording import RecordingBegan
from appliance.store.entry import Entry

KEEP = 5_000
"""Calls whose pictures are held in memory: some 4 kB each; older ones are in the table."""


def local_day(utc_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(utc_ms / 1000))


class Books:
    """A subscriber of the bus; at start it reads what the journal has."""

    def __init__(self) -> None:
        self.calls = CallBook(KEEP)
        self.days = DayBook(local_day)
        self.paths: dict[str, str] = {}
        self.clean = True  # the last end of the box was in order
        self.entries = 0

    def take(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._take(entry.utc_ms, entry.event)
        self.entries += len(entries)

    def _take(self, utc_ms: int, fact: Event) -> None:
        self.calls.take(utc_ms, fact)
        self.days.take(utc_ms, fact)
        match fact:
            case RecordingBegan():
                self.paths[fact.call] = fact.path
            case BoxStarted():
                self.clean = False
            case BoxStopped():
                self.clean = True

    def closing_facts(self, clock: Clock) -> list[Event]:
        """What the end of the last run left open."""
        return list(self.days.cut_off(clock.now_ms()))


Publish = Callable[[list[Event]], int]
