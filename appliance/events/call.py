"""Calls and offers (A3, A4, A7). `by` names a person or "caller", "agent", "box"."""

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.events import Event


class CallEvent(Event, frozen=True, kw_only=True):
    call: CallId


class CallStarted(CallEvent, frozen=True, kw_only=True):
    """A line began to ring, or was told to dial for a customer. `direction`: "in" or "out"."""

    direction: str
    line: LineId
    caller: str | None = None


class CallerIdentified(CallEvent, frozen=True, kw_only=True):
    caller: str | None


class CallPickedUp(CallEvent, frozen=True, kw_only=True):
    """The box took the line off-hook: sample 0 of the recording."""


class CallQueued(CallEvent, frozen=True, kw_only=True):
    """`again`: returned to the head of the queue, as his agent vanished."""

    queue: QueueId
    again: bool = False


class CallBackAsked(CallEvent, frozen=True, kw_only=True):
    """Who waited as call `of`, on this line, hangs up and will be called back by this one; he had waited so long already."""

    of: CallId
    caller: str
    line: LineId
    queue: QueueId
    waited_ms: int


class CallDialled(CallEvent, frozen=True, kw_only=True):
    """A call-back: its agent is there and hears ring-back, the customer is dialled on this line."""

    line: LineId
    seat: SeatId
    agent: AgentId | None = None


class CallBackFailed(CallEvent, frozen=True, kw_only=True):
    """The customer was not reached: "busy", "no answer", "no line" ...; it is tried again, or CallEnded follows."""

    why: str


class CallOrdered(CallEvent, frozen=True, kw_only=True):
    """A supervisor's order about a caller who waits: `what` is "take" (by `agent`), "withdraw" (from `agent`), "move" (to `queue`)."""

    by: str
    what: str
    agent: AgentId | None = None
    queue: QueueId | None = None


class CallOffered(CallEvent, frozen=True, kw_only=True):
    seat: SeatId
    agent: AgentId


class OfferRang(CallEvent, frozen=True, kw_only=True):
    """The three rings count from here, to `until_ms`."""

    seat: SeatId
    agent: AgentId
    until_ms: int


class OfferEnded(CallEvent, frozen=True, kw_only=True):
    """`outcome`: "answered", "rejected", "withdrawn". A miss is OfferMissed."""

    seat: SeatId
    agent: AgentId
    outcome: str
    rings: int = 0
    why: str = ""


class OfferMissed(CallEvent, frozen=True, kw_only=True):
    """Three rings passed at a seat; counts against its agent (A4)."""

    seat: SeatId
    agent: AgentId
    rings: int


class CallAnswered(CallEvent, frozen=True, kw_only=True):
    """Caller and agent are joined."""

    seat: SeatId
    agent: AgentId


class CallHeld(CallEvent, frozen=True, kw_only=True):
    seat: SeatId
    by: str = "agent"  # or "box": the seat vanished


class CallRetrieved(CallEvent, frozen=True, kw_only=True):
    seat: SeatId


class CallMuted(CallEvent, frozen=True, kw_only=True):
    seat: SeatId
    muted: bool


class PartyEvent(CallEvent, frozen=True, kw_only=True):
    """Somebody beside the call's agent: at a seat, or an outside number, which this line dials (None in older journals)."""

    seat: SeatId | None = None
    agent: AgentId | None = None
    number: str | None = None
    line: LineId | None = None
    role: str  # "consulted", "member"


class PartyAsked(PartyEvent, frozen=True, kw_only=True):
    """His seat rings, or his number is dialled, by the call's agent's order."""


class PartyJoined(PartyEvent, frozen=True, kw_only=True):
    """He is there: "consulted" talks with the agent alone, "member" with all."""


class PartyLeft(PartyEvent, frozen=True, kw_only=True):
    """`why`: "hung up", "no answer", "busy", "rejected", "refused", "cancelled", "lost", "call over"; "transferred": it is his now."""

    why: str


class CallTransferred(CallEvent, frozen=True, kw_only=True):
    """The call left this seat. `kind`: "blind", "consult", "conference", "take_over".

    Exactly one of to_seat (with to_agent), queue, number.
    """

    seat: SeatId | None
    agent: AgentId | None
    kind: str
    to_seat: SeatId | None = None
    to_agent: AgentId | None = None
    queue: QueueId | None = None
    number: str | None = None


class SupervisionEvent(CallEvent, frozen=True, kw_only=True):
    """`by` (an account) at this seat, on that agent (None: the call is with nobody)."""

    seat: SeatId
    by: str
    mode: str  # "monitor", "whisper", "barge", "take_over"
    on: AgentId | None = None


class SupervisionStarted(SupervisionEvent, frozen=True, kw_only=True):
    """From here on he hears the call."""


class SupervisionChanged(SupervisionEvent, frozen=True, kw_only=True):
    """To this mode."""


class SupervisionEnded(SupervisionEvent, frozen=True, kw_only=True):
    """`why`: "stopped", "call over", "lost", "took over"."""

    why: str


class CallClassified(CallEvent, frozen=True, kw_only=True):
    """The agent's reason, an id of the configuration; the last one counts."""

    seat: SeatId
    agent: AgentId
    reason: str


class CallNoted(CallEvent, frozen=True, kw_only=True):
    by: str
    text: str


class CallDigit(CallEvent, frozen=True, kw_only=True):
    """A key: `by` "caller", or "agent" for one sent to the far end."""

    digit: str
    by: str = "caller"


class CallHeard(CallEvent, frozen=True, kw_only=True):
    """What the box's ears found at the customer's end, or at that of an outside `number` in the call; `what` as in LineHeard."""

    what: str
    number: str | None = None


class LegDialled(CallEvent, frozen=True, kw_only=True):
    """This line dials the outside phone of this seat for the call."""

    seat: SeatId
    line: LineId


class CallTakenUp(CallEvent, frozen=True, kw_only=True):
    """The box restarted, the modem held the call, and the box has it again, `away_ms` after its last sign before."""

    away_ms: int


class CallEnded(CallEvent, frozen=True, kw_only=True):
    """`by`: "caller", "agent", "box" (restart, line lost)."""

    by: str
    why: str = ""
