"""Where two rules meet: found by changes of the core that no other test noticed (E4)."""

import sys
from collections.abc import Callable

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Empty, Strategy
from appliance.core.reference import Oracle
from tests.support.core_office import REST, RING, WRAP, Core, Office, offers, refused


def test_who_changes_his_queues_in_wrap_up_counts_once_among_those_who_write(office: Office) -> None:
    """Another one of the new queue talks: so not all there are in wrap-up, and who waits stays."""
    office.queues(2)
    office(i.QueueEmpties(2, Empty.ALL_IN_WRAP_UP))
    office.staff(7)
    office.talk(1, 7)
    office.staff(8, queues=(1, 2))
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentSet(7, (1, 2)))
    assert office.call(3, queue=2) == []
    assert office.core.waiting(2) == [3]
    assert d.NobodyThere(3, Empty.ALL_IN_WRAP_UP) in office(i.AgentHangsUp(8))


def test_an_excluded_agent_who_had_a_turn_by_order_is_not_counted_twice_in_a_round(office: Office) -> None:
    """The third one talks and has not been asked: the round is not over."""
    office.staff(9, 7, 8)
    office.talk(1, 9)
    assert offers(office.call(2, never=(7,))) == [(2, 8)]
    office(i.OfferWithdrawn(2, 8))
    office(i.AgentTakes(2, 7))
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(60_000)) == []
    assert office.core.why_not(2, 8) == "had turn"
    office(i.AgentHangsUp(9))
    assert (2, 9) in offers(office.wait(WRAP))


def test_more_kinds_of_agents_than_a_machine_word_has_bits(office: Office) -> None:
    """Each has a skill of his own, and each caller finds the one who has his: who waits, and who is waited for."""
    kinds = 131
    for kind in range(kinds):
        office(i.WantSet(kind, needs=((kind, 1),)))
        office(i.AgentSet(kind, (1,), skills=((kind, 1),)))
    for kind in range(kinds - 1, -1, -1):
        assert offers(office.call(kind, want=kind)) == []
    for kind in (0, 63, 64, 65, 127, 128, 130):
        assert offers(office(i.AgentLogsIn(kind))) == [(kind, kind)]
        office(i.AgentAnswers(kind, kind))
    for kind in (66, 129):
        office(i.CallLeaves(kind))
        office(i.AgentLogsIn(kind))
        assert offers(office.call(1_000 + kind, want=kind)) == [(1_000 + kind, kind)]
    for kind in (40, 90):
        office(i.WantSet(kind, needs=((kind, 1),)))  # told once more: nothing changes, for nobody
    waits = [kind for kind in range(kinds) if kind in office.core.waiting(1)]
    for kind in waits:
        assert offers(office(i.AgentLogsIn(kind))) == [(kind, kind)]
    assert len(waits) == kinds - 9


def test_small_ids_large_ids_and_those_far_between_are_all_found(office: Office) -> None:
    """The core keeps small ids in a table by place and the others elsewhere: whichever comes first, each agent is himself."""
    ids = [*range(16), 40, 200, 33, 2**31 - 1, 10**9, 17, 64, 63, 10**9 + 1, 5_000, *range(70, 130), 250, 1_000]
    for agent in ids:
        office.staff(agent)
    for agent in ids:
        assert office.core.agent(agent)[0] == "free"
    assert [agent for offer in range(len(ids)) for _, agent in offers(office.call(1_000 + offer))] == ids, "who is idle longest, each once"
    for agent in (18, 41, 2**31 - 2, 131, 999):
        with pytest.raises(KeyError):
            office.core.agent(agent)


def test_customers_with_several_call_backs_each_are_counted_one_by_one(office: Office) -> None:
    numbers = [number * 7_919 for number in range(1, 40)]
    calls = dict(enumerate([number for number in numbers for _ in range(3)], 1))
    for call, number in calls.items():
        office.call(call, number=number, callback=True)
    assert office.core.waiting(1) == list(calls)
    for call in list(calls)[::2]:
        office(i.CallLeaves(call))
    assert office.core.waiting(1) == list(calls)[1::2]
    office.staff(7)
    assert office.core.agent(7)[0] != "free", "one of those who are left is called back"


def test_who_becomes_free_lets_an_agent_with_the_skill_go_beyond_the_reserve(office: Office) -> None:
    """The new one could not take the caller himself."""
    office(i.QueueOffers(1, reserve=1))
    office(i.WantSet(5, needs=((5, 1),)))
    office.staff(7, skills=((5, 1),))
    assert office.call(1, want=5) == []
    office(i.AgentSet(8, (1,)))
    assert offers(office(i.AgentLogsIn(8))) == [(1, 7)]


