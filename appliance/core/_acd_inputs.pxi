"""Part of _acd.pyx: inputs about agents, calls and offers."""

# --- inputs about agents


cdef void of_agent(Acd self, int64_t code, int32_t x, int64_t b, int64_t c, int64_t d, int64_t e) noexcept nogil:
    """`b`: a block's reason, or how long a vanished one's call is kept; of A_TRAITS all."""
    cdef Agent *p = &self.agents[x]
    cdef Tenant *tenant = &self.tenants[p.tenant]
    cdef bint paused
    if A_BLOCKED <= code <= A_RETURNS:
        if (code == A_VANISHES and not _fits(b, DURATION_MAX_MS)) or (code < A_VANISHES and not _fits(b, 30)):
            refuse(self, BAD_VALUE)
        elif code == A_BLOCKED:
            p.blocks |= <uint32_t>1 << b
            lose_offer(self, x)
        elif code == A_UNBLOCKED:
            p.blocks &= ~(<uint32_t>1 << b)
        elif code == A_VANISHES:
            if p.state == TALKING and not p.vanished:
                start(&self.timers, &p.timer, self.now, self.now + b, KEPT_ENDS, p.idle_link.minor)
            p.vanished = True
            lose_offer(self, x)
        else:
            p.vanished = False
            if p.state == TALKING:
                stop(&self.timers, &p.timer)
    elif code == A_TRAITS:
        if not (_fits(b, ID_MAX) and _fits(d - 1, 999) and _fits(e, ID_MAX)):
            refuse(self, BAD_VALUE)
            return
        p.misses_max = <int32_t>b; p.on_demand = c != 0; p.weight = <int16_t>d; p.rank = e
    elif code == A_IN:
        if p.state != OUT:
            refuse(self, LOGGED_IN_ALREADY)
        elif 0 <= tenant.seats_max <= tenant.seats:
            refuse(self, NO_SEAT_LEFT)
        else:
            p.vanished = p.asks = False
            p.misses = p.calls = 0
            p.talk_ms = 0
            come_back(self, x)
    elif p.state == OUT:
        refuse(self, NOT_LOGGED_IN)
    elif code == A_OUT:
        if p.state == TALKING or p.state == BUSY:
            refuse(self, IS_TALKING)
        else:
            withdraw(self, x)
            stop(&self.timers, &p.timer)
            set_state(self, x, OUT)
    elif code == A_PAUSES:
        if p.state == PAUSED or p.pause_next:
            refuse(self, PAUSED_ALREADY)
        elif p.state == TALKING or p.state == BUSY:
            p.pause_next = True
        else:
            withdraw(self, x)
            pause(self, x)
    elif code == A_ASKS:
        if p.on_demand:
            p.asks = True
        else:
            refuse(self, NOT_ON_DEMAND)
    elif code == A_DIALS:
        if p.state == TALKING or p.state == BUSY:
            refuse(self, IS_TALKING)
            return
        paused = p.state == PAUSED
        withdraw(self, x)
        stop(&self.timers, &p.timer)
        set_state(self, x, BUSY)
        p.pause_next = paused
    elif p.pause_next:
        p.pause_next = False
    elif p.state == PAUSED or p.state == WRAP_UP:
        p.misses = 0
        come_back(self, x)
    else:
        refuse(self, NOTHING_TO_RESUME)


cdef inline void hangs_up(Acd self, int64_t agent) noexcept nogil:
    cdef int32_t x = seek(&self.agent_ids, agent), k
    if x < 0:
        refuse(self, UNKNOWN_AGENT)
        return
    k = self.agents[x].call
    if self.agents[x].state == TALKING and self.calls[k].n_rings == 0:
        end_talk(self, k)
        end_call(self, k, place(&self.call_ids, <uint32_t>self.calls[k].key.minor), False)
    else:
        hangs_up_elsewhere(self, x)
        moved(self, x)


