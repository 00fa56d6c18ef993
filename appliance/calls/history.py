"""Calls that are over, as a table (A3 A7): the same fold as the live pictures, written behind the journal and made again at will."""

import sqlite3
from collections.abc import Sequence

import msgspec
from sqlite_utils import Database as Tables

from appliance.base.ids import HOUSE, TenantId
from appliance.calls.snapshot import CallView
from appliance.calls.tables import after
from appliance.events.recording import RecordingBegan
from appliance.store.database import Database
from appliance.store.entry import Entry

_decode = msgspec.msgpack.Decoder(CallView).decode
_encode = msgspec.msgpack.Encoder().encode


class CallsTable:
    """A projection of store/projector.py. `number` is the journal's of the call's beginning: calls in the order in which they began."""

    name = "calls"
    version = 1

    def create(self, db: Tables) -> None:
        columns = {"id": str, "tenant": str, "number": int, "caller": str, "live": int, "path": str, "body": bytes}
        db.table("calls").create(columns, pk=("tenant", "id"), not_null={"number", "live", "body"})
        db.table("calls").create_index(["tenant", "number"])
        db.table("calls").create_index(["tenant", "caller", "number"])
        db.table("calls").create_index(["tenant", "live"])

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None:
        known: dict[tuple[str, str], CallView | None] = {}
        began: dict[tuple[str, str], int] = {}
        paths: dict[tuple[str, str], str] = {}
        for entry in entries:
            call = getattr(entry.event, "call", None)
            if call is None:
                continue
            key = (str(entry.tenant), str(call))
            if key not in known:
                known[key], began[key], paths[key] = self._row(connection, key)
            before = known[key]
            known[key] = after(before, entry.utc_ms, entry.event)
            if before is None:
                began[key] = entry.number
            if isinstance(entry.event, RecordingBegan):
                paths[key] = entry.event.path
        rows = [
            (view.id, key[0], began[key], view.caller, int(view.ended_at_ms is None), paths[key], _encode(view))
            for key, view in known.items()
            if view is not None
        ]
        connection.executemany(
            "INSERT OR REPLACE INTO calls (id, tenant, number, caller, live, path, body) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
        )

    def _row(self, connection: sqlite3.Connection, key: tuple[str, str]) -> tuple[CallView | None, int, str]:
        row = connection.execute("SELECT body, number, path FROM calls WHERE tenant = ? AND id = ?", key).fetchone()
        return (None, 0, "") if row is None else (_decode(row[0]), row[1], row[2])


class History:
    """Questions to the table; the tenant is part of each."""

    def __init__(self, database: Database, tenant: TenantId = HOUSE) -> None:
        self.database, self.tenant = database, tenant

    def newest(self, *, caller: str | None = None, before: str | None = None, live: bool | None = None, limit: int = 200) -> list[CallView]:
        """Newest first; `before`: only those that began before this call."""
        where: list[str] = ["tenant = ?"]
        values: list[str | int] = [str(self.tenant)]
        if caller is not None:
            where.append("caller = ?")
            values.append(caller)
        if live is not None:
            where.append("live = ?")
            values.append(int(live))
        if before is not None:
            where.append("number < (SELECT number FROM calls WHERE tenant = ? AND id = ?)")
            values += [str(self.tenant), before]
        query = f"SELECT body FROM calls WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?"
        with self.database.reader() as tables:
            return [_decode(body) for (body,) in tables.execute(query, [*values, limit]).fetchall()]

    def one(self, call: str) -> CallView | None:
        with self.database.reader() as tables:
            row = tables.execute("SELECT body FROM calls WHERE tenant = ? AND id = ?", [str(self.tenant), call]).fetchone()
        return None if row is None else _decode(row[0])

    def path(self, call: str) -> str | None:
        """Where its recording lies below DIR/recordings; None where there is none."""
        with self.database.reader() as tables:
            row = tables.execute("SELECT path FROM calls WHERE tenant = ? AND id = ?", [str(self.tenant), call]).fetchone()
        return row[0] or None if row is not None else None
