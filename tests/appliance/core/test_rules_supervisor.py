"""A supervisor's "take this call now", "withdraw" and "move"; and what a step is (rules 3 and 19)."""

from itertools import permutations

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import HOLD, REST, RING, WRAP, Office, offers, refused


def test_take_this_call_now_offers_it_whatever_skill_queue_and_turn(office: Office) -> None:
    office.queues(2)
    office(i.WantSet(1, needs=((5, 9),)))
    office.staff(7, queues=(2,))
    office.call(1, want=1, never=(7,))
    assert office(i.AgentTakes(1, 7)) == [d.Offer(1, 7, office.now + RING)]
    assert office(i.AgentAnswers(1, 7)) == [d.Connect(1, 7)]


def test_take_this_call_now_goes_to_one_who_had_his_turn(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    office.wait(REST)
    assert office.core.explain(7) == "had turn"
    assert office(i.AgentTakes(2, 7)) == [d.Offer(2, 7, office.now + RING)]


def test_take_this_call_now_ends_a_rest(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office.now += 5
    assert office(i.AgentTakes(1, 7)) == [d.Offer(1, 7, office.now + RING)]
    assert office.core.next_deadline_ms == office.now + RING
    office(i.CallLeaves(1))
    assert offers(office.call(2)) == [(2, 7)]


def test_a_rest_that_a_supervisor_ended_does_not_come_back_after_the_talk(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentTakes(1, 7))
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.Free(7)]


def test_take_this_call_now_ends_wrap_up(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office.call(2)
    assert offers(office(i.AgentTakes(2, 7))) == [(2, 7)]
    assert office.wait(RING)[0] == d.Missed(2, 7)


def test_take_this_call_now_needs_no_asking(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    office.call(1)
    assert offers(office(i.AgentTakes(1, 7))) == [(1, 7)]


def test_take_this_call_now_rings_beside_the_one_who_rings_already(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentTakes(1, 8)) == [d.Offer(1, 8, office.now + RING)]
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]
    assert office(i.VoicePathStands(1, 8)) == [d.Taken(1, 7)]


def test_take_this_call_now_has_the_time_to_set_up_and_the_rests_of_the_queue(office: Office) -> None:
    office(i.QueueSet(2, ring_ms=5_000, rest_ms=70))
    office.staff(7, setup_ms=400)
    office.call(1, queue=2)
    assert office(i.AgentTakes(1, 7)) == [d.Offer(1, 7, office.now + 5_400)]
    assert office.wait(5_400) == [d.Missed(1, 7), d.Rests(7, office.now + 70)]


def test_who_missed_a_call_that_a_supervisor_gave_him_missed_it(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1, queue=2)
    office(i.AgentTakes(1, 7))
    assert office.wait(RING) == [d.Missed(1, 7), d.TakenOut(7)]


def test_take_this_call_now_counts_as_asked_for_round_robin(office: Office) -> None:
    office(i.QueueOffers(1, i.Strategy.ROUND_ROBIN))
    office.staff(7, 8)
    office(i.AgentDials(7))
    office(i.AgentDials(8))
    office.call(1)
    office(i.AgentHangsUp(7))
    office(i.AgentTakes(1, 7))
    office(i.CallLeaves(1))
    office(i.AgentHangsUp(8))
    office.wait(WRAP)
    assert offers(office.call(2)) == [(2, 8)]


def test_take_this_call_now_is_refused_where_the_agent_is_not_free(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office.call(2)
    office.call(3)
    assert office(i.AgentTakes(3, 7)) == refused("not free")
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentTakes(3, 7)) == refused("not free")
    office(i.AgentPauses(8))
    assert office(i.AgentTakes(3, 8)) == refused("not free")
    office(i.AgentDials(8))
    assert office(i.AgentTakes(3, 8)) == refused("not free")


def test_take_this_call_now_is_refused_where_the_agent_cannot_be_reached(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentBlocked(7, 3))
    office.wait(HOLD)
    assert office(i.AgentTakes(1, 7)) == refused("not free")
    office(i.AgentVanishes(7))
    office(i.AgentUnblocked(7, 3))
    assert office(i.AgentTakes(1, 7)) == refused("not free")
    office(i.AgentReturns(7))
    office(i.AgentLogsOut(7))
    assert office(i.AgentTakes(1, 7)) == refused("not free")


def test_take_this_call_now_is_refused_of_a_call_that_does_not_wait(office: Office) -> None:
    office.staff(7, 8)
    assert office(i.AgentTakes(1, 8)) == refused("unknown call")
    office.talk(1, 7)
    assert office(i.AgentTakes(1, 8)) == refused("not waiting")


def test_take_this_call_now_makes_no_second_attempt_to_a_number(office: Office) -> None:
    office.staff(7, 8)
    office.call(1, number=44, callback=True)
    office.call(2, number=44, callback=True)
    assert office(i.AgentTakes(2, 8)) == refused("number busy")


def test_an_offer_by_a_supervisor_keeps_who_waits_from_overflow_and_expiry(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, wait_max_ms=100))
    office.staff(7, queues=(2,))
    office.call(1)
    office(i.AgentTakes(1, 7))
    assert office.wait(RING - 1) == []


# --- withdraw


def test_withdraw_ends_the_offer_without_a_miss_or_a_rest_and_the_next_is_offered(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1)
    assert office(i.OfferWithdrawn(1, 7)) == [d.Withdrawn(1, 7), d.Offer(1, 8, office.now + RING)]
    assert office.core.agent(7) == ("free", None)
    assert offers(office.call(2)) == [(2, 7)]


def test_who_was_withdrawn_keeps_his_place_among_the_idle(office: Office) -> None:
    office.staff(7, 8, 9)
    office.call(1)
    office.wait(1_000)
    office(i.OfferWithdrawn(1, 7))
    assert offers(office.call(2)) == [(2, 7)]


def test_who_was_withdrawn_has_had_his_turn(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office(i.OfferWithdrawn(1, 7))
    assert office.core.why_not(1, 7) == "had turn"
    assert offers(office(i.AgentRejects(1, 8))) == [(1, 7)]  # both had theirs: a new round


def test_withdraw_needs_an_offer(office: Office) -> None:
    office.staff(7, 8)
    assert office(i.OfferWithdrawn(1, 7)) == refused("unknown call")
    office.call(1)
    assert office(i.OfferWithdrawn(1, 8)) == refused("no such offer")
    office(i.AgentAnswers(1, 7))
    assert office(i.OfferWithdrawn(1, 7)) == refused("no such offer")


def test_withdraw_of_one_of_many_leaves_the_others_ringing(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    office.call(1)
    assert office(i.OfferWithdrawn(1, 8)) == [d.Withdrawn(1, 8)]
    assert [office.core.agent(agent)[0] for agent in (7, 9)] == ["offered", "offered"]


# --- move


def test_a_supervisor_moves_a_waiting_caller_with_his_age(office: Office) -> None:
    office.queues(2)
    office.calls(1)
    office.calls(2, queue=2)
    assert office(i.CallMoves(1, 2)) == [d.Moved(1, 2)]
    assert office.core.waiting(1) == []
    assert office.core.waiting(2) == [1, 2]


def test_a_move_withdraws_the_offer_and_the_agent_keeps_his_place(office: Office) -> None:
    office.queues(2)
    office.staff(7, 8)
    office.call(1)
    assert office(i.CallMoves(1, 2)) == [d.Withdrawn(1, 7), d.Moved(1, 2)]
    assert offers(office.call(3)) == [(3, 7)]


def test_a_move_begins_the_waits_of_the_new_queue_anew(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(2, wait_max_ms=100))
    office.call(1)
    office.wait(500)
    office(i.CallMoves(1, 2))
    assert office.wait(99) == []
    assert office.wait(1) == [d.Expired(1)]


def test_a_move_of_a_kept_call_of_a_vanished_agent_ends_the_keeping(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentVanishes(7))
    assert office(i.CallMoves(1, 2)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP), d.Moved(1, 2)]
    assert office.wait(60_000) == [d.Free(7)]


# --- a step


def test_in_one_step_agents_come_before_callers_and_both_before_the_input(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=100))
    office.staff(7, wrap_up_ms=100)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office.call(2)
    office.now += 100
    assert office.core.feed(office.now, i.CallWaits(3, 1)) == [d.Free(7), d.Expired(2), d.Offer(3, 7, office.now + RING)]


def test_in_any_order_of_one_instant_two_answers_and_a_hang_up_leave_nobody_stuck(office: Office) -> None:
    """never-again 1 and 9: whatever comes first, there is one connect at most and everybody is free in the end."""
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, wrap_up_ms=0)
    told: list[i.Input] = [i.AgentAnswers(1, 7), i.AgentAnswers(1, 8), i.CallLeaves(1), i.AgentRejects(1, 7), i.VoicePathStands(1, 8)]
    for order in permutations(told):
        office.call(1)
        decided = [decision for given in order for decision in office(given)]
        assert sum(isinstance(decision, d.Connect) for decision in decided) <= 1
        office(i.CallLeaves(1))
        office.wait(REST)
        assert [office.core.agent(agent)[0] for agent in (7, 8)] == ["free", "free"]


