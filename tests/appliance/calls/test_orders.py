"""A supervisor's orders: take this call now, withdraw, move (A3)."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands
from appliance.calls.explanation import explained
from appliance.calls.seats import SeatState
from firmware_cfg.document import Queue
from tests.support.office import UTC, TestOffice, a_document


@pytest.fixture
def office() -> TestOffice:
    """a1 at b1 serves q, where l1 leads, a2 at b2 serves r."""
    document = a_document()
    agents = (document.agent[0], replace(document.agent[1], queues=("r",)), *document.agent[2:])
    made = TestOffice(replace(document, queue=(*document.queue, Queue(id="r")), agent=agents))
    made.log_in("b1", "a1")
    made.log_in("b2", "a2")
    return made


def told(office: TestOffice, call: str) -> list[tuple[str, dict[str, str]]]:
    return [(each.what, each.words) for each in office.call(call).timeline if "ordered" in each.what]  # type: ignore[arg-type]


def test_an_agent_of_another_queue_takes_the_call_now_and_who_rang_for_it_stops_without_a_miss(office: TestOffice) -> None:
    call = office.ring("l1")
    office.do(commands.TakeNow, call=call, agent="a2", by="boss")
    assert office.outcomes(call) == [("b1", "withdrawn"), ("b2", None)]
    assert office.states["b1"] == "free" and office.seat("b1").rests_until_ms is None
    office.do(commands.Answer, seat="b2")
    assert office.call(call).agent == "a2"
    assert told(office, call) == [("timeline.ordered_take", {"by": "boss", "agent": "a2"})]


def test_the_order_ends_a_wrap_up_but_no_pause(office: TestOffice) -> None:
    office.ring("l1")
    office.do(commands.Answer, seat="b1")
    office.hang_up("l1")
    assert office.states["b1"] == "wrap_up"
    second = office.ring("l2")
    office.do(commands.TakeNow, call=second, agent="a1", by="boss")
    assert office.states["b1"] == "ringing"
    office.do(commands.Pause, seat="b2", reason="meal")
    with pytest.raises(Refused) as refused:
        office.do(commands.TakeNow, call=second, agent="a2", by="boss")
    assert refused.value.key == "order.not_free" and refused.value.words["state"] == "paused"
    assert office.outcomes(second) == [("b1", None)], "who rings for him goes on"


def test_a_withdrawn_offer_is_no_miss_and_the_next_one_has_his_turn(office: TestOffice) -> None:
    office.log_in("p1", "a3")
    call = office.ring("l1")
    office.do(commands.Withdraw, call=call, agent="a1", by="boss")
    assert office.outcomes(call) == [("b1", "withdrawn"), ("p1", None)]
    assert office.seat("b1").state is SeatState.FREE and office.days.missed_on(0, "a1") == 0
    assert told(office, call) == [("timeline.ordered_withdraw", {"by": "boss", "agent": "a1"})]


def test_a_moved_caller_waits_there_with_his_age(office: TestOffice) -> None:
    office.do(commands.Pause, seat="b1", reason="meal")
    office.do(commands.Pause, seat="b2", reason="meal")
    older = office.ring("l1")
    office.wait(1_000)
    younger = office.ring("l2")
    for call in (younger, older):
        office.do(commands.MoveCall, call=call, queue="r", by="boss")
    assert list(office.switchboard.live.queues.waiting("r")) == [older, younger]  # type: ignore[arg-type]
    office.do(commands.Resume, seat="b2")
    assert office.outcomes(older) == [("b2", None)]
    assert told(office, older) == [("timeline.ordered_move", {"by": "boss", "queue": "r"})]


@pytest.mark.parametrize(
    ("command", "values", "key"),
    [
        (commands.TakeNow, {"agent": "a1"}, "order.rings_already"),
        (commands.TakeNow, {"agent": "a4"}, "order.not_free"),
        (commands.Withdraw, {"agent": "a2"}, "order.no_offer"),
        (commands.MoveCall, {"queue": "q"}, "order.there_already"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(office: TestOffice, command: type, values: dict[str, str], key: str) -> None:
    call = office.ring("l1")
    with pytest.raises(Refused) as refused:
        office.do(command, call=call, by="boss", **values)
    assert refused.value.key == key and office.outcomes(call) == [("b1", None)] and told(office, call) == []


def test_a_call_that_talks_or_is_none_is_not_ordered_about(office: TestOffice) -> None:
    call = office.ring("l1")
    office.do(commands.Answer, seat="b1")
    with pytest.raises(Refused):
        office.do(commands.MoveCall, call=call, queue="r", by="boss")
    for command, values in ((commands.TakeNow, {"agent": "a2"}), (commands.MoveCall, {"queue": "r"})):
        with pytest.raises(NotFound):
            office.do(command, call="c000099", by="boss", **values)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        office.do(commands.TakeNow, call=office.ring("l2"), agent="nobody", by="boss")


def test_why_it_went_to_whom_says_that_it_was_ordered(office: TestOffice) -> None:
    call = office.ring("l1")
    office.do(commands.TakeNow, call=call, agent="a2", by="boss")
    moments = explained([(UTC + fact.at_ms, fact) for fact in office.facts], call)
    assert [(moment.agent, moment.ordered) for moment in moments] == [("a1", False), ("a2", True)]
