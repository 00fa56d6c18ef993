"""The agent's desk (A2 A4 A6): one's seat, the call bar, the caller's card before the ring, transfers (A9), what comes after the call."""

import re
from collections.abc import Callable

from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.base.ids import AgentId, SeatId
from appliance.calls.commands import (
    Answer,
    CancelTransfer,
    ChooseNext,
    Classify,
    Command,
    CompleteTransfer,
    HangUp,
    Hold,
    JoinTransfer,
    LogIn,
    LogOut,
    Mute,
    Note,
    Pause,
    PauseRecording,
    Reject,
    Resume,
    ResumeRecording,
    Retrieve,
    SendDigit,
    Swap,
    Transfer,
)
from appliance.calls.snapshot import CallView, SeatView
from appliance.web.api.messages import known, worded
from appliance.web.ask import Ask, Sentence
from appliance.web.gate import refusal
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/desk", title="title.desk", role=Role.AGENT, menu="desk", place=2)
RING_S = 5
"""A ring of China's network: 1 s on, 4 s off."""
EARLIER = 8
REASONS = ("rest", "meal", "meeting", "training")
BUTTONS: dict[str, Callable[[SeatId], Command]] = {
    "answer": lambda seat: Answer(seat=seat),
    "reject": lambda seat: Reject(seat=seat),
    "hang_up": lambda seat: HangUp(seat=seat),
    "hold": lambda seat: Hold(seat=seat),
    "retrieve": lambda seat: Retrieve(seat=seat),
    "swap": lambda seat: Swap(seat=seat),
    "mute": lambda seat: Mute(seat=seat, muted=True),
    "unmute": lambda seat: Mute(seat=seat, muted=False),
    "pause_recording": lambda seat: PauseRecording(seat=seat),
    "resume_recording": lambda seat: ResumeRecording(seat=seat),
    "free": lambda seat: Resume(seat=seat),
    "busy": lambda seat: Pause(seat=seat, reason="busy"),
    "more_wrap_up": lambda seat: Pause(seat=seat, reason="more_wrap_up"),
    "log_out": lambda seat: LogOut(seat=seat),
    "complete": lambda seat: CompleteTransfer(seat=seat),
    "leave": lambda seat: CompleteTransfer(seat=seat),
    "join": lambda seat: JoinTransfer(seat=seat),
    "cancel": lambda seat: CancelTransfer(seat=seat),
}


@PAGE.get("")
async def choose(ask: Ask) -> Response:
    """Which seat, and who sits down; an agent who sits somewhere already is taken there."""
    snapshot = ask.office.snapshot()
    mine = next((seat for seat in snapshot.seats if seat.agent is not None and seat.agent == ask.person.agent), None)
    if mine is not None and not ask.person.may(Role.SUPERVISOR):
        return go(f"/desk/{mine.id}")
    return _choice(ask)


def _choice(ask: Ask, wrong: str | None = None, status: int = 200) -> Response:
    snapshot = ask.office.snapshot()
    names = {agent.id: agent.name for agent in snapshot.agents}
    supervisor = ask.person.may(Role.SUPERVISOR)
    agents = [agent for agent in snapshot.agents if supervisor or agent.id == ask.person.agent]
    return PAGE.render(ask, "desk/choose.html", {"snapshot": snapshot, "names": names, "agents": agents, "wrong": wrong}, status)


@PAGE.post("/log-in")
async def log_in(ask: Ask) -> Response:
    form = await ask.form()
    seat, agent = form.get("seat", ""), form.get("agent", "")
    if not ask.person.may(Role.SUPERVISOR) and agent != ask.person.agent:
        raise Sentence("error.not_yourself", 403)
    try:
        await ask.do(LogIn(seat=SeatId(seat), agent=AgentId(agent)))
    except Refused as error:
        return _choice(ask, refusal(ask.texts, error), 409)
    return go(f"/desk/{seat}")


@PAGE.get("/{seat}")
async def desk(ask: Ask) -> Response:
    if ask.seat(ask.part("seat")).agent is None:
        return go("/desk")
    seat = ask.own_seat(ask.part("seat"))
    return PAGE.render(ask, "desk/page.html", shown(ask, seat))


@PAGE.get("/{seat}/panel")
async def panel(ask: Ask) -> Response:
    if ask.seat(ask.part("seat")).agent is None:  # logged out meanwhile: by time, or by a supervisor
        return go("/desk", ask)
    return PAGE.render(ask, "desk/_panel.html", shown(ask, ask.own_seat(ask.part("seat"))))


@PAGE.post("/{seat}/do/{what}")
async def do(ask: Ask) -> Response:
    """A button of the call bar; the panel as it is then, with a sentence where the button was refused."""
    seat = ask.own_seat(ask.part("seat"))
    try:
        await ask.do(_command(ask.part("what"), SeatId(seat.id), await ask.form(), ask.person.name))
    except Refused as error:
        return PAGE.render(ask, "desk/_panel.html", shown(ask, ask.seat(seat.id), refusal(ask.texts, error)))
    if ask.seat(seat.id).agent is None:
        return go("/desk", ask)
    return PAGE.render(ask, "desk/_panel.html", shown(ask, ask.seat(seat.id)))


@PAGE.post("/{seat}/message")
async def message(ask: Ask) -> Response:
    """A template's text to the customer of the seat's call; an agent writes to nobody else, and nothing else."""
    seat = ask.own_seat(ask.part("seat"))
    form = await ask.form()
    call = whose(ask, seat)
    if call is None or call.caller is None:
        raise Sentence("error.not_found", 404)
    words = {name.removeprefix("place."): text for name, text in form.items() if name.startswith("place.")}
    try:
        text = worded(ask, form.get("template", "")[:40], words, call)
        _message, number = ask.office.messages.write(call.caller, text, ask.person.name, form["template"])
    except Refused as error:
        return PAGE.render(ask, "desk/_panel.html", shown(ask, seat, refusal(ask.texts, error)))
    await ask.office.committed(number)
    return PAGE.render(ask, "desk/_panel.html", {**shown(ask, seat), "message_sent": text})


