"""Real drivers and the real bridge on the simulated exchange's ports, without the rest of the box."""

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.events import Event
from appliance.events.line import LineEvent, LineFormat, LineIdentified, LineQuality, LineRecovery
from appliance.exchange.launch import ensure
from appliance.hw.dialect import LineOrder, Profile
from appliance.hw.line_driver import LineDriver
from firmware_cfg.document import Line
from tests.support.hw_twin import short

PATIENCE_S = 25.0
UNSAID = LineFormat | LineIdentified | LineQuality | LineRecovery  # beside a call's own facts
DIALECTS = ("sim7600", "v253")


def a_line(name: str, dialect: str, index: int) -> Line:
    """A line of the simulated exchange; its number follows from the index."""
    audio = f"exchange/{name}-audio" if dialect != "v253" else None
    return Line(id=name, dialect=dialect, port=f"exchange/{name}", audio_port=audio, number=f"1380000{index:04}")


class Exchange:
    """Its socket: what a subscriber does."""

    def __init__(self, state: Path, lines: list[Line]) -> None:
        self.state = state
        self.lines = {line.id: line for line in lines}
        trunks = [
            {"line": line.id, "dialect": line.dialect, "number": line.number, "ports": [p for p in (line.port, line.audio_port) if p]}
            for line in lines
        ]
        ensure(self.state, trunks)
        self._box, self._folder = self._connect()  # without a box it would end itself after a minute
        self._box.sendall(b'{"hello": "box"}\n')

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, query: dict[str, str] | None = None) -> Any:
        client, folder = self._connect()
        with client:
            request = {"method": method, "path": path, "body": body or {}, "query": query or {}}
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile() as replies:
                answer = json.loads(replies.readline())
        os.close(folder)
        assert answer["status"] < 300, answer
        return answer["body"]

    def _connect(self) -> tuple[socket.socket, int]:
        """By the folder's descriptor: a socket's path may be no longer than 108 bytes."""
        folder = os.open(self.state / "exchange", os.O_RDONLY | os.O_DIRECTORY)
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(10)
        client.connect(f"/proc/self/fd/{folder}/socket")
        return client, folder

    def close(self) -> None:
        self._box.close()
        os.close(self._folder)
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.state / "exchange/pid").read_text()), signal.SIGTERM)


@contextmanager
def an_exchange(state: Path, lines: list[Line]) -> Iterator[Exchange]:
    made = Exchange(state, lines)
    try:
        yield made
    finally:
        made.close()


class Office:
    """Drivers and a bridge in the running loop."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.facts: list[Event] = []
        self.bridge = Bridge()
        loop = asyncio.get_running_loop()
        self.bridge.start()
        loop.add_reader(self.bridge.event_fd, self._heard)
        self.drivers = {name: self.driver(line) for name, line in exchange.lines.items()}
        for driver in self.drivers.values():
            driver.start()

    def driver(self, line: Line) -> LineDriver:
        loop = asyncio.get_running_loop()
        return LineDriver(line, Profile.load(line.dialect), self.bridge, self.facts.append, BootClock(), self.exchange.state, loop)

    def restart(self, name: str) -> None:
        """As a box that dies and comes back does."""
        self.drivers[name].stop()
        self.forget(name)
        self.drivers[name] = self.driver(self.exchange.lines[name])
        self.drivers[name].start()

    def _heard(self) -> None:
        for endpoint, what, _ in self.bridge.events():
            for driver in self.drivers.values():
                if driver.endpoint == endpoint:
                    driver.on_heard(what)
        for driver in self.drivers.values():
            driver.on_text()

    def stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self.bridge.event_fd)
        for driver in self.drivers.values():
            driver.stop()
        self.bridge.stop()

    def forget(self, line: str) -> None:
        """What this line has told so far."""
        self.facts[:] = [fact for fact in self.facts if getattr(fact, "line", None) != line]

    def told(self, line: str) -> list[str]:
        return [short(fact) for fact in self.facts if isinstance(fact, LineEvent) and fact.line == line and not isinstance(fact, UNSAID)]

    def order(self, line: str, order: LineOrder) -> None:
        self.drivers[line].order(order)

    async def until(self, about: str, true: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{about} did not: {what}; told: {self.told(about)}") from None

    async def until_told(self, line: str, *facts: str) -> None:
        """All of these, in this order, among what the line told."""

        def all_there() -> bool:
            told = iter(self.told(line))
            return all(any(one.startswith(fact) for one in told) for fact in facts)

        await self.until(line, all_there, f"{line}: {', '.join(facts)}")
