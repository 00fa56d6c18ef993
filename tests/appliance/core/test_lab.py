"""The lab (E4): recorded calls to the microsecond, what agents and callers do, shifts, what is drawn; the oracle at the same trace."""

import math
from array import array
from dataclasses import replace
from typing import Any, get_args

import pytest

from appliance.core import figures, inputs, lab
from appliance.core.load import overloaded
from appliance.core.office import INFINITE, WEEK_S, Agents, Arrivals, Calls, Durations, Office, Queue, Shift, Widen, merged, there
from appliance.core.reference import Oracle
from tests.support.core_offices import random_office, run_beside_the_oracle

S = 1_000_000
MINUTE = Durations("constant", 60.0)


def calls(*rows: tuple[float, float, float | None], queue: int = 0) -> Calls:
    """(at, talk, patience or None), all in seconds."""
    at, talk, patience = zip(*rows, strict=True)
    return Calls(
        array("q", [round(value * S) for value in at]),
        array("q", [round(value * S) for value in talk]),
        array("q", [-1 if value is None else round(value * S) for value in patience]),
        array("i", [queue] * len(rows)),
        array("i", [-1] * len(rows)),
        array("i", [-1] * len(rows)),
    )


def recorded(*rows: tuple[float, float, float | None], agents: Agents | None = None, **more: Any) -> dict[str, Any]:
    """Figures of the queue `q` after these calls."""
    some = agents or Agents(1, ("q",))
    found = figures.simulate(Office((Queue("q", Arrivals(), MINUTE),), (some,), calls=calls(*rows), **more))
    return dict(found["queues"]["q"])


def poisson(per_hour: float = 60.0, count: int = 3, **more: Any) -> Office:
    talk, patience = more.pop("talk", Durations("exponential", 120.0)), more.pop("patience", INFINITE)
    queue = Queue("q", more.pop("arrivals", Arrivals("poisson", (per_hour,))), talk, patience, **more.pop("queue", {}))
    agents = Agents(count, ("q",), **more.pop("agents", {}))
    return Office((queue,), (agents,), hours=more.pop("hours", 50.0), replications=more.pop("replications", 3), **more)


# --- recorded calls


def test_recorded_calls_wait_exactly_as_long_as_the_talks_before_them() -> None:
    q = recorded((0, 60, None), (10, 30, None), (20.25, 5, None))
    assert (q["arrivals"], q["answered"], q["abandoned"]) == (3, 3, 0)
    assert q["mean_wait_s"] == pytest.approx((0 + 50 + 69.75) / 3, abs=1e-9)
    assert q["mean_wait_of_waiting_s"] == pytest.approx((50 + 69.75) / 2, abs=1e-9)
    assert q["p_wait"] == pytest.approx(2 / 3)
    assert q["mean_wait_s_ci95"] == [q["mean_wait_s"]] * 2
    assert q["occupancy"] == 1


def test_a_caller_out_of_patience_leaves_and_counts_in_all_figures_of_all_callers() -> None:
    q = recorded((0, 60, None), (10, 30, 15), (20, 30, 45))
    assert (q["answered"], q["abandoned"], q["p_abandon"]) == (2, 1, pytest.approx(1 / 3))
    assert q["mean_wait_s"] == pytest.approx((0 + 15 + 40) / 3)


def test_a_caller_whose_patience_ends_when_an_agent_becomes_free_is_answered() -> None:
    assert recorded((0, 60, None), (10, 30, 50))["answered"] == 2
    assert recorded((0, 60, None), (10, 30, 49.999999))["answered"] == 1


def test_service_levels_count_answers_in_time_and_those_who_left_in_time() -> None:
    """Within 15 s: answered after 0, 15 and 20 s; one left after 15, one after 16 s."""
    q = recorded((0, 100, None), (70, 9, 16), (80, 9, 15), (85, 10, None), (90, 9, None), service_level_s=15)
    assert (q["answered"], q["abandoned"]) == (3, 2)
    assert q["service_level"] == pytest.approx(2 / 3)
    assert q["service_level_with_abandoned"] == pytest.approx((2 + 1) / 5)


def test_calls_of_the_same_moment_are_taken_in_the_order_of_the_file() -> None:
    q = recorded((0, 10, None), (0, 20, None), (0, 40, None))
    assert q["mean_wait_s"] == pytest.approx((0 + 10 + 30) / 3)


