"""From sums to figures (E4): means over replications, their 95 % intervals by Student's t, and what has no mean is said to have none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from appliance.core import lab
from appliance.core.lab import QueueSums, Run, units_per_s
from appliance.core.load import overloaded
from appliance.core.office import Office

Interval = tuple[float, float] | None

FIGURES: Final[dict[str, Callable[[QueueSums, int], float | None]]] = {
    "arrivals": lambda q, _: q.came,
    "answered": lambda q, _: q.answered,
    "abandoned": lambda q, _: q.left,
    "p_wait": lambda q, _: _share(q.waited, q.came),
    "mean_wait_s": lambda q, per_s: _share(q.wait, q.came * per_s),
    "mean_wait_of_waiting_s": lambda q, per_s: _share(q.wait, q.waited * per_s),
    "service_level": lambda q, _: _share(q.in_time, q.answered),
    "service_level_with_abandoned": lambda q, _: _share(q.in_time + q.left_in_time, q.answered + q.left),
    "p_abandon": lambda q, _: _share(q.left, q.came),
    "occupancy": lambda q, _: _share(q.busy, q.staffed),
}
"""What the contract names, in its order, of one replication; None where nothing was there to divide by."""

WITHOUT_MEAN: Final = ("arrivals", "answered", "abandoned", "occupancy")
"""What can still be said of an overloaded queue."""


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def simulate(office: Office, trace: lab.Trace | None = None, threads: int = 1) -> dict[str, Any]:
    """Runs the office and gives what `seatbox simulate --json` says."""
    too_much = overloaded(office)
    runs = lab.run(office, frozenset(range(len(office.queues))) - too_much, trace, threads)
    queues = {queue.id: of_queue(office, place, runs, place in too_much) for place, queue in enumerate(office.queues)}
    return {"queues": queues, "decisions": sum(run.decisions for run in runs), "events": sum(run.events for run in runs)}


def of_queue(office: Office, place: int, runs: Sequence[Run], too_much: bool) -> dict[str, object]:
    """Each figure and NAME_ci95 beside it. Recorded calls are one exact run: no interval but the figure itself.

    too_much: more work than its staff can do.
    """
    per_s = units_per_s(office)
    sums = [run.queues[place] for run in runs]
    overload = too_much or grows(office, place, sums)
    found: dict[str, object] = {"overload": overload}
    for name, figure in FIGURES.items():
        if overload and name not in WITHOUT_MEAN:
            continue
        values = [value for one in sums if (value := figure(one, per_s)) is not None]
        found[name] = _plain(math.fsum(values) / len(values)) if values else None
        found[f"{name}_ci95"] = _exact(values) if office.calls is not None else _listed(interval(values))
    return found


def grows(office: Office, place: int, sums: Sequence[QueueSums]) -> bool:
    """Whether its callers pile up without end although the staff would do: some never came through, or ever more of them waited.

    The second is judged only where nothing changes with the hour: the queue at the window's end against its middle, at 99.9 %.
    """
    if office.queues[place].patience.kind != "infinite" and office.calls is None:
        return False
    if any(one.came > one.answered + one.left for one in sums):
        return True
    if office.calls is not None or len(office.queues[place].arrivals.per_hour) != 1 or any(agents.shifts for agents in office.agents):
        return False
    growth = interval([float(one.backlog_end - one.backlog_mid) for one in sums], 0.999)
    mid, end = (math.fsum(values) for values in zip(*((one.backlog_mid, one.backlog_end) for one in sums), strict=True))
    return growth is not None and growth[0] > 0 and mid < 0.7 * end


def _exact(values: list[float]) -> list[float] | None:
    return [_plain(values[0]), _plain(values[0])] if values else None


def _listed(limits: Interval) -> list[float] | None:
    return None if limits is None else [_plain(limits[0]), _plain(limits[1])]


def _plain(value: float) -> float | int:
    """Twelve digits: what a machine's last bit may change is not shown."""
    return int(value) if value == int(value) and abs(value) < 1e15 else float(f"{value:.12g}")


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """In which the mean lies with that confidence, by Student's t over independent values; None of less than two."""
    n = len(values)
    if n < 2:
        return None
    mean = math.fsum(values) / n
    half = student_t(n - 1, confidence) * math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n)
    return mean - half, mean + half


def student_t(freedom: int, confidence: float) -> float:
    """The t that stays within +-t with that confidence, by halving what Abramowitz and Stegun 26.7.3 and 26.7.4 give."""
    low, high = 0.0, 1.0
    while _within(high, freedom) < confidence:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    angle = math.atan(t / math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
