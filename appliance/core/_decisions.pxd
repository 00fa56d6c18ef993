from libc.stdint cimport int64_t


cdef object make(int code, int64_t call, int64_t agent, int64_t until_ms)


cdef class Offer:
    cdef readonly int64_t call, agent, until_ms


cdef class Ringing:
    cdef readonly int64_t call, agent, until_ms


cdef class Missed:
    cdef readonly int64_t call, agent


cdef class Rejected:
    cdef readonly int64_t call, agent


cdef class Withdrawn:
    cdef readonly int64_t call, agent


cdef class Connect:
    cdef readonly int64_t call, agent


cdef class Release:
    cdef readonly int64_t call, agent


cdef class WrapUp:
    cdef readonly int64_t agent, until_ms


cdef class Rests:
    cdef readonly int64_t agent, until_ms


cdef class Paused:
    cdef readonly int64_t agent


cdef class Free:
    cdef readonly int64_t agent


cdef class Requeued:
    cdef readonly int64_t call, agent


cdef class Refused:
    cdef readonly str why
