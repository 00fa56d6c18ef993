"""WAV as recordings use it: a header of 44 bytes, then 16-bit samples, two channels, 8000 Hz (A7).

The original's header holds the largest sizes, as nobody knows them while it is written and no byte is changed later: players then read
to the end of the file. Whoever is given a copy gets true sizes.
Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991), RIFF WAVE.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

RATE_HZ = 8000
CHANNELS = 2
FRAME = 2 * CHANNELS  # bytes of one moment
HEADER = 44
LARGEST = 0xFFFF_FFFF
_READ = 1 << 18


def header(data_size: int | None = None) -> bytes:
    """data_size: bytes of sound that follow; None: not known yet."""
    riff, data = (LARGEST, LARGEST) if data_size is None else (HEADER - 8 + data_size, data_size)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE_HZ, RATE_HZ * FRAME, FRAME, 16, b"data", data,
    )  # fmt: skip


def seconds_of(size: int) -> float:
    """How long a recording's file of so many bytes sounds; a part of a frame at its end is not counted."""
    return max(0, size - HEADER) // FRAME / RATE_HZ


class Copy:
    """A WAV with true sizes of what is in the file now. Parts of it stay the same while the recording goes on: a file only grows."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError."""
        self._path = path
        self._sound = max(0, path.stat().st_size - HEADER) // FRAME * FRAME
        self.size = HEADER + self._sound

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `begin` up to `end`, 256 kB at a time; reads nothing but these."""
        end = self.size if end is None else min(end, self.size)
        with self._path.open("rb", buffering=0) as file:
            if begin < min(end, HEADER):
                yield header(self._sound)[begin:end]
                begin = HEADER
            file.seek(begin)
            while begin < end:
                piece = file.read(min(_READ, end - begin))
                if not piece:
                    return
                begin += len(piece)
                yield piece


def wav_parts(path: Path) -> tuple[int, Iterator[bytes]]:
    """(size, pieces) of the whole. Raises FileNotFoundError."""
    copy = Copy(path)
    return copy.size, copy.pieces()


def wav_of(path: Path) -> bytes:
    """The same as one piece: an hour is 115 MB, so `Copy` is the better one for a stream."""
    return b"".join(wav_parts(path)[1])
