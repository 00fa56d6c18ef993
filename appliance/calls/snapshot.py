"""What others see of the live state: frozen, in the contract's words. Times are UTC ms (None: not yet)."""

import msgspec


class RecoveryView(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a line's way back: gone silent radio reopen reset usb power_key broken under_voltage over_current back."""

    at_ms: int
    step: str


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    dialect: str
    state: str  # starting idle ringing dialling talking held fault disabled
    number: str
    operator: str | None
    signal_dbm: int | None
    fault: str | None
    ports: list[str]
    imei: str | None = None
    recovery: list[RecoveryView] = []


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    status: str  # what the person wants: logged_out free paused
    seat: str | None
    queues: list[str]
    skills: dict[str, int]
    missed: int


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    kind: str
    number: str | None
    agent: str | None
    state: str  # logged_out free ringing talking held wrap_up paused fault
    led: str
    why: str | None  # key of a sentence in the catalogues, "why.paused" …
    # beyond the contract:
    reason: str | None  # of the pause
    since_ms: int  # UTC: in this state since
    until_ms: int | None  # UTC: end of the offer, wrap-up or rest
    call: str | None
    muted: bool
    unrecorded: bool  # its call's recording is paused
    next_status: str | None
    party: str | None = None  # of a colleague's call: consulted member monitor whisper barge
    last_call: str | None = None  # which the agent had last here
    connected: bool = False  # its outside phone stays connected between two calls
    waiting_call: str | None = None  # meant for the agent, who is in a talk: his second, where he takes it
    held_call: str | None = None  # his other call, on hold while he speaks with `call`


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    waiting: int
    longest_wait_s: float
    free_agents: int


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    seat: str
    agent: str
    at_ms: int
    rings: int
    outcome: str | None


class MomentView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a call's timeline."""

    at_ms: int
    what: str  # key of a sentence in the catalogues, "timeline.offered" …, as listed in calls/tables.py
    words: dict[str, str] = {}  # what fills it: seat, agent, queue, digit, by, why


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    sha256: str | None


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a call beside customer and agent. `number`: an outside one. `here` false: it rings. `by`: who supervises (an account)."""

    role: str  # consulted member monitor whisper barge
    seat: str | None
    agent: str | None
    number: str | None
    here: bool
    since_ms: int
    by: str | None = None


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    at_ms: int
    by: str
    text: str


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    direction: str
    caller: str | None
    line: str
    queue: str | None
    seat: str | None
    agent: str | None
    state: str  # ringing queued offered talking held outside ended
    started_at_ms: int
    picked_up_at_ms: int | None
    answered_at_ms: int | None
    ended_at_ms: int | None
    ended_by: str | None
    offers: list[OfferView]
    timeline: list[MomentView]
    recording: RecordingView | None
    # beyond the contract:
    parties: list[PartyView] = []
    agents: list[str] = []  # who had it before its agent, oldest first
    reason: str | None = None  # what it was about
    notes: list[NoteView] = []
    far_end: str | None = None  # what the box heard there: fax_calls fax_answers person machine


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """`why`: a word of queue_picture.py; `agents`: for whom it holds (of a preview: `call`)."""

    why: str
    agents: list[str] = []
    call: str | None = None


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who waits, with an open offer or without."""

    call: str
    caller: str | None
    state: str  # queued offered
    position: int  # 1: the first
    waits_since_ms: int  # UTC; with what he has waited elsewhere
    expected_wait_s: float | None  # None: nothing was measured yet
    points: int  # by which he stands in line, ageing included
    priority: int
    tier: int
    needs: dict[str, int]  # skill: least level, as far as his queue's widening has come
    held_for: str | None  # the agent for whom he is kept now
    offered_to: list[str]
    why: list[ReasonView]  # why nobody takes him, the nearest to a remedy first; empty while he is offered
    call_back: bool  # nobody is on the line: he is called at his turn


class KeptView(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back that is not in line now. `why`: kept_line (none is free to dial), kept_later (tried again at `again_at_ms`), kept_staff
    (nobody is at work)."""

    call: str
    caller: str | None
    waits_since_ms: int
    tries: int
    why: str
    again_at_ms: int | None


class StaffView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of the queue. `state`: the seat's."""

    agent: str
    name: str
    order: int  # 1: his first queue
    seat: str | None
    state: str
    reason: str | None
    since_ms: int | None
    why: str | None  # key of a sentence, as of SeatView


class QueueDetail(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    strategy: str
    waiting: list[WaitingView]
    kept: list[KeptView]
    staff: list[StaffView]
    each_s: float | None  # measured: seconds between talks' beginnings while others wait


class NextView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom this agent would get if he were ready now. `why`: first his_customer may_take nobody_waits none_for_him ringing."""

    agent: str
    name: str
    state: str
    call: str | None
    queue: str | None
    position: int | None  # in its queue
    why: str
    passed_over: list[ReasonView]  # who waits before that one in his queues and is not for him


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    as_of_ms: int
    number: int  # of the last journal entry that it includes
    lines: list[LineView]
    agents: list[AgentView]
    seats: list[SeatView]
    queues: list[QueueView]
    calls: list[CallView]  # live ones
    alarms: list[str]
