"""A driver's dialect and a simulated modem, which share no code, back to back in virtual time (A1)."""

from pathlib import Path

import numpy as np

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import LineIdentified, LineIdle, LineQuality, LineRecovery
from appliance.exchange.calls import FarEnd
from appliance.exchange.tones import endless, peaks
from appliance.exchange.trunks import Trunk
from appliance.hw.dialect import LineOrder, Profile, SoundStart, load_dialect
from appliance.hw.recovery import Ladder, Rung
from tests.support.exchange_bench import Bench, sine_bytes
from tests.support.hw_twin import short

BOX_HZ, FAR_HZ = 620, 1130


class Wire:
    """A driver's dialect at a simulated modem's port: bytes, ports that vanish, the ladder. Time is the caller's, in ms of the network."""

    def __init__(self, trunk: Trunk, family: str, line: str, now: int, on_card: bool = False) -> None:
        profile = Profile.load(family).with_card() if on_card else Profile.load(family)
        self.trunk, self.now = trunk, now
        self.dialect = load_dialect(profile.dialect)(LineId(line), profile, now)
        self.facts: list[Event] = []
        self.sound = False
        self.steps: list[tuple[int, str]] = []  # of the way back: ms, and a word of STEPS
        self.ladder = Ladder(profile, key=True)
        self._command = b""
        self._open = True
        self._later: list[tuple[int, str]] = []
        trunk.send = self._wrote
        trunk.on_power = self.power
        self.dialect.found(now)

    def step(self, now: int) -> None:
        """What was said until now, what is due."""
        self.now = now
        self.carry()
        self._do_what_is_due()
        self.dialect.tick(now)
        self.carry()

    def _wrote(self, data: bytes) -> None:
        self._command += data

    # what the driver does: ports that vanish, the ladder

    def power(self, on: bool) -> None:
        """The module's ports vanish, or are back."""
        if on:
            self._later = [(self.now + 500, "open")]
        else:
            self._open = False
            self.dialect.lost(self.now)
            if self.ladder.begins():
                self.steps.append((self.now, "gone"))

    def _do_what_is_due(self) -> None:
        now = self.now
        if self.dialect.reopen_wanted and self._open:
            self._open = self.dialect.reopen_wanted = False
            rung = Rung("", 2_000)
            if self.dialect.climb_wanted:
                if self.ladder.begins():
                    self.steps.append((now, "silent"))
                rung = self.ladder.next(now)
            if rung.step:
                self.steps.append((now, rung.step))
            self._later = [(now + ms, deed) for ms, deed in rung.deeds] + [(now + rung.open_ms, "open")]
        for due in [one for one in self._later if one[0] <= now]:
            if due in self._later:
                self._later.remove(due)
                self._do(due[1])

    def _do(self, deed: str) -> None:
        trunk, now = self.trunk, self.now
        if deed == "open" and not trunk.modem.off:
            self._open = True
            self._command = b""
            self.dialect.found(now)
        elif deed == "reset":
            trunk.feed(self.ladder.blind, now)
        elif deed == "key_down" and not trunk.modem.off:
            trunk.fault, trunk.hung = None, False  # whatever it did, it is off
            trunk.reboot(now)

    def carry(self) -> None:
        """What either has to say to the other, until neither has."""
        for _ in range(100):
            said, self._command = self._command, b""
            if said and self._open:
                self.dialect.feed(said, self.now)
            for order in self.dialect.take_sound():
                self.sound = isinstance(order, SoundStart)
                self.sound_changed()
            data = self.dialect.take_bytes()
            if data and self._open:
                self.trunk.feed(data, self.now)
            facts = self.dialect.take_facts()
            for fact in facts:
                self.take(fact)
                if isinstance(fact, LineRecovery):
                    self.ladder.begins()
                    self.steps.append((fact.at_ms, fact.step))
                elif isinstance(fact, LineIdle) and self.ladder.well():
                    self.steps.append((fact.at_ms, "back"))
            if not said and not data and not facts:
                return
        raise AssertionError("they talk without end")

    def take(self, fact: Event) -> None:
        self.facts.append(fact)

    def sound_changed(self) -> None:
        """Begins, or ends."""

    def order(self, order: LineOrder) -> None:
        self.dialect.order(order, self.now)


class Pair(Wire):
    """`bench` is the network and its modem; the box says a tone of 620 Hz while its sound is on."""

    def __init__(self, folder: Path, family: str, on_card: bool = False) -> None:
        self.bench = Bench(folder, family)
        self.bench.trunk.modem.card = on_card
        self.heard = b""
        self._said = 0
        super().__init__(self.bench.trunk, family, "l1", 0, on_card)
        self.wait(6_000)

    def wait(self, ms: int) -> None:
        for _ in range(ms // 5):
            self.carry()
            self.heard = (self.heard + self.bench.wait(5, self._talk))[-16_000:]
            self.step(self.bench.now)

    def sound_changed(self) -> None:
        self.heard = b""

    def _talk(self, read: bytes) -> bytes:
        """Write what you read: the module is the clock."""
        if not self.sound:
            return b""
        samples = len(read) // 2
        self._said += samples
        return sine_bytes(BOX_HZ, self._said - samples, samples)

    def told(self) -> list[str]:
        return [short(fact) for fact in self.facts if not isinstance(fact, LineQuality | LineIdentified | LineRecovery)]

    def far_end(self, **behaviour: object) -> FarEnd:
        return FarEnd(says=endless(FAR_HZ), **behaviour)  # type: ignore[arg-type]

    def tones(self) -> list[float]:
        """Of the last second that the box heard, strongest first."""
        return [hz for hz, _ in peaks(np.frombuffer(self.heard[-16_000:], "<i2"))]

    def close(self) -> None:
        self.bench.close()
