"""What calls were, folded from facts (A3 A4 A7): the live ones' pictures, the history, who missed what. Thrown away and made again at will.

`after` is the whole fold of one call. Keys of the timeline: timeline.started identified picked_up queued requeued ordered_take
ordered_withdraw ordered_move offered rings missed rejected withdrawn answered held kept retrieved muted unmuted digit taken_up ended gap
sealed failed asked joined left transferred supervised supervision_changed supervision_ended classified noted hushed unhushed
fax_calls fax_answers person machine beep.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from appliance.base.ids import AgentId, CallId, LineId, SeatId, call_number
from appliance.calls.snapshot import CallView, MomentView, NoteView, OfferView, PartyView, RecordingView
from appliance.events import Event
from appliance.events import call as happened
from appliance.events import recording as recorded
from appliance.events.line import LineDisabled, LineEnabled
from appliance.events.seat import AgentLoggedIn, AgentLoggedOut, SeatStateChanged

BYTES_A_SECOND: Final = 8000 * 2 * 2
Fold = Callable[[CallView, int, Any], CallView]


def after(view: CallView | None, utc_ms: int, fact: Event) -> CallView | None:
    """The call's picture once this fact has happened; None where the fact is not of a call that has begun."""
    if isinstance(fact, happened.CallStarted):
        return _noted(begun(utc_ms, fact), utc_ms, "started", line=fact.line)
    fold = FOLDS.get(type(fact))
    return view if view is None or fold is None else fold(view, utc_ms, fact)


def begun(utc_ms: int, fact: happened.CallStarted) -> CallView:
    nothing: dict[str, Any] = dict.fromkeys(
        ("queue", "seat", "agent", "picked_up_at_ms", "answered_at_ms", "ended_at_ms", "ended_by", "recording")
    )
    return CallView(
        id=fact.call,
        direction=fact.direction,
        caller=fact.caller,
        line=fact.line,
        state="ringing",
        started_at_ms=utc_ms,
        offers=[],
        timeline=[],
        **nothing,
    )


def _noted(view: CallView, utc_ms: int, what: str, **words: str) -> CallView:
    return replace(view, timeline=[*view.timeline, MomentView(at_ms=utc_ms, what=f"timeline.{what}", words=words)])


def _identified(view: CallView, utc_ms: int, fact: happened.CallerIdentified) -> CallView:
    return _noted(replace(view, caller=fact.caller), utc_ms, "identified")


def _picked_up(view: CallView, utc_ms: int, fact: happened.CallPickedUp) -> CallView:
    return _noted(replace(view, picked_up_at_ms=utc_ms), utc_ms, "picked_up")


def _queued(view: CallView, utc_ms: int, fact: happened.CallQueued) -> CallView:
    what = "requeued" if fact.again else "queued"
    return _noted(replace(view, queue=fact.queue, state="queued", seat=None, agent=None), utc_ms, what, queue=fact.queue)


def _offered(view: CallView, utc_ms: int, fact: happened.CallOffered) -> CallView:
    offer = OfferView(seat=fact.seat, agent=fact.agent, at_ms=utc_ms, rings=0, outcome=None)
    return _noted(replace(view, state="offered", offers=[*view.offers, offer]), utc_ms, "offered", seat=fact.seat, agent=fact.agent)


def _ordered(view: CallView, utc_ms: int, fact: happened.CallOrdered) -> CallView:
    words = {name: word for name, word in (("agent", fact.agent), ("queue", fact.queue)) if word is not None}
    return _noted(view, utc_ms, f"ordered_{fact.what}", by=fact.by, **words)


def _call_back(view: CallView, utc_ms: int, fact: happened.CallBackAsked) -> CallView:
    return _noted(view, utc_ms, "call_back_asked", of=fact.of)


def _dialled(view: CallView, utc_ms: int, fact: happened.CallDialled) -> CallView:
    return _noted(replace(view, state="dialling", line=fact.line, seat=fact.seat, agent=fact.agent), utc_ms, "dialled", line=fact.line)


def _not_reached(view: CallView, utc_ms: int, fact: happened.CallBackFailed) -> CallView:
    return _noted(replace(view, state="queued", seat=None, agent=None), utc_ms, "not_reached", why=fact.why)


def _rang(view: CallView, utc_ms: int, fact: happened.OfferRang) -> CallView:
    return _noted(view, utc_ms, "rings", seat=fact.seat)


