"""Part of _acd.pyx: requests and classes: who may take whom."""

# --- requests and classes: who may take whom


cdef inline int32_t request_of(Acd self, int32_t q, int32_t want, int32_t step) noexcept nogil:
    """The request of these; made where it is new. -1 where memory is out."""
    cdef int32_t r = -1, i
    if want + 1 < self.queues[q].n_of_want:
        r = self.queues[q].of_want[want + 1] - 1
    if rare(r < 0):
        r = new_request(self, q, want, 0, -1)
    for i in range(step):
        if r >= 0:
            r = self.requests[r].wider if self.requests[r].wider >= 0 else new_request(self, q, want, i + 1, r)
    return r


cdef int32_t new_request(Acd self, int32_t q, int32_t want, int32_t step, int32_t narrower) noexcept nogil:
    """`narrower`: the one of a step less."""
    cdef int32_t r = self.n_requests, lane
    cdef Queue *queue = &self.queues[q]
    cdef Request *p
    if not (room(self, r + 1, self.n_classes) and _grow(<void **>&queue.of_want, &queue.n_of_want, want + 2, sizeof(int32_t))):
        fail(self)
        return -1
    self.n_requests += 1
    p = &self.requests[r]
    memset(p, 0, sizeof(Request))
    p.queue = q
    p.want = want
    p.step = step
    p.specials = p.front.call = p.wider = -1
    for lane in range(ROWS):
        p.rows[lane].first = LAST
        p.rows[lane].mask = <uint32_t>-1
    p.front.key.major = LAST
    p.front.request = r
    p.prefers = want >= 0 and self.wants[want].n_prefers > 0
    pairs_of_request(self, r)
    if narrower >= 0:
        self.requests[narrower].wider = r
    else:
        queue.of_want[want + 1] = r + 1
    return r


cdef void see_plain(Acd self, int32_t r) noexcept nogil:
    """After a change of its queue, its want, or the orders of those who may."""
    cdef const Queue *queue = &self.queues[self.requests[r].queue]
    cdef Request *p = &self.requests[r]
    p.heads = queue.strategy == LONGEST_IDLE and p.orders & (p.orders - 1) == 0
    p.plain = p.heads and queue.most == 1 and not (queue.more_ms or queue.reserve)
    p.quiet = p.plain and not (p.prefers or queue.timed or queue.causes)


cdef bint room(Acd self, int32_t requests, int32_t classes) noexcept nogil:
    """For so many of each in lists and matrix."""
    cdef int32_t old = self.cap_classes, rows = self.cap_requests, wide = old, high = rows, words, across, r, q, a
    cdef uint8_t *order
    cdef uint8_t *liked
    cdef int16_t *score
    cdef uint64_t *may
    cdef uint64_t *takes
    cdef uint64_t *bits
    cdef char *moved
    if requests <= rows and classes < old:
        return True
    while wide <= classes:
        wide = 64 if wide == 0 else 2 * wide
    while high < requests:
        high = 16 if high == 0 else 2 * high
    words = wide >> 6
    across = (high + 63) >> 6
    order = <uint8_t *>calloc(<size_t>high * wide + 1, 1)
    liked = <uint8_t *>malloc(<size_t>high * wide + 1)  # `pair` sets both
    score = <int16_t *>malloc((<size_t>high * wide + 1) * sizeof(int16_t))
    may = <uint64_t *>calloc(<size_t>high * words + 1, 8)
    takes = <uint64_t *>calloc(<size_t>wide * across + 1, 8)
    if order == NULL or liked == NULL or score == NULL or may == NULL or takes == NULL:
        free(order); free(liked); free(score); free(may); free(takes)
        return False
    for r in range(high):
        order[<size_t>r * wide + wide - 1] = liked[<size_t>r * wide + wide - 1] = 1  # of `no_class`
    self.no_class.slot = wide - 1
    for r in range(self.n_requests):
        memcpy(order + <size_t>r * wide, self.order + <size_t>r * old, self.n_classes)
        memcpy(liked + <size_t>r * wide, self.liked + <size_t>r * old, self.n_classes)
        memcpy(score + <size_t>r * wide, self.score + <size_t>r * old, self.n_classes * 2)
        memcpy(may + <size_t>r * words, self.may + <size_t>r * self.words, self.words * 8)
    for q in range(self.n_classes):
        for r in range(self.n_requests):
            if order[<size_t>r * wide + q]:
                takes[<size_t>q * across + (r >> 6)] |= <uint64_t>1 << (r & 63)
    free(self.order); free(self.liked); free(self.score); free(self.may); free(self.takes)
    self.order = order; self.liked = liked; self.score = score; self.may = may; self.takes = takes
    if wide > old:
        a = self.words
        if not _grow(<void **>&self.idle_classes, &a, words, 8):
            return False
        for q in range(self.n_queues):
            bits = <uint64_t *>realloc(self.queues[q].classes, words * 8)
            if bits == NULL:
                return False
            memset(bits + self.words, 0, (words - self.words) * 8)
            self.queues[q].classes = bits
        a = old
        if not _grow(<void **>&self.wanted, &a, wide, sizeof(int32_t)):
            return False
        a = old
        moved = <char *>self.classes
        if not _grow(<void **>&self.classes, &a, wide, sizeof(Class)):
            return False
        for q in range(self.n_classes):
            settle_down(&self.classes[q].idle, <char *>self.classes - moved)
        empty(&self.no_class.by_head)
        for q in range(self.n_classes):
            if self.classes[q].idle.next != &self.classes[q].idle:
                rank(self, &self.classes[q], self.no_class.by_head.next)
        self.cap_classes = wide
        self.words = words
    if high > rows:
        a = rows
        if not _grow_blank(<void **>&self.requests, &a, high, sizeof(Request)):
            return False
        sort_fronts(self)
        self.cap_requests = high
    a = self.request_words
    if not _grow(<void **>&self.open_requests, &a, across, 8):
        return False
    a = self.request_words
    if not _grow(<void **>&self.special_requests, &a, across, 8):
        return False
    a = self.request_words
    if not _grow(<void **>&self.fresh, &a, across, 8):
        return False
    self.request_words = across
    return True


