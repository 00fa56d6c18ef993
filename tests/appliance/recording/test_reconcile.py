"""Calls without a recording, recordings without a call: each kind is named, and an honest day has none (A7)."""

from datetime import datetime
from pathlib import Path

import pytest

from appliance.base.ids import CallId, LineId
from appliance.events.call import CallEnded, CallPickedUp, CallStarted
from appliance.events.recording import RecordingPaused, RecordingResumed
from appliance.recording.reconcile_command import main as reconcile_command
from tests.support.store_custody import CustodyOffice


def picked_up_call(office: CustodyOffice, call: str, seconds: float, recorded: bool = True) -> None:
    now = office.clock.now_ms()
    office.tell([CallStarted(at_ms=now, call=CallId(call), direction="in", line=LineId("l1")), CallPickedUp(at_ms=now, call=CallId(call))])
    if recorded:
        office.recorder.begin(CallId(call), 0, now)
        office.speaks(seconds)
    else:
        office.clock.wait(round(seconds * 1000))
    office.tell([CallEnded(at_ms=office.clock.now_ms(), call=CallId(call), by="caller")])
    office.recorder.end(CallId(call))
    office.recorder.turn()


def found(office: CustodyOffice) -> list[tuple[str, str]]:
    office.settle()
    day = datetime.fromtimestamp(office.clock.utc_ms() / 1000).strftime("%Y-%m-%d")
    return [(each.what, each.about) for each in office.keeper.differences(day)]


@pytest.fixture
def office(tmp_path: Path) -> CustodyOffice:
    office = CustodyOffice(tmp_path)
    picked_up_call(office, "c1", 2.0)
    return office


def test_an_honest_day_has_no_differences_packed_or_not(office: CustodyOffice, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(office) == []
    office.keeper.turn()
    assert found(office) == []
    day = datetime.fromtimestamp(office.clock.utc_ms() / 1000).strftime("%Y-%m-%d")
    office.close()
    assert reconcile_command(office.state, day) == 0
    assert "1 calls picked up or recorded, 0 differences" in capsys.readouterr().out


def test_a_call_without_a_recording_a_short_one_and_a_recording_without_a_call_are_named(
    office: CustodyOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    picked_up_call(office, "c2", 3.0, recorded=False)
    picked_up_call(office, "c3", 1.0)
    office.clock.wait(5000)
    office.recorder.begin(CallId("c4"), 0, office.clock.now_ms())
    office.speaks(0.5)
    office.recorder.end(CallId("c4"))
    office.recorder.turn()
    office.tell([CallStarted(at_ms=office.clock.now_ms(), call=CallId("c5"), direction="in", line=LineId("l1"))])
    office.tell([CallPickedUp(at_ms=office.clock.now_ms(), call=CallId("c5"))])
    office.recorder.begin(CallId("c5"), 0, office.clock.now_ms())
    office.speaks(0.5)
    office.clock.wait(60_000)  # the recorder hears nothing any more
    office.tell([CallEnded(at_ms=office.clock.now_ms(), call=CallId("c5"), by="caller")])
    office.recorder.end(CallId("c5"))
    office.recorder.turn()
    assert sorted(found(office)) == [("no_call", "c4"), ("no_recording", "c2"), ("short", "c5")]
    day = datetime.fromtimestamp(office.clock.utc_ms() / 1000).strftime("%Y-%m-%d")
    office.close()
    assert reconcile_command(office.state, day) == 1
    said = capsys.readouterr().out
    assert "c2 was picked up and has no recording" in said and "c4 is a recording without a call" in said


def test_a_missing_and_a_foreign_file_are_named_and_a_call_that_runs_is_not_judged(office: CustodyOffice) -> None:
    office.recording_of("c1").rename(office.state / "recordings" / "planted.wav")
    office.tell([CallStarted(at_ms=office.clock.now_ms(), call=CallId("c2"), direction="in", line=LineId("l1"))])
    office.tell([CallPickedUp(at_ms=office.clock.now_ms(), call=CallId("c2"))])
    assert found(office) == [("file_missing", "c1"), ("foreign", "planted.wav")]
    office.close()


def test_while_paused_silence_of_true_length_is_recorded_and_the_seal_says_how_much(tmp_path: Path) -> None:
    office = CustodyOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(1.0, seed=1)
    office.recorder.pause(CallId("c1"), True)
    office.tell([RecordingPaused(at_ms=office.clock.now_ms(), call=CallId("c1"), seat="b1")])  # type: ignore[arg-type]
    office.speaks(1.0, seed=2)
    office.recorder.pause(CallId("c1"), False)
    office.tell([RecordingResumed(at_ms=office.clock.now_ms(), call=CallId("c1"), seat="b1")])  # type: ignore[arg-type]
    office.speaks(1.0, seed=3)
    office.call_ends("c1")
    data = office.recording_of("c1").read_bytes()[44:]
    assert len(data) == 3 * 32_000
    assert data[32_000 : 64_000 + 3_200] == bytes(32_000 + 3_200)  # what was spoken before the word to go on is not kept either
    assert data[:32_000] == office.taps_noise(1.0, 1)
    assert data[64_000 + 3_200 :] == office.taps_noise(1.0, 3)[3_200:]
    office.settle()
    row = office.records.one("c1")
    assert row is not None and "paused" in row.marks
    assert office.facts[-1].paused_ms == 1100  # type: ignore[attr-defined]
    office.close()


def test_a_pause_between_two_fetches_hides_what_was_spoken_in_it(tmp_path: Path) -> None:
    office = CustodyOffice(tmp_path)
    office.call_begins("c1")
    office.speaks(0.5, seed=1)
    office.recorder.pause(CallId("c1"), True)
    office.recorder.pause(CallId("c1"), False)
    office.speaks(0.5, seed=2)
    office.call_ends("c1")
    data = office.recording_of("c1").read_bytes()[44:]
    assert data[16_000 : 16_000 + 3_200] == bytes(3_200) and any(data[16_000 + 3_200 :])
    office.close()
