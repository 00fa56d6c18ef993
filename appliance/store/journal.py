"""The journal (E5, A7): append-only, numbered, chained by hash, committed in groups by one thread.

`append` gives numbers at once and never waits for a disk. The writer thread commits what has come every 50 ms; `committed(number)` returns
when that entry is on the disk, and that is what "acknowledged" means. A disk that will not take entries (full, broken) loses nothing: they
wait in memory up to a bound, the alarm is told in a sentence, and each second it is tried again. Above the bound nothing new is taken.

Why groups: synchronous FULL costs a sync for each commit; figures in bench/bench_journal.py.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from appliance.base.clock import Clock
from appliance.base.errors import SeatboxError
from appliance.events import Event
from appliance.store import table
from appliance.store.entry import Entry, entry_of
from appliance.store.head import Head, read_head
from appliance.store.trust import utc_is_trusted

log = logging.getLogger(__name__)

GROUP_S = 0.050
RETRY_S = 1.0
IDLE_S = 1.0
LAST_TRY_S = 3.0
LIMIT = 100_000  # entries kept in memory while the disk refuses: some 100 MB, a busy day
BATCH = 20_000
CHECKPOINT_PAGES = 16_384  # 64 MB of write-ahead log: then a checkpoint comes without waiting for a quiet second

Alarm = Callable[[str | None], None]


class JournalFull(SeatboxError):
    """The disk refuses, and memory holds as many entries as it may: nothing new can be taken."""


class NotStored(SeatboxError):
    """The journal was closed before this entry reached the disk."""


class Journal:
    """`state`: the box's DIR. `alarm` is called from the writer's thread with a sentence, and with None when all is well again."""

    def __init__(self, state: Path, clock: Clock, *, alarm: Alarm | None = None, group_s: float = GROUP_S, limit: int = LIMIT) -> None:
        self.path = state / table.NAME
        self._clock, self._alarm, self._group_s, self._limit = clock, alarm, group_s, limit
        self.boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")
        self._trusted = utc_is_trusted()
        self._head = Head(state / "head")
        self._connection, self.trouble = self._opened(state)
        self._committed = self._last
        self._pending: deque[Entry] = deque()
        self._wake = threading.Condition()
        self._waiters: list[tuple[int, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._listeners: list[Callable[[Sequence[Entry]], None]] = []
        self._stop = threading.Event()
        self._failing: str | None = None
        self._ended = False
        self._uncopied = 0  # entries since the last checkpoint
        self.refused = 0
        """Facts that could not be taken, as the bound was reached."""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def _opened(self, state: Path) -> tuple[sqlite3.Connection, str | None]:
        """Where the anchor is ahead, entries are missing: numbers and chain go on behind the gap, which `verify` names for ever."""
        try:
            connection, trouble = table.open_or_set_aside(self.path)
            self._last, self._hash = table.last_of(connection)
            anchor = read_head(state / "head")
            if anchor and anchor[0] > self._last:
                cut = f"the journal was cut: entries {self._last + 1} to {anchor[0]} are missing"
                trouble = f"{trouble}; {cut}" if trouble else cut
                log.error("%s", trouble)
                self._last, self._hash = anchor
            else:
                self._head.begin(self._last, self._hash)
        except BaseException:
            self._head.close()
            raise
        return connection, trouble

    # -- what everyone may call -----------------------------------------------------------------------------------------------------

    @property
    def last_number(self) -> int:
        """Of the last entry taken, committed or not."""
        return self._last

    @property
    def committed_number(self) -> int:
        """Of the last entry that is on the disk."""
        return self._committed

    @property
    def waiting(self) -> int:
        """Entries taken and not yet on the disk."""
        return len(self._pending)

    @property
    def refusing(self) -> str | None:
        """Why the disk does not take entries, as SQLite says it; None while it does."""
        return self._failing

    def on_commit(self, hear: Callable[[Sequence[Entry]], None]) -> None:
        """From now on `hear` is told, in the writer's thread, what is on the disk. It must be quick and must not raise."""
        with self._wake:
            self._listeners.append(hear)

    def append(self, facts: Sequence[Event]) -> int:
        """Takes facts, from any thread, at once; the number of the last one. Raises JournalFull."""
        entries = self.record(facts)
        return entries[-1].number if entries else self._last

    def record(self, facts: Sequence[Event]) -> list[Entry]:
        """As append, giving the entries."""
        with self._wake:
            if self._stop.is_set():
                raise NotStored("the journal is closed")
            if len(self._pending) + len(facts) > self._limit:
                self.refused += len(facts)
                raise JournalFull(
                    f"the journal cannot take more: {len(self._pending)} entries wait for the disk, {self.refused} were refused"
                )
            offset = self._clock.utc_ms() - self._clock.now_ms()
            entries = []
            for fact in facts:
                entry = entry_of(fact, self._hash, self._last + 1, self.boot, fact.at_ms + offset, self._trusted)
                self._last, self._hash = entry.number, entry.hash
                entries.append(entry)
            self._pending.extend(entries)
            self._wake.notify()
        return entries

    async def committed(self, number: int) -> None:
        """Returns when that entry is on the disk; waits as long as the disk refuses. Raises NotStored if the journal is closed before."""
        loop = asyncio.get_running_loop()
        with self._wake:
            if number > self._last:
                raise ValueError(f"entry {number} does not exist yet, the last is {self._last}")
            if number <= self._committed:
                return
            if self._ended:
                raise NotStored(f"entry {number} is not on the disk")
            future = loop.create_future()
            heapq.heappush(self._waiters, (number, next(self._count), loop, future))
        await future

    def entries(self, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Entry]:
        """What is on the disk above number `after`, in order, of these kinds (empty: all); for any thread, on its own connection."""
        return table.read_entries(self.path, after, kinds)

    def close(self) -> None:
        """Commits what waits (a refusing disk is given 3 s), and ends. What is lost then is said."""
        with self._wake:
            self._stop.set()
            self._wake.notify()
        self._thread.join()

    # -- the writer's thread --------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        last_try = None
        try:
            while True:
                with self._wake:
                    quiet = not (self._pending or self._stop.is_set() or self._wake.wait(IDLE_S))
                if quiet:
                    self._rest()
                    continue
                self._stop.wait(self._group_s)
                if not self._commit():
                    if self._stop.is_set():
                        last_try = last_try or time.monotonic() + LAST_TRY_S
                        if time.monotonic() > last_try:
                            break
                        time.sleep(RETRY_S / 4)
                    else:
                        self._stop.wait(RETRY_S)
                elif self._stop.is_set() and not self._pending:
                    break
        finally:
            self._end()

    def _commit(self) -> bool:
        """Writes one batch; False where the disk refused."""
        with self._wake:
            batch = list(itertools.islice(self._pending, BATCH))
        if not batch:
            return True
        try:
            self._write(batch)
        except (sqlite3.Error, OSError) as why:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            self._say_failing(str(why))
            return False
        self._say_well()
        self._acknowledge(batch)
        return True

    def _write(self, batch: list[Entry]) -> None:
        rows = batch
        if self._failing is not None:  # a commit that failed late may yet have reached the disk
            there, _ = table.last_of(self._connection)
            rows = [entry for entry in batch if entry.number > there]
        if rows:
            table.insert(self._connection, rows)
            self._connection.commit()
        self._head.write(batch[-1].number, batch[-1].hash)
        self._uncopied += len(batch)
        if self._uncopied * 300 > CHECKPOINT_PAGES * 4096:
            self._checkpoint()

    def _acknowledge(self, batch: list[Entry]) -> None:
        done = []
        with self._wake:
            for _ in batch:
                self._pending.popleft()
            self._committed = batch[-1].number
            while self._waiters and self._waiters[0][0] <= self._committed:
                done.append(heapq.heappop(self._waiters))
            listeners = tuple(self._listeners)
        for _number, _order, loop, future in done:
            with contextlib.suppress(RuntimeError):  # that loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, None)
        for hear in listeners:
            try:
                hear(batch)
            except Exception:
                log.exception("a listener to commits failed")

    def _say_failing(self, why: str) -> None:
        if self._failing is None:
            log.error("the journal cannot be written: %s; %d entries wait in memory", why, len(self._pending))
            self._failing = why
            self._tell_alarm(
                f"the journal cannot be written ({why}): entries wait in memory and nothing new is acknowledged; make space on the disk"
            )

    def _say_well(self) -> None:
        if self._failing is not None:
            log.warning("the journal is written again after: %s", self._failing)
            self._failing = None
            self._tell_alarm(None)

    def _tell_alarm(self, text: str | None) -> None:
        if self._alarm is not None:
            try:
                self._alarm(text)
            except Exception:
                log.exception("the journal's alarm could not be told: %s", text)

    def _rest(self) -> None:
        """A quiet second: copy the write-ahead log into the database, look whether UTC is trusted by now."""
        self._trusted = utc_is_trusted()
        if self._uncopied:
            self._checkpoint()

    def _checkpoint(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._uncopied = 0
        except sqlite3.Error as why:
            log.warning("the journal's write-ahead log could not be copied, it is tried again: %s", why)

    def _end(self) -> None:
        if self._pending:
            log.error("the journal is closed with %d entries that the disk refused", len(self._pending))
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._head.close()
        with self._wake:
            self._stop.set()
            self._ended = True
            left, self._waiters = self._waiters, []
        for number, _order, loop, future in left:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, NotStored(f"entry {number} is not on the disk"))


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
