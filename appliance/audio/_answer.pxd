from libc.stdint cimport int16_t, int64_t

cdef enum:
    MEMORY = 256  # frames: more than the longest greeting that is not yet judged, and the pause behind it

cdef enum Told:
    PERSON = 1  # bits
    MACHINE = 2
    BEEP = 4


cdef struct Answer:
    bint on
    int ticks  # since the far end answered
    int64_t floor  # the quietest frame lately
    int64_t loudest  # of those with voice
    int64_t voice[MEMORY]  # energies of the last frames; 0 where there was none
    int voiced  # frames with voice in all
    int near  # frames in a row that may be the speaker's
    int tone  # frames in a row of one steady tone
    bint alone  # it began in silence, and is none of the exchange's
    double hz, level  # the tone's
    int after  # frames since a tone that may have been a beep; 0: none
    int told  # bits of Told


cdef void answer_begin(Answer *answer) noexcept nogil
cdef int answer_feed(Answer *answer, const int16_t *frame, int64_t power, bint network) noexcept nogil
