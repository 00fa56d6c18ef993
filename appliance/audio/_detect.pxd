from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t

cdef enum:
    HOP = 40  # samples: 5 ms
    SPAN = 80  # a window: 10 ms
    FRAME_ = 160
    MOST_TONES = 8  # of a country, and different sets of frequencies
    MOST_PARTS = 6  # of a cadence

cdef enum Heard:
    NOTHING = 0
    BUSY = 1
    RINGBACK = 2
    DIAL = 3
    FAX_CALLS = 4
    FAX_ANSWERS = 5
    CONGESTION = 6
    KEY = 256  # + the character


cdef struct Keys:
    int candidate  # the key of the windows now going by, or -1
    int hits
    int misses
    int held  # the key that was reported and is still down, or -1
    double angle_low, angle_high  # phases of the last window


cdef struct Frequencies:
    int n  # one, or two at once
    double inverse[16]  # of the products of their waves with each other, under the window
    double least  # share of the energy that must be theirs


cdef struct Pattern:
    int word  # of Heard
    int hz  # place of its frequencies
    int parts  # 0: without end
    int part[MOST_PARTS]  # on, off, on, off ... in steps of 10 ms
    int tolerance
    int known_after


cdef struct ToneTable:
    int n_hz, n_patterns, rows
    Frequencies hz[MOST_TONES]
    Pattern pattern[MOST_TONES]
    int16_t wave[4 * MOST_TONES][FRAME_]  # cosine and sine of each frequency, windowed


cdef class Tones:
    cdef ToneTable table


cdef struct Track:
    bint on
    int changing  # windows that say otherwise
    int length  # of the present state, in steps of 10 ms


cdef struct Progress:
    int at  # the part of the cadence that is due, or -1: it has not begun
    int heard  # steps of the parts that were right
    bint told


cdef struct Cadence:
    ToneTable *tones  # NULL: of no country
    bint on  # any of its tones
    Track track[MOST_TONES]
    Progress progress[MOST_TONES]
    int calling, answering  # frames of 1100 and 2100 Hz in a row
    bint calling_told, answering_told


cdef int keys_feed(Keys *keys, const int16_t *frame) noexcept nogil
cdef int cadence_feed(Cadence *cadence, const int16_t *frame) noexcept nogil
cdef void keys_reset(Keys *keys) noexcept nogil
cdef void cadence_reset(Cadence *cadence) noexcept nogil