def test_who_becomes_free_lets_an_owner_go_beyond_the_reserve(office: Office) -> None:
    """The caller is held, so nobody else looks for him."""
    office(i.QueueOffers(1, reserve=2))
    office.staff(7, 8)
    assert office.call(1, owner=7, owner_ms=60_000) == []
    office(i.AgentSet(9, (1,)))
    assert offers(office(i.AgentLogsIn(9))) == [(1, 7)]


def test_who_becomes_free_lets_owners_behind_the_first_idle_one_go_beyond_the_reserve(office: Office) -> None:
    office(i.QueueOffers(1, reserve=2))
    office.staff(7, 8)
    office.call(1)
    assert office.call(2, owner=8, owner_ms=60_000) == []
    office(i.CallLeaves(1))
    office(i.AgentSet(9, (1,)))
    assert offers(office(i.AgentLogsIn(9))) == [(2, 8)]


def test_nobody_but_the_callers_of_that_queue_goes_by_its_reserve(office: Office) -> None:
    """Each queue counts for itself who is free, when a reserve is set, changed and taken away."""
    office.queues(2)
    office.staff(7, queues=(1, 2))
    for queue in (1, 2):
        office(i.QueueOffers(queue, reserve=1))
    office.call(1, queue=1)
    office.call(2, queue=2)
    office(i.QueueOffers(1, reserve=2))
    office(i.AgentSet(8, (2,)))
    assert offers(office(i.AgentLogsIn(8))) == [(2, 7)]
    office(i.CallLeaves(2))
    assert offers(office(i.QueueOffers(1))) == [(1, 7)]
    assert office.call(3, queue=2) == []
    assert office.core.why_not(3, 8) == "reserve"


def test_the_first_customer_of_an_owner_leaves_and_the_second_is_still_his(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office(i.AgentDials(7))
    office.calls(1, 2, 3, owner=7, owner_ms=60_000)
    office(i.CallLeaves(1))
    assert offers(office(i.AgentHangsUp(7))) == [(2, 7)]
    office(i.CallLeaves(2))
    assert office.core.agent(7)[0] == "offered"


def test_a_requeued_caller_is_not_his_any_more_when_the_agent_returns(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7, owner=7)
    office(i.AgentVanishes(7, keep_ms=0))
    office.call(2, priority=9)
    assert offers(office(i.AgentReturns(7))) == [(2, 7)]


def test_a_customer_whose_owner_nobody_knows_is_a_caller_as_any_and_owners_come_later(office: Office) -> None:
    office.calls(1, 2, 3, owner=0, owner_ms=60_000)
    office.calls(4, owner=6)
    office(i.CallLeaves(2))
    office(i.AgentSet(0, (1,)))
    assert office.core.waiting(1) == [1, 3, 4]
    office.staff(9)
    assert office.core.agent(9)[0] == "offered"
    assert offers(office(i.AgentLogsIn(0))) == [(3, 0)]


def test_of_two_who_were_cut_off_each_has_his_own_place_back_once(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=91)
    office.calls(2, number=92)
    office.calls(3, number=93)
    office.calls(4)
    for call in (1, 2, 3):
        office(i.CallLeaves(call, cut=True))
    office.calls(5, number=92)
    office.calls(6, number=91)
    office.calls(7, number=92)
    office.calls(8, number=93)
    assert office.core.waiting(1) == [6, 5, 8, 4, 7]


def test_who_asks_for_a_position_behind_a_requeued_caller_stands_beside_him(office: Office) -> None:
    """Both stand just before the same one: the smaller number is first."""
    office.staff(7)
    office.talk(1, 7)
    office.calls(2, priority=5)
    office(i.AgentVanishes(7, keep_ms=0))
    office.call(3, priority=5, position=2)
    assert office.core.waiting(1) == [1, 3, 2]


def test_a_cause_that_is_named_late_holds_for_who_is_in_wrap_up_by_then(office: Office) -> None:
    """Who wrote had not mattered to this queue before."""
    office(i.QueueEmpties(1, Empty.NOBODY_LOGGED_IN))
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    assert office.call(2) == []
    assert office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP)) == [d.NobodyThere(2, Empty.ALL_IN_WRAP_UP)]


