"""A prompt spoken at a seat (A5): out of routing, recorded by the real audio core, heard there, accepted or gone; in virtual time."""

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.audio.prompts import Pcm
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId
from appliance.calls import commands
from appliance.calls.commands import BeginTake, EndTake, HearTake, RecordTake, StopTake
from appliance.calls.sound import SoundBoard
from appliance.calls.studio import Studio
from appliance.events import line as told
from appliance.events.prompt import PromptSet, PromptTakeBegan, PromptTakeEnded
from appliance.events.seat import SeatStateChanged
from appliance.flow.prompts import Prompts
from appliance.flow.sounds import EDGE, PEAK, RATE_HZ, read_sound
from tests.support.audio_sounds import FRAME, level_db, tone
from tests.support.calls_heard import TICK_NS, Taps
from tests.support.office import TestOffice, a_document

PLACES = ("seat:b1", "seat:b2", "line:l1", "line:l2", "line:l3")
SPOKEN_HZ = 700


class SpokenOffice(TestOffice):
    """Upon the real bridge: each place says what it is given, frame after frame, and what it hears is kept."""

    __test__ = False

    def __init__(self, state: Path) -> None:
        self.bridge = Bridge(start_thread=False)
        self.board = SoundBoard(self.bridge, Taps())
        self.rings = {place: SharedRings.create(f"seatbox-takes-{os.getpid()}-{place.replace(':', '-')}") for place in PLACES}
        for place, ring in self.rings.items():
            ring.unlink()
            self.board.arrive(place, self.bridge.add_ring(ring))
        self.at = 0
        super().__init__(a_document(), self.board)
        self.prompts = Prompts(state, self.bridge.load_sound, self._publish, lambda: self.now_ms)
        self.studio = Studio(self.switchboard.live, self.board, self.prompts)

    def _publish(self, facts: object) -> int:
        self.facts += facts  # type: ignore[operator]
        return len(self.facts)

    def say(self, place: str, sound: Pcm) -> Pcm:
        """The audio thread's time that it takes to say it there, others being silent; what the place heard meanwhile."""
        heard = []
        for at in range(0, len(sound), FRAME):
            for other, ring in self.rings.items():
                ring.write_in(sound[at : at + FRAME].tobytes() if other == place else bytes(2 * FRAME))
            self.bridge.step(self.at * TICK_NS + 1)
            self.at += 1
            if self.at % 50 == 0:
                self.studio.look()
                self.wait(1000)
            for other, ring in self.rings.items():
                out = np.frombuffer(ring.read_out(2 * FRAME), np.int16)
                if other == place:
                    heard.append(out)
        return np.concatenate(heard)

    def hear(self, place: str, seconds: float) -> Pcm:
        return self.say(place, np.zeros(round(seconds * RATE_HZ), np.int16))

    def make(self, name: str = "welcome") -> Pcm:
        return asyncio.run(self.studio.make(self.studio.seat(name, "zh_CN")))

    def begin(self, seat: str, name: str = "welcome") -> None:
        self.do(BeginTake, seat=seat, name=name, language="zh_CN", by="admin")

    def step(self, command: type[commands.SeatCommand], seat: str) -> None:
        self.do(command, seat=seat)

    @property
    def ends(self) -> list[str]:
        return [fact.why for fact in self.facts if isinstance(fact, PromptTakeEnded)]

    def nothing_is_kept(self) -> None:
        assert not self.prompts.known and not self.told(PromptSet)
        assert not self.board._captured and not any(name.startswith("take:") for name in self.bridge.sounds())
        with pytest.raises(NotFound):
            self.studio.seat("welcome", "zh_CN")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SpokenOffice]:
    office = SpokenOffice(tmp_path)
    office.log_in("b1", "a1")
    yield office
    office.bridge.stop()


def spoken(seconds: float = 2.0, peak: int = 1500) -> Pcm:
    """A second and a half of silence, a voice, silence again."""
    quiet = np.zeros(12_000, np.int16)
    return np.concatenate([quiet, tone(SPOKEN_HZ, round(seconds * RATE_HZ), peak), quiet])


def is_the_voice(sound: Pcm, seconds: float = 2.0) -> None:
    """Its edges are trimmed and its level is that of an uploaded one."""
    assert len(sound) / RATE_HZ == pytest.approx(seconds + 2 * EDGE / RATE_HZ, abs=0.05)
    assert np.abs(sound.astype(int)).max() == pytest.approx(PEAK, rel=0.01)
    assert level_db(sound[EDGE + 800 : EDGE + 800 + 8000], SPOKEN_HZ) == pytest.approx(20 * np.log10(PEAK / 32768), abs=0.5)


