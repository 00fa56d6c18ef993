"""An office as the lab takes it (E4): plain values, seconds and hours. Who makes one checks it, as `seatbox simulate` does."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Final

STRATEGIES: Final = ("longest-idle", "best-level", "fewest-calls", "least-talk", "round-robin", "fixed", "random", "ring-all")
"""In the order of inputs.Strategy; ring-all offers to all at once, the longest idle first."""

WEEK_S: Final = 7 * 24 * 3600
UNIT_US: Final = 1_000_000
"""Times are counted in microseconds; see lab.units_per_s."""

Skills = tuple[tuple[str, int], ...]
"""(skill, level 1..9), of a caller the least level."""


@dataclass(frozen=True, slots=True)
class Durations:
    """kind: constant, exponential, lognormal (`sd_s`), empirical (`values_s`, drawn evenly), infinite."""

    kind: str
    mean_s: float = 0.0
    sd_s: float = 0.0
    values_s: tuple[float, ...] = ()


INFINITE: Final = Durations("infinite")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """kind: poisson (one rate), rates (slot by slot from Monday 0:00 on, again and again), none (recorded calls alone)."""

    kind: str = "none"
    per_hour: tuple[float, ...] = ()
    slot_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Shift:
    """Seconds since Monday 0:00; `end_s` may lie in the next week."""

    begin_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Widen:
    """Who waited `after_s` needs `lower` levels less, and agents of the queue `also` may take him too."""

    after_s: float
    lower: int = 0
    also: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """`offer_s`: how long an offer may ring; `rest_s`: after a miss; `ageing`: points a second of waiting, beside `priority`."""

    id: str
    arrivals: Arrivals
    talk: Durations
    patience: Durations = INFINITE
    strategy: str = "longest-idle"
    skills: Skills = ()
    priority: int = 0
    ageing: int = 0
    offer_s: float = 15.0
    rest_s: float = 10.0
    prefers: Skills = ()
    widen: tuple[Widen, ...] = ()


@dataclass(frozen=True, slots=True)
class Agents:
    """`count` alike. `shifts` empty: always there. `weight`: with the strategy random. `orders`: beside each queue; missing ones are 1."""

    count: int
    queues: tuple[str, ...]
    skills: Skills = ()
    wrap_up_s: float = 0.0
    ring_s: float = 0.0
    shifts: tuple[Shift, ...] = ()
    weight: int = 1
    orders: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """Recorded calls in order of time, in microseconds; patience -1: without end. `want`: place in `wants`, -1: as their queue."""

    at: array[int] = field(default_factory=lambda: array("q"))
    talk: array[int] = field(default_factory=lambda: array("q"))
    patience: array[int] = field(default_factory=lambda: array("q"))
    queue: array[int] = field(default_factory=lambda: array("i"))
    want: array[int] = field(default_factory=lambda: array("i"))
    priority: array[int] = field(default_factory=lambda: array("i"))
    wants: tuple[Skills, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """With `calls` these are the run: hours, warm-up and replications do not apply."""

    queues: tuple[Queue, ...]
    agents: tuple[Agents, ...]
    seed: int = 1
    hours: float = 200.0
    warm_up_hours: float = 5.0
    replications: int = 20
    service_level_s: float = 20.0
    calls: Calls | None = None


def serves(agents: Agents, queue: Queue) -> bool:
    """Whether they could ever answer this queue's callers."""
    have, lower = dict(agents.skills), sum(step.lower for step in queue.widen)
    theirs = {queue.id, *(step.also for step in queue.widen)} & set(agents.queues)
    return bool(theirs) and agents.ring_s < queue.offer_s and all(have.get(skill, 0) >= least - lower for skill, least in queue.skills)


def there(agents: Agents, at_s: float) -> bool:
    """Whether they are on shift at that moment of the week."""
    at_s %= WEEK_S
    return not agents.shifts or any(shift.begin_s <= moment < shift.end_s for shift in agents.shifts for moment in (at_s, at_s + WEEK_S))


def merged(shifts: tuple[Shift, ...]) -> list[tuple[int, int]]:
    """(begin, end) within one week, each begin below WEEK_S, none touching another; [] where they fill the week."""
    if not shifts:
        return []
    spans = sorted((shift.begin_s % WEEK_S, shift.begin_s % WEEK_S + shift.end_s - shift.begin_s) for shift in shifts)
    joined = [list(spans[0])]
    for begin, end in spans[1:]:
        if begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    while len(joined) > 1 and joined[-1][1] >= joined[0][0] + WEEK_S:
        joined[-1][1] = max(joined[-1][1], joined.pop(0)[1] + WEEK_S)
    return [] if joined[-1][1] - joined[-1][0] >= WEEK_S else [(begin, end) for begin, end in joined]
