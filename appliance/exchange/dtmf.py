"""Keys in sound, decoded by the exchange's own means (A1): a frame every 10 ms, each 25 ms long.

A key counts after 40 ms (ITU-T Q.24 and GB/T 3378 ask for that) and ends after 30 ms without it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.exchange.tones import HIGH, KEYS, LOW, RATE, Sound

FRAME: Final = 200
HOP: Final = 80
NEEDED: Final = 3
GONE: Final = 3
FLOOR: Final = 32767.0**2 / 2 * 10 ** (-38 / 10)  # mean square: weaker sound is no key
TWIST: Final = 10 ** (10 / 10)
OTHERS: Final = 10 ** (7 / 10)  # the other tones of a group lie that much below
PURE: Final = 0.65  # share of the sound that the two tones must be

_WAVES = np.exp(-2j * np.pi * np.outer(np.arange(FRAME), np.array(LOW + HIGH)) / RATE)


class KeyEar:
    """Feed it sound in pieces of any length; `keys` grows."""

    def __init__(self) -> None:
        self.keys = ""
        self._rest: npt.NDArray[np.float64] = np.zeros(0)
        self._key: str | None = None
        self._seen, self._missed, self._counted = 0, 0, False

    def feed(self, sound: Sound) -> None:
        data = np.concatenate([self._rest, sound])
        count = max(0, (len(data) - FRAME) // HOP + 1)
        self._rest = data[count * HOP :].copy()  # not a view that keeps the whole piece
        if not count or not np.any(np.abs(data) > 100):
            for _ in range(count):
                self._frame(None)
            return
        frames = np.lib.stride_tricks.sliding_window_view(data, FRAME)[::HOP][:count]
        energies = np.abs(frames @ _WAVES) ** 2 * (2 / FRAME**2)
        totals = np.mean(frames**2, axis=1)
        for energy, total in zip(energies, totals, strict=True):
            self._frame(_key_of(energy, float(total)))

    def _frame(self, key: str | None) -> None:
        if key is not None and key == self._key:
            self._seen, self._missed = self._seen + 1, 0
            if self._seen >= NEEDED and not self._counted:
                self.keys, self._counted = self.keys + key, True
            return
        self._missed += 1
        if self._key is None or self._missed >= GONE or not self._counted:
            self._key, self._seen, self._missed, self._counted = key, 1 if key else 0, 0, False


def _key_of(energy: npt.NDArray[np.float64], total: float) -> str | None:
    if total < FLOOR:
        return None
    low, high = energy[:4], energy[4:]
    row, col = int(low.argmax()), int(high.argmax())
    a, b = float(low[row]), float(high[col])
    if a + b < PURE * total or a > TWIST * b or b > TWIST * a:
        return None
    if a < OTHERS * np.delete(low, row).max() or b < OTHERS * np.delete(high, col).max():
        return None
    return KEYS[row][col]
