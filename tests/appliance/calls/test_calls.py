"""What a caller, an agent and a phone seat live through (A2 A3 A4), in virtual time."""

import pytest

from appliance.base.errors import Refused
from appliance.calls import commands
from appliance.calls.left_open import OpenCalls
from appliance.calls.tables import DayBook
from appliance.events import call as happened
from appliance.events import line as told
from appliance.events.seat import AgentLoggedOut
from tests.support.office import TestOffice, a_document


@pytest.fixture
def office() -> TestOffice:
    return TestOffice()


def test_a_ringing_line_is_answered_when_the_caller_is_known_and_not_before(office: TestOffice) -> None:
    office.tell(told.LineRinging, "l1", ring=1)
    assert ("answer", "l1", None) not in office.orders.log
    office.tell(told.CallerKnown, "l1", caller="13912345678")
    assert office.orders.log == [("answer", "l1", None)]


def test_a_waiting_caller_hears_ring_back_then_music(office: TestOffice) -> None:
    office.ring("l1")
    assert office.ears.playing["line:l1"] == "ringback"
    office.wait(10_000)
    assert office.ears.playing["line:l1"] == "hold"


def test_the_agent_answers_and_both_hear_each_other_and_only_each_other(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    assert office.states["b1"] == "ringing"
    office.do(commands.Answer, seat="b1")
    assert office.states["b1"] == "talking"
    assert office.ears.hearing["line:l1"] == {"seat:b1"} and office.ears.hearing["seat:b1"] == {"line:l1"}
    assert office.ears.playing["line:l1"] is None and office.ears.recorded[call] == {"seat:b1"}
    assert office.outcomes(call) == [("b1", "answered")]


def test_an_unanswered_offer_goes_to_the_next_seat_after_three_rings_and_counts_once(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.wait(1)
    office.log_in("b2", "a2")
    call = office.ring("l1")
    office.wait(14_999)
    assert office.states["b1"] == "ringing"
    office.wait(1)
    assert office.states["b1"] == "free" and office.states["b2"] == "ringing"
    assert office.outcomes(call) == [("b1", "no_answer"), ("b2", None)]
    assert office.call(call).offers[0].rings == 3
    assert office.seat("b1").why(office.now_ms) == "why.resting"
    assert office.days.missed_on(0, "a1") == 1 and office.days.missed_on(0, "a2") == 0


def test_a_turn_that_comes_late_adds_no_fourth_ring(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.now_ms += 2_000
    office._take(office.switchboard.alive(office.seat("b1").id, office.now_ms))
    office.now_ms += 13_040
    office._take(office.switchboard.tick(office.now_ms))
    assert [(offer.outcome, offer.rings) for offer in office.call(call).offers] == [("no_answer", 3)]


def test_a_caller_who_leaves_frees_the_ringing_seat_and_is_nobodys_miss(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.hang_up("l1")
    assert office.states["b1"] == "free"
    assert office.call(call).ended_by == "caller" and office.outcomes(call) == [("b1", "withdrawn")]
    assert not office.told(happened.OfferMissed) and office.ears.recorded[call] is None


def test_the_agent_hangs_up_and_wraps_up(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.HangUp, seat="b1")
    assert office.call(call).ended_by == "agent" and ("hang_up", "l1", None) in office.orders.log
    assert office.states["b1"] == "wrap_up"
    office.wait(10_000)
    assert office.states["b1"] == "free"


def test_the_caller_hangs_up_and_the_call_says_so(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.hang_up("l1")
    assert office.call(call).ended_by == "caller" and office.states["b1"] == "wrap_up"


@pytest.mark.parametrize(
    ("status", "state"), [("free", "free"), ("wrap_up", "wrap_up"), ("paused:lunch", "paused"), ("logged_out", "logged_out")]
)
def test_the_next_status_chosen_during_a_call_holds_when_it_is_over(office: TestOffice, status: str, state: str) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.ChooseNext, seat="b1", status=status)
    office.hang_up("l1")
    assert office.states["b1"] == state
    if state == "paused":
        assert office.seat("b1").reason == "lunch"


def test_a_paused_seat_gets_no_call_and_says_why_and_resuming_brings_the_waiting_one(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.do(commands.Pause, seat="b1", reason="lunch")
    office.ring("l1")
    assert office.states["b1"] == "paused" and office.seat("b1").why(office.now_ms) == "why.paused"
    office.do(commands.Resume, seat="b1")
    assert office.states["b1"] == "ringing"


def test_resuming_ends_wrap_up(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.hang_up("l1")
    office.do(commands.Resume, seat="b1")
    assert office.states["b1"] == "free"


def test_a_phone_seat_is_dialled_and_only_its_key_answers(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    call = office.ring("l1")
    assert ("dial", "l3", "13800138001") in office.orders.log and office.states["p1"] == "ringing"
    office.tell(told.LineDialling, "l3")
    office.tell(told.LineAlerting, "l3")
    office.tell(told.LineConnected, "l3")
    assert office.states["p1"] == "ringing" and office.ears.playing["line:l3"] == "prompt_key_1"
    office.tell(told.DigitHeard, "l3", digit="7")
    assert office.states["p1"] == "ringing"
    office.tell(told.DigitHeard, "l3", digit="1")
    assert office.states["p1"] == "talking"
    assert office.ears.hearing["line:l1"] == {"line:l3"} and office.ears.recorded[call] == {"line:l3"}
    with pytest.raises(Refused):
        office.do(commands.Answer, seat="p1")


def test_a_phone_seats_three_rings_count_from_alerting_at_the_latest_four_seconds_after_dialling(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    call = office.ring("l1")
    office.wait(4_000)
    rang = office.told(happened.OfferRang)
    assert len(rang) == 1 and rang[0].until_ms == office.now_ms + 15_000  # type: ignore[attr-defined]
    office.wait(15_000)
    assert office.outcomes(call)[0] == ("p1", "no_answer") and ("hang_up", "l3", None) in office.orders.log
    assert office.call(call).offers[0].rings == 3


def test_a_phone_that_hangs_up_ends_the_call_and_a_busy_one_rejects(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    call = office.ring("l1")
    office.tell(told.LineDialling, "l3")
    office.hang_up("l3", by="busy")
    assert office.outcomes(call)[0] == ("p1", "rejected")
    office.wait(10_000)
    assert office.states["p1"] == "ringing"
    leg = office.seat("p1").leg
    assert leg is not None
    office.tell(told.LineDialling, leg)
    office.tell(told.DigitHeard, leg, digit="1")
    office.hang_up(leg)
    assert office.call(call).ended_by == "agent" and office.states["p1"] == "wrap_up"


def test_a_phone_seat_without_a_free_line_gets_no_call_and_says_why() -> None:
    office = TestOffice(a_document(lines=1))
    office.log_in("p1", "a1")
    assert office.seat("p1").why(office.now_ms) is None
    call = office.ring("l1")
    assert office.states["p1"] == "free" and office.seat("p1").why(office.now_ms) == "why.no_line"
    assert office.outcomes(call) == []


def test_a_leg_that_the_line_lost_puts_the_caller_at_the_head_of_the_queue(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    call = office.ring("l1")
    office.tell(told.LineDialling, "l3")
    office.tell(told.DigitHeard, "l3", digit="1")
    assert office.states["p1"] == "talking"
    office.hang_up("l3", by="lost")
    assert office.call(call).ended_at_ms is None and office.call(call).state in ("queued", "offered")


def test_a_page_that_does_not_answer_gets_no_offer(office: TestOffice) -> None:
    office.do(commands.LogIn, seat="b1", agent="a1")
    call = office.ring("l1")
    assert office.outcomes(call) == [] and office.seat("b1").why(office.now_ms) == "why.page"
    office.wait(3_000)
    assert office.states["b1"] == "fault"


def test_a_page_that_falls_silent_while_ringing_loses_the_offer_without_a_miss(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.pages.clear()
    office.wait(3_000)
    assert office.states["b1"] == "fault" and office.outcomes(call) == [("b1", "withdrawn")]
    assert not office.told(happened.OfferMissed)


def test_a_seat_that_vanishes_in_a_call_keeps_it_and_the_customer_hears_music_until_it_is_back(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.pages.clear()
    office.wait(3_000)
    assert office.states["b1"] == "fault" and office.ears.playing["line:l1"] == "hold" and office.ears.hearing["line:l1"] == frozenset()
    office.wait(29_000)
    office._take(office.switchboard.alive(office.seat("b1").id, office.now_ms))
    assert office.states["b1"] == "talking" and office.ears.hearing["line:l1"] == {"seat:b1"}
    assert office.call(call).state == "talking"


def test_a_seat_that_stays_away_gives_its_caller_back_to_the_head_of_the_queue(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    first = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.pages.clear()
    office.wait(3_000)
    office.ring("l2")
    office.wait(30_000)
    assert office.call(first).state == "queued"
    assert next(iter(office.switchboard.live.queues.waiting(office.live_call(first).queue))) == first
    office.log_in("b2", "a2")
    assert office.outcomes(first)[-1] == ("b2", None)


def test_a_seat_that_stays_away_is_signed_out_at_last(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.pages.clear()
    office.wait(3_000 + 600_000)
    assert office.states["b1"] == "logged_out"
    assert [fact.why for fact in office.told(AgentLoggedOut)] == ["timeout"]  # type: ignore[attr-defined]


def test_hold_gives_the_caller_music_and_retrieve_gives_him_back(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.Hold, seat="b1")
    assert office.states["b1"] == "held" and office.ears.playing["line:l1"] == "hold" and office.ears.recorded[call] == frozenset()
    office.do(commands.Retrieve, seat="b1")
    assert office.states["b1"] == "talking" and office.ears.hearing["line:l1"] == {"seat:b1"}


def test_a_muted_agent_hears_and_is_not_heard_nor_recorded(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.Mute, seat="b1", muted=True)
    assert office.ears.hearing == {"line:l1": frozenset(), "seat:b1": {"line:l1"}} and office.ears.recorded[call] == frozenset()


def test_one_person_sits_at_one_seat(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    with pytest.raises(Refused):
        office.do(commands.LogIn, seat="b2", agent="a1")
    with pytest.raises(Refused):
        office.do(commands.LogIn, seat="b1", agent="a2")


def test_a_line_that_fails_in_a_call_ends_it_by_the_box(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineHungUp, "l1", by="lost")
    office.tell(told.LineFault, "l1", why="gone")
    assert office.call(call).ended_by == "box" and office.states["b1"] == "wrap_up"


def test_two_callers_and_two_seats_meet_at_once(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.log_in("b2", "a2")
    first, second = office.ring("l1"), office.ring("l2")
    assert {office.outcomes(first)[0][0], office.outcomes(second)[0][0]} == {"b1", "b2"}


def test_a_caller_who_rings_in_as_the_line_is_to_dial_has_the_line_and_the_offer_goes_on(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    first = office.ring("l1")
    assert office.seat("p1").leg == "l3"
    office.tell(told.LineRinging, "l3", ring=1)
    assert office.outcomes(first)[0] == ("p1", "withdrawn")
    assert len(office.switchboard.live.calls) == 2 and office.seat("p1").leg in (None, "l2")


def test_a_chosen_pause_can_be_taken_back_during_the_call(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.ChooseNext, seat="b1", status="paused:lunch")
    office.do(commands.ChooseNext, seat="b1", status="wrap_up")
    office.hang_up("l1")
    assert office.states["b1"] == "wrap_up"


@pytest.mark.parametrize("seat", ["b1", "p1"])
def test_after_a_restart_who_was_paused_is_paused_and_who_was_free_is_free(office: TestOffice, seat: str) -> None:
    place = office.seat(seat).id
    agent = next(iter(office.agent_numbers()))
    office._take(office.switchboard.take_up(OpenCalls(), [(place, agent, "paused:lunch")], office.now_ms))
    assert office.states[seat] == "paused" and office.seat(seat).reason == "lunch"
    office.pages.add("b1")
    call = office.ring("l1")
    office.wait(3_000)
    assert office.outcomes(call) == []
    office.do(commands.Resume, seat=seat)
    office.wait(1_000)
    assert office.states[seat] == "ringing"


def test_a_pause_chosen_while_the_seat_is_lost_in_a_call_keeps_its_reason(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.pages.clear()
    office.wait(3_000)
    office.do(commands.Pause, seat="b1", reason="lunch")
    office._take(office.switchboard.alive(office.seat("b1").id, office.now_ms))
    assert office.states["b1"] == "talking"
    office.hang_up("l1")
    assert (office.states["b1"], office.seat("b1").reason) == ("paused", "lunch")


def test_who_chose_to_leave_after_the_call_leaves_when_his_caller_is_taken_from_him(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.do(commands.ChooseNext, seat="b1", status="logged_out")
    office.pages.clear()
    office.wait(33_000)
    assert office.states["b1"] == "logged_out" and office.seat("b1").next_status is None


def test_who_chose_to_leave_after_the_call_leaves_when_the_line_to_his_phone_is_lost(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    call = office.ring("l1")
    office.tell(told.DigitHeard, "l3", digit="1")
    office.do(commands.ChooseNext, seat="p1", status="logged_out")
    office.hang_up("l3", by="lost")
    assert office.states["p1"] == "logged_out" and office.call(call).state == "queued"


def test_a_leg_that_is_still_hanging_up_does_not_start_the_rings_of_the_next_offer() -> None:
    office = TestOffice(a_document(lines=4))
    office.log_in("p1", "a1")
    office.ring("l1")
    office.do(commands.Reject, seat="p1")
    office.wait(10_000)
    assert office.seat("p1").leg == "l3"
    office.tell(told.LineAlerting, "l4")
    assert not office.told(happened.OfferRang)


def test_a_phone_seat_is_dialled_on_another_line_while_its_last_leg_still_hangs_up() -> None:
    office = TestOffice(a_document(lines=4, wrap_up_s=0.0))
    office.log_in("p1", "a1")
    office.ring("l1")
    second = office.ring("l2")
    office.tell(told.DigitHeard, "l4", digit="1")
    office.do(commands.HangUp, seat="p1")
    assert office.outcomes(second) == [("p1", None)] and office.seat("p1").leg == "l3"


def test_a_leg_that_ends_by_itself_leaves_no_prompt_on_its_line(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    office.ring("l1")
    office.hang_up("l3", by="busy")
    assert office.ears.playing["line:l3"] is None


@pytest.mark.parametrize("at_ms", [0, 1, 4_999, 5_000, 5_001, 14_999])
def test_an_offer_that_is_withdrawn_counts_the_rings_that_had_begun(office: TestOffice, at_ms: int) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.wait(at_ms)
    office.hang_up("l1")
    assert office.call(call).offers[0].rings == max(1, -(-at_ms // 5_000))


def test_a_calls_id_is_not_given_again_though_the_journal_could_not_take_an_earlier_one(office: TestOffice) -> None:
    office.tell(told.LineRinging, "l1", ring=1)
    office.ring("l2")
    days = DayBook(lambda utc: "today")
    for fact in office.told(happened.CallStarted)[1:]:
        days.take(0, fact)
    assert days.last_call == 2
