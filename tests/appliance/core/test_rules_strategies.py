"""Which agent is first: strategies, orders, fairness (rules 2 and 9)."""

import random
from collections import Counter

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Strategy
from tests.support.core_office import Office, offers

ENGLISH, CANTONESE, OTHER = 5, 6, 7
MONTH = 30 * 86_400_000


# --- longest idle


def test_the_longest_idle_is_right_after_30_days(office: Office) -> None:
    """Milliseconds past 2**31 make no difference: who came a millisecond earlier is first."""
    office.staff(9)
    office.now += MONTH
    office.staff(8, 7)
    office.now += MONTH
    assert [offers(office.call(call))[0][1] for call in (1, 2, 3)] == [9, 8, 7]


def test_the_longest_idle_takes_turns_where_all_talk_alike(office: Office) -> None:
    office.staff(7, 8, 9, wrap_up_ms=0)
    assert office.whom(6) == [7, 8, 9, 7, 8, 9]


def test_a_talk_without_wrap_up_makes_idle_since_its_end(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.talk(1, 7)
    office.wait(50)
    office(i.AgentHangsUp(7))
    assert offers(office.call(2)) == [(2, 8)]


def test_the_end_of_a_rest_makes_idle_since_then(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.CallLeaves(1))
    office.wait(100)
    office.staff(8)
    office.wait(10_000)
    assert offers(office.call(2)) == [(2, 8)]


def test_a_call_outside_makes_idle_since_its_end(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office(i.AgentDials(7))
    office.wait(100)
    assert office(i.AgentHangsUp(7)) == [d.Free(7)]
    assert offers(office.call(1)) == [(1, 8)]


# --- best level


def test_the_highest_level_in_the_needed_skill_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    for agent, level in ((7, 3), (8, 9), (9, 5)):
        office.staff(agent, skills=((ENGLISH, level), (OTHER, 9)))
    assert [offers(office.call(call, want=1))[0][1] for call in (1, 2, 3)] == [8, 9, 7]


def test_the_best_level_is_the_sum_over_needed_and_preferred_skills(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office(i.WantSet(1, needs=((ENGLISH, 1),), prefers=((CANTONESE, 1),)))
    office.staff(7, skills=((ENGLISH, 4), (CANTONESE, 2)))
    office.staff(8, skills=((ENGLISH, 2), (CANTONESE, 5)))
    assert offers(office.call(1, want=1)) == [(1, 8)]


def test_the_best_level_counts_a_skill_once_that_is_needed_and_preferred(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office(i.WantSet(1, needs=((ENGLISH, 1), (CANTONESE, 1)), prefers=((ENGLISH, 1),)))
    office.staff(7, skills=((ENGLISH, 5), (CANTONESE, 1)))  # 6; counted twice 11
    office.staff(8, skills=((ENGLISH, 2), (CANTONESE, 5)))  # 7; counted twice 9
    assert offers(office.call(1, want=1)) == [(1, 8)]


def test_of_equal_levels_the_longest_idle_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    office.staff(9, 7, skills=((ENGLISH, 5),))
    assert offers(office.call(1, want=1)) == [(1, 9)]


def test_a_skill_that_the_call_does_not_name_does_not_count(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office.staff(7)
    office.staff(8, skills=((ENGLISH, 9),))
    assert offers(office.call(1)) == [(1, 7)]


# --- fewest calls, least talk


def test_who_had_the_fewest_calls_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FEWEST_CALLS))
    office.staff(7, wrap_up_ms=0)
    assert office.whom(2) == [7, 7]
    office.now += 1
    office.staff(8, wrap_up_ms=0)
    assert office.whom(5) == [8, 8, 7, 8, 7]


def test_counts_begin_anew_with_a_login(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FEWEST_CALLS))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(3) == [7, 8, 7]
    office(i.AgentLogsOut(7))
    office(i.AgentLogsIn(7))
    assert office.whom(3) == [7, 8, 7]


def test_a_missed_or_rejected_offer_is_no_call(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FEWEST_CALLS))
    office.staff(7, 8, wrap_up_ms=0)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentAnswers(1, 8))
    office(i.AgentHangsUp(8))
    office.wait(20_000)  # 7 is idle for less than 8
    assert offers(office.call(2)) == [(2, 7)]


def test_calls_outside_the_queues_do_not_count_as_calls(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FEWEST_CALLS))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(1) == [7]
    for _ in range(3):
        office(i.AgentDials(8))
        office(i.AgentHangsUp(8))
    assert office.whom(1) == [8]


