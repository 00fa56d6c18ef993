"""The calls that were up when the box ended, as the journal knows them (E5): who was in each, on which lines. resume.py takes them up."""

from dataclasses import dataclass, field

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.calls.call import CallState
from appliance.calls.parties import Role
from appliance.events import Event
from appliance.events import call as happened
from appliance.events.line import LineHungUp, LineIdle
from appliance.events.recording import RecordingPaused, RecordingResumed
from appliance.events.seat import NextStatusChosen


@dataclass(slots=True)
class Open:
    """A call that was up when the box ended. Times are of this boot's clock."""

    id: CallId
    line: LineId
    incoming: bool
    state: CallState = CallState.RINGING
    queue: QueueId | None = None
    caller: str | None = None
    picked_up_ms: int | None = None
    since_ms: int | None = None  # waits since
    first: bool = False  # it went back to the head of its queue
    rings: dict[SeatId, AgentId] = field(default_factory=dict)  # open offers
    seat: SeatId | None = None  # talks
    agent: AgentId | None = None
    muted: bool = False
    kept: bool = False
    legs: dict[SeatId, LineId] = field(default_factory=dict)
    next_status: str | None = None
    ticket: bool = False  # a call-back whose customer is not there yet: kept by tickets.py
    dialled: bool = False
    unrecorded: SeatId | None = None  # its recording was paused there
    parties: dict[str, happened.PartyEvent | happened.SupervisionEvent] = field(default_factory=dict)  # by seat or number
    hushed: set[SeatId] = field(default_factory=set)  # parties who have muted themselves
    outside_ms: int | None = None  # an outside number has it since

    @property
    def leg(self) -> LineId | None:
        """The line to the outside phone that he talks with."""
        return self.legs.get(self.seat) if self.seat is not None else None

    def line_of(self, party: happened.PartyEvent | happened.SupervisionEvent) -> LineId | None:
        """The line to the party's outside phone or number."""
        return self.legs.get(party.seat) if party.seat is not None else getattr(party, "line", None)

    @property
    def outside_lines(self) -> set[LineId]:
        """All lines to outside phones and numbers of this talk; a seat that was only rung is not in it."""
        found = {self.leg} | {self.line_of(party) for party in self.parties.values() if was_here(party) or party.seat is None}
        return {line for line in found if line is not None}

    @property
    def goes_on(self) -> bool:
        """Somebody talks with the customer even while the agent does not."""
        return any(was_here(party) and role_of(party) in (Role.MEMBER, Role.BARGE) for party in self.parties.values())


def was_here(party: happened.PartyEvent | happened.SupervisionEvent) -> bool:
    """He was in the call; before, his seat rang or his number was dialled."""
    return isinstance(party, happened.PartyJoined | happened.SupervisionEvent)


def role_of(party: happened.PartyEvent | happened.SupervisionEvent) -> Role:
    return Role(party.role if isinstance(party, happened.PartyEvent) else party.mode)


class OpenCalls:
    """A fold over the facts since the oldest open call began."""

    def __init__(self) -> None:
        self.calls: dict[CallId, Open] = {}
        self.last_ms = 0

    def take(self, at_ms: int, fact: Event) -> None:
        self.last_ms = max(self.last_ms, at_ms)
        if isinstance(fact, happened.CallStarted):
            self.calls[fact.call] = Open(fact.call, fact.line, fact.direction == "in", caller=fact.caller)
        elif isinstance(fact, happened.CallEvent):
            if fact.call in self.calls:
                self._of_call(self.calls[fact.call], at_ms, fact)
        elif isinstance(fact, RecordingPaused | RecordingResumed):
            if fact.call in self.calls:
                self.calls[fact.call].unrecorded = fact.seat if isinstance(fact, RecordingPaused) else None
        elif isinstance(fact, LineHungUp | LineIdle):
            for call in self.calls.values():
                call.legs = {seat: line for seat, line in call.legs.items() if line != fact.line}
        elif isinstance(fact, NextStatusChosen):
            for call in self.calls.values():
                if call.seat == fact.seat:
                    call.next_status = fact.status

    def _of_call(self, call: Open, at_ms: int, fact: happened.CallEvent) -> None:
        match fact:
            case happened.CallerIdentified():
                call.caller = fact.caller
            case happened.CallPickedUp():
                call.picked_up_ms = at_ms
            case happened.CallQueued():
                call.state, call.queue, call.first = CallState.QUEUED, fact.queue, fact.again
                call.since_ms = at_ms if call.since_ms is None else call.since_ms
                call.seat = call.agent = call.next_status = None
            case happened.CallOffered():
                call.rings[fact.seat] = fact.agent
                if call.state is CallState.QUEUED:
                    call.state = CallState.OFFERED
            case happened.LegDialled():
                call.legs[fact.seat] = fact.line
            case happened.OfferMissed() | happened.OfferEnded():
                call.rings.pop(fact.seat, None)
                if call.state is CallState.OFFERED and not call.rings:
                    call.state = CallState.QUEUED
            case happened.CallBackAsked():
                call.ticket = True
            case happened.CallDialled():
                call.line, call.dialled = fact.line, True
            case happened.CallBackFailed():
                call.dialled = False
            case happened.CallAnswered():
                call.ticket = False
                call.state, call.seat, call.agent, call.muted = CallState.TALKING, fact.seat, fact.agent, False
            case happened.CallHeld():
                call.state, call.kept = CallState.HELD, fact.by == "box"
            case happened.CallRetrieved():
                call.state, call.kept = CallState.TALKING, False
            case happened.CallMuted(seat=call.seat):
                call.muted = fact.muted
            case happened.CallMuted():
                call.hushed = call.hushed | {fact.seat} if fact.muted else call.hushed - {fact.seat}
            case happened.CallTransferred():
                call.seat, call.agent, call.muted, call.kept = fact.to_seat, fact.to_agent, False, False
                call.state = CallState.OUTSIDE if fact.number is not None else CallState.TALKING
                call.outside_ms = at_ms if fact.number is not None else None
            case happened.PartyAsked() | happened.PartyJoined() | happened.SupervisionStarted() | happened.SupervisionChanged():
                call.parties[fact.seat or getattr(fact, "number", None) or ""] = fact
                if isinstance(fact, happened.PartyAsked) and fact.role == "consulted" and not call.goes_on:
                    call.state = CallState.HELD
            case happened.PartyLeft() | happened.SupervisionEnded():
                call.parties.pop(fact.seat or getattr(fact, "number", None) or "", None)
            case happened.CallEnded():
                del self.calls[call.id]
