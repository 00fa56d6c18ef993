"""Part of _acd.pyx: an offer or a talk ends."""

# --- agents: an offer or a talk ends


cdef inline void set_state(Acd self, int32_t x, int32_t state) noexcept nogil:
    """With the counts of his class and tenant."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t old = p.state
    p.state = <int16_t>state
    if old != state and (1 << old | 1 << state) & (1 << OUT | 1 << PAUSED | 1 << WRAP_UP):
        count_state(self, p, old, state)


cdef inline void count_state(Acd self, const Agent *p, int32_t old, int32_t state) noexcept nogil:
    cdef Class *cls = &self.classes[p.cls]
    if old == OUT or state == OUT:
        cls.here += 1 if old == OUT else -1
        self.tenants[p.tenant].seats += 1 if old == OUT else -1
        staff_changed(self, state == OUT)
    if old == PAUSED or state == PAUSED:
        cls.paused += 1 if state == PAUSED else -1
        staff_changed(self, state == PAUSED)
    if old == WRAP_UP or state == WRAP_UP:
        count_wrapping(self, p.cls, 1 if state == WRAP_UP else -1)


cdef inline void count_wrapping(Acd self, int32_t c, int32_t by) noexcept nogil:
    if rare(self.n_wrap_causes):
        self.classes[c].wrapping += by
        staff_changed(self, by > 0)


cdef inline void staff_changed(Acd self, bint fewer) noexcept nogil:
    """Somebody may be there; `fewer`: or nobody any more, so that callers are sent away (rule 15)."""
    if fewer or self.some_empty:
        self.staff += 1
        self.some_empty = False
    if fewer and self.n_causes:
        self.fewer = True
        callers_are_due(self)


cdef void moved(Acd self, int32_t x) noexcept nogil:
    look_at_agent(self, x)


cdef inline void look_at_agent(Acd self, int32_t x) noexcept nogil:
    """After every change of an agent: whether rounds must visit him, whether he could be offered a call."""
    cdef Agent *p = &self.agents[x]
    cdef Class *cls = &self.classes[p.cls]
    cdef bint reachable = p.blocks == 0 and not p.vanished and (p.asks or not p.on_demand)
    cdef bint counted = reachable and p.state != OUT and p.state != PAUSED
    cdef bint idle = reachable and p.state == FREE
    if counted != p.counted:
        p.counted = counted
        cls.counted += 1 if counted else -1
        if not counted:
            open_rounds(self)
        his_stand(self, x)
    if idle != p.idle:
        if idle:
            becomes_idle(self, x)
            if p.on_demand:
                not_alone(self)
        else:
            idle_no_more(self, x)


cdef inline void looks_round(Acd self, int32_t x) noexcept nogil:
    """The same for who is free after a talk, its wrap-up or a rest, and nearly always is neither blocked, vanished nor on demand."""
    cdef uint64_t apart  # all three
    memcpy(&apart, &self.agents[x].blocks, sizeof(uint64_t))
    if rare(apart != 0):
        moved(self, x)
    else:
        becomes_idle(self, x)


cdef inline void becomes_idle(Acd self, int32_t x) noexcept nogil:
    """He stands among the idle of his class; whom he might take is to be matched."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t c = p.cls
    cdef Class *cls = &self.classes[c]
    cdef Link *by_head = &self.no_class.by_head
    p.idle = True
    put(&cls.idle, &p.idle_link)
    if cls.idle.next == &p.idle_link:
        if p.idle_link.next != &cls.idle:
            take(&cls.by_head)
        rank(self, cls, by_head.prev if by_head.prev.major < p.idle_link.major else by_head.next)
        self.idle_classes[c >> 6] |= <uint64_t>1 << (c & 63)
    self.n_idle += 1
    if rare(self.wanted[c]):
        comes_new(self, x)
    if rare(p.owned >= 0):
        wake_if_awaited(self, x)
    if rare(cls.reserves):
        serve_more(self, cls)


cdef inline void comes_new(Acd self, int32_t x) noexcept nogil:
    """Among the free: he might be offered somebody who stands."""
    if self.any_fresh | self.uneven | self.n_owners:
        not_alone(self)
        mark_his(self, x)
    else:
        self.newcomer = x
    self.any_fresh = True
    disturb(self)


cdef void not_alone(Acd self) noexcept nogil:
    """More changed than that one agent became free."""
    if self.newcomer >= 0:
        mark_his(self, self.newcomer)
    self.newcomer = -1


cdef void mark_his(Acd self, int32_t x) noexcept nogil:
    """All whom he might take."""
    cdef const uint64_t *takes = self.takes + <size_t>self.agents[x].cls * self.request_words
    cdef int32_t i
    for i in range(self.request_words):
        self.fresh[i] |= self.open_requests[i] & takes[i]
    self.marked = True
    self.only = -1


