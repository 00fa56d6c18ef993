"""Part of _acd.pyx: matching and rounds (rules 1, 2, 5, 8, 9)."""

# --- matching (rules 1, 2, 8, 9)


cdef void match_once(Acd self) noexcept nogil:
    """One pass over what is fresh: all others are matched as far as they can be. `again`: one on demand who was offered may have ended a hold or
    a round, so what was fresh is looked at once more."""
    cdef uint32_t orders
    cdef int32_t i
    self.again = False
    if self.n_owners:
        owners_first(self)
    orders = self.orders if self.any_fresh else 0
    while orders:
        pass_of(self, lowest(orders))
        orders &= orders - 1
    if not self.again:
        self.any_fresh = self.marked = False
        if self.only >= 0:
            self.fresh[self.only >> 6] = 0
        else:
            memset(self.fresh, 0, self.request_words * sizeof(uint64_t))


cdef inline void match_newcomer(Acd self) noexcept nogil:
    """To the first of those whom he may take, of the least order: no other agent is free for them."""
    cdef int32_t x = self.newcomer, c = self.agents[x].cls, best = -1
    cdef const Front *front = self.by_front.next
    self.newcomer = -1
    self.any_fresh = False
    if self.classes[c].even:
        while front != &self.by_front:
            if self.order[<size_t>front.request * self.cap_classes + c] and spare(self, (<const Request *>front).queue):
                best = front.call
                break
            front = front.next
        if rare(self.n_special):
            best = first_of_his(self, x, best, self.special_requests)
    else:
        best = first_of_his(self, x, -1, self.open_requests)
    if best >= 0:
        offer_who_stands(self, best, x)


cdef inline void offer_who_stands(Acd self, int32_t k, int32_t x) noexcept nogil:
    """To an idle agent."""
    if self.agents[x].on_demand or not one_at_a_time(&self.queues[self.calls[k].queue]):
        offer(self, k, x)
        return
    if self.calls[k].stands == IN_LINE:
        leave_line(self, &self.requests[self.calls[k].request], k)
    else:
        leave_place(self, k)
    if not in_round(self, k):
        no_due(self, k)
    offer_plainly(self, k, x)


cdef inline bint one_at_a_time(const Queue *queue) noexcept nogil:
    return queue.most == 1 and not queue.more_ms


cdef int32_t first_of_his(Acd self, int32_t x, int32_t best, const uint64_t *asked) noexcept nogil:
    """The first, of the least order, of those of the `asked` requests whom this agent may take and of this one; -1: there is none."""
    cdef int32_t c = self.agents[x].cls, i, r, k
    cdef uint32_t order, level = NO_ORDER
    cdef const uint64_t *takes = self.takes + <size_t>c * self.request_words
    cdef uint64_t bits
    if best >= 0:
        level = self.order[<size_t>self.calls[best].request * self.cap_classes + c]
    for i in range(self.request_words):
        bits = asked[i] & takes[i]
        while bits:
            r = (i << 6) + lowest(bits)
            bits &= bits - 1
            order = self.order[<size_t>r * self.cap_classes + c]
            if order > level or not spare(self, self.requests[r].queue):
                continue
            k = self.requests[r].front.call
            if k >= 0 and (order < level or sooner(self, k, best)):
                best = k
                level = order
            k = self.requests[r].specials
            while k >= 0:
                if (order < level or sooner(self, k, best)) and not number_busy(self, k) and not passed(self, k, x):
                    best = k
                    level = order
                k = self.calls[k].extra.next
    return best


cdef void owners_first(Acd self) noexcept nogil:
    """By smaller number of the owner, each his first caller."""
    cdef int32_t i, k, x, best, n = self.n_owners
    if not _grow(<void **>&self.scratch, &self.cap_scratch, n, sizeof(int32_t)):
        fail(self)
        return
    memcpy(self.scratch, self.owners, n * sizeof(int32_t))
    self.n_owners = 0
    sort_agents(self, n)
    for i in range(n):
        x = self.scratch[i]
        self.agents[x].woken = False
        best = -1
        k = self.agents[x].owned if self.agents[x].idle else -1
        while k >= 0:
            if self.calls[k].stands and (best < 0 or not sooner(self, best, k)):
                if takes_him(self, k, x) and not number_busy(self, k):
                    best = k
            k = self.calls[k].extra.mine_next
        if best >= 0:
            offer_who_stands(self, best, x)


