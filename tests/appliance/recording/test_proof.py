"""An outsider, with one program of 50 lines and a printed head, names what was done to a recording by call and second (A7)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.base.errors import Refused
from appliance.recording.heads import Heads, report
from appliance.store import verify
from appliance.store.proof import heads, proof_of
from appliance.store.proof_command import head as head_command
from tests.support.store_office import RecordingOffice

PROGRAM = Path(__file__).parents[3] / "docs" / "prove_recording.py"
DAY_MS = 86_400_000


def day_of(utc_ms: int) -> str:
    return f"day-{utc_ms // DAY_MS:06}"


@pytest.fixture(scope="module")
def closed_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Two calls, then the day's head: (state, printed hash)."""
    state = tmp_path_factory.mktemp("day")
    office = RecordingOffice(state)
    keeper = Heads(state, office.bus.publish, day_of)
    keeper.learn([], lambda _: [], office.clock.utc_ms())
    office.bus.subscribe(keeper.take)
    office.whole_call("c1", 5.2, seed=1)
    office.whole_call("c2", 3.0, seed=2)
    assert not keeper.look(office.clock.now_ms(), office.clock.utc_ms())
    assert keeper.look(office.clock.now_ms(), office.clock.utc_ms() + DAY_MS)
    assert not keeper.look(office.clock.now_ms(), office.clock.utc_ms() + DAY_MS)
    office.close()
    (head,) = keeper.unwritten
    printed = keeper.write_report(head).read_text().splitlines()[1].split()[2]
    assert keeper.last is not None and report(keeper.last).splitlines()[1].split()[2] == printed == keeper.last.hash.hex()
    return state, printed


def judged(tmp_path: Path, closed_day: tuple[Path, str], data: bytes, call: str = "c1", printed: str | None = None) -> tuple[int, str]:
    state, head = closed_day
    (tmp_path / "r.wav").write_bytes(data)
    (tmp_path / "p.json").write_text(json.dumps(proof_of(state / "journal.db", call)))
    command = [sys.executable, "-S", str(PROGRAM), str(tmp_path / "r.wav"), str(tmp_path / "p.json"), printed or head]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    return done.returncode, done.stdout + done.stderr


def original(state: Path, call: str = "c1") -> bytes:
    (found,) = (state / "recordings").rglob(f"{call}.wav")
    return found.read_bytes()


def test_the_program_is_short_and_needs_the_standard_library_only() -> None:
    assert len(PROGRAM.read_text().splitlines()) <= 50


def test_an_untouched_recording_is_proven(tmp_path: Path, closed_day: tuple[Path, str]) -> None:
    assert judged(tmp_path, closed_day, original(closed_day[0])) == (0, "call c1 is what was recorded\n")


def block(n: int) -> slice:
    return slice(44 + 16_000 * n, 44 + 16_000 * (n + 1))


def flipped(data: bytearray, other: bytes) -> None:
    data[44 + 16_000 * 3 + 77] ^= 1


def cut(data: bytearray, other: bytes) -> None:
    del data[44 + 16_000 * 6 :]


def removed(data: bytearray, other: bytes) -> None:
    del data[block(4)]


def reordered(data: bytearray, other: bytes) -> None:
    data[block(2)], data[block(5)] = data[block(5)], data[block(2)]


def exchanged(data: bytearray, other: bytes) -> None:
    data[block(3)] = other[block(3)]


def header_changed(data: bytearray, other: bytes) -> None:
    data[24] ^= 1


def lengthened(data: bytearray, other: bytes) -> None:
    data += bytes(16_000)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (flipped, ["second 1.5 to 2.0: is changed"]),
        (cut, ["second 3.0 to 3.5: is missing", "second 5.0 to 5.5: is missing"]),
        (removed, ["second 2.0 to 2.5: what was recorded at second 2.5 stands there", "second 5.0 to 5.5: is missing"]),
        (
            reordered,
            ["second 1.0 to 1.5: what was recorded at second 2.5 stands there", "second 2.5 to 3.0: what was recorded at second 1.0"],
        ),
        (exchanged, ["second 1.5 to 2.0: is changed"]),
        (header_changed, ["the header: is changed"]),
        (lengthened, ["second 5.5 to 6.0: is more than was recorded"]),
    ],
)
def test_each_change_is_named_by_call_and_second(
    tmp_path: Path, closed_day: tuple[Path, str], change: Callable[[bytearray, bytes], None], words: list[str]
) -> None:
    data = bytearray(original(closed_day[0]))
    change(data, original(closed_day[0], "c2"))
    code, said = judged(tmp_path, closed_day, bytes(data))
    assert code == 1
    for each in words:
        assert f"call c1: {each}" in said


