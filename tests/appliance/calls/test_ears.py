"""What the box hears at the other end (A1 A3): a fax machine that calls or is called, an answering machine. Told once, then as is set."""

import pytest
from msgspec.structs import replace

from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.events import line as told
from appliance.events.call import CallBackFailed, OfferMissed
from tests.appliance.calls.test_callbacks import ME, a_queue_with_keys, asks, busy_office, free, reached
from tests.support.office import TestOffice, a_document


def an_office(fax: str = "tell") -> TestOffice:
    document = a_document(wrap_up_s=0)
    made = TestOffice(replace(document, line=tuple(replace(line, fax=fax) for line in document.line)))
    made.log_in("b1", "a1")
    return made


def a_call_back(machine: str = "tell") -> tuple[TestOffice, CallId]:
    """The customer's number is being dialled on l4, its agent waits."""
    office = busy_office(a_queue_with_keys(call_back_machine=machine, **({} if machine == "tell" else {"call_back_tries": 1})))
    back = asks(office, "l2")
    free(office)
    office.do(commands.Answer, seat="b1")
    office.tell(told.LineDialling, "l4")
    return office, back


def moments(office: TestOffice, call: CallId) -> list[str]:
    return [moment.what.removeprefix("timeline.") for moment in office.call(call).timeline]


def test_a_fax_machine_that_calls_is_told_and_still_offered() -> None:
    office = an_office()
    call = office.ring("l1", ME)
    office.tell(told.LineHeard, "l1", what="fax_calls")
    assert office.states["b1"] == "ringing" and ("hang_up", "l1", None) not in office.orders.log
    assert office.call(call).far_end == "fax_calls" and moments(office, call).count("fax_calls") == 1


@pytest.mark.parametrize("agents", [True, False])
def test_where_it_is_set_it_rings_nobody_any_longer_and_nobody_has_missed_it(agents: bool) -> None:
    office = an_office("hang_up")
    if not agents:
        office.do(commands.LogOut, seat="b1")
    call = office.ring("l1", ME)
    office.wait(1_000)
    office.tell(told.LineHeard, "l1", what="fax_calls")
    view = office.call(call)
    assert ("hang_up", "l1", None) in office.orders.log
    assert (view.state, view.ended_by, view.timeline[-1].words["why"]) == ("ended", "box", "fax")
    assert not agents or (office.states["b1"] == "free" and office.outcomes(call) == [("b1", "withdrawn")])
    assert not [fact for fact in office.facts if isinstance(fact, OfferMissed)]


def test_a_customers_talk_is_not_cut_by_such_a_sound() -> None:
    office = an_office("hang_up")
    call = office.ring("l1", ME)
    office.do(commands.Answer, seat="b1")
    for what in ("fax_calls", "fax_answers"):
        office.tell(told.LineHeard, "l1", what=what)
        assert office.call(call).state == "talking" and office.call(call).far_end == what


def test_a_call_back_that_a_fax_answers_is_over_before_the_agent_says_anything() -> None:
    office, back = a_call_back()
    office.tell(told.LineHeard, "l4", what="fax_answers")
    assert ("hang_up", "l4", None) in office.orders.log and office.states["b1"] == "free"
    assert [fact.why for fact in office.facts if isinstance(fact, CallBackFailed)] == ["fax"]
    view = office.call(back)
    assert (view.ended_by, view.timeline[-1].words["why"], view.far_end) == ("box", "fax", "fax_answers")
    assert office.switchboard.live.tickets == {}


def test_and_where_the_modem_had_said_that_it_was_answered() -> None:
    office, back = a_call_back()
    reached(office, "l4")
    assert office.states["b1"] == "talking"
    office.tell(told.LineHeard, "l4", what="fax_answers")
    assert ("hang_up", "l4", None) in office.orders.log and office.states["b1"] == "free"
    assert (office.call(back).ended_by, office.call(back).timeline[-1].words["why"]) == ("box", "fax")


def test_a_machine_on_a_call_back_is_told_to_its_agent_who_decides() -> None:
    office, back = a_call_back()
    reached(office, "l4")
    office.tell(told.LineHeard, "l4", what="machine")
    office.tell(told.LineHeard, "l4", what="beep")
    assert office.call(back).state == "talking" and office.call(back).far_end == "machine"
    assert moments(office, back)[-2:] == ["machine", "beep"]


def test_a_machine_is_hung_up_on_where_it_is_set_but_never_after_a_person_was_heard() -> None:
    office, back = a_call_back("hang_up")
    reached(office, "l4")
    office.tell(told.LineHeard, "l4", what="machine")
    view = office.call(back)
    assert (view.state, view.ended_by, view.timeline[-1].words["why"]) == ("ended", "box", "answering machine")
    assert office.states["b1"] == "free" and ("hang_up", "l4", None) in office.orders.log
    office, back = a_call_back("hang_up")
    reached(office, "l4")
    office.tell(told.LineHeard, "l4", what="person")
    office.tell(told.LineHeard, "l4", what="machine")
    assert office.call(back).state == "talking" and office.call(back).far_end == "machine"


def test_at_an_outside_number_that_is_asked_into_a_call_it_is_told_with_the_number() -> None:
    document = a_document(lines=4, wrap_up_s=0)
    office = TestOffice(replace(document, transfer=replace(document.transfer, outside="on", numbers=("",))))
    office.log_in("b1", "a1")
    call = office.ring("l1", ME)
    office.do(commands.Answer, seat="b1")
    office.do(commands.Transfer, seat="b1", to="075512345678", kind="consult")
    line = next(line for what, line, number in office.orders.log if what == "dial" and number == "075512345678")
    reached(office, line)
    office.tell(told.LineHeard, line, what="machine")
    assert office.call(call).far_end is None and office.call(call).state == "held"
    assert (office.call(call).timeline[-1].what, office.call(call).timeline[-1].words) == ("timeline.machine", {"why": "075512345678"})


def test_who_takes_an_agents_own_telephone_is_no_fact_of_the_call() -> None:
    office = TestOffice(a_document(lines=4))
    office.log_in("p1", "a1")
    call = office.ring("l1", ME)
    line = next(line for what, line, _ in office.orders.log if what == "dial")
    office.tell(told.LineDialling, line)
    office.tell(told.LineConnected, line)
    office.tell(told.LineHeard, line, what="machine")
    assert office.call(call).far_end is None and "machine" not in moments(office, call)


def test_a_call_back_that_the_box_took_up_after_a_restart_still_ends_by_a_fax() -> None:
    office, back = a_call_back()
    reached(office, "l4")
    office.restart(holds=["l4"])
    office.tell(told.LineHeard, "l4", what="fax_answers")
    assert (office.call(back).ended_by, office.call(back).timeline[-1].words["why"]) == ("box", "fax")


def test_a_sound_on_a_line_without_a_call_changes_nothing() -> None:
    office = an_office("hang_up")
    office.tell(told.LineHeard, "l1", what="fax_calls")
    assert office.orders.log == []
