"""A headset's sound between its own clock and the box's 8 kHz (A2): no device here, so a test can be the device.

Two clocks meet: the device asks and gives by its own, the box's ticks by the processor's. Towards the box the audio thread's elastic
buffer evens them out, from the box the one here. Between the rates stands libsamplerate: 6 ms, where soxr keeps 25 to
120 ms back (docs/decisions.md).
"""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
import samplerate
from numpy.typing import NDArray

from appliance.audio._elastic import ElasticBuffer

Pcm = NDArray[np.int16]
RATE: Final = 8000
TARGET: Final = 320
"""Samples kept for the worst moment (40 ms): a device takes blocks of 10 to 20 ms, the box gives 20 ms a tick."""
MOST: Final = 1600
"""So many (200 ms) where the device comes late again and again."""
QUALITY: Final = "sinc_medium"
"""Flat to 90 % of the band (3.6 kHz); the fastest one ends at 3.2 kHz, below the telephone's 3.4."""


class Rings(Protocol):
    """The far side of `audio._ring.SharedRings`."""

    def write_in(self, data: bytes) -> None: ...

    def read_out(self, n: int = 3200) -> bytes: ...


class HeadsetSound:
    """rates: the device's, Hz. `heard` and `take` are its callback's, `blocks` counts these and is read by any thread."""

    def __init__(self, rings: Rings, rate_in: int, rate_out: int) -> None:
        self._rings = rings
        self._down = _between(rate_in, RATE)
        self._up = _between(RATE, rate_out)
        self._from_box = ElasticBuffer(TARGET, MOST)
        self._left: Pcm = np.zeros(0, np.int16)  # resampled, and not asked for yet
        self.blocks = 0

    def heard(self, pcm: Pcm) -> None:
        """The microphone's next samples, (n,)."""
        sound = self._down(pcm)
        if len(sound):
            self._rings.write_in(sound.astype("<i2", copy=False).tobytes())

    def take(self, n: int) -> Pcm:
        """The next n samples for the ears, always."""
        self.blocks += 1
        self._from_box.push(self._rings.read_out())
        parts, have = [self._left], len(self._left)
        while have < n:
            parts.append(self._up(np.frombuffer(self._from_box.frame(), np.int16)))
            have += len(parts[-1])
        sound = np.concatenate(parts)
        self._left = sound[n:]
        return sound[:n]

    @property
    def underruns(self) -> int:
        """How often the box's sound came too late for the ears."""
        return self._from_box.underruns


def _between(rate_in: int, rate_out: int) -> Callable[[Pcm], Pcm]:
    """A stream's own resampler; samples pass unchanged where the rates are equal."""
    if rate_in == rate_out:
        return lambda pcm: pcm
    stream, ratio = samplerate.Resampler(QUALITY, 1), rate_out / rate_in

    def resampled(pcm: Pcm) -> Pcm:
        sound: NDArray[np.float32] = stream.process(pcm.astype(np.float32), ratio)
        whole: Pcm = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
        return whole

    return resampled
