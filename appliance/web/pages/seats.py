"""Seats: what each is, its light and who sits there; the lamp test (A2 E1)."""

from starlette.responses import Response

from appliance.calls.commands import TestLamps
from appliance.web.ask import Ask
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/seats", title="title.seats", role=Role.SUPERVISOR, menu="seats", place=5)
PATTERNS = ("free", "ringing", "talking", "held", "wrap_up", "paused", "logged_out", "fault")


@PAGE.get("")
async def seats(ask: Ask) -> Response:
    return PAGE.render(ask, "seats/page.html", {**_shown(ask), "tested": ask.query("tested"), "patterns": PATTERNS})


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "seats/_live.html", _shown(ask))


@PAGE.post("/lamp-test")
async def lamp_test(ask: Ask) -> Response:
    ask.need(Role.ADMINISTRATOR)
    await ask.do(TestLamps())
    return go("/seats?tested=yes")


def _shown(ask: Ask) -> dict[str, object]:
    snapshot = ask.office.snapshot()
    return {
        "snapshot": snapshot,
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "lamps": {seat.id: seat.led for seat in ask.office.document.seat},
        "board": ask.office.document.board.name,
    }
