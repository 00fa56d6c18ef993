"""Part of _acd.pyx: where a caller stands."""

# --- where a caller stands


cdef inline void set_key(Acd self, int32_t k, int64_t since, int64_t steps) noexcept nogil:
    """Rule 9, with his place's priority and tier."""
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    call.key.major = queue.ageing * since - 1000 * (queue.weight + call.place_priority + call.place_tier * queue.tier_points)
    call.key.since = since
    call.key.minor = (steps << 32) | <uint32_t>call.key.minor


cdef inline bint sooner(Acd self, int32_t k, int32_t j) noexcept nogil:
    """Over all queues."""
    cdef Call *x = &self.calls[k]
    cdef Call *y = &self.calls[j]
    cdef int64_t a = score(self, k), b = score(self, j)
    if a != b:
        return a < b
    if x.key.since != y.key.since:
        return x.key.since < y.key.since
    return x.key.minor < y.key.minor


cdef inline int64_t at_once(Acd self, int32_t k) noexcept nogil:
    """Rule 10: agents who may ring for this caller now."""
    cdef Queue *queue = &self.queues[self.calls[k].queue]
    cdef int64_t most = queue.most
    if not queue.more_ms:
        return most
    if self.calls[k].n_rings:
        most += (self.now - self.calls[k].rung_at) // queue.more_ms
    return min(most, AT_ONCE_MAX)


cdef void stand(Acd self, int32_t k) noexcept nogil:
    stand_in(self, k, True)


cdef void stand_unmatched(Acd self, int32_t k) noexcept nogil:
    """Where nobody is free for him."""
    stand_in(self, k, False)


cdef inline void stand_in(Acd self, int32_t k, bint fresh) noexcept nogil:
    """In the line of his request, in its list of those with conditions, nowhere because he is held for his owner (who finds him), or nowhere
    because he talks or rings as many as he may. After every change of what may be done for him. `fresh`: he might be matched."""
    cdef Call *call = &self.calls[k]
    cdef Extra *more = call.extra
    cdef Request *p = &self.requests[call.request]
    cdef int32_t where = NOWHERE
    if call.state == WAITS and call.n_rings < at_once(self, k):
        where = IN_LINE
        if special(more):
            where = HELD if held(self, k) else IN_SPECIAL
    if where != call.stands:
        unstand(self, k)
        call.stands = where
        if where == IN_SPECIAL:
            more.prev = -1
            more.next = p.specials
            if p.specials >= 0:
                self.calls[p.specials].extra.prev = k
            p.specials = k
            self.special_requests[call.request >> 6] |= <uint64_t>1 << (call.request & 63)
            self.n_special += 1
        elif where == IN_LINE:
            if not line_put(self, p, k):
                return
        if where == IN_SPECIAL or where == IN_LINE:
            opens(self, call.request)
            if fresh:
                mark(self, call.request)
    elif fresh and where == IN_SPECIAL:
        mark(self, call.request)
    if where >= IN_SPECIAL and more.mine >= 0 and self.agents[more.mine].idle:
        wake_owner(self, more.mine)


cdef inline bint special(const Extra *more) noexcept nogil:
    """There are conditions of his own. A number that is known is none."""
    return more != NULL and (more.n_never or more.round >= 0 or more.owner >= 0 or more.callback)


cdef inline void mark(Acd self, int32_t r) noexcept nogil:
    """Callers of this request might be matched, where somebody is free for them."""
    if somebody(self, r):
        self.fresh[r >> 6] |= <uint64_t>1 << (r & 63)
        if rare(self.newcomer >= 0):
            not_alone(self)
        self.only = r if not self.marked or self.only == r else -1
        self.any_fresh = self.marked = True
        disturb(self)


cdef void wake_if_awaited(Acd self, int32_t x) noexcept nogil:
    """This free agent, where a caller of his own stands."""
    cdef int32_t k = self.agents[x].owned
    while k >= 0:
        if self.calls[k].stands:
            wake_owner(self, x)
            return
        k = self.calls[k].extra.mine_next