cdef inline bint takes_him(Acd self, int32_t k, int32_t x) noexcept nogil:
    """This caller of his own, where he is free."""
    cdef const Call *call = &self.calls[k]
    return self.order[<size_t>call.request * self.cap_classes + self.agents[x].cls] and not passed(self, k, x) and spare(self, call.queue)


cdef inline void pass_of(Acd self, int32_t level) noexcept nogil:
    """Callers first first, over all queues; each takes as many agents of this order as he may."""
    cdef Request *line
    cdef int32_t cursor = -1, agent
    while self.n_idle:
        agent = UNSURE
        if rare(self.n_special | self.uneven):
            cursor = first_caller(self, level, cursor, &agent)
            if cursor < 0:
                return
            line = &self.requests[self.calls[cursor].request]
        else:
            line = <Request *>first_in_line(self, level)
            cursor = line.front.call
            if cursor < 0:
                return
        if agent == UNSURE:
            agent = first_liked(self, line.front.request) if line.plain else sure_pick(self, cursor, level)
        if agent == UNSURE:
            agent = pick(self, cursor, level, True)
        offer_who_stands(self, cursor, agent)


cdef inline const Front *first_in_line(Acd self, int32_t level) noexcept nogil:
    """The line whose first caller is the first whom somebody free could take, where all callers age alike; or none: `by_front`."""
    cdef const Front *front = self.by_front.next
    cdef uint32_t r
    if self.only >= 0:
        front = &self.requests[self.only].front
        if front.call >= 0 and somebody_of(self, <const Request *>front, level) and spare(self, (<const Request *>front).queue):
            return front
        return &self.by_front
    while front != &self.by_front:
        r = front.request
        if (self.fresh[r >> 6] >> (r & 63)) & 1 and somebody_of(self, <const Request *>front, level):
            if spare(self, (<const Request *>front).queue):
                break
        front = front.next
    return front


cdef int32_t first_caller(Acd self, int32_t level, int32_t cursor, int32_t *agent) noexcept nogil:
    """The first whom somebody free could take, from the one at the cursor on, or -1; with his agent, where that was worth finding."""
    cdef bint by_front = not self.uneven
    cdef int32_t best = first_in_line(self, level).call if by_front else -1, i, r, k, x
    cdef const uint64_t *asked = self.special_requests if by_front else self.open_requests
    cdef uint64_t bits
    for i in range(0 if self.only < 0 else self.only >> 6, self.request_words):
        bits = self.fresh[i] & asked[i]
        while bits:
            r = (i << 6) + lowest(bits)
            bits &= bits - 1
            if not somebody_of(self, &self.requests[r], level) or not spare(self, self.requests[r].queue):
                continue
            k = self.requests[r].front.call
            if not by_front and k >= 0 and (best < 0 or sooner(self, k, best)):
                best = k
                agent[0] = UNSURE
            k = self.requests[r].specials
            while k >= 0:
                if (best < 0 or sooner(self, k, best)) and (cursor < 0 or not sooner(self, k, cursor)) and not number_busy(self, k):
                    x = sure_pick(self, k, level)
                    if x >= 0 or (x == UNSURE and pick(self, k, level, False) >= 0):
                        best = k
                        agent[0] = x
                k = self.calls[k].extra.next
    return best


cdef inline int32_t sure_pick(Acd self, int32_t k, int32_t level) noexcept nogil:
    """The agent of this order whom this caller gets, or -1; UNSURE where that is worth finding only when it is his turn."""
    if self.requests[self.calls[k].request].heads:
        return longest_idle(self, k)
    if self.queues[self.calls[k].queue].strategy <= BEST_LEVEL:
        return pick(self, k, level, True)
    return UNSURE


cdef inline int64_t score(Acd self, int32_t k) noexcept nogil:
    """Over all queues: the less, the sooner."""
    if not self.uneven:
        return self.calls[k].key.major
    return self.calls[k].key.major - self.queues[self.calls[k].queue].ageing * self.now


cdef inline bint somebody(Acd self, int32_t r) noexcept nogil:
    """Some free agent could take callers of this request."""
    cdef int32_t w
    for w in range(self.words):
        if self.idle_classes[w] & self.may[<size_t>r * self.words + w]:
            return True
    return False


