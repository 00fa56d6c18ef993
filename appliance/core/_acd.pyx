"""The routing core: which call goes to whom (A3 A4 E4). An input and the time go in, decisions and the next deadline come out.

Why Cython: it is the simulator of the very code that routes; some thousand times the oracle. Figures: bench/bench_core.py, docs/routing-core.md
Oracle: reference.py, compared decision by decision and by one 64-bit hash in tests/appliance/core/test_same_as_oracle.py
Method: agents of the same queues, orders and skills form a class with one ring of its idle ones, longest idle first; callers of the same queue, want
and step of widening form a request with one line of those who wait. Who may take whom is a matrix request by class. Classes stand in the order of
their first agents (`by_head`), lines in that of their first callers (`by_front`): a match is the first that may. Callers with conditions of their
own (an owner, agents they had or must not have, a call-back) stand in a list of their request instead of its line, and a free agent's own callers in
a list of his. A step looks only at what its input changed: the agent who became free (`newcomer`, where his class is `wanted`), `fresh` requests,
`woken` owners, the timers once one may be due (`bound`); a caller who alone is new, or `back`, is offered or stands in line with no look at the rest.
What time does to callers stands in rows by when it does, as callers stand in a line; who has the same number stands in one chain. The parts
`_acd_*.pxi` are functions over one `Acd`, included here: one unit for the C compiler. Nothing here asks the clock, allocates beyond need, or calls
Python while a step runs.
"""
cimport cython
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memmove, memset

from typing import get_args as _get_args

from appliance.core import inputs as _inputs
from appliance.core._decisions cimport make
from appliance.core._hints cimport rare
from appliance.core._ids cimport Ids, add, add_for_ever, begin, drop, find, place, seek
from appliance.core._order cimport LAST, Link, empty, less, put, put_after, settle_down, shift, take
from appliance.core._timers cimport LANES, NO_TIMER, TOO_LATE, Timer, first, start, stop
from appliance.core.trace import row_of


cdef extern from *:
    """
    /* What is called inline here is meant so: a call costs as much as what such a function does. */
    #ifndef SEATBOX_CALLS
    #undef CYTHON_INLINE
    #define CYTHON_INLINE inline __attribute__((always_inline))
    #endif
    #define lowest(bits) ((int64_t)(uint32_t)__builtin_ctzll(bits))

    #define NONE INT64_C(-1)
    #define ID_MAX INT64_C(0x7fffffff)
    #define DURATION_MAX_MS INT64_C(1000000000)
    #define TIME_MAX_MS (TOO_LATE - 1)
    #define NUMBER_MAX (INT64_C(1) << 62)
    #define FITS_NOTHING INT64_MAX
    #define HOLD_MS INT64_C(1000) /* rule 4 */
    #define AT_ONCE_MAX INT64_C(64) /* rule 10 */
    #define WEIGHT_BITS 16 /* of an agent's weight, behind his number */
    #define WEIGHT INT64_C(0xffff)
    """
    int64_t NONE, ID_MAX, DURATION_MAX_MS, TIME_MAX_MS, NUMBER_MAX, FITS_NOTHING, HOLD_MS, AT_ONCE_MAX, WEIGHT_BITS, WEIGHT
    int64_t lowest(uint64_t bits) nogil


cdef enum: OUT, FREE, OFFERED, TALKING, WRAP_UP, PAUSED, RESTING, BUSY
cdef enum: OVER, WAITS, TALKS
cdef enum: NOWHERE, IN_LINE, IN_SPECIAL, HELD
cdef enum: NO_DUE = -1, DUE_HEAP = ROWS
cdef enum: TO_ENOUGH, TO_NO_MORE, PERHAPS  # so many are offered a caller; TO_NO_MORE: of those who are free
cdef enum: NO_ROUND, ONE_ROUND, ALL_ROUNDS
cdef enum: LONGEST_IDLE, BEST_LEVEL, FEWEST_CALLS, LEAST_TALK, ROUND_ROBIN, FIXED, RANDOM, STRATEGIES
cdef enum:
    Q_SET, Q_OFFERS, Q_POINTS, Q_LIMITS, Q_EMPTIES, Q_WIDENS, W_SET, T_SET, A_SET, A_TRAITS, A_IN, A_OUT, A_PAUSES, A_RESUMES, A_ASKS, A_DIALS,
    A_BLOCKED, A_UNBLOCKED, A_VANISHES, A_RETURNS, A_HANGS_UP, C_WAITS, C_LEAVES, C_MOVES, C_BACK, C_ANSWERS, C_FAILS, O_RINGS, A_ANSWERS, A_REJECTS,
    O_FAILS, V_STANDS, A_TAKES, O_WITHDRAWN, TICK, SERVES, KNOWS, NEEDS, PREFERS, MORE, NEVER, CODES_END