cdef inline void idle_no_more(Acd self, int32_t x) noexcept nogil:
    cdef Agent *p = &self.agents[x]
    cdef int32_t c = p.cls, i
    cdef Class *cls = &self.classes[c]
    p.idle = False
    take(&p.idle_link)
    if p.idle_link.prev == &cls.idle:  # he was the first
        take(&cls.by_head)
        if p.idle_link.next == &cls.idle:
            self.idle_classes[c >> 6] &= ~(<uint64_t>1 << (c & 63))
        else:
            rank(self, cls, cls.by_head.next)
    self.n_idle -= 1
    if rare(cls.reserves):
        for i in range(cls.n_queues):
            self.queues[cls.what[2 * i]].n_idle -= 1


cdef inline void serve_more(Acd self, const Class *cls) noexcept nogil:
    """One more is free for the queues of this class."""
    cdef Queue *queue
    cdef int32_t i
    for i in range(cls.n_queues):
        queue = &self.queues[cls.what[2 * i]]
        queue.n_idle += 1
        if queue.reserve and queue.n_idle == queue.reserve + 1:
            to_spare(self, cls.what[2 * i])


cdef inline void rank(Acd self, Class *cls, Link *before) noexcept nogil:
    """Among the classes with idle agents, as its first one is among all; not before this one."""
    cls.by_head.major = cls.idle.next.major
    cls.by_head.minor = cls.idle.next.minor
    put_after(before, &cls.by_head)


cdef void to_spare(Acd self, int32_t q) noexcept nogil:
    """More are free than the queue's reserve: its callers might be matched, with anyone."""
    cdef int32_t i, c
    cdef Link *x
    cdef uint64_t bits
    for i in range(self.request_words):
        bits = self.open_requests[i]
        while bits:
            c = (i << 6) + lowest(bits)
            bits &= bits - 1
            if self.requests[c].queue == q:
                mark(self, c)
    for i in range(self.words):
        bits = self.idle_classes[i]
        while bits:
            c = (i << 6) + lowest(bits)
            bits &= bits - 1
            x = self.classes[c].idle.next
            while x != &self.classes[c].idle:
                if (<Agent *>x).owned >= 0:
                    wake_owner(self, who(x))
                x = x.next


cdef int32_t part(Acd self, int32_t x, bint turn) noexcept nogil:
    """The agent is without call and timer; which call it was. Of an open offer: the caller waits on, and it may have been the agent's turn."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t k = p.call
    cdef Call *call = &self.calls[k]
    p.call = -1
    stop(&self.timers, &p.timer)
    if p.state == OFFERED:
        ring_no_more(self, k, x)
    if turn:
        note_turn(self, k, x)
    if p.state == OFFERED and call.state == WAITS:
        waits_again(self, k, turn and call.n_rings == 0)
    elif turn:
        stand(self, k)
    return k


cdef inline void ring_no_more(Acd self, int32_t k, int32_t x) noexcept nogil:
    cdef Agent *p = &self.agents[x]
    cdef Call *call = &self.calls[k]
    call.n_rings -= 1
    if call.n_rings == 0:
        call.rings = -1
        if call.state == WAITS:
            disengaged(self, k)
        return
    if p.ring_prev >= 0:
        self.agents[p.ring_prev].ring_next = p.ring_next
    else:
        call.rings = p.ring_next
    if p.ring_next >= 0:
        self.agents[p.ring_next].ring_prev = p.ring_prev


cdef inline void waits_again(Acd self, int32_t k, bint alone) noexcept nogil:
    """An offer is over. `alone`: nobody else's."""
    cdef Queue *queue = &self.queues[self.calls[k].queue]
    if self.calls[k].stands == NOWHERE:
        self.calls[k].request = request_now(self, k)
    if alone and self.back < 0 and self.calls[k].stands == NOWHERE:
        self.back = k
    else:
        stand(self, k)
        if is_timed(self, k):
            watch_time(self, k)
    if (queue.soonest_ms and self.now - self.calls[k].joined >= queue.soonest_ms) or (queue.causes and queue.causes & cause_of(self, self.calls[k].queue)):
        look_at(self, k)


cdef void turn_over(Acd self, int32_t x, int32_t code, int64_t rest_ms) noexcept nogil:
    """Rule 4: missed, rejected or failed."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t k = part(self, x, True)
    emit(self, code, <uint32_t>self.calls[k].key.minor, p.idle_link.minor, NONE)
    p.rest_until = self.now + rest_ms
    if code == MISSED:
        p.misses += 1
        if p.misses_max and p.misses >= p.misses_max:
            pause(self, x)
            emit(self, TAKEN_OUT, NONE, p.idle_link.minor, NONE)
            return
    come_back(self, x)


cdef bint withdraw(Acd self, int32_t x) noexcept nogil:
    """The agent's own doing: neither miss nor turn, but he is held for a moment."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t k
    if p.state != OFFERED:
        return False
    k = part(self, x, False)
    emit(self, WITHDRAWN, <uint32_t>self.calls[k].key.minor, p.idle_link.minor, NONE)
    p.rest_until = self.now + HOLD_MS
    return True