cdef void wake_owner(Acd self, int32_t x) noexcept nogil:
    """This free agent might be offered a caller of his own."""
    if not self.agents[x].woken:
        self.agents[x].woken = True
        not_alone(self)
        disturb(self)
        push(self, &self.owners, &self.n_owners, &self.cap_owners, x)


cdef void own(Acd self, int32_t k, int64_t owner) noexcept nogil:
    """This caller is his, whom nobody may know yet."""
    cdef Extra *more = self.calls[k].extra
    cdef int32_t x = seek(&self.agent_ids, owner)
    more.owner = owner
    if x < 0:
        self.n_unknown_owners += 1
        return
    more.mine = x
    more.mine_prev = -1
    more.mine_next = self.agents[x].owned
    if more.mine_next >= 0:
        self.calls[more.mine_next].extra.mine_prev = k
    self.agents[x].owned = k


cdef void disown(Acd self, int32_t k) noexcept nogil:
    """Also where he is nobody's."""
    cdef Extra *more = self.calls[k].extra
    if more.owner >= 0 and more.mine < 0:
        self.n_unknown_owners -= 1
    elif more.owner >= 0:
        if more.mine_prev >= 0:
            self.calls[more.mine_prev].extra.mine_next = more.mine_next
        else:
            self.agents[more.mine].owned = more.mine_next
        if more.mine_next >= 0:
            self.calls[more.mine_next].extra.mine_prev = more.mine_prev
    more.owner = more.mine = -1


cdef void his_stand(Acd self, int32_t x) noexcept nogil:
    """Whether callers are held for this agent may have changed."""
    cdef int32_t k = self.agents[x].owned
    while k >= 0:
        stand(self, k)
        k = self.calls[k].extra.mine_next


cdef inline void unstand(Acd self, int32_t k) noexcept nogil:
    if rare(self.calls[k].stands):
        leave_place(self, k)


cdef void leave_place(Acd self, int32_t k) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef Request *p = &self.requests[call.request]
    if call.stands == IN_SPECIAL:
        self.n_special -= 1
        if call.extra.prev >= 0:
            self.calls[call.extra.prev].extra.next = call.extra.next
        else:
            p.specials = call.extra.next
            if p.specials < 0:
                self.special_requests[call.request >> 6] &= ~(<uint64_t>1 << (call.request & 63))
        if call.extra.next >= 0:
            self.calls[call.extra.next].extra.prev = call.extra.prev
        close_empty(self, p, call.request)
    elif call.stands == IN_LINE:
        leave_line(self, p, k)
    call.stands = NOWHERE


cdef inline void leave_line(Acd self, Request *p, int32_t k) noexcept nogil:
    line_take(self, p, k)
    self.calls[k].stands = NOWHERE
    close_empty(self, p, self.calls[k].request)


cdef inline void opens(Acd self, int32_t r) noexcept nogil:
    if not (self.open_requests[r >> 6] >> (r & 63)) & 1:
        self.open_requests[r >> 6] |= <uint64_t>1 << (r & 63)
        count_wanted(self, r, 1)


cdef void count_wanted(Acd self, int32_t r, int32_t by) noexcept nogil:
    """By the classes that may take callers of this request."""
    cdef int32_t *wanted = self.wanted
    cdef const uint64_t *may = self.may + <size_t>r * self.words
    cdef const uint64_t *end = may + self.words
    cdef uint64_t bits
    while may != end:
        bits = may[0]
        while bits:
            wanted[lowest(bits)] += by
            bits &= bits - 1
        wanted += 64
        may += 1


cdef inline void close_empty(Acd self, const Request *p, int32_t r) noexcept nogil:
    if p.n == 0 and p.specials < 0:
        self.open_requests[r >> 6] &= ~(<uint64_t>1 << (r & 63))
        count_wanted(self, r, -1)


# A request's line: who comes behind the last one of a row goes to its end, which is nearly everybody where a row is left for each
# priority; who comes behind none (a position asked for, time already waited, a place given back) into a heap. The front is known.


