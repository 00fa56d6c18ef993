"""The oracle: the same arithmetic in plain numpy and plain Python, slow and easy to read. Tests compare it with the Cython modules.

It is written from the rules (G.711, V.253, "sum, then saturate once"), shares no code with what it judges, and imports nothing of it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RAMP = 40
FRAME = 160


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


def energies(frames: Pcm) -> list[int]:
    """Of each frame (n, 160)."""
    return [int(energy) for energy in np.sum(frames.astype(np.int64) ** 2, 1)]


def spoken(powers: Sequence[int]) -> list[int]:
    """From the energies of frames, all of them sound that came in: for how many frames more each counts as speech, 15 at first."""
    told, left = [], 0
    floor, window = float("inf"), list[float]()
    for power in powers:
        window.append(power or float("inf"))  # digital silence says nothing of the noise
        if len(window) == 250:
            floor, window = min(window), []
        floor = min(floor, power or float("inf"))
        loud = power > FRAME * 100**2 / 2 and power > 8 * floor
        left = 15 if loud else max(0, left - 1)
        told.append(left)
    return told


def levelled(
    frames: Pcm, told: Sequence[int], speech: Sequence[int], tone: Sequence[bool], target_dbfs: float = -20.0
) -> tuple[Pcm, list[float]]:
    """Level control over frames (n, 160): as they are heard, and the gain in dB at the end of each.

    told: energy of what the speaker hears in each; speech: `spoken` of the same; tone: whether a key or an exchange's tone is known.
    """
    target = FRAME * 32768**2 / 2 * 10 ** (target_dbfs / 10)
    gain = now = 1.0
    mean, seen, echo, before, alike, was_tone = 0.0, 0, 0.0, 0.0, 0, False
    hang = 0
    waiting: list[float | None] = [None] * 5
    out, gains = [], []
    for frame, power, heard, left, known in zip(frames, energies(frames), told, speech, tone, strict=True):
        peak = float(np.max(np.abs(frame.astype(np.int64))))
        end = min(gain, 32767 / peak if peak else gain, now * 10 ** (1 / 20))
        ramp = now + (end - now) * np.arange(1, FRAME + 1) / FRAME
        out.append(saturated(np.floor(frame * ramp + 0.5).astype(np.int64)))
        now = end
        gains.append(20 * float(np.log10(now)))
        alike = alike + 1 if abs(power - before) * 32 < power else 0
        before, echo = power, max(float(heard), 0.9 * echo)
        speaks, own = left > 5 and not was_tone, power * 256 > echo
        if own and (seen < 100 or power > mean * 0.0257):
            hang = 10
        elif hang:
            hang -= 1
        elif own and speaks:
            mean -= mean / 800
        oldest, waiting = waiting[0], [*waiting[1:], float(power) if speaks and hang else None]
        was_tone = known or alike >= 3
        if was_tone:
            waiting = [None] * 5
        elif oldest is not None:
            seen = min(seen + 1, 100)
            mean += (oldest - mean) / seen
            wanted = np.clip(np.sqrt(target / max(1.0, mean)), 10 ** (-12 / 20), 10 ** (12 / 20))
            gain = float(np.clip(wanted, gain * 10 ** (-12 / 20 / 50), gain * 10 ** (3 / 20 / 50)))
    return np.stack(out), gains


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
