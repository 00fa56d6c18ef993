"""An onlooker of the routing core: believes nobody, knows only what was told and what was decided, and checks the promises.

It shares nothing with core or oracle: no state words, no timers. `saw` raises AssertionError at the first broken promise.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from appliance.core import decisions as d
from appliance.core import inputs as i


@dataclass
class Person:
    queues: set[int] = field(default_factory=set)
    wrap_up_ms: int = 0
    here: bool = False
    paused: bool = False
    pause_next: bool = False
    blocks: set[int] = field(default_factory=set)
    vanished: bool = False
    offered: int | None = None
    talking: int | None = None
    wraps_until: int = 0  # 0: no wrap-up
    rests_until: int = 0  # 0: no rest; goes on while he is paused or logged out
    setup_ms: int = 0
    offer_until: int = 0
    rang: bool = False
    kept_until: int = 0
    values: i.QueueSet | None = None  # of the offer's queue when it was made

    @property
    def counts(self) -> bool:
        return self.here and not self.paused and not self.blocks and not self.vanished

    @property
    def may_work(self) -> bool:
        return self.counts and self.offered is None and self.talking is None and not self.wraps_until


@dataclass
class Caller:
    queue: int
    offered_to: int | None = None
    with_agent: int | None = None
    had_turn: set[int] = field(default_factory=set)


class Watch:
    """Feed it each step's input and decisions."""

    def __init__(self) -> None:
        self.people: defaultdict[int, Person] = defaultdict(Person)
        self.callers: dict[int, Caller] = {}
        self.queues: dict[int, i.QueueSet] = {}
        self.log: list[tuple[int, d.Decision]] = []
        self.given: i.Input = i.Tick()
        self.now = 0

    def saw(self, now: int, given: i.Input, decided: list[d.Decision]) -> None:
        """One step. Where something was due at `now`, a Tick must have been fed and seen before: what is due comes before the input."""
        refused = [decision for decision in decided if isinstance(decision, d.Refused)]
        assert len(refused) <= 1
        self.given = given
        if now >= self.now:
            self.now = now
            self._time_passes()
        if not refused:
            self._told(given)
        for decision in decided:
            self.log.append((now, decision))
            if isinstance(decision, d.Offer):
                self._rounds()
            handler = getattr(self, f"_{type(decision).__name__.lower()}", None)
            if handler is not None:
                handler(decision)
        if isinstance(given, i.CallLeaves):
            self.callers.pop(given.call, None)
        self._rounds()
        self.check()

    def _time_passes(self) -> None:
        for person in self.people.values():
            if person.rests_until <= self.now:
                person.rests_until = 0
            if person.wraps_until <= self.now:
                person.wraps_until = 0

    def _told(self, given: i.Input) -> None:
        person = self.people[given.agent] if hasattr(given, "agent") else Person()
        match given:
            case i.QueueSet():
                self.queues[given.queue] = given
            case i.CallWaits():
                self.callers[given.call] = Caller(given.queue)
            case i.AgentSet():
                person.queues, person.wrap_up_ms, person.setup_ms = set(given.queues), given.wrap_up_ms, given.setup_ms
            case i.AgentLogsIn():
                person.here, person.vanished = True, False
            case i.AgentLogsOut():
                person.here = person.paused = False
                person.wraps_until = 0
            case i.AgentPauses():
                person.pause_next = person.talking is not None
                person.paused = not person.pause_next
                person.wraps_until = 0
            case i.AgentResumes():
                person.paused = person.pause_next = False
                person.wraps_until = 0
            case i.AgentBlocked():
                person.blocks.add(given.reason)
            case i.AgentUnblocked():
                person.blocks.discard(given.reason)
            case i.AgentVanishes():
                if person.talking is not None and not person.vanished:
                    person.kept_until = self.now + given.keep_ms
                person.vanished = True
            case i.AgentReturns():
                person.vanished = False
            case _:
                pass

    # --- decisions

    def _offer(self, decision: d.Offer) -> None:
        person, caller = self.people[decision.agent], self.callers[decision.call]
        assert person.here, "who is logged out is offered a call"
        assert not person.paused, "a paused agent is offered a call"
        assert not person.blocks, "a blocked agent is offered a call"
        assert not person.vanished, "a vanished agent is offered a call"
        assert person.talking is None, "a talking agent is offered a call"
        assert person.offered is None, "two offers at one agent"
        assert caller.with_agent is None, "a talking caller is offered"
        assert caller.offered_to is None, "two offers of one caller"
        assert caller.queue in person.queues, "not his queue"
        assert not person.wraps_until, "wrap-up was cut short"
        assert not person.rests_until, "a rest was cut short"
        assert decision.agent not in caller.had_turn, "a second turn in one round"
        person.offered, caller.offered_to, person.rang, person.values = decision.call, decision.agent, False, self.queues[caller.queue]
        person.offer_until = self.now + person.setup_ms + person.values.ring_ms
        assert decision.until_ms == person.offer_until

    def _ringing(self, decision: d.Ringing) -> None:
        person = self.people[decision.agent]
        assert person.values is not None
        assert person.offered == decision.call
        if not person.rang:
            person.rang, person.offer_until = True, self.now + person.values.ring_ms
        assert decision.until_ms == person.offer_until, "three rings are three rings"

    def _over(self, decision: d.Missed | d.Rejected | d.Withdrawn) -> tuple[Person, Caller]:
        person, caller = self.people[decision.agent], self.callers[decision.call]
        assert person.offered == decision.call
        assert caller.offered_to == decision.agent
        person.offered = caller.offered_to = None
        return person, caller

    def _turn(self, decision: d.Missed | d.Rejected) -> None:
        person, caller = self._over(decision)
        assert person.values is not None
        caller.had_turn.add(decision.agent)
        person.rests_until = self.now + person.values.rest_ms if person.values.rest_ms else 0

    def _missed(self, decision: d.Missed) -> None:
        assert self.people[decision.agent].offer_until <= self.now, "missed before its time"
        self._turn(decision)

    def _rejected(self, decision: d.Rejected) -> None:
        self._turn(decision)

    def _withdrawn(self, decision: d.Withdrawn) -> None:
        person, caller = self._over(decision)
        if isinstance(self.given, i.OfferFails):
            caller.had_turn.add(decision.agent)
        if not isinstance(self.given, i.CallLeaves | i.AgentSet):
            person.rests_until = self.now + 1_000

    def _connect(self, decision: d.Connect) -> None:
        person, caller = self._over(decision)  # type: ignore[arg-type]
        person.talking, caller.with_agent = decision.call, decision.agent
        caller.had_turn.clear()

    def _apart(self, decision: d.Release | d.Requeued) -> Person:
        person = self.people[decision.agent]
        assert person.talking == decision.call
        assert self.callers[decision.call].with_agent == decision.agent
        person.talking = self.callers[decision.call].with_agent = None
        if person.pause_next:
            person.pause_next, person.paused = False, True
        return person

    def _release(self, decision: d.Release) -> None:
        person = self._apart(decision)
        del self.callers[decision.call]
        if not person.paused and person.wrap_up_ms:
            person.wraps_until = self.now + person.wrap_up_ms  # the person's own, whatever the core says

    def _requeued(self, decision: d.Requeued) -> None:
        assert self.people[decision.agent].vanished
        assert self.people[decision.agent].kept_until <= self.now, "a vanished agent's call was not kept long enough"
        self._apart(decision)

    def _wrapup(self, decision: d.WrapUp) -> None:
        assert decision.until_ms == self.people[decision.agent].wraps_until

    def _rests(self, decision: d.Rests) -> None:
        person = self.people[decision.agent]
        assert decision.until_ms == person.rests_until, "a rest of another length"

    # --- promises

    def _rounds(self) -> None:
        for caller in self.callers.values():
            serving = {number for number, person in self.people.items() if caller.queue in person.queues and person.counts}
            if serving <= caller.had_turn:
                caller.had_turn.clear()

    def check(self) -> None:
        """Nobody waits beside a free, rested agent who may take him (never-again 3 and 13); no offer outlives its deadline (10)."""
        for agent, person in self.people.items():
            assert person.offered is None or person.offer_until > self.now, f"the offer at agent {agent} has no end"
            assert not (person.vanished and person.talking is not None and person.kept_until <= self.now), f"{agent} is locked in his call"
        for number, caller in self.callers.items():
            if caller.offered_to is not None or caller.with_agent is not None:
                continue
            for agent, person in self.people.items():
                free = person.may_work and not person.rests_until and caller.queue in person.queues
                assert not (free and agent not in caller.had_turn), f"caller {number} waits and agent {agent} is free"

    def counters(self) -> dict[str, Counter[int]]:
        """Per agent, folded from the decisions alone."""
        kinds: dict[str, Counter[int]] = defaultdict(Counter)
        for _, decision in self.log:
            agent = getattr(decision, "agent", None)
            if agent is not None:
                kinds[type(decision).__name__][agent] += 1
        return kinds
