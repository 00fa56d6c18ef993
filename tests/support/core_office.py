"""A small office round the routing core, in virtual time: says inputs in one word, and lets the onlooker see each step."""

from collections.abc import Callable
from typing import Any, Protocol

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.invariants import Watch

RING, REST, WRAP, HOLD = 15_000, 10_000, 10_000, 1_000
"""The lengths that an office has unless told otherwise; HOLD: who withdrew from an offer (rule 4)."""


class Core(Protocol):
    def feed(self, now_ms: int, given: i.Input, /) -> list[d.Decision]: ...
    @property
    def next_deadline_ms(self) -> int | None: ...
    @property
    def hash(self) -> int: ...
    def waiting(self, queue: int, /) -> list[int]: ...
    def agent(self, agent: int, /) -> tuple[str, int | None]: ...
    def explain(self, agent: int, /) -> str | None: ...
    def why_not(self, call: int, agent: int, /) -> str | None: ...
    def position(self, call: int, /) -> int: ...
    def expected_wait_ms(self, call: int, /) -> int | None: ...
    def measured(self, queue: int, /) -> tuple[int | None, int, int]: ...


class Office:
    """Rings last 15 s, rests 10 s, wrap-up 10 s unless told otherwise; queue 1 exists."""

    def __init__(self, make: Callable[[], Core], watched: bool = True) -> None:
        self.core = make()
        self.now = 0
        self.watch = Watch() if watched else None
        self(i.QueueSet(1))

    def __call__(self, given: i.Input) -> list[d.Decision]:
        """What is due first, then the input: the onlooker sees them apart."""
        decided: list[d.Decision] = []
        for one in (i.Tick(), given) if self.watch is not None else (given,):
            step = self.core.feed(self.now, one)
            if self.watch is not None:
                self.watch.saw(self.now, one, step)
            decided += step
        return decided

    def staff(self, *agents: int, queues: tuple[int, ...] = (1,), **values: Any) -> None:
        """These agents exist and log in, one millisecond after the other: the first is the longest idle."""
        for agent in agents:
            self(i.AgentSet(agent, queues, **values))
            self(i.AgentLogsIn(agent))
            self.now += 1

    def wait(self, ms: int) -> list[d.Decision]:
        """Time passes as on the box: a tick at each deadline."""
        decided: list[d.Decision] = []
        end = self.now + ms
        while (due := self.core.next_deadline_ms) is not None and due <= end:
            self.now = max(due, self.now)
            decided += self(i.Tick())
            after = self.core.next_deadline_ms
            assert after is None or after > self.now, "a deadline that has passed stays"
        self.now = end
        return decided + self(i.Tick())

    def queues(self, *queues: int) -> None:
        for queue in queues:
            self(i.QueueSet(queue))

    def call(self, call: int, queue: int = 1, **values: Any) -> list[d.Decision]:
        return self(i.CallWaits(call, queue, **values))

    def calls(self, *calls: int, queue: int = 1, **values: Any) -> list[d.Decision]:
        """One millisecond after the other."""
        decided: list[d.Decision] = []
        for call in calls:
            decided += self.call(call, queue, **values)
            self.now += 1
        return decided

    def talk(self, call: int, agent: int, queue: int = 1, **values: Any) -> None:
        """The call comes and this agent, who must be next, takes it."""
        assert offers(self.call(call, queue, **values)) == [(call, agent)]
        assert self(i.AgentAnswers(call, agent)) == [d.Connect(call, agent)]

    def whom(self, calls: int, queue: int = 1) -> list[int]:
        """Who gets these calls, one after the other; each talks for 1 s, without wrap-up."""
        first, order = self.now * 10, []
        for call in range(first, first + calls):
            ((_, agent),) = offers(self.call(call, queue))
            order.append(agent)
            self(i.AgentAnswers(call, agent))
            self.now += 1_000
            self(i.AgentHangsUp(agent))
        return order

    def served_by(self, agent: int, queues: tuple[int, ...] = (1,), **values: Any) -> list[int]:
        """A new agent comes and takes one caller after the other, in no time: their order."""
        self(i.AgentSet(agent, queues, wrap_up_ms=0, **values))
        order, decided = [], self(i.AgentLogsIn(agent))
        while mine := [call for call, who in offers(decided) if who == agent]:
            order += mine
            self(i.AgentAnswers(mine[0], agent))
            decided = self(i.AgentHangsUp(agent))
        return order


def offers(decided: list[d.Decision]) -> list[tuple[int, int]]:
    return [(decision.call, decision.agent) for decision in decided if isinstance(decision, d.Offer)]


def refused(why: str) -> list[d.Decision]:
    return [d.Refused(why)]
