from libc.stdint cimport int16_t, int32_t, int64_t, uint32_t

cdef enum:
    STEP = 32  # samples (4 ms) that are cancelled at once: a frame is five of them, nothing has to wait
    PARTS = 20  # of the filter, STEP samples each: 80 ms
    BINS = 36  # of a transform of 2 * STEP samples: 33, and three that fill the vectors
    PLAYED = 4096  # samples written and not yet met by a sample that was read

cdef struct Echo:
    bint on
    int16_t played[PLAYED]
    int played_at, played_n
    int16_t far[STEP]  # what was played, and what was captured with it
    int16_t near[STEP]
    int n
    float before[STEP]
    float xr[PARTS][BINS]  # spectra of what was played, a ring
    float xi[PARTS][BINS]
    float wr[PARTS][BINS]  # the filter
    float wi[PARTS][BINS]
    float p[PARTS][BINS]  # how far off it is, mean square
    float psi[BINS]  # power of what is not echo
    int at, bound
    int active  # steps until what was played is out of the filter
    bint proven  # that there is an echo, and that the filter knows it: before, what was captured passes as it is
    float share  # of the estimate that is taken out: 0 or 1, or on its way
    float window_captured, window_error
    int window_steps
    float gain, residual, loud
    float grain  # mean square that coarse quantising adds to an echo
    float floor, floor_next  # of the line's own noise, mean square
    int floor_steps
    uint32_t random
    float with_echo, without  # smoothed energies while something is played: the figure


cdef void echo_reset(Echo *e) noexcept nogil
cdef void echo_shaken(Echo *e) noexcept nogil
cdef void echo_played(Echo *e, const int16_t *x, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t echo_feed(Echo *e, const int16_t *x, Py_ssize_t n, int16_t *out) noexcept nogil
cdef float echo_loss(const Echo *e) noexcept nogil
