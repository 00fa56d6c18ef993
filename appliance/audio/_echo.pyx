"""The line echo canceller of an analog port: the hybrid returns the agent's own voice at -10 dB or so, and no voice modem takes it out (A1 A2).

Why Cython: it runs for each analog line in each tick. Figures: bench/bench_audio.py, docs/audio.md
Oracle: tests/appliance/audio/test_echo.py measures it on speech of two languages through both G.711 codecs.
A Kalman filter in the frequency domain, in parts (Enzner and Vary 2006; Kuech, Mabande and Enzner 2014): 20 parts of 32 samples; for each part and bin it
keeps how far off the filter is (`p`) and how loud what is not echo is (`psi`), and the step follows from both. So it needs no detector of two
who talk at once: the far voice is a large `psi`, and the steps become small by themselves. What remains is brought down by one gain, which the
same `p` gives, and the line's own noise is put in its place. Until 80 ms have shown that the filter takes out half of what comes, all passes as
it is: a line without an echo loses nothing, and two steady tones that look alike for some steps harm nobody.
The module is the clock (_port.pyx): sample by sample what was captured meets what was played, whatever waits in between.
"""

from libc.math cimport sqrt
from libc.string cimport memcpy, memmove, memset

import numpy as np

cdef extern from "kernels.h" nogil:
    void seat_echo_part(
        const float *a, const float *b, const float *wr, const float *wi, const float *p, Py_ssize_t n, float *r, float *i, float *off
    )
    void seat_echo_follow(
        const float *a, const float *b, const float *r, const float *i, const float *share, float fade, float keep, Py_ssize_t n,
        float *wr, float *wi, float *p
    )

cdef enum:
    HALF = 32  # complex points of the transform of 64 real ones
    FLOOR_STEPS = 125  # 0.5 s
    WINDOW = 20  # steps (80 ms) after which it is looked whether the filter helps

cdef float START_P = 0.02
cdef float FADE = 0.9995  # of the filter from step to step
cdef float KEEP = 0.99900025  # of its power; the rest may have changed
cdef float SMOOTH = 0.85
cdef float LEAST_PSI = 64.0 * 100.0
cdef float QUIET = 32.0 * 900.0  # energy of a step that is not worth cancelling: -60 dBFS
cdef float OVER = 3.0  # how much more than expected is taken to be echo
cdef float UNKNOWN = 0.003  # of the echo's power: what quantising leaves
cdef float LEAST_GAIN = 0.05
cdef float COS32[HALF]
cdef float SIN32[HALF]
cdef float COS64[HALF + 1]
cdef float SIN64[HALF + 1]


def _fill_tables():
    cdef int k
    for k in range(HALF):
        COS32[k] = np.cos(2 * np.pi * k / 32)
        SIN32[k] = -np.sin(2 * np.pi * k / 32)
    for k in range(HALF + 1):
        COS64[k] = np.cos(2 * np.pi * k / 64)
        SIN64[k] = -np.sin(2 * np.pi * k / 64)


_fill_tables()


cdef void _fft32(float *re, float *im) noexcept nogil:
    """In place, by Stockham: the inner loop is over neighbours."""
    cdef float yr[HALF]
    cdef float yi[HALF]
    cdef int half = HALF // 2, m = 1, j, k, a, o
    cdef float wr, wi, dr, di
    while half:
        for j in range(half):
            wr = COS32[j * m]
            wi = SIN32[j * m]
            a = j * m
            o = 2 * j * m
            for k in range(m):
                dr = re[a + k] - re[a + k + 16]
                di = im[a + k] - im[a + k + 16]
                yr[o + k] = re[a + k] + re[a + k + 16]
                yi[o + k] = im[a + k] + im[a + k + 16]
                yr[o + m + k] = dr * wr - di * wi
                yi[o + m + k] = dr * wi + di * wr
        memcpy(re, yr, sizeof(yr))
        memcpy(im, yi, sizeof(yi))
        half >>= 1
        m <<= 1