cdef enum:
    OFFER, RINGING, MISSED, REJECTED, WITHDRAWN, TAKEN, CONNECT, DIALBACK, RELEASE, WRAPUP, RESTS, PAUSED_, TAKEN_OUT, FREE_, REQUEUED, MOVED, EXPIRED,
    NOBODY_THERE, REPLACED, REFUSED
cdef enum:
    UNKNOWN_AGENT, UNKNOWN_QUEUE, UNKNOWN_CALL, CALL_EXISTS, LOGGED_IN_ALREADY, NOT_LOGGED_IN, IS_TALKING, NO_SUCH_OFFER, NOT_TALKING, NOTHING_TO_RESUME,
    PAUSED_ALREADY, TIME_BACKWARDS, BAD_VALUE, OTHER_TENANT, UNKNOWN_WANT, QUEUE_FULL, NO_SEAT_LEFT, NO_LINE_LEFT, NOT_FREE, NOT_WAITING,
    NOT_ON_DEMAND, NO_NUMBER, NOT_DIALLED, NUMBER_BUSY
cdef enum: UNSURE = -2, NO_ORDER = 10  # past the greatest
cdef enum: NOBODY_LOGGED_IN = 1, ALL_PAUSED = 2, ALL_IN_WRAP_UP = 4

cdef int64_t[6] NOTHING_MORE = [0, 0, -1, 0, 0, 0]

INPUT_WIDTH = 8
ACTION_WIDTH = 5

cdef dict CODES = {kind: code for code, kind in enumerate(_get_args(_inputs.Input))}
cdef tuple STATES = ("logged_out", "free", "offered", "talking", "wrap_up", "paused", "resting", "busy")
cdef enum: OFFER_ENDS, REST_ENDS, WRAP_UP_ENDS, KEPT_ENDS  # rule 19
cdef int[8] TIMER_KIND = [9, 9, OFFER_ENDS, KEPT_ENDS, WRAP_UP_ENDS, 9, REST_ENDS, 9]  # by state


cdef inline bint _fits(int64_t value, int64_t top) noexcept nogil:
    return 0 <= value <= top


cdef inline bint _grow_blank(void **memory, int32_t *cap, int64_t need, size_t size) noexcept nogil:
    """Room for `need` entries; False where memory is out."""
    cdef void *more
    cdef int64_t want = need + need // 8 + 8
    if need <= cap[0]:
        return True
    more = realloc(memory[0], want * size)
    if more == NULL:
        return False
    memory[0] = more
    cap[0] = <int32_t>want
    return True


cdef inline bint _grow(void **memory, int32_t *cap, int64_t need, size_t size) noexcept nogil:
    """The same; new entries are zero."""
    cdef int32_t old = cap[0]
    if need <= old:
        return True
    if not _grow_blank(memory, cap, need, size):
        return False
    memset(<char *>memory[0] + old * size, 0, (cap[0] - old) * size)
    return True


cdef inline int64_t _clip(object value) except? -2:
    """What no 64-bit number holds fits nothing."""
    return value if -(1 << 62) <= value <= (1 << 62) else FITS_NOTHING


cdef inline int64_t _whose(int64_t tenant, int64_t number) noexcept nogil:
    """The last number of a caller's row (trace.py)."""
    if tenant == -1 and 0 < number <= NUMBER_MAX:
        return -2 - number
    return tenant if tenant >= -1 else ID_MAX + 1


cdef inline bint _before(const Key *x, const Key *y) noexcept nogil:
    """Within a queue."""
    if x.major != y.major:
        return x.major < y.major
    if x.since != y.since:
        return x.since < y.since
    return x.minor < y.minor


cdef inline int64_t size_of(const Ids *ids) noexcept nogil:
    return (<int64_t>ids.mask + 1) * 12 + ids.n_direct * 4


cdef inline int64_t row_size(const Row *row) noexcept nogil:
    return 0 if row.calls == NULL else (<int64_t>row.mask + 1) * 4


cdef list slots_of(const Ids *ids):
    """(id, slot) of all."""
    cdef int32_t at
    return [(ids.keys[at], ids.slots[at]) for at in range(ids.mask + 1) if ids.keys[at] != -1]


