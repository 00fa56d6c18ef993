"""Seats and who sits at them (A2): the contract's eight states, and why a seat gets no call."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.base.ids import AgentId, CallId, LineId, SeatId
from firmware_cfg.document import Agent as AgentConfig
from firmware_cfg.document import Seat as SeatConfig

LIFE_MS: Final = 3_000
"""A page that has not answered for so long gets no calls (contract: a seat that vanishes)."""

KEEP_CALL_MS: Final = 30_000
"""So long a vanished seat keeps its call (contract)."""

SIGN_OUT_MS: Final = 600_000
"""A seat in fault for so long is signed out, and the journal says so; ten minutes outlast a computer's restart."""

DIAL_ALLOWANCE_MS: Final = 4_000
"""The three rings of a phone seat count from alerting, at the latest so long after dialling (contract)."""


class SeatState(StrEnum):
    LOGGED_OUT = "logged_out"
    FREE = "free"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    FAULT = "fault"


class Block(StrEnum):
    """Reasons outside the core that keep offers away; their order is the core's bit."""

    NO_LINE = "no_line"
    PAGE = "page"
    IN_A_CALL = "in_a_call"  # asked into a colleague's call, or listening to one
    TWO_CALLS = "two_calls"  # one of them may end, he is not free


class TakeStep(StrEnum):
    """Of a prompt that is spoken at a seat."""

    RINGING = "ringing"  # an outside phone's key 1 is waited for
    READY = "ready"
    RECORDING = "recording"
    RECORDED = "recorded"


@dataclass(slots=True)
class Take:
    """A prompt that is spoken at a seat (A5), ordered by an administrator."""

    name: str
    language: str
    by: str
    step: TakeStep
    since_ms: int
    place: str | None = None  # where the voice comes from, once somebody is there
    tries: int = 0  # how often it was recorded


@dataclass(slots=True)
class Agent:
    """A person. `number` is the core's."""

    config: AgentConfig
    number: int
    seat: SeatId | None = None

    @property
    def id(self) -> AgentId:
        return AgentId(self.config.id)


@dataclass(slots=True)
class Seat:
    config: SeatConfig
    agent: AgentId | None = None
    state: SeatState = SeatState.LOGGED_OUT
    since_ms: int = 0
    until_ms: int | None = None
    reason: str | None = None  # of the pause
    call: CallId | None = None
    rang_at_ms: int | None = None  # the open offer's first ring
    party_of: CallId | None = None  # another agent's call, in which somebody here was asked, or listens
    second: CallId | None = None  # a colleague's call into which he is asked while he talks
    parked: CallId | None = None  # his other call, on hold in the background (calls/two_calls.py)
    last_call: CallId | None = None  # which this agent left last: what he writes up
    muted: bool = False
    next_status: str | None = None
    alive_ms: int | None = None  # the page's last sign of life
    lost: bool = False
    rests_until_ms: int | None = None
    leg: LineId | None = None  # the line that dials the outside phone
    leg_until_ms: int | None = None  # so long it may stay connected between calls; None: it does not
    reserved: LineId | None = None
    blocks: set[Block] = field(default_factory=set)
    take: Take | None = None  # the prompt that is spoken here
    refused_by: str | None = None  # how the phone seat's leg ended the open offer
    resume_as: SeatState = SeatState.FREE  # what a lost seat is when it is found
    resume_reason: str | None = None
    resume_until_ms: int | None = None

    @property
    def id(self) -> SeatId:
        return SeatId(self.config.id)

    @property
    def is_phone(self) -> bool:
        return self.config.kind == "phone"

    @property
    def in_a_call(self) -> bool:
        """Joined with somebody: talking, held, or kept while the seat is lost; as a party of another's call too."""
        return (self.call is not None or self.party_of is not None) and self.state is not SeatState.RINGING

    @property
    def wants(self) -> SeatState:
        """What it is, or will be when it is found."""
        return self.resume_as if self.lost else self.state

    def page_answers(self, now_ms: int) -> bool:
        return self.is_phone or (self.alive_ms is not None and now_ms - self.alive_ms < LIFE_MS)

    def reset(self) -> None:
        """Nobody sits here any more."""
        self.call = self.party_of = self.second = self.parked = self.last_call = self.leg = self.reserved = None
        self.next_status = self.refused_by = self.rests_until_ms = self.alive_ms = self.leg_until_ms = None
        self.take = None
        self.muted = self.lost = False
        self.blocks = set()

    @property
    def _silent(self) -> str:
        return "why.headset" if self.config.kind == "headset" else "why.page"

    def why(self, now_ms: int) -> str | None:
        """Key of the sentence that says why a seat that could be free gets no call, else None."""
        if self.state is SeatState.FAULT:
            return self._silent
        if self.state is SeatState.PAUSED:
            return "why.paused"
        if self.state is SeatState.WRAP_UP:
            return "why.wrap_up"
        if self.state is not SeatState.FREE:
            return None
        if not self.page_answers(now_ms):
            return self._silent
        if self.is_phone and self.reserved is None and self.leg is None:
            return "why.no_line"
        if self.rests_until_ms is not None and now_ms < self.rests_until_ms:
            return "why.resting"
        return None