cdef void _forward(const float *x, float *re, float *im) noexcept nogil:
    """The spectrum (33 bins, the fillers 0) of 64 real samples."""
    cdef float zr[HALF]
    cdef float zi[HALF]
    cdef int k, o
    cdef float er, ei, dr, di
    for k in range(HALF):
        zr[k] = x[2 * k]
        zi[k] = x[2 * k + 1]
    _fft32(zr, zi)
    for k in range(HALF + 1):
        o = (HALF - k) & (HALF - 1)
        er = <float>0.5 * (zr[k & 31] + zr[o])
        ei = <float>0.5 * (zi[k & 31] - zi[o])
        dr = <float>0.5 * (zi[k & 31] + zi[o])
        di = -<float>0.5 * (zr[k & 31] - zr[o])
        re[k] = er + dr * COS64[k] - di * SIN64[k]
        im[k] = ei + dr * SIN64[k] + di * COS64[k]
    for k in range(HALF + 1, BINS):
        re[k] = im[k] = 0


cdef void _backward(const float *re, const float *im, float *x) noexcept nogil:
    """64 real samples of 33 bins."""
    cdef float zr[HALF]
    cdef float zi[HALF]
    cdef int k
    cdef float er, ei, dr, di, odd_r, odd_i
    for k in range(HALF):
        er = re[k] + re[HALF - k]
        ei = im[k] - im[HALF - k]
        dr = re[k] - re[HALF - k]
        di = im[k] + im[HALF - k]
        odd_r = dr * COS64[k] + di * SIN64[k]
        odd_i = di * COS64[k] - dr * SIN64[k]
        zi[k] = er - odd_i  # real and imaginary changed places: the forward transform goes backward
        zr[k] = ei + odd_r
    _fft32(zr, zi)
    for k in range(HALF):
        x[2 * k] = zi[k] * <float>0.015625
        x[2 * k + 1] = zr[k] * <float>0.015625


cdef void echo_shaken(Echo *e) noexcept nogil:
    """What was played and what is captured have slipped against each other: how good the filter is, is not known any more."""
    cdef int part, k
    for part in range(PARTS):
        for k in range(BINS):
            e.p[part][k] = START_P


cdef void echo_reset(Echo *e) noexcept nogil:
    """Another call: nothing is known."""
    cdef bint on = e.on
    cdef float grain = e.grain
    cdef int k
    memset(e, 0, sizeof(Echo))
    e.on = on
    e.grain = grain
    e.gain = 1
    e.random = 1
    e.floor_next = <float>1e12
    for k in range(BINS):
        e.psi[k] = 10000
    echo_shaken(e)


cdef void echo_played(Echo *e, const int16_t *x, Py_ssize_t n) noexcept nogil:
    """Written to the modem, as it will be heard after decoding."""
    cdef Py_ssize_t i
    for i in range(n):
        e.played[(e.played_at + e.played_n) % PLAYED] = x[i]
        if e.played_n < PLAYED:
            e.played_n += 1
        else:
            e.played_at = (e.played_at + 1) % PLAYED


cdef float _energy(const float *x) noexcept nogil:
    cdef float total = 0
    cdef int k
    for k in range(STEP):
        total += x[k] * x[k]
    return total


cdef void _estimate(Echo *e, float *yr, float *yi, float *expected) noexcept nogil:
    """The echo's spectrum, and in each bin the power by which it may be wrong."""
    cdef int part, row
    memset(yr, 0, BINS * sizeof(float))
    memset(yi, 0, BINS * sizeof(float))
    memset(expected, 0, BINS * sizeof(float))
    for part in range(PARTS):
        row = (e.at + PARTS - part) % PARTS
        seat_echo_part(e.xr[row], e.xi[row], e.wr[part], e.wi[part], e.p[part], BINS, yr, yi, expected)


