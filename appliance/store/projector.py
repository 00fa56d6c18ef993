"""The projector (E5): tables from the journal, by one thread, always behind it and never ahead.

It reads entries that are on the disk, from the number where each projection stopped; number and rows go into one transaction, so a kill
leaves both or none. A projection of a new version, or of another journal, is dropped and made again from entry 1.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from sqlite_utils import Database as Tables

from appliance.store.database import Database
from appliance.store.entry import GENESIS, Entry

log = logging.getLogger(__name__)

BATCH = 2_000
RETRY_S = 1.0


class Projection(Protocol):
    """One fold. `version` goes up when `create` or `apply` changes. `apply` must not commit, nor ask anything but its own tables."""

    name: str
    version: int

    def create(self, db: Tables) -> None: ...

    def apply(self, entries: Sequence[Entry], connection: sqlite3.Connection) -> None: ...


class Source(Protocol):
    """What the projector asks of a journal."""

    @property
    def committed_number(self) -> int: ...

    def entries(self, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Entry]: ...


class _Reading:
    """Where one projection stands."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.number = 0
        self.broken = False


class Projector:
    """register() each, then start(). `behind` is woken by the journal's commits."""

    def __init__(self, database: Database, journal: Source) -> None:
        self._database, self._journal = database, journal
        self._readings: list[_Reading] = []
        self._wake = threading.Condition()
        self._asked = True
        self._stop = False
        self._thread: threading.Thread | None = None

    def register(self, projection: Projection) -> None:
        """Before start()."""
        self._readings.append(_Reading(projection))

    @property
    def number(self) -> int:
        """All tables hold at least what happened up to this entry."""
        return min((reading.number for reading in self._readings if not reading.broken), default=self._journal.committed_number)

    def heard(self, _entries: Sequence[Entry]) -> None:
        """For `Journal.on_commit`: there is more. From any thread, at once."""
        with self._wake:
            self._asked = True
            self._wake.notify_all()

    def start(self) -> None:
        """Catches up first in its own thread, then follows."""
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._thread.start()

    def wait_for(self, number: int, timeout_s: float) -> bool:
        """True once the tables hold entry `number`; not for the event loop's thread."""
        with self._wake:
            return self._wake.wait_for(lambda: self.number >= number or self._stop, timeout_s) and self.number >= number

    def stop(self) -> None:
        with self._wake:
            self._stop = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def rebuild(self) -> None:
        """All tables from entry 1, in the caller's thread; the projector's own must not run."""
        self._database.begin_anew()
        self.catch_up()

    def catch_up(self, at_most: int | None = None) -> bool:
        """To the end of what is on the disk, in the caller's thread. at_most: not where more entries are missing; False then."""
        for reading in self._readings:
            self._prepare(reading)
        if at_most is not None and self._journal.committed_number - self.number > at_most:
            return False
        self._follow()
        return True

    # -- inside ---------------------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        prepared = False
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._asked or self._stop)
                if self._stop:
                    return
                self._asked = False
            try:
                if prepared:
                    self._follow()
                else:
                    self.catch_up()
                    prepared = True
            except sqlite3.Error as why:
                log.warning("the tables are behind the journal, it is tried again: %s", why)
                with self._wake:
                    self._asked = not self._wake.wait_for(lambda: self._stop, RETRY_S) or self._asked

    def _prepare(self, reading: _Reading) -> None:
        db, projection = self._database.writer, reading.projection
        found = db.execute("SELECT version, number, hash, tables FROM projections WHERE name = ?", (projection.name,)).fetchone()
        if found and found[0] == projection.version and self._same_history(found[1], found[2]):
            reading.number = found[1]
            return
        reading.number = 0
        connection = db.conn
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            for table in json.loads(found[3]) if found else ():
                db.execute(f"DROP TABLE IF EXISTS [{table}]")
            before = set(db.table_names())
            projection.create(db)
            made = json.dumps(sorted(set(db.table_names()) - before))
            row = (projection.name, projection.version, 0, GENESIS, made)
            connection.execute("INSERT OR REPLACE INTO projections (name, version, number, hash, tables) VALUES (?, ?, ?, ?, ?)", row)
        log.info("tables of %s are made again from the journal", projection.name)

    def _same_history(self, number: int, digest: bytes) -> bool:
        if number == 0:
            return True
        entry = next(self._journal.entries(after=number - 1), None)
        return entry is not None and entry.number == number and entry.hash == digest

    def _follow(self) -> None:
        able = [reading for reading in self._readings if not reading.broken]
        entries = self._journal.entries(after=min((reading.number for reading in able), default=0))
        while able and (chunk := list(islice(entries, BATCH))) and not self._stop:
            self._apply(able, chunk)
            with self._wake:
                self._wake.notify_all()

    def _apply(self, readings: list[_Reading], chunk: list[Entry]) -> None:
        connection = self._database.writer.conn
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            for reading in readings:
                part = [entry for entry in chunk if entry.number > reading.number]
                if part and not reading.broken:
                    self._apply_one(reading, part, connection)
        for reading in readings:
            if not reading.broken:
                reading.number = max(reading.number, chunk[-1].number)

    def _apply_one(self, reading: _Reading, part: list[Entry], connection: sqlite3.Connection) -> None:
        projection = reading.projection
        connection.execute("SAVEPOINT one")
        try:
            projection.apply(part, connection)
            mark = (part[-1].number, part[-1].hash, projection.name)
            connection.execute("UPDATE projections SET number = ?, hash = ? WHERE name = ?", mark)
        except sqlite3.OperationalError:
            raise  # the disk's fault, not the projection's: all is tried again
        except Exception:
            log.exception("the tables of %s stop at entry %d: our defect", projection.name, part[0].number)
            reading.broken = True
            connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")
