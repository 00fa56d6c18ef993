"""kill -9 at random moments in calls: each recording plays, at most 1 s is lost, the chain is whole, one recording a call (A7, E5)."""

import os
import random
import select
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.base.clock import BootClock
from appliance.recording.vault import seal_after_crash
from appliance.store import verify
from appliance.store.journal import Journal
from appliance.store.table import read_entries
from tests.support.store_talking import said

ROOT = Path(__file__).parents[3]
RATE_HZ = 8000


def killed_in_a_call(state: Path, shared: Path, after_s: float) -> tuple[str, int]:
    """Starts the box's recorder on this state and kills it so long after its call began: (call, frames that were heard by then)."""
    command = [sys.executable, "-m", "tests.support.store_talking", str(state), str(shared)]
    box = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert box.stdout is not None
    call = box.stdout.readline().decode().strip()
    select.select([], [], [], after_s)
    box.send_signal(signal.SIGKILL)
    heard_ns = time.monotonic_ns() - int(shared.read_text())
    box.wait()
    box.stdout.close()
    return call, heard_ns * RATE_HZ // 1_000_000_000


def survive(tmp_path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    state, shared = tmp_path / "state", tmp_path / "heard"
    state.mkdir()
    calls = [killed_in_a_call(state, shared, chance.uniform(0.0, 3.0)) for _ in range(kills)]
    journal = Journal(state, BootClock())
    journal.append(seal_after_crash(journal, state / "recordings", BootClock()))
    journal.close()
    assert verify.main(state) == 0
    began = [entry.event.call for entry in read_entries(state / "journal.db", kinds=("RecordingBegan",))]  # type: ignore[attr-defined]
    assert sorted(began) == sorted(set(began)) and set(began) <= {call for call, _ in calls}
    lost = []
    for call, heard in calls:
        files = list((state / "recordings").rglob(f"{call}.wav"))
        assert len(files) <= 1
        frames = 0
        if files:
            with wave.open(str(files[0])) as recorded:
                frames = recorded.getnframes()
                sound = np.frombuffer(recorded.readframes(frames), "<i2").reshape(-1, 2)
            assert np.array_equal(sound, said(0, frames))  # from the first moment on, without a gap
        lost.append((heard - frames) / RATE_HZ)
    print(f"{kills} kills, seed {seed}: lost {max(lost):.2f} s at most, {sum(lost) / kills:.3f} s on average")
    assert max(lost) <= 1.0


def test_ten_kills_at_random_moments_of_calls(tmp_path: Path) -> None:
    survive(tmp_path, 10, seed=11)


@pytest.mark.soak
def test_two_hundred_kills_at_random_moments_of_calls(tmp_path: Path) -> None:
    survive(tmp_path, 200, seed=int(os.environ.get("SEATBOX_SEED", "23")))
