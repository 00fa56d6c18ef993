"""Prompts and music (提示音): spoken from text by the system's synthesiser, or uploaded (A5)."""

from starlette.datastructures import UploadFile
from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.flow.prompts import LANGUAGES, USES
from appliance.flow.speech import can_speak
from appliance.web.api.prompts import MOST_BYTES, say, upload
from appliance.web.ask import Ask, Sentence
from appliance.web.gate import refusal
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/prompts", title="title.prompts", role=Role.ADMINISTRATOR, menu="prompts", place=7)
FORM_BYTES = 100_000


@PAGE.get("")
async def prompts(ask: Ask) -> Response:
    return _shown(ask)


def _shown(ask: Ask, wrong: str | None = None, about: tuple[str, str] = ("", ""), text: str = "", status: int = 200) -> Response:
    known = ask.office.prompts.known
    names = [*USES, *sorted({name for name, _ in known} - set(USES))]
    own = ask.office.document.language
    rows = [
        (name, language, known.get((name, language)))
        for name in names
        for language in LANGUAGES
        if name != "hold" or language == own or (name, language) in (*known, about)  # music has no language: the last one set is heard
    ]
    shown = {"rows": rows, "can_speak": can_speak(), "wrong": wrong, "about": about, "text": text, "uses": USES}
    return PAGE.render(ask, "prompts.html", shown, status)


@PAGE.post("/{name}/{language}")
async def put(ask: Ask) -> Response:
    """A file where one was chosen, else the text; the page sends it with the session's token in a header."""
    name, language, text = ask.part("name"), ask.part("language"), ""
    length = ask.request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES + FORM_BYTES:
        raise Sentence("error.too_large", 413)
    async with ask.request.form(max_files=1, max_fields=10) as form:
        text, file = str(form.get("text", "")), form.get("file")
        try:
            if form.get("away"):
                await ask.office.committed(ask.office.prompts.remove(name, language, ask.person.name))
            elif isinstance(file, UploadFile) and file.size:
                await upload(ask, name, language, await file.read(), file.filename or "")
            else:
                await say(ask, name, language, text)
        except Refused as error:
            return _shown(ask, refusal(ask.texts, error), (name, language), text)
        except NotFound:
            raise Sentence("error.not_found", 404) from None
    return go("/prompts", ask)
