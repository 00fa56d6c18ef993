"""What people order. Imperative; the answer is facts, or Refused."""

import msgspec

from appliance.base.ids import AgentId, LineId, SeatId


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    pass


class SeatCommand(Command, frozen=True, kw_only=True):
    seat: SeatId


class LogIn(SeatCommand, frozen=True, kw_only=True):
    agent: AgentId


class LogOut(SeatCommand, frozen=True, kw_only=True):
    pass


class Pause(SeatCommand, frozen=True, kw_only=True):
    reason: str


class Resume(SeatCommand, frozen=True, kw_only=True):
    """Ends a pause and a wrap-up."""


class ChooseNext(SeatCommand, frozen=True, kw_only=True):
    """What to be after this call: "wrap_up" (as without a choice), "free", "logged_out" or "paused:REASON"."""

    status: str


class Answer(SeatCommand, frozen=True, kw_only=True):
    pass


class Reject(SeatCommand, frozen=True, kw_only=True):
    pass


class HangUp(SeatCommand, frozen=True, kw_only=True):
    pass


class Hold(SeatCommand, frozen=True, kw_only=True):
    pass


class Retrieve(SeatCommand, frozen=True, kw_only=True):
    pass


class Mute(SeatCommand, frozen=True, kw_only=True):
    muted: bool


class SendDigit(SeatCommand, frozen=True, kw_only=True):
    digit: str


class DisableLine(Command, frozen=True, kw_only=True):
    line: LineId


class EnableLine(Command, frozen=True, kw_only=True):
    line: LineId


class TestLamps(Command, frozen=True, kw_only=True):
    """Every lamp through every pattern, ten seconds."""
