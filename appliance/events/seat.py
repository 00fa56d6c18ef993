"""Seats and the people at them (A2, A4)."""

from appliance.base.ids import AgentId, CallId, SeatId
from appliance.events import Event


class SeatEvent(Event, frozen=True, kw_only=True):
    seat: SeatId
    agent: AgentId | None = None


class AgentLoggedIn(SeatEvent, frozen=True, kw_only=True):
    """From here on the agent is at this seat."""


class AgentLoggedOut(SeatEvent, frozen=True, kw_only=True):
    """`why`: "asked", "timeout", "moved" (logged in elsewhere), "restart" (the seat or person is not there any more),
    "configuration" (gone from it, or the seat is of another kind now)."""

    why: str = "asked"


class SeatStateChanged(SeatEvent, frozen=True, kw_only=True):
    """`state` is one of the contract's eight words; `reason` the pause's; `until_ms` where a wrap-up or rest has an end."""

    state: str
    reason: str | None = None
    call: CallId | None = None
    until_ms: int | None = None


class NextStatusChosen(SeatEvent, frozen=True, kw_only=True):
    """What the agent wants to be when this call is over: "free", "logged_out", or a pause's reason after "paused:"."""

    status: str


class SeatLost(SeatEvent, frozen=True, kw_only=True):
    """No sign of life for 3 s."""


class SeatFound(SeatEvent, frozen=True, kw_only=True):
    """It answers again."""
