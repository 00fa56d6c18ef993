"""Which agent is first: strategies, orders, fairness (rules 2 and 9)."""

from collections import Counter

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Strategy
from tests.support.core_office import Office, offers, refused

ENGLISH, CANTONESE, OTHER = 5, 6, 7
MONTH = 30 * 86_400_000


def whom(office: Office, calls: int, queue: int = 1) -> list[int]:
    """Who gets these calls, one after the other; each talks for 1 s, without wrap-up."""
    first = office.now * 10
    order = []
    for call in range(first, first + calls):
        ((_, agent),) = offers(office.call(call, queue))
        order.append(agent)
        office(i.AgentAnswers(call, agent))
        office.now += 1_000
        office(i.AgentHangsUp(agent))
    return order


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
    assert whom(office, 6) == [7, 8, 9, 7, 8, 9]


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
    assert whom(office, 2) == [7, 7]
    office.now += 1
    office.staff(8, wrap_up_ms=0)
    assert whom(office, 5) == [8, 8, 7, 8, 7]


def test_counts_begin_anew_with_a_login(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FEWEST_CALLS))
    office.staff(7, 8, wrap_up_ms=0)
    assert whom(office, 3) == [7, 8, 7]
    office(i.AgentLogsOut(7))
    office(i.AgentLogsIn(7))
    assert whom(office, 3) == [7, 8, 7]


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
    assert whom(office, 1) == [7]
    for _ in range(3):
        office(i.AgentDials(8))
        office(i.AgentHangsUp(8))
    assert whom(office, 1) == [8]


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
    assert whom(office, 2) == [7, 8]
    office(i.AgentLogsOut(7))
    office(i.AgentLogsIn(7))
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
    assert whom(office, 2) == [9, 7]
    assert whom(office, 2) == [9, 7]


# --- round robin


def test_round_robin_goes_round(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(9, 7, 8, wrap_up_ms=0)
    assert whom(office, 6) == [9, 7, 8, 9, 7, 8]


def test_round_robin_goes_by_when_the_queue_asked_not_by_idle_time(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, wrap_up_ms=0)
    assert whom(office, 2) == [7, 8]
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))  # idle since now: 8 is longer idle
    assert whom(office, 1) == [7]


def test_round_robin_asks_first_whom_it_has_never_asked(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, wrap_up_ms=0)
    assert whom(office, 2) == [7, 8]
    office.staff(9, wrap_up_ms=0)
    assert whom(office, 2) == [9, 7]


def test_round_robin_of_one_queue_does_not_mind_what_others_asked(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, queues=(1, 2), wrap_up_ms=0)
    assert whom(office, 1) == [7]
    assert whom(office, 1, queue=2) == [8]
    assert whom(office, 1) == [8]


def test_round_robin_counts_a_rejected_offer_as_asked(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office(i.QueueOffers(1, Strategy.ROUND_ROBIN))
    office.staff(7, 8, 9, wrap_up_ms=0)
    office.call(1)
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 8)]
    office(i.AgentAnswers(1, 8))
    office(i.AgentHangsUp(8))
    assert whom(office, 3) == [9, 7, 8]


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
        asked[queue] += Counter(whom(office, 1, queue))
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
    assert whom(office, 3) == [8, 8, 8]
    assert [offers(office.call(call))[0][1] for call in (1, 2, 3)] == [8, 9, 7]


