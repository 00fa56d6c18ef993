"""What comes next. Of equal times the smaller item is first.

A `Tree` is for few items that have something planned mostly: each node has the earlier time of the two below it, the leaves are the items' own. Where
the items stand in their times' lower bits, the root tells whose the first one is; else the way down to it does.
A `Heap` is for those who come and go: a binary heap of (time, item), each item in it at most once; `pos` says where, and is ABSENT for who is
not in it. `pos` is looked up with `item & mask`, so that callers may live in a ring of growing numbers.
"""
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.stdlib cimport malloc, realloc

cdef extern from *:
    """
    #define NEVER ((int64_t)1 << 60)
    """
    const int64_t NEVER

cdef enum: ABSENT = -1

cdef struct Tree:
    int64_t *due  # the root at 1; before it a time before all
    int64_t leaves  # their first; as many as it: a power of two


cdef struct Due:
    int64_t time
    int64_t item


cdef struct Heap:
    Due *due  # behind the last one is a time after all
    int32_t n
    int32_t cap


cdef inline bint grown(Tree *tree, int64_t n) noexcept nogil:
    """For n items, of whom none has anything planned; False where memory is out."""
    cdef int64_t i
    tree.leaves = 1
    while tree.leaves < n:
        tree.leaves *= 2
    tree.due = <int64_t *>malloc(<size_t>(2 * tree.leaves) * sizeof(int64_t))
    if tree.due == NULL:
        return False
    tree.due[0] = -NEVER
    for i in range(1, 2 * tree.leaves):
        tree.due[i] = NEVER
    return True


cdef inline int64_t whose(const Tree *tree) noexcept nogil:
    """Whose time is the first."""
    cdef const int64_t *due = tree.due
    cdef int64_t i = 1
    while i < tree.leaves:
        i += i
        i += <uint64_t>due[i] > <uint64_t>due[1]  # no time is below 0; without a sign it is one addition
    return i - tree.leaves


cdef inline void plan(const Tree *tree, int64_t item, int64_t time) noexcept nogil:
    """In place of what was planned for it; NEVER: nothing."""
    cdef int64_t i = tree.leaves + item
    if time > tree.due[i]:
        _later(tree.due, i, time)
    else:
        _sooner(tree.due, i, time)


cdef inline void _later(int64_t *due, int64_t i, int64_t time) noexcept nogil:
    due[i] = time
    while i > 1:
        i ^= 1
        time = min(time, due[i])
        i >>= 1
        due[i] = time


cdef inline void _sooner(int64_t *due, int64_t i, int64_t time) noexcept nogil:
    due[i] = time
    while time < due[i >> 1]:
        i >>= 1
        due[i] = time


cdef inline void over(const Tree *tree, int64_t item) noexcept nogil:
    """What was planned for it comes no more."""
    _later(tree.due, tree.leaves + item, NEVER)


cdef inline bint room(Heap *heap, int64_t n) noexcept nogil:
    """For n items; False where memory is out."""
    cdef void *more
    if n < heap.cap:
        return True
    more = realloc(heap.due, <size_t>(2 * n + 8) * sizeof(Due))
    if more == NULL:
        return False
    heap.due = <Due *>more
    heap.cap = <int32_t>(2 * n + 8)
    heap.due[heap.n].time = INT64_MAX
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
    cdef int32_t child = 2 * i + 1
    while child < heap.n:
        child += _first(due[child + 1].time, due[child + 1].item, due[child].time, due[child].item)
        _seat(due, pos, mask, i, due[child].time, due[child].item)
        i = child
        child = 2 * i + 1
    _rise(heap, pos, mask, i, time, item)


cdef inline void join(Heap *heap, int32_t *pos, int64_t mask, int64_t item, int64_t time) noexcept nogil:
    """Where it is not in the heap. There must be `room`."""
    heap.n += 1
    heap.due[heap.n].time = INT64_MAX
    _rise(heap, pos, mask, heap.n - 1, time, item)


cdef inline void cancel(Heap *heap, int32_t *pos, int64_t mask, int64_t item) noexcept nogil:
    """Also where it is not in the heap."""
    cdef int32_t i = pos[item & mask]
    cdef Due last
    if i == ABSENT:
        return
    pos[item & mask] = ABSENT
    heap.n -= 1
    last = heap.due[heap.n]
    heap.due[heap.n].time = INT64_MAX
    if i < heap.n:
        if i > 0 and _first(last.time, last.item, heap.due[(i - 1) >> 1].time, heap.due[(i - 1) >> 1].item):
            _rise(heap, pos, mask, i, last.time, last.item)
        else:
            _sink(heap, pos, mask, i, last.time, last.item)
