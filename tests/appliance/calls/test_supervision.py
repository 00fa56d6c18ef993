"""A supervisor's ear and voice in live calls (A8): each mode, each change, each end, and the journal of them."""

import pytest

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.events import call as happened
from appliance.events import line as told
from tests.support.calls_in_states import an_outside_number_answers, at_work, the_call
from tests.support.office import TestOffice

CUSTOMER, AGENT, EAR = "line:l1", "seat:b1", "seat:b4"
MODES = {
    "monitor": {CUSTOMER: {AGENT}, AGENT: {CUSTOMER}, EAR: {CUSTOMER, AGENT}},
    "whisper": {CUSTOMER: {AGENT}, AGENT: {CUSTOMER, EAR}, EAR: {CUSTOMER, AGENT}},
    "barge": {CUSTOMER: {AGENT, EAR}, AGENT: {CUSTOMER, EAR}, EAR: {CUSTOMER, AGENT}},
    "take_over": {CUSTOMER: {EAR}, EAR: {CUSTOMER}},
    "stop": {CUSTOMER: {AGENT}, AGENT: {CUSTOMER}},
}


@pytest.fixture
def office() -> TestOffice:
    """b1 talks with a customer; the supervisor sits at b4."""
    return at_work()


def supervise(office: TestOffice, mode: str, seat: str = "b4", call: str | None = None) -> None:
    office.do(commands.Supervise, seat=seat, call=call or the_call(office), mode=mode, by="boss")


def hears(office: TestOffice) -> dict[str, set[str]]:
    return {place: set(sources) for place, sources in office.ears.hearing.items() if sources}


@pytest.mark.parametrize("mode", ["monitor", "whisper", "barge", "take_over"])
def test_each_mode_from_nothing(office: TestOffice, mode: str) -> None:
    supervise(office, mode)
    assert hears(office) == MODES[mode]
    assert office.ears.recorded[CallId(the_call(office))] == MODES[mode][CUSTOMER]
    assert ("hang_up", "l1", None) not in office.orders.log


@pytest.mark.parametrize("first", ["monitor", "whisper", "barge"])
@pytest.mark.parametrize("then", ["monitor", "whisper", "barge", "take_over", "stop"])
def test_each_change_within_a_call(office: TestOffice, first: str, then: str) -> None:
    supervise(office, first)
    supervise(office, then)
    assert hears(office) == MODES[then]
    assert office.states["b4"] == ("free" if then == "stop" else "talking")


def test_after_a_take_over_the_former_agent_wraps_up_and_the_call_is_the_supervisors_in_every_way(office: TestOffice) -> None:
    call = the_call(office)
    supervise(office, "monitor")
    supervise(office, "take_over")
    assert office.states["b1"] == "wrap_up" and office.states["b4"] == "talking"
    view = office.call(CallId(call))
    assert (view.seat, view.agent, view.agents, view.parties) == ("b4", "a4", ["a1"], [])
    office.do(commands.Hold, seat="b4")
    office.do(commands.Retrieve, seat="b4")
    office.do(commands.HangUp, seat="b4")
    assert office.call(CallId(call)).ended_by == "agent" and office.states["b4"] == "wrap_up"


def test_a_paused_supervisor_listens_takes_over_and_is_paused_again_afterwards(office: TestOffice) -> None:
    office.do(commands.Pause, seat="b4", reason="meeting")
    supervise(office, "monitor")
    supervise(office, "stop")
    assert (office.states["b4"], office.seat("b4").reason) == ("paused", "meeting")
    supervise(office, "take_over")
    office.hang_up("l1")
    assert (office.states["b4"], office.seat("b4").reason) == ("paused", "meeting")


