"""Packed without loss: the same bytes come out, the hashes stay, and whoever is stopped between two steps loses nothing (A7)."""

import os
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from appliance.base.ids import CallId
from appliance.events.recording import RecordingPacked
from appliance.recording import packing, wav
from appliance.recording.vault import verify_recording, witness_of
from appliance.store import verify
from firmware_cfg.document import Recording
from tests.support.store_custody import CustodyOffice

STEPS = ("written", "checked", "told", "in place", "removed")


def files(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "recordings").rglob("*") if path.is_file())


def bytes_of(office: CustodyOffice, call: str) -> bytes:
    row = office.records.one(call)
    assert row is not None
    sound = wav.original(office.state / "recordings" / row.path)
    assert sound is not None
    data = b"".join(sound.pieces())
    assert len(data) == sound.size
    return data


def test_a_packed_recording_gives_back_the_very_bytes_and_any_part_of_them(tmp_path: Path) -> None:
    office = CustodyOffice(tmp_path)
    office.whole_call("c1", 3.1)
    before = bytes_of(office, "c1")
    early = wav.original(office.recording_of("c1"))  # a download that began before
    office.keeper.turn()
    office.settle()
    assert files(tmp_path) == ["c1.flac"]
    assert bytes_of(office, "c1") == before
    row = office.records.one("c1")
    assert row is not None and row.packed.endswith("c1.flac") and sha256(before).hexdigest() == row.sha256
    assert 0 < row.packed_size == next((tmp_path / "recordings").rglob("*.flac")).stat().st_size
    assert early is not None and b"".join(early.pieces()) == before
    sound = wav.original(tmp_path / "recordings" / row.path)
    assert sound is not None
    rng = np.random.default_rng(4)
    for _ in range(40):
        begin, end = sorted(int(n) for n in rng.integers(0, len(before) + 50, 2))
        assert b"".join(sound.pieces(begin, end)) == before[begin:end]
    office.close()
    assert verify.main(tmp_path) == 0


def test_it_is_packed_when_it_is_old_enough_and_never_where_the_policy_says_so(tmp_path: Path) -> None:
    office = CustodyOffice(tmp_path, policy=Recording(pack_after_h=2.0))
    office.whole_call("c1")
    office.keeper.turn()
    assert files(tmp_path) == ["c1.wav"]
    office.clock.wait(2 * 3_600_000)
    office.policy = Recording(pack=False)
    office.keeper.turn()
    assert files(tmp_path) == ["c1.wav"]
    office.policy = Recording(pack_after_h=2.0)
    office.keeper.turn()
    assert files(tmp_path) == ["c1.flac"]
    office.close()


@pytest.mark.parametrize("steps", range(len(STEPS) + 1))
def test_stopped_after_any_step_nothing_is_lost_and_the_next_start_goes_on(
    tmp_path: Path, steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    office = CustodyOffice(tmp_path, policy=Recording(pack=False))
    office.whole_call("c1", 1.3)
    before = bytes_of(office, "c1")
    witness = witness_of(office.journal, CallId("c1"))
    assert witness is not None
    walk = packing.packing(witness, tmp_path, lambda fact: office.told([fact]), office.clock.now_ms)
    assert [next(walk) for _ in range(steps)] == list(STEPS[:steps])
    office.close()
    assert verify.main(tmp_path) == 0, capsys.readouterr().out
    later = CustodyOffice(tmp_path, office.clock)
    assert bytes_of(later, "c1") == before
    later.keeper.turn()
    later.settle()
    assert bytes_of(later, "c1") == before
    assert files(tmp_path) == ["c1.flac"]
    assert not list((tmp_path / "packing").glob("*"))
    later.close()
    assert verify.main(tmp_path) == 0, capsys.readouterr().out


def test_killed_between_packing_and_removal_with_both_files_there_both_are_held_against_the_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = CustodyOffice(tmp_path, policy=Recording(pack=False))
    office.whole_call("c1", 1.3)
    witness = witness_of(office.journal, CallId("c1"))
    assert witness is not None
    walk = packing.packing(witness, tmp_path, lambda fact: office.told([fact]), office.clock.now_ms)
    for _ in range(4):
        next(walk)
    office.close()
    assert files(tmp_path) == ["c1.flac", "c1.wav"]
    assert verify.main(tmp_path) == 0
    original = office.recording_of("c1")
    original.chmod(0o600)
    data = bytearray(original.read_bytes())
    data[20_000] ^= 1
    original.write_bytes(data)
    assert verify.main(tmp_path) == 1
    assert "call c1" in capsys.readouterr().out


def packed_office(tmp_path: Path) -> tuple[CustodyOffice, Path]:
    office = CustodyOffice(tmp_path)
    office.whole_call("c1", 5.2, seed=1)
    office.whole_call("c2", 5.2, seed=2)
    office.keeper.turn()
    office.settle()
    (path,) = (tmp_path / "recordings").rglob("c1.flac")
    path.chmod(0o600)
    return office, path


@pytest.mark.parametrize("at", [0.05, 0.3, 0.7, 0.999])
def test_a_flipped_byte_of_a_packed_file_is_named_by_call_and_second(tmp_path: Path, at: float, capsys: pytest.CaptureFixture[str]) -> None:
    office, path = packed_office(tmp_path)
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 4
    path.write_bytes(data)
    assert verify_recording(office.journal, tmp_path / "recordings", CallId("c1")) is not None
    office.close()
    assert verify.main(tmp_path) == 1
    said = capsys.readouterr().out.splitlines()[0]
    assert said.startswith("BAD  call c1:") and "second" in said


def test_a_packed_file_cut_removed_or_exchanged_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office, path = packed_office(tmp_path)
    office.close()
    whole, other = path.read_bytes(), path.with_name("c2.flac").read_bytes()
    for data in (whole[: len(whole) // 2], other, b"", b"fLaC", None):
        path.write_bytes(data) if data is not None else path.unlink()
        assert verify.main(tmp_path) == 1
        assert capsys.readouterr().out.startswith("BAD  call c1:")


def test_another_packing_of_the_same_sound_is_named_as_it_is_not_what_was_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import soundfile

    office, path = packed_office(tmp_path)
    office.close()
    samples, rate = soundfile.read(path, dtype="int16")
    soundfile.write(path, samples, rate, subtype="PCM_16", format="FLAC", compression_level=0.0)
    assert verify.main(tmp_path) == 1
    assert "though it sounds the same" in capsys.readouterr().out


def test_a_recording_that_was_changed_before_packing_is_not_packed_and_stays_the_witness(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = CustodyOffice(tmp_path)
    office.whole_call("c1", 2.0)
    original = office.recording_of("c1")
    original.chmod(0o600)
    data = bytearray(original.read_bytes())
    data[20_000] ^= 1
    original.write_bytes(data)
    office.keeper.turn()
    office.keeper.turn()
    assert files(tmp_path) == ["c1.wav"]
    assert not [fact for fact in office.facts if isinstance(fact, RecordingPacked)]
    office.close()
    assert verify.main(tmp_path) == 1
    assert os.listdir(tmp_path / "packing") == []
