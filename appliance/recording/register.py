"""The register of recordings as tables (A7): what is searched, who listened, what is exemplary. Made from the journal, again at will."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import msgspec
from sqlite_utils import Database as Tables

from appliance.base.ids import HOUSE, TenantId
from appliance.events import box, call, recording
from appliance.store.entry import Entry

COLUMNS: Final = {
    "tenant": str, "call": str, "number": int, "utc_ms": int, "caller": str, "line": str, "queue": str, "agent": str, "agents": str,
    "started_ms": int, "picked_ms": int, "ended_ms": int, "end_why": str, "path": str, "began_number": int, "sealed_ms": int,
    "seconds": float, "size": int, "sha256": str, "packed": str, "packed_size": int, "copied": str, "copied_sha256": str,
    "deleted": str, "marks": str,
    "reason": str, "marked_by": str, "marked_ms": int,
}  # fmt: skip
MARKS: Final = {
    "CallHeld": "held",
    "OfferMissed": "missed",
    "RecordingPaused": "paused",
    "CallTransferred": "transferred",
    "PartyJoined": "conference",
    "SupervisionStarted": "supervised",
}
"""Facts that leave a mark in the search, by kind. Of those who join a call only its members make it a conference."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One recording. Times UTC ms; `marks`: words of MARKS; `packed`, `copied`, `deleted`, `reason`: "" where it is not."""

    call: str
    utc_ms: int
    caller: str | None
    line: str
    queue: str | None
    agent: str | None
    agents: str
    picked_ms: int | None
    ended_ms: int | None
    path: str
    began_number: int
    sealed_ms: int | None
    seconds: float
    size: int
    sha256: str
    packed: str
    packed_size: int
    copied: str
    copied_sha256: str
    deleted: str
    marks: str
    reason: str
    marked_by: str
    marked_ms: int | None