def test_who_paused_and_dropped_his_call_has_nothing_to_do_with_it_any_more(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office(i.AgentPauses(7))
    office(i.AgentHangsUp(7))
    office(i.CallLeaves(1))
    assert office(i.AgentRejects(1, 7)) == refused("unknown call")


def test_a_wait_of_nothing_that_was_foretold_counts_as_an_error_of_all_the_wait(office: Office) -> None:
    """Two talks began at once while others waited: the measured time between is nothing."""
    office.staff(7, 8, wrap_up_ms=0)
    office.calls(1, 2, 3)
    office(i.AgentAnswers(1, 7))
    office(i.AgentAnswers(2, 8))
    assert office.core.measured(1) == (0, 0, 0)
    office(i.CallLeaves(3))
    office.call(4)
    office.now += 700
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(4, 7))
    assert office.core.measured(1) == (0, 1, 700)


def test_a_customer_who_comes_by_himself_gets_no_agent_before_who_has_more_points(office: Office) -> None:
    """His call-back rang, so the agent is free in the step in which he comes."""
    office.staff(7)
    office.call(1, number=91, callback=True)
    office.call(2, priority=9)
    decided = office.call(3, number=91)
    assert d.Replaced(1, 3) in decided
    assert offers(decided) == [(2, 7)]


def test_a_customer_who_comes_after_an_older_one_left_is_his_owners_when_that_one_leaves_too(office: Office) -> None:
    """The core keeps callers where others were before."""
    office.staff(7, wrap_up_ms=0)
    office(i.AgentDials(7))
    office.calls(1, 2, owner=7, owner_ms=60_000)
    office(i.CallLeaves(1))
    office.calls(3, owner=7, owner_ms=60_000)
    office(i.CallLeaves(2))
    assert offers(office(i.AgentHangsUp(7))) == [(3, 7)]


def test_owners_free_in_one_late_step_come_by_number_not_by_who_was_free_first(office: Office) -> None:
    office.staff(9, wrap_up_ms=1_000)
    office.staff(8, wrap_up_ms=2_000)
    for agent in (9, 8):
        office(i.AgentDials(agent))
        office(i.AgentHangsUp(agent))
        office.call(agent, owner=agent, owner_ms=60_000)
    office.now += 5_000
    assert offers(office(i.Tick())) == [(8, 8), (9, 9)]


def test_a_talk_that_began_at_the_very_first_millisecond_is_measured(office: Office) -> None:
    office(i.AgentSet(7, (1,), wrap_up_ms=0))
    office(i.AgentLogsIn(7))
    office.call(1)
    office.call(2)
    office(i.AgentAnswers(1, 7))
    office.now += 1_000
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(2, 7))
    assert office.core.measured(1) == (1_000, 0, 0)


def test_a_round_waits_for_each_of_more_kinds_of_agents_than_a_machine_word_has_bits(office: Office) -> None:
    office(i.WantSet(5, needs=((1_000, 1),)))
    last = 135
    for kind in range(last + 1):
        office(i.AgentSet(kind, (1,), wrap_up_ms=0, skills=((kind, 1), *([(1_000, 1)] if kind in (3, 70, last) else []))))
    for agent in (3, 70, last):
        office.now += 1
        office(i.AgentLogsIn(agent))
    office(i.AgentDials(70))
    office(i.AgentDials(last))
    assert offers(office.call(1, want=5)) == [(1, 3)]
    office(i.AgentRejects(1, 3))
    assert offers(office.wait(60_000)) == []
    assert offers(office(i.AgentHangsUp(70))) == [(1, 70)]
    office(i.AgentRejects(1, 70))
    assert offers(office.wait(60_000)) == []
    assert offers(office(i.AgentHangsUp(last))) == [(1, last)]
    assert offers(office(i.AgentRejects(1, last))) == [(1, 3)]


def test_a_customer_of_an_owner_whom_nobody_knows_leaves_and_the_others_stay(office: Office) -> None:
    office.calls(1)
    office.calls(2, owner=0, owner_ms=60_000)
    office.calls(3)
    office(i.CallLeaves(2))
    assert office.core.waiting(1) == [1, 3]
    assert office.served_by(0) == [1, 3]


def test_a_requeued_caller_begins_a_new_round_though_others_ring_for_him(office: Office) -> None:
    """Who rejected before may have him again, as soon as he is rested."""
    office(i.QueueSet(1, reject_ms=0))
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office.call(1)
    assert offers(office(i.AgentRejects(1, 8))) == [(1, 9)]
    office(i.AgentAnswers(1, 7))
    assert offers(office(i.AgentVanishes(7, keep_ms=0))) == [(1, 8)]


