"""The elastic buffer between two clocks: a modem's 8 kHz and the box's (A4; pitfall 5 of decisions.md).

Why Cython: it runs for each port and direction in each tick, without the GIL.
What it does: sound is pushed as it comes and pulled by frames, through a fractional-delay filter whose step is within some hundred
millionths of 1; while it is exactly 1 samples are copied. The smallest level of the last 0.5 s is held at a target (so bursts do not count as depth) by a slow pull of
first order: a sample too many makes the step 1/(8000 * 90) larger, one too few twice that smaller. 100 ppm of clock difference is 72 samples
too many or 36 too few, and a tone stays a tone. A surplus that stays is cut out with a cross-fade of 5 ms: 30 ms at any time (drift of 200 ppm makes 18), and in the 1.5 s after a stall
whatever is 5 ms more than it had been; so no stall leaves more than that, in whatever portions the sound came back.
Running dry counts, and is filled with whole periods of what was heard last, as G.711's appendix I does for lost packets: what comes late is
then in step with them, and what was made up is the new reserve. Within 60 ms they fade into noise as soft and dull as the sound's own (`hiss`,
which its owner measures; where there is none, into silence), which goes on until the target is there again, 30 s at most.
"""

import numpy as np

from libc.math cimport floor, sqrt
from libc.string cimport memcpy, memmove, memset

from appliance.audio._dsp cimport FRAME, RAMP, crossfade, resample

cdef enum:
    PHASES = 1024  # the nearest one is taken

cdef double PULL_SAMPLES = 8000.0 * 90.0  # n samples too many are worked off at n / PULL_SAMPLES; too few twice as fast, as they are the reserve
cdef int64_t ONE = <int64_t>1 << 32
cdef uint32_t NEARLY = 1 << 21  # a position so near a whole sample takes its phase
cdef float FILTER[PHASES + 1][TAPS]
cdef double UNEVEN = 26755.0  # root mean square of the sum of two halves of a random number
cdef double BAND = 0.85  # of 4 kHz: up to here a fractional delay is right, -48 dB and less; what lines carry ends at 3.4 kHz


def _fill_filter():
    """The taps of each phase with the least mean error over the band (Laakso et al. 1996, 3.2); each sums to 1, so a constant stays itself.

    A whole sample's delay is that sample alone.
    """
    cdef int phase, k
    cdef double[:, ::1] table
    at = np.arange(TAPS)
    likeness = np.sinc(BAND * (at[:, None] - at[None, :]))
    wanted = np.sinc(BAND * (at[:, None] - (HISTORY - 1) - np.arange(PHASES + 1)[None, :] / PHASES))
    taps = np.linalg.solve(likeness, wanted)
    table = np.ascontiguousarray((taps / taps.sum(0)).T)
    for phase in range(PHASES + 1):
        for k in range(TAPS):
            FILTER[phase][k] = <float>table[phase, k]


_fill_filter()


cdef void elastic_settle(Elastic *e, Py_ssize_t measure) noexcept nogil:
    """Forget what was seen: from here on the level is taken to be `measure`."""
    cdef int i
    for i in range(WINDOW):
        e.seen[i] = <int16_t>measure
    e.least = measure


cdef void elastic_reset(Elastic *e, Py_ssize_t target) noexcept nogil:
    """Empty, not playing, with silence as history."""
    memset(e.buf, 0, (BEHIND + 1) * sizeof(int16_t))
    e.begin = 0
    e.fill = BEHIND
    e.frac = 0
    e.step = ONE
    e.playing = False
    e.fresh = True
    e.base = e.most = target
    _aim(e, target)
    e.calm = 0
    e.made = 0
    e.silent = WINDOW
    e.smooth = 0
    e.at = 0
    e.behind = 0
    e.pushed = 0
    e.burst = FRAME
    e.hiss = e.hissed = 0
    e.unreal = 2
    elastic_settle(e, target)


cdef void _aim(Elastic *e, Py_ssize_t target) noexcept nogil:
    e.target = target
    e.limit = target + 1760


cdef void elastic_adapt(Elastic *e, Py_ssize_t most) noexcept nogil:
    """What comes late makes the target a frame longer, to at most this; 20 s without make it 10 ms shorter, down to what it was."""
    e.most = max(most, e.base)


cdef void _late(Elastic *e) noexcept nogil:
    """What had been missing has come."""
    e.calm = 0
    if e.target < e.most:
        _aim(e, min(e.most, e.target + FRAME))


