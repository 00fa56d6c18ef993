"""An office on one virtual clock, from the telephone network to the routing core (E5, A1, A3).

Simulated modules of three families, the real dialects with their ladder, the real switchboard and core. Customers ring, agents answer,
talk, hold and hang up, and lines break. Not in it: sound (its own tests are in virtual time too) and analog lines, whose text passes
through the audio core.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands
from appliance.calls.lines import LineState
from appliance.calls.seats import SeatState
from appliance.events import Event
from appliance.events.line import LineEvent, LineFault, LineHungUp, LineRinging
from appliance.exchange._pace import Engine
from appliance.exchange.calls import Call, FarEnd
from appliance.exchange.network import Network
from appliance.exchange.trunks import MobileTrunk
from appliance.hw.orders import Answer, Dial, Disable, Enable, HangUp, SendDigit
from firmware_cfg.document import Agent, Document, Line, Queue, Seat
from tests.support.hw_pair import Wire
from tests.support.office import TestOffice

FAMILIES = ("sim7600", "ec25", "huawei")
STEP_MS = 20
LOST = 0.03  # of the bytes
ANSWERED_MS = 12_000  # the second ring, and the modem may be at something else meanwhile
STUCK_MS = 15 * 60_000  # no talk here lasts longer than four minutes
WELL_MS = 12 * 60_000  # a rung of the ladder is tried at the latest after ten minutes
LASTING = {  # fault: how long it lasts in ms, least and most; a module that hangs does so until the ladder or somebody has seen to it
    "hang": (0, 0),
    "sim_removed": (5_000, 60_000),
    "no_network": (5_000, 90_000),
    "unplug": (1_000, 30_000),
    "brown_out": (60_000, 200_000),
    "lost_bytes": (5_000, 30_000),
}
SHORT = ("reboot", "urc_storm", "garbage")
FAULTS = (*LASTING, *SHORT)


class OfficeWire(Wire):
    """A line's facts go to the switchboard as they come. `lost`: draws which of the modem's bytes are lost on the wire."""

    def __init__(self, trunk: MobileTrunk, family: str, line: str, now: int, tell: Callable[[Event], None]) -> None:
        self.tell, self.broken_since = tell, 0
        self.lost: random.Random | None = None
        super().__init__(trunk, family, line, now)

    def take(self, fact: Event) -> None:
        if isinstance(fact, LineEvent):
            self.tell(fact)

    def _wrote(self, data: bytes) -> None:
        if self.lost is not None:
            data = bytes(byte for byte in data if self.lost.random() > LOST)
        super()._wrote(data)


class Lines:
    """The switchboard's orders, to the dialects."""

    def __init__(self) -> None:
        self.wires: dict[str, OfficeWire] = {}

    def answer(self, line: str) -> None:
        self.wires[line].order(Answer())

    def dial(self, line: str, number: str) -> None:
        self.wires[line].order(Dial(number))

    def hang_up(self, line: str) -> None:
        self.wires[line].order(HangUp())

    def send_digit(self, line: str, digit: str) -> None:
        self.wires[line].order(SendDigit(digit))

    def disable(self, line: str) -> None:
        self.wires[line].order(Disable())

    def enable(self, line: str) -> None:
        self.wires[line].order(Enable())


@dataclass
class Broken:
    """A fault that was caused: when, when it is to end, and whether the line was well again or named."""

    line: str
    name: str
    at_ms: int
    ends_ms: int


