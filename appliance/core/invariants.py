"""What holds after each step of the routing core, as code (A3 A4, never-again 1 to 17): an onlooker who believes nobody.

It knows only what was told and what was decided, from the words of decisions.py; it shares nothing with `reference.py` or `_acd.pyx`.

    watch = Watch(every_ms=1_000)
    problem = watch.noted(now_ms, given, acd.feed(now_ms, given))

`saw` raises `Broken` at the first broken promise: tests. `noted` gives its text instead, and is silent from then on: the box, whose
watchdog raises an alarm. With `every_ms` what needs a look at everybody is looked at so often at most.
Where something was due at `now_ms`, a Tick must have been fed and seen before another input: it comes before the input (rule 19).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from appliance.core import decisions as d
from appliance.core import inputs as i

SECOND_MS: Final = 1_000
MOST_AT_ONCE: Final = 64
LAST_MS: Final = 2**50


class Broken(AssertionError):
    """A promise of the routing core did not hold: our defect."""


@dataclass
class Person:
    told: i.AgentSet
    traits: i.AgentTraits
    skills: dict[int, int]
    here: bool = False
    paused: bool = False
    pause_next: bool = False
    vanished: bool = False
    asked: bool = False
    outside: bool = False  # in a call that is none of a queue's
    blocks: set[int] = field(default_factory=set)
    offered: int | None = None
    talking: int | None = None
    offer_until: int = 0
    offer_made: int = 0  # in which step
    rang: bool = False
    offer_of: i.QueueSet | None = None  # the queue when the offer was made
    kept_until: int | None = None
    wraps_until: int = 0
    rests_until: int = 0  # goes on while he is paused, out, or in a call
    misses: int = 0

    @property
    def reachable(self) -> bool:
        return not self.blocks and not self.vanished

    @property
    def in_rounds(self) -> bool:
        return self.here and not self.paused and self.reachable and (self.asked or not self.traits.on_demand)

    @property
    def busy(self) -> bool:
        return self.offered is not None or self.talking is not None or self.outside


@dataclass
class Caller:
    told: i.CallWaits
    queue: int
    joined: int
    owner: int
    callback: bool
    want: int
    ringing: set[int] = field(default_factory=set)
    with_agent: int | None = None
    dialled: bool = False
    had_turn: set[int] = field(default_factory=set)
    rung_at: int = 0

    @property
    def waits_alone(self) -> bool:
        return self.with_agent is None and not self.ringing


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


class Watch:
    def __init__(self, every_ms: int = 0) -> None:
        self.people: dict[int, Person] = {}
        self.callers: dict[int, Caller] = {}
        self.queues: dict[int, i.QueueSet] = {}
        self.offering: dict[int, i.QueueOffers] = {}
        self.limits: dict[int, i.QueueLimits] = {}
        self.causes: dict[int, int] = {}
        self.steps: dict[int, list[i.QueueWidens]] = {}
        self.wants: dict[int, dict[int, int]] = {}
        self.tenants: dict[int, i.TenantSet] = {}
        self.outcomes: Counter[str] = Counter()
        self.given: i.Input = i.Tick()
        self.now = self.steps_seen = 0
        self.every_ms, self.looked_at = every_ms, -1
        self.expected: dict[int, d.Decision] = {}  # what this agent must be told next, in this step
        self.broken: str | None = None

    def noted(self, now_ms: int, given: i.Input, decided: Iterable[d.Decision]) -> str | None:
        """For a running box: what was broken, said once."""
        if self.broken is None:
            try:
                self.saw(now_ms, given, decided)
            except Broken as problem:
                self.broken = str(problem)
                return self.broken
        return None

    def saw(self, now_ms: int, given: i.Input, decided: Iterable[d.Decision]) -> None:
        """One step."""
        decided = list(decided)
        refused = [decision.why for decision in decided if isinstance(decision, d.Refused)]
        must(len(refused) <= 1, "one input is refused twice")
        self.given = given
        self.steps_seen += 1
        if self.now <= now_ms <= LAST_MS:
            self.now = now_ms
        self._time_passes()
        if refused:
            self._refused(given, refused[0])
        else:
            TOLD[type(given)](self, given)
        for decision in decided:
            if not isinstance(decision, d.Refused):
                kind = next(kind for kind in KINDS if isinstance(decision, kind))
                DECIDED[kind](self, decision)
        if not refused:
            self._follows(given)
        self._rounds()
        must(not self.expected, f"not told: {self.expected}")
        if self.now >= self.looked_at + self.every_ms or self.looked_at < 0:
            self.looked_at = self.now
            self._look_at_all()

    def waiting(self, queue: int) -> set[int]:
        """Who must be there, with offers or without."""
        return {call for call, caller in self.callers.items() if caller.queue == queue and caller.with_agent is None}

    # --- who may take whom, by the words of the rules

    def _wide(self, caller: Caller) -> tuple[set[int], int]:
        """The queues whose agents may take him by now, and how many levels less will do."""
        queues, lower = {caller.queue}, 0
        for step in self.steps.get(caller.queue, ()):
            if self.now - caller.joined >= step.after_ms:
                lower = step.lower
                if step.also != -1:
                    queues.add(step.also)
        return queues, lower

    def _able(self, caller: Caller, person: Person) -> bool:
        """Serves, and has the skills."""
        queues, lower = self._wide(caller)
        if not queues.intersection(person.told.queues):
            return False
        for skill, level in self.wants.get(caller.want, {}).items():
            if level > lower and person.skills.get(skill, 0) < level - lower:
                return False
        return True

    def _could_ever(self, caller: Caller, person: Person) -> bool:
        return person.told.agent not in caller.told.never and self._able(caller, person)

    def _ready(self, person: Person) -> bool:
        return person.in_rounds and not person.busy and person.wraps_until <= self.now and person.rests_until <= self.now

    def _held_for(self, caller: Caller) -> int | None:
        owner = self.people.get(caller.owner)
        if owner is None or self.now - caller.joined >= caller.told.owner_ms or caller.owner in caller.had_turn:
            return None
        return caller.owner if owner.in_rounds and self._could_ever(caller, owner) else None

    def _room(self, caller: Caller) -> bool:
        """May one more agent ring for him?"""
        how = self.offering[caller.queue]
        most = how.at_once or MOST_AT_ONCE
        if how.more_ms and caller.ringing:
            most += (self.now - caller.rung_at) // how.more_ms
        return caller.with_agent is None and len(caller.ringing) < min(most, MOST_AT_ONCE)

    def _above_reserve(self, caller: Caller) -> bool:
        reserve = self.offering[caller.queue].reserve
        if reserve == 0:
            return True
        return sum(caller.queue in person.told.queues and self._ready(person) for person in self.people.values()) > reserve

    def _number_free(self, caller: Caller) -> bool:
        if not caller.callback:
            return True
        same = (other for other in self.callers.values() if other is not caller and other.told.number == caller.told.number)
        return all(other.waits_alone for other in same)

    def _rounds(self) -> None:
        for caller in self.callers.values():
            if caller.had_turn and caller.with_agent is None:
                left = (number for number, person in self.people.items() if person.in_rounds and number not in caller.had_turn)
                if not any(self._could_ever(caller, self.people[number]) for number in left):
                    caller.had_turn.clear()

    # --- time

    def _time_passes(self) -> None:
        for number, person in self.people.items():
            if 0 < person.wraps_until <= self.now:
                person.wraps_until = 0
                self._comes_back(number)
            elif 0 < person.rests_until <= self.now and person.wraps_until == 0:
                if person.here and not person.paused and not person.busy:
                    self.expected[number] = d.Free(number)
                person.rests_until = 0

    def _comes_back(self, number: int) -> None:
        person = self.people[number]
        if person.rests_until > self.now:
            self.expected[number] = d.Rests(number, person.rests_until)
        else:
            self.expected[number], person.rests_until = d.Free(number), 0

    def _after_talk(self, number: int, wrap_up: bool = True) -> None:
        person = self.people[number]
        if person.pause_next:
            self.expected[number] = d.Paused(number)
        elif person.told.wrap_up_ms and wrap_up:
            self.expected[number] = d.WrapUp(number, self.now + person.told.wrap_up_ms)
        else:
            self._comes_back(number)

    # --- what was told and not refused

    def _queue_set(self, given: i.QueueSet) -> None:
        self.queues[given.queue] = given
        self.offering.setdefault(given.queue, i.QueueOffers(given.queue))

    def _queue_offers(self, given: i.QueueOffers) -> None:
        self.offering[given.queue] = given

    def _queue_limits(self, given: i.QueueLimits) -> None:
        self.limits[given.queue] = given

    def _queue_empties(self, given: i.QueueEmpties) -> None:
        self.causes[given.queue] = given.causes

    def _queue_widens(self, given: i.QueueWidens) -> None:
        steps = self.steps.setdefault(given.queue, [])
        if given.after_ms == 0:
            del steps[given.step :]
        else:
            steps[given.step : given.step + 1] = [given]

    def _want_set(self, given: i.WantSet) -> None:
        self.wants[given.want] = dict(given.needs)

    def _tenant_set(self, given: i.TenantSet) -> None:
        self.tenants[given.tenant] = given

    def _agent_set(self, given: i.AgentSet) -> None:
        if given.agent in self.people:
            self.people[given.agent].told, self.people[given.agent].skills = given, dict(given.skills)
        else:
            self.people[given.agent] = Person(given, i.AgentTraits(given.agent), dict(given.skills))

    def _agent_traits(self, given: i.AgentTraits) -> None:
        self.people[given.agent].traits = given

    def _logs_in(self, given: i.AgentLogsIn) -> None:
        person = self.people[given.agent]
        must(not self._seats_taken(person.told.tenant), "more logged in than there are seats")
        person.here, person.vanished, person.asked, person.misses = True, False, False, 0
        self._comes_back(given.agent)

    def _logs_out(self, given: i.AgentLogsOut) -> None:
        person = self.people[given.agent]
        person.here = person.paused = False
        person.wraps_until = 0

    def _pauses(self, given: i.AgentPauses) -> None:
        person = self.people[given.agent]
        if person.talking is not None or person.outside:
            person.pause_next = True
        else:
            person.paused, person.wraps_until = True, 0

    def _resumes(self, given: i.AgentResumes) -> None:
        person = self.people[given.agent]
        if person.pause_next:
            person.pause_next = False
        else:
            person.paused, person.wraps_until, person.misses = False, 0, 0
            self._comes_back(given.agent)

    def _asks(self, given: i.AgentAsks) -> None:
        self.people[given.agent].asked = True

    def _dials(self, given: i.AgentDials) -> None:
        person = self.people[given.agent]
        person.outside, person.pause_next, person.paused, person.wraps_until = True, person.paused, False, 0

    def _blocked(self, given: i.AgentBlocked) -> None:
        self.people[given.agent].blocks.add(given.reason)

    def _unblocked(self, given: i.AgentUnblocked) -> None:
        self.people[given.agent].blocks.discard(given.reason)

    def _vanishes(self, given: i.AgentVanishes) -> None:
        person = self.people[given.agent]
        if person.talking is not None and not person.vanished:
            person.kept_until = self.now + given.keep_ms
        person.vanished = True

    def _returns(self, given: i.AgentReturns) -> None:
        self.people[given.agent].vanished, self.people[given.agent].kept_until = False, None

    def _hangs_up(self, given: i.AgentHangsUp) -> None:
        person = self.people[given.agent]
        if person.outside:
            person.outside = False
            self._after_talk(given.agent)

    def _call_waits(self, given: i.CallWaits) -> None:
        must(given.call not in self.callers, f"call {given.call} is doubled")
        must(not self._lines_taken(given), "more calls than lines")
        must(not self._full(given), "a full queue took another")
        self.callers[given.call] = Caller(given, given.queue, self.now, given.owner, given.callback, given.want)

    def _back_wanted(self, given: i.CallBackWanted) -> None:
        self.callers[given.call].callback = True

    def _takes(self, given: i.AgentTakes) -> None:
        self.people[given.agent].rests_until = self.people[given.agent].wraps_until = 0

    def _nothing(self, given: i.Input) -> None:
        """What it does is seen from the decisions."""

    def _seats_taken(self, tenant: int) -> bool:
        limit = self.tenants.get(tenant, i.TenantSet(tenant)).seats_max
        return 0 <= limit <= sum(person.here and person.told.tenant == tenant for person in self.people.values())

    def _lines_taken(self, given: i.CallWaits) -> bool:
        tenant = self.queues[given.queue].tenant
        limit = self.tenants.get(tenant, i.TenantSet(tenant)).calls_max
        calls = sum(self.queues[caller.queue].tenant == tenant for caller in self.callers.values())
        return 0 <= limit <= calls - self._replaces(given)

    def _full(self, given: i.CallWaits) -> bool:
        limit = self.limits[given.queue].length_max if given.queue in self.limits else 0
        waiting = sum(caller.queue == given.queue and caller.with_agent is None for caller in self.callers.values())
        return 0 < limit <= waiting - self._replaces(given)

    def _replaces(self, given: i.CallWaits) -> bool:
        """His call-back waits there, and goes when he comes."""
        tickets = [caller for caller in self.callers.values() if caller.callback and caller.with_agent is None]
        return not given.callback and any((ticket.told.number, ticket.queue) == (given.number, given.queue) for ticket in tickets)

    def _refused(self, given: i.Input, why: str) -> None:
        """What fits is not refused."""
        match given, why:
            case i.AgentLogsIn(agent=agent), "no seat left":
                must(self._seats_taken(self.people[agent].told.tenant), "refused a login, and there is a seat")
            case i.CallWaits(), "no line left":
                must(self._lines_taken(given), "refused a call, and there is a line")
            case i.CallWaits(), "queue full":
                must(self._full(given), "refused a call, and the queue is not full")
            case _, "no such offer":
                person = self.people[given.agent]  # type: ignore[union-attr]
                must(person.offered != given.call, "refused, and there is this offer")  # type: ignore[union-attr]
            case _:
                pass

    # --- what follows in the same step

    def _follows(self, given: i.Input) -> None:
        """What ended has nothing left, and an answer or a hang-up led to something."""
        match given:
            case i.CallLeaves(call=call) | i.CustomerFails(call=call):
                caller = self.callers[call]
                must(caller.waits_alone, f"call {call} is gone and still rings or talks")
                self._ends(call, "left")
            case i.AgentAnswers(call=call, agent=agent):
                must(self.people[agent].offered != call, "an answer led to nothing")
            case i.AgentRejects(call=call, agent=agent) | i.OfferFails(call=call, agent=agent) | i.OfferWithdrawn(call=call, agent=agent):
                person = self.people[agent]
                must(person.offered != call or person.offer_made == self.steps_seen, "an offer outlived its end")
            case i.AgentHangsUp(agent=agent):
                must(self.people[agent].talking is None, "who hung up talks still")
            case i.CallMoves(call=call, queue=queue):
                must(call not in self.callers or self.callers[call].queue == queue or self._overflows(queue), "a move led elsewhere")
            case _:
                pass

    def _overflows(self, queue: int) -> bool:
        return queue in self.limits and self.limits[queue].overflow_ms > 0

    def _ends(self, call: int, outcome: str) -> None:
        caller = self.callers.pop(call)
        must(caller.waits_alone, f"call {call} is over and still rings or talks")
        self.outcomes[outcome] += 1

    # --- what was decided

    def _pair(self, call: int, agent: int) -> tuple[Caller, Person]:
        must(call in self.callers, f"an action for call {call}, which ended")
        must(agent in self.people, f"an action for agent {agent}, who does not exist")
        return self.callers[call], self.people[agent]

    def _offer(self, decision: d.Offer) -> None:
        caller, person = self._pair(decision.call, decision.agent)
        self._rounds()
        must(person.offered is None, f"two offers at agent {decision.agent}")
        must(person.here and not person.paused and person.reachable, f"agent {decision.agent} is not there and is offered a call")
        must(person.talking is None and not person.outside, f"agent {decision.agent} talks and is offered a call")
        must(person.wraps_until <= self.now, "wrap-up was cut short")
        must(person.rests_until <= self.now, "a rest was cut short")
        must(caller.with_agent is None, f"caller {decision.call} talks and is offered")
        must(self._number_free(caller), "two live attempts to one number")
        if not (isinstance(self.given, i.AgentTakes) and (self.given.call, self.given.agent) == (decision.call, decision.agent)):
            must(person.asked or not person.traits.on_demand, f"agent {decision.agent} has not asked")
            must(self._able(caller, person), f"agent {decision.agent} does not serve call {decision.call}, or lacks a skill")
            must(decision.agent not in caller.told.never, "an excluded agent")
            must(decision.agent not in caller.had_turn, "a second turn in one round")
            must(self._held_for(caller) in (None, decision.agent), "the caller is held for his owner")
            must(self._room(caller), "too many ring for one caller")
            must(self._above_reserve(caller), "the reserve is gone")
        if not caller.ringing:
            caller.rung_at = self.now
        caller.ringing.add(decision.agent)
        person.offered, person.rang, person.asked, person.offer_of = decision.call, False, False, self.queues[caller.queue]
        person.offer_until, person.offer_made = self.now + person.told.setup_ms + person.offer_of.ring_ms, self.steps_seen
        must(decision.until_ms == person.offer_until, "an offer of another length")

    def _ringing(self, decision: d.Ringing) -> None:
        _, person = self._pair(decision.call, decision.agent)
        must(person.offered == decision.call and person.offer_of is not None, "rings without an offer")
        assert person.offer_of is not None
        if not person.rang:
            person.rang, person.offer_until = True, self.now + person.offer_of.ring_ms
        must(decision.until_ms == person.offer_until, "three rings are three rings")

    def _parted(self, call: int, agent: int) -> tuple[Caller, Person]:
        caller, person = self._pair(call, agent)
        must(person.offered == call and agent in caller.ringing, f"agent {agent} had no offer of call {call}: it ended twice")
        person.offered = None
        caller.ringing.discard(agent)
        return caller, person

    def _rest(self, person: Person, rest_ms: int) -> None:
        person.rests_until = self.now + rest_ms
        self._comes_back(person.told.agent)

    def _missed(self, decision: d.Missed) -> None:
        caller, person = self._parted(decision.call, decision.agent)
        must(person.offer_until <= self.now, "missed before its time")
        must(caller.with_agent is None, "a miss, and another one has the call")
        assert person.offer_of is not None
        caller.had_turn.add(decision.agent)
        person.misses += 1
        self._rest(person, person.offer_of.rest_ms)
        if person.traits.misses_max and person.misses >= person.traits.misses_max:
            self.expected[decision.agent] = d.TakenOut(decision.agent)

    def _rejected(self, decision: d.Rejected) -> None:
        caller, person = self._pair(decision.call, decision.agent)
        offer_of = person.offer_of
        assert offer_of is not None
        reject_ms = offer_of.rest_ms if offer_of.reject_ms == -1 else offer_of.reject_ms
        if isinstance(self.given, i.AgentHangsUp):
            must(
                person.talking == decision.call and caller.with_agent == decision.agent and bool(caller.ringing) and not caller.dialled,
                "nobody rings for him still",
            )
            person.talking = caller.with_agent = person.kept_until = None
        else:
            must(isinstance(self.given, i.AgentRejects), "rejected by nobody")
            self._parted(decision.call, decision.agent)
            must(caller.with_agent is None, "rejected, and another one has the call")
            if isinstance(self.given, i.AgentRejects) and self.given.busy:
                reject_ms = reject_ms if offer_of.busy_ms == -1 else offer_of.busy_ms
        caller.had_turn.add(decision.agent)
        if person.pause_next:
            self.expected[decision.agent] = d.Paused(decision.agent)
        else:
            self._rest(person, reject_ms)

    def _withdrawn(self, decision: d.Withdrawn) -> None:
        caller, person = self._parted(decision.call, decision.agent)
        match self.given:
            case i.OfferFails(call=decision.call, agent=decision.agent):
                caller.had_turn.add(decision.agent)
                self._rest(person, SECOND_MS)
            case i.OfferWithdrawn(call=decision.call, agent=decision.agent):
                caller.had_turn.add(decision.agent)
            case i.AgentBlocked(agent=decision.agent) | i.AgentVanishes(agent=decision.agent):
                self._rest(person, SECOND_MS)
            case i.AgentPauses(agent=decision.agent) | i.AgentLogsOut(agent=decision.agent) | i.AgentDials(agent=decision.agent):
                person.rests_until = self.now + SECOND_MS
            case i.AgentSet(agent=decision.agent):
                must(not self._able(caller, person), "withdrawn, and he may take the call")
            case i.CallWaits(number=number, queue=queue):
                same = caller.callback and (caller.told.number, caller.queue) == (number, queue)
                must(same and decision.call != self.given.call, "withdrawn for another's sake")
            case i.AgentHangsUp(agent=agent):
                must(caller.dialled and caller.with_agent == agent, "withdrawn, and the other did not have it")
            case i.CallLeaves() | i.CallMoves() | i.CallBackWanted() | i.CustomerFails():
                must(self.given.call == decision.call, "withdrawn for another's sake")
            case _:
                raise Broken("withdrawn for no reason")

    def _taken(self, decision: d.Taken) -> None:
        caller, person = self._parted(decision.call, decision.agent)
        must(caller.with_agent not in (None, decision.agent), "taken, and nobody has the call")
        asked = isinstance(self.given, i.AgentAnswers | i.AgentRejects | i.VoicePathStands) and self.given.call == decision.call
        must(asked or person.offer_until <= self.now, "taken too early")

    def _connect(self, decision: d.Connect) -> None:
        caller, person = self._pair(decision.call, decision.agent)
        if caller.dialled:
            must(isinstance(self.given, i.CustomerAnswers) and self.given.call == decision.call, "connected, and the customer is not there")
            must(caller.with_agent == decision.agent, "connected with another")
            caller.dialled = caller.callback = False
        else:
            must(not caller.callback, "a call-back is connected, and nobody dialled")
            self._answered(caller, person, decision.call)

    def _answered(self, caller: Caller, person: Person, call: int) -> None:
        agent = person.told.agent
        must(
            isinstance(self.given, i.AgentAnswers) and (self.given.call, self.given.agent) == (call, agent),
            "connected, and nobody answered",
        )
        must(caller.with_agent is None, f"call {call} is answered by two")
        self._parted(call, agent)
        must(person.offer_until > self.now, "answered too late")
        caller.with_agent, person.talking, person.misses, person.kept_until = agent, call, 0, None

    def _dial_back(self, decision: d.DialBack) -> None:
        caller, person = self._pair(decision.call, decision.agent)
        must(caller.callback, "somebody who is there is dialled")
        self._answered(caller, person, decision.call)
        caller.dialled = True

    def _apart(self, call: int, agent: int) -> tuple[Caller, Person]:
        caller, person = self._pair(call, agent)
        must(person.talking == call and caller.with_agent == agent, f"agent {agent} does not talk with {call}")
        person.talking = caller.with_agent = person.kept_until = None
        return caller, person

    def _release(self, decision: d.Release) -> None:
        caller, _ = self._apart(decision.call, decision.agent)
        self._after_talk(decision.agent, wrap_up=not caller.dialled)
        caller.dialled = False
        match self.given:
            case i.AgentHangsUp(agent=decision.agent):
                self._ends(decision.call, "talked")
            case i.CallLeaves(call=decision.call) | i.CallMoves(call=decision.call) | i.CustomerFails(call=decision.call):
                pass
            case _:
                raise Broken("a talk ended for no reason")

    def _requeued(self, decision: d.Requeued) -> None:
        kept_until = self.people[decision.agent].kept_until
        caller, person = self._apart(decision.call, decision.agent)
        must(person.vanished and kept_until is not None and kept_until <= self.now, "requeued before its time")
        caller.joined, caller.owner, caller.dialled = self.now, -1, False
        caller.had_turn.clear()
        if person.pause_next:
            self.expected[decision.agent] = d.Paused(decision.agent)

    def _as_expected(self, decision: d.WrapUp | d.Rests | d.Paused | d.TakenOut | d.Free) -> None:
        expected = self.expected.pop(decision.agent, None)
        must(expected == decision, f"{decision}, expected was {expected}")
        person = self.people[decision.agent]
        if isinstance(decision, d.WrapUp):
            person.wraps_until = decision.until_ms
        elif isinstance(decision, d.Paused | d.TakenOut):
            person.paused, person.pause_next = True, False

    def _moved(self, decision: d.Moved) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, is moved")
        caller = self.callers[decision.call]
        must(caller.waits_alone, "moved while it rings or talks")
        if not (isinstance(self.given, i.CallMoves) and (self.given.call, self.given.queue) == (decision.call, decision.queue)):
            limits = self.limits[caller.queue]
            due = limits.overflow_ms and self.now - caller.joined >= limits.overflow_ms
            must(bool(due) and limits.overflow_to == decision.queue, "moved for no reason")
        must(self.queues[caller.queue].tenant == self.queues[decision.queue].tenant, "moved to another tenant")
        if caller.want == caller.queue:
            caller.want = decision.queue if decision.queue in self.wants else -1
        caller.queue, caller.joined, caller.owner = decision.queue, self.now, -1
        caller.had_turn.clear()

    def _expired(self, decision: d.Expired) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, expires")
        must(self._too_long(self.callers[decision.call]), "expired before its time")
        self._ends(decision.call, "expired")

    def _too_long(self, caller: Caller) -> bool:
        limit = self.limits[caller.queue].wait_max_ms if caller.queue in self.limits else 0
        return 0 < limit <= self.now - caller.joined

    def _nobody_there(self, decision: d.NobodyThere) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, is sent away")
        queue = self.callers[decision.call].queue
        must(self._cause(queue) == decision.cause and bool(decision.cause & self.causes.get(queue, 0)), "sent away, and somebody is there")
        self._ends(decision.call, "nobody there")

    def _cause(self, queue: int) -> int:
        here = [person for person in self.people.values() if person.here and queue in person.told.queues]
        if not here:
            return i.Empty.NOBODY_LOGGED_IN
        awake = [person for person in here if not person.paused]
        if not awake:
            return i.Empty.ALL_PAUSED
        return i.Empty.ALL_IN_WRAP_UP if all(person.wraps_until > self.now for person in awake) else 0

    def _replaced(self, decision: d.Replaced) -> None:
        must(decision.call in self.callers and decision.by in self.callers, "an action for a call that ended")
        ticket, by = self.callers[decision.call], self.callers[decision.by]
        same = (ticket.told.number, ticket.queue) == (by.told.number, by.queue)
        must(ticket.callback and not by.callback and same and self.given == by.told, "replaced by another")
        self._ends(decision.call, "replaced")

    # --- what needs a look at everybody

    def _look_at_all(self) -> None:
        for number, person in self.people.items():
            if person.offered is not None:
                must(person.offer_until > self.now, f"the offer at agent {number} has no end")
                must(person.here and not person.paused and person.reachable, f"agent {number} is not there and is offered a call")
                must(number in self.callers[person.offered].ringing, f"agent {number} rings for nobody")
            if person.talking is not None:
                must(
                    person.talking in self.callers and self.callers[person.talking].with_agent == number,
                    f"agent {number} talks with nobody",
                )
                must(person.kept_until is None or person.kept_until > self.now, f"agent {number} is locked in his call")
        free = [person for person in self.people.values() if self._ready(person)]
        causes: dict[int, int] = {}
        for call, caller in self.callers.items():
            if caller.waits_alone:
                must(not self._too_long(caller), f"caller {call} waits for too long")
                limits = self.limits.get(caller.queue)
                over = limits is not None and 0 < limits.overflow_ms <= self.now - caller.joined
                must(not over, f"caller {call} does not overflow")
                if caller.queue not in causes:
                    causes[caller.queue] = self._cause(caller.queue) & self.causes.get(caller.queue, 0)
                must(not causes[caller.queue], f"caller {call} waits where nobody is there")
            if free and self._room(caller):
                self._nobody_free_for(call, caller, free)

    def _nobody_free_for(self, call: int, caller: Caller, free: list[Person]) -> None:
        """never-again 3 and 13."""
        for person in free:
            number = person.told.agent
            if number not in caller.had_turn and self._could_ever(caller, person) and self._held_for(caller) in (None, number):
                must(not (self._above_reserve(caller) and self._number_free(caller)), f"caller {call} waits and agent {number} is free")


KINDS: Final = get_args(d.Decision)

TOLD: Final[dict[type, Callable[[Watch, Any], None]]] = {
    i.QueueSet: Watch._queue_set,
    i.QueueOffers: Watch._queue_offers,
    i.QueuePoints: Watch._nothing,
    i.QueueLimits: Watch._queue_limits,
    i.QueueEmpties: Watch._queue_empties,
    i.QueueWidens: Watch._queue_widens,
    i.WantSet: Watch._want_set,
    i.TenantSet: Watch._tenant_set,
    i.AgentSet: Watch._agent_set,
    i.AgentTraits: Watch._agent_traits,
    i.AgentLogsIn: Watch._logs_in,
    i.AgentLogsOut: Watch._logs_out,
    i.AgentPauses: Watch._pauses,
    i.AgentResumes: Watch._resumes,
    i.AgentAsks: Watch._asks,
    i.AgentDials: Watch._dials,
    i.AgentBlocked: Watch._blocked,
    i.AgentUnblocked: Watch._unblocked,
    i.AgentVanishes: Watch._vanishes,
    i.AgentReturns: Watch._returns,
    i.AgentHangsUp: Watch._hangs_up,
    i.CallWaits: Watch._call_waits,
    i.CallLeaves: Watch._nothing,
    i.CallMoves: Watch._nothing,
    i.CallBackWanted: Watch._back_wanted,
    i.CustomerAnswers: Watch._nothing,
    i.CustomerFails: Watch._nothing,
    i.OfferRings: Watch._nothing,
    i.AgentAnswers: Watch._nothing,
    i.AgentRejects: Watch._nothing,
    i.OfferFails: Watch._nothing,
    i.VoicePathStands: Watch._nothing,
    i.AgentTakes: Watch._takes,
    i.OfferWithdrawn: Watch._nothing,
    i.Tick: Watch._nothing,
}

DECIDED: Final[dict[type, Callable[[Watch, Any], None]]] = {
    d.Offer: Watch._offer,
    d.Ringing: Watch._ringing,
    d.Missed: Watch._missed,
    d.Rejected: Watch._rejected,
    d.Withdrawn: Watch._withdrawn,
    d.Taken: Watch._taken,
    d.Connect: Watch._connect,
    d.DialBack: Watch._dial_back,
    d.Release: Watch._release,
    d.WrapUp: Watch._as_expected,
    d.Rests: Watch._as_expected,
    d.Paused: Watch._as_expected,
    d.TakenOut: Watch._as_expected,
    d.Free: Watch._as_expected,
    d.Requeued: Watch._requeued,
    d.Moved: Watch._moved,
    d.Expired: Watch._expired,
    d.NobodyThere: Watch._nobody_there,
    d.Replaced: Watch._replaced,
}
