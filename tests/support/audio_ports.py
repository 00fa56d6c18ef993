"""A bench for the bridge in virtual time: sockets in place of wires, modems with clocks of their own."""

import os
import socket
from collections.abc import Callable

import numpy as np

from appliance.audio import reference
from appliance.audio.bridge import Bridge
from tests.support.audio_sounds import FRAME, RATE, Pcm

TICK_NS = 20_000_000


class Wire:
    """Two ends of a pair of sockets: `far` is the modem's."""

    def __init__(self) -> None:
        self.near, self._far = socket.socketpair()
        self._far.setblocking(False)
        for end in (self.near, self._far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)

    @property
    def fd(self) -> int:
        return self.near.fileno()

    def send(self, data: bytes) -> None:
        while data:
            data = data[self._far.send(data) :]

    def take(self) -> bytes:
        got = b""
        while True:
            try:
                part = self._far.recv(65536)
            except BlockingIOError:
                return got
            if not part:
                return got
            got += part

    def unplug(self) -> None:
        self._far.close()

    def __del__(self) -> None:
        self.near.close()
        self._far.close()


class Pty:
    """The same over a pseudo-terminal, as the exchange has it."""

    def __init__(self) -> None:
        self._far, self.fd = os.openpty()
        os.set_blocking(self._far, False)

    def send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._far, data) :]

    def take(self) -> bytes:
        try:
            return os.read(self._far, 65536)
        except BlockingIOError:
            return b""

    def unplug(self) -> None:
        os.close(self._far)
        self._far = -1

    def __del__(self) -> None:
        os.close(self.fd)
        if self._far >= 0:
            os.close(self._far)


class Module:
    """A module's PCM port: sends what `says` gives, plays what it got, one frame at a time by its own clock."""

    def __init__(self, wire: Wire | Pty, says: Callable[[int, int], Pcm], ppm: float = 0, burst: int = FRAME) -> None:
        self.wire, self.says, self.rate, self.burst = wire, says, RATE * (1 + ppm * 1e-6), burst
        self.sent = 0
        self.stopped = False
        self.queue = b""
        self.played: list[Pcm] = []
        self.gaps = 0
        self._off_ns = 0

    def advance(self, now_ns: int) -> None:
        """Everything up to this time. While stopped nothing moves, and the time is not made up for."""
        if self.stopped:
            self._off_ns = now_ns - int(self.sent / self.rate * 1e9)
            return
        while self.sent + self.burst <= (now_ns - self._off_ns) * 1e-9 * self.rate:
            self.wire.send(self.to_wire(self.says(self.sent, self.burst)))
            self.sent += self.burst
            self._play(self.burst)

    def to_wire(self, pcm: Pcm) -> bytes:
        return pcm.tobytes()

    def from_wire(self, data: bytes) -> bytes:
        return data

    def _play(self, n: int) -> None:
        self.queue += self.from_wire(self.wire.take())
        got, self.queue = self.queue[: 2 * n], self.queue[2 * n :]
        if len(got) < 2 * n:
            self.gaps += bool(self.played)
            got += bytes(2 * n - len(got))
        self.played.append(np.frombuffer(got, np.int16))

    def heard(self) -> Pcm:
        return np.concatenate(self.played)


class Rig:
    """A bridge without a thread, and its modules, moved together."""

    def __init__(self) -> None:
        self.bridge = Bridge(start_thread=False)
        self.modules: list[Module] = []
        self.now_ns = 10_000_000_000
        self._begin_ns = self.now_ns

    def module(self, module: Module) -> int:
        """Plugged in, with sound on; returns its endpoint."""
        ep = self.bridge.add_pcm_port(module.wire.fd)
        self.bridge.sound_on(ep)
        self.modules.append(module)
        return ep

    def run(self, ticks: int, each: Callable[[int], None] | None = None) -> None:
        for n in range(ticks):
            self.now_ns += TICK_NS
            for module in self.modules:
                module.advance(self.now_ns - self._begin_ns)
            self.bridge.step(self.now_ns)
            if each is not None:
                each(n)


def unshielded(data: bytes) -> bytes:
    return reference.unshielded(data)[0]
