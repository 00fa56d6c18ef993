"""The routing core's keeper (A3): the only one who feeds it, and who knows its small integers."""

import sys
from collections.abc import Sequence
from typing import Any

from appliance.base.ids import AgentId, CallId, QueueId
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Block
from appliance.core import Acd, inputs, trace
from appliance.events.routing import RoutingFed, RoutingNamed
from firmware_cfg.document import Agent, Document, Queue


def ms(seconds: float) -> int:
    return round(seconds * 1000)


class Queues:
    """Names on our side, integers on the core's; a number is never given again while the box runs."""

    def __init__(self) -> None:
        self.core = Acd()
        self.agents: dict[AgentId, int] = {}
        self.queues: dict[QueueId, int] = {}
        self.config: dict[QueueId, Queue] = {}
        self._agent_ids: dict[int, AgentId] = {}
        self._at_phones: set[AgentId] = set()
        self._calls: dict[int, CallId] = {}
        self._told: list[tuple[int, inputs.Input]] = []
        self._named: RoutingNamed | None = None

    def configure(self, document: Document, now_ms: int) -> list[Any]:
        """Tells the core what is new or other; the decisions that follow (a new queue may make an offer)."""
        decisions: list[Any] = []
        self.config = {QueueId(queue.id): queue for queue in document.queue}
        for name, queue in self.config.items():
            number = self.queues.setdefault(name, len(self.queues))
            decisions += self.feed(now_ms, inputs.QueueSet(number, ring_ms=ms(queue.ring_limit_s), rest_ms=ms(queue.rest_s)))
        for agent in document.agent:
            decisions += self.feed(now_ms, self._agent_set(agent))
        return decisions

    def _agent_set(self, agent: Agent) -> inputs.AgentSet:
        """An offer to an outside phone may take DIAL_ALLOWANCE_MS until it rings."""
        name = AgentId(agent.id)
        number = self.agents.setdefault(name, len(self.agents))
        self._agent_ids[number] = name
        setup_ms = DIAL_ALLOWANCE_MS if name in self._at_phones else 0
        queues = tuple(self.queues[QueueId(queue)] for queue in agent.queues)
        return inputs.AgentSet(number, queues=queues, wrap_up_ms=ms(agent.wrap_up_s), setup_ms=setup_ms)

    def agent_at(self, agent: Agent, phone: bool, now_ms: int) -> list[Any]:
        """The agent sits down at a seat of this kind."""
        if phone:
            self._at_phones.add(AgentId(agent.id))
        else:
            self._at_phones.discard(AgentId(agent.id))
        return self.feed(now_ms, self._agent_set(agent))

    def feed(self, now_ms: int, given: inputs.Input) -> list[Any]:
        """The only door to the core. A tick that decided nothing has changed nothing, and is not written down."""
        decisions = list(self.core.feed(now_ms, given))
        if decisions or not isinstance(given, inputs.Tick):
            self._told.append((now_ms, given))
        return decisions

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

    def agent_id(self, number: int) -> AgentId:
        return self._agent_ids[number]

    def call_id(self, number: int) -> CallId:
        return self._calls[number]

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
