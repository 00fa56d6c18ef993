"""The core decides what the oracle decides: every decision, deadline, order and state, after each step (E4).

Hypothesis shrinks what it finds; the plain driver with many more steps is test_random_steps.py.
"""

from array import array
from typing import Any

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

AGENTS, QUEUES, CALLS, WANTS = st.integers(0, 4), st.integers(0, 2), st.integers(0, 5), st.integers(-1, 1)
MS = st.sampled_from([0, 5, 10, 1_000])
FEW = st.integers(0, 2)
NUMBERS = st.sampled_from([0, 1, 1, 2])
SKILLS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([1, 2, 5])), max_size=2).map(tuple)
OF_OFFER = (i.OfferRings, i.AgentAnswers, i.AgentRejects, i.OfferFails, i.OfferWithdrawn, i.VoicePathStands, i.AgentTakes)
OF_AGENT = (
    i.AgentLogsIn, i.AgentLogsOut, i.AgentPauses, i.AgentResumes, i.AgentReturns, i.AgentHangsUp, i.AgentHangsUp, i.AgentDials, i.AgentAsks,
)  # fmt: skip
OF_CALL = (i.CallLeaves, i.CallBackWanted, i.CustomerAnswers, i.CustomerFails)


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
        self.tell(i.WantSet(0, needs=((0, 2),)))
        for agent in range(3):
            self.tell(i.AgentSet(agent, (0, 1), wrap_up_ms=5 * agent, setup_ms=4 * (agent % 2), skills=((0, 1 + agent),)))
            self.tell(i.AgentLogsIn(agent))

    # --- time

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

    # --- calls

    @rule(call=CALLS, queue=QUEUES)
    def caller_comes(self, call: int, queue: int) -> None:
        self.tell(i.CallWaits(call, queue))

    @rule(call=CALLS, queue=QUEUES, want=WANTS, priority=FEW, tier=FEW, position=FEW, waited_ms=MS)
    def caller_with_points_comes(self, **values: int) -> None:
        self.tell(i.CallWaits(**values))

    @rule(
        call=CALLS,
        queue=QUEUES,
        owner=AGENTS,
        owner_ms=MS,
        never=st.lists(AGENTS, max_size=1).map(tuple),
        number=NUMBERS,
        callback=st.booleans(),
    )
    def customer_comes(self, **values: Any) -> None:
        self.tell(i.CallWaits(**values))

    @rule(call=CALLS, cut=st.booleans())
    def caller_leaves(self, call: int, cut: bool) -> None:
        self.tell(i.CallLeaves(call, cut))

    @rule(call=CALLS, queue=QUEUES)
    def caller_is_moved(self, call: int, queue: int) -> None:
        self.tell(i.CallMoves(call, queue))

    @rule(of=st.sampled_from(OF_CALL), call=CALLS)
    def something_with_a_call(self, of: type[Any], call: int) -> None:
        self.tell(of(call))

    # --- offers

    @rule(of=st.sampled_from(OF_OFFER), nth=st.integers(0, 4))
    def an_open_offer(self, of: type[Any], nth: int) -> None:
        offered = [agent for agent in self.oracle.agents.values() if agent.state == "offered"]
        if offered:
            agent = offered[nth % len(offered)]
            self.tell(of(agent.call, agent.number))

    @rule(of=st.sampled_from(OF_OFFER), call=CALLS, agent=AGENTS)
    def any_offer(self, of: type[Any], call: int, agent: int) -> None:
        self.tell(of(call, agent))

    @rule(call=CALLS, agent=AGENTS)
    def a_telephone_is_busy(self, call: int, agent: int) -> None:
        self.tell(i.AgentRejects(call, agent, busy=True))

    # --- agents

    @rule(of=st.sampled_from(OF_AGENT), agent=AGENTS)
    def agent_does(self, of: type[Any], agent: int) -> None:
        self.tell(of(agent))

    @rule(of=st.sampled_from([i.AgentBlocked, i.AgentUnblocked, i.AgentUnblocked]), agent=AGENTS, reason=st.sampled_from([0, 30, 31]))
    def block(self, of: type[i.AgentBlocked | i.AgentUnblocked], agent: int, reason: int) -> None:
        self.tell(of(agent, reason))

    @rule(agent=AGENTS, keep_ms=st.sampled_from([0, 7, 30, -1]))
    def vanish(self, agent: int, keep_ms: int) -> None:
        self.tell(i.AgentVanishes(agent, keep_ms))

    # --- what an office is

    @rule(
        agent=AGENTS, queues=st.lists(QUEUES, max_size=3).map(tuple), wrap_up_ms=MS, setup_ms=MS, skills=SKILLS,
        orders=st.lists(st.integers(1, 3), max_size=2).map(tuple),
    )  # fmt: skip
    def agent_is_set(self, **values: Any) -> None:
        self.tell(i.AgentSet(**values))

    @rule(agent=AGENTS, misses_max=FEW, on_demand=st.booleans(), weight=st.integers(1, 3), rank=FEW)
    def agent_has_traits(self, **values: Any) -> None:
        self.tell(i.AgentTraits(**values))

    @rule(queue=QUEUES, ring_ms=MS, rest_ms=MS, reject_ms=st.sampled_from([-1, 0, 7]), busy_ms=st.sampled_from([-1, 0, 3]))
    def queue_is_set(self, **values: int) -> None:
        self.tell(i.QueueSet(**values))

    @rule(queue=QUEUES, strategy=st.sampled_from(i.Strategy), at_once=st.integers(0, 3), more_ms=MS, reserve=FEW, seed=FEW)
    def queue_offers(self, **values: Any) -> None:
        self.tell(i.QueueOffers(**values))

    @rule(queue=QUEUES, weight=FEW, ageing=st.sampled_from([0, 1, 1_000]), tier_points=FEW)
    def queue_has_points(self, **values: int) -> None:
        self.tell(i.QueuePoints(**values))

    @rule(queue=QUEUES, length_max=FEW, wait_max_ms=MS, overflow_ms=MS, overflow_to=QUEUES, back_ms=MS)
    def queue_has_limits(self, **values: int) -> None:
        self.tell(i.QueueLimits(**values))

    @rule(queue=QUEUES, causes=st.integers(0, 7))
    def queue_empties(self, queue: int, causes: int) -> None:
        self.tell(i.QueueEmpties(queue, causes))

    @rule(queue=QUEUES, step=FEW, after_ms=st.sampled_from([0, 5, 10, 20]), lower=FEW, also=st.integers(-1, 2))
    def queue_widens(self, **values: int) -> None:
        self.tell(i.QueueWidens(**values))

    @rule(want=FEW, needs=SKILLS, prefers=SKILLS)
    def want_is_set(self, **values: Any) -> None:
        self.tell(i.WantSet(**values))

    @rule(seats_max=st.integers(-1, 3), calls_max=st.integers(-1, 3))
    def tenant_is_set(self, seats_max: int, calls_max: int) -> None:
        self.tell(i.TenantSet(0, seats_max, calls_max))

    @invariant()
    def same(self) -> None:
        assert self.core.next_deadline_ms == self.oracle.next_deadline_ms == self.ticked.next_deadline_ms
        assert self.core.hash == self.oracle.hash == self.ticked.hash
        for queue in range(3):
            assert self.core.waiting(queue) == self.oracle.waiting(queue)
            assert set(self.oracle.waiting(queue)) == self.watch.waiting(queue)
        for agent in self.oracle.agents:
            assert self.core.agent(agent) == self.oracle.agent(agent)
            assert self.core.explain(agent) == self.oracle.explain(agent)


