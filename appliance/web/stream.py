"""Server-sent events: to programs each change with its data, to our own pages only that something has changed.

A page fetches its fragment then. A beat each second says what the page may call itself true as of; without one for 3 s it greys itself.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, TypeVar

import msgspec
from starlette.responses import Response, StreamingResponse

from appliance.calls.snapshot import Snapshot
from appliance.web.ask import Ask

BEAT_S: Final = 1.0
CALM_S: Final = 0.1
"""Changes that come together are told together."""
Change = TypeVar("Change")


async def merged(changes: AsyncIterator[Change], every_s: float = BEAT_S) -> AsyncIterator[Change | None]:
    """The changes, and None whenever `every_s` has passed since the last None. The iterator is closed at the end."""
    loop = asyncio.get_running_loop()
    due = loop.time() + every_s
    waiting: asyncio.Future[Change] | None = None
    try:
        while True:
            if waiting is None:
                waiting = asyncio.ensure_future(anext(changes))
            done, _ = await asyncio.wait({waiting}, timeout=max(0.0, due - loop.time()))
            if loop.time() >= due:
                due = loop.time() + every_s
                yield None
            if done:
                change, waiting = waiting, None
                try:
                    yield change.result()
                except StopAsyncIteration:
                    return
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        if (close := getattr(changes, "aclose", None)) is not None:
            await close()


def event_stream(events: AsyncIterator[tuple[str, object]]) -> Response:
    return StreamingResponse(_lines(events), 200, {"cache-control": "no-store", "x-accel-buffering": "no"}, "text/event-stream")


async def _lines(events: AsyncIterator[tuple[str, object]]) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for kind, data in events:
        yield b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode(data))


async def page_events(ask: Ask, seat: str | None) -> AsyncIterator[tuple[str, object]]:
    """`changed` when the page should fetch its fragment again, `beat` each second with what the box is true as of."""
    told = 0.0
    loop = asyncio.get_running_loop()
    yield "changed", _mark(ask)
    async for change in merged(ask.office.changes()):
        if change is None:
            if not ask.still():
                return
            yield "beat", _mark(ask)
        elif seat is None or concerns(ask.office.snapshot(), seat, *change):
            await asyncio.sleep(max(0.0, told + CALM_S - loop.time()))
            told = loop.time()
            yield "changed", _mark(ask)


def concerns(snapshot: Snapshot, seat: str, kind: str, view: dict[str, object]) -> bool:
    """Whether a change shows at the desk of this seat."""
    if kind not in ("seat", "call", "agent"):
        return True
    own = next((each for each in snapshot.seats if each.id == seat), None)
    return own is None or view.get("id") in (own.id, own.agent, own.call) or view.get("seat") == seat


def _mark(ask: Ask) -> dict[str, object]:
    snapshot = ask.office.snapshot()
    return {"as_of_ms": snapshot.as_of_ms, "number": snapshot.number}
