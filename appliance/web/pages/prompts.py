"""Prompts and music (提示音): spoken from text by the system's synthesiser, uploaded, or spoken by a person at a seat (A5)."""

from starlette.datastructures import UploadFile
from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.calls.seats import Seat, Take
from appliance.flow.prompts import LANGUAGES, USES
from appliance.flow.speech import can_speak
from appliance.web.api import takes
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
    shown = {
        "rows": rows,
        "can_speak": can_speak(),
        "wrong": wrong,
        "about": about,
        "text": text,
        "uses": USES,
        "takes": {row[:2]: _take(ask, *row[:2]) for row in rows},
        **_seats(ask),
    }
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


# -- spoken at a seat


@PAGE.get("/{name}/{language}/take")
async def take(ask: Ask) -> Response:
    """Asked each second while one is open: `is` says what the page shows already."""
    name, language = ask.part("name"), ask.part("language")
    found = _take(ask, name, language)[0]
    if found is not None and found.step.value == ask.query("is"):
        return Response(status_code=204)
    return _take_shown(ask, name, language)


@PAGE.post("/{name}/{language}/take/{step}")
async def take_on(ask: Ask) -> Response:
    name, language, step = ask.part("name"), ask.part("language"), ask.part("step")
    try:
        if step == "begin":
            await takes.begin(ask, name, language, (await ask.form()).get("seat", ""))
        elif step == "accept":
            await takes.accept(ask, name, language)
            return go("/prompts", ask)
        elif step in ("record", "stop", "listen", "discard"):
            await takes.step(ask, name, language, step)
        else:
            raise Sentence("error.not_found", 404)
    except Refused as error:
        return _take_shown(ask, name, language, refusal(ask.texts, error))
    except NotFound:  # over meanwhile, or a seat that is none: what there is now says it
        ask.office.prompts.check(name, language)
    return _take_shown(ask, name, language)


def _take_shown(ask: Ask, name: str, language: str, wrong: str | None = None) -> Response:
    take, seat, seconds, over = _take(ask, name, language)
    shown = {"name": name, "language": language, "take": take, "seat": seat, "seconds": seconds, "over": over}
    return PAGE.render(ask, "prompts_take.html", {**shown, "wrong": wrong, **_seats(ask)})


def _take(ask: Ask, name: str, language: str) -> tuple[Take | None, Seat | None, float, str | None]:
    """What is spoken for this prompt now, where, how many seconds it has, or why it ended."""
    studio = ask.office.studio
    try:
        seat = studio.seat(name, language)
    except NotFound:
        over = studio.over(name, language)
        return None, None, 0.0, over.replace(" ", "_") if over not in (None, "accepted") else None
    return seat.take, seat, studio.seconds(seat), None


def _seats(ask: Ask) -> dict[str, object]:
    """Where somebody sits, the free seats first; and what seats and people are called."""
    snapshot = ask.office.snapshot()
    seats = sorted((seat for seat in snapshot.seats if seat.agent is not None), key=lambda seat: seat.state != "free")
    called = {seat.id: seat.name or seat.id for seat in snapshot.seats} | {agent.id: agent.name for agent in snapshot.agents}
    return {"seats": seats, "names": called}
