"""A new configuration in a living office (E2): what is gone goes when no call uses it, and nobody is stuck with it."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import NotFound
from appliance.calls import commands
from appliance.calls.left_open import OpenCalls
from appliance.events import call as happened
from appliance.events import line as told
from appliance.events.seat import AgentLoggedOut
from firmware_cfg.document import Document, Queue
from tests.support.office import TestOffice, a_document


@pytest.fixture
def office() -> TestOffice:
    return TestOffice()


def configure(office: TestOffice, document: Document) -> None:
    office._take(office.switchboard.configure(document, office.now_ms))


def without(office: TestOffice, kind: str, name: str) -> Document:
    document = office.switchboard.live.document
    return replace(document, **{kind: tuple(each for each in getattr(document, kind) if each.id != name)})


def other_queue(office: TestOffice) -> Document:
    """Queue q is gone; its lines and people belong to r."""
    document = office.switchboard.live.document
    return replace(
        document,
        queue=(Queue(id="r"),),
        line=tuple(replace(line, queue="r") for line in document.line),
        agent=tuple(replace(agent, queues=("r",)) for agent in document.agent),
    )


def test_an_agent_who_is_taken_out_is_logged_out_and_cannot_log_in_again(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    configure(office, without(office, "agent", "a1"))
    assert office.states["b1"] == "logged_out" and "a1" not in office.switchboard.live.agents
    assert [fact.why for fact in office.told(AgentLoggedOut)] == ["configuration"]  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        office.log_in("b1", "a1")


def test_an_agent_who_is_taken_out_in_a_call_ends_it_first(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    configure(office, without(office, "agent", "a1"))
    assert office.states["b1"] == "talking"
    office.hang_up("l1")
    assert office.states["b1"] == "logged_out" and office.call(call).ended_by == "caller"


def test_a_ringing_seat_that_is_taken_out_gives_its_caller_to_the_next(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.wait(1)
    office.log_in("b2", "a2")
    call = office.ring("l1")
    configure(office, without(office, "seat", "b1"))
    assert "b1" not in office.states and office.outcomes(call) == [("b1", "withdrawn"), ("b2", None)]


def test_a_phone_seat_that_is_taken_out_goes_when_its_leg_is_hung_up(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    office.ring("l1")
    office.tell(told.LineDialling, "l3")
    configure(office, without(office, "seat", "p1"))
    office.tell(told.LineAlerting, "l3")
    office.tell(told.DigitHeard, "l3", digit="1")
    office.hang_up("l3", by="us")
    assert "p1" not in office.states


def test_a_seat_that_becomes_a_phone_is_one_as_soon_as_it_is_idle(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    document = office.switchboard.live.document
    phone = replace(document.seat[0], kind="phone", number="13800138009")
    configure(office, replace(document, seat=(phone, *document.seat[1:])))
    assert office.states["b1"] == "talking" and not office.seat("b1").is_phone
    office.hang_up("l1")
    assert office.states["b1"] == "logged_out" and office.seat("b1").is_phone


def test_a_line_that_is_taken_out_in_a_call_goes_when_its_modem_has_hung_up(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    configure(office, without(office, "line", "l1"))
    office.do(commands.HangUp, seat="b1")
    assert "l1" in office.switchboard.live.lines
    office.hang_up("l1", by="us")
    assert "l1" not in office.switchboard.live.lines


def test_who_waits_in_a_queue_that_is_taken_out_goes_where_his_line_leads_now(office: TestOffice) -> None:
    call = office.ring("l1")
    configure(office, other_queue(office))
    assert office.call(call).queue == "r"
    office.log_in("b1", "a1")
    assert office.outcomes(call) == [("b1", None)]


def test_who_rings_in_for_a_queue_that_is_taken_out_is_picked_up_for_the_other(office: TestOffice) -> None:
    office.tell(told.LineRinging, "l1", ring=1)
    configure(office, other_queue(office))
    office.tell(told.CallerKnown, "l1", caller=None)
    office.tell(told.LineAnswered, "l1")
    assert [fact.queue for fact in office.told(happened.CallQueued)] == ["r"]  # type: ignore[attr-defined]


def test_who_waits_where_nothing_leads_any_more_is_let_go(office: TestOffice) -> None:
    call = office.ring("l1")
    document = other_queue(office)
    configure(office, replace(document, line=tuple(replace(line, queue=None) for line in document.line)))
    assert office.call(call).ended_by == "box" and ("hang_up", "l1", None) in office.orders.log


def test_a_talk_of_a_queue_that_is_taken_out_goes_on_and_is_not_lost_with_its_seat(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    configure(office, other_queue(office))
    assert office.states["b1"] == "talking"
    office.pages.clear()
    office.wait(33_000)
    office.log_in("b2", "a2")
    assert office.call(call).queue == "r" and office.outcomes(call)[-1] == ("b2", None)


def test_a_configuration_read_again_leaves_a_phone_its_time_to_be_dialled(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    configure(office, office.switchboard.live.document)
    office.ring("l1")
    assert office.seat("p1").until_ms == office.now_ms + 4_000 + 15_000


def test_after_a_restart_who_cannot_sit_there_any_more_is_logged_out_in_the_journal() -> None:
    office = TestOffice(a_document(browsers=1, people=1))
    seats = [("gone", "a1", None), ("b1", "left", None), ("b1", "a1", None)]
    office._take(office.switchboard.take_up(OpenCalls(), seats, office.now_ms))  # type: ignore[arg-type]
    assert [(fact.seat, fact.why) for fact in office.told(AgentLoggedOut)] == [("gone", "restart"), ("b1", "restart")]  # type: ignore[attr-defined]
    assert office.states["b1"] == "free"
