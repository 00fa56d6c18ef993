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


cdef inline bint _first(int64_t time, int64_t item, int64_t other_time, int64_t other) noexcept nogil:
    """Without a branch: which of two is first is a toss for the processor."""
    return (time < other_time) | ((time == other_time) & (item < other))


cdef inline void _seat(Due *due, int32_t *pos, int64_t mask, int32_t i, int64_t time, int64_t item) noexcept nogil:
    due[i].time = time
    due[i].item = item
    pos[item & mask] = i


cdef inline void _rise(Heap *heap, int32_t *pos, int64_t mask, int32_t i, int64_t time, int64_t item) noexcept nogil:
    cdef Due *due = heap.due
    cdef int64_t above, who
    cdef int32_t parent
    while i > 0:
        parent = (i - 1) >> 1
        above = due[parent].time
        who = due[parent].item
        if not _first(time, item, above, who):
            break
        _seat(due, pos, mask, i, above, who)
        i = parent
    _seat(due, pos, mask, i, time, item)


cdef inline void _sink(Heap *heap, int32_t *pos, int64_t mask, int32_t i, int64_t time, int64_t item) noexcept nogil:
    """All the way down along the first children, then up to its place: it comes from the bottom and belongs there mostly."""
    cdef Due *due = heap.due
    cdef int32_t child = 2 * i + 1, last = heap.n - 1
    cdef int64_t below, who
    while child < last:
        child += _first(due[child + 1].time, due[child + 1].item, due[child].time, due[child].item)
        below = due[child].time
        who = due[child].item
        _seat(due, pos, mask, i, below, who)
        i = child
        child = 2 * i + 1
    if child == last:
        _seat(due, pos, mask, i, due[child].time, due[child].item)
        i = child
    _rise(heap, pos, mask, i, time, item)


cdef inline void cancel(Heap *heap, int32_t *pos, int64_t mask, int64_t item) noexcept nogil:
    """Also where it is not in the heap."""
    cdef int32_t i = pos[item & mask]
    cdef Due *last
    if i == ABSENT:
        return
    pos[item & mask] = ABSENT
    heap.n -= 1
    if i < heap.n:
        last = &heap.due[heap.n]
        if i > 0 and _first(last.time, last.item, heap.due[(i - 1) >> 1].time, heap.due[(i - 1) >> 1].item):
            _rise(heap, pos, mask, i, last.time, last.item)
        else:
            _sink(heap, pos, mask, i, last.time, last.item)


cdef inline void plan(Heap *heap, int32_t *pos, int64_t mask, int64_t item, int64_t time) noexcept nogil:
    """In place of what was planned for it. There must be `room`."""
    cdef int32_t i = pos[item & mask]
    if i == ABSENT:
        heap.n += 1
        _rise(heap, pos, mask, heap.n - 1, time, item)
    elif time < heap.due[i].time:
        _rise(heap, pos, mask, i, time, item)
    else:
        _sink(heap, pos, mask, i, time, item)
