"""The live state of the office, changed in a turn only, and the small verbs that all of calls/ shares."""

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.calls.call import Call, CallState
from appliance.calls.lines import Line
from appliance.calls.parties import Matrix, Party, Role, Scene, Voice, who_hears_whom
from appliance.calls.ports import CallerLookup, Lines, Place, Recording, Sound, line_place, seat_place
from appliance.calls.queues import Queues
from appliance.calls.seats import Agent, Seat, SeatState
from appliance.calls.timers import Timers
from appliance.core import inputs
from appliance.events import Event
from appliance.events.seat import SeatStateChanged
from firmware_cfg.document import Document

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ticket:
    """A call-back that waits: of a caller on this line, since then. `in_core`: told to the core, with a line to dial it (callbacks.py)."""

    line: LineId
    since_ms: int
    tries: int = 0
    not_before_ms: int = 0
    in_core: bool = False


@dataclass(slots=True)
class Live:
    """`now_ms` is the turn's time, `facts` what it has made so far, `decisions` what the core decided and nobody has carried out yet."""

    document: Document
    line_orders: Lines
    sound: Sound
    recording: Recording
    lookup: CallerLookup
    now_ms: int = 0
    next_call: int = 1
    queues: Queues = field(default_factory=Queues)
    timers: Timers = field(default_factory=Timers)
    lines: dict[LineId, Line] = field(default_factory=dict)
    seats: dict[SeatId, Seat] = field(default_factory=dict)
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    calls: dict[CallId, Call] = field(default_factory=dict)
    tickets: dict[CallId, Ticket] = field(default_factory=dict)
    facts: list[Event] = field(default_factory=list)
    decisions: deque[Any] = field(default_factory=deque)
    asking: set[CallId] = field(default_factory=set)  # calls of before the restart whose line has not told yet (calls/resume.py)
    offers_wait: bool = False  # for them, a little while
    takes_over: dict[tuple[str, str], str] = field(default_factory=dict)  # why the last take of a prompt ended
    last_sign_ms: int = 0  # of the box before

    def tell(self, fact: Event) -> None:
        self.facts.append(fact)

    def feed(self, given: inputs.Input) -> bool:
        """Tells the core; False where it refused (our picture and its own differ: a defect unless a person raced)."""
        return self.ask(given) is None

    def ask(self, given: inputs.Input) -> str | None:
        """As `feed`; why it refused, one of core/decisions.REASONS."""
        decisions = self.queues.feed(self.now_ms, given)
        self.decisions.extend(decisions)
        why = next((decision.why for decision in decisions if type(decision).__name__ == "Refused"), None)
        if why is not None:
            log.debug("core refused %s: %s", given, why)
        return why

    def seat_of(self, agent: AgentId) -> Seat:
        seat = self.agents[agent].seat
        assert seat is not None, f"{agent} sits nowhere"
        return self.seats[seat]

    def number_of(self, seat: Seat) -> int:
        assert seat.agent is not None, f"nobody at {seat.id}"
        return self.agents[seat.agent].number

    def set_seat(self, seat: Seat, state: SeatState, *, reason: str | None = None, until_ms: int | None = None) -> None:
        """The one place where a seat's state changes, so that each change is a fact."""
        if (seat.state, seat.reason, seat.until_ms) == (state, reason, until_ms):
            return
        if seat.state is not state:
            seat.since_ms = self.now_ms
        seat.state, seat.reason, seat.until_ms = state, reason, until_ms
        self.tell(
            SeatStateChanged(
                at_ms=self.now_ms,
                seat=seat.id,
                agent=seat.agent,
                state=state.value,
                reason=reason,
                call=seat.call or seat.party_of,
                until_ms=until_ms,
            )
        )

    def settle(self, seat: Seat, state: SeatState, *, reason: str | None = None, until_ms: int | None = None) -> None:
        """A state outside a call. A seat that is lost, or a party of another's call, takes it up afterwards."""
        seat.resume_as, seat.resume_reason, seat.resume_until_ms = state, reason, until_ms
        self.come_back(seat)

    def come_back(self, seat: Seat) -> None:
        """The state outside a call, where nothing else keeps the seat."""
        if not seat.lost and seat.party_of is None:
            self.set_seat(seat, seat.resume_as, reason=seat.resume_reason, until_ms=seat.resume_until_ms)

    def place_of(self, seat: Seat) -> Place:
        """Where the agent's voice comes from: the line of an outside phone's leg, else the seat."""
        return line_place(seat.leg) if seat.leg is not None else seat_place(seat.id)

    def scene(self, call: Call) -> Scene:
        """The call as the matrix sees it."""
        voices = [self._voice(call, party) for party in call.parties]
        if call.seat is not None:
            seat = self.seats[call.seat]
            voices.insert(0, Voice(self.place_of(seat), Role.AGENT, not seat.lost and seat.parked != call.id, seat.muted))
        held = call.state is CallState.HELD and not (call.asked is not None and call.goes_on)  # others are with him meanwhile
        return Scene(line_place(call.line), tuple(voices), held)

    def _voice(self, call: Call, party: Party) -> Voice:
        if party.seat is not None:
            seat = self.seats[party.seat]
            away = seat.parked == call.id
            return Voice(self.place_of(seat), party.role, party.here and not seat.lost and not away, seat.muted, away)
        assert party.line is not None
        return Voice(line_place(party.line), party.role, self.can_talk(party))

    def can_talk(self, party: Party) -> bool:
        """There, or an outside number whose line has sound."""
        line = self.lines.get(party.line) if party.line is not None else None
        return party.here or (line is not None and line.sound)

    def arrange(self, call: Call) -> None:
        """Lines, seats and recorder are told what has changed in who hears whom. Not of a call that waits: it hears ring-back or music."""
        if call.with_customer:
            self._carry_out(call, who_hears_whom(self.scene(call)))

    def ring_back(self, call: Call, seat: Seat, early: bool = False) -> None:
        """A call-back's agent hears that it rings at the customer's, from the line itself where that sounds; who hears nothing yet."""
        customer, agent = line_place(call.line), self.place_of(seat)
        sources = frozenset({customer}) if early else frozenset()
        self._carry_out(call, Matrix({customer: frozenset(), agent: sources}, {customer: None, agent: None if early else "ringback"}))

    def part(self, call: Call, play: str | None) -> None:
        """The customer hears `play` only, all others nothing."""
        customer = line_place(call.line)
        self._carry_out(call, Matrix({customer: frozenset()}, {customer: play}))

    def _carry_out(self, call: Call, now: Matrix) -> None:
        before, call.arranged = call.arranged, now
        for place in before.hears.keys() - now.hears.keys() if before is not None else ():
            self.sound.hears(place, frozenset())
            self.sound.play(place, None)
        for place, sources in now.hears.items():
            if before is None or before.hears.get(place) != sources:
                self.sound.hears(place, sources)
        for place, sound in now.plays.items():
            if before is None or place not in before.plays or before.plays[place] != sound:
                self.sound.play(place, sound)
        if before is None or before.recorded != now.recorded:
            self.recording.agents(call.id, now.recorded)

    def agent_of(self, call: Call) -> AgentId | None:
        """Whose customer the caller is: the dearest of them who is at a seat and serves the call's queue, where that counts at all."""
        if call.caller is None or not self.queues.config[call.queue].last_agent_s:
            return None
        known = [self.agents[agent] for agent in self.lookup.agents_of(call.caller) if agent in self.agents]
        return next((agent.id for agent in known if agent.seat is not None and call.queue in agent.config.queues), None)

    def queue_of(self, line: Line) -> QueueId | None:
        return QueueId(line.config.queue) if line.config.queue is not None else None
