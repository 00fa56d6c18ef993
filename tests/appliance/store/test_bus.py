"""The bus: journal first, then each subscriber in order; answers wait their round (E5)."""

from collections.abc import Sequence

import pytest

from appliance.base.ids import SeatId
from appliance.events import Event
from appliance.events.seat import SeatFound, SeatLost
from appliance.store.bus import Bus
from appliance.store.entry import GENESIS, Entry, entry_of


class MemoryJournal:
    """Numbers as the journal does, and keeps nothing on a disk."""

    def __init__(self) -> None:
        self.kept: list[Entry] = []

    @property
    def last_number(self) -> int:
        return len(self.kept)

    def record(self, facts: Sequence[Event]) -> list[Entry]:
        entries = [entry_of(fact, GENESIS, len(self.kept) + 1 + at, "boot", 0, True) for at, fact in enumerate(facts)]
        self.kept += entries
        return entries


def lost(seat: str) -> Event:
    return SeatLost(at_ms=1, seat=SeatId(seat))


def test_every_subscriber_hears_every_fact_in_the_order_of_its_number_answers_too() -> None:
    journal = MemoryJournal()
    bus = Bus(journal)
    heard: list[tuple[str, int]] = []
    answers: list[int] = []

    def answering(entries: list[Entry]) -> None:
        heard.extend(("first", entry.number) for entry in entries)
        if isinstance(entries[0].event, SeatLost):
            answers.append(bus.publish([SeatFound(at_ms=2, seat=entries[0].event.seat)]))

    bus.subscribe(answering)
    bus.subscribe(lambda entries: heard.extend(("second", entry.number) for entry in entries))
    assert bus.publish([lost("s1"), lost("s2")]) == 2
    assert heard == [("first", 1), ("first", 2), ("second", 1), ("second", 2), ("first", 3), ("second", 3)]
    assert answers == [3]


def test_the_journal_has_a_fact_before_anybody_hears_it() -> None:
    journal = MemoryJournal()
    bus = Bus(journal)
    seen: list[bool] = []
    bus.subscribe(lambda entries: seen.append(entries[-1] in journal.kept))
    bus.publish([lost("s1")])
    assert seen == [True]


def test_a_subscriber_that_raises_is_logged_with_traceback_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus(MemoryJournal())
    heard: list[int] = []

    def broken(entries: list[Entry]) -> None:
        raise ZeroDivisionError("of the lamp")

    bus.subscribe(broken)
    bus.subscribe(lambda entries: heard.extend(entry.number for entry in entries))
    bus.publish([lost("s1")])
    bus.publish([lost("s2")])
    assert heard == [1, 2]
    assert "ZeroDivisionError: of the lamp" in caplog.text
    assert "Traceback" in caplog.text


def test_no_facts_are_no_entry() -> None:
    bus = Bus(MemoryJournal())
    bus.subscribe(lambda entries: pytest.fail("told nothing"))
    assert bus.publish([]) == 0
