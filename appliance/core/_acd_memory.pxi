"""Part of _acd.pyx: memory that grows, decisions that are written down."""

# --- memory


cdef void fail(Acd self) noexcept nogil:
    """Memory is out: no step from now on."""
    self.broken = True
    self.latest = -1
    disturb(self)


cdef bint reserve(Acd self) noexcept nogil:
    """Room for one more call, so that no input fails half way."""
    if self.spare_call >= 0 or self.n_calls < self.cap_calls:
        return True
    return _grow_blank(<void **>&self.calls, &self.cap_calls, self.n_calls + 1, sizeof(Call))


cdef bint grow_agents(Acd self) noexcept nogil:
    cdef char *old = <char *>self.agents
    cdef int32_t need = self.n_agents + 1, cap = self.cap_agents, i
    cdef int64_t moved, size = <int64_t>cap * sizeof(Agent)
    if not _grow(<void **>&self.timers.heap, &cap, need, sizeof(void *)) or not _grow(<void **>&self.agents, &self.cap_agents, need, sizeof(Agent)):
        return False
    moved = <char *>self.agents - old
    if moved == 0 or old == NULL:
        return True
    for i in range(self.n_agents):
        shift(&self.agents[i].idle_link, old, size, moved)
        shift(&self.agents[i].timer.link, old, size, moved)
    for i in range(self.n_classes):
        shift(&self.classes[i].idle, old, size, moved)
    for i in range(LANES):
        shift(&self.timers.lanes[i], old, size, moved)
    for i in range(self.timers.n_heap):
        self.timers.heap[i] = <Timer *>(<char *>self.timers.heap[i] + moved)
    return True


cdef inline Extra *extra_of(Acd self, int32_t k) noexcept nogil:
    """Of a caller with conditions; NULL where memory is out."""
    cdef Extra *more = self.calls[k].extra
    if more == NULL:
        more = self.spare_extra
        if more != NULL:
            self.spare_extra = more.spare
            more.owner_ms = 0
            more.dialled = more.callback = False
        else:
            more = <Extra *>calloc(1, sizeof(Extra))
            if more == NULL:
                fail(self)
                return NULL
        more.owner = -1
        more.round = more.mine = -1
        self.calls[k].extra = more
    return more


cdef void drop_extra(Acd self, int32_t k) noexcept nogil:
    """Kept for the next caller with conditions."""
    cdef Extra *more = self.calls[k].extra
    if more.never != NULL:
        free(more.never)
        more.never = NULL
        more.n_never = 0
    more.spare = self.spare_extra
    self.spare_extra = more
    self.calls[k].extra = NULL


cdef bint push(Acd self, int32_t **list, int32_t *n, int32_t *cap, int32_t value) noexcept nogil:
    if not _grow(<void **>list, cap, n[0] + 1, sizeof(int32_t)):
        fail(self)
        return False
    list[0][n[0]] = value
    n[0] += 1
    return True


cdef void gift(Acd self, int64_t kind, int64_t a, int64_t b) noexcept nogil:
    """A row that belongs to the input after it."""
    if not _grow(<void **>&self.given, &self.cap_given, self.n_given + 1, sizeof(Given)):
        fail(self)
        return
    tells_more(self)
    self.given[self.n_given].kind = kind
    self.given[self.n_given].a = a
    self.given[self.n_given].b = b
    self.n_given += 1


cdef bint grow_actions(Acd self) noexcept nogil:
    cdef int64_t n = self.at - self.actions
    cdef void *more = realloc(self.actions, (2 * n + 65) * sizeof(Action))
    if more == NULL:
        fail(self)
        self.at = self.actions
        return False
    self.actions = <Action *>more
    self.at = self.actions + n
    self.end = self.actions + 2 * n + 64
    return True


cdef inline void emit(Acd self, int32_t code, int64_t call, int64_t agent, int64_t until) noexcept nogil:
    if rare(self.at >= self.end) and not grow_actions(self):
        return
    emit_before(self, code, call, agent, until)


cdef inline void emit_before(Acd self, int32_t code, int64_t call, int64_t agent, int64_t until) noexcept nogil:
    """The same where `emit` follows: after it there is always room for one."""
    cdef Action *p = self.at
    cdef uint64_t prime = 0x100000001B3, fold = self.fold
    self.at = p + 1
    p.now = self.now; p.code = code; p.call = call; p.agent = agent; p.until = until
    fold = (fold ^ <uint64_t>(self.now << 5 | code)) * prime
    fold = (fold ^ <uint64_t>((call << 32) + agent)) * prime
    self.fold = (fold ^ <uint64_t>until) * prime


cdef void refuse(Acd self, int32_t why) noexcept nogil:
    emit(self, REFUSED, why, NONE, NONE)