cdef void _correct(Echo *e, const float *er, const float *ei, const float *expected) noexcept nogil:
    """The filter follows the error as far as both certainties allow."""
    cdef float share[BINS]
    cdef float mean = 0, least
    cdef int part, row, k
    for k in range(BINS):
        share[k] = er[k] * er[k] + ei[k] * ei[k]
        mean += share[k]
    least = mean / (4 * (STEP + 1))  # a loud tone is in all bins, and turns there in step with others
    for k in range(BINS):
        e.psi[k] = SMOOTH * e.psi[k] + (1 - SMOOTH) * (share[k] if share[k] > least else least)
        share[k] = 1 / (expected[k] + 2 * e.psi[k] + LEAST_PSI)
    for part in range(PARTS):
        row = (e.at + PARTS - part) % PARTS
        seat_echo_follow(e.xr[row], e.xi[row], er, ei, share, FADE, KEEP, BINS, e.wr[part], e.wi[part], e.p[part])


cdef void _bind(Echo *e) noexcept nogil:
    """One part each step is made causal again: its second half is no echo of it."""
    cdef float w[2 * STEP]
    e.bound = (e.bound + 1) % PARTS
    _backward(e.wr[e.bound], e.wi[e.bound], w)
    memset(w + STEP, 0, STEP * sizeof(float))
    _forward(w, e.wr[e.bound], e.wi[e.bound])


cdef void _prove(Echo *e, float captured, float error) noexcept nogil:
    """Whether the filter helps, at the end of each window."""
    e.window_captured += captured
    e.window_error += error
    e.window_steps += 1
    if e.window_steps < WINDOW:
        return
    if e.window_error < <float>0.5 * e.window_captured:
        e.proven = True
    elif e.window_error > <float>1.1 * e.window_captured + WINDOW * (QUIET + STEP * e.grain):
        e.proven = False
    e.window_captured = e.window_error = 0
    e.window_steps = 0


cdef float _noise(Echo *e) noexcept nogil:
    """Even noise of mean square 1."""
    e.random = e.random * 1664525 + 1013904223
    return <float>(<int32_t>e.random) * <float>(1.7320508 / 2147483648.0)


cdef void _listen(Echo *e, float energy) noexcept nogil:
    """The line's own noise: the quietest step of the last half second or whole."""
    e.floor_next = min(e.floor_next, energy / STEP)
    e.floor_steps += 1
    if e.floor_steps >= FLOOR_STEPS:
        e.floor = e.floor_next
        e.floor_next = <float>1e12
        e.floor_steps = 0
    e.floor = min(e.floor, e.floor_next)


cdef void _soften(Echo *e, float *error, float wanted) noexcept nogil:
    """The gain goes to what is wanted, up at once and down in some steps; the line's noise fills what it takes away."""
    cdef float to = wanted if wanted > e.gain else e.gain + (wanted - e.gain) * <float>0.5
    cdef float step = (to - e.gain) / STEP, noise = sqrt(e.floor)
    cdef int k
    if to > <float>0.999 and e.gain > <float>0.999:
        e.gain = 1
        return
    for k in range(STEP):
        e.gain += step
        error[k] = error[k] * e.gain + (1 - e.gain) * noise * _noise(e)
    e.gain = to


