"""WAV as recordings use it: a header of 44 bytes, then 16-bit samples, two channels, 8000 Hz (A7).

The original's header holds the largest sizes, as nobody knows them while it is written and no byte is changed later: players then read
to the end of the file. Whoever is given a copy gets true sizes.
Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991), RIFF WAVE.
"""

import os
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


def wav_parts(path: Path) -> tuple[int, Iterator[bytes]]:
    """(size, pieces) of a WAV with true sizes of what is in the file now, for a stream. Raises FileNotFoundError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    sound = max(0, os.fstat(fd).st_size - HEADER) // FRAME * FRAME
    return HEADER + sound, _pieces(fd, sound)


def _pieces(fd: int, sound: int) -> Iterator[bytes]:
    with os.fdopen(fd, "rb", buffering=0) as file:
        yield header(sound)
        file.seek(HEADER)
        while sound > 0:
            piece = file.read(min(_READ, sound))
            if not piece:
                return
            sound -= len(piece)
            yield piece


def wav_of(path: Path) -> bytes:
    """The same as one piece: an hour is 115 MB, so `wav_parts` is the better one for a stream."""
    return b"".join(wav_parts(path)[1])
