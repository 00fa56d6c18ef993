"""People: who answers, for which queues, the offers that each has missed today (A4), and their passwords (E2)."""

from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.people.passwords import drawn_password
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/people", title="title.people", role=Role.SUPERVISOR, menu="people", place=5)


@PAGE.get("")
async def people(ask: Ask) -> Response:
    return _shown(ask)


@PAGE.post("/password")
async def password(ask: Ask) -> Response:
    """The administrator gives a person a password, which is shown this once; who was signed in with the old one no longer is."""
    ask.need(Role.ADMINISTRATOR)
    form = await ask.form()
    name, given = form.get("name", "")[:100], form.get("password", "").strip()[:2000]
    try:
        await ask.request.app.state.accounts.set_password(name, given, ask.person.name)
    except Refused as error:
        return _shown(ask, name, wrong=refusal(ask.texts, error), status=409)
    await ask.office.committed(ask.office.snapshot().number)
    return _shown(ask, name, given)


def _shown(ask: Ask, name: str = "", given: str | None = None, wrong: str | None = None, status: int = 200) -> Response:
    snapshot, find = ask.office.snapshot(), ask.request.app.state.accounts.find
    shown = {
        "about": name,
        "given": given,
        "wrong": wrong,
        "drawn": drawn_password(),
        "can_sign_in": {agent.id for agent in snapshot.agents if (account := find(agent.id)) is not None and account.password},
        "snapshot": snapshot,
        "configured": {agent.id: agent for agent in ask.office.document.agent},
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "seats": {seat.id: seat for seat in snapshot.seats},
        "queues": {queue.id: queue.name for queue in snapshot.queues},
    }
    return PAGE.render(ask, "people.html", shown, status)
