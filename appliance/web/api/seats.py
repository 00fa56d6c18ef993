"""GET /seats, and what an agent does at a seat (A2 A4 A9)."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

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
    TestLamps,
    Transfer,
)
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Seat, seat
from appliance.web.ask import Ask, Sentence
from appliance.web.session import Role

NOUN = Noun("seats")


class LogInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent: Annotated[str, Meta(min_length=1, max_length=100)]


class PauseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any text; "busy" where nothing is said."""

    reason: Annotated[str, Meta(max_length=200)] = "busy"


class MuteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    muted: bool = True


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digit: Annotated[str, Meta(pattern=r"^[0-9*#A-D]$")]


class NextBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """ "wrap_up" (as without a choice), "free", "logged_out", or "paused:REASON"."""

    status: Annotated[str, Meta(pattern=r"^(free|wrap_up|logged_out|paused:.{1,200})$")]


class TransferBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to`: a seat, an agent, a queue, or an outside number.

    "blind" goes there at once, "consult" first lets the two talk while the customer hears music, "conference" joins whoever answers.
    """

    to: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Literal["blind", "consult", "conference"] = "blind"


class ReasonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the configuration's reasons, by its id."""

    reason: Annotated[str, Meta(min_length=1, max_length=100)]


class NoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=500)]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """For the sound of a browser seat: valid once, 30 s, at that port of the same host."""

    ticket: str
    port: int


@NOUN.on("GET", "/seats", gives=list[Seat])
async def seats(ask: Ask) -> object:
    """The seats and their lights."""
    return [seat(ask.seen_seat(view), ask.texts) for view in ask.office.snapshot().seats]


@NOUN.on("POST", "/seats/{id}/login", takes=LogInBody, gives=Seat)
async def login(ask: Ask) -> object:
    """Makes free. An agent logs in as himself."""
    body = await ask.body(LogInBody)
    ask.seat(ask.part("id"))
    if not ask.person.may(Role.SUPERVISOR) and body.agent != ask.person.agent:
        raise Sentence("error.not_yourself", 403)
    await ask.do(LogIn(seat=SeatId(ask.part("id")), agent=AgentId(body.agent)))
    return seat(ask.seat(ask.part("id")), ask.texts)


@NOUN.on("POST", "/seats/{id}/pause", takes=PauseBody, gives=Seat)
async def pause(ask: Ask) -> object:
    """Takes no calls until `resume`."""
    reason = (await ask.body(PauseBody)).reason.strip() or "busy"
    return await _at_seat(ask, lambda at: Pause(seat=at, reason=reason))


@NOUN.on("POST", "/seats/{id}/mute", takes=MuteBody, gives=Seat)
async def mute(ask: Ask) -> object:
    """The customer does not hear the agent (beyond the contract)."""
    muted = (await ask.body(MuteBody)).muted
    return await _at_seat(ask, lambda at: Mute(seat=at, muted=muted))


@NOUN.on("POST", "/seats/{id}/key", takes=KeyBody, gives=Seat)
async def key(ask: Ask) -> object:
    """Sends one digit to the far end (beyond the contract)."""
    digit = (await ask.body(KeyBody)).digit
    return await _at_seat(ask, lambda at: SendDigit(seat=at, digit=digit))


@NOUN.on("POST", "/seats/{id}/next-status", takes=NextBody, gives=Seat)
async def next_status(ask: Ask) -> object:
    """What to be when this call is over (beyond the contract)."""
    status = (await ask.body(NextBody)).status
    return await _at_seat(ask, lambda at: ChooseNext(seat=at, status=status))


@NOUN.on("POST", "/seats/{id}/transfer", takes=TransferBody, gives=Seat)
async def transfer(ask: Ask) -> object:
    """Passes the customer on, or asks somebody in; the customer's line is never cut by it, and the call keeps its age."""
    body = await ask.body(TransferBody)
    return await _at_seat(ask, lambda at: Transfer(seat=at, to=body.to, kind=body.kind))


@NOUN.on("POST", "/seats/{id}/reason", takes=ReasonBody, gives=Seat)
async def reason(ask: Ask) -> object:
    """What the call at the seat, or the one before, was about (beyond the contract)."""
    chosen = (await ask.body(ReasonBody)).reason
    return await _at_seat(ask, lambda at: Classify(seat=at, reason=chosen))


@NOUN.on("POST", "/seats/{id}/note", takes=NoteBody, gives=Seat)
async def note(ask: Ask) -> object:
    """What the next one who has this customer should know; it travels with the call (beyond the contract)."""
    text = (await ask.body(NoteBody)).text
    return await _at_seat(ask, lambda at: Note(seat=at, text=text, by=ask.person.name))


@NOUN.on("POST", "/seats/{id}/ticket", gives=Ticket)
async def ticket(ask: Ask) -> object:
    """Lets the page of a browser seat connect its sound (beyond the contract)."""
    if ask.own_seat(ask.part("id")).kind != "browser":
        raise Sentence("error.no_browser_seat", 409)
    given, port = ask.office.seat_ticket(ask.part("id"))
    return Ticket(ticket=given, port=port)


@NOUN.on("POST", "/lamps/test", role=Role.ADMINISTRATOR)
async def test_lamps(ask: Ask) -> object:
    """Every lamp through every pattern, ten seconds (beyond the contract)."""
    await ask.do(TestLamps())
    return {}


def _plain(word: str, command: Callable[..., Command], says: str) -> None:
    """A command without a body worth reading."""

    async def handler(ask: Ask) -> object:
        return await _at_seat(ask, lambda at: command(seat=at))

    handler.__doc__ = says
    handler.__name__ = word.replace("-", "_").replace("/", "_")
    NOUN.on("POST", f"/seats/{{id}}/{word}", gives=Seat)(handler)


_plain("logout", LogOut, "The agent leaves the seat.")
_plain("resume", Resume, "Ends a pause and a wrap-up.")
_plain("answer", Answer, "Takes the offered call; in a talk, the second call that waits at the seat: the first is on hold.")
_plain("reject", Reject, "Refuses the offered call; it goes to the next agent. A waiting colleague's, too (beyond the contract).")
_plain("hang-up", HangUp, "Ends the call.")
_plain("hold", Hold, "The customer hears music.")
_plain("retrieve", Retrieve, "Back to the customer.")
_plain("swap", Swap, "Of two calls at the seat the other is spoken with, this one is on hold (beyond the contract).")
_plain("transfer/complete", CompleteTransfer, "Leaves the customer to who was consulted, or the conference to its members.")
_plain("transfer/join", JoinTransfer, "Customer, agent and who was consulted talk together, up to five people (beyond the contract).")
_plain("transfer/cancel", CancelTransfer, "Who was consulted, or rings still, goes; the customer is back with the agent.")
_plain("pause-recording", PauseRecording, "Silence is recorded while payment data are spoken (beyond the contract).")
_plain("resume-recording", ResumeRecording, "Records again (beyond the contract).")


async def _at_seat(ask: Ask, command: Callable[[SeatId], Command]) -> Seat:
    ask.own_seat(ask.part("id"))
    await ask.do(command(SeatId(ask.part("id"))))
    return seat(ask.seat(ask.part("id")), ask.texts)