def test_what_is_spoken_at_a_page_is_trimmed_heard_over_the_same_seat_and_in_force_once_accepted(office: SpokenOffice) -> None:
    office.begin("b1")
    assert office.states["b1"] == "paused" and office.seat("b1").reason == "prompt_recording"
    office.step(RecordTake, "b1")
    said = spoken()
    office.say("seat:b1", said)
    office.step(StopTake, "b1")
    office.say("seat:b1", tone(1500, 1600, 8000))  # after the stop: none of it is kept
    made = office.make()
    is_the_voice(made)
    out = io.BytesIO()
    soundfile.write(out, said, RATE_HZ, format="WAV")
    uploaded = read_sound(out.getvalue())
    assert abs(len(uploaded) - len(made)) <= 2 * FRAME, "as the same sound is where it is uploaded"
    office.step(HearTake, "b1")
    heard = office.hear("seat:b1", 1.0)
    assert level_db(heard[4000:], SPOKEN_HZ) == pytest.approx(20 * np.log10(PEAK / 32768), abs=0.5)
    assert not office.prompts.known, "not before it is accepted"
    office.studio.keep(office.studio.seat("welcome", "zh_CN"), "admin")
    office.do(EndTake, seat="b1", why="accepted")
    assert np.array_equal(read_sound(office.prompts.wav("welcome", "zh_CN")), made)
    facts = [fact for fact in office.facts if isinstance(fact, PromptSet | PromptTakeBegan | PromptTakeEnded)]
    assert [type(fact).__name__ for fact in facts] == ["PromptTakeBegan", "PromptSet", "PromptTakeEnded"]
    kept = facts[1]
    assert isinstance(kept, PromptSet) and (kept.by, kept.source, kept.seat, kept.agent) == ("admin", "seat", "b1", "a1")
    assert office.states["b1"] == "free" and office.ends == ["accepted"]
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    assert "take:seat:b1" not in office.bridge.sounds() and not office.board._captured


def test_no_caller_is_offered_to_a_seat_that_records_and_the_next_one_is_as_soon_as_it_is_over(office: SpokenOffice) -> None:
    office.begin("b1")
    office.step(RecordTake, "b1")
    call = office.ring("l1")
    office.wait(8_000)
    assert office.call(call).offers == [] and office.states["b1"] == "paused"
    office.do(EndTake, seat="b1", why="discarded")
    assert office.states["b1"] == "ringing"
    office.nothing_is_kept()


def test_spoken_at_an_outside_phone_after_its_key_1_over_the_line_of_its_leg(office: SpokenOffice) -> None:
    office.log_in("p1", "a2")
    office.begin("p1")
    line = office.seat("p1").leg
    assert line == "l3" and ("dial", "l3", "13800138001") in office.orders.log
    with pytest.raises(Refused, match=r"take\.not_yet"):
        office.step(RecordTake, "p1")
    office.tell(told.LineDialling, "l3")
    office.tell(told.LineAlerting, "l3")
    office.tell(told.LineConnected, "l3")
    office.tell(told.LineSoundOn, "l3")
    assert np.abs(office.hear("line:l3", 0.5).astype(int)).max() > 1000, "it is asked for key 1"
    office.tell(told.DigitHeard, "l3", digit="1")
    office.hear("line:l3", 0.1)
    assert not office.hear("line:l3", 0.5).any()
    office.step(RecordTake, "p1")
    office.say("line:l3", spoken())
    office.step(StopTake, "p1")
    is_the_voice(office.make())
    office.step(HearTake, "p1")
    assert level_db(office.hear("line:l3", 1.0)[4000:], SPOKEN_HZ) > -10
    office.studio.keep(office.studio.seat("welcome", "zh_CN"), "admin")
    office.do(EndTake, seat="p1", why="accepted")
    assert office.orders.log[-1] == ("hang_up", "l3", None)
    office.hang_up("l3", by="us")
    assert office.states["p1"] == "free" and office.switchboard.live.lines[LineId("l3")].may_dial
    assert office.prompts.known["welcome", "zh_CN"].agent == "a2"


def test_what_is_recorded_anew_replaces_what_was_recorded_before(office: SpokenOffice) -> None:
    office.begin("b1")
    for seconds in (3.0, 1.0):
        office.step(RecordTake, "b1")
        office.say("seat:b1", spoken(seconds))
        office.step(StopTake, "b1")
        is_the_voice(office.make(), seconds)