def test_wrap_up_keeps_an_agent_and_counts_as_occupied() -> None:
    q = recorded((0, 60, None), (1, 60, None), agents=Agents(1, ("q",), wrap_up_s=30))
    assert q["mean_wait_s"] == pytest.approx(89 / 2)
    assert q["occupancy"] == 1


def test_an_agent_takes_his_time_to_answer_and_the_caller_waits_so_long() -> None:
    q = recorded((0, 60, None), agents=Agents(1, ("q",), ring_s=4))
    assert (q["mean_wait_s"], q["p_wait"]) == (4, 1)
    assert q["occupancy"] == pytest.approx(60 / 64)
    assert recorded((0, 60, 4), agents=Agents(1, ("q",), ring_s=4))["answered"] == 1  # agents come before patience
    assert recorded((0, 60, 3.9), agents=Agents(1, ("q",), ring_s=4))["abandoned"] == 1


@pytest.mark.parametrize("ring_s", [15.0, 16.0, 1_000.0])
def test_who_answers_only_after_the_deadline_misses_and_the_next_gets_the_call(ring_s: float) -> None:
    office = Office((Queue("q", Arrivals(), MINUTE),), (Agents(1, ("q",), ring_s=ring_s), Agents(1, ("q",))), calls=calls((0, 60, None)))
    q = figures.simulate(office)["queues"]["q"]
    assert (q["answered"], q["mean_wait_s"]) == (1, 15)
    assert not q["overload"]


def test_callers_whom_nobody_will_ever_answer_are_an_overload() -> None:
    q = recorded((0, 60, None), agents=Agents(1, ("q",), ring_s=20))
    assert q["overload"]
    assert "mean_wait_s" not in q
    assert recorded((0, 60, 30), agents=Agents(1, ("q",), ring_s=20))["abandoned"] == 1


def test_no_call_at_all_has_no_figures_but_breaks_nothing() -> None:
    empty = Office((Queue("q", Arrivals(), MINUTE),), (Agents(1, ("q",)),), calls=Calls())
    q = figures.simulate(empty)["queues"]["q"]
    assert (q["arrivals"], q["mean_wait_s"], q["mean_wait_s_ci95"]) == (0, None, None)
    assert not q["overload"]


def test_a_wrap_up_of_hours_is_counted_in_coarser_units_and_right() -> None:
    q = recorded((0, 60.123456, None), (1, 60, None), agents=Agents(1, ("q",), wrap_up_s=7_200))
    assert q["mean_wait_s"] == pytest.approx((7_200 + 59.123456) / 2, abs=1e-4)


# --- shifts


def test_nobody_is_answered_outside_the_shift_and_the_last_talk_is_finished() -> None:
    nine_to_ten = Agents(1, ("q",), wrap_up_s=30, shifts=(Shift(9 * 3600, 10 * 3600),))
    q = recorded((8 * 3600, 60, None), (9 * 3600 + 3_590, 100, None), (10 * 3600 - 1, 60, 30), agents=nine_to_ten)
    assert (q["answered"], q["abandoned"]) == (2, 1)
    assert q["mean_wait_s"] == pytest.approx((3_600 + 0 + 30) / 3)
    assert q["occupancy"] == pytest.approx((60 + 30 + 100 + 30) / (3_600 - 10 + 100 + 30), abs=1e-6)


def test_who_is_still_talking_when_his_next_shift_begins_just_goes_on() -> None:
    shifts = (Shift(0, 3_600), Shift(3_660, 7_200))
    q = recorded((3_500, 300, None), (3_700, 10, None), agents=Agents(1, ("q",), shifts=shifts))
    assert q["mean_wait_s"] == pytest.approx((0 + 100) / 2)
    wrapping = Agents(1, ("q",), wrap_up_s=120, shifts=shifts)
    q = recorded((3_500, 80, None), (3_590, 10, None), agents=wrapping)  # in wrap-up at the end of the first shift
    assert q["mean_wait_s"] == pytest.approx((0 + 70) / 2)  # at 3660 he resumes


def test_an_offer_that_is_open_when_the_shift_ends_goes_to_the_next() -> None:
    office = Office(
        (Queue("q", Arrivals(), MINUTE),),
        (Agents(1, ("q",), ring_s=10, shifts=(Shift(0, 3_600),)), Agents(1, ("q",), shifts=(Shift(3_600, 7_200),))),
        calls=calls((3_595, 60, None)),
    )
    assert figures.simulate(office)["queues"]["q"]["mean_wait_s"] == 5


