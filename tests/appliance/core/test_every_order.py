"""Every order of events in small worlds, each strategy: core and oracle agree, and no promise is broken, in every state (E4).

`make test`: ten worlds of two callers and two agents, four events deep, 32,000 events in all. `make soak`: deeper, and three of
each; states and events are counted and printed.
"""

import pytest

from appliance.core import inputs as i
from appliance.core.inputs import Strategy
from tests.support.core_explore import World, explore


def world(strategy: Strategy, size: int, **offers: int) -> World:
    """One queue with short times; the first agent knows a skill that the first caller prefers and the last one needs."""
    agents = tuple(range(size))
    settings: list[i.Input] = [
        i.QueueSet(0, ring_ms=15, rest_ms=10),
        i.QueueOffers(0, strategy, seed=7, **offers),
        i.WantSet(0, prefers=((1, 5),)),
        i.WantSet(1, needs=((1, 3),)),
        *(i.AgentSet(agent, (0,), wrap_up_ms=5 * (agent % 2), skills=((1, 9 - 4 * agent),) if agent < 2 else ()) for agent in agents),
        *(i.AgentTraits(agent, weight=1 + agent, rank=size - agent) for agent in agents),
        *(i.AgentLogsIn(agent) for agent in agents),
    ]
    calls = tuple(i.CallWaits(call, 0, want=0 if call == 0 else 1 if call == size - 1 else -1, priority=call % 2) for call in range(size))
    return World(f"{strategy.name.lower()} {offers or ''}", tuple(settings), calls, agents)


WORLDS = [(strategy, {}) for strategy in Strategy] + [
    (Strategy.LONGEST_IDLE, {"at_once": 0}),
    (Strategy.LONGEST_IDLE, {"at_once": 1, "more_ms": 4}),
    (Strategy.LONGEST_IDLE, {"reserve": 1}),
]


@pytest.mark.parametrize(("strategy", "offers"), WORLDS, ids=lambda each: str(each))
def test_every_order_of_events_in_a_world_of_two_callers_and_two_agents(strategy: Strategy, offers: dict[str, int]) -> None:
    found = explore(world(strategy, 2, **offers), depth=4)
    print(f"{strategy.name} {offers}: {found.states:,} states, {found.edges:,} events")
    assert found.depth == 4 and found.states > 400


@pytest.mark.soak
@pytest.mark.parametrize(("strategy", "offers"), WORLDS, ids=lambda each: str(each))
@pytest.mark.parametrize(("size", "depth"), [(2, 7), (3, 5)])
def test_every_order_of_events_to_a_depth(size: int, depth: int, strategy: Strategy, offers: dict[str, int]) -> None:
    found = explore(world(strategy, size, **offers), depth, most=400_000)
    print(f"{size} callers, {size} agents, {strategy.name} {offers}: {found.states:,} states, {found.edges:,} events, depth {found.depth}")
    assert found.depth == depth or found.edges == 400_000
