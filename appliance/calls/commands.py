"""What people order. Imperative; the answer is facts, or Refused."""

import msgspec

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId


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
    """What rings; in a talk, the second call that waits here: the first is on hold."""


class Reject(SeatCommand, frozen=True, kw_only=True):
    pass


class HangUp(SeatCommand, frozen=True, kw_only=True):
    pass


class Hold(SeatCommand, frozen=True, kw_only=True):
    pass


class Retrieve(SeatCommand, frozen=True, kw_only=True):
    pass


class Swap(SeatCommand, frozen=True, kw_only=True):
    """Of two calls at the seat the one spoken with is on hold, the other is spoken with."""


class Mute(SeatCommand, frozen=True, kw_only=True):
    muted: bool


class PauseRecording(SeatCommand, frozen=True, kw_only=True):
    """While payment data are spoken: silence is recorded."""


class ResumeRecording(SeatCommand, frozen=True, kw_only=True):
    pass


class SendDigit(SeatCommand, frozen=True, kw_only=True):
    digit: str


class Order(Command, frozen=True, kw_only=True):
    """A supervisor's, about a caller who waits. `by`: who orders, for the call's timeline."""

    call: CallId
    by: str


class TakeNow(Order, frozen=True, kw_only=True):
    """Offered to this agent at once, whatever his queues, skills and turn; others who ring for the caller stop."""

    agent: AgentId


class Withdraw(Order, frozen=True, kw_only=True):
    """The open offer to this agent is taken back: no miss."""

    agent: AgentId


class MoveCall(Order, frozen=True, kw_only=True):
    """Waits in that queue from now on, with the age he has."""

    queue: QueueId


class Transfer(SeatCommand, frozen=True, kw_only=True):
    """`to`: a seat, an agent, a queue or an outside number.

    `kind`: "blind" (goes there at once), "consult" (first the two talk, the customer waits), "conference" (joins the talk when there).
    """

    to: str
    kind: str


class CompleteTransfer(SeatCommand, frozen=True, kw_only=True):
    """Leaves the customer to who was consulted, or the conference to its members."""


class JoinTransfer(SeatCommand, frozen=True, kw_only=True):
    """Customer, agent and who was consulted talk together."""


class CancelTransfer(SeatCommand, frozen=True, kw_only=True):
    """Who was consulted, or rings still, goes; the customer is back with the agent."""


class Classify(SeatCommand, frozen=True, kw_only=True):
    """What the call was about: one of the configuration's reasons. Of the call at the seat, or of the one that it had last."""

    reason: str


class Note(SeatCommand, frozen=True, kw_only=True):
    """What the next one who has this customer should know."""

    text: str
    by: str = ""


class Supervise(SeatCommand, frozen=True, kw_only=True):
    """`mode`: "monitor", "whisper", "barge", "take_over" or "stop"; `by`: whose right it is."""

    call: CallId
    mode: str
    by: str


class BeginTake(SeatCommand, frozen=True, kw_only=True):
    """A prompt is to be spoken at this free seat, which leaves routing for it; an outside phone is rung. `by`: who orders."""

    name: str
    language: str
    by: str


class RecordTake(SeatCommand, frozen=True, kw_only=True):
    """What is spoken from now on; what was recorded before is gone."""


class StopTake(SeatCommand, frozen=True, kw_only=True):
    pass


class HearTake(SeatCommand, frozen=True, kw_only=True):
    """Over the same seat."""


class DropTake(SeatCommand, frozen=True, kw_only=True):
    """There is nothing to hear in it: once more."""


class EndTake(SeatCommand, frozen=True, kw_only=True):
    """`why`: "accepted" or "discarded"."""

    why: str


class DisableLine(Command, frozen=True, kw_only=True):
    line: LineId


class EnableLine(Command, frozen=True, kw_only=True):
    line: LineId


class TestLamps(Command, frozen=True, kw_only=True):
    """Every lamp through every pattern, ten seconds."""
