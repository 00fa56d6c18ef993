"""A day of the journal through the routing core once more, and what would have become of each call under a configuration (A3 A4 C2 E4).

What `seatbox replay` and the page "What if" show. It reads the journal alone, on a connection of its own, and writes nothing.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.base.errors import SeatboxError
from appliance.base.ids import call_id
from appliance.calls.explanation import MomentOfRouting, named, rows
from appliance.calls.queues import Queues
from appliance.core import Acd
from appliance.core.rerun import Day, Fate, Hours, Other
from appliance.events.box import BoxStarted
from appliance.events.routing import RoutingFed, RoutingNamed
from appliance.store import table
from firmware_cfg.document import Document

KINDS: Final = ("BoxStarted", "RoutingNamed", "RoutingFed")
SERVICE_LEVEL_S: Final = 20.0
OUTCOMES: Final = ("answered", "left", "expired", "nobody there", "replaced", "waiting", "refused")
SAID: Final = {
    "no_journal": "{state} holds no journal: name the state directory of a box with --state",
    "unreadable": "the journal cannot be read: {why}; `seatbox verify --state {state}` says where",
    "nothing": "nothing was routed yet",
    "not_that_day": "nothing was routed on {day}",
    "other_hash": "the turn of {at} comes to hash {found}, the journal holds {kept}: it was decided by other rules, or the journal is not "
    "whole (`seatbox verify`)",
}
_AFTER: Final = timedelta(hours=6)
"""So long after midnight the calls of a day are followed; a box may run for months."""

Tell = Callable[[float], None]
"""Is told which share is done, 0 to 1."""


class NotComparable(SeatboxError):
    """Why a day cannot be made again: `key` of SAID, which says it in English, and what fills it."""

    def __init__(self, key: str, **words: str) -> None:
        self.key, self.words = key, words
        super().__init__(SAID[key].format_map(words))


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call. `outcome`: one of OUTCOMES; `offered`: to whom, in order."""

    outcome: str
    agent: str | None
    waited_s: float
    offered: list[str]


