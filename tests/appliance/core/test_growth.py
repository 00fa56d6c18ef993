"""An office grows while it works: agents, classes and wants are added, by the hundred, while others are idle, ring, rest and wait (A3).

What it aims at: idle agents, timers, classes and lines are joined by pointers into memory that moves when it grows.
"""

import random

import pytest

from appliance.core import Acd, inputs
from appliance.core.inputs import Strategy
from appliance.core.reference import Oracle

STEPS = 900


@pytest.mark.parametrize("wrap_ups", [1, 30])  # lengths of time: past eight, timers share a heap
@pytest.mark.parametrize("plain", [True, False])
def test_an_office_that_grows_as_it_works_decides_as_the_oracle(plain: bool, wrap_ups: int) -> None:
    rng = random.Random(f"{plain} {wrap_ups}")
    core, oracle = Acd(), Oracle()
    now, agents, wants, calls = 0, 0, 0, 0
    offers: dict[int, int] = {}
    talks: dict[int, int] = {}

    def both(given: inputs.Input) -> None:
        decided = core.feed(now, given)
        assert decided == oracle.feed(now, given), given
        assert core.next_deadline_ms == oracle.next_deadline_ms
        for decision in decided:
            match type(decision).__name__:
                case "Offer":
                    offers[decision.call] = decision.agent
                case "Missed" | "Rejected" | "Withdrawn":
                    offers.pop(decision.call)
                case "Connect":
                    talks[decision.call] = offers.pop(decision.call)

    def new_agent() -> None:
        nonlocal agents
        skills = tuple((skill, rng.randint(1, 9)) for skill in range(8) if rng.random() < 0.5)
        queues = (0,) if plain else rng.choice([(0,), (1, 0), (0, 1)])
        both(inputs.AgentSet(agents, queues, wrap_up_ms=1_000 * rng.randrange(wrap_ups), skills=skills))
        both(inputs.AgentLogsIn(agents))
        agents += 1

    for queue in range(2):
        both(inputs.QueueSet(queue, ring_ms=4_000))
        both(inputs.QueuePoints(queue, ageing=1 if plain else queue))
    if not plain:
        both(inputs.QueueOffers(1, Strategy.BEST_LEVEL))
    for _ in range(STEPS):
        now += rng.randrange(400)
        match rng.choices(("agent", "want", "call", "answer", "reject", "end", "gives up", "tick"), (24, 10, 16, 16, 3, 18, 6, 7))[0]:
            case "agent" if agents < 150:
                new_agent()
            case "want" if wants < 60:
                both(inputs.WantSet(wants, tuple((skill, rng.randint(1, 7)) for skill in rng.sample(range(8), rng.choice((1, 2))))))
                wants += 1
            case "call" if wants:
                both(inputs.CallWaits(calls, 0 if plain else rng.randrange(2), rng.randrange(wants), rng.choice((0, 0, 0, 5))))
                calls += 1
            case "answer" if offers:
                call = rng.choice(sorted(offers))
                both(inputs.AgentAnswers(call, offers[call]))
            case "reject" if offers:
                call = rng.choice(sorted(offers))
                both(inputs.AgentRejects(call, offers[call]))
            case "end" if talks:
                call = rng.choice(sorted(talks))
                talks.pop(call)
                both(inputs.CallLeaves(call))
            case "gives up" if core.waiting(0):
                both(inputs.CallLeaves(rng.choice(core.waiting(0))))
            case _:
                both(inputs.Tick())
    assert core.hash == oracle.hash
    assert core.state() == oracle.state()
    assert agents > 100
    assert wants > 30
    assert calls > 100