def _command(what: str, seat: SeatId, form: dict[str, str], by: str) -> Command:
    match what:
        case "transfer" | "consult" | "conference":
            to = form.get("to", "") or form.get("number", "")
            return Transfer(seat=seat, to=re.sub(r"[\s\-()]", "", to)[:100], kind="blind" if what == "transfer" else what)
        case "reason":
            return Classify(seat=seat, reason=form.get("reason", "")[:100])
        case "note":
            return Note(seat=seat, text=form.get("text", ""), by=by)
        case "pause":
            return Pause(seat=seat, reason=form.get("reason", "").strip()[:200] or "rest")
        case "next":
            return ChooseNext(seat=seat, status=form.get("status", "")[:200])
        case "key":
            return SendDigit(seat=seat, digit=form.get("digit", "")[:1])
        case _ if what in BUTTONS:
            return BUTTONS[what](seat)
        case _:
            raise Sentence("error.not_found", 404)


def shown(ask: Ask, seat: SeatView, wrong: str | None = None) -> dict[str, object]:
    """What the panel shows: one snapshot, and of the caller what was before."""
    snapshot = ask.office.snapshot()
    agent = next((each for each in snapshot.agents if each.id == seat.agent), None)
    call = call_at(ask, seat)
    parties = [] if call is None or call.ended_at_ms is not None else call.parties
    mine = set(agent.queues) if agent else set()
    queues = [queue for queue in snapshot.queues if queue.id in mine]
    return {
        "snapshot": snapshot,
        "seat": seat,
        "agent": agent,
        "names": {each.id: each.name for each in snapshot.agents},
        "call": call,
        "line": next((line for line in snapshot.lines if call is not None and line.id == call.line), None),
        "earlier": earlier(ask, call),
        "queue_names": {queue.id: queue.name for queue in snapshot.queues},
        "waiting": sum(queue.waiting for queue in queues),
        "longest_s": max((queue.longest_wait_s for queue in queues), default=0.0),
        "rings": rings(ask, call),
        "missed": last_missed(ask, seat) if agent is not None and agent.missed else None,
        "reasons": REASONS,
        "wraps": any(each.id == seat.agent and each.wrap_up_s > 0 for each in ask.office.document.agent),
        "wrong": wrong,
        "parties": [each for each in parties if each.seat != seat.id],
        "asked": next((each for each in parties if each.role == "consulted"), None) if seat.party is None else None,
        "members": [each for each in parties if each.role == "member"],
        "free_seats": [each for each in snapshot.seats if each.state == "free" and each.why is None and each.id != seat.id],
        "busy_seats": takes_a_second(ask, seat),
        "waiting_call": beside(ask, seat.waiting_call),
        "held_call": beside(ask, seat.held_call),
        "outside": ask.office.document.transfer.outside != "off",
        "wrap_up_reasons": reasons(ask),
        "templates": known(ask),
        "message_sent": None,
    }


def beside(ask: Ask, call: str | None) -> CallView | None:
    """Another call of this seat's: its second, which waits or is on hold."""
    view = ask.office.call(call) if call is not None else None
    return ask.seen(view) if view is not None else None


def takes_a_second(ask: Ask, own: SeatView) -> list[SeatView]:
    """Seats whose agents talk, and where one more call may wait."""
    set_so = {each.id for each in ask.office.document.seat if each.second_call} - {own.id}
    talking = [each for each in ask.office.snapshot().seats if each.id in set_so and each.state in ("talking", "held")]
    return [each for each in talking if each.party is None and each.held_call is None and each.waiting_call is None]


def call_at(ask: Ask, seat: SeatView) -> CallView | None:
    """As this person may see it."""
    call = whose(ask, seat)
    return ask.seen(call) if call is not None else None


def whose(ask: Ask, seat: SeatView) -> CallView | None:
    """The seat's call; in wrap-up, and while that is made longer, the one that has just ended, which is what the agent writes up."""
    writes_up = seat.state == "wrap_up" or seat.reason == "more_wrap_up"
    name = seat.call or (seat.last_call if writes_up else None)
    return ask.office.call(name) if name is not None else None


def reasons(ask: Ask) -> list[tuple[str, str]]:
    """The configuration's reasons, each with its name in the person's language."""
    english = ask.texts.language == "en"
    return [(each.id, (each.name_en if english else "") or each.name) for each in ask.office.document.reason]


def earlier(ask: Ask, call: CallView | None) -> list[CallView]:
    """This caller's calls before, newest first: who spoke with him and when, for whoever serves him now."""
    if call is None or call.caller is None:
        return []
    return [each for each in ask.office.calls(caller=call.caller, limit=EARLIER + 1) if each.id != call.id][:EARLIER]


def rings(ask: Ask, call: CallView | None) -> int:
    """How many rings an offer has: the queue's limit in rings of 5 s, three where nobody has changed it (A4)."""
    limit = next((queue.ring_limit_s for queue in ask.office.document.queue if call is not None and queue.id == call.queue), 15.0)
    return max(1, min(12, -(-int(limit) // RING_S)))


def last_missed(ask: Ask, seat: SeatView) -> tuple[CallView, int] | None:
    """The newest call that this agent did not answer in time, and when it was offered."""
    for call in ask.office.calls(limit=30):
        for offer in reversed(call.offers):
            if offer.agent == seat.agent and offer.outcome == "no_answer":
                return call, offer.at_ms
    return None
