"""The onlooker notices each broken promise: decisions as no core should make them (never-again 1, 3, 4, 9, 10, 13, 14)."""

import pytest

from appliance.core import Acd
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.invariants import Watch
from appliance.core.known import Broken, Promise
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay

RING, REST, WRAP = 15_000, 10_000, 10_000


class Told:
    """An office that a true core and the onlooker know; then one step with decisions of our own."""

    def __init__(self, *agents: int) -> None:
        self.core, self.watch, self.now = Acd(), Watch(), 0
        self(i.QueueSet(1))
        for agent in agents:
            self(i.AgentSet(agent, (1,)))
            self(i.AgentLogsIn(agent))

    def __call__(self, given: i.Input) -> None:
        for one in (i.Tick(), given):
            self.watch.saw(self.now, one, self.core.feed(self.now, one))

    def lie(self, given: i.Input, *decided: d.Decision) -> None:
        self.watch.saw(self.now, given, decided)


def test_a_caller_beside_a_free_agent_is_noticed() -> None:
    office = Told(7)
    with pytest.raises(Broken, match="caller 1 waits and agent 7 is free"):
        office.lie(i.CallWaits(1, 1))


def test_two_offers_at_one_agent_are_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="two offers at agent 7"):
        office.lie(i.CallWaits(2, 1), d.Offer(2, 7, RING))


def test_a_second_answer_to_a_call_is_noticed() -> None:
    office = Told(7, 8)
    office(i.QueueOffers(1, at_once=2))
    office(i.CallWaits(1, 1))
    office(i.AgentAnswers(1, 7))
    with pytest.raises(Broken, match="call 1 is answered by two"):
        office.lie(i.AgentAnswers(1, 8), d.Connect(1, 8))


def test_an_answer_that_leads_to_nothing_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="an answer led to nothing"):
        office.lie(i.AgentAnswers(1, 7))
    with pytest.raises(Broken, match="refused, and there is this offer"):
        office.lie(i.AgentAnswers(1, 7), d.Refused("no such offer"))


def test_a_wrap_up_cut_short_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office(i.AgentAnswers(1, 7))
    office(i.AgentHangsUp(7))
    office.now = WRAP - 1
    with pytest.raises(Broken, match="wrap-up was cut short"):
        office.lie(i.CallWaits(2, 1), d.Offer(2, 7, office.now + RING))


def test_a_wrap_up_of_another_length_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office(i.AgentAnswers(1, 7))
    with pytest.raises(Broken, match="WrapUp"):
        office.lie(i.AgentHangsUp(7), d.Release(1, 7), d.WrapUp(7, WRAP - 1))


def test_a_rest_cut_short_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office(i.AgentRejects(1, 7))
    office.now = REST - 1
    with pytest.raises(Broken, match="Free"):
        office.lie(i.Tick(), d.Free(7), d.Offer(1, 7, office.now + RING))


def test_a_miss_before_its_time_and_a_miss_counted_twice_are_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office.now = RING - 1
    with pytest.raises(Broken, match="missed before its time"):
        office.lie(i.Tick(), d.Missed(1, 7), d.Rests(7, office.now + REST))
    office = Told(7)
    office(i.CallWaits(1, 1))
    office.now = RING
    with pytest.raises(Broken, match="ended twice"):
        office.lie(i.Tick(), d.Missed(1, 7), d.Rests(7, RING + REST), d.Missed(1, 7))


def test_an_offer_without_an_end_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office.now = RING
    with pytest.raises(Broken, match="the offer at agent 7 has no end"):
        office.lie(i.Tick())


def test_an_action_for_a_call_that_ended_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office(i.CallLeaves(1))
    with pytest.raises(Broken, match="an action for call 1, which ended"):
        office.lie(i.Tick(), d.Offer(1, 7, RING))


def test_an_offer_left_open_when_the_caller_is_gone_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="call 1 is gone and still rings or talks"):
        office.lie(i.CallLeaves(1))


def test_a_caller_doubled_is_noticed() -> None:
    office = Told()
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="call 1 is doubled"):
        office.lie(i.CallWaits(1, 1))


