"""GET /events: every change of lines, seats, agents, queues, calls and alarms, as server-sent events; a beat each second."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from starlette.responses import Response

from appliance.calls.snapshot import AgentView, CallView, LineView, QueueView, SeatView
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import agent, alarms, call, line, queue, seat
from appliance.web.ask import Ask
from appliance.web.session import Role
from appliance.web.shown import iso
from appliance.web.stream import event_stream, merged

NOUN = Noun("events")


@NOUN.on("GET", "/events", gives="text/event-stream")
async def events(ask: Ask) -> Response:
    """Events `line seat agent queue call alarm` with the changed thing as data; `beat` each second: {"as_of", "number"};
    `reload`: the reader was too slow, or something went with a new configuration; read all again."""
    return event_stream(_events(ask))


async def _events(ask: Ask) -> AsyncGenerator[tuple[str, object]]:
    async with aclosing(merged(ask.office.changes())) as changes:
        async for change in changes:
            if change is None:
                if not ask.still():
                    return
                yield _beat(ask)
            elif (shown := shaped(ask, *change)) is not None:
                yield change[0], shown


def _beat(ask: Ask) -> tuple[str, object]:
    snapshot = ask.office.snapshot()
    return "beat", {"as_of": iso(snapshot.as_of_ms), "number": snapshot.number}


def shaped(ask: Ask, kind: str, view: dict[str, object]) -> object | None:
    """The change in the contract's words, or None where it is not for this person."""
    supervisor = ask.person.may(Role.SUPERVISOR)
    match kind:
        case "line":
            return line(msgspec.convert(view, LineView), ask.texts, supervisor)
        case "seat":
            return seat(ask.seen_seat(msgspec.convert(view, SeatView)), ask.texts)
        case "agent":
            return agent(msgspec.convert(view, AgentView))
        case "queue":
            return queue(msgspec.convert(view, QueueView))
        case "call":
            seen = msgspec.convert(view, CallView)
            return call(ask.seen(seen), ask.texts) if ask.may_see(seen) else None
        case "alarm":
            return {"alarms": alarms(view["alarms"], ask.texts)} if supervisor else None
        case _:
            return view