cdef inline bint line_put(Acd self, Request *p, int32_t k) noexcept nogil:
    """False where memory is out."""
    cdef Call *call = &self.calls[k]
    cdef Row *row
    cdef int32_t i
    for i in range(ROWS):
        row = &p.rows[i]
        if row.first == LAST or row.last < call.key.major or (rare(row.last == call.key.major) and sooner(self, last_of(row), k)):
            if not row_add(self, row, k, False):
                return False
            call.row = <int16_t>i
            break
    else:
        if not push(self, &p.heap, &p.n_heap, &p.cap, k):
            return False
        call.row = -1
        heap_up(self, p, p.n_heap - 1)
    p.n += 1
    if _before(&call.key, &p.front.key):
        comes_first(self, p, k)
    return True


cdef inline void comes_first(Acd self, Request *p, int32_t k) noexcept nogil:
    """Before all others of his line."""
    cdef Front *front = &p.front
    cdef Front *last
    if front.call >= 0:
        front.prev.next = front.next
        front.next.prev = front.prev
    last = self.by_front.prev
    front.call = k
    front.key = self.calls[k].key
    rank_front(front, last if last != &self.by_front and _before(&last.key, &front.key) else self.by_front.next)


cdef inline void first_leaves(Acd self, Request *p, int32_t next) noexcept nogil:
    """`next`: who is the first of his line then, or -1."""
    cdef Front *front = &p.front
    front.prev.next = front.next
    front.next.prev = front.prev
    front.call = next
    if next < 0:
        front.key.major = LAST
    else:
        front.key = self.calls[next].key
        rank_front(front, front.next)


cdef inline void rank_front(Front *front, Front *next) noexcept nogil:
    """Before this one or one behind it."""
    while _before(&next.key, &front.key):
        next = next.next
    front.next = next
    front.prev = next.prev
    next.prev = front.prev.next = front


cdef void sort_fronts(Acd self) noexcept nogil:
    """They stand elsewhere."""
    cdef int32_t r
    self.by_front.prev = self.by_front.next = &self.by_front
    for r in range(self.n_requests):
        if self.requests[r].front.call >= 0:
            rank_front(&self.requests[r].front, self.by_front.next)


cdef inline int64_t major_of(Acd self, int32_t k, bint dues) noexcept nogil:
    """What those in a row are in order of: in a line their key, of callers to whom time does something when it does."""
    return self.calls[k].due if dues else self.calls[k].key.major


cdef inline void seat_in_row(Acd self, int32_t k, uint32_t at, bint dues) noexcept nogil:
    if dues:
        self.calls[k].due_pos = <int32_t>at
    else:
        self.calls[k].pos = <int32_t>at


cdef inline bint row_add(Acd self, Row *row, int32_t k, bint dues) noexcept nogil:
    """Behind the last one. False where memory is out."""
    cdef int64_t major = major_of(self, k, dues)
    if rare(row.tail - row.head == row.mask + 1) and not row_grow(self, row, dues):
        fail(self)
        return False
    if row.first == LAST:
        row.first = major
    row.last = major
    row.calls[row.tail & row.mask] = k
    seat_in_row(self, k, row.tail, dues)
    row.tail += 1
    return True


cdef inline void row_leave(Acd self, Row *row, uint32_t at, bint dues) noexcept nogil:
    """Who stands there is a hole from now on, or, at an end, gone with the holes beside him."""
    cdef int32_t k
    row.calls[at & row.mask] = -1
    if at == row.head:
        row.first = LAST
        while True:
            row.head += 1
            if row.head == row.tail:
                break
            k = first_of(row)
            if k >= 0:
                row.first = major_of(self, k, dues)
                break
    elif at == row.tail - 1:
        while last_of(row) < 0:
            row.tail -= 1


cdef bint row_grow(Acd self, Row *row, bint dues) noexcept nogil:
    """One that is full: without its holes where it has many, else twice as large. False where memory is out."""
    cdef uint32_t size = row.mask + 1, wide = 2 * size if size else 8, n = 0, at
    cdef int32_t *calls
    for at in range(size):
        n += row.calls[at] >= 0
    if size and n <= size // 2:
        row_close(self, row, dues)
        return True
    calls = <int32_t *>malloc(wide * sizeof(int32_t))
    if calls == NULL:
        return False
    if size:  # who stood at i stands at i, and i is a place of the ring's only by its lower bits
        at = row.head & row.mask
        memcpy(calls + (row.head & (wide - 1)), row.calls + at, (size - at) * sizeof(int32_t))
        memcpy(calls + ((row.tail - at) & (wide - 1)), row.calls, at * sizeof(int32_t))
    free(row.calls)
    row.calls = calls
    row.mask = wide - 1
    return True


