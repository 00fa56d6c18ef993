"""Hold, transfer, consultation, conference (A9): the customer is never cut, and what is known of the call travels with it."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import Refused
from appliance.base.ids import CallId, QueueId
from appliance.calls import commands
from appliance.events import call as happened
from appliance.events import line as told
from firmware_cfg.document import Queue
from tests.support.calls_in_states import a_big_office, an_outside_number_answers, at_work, the_call
from tests.support.office import TestOffice

CUSTOMER = "line:l1"


@pytest.fixture
def office() -> TestOffice:
    """b1 talks; b2, b3, b4 and the telephone p1 are free."""
    return at_work()


def transfer(office: TestOffice, to: str, kind: str = "blind", seat: str = "b1") -> None:
    office.do(commands.Transfer, seat=seat, to=to, kind=kind)


def hears(office: TestOffice) -> dict[str, set[str]]:
    """Who hears somebody at all."""
    return {place: set(sources) for place, sources in office.ears.hearing.items() if sources}


def recorded_without_a_break(office: TestOffice, call: str) -> bool:
    """The recording that began with the call runs still; the customer's line was never let go."""
    return office.ears.recorded[CallId(call)] is not None and ("hang_up", "l1", None) not in office.orders.log


# --- at once


def test_a_blind_transfer_to_a_seat_rings_there_alone_and_the_former_agent_wraps_up(office: TestOffice) -> None:
    call = the_call(office)
    transfer(office, "b3")
    assert office.states == {**office.states, "b1": "wrap_up", "b3": "ringing", "b2": "free"}
    assert office.ears.playing[CUSTOMER] == "ringback" and not hears(office)
    office.do(commands.Answer, seat="b3")
    assert hears(office) == {CUSTOMER: {"seat:b3"}, "seat:b3": {CUSTOMER}} and office.ears.playing[CUSTOMER] is None
    assert recorded_without_a_break(office, call) and office.ears.recorded[CallId(call)] == {"seat:b3"}
    assert office.call(CallId(call)).agents == ["a1"] and office.call(CallId(call)).agent == "a3"


def test_a_blind_transfer_by_an_agents_name_finds_his_seat(office: TestOffice) -> None:
    transfer(office, "a4")
    assert office.states["b4"] == "ringing"


def test_who_does_not_answer_a_transfer_has_missed_it_and_the_customer_goes_on_to_the_next(office: TestOffice) -> None:
    transfer(office, "b3")
    office.wait(15_000)
    assert office.days.missed_on(0, "a3") == 1
    assert [seat for seat, outcome in office.outcomes(CallId(the_call(office))) if outcome is None] == ["b2"]


def test_a_transfer_to_a_telephone_that_no_line_reaches_is_refused_and_the_talk_goes_on() -> None:
    office = at_work(replace(a_big_office(), line=a_big_office().line[:1]))
    with pytest.raises(Refused, match=r"seat\.no_line"):
        transfer(office, "p1")
    assert hears(office)[CUSTOMER] == {"seat:b1"}


def test_a_transfer_to_a_seat_whose_queues_are_others_waits_in_its_own_should_it_not_answer() -> None:
    document = a_big_office()
    people = tuple(replace(agent, queues=("r",)) if agent.id == "a3" else agent for agent in document.agent)
    office = at_work(replace(document, queue=(*document.queue, Queue(id="r")), agent=people))
    transfer(office, "b3")
    assert office.states["b3"] == "ringing" and office.states["b2"] == "free"
    assert office.call(CallId(the_call(office))).queue == "r"


def test_a_transferred_call_keeps_its_age_and_comes_before_who_called_later(office: TestOffice) -> None:
    first = the_call(office)
    office.wait(60_000)
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Pause, seat=seat, reason="x")
    second = office.ring("l2")
    office.wait(30_000)
    transfer(office, "q")
    assert list(office.switchboard.live.queues.waiting(QueueId("q"))) == [first, second]
    office.do(commands.Resume, seat="b2")
    assert office.call(CallId(first)).state == "offered" and office.states["b2"] == "ringing"


