"""The recorder (A7): one thread writes all calls' recordings, two channels each; a kill loses a tenth of a second, a power cut one.

Ten times a second it fetches what the taps heard and hands it to the system. Once a second it syncs what was written, all calls
together (a card takes 5 to 50 ms for each sync), and only then tells the blocks' hashes: the journal never knows of a byte that a power
cut could still take. A file is created when its RecordingBegan is on the disk, so no file is ever foreign to the journal.
At a call's end its header gets true sizes, and the whole is read back for the seal's SHA-256: a long call in several rounds, so that the
others do not wait for it.
"""

import ctypes
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from appliance.base.clock import Clock
from appliance.base.ids import HOUSE, CallId, TenantId
from appliance.events import Event
from appliance.events.recording import RecordingBegan, RecordingBlock, RecordingFailed
from appliance.recording.take import Take
from appliance.store.entry import Entry
from appliance.store.witness import Witness

log = logging.getLogger(__name__)

POLL_S = 0.1
SYNC_MS = 1000
READ_BACK = 1 << 22  # bytes a round: two minutes of sound, some 30 ms of a small machine
READ_BACK_STOPPING = 16 * READ_BACK
STOP_MS = 3000  # at the end of the box: so long the disk is given
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\Z")

_LIBC = ctypes.CDLL(None, use_errno=True)  # once: each one is a class of its own, and under load there is a sync a second

Tell = Callable[[Sequence[Event]], object]


class TapSource(Protocol):
    """The bridge's face for recordings. Frames are int16 (n, 2): left the customer, right the agent's side.

    Frames that were lost are silence of the same length in what `read_tap` gives; `lost_frames` counts them.
    """

    def read_tap(self, tap: int) -> npt.NDArray[np.int16]: ...

    def lost_frames(self, tap: int) -> int: ...

    def free_tap(self, tap: int) -> None: ...


