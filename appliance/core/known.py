"""What the onlooker of the routing core knows (A3): the office as it was told and as the decisions leave it, and who may take whom.

Written from the words of decisions.py alone; it shares nothing with `reference.py` or `_acd.pyx`. The rules stand in invariants.py.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from appliance.core import decisions as d
from appliance.core import inputs as i

SECOND_MS: Final = 1_000
MOST_AT_ONCE: Final = 64


class Promise(StrEnum):
    """What a person is told was broken; the text of a `Broken` says exactly what."""

    NOT_PASSED_OVER = "not passed over"  # no free, rested agent beside a caller whom he may take
    ONE_OFFER = "one offer"  # no agent has two offers, no call two agents
    NOT_LOST = "not lost"  # no caller is lost or doubled
    ONE_OUTCOME = "one outcome"  # each caller ends, or goes elsewhere, once and when he should
    ONE_MISS = "one miss"  # an offer ends once, at its time
    NOT_SHORTENED = "not shortened"  # wrap-up and rests are as long as they should be
    NOT_AFTER_THE_END = "not after the end"  # no action for what has ended
    BY_THE_RULES = "by the rules"  # every other rule of decisions.py


class Broken(AssertionError):
    """A promise of the routing core did not hold: our defect. `call`, `agent`: whom it is about, as far as that is known."""

    def __init__(self, what: str, promise: Promise = Promise.BY_THE_RULES, call: int | None = None, agent: int | None = None) -> None:
        super().__init__(what)
        self.promise, self.call, self.agent = promise, call, agent


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


def must(holds: bool, what: str, promise: Promise = Promise.BY_THE_RULES, call: int | None = None, agent: int | None = None) -> None:
    if not holds:
        raise Broken(what, promise, call, agent)


class Known:
    """Changed by what is told; by what is decided in invariants.py."""

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
        self.about: i.Input | d.Decision = self.given  # for whom a promise is looked at
        self.now = self.steps_seen = 0
        self.every_ms, self.looked_at = every_ms, -1
        self.expected: dict[int, d.Decision] = {}  # what this agent must be told next, in this step
        self.broken: Broken | None = None

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
        must(given.call not in self.callers, f"call {given.call} is doubled", Promise.NOT_LOST)
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


TOLD: Final[dict[type, Callable[[Known, Any], None]]] = {
    i.QueueSet: Known._queue_set,
    i.QueueOffers: Known._queue_offers,
    i.QueuePoints: Known._nothing,
    i.QueueLimits: Known._queue_limits,
    i.QueueEmpties: Known._queue_empties,
    i.QueueWidens: Known._queue_widens,
    i.WantSet: Known._want_set,
    i.TenantSet: Known._tenant_set,
    i.AgentSet: Known._agent_set,
    i.AgentTraits: Known._agent_traits,
    i.AgentLogsIn: Known._logs_in,
    i.AgentLogsOut: Known._logs_out,
    i.AgentPauses: Known._pauses,
    i.AgentResumes: Known._resumes,
    i.AgentAsks: Known._asks,
    i.AgentDials: Known._dials,
    i.AgentBlocked: Known._blocked,
    i.AgentUnblocked: Known._unblocked,
    i.AgentVanishes: Known._vanishes,
    i.AgentReturns: Known._returns,
    i.AgentHangsUp: Known._hangs_up,
    i.CallWaits: Known._call_waits,
    i.CallLeaves: Known._nothing,
    i.CallMoves: Known._nothing,
    i.CallBackWanted: Known._back_wanted,
    i.CustomerAnswers: Known._nothing,
    i.CustomerFails: Known._nothing,
    i.OfferRings: Known._nothing,
    i.AgentAnswers: Known._nothing,
    i.AgentRejects: Known._nothing,
    i.OfferFails: Known._nothing,
    i.VoicePathStands: Known._nothing,
    i.AgentTakes: Known._takes,
    i.OfferWithdrawn: Known._nothing,
    i.Tick: Known._nothing,
}