def test_who_listens_gets_no_calls_and_one_that_rang_there_goes_on_to_the_next(office: TestOffice) -> None:
    for seat in ("b2", "b3", "p1"):
        office.do(commands.Pause, seat=seat, reason="x")
    second = office.ring("l2")
    assert office.states["b4"] == "ringing"
    supervise(office, "monitor", call=next(iter(office.switchboard.live.calls)))
    assert office.outcomes(second) == [("b4", "withdrawn")] and office.states["b4"] == "talking"
    assert not office.told(happened.OfferMissed)
    office.wait(60_000)
    assert office.outcomes(second) == [("b4", "withdrawn")]
    supervise(office, "stop", call=next(iter(office.switchboard.live.calls)))
    assert office.states["b4"] == "ringing"


def test_a_wrap_up_that_ends_while_he_listens_is_over_when_he_stops(office: TestOffice) -> None:
    office.do(commands.Transfer, seat="b1", to="b4", kind="consult")
    office.do(commands.Answer, seat="b4")
    office.do(commands.CancelTransfer, seat="b1")
    assert office.states["b4"] == "wrap_up"
    supervise(office, "monitor")
    office.wait(10_000)
    assert office.states["b4"] == "talking"
    supervise(office, "stop")
    assert office.states["b4"] == "free"


def test_a_telephone_confirms_with_its_key_before_it_hears_anything(office: TestOffice) -> None:
    supervise(office, "whisper", seat="p1")
    line = office.seat("p1").leg
    assert line is not None and office.states["p1"] == "ringing" and hears(office) == MODES["stop"]
    assert not office.told(happened.SupervisionStarted)
    office.tell(told.DigitHeard, line, digit="1")
    assert hears(office)[AGENT] == {CUSTOMER, f"line:{line}"} and hears(office)[f"line:{line}"] == {CUSTOMER, AGENT}
    office.hang_up(line)
    assert hears(office) == MODES["stop"] and office.states["p1"] == "free"


def test_a_telephone_that_takes_over_has_the_call_once_it_confirms(office: TestOffice) -> None:
    supervise(office, "take_over", seat="p1")
    line = office.seat("p1").leg
    assert line is not None and hears(office) == MODES["stop"]
    office.tell(told.DigitHeard, line, digit="1")
    assert hears(office) == {CUSTOMER: {f"line:{line}"}, f"line:{line}": {CUSTOMER}} and office.states["b1"] == "wrap_up"


def test_who_listens_follows_the_agent_into_hold_and_consultation_and_hears_the_customer_only_with_him(office: TestOffice) -> None:
    supervise(office, "monitor")
    office.do(commands.Hold, seat="b1")
    assert hears(office) == {EAR: {AGENT}}
    office.do(commands.Transfer, seat="b1", to="b2", kind="consult")
    office.do(commands.Answer, seat="b2")
    assert hears(office) == {AGENT: {"seat:b2"}, "seat:b2": {AGENT}, EAR: {AGENT, "seat:b2"}}
    office.do(commands.JoinTransfer, seat="b1")
    assert hears(office)[EAR] == {CUSTOMER, AGENT, "seat:b2"}


def test_who_listens_stays_on_the_call_through_a_transfer(office: TestOffice) -> None:
    supervise(office, "monitor")
    office.do(commands.Transfer, seat="b1", to="b3", kind="blind")
    assert not hears(office)
    office.do(commands.Answer, seat="b3")
    assert hears(office)[EAR] == {CUSTOMER, "seat:b3"}
    office.hang_up("l1")
    assert office.states["b4"] == "free" and not hears(office)


def test_an_agent_who_hangs_up_on_a_supervisor_who_barged_in_leaves_the_customer_to_him(office: TestOffice) -> None:
    supervise(office, "barge")
    office.do(commands.HangUp, seat="b1")
    assert hears(office) == MODES["take_over"]


def test_a_customer_left_with_an_outside_number_can_be_taken_back(office: TestOffice) -> None:
    office.do(commands.Transfer, seat="b1", to="13700000000", kind="blind")
    line = an_outside_number_answers(office)
    supervise(office, "monitor")
    assert hears(office)[EAR] == {CUSTOMER, f"line:{line}"}
    supervise(office, "take_over")
    assert hears(office)[CUSTOMER] == {EAR, f"line:{line}"} and office.call(CallId(the_call(office))).state == "talking"