cdef void hangs_up_elsewhere(Acd self, int32_t x) noexcept nogil:
    """Others ring for his caller, or he talks outside, or not at all."""
    cdef int32_t k = self.agents[x].call
    if self.agents[x].state == BUSY:
        after_talk(self, x, True)
    elif self.agents[x].state != TALKING:
        refuse(self, NOT_TALKING)
    elif self.calls[k].extra == NULL or not self.calls[k].extra.dialled:
        dropped(self, x)
    else:
        withdraw_all(self, k)
        let_go(self, k)
        forget(self, k)


# --- inputs about calls


cdef inline bint more_fits(Acd self, int64_t number) noexcept nogil:
    """What few callers bring; else it is refused."""
    cdef const int64_t *more = self.more
    cdef int32_t i
    cdef bint fits = _fits(more[1], DURATION_MAX_MS) and _fits(more[3], DURATION_MAX_MS) and _fits(more[0], ID_MAX)
    for i in range(self.n_given):
        fits = fits and _fits(self.given[i].a, ID_MAX)
    if rare(not (fits and _fits(more[2] + 1, ID_MAX + 1))):
        refuse(self, BAD_VALUE)
        return False
    if rare(more[5] and not number):
        refuse(self, NO_NUMBER)
        return False
    return True


cdef void somebody_waits(Acd self, const int64_t *values, bint told) noexcept nogil:
    """Who may have a number. `told`: what few callers have, in `more` and `given`."""
    cdef int64_t number = -2 - values[5] if values[5] < -1 else 0
    if told and self.more[4]:
        number = self.more[4]
    if rare(not _fits(number, NUMBER_MAX)):
        refuse(self, BAD_VALUE)
    else:
        call_waits(self, values, number, told)


cdef inline void call_waits(Acd self, const int64_t *values, int64_t number, bint told) noexcept nogil:
    """`values`: call, queue, want, priority, tier, whose (trace.py)."""
    cdef const int64_t *more = self.more  # position, waited_ms, owner, owner_ms, number, callback
    cdef int64_t since = self.now
    cdef int32_t at, q, w = -1, k, r, ticket = -1
    cdef bint known = False
    cdef Queue *p
    cdef Call *new
    if rare(not (_fits(values[3], 1000000) and _fits(values[4], 9) and _fits(values[0], ID_MAX))):
        refuse(self, BAD_VALUE)
        return
    if told and not more_fits(self, number):
        return
    at = place(&self.call_ids, values[0])
    if rare(self.call_ids.keys[at] != -1):
        refuse(self, CALL_EXISTS)
        return
    q = seek(&self.queue_ids, values[1])
    if rare(q < 0):
        refuse(self, UNKNOWN_QUEUE)
        return
    p = &self.queues[q]
    if values[5] >= 0 and seek(&self.tenant_ids, values[5]) != p.tenant:
        refuse(self, OTHER_TENANT)
        return
    if values[2] != -1:
        w = seek(&self.want_ids, values[2])
        if rare(w < 0):
            refuse(self, UNKNOWN_WANT)
            return
    if number and rare((self.back_marks | self.cut_marks) & mark_of(number)):
        ticket = ticket_of(self, q, number)
        known = True
    if rare(self.n_line_limits) and rare(self.tenants[p.tenant].lines_left <= 0) and self.tenants[p.tenant].lines_left + (ticket >= 0) <= 0:
        refuse(self, NO_LINE_LEFT)
        return
    if rare(p.n_waiting >= p.length_most) and p.n_waiting - (ticket >= 0) >= p.length_most:
        refuse(self, QUEUE_FULL)
        return
    if told:
        since -= more[1]
    if rare(known):
        since = age_of(self, values[0], q, number, since, ticket)
        at = place(&self.call_ids, values[0])
    k = new_call(self, at, values[0], q, w, values[3], values[4], since)
    if k < 0:
        return
    new = &self.calls[k]
    arrives(self, k)
    if p.interval >= 0 and (values[3] | values[4]) == 0 and not ((told or known) and (since != self.now or more[0])):
        new.expected = (p.n_waiting * p.interval) >> 8
    if number:
        know_number(self, k, number)
    if told and not has_more(self, k):
        return
    r = request_of(self, q, w, 0)
    if r < 0:
        return
    new.request = r
    if not told and values[5] == -1 and self.requests[r].quiet and self.timers.soonest:
        waits_plainly(self, k, r, first_idle(self, r))
    else:
        waits(self, k, q, r, told)


