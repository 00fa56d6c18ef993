"""Configuration (配置): the office's file, checked as it is written, saved whole, with the versions before it (E2)."""

import asyncio

from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.web.ask import Ask, Sentence
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/configuration", title="title.configuration", role=Role.ADMINISTRATOR, menu="configuration", place=8)
MOST_BYTES = 1_000_000  # as the check's own


@PAGE.get("")
async def configuration(ask: Ask) -> Response:
    """With `?before=NAME` that version's text, which is in force again when it is saved."""
    return await asyncio.to_thread(_shown, ask, ask.query("before"))


@PAGE.post("/check")
async def check(ask: Ask) -> Response:
    text, was = await _sent(ask)
    findings = await asyncio.to_thread(ask.office.configuration.examine, text)
    return _written(ask, text, was, findings=findings, well=not findings)


@PAGE.post("/save")
async def save(ask: Ask) -> Response:
    text, was = await _sent(ask)
    try:
        now = await asyncio.to_thread(ask.office.configuration.save, text, was)
    except Refused as error:
        findings = await asyncio.to_thread(ask.office.configuration.examine, text)
        return _written(ask, text, was, findings=findings, wrong=refusal(ask.texts, error))
    await ask.office.committed(ask.office.audit(ask.person.name, "SaveConfiguration", now[:12]))
    return _written(ask, text, now, saved=True)


async def _sent(ask: Ask) -> tuple[str, str]:
    """(text, the fingerprint of the version that it is to replace); the page sends the session's token in a header."""
    length = ask.request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES + 10_000:
        raise Sentence("error.too_large", 413)
    async with ask.request.form(max_files=0, max_fields=4, max_part_size=MOST_BYTES) as form:
        return str(form.get("text", "")), str(form.get("was", ""))


def _shown(ask: Ask, before: str | None) -> Response:
    try:
        text, was = ask.office.configuration.read()
    except Refused as error:
        return _written(ask, "", "", wrong=refusal(ask.texts, error))
    if before is not None:
        text = ask.office.configuration.version(before)
    return _written(ask, text, was, before=before)


def _written(ask: Ask, text: str, was: str, **more: object) -> Response:
    shown = {
        "text": text, "was": was, "rows": min(40, max(12, text.count("\n") + 2)), "versions": ask.office.configuration.versions(),
        "findings": [], "well": False, "saved": False, "wrong": None, "before": None,
    }  # fmt: skip
    return PAGE.render(ask, "configuration.html", {**shown, **more})