cdef Py_ssize_t elastic_level(const Elastic *e) noexcept nogil:
    """Samples that wait (the last AHEAD of them are seen by the filter only)."""
    return e.fill - e.begin - BEHIND


cdef Py_ssize_t elastic_ready(const Elastic *e) noexcept nogil:
    """How many output samples can be pulled now."""
    cdef int64_t room
    cdef Py_ssize_t level = elastic_level(e) - AHEAD
    if level <= 0:
        return 0
    room = ((<int64_t>level << 32) - e.frac) // e.step
    return <Py_ssize_t>room


cdef void elastic_drop(Elastic *e, Py_ssize_t n) noexcept nogil:
    """Forgets the n oldest waiting samples."""
    if n <= 0:
        return
    e.begin += min(n, elastic_level(e))
    if e.begin >= SLACK:  # back to the front, once in some frames
        e.fill -= e.begin
        memmove(e.buf, e.buf + e.begin, e.fill * sizeof(int16_t))
        e.begin = 0


cdef int32_t _left(Py_ssize_t made) noexcept nogil:
    """Level of made-up sound after so many samples of it; 1.0 is 32768."""
    if made <= WHOLE:
        return 32768
    if made >= MADE:
        return 0
    return <int32_t>((MADE - made) * 32768 / (MADE - WHOLE))


cdef void _find_period(Elastic *e) noexcept nogil:
    """The length after which the newest sound is most like itself, and the newest sound of that length; its ends fit together."""
    cdef const int16_t *end = e.buf + e.fill
    cdef const int16_t *x
    cdef double like, best = -1e30
    cdef int64_t cross, power
    cdef Py_ssize_t lag, k
    cdef int32_t step
    e.lag = LONGEST
    for lag in range(SHORTEST, LONGEST + 1):
        x = end - LONGEST - lag
        cross = 0
        power = 1
        for k in range(LONGEST):
            cross += <int32_t>x[k] * <int32_t>x[k + lag]
            power += <int32_t>x[k] * <int32_t>x[k]
        like = <double>cross / sqrt(<double>power)
        if like > best:
            best = like
            e.lag = lag
    memcpy(e.period, end - e.lag, e.lag * sizeof(int16_t))
    step = (end - 1)[0] - (end - 1 - e.lag)[0]
    for k in range(RAMP):
        e.period[k] = <int16_t>max(-32768, min(32767, e.period[k] + step * (RAMP - <int32_t>k) / (RAMP + 1)))


cdef bint _hiss(Elastic *e, int16_t *out, Py_ssize_t n) noexcept nogil:
    """The next n samples of the sound's own noise; False where that is silence."""
    cdef double power = min(e.hiss, e.loudest)
    cdef float scale
    cdef int32_t white
    cdef Py_ssize_t k
    if power <= 0 or e.silent >= HISS:
        memset(out, 0, n * sizeof(int16_t))
        return False
    scale = <float>(sqrt(power * (1 - e.pole * e.pole)) / UNEVEN)
    e.random = e.random or 1
    for k in range(n):  # Marsaglia 2003; the sum of two halves
        e.random ^= e.random << 13
        e.random ^= e.random >> 17
        e.random ^= e.random << 5
        white = <int32_t>(e.random >> 16) + <int32_t>(e.random & 0xFFFF) - 65535
        e.hissed = e.pole * e.hissed + scale * white
        out[k] = <int16_t>floor(e.hissed + 0.5)
    return True


cdef void _into_hiss(Elastic *e, int16_t *out, Py_ssize_t n, int32_t begin, int32_t end) noexcept nogil:
    """The share of `out` goes from begin to end, of 32768 each, in a straight line; the rest is noise."""
    cdef int16_t noise[LONGEST]
    cdef int32_t share
    cdef Py_ssize_t k
    _hiss(e, noise, n)
    for k in range(n):
        share = begin + (end - begin) * <int32_t>k / <int32_t>n
        out[k] = <int16_t>((out[k] * share + noise[k] * (32768 - share)) >> 15)


cdef bint _make_up(Elastic *e) noexcept nogil:
    """One period more behind what there is; False where it would be noise alone."""
    cdef int16_t noise[LONGEST]
    cdef int32_t left
    cdef Py_ssize_t k
    if e.made >= MADE:
        return False
    if e.made == 0:
        _find_period(e)
        e.underruns += 1
    _hiss(e, noise, e.lag)
    for k in range(e.lag):
        left = _left(e.made + k)
        e.buf[e.fill + k] = <int16_t>((e.period[k] * left + noise[k] * (32768 - left)) >> 15)
    e.fill += e.lag
    e.made += e.lag
    e.made_up += e.lag
    e.unreal = <int>(elastic_level(e) / FRAME) + 2
    return True


