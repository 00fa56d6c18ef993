"""People: who answers, for which queues, and the offers that each has missed today (A4)."""

from starlette.responses import Response

from appliance.web.ask import Ask
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/people", title="title.people", role=Role.SUPERVISOR, menu="people", place=4)


@PAGE.get("")
async def people(ask: Ask) -> Response:
    snapshot = ask.office.snapshot()
    shown = {
        "snapshot": snapshot,
        "configured": {agent.id: agent for agent in ask.office.document.agent},
        "seats": {seat.id: seat for seat in snapshot.seats},
        "queues": {queue.id: queue.name for queue in snapshot.queues},
    }
    return PAGE.render(ask, "people.html", shown)