def test_shifts_come_again_each_week() -> None:
    monday = Agents(1, ("q",), shifts=(Shift(0, 3_600),))
    q = recorded((1_800, 60, None), (WEEK_S + 1_800, 60, None), (WEEK_S + 3_700, 60, 50), agents=monday)
    assert (q["answered"], q["abandoned"]) == (2, 1)


def test_shifts_that_touch_or_cross_the_week_are_one() -> None:
    hour = 3_600
    assert merged(()) == []
    assert merged((Shift(0, hour), Shift(hour, 2 * hour))) == [(0, 2 * hour)]
    assert merged((Shift(WEEK_S - hour, WEEK_S + hour), Shift(0, 3 * hour))) == [(WEEK_S - hour, WEEK_S + 3 * hour)]
    assert merged(tuple(Shift(day * 86_400, (day + 1) * 86_400) for day in range(7))) == []
    night = Agents(1, ("q",), shifts=(Shift(WEEK_S - hour, WEEK_S + hour),))
    assert [there(night, at) for at in (0, hour - 1, hour, WEEK_S - hour, WEEK_S)] == [True, True, False, True, True]
    assert recorded((0, 60, 10), (hour, 60, 10), agents=night)["answered"] == 1


# --- what is drawn


def sums(office: Office) -> list[lab.Run]:
    return lab.run(office)


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    assert sums(poisson(seed=5)) == sums(poisson(seed=5))
    assert sums(poisson(seed=5)) != sums(poisson(seed=6))
    first, second, third = sums(poisson(seed=5))
    assert len({first.queues, second.queues, third.queues}) == 3


def test_a_thousand_agents_over_thirty_years_are_told_apart() -> None:
    """Times and agents do not fit one number any more: who acts first is found in another way. Eight are as good as all."""
    span = {"hours": 100_000.0, "warm_up_hours": 100_000.0, "replications": 1, "talk": MINUTE}
    few, many = (lab.run(poisson(0.05, count, **span))[0].queues[0] for count in (8, 1_100))
    assert 4_000 < many.came == few.came
    assert (many.answered, many.busy) == (few.answered, few.busy)


def test_threads_change_nothing() -> None:
    office = poisson(seed=5, replications=7, hours=20.0)
    assert lab.run(office, threads=3) == lab.run(office)


def test_a_defect_in_a_thread_is_told() -> None:
    with pytest.raises(ValueError, match="AgentSet"):
        lab.run(poisson(agents={"wrap_up_s": -1.0}), threads=2)


def test_the_numbers_are_the_same_on_every_machine() -> None:
    """Drawn with + - * / and square roots alone: these values are what any processor gives."""
    office = poisson(patience=Durations("lognormal", 90.0, 45.0), hours=20.0, replications=1, seed=2026)
    (one,) = sums(office)
    q = one.queues[0]
    assert (q.came, q.answered, q.left, q.wait) == EXPECTED


EXPECTED = (1232, 1118, 114, 20_544_782_505)


def test_another_routing_meets_the_same_callers() -> None:
    """Common random numbers: what differs is the routing's doing."""
    few, many = sums(poisson(count=3)), sums(poisson(count=30))
    assert [run.queues[0].came for run in few] == [run.queues[0].came for run in many]
    assert all(few.queues[0].wait > many.queues[0].wait for few, many in zip(few, many, strict=True))


