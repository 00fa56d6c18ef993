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
    cdef int64_t a = x.key.major, b = y.key.major
    if x.queue != y.queue:
        a -= self.queues[x.queue].ageing * self.now
        b -= self.queues[y.queue].ageing * self.now
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
    """In the heap of his request, in its list of those with conditions, nowhere because he is held for his owner (who finds him), or nowhere
    because he talks or rings as many as he may. After every change of what may be done for him."""
    cdef Call *call = &self.calls[k]
    cdef Extra *more = call.extra
    cdef Request *p = &self.requests[call.request]
    cdef int32_t where = NOWHERE
    if call.state == WAITS and call.n_rings < at_once(self, k):
        where = IN_HEAP
        if more != NULL and (more.n_never or more.round >= 0 or more.owner >= 0 or more.back >= 0):
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
        elif where == IN_HEAP:
            if not push(self, &p.heap, &p.n, &p.cap, k):
                return
            heap_up(self, p, p.n - 1)
        if where == IN_SPECIAL or where == IN_HEAP:
            self.open_requests[call.request >> 6] |= <uint64_t>1 << (call.request & 63)
            mark(self, call.request)
    elif where == IN_SPECIAL:
        mark(self, call.request)
    if where >= IN_SPECIAL and more.mine >= 0 and self.agents[more.mine].idle:
        wake_owner(self, more.mine)


cdef inline void mark(Acd self, int32_t r) noexcept nogil:
    """Callers of this request might be matched, where somebody is free for them."""
    if somebody(self, r):
        self.fresh[r >> 6] |= <uint64_t>1 << (r & 63)
        self.any_fresh = True
        disturb(self)


cdef void wake_owner(Acd self, int32_t x) noexcept nogil:
    """This free agent might be offered a caller of his own."""
    if not self.agents[x].woken:
        self.agents[x].woken = True
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
    if self.calls[k].stands:
        leave_place(self, k)


cdef void leave_place(Acd self, int32_t k) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef Request *p = &self.requests[call.request]
    cdef int32_t i = call.pos
    if call.stands == IN_SPECIAL:
        if call.extra.prev >= 0:
            self.calls[call.extra.prev].extra.next = call.extra.next
        else:
            p.specials = call.extra.next
        if call.extra.next >= 0:
            self.calls[call.extra.next].extra.prev = call.extra.prev
    elif call.stands == IN_HEAP:
        p.n -= 1
        if i < p.n:
            heap_fill(self, p, i)
    if call.stands != HELD and p.n == 0 and p.specials < 0:
        self.open_requests[call.request >> 6] &= ~(<uint64_t>1 << (call.request & 63))
    call.stands = NOWHERE


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
    while child < p.n:
        if child + 1 < p.n and _before(&self.calls[p.heap[child + 1]].key, &self.calls[p.heap[child]].key):
            child += 1
        p.heap[i] = p.heap[child]
        self.calls[p.heap[i]].pos = i
        i = child
        child = 2 * i + 1
    p.heap[i] = p.heap[p.n]
    heap_up(self, p, i)


cdef inline void arrives(Acd self, int32_t k) noexcept nogil:
    """The queue's rate is measured only while callers wait without a break."""
    if self.queues[self.calls[k].queue].n_waiting == 1:
        self.queues[self.calls[k].queue].served_ms = -1


cdef int32_t in_line(Acd self, int32_t q, int32_t but) noexcept nogil:
    """The queue's callers but this one, first the first, into scratch; how many."""
    cdef int32_t k, n = 0, gap, i, j
    if not _grow(<void **>&self.scratch, &self.cap_scratch, self.n_calls + 1, sizeof(int32_t)):
        self.broken = True
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
