"""An outside phone that stays connected between calls (A2): one leg for many calls, each taken by key 1; a hang-up or time ends it."""

import pytest
from msgspec.structs import replace

from appliance.audio.bridge import Bridge
from appliance.audio.prompts import chime
from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.calls.sound import SoundBoard
from appliance.events import line as told
from firmware_cfg.document import Document
from tests.support.office import TestOffice, a_document


def set_so(on: bool = True, max_s: float = 3600.0) -> Document:
    document = a_document(browsers=1, phones=1, lines=4)
    page, phone = document.seat
    return replace(document, seat=(page, replace(phone, stay_connected=on, stay_max_s=max_s)))


def answers(office: TestOffice, line: str, key: str | None = "1") -> None:
    for fact in (told.LineDialling, told.LineAlerting, told.LineSoundOn, told.LineConnected):
        office.tell(fact, line)
    if key is not None:
        office.tell(told.DigitHeard, line, digit=key)


def dialled(office: TestOffice) -> list[str]:
    return [line for verb, line, _ in office.orders.log if verb == "dial"]


def hung_up(office: TestOffice) -> list[str]:
    return [line for verb, line, _ in office.orders.log if verb == "hang_up"]


def after_a_call(document: Document | None = None) -> TestOffice:
    """p1's phone was dialled on l4, its agent took the caller on l1, who has hung up; wrap-up is over."""
    office = TestOffice(document if document is not None else set_so())
    office.log_in("p1", "a1")
    office.ring("l1")
    answers(office, "l4")
    assert office.states["p1"] == "talking"
    office.hang_up("l1")
    office.wait(10_000)
    return office


def test_as_delivered_the_phone_is_hung_up_after_each_call() -> None:
    office = after_a_call(set_so(on=False))
    assert hung_up(office) == ["l4"] and office.seat("p1").leg is None


def test_it_stays_connected_in_silence_and_the_seat_is_free() -> None:
    office = after_a_call()
    assert office.states["p1"] == "free" and "l4" not in hung_up(office)
    assert office.ears.playing["line:l4"] is None and office.ears.hearing["line:l4"] == frozenset()
    assert office.seat("p1").why(office.now_ms) is None


def test_the_next_call_is_said_there_at_once_and_nothing_is_dialled() -> None:
    office = after_a_call()
    call = office.ring("l2")
    assert office.states["p1"] == "ringing" and dialled(office) == ["l4"]
    assert ("line:l4", "next:q") in office.ears.announced and office.ears.playing["line:l4"] == "prompt_key_1"
    assert office.ears.playing["line:l2"] == "ringback" and office.call(call).state == "offered"


def test_only_key_1_takes_it_and_only_while_it_is_asked_for() -> None:
    office = after_a_call()
    office.tell(told.DigitHeard, "l4", digit="1")  # nobody has asked
    call = office.ring("l2")
    office.tell(told.DigitHeard, "l4", digit="5")
    assert office.states["p1"] == "ringing"
    office.tell(told.DigitHeard, "l4", digit="1")
    assert office.states["p1"] == "talking" and office.call(call).agent == "a1"
    assert office.ears.hearing["line:l2"] == {"line:l4"} and office.ears.hearing["line:l4"] == {"line:l2"}
    assert office.ears.playing["line:l4"] is None


def test_who_takes_no_call_in_three_rings_has_missed_it_and_is_connected_no_more() -> None:
    office = after_a_call()
    call = office.ring("l2")
    office.wait(15_000)
    assert office.outcomes(call) == [("p1", "no_answer")] and "l4" in hung_up(office)
    office.hang_up("l4", by="us")
    office.wait(10_000)
    assert len(dialled(office)) == 2, "after the rest he is dialled as ever"


def test_a_mailbox_that_answers_never_stays_connected() -> None:
    office = TestOffice(set_so())
    office.log_in("p1", "a1")
    office.ring("l1")
    answers(office, "l4", key=None)
    office.wait(15_000)
    assert "l4" in hung_up(office) and office.seat("p1").leg is None and office.states["p1"] == "free"


def test_a_caller_who_gives_up_while_it_is_asked_leaves_it_connected() -> None:
    office = after_a_call()
    office.ring("l2")
    office.hang_up("l2")
    assert office.states["p1"] == "free" and office.seat("p1").leg == "l4" and office.ears.playing["line:l4"] is None