def test_who_is_passed_on_to_a_department_hears_its_name_and_then_the_music_of_all_who_wait() -> None:
    document = a_big_office()
    office = at_work(replace(document, queue=(*document.queue, Queue(id="r", said_as="ji4 shu4 bu4"))))
    transfer(office, "r")
    assert office.ears.playing[CUSTOMER] == "to:r"
    office.wait(10_000)
    assert office.ears.playing[CUSTOMER] == "hold"


def test_a_transfer_to_a_full_queue_is_refused_and_the_talk_goes_on() -> None:
    document = a_big_office()
    office = at_work(replace(document, queue=(*document.queue, Queue(id="r", length_max=1))))
    transfer(office, "r")
    office.ring("l2")
    office.wait(10_000)
    for seat in ("b1", "b2", "b3", "b4"):
        if office.states[seat] == "ringing":
            office.do(commands.Answer, seat=seat)
            with pytest.raises(Refused, match=r"queue\.full"):
                transfer(office, "r", seat=seat)
            assert office.states[seat] == "talking"
            return
    raise AssertionError("nobody was rung")


def test_a_queue_that_went_with_a_new_configuration_while_they_talked_sends_the_customer_where_his_line_leads_now() -> None:
    office = at_work()
    consult_done(office, "b2")
    document = office.switchboard.live.document
    fewer = replace(
        document,
        queue=(Queue(id="r"),),
        line=tuple(replace(line, queue="r") for line in document.line),
        agent=tuple(replace(agent, queues=("r",)) for agent in document.agent),
    )
    office._take(office.switchboard.configure(fewer, office.now_ms))
    office.pages.discard("b2")
    office.wait(3_000 + 30_000)
    assert office.call(CallId(the_call(office))).queue == "r"


def test_what_was_noted_and_who_had_the_customer_travels_along(office: TestOffice) -> None:
    office.do(commands.Note, seat="b1", text=" wants the invoice again ", by="li")
    transfer(office, "b3")
    office.do(commands.Answer, seat="b3")
    view = office.call(CallId(the_call(office)))
    assert [note.text for note in view.notes] == ["wants the invoice again"] and view.agents == ["a1"]
    assert view.picked_up_at_ms == office.call(CallId(view.id)).picked_up_at_ms
    assert [moment.what for moment in view.timeline].count("timeline.transferred") == 1


def test_what_the_call_was_about_is_said_in_wrap_up_of_the_call_that_was_passed_on_too(office: TestOffice) -> None:
    call = the_call(office)
    transfer(office, "b3")
    office.do(commands.Classify, seat="b1", reason="fault")
    assert office.call(CallId(call)).reason == "fault"
    assert [(fact.agent, fact.reason) for fact in office.told(happened.CallClassified)] == [("a1", "fault")]  # type: ignore[attr-defined]
    with pytest.raises(Refused, match=r"reason\.unknown"):
        office.do(commands.Classify, seat="b1", reason="weather")


# --- a consultation


def consult(office: TestOffice, to: str = "b2") -> None:
    transfer(office, to, "consult")
    office.do(commands.Answer, seat=to)


def consult_done(office: TestOffice, to: str) -> None:
    consult(office, to)
    office.do(commands.CompleteTransfer, seat="b1")


def test_in_a_consultation_the_two_talk_and_the_customer_hears_music(office: TestOffice) -> None:
    transfer(office, "b2", "consult")
    assert office.states["b1"] == "held" and office.states["b2"] == "ringing"
    assert office.ears.playing[CUSTOMER] == "hold" and office.ears.playing["seat:b1"] == "ringback"
    office.do(commands.Answer, seat="b2")
    assert hears(office) == {"seat:b1": {"seat:b2"}, "seat:b2": {"seat:b1"}}
    assert office.ears.playing[CUSTOMER] == "hold" and office.ears.playing["seat:b1"] is None
    assert office.call(CallId(the_call(office))).state == "held" and office.ears.recorded[CallId(the_call(office))] == frozenset()