cdef inline bint somebody_of(Acd self, const Request *p, int32_t level) noexcept nogil:
    """Likewise, to whom its queue is of this order."""
    cdef int32_t w, r = p.front.request
    cdef uint64_t bits
    if p.orders == <uint32_t>1 << level:
        return somebody(self, r)
    if not (p.orders >> level) & 1:
        return False
    for w in range(self.words):
        bits = self.idle_classes[w] & self.may[<size_t>r * self.words + w]
        while bits:
            if self.order[<size_t>r * self.cap_classes + (w << 6) + lowest(bits)] == level:
                return True
            bits &= bits - 1
    return False


cdef inline bint spare(Acd self, int32_t q) noexcept nogil:
    """More free agents serve this queue than its reserve."""
    return self.n_reserves == 0 or self.queues[q].reserve == 0 or self.queues[q].n_idle > self.queues[q].reserve


cdef bint held(Acd self, int32_t k) noexcept nogil:
    """Rule 8."""
    cdef Call *call = &self.calls[k]
    cdef int32_t x
    if call.extra == NULL or call.extra.owner < 0 or self.now - call.joined >= call.extra.owner_ms:
        return False
    x = call.extra.mine
    if x < 0 or not self.agents[x].counted or not self.order[<size_t>call.request * self.cap_classes + self.agents[x].cls]:
        return False
    return not passed(self, k, x)


cdef bint passed(Acd self, int32_t k, int32_t x) noexcept nogil:
    """He had his turn, or must not have this caller."""
    cdef Extra *more = self.calls[k].extra
    cdef int32_t i
    if more == NULL:
        return False
    if more.round >= 0 and (x >> 6) < more.n_words and (more.turns[x >> 6] >> (x & 63)) & 1:
        return True
    for i in range(more.n_never):
        if more.never[i] == self.agents[x].idle_link.minor:
            return True
    return False


cdef inline bint excludes(Acd self, int32_t k) noexcept nogil:
    """Somebody had his turn, or must not have this caller."""
    cdef Extra *more = self.calls[k].extra
    return more != NULL and (more.round >= 0 or more.n_never > 0)


cdef inline int64_t measure(Acd self, int32_t strategy) noexcept nogil:
    """Where in an agent stands what FEWEST_CALLS, LEAST_TALK and FIXED go by: the less, the sooner."""
    cdef const Agent *p = self.agents
    cdef const int64_t *at = &p.rank
    if strategy == FEWEST_CALLS:
        at = &p.calls
    elif strategy == LEAST_TALK:
        at = &p.talk_ms
    return <const char *>at - <const char *>p


cdef int32_t pick(Acd self, int32_t k, int32_t level, bint sure) noexcept nogil:
    """The agent of this order whom this caller gets, or -1; not `sure`: any one will do, and nothing is drawn. Who has what is preferred comes before all
    others; of equals the longest idle is first, then the smaller number."""
    cdef Queue *queue = &self.queues[self.calls[k].queue]
    if queue.strategy <= BEST_LEVEL:
        return first_of_classes(self, k, level, queue.strategy == BEST_LEVEL)
    if not sure:
        return first_of_classes(self, k, level, False)
    if queue.strategy == RANDOM:
        return draw(self, k, level)
    if queue.strategy == ROUND_ROBIN and not _grow(<void **>&queue.asked, &queue.n_asked, self.n_agents, sizeof(int64_t)):
        fail(self)
        return -1
    return least_of_all(self, k, level, queue)


cdef inline int32_t first_of_classes(Acd self, int32_t k, int32_t level, bint by_score) noexcept nogil:
    """The longest idle; `by_score`: of the best levels."""
    cdef size_t row = <size_t>self.calls[k].request * self.cap_classes
    cdef const uint64_t *may = self.may + <size_t>self.calls[k].request * self.words
    cdef bint choosy = excludes(self, k)
    cdef const Link *best = &self.no_agent.idle_link
    cdef const Link *x
    cdef int32_t value, most = -1, w, c
    cdef uint64_t bits
    for w in range(self.words):
        bits = self.idle_classes[w] & may[w]
        while bits:
            c = (w << 6) + lowest(bits)
            bits &= bits - 1
            if self.order[row + c] != level:
                continue
            value = (self.liked[row + c] << 16) + (self.score[row + c] if by_score else 0)
            x = self.classes[c].idle.next
            if choosy:
                while x != &self.classes[c].idle and passed(self, k, who(x)):
                    x = x.next
            if x != &self.classes[c].idle and (value > most or (value == most and less(x, best))):
                best = x
                most = value
    return who(best)


