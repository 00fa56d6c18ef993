from libc.stdint cimport int16_t, int64_t

cdef enum Told:
    PERSON = 1  # bits
    MACHINE = 2
    BEEP = 4


cdef struct Answer:
    bint on
    int ticks  # since the far end answered
    int64_t floor  # the quietest frame lately
    int spoken  # frames from the first word's begin to the last one's end; 0: nobody has spoken
    int voiced  # of these, those with voice
    int quiet  # frames since the last with voice
    int loud  # frames in a row above the noise
    int tone  # frames in a row of one steady tone
    bint alone  # it began in silence, and is none of the exchange's
    double hz, level  # the tone's
    int after  # frames since a tone that may have been a beep; 0: none
    int told  # bits of Told


cdef void answer_begin(Answer *answer) noexcept nogil
cdef int answer_feed(Answer *answer, const int16_t *frame, int64_t power, bint network) noexcept nogil
