"""The box's side of a browser seat for tests (A2): the real gateway process, real rings, and a bridge that sings and listens.

Runs an event loop in a thread of its own, so that a test of a real browser (whose driver has its own loop) can use it.
"""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from appliance.audio._ring import SharedRings
from appliance.web.gateway_link import Gateway
from tests.support.seat_tones import sine

LOOP_S = 1.0
T = TypeVar("T")


class SeatBox:
    """Seat s1 with its rings; what the gateway said is in `heard`."""

    def __init__(self, tls: tuple[Path, Path] | None = None, sings_hz: float = 620.0, place: Path | None = None) -> None:
        self.heard: list[dict[str, object]] = []
        self.rings = SharedRings.create(f"seatbox-test-{os.getpid()}-{id(self):x}")
        self.gateway = Gateway(self.heard.append, "127.0.0.1", 0, tls, place)
        self._secure = tls is not None
        self._tone = sine(sings_hz, LOOP_S, 8000).tobytes()
        self._loop = asyncio.new_event_loop()
        self._spoken = bytearray()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._loop.run_forever), threading.Thread(target=self._bridge)]

    def __enter__(self) -> "SeatBox":
        for thread in self._threads:
            thread.start()
        self.do(self.gateway.start)
        self.call(lambda: self.gateway.seat("s1", self.rings.name))
        return self

    def __exit__(self, *wrong: object) -> None:
        self.do(self.gateway.stop)
        self._ended.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        self._loop.close()
        self.rings.unlink()

    def leave(self) -> None:
        """This box is gone; its gateway goes on."""
        self.do(lambda: self.gateway.stop(leave=True))

    def do(self, what: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Awaits in the box's loop."""
        return asyncio.run_coroutine_threadsafe(what(), self._loop).result(timeout=20)

    def call(self, what: Callable[[], T]) -> T:
        """Calls in the box's loop."""

        async def calling() -> T:
            return what()

        return self.do(calling)

    def ticket(self) -> str:
        return self.call(lambda: self.gateway.ticket("s1"))

    @property
    def url(self) -> str:
        return f"{'wss' if self._secure else 'ws'}://{'localhost' if self._secure else '127.0.0.1'}:{self.gateway.port}/seat"

    def page_ticket(self) -> str:
        """What a page's ticket() wants."""
        return json.dumps({"ticket": self.ticket(), "url": self.url})

    def spoken(self, seconds: float) -> NDArray[np.int16]:
        """The newest sound that came from the seat."""
        return np.frombuffer(bytes(self._spoken[-round(seconds * 16_000) // 2 * 2 :]), "<i2")

    @property
    def spoken_s(self) -> float:
        return len(self._spoken) / 16_000

    def said(self, word: str) -> list[dict[str, object]]:
        return [words for words in list(self.heard) if words["is"] == word]

    def until(self, condition: Callable[[], object], why: str, most_s: float = 15.0) -> None:
        """Waits for what another process does; the limit only ends a test that fails anyway."""
        give_up = time.monotonic() + most_s
        while not condition():
            if time.monotonic() > give_up:
                raise AssertionError(f"{why}: not within {most_s:.0f} s")
            time.sleep(0.01)

    def _bridge(self) -> None:
        """The audio thread's part: 20 ms out, and what came in, by absolute deadlines."""
        due, at = time.monotonic(), 0
        while not self._ended.is_set():
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))
            self.rings.write_out(self._tone[at : at + 320])
            at = (at + 320) % len(self._tone)
            self._spoken += self.rings.read_in(16_000)