def _offer_closed(view: CallView, seat: str, rings: int, outcome: str) -> CallView:
    """The open offer of that seat; several may ring."""
    at = max(n for n, offer in enumerate(view.offers) if offer.seat == seat and offer.outcome is None)
    offers = [*view.offers[:at], replace(view.offers[at], rings=rings, outcome=outcome), *view.offers[at + 1 :]]
    waits = view.state == "offered" and all(offer.outcome is not None for offer in offers)
    return replace(view, state="queued" if waits else view.state, offers=offers)


def _missed(view: CallView, utc_ms: int, fact: happened.OfferMissed) -> CallView:
    return _noted(_offer_closed(view, fact.seat, fact.rings, "no_answer"), utc_ms, "missed", seat=fact.seat, agent=fact.agent)


def _offer_ended(view: CallView, utc_ms: int, fact: happened.OfferEnded) -> CallView:
    view = _offer_closed(view, fact.seat, fact.rings, fact.outcome)
    return view if fact.outcome == "answered" else _noted(view, utc_ms, fact.outcome, seat=fact.seat, why=fact.why)


def _answered(view: CallView, utc_ms: int, fact: happened.CallAnswered) -> CallView:
    first = view.answered_at_ms if view.answered_at_ms is not None else utc_ms
    view = replace(view, state="talking", seat=fact.seat, agent=fact.agent, answered_at_ms=first)
    return _noted(view, utc_ms, "answered", seat=fact.seat, agent=fact.agent)


def _held(view: CallView, utc_ms: int, fact: happened.CallHeld) -> CallView:
    return _noted(replace(view, state="held"), utc_ms, "held" if fact.by == "agent" else "kept", seat=fact.seat)


def _retrieved(view: CallView, utc_ms: int, fact: happened.CallRetrieved) -> CallView:
    return _noted(replace(view, state="talking"), utc_ms, "retrieved", seat=fact.seat)


def _same(party: PartyView, fact: happened.PartyEvent) -> bool:
    return party.by is None and (party.seat, party.number) == (fact.seat, fact.number)


def _asked(view: CallView, utc_ms: int, fact: happened.PartyAsked) -> CallView:
    party = PartyView(role=fact.role, seat=fact.seat, agent=fact.agent, number=fact.number, here=False, since_ms=utc_ms)
    away = fact.role == "consulted" and not any(other.here and other.role in ("member", "barge") for other in view.parties)
    view = replace(view, parties=[*view.parties, party], state="held" if away and view.state == "talking" else view.state)
    return _noted(view, utc_ms, "asked", to=_who(fact), role=fact.role)


def _who(fact: happened.PartyEvent) -> str:
    return fact.agent or fact.number or fact.seat or ""


def _joined(view: CallView, utc_ms: int, fact: happened.PartyJoined) -> CallView:
    parties = [replace(each, here=True, role=fact.role) if _same(each, fact) else each for each in view.parties]
    return _noted(replace(view, parties=parties), utc_ms, "joined", to=_who(fact), role=fact.role)


def _left(view: CallView, utc_ms: int, fact: happened.PartyLeft) -> CallView:
    view = replace(view, parties=[each for each in view.parties if not _same(each, fact)])
    if fact.why == "transferred":  # the call is his now, which the transfer says
        return view
    return _noted(view, utc_ms, "left", to=_who(fact), why="" if fact.why == "call over" else fact.why)


def _transferred(view: CallView, utc_ms: int, fact: happened.CallTransferred) -> CallView:
    """Its agent until now joins those who had it; where another seat has it at once, that one's is the call."""
    if fact.agent is not None:
        view = replace(view, agents=[*view.agents, fact.agent])
    if fact.to_seat is not None and fact.kind != "blind":
        view = replace(view, state="talking", seat=fact.to_seat, agent=fact.to_agent)
    elif fact.number is not None:
        view = replace(view, state="outside")
    return _noted(view, utc_ms, "transferred", to=fact.to_agent or fact.queue or fact.number or "", kind=fact.kind, agent=fact.agent or "")


def _supervised(view: CallView, utc_ms: int, fact: happened.SupervisionStarted) -> CallView:
    party = PartyView(role=fact.mode, seat=fact.seat, agent=None, number=None, here=True, since_ms=utc_ms, by=fact.by)
    view = replace(view, parties=[*view.parties, party])
    return _noted(view, utc_ms, "supervised", who=fact.by, mode=fact.mode, seat=fact.seat)