def test_of_equal_ranks_the_longest_idle_is_first(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(9, 7, wrap_up_ms=0)
    assert whom(office, 4) == [9, 7, 9, 7]


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
    assert whom(office, 1) == [7]
    office(i.AgentTraits(7, rank=1))
    assert whom(office, 2) == [8, 8]


# --- random


def test_random_draws_by_splitmix64_from_the_seed(office: Office) -> None:
    """The first numbers of seed 0 are e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f: odd, even, odd."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=0))
    office.staff(9, 7, wrap_up_ms=0)  # in order of number: 7, 9
    assert whom(office, 3) == [9, 7, 9]


def test_random_draws_by_weight_in_order_of_number(office: Office) -> None:
    """Seed 1234567 gives ...0317, ...3973, ...2423, ...1431 in decimal: of 1,000 tickets 317, 973, 423, 431."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=1_234_567))
    office.staff(9, 8, 7, wrap_up_ms=0)
    for agent, weight in ((7, 317), (8, 107), (9, 576)):
        office(i.AgentTraits(agent, weight=weight))
    assert whom(office, 4) == [8, 9, 8, 9]  # 317 is 8's first ticket, 423 his last


def test_the_same_seed_told_again_draws_the_same_again(office: Office) -> None:
    office.staff(7, 8, 9, wrap_up_ms=0)
    office(i.QueueOffers(1, Strategy.RANDOM, seed=5))
    first = whom(office, 12)
    assert len(set(first)) == 3
    office(i.QueueOffers(1, Strategy.RANDOM, seed=5))
    assert whom(office, 12) == first
    office(i.QueueOffers(1, Strategy.RANDOM, seed=6))
    assert whom(office, 12) != first


def test_nothing_is_drawn_where_one_agent_is_alone(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.RANDOM, seed=0))
    office.staff(7, wrap_up_ms=0)
    assert whom(office, 5) == [7] * 5
    office.staff(9, wrap_up_ms=0)
    assert whom(office, 3) == [9, 7, 9]


def test_each_queue_draws_from_its_own_seed(office: Office) -> None:
    office.queues(2)
    for queue in (1, 2):
        office(i.QueueOffers(queue, Strategy.RANDOM, seed=0))
    office.staff(7, 9, queues=(1, 2), wrap_up_ms=0)
    assert [whom(office, 1, queue)[0] for queue in (1, 1, 2, 1, 2, 2)] == [9, 7, 9, 9, 7, 9]


def test_random_gives_each_agent_his_share_of_the_weights(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.RANDOM, seed=42))
    office.staff(7, 8, 9, wrap_up_ms=0)
    for agent, weight in ((7, 1), (8, 2), (9, 7)):
        office(i.AgentTraits(agent, weight=weight))
    got = Counter(whom(office, 1_000))
    for agent, share in ((7, 100), (8, 200), (9, 700)):
        assert abs(got[agent] - share) < 4 * (share * (1 - share / 1_000)) ** 0.5, got


# --- orders


def test_who_has_the_queue_in_a_lower_order_is_first_though_idle_for_less(office: Office) -> None:
    office.staff(7, orders=(2,))
    office.staff(8, orders=(1,))
    assert offers(office.call(1)) == [(1, 8)]
    assert offers(office.call(2)) == [(2, 7)]


def test_an_agent_takes_the_callers_of_his_lower_order_first(office: Office) -> None:
    office.queues(2, 3)
    office.calls(1, queue=1, priority=9)
    office.calls(2, queue=2)
    office.calls(3, queue=3, priority=99)
    assert office.served_by(7, (1, 2, 3), orders=(3, 1, 9)) == [2, 1, 3]


def test_an_order_that_is_not_told_is_the_first(office: Office) -> None:
    office.queues(2, 3)
    office.calls(1, queue=1)
    office.calls(2, queue=2)
    office.calls(3, queue=3)
    assert office.served_by(7, (1, 2, 3), orders=(2,)) == [2, 3, 1]


def test_pairs_of_the_first_order_are_made_before_those_of_the_second(office: Office) -> None:
    """The caller with the most points waits until all pairs of order 1 are made: 8 is taken by the other queue's caller."""
    office.queues(2)
    office.staff(8, queues=(1, 2), orders=(2, 1))
    office.talk(1, 8)
    office(i.AgentHangsUp(8))
    office.staff(7, queues=(1,), orders=(3,))
    office(i.AgentDials(7))
    office(i.AgentHangsUp(7))
    office.calls(4, queue=1, priority=50)
    office.calls(5, queue=2)
    office.now += 10_000
    assert offers(office(i.Tick())) == [(5, 8), (4, 7)]


