"""Hundreds wait to whom time does something, each by spans of his own: everything at its time, in the oracle's order (A3).

What it aims at: times that come in order stand in rows, with holes where somebody left, and the others in a heap.
"""

import random
from collections.abc import Callable

import pytest

from appliance.core import Acd, decisions, inputs
from appliance.core.reference import Oracle
from tests.support.core_office import Core

SPANS_S = (30, 5, 60, 10, 45, 20, 90, 15)  # more than there are rows


@pytest.mark.parametrize(("spans", "leaving"), [(1, 0.0), (3, 0.3), (len(SPANS_S), 0.0), (len(SPANS_S), 0.3), (len(SPANS_S), 0.9)])
def test_each_waits_as_long_as_his_queue_lets_him_and_no_longer(make: Callable[[], Core], spans: int, leaving: float) -> None:
    """spans: of waiting, a queue each; leaving: the share that gives up before, any of those who wait at the time."""
    rng = random.Random(f"{spans} {leaving}")
    core, oracle = make(), Oracle()
    ends: dict[int, int] = {}
    expired: dict[int, int] = {}
    now = 0

    def both(given: inputs.Input) -> None:
        found = core.feed(now, given)
        assert found == oracle.feed(now, given), given
        assert core.next_deadline_ms == oracle.next_deadline_ms == min(ends.values(), default=None)
        for decision in found:
            assert isinstance(decision, decisions.Expired)
            expired[decision.call] = now

    for queue in range(spans):
        both(inputs.QueueSet(queue))
        both(inputs.QueueLimits(queue, wait_max_ms=1_000 * SPANS_S[queue]))
    for call in range(300):
        arrives = now + rng.randrange(800)
        while ends and min(ends.values()) <= arrives:
            now = min(ends.values())
            due = {call for call, at in ends.items() if at == now}
            for gone in due:
                del ends[gone]
            both(inputs.Tick())
            assert {call for call, at in expired.items() if at == now} == due
        now, queue = arrives, rng.randrange(spans)
        ends[call] = now + 1_000 * SPANS_S[queue]
        both(inputs.CallWaits(call, queue))
        if rng.random() < leaving:
            gone = rng.choice(list(ends))
            del ends[gone]
            both(inputs.CallLeaves(gone))
    assert len(expired) > 50 * (1 - leaving)
    assert Acd.restore(oracle.state()).next_deadline_ms == core.next_deadline_ms


def test_a_shorter_wait_from_now_on_ends_those_who_waited_longer_at_once_and_the_others_at_their_new_time(make: Callable[[], Core]) -> None:
    core, oracle = make(), Oracle()
    given: list[tuple[int, inputs.Input]] = [(0, inputs.QueueSet(0)), (0, inputs.QueueLimits(0, wait_max_ms=60_000))]
    given += [(1_000 * call, inputs.CallWaits(call, 0)) for call in range(20)]
    given += [
        (20_000, inputs.QueueLimits(0, wait_max_ms=10_000)),
        (20_000, inputs.Tick()),
        (25_000, inputs.Tick()),
        (29_000, inputs.Tick()),
    ]
    gone: dict[int, list[int]] = {}
    for now, step in given:
        found = core.feed(now, step)
        assert found == oracle.feed(now, step)
        assert core.next_deadline_ms == oracle.next_deadline_ms
        gone.setdefault(now, []).extend(decision.call for decision in found if isinstance(decision, decisions.Expired))
    assert (gone[20_000], gone[25_000], gone[29_000]) == (list(range(11)), list(range(11, 16)), list(range(16, 20)))
