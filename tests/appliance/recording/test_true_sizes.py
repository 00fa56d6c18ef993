"""A sealed recording's header has true sizes: file, download and seal are the same bytes, and a kill at any moment changes nothing (A7)."""

import errno
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from appliance.base.ids import CallId
from appliance.events import Event
from appliance.events.recording import RecordingBlock, RecordingFailed, RecordingSealed
from appliance.recording import wav, writer
from appliance.recording.take import Take
from appliance.recording.vault import seal_after_crash, witness_of
from appliance.store import verify
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock, noise
from tests.support.store_office import RecordingOffice

ROOT = Path(__file__).parents[3]


class UnsealedOffice(RecordingOffice):
    """Killed when the seal was to be told: it never reaches the journal."""

    def tell(self, facts: Sequence[Event]) -> None:
        super().tell([fact for fact in facts if not isinstance(fact, RecordingSealed)])


def seal_of(state: Path, call: str = "c1") -> RecordingSealed | None:
    journal = Journal(state, HandClock(), group_s=0)
    witness = witness_of(journal, CallId(call))
    journal.close()
    assert witness is not None
    return witness.sealed


def restarted(state: Path) -> list[Event]:
    """The seals of the next start, committed."""
    journal = Journal(state, HandClock(), group_s=0)
    facts = seal_after_crash(journal, state / "recordings", HandClock())
    journal.append(facts)
    journal.close()
    return facts


def is_one_and_the_same(state: Path, path: Path) -> None:
    data, sealed = path.read_bytes(), seal_of(state)
    size, pieces = wav.wav_parts(path)
    download = b"".join(pieces)
    assert sealed is not None
    assert sha256(download).hexdigest() == sha256(wav.wav_of(path)).hexdigest() == sealed.sha256 == sha256(data).hexdigest()
    assert size == len(data) == sealed.size
    assert path.stat().st_mode & 0o777 == 0o400
    assert verify.main(state) == 0


