"""The live state of the office, changed in a turn only, and the small verbs that all of calls/ shares."""

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.calls.call import Call
from appliance.calls.lines import Line
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
    facts: list[Event] = field(default_factory=list)
    decisions: deque[Any] = field(default_factory=deque)

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
                at_ms=self.now_ms, seat=seat.id, agent=seat.agent, state=state.value, reason=reason, call=seat.call, until_ms=until_ms
            )
        )

    def settle(self, seat: Seat, state: SeatState, *, reason: str | None = None, until_ms: int | None = None) -> None:
        """A state outside a call. A lost seat stays in fault and takes it up when it is found."""
        seat.resume_as, seat.resume_reason, seat.resume_until_ms = state, reason, until_ms
        if not seat.lost:
            self.set_seat(seat, state, reason=reason, until_ms=until_ms)

    def place_of(self, seat: Seat) -> Place:
        """Where the agent's voice comes from: the line of an outside phone's leg, else the seat."""
        return line_place(seat.leg) if seat.leg is not None else seat_place(seat.id)

    def hear_each_other(self, call: Call, seat: Seat) -> None:
        caller, agent = line_place(call.line), self.place_of(seat)
        self.sound.play(caller, None)
        self.sound.play(agent, None)
        self.sound.hears(agent, frozenset({caller}))
        self.sound.hears(caller, frozenset() if seat.muted else frozenset({agent}))
        self.recording.agents(call.id, frozenset() if seat.muted else frozenset({agent}))

    def part(self, call: Call, place: Place, play: str | None) -> None:
        """The caller hears `play` only, the agent's place nothing."""
        self.sound.hears(line_place(call.line), frozenset())
        self.sound.play(line_place(call.line), play)
        self.sound.hears(place, frozenset())
        self.sound.play(place, None)
        self.recording.agents(call.id, frozenset())

    def agent_of(self, call: Call) -> AgentId | None:
        """Whose customer the caller is: the dearest of them who is at a seat and serves the call's queue, where that counts at all."""
        if call.caller is None or not self.queues.config[call.queue].last_agent_s:
            return None
        known = [self.agents[agent] for agent in self.lookup.agents_of(call.caller) if agent in self.agents]
        return next((agent.id for agent in known if agent.seat is not None and call.queue in agent.config.queues), None)

    def queue_of(self, line: Line) -> QueueId | None:
        return QueueId(line.config.queue) if line.config.queue is not None else None