cdef void _step(Echo *e, int16_t *out) noexcept nogil:
    cdef float x[2 * STEP]
    cdef float d[STEP]
    cdef float padded[2 * STEP]
    cdef float y[2 * STEP]
    cdef float yr[BINS]
    cdef float yi[BINS]
    cdef float expected[BINS]
    cdef float wrong = 0, energy, captured, echoed, wanted = 1, v, share
    cdef float *error = padded + STEP
    cdef int k
    memcpy(x, e.before, sizeof(e.before))
    for k in range(STEP):
        x[STEP + k] = e.far[k]
        d[k] = e.near[k]
    memcpy(e.before, x + STEP, sizeof(e.before))
    captured = _energy(d)
    if _energy(x + STEP) > QUIET:
        e.active = PARTS + 1
    if e.active == 0 and e.gain == 1:  # the filter has nothing to work on
        _listen(e, captured)
        memcpy(out, e.near, sizeof(e.near))
        return
    e.at = (e.at + 1) % PARTS
    _forward(x, e.xr[e.at], e.xi[e.at])
    _estimate(e, yr, yi, expected)
    _backward(yr, yi, y)
    memset(padded, 0, STEP * sizeof(float))
    for k in range(STEP):
        error[k] = d[k] - y[STEP + k]
    energy = _energy(error)
    echoed = _energy(y + STEP)
    if e.active:
        e.active -= 1
        _forward(padded, yr, yi)
        _correct(e, yr, yi, expected)
        _bind(e)
        for k in range(BINS):
            wrong += expected[k]
        _prove(e, captured, energy)
        e.residual = max(OVER * wrong / (2 * STEP) + UNKNOWN * echoed + (OVER * STEP * e.grain if echoed > STEP * 400 else 0), <float>0.6 * e.residual)
        e.loud = max(energy, <float>0.3 * e.loud)
        if e.proven:
            wanted = max(LEAST_GAIN, 1 - e.residual / (e.loud + 1))
        e.with_echo += (captured - e.with_echo) * <float>0.004
    share = <float>(1.0 / STEP) if e.proven else <float>(-1.0 / STEP)
    for k in range(STEP):
        v = e.share + share * (k + 1)
        v = 1 if v > 1 else (0 if v < 0 else v)
        error[k] = d[k] - v * y[STEP + k]
    e.share = 1 if e.proven else 0
    _listen(e, energy)
    _soften(e, error, wanted)
    if e.active:
        e.without += (_energy(error) - e.without) * <float>0.004
        if e.without > 4 * e.with_echo + STEP * 10000:  # it makes matters worse: begin again
            memset(e.wr, 0, sizeof(e.wr))
            memset(e.wi, 0, sizeof(e.wi))
            echo_shaken(e)
            e.without = e.with_echo
    for k in range(STEP):
        v = error[k]
        v = 32767 if v > 32767 else (-32768 if v < -32768 else v)
        out[k] = <int16_t>(<int32_t>(v + <float>32768.5) - 32768)


cdef float echo_loss(const Echo *e) noexcept nogil:
    """How much less there is of what was captured while something was played, as a ratio of powers; 0: not known."""
    return e.with_echo / e.without if e.without > 0 else 0


cdef Py_ssize_t echo_feed(Echo *e, const int16_t *x, Py_ssize_t n, int16_t *out) noexcept nogil:
    """n captured samples; returns how many came out (room for n + STEP - 1); the rest of a step waits for what comes next."""
    cdef Py_ssize_t i, made = 0
    if not e.on:
        memcpy(out, x, n * sizeof(int16_t))
        return n
    for i in range(n):
        e.near[e.n] = x[i]
        if e.played_n:
            e.far[e.n] = e.played[e.played_at]
            e.played_at = (e.played_at + 1) % PLAYED
            e.played_n -= 1
        else:
            e.far[e.n] = 0
        e.n += 1
        if e.n == STEP:
            e.n = 0
            _step(e, out + made)
            made += STEP
    return made


cdef class Canceller:
    """The same over whole sounds, for tests and the bench."""

    cdef Echo e

    def __cinit__(self, float grain=0):
        """grain: mean square of what the codec adds beside its logarithm (unsigned8: 5461)."""
        self.e.on = True
        self.e.grain = grain
        echo_reset(&self.e)

    def feed(self, const int16_t[::1] played, const int16_t[::1] captured):
        """Both of one length, a multiple of 32 (int16, 8 kHz): what was captured, less the echo of what was played."""
        cdef Py_ssize_t at, step, n = played.shape[0]
        if captured.shape[0] != n or n % STEP:
            raise ValueError("two sounds of one length, a multiple of 32")
        out = np.empty(n, np.int16)
        cdef int16_t[::1] view = out
        with nogil:
            for step in range(n // STEP):
                at = step * STEP
                echo_played(&self.e, &played[at], STEP)
                echo_feed(&self.e, &captured[at], STEP, &view[at])
        return out
