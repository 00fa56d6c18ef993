"""The lab (E4): the routing core under virtual time, with an office's callers and agents around it. Pure: an `Office` in, sums out.

Each replication is a fresh office. Each queue draws callers and talks from numbers of its own: another routing meets the same ones.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Final, get_args

from appliance.core import decisions, inputs
from appliance.core._acd import Acd
from appliance.core._lab import LOG_WIDTH as LOG_WIDTH
from appliance.core._lab import Lab
from appliance.core.office import STRATEGIES, UNIT_US, WEEK_S, Agents, Durations, Office, Skills, merged, there

_LONGEST: Final = 10**9  # units: the core's longest duration
_NEVER: Final = 1 << 60
_FORTNIGHT_S: Final = 14 * 24 * 3600
_KINDS: Final = ("constant", "exponential", "lognormal", "empirical", "infinite")
_ARRIVALS: Final = ("none", "poisson", "rates")

DECISIONS: Final = tuple((kind.__name__, kind.__match_args__) for kind in get_args(decisions.Decision))
"""Name and fields of each code that a row of the log may have."""

Trace = Callable[[int, "list[inputs.Input] | array[int]"], None]
"""Gets, for the replication of this number, the inputs of the set-up, then rows as Lab.take_log gives them."""


@dataclass(frozen=True, slots=True)
class QueueSums:
    """Of the callers who came within the window. `wait` in units. `backlog_*`: who waited at its middle and at its end."""

    came: int
    answered: int
    left: int
    waited: int
    wait: int
    in_time: int
    left_in_time: int
    backlog_mid: int
    backlog_end: int
    busy: int  # of all who serve it, on whatever queue: talk and wrap-up, units
    staffed: int  # their time logged in


@dataclass(frozen=True, slots=True)
class Run:
    """One replication."""

    queues: tuple[QueueSums, ...]
    events: int
    decisions: int


def units_per_s(office: Office) -> int:
    """A million; less where a wrap-up, a rest or an offer is longer than a thousand seconds, more microseconds than the core takes."""
    longest = max(
        [queue.offer_s for queue in office.queues] + [queue.rest_s for queue in office.queues] + [a.wrap_up_s for a in office.agents]
    )
    longest = max([longest] + [step.after_s for queue in office.queues for step in queue.widen])
    most = max([queue.priority for queue in office.queues] + list(office.calls.priority if office.calls is not None else ()), default=0)
    per_s = 1_000 if most > 1_000 and any(queue.ageing for queue in office.queues) else UNIT_US  # points are scaled with it
    while longest * per_s > _LONGEST:
        per_s //= 10
    return per_s


def run(office: Office, awaited: frozenset[int] | None = None, trace: Trace | None = None, threads: int = 1) -> list[Run]:
    """The replications, in order whatever the threads; a trace is written by one.

    awaited: queues whose callers are followed past the window's end until they are through; None: all. Those of an overload never would be.
    """
    follow = frozenset(range(len(office.queues))) if awaited is None else awaited
    numbers = range(1 if office.calls is not None else office.replications)
    if trace is not None or threads == 1 or len(numbers) == 1:
        return [_replication(office, number, follow, trace) for number in numbers]
    done: dict[int, Run] = {}
    failed: list[BaseException] = []
    todo = iter(numbers)  # taken from under the interpreter's lock

    def work() -> None:
        try:
            for number in todo:
                done[number] = _replication(office, number, follow, None)
        except BaseException as error:  # noqa: BLE001 - told by who waits
            failed.append(error)

    workers = [Thread(target=work, daemon=True) for _ in range(min(threads, len(numbers)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]
    return [done[number] for number in numbers]


def _replication(office: Office, number: int, awaited: frozenset[int], trace: Trace | None) -> Run:
    core = Acd()
    told = list(set_up(office, number))
    for given in told:
        for said in core.feed(0, given):
            raise ValueError(f"{given}: {said}")  # whoever made the office has not checked it
    lab = _lab(office, number, core, awaited, trace is not None)
    lab.open_doors([number for number, agents in enumerate(_each(office)) if there(agents, 0)])
    if trace is not None:
        trace(number, told)
    while lab.step_on():
        if trace is not None:
            trace(number, lab.take_log())
    if trace is not None:
        trace(number, lab.take_log())
    sums, people, events, decisions = lab.figures()
    queues = []
    for queue, line in zip(office.queues, sums, strict=True):
        busy = staffed = at = 0
        for agents in office.agents:
            if queue.id in agents.queues:
                busy += sum(person[0] for person in people[at : at + agents.count])
                staffed += sum(person[1] for person in people[at : at + agents.count])
            at += agents.count
        queues.append(QueueSums(*line, busy, staffed))
    return Run(tuple(queues), events, decisions)


def _each(office: Office) -> Iterator[Agents]:
    for agents in office.agents:
        for _ in range(agents.count):
            yield agents


def _lab(office: Office, number: int, core: Acd, awaited: frozenset[int], logging: bool) -> Lab:
    per_s = units_per_s(office)
    wants, scale = _wants(office), _scale(office, per_s)
    lines = []
    for place, queue in enumerate(office.queues):
        rates = [rate / 3600 / per_s for rate in queue.arrivals.per_hour]
        lines.append(
            (
                _ARRIVALS.index(queue.arrivals.kind),
                1 / rates[0] if queue.arrivals.kind == "poisson" and rates[0] else float(_NEVER),
                rates,
                round(queue.arrivals.slot_s * per_s),
                _spread(queue.talk, per_s),
                _spread(queue.patience, per_s),
                wants.get((queue.skills, queue.prefers), -1),
                queue.priority * scale,
                queue.strategy == "ring-all",
                place in awaited,
            )
        )
    shifts, at = [], 0
    people = []
    for agents in office.agents:
        people += [(round(agents.ring_s * per_s), round(agents.wrap_up_s * per_s))] * agents.count
        spans = [edge for begin, end in merged(agents.shifts) for edge in ((begin, True), (end % WEEK_S, False))]
        shifts += [(edge * per_s, at + one, on) for edge, on in spans for one in range(agents.count)]
        at += agents.count
    shifts.sort(key=lambda shift: (shift[0], shift[2], shift[1]))  # who goes does so before who comes
    times, calls = _times(office, per_s), _calls(office, per_s)
    return Lab(core, lines, people, times, (office.seed, number, scale), shifts, WEEK_S * per_s, calls, logging)


def _times(office: Office, per_s: int) -> tuple[int, int, int, int, int, int]:
    """Warm-up over, middle, end of the window, end of all, last arrival, service level."""
    level = round(office.service_level_s * per_s)
    if office.calls is not None:
        last = office.calls.at[-1] * per_s // UNIT_US if office.calls.at else 0
        return 0, _NEVER, _NEVER, last + _FORTNIGHT_S * per_s + max(office.calls.talk, default=0), last, level
    warm, length = round(office.warm_up_hours * 3600 * per_s), round(office.hours * 3600 * per_s)
    return warm, warm + length // 2, warm + length, warm + length + max(length, _FORTNIGHT_S * per_s), _NEVER, level


def _spread(durations: Durations, per_s: int) -> tuple[int, float, float, array[int]]:
    """Kind, mean in units, deviation as a share of the mean, values in units."""
    share = durations.sd_s / durations.mean_s if durations.mean_s else 0.0
    values = array("q", [round(value * per_s) for value in durations.values_s])
    return _KINDS.index(durations.kind), durations.mean_s * per_s, share, values


def _calls(office: Office, per_s: int) -> tuple[object, ...] | None:
    calls = office.calls
    if calls is None:
        return None
    times = [calls.at, calls.talk, calls.patience]
    if per_s != UNIT_US:
        by = UNIT_US // per_s
        times = [array("q", [(value + by // 2) // by if value >= 0 else -1 for value in column]) for column in times]
    return (*times, calls.queue, calls.want, calls.priority)


def _scale(office: Office, per_s: int) -> int:
    """Points a point: the core ages its callers by its ms, which are units here."""
    return max(1, per_s // 1000) if any(queue.ageing for queue in office.queues) else 1


def _wants(office: Office) -> dict[tuple[Skills, Skills], int]:
    """Numbers of the skills that are needed and preferred together; those of recorded calls have their places in `calls.wants`."""
    recorded: tuple[Skills, ...] = office.calls.wants if office.calls is not None else ()
    wants: list[tuple[Skills, Skills]] = [(needs, ()) for needs in recorded]
    wants += [(queue.skills, queue.prefers) for queue in office.queues if queue.skills or queue.prefers]
    return {both: number for number, both in enumerate(dict.fromkeys(wants))}


# --- what the core is told before the doors open


def set_up(office: Office, run_number: int = 0) -> Iterator[inputs.Input]:
    """Queues, skills, agents. Numbers are places in the file, from 1."""
    per_s = units_per_s(office)
    number = {queue.id: place for place, queue in enumerate(office.queues, 1)}
    for queue in office.queues:
        place = number[queue.id]
        yield inputs.QueueSet(place, max(1, round(queue.offer_s * per_s)), round(queue.rest_s * per_s))
        if queue.strategy != "longest-idle":
            yield _offers(place, queue.strategy, (office.seed * 1_000_003 + run_number * 1_009 + place) % 2**31)
        if queue.ageing:
            yield inputs.QueuePoints(place, ageing=queue.ageing)
    for queue in office.queues:
        for step, wide in enumerate(queue.widen):
            also = -1 if wide.also is None else number[wide.also]
            yield inputs.QueueWidens(number[queue.id], step, round(wide.after_s * per_s), wide.lower, also)
    asked = sorted({skill for both in _wants(office) for needs in both for skill, _ in needs})
    skills = {skill: place for place, skill in enumerate(asked, 1)}

    def levels(of: Skills) -> tuple[tuple[int, int], ...]:
        return tuple((skills[skill], level) for skill, level in of if skill in skills)

    for (needs, prefers), want in _wants(office).items():
        yield inputs.WantSet(want, levels(needs), levels(prefers))
    ranked = any(queue.strategy == "fixed" for queue in office.queues)
    for place, agents in enumerate(_each(office), 1):
        queues, wrap_up = tuple(number[queue] for queue in agents.queues), round(agents.wrap_up_s * per_s)
        yield inputs.AgentSet(place, queues, wrap_up, orders=agents.orders, skills=levels(agents.skills))
        if ranked or agents.weight != 1:
            yield inputs.AgentTraits(place, weight=agents.weight, rank=place)


def _offers(queue: int, strategy: str, seed: int) -> inputs.Input:
    if strategy == "ring-all":
        return inputs.QueueOffers(queue, at_once=0)
    return inputs.QueueOffers(queue, inputs.Strategy(STRATEGIES.index(strategy)), seed=seed)
