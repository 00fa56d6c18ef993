"""Part of _acd.pyx: a step, and what time does to callers (rules 10 to 15, 19)."""

# --- a step


cdef inline const int64_t *one_step(Acd self, const int64_t *row, const int64_t *end) noexcept nogil:
    """INPUT_WIDTH numbers: when, what, and its values; `end`: of the rows. Gives the row after it."""
    if rare(row[0] < self.now or row[1] >= SERVES or (row[0] >= self.timers.soonest and row[0] > self.latest)):
        return rarely(self, row, end)
    step_at(self, row, False)
    return row + 8


cdef inline void step_at(Acd self, const int64_t *row, bint more) noexcept nogil:
    """`more`: rows that belong to it came before."""
    self.now = row[0]
    if row[0] >= self.timers.soonest:
        settle(self)
    if more and row[1] == C_WAITS:
        somebody_waits(self, row + 2, True)
    elif not apply(self, row[1], row + 2):
        return
    if self.now >= self.timers.soonest:
        settle(self)


cdef const int64_t *rarely(Acd self, const int64_t *row, const int64_t *end) noexcept nogil:
    """A row that belongs to the input after it, which is done with it where that is next, an input that such rows came before, one that comes too
    early or too late, one after memory was out."""
    if row[1] == MORE and row + 8 != end and row[9] == C_WAITS and self.now <= row[8] <= self.latest:
        self.more = row + 2
        row += 8
        step_at(self, row, True)
        self.more = NOTHING_MORE
        return row + 8
    if SERVES <= row[1] < CODES_END:
        if row[1] == MORE:
            tells_more(self)
            memcpy(self.brought, row + 2, sizeof(self.brought))
            self.more = self.brought
        else:
            gift(self, row[1], row[2], row[3])
        return row + 8
    if self.broken:
        return row + 8
    if row[0] < self.now:
        refuse(self, TIME_BACKWARDS)
    elif row[0] > TIME_MAX_MS:
        refuse(self, BAD_VALUE)
    else:
        if self.latest < 0:
            self.timers.soonest = self.kept_soonest
        step_at(self, row, True)
    tells_no_more(self)
    return row + 8


cdef inline void tells_more(Acd self) noexcept nogil:
    if self.latest >= 0:
        self.latest = -1
        self.kept_soonest = self.timers.soonest
        disturb(self)


cdef inline void tells_no_more(Acd self) noexcept nogil:
    self.n_given = 0
    self.more = NOTHING_MORE
    if not self.broken:
        self.latest = TIME_MAX_MS


cdef inline void disturb(Acd self) noexcept nogil:
    """There is something for `settle` to do now. Who changes what it looks at says so; else a step does not look."""
    self.timers.soonest = 0


cdef inline void open_rounds(Acd self) noexcept nogil:
    """Every round may be complete."""
    self.rounds_due = ALL_ROUNDS
    disturb(self)


cdef int64_t next_due(Acd self) noexcept nogil:
    cdef int64_t due = first_due(self)
    cdef const Timer *timer = first(&self.timers)
    if timer != NULL:
        due = min(due, timer.link.major)
    return -1 if due == LAST else due


cdef inline void settle(Acd self) noexcept nogil:
    """What is due, then what that and the input before mean for callers."""
    if self.now >= self.timers.bound:
        timers_fire(self)
    if rare(self.timers.soonest == 0 or self.now >= self.callers_due):
        settle_callers(self)
    else:
        self.timers.soonest = min(self.timers.bound, self.callers_due)


cdef void settle_callers(Acd self) noexcept nogil:
    """What time does to callers, complete rounds, offers."""
    if self.now >= self.callers_due:
        callers_times(self)
    while True:
        if self.rounds_due:
            new_rounds(self)
        if self.back >= 0:
            comes_back_alone(self)
        if self.any_fresh | self.n_owners == 0:
            if not self.rounds_due:
                break
        elif self.newcomer >= 0:
            match_newcomer(self)
        else:
            match_once(self)
    self.timers.soonest = min(self.timers.bound, self.callers_due)