def _supervision_changed(view: CallView, utc_ms: int, fact: happened.SupervisionChanged) -> CallView:
    parties = [replace(each, role=fact.mode) if each.by is not None and each.seat == fact.seat else each for each in view.parties]
    return _noted(replace(view, parties=parties), utc_ms, "supervision_changed", who=fact.by, mode=fact.mode)


def _supervision_ended(view: CallView, utc_ms: int, fact: happened.SupervisionEnded) -> CallView:
    view = replace(view, parties=[each for each in view.parties if each.by is None or each.seat != fact.seat])
    return _noted(view, utc_ms, "supervision_ended", who=fact.by)


def _classified(view: CallView, utc_ms: int, fact: happened.CallClassified) -> CallView:
    return _noted(replace(view, reason=fact.reason), utc_ms, "classified", agent=fact.agent, reason=fact.reason)


def _written_down(view: CallView, utc_ms: int, fact: happened.CallNoted) -> CallView:
    note = NoteView(at_ms=utc_ms, by=fact.by, text=fact.text)
    return _noted(replace(view, notes=[*view.notes, note]), utc_ms, "noted", who=fact.by)


def _muted(view: CallView, utc_ms: int, fact: happened.CallMuted) -> CallView:
    return _noted(view, utc_ms, "muted" if fact.muted else "unmuted", seat=fact.seat)


def _digit(view: CallView, utc_ms: int, fact: happened.CallDigit) -> CallView:
    return _noted(view, utc_ms, "digit", digit=fact.digit, by=fact.by)


def _heard(view: CallView, utc_ms: int, fact: happened.CallHeard) -> CallView:
    if fact.number is None and fact.what != "beep":
        view = replace(view, far_end=fact.what)
    return _noted(view, utc_ms, fact.what, why=fact.number or "")


def _ended(view: CallView, utc_ms: int, fact: happened.CallEnded) -> CallView:
    return _noted(replace(view, state="ended", ended_at_ms=utc_ms, ended_by=fact.by), utc_ms, "ended", by=fact.by, why=fact.why)


def _taken_up(view: CallView, utc_ms: int, fact: happened.CallTakenUp) -> CallView:
    return _noted(view, utc_ms, "taken_up", away_s=f"{fact.away_ms / 1000:.1f}")


def _began(view: CallView, utc_ms: int, fact: recorded.RecordingBegan) -> CallView:
    return replace(view, recording=RecordingView(seconds=0.0, sha256=None))


def _block(view: CallView, utc_ms: int, fact: recorded.RecordingBlock) -> CallView:
    if fact.offset == 0:
        return view  # the header
    seconds = round((view.recording.seconds if view.recording else 0.0) + fact.size / BYTES_A_SECOND, 3)
    return replace(view, recording=RecordingView(seconds=seconds, sha256=None))


def _gap(view: CallView, utc_ms: int, fact: recorded.RecordingGap) -> CallView:
    return _noted(view, utc_ms, "gap", gap_s=f"{fact.gap_ms / 1000:.1f}")


def _sealed(view: CallView, utc_ms: int, fact: recorded.RecordingSealed) -> CallView:
    return _noted(replace(view, recording=RecordingView(seconds=fact.seconds, sha256=fact.sha256)), utc_ms, "sealed")


def _failed(view: CallView, utc_ms: int, fact: recorded.RecordingFailed) -> CallView:
    return _noted(view, utc_ms, "failed", why=fact.why)


def _hushed(view: CallView, utc_ms: int, fact: recorded.RecordingPaused) -> CallView:
    return _noted(view, utc_ms, "hushed", seat=fact.seat)


def _unhushed(view: CallView, utc_ms: int, fact: recorded.RecordingResumed) -> CallView:
    return _noted(view, utc_ms, "unhushed", seat=fact.seat, by=fact.by)