cdef void taken(Acd self, int32_t x) noexcept nogil:
    """Rule 10: another one has the call."""
    cdef int32_t k = part(self, x, False)
    emit(self, TAKEN, <uint32_t>self.calls[k].key.minor, self.agents[x].idle_link.minor, NONE)
    set_state(self, x, FREE)


cdef int32_t ringers(Acd self, int32_t k) noexcept nogil:
    """Who rings for this caller, by number, into scratch; how many."""
    cdef int32_t n = 0, x = self.calls[k].rings
    if not _grow(<void **>&self.scratch, &self.cap_scratch, self.calls[k].n_rings, sizeof(int32_t)):
        fail(self)
        return 0
    while x >= 0:
        self.scratch[n] = x
        n += 1
        x = self.agents[x].ring_next
    sort_agents(self, n)
    return n


cdef inline void withdraw_all(Acd self, int32_t k) noexcept nogil:
    """The caller's doing: agents keep their place among the idle."""
    if rare(self.calls[k].rings >= 0):
        withdraw_ringing(self, k)


cdef void withdraw_ringing(Acd self, int32_t k) noexcept nogil:
    cdef int32_t i, x, n = ringers(self, k)
    for i in range(n):
        x = self.scratch[i]
        part(self, x, False)
        set_state(self, x, FREE)
        emit(self, WITHDRAWN, <uint32_t>self.calls[k].key.minor, self.agents[x].idle_link.minor, NONE)
        moved(self, x)


cdef void lose_offer(Acd self, int32_t x) noexcept nogil:
    if withdraw(self, x):
        come_back(self, x)


cdef void come_back(Acd self, int32_t x) noexcept nogil:
    """Free, or what is left of a rest."""
    cdef Agent *p = &self.agents[x]
    stop(&self.timers, &p.timer)
    if p.rest_until > self.now:
        set_state(self, x, RESTING)
        start(&self.timers, &p.timer, self.now, p.rest_until, REST_ENDS, p.idle_link.minor)
        emit(self, RESTS, NONE, p.idle_link.minor, p.rest_until)
    else:
        set_state(self, x, FREE)
        make_free(self, x, self.now)


cdef inline void make_free(Acd self, int32_t x, int64_t since) noexcept nogil:
    """Who is counted nowhere, by his state. No timer of his runs."""
    self.agents[x].state = FREE
    self.agents[x].idle_link.major = since
    emit(self, FREE_, NONE, self.agents[x].idle_link.minor, NONE)


cdef void pause(Acd self, int32_t x) noexcept nogil:
    stop(&self.timers, &self.agents[x].timer)
    set_state(self, x, PAUSED)
    self.agents[x].pause_next = False


cdef inline void after_talk(Acd self, int32_t x, bint wrap_up) noexcept nogil:
    """Rule 6."""
    cdef Agent *p = &self.agents[x]
    p.call = -1
    if rare(p.timer.at != NO_TIMER):  # he had vanished
        stop(&self.timers, &p.timer)
    if wrap_up and p.wrap_up_ms and not p.pause_next:
        p.state = WRAP_UP
        count_wrapping(self, p.cls, 1)
        start(&self.timers, &p.timer, self.now, self.now + p.wrap_up_ms, WRAP_UP_ENDS, p.idle_link.minor)
        emit(self, WRAPUP, NONE, p.idle_link.minor, p.timer.link.major)
        return
    if p.pause_next:
        pause(self, x)
        emit(self, PAUSED_, NONE, p.idle_link.minor, NONE)
    elif p.rest_until > self.now:
        come_back(self, x)
    else:
        make_free(self, x, self.now)
        looks_round(self, x)
        return
    moved(self, x)


cdef void let_go(Acd self, int32_t k) noexcept nogil:
    end_talk(self, k)


cdef inline void end_talk(Acd self, int32_t k) noexcept nogil:
    """The talk is over for its agent."""
    cdef Call *call = &self.calls[k]
    cdef int32_t x = call.agent
    cdef bint dialled = call.extra != NULL and call.extra.dialled
    emit_before(self, RELEASE, <uint32_t>call.key.minor, self.agents[x].idle_link.minor, NONE)
    if not dialled:
        self.agents[x].talk_ms += self.now - self.agents[x].since
    after_talk(self, x, not dialled)


