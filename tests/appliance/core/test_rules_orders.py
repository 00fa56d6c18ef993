"""Agents' orders, random draws, and a strategy changed while callers wait (rules 2 and 9)."""

from collections import Counter

import pytest

from appliance.core import inputs as i
from appliance.core.inputs import Strategy
from tests.support.core_office import Office, offers, refused

ENGLISH, CANTONESE, OTHER = 5, 6, 7
MONTH = 30 * 86_400_000


# --- random


def test_random_draws_by_splitmix64_from_the_seed(office: Office) -> None:
    """The first numbers of seed 0 are e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f: odd, even, odd."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=0))
    office.staff(9, 7, wrap_up_ms=0)  # in order of number: 7, 9
    assert office.whom(3) == [9, 7, 9]


def test_random_draws_by_weight_in_order_of_number(office: Office) -> None:
    """Seed 1234567 gives ...0317, ...3973, ...2423, ...1431 in decimal: of 1,000 tickets 317, 973, 423, 431."""
    office(i.QueueOffers(1, Strategy.RANDOM, seed=1_234_567))
    office.staff(9, 8, 7, wrap_up_ms=0)
    for agent, weight in ((7, 317), (8, 107), (9, 576)):
        office(i.AgentTraits(agent, weight=weight))
    assert office.whom(4) == [8, 9, 8, 9]  # 317 is 8's first ticket, 423 his last
    office(i.QueueOffers(1, Strategy.RANDOM, seed=1_234_567))
    for agent, weight in ((7, 317), (8, 106), (9, 577)):
        office(i.AgentTraits(agent, weight=weight))
    assert office.whom(4) == [8, 9, 9, 9]  # now it is 9's first; of 63 bits it would be 319


def test_the_same_seed_told_again_draws_the_same_again(office: Office) -> None:
    office.staff(7, 8, 9, wrap_up_ms=0)
    office(i.QueueOffers(1, Strategy.RANDOM, seed=5))
    first = office.whom(12)
    assert len(set(first)) == 3
    office(i.QueueOffers(1, Strategy.RANDOM, seed=5))
    assert office.whom(12) == first
    office(i.QueueOffers(1, Strategy.RANDOM, seed=6))
    assert office.whom(12) != first


def test_nothing_is_drawn_where_one_agent_is_alone(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.RANDOM, seed=0))
    office.staff(7, wrap_up_ms=0)
    assert office.whom(5) == [7] * 5
    office.staff(9, wrap_up_ms=0)
    assert office.whom(3) == [9, 7, 9]


def test_each_queue_draws_from_its_own_seed(office: Office) -> None:
    office.queues(2)
    for queue in (1, 2):
        office(i.QueueOffers(queue, Strategy.RANDOM, seed=0))
    office.staff(7, 9, queues=(1, 2), wrap_up_ms=0)
    assert [office.whom(1, queue)[0] for queue in (1, 1, 2, 1, 2, 2)] == [9, 7, 9, 9, 7, 9]


def test_random_gives_each_agent_his_share_of_the_weights(office: Office) -> None:
    office(i.QueueOffers(1, Strategy.RANDOM, seed=42))
    office.staff(7, 8, 9, wrap_up_ms=0)
    for agent, weight in ((7, 1), (8, 2), (9, 7)):
        office(i.AgentTraits(agent, weight=weight))
    got = Counter(office.whom(1_000))
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
