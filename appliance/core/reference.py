"""The oracle of the routing core (A3 A4 E4): plain, slow, written from the rules in decisions.py. Read it first.

Everything is found by looking through everything; nothing is remembered that could be found. `_acd.pyx` must decide the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from appliance.core import decisions as d
from appliance.core import inputs as i

HOLD_MS: Final = 1_000
"""Rule 4: so long rests who withdrew from an offer or whose line failed; at most one offer a second (never-again 14)."""

ID_MAX: Final = 2**31 - 1
DURATION_MAX_MS: Final = 10**9
TIME_MAX_MS: Final = 2**61
TIMER_ORDER: Final = {"offered": 0, "resting": 1, "wrap_up": 2, "talking": 3}


@dataclass
class Queue:
    ring_ms: int
    rest_ms: int


@dataclass
class Agent:
    number: int
    queues: frozenset[int] = frozenset()
    wrap_up_ms: int = 0
    setup_ms: int = 0
    state: str = "logged_out"  # free offered talking wrap_up paused resting
    idle_since: int = 0
    until: int | None = None  # when the state ends by itself; of talking: when a vanished agent's call is requeued
    rest_until: int = 0
    pause_next: bool = False
    blocks: set[int] = field(default_factory=set)
    vanished: bool = False
    call: int | None = None
    offer_values: Queue | None = None  # the queue's values when the offer was made
    rang: bool = False

    @property
    def reachable(self) -> bool:
        return not self.blocks and not self.vanished

    @property
    def counts_in_rounds(self) -> bool:
        return self.reachable and self.state not in ("logged_out", "paused")


@dataclass
class Call:
    number: int
    queue: int
    place: tuple[int, int, int]  # arrival, steps before others of that arrival, number
    state: str = "waiting"  # offered talking
    agent: int | None = None
    had_turn: set[int] = field(default_factory=set)


def fits(value: int, top: int, low: int = 0) -> bool:
    return low <= value <= top


class Oracle:
    """`feed` one input at a time; times never go back."""

    def __init__(self) -> None:
        self.now = 0
        self.hash = 0xCBF29CE484222325
        self.queues: dict[int, Queue] = {}
        self.agents: dict[int, Agent] = {}
        self.calls: dict[int, Call] = {}
        self.out: list[d.Decision] = []

    def feed(self, now_ms: int, given: i.Input) -> list[d.Decision]:
        self.out = []
        if now_ms < self.now:
            self.out.append(d.Refused("time runs backwards"))
        elif now_ms > TIME_MAX_MS:
            self.out.append(d.Refused("bad value"))
        else:
            self.now = now_ms
            self._settle()
            why = HANDLERS[type(given)](self, given)
            if why is not None:
                self.out.append(d.Refused(why))
            self._settle()
        for decision in self.out:
            self._count(decision)
        return self.out

    def _count(self, decision: d.Decision) -> None:
        """The hash of all decisions so far: FNV-1a over 64-bit words."""
        call: Any = d.REASONS.index(decision.why) if isinstance(decision, d.Refused) else getattr(decision, "call", -1)
        words = (self.now, NAMES.index(type(decision).__name__), call, getattr(decision, "agent", -1), getattr(decision, "until_ms", -1))
        for word in words:
            self.hash = ((self.hash ^ (word % 2**64)) * 0x100000001B3) % 2**64

    # --- what others ask

    @property
    def next_deadline_ms(self) -> int | None:
        return min((agent.until for agent in self.agents.values() if agent.until is not None), default=None)

    def waiting(self, queue: int) -> list[int]:
        """Callers who are not joined with anybody, those with an open offer included, first the first."""
        return [call.number for call in self._in_order() if call.queue == queue and call.state != "talking"]

    def agent(self, agent: int) -> tuple[str, int | None]:
        known = self.agents[agent]
        return known.state, known.until

    def explain(self, agent: int) -> str | None:
        """Why this agent gets no call now; None: he would get the next one."""
        known = self.agents[agent]
        if known.state == "free":
            if known.vanished:
                return "vanished"
            if known.blocks:
                return "blocked"
            if not known.queues:
                return "no queue"
            waits = any(call.state == "waiting" and call.queue in known.queues for call in self.calls.values())
            return "had turn" if waits else None
        return known.state

    # --- a step

    def _settle(self) -> None:
        while due := [agent for agent in self.agents.values() if agent.until is not None and agent.until <= self.now]:
            self._fire(min(due, key=lambda agent: (agent.until, TIMER_ORDER[agent.state], agent.number)))
        for call in self.calls.values():
            self._new_round(call)
        for call in self._in_order():
            if call.state == "waiting":
                self._match(call)

    def _in_order(self) -> list[Call]:
        return sorted(self.calls.values(), key=lambda call: call.place)

    def _fire(self, agent: Agent) -> None:
        due = agent.until
        assert due is not None
        if agent.state == "offered":
            self._turn_over(agent, d.Missed)
        elif agent.state == "talking":
            self._requeue(agent)
        else:
            self._make_free(agent, due)

    def _new_round(self, call: Call) -> None:
        """Rule 5."""
        if not call.had_turn:
            return
        who = [agent for agent in self.agents.values() if call.queue in agent.queues and agent.counts_in_rounds]
        if call.state != "talking" and all(agent.number in call.had_turn for agent in who):
            call.had_turn.clear()

    def _match(self, call: Call) -> None:
        """Rules 1 and 2."""
        may = [
            agent
            for agent in self.agents.values()
            if agent.state == "free" and agent.reachable and call.queue in agent.queues and agent.number not in call.had_turn
        ]
        if may:
            self._offer(call, min(may, key=lambda agent: (agent.idle_since, agent.number)))

    def _offer(self, call: Call, agent: Agent) -> None:
        """Rule 3."""
        queue = self.queues[call.queue]
        call.state, call.agent = "offered", agent.number
        agent.state, agent.call, agent.rang, agent.offer_values = "offered", call.number, False, Queue(queue.ring_ms, queue.rest_ms)
        agent.until = self.now + agent.setup_ms + queue.ring_ms
        self.out.append(d.Offer(call.number, agent.number, agent.until))

    # --- an offer ends

    def _part(self, agent: Agent) -> Call:
        """The offer is over; the caller keeps his place."""
        assert agent.call is not None
        call = self.calls[agent.call]
        call.state, call.agent = "waiting", None
        agent.call = agent.until = None
        return call

    def _turn_over(self, agent: Agent, how: type[d.Missed | d.Rejected | d.Withdrawn]) -> None:
        """Missed, rejected or failed."""
        values = agent.offer_values
        assert values is not None
        call = self._part(agent)
        call.had_turn.add(agent.number)
        self.out.append(how(call.number, agent.number))
        self._rest(agent, HOLD_MS if how is d.Withdrawn else values.rest_ms)

    def _withdraw(self, agent: Agent) -> None:
        """The agent's own doing: not a miss, not a turn, but he is held for a moment."""
        if agent.state == "offered":
            call = self._part(agent)
            self.out.append(d.Withdrawn(call.number, agent.number))
            agent.state, agent.rest_until = "held", self.now + HOLD_MS

    # --- an agent's states

    def _rest(self, agent: Agent, rest_ms: int) -> None:
        agent.rest_until = self.now + rest_ms
        self._come_back(agent)

    def _come_back(self, agent: Agent) -> None:
        """Free, or what is left of a rest."""
        if agent.rest_until > self.now:
            agent.state, agent.until = "resting", agent.rest_until
            self.out.append(d.Rests(agent.number, agent.rest_until))
        else:
            self._make_free(agent, self.now)

    def _make_free(self, agent: Agent, since: int) -> None:
        agent.state, agent.until, agent.idle_since = "free", None, since
        self.out.append(d.Free(agent.number))

    def _pause(self, agent: Agent) -> None:
        agent.state, agent.until, agent.pause_next = "paused", None, False

    def _talk_over(self, agent: Agent) -> None:
        """Rule 6."""
        assert agent.call is not None
        self.out.append(d.Release(agent.call, agent.number))
        del self.calls[agent.call]
        agent.call = agent.until = None
        if agent.pause_next:
            self._pause(agent)
            self.out.append(d.Paused(agent.number))
        elif agent.wrap_up_ms:
            agent.state, agent.until = "wrap_up", self.now + agent.wrap_up_ms
            self.out.append(d.WrapUp(agent.number, agent.until))
        else:
            self._make_free(agent, self.now)

    def _requeue(self, agent: Agent) -> None:
        """Rule 7."""
        call = self._part(agent)
        call.had_turn.clear()
        others = [
            other.place for other in self.calls.values() if other.queue == call.queue and other is not call and other.state != "talking"
        ]
        if others and min(others) < call.place:
            arrival, steps, _ = min(others)
            call.place = (arrival, steps - 1, call.number)
        self.out.append(d.Requeued(call.number, agent.number))
        if agent.pause_next:
            self._pause(agent)
            self.out.append(d.Paused(agent.number))
        else:
            agent.state, agent.idle_since = "free", self.now

    # --- inputs: each gives why it is refused, or None

    def _queue_set(self, given: i.QueueSet) -> str | None:
        if not (fits(given.queue, ID_MAX) and fits(given.ring_ms, DURATION_MAX_MS, low=1) and fits(given.rest_ms, DURATION_MAX_MS)):
            return "bad value"
        self.queues[given.queue] = Queue(given.ring_ms, given.rest_ms)
        return None

    def _agent_set(self, given: i.AgentSet) -> str | None:
        if not (fits(given.agent, ID_MAX) and fits(given.wrap_up_ms, DURATION_MAX_MS) and fits(given.setup_ms, DURATION_MAX_MS)):
            return "bad value"
        if not set(given.queues) <= set(self.queues):
            return "unknown queue"
        agent = self.agents.setdefault(given.agent, Agent(given.agent))
        agent.queues, agent.wrap_up_ms, agent.setup_ms = frozenset(given.queues), given.wrap_up_ms, given.setup_ms
        if agent.state == "offered" and agent.call is not None and self.calls[agent.call].queue not in agent.queues:
            self.out.append(d.Withdrawn(self._part(agent).number, agent.number))
            agent.state = "free"
        return None

    def _logs_in(self, given: i.AgentLogsIn) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state != "logged_out":
            return "logged in already"
        agent.vanished = False
        self._come_back(agent)
        return None

    def _logs_out(self, given: i.AgentLogsOut) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state in ("logged_out", "talking"):
            return "not logged in" if agent.state == "logged_out" else "talking"
        self._withdraw(agent)
        agent.state, agent.until = "logged_out", None
        return None

    def _pauses(self, given: i.AgentPauses) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state == "logged_out":
            return "not logged in"
        if agent.state == "paused" or agent.pause_next:
            return "paused already"
        if agent.state == "talking":
            agent.pause_next = True
            return None
        self._withdraw(agent)
        self._pause(agent)
        return None

    def _resumes(self, given: i.AgentResumes) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state == "logged_out":
            return "not logged in"
        if agent.pause_next:
            agent.pause_next = False
        elif agent.state in ("paused", "wrap_up"):
            self._come_back(agent)
        else:
            return "nothing to resume"
        return None

    def _blocked(self, given: i.AgentBlocked) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if not fits(given.reason, 30):
            return "bad value"
        agent.blocks.add(given.reason)
        self._lose_offer(agent)
        return None

    def _unblocked(self, given: i.AgentUnblocked) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if not fits(given.reason, 30):
            return "bad value"
        agent.blocks.discard(given.reason)
        return None

    def _vanishes(self, given: i.AgentVanishes) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if not fits(given.keep_ms, DURATION_MAX_MS):
            return "bad value"
        if agent.state == "talking" and not agent.vanished:
            agent.until = self.now + given.keep_ms
        agent.vanished = True
        self._lose_offer(agent)
        return None

    def _lose_offer(self, agent: Agent) -> None:
        if agent.state == "offered":
            self._withdraw(agent)
            self._come_back(agent)

    def _returns(self, given: i.AgentReturns) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        agent.vanished = False
        if agent.state == "talking":
            agent.until = None
        return None

    def _call_waits(self, given: i.CallWaits) -> str | None:
        if not fits(given.call, ID_MAX):
            return "bad value"
        if given.call in self.calls:
            return "call exists"
        if given.queue not in self.queues:
            return "unknown queue"
        self.calls[given.call] = Call(given.call, given.queue, (self.now, 0, given.call))
        return None

    def _call_leaves(self, given: i.CallLeaves) -> str | None:
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if call.agent is not None:
            agent = self.agents[call.agent]
            if call.state == "talking":
                self._talk_over(agent)
                return None
            self._part(agent)
            agent.state = "free"
            self.out.append(d.Withdrawn(call.number, agent.number))
        del self.calls[call.number]
        return None

    def _no_offer(self, given: i.OfferRings | i.AgentAnswers | i.AgentRejects | i.OfferFails) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if given.call not in self.calls:
            return "unknown call"
        return None if agent.state == "offered" and agent.call == given.call else "no such offer"

    def _rings(self, given: i.OfferRings) -> str | None:
        if (why := self._no_offer(given)) is not None:
            return why
        agent = self.agents[given.agent]
        assert agent.offer_values is not None
        assert agent.until is not None
        if not agent.rang:
            agent.rang, agent.until = True, self.now + agent.offer_values.ring_ms
        self.out.append(d.Ringing(given.call, given.agent, agent.until))
        return None

    def _answers(self, given: i.AgentAnswers) -> str | None:
        if (why := self._no_offer(given)) is not None:
            return why
        agent, call = self.agents[given.agent], self.calls[given.call]
        call.state = agent.state = "talking"
        agent.until = None
        self.out.append(d.Connect(given.call, given.agent))
        return None

    def _rejects(self, given: i.AgentRejects) -> str | None:
        if (why := self._no_offer(given)) is None:
            self._turn_over(self.agents[given.agent], d.Rejected)
        return why

    def _fails(self, given: i.OfferFails) -> str | None:
        if (why := self._no_offer(given)) is None:
            self._turn_over(self.agents[given.agent], d.Withdrawn)
        return why

    def _hangs_up(self, given: i.AgentHangsUp) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state != "talking":
            return "not talking"
        self._talk_over(agent)
        return None

    def _tick(self, _: i.Tick) -> str | None:
        return None


NAMES: Final = (
    "Offer", "Ringing", "Missed", "Rejected", "Withdrawn", "Connect", "Release", "WrapUp", "Rests", "Paused", "Free", "Requeued", "Refused",
)  # fmt: skip

HANDLERS: Final[dict[type, Callable[[Oracle, Any], str | None]]] = {
    i.QueueSet: Oracle._queue_set,
    i.AgentSet: Oracle._agent_set,
    i.AgentLogsIn: Oracle._logs_in,
    i.AgentLogsOut: Oracle._logs_out,
    i.AgentPauses: Oracle._pauses,
    i.AgentResumes: Oracle._resumes,
    i.AgentBlocked: Oracle._blocked,
    i.AgentUnblocked: Oracle._unblocked,
    i.AgentVanishes: Oracle._vanishes,
    i.AgentReturns: Oracle._returns,
    i.CallWaits: Oracle._call_waits,
    i.CallLeaves: Oracle._call_leaves,
    i.OfferRings: Oracle._rings,
    i.AgentAnswers: Oracle._answers,
    i.AgentRejects: Oracle._rejects,
    i.OfferFails: Oracle._fails,
    i.AgentHangsUp: Oracle._hangs_up,
    i.Tick: Oracle._tick,
}
