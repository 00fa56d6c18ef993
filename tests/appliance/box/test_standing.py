"""E5: a start reads where its folds stood, and the journal's tail. It must know what a start that reads everything knows."""

from pathlib import Path

import msgspec
import pytest

from appliance.base.clock import BootClock
from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.box import books as books_of
from appliance.box import standing
from appliance.box.books import Books
from appliance.events import Event
from appliance.events.call import CallAnswered, CallEnded, CallPickedUp, CallQueued, CallStarted
from appliance.events.line import DialAllowed, LineConnected, LineHungUp
from appliance.events.recording import RecordingBegan
from appliance.events.seat import AgentLoggedIn, SeatStateChanged
from appliance.store.journal import Journal

SEAT, AGENT, LINE = SeatId("b1"), AgentId("a1"), LineId("l1")


def a_call(number: int, *, ends: bool = True) -> list[Event]:
    call = CallId(f"c{number:06d}")
    facts: list[Event] = [
        CallStarted(at_ms=number, call=call, direction="in", line=LINE, caller=f"1380000{number:04d}"),
        CallPickedUp(at_ms=number, call=call),
        CallQueued(at_ms=number, call=call, queue=QueueId("q")),
        CallAnswered(at_ms=number, call=call, seat=SEAT, agent=AGENT),
    ]
    return [*facts, CallEnded(at_ms=number, call=call, by="caller")] if ends else facts


def run(state: Path, facts: list[Event], *, killed: bool = False) -> None:
    journal = Journal(state, BootClock(), group_s=0.0)
    books = Books(state, journal)
    books.take(journal.record(facts))
    journal.close()
    if killed:
        books.projector.stop()
        books.database.close()
    else:
        books.close()


def known(state: Path) -> dict[str, object]:
    journal = Journal(state, BootClock(), group_s=0.0)
    books = Books(state, journal)
    try:
        left = books.left_open(BootClock())
        return {
            "seated": dict(books.days.seated),
            "last call": books.days.last_call,
            "talked": dict(books.talks.last),
            "open": {one.id: (one.state, one.seat) for one in left.calls.values()},
            "pictures": {name: (view.state, view.caller) for name, view in books.calls.views.items() if view.ended_at_ms is None},
            "clean": books.clean,
            "dialled": msgspec.json.encode((books.outgoing.days, books.outgoing.out, books.outgoing.minute)),
            "unsealed from": books.first_unsealed,
        }
    finally:
        journal.close()
        books.projector.stop()
        books.database.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A run that ended in order, then one that was killed in a call."""
    out = [
        DialAllowed(at_ms=0, line=LINE, number="13800138000", price_li=150),
        LineConnected(at_ms=0, line=LINE),
        LineHungUp(at_ms=0, line=LINE, by="us"),
    ]
    seated = [
        AgentLoggedIn(at_ms=0, seat=SEAT, agent=AGENT),
        SeatStateChanged(at_ms=0, seat=SEAT, agent=AGENT, state="paused", reason="tea"),
    ]
    run(tmp_path, [*seated, *out, *a_call(1), *a_call(2)])
    began = RecordingBegan(at_ms=3, call=CallId("c000003"), path="c3.wav")
    run(tmp_path, [*a_call(3, ends=False), began, out[0], out[1]], killed=True)
    return tmp_path


def test_a_start_from_where_it_stood_knows_what_one_from_the_head_knows(state: Path) -> None:
    assert (state / standing.NAME).exists()
    short = known(state)
    (state / standing.NAME).unlink()
    whole = known(state)
    short_first, whole_first = short.pop("unsealed from"), whole.pop("unsealed from")
    assert short == whole and short_first == whole_first
    assert short["open"] and short["seated"] == {SEAT: (AGENT, "paused:tea")} and short["last call"] == 3


def test_only_the_tail_is_read(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    entries = Journal.entries

    def counted(self: Journal, after: int = 0, kinds: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
        for entry in entries(self, after, kinds):
            read.append(entry.number)
            yield entry

    monkeypatch.setattr(Journal, "entries", counted)
    known(state)
    assert min(read) >= 12, "what the first run has told is not read again"


@pytest.mark.parametrize("damage", ["another journal's", "cut", "another version's"])
def test_one_that_does_not_fit_is_not_believed(state: Path, damage: str) -> None:
    path, before = state / standing.NAME, known(state)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        mine = standing.msgspec.msgpack.decode(path.read_bytes(), type=standing.Standing)
        mine.last_call = 77
        if damage == "another journal's":
            mine.hash = bytes(32)
        else:
            mine.version += 1
        path.write_bytes(standing.msgspec.msgpack.encode(mine))
    assert known(state) == before


def test_tables_that_an_update_makes_again_are_not_waited_for(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open call is seen at once, from the journal; the others come with the tables."""
    before = known(state)
    for end in ("", "-wal", "-shm"):
        (state / f"tables.db{end}").unlink(missing_ok=True)
    monkeypatch.setattr(books_of, "BEHIND", 3)
    assert known(state) == before
