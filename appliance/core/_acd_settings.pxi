"""Part of _acd.pyx: inputs about what an office is."""

# --- inputs about what an office is


cdef inline bint apply(Acd self, int64_t code, const int64_t *values) noexcept nogil:
    """Whether something may be left to settle."""
    if code == C_WAITS:
        if values[5] == -1:
            call_waits(self, values, 0, False)
        elif -2 - NUMBER_MAX <= values[5] < -1:
            call_waits(self, values, -2 - values[5], False)
        else:
            somebody_waits(self, values, False)
    elif code == A_ANSWERS:
        answers(self, values[0], values[1])
    elif code == C_LEAVES:
        call_leaves(self, values[0], values[1] != 0)
    elif code == TICK:
        return False
    elif code == O_RINGS:
        rings(self, values[0], values[1])
    elif code == V_STANDS:
        return voice_stands(self, values[0], values[1])
    elif code == A_HANGS_UP:
        hangs_up(self, values[0])
    else:
        apply_other(self, code, values)
    return True


cdef void apply_other(Acd self, int64_t code, const int64_t *values) noexcept nogil:
    cdef int32_t x
    if O_RINGS <= code <= O_WITHDRAWN:
        of_offer(self, code, values[0], values[1], values[2])
    elif C_MOVES <= code <= C_FAILS:
        x = find(&self.call_ids, values[0])
        if x < 0:
            refuse(self, UNKNOWN_CALL)
        else:
            of_call(self, code, x, values[1])
    elif A_IN <= code <= A_HANGS_UP or code == A_TRAITS:
        x = seek(&self.agent_ids, values[0])
        if x < 0:
            refuse(self, UNKNOWN_AGENT)
        else:
            of_agent(self, code, x, values[1], values[2], values[3], values[4])
            moved(self, x)
    else:
        set_up(self, code, values[0], values[1], values[2], values[3], values[4], values[5])


cdef void set_up(Acd self, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) noexcept nogil:
    """What an office is."""
    cdef int32_t x
    if code == A_SET:
        agent_set(self, a, b, c, d)
    elif code == Q_SET:
        queue_set(self, a, b, c, d, e, f)
    elif Q_OFFERS <= code <= Q_WIDENS:
        x = seek(&self.queue_ids, a)
        if x < 0:
            refuse(self, UNKNOWN_QUEUE)
        else:
            of_queue(self, code, x, b, c, d, e, f)
    elif code == W_SET:
        want_set(self, a)
    elif code == T_SET:
        if not (_fits(a, ID_MAX) and _fits(b + 1, ID_MAX + 1) and _fits(c + 1, ID_MAX + 1)):
            refuse(self, BAD_VALUE)
            return
        x = tenant_slot(self, a)
        if x >= 0:
            self.tenants[x].told = True
            self.tenants[x].seats_max = b
            self.n_line_limits += (c >= 0) - (self.tenants[x].calls_max >= 0)
            self.tenants[x].calls_max = c
            count_lines(self)
    else:
        refuse(self, BAD_VALUE)


cdef int32_t tenant_slot(Acd self, int64_t tenant) noexcept nogil:
    """Made where it is new, without limits; -1 where memory is out."""
    cdef int32_t t = seek(&self.tenant_ids, tenant)
    if t >= 0:
        return t
    t = self.n_tenants
    if not (_grow(<void **>&self.tenants, &self.cap_tenants, t + 1, sizeof(Tenant)) and add_for_ever(&self.tenant_ids, tenant, t)):
        fail(self)
        return -1
    self.n_tenants += 1
    self.tenants[t].seats_max = self.tenants[t].calls_max = -1
    self.tenants[t].lines_left = FITS_NOTHING - ID_MAX
    return t


