"""One modem on its network in virtual time: a host's bytes go in, codes come out, sound crosses a socket pair."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from appliance.exchange._pace import Engine
from appliance.exchange.calls import Call, FarEnd
from appliance.exchange.network import Network
from appliance.exchange.trunks import AnalogTrunk, MobileTrunk

CALLER = "13912345678"
OWN = "13800000001"


class Bench:
    """`command` is what the modem wrote and nobody has looked at; `now` runs in steps of 5 ms."""

    def __init__(self, folder: Path, dialect: str) -> None:
        self.network = Network(folder, lambda: datetime(2026, 7, 5, 14, 5, tzinfo=UTC))
        self.engine = Engine()
        self.channel = self.engine.open()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        self._sockets = ours, theirs
        self.sound_port = theirs.fileno()
        self.channel.attach(ours.fileno(), theirs.fileno())
        self.command = b""
        self.now = 0
        self.messages: list[tuple[str, str]] = []
        self.network.message = lambda line, to, text, now: self.messages.append((to, text))
        self.trunk: Any
        if dialect != "v253":
            self.trunk = MobileTrunk(self.network, "l1", OWN, self.channel, "861475035737602", dialect)
            self.trunk.send = self._wrote
            self.channel.pcm(False)
        else:
            self.trunk = AnalogTrunk(self.network, "l1", OWN, self.channel)
            self.trunk.send = self.channel.send
        self.dialect = dialect
        self.streaming = False
        self.trunk.on_stream = self._stream
        self.network.add(self.trunk)
        self.engine.step(0)

    def _wrote(self, data: bytes) -> None:
        self.command += data

    def _stream(self, on: bool) -> None:
        self.streaming = on

    def wait(self, ms: int, talk: Any = None) -> bytes:
        """Let time pass; what came from the sound port (v253: the only port) meanwhile. `talk(bytes read) -> bytes to write`."""
        got = b""
        for _ in range(ms // 5):
            self.now += 5
            self.engine.step(self.now * 1_000_000)
            self.network.tick(self.now)
            if self.dialect == "v253":
                self._stream_events()
            new = self._read()
            got += new
            if talk is not None and (data := talk(new)):
                os.write(self.sound_port, data)
        if self.dialect == "v253":
            self.command += got
        return got

    def _stream_events(self) -> None:
        for code in self.channel.events():
            if code in b"\x01^!\x1b":
                self.trunk.modem.stream_ended(self.now, b"" if code == 1 else b"\x10\x03")
        if text := self.channel.text():
            self.trunk.feed(text, self.now)
        self.trunk.work(self.now)

    def _read(self) -> bytes:
        try:
            return os.read(self.sound_port, 1 << 20)
        except BlockingIOError:
            return b""

    def type(self, text: str, wait_ms: int = 20) -> bytes:
        """A command line; all that came within `wait_ms`."""
        self.command = b""
        self.trunk.feed(text.encode() + b"\r", self.now)
        self.wait(wait_ms)
        return self.command

    def ring(self, caller: str = CALLER, **behaviour: Any) -> Call:
        return self.network.place(OWN, caller, FarEnd(**behaviour), self.now)

    def close(self) -> None:
        self.network.close()
        for one in self._sockets:
            one.close()


def lines(data: bytes) -> list[str]:
    """The lines of a modem's text."""
    return [line for line in data.decode("latin-1").replace("\r", "\n").split("\n") if line]


def sine_bytes(hz: float, at: int, samples: int) -> bytes:
    t = (at + np.arange(samples)) / 8000
    return bytes(np.round(7000 * np.sin(2 * np.pi * hz * t)).astype("<i2").tobytes())