TestBoth = Both.TestCase
TestBoth.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)


@pytest.mark.soak
class TestBothForLong(Both.TestCase):
    settings = settings(max_examples=2_000, stateful_step_count=100, deadline=None)


def day_of(seed: int, length: int) -> list[tuple[int, i.Input]]:
    """Steps that a trace can hold."""
    oracle = Oracle()
    day = RandomDay(seed, oracle)
    start, steps = day.start(), list[tuple[int, i.Input]]()
    while len(steps) < length:
        step = start.pop(0) if start else day.next()
        try:
            trace.pack([step])
        except OverflowError:
            continue
        steps.append(step)
        oracle.feed(*step)
    return steps


@pytest.mark.parametrize("seed", range(40))
def test_random_days_end_in_one_hash(seed: int) -> None:
    """With up to 70 agents, past one word of the bit sets and past the timers' lanes."""
    oracle, core, again = Oracle(), Acd(), Acd()
    steps = day_of(seed, 300)
    decided: list[d.Decision] = []
    for number, step in enumerate(steps):
        decided += oracle.feed(*step)
        assert core.feed(*step) == oracle.out, (seed, number, step)
        assert core.next_deadline_ms == oracle.next_deadline_ms
    rows = again.run(trace.pack(steps))
    assert [decision for _, decision in trace.unpack(rows)] == decided
    assert core.hash == oracle.hash == again.hash


def test_a_trace_can_be_run_in_pieces() -> None:
    steps = day_of(1, 250)
    whole, pieces = Acd(), Acd()
    rows = whole.run(trace.pack(steps))
    parts = array("q")
    for step in steps:
        parts.extend(pieces.run(trace.pack([step])))
    assert parts == rows
    assert pieces.hash == whole.hash


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