cdef void queue_set(Acd self, int64_t queue, int64_t ring, int64_t rest, int64_t reject, int64_t busy, int64_t tenant) noexcept nogil:
    cdef int32_t q = seek(&self.queue_ids, queue), t
    cdef Queue *p
    if reject == -1:
        reject = rest
    if busy == -1:
        busy = reject
    if not (_fits(queue, ID_MAX) and _fits(ring - 1, DURATION_MAX_MS - 1) and _fits(rest, DURATION_MAX_MS) and _fits(tenant, ID_MAX)):
        refuse(self, BAD_VALUE)
        return
    if not (_fits(reject, DURATION_MAX_MS) and _fits(busy, DURATION_MAX_MS)):
        refuse(self, BAD_VALUE)
        return
    t = tenant_slot(self, tenant)
    if q < 0:
        q = self.n_queues
        if not (_grow(<void **>&self.queues, &self.cap_queues, q + 1, sizeof(Queue)) and add_for_ever(&self.queue_ids, queue, q)):
            fail(self)
            return
        p = &self.queues[q]
        memset(p, 0, sizeof(Queue))
        p.id = queue
        p.tenant = t
        p.at_once = p.most = 1
        p.tier_points = 100
        p.length_most = FITS_NOTHING
        p.served_ms = p.interval = -1
        p.classes = <uint64_t *>calloc(self.words + 1, 8)
        if p.classes == NULL:
            fail(self)
            return
        self.n_queues += 1
        see_ageing(self)
    p = &self.queues[q]
    if p.tenant != t:
        refuse(self, OTHER_TENANT)
        return
    p.spans.ring_ms = <int32_t>ring; p.spans.rest_ms = <int32_t>rest; p.spans.reject_ms = <int32_t>reject; p.spans.busy_ms = <int32_t>busy


cdef void of_queue(Acd self, int64_t code, int32_t q, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) noexcept nogil:
    cdef Queue *p = &self.queues[q]
    cdef int32_t r
    if code == Q_OFFERS:
        if not (_fits(b, STRATEGIES - 1) and _fits(c, AT_ONCE_MAX) and _fits(d, DURATION_MAX_MS) and _fits(e, ID_MAX) and _fits(f, ID_MAX)):
            refuse(self, BAD_VALUE)
            return
        self.n_reserves += (e != 0) - (p.reserve != 0)
        p.strategy = <int32_t>b; p.at_once = <int32_t>c; p.more_ms = <int32_t>d; p.reserve = <int32_t>e; p.random = <uint64_t>f
        p.most = p.at_once if p.at_once else AT_ONCE_MAX
        count_idle(self, q)
        for r in range(self.n_classes):
            count_reserves(self, &self.classes[r])
    elif code == Q_POINTS:
        if not (_fits(b, 1000000) and _fits(c, 1000) and _fits(d, 1000000)):
            refuse(self, BAD_VALUE)
            return
        p.weight = b; p.ageing = c; p.tier_points = d
        see_ageing(self)
    elif code == Q_LIMITS:
        queue_limits(self, q, b, c, d, e, f)
    elif code == Q_EMPTIES:
        if not _fits(b, 7):
            refuse(self, BAD_VALUE)
            return
        self.n_causes += (b != 0) - (p.causes != 0)
        self.n_wrap_causes += (b & ALL_IN_WRAP_UP != 0) - (p.causes & ALL_IN_WRAP_UP != 0)
        staff_changed(self, True)
        p.causes = <int32_t>b
        count_all_wrapping(self)
    else:
        queue_widens(self, q, b, c, d, e)
    p.timed = p.n_steps or p.overflow_ms or p.wait_max_ms or p.more_ms
    p.soonest_ms = sooner_span(p.wait_max_ms, 0, sooner_span(p.overflow_ms, 0, p.steps[0].after_ms if p.n_steps else LAST))
    if p.soonest_ms == LAST:
        p.soonest_ms = 0
    for r in range(self.n_requests):
        if self.requests[r].queue == q:
            see_plain(self, r)
    again_for_all(self, q)


cdef void count_lines(Acd self) noexcept nogil:
    """Of each tenant, anew, as some have limits of lines now or none has."""
    cdef int32_t t, k
    for t in range(self.n_tenants):
        self.tenants[t].lines_left = self.tenants[t].calls_max if self.tenants[t].calls_max >= 0 else FITS_NOTHING - ID_MAX
    for k in range(self.n_calls):
        if self.calls[k].state != OVER:
            self.tenants[self.queues[self.calls[k].queue].tenant].lines_left -= 1


cdef void count_all_wrapping(Acd self) noexcept nogil:
    """Of each class, anew, as some queue asks for it now or none does."""
    cdef int32_t c, x
    for c in range(self.n_classes):
        self.classes[c].wrapping = 0
    for x in range(self.n_agents):
        self.classes[self.agents[x].cls].wrapping += self.agents[x].state == WRAP_UP


cdef void see_ageing(Acd self) noexcept nogil:
    cdef int32_t q
    self.uneven = False
    for q in range(self.n_queues):
        if self.queues[q].ageing != self.queues[0].ageing:
            self.uneven = True


