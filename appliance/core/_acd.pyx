"""The routing core: which call goes to whom (A3 A4 E4). An input and the time go in, decisions and the next deadline come out.

Why Cython: it is the simulator of the very code that routes; some hundred times the oracle. Figures: bench/bench_core.py, docs/routing.md
Oracle: reference.py, compared decision by decision and by one 64-bit hash in tests/appliance/core/test_same_as_oracle.py
Method: agents who serve the same queues form a group with one list of its idle ones, longest idle first; a queue has one list of its callers, first
first; a match looks at the heads. Queues where somebody waits and somebody is idle are `hot`: between steps all of their callers have visited all of
their idle agents. Nothing here asks the clock, allocates beyond need, or calls Python while a step runs.
"""
cimport cython
from cpython cimport array
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

import array as _array

from appliance.core import inputs as _inputs
from appliance.core._decisions cimport make
from appliance.core._ids cimport Ids, add, drop, find
from appliance.core._order cimport Link, empty, less, put, take
from appliance.core._timers cimport LANES, NO_TIMER, first, start, stop

cdef enum: OUT, FREE, OFFERED, TALKING, WRAP_UP, PAUSED, RESTING
cdef enum: WAITS, RINGS, TALKS
cdef enum:
    Q_SET, A_SET, A_IN, A_OUT, A_PAUSES, A_RESUMES, A_BLOCKED, A_UNBLOCKED, A_VANISHES, A_RETURNS, C_WAITS, C_LEAVES, O_RINGS, A_ANSWERS, A_REJECTS,
    O_FAILS, A_HANGS_UP, TICK, SERVES
cdef enum:
    OFFER, RINGING, MISSED, REJECTED, WITHDRAWN, CONNECT, RELEASE, WRAPUP, RESTS, PAUSED_, FREE_, REQUEUED, REFUSED
cdef enum:
    UNKNOWN_AGENT, UNKNOWN_QUEUE, UNKNOWN_CALL, CALL_EXISTS, LOGGED_IN_ALREADY, NOT_LOGGED_IN, IS_TALKING, NO_SUCH_OFFER, NOT_TALKING, NOTHING_TO_RESUME,
    PAUSED_ALREADY, TIME_BACKWARDS, BAD_VALUE

cdef int64_t ID_MAX = 0x7fffffff
cdef int64_t DURATION_MAX_MS = 1000000000
cdef int64_t TIME_MAX_MS = <int64_t>1 << 61
cdef int64_t HOLD_MS = 1000  # rule 4
cdef int64_t NONE = -1

INPUT_WIDTH = 6
ACTION_WIDTH = 5

cdef dict CODES = {
    getattr(_inputs, name): code
    for code, name in enumerate((
        "QueueSet", "AgentSet", "AgentLogsIn", "AgentLogsOut", "AgentPauses", "AgentResumes", "AgentBlocked", "AgentUnblocked", "AgentVanishes",
        "AgentReturns", "CallWaits", "CallLeaves", "OfferRings", "AgentAnswers", "AgentRejects", "OfferFails", "AgentHangsUp", "Tick",
    ))
}
cdef tuple STATES = ("logged_out", "free", "offered", "talking", "wrap_up", "paused", "resting")
cdef int[7] TIMER_KIND = [9, 9, 0, 3, 2, 9, 1]  # rule 8, by state


cdef inline bint _fits(int64_t value, int64_t top) noexcept nogil:
    return 0 <= value <= top


cdef inline bint _grow(void **memory, int32_t *cap, int64_t need, size_t size) noexcept nogil:
    """Room for `need` entries, new ones zero; False where memory is out."""
    cdef void *more
    cdef int64_t want = cap[0]
    if need <= want:
        return True
    want = 2 * need + 8
    more = realloc(memory[0], want * size)
    if more == NULL:
        return False
    memset(<char *>more + cap[0] * size, 0, (want - cap[0]) * size)
    memory[0] = more
    cap[0] = <int32_t>want
    return True


