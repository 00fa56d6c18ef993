"""Server-sent events: to programs each change with its data, to our own pages only that something has changed.

A page fetches its fragment then. A beat each second says what the page may call itself true as of; without one for 3 s it greys itself.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final, TypeVar, cast

import msgspec
from anyio import CancelScope
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from appliance.calls.snapshot import Snapshot
from appliance.web.ask import Ask

BEAT_S: Final = 1.0
CALM_S: Final = 0.1
"""Changes that come together are told together."""
Change = TypeVar("Change")


async def merged(changes: AsyncIterator[Change], every_s: float = BEAT_S) -> AsyncGenerator[Change | None]:
    """The changes, and None at once and whenever `every_s` has passed since the last None. The iterator is closed at the end.

    The first None comes when the iterator is listening already: who looks at the state then misses nothing.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + every_s
    waiting: asyncio.Future[Change] | None = asyncio.ensure_future(anext(changes))
    try:
        await asyncio.sleep(0)
        yield None
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
        with CancelScope(shield=True):
            if waiting is not None:
                waiting.cancel()
                await asyncio.wait({waiting})
            if (close := getattr(changes, "aclose", None)) is not None:
                await close()


class _Stream(StreamingResponse):
    """Closes what it reads from when its reader has gone, wherever that was."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            with CancelScope(shield=True):
                await cast(AsyncGenerator[bytes], self.body_iterator).aclose()


def event_stream(events: AsyncGenerator[tuple[str, object]]) -> Response:
    return _Stream(_lines(events), 200, {"cache-control": "no-store", "x-accel-buffering": "no"}, "text/event-stream")


async def _lines(events: AsyncGenerator[tuple[str, object]]) -> AsyncGenerator[bytes]:
    async with aclosing(events):
        yield b"retry: 1000\n\n"
        async for kind, data in events:
            yield b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode(data))


async def page_events(ask: Ask, seat: str | None) -> AsyncGenerator[tuple[str, object]]:
    """`changed` when the page should fetch its fragment again, `beat` each second with what the box is true as of."""
    told = 0.0
    loop = asyncio.get_running_loop()
    async with aclosing(merged(ask.office.changes())) as changes:
        async for change in changes:
            if change is None:
                if not ask.still():
                    return
                yield "beat" if told else "changed", _mark(ask)
                told = told or loop.time()
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
