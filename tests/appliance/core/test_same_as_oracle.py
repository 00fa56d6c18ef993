"""The core decides what the oracle decides: every decision, deadline, order and state, after each step (E4)."""

from array import array

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from appliance.core import Acd, trace
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.invariants import Watch
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay

AGENTS, QUEUES, CALLS = st.integers(0, 4), st.integers(0, 2), st.integers(0, 5)
MS = st.sampled_from([0, 5, 10, 1_000])


class Both(RuleBasedStateMachine):
    """Three take the same inputs: the oracle, the core, and a core that is ticked before each input, which the onlooker sees."""

    def __init__(self) -> None:
        super().__init__()
        self.oracle, self.core, self.ticked, self.watch = Oracle(), Acd(), Acd(), Watch()
        self.now = 0

    def tell(self, given: i.Input) -> None:
        decided = self.core.feed(self.now, given)
        assert decided == self.oracle.feed(self.now, given)
        before = self.ticked.feed(self.now, i.Tick())
        self.watch.saw(self.now, i.Tick(), before)
        after = self.ticked.feed(self.now, given)
        self.watch.saw(self.now, given, after)
        assert before + after == decided, "a tick just before an input changes nothing"

    @initialize()
    def opens(self) -> None:
        for queue in range(2):
            self.tell(i.QueueSet(queue, ring_ms=15, rest_ms=10))
        for agent in range(3):
            self.tell(i.AgentSet(agent, (0, 1), wrap_up_ms=5 * agent, setup_ms=4 * (agent % 2)))
            self.tell(i.AgentLogsIn(agent))

    @rule(ms=st.sampled_from([1, 4, 5, 10, 15, 100, 1_000]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def wait_for_the_deadline(self) -> None:
        self.now = max(self.now, self.core.next_deadline_ms or 0)
        self.tell(i.Tick())

    @rule(ms=st.integers(1, 50))
    def time_runs_backwards(self, ms: int) -> None:
        if self.now >= ms and self.oracle.now == self.now:
            for core in (self.core, self.oracle, self.ticked):
                assert core.feed(self.now - ms, i.Tick()) == [d.Refused("time runs backwards")]

    @rule(call=CALLS, queue=QUEUES)
    def caller_comes(self, call: int, queue: int) -> None:
        self.tell(i.CallWaits(call, queue))

    @rule(call=CALLS)
    def caller_leaves(self, call: int) -> None:
        self.tell(i.CallLeaves(call))

    @rule(of=st.sampled_from([i.OfferRings, i.AgentAnswers, i.AgentRejects, i.OfferFails]), nth=st.integers(0, 4))
    def an_open_offer(self, of: type[i.OfferRings | i.AgentAnswers | i.AgentRejects | i.OfferFails], nth: int) -> None:
        offered = [agent for agent in self.oracle.agents.values() if agent.state == "offered"]
        if offered:
            agent = offered[nth % len(offered)]
            assert agent.call is not None
            self.tell(of(agent.call, agent.number))

    @rule(of=st.sampled_from([i.OfferRings, i.AgentAnswers, i.AgentRejects, i.OfferFails]), call=CALLS, agent=AGENTS)
    def any_offer(self, of: type[i.OfferRings | i.AgentAnswers | i.AgentRejects | i.OfferFails], call: int, agent: int) -> None:
        self.tell(of(call, agent))

    @rule(
        of=st.sampled_from([i.AgentLogsIn, i.AgentLogsOut, i.AgentPauses, i.AgentResumes, i.AgentReturns, i.AgentHangsUp, i.AgentHangsUp]),
        agent=AGENTS,
    )
    def agent_does(self, of: type[i.AgentLogsIn | i.AgentLogsOut | i.AgentPauses | i.AgentResumes], agent: int) -> None:
        self.tell(of(agent))

    @rule(of=st.sampled_from([i.AgentBlocked, i.AgentUnblocked, i.AgentUnblocked]), agent=AGENTS, reason=st.sampled_from([0, 30, 31]))
    def block(self, of: type[i.AgentBlocked | i.AgentUnblocked], agent: int, reason: int) -> None:
        self.tell(of(agent, reason))

    @rule(agent=AGENTS, keep_ms=st.sampled_from([0, 7, 30, -1]))
    def vanish(self, agent: int, keep_ms: int) -> None:
        self.tell(i.AgentVanishes(agent, keep_ms))

    @rule(agent=AGENTS, queues=st.lists(QUEUES, max_size=3), wrap_up_ms=MS, setup_ms=MS)
    def agent_is_set(self, agent: int, queues: list[int], wrap_up_ms: int, setup_ms: int) -> None:
        self.tell(i.AgentSet(agent, tuple(queues), wrap_up_ms, setup_ms))

    @rule(queue=QUEUES, ring_ms=MS, rest_ms=MS)
    def queue_is_set(self, queue: int, ring_ms: int, rest_ms: int) -> None:
        self.tell(i.QueueSet(queue, ring_ms, rest_ms))

    @invariant()
    def same(self) -> None:
        assert self.core.next_deadline_ms == self.oracle.next_deadline_ms == self.ticked.next_deadline_ms
        assert self.core.hash == self.oracle.hash == self.ticked.hash
        for queue in range(3):
            assert self.core.waiting(queue) == self.oracle.waiting(queue)
        for agent in self.oracle.agents:
            assert self.core.agent(agent) == self.oracle.agent(agent)
            assert self.core.explain(agent) == self.oracle.explain(agent)


TestBoth = Both.TestCase
TestBoth.settings = settings(max_examples=200, stateful_step_count=80, deadline=None)


@pytest.mark.soak
class TestBothForLong(Both.TestCase):
    settings = settings(max_examples=1_000, stateful_step_count=100, deadline=None)


@pytest.mark.parametrize("seed", range(40))
def test_random_days_end_in_one_hash(seed: int) -> None:
    """With up to 70 agents, past one word of the bit sets and past the timers' lanes."""
    oracle, core = Oracle(), Acd()
    day = RandomDay(seed, oracle)
    steps: list[tuple[int, i.Input]] = [(0, given) for given in day.start()]
    decided: list[d.Decision] = []
    for now, given in steps:
        assert core.feed(now, given) == oracle.feed(now, given)
    for _ in range(250):
        step = day.next()
        steps.append(step)
        assert core.feed(*step) == oracle.feed(*step), (seed, len(steps), step)
        assert core.next_deadline_ms == oracle.next_deadline_ms
    again = Acd()
    rows = again.run(trace.pack(steps))
    third = Oracle()
    for step in steps:
        decided += third.feed(*step)
    assert [decision for _, decision in trace.unpack(rows)] == decided
    assert core.hash == oracle.hash == again.hash == third.hash


def test_a_trace_can_be_run_in_pieces() -> None:
    oracle = Oracle()
    day = RandomDay(1, oracle)
    steps = [(0, given) for given in day.start()]
    for step in steps:
        oracle.feed(*step)
    for _ in range(200):
        steps.append(day.next())
        oracle.feed(*steps[-1])
    whole, pieces = Acd(), Acd()
    rows = whole.run(trace.pack(steps))
    parts = array("q")
    for step in steps:
        parts.extend(pieces.run(trace.pack([step])))
    assert parts == rows
    assert pieces.hash == whole.hash == oracle.hash


def test_many_lengths_of_time_past_the_lanes_of_the_timers() -> None:
    """60 agents with 60 wrap-ups: eight lanes and the heap, cancelled in the middle."""
    oracle, core = Oracle(), Acd()

    def both(now: int, given: i.Input) -> None:
        assert core.feed(now, given) == oracle.feed(now, given)
        assert core.next_deadline_ms == oracle.next_deadline_ms

    both(0, i.QueueSet(0, ring_ms=50, rest_ms=20))
    for agent in range(60):
        both(0, i.AgentSet(agent, (0,), wrap_up_ms=1 + agent * 37 % 61))
        both(0, i.AgentLogsIn(agent))
    for now in range(0, 3_000, 3):
        both(now, i.CallWaits(now, 0))
        for agent in [agent for agent in oracle.agents.values() if agent.state == "offered"]:
            both(now, i.AgentAnswers(agent.call or 0, agent.number))
        talking = [agent.number for agent in oracle.agents.values() if agent.state == "talking"]
        for agent_number in talking[now % 5 :: 7]:
            both(now, i.AgentHangsUp(agent_number))
        both(now, i.AgentResumes(now * 31 % 60))