cdef void row_close(Acd self, Row *row, bint dues) noexcept nogil:
    """Without its holes, from the front on."""
    cdef uint32_t at = row.head, end = row.head
    cdef int32_t k
    while at != row.tail:
        k = row.calls[at & row.mask]
        if k >= 0:
            row.calls[end & row.mask] = k
            seat_in_row(self, k, end, dues)
            end += 1
        at += 1
    row.tail = end


cdef inline void line_take(Acd self, Request *p, int32_t k) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef bint first = p.front.call == k
    cdef uint32_t i = <uint32_t>call.pos
    p.n -= 1
    if call.row < 0:
        p.n_heap -= 1
        if <int32_t>i < p.n_heap:
            heap_fill(self, p, <int32_t>i)
    else:
        row_leave(self, &p.rows[call.row], i, False)
    if first:
        find_front(self, p)


cdef inline int32_t first_of(const Row *row) noexcept nogil:
    return row.calls[row.head & row.mask]


cdef inline int32_t last_of(const Row *row) noexcept nogil:
    return row.calls[(row.tail - 1) & row.mask]


cdef inline void find_front(Acd self, Request *p) noexcept nogil:
    cdef const Row *best = &p.rows[0]
    cdef const Row *row
    cdef int32_t front = -1, i
    for i in range(1, ROWS):
        row = &p.rows[i]
        if row.first < best.first or (rare(row.first == best.first != LAST) and sooner(self, first_of(row), first_of(best))):
            best = row
    if best.first != LAST:
        front = first_of(best)
    if p.n_heap and (front < 0 or sooner(self, p.heap[0], front)):
        front = p.heap[0]
    first_leaves(self, p, front)


cdef void heap_up(Acd self, Request *p, int32_t i) noexcept nogil:
    cdef int32_t k = p.heap[i], parent
    cdef Key key = self.calls[k].key
    while i > 0:
        parent = (i - 1) >> 1
        if not _before(&key, &self.calls[p.heap[parent]].key):
            break
        p.heap[i] = p.heap[parent]
        self.calls[p.heap[i]].pos = i
        i = parent
    p.heap[i] = k
    self.calls[k].pos = i


cdef void heap_fill(Acd self, Request *p, int32_t i) noexcept nogil:
    """The hole goes down to a leaf, the last one goes there and up: half the comparisons, for the last one belongs down nearly always."""
    cdef int32_t child = 2 * i + 1
    while child < p.n_heap:
        if child + 1 < p.n_heap and _before(&self.calls[p.heap[child + 1]].key, &self.calls[p.heap[child]].key):
            child += 1
        p.heap[i] = p.heap[child]
        self.calls[p.heap[i]].pos = i
        i = child
        child = 2 * i + 1
    p.heap[i] = p.heap[p.n_heap]
    heap_up(self, p, i)


cdef inline void arrives(Acd self, int32_t k) noexcept nogil:
    """The queue's rate is measured only while callers wait without a break."""
    if self.queues[self.calls[k].queue].n_waiting == 1:
        self.queues[self.calls[k].queue].served_ms = -1


cdef int32_t in_line(Acd self, int32_t q, int32_t but) noexcept nogil:
    """The queue's callers but this one, first the first, into scratch; how many."""
    cdef int32_t k, n = 0, gap, i, j
    if not _grow(<void **>&self.scratch, &self.cap_scratch, self.n_calls + 1, sizeof(int32_t)):
        fail(self)
        return 0
    for k in range(self.n_calls):
        if self.calls[k].state == WAITS and self.calls[k].queue == q and k != but:
            self.scratch[n] = k
            n += 1
    gap = n >> 1
    while gap:  # Shell's
        for i in range(gap, n):
            k = self.scratch[i]
            j = i
            while j >= gap and sooner(self, k, self.scratch[j - gap]):
                self.scratch[j] = self.scratch[j - gap]
                j -= gap
            self.scratch[j] = k
        gap = gap >> 1
    return n
