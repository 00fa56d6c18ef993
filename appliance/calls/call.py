"""One live call. Its states and what moves it are the table below; calls/switchboard.py is the only writer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.base.ids import CallId, LineId, QueueId, SeatId


class CallState(StrEnum):
    RINGING = "ringing"
    QUEUED = "queued"
    OFFERED = "offered"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


TRANSITIONS: Final = frozenset(
    {
        (CallState.RINGING, CallState.QUEUED),  # picked up
        (CallState.RINGING, CallState.ENDED),
        (CallState.QUEUED, CallState.OFFERED),
        (CallState.QUEUED, CallState.ENDED),
        (CallState.OFFERED, CallState.QUEUED),  # missed, rejected, withdrawn
        (CallState.OFFERED, CallState.TALKING),
        (CallState.OFFERED, CallState.ENDED),
        (CallState.TALKING, CallState.HELD),
        (CallState.TALKING, CallState.QUEUED),  # the seat vanished and did not come back
        (CallState.TALKING, CallState.ENDED),
        (CallState.HELD, CallState.TALKING),
        (CallState.HELD, CallState.QUEUED),
        (CallState.HELD, CallState.ENDED),
    }
)


@dataclass(slots=True)
class Call:
    """`number` is the core's small integer; `seat` has the call (those that ring for it know it by their own `call`)."""

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
    ended_by: str | None = None
    end_why: str = ""

    def move(self, to: CallState) -> None:
        if to is not self.state:
            if (self.state, to) not in TRANSITIONS:
                raise AssertionError(f"call {self.id} cannot go from {self.state} to {to}")
            self.state = to