def test_where_nobody_spoke_that_is_said_however_much_the_line_hums(office: SpokenOffice) -> None:
    office.begin("b1")
    office.step(RecordTake, "b1")
    office.say("seat:b1", tone(50, 16_000, 60))
    office.step(StopTake, "b1")
    with pytest.raises(Refused, match=r"take\.silent"):
        office.make()
    with pytest.raises(Refused, match=r"take\.empty"):
        office.studio.keep(office.seat("b1"), "admin")


def test_a_longer_one_than_two_minutes_is_cut_and_nothing_of_it_is_lost_on_the_way(office: SpokenOffice) -> None:
    """A tap holds half a minute: it is fetched in between."""
    office.begin("b1")
    office.step(RecordTake, "b1")
    began = office.at
    office.say("seat:b1", tone(SPOKEN_HZ, 130 * RATE_HZ, 1500))
    assert office.at - began == 6500 and office.seat("b1").take is not None
    made = office.make()
    assert len(made) / RATE_HZ == pytest.approx(120, abs=1.1)
    whole = made[: len(made) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    assert min(level_db(second, SPOKEN_HZ) for second in whole[1:-1]) == pytest.approx(20 * np.log10(PEAK / 32768), abs=0.5)


@pytest.mark.parametrize("state", ["talking", "ringing", "paused", "wrap_up", "fault", "logged_out", "recording"])
def test_a_seat_that_is_not_free_is_refused_and_stays_as_it_is(office: SpokenOffice, state: str) -> None:
    if state in ("talking", "ringing", "wrap_up"):
        office.ring("l1")
    if state in ("talking", "wrap_up"):
        office.do(commands.Answer, seat="b1")
    if state == "wrap_up":
        office.hang_up("l1")
    if state == "paused":
        office.do(commands.Pause, seat="b1", reason="meal")
    if state == "fault":
        office.pages.clear()
        office.wait(4_000)
    if state == "logged_out":
        office.do(commands.LogOut, seat="b1")
    if state == "recording":
        office.begin("b1", "busy")
    before, facts = office.states, len(office.facts)
    with pytest.raises(Refused, match=r"seat\.not_free|seat\.logged_out|take\.open"):
        office.begin("b1")
    assert office.states == before and len(office.facts) == facts


def test_one_prompt_is_spoken_at_one_seat_and_two_prompts_at_two(office: SpokenOffice) -> None:
    office.log_in("b2", "a2")
    office.begin("b1")
    with pytest.raises(Refused, match=r"take\.elsewhere"):
        office.begin("b2")
    office.begin("b2", "hold")
    office.step(RecordTake, "b1")
    office.step(RecordTake, "b2")
    office.say("seat:b1", spoken())
    office.step(StopTake, "b1")
    office.step(StopTake, "b2")
    is_the_voice(office.make())
    with pytest.raises(Refused, match=r"take\.silent"):
        office.make("hold")


def test_a_phone_seat_without_a_line_is_refused_and_no_phone_rings(office: SpokenOffice) -> None:
    office.log_in("p1", "a2")
    for line in ("l1", "l2", "l3"):
        office.tell(told.LineFault, line, why="gone")
    with pytest.raises(Refused, match=r"seat\.no_line"):
        office.begin("p1")
    assert not any(verb == "dial" for verb, *_ in office.orders.log)


@pytest.mark.parametrize("step", ["ready", "recording", "recorded"])
@pytest.mark.parametrize(
    ("how", "why", "then"),
    [
        ("vanishes", "lost", "fault"), ("logs out", "left", "logged_out"), ("is free", "left", "free"), ("pauses", "left", "paused"),
        ("hangs up", "hung up", "free"), ("is discarded", "discarded", "free"),
    ],
)  # fmt: skip
def test_a_seat_that_vanishes_or_does_something_else_ends_it_and_keeps_nothing(
    office: SpokenOffice, step: str, how: str, why: str, then: str
) -> None:
    office.begin("b1")
    if step != "ready":
        office.step(RecordTake, "b1")
        office.say("seat:b1", spoken())
    if step == "recorded":
        office.step(StopTake, "b1")
        office.make()
        office.step(HearTake, "b1")
    if how == "vanishes":
        office.pages.clear()
        office.wait(4_000)
    elif how == "pauses":
        office.do(commands.Pause, seat="b1", reason="meal")
    elif how == "is discarded":
        office.do(EndTake, seat="b1", why="discarded")
    else:
        office.step({"logs out": commands.LogOut, "is free": commands.Resume, "hangs up": commands.HangUp}[how], "b1")
    assert office.ends == [why] and office.states["b1"] == then
    assert office.seat("b1").reason == ("meal" if how == "pauses" else None)
    office.nothing_is_kept()
    office.hear("seat:b1", 0.1)
    assert not office.hear("seat:b1", 0.5).any()
    if how == "vanishes":
        office.pages.add("b1")
        office.wait(1_000)
        assert office.states["b1"] == "free"
    if then == "free":
        office.ring("l1")
        assert office.states["b1"] == "ringing"


@pytest.mark.parametrize(
    ("ends", "why"), [("busy", "busy"), ("refused", "refused"), ("congestion", "congestion"), ("nobody", "no answer"), ("far", "hung up")]
)
def test_a_phone_that_does_not_come_or_goes_ends_it_and_its_line_is_free_again(office: SpokenOffice, ends: str, why: str) -> None:
    office.log_in("p1", "a2")
    office.begin("p1")
    office.tell(told.LineDialling, "l3")
    if ends == "far":
        office.tell(told.LineConnected, "l3")
        office.tell(told.LineSoundOn, "l3")
        office.tell(told.DigitHeard, "l3", digit="1")
        office.step(RecordTake, "p1")
        office.say("line:l3", spoken())
    if ends == "nobody":
        office.wait(20_000)
        assert office.orders.log[-1] == ("hang_up", "l3", None)
    office.hang_up("l3", by="us" if ends == "nobody" else ends)
    assert office.ends == [why] and office.states["p1"] == "free" and office.switchboard.live.lines[LineId("l3")].may_dial
    office.nothing_is_kept()


def test_one_that_nobody_goes_on_with_ends_by_itself(office: SpokenOffice) -> None:
    office.begin("b1")
    office.wait(299_000)
    assert office.states["b1"] == "paused"
    office.wait(2_000)
    assert office.states["b1"] == "free" and office.ends == ["forgotten"]


def test_after_a_restart_of_the_box_its_seat_is_free_again(tmp_path: Path) -> None:
    office = TestOffice(a_document())
    office.log_in("b1", "a1")
    office.log_in("b2", "a2")
    office.do(BeginTake, seat="b1", name="welcome", language="en", by="admin")
    office.do(commands.Pause, seat="b2", reason="meal")
    office.restart()
    assert office.states["b1"] == "free" and office.states["b2"] == "paused"
    last = [fact for fact in office.facts if isinstance(fact, SeatStateChanged) and fact.seat == "b1"][-1]
    assert last.state == "free"


def test_nobody_listens_to_a_call_from_a_seat_that_records(office: SpokenOffice) -> None:
    office.log_in("b2", "a2")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.begin("b2")
    with pytest.raises(Refused, match=r"take\.open"):
        office.do(commands.Supervise, seat="b2", call=call, mode="monitor", by="boss")
    with pytest.raises(Refused, match=r"seat\.not_free"):
        office.do(commands.Transfer, seat="b1", to="b2", kind="consult")


def test_at_a_telephone_that_stays_connected_key_1_is_asked_for_again_and_nothing_is_dialled(tmp_path: Path) -> None:
    document = a_document()
    stays = tuple(replace(seat, stay_connected=seat.kind == "phone") for seat in document.seat)
    office = TestOffice(replace(document, seat=stays))
    office.log_in("p1", "a1")
    office.ring("l1")
    for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
        office.tell(fact, "l3")
    office.tell(told.DigitHeard, "l3", digit="1")
    office.hang_up("l1")
    office.wait(10_000)
    assert office.states["p1"] == "free" and office.seat("p1").leg == "l3"
    office.do(BeginTake, seat="p1", name="welcome", language="en", by="admin")
    assert office.ears.playing["line:l3"] == "prompt_key_1"
    with pytest.raises(Refused, match=r"take\.not_yet"):
        office.do(RecordTake, seat="p1")
    office.tell(told.DigitHeard, "l3", digit="1")
    assert office.ears.playing["line:l3"] is None
    office.do(RecordTake, seat="p1")
    assert office.ears.kept == {"line:l3": None}
    assert [verb for verb, *_ in office.orders.log].count("dial") == 1
    office.do(EndTake, seat="p1", why="discarded")
    assert office.orders.log[-1] == ("hang_up", "l3", None)
