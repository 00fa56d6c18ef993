"""Tones for the browser seat's tests: made, written as a fake microphone, and judged by frequency."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def sine(hz: float, seconds: float, rate: int, dbfs: float = -13.0) -> NDArray[np.int16]:
    """A sine; a full-scale one is 0 dBFS."""
    t = np.arange(round(seconds * rate)) / rate
    return np.round(32767 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def write_microphone(path: Path, hz: float, seconds: float = 10.0) -> Path:
    """A WAV that Chromium takes for a microphone: 48 kHz, mono, 16 bit; a whole number of periods, so that its loop has no click."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(sine(hz, seconds, 48_000).tobytes())
    return path


def level_dbfs(samples: NDArray[np.floating] | NDArray[np.int16], hz: float, rate: int = 8000) -> float:
    """Level of the strongest line within 15 Hz of `hz`; a full-scale sine is 0 dBFS. Hann window, resolution 1/seconds.

    Of less than 0.1 s -120.
    """
    if len(samples) < rate // 10:
        return -120.0
    values = np.asarray(samples, dtype=float) / (32768 if np.asarray(samples).dtype == np.int16 else 1)
    window = np.hanning(len(values))
    lines = np.abs(np.fft.rfft(values * window)) * 2 / window.sum()
    near = np.abs(np.fft.rfftfreq(len(values), 1 / rate) - hz) <= 15
    return float(20 * np.log10(max(lines[near].max(), 1e-9)))


def usual_level_dbfs(samples: NDArray[np.floating] | NDArray[np.int16], hz: float, rate: int = 8000) -> float:
    """The tone's level in the middle one of its fifths of a second: where time was bridged its phase jumps, which is no loss of level."""
    window = rate // 5
    if len(samples) < window:
        return -120.0
    return float(np.median([level_dbfs(samples[at : at + window], hz, rate) for at in range(0, len(samples) - window + 1, window)]))


def purity_db(samples: NDArray[np.floating] | NDArray[np.int16], hz: float, rate: int) -> float:
    """How far the tone stands above all that is not within 40 Hz of it, as power; 100 Hz to 3.9 kHz, where speech is."""
    values = np.asarray(samples, dtype=float)
    power = np.abs(np.fft.rfft(values * np.blackman(len(values)))) ** 2
    where = np.fft.rfftfreq(len(values), 1 / rate)
    tone, rest = np.abs(where - hz) <= 40, (np.abs(where - hz) > 40) & (where > 100) & (where < 3900)
    return float(10 * np.log10(power[tone].sum() / max(power[rest].sum(), 1e-12)))


def longest_silence_ms(sound: NDArray[np.int16]) -> float:
    """The longest run below -60 dBFS, in ms; at 8 kHz."""
    quiet = np.abs(sound.astype(int)) < 33
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.view(np.int8), [0]])))
    runs = edges[1::2] - edges[::2]
    return float(runs.max(initial=0)) / 8
