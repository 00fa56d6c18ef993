"""`seatbox replay --state DIR [--day DATE] [--config FILE] [--json]` (A3 E4): a day of the journal through the routing core once more.

Each turn must come to the hash that the journal holds. With a configuration: what would have become of each call under it (core/rerun.py).
"""

from __future__ import annotations

import json
import sqlite3
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from appliance.base.ids import call_id
from appliance.calls.explanation import rows
from appliance.calls.queues import Queues
from appliance.core import Acd
from appliance.core.rerun import Day, Fate
from appliance.events.box import BoxStarted
from appliance.events.routing import RoutingFed, RoutingNamed
from appliance.store import table
from firmware_cfg import check
from firmware_cfg.document import Document
from firmware_cfg.findings import ConfigErrors

KINDS: Final = ("BoxStarted", "RoutingNamed", "RoutingFed")


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


@dataclass(frozen=True)
class Row:
    call: str
    came: datetime
    queue: str
    was: dict[str, Any]
    would: dict[str, Any] | None


def main(state: Path, day: date | None, config: Path | None, as_json: bool) -> int:
    journal = state / table.NAME
    if not journal.is_file():
        return _failed(f"{state} holds no journal: name the state directory of a box with --state")
    try:
        document = None if config is None else check.load(config)
    except ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    try:
        runs = list(_runs(journal))
    except (sqlite3.Error, ValueError) as error:
        return _failed(f"the journal cannot be read: {error}; `seatbox verify --state {state}` says where")
    if not runs:
        return _failed("nothing was routed yet")
    day = _local(runs[-1].turns[-1][0]).date() if day is None else day
    runs = [run for run in runs if _local(run.turns[0][0]).date() <= day <= _local(run.turns[-1][0]).date()]
    if not runs:
        return _failed(f"nothing was routed on {day}")
    hashes, found = [], []
    for run in runs:
        if (wrong := _first_other(run)) is not None:
            return _failed(wrong)
        hashes.append(f"{run.turns[-1][1].hash:016x}")
        found += [row for row in _calls(run, document) if row.came.date() == day]
    turns = sum(_local(utc_ms).date() == day for run in runs for utc_ms, _ in run.turns)
    head = {"day": day.isoformat(), "runs": len(runs), "turns": turns, "hash": hashes[-1], "hashes": hashes}
    print(_as_json(head, found, document) if as_json else _as_text(head, found, config))
    return 0


def _failed(why: str) -> int:
    print(f"seatbox: {why}", file=sys.stderr)
    return 1


def _local(utc_ms: int) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000).astimezone()


def _runs(journal: Path) -> Iterator[Run]:
    run = Run()
    for entry in table.read_entries(journal, kinds=KINDS):
        match entry.event:
            case BoxStarted():
                if run.turns:
                    yield run
                run = Run()
            case RoutingNamed(queues=queues, agents=agents):
                run.queues |= {number: name for name, number in queues.items()}
                run.agents |= {number: name for name, number in agents.items()}
            case RoutingFed() as fed:
                run.turns.append((entry.utc_ms, fed))
    if run.turns:
        yield run


def _first_other(run: Run) -> str | None:
    """The first turn that comes to another hash than the journal holds: a defect, or another version's rules."""
    core = Acd()
    for utc_ms, fed in run.turns:
        core.run(rows(fed))
        if core.hash != fed.hash:
            return (
                f"the turn of {_local(utc_ms).isoformat(timespec='milliseconds')} comes to hash {core.hash:016x}, the journal holds "
                f"{fed.hash:016x}: it was decided by other rules, or the journal is not whole (`seatbox verify`)"
            )
    return None


def _calls(run: Run, document: Document | None) -> Iterator[Row]:
    day = Day(rows(fed) for _, fed in run.turns)
    others = None if document is None else day.under(_settings(run, document))[1]
    for call, fate in day.fates.items():
        would = None if others is None else _told(run, others.get(call, Fate(call, fate.queue, fate.came_ms, outcome="refused")))
        yield Row(call_id(call), _local(run.utc_ms(fate.came_ms)), run.queues.get(fate.queue, "?"), _told(run, fate), would)


def _settings(run: Run, document: Document) -> list[Any]:
    """What the core is told of a configuration; queues and agents keep the numbers of the day."""
    queues = Queues()
    queues.know(run.queues, run.agents)
    queues.configure(document, 0)
    return [given for _, given in queues.take_told()]


def _told(run: Run, fate: Fate) -> dict[str, Any]:
    names = [run.agents.get(agent, "?") for agent in fate.offered]
    agent = None if fate.agent is None else run.agents.get(fate.agent, "?")
    return {"outcome": fate.outcome, "agent": agent, "waited_s": round(fate.waited_ms / 1000, 3), "offered": names}


def _sums(found: list[Row], which: str) -> dict[str, Any]:
    fates = [getattr(row, which) for row in found]
    waits = [fate["waited_s"] for fate in fates]
    answered = sum(fate["outcome"] == "answered" for fate in fates)
    mean = round(sum(waits) / len(waits), 3) if waits else None
    return {"calls": len(fates), "answered": answered, "mean_wait_s": mean, "longest_wait_s": max(waits, default=None)}


def _as_json(head: dict[str, Any], found: list[Row], document: Document | None) -> str:
    calls = []
    for row in found:
        one = {"id": row.call, "came_at": row.came.isoformat(timespec="milliseconds"), "queue": row.queue, "was": row.was}
        calls.append(one if document is None else {**one, "would": row.would, "differs": row.was != row.would})
    whole = {**head, "was": _sums(found, "was"), "calls": calls}
    if document is not None:
        whole |= {"would": _sums(found, "would"), "differ": sum(row.was != row.would for row in found)}
    return json.dumps(whole, ensure_ascii=False)


def _as_text(head: dict[str, Any], found: list[Row], config: Path | None) -> str:
    lines = [
        f"{head['day']}: {len(found):,} calls, {head['turns']:,} turns, {head['runs']} run{'s' * (head['runs'] > 1)} of the box",
        f"made again: every turn comes to the journal's hash, the last to {head['hash']}",
    ]
    if config is None:
        return "\n".join(lines)
    differ = [row for row in found if row.was != row.would]
    lines += ["", f"under {config.name}, {len(differ):,} of {len(found):,} calls would have gone otherwise:" if differ else "the same"]
    for row in differ:
        lines.append(f"  {row.call}  {row.came:%H:%M:%S}  {row.queue:<12}{_word(row.was):<34}-> {_word(row.would or {})}")
    was, would = _sums(found, "was"), _sums(found, "would")
    lines += ["", f"{'':<18}{'was':>12}{'would be':>12}"]
    lines += [f"{name:<18}{_number(was[name]):>12}{_number(would[name]):>12}" for name in was]
    return "\n".join(lines)


def _word(fate: dict[str, Any]) -> str:
    by = f" by {fate['agent']}" if fate["agent"] else ""
    missed = len(fate["offered"]) - (fate["outcome"] == "answered")
    return f"{fate['outcome']}{by} after {fate['waited_s']:.1f} s" + (f", {missed} offered before" if missed > 0 else "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
