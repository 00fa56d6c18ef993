"""Ordered rings threaded through what they order: idle agents, timers of one length. A ring has one link that is no entry.

Keys are distinct pairs (major, minor). New entries belong nearly always to the end; who does not is found from both ends inwards.
"""
from libc.stdint cimport int64_t, uint64_t

from appliance.core._hints cimport rare

cdef extern from *:
    """
    #define LAST INT64_MAX /* no entry's major: the ring's own, so that an empty ring's first comes after all others */
    """
    int64_t LAST


cdef struct Link:
    int64_t major
    int64_t minor
    Link *prev
    Link *next


cdef inline void empty(Link *ring) noexcept nogil:
    ring.major = LAST
    ring.prev = ring.next = ring


cdef inline bint less(const Link *x, const Link *y) noexcept nogil:
    if x.major != y.major:
        return x.major < y.major
    return x.minor < y.minor


cdef inline Link *_before(Link *ring, const Link *x) noexcept nogil:
    """Behind whom it belongs."""
    cdef Link *last = ring.prev
    cdef Link *first = ring.next
    while last != ring and not less(last, x):
        last = last.prev
        if less(x, first):
            return first.prev
        first = first.next
    return last


cdef inline void _between(Link *last, Link *x, Link *next) noexcept nogil:
    x.prev = last
    x.next = next
    last.next = x
    next.prev = x


cdef inline void put(Link *ring, Link *x) noexcept nogil:
    cdef Link *last = ring.prev
    if rare(last.major >= x.major):
        last = _before(ring, x)
    _between(last, x, last.next)


cdef inline void put_after(Link *next, Link *x) noexcept nogil:
    """From here on, where its place is near."""
    while next.major < x.major:
        next = next.next
    while next.major == x.major and next.minor < x.minor:
        next = next.next
    _between(next.prev, x, next)


cdef inline void take(Link *x) noexcept nogil:
    x.prev.next = x.next
    x.next.prev = x.prev


cdef inline void settle_down(Link *ring, int64_t moved) noexcept nogil:
    """The ring's own link stands elsewhere, by so many bytes."""
    if <char *>ring.next == <char *>ring - moved:
        empty(ring)
    else:
        ring.next.prev = ring.prev.next = ring


cdef inline void shift(Link *x, const char *old, int64_t size, int64_t moved) noexcept nogil:
    """Those it points to in these bytes stand elsewhere."""
    if <uint64_t>(<char *>x.prev - old) < <uint64_t>size:
        x.prev = <Link *>(<char *>x.prev + moved)
    if <uint64_t>(<char *>x.next - old) < <uint64_t>size:
        x.next = <Link *>(<char *>x.next + moved)
