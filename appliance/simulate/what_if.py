"""What if (A3 E4): the routing in force against a candidate, on the very same callers: those of a past day, or drawn ones.

What a past day cannot tell is filled in: who was answered would have had some patience left. It is drawn as exponential beyond what he did
wait, with the mean that the day's waits and losses make likeliest (all waiting time over all who left; without end where nobody left).
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any, Final

from appliance.core import figures
from appliance.core.office import INFINITE, STRATEGIES, Agents, Arrivals, Calls, Durations, Office, Queue, Skills, Widen
from firmware_cfg.document import Document

STRATEGY_WORDS: Final = STRATEGIES
_US: Final = 1_000_000
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be tried. None: as configured, each his own."""

    agents: int
    strategy: str | None = None
    wrap_up_s: float | None = None
    offer_s: float | None = None


@dataclass(frozen=True, slots=True)
class PastCall:
    """`waited_s`: until he was answered or left; `talk_s` None: he left. `points`: his line's, beside his queue's."""

    queue: str
    at_s: float
    waited_s: float
    talk_s: float | None
    points: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """Drawn callers of one queue. `patience_s` None: without end."""

    per_hour: float
    talk_s: float
    patience_s: float | None


def in_force(document: Document, answer_s: float) -> Office:
    """As configured, with as many people as there are seats for; nobody calls yet. answer_s: how long they take to answer."""
    queues = tuple(
        Queue(
            queue.id,
            Arrivals(),
            Durations("constant"),
            strategy=queue.strategy,
            skills=_skills(queue.needs),
            priority=queue.weight,
            ageing=queue.ageing,
            offer_s=max(0.001, queue.ring_limit_s),
            rest_s=queue.rest_s,
            prefers=_skills(queue.prefers),
            widen=tuple(Widen(step.after_s, step.lower, step.also) for step in queue.widen),
        )
        for queue in document.queue
    )
    people = [
        Agents(
            1,
            agent.queues,
            _skills(agent.skills),
            agent.wrap_up_s,
            answer_s,
            weight=agent.weight,
            orders=tuple(agent.orders.get(queue, 1) for queue in agent.queues),
        )
        for agent in sorted(document.agent, key=lambda agent: agent.rank)  # the lab ranks by place
        if agent.queues
    ]
    return Office(queues, tuple(people[: len(document.seat)]), _SEED, hours=40.0, warm_up_hours=2.0, replications=10)


def _skills(levels: dict[str, int]) -> Skills:
    return tuple(sorted(levels.items()))


def unheeded(document: Document) -> list[str]:
    """Settings in force that the simulation leaves out: what sends callers elsewhere or away, and agents to a pause."""
    words = ("length_max", "wait_max_s", "overflow_s", "back_s", "when_empty")
    used = [word for word in words if any(getattr(queue, word) for queue in document.queue)]
    return used + ["misses_max"] * any(agent.misses_max for agent in document.agent)


def changed(office: Office, candidate: Candidate) -> Office:
    """More people than configured: the same ones once more, from the first on; fewer: the last are left out."""
    people = tuple(islice(cycle(office.agents), candidate.agents)) if office.agents else ()
    if candidate.wrap_up_s is not None:
        people = tuple(replace(agents, wrap_up_s=candidate.wrap_up_s) for agents in people)
    queues = office.queues
    if candidate.strategy is not None:
        queues = tuple(replace(queue, strategy=candidate.strategy) for queue in queues)
    if candidate.offer_s is not None:
        queues = tuple(replace(queue, offer_s=candidate.offer_s) for queue in queues)
    return replace(office, queues=queues, agents=people)


def drawn(office: Office, demands: dict[str, Demand]) -> Office:
    """Callers of each queue by its demand; without one nobody calls there."""
    queues = []
    for queue in office.queues:
        if demand := demands.get(queue.id):
            patience = INFINITE if demand.patience_s is None else Durations("exponential", demand.patience_s)
            arrivals, talk = Arrivals("poisson", (demand.per_hour,)), Durations("exponential", demand.talk_s)
            queue = replace(queue, arrivals=arrivals, talk=talk, patience=patience)
        queues.append(queue)
    return replace(office, queues=tuple(queues))


def recorded(office: Office, past: Sequence[PastCall]) -> Office:
    """The calls of a day, those of queues that are no more left out."""
    place = {queue.id: number for number, queue in enumerate(office.queues)}
    known = sorted((call for call in past if call.queue in place), key=lambda call: call.at_s)
    talks = [call.talk_s for call in known if call.talk_s is not None]
    left = sum(call.talk_s is None for call in known)
    mean_patience_s = sum(call.waited_s for call in known) / left if left else None
    mean_talk_s = sum(talks) / len(talks) if talks else 180.0
    rng = random.Random(_SEED)
    calls = Calls()
    for call in known:
        more_s = rng.expovariate(1 / mean_patience_s) if mean_patience_s else None
        talk_s = rng.expovariate(1 / mean_talk_s) if mean_talk_s else 0.0
        patience_s = call.waited_s if call.talk_s is None else None if more_s is None else call.waited_s + more_s
        calls.at.append(round(call.at_s * _US))
        calls.talk.append(round((talk_s if call.talk_s is None else call.talk_s) * _US))
        calls.patience.append(-1 if patience_s is None else round(patience_s * _US))
        calls.queue.append(place[call.queue])
    calls.want.extend(array("i", [-1]) * len(known))
    calls.priority.extend(array("i", [office.queues[place[call.queue]].priority + call.points for call in known]))
    return replace(office, calls=calls)


def compare(office: Office, candidate: Candidate) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures of each queue: of the office as it is, and of the candidate."""
    return figures.simulate(office)["queues"], figures.simulate(changed(office, candidate))["queues"]
