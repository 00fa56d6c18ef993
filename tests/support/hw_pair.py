"""A driver's dialect and a simulated modem, which share no code, back to back in virtual time (A1)."""

from pathlib import Path

import numpy as np

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import LineIdentified, LineQuality
from appliance.exchange.calls import FarEnd
from appliance.exchange.tones import endless, peaks
from appliance.hw.dialect import LineOrder, Profile, SoundStart, load_dialect
from tests.support.exchange_bench import Bench, sine_bytes
from tests.support.hw_twin import short

BOX_HZ, FAR_HZ = 620, 1130


class Pair:
    """`bench` is the network and its modem, `dialect` the driver; the box says a tone of 620 Hz while its sound is on."""

    def __init__(self, folder: Path, family: str) -> None:
        self.bench = Bench(folder, family)
        profile = Profile.load(family)
        self.dialect = load_dialect(profile.dialect)(LineId("l1"), profile, 0)
        self.facts: list[Event] = []
        self.sound = False
        self.heard = b""
        self._said = 0
        self.dialect.found(0)
        self.wait(6_000)

    def wait(self, ms: int) -> None:
        for _ in range(ms // 5):
            self._carry()
            self.heard = (self.heard + self.bench.wait(5, self._talk))[-16_000:]
            self.dialect.tick(self.bench.now)
        self._carry()

    def _carry(self) -> None:
        """What either has to say to the other, until neither has."""
        for _ in range(100):
            said, self.bench.command = self.bench.command, b""
            if said:
                self.dialect.feed(said, self.bench.now)
            for order in self.dialect.take_sound():
                self.sound = isinstance(order, SoundStart)
                self.heard = b""
            data = self.dialect.take_bytes()
            if data:
                self.bench.trunk.feed(data, self.bench.now)
            self.facts += self.dialect.take_facts()
            if not said and not data:
                return
        raise AssertionError("they talk without end")

    def _talk(self, read: bytes) -> bytes:
        """Write what you read: the module is the clock."""
        if not self.sound:
            return b""
        samples = len(read) // 2
        self._said += samples
        return sine_bytes(BOX_HZ, self._said - samples, samples)

    def order(self, order: LineOrder) -> None:
        self.dialect.order(order, self.bench.now)

    def told(self) -> list[str]:
        return [short(fact) for fact in self.facts if not isinstance(fact, LineQuality | LineIdentified)]

    def far_end(self, **behaviour: object) -> FarEnd:
        return FarEnd(says=endless(FAR_HZ), **behaviour)  # type: ignore[arg-type]

    def tones(self) -> list[float]:
        """Of the last second that the box heard, strongest first."""
        return [hz for hz, _ in peaks(np.frombuffer(self.heard[-16_000:], "<i2"))]

    def close(self) -> None:
        self.bench.close()
