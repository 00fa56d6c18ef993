from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    TAPS = 24  # of the resampling filter (SEAT_TAPS of kernels.h)
    HISTORY = 12  # samples behind the position that the filter needs
    PAST = 320  # samples before those: what a gap is filled from
    BEHIND = 332  # both: where the position is
    AHEAD = 12  # and before it
    ROOM = 8192  # samples: 1 s
    SLACK = 1024  # samples that may be behind all that before the rest is moved to the front
    BEYOND = 64  # and room in which the filter may read without weight
    WINDOW = 25  # ticks (0.5 s) whose smallest level counts
    BURST = 1600  # samples: modules send up to so many at once (serial-lines 3.1)
    SHORTEST = 80  # samples: one or more periods of a voice of 50 Hz and above are between these two
    LONGEST = 160
    WHOLE = 80  # samples (10 ms) that are made up at full level
    MADE = 480  # samples (60 ms) at whose end nothing is left of it
    SHRINK = 80  # samples by which the target comes back
    CALM = 1000  # ticks (20 s) in which nothing came late, for that
    TRIM = 240  # samples (30 ms) of surplus, held for the whole window, that are cut out at once
    HISS = 1500  # ticks (30 s) after which a line that gives nothing is silent: so long a seat that has vanished keeps its call
    SHAKEN = 75  # ticks (1.5 s) after a stall in which 5 ms more than before it are cut out too


cdef struct Elastic:
    int16_t buf[ROOM + SLACK + BEYOND]
    Py_ssize_t begin, fill  # what is kept; the position is BEHIND after its begin
    uint32_t frac  # of a sample, beyond the position, in 2**-32
    int64_t step  # input samples per output sample, in 2**-32
    bint playing
    bint fresh  # fade in: the next sound follows silence
    Py_ssize_t target  # samples that shall be left at the worst moment
    Py_ssize_t limit  # more than this at once is a stall's backlog
    Py_ssize_t behind  # frames that a late box will now take in a row; 0: not late
    Py_ssize_t pushed, burst  # samples that came in this tick; the largest portion while waiting to begin
    Py_ssize_t base, most  # the target where nothing comes late, and the most it may become
    int shaken  # ticks until a stall is over and done with
    int calm, silent  # frames since something came late; since it is silent
    int16_t period[LONGEST]  # what a gap is filled with, while `made` is not 0
    Py_ssize_t lag, made  # its length, and how many samples were made up in a row
    double smooth  # filtered distance from the target, samples
    int16_t seen[WINDOW]
    Py_ssize_t least  # of them
    int at
    double hiss, loudest  # mean square of the noise of the sound itself, which goes on where there is none; the most that is played of it
    float pole  # its shape: 0 white, above 0 dull
    float hissed  # its last sample
    uint32_t random
    int unreal  # frames until what comes out is sound that came in, and nothing else
    uint64_t underruns, flushed, made_up


cdef void elastic_reset(Elastic *e, Py_ssize_t target) noexcept nogil
cdef void elastic_adapt(Elastic *e, Py_ssize_t most) noexcept nogil
cdef void elastic_push(Elastic *e, const int16_t *x, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t elastic_level(const Elastic *e) noexcept nogil
cdef Py_ssize_t elastic_ready(const Elastic *e) noexcept nogil
cdef void elastic_pull(Elastic *e, int16_t *out, Py_ssize_t n) noexcept nogil
cdef bint elastic_frame(Elastic *e, int16_t *out) noexcept nogil
cdef void elastic_control(Elastic *e, Py_ssize_t measure, Py_ssize_t target) noexcept nogil
cdef void elastic_drop(Elastic *e, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t elastic_surplus(const Elastic *e, Py_ssize_t target) noexcept nogil
cdef Py_ssize_t elastic_excess(Elastic *e, Py_ssize_t target) noexcept nogil
cdef void elastic_settle(Elastic *e, Py_ssize_t measure) noexcept nogil
cdef void elastic_splice(Elastic *e, int16_t *out, Py_ssize_t n, Py_ssize_t surplus) noexcept nogil