cdef inline void comes_back_alone(Acd self) noexcept nogil:
    """To those who wait, where nothing was done to him since."""
    cdef int32_t k = self.back
    self.back = -1
    if self.calls[k].state == WAITS:
        if self.calls[k].stands == NOWHERE:
            alone_or_stands(self, k)
        if is_timed(self, k):
            watch_time(self, k)


cdef inline void alone_or_stands(Acd self, int32_t k) noexcept nogil:
    """A caller whose offer ended, or whose search widens; others may have to be matched, or looked at, before him."""
    if self.any_fresh | self.n_owners | self.n_checks | self.rounds_due:
        stand(self, k)
    else:
        rings_or_stands(self, k)


cdef inline void timers_fire(Acd self) noexcept nogil:
    """All that are due, and when the next one may be: the next in its lane, or one of the others."""
    cdef Timer *timer
    cdef const Link *lane
    while self.now >= self.timers.bound:
        timer = first(&self.timers)
        if rare(timer == NULL or timer.link.major > self.now):
            self.timers.bound = TOO_LATE if timer == NULL else min(timer.link.major, TOO_LATE)
            return
        lane = self.timers.next
        fire(self, timer.whose)
        self.timers.bound = self.timers.others
        if lane != NULL and lane.next.major < self.timers.bound:
            self.timers.bound = lane.next.major


cdef inline void fire(Acd self, int32_t x) noexcept nogil:
    cdef Agent *p = &self.agents[x]
    cdef int64_t due = p.timer.link.major
    stop(&self.timers, &p.timer)
    if p.state == WRAP_UP and p.rest_until <= self.now:
        p.state = RESTING  # of no length: counted here, where it is known what ends
        count_wrapping(self, p.cls, -1)
    if p.state == RESTING and p.rest_until <= self.now:
        make_free(self, x, max(due, p.rest_until))
        looks_round(self, x)
        return
    elif p.state == OFFERED:
        if self.calls[p.call].state == TALKS:
            taken(self, x)
        else:
            turn_over(self, x, MISSED, p.spans.rest_ms)
    elif p.state == TALKING:
        requeue(self, x)
    else:
        come_back(self, x)
    moved(self, x)


# --- what time does to callers (rules 10 to 15)


