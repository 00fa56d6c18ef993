from libc.stdint cimport uint8_t


cdef struct Dle:
    bint pending  # the last byte was a DLE whose second byte has not come yet


cdef Py_ssize_t dle_decode(Dle *dle, const uint8_t *src, Py_ssize_t n, uint8_t *sound, Py_ssize_t *sounds,
                           uint8_t *events, Py_ssize_t *counts, Py_ssize_t room) noexcept nogil
cdef Py_ssize_t dle_encode(const uint8_t *src, Py_ssize_t n, uint8_t *dst) noexcept nogil
