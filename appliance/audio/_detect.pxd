from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t

cdef enum:
    HOP = 40  # samples: 5 ms
    SPAN = 80  # a window: 10 ms
    FRAME_ = 160

cdef enum Heard:
    NOTHING = 0
    BUSY = 1
    RINGBACK = 2
    DIAL = 3
    FAX_CALLS = 4
    FAX_ANSWERS = 5
    KEY = 256  # + the character


cdef struct Keys:
    int candidate  # the key of the windows now going by, or -1
    int hits
    int misses
    int held  # the key that was reported and is still down, or -1
    double angle_low, angle_high  # phases of the last window


cdef struct Cadence:
    bint on
    int changing  # windows that say otherwise
    int length  # of the present state, in steps of 10 ms
    int last_on
    int short_runs, long_runs  # unbroken halves of 0.35 s and 0.7 s
    bint busy_told, ringback_told, dial_told
    int calling, answering  # frames of 1100 and 2100 Hz in a row
    bint calling_told, answering_told


cdef int keys_feed(Keys *keys, const int16_t *frame) noexcept nogil
cdef int cadence_feed(Cadence *cadence, const int16_t *frame) noexcept nogil
cdef void keys_reset(Keys *keys) noexcept nogil
cdef void cadence_reset(Cadence *cadence) noexcept nogil
