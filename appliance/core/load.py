"""Work against staff (E4): which queues can have no steady wait, because more is asked of their agents than these can do.

Only callers who never give up make an overload: others thin out by themselves. Queues that share agents are judged together, by a flow of
work from queues to groups of agents: where not all of it finds its way, those who could reach no spare agent are overloaded.
"""

from __future__ import annotations

from itertools import pairwise

from appliance.core.office import WEEK_S, Agents, Durations, Office, Queue, merged, serves

_SPARE = 1e-9  # work that fills the staff to this share of it is an overload, too: no wait has a mean there


def overloaded(office: Office) -> frozenset[int]:
    """Places of the queues. A lower bound: unlike groups count with the quickest. Never for recorded calls, which end."""
    if office.calls is not None:
        return frozenset()
    asked = [place for place, queue in enumerate(office.queues) if queue.patience.kind == "infinite" and work_hours(office, queue) > 0]
    staff = [staff_hours(office, agents) for agents in office.agents]
    need = {place: work_hours(office, office.queues[place]) * (1 + _SPARE) for place in asked}
    may = {place: [one for one, agents in enumerate(office.agents) if serves(agents, office.queues[place])] for place in asked}
    return _stuck(need, may, staff)


def work_hours(office: Office, queue: Queue) -> float:
    """What its callers of the window ask for: each a talk, and of the quickest agent the ringing and the wrap-up."""
    handling = min((agents.ring_s + agents.wrap_up_s for agents in office.agents if serves(agents, queue)), default=0.0)
    return arrivals(office, queue) * (mean_s(queue.talk) + handling) / 3600


def arrivals(office: Office, queue: Queue) -> float:
    """Callers expected within the window."""
    if queue.arrivals.kind == "none":
        return 0.0
    begin, end = _window_s(office)
    rates, slot_s = queue.arrivals.per_hour, queue.arrivals.slot_s
    spans = [(place * slot_s, (place + 1) * slot_s) for place in range(len(rates))]
    return sum(rate * _overlap_s(span, begin, end, len(rates) * slot_s) for rate, span in zip(rates, spans, strict=True)) / 3600


def staff_hours(office: Office, agents: Agents) -> float:
    begin, end = _window_s(office)
    if not merged(agents.shifts):
        return agents.count * (end - begin) / 3600
    return agents.count * sum(_overlap_s((float(a), float(b)), begin, end, WEEK_S) for a, b in merged(agents.shifts)) / 3600


def mean_s(durations: Durations) -> float:
    if durations.kind == "empirical":
        return sum(durations.values_s) / len(durations.values_s)
    return durations.mean_s


def _window_s(office: Office) -> tuple[float, float]:
    return office.warm_up_hours * 3600, (office.warm_up_hours + office.hours) * 3600


def _overlap_s(span: tuple[float, float], begin: float, end: float, period: float) -> float:
    """How much of a span that comes again each period lies between begin and end."""

    def until(moment: float) -> float:
        whole, rest = divmod(moment - span[0], period)
        return whole * (span[1] - span[0]) + min(rest, span[1] - span[0])

    return until(end) - until(begin)


def _stuck(need: dict[int, float], may: dict[int, list[int]], staff: list[float]) -> frozenset[int]:
    """Maximum flow by searching ways for what is left (the graph has some queues and some groups)."""
    left, spare = dict(need), list(staff)
    carried: dict[tuple[int, int], float] = {}
    stuck: set[int] = set()
    for place in need:
        while place not in stuck and left[place] > 0:
            way, reached = _way(place, may, spare, carried)
            if way is None:
                stuck |= reached
                break
            amount = min(left[place], spare[way[-1][1]], *(carried[back] for back in _given_back(way)))
            for queue, group in way:
                carried[queue, group] = carried.get((queue, group), 0.0) + amount
            for back in _given_back(way):
                carried[back] -= amount
            spare[way[-1][1]] -= amount
            left[place] -= amount
    return frozenset(stuck)


def _given_back(way: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """On a way queue, group, queue, group: what each later queue had at the group before it."""
    return [(later[0], earlier[1]) for earlier, later in pairwise(way)]


def _way(
    start: int, may: dict[int, list[int]], spare: list[float], carried: dict[tuple[int, int], float]
) -> tuple[list[tuple[int, int]] | None, set[int]]:
    """The shortest way to a group with time to spare, and the queues that were reached."""
    ways: dict[int, list[tuple[int, int]]] = {start: []}
    seen: set[int] = set()
    todo = [start]
    for queue in todo:
        for group in may[queue]:
            if group in seen:
                continue
            seen.add(group)
            way = [*ways[queue], (queue, group)]
            if spare[group] > 1e-12:
                return way, set(ways)
            for other in may:
                if other not in ways and carried.get((other, group), 0.0) > 1e-12:
                    ways[other] = way
                    todo.append(other)
    return None, set(ways)
