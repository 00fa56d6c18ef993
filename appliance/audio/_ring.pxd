from libc.stdint cimport int16_t, int64_t, uint8_t, uint64_t


cdef extern from *:
    """
    #include <stdint.h>
    static inline uint64_t seat_load(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
    static inline void seat_store(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
    static inline void seat_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
    """
    uint64_t seat_load(const uint64_t *p) noexcept nogil
    void seat_store(uint64_t *p, uint64_t v) noexcept nogil
    void seat_fence() noexcept nogil


cdef struct Ring:
    # each counter has a cache line of its own: two cores never fight over one
    uint64_t claimed
    uint64_t written
    uint8_t pad1[48]
    uint64_t read
    uint64_t lost
    uint8_t pad2[48]
    uint64_t size
    uint8_t pad3[56]
    uint8_t data[1]


cdef Ring *ring_new(uint64_t size) noexcept nogil
cdef uint64_t ring_bytes(uint64_t size) noexcept nogil
cdef void ring_reset(Ring *ring, uint64_t size) noexcept nogil
cdef void ring_push(Ring *ring, uint64_t size, const uint8_t *src, uint64_t n) noexcept nogil
cdef bint ring_offer(Ring *ring, uint64_t size, const uint8_t *src, uint64_t n) noexcept nogil
cdef uint64_t ring_pull(Ring *ring, uint64_t size, uint8_t *dst, uint64_t n, uint64_t keep) noexcept nogil
cdef uint64_t ring_waiting(Ring *ring) noexcept nogil
cdef uint64_t ring_room(Ring *ring, uint64_t size) noexcept nogil

cdef enum:
    SHARED_SIZE = 16384  # bytes a direction: 1.024 s of sound


cdef class SharedRings:
    cdef uint8_t *base
    cdef readonly str name
    cdef Ring *to_box
    cdef Ring *from_box
    cdef int users
