"""What is fed as rows of numbers is decided as what is fed one by one."""

from array import array
from collections.abc import Callable, Sequence

from appliance.core import Acd, trace
from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import RING, Core


def packed(core: Core, steps: Sequence[tuple[int, i.Input]]) -> list[d.Decision]:
    """The oracle knows no rows."""
    if isinstance(core, Acd):
        return [decision for _, decision in trace.unpack(core.run(trace.pack(steps)))]
    return [decision for now, given in steps for decision in core.feed(now, given)]


def test_what_few_callers_bring_is_that_callers_alone(make: Callable[[], Core]) -> None:
    core = make()
    packed(core, [(0, i.QueueSet(1)), (10, i.CallWaits(1, 1)), (20, i.CallWaits(2, 1, position=1)), (20, i.CallWaits(3, 1))])
    packed(core, [(21, i.CallWaits(4, 1, waited_ms=15)), (21, i.CallWaits(5, 1))])
    assert core.waiting(1) == [4, 2, 1, 3, 5]


def test_each_of_what_few_callers_bring_arrives(make: Callable[[], Core]) -> None:
    core = make()
    packed(core, [(0, i.QueueSet(1)), *((0, i.AgentSet(agent, (1,), wrap_up_ms=0)) for agent in (7, 8, 9))])
    packed(core, [(agent, i.AgentLogsIn(agent)) for agent in (7, 8, 9)])
    assert packed(core, [(20, i.CallWaits(1, 1, owner=8, owner_ms=5_000, number=95, callback=True))]) == [d.Offer(1, 8, 20 + RING)]
    assert packed(core, [(20, i.AgentAnswers(1, 8))]) == [d.DialBack(1, 8)]
    assert packed(core, [(20, i.CallWaits(2, 1, owner=8, owner_ms=5_000)), (20, i.CallWaits(3, 1, never=(7,)))]) == [
        d.Offer(3, 9, 20 + RING)
    ]
    assert core.next_deadline_ms == 5_020
    assert packed(core, [(21, i.CallWaits(4, 1))]) == [d.Offer(4, 7, 21 + RING)]
    assert packed(core, [(22, i.CallBackWanted(4))]) == [d.Refused("no number")]
    assert packed(core, [(22, i.CallWaits(5, 1, position=2**31))]) == [d.Refused("bad value")]
    assert packed(core, [(22, i.CallWaits(5, 1)), (22, i.CallLeaves(5))]) == []


def test_a_row_of_no_kind_is_refused_and_belongs_to_nothing(make: Callable[[], Core]) -> None:
    core = make()
    if not isinstance(core, Acd):
        return  # the oracle knows no rows
    packed(core, [(0, i.QueueSet(1)), (0, i.AgentSet(7, (1,))), (0, i.AgentLogsIn(7))])
    for code in (trace.NEVER + 1, trace.NEVER + 2, -1, 2**62):
        assert [decision for _, decision in trace.unpack(core.run(array("q", [1, code, 9, 9, 9, 9, 9, 9])))] == [d.Refused("bad value")]
    assert packed(core, [(1, i.CallWaits(1, 1))]) == [d.Offer(1, 7, 1 + RING)]
