"""An office whose seat b1 is brought into each state there is, for the commands to be tried in it (A2 A8 A9)."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands
from appliance.events import line as told
from firmware_cfg.document import Document, Reason, Transfer
from tests.support.office import TestOffice, a_document


def a_big_office(outside: str = "on", wrap_up_s: float = 10.0) -> Document:
    """Four pages, two telephones, seven lines, six people."""
    document = a_document(browsers=5, phones=1, lines=8, people=6, wrap_up_s=wrap_up_s)
    document = replace(document, queue=(replace(document.queue[0], call_back_key="5"),))
    return replace(document, transfer=Transfer(outside=outside, numbers=("137",)), reason=(Reason(id="fault", name="报修"),))  # type: ignore[arg-type]


def at_work(document: Document | None = None, caller: bool = True) -> TestOffice:
    """a1 at b1 talks with the caller on l1; the others sit free: b2 to b4, and a5 at the telephone p1."""
    office = TestOffice(document if document is not None else a_big_office())
    office.log_in("b1", "a1")
    if caller:
        office.ring("l1")
        office.do(commands.Answer, seat="b1")
    for seat, agent in (("b2", "a2"), ("b3", "a3"), ("b4", "a4"), ("p1", "a5")):
        office.wait(1)
        office.log_in(seat, agent)
    return office


def the_call(office: TestOffice) -> str:
    return next(iter(office.switchboard.live.calls))


def talking_elsewhere(office: TestOffice) -> str:
    """b2 talks with a caller on l2; the call."""
    call = office.ring("l2")
    for seat in list(office.states):
        if office.states[seat] == "ringing" and seat != "b2":
            office.do(commands.Pause, seat=seat, reason="x")
            office.do(commands.Resume, seat=seat)
    office.do(commands.Answer, seat="b2")
    return call


def an_outside_number_answers(office: TestOffice) -> str:
    """The line on which it was dialled."""
    line = next(line.id for line in office.switchboard.live.lines.values() if line.party_of is not None)
    for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
        office.tell(fact, line)
    return line


def _idle(office: TestOffice) -> None:
    office.hang_up("l1")
    office.wait(10_000)


def _logged_out(office: TestOffice) -> None:
    _idle(office)
    office.do(commands.LogOut, seat="b1")


def _paused(office: TestOffice) -> None:
    _idle(office)
    office.do(commands.Pause, seat="b1", reason="x")


def _ringing(office: TestOffice) -> None:
    _idle(office)
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Pause, seat=seat, reason="x")
    office.ring("l2")
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Resume, seat=seat)


def _dialling(office: TestOffice) -> None:
    """A call-back: b1 is there, the customer is being called."""
    _idle(office)
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Pause, seat=seat, reason="x")
    office.ring("l2")
    office.tell(told.DigitHeard, "l2", digit="5")
    office.hang_up("l2", by="us")
    office.do(commands.Answer, seat="b1")
    for seat in ("b2", "b3", "b4", "p1"):
        office.do(commands.Resume, seat=seat)


def _held(office: TestOffice) -> None:
    office.do(commands.Hold, seat="b1")


def _consult_rings(office: TestOffice) -> None:
    office.do(commands.Transfer, seat="b1", to="b2", kind="consult")


def _consults(office: TestOffice) -> None:
    _consult_rings(office)
    office.do(commands.Answer, seat="b2")


def _conference(office: TestOffice) -> None:
    _consults(office)
    office.do(commands.JoinTransfer, seat="b1")


def _asked(office: TestOffice) -> None:
    _idle(office)
    talking_elsewhere(office)
    office.do(commands.Transfer, seat="b2", to="b1", kind="consult")


def _consulted(office: TestOffice) -> None:
    _asked(office)
    office.do(commands.Answer, seat="b1")


def _member(office: TestOffice) -> None:
    _consulted(office)
    office.do(commands.JoinTransfer, seat="b2")


def _monitors(office: TestOffice) -> None:
    _idle(office)
    call = talking_elsewhere(office)
    office.do(commands.Supervise, seat="b1", call=call, mode="monitor", by="boss")


def _two_calls(office: TestOffice) -> None:
    """A customer on hold, and one of his own with whom he speaks."""
    _blind_to_a_talk(office)
    office.do(commands.Answer, seat="b1")


def _blind_to_a_talk(office: TestOffice) -> None:
    document = office.switchboard.live.document
    seats = tuple(replace(seat, second_call=seat.id == "b1") for seat in document.seat)
    office._take(office.switchboard.configure(replace(document, seat=seats), office.now_ms))
    talking_elsewhere(office)
    office.do(commands.Transfer, seat="b2", to="b1", kind="blind")


def _speaks(office: TestOffice) -> None:
    """A prompt is recorded at b1."""
    _idle(office)
    office.do(commands.BeginTake, seat="b1", name="welcome", language="en", by="admin")
    office.do(commands.RecordTake, seat="b1")


def _fault(office: TestOffice) -> None:
    _idle(office)
    office.pages.discard("b1")
    office.wait(3_000)


STATES: Final[dict[str, Callable[[TestOffice], None]]] = {
    "logged out": _logged_out,
    "free": _idle,
    "paused": _paused,
    "wrap-up": lambda office: office.hang_up("l1"),
    "ringing": _ringing,
    "talking": lambda office: None,
    "dialling": _dialling,
    "held": _held,
    "consult rings": _consult_rings,
    "consults": _consults,
    "conference": _conference,
    "asked": _asked,
    "consulted": _consulted,
    "member": _member,
    "monitors": _monitors,
    "second waits": _blind_to_a_talk,
    "two calls": _two_calls,
    "speaks a prompt": _speaks,
    "fault": _fault,
}

COMMANDS: Final[dict[str, tuple[type[commands.Command], dict[str, object]]]] = {
    "answer": (commands.Answer, {}),
    "reject": (commands.Reject, {}),
    "hang up": (commands.HangUp, {}),
    "hold": (commands.Hold, {}),
    "retrieve": (commands.Retrieve, {}),
    "swap": (commands.Swap, {}),
    "mute": (commands.Mute, {"muted": True}),
    "key": (commands.SendDigit, {"digit": "5"}),
    "blind": (commands.Transfer, {"to": "b3", "kind": "blind"}),
    "consult": (commands.Transfer, {"to": "b3", "kind": "consult"}),
    "conference": (commands.Transfer, {"to": "b3", "kind": "conference"}),
    "complete": (commands.CompleteTransfer, {}),
    "join": (commands.JoinTransfer, {}),
    "cancel": (commands.CancelTransfer, {}),
    "reason": (commands.Classify, {"reason": "fault"}),
    "note": (commands.Note, {"text": "x", "by": "li"}),
    "next": (commands.ChooseNext, {"status": "free"}),
    "pause": (commands.Pause, {"reason": "x"}),
    "log out": (commands.LogOut, {}),
    "monitor": (commands.Supervise, {"call": "other", "mode": "monitor", "by": "boss"}),
    "take over": (commands.Supervise, {"call": "other", "mode": "take_over", "by": "boss"}),
    "stop": (commands.Supervise, {"call": "other", "mode": "stop", "by": "boss"}),
}


def tried(state: str, command: str) -> tuple[TestOffice, str]:
    """The office after this command in this state, and what b1 is then, or the key of what it was refused with."""
    office = at_work()
    STATES[state](office)
    kind, values = COMMANDS[command]
    if "call" in values:
        own = office.seat("b1").call
        other = next((call for call in office.switchboard.live.calls if call != own), None)
        values = values | {"call": other or own or "c000009"}
    try:
        office.do(kind, seat="b1", **values)
    except Refused as error:
        return office, f"! {error.key}"
    except NotFound:
        return office, "! 404"
    seat = office.seat("b1")
    return office, seat.state.value + (f" {seat.reason}" if seat.reason else "")
