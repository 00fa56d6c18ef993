"""Ordered lists threaded through arrays: idle agents, waiting callers, timers of one length.

Keys are distinct pairs (major, minor). New entries belong nearly always to an end, so `put` walks inwards from both ends.
"""
from libc.stdint cimport int32_t, int64_t


cdef struct Link:
    int64_t major
    int64_t minor
    int32_t prev
    int32_t next


cdef struct Ends:
    int32_t head
    int32_t tail
    int32_t n


cdef inline bint less(const Link *links, int32_t x, int32_t y) noexcept nogil:
    if links[x].major != links[y].major:
        return links[x].major < links[y].major
    return links[x].minor < links[y].minor


cdef inline void empty(Ends *ends) noexcept nogil:
    ends.head = ends.tail = -1
    ends.n = 0


cdef inline void _between(Link *links, Ends *ends, int32_t prev, int32_t x, int32_t next) noexcept nogil:
    links[x].prev = prev
    links[x].next = next
    if prev < 0:
        ends.head = x
    else:
        links[prev].next = x
    if next < 0:
        ends.tail = x
    else:
        links[next].prev = x
    ends.n += 1


cdef inline void put(Link *links, Ends *ends, int32_t x) noexcept nogil:
    cdef int32_t last = ends.tail, first = ends.head
    while True:
        if last < 0 or less(links, last, x):
            _between(links, ends, last, x, ends.head if last < 0 else links[last].next)
            return
        last = links[last].prev
        if less(links, x, first):
            _between(links, ends, links[first].prev, x, first)
            return
        first = links[first].next


cdef inline void take(Link *links, Ends *ends, int32_t x) noexcept nogil:
    cdef int32_t prev = links[x].prev, next = links[x].next
    if prev < 0:
        ends.head = next
    else:
        links[prev].next = next
    if next < 0:
        ends.tail = prev
    else:
        links[next].prev = prev
    ends.n -= 1
