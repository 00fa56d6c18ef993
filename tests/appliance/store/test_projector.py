"""Tables are folds over the journal: live, caught up, or made again, they are equal (E5)."""

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from appliance.base.ids import AgentId, CallId, LineId, SeatId
from appliance.events import Event
from appliance.events.call import CallEnded, CallStarted, OfferMissed
from appliance.store.database import Database
from appliance.store.entry import Entry
from appliance.store.journal import Journal
from appliance.store.projector import Projector
from tests.support.store_clock import HandClock

PATIENCE_S = 30


class Misses:
    """Per agent; and each call's outcome."""

    name, version = "misses", 1

    def create(self, db: Tables) -> None:
        db.table("misses").create({"agent": str, "count": int}, pk="agent")
        db.table("outcomes").create({"call": str, "by": str}, pk="call")

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None:
        for entry in entries:
            match entry.event:
                case OfferMissed(agent=agent):
                    connection.execute("INSERT INTO misses VALUES (?, 1) ON CONFLICT (agent) DO UPDATE SET count = count + 1", (agent,))
                case CallEnded(call=call, by=by):
                    connection.execute("INSERT INTO outcomes VALUES (?, ?)", (call, by))


class MissesOfNow(Misses):
    version = 2


class Broken:
    name, version = "broken", 1

    def create(self, db: Tables) -> None:
        db.table("half").create({"n": int})

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO half VALUES (1)")
        raise ZeroDivisionError("ours")


def day(seed: int, calls: int = 200) -> list[Event]:
    rng, facts = random.Random(seed), list[Event]()
    for n in range(calls):
        call = CallId(f"c{seed}-{n}")
        facts.append(CallStarted(at_ms=n, call=call, direction="in", line=LineId("l1")))
        for _ in range(rng.randrange(3)):
            facts.append(OfferMissed(at_ms=n, call=call, seat=SeatId("s1"), agent=AgentId(rng.choice(("li", "wang"))), rings=3))
        facts.append(CallEnded(at_ms=n, call=call, by=rng.choice(("caller", "agent"))))
    return facts


def tables(database: Database) -> list[object]:
    with database.reader() as reader:
        return [[tuple(row) for row in reader.execute(f"SELECT * FROM {name} ORDER BY 1")] for name in ("misses", "outcomes")]


class Keeping:
    """Journal, database, projector over one state."""

    def __init__(self, state: Path, *projections: Misses | Broken) -> None:
        self.journal = Journal(state, HandClock(), group_s=0)
        self.database = Database(state)
        self.projector = Projector(self.database, self.journal)
        for projection in projections or (Misses(),):
            self.projector.register(projection)
        self.journal.on_commit(self.projector.heard)

    def end(self) -> list[object]:
        self.projector.stop()
        self.journal.close()
        found = tables(self.database)
        self.database.close()
        return found


def test_live_tables_caught_up_ones_and_rebuilt_ones_are_equal(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.projector.start()
    facts = day(1)
    for at in range(0, len(facts), 7):
        keeping.journal.append(facts[at : at + 7])
    assert keeping.projector.wait_for(keeping.journal.last_number, PATIENCE_S)
    live = keeping.end()
    misses = sum(isinstance(fact, OfferMissed) for fact in facts)
    assert sum(count for _, count in live[0]) == misses  # type: ignore[attr-defined]

    journal = Journal(tmp_path, HandClock(), group_s=0)  # a day without a projector
    journal.append(day(2))
    journal.close()
    keeping = Keeping(tmp_path)
    keeping.projector.catch_up()
    caught_up = keeping.end()
    assert caught_up != live

    keeping = Keeping(tmp_path)
    keeping.projector.rebuild()
    assert keeping.end() == caught_up


def test_what_is_not_on_the_disk_is_in_no_table(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.projector.catch_up()
    assert keeping.projector.number == 0
    keeping.journal.append(day(1, calls=3))
    while keeping.journal.committed_number < keeping.journal.last_number:
        pass
    keeping.projector.catch_up()
    assert keeping.projector.number == keeping.journal.committed_number
    keeping.end()


def test_a_new_version_is_made_again_from_the_first_entry(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.journal.append(day(1))
    keeping.projector.start()
    keeping.projector.wait_for(keeping.journal.last_number, PATIENCE_S)
    before = keeping.end()
    database = Database(tmp_path)
    database.writer.execute("DELETE FROM outcomes")
    database.writer.conn.commit()
    database.close()
    keeping = Keeping(tmp_path)
    keeping.projector.catch_up()
    assert keeping.end() != before  # the same version trusts what is there
    keeping = Keeping(tmp_path, MissesOfNow())
    keeping.projector.catch_up()
    assert keeping.end() == before


def test_tables_of_another_journal_are_made_again(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    results = []
    for state, seed in ((one, 1), (two, 2)):
        state.mkdir()
        keeping = Keeping(state)
        keeping.journal.append(day(seed))
        keeping.projector.start()
        keeping.projector.wait_for(keeping.journal.last_number, PATIENCE_S)
        results.append(keeping.end())
    (two / "tables.db").write_bytes((one / "tables.db").read_bytes())
    keeping = Keeping(two)
    keeping.projector.catch_up()
    assert keeping.end() == results[1]


def test_damaged_tables_are_made_again(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.journal.append(day(1))
    keeping.projector.start()
    keeping.projector.wait_for(keeping.journal.last_number, PATIENCE_S)
    before = keeping.end()
    (tmp_path / "tables.db").write_bytes(b"gone" * 5000)
    keeping = Keeping(tmp_path)
    keeping.projector.catch_up()
    assert keeping.end() == before


def test_a_projection_with_a_defect_stops_alone_and_leaves_no_half_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keeping = Keeping(tmp_path, Broken(), Misses())
    keeping.journal.append(day(1))
    keeping.projector.start()
    assert keeping.projector.wait_for(keeping.journal.last_number, PATIENCE_S)
    with keeping.database.reader() as reader:
        assert reader.execute("SELECT count(*) FROM half").fetchone()[0] == 0
    assert keeping.end()[1]
    assert "ZeroDivisionError: ours" in caplog.text


def test_readers_cannot_write(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.reader() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM projections")
    database.close()