class ComparedCall(msgspec.Struct, frozen=True, kw_only=True):
    """`would` None: it was not asked what would have been."""

    id: str
    came_ms: int  # UTC
    queue: str
    was: Told
    would: Told | None = None

    @property
    def differs(self) -> bool:
        return self.would is not None and self.would != self.was

    @property
    def came(self) -> datetime:
        return _local(self.came_ms)


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """`given_up`: they left; `sent_away`: let go by the box, or still waiting at the end. Waits are of all, until answered or over."""

    calls: int
    answered: int
    given_up: int
    sent_away: int
    mean_wait_s: float | None
    wait_95_s: float | None
    longest_wait_s: float | None
    service_level: float | None  # answered within SERVICE_LEVEL_S, of those answered
    occupancy: float | None  # talk and wrap-up of the agents, of their time logged in and not paused


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`hashes`: of each run of the box, of its last turn that was looked at; `would_hashes`: under the other configuration."""

    day: date
    turns: int
    hashes: list[str]
    calls: list[ComparedCall]
    was: Totals
    would: Totals | None = None
    would_hashes: list[str] = []

    @property
    def differ(self) -> list[ComparedCall]:
        return [call for call in self.calls if call.differs]


@dataclass
class Run:
    """Of the box: with each a new core begins."""

    turns: list[tuple[int, RoutingFed]] = field(default_factory=list)
    queues: dict[int, str] = field(default_factory=dict)
    agents: dict[int, str] = field(default_factory=dict)

    def utc_ms(self, at_ms: int) -> int:
        """By the turn before it, or the first."""
        place = bisect_right(self.turns, at_ms, key=lambda turn: turn[1].at_ms)
        utc_ms, fact = self.turns[max(0, place - 1)]
        return utc_ms - fact.at_ms + at_ms

    def at_ms(self, utc_ms: int) -> int:
        """The other way round."""
        place = bisect_right(self.turns, utc_ms, key=lambda turn: turn[0])
        turn_utc_ms, fact = self.turns[max(0, place - 1)]
        return utc_ms - turn_utc_ms + fact.at_ms


def compared(state: Path, day: date | None, document: Document | None, tell: Tell = lambda _: None) -> Comparison:
    """The day by the clock here (None: the last one of the journal). Raises NotComparable."""
    day, runs = _runs_of(state, day)
    hashes, would_hashes = [], []
    calls: list[ComparedCall] = []
    hours, other_hours = Hours(0, 0), Hours(0, 0)
    for place, run in enumerate(runs):

        def heard(share: float, place: int = place) -> None:
            tell((place + share) / len(runs))

        _check(run, _part(heard, 0.0, 0.1))
        again, other = _again(run, day, document, heard)
        hashes.append(f"{again.hash:016x}")
        _add(hours, again.hours)
        if other is not None:
            would_hashes.append(f"{other.hash:016x}")
            _add(other_hours, other.hours)
        calls += [call for call in _calls(run, again, other) if call.came.date() == day]
    turns = sum(_local(utc_ms).date() == day for run in runs for utc_ms, _ in run.turns)
    tell(1.0)
    return Comparison(
        day=day,
        turns=turns,
        hashes=hashes,
        calls=calls,
        was=_totals([call.was for call in calls], hours),
        would=None if document is None else _totals([call.would for call in calls if call.would is not None], other_hours),
        would_hashes=would_hashes,
    )


def whys(state: Path, day: date, document: Document, call: str) -> tuple[list[MomentOfRouting], list[MomentOfRouting]]:
    """Why this call went to whom: as it was, and under the document. Raises NotComparable."""
    number = int(call.removeprefix("c")) if call.removeprefix("c").isdecimal() else -1
    for run in _runs_of(state, day)[1]:
        again, other = _again(run, day, document)
        if (fate := again.fates.get(number)) is not None and _local(run.utc_ms(fate.came_ms)).date() == day:
            offset = run.utc_ms(fate.came_ms) - fate.came_ms
            pieces = (rows(fed) for _, fed in run.turns)
            return named(pieces, run.agents, offset, call), named(other.fed if other is not None else [], run.agents, offset, call)
    return [], []


def days(state: Path, most: int = 62) -> list[date]:
    """Those on which something was routed, newest first: found by halving, as a journal of years is long. Raises NotComparable."""
    journal = _journal(state)
    found: list[date] = []
    try:
        connection = table.open_for_reading(journal)
        try:
            number = table.last_of(connection)[0] + 1
            while len(found) < most and (row := connection.execute(_LAST_FED, (number,)).fetchone()) is not None:
                number, utc_ms = row
                day = _local(utc_ms).date()
                if day not in found:
                    found.append(day)
                number = _first_since(connection, number, _bounds(day)[0])
        finally:
            connection.close()
    except (sqlite3.Error, ValueError) as error:
        raise NotComparable("unreadable", why=str(error), state=str(state)) from None
    return found


_LAST_FED: Final = "SELECT number, utc_ms FROM entries WHERE number < ? AND kind = 'RoutingFed' ORDER BY number DESC LIMIT 1"


def _first_since(connection: sqlite3.Connection, last: int, utc_ms: int) -> int:
    """The first entry of that time, if the clock was never put back: in any case one up to `last`, so that the search goes on."""
    low, high = 1, last
    while low < high:
        middle = (low + high) // 2
        row = connection.execute("SELECT utc_ms FROM entries WHERE number >= ? ORDER BY number LIMIT 1", (middle,)).fetchone()
        if row[0] < utc_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _journal(state: Path) -> Path:
    journal = state / table.NAME
    if not journal.is_file():
        raise NotComparable("no_journal", state=str(state))
    return journal


def _local(utc_ms: int) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000).astimezone()


def _bounds(day: date) -> tuple[int, int]:
    """UTC ms of its two midnights here."""
    begin = datetime(day.year, day.month, day.day)
    return tuple(round(at.astimezone().timestamp() * 1000) for at in (begin, begin + timedelta(days=1)))  # type: ignore[return-value]


def _runs_of(state: Path, day: date | None) -> tuple[date, list[Run]]:
    """The runs of the box that reach into the day, to its end."""
    journal = _journal(state)
    if day is None:
        last = days(state, most=1)
        if not last:
            raise NotComparable("nothing")
        day = last[0]
    try:
        runs = list(_read(journal, *_bounds(day)))
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise NotComparable("unreadable", why=str(error), state=str(state)) from None
    if not runs:
        raise NotComparable("not_that_day", day=day.isoformat())
    return day, runs


def _read(journal: Path, begin_ms: int, end_ms: int) -> Iterator[Run]:
    """A run that ended before the day is forgotten at once."""
    run, last_ms = Run(), end_ms + round(_AFTER.total_seconds() * 1000)

    def wanted() -> bool:
        return bool(run.turns) and any(begin_ms <= utc_ms < end_ms for utc_ms, _ in reversed(run.turns))

    for entry in table.read_entries(journal, kinds=KINDS):
        match entry.event:
            case BoxStarted():
                if wanted():
                    yield run
                run = Run()
            case RoutingNamed(queues=queues, agents=agents):
                run.queues |= {number: name for name, number in queues.items()}
                run.agents |= {number: name for name, number in agents.items()}
            case RoutingFed() as fed if entry.utc_ms < last_ms:
                run.turns.append((entry.utc_ms, fed))
    if wanted():
        yield run


def _check(run: Run, tell: Tell) -> None:
    """The first turn that comes to another hash than the journal holds: a defect, or another version's rules."""
    core = Acd()
    for place, (utc_ms, fed) in enumerate(run.turns):
        if place % 500 == 0:
            tell(place / len(run.turns))
        core.run(rows(fed))
        if core.hash != fed.hash:
            at = _local(utc_ms).isoformat(timespec="milliseconds")
            raise NotComparable("other_hash", at=at, found=f"{core.hash:016x}", kept=f"{fed.hash:016x}")


