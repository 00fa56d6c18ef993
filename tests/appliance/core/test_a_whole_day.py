"""The day that the benches call a whole one is one: every input of the rules happens, and the oracle decides alike."""

import pytest

from appliance.core import Acd, trace
from appliance.core.reference import Oracle
from bench.core_office import Day
from bench.core_whole import whole_day

COMPARED = 4_000  # steps


@pytest.fixture(scope="module")
def day() -> Day:
    return whole_day(50, 2_500, 20260101)


def test_a_whole_day_has_every_input(day: Day) -> None:
    assert {type(given) for _, given in day.steps} == set(trace.INPUTS)


def test_a_whole_day_is_decided_as_by_the_oracle(day: Day) -> None:
    oracle, core = Oracle(), Acd()
    for now, given in day.steps[:COMPARED]:
        oracle.feed(now, given)
    core.run(trace.pack(day.steps[:COMPARED]))
    assert core.hash == oracle.hash