def test_completed_the_customer_is_the_consulted_ones_and_everything_of_a_call_works_there(office: TestOffice) -> None:
    call = the_call(office)
    consult_done(office, "b2")
    assert office.states["b1"] == "wrap_up" and office.states["b2"] == "talking"
    assert hears(office) == {CUSTOMER: {"seat:b2"}, "seat:b2": {CUSTOMER}} and recorded_without_a_break(office, call)
    office.do(commands.Hold, seat="b2")
    office.do(commands.Retrieve, seat="b2")
    office.do(commands.Transfer, seat="b2", to="b3", kind="consult")
    office.do(commands.Answer, seat="b3")
    office.do(commands.CompleteTransfer, seat="b2")
    assert office.call(CallId(call)).agents == ["a1", "a2"] and office.call(CallId(call)).agent == "a3"
    assert "timeline.left" not in [moment.what for moment in office.call(CallId(call)).timeline], "whose the call is now has not left it"
    office.do(commands.HangUp, seat="b3")
    assert (
        office.call(CallId(call)).ended_by == "agent" and office.states["b3"] == "wrap_up" and ("hang_up", "l1", None) in office.orders.log
    )


def test_who_got_a_customer_in_a_consultation_is_the_one_who_talked_with_him_last(office: TestOffice) -> None:
    consult_done(office, "b2")
    assert office.talks.agents_of("13912345678") == ("a2",)
    supervised = the_call(office)
    office.do(commands.Supervise, seat="b4", call=supervised, mode="take_over", by="boss")
    assert office.talks.agents_of("13912345678") == ("a2",), "a supervisor's rescue makes him nobody's agent"


def test_cancelled_the_customer_is_back_with_his_agent(office: TestOffice) -> None:
    consult(office)
    office.do(commands.CancelTransfer, seat="b1")
    assert office.states["b1"] == "talking" and office.states["b2"] == "wrap_up"
    assert hears(office) == {CUSTOMER: {"seat:b1"}, "seat:b1": {CUSTOMER}}


@pytest.mark.parametrize("how", ["rejects", "does not answer", "hangs up"])
def test_a_consulted_one_who_is_not_there_leaves_the_customer_on_hold_until_he_is_retrieved(office: TestOffice, how: str) -> None:
    transfer(office, "b2", "consult")
    if how == "hangs up":
        office.do(commands.Answer, seat="b2")
        office.do(commands.HangUp, seat="b2")
    elif how == "rejects":
        office.do(commands.Reject, seat="b2")
    else:
        office.wait(15_000)
    assert office.states["b2"] == ("wrap_up" if how == "hangs up" else "free")
    assert office.states["b1"] == "held" and office.ears.playing[CUSTOMER] == "hold"
    assert not office.told(happened.OfferMissed)
    office.do(commands.Retrieve, seat="b1")
    assert hears(office)[CUSTOMER] == {"seat:b1"}


def test_the_agent_who_hangs_up_in_a_consultation_is_back_with_the_customer(office: TestOffice) -> None:
    consult(office)
    office.do(commands.HangUp, seat="b1")
    assert hears(office)[CUSTOMER] == {"seat:b1"} and office.call(CallId(the_call(office))).ended_at_ms is None


def test_a_customer_who_hangs_up_in_a_consultation_frees_both(office: TestOffice) -> None:
    consult(office)
    call = the_call(office)
    office.hang_up("l1")
    assert office.states["b1"] == office.states["b2"] == "wrap_up" and office.call(CallId(call)).ended_by == "caller"
    assert office.call(CallId(call)).parties == [] and office.ears.recorded[CallId(call)] is None


def test_a_consulted_telephone_confirms_with_its_key(office: TestOffice) -> None:
    transfer(office, "p1", "consult")
    line = office.seat("p1").leg
    assert line is not None and office.ears.playing[f"line:{line}"] == "prompt_key_1"
    office.tell(told.LineConnected, line)
    assert office.states["p1"] == "ringing"
    office.tell(told.DigitHeard, line, digit="1")
    assert hears(office) == {"seat:b1": {f"line:{line}"}, f"line:{line}": {"seat:b1"}}
    office.do(commands.CompleteTransfer, seat="b1")
    assert hears(office) == {CUSTOMER: {f"line:{line}"}, f"line:{line}": {CUSTOMER}}
    office.hang_up(line)
    assert office.states["p1"] == "wrap_up" and not office.switchboard.live.calls