include "_acd_memory.pxi"
include "_acd_places.pxi"
include "_acd_pairs.pxi"
include "_acd_numbers.pxi"
include "_acd_matching.pxi"
include "_acd_agents.pxi"
include "_acd_time.pxi"
include "_acd_settings.pxi"
include "_acd_inputs.pxi"


@cython.final
cdef class Acd:
    """One office. Not for two threads at once."""

    def __cinit__(self):
        cdef int32_t lane
        self.fold = <uint64_t>0xCBF29CE484222325
        self.spare_call = self.newcomer = self.back = -1
        self.latest = TIME_MAX_MS
        self.callers_due = TOO_LATE
        self.more = NOTHING_MORE
        self.expect(0)
        if not (begin(&self.agent_ids) and begin(&self.queue_ids) and begin(&self.call_ids)):
            raise MemoryError
        if not (begin(&self.want_ids) and begin(&self.tenant_ids)):
            raise MemoryError
        for lane in range(ROWS):
            self.due_rows[lane].first = LAST
            self.due_rows[lane].mask = <uint32_t>-1
        for lane in range(LANES):
            empty(&self.timers.lanes[lane])
            self.timers.length[lane] = -1
        empty(&self.no_class.by_head)
        empty(&self.no_class.idle)
        self.no_agent.idle_link.major = LAST
        self.no_agent.timer.whose = -1
        put(&self.no_class.idle, &self.no_agent.idle_link)
        self.by_front.key.major = LAST
        self.by_front.call = -1
        self.by_front.prev = self.by_front.next = &self.by_front

    def __dealloc__(self):
        cdef int32_t n, lane
        cdef Extra *more
        for n in range(self.n_calls):
            if self.calls[n].extra != NULL:
                free(self.calls[n].extra.turns); free(self.calls[n].extra.never); free(self.calls[n].extra)
        while self.spare_extra != NULL:
            more = self.spare_extra
            self.spare_extra = more.spare
            free(more.turns)
            free(more)
        for n in range(self.n_queues):
            free(self.queues[n].asked); free(self.queues[n].classes); free(self.queues[n].of_want)
        for n in range(self.n_classes):
            free(self.classes[n].what)
        for n in range(self.n_requests):
            free(self.requests[n].heap)
            for lane in range(ROWS):
                free(self.requests[n].rows[lane].calls)
        for n in range(self.n_wants):
            free(self.wants[n].what)
        for n in range(ROWS):
            free(self.due_rows[n].calls)
        free(self.agents); free(self.queues); free(self.classes); free(self.idle_classes); free(self.wanted); free(self.requests)
        free(self.open_requests); free(self.special_requests); free(self.order); free(self.liked); free(self.score); free(self.may); free(self.wants); free(self.tenants)
        free(self.calls); free(self.chains); free(self.fresh); free(self.takes); free(self.owners); free(self.rounds); free(self.dues); free(self.checks); free(self.scratch); free(self.cuts)
        free(self.given); free(self.actions)
        free(self.timers.heap)
        free(self.agent_ids.keys); free(self.agent_ids.slots); free(self.queue_ids.keys); free(self.queue_ids.slots)
        free(self.call_ids.keys); free(self.call_ids.slots)
        free(self.want_ids.keys); free(self.want_ids.slots); free(self.tenant_ids.keys); free(self.tenant_ids.slots)
        free(self.agent_ids.direct); free(self.queue_ids.direct); free(self.want_ids.direct); free(self.tenant_ids.direct)

    # --- faces

    def feed(self, now_ms, given):
        """One input at this time; the decisions in order."""
        cdef int64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0
        cdef int64_t *brought = self.brought
        cdef int64_t code = CODES[type(given)]
        self.can_run()
        self.at = self.actions
        self.n_given = 0
        if code == C_WAITS:
            a = _clip(given.call); b = _clip(given.queue); c = _clip(given.want)
            d = _clip(given.priority); e = _clip(given.tier); f = _whose(_clip(given.tenant), _clip(given.number))
            brought[0] = _clip(given.position); brought[1] = _clip(given.waited_ms); brought[2] = _clip(given.owner)
            brought[3] = _clip(given.owner_ms); brought[4] = 0 if f < -1 else _clip(given.number); brought[5] = bool(given.callback)
            if memcmp(brought, NOTHING_MORE, 6 * sizeof(int64_t)):
                tells_more(self)
                self.more = brought
            for agent in given.never:
                gift(self, NEVER, _clip(agent), 0)
        elif code == C_LEAVES:
            a = _clip(given.call); b = bool(given.cut)
        elif O_RINGS <= code <= O_WITHDRAWN:
            a = _clip(given.call); b = _clip(given.agent)
            if code == A_REJECTS:
                c = bool(given.busy)
        elif code == TICK:
            pass
        elif A_IN <= code <= A_HANGS_UP:
            a = _clip(given.agent)
            if code == A_BLOCKED or code == A_UNBLOCKED:
                b = _clip(given.reason)
            elif code == A_VANISHES:
                b = _clip(given.keep_ms)
        elif code == C_MOVES:
            a = _clip(given.call); b = _clip(given.queue)
        elif C_BACK <= code <= C_FAILS:
            a = _clip(given.call)
        else:
            return self.feed_setting(now_ms, code, given)
        return self.fed(now_ms, code, a, b, c, d, e, f)

    def feed_setting(self, now_ms, code, given):
        """What an office is: rare, so plain."""
        before, values = row_of(given)
        for kind, a, b in before:
            gift(self, kind, _clip(a), _clip(b))
        values = [_clip(value) for value in values] + [0] * (6 - len(values))
        return self.fed(now_ms, code, values[0], values[1], values[2], values[3], values[4], values[5])

    cdef list fed(self, now_ms, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f):
        cdef int64_t[8] row
        row[0] = max(-1, min(now_ms, TIME_MAX_MS + 1))
        row[1] = code; row[2] = a; row[3] = b; row[4] = c; row[5] = d; row[6] = e; row[7] = f
        one_step(self, row, row + 8)
        if self.broken:
            raise MemoryError
        return self.take_actions()

    def run(self, const int64_t[::1] rows not None):
        """Many inputs, packed as trace.pack does: INPUT_WIDTH numbers each; gives the decisions, ACTION_WIDTH numbers each (see trace.py)."""
        cdef const int64_t *row = NULL
        cdef const int64_t *end
        if rows.shape[0] % 8:
            raise ValueError("rows of INPUT_WIDTH numbers are wanted")
        self.can_run()
        self.at = self.actions
        self.n_given = 0
        self.expect(64 + rows.shape[0] // 4)
        self.running = True
        with nogil:
            if rows.shape[0]:
                row = &rows[0]
            end = row + rows.shape[0]
            while row != end:
                row = one_step(self, row, end)
        self.running = False
        if self.broken:
            raise MemoryError
        return self.give_actions()

    cdef object give_actions(self):
        """The decisions' own memory, which is the taker's from now on."""
        cdef int64_t n = self.at - self.actions
        cdef cython.view.array given
        self.at = self.actions
        if not n:
            return memoryview(b"").cast("q")
        self.expect(n)
        given = cython.view.array((n * 5,), sizeof(int64_t), "q", "c", False)
        given.data = <char *>self.actions
        given.callback_free_data = free
        self.actions = NULL
        self.expect(0)
        return memoryview(given)

    cdef int expect(self, int64_t count) except -1:
        """Room for so many decisions and one, less than before where it was more; more is made as it is needed."""
        cdef void *actions = realloc(self.actions, (count + 1) * sizeof(Action))
        if actions == NULL:
            self.broken = True
            raise MemoryError
        self.actions = self.at = <Action *>actions
        self.end = self.actions + count
        return 0

    def can_run(self):
        if self.running:
            raise RuntimeError("the core is not for two threads at once")
        if self.broken:
            raise MemoryError("the core ran out of memory before")

    cdef list take_actions(self):
        cdef Action *p = self.actions
        cdef list out = []
        while p != self.at:
            out.append(make(p.code, p.call, p.agent, p.until))
            p += 1
        return out

    # --- what others ask

    @property
    def next_deadline_ms(self):
        """When the core must be fed at the latest, or None."""
        cdef int64_t due = next_due(self)
        return None if due < 0 else due

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
        cdef int32_t q = seek(&self.queue_ids, queue) if 0 <= queue <= ID_MAX else -1, i, n
        if q < 0:
            return []
        n = in_line(self, q, -1)
        if self.broken:
            raise MemoryError
        return [<uint32_t>self.calls[self.scratch[i]].key.minor for i in range(n)]

    def agent(self, agent):
        """(state, when it ends by itself or None); KeyError for an unknown one."""
        cdef int32_t x = self.known(&self.agent_ids, agent)
        return STATES[self.agents[x].state], None if self.agents[x].timer.at == NO_TIMER else self.agents[x].timer.link.major

    def explain(self, agent):
        """Why this agent gets no call now, though the first caller of his queues waits; None: he would get the next one."""
        cdef int32_t x = self.known(&self.agent_ids, agent), i, k, best = -1
        cdef Agent *p = &self.agents[x]
        cdef Class *cls = &self.classes[p.cls]
        if p.state != FREE:
            return STATES[p.state]
        if p.vanished:
            return "vanished"
        if p.blocks:
            return "blocked"
        if p.on_demand and not p.asks:
            return "not asked"
        if cls.n_queues == 0:
            return "no queue"
        for k in range(self.n_calls):
            if self.calls[k].state == WAITS and self.calls[k].n_rings == 0 and order_in(self, cls, self.calls[k].queue):
                if best < 0 or sooner(self, k, best):
                    best = k
        return None if best < 0 else self.why(best, x)

    def why_not(self, call, agent):
        """Why this agent may not take this caller now; None: he may. One of reference.WHY_NOT, the first that holds. KeyError: unknown."""
        return self.why(self.known(&self.call_ids, call), self.known(&self.agent_ids, agent))

    def why(self, int32_t k, int32_t x):
        cdef Call *call = &self.calls[k]
        cdef Agent *p = &self.agents[x]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int32_t i, order
        if call.state != WAITS:
            return "talking already"
        if call.stands == NOWHERE:
            call.request = request_now(self, k)
        order = order_in(self, &self.classes[p.cls], call.queue)
        for i in range(widened(self, k)):
            if queue.steps[i].also >= 0:
                order = max(order, order_in(self, &self.classes[p.cls], queue.steps[i].also))
        if not order:
            return "other queue"
        if not self.order[call.request * self.cap_classes + p.cls]:
            return "lacks skill"
        if call.extra != NULL:
            for i in range(call.extra.n_never):
                if call.extra.never[i] == p.idle_link.minor:
                    return "excluded"
        if p.state != FREE:
            return STATES[p.state]
        if p.vanished:
            return "vanished"
        if p.blocks:
            return "blocked"
        if p.on_demand and not p.asks:
            return "not asked"
        if passed(self, k, x):
            return "had turn"
        if held(self, k) and call.extra.owner != p.idle_link.minor:
            return "held for owner"
        if call.n_rings >= at_once(self, k):
            return "rings already"
        if not spare(self, call.queue):
            return "reserve"
        return "number busy" if number_busy(self, k) else None

    def position(self, call):
        """1: the first of his queue; those with an open offer count. ValueError where he does not wait."""
        return self.waiting(self.queues[self.calls[self.known(&self.call_ids, call)].queue].id).index(call) + 1

    def expected_wait_ms(self, call):
        """From the queue's own measured rate; None before there was one."""
        cdef int64_t interval = self.queues[self.calls[self.known(&self.call_ids, call)].queue].interval
        return None if interval < 0 else (self.position(call) * interval) >> 8

    def measured(self, queue):
        """(ms between talks' beginnings while others wait, waits that were foretold, sum of their errors in ms)."""
        cdef Queue *p = &self.queues[self.known(&self.queue_ids, queue)]
        return None if p.interval < 0 else p.interval >> 8, p.errors, p.errors_ms

    def state(self):
        """All that decides what comes, as plain data: what the oracle's `state` gives."""
        cdef int32_t n
        self.can_run()
        return {
            "now": self.now,
            "hash": self.fold,
            "queues": {self.queues[n].id: self.queue_state(n) for n in range(self.n_queues)},
            "wants": {want: self.want_state(n) for want, n in slots_of(&self.want_ids)},
            "tenants": {
                tenant: (self.tenants[n].seats_max, self.tenants[n].calls_max)
                for tenant, n in slots_of(&self.tenant_ids) if self.tenants[n].told
            },
            "agents": {self.agents[n].idle_link.minor: self.agent_state(n) for n in range(self.n_agents)},
            "calls": {call: self.call_state(n) for call, n in slots_of(&self.call_ids)},
            "cut": [
                (self.queues[self.cuts[n].queue].id, self.cuts[n].number, self.cuts[n].since, self.cuts[n].until)
                for n in range(self.n_cuts) if self.cuts[n].until > self.now
            ],
        }

    def queue_state(self, int32_t q):
        cdef Queue *p = &self.queues[q]
        cdef int32_t n
        return {
            "number": p.id, "tenant": self.tenant_of(p.tenant), "ring_ms": p.spans.ring_ms, "rest_ms": p.spans.rest_ms, "reject_ms": p.spans.reject_ms,
            "busy_ms": p.spans.busy_ms, "strategy": p.strategy, "at_once": p.at_once, "more_ms": p.more_ms, "reserve": p.reserve,
            "random": p.random, "weight": p.weight, "ageing": p.ageing, "tier_points": p.tier_points, "length_max": p.length_max,
            "wait_max_ms": p.wait_max_ms, "overflow_ms": p.overflow_ms, "back_ms": p.back_ms, "causes": p.causes,
            "overflow_to": self.queues[p.overflow_to].id if p.overflow_ms else 0,
            "steps": [
                (p.steps[n].after_ms, p.steps[n].lower, -1 if p.steps[n].also < 0 else self.queues[p.steps[n].also].id)
                for n in range(p.n_steps)
            ],
            "asked": {self.agents[n].idle_link.minor: p.asked[n] for n in range(min(p.n_asked, self.n_agents)) if p.asked[n]},
            "offers": p.offers, "served_ms": None if p.served_ms < 0 else p.served_ms, "interval": None if p.interval < 0 else p.interval,
            "errors_ms": p.errors_ms, "errors": p.errors,
        }

    def want_state(self, int32_t w):
        cdef Want *p = &self.wants[w]
        cdef int32_t n
        pairs = [(p.what[2 * n], p.what[2 * n + 1]) for n in range(p.n_needs + p.n_prefers)]
        return {"needs": dict(pairs[:p.n_needs]), "prefers": dict(pairs[p.n_needs:])}

    def tenant_of(self, int32_t t):
        return next(tenant for tenant, slot in slots_of(&self.tenant_ids) if slot == t)

    def agent_state(self, int32_t x):
        cdef Agent *p = &self.agents[x]
        cdef Class *cls = &self.classes[p.cls]
        cdef int32_t n
        return {
            "number": p.idle_link.minor, "tenant": self.tenant_of(p.tenant),
            "queues": {self.queues[cls.what[2 * n]].id: cls.what[2 * n + 1] for n in range(cls.n_queues)},
            "skills": {cls.what[2 * n]: cls.what[2 * n + 1] for n in range(cls.n_queues, cls.n_queues + cls.n_skills)},
            "wrap_up_ms": p.wrap_up_ms, "setup_ms": p.setup_ms, "misses_max": p.misses_max, "on_demand": p.on_demand != 0,
            "weight": p.weight, "rank": p.rank, "state": STATES[p.state], "idle_since": p.idle_link.major,
            "until": None if self.agents[x].timer.at == NO_TIMER else self.agents[x].timer.link.major, "rest_until": p.rest_until,
            "pause_next": p.pause_next != 0, "asks": p.asks != 0, "blocks": [n for n in range(31) if p.blocks >> n & 1],
            "vanished": p.vanished != 0, "call": None if p.call < 0 else <uint32_t>self.calls[p.call].key.minor,
            "rests": (p.spans.ring_ms, p.spans.rest_ms, p.spans.reject_ms, p.spans.busy_ms), "rang": p.rang != 0, "misses": p.misses, "calls": p.calls,
            "talk_ms": p.talk_ms, "since": p.since,
        }

    def call_state(self, int32_t k):
        cdef Call *p = &self.calls[k]
        cdef Extra *more = p.extra
        cdef int32_t n
        turns = more != NULL and more.round >= 0 and (p.state == WAITS or p.n_rings)
        return {
            "number": <uint32_t>p.key.minor, "queue": self.queues[p.queue].id,
            "want": -1 if p.want < 0 else next(want for want, slot in slots_of(&self.want_ids) if slot == p.want),
            "priority": p.priority, "tier": p.tier, "since": p.since, "joined": p.joined, "owner": -1 if more == NULL else more.owner,
            "owner_ms": more.owner_ms if more != NULL and more.owner >= 0 else 0, "customer": p.customer,
            "callback": more != NULL and more.callback != 0,
            "never": [] if more == NULL else sorted([more.never[n] for n in range(more.n_never)]),
            "place": (p.place_priority, p.place_tier, p.key.since, p.key.minor >> 32),
            "state": "waiting" if p.state == WAITS else "talking", "agent": self.agents[p.agent].idle_link.minor if p.state == TALKS else None,
            "dialled": more != NULL and more.dialled != 0, "rung_at": p.rung_at if p.n_rings else None,
            "had_turn": sorted([
                self.agents[n].idle_link.minor for n in range(min(self.n_agents, more.n_words << 6)) if more.turns[n >> 6] >> (n & 63) & 1
            ]) if turns else [],
            "expected": None if p.expected < 0 else p.expected,
        }

    @staticmethod
    def restore(state):
        """A core that goes on where that one was: same decisions, same hash. Of a state that `state` did not give: ValueError."""
        cdef Acd new = Acd()
        for tenant, (seats, calls) in state["tenants"].items():
            new.feed(0, _inputs.TenantSet(tenant, -1, -1))
        new.now = state["now"]
        for queue in state["queues"].values():
            new.set_again(_inputs.QueueSet(
                queue["number"], queue["ring_ms"], queue["rest_ms"], queue["reject_ms"], queue["busy_ms"], queue["tenant"]
            ))
        for want, skills in state["wants"].items():
            new.set_again(_inputs.WantSet(want, tuple(skills["needs"].items()), tuple(skills["prefers"].items())))
        for queue in state["queues"].values():
            new.queue_again(queue)
        for agent in state["agents"].values():
            new.agent_again(agent)
        for call in state["calls"].values():
            new.call_again(call)
        for queue in state["queues"].values():
            new.asked_again(queue)
        new.joined_again(state)
        for tenant, (seats, calls) in state["tenants"].items():
            new.set_again(_inputs.TenantSet(tenant, seats, calls))
        new.fold = state["hash"]
        open_rounds(new)
        return new

    def set_again(self, given):
        """A setting, without a step round it: nothing is due, nothing is matched."""
        cdef int64_t[6] row
        before, values = row_of(given)
        self.n_given = 0
        for kind, a, b in before:
            gift(self, kind, a, b)
        row = ([int(value) for value in values] + [0] * 6)[:6]
        self.at = self.actions
        apply(self, CODES[type(given)], row)
        tells_no_more(self)
        if self.broken:
            raise MemoryError
        if self.at != self.actions:
            raise ValueError(f"no state of a core: {given}")

    def queue_again(self, state):
        cdef int32_t q = self.known(&self.queue_ids, state["number"])
        number = state["number"]
        self.set_again(_inputs.QueueOffers(number, state["strategy"], state["at_once"], state["more_ms"], state["reserve"], 0))
        self.set_again(_inputs.QueuePoints(number, state["weight"], state["ageing"], state["tier_points"]))
        self.set_again(_inputs.QueueLimits(
            number, state["length_max"], state["wait_max_ms"], state["overflow_ms"], state["overflow_to"], state["back_ms"]
        ))
        self.set_again(_inputs.QueueEmpties(number, state["causes"]))
        for step, (after_ms, lower, also) in enumerate(state["steps"]):
            self.set_again(_inputs.QueueWidens(number, step, after_ms, lower, also))
        self.queues[q].random = state["random"]
        self.queues[q].offers = state["offers"]
        self.queues[q].served_ms = -1 if state["served_ms"] is None else state["served_ms"]
        self.queues[q].interval = -1 if state["interval"] is None else state["interval"]
        self.queues[q].errors = state["errors"]
        self.queues[q].errors_ms = state["errors_ms"]

    def asked_again(self, state):
        cdef Queue *p = &self.queues[self.known(&self.queue_ids, state["number"])]
        for agent, asked in state["asked"].items():
            x = self.known(&self.agent_ids, agent)
            if not _grow(<void **>&p.asked, &p.n_asked, x + 1, sizeof(int64_t)):
                raise MemoryError
            p.asked[<int32_t>x] = asked

    def agent_again(self, state):
        cdef int32_t x
        cdef Agent *p
        number = state["number"]
        self.set_again(_inputs.AgentSet(
            number, tuple(state["queues"]), state["wrap_up_ms"], state["setup_ms"], state["tenant"], tuple(state["queues"].values()),
            tuple(state["skills"].items()),
        ))
        self.set_again(_inputs.AgentTraits(number, state["misses_max"], state["on_demand"], state["weight"], state["rank"]))
        x = self.known(&self.agent_ids, number)
        p = &self.agents[x]
        p.idle_link.major = state["idle_since"]; p.rest_until = state["rest_until"]; p.talk_ms = state["talk_ms"]; p.since = state["since"]
        p.spans.ring_ms, p.spans.rest_ms, p.spans.reject_ms, p.spans.busy_ms = state["rests"]
        p.misses = state["misses"]; p.calls = state["calls"]; p.pause_next = state["pause_next"]; p.asks = state["asks"]
        p.vanished = state["vanished"]; p.rang = state["rang"]
        for reason in state["blocks"]:
            p.blocks |= <uint32_t>1 << <int>reason
        set_state(self, x, STATES.index(state["state"]))
        if state["until"] is not None:
            start(&self.timers, &p.timer, self.now, state["until"], TIMER_KIND[p.state], p.idle_link.minor)
        moved(self, x)

    def call_again(self, state):
        cdef int32_t q = self.known(&self.queue_ids, state["queue"]), k
        cdef Call *p
        cdef Extra *more
        want = -1 if state["want"] == -1 else self.known(&self.want_ids, state["want"])
        k = new_call(self, place(&self.call_ids, state["number"]), state["number"], q, want, state["priority"], state["tier"], state["since"])
        if k < 0:
            raise MemoryError
        p = &self.calls[k]
        p.joined = state["joined"]
        p.request = request_now(self, k)
        if self.broken:
            raise MemoryError
        p.place_priority, p.place_tier = state["place"][:2]
        set_key(self, k, state["place"][2], state["place"][3])
        p.expected = -1 if state["expected"] is None else state["expected"]
        if state["customer"]:
            know_number(self, k, state["customer"])
        elif state["callback"]:
            raise ValueError(f"no state of a core: call {state['number']} is to be called back at no number")
        if state["owner"] >= 0 or state["callback"] or state["dialled"] or state["never"] or state["had_turn"]:
            more = extra_of(self, k)
            if more == NULL:
                raise MemoryError
            more.owner_ms = state["owner_ms"]
            more.dialled = state["dialled"]
            if state["owner"] >= 0:
                own(self, k, state["owner"])
            set_callback(self, k, state["callback"])
            for agent in state["never"]:
                never_again(self, more, agent)
            for agent in state["had_turn"]:
                note_turn(self, k, self.known(&self.agent_ids, agent))
        unstand(self, k)
        if state["state"] == "talking":
            p.state = TALKS
            p.agent = self.known(&self.agent_ids, state["agent"])
            self.queues[q].n_waiting -= 1
        if self.broken:
            raise MemoryError

    def joined_again(self, state):
        """Who rings and who talks, where callers stand, who was cut off."""
        cdef int32_t x, k
        for agent in state["agents"].values():
            if agent["call"] is None:
                continue
            x = self.known(&self.agent_ids, agent["number"])
            k = self.known(&self.call_ids, agent["call"])
            self.agents[x].call = k
            if self.agents[x].state == OFFERED:
                ring(self, k, x)
                self.calls[k].rung_at = state["calls"][agent["call"]]["rung_at"]
        for call in state["calls"]:
            k = self.known(&self.call_ids, call)
            self.calls[k].request = request_now(self, k)
            if self.broken:
                raise MemoryError
            stand(self, k)
            watch_time(self, k)
        for queue, number, since, until in state["cut"]:
            cut_off(self, self.known(&self.queue_ids, queue), number, since, until)
        if self.broken:
            raise MemoryError

    def __sizeof__(self):
        """Bytes held: a core that routed a million calls is no larger than its busiest moment."""
        cdef int64_t n = sizeof(Acd), i, row
        cdef const Extra *more = self.spare_extra
        n += self.cap_agents * (sizeof(Agent) + sizeof(void *)) + self.cap_queues * sizeof(Queue)
        n += self.cap_classes * (sizeof(Class) + sizeof(int32_t)) + self.cap_requests * (sizeof(Request) + self.cap_classes * 4)
        n += (self.cap_requests + self.n_queues + 1) * self.words * 8 + (self.cap_classes + 3) * self.request_words * 8
        n += self.cap_wants * sizeof(Want) + self.cap_tenants * sizeof(Tenant)
        n += self.cap_calls * sizeof(Call) + (self.cap_owners + self.cap_rounds + self.cap_dues + self.cap_checks + self.cap_scratch) * 4
        n += self.cap_cuts * sizeof(Cut) + self.cap_given * sizeof(Given) + <int64_t>(<char *>self.end - <char *>self.actions)
        for i in range(self.n_calls):
            if self.calls[i].extra != NULL:
                n += sizeof(Extra) + self.calls[i].extra.n_words * 8 + self.calls[i].extra.n_never * 4
        for i in range(self.n_queues):
            n += self.queues[i].n_asked * 8 + self.queues[i].n_of_want * 4
        for i in range(self.n_classes):
            n += (self.classes[i].n_queues + self.classes[i].n_skills) * 8
        for i in range(self.n_requests):
            n += self.requests[i].cap * 4
            for row in range(ROWS):
                n += row_size(&self.requests[i].rows[row])
        for row in range(ROWS):
            n += row_size(&self.due_rows[row])
        n += size_of(&self.agent_ids) + size_of(&self.queue_ids) + size_of(&self.call_ids)
        while more != NULL:
            n += sizeof(Extra) + more.n_words * 8
            more = more.spare
        return n + size_of(&self.want_ids) + size_of(&self.tenant_ids) + self.n_chains * 4

    cdef void step(self, const int64_t *row) noexcept nogil:
        one_step(self, row, row + 8)

    cdef int64_t next_due(self) noexcept nogil:
        return next_due(self)