def test_who_talked_the_least_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.LEAST_TALK))
    office.staff(7, 8, wrap_up_ms=0)
    office.talk(1, 7)
    office.wait(10)
    office.talk(2, 8)
    office.wait(50)
    office(i.AgentHangsUp(7))  # 60
    office.wait(11)
    office(i.AgentHangsUp(8))  # 61
    office.talk(3, 7)
    office.wait(2)
    office(i.CallLeaves(3))  # 62
    office.wait(100)
    assert offers(office.call(4)) == [(4, 8)]


def test_talk_time_begins_anew_with_a_login(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.LEAST_TALK))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(2) == [7, 8]
    office(i.AgentLogsOut(7))
    office.wait(1)
    office(i.AgentLogsIn(7))  # of equal times 8 would be first
    assert offers(office.call(1)) == [(1, 7)]


def test_a_talk_that_is_requeued_counts_as_talk_time(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.LEAST_TALK))
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    office.wait(100)
    office(i.AgentVanishes(7, keep_ms=0))
    office(i.CallLeaves(1))
    office(i.AgentReturns(7))
    office.staff(8)
    assert offers(office.call(2)) == [(2, 8)]


def test_of_equal_talk_times_the_longest_idle_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.LEAST_TALK))
    office.staff(9, 7, wrap_up_ms=0)
    assert office.whom(2) == [9, 7]
    assert office.whom(2) == [9, 7]


# --- round robin


def test_round_robin_goes_round(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(9, 7, 8, wrap_up_ms=0)
    assert office.whom(6) == [9, 7, 8, 9, 7, 8]


def test_round_robin_goes_by_when_the_queue_asked_not_by_idle_time(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(2) == [7, 8]
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))  # idle since now: 8 is longer idle
    assert office.whom(1) == [7]


def test_round_robin_asks_first_whom_it_has_never_asked(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(2) == [7, 8]
    office.staff(9, wrap_up_ms=0)
    assert office.whom(2) == [9, 7]


def test_round_robin_of_one_queue_does_not_mind_what_others_asked(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, queues=(1, 2), wrap_up_ms=0)
    assert office.whom(1) == [7]
    assert office.whom(1, queue=2) == [8]
    assert office.whom(1) == [8]


def test_round_robin_counts_a_rejected_offer_as_asked(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, 9, wrap_up_ms=0)
    office.call(1)
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 8)]
    office(i.AgentAnswers(1, 8))
    office(i.AgentHangsUp(8))
    assert office.whom(3) == [9, 7, 8]