FIELDS: Final = ", ".join(Recorded.__struct_fields__)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None or "": whatever. `caller`: a part of the number; `mark`: a word of MARKS, or "exemplary"."""

    caller: str = ""
    agent: str = ""
    queue: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    mark: str = ""
    before: int | None = None  # older than this row's utc_ms


class RegisterTable:
    """A projection of store/projector.py."""

    name = "recordings"
    version = 2

    def create(self, db: Tables) -> None:
        filled = {
            "agents": "",
            "path": "",
            "end_why": "",
            "packed": "",
            "copied": "",
            "copied_sha256": "",
            "deleted": "",
            "marks": "",
            "reason": "",
            "marked_by": "",
            "sha256": "",
        }
        numbers = {"seconds": 0.0, "size": 0, "packed_size": 0, "began_number": 0, "utc_ms": 0}
        db.table("recordings").create(COLUMNS, pk=("tenant", "call"), defaults={**filled, **numbers}, not_null={*filled, *numbers})
        for column in ("utc_ms", "agent", "queue", "reason"):
            db.table("recordings").create_index(["tenant", column])
        columns = {"tenant": str, "call": str, "number": int, "utc_ms": int, "by": str}
        db.table("listenings").create(columns, pk=("tenant", "number"))
        db.table("listenings").create_index(["tenant", "call"])

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None:
        for entry in entries:
            fact = entry.event
            if isinstance(fact, recording.RecordingBlock):
                continue
            if isinstance(fact, box.PersonDid) and fact.what == "Listen":
                row = (str(entry.tenant), fact.about, entry.number, entry.utc_ms, fact.by)
                connection.execute("INSERT OR REPLACE INTO listenings (tenant, call, number, utc_ms, by) VALUES (?, ?, ?, ?, ?)", row)
            name = getattr(fact, "call", None)
            if name is None:
                continue
            values = _values(fact, entry)
            mark = MARKS.get(entry.kind)
            if isinstance(fact, call.PartyJoined) and fact.role != "member":
                mark = None
            if values:
                _write(connection, str(entry.tenant), str(name), values)
            if mark is not None:
                connection.execute(
                    "UPDATE recordings SET marks = marks || ? WHERE tenant = ? AND call = ? AND instr(marks, ?) = 0",
                    (f" {mark} ", str(entry.tenant), str(name), f" {mark} "),
                )
            if (agent := _takes_part(fact)) is not None:
                connection.execute(
                    "UPDATE recordings SET agents = agents || ? WHERE tenant = ? AND call = ? AND instr(agents, ?) = 0",
                    (f" {agent} ", str(entry.tenant), str(name), f" {agent} "),
                )


def _takes_part(fact: object) -> str | None:
    """The agent whose voice is in the recording from here on."""
    match fact:
        case call.CallAnswered(agent=agent) | call.PartyJoined(agent=agent) | call.CallTransferred(to_agent=agent):
            return agent
    return None


def _write(connection: sqlite3.Connection, tenant: str, name: str, values: dict[str, Any]) -> None:
    connection.execute("INSERT OR IGNORE INTO recordings (tenant, call) VALUES (?, ?)", (tenant, name))
    setting = ", ".join(f"{column} = ?" for column in values)  # of _values alone
    connection.execute(f"UPDATE recordings SET {setting} WHERE tenant = ? AND call = ?", (*values.values(), tenant, name))


def _values(fact: object, entry: Entry) -> dict[str, Any]:
    """Columns that this fact sets."""
    at = entry.utc_ms
    match fact:
        case call.CallStarted():
            return {"started_ms": at, "caller": fact.caller, "line": fact.line, "number": entry.number}
        case call.CallerIdentified():
            return {"caller": fact.caller}
        case call.CallPickedUp():
            return {"picked_ms": at}
        case call.CallQueued():
            return {"queue": fact.queue}
        case call.CallAnswered():
            return {"agent": fact.agent}
        case call.CallTransferred(to_agent=str() as agent):
            return {"agent": agent}
        case call.CallEnded():
            return {"ended_ms": at, "end_why": fact.why}
        case recording.RecordingBegan():
            return {"path": fact.path, "utc_ms": at, "began_number": entry.number}
        case recording.RecordingSealed():
            return {"sealed_ms": at, "seconds": fact.seconds, "size": fact.size, "sha256": fact.sha256}
        case recording.RecordingPacked():
            return {"packed": fact.path, "packed_size": fact.size}
        case recording.RecordingCopied():
            return {"copied": fact.path, "copied_sha256": fact.sha256}
        case recording.RecordingDeleted():
            return {"deleted": fact.proposal}
        case recording.RecordingMarked():
            return {"reason": fact.reason, "marked_by": fact.by, "marked_ms": at}
    return {}


class Register:
    """Questions to the tables; the tenant is part of each. `reader` opens a connection that cannot write; never on the event loop."""

    def __init__(self, reader: Callable[[], AbstractContextManager[sqlite3.Connection]], tenant: TenantId = HOUSE) -> None:
        self._reader, self.tenant = reader, str(tenant)

    def _ask(self, where: str, values: Iterable[object] = (), limit: int = -1) -> list[Recorded]:
        query = f"SELECT {FIELDS} FROM recordings WHERE tenant = ? AND {where} LIMIT ?"
        with self._reader() as tables:
            rows = tables.execute(query, (self.tenant, *values, limit)).fetchall()
        return [Recorded(**dict(zip(Recorded.__struct_fields__, row, strict=True))) for row in rows]

    def search(self, wanted: Search, limit: int = 50) -> list[Recorded]:
        """Newest first."""
        where, values = ["path != ''"], []
        for condition, value in (
            ("instr(caller, ?) > 0", wanted.caller or None),
            ("instr(agents, ?) > 0", f" {wanted.agent} " if wanted.agent else None),
            ("queue = ?", wanted.queue or None),
            ("utc_ms >= ?", wanted.since_ms),
            ("utc_ms < ?", wanted.until_ms),
            ("seconds >= ?", wanted.shortest_s),
            ("seconds <= ?", wanted.longest_s),
            ("instr(marks, ?) > 0", f" {wanted.mark} " if wanted.mark and wanted.mark != "exemplary" else None),
            ("utc_ms < ?", wanted.before),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        if wanted.mark == "exemplary":
            where.append("reason != ''")
        return self._ask(" AND ".join(where) + " ORDER BY utc_ms DESC, number DESC", values, limit)

    def one(self, name: str) -> Recorded | None:
        return next(iter(self._ask("call = ? AND path != ''", [name])), None)

    def library(self, limit: int = 500) -> list[Recorded]:
        """Exemplary calls, the last chosen first."""
        return self._ask("reason != '' AND deleted = '' ORDER BY marked_ms DESC", limit=limit)

    def to_pack(self, sealed_before_ms: int, limit: int = 100) -> list[Recorded]:
        return self._ask("sealed_ms <= ? AND size > 44 AND packed = '' AND deleted = '' ORDER BY sealed_ms", [sealed_before_ms], limit)

    def to_copy(self, sealed_before_ms: int, packed: bool, limit: int = 100) -> list[Recorded]:
        """packed: only what is packed already, as a copy comes after it."""
        where = "sealed_ms <= ? AND size > 44 AND copied = '' AND deleted = ''" + (" AND packed != ''" if packed else "")
        return self._ask(where + " ORDER BY sealed_ms", [sealed_before_ms], limit)

    def to_delete(self, began_before_ms: int, limit: int = -1) -> list[Recorded]:
        """Exemplary ones are kept."""
        return self._ask("path != '' AND utc_ms < ? AND sealed_ms IS NOT NULL AND deleted = '' AND reason = ''", [began_before_ms], limit)

    def deleted(self) -> list[Recorded]:
        return self._ask("deleted != '' ORDER BY utc_ms DESC")

    def packed(self) -> list[Recorded]:
        return self._ask("packed != '' AND deleted = ''")

    def paths(self) -> set[str]:
        """All that may lie below recordings/."""
        rows = self._ask("path != ''")
        return {row.path for row in rows} | {row.packed for row in rows if row.packed}

    def of_day(self, begin_ms: int, end_ms: int) -> list[tuple[str, int | None, int | None, int | None, str, str, int | None, float, str]]:
        """(call, started, picked, ended, end_why, path, sealed, seconds, deleted) of what was picked up or begun to be recorded then."""
        query = (
            "SELECT call, started_ms, picked_ms, ended_ms, end_why, path, sealed_ms, seconds, deleted FROM recordings WHERE tenant = ? "
            "AND ((picked_ms >= ? AND picked_ms < ?) OR (path != '' AND utc_ms >= ? AND utc_ms < ?)) ORDER BY number"
        )
        with self._reader() as tables:
            return [tuple(row) for row in tables.execute(query, (self.tenant, begin_ms, end_ms, begin_ms, end_ms)).fetchall()]

    def listenings(self, name: str, limit: int = 50) -> list[tuple[int, str]]:
        """(UTC ms, who), newest first."""
        query = "SELECT utc_ms, by FROM listenings WHERE tenant = ? AND call = ? ORDER BY number DESC LIMIT ?"
        with self._reader() as tables:
            return [(row[0], row[1]) for row in tables.execute(query, (self.tenant, name, limit)).fetchall()]
