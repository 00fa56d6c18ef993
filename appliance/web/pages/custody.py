"""Custody of the records (存证): heads to be kept outside, calls and recordings against each other, deletion by two people (A7)."""

import asyncio

from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.web.api.custody import differences, head_of, propose
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/records", title="title.custody", role=Role.SUPERVISOR, menu="custody", place=6)
HEADS_SHOWN = 31


@PAGE.get("")
async def custody(ask: Ask) -> Response:
    return await _shown(ask)


async def _shown(ask: Ask, wrong: str | None = None, status: int = 200) -> Response:
    records = ask.office.records
    heads = [(head_of(entry, fact), entry.utc_ms) for entry, fact in await asyncio.to_thread(records.heads, HEADS_SHOWN)]
    found = None
    if ask.person.may(Role.ADMINISTRATOR):
        found = await differences(ask, ask.query("day"))
    due = None
    if records.policy.keep_days > 0:
        due = len(await asyncio.to_thread(records.to_delete, records.before_of(None)))
    shown = {"heads": heads, "found": found, "policy": records.policy, "due": due, "proposals": records.proposals, "wrong": wrong}
    return PAGE.render(ask, "custody.html", shown, status)


@PAGE.post("/head")
async def head(ask: Ask) -> Response:
    ask.need(Role.ADMINISTRATOR)
    await ask.office.committed(ask.office.records.print_head(ask.person.name))
    return go("/records")


@PAGE.post("/deletions")
async def proposed(ask: Ask) -> Response:
    form = await ask.form()
    try:
        await propose(ask, form.get("why", "")[:500], form.get("before") or None)
    except Refused as error:
        return await _shown(ask, refusal(ask.texts, error), 409)
    return go("/records")


@PAGE.post("/deletions/{id}/{what}")
async def decided(ask: Ask) -> Response:
    """`agree`, by another person than who proposed; `withdraw`."""
    records = ask.office.records
    act = records.agree if ask.part("what") == "agree" else records.withdraw
    try:
        await ask.office.committed(act(ask.part("id"), ask.person.name))
    except Refused as error:
        return await _shown(ask, refusal(ask.texts, error), 409)
    return go("/records")