def test_round_robin_is_fair_in_each_queue_where_agents_are_shared(office: Office) -> None:
    """1 serves queue 1, 2 both, 3 queue 2. Each queue asks each of its agents the same number of times, to one."""
    office.queues(2)
    for queue in (1, 2):
        office(i.QueueOffers(queue, Strategy.ROUND_ROBIN))
    for agent, queues in ((1, (1,)), (2, (1, 2)), (3, (2,))):
        office.staff(agent, queues=queues, wrap_up_ms=0)
    asked: dict[int, Counter[int]] = {1: Counter(), 2: Counter()}
    for turn in range(300):
        queue = 1 + (turn * 7 // 3) % 2
        asked[queue] += Counter(office.whom(1, queue))
    for queue in (1, 2):
        counts = [asked[queue][agent] for agent in (queue, queue + 1)]
        assert sum(counts) > 100
        assert max(counts) - min(counts) <= 1


# --- fixed order


def test_in_a_fixed_order_the_smallest_rank_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(7, 8, 9, wrap_up_ms=0)
    for agent, rank in ((7, 3), (8, 1), (9, 2)):
        office(i.AgentTraits(agent, rank=rank))
    assert office.whom(3) == [8, 8, 8]
    assert [offers(office.call(call))[0][1] for call in (1, 2, 3)] == [8, 9, 7]


def test_of_equal_ranks_the_longest_idle_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(9, 7, wrap_up_ms=0)
    assert office.whom(4) == [9, 7, 9, 7]


def test_the_first_of_a_fixed_order_does_not_halt_the_queue_when_he_cannot_be_had(office: Office) -> None:
    """never-again 13."""
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(7, 8)
    office(i.AgentTraits(8, rank=1))
    office(i.AgentBlocked(7, 0))
    assert offers(office.call(1)) == [(1, 8)]


def test_a_rank_changed_holds_from_the_next_offer_on(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(7, 8, wrap_up_ms=0)
    assert office.whom(1) == [7]
    office(i.AgentTraits(7, rank=1))
    assert office.whom(2) == [8, 8]


def test_the_best_level_counts_a_skill_that_is_lacking_as_nothing(office: Office) -> None:
    """3 and nothing are as good as 2 and 1: the longest idle of the two is first, whoever he is."""
    office(i.QueueOffers(1, Strategy.BEST_LEVEL))
    office(i.WantSet(1, needs=((ENGLISH, 1),), prefers=((CANTONESE, 5),)))
    office.staff(6, 8, skills=((ENGLISH, 2), (CANTONESE, 1)))
    office.staff(7, 9, skills=((ENGLISH, 3),))
    office(i.AgentPauses(8))
    office(i.AgentResumes(8))
    assert [offers(office.call(call, want=1))[0][1] for call in (1, 2, 3, 4)] == [6, 7, 9, 8]


def test_a_talk_that_is_requeued_counts_as_long_as_it_was(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.LEAST_TALK))
    office.staff(7, 8, wrap_up_ms=0)
    office.wait(5_000)
    office.talk(1, 7)
    office.wait(100)
    office(i.AgentVanishes(7, keep_ms=0))
    office(i.AgentReturns(7))
    office(i.CallLeaves(1))
    office.talk(2, 8)
    office.wait(101)
    office(i.AgentHangsUp(8))
    assert offers(office.call(3)) == [(3, 7)]
    office(i.CallLeaves(3))
    office.talk(4, 7)
    office.wait(2)
    office(i.AgentHangsUp(7))
    assert offers(office.call(5)) == [(5, 8)]


def splitmix64(seed: int, n: int) -> int:
    """The n-th number of this seed."""
    z = (seed + n * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


@pytest.mark.parametrize("seed", range(5))
def test_many_are_drawn_by_weight_in_order_of_number_whoever_came_first(office: Office, seed: int) -> None:
    rng = random.Random(seed)
    office(i.QueueOffers(1, Strategy.RANDOM, seed=seed))
    weights = {agent: rng.randint(1, 9) for agent in rng.sample(range(1_000), 60)}
    for agent, weight in weights.items():
        office(i.AgentSet(agent, (1,), skills=((ENGLISH, rng.randint(1, 9)),)))
        office(i.AgentTraits(agent, weight=weight))
        office(i.AgentLogsIn(agent))
    expected: list[int] = []
    while len(weights) > 1:
        at = splitmix64(seed, 1 + len(expected)) % sum(weights.values())
        agent = next(who for who in sorted(weights) if at < sum(weights[other] for other in weights if other <= who))
        expected.append(agent)
        del weights[agent]
    assert [agent for call in range(60) for _, agent in offers(office.call(call))] == [*expected, *weights]


def test_who_has_what_is_preferred_is_drawn_among_his_like_alone(office: Office) -> None:
    """By the weights 1, 2 and 7 of those three, whatever the others weigh."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=7))
    office(i.WantSet(1, prefers=((ENGLISH, 1),)))
    office.staff(1, 2, 3, wrap_up_ms=0)
    office.staff(4, 5, 6, wrap_up_ms=0, skills=((ENGLISH, 1),))
    for agent, weight in ((1, 1000), (2, 1000), (3, 1000), (4, 1), (5, 2), (6, 7)):
        office(i.AgentTraits(agent, weight=weight))
    drawn = []
    for call in range(24):
        drawn += offers(office.call(call, want=1))
        office(i.CallLeaves(call))
    assert [agent for _, agent in drawn] == [(4, 5, 5, *[6] * 7)[splitmix64(7, 1 + call) % 10] for call in range(24)]


def test_the_first_agent_of_an_office_is_preferred_as_others_are(office: Office) -> None:
    office(i.WantSet(1, prefers=((ENGLISH, 1),)))
    office.staff(7, skills=((ENGLISH, 1),))
    office.staff(8)
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))
    assert offers(office.call(1, want=1)) == [(1, 7)]


@pytest.mark.parametrize("seed", range(4))
def test_who_asked_and_is_drawn_gets_the_caller_as_if_all_were_there_always(office: Office, seed: int) -> None:
    """A draw that finds him is made once."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=seed))
    office.staff(7, 8, 9, wrap_up_ms=0)
    always = office.whom(8)
    office(i.QueueOffers(1, Strategy.RANDOM, seed=seed))
    for agent in (7, 8, 9):
        office(i.AgentTraits(agent, on_demand=True))
    drawn = []
    for call in range(1, 9):
        for agent in (7, 8, 9):
            office(i.AgentAsks(agent))
        ((_, agent),) = offers(office.call(call))
        drawn.append(agent)
        office(i.AgentAnswers(call, agent))
        office.now += 1_000
        office(i.AgentHangsUp(agent))
    assert drawn == always