def test_from_one_call_to_the_next_the_ear_goes_with_one_order(office: TestOffice) -> None:
    first = the_call(office)
    second = office.ring("l2")
    office.do(commands.Answer, seat="b2")
    supervise(office, "monitor", call=first)
    supervise(office, "monitor", call=second)
    assert hears(office)[EAR] == {"line:l2", "seat:b2"}
    assert [fact.call for fact in office.told(happened.SupervisionEnded)] == [first]  # type: ignore[attr-defined]


def test_a_supervisor_whose_page_vanishes_hears_again_when_it_is_back_and_is_out_after_thirty_seconds(office: TestOffice) -> None:
    supervise(office, "barge")
    office.pages.discard("b4")
    office.wait(3_000)
    assert hears(office) == MODES["stop"] and office.states["b4"] == "fault"
    office.pages.add("b4")
    office.wait(1_000)
    assert hears(office) == MODES["barge"]
    office.pages.discard("b4")
    office.wait(33_000)
    assert office.told(happened.SupervisionEnded)[-1].why == "lost"  # type: ignore[attr-defined]
    office.pages.add("b4")
    office.wait(1_000)
    assert office.states["b4"] == "free" and hears(office) == MODES["stop"]


def test_the_journal_says_who_listened_to_whom_from_when_to_when_and_how(office: TestOffice) -> None:
    for mode in ("monitor", "whisper", "barge", "stop", "monitor", "take_over"):
        supervise(office, mode)
        office.wait(1_000)
    kinds = (happened.SupervisionStarted, happened.SupervisionChanged, happened.SupervisionEnded)
    facts = [fact for fact in office.facts if isinstance(fact, kinds)]
    assert [(type(fact).__name__.removeprefix("Supervision"), fact.mode) for fact in facts] == [
        ("Started", "monitor"), ("Changed", "whisper"), ("Changed", "barge"), ("Ended", "barge"),
        ("Started", "monitor"), ("Changed", "take_over"), ("Ended", "monitor"),
    ]  # fmt: skip
    assert {(fact.by, fact.on, fact.seat) for fact in facts} == {("boss", "a1", "b4")}


@pytest.mark.parametrize(
    ("seat", "call", "mode", "refusal"),
    [
        ("b1", None, "monitor", "seat.in_a_call"),
        ("b5", None, "monitor", "seat.logged_out"),
        ("b4", None, "stop", "supervise.none"),
        ("b4", None, "shout", "supervise.mode"),
        ("none", None, "monitor", None),
        ("b4", "c000099", "monitor", None),
    ],
)
def test_what_is_refused(office: TestOffice, seat: str, call: str | None, mode: str, refusal: str | None) -> None:
    before = hears(office)
    with pytest.raises(Refused if refusal else NotFound, match=refusal or "there is no"):
        supervise(office, mode, seat=seat, call=call)
    assert hears(office) == before


def test_a_call_that_waits_is_not_listened_to(office: TestOffice) -> None:
    for seat in ("b2", "b3", "p1", "b4"):
        office.do(commands.Pause, seat=seat, reason="x")
    second = office.ring("l2")
    with pytest.raises(Refused, match=r"supervise\.not_talking"):
        supervise(office, "monitor", call=second)


def test_a_customer_who_was_passed_on_while_the_supervisors_telephone_rang_for_a_take_over_is_his_all_the_same(office: TestOffice) -> None:
    supervise(office, "take_over", seat="p1")
    office.do(commands.Transfer, seat="b1", to="b2", kind="blind")
    assert office.states["b2"] == "ringing"
    leg = office.seat("p1").leg
    assert leg is not None
    for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
        office.tell(fact, leg)
    office.tell(told.DigitHeard, leg, digit="1")
    assert office.states["p1"] == "talking" and office.states["b2"] == "free"
    assert hears(office) == {CUSTOMER: {f"line:{leg}"}, f"line:{leg}": {CUSTOMER}}
    assert ("hang_up", "l1", None) not in office.orders.log and office.days.missed_on(0, "a2") == 0