class SoakOffice:
    def __init__(self, folder: Path, seed: int, lines: int = 16, agents: int = 12) -> None:
        self.random = random.Random(seed)
        self.now = 1_000
        self.counts: Counter[str] = Counter()
        self.broken: list[Broken] = []
        self.took_ms: dict[str, list[int]] = {name: [] for name in FAULTS}
        self.named: Counter[str] = Counter()  # of faults: lines that were told to be broken, or out of service with the cause
        self.calls: list[Call] = []
        self._mended: dict[str, int] = {}
        self._due: list[tuple[int, Callable[[], None]]] = []
        self._network = Network(folder, lambda: datetime(2026, 7, 5, 14, 5, tzinfo=UTC))
        self._engine = Engine()
        names = [f"l{n}" for n in range(1, lines + 1)]
        document = Document(
            line=tuple(
                Line(id=name, dialect=FAMILIES[n % 3], port=f"x{n}", audio_port=f"y{n}", number=f"1390000{n:04d}", queue="q")
                for n, name in enumerate(names)
            ),
            queue=(Queue(id="q"),),
            seat=tuple(Seat(id=f"b{n}", kind="browser") for n in range(1, agents + 1)),
            agent=tuple(Agent(id=f"a{n}", name=f"Agent {n}", queues=("q",), wrap_up_s=10.0) for n in range(1, agents + 1)),
        )
        orders = Lines()
        self.office = TestOffice(document, orders=orders)
        self.wires = orders.wires
        for n, line in enumerate(document.line):
            channel = self._engine.open()
            trunk = MobileTrunk(self._network, line.id, line.number, channel, f"86147503573{n:04d}", line.dialect)
            channel.pcm(False)
            self._network.add(trunk)
            self.wires[line.id] = OfficeWire(trunk, line.dialect, line.id, self.now, self._told)
        for n in range(1, agents + 1):
            self.office.log_in(f"b{n}", f"a{n}")

    def _told(self, fact: Event) -> None:
        self.counts[type(fact).__name__] += 1
        self.office.now_ms = max(self.office.now_ms, self.now)
        self.office._take(self.office.switchboard.fact(fact, self.office.now_ms))

    # time

    def wait(self, ms: int) -> None:
        for _ in range(ms // STEP_MS):
            self.now += STEP_MS
            self._engine.step(self.now * 1_000_000)
            self._network.tick(self.now)
            for wire in self.wires.values():
                wire.step(self.now)
            while self._due and self._due[0][0] <= self.now:
                self._due.pop(0)[1]()
            self.office.wait(self.now - self.office.now_ms)
            if self.now % 1_000 == 0:
                self._agents()
                self._faults()
                self._nobody_is_stuck()

    def later(self, ms: float, do: Callable[[], None]) -> None:
        self._due.append((self.now + round(ms), do))
        self._due.sort(key=lambda one: one[0])

    # people

    def customer(self) -> None:
        """Rings at a line; gives up after a while, or hangs up some time into the talk."""
        line = self.random.choice(list(self.wires))
        trunk = self.wires[line].trunk
        caller = f"138{self.random.randrange(10**8):08d}"
        call = self._network.place(trunk.number, caller, FarEnd(), self.now)
        self.counts["rang" if call.live else "busy_or_out"] += 1
        self.calls.append(call)
        if self.random.random() < 0.15:  # at any instant of the ringing and answering
            self.later(self.random.uniform(0, 3_000), lambda: self._gone(call))
        else:
            self.later(self.random.uniform(5_000, 80_000), lambda: self._gone(call))

    def _gone(self, call: Call) -> None:
        if call.live:
            self._network.hang_up(call, self.now)

    def _agents(self) -> None:
        """Each second: who is rung may answer, who talks may hold, hang up, or do nothing."""
        for seat in self.office.switchboard.live.seats.values():
            chance = self.random.random()
            if seat.state is SeatState.RINGING and chance < 0.3:
                self._do(commands.Answer, seat.id)
            elif seat.state is SeatState.TALKING:
                if chance < 0.01:
                    self._do(commands.HangUp, seat.id)
                elif chance < 0.02:
                    self._do(commands.Hold, seat.id)
            elif seat.state is SeatState.HELD and chance < 0.2:
                self._do(commands.Retrieve, seat.id)
            elif seat.state is SeatState.PAUSED and chance < 0.2:
                self._do(commands.Resume, seat.id)

    def _do(self, command: type[commands.Command], seat: str) -> None:
        try:
            self.office.do(command, seat=seat)
            self.counts[command.__name__] += 1
        except (Refused, NotFound):
            self.counts["refused"] += 1

    # what breaks

    def fault(self) -> None:
        """One, by name, at a line that has none now."""
        well = [line for line in self.wires if not any(one.line == line for one in self.broken)]
        if not well:
            return
        line, name = self.random.choice(well), self.random.choice(FAULTS)
        wire = self.wires[line]
        least, most = LASTING.get(name, (0, 0))
        self.broken.append(Broken(line, name, self.now, self.now + self.random.randint(least, most)))
        self.counts["faults"] += 1
        if name == "unplug":
            wire.power(False)
        elif name == "garbage":
            wire._wrote(self.random.randbytes(2_000))
        elif name == "lost_bytes":
            wire.lost = self.random
        else:
            wire.trunk.set_fault(name, self.now)

    def _faults(self) -> None:
        """What lasts ends in its time; then the line is to be in service, or named as broken."""
        for one in list(self.broken):
            wire, lasts = self.wires[one.line], LASTING.get(one.name, (0, 0))[1] > 0
            if self.now < one.ends_ms:
                continue
            if lasts and one.ends_ms:
                self._mend(one)
                one.ends_ms, one.at_ms = 0, self.now
            state = self.office.switchboard.live.lines[one.line].state  # type: ignore[index]
            if state not in (LineState.FAULT, LineState.STARTING) and not wire.trunk.hung:
                self.took_ms[one.name].append(self.now - one.at_ms)
                self.broken.remove(one)
                self._mended[one.line] = self.now
            elif self.now - one.at_ms > WELL_MS:
                assert wire.dialect.fault, f"{one} is neither well nor named"
                assert one.name == "hang", f"{one}: {wire.dialect.mood}, {wire.dialect.fault!r}, {wire.steps[-5:]}"
                self.named[one.name] += 1
                wire.trunk.set_fault(None, self.now)  # somebody has seen to it
                one.at_ms = self.now

    def _mend(self, one: Broken) -> None:
        wire = self.wires[one.line]
        if one.name == "unplug":
            wire.power(True)
        elif one.name == "lost_bytes":
            wire.lost = None
        else:
            wire.trunk.set_fault(None, self.now)

    # what must hold

    def _nobody_is_stuck(self) -> None:
        live = self.office.switchboard.live
        for call in self.calls[-200:]:
            assert not call.live or self.now - call.began_ms < STUCK_MS, f"{call.id} at {call.line} is {call.state}"
            rings_on = call.state == "ringing" and self.now - max(call.began_ms, self._mended.get(call.line, 0)) > ANSWERED_MS
            assert not rings_on or any(one.line == call.line for one in self.broken), f"nobody takes {call.id} at {call.line} off-hook"
        held = {call.line for call in live.calls.values()}
        for line, wire in self.wires.items():
            there = wire.trunk.call is not None and wire.trunk.call.state == "connected"
            alone = (line in held) != there and wire.dialect.mood == "call" and not any(one.line == line for one in self.broken)
            wire.broken_since = (wire.broken_since or self.now) if alone else 0
            assert not alone or self.now - wire.broken_since < 30_000, f"{line}: the box and the network do not agree on its call"

    def drain(self) -> None:
        """Everybody goes, everything is mended."""
        for call in self.calls:
            self._gone(call)
        for _ in range(40):
            self.wait(60_000)
            if not self.broken and not self.office.switchboard.live.calls:
                break
        live = self.office.switchboard.live
        assert not live.calls, list(live.calls.values())
        assert not self.broken, self.broken
        states = {line.id: line.state for line in live.lines.values()}
        assert set(states.values()) == {LineState.IDLE}, states
        assert all(seat.call is None for seat in live.seats.values())
        began, ended = self.counts[LineRinging.__name__], self.counts[LineHungUp.__name__]
        assert began >= ended > 0 and self.counts[LineFault.__name__] > 0
        self._network.close()
