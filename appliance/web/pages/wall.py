"""The wall (监控, A8): every live call with its levels, and an inspector's or supervisor's ear and voice in each."""

from collections.abc import Iterable

import msgspec
from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.base.ids import CallId, SeatId
from appliance.calls.commands import Supervise
from appliance.calls.snapshot import CallView, SeatView, Snapshot
from appliance.web.ask import Ask, Sentence
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/wall", title="title.wall", role=Role.INSPECTOR, menu="wall", place=4)
MODES = ("monitor", "whisper", "barge", "take_over")
LOUDEST_DBFS, SOFTEST_DBFS = 0.0, -60.0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A live call as the wall shows it. Levels are parts of 1 from -60 to 0 dBFS; `mine`: the mode in which the chosen seat is in it."""

    call: CallView
    seat: SeatView | None
    customer: float
    agent: float
    mine: str | None
    rings: bool  # the telephone of that seat, which confirms with its key
    open: bool  # somebody talks: it can be listened to


@PAGE.get("")
async def wall(ask: Ask) -> Response:
    return PAGE.render(ask, "wall/page.html", shown(ask))


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "wall/_live.html", shown(ask))


@PAGE.post("/{call}/{mode}")
async def supervise(ask: Ask) -> Response:
    """A button of a row: begins, changes or stops listening at the chosen seat; a sentence where it was refused."""
    mode, seat = ask.part("mode"), (await ask.form()).get("seat", "")
    if mode not in (*MODES, "stop"):
        raise Sentence("error.not_found", 404)
    wrong = None
    try:
        call = ask.call(ask.part("call"))
        if not seat:
            return PAGE.render(ask, "wall/_live.html", shown(ask, wrong=ask.texts("wall.no_seat")))
        await ask.do(Supervise(seat=SeatId(ask.own_seat(seat).id), call=CallId(call.id), mode=mode, by=ask.person.name))
    except Refused as error:
        wrong = refusal(ask.texts, error)
    return PAGE.render(ask, "wall/_live.html", shown(ask, seat, wrong))


def shown(ask: Ask, chosen: str | None = None, wrong: str | None = None) -> dict[str, object]:
    snapshot, levels = ask.office.snapshot(), ask.office.levels()
    seats = [seat for seat in listening_seats(snapshot) if ask.person.may(Role.SUPERVISOR) or seat.agent == ask.person.agent]
    seat = mine(ask, seats, chosen or ask.query("seat"), snapshot.calls)
    rows = [row(call, snapshot, levels, seat) for call in snapshot.calls]
    return {
        "snapshot": snapshot,
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "lines": {line.id: line.name for line in snapshot.lines},
        "queues": {queue.id: queue.name for queue in snapshot.queues},
        "seat_names": {each.id: each.name for each in snapshot.seats},
        "seats": seats,
        "seat": seat,
        "rows": sorted(rows, key=lambda each: (not each.open, each.call.started_at_ms)),
        "modes": MODES,
        "wrong": wrong,
        "counts": {"talking": sum(each.open for each in rows), "waiting": sum(each.call.state in ("queued", "offered") for each in rows)},
    }


def listening_seats(snapshot: Snapshot) -> list[SeatView]:
    """Logged in and not in a call of their own; those that listen already too."""
    able = [seat for seat in snapshot.seats if seat.agent is not None and seat.state != "fault"]
    return [seat for seat in able if seat.party in ("monitor", "whisper", "barge") or (seat.call is None and seat.state != "ringing")]


def mine(ask: Ask, seats: list[SeatView], wanted: str | None, calls: Iterable[CallView]) -> SeatView | None:
    """The seat that was chosen; else where this person listens already, or sits; else the first paused one, which misses no call."""
    listens = {party.seat for call in calls for party in call.parties if party.by == ask.person.name}
    for fits in (
        lambda seat: seat.id == wanted,
        lambda seat: seat.id in listens,
        lambda seat: seat.agent == ask.person.agent,
        lambda seat: seat.state == "paused",
    ):
        if (found := next((seat for seat in seats if fits(seat)), None)) is not None:
            return found
    return seats[0] if seats else None


def row(call: CallView, snapshot: Snapshot, levels: dict[str, float], listens: SeatView | None) -> Row:
    seat = next((each for each in snapshot.seats if each.id == call.seat), None) if call.seat is not None else None
    mine = listens is not None and listens.call == call.id and listens.party in MODES
    return Row(
        call=call,
        seat=seat,
        customer=part(levels.get(f"line:{call.line}", -120.0)),
        agent=part(levels.get(f"seat:{call.seat}", -120.0)),
        mine=listens.party if mine and listens is not None else None,
        rings=mine and listens is not None and listens.state == "ringing",
        open=call.state in ("talking", "held", "outside"),
    )


def part(dbfs: float) -> float:
    return round(min(1.0, max(0.0, (dbfs - SOFTEST_DBFS) / (LOUDEST_DBFS - SOFTEST_DBFS))), 2)
