"""State as data: what decides is plain data, the same from core and oracle; a core made from it goes on as if nothing had been (E4 E5)."""

import json
import sys

import pytest

from appliance.core import Acd
from appliance.core import inputs as i
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay


@pytest.mark.parametrize("seed", range(30))
def test_core_and_oracle_hold_the_same_state(seed: int) -> None:
    oracle, core = Oracle(), Acd()
    day = RandomDay(seed, oracle, small=True)
    for now, given in day.start():
        core.feed(now, given)
        oracle.feed(now, given)
    for number in range(200):
        now, given = day.next()
        core.feed(now, given)
        oracle.feed(now, given)
        if number % 10 == 0:
            assert core.state() == oracle.state(), (seed, number, now, given)


@pytest.mark.parametrize("seed", range(30))
def test_a_restored_core_decides_as_the_first_would_have(seed: int) -> None:
    oracle, core = Oracle(), Acd()
    day = RandomDay(1_000 + seed, oracle, small=True)
    for now, given in day.start():
        core.feed(now, given)
        oracle.feed(now, given)
    for number in range(300):
        now, given = day.next()
        decided = oracle.feed(now, given)
        assert core.feed(now, given) == decided
        if number % 20 == 0:
            state = core.state()
            core = Acd.restore(state)
            assert core.state() == state
        assert core.hash == oracle.hash and core.next_deadline_ms == oracle.next_deadline_ms


def test_nobody_waiting_is_lost_or_moved_by_a_snapshot() -> None:
    core = Acd()
    core.feed(0, i.QueueSet(1))
    core.feed(0, i.AgentSet(7, (1,)))
    for call in range(50):
        core.feed(call, i.CallWaits(call, 1, priority=call % 3))
    again = Acd.restore(core.state())
    assert again.waiting(1) == core.waiting(1) and len(again.waiting(1)) == 50
    assert again.feed(60, i.AgentLogsIn(7)) == core.feed(60, i.AgentLogsIn(7))


def test_a_state_is_plain_data_that_json_can_write() -> None:
    core = Acd()
    core.feed(0, i.QueueSet(1))
    core.feed(0, i.AgentSet(7, (1,), skills=((3, 5),)))
    core.feed(5, i.CallWaits(1, 1))
    assert json.loads(json.dumps(core.state()))["calls"]["1"]["joined"] == 5


def test_what_is_no_state_is_refused() -> None:
    state = Acd().state()
    state["queues"] = {1: {"number": 1, "ring_ms": 0, "rest_ms": 0, "reject_ms": 0, "busy_ms": 0, "tenant": 0}}
    with pytest.raises(ValueError, match="no state of a core"):
        Acd.restore(state)


def test_a_call_back_at_no_number_is_refused() -> None:
    core = Acd()
    core.feed(0, i.QueueSet(1))
    core.feed(5, i.CallWaits(1, 1, number=5, callback=True))
    state = core.state()
    state["calls"][1]["customer"] = 0
    with pytest.raises(ValueError, match="no state of a core: call 1 is to be called back at no number"):
        Acd.restore(state)


def test_rows_of_due_times_and_chains_of_numbers_count_as_memory() -> None:
    core = Acd()
    core.feed(0, i.QueueSet(1))
    few = sys.getsizeof(core)
    core.feed(0, i.QueueLimits(1, wait_max_ms=60_000))
    for call in range(1_000):
        core.feed(call, i.CallWaits(call, 1))
    timed = sys.getsizeof(core)
    assert timed - few > 1_000 * (128 + 12 + 4 + 4)
    for call in range(1_000):
        core.feed(1_000, i.CallLeaves(call))
        core.feed(1_000, i.CallWaits(1_000 + call, 1, number=1 + call))
    assert sys.getsizeof(core) - timed >= 1_024 * 4
