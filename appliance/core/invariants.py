"""What holds after each step of the routing core, as code (A3 A4, never-again 1 to 17): an onlooker who believes nobody.

It knows only what was told and what was decided (known.py), from the words of decisions.py; it shares nothing with `reference.py` or
`_acd.pyx`.

    watch = Watch(every_ms=1_000)
    problem = watch.noted(now_ms, given, acd.feed(now_ms, given))

`saw` raises `Broken` at the first broken promise: tests. `noted` gives it instead, and is silent from then on: the box, which raises an
alarm (calls/onlooker.py). With `every_ms` what needs a look at everybody is looked at so often at most.
Where something was due at `now_ms`, a Tick must have been fed and seen before another input: it comes before the input (rule 19).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.known import SECOND_MS, TOLD, Broken, Caller, Known, Person, Promise, must

LAST_MS: Final = 2**50


class Watch(Known):
    def noted(self, now_ms: int, given: i.Input, decided: Iterable[d.Decision]) -> Broken | None:
        """For a running box: what was broken, said once."""
        if self.broken is None:
            try:
                self.saw(now_ms, given, decided)
            except Broken as problem:
                self.broken = problem
                return problem
        return None

    def saw(self, now_ms: int, given: i.Input, decided: Iterable[d.Decision]) -> None:
        """One step."""
        self.about = self.given = given
        try:
            self._saw(now_ms, list(decided))
        except Broken as problem:
            if problem.call is None and problem.agent is None:
                problem.call, problem.agent = getattr(self.about, "call", None), getattr(self.about, "agent", None)
            raise

    def all_wait(self, queue: int, waiting: Iterable[int]) -> None:
        """The core says that these wait in the queue."""
        said, known = set(waiting), self.waiting(queue)
        for call in sorted(known - said):
            raise Broken(f"call {call} is lost", Promise.NOT_LOST, call)
        for call in sorted(said - known):
            raise Broken(f"call {call} waits and should not", Promise.NOT_LOST, call)

    def _saw(self, now_ms: int, decided: list[d.Decision]) -> None:
        given = self.given
        refused = [decision.why for decision in decided if isinstance(decision, d.Refused)]
        must(len(refused) <= 1, "one input is refused twice")
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
                self.about = decision
                DECIDED[next(kind for kind in KINDS if isinstance(decision, kind))](self, decision)
        self.about = given
        if not refused:
            self._follows(given)
        self._rounds()
        must(not self.expected, f"not told: {self.expected}", agent=next(iter(self.expected), None))
        if self.now >= self.looked_at + self.every_ms or self.looked_at < 0:
            self.looked_at = self.now
            self.look_round()

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
                must(caller.waits_alone, f"call {call} is gone and still rings or talks", Promise.ONE_OUTCOME)
                self._ends(call, "left")
            case i.AgentAnswers(call=call, agent=agent):
                must(self.people[agent].offered != call, "an answer led to nothing")
            case i.AgentRejects(call=call, agent=agent) | i.OfferFails(call=call, agent=agent) | i.OfferWithdrawn(call=call, agent=agent):
                person = self.people[agent]
                must(person.offered != call or person.offer_made == self.steps_seen, "an offer outlived its end", Promise.NOT_AFTER_THE_END)
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
        must(caller.waits_alone, f"call {call} is over and still rings or talks", Promise.ONE_OUTCOME)
        self.outcomes[outcome] += 1

    # --- what was decided

    def _pair(self, call: int, agent: int) -> tuple[Caller, Person]:
        must(call in self.callers, f"an action for call {call}, which ended", Promise.NOT_AFTER_THE_END)
        must(agent in self.people, f"an action for agent {agent}, who does not exist")
        return self.callers[call], self.people[agent]

    def _offer(self, decision: d.Offer) -> None:
        caller, person = self._pair(decision.call, decision.agent)
        self._rounds()
        must(person.offered is None, f"two offers at agent {decision.agent}", Promise.ONE_OFFER)
        must(person.here and not person.paused and person.reachable, f"agent {decision.agent} is not there and is offered a call")
        must(person.talking is None and not person.outside, f"agent {decision.agent} talks and is offered a call")
        must(person.wraps_until <= self.now, "wrap-up was cut short", Promise.NOT_SHORTENED)
        must(person.rests_until <= self.now, "a rest was cut short", Promise.NOT_SHORTENED)
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
        rings = person.offered == call and agent in caller.ringing
        must(rings, f"agent {agent} had no offer of call {call}: it ended twice", Promise.ONE_MISS)
        person.offered = None
        caller.ringing.discard(agent)
        return caller, person

    def _rest(self, person: Person, rest_ms: int) -> None:
        person.rests_until = self.now + rest_ms
        self._comes_back(person.told.agent)

    def _missed(self, decision: d.Missed) -> None:
        caller, person = self._parted(decision.call, decision.agent)
        must(person.offer_until <= self.now, "missed before its time", Promise.ONE_MISS)
        must(caller.with_agent is None, "a miss, and another one has the call", Promise.ONE_MISS)
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
        must(caller.with_agent is None, f"call {call} is answered by two", Promise.ONE_OFFER)
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
        talks = person.talking == call and caller.with_agent == agent
        must(talks, f"agent {agent} does not talk with {call}", Promise.NOT_AFTER_THE_END)
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
        must(expected == decision, f"{decision}, expected was {expected}", Promise.NOT_SHORTENED)
        person = self.people[decision.agent]
        if isinstance(decision, d.WrapUp):
            person.wraps_until = decision.until_ms
        elif isinstance(decision, d.Paused | d.TakenOut):
            person.paused, person.pause_next = True, False

    def _moved(self, decision: d.Moved) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, is moved", Promise.NOT_AFTER_THE_END)
        caller = self.callers[decision.call]
        must(caller.waits_alone, "moved while it rings or talks")
        if not (isinstance(self.given, i.CallMoves) and (self.given.call, self.given.queue) == (decision.call, decision.queue)):
            limits = self.limits[caller.queue]
            due = limits.overflow_ms and self.now - caller.joined >= limits.overflow_ms
            must(bool(due) and limits.overflow_to == decision.queue, "moved for no reason", Promise.ONE_OUTCOME)
        must(self.queues[caller.queue].tenant == self.queues[decision.queue].tenant, "moved to another tenant")
        if caller.want == caller.queue:
            caller.want = decision.queue if decision.queue in self.wants else -1
        caller.queue, caller.joined, caller.owner = decision.queue, self.now, -1
        caller.had_turn.clear()

    def _expired(self, decision: d.Expired) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, expires", Promise.NOT_AFTER_THE_END)
        must(self._too_long(self.callers[decision.call]), "expired before its time", Promise.ONE_OUTCOME)
        self._ends(decision.call, "expired")

    def _too_long(self, caller: Caller) -> bool:
        limit = self.limits[caller.queue].wait_max_ms if caller.queue in self.limits else 0
        return 0 < limit <= self.now - caller.joined

    def _nobody_there(self, decision: d.NobodyThere) -> None:
        must(decision.call in self.callers, f"call {decision.call}, which ended, is sent away", Promise.NOT_AFTER_THE_END)
        queue = self.callers[decision.call].queue
        nobody = self._cause(queue) == decision.cause and bool(decision.cause & self.causes.get(queue, 0))
        must(nobody, "sent away, and somebody is there", Promise.ONE_OUTCOME)
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
        must(decision.call in self.callers and decision.by in self.callers, "an action for a call that ended", Promise.NOT_AFTER_THE_END)
        ticket, by = self.callers[decision.call], self.callers[decision.by]
        same = (ticket.told.number, ticket.queue) == (by.told.number, by.queue)
        must(ticket.callback and not by.callback and same and self.given == by.told, "replaced by another", Promise.ONE_OUTCOME)
        self._ends(decision.call, "replaced")

    # --- what needs a look at everybody

    def look_round(self) -> None:
        """At everybody, as of the last step."""
        for number, person in self.people.items():
            self._look_at(number, person)
        free = [person for person in self.people.values() if self._ready(person)]
        causes: dict[int, int] = {}
        for call, caller in self.callers.items():
            if caller.waits_alone:
                must(not self._too_long(caller), f"caller {call} waits for too long", Promise.ONE_OUTCOME, call)
                limits = self.limits.get(caller.queue)
                over = limits is not None and 0 < limits.overflow_ms <= self.now - caller.joined
                must(not over, f"caller {call} does not overflow", Promise.ONE_OUTCOME, call)
                if caller.queue not in causes:
                    causes[caller.queue] = self._cause(caller.queue) & self.causes.get(caller.queue, 0)
                must(not causes[caller.queue], f"caller {call} waits where nobody is there", Promise.ONE_OUTCOME, call)
            if free and self._room(caller):
                self._nobody_free_for(call, caller, free)

    def _look_at(self, number: int, person: Person) -> None:
        if (call := person.offered) is not None:
            must(person.offer_until > self.now, f"the offer at agent {number} has no end", Promise.ONE_MISS, call, number)
            there = person.here and not person.paused and person.reachable
            must(there, f"agent {number} is not there and is offered a call", call=call, agent=number)
            rings = number in self.callers[call].ringing
            must(rings, f"agent {number} rings for nobody", Promise.NOT_AFTER_THE_END, call, number)
        if (call := person.talking) is not None:
            talks = call in self.callers and self.callers[call].with_agent == number
            must(talks, f"agent {number} talks with nobody", Promise.NOT_AFTER_THE_END, call, number)
            kept = person.kept_until is None or person.kept_until > self.now
            must(kept, f"agent {number} is locked in his call", call=call, agent=number)

    def _nobody_free_for(self, call: int, caller: Caller, free: list[Person]) -> None:
        """never-again 3 and 13."""
        for person in free:
            number = person.told.agent
            if number not in caller.had_turn and self._could_ever(caller, person) and self._held_for(caller) in (None, number):
                passed_over = self._above_reserve(caller) and self._number_free(caller)
                must(not passed_over, f"caller {call} waits and agent {number} is free", Promise.NOT_PASSED_OVER, call, number)


KINDS: Final = get_args(d.Decision)

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
