"""The agent whose customer the caller is: first in any case, alone for a while (rule 8)."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, WRAP, Office, offers


def test_an_owner_gets_his_customer_though_others_are_idle_longer(office: Office) -> None:
    office.staff(7, 8, 9)
    assert offers(office.call(1, owner=8)) == [(1, 8)]
    assert offers(office.call(2, owner=8)) == [(2, 7)]  # he is offered already, and the call is not held


def test_an_owner_takes_his_customer_before_a_caller_with_more_points(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    office.calls(2, priority=1_000)
    office.calls(3, owner=7)
    assert offers(office(i.AgentHangsUp(7))) == [(3, 7)]


def test_an_owner_is_first_when_the_hold_has_long_ended(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    office.calls(2, 3)
    office.calls(4, owner=7, owner_ms=5)
    office.wait(60_000)
    assert offers(office(i.AgentHangsUp(7))) == [(4, 7)]


def test_an_owner_with_two_customers_takes_the_first_of_them(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    office.calls(2, 3, owner=7)
    office.calls(4, owner=7, priority=1)
    assert offers(office(i.AgentHangsUp(7))) == [(4, 7)]
    office(i.AgentAnswers(4, 7))
    assert offers(office(i.AgentHangsUp(7))) == [(2, 7)]


def test_of_owners_free_at_once_the_smaller_number_is_first(office: Office) -> None:
    office.staff(9, 8)
    office.talk(1, 9)
    office.talk(2, 8)
    office(i.AgentHangsUp(9))
    office(i.AgentHangsUp(8))
    office.calls(3, owner=9, priority=5)
    office.calls(4, owner=8)
    office.now += WRAP
    assert offers(office(i.Tick())) == [(4, 8), (3, 9)]


def test_owners_come_before_all_others_in_a_step(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentHangsUp(8))
    office.calls(3, priority=9)
    office.calls(4, owner=7)
    office.now += WRAP
    assert offers(office(i.Tick())) == [(4, 7), (3, 8)]


def test_for_the_time_of_the_hold_nobody_else_gets_the_owners_customer(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    assert office.call(2, owner=7, owner_ms=5_000) == []
    assert office.core.why_not(2, 8) == "held for owner"
    assert office.core.next_deadline_ms == office.now + 5_000
    assert office.wait(4_999) == []
    assert office.wait(1) == [d.Offer(2, 8, office.now + RING)]


def test_a_held_caller_lets_others_pass(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=5_000)
    assert offers(office.call(3)) == [(3, 8)]


def test_a_late_tick_ends_the_hold(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=5_000)
    office.now += 50_000
    assert offers(office(i.AgentHangsUp(7))) == [(2, 8)]


def test_the_owner_who_comes_in_time_gets_his_customer(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=5_000)
    office.wait(4_999)
    assert offers(office(i.AgentHangsUp(7))) == [(2, 7)]


def test_a_hold_waits_for_an_owner_in_wrap_up(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=3_000)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    assert office.call(2, owner=7, owner_ms=5_000) == []
    assert offers(office.wait(3_000)) == [(2, 7)]


def test_a_hold_waits_for_an_owner_who_rests(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.CallLeaves(1))
    assert office.call(2, owner=7, owner_ms=60_000) == []
    assert offers(office.wait(REST)) == [(2, 7)]


def test_a_hold_waits_for_an_owner_in_a_call_outside(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office(i.AgentDials(7))
    assert office.call(2, owner=7, owner_ms=60_000) == []
    assert offers(office(i.AgentHangsUp(7))) == [(2, 7)]


@pytest.mark.parametrize(
    "gone",
    [i.AgentBlocked(7, 3), i.AgentVanishes(7), i.AgentSet(7, ()), i.AgentSet(7, (2,))],
    ids=lambda gone: type(gone).__name__,
)
def test_a_hold_ends_when_the_owner_cannot_be_had(office: Office, gone: i.Input) -> None:
    office.queues(2)
    office.staff(7, 8)
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=60_000)
    assert offers(office(gone)) == [(2, 8)]


def test_a_hold_ends_when_the_owner_pauses(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=60_000)
    assert office(i.AgentPauses(7)) == []  # he talks still
    assert offers(office(i.AgentHangsUp(7))) == [(2, 8)]


def test_a_hold_ends_when_the_owner_logs_out(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office.call(2, owner=7, owner_ms=60_000)
    assert offers(office(i.AgentLogsOut(7))) == [(2, 8)]


def test_a_hold_ends_when_the_owner_had_his_turn(office: Office) -> None:
    office.staff(7, 8)
    assert offers(office.call(2, owner=7, owner_ms=60_000)) == [(2, 7)]
    assert offers(office(i.AgentRejects(2, 7))) == [(2, 8)]


def test_a_hold_ends_when_the_owner_loses_the_skill(office: Office) -> None:
    office(i.WantSet(1, needs=((5, 2),)))
    office.staff(7, 8, skills=((5, 2),))
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=60_000, want=1)
    assert offers(office(i.AgentSet(7, (1,), skills=((5, 1),)))) == [(2, 8)]


def test_who_does_not_serve_the_queue_holds_nobody(office: Office) -> None:
    office.queues(2)
    office.staff(7, queues=(2,))
    office.staff(8)
    assert offers(office.call(1, owner=7, owner_ms=60_000)) == [(1, 8)]


def test_an_unknown_owner_holds_nobody(office: Office) -> None:
    office.staff(8)
    assert offers(office.call(1, owner=55, owner_ms=60_000)) == [(1, 8)]


def test_each_of_two_unknown_owners_finds_his_caller_when_he_is_known(office: Office) -> None:
    office.call(3, priority=1_000)
    for call, owner in ((1, 55), (2, 56)):
        office.call(call, owner=owner)
    for call, owner in ((2, 56), (1, 55)):
        office(i.AgentSet(owner, (1,)))
        assert offers(office(i.AgentLogsIn(owner))) == [(call, owner)]


def test_an_owner_whom_the_caller_excludes_holds_nobody(office: Office) -> None:
    office.staff(7, 8)
    assert offers(office.call(1, owner=7, owner_ms=60_000, never=(7,))) == [(1, 8)]


def test_an_owner_on_demand_who_has_not_asked_holds_nobody(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentTraits(7, on_demand=True))
    assert offers(office.call(1, owner=7, owner_ms=60_000)) == [(1, 8)]


def test_an_owner_on_demand_who_asked_is_waited_for(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentDials(7))
    office(i.AgentAsks(7))
    assert office.call(1, owner=7, owner_ms=60_000) == []


def test_an_owner_who_comes_back_is_waited_for_again(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentDials(8))
    office(i.AgentPauses(7))
    office.call(1, owner=7, owner_ms=60_000)
    office(i.AgentDials(7))
    office(i.AgentResumes(7))
    assert office(i.AgentHangsUp(8)) == [d.WrapUp(8, office.now + WRAP)]
    assert office.wait(WRAP) == [d.Free(8)]


def test_a_requeued_caller_has_no_owner(office: Office) -> None:
    office.staff(7, 8)
    assert offers(office.call(1, owner=7, owner_ms=60_000)) == [(1, 7)]
    office(i.AgentAnswers(1, 7))
    assert offers(office(i.AgentVanishes(7, keep_ms=0))) == [(1, 8)]
    office(i.AgentReturns(7))
    office(i.AgentPauses(8))
    office.staff(6)
    assert office.core.agent(6)[0] == "free"
    assert office.core.agent(7)[0] == "offered"


def test_a_moved_caller_has_no_owner(office: Office) -> None:
    office.queues(2)
    office.staff(7, 8, queues=(1, 2))
    office.talk(1, 7)
    office.call(2, owner=7, owner_ms=60_000)
    assert offers(office(i.CallMoves(2, 2))) == [(2, 8)]


def test_the_hold_counts_from_joining_not_from_the_age(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    assert office.call(2, owner=7, owner_ms=5_000, waited_ms=100_000) == []
    assert offers(office.wait(5_000)) == [(2, 8)]


def test_a_held_caller_rings_his_owner_alone_where_several_ring_at_once(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    assert offers(office.call(1, owner=8, owner_ms=5_000)) == [(1, 8)]
    assert offers(office.wait(5_000)) == [(1, 7), (1, 9)]
