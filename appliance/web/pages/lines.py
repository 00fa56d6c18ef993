"""Lines: number, modem, ports, what is wrong with one and what was done about it, new modems, out of service and back (A1)."""

import asyncio
import json
from collections.abc import Mapping

from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId
from appliance.calls.commands import DisableLine, EnableLine
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/lines", title="title.lines", role=Role.SUPERVISOR, menu="lines", place=6)


@PAGE.get("")
async def lines(ask: Ask) -> Response:
    return PAGE.render(ask, "lines/page.html", _shown(ask))


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "lines/_live.html", _shown(ask))


@PAGE.post("/adopt")
async def adopt(ask: Ask) -> Response:
    """A modem that is plugged in becomes a line of the configuration; the box reads it within a second or two."""
    ask.need(Role.ADMINISTRATOR)
    given = await ask.form()
    modem = next((one for one in ask.office.modems() if one.where == given.get("where") and one.family is not None), None)
    if modem is None:
        raise NotFound(given.get("where", ""))
    try:
        now = await asyncio.to_thread(_taken_in, ask, modem.toml, given)
    except Refused as error:
        about = {"wrong": refusal(ask.texts, error), "about": modem.where, "given": given}
        return PAGE.render(ask, "lines/_live.html", {**_shown(ask), **about})
    await ask.office.committed(ask.office.audit(ask.person.name, "AdoptModem", now[:12]))
    return PAGE.render(ask, "lines/_live.html", {**_shown(ask), "taken_in": given.get("name") or given.get("number", "")})


def _taken_in(ask: Ask, toml: str, given: Mapping[str, str]) -> str:
    """Saved with the line at the end; the new fingerprint. Raises Refused."""
    head = [one for one in toml.splitlines() if not one.startswith("number")]
    words = {key: given.get(key, "").strip() for key in ("name", "number", "queue")}
    own = [f"{key} = {json.dumps(word, ensure_ascii=False)}" for key, word in words.items() if word]
    file = ask.office.configuration
    text, was = file.read()
    text = text.rstrip() + "\n\n" + "\n".join([*head, *own]) + "\n"
    findings = file.examine(text)
    if findings:
        raise Refused("lines.not_taken_in", why=" · ".join(ask.texts.sentence(one.what) for one in findings[:3]))
    return file.save(text, was)


@PAGE.post("/{id}/{what}")
async def switch(ask: Ask) -> Response:
    ask.need(Role.ADMINISTRATOR)
    line, what = LineId(ask.part("id")), ask.part("what")
    if what == "balance":
        try:
            await ask.office.committed(ask.office.ask_balance(line, ask.person.name))
        except Refused as error:
            return PAGE.render(ask, "lines/_live.html", {**_shown(ask), "wrong": refusal(ask.texts, error), "about": line})
        return PAGE.render(ask, "lines/_live.html", _shown(ask))
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
        "balances": ask.office.balances(),
        "caps": ask.office.caps(),
        "modems": ask.office.modems() if ask.person.role >= Role.ADMINISTRATOR else [],
        "queues": {queue.id: queue.name or queue.id for queue in document.queue},
        "wrong": None,
        "about": None,
        "given": {},
        "taken_in": None,
    }