def test_another_calls_recording_or_another_head_proves_nothing(tmp_path: Path, closed_day: tuple[Path, str]) -> None:
    state, head = closed_day
    assert judged(tmp_path, closed_day, original(state, "c2"))[0] == 1
    code, said = judged(tmp_path, closed_day, original(state), printed=head.replace(head[0], "f" if head[0] != "f" else "e"))
    assert code == 1 and "does not lead to the printed head" in said


def test_who_forges_sound_seal_and_head_together_is_found_by_the_printed_one(tmp_path: Path, closed_day: tuple[Path, str]) -> None:
    """The same office once more with other sound: consistent in itself, but not what was printed."""
    forged = tmp_path / "forged"
    forged.mkdir()
    office = RecordingOffice(forged)
    keeper = Heads(forged, office.bus.publish, day_of)
    keeper.learn([], lambda _: [], office.clock.utc_ms())
    office.bus.subscribe(keeper.take)
    office.whole_call("c1", 5.2, seed=9)
    keeper.print_now(office.clock.now_ms(), office.clock.utc_ms(), "admin")
    office.close()
    assert verify.main(forged) == 0
    code, said = judged(tmp_path, (forged, closed_day[1]), original(forged))
    assert code == 1 and "does not lead to the printed head" in said


def test_verify_holds_a_journal_against_the_heads_that_were_printed(
    closed_day: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    state, head = closed_day
    (entry,) = heads(state / "journal.db")
    assert verify.main(state, [(entry.number, bytes.fromhex(head))]) == 0
    assert verify.main(state, [(entry.number, bytes(32))]) == 1
    assert "its hash is not the printed one" in capsys.readouterr().out
    assert verify.main(state, [(entry.number + 1, bytes(32))]) == 1
    assert "missing, its head was printed" in capsys.readouterr().out


def test_the_heads_are_printed_by_a_command_and_a_day_without_one_is_said(
    closed_day: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    state, head = closed_day
    assert head_command(state, None) == 0
    assert head in capsys.readouterr().out
    assert head_command(state, "2001-01-01") == 1


def test_a_recording_sealed_after_the_last_head_has_no_proof_yet(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.whole_call("c1", 1.0)
    office.close()
    with pytest.raises(Refused, match=r"proof\.no_head"):
        proof_of(tmp_path / "journal.db", "c1")


def test_a_head_that_names_other_seals_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = RecordingOffice(tmp_path)
    keeper = Heads(tmp_path, office.bus.publish, day_of)  # does not hear of the seal
    office.whole_call("c1", 1.0)
    keeper.print_now(office.clock.now_ms(), office.clock.utc_ms(), "admin")
    office.close()
    assert verify.main(tmp_path) == 1
    assert "does not name the seals before it" in capsys.readouterr().out


def test_a_report_that_was_not_written_before_the_box_ended_is_written_at_the_next_start(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    keeper = Heads(tmp_path, office.bus.publish, day_of)
    office.bus.subscribe(keeper.take)
    keeper.print_now(office.clock.now_ms(), office.clock.utc_ms(), "admin")
    office.close()
    later = Heads(tmp_path, office.bus.publish, day_of)
    later.learn(heads(tmp_path / "journal.db"), lambda _: [], office.clock.utc_ms())
    path = later.write_report(later.unwritten[0], "reconciliation: nothing is missing\n")
    assert os.listdir(path.parent) == [path.name] and "nothing is missing" in path.read_text()
    again = Heads(tmp_path, office.bus.publish, day_of)
    again.learn(heads(tmp_path / "journal.db"), lambda _: [], office.clock.utc_ms())
    assert again.unwritten == []
