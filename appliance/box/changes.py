"""What has changed since the last look, for everybody who watches (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from appliance.calls.snapshot import CallView, Snapshot

Change = tuple[str, dict[str, object]]
KINDS = (("line", "lines"), ("seat", "seats"), ("agent", "agents"), ("queue", "queues"), ("call", "calls"))
BACKLOG = 500
"""Changes that a slow reader may be behind before he is told to load the page again."""


class Changes:
    """Compares pictures. `look` is called once in a turn of the loop, however many facts it had."""

    def __init__(self, picture: Callable[[], Snapshot], call: Callable[[str], CallView | None] = lambda _: None) -> None:
        """call: a call's latest picture, of one that is over too."""
        self.picture, self.call = picture, call
        self._last: dict[tuple[str, str], object] = {}
        self._alarms: list[str] = []
        self._readers: set[asyncio.Queue[Change | None]] = set()
        self._over = False
        self._waiting = False

    def soon(self) -> None:
        """Something may have changed."""
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_soon(self.look)

    def look(self) -> None:
        self._waiting = False
        snapshot = self.picture()
        seen: dict[tuple[str, str], object] = {}
        for kind, field in KINDS:
            for view in getattr(snapshot, field):
                seen[(kind, view.id)] = view
                if self._last.get((kind, view.id)) != view:
                    self.send(kind, msgspec.to_builtins(view))
        for kind, name in self._last.keys() - seen.keys():
            self._gone(kind, name, seen)
        self._last = seen
        if snapshot.alarms != self._alarms:
            self._alarms = snapshot.alarms
            self.send("alarm", {"alarms": snapshot.alarms})

    def _gone(self, kind: str, name: str, seen: dict[tuple[str, str], object]) -> None:
        """A call that is over is told until its recording is sealed; anything else went with the configuration: read all again."""
        if kind != "call":
            return self.send("reload", {})
        view = self.call(name)
        if view is not None and view != self._last[(kind, name)]:
            self.send(kind, msgspec.to_builtins(view))
        if view is not None and view.recording is not None and view.recording.sha256 is None:
            seen[(kind, name)] = view

    def send(self, kind: str, view: dict[str, object]) -> None:
        for reader in self._readers:
            if reader.qsize() < BACKLOG:
                reader.put_nowait((kind, view))
            elif reader.qsize() == BACKLOG:
                reader.put_nowait(("reload", {}))

    def close(self) -> None:
        """The box stops: every watch ends, so that the page's streams end by themselves."""
        self._over = True
        for reader in self._readers:
            reader.put_nowait(None)

    async def watch(self) -> AsyncIterator[Change]:
        """From now on, until the reader goes or the box stops."""
        if self._over:
            return
        reader: asyncio.Queue[Change | None] = asyncio.Queue()
        self._readers.add(reader)
        try:
            while (change := await reader.get()) is not None:
                yield change
        finally:
            self._readers.discard(reader)
