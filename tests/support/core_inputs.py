"""Inputs at random for the routing core: a few queues, agents and calls, so that they meet; nonsense now and then."""

import random

from appliance.core import inputs as i
from appliance.core.reference import Oracle

OfOffer = i.OfferRings | i.AgentAnswers | i.AgentRejects | i.OfferFails
QUIET: tuple[type[i.AgentLogsOut | i.AgentPauses | i.AgentResumes | i.AgentReturns | i.AgentHangsUp | i.AgentLogsIn], ...] = (
    i.AgentLogsOut,
    i.AgentPauses,
    i.AgentResumes,
    i.AgentResumes,
    i.AgentReturns,
    i.AgentReturns,
    i.AgentHangsUp,
    i.AgentHangsUp,
    i.AgentLogsIn,
)


class RandomDay:
    """`seeing` is asked who has an offer, so that answers are mostly to the point."""

    def __init__(self, seed: int, seeing: Oracle) -> None:
        self.random = random.Random(seed)
        self.seeing = seeing
        self.queues, self.agents, self.calls = (
            self.random.choice([1, 2, 4]),
            self.random.choice([1, 2, 4, 9, 70]),
            self.random.choice([4, 20, 60]),
        )
        self.now = 0

    def start(self) -> list[i.Input]:
        given: list[i.Input] = [i.QueueSet(queue, 15, 10) for queue in range(self.queues)]
        for agent in range(self.agents):
            given += [self.agent_set(agent), i.AgentLogsIn(agent)]
        return given

    def agent_set(self, agent: int) -> i.AgentSet:
        queues = tuple(self.random.randrange(self.queues) for _ in range(self.random.randrange(4)))
        return i.AgentSet(agent, queues, self.random.choice([0, 5, 10]), self.random.choice([0, 4]))

    def next(self) -> tuple[int, i.Input]:
        pick = self.random
        self.now += pick.choice([0, 0, 1, 3, 10, 100]) if pick.random() < 0.99 else 1_500
        agent, call, queue, kind = pick.randrange(self.agents), pick.randrange(self.calls), pick.randrange(self.queues), pick.random()
        if kind < 0.22:
            return self.now, i.CallWaits(call, queue)
        if kind < 0.27:
            return self.now, i.CallLeaves(call)
        if kind < 0.31:
            return self.now, self.agent_set(agent)
        if kind < 0.33:
            return self.now, i.QueueSet(queue, pick.choice([1, 15, 20]), pick.choice([0, 10, 2_000]))
        if kind < 0.41:
            return self.now, pick.choice([i.AgentBlocked, i.AgentUnblocked, i.AgentUnblocked])(agent, pick.choice([0, 1, 30]))
        if kind < 0.44:
            return self.now, i.AgentVanishes(agent, pick.choice([0, 7, 30]))
        if kind < 0.75:
            open_offers = [known for known in self.seeing.agents.values() if known.state == "offered"]
            if open_offers and pick.random() < 0.95:
                chosen = pick.choice(open_offers)
                assert chosen.call is not None
                agent, call = chosen.number, chosen.call
            of_offer: tuple[type[OfOffer], ...] = (
                i.OfferRings, i.AgentAnswers, i.AgentAnswers, i.AgentAnswers, i.AgentRejects, i.OfferFails,
            )  # fmt: skip
            return self.now, pick.choice(of_offer)(call, agent)
        return self.now, i.Tick() if kind < 0.8 else pick.choice(QUIET)(agent)