@pytest.mark.parametrize(
    ("talk", "mean_s", "sd_s"),
    [
        (Durations("constant", 100.0), 100.0, 0.0),
        (Durations("exponential", 100.0), 100.0, 100.0),
        (Durations("lognormal", 100.0, 50.0), 100.0, 50.0),
        (Durations("lognormal", 100.0, 0.0), 100.0, 0.0),
        (Durations("empirical", values_s=(10.0, 20.0, 90.0)), 40.0, 35.59),
    ],
    ids=lambda value: value.kind if isinstance(value, Durations) else "",
)
def test_talks_have_the_mean_and_the_spread_that_was_asked(talk: Durations, mean_s: float, sd_s: float) -> None:
    """Everyone is answered at once, so an agent's talks are the draws themselves."""
    drawn: list[float] = []
    began: dict[int, int] = {}
    codes = {name: -1 - code for code, (name, _) in enumerate(lab.DECISIONS)}

    def listen(_: int, told: Any) -> None:
        if isinstance(told, array):
            for at in range(0, len(told), lab.LOG_WIDTH):
                now, code, call = told[at], told[at + 1], told[at + 2]
                if code == codes["Connect"]:
                    began[call] = now
                elif code == codes["Release"]:
                    drawn.append((now - began.pop(call)) / S)

    lab.run(poisson(600.0, 400, talk=talk, hours=100.0, replications=1), trace=listen)
    n = len(drawn)
    mean = sum(drawn) / n
    sd = (sum((value - mean) ** 2 for value in drawn) / n) ** 0.5
    assert n > 50_000
    assert mean == pytest.approx(mean_s, abs=5 * max(sd_s, 1e-6) / n**0.5)
    assert sd == pytest.approx(sd_s, rel=0.03, abs=1e-6)
    if talk.kind == "empirical":
        assert set(drawn) == {10.0, 20.0, 90.0}


def test_exponential_draws_are_exponential_from_the_shortest_to_the_longest() -> None:
    """Patience of callers whom nobody answers: as many in each twentieth of the distribution, and in its tail."""
    left: list[float] = []
    since: dict[int, int] = {}
    codes = [kind.__name__ for kind in get_args(inputs.Input)]

    def listen(_: int, told: Any) -> None:
        if isinstance(told, array):
            for at in range(0, len(told), lab.LOG_WIDTH):
                if told[at + 1] == codes.index("CallWaits"):
                    since[told[at + 2]] = told[at]
                elif told[at + 1] == codes.index("CallLeaves"):
                    left.append((told[at] - since.pop(told[at + 2])) / S / 100.0)

    lab.run(poisson(3_000.0, 0, patience=Durations("exponential", 100.0), hours=100.0, replications=1), trace=listen)
    n = len(left)
    assert n > 250_000
    for part in range(20):
        low, high = -math.log(1 - part / 20), -math.log(1 - (part + 1) / 20) if part < 19 else math.inf
        share = sum(low <= value < high for value in left) / n
        assert abs(share - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / n)
    for far in (6.0, 7.697, 9.0):
        assert abs(sum(value >= far for value in left) - n * math.exp(-far)) < 4.5 * math.sqrt(n * math.exp(-far))