@cython.final
cdef class Acd:
    """One office. Not for two threads at once."""

    def __cinit__(self):
        cdef int32_t lane
        self.fold = <uint64_t>0xCBF29CE484222325
        self.hot = self.spare_call = -1
        for lane in range(LANES):
            empty(&self.timers.ends[lane])

    def __dealloc__(self):
        cdef int32_t n
        for n in range(self.n_calls):
            free(self.calls[n].turns)
        for n in range(self.n_queues):
            free(self.queues[n].groups)
        for n in range(self.n_groups):
            free(self.groups[n].queues)
        free(self.agents); free(self.idle_links); free(self.queues); free(self.groups); free(self.calls); free(self.wait_links)
        free(self.timers.links); free(self.timers.lane); free(self.timers.pos); free(self.timers.heap)
        free(self.agent_ids.keys); free(self.agent_ids.slots); free(self.queue_ids.keys); free(self.queue_ids.slots)
        free(self.call_ids.keys); free(self.call_ids.slots); free(self.actions); free(self.serves)

    # --- faces

    def feed(self, now_ms, given):
        """One input at this time; the decisions in order."""
        cdef int64_t a = 0, b = 0, c = 0
        cdef int64_t code = CODES[type(given)]
        self.n_actions = 0
        self.n_serves = 0
        self.can_run()
        try:
            if code == Q_SET:
                a = given.queue; b = given.ring_ms; c = given.rest_ms
            elif code == A_SET:
                a = given.agent; b = given.wrap_up_ms; c = given.setup_ms
            elif code == A_BLOCKED or code == A_UNBLOCKED:
                a = given.agent; b = given.reason
            elif code == A_VANISHES:
                a = given.agent; b = given.keep_ms
            elif code == C_WAITS:
                a = given.call; b = given.queue
            elif code == C_LEAVES:
                a = given.call
            elif O_RINGS <= code <= O_FAILS:
                a = given.call; b = given.agent
            elif code != TICK:
                a = given.agent
        except OverflowError:
            a = b = c = ID_MAX + DURATION_MAX_MS  # fits nothing: refused as any wrong value
        if code == A_SET:
            for queue in given.queues:
                if not self.serve(queue if -1 < queue <= ID_MAX else -1):
                    raise MemoryError
        self.step(max(-1, min(now_ms, TIME_MAX_MS + 1)), code, a, b, c, 0)
        if self.broken:
            raise MemoryError
        return self.take_actions()

    def run(self, const int64_t[::1] rows not None):
        """Many inputs, packed as trace.pack does: INPUT_WIDTH numbers each; gives the decisions, ACTION_WIDTH numbers each (see trace.py)."""
        cdef int64_t i, n
        cdef array.array out
        cdef int64_t *to
        if rows.shape[0] % 6:
            raise ValueError("rows of INPUT_WIDTH numbers are wanted")
        self.can_run()
        self.n_actions = 0
        self.n_serves = 0
        self.running = True
        with nogil:
            for i in range(0, rows.shape[0], 6):
                self.step(rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4], rows[i + 5])
        self.running = False
        if self.broken:
            raise MemoryError
        n = self.n_actions
        out = array.clone(_array.array("q"), n * 5, False)
        to = <int64_t *>out.data.as_voidptr
        for i in range(n):
            to[0] = self.actions[i].now; to[1] = self.actions[i].code; to[2] = self.actions[i].call
            to[3] = self.actions[i].agent; to[4] = self.actions[i].until
            to += 5
        self.n_actions = 0
        return out

    def can_run(self):
        if self.running:
            raise RuntimeError("the core is not for two threads at once")
        if self.broken:
            raise MemoryError("the core ran out of memory before")

    cdef list take_actions(self):
        cdef int64_t i
        cdef Action *p
        cdef list out = []
        for i in range(self.n_actions):
            p = &self.actions[i]
            out.append(make(p.code, p.call, p.agent, p.until))
        return out

    # --- what others ask

    @property
    def next_deadline_ms(self):
        """When the core must be fed at the latest, or None."""
        cdef int32_t x = first(&self.timers)
        return None if x < 0 else self.timers.links[x].major

    @property
    def hash(self):
        """Of all decisions so far, 64 bits; the oracle's is the same."""
        return self.fold

    cdef int32_t known(self, const Ids *ids, object given) except -1:
        cdef int32_t slot = find(ids, given) if 0 <= given <= ID_MAX else -1
        if slot < 0:
            raise KeyError(given)
        return slot

    def waiting(self, queue):
        """Callers who are not joined with anybody, those with an open offer included, first the first. An unknown queue has none."""
        cdef int32_t q = find(&self.queue_ids, queue) if 0 <= queue <= ID_MAX else -1, k, x
        cdef list found = []
        if q < 0:
            return found
        for x in range(self.n_agents):
            if self.agents[x].state == OFFERED and self.calls[self.agents[x].call].queue == q:
                k = self.agents[x].call
                found.append((self.wait_links[k].major, self.wait_links[k].minor, self.calls[k].id))
        k = self.queues[q].waiting.head
        while k >= 0:
            found.append((self.wait_links[k].major, self.wait_links[k].minor, self.calls[k].id))
            k = self.wait_links[k].next
        found.sort()
        return [entry[2] for entry in found]

    def agent(self, agent):
        """(state, when it ends by itself or None); KeyError for an unknown one."""
        cdef int32_t x = self.known(&self.agent_ids, agent)
        return STATES[self.agents[x].state], None if self.timers.lane[x] == NO_TIMER else self.timers.links[x].major

    def explain(self, agent):
        """Why this agent gets no call now; None: he would get the next one."""
        cdef int32_t x = self.known(&self.agent_ids, agent), i
        cdef Agent *p = &self.agents[x]
        cdef Group *group = &self.groups[p.group]
        if p.state != FREE:
            return STATES[p.state]
        if p.vanished:
            return "vanished"
        if p.blocks:
            return "blocked"
        if group.n_queues == 0:
            return "no queue"
        for i in range(group.n_queues):
            if self.queues[group.queues[i]].waiting.n:
                return "had turn"
        return None

    def __sizeof__(self):
        """Bytes held: a core that routed a million calls is no larger than its busiest moment."""
        cdef int64_t n = sizeof(Acd), i
        n += self.cap_agents * (sizeof(Agent) + 2 * sizeof(Link) + 2 * sizeof(int32_t) + 1) + self.cap_queues * sizeof(Queue)
        n += self.cap_groups * sizeof(Group) + self.cap_calls * (sizeof(Call) + sizeof(Link)) + self.cap_serves * 8
        n += self.cap_actions * sizeof(Action)
        if self.agent_ids.keys != NULL:
            n += (self.agent_ids.mask + 1) * 12
        if self.queue_ids.keys != NULL:
            n += (self.queue_ids.mask + 1) * 12
        if self.call_ids.keys != NULL:
            n += (self.call_ids.mask + 1) * 12
        for i in range(self.n_calls):
            n += self.calls[i].n_words * sizeof(uint64_t)
        for i in range(self.n_queues):
            n += self.queues[i].cap_groups * sizeof(int32_t)
        for i in range(self.n_groups):
            n += self.groups[i].n_queues * sizeof(int32_t)
        return n

    # --- growing

    cdef bint reserve(self) noexcept nogil:
        """Room for one more call, so that no input fails half way."""
        cdef int32_t cap = self.cap_calls
        if self.spare_call >= 0 or self.n_calls < self.cap_calls:
            return True
        if not _grow(<void **>&self.wait_links, &cap, self.n_calls + 1, sizeof(Link)):
            return False
        return _grow(<void **>&self.calls, &self.cap_calls, self.n_calls + 1, sizeof(Call))

    cdef bint grow_agents(self) noexcept nogil:
        cdef int32_t need = self.n_agents + 1, a = self.cap_agents, b = a, c = a, d = a, e = a
        if need <= a:
            return True
        return (
            _grow(<void **>&self.idle_links, &a, need, sizeof(Link)) and _grow(<void **>&self.timers.links, &b, need, sizeof(Link))
            and _grow(<void **>&self.timers.lane, &c, need, 1) and _grow(<void **>&self.timers.pos, &d, need, sizeof(int32_t))
            and _grow(<void **>&self.timers.heap, &e, need, sizeof(int32_t))
            and _grow(<void **>&self.agents, &self.cap_agents, need, sizeof(Agent))
        )

    cdef bint serve(self, int64_t queue) noexcept nogil:
        """Collects the queues of the AgentSet that follows."""
        if not _grow(<void **>&self.serves, &self.cap_serves, self.n_serves + 1, sizeof(int64_t)):
            self.broken = True
            return False
        self.serves[self.n_serves] = queue
        self.n_serves += 1
        return True

    cdef void emit(self, int32_t code, int64_t call, int64_t agent, int64_t until) noexcept nogil:
        cdef Action *p
        cdef uint64_t prime = 0x100000001B3
        cdef void *more
        if self.n_actions == self.cap_actions:
            more = realloc(self.actions, (2 * self.cap_actions + 64) * sizeof(Action))
            if more == NULL:
                self.broken = True
                return
            self.actions = <Action *>more
            self.cap_actions = 2 * self.cap_actions + 64
        p = &self.actions[self.n_actions]
        self.n_actions += 1
        p.now = self.now; p.code = code; p.call = call; p.agent = agent; p.until = until
        self.fold = (self.fold ^ <uint64_t>self.now) * prime
        self.fold = (self.fold ^ <uint64_t>code) * prime
        self.fold = (self.fold ^ <uint64_t>call) * prime
        self.fold = (self.fold ^ <uint64_t>agent) * prime
        self.fold = (self.fold ^ <uint64_t>until) * prime

    cdef void refuse(self, int32_t why) noexcept nogil:
        self.emit(REFUSED, why, NONE, NONE)

    # --- a step

    cdef void step(self, int64_t now, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        if code == SERVES:
            self.serve(a)
            return
        if self.broken or not self.reserve():
            self.broken = True
            return
        if now < self.now:
            self.refuse(TIME_BACKWARDS)
        elif now > TIME_MAX_MS:
            self.refuse(BAD_VALUE)
        else:
            self.now = now
            self.settle()
            self.apply(code, a, b, c)
            self.settle()
        self.n_serves = 0

    cdef void settle(self) noexcept nogil:
        """What is due, complete rounds, offers."""
        cdef int32_t x = first(&self.timers)
        while x >= 0 and self.timers.links[x].major <= self.now:
            self.fire(x)
            x = first(&self.timers)
        if self.n_recheck:
            self.complete_rounds()
        if self.hot >= 0:
            self.match()

    cdef void fire(self, int32_t x) noexcept nogil:
        cdef Agent *p = &self.agents[x]
        cdef int64_t due = self.timers.links[x].major
        stop(&self.timers, x)
        if p.state == OFFERED:
            self.turn_over(x, MISSED, p.rest_ms)
        elif p.state == TALKING:
            self.requeue(x)
        else:
            self.make_free(x, due)
        self.moved(x)

    cdef void match(self) noexcept nogil:
        """Rules 1 and 2: callers of all hot queues, first first; each takes the longest idle agent whom he has not had."""
        cdef int32_t q = self.hot, k, x
        while q >= 0:
            self.queues[q].cursor = self.queues[q].waiting.head
            q = self.queues[q].hot_next
        while True:
            k = -1
            q = self.hot
            while q >= 0:
                x = self.queues[q].cursor
                if x >= 0 and (k < 0 or less(self.wait_links, x, k)):
                    k = x
                q = self.queues[q].hot_next
            if k < 0:
                return
            self.queues[self.calls[k].queue].cursor = self.wait_links[k].next
            x = self.longest_idle(k)
            if x >= 0:
                self.offer(k, x)

    cdef int32_t longest_idle(self, int32_t k) noexcept nogil:
        """Who may take this call, or -1."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int32_t i, x, best = -1
        for i in range(queue.n_groups):
            x = self.groups[queue.groups[i]].idle.head
            if call.in_round:
                while x >= 0 and (x >> 6) < call.n_words and (call.turns[x >> 6] >> (x & 63)) & 1:
                    x = self.idle_links[x].next
            if x >= 0 and (best < 0 or less(self.idle_links, x, best)):
                best = x
        return best

    cdef void offer(self, int32_t k, int32_t x) noexcept nogil:
        """Rule 3."""
        cdef Agent *p = &self.agents[x]
        cdef Queue *queue = &self.queues[self.calls[k].queue]
        cdef int64_t until = self.now + p.setup_ms + queue.ring_ms
        take(self.wait_links, &queue.waiting, k)
        self.calls[k].state = RINGS
        self.calls[k].agent = x
        p.state = OFFERED; p.call = k; p.rang = False; p.ring_ms = queue.ring_ms; p.rest_ms = queue.rest_ms
        start(&self.timers, x, self.now, until, p.id)
        self.moved(x)
        self.heat(self.calls[k].queue)
        self.emit(OFFER, self.calls[k].id, p.id, until)

    # --- rounds (rule 5)

    cdef void had_turn(self, int32_t k, int32_t x) noexcept nogil:
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        if not _grow(<void **>&call.turns, &call.n_words, (x >> 6) + 1, sizeof(uint64_t)):
            self.broken = True
            return
        call.turns[x >> 6] |= <uint64_t>1 << (x & 63)
        if not call.in_round:
            call.in_round = True
            call.visited = 0
            call.round_prev = -1
            call.round_next = queue.rounds
            if queue.rounds >= 0:
                self.calls[queue.rounds].round_prev = k
            queue.rounds = k
        call.visited += self.agents[x].counted
        if not queue.recheck:
            queue.recheck = True
            self.n_recheck += 1

    cdef void begin_round(self, int32_t k) noexcept nogil:
        """Nobody has had his turn."""
        cdef Call *call = &self.calls[k]
        if not call.in_round:
            return
        call.in_round = False
        memset(call.turns, 0, call.n_words * sizeof(uint64_t))
        if call.round_prev >= 0:
            self.calls[call.round_prev].round_next = call.round_next
        else:
            self.queues[call.queue].rounds = call.round_next
        if call.round_next >= 0:
            self.calls[call.round_next].round_prev = call.round_prev

    cdef void complete_rounds(self) noexcept nogil:
        cdef int32_t q, k, next
        for q in range(self.n_queues):
            if self.queues[q].recheck:
                self.queues[q].recheck = False
                k = self.queues[q].rounds
                while k >= 0:
                    next = self.calls[k].round_next
                    if self.calls[k].visited == self.queues[q].counted:
                        self.begin_round(k)
                    k = next
        self.n_recheck = 0

    cdef void count(self, int32_t x, bint on) noexcept nogil:
        """Whether rounds of his queues must visit this agent."""
        cdef Agent *p = &self.agents[x]
        cdef Group *group = &self.groups[p.group]
        cdef Queue *queue
        cdef Call *call
        cdef int32_t i, k, by = 1 if on else -1
        if p.counted == on:
            return
        p.counted = on
        for i in range(group.n_queues):
            queue = &self.queues[group.queues[i]]
            queue.counted += by
            k = queue.rounds
            if k >= 0 and not queue.recheck:
                queue.recheck = True
                self.n_recheck += 1
            while k >= 0:
                call = &self.calls[k]
                if (x >> 6) < call.n_words and (call.turns[x >> 6] >> (x & 63)) & 1:
                    call.visited += by
                k = call.round_next

    # --- lists

    cdef void moved(self, int32_t x) noexcept nogil:
        """After every change of an agent."""
        cdef Agent *p = &self.agents[x]
        cdef bint reachable = p.blocks == 0 and not p.vanished
        self.count(x, reachable and p.state != OUT and p.state != PAUSED)
        self.idle(x, reachable and p.state == FREE)

    cdef void idle(self, int32_t x, bint on) noexcept nogil:
        cdef Agent *p = &self.agents[x]
        cdef Group *group = &self.groups[p.group]
        cdef int32_t i
        if p.idle == on:
            return
        p.idle = on
        if on:
            self.idle_links[x].major = p.idle_since
            self.idle_links[x].minor = p.id
            put(self.idle_links, &group.idle, x)
            if group.idle.n > 1:
                return
        else:
            take(self.idle_links, &group.idle, x)
            if group.idle.n:
                return
        for i in range(group.n_queues):
            self.queues[group.queues[i]].idle_groups += 1 if on else -1
            self.heat(group.queues[i])

    cdef void heat(self, int32_t q) noexcept nogil:
        """Keeps the list of hot queues."""
        cdef Queue *p = &self.queues[q]
        cdef bint hot = p.waiting.n > 0 and p.idle_groups > 0
        if hot == p.hot:
            return
        p.hot = hot
        if hot:
            p.hot_prev = -1
            p.hot_next = self.hot
            if self.hot >= 0:
                self.queues[self.hot].hot_prev = q
            self.hot = q
            return
        if p.hot_prev >= 0:
            self.queues[p.hot_prev].hot_next = p.hot_next
        else:
            self.hot = p.hot_next
        if p.hot_next >= 0:
            self.queues[p.hot_next].hot_prev = p.hot_prev

    cdef void wait(self, int32_t k) noexcept nogil:
        """To his place in the queue."""
        cdef int32_t q = self.calls[k].queue
        self.calls[k].state = WAITS
        self.calls[k].agent = -1
        put(self.wait_links, &self.queues[q].waiting, k)
        self.heat(q)

    # --- an offer or a talk ends

    cdef int32_t part(self, int32_t x) noexcept nogil:
        """The agent is without call and timer; which call it was."""
        cdef int32_t k = self.agents[x].call
        self.agents[x].call = -1
        stop(&self.timers, x)
        return k

    cdef void turn_over(self, int32_t x, int32_t code, int64_t rest_ms) noexcept nogil:
        """Rule 4: missed, rejected or failed."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = self.part(x)
        self.emit(code, self.calls[k].id, p.id, NONE)
        self.had_turn(k, x)
        self.wait(k)
        p.rest_until = self.now + rest_ms
        self.come_back(x)

    cdef bint withdraw(self, int32_t x) noexcept nogil:
        """The agent's own doing: neither miss nor turn, but he is held for a moment."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k
        if p.state != OFFERED:
            return False
        k = self.part(x)
        self.emit(WITHDRAWN, self.calls[k].id, p.id, NONE)
        self.wait(k)
        p.rest_until = self.now + HOLD_MS
        return True

    cdef void lose_offer(self, int32_t x) noexcept nogil:
        if self.withdraw(x):
            self.come_back(x)

    cdef void come_back(self, int32_t x) noexcept nogil:
        """Free, or what is left of a rest."""
        cdef Agent *p = &self.agents[x]
        if p.rest_until > self.now:
            p.state = RESTING
            start(&self.timers, x, self.now, p.rest_until, (<int64_t>TIMER_KIND[RESTING] << 32) | p.id)
            self.emit(RESTS, NONE, p.id, p.rest_until)
        else:
            self.make_free(x, self.now)

    cdef void make_free(self, int32_t x, int64_t since) noexcept nogil:
        stop(&self.timers, x)
        self.agents[x].state = FREE
        self.agents[x].idle_since = since
        self.emit(FREE_, NONE, self.agents[x].id, NONE)

    cdef void pause(self, int32_t x) noexcept nogil:
        stop(&self.timers, x)
        self.agents[x].state = PAUSED
        self.agents[x].pause_next = False

    cdef void talk_over(self, int32_t x) noexcept nogil:
        """Rule 6."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = self.part(x)
        self.emit(RELEASE, self.calls[k].id, p.id, NONE)
        self.forget(k)
        if p.pause_next:
            self.pause(x)
            self.emit(PAUSED_, NONE, p.id, NONE)
        elif p.wrap_up_ms:
            p.state = WRAP_UP
            start(&self.timers, x, self.now, self.now + p.wrap_up_ms, (<int64_t>TIMER_KIND[WRAP_UP] << 32) | p.id)
            self.emit(WRAPUP, NONE, p.id, self.now + p.wrap_up_ms)
        else:
            self.make_free(x, self.now)

    cdef void requeue(self, int32_t x) noexcept nogil:
        """Rule 7: just before the first of the queue, those with an open offer counted; or where it arrived, when that is earlier."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = self.part(x), q = self.calls[k].queue, front = self.queues[q].waiting.head, y, other
        for y in range(self.n_agents):
            if self.agents[y].state == OFFERED:
                other = self.agents[y].call
                if self.calls[other].queue == q and (front < 0 or less(self.wait_links, other, front)):
                    front = other
        if front >= 0 and less(self.wait_links, front, k):
            self.wait_links[k].major = self.wait_links[front].major
            self.wait_links[k].minor = (((self.wait_links[front].minor >> 32) - 1) << 32) | self.calls[k].id
        self.wait(k)
        self.emit(REQUEUED, self.calls[k].id, p.id, NONE)
        if p.pause_next:
            self.pause(x)
            self.emit(PAUSED_, NONE, p.id, NONE)
        else:
            p.state = FREE
            p.idle_since = self.now

    cdef void forget(self, int32_t k) noexcept nogil:
        """The call is over; its slot is free."""
        self.begin_round(k)
        drop(&self.call_ids, self.calls[k].id)
        self.calls[k].agent = self.spare_call
        self.spare_call = k

    # --- inputs

    cdef void apply(self, int64_t code, int64_t a, int64_t b, int64_t c) noexcept nogil:
        cdef int32_t x
        if code == TICK:
            return
        if code == Q_SET:
            self.queue_set(a, b, c)
        elif code == A_SET:
            self.agent_set(a, b, c)
        elif code == C_WAITS:
            self.call_waits(a, b)
        elif code == C_LEAVES:
            self.call_leaves(a)
        elif O_RINGS <= code <= O_FAILS:
            self.of_offer(code, a, b)
        elif 0 <= code < TICK:
            x = find(&self.agent_ids, a)
            if x < 0:
                self.refuse(UNKNOWN_AGENT)
            else:
                self.of_agent(code, x, b)
                self.moved(x)
        else:
            self.refuse(BAD_VALUE)

    cdef void queue_set(self, int64_t queue, int64_t ring_ms, int64_t rest_ms) noexcept nogil:
        cdef int32_t q = find(&self.queue_ids, queue)
        if not (_fits(queue, ID_MAX) and _fits(ring_ms - 1, DURATION_MAX_MS - 1) and _fits(rest_ms, DURATION_MAX_MS)):
            self.refuse(BAD_VALUE)
            return
        if q < 0:
            q = self.n_queues
            if not (_grow(<void **>&self.queues, &self.cap_queues, q + 1, sizeof(Queue)) and add(&self.queue_ids, queue, q)):
                self.broken = True
                return
            self.n_queues += 1
            self.queues[q].id = queue
            self.queues[q].rounds = -1
            empty(&self.queues[q].waiting)
        self.queues[q].ring_ms = ring_ms
        self.queues[q].rest_ms = rest_ms

    cdef void agent_set(self, int64_t agent, int64_t wrap_up_ms, int64_t setup_ms) noexcept nogil:
        cdef int32_t x = find(&self.agent_ids, agent), i, q, k
        cdef Group *group
        if not (_fits(agent, ID_MAX) and _fits(wrap_up_ms, DURATION_MAX_MS) and _fits(setup_ms, DURATION_MAX_MS)):
            self.refuse(BAD_VALUE)
            return
        for i in range(self.n_serves):
            q = find(&self.queue_ids, self.serves[i])
            if q < 0:
                self.refuse(UNKNOWN_QUEUE)
                return
            self.serves[i] = q
        if x < 0:
            x = self.n_agents
            if not (self.grow_agents() and add(&self.agent_ids, agent, x)):
                self.broken = True
                return
            self.n_agents += 1
            self.agents[x].id = agent
            self.agents[x].group = self.agents[x].call = -1
            self.timers.lane[x] = NO_TIMER
        if not self.set_group(x):
            self.broken = True
            return
        self.agents[x].wrap_up_ms = wrap_up_ms
        self.agents[x].setup_ms = setup_ms
        if self.agents[x].state == OFFERED:
            k = self.agents[x].call
            group = &self.groups[self.agents[x].group]
            for i in range(group.n_queues):
                if group.queues[i] == self.calls[k].queue:
                    break
            else:
                self.part(x)
                self.emit(WITHDRAWN, self.calls[k].id, agent, NONE)
                self.wait(k)
                self.agents[x].state = FREE
        self.moved(x)

    cdef bint set_group(self, int32_t x) noexcept nogil:
        """The group with just the queues collected in `serves`; False where memory is out."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t n = 0, i, j, q, g
        cdef int32_t *queues = <int32_t *>calloc(self.n_serves + 1, sizeof(int32_t))
        if queues == NULL:
            return False
        for i in range(self.n_serves):  # sorted in, each once
            q = <int32_t>self.serves[i]
            j = n
            while j > 0 and queues[j - 1] > q:
                j -= 1
            if j > 0 and queues[j - 1] == q:
                continue
            for g in range(n, j, -1):
                queues[g] = queues[g - 1]
            queues[j] = q
            n += 1
        g = self.group_of(queues, n)
        if g < 0 or g == p.group:
            return g >= 0
        if p.group >= 0:
            self.count(x, False)
            self.idle(x, False)
            self.groups[p.group].members -= 1
        p.group = g
        self.groups[g].members += 1
        return True

    cdef int32_t group_of(self, int32_t *queues, int32_t n) noexcept nogil:
        """Takes `queues` over. An existing group, or a new one, in the place of a deserted one where there is one; -1 where memory is out."""
        cdef int32_t g, i, spare = -1
        cdef Group *group
        cdef Queue *queue
        for g in range(self.n_groups):
            group = &self.groups[g]
            if group.members == 0:
                spare = g
            if group.n_queues == n:
                for i in range(n):
                    if group.queues[i] != queues[i]:
                        break
                else:
                    free(queues)
                    return g
        if spare < 0:
            if not _grow(<void **>&self.groups, &self.cap_groups, self.n_groups + 1, sizeof(Group)):
                free(queues)
                return -1
            spare = self.n_groups
            self.n_groups += 1
            empty(&self.groups[spare].idle)
        group = &self.groups[spare]
        for i in range(group.n_queues):
            queue = &self.queues[group.queues[i]]
            for g in range(queue.n_groups):
                if queue.groups[g] == spare:
                    queue.n_groups -= 1
                    queue.groups[g] = queue.groups[queue.n_groups]
                    break
        free(group.queues)
        group.queues = queues
        group.n_queues = n
        for i in range(n):
            queue = &self.queues[queues[i]]
            if not _grow(<void **>&queue.groups, &queue.cap_groups, queue.n_groups + 1, sizeof(int32_t)):
                return -1
            queue.groups[queue.n_groups] = spare
            queue.n_groups += 1
        return spare

    cdef void of_agent(self, int64_t code, int32_t x, int64_t b) noexcept nogil:
        """Inputs about one agent. `b`: a block's reason, or how long a vanished one's call is kept."""
        cdef Agent *p = &self.agents[x]
        if A_BLOCKED <= code <= A_RETURNS:
            if (code == A_VANISHES and not _fits(b, DURATION_MAX_MS)) or (code < A_VANISHES and not _fits(b, 30)):
                self.refuse(BAD_VALUE)
            elif code == A_BLOCKED:
                p.blocks |= <uint64_t>1 << b
                self.lose_offer(x)
            elif code == A_UNBLOCKED:
                p.blocks &= ~(<uint64_t>1 << b)
            elif code == A_VANISHES:
                if p.state == TALKING and not p.vanished:
                    start(&self.timers, x, self.now, self.now + b, (<int64_t>TIMER_KIND[TALKING] << 32) | p.id)
                p.vanished = True
                self.lose_offer(x)
            else:
                p.vanished = False
                if p.state == TALKING:
                    stop(&self.timers, x)
        elif code == A_HANGS_UP:
            if p.state == TALKING:
                self.talk_over(x)
            else:
                self.refuse(NOT_TALKING)
        elif code == A_IN:
            if p.state == OUT:
                p.vanished = False
                self.come_back(x)
            else:
                self.refuse(LOGGED_IN_ALREADY)
        elif p.state == OUT:
            self.refuse(NOT_LOGGED_IN)
        elif code == A_OUT:
            if p.state == TALKING:
                self.refuse(IS_TALKING)
            else:
                self.withdraw(x)
                stop(&self.timers, x)
                p.state = OUT
        elif code == A_PAUSES:
            if p.state == PAUSED or p.pause_next:
                self.refuse(PAUSED_ALREADY)
            elif p.state == TALKING:
                p.pause_next = True
            else:
                self.withdraw(x)
                self.pause(x)
        elif p.pause_next:
            p.pause_next = False
        elif p.state == PAUSED or p.state == WRAP_UP:
            self.come_back(x)
        else:
            self.refuse(NOTHING_TO_RESUME)

    cdef void call_waits(self, int64_t call, int64_t queue) noexcept nogil:
        cdef int32_t q = find(&self.queue_ids, queue), k
        if not _fits(call, ID_MAX):
            self.refuse(BAD_VALUE)
        elif find(&self.call_ids, call) >= 0:
            self.refuse(CALL_EXISTS)
        elif q < 0:
            self.refuse(UNKNOWN_QUEUE)
        else:
            k = self.spare_call if self.spare_call >= 0 else self.n_calls
            if not add(&self.call_ids, call, k):
                self.broken = True
                return
            if k == self.n_calls:
                self.n_calls += 1
            else:
                self.spare_call = self.calls[k].agent
            self.calls[k].id = call
            self.calls[k].queue = q
            self.wait_links[k].major = self.now
            self.wait_links[k].minor = call
            self.wait(k)

    cdef void call_leaves(self, int64_t call) noexcept nogil:
        cdef int32_t k = find(&self.call_ids, call), x
        if k < 0:
            self.refuse(UNKNOWN_CALL)
            return
        x = self.calls[k].agent
        if self.calls[k].state == WAITS:
            take(self.wait_links, &self.queues[self.calls[k].queue].waiting, k)
            self.heat(self.calls[k].queue)
            self.forget(k)
        elif self.calls[k].state == TALKS:
            self.talk_over(x)
            self.moved(x)
        else:
            self.part(x)
            self.agents[x].state = FREE
            self.emit(WITHDRAWN, call, self.agents[x].id, NONE)
            self.forget(k)
            self.moved(x)

    cdef void of_offer(self, int64_t code, int64_t call, int64_t agent) noexcept nogil:
        """Inputs about an open offer: compare and set."""
        cdef int32_t x = find(&self.agent_ids, agent), k = find(&self.call_ids, call)
        cdef Agent *p = &self.agents[x]
        if x < 0:
            self.refuse(UNKNOWN_AGENT)
        elif k < 0:
            self.refuse(UNKNOWN_CALL)
        elif p.state != OFFERED or p.call != k:
            self.refuse(NO_SUCH_OFFER)
        elif code == O_RINGS:
            if not p.rang:
                p.rang = True
                start(&self.timers, x, self.now, self.now + p.ring_ms, p.id)
            self.emit(RINGING, call, agent, self.timers.links[x].major)
        elif code == A_ANSWERS:
            stop(&self.timers, x)
            self.begin_round(k)
            p.state = TALKING
            self.calls[k].state = TALKS
            self.emit(CONNECT, call, agent, NONE)
            self.moved(x)
        else:
            self.turn_over(x, REJECTED if code == A_REJECTS else WITHDRAWN, p.rest_ms if code == A_REJECTS else HOLD_MS)
            self.moved(x)
