"""One timer an agent at most. Deadlines of one length come in order, so each length has a lane (a list); lengths past eight share a heap.

A cancelled timer leaves at once: nothing is deleted later. Order: (due, kind << 32 | agent id), rule 8.
"""
from libc.stdint cimport int16_t, int32_t, int64_t

from appliance.core._order cimport Ends, Link, less, put, take

cdef enum:
    LANES = 8
    NO_TIMER = -1


cdef struct Timers:
    Link *links
    int16_t *lane  # NO_TIMER, 0 .. LANES - 1, or LANES: in the heap
    int32_t *pos  # in the heap
    int32_t *heap
    int32_t n_heap
    int64_t soonest  # nothing need be done before, 0: something now; never later than `bound`
    int64_t bound  # no timer is due before; may be earlier than the first
    Ends ends[LANES]
    int64_t length[LANES]
    int32_t n_lanes  # the first so many have been used
    int32_t hint[4]  # the lane of this kind's last timer


cdef inline void _seat(Timers *t, int32_t i, int32_t x) noexcept nogil:
    t.heap[i] = x
    t.pos[x] = i


cdef inline void _up(Timers *t, int32_t i) noexcept nogil:
    cdef int32_t x = t.heap[i], parent
    while i > 0:
        parent = (i - 1) >> 1
        if not less(t.links, x, t.heap[parent]):
            break
        _seat(t, i, t.heap[parent])
        i = parent
    _seat(t, i, x)


cdef inline void _down(Timers *t, int32_t i) noexcept nogil:
    cdef int32_t x = t.heap[i], child
    while True:
        child = 2 * i + 1
        if child >= t.n_heap:
            break
        if child + 1 < t.n_heap and less(t.links, t.heap[child + 1], t.heap[child]):
            child += 1
        if not less(t.links, t.heap[child], x):
            break
        _seat(t, i, t.heap[child])
        i = child
    _seat(t, i, x)


cdef inline void stop(Timers *t, int32_t x) noexcept nogil:
    """Also where none runs."""
    cdef int32_t i
    if t.lane[x] == NO_TIMER:
        return
    if t.lane[x] < LANES:
        take(t.links, &t.ends[t.lane[x]], x)
    else:
        i = t.pos[x]
        t.n_heap -= 1
        if i < t.n_heap:
            _seat(t, i, t.heap[t.n_heap])
            _up(t, i)
            _down(t, i)
    t.lane[x] = NO_TIMER


cdef inline int32_t _lane(Timers *t, int64_t length) noexcept nogil:
    """Of this length; else the first that is empty, which is of this length from now on; else LANES: the heap."""
    cdef int32_t lane, chosen = LANES
    for lane in range(LANES):
        if t.length[lane] == length:
            return lane
        if chosen == LANES and t.ends[lane].n == 0:
            chosen = lane
    if chosen < LANES:
        t.length[chosen] = length
        t.n_lanes = max(t.n_lanes, chosen + 1)
    return chosen


cdef inline void start(Timers *t, int32_t x, int64_t now, int64_t due, int32_t kind, int64_t id) noexcept nogil:
    """Where none runs. Of these kinds there are four."""
    cdef int32_t lane = t.hint[kind]
    t.links[x].major = due
    t.links[x].minor = (<int64_t>kind << 32) | id
    if due < t.bound:
        t.bound = due
        if due < t.soonest:
            t.soonest = due
    if t.length[lane] != due - now:
        lane = _lane(t, due - now)
        t.hint[kind] = lane if lane < LANES else 0
    t.lane[x] = <int16_t>lane
    if lane < LANES:
        put(t.links, &t.ends[lane], x)
    else:
        _seat(t, t.n_heap, x)
        t.n_heap += 1
        _up(t, t.n_heap - 1)


cdef inline int32_t first(const Timers *t, int64_t *then) noexcept nogil:
    """Whose timer is due first, or -1. `then`: none of the others is due before; those behind it in its lane apart."""
    cdef int32_t lane, x, best = -1
    cdef int64_t due = 0x7fffffffffffffff, at
    then[0] = due
    if t.n_heap:
        best = t.heap[0]
        then[0] = due = t.links[best].major
    for lane in range(t.n_lanes):
        x = t.ends[lane].head
        if x < 0:
            continue
        at = t.links[x].major
        if at < due or (at == due and t.links[x].minor < t.links[best].minor):
            then[0] = min(then[0], due)
            best = x
            due = at
        elif at < then[0]:
            then[0] = at
    return best