def _again(run: Run, day: date, document: Document | None, tell: Tell = lambda _: None) -> tuple[Day, Other | None]:
    begin_ms, end_ms = map(run.at_ms, _bounds(day))
    half = 1.0 if document is None else 0.5
    again = Day((rows(fed) for _, fed in run.turns), (begin_ms, end_ms), _part(tell, 0.1, half))
    return again, None if document is None else again.other(_settings(run, document), _part(tell, half, 1.0))


def _part(tell: Tell, begin: float, end: float) -> Tell:
    return lambda share: tell(begin + (end - begin) * min(1.0, share))


def _settings(run: Run, document: Document) -> list[Any]:
    """What the core is told of a configuration; queues and agents keep the numbers of the day."""
    queues = Queues()
    queues.know(run.queues, run.agents)
    queues.configure(document, 0)
    return [given for _, given in queues.take_told()]


def _calls(run: Run, again: Day, other: Other | None) -> Iterator[ComparedCall]:
    """A call that the other configuration's queues do not take is refused."""
    for call, fate in again.fates.items():
        would = None
        if other is not None:
            would = _told(run, other.fates.get(call, Fate(call, fate.queue, fate.came_ms, outcome="refused")))
        queue = run.queues.get(fate.queue, "?")
        yield ComparedCall(id=call_id(call), came_ms=run.utc_ms(fate.came_ms), queue=queue, was=_told(run, fate), would=would)


def _told(run: Run, fate: Fate) -> Told:
    names = [run.agents.get(agent, "?") for agent in fate.offered]
    agent = None if fate.agent is None else run.agents.get(fate.agent, "?")
    return Told(outcome=fate.outcome, agent=agent, waited_s=round(fate.waited_ms / 1000, 3), offered=names)


def _add(hours: Hours, more: Hours) -> None:
    hours.there_ms += more.there_ms
    hours.work_ms += more.work_ms


def _totals(fates: Sequence[Told], hours: Hours) -> Totals:
    waits = sorted(fate.waited_s for fate in fates)
    answered = [fate for fate in fates if fate.outcome == "answered"]
    given_up = sum(fate.outcome == "left" for fate in fates)
    soon = sum(fate.waited_s <= SERVICE_LEVEL_S for fate in answered)
    return Totals(
        calls=len(fates),
        answered=len(answered),
        given_up=given_up,
        sent_away=len(fates) - len(answered) - given_up,
        mean_wait_s=round(math.fsum(waits) / len(waits), 3) if waits else None,
        wait_95_s=waits[math.ceil(0.95 * len(waits)) - 1] if waits else None,
        longest_wait_s=waits[-1] if waits else None,
        service_level=round(soon / len(answered), 4) if answered else None,
        occupancy=None if hours.occupancy is None else round(hours.occupancy, 4),
    )
