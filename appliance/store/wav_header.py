"""The 44 bytes before a recording's sound: 16-bit samples, two channels, 8000 Hz (A7).

While it is written nobody knows its sizes: the header then holds the largest ones, and players read to the end of the file. The seal puts
the true ones in their place.
Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991), RIFF WAVE.
"""

import struct

RATE_HZ = 8000
CHANNELS = 2
FRAME = 2 * CHANNELS  # bytes of one moment
HEADER = 44
LARGEST = 0xFFFF_FFFF


def header(data_size: int | None = None) -> bytes:
    """data_size: bytes of sound that follow; None: not known yet. What 32 bits cannot say (37 hours) is the largest again."""
    riff, data = (LARGEST, LARGEST) if data_size is None else (min(HEADER - 8 + data_size, LARGEST), min(data_size, LARGEST))
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE_HZ, RATE_HZ * FRAME, FRAME, 16, b"data", data,
    )  # fmt: skip


def sound_in(size: int) -> int:
    """Bytes of sound in a file of so many bytes; a part of a frame at its end, as a power cut may leave it, is not counted."""
    return max(0, size - HEADER) // FRAME * FRAME


def true_header(size: int) -> bytes:
    """The one header that a sealed file of `size` bytes may have."""
    return header(sound_in(size))


GROWING = header()
"""The header of a recording without a seal."""