cdef int32_t level_in(Acd self, const Class *cls, int32_t skill) noexcept nogil:
    """Of no skill: 0."""
    cdef int32_t first = cls.n_queues, last = cls.n_queues + cls.n_skills, i
    while first < last:
        i = (first + last) >> 1
        if cls.what[2 * i] < skill:
            first = i + 1
        else:
            last = i
    return cls.what[2 * first + 1] if first < cls.n_queues + cls.n_skills and cls.what[2 * first] == skill else 0


cdef int32_t order_in(Acd self, const Class *cls, int32_t queue) noexcept nogil:
    """0: it does not serve this queue."""
    cdef int32_t i
    for i in range(cls.n_queues):
        if cls.what[2 * i] == queue:
            return cls.what[2 * i + 1]
    return 0


cdef void pair(Acd self, int32_t r, int32_t c) noexcept nogil:
    """One field of the matrix."""
    cdef Request *request = &self.requests[r]
    cdef Queue *queue = &self.queues[request.queue]
    cdef Class *cls = &self.classes[c]
    cdef Want *want = NULL
    cdef int32_t i, j, level, order, other, lower = 0, score = 0, step = min(request.step, queue.n_steps)
    cdef bint may = True, liked = True
    cdef size_t at = <size_t>r * self.cap_classes + c
    if step:
        lower = queue.steps[step - 1].lower
    order = order_in(self, cls, request.queue)
    for i in range(step):
        if queue.steps[i].also >= 0:
            other = order_in(self, cls, queue.steps[i].also)
            if other and (order == 0 or other < order):
                order = other
    if order and request.want >= 0:
        want = &self.wants[request.want]
        for i in range(want.n_needs + want.n_prefers):
            level = level_in(self, cls, want.what[2 * i])
            if i < want.n_needs:
                score += level
                if level < want.what[2 * i + 1] - lower:
                    may = False
            else:
                if level < want.what[2 * i + 1]:
                    liked = False
                for j in range(want.n_needs):
                    if want.what[2 * j] == want.what[2 * i]:
                        break
                else:
                    score += level
    if not may:
        order = 0
    if order != self.order[at]:
        count_order(request, self.order[at], -1)
        count_order(request, order, 1)
    self.order[at] = <uint8_t>order
    self.liked[at] = liked and order > 0
    self.score[at] = <int16_t>min(score, 32767)
    if (self.open_requests[r >> 6] >> (r & 63)) & 1:
        self.wanted[c] += (order > 0) - (self.takes[<size_t>c * self.request_words + (r >> 6)] >> (r & 63) & 1)
    if order:
        self.may[<size_t>r * self.words + (c >> 6)] |= <uint64_t>1 << (c & 63)
        self.takes[<size_t>c * self.request_words + (r >> 6)] |= <uint64_t>1 << (r & 63)
        self.orders |= <uint32_t>1 << order
    else:
        self.may[<size_t>r * self.words + (c >> 6)] &= ~(<uint64_t>1 << (c & 63))
        self.takes[<size_t>c * self.request_words + (r >> 6)] &= ~(<uint64_t>1 << (r & 63))


