"""The oracle of the routing core (A3 A4 E4): plain, slow, written from the rules in decisions.py. Read it first.

Everything is found by looking through everything; nothing is remembered that could be found. `_acd.pyx` must decide the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final, get_args

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Empty, Strategy

HOLD_MS: Final = 1_000
"""Rule 4: so long rests who withdrew from an offer or whose line failed; at most one offer a second (never-again 14)."""

ID_MAX: Final = 2**31 - 1
DURATION_MAX_MS: Final = 10**9
TIME_MAX_MS: Final = 2**50
POINTS_MAX: Final = 10**6
AGEING_MAX: Final = 1_000
LEVEL_MAX: Final = 9
STEPS: Final = 8
AT_ONCE_MAX: Final = 64
TIMER_ORDER: Final = {"offered": 0, "resting": 1, "wrap_up": 2, "talking": 3}

Place = tuple[int, int, int, int]  # minus the score, since, steps before others of that age, number


@dataclass
class Queue:
    number: int
    tenant: int
    ring_ms: int = 0
    rest_ms: int = 0
    reject_ms: int = 0
    busy_ms: int = 0
    strategy: int = Strategy.LONGEST_IDLE
    at_once: int = 1
    more_ms: int = 0
    reserve: int = 0
    random: int = 0
    weight: int = 0
    ageing: int = 0
    tier_points: int = 100
    length_max: int = 0
    wait_max_ms: int = 0
    overflow_ms: int = 0
    overflow_to: int = 0
    back_ms: int = 0
    causes: int = 0
    steps: list[tuple[int, int, int]] = field(default_factory=list)  # after_ms, lower, also
    asked: dict[int, int] = field(default_factory=dict)  # agent: when this queue asked him last, counted in offers
    offers: int = 0
    served_ms: int | None = None  # the last talk began, and others went on waiting
    interval: int | None = None  # between talks' beginnings while others wait, in 1/256 ms
    errors_ms: int = 0  # of the expected waits told at joining
    errors: int = 0


@dataclass
class Agent:
    number: int
    tenant: int = 0
    queues: dict[int, int] = field(default_factory=dict)  # queue: order
    skills: dict[int, int] = field(default_factory=dict)  # skill: level
    wrap_up_ms: int = 0
    setup_ms: int = 0
    misses_max: int = 0
    on_demand: bool = False
    weight: int = 1
    rank: int = 0
    state: str = "logged_out"  # free offered talking wrap_up paused resting busy
    idle_since: int = 0
    until: int | None = None  # when the state ends by itself; of talking: when a vanished agent's call is requeued
    rest_until: int = 0
    pause_next: bool = False
    asks: bool = False
    blocks: set[int] = field(default_factory=set)
    vanished: bool = False
    call: int | None = None
    rests: tuple[int, int, int, int] = (0, 0, 0, 0)  # ring, rest, reject, busy of the queue when the offer was made
    rang: bool = False
    misses: int = 0  # in a row
    calls: int = 0
    talk_ms: int = 0
    since: int = 0  # the talk began

    @property
    def reachable(self) -> bool:
        return not self.blocks and not self.vanished

    @property
    def ready(self) -> bool:
        """Rule 1, as far as it is his own."""
        return self.state == "free" and self.reachable and (self.asks or not self.on_demand)

    @property
    def counts_in_rounds(self) -> bool:
        return self.reachable and self.state not in ("logged_out", "paused") and (self.asks or not self.on_demand)


@dataclass
class Call:
    number: int
    queue: int
    want: int
    priority: int
    tier: int
    since: int
    joined: int
    owner: int = -1
    owner_ms: int = 0
    customer: int = 0
    callback: bool = False
    never: frozenset[int] = frozenset()
    place: tuple[int, int, int, int] = (0, 0, 0, 0)  # priority, tier, since, step: his own, or those of whom he was put before
    state: str = "waiting"  # waiting (with offers or without) talking
    agent: int | None = None  # who talks
    dialled: bool = False  # the customer of a call-back, not there yet
    rung_at: int | None = None  # the first of his open offers
    had_turn: set[int] = field(default_factory=set)
    expected: int | None = None  # wait told at joining


def plain(thing: Any) -> dict[str, Any]:
    return {name.name: getattr(thing, name.name) for name in fields(thing)}


def fits(value: int, top: int, low: int = 0) -> bool:
    return low <= value <= top


def splitmix64(state: int) -> tuple[int, int]:
    """(new state, number). Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014."""
    state = (state + 0x9E3779B97F4A7C15) % 2**64
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return state, z ^ (z >> 31)


class Oracle:
    """`feed` one input at a time; times never go back."""

    def __init__(self) -> None:
        self.now = 0
        self.hash = 0xCBF29CE484222325
        self.queues: dict[int, Queue] = {}
        self.agents: dict[int, Agent] = {}
        self.calls: dict[int, Call] = {}
        self.wants: dict[int, tuple[dict[int, int], dict[int, int]]] = {}
        self.tenants: dict[int, tuple[int, int]] = {}
        self.cut: list[tuple[int, int, int, int]] = []  # queue, number, since, until
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
        """The hash of all decisions so far: FNV-1a over three 64-bit words each."""
        call: Any = d.REASONS.index(decision.why) if isinstance(decision, d.Refused) else getattr(decision, "call", -1)
        second = next((getattr(decision, name) for name in d.SECOND if hasattr(decision, name)), -1)
        kind = NAMES.index(type(decision).__name__)
        for word in (self.now << 5 | kind, (call << 32) + second, getattr(decision, "until_ms", -1)):
            self.hash = ((self.hash ^ (word % 2**64)) * 0x100000001B3) % 2**64

    # --- what others ask

    @property
    def next_deadline_ms(self) -> int | None:
        agents = [agent.until for agent in self.agents.values() if agent.until is not None]
        return min([*agents, *(due for call in self.calls.values() for due in self._call_deadlines(call))], default=None)

    def waiting(self, queue: int) -> list[int]:
        """Callers who are not joined with anybody, those with an open offer included, first the first."""
        return [
            call.number for call in self._in_order(call for call in self.calls.values() if call.queue == queue and call.state == "waiting")
        ]

    def agent(self, agent: int) -> tuple[str, int | None]:
        known = self.agents[agent]
        return known.state, known.until

    def explain(self, agent: int) -> str | None:
        """Why this agent gets no call now, though the first caller of his queues waits; None: he would get the next one."""
        known = self.agents[agent]
        if known.state == "free":
            if known.vanished:
                return "vanished"
            if known.blocks:
                return "blocked"
            if known.on_demand and not known.asks:
                return "not asked"
            if not known.queues:
                return "no queue"
            waits = [call for call in self.calls.values() if call.queue in known.queues and self._unoffered(call)]
            return self.why_not(self._in_order(waits)[0].number, agent) if waits else None
        return known.state

    def why_not(self, call: int, agent: int) -> str | None:
        """Why this agent may not take this caller now; None: he may. One of WHY_NOT, the first that holds."""
        known, who = self.calls[call], self.agents[agent]
        if known.state != "waiting":
            return "talking already"
        if known.queue not in who.queues and not any(queue in who.queues for queue in self._added(known)):
            return "other queue"
        if not self._order(known, who):
            return "lacks skill"
        if agent in known.never:
            return "excluded"
        if who.state != "free":
            return who.state
        if not who.reachable:
            return "vanished" if who.vanished else "blocked"
        if not who.ready:
            return "not asked"
        if agent in known.had_turn:
            return "had turn"
        if self._held(known) and agent != known.owner:
            return "held for owner"
        if self._ringing(known) >= self._at_once(known):
            return "rings already"
        if self._spare(known) <= 0:
            return "reserve"
        return "number busy" if self._number_busy(known) else None

    def position(self, call: int) -> int:
        """1: the first of his queue; those with an open offer count."""
        return self.waiting(self.calls[call].queue).index(call) + 1

    def expected_wait_ms(self, call: int) -> int | None:
        """From the queue's own measured rate; None before there was one."""
        interval = self.queues[self.calls[call].queue].interval
        return None if interval is None else (self.position(call) * interval) >> 8

    def measured(self, queue: int) -> tuple[int | None, int, int]:
        """(ms between talks' beginnings while others wait, waits that were foretold, sum of their errors in ms)."""
        known = self.queues[queue]
        return None if known.interval is None else known.interval >> 8, known.errors, known.errors_ms

    def state(self) -> dict[str, Any]:
        """All that decides what comes, as plain data; the core gives the same, and can be made from it again (`Acd.restore`)."""
        return {
            "now": self.now,
            "hash": self.hash,
            "queues": {queue.number: self._queue_state(queue) for queue in self.queues.values()},
            "wants": {want: {"needs": needs, "prefers": prefers} for want, (needs, prefers) in self.wants.items()},
            "tenants": dict(self.tenants),
            "agents": {agent.number: plain(agent) | {"blocks": sorted(agent.blocks)} for agent in self.agents.values()},
            "calls": {call.number: self._call_state(call) for call in self.calls.values()},
            "cut": [one for one in self.cut if one[3] > self.now],
        }

    def _queue_state(self, queue: Queue) -> dict[str, Any]:
        return plain(queue) | {"overflow_to": queue.overflow_to if queue.overflow_ms else 0, "strategy": int(queue.strategy)}

    def _call_state(self, call: Call) -> dict[str, Any]:
        rings = self._ringing(call) > 0
        return plain(call) | {
            "never": sorted(call.never),
            "had_turn": sorted(call.had_turn) if rings or call.state == "waiting" else [],
            "rung_at": call.rung_at if rings else None,
            "owner_ms": call.owner_ms if call.owner >= 0 else 0,
        }

    # --- a step

    def _settle(self) -> None:
        while due := [agent for agent in self.agents.values() if agent.until is not None and agent.until <= self.now]:
            self._fire(min(due, key=lambda agent: (agent.until, TIMER_ORDER[agent.state], agent.number)))
        for number in sorted(self.calls):
            if self._unoffered(self.calls[number]):
                self._time_for(self.calls[number])
        self._new_rounds()
        while self._match():
            self._new_rounds()

    def _in_order(self, calls: Any) -> list[Call]:
        return sorted(calls, key=self._place)

    def _points(self, call: Call) -> int:
        queue, (priority, tier, _, _) = self.queues[call.queue], call.place
        return queue.weight + priority + tier * queue.tier_points

    def _place(self, call: Call) -> Place:
        """Rule 9."""
        _, _, since, step = call.place
        score = 1_000 * self._points(call) + self.queues[call.queue].ageing * (self.now - since)
        return -score, since, step, call.number

    def _fire(self, agent: Agent) -> None:
        due = agent.until
        assert due is not None
        if agent.state == "offered":
            assert agent.call is not None
            if self.calls[agent.call].state == "talking":
                self._taken(agent)
            else:
                self._turn_over(agent, d.Missed, agent.rests[1])
        elif agent.state == "talking":
            self._requeue(agent)
        elif agent.rest_until > self.now:
            self._come_back(agent)
        else:
            self._make_free(agent, max(due, agent.rest_until))

    # --- callers and time (rules 11 to 15)

    def _ringing(self, call: Call) -> int:
        return sum(agent.state == "offered" and agent.call == call.number for agent in self.agents.values())

    def _unoffered(self, call: Call) -> bool:
        return call.state == "waiting" and not self._ringing(call)

    def _call_deadlines(self, call: Call) -> Iterator[int]:
        """When time will do something to him; what is past has been done, or waits for an offer to end."""
        if call.state != "waiting":
            return
        queue = self.queues[call.queue]
        if self._ringing(call) >= self._at_once(call) and not (queue.more_ms or call.had_turn):
            return  # nothing, before an offer ends
        after = [step[0] for step in queue.steps] + [call.owner_ms if call.owner >= 0 else 0, queue.overflow_ms, queue.wait_max_ms]
        dues = [call.joined + ms for ms in after if ms]
        if call.rung_at is not None and queue.more_ms and self._ringing(call) and 0 < self._at_once(call) < AT_ONCE_MAX:
            dues.append(call.rung_at + ((self.now - call.rung_at) // queue.more_ms + 1) * queue.more_ms)
        yield from (due for due in dues if due > self.now)

    def _time_for(self, call: Call) -> None:
        queue, waited = self.queues[call.queue], self.now - call.joined
        if queue.overflow_ms and waited >= queue.overflow_ms:
            self._join(call, queue.overflow_to)
        queue, waited = self.queues[call.queue], self.now - call.joined
        if queue.wait_max_ms and waited >= queue.wait_max_ms:
            self.out.append(d.Expired(call.number))
            del self.calls[call.number]
        elif (cause := self._cause(queue)) & queue.causes:
            self.out.append(d.NobodyThere(call.number, cause))
            del self.calls[call.number]

    def _cause(self, queue: Queue) -> int:
        """Rule 15."""
        staff = {agent.state for agent in self.agents.values() if queue.number in agent.queues} - {"logged_out"}
        if not staff:
            return Empty.NOBODY_LOGGED_IN
        if staff == {"paused"}:
            return Empty.ALL_PAUSED
        return Empty.ALL_IN_WRAP_UP if staff <= {"paused", "wrap_up"} else 0

    def _join(self, call: Call, queue: int) -> None:
        if call.want == call.queue:
            call.want = queue if queue in self.wants else -1
        call.queue, call.joined, call.rung_at, call.owner, call.expected = queue, self.now, None, -1, None
        call.place = (call.priority, call.tier, call.since, 0)
        call.had_turn.clear()
        self._arrives(call)
        self.out.append(d.Moved(call.number, queue))

    def _arrives(self, call: Call) -> None:
        """The queue's rate is measured only while callers wait without a break."""
        if not any(other.queue == call.queue and other.state == "waiting" and other is not call for other in self.calls.values()):
            self.queues[call.queue].served_ms = None

    # --- who may take whom (rules 1, 2, 5, 8, 10)

    def _step(self, call: Call) -> int:
        """How many steps of widening hold."""
        return sum(after <= self.now - call.joined for after, _, _ in self.queues[call.queue].steps)

    def _added(self, call: Call) -> list[int]:
        return [also for _, _, also in self.queues[call.queue].steps[: self._step(call)] if also >= 0]

    def _order(self, call: Call, agent: Agent) -> int:
        """Of this pair, 1..9; 0: never, by queue or skill."""
        step = self._step(call)
        lower = self.queues[call.queue].steps[step - 1][1] if step else 0
        needs = self.wants[call.want][0] if call.want >= 0 else {}
        if any(agent.skills.get(skill, 0) < level - lower for skill, level in needs.items()):
            return 0
        return min((agent.queues[queue] for queue in (call.queue, *self._added(call)) if queue in agent.queues), default=0)

    def _could_ever(self, call: Call, agent: Agent) -> bool:
        return self._order(call, agent) > 0 and agent.number not in call.never

    def _held(self, call: Call) -> bool:
        """Rule 8: for his owner alone."""
        owner = self.agents.get(call.owner)
        if owner is None or self.now - call.joined >= call.owner_ms:
            return False
        return self._could_ever(call, owner) and owner.counts_in_rounds and owner.number not in call.had_turn

    def _at_once(self, call: Call) -> int:
        """Rule 10."""
        queue = self.queues[call.queue]
        most = queue.at_once or AT_ONCE_MAX
        if queue.more_ms and call.rung_at is not None and self._ringing(call):
            most += (self.now - call.rung_at) // queue.more_ms
        return min(most, AT_ONCE_MAX)

    def _spare(self, call: Call) -> int:
        queue = self.queues[call.queue]
        if not queue.reserve:
            return 1
        return sum(agent.ready and queue.number in agent.queues for agent in self.agents.values()) - queue.reserve

    def _number_busy(self, call: Call) -> bool:
        if not call.callback:
            return False
        others = [other for other in self.calls.values() if other is not call and other.customer == call.customer]
        return any(other.state == "talking" or self._ringing(other) for other in others)

    def _open(self, call: Call) -> bool:
        """Rule 1, as far as it is the caller's."""
        return (
            call.state == "waiting" and self._ringing(call) < self._at_once(call) and self._spare(call) > 0 and not self._number_busy(call)
        )

    def _may(self, call: Call, agent: Agent) -> bool:
        return agent.ready and self._could_ever(call, agent) and agent.number not in call.had_turn

    def _new_rounds(self) -> None:
        """Rule 5."""
        for call in self.calls.values():
            if call.had_turn and call.state == "waiting":
                who = [agent for agent in self.agents.values() if self._could_ever(call, agent) and agent.counts_in_rounds]
                if all(agent.number in call.had_turn for agent in who):
                    call.had_turn.clear()

    def _match(self) -> bool:
        """Rule 2: one pass; whether there was an offer (one on demand who is offered may end a hold or a round)."""
        before = len(self.out)
        if not any(agent.ready for agent in self.agents.values()):
            return False
        for number in sorted(self.agents):
            agent = self.agents[number]
            theirs = [call for call in self.calls.values() if call.owner == number and self._open(call) and self._may(call, agent)]
            if theirs:
                self._offer(self._in_order(theirs)[0], agent)
        for order in sorted({order for agent in self.agents.values() if agent.ready for order in agent.queues.values()}):
            for call in self._in_order(self.calls.values()):
                while self._open(call) and not self._held(call):
                    may = [agent for agent in self.agents.values() if self._order(call, agent) == order and self._may(call, agent)]
                    if not may:
                        break
                    self._offer(call, self._chosen(call, may))
        return len(self.out) > before

    def _chosen(self, call: Call, may: list[Agent]) -> Agent:
        """Rule 9."""
        needs, prefers = self.wants[call.want] if call.want >= 0 else ({}, {})
        liked = [agent for agent in may if all(agent.skills.get(skill, 0) >= level for skill, level in prefers.items())]
        may = sorted(liked or may, key=lambda agent: agent.number)
        queue = self.queues[call.queue]
        if queue.strategy == Strategy.RANDOM:
            return self._drawn(queue, may)
        key: Callable[[Agent], int] = {
            Strategy.LONGEST_IDLE: lambda _: 0,
            Strategy.BEST_LEVEL: lambda agent: -sum(agent.skills.get(skill, 0) for skill in {**needs, **prefers}),
            Strategy.FEWEST_CALLS: lambda agent: agent.calls,
            Strategy.LEAST_TALK: lambda agent: agent.talk_ms,
            Strategy.ROUND_ROBIN: lambda agent: queue.asked.get(agent.number, 0),
            Strategy.FIXED: lambda agent: agent.rank,
        }[Strategy(queue.strategy)]
        return min(may, key=lambda agent: (key(agent), agent.idle_since, agent.number))

    def _drawn(self, queue: Queue, may: list[Agent]) -> Agent:
        if len(may) == 1:
            return may[0]
        queue.random, number = splitmix64(queue.random)
        number %= sum(agent.weight for agent in may)
        for agent in may:
            if number < agent.weight:
                return agent
            number -= agent.weight
        raise AssertionError("the weights are their sum")

    def _offer(self, call: Call, agent: Agent) -> None:
        """Rule 3."""
        queue = self.queues[call.queue]
        queue.offers += 1
        queue.asked[agent.number] = queue.offers
        if not self._ringing(call):
            call.rung_at = self.now
        agent.state, agent.call, agent.rang, agent.asks = "offered", call.number, False, False
        agent.rests = (queue.ring_ms, queue.rest_ms, queue.reject_ms, queue.busy_ms)
        agent.until = self.now + agent.setup_ms + queue.ring_ms
        self.out.append(d.Offer(call.number, agent.number, agent.until))

    # --- an offer ends

    def _part(self, agent: Agent) -> Call:
        """The offer is over; the caller keeps his place."""
        assert agent.call is not None
        call = self.calls[agent.call]
        agent.call = agent.until = None
        return call

    def _turn_over(self, agent: Agent, how: type[d.Missed | d.Rejected | d.Withdrawn], rest_ms: int) -> None:
        """Missed, rejected or failed."""
        call = self._part(agent)
        call.had_turn.add(agent.number)
        self.out.append(how(call.number, agent.number))
        agent.misses += how is d.Missed
        agent.rest_until = self.now + rest_ms
        if how is d.Missed and agent.misses_max and agent.misses >= agent.misses_max:
            self._pause(agent)
            self.out.append(d.TakenOut(agent.number))
        else:
            self._come_back(agent)

    def _withdraw(self, agent: Agent) -> None:
        """The agent's own doing: not a miss, not a turn, but he is held for a moment."""
        if agent.state == "offered":
            call = self._part(agent)
            self.out.append(d.Withdrawn(call.number, agent.number))
            agent.state, agent.rest_until = "held", self.now + HOLD_MS

    def _taken(self, agent: Agent) -> None:
        """Rule 10: another one has the call."""
        self.out.append(d.Taken(self._part(agent).number, agent.number))
        agent.state = "free"

    def _withdraw_all(self, call: Call) -> None:
        """The caller's doing: agents keep their place among the idle. By smaller number."""
        for number in sorted(self.agents):
            agent = self.agents[number]
            if agent.state == "offered" and agent.call == call.number:
                self._part(agent)
                agent.state = "free"
                self.out.append(d.Withdrawn(call.number, number))

    # --- an agent's states

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

    def _after_talk(self, agent: Agent, wrap_up: bool = True) -> None:
        """Rule 6."""
        agent.call = agent.until = None
        if agent.pause_next:
            self._pause(agent)
            self.out.append(d.Paused(agent.number))
        elif agent.wrap_up_ms and wrap_up:
            agent.state, agent.until = "wrap_up", self.now + agent.wrap_up_ms
            self.out.append(d.WrapUp(agent.number, agent.until))
        else:
            self._come_back(agent)

    def _let_go(self, call: Call) -> None:
        """The talk is over for its agent."""
        assert call.agent is not None
        agent = self.agents[call.agent]
        self.out.append(d.Release(call.number, agent.number))
        if not call.dialled:
            agent.talk_ms += self.now - agent.since
        self._after_talk(agent, wrap_up=not call.dialled)
        call.agent = None

    def _requeue(self, agent: Agent) -> None:
        """Rule 7."""
        call = self._part(agent)
        if not call.dialled:
            agent.talk_ms += self.now - agent.since
        call.state, call.agent, call.joined, call.owner, call.dialled = "waiting", None, self.now, -1, False
        call.had_turn.clear()
        self._arrives(call)
        others = self._in_order(
            other for other in self.calls.values() if other.queue == call.queue and other is not call and other.state == "waiting"
        )
        if others and self._place(others[0]) < self._place(call):
            priority, tier, since, step = others[0].place
            call.place = (priority, tier, since, step - 1)
        self.out.append(d.Requeued(call.number, agent.number))
        if agent.pause_next:
            self._pause(agent)
            self.out.append(d.Paused(agent.number))
        else:
            agent.state, agent.idle_since = "free", self.now

    # --- inputs about what an office is: each gives why it is refused, or None

    def _queue_set(self, given: i.QueueSet) -> str | None:
        reject_ms = given.rest_ms if given.reject_ms == -1 else given.reject_ms
        busy_ms = reject_ms if given.busy_ms == -1 else given.busy_ms
        rests = (given.rest_ms, reject_ms, busy_ms)
        if not (fits(given.queue, ID_MAX) and fits(given.ring_ms, DURATION_MAX_MS, low=1) and fits(given.tenant, ID_MAX)):
            return "bad value"
        if not all(fits(ms, DURATION_MAX_MS) for ms in rests):
            return "bad value"
        queue = self.queues.setdefault(given.queue, Queue(given.queue, given.tenant))
        if queue.tenant != given.tenant:
            return "other tenant"
        queue.ring_ms = given.ring_ms
        queue.rest_ms, queue.reject_ms, queue.busy_ms = rests
        return None

    def _queue_offers(self, given: i.QueueOffers) -> str | None:
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        fit = fits(given.strategy, len(Strategy) - 1) and fits(given.at_once, AT_ONCE_MAX) and fits(given.more_ms, DURATION_MAX_MS)
        if not (fit and fits(given.reserve, ID_MAX) and fits(given.seed, ID_MAX)):
            return "bad value"
        queue.strategy, queue.at_once, queue.more_ms, queue.reserve = given.strategy, given.at_once, given.more_ms, given.reserve
        queue.random = given.seed
        return None

    def _queue_points(self, given: i.QueuePoints) -> str | None:
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        if not (fits(given.weight, POINTS_MAX) and fits(given.ageing, AGEING_MAX) and fits(given.tier_points, POINTS_MAX)):
            return "bad value"
        queue.weight, queue.ageing, queue.tier_points = given.weight, given.ageing, given.tier_points
        return None

    def _queue_limits(self, given: i.QueueLimits) -> str | None:
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        lengths = (given.wait_max_ms, given.overflow_ms, given.back_ms)
        if not (fits(given.length_max, ID_MAX) and all(fits(ms, DURATION_MAX_MS) for ms in lengths)):
            return "bad value"
        if given.overflow_ms:
            other = self.queues.get(given.overflow_to)
            if other is None:
                return "unknown queue"
            if other.tenant != queue.tenant:
                return "other tenant"
            if other is queue:
                return "bad value"
        queue.length_max, queue.wait_max_ms, queue.back_ms = given.length_max, given.wait_max_ms, given.back_ms
        queue.overflow_ms, queue.overflow_to = given.overflow_ms, given.overflow_to
        return None

    def _queue_empties(self, given: i.QueueEmpties) -> str | None:
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        if not fits(given.causes, 7):
            return "bad value"
        queue.causes = given.causes
        return None

    def _queue_widens(self, given: i.QueueWidens) -> str | None:
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        fit = fits(given.step, min(len(queue.steps), STEPS - 1)) and fits(given.after_ms, DURATION_MAX_MS) and fits(given.lower, LEVEL_MAX)
        if not fit or (given.also != -1 and not fits(given.also, ID_MAX)):
            return "bad value"
        if given.also != -1:
            other = self.queues.get(given.also)
            if other is None:
                return "unknown queue"
            if other.tenant != queue.tenant:
                return "other tenant"
        before, after = queue.steps[: given.step], queue.steps[given.step + 1 :]
        if not given.after_ms:
            queue.steps = before
            return None
        if (before and before[-1][0] >= given.after_ms) or (after and after[0][0] <= given.after_ms):
            return "bad value"
        queue.steps = [*before, (given.after_ms, given.lower, given.also), *after]
        return None

    def _want_set(self, given: i.WantSet) -> str | None:
        both = (*given.needs, *given.prefers)
        if not fits(given.want, ID_MAX) or not all(fits(skill, ID_MAX) and fits(level, LEVEL_MAX, low=1) for skill, level in both):
            return "bad value"
        self.wants[given.want] = (dict(given.needs), dict(given.prefers))
        return None

    def _tenant_set(self, given: i.TenantSet) -> str | None:
        if not (fits(given.tenant, ID_MAX) and fits(given.seats_max, ID_MAX, low=-1) and fits(given.calls_max, ID_MAX, low=-1)):
            return "bad value"
        self.tenants[given.tenant] = (given.seats_max, given.calls_max)
        return None

    def _agent_set(self, given: i.AgentSet) -> str | None:
        durations = fits(given.wrap_up_ms, DURATION_MAX_MS) and fits(given.setup_ms, DURATION_MAX_MS)
        if not (fits(given.agent, ID_MAX) and durations and fits(given.tenant, ID_MAX)):
            return "bad value"
        orders = (*given.orders, *[1] * len(given.queues))[: len(given.queues)]
        if not all(fits(order, LEVEL_MAX, low=1) for order in orders):
            return "bad value"
        if not all(fits(skill, ID_MAX) and fits(level, LEVEL_MAX, low=1) for skill, level in given.skills):
            return "bad value"
        if not set(given.queues) <= set(self.queues):
            return "unknown queue"
        known = self.agents.get(given.agent)
        if any(self.queues[queue].tenant != given.tenant for queue in given.queues) or (known and known.tenant != given.tenant):
            return "other tenant"
        agent = self.agents.setdefault(given.agent, Agent(given.agent, given.tenant))
        agent.queues, agent.skills = dict(zip(given.queues, orders, strict=True)), dict(given.skills)
        agent.wrap_up_ms, agent.setup_ms = given.wrap_up_ms, given.setup_ms
        if agent.state == "offered" and agent.call is not None and not self._order(self.calls[agent.call], agent):
            self.out.append(d.Withdrawn(self._part(agent).number, agent.number))
            agent.state = "free"
        return None

    def _agent_traits(self, given: i.AgentTraits) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if not (fits(given.misses_max, ID_MAX) and fits(given.weight, 1_000, low=1) and fits(given.rank, ID_MAX)):
            return "bad value"
        agent.misses_max, agent.on_demand, agent.weight, agent.rank = given.misses_max, given.on_demand, given.weight, given.rank
        return None

    # --- inputs about agents

    def _logs_in(self, given: i.AgentLogsIn) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state != "logged_out":
            return "logged in already"
        seats_max = self.tenants.get(agent.tenant, (-1, -1))[0]
        if 0 <= seats_max <= sum(other.tenant == agent.tenant and other.state != "logged_out" for other in self.agents.values()):
            return "no seat left"
        agent.vanished = agent.asks = False
        agent.misses = agent.calls = agent.talk_ms = 0
        self._come_back(agent)
        return None

    def _logs_out(self, given: i.AgentLogsOut) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state in ("logged_out", "talking", "busy"):
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
        if agent.state in ("talking", "busy"):
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
            agent.misses = 0
            self._come_back(agent)
        else:
            return "nothing to resume"
        return None

    def _asks(self, given: i.AgentAsks) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state == "logged_out":
            return "not logged in"
        if not agent.on_demand:
            return "not on demand"
        agent.asks = True
        return None

    def _dials(self, given: i.AgentDials) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state == "logged_out":
            return "not logged in"
        if agent.state in ("talking", "busy"):
            return "talking"
        agent.pause_next = agent.state == "paused"
        self._withdraw(agent)
        agent.state, agent.until = "busy", None
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

    def _hangs_up(self, given: i.AgentHangsUp) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        if agent.state == "busy":
            self._after_talk(agent)
        elif agent.state == "talking":
            assert agent.call is not None
            call = self.calls[agent.call]
            if self._ringing(call) and not call.dialled:
                self._dropped(call, agent)
            else:
                self._withdraw_all(call)
                self._let_go(call)
                del self.calls[call.number]
        else:
            return "not talking"
        return None

    def _dropped(self, call: Call, agent: Agent) -> None:
        """Rule 10: he had it, and others ring still."""
        call.state, call.agent, call.dialled = "waiting", None, False
        self._arrives(call)
        if agent.pause_next:
            call.had_turn.add(agent.number)
            self.out.append(d.Rejected(self._part(agent).number, agent.number))
            self._pause(agent)
            self.out.append(d.Paused(agent.number))
        else:
            self._turn_over(agent, d.Rejected, agent.rests[2])

    # --- inputs about calls

    def _call_waits(self, given: i.CallWaits) -> str | None:
        durations = fits(given.waited_ms, DURATION_MAX_MS) and fits(given.owner_ms, DURATION_MAX_MS)
        points = fits(given.priority, POINTS_MAX) and fits(given.tier, 9) and fits(given.position, ID_MAX)
        ids = fits(given.call, ID_MAX) and fits(given.owner, ID_MAX, low=-1) and fits(given.number, 2**62)
        if not (durations and points and ids and all(fits(agent, ID_MAX) for agent in given.never)):
            return "bad value"
        if given.callback and not given.number:
            return "no number"
        if given.call in self.calls:
            return "call exists"
        queue = self.queues.get(given.queue)
        if queue is None:
            return "unknown queue"
        if given.tenant not in (-1, queue.tenant):
            return "other tenant"
        if given.want != -1 and given.want not in self.wants:
            return "unknown want"
        calls_max = self.tenants.get(queue.tenant, (-1, -1))[1]
        replaced = self._ticket(given) is not None
        if 0 <= calls_max <= sum(self.queues[call.queue].tenant == queue.tenant for call in self.calls.values()) - replaced:
            return "no line left"
        if queue.length_max and len(self.waiting(given.queue)) - replaced >= queue.length_max:
            return "queue full"
        since = self._age_of(given, self.now - given.waited_ms)
        call = Call(given.call, given.queue, given.want, given.priority, given.tier, since, self.now)
        call.owner, call.owner_ms, call.customer, call.callback = given.owner, given.owner_ms, given.number, given.callback
        call.never = frozenset(given.never)
        call.place = (given.priority, given.tier, since, 0)
        self._arrives(call)
        if queue.interval is not None and since == self.now and not (given.priority or given.tier or given.position):
            call.expected = ((len(self.waiting(given.queue)) + 1) * queue.interval) >> 8  # whoever has neither points nor age is the last
        if given.position:
            self._place_at(call, given.position)
        self.calls[call.number] = call
        return None

    def _ticket(self, given: i.CallWaits) -> Call | None:
        """Rule 17: the call-back that its customer makes needless."""
        waits = [call for call in self.calls.values() if call.callback and call.customer == given.number and call.queue == given.queue]
        waits = [call for call in waits if call.state == "waiting"]
        return None if given.callback else min(waits, key=lambda call: call.number, default=None)

    def _age_of(self, given: i.CallWaits, since: int) -> int:
        """Rule 17: of who was cut off, or of his call-back."""
        self.cut = [one for one in self.cut if one[3] > self.now]
        for one in self.cut:
            if given.number and one[:2] == (given.queue, given.number):
                self.cut.remove(one)
                since = min(since, one[2])
                break
        ticket = self._ticket(given)
        if ticket is None:
            return since
        self._withdraw_all(ticket)
        del self.calls[ticket.number]
        self.out.append(d.Replaced(ticket.number, given.call))
        return min(since, ticket.since)

    def _place_at(self, call: Call, position: int) -> None:
        """Rule 9."""
        others = self._in_order(other for other in self.calls.values() if other.queue == call.queue and other.state == "waiting")
        for other in others[position - 1 :]:
            if other.place[:2] == call.place[:2]:
                if self._place(other) < self._place(call):
                    call.place = (*other.place[:3], other.place[3] - 1)
                return

    def _call_leaves(self, given: i.CallLeaves) -> str | None:
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        self._withdraw_all(call)
        if call.state == "talking":
            self._let_go(call)
        elif given.cut and call.customer and not call.callback and (back_ms := self.queues[call.queue].back_ms):
            self.cut.append((call.queue, call.customer, call.since, self.now + back_ms))
        del self.calls[call.number]
        return None

    def _call_moves(self, given: i.CallMoves) -> str | None:
        call, queue = self.calls.get(given.call), self.queues.get(given.queue)
        if call is None:
            return "unknown call"
        if queue is None:
            return "unknown queue"
        if queue.tenant != self.queues[call.queue].tenant:
            return "other tenant"
        if call.dialled:
            return "not waiting"
        self._withdraw_all(call)
        if call.state == "talking":
            self._let_go(call)
            call.state = "waiting"
        self._join(call, given.queue)
        return None

    def _back_wanted(self, given: i.CallBackWanted) -> str | None:
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if call.state == "talking":
            return "not waiting"
        if not call.customer:
            return "no number"
        self._withdraw_all(call)
        call.callback = True
        return None

    def _customer_answers(self, given: i.CustomerAnswers) -> str | None:
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if not call.dialled:
            return "not dialled"
        call.dialled = call.callback = False
        assert call.agent is not None
        self._joined(call, self.agents[call.agent])
        return None

    def _customer_fails(self, given: i.CustomerFails) -> str | None:
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if not call.dialled:
            return "not dialled"
        self._withdraw_all(call)
        self._let_go(call)
        del self.calls[call.number]
        return None

    # --- inputs about offers

    def _no_offer(self, given: Any) -> str | None:
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
        assert agent.until is not None
        if not agent.rang:
            agent.rang, agent.until = True, self.now + agent.rests[0]
        self.out.append(d.Ringing(given.call, given.agent, agent.until))
        return None

    def _answers(self, given: i.AgentAnswers) -> str | None:
        if (why := self._no_offer(given)) is not None:
            return why
        agent, call = self.agents[given.agent], self.calls[given.call]
        if call.state == "talking":
            self._taken(agent)
            return None
        call.state, call.agent, agent.state = "talking", agent.number, "talking"
        agent.until = None
        agent.misses = 0
        if call.callback:
            call.dialled = True
            self.out.append(d.DialBack(call.number, agent.number))
        else:
            self._joined(call, agent)
        return None

    def _joined(self, call: Call, agent: Agent) -> None:
        """They talk: counts and rates."""
        agent.calls, agent.since = agent.calls + 1, self.now
        self.out.append(d.Connect(call.number, agent.number))
        queue = self.queues[call.queue]
        if call.expected is not None:
            queue.errors, queue.errors_ms = queue.errors + 1, queue.errors_ms + abs(self.now - call.joined - call.expected)
            call.expected = None
        if queue.served_ms is not None:
            took = (self.now - queue.served_ms) << 8
            queue.interval = took if queue.interval is None else queue.interval + ((took - queue.interval) >> 3)
        queue.served_ms = self.now if self.waiting(call.queue) else None

    def _rejects(self, given: i.AgentRejects) -> str | None:
        if (why := self._no_offer(given)) is not None:
            return why
        agent = self.agents[given.agent]
        if self.calls[given.call].state == "talking":
            self._taken(agent)
        else:
            self._turn_over(agent, d.Rejected, agent.rests[3 if given.busy else 2])
        return None

    def _fails(self, given: i.OfferFails) -> str | None:
        if (why := self._no_offer(given)) is None:
            self._turn_over(self.agents[given.agent], d.Withdrawn, HOLD_MS)
        return why

    def _path_stands(self, given: i.VoicePathStands) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if call.agent != given.agent:
            return "not talking"
        for number in sorted(self.agents):
            if self.agents[number].state == "offered" and self.agents[number].call == call.number:
                self._taken(self.agents[number])
        return None

    def _takes(self, given: i.AgentTakes) -> str | None:
        agent = self.agents.get(given.agent)
        if agent is None:
            return "unknown agent"
        call = self.calls.get(given.call)
        if call is None:
            return "unknown call"
        if call.state == "talking":
            return "not waiting"
        if agent.tenant != self.queues[call.queue].tenant:
            return "other tenant"
        if agent.state not in ("free", "resting", "wrap_up") or not agent.reachable:
            return "not free"
        if self._number_busy(call):
            return "number busy"
        agent.rest_until = self.now
        self._offer(call, agent)
        return None

    def _offer_withdrawn(self, given: i.OfferWithdrawn) -> str | None:
        if (why := self._no_offer(given)) is not None:
            return why
        agent = self.agents[given.agent]
        call = self._part(agent)
        call.had_turn.add(agent.number)
        agent.state = "free"
        self.out.append(d.Withdrawn(call.number, agent.number))
        return None

    def _tick(self, _: i.Tick) -> str | None:
        return None


NAMES: Final = tuple(kind.__name__ for kind in get_args(d.Decision))

WHY_NOT: Final = (
    "talking already", "other queue", "lacks skill", "excluded", "logged_out", "offered", "talking", "wrap_up", "paused", "resting", "busy",
    "vanished", "blocked", "not asked", "had turn", "held for owner", "rings already", "reserve", "number busy",
)  # fmt: skip

HANDLERS: Final[dict[type, Callable[[Oracle, Any], str | None]]] = {
    i.QueueSet: Oracle._queue_set,
    i.QueueOffers: Oracle._queue_offers,
    i.QueuePoints: Oracle._queue_points,
    i.QueueLimits: Oracle._queue_limits,
    i.QueueEmpties: Oracle._queue_empties,
    i.QueueWidens: Oracle._queue_widens,
    i.WantSet: Oracle._want_set,
    i.TenantSet: Oracle._tenant_set,
    i.AgentSet: Oracle._agent_set,
    i.AgentTraits: Oracle._agent_traits,
    i.AgentLogsIn: Oracle._logs_in,
    i.AgentLogsOut: Oracle._logs_out,
    i.AgentPauses: Oracle._pauses,
    i.AgentResumes: Oracle._resumes,
    i.AgentAsks: Oracle._asks,
    i.AgentDials: Oracle._dials,
    i.AgentBlocked: Oracle._blocked,
    i.AgentUnblocked: Oracle._unblocked,
    i.AgentVanishes: Oracle._vanishes,
    i.AgentReturns: Oracle._returns,
    i.AgentHangsUp: Oracle._hangs_up,
    i.CallWaits: Oracle._call_waits,
    i.CallLeaves: Oracle._call_leaves,
    i.CallMoves: Oracle._call_moves,
    i.CallBackWanted: Oracle._back_wanted,
    i.CustomerAnswers: Oracle._customer_answers,
    i.CustomerFails: Oracle._customer_fails,
    i.OfferRings: Oracle._rings,
    i.AgentAnswers: Oracle._answers,
    i.AgentRejects: Oracle._rejects,
    i.OfferFails: Oracle._fails,
    i.VoicePathStands: Oracle._path_stands,
    i.AgentTakes: Oracle._takes,
    i.OfferWithdrawn: Oracle._offer_withdrawn,
    i.Tick: Oracle._tick,
}
