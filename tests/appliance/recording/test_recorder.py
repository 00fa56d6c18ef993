"""The recorder: every sample of a call in its place, in blocks that the journal knows, whole after any end (A7)."""

import subprocess
import wave
from hashlib import blake2b, sha256
from pathlib import Path

import numpy as np
import pytest

from appliance.base.ids import CallId
from appliance.events.recording import RecordingBegan, RecordingBlock, RecordingGap, RecordingSealed
from appliance.recording import wav
from appliance.recording.vault import left_open, seal_after_crash, verify_recording
from appliance.recording.writer import Recorder
from appliance.store import verify
from appliance.store.bus import Bus
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock, HandTaps, Sound, noise
from tests.support.store_office import RecordingOffice


@pytest.fixture
def office(tmp_path: Path) -> RecordingOffice:
    return RecordingOffice(tmp_path)


def sound_of(path: Path) -> Sound:
    return np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 2)


def test_every_sample_is_there_left_the_customer_right_the_agent(office: RecordingOffice) -> None:
    office.whole_call("c1", seconds=3.3, seed=5)
    office.close()
    assert np.array_equal(sound_of(office.recording_of("c1")), noise(3.3, 5))
    assert office.taps.freed == [0]


def test_the_blocks_cover_every_byte_and_the_seal_covers_the_whole(office: RecordingOffice) -> None:
    office.whole_call("c1", seconds=1.7)
    office.close()
    data = office.recording_of("c1").read_bytes()
    blocks = [fact for fact in office.facts if isinstance(fact, RecordingBlock)]
    assert [block.size for block in blocks] == [44, 16_000, 16_000, 16_000, 6_400]
    assert [block.offset for block in blocks] == [0, 44, 16_044, 32_044, 48_044]
    while_it_ran = wav.header() + data[44:]
    for block in blocks:
        assert block.blake2b == blake2b(while_it_ran[block.offset : block.offset + block.size], digest_size=32).hexdigest()
    sealed = office.facts[-1]
    together = blake2b(b"".join(bytes.fromhex(block.blake2b) for block in blocks), digest_size=32).hexdigest()
    whole = sha256(data).hexdigest()
    assert sealed == RecordingSealed(
        at_ms=sealed.at_ms, call=CallId("c1"), size=len(data), seconds=1.7, sha256=whole, lost_ms=0, blocks=together
    )


def test_the_path_holds_the_call_and_the_day_of_its_pick_up(office: RecordingOffice) -> None:
    office.whole_call("c1", seconds=0.2)
    office.close()
    began = next(fact for fact in office.facts if isinstance(fact, RecordingBegan))
    assert began.path == "2026/01/01/c1.wav"
    assert (office.state / "recordings" / began.path).stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("call", ["../c1", "a/b", "", ".hidden", "c1\n"])
def test_a_call_whose_id_is_no_name_is_refused(office: RecordingOffice, call: str) -> None:
    with pytest.raises(ValueError, match="file's name"):
        office.recorder.begin(CallId(call), 0, 0)
    office.close()


def test_the_journal_hears_of_bytes_only_once_a_second_and_after_they_are_synced(office: RecordingOffice) -> None:
    office.call_begins("c1")
    office.speaks(0.9)
    assert not [fact for fact in office.facts if isinstance(fact, RecordingBlock)]
    assert office.recording_of("c1").stat().st_size == 44 + 0.9 * 32_000  # yet a kill would lose none of it
    office.speaks(0.2)
    assert [fact.index for fact in office.facts if isinstance(fact, RecordingBlock)] == [0, 1, 2]
    office.close()


def test_frames_that_the_tap_lost_are_its_silence_and_the_seal_counts_them(office: RecordingOffice) -> None:
    office.call_begins("c1")
    office.speaks(0.5, seed=1)
    office.speaks(0.1, seed=2)
    office.taps.loses(0, 1600)
    office.speaks(0.4, seed=3)
    office.call_ends("c1")
    office.close()
    sound = sound_of(office.recording_of("c1"))
    expected = np.concatenate([noise(0.5, 1), noise(0.1, 2), np.zeros((1600, 2), np.int16), noise(0.4, 3)])
    assert np.array_equal(sound, expected)
    assert office.facts[-1].lost_ms == 200  # type: ignore[attr-defined]