cdef int64_t due_of(Acd self, int32_t k) noexcept nogil:
    """When time will do something to this caller, -1 never. What is past has been done, or waits for an offer to end. Nothing is done to who
    rings as many as may, but for his round or for more."""
    cdef const Call *call = &self.calls[k]
    cdef const Queue *queue = &self.queues[call.queue]
    cdef int64_t due = LAST, passed_ms = self.now - call.joined
    cdef int32_t i
    if call.state != WAITS or not (queue.more_ms or call.n_rings < queue.most or in_round(self, k)):
        return -1
    if passed_ms < queue.soonest_ms:
        due = queue.soonest_ms
    else:
        for i in range(queue.n_steps):
            if queue.steps[i].after_ms > passed_ms:
                due = queue.steps[i].after_ms
                break
        due = sooner_span(queue.overflow_ms, passed_ms, due)
        due = sooner_span(queue.wait_max_ms, passed_ms, due)
    if call.extra != NULL and call.extra.owner >= 0:
        due = sooner_span(call.extra.owner_ms, passed_ms, due)
    if due != LAST:
        due += call.joined
    if queue.more_ms and call.n_rings and at_once(self, k) < AT_ONCE_MAX:
        due = min(due, call.rung_at + ((self.now - call.rung_at) // queue.more_ms + 1) * queue.more_ms)
    return -1 if due == LAST else due


cdef inline int64_t sooner_span(int64_t span_ms, int64_t passed_ms, int64_t but) noexcept nogil:
    """Unless it is over (as one of none is) or the other one is sooner."""
    return span_ms if passed_ms < span_ms < but else but


cdef inline void due_seat(Acd self, int32_t i, int32_t k) noexcept nogil:
    self.dues[i] = k
    self.calls[k].due_pos = i


cdef inline bint due_less(Acd self, int32_t k, int32_t j) noexcept nogil:
    return self.calls[k].due < self.calls[j].due


cdef void due_fix(Acd self, int32_t i) noexcept nogil:
    cdef int32_t k = self.dues[i], child
    while i > 0 and due_less(self, k, self.dues[(i - 1) >> 1]):
        due_seat(self, i, self.dues[(i - 1) >> 1])
        i = (i - 1) >> 1
    while True:
        child = 2 * i + 1
        if child >= self.n_dues:
            break
        if child + 1 < self.n_dues and due_less(self, self.dues[child + 1], self.dues[child]):
            child += 1
        if not due_less(self, self.dues[child], k):
            break
        due_seat(self, i, self.dues[child])
        i = child
    due_seat(self, i, k)


cdef inline bint is_timed(Acd self, int32_t k) noexcept nogil:
    """Time may do something to him."""
    cdef const Call *call = &self.calls[k]
    return self.queues[call.queue].timed or (call.extra != NULL and call.extra.owner >= 0)


cdef inline void watch_new(Acd self, int32_t k) noexcept nogil:
    """Of a caller who comes now."""
    cdef const Call *call = &self.calls[k]
    cdef const Queue *queue = &self.queues[call.queue]
    if queue.more_ms or (call.extra != NULL and call.extra.owner >= 0):
        watch_time(self, k)
    elif queue.soonest_ms:
        put_due(self, k, self.now + queue.soonest_ms)


cdef void watch_time(Acd self, int32_t k) noexcept nogil:
    """After every change of a caller or of his queue."""
    cdef Call *call = &self.calls[k]
    cdef int64_t due = due_of(self, k) if is_timed(self, k) else -1
    if call.due_row != NO_DUE:
        if call.due == due:
            return
        leave_dues(self, k)
    if due >= 0:
        put_due(self, k, due)


cdef inline void put_due(Acd self, int32_t k, int64_t due) noexcept nogil:
    """Times of one length come in order, so nearly all stand in rows, as callers in a line do."""
    cdef Call *call = &self.calls[k]
    cdef int32_t i
    call.due = due
    for i in range(ROWS):
        if self.due_rows[i].first == LAST or self.due_rows[i].last <= due:
            if not row_add(self, &self.due_rows[i], k, True):
                return
            break
    else:
        i = DUE_HEAP
        if not push(self, &self.dues, &self.n_dues, &self.cap_dues, k):
            return
        due_fix(self, self.n_dues - 1)
    call.due_row = <int16_t>i
    if due < self.callers_due:
        self.callers_due = due
        self.timers.soonest = min(self.timers.soonest, due)


cdef inline void no_due(Acd self, int32_t k) noexcept nogil:
    if rare(self.calls[k].due_row != NO_DUE):
        leave_dues(self, k)


cdef inline void leave_dues(Acd self, int32_t k) noexcept nogil:
    cdef int32_t i = self.calls[k].due_pos, row = self.calls[k].due_row
    self.calls[k].due_row = NO_DUE
    if row != DUE_HEAP:
        row_leave(self, &self.due_rows[row], <uint32_t>i, True)
        return
    self.n_dues -= 1
    if i < self.n_dues:
        due_seat(self, i, self.dues[self.n_dues])
        due_fix(self, i)


cdef inline int64_t first_due(Acd self) noexcept nogil:
    """When time does something to some caller; LAST: never."""
    cdef int64_t due = self.calls[self.dues[0]].due if self.n_dues else LAST
    cdef int32_t i
    for i in range(ROWS):
        due = min(due, self.due_rows[i].first)
    return due


cdef inline void look_at_due(Acd self) noexcept nogil:
    """All whose time has come."""
    cdef int32_t i, k
    while self.n_dues and self.calls[self.dues[0]].due <= self.now:
        k = self.dues[0]
        leave_dues(self, k)
        look_at(self, k)
    for i in range(ROWS):
        while self.due_rows[i].first <= self.now:
            k = first_of(&self.due_rows[i])
            leave_dues(self, k)
            look_at(self, k)


cdef void look_at(Acd self, int32_t k) noexcept nogil:
    """Time may have something to do with this caller."""
    if not self.calls[k].check:
        self.calls[k].check = True
        callers_are_due(self)
        push(self, &self.checks, &self.n_checks, &self.cap_checks, k)


cdef void look_at_all(Acd self, int32_t q) noexcept nogil:
    cdef int32_t k
    for k in range(self.n_calls):
        if self.calls[k].state == WAITS and self.calls[k].queue == q:
            look_at(self, k)


cdef inline void callers_are_due(Acd self) noexcept nogil:
    """Time, or who is there, may do something to callers."""
    self.callers_due = 0
    disturb(self)


cdef void callers_times(Acd self) noexcept nogil:
    """By smaller number."""
    cdef int32_t q, k, i, j, n
    look_at_due(self)
    if self.fewer:
        for q in range(self.n_queues):
            if self.queues[q].n_waiting and self.queues[q].causes and cause_of(self, q) & self.queues[q].causes:
                look_at_all(self, q)
    self.fewer = False
    for i in range(1, self.n_checks):
        k = self.checks[i]
        j = i - 1
        while j >= 0 and <uint32_t>self.calls[self.checks[j]].key.minor > <uint32_t>self.calls[k].key.minor:
            self.checks[j + 1] = self.checks[j]
            j -= 1
        self.checks[j + 1] = k
    n = self.n_checks
    self.n_checks = 0
    self.callers_due = TOO_LATE
    for i in range(n):
        self.calls[self.checks[i]].check = False
        time_for(self, self.checks[i], n == 1)
    self.callers_due = min(self.callers_due, first_due(self))


cdef inline void time_for(Acd self, int32_t k, bint alone) noexcept nogil:
    """`alone`: nobody else's time has come."""
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    cdef int32_t r, cause
    if call.state != WAITS:
        return
    if call.n_rings == 0:
        if queue.overflow_ms and self.now - call.joined >= queue.overflow_ms:
            join(self, k, queue.overflow_to)
            queue = &self.queues[call.queue]
        if queue.wait_max_ms and self.now - call.joined >= queue.wait_max_ms:
            emit(self, EXPIRED, <uint32_t>call.key.minor, NONE, NONE)
            forget(self, k)
            return
        if queue.causes:
            cause = cause_of(self, call.queue)
            if cause & queue.causes:
                emit(self, NOBODY_THERE, <uint32_t>call.key.minor, cause, NONE)
                forget(self, k)
                return
    r = request_now(self, k)
    if r != call.request:
        unstand(self, k)
        call.request = r
        if in_round(self, k):
            open_rounds(self)
    if alone and call.stands == NOWHERE and call.n_rings < at_once(self, k):
        alone_or_stands(self, k)
    else:
        stand(self, k)
    watch_time(self, k)


cdef inline int32_t cause_of(Acd self, int32_t q) noexcept nogil:
    """Rule 15; 0: somebody is there. Reckoned once for each change of the staff that may change it."""
    cdef Queue *queue = &self.queues[q]
    if queue.cause_seen != self.staff:
        queue.cause_seen = self.staff
        queue.cause = cause_now(self, queue)
        self.some_empty |= queue.cause != 0
    return queue.cause


cdef int32_t cause_now(Acd self, const Queue *queue) noexcept nogil:
    cdef int64_t here = 0, paused = 0, wrapping = 0
    cdef int32_t w, c
    cdef uint64_t bits
    for w in range(self.words):
        bits = queue.classes[w]
        while bits:
            c = (w << 6) + lowest(bits)
            bits &= bits - 1
            here += self.classes[c].here; paused += self.classes[c].paused; wrapping += self.classes[c].wrapping
            if paused + wrapping < here:
                return 0
    if here == 0:
        return NOBODY_LOGGED_IN
    return ALL_PAUSED if paused == here else ALL_IN_WRAP_UP


cdef inline int32_t widened(Acd self, int32_t k) noexcept nogil:
    """How many steps of widening hold."""
    cdef Queue *queue = &self.queues[self.calls[k].queue]
    cdef int32_t step = 0
    while step < queue.n_steps and queue.steps[step].after_ms <= self.now - self.calls[k].joined:
        step += 1
    return step


cdef inline int32_t request_now(Acd self, int32_t k) noexcept nogil:
    """As far as his search has widened; as it was where memory is out."""
    cdef int32_t r = request_of(self, self.calls[k].queue, self.calls[k].want, widened(self, k))
    return r if r >= 0 else self.calls[k].request
