"""Arithmetic on sound frames: mixing, gain, fades, companding.

Why Cython: a tick has to end within 20 ms while Python holds the GIL for longer. Figures: bench/bench_audio.py
Oracle: reference.py, compared sample by sample in tests/appliance/audio/test_dsp.py
Mixing adds in 32 bits and saturates once, at the end: saturating in between distorts from three loud voices on.
"""

from libc.string cimport memcpy, memset


cdef extern from *:
    """
    #define seat_popcount(x) __builtin_popcountll(x)
    #define seat_ctz(x) __builtin_ctzll(x)
    """
    int seat_popcount(uint64_t x) noexcept nogil
    int seat_ctz(uint64_t x) noexcept nogil


cdef extern from "kernels.h" nogil:
    void seat_alaw_encode(const int16_t *x, Py_ssize_t n, uint8_t *out)
    void seat_alaw_decode(const uint8_t *x, Py_ssize_t n, int16_t *out)
    void seat_ulaw_encode(const int16_t *x, Py_ssize_t n, uint8_t *out)
    void seat_ulaw_decode(const uint8_t *x, Py_ssize_t n, int16_t *out)
    int64_t seat_energy(const int16_t *x, Py_ssize_t n)
    void seat_dots(const int16_t *x, const int16_t *tables, Py_ssize_t n, int rows, int32_t *out)
    uint32_t seat_windowed(const int16_t *x, const int16_t *window, Py_ssize_t n)
    void seat_resample(const int16_t *x, uint32_t frac, int64_t step, const float *filter, int16_t *out, Py_ssize_t n)
    void seat_add(int32_t *acc, const int16_t *x)
    void seat_sub(int32_t *acc, const int16_t *x)
    void seat_saturate(int16_t *out, const int32_t *acc, Py_ssize_t n)
    int32_t seat_peak(const int16_t *x)
    void seat_level(const int16_t *x, float gain, float step, int16_t *out)
    void seat_interleave(const int16_t *left, const int16_t *right, int16_t *both)


cdef inline int16_t saturate(int32_t v) noexcept nogil:
    return <int16_t>(32767 if v > 32767 else (-32768 if v < -32768 else v))


cdef void mix_store(int16_t *out, const int32_t *acc) noexcept nogil:
    seat_saturate(out, acc, FRAME)


cdef void interleave(const int16_t *left, const int16_t *right, int16_t *both) noexcept nogil:
    """A frame of each, sample by sample."""
    seat_interleave(left, right, both)


cdef void dots(const int16_t *x, const int16_t *tables, Py_ssize_t n, int rows, int32_t *out) noexcept nogil:
    """The sum of products of x with each of `rows` tables of n; 32 bits must hold them."""
    seat_dots(x, tables, n, rows, out)


cdef double windowed_energy(const int16_t *x, const int16_t *window, Py_ssize_t n) noexcept nogil:
    """The sum of (x * window / 65536)^2; 32 bits must hold it; n is at most a frame."""
    return seat_windowed(x, window, n)


cdef void resample(const int16_t *x, uint32_t frac, int64_t step, const float *filter, int16_t *out, Py_ssize_t n) noexcept nogil:
    """n samples at x + frac, x + frac + step, ... (2**-32 of a sample), by 1025 phases of SEAT_TAPS."""
    seat_resample(x, frac, step, filter, out, n)


cdef void mix_one(const int16_t *const *ins, int32_t *acc, uint64_t sources) noexcept nogil:
    """acc = the sum of the frames whose bit is set in `sources`, unsaturated."""
    memset(acc, 0, FRAME * sizeof(int32_t))
    while sources:
        seat_add(acc, ins[seat_ctz(sources)])
        sources &= sources - 1


cdef void mix_matrix(const int16_t *const *ins, int16_t *const *outs, const uint64_t *hears, uint64_t active) noexcept nogil:
    """outs[i] = sum of ins[j] for each bit j of hears[i]; i and j over the bits of `active`.

    Who hears nearly everybody is made from the sum of all less the few; who hears one is a copy.
    """
    cdef int32_t total[FRAME]
    cdef int32_t acc[FRAME]
    cdef uint64_t left = active, wanted, missing
    cdef int i
    cdef bint summed = False
    while left:
        i = seat_ctz(left)
        left &= left - 1
        wanted = hears[i] & active
        missing = active & ~wanted
        if wanted == 0:
            memset(outs[i], 0, FRAME * sizeof(int16_t))
            continue
        if wanted & (wanted - 1) == 0:
            memcpy(outs[i], ins[seat_ctz(wanted)], FRAME * sizeof(int16_t))
            continue
        if seat_popcount(missing) + 1 < seat_popcount(wanted):
            if not summed:
                mix_one(ins, total, active)
                summed = True
            memcpy(acc, total, sizeof(acc))
            while missing:
                seat_sub(acc, ins[seat_ctz(missing)])
                missing &= missing - 1
        else:
            mix_one(ins, acc, wanted)
        mix_store(outs[i], acc)


cdef void mix_scaled(int32_t *acc, const int16_t *x, int16_t weight) noexcept nogil:
    """acc += x * weight / 4096, each rounded to the nearest."""
    cdef Py_ssize_t k
    for k in range(FRAME):
        acc[k] += (x[k] * weight + 2048) >> 12


cdef void scale_sum(int32_t *acc, int16_t gain) noexcept nogil:
    """acc *= gain / 4096, before the one saturation."""
    cdef Py_ssize_t k
    for k in range(FRAME):
        acc[k] = <int32_t>((<int64_t>acc[k] * gain + 2048) >> 12)


