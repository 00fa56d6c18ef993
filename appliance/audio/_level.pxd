from libc.stdint cimport int16_t, int64_t

cdef enum:
    WAITS = 5  # frames that wait until it is known whether a key or a tone has begun with them

cdef struct Level:
    bint on
    double target  # energy of a frame of speech as it shall be
    double speech  # and as it has been
    int frames  # of which it is the mean, MEMORY at most
    double gain  # that speech shall have
    double now  # what the last sample of the last frame had: less where that frame is louder than there is room
    double waits[WAITS]  # energies; below 0: not speech
    double last  # energy of the last frame
    int steady  # frames in a row that had that of the one before: a tone
    bint was_tone
    int own  # frames that count as his own voice, unless another is loud enough
    double told  # energy of what was said to it, falling slowly: its echo may come back


cdef void level_reset(Level *level) noexcept nogil
cdef void level_heard(Level *level, int64_t power, int64_t told, bint speaking, bint tone) noexcept nogil
cdef bint level_frame(Level *level, const int16_t *frame, int16_t *out) noexcept nogil
