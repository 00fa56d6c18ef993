"""Part of _acd.pyx: callers whose number is known (rules 16, 17)."""

# --- who has the same number: in one of at least as many chains as there are numbers known, chosen as a place in _ids.pxd is


cdef inline uint64_t spread(int64_t number) noexcept nogil:
    return <uint64_t>number * <uint64_t>0x9E3779B97F4A7C15


cdef inline int32_t *chain_of(Acd self, int64_t number) noexcept nogil:
    """The first caller of its chain, or -1."""
    return &self.chains[spread(number) >> self.chain_shift]


cdef inline uint64_t mark_of(int64_t number) noexcept nogil:
    """One bit of 64: to see at once that a number is none of few."""
    return <uint64_t>1 << (spread(number) >> 58)


cdef inline void chain(Acd self, int32_t k) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef int32_t *first = chain_of(self, call.customer)
    call.chain_prev = -1
    call.chain_next = first[0]
    if first[0] >= 0:
        self.calls[first[0]].chain_prev = k
    first[0] = k


cdef inline void know_number(Acd self, int32_t k, int64_t number) noexcept nogil:
    """Others may have it, too."""
    if rare(self.n_known >= self.n_chains) and not more_chains(self):
        fail(self)
        return
    self.n_known += 1
    self.calls[k].customer = number
    chain(self, k)


cdef inline void forget_number(Acd self, int32_t k) noexcept nogil:
    cdef Call *call = &self.calls[k]
    self.n_known -= 1
    if call.chain_prev >= 0:
        self.calls[call.chain_prev].chain_next = call.chain_next
    else:
        chain_of(self, call.customer)[0] = call.chain_next
    if call.chain_next >= 0:
        self.calls[call.chain_next].chain_prev = call.chain_prev
    call.customer = 0


cdef bint more_chains(Acd self) noexcept nogil:
    """Twice as many. False where memory is out."""
    cdef int32_t wide = 2 * self.n_chains if self.n_chains else 16, k
    cdef int32_t *chains = <int32_t *>malloc(wide * sizeof(int32_t))
    if chains == NULL:
        return False
    free(self.chains)
    self.chains = chains
    self.chain_shift = self.chain_shift - 1 if self.n_chains else 60
    self.n_chains = wide
    memset(chains, -1, wide * sizeof(int32_t))
    for k in range(self.n_calls):
        if self.calls[k].customer:
            chain(self, k)
    return True


# --- call-backs


cdef inline bint calls_back(Acd self, int32_t k) noexcept nogil:
    """He is to be called back."""
    return self.calls[k].extra != NULL and self.calls[k].extra.callback


cdef void set_callback(Acd self, int32_t k, bint wanted) noexcept nogil:
    cdef Extra *own = extra_of(self, k)
    if own == NULL:
        return
    self.n_callbacks += wanted - own.callback
    own.callback = wanted
    if wanted:
        self.back_marks |= mark_of(self.calls[k].customer)
    elif self.n_callbacks == 0:
        self.back_marks = 0


cdef bint number_busy(Acd self, int32_t k) noexcept nogil:
    """One live attempt a number: another caller of it is offered or talks."""
    cdef int64_t number = self.calls[k].customer
    cdef const Call *other
    cdef int32_t j
    if not calls_back(self, k):
        return False
    j = chain_of(self, number)[0]
    while j >= 0:
        other = &self.calls[j]
        if other.customer == number and j != k and (other.state == TALKS or other.n_rings > 0):
            return True
        j = other.chain_next
    return False


cdef inline void disengaged(Acd self, int32_t k) noexcept nogil:
    """He is not offered any more, or does not talk any more: a call-back of his number might begin now."""
    if rare(self.back_marks & mark_of(self.calls[k].customer)) and self.calls[k].customer:
        let_call_back(self, k)


cdef void let_call_back(Acd self, int32_t k) noexcept nogil:
    cdef int64_t number = self.calls[k].customer
    cdef int32_t j = chain_of(self, number)[0]
    while j >= 0:
        if self.calls[j].customer == number and j != k and calls_back(self, j):
            stand(self, j)
        j = self.calls[j].chain_next


cdef int32_t ticket_of(Acd self, int32_t q, int64_t number) noexcept nogil:
    """Rule 17: the call-back that its customer makes needless, or -1."""
    cdef int32_t ticket = -1, j
    cdef const Call *other
    if self.more[5] or not self.back_marks & mark_of(number):
        return -1
    j = chain_of(self, number)[0]
    while j >= 0:
        other = &self.calls[j]
        if other.customer == number and calls_back(self, j) and other.state == WAITS and other.queue == q:
            if ticket < 0 or <uint32_t>other.key.minor < <uint32_t>self.calls[ticket].key.minor:
                ticket = j
        j = other.chain_next
    return ticket
