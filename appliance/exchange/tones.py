"""Tones as China's exchanges and phones make them, and what a far end can tell of the sound it hears.

Sources: GB/T 3380 (450 Hz, cadences), ITU-T Q.23 (keys). A full-scale sine is 0 dBFS; sound is 8 kHz int16.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.int16]

RATE: Final = 8000
SPEECH_DBFS: Final = -13.0  # `tone:HZ`, by the contract
NETWORK_DBFS: Final = -13.0  # GB/T 3380: -10 +-3 dBm0, and 0 dBm0 is some -3 dBFS
SILENT: Final = 33  # a sample below -60 dBFS is smaller than this

LOW: Final = (697, 770, 852, 941)
HIGH: Final = (1209, 1336, 1477, 1633)
KEYS: Final = ("123A", "456B", "789C", "*0#D")
KEY_PAIRS: Final = {KEYS[row][col]: (LOW[row], HIGH[col]) for row in range(4) for col in range(4)}
KEY_DBFS: Final = (-14.0, -12.0)  # low and high group: high above low by 2 dB
KEY_ON, KEY_OFF, KEY_PAUSE = 800, 800, 8000  # samples: 100 ms, 100 ms, a comma 1 s


def amplitude(level_dbfs: float) -> float:
    """Peak of a sine of that level."""
    return float(32767.0 * 10 ** (level_dbfs / 20))


def sine(hz: float, samples: int, level_dbfs: float = SPEECH_DBFS) -> Sound:
    t = np.arange(samples) / RATE
    return np.round(amplitude(level_dbfs) * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def endless(hz: float) -> Sound:
    """Ten seconds of a tone that can be repeated without a click: `hz` to one tenth."""
    return sine(round(hz, 1), 10 * RATE)


def cadence(on_s: float, off_s: float, hz: float = 450.0) -> Sound:
    """One period of an interrupted tone of the exchange."""
    return np.concatenate([sine(hz, int(on_s * RATE), NETWORK_DBFS), np.zeros(int(off_s * RATE), np.int16)])


DIAL_TONE: Final = sine(450, RATE, NETWORK_DBFS)
RING_BACK: Final = cadence(1.0, 4.0)
BUSY_TONE: Final = cadence(0.35, 0.35)
CONGESTION_TONE: Final = cadence(0.7, 0.7)
NO_SUCH_NUMBER: Final = np.concatenate([cadence(0.1, 0.1)] * 3 + [cadence(0.4, 0.4)])


def key_tone(key: str, on: int = KEY_ON, off: int = KEY_OFF) -> Sound:
    """One key's pair of tones and the pause after it, in samples."""
    low, high = (sine(hz, on, level).astype(np.int32) for hz, level in zip(KEY_PAIRS[key], KEY_DBFS, strict=True))
    return np.concatenate([(low + high).astype(np.int16), np.zeros(off, np.int16)])


def pair(first_hz: float, second_hz: float, samples: int) -> Sound:
    """Two tones at once, as `AT+VTS=[f1,f2,d]` makes them; a frequency of 0 is absent."""
    parts = [sine(hz, samples, -16.0).astype(np.int32) for hz in (first_hz, second_hz) if hz]
    return np.sum(parts, axis=0).astype(np.int16) if parts else np.zeros(samples, np.int16)


def peaks(sound: Sound, floor_dbfs: float = -60.0, most: int = 8) -> list[tuple[float, float]]:
    """Frequencies and levels (Hz, dBFS) of the tones in a piece of sound, strongest first; [] for less than 100 ms.

    Four-term Blackman-Harris window: its side lobes lie 92 dB below a tone, so a weak one beside a strong one is found.
    """
    n = len(sound)
    if n < RATE // 10:
        return []
    x = np.arange(n) * (2 * np.pi / n)
    window = 0.35875 - 0.48829 * np.cos(x) + 0.14128 * np.cos(2 * x) - 0.01168 * np.cos(3 * x)
    power = np.abs(np.fft.rfft(sound * window)) ** 2 * (4 / (n * float(np.sum(window**2))))
    bin_hz, apart = RATE / n, max(4, round(25 * n / RATE))
    found = []
    floor = amplitude(floor_dbfs) ** 2 / 4  # a tone's highest bin holds at least a quarter of it
    for at in [int(bin_) for bin_ in np.flatnonzero(power > floor)]:
        low, high = max(0, at - apart), min(len(power), at + apart + 1)
        if at < 3 or power[at] < power[low:high].max():
            continue
        lobe = slice(max(0, at - 4), at + 5)
        total = float(power[lobe].sum())
        level = 10 * np.log10(total / 32767.0**2)
        if level >= floor_dbfs:
            hz = float(np.sum(power[lobe] * (max(0, at - 4) + np.arange(len(power[lobe])))) / total * bin_hz)
            found.append((round(hz, 1), round(float(level), 1)))
    return sorted(found, key=lambda tone: -tone[1])[:most]


def resampled(sound: npt.NDArray[np.float64], rate: int) -> Sound:
    """Sound of another rate at 8 kHz, by its spectrum (whole clips only)."""
    if rate == RATE:
        return np.clip(np.round(sound), -32768, 32767).astype(np.int16)
    n = int(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)[: n // 2 + 1]
    out = np.fft.irfft(spectrum, n) * (n / len(sound))
    return np.clip(np.round(out), -32768, 32767).astype(np.int16)
