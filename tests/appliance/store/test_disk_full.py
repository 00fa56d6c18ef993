"""A full disk (E5): nothing is lost, nothing is acknowledged before it is on the disk, a sentence says so, and all goes on with new space.

On a small file system in memory where this account may mount one, and everywhere with files that may not grow (RLIMIT_FSIZE).
"""

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue

import numpy as np
import pytest

from appliance.base.ids import CallId, LineId
from appliance.events import Event
from appliance.events.call import CallStarted
from appliance.events.recording import RecordingFailed, RecordingSealed
from appliance.store import verify
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock
from tests.support.store_office import RecordingOffice

PATIENCE_S = 30


def started(call: str) -> Event:
    return CallStarted(at_ms=1, call=CallId(call), direction="in", line=LineId("l1"), caller="1" * 900)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """In this process, as a full disk would have it; the signal is turned into an error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def waits_and_recovers(state: Path, fill: "Filling") -> None:
    alarms: Queue[str | None] = Queue()
    journal = Journal(state, HandClock(), alarm=alarms.put, group_s=0)

    async def story() -> None:
        await journal.committed(journal.append([started("before")]))
        with fill(state):
            number = journal.append([started(f"c{n}") for n in range(600)])
            text = await asyncio.to_thread(alarms.get, True, PATIENCE_S)
            assert text is not None
            assert "the journal cannot be written" in text
            assert "make space on the disk" in text
            later = journal.append([started("later")])
            waiting = asyncio.create_task(journal.committed(later))
            await asyncio.sleep(0)
            assert journal.committed_number < number
            assert not waiting.done()
        await asyncio.wait_for(waiting, PATIENCE_S)
        assert await asyncio.to_thread(alarms.get, True, PATIENCE_S) is None

    asyncio.run(story())
    journal.close()
    assert [entry.number for entry in journal.entries()] == list(range(1, 603))
    assert verify.main(state) == 0


class Filling:
    """How a disk is filled for a while."""

    def __call__(self, state: Path) -> "Filling":
        self.path = state / "ballast"
        return self

    def __enter__(self) -> None:
        with self.path.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                with suppress(OSError):
                    while True:
                        file.write(os.urandom(size))

    def __exit__(self, *error: object) -> None:
        self.path.unlink()


class Limiting(Filling):
    def __enter__(self) -> None:
        self._limit = no_file_longer_than(200_000)
        self._limit.__enter__()

    def __exit__(self, *error: object) -> None:
        self._limit.__exit__(None, None, None)


def test_entries_wait_for_space_and_none_is_acknowledged_before(small_disk: Path) -> None:
    waits_and_recovers(small_disk, Filling())


def test_entries_wait_where_the_files_may_not_grow(tmp_path: Path) -> None:
    waits_and_recovers(tmp_path, Limiting())


def recording_waits_and_recovers(state: Path, fill: Filling, minutes_full: float) -> RecordingOffice:
    office = RecordingOffice(state)
    office.call_begins("c1")
    office.speaks(1.0)
    with fill(state):
        office.speaks(minutes_full * 60, seed=2)
        assert [type(fact) for fact in office.facts].count(RecordingFailed) == 1
        assert office.alarms[-1] == "calls that cannot be recorded: c1; make space on the disk"
    office.speaks(1.0, seed=3)
    office.clock.wait(1000)
    office.recorder.turn()
    assert office.alarms[-1] is None
    office.call_ends("c1")
    return office


def test_sound_waits_in_memory_and_not_a_sample_is_lost(tmp_path: Path) -> None:
    office = recording_waits_and_recovers(tmp_path, Limiting(), minutes_full=0.1)
    office.close()
    assert verify.main(tmp_path) == 0
    sound = np.frombuffer(office.recording_of("c1").read_bytes()[44:], "<i2").reshape(-1, 2)
    assert len(sound) == 8000 * 8
    assert np.count_nonzero(~sound.any(axis=1)) < 5
    assert [fact.lost_ms for fact in office.facts if isinstance(fact, RecordingSealed)] == [0]


def test_what_memory_cannot_hold_is_silence_of_its_true_length(tmp_path: Path) -> None:
    office = recording_waits_and_recovers(tmp_path, Limiting(), minutes_full=1.5)
    office.close()
    assert verify.main(tmp_path) == 0
    sound = np.frombuffer(office.recording_of("c1").read_bytes()[44:], "<i2").reshape(-1, 2)
    assert len(sound) == 8000 * 92
    silent = np.count_nonzero(~sound.any(axis=1)) / 8000
    (sealed,) = [fact for fact in office.facts if isinstance(fact, RecordingSealed)]
    assert 20 < silent < 30
    assert abs(sealed.lost_ms / 1000 - silent) < 0.01


def test_a_full_disk_of_one_megabyte_loses_no_sound_either(small_disk: Path) -> None:
    office = recording_waits_and_recovers(small_disk, Filling(), minutes_full=0.1)
    office.close()
    assert verify.main(small_disk) == 0
