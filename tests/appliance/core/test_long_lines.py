"""Hundreds wait for the same agents, come in order and out of it, and leave from every place: the oracle's order all the same (A3).

What it aims at: a request's line is rows of those who came in order and a heap of the others; rows grow, and lose the holes of who left.
"""

import random
from collections.abc import Callable

import pytest

from appliance.core import Acd, inputs
from appliance.core.reference import Oracle
from tests.support.core_office import Core

CALLERS, AGENTS = 240, 3


@pytest.mark.parametrize("leaving", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("kinds", [1, 3, 40])
def test_who_waits_in_a_long_line_is_taken_in_the_oracles_order(kinds: int, leaving: float) -> None:
    """kinds: of priority, one row each up to four; leaving: the share that gives up, any of those who wait at the time."""
    rng = random.Random(f"{kinds} {leaving}")
    core, oracle = Acd(), Oracle()
    now = 0

    def both(given: inputs.Input) -> None:
        assert core.feed(now, given) == oracle.feed(now, given), given
        assert core.hash == oracle.hash

    both(inputs.QueueSet(0))
    both(inputs.QueuePoints(0, ageing=1))
    for agent in range(AGENTS):
        both(inputs.AgentSet(agent, (0,), wrap_up_ms=0))
    waiting: list[int] = []
    for call in range(CALLERS):
        now += rng.randrange(3)
        odd = rng.random() < 0.1
        position, waited_ms = (rng.randrange(1, 20), 0) if odd and call % 2 else (0, rng.randrange(5_000) if odd else 0)
        both(inputs.CallWaits(call, 0, priority=rng.randrange(kinds), position=position, waited_ms=waited_ms))
        waiting.append(call)
        if rng.random() < leaving:
            both(inputs.CallLeaves(waiting.pop(rng.randrange(len(waiting)))))
    assert core.waiting(0) == oracle.waiting(0)
    both(inputs.QueuePoints(0, ageing=2))  # all stand in line once more
    assert core.waiting(0) == oracle.waiting(0)
    both(inputs.QueuePoints(0, ageing=1))
    core = Acd.restore(core.state())
    for agent in range(AGENTS):
        both(inputs.AgentLogsIn(agent))
    taken = 0
    while core.waiting(0):
        now += 1
        agent = next(agent for agent in range(AGENTS) if core.agent(agent)[0] == "offered")
        call = int(core.state()["agents"][agent]["call"])
        both(inputs.AgentAnswers(call, agent))
        both(inputs.CallLeaves(call))
        taken += 1
        if rng.random() < leaving / 4 and len(core.waiting(0)) > AGENTS:
            both(inputs.CallLeaves(rng.choice(core.waiting(0)[AGENTS:])))
    assert taken > CALLERS / 20


@pytest.mark.parametrize("stay", [(0, 7), (0, 1, 7), (0, 3, 4, 7), (0, 2, 4, 6, 7)])
def test_a_line_whose_middle_left_goes_on_in_order(make: Callable[[], Core], stay: tuple[int, ...]) -> None:
    """A row of eight is full: closed up where half or more left, larger where not. Who is behind then leaves, and is taken, as himself."""
    core, oracle = make(), Oracle()
    now = 0

    def both(given: inputs.Input) -> None:
        assert core.feed(now, given) == oracle.feed(now, given), given
        assert core.waiting(0) == oracle.waiting(0), given

    both(inputs.QueueSet(0))
    both(inputs.AgentSet(0, (0,), wrap_up_ms=0))
    for call in range(20):
        now += 1
        both(inputs.CallWaits(call, 0))
        if call == 7:
            for gone in range(8):
                if gone not in stay:
                    both(inputs.CallLeaves(gone))
        if call in (12, 17):
            both(inputs.CallLeaves(call - 3))
    both(inputs.CallLeaves(stay[1]))
    both(inputs.AgentLogsIn(0))
    while waiting := core.waiting(0):
        now += 1
        both(inputs.AgentAnswers(waiting[0], 0))
        both(inputs.CallLeaves(waiting[0]))


@pytest.mark.parametrize("seed", range(3))
def test_callers_who_each_come_before_all_others_leave_from_anywhere(make: Callable[[], Core], seed: int) -> None:
    """Four have a row each, the others are a heap."""
    rng = random.Random(seed)
    core, oracle = make(), Oracle()
    waiting: list[int] = []

    def both(given: inputs.Input) -> None:
        assert core.feed(0, given) == oracle.feed(0, given), given
        assert core.waiting(0) == oracle.waiting(0), given

    both(inputs.QueueSet(0))
    for call in range(150):
        both(inputs.CallWaits(call, 0, waited_ms=1_000 * call))
        waiting.append(call)
        while len(waiting) > 30 or (waiting and rng.random() < 0.4):
            both(inputs.CallLeaves(waiting.pop(rng.randrange(len(waiting)))))
    both(inputs.AgentSet(0, (0,), wrap_up_ms=0))
    both(inputs.AgentLogsIn(0))
    while first := core.waiting(0)[:1]:
        both(inputs.AgentAnswers(first[0], 0))
        both(inputs.CallLeaves(first[0]))