def test_orders_out_of_range_are_refused(office: Office) -> None:
    for order in (0, 10, -1):
        assert office(i.AgentSet(7, (1,), orders=(order,))) == refused("bad value")
    assert office(i.AgentSet(7, (1,), orders=(9,))) == []
    assert office(i.AgentSet(7, (1,), orders=(9, 77))) == []  # one too many says nothing


def test_a_new_order_of_an_agents_queues_holds_at_once(office: Office) -> None:
    office.queues(2)
    office.staff(7, queues=(1, 2), orders=(1, 2), wrap_up_ms=0)
    office.talk(1, 7)
    office.calls(2, queue=1)
    office.calls(3, queue=2)
    office(i.AgentSet(7, (1, 2), wrap_up_ms=0, orders=(2, 1)))
    assert offers(office(i.AgentHangsUp(7))) == [(3, 7)]


# --- changed while callers wait


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        (Strategy.LONGEST_IDLE, [1, 3, 2, 4]),
        (Strategy.BEST_LEVEL, [2, 3, 4, 1]),
        (Strategy.FEWEST_CALLS, [3, 1, 4, 2]),
        (Strategy.LEAST_TALK, [3, 4, 1, 2]),
        (Strategy.ROUND_ROBIN, [2, 3, 1, 4]),
        (Strategy.FIXED, [4, 3, 2, 1]),
    ],
)
def test_a_strategy_changed_with_20_callers_waiting_holds_from_the_next_offer_on(
    office: Office, strategy: Strategy, order: list[int]
) -> None:
    """never-again 7. All four are in wrap-up when it changes, and free in one step; each strategy has an order of its own."""
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    for agent, level in ((1, 1), (2, 9), (3, 4), (4, 2)):
        office.staff(agent, skills=((ENGLISH, level),))
        office(i.AgentTraits(agent, rank=9 - agent))
    for call, (agent, length) in enumerate([(1, 1_000), (4, 1), (4, 1), (2, 1_000), (2, 1_000), (2, 1_000)]):
        office.talk(100 + call, agent, owner=agent)
        office.wait(length)
        office(i.AgentHangsUp(agent))
        office(i.AgentResumes(agent))
    for agent in (2, 3, 1, 4):
        office.now += 1
        office.talk(agent, agent, owner=agent)
    for agent in (1, 3, 2, 4):
        office.now += 10
        office(i.AgentHangsUp(agent))
    office.calls(*range(10, 30), want=1)
    office(i.QueueOffers(1, strategy))
    office.now += 20_000
    assert offers(office(i.Tick())) == list(zip((10, 11, 12, 13), order, strict=True))


def test_a_strategy_out_of_range_is_refused_and_the_old_one_stays(office: Office) -> None:
    """never-again 8."""
    office(i.QueueOffers(1, Strategy.FIXED))
    office.staff(7, 8)
    office(i.AgentTraits(7, rank=5))
    for values in (
        {"strategy": 7}, {"strategy": -1}, {"at_once": 65}, {"at_once": -1}, {"more_ms": -1}, {"more_ms": 10**9 + 1}, {"reserve": -1},
        {"reserve": 2**31}, {"seed": -1}, {"seed": 2**31},
    ):  # fmt: skip
        assert office(i.QueueOffers(1, **values)) == refused("bad value"), values  # type: ignore[arg-type]
    assert office(i.QueueOffers(9)) == refused("unknown queue")
    assert office(i.QueueOffers(1, Strategy.FIXED, at_once=64, more_ms=10**9, seed=2**31 - 1)) == []
    assert offers(office.call(1))[0] == (1, 8)


def test_traits_out_of_range_are_refused(office: Office) -> None:
    office.staff(7)
    for values in ({"misses_max": -1}, {"misses_max": 2**31}, {"weight": 0}, {"weight": 1_001}, {"rank": -1}, {"rank": 2**31}):
        assert office(i.AgentTraits(7, **values)) == refused("bad value"), values  # type: ignore[arg-type]
    assert office(i.AgentTraits(9)) == refused("unknown agent")
    assert office(i.AgentTraits(7, misses_max=2**31 - 1, weight=1_000, rank=2**31 - 1)) == []
