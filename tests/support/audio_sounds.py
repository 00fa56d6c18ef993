"""Sounds and ears for the tests of the audio core."""

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RATE = 8000
FRAME = 160


def tone(hz: float, n: int, peak: float = 8000, start: int = 0) -> Pcm:
    """n samples of a sine, from sample `start` of it on."""
    return np.round(peak * np.sin(2 * np.pi * hz * (start + np.arange(n)) / RATE)).astype(np.int16)


def level_db(sound: Pcm, hz: float) -> float:
    """The level at one frequency (Hann window), dBFS."""
    window = np.hanning(len(sound))
    bin_ = np.sum(sound * window * np.exp(-2j * np.pi * hz * np.arange(len(sound)) / RATE))
    return float(20 * np.log10(max(2 * abs(bin_) / window.sum() / 32768, 1e-7)))


def purity_db(sound: Pcm, hz: float) -> float:
    """Signal to everything else, with the best-fitting steady tone within 0.1 % of hz (what clocks may do to pitch), at least 0.75 Hz."""
    x, n = sound.astype(float), np.arange(len(sound))

    def snr(near: float) -> float:
        basis = np.stack([np.cos(2 * np.pi * near * n / RATE), np.sin(2 * np.pi * near * n / RATE)], 1)
        rest = x - basis @ np.linalg.lstsq(basis, x, rcond=None)[0]
        return float(10 * np.log10(np.sum(x**2) / max(np.sum(rest**2), 1e-9)))

    width = max(0.5, hz / 1500)  # all steps together go half as far again
    while width > 1e-5:
        hz = max(hz + width * np.linspace(-1, 1, 9), key=snr)
        width /= 3
    return snr(hz)


def longest_gap_ms(sound: Pcm) -> float:
    """The longest run of samples below -60 dBFS, between the first and the last sound."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 32)
    return float(np.max(np.diff(loud))) / 8 if len(loud) > 1 else float(len(sound)) / 8


def keys(low: float, high: float, ms: float, twist_db: float = 0, peak: float = 3000) -> Pcm:
    """The two tones of a key; twist: how much louder the high one is."""
    n = round(ms * 8)
    t = np.arange(n) / RATE
    return np.round(peak * np.sin(2 * np.pi * low * t) + peak * 10 ** (twist_db / 20) * np.sin(2 * np.pi * high * t)).astype(np.int16)


def cadence(on_s: float, off_s: float, times: int, hz: float = 450) -> Pcm:
    off = np.zeros(round(off_s * RATE), np.int16)
    return np.concatenate([np.concatenate([tone(hz, round(on_s * RATE)), off]) for _ in range(times)])


def silence(ms: float) -> Pcm:
    return np.zeros(round(ms * 8), np.int16)


def active_dbfs(sound: Pcm) -> float:
    """The active speech level by ITU-T P.56, method B: over the time when the envelope is, or was 0.2 s ago, at most 15.9 dB below."""
    x = sound.astype(float) / 32768
    keep = np.exp(-1 / (RATE * 0.03))
    envelope, first, second = np.empty(len(x)), 0.0, 0.0
    for k, magnitude in enumerate(np.abs(x)):
        first = keep * first + (1 - keep) * magnitude
        second = keep * second + (1 - keep) * first
        envelope[k] = second
    for threshold in 10 ** (np.arange(-70, 0, 0.25) / 20):
        above = np.flatnonzero(envelope > threshold)
        active = float(np.sum(np.minimum(np.diff(above, append=len(x)), 0.2 * RATE)))
        level = 10 * np.log10(np.sum(x**2) / active) if active else -120.0
        if level - 20 * np.log10(threshold) <= 15.9:
            return float(level + 10 * np.log10(2))
    return -120.0