cdef inline bint waits_plainly(Acd self, int32_t k, int32_t r, int32_t x) noexcept nogil:
    """All others are matched as far as they can be (`settle` left nothing fresh and no owner), and he brings a number at most: he gets `x`, who is
    first for him, or stands in line, where nobody is free. Whether he is offered."""
    if x >= 0:
        if rare(self.agents[x].on_demand):
            return on_demand_rings(self, k, x)
        offer_plainly(self, k, x)
        return True
    self.calls[k].stands = IN_LINE
    if line_put(self, &self.requests[r], k):
        opens(self, r)
    return False


cdef bint on_demand_rings(Acd self, int32_t k, int32_t x) noexcept nogil:
    """This agent for this caller, one at a time. Where callers are his own, his offer may end a hold, and then the order in which pairs are looked at
    counts: the caller stands. Whether he is offered."""
    if self.agents[x].owned >= 0:
        stand(self, k)
        return False
    place_offer(self, k, x, False)
    return True


cdef inline void waits(Acd self, int32_t k, int32_t q, int32_t r, bint told) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef const Queue *queue = &self.queues[q]
    cdef const Request *request = &self.requests[r]
    if rare(queue.causes and cause_of(self, q) & queue.causes):
        stand(self, k)
        look_at(self, k)
    elif rare(self.timers.soonest == 0):  # others may have to be matched, or looked at, before this caller
        stand(self, k)
    elif request.plain and not (told and special(call.extra)):
        if waits_plainly(self, k, r, first_liked(self, r)):
            return
    else:
        rings_or_stands(self, k)
    if call.stands or queue.more_ms:
        watch_new(self, k)


cdef inline bint has_more(Acd self, int32_t k) noexcept nogil:
    """What few callers have is his; False where memory is out."""
    cdef const int64_t *more = self.more
    cdef Extra *extra
    cdef int32_t i
    if rare(self.n_given or more[2] >= 0 or more[5]):
        extra = extra_of(self, k)
        if extra == NULL:
            return False
        extra.owner_ms = more[3]
        if more[2] >= 0:
            own(self, k, more[2])
        set_callback(self, k, more[5] != 0)
        for i in range(self.n_given):
            never_again(self, extra, self.given[i].a)
    if more[0]:
        place_at(self, k, more[0])
    return not self.broken


cdef void rings_or_stands(Acd self, int32_t k) noexcept nogil:
    """A caller who stands nowhere, alone is new, and may be offered to one agent at least."""
    cdef int32_t is_offered = rings_at_once(self, k)
    if is_offered == TO_NO_MORE:
        stand_unmatched(self, k)
    elif is_offered == PERHAPS:
        stand(self, k)


cdef inline int32_t rings_at_once(Acd self, int32_t k) noexcept nogil:
    """Where all others are matched as far as they can be, and this one alone is new, he needs no place in line where agents are free. (But
    for who works on demand, beside others or with callers of his own.)"""
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    cdef uint64_t random = queue.random
    cdef bint heads = self.requests[call.request].heads, one = one_at_a_time(queue)
    cdef uint32_t orders = self.requests[call.request].orders
    cdef int32_t x, level
    if call.extra != NULL:
        if number_busy(self, k):
            return TO_NO_MORE
        x = call.extra.mine
        if x >= 0:
            if self.agents[x].idle and takes_him(self, k, x):
                offer(self, k, x)
                return PERHAPS
            if self.agents[x].idle:
                return PERHAPS
            if held(self, k):
                call.stands = HELD  # for nobody else to be found
                return TO_ENOUGH
    while orders and self.n_idle:
        level = lowest(orders)
        orders &= orders - 1
        while self.n_idle and spare(self, call.queue):
            x = longest_idle(self, k) if heads else pick(self, k, level, True)
            if x < 0:
                break
            if self.agents[x].on_demand:
                if one and on_demand_rings(self, k, x):
                    return TO_ENOUGH
                queue.random = random  # nothing was drawn
                return PERHAPS
            if one:
                offer_plainly(self, k, x)
                return TO_ENOUGH
            place_offer(self, k, x, False)
            random = queue.random
            if call.n_rings >= at_once(self, k):
                return TO_ENOUGH
    return TO_NO_MORE


