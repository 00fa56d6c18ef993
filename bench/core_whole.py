"""A day of an office in which every feature of the rules is in use, each for those who need it: made once in virtual time, then replayed.

Eight queues. Seven in ten callers come to the first, where the longest idle is asked; the others have one strategy each, one of them
lets two ring and more as time goes, one keeps agents in reserve. Every queue has points that grow, widening, overflow, a longest wait and
length, and says what happens when nobody is there; numbers are known, the tenant's seats and lines are limited. Agents are of 20 classes
of skills, serve two queues in order, and one in fifty works on demand. Of a thousand callers so many (`SHARES`) have an owner, are called
back, and so on.
"""

import heapq
import random
from dataclasses import dataclass, field
from typing import Any

from appliance.core import Acd, decisions, inputs
from appliance.core.inputs import Input, Strategy
from bench.core_office import CLASSES, HANDLING_MS, SKILLS, TALK_MS, WANTS, Day, Steps, skills_of_classes

ELSEWHERE_MS = 13_000  # what agents dial, pause and are gone, for each call: SHARES times how long it lasts
STRATEGIES = (*Strategy, Strategy.LONGEST_IDLE)
RINGS_TWICE, RESERVES = 7, 5
OF_OFFERS = (inputs.AgentAnswers, inputs.AgentRejects, inputs.OfferFails, inputs.OfferWithdrawn)
ENDS = (inputs.CallLeaves, inputs.CustomerFails)
SHARES = {
    "owner": 50, "callback": 20, "wants callback": 5, "never": 10, "position": 2, "waited": 30, "gives up": 30, "is cut off": 5, "moves": 5,
    "is taken": 2, "offer withdrawn": 2, "offer fails": 2, "agent dials": 20, "agent pauses": 20, "agent goes": 5, "agent blocked": 2,
    "agent vanishes": 2, "points change": 0.1,
}  # fmt: skip


