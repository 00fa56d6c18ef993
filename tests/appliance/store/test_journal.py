"""The journal: numbers at once, committed in groups, chained, append-only (E5)."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from appliance.base.ids import CallId, LineId
from appliance.events import Event
from appliance.events.box import BoxStopped
from appliance.events.call import CallEnded, CallStarted
from appliance.events.seat import SeatLost
from appliance.store import table, verify
from appliance.store.entry import GENESIS, Entry, UnknownFact, chained, entry_of, entry_of_row, kinds_of_facts
from appliance.store.head import Busy, read_head
from appliance.store.journal import Journal, JournalFull, NotStored
from tests.support.store_clock import HandClock


def started(call: str = "c1", at_ms: int = 5) -> Event:
    return CallStarted(at_ms=at_ms, call=CallId(call), direction="in", line=LineId("l1"), caller="13800138000")


def test_facts_come_back_as_they_were_told_in_order_with_number_and_time(tmp_path: Path) -> None:
    clock = HandClock(now_ms=50_000, utc_ms=1_700_000_000_000)
    facts = [started(at_ms=49_000), SeatLost(at_ms=50_000, seat="s1"), CallEnded(at_ms=50_000, call=CallId("c1"), by="caller")]
    journal = Journal(tmp_path, clock)
    assert journal.append(facts[:2]) == 2
    assert journal.append(facts[2:]) == 3
    journal.close()
    journal = Journal(tmp_path, clock)
    entries = list(journal.entries())
    journal.close()
    assert [entry.event for entry in entries] == facts
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.utc_ms for entry in entries] == [1_699_999_999_000, 1_700_000_000_000, 1_700_000_000_000]
    assert [entry.kind for entry in entries] == ["CallStarted", "SeatLost", "CallEnded"]


def test_a_thousand_entries_are_a_few_statements_so_a_busy_interpreter_does_not_hold_them_up(tmp_path: Path) -> None:
    """Between two statements sqlite3 waits for the interpreter, 5 ms each time where another thread is busy: 5 s row by row, 20 ms so."""
    connection = table.open_for_writing(tmp_path / "journal.db")
    said: list[str] = []
    connection.set_trace_callback(said.append)
    entries, last = [], GENESIS
    for number in range(1, 1001):
        entries.append(entry_of(started(f"c{number}"), last, number, "boot", 5, True))
        last = entries[-1].hash
    table.insert(connection, entries)
    connection.commit()
    assert sum(statement.startswith("INSERT") for statement in said) == 4
    assert table.last_of(connection) == (1000, last)
    connection.close()


def test_readers_begin_where_they_stopped_and_choose_kinds(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HandClock(), group_s=0)
    journal.append([started(f"c{n}") for n in range(5)] + [BoxStopped(at_ms=1)])
    journal.close()
    assert [entry.number for entry in journal.entries(after=3)] == [4, 5, 6]
    assert [entry.number for entry in journal.entries(kinds=("BoxStopped",))] == [6]


def test_what_is_acknowledged_is_on_the_disk_for_another_reader(tmp_path: Path) -> None:
    async def acknowledged() -> list[int]:
        number = journal.append([started()])
        await journal.committed(number)
        return [entry.number for entry in journal.entries()]

    journal = Journal(tmp_path, HandClock())
    assert asyncio.run(acknowledged()) == [1]
    assert journal.committed_number == 1
    assert read_head(tmp_path / "head") == (1, next(journal.entries()).hash)
    journal.close()


def test_many_waiters_wake_each_with_its_own_entry(tmp_path: Path) -> None:
    async def all_of_them() -> None:
        numbers = [journal.append([started(f"c{n}")]) for n in range(200)]
        await asyncio.gather(*(journal.committed(number) for number in reversed(numbers)))
        assert journal.committed_number == 200

    journal = Journal(tmp_path, HandClock())
    asyncio.run(all_of_them())
    journal.close()


def test_entries_that_come_together_are_committed_together(tmp_path: Path) -> None:
    batches: list[int] = []
    journal = Journal(tmp_path, HandClock())
    journal.on_commit(lambda entries: batches.append(len(entries)))
    for n in range(500):
        journal.append([started(f"c{n}")])
    journal.close()
    assert sum(batches) == 500
    assert len(batches) < 50


def test_threads_may_append_at_the_same_time_and_the_chain_holds(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HandClock(), group_s=0)
    threads = [threading.Thread(target=lambda: [journal.append([started()]) for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert [entry.number for entry in journal.entries()] == list(range(1, 401))
    assert verify.main(tmp_path) == 0


@pytest.mark.parametrize("order", ["UPDATE entries SET body = x'00'", "DELETE FROM entries WHERE number = 2", "DELETE FROM entries"])
def test_the_database_itself_refuses_to_change_or_delete_an_entry(tmp_path: Path, order: str) -> None:
    journal = Journal(tmp_path, HandClock())
    journal.append([started(), started("c2")])
    journal.close()
    connection = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(order)
    connection.close()


def test_every_column_is_under_the_hash() -> None:
    entry = entry_of(started(), GENESIS, 7, "boot", 1000, True)
    parts = entry.row()[:8]
    assert chained(GENESIS, *parts) == entry.hash  # type: ignore[arg-type]
    others = (8, "boos", 6, 1001, 0, "other", "CallEnded", b"\x80")
    for at, other in enumerate(others):
        changed = (*parts[:at], other, *parts[at + 1 :])
        assert chained(GENESIS, *changed) != entry.hash, f"column {at}"  # type: ignore[arg-type]
    assert chained(bytes(31) + b"\x01", *parts) != entry.hash  # type: ignore[arg-type]


def test_a_letter_that_moves_to_the_next_column_is_another_entry() -> None:
    assert chained(GENESIS, 1, "boot", 1, 1, 1, "house", "Kind", b"") != chained(GENESIS, 1, "boo", 1, 1, 1, "thouse", "Kind", b"")


def test_a_fact_of_another_version_is_kept_and_its_kind_is_said() -> None:
    entry = entry_of(started(), GENESIS, 1, "boot", 1, True)
    row = entry.row()
    stranger = (*row[:6], "HologramShown", b"\x81\xa4type\xadHologramShown", row[8])
    assert entry_of_row(stranger).event == UnknownFact(at_ms=5, kind="HologramShown")  # type: ignore[arg-type]


def test_every_kind_of_fact_is_known_to_readers() -> None:
    kinds = {kind.__name__ for kind in kinds_of_facts()}
    assert {"CallOffered", "OfferMissed", "RecordingBlock", "LineHungUp", "SeatStateChanged", "PersonDid"} <= kinds


def test_a_second_box_on_the_same_state_is_refused_in_a_sentence(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HandClock())
    with pytest.raises(Busy, match="another box runs on"):
        Journal(tmp_path, HandClock())
    journal.close()
    Journal(tmp_path, HandClock()).close()


def test_after_the_end_nothing_is_taken_and_nothing_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HandClock())
    journal.close()
    with pytest.raises(NotStored):
        journal.append([started()])


def test_memory_is_bounded_and_what_is_refused_is_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HandClock(), group_s=60, limit=10)
    journal.append([started(f"c{n}") for n in range(10)])
    with pytest.raises(JournalFull, match="10 entries wait"):
        journal.append([started("c11")])
    assert (journal.refused, journal.waiting, journal.last_number) == (1, 10, 10)
    journal.close()
    assert len(list(journal.entries())) == 10


def test_a_journal_that_was_cut_goes_on_behind_the_gap_and_stays_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path, HandClock(), group_s=0)
    journal.append([started(f"c{n}") for n in range(9)])
    journal.close()
    cut_journal(journal.path, 6)
    journal = Journal(tmp_path, HandClock(), group_s=0)
    assert journal.trouble == "the journal was cut: entries 7 to 9 are missing"
    assert journal.append([started("c10")]) == 10
    journal.close()
    assert verify.main(tmp_path) == 1
    assert "entry 7: missing, with those up to 9" in capsys.readouterr().out


def test_a_damaged_file_is_set_aside_and_the_box_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path, HandClock(), group_s=0)
    journal.append([started(), started("c2")])
    journal.close()
    journal.path.write_bytes(b"not a database" * 1000)
    journal = Journal(tmp_path, HandClock(), group_s=0)
    assert "was damaged" in (journal.trouble or "")
    assert "entries 1 to 2 are missing" in (journal.trouble or "")
    assert journal.append([started("c3")]) == 3
    journal.close()
    assert len(list(tmp_path.glob("journal.db.damaged-*"))) == 1
    assert verify.main(tmp_path) == 1
    assert "entry 1: missing, with those up to 2" in capsys.readouterr().out


def cut_journal(path: Path, keep: int) -> None:
    """As one would who has the file and SQLite, and takes the trigger away first."""
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_never_delete")
    connection.execute("DELETE FROM entries WHERE number > ?", (keep,))
    connection.commit()
    connection.close()


def test_a_listener_that_fails_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Entry] = []

    def bad(entries: object) -> None:
        raise RuntimeError("mine")

    journal = Journal(tmp_path, HandClock(), group_s=0)
    journal.on_commit(bad)
    journal.on_commit(seen.extend)
    journal.append([started()])
    journal.close()
    assert [entry.number for entry in seen] == [1]
    assert "mine" in caplog.text