cdef inline int32_t new_call(Acd self, int32_t at, int64_t call, int32_t q, int32_t want, int64_t priority, int64_t tier, int64_t since) noexcept nogil:
    """A slot for a caller who waits, standing nowhere yet, in the table `at` its place; -1 where memory is out."""
    cdef int32_t k
    cdef Call *new
    if rare(self.spare_call < 0) and not reserve(self):
        fail(self)
        return -1
    k = self.spare_call if self.spare_call >= 0 else self.n_calls
    if rare(not add(&self.call_ids, at, call, k)):
        fail(self)
        return -1
    new = &self.calls[k]
    if rare(k == self.n_calls):
        self.n_calls += 1
        new_slot(new)
    else:
        self.spare_call = new.agent
    new.since = since
    new.joined = self.now
    new.expected = -1
    new.queue = q
    new.want = want
    new.priority = new.place_priority = <int32_t>priority
    new.tier = new.place_tier = <signed char>tier
    new.state = WAITS
    new.key.minor = call
    self.queues[q].n_waiting += 1
    if rare(self.n_line_limits):
        self.tenants[self.queues[q].tenant].lines_left -= 1
    set_key(self, k, since, 0)
    return k


cdef inline void new_slot(Call *call) noexcept nogil:
    """What a slot is again when its call is over."""
    call.extra = NULL
    call.rings = -1
    call.due_row = NO_DUE
    call.n_rings = 0
    call.stands = NOWHERE
    call.check = False
    call.customer = 0


cdef void never_again(Acd self, Extra *extra, int64_t agent) noexcept nogil:
    cdef int32_t i
    for i in range(extra.n_never):
        if extra.never[i] == agent:
            return
    i = extra.n_never
    if not _grow(<void **>&extra.never, &i, extra.n_never + 1, sizeof(int32_t)):
        fail(self)
        return
    extra.never[extra.n_never] = <int32_t>agent
    extra.n_never += 1


cdef int64_t age_of(Acd self, int64_t call, int32_t q, int64_t number, int64_t since, int32_t ticket) noexcept nogil:
    """Rule 17: of who was cut off, or of his call-back."""
    cdef Cut *cut
    cdef int32_t i
    for i in range(self.n_cuts):
        cut = &self.cuts[i]
        if cut.number == number and cut.queue == q and cut.until > self.now:
            since = min(since, cut.since)
            self.n_cuts -= 1
            memmove(cut, cut + 1, (self.n_cuts - i) * sizeof(Cut))
            break
    if ticket >= 0:
        since = min(since, self.calls[ticket].since)
        withdraw_all(self, ticket)
        emit(self, REPLACED, <uint32_t>self.calls[ticket].key.minor, call, NONE)
        forget(self, ticket)
    return since


cdef void place_at(Acd self, int32_t k, int64_t position) noexcept nogil:
    """Rule 9: a position asked for."""
    cdef Call *call = &self.calls[k]
    cdef int32_t n = 0, j
    cdef int64_t i
    if self.queues[call.queue].n_waiting > position:
        n = in_line(self, call.queue, k)
    for i in range(position - 1, n):
        j = self.scratch[i]
        if self.calls[j].place_priority == call.place_priority and self.calls[j].place_tier == call.place_tier:
            if sooner(self, j, k):
                set_key(self, k, self.calls[j].key.since, (self.calls[j].key.minor >> 32) - 1)
            return


