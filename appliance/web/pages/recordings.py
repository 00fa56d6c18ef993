"""Recordings: searched, and the library of exemplary calls (优秀录音) (A7)."""

import asyncio

from starlette.responses import Response

from appliance.recording.register import MARKS
from appliance.web.api.recordings import mark, recording_entry, search_of
from appliance.web.ask import Ask
from appliance.web.marks import names_of
from appliance.web.page import Page, go
from appliance.web.session import Role

PAGE = Page("/recordings", title="title.recordings", role=Role.AGENT, menu="recordings", place=3)
ON_A_PAGE = 50
FIELDS = ("caller", "agent", "queue", "since", "until", "min_s", "max_s", "mark")
MARK_WORDS = ("exemplary", *dict.fromkeys(MARKS.values()))


@PAGE.get("")
async def recordings(ask: Ask) -> Response:
    """By number, agent, queue, day, length, marks; an agent finds his own."""
    found = await asyncio.to_thread(ask.office.records.search, search_of(ask), ON_A_PAGE + 1)
    rows = [recording_entry(ask, row) for row in found[:ON_A_PAGE]]
    before = found[ON_A_PAGE - 1].utc_ms if len(found) > ON_A_PAGE else None
    asked = {name: ask.query(name) or "" for name in FIELDS}
    shown = {"rows": rows, "at": {row.call: row.utc_ms for row in found}, "before": before, "asked": asked, "marks": MARK_WORDS}
    return PAGE.render(ask, "recordings/list.html", {**shown, "names": names_of(ask)})


@PAGE.get("/library")
async def library(ask: Ask) -> Response:
    """What good calls sound like, for everybody; `play`: the one that is open."""
    rows = await asyncio.to_thread(ask.office.records.library)
    play = next((row.call for row in rows if row.call == ask.query("play")), None)
    shown = {"rows": [(recording_entry(ask, row), row.utc_ms, row.marked_ms) for row in rows], "play": play, "names": names_of(ask)}
    return PAGE.render(ask, "recordings/library.html", shown)


@PAGE.post("/{id}/exemplary")
async def exemplary(ask: Ask) -> Response:
    ask.need(Role.INSPECTOR)
    form = await ask.form()
    await mark(ask, ask.part("id"), "" if form.get("out") else form.get("reason", ""))
    return go(f"/calls/{ask.part('id')}")
