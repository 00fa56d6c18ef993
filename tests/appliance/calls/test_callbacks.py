"""Call-back instead of waiting (A3, never-again 17): place and time kept, an agent first, one attempt a number, tried again."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import Refused
from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.calls.seats import SeatState
from appliance.calls.tickets import KEPT_MS
from appliance.events import line as told
from appliance.events.call import CallBackFailed, CallDialled
from firmware_cfg.document import Document, Queue
from tests.support.office import TestOffice, a_document

ME, YOU = "13911110000", "13922220000"


def a_queue_with_keys(**values: object) -> Document:
    document = a_document(lines=4, wrap_up_s=0)
    return replace(document, queue=(replace(document.queue[0], call_back_key="5", **values),))


@pytest.fixture
def office() -> TestOffice:
    """a1 at b1 talks; whoever rings waits."""
    return busy_office(a_queue_with_keys())


def busy_office(document: Document) -> TestOffice:
    made = TestOffice(document)
    made.log_in("b1", "a1")
    made.ring("l1", "13900000000")
    made.do(commands.Answer, seat="b1")
    return made


def asks(office: TestOffice, line: str, caller: str | None = ME, key: str = "5") -> CallId:
    """He rings, presses the key, and the box hangs up; the id of the call-back."""
    office.ring(line, caller)
    office.tell(told.DigitHeard, line, digit=key)
    office.hang_up(line, by="us")
    return CallId(f"c{office.switchboard.live.next_call - 1:06d}")


def free(office: TestOffice) -> None:
    """The talk at b1 is over."""
    office.hang_up("l1")


def dials(office: TestOffice) -> list[tuple[str, object]]:
    return [(line, number) for what, line, number in office.orders.log if what == "dial"]


def reached(office: TestOffice, line: str) -> None:
    for fact in (told.LineDialling, told.LineAlerting, told.LineConnected, told.LineSoundOn):
        office.tell(fact, line)


def test_the_caller_hangs_up_and_his_call_back_waits_in_his_place(office: TestOffice) -> None:
    office.ring("l2", ME)
    office.wait(30_000)
    office.ring("l3", YOU)
    office.tell(told.DigitHeard, "l2", digit="5")
    assert ("hang_up", "l2", None) in office.orders.log
    assert office.call(CallId("c000002")).ended_by == "box" and office.call(CallId("c000002")).timeline[-1].words["why"] == "call back"
    assert list(office.switchboard.live.queues.waiting("q")) == ["c000004", "c000003"]  # type: ignore[arg-type]
    view = office.call(CallId("c000004"))
    assert (view.direction, view.caller, view.state) == ("out", ME, "queued")


def test_an_agent_answers_first_and_only_then_the_customer_is_dialled_and_they_are_joined(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    assert office.states["b1"] == "ringing" and dials(office) == []
    office.do(commands.Answer, seat="b1")
    assert dials(office) == [("l4", ME)] and office.call(back).state == "dialling" and office.states["b1"] == "talking"
    assert office.ears.playing["seat:b1"] == "ringback" and office.call(back).picked_up_at_ms is None
    reached(office, "l4")
    assert office.call(back).state == "talking" and office.call(back).agent == "a1"
    assert office.ears.hearing["line:l4"] == {"seat:b1"} and office.ears.recorded[back] == {"seat:b1"}
    assert office.outcomes(back) == [("b1", "answered")]
    office.hang_up("l4")
    assert office.call(back).ended_by == "caller" and office.states["b1"] == "free" and office.switchboard.live.tickets == {}


def test_on_a_line_that_only_hears_the_agent_listens_and_says_when_the_customer_is_there(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineDialling, "l4")
    office.tell(told.LineSoundOn, "l4")
    assert office.ears.hearing["seat:b1"] == {"line:l4"} and office.ears.hearing["line:l4"] == frozenset()
    assert office.ears.playing["seat:b1"] is None and office.call(back).state == "dialling"
    office.do(commands.Answer, seat="b1")
    assert office.call(back).state == "talking" and office.ears.hearing["line:l4"] == {"seat:b1"}


def test_a_line_whose_modem_says_when_the_customer_answers_is_dialled_where_there_is_one() -> None:
    document = a_queue_with_keys()
    lines = tuple(replace(line, dialect="sim7600" if line.id == "l3" else line.dialect) for line in document.line)
    office = busy_office(replace(document, line=lines))
    asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    assert dials(office) == [("l3", ME)]


@pytest.mark.parametrize(
    ("by", "why"), [("busy", "busy"), ("congestion", "congestion"), ("no_answer", "no_answer"), ("far", "hung up"), ("lost", "lost")]
)
def test_who_is_not_reached_is_called_again_later_and_the_agent_is_free_at_once(office: TestOffice, by: str, why: str) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineDialling, "l4")
    office.hang_up("l4", by=by)
    assert office.states["b1"] == "free" and office.call(back).state == "queued"
    assert [fact.why for fact in office.facts if isinstance(fact, CallBackFailed)] == [why]
    office.wait(299_999)
    assert office.states["b1"] == "free"
    office.wait(1)
    assert office.states["b1"] == "ringing" and office.seat("b1").call == back


def test_after_so_many_tries_it_is_given_up() -> None:
    office = busy_office(a_queue_with_keys(call_back_tries=2, call_back_again_s=60.0))
    back = asks(office, "l2")
    free(office)
    for _ in range(2):
        office.do(commands.Answer, seat="b1")
        office.tell(told.LineDialling, "l4")
        office.hang_up("l4", by="busy")
        office.wait(60_000)
    assert office.call(back).ended_by == "box" and office.call(back).timeline[-1].words["why"] == "busy"
    assert len(dials(office)) == 2 and office.states["b1"] == "free"


def test_a_telephone_that_nobody_answers_is_let_go_after_nine_rings(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineDialling, "l4")
    office.wait(44_999)
    assert office.call(back).state == "dialling"
    office.wait(1)
    assert ("hang_up", "l4", None) in office.orders.log and office.states["b1"] == "free" and office.call(back).state == "queued"


def test_the_agent_hangs_up_while_it_rings_there_and_it_is_tried_again(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    for button in (commands.Hold, commands.Retrieve):
        with pytest.raises(Refused):
            office.do(button, seat="b1")
    office.do(commands.HangUp, seat="b1")
    assert ("hang_up", "l4", None) in office.orders.log and office.call(back).state == "queued" and office.states["b1"] == "free"


def test_a_seat_that_vanishes_while_the_customer_is_dialled_leaves_nobody_alone(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    office.pages.clear()
    office.wait(3_000)
    assert (
        ("hang_up", "l4", None) in office.orders.log and office.seat("b1").state is SeatState.FAULT and office.call(back).state == "queued"
    )


def test_it_is_never_begun_without_a_line_for_it(office: TestOffice) -> None:
    """All lines are with callers: the agent serves those who are there; the call-back keeps its age for when a line is free."""
    back = asks(office, "l2")
    for line in ("l2", "l3", "l4"):
        office.ring(line, f"1393333000{line[1]}")
    assert not office.switchboard.live.tickets[back].in_core
    free(office)  # the agent is free before the line is idle again
    assert office.seat("b1").call == "c000004" and dials(office) == []
    assert office.switchboard.live.queues.waiting("q")[0] == back, "it has waited longest"  # type: ignore[arg-type]


def test_its_line_that_a_caller_takes_puts_it_aside_until_another_is_free(office: TestOffice) -> None:
    back = asks(office, "l2")
    assert office.switchboard.live.tickets[back].in_core
    for line in ("l2", "l3", "l4"):
        office.ring(line, f"1393333000{line[1]}")
    assert not office.switchboard.live.tickets[back].in_core
    office.do(commands.HangUp, seat="b1")  # l1 is hung up, but not idle yet
    assert office.seat("b1").call != back
    office.hang_up("l1", by="us")
    assert office.switchboard.live.tickets[back].in_core


def test_a_caller_who_comes_in_on_the_line_at_that_very_moment_has_it(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    caller = office.ring("l4", YOU)
    assert office.switchboard.live.tickets[back].tries == 0 and office.live_call(caller).line == "l4"
    assert office.call(back).state in ("queued", "offered")


def test_the_customer_who_calls_by_himself_has_his_place_and_is_not_called_back(office: TestOffice) -> None:
    back = asks(office, "l2", "+86" + ME)
    office.wait(10_000)
    office.ring("l3", YOU)
    himself = office.ring("l2", ME)
    assert office.call(back).ended_by == "caller" and office.switchboard.live.tickets == {}
    assert office.switchboard.live.queues.waiting("q")[0] == himself  # type: ignore[arg-type]


def test_one_that_is_kept_aside_is_his_too(office: TestOffice) -> None:
    back = asks(office, "l2")
    office.wait(1_000)
    free(office)
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineDialling, "l4")
    office.hang_up("l4", by="busy")
    office.do(commands.Pause, seat="b1", reason="meal")
    office.ring("l3", YOU)
    himself = office.ring("l2", ME)
    assert office.call(back).ended_by == "caller"
    assert list(office.switchboard.live.queues.waiting("q")) == [himself, "c000004"]  # type: ignore[arg-type]


def test_a_withheld_number_cannot_be_called_back_and_waits_on(office: TestOffice) -> None:
    call = office.ring("l2", None)
    office.tell(told.DigitHeard, "l2", digit="5")
    assert office.call(call).state == "queued" and office.switchboard.live.tickets == {}


def test_who_rang_for_the_caller_rings_for_his_call_back_next() -> None:
    office = TestOffice(a_queue_with_keys())
    office.log_in("b1", "a1")
    office.ring("l1", ME)
    office.wait(1_000)
    office.ring("l2", YOU)
    office.tell(told.DigitHeard, "l1", digit="5")
    assert office.seat("b1").call == "c000003" and office.call(CallId("c000003")).state == "offered"


def test_it_waits_while_nobody_is_at_work_and_is_not_sent_away() -> None:
    office = busy_office(a_queue_with_keys(when_empty=("nobody_logged_in", "all_paused"), wait_max_s=100.0))
    back = asks(office, "l2")
    free(office)
    office.do(commands.Reject, seat="b1")
    office.do(commands.LogOut, seat="b1")
    office.wait(600_000)
    assert office.call(back).state == "queued" and not office.switchboard.live.tickets[back].in_core
    office.log_in("b1", "a1")
    assert office.seat("b1").call == back


def test_one_that_nobody_made_in_twelve_hours_is_over(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Reject, seat="b1")
    office.do(commands.LogOut, seat="b1")
    office.now_ms += KEPT_MS - 1
    office.wait(1)
    assert office.call(back).ended_by == "box" and office.switchboard.live.tickets == {}


def test_a_restart_of_the_box_keeps_the_promise_and_the_age(office: TestOffice) -> None:
    office.ring("l2", ME)
    office.wait(60_000)
    office.tell(told.DigitHeard, "l2", digit="5")
    back = CallId("c000003")
    office.wait(60_000)
    office.restart(["l1"], away_ms=0)
    office.hang_up("l1")
    office.wait(11_000)
    assert office.switchboard.live.tickets[back].since_ms == office.now_ms - 131_000
    assert office.seat("b1").call == back
    office.do(commands.Answer, seat="b1")
    assert [fact.call for fact in office.facts if isinstance(fact, CallDialled)] == [back]


def test_a_restart_while_the_customer_is_called_back_calls_him_again_and_one_who_is_there_stays(office: TestOffice) -> None:
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    dialled_on = dials(office)[-1][0]
    office.restart(["l1"], away_ms=1_000)
    assert office.call(back).state in ("queued", "offered") and office.switchboard.live.tickets[back].tries == 1
    office.wait(700_000)
    office.do(commands.Answer, seat="b1")
    line = dials(office)[-1][0]
    reached(office, line)
    assert office.call(back).state == "talking"
    office.restart([line])
    assert office.call(back).state == "talking" and office.ears.hearing[f"line:{line}"] == {"seat:b1"}
    assert back not in office.switchboard.live.tickets and dialled_on


def test_an_outside_phone_is_rung_and_confirms_before_the_customer_is_dialled() -> None:
    office = TestOffice(a_queue_with_keys())
    office.ring("l1", ME)
    office.tell(told.DigitHeard, "l1", digit="5")
    office.hang_up("l1", by="us")
    office.log_in("p1", "a1")
    leg = office.seat("p1").leg
    assert leg == "l4"
    office.tell(told.LineDialling, "l4")
    office.tell(told.LineAlerting, "l4")
    office.tell(told.DigitHeard, "l4", digit="1")
    assert dials(office)[-1] == ("l3", ME)
    office.tell(told.DigitHeard, "l4", digit="1")  # the agent says that the customer is there
    assert office.ears.hearing["line:l3"] == {"line:l4"} and office.ears.hearing["line:l4"] == {"line:l3"}


# --- leaving by key


def test_a_key_leads_out_of_the_queue_into_another_with_the_same_age() -> None:
    document = a_queue_with_keys(leave_key="0", leave_to="r")
    office = busy_office(replace(document, queue=(*document.queue, Queue(id="r"))))
    call = office.ring("l2", ME)
    office.tell(told.DigitHeard, "l2", digit="0")
    assert office.call(call).queue == "r" and list(office.switchboard.live.queues.waiting("r")) == [call]  # type: ignore[arg-type]


def test_a_key_ends_the_wait_where_it_leads_nowhere() -> None:
    office = busy_office(a_queue_with_keys(leave_key="0"))
    call = office.ring("l2", ME)
    office.tell(told.DigitHeard, "l2", digit="0")
    assert office.call(call).ended_by == "caller" and ("hang_up", "l2", None) in office.orders.log


def test_keys_of_who_talks_mean_nothing_to_the_queue(office: TestOffice) -> None:
    office.tell(told.DigitHeard, "l1", digit="5")
    assert office.states["b1"] == "talking" and office.switchboard.live.tickets == {}