@dataclass
class Whole:
    agents: int
    seed: int
    rings: bool = True
    steps: Steps = field(default_factory=list)
    due: list[tuple[int, int, Input]] = field(default_factory=list)
    free: dict[int, None] = field(default_factory=dict)  # agents, by when they became free
    ringing: set[tuple[int, int]] = field(default_factory=set)  # (call, agent)
    callers: set[int] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.acd = Acd()

    def chance(self, what: str) -> bool:
        return self.rng.random() * 1000 < SHARES[what]

    def plan(self, at: float, given: Input) -> None:
        self.count += 1
        heapq.heappush(self.due, (int(at), self.count, given))

    def feed(self, now: int, given: Input) -> None:
        self.steps.append((now, given))
        if isinstance(given, ENDS):
            self.callers.discard(given.call)
        for decision in self.acd.feed(now, given):
            self.follow(now, decision)

    def needless(self, planned: Input) -> bool:
        """A telephone that rings no more is not answered, who is gone does not hang up."""
        if isinstance(planned, OF_OFFERS):
            return (planned.call, planned.agent) not in self.ringing
        return isinstance(planned, (*ENDS, inputs.CustomerAnswers)) and planned.call not in self.callers

    def follow(self, now: int, decision: Any) -> None:
        rng = self.rng
        match decision:
            case decisions.Offer(call, agent):
                self.free.pop(agent, None)
                self.ringing.add((call, agent))
                if self.rings:
                    self.plan(now, inputs.OfferRings(call, agent))
                kind, after = rng.random(), rng.uniform(1_000, 9_000)
                if self.chance("offer withdrawn"):
                    self.plan(now + 500, inputs.OfferWithdrawn(call, agent))
                elif self.chance("offer fails"):
                    self.plan(now + 500, inputs.OfferFails(call, agent))
                elif self.chance("agent blocked"):
                    self.plan(now + 500, inputs.AgentBlocked(agent, 1))
                    self.plan(now + 5_500, inputs.AgentUnblocked(agent, 1))
                elif self.chance("agent vanishes"):
                    self.plan(now + 500, inputs.AgentVanishes(agent))
                    self.plan(now + 5_500, inputs.AgentReturns(agent))
                elif kind > 0.05:
                    self.plan(now + after, inputs.AgentAnswers(call, agent))
                elif kind > 0.03:
                    self.plan(now + after, inputs.AgentRejects(call, agent, busy=kind > 0.04))
            case decisions.Connect(call, agent):
                self.ringing.discard((call, agent))
                self.plan(now, inputs.VoicePathStands(call, agent))
                self.plan(now + rng.expovariate(1 / TALK_MS), inputs.CallLeaves(call))
            case decisions.DialBack(call, agent):
                self.ringing.discard((call, agent))
                self.plan(now + 5_000, inputs.CustomerFails(call) if rng.random() < 0.2 else inputs.CustomerAnswers(call))
            case decisions.Free(agent):
                self.free[agent] = None
                if self.on_demand(agent):
                    self.plan(now + 1_000, inputs.AgentAsks(agent))
            case decisions.Missed(call, agent) | decisions.Rejected(call, agent):
                self.ringing.discard((call, agent))
            case decisions.Withdrawn(call, agent) | decisions.Taken(call, agent):
                self.ringing.discard((call, agent))
            case decisions.Expired(call) | decisions.NobodyThere(call) | decisions.Replaced(call):
                self.callers.discard(call)

    @staticmethod
    def on_demand(agent: int) -> bool:
        return agent % 50 == 49

    # --- what an office is

    def open(self) -> None:
        for given in self.settings():
            self.feed(0, given)
        skills = skills_of_classes(self.rng, masters=7)  # one class of each second queue
        for agent in range(self.agents):
            second = 1 + agent % CLASSES % 7
            self.feed(0, inputs.AgentSet(agent, (0, second), orders=(2, 1), skills=skills[agent % CLASSES]))
            self.feed(0, inputs.AgentTraits(agent, misses_max=50, on_demand=self.on_demand(agent), weight=1 + agent % 3, rank=agent))
        for agent in range(self.agents):
            self.feed(0, inputs.AgentLogsIn(agent))

    def settings(self) -> list[Input]:
        given: list[Input] = [inputs.QueueSet(queue) for queue in range(len(STRATEGIES))]
        for want in range(WANTS):
            needs = tuple((skill, self.rng.randint(1, 3)) for skill in self.rng.sample(range(SKILLS), self.rng.choice((1, 1, 2))))
            given.append(inputs.WantSet(want, needs, prefers=((self.rng.randrange(SKILLS), 7),) if want % 5 == 4 else ()))
        for queue, strategy in enumerate(STRATEGIES):
            twice = queue == RINGS_TWICE
            reserve = 3 if queue == RESERVES else 0
            given += [
                inputs.QueueOffers(queue, strategy, 2 if twice else 1, 5_000 if twice else 0, reserve, seed=queue),
                inputs.QueuePoints(queue, weight=5 * (queue > 0), ageing=1),
                inputs.QueueLimits(queue, 500, 600_000, 120_000 if queue else 0, 0, 60_000),
                inputs.QueueEmpties(queue, inputs.Empty.NOBODY_LOGGED_IN | inputs.Empty.ALL_PAUSED),
                inputs.QueueWidens(queue, 0, 20_000, 1),
                inputs.QueueWidens(queue, 1, 60_000, 2, also=0 if queue else 1),
            ]
        return [*given, inputs.TenantSet(0, 2 * self.agents, 4 * self.agents)]

    # --- callers, and what else happens

    def caller(self, call: int) -> inputs.CallWaits:
        rng, chance = self.rng, self.chance
        agent = rng.randrange(self.agents)
        return inputs.CallWaits(
            call, 0 if rng.random() < 0.7 else rng.randrange(1, len(STRATEGIES)), rng.randrange(WANTS), rng.choice((0, 0, 0, 1, 2)),
            tier=rng.choice((0, 0, 0, 1)), position=3 if chance("position") else 0, waited_ms=30_000 if chance("waited") else 0,
            owner=agent if (owned := chance("owner")) else -1, owner_ms=20_000 if owned else 0, number=call + 1,
            callback=chance("callback"), never=(agent,) if chance("never") else (),
        )  # fmt: skip

    def comes(self, now: int, call: int) -> None:
        given = self.caller(call)
        self.callers.add(call)
        self.feed(now, given)
        rng = self.rng
        if self.chance("gives up"):
            self.plan(now + rng.uniform(1_000, 30_000), inputs.CallLeaves(call))
        if call in self.callers:
            if self.chance("moves"):
                self.plan(now + 500, inputs.CallMoves(call, rng.randrange(len(STRATEGIES))))
            if self.chance("wants callback"):
                self.plan(now + 600, inputs.CallBackWanted(call))
            if self.chance("is cut off"):
                self.plan(now + 700, inputs.CallLeaves(call, cut=True))
        if self.free and self.chance("is taken"):
            self.feed(now, inputs.AgentTakes(call, next(iter(self.free))))
        self.away(now, "agent dials", inputs.AgentDials, inputs.AgentHangsUp, rng.expovariate(1 / TALK_MS))
        self.away(now, "agent pauses", inputs.AgentPauses, inputs.AgentResumes, 300_000)
        self.away(now, "agent goes", inputs.AgentLogsOut, inputs.AgentLogsIn, 600_000)
        if self.chance("points change"):
            self.feed(now, inputs.QueuePoints(7, weight=rng.randrange(10), ageing=1))

    def away(self, now: int, what: str, begins: Any, ends: Any, lasts: float) -> None:
        """Of who became free last."""
        if self.free and self.chance(what):
            agent, _ = self.free.popitem()
            self.feed(now, begins(agent))
            self.plan(now + lasts, ends(agent))


def whole_day(agents: int, calls: int, seed: int, *, rings: bool = True) -> Day:
    """After a tenth as many callers, whom nobody counts: requests and tables are made once. `rings`: the core is told when an offer
    begins to ring."""
    office = Whole(agents, seed, rings)
    office.open()
    opening = 0
    between = (HANDLING_MS + ELSEWHERE_MS) / (agents * 0.9)
    at, call, before = 1.0, 0, calls // 10
    while call < before + calls or office.due:
        timer = office.acd.next_deadline_ms
        soonest = min(at if call < before + calls else float("inf"), office.due[0][0] if office.due else float("inf"))
        if timer is not None and timer <= soonest:
            office.feed(timer, inputs.Tick())
        elif office.due and office.due[0][0] == soonest:
            now, _, given = heapq.heappop(office.due)
            if not office.needless(given):
                office.feed(now, given)
        else:
            if call == before:
                opening = len(office.steps)
            office.comes(int(at), call)
            call += 1
            at = max(at + office.rng.expovariate(1 / between), office.steps[-1][0])
    return Day(office.steps, opening, calls)
