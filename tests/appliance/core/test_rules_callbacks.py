"""Who was cut off and calls again, and call-backs (rules 17 and 18, never-again 17)."""

import random

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, WRAP, Office, offers, refused

MINE, YOURS = 13_800_138_000, 13_900_139_000


# --- cut off and back


def test_who_was_cut_off_and_calls_again_has_his_place_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2, 3)
    office(i.CallLeaves(1, cut=True))
    office.wait(59_999)
    office.call(4, number=MINE)
    assert office.core.waiting(1) == [4, 2, 3]
    assert office.served_by(7) == [4, 2, 3]


def test_in_the_very_millisecond_of_its_end_the_place_is_gone(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office.wait(60_000)
    office.call(4, number=MINE)
    assert office.core.waiting(1) == [2, 4]


def test_a_place_is_given_back_in_its_own_queue_alone(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(2, back_ms=60_000))
    office.calls(1, queue=2, number=MINE)
    office.calls(2, 3)
    office.calls(4, queue=2)
    office(i.CallLeaves(1, cut=True))
    office.calls(5, number=MINE)
    office.calls(6, queue=2, number=MINE)
    assert [office.core.waiting(1), office.core.waiting(2)] == [[2, 3, 5], [6, 4]]


def test_a_withheld_number_gives_no_place_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, 2)
    office(i.CallLeaves(1, cut=True))
    office.call(3)
    assert office.core.waiting(1) == [2, 3]


def test_another_number_gets_no_place_of_his(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office.calls(3, number=YOURS)
    office.call(4, number=MINE)
    assert office.core.waiting(1) == [4, 2, 3]


def test_who_hung_up_himself_has_no_place_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallLeaves(1))
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [2, 3]