def test_an_agent_at_a_telephone_who_puts_it_down_in_a_consultation_completes_it() -> None:
    office = at_work(caller=False)
    for seat in ("b1", "b2", "b3", "b4"):
        office.do(commands.Pause, seat=seat, reason="x")
    office.ring("l1")
    line = office.seat("p1").leg
    assert line is not None
    office.tell(told.DigitHeard, line, digit="1")
    office.do(commands.Resume, seat="b2")
    transfer(office, "b2", "consult", seat="p1")
    office.do(commands.Answer, seat="b2")
    office.hang_up(line)
    assert hears(office) == {CUSTOMER: {"seat:b2"}, "seat:b2": {CUSTOMER}} and office.states["p1"] == "wrap_up"


def test_a_consultation_with_a_department_rings_its_longest_free_agent(office: TestOffice) -> None:
    transfer(office, "q", "consult")
    assert office.states["b2"] == "ringing"
    office.do(commands.CancelTransfer, seat="b1")
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Pause, seat=seat, reason="x")
    with pytest.raises(Refused, match=r"queue\.nobody_free"):
        transfer(office, "q", "consult")


def test_who_is_asked_gets_no_other_call_meanwhile_and_keeps_his_place_among_the_free(office: TestOffice) -> None:
    transfer(office, "b2", "consult")
    office.ring("l2")
    assert office.states["b3"] == "ringing", "the longest free one after him"
    office.do(commands.CancelTransfer, seat="b1")
    office.ring("l3")
    assert office.states["b2"] == "ringing"


# --- a conference


def conference_of_five(office: TestOffice) -> None:
    for seat in ("b2", "b3", "b4"):
        transfer(office, seat, "conference")
        office.do(commands.Answer, seat=seat)


def test_five_talk_and_a_sixth_is_refused(office: TestOffice) -> None:
    conference_of_five(office)
    everybody = {CUSTOMER, "seat:b1", "seat:b2", "seat:b3", "seat:b4"}
    assert hears(office) == {place: everybody - {place} for place in everybody}
    assert office.ears.recorded[CallId(the_call(office))] == everybody - {CUSTOMER}
    with pytest.raises(Refused, match=r"conference\.full"):
        transfer(office, "p1", "conference")


def test_the_talk_goes_on_while_one_more_is_rung(office: TestOffice) -> None:
    transfer(office, "b2", "conference")
    assert hears(office) == {CUSTOMER: {"seat:b1"}, "seat:b1": {CUSTOMER}}


def test_an_agent_who_leaves_a_conference_leaves_the_customer_with_the_others(office: TestOffice) -> None:
    conference_of_five(office)
    office.do(commands.HangUp, seat="b1")
    everybody = {CUSTOMER, "seat:b2", "seat:b3", "seat:b4"}
    assert office.states["b1"] == "wrap_up" and hears(office) == {place: everybody - {place} for place in everybody}
    assert office.call(CallId(the_call(office))).agent == "a2"
    for seat in ("b2", "b3"):
        office.do(commands.HangUp, seat=seat)
    assert hears(office) == {CUSTOMER: {"seat:b4"}, "seat:b4": {CUSTOMER}}
    office.do(commands.HangUp, seat="b4")
    assert not office.switchboard.live.calls and not hears(office)


def test_one_of_three_who_mutes_himself_is_heard_by_nobody(office: TestOffice) -> None:
    consult(office)
    office.do(commands.JoinTransfer, seat="b1")
    office.do(commands.Mute, seat="b2", muted=True)
    assert hears(office) == {CUSTOMER: {"seat:b1"}, "seat:b1": {CUSTOMER}, "seat:b2": {CUSTOMER, "seat:b1"}}


def test_a_conference_goes_on_when_its_agents_page_vanishes_and_is_a_colleagues_after_thirty_seconds(office: TestOffice) -> None:
    consult(office)
    office.do(commands.JoinTransfer, seat="b1")
    office.pages.discard("b1")
    office.wait(3_000)
    assert hears(office) == {CUSTOMER: {"seat:b2"}, "seat:b2": {CUSTOMER}} and office.ears.playing[CUSTOMER] is None
    office.wait(30_000)
    assert office.call(CallId(the_call(office))).agent == "a2" and hears(office)[CUSTOMER] == {"seat:b2"}


