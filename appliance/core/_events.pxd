"""What comes next: a binary heap of (time, item), each item in it at most once; `pos` says where, and is -1 for who is not in it.

Of equal times the smaller item is first. `pos` is looked up with `item & mask`, so that callers may live in a ring of growing numbers.
"""
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport realloc

cdef enum: ABSENT = -1

cdef struct Due:
    int64_t time
    int64_t item


cdef struct Heap:
    Due *due
    int32_t n
    int32_t cap


cdef inline bint room(Heap *heap, int64_t n) noexcept nogil:
    """For n items; False where memory is out."""
    cdef void *more
    if n <= heap.cap:
        return True
    more = realloc(heap.due, <size_t>(2 * n + 8) * sizeof(Due))
    if more == NULL:
        return False
    heap.due = <Due *>more
    heap.cap = <int32_t>(2 * n + 8)
    return True


cdef inline bint _before(Due x, Due y) noexcept nogil:
    return x.time < y.time or (x.time == y.time and x.item < y.item)


cdef inline void _rise(Heap *heap, int32_t *pos, int64_t mask, int32_t i, Due one) noexcept nogil:
    cdef int32_t parent
    while i > 0:
        parent = (i - 1) >> 1
        if not _before(one, heap.due[parent]):
            break
        heap.due[i] = heap.due[parent]
        pos[heap.due[i].item & mask] = i
        i = parent
    heap.due[i] = one
    pos[one.item & mask] = i


cdef inline void _sink(Heap *heap, int32_t *pos, int64_t mask, int32_t i, Due one) noexcept nogil:
    cdef int32_t child
    while True:
        child = 2 * i + 1
        if child >= heap.n:
            break
        if child + 1 < heap.n and _before(heap.due[child + 1], heap.due[child]):
            child += 1
        if not _before(heap.due[child], one):
            break
        heap.due[i] = heap.due[child]
        pos[heap.due[i].item & mask] = i
        i = child
    heap.due[i] = one
    pos[one.item & mask] = i


cdef inline void cancel(Heap *heap, int32_t *pos, int64_t mask, int64_t item) noexcept nogil:
    """Also where it is not in the heap."""
    cdef int32_t i = pos[item & mask]
    cdef Due last
    if i == ABSENT:
        return
    pos[item & mask] = ABSENT
    heap.n -= 1
    if i < heap.n:
        last = heap.due[heap.n]
        if i > 0 and _before(last, heap.due[(i - 1) >> 1]):
            _rise(heap, pos, mask, i, last)
        else:
            _sink(heap, pos, mask, i, last)


cdef inline void plan(Heap *heap, int32_t *pos, int64_t mask, int64_t item, int64_t time) noexcept nogil:
    """In place of what was planned for it. There must be `room`."""
    cdef Due one
    one.time = time
    one.item = item
    cancel(heap, pos, mask, item)
    heap.n += 1
    _rise(heap, pos, mask, heap.n - 1, one)
