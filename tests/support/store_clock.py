"""A clock whose hands a test holds, a tap that a test fills, and a state directory with a finished call in it."""

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.int16]


class HandClock:
    """Boot-time and UTC in ms; moves only when told."""

    def __init__(self, now_ms: int = 1_000_000, utc_ms: int = 1_767_225_600_000) -> None:
        self.ms, self._offset = now_ms, utc_ms - now_ms

    def now_ms(self) -> int:
        return self.ms

    def utc_ms(self) -> int:
        return self.ms + self._offset

    def wait(self, ms: int) -> None:
        self.ms += ms


class HandTaps:
    """The bridge's face for recordings, fed by hand: what a tap heard is given once."""

    def __init__(self) -> None:
        self.heard: dict[int, list[Sound]] = {}
        self.lost: dict[int, int] = {}
        self.freed: list[int] = []

    def hear(self, tap: int, sound: Sound) -> None:
        self.heard.setdefault(tap, []).append(sound)

    def loses(self, tap: int, frames: int) -> None:
        """Frames that had no room: the bridge counts them and gives silence of the same length in their place."""
        self.lost[tap] = self.lost.get(tap, 0) + frames
        self.hear(tap, np.zeros((frames, 2), np.int16))

    def read_tap(self, tap: int) -> Sound:
        return np.concatenate(self.heard.pop(tap, [np.empty((0, 2), np.int16)]))

    def lost_frames(self, tap: int) -> int:
        return self.lost.get(tap, 0)

    def free_tap(self, tap: int) -> None:
        self.freed.append(tap)


def noise(seconds: float, seed: int = 1) -> Sound:
    """Two channels of it; no block is like another."""
    return np.random.default_rng(seed).integers(-32768, 32767, (round(seconds * 8000), 2), np.int16, endpoint=True)