def test_a_handed_over_call_whose_page_vanishes_is_kept_thirty_seconds_and_then_waits_first(office: TestOffice) -> None:
    call = the_call(office)
    consult_done(office, "b2")
    office.pages.discard("b2")
    office.wait(3_000)
    assert office.ears.playing[CUSTOMER] == "hold" and office.states["b2"] == "fault"
    office.wait(29_000)
    office.pages.add("b2")
    office.wait(1_000)
    assert hears(office)[CUSTOMER] == {"seat:b2"}
    office.pages.discard("b2")
    office.wait(4_000 + 30_000)
    assert office.call(CallId(call)).state == "offered" and office.call(CallId(call)).ended_at_ms is None


# --- outside


@pytest.mark.parametrize(("rule", "refusal"), [("off", "transfer.outside_off"), ("stay", "transfer.outside_stay")])
def test_nothing_goes_from_line_to_line_but_by_the_boxs_own_rule(rule: str, refusal: str) -> None:
    office = at_work(a_big_office(outside=rule))
    with pytest.raises(Refused, match=refusal):
        transfer(office, "13700000000")
    assert not [order for order in office.orders.log if order[0] == "dial"]
    if rule == "stay":
        transfer(office, "13700000000", "consult")
        an_outside_number_answers(office)
        with pytest.raises(Refused, match=refusal):
            office.do(commands.CompleteTransfer, seat="b1")
        office.do(commands.JoinTransfer, seat="b1")
        assert len(hears(office)) == 3


def test_a_number_that_the_rule_does_not_name_is_refused(office: TestOffice) -> None:
    with pytest.raises(Refused, match=r"transfer\.number_not_allowed"):
        transfer(office, "0085212345678", "consult")


@pytest.mark.parametrize("answers", [True, False], ids=["the line says that it answered", "an analog line says nothing"])
def test_a_consulted_outside_number_is_heard_from_its_first_ring_and_gets_the_customer(office: TestOffice, answers: bool) -> None:
    call = the_call(office)
    transfer(office, "13700000000", "consult")
    line = next(line.id for line in office.switchboard.live.lines.values() if line.party_of)
    assert ("dial", line, "13700000000") in office.orders.log and office.ears.playing["seat:b1"] == "ringback"
    office.tell(told.LineSoundOn, line)
    assert hears(office) == {"seat:b1": {f"line:{line}"}, f"line:{line}": {"seat:b1"}} and office.ears.playing["seat:b1"] is None
    if answers:
        an_outside_number_answers(office)
    office.do(commands.CompleteTransfer, seat="b1")
    assert hears(office) == {CUSTOMER: {f"line:{line}"}, f"line:{line}": {CUSTOMER}} and office.states["b1"] == "wrap_up"
    assert office.call(CallId(call)).state == "outside" and recorded_without_a_break(office, call)
    assert office.ears.recorded[CallId(call)] == {f"line:{line}"}
    office.hang_up(line)
    assert office.call(CallId(call)).ended_by == "box" and ("hang_up", "l1", None) in office.orders.log


@pytest.mark.parametrize("by", ["busy", "congestion", "no_answer", "refused", "lost"])
def test_a_customer_sent_to_a_number_that_does_not_answer_is_back_at_the_head_of_his_queue(office: TestOffice, by: str) -> None:
    call = the_call(office)
    transfer(office, "13700000000")
    line = next(line.id for line in office.switchboard.live.lines.values() if line.party_of)
    office.hang_up(line, by)
    assert office.call(CallId(call)).state == "offered" and recorded_without_a_break(office, call)


def test_a_customer_and_an_outside_number_are_parted_after_the_longest_time(office: TestOffice) -> None:
    call = the_call(office)
    transfer(office, "13700000000")
    an_outside_number_answers(office)
    office.wait(1_799_000)
    assert office.call(CallId(call)).ended_at_ms is None
    office.wait(1_000)
    assert office.call(CallId(call)).ended_by == "box"


def test_both_lines_are_free_again_when_the_customer_leaves_an_outside_talk(office: TestOffice) -> None:
    transfer(office, "13700000000")
    line = an_outside_number_answers(office)
    office.hang_up("l1")
    assert ("hang_up", line, None) in office.orders.log and not hears(office)
    office.hang_up(line, "us")
    assert office.switchboard.live.lines[line].may_dial  # type: ignore[index]
