"""What each end of a talk heard, and what a process holds: the judges of the day with sound (E5, A1, A7)."""

import contextlib
import ctypes
import gc
import os
import sys
from typing import Final, NamedTuple

import numpy as np

from tests.support.audio_sounds import FRAME, RATE, Pcm

PEAK: Final = 7000.0
SWELL_HZ: Final = 4  # syllables a second
SOFTEST: Final = 0.3  # of the peak, between two syllables
LOOP_S: Final = 5
GAP_MS: Final = 5.0
PURE_DB: Final = 20.0  # the tone above all else: what other people say, and the codec's noise
PIECE_S: Final = 60


def speech_like(hz: int) -> Pcm:
    """A tone that swells like syllables and may be repeated without a click."""
    t = np.arange(LOOP_S * RATE) / RATE
    swell = (1 + SOFTEST) / 2 - (1 - SOFTEST) / 2 * np.cos(2 * np.pi * SWELL_HZ * t)
    return np.round(PEAK * swell * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def steady(hz: int) -> Pcm:
    t = np.arange(LOOP_S * RATE) / RATE
    return np.round(PEAK * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def pieces_heard(sound: Pcm, hz: int, what: str, swells: bool = True) -> int:
    """Each minute of it is that tone, at its level, without a gap; AssertionError says what else. How many pieces were judged."""
    judged = 0
    for at in range(0, len(sound), PIECE_S * RATE):
        piece = sound[at : at + PIECE_S * RATE]
        if len(piece) < RATE:
            break
        _heard(piece, hz, f"{what}, from {at / RATE:.2f} s of the talk on", swells)
        judged += 1
    return judged


def _heard(piece: Pcm, hz: int, what: str, swells: bool) -> None:
    loud = np.flatnonzero(np.abs(piece.astype(np.int32)) > 32)
    edges = np.concatenate([[-1], loud, [len(piece)]])
    gap_ms = float(np.max(np.diff(edges)) - 1) / RATE * 1000
    assert gap_ms <= GAP_MS, (
        f"{what}: a gap of {gap_ms:.1f} ms at {edges[int(np.argmax(np.diff(edges)))] / RATE:.2f} s of {len(piece) / RATE:.1f}"
    )
    x = piece[: len(piece) // FRAME * FRAME].astype(np.float32)
    frames = 10 * np.log10(np.mean(x.reshape(-1, FRAME) ** 2, axis=1) * 2 / PEAK**2 + 1e-9)
    softest = 20 * np.log10(SOFTEST) if swells else 0.0
    assert frames.min() >= softest - 3, f"{what}: a frame of {frames.min():.1f} dB at {int(frames.argmin()) * 20} ms"
    assert frames.max() <= 2, f"{what}: a frame of {frames.max():.1f} dB at {int(frames.argmax()) * 20} ms"
    for second in range(0, len(x) - RATE + 1, 10 * RATE):
        part = x[second : second + RATE]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        tone = float(power[hz - 16 : hz + 17].sum())
        rest = float(power[50:].sum()) - tone
        ratio = 10 * np.log10(tone / max(rest, 1e-9))
        strongest = int(power[50:].argmax()) + 50
        assert ratio >= PURE_DB, (
            f"{what}, at {second / RATE:.0f} s: {hz} Hz is only {ratio:.1f} dB above the rest, strongest at {strongest} Hz"
        )


class Held(NamedTuple):
    """What this process holds."""

    blocks: int  # of Python's objects
    c_bytes: int  # in use of the C library's memory
    resident: int
    descriptors: int
    threads: int
    maps: int
    endpoints: int


class _MallInfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    ]


_libc = ctypes.CDLL(None)
_mallinfo2 = _libc.mallinfo2
_mallinfo2.restype = _MallInfo2


def fill_numpys_cache() -> None:
    """numpy keeps up to seven freed blocks of each size below 1,024 bytes, and sounds of every length come: full at once, it grows no more.

    Source: numpy/_core/src/multiarray/alloc.c, NBUCKETS and NCACHE.
    """
    for size in range(1, 1024):
        kept = [np.empty(size, np.uint8) for _ in range(7)]
        kept.clear()


def held(endpoints: int = 0) -> Held:
    gc.collect()
    _libc.malloc_trim(0)
    told = _mallinfo2()
    with open("/proc/self/statm", encoding="ascii") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with open("/proc/self/maps", encoding="ascii") as maps:
        rings = sum("seatbox-" in line for line in maps)
    descriptors = 0
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            os.readlink(f"/proc/self/fd/{fd}")
            descriptors += 1
    threads = len(os.listdir("/proc/self/task"))
    return Held(sys.getallocatedblocks(), told.uordblks + told.hblkhd, resident, descriptors, threads, rings, endpoints)
