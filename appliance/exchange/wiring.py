"""Trunks on real pseudo-terminals in an event loop (A1): who reads which port when, the tick, the faults."""

import asyncio
import hashlib
import os
import random
import threading
import time
from pathlib import Path
from typing import Final

from appliance.exchange._pace import Engine
from appliance.exchange.modems.quectel import Ec25
from appliance.exchange.network import Network, Refusal
from appliance.exchange.ports import Port
from appliance.exchange.trunks import ENDS_ITSELF, MODEM_FAULTS, MODULES, SOUNDLESS, AnalogTrunk, MobileTrunk, Trunk

TICK_S: Final = 0.01
FLOOD: Final = 1 << 20
FAULTS: Final = ("unplug", "replug", "garbage", "flood", "silent_audio", "no_uplink", "slow_audio", *MODEM_FAULTS)
SLOW_PPM: Final = -50_000.0  # 7.6 kHz
DIALECTS: Final = {kind: 1 if kind in SOUNDLESS else 2 for kind in MODULES} | {"v253": 1}  # ports each has


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def imei_of(seed: str) -> str:
    """A 15-digit IMEI with a true check digit, always the same for one seed."""
    body = "86147503" + f"{int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10**6:06d}"
    total = sum(int(d) if at % 2 == 0 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(body))
    return body + str(-total % 10)


class Wiring:
    """The network's clock and its trunks' ports."""

    def __init__(self, network: Network, engine: Engine) -> None:
        self.network, self.engine = network, engine
        self.wires: dict[str, Wire] = {}
        self._thread = threading.Thread(target=engine.run, name="pace", daemon=True)

    def add(self, line: str, dialect: str, number: str, links: list[Path], card: bool = False) -> None:
        """A trunk with its modem. card: who plays its sound card is at its sound port. ValueError where dialect or links are wrong."""
        if dialect not in DIALECTS or len(links) != DIALECTS[dialect]:
            raise ValueError(f"line {line}: dialect {dialect} with {len(links)} ports is not one of ours")
        channel = self.engine.open()
        trunk: Trunk
        if dialect in MODULES:
            trunk = MobileTrunk(self.network, line, number, channel, imei_of(line), dialect)
            if isinstance(trunk.modem, Ec25):
                trunk.modem.card = card
        else:
            trunk = AnalogTrunk(self.network, line, number, channel)
        self.network.add(trunk)
        self.wires[line] = Wire(trunk, [Port(link) for link in links])
        self.wires[line].plug()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        for wire in self.wires.values():
            wire.watch(loop)
        loop.add_reader(self.engine.event_fd, self._events)
        self._thread.start()
        try:
            while True:
                await asyncio.sleep(TICK_S)
                self.network.tick(now_ms())
        finally:
            self.engine.stop()
            loop.remove_reader(self.engine.event_fd)
            for wire in self.wires.values():
                wire.unplug()
            self.network.close()

    def _events(self) -> None:
        os.read(self.engine.event_fd, 8)
        for wire in self.wires.values():
            wire.stream_events(now_ms())


class Wire:
    """One trunk's ports."""

    def __init__(self, trunk: Trunk, ports: list[Port]) -> None:
        self.trunk, self.ports = trunk, ports
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading = False
        self.pours = 0  # bytes of garbage that are still to come
        trunk.on_power = lambda on: self.plug() if on else self.unplug()
        if isinstance(trunk, AnalogTrunk):
            trunk.send = trunk.channel.send
            trunk.on_stream = lambda on: self._read(not on)
        else:
            trunk.send = ports[0].write

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._read(True)

    def plug(self) -> None:
        """The ports appear, in the state the modem is in; nothing where they are there."""
        if self.ports[0].is_open:
            return
        for port in self.ports:
            port.open()
        sound = self.ports[-1]
        if self.trunk.kind not in SOUNDLESS:
            self.trunk.channel.attach(sound.master, sound.slave)
        if isinstance(self.trunk, MobileTrunk):
            self.trunk.channel.pcm(self.trunk.modem.pcm)
        streaming = isinstance(self.trunk, AnalogTrunk) and bool(self.trunk.modem.streaming)
        self._read(not streaming)

    def unplug(self) -> None:
        """The ports vanish; what the modem does, it goes on doing."""
        self._read(False)
        self.trunk.channel.detach()
        for port in self.ports:
            port.close()

    def _read(self, on: bool) -> None:
        """Whether the command port is ours to read."""
        on = on and self.ports[0].is_open
        if self._loop is None or on == self._reading:
            return
        self._reading = on
        if on:
            self._loop.add_reader(self.ports[0].master, self._readable)
        else:
            self._loop.remove_reader(self.ports[0].master)

    def _readable(self) -> None:
        self.trunk.feed(self.ports[0].read(), now_ms())

    def stream_events(self, now: int) -> None:
        """What the host said inside a shielded stream."""
        trunk = self.trunk
        if not isinstance(trunk, AnalogTrunk):
            return
        for code in trunk.channel.events():
            if code in b"\x01^!\x1b" and not trunk.hung:
                trunk.modem.stream_ended(now, b"" if code == 1 else b"\x10\x03")
                trunk.work(now)
        text = trunk.channel.text()
        if text:
            trunk.feed(text, now)

    # faults

    def set_fault(self, fault: str | None, now: int) -> None:
        """One of FAULTS; None ends those that last."""
        if fault is not None and fault not in FAULTS:
            raise Refusal(422, f"fault {fault!r} is not one of {', '.join(FAULTS)}")
        trunk, channel = self.trunk, self.trunk.channel
        if fault in ("sim_removed", "no_network", "brown_out") and not isinstance(trunk, MobileTrunk):
            raise Refusal(422, f"fault {fault} is of modules with a SIM card; line {trunk.line} has none")
        if fault == "unplug":
            self.unplug()
        elif fault == "replug":
            self.plug()
        elif fault in ("reboot", "urc_storm"):
            trunk.set_fault(fault, now)
        elif fault in ("garbage", "flood"):
            self._pour(random.Random(7).randbytes(2000 if fault == "garbage" else FLOOD))
        else:
            trunk.set_fault(fault, now)
            channel.set_ppm(SLOW_PPM if fault == "slow_audio" else trunk.ppm)
            channel.set_faults(mute=fault == "silent_audio", deaf=fault in ("no_uplink", "hang"), dumb=fault == "hang")
            if fault is None:
                if trunk.back_ms is None:
                    self.plug()
                trunk.work(now)
        if fault not in ENDS_ITSELF:
            trunk.fault = None if fault == "replug" else fault

    def _pour(self, data: bytes) -> None:
        """Bytes to the command port as fast as the host fetches them."""
        port = self.ports[0]
        self.pours = len(data) if self._loop is not None and port.is_open else 0
        if self._loop is None or not self.pours:
            return
        step = max(0, 4000 - port.unread())
        try:
            written = os.write(port.master, data[:step]) if step else 0
        except OSError:
            written = 0
        self._loop.call_later(0.002, self._pour, data[written:])
