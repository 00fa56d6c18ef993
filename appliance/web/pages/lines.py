"""Lines: number, modem, ports, what is wrong with one and what was done about it, new modems, out of service and back (A1)."""

from starlette.responses import Response

from appliance.base.errors import NotFound
from appliance.base.ids import LineId
from appliance.calls.commands import DisableLine, EnableLine
from appliance.web.ask import Ask
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/lines", title="title.lines", role=Role.SUPERVISOR, menu="lines", place=6)


@PAGE.get("")
async def lines(ask: Ask) -> Response:
    return PAGE.render(ask, "lines/page.html", _shown(ask))


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "lines/_live.html", _shown(ask))


@PAGE.post("/{id}/{what}")
async def switch(ask: Ask) -> Response:
    ask.need(Role.ADMINISTRATOR)
    line, what = LineId(ask.part("id")), ask.part("what")
    if what not in ("disable", "enable") or all(each.id != line for each in ask.office.snapshot().lines):
        raise NotFound(line)
    await ask.do(DisableLine(line=line) if what == "disable" else EnableLine(line=line))
    return PAGE.render(ask, "lines/_live.html", _shown(ask))


def _shown(ask: Ask) -> dict[str, object]:
    document = ask.office.document
    return {
        "snapshot": ask.office.snapshot(),
        "configured": {line.id: line for line in document.line},
        "families": ask.office.families(),
        "modems": ask.office.modems() if ask.person.role >= Role.ADMINISTRATOR else [],
        "queues": {queue.id: queue.name or queue.id for queue in document.queue},
    }