class Recorder:
    """`begin`, `end` and `heard` are for the event loop's thread and never wait; `tell` takes facts in the recorder's thread.

    durable: the journal's committed number; None (tests of the file alone): files are created at once. alarm: as the journal's.
    """

    def __init__(
        self,
        directory: Path,
        source: TapSource,
        tell: Tell,
        clock: Clock,
        *,
        durable: Callable[[], int] | None = None,
        alarm: Callable[[str | None], None] | None = None,
    ) -> None:
        self.directory, self._source, self._tell, self._clock, self._durable, self._alarm = directory, source, tell, clock, durable, alarm
        self._lock = threading.Lock()
        self._takes: dict[CallId, Take] = {}
        self._kept: dict[CallId, Witness] = {}
        self._synced_ms = clock.now_ms()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    # -- for the event loop ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Writes and seals what it can within 3 s; a call that still runs stays unsealed, and is sealed at the next start.

        Waits for the event loop to publish its facts: call it by `asyncio.to_thread`, with all calls ended, before the journal is closed.
        """
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def begin(self, call: CallId, tap: int, picked_up_at_ms: int, tenant: TenantId = HOUSE) -> None:
        """Records what this tap hears; its first frame is the moment of the picking-up (boot-time clock)."""
        if not _NAME.match(call):
            raise ValueError(f"{call!r} cannot be a file's name")
        utc_s = (self._clock.utc_ms() - (self._clock.now_ms() - picked_up_at_ms)) / 1000
        day = time.strftime("%Y/%m/%d", time.gmtime(utc_s))
        take = Take(call, tenant, tap, self.directory, f"{day}/{call}.wav")
        with self._lock:
            if call in self._takes:
                raise ValueError(f"call {call} is recorded already")
            self._takes[call] = take
        self._tell([take.began_fact(self._clock.now_ms())])

    def keep(self, witnesses: Iterable[Witness]) -> None:
        """Recordings that the box before us left open, of calls that may still be up: each is resumed, or sealed at its call's end."""
        with self._lock:
            self._kept = {witness.call: witness for witness in witnesses}

    def resume(self, call: CallId, tap: int, picked_up_at_ms: int, paused: bool = False) -> None:
        """Goes on with a recording that was kept, after silence of true length; one that was never begun begins with that silence.

        paused: it was when the box before us ended, and stays so."""
        with self._lock:
            witness = self._kept.pop(call, None)
        if witness is None:
            self.begin(call, tap, picked_up_at_ms)
            with self._lock:
                take = self._takes[call]
        else:
            take = Take.again(witness, tap, self.directory)
        take.paused = take.hush_next = paused
        take.due(max(0, self._clock.now_ms() - picked_up_at_ms))
        with self._lock:
            self._takes[call] = take

    def end(self, call: CallId) -> None:
        """The tap has ended (`Bridge.end_tap`): the rest is fetched, the tap freed, the file sealed. An unknown call is none of ours."""
        with self._lock:
            if (left := self._kept.pop(call, None)) is not None:
                self._takes[call] = Take.again(left, None, self.directory)
            take = self._takes.get(call)
            if take is not None:
                take.ended = True

    def pause(self, call: CallId, paused: bool) -> None:
        """Silence of true length is recorded while paused; up to 0.1 s before and after it too, never a sound within."""
        with self._lock:
            take = self._takes.get(call)
            if take is not None:
                take.paused, take.hush_next = paused, True

    def path(self, call: CallId) -> Path | None:
        """The file of a call that is being recorded and has begun to be written."""
        with self._lock:
            take = self._takes.get(call)
            return take.directory / take.path if take is not None and take.offset else None

    def heard(self, entries: list[Entry]) -> None:
        """Subscriber of the bus: learns the numbers of its own facts, to know when they are on the disk."""
        for entry in entries:
            fact = entry.event
            if isinstance(fact, RecordingBegan | RecordingBlock):
                with self._lock:
                    take = self._takes.get(fact.call)
                    if take is not None and isinstance(fact, RecordingBegan):
                        take.began = entry.number
                    elif take is not None and isinstance(fact, RecordingBlock):
                        take.told.append((entry.number, fact.offset + fact.size))

    # -- the recorder's thread ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        deadline = None
        while True:
            stopping = self._stop.wait(POLL_S)
            try:
                self.turn(sync=stopping)
            except Exception:
                log.exception("a turn of the recorder failed; the next one comes")
            if stopping:
                deadline = deadline or self._clock.now_ms() + STOP_MS
                with self._lock:
                    left = [take for take in self._takes.values() if take.ended or not take.drained]
                if not left or self._clock.now_ms() > deadline:
                    return
                time.sleep(POLL_S)

    def turn(self, *, sync: bool = False) -> None:
        """One round: fetch, write, and once a second (or with `sync`) make it last and tell."""
        now_ms = self._clock.now_ms()
        with self._lock:
            takes = list(self._takes.values())
            ended = {take.call for take in takes if take.ended}
        for take in takes:
            if take.sized:  # nothing comes after its end
                continue
            try:
                self._fetch(take)
                self._write(take, now_ms)
            except Exception:
                log.exception("call %s: its recording failed; the others go on", take.call)
        done = [take for take in takes if take.call in ended and take.drained]
        if sync or any(take.behind for take in takes) or not all(take.sized for take in done) or now_ms - self._synced_ms >= SYNC_MS:
            self._synced_ms = now_ms
            self._sync(takes, done, now_ms)
        self._seal([take for take in done if take.sized], READ_BACK_STOPPING if sync else READ_BACK, now_ms)

    def _fetch(self, take: Take) -> None:
        if take.tap is None:
            return
        sound = self._source.read_tap(take.tap)
        take.hear(np.ascontiguousarray(sound, dtype="<i2").tobytes(), self._source.lost_frames(take.tap))

    def _write(self, take: Take, now_ms: int) -> None:
        if self._durable is not None:
            safe = self._durable()
            with self._lock:
                while take.told and take.told[0][0] <= safe:
                    take.covered = take.told.pop(0)[1]
                if take.began is None or take.began > safe:
                    return
        try:
            take.write(now_ms, bounded=self._durable is not None)
            if take.gap is not None:
                fact, take.gap = take.gap, None
                self._tell([fact])
        except OSError as why:
            self._fails(take, why, now_ms)

    def _fails(self, take: Take, why: OSError, now_ms: int) -> None:
        if take.failed:
            return
        take.failed = True
        text = why.strerror or str(why)
        log.error("call %s cannot be recorded: %s; its sound waits in memory", take.call, text)
        self._tell([RecordingFailed(at_ms=now_ms, tenant=take.tenant, call=take.call, why=text)])
        self._tell_alarm()

    def _recovered(self, takes: list[Take]) -> None:
        for take in takes:
            take.failed = False
            log.warning("call %s is recorded again", take.call)
        if takes:
            self._tell_alarm()

    def _tell_alarm(self) -> None:
        if self._alarm is not None:
            with self._lock:
                failing = [take.call for take in self._takes.values() if take.failed]
            self._alarm(f"calls that cannot be recorded: {', '.join(failing)}; make space on the disk" if failing else None)

    def _sync(self, takes: list[Take], done: list[Take], now_ms: int) -> None:
        for take in done:
            take.finish(now_ms)
        dirty = [take for take in takes if take.unsynced]
        try:
            _sync_together(dirty)
        except OSError as why:
            for take in dirty:
                self._fails(take, why, now_ms)
            return
        self._recovered([take for take in takes if take.failed and take.drained and take not in done])
        facts: list[Event] = []
        for take in dirty:
            facts += take.unsynced
            take.unsynced = []
        if facts:
            self._tell(facts)
        self._give_true_sizes([take for take in done if not take.sized], now_ms)

    def _give_true_sizes(self, takes: list[Take], now_ms: int) -> None:
        try:
            for take in takes:
                take.true_sizes()
            _sync_together(takes)
        except OSError as why:
            for take in takes:
                self._fails(take, why, now_ms)
            return
        for take in takes:
            take.sized = True

    def _seal(self, takes: list[Take], most: int, now_ms: int) -> None:
        """Those that `most` bytes suffice for; the rest go on in the next round."""
        whole = []
        for take in takes:
            try:
                most -= take.read_back(most)
            except OSError as why:
                self._fails(take, why, now_ms)
                continue
            if take.whole:
                whole.append(take)
        if not whole:
            return
        for take in whole:
            take.close()
            if take.tap is not None:
                self._source.free_tap(take.tap)
        self._recovered([take for take in whole if take.failed])
        self._tell([take.sealed_fact(now_ms) for take in whole])
        with self._lock:
            for take in whole:
                del self._takes[take.call]


def _sync_together(takes: list[Take]) -> None:
    """One sync of the file system where there are many. Raises OSError."""
    if len(takes) < 3:
        for take in takes:
            take.sync()
    elif _LIBC.syncfs(takes[0].fileno()):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