cdef void elastic_push(Elastic *e, const int16_t *x, Py_ssize_t n) noexcept nogil:
    """Appends n samples; where there is no room the oldest go. After made-up ones they come up to their level in 5 ms."""
    cdef Py_ssize_t room = ROOM - BEHIND, ramp = min(n, RAMP)
    cdef int32_t left
    if n <= 0:
        return
    if n > room:
        x += n - room
        n = room
    if e.fill - e.begin + n > ROOM:
        e.flushed += e.fill - e.begin + n - ROOM
        elastic_drop(e, e.fill - e.begin + n - ROOM)
    memcpy(e.buf + e.fill, x, n * sizeof(int16_t))
    if e.made:
        _late(e)
        left = _left(e.made)
        _into_hiss(e, e.buf + e.fill, ramp, left, left + (32768 - left) * <int32_t>ramp / RAMP)
        e.made = 0
    e.fill += n
    e.pushed += n


cdef void _filter(const Elastic *e, int16_t *out, Py_ssize_t n) noexcept nogil:
    """n samples from the position on, without moving it. There must be enough: elastic_ready()."""
    if e.frac == 0 and e.step == ONE:
        memcpy(out, e.buf + e.begin + BEHIND, n * sizeof(int16_t))
    else:
        resample(e.buf + e.begin + BEHIND, e.frac, e.step, &FILTER[0][0], out, n)


cdef void elastic_pull(Elastic *e, int16_t *out, Py_ssize_t n) noexcept nogil:
    """n samples, which must be ready."""
    cdef int64_t pos = e.frac + n * e.step
    _filter(e, out, n)
    elastic_drop(e, <Py_ssize_t>(pos >> 32))
    e.frac = <uint32_t>pos


cdef void elastic_splice(Elastic *e, int16_t *out, Py_ssize_t n, Py_ssize_t surplus) noexcept nogil:
    """n samples (RAMP or more), which must be ready behind the `surplus` that is cut out, with a cross-fade over the cut."""
    cdef int16_t old[RAMP]
    _filter(e, old, RAMP)
    elastic_drop(e, surplus)
    e.flushed += surplus
    elastic_pull(e, out, n)
    crossfade(out, old)


cdef int16_t _least(const int16_t *seen) noexcept nogil:
    cdef int16_t least = seen[0]
    cdef Py_ssize_t i
    for i in range(1, WINDOW):
        least = min(least, seen[i])
    return least


cdef void elastic_control(Elastic *e, Py_ssize_t measure, Py_ssize_t target) noexcept nogil:
    """Once a tick, after pushing and pulling: `measure` is what is left now."""
    cdef double wrong
    e.seen[e.at] = <int16_t>measure
    e.at = (e.at + 1) % WINDOW
    e.least = _least(e.seen)
    wrong = elastic_surplus(e, target)
    e.smooth += (wrong - e.smooth) / 512
    if e.smooth > -0.02 and e.smooth < 0.02 and (e.frac < NEARLY or e.frac > -NEARLY):
        if e.frac > NEARLY:
            elastic_drop(e, 1)
        e.frac = 0
        e.step = ONE  # equal clocks: samples pass unchanged
    else:
        e.step = ONE + <int64_t>(e.smooth / (PULL_SAMPLES if e.smooth > 0 else PULL_SAMPLES / 2) * <double>ONE)


cdef Py_ssize_t elastic_surplus(const Elastic *e, Py_ssize_t target) noexcept nogil:
    """How far the smallest level of the window is above the target, samples."""
    return e.least - target


cdef Py_ssize_t elastic_excess(Elastic *e, Py_ssize_t target) noexcept nogil:
    """How much shall be cut out now; 0: nothing. Once a tick."""
    cdef Py_ssize_t surplus = elastic_surplus(e, target), usual
    if not e.shaken:
        return surplus if surplus >= TRIM else 0
    e.shaken -= 1
    usual = max(0, <Py_ssize_t>e.smooth)  # what the clocks' difference needs
    return surplus - usual if surplus - usual >= RAMP else 0


cdef void _fade_in(Elastic *e, int16_t *out) noexcept nogil:
    cdef int16_t before[RAMP]
    _hiss(e, before, RAMP)
    crossfade(out, before)


