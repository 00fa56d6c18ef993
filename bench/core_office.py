"""Days of an office for the routing core's benches: made once in virtual time, then only replayed.

The plain day: load 0.9, agents of 20 classes of skills, callers of 20 wants and some priorities, talks of 180 s on average, answers after 1
to 9 s, 3 % missed and 2 % rejected offers, 10 s of wrap-up. The full day has what costs most besides, for far more callers
than in an office; in the day of core_whole.py every feature is in use, each for those who need it.
"""

import heapq
import random
from dataclasses import dataclass
from typing import Any

from appliance.core import Acd, inputs
from appliance.core.inputs import Strategy

Steps = list[tuple[int, inputs.Input]]
TALK_MS, HANDLING_MS = 180_000, 195_000
SKILLS, CLASSES, WANTS = 20, 20, 20


@dataclass(frozen=True)
class Day:
    steps: Steps
    opening: int  # steps before the first caller
    calls: int


def day(agents: int, calls: int, seed: int, *, ahead: int = 0, full: bool = False, rings: bool = True) -> Day:
    """`ahead`: so many callers wait before anybody logs in, and stay so many. `rings`: the core is told when an offer begins to ring."""
    rng = random.Random(seed)
    acd = Acd()
    steps: Steps = []
    due: list[tuple[int, int, inputs.Input]] = []
    count = 0

    def plan(at: float, given: inputs.Input) -> None:
        nonlocal count
        count += 1
        heapq.heappush(due, (int(at), count, given))

    def feed(now: int, given: inputs.Input) -> None:
        steps.append((now, given))
        for decision in acd.feed(now, given):
            _follow(decision, now)

    def _follow(decision: Any, now: int) -> None:
        match type(decision).__name__:
            case "Offer":
                if rings:
                    plan(now, inputs.OfferRings(decision.call, decision.agent))
                kind, after = rng.random(), rng.uniform(1_000, 9_000)
                if kind > 0.05:
                    plan(now + after, inputs.AgentAnswers(decision.call, decision.agent))
                elif kind > 0.03:
                    plan(now + after, inputs.AgentRejects(decision.call, decision.agent))
            case "Connect":
                if full:
                    plan(now, inputs.VoicePathStands(decision.call, decision.agent))
                plan(now + rng.expovariate(1 / TALK_MS), inputs.CallLeaves(decision.call))
            case "DialBack":
                plan(now + 5_000, inputs.CustomerAnswers(decision.call))

    def caller(call: int) -> inputs.CallWaits:
        want, priority = rng.randrange(WANTS), rng.choice((0, 0, 0, 1, 2))
        if not full:
            return inputs.CallWaits(call, 0, want, priority)
        kind, owner = rng.random(), rng.randrange(agents)
        return inputs.CallWaits(
            call, rng.randrange(3), want, priority, tier=rng.choice((0, 0, 0, 1)), position=3 if kind < 0.02 else 0,
            waited_ms=30_000 if kind < 0.1 else 0, owner=owner if kind < 0.2 else -1, owner_ms=20_000, number=call + 1,
            callback=0.2 < kind < 0.25, never=(owner,) if kind > 0.95 else (),
        )  # fmt: skip

    for given in _settings(full, rng):
        feed(0, given)
    for call in range(ahead):
        feed(0, caller(call))
    skills = skills_of_classes(rng)
    for agent in range(agents):
        queues = ((0, 1, 2), (0,), (1, 0), (2, 1))[agent % 4] if full else (0,)
        feed(0, inputs.AgentSet(agent, queues, skills=skills[agent % CLASSES], orders=tuple(range(1, 1 + len(queues))) if full else ()))
        if full:
            feed(0, inputs.AgentTraits(agent, misses_max=50, weight=1 + agent % 3, rank=agent))
    logins = [inputs.AgentLogsIn(agent) for agent in range(agents)]
    if not ahead:
        for given in logins:
            feed(0, given)
    opening = len(steps)
    for place, given in enumerate(logins if ahead else ()):
        plan(1 + place, given)
    between = HANDLING_MS / (agents * (1.0 if ahead else 0.9))
    at, call = 1.0, ahead
    while call < calls + ahead or (due and not ahead):
        timer = acd.next_deadline_ms
        soonest = min(
            at if call < calls + ahead else float("inf"), due[0][0] if due else float("inf"), float("inf") if timer is None else timer
        )
        if timer is not None and timer == soonest:
            feed(timer, inputs.Tick())
        elif due and due[0][0] == soonest:
            now, _, given = heapq.heappop(due)
            feed(now, given)
        else:
            feed(int(at), caller(call))
            call += 1
            at = max(at + rng.expovariate(1 / between), steps[-1][0])
    return Day(steps, opening, calls)


def _settings(full: bool, rng: random.Random) -> list[inputs.Input]:
    queues = range(3) if full else range(1)
    given: list[inputs.Input] = [inputs.QueueSet(queue) for queue in queues]
    for want in range(WANTS):
        needs = tuple((skill, rng.randint(1, 3)) for skill in rng.sample(range(SKILLS), rng.choice((1, 1, 2))))
        given.append(inputs.WantSet(want, needs, prefers=((rng.randrange(SKILLS), 7),) if full else ()))
    for queue in queues:
        given.append(inputs.QueuePoints(queue, ageing=1, weight=5 * queue))
        if full:
            strategy = (Strategy.BEST_LEVEL, Strategy.LEAST_TALK, Strategy.ROUND_ROBIN)[queue]
            given.append(inputs.QueueOffers(queue, strategy, at_once=1 + queue % 2, reserve=queue))
            given.append(inputs.QueueLimits(queue, 500, 600_000, 120_000 if queue else 0, 0, 60_000))
            given += [inputs.QueueWidens(queue, 0, 20_000, 1), inputs.QueueWidens(queue, 1, 60_000, 2, also=(queue + 1) % 3)]
            given.append(inputs.QueueEmpties(queue, 1))
    return given


def skills_of_classes(rng: random.Random, masters: int = 3) -> list[tuple[tuple[int, int], ...]]:
    """The first ones know everything, so that every want has somebody."""
    return [
        tuple((skill, rng.randint(3, 9)) for skill in range(SKILLS) if rng.random() < 0.4 or place < masters) for place in range(CLASSES)
    ]
