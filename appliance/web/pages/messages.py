"""Short messages (短信, A5): what came, what goes and what became of it, writing one, and who wants none."""

from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.messages.templates import places
from appliance.web.api.messages import begun
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/messages", title="title.messages", role=Role.SUPERVISOR, menu="messages", place=4)


@PAGE.get("")
async def messages(ask: Ask) -> Response:
    return _shown(ask)


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "messages/_live.html", _views(ask))


@PAGE.post("/write")
async def write(ask: Ask) -> Response:
    form = await ask.form()
    to, text = form.get("to", "")[:100], form.get("text", "")[:5000]
    try:
        if left := places(text):
            raise Refused("message.place", place=left[0])
        _message, number = ask.office.messages.write(to, text, ask.person.name)
    except Refused as error:
        return _shown(ask, to, text, refusal(ask.texts, error), 409)
    await ask.office.committed(number)
    return go("/messages", ask)


@PAGE.post("/{id}/read")
async def read(ask: Ask) -> Response:
    await ask.office.committed(ask.office.messages.mark_read(ask.part("id"), ask.person.name))
    return PAGE.render(ask, "messages/_live.html", _views(ask))


@PAGE.post("/numbers/{what}")
async def opt(ask: Ask) -> Response:
    """A number gets no messages any more, or gets them again."""
    if ask.part("what") not in ("out", "in"):
        raise NotFound(ask.part("what"))
    number = (await ask.form()).get("number", "")[:40].strip()
    try:
        await ask.office.committed(ask.office.messages.opt(number, ask.part("what") == "out", ask.person.name))
    except Refused as error:
        return _shown(ask, wrong=refusal(ask.texts, error), status=409)
    return go("/messages", ask)


def _views(ask: Ask) -> dict[str, object]:
    return {"messages": ask.office.messages.newest(), "names": {line.id: line.name or line.id for line in ask.office.document.line}}


def _shown(ask: Ask, to: str = "", text: str = "", wrong: str | None = None, status: int = 200) -> Response:
    more = {"templates": begun(ask), "to": to, "text": text, "wrong": wrong, "refusers": ask.office.messages.refusers}
    return PAGE.render(ask, "messages/page.html", {**_views(ask), **more}, status)
