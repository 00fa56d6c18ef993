"""The routing core (A3 E4): routed calls a second of core and oracle with 10, 100 and 1,000 agents, through both faces.

The day is made once by an office in virtual time (load 0.9, talks of 180 s on average, answers after 1 to 9 s, 3 % unanswered and 2 %
rejected offers, 10 s of wrap-up, 4 % of the callers impatient; agents of five groups over three queues), then only replayed: what is
timed is the core, from the first caller on. The hash of all decisions must be the same in all three.
"""

import heapq
import random
from time import perf_counter

from appliance.core import Acd, inputs, trace
from appliance.core.reference import Oracle
from bench.__main__ import Report

Steps = list[tuple[int, inputs.Input]]
GROUPS = ((0, 1, 2), (0,), (1,), (0, 1), (2, 1))


def office(agents: int, calls: int, seed: int) -> Steps:
    """The inputs of a day, in order."""
    rng = random.Random(seed)
    acd = Acd()
    steps: Steps = []
    due: list[tuple[int, int, inputs.Input]] = []
    count = 0

    def plan(at: float, given: inputs.Input) -> None:
        nonlocal count
        count += 1
        heapq.heappush(due, (int(at), count, given))

    def feed(now: int, given: inputs.Input) -> None:
        steps.append((now, given))
        for decision in acd.feed(now, given):
            match type(decision).__name__:
                case "Offer":
                    plan(now, inputs.OfferRings(decision.call, decision.agent))  # type: ignore[union-attr]
                    kind, after = rng.random(), rng.uniform(1_000, 9_000)
                    if kind > 0.05:
                        plan(now + after, inputs.AgentAnswers(decision.call, decision.agent))  # type: ignore[union-attr]
                    elif kind > 0.03:
                        plan(now + after, inputs.AgentRejects(decision.call, decision.agent))  # type: ignore[union-attr]
                case "Connect":
                    plan(now + rng.expovariate(1 / 180_000), inputs.CallLeaves(decision.call))  # type: ignore[union-attr]

    for queue in range(3):
        feed(0, inputs.QueueSet(queue))
    for agent in range(agents):
        feed(0, inputs.AgentSet(agent, GROUPS[agent % len(GROUPS)]))
        feed(0, inputs.AgentLogsIn(agent))
    between = (180_000 + 15_000) / (agents * 0.9)
    at, call = 0.0, 0
    while call < calls or due:
        ahead = at if call < calls else float("inf")
        timer = acd.next_deadline_ms
        soonest = min(ahead, due[0][0] if due else float("inf"), float("inf") if timer is None else timer)
        if timer is not None and timer == soonest:
            feed(timer, inputs.Tick())
        elif due and due[0][0] == soonest:
            now, _, given = heapq.heappop(due)
            feed(now, given)
        else:
            feed(int(at), inputs.CallWaits(call, rng.randrange(3)))
            if rng.random() < 0.04:
                plan(at + rng.expovariate(1 / 60_000), inputs.CallLeaves(call))
            call += 1
            at += rng.expovariate(1 / between)
            at = max(at, steps[-1][0])
    return steps


def feeding(core: Acd | Oracle, steps: Steps, opening: int) -> float:
    """Seconds from the first caller on."""
    feed = core.feed
    for now, given in steps[:opening]:
        feed(now, given)
    begin = perf_counter()
    for now, given in steps[opening:]:
        feed(now, given)
    return perf_counter() - begin


def running(core: Acd, opening: object, rows: object) -> float:
    core.run(opening)  # type: ignore[arg-type]
    begin = perf_counter()
    core.run(rows)  # type: ignore[arg-type]
    return perf_counter() - begin


def run(report: Report) -> None:
    for agents in (10, 100, 1_000):
        calls, plain_calls = 10_000, {10: 2_000, 100: 400, 1_000: 60}[agents]
        opening = 3 + 2 * agents
        steps = office(agents, calls, report.seed)
        opens, rows = trace.pack(steps[:opening]), trace.pack(steps[opening:])
        cores = [Acd() for _ in range(8)]
        batch = min(running(core, opens, rows) for core in cores[:5])
        live = min(feeding(core, steps, opening) for core in cores[5:])
        assert len({core.hash for core in cores}) == 1
        few = office(agents, plain_calls, report.seed)
        oracle, again = Oracle(), Acd()
        plain = feeding(oracle, few, opening)
        again.run(trace.pack(few))
        assert oracle.hash == again.hash
        inputs_a_call = (len(steps) - opening) / calls
        report.row(f"core run(), {agents} agents", calls / batch, "calls/s", note=f"{inputs_a_call:.1f} inputs a call")
        report.row(f"core feed(), {agents} agents", calls / live, "calls/s", note="inputs and decisions as objects")
        times = (plain / plain_calls) / (live / calls)
        report.row(
            f"oracle feed(), {agents} agents", plain_calls / plain, "calls/s", note=f"feed() of the core: {times:,.0f} times as fast"
        )