cdef void requeue(Acd self, int32_t x) noexcept nogil:
    """Rule 7."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t k = part(self, x, False), j, front = -1
    cdef Call *call = &self.calls[k]
    if call.extra == NULL or not call.extra.dialled:
        p.talk_ms += self.now - p.since
    call.state = WAITS
    call.joined = self.now
    self.queues[call.queue].n_waiting += 1
    if call.extra != NULL:
        call.extra.dialled = False
        if call.extra.owner >= 0:
            disown(self, k)
    begin_round(self, k)
    disengaged(self, k)
    arrives(self, k)
    for j in range(self.n_calls):
        if j != k and self.calls[j].state == WAITS and self.calls[j].queue == call.queue and (front < 0 or sooner(self, j, front)):
            front = j
    unstand(self, k)
    if front >= 0 and sooner(self, front, k):
        call.place_priority = self.calls[front].place_priority
        call.place_tier = self.calls[front].place_tier
        set_key(self, k, self.calls[front].key.since, (self.calls[front].key.minor >> 32) - 1)
    waits_again(self, k, False)
    emit(self, REQUEUED, <uint32_t>call.key.minor, p.idle_link.minor, NONE)
    if p.pause_next:
        pause(self, x)
        emit(self, PAUSED_, NONE, p.idle_link.minor, NONE)
    else:
        set_state(self, x, FREE)
        p.idle_link.major = self.now


cdef void dropped(Acd self, int32_t x) noexcept nogil:
    """Rule 10: he had it, and others ring still."""
    cdef Agent *p = &self.agents[x]
    cdef int32_t k = p.call
    cdef Call *call = &self.calls[k]
    call.state = WAITS
    open_rounds(self)
    self.queues[call.queue].n_waiting += 1
    if call.extra != NULL:
        call.extra.dialled = False
    arrives(self, k)
    waits_again(self, k, False)
    if p.pause_next:
        part(self, x, True)
        emit(self, REJECTED, <uint32_t>call.key.minor, p.idle_link.minor, NONE)
        pause(self, x)
        emit(self, PAUSED_, NONE, p.idle_link.minor, NONE)
    else:
        turn_over(self, x, REJECTED, p.spans.reject_ms)


cdef inline void joined(Acd self, int32_t k, int32_t x) noexcept nogil:
    """They talk: counts and rates."""
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    cdef int64_t took
    self.agents[x].calls += 1
    self.agents[x].since = self.now
    emit(self, CONNECT, <uint32_t>call.key.minor, self.agents[x].idle_link.minor, NONE)
    if call.expected >= 0:
        took = self.now - call.joined - call.expected
        queue.errors += 1
        queue.errors_ms += took if took >= 0 else -took
        call.expected = -1
    if queue.served_ms >= 0:
        took = (self.now - queue.served_ms) << 8
        queue.interval = took if queue.interval < 0 else queue.interval + ((took - queue.interval) >> 3)
    queue.served_ms = self.now if queue.n_waiting else -1


cdef void forget(Acd self, int32_t k) noexcept nogil:
    end_call(self, k, place(&self.call_ids, <uint32_t>self.calls[k].key.minor), self.calls[k].state == WAITS)


cdef inline void end_call(Acd self, int32_t k, int32_t at, bint waits) noexcept nogil:
    """The call is over, in the table `at` its place; its slot is free. Not `waits`: he talked until now."""
    cdef Call *call = &self.calls[k]
    if waits:
        unstand(self, k)
        no_due(self, k)
        self.queues[call.queue].n_waiting -= 1
    if rare(self.n_line_limits):
        self.tenants[self.queues[call.queue].tenant].lines_left += 1
    call.state = OVER
    if call.customer:
        disengaged(self, k)
        forget_number(self, k)
    if call.extra != NULL:
        begin_round(self, k)
        set_callback(self, k, False)
        disown(self, k)
        drop_extra(self, k)
    drop(&self.call_ids, at)
    call.agent = self.spare_call
    self.spare_call = k


cdef void join(Acd self, int32_t k, int32_t q) noexcept nogil:
    """Waits in that queue from now on, with the age he has."""
    cdef Call *call = &self.calls[k]
    unstand(self, k)
    if call.want >= 0 and call.want == seek(&self.want_ids, self.queues[call.queue].id):
        call.want = seek(&self.want_ids, self.queues[q].id)
    self.queues[call.queue].n_waiting -= 1
    self.queues[q].n_waiting += 1
    call.queue = q
    call.joined = self.now
    call.expected = -1
    if call.extra != NULL and call.extra.owner >= 0:
        disown(self, k)
    call.place_priority = call.priority
    call.place_tier = call.tier
    set_key(self, k, call.since, 0)
    call.request = request_now(self, k)
    begin_round(self, k)
    arrives(self, k)
    stand(self, k)
    watch_time(self, k)
    look_at(self, k)
    emit(self, MOVED, <uint32_t>call.key.minor, self.queues[q].id, NONE)
