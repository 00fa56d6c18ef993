"""A small copy for listening (A7): made after packing, sides kept, verified by name, gone with its original; the original untouched."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from appliance.events.recording import RecordingCopied
from appliance.store import verify
from firmware_cfg.document import Recording
from tests.support.audio_sounds import level_db
from tests.support.store_custody import DAY_MS, CustodyOffice

POLICY = Recording(pack_after_h=0.0, listening_copy=True, keep_days=30)


def copies(state: Path) -> list[Path]:
    return sorted((state / "listening").rglob("*.ogg"))


def turns(office: CustodyOffice, times: int = 2) -> None:
    for _ in range(times):
        office.keeper.turn()
        office.settle()


def an_office(state: Path, policy: Recording = POLICY) -> CustodyOffice:
    office = CustodyOffice(state, policy=policy)
    office.whole_call("c1", 3.1)
    return office


def test_it_is_made_after_packing_once_and_told_with_its_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = an_office(tmp_path)
    row = office.records.one("c1")
    assert row is not None
    turns(office, 4)
    kinds = [type(fact).__name__ for fact in office.facts]
    assert kinds.index("RecordingPacked") < kinds.index("RecordingCopied") and kinds.count("RecordingCopied") == 1
    (copy,) = copies(tmp_path)
    after = office.records.one("c1")
    assert after is not None and after.copied.endswith("c1.ogg") and (after.sha256, after.size) == (row.sha256, row.size)
    assert copy.stat().st_mode & 0o777 == 0o400 and list((tmp_path / "packing").iterdir()) == []
    office.close()
    assert verify.main(tmp_path) == 0, capsys.readouterr().out


def test_none_is_made_unless_the_policy_says_so_and_without_packing_it_is_of_the_wav(tmp_path: Path) -> None:
    office = an_office(tmp_path, Recording(pack_after_h=0.0))
    turns(office)
    assert copies(tmp_path) == []
    office.whole_call("c2", 2.0, seed=2)
    office.policy = Recording(pack=False, pack_after_h=0.0, listening_copy=True)
    turns(office)
    assert [path.name for path in copies(tmp_path)] == ["c1.ogg", "c2.ogg"]
    office.close()


def test_each_side_keeps_its_own_tone(tmp_path: Path) -> None:
    office = CustodyOffice(tmp_path, policy=POLICY)
    n = np.arange(8000 * 4)
    both = np.stack([8000 * np.sin(2 * np.pi * hz * n / 8000) for hz in (620, 1130)], 1).astype(np.int16)
    office.call_begins("c1")
    for at in range(0, len(both), 800):
        office.taps.hear(0, both[at : at + 800])
        office.clock.wait(100)
        office.recorder.turn()
    office.call_ends("c1")
    office.settle()
    turns(office)
    sound, rate = soundfile.read(copies(tmp_path)[0], dtype="int16")
    assert rate == 8000 and abs(len(sound) / 8000 - 4.0) < 0.2
    left, right = sound[8000:24_000, 0], sound[8000:24_000, 1]
    assert level_db(left, 620) - level_db(left, 1130) > 40 and level_db(right, 1130) - level_db(right, 620) > 40
    assert abs(level_db(left, 620) - level_db(both[8000:24_000, 0], 620)) < 1
    office.close()


@pytest.mark.parametrize("what", ["flipped", "missing"])
def test_a_changed_or_missing_copy_is_named_and_the_original_is_not_blamed(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(tmp_path)
    turns(office)
    office.close()
    (copy,) = copies(tmp_path)
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.unlink()
    if what == "flipped":
        copy.write_bytes(data)
    assert verify.main(tmp_path) == 1
    bad = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BAD")]
    path = copy.relative_to(tmp_path)
    assert bad == [f"BAD  call c1: {path}: the copy for listening is {'missing' if what == 'missing' else 'not what was made'}"]


def test_it_goes_with_its_original(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = an_office(tmp_path)
    turns(office)
    office.clock.wait(40 * DAY_MS)
    office.records.propose("boss", "old", office.clock.utc_ms() - 35 * DAY_MS, 1)
    office.settle()
    office.records.agree("d1", "admin")
    turns(office)
    assert copies(tmp_path) == [] and office.records.listening("c1") is None
    office.close()
    assert verify.main(tmp_path) == 0, capsys.readouterr().out


def test_stopped_before_its_hash_was_told_it_is_made_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = an_office(tmp_path, Recording(pack_after_h=0.0))
    turns(office)
    place = tmp_path / "listening" / Path(office.records.one("c1").path).with_suffix(".ogg")  # type: ignore[union-attr]
    place.parent.mkdir(parents=True)
    place.write_bytes(b"half")
    office.policy = POLICY
    turns(office)
    (fact,) = [fact for fact in office.facts if isinstance(fact, RecordingCopied)]
    assert place.stat().st_size == fact.size
    office.close()
    assert verify.main(tmp_path) == 0, capsys.readouterr().out
