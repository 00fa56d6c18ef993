from libc.stdint cimport int64_t


cdef object make(int code, int64_t call, int64_t agent, int64_t until_ms)


cdef class Made:
    cdef readonly int64_t call, agent, until_ms