cdef inline int32_t least_of_all(Acd self, int32_t k, int32_t level, const Queue *queue) noexcept nogil:
    """Who has the least of what the queue's strategy goes by."""
    cdef size_t row = <size_t>self.calls[k].request * self.cap_classes
    cdef const uint64_t *may = self.may + <size_t>self.calls[k].request * self.words
    cdef bint choosy = excludes(self, k), liked = False
    cdef const Link *best = &self.no_agent.idle_link
    cdef const Link *x
    cdef int64_t value, least = FITS_NOTHING, at = measure(self, queue.strategy)
    cdef int32_t w, c
    cdef uint64_t bits
    for w in range(self.words):
        bits = self.idle_classes[w] & may[w]
        while bits:
            c = (w << 6) + lowest(bits)
            bits &= bits - 1
            if self.order[row + c] != level or self.liked[row + c] < liked:
                continue
            x = self.classes[c].idle.next
            while x != &self.classes[c].idle:
                if not choosy or not passed(self, k, who(x)):
                    value = queue.asked[who(x)] if queue.strategy == ROUND_ROBIN else (<const int64_t *>(<const char *>x + at))[0]
                    if value < least or self.liked[row + c] > liked or (value == least and less(x, best)):
                        best = x
                        least = value
                        liked = self.liked[row + c]
                x = x.next
    return who(best)


cdef inline int32_t longest_idle(Acd self, int32_t k) noexcept nogil:
    if excludes(self, k):
        return longest_idle_but(self, k)
    return first_liked(self, self.calls[k].request)


cdef inline int32_t first_liked(Acd self, int32_t r) noexcept nogil:
    """The longest idle of those who have what is preferred, where there is one, else of all."""
    cdef int32_t x = -1
    if rare(self.requests[r].prefers):
        x = first_who_may(self, self.liked + <size_t>r * self.cap_classes)
    return x if x >= 0 else first_idle(self, r)


cdef inline int32_t first_idle(Acd self, int32_t r) noexcept nogil:
    return first_who_may(self, self.order + <size_t>r * self.cap_classes)


cdef inline int32_t first_who_may(Acd self, const uint8_t *may) noexcept nogil:
    """The first of the first class that may, or -1: `no_class` may."""
    cdef const Link *cls = self.no_class.by_head.next
    while not may[(<const Class *>cls).slot]:
        cls = cls.next
    return who((<const Class *>cls).idle.next)


cdef int32_t longest_idle_but(Acd self, int32_t k) noexcept nogil:
    """The same without those who had their turn or must not have him."""
    cdef size_t row = <size_t>self.calls[k].request * self.cap_classes
    cdef int32_t x = -1
    if self.requests[self.calls[k].request].prefers:
        x = first_who_may_but(self, self.liked + row, k)
    return x if x >= 0 else first_who_may_but(self, self.order + row, k)


cdef int32_t first_who_may_but(Acd self, const uint8_t *may, int32_t k) noexcept nogil:
    """The first left of each class, until a class begins later."""
    cdef const Link *cls = self.no_class.by_head.next
    cdef const Link *best = &self.no_agent.idle_link
    cdef const Link *x
    while less(cls, best):
        if may[(<const Class *>cls).slot]:
            x = (<const Class *>cls).idle.next
            while x != &(<const Class *>cls).idle and less(x, best):
                if not passed(self, k, who(x)):
                    best = x
                    break
                x = x.next
        cls = cls.next
    return who(best)


cdef inline int32_t who(const Link *idle) noexcept nogil:
    return (<const Agent *>idle).timer.whose


cdef int32_t draw(Acd self, int32_t k, int32_t level) noexcept nogil:
    """RANDOM: by weight, in order of number."""
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    cdef size_t row = <size_t>call.request * self.cap_classes
    cdef const uint64_t *may = self.may + <size_t>call.request * self.words
    cdef bint choosy = excludes(self, k), liked = False
    cdef int32_t w, c, n = 0
    cdef int64_t *tickets
    cdef const Link *link
    cdef int64_t total = 0
    cdef uint64_t bits
    if not _grow(<void **>&self.scratch, &self.cap_scratch, 2 * (self.n_idle + 1), sizeof(int32_t)):
        fail(self)
        return -1
    tickets = <int64_t *>self.scratch
    for w in range(self.words):
        bits = self.idle_classes[w] & may[w]
        while bits:
            c = (w << 6) + lowest(bits)
            bits &= bits - 1
            if self.order[row + c] != level or self.liked[row + c] < liked:
                continue
            link = self.classes[c].idle.next
            while link != &self.classes[c].idle:
                if not choosy or not passed(self, k, who(link)):
                    if self.liked[row + c] > liked:
                        liked = True
                        n = 0
                        total = 0
                    tickets[n] = link.minor << WEIGHT_BITS | (<const Agent *>link).weight
                    total += (<const Agent *>link).weight
                    n += 1
                link = link.next
    if n == 0:
        return -1
    if n > 1:
        tickets[0] = at_weight(tickets, n, <int64_t>(splitmix64(&queue.random) % <uint64_t>total))
    return seek(&self.agent_ids, tickets[0] >> WEIGHT_BITS)