def test_file_download_and_seal_are_the_same_bytes_and_a_strict_reader_takes_the_original(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.whole_call("c1", seconds=1.3)
    office.close()
    path = office.recording_of("c1")
    is_one_and_the_same(tmp_path, path)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() == 10_400
        assert sound.readframes(20_000) == noise(1.3, 1).tobytes()
    data = path.read_bytes()
    assert (int.from_bytes(data[4:8], "little"), int.from_bytes(data[40:44], "little")) == (len(data) - 8, len(data) - 44)


def test_a_killed_boxs_recording_gets_true_sizes_at_the_next_start_once(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.3)
    office.close()
    path = office.recording_of("c1")
    journal = Journal(tmp_path, HandClock(), group_s=0)
    first = seal_after_crash(journal, tmp_path / "recordings", HandClock())  # killed before it is committed
    journal.close()
    assert path.read_bytes()[:44] == wav.header(41_600)
    assert verify.main(tmp_path) == 0
    assert restarted(tmp_path) == first
    is_one_and_the_same(tmp_path, path)
    assert restarted(tmp_path) == []


def test_killed_before_the_journal_knew_of_its_header_the_chain_gets_the_header_of_the_running_call(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(0.4)
    office.close()
    journal = Journal(tmp_path, HandClock(), group_s=0)
    facts = seal_after_crash(journal, tmp_path / "recordings", HandClock())
    assert facts == seal_after_crash(journal, tmp_path / "recordings", HandClock())
    journal.close()
    assert verify.main(tmp_path) == 0
    assert [fact.index for fact in facts if isinstance(fact, RecordingBlock)] == [0, 1]
    restarted(tmp_path)
    is_one_and_the_same(tmp_path, office.recording_of("c1"))


def test_killed_between_true_sizes_and_the_seal_in_order_the_next_start_seals_the_same_bytes(tmp_path: Path) -> None:
    office = UnsealedOffice(tmp_path)
    office.whole_call("c1")
    office.close()
    path = office.recording_of("c1")
    before = path.read_bytes()
    assert before[:44] == wav.header(len(before) - 44)
    assert seal_of(tmp_path) is None
    assert verify.main(tmp_path) == 0
    (sealed,) = restarted(tmp_path)
    assert isinstance(sealed, RecordingSealed)
    assert path.read_bytes() == before
    is_one_and_the_same(tmp_path, path)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from appliance.recording.vault import seal_after_crash
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock
from tests.support.store_office import RecordingOffice

state, moment, order = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
office = RecordingOffice(state)
office.call_begins("c1")
office.speaks(1.3)
asyncio.run(office.journal.committed(office.journal.last_number))

def killing(name):
    real = getattr(os, name)
    def call(*args):
        header = name != "pwrite" or args[2] == 0
        if header and moment == f"before {name}":
            os.kill(os.getpid(), signal.SIGKILL)
        given = real(*args)
        if header and moment == f"after {name}":
            os.kill(os.getpid(), signal.SIGKILL)
        return given
    setattr(os, name, call)

if order == "restart":
    office.close()
    journal = Journal(state, HandClock(), group_s=0)
killing("pwrite")
killing("fchmod")
if order == "restart":
    seal_after_crash(journal, state / "recordings", HandClock())
else:
    office.call_ends("c1")
os._exit(0)
"""


@pytest.mark.parametrize("order", ["in order", "restart"])
@pytest.mark.parametrize("moment", ["before pwrite", "after pwrite", "before fchmod", "after fchmod"])
def test_kill_9_around_the_headers_write_leaves_what_verifies_and_is_sealed_whole(tmp_path: Path, moment: str, order: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment, order], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert verify.main(tmp_path) == 0
    restarted(tmp_path)
    (path,) = (tmp_path / "recordings").rglob("*.wav")
    is_one_and_the_same(tmp_path, path)
    sound = np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 2)
    assert np.array_equal(sound, noise(1.3, 1))


def test_a_part_of_a_frame_that_a_power_cut_left_is_kept_and_not_counted_in_the_sizes(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.3)
    office.close()
    path = office.recording_of("c1")
    with path.open("ab") as file:
        file.write(b"\x01\x02\x03")
    restarted(tmp_path)
    assert path.read_bytes() == wav.header(41_600) + noise(1.3, 1).tobytes() + b"\x01\x02\x03"
    is_one_and_the_same(tmp_path, path)


def test_a_state_sealed_when_headers_kept_the_largest_sizes_still_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Take, "true_sizes", lambda _: None)
    office = RecordingOffice(tmp_path)
    office.whole_call("c1")
    office.close()
    path = office.recording_of("c1")
    assert path.read_bytes()[:44] == wav.header()
    assert verify.main(tmp_path) == 0
    assert wav.wav_of(path)[:44] == wav.header(path.stat().st_size - 44)
    path.chmod(0o600)
    path.write_bytes(wav.wav_of(path))  # nobody may make it a new one either
    assert verify.main(tmp_path) == 1


def test_an_older_box_killed_before_its_seal_left_a_read_only_file_and_it_is_sealed(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.3)
    office.close()
    path = office.recording_of("c1")
    path.chmod(0o400)
    restarted(tmp_path)
    is_one_and_the_same(tmp_path, path)


@pytest.mark.parametrize("head", [wav.header(), wav.header(0), wav.header(70_404), b"\0" * 44], ids=["largest", "none", "more", "zeros"])
def test_another_header_on_a_sealed_recording_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], head: bytes) -> None:
    office = RecordingOffice(tmp_path)
    office.whole_call("c1")
    office.close()
    path = office.recording_of("c1")
    path.chmod(0o600)
    path.write_bytes(head + path.read_bytes()[44:])
    assert verify.main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("BAD  call c1: ")


@pytest.mark.parametrize("seconds", [0.4, 1.3], ids=["not in the journal", "in the journal"])
@pytest.mark.parametrize("at", [0, 4, 22, 40, 43])
def test_any_other_byte_in_an_open_recordings_header_is_named_and_it_is_not_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: int, seconds: float
) -> None:
    for kind, ends in ((RecordingOffice, False), (UnsealedOffice, True)):  # the header of a running call; the true one
        state = tmp_path / kind.__name__
        state.mkdir()
        office = kind(state)
        office.call_begins("c1")
        office.speaks(seconds)
        if ends:
            office.call_ends("c1")
        office.close()
        path = office.recording_of("c1")
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
        assert verify.main(office.state) == 1
        assert "block 0 (bytes 0 to 43) is not what was recorded" in capsys.readouterr().out
        (alarm,) = restarted(office.state)
        assert "recording of call c1: block 0" in alarm.text  # type: ignore[attr-defined]
        assert path.read_bytes() == data


def test_an_open_recording_with_true_sizes_may_not_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = UnsealedOffice(tmp_path)
    office.whole_call("c1")
    office.close()
    path = office.recording_of("c1")
    path.chmod(0o600)
    with path.open("ab") as file:
        file.write(bytes(320))
    assert verify.main(tmp_path) == 1
    assert "BAD  call c1: " in capsys.readouterr().out


def test_a_header_that_the_disk_refuses_is_tried_again_and_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Take) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    office = RecordingOffice(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Take, "true_sizes", refused)
        office.whole_call("c1")
        for _ in range(30):
            office.clock.wait(100)
            office.recorder.turn()
    assert [type(fact) for fact in office.facts].count(RecordingFailed) == 1
    assert not [fact for fact in office.facts if isinstance(fact, RecordingSealed)]
    assert office.alarms == ["calls that cannot be recorded: c1; make space on the disk"]
    office.recorder.turn()
    office.close()
    assert office.alarms[-1] is None
    assert office.taps.freed == [0]
    is_one_and_the_same(tmp_path, office.recording_of("c1"))


def test_a_long_call_is_read_back_in_rounds_while_the_others_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "READ_BACK", 20_000)
    office = RecordingOffice(tmp_path)
    office.call_begins("c1", 0)
    office.call_begins("c2", 1)
    office.speaks(2.0, 0)
    office.call_ends("c1")  # 64,044 bytes: four rounds
    sealed_after = 1
    while not [fact for fact in office.facts if isinstance(fact, RecordingSealed)]:
        size = office.recording_of("c2").stat().st_size
        office.speaks(0.1, 1)
        sealed_after += 1
        assert office.recording_of("c2").stat().st_size == size + 3200
    assert sealed_after == 4
    office.close()
    is_one_and_the_same(tmp_path, office.recording_of("c1"))


def test_a_call_longer_than_32_bits_can_say_keeps_the_largest_sizes() -> None:
    assert wav.header(0xFFFF_FFFF) == wav.header(1 << 33) == wav.header()


def test_a_download_that_began_before_the_seal_goes_on_as_it_began(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(0.5)
    copy = wav.Copy(office.recording_of("c1"))
    office.speaks(0.5)
    office.call_ends("c1")
    office.close()
    assert b"".join(copy.pieces()) == wav.header(16_000) + noise(0.5, 1).tobytes()


@pytest.mark.parametrize("size", [0, 1, 20, 43])
def test_killed_before_its_header_was_whole_a_recording_still_plays(tmp_path: Path, size: int) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(0.1)
    office.close()
    path = office.recording_of("c1")
    os.truncate(path, size)
    restarted(tmp_path)
    with wave.open(str(path)) as recorded:
        assert recorded.getnframes() == 0
    is_one_and_the_same(tmp_path, path)
    assert verify.main(tmp_path) == 0
