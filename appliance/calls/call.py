"""One live call. Its states and what moves it are the table below; calls/switchboard.py is the only writer."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.calls.parties import LISTENERS, Matrix, Party, Role


class CallState(StrEnum):
    RINGING = "ringing"
    QUEUED = "queued"
    OFFERED = "offered"
    DIALLING = "dialling"  # a call-back: its agent is there, the customer not yet
    TALKING = "talking"
    HELD = "held"
    OUTSIDE = "outside"  # transferred to an outside number: no seat has it
    ENDED = "ended"


TRANSITIONS: Final = frozenset(
    {
        (CallState.RINGING, CallState.QUEUED),  # picked up
        (CallState.RINGING, CallState.ENDED),
        (CallState.QUEUED, CallState.OFFERED),
        (CallState.QUEUED, CallState.TALKING),  # taken by its agent as his second call, or by a supervisor
        (CallState.QUEUED, CallState.ENDED),
        (CallState.OFFERED, CallState.QUEUED),  # missed, rejected, withdrawn
        (CallState.OFFERED, CallState.TALKING),
        (CallState.OFFERED, CallState.ENDED),
        (CallState.OFFERED, CallState.DIALLING),
        (CallState.DIALLING, CallState.TALKING),
        (CallState.DIALLING, CallState.QUEUED),  # the attempt failed
        (CallState.TALKING, CallState.HELD),
        (CallState.TALKING, CallState.QUEUED),  # transferred, or the seat vanished and did not come back
        (CallState.TALKING, CallState.OUTSIDE),
        (CallState.TALKING, CallState.ENDED),
        (CallState.HELD, CallState.TALKING),
        (CallState.HELD, CallState.QUEUED),
        (CallState.HELD, CallState.OUTSIDE),
        (CallState.HELD, CallState.ENDED),
        (CallState.OUTSIDE, CallState.QUEUED),  # nobody answered there
        (CallState.OUTSIDE, CallState.TALKING),  # a supervisor took it back
        (CallState.OUTSIDE, CallState.ENDED),
    }
)


@dataclass(slots=True)
class Call:
    """`number` is the core's small integer; `seat` has the call (those that ring for it know it by
    their own `call`); `parties` are in it besides.

    `by_hand`: its agent got it from another one, not from the core, which knows him as busy and nothing of the call.
    """

    id: CallId
    number: int
    line: LineId
    queue: QueueId
    caller: str | None = None
    state: CallState = CallState.RINGING
    picked_up_ms: int | None = None
    seat: SeatId | None = None
    answering: bool = False  # the order to answer is out
    kept: bool = False  # held by the box, as the seat vanished
    by_hand: bool = False
    meant_for: AgentId | None = None  # waits for this agent first: his customer, or transferred to him
    parties: list[Party] = field(default_factory=list)
    arranged: Matrix | None = None  # what lines and seats were told last
    unrecorded: SeatId | None = None  # the seat that paused its recording
    outgoing: bool = False  # a call-back
    met_person: bool = False  # the box has heard a person answer its call
    ended_by: str | None = None
    end_why: str = ""

    @property
    def with_customer(self) -> bool:
        """Somebody has it, or had it and put the customer through: the matrix is this call's."""
        return self.state in (CallState.TALKING, CallState.HELD, CallState.OUTSIDE)

    @property
    def asked(self) -> Party | None:
        """Whom the agent consults, or waits for."""
        return next((party for party in self.parties if party.role is Role.CONSULTED), None)

    @property
    def members(self) -> list[Party]:
        """Of the conference, beside customer and agent, those who ring still included."""
        return [party for party in self.parties if party.role is Role.MEMBER]

    @property
    def people(self) -> int:
        """How many talk, or would if all were here."""
        return 1 + (self.seat is not None) + sum(party.role not in (Role.MONITOR, Role.WHISPER) for party in self.parties)

    @property
    def goes_on(self) -> bool:
        """Somebody talks with the customer even while the agent does not."""
        return any(party.here and party.role in (Role.MEMBER, Role.BARGE) for party in self.parties)

    @property
    def colleague(self) -> Party | None:
        """Who is in the conference longest, at a seat: whose the call is when its agent goes."""
        return next((party for party in self.members if party.seat is not None and party.here), None)

    def party_at(self, seat: SeatId) -> Party | None:
        return next((party for party in self.parties if party.seat == seat), None)

    def listener_at(self, seat: SeatId) -> Party | None:
        party = self.party_at(seat)
        return party if party is not None and party.role in LISTENERS else None

    def move(self, to: CallState) -> None:
        if to is not self.state:
            if (self.state, to) not in TRANSITIONS:
                raise AssertionError(f"call {self.id} cannot go from {self.state} to {to}")
            self.state = to
