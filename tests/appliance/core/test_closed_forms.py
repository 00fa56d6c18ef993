"""The lab against what is known exactly (E4): Erlang C, Erlang A, Cobham's priority classes, from idle to overrun, 1 to 200 agents.

Each point's figures lie in the 99 % interval of its 20 replications, and below an occupancy of 0.92 that interval is narrower than a tenth
of the figure. The seed is fixed: of some hundred figures one would fall outside by chance with another. That the intervals are honest is
shown over many seeds in the last test. `make test` takes thirty points, and `make soak`
eleven longer ones besides.
"""

import math
from typing import Final

import pytest

from appliance.core import lab
from appliance.core.erlang import cobham, erlang_a, erlang_c, erlang_c_within
from appliance.core.figures import FIGURES, interval
from appliance.core.office import INFINITE, Agents, Arrivals, Durations, Office, Queue

TALK_S: Final = 180.0
PATIENCE_S: Final = 240.0
SEED: Final = 4


def long(*points: tuple[float, ...]) -> list[object]:
    """Of `make soak`."""
    return [pytest.param(*point, marks=pytest.mark.soak) for point in points]


def office(
    servers: int, works: tuple[float, ...], calls: int, patience: Durations = INFINITE, seed: int | None = None, replications: int = 20
) -> Office:
    """Queues of falling priority, so much work each, so many calls a replication in all."""
    per_hour = [work * 3600 / TALK_S for work in works]
    queues = tuple(
        Queue(f"q{place}", Arrivals("poisson", (rate,)), Durations("exponential", TALK_S), patience, priority=len(works) - 1 - place)
        for place, rate in enumerate(per_hour)
    )
    if seed is None:  # points of one seed would share their numbers, and their luck
        seed = SEED + servers * 1_000_003 + round(sum(works) * 997)
    warm_up_hours = TALK_S / 3600 * (20 + 20 / (1 - min(0.95, sum(works) / servers)))
    agents = Agents(servers, tuple(queue.id for queue in queues))
    return Office(queues, (agents,), seed, calls / sum(per_hour), warm_up_hours, replications)


def compare(one: Office, place: int, exact: dict[str, float]) -> None:
    runs = lab.run(one)
    for name, right in exact.items():
        values = [float(FIGURES[name](run.queues[place], lab.units_per_s(one)) or 0.0) for run in runs]
        limits = interval(values, 0.99)
        assert limits is not None
        assert limits[0] <= right <= limits[1], f"{name}: {right} is not in {limits}"
        busy = sum(run.queues[place].busy for run in runs) / sum(run.queues[place].staffed for run in runs)
        if busy < 0.92:
            assert limits[1] - limits[0] < 0.1 * right, f"{name}: {limits}, at {busy:.3f}"


@pytest.mark.parametrize(
    ("servers", "load", "calls"),
    [
        (1, 0.1, 14_000), (1, 0.3, 14_000), (1, 0.5, 16_000), (1, 0.7, 35_000), (1, 0.95, 60_000), (2, 0.25, 20_000), (2, 0.5, 18_000),
        (2, 0.8, 50_000), (3, 0.85, 80_000), (5, 0.4, 90_000), (20, 0.93, 60_000), (50, 0.93, 60_000), (100, 0.95, 60_000),
        (100, 0.97, 60_000), (200, 0.95, 60_000), (200, 0.97, 60_000),
        *long((1, 0.88, 110_000), (5, 0.8, 100_000), (10, 0.75, 120_000), (14, 12 / 14, 170_000)),
    ],
)  # fmt: skip
def test_patient_callers_wait_as_erlang_c_says(servers: int, load: float, calls: int) -> None:
    offered = servers * load
    exact = erlang_c(servers, offered, TALK_S)
    compare(office(servers, (offered,), calls), 0, {"p_wait": exact.p_wait, "mean_wait_s": exact.mean_wait})


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (5, 0.8), (20, 0.9)])
def test_the_service_level_and_the_occupancy_are_erlangs(servers: int, load: float) -> None:
    offered = servers * load
    within = erlang_c_within(servers, offered, TALK_S, 20.0)
    compare(office(servers, (offered,), 40_000), 0, {"service_level": within, "service_level_with_abandoned": within, "occupancy": load})


@pytest.mark.parametrize(
    ("servers", "load", "calls"),
    [
        (1, 0.3, 6_000), (1, 0.8, 5_000), (1, 1.5, 5_000), (5, 0.7, 22_000), (5, 1.0, 10_000), (14, 12 / 14, 40_000), (14, 1.3, 10_000),
        (50, 1.1, 20_000), (200, 1.1, 50_000),
        *long((50, 0.92, 100_000), (100, 0.96, 100_000), (200, 0.97, 100_000)),
    ],
)  # fmt: skip
def test_impatient_callers_wait_and_leave_as_erlang_a_says(servers: int, load: float, calls: int) -> None:
    exact = erlang_a(servers, servers * load, TALK_S, PATIENCE_S)
    figures = {"p_wait": exact.p_wait, "mean_wait_s": exact.mean_wait, "p_abandon": exact.p_abandon}
    compare(office(servers, (servers * load,), calls, Durations("exponential", PATIENCE_S)), 0, figures)


@pytest.mark.parametrize(
    ("servers", "first", "second", "calls"),
    [
        (1, 0.1, 0.2, 13_000), (1, 0.3, 0.4, 40_000), (2, 0.2, 0.4, 25_000), (50, 0.5, 0.43, 60_000), (200, 0.45, 0.5, 60_000),
        *long((1, 0.4, 0.4, 70_000), (5, 0.3, 0.5, 110_000), (14, 0.3, 0.55, 180_000), (100, 0.3, 0.65, 60_000)),
    ],
)  # fmt: skip
def test_two_priorities_wait_as_cobham_says(servers: int, first: float, second: float, calls: int) -> None:
    works = (servers * first, servers * second)
    waits = cobham(servers, works, TALK_S)
    for place in (0, 1):
        compare(office(servers, works, calls), place, {"mean_wait_s": waits[place]})


def test_a_95_percent_interval_holds_the_truth_19_times_of_20() -> None:
    right = erlang_c(3, 2.1, TALK_S).mean_wait
    inside = 0
    for seed in range(300):
        one = office(3, (2.1,), 2_000, seed=seed, replications=10)
        limits = interval([run.queues[0].wait / run.queues[0].came / 1e6 for run in lab.run(one)])
        inside += limits is not None and limits[0] <= right <= limits[1]
    assert abs(inside / 300 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 300)
