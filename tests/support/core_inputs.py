"""Inputs at random for the routing core: a few queues, agents and calls, so that they meet; nonsense now and then.

Each day has a character of its own: how many of each there are, how long things last, which kinds of input are frequent.
"""

import random
from collections.abc import Callable
from typing import Any

from appliance.core import inputs as i
from appliance.core.reference import Oracle

ODD = (-1, 2**31, 2**70, 10**9 + 1, 31, 65)


class RandomDay:
    """`seeing` is asked who has an offer, talks, or is dialled, so that inputs are mostly to the point."""

    def __init__(self, seed: int, seeing: Oracle, small: bool = False) -> None:
        self.random = pick = random.Random(seed)
        self.seeing = seeing
        self.now = pick.choice([0, 0, 5, 2**40])
        self.queues = pick.choice([1, 2, 2, 3, 4])
        self.agents = pick.choice([1, 2, 3, 4, 6]) if small else pick.choice([1, 2, 4, 9, 70])
        self.calls = pick.choice([3, 6, 10]) if small else pick.choice([4, 20, 60])
        self.tenants = pick.choice([1, 1, 1, 2])
        self.skills, self.wants, self.numbers = 3, 3, 3
        self.ms = pick.choice([(0, 1, 3, 5, 10), (1, 7, 50), (0, 100, 1_000), (0, 1, 10, 1_000)])
        self.steps = pick.choice([(0, 0, 0, 1, 3, 10, 40), (0, 0, 0, 1), (0, 0, 0, 1, 1, 5), (0, 0, 0, 0, 1, 1, 10, 999, 1_000)])
        self.limited = pick.random() < 0.3  # waits are short
        self.plain = pick.random() < 0.2  # nothing but the defaults
        kinds: list[tuple[float, Callable[[], i.Input]]] = [
            (25, self._call_waits), (3, self._call_leaves), (2, self._agent_set), (1, self._queue_set), (30, self._of_offer),
            (12, self._agent_does), (4, self._block), (3, self._vanish), (5, i.Tick), (6, self._talk_ends),
        ]  # fmt: skip
        if not self.plain:
            more: list[tuple[float, Callable[[], i.Input]]] = [
                (3, self._queue_offers), (2, self._queue_points), (2, self._queue_limits), (1, self._queue_empties),
                (3, self._queue_widens), (2, self._want_set), (1, self._tenant_set), (3, self._agent_traits), (3, self._asks),
                (2, self._moves), (2, self._back_wanted), (5, self._customer), (2, self._takes), (1, self._path_stands),
            ]  # fmt: skip
            kinds += [(weight * pick.choice([0, 1, 1, 2, 4]), kind) for weight, kind in more]
        self.kinds = [kind for _, kind in kinds]
        self.weights = [weight for weight, _ in kinds]

    def start(self) -> list[tuple[int, i.Input]]:
        given: list[i.Input] = [
            i.QueueSet(queue, self.random.choice([15, 100]), 10, tenant=queue % self.tenants) for queue in range(self.queues)
        ]
        if not self.plain:
            given += [self._want_set() for _ in range(self.wants)]
            given += [self._queue_offers() for _ in range(self.queues)]
        for agent in range(self.agents):
            given += [self._agent_set(agent), i.AgentLogsIn(agent)]
        return [(self.now, one) for one in given]

    def next(self) -> tuple[int, i.Input]:
        pick = self.random
        due = self.seeing.next_deadline_ms if pick.random() < 0.07 else None
        if due is not None:
            self.now = max(self.now, due - pick.choice([0, 0, 0, 1]))
        else:
            self.now += pick.choice(self.steps) if pick.random() < 0.995 else 1_500
        (kind,) = pick.choices(self.kinds, self.weights)
        return self.now - (pick.random() < 0.002), kind()

    # --- values

    def _one(self, of: int) -> int:
        return self.random.choice(ODD) if self.random.random() < 0.004 else self.random.randrange(of)

    def _of(self, *values: int) -> int:
        return self.random.choice(ODD) if self.random.random() < 0.004 else self.random.choice(values)

    def _ms(self) -> int:
        return self._of(*self.ms)

    def _levels(self) -> tuple[tuple[int, int], ...]:
        pick = self.random
        return tuple((pick.randrange(self.skills), self._of(1, 1, 2, 3, 5, 9)) for _ in range(pick.choice([0, 0, 1, 1, 2, 3])))

    # --- what an office is

    def _queue_set(self) -> i.QueueSet:
        queue = self._one(self.queues)
        tenant = queue % self.tenants if self.random.random() < 0.95 else 1
        return i.QueueSet(
            queue, self._of(15, 20, 200, 1_000, 1, self.ms[-1] + 1), self._ms(), self._of(-1, *self.ms), self._of(-1, *self.ms), tenant
        )

    def _queue_offers(self) -> i.QueueOffers:
        pick = self.random
        at_once = self._of(1, 1, 0, 2, 2, 3)
        return i.QueueOffers(
            self._one(self.queues),
            pick.choice(list(i.Strategy)),
            at_once,
            self._of(0, *self.ms),
            self._of(0, 0, 0, 1, 2),
            self._of(0, 1, 7),
        )

    def _queue_points(self) -> i.QueuePoints:
        return i.QueuePoints(self._one(self.queues), self._of(0, 1, 5, 10), self._of(0, 0, 1, 2, 1_000), self._of(0, 1, 5, 100))

    def _queue_limits(self) -> i.QueueLimits:
        queue, length, to = self._one(self.queues), self._of(0, 0, 1, 2, 9), self._one(self.queues)
        wait, over = (self._ms(), self._ms()) if self.limited else (self._of(0, 0, 0, 500), self._of(0, 0, 0, 300))
        return i.QueueLimits(queue, length, wait, over, to, self._of(0, *self.ms))

    def _queue_empties(self) -> i.QueueEmpties:
        return i.QueueEmpties(self._one(self.queues), self._of(0, 0, 0, 1, 2, 4, 7))

    def _queue_widens(self) -> i.QueueWidens:
        also = self._of(-1, *range(self.queues))
        return i.QueueWidens(self._one(self.queues), self._of(0, 0, 1, 2), self._of(0, *self.ms, 20, 30), self._of(0, 1, 2, 9), also)

    def _want_set(self) -> i.WantSet:
        return i.WantSet(self._one(self.wants), self._levels(), self._levels())

    def _tenant_set(self) -> i.TenantSet:
        return i.TenantSet(self._one(self.tenants), self._of(-1, -1, 0, 1, 3), self._of(-1, -1, 0, 1, 5))

    def _agent_set(self, agent: int = -1) -> i.AgentSet:
        pick = self.random
        if agent < 0:
            agent = self._one(self.agents)
        tenant = agent % self.tenants
        mine = [queue for queue in range(self.queues) if queue % self.tenants == tenant or pick.random() < 0.05]
        queues = tuple(pick.choice(mine) for _ in range(pick.randrange(4))) if mine else ()
        orders = () if self.plain or pick.random() < 0.5 else tuple(self._of(1, 2, 3) for _ in queues[: pick.randrange(4)])
        skills = () if self.plain else self._levels()
        return i.AgentSet(agent, queues, self._of(0, *self.ms), self._of(0, 0, 4), tenant, orders, skills)

    def _agent_traits(self) -> i.AgentTraits:
        pick = self.random
        return i.AgentTraits(self._one(self.agents), self._of(0, 0, 1, 2), pick.random() < 0.2, self._of(1, 2, 10), self._of(0, 1, 2))

    # --- agents

    def _agent_does(self) -> i.Input:
        """Mostly what fits his state."""
        pick = self.random
        agent = self._one(self.agents)
        kinds: list[Any] = [i.AgentLogsOut, i.AgentPauses, i.AgentReturns, i.AgentHangsUp, i.AgentResumes, i.AgentLogsIn]
        if not self.plain:
            kinds.append(i.AgentDials)
        kind = pick.choice(kinds)
        if agent in self.seeing.agents and pick.random() < 0.7:
            known = self.seeing.agents[agent]
            usual = {"logged_out": i.AgentLogsIn, "paused": i.AgentResumes, "wrap_up": i.AgentResumes, "busy": i.AgentHangsUp}
            kind = i.AgentReturns if known.vanished else usual.get(known.state, kind)
        given: i.Input = kind(agent)
        return given

    def _talk_ends(self) -> i.Input:
        talking = [agent.number for agent in self.seeing.agents.values() if agent.state in ("talking", "busy")]
        if not talking and self.random.random() < 0.9:
            return i.Tick()
        return i.AgentHangsUp(self.random.choice(talking) if talking else self._one(self.agents))

    def _asks(self) -> i.AgentAsks:
        demand = [agent.number for agent in self.seeing.agents.values() if agent.on_demand]
        return i.AgentAsks(self.random.choice(demand) if demand and self.random.random() < 0.9 else self._one(self.agents))

    def _block(self) -> i.AgentBlocked | i.AgentUnblocked:
        kind: Any = self.random.choice([i.AgentBlocked, i.AgentUnblocked, i.AgentUnblocked])
        blocked = [(agent.number, reason) for agent in self.seeing.agents.values() for reason in agent.blocks]
        if blocked and self.random.random() < 0.6:
            return i.AgentUnblocked(*self.random.choice(blocked))
        given: i.AgentBlocked | i.AgentUnblocked = kind(self._one(self.agents), self._of(0, 1, 30))
        return given

    def _vanish(self) -> i.AgentVanishes:
        talking = [agent.number for agent in self.seeing.agents.values() if agent.state == "talking"]
        agent = self.random.choice(talking) if talking and self.random.random() < 0.5 else self._one(self.agents)
        return i.AgentVanishes(agent, self._of(0, 7, 30, *self.ms))

    # --- calls

    def _call_waits(self) -> i.Input:
        pick = self.random
        call, queue = self._one(self.calls), self._one(self.queues)
        if call in self.seeing.calls and pick.random() < 0.9:
            call = next((number for number in range(self.calls) if number not in self.seeing.calls), -1)
            if call < 0:
                return self._of_offer()
        if self.plain or pick.random() < 0.2:
            return i.CallWaits(call, queue)
        some = pick.random() < 0.5
        return i.CallWaits(
            call, queue,
            want=self._of(-1, -1, *range(self.wants)) if pick.random() < 0.6 else -1,
            priority=self._of(0, 0, 1, 5) if some else 0,
            tier=self._of(0, 0, 1, 2) if some else 0,
            tenant=-1 if pick.random() < 0.95 else self._one(2),
            position=self._of(0, 1, 2, 3) if pick.random() < 0.3 else 0,
            waited_ms=self._of(0, *self.ms) if pick.random() < 0.3 else 0,
            owner=self._of(-1, *range(self.agents)) if pick.random() < 0.3 else -1,
            owner_ms=self._ms(),
            number=self._of(0, 1, *range(1, self.numbers + 1)) if pick.random() < 0.7 else 0,
            callback=pick.random() < 0.25,
            never=tuple(self._one(self.agents) for _ in range(pick.choice([1, 2]))) if pick.random() < 0.1 else (),
        )  # fmt: skip

    def _call_leaves(self) -> i.CallLeaves:
        return i.CallLeaves(self._known_call(), self.random.random() < 0.4)

    def _known_call(self) -> int:
        known = list(self.seeing.calls)
        return self.random.choice(known) if known and self.random.random() < 0.7 else self._one(self.calls)

    def _moves(self) -> i.CallMoves:
        return i.CallMoves(self._known_call(), self._one(self.queues))

    def _back_wanted(self) -> i.CallBackWanted:
        waiting = [call.number for call in self.seeing.calls.values() if call.customer and call.state == "waiting"]
        return i.CallBackWanted(self.random.choice(waiting) if waiting and self.random.random() < 0.9 else self._known_call())

    def _customer(self) -> i.Input:
        dialled = [call.number for call in self.seeing.calls.values() if call.dialled]
        if not dialled and self.random.random() < 0.9:
            return self._of_offer()
        call = self.random.choice(dialled) if dialled and self.random.random() < 0.95 else self._one(self.calls)
        kind: Any = self.random.choice([i.CustomerAnswers, i.CustomerAnswers, i.CustomerFails])
        given: i.Input = kind(call)
        return given

    # --- offers

    def _of_offer(self) -> i.Input:
        pick = self.random
        agent, call = self._one(self.agents), self._one(self.calls)
        open_offers = [known for known in self.seeing.agents.values() if known.state == "offered"]
        if open_offers and pick.random() < 0.95:
            chosen = pick.choice(open_offers)
            assert chosen.call is not None
            agent, call = chosen.number, chosen.call
        elif pick.random() < 0.9:
            return i.Tick()
        kind: Any = pick.choice(
            [i.OfferRings, i.AgentAnswers, i.AgentAnswers, i.AgentAnswers, i.AgentRejects, i.OfferFails, i.OfferWithdrawn]
        )
        if kind is i.OfferWithdrawn and self.plain:
            kind = i.AgentAnswers
        if kind is i.AgentRejects and not self.plain:
            return i.AgentRejects(call, agent, pick.random() < 0.3)
        given: i.Input = kind(call, agent)
        return given

    def _takes(self) -> i.AgentTakes:
        return i.AgentTakes(self._known_call(), self._one(self.agents))

    def _path_stands(self) -> i.VoicePathStands:
        talking = [(call.number, call.agent) for call in self.seeing.calls.values() if call.agent is not None]
        call, agent = self.random.choice(talking) if talking else (self._one(self.calls), self._one(self.agents))
        return i.VoicePathStands(call, agent if agent is not None else 0)


class WideDay(RandomDay):
    """Of many queues, skills and wants: more classes and more requests than a word has bits."""

    def __init__(self, seed: int, seeing: Oracle) -> None:
        super().__init__(seed, seeing)
        self.queues, self.agents, self.calls = self.random.choice([5, 9]), self.random.choice([80, 110]), self.random.choice([60, 150])
        self.skills, self.wants, self.numbers = 8, self.random.choice([6, 15]), self.random.choice([3, 60])