cdef void cut_off(Acd self, int32_t q, int64_t number, int64_t since, int64_t until) noexcept nogil:
    """Whose place is kept past its time is forgotten now."""
    cdef int32_t n = 0, i
    self.cut_marks = mark_of(number)
    for i in range(self.n_cuts):
        if self.cuts[i].until > self.now:
            self.cuts[n] = self.cuts[i]
            self.cut_marks |= mark_of(self.cuts[i].number)
            n += 1
    self.n_cuts = n
    if not _grow(<void **>&self.cuts, &self.cap_cuts, n + 1, sizeof(Cut)):
        fail(self)
        return
    self.cuts[n].queue = q
    self.cuts[n].number = number
    self.cuts[n].since = since
    self.cuts[n].until = until
    self.n_cuts += 1


cdef inline void call_leaves(Acd self, int64_t id, bint cut) noexcept nogil:
    cdef int32_t at = place(&self.call_ids, id), k = self.call_ids.slots[at]
    cdef Call *call
    cdef Queue *queue
    cdef bint waits
    if rare(k < 0):
        refuse(self, UNKNOWN_CALL)
        return
    call = &self.calls[k]
    waits = call.state == WAITS
    if waits:
        call.state = OVER  # waits for nobody when those who ring are withdrawn
    withdraw_all(self, k)
    if not waits:
        end_talk(self, k)
    elif cut and call.customer and not calls_back(self, k):
        queue = &self.queues[call.queue]
        if queue.back_ms:
            cut_off(self, call.queue, call.customer, call.since, self.now + queue.back_ms)
    end_call(self, k, at, waits)


cdef void of_call(Acd self, int64_t code, int32_t k, int64_t b) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    cdef bint dialled = call.extra != NULL and call.extra.dialled
    cdef int32_t q
    if code == C_MOVES:
        q = seek(&self.queue_ids, b)
        if q < 0:
            refuse(self, UNKNOWN_QUEUE)
        elif self.queues[q].tenant != queue.tenant:
            refuse(self, OTHER_TENANT)
        elif dialled:
            refuse(self, NOT_WAITING)
        else:
            withdraw_all(self, k)
            if call.state == TALKS:
                let_go(self, k)
                call.state = WAITS
                queue.n_waiting += 1
                disengaged(self, k)
            join(self, k, q)
    elif code == C_BACK:
        if call.state == TALKS:
            refuse(self, NOT_WAITING)
        elif not call.customer:
            refuse(self, NO_NUMBER)
        else:
            withdraw_all(self, k)
            set_callback(self, k, True)
            stand(self, k)
    elif not dialled:
        refuse(self, NOT_DIALLED)
    elif code == C_ANSWERS:
        call.extra.dialled = False
        set_callback(self, k, False)
        joined(self, k, call.agent)
    else:
        withdraw_all(self, k)
        let_go(self, k)
        forget(self, k)


# --- inputs about offers


cdef inline int32_t of_his_offer(Acd self, int64_t call, int64_t agent) noexcept nogil:
    """The agent who has an open offer of this call, or -1."""
    cdef int32_t x = seek(&self.agent_ids, agent)
    if x >= 0 and self.agents[x].state == OFFERED and <uint32_t>self.calls[self.agents[x].call].key.minor == call:
        return x
    return -1


cdef inline void rings(Acd self, int64_t call, int64_t agent) noexcept nogil:
    cdef int32_t x = of_his_offer(self, call, agent)
    cdef Agent *p
    if rare(x < 0):
        of_offer(self, O_RINGS, call, agent, 0)
        return
    p = &self.agents[x]
    if not p.rang:
        p.rang = True
        stop(&self.timers, &p.timer)
        start(&self.timers, &p.timer, self.now, self.now + p.spans.ring_ms, OFFER_ENDS, agent)
    emit(self, RINGING, call, agent, p.timer.link.major)