cdef void count_idle(Acd self, int32_t q) noexcept nogil:
    """Anew, as the queue has a reserve now or has not."""
    cdef Queue *p = &self.queues[q]
    cdef int32_t w
    cdef const Link *end
    cdef const Link *x
    cdef uint64_t bits
    p.n_idle = 0
    for w in range(self.words):
        bits = p.classes[w] & self.idle_classes[w]
        while bits:
            end = &self.classes[(w << 6) + lowest(bits)].idle
            bits &= bits - 1
            x = end.next
            while x != end:
                p.n_idle += 1
                x = x.next


cdef void count_reserves(Acd self, Class *cls) noexcept nogil:
    cdef int32_t i
    cls.reserves = 0
    for i in range(cls.n_queues):
        cls.reserves += self.queues[cls.what[2 * i]].reserve > 0


cdef void queue_limits(Acd self, int32_t q, int64_t length, int64_t wait, int64_t overflow, int64_t to, int64_t back) noexcept nogil:
    cdef Queue *p = &self.queues[q]
    cdef int32_t other = 0
    if not (_fits(length, ID_MAX) and _fits(wait, DURATION_MAX_MS) and _fits(overflow, DURATION_MAX_MS) and _fits(back, DURATION_MAX_MS)):
        refuse(self, BAD_VALUE)
        return
    if overflow:
        other = seek(&self.queue_ids, to)
        if other < 0:
            refuse(self, UNKNOWN_QUEUE)
            return
        if self.queues[other].tenant != p.tenant:
            refuse(self, OTHER_TENANT)
            return
        if other == q:
            refuse(self, BAD_VALUE)
            return
    p.length_max = length; p.length_most = length if length else FITS_NOTHING; p.wait_max_ms = wait; p.overflow_ms = overflow; p.overflow_to = other; p.back_ms = back


cdef void queue_widens(Acd self, int32_t q, int64_t step, int64_t after, int64_t lower, int64_t also) noexcept nogil:
    cdef Queue *p = &self.queues[q]
    cdef int32_t other = -1, r
    if not (_fits(step, min(p.n_steps, 7)) and _fits(after, DURATION_MAX_MS) and _fits(lower, 9) and (also == -1 or _fits(also, ID_MAX))):
        refuse(self, BAD_VALUE)
        return
    if also != -1:
        other = seek(&self.queue_ids, also)
        if other < 0:
            refuse(self, UNKNOWN_QUEUE)
            return
        if self.queues[other].tenant != p.tenant:
            refuse(self, OTHER_TENANT)
            return
    if after == 0:
        p.n_steps = <int32_t>step
    else:
        if (step > 0 and p.steps[step - 1].after_ms >= after) or (step + 1 < p.n_steps and p.steps[step + 1].after_ms <= after):
            refuse(self, BAD_VALUE)
            return
        p.steps[step].after_ms = after
        p.steps[step].lower = <int32_t>lower
        p.steps[step].also = other
        if step == p.n_steps:
            p.n_steps += 1
    for r in range(self.n_requests):
        if self.requests[r].queue == q:
            pairs_of_request(self, r)


cdef void again_for_all(Acd self, int32_t q) noexcept nogil:
    """The queue's callers, by its new values."""
    cdef int32_t k
    for k in range(self.n_calls):  # all out first: a heap of old and new keys is none
        if self.calls[k].state != OVER and self.calls[k].queue == q:
            unstand(self, k)
    for k in range(self.n_calls):
        if self.calls[k].state != OVER and self.calls[k].queue == q:
            set_key(self, k, self.calls[k].key.since, self.calls[k].key.minor >> 32)
            if self.calls[k].state == WAITS:
                stand(self, k)
                watch_time(self, k)
                look_at(self, k)


cdef void want_set(Acd self, int64_t want) noexcept nogil:
    cdef int32_t w = seek(&self.want_ids, want), i, r, k, n_needs, n_prefers
    cdef int32_t *what
    for i in range(self.n_given):
        if not (_fits(self.given[i].a, ID_MAX) and _fits(self.given[i].b - 1, 8)):
            refuse(self, BAD_VALUE)
            return
    if not _fits(want, ID_MAX):
        refuse(self, BAD_VALUE)
        return
    n_needs = sorted_pairs(self, NEEDS, 0)
    n_prefers = sorted_pairs(self, PREFERS, 2 * n_needs)
    what = <int32_t *>malloc((2 * (n_needs + n_prefers) + 1) * sizeof(int32_t))
    if what == NULL or self.broken:
        free(what)
        fail(self)
        return
    memcpy(what, self.scratch, 2 * (n_needs + n_prefers) * sizeof(int32_t))
    if w < 0:
        w = self.n_wants
        if not (_grow(<void **>&self.wants, &self.cap_wants, w + 1, sizeof(Want)) and add_for_ever(&self.want_ids, want, w)):
            free(what)
            fail(self)
            return
        self.n_wants += 1
        self.wants[w].what = NULL
    free(self.wants[w].what)
    self.wants[w].what = what
    self.wants[w].n_needs = n_needs
    self.wants[w].n_prefers = n_prefers
    for r in range(self.n_requests):
        if self.requests[r].want == w:
            self.requests[r].prefers = n_prefers > 0
            pairs_of_request(self, r)
    for k in range(self.n_calls):
        if self.calls[k].state == WAITS and self.calls[k].want == w:
            unstand(self, k)
            stand(self, k)