def test_a_place_is_given_back_once(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office.calls(3, number=MINE)
    office.calls(4, number=MINE)
    assert office.core.waiting(1) == [3, 2, 4]


def test_a_place_is_given_back_in_the_same_queue_only(office: Office) -> None:
    office.queues(2)
    for queue in (1, 2):
        office(i.QueueLimits(queue, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2, queue=2)
    office(i.CallLeaves(1, cut=True))
    office.call(3, queue=2, number=MINE)
    assert office.core.waiting(2) == [2, 3]


def test_who_is_cut_off_twice_has_his_first_age_still(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE)
    office.calls(2)
    for call in (1, 3, 4):
        office(i.CallLeaves(call, cut=True))
        office.wait(50_000)
        office.call(call + 2 if call == 1 else call + 1, number=MINE)
    assert office.core.waiting(1) == [5, 2]


def test_who_waited_elsewhere_for_longer_keeps_that_age(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.call(2, waited_ms=500)
    office.call(1, number=MINE)
    office(i.CallLeaves(1, cut=True))
    office.call(3, number=MINE, waited_ms=501)
    assert office.core.waiting(1) == [3, 2]


def test_who_is_cut_off_while_an_agent_rings_has_his_place_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.staff(7)
    office.calls(1, number=MINE)
    office.calls(2)
    assert office(i.CallLeaves(1, cut=True)) == [d.Withdrawn(1, 7), d.Offer(2, 7, office.now + RING)]
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [3, 2]


def test_who_is_cut_off_while_talking_has_no_place(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.staff(7)
    office.talk(1, 7, number=MINE)
    office.now += 1
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [2, 3]


def test_without_back_ms_no_place_is_kept(office: Office) -> None:
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office(i.QueueLimits(1, back_ms=60_000))
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [2, 3]


def test_the_age_that_comes_back_is_that_of_time_waited_elsewhere_too(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.call(2, waited_ms=5_000)
    office.call(1, number=MINE, waited_ms=5_001)
    office(i.CallLeaves(1, cut=True))
    office.now += 100
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [3, 2]


# --- call-backs


def test_a_call_back_keeps_place_and_time_of_the_caller(office: Office) -> None:
    office.calls(1)
    office.calls(2, number=MINE)
    office.calls(3)
    assert office(i.CallBackWanted(2)) == []
    assert office.core.waiting(1) == [1, 2, 3]


def test_the_customer_is_dialled_only_when_the_agent_has_answered(office: Office) -> None:
    office.staff(7)
    assert offers(office.call(1, number=MINE, callback=True)) == [(1, 7)]
    assert office(i.AgentAnswers(1, 7)) == [d.DialBack(1, 7)]
    assert office.core.agent(7)[0] == "talking"
    assert office(i.CustomerAnswers(1)) == [d.Connect(1, 7)]
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]


def test_a_customer_who_is_not_there_ends_the_call_and_frees_the_agent_at_once(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    office.call(2)
    assert office(i.CustomerFails(1)) == [d.Release(1, 7), d.Free(7), d.Offer(2, 7, office.now + RING)]
    assert office(i.CallLeaves(1)) == refused("unknown call")


def test_a_pause_chosen_while_dialling_begins_when_the_customer_is_not_there(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    office(i.AgentPauses(7))
    assert office(i.CustomerFails(1)) == [d.Release(1, 7), d.Paused(7)]


def test_an_agent_who_hangs_up_while_dialling_ends_the_call_without_wrap_up(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.Free(7)]
    assert office(i.CustomerAnswers(1)) == refused("unknown call")


def test_a_call_back_called_off_while_dialling_frees_the_agent_without_wrap_up(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    assert office(i.CallLeaves(1)) == [d.Release(1, 7), d.Free(7)]


def test_dialling_is_neither_a_call_nor_talk_time(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    office.wait(5_000)
    office(i.CustomerFails(1))
    office.talk(2, 8)
    office.wait(10)
    office(i.AgentHangsUp(8))
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))  # now 8 is longer idle
    for strategy in (i.Strategy.FEWEST_CALLS, i.Strategy.LEAST_TALK):
        office.now += 1
        office(i.QueueOffers(1, strategy))
        assert offers(office.call(3)) == [(3, 7)]
        office(i.CallLeaves(3))


def test_the_talk_of_a_call_back_counts_from_the_customers_answer(office: Office) -> None:
    office(i.QueueOffers(1, i.Strategy.LEAST_TALK))
    office.staff(7, 8, wrap_up_ms=0)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    office.wait(9_000)
    office(i.CustomerAnswers(1))
    office.wait(100)
    office(i.AgentHangsUp(7))
    office.talk(2, 8)
    office.wait(101)
    office(i.AgentHangsUp(8))
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))
    assert offers(office.call(3)) == [(3, 7)]


def test_one_number_has_one_live_attempt(office: Office) -> None:
    office.staff(7, 8)
    assert offers(office.call(1, number=MINE, callback=True)) == [(1, 7)]
    assert office.call(2, number=MINE, callback=True) == []
    assert office.core.why_not(2, 8) == "number busy"
    office(i.AgentAnswers(1, 7))
    assert office(i.Tick()) == []
    assert office(i.CustomerAnswers(1)) == [d.Connect(1, 7)]
    assert offers(office(i.AgentHangsUp(7))) == [(2, 8)]


def test_a_call_back_waits_while_its_customer_talks_in_another_queue(office: Office) -> None:
    office.queues(2)
    office.staff(7, 8, queues=(1, 2))
    office.talk(1, 7, queue=2, number=MINE)
    assert office.call(2, number=MINE, callback=True) == []
    assert offers(office.call(3, number=YOURS, callback=True)) == [(3, 8)]


def test_a_caller_who_is_there_himself_is_offered_whatever_call_backs_there_are(office: Office) -> None:
    office.queues(2)
    office.staff(7, 8, queues=(1, 2))
    assert offers(office.call(1, number=MINE, callback=True)) == [(1, 7)]
    assert offers(office.call(2, queue=2, number=MINE)) == [(2, 8)]


def test_call_backs_and_those_who_wait_are_served_by_their_age(office: Office) -> None:
    """never-again 17: 50 and 50, mixed; each in the order of arrival, never two dials to one number at a time."""
    pick = random.Random(17)
    order = list(range(100))
    for call in order:
        if pick.random() < 0.5:
            office.calls(call, number=1_000 + call, callback=True)
        else:
            office.calls(call)
    office.staff(7, wrap_up_ms=0)
    served = []
    while office.core.agent(7)[0] == "offered":
        first = office.core.waiting(1)[0]
        ((decision),) = office(i.AgentAnswers(first, 7))
        if isinstance(decision, d.DialBack):
            office(i.CustomerAnswers(first))
        served.append(first)
        office(i.AgentHangsUp(7))
    assert served == order


def test_a_call_back_gives_way_to_its_customer_who_comes_by_himself(office: Office) -> None:
    office.calls(1, number=MINE)
    office.calls(2)
    office(i.CallBackWanted(1))
    assert office.call(3, number=MINE) == [d.Replaced(1, by=3)]
    assert office.core.waiting(1) == [3, 2]
    assert office(i.CallLeaves(1)) == refused("unknown call")


def test_a_call_back_that_rings_gives_way_to_its_customer_who_comes_by_himself(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(8, 7)
    office.call(1, number=MINE, callback=True)
    gone = [d.Withdrawn(1, 7), d.Withdrawn(1, 8), d.Replaced(1, by=2)]
    assert office.call(2, number=MINE) == [*gone, d.Offer(2, 8, office.now + RING), d.Offer(2, 7, office.now + RING)]


def test_a_call_back_whose_customer_is_dialled_is_not_replaced(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    assert office.call(2, number=MINE) == []
    assert office(i.CustomerFails(1))[0] == d.Release(1, 7)


def test_a_caller_who_waits_himself_is_replaced_by_nobody(office: Office) -> None:
    office.calls(1, number=MINE)
    assert office.call(2, number=MINE) == []
    assert office.call(3, number=MINE, callback=True) == []
    assert office.core.waiting(1) == [1, 2, 3]


def test_a_call_back_is_replaced_in_its_own_queue_only(office: Office) -> None:
    office.queues(2)
    office.calls(1, number=MINE, callback=True)
    assert office.call(2, queue=2, number=MINE) == []
    assert office.call(3, number=YOURS) == []
    assert office.call(4) == []


def test_of_several_call_backs_of_a_number_the_smallest_is_replaced(office: Office) -> None:
    office.calls(9, 8, number=MINE, callback=True)
    assert office.call(10, number=MINE) == [d.Replaced(8, by=10)]
    assert office.core.waiting(1) == [9, 10]


def test_who_comes_by_himself_keeps_an_age_of_his_own_that_is_higher(office: Office) -> None:
    office.call(2, waited_ms=500)
    office.call(1, number=MINE, callback=True)
    office.call(3, number=MINE, waited_ms=501)
    assert office.core.waiting(1) == [3, 2]


def test_a_call_back_needs_a_number(office: Office) -> None:
    assert office.call(1, callback=True) == refused("no number")
    office.call(2)
    assert office(i.CallBackWanted(2)) == refused("no number")
    assert office.core.waiting(1) == [2]


def test_a_call_back_is_wanted_by_one_who_waits(office: Office) -> None:
    office.staff(7)
    assert office(i.CallBackWanted(1)) == refused("unknown call")
    office.talk(1, 7, number=MINE)
    assert office(i.CallBackWanted(1)) == refused("not waiting")


def test_a_call_back_wanted_while_an_agent_rings_withdraws_the_offer_and_is_offered_anew(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE)
    assert office(i.CallBackWanted(1)) == [d.Withdrawn(1, 7), d.Offer(1, 7, office.now + RING)]
    assert office(i.AgentAnswers(1, 7)) == [d.DialBack(1, 7)]


def test_only_a_customer_who_is_dialled_answers_or_fails(office: Office) -> None:
    office.staff(7)
    for given in (i.CustomerAnswers(1), i.CustomerFails(1)):
        assert office(given) == refused("unknown call")
    office.call(1, number=MINE, callback=True)
    for given in (i.CustomerAnswers(1), i.CustomerFails(1)):
        assert office(given) == refused("not dialled")
    office(i.AgentAnswers(1, 7))
    office(i.CustomerAnswers(1))
    for given in (i.CustomerAnswers(1), i.CustomerFails(1)):
        assert office(given) == refused("not dialled")


def test_a_customer_who_is_dialled_is_not_moved(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    assert office(i.CallMoves(1, 2)) == refused("not waiting")
    office(i.CustomerAnswers(1))
    assert office(i.CallMoves(1, 2))[-1] == d.Moved(1, 2)


def test_a_call_back_that_talks_and_is_moved_is_a_caller_as_any(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.staff(8, queues=(2,))
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    office(i.CustomerAnswers(1))
    office(i.CallMoves(1, 2))
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]


def test_a_call_back_that_is_cut_gives_no_place_back(office: Office) -> None:
    office(i.QueueLimits(1, back_ms=60_000))
    office.calls(1, number=MINE, callback=True)
    office.calls(2)
    office(i.CallLeaves(1, cut=True))
    office.call(3, number=MINE)
    assert office.core.waiting(1) == [2, 3]


def test_a_call_back_missed_by_one_agent_goes_to_the_next(office: Office) -> None:
    office.staff(7, 8)
    office.call(1, number=MINE, callback=True)
    assert offers(office.wait(RING)) == [(1, 8)]
    assert office(i.AgentAnswers(1, 8)) == [d.DialBack(1, 8)]


def test_an_agent_who_vanishes_while_dialling_gives_the_call_back_to_the_next(office: Office) -> None:
    office.staff(7, 8)
    office.call(1, number=MINE, callback=True)
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentVanishes(7, keep_ms=0)) == [d.Requeued(1, 7), d.Offer(1, 8, office.now + RING)]
    assert office(i.CustomerAnswers(1)) == refused("not dialled")
    assert office(i.AgentAnswers(1, 8)) == [d.DialBack(1, 8)]


def test_of_several_who_ring_for_a_call_back_one_dials_and_the_others_are_taken(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    office.call(1, number=MINE, callback=True)
    assert office(i.AgentAnswers(1, 8)) == [d.DialBack(1, 8)]
    assert office(i.AgentAnswers(1, 9)) == [d.Taken(1, 9)]
    assert office(i.CustomerFails(1)) == [d.Withdrawn(1, 7), d.Release(1, 8), d.Free(8)]


def test_a_rest_after_a_call_back_that_nobody_took_is_as_after_any(office: Office) -> None:
    office.staff(7)
    office.call(1, number=MINE, callback=True)
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST)]


def test_a_full_queue_takes_the_customer_whose_call_back_waits_in_it(office: Office) -> None:
    office(i.QueueLimits(1, length_max=1))
    office(i.CallWaits(1, 1, number=MINE, callback=True))
    office.wait(60_000)
    assert office(i.CallWaits(2, 1, number=MINE)) == [d.Replaced(1, 2)]
    assert office.core.waiting(1) == [2]
    assert office(i.CallWaits(3, 1, number=YOURS)) == refused("queue full")


def test_a_tenant_without_a_line_left_takes_the_customer_whose_call_back_waits(office: Office) -> None:
    office(i.TenantSet(0, calls_max=1))
    office(i.CallWaits(1, 1, number=MINE, callback=True))
    assert office(i.CallWaits(2, 1, number=MINE)) == [d.Replaced(1, 2)]


def test_an_agent_who_hangs_up_while_the_customer_is_dialled_ends_it_though_others_ring(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8)
    office(i.CallWaits(1, 1, number=MINE, callback=True))
    assert office(i.AgentAnswers(1, 7)) == [d.DialBack(1, 7)]
    assert office(i.AgentHangsUp(7)) == [d.Withdrawn(1, 8), d.Release(1, 7), d.Free(7)]
    assert office(i.AgentAnswers(1, 8)) == refused("unknown call")


def test_when_a_caller_is_not_taken_a_call_back_of_his_number_begins_with_who_may_not_take_him(office: Office) -> None:
    office(i.WantSet(5, needs=((1, 1),)))
    office.staff(7, skills=((1, 5),))
    assert offers(office.call(1, want=5, number=95)) == [(1, 7)]
    office.staff(8)
    assert office.call(2, number=95, callback=True) == []
    assert offers(office(i.AgentRejects(1, 7))) == [(2, 8)]


def test_when_a_caller_is_moved_from_his_talk_a_call_back_of_his_number_begins_with_another_agent(office: Office) -> None:
    office.queues(2)
    office.staff(7, 8)
    office.talk(1, 7, number=95)
    assert office.call(2, number=95, callback=True) == []
    assert offers(office(i.CallMoves(1, 2))) == [(2, 8)]


def test_who_wants_to_be_called_back_while_he_rings_is_called_by_the_same_agent(office: Office) -> None:
    """The withdrawn offer was no turn of his."""
    office.staff(7, 8)
    assert offers(office.call(1, number=95)) == [(1, 7)]
    assert office(i.CallBackWanted(1)) == [d.Withdrawn(1, 7), d.Offer(1, 7, office.now + RING)]
