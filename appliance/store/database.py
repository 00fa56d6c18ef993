"""DIR/tables.db: tables made from the journal, thrown away and made again at will (E5). One writer, readers with their own connections.

Its loss costs time and nothing else, so it is synced lazily (synchronous NORMAL), and a damaged one is simply removed.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

log = logging.getLogger(__name__)

NAME = "tables.db"
ENDS = ("", "-wal", "-shm")

migrations = Migrations("tables")


@migrations()
def projections_table(db: Tables) -> None:
    """How far each projection has read: `hash` is that of the entry `number`, so that another journal is not taken for ours."""
    db.table("projections").create(
        {"name": str, "version": int, "number": int, "hash": bytes, "tables": str}, pk="name", not_null={"version", "number", "tables"}
    )


class Database:
    """`state` is DIR. `writer` belongs to one thread at a time, the projector's."""

    def __init__(self, state: Path) -> None:
        self.path = state / NAME
        try:
            self.writer = self._opened()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as why:
            log.warning("%s is damaged (%s): it is made again from the journal", self.path, why)
            self.remove()
            self.writer = self._opened()

    def _opened(self) -> Tables:
        connection = sqlite3.connect(self.path, check_same_thread=False, timeout=10.0)
        try:
            self.path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = NORMAL")
            tables = Tables(connection)
            migrations.apply(tables)
            connection.commit()
        except BaseException:
            connection.close()
            raise
        return tables

    def remove(self) -> None:
        """Its files; nobody may have it open."""
        for end in ENDS:
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def begin_anew(self) -> None:
        """Empty, for the projector to fill again."""
        self.close()
        self.remove()
        self.writer = self._opened()

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own that cannot write; rows by name."""
        connection = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, timeout=10.0)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        self.writer.conn.close()