def test_rates_by_the_hour_bring_callers_in_their_hours_only() -> None:
    day = Arrivals("rates", (0.0,) * 8 + (30.0, 90.0) + (0.0,) * 14)
    came: list[int] = []

    def listen(_: int, told: Any) -> None:
        if isinstance(told, array):
            waits = [kind.__name__ for kind in get_args(inputs.Input)].index("CallWaits")
            came.extend(told[at] // S for at in range(0, len(told), lab.LOG_WIDTH) if told[at + 1] == waits)

    lab.run(poisson(arrivals=day, hours=24.0 * 200, warm_up_hours=0.0, replications=1), trace=listen)
    hours = [at // 3600 % 24 for at in came]
    assert set(hours) == {8, 9}
    assert hours.count(8) == pytest.approx(30 * 200, abs=5 * (30 * 200) ** 0.5)
    assert hours.count(9) == pytest.approx(90 * 200, abs=5 * (90 * 200) ** 0.5)


def test_occupancy_is_of_the_window_alone() -> None:
    """Half a day of shift, work for a quarter of it."""
    mornings = {"shifts": tuple(Shift(day * 86_400, day * 86_400 + 43_200) for day in range(7))}
    callers = Arrivals("rates", (30.0,) * 12 + (0.0,) * 12)
    office = poisson(count=4, hours=24.0 * 50, warm_up_hours=24.0, agents=mornings, arrivals=callers)
    q = figures.simulate(office)["queues"]["q"]
    low, high = q["occupancy_ci95"]
    assert low - 0.01 < 30 * 120 / 3600 / 4 < high + 0.01


# --- overload


def test_work_that_fills_the_staff_is_an_overload_and_just_less_is_not() -> None:
    assert overloaded(poisson(90.0, 3)) == {0}
    assert overloaded(poisson(89.9, 3)) == set()
    assert overloaded(poisson(90.0, 3, patience=Durations("exponential", 1e5))) == set()
    assert overloaded(poisson(45.0, 3, agents={"wrap_up_s": 60.0, "ring_s": 60.0}, queue={"offer_s": 61.0})) == {0}
    assert overloaded(poisson(1.0, 3, agents={"ring_s": 15.0})) == {0}  # they miss every offer
    assert overloaded(poisson(0.0, 0)) == set()


def test_an_overloaded_queue_has_no_wait_but_says_what_came() -> None:
    q = figures.simulate(poisson(120.0, 3))["queues"]["q"]
    assert q["overload"] is True
    assert set(q) == {name + tail for name in figures.WITHOUT_MEAN for tail in ("", "_ci95")} | {"overload"}
    assert q["arrivals"] > q["answered"]
    assert q["occupancy"] > 0.99


def test_queues_that_share_agents_are_judged_together() -> None:
    def office(first: float, second: float, third: float) -> Office:
        queues = tuple(
            Queue(name, Arrivals("poisson", (rate * 60,)), MINUTE) for name, rate in zip("abc", (first, second, third), strict=True)
        )
        return Office(queues, (Agents(2, ("a",)), Agents(2, ("a", "b")), Agents(1, ("c",))))

    assert overloaded(office(2.5, 1.4, 0.9)) == set()
    assert overloaded(office(2.5, 1.5, 0.9)) == {0, 1}
    assert overloaded(office(1.9, 2.0, 0.9)) == {1} or overloaded(office(1.9, 2.0, 0.9)) == {0, 1}
    assert overloaded(office(0.1, 2.1, 0.9)) == {1}
    assert overloaded(office(4.1, 0.0, 0.9)) == {0}
    assert overloaded(office(1.0, 1.0, 1.0)) == {2}


def test_staff_is_counted_by_their_shifts() -> None:
    half = {"shifts": tuple(Shift(d * 86_400, d * 86_400 + 43_200) for d in range(7))}
    assert overloaded(poisson(59.0, 4, hours=24.0 * 7, warm_up_hours=0.0, agents=half)) == set()
    assert overloaded(poisson(60.0, 4, hours=24.0 * 7, warm_up_hours=0.0, agents=half)) == {0}


# --- the core's oracle


@pytest.mark.parametrize("seed", range(4))
def test_the_oracle_decides_the_same_from_what_the_lab_says(seed: int) -> None:
    office = replace(
        poisson(300.0, 8, patience=Durations("exponential", 60.0), hours=8.0, warm_up_hours=0.0, replications=1, seed=seed),
        agents=(
            Agents(3, ("q",), wrap_up_s=10, ring_s=4, shifts=(Shift(3_600, 7_200), Shift(9_000, 20_000))),
            Agents(2, ("q",), ring_s=16),
            Agents(3, ("q",), wrap_up_s=5),
        ),
    )
    kinds = get_args(inputs.Input)
    oracle = Oracle()
    places = {name: place for place, (name, _) in enumerate(lab.DECISIONS)}
    said: list[tuple[int, int]] = []
    heard: list[tuple[int, int]] = []

    def listen(_: int, told: Any) -> None:
        if not isinstance(told, array):
            for given in told:
                oracle.feed(0, given)
            return
        for at in range(0, len(told), lab.LOG_WIDTH):
            now, code = told[at], told[at + 1]
            if code < 0:
                said.append((now, -1 - code))
                continue
            names = {"CallWaits": 4, "AgentAnswers": 2, "VoicePathStands": 2, "Tick": 0}.get(kinds[code].__name__, 1)
            given = kinds[code](*told[at + 2 : at + 2 + names])
            heard.extend((now, places[type(decision).__name__]) for decision in oracle.feed(now, given))

    lab.run(office, trace=listen)
    assert len(said) > 5_000
    assert said == heard


# --- skills, priorities, strategies


def office_of(strategy: str, *agents: Agents, rows: Calls, **more: Any) -> list[int]:
    """Who is joined with whom: the agents of the calls, in order of the calls."""
    joined: dict[int, int] = {}

    def listen(_: int, told: Any) -> None:
        if isinstance(told, array):
            connect = -1 - [name for name, _ in lab.DECISIONS].index("Connect")
            joined.update({told[at + 2]: told[at + 3] for at in range(0, len(told), lab.LOG_WIDTH) if told[at + 1] == connect})

    queue = Queue("q", Arrivals(), MINUTE, strategy=strategy, **more)
    lab.run(Office((queue,), agents, calls=rows), trace=listen)
    return [joined[call] for call in sorted(joined)]


ONE, TWO, THREE = (Agents(1, ("q",), (("english", level),)) for level in (3, 9, 5))
APART = calls((0, 10, None), (20, 10, None), (40, 30, None), (80, 10, None), (100, 10, None), (120, 10, None))


@pytest.mark.parametrize(
    ("strategy", "agents"),
    [
        ("longest-idle", [1, 2, 3, 1, 2, 3]),
        ("best-level", [2, 2, 2, 2, 2, 2]),
        ("fewest-calls", [1, 2, 3, 1, 2, 3]),
        ("least-talk", [1, 2, 3, 1, 2, 1]),
        ("round-robin", [1, 2, 3, 1, 2, 3]),
        ("fixed", [1, 1, 1, 1, 1, 1]),
        ("ring-all", [1, 2, 3, 1, 2, 3]),
    ],
)
def test_each_strategy_chooses_as_its_word_says(strategy: str, agents: list[int]) -> None:
    assert office_of(strategy, ONE, TWO, THREE, rows=APART, skills=(("english", 1),)) == agents


def test_random_draws_by_weight_from_the_seed() -> None:
    rows = calls(*((20.0 * n, 10.0, None) for n in range(4_000)))
    chosen = office_of("random", Agents(1, ("q",)), Agents(1, ("q",), weight=3), rows=rows)
    assert chosen.count(2) == pytest.approx(3_000, abs=5 * (4_000 * 0.75 * 0.25) ** 0.5)
    assert chosen == office_of("random", Agents(1, ("q",)), Agents(1, ("q",), weight=3), rows=rows)


def test_with_ring_all_the_quickest_answers_and_the_others_are_free_at_once() -> None:
    slow, quick = Agents(1, ("q",), ring_s=8), Agents(1, ("q",), ring_s=2)
    assert office_of("ring-all", slow, quick, rows=calls((0, 60, None), (1, 60, None))) == [2, 1]
    found = figures.simulate(
        Office((Queue("q", Arrivals(), MINUTE, strategy="ring-all"),), (slow, quick), calls=calls((0, 60, None), (1, 60, None)))
    )
    assert found["queues"]["q"]["mean_wait_s"] == pytest.approx((2 + 9) / 2)  # free at 2, offered at 2, answers at 10


def test_a_caller_gets_only_an_agent_with_his_skills_at_their_levels() -> None:
    rows = calls((0, 60, None), (1, 60, None))
    assert office_of("longest-idle", ONE, TWO, rows=rows, skills=(("english", 4),)) == [2, 2]
    both = replace(rows, want=array("i", [0, 1]), wants=((("english", 9),), (("english", 1),)))
    assert office_of("longest-idle", ONE, TWO, rows=both) == [2, 1]
    nobody = replace(rows, want=array("i", [0, -1]), wants=((("english", 9),),))
    assert office_of("longest-idle", ONE, rows=nobody) == [1]


def test_who_has_what_is_preferred_comes_before_who_has_been_idle_longer() -> None:
    assert office_of("longest-idle", ONE, TWO, THREE, rows=APART, prefers=(("english", 5),)) == [2, 3, 2, 3, 2, 3]


def test_after_a_time_fewer_levels_do_and_others_may_help() -> None:
    late = (Widen(20.0, lower=6),)
    rows = calls((0, 60, None))
    assert office_of("longest-idle", ONE, rows=rows, skills=(("english", 9),), widen=late) == [1]
    queues = (Queue("a", Arrivals(), MINUTE, widen=(Widen(30.0, also="b"),)), Queue("b", Arrivals(), MINUTE))
    helped = Office(queues, (Agents(1, ("b",)),), calls=rows)
    assert figures.simulate(helped)["queues"]["a"]["mean_wait_s"] == 30
    drawn = replace(helped, calls=None, queues=(replace(queues[0], arrivals=Arrivals("poisson", (30.0,))), queues[1]))
    assert overloaded(drawn) == set()
    assert overloaded(replace(drawn, queues=(replace(drawn.queues[0], widen=()), queues[1]))) == {0}


def test_agents_take_callers_of_a_lower_order_first() -> None:
    queues = (Queue("a", Arrivals(), MINUTE), Queue("b", Arrivals(), MINUTE))
    rows = replace(calls((0, 60, None), (1, 60, None), (2, 60, None)), queue=array("i", [0, 0, 1]))
    found = figures.simulate(Office(queues, (Agents(1, ("a", "b"), orders=(2, 1)),), calls=rows))["queues"]
    assert (found["b"]["mean_wait_s"], found["a"]["mean_wait_s"]) == (58, pytest.approx(119 / 2))


def test_points_beyond_a_thousand_age_as_they_should() -> None:
    rows = replace(calls((0, 60, None), (1, 60, None), (31, 60, None)), priority=array("i", [-1, 5_000, 5_020]))
    office = Office((Queue("q", Arrivals(), MINUTE, ageing=1),), (Agents(1, ("q",)),), calls=rows)
    assert figures.simulate(office)["queues"]["q"]["mean_wait_s"] * 3 == pytest.approx((60 - 1) + (120 - 31))


def test_the_higher_priority_goes_first_and_ageing_makes_up_for_it() -> None:
    rows = calls((0, 60, None), (1, 60, None), (31, 60, None))
    ordered = replace(rows, priority=array("i", [-1, 0, 20]))

    def waits(ageing: int, one: Calls = ordered) -> list[float]:
        office = Office((Queue("q", Arrivals(), MINUTE, ageing=ageing),), (Agents(1, ("q",)),), calls=one)
        return [figures.simulate(office)["queues"]["q"]["mean_wait_s"] * 3]

    assert waits(0) == [pytest.approx((60 - 31) + (120 - 1))]  # the third is before the second
    assert waits(1) == [pytest.approx((60 - 1) + (120 - 31))]  # 30 s older are 30 points, more than 20
    far = replace(ordered, priority=array("i", [-1, 0, 40]))
    assert waits(1, far) == [pytest.approx((60 - 31) + (120 - 1))]


def test_agents_of_several_queues_take_the_first_of_them_all() -> None:
    queues = (Queue("a", Arrivals(), MINUTE), Queue("b", Arrivals(), MINUTE, priority=5))
    rows = replace(calls((0, 60, None), (1, 60, None), (2, 60, None)), queue=array("i", [0, 0, 1]))
    found = figures.simulate(Office(queues, (Agents(1, ("a", "b")),), calls=rows))["queues"]
    assert (found["b"]["mean_wait_s"], found["a"]["mean_wait_s"]) == (58, pytest.approx(119 / 2))
    assert found["a"]["occupancy"] == found["b"]["occupancy"] == 1


def beside(first: float, second: float) -> dict[str, dict[str, Any]]:
    """Ten agents; erlangs of impatient callers who are first, and of patient ones who are second."""
    talk = Durations("exponential", 180.0)
    hasty = Queue("first", Arrivals("poisson", (first * 20,)), talk, Durations("exponential", 300.0), priority=5)
    queues = (hasty, Queue("second", Arrivals("poisson", (second * 20,)), talk))
    found: dict[str, dict[str, Any]] = figures.simulate(Office(queues, (Agents(10, ("first", "second")),), replications=8))["queues"]
    return found


def test_patient_callers_who_are_always_second_to_too_many_are_an_overload_though_their_own_work_is_little() -> None:
    found = beside(20.0, 0.1)
    assert (found["first"]["overload"], found["second"]["overload"]) == (False, True)
    assert "mean_wait_s" not in found["second"]
    found = beside(9.0, 0.9)
    assert (found["first"]["overload"], found["second"]["overload"]) == (False, False)


def test_an_office_that_closes_at_night_is_no_overload_because_some_wait_till_morning() -> None:
    day = {"shifts": tuple(Shift(d * 86_400 + 28_800, d * 86_400 + 64_800) for d in range(7))}
    q = figures.simulate(poisson(20.0, 3, hours=24.0 * 6 + 20, warm_up_hours=0.0, agents=day, replications=8))["queues"]["q"]
    assert not q["overload"]
    assert q["mean_wait_s"] > 3_600
    assert q["answered"] == q["arrivals"]


@pytest.mark.parametrize("load", [0.9, 0.97])
def test_a_queue_near_its_limit_is_no_overload(load: float) -> None:
    assert not figures.simulate(poisson(14 * load * 30, 14, hours=100.0, replications=12))["queues"]["q"]["overload"]


@pytest.mark.parametrize("part", range(4))
def test_random_offices_are_the_oracles_too_and_their_sums_those_of_their_traces(part: int) -> None:
    assert sum(run_beside_the_oracle(random_office(seed)) for seed in range(part, 120, 4)) > 1_500