def test_the_same_inputs_give_the_same_hash_and_others_another(office: Office) -> None:
    before = office.core.hash
    office.staff(7)
    after = office.core.hash
    assert after != before
    office(i.Tick())
    assert office.core.hash == after  # nothing was decided
    office(i.CallLeaves(1))
    assert office.core.hash != after


def test_the_hash_is_fnv_1a_over_three_64_bit_words_a_decision(office: Office) -> None:
    """The time with the place of the decision's name in five bits; the call with the second number; until. What there is not is -1."""
    office(i.AgentSet(7, (1,)))
    office(i.AgentLogsIn(7))
    office.now = 5
    office.call(1)
    expected = 0xCBF29CE484222325
    free, offer = (0 << 5 | 13, (-1 << 32) + 7, -1), (5 << 5 | 0, (1 << 32) + 7, 5 + RING)
    for word in (*free, *offer):
        expected = ((expected ^ (word % 2**64)) * 0x100000001B3) % 2**64
    assert office.core.hash == expected


def test_the_earliest_of_all_deadlines_is_told(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=40, lower=1))
    office(i.QueueLimits(1, wait_max_ms=60, overflow_ms=50, overflow_to=2))
    base = office.now
    office.call(1, owner=55, owner_ms=30)
    told = []
    for _ in range(3):
        assert office.core.next_deadline_ms is not None
        told.append(office.core.next_deadline_ms - base)
        office.now = office.core.next_deadline_ms
        office(i.Tick())
    assert told == [30, 40, 50]
    assert office.core.next_deadline_ms is None
