"""A prompt spoken at a seat (A5): begun, recorded, heard over the same seat, accepted or discarded."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.base.errors import Refused
from appliance.base.ids import SeatId
from appliance.calls.commands import BeginTake, DropTake, EndTake, HearTake, RecordTake, StopTake
from appliance.calls.seats import Seat
from appliance.web.api.noun import Noun
from appliance.web.api.prompts import PromptEntry, prompt_entry
from appliance.web.ask import Ask
from appliance.web.session import Role

NOUN = Noun("takes")
PATH = "/prompts/{name}/{language}/take"


class TakeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: ringing (an outside phone, until its key 1), ready, recording, recorded. `seconds`: of what callers would hear."""

    name: str
    language: str
    seat: str
    agent: str | None
    by: str
    state: str
    seconds: float


class TakeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seat: Annotated[str, Meta(min_length=1, max_length=100)]


def take_entry(ask: Ask, seat: Seat) -> TakeEntry:
    take = seat.take
    assert take is not None
    return TakeEntry(
        name=take.name,
        language=take.language,
        seat=seat.id,
        agent=seat.agent,
        by=take.by,
        state=take.step.value,
        seconds=ask.office.studio.seconds(seat),
    )


async def begin(ask: Ask, name: str, language: str, seat: str) -> None:
    """Raises Refused, NotFound."""
    ask.office.prompts.check(name, language)
    await ask.do(BeginTake(seat=SeatId(seat), name=name, language=language, by=ask.person.name))


async def step(ask: Ask, name: str, language: str, word: str) -> None:
    """`word`: record, stop, listen or discard. Raises Refused, NotFound. What is silent is said at once, and is to be spoken again."""
    seat = ask.office.studio.seat(name, language)
    match word:
        case "record":
            await ask.do(RecordTake(seat=seat.id))
        case "stop":
            await ask.do(StopTake(seat=seat.id))
            await _make(ask, seat)
        case "listen":
            await _make(ask, seat)
            await ask.do(HearTake(seat=seat.id))
        case _:
            await ask.do(EndTake(seat=seat.id, why="discarded"))


async def accept(ask: Ask, name: str, language: str) -> None:
    """The prompt in force from now on, and on the disk. Raises Refused, NotFound."""
    seat = ask.office.studio.seat(name, language)
    await _make(ask, seat)
    number = ask.office.studio.keep(seat, ask.person.name)
    await ask.do(EndTake(seat=seat.id, why="accepted"))
    await ask.office.committed(number)


async def _make(ask: Ask, seat: Seat) -> None:
    try:
        await ask.office.studio.make(seat)
    except Refused as why:
        if why.key == "take.silent":
            ask.office.command(DropTake(seat=seat.id), ask.person.name)
        raise


@NOUN.on("GET", PATH, gives=TakeEntry, role=Role.ADMINISTRATOR)
async def shown(ask: Ask) -> object:
    """Where this prompt is being spoken; 404 where nowhere."""
    return take_entry(ask, ask.office.studio.seat(ask.part("name"), ask.part("language")))


@NOUN.on("POST", PATH, takes=TakeBody, gives=TakeEntry, role=Role.ADMINISTRATOR)
async def begun(ask: Ask) -> object:
    """Takes a free seat out of routing to speak this prompt there; an outside phone rings, and its key 1 says that somebody is there."""
    await begin(ask, ask.part("name"), ask.part("language"), (await ask.body(TakeBody)).seat)
    return await shown(ask)


@NOUN.on("POST", f"{PATH}/record", gives=TakeEntry, role=Role.ADMINISTRATOR)
async def record(ask: Ask) -> object:
    """What is spoken from now on, two minutes at most; what was recorded before is gone."""
    return await _stepped(ask, "record")


@NOUN.on("POST", f"{PATH}/stop", gives=TakeEntry, role=Role.ADMINISTRATOR)
async def stop(ask: Ask) -> object:
    """Ends the recording; its edges are trimmed and its level is set, as of an uploaded file."""
    return await _stepped(ask, "stop")


@NOUN.on("POST", f"{PATH}/listen", gives=TakeEntry, role=Role.ADMINISTRATOR)
async def listen(ask: Ask) -> object:
    """The seat hears it once, as callers would."""
    return await _stepped(ask, "listen")


@NOUN.on("POST", f"{PATH}/accept", gives=PromptEntry, role=Role.ADMINISTRATOR)
async def accepted(ask: Ask) -> object:
    """The prompt in force from now on; the seat is free again."""
    name, language = ask.part("name"), ask.part("language")
    await accept(ask, name, language)
    return prompt_entry(ask.office.prompts.known[name, language])


@NOUN.on("DELETE", PATH, role=Role.ADMINISTRATOR)
async def discarded(ask: Ask) -> object:
    """Nothing is kept; the seat is free again."""
    await step(ask, ask.part("name"), ask.part("language"), "discard")
    return {}


async def _stepped(ask: Ask, word: str) -> object:
    await step(ask, ask.part("name"), ask.part("language"), word)
    return await shown(ask)