def test_a_requeued_caller_who_is_moved_has_his_own_points_and_tier_again(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.talk(1, 7)
    office.calls(2, tier=1, priority=60)
    office.calls(3, queue=2, priority=50)
    office(i.AgentVanishes(7, keep_ms=0))
    assert office.core.waiting(1) == [1, 2]
    office(i.CallMoves(1, 2))
    assert office.core.waiting(2) == [3, 1]


def test_of_several_call_backs_of_a_number_who_came_in_order_the_smallest_is_replaced(office: Office) -> None:
    office.calls(1, 2, 3, number=91, callback=True)
    assert office.call(4, number=91) == [d.Replaced(1, 4)]
    assert office.call(5, number=91) == [d.Replaced(2, 5)]


@pytest.mark.parametrize("strategy", list(Strategy))
def test_who_has_what_the_caller_prefers_is_first_whoever_was_known_first(office: Office, strategy: Strategy) -> None:
    """The others are idle for longer, are of smaller number and rank, and were made known before and after him."""
    office(i.QueueOffers(1, strategy))
    office(i.WantSet(5, prefers=((5, 2),)))
    for agent, skills in ((3, ((6, 9),)), (9, ((5, 2),)), (4, ((5, 1),)), (8, ((5, 3),)), (5, ())):
        office(i.AgentSet(agent, (1,), skills=skills))
        office(i.AgentTraits(agent, rank=agent))
    for agent in (3, 4, 5, 8, 9):
        office(i.AgentLogsIn(agent))
        office.now += 1
    assert sorted(agent for call in (1, 2) for _, agent in offers(office.call(call, want=5))) == [8, 9]
    assert offers(office.call(3, want=5))[0][1] in (3, 4, 5)


def test_callers_and_agents_of_the_same_kinds_take_no_more_room_however_many_come(office: Office) -> None:
    """Steps of widening, wants, agents made known again and again: kept once each."""
    office.queues(2)
    office(i.WantSet(5, needs=((5, 1),)))
    office(i.QueueWidens(1, 0, 10, 1))
    office(i.QueueWidens(1, 1, 20, 2, 2))
    sizes = []
    for turn in range(12):
        for call in range(40):
            office.call(call, queue=1 + call // 2 % 2, want=-1 if call % 2 else 5)
        office.wait(30)
        for call in range(40):
            office(i.CallLeaves(call))
        for agent in range(20):
            office(i.AgentSet(agent, (1, 2) if turn % 2 else (1,), skills=((5, 1 + turn % 3), (100 + turn, 1))))
        sizes.append(sys.getsizeof(office.core))
    assert sizes[-1] <= sizes[2]


def test_a_step_that_asks_for_more_again_ends_the_round_of_whom_it_leaves_fewer_agents(office: Office) -> None:
    """One came before him, so that nothing of these steps is new."""
    office(i.WantSet(5, needs=((5, 5),)))
    office(i.QueueWidens(1, 0, 20_000, 4))
    office(i.QueueWidens(1, 1, 40_000, 0))
    office.call(1, want=5)
    office.wait(50_000)
    office(i.CallLeaves(1))
    office.staff(7, skills=((5, 5),))
    office.staff(8, skills=((5, 1),))
    office(i.AgentDials(8))
    office(i.AgentDials(7))
    office.call(2, want=5)
    office.wait(20_000)
    assert offers(office(i.AgentHangsUp(7)) + office.wait(WRAP)) == [(2, 7)]
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(9_999)) == []
    assert offers(office.wait(1) + office.wait(REST)) == [(2, 7)]


def test_of_what_is_told_twice_the_last_holds(office: Office) -> None:
    """In whatever order it comes: an agent's skills and queues, what a caller needs and prefers."""
    office.queues(2)
    office(i.WantSet(5, needs=((5, 9), (2, 9), (5, 3), (2, 3))))
    office(i.WantSet(6, prefers=((5, 9), (2, 9), (5, 4), (2, 4))))
    office.staff(7, queues=(2, 1, 2, 1), orders=(1, 1, 8, 9), skills=((5, 1), (2, 1), (5, 3), (2, 3)))
    office.staff(8, queues=(2, 1, 2, 1), orders=(9, 9, 9, 2), skills=((5, 1), (2, 1), (5, 4), (2, 4)))
    assert offers(office.call(1, queue=2, want=5)) == [(1, 7)]
    office(i.CallLeaves(1))
    assert offers(office.call(2, want=5)) == [(2, 8)]
    office(i.CallLeaves(2))
    office.staff(6, queues=(2,), orders=(8,))
    assert offers(office.call(3, queue=2, want=6)) == [(3, 7)]
    office(i.AgentSet(8, (2, 1), orders=(8, 2), skills=((5, 1), (2, 1), (5, 4), (2, 4))))
    assert offers(office.call(4, queue=2, want=6)) == [(4, 8)]


def test_a_customer_whose_talk_was_requeued_is_not_busy_any_more(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7, number=91, never=(8,))
    office.staff(8)
    assert office.call(2, number=91, callback=True) == []
    assert office.core.why_not(2, 8) == "number busy"
    assert offers(office(i.AgentVanishes(7, keep_ms=0))) == [(2, 8)]


def test_a_place_given_back_is_not_given_back_again_after_others_were_cut_off(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=600_000))
    office.calls(1, number=91)
    office.calls(2, number=92)
    office.calls(3)
    office(i.CallLeaves(1, cut=True))
    office(i.CallLeaves(2, cut=True))
    office.calls(4, number=92)
    assert office.core.waiting(1) == [4, 3]
    office(i.CallLeaves(4))
    office.calls(5, number=93)
    office(i.CallLeaves(5, cut=True))
    office.calls(6, number=92)
    assert office.core.waiting(1) == [3, 6]