@pytest.mark.parametrize("ends", ["hang-up", "pause", "log-out", "other setting"])
def test_what_ends_it(ends: str) -> None:
    office = after_a_call()
    match ends:
        case "hang-up":
            office.hang_up("l4")
        case "pause":
            office.do(commands.Pause, seat="p1", reason="meal")
        case "log-out":
            office.do(commands.LogOut, seat="p1")
        case _:
            office._take(office.switchboard.configure(set_so(on=False), office.now_ms))
    assert office.seat("p1").leg is None
    if ends != "hang-up":
        assert "l4" in hung_up(office)
        office.hang_up("l4", by="us")
    if ends in ("hang-up", "other setting"):
        office.ring("l2")
        assert len(dialled(office)) == 2, "the next call dials anew"


def test_the_time_limit_ends_it_between_calls_to_the_millisecond() -> None:
    office = after_a_call(set_so(max_s=60.0))
    office.wait(49_999)
    assert office.seat("p1").leg == "l4"
    office.wait(1)
    assert office.seat("p1").leg is None and "l4" in hung_up(office)


def test_the_time_limit_cuts_no_talk_and_ends_it_after_that() -> None:
    office = after_a_call(set_so(max_s=60.0))
    office.ring("l2")
    office.tell(told.DigitHeard, "l4", digit="1")
    office.wait(600_000)
    assert office.states["p1"] == "talking" and office.ears.hearing["line:l2"] == {"line:l4"}
    office.hang_up("l2")
    assert office.seat("p1").leg is None and "l4" in hung_up(office)


def test_its_line_is_nobody_elses_meanwhile() -> None:
    line = after_a_call().switchboard.live.lines["l4"]  # type: ignore[index]
    assert line.leg_of == "p1" and not line.may_dial


def test_a_colleagues_consultation_is_said_there_too() -> None:
    office = after_a_call()
    office.log_in("b1", "a2")
    office.ring("l2")
    office.do(commands.Reject, seat="p1")
    office.do(commands.Answer, seat="b1")
    office.wait(10_000)
    office.do(commands.Transfer, seat="b1", to="p1", kind="consult")
    assert office.ears.playing["line:l4"] == "prompt_key_1" and dialled(office) == ["l4"]
    office.tell(told.DigitHeard, "l4", digit="1")
    assert office.ears.hearing["line:l4"] == {"seat:b1"}
    office.do(commands.CancelTransfer, seat="b1")
    assert office.seat("p1").leg == "l4" and office.ears.hearing["line:l4"] == frozenset()


def test_a_restart_in_a_talk_keeps_the_talk_and_one_between_calls_dials_anew() -> None:
    office = after_a_call()
    call = office.ring("l2")
    office.tell(told.DigitHeard, "l4", digit="1")
    office.restart(holds=("l2", "l4"))
    assert office.states["p1"] == "talking" and office.ears.hearing["line:l2"] == {"line:l4"}
    assert office.call(CallId(call)).state == "talking"
    office = after_a_call()
    office.restart(holds=("l4",))
    assert ("hang_up", "l4", None) in office.orders.log and office.states["p1"] == "free"


class Played(Bridge):
    """The bridge without its thread; what is played is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str | None] = []

    def play(self, endpoint: int, sound: str | None, *, loop: bool = True) -> None:
        self.log.append(sound)


class Nobody:
    def begin(self, call: object, tap: int, picked_up_at_ms: int) -> None: ...
    def pause(self, call: object, paused: bool) -> None: ...
    def resume(self, call: object, tap: int, picked_up_at_ms: int, paused: bool = False) -> None: ...
    def end(self, call: object) -> None: ...


@pytest.mark.parametrize(("named", "first"), [(False, "chime"), (True, "next:q")])
def test_a_tone_or_the_queues_name_comes_first_and_then_the_key_is_asked_for(named: bool, first: str) -> None:
    bridge = Played()
    board = SoundBoard(bridge, Nobody())
    if named:
        bridge.load_sound("next:q", chime())
    board.arrive("line:l4", 7)
    board.play("line:l4", "prompt_key_1")
    board.announce("line:l4", "next:q")
    board.played(7)
    assert bridge.log[-2:] == [first, "prompt_key_1"]
