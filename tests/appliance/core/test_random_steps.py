"""Many random steps in many small offices: the core decides what the oracle decides, and no promise is broken (E4).

200,000 steps in `make test`, 10 million in `make soak`. Every step compares the decisions; every tenth the deadline, the hash, the order
of all who wait and the state of all agents. SEATBOX_SEED=n begins with the office of that seed.
"""

import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from appliance.core import Acd
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.invariants import Watch
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay
from tests.support.core_office import Core

STEPS, LENGTH, EVERY = 200_000, 250, 10
FIRST = int(os.environ.get("SEATBOX_SEED", "0"))


def one_office(seed: int, length: int = LENGTH) -> Counter[str]:
    """The core is ticked before an input where something is due, as on the box, the oracle is not: that changes nothing."""
    oracle, core, watch = Oracle(), Acd(), Watch()
    day = RandomDay(seed, oracle, small=True)
    start = day.start()
    kinds: Counter[str] = Counter()
    for number in range(length):
        now, given = start[number] if number < len(start) else day.next()
        decided: list[d.Decision] = []
        due = core.next_deadline_ms
        for one in (i.Tick(), given) if due is not None and due <= now else (given,):
            step = core.feed(now, one)
            watch.saw(now, one, step)
            decided += step
        said = oracle.feed(now, given)
        assert decided == said, f"seed {seed}, step {number}, {now} {given}: {decided}, the oracle {said}"
        kinds.update(type(decision).__name__ for decision in said)
        if number % EVERY == 0:
            same(oracle, core, watch, f"seed {seed}, step {number}, {now} {given}")
    same(oracle, core, watch, f"seed {seed}, in the end")
    return kinds


def same(oracle: Oracle, core: Core, watch: Watch, where: str) -> None:
    assert core.hash == oracle.hash, where
    assert core.next_deadline_ms == oracle.next_deadline_ms, where
    for queue in oracle.queues:
        waiting = oracle.waiting(queue)
        assert core.waiting(queue) == waiting, where
        assert set(waiting) == watch.waiting(queue), f"{where}: lost or doubled"
        assert core.measured(queue) == oracle.measured(queue), where
    for agent in oracle.agents:
        assert core.agent(agent) == oracle.agent(agent), where
        assert core.explain(agent) == oracle.explain(agent), where
    for call, known in oracle.calls.items():
        if known.state == "waiting":
            assert core.position(call) == oracle.position(call), where
            assert core.expected_wait_ms(call) == oracle.expected_wait_ms(call), where
            for agent in oracle.agents:
                assert core.why_not(call, agent) == oracle.why_not(call, agent), where


def offices(first: int, count: int) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for seed in range(first, first + count):
        kinds += one_office(seed)
    return kinds


@pytest.mark.parametrize("part", range(10))
def test_core_and_oracle_decide_alike_and_keep_every_promise_over_200_000_random_steps(part: int) -> None:
    count = STEPS // LENGTH // 10
    first = FIRST + part * count
    print(f"seeds {first} to {first + count - 1}")
    kinds = offices(first, count)
    assert set(kinds) >= {kind.__name__ for kind in (d.Offer, d.Missed, d.Connect, d.Requeued, d.Moved, d.Expired, d.Taken, d.DialBack)}


@pytest.mark.soak
def test_core_and_oracle_decide_alike_and_keep_every_promise_over_10_million_random_steps() -> None:
    count, workers = 10_000_000 // LENGTH, os.cpu_count() or 1
    first = FIRST or random.SystemRandom().randrange(10**6, 10**9)
    print(f"seeds {first} to {first + count - 1}")
    share = -(-count // (workers * 50))
    with ProcessPoolExecutor(workers) as pool:
        parts = [pool.submit(offices, at, min(share, first + count - at)) for at in range(first, first + count, share)]
        kinds: Counter[str] = Counter()
        for done, part in enumerate(parts, start=1):
            kinds += part.result()
            if done % 10 == 0:
                print(f"{done * share * LENGTH:,} steps, no difference", flush=True)
    print(dict(kinds))
    assert set(kinds) == {kind.__name__ for kind in d.Decision.__args__}  # type: ignore[attr-defined]
