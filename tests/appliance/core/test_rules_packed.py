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


def test_a_number_is_known_beside_a_tenant_too(make: Callable[[], Core]) -> None:
    core = make()
    packed(core, [(0, i.QueueSet(1, tenant=3)), (0, i.CallWaits(1, 1, tenant=3, number=95)), (1, i.CallBackWanted(1))])
    assert packed(core, [(2, i.CallWaits(2, 1, number=95))]) == [d.Replaced(1, 2)]
    assert (
        packed(core, [(3, i.CallWaits(3, 1, tenant=4, number=95)), (3, i.CallWaits(3, 1, tenant=-5, number=95))])
        == [d.Refused("other tenant")] * 2
    )


def test_the_greatest_number_is_one_and_what_is_beyond_it_is_refused(make: Callable[[], Core]) -> None:
    core = make()
    packed(core, [(0, i.QueueSet(1)), (0, i.CallWaits(1, 1, number=2**62)), (1, i.CallBackWanted(1))])
    for number in (2**62 + 1, -1):
        for tenant in (-1, 0):
            assert packed(core, [(2, i.CallWaits(2, 1, number=number, tenant=tenant))]) == [d.Refused("bad value")]
    assert packed(core, [(3, i.CallWaits(2, 1, number=2**62))]) == [d.Replaced(1, 2)]


def test_a_number_told_in_a_row_of_its_own_as_older_journals_have_it_is_known(make: Callable[[], Core]) -> None:
    core = make()
    if not isinstance(core, Acd):
        return  # the oracle knows no rows
    packed(core, [(0, i.QueueSet(1)), (0, i.CallWaits(1, 1, number=95)), (1, i.CallBackWanted(1))])
    waits = trace.INPUTS.index(i.CallWaits)
    older = array("q", [2, trace.MORE, 0, 0, -1, 0, 95, 0, 2, waits, 2, 1, -1, 0, 0, -1])
    assert [decision for _, decision in trace.unpack(core.run(older))] == [d.Replaced(1, 2)]
