"""The bus (E5): journal first, then each subscriber in order.

What a subscriber publishes in answer is numbered and journalled at once and told after the round that runs, so all hear all facts in the
order of their numbers. A subscriber that raises is our defect: its traceback goes to the log, the others hear the facts all the same.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.events import Event
from appliance.store.entry import Entry

log = logging.getLogger(__name__)

Subscriber = Callable[[list[Entry]], None]


class Recorder(Protocol):
    """What the bus asks of a journal."""

    @property
    def last_number(self) -> int: ...

    def record(self, facts: Sequence[Event]) -> list[Entry]: ...


class Bus:
    """Of one thread, the event loop's; other threads come in by `loop.call_soon_threadsafe(bus.publish, facts)`."""

    def __init__(self, journal: Recorder) -> None:
        self._journal = journal
        self._subscribers: list[Subscriber] = []
        self._rounds: deque[list[Entry]] = deque()
        self._running = False

    def subscribe(self, hear: Subscriber) -> None:
        """`hear` is told every round from now on, after those who came before."""
        self._subscribers.append(hear)

    def publish(self, facts: Sequence[Event]) -> int:
        """Journals the facts and tells them; the number of the last entry. Raises JournalFull."""
        entries = self._journal.record(facts) if facts else []
        if not entries:
            return self._journal.last_number
        self._rounds.append(entries)
        if not self._running:
            self._running = True
            try:
                while self._rounds:
                    self._tell(self._rounds.popleft())
            finally:
                self._running = False
        return entries[-1].number

    def _tell(self, entries: list[Entry]) -> None:
        for hear in tuple(self._subscribers):
            try:
                hear(entries)
            except Exception:
                log.exception("a subscriber failed at entries %d to %d", entries[0].number, entries[-1].number)
