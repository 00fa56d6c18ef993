"""Recordings after their seal (A7): search, waveform, proof, who listened, the library of exemplary calls."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from appliance.base.errors import NotFound
from appliance.base.phone_numbers import masked
from appliance.recording.peaks import Peaks, peaks_of
from appliance.recording.register import MARKS, Recorded, Search
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import iso_or_none
from appliance.web.ask import Ask, Sentence
from appliance.web.hearing import own, to_hear
from appliance.web.marks import Mark, marks_of, names_of
from appliance.web.session import Role
from appliance.web.shown import iso

NOUN = Noun("recordings")
MOST = 200
SEARCH = ("caller", "agent", "queue", "since", "until", "min_s", "max_s", "mark", "before", "limit")


class Exemplary(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    by: str
    at: str | None


class RecordingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`caller` is masked for who may only hear it in the library. `deleted`: the agreement under which it went. `bytes`: on the disk.
    `listening`: there is a small copy for listening."""

    id: str
    call: str
    at: str
    caller: str | None
    queue: str | None
    agents: list[str]
    seconds: float
    sha256: str | None
    marks: list[str]
    packed: bool
    listening: bool
    bytes: int
    deleted: str | None
    exemplary: Exemplary | None


class Waveform(msgspec.Struct, frozen=True, kw_only=True):
    """`left` the customer, `right` the agent: the loudest sample of each column, 0 to 1000; a column is seconds / columns."""

    seconds: float
    left: list[int]
    right: list[int]
    marks: list[Mark]


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    by: str


class ExemplaryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty reason takes it out of the library."""

    reason: Annotated[str, Meta(max_length=500)] = ""


def recording_entry(ask: Ask, row: Recorded) -> RecordingEntry:
    return RecordingEntry(
        id=row.call,
        call=row.call,
        at=iso(row.utc_ms),
        caller=row.caller if own(ask, row) or row.caller is None else masked(row.caller),
        queue=row.queue,
        agents=row.agents.split(),
        seconds=row.seconds,
        sha256=row.sha256 or None,
        marks=[each for each in row.marks.split() if each != "supervised" or ask.sees_listeners],
        packed=bool(row.packed),
        listening=bool(row.copied) and not row.deleted,
        bytes=0 if row.deleted else row.packed_size or row.size,
        deleted=row.deleted or None,
        exemplary=Exemplary(reason=row.reason, by=row.marked_by, at=iso_or_none(row.marked_ms)) if row.reason else None,
    )


def search_of(ask: Ask) -> Search:
    """What the query asks for; an agent's own calls only, where he is no inspector. Raises Sentence."""
    mark = ask.query("mark") or ""
    if mark not in ("", "exemplary", *MARKS.values()):
        raise Sentence("error.query", 422, name="mark")
    if mark == "supervised" and not ask.sees_listeners:
        raise Sentence("error.query", 422, name="mark")
    agent = (ask.query("agent") or "")[:100]
    if not ask.person.may(Role.INSPECTOR):
        agent = ask.person.agent or "-"
    return Search(
        caller=(ask.query("caller") or "")[:30],
        agent=agent,
        queue=(ask.query("queue") or "")[:100],
        since_ms=_day(ask, "since", 0),
        until_ms=_day(ask, "until", 1),
        shortest_s=_number(ask, "min_s"),
        longest_s=_number(ask, "max_s"),
        mark=mark,
        before=None if ask.query("before") is None else round(_number(ask, "before") or 0),
    )


def _day(ask: Ask, name: str, days: int) -> int | None:
    """UTC ms of the begin of a local day, or of the one after it."""
    text = ask.query(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return round(datetime(day.year, day.month, day.day).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Sentence("error.query", 422, name=name) from None


def _number(ask: Ask, name: str) -> float | None:
    text = ask.query(name)
    if text is None:
        return None
    try:
        value = float(text[:20])
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e15:
        raise Sentence("error.query", 422, name=name)
    return value


@NOUN.on("GET", "/recordings", gives=list[RecordingEntry], query=SEARCH)
async def recordings(ask: Ask) -> object:
    """Newest first. `since`, `until`: local days, both included; `mark`: held, transferred, paused, missed, exemplary ...; `limit` 200."""
    limit = _number(ask, "limit")
    found = await asyncio.to_thread(ask.office.records.search, search_of(ask), min(MOST, round(MOST if limit is None else limit)))
    return [recording_entry(ask, row) for row in found]


@NOUN.on("GET", "/library", gives=list[RecordingEntry])
async def library(ask: Ask) -> object:
    """The exemplary calls (优秀录音), for everybody to hear; the last chosen first."""
    return [recording_entry(ask, row) for row in await asyncio.to_thread(ask.office.records.library)]


@NOUN.on("GET", "/calls/{id}/waveform", gives=Waveform)
async def waveform(ask: Ask) -> object:
    """Peaks of both channels, and what happened when."""
    view = await to_hear(ask)
    sound = await asyncio.to_thread(ask.office.recording, view.id)
    if sound is None:
        raise NotFound(view.id)
    found: Peaks = await asyncio.to_thread(peaks_of, sound)
    return Waveform(seconds=found.seconds, left=found.left, right=found.right, marks=marks_of(view, ask.texts, names_of(ask)))


@NOUN.on("GET", "/calls/{id}/listenings", gives=list[Listening], role=Role.INSPECTOR)
async def listenings(ask: Ask) -> object:
    """Who heard it, newest first."""
    view = ask.call(ask.part("id"))
    return [Listening(at=iso(at), by=by) for at, by in await asyncio.to_thread(ask.office.records.listenings, view.id)]


@NOUN.on("GET", "/calls/{id}/proof", gives=dict[str, Any])
async def proof(ask: Ask) -> object:
    """What an outsider needs to check this recording against a printed head (docs/prove_recording.py)."""
    return await asyncio.to_thread(ask.office.records.proof, ask.call(ask.part("id")).id)


@NOUN.on("POST", "/calls/{id}/exemplary", takes=ExemplaryBody, gives=RecordingEntry, role=Role.INSPECTOR)
async def exemplary(ask: Ask) -> object:
    """Into the library with a reason; out of it with none."""
    body = await ask.body(ExemplaryBody)
    await mark(ask, ask.part("id"), body.reason)
    row = await asyncio.to_thread(ask.office.records.one, ask.part("id"))
    if row is None:
        raise NotFound(ask.part("id"))
    return recording_entry(ask, msgspec.structs.replace(row, reason=" ".join(body.reason.split()), marked_by=ask.person.name))


async def mark(ask: Ask, call: str, reason: str) -> None:
    row = await asyncio.to_thread(ask.office.records.one, call)
    if row is None or row.sealed_ms is None:
        raise NotFound(call)
    await ask.office.committed(ask.office.records.mark(row, ask.person.name, reason))
