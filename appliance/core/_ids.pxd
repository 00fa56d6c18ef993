"""From an id (0 .. 2**31 - 1, sparse, callers' ids growing for ever) to a slot: open addressing, linear probing, no tombstones.

Hash: the upper bits of the id times 2**64 over the golden ratio, which spreads ids that follow one another as evenly as can be (Knuth, The Art of Computer
Programming 3, 6.4).
"""
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, malloc, realloc

from appliance.core._hints cimport rare


cdef struct Ids:
    int64_t *keys  # -1: empty
    int32_t *slots  # -1 likewise
    int32_t mask
    int32_t shift  # 64 less the bits of the mask
    int32_t n
    int32_t *direct  # by id: the slots of those below n_direct, once more (what stays for ever and has small ids)
    int32_t n_direct


cdef inline int32_t _home(const Ids *ids, int64_t key) noexcept nogil:
    return <int32_t>((<uint64_t>key * <uint64_t>0x9E3779B97F4A7C15) >> ids.shift)


cdef inline bint begin(Ids *ids) noexcept nogil:
    """An empty table; False where memory is out."""
    cdef int32_t at
    ids.keys = <int64_t *>malloc(4 * sizeof(int64_t))
    ids.slots = <int32_t *>malloc(4 * sizeof(int32_t))
    ids.mask = 3
    ids.shift = 62
    ids.n = 0
    for at in range(4 if ids.keys != NULL and ids.slots != NULL else 0):
        ids.keys[at] = ids.slots[at] = -1
    return ids.keys != NULL and ids.slots != NULL


cdef inline int32_t place(const Ids *ids, int64_t key) noexcept nogil:
    """Where it is, or would be. Of a table that was begun."""
    cdef int32_t at = _home(ids, key)
    while rare(ids.keys[at] != key and ids.keys[at] != -1):
        at = (at + 1) & ids.mask
    return at


cdef inline int32_t find(const Ids *ids, int64_t key) noexcept nogil:
    """The slot, or -1; also of what is no id."""
    return ids.slots[place(ids, key)]


cdef inline int32_t seek(const Ids *ids, int64_t key) noexcept nogil:
    """As `find`, by index where the id is small."""
    if rare(<uint64_t>key >= <uint64_t>ids.n_direct):
        return find(ids, key)
    return ids.direct[key]


cdef inline void _store(Ids *ids, int32_t at, int64_t key, int32_t slot) noexcept nogil:
    ids.keys[at] = key
    ids.slots[at] = slot


cdef inline bint _enlarge(Ids *ids) noexcept nogil:
    """Twice as large; False where memory is out."""
    cdef Ids old = ids[0]
    cdef int32_t size = 2 * (ids.mask + 1), at
    ids.keys = <int64_t *>malloc(size * sizeof(int64_t))
    ids.slots = <int32_t *>malloc(size * sizeof(int32_t))
    if ids.keys == NULL or ids.slots == NULL:
        free(ids.keys)
        free(ids.slots)
        ids[0] = old
        return False
    ids.mask = size - 1
    ids.shift -= 1
    for at in range(size):
        ids.keys[at] = ids.slots[at] = -1
    for at in range(old.mask + 1):
        if old.keys[at] != -1:
            _store(ids, place(ids, old.keys[at]), old.keys[at], old.slots[at])
    free(old.keys)
    free(old.slots)
    return True


cdef inline bint add(Ids *ids, int32_t at, int64_t key, int32_t slot) noexcept nogil:
    """Where `place` found that it would be. False where memory is out."""
    if rare(2 * (ids.n + 1) > ids.mask + 1):
        if not _enlarge(ids):
            return False
        at = place(ids, key)
    _store(ids, at, key, slot)
    ids.n += 1
    return True


cdef inline bint add_for_ever(Ids *ids, int64_t key, int32_t slot) noexcept nogil:
    """As `add`; small ids go into the table that `seek` looks into, too. Ids are small while that table is at most four times the entries."""
    cdef int32_t size = ids.n_direct, at
    cdef int32_t *direct
    if not add(ids, place(ids, key), key, slot):
        return False
    if key >= size:
        size = 16 if size == 0 else 2 * size
        while size <= key and size <= 4 * ids.n:
            size *= 2
        if key >= size or size > 4 * ids.n + 16:
            return True
        direct = <int32_t *>realloc(ids.direct, size * sizeof(int32_t))
        if direct == NULL:
            return True  # `find` finds it
        ids.direct = direct
        for at in range(size):
            direct[at] = -1
        ids.n_direct = size
        for at in range(ids.mask + 1):
            if 0 <= ids.keys[at] < size:
                direct[ids.keys[at]] = ids.slots[at]
    ids.direct[key] = slot
    return True


cdef inline void drop(Ids *ids, int32_t at) noexcept nogil:
    """What is there. What stands behind it moves up, so that no grave is left."""
    cdef int32_t hole = at, home
    while True:
        at = (at + 1) & ids.mask
        if ids.keys[at] == -1:
            break
        home = _home(ids, ids.keys[at])
        if ((at - home) & ids.mask) >= ((at - hole) & ids.mask):
            _store(ids, hole, ids.keys[at], ids.slots[at])
            hole = at
    _store(ids, hole, -1, -1)
    ids.n -= 1