cdef void agent_set(Acd self, int64_t agent, int64_t wrap_up, int64_t setup, int64_t tenant) noexcept nogil:
    cdef int32_t x = seek(&self.agent_ids, agent), i, q, n_queues, n_skills, c, t, k
    cdef Agent *p
    if not (_fits(agent, ID_MAX) and _fits(wrap_up, DURATION_MAX_MS) and _fits(setup, DURATION_MAX_MS) and _fits(tenant, ID_MAX)):
        refuse(self, BAD_VALUE)
        return
    for i in range(self.n_given):
        if not _fits(self.given[i].b - 1, 8) or (self.given[i].kind == KNOWS and not _fits(self.given[i].a, ID_MAX)):
            refuse(self, BAD_VALUE)
            return
    for i in range(self.n_given):
        if self.given[i].kind == SERVES and seek(&self.queue_ids, self.given[i].a) < 0:
            refuse(self, UNKNOWN_QUEUE)
            return
    t = seek(&self.tenant_ids, tenant)
    for i in range(self.n_given):
        if self.given[i].kind == SERVES:
            q = seek(&self.queue_ids, self.given[i].a)
            if self.queues[q].tenant != t:
                refuse(self, OTHER_TENANT)
                return
            self.given[i].a = q
    if x >= 0 and self.agents[x].tenant != t:
        refuse(self, OTHER_TENANT)
        return
    t = tenant_slot(self, tenant)
    n_queues = sorted_pairs(self, SERVES, 0)
    n_skills = sorted_pairs(self, KNOWS, 2 * n_queues)
    c = class_of(self, n_queues, n_skills)
    if self.broken or c < 0:
        fail(self)
        return
    if x < 0:
        x = self.n_agents
        if not (grow_agents(self) and add_for_ever(&self.agent_ids, agent, x)):
            fail(self)
            return
        self.n_agents += 1
        p = &self.agents[x]
        p.idle_link.minor = agent
        p.timer.whose = x
        p.timer.at = NO_TIMER
        p.tenant = t
        p.cls = c
        p.call = -1
        p.weight = 1
        p.owned = -1
        for i in range(self.n_calls if self.n_unknown_owners else 0):
            if self.calls[i].extra != NULL and self.calls[i].extra.owner == agent:
                self.n_unknown_owners -= 1
                own(self, i, agent)
        self.classes[c].members += 1
    p = &self.agents[x]
    if p.cls != c:
        change_class(self, x, c)
    p.wrap_up_ms = <int32_t>wrap_up
    p.setup_ms = <int32_t>setup
    staff_changed(self, True)
    open_rounds(self)
    his_stand(self, x)
    if p.state == OFFERED:
        k = p.call
        i = request_of(self, self.calls[k].queue, self.calls[k].want, widened(self, k))
        if i >= 0 and not self.order[<size_t>i * self.cap_classes + c]:
            part(self, x, False)
            emit(self, WITHDRAWN, <uint32_t>self.calls[k].key.minor, agent, NONE)
            set_state(self, x, FREE)
    moved(self, x)


cdef void change_class(Acd self, int32_t x, int32_t c) noexcept nogil:
    cdef Agent *p = &self.agents[x]
    cdef int32_t state = p.state, old = p.cls
    cdef bint counted = p.counted
    if p.idle:
        idle_no_more(self, x)
    self.classes[old].counted -= counted
    self.classes[c].counted += counted
    if state != OUT:
        self.classes[old].here -= 1
        self.classes[c].here += 1
    if state == PAUSED:
        self.classes[old].paused -= 1
        self.classes[c].paused += 1
    if state == WRAP_UP:
        count_wrapping(self, old, -1)
        count_wrapping(self, c, 1)
    self.classes[old].members -= 1
    self.classes[c].members += 1
    p.cls = c
