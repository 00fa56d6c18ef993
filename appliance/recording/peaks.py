"""The waveform of a recording as a small table (A7): the loudest sample of each column, per channel."""

from collections.abc import Iterator
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from appliance.store.wav_header import CHANNELS, FRAME, HEADER, RATE_HZ

COLUMNS = 1000


class Sound(Protocol):
    size: int

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]: ...


class Peaks(msgspec.Struct, frozen=True, kw_only=True):
    """`left` the customer, `right` the agent: 0 to 1000, 1000 is full scale; a column is seconds / len(left)."""

    seconds: float
    left: list[int]
    right: list[int]


def peaks_of(sound: Sound, columns: int = COLUMNS) -> Peaks:
    """Reads the whole sound once: an hour is 115 MB, some 0.3 s. At most `columns` columns."""
    frames = max(0, sound.size - HEADER) // FRAME
    width = max(1, -(-frames // columns))
    tops = np.zeros((-(-frames // width), CHANNELS), np.int32)
    at, rest = 0, b""
    for piece in sound.pieces(HEADER):
        data = rest + piece
        whole = len(data) // FRAME
        rest = data[whole * FRAME :]
        whole = min(whole, frames - at)
        if whole > 0:
            _take(tops, np.frombuffer(data, "<i2", whole * CHANNELS).reshape(-1, CHANNELS), at, width)
            at += whole
    scaled = np.minimum(tops * 1000 // 32767, 1000)
    return Peaks(seconds=frames / RATE_HZ, left=scaled[:, 0].tolist(), right=scaled[:, 1].tolist())


def _take(tops: npt.NDArray[np.int32], frames: npt.NDArray[np.int16], at: int, width: int) -> None:
    first = at // width
    edges = np.unique(np.maximum(np.arange(first, (at + len(frames) - 1) // width + 1) * width - at, 0))
    loudest = np.maximum.reduceat(np.abs(frames.astype(np.int32)), edges, axis=0)
    there = tops[first : first + len(loudest)]
    np.maximum(there, loudest, out=there)
