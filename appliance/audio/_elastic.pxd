from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    TAPS = 32  # of the resampling filter
    HISTORY = 16  # samples behind the position that the filter needs
    AHEAD = 16  # and before it
    ROOM = 8192  # samples: 1 s
    WINDOW = 25  # ticks (0.5 s) whose smallest level counts
    BURST = 1600  # samples: modules send up to so many at once (serial-lines 3.1)
    TRIM = 240  # samples (30 ms) of surplus, held for the whole window, that are cut out at once


cdef struct Elastic:
    int16_t buf[ROOM]
    Py_ssize_t fill  # samples in buf; the position is HISTORY
    uint32_t frac  # of a sample, beyond the position, in 2**-32
    int64_t step  # input samples per output sample, in 2**-32
    bint playing
    bint fresh  # fade in: the next sound follows silence
    Py_ssize_t target  # samples that shall be left at the worst moment
    Py_ssize_t limit  # more than this at once is a stall's backlog
    Py_ssize_t behind  # frames that a late box will now take in a row; 0: not late
    Py_ssize_t pushed, burst  # samples that came in this tick; the largest portion while waiting to begin
    double smooth  # filtered distance from the target, samples
    Py_ssize_t seen[WINDOW]
    int at
    uint64_t underruns, flushed


cdef void elastic_reset(Elastic *e, Py_ssize_t target) noexcept nogil
cdef void elastic_push(Elastic *e, const int16_t *x, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t elastic_level(const Elastic *e) noexcept nogil
cdef Py_ssize_t elastic_ready(const Elastic *e) noexcept nogil
cdef void elastic_pull(Elastic *e, int16_t *out, Py_ssize_t n) noexcept nogil
cdef bint elastic_frame(Elastic *e, int16_t *out) noexcept nogil
cdef void elastic_control(Elastic *e, Py_ssize_t measure, Py_ssize_t target) noexcept nogil
cdef void elastic_drop(Elastic *e, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t elastic_surplus(const Elastic *e, Py_ssize_t target) noexcept nogil
cdef void elastic_settle(Elastic *e, Py_ssize_t measure) noexcept nogil
cdef void elastic_splice(Elastic *e, int16_t *out, Py_ssize_t n, Py_ssize_t surplus) noexcept nogil