cdef inline uint64_t splitmix64(uint64_t *state) noexcept nogil:
    """Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014."""
    cdef uint64_t z
    state[0] += <uint64_t>0x9E3779B97F4A7C15
    z = state[0]
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline int64_t at_weight(int64_t *tickets, int32_t n, int64_t drawn) noexcept nogil:
    """Of these (number, weight) the one at whom this weight is reached, by number. They are parted by one of them, and the part where he is again,
    until he is alone: O(n). Source: Hoare, Algorithm 65: Find, 1961."""
    cdef int64_t *first = tickets
    cdef int64_t *last = tickets + n - 1
    cdef int64_t *i
    cdef int64_t *j
    cdef int64_t middle, weight
    while first < last:
        middle = first[(last - first) >> 1]
        i = first
        j = last
        weight = 0  # of those before the middle one
        while True:
            while i[0] < middle:
                weight += i[0] & WEIGHT
                i += 1
            while j[0] > middle:
                j -= 1
            if i >= j:
                break
            i[0], j[0] = j[0], i[0]
            weight += i[0] & WEIGHT
            i += 1
            j -= 1
        if i == j:  # the middle one himself
            weight += i[0] & WEIGHT
        if drawn < weight:
            last = j
        else:
            drawn -= weight
            first = j + 1
    return first[0]


cdef void sort_agents(Acd self, int32_t n) noexcept nogil:
    """Those in scratch, by number."""
    cdef int32_t gap = n >> 1, i, j, x
    while gap:
        for i in range(gap, n):
            x = self.scratch[i]
            j = i
            while j >= gap and self.agents[x].idle_link.minor < self.agents[self.scratch[j - gap]].idle_link.minor:
                self.scratch[j] = self.scratch[j - gap]
                j -= gap
            self.scratch[j] = x
        gap = gap >> 1


cdef void offer(Acd self, int32_t k, int32_t x) noexcept nogil:
    place_offer(self, k, x, True)


cdef inline void place_offer(Acd self, int32_t k, int32_t x, bint stands) noexcept nogil:
    """Rule 3. Not `stands`: he stands nowhere, more may ring for him at once, and what time does to him is looked at after that."""
    cdef Agent *p = &self.agents[x]
    cdef Call *call = &self.calls[k]
    cdef Queue *queue = &self.queues[call.queue]
    if not asks_him(self, queue, x):
        return
    if call.n_rings == 0:
        call.rung_at = self.now
    ring(self, k, x)
    if p.on_demand:
        self.again = True
    set_state(self, x, OFFERED)
    p.call = k
    if p.idle and not p.on_demand:
        idle_no_more(self, x)
    else:
        moved(self, x)
    if stands:
        if call.stands or call.n_rings < at_once(self, k):
            stand(self, k)
        if queue.more_ms or rare(call.due_row != NO_DUE):
            watch_time(self, k)
    emit(self, OFFER, <uint32_t>call.key.minor, p.idle_link.minor, p.timer.link.major)


cdef inline void offer_plainly(Acd self, int32_t k, int32_t x) noexcept nogil:
    """The same to an idle agent, for who is offered to one at a time, stands nowhere, and to whom time does nothing now."""
    cdef Agent *p = &self.agents[x]
    cdef Call *call = &self.calls[k]
    if not asks_him(self, &self.queues[call.queue], x):
        return
    call.rung_at = self.now
    call.rings = x
    call.n_rings = 1
    p.ring_prev = p.ring_next = -1
    p.state = OFFERED
    p.call = k
    idle_no_more(self, x)
    emit(self, OFFER, <uint32_t>call.key.minor, p.idle_link.minor, p.timer.link.major)