def test_a_caller_who_expires_too_early_or_too_late_is_noticed() -> None:
    office = Told()
    office(i.QueueLimits(1, wait_max_ms=100))
    office(i.CallWaits(1, 1))
    office.now = 99
    with pytest.raises(Broken, match="expired before its time"):
        office.lie(i.Tick(), d.Expired(1))
    office.now = 100
    with pytest.raises(Broken, match="caller 1 waits for too long"):
        office.lie(i.Tick())


def test_a_paused_or_vanished_agent_who_is_offered_a_call_is_noticed() -> None:
    for gone in (i.AgentPauses(7), i.AgentVanishes(7), i.AgentBlocked(7, 0), i.AgentLogsOut(7)):
        office = Told(7)
        office(gone)
        with pytest.raises(Broken, match="is not there"):
            office.lie(i.CallWaits(1, 1), d.Offer(1, 7, RING))


def test_a_call_locked_in_a_vanished_agent_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    office(i.AgentAnswers(1, 7))
    office(i.AgentVanishes(7, keep_ms=50))
    office.now = 50
    with pytest.raises(Broken, match="locked in his call"):
        office.lie(i.Tick())


def test_too_many_who_ring_and_a_second_turn_are_noticed() -> None:
    office = Told(7, 8)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="too many ring"):
        office.lie(i.Tick(), d.Offer(1, 8, RING))
    office = Told(7, 8)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="a second turn"):
        office.lie(i.OfferWithdrawn(1, 7), d.Withdrawn(1, 7), d.Offer(1, 7, RING))


def test_an_offer_withdrawn_for_no_reason_is_noticed() -> None:
    office = Told(7)
    office(i.CallWaits(1, 1))
    with pytest.raises(Broken, match="withdrawn for no reason"):
        office.lie(i.Tick(), d.Withdrawn(1, 7))


def test_a_running_box_is_told_once_and_looks_at_everybody_now_and_then() -> None:
    watch = Watch(every_ms=1_000)
    for now, given, decided in (
        (0, i.QueueSet(1), []),
        (0, i.AgentSet(7, (1,)), []),
        (0, i.AgentLogsIn(7), [d.Free(7)]),
        (10, i.CallWaits(1, 1), []),  # beside a free agent: looked at after a second
    ):
        assert watch.noted(now, given, decided) is None
    assert watch.noted(999, i.Tick(), []) is None
    broken = watch.noted(1_000, i.Tick(), [])
    assert broken is not None and str(broken) == "caller 1 waits and agent 7 is free"
    assert (broken.promise, broken.call, broken.agent) == (Promise.NOT_PASSED_OVER, 1, 7)
    assert watch.noted(2_000, i.Tick(), []) is None
    assert watch.broken is broken


def test_a_running_box_is_told_at_once_of_what_a_decision_shows() -> None:
    watch = Watch(every_ms=10**9)
    watch.noted(0, i.QueueSet(1), [])
    broken = watch.noted(0, i.Tick(), [d.Offer(5, 7, 10)])
    assert broken is not None and str(broken) == "an action for call 5, which ended"
    assert (broken.promise, broken.call, broken.agent) == (Promise.NOT_AFTER_THE_END, 5, 7)


def test_a_caller_whom_the_core_lost_or_doubled_is_noticed() -> None:
    office = Told()
    office(i.CallWaits(1, 1))
    office.watch.all_wait(1, [1])
    with pytest.raises(Broken, match="call 1 is lost") as lost:
        office.watch.all_wait(1, [])
    assert (lost.value.promise, lost.value.call) == (Promise.NOT_LOST, 1)
    with pytest.raises(Broken, match="call 2 waits and should not"):
        office.watch.all_wait(1, [1, 2])


def test_each_caller_ends_in_exactly_one_outcome() -> None:
    """Over random days: as many as came in are there still or have one outcome."""
    for seed in range(10):
        oracle, core, watch = Oracle(), Acd(), Watch()
        day = RandomDay(seed, oracle, small=True)
        steps, came = day.start(), 0
        for number in range(400):
            now, given = steps[number] if number < len(steps) else day.next()
            decided: list[d.Decision] = []
            for one in (i.Tick(), given):
                step = core.feed(now, one)
                watch.saw(now, one, step)
                decided += step
            oracle.feed(now, given)
            came += isinstance(given, i.CallWaits) and not any(isinstance(decision, d.Refused) for decision in decided)
        assert came == watch.outcomes.total() + len(watch.callers)
        assert set(watch.callers) == set(oracle.calls)