def test_what_a_caller_prefers_may_be_told_when_such_callers_are_known_already(office: Office) -> None:
    office(i.WantSet(5))
    office.call(1, want=5)
    office(i.CallLeaves(1))
    office.staff(7)
    office.staff(8, skills=((5, 1),))
    office(i.WantSet(5, prefers=((5, 1),)))
    assert offers(office.call(2, want=5)) == [(2, 8)]
    office(i.CallLeaves(2))
    office(i.WantSet(5))
    assert offers(office.call(3, want=5)) == [(3, 7)]


def test_of_calls_of_one_number_that_were_cut_off_each_place_is_given_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, 2, number=91)
    office.calls(3)
    office.calls(4, number=91)
    office.calls(5)
    for call in (1, 2, 4):
        office(i.CallLeaves(call, cut=True))
    office.calls(6, 7, 8, 9, number=91)
    assert office.core.waiting(1) == [6, 7, 3, 8, 5, 9]


@pytest.mark.parametrize("ringing", range(2, 14))
def test_offers_are_withdrawn_by_the_agents_numbers_however_many_ring(office: Office, ringing: int) -> None:
    office(i.QueueOffers(1, at_once=0))
    agents = [agent * 7 % 29 for agent in range(1, ringing + 1)]
    office.staff(*agents)
    office.call(1)
    assert office(i.CallLeaves(1)) == [d.Withdrawn(1, agent) for agent in sorted(agents)]


def test_who_leaves_a_queue_in_wrap_up_is_not_among_those_who_write_for_it(office: Office) -> None:
    """Another one of that queue talks: so not all there are in wrap-up, and who waits stays."""
    office.queues(2)
    office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP))
    office.staff(7)
    office.talk(1, 7)
    office.staff(8, queues=(1, 2))
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentSet(7, (2,)))
    assert office.call(3) == []
    assert office.core.waiting(1) == [3]


def test_the_first_agent_who_was_ever_known_is_idle_for_as_long_as_he_is(office: Office) -> None:
    """Of another kind than the others, and made known before them."""
    office(i.AgentSet(7, (1,), wrap_up_ms=0, skills=((5, 1),)))
    office(i.AgentSet(8, (1,), wrap_up_ms=0))
    for agent in (8, 7):
        office.now += 5
        office(i.AgentLogsIn(agent))
    assert office.whom(6) == [8, 7, 8, 7, 8, 7]


def test_a_want_that_asks_for_more_ends_the_round_of_whom_it_leaves_fewer_agents(office: Office) -> None:
    office(i.WantSet(5, needs=((5, 1),)))
    office.staff(7, skills=((5, 5),))
    office.staff(8, skills=((5, 1),))
    office(i.AgentDials(8))
    assert offers(office.call(1, want=5)) == [(1, 7)]
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == []
    assert offers(office(i.WantSet(5, needs=((5, 3),)))) == [(1, 7)]


