"""GET /calls, one call, and its recording (A7): agents see their own, inspectors and supervisors all, and listen in (A8)."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.responses import Response

from appliance.base.errors import NotFound
from appliance.base.ids import AgentId, CallId, QueueId, SeatId
from appliance.calls.commands import Command, MoveCall, Supervise, TakeNow, Withdraw
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Call, Routing, call, routing_of
from appliance.web.ask import Ask, Sentence
from appliance.web.hearing import listened, to_hear
from appliance.web.ranges import ranged
from appliance.web.session import Role

NOUN = Noun("calls")
MOST = 1000


class SuperviseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seat`: where one listens; an inspector where he sits."""

    seat: Annotated[str, Meta(min_length=1, max_length=100)]
    mode: Literal["monitor", "whisper", "barge", "take_over", "stop"]


@NOUN.on("GET", "/calls", gives=list[Call], query=("live", "caller", "limit", "before"))
async def calls(ask: Ask) -> object:
    """Newest first. `live=true`: those that run; `caller`; `limit` (200, at most 1000); `before`: an id, older ones follow."""
    found = ask.office.calls(live=_flag(ask, "live"), caller=ask.query("caller"), limit=_limit(ask), before=ask.query("before"))
    return [call(ask.seen(view), ask.texts) for view in found if ask.may_see(view)]


@NOUN.on("GET", "/calls/{id}", gives=Call)
async def one(ask: Ask) -> object:
    """One call. Of one that has just ended the answer comes with its recording's seal, some 0.2 s later."""
    await ask.office.whole(ask.call(ask.part("id")).id)
    return call(ask.call(ask.part("id")), ask.texts)


@NOUN.on("POST", "/calls/{id}/supervise", role=Role.INSPECTOR, takes=SuperviseBody, gives=Call)
async def supervise(ask: Ask) -> object:
    """Listens to a live call, speaks to its agent alone, to all, or takes it (A8); changeable, until "stop".

    `seat` is not in a call itself; a paused one will do.
    The answer comes at once; the telephone of a phone seat is dialled after it, and confirms with its key.
    """
    body = await ask.body(SuperviseBody)
    view = ask.call(ask.part("id"))
    ask.own_seat(body.seat)
    await ask.do(Supervise(seat=SeatId(body.seat), call=CallId(view.id), mode=body.mode, by=ask.person.name))
    return call(ask.call(view.id), ask.texts)


@NOUN.on("GET", "/calls/{id}/routing", gives=list[Routing])
async def routing(ask: Ask) -> object:
    """Why this call was offered to whom, or to nobody: each agent with the reason, oldest first. Made again from the journal."""
    view = ask.call(ask.part("id"))
    return [routing_of(moment, ask.texts) for moment in await asyncio.to_thread(ask.office.explanation, view.id)]


class AgentBody(msgspec.Struct, frozen=True, kw_only=True):
    agent: str


class QueueBody(msgspec.Struct, frozen=True, kw_only=True):
    queue: str


@NOUN.on("POST", "/calls/{id}/take", role=Role.SUPERVISOR, takes=AgentBody, gives=Call)
async def take(ask: Ask) -> object:
    """A supervisor's "take this call now": offered to this agent whatever his queues, skills and turn (beyond the contract)."""
    agent = AgentId((await ask.body(AgentBody)).agent)
    return await _order(ask, lambda call, by: TakeNow(call=call, by=by, agent=agent))


@NOUN.on("POST", "/calls/{id}/withdraw", role=Role.SUPERVISOR, takes=AgentBody, gives=Call)
async def withdraw(ask: Ask) -> object:
    """A supervisor takes the open offer to this agent back: no miss, the next one has his turn (beyond the contract)."""
    agent = AgentId((await ask.body(AgentBody)).agent)
    return await _order(ask, lambda call, by: Withdraw(call=call, by=by, agent=agent))


@NOUN.on("POST", "/calls/{id}/move", role=Role.SUPERVISOR, takes=QueueBody, gives=Call)
async def move(ask: Ask) -> object:
    """A supervisor moves a waiting caller to another queue; he keeps his age (beyond the contract)."""
    queue = QueueId((await ask.body(QueueBody)).queue)
    return await _order(ask, lambda call, by: MoveCall(call=call, by=by, queue=queue))


async def _order(ask: Ask, order: Callable[[CallId, str], Command]) -> Call:
    await ask.do(order(CallId(ask.call(ask.part("id")).id), ask.person.name))
    return call(ask.call(ask.part("id")), ask.texts)


@NOUN.on("GET", "/calls/{id}/recording", gives="audio/wav")
async def recording(ask: Ask) -> Response:
    """WAV, two channels: left the customer, right the agent. Parts of it by Range. Complete once the call has ended."""
    await ask.office.whole((await to_hear(ask)).id)
    view = await to_hear(ask)
    sound = await asyncio.to_thread(ask.office.recording, view.id)
    if sound is None:
        raise NotFound(view.id)
    whole = view.ended_at_ms is not None and view.recording is not None and view.recording.sha256 is not None
    listened(ask, view.id)
    return ranged(ask.request, sound, "audio/wav", tag=view.recording.sha256 if whole and view.recording else None)


@NOUN.on("GET", "/calls/{id}/listening", gives="audio/ogg")
async def listening(ask: Ask) -> Response:
    """A small copy for listening, where one was made: Opus in Ogg, left the customer, right the agent. The recording is the original."""
    view = await to_hear(ask)
    sound = await asyncio.to_thread(ask.office.listening, view.id)
    row = await asyncio.to_thread(ask.office.records.one, view.id)
    if sound is None or row is None:
        raise NotFound(view.id)
    listened(ask, view.id)
    return ranged(ask.request, sound, "audio/ogg", tag=row.copied_sha256)


def _flag(ask: Ask, name: str) -> bool | None:
    match ask.query(name):
        case None:
            return None
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise Sentence("error.query", 422, name=name)


def _limit(ask: Ask) -> int:
    text = ask.query("limit") or "200"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise Sentence("error.query", 422, name="limit")
    return int(text)
