"""The day's heads, calls and recordings against each other, and deletion by two people (A7)."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.events.recording import HeadPrinted
from appliance.recording.reconcile import Difference
from appliance.recording.retention import Proposal
from appliance.store.entry import Entry
from appliance.web.api.noun import Noun
from appliance.web.ask import Ask, Sentence
from appliance.web.session import Role
from appliance.web.shown import iso

NOUN = Noun("custody")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """`id`: number of its entry; `hash` is what is kept outside of the box; `recordings`: how many seals it names."""

    id: int
    day: str
    at: str
    by: str
    hash: str
    recordings: int


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    differences: list[Difference]


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: open, agreed, withdrawn. `before`: recordings begun before it; `recordings`: how many there were."""

    id: str
    state: str
    by: str
    at: str
    why: str
    before: str
    recordings: int
    agreed_by: str | None
    withdrawn_by: str | None


class ProposalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before`: a local day, "2026-11-24"; null: as late as the policy allows."""

    why: Annotated[str, Meta(min_length=1, max_length=500)]
    before: str | None = None


def head_of(entry: Entry, fact: HeadPrinted) -> Head:
    return Head(id=entry.number, day=fact.day, at=iso(entry.utc_ms), by=fact.by, hash=entry.hash.hex(), recordings=len(fact.seals) // 32)


def deletion_of(each: Proposal) -> Deletion:
    return Deletion(
        id=each.id,
        state=each.state,
        by=each.by,
        at=iso(each.at_ms),
        why=each.why,
        before=iso(each.before_ms),
        recordings=each.recordings,
        agreed_by=each.agreed_by,
        withdrawn_by=each.withdrawn_by,
    )


async def differences(ask: Ask, day: str | None) -> tuple[str, list[Difference]]:
    """Of a local day; today where none is asked for."""
    day = day or datetime.fromtimestamp(ask.office.snapshot().as_of_ms / 1000).strftime("%Y-%m-%d")
    try:
        return day, await asyncio.to_thread(ask.office.records.differences, day)
    except (ValueError, OverflowError):
        raise Sentence("error.query", 422, name="day") from None


async def propose(ask: Ask, why: str, before: str | None) -> None:
    records = ask.office.records
    try:
        before_ms = records.before_of(before)
    except (ValueError, OverflowError):
        raise Sentence("error.query", 422, name="before") from None
    found = len(await asyncio.to_thread(records.to_delete, before_ms))
    await ask.office.committed(records.propose(ask.person.name, why, before_ms, found))


@NOUN.on("GET", "/heads", gives=list[Head], role=Role.SUPERVISOR)
async def heads(ask: Ask) -> object:
    """The chain's heads as they were printed, newest first."""
    return [head_of(entry, fact) for entry, fact in await asyncio.to_thread(ask.office.records.heads)]


@NOUN.on("POST", "/heads", gives=Head, status=201, role=Role.ADMINISTRATOR)
async def print_head(ask: Ask) -> object:
    """Prints one now, for what was sealed since the last."""
    number = ask.office.records.print_head(ask.person.name)
    await ask.office.committed(number)
    found = await asyncio.to_thread(ask.office.records.heads)
    return next(head_of(entry, fact) for entry, fact in found if entry.number == number)


@NOUN.on("GET", "/reconciliation", gives=Reconciliation, query=("day",), role=Role.ADMINISTRATOR)
async def reconciliation(ask: Ask) -> object:
    """Calls without a recording, recordings without a call, missing and foreign files; `day` is today where it is not said."""
    day, found = await differences(ask, ask.query("day"))
    return Reconciliation(day=day, differences=found)


@NOUN.on("GET", "/deletions", gives=list[Deletion], role=Role.SUPERVISOR)
async def deletions(ask: Ask) -> object:
    """Proposals, newest first."""
    return [deletion_of(each) for each in ask.office.records.proposals]


@NOUN.on("POST", "/deletions", takes=ProposalBody, gives=Deletion, status=201, role=Role.SUPERVISOR)
async def new_deletion(ask: Ask) -> object:
    """One of two people. Nothing is deleted before the other agrees, and nothing that is younger than the configuration's keep_days."""
    body = await ask.body(ProposalBody)
    await propose(ask, body.why, body.before)
    return deletion_of(ask.office.records.proposals[0])


@NOUN.on("POST", "/deletions/{id}/agree", gives=Deletion, role=Role.SUPERVISOR)
async def agree(ask: Ask) -> object:
    """The second person, never the first. Each recording leaves a signed tombstone."""
    await ask.office.committed(ask.office.records.agree(ask.part("id"), ask.person.name))
    return next(deletion_of(each) for each in ask.office.records.proposals if each.id == ask.part("id"))


@NOUN.on("POST", "/deletions/{id}/withdraw", gives=Deletion, role=Role.SUPERVISOR)
async def withdraw(ask: Ask) -> object:
    """Nothing is deleted."""
    await ask.office.committed(ask.office.records.withdraw(ask.part("id"), ask.person.name))
    return next(deletion_of(each) for each in ask.office.records.proposals if each.id == ask.part("id"))