def test_of_two_whose_owner_nobody_knows_one_leaves_and_the_other_is_his_when_he_is_known(office: Office) -> None:
    office.calls(1, 2, owner=9)
    office.calls(3, priority=5)
    office(i.CallLeaves(1))
    office(i.AgentSet(9, (1,)))
    assert offers(office(i.AgentLogsIn(9))) == [(2, 9)]


def test_a_measured_time_of_nothing_is_followed_by_an_eighth_of_the_next(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.calls(1, 2, 3, 4)
    office(i.AgentAnswers(1, 7))
    office(i.AgentAnswers(2, 8))
    office.now += 800
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(3, 7))
    assert office.core.measured(1)[0] == 100


def test_after_a_drop_the_next_one_is_due_as_if_nobody_had_answered(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2, more_ms=1_000))
    office.staff(7, 8)
    office.call(1)
    began = office.now
    office.now += 100
    office(i.AgentAnswers(1, 7))
    assert office.core.next_deadline_ms == began + RING
    office(i.AgentHangsUp(7))
    assert office.core.next_deadline_ms == began + 1_000


def test_who_waits_in_line_and_wants_to_be_called_back_is_not_called_while_he_talks(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7, number=91)
    office.call(2, number=91)
    office(i.CallBackWanted(2))
    office(i.AgentSet(8, (1,)))
    assert offers(office(i.AgentLogsIn(8))) == []
    assert office.core.why_not(2, 8) == "number busy"


def test_where_queues_age_differently_the_first_caller_gets_his_own_agent(office: Office) -> None:
    """One with conditions is looked at first, and whom he would get is nobody else's."""
    office.queues(2)
    office(i.QueuePoints(2, ageing=1))
    for agent, queue in ((7, 1), (8, 2)):
        office.staff(agent, queues=(queue,))
        office.talk(agent, agent, queue=queue)
    office.calls(1, never=(99,))
    office.calls(2, queue=2, priority=1_000)
    for agent in (7, 8):
        office(i.AgentHangsUp(agent))
    assert offers(office.wait(WRAP)) == [(2, 8), (1, 7)]


def test_a_queue_that_is_new_may_age_differently(office: Office) -> None:
    office(i.QueuePoints(1, ageing=1))
    office.queues(2)
    office.calls(2, queue=2)
    office.calls(1)
    office.now += 10_000
    office(i.AgentSet(7, (1, 2)))
    assert offers(office(i.AgentLogsIn(7))) == [(1, 7)]


