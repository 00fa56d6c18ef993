"""The recording pauses while payment data are spoken; the gap is marked, and a forgotten pause ends by itself (A7)."""

import pytest

from appliance.base.errors import Refused
from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.events.recording import RecordingPaused, RecordingResumed
from tests.support.office import TestOffice, a_document


@pytest.fixture
def office() -> TestOffice:
    office = TestOffice(a_document())
    office.log_in("b1", "a1")
    return office


def moments(office: TestOffice, call: CallId) -> list[str]:
    return [each.what for each in office.call(call).timeline if "hushed" in each.what]


def test_a_pause_and_its_end_stand_in_the_timeline(office: TestOffice) -> None:
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.PauseRecording, seat="b1")
    assert office.ears.paused == {call}
    with pytest.raises(Refused, match=r"recording\.paused"):
        office.do(commands.PauseRecording, seat="b1")
    office.wait(20_000)
    office.do(commands.ResumeRecording, seat="b1")
    assert office.ears.paused == frozenset()
    with pytest.raises(Refused, match="not_paused"):
        office.do(commands.ResumeRecording, seat="b1")
    assert moments(office, call) == ["timeline.hushed", "timeline.unhushed"]


def test_a_forgotten_pause_ends_by_the_box(office: TestOffice) -> None:
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.PauseRecording, seat="b1")
    office.wait(299_000)
    assert not office.told(RecordingResumed) and office.told(RecordingPaused)
    office.wait(2_000)
    assert [fact.by for fact in office.told(RecordingResumed)] == ["box"]  # type: ignore[attr-defined]
    assert office.ears.paused == frozenset()


def test_without_a_call_there_is_nothing_to_pause(office: TestOffice) -> None:
    with pytest.raises(Refused, match="not_talking"):
        office.do(commands.PauseRecording, seat="b1")


def test_a_pause_ends_with_its_call(office: TestOffice) -> None:
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.PauseRecording, seat="b1")
    office.do(commands.HangUp, seat="b1")
    office.wait(400_000)
    second = office.ring("l2")
    assert not office.told(RecordingResumed) and second not in office.ears.paused