cdef inline bint asks_him(Acd self, Queue *queue, int32_t x) noexcept nogil:
    """What an offer is to the queue and to its agent. False where memory is out."""
    cdef Agent *p = &self.agents[x]
    if x >= queue.n_asked and not _grow(<void **>&queue.asked, &queue.n_asked, x + 1, sizeof(int64_t)):
        fail(self)
        return False
    queue.offers += 1
    queue.asked[x] = queue.offers
    p.rang = p.asks = False
    p.spans = queue.spans
    start(&self.timers, &p.timer, self.now, self.now + p.setup_ms + queue.spans.ring_ms, OFFER_ENDS, p.idle_link.minor)
    return True


cdef inline void ring(Acd self, int32_t k, int32_t x) noexcept nogil:
    """One more who rings for this caller."""
    cdef Call *call = &self.calls[k]
    self.agents[x].ring_prev = -1
    self.agents[x].ring_next = call.rings
    if call.rings >= 0:
        self.agents[call.rings].ring_prev = x
    call.rings = x
    call.n_rings += 1


# --- rounds (rule 5)


cdef void note_turn(Acd self, int32_t k, int32_t x) noexcept nogil:
    """Of this agent, for this caller, who may have to stand elsewhere for it."""
    cdef Extra *more = extra_of(self, k)
    if more == NULL or not _grow(<void **>&more.turns, &more.n_words, (x >> 6) + 1, sizeof(uint64_t)):
        fail(self)
        return
    more.n_turns += not (more.turns[x >> 6] >> (x & 63)) & 1
    more.turns[x >> 6] |= <uint64_t>1 << (x & 63)
    if not self.rounds_due:
        self.rounds_due = ONE_ROUND
    elif self.had != k:
        self.rounds_due = ALL_ROUNDS
    self.had = k
    disturb(self)
    if more.round < 0:
        if not push(self, &self.rounds, &self.n_rounds, &self.cap_rounds, k):
            return
        more.round = self.n_rounds - 1


cdef inline void begin_round(Acd self, int32_t k) noexcept nogil:
    """Nobody has had his turn."""
    if in_round(self, k):
        end_round(self, k)


cdef inline bint in_round(Acd self, int32_t k) noexcept nogil:
    """Somebody has had his turn."""
    return self.calls[k].extra != NULL and self.calls[k].extra.round >= 0


cdef void end_round(Acd self, int32_t k) noexcept nogil:
    cdef Extra *more = self.calls[k].extra
    cdef int32_t i
    memset(more.turns, 0, more.n_words * sizeof(uint64_t))
    more.n_turns = 0
    i = more.round
    more.round = -1
    self.n_rounds -= 1
    if i < self.n_rounds:
        self.rounds[i] = self.rounds[self.n_rounds]
        self.calls[self.rounds[i]].extra.round = i
    if self.calls[k].state == WAITS:
        stand(self, k)
        watch_time(self, k)


cdef bint complete(Acd self, int32_t k) noexcept nogil:
    """All who could ever take this caller and are there have had their turn."""
    cdef Call *call = &self.calls[k]
    cdef Extra *more = call.extra
    cdef size_t row = <size_t>call.request * self.cap_classes
    cdef int64_t left = 0
    cdef int32_t w, c, x, i
    cdef uint64_t bits
    for w in range(self.words):
        bits = self.may[<size_t>call.request * self.words + w]
        while bits:
            left += self.classes[(w << 6) + lowest(bits)].counted
            bits &= bits - 1
            if left > more.n_turns + more.n_never:
                return False
    for i in range(more.n_never):
        x = seek(&self.agent_ids, more.never[i])
        if x >= 0 and self.agents[x].counted and self.order[row + self.agents[x].cls]:
            left -= 1
    for w in range(more.n_words):
        bits = more.turns[w]
        while bits:
            x = (w << 6) + lowest(bits)
            bits &= bits - 1
            if self.agents[x].counted and self.order[row + self.agents[x].cls]:
                for i in range(more.n_never):
                    if more.never[i] == self.agents[x].idle_link.minor:
                        break
                else:
                    left -= 1
    return left == 0


cdef void new_rounds(Acd self) noexcept nogil:
    cdef int32_t i = self.n_rounds - 1, k = self.had
    if self.rounds_due == ONE_ROUND:
        i = -1
        if self.calls[k].state == WAITS and self.calls[k].extra != NULL and self.calls[k].extra.round >= 0 and complete(self, k):
            begin_round(self, k)
    self.rounds_due = NO_ROUND
    while i >= 0:
        if self.calls[self.rounds[i]].state == WAITS and complete(self, self.rounds[i]):
            begin_round(self, self.rounds[i])
        i -= 1