FOLDS: Final[dict[type[Event], Fold]] = {
    happened.CallerIdentified: _identified,
    happened.CallPickedUp: _picked_up,
    happened.CallQueued: _queued,
    happened.CallBackAsked: _call_back,
    happened.CallDialled: _dialled,
    happened.CallBackFailed: _not_reached,
    happened.CallOrdered: _ordered,
    happened.CallOffered: _offered,
    happened.OfferRang: _rang,
    happened.OfferMissed: _missed,
    happened.OfferEnded: _offer_ended,
    happened.CallAnswered: _answered,
    happened.CallHeld: _held,
    happened.CallRetrieved: _retrieved,
    happened.CallMuted: _muted,
    happened.PartyAsked: _asked,
    happened.PartyJoined: _joined,
    happened.PartyLeft: _left,
    happened.CallTransferred: _transferred,
    happened.SupervisionStarted: _supervised,
    happened.SupervisionChanged: _supervision_changed,
    happened.SupervisionEnded: _supervision_ended,
    happened.CallClassified: _classified,
    happened.CallNoted: _written_down,
    happened.CallDigit: _digit,
    happened.CallHeard: _heard,
    happened.CallTakenUp: _taken_up,
    happened.CallEnded: _ended,
    recorded.RecordingBegan: _began,
    recorded.RecordingBlock: _block,
    recorded.RecordingGap: _gap,
    recorded.RecordingSealed: _sealed,
    recorded.RecordingFailed: _failed,
    recorded.RecordingPaused: _hushed,
    recorded.RecordingResumed: _unhushed,
}


class CallBook:
    """Pictures of the calls that live or ended lately; older ones are in the table."""

    def __init__(self, keep: int = 500) -> None:
        self.keep = keep
        self.views: dict[str, CallView] = {}

    def take(self, utc_ms: int, fact: Event) -> str | None:
        """Folds one fact in; the id of the call whose picture changed."""
        call: str | None = getattr(fact, "call", None)
        if call is None:
            return None
        before = self.views.get(call)
        view = after(before, utc_ms, fact)
        if view is None or view is before:
            return None
        self.views[call] = view
        if len(self.views) > self.keep:
            self._forget()
        return call

    def _forget(self) -> None:
        for call, view in list(self.views.items()):
            if view.ended_at_ms is not None and (view.recording is None or view.recording.sha256 is not None):
                del self.views[call]
                return


class Promise(NamedTuple):
    """A call-back that somebody waits for, as the journal knows it. `tries`: attempts begun; `dialling`: one is under way."""

    utc_ms: int
    asked: happened.CallBackAsked
    tries: int = 0
    dialling: bool = False


class DayBook:
    """Who missed how many offers on a day (A4), and who sits where: folds, never kept apart."""

    def __init__(self, day_of: Callable[[int], str]) -> None:
        """day_of: UTC ms to the local day, as "2026-11-24"."""
        self.day_of = day_of
        self.misses: dict[tuple[str, str], int] = {}
        self.seated: dict[SeatId, tuple[AgentId, str | None]] = {}  # who, and why he gets no calls: "paused:REASON", "wrap_up"
        self.last_call = 0  # the highest number: a call may be missing that the journal could not take
        self.disabled: set[LineId] = set()
        self.call_backs: dict[CallId, Promise] = {}  # asked for, and the customer not reached yet

    def take(self, utc_ms: int, fact: Event) -> None:
        match fact:
            case happened.OfferMissed():
                key = (self.day_of(utc_ms), fact.agent)
                self.misses[key] = self.misses.get(key, 0) + 1
            case AgentLoggedIn() if fact.agent is not None:
                self.seated[fact.seat] = (fact.agent, None)
            case AgentLoggedOut():
                self.seated.pop(fact.seat, None)
            case SeatStateChanged() if fact.seat in self.seated and fact.state != "fault":
                away = f"paused:{fact.reason}" if fact.state == "paused" else "wrap_up" if fact.state == "wrap_up" else None
                self.seated[fact.seat] = (self.seated[fact.seat][0], away)
            case LineDisabled():
                self.disabled.add(fact.line)
            case LineEnabled():
                self.disabled.discard(fact.line)
            case happened.CallStarted():
                self.last_call = max(self.last_call, call_number(fact.call))
            case happened.CallBackAsked():
                self.call_backs[fact.call] = Promise(utc_ms, fact)
            case happened.CallDialled() if fact.call in self.call_backs:
                promise = self.call_backs[fact.call]
                self.call_backs[fact.call] = promise._replace(tries=promise.tries + 1, dialling=True)
            case happened.CallBackFailed() if fact.call in self.call_backs:
                self.call_backs[fact.call] = self.call_backs[fact.call]._replace(dialling=False)
            case happened.CallQueued() if fact.call in self.call_backs:
                promise = self.call_backs[fact.call]
                self.call_backs[fact.call] = promise._replace(asked=replace(promise.asked, queue=fact.queue))
            case happened.CallAnswered() | happened.CallEnded():
                self.call_backs.pop(fact.call, None)

    def missed_on(self, utc_ms: int, agent: str) -> int:
        return self.misses.get((self.day_of(utc_ms), agent), 0)
