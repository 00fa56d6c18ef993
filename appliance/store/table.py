"""The journal's file: schema, and how it is opened for writing and for reading (E5)."""

import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlite_utils import Database, Migrations

from appliance.store.entry import COLUMNS, GENESIS, Entry, entry_of_row

log = logging.getLogger(__name__)

NAME = "journal.db"
ROWS = 256
"""Entries in one INSERT: sqlite3 gives up the interpreter once a statement, and gets it back 5 ms later where another thread is busy with
it. Row by row a group of 5,000 would take 25 s there. 2,304 values: SQLite's limit is 32,766 since 3.32 (Debian 12 has 3.40)."""
ENDS = ("RecordingBegan", "RecordingSealed")
HEADS = ("HeadPrinted",)
AFTERLIFE = ("RecordingPacked", "RecordingDeleted", "RecordingCopied")
RETENTION = ("DeletionAgreed", "DeletionProposed", "DeletionWithdrawn", "SigningKeyMade")
TEXTS = (
    "MessageDelivered", "MessageFailed", "MessagePartSent", "MessageRead", "MessageReceived", "MessageSent", "MessageTried",
    "MessageWritten", "NumberOptedIn", "NumberOptedOut", "TextCleared", "TextFailed", "TextReported", "TextStored",
)  # fmt: skip
"""Kinds that have an index each, as they are looked for in long journals: `read_entries` finds it where it is asked for exactly these."""
SELECT = f"SELECT {', '.join(COLUMNS)} FROM entries"

migrations = Migrations("journal")


@migrations()
def entries_table(db: Database) -> None:
    """Append-only: the database itself refuses to change or delete an entry."""
    types = {
        "number": int,
        "boot": str,
        "at_ms": int,
        "utc_ms": int,
        "utc_trusted": int,
        "tenant": str,
        "kind": str,
        "body": bytes,
        "hash": bytes,
    }
    db.table("entries").create(types, pk="number", not_null=set(COLUMNS))
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER entries_never_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        )
    db.execute(
        "CREATE INDEX entries_recordings ON entries (number) WHERE kind IN ('RecordingBegan', 'RecordingSealed')",
    )


@migrations()
def entries_of_custody(db: Database) -> None:
    """Heads, what became of recordings, and who agreed to it."""
    for name, kinds in (("heads", HEADS), ("afterlife", AFTERLIFE), ("retention", RETENTION)):
        db.execute(f"CREATE INDEX entries_{name} ON entries (number) WHERE kind IN ({', '.join(map(repr, kinds))})")


@migrations()
def entries_of_texts(db: Database) -> None:
    """Short messages: a start reads all of them, and nothing else of a journal of years."""
    db.execute(f"CREATE INDEX entries_texts ON entries (number) WHERE kind IN ({', '.join(map(repr, TEXTS))})")


@migrations()
def entries_of_copies(db: Database) -> None:
    """Copies for listening are looked for with the rest of a recording's afterlife."""
    db.execute("DROP INDEX entries_afterlife")
    db.execute(f"CREATE INDEX entries_afterlife ON entries (number) WHERE kind IN ({', '.join(map(repr, AFTERLIFE))})")


@migrations()
def entries_of_failed_texts(db: Database) -> None:
    """What failed for now, and is tried again, is read at a start too."""
    db.execute("DROP INDEX entries_texts")
    db.execute(f"CREATE INDEX entries_texts ON entries (number) WHERE kind IN ({', '.join(map(repr, TEXTS))})")


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one writer's connection: WAL, synchronous FULL, no checkpoint inside a commit.

    Raises sqlite3.DatabaseError where the file is damaged, its OperationalError where the disk is full or refuses.
    """
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10.0)
    try:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        migrations.apply(Database(connection))
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def open_or_set_aside(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """As open_for_writing; a damaged file is kept under another name and a new one begun. Second: the sentence for the alarm, or None."""
    try:
        return open_for_writing(path), None
    except sqlite3.OperationalError:
        raise  # disk full, no rights, locked: not the file's damage
    except (sqlite3.DatabaseError, UnicodeDecodeError) as why:  # the second: SQLite quotes a damaged schema
        aside = path.with_name(f"{path.name}.damaged-{time.time_ns() // 1_000_000_000}")
        for end in ("", "-wal", "-shm"):
            part = path.with_name(path.name + end)
            if part.exists():
                part.rename(aside.with_name(aside.name + end))
        log.error("%s is damaged (%s): kept as %s, a new one is begun", path, why, aside)
        return open_for_writing(path), f"{path.name} was damaged ({why}): kept as {aside.name}, a new one was begun"


def insert(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Adds entries, many by one statement; the caller commits."""
    for start in range(0, len(entries), ROWS):
        some = entries[start : start + ROWS]
        values = ", ".join([f"({', '.join('?' * len(COLUMNS))})"] * len(some))
        columns = ", ".join(COLUMNS)
        connection.execute(f"INSERT INTO entries ({columns}) VALUES {values}", [value for entry in some for value in entry.row()])


def last_of(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Number and hash of the last entry; (0, GENESIS) where there is none."""
    row = connection.execute("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    return (int(row[0]), bytes(row[1])) if row else (0, GENESIS)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A reader's own connection; it cannot write."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=10.0)


def read_entries(path: Path, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Entry]:
    """Entries with numbers above `after`, in order, of these kinds (empty: all), on a connection of their own."""
    connection = open_for_reading(path)
    try:
        where = " WHERE number > ?" + (f" AND kind IN ({', '.join(repr(kind) for kind in kinds)})" if kinds else "")
        for row in connection.execute(SELECT + where + " ORDER BY number", (after,)):
            yield entry_of_row(row)
    finally:
        connection.close()
