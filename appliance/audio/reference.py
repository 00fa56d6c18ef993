"""The oracle: the same arithmetic in plain numpy and plain Python, slow and easy to read. Tests compare it with the Cython modules.

It is written from the rules (G.711, V.253, "sum, then saturate once"), shares no code with what it judges, and imports nothing of it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RAMP = 40


def saturated(sound: NDArray[np.int64]) -> Pcm:
    """To 16 bits, once."""
    return np.clip(sound, -32768, 32767).astype(np.int16)


def mixed(frames: Pcm, hears: Sequence[set[int]]) -> Pcm:
    """Row i is the saturated sum of the rows that i hears."""
    wide = frames.astype(np.int64)
    return np.stack([saturated(sum((wide[j] for j in who), np.zeros(frames.shape[1], np.int64))) for who in hears])


def crossfaded(new: Pcm, old: Pcm) -> Pcm:
    """`new`, whose first 5 ms come out of `old` along a straight line."""
    out = new.astype(np.int64)
    up = np.arange(1, RAMP + 1)
    mix = out[:RAMP] * up + old[:RAMP].astype(np.int64) * (RAMP - up)
    out[:RAMP] = np.sign(mix) * (np.abs(mix) // RAMP)
    return saturated(out)


def ulaw_value(code: int) -> int:
    """G.711 µ-law, 16-bit scale."""
    code = ~code & 0xFF
    segment, step = (code >> 4) & 7, code & 15
    value = (((2 * step + 33) << segment) - 33) * 4
    return -value if code & 0x80 else value


def alaw_value(code: int) -> int:
    """G.711 A-law, 16-bit scale."""
    code ^= 0x55
    segment, step = (code >> 4) & 7, code & 15
    value = (2 * step + 1) * 8 if segment == 0 else ((2 * step + 33) * 8) << (segment - 1)
    return value if code & 0x80 else -value


def shielded(data: bytes) -> bytes:
    """Sound on a V.253 wire: every 0x10 twice."""
    return data.replace(b"\x10", b"\x10\x10")


def unshielded(data: bytes) -> tuple[bytes, bytes, int]:
    """(sound, event codes, bytes used) of whole data, up to and with the first `10 03`; a split pair at the end stays unused."""
    sound, events, at = bytearray(), bytearray(), 0
    while at < len(data):
        if data[at] != 0x10:
            sound.append(data[at])
            at += 1
            continue
        if at + 1 == len(data):
            break
        code = data[at + 1]
        at += 2
        if code == 0x10:
            sound.append(0x10)
        elif code == 0x1A:
            sound += b"\x10\x10"
        else:
            events.append(code)
            if code == 0x03:
                break
    return bytes(sound), bytes(events), at