def test_calls_are_recorded_side_by_side_and_one_that_fails_stops_no_other(
    office: RecordingOffice, caplog: pytest.LogCaptureFixture
) -> None:
    for tap, call in enumerate(("c1", "c2", "c3", "c4")):
        office.call_begins(call, tap)
    office.taps.heard[1] = [np.zeros((3, 3), np.int16), np.zeros((3, 2), np.int16)]  # a tap gone mad
    for tap in (0, 2, 3):
        office.speaks(1.1, tap, seed=tap)
    for call in ("c1", "c3", "c4"):
        office.call_ends(call)
    office.close()
    for tap, call in ((0, "c1"), (2, "c3"), (3, "c4")):
        assert np.array_equal(sound_of(office.recording_of(call)), noise(1.1, tap))
    assert "call c2: its recording failed; the others go on" in caplog.text


def test_the_copy_for_a_player_has_true_sizes_also_during_the_call(office: RecordingOffice, tmp_path: Path) -> None:
    office.call_begins("c1")
    office.speaks(0.7)
    path = office.recorder.path(CallId("c1"))
    assert path is not None
    with path.open("ab") as file:
        file.write(b"\x01")  # a part of a frame, as a kill may leave it
    (tmp_path / "copy.wav").write_bytes(wav.wav_of(path))
    with wave.open(str(tmp_path / "copy.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth(), sound.getnframes()) == (2, 8000, 2, 5600)
    size, pieces = wav.wav_parts(path)
    assert size == sum(len(piece) for piece in pieces)
    office.close()


def test_an_independent_player_reads_the_original_to_its_end(office: RecordingOffice, tmp_path: Path) -> None:
    office.whole_call("c1", seconds=1.3, seed=4)
    office.close()
    played = subprocess.run(["sox", office.recording_of("c1"), "-t", "raw", "-"], capture_output=True, check=True).stdout
    assert played == noise(1.3, 4).tobytes()


def test_no_file_is_made_before_the_journal_knows_of_it_and_it_never_runs_far_ahead(tmp_path: Path) -> None:
    """A journal that does not commit (full disk) holds the file back too, or a killed box would leave strangers behind."""
    clock, taps, durable = HandClock(), HandTaps(), [0]
    journal = Journal(tmp_path, clock, group_s=0)
    bus = Bus(journal)
    recorder = Recorder(tmp_path / "recordings", taps, bus.publish, clock, durable=lambda: durable[0])
    bus.subscribe(recorder.heard)
    recorder.begin(CallId("c1"), 0, clock.now_ms())

    def speaks(seconds: int) -> None:
        for _ in range(seconds * 10):
            taps.hear(0, noise(0.1))
            clock.wait(100)
            recorder.turn()

    speaks(2)
    assert not list((tmp_path / "recordings").rglob("*.wav"))
    durable[0] = 1
    speaks(10)
    (file,) = (tmp_path / "recordings").rglob("*.wav")
    assert 4 * 32_000 < file.stat().st_size < 5 * 32_000
    durable[0] = journal.last_number
    speaks(1)
    durable[0] = journal.last_number
    recorder.end(CallId("c1"))
    for _ in range(10):
        durable[0] = journal.last_number
        recorder.turn(sync=True)
    journal.close()
    assert file.stat().st_size == 44 + 13 * 32_000
    assert verify.main(tmp_path) == 0


def test_a_recording_of_a_killed_box_is_sealed_whole_once(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.3)
    office.call_begins("c2", tap=1)  # killed before its first byte
    office.close()
    journal = Journal(tmp_path, office.clock, group_s=0)
    facts = seal_after_crash(journal, tmp_path / "recordings", office.clock)
    assert [(type(fact).__name__, fact.call) for fact in facts] == [  # type: ignore[attr-defined]
        ("RecordingBlock", "c1"), ("RecordingSealed", "c1"), ("RecordingSealed", "c2"),
    ]  # fmt: skip
    assert facts[1].after_crash  # type: ignore[attr-defined]
    assert facts[1].seconds == 1.3  # type: ignore[attr-defined]
    journal.append(facts)
    journal.close()
    journal = Journal(tmp_path, office.clock, group_s=0)
    assert seal_after_crash(journal, tmp_path / "recordings", office.clock) == []
    assert verify_recording(journal, tmp_path / "recordings", CallId("c1")) is None
    assert verify_recording(journal, tmp_path / "recordings", CallId("c9")) == "it was never recorded"
    journal.close()
    assert verify.main(tmp_path) == 0


def test_an_open_recording_that_was_tampered_with_is_not_sealed_but_named(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.3)
    office.close()
    path = office.recording_of("c1")
    path.write_bytes(path.read_bytes()[:20_000])
    journal = Journal(tmp_path, office.clock)
    (alarm,) = seal_after_crash(journal, tmp_path / "recordings", office.clock)
    journal.close()
    assert "recording of call c1: the file was cut" in alarm.text  # type: ignore[attr-defined]


def test_the_recorders_thread_ends_in_order_and_leaves_a_running_call_for_the_next_start(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1", 0)
    office.call_begins("c2", 1)
    office.taps.hear(0, noise(0.6))
    office.taps.hear(1, noise(0.6))
    office.recorder.end(CallId("c1"))
    office.recorder.start()
    office.recorder.stop()
    office.close()
    assert {fact.call for fact in office.facts if isinstance(fact, RecordingSealed)} == {"c1"}
    assert office.recording_of("c2").stat().st_size == 44 + 19_200
    assert verify.main(tmp_path) == 0


def test_a_recording_goes_on_after_a_kill_with_silence_of_true_length_and_one_mark(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(2.3, seed=5)  # the last 0.3 s are in the file, their block is not in the journal
    office.close()
    again = RecordingOffice(tmp_path, office.clock)
    again.clock.wait(1_700)
    assert seal_after_crash(again.journal, tmp_path / "recordings", again.clock, but={"c1"}) == []
    again.recorder.keep(left_open(again.journal))
    again.recorder.resume(CallId("c1"), 3, again.clock.now_ms() - 4_000)
    again.speaks(1.2, tap=3, seed=6)
    again.call_ends("c1")
    again.close()
    sound = sound_of(again.recording_of("c1"))
    assert np.array_equal(sound[: 23 * 800], noise(2.3, 5)) and np.array_equal(sound[4 * 8000 :], noise(1.2, 6))
    assert not sound[23 * 800 : 4 * 8000].any()
    (gap,) = [fact for fact in again.facts if isinstance(fact, RecordingGap)]
    assert (gap.offset, gap.gap_ms) == (44 + 23 * 3200, 1_700)
    assert verify.main(tmp_path) == 0 and again.taps.freed == [3]


def test_a_file_that_ends_in_the_midst_of_a_sample_goes_on_with_whole_samples(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.1, seed=5)
    path = office.recording_of("c1")
    office.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 3)  # a kill in the midst of a write
    again = RecordingOffice(tmp_path, office.clock)
    again.recorder.keep(left_open(again.journal))
    again.recorder.resume(CallId("c1"), 0, again.clock.now_ms() - 2_000)
    again.speaks(0.5, seed=6)
    again.call_ends("c1")
    again.close()
    assert np.array_equal(sound_of(path)[-4000:], noise(0.5, 6)) and verify.main(tmp_path) == 0


@pytest.mark.parametrize("kill", ["before its first byte", "with half a header", "between true sizes and seal"])
def test_a_kill_at_the_ends_of_a_recording_is_gone_on_from(tmp_path: Path, kill: str) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(0.7, seed=5)
    path = office.recording_of("c1")
    office.close()
    with path.open("r+b") as file:
        if kill == "with half a header":
            file.truncate(20)
        elif kill == "between true sizes and seal":
            file.write(wav.header(path.stat().st_size - 44))
    if kill == "before its first byte":
        path.unlink()
    again = RecordingOffice(tmp_path, office.clock)
    again.recorder.keep(left_open(again.journal))
    again.recorder.resume(CallId("c1"), 0, again.clock.now_ms() - 1_000)
    again.speaks(0.5, seed=6)
    again.call_ends("c1")
    again.close()
    assert np.array_equal(sound_of(path)[8000:], noise(0.5, 6)) and verify.main(tmp_path) == 0


def test_the_recording_of_a_call_that_was_not_taken_up_is_sealed_as_it_is(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(2.3, seed=5)
    office.close()
    again = RecordingOffice(tmp_path, office.clock)
    again.recorder.keep(left_open(again.journal))
    again.call_ends("c1")
    again.recorder.turn()
    again.close()
    sealed = again.facts[-1]
    assert isinstance(sealed, RecordingSealed) and sealed.after_crash and verify.main(tmp_path) == 0
    assert np.array_equal(sound_of(again.recording_of("c1")), noise(2.3, 5)) and again.taps.freed == []


def test_a_recording_that_was_paused_when_the_box_died_stays_paused(tmp_path: Path) -> None:
    office = RecordingOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.0, seed=5)
    office.close()
    again = RecordingOffice(tmp_path, office.clock)
    again.recorder.keep(left_open(again.journal))
    again.recorder.resume(CallId("c1"), 0, again.clock.now_ms() - 1_500, paused=True)
    again.speaks(0.5, seed=6)
    again.call_ends("c1")
    again.close()
    assert not sound_of(again.recording_of("c1"))[8000:].any()
