"""DLE shielding of sound on one serial port (V.253; serial-lines 5.4): 10 10 is one 10, 10 1A is two, other 10 xx are events.

Why Cython: every byte of every analog line passes here; a caller can send a stream of 0x10, so the worst case must be flat.
Figures: bench/bench_audio.py (both directions beside plain Python). Oracle: reference.py.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy

cdef enum:
    DLE = 0x10
    SUB = 0x1A
    ETX = 0x03


cdef Py_ssize_t dle_decode(Dle *dle, const uint8_t *src, Py_ssize_t n, uint8_t *sound, Py_ssize_t *sounds,
                           uint8_t *events, Py_ssize_t *counts, Py_ssize_t room) noexcept nogil:
    """Decodes until `DLE ETX` has passed, the input ends, or `room` events are there; returns the bytes used.

    sound needs room for n + 1 bytes (a pending DLE and SUB give two), events for `room` codes. `dle` carries a split pair over.
    """
    cdef Py_ssize_t i = 0, o = 0, e = 0, run
    cdef uint8_t c
    cdef bint pending = dle.pending
    while i < n:
        if not pending:
            if src[i] != DLE:
                run = _until_dle(src + i, n - i)
                memcpy(sound + o, src + i, run)
                i += run
                o += run
                continue
            pending = True
            i += 1
            continue
        c = src[i]
        i += 1
        pending = False
        if c == DLE:
            sound[o] = DLE
            o += 1
        elif c == SUB:
            sound[o] = DLE
            sound[o + 1] = DLE
            o += 2
        else:
            events[e] = c
            e += 1
            if c == ETX or e == room:
                break
    dle.pending = pending
    sounds[0] = o
    counts[0] = e
    return i


cdef inline Py_ssize_t _until_dle(const uint8_t *src, Py_ssize_t n) noexcept nogil:
    """How many bytes come before the first DLE."""
    cdef const uint8_t *at = <const uint8_t *>memchr(src, DLE, n)
    return n if at == NULL else at - src


cdef Py_ssize_t dle_encode(const uint8_t *src, Py_ssize_t n, uint8_t *dst) noexcept nogil:
    """Doubles each 0x10; dst needs room for 2n bytes; returns how many were written. Runs without one are copied whole."""
    cdef Py_ssize_t i = 0, o = 0, run
    while i < n:
        if src[i] == DLE:
            dst[o] = DLE
            dst[o + 1] = DLE
            o += 2
            i += 1
            continue
        run = _until_dle(src + i, n - i)
        memcpy(dst + o, src + i, run)
        i += run
        o += run
    return o


cdef class Decoder:
    """The streaming decoder for Python: tests, bench."""

    cdef Dle dle

    def feed(self, bytes data) -> tuple[bytes, bytes, int]:
        """(sound, event codes, bytes used); stops behind `DLE ETX`, whose code is the last event."""
        cdef Py_ssize_t n = PyBytes_GET_SIZE(data), sounds = 0, counts = 0, used
        cdef uint8_t *sound = <uint8_t *>malloc(n + 1)
        cdef uint8_t *events = <uint8_t *>malloc(n + 1)
        if sound == NULL or events == NULL:
            free(sound)
            free(events)
            raise MemoryError
        used = dle_decode(&self.dle, <const uint8_t *>PyBytes_AS_STRING(data), n, sound, &sounds, events, &counts, n + 1)
        try:
            return PyBytes_FromStringAndSize(<char *>sound, sounds), PyBytes_FromStringAndSize(<char *>events, counts), used
        finally:
            free(sound)
            free(events)


def shield(bytes data) -> bytes:
    """Sound bytes as they go over the wire: each 0x10 doubled."""
    cdef Py_ssize_t n = PyBytes_GET_SIZE(data)
    cdef uint8_t *out = <uint8_t *>malloc(2 * n + 1)
    if out == NULL:
        raise MemoryError
    try:
        return PyBytes_FromStringAndSize(<char *>out, dle_encode(<const uint8_t *>PyBytes_AS_STRING(data), n, out))
    finally:
        free(out)
