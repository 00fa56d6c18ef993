"""Random steps in offices of many queues, skills and wants: the core decides what the oracle decides (E4).

What it aims at: more classes and requests than a word has bits, and many numbers; the offices of test_random_steps.py have few.
"""

import os
import random

import pytest

from appliance.core import Acd
from appliance.core import inputs as i
from appliance.core.reference import Oracle
from tests.support.core_inputs import WideDay

LENGTH = 200  # steps after the opening, which has some 200


def one_office(seed: int) -> None:
    """The core is ticked before an input where something is due, as on the box, the oracle is not: that changes nothing."""
    oracle, core = Oracle(), Acd()
    day = WideDay(seed, oracle)
    start = day.start()
    for number in range(len(start) + LENGTH):
        now, given = start[number] if number < len(start) else day.next()
        due = core.next_deadline_ms
        before = core.feed(now, i.Tick()) if due is not None and due <= now else []
        assert before + core.feed(now, given) == oracle.feed(now, given), f"seed {seed}, step {number}, {now} {given}"
        assert core.next_deadline_ms == oracle.next_deadline_ms, f"seed {seed}, step {number}, {now} {given}"
    assert core.hash == oracle.hash
    for queue in oracle.queues:
        assert core.waiting(queue) == oracle.waiting(queue), f"seed {seed}"


@pytest.mark.parametrize("seed", range(5))
def test_core_and_oracle_decide_alike_in_wide_offices(seed: int) -> None:
    one_office(seed)


@pytest.mark.soak
def test_core_and_oracle_decide_alike_in_hundreds_of_wide_offices() -> None:
    first = int(os.environ.get("SEATBOX_SEED", "0")) or random.SystemRandom().randrange(10**6, 10**9)
    print(f"seeds {first} to {first + 299}")
    for seed in range(first, first + 300):
        one_office(seed)