cdef void _run_dry(Elastic *e, int16_t *out) noexcept nogil:
    """What is left, faded into its noise, then that; the rest of a sample is thrown away."""
    cdef Py_ssize_t n = min(elastic_ready(e), FRAME - 1), ramp
    elastic_pull(e, out, n)
    ramp = min(n, RAMP)
    e.silent = 0
    if ramp > 0:
        _into_hiss(e, out + n - ramp, ramp, 32768 - 32768 / <int32_t>ramp, -32768 / <int32_t>ramp)
    _hiss(e, out + n, FRAME - n)
    elastic_drop(e, elastic_level(e))
    e.playing = False
    e.fresh = True
    e.frac = 0
    e.made = 0


cdef bint elastic_frame(Elastic *e, int16_t *out) noexcept nogil:
    """One frame for the mixer, always; False where it is noise or silence because there was no sound."""
    cdef Py_ssize_t surplus
    cdef Py_ssize_t pushed = e.pushed
    e.pushed = 0
    if not e.playing:
        if pushed <= BURST:  # more is a stall's backlog, and says nothing of what will come
            e.burst = max(e.burst, pushed)
        surplus = elastic_level(e) - e.target - e.burst
        if surplus < 0:
            e.made_up += FRAME if _hiss(e, out, FRAME) else 0
            e.silent += 1
            e.unreal = 2
            return False
        if e.silent < WINDOW:
            _late(e)
        e.silent = 0
        e.burst = FRAME
        e.flushed += surplus
        elastic_drop(e, surplus)
        e.playing = True
        e.shaken = SHAKEN
        e.frac = 0
        elastic_settle(e, e.target)
    while elastic_ready(e) < FRAME:
        if not _make_up(e):
            _run_dry(e, out)
            return True
    if e.behind or elastic_level(e) > e.limit:
        surplus = elastic_level(e) - e.target - FRAME * max(e.behind, 1)
        e.shaken = SHAKEN
    else:
        surplus = elastic_excess(e, e.target)
    e.behind = 0
    if surplus > 0:
        elastic_splice(e, out, FRAME, surplus)
        elastic_settle(e, e.target)
    else:
        elastic_pull(e, out, FRAME)
    if e.fresh:
        _fade_in(e, out)
    e.fresh = False
    if e.unreal:
        e.unreal -= 1
    e.calm += 1
    if e.calm >= CALM and e.target > e.base:
        e.calm = 0
        _aim(e, max(e.base, e.target - SHRINK))
    elastic_control(e, elastic_level(e), e.target)
    return True


def run_elastic(const int16_t[::1] sound, const int64_t[::1] pushes, Py_ssize_t target=320, Py_ssize_t most=0):
    """For tests and the bench: in each tick push that many samples, pull a frame; `most`: see elastic_adapt.

    Gives (frames, levels, underruns, flushed).
    """
    cdef Elastic e
    cdef Py_ssize_t ticks = pushes.shape[0], i, at = 0
    out = np.zeros(ticks * FRAME, np.int16)
    levels = np.zeros(ticks, np.int64)
    cdef int16_t[::1] pcm = out
    cdef int64_t[::1] level = levels
    memset(&e, 0, sizeof(e))
    elastic_reset(&e, target)
    elastic_adapt(&e, most)
    for i in range(ticks):
        if at + pushes[i] > sound.shape[0]:
            raise ValueError("the sound is shorter than what shall be pushed")
        if pushes[i]:
            elastic_push(&e, &sound[at], pushes[i])
            at += pushes[i]
        elastic_frame(&e, &pcm[i * FRAME])
        level[i] = elastic_level(&e)
    return out, levels, e.underruns, e.flushed


cdef class ElasticBuffer:
    """One such buffer for a tick of another process (a headset's, A2): whole samples of 8 kHz int16 in, frames of 160 out.

    `target` and `most` in samples, as in `run_elastic`. One thread's.
    """

    cdef Elastic e

    def __cinit__(self, Py_ssize_t target=320, Py_ssize_t most=0):
        elastic_reset(&self.e, target)
        elastic_adapt(&self.e, most)

    def push(self, bytes sound not None) -> None:
        """What has come since last time; may be nothing."""
        cdef const uint8_t *raw = sound
        if len(sound) % 2:
            raise ValueError("sound comes in whole samples of two bytes")
        elastic_push(&self.e, <const int16_t *>raw, len(sound) // 2)

    def frame(self) -> bytes:
        """The next 20 ms, always."""
        cdef int16_t out[FRAME]
        elastic_frame(&self.e, out)
        return (<char *>out)[:FRAME * 2]

    @property
    def level(self) -> int:
        """Samples that wait."""
        return elastic_level(&self.e)

    @property
    def underruns(self) -> int:
        """How often it ran dry."""
        return self.e.underruns