cdef inline void answers(Acd self, int64_t call, int64_t agent) noexcept nogil:
    """Compare and set."""
    cdef int32_t x = of_his_offer(self, call, agent)
    if x >= 0 and self.calls[self.agents[x].call].state == WAITS:
        has_answered(self, self.agents[x].call, x)
    else:
        of_offer(self, A_ANSWERS, call, agent, 0)


cdef inline void has_answered(Acd self, int32_t k, int32_t x) noexcept nogil:
    cdef Call *call = &self.calls[k]
    cdef Agent *p = &self.agents[x]
    call.state = TALKS
    call.agent = x
    stop(&self.timers, &p.timer)
    ring_no_more(self, k, x)
    unstand(self, k)
    no_due(self, k)
    self.queues[call.queue].n_waiting -= 1
    p.misses = 0
    p.state = TALKING  # who was offered is counted as who talks is
    if call.extra != NULL:
        if call.n_rings == 0:
            begin_round(self, k)
        if call.extra.callback:
            call.extra.dialled = True
            emit(self, DIALBACK, <uint32_t>call.key.minor, p.idle_link.minor, NONE)
            return
    joined(self, k, x)


cdef void of_offer(Acd self, int64_t code, int64_t call, int64_t agent, int64_t c) noexcept nogil:
    """All but the first ringing and the first answer; those that come to nothing, too."""
    cdef int32_t x = seek(&self.agent_ids, agent), k
    cdef Agent *p
    if x < 0:
        refuse(self, UNKNOWN_AGENT)
        return
    k = find(&self.call_ids, call)
    if k < 0:
        refuse(self, UNKNOWN_CALL)
        return
    p = &self.agents[x]
    if code == A_TAKES:
        takes(self, k, x)
    elif p.state != OFFERED or p.call != k:
        refuse(self, NO_SUCH_OFFER)
    elif code == O_FAILS:
        turn_over(self, x, WITHDRAWN, HOLD_MS)
    elif code == O_WITHDRAWN:
        part(self, x, True)
        set_state(self, x, FREE)
        emit(self, WITHDRAWN, call, agent, NONE)
    elif self.calls[k].state == TALKS:
        taken(self, x)
    else:
        turn_over(self, x, REJECTED, p.spans.busy_ms if c else p.spans.reject_ms)
    moved(self, x)


cdef inline bint voice_stands(Acd self, int64_t call, int64_t agent) noexcept nogil:
    """Whether it was more than a word."""
    cdef int32_t x = seek(&self.agent_ids, agent), k = -1
    if rare(x < 0):
        refuse(self, UNKNOWN_AGENT)
        return False
    if self.agents[x].state == TALKING:
        k = self.agents[x].call
    if rare(k < 0 or <uint32_t>self.calls[k].key.minor != call):
        refuse(self, UNKNOWN_CALL if find(&self.call_ids, call) < 0 else NOT_TALKING)
    elif self.calls[k].rings >= 0:
        all_taken(self, k)
        return True
    return False


cdef void all_taken(Acd self, int32_t k) noexcept nogil:
    """Of this caller, those who ring still."""
    cdef int32_t i, x, n = ringers(self, k)
    for i in range(n):
        x = self.scratch[i]
        taken(self, x)
        moved(self, x)


cdef void takes(Acd self, int32_t k, int32_t x) noexcept nogil:
    """A supervisor's."""
    cdef Agent *p = &self.agents[x]
    if self.calls[k].state == TALKS:
        refuse(self, NOT_WAITING)
    elif p.tenant != self.queues[self.calls[k].queue].tenant:
        refuse(self, OTHER_TENANT)
    elif (p.state != FREE and p.state != RESTING and p.state != WRAP_UP) or p.blocks or p.vanished:
        refuse(self, NOT_FREE)
    elif number_busy(self, k):
        refuse(self, NUMBER_BUSY)
    else:
        p.rest_until = self.now
        stop(&self.timers, &p.timer)
        offer(self, k, x)
