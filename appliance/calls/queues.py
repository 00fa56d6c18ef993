"""The routing core's keeper (A3): the only one who feeds it, and who knows its small integers."""

import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

from appliance.base.ids import AgentId, CallId, QueueId
from appliance.base.phone_numbers import national
from appliance.calls.onlooker import Onlooker
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Block
from appliance.core import Acd, inputs, trace
from appliance.core.inputs import Empty, Strategy
from appliance.events.routing import RoutingFed, RoutingNamed
from firmware_cfg.document import Agent, Document, Line, Queue

CAUSES: Final = {
    "nobody_logged_in": Empty.NOBODY_LOGGED_IN,
    "all_paused": Empty.ALL_PAUSED,
    "all_in_wrap_up": Empty.ALL_IN_WRAP_UP,
}


NOBODY: Final = 2**31 - 1
"""A queue's reserve while a new configuration is told: so many free agents there never are."""


def ms(seconds: float) -> int:
    return round(seconds * 1000)


class Queues:
    """Names on our side, integers on the core's; a number is never given again while the box runs."""

    def __init__(self, onlooker: Onlooker | None = None) -> None:
        self.core = Acd()
        self.onlooker = onlooker
        self.agents: dict[AgentId, int] = {}
        self.queues: dict[QueueId, int] = {}
        self.skills: dict[str, int] = {}
        self.config: dict[QueueId, Queue] = {}
        self._agent_ids: dict[int, AgentId] = {}
        self._at_phones: set[AgentId] = set()
        self._calls: dict[int, CallId] = {}
        self._said: dict[object, tuple[inputs.Input, ...]] = {}  # the last settings told, so that only what is other is told again
        self._told: list[tuple[int, inputs.Input]] = []
        self._named: RoutingNamed | None = None

    def configure(self, document: Document, now_ms: int) -> list[Any]:
        """Tells the core what is new or other; the decisions that follow (a new queue may make an offer).

        It is one change, though told in pieces: meanwhile who waits is neither offered, nor sent away because nobody is there. A queue that
        is gone stays so: who waits in it is moved (configuring.py).
        """
        self.config = {QueueId(queue.id): queue for queue in document.queue}
        for name in self.config:
            self.queues.setdefault(name, len(self.queues))
        if all(self._said.get(key) == given for key, given in self._settings(document)):
            return []
        decisions: list[Any] = []
        for name, number in self.queues.items():
            known = [key for key in ((inputs.QueueEmpties, number), (inputs.QueueOffers, number)) if key in self._said]
            if known and (name not in self.config or self.core.waiting(number)):
                decisions += self.feed(now_ms, inputs.QueueEmpties(number))
                decisions += self.feed(now_ms, inputs.QueueOffers(number, reserve=NOBODY))
                for setting in known:
                    del self._said[setting]
        for key, given in self._settings(document):
            decisions += self._say(now_ms, key, given)
        return decisions

    def _settings(self, document: Document) -> Iterator[tuple[object, tuple[inputs.Input, ...]]]:
        """Each by its name, in an order in which one speaks only of what was told before; what makes offers comes last."""
        if document.limits.calls is not None or "calls" in self._said:
            most = document.limits.calls
            yield "calls", (inputs.TenantSet(0, calls_max=-1 if most is None else most),)
        for name, queue in self.config.items():
            yield (inputs.QueueSet, number := self.queues[name]), (self._queue_set(number, queue),)
        for name, queue in self.config.items():
            number = self.queues[name]
            overflow_to = 0 if queue.overflow_to is None else self.queues[QueueId(queue.overflow_to)]
            limits = (queue.length_max, ms(queue.wait_max_s), ms(queue.overflow_s), overflow_to, ms(queue.back_s))
            yield (inputs.QueuePoints, number), (inputs.QueuePoints(number, queue.weight, queue.ageing, queue.tier_points),)
            yield (inputs.QueueLimits, number), (inputs.QueueLimits(number, *limits),)
            yield (inputs.WantSet, number), (inputs.WantSet(number, self._levels(queue.needs), self._levels(queue.prefers)),)
            if queue.widen or (inputs.QueueWidens, number) in self._said:
                yield (inputs.QueueWidens, number), self._widens(number, queue)
        for agent in document.agent:
            yield (inputs.AgentSet, agent.id), (self._agent_set(agent),)
            traits = inputs.AgentTraits(self.agents[AgentId(agent.id)], agent.misses_max, False, agent.weight, agent.rank)
            yield (inputs.AgentTraits, agent.id), (traits,)
        for name, queue in self.config.items():
            number, strategy = self.queues[name], Strategy[queue.strategy.upper().replace("-", "_")]
            yield (inputs.QueueEmpties, number), (inputs.QueueEmpties(number, sum(CAUSES[cause] for cause in set(queue.when_empty))),)
            yield (inputs.QueueOffers, number), (inputs.QueueOffers(number, strategy, queue.at_once, ms(queue.more_s), seed=number),)

    def _say(self, now_ms: int, key: object, given: tuple[inputs.Input, ...]) -> list[Any]:
        if self._said.get(key) == given:
            return []
        self._said[key] = given
        return [decision for one in given for decision in self.feed(now_ms, one)]

    def _widens(self, number: int, queue: Queue) -> tuple[inputs.QueueWidens, ...]:
        """All steps anew: in between they would not be in order."""
        steps = [inputs.QueueWidens(number, 0, 0)]
        for step, wide in enumerate(queue.widen):
            also = -1 if wide.also is None else self.queues[QueueId(wide.also)]
            steps.append(inputs.QueueWidens(number, step, ms(wide.after_s), wide.lower, also))
        return tuple(steps)

    @staticmethod
    def _queue_set(number: int, queue: Queue) -> inputs.QueueSet:
        reject_ms, busy_ms = (-1 if rest is None else ms(rest) for rest in (queue.reject_rest_s, queue.busy_rest_s))
        return inputs.QueueSet(number, ms(queue.ring_limit_s), ms(queue.rest_s), reject_ms, busy_ms)

    def _levels(self, skills: dict[str, int]) -> tuple[tuple[int, int], ...]:
        return tuple((self.skills.setdefault(skill, len(self.skills)), level) for skill, level in skills.items())

    def _agent_set(self, agent: Agent) -> inputs.AgentSet:
        """An offer to an outside phone may take DIAL_ALLOWANCE_MS until it rings."""
        name = AgentId(agent.id)
        number = self.agents.setdefault(name, len(self.agents))
        self._agent_ids[number] = name
        return inputs.AgentSet(
            number,
            queues=tuple(self.queues[QueueId(queue)] for queue in agent.queues),
            wrap_up_ms=ms(agent.wrap_up_s),
            setup_ms=DIAL_ALLOWANCE_MS if name in self._at_phones else 0,
            orders=tuple(agent.orders.get(queue, 1) for queue in agent.queues),
            skills=self._levels(agent.skills),
        )

    def agent_at(self, agent: Agent, phone: bool, now_ms: int) -> list[Any]:
        """The agent sits down at a seat of this kind."""
        if phone:
            self._at_phones.add(AgentId(agent.id))
        else:
            self._at_phones.discard(AgentId(agent.id))
        return self._say(now_ms, (inputs.AgentSet, agent.id), (self._agent_set(agent),))

    def caller(
        self, call: int, queue: QueueId, line: Line, number: str | None, agent: AgentId | None = None, **more: Any
    ) -> inputs.CallWaits:
        """What the core is told of a caller. He asks for his queue's skills, whatever they are when an agent is looked for.

        A withheld number is 0, others are a number of their own that says nothing. agent: whose customer he is, where that counts.
        """
        digest = 0 if number is None else int.from_bytes(blake2b(national(number).encode(), digest_size=8).digest()) >> 2
        owner = -1 if agent is None else self.agents[agent]
        owner_ms = 0 if agent is None else ms(self.config[queue].last_agent_s)
        return inputs.CallWaits(
            call, self.queues[queue], self.queues[queue], line.priority, line.tier, owner=owner, owner_ms=owner_ms, number=digest, **more
        )  # fmt: skip

    def feed(self, now_ms: int, given: inputs.Input) -> list[Any]:
        """The only door to the core. What is due comes before the input, in a step of its own (rule 19): so it can be watched."""
        due = self.core.next_deadline_ms
        first = [] if due is None or due > now_ms or isinstance(given, inputs.Tick) else self._step(now_ms, inputs.Tick())
        return [*first, *self._step(now_ms, given)]

    def _step(self, now_ms: int, given: inputs.Input) -> list[Any]:
        """A tick that decided nothing has changed nothing, and is not written down."""
        decisions = list(self.core.feed(now_ms, given))
        if decisions or not isinstance(given, inputs.Tick):
            self._told.append((now_ms, given))
        if self.onlooker is not None:
            self.onlooker.note(now_ms, given, decisions)
        return decisions

    @staticmethod
    def copy(state: dict[str, Any]) -> Acd:
        """A core in that state, to try things with; the office's own hears nothing of it."""
        return Acd.restore(state)

    def take_facts(self, now_ms: int) -> list[RoutingNamed | RoutingFed]:
        """What the core was told since last time, and its numbers where they are new: with these its decisions can be made again."""
        facts: list[RoutingNamed | RoutingFed] = []
        named = RoutingNamed(at_ms=now_ms, queues={**self.queues}, agents={**self.agents})
        if self._named is None or (self._named.queues, self._named.agents) != (named.queues, named.agents):
            self._named = named
            facts.append(named)
        if self._told:
            rows = trace.pack(self._told)
            if sys.byteorder == "big":
                rows.byteswap()
            facts.append(RoutingFed(at_ms=now_ms, rows=rows.tobytes(), hash=self.core.hash))
            self._told.clear()
        return facts

    def know(self, queues: dict[int, str], agents: dict[int, str]) -> None:
        """Before anything is configured: the numbers of another day."""
        self.queues = {QueueId(name): number for number, name in queues.items()}
        self.agents = {AgentId(name): number for number, name in agents.items()}

    def take_told(self) -> list[tuple[int, inputs.Input]]:
        told, self._told = self._told, []
        return told

    def agent_id(self, number: int) -> AgentId:
        return self._agent_ids[number]

    def known_agent(self, number: int) -> AgentId | None:
        return self._agent_ids.get(number)

    def queue_id(self, number: int) -> QueueId:
        return next(name for name, known in self.queues.items() if known == number)

    def call_id(self, number: int) -> CallId:
        return self._calls[number]

    def since_ms(self, number: int) -> int:
        """Since when he waits, as the core counts it: with what he has waited elsewhere."""
        since: int = self.core.state()["calls"][number]["since"]
        return since

    def knows(self, number: int) -> bool:
        return number in self._calls

    def call_begins(self, call: CallId, number: int) -> None:
        self._calls[number] = call

    def call_over(self, number: int) -> None:
        self._calls.pop(number, None)

    def waiting(self, queue: QueueId) -> Sequence[CallId]:
        """In the order in which they will be taken; callers with an open offer included."""
        return [self._calls[number] for number in self.core.waiting(self.queues[queue])]

    @property
    def next_ms(self) -> int | None:
        return self.core.next_deadline_ms


def bit(block: Block) -> int:
    return list(Block).index(block)
