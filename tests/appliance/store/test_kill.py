"""kill -9 at any moment: what was acknowledged is there, the chain holds, the recording plays (E5, A7)."""

import random
import select
import signal
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from appliance.base.clock import BootClock
from appliance.recording.vault import seal_after_crash
from appliance.recording.wav import wav_parts
from appliance.store import verify
from appliance.store.journal import Journal
from appliance.store.table import read_entries

ROOT = Path(__file__).parents[3]


def killed_after(state: Path, acknowledged: int, delay_s: float) -> int:
    """Starts the writer, kills it so long after so many acknowledgements; the last number that it acknowledged."""
    command = [sys.executable, "-m", "tests.support.store_writer", str(state)]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(acknowledged):
        assert writer.stdout.readline(), "the writer ended by itself"
    select.select([], [], [], delay_s)  # any moment of a commit
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split(b"\n")[:-1]
    writer.wait()
    writer.stdout.close()
    return int(rest[-1]) if rest else acknowledged * 7


def test_after_each_kill_all_that_was_acknowledged_is_there_and_verify_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.Random(7)
    for _ in range(4):
        number = killed_after(tmp_path, seed.randrange(20, 60), seed.random() * 0.02)
        assert verify.main(tmp_path) == 0, capsys.readouterr().out
        numbers = [entry.number for entry in read_entries(tmp_path / "journal.db")]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers[-1] >= number


def test_the_recording_of_a_killed_box_is_sealed_at_the_next_start_with_all_that_the_file_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_after(tmp_path, 60, 0.0)
    assert verify.main(tmp_path) == 0
    assert "1 open" in capsys.readouterr().out
    (file,) = (tmp_path / "recordings").rglob("*.wav")
    size = file.stat().st_size
    journal = Journal(tmp_path, BootClock())
    facts = seal_after_crash(journal, tmp_path / "recordings", BootClock())
    journal.append(facts[:-1])  # and killed again before the seal
    journal.close()
    assert verify.main(tmp_path) == 0
    journal = Journal(tmp_path, BootClock())
    journal.append(seal_after_crash(journal, tmp_path / "recordings", BootClock()))
    assert seal_after_crash(journal, tmp_path / "recordings", BootClock()) != []  # not committed yet: the same is found again
    journal.close()
    journal = Journal(tmp_path, BootClock())
    assert seal_after_crash(journal, tmp_path / "recordings", BootClock()) == []
    journal.close()
    capsys.readouterr()
    assert verify.main(tmp_path) == 0
    assert "recordings: 1 sealed, 0 open" in capsys.readouterr().out
    assert file.stat().st_size == size
    length, pieces = wav_parts(file)
    copy = tmp_path / "copy.wav"
    copy.write_bytes(b"".join(pieces))
    with wave.open(str(copy)) as sound:
        assert sound.getnframes() == (length - 44) // 4 > 0
