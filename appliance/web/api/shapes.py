"""What the interface gives, in the contract's words: times ISO 8601 with offset, durations in seconds."""

from typing import Any, Literal

import msgspec

from appliance.calls.explanation import MomentOfRouting
from appliance.calls.snapshot import AgentView, CallView, LineView, MomentView, OfferView, QueueView, SeatView
from appliance.web.shown import iso, told
from appliance.web.texts import Texts

LineState = Literal["starting", "idle", "ringing", "dialling", "talking", "held", "fault", "disabled"]
SeatState = Literal["logged_out", "free", "ringing", "talking", "held", "wrap_up", "paused", "fault"]


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """`step`: gone silent radio reopen reset usb power_key broken under_voltage over_current back."""

    at: str
    step: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    dialect: str
    state: LineState
    number: str
    operator: str | None
    signal_dbm: int | None
    fault: str | None
    ports: list[str]
    imei: str | None  # of its module, where it said so
    recovery: list[Recovered]  # the steps of the last trouble, oldest first


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """`missed`: offers not answered today."""

    id: str
    name: str
    status: str
    seat: str | None
    queues: list[str]
    skills: dict[str, int]
    missed: int


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """`why`: in words, why a seat that could be free gets no call. From `reason` on: beyond the contract."""

    id: str
    name: str
    kind: Literal["browser", "headset", "phone"]
    number: str | None
    agent: str | None
    state: SeatState
    led: SeatState
    why: str | None
    reason: str | None
    since: str
    until: str | None
    call: str | None
    muted: bool
    unrecorded: bool
    next_status: str | None
    party: Literal["consulted", "member", "monitor", "whisper", "barge"] | None
    last_call: str | None
    connected: bool
    waiting_call: str | None
    held_call: str | None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    waiting: int
    longest_wait_s: float
    free_agents: int


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    seat: str
    agent: str
    at: str
    rings: int
    outcome: Literal["answered", "no_answer", "rejected", "withdrawn"] | None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    what: str
    text: str


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    sha256: str | None


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a call beside customer and agent; `number`: an outside one; `here` false: it rings; `by`: who supervises."""

    role: Literal["consulted", "member", "monitor", "whisper", "barge"]
    seat: str | None
    agent: str | None
    number: str | None
    here: bool
    since: str
    by: str | None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    by: str
    text: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """`offers` and `timeline` are oldest first. From `parties` on: beyond the contract; `agents`: who had it before `agent`;
    `far_end`: what the box heard there."""

    id: str
    direction: Literal["in", "out"]
    caller: str | None
    line: str
    queue: str | None
    seat: str | None
    agent: str | None
    state: str
    started_at: str
    picked_up_at: str | None
    answered_at: str | None
    ended_at: str | None
    ended_by: str | None
    offers: list[Offer]
    timeline: list[Moment]
    recording: Recording | None
    parties: list[Party]
    agents: list[str]
    reason: str | None
    notes: list[Note]
    far_end: Literal["fax_calls", "fax_answers", "person", "machine"] | None


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """One clear sentence, in the asked language."""

    error: str


def iso_or_none(utc_ms: int | None) -> str | None:
    return None if utc_ms is None else iso(utc_ms)


def _same(view: msgspec.Struct) -> dict[str, Any]:
    """The fields that are called the same inside and outside. That the box's words are the contract's is its own tests' matter."""
    return {name: getattr(view, name) for name in view.__struct_fields__ if not name.endswith("_ms")}


def line(view: LineView, texts: Texts, with_ports: bool = True) -> Line:
    fault = None if view.fault is None else texts.sentence(view.fault)
    steps = [Recovered(at=iso(one.at_ms), step=one.step) for one in view.recovery]
    return Line(**(_same(view) | {"fault": fault, "recovery": steps} | ({} if with_ports else {"ports": [], "imei": None})))


def alarms(texts_of_box: Any, texts: Texts) -> list[str]:
    return [texts.sentence(str(text)) for text in texts_of_box]


def agent(view: AgentView) -> Agent:
    return Agent(**_same(view))


def queue(view: QueueView) -> Queue:
    return Queue(**_same(view))


def why_text(view: SeatView, texts: Texts) -> str | None:
    if view.why is None:
        return None
    return texts(view.why, reason=texts.word("reason", view.reason) or "-")


def seat(view: SeatView, texts: Texts) -> Seat:
    return Seat(**(_same(view) | {"why": why_text(view, texts), "since": iso(view.since_ms), "until": iso_or_none(view.until_ms)}))


def offer(view: OfferView) -> Offer:
    return Offer(at=iso(view.at_ms), **_same(view))


def moment(view: MomentView, texts: Texts) -> Moment:
    """`what` is the word, `text` the sentence with the ids of those concerned."""
    return Moment(at=iso(view.at_ms), what=view.what.removeprefix("timeline."), text=told(texts, view, {}))


def call(view: CallView, texts: Texts) -> Call:
    times = {name: iso_or_none(getattr(view, f"{name}_ms")) for name in ("started_at", "picked_up_at", "answered_at", "ended_at")}
    recording = None if view.recording is None else Recording(seconds=view.recording.seconds, sha256=view.recording.sha256)
    lists = {
        "offers": [offer(each) for each in view.offers],
        "timeline": [moment(each, texts) for each in view.timeline],
        "parties": [Party(since=iso(each.since_ms), **_same(each)) for each in view.parties],
        "notes": [Note(at=iso(each.at_ms), **_same(each)) for each in view.notes],
    }
    return Call(**(_same(view) | times | lists | {"recording": recording}))


class Considered(msgspec.Struct, frozen=True, kw_only=True):
    """`why`: a word; `text`: the same as a sentence in the asker's language."""

    agent: str
    why: str
    text: str


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """`agent`: to whom the call was offered; null: it began to wait, and nobody could take it. `ordered`: by a supervisor's order."""

    at: str
    agent: str | None
    considered: list[Considered]
    ordered: bool


def routing_of(moment: MomentOfRouting, texts: Texts) -> Routing:
    return Routing(
        at=iso(moment.at_ms),
        agent=moment.agent,
        ordered=moment.ordered,
        considered=[Considered(agent=each.agent, why=each.why, text=texts(f"routing.{each.why}")) for each in moment.considered],
    )
