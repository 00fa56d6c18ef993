"""One timer an agent at most. Deadlines of one length come in order, so each length has a lane (a ring); lengths past eight share a heap.

A cancelled timer leaves at once: nothing is deleted later. Order: (due, kind << 32 | agent id), rule 8.
"""
from libc.stdint cimport int32_t, int64_t

from appliance.core._hints cimport rare
from appliance.core._order cimport LAST, Link, less, put, take

cdef extern from *:
    """
    #define TOO_LATE ((INT64_C(1) << 50) + 1) /* no time is */
    """
    int64_t TOO_LATE

cdef enum:
    LANES = 8
    NO_TIMER = -1
    IN_LANE = -2


cdef struct Timer:
    Link link
    int32_t at  # NO_TIMER, IN_LANE, or its place in the heap
    int32_t whose


cdef struct Timers:
    int64_t soonest  # nothing need be done before, 0: something now; never later than `bound`
    int64_t bound  # no timer is due before; may be earlier than the first
    int64_t others  # nor one outside the lane `next`; both TOO_LATE at most
    const Link *next  # the lane whose first one is probably due first, or NULL
    int64_t length[LANES]
    Link lanes[LANES]
    int32_t n_lanes  # the first so many have been used
    int32_t hint[4]  # the lane of this kind's last timer
    int32_t n_heap
    Timer **heap


cdef inline void _seat(Timers *t, int32_t i, Timer *timer) noexcept nogil:
    t.heap[i] = timer
    timer.at = i


cdef inline void _up(Timers *t, int32_t i) noexcept nogil:
    cdef Timer *timer = t.heap[i]
    cdef int32_t parent
    while i > 0:
        parent = (i - 1) >> 1
        if not less(&timer.link, &t.heap[parent].link):
            break
        _seat(t, i, t.heap[parent])
        i = parent
    _seat(t, i, timer)


cdef inline void _down(Timers *t, int32_t i) noexcept nogil:
    cdef Timer *timer = t.heap[i]
    cdef int32_t child
    while True:
        child = 2 * i + 1
        if child >= t.n_heap:
            break
        if child + 1 < t.n_heap and less(&t.heap[child + 1].link, &t.heap[child].link):
            child += 1
        if not less(&t.heap[child].link, &timer.link):
            break
        _seat(t, i, t.heap[child])
        i = child
    _seat(t, i, timer)


cdef inline void _leave_heap(Timers *t, Timer *timer) noexcept nogil:
    cdef int32_t i = timer.at
    t.n_heap -= 1
    if i < t.n_heap:
        _seat(t, i, t.heap[t.n_heap])
        _up(t, i)
        _down(t, i)


cdef inline void stop(Timers *t, Timer *timer) noexcept nogil:
    """Also where none runs."""
    if timer.at == IN_LANE:
        take(&timer.link)
    elif timer.at != NO_TIMER:
        _leave_heap(t, timer)
    timer.at = NO_TIMER


cdef inline int32_t _lane(Timers *t, int64_t length) noexcept nogil:
    """Of this length; else the first that is empty, which is of this length from now on; else LANES: the heap."""
    cdef int32_t lane, chosen = LANES
    for lane in range(LANES):
        if t.length[lane] == length:
            return lane
        if chosen == LANES and t.lanes[lane].next == &t.lanes[lane]:
            chosen = lane
    if chosen < LANES:
        t.length[chosen] = length
        t.n_lanes = max(t.n_lanes, chosen + 1)
    return chosen


cdef inline void start(Timers *t, Timer *timer, int64_t now, int64_t due, int32_t kind, int64_t id) noexcept nogil:
    """Where none runs. Of these kinds there are four."""
    cdef int32_t lane = t.hint[kind]
    timer.link.major = due
    timer.link.minor = (<int64_t>kind << 32) | id
    if due < t.others:
        t.others = due
        if due < t.bound:
            t.bound = due
            if due < t.soonest:
                t.soonest = due
    if rare(t.length[lane] != due - now):
        lane = _lane(t, due - now)
        if lane == LANES:
            _seat(t, t.n_heap, timer)
            t.n_heap += 1
            _up(t, t.n_heap - 1)
            return
        t.hint[kind] = lane
    timer.at = IN_LANE
    put(&t.lanes[lane], &timer.link)


cdef inline Timer *first(Timers *t) noexcept nogil:
    """The timer that is due first, or NULL. `next` is its lane, or NULL where it stands in the heap."""
    if rare(t.next == NULL or t.next.next.major >= t.others):
        _look_at_all(t)
        if t.next == NULL:
            return t.heap[0] if t.n_heap else NULL
    return <Timer *>t.next.next


cdef inline void _look_at_all(Timers *t) noexcept nogil:
    """Which lane is next, and when the first of the others is due."""
    cdef int32_t lane
    cdef const Link *best = NULL
    cdef const Link *x
    cdef int64_t due = LAST, others = LAST
    t.next = NULL
    if t.n_heap:
        best = &t.heap[0].link
        others = due = best.major
    for lane in range(t.n_lanes):
        x = t.lanes[lane].next
        if x.major < due or (x.major == due and due != LAST and x.minor < best.minor):
            others = due
            t.next = &t.lanes[lane]
            best = x
            due = x.major
        elif x.major < others:
            others = x.major
    t.others = min(others, TOO_LATE)