cdef inline void count_order(Request *p, int32_t order, int32_t by) noexcept nogil:
    if order:
        p.by_order[order] += by
        if p.by_order[order]:
            p.orders |= <uint32_t>1 << order
        else:
            p.orders &= ~(<uint32_t>1 << order)


cdef void pairs_of_request(Acd self, int32_t r) noexcept nogil:
    cdef int32_t c
    for c in range(self.n_classes):
        pair(self, r, c)
    see_plain(self, r)
    open_rounds(self)


cdef void pairs_of_class(Acd self, int32_t c) noexcept nogil:
    cdef int32_t r, q
    for r in range(self.n_requests):
        pair(self, r, c)
        see_plain(self, r)
    open_rounds(self)
    for q in range(self.n_queues):
        if order_in(self, &self.classes[c], q):
            self.queues[q].classes[c >> 6] |= <uint64_t>1 << (c & 63)
        else:
            self.queues[q].classes[c >> 6] &= ~(<uint64_t>1 << (c & 63))


cdef int32_t sorted_pairs(Acd self, int64_t kind, int32_t at) noexcept nogil:
    """The given rows of this kind, each first number once with its last second, sorted, as pairs into scratch from `at` on; how many."""
    cdef int32_t i, j, n = 0
    cdef int32_t *to
    if not _grow(<void **>&self.scratch, &self.cap_scratch, at + 2 * self.n_given + 2, sizeof(int32_t)):
        fail(self)
        return 0
    to = self.scratch + at
    for i in range(self.n_given):
        if self.given[i].kind == kind:
            j = n
            while j > 0 and to[2 * (j - 1)] > self.given[i].a:
                j -= 1
            if j > 0 and to[2 * (j - 1)] == self.given[i].a:
                to[2 * j - 1] = <int32_t>self.given[i].b
                continue
            memmove(to + 2 * (j + 1), to + 2 * j, 2 * (n - j) * sizeof(int32_t))
            to[2 * j] = <int32_t>self.given[i].a
            to[2 * j + 1] = <int32_t>self.given[i].b
            n += 1
    return n


cdef int32_t class_of(Acd self, int32_t n_queues, int32_t n_skills) noexcept nogil:
    """Of the pairs in scratch: an existing class, a deserted one made anew, or a new one; -1 where memory is out."""
    cdef int32_t c, i, n = 2 * (n_queues + n_skills), spare = -1
    cdef uint64_t sign = <uint64_t>n_queues
    cdef Class *cls
    cdef int32_t *what
    for i in range(n):
        sign = (sign ^ <uint32_t>self.scratch[i]) * <uint64_t>0x100000001B3
    for c in range(self.n_classes):
        cls = &self.classes[c]
        if cls.members == 0:
            spare = c
        if cls.sign == sign and cls.n_queues == n_queues and cls.n_skills == n_skills:
            for i in range(n):
                if cls.what[i] != self.scratch[i]:
                    break
            else:
                return c
    what = <int32_t *>malloc((n + 1) * sizeof(int32_t))
    if what == NULL:
        return -1
    memcpy(what, self.scratch, n * sizeof(int32_t))
    if spare < 0:
        if not room(self, self.n_requests, self.n_classes + 1):
            free(what)
            return -1
        spare = self.n_classes
        self.n_classes += 1
        memset(&self.classes[spare], 0, sizeof(Class))
        empty(&self.classes[spare].idle)
        self.classes[spare].slot = spare
    cls = &self.classes[spare]
    free(cls.what)
    cls.what = what; cls.sign = sign; cls.n_queues = n_queues; cls.n_skills = n_skills
    cls.even = True
    for i in range(1, n_queues):
        cls.even = cls.even and what[2 * i + 1] == what[1]
    count_reserves(self, cls)
    pairs_of_class(self, spare)
    return spare
