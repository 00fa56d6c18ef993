"""Random small offices for the lab: queues, skills, strategies, shifts, recorded or drawn callers; the lab beside the oracle in one."""

import random
from array import array
from dataclasses import fields
from typing import Any, get_args

from appliance.core import inputs, lab
from appliance.core.office import INFINITE, STRATEGIES, Agents, Arrivals, Calls, Durations, Office, Queue, Shift, Skills, Widen
from appliance.core.reference import Oracle

KINDS = get_args(inputs.Input)
NAMES = [name for name, _ in lab.DECISIONS]
SAID = {"CallWaits": 4, "AgentAnswers": 2, "VoicePathStands": 2, "Tick": 0}


def random_office(seed: int) -> Office:
    rng = random.Random(seed)
    names = ("a", "b", "c")[: rng.randint(1, 3)]
    recorded = _calls(rng, len(names)) if rng.random() < 0.4 else None

    def durations(mean_s: float) -> Durations:
        kinds = (Durations("constant", mean_s), Durations("exponential", mean_s), Durations("lognormal", mean_s, mean_s / 2))
        return rng.choice([*kinds, Durations("empirical", values_s=(0.0, mean_s, 2 * mean_s))])

    def skills(most: int) -> Skills:
        return tuple((name, rng.randint(1, most)) for name in ("x", "y") if rng.random() < 0.4)

    def shifts() -> tuple[Shift, ...]:
        if rng.random() < 0.5:
            return ()
        begins = [rng.randrange(0, 7_000) for _ in range(rng.randint(1, 3))]
        return tuple(Shift(begin, begin + rng.randint(60, 3_000)) for begin in begins)

    queues = tuple(
        Queue(
            name,
            rng.choice([Arrivals("poisson", (rng.uniform(20, 200),)), Arrivals("rates", (0.0, 300.0, 60.0), 600.0)]),
            durations(60.0),
            durations(40.0) if recorded or rng.random() < 0.5 else INFINITE,  # recorded runs go on until nobody waits
            rng.choice(STRATEGIES),
            skills(5),
            rng.choice([0, 0, 3]),
            rng.choice([0, 0, 2]),
            rng.choice([5.0, 15.0]),
            rng.choice([0.0, 10.0]),
            skills(5),
            tuple(Widen(after_s, rng.randint(0, 5), rng.choice([None, *names])) for after_s in (10.0, 25.0) if rng.random() < 0.3),
        )
        for name in names
    )
    agents = tuple(
        Agents(
            rng.randint(1, 3),
            tuple(rng.sample(names, rng.randint(1, len(names)))),
            skills(9),
            rng.choice([0.0, 0.0, 7.5]),
            rng.choice([0.0, 2.0, 5.0, 8.0]),
            shifts(),
            rng.choice([1, 1, 4]),
            tuple(rng.randint(1, 2) for _ in names),
        )
        for _ in range(rng.randint(1, 4))
    )
    return Office(queues, agents, seed, rng.choice([0.1, 0.25]), rng.choice([0.0, 0.05]), 1, 10.0, recorded)


def _calls(rng: random.Random, queues: int) -> Calls:
    """In whole seconds, so that much happens at the same moment."""
    n = rng.randint(1, 80)
    at = sorted(rng.randrange(0, 900) * 1_000_000 for _ in range(n))
    wants: tuple[Skills, ...] = ((("x", 2),), (("x", 1), ("y", 3)))
    return Calls(
        array("q", at),
        array("q", [rng.randrange(0, 90) * 1_000_000 for _ in at]),
        array("q", [rng.randrange(0, 90) * 1_000_000 for _ in at]),
        array("i", [rng.randrange(queues) for _ in at]),
        array("i", [rng.choice([-1, -1, 0, 1]) for _ in at]),
        array("i", [rng.choice([-1, 0, 5]) for _ in at]),
        wants,
    )


def run_beside_the_oracle(office: Office) -> int:
    """How many decisions; AssertionError where the oracle makes others, or where the sums are not those of a plain look at the trace."""
    oracle = Oracle()
    decided = 0
    waiting: list[Any] = []
    came: dict[int, tuple[int, int]] = {}
    over: dict[int, tuple[int, str]] = {}

    def listen(_: int, told: Any) -> None:
        nonlocal decided, waiting
        if not isinstance(told, array):
            for given in told:
                assert oracle.feed(0, given) == []
            return
        for at in range(0, len(told), lab.LOG_WIDTH):
            now, code, *rest = told[at : at + lab.LOG_WIDTH]
            if code < 0:
                said = waiting.pop(0)
                assert type(said).__name__ == NAMES[-1 - code]
                values = {"call": rest[0], "agent": rest[1], "until_ms": rest[2], "queue": rest[1], "by": rest[1], "cause": rest[1]}
                assert all(getattr(said, field.name) == values[field.name] for field in fields(said)), (now, said, rest)
                decided += 1
                if NAMES[-1 - code] == "Connect":
                    over[rest[0]] = (now, "answered")
                continue
            assert waiting == []
            name = KINDS[code].__name__
            waiting = list(oracle.feed(now, KINDS[code](*rest[: SAID.get(name, 1)])))
            if name == "CallWaits":
                came[rest[0]] = (now, rest[1] - 1)
            elif name == "CallLeaves":
                over[rest[0]] = (now, "left")

    (run,) = lab.run(office, frozenset(), listen)  # some are never answered: nobody is waited for
    assert waiting == []
    per_s = lab.units_per_s(office)
    begin, end = office.warm_up_hours * 3600 * per_s, (office.warm_up_hours + office.hours) * 3600 * per_s
    if office.calls is not None:
        begin, end = 0, 2**60
    for place, sums in enumerate(run.queues):
        mine = [call for call, (at, queue) in came.items() if queue == place and begin <= at < end]
        waits = {call: over[call][0] - came[call][0] for call in mine if call in over}
        assert sums.came == len(mine)
        assert sums.answered == sum(over[call][1] == "answered" for call in waits)
        assert sums.left == sum(over[call][1] == "left" for call in waits)
        assert (sums.wait, sums.waited) == (sum(waits.values()), sum(wait > 0 for wait in waits.values()))
        assert 0 <= sums.busy <= sums.staffed
    return decided
