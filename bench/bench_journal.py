"""Entries a second: groups of 50 ms beside one commit an entry, verify, the chain alone, tables made again (E5).

On the file system of the temporary directory (TMPDIR): a card in a Pi is slower in syncs, and groups gain more there.
"""

import contextlib
import io
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Tables

from appliance.base.clock import BootClock
from appliance.base.ids import AgentId, CallId, LineId, SeatId
from appliance.events import Event
from appliance.events.call import CallEnded, CallOffered, CallStarted
from appliance.store import verify
from appliance.store.database import Database
from appliance.store.entry import GENESIS, Entry, entry_of
from appliance.store.journal import GROUP_S, Journal
from appliance.store.projector import Projector

MANY = 50_000
FEW = 300


def facts_of(seed: int, count: int) -> list[Event]:
    rng, facts = random.Random(seed), list[Event]()
    while len(facts) < count:
        call, at_ms = CallId(f"c{len(facts)}"), len(facts) * 1000
        number = f"1{rng.randrange(10**10):010}"
        facts.append(CallStarted(at_ms=at_ms, call=call, direction="in", line=LineId("l1"), caller=number))
        facts.append(CallOffered(at_ms=at_ms, call=call, seat=SeatId("s1"), agent=AgentId("li")))
        facts.append(CallEnded(at_ms=at_ms, call=call, by="caller"))
    return facts[:count]


class Ends:
    """The smallest useful table."""

    name, version = "ends", 1

    def create(self, db: Tables) -> None:
        db.table("ends").create({"call": str, "by": str}, pk="call")

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None:
        rows = [(entry.event.call, entry.event.by) for entry in entries if isinstance(entry.event, CallEnded)]
        connection.executemany("INSERT INTO ends VALUES (?, ?)", rows)


def written(state: Path, facts: list[Event], group_s: float, at_once: int) -> float:
    """Seconds until all are on the disk; `at_once` of them are told, and then awaited, together."""
    journal = Journal(state, BootClock(), group_s=group_s)
    begin = time.perf_counter()
    for at in range(0, len(facts), at_once):
        number = journal.append(facts[at : at + at_once])
        while journal.committed_number < number:
            time.sleep(0.0002)
    seconds = time.perf_counter() - begin
    journal.close()
    return seconds


def run(report: Any) -> None:
    facts = facts_of(report.seed, MANY)
    with tempfile.TemporaryDirectory(prefix="seatbox-bench-") as place:
        grouped, single = Path(place, "grouped"), Path(place, "single")
        grouped.mkdir()
        single.mkdir()
        report.row("journal, entries told as they come, groups of 50 ms", MANY / written(grouped, facts, GROUP_S, MANY), "entries/s")
        report.row("journal, one commit an entry", FEW / written(single, facts[:FEW], 0.0, 1), "entries/s")

        def chain() -> None:
            before = GENESIS
            for number, fact in enumerate(facts[:10_000], 1):
                before = entry_of(fact, before, number, "boot", number, True).hash

        report.row("journal, encode and chain alone", 10_000 / report.best(chain), "entries/s", note="the event loop's share")

        def checked() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                if verify.main(grouped):
                    raise RuntimeError("verify did not hold")

        report.row("seatbox verify", MANY / report.best(checked, 3), "entries/s", note="copy, decode, chain, structure")
        report.row("tables made again", MANY / report.best(lambda: rebuilt(grouped), 3), "entries/s", note="one small projection")


def rebuilt(state: Path) -> None:
    journal, database = Journal(state, BootClock()), Database(state)
    projector = Projector(database, journal)
    projector.register(Ends())
    projector.rebuild()
    database.close()
    journal.close()