def test_a_place_that_was_given_back_is_not_kept_twice_where_older_ones_ended(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(90)
    for call, number in ((1, 501), (2, 502)):
        office.calls(call, number=number)
        office(i.CallLeaves(call, cut=True))
    office.now += 50_000
    for call, number in ((3, 503), (4, 504)):
        office.calls(call, number=number)
        office(i.CallLeaves(call, cut=True))
    office.now += 20_000
    office.calls(5, number=505)
    office(i.CallLeaves(5, cut=True))
    office.calls(91)
    office.calls(6, number=504)
    assert office.core.waiting(1) == [90, 6, 91]
    office(i.CallLeaves(6))
    office.calls(7, number=504)
    assert office.core.waiting(1) == [90, 91, 7]


def test_who_is_drawn_is_drawn_once_also_where_somebody_works_on_demand(office: Office) -> None:
    """By splitmix64 of the seed; 19 is the one."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=7))
    office.staff(*range(10, 20), wrap_up_ms=0)
    office(i.AgentTraits(19, on_demand=True))
    drawn = []
    for call in range(24):
        office(i.AgentAsks(19))
        drawn += offers(office.call(call))
        office(i.CallLeaves(call))
    assert [agent for _, agent in drawn] == [17, 14, 16, 13, 14, 15, 18, 12, 15, 15, 13, 16, 10, 14, 10, 10, 17, 11, 17, 10, 13, 19, 13, 15]


def test_a_caller_with_a_number_comes_after_what_was_due_before_him(make: Callable[[], Core]) -> None:
    """Nobody ticks the core in between."""
    core = make()
    for now, given in ((0, i.QueueSet(1)), (0, i.AgentSet(7, (1,))), (0, i.AgentLogsIn(7)), (0, i.CallWaits(1, 1, number=95))):
        core.feed(now, given)
    assert core.feed(RING + 1, i.CallWaits(2, 1, number=96))[0] == d.Missed(1, 7)


def test_a_call_back_begins_when_the_other_caller_of_its_number_waits_again_after_his_agent_vanished(office: Office) -> None:
    """Nobody there could take that one: so he is not offered, and does not talk."""
    office(i.WantSet(5, needs=((1, 1),)))
    office.staff(7, skills=((1, 5),))
    office.talk(1, 7, want=5, number=555)
    office.call(2, number=555, callback=True)
    office.staff(8)
    assert offers(office(i.AgentVanishes(7, 5_000))) == []
    assert offers(office.wait(5_000)) == [(2, 8)]


def test_whose_agent_vanished_is_not_held_for_an_owner_though_the_owner_is_agent_nought(office: Office) -> None:
    office.staff(0)
    office.talk(1, 0, owner=0, owner_ms=600_000)
    office(i.AgentVanishes(0, 1_000))
    office.wait(1_000)
    office(i.AgentDials(0))
    office(i.AgentReturns(0))
    office(i.AgentSet(7, (1,)))
    assert offers(office(i.AgentLogsIn(7))) == [(1, 7)]


def widens(office: Office) -> None:
    """The search for want 5, level 3 of skill 1, takes in level 2 after 20 s, and did so for a caller who is gone."""
    office(i.QueueWidens(1, 0, 20_000, lower=1))
    office(i.WantSet(5, needs=((1, 3),)))
    office.call(9, want=5)
    office.wait(20_000)
    office(i.CallLeaves(9))


def test_of_two_whose_search_widens_at_the_same_time_the_sooner_gets_the_only_agent(office: Office) -> None:
    widens(office)
    office.staff(7, skills=((1, 2),))
    office.call(1, want=5)
    office.call(2, want=5, priority=5)
    assert offers(office.wait(20_000)) == [(2, 7)]


def test_who_rings_when_his_search_widens_rings_on_at_one_agent_alone(office: Office) -> None:
    office(i.QueueSet(1, ring_ms=60_000))
    office(i.QueueWidens(1, 0, 20_000, lower=1))
    office(i.WantSet(5, needs=((1, 3),)))
    office.staff(7, skills=((1, 3),))
    office.staff(8, skills=((1, 2),))
    assert offers(office.call(1, want=5)) == [(1, 7)]
    assert office.wait(20_000) == []


def test_who_waits_for_wider_search_is_taken_then_though_others_wait_on(office: Office) -> None:
    office(i.QueueWidens(1, 0, 20_000, lower=1))
    office(i.WantSet(5, needs=((1, 3),)))
    office(i.WantSet(6, needs=((1, 9),)))
    office.staff(7, 8, skills=((1, 2),))
    office.calls(1, 2, want=6)
    office.call(3, want=5)
    assert offers(office.wait(20_000)) == [(3, 7)]


def test_an_agent_who_becomes_free_takes_the_first_caller_of_his_own_order_before_older_ones_of_another(office: Office) -> None:
    office.queues(2, 3)
    office.calls(1, queue=2)
    office.calls(2, queue=3)
    office.calls(3, queue=1)
    office(i.AgentSet(7, (1, 2, 3), orders=(2, 3, 1)))
    assert offers(office(i.AgentLogsIn(7))) == [(2, 7)]


def test_two_who_become_free_at_the_same_time_share_the_callers_by_who_was_free_first(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office.talk(2, 8)
    office.calls(3, 4)
    office(i.AgentHangsUp(8))
    office(i.AgentHangsUp(7))
    assert offers(office.wait(WRAP)) == [(3, 7), (4, 8)]


def test_an_agent_who_becomes_free_where_queues_age_differently_takes_who_has_more_points_by_now(office: Office) -> None:
    office.queues(2)
    office(i.QueuePoints(2, ageing=2))
    office.call(1)
    office.wait(4_000)
    office.call(2, queue=2, priority=1)
    office.wait(5_000)
    office(i.AgentSet(7, (1, 2)))
    assert offers(office(i.AgentLogsIn(7))) == [(2, 7)]


def test_of_three_who_ring_two_reject_and_only_the_third_is_withdrawn_when_the_caller_hangs_up(office: Office) -> None:
    office(i.QueueOffers(1, at_once=3))
    office.staff(7, 8, 9)
    assert offers(office.call(1)) == [(1, 7), (1, 8), (1, 9)]
    office(i.AgentRejects(1, 8))
    office(i.AgentRejects(1, 7))
    assert [step for step in office(i.CallLeaves(1)) if isinstance(step, d.Withdrawn)] == [d.Withdrawn(1, 9)]
    assert office.core.agent(7)[0] == "resting"


def test_of_two_with_conditions_of_their_own_the_one_of_the_agents_first_order_comes_before_the_sooner_one(office: Office) -> None:
    office.queues(2)
    office.call(1, never=(99,))
    office.call(2, queue=2, priority=9, never=(99,))
    office(i.AgentSet(7, (1, 2), orders=(1, 2)))
    assert offers(office(i.AgentLogsIn(7))) == [(1, 7)]


def test_the_call_back_of_the_smaller_number_is_made_needless_whichever_came_first(office: Office) -> None:
    office.call(1)
    office.call(9, number=5, callback=True)
    office(i.CallLeaves(1))
    office.call(3, number=5, callback=True)
    assert office.call(20, number=5) == [d.Replaced(3, 20)]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_drawn_for_a_call_back_that_is_looked_at_and_not_begun(make: Callable[[], Core], seed: int) -> None:
    """Two of one number, which is free now: the first begins, and the next caller's agent is drawn as if nobody looked at the second."""
    office, oracle = Office(make), Office(Oracle)

    def both(given: i.Input) -> list[tuple[int, int]]:
        found = office(given)
        assert found == oracle(given)
        return offers(found)

    both(i.QueueOffers(1, Strategy.RANDOM, seed=seed))
    for agent in range(7, 12):
        both(i.AgentSet(agent, (1,)))
        both(i.AgentLogsIn(agent))
    ((_, agent),) = both(i.CallWaits(1, 1, number=5))
    both(i.AgentAnswers(1, agent))
    both(i.CallWaits(2, 1, number=5, callback=True))
    both(i.CallWaits(3, 1, number=5, callback=True))
    assert [call for call, _ in both(i.CallLeaves(1))] == [2]
    assert [call for call, _ in both(i.CallWaits(4, 1))] == [4]


def test_an_excluded_agent_of_other_skills_does_not_keep_a_round_open(office: Office) -> None:
    office.queues(2)
    office.staff(5, queues=(1,))
    office.staff(6, queues=(1, 2))
    office.staff(7, queues=(2,))
    office(i.AgentPauses(6))
    office.talk(1, 5)
    office.staff(9, queues=(2,), skills=((1, 5),))
    office(i.CallWaits(2, 2, never=(9,)))
    office.wait(RING)
    assert offers(office.wait(REST)) == [(2, 7)]


def test_who_becomes_free_as_another_ones_search_widens_and_who_is_free_for_that_one_both_get_a_caller(office: Office) -> None:
    widens(office)
    office.staff(7)
    office.talk(1, 7)
    office.staff(8, skills=((1, 2),))
    office(i.CallWaits(2, 1, never=(8,)))
    office.call(3, want=5)
    office.wait(20_000 - WRAP)
    office(i.AgentHangsUp(7))
    assert sorted(offers(office.wait(WRAP))) == [(2, 7), (3, 8)]


def test_who_dials_in_wrap_up_is_not_counted_among_those_who_write(office: Office) -> None:
    office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP))
    office.staff(7, 8)
    for call, agent in ((1, 7), (2, 8)):
        office.talk(call, agent)
        office(i.AgentHangsUp(agent))
    office(i.AgentDials(7))
    assert office.call(3) == []
    assert office.core.waiting(1) == [3]


def test_who_changes_his_queues_in_wrap_up_leaves_the_others_of_his_kind_counted_as_they_are(office: Office) -> None:
    """The one left of that kind writes: so all there do."""
    office.queues(2)
    office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP))
    office.staff(7, 8)
    for call, agent in ((1, 7), (2, 8)):
        office.talk(call, agent)
        office(i.AgentHangsUp(agent))
    office(i.AgentSet(7, (2,)))
    assert office.call(3) == [d.NobodyThere(3, Empty.ALL_IN_WRAP_UP)]


def test_whose_call_back_rang_elsewhere_is_his_owners_before_another_caller_gets_who_rang(office: Office) -> None:
    office(i.WantSet(5, needs=((1, 1),)))
    office.staff(7, orders=(2,))
    office.staff(8, orders=(1,), skills=((1, 5),))
    assert offers(office.call(1, want=5, number=95, callback=True, owner=7, owner_ms=1)) == [(1, 8)]
    assert office.call(2, want=5) == []
    assert office.call(3, number=95, owner=7, owner_ms=1_000) == [
        d.Withdrawn(1, 8),
        d.Replaced(1, 3),
        d.Offer(3, 7, office.now + RING),
        d.Offer(2, 8, office.now + RING),
    ]