cdef void apply_gain(int16_t *x, int16_t before, int16_t gain) noexcept nogil:
    """x *= gain / 4096, rounded to the nearest, saturated; over the first RAMP samples along a straight line from `before`."""
    cdef Py_ssize_t k
    cdef int16_t ramp[RAMP]
    if before != gain:
        for k in range(RAMP):
            ramp[k] = saturate((x[k] * (before + (gain - before) * (<int32_t>k + 1) / RAMP) + 2048) >> 12)
    for k in range(FRAME):
        x[k] = saturate((x[k] * gain + 2048) >> 12)
    if before != gain:
        memcpy(x, ramp, sizeof(ramp))


cdef int32_t peak(const int16_t *x) noexcept nogil:
    """The largest magnitude of a frame."""
    return seat_peak(x)


cdef void level_samples(const int16_t *x, float gain, float step, int16_t *out) noexcept nogil:
    """A frame at a gain of at most 3.999 that grows by `step` with each sample, from `gain` before the first on, saturated."""
    seat_level(x, gain, step, out)


cdef void crossfade(int16_t *out, const int16_t *old) noexcept nogil:
    """The first RAMP samples of `out` become a straight fade from `old` to `out`."""
    cdef Py_ssize_t k
    cdef int32_t up
    for k in range(RAMP):
        up = <int32_t>k + 1
        out[k] = <int16_t>((out[k] * up + old[k] * (RAMP - up)) / RAMP)


cdef int64_t energy(const int16_t *x, Py_ssize_t n) noexcept nogil:
    """The sum of squares."""
    return seat_energy(x, n)


cdef Py_ssize_t encode(Encoding encoding, const int16_t *x, Py_ssize_t n, uint8_t *out) noexcept nogil:
    """n samples to bytes; returns how many bytes (n, or 2n for signed16)."""
    cdef Py_ssize_t k
    if encoding == ULAW:
        seat_ulaw_encode(x, n, out)
    elif encoding == ALAW:
        seat_alaw_encode(x, n, out)
    elif encoding == UNSIGNED8:
        for k in range(n):
            out[k] = <uint8_t>(min(32767, x[k] + 128) >> 8) + 128
    else:
        for k in range(n):
            out[2 * k] = <uint8_t>(x[k] & 0xFF)
            out[2 * k + 1] = <uint8_t>((x[k] >> 8) & 0xFF)
        return 2 * n
    return n


cdef Py_ssize_t decode(Encoding encoding, const uint8_t *x, Py_ssize_t n, int16_t *out) noexcept nogil:
    """n bytes to samples (an odd last byte of signed16 is the caller's to carry); returns how many samples."""
    cdef Py_ssize_t k
    if encoding == ULAW:
        seat_ulaw_decode(x, n, out)
    elif encoding == ALAW:
        seat_alaw_decode(x, n, out)
    elif encoding == UNSIGNED8:
        for k in range(n):
            out[k] = <int16_t>((<int32_t>x[k] - 128) * 256)
    else:
        n //= 2
        for k in range(n):
            out[k] = <int16_t>(x[2 * k] | (x[2 * k + 1] << 8))
    return n


_ENCODINGS = {"signed16": SIGNED16, "ulaw": ULAW, "alaw": ALAW, "unsigned8": UNSIGNED8}


def encoding_code(str name) -> int:
    """The number of an encoding's name; ValueError for a name that we do not know."""
    try:
        return _ENCODINGS[name]
    except KeyError:
        raise ValueError(f"unknown encoding {name!r}; one of {', '.join(_ENCODINGS)}") from None


def encode_bytes(str encoding, const int16_t[::1] pcm) -> bytes:
    out = bytearray(2 * max(1, pcm.shape[0]))
    cdef uint8_t[::1] view = out
    cdef Py_ssize_t n = 0
    if pcm.shape[0]:
        n = encode(<Encoding><int>encoding_code(encoding), &pcm[0], pcm.shape[0], &view[0])
    return bytes(out[:n])


def decode_bytes(str encoding, const uint8_t[::1] data):
    """The samples, in a memoryview of int16."""
    out = memoryview(bytearray(2 * max(1, data.shape[0]))).cast("h")
    cdef int16_t[::1] view = out
    cdef Py_ssize_t n = 0
    if data.shape[0]:
        n = decode(<Encoding><int>encoding_code(encoding), &data[0], data.shape[0], &view[0])
    return out[:n]


def mix_frames(const int16_t[:, ::1] frames, list hears, Py_ssize_t repeat=1):
    """Who hears whom over frames of 160 samples (n, 160): the tick's own function, for tests and the bench."""
    import numpy as np  # here alone: the gateway of browser seats, which wants the A-law, does without

    cdef Py_ssize_t n = frames.shape[0], i
    if n > 64 or frames.shape[1] != FRAME or len(hears) != n:
        raise ValueError("at most 64 frames of 160 samples, and one mask each")
    out = np.zeros((n, FRAME), np.int16)
    cdef int16_t[:, ::1] view = out
    cdef const int16_t *ins[64]
    cdef int16_t *outs[64]
    cdef uint64_t masks[64]
    cdef uint64_t active = (<uint64_t>1 << n) - 1 if n < 64 else ~<uint64_t>0
    for i in range(n):
        ins[i] = &frames[i, 0]
        outs[i] = &view[i, 0]
        masks[i] = hears[i]
    with nogil:
        for i in range(repeat):
            mix_matrix(ins, outs, masks, active)
    return out


def gain_frame(int16_t[::1] frame, int gain_q12, int before_q12=-1) -> None:
    if frame.shape[0] != FRAME:
        raise ValueError("a frame has 160 samples")
    apply_gain(&frame[0], gain_q12 if before_q12 < 0 else before_q12, gain_q12)


def frame_energy(const int16_t[::1] frame) -> int:
    return energy(&frame[0], frame.shape[0])
