"""A key as sound, for modems that take no commands in a voice stream (A1). Source: ITU-T Q.23; levels of China, GB/T 3378."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 8_000
ON_MS: Final = 120
LOW_DBFS: Final = -12.0  # the high group 2 dB above the low
HIGH_DBFS: Final = -10.0
_LOW: Final = (697, 770, 852, 941)
_HIGH: Final = (1209, 1336, 1477, 1633)
_ROWS: Final = ("123A", "456B", "789C", "*0#D")


def digit_sound(digit: str) -> NDArray[np.int16]:
    """8 kHz samples of one key press; ValueError for what is no key."""
    for row, keys in enumerate(_ROWS):
        if len(digit) == 1 and digit in keys:
            time = np.arange(RATE_HZ * ON_MS // 1000) / RATE_HZ
            low = 10 ** (LOW_DBFS / 20) * np.sin(2 * np.pi * _LOW[row] * time)
            high = 10 ** (HIGH_DBFS / 20) * np.sin(2 * np.pi * _HIGH[keys.index(digit)] * time)
            return np.rint(32767 * (low + high)).astype(np.int16)
    raise ValueError(f"not a key: {digit!r}")
