"""The routing core: which call goes to whom (A3 A4 E4). An input and the time go in, decisions and the next deadline come out.

Why Cython: it is the simulator of the very code that routes; some thousand times the oracle. Figures: bench/bench_core.py, docs/routing-core.md
Oracle: reference.py, compared decision by decision and by one 64-bit hash in tests/appliance/core/test_same_as_oracle.py
Method: agents of the same queues, orders and skills form a class with one list of its idle ones, longest idle first; callers of the same queue, want
and step of widening form a request with one heap of those who wait. Who may take whom is a matrix request by class; a match is an AND of bits
and a comparison of heads. Callers with conditions of their own (an owner, agents they had or must not have, a call-back) stand in one short list,
`special`, that is looked through. Nothing here asks the clock, allocates beyond need, or calls Python while a step runs.
"""
cimport cython
from cpython cimport array
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memmove, memset

import array as _array
from typing import get_args as _get_args

from appliance.core import inputs as _inputs
from appliance.core._decisions cimport make
from appliance.core._ids cimport Ids, add, drop, find, more
from appliance.core._order cimport Link, empty, less, put, take
from appliance.core._timers cimport LANES, NO_TIMER, first, start, stop
from appliance.core.trace import row_of


cdef extern from *:
    int __builtin_ctzll(unsigned long long) nogil


cdef enum: OUT, FREE, OFFERED, TALKING, WRAP_UP, PAUSED, RESTING, BUSY
cdef enum: OVER, WAITS, TALKS
cdef enum: NOWHERE, IN_HEAP, IN_SPECIAL
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
cdef enum: NOBODY_LOGGED_IN = 1, ALL_PAUSED = 2, ALL_IN_WRAP_UP = 4

cdef int64_t ID_MAX = 0x7fffffff
cdef int64_t DURATION_MAX_MS = 1000000000
cdef int64_t TIME_MAX_MS = <int64_t>1 << 50
cdef int64_t NUMBER_MAX = <int64_t>1 << 62
cdef int64_t FITS_NOTHING = 0x7fffffffffffffff
cdef int64_t HOLD_MS = 1000  # rule 4
cdef int64_t AT_ONCE_MAX = 64  # rule 10
cdef int64_t NONE = -1
cdef int64_t[6] NOTHING_MORE = [0, 0, -1, 0, 0, 0]

INPUT_WIDTH = 8
ACTION_WIDTH = 5

cdef dict CODES = {kind: code for code, kind in enumerate(_get_args(_inputs.Input))}
cdef tuple STATES = ("logged_out", "free", "offered", "talking", "wrap_up", "paused", "resting", "busy")
cdef int[8] TIMER_KIND = [9, 9, 0, 3, 2, 9, 1, 9]  # rule 19, by state


cdef inline bint _fits(int64_t value, int64_t top) noexcept nogil:
    return 0 <= value <= top


cdef inline bint _grow(void **memory, int32_t *cap, int64_t need, size_t size) noexcept nogil:
    """Room for `need` entries, new ones zero; False where memory is out."""
    cdef void *more
    cdef int64_t want = cap[0]
    if need <= want:
        return True
    want = need + need // 4 + 8
    more = realloc(memory[0], want * size)
    if more == NULL:
        return False
    memset(<char *>more + cap[0] * size, 0, (want - cap[0]) * size)
    memory[0] = more
    cap[0] = <int32_t>want
    return True


cdef inline int64_t _clip(object value) except? -2:
    """What no 64-bit number holds fits nothing."""
    return value if -(1 << 62) <= value <= (1 << 62) else FITS_NOTHING


cdef inline bint _before(const Key *x, const Key *y) noexcept nogil:
    """Within a queue."""
    if x.major != y.major:
        return x.major < y.major
    if x.since != y.since:
        return x.since < y.since
    return x.minor < y.minor


cdef inline int64_t size_of(const Ids *ids) noexcept nogil:
    return 0 if ids.keys == NULL else (<int64_t>ids.mask + 1) * 12


cdef list slots_of(const Ids *ids):
    """(id, slot) of all."""
    cdef int32_t at
    return [] if ids.keys == NULL else [(ids.keys[at], ids.slots[at]) for at in range(ids.mask + 1) if ids.keys[at] != -1]


@cython.final
cdef class Acd:
    """One office. Not for two threads at once."""

    def __cinit__(self):
        cdef int32_t lane
        self.fold = <uint64_t>0xCBF29CE484222325
        self.spare_call = self.had = -1
        memcpy(self.more, NOTHING_MORE, sizeof(self.more))
        for lane in range(LANES):
            empty(&self.timers.ends[lane])

    def __dealloc__(self):
        cdef int32_t n
        for n in range(self.n_calls):
            if self.calls[n].extra != NULL:
                free(self.calls[n].extra.turns); free(self.calls[n].extra.never); free(self.calls[n].extra)
        for n in range(self.n_queues):
            free(self.queues[n].asked); free(self.queues[n].classes)
        for n in range(self.n_classes):
            free(self.classes[n].what)
        for n in range(self.n_requests):
            free(self.requests[n].heap)
        for n in range(self.n_wants):
            free(self.wants[n].what)
        free(self.agents); free(self.idle_links); free(self.queues); free(self.classes); free(self.heads); free(self.idle_classes); free(self.requests)
        free(self.open_requests); free(self.order); free(self.liked); free(self.score); free(self.may); free(self.wants); free(self.tenants)
        free(self.calls); free(self.backs); free(self.engaged_ids.keys); free(self.engaged_ids.slots); free(self.special); free(self.rounds); free(self.dues); free(self.checks); free(self.scratch); free(self.cuts)
        free(self.given); free(self.actions)
        free(self.timers.links); free(self.timers.lane); free(self.timers.pos); free(self.timers.heap)
        free(self.agent_ids.keys); free(self.agent_ids.slots); free(self.queue_ids.keys); free(self.queue_ids.slots)
        free(self.call_ids.keys); free(self.call_ids.slots); free(self.request_ids.keys); free(self.request_ids.slots)
        free(self.want_ids.keys); free(self.want_ids.slots); free(self.tenant_ids.keys); free(self.tenant_ids.slots)

    # --- faces

    def feed(self, now_ms, given):
        """One input at this time; the decisions in order."""
        cdef int64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0
        cdef int64_t code = CODES[type(given)]
        self.can_run()
        self.n_actions = 0
        self.n_given = 0
        if code == C_WAITS:
            a = _clip(given.call); b = _clip(given.queue); c = _clip(given.want)
            d = _clip(given.priority); e = _clip(given.tier); f = _clip(given.tenant)
            self.more[0] = _clip(given.position); self.more[1] = _clip(given.waited_ms); self.more[2] = _clip(given.owner)
            self.has_more = True
            self.more[3] = _clip(given.owner_ms); self.more[4] = _clip(given.number); self.more[5] = bool(given.callback)
            for agent in given.never:
                self.gift(NEVER, _clip(agent), 0)
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
        self.step(max(-1, min(now_ms, TIME_MAX_MS + 1)), code, a, b, c, d, e, f)
        if self.broken:
            raise MemoryError
        return self.take_actions()

    def feed_setting(self, now_ms, code, given):
        """What an office is: rare, so plain."""
        before, values = row_of(given)
        for kind, a, b in before:
            self.gift(kind, _clip(a), _clip(b))
        values = [_clip(value) for value in values] + [0] * (6 - len(values))
        self.step(max(-1, min(now_ms, TIME_MAX_MS + 1)), code, values[0], values[1], values[2], values[3], values[4], values[5])
        if self.broken:
            raise MemoryError
        return self.take_actions()

    def run(self, const int64_t[::1] rows not None):
        """Many inputs, packed as trace.pack does: INPUT_WIDTH numbers each; gives the decisions, ACTION_WIDTH numbers each (see trace.py)."""
        cdef int64_t i, n
        cdef array.array out
        cdef int64_t *to
        if rows.shape[0] % 8:
            raise ValueError("rows of INPUT_WIDTH numbers are wanted")
        self.can_run()
        self.n_actions = 0
        self.n_given = 0
        self.running = True
        with nogil:
            for i in range(0, rows.shape[0], 8):
                self.step(rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4], rows[i + 5], rows[i + 6], rows[i + 7])
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
        cdef int64_t due = self.next_due()
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
        cdef int32_t q = find(&self.queue_ids, queue) if 0 <= queue <= ID_MAX else -1, i, n
        if q < 0:
            return []
        n = self.in_line(q, -1)
        if self.broken:
            raise MemoryError
        return [<uint32_t>self.calls[self.scratch[i]].key.minor for i in range(n)]

    def agent(self, agent):
        """(state, when it ends by itself or None); KeyError for an unknown one."""
        cdef int32_t x = self.known(&self.agent_ids, agent)
        return STATES[self.agents[x].state], None if self.timers.lane[x] == NO_TIMER else self.timers.links[x].major

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
            if self.calls[k].state == WAITS and self.calls[k].n_rings == 0 and self.order_in(cls, self.calls[k].queue):
                if best < 0 or self.sooner(k, best):
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
        order = self.order_in(&self.classes[p.cls], call.queue)
        for i in range(self.widened(k)):
            if queue.steps[i].also >= 0:
                order = max(order, self.order_in(&self.classes[p.cls], queue.steps[i].also))
        if not order:
            return "other queue"
        if not self.order[call.request * self.cap_classes + p.cls]:
            return "lacks skill"
        if call.extra != NULL:
            for i in range(call.extra.n_never):
                if call.extra.never[i] == p.id:
                    return "excluded"
        if p.state != FREE:
            return STATES[p.state]
        if p.vanished:
            return "vanished"
        if p.blocks:
            return "blocked"
        if p.on_demand and not p.asks:
            return "not asked"
        if self.passed(k, x):
            return "had turn"
        if self.held(k) and call.extra.owner != p.id:
            return "held for owner"
        if call.n_rings >= self.at_once(k):
            return "rings already"
        if not self.spare(call.queue):
            return "reserve"
        return "number busy" if self.number_busy(k) else None

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
            "agents": {self.agents[n].id: self.agent_state(n) for n in range(self.n_agents)},
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
            "number": p.id, "tenant": self.tenant_of(p.tenant), "ring_ms": p.ring_ms, "rest_ms": p.rest_ms, "reject_ms": p.reject_ms,
            "busy_ms": p.busy_ms, "strategy": p.strategy, "at_once": p.at_once, "more_ms": p.more_ms, "reserve": p.reserve,
            "random": p.random, "weight": p.weight, "ageing": p.ageing, "tier_points": p.tier_points, "length_max": p.length_max,
            "wait_max_ms": p.wait_max_ms, "overflow_ms": p.overflow_ms, "back_ms": p.back_ms, "causes": p.causes,
            "overflow_to": self.queues[p.overflow_to].id if p.overflow_ms else 0,
            "steps": [
                (p.steps[n].after_ms, p.steps[n].lower, -1 if p.steps[n].also < 0 else self.queues[p.steps[n].also].id)
                for n in range(p.n_steps)
            ],
            "asked": {self.agents[n].id: p.asked[n] for n in range(min(p.n_asked, self.n_agents)) if p.asked[n]},
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
            "number": p.id, "tenant": self.tenant_of(p.tenant),
            "queues": {self.queues[cls.what[2 * n]].id: cls.what[2 * n + 1] for n in range(cls.n_queues)},
            "skills": {cls.what[2 * n]: cls.what[2 * n + 1] for n in range(cls.n_queues, cls.n_queues + cls.n_skills)},
            "wrap_up_ms": p.wrap_up_ms, "setup_ms": p.setup_ms, "misses_max": p.misses_max, "on_demand": p.on_demand != 0,
            "weight": p.weight, "rank": p.rank, "state": STATES[p.state], "idle_since": p.idle_since,
            "until": None if self.timers.lane[x] == NO_TIMER else self.timers.links[x].major, "rest_until": p.rest_until,
            "pause_next": p.pause_next != 0, "asks": p.asks != 0, "blocks": [n for n in range(31) if p.blocks >> n & 1],
            "vanished": p.vanished != 0, "call": None if p.call < 0 else <uint32_t>self.calls[p.call].key.minor,
            "rests": (p.ring_ms, p.rest_ms, p.reject_ms, p.busy_ms), "rang": p.rang != 0, "misses": p.misses, "calls": p.calls,
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
            "owner_ms": more.owner_ms if more != NULL and more.owner >= 0 else 0, "customer": 0 if more == NULL else more.customer,
            "callback": more != NULL and more.back >= 0,
            "never": [] if more == NULL else sorted([more.never[n] for n in range(more.n_never)]),
            "place": (p.place_priority, p.place_tier, p.key.since, p.key.minor >> 32),
            "state": "waiting" if p.state == WAITS else "talking", "agent": None if p.agent < 0 else self.agents[p.agent].id,
            "dialled": more != NULL and more.dialled != 0, "rung_at": p.rung_at if p.n_rings else None,
            "had_turn": sorted([
                self.agents[n].id for n in range(min(self.n_agents, more.n_words << 6)) if more.turns[n >> 6] >> (n & 63) & 1
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
        new.unsettled = False
        new.rounds_open = True
        return new

    def set_again(self, given):
        """A setting, without a step round it: nothing is due, nothing is matched."""
        before, values = row_of(given)
        self.n_given = 0
        for kind, a, b in before:
            self.gift(kind, a, b)
        values = [int(value) for value in values] + [0] * 6
        self.n_actions = 0
        self.apply(CODES[type(given)], values[0], values[1], values[2], values[3], values[4], values[5])
        self.n_given = 0
        if self.n_actions or self.broken:
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
        p.idle_since = state["idle_since"]; p.rest_until = state["rest_until"]; p.talk_ms = state["talk_ms"]; p.since = state["since"]
        p.ring_ms, p.rest_ms, p.reject_ms, p.busy_ms = state["rests"]
        p.misses = state["misses"]; p.calls = state["calls"]; p.pause_next = state["pause_next"]; p.asks = state["asks"]
        p.vanished = state["vanished"]; p.rang = state["rang"]
        for reason in state["blocks"]:
            p.blocks |= <uint32_t>1 << <int>reason
        self.set_state(x, STATES.index(state["state"]))
        if state["until"] is not None:
            start(&self.timers, x, self.now, state["until"], (<int64_t>TIMER_KIND[p.state] << 32) | p.id)
        self.moved(x)

    def call_again(self, state):
        cdef int32_t q = self.known(&self.queue_ids, state["queue"]), k
        cdef Call *p
        cdef Extra *more
        want = -1 if state["want"] == -1 else self.known(&self.want_ids, state["want"])
        k = self.new_call(state["number"], q, want, state["priority"], state["tier"], state["since"])
        p = &self.calls[k]
        p.joined = state["joined"]
        p.place_priority, p.place_tier = state["place"][:2]
        self.set_key(k, state["place"][2], state["place"][3])
        p.expected = -1 if state["expected"] is None else state["expected"]
        if state["owner"] >= 0 or state["customer"] or state["never"] or state["had_turn"]:
            more = self.extra(k)
            more.owner = state["owner"]; more.owner_ms = state["owner_ms"]; more.customer = state["customer"]
            more.dialled = state["dialled"]
            self.n_owned += more.owner >= 0
            self.set_callback(k, state["callback"])
            for agent in state["never"]:
                self.never_again(more, agent)
            for agent in state["had_turn"]:
                self.had_turn(k, self.known(&self.agent_ids, agent))
        self.unstand(k)
        if state["state"] == "talking":
            p.state = TALKS
            p.agent = self.known(&self.agent_ids, state["agent"])
            self.queues[q].n_waiting -= 1
            self.engage(k)
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
                self.ring(k, x)
                self.calls[k].rung_at = state["calls"][agent["call"]]["rung_at"]
        for call in state["calls"]:
            k = self.known(&self.call_ids, call)
            self.calls[k].request = self.request_of(self.calls[k].queue, self.calls[k].want, self.widened(k))
            self.stand(k)
            self.watch_time(k)
        for queue, number, since, until in state["cut"]:
            self.cut_off(self.known(&self.queue_ids, queue), number, since, until)
        if self.broken:
            raise MemoryError

    def __sizeof__(self):
        """Bytes held: a core that routed a million calls is no larger than its busiest moment."""
        cdef int64_t n = sizeof(Acd), i
        n += self.cap_agents * (sizeof(Agent) + 2 * sizeof(Link) + 2 * sizeof(int32_t) + 1) + self.cap_queues * sizeof(Queue)
        n += self.cap_classes * (sizeof(Class) + sizeof(Head)) + self.cap_requests * (sizeof(Request) + self.cap_classes * 4)
        n += (self.cap_requests + self.n_queues + 1) * self.words * 8 + self.cap_wants * sizeof(Want) + self.cap_tenants * sizeof(Tenant)
        n += self.cap_calls * sizeof(Call) + (self.cap_special + self.cap_backs + self.cap_rounds + self.cap_dues + self.cap_checks + self.cap_scratch) * 4
        n += self.cap_cuts * sizeof(Cut) + self.cap_given * sizeof(Given) + self.cap_actions * sizeof(Action)
        for i in range(self.n_calls):
            if self.calls[i].extra != NULL:
                n += sizeof(Extra) + self.calls[i].extra.n_words * 8 + self.calls[i].extra.n_never * 4
        for i in range(self.n_queues):
            n += self.queues[i].n_asked * 8
        for i in range(self.n_classes):
            n += (self.classes[i].n_queues + self.classes[i].n_skills) * 8
        for i in range(self.n_requests):
            n += self.requests[i].cap * 4
        n += size_of(&self.agent_ids) + size_of(&self.queue_ids) + size_of(&self.call_ids) + size_of(&self.request_ids)
        return n + size_of(&self.want_ids) + size_of(&self.tenant_ids) + size_of(&self.engaged_ids)

    # --- memory

    cdef bint reserve(self) noexcept nogil:
        """Room for one more call, so that no input fails half way."""
        if self.spare_call >= 0 or self.n_calls < self.cap_calls:
            return True
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

    cdef Extra *extra(self, int32_t k) noexcept nogil:
        """Of a caller with conditions; NULL where memory is out."""
        cdef Extra *more = self.calls[k].extra
        if more == NULL:
            more = <Extra *>calloc(1, sizeof(Extra))
            if more == NULL:
                self.broken = True
                return NULL
            more.owner = -1
            more.round = more.back = -1
            self.calls[k].extra = more
        return more

    cdef bint push(self, int32_t **list, int32_t *n, int32_t *cap, int32_t value) noexcept nogil:
        if not _grow(<void **>list, cap, n[0] + 1, sizeof(int32_t)):
            self.broken = True
            return False
        list[0][n[0]] = value
        n[0] += 1
        return True

    cdef void gift(self, int64_t kind, int64_t a, int64_t b) noexcept nogil:
        """A row that belongs to the input after it."""
        if not _grow(<void **>&self.given, &self.cap_given, self.n_given + 1, sizeof(Given)):
            self.broken = True
            return
        self.given[self.n_given].kind = kind
        self.given[self.n_given].a = a
        self.given[self.n_given].b = b
        self.n_given += 1

    cdef void emit(self, int32_t code, int64_t call, int64_t agent, int64_t until) noexcept nogil:
        cdef Action *p
        cdef uint64_t prime = 0x100000001B3, fold = self.fold
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
        fold = (fold ^ <uint64_t>(self.now << 5 | code)) * prime
        fold = (fold ^ <uint64_t>((call << 32) + agent)) * prime
        self.fold = (fold ^ <uint64_t>until) * prime

    cdef void refuse(self, int32_t why) noexcept nogil:
        self.emit(REFUSED, why, NONE, NONE)

    # --- a step

    cdef void step(self, int64_t now, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) noexcept nogil:
        if SERVES <= code < CODES_END:
            if code == MORE:
                self.has_more = True
                self.more[0] = a; self.more[1] = b; self.more[2] = c; self.more[3] = d; self.more[4] = e; self.more[5] = f
            else:
                self.gift(code, a, b)
            return
        if self.broken:
            return
        if now < self.now:
            self.refuse(TIME_BACKWARDS)
        elif now > TIME_MAX_MS:
            self.refuse(BAD_VALUE)
        else:
            self.now = now
            if self.restless():
                self.settle()
            if code != TICK:
                self.apply(code, a, b, c, d, e, f)
                if self.restless():
                    self.settle()
        self.n_given = 0
        if self.has_more:
            self.has_more = False
            memcpy(self.more, NOTHING_MORE, sizeof(self.more))

    cdef inline bint restless(self) noexcept nogil:
        """Something may be due, or to be matched."""
        return (
            self.timers.soonest <= self.now or self.n_checks or self.n_dues or self.n_causes
            or (self.n_rounds and (self.rounds_open or self.had >= 0))
            or (self.unsettled and self.n_open and self.n_idle)
        )

    cdef int64_t next_due(self) noexcept nogil:
        cdef int32_t x = first(&self.timers)
        cdef int64_t due = -1
        if x >= 0:
            due = self.timers.links[x].major
        if self.n_dues and (due < 0 or self.calls[self.dues[0]].due < due):
            due = self.calls[self.dues[0]].due
        return due

    cdef void settle(self) noexcept nogil:
        """What is due, what time does to callers, complete rounds, offers."""
        cdef int32_t x
        if self.timers.soonest <= self.now:
            x = first(&self.timers)
            while x >= 0 and self.timers.links[x].major <= self.now:
                self.fire(x)
                self.unsettled = True
                x = first(&self.timers)
            self.timers.soonest = self.timers.links[x].major if x >= 0 else FITS_NOTHING
        if self.n_checks or self.n_causes or (self.n_dues and self.calls[self.dues[0]].due <= self.now):
            self.callers_times()
        if not self.unsettled:
            return
        self.unsettled = False
        while True:
            if self.n_rounds and (self.rounds_open or self.had >= 0):
                self.new_rounds()
            if self.n_idle == 0 or self.n_open == 0 or not self.match():
                return

    cdef void fire(self, int32_t x) noexcept nogil:
        cdef Agent *p = &self.agents[x]
        cdef int64_t due = self.timers.links[x].major
        stop(&self.timers, x)
        if p.state == OFFERED:
            if self.calls[p.call].state == TALKS:
                self.taken(x)
            else:
                self.turn_over(x, MISSED, p.rest_ms)
        elif p.state == TALKING:
            self.requeue(x)
        elif p.rest_until > self.now:
            self.come_back(x)
        else:
            self.make_free(x, max(due, p.rest_until))
        self.moved(x)

    # --- what time does to callers (rules 10 to 15)

    cdef int64_t due_of(self, int32_t k) noexcept nogil:
        """When time will do something to this caller, -1 never. What is past has been done, or waits for an offer to end."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int64_t due = -1, at
        cdef int32_t i
        if call.state != WAITS:
            return -1
        for i in range(queue.n_steps):
            at = call.joined + queue.steps[i].after_ms
            if at > self.now:
                due = at
                break
        if call.extra != NULL and call.extra.owner >= 0 and call.extra.owner_ms:
            at = call.joined + call.extra.owner_ms
            if at > self.now and (due < 0 or at < due):
                due = at
        if queue.overflow_ms:
            at = call.joined + queue.overflow_ms
            if at > self.now and (due < 0 or at < due):
                due = at
        if queue.wait_max_ms:
            at = call.joined + queue.wait_max_ms
            if at > self.now and (due < 0 or at < due):
                due = at
        if queue.more_ms and call.n_rings and self.at_once(k) < AT_ONCE_MAX:
            at = call.rung_at + ((self.now - call.rung_at) // queue.more_ms + 1) * queue.more_ms
            if due < 0 or at < due:
                due = at
        return due

    cdef void due_seat(self, int32_t i, int32_t k) noexcept nogil:
        self.dues[i] = k
        self.calls[k].due_pos = i

    cdef bint due_less(self, int32_t k, int32_t j) noexcept nogil:
        return self.calls[k].due < self.calls[j].due

    cdef void due_fix(self, int32_t i) noexcept nogil:
        cdef int32_t k = self.dues[i], child
        while i > 0 and self.due_less(k, self.dues[(i - 1) >> 1]):
            self.due_seat(i, self.dues[(i - 1) >> 1])
            i = (i - 1) >> 1
        while True:
            child = 2 * i + 1
            if child >= self.n_dues:
                break
            if child + 1 < self.n_dues and self.due_less(self.dues[child + 1], self.dues[child]):
                child += 1
            if not self.due_less(self.dues[child], k):
                break
            self.due_seat(i, self.dues[child])
            i = child
        self.due_seat(i, k)

    cdef void watch_time(self, int32_t k) noexcept nogil:
        """After every change of a caller or of his queue."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int64_t due = -1
        if queue.n_steps or queue.overflow_ms or queue.wait_max_ms or queue.more_ms or call.extra != NULL:
            due = self.due_of(k)
        if due < 0:
            self.no_due(k)
            return
        if call.due_pos < 0:
            call.due = due
            if not self.push(&self.dues, &self.n_dues, &self.cap_dues, k):
                return
            call.due_pos = self.n_dues - 1
        elif call.due == due:
            return
        call.due = due
        self.due_fix(call.due_pos)

    cdef void no_due(self, int32_t k) noexcept nogil:
        cdef int32_t i = self.calls[k].due_pos
        if i < 0:
            return
        self.calls[k].due_pos = -1
        self.n_dues -= 1
        if i < self.n_dues:
            self.due_seat(i, self.dues[self.n_dues])
            self.due_fix(i)

    cdef void look_at(self, int32_t k) noexcept nogil:
        """Time may have something to do with this caller."""
        if not self.calls[k].check:
            self.calls[k].check = True
            self.push(&self.checks, &self.n_checks, &self.cap_checks, k)

    cdef void look_at_all(self, int32_t q) noexcept nogil:
        cdef int32_t k
        for k in range(self.n_calls):
            if self.calls[k].state == WAITS and self.calls[k].queue == q:
                self.look_at(k)

    cdef void callers_times(self) noexcept nogil:
        """By smaller number."""
        cdef int32_t q, k, i, j, n
        while self.n_dues and self.calls[self.dues[0]].due <= self.now:
            k = self.dues[0]
            self.no_due(k)
            self.look_at(k)
        if self.n_causes and self.staff_changed:
            for q in range(self.n_queues):
                if self.queues[q].n_waiting and self.queues[q].causes and self.cause(q) & self.queues[q].causes:
                    self.look_at_all(q)
        self.staff_changed = False
        if self.n_checks == 0:
            return
        self.unsettled = True
        for i in range(1, self.n_checks):
            k = self.checks[i]
            j = i - 1
            while j >= 0 and <uint32_t>self.calls[self.checks[j]].key.minor > <uint32_t>self.calls[k].key.minor:
                self.checks[j + 1] = self.checks[j]
                j -= 1
            self.checks[j + 1] = k
        n = self.n_checks
        self.n_checks = 0
        for i in range(n):
            self.calls[self.checks[i]].check = False
            self.time_for(self.checks[i])

    cdef void time_for(self, int32_t k) noexcept nogil:
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int32_t r, cause
        if call.state != WAITS:
            return
        if call.n_rings == 0:
            if queue.overflow_ms and self.now - call.joined >= queue.overflow_ms:
                self.join(k, queue.overflow_to)
                queue = &self.queues[call.queue]
            if queue.wait_max_ms and self.now - call.joined >= queue.wait_max_ms:
                self.emit(EXPIRED, <uint32_t>call.key.minor, NONE, NONE)
                self.forget(k)
                return
            if queue.causes:
                cause = self.cause(call.queue)
                if cause & queue.causes:
                    self.emit(NOBODY_THERE, <uint32_t>call.key.minor, cause, NONE)
                    self.forget(k)
                    return
        r = self.request_of(call.queue, call.want, self.widened(k))
        if r != call.request:
            self.unstand(k)
            call.request = r
            self.rounds_open = True
        self.stand(k)
        self.watch_time(k)

    cdef int32_t cause(self, int32_t q) noexcept nogil:
        """Rule 15; 0: somebody is there."""
        cdef int64_t here = 0, paused = 0, wrapping = 0
        cdef int32_t w, c
        cdef uint64_t bits
        for w in range(self.words):
            bits = self.queues[q].classes[w]
            while bits:
                c = (w << 6) + __builtin_ctzll(bits)
                bits &= bits - 1
                here += self.classes[c].here; paused += self.classes[c].paused; wrapping += self.classes[c].wrapping
        if here == 0:
            return NOBODY_LOGGED_IN
        if paused == here:
            return ALL_PAUSED
        return ALL_IN_WRAP_UP if paused + wrapping == here else 0

    cdef int32_t widened(self, int32_t k) noexcept nogil:
        """How many steps of widening hold."""
        cdef Queue *queue = &self.queues[self.calls[k].queue]
        cdef int32_t step = 0
        while step < queue.n_steps and queue.steps[step].after_ms <= self.now - self.calls[k].joined:
            step += 1
        return step

    # --- requests and classes: who may take whom

    cdef int32_t request_of(self, int32_t q, int32_t want, int32_t step) noexcept nogil:
        """The request of these; made where it is new. -1 where memory is out."""
        cdef int64_t key = (<int64_t>q << 36) | (<int64_t>(want + 1) << 4) | step
        cdef int32_t r
        cdef bint plain = want < 0 and step == 0
        if plain and self.queues[q].plain >= 0:
            return self.queues[q].plain
        if step == 0 and want >= 0 and self.wants[want].queue == q:
            return self.wants[want].request
        r = find(&self.request_ids, key)
        if r < 0:
            r = self.n_requests
            if not (self.room(r + 1, self.n_classes) and add(&self.request_ids, key, r)):
                self.broken = True
                return -1
            self.n_requests += 1
            memset(&self.requests[r], 0, sizeof(Request))
            self.requests[r].queue = q
            self.requests[r].want = want
            self.requests[r].step = step
            self.requests[r].prefers = want >= 0 and self.wants[want].n_prefers > 0
            self.pairs_of_request(r)
        if plain:
            self.queues[q].plain = r
        elif step == 0:
            self.wants[want].queue = q  # found at once while one queue asks for it
            self.wants[want].request = r
        return r

    cdef bint room(self, int32_t requests, int32_t classes) noexcept nogil:
        """For so many of each in lists and matrix."""
        cdef int32_t old = self.cap_classes, rows = self.cap_requests, wide = old, high = rows, words, r, q, a
        cdef uint8_t *order
        cdef uint8_t *liked
        cdef int16_t *score
        cdef uint64_t *may
        cdef uint64_t *bits
        if requests <= rows and classes <= old:
            return True
        while wide < classes:
            wide = 64 if wide == 0 else 2 * wide
        while high < requests:
            high = 16 if high == 0 else 2 * high
        words = wide >> 6
        order = <uint8_t *>calloc(<size_t>high * wide + 1, 1)
        liked = <uint8_t *>calloc(<size_t>high * wide + 1, 1)
        score = <int16_t *>calloc(<size_t>high * wide + 1, 2)
        may = <uint64_t *>calloc(<size_t>high * words + 1, 8)
        if order == NULL or liked == NULL or score == NULL or may == NULL:
            free(order); free(liked); free(score); free(may)
            return False
        for r in range(self.n_requests):
            memcpy(order + <size_t>r * wide, self.order + <size_t>r * old, old)
            memcpy(liked + <size_t>r * wide, self.liked + <size_t>r * old, old)
            memcpy(score + <size_t>r * wide, self.score + <size_t>r * old, old * 2)
            memcpy(may + <size_t>r * words, self.may + <size_t>r * self.words, self.words * 8)
        free(self.order); free(self.liked); free(self.score); free(self.may)
        self.order = order; self.liked = liked; self.score = score; self.may = may
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
            if not _grow(<void **>&self.classes, &a, wide, sizeof(Class)):
                return False
            a = old
            if not _grow(<void **>&self.heads, &a, wide, sizeof(Head)):
                return False
            self.cap_classes = wide
            self.words = words
        if high > rows:
            a = rows
            if not _grow(<void **>&self.requests, &a, high, sizeof(Request)):
                return False
            a = (rows >> 6) + 1 if rows else 0
            if not _grow(<void **>&self.open_requests, &a, (high >> 6) + 1, 8):
                return False
            self.cap_requests = high
        return True

    cdef int32_t level_in(self, const Class *cls, int32_t skill) noexcept nogil:
        cdef int32_t i
        for i in range(cls.n_queues, cls.n_queues + cls.n_skills):
            if cls.what[2 * i] == skill:
                return cls.what[2 * i + 1]
        return 0

    cdef int32_t order_in(self, const Class *cls, int32_t queue) noexcept nogil:
        """0: it does not serve this queue."""
        cdef int32_t i
        for i in range(cls.n_queues):
            if cls.what[2 * i] == queue:
                return cls.what[2 * i + 1]
        return 0

    cdef void pair(self, int32_t r, int32_t c) noexcept nogil:
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
        if request.want >= 0:
            want = &self.wants[request.want]
            for i in range(want.n_needs + want.n_prefers):
                level = self.level_in(cls, want.what[2 * i])
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
        order = self.order_in(cls, request.queue)
        for i in range(step):
            if queue.steps[i].also >= 0:
                other = self.order_in(cls, queue.steps[i].also)
                if other and (order == 0 or other < order):
                    order = other
        if not may:
            order = 0
        self.rounds_open = True
        self.order[at] = <uint8_t>order
        self.liked[at] = liked
        self.score[at] = <int16_t>min(score, 32767)
        if order:
            self.may[<size_t>r * self.words + (c >> 6)] |= <uint64_t>1 << (c & 63)
            self.orders |= <uint32_t>1 << order
        else:
            self.may[<size_t>r * self.words + (c >> 6)] &= ~(<uint64_t>1 << (c & 63))

    cdef void pairs_of_request(self, int32_t r) noexcept nogil:
        cdef int32_t c
        for c in range(self.n_classes):
            self.pair(r, c)

    cdef void pairs_of_class(self, int32_t c) noexcept nogil:
        cdef int32_t r, q
        for r in range(self.n_requests):
            self.pair(r, c)
        for q in range(self.n_queues):
            if self.order_in(&self.classes[c], q):
                self.queues[q].classes[c >> 6] |= <uint64_t>1 << (c & 63)
            else:
                self.queues[q].classes[c >> 6] &= ~(<uint64_t>1 << (c & 63))

    cdef int32_t sorted_pairs(self, int64_t kind, int32_t at) noexcept nogil:
        """The given rows of this kind, each first number once with its last second, sorted, as pairs into scratch from `at` on; how many."""
        cdef int32_t i, j, n = 0
        cdef int32_t *to
        if not _grow(<void **>&self.scratch, &self.cap_scratch, at + 2 * self.n_given + 2, sizeof(int32_t)):
            self.broken = True
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

    cdef int32_t class_of(self, int32_t n_queues, int32_t n_skills) noexcept nogil:
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
            if not self.room(self.n_requests, self.n_classes + 1):
                free(what)
                return -1
            spare = self.n_classes
            self.n_classes += 1
            memset(&self.classes[spare], 0, sizeof(Class))
            empty(&self.classes[spare].idle)
        cls = &self.classes[spare]
        free(cls.what)
        cls.what = what; cls.sign = sign; cls.n_queues = n_queues; cls.n_skills = n_skills
        self.pairs_of_class(spare)
        return spare

    # --- where a caller stands

    cdef void set_key(self, int32_t k, int64_t since, int64_t steps) noexcept nogil:
        """Rule 9, with his place's priority and tier."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        call.key.major = queue.ageing * since - 1000 * (queue.weight + call.place_priority + call.place_tier * queue.tier_points)
        call.key.since = since
        call.key.minor = (steps << 32) | <uint32_t>call.key.minor

    cdef bint sooner(self, int32_t k, int32_t j) noexcept nogil:
        """Over all queues."""
        cdef Call *x = &self.calls[k]
        cdef Call *y = &self.calls[j]
        cdef int64_t a = x.key.major, b = y.key.major
        if x.queue != y.queue:
            a -= self.queues[x.queue].ageing * self.now
            b -= self.queues[y.queue].ageing * self.now
        if a != b:
            return a < b
        if x.key.since != y.key.since:
            return x.key.since < y.key.since
        return x.key.minor < y.key.minor

    cdef int64_t at_once(self, int32_t k) noexcept nogil:
        """Rule 10: agents who may ring for this caller now."""
        cdef Queue *queue = &self.queues[self.calls[k].queue]
        cdef int64_t most = queue.at_once if queue.at_once else AT_ONCE_MAX
        if queue.more_ms and self.calls[k].n_rings:
            most += (self.now - self.calls[k].rung_at) // queue.more_ms
        return min(most, AT_ONCE_MAX)

    cdef void stand(self, int32_t k) noexcept nogil:
        """In the heap of his request, in the list of those with conditions, or nowhere: who talks or rings as many as he may."""
        cdef Call *call = &self.calls[k]
        cdef Extra *more = call.extra
        cdef Request *p
        cdef int32_t where = NOWHERE
        if call.state == WAITS and call.n_rings < self.at_once(k):
            where = IN_HEAP
            if more != NULL and (more.n_never or more.round >= 0 or more.owner >= 0 or more.back >= 0):
                where = IN_SPECIAL
        if where == call.stands:
            return
        self.unstand(k)
        if where == NOWHERE:
            return
        if where == IN_SPECIAL:
            if not self.push(&self.special, &self.n_special, &self.cap_special, k):
                return
            call.pos = self.n_special - 1
        else:
            p = &self.requests[call.request]
            if not self.push(&p.heap, &p.n, &p.cap, k):
                return
            if p.n == 1:
                self.open_requests[call.request >> 6] |= <uint64_t>1 << (call.request & 63)
            self.heap_up(p, p.n - 1)
        call.stands = where
        self.n_open += 1
        self.unsettled = True

    cdef void unstand(self, int32_t k) noexcept nogil:
        cdef Call *call = &self.calls[k]
        cdef Request *p
        cdef int32_t i = call.pos
        if call.stands == NOWHERE:
            return
        if call.stands == IN_SPECIAL:
            self.n_special -= 1
            self.special[i] = self.special[self.n_special]
            self.calls[self.special[i]].pos = i
        else:
            p = &self.requests[call.request]
            p.n -= 1
            if i < p.n:
                p.heap[i] = p.heap[p.n]
                self.calls[p.heap[i]].pos = i
                self.heap_up(p, i)
                self.heap_down(p, i)
            if p.n == 0:
                self.open_requests[call.request >> 6] &= ~(<uint64_t>1 << (call.request & 63))
        call.stands = NOWHERE
        self.n_open -= 1

    cdef void heap_up(self, Request *p, int32_t i) noexcept nogil:
        cdef int32_t k = p.heap[i], parent
        cdef Key key = self.calls[k].key
        while i > 0:
            parent = (i - 1) >> 1
            if not _before(&key, &self.calls[p.heap[parent]].key):
                break
            p.heap[i] = p.heap[parent]
            self.calls[p.heap[i]].pos = i
            i = parent
        p.heap[i] = k
        self.calls[k].pos = i

    cdef void heap_down(self, Request *p, int32_t i) noexcept nogil:
        cdef int32_t k = p.heap[i], child
        cdef Key key = self.calls[k].key
        while True:
            child = 2 * i + 1
            if child >= p.n:
                break
            if child + 1 < p.n and _before(&self.calls[p.heap[child + 1]].key, &self.calls[p.heap[child]].key):
                child += 1
            if not _before(&self.calls[p.heap[child]].key, &key):
                break
            p.heap[i] = p.heap[child]
            self.calls[p.heap[i]].pos = i
            i = child
        p.heap[i] = k
        self.calls[k].pos = i

    cdef void arrives(self, int32_t k) noexcept nogil:
        """The queue's rate is measured only while callers wait without a break."""
        if self.queues[self.calls[k].queue].n_waiting == 1:
            self.queues[self.calls[k].queue].served_ms = -1

    cdef int32_t in_line(self, int32_t q, int32_t but) noexcept nogil:
        """The queue's callers but this one, first the first, into scratch; how many."""
        cdef int32_t k, n = 0, gap, i, j
        if not _grow(<void **>&self.scratch, &self.cap_scratch, self.n_calls + 1, sizeof(int32_t)):
            self.broken = True
            return 0
        for k in range(self.n_calls):
            if self.calls[k].state == WAITS and self.calls[k].queue == q and k != but:
                self.scratch[n] = k
                n += 1
        gap = n >> 1
        while gap:  # Shell's
            for i in range(gap, n):
                k = self.scratch[i]
                j = i
                while j >= gap and self.sooner(k, self.scratch[j - gap]):
                    self.scratch[j] = self.scratch[j - gap]
                    j -= gap
                self.scratch[j] = k
            gap = gap >> 1
        return n

    # --- matching (rules 1, 2, 8, 9)

    cdef bint match(self) noexcept nogil:
        """One pass; whether another may find more: one on demand who was offered may have ended a hold or a round."""
        cdef int32_t level
        self.again = False
        if self.n_owned:
            self.owners_first()
        for level in range(1, 10):
            if (self.orders >> level) & 1:
                self.pass_of(level)
        return self.again

    cdef void owners_first(self) noexcept nogil:
        """By smaller number of the owner, each his first caller."""
        cdef int32_t i, k, x, best, bx = -1
        while self.n_idle:
            best = -1
            for i in range(self.n_special):
                k = self.special[i]
                if self.calls[k].extra.owner < 0:
                    continue
                x = find(&self.agent_ids, self.calls[k].extra.owner)
                if x < 0 or not self.agents[x].idle or not self.order[<size_t>self.calls[k].request * self.cap_classes + self.agents[x].cls]:
                    continue
                if best >= 0 and (self.agents[x].id > self.agents[bx].id or (x == bx and self.sooner(best, k))):
                    continue
                if not self.passed(k, x) and self.spare(self.calls[k].queue) and not self.number_busy(k):
                    best = k
                    bx = x
            if best < 0:
                return
            self.offer(best, bx)

    cdef void pass_of(self, int32_t level) noexcept nogil:
        """Callers first first, over all queues; each takes as many agents of this order as he may."""
        cdef bint one_order = self.orders == <uint32_t>1 << level
        cdef int32_t cursor = -1, best, i, w, r, k, c
        cdef uint64_t bits, idle
        cdef Request *p
        while self.n_idle:
            best = -1
            for i in range((self.n_requests >> 6) + 1):
                bits = self.open_requests[i]
                while bits:
                    r = (i << 6) + __builtin_ctzll(bits)
                    bits &= bits - 1
                    p = &self.requests[r]
                    k = p.heap[0]
                    if best >= 0 and not self.sooner(k, best):
                        continue
                    for w in range(self.words):
                        idle = self.idle_classes[w] & self.may[<size_t>r * self.words + w]
                        while idle and not one_order:
                            c = (w << 6) + __builtin_ctzll(idle)
                            if self.order[<size_t>r * self.cap_classes + c] == level:
                                break
                            idle &= idle - 1
                        if idle:
                            if self.spare(p.queue):
                                best = k
                            break
            for i in range(self.n_special):
                k = self.special[i]
                if not self.somebody(self.calls[k].request) or (best >= 0 and not self.sooner(k, best)):
                    continue
                if cursor >= 0 and self.sooner(k, cursor):
                    continue
                if self.held(k) or not self.spare(self.calls[k].queue) or self.number_busy(k):
                    continue
                if self.pick(k, level, False) >= 0:
                    best = k
            if best < 0:
                return
            cursor = best
            self.offer(best, self.pick(best, level, True))

    cdef inline bint somebody(self, int32_t r) noexcept nogil:
        """Some free agent could take callers of this request."""
        cdef int32_t w
        for w in range(self.words):
            if self.idle_classes[w] & self.may[<size_t>r * self.words + w]:
                return True
        return False

    cdef bint spare(self, int32_t q) noexcept nogil:
        """More free agents serve this queue than its reserve."""
        cdef Queue *queue = &self.queues[q]
        cdef int64_t n = 0
        cdef int32_t w
        cdef uint64_t bits
        if queue.reserve == 0:
            return True
        for w in range(self.words):
            bits = self.idle_classes[w] & queue.classes[w]
            while bits:
                n += self.classes[(w << 6) + __builtin_ctzll(bits)].idle.n
                bits &= bits - 1
        return n > queue.reserve

    cdef bint number_busy(self, int32_t k) noexcept nogil:
        """One live attempt a number."""
        cdef Extra *own = self.calls[k].extra
        if own == NULL or own.back < 0:
            return False
        return find(&self.engaged_ids, own.customer) > self.calls[k].engaged

    cdef void engage(self, int32_t k) noexcept nogil:
        """Whether he is offered or talks, counted by number."""
        cdef Call *call = &self.calls[k]
        cdef bint engaged = call.state == TALKS or (call.state == WAITS and call.n_rings > 0)
        if engaged == call.engaged:
            return
        call.engaged = engaged
        if call.extra != NULL and call.extra.customer and not more(&self.engaged_ids, call.extra.customer, 1 if engaged else -1):
            self.broken = True

    cdef void set_callback(self, int32_t k, bint wanted) noexcept nogil:
        """In the list of those who are called back, or out of it."""
        cdef Extra *own = self.calls[k].extra
        cdef int32_t i = own.back
        if wanted == (i >= 0):
            return
        if wanted:
            if self.push(&self.backs, &self.n_callbacks, &self.cap_backs, k):
                own.back = self.n_callbacks - 1
            return
        own.back = -1
        self.n_callbacks -= 1
        if i < self.n_callbacks:
            self.backs[i] = self.backs[self.n_callbacks]
            self.calls[self.backs[i]].extra.back = i

    cdef bint held(self, int32_t k) noexcept nogil:
        """Rule 8."""
        cdef Call *call = &self.calls[k]
        cdef int32_t x
        if call.extra == NULL or call.extra.owner < 0 or self.now - call.joined >= call.extra.owner_ms:
            return False
        x = find(&self.agent_ids, call.extra.owner)
        if x < 0 or not self.agents[x].counted or not self.order[<size_t>call.request * self.cap_classes + self.agents[x].cls]:
            return False
        return not self.passed(k, x)

    cdef bint passed(self, int32_t k, int32_t x) noexcept nogil:
        """He had his turn, or must not have this caller."""
        cdef Extra *more = self.calls[k].extra
        cdef int32_t i
        if more == NULL:
            return False
        if more.round >= 0 and (x >> 6) < more.n_words and (more.turns[x >> 6] >> (x & 63)) & 1:
            return True
        for i in range(more.n_never):
            if more.never[i] == self.agents[x].id:
                return True
        return False

    cdef bint better(self, int32_t strategy, const Queue *queue, int32_t r, int32_t x, int32_t y) noexcept nogil:
        """x before y, by strategy, then the longest idle, then the smaller number."""
        cdef Agent *p = &self.agents[x]
        cdef Agent *o = &self.agents[y]
        cdef int64_t a = 0, b = 0
        if strategy == BEST_LEVEL:
            a = -self.score[<size_t>r * self.cap_classes + p.cls]
            b = -self.score[<size_t>r * self.cap_classes + o.cls]
        elif strategy == FEWEST_CALLS:
            a = p.calls; b = o.calls
        elif strategy == LEAST_TALK:
            a = p.talk_ms; b = o.talk_ms
        elif strategy == ROUND_ROBIN:
            a = queue.asked[x] if x < queue.n_asked else 0
            b = queue.asked[y] if y < queue.n_asked else 0
        elif strategy == FIXED:
            a = p.rank; b = o.rank
        if a != b:
            return a < b
        return less(self.idle_links, x, y)

    cdef int32_t pick(self, int32_t k, int32_t level, bint sure) noexcept nogil:
        """The agent of this order whom this caller gets, or -1; not `sure`: any one will do, and nothing is drawn."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int32_t r = call.request, strategy = queue.strategy, w, c, x, best = -1
        cdef uint64_t bits
        cdef bint choosy = call.extra != NULL, heads = strategy <= BEST_LEVEL, liked, best_liked = False
        cdef bint plain = strategy == LONGEST_IDLE and not choosy
        cdef size_t row = <size_t>r * self.cap_classes
        if strategy == RANDOM and sure:
            return self.draw(k, level)
        if plain and not self.requests[r].prefers and self.orders == <uint32_t>1 << level:
            return self.longest_idle(r)
        for w in range(self.words):
            bits = self.idle_classes[w] & self.may[<size_t>r * self.words + w]
            while bits:
                c = (w << 6) + __builtin_ctzll(bits)
                bits &= bits - 1
                liked = self.liked[row + c]
                if self.order[row + c] != level or (best_liked and not liked):
                    continue
                x = self.classes[c].idle.head
                if plain:
                    if best < 0 or (liked and not best_liked) or less(self.idle_links, x, best):
                        best = x
                        best_liked = liked
                    continue
                while x >= 0:
                    if not (choosy and self.passed(k, x)):
                        if best < 0 or (liked and not best_liked) or self.better(strategy, queue, r, x, best):
                            best = x
                            best_liked = liked
                        if heads or not sure:
                            break
                    x = self.idle_links[x].next
        return best

    cdef int32_t longest_idle(self, int32_t r) noexcept nogil:
        """The plain case: the heads of the classes that may, compared."""
        cdef int32_t w, c, x = -1
        cdef int64_t since = FITS_NOTHING
        cdef uint64_t bits
        cdef Head *heads = self.heads
        for w in range(self.words):
            bits = self.idle_classes[w] & self.may[<size_t>r * self.words + w]
            while bits:
                c = (w << 6) + __builtin_ctzll(bits)
                bits &= bits - 1
                if heads[c].since < since or (heads[c].since == since and heads[c].id < self.agents[x].id):
                    since = heads[c].since
                    x = heads[c].agent
        return x

    cdef void set_head(self, int32_t c) noexcept nogil:
        cdef int32_t x = self.classes[c].idle.head
        if x >= 0:
            self.heads[c].since = self.idle_links[x].major
            self.heads[c].id = <int32_t>self.idle_links[x].minor
            self.heads[c].agent = x

    cdef int32_t draw(self, int32_t k, int32_t level) noexcept nogil:
        """RANDOM: by weight, in order of number."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef size_t row = <size_t>call.request * self.cap_classes
        cdef int32_t c, x, n = 0, i
        cdef int64_t total = 0
        cdef uint64_t z, drawn
        cdef bint liked, any_liked = False
        if not _grow(<void **>&self.scratch, &self.cap_scratch, self.n_idle + 1, sizeof(int32_t)):
            self.broken = True
            return -1
        for c in range(self.n_classes):
            if self.order[row + c] != level or self.classes[c].idle.n == 0:
                continue
            liked = self.liked[row + c]
            if any_liked and not liked:
                continue
            x = self.classes[c].idle.head
            while x >= 0:
                if not self.passed(k, x):
                    if liked and not any_liked:
                        any_liked = True
                        n = 0
                    self.scratch[n] = x
                    n += 1
                x = self.idle_links[x].next
        if n <= 1:
            return self.scratch[0] if n else -1
        self.sort_agents(n)
        for i in range(n):
            total += self.agents[self.scratch[i]].weight
        queue.random += <uint64_t>0x9E3779B97F4A7C15
        z = queue.random
        z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
        z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
        drawn = (z ^ (z >> 31)) % <uint64_t>total
        for i in range(n):
            x = self.scratch[i]
            if drawn < <uint64_t>self.agents[x].weight:
                return x
            drawn -= <uint64_t>self.agents[x].weight
        return -1

    cdef void sort_agents(self, int32_t n) noexcept nogil:
        """Those in scratch, by number."""
        cdef int32_t gap = n >> 1, i, j, x
        while gap:
            for i in range(gap, n):
                x = self.scratch[i]
                j = i
                while j >= gap and self.agents[x].id < self.agents[self.scratch[j - gap]].id:
                    self.scratch[j] = self.scratch[j - gap]
                    j -= gap
                self.scratch[j] = x
            gap = gap >> 1

    cdef void offer(self, int32_t k, int32_t x) noexcept nogil:
        """Rule 3."""
        cdef Agent *p = &self.agents[x]
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int64_t until = self.now + p.setup_ms + queue.ring_ms
        if x >= queue.n_asked and not _grow(<void **>&queue.asked, &queue.n_asked, x + 1, sizeof(int64_t)):
            self.broken = True
            return
        queue.offers += 1
        queue.asked[x] = queue.offers
        if call.n_rings == 0:
            call.rung_at = self.now
        self.ring(k, x)
        if p.on_demand:
            self.again = True
        p.call = k; p.rang = False; p.asks = False
        p.ring_ms = queue.ring_ms; p.rest_ms = queue.rest_ms; p.reject_ms = queue.reject_ms; p.busy_ms = queue.busy_ms
        self.set_state(x, OFFERED)
        start(&self.timers, x, self.now, until, p.id)
        self.moved(x)
        self.stand(k)
        if queue.more_ms:
            self.watch_time(k)
        self.emit(OFFER, <uint32_t>call.key.minor, p.id, until)

    cdef void ring(self, int32_t k, int32_t x) noexcept nogil:
        """One more who rings for this caller."""
        cdef Call *call = &self.calls[k]
        self.agents[x].ring_prev = -1
        self.agents[x].ring_next = call.rings
        if call.rings >= 0:
            self.agents[call.rings].ring_prev = x
        call.rings = x
        call.n_rings += 1
        self.engage(k)

    # --- rounds (rule 5)

    cdef void had_turn(self, int32_t k, int32_t x) noexcept nogil:
        cdef Extra *more = self.extra(k)
        if more == NULL or not _grow(<void **>&more.turns, &more.n_words, (x >> 6) + 1, sizeof(uint64_t)):
            self.broken = True
            return
        more.turns[x >> 6] |= <uint64_t>1 << (x & 63)
        if self.had >= 0 and self.had != k:
            self.rounds_open = True
        self.had = k
        if more.round < 0:
            if not self.push(&self.rounds, &self.n_rounds, &self.cap_rounds, k):
                return
            more.round = self.n_rounds - 1
            self.stand(k)

    cdef void begin_round(self, int32_t k) noexcept nogil:
        """Nobody has had his turn."""
        cdef Extra *more = self.calls[k].extra
        cdef int32_t i
        if more == NULL or more.round < 0:
            return
        memset(more.turns, 0, more.n_words * sizeof(uint64_t))
        i = more.round
        more.round = -1
        self.n_rounds -= 1
        if i < self.n_rounds:
            self.rounds[i] = self.rounds[self.n_rounds]
            self.calls[self.rounds[i]].extra.round = i
        if self.calls[k].state == WAITS:
            self.stand(k)

    cdef bint complete(self, int32_t k) noexcept nogil:
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
                left += self.classes[(w << 6) + __builtin_ctzll(bits)].counted
                bits &= bits - 1
        for i in range(more.n_never):
            x = find(&self.agent_ids, more.never[i])
            if x >= 0 and self.agents[x].counted and self.order[row + self.agents[x].cls]:
                left -= 1
        for w in range(more.n_words):
            bits = more.turns[w]
            while bits:
                x = (w << 6) + __builtin_ctzll(bits)
                bits &= bits - 1
                if self.agents[x].counted and self.order[row + self.agents[x].cls]:
                    for i in range(more.n_never):
                        if more.never[i] == self.agents[x].id:
                            break
                    else:
                        left -= 1
        return left == 0

    cdef void new_rounds(self) noexcept nogil:
        cdef int32_t i = self.n_rounds - 1, k = self.had
        self.had = -1
        if not self.rounds_open:
            if self.calls[k].state == WAITS and self.calls[k].extra != NULL and self.calls[k].extra.round >= 0 and self.complete(k):
                self.begin_round(k)
            return
        self.rounds_open = False
        while i >= 0:
            if self.calls[self.rounds[i]].state == WAITS and self.complete(self.rounds[i]):
                self.begin_round(self.rounds[i])
            i -= 1

    # --- agents: an offer or a talk ends

    cdef void set_state(self, int32_t x, int32_t state) noexcept nogil:
        """With the counts of his class and tenant."""
        cdef Agent *p = &self.agents[x]
        cdef Class *cls = &self.classes[p.cls]
        cdef int32_t old = p.state
        if old == state:
            return
        p.state = <signed char>state
        if old == OUT or state == OUT:
            cls.here += 1 if old == OUT else -1
            self.tenants[p.tenant].seats += 1 if old == OUT else -1
            self.staff_changed = True
        if old == PAUSED or state == PAUSED:
            cls.paused += 1 if state == PAUSED else -1
            self.staff_changed = True
        if old == WRAP_UP or state == WRAP_UP:
            cls.wrapping += 1 if state == WRAP_UP else -1
            self.staff_changed = True

    cdef void moved(self, int32_t x) noexcept nogil:
        """After every change of an agent: whether rounds must visit him, whether he could be offered a call."""
        cdef Agent *p = &self.agents[x]
        cdef Class *cls = &self.classes[p.cls]
        cdef bint reachable = p.blocks == 0 and not p.vanished and (p.asks or not p.on_demand)
        cdef bint counted = reachable and p.state != OUT and p.state != PAUSED
        cdef bint idle = reachable and p.state == FREE
        if counted != p.counted:
            p.counted = counted
            cls.counted += 1 if counted else -1
            self.rounds_open = True
        if idle == p.idle:
            return
        p.idle = idle
        if idle:
            self.idle_links[x].major = p.idle_since
            self.idle_links[x].minor = p.id
            put(self.idle_links, &cls.idle, x)
            if cls.idle.head == x:
                self.set_head(p.cls)
            self.n_idle += 1
            self.idle_classes[p.cls >> 6] |= <uint64_t>1 << (p.cls & 63)
            self.unsettled = True
        else:
            take(self.idle_links, &cls.idle, x)
            self.set_head(p.cls)
            self.n_idle -= 1
            if cls.idle.n == 0:
                self.idle_classes[p.cls >> 6] &= ~(<uint64_t>1 << (p.cls & 63))

    cdef int32_t part(self, int32_t x) noexcept nogil:
        """The agent is without call and timer; which call it was. Of an open offer: the caller waits on."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = p.call
        cdef Call *call = &self.calls[k]
        p.call = -1
        stop(&self.timers, x)
        if p.state != OFFERED:
            return k
        if p.ring_prev >= 0:
            self.agents[p.ring_prev].ring_next = p.ring_next
        else:
            call.rings = p.ring_next
        if p.ring_next >= 0:
            self.agents[p.ring_next].ring_prev = p.ring_prev
        call.n_rings -= 1
        if call.n_rings == 0:
            self.engage(k)
        if call.state == WAITS:
            self.waits_again(k)
        return k

    cdef void waits_again(self, int32_t k) noexcept nogil:
        """An offer is over."""
        cdef Queue *queue = &self.queues[self.calls[k].queue]
        self.stand(k)
        if queue.n_steps or queue.overflow_ms or queue.wait_max_ms or queue.more_ms or queue.causes or self.calls[k].extra != NULL:
            self.watch_time(k)
            self.look_at(k)

    cdef void turn_over(self, int32_t x, int32_t code, int64_t rest_ms) noexcept nogil:
        """Rule 4: missed, rejected or failed."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = self.part(x)
        self.had_turn(k, x)
        self.emit(code, <uint32_t>self.calls[k].key.minor, p.id, NONE)
        p.rest_until = self.now + rest_ms
        if code == MISSED:
            p.misses += 1
            if p.misses_max and p.misses >= p.misses_max:
                self.pause(x)
                self.emit(TAKEN_OUT, NONE, p.id, NONE)
                return
        self.come_back(x)

    cdef bint withdraw(self, int32_t x) noexcept nogil:
        """The agent's own doing: neither miss nor turn, but he is held for a moment."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k
        if p.state != OFFERED:
            return False
        k = self.part(x)
        self.emit(WITHDRAWN, <uint32_t>self.calls[k].key.minor, p.id, NONE)
        p.rest_until = self.now + HOLD_MS
        return True

    cdef void taken(self, int32_t x) noexcept nogil:
        """Rule 10: another one has the call."""
        cdef int32_t k = self.part(x)
        self.emit(TAKEN, <uint32_t>self.calls[k].key.minor, self.agents[x].id, NONE)
        self.set_state(x, FREE)

    cdef int32_t ringers(self, int32_t k) noexcept nogil:
        """Who rings for this caller, by number, into scratch; how many."""
        cdef int32_t n = 0, x = self.calls[k].rings
        if x < 0:
            return 0
        if not _grow(<void **>&self.scratch, &self.cap_scratch, self.calls[k].n_rings, sizeof(int32_t)):
            self.broken = True
            return 0
        while x >= 0:
            self.scratch[n] = x
            n += 1
            x = self.agents[x].ring_next
        self.sort_agents(n)
        return n

    cdef void withdraw_all(self, int32_t k) noexcept nogil:
        """The caller's doing: agents keep their place among the idle."""
        cdef int32_t i, x, n = self.ringers(k)
        for i in range(n):
            x = self.scratch[i]
            self.part(x)
            self.set_state(x, FREE)
            self.emit(WITHDRAWN, <uint32_t>self.calls[k].key.minor, self.agents[x].id, NONE)
            self.moved(x)

    cdef void lose_offer(self, int32_t x) noexcept nogil:
        if self.withdraw(x):
            self.come_back(x)

    cdef void come_back(self, int32_t x) noexcept nogil:
        """Free, or what is left of a rest."""
        cdef Agent *p = &self.agents[x]
        if p.rest_until > self.now:
            self.set_state(x, RESTING)
            start(&self.timers, x, self.now, p.rest_until, (<int64_t>TIMER_KIND[RESTING] << 32) | p.id)
            self.emit(RESTS, NONE, p.id, p.rest_until)
        else:
            self.make_free(x, self.now)

    cdef void make_free(self, int32_t x, int64_t since) noexcept nogil:
        stop(&self.timers, x)
        self.set_state(x, FREE)
        self.agents[x].idle_since = since
        self.emit(FREE_, NONE, self.agents[x].id, NONE)

    cdef void pause(self, int32_t x) noexcept nogil:
        stop(&self.timers, x)
        self.set_state(x, PAUSED)
        self.agents[x].pause_next = False

    cdef void after_talk(self, int32_t x, bint wrap_up) noexcept nogil:
        """Rule 6."""
        cdef Agent *p = &self.agents[x]
        p.call = -1
        stop(&self.timers, x)
        if p.pause_next:
            self.pause(x)
            self.emit(PAUSED_, NONE, p.id, NONE)
        elif wrap_up and p.wrap_up_ms:
            self.set_state(x, WRAP_UP)
            start(&self.timers, x, self.now, self.now + p.wrap_up_ms, (<int64_t>TIMER_KIND[WRAP_UP] << 32) | p.id)
            self.emit(WRAPUP, NONE, p.id, self.now + p.wrap_up_ms)
        else:
            self.come_back(x)

    cdef void let_go(self, int32_t k) noexcept nogil:
        """The talk is over for its agent."""
        cdef Call *call = &self.calls[k]
        cdef int32_t x = call.agent
        cdef bint dialled = call.extra != NULL and call.extra.dialled
        self.emit(RELEASE, <uint32_t>call.key.minor, self.agents[x].id, NONE)
        if not dialled:
            self.agents[x].talk_ms += self.now - self.agents[x].since
        self.after_talk(x, not dialled)
        call.agent = -1
        if self.agents[x].state != WRAP_UP:
            self.moved(x)

    cdef void requeue(self, int32_t x) noexcept nogil:
        """Rule 7."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = self.part(x), j, front = -1
        cdef Call *call = &self.calls[k]
        if call.extra == NULL or not call.extra.dialled:
            p.talk_ms += self.now - p.since
        call.state = WAITS
        call.agent = -1
        call.joined = self.now
        self.queues[call.queue].n_waiting += 1
        if call.extra != NULL:
            call.extra.dialled = False
            if call.extra.owner >= 0:
                call.extra.owner = -1
                self.n_owned -= 1
        self.begin_round(k)
        self.engage(k)
        self.arrives(k)
        for j in range(self.n_calls):
            if j != k and self.calls[j].state == WAITS and self.calls[j].queue == call.queue and (front < 0 or self.sooner(j, front)):
                front = j
        self.unstand(k)
        if front >= 0 and self.sooner(front, k):
            call.place_priority = self.calls[front].place_priority
            call.place_tier = self.calls[front].place_tier
            self.set_key(k, self.calls[front].key.since, (self.calls[front].key.minor >> 32) - 1)
        call.request = self.request_of(call.queue, call.want, self.widened(k))
        self.waits_again(k)
        self.emit(REQUEUED, <uint32_t>call.key.minor, p.id, NONE)
        if p.pause_next:
            self.pause(x)
            self.emit(PAUSED_, NONE, p.id, NONE)
        else:
            self.set_state(x, FREE)
            p.idle_since = self.now

    cdef void dropped(self, int32_t x) noexcept nogil:
        """Rule 10: he had it, and others ring still."""
        cdef Agent *p = &self.agents[x]
        cdef int32_t k = p.call
        cdef Call *call = &self.calls[k]
        call.state = WAITS
        call.agent = -1
        self.rounds_open = True
        self.queues[call.queue].n_waiting += 1
        if call.extra != NULL:
            call.extra.dialled = False
        self.engage(k)
        self.arrives(k)
        call.request = self.request_of(call.queue, call.want, self.widened(k))
        self.waits_again(k)
        if p.pause_next:
            self.part(x)
            self.had_turn(k, x)
            self.emit(REJECTED, <uint32_t>call.key.minor, p.id, NONE)
            self.pause(x)
            self.emit(PAUSED_, NONE, p.id, NONE)
        else:
            self.turn_over(x, REJECTED, p.reject_ms)

    cdef void joined(self, int32_t k, int32_t x) noexcept nogil:
        """They talk: counts and rates."""
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef int64_t took
        self.agents[x].calls += 1
        self.agents[x].since = self.now
        self.emit(CONNECT, <uint32_t>call.key.minor, self.agents[x].id, NONE)
        if call.expected >= 0:
            took = self.now - call.joined - call.expected
            queue.errors += 1
            queue.errors_ms += took if took >= 0 else -took
            call.expected = -1
        if queue.served_ms >= 0:
            took = (self.now - queue.served_ms) << 8
            queue.interval = took if queue.interval < 0 else queue.interval + ((took - queue.interval) >> 3)
        queue.served_ms = self.now if queue.n_waiting else -1

    cdef void forget(self, int32_t k) noexcept nogil:
        """The call is over; its slot is free."""
        cdef Call *call = &self.calls[k]
        self.unstand(k)
        self.no_due(k)
        if call.state == WAITS:
            self.queues[call.queue].n_waiting -= 1
        self.tenants[self.queues[call.queue].tenant].calls -= 1
        call.state = OVER
        call.n_rings = 0
        self.engage(k)
        if call.extra != NULL:
            self.begin_round(k)
            self.set_callback(k, False)
            self.n_owned -= call.extra.owner >= 0
            free(call.extra.turns)
            free(call.extra.never)
            free(call.extra)
            call.extra = NULL
        drop(&self.call_ids, <uint32_t>call.key.minor)
        call.agent = self.spare_call
        self.spare_call = k

    cdef void join(self, int32_t k, int32_t q) noexcept nogil:
        """Waits in that queue from now on, with the age he has."""
        cdef Call *call = &self.calls[k]
        self.unstand(k)
        if call.want >= 0 and call.want == find(&self.want_ids, self.queues[call.queue].id):
            call.want = find(&self.want_ids, self.queues[q].id)
        self.queues[call.queue].n_waiting -= 1
        self.queues[q].n_waiting += 1
        call.queue = q
        call.joined = self.now
        call.expected = -1
        if call.extra != NULL and call.extra.owner >= 0:
            call.extra.owner = -1
            self.n_owned -= 1
        call.place_priority = call.priority
        call.place_tier = call.tier
        self.set_key(k, call.since, 0)
        call.request = self.request_of(q, call.want, self.widened(k))
        self.begin_round(k)
        self.arrives(k)
        self.stand(k)
        self.watch_time(k)
        self.look_at(k)
        self.emit(MOVED, <uint32_t>call.key.minor, self.queues[q].id, NONE)

    # --- inputs about what an office is

    cdef void apply(self, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) noexcept nogil:
        cdef int32_t x
        if code != O_RINGS:
            self.unsettled = True
        if code == C_WAITS:
            self.call_waits(a, b, c, d, e, f)
        elif O_RINGS <= code <= O_WITHDRAWN:
            self.of_offer(code, a, b, c)
        elif A_IN <= code <= A_HANGS_UP or code == A_TRAITS:
            x = find(&self.agent_ids, a)
            if x < 0:
                self.refuse(UNKNOWN_AGENT)
            else:
                self.of_agent(code, x, b, c, d, e)
                self.moved(x)
        elif C_LEAVES <= code <= C_FAILS:
            x = find(&self.call_ids, a)
            if x < 0:
                self.refuse(UNKNOWN_CALL)
            else:
                self.of_call(code, x, b)
        elif code == A_SET:
            self.agent_set(a, b, c, d)
        elif code == Q_SET:
            self.queue_set(a, b, c, d, e, f)
        elif Q_OFFERS <= code <= Q_WIDENS:
            x = find(&self.queue_ids, a)
            if x < 0:
                self.refuse(UNKNOWN_QUEUE)
            else:
                self.of_queue(code, x, b, c, d, e, f)
        elif code == W_SET:
            self.want_set(a)
        elif code == T_SET:
            if not (_fits(a, ID_MAX) and _fits(b + 1, ID_MAX + 1) and _fits(c + 1, ID_MAX + 1)):
                self.refuse(BAD_VALUE)
                return
            x = self.tenant_slot(a)
            if x >= 0:
                self.tenants[x].told = True
                self.tenants[x].seats_max = b
                self.tenants[x].calls_max = c
        else:
            self.refuse(BAD_VALUE)

    cdef int32_t tenant_slot(self, int64_t tenant) noexcept nogil:
        """Made where it is new, without limits; -1 where memory is out."""
        cdef int32_t t = find(&self.tenant_ids, tenant)
        if t >= 0:
            return t
        t = self.n_tenants
        if not (_grow(<void **>&self.tenants, &self.cap_tenants, t + 1, sizeof(Tenant)) and add(&self.tenant_ids, tenant, t)):
            self.broken = True
            return -1
        self.n_tenants += 1
        self.tenants[t].seats_max = self.tenants[t].calls_max = -1
        return t

    cdef void queue_set(self, int64_t queue, int64_t ring, int64_t rest, int64_t reject, int64_t busy, int64_t tenant) noexcept nogil:
        cdef int32_t q = find(&self.queue_ids, queue), t
        cdef Queue *p
        if reject == -1:
            reject = rest
        if busy == -1:
            busy = reject
        if not (_fits(queue, ID_MAX) and _fits(ring - 1, DURATION_MAX_MS - 1) and _fits(rest, DURATION_MAX_MS) and _fits(tenant, ID_MAX)):
            self.refuse(BAD_VALUE)
            return
        if not (_fits(reject, DURATION_MAX_MS) and _fits(busy, DURATION_MAX_MS)):
            self.refuse(BAD_VALUE)
            return
        t = self.tenant_slot(tenant)
        if q < 0:
            q = self.n_queues
            if not (_grow(<void **>&self.queues, &self.cap_queues, q + 1, sizeof(Queue)) and add(&self.queue_ids, queue, q)):
                self.broken = True
                return
            p = &self.queues[q]
            memset(p, 0, sizeof(Queue))
            p.id = queue
            p.tenant = t
            p.at_once = 1
            p.tier_points = 100
            p.plain = -1
            p.served_ms = p.interval = -1
            p.classes = <uint64_t *>calloc(self.words + 1, 8)
            if p.classes == NULL:
                self.broken = True
                return
            self.n_queues += 1
        p = &self.queues[q]
        if p.tenant != t:
            self.refuse(OTHER_TENANT)
            return
        p.ring_ms = <int32_t>ring; p.rest_ms = <int32_t>rest; p.reject_ms = <int32_t>reject; p.busy_ms = <int32_t>busy

    cdef void of_queue(self, int64_t code, int32_t q, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) noexcept nogil:
        cdef Queue *p = &self.queues[q]
        if code == Q_OFFERS:
            if not (_fits(b, STRATEGIES - 1) and _fits(c, AT_ONCE_MAX) and _fits(d, DURATION_MAX_MS) and _fits(e, ID_MAX) and _fits(f, ID_MAX)):
                self.refuse(BAD_VALUE)
                return
            p.strategy = <int32_t>b; p.at_once = <int32_t>c; p.more_ms = <int32_t>d; p.reserve = <int32_t>e; p.random = <uint64_t>f
        elif code == Q_POINTS:
            if not (_fits(b, 1000000) and _fits(c, 1000) and _fits(d, 1000000)):
                self.refuse(BAD_VALUE)
                return
            p.weight = b; p.ageing = c; p.tier_points = d
        elif code == Q_LIMITS:
            self.queue_limits(q, b, c, d, e, f)
        elif code == Q_EMPTIES:
            if not _fits(b, 7):
                self.refuse(BAD_VALUE)
                return
            self.n_causes += (b != 0) - (p.causes != 0)
            p.causes = <int32_t>b
        else:
            self.queue_widens(q, b, c, d, e)
        self.again_for_all(q)

    cdef void queue_limits(self, int32_t q, int64_t length, int64_t wait, int64_t overflow, int64_t to, int64_t back) noexcept nogil:
        cdef Queue *p = &self.queues[q]
        cdef int32_t other = 0
        if not (_fits(length, ID_MAX) and _fits(wait, DURATION_MAX_MS) and _fits(overflow, DURATION_MAX_MS) and _fits(back, DURATION_MAX_MS)):
            self.refuse(BAD_VALUE)
            return
        if overflow:
            other = find(&self.queue_ids, to)
            if other < 0:
                self.refuse(UNKNOWN_QUEUE)
                return
            if self.queues[other].tenant != p.tenant:
                self.refuse(OTHER_TENANT)
                return
            if other == q:
                self.refuse(BAD_VALUE)
                return
        p.length_max = length; p.wait_max_ms = wait; p.overflow_ms = overflow; p.overflow_to = other; p.back_ms = back

    cdef void queue_widens(self, int32_t q, int64_t step, int64_t after, int64_t lower, int64_t also) noexcept nogil:
        cdef Queue *p = &self.queues[q]
        cdef int32_t other = -1, r
        if not (_fits(step, min(p.n_steps, 7)) and _fits(after, DURATION_MAX_MS) and _fits(lower, 9) and (also == -1 or _fits(also, ID_MAX))):
            self.refuse(BAD_VALUE)
            return
        if also != -1:
            other = find(&self.queue_ids, also)
            if other < 0:
                self.refuse(UNKNOWN_QUEUE)
                return
            if self.queues[other].tenant != p.tenant:
                self.refuse(OTHER_TENANT)
                return
        if after == 0:
            p.n_steps = <int32_t>step
        else:
            if (step > 0 and p.steps[step - 1].after_ms >= after) or (step + 1 < p.n_steps and p.steps[step + 1].after_ms <= after):
                self.refuse(BAD_VALUE)
                return
            p.steps[step].after_ms = after
            p.steps[step].lower = <int32_t>lower
            p.steps[step].also = other
            if step == p.n_steps:
                p.n_steps += 1
        for r in range(self.n_requests):
            if self.requests[r].queue == q:
                self.pairs_of_request(r)

    cdef void again_for_all(self, int32_t q) noexcept nogil:
        """The queue's callers, by its new values."""
        cdef int32_t k
        for k in range(self.n_calls):  # all out first: a heap of old and new keys is none
            if self.calls[k].state != OVER and self.calls[k].queue == q:
                self.unstand(k)
        for k in range(self.n_calls):
            if self.calls[k].state != OVER and self.calls[k].queue == q:
                self.set_key(k, self.calls[k].key.since, self.calls[k].key.minor >> 32)
                if self.calls[k].state == WAITS:
                    self.stand(k)
                    self.watch_time(k)
                    self.look_at(k)

    cdef void want_set(self, int64_t want) noexcept nogil:
        cdef int32_t w = find(&self.want_ids, want), i, r, n_needs, n_prefers
        cdef int32_t *what
        for i in range(self.n_given):
            if not (_fits(self.given[i].a, ID_MAX) and _fits(self.given[i].b - 1, 8)):
                self.refuse(BAD_VALUE)
                return
        if not _fits(want, ID_MAX):
            self.refuse(BAD_VALUE)
            return
        n_needs = self.sorted_pairs(NEEDS, 0)
        n_prefers = self.sorted_pairs(PREFERS, 2 * n_needs)
        what = <int32_t *>malloc((2 * (n_needs + n_prefers) + 1) * sizeof(int32_t))
        if what == NULL or self.broken:
            free(what)
            self.broken = True
            return
        memcpy(what, self.scratch, 2 * (n_needs + n_prefers) * sizeof(int32_t))
        if w < 0:
            w = self.n_wants
            if not (_grow(<void **>&self.wants, &self.cap_wants, w + 1, sizeof(Want)) and add(&self.want_ids, want, w)):
                free(what)
                self.broken = True
                return
            self.n_wants += 1
            self.wants[w].what = NULL
            self.wants[w].queue = -1
        free(self.wants[w].what)
        self.wants[w].what = what
        self.wants[w].n_needs = n_needs
        self.wants[w].n_prefers = n_prefers
        for r in range(self.n_requests):
            if self.requests[r].want == w:
                self.requests[r].prefers = n_prefers > 0
                self.pairs_of_request(r)

    cdef void agent_set(self, int64_t agent, int64_t wrap_up, int64_t setup, int64_t tenant) noexcept nogil:
        cdef int32_t x = find(&self.agent_ids, agent), i, q, n_queues, n_skills, c, t, k
        cdef Agent *p
        if not (_fits(agent, ID_MAX) and _fits(wrap_up, DURATION_MAX_MS) and _fits(setup, DURATION_MAX_MS) and _fits(tenant, ID_MAX)):
            self.refuse(BAD_VALUE)
            return
        for i in range(self.n_given):
            if not _fits(self.given[i].b - 1, 8) or (self.given[i].kind == KNOWS and not _fits(self.given[i].a, ID_MAX)):
                self.refuse(BAD_VALUE)
                return
        for i in range(self.n_given):
            if self.given[i].kind == SERVES and find(&self.queue_ids, self.given[i].a) < 0:
                self.refuse(UNKNOWN_QUEUE)
                return
        t = find(&self.tenant_ids, tenant)
        for i in range(self.n_given):
            if self.given[i].kind == SERVES:
                q = find(&self.queue_ids, self.given[i].a)
                if self.queues[q].tenant != t:
                    self.refuse(OTHER_TENANT)
                    return
                self.given[i].a = q
        if x >= 0 and self.agents[x].tenant != t:
            self.refuse(OTHER_TENANT)
            return
        t = self.tenant_slot(tenant)
        n_queues = self.sorted_pairs(SERVES, 0)
        n_skills = self.sorted_pairs(KNOWS, 2 * n_queues)
        c = self.class_of(n_queues, n_skills)
        if self.broken or c < 0:
            self.broken = True
            return
        if x < 0:
            x = self.n_agents
            if not (self.grow_agents() and add(&self.agent_ids, agent, x)):
                self.broken = True
                return
            self.n_agents += 1
            p = &self.agents[x]
            p.id = agent
            p.tenant = t
            p.cls = c
            p.call = -1
            p.weight = 1
            self.classes[c].members += 1
            self.timers.lane[x] = NO_TIMER
        p = &self.agents[x]
        if p.cls != c:
            self.change_class(x, c)
        p.wrap_up_ms = <int32_t>wrap_up
        p.setup_ms = <int32_t>setup
        self.staff_changed = self.rounds_open = True
        if p.state == OFFERED:
            k = p.call
            i = self.request_of(self.calls[k].queue, self.calls[k].want, self.widened(k))
            if i >= 0 and not self.order[<size_t>i * self.cap_classes + c]:
                self.part(x)
                self.emit(WITHDRAWN, <uint32_t>self.calls[k].key.minor, agent, NONE)
                self.set_state(x, FREE)
        self.moved(x)

    cdef void change_class(self, int32_t x, int32_t c) noexcept nogil:
        cdef Agent *p = &self.agents[x]
        cdef int32_t state = p.state, old = p.cls
        cdef bint counted = p.counted
        if p.idle:
            p.idle = False
            take(self.idle_links, &self.classes[old].idle, x)
            self.set_head(old)
            self.n_idle -= 1
            if self.classes[old].idle.n == 0:
                self.idle_classes[old >> 6] &= ~(<uint64_t>1 << (old & 63))
        self.classes[old].counted -= counted
        self.classes[c].counted += counted
        if state != OUT:
            self.classes[old].here -= 1
            self.classes[c].here += 1
        if state == PAUSED:
            self.classes[old].paused -= 1
            self.classes[c].paused += 1
        if state == WRAP_UP:
            self.classes[old].wrapping -= 1
            self.classes[c].wrapping += 1
        self.classes[old].members -= 1
        self.classes[c].members += 1
        p.cls = c

    # --- inputs about agents

    cdef void of_agent(self, int64_t code, int32_t x, int64_t b, int64_t c, int64_t d, int64_t e) noexcept nogil:
        """`b`: a block's reason, or how long a vanished one's call is kept; of A_TRAITS all."""
        cdef Agent *p = &self.agents[x]
        cdef Tenant *tenant = &self.tenants[p.tenant]
        cdef bint paused
        if code == A_HANGS_UP:
            self.hangs_up(x)
        elif A_BLOCKED <= code <= A_RETURNS:
            if (code == A_VANISHES and not _fits(b, DURATION_MAX_MS)) or (code < A_VANISHES and not _fits(b, 30)):
                self.refuse(BAD_VALUE)
            elif code == A_BLOCKED:
                p.blocks |= <uint32_t>1 << b
                self.lose_offer(x)
            elif code == A_UNBLOCKED:
                p.blocks &= ~(<uint32_t>1 << b)
            elif code == A_VANISHES:
                if p.state == TALKING and not p.vanished:
                    start(&self.timers, x, self.now, self.now + b, (<int64_t>TIMER_KIND[TALKING] << 32) | p.id)
                p.vanished = True
                self.lose_offer(x)
            else:
                p.vanished = False
                if p.state == TALKING:
                    stop(&self.timers, x)
        elif code == A_TRAITS:
            if not (_fits(b, ID_MAX) and _fits(d - 1, 999) and _fits(e, ID_MAX)):
                self.refuse(BAD_VALUE)
                return
            p.misses_max = <int32_t>b; p.on_demand = c != 0; p.weight = <int32_t>d; p.rank = <int32_t>e
        elif code == A_IN:
            if p.state != OUT:
                self.refuse(LOGGED_IN_ALREADY)
            elif 0 <= tenant.seats_max <= tenant.seats:
                self.refuse(NO_SEAT_LEFT)
            else:
                p.vanished = p.asks = False
                p.misses = p.calls = 0
                p.talk_ms = 0
                self.come_back(x)
        elif p.state == OUT:
            self.refuse(NOT_LOGGED_IN)
        elif code == A_OUT:
            if p.state == TALKING or p.state == BUSY:
                self.refuse(IS_TALKING)
            else:
                self.withdraw(x)
                stop(&self.timers, x)
                self.set_state(x, OUT)
        elif code == A_PAUSES:
            if p.state == PAUSED or p.pause_next:
                self.refuse(PAUSED_ALREADY)
            elif p.state == TALKING or p.state == BUSY:
                p.pause_next = True
            else:
                self.withdraw(x)
                self.pause(x)
        elif code == A_ASKS:
            if p.on_demand:
                p.asks = True
            else:
                self.refuse(NOT_ON_DEMAND)
        elif code == A_DIALS:
            if p.state == TALKING or p.state == BUSY:
                self.refuse(IS_TALKING)
                return
            paused = p.state == PAUSED
            self.withdraw(x)
            stop(&self.timers, x)
            self.set_state(x, BUSY)
            p.pause_next = paused
        elif p.pause_next:
            p.pause_next = False
        elif p.state == PAUSED or p.state == WRAP_UP:
            p.misses = 0
            self.come_back(x)
        else:
            self.refuse(NOTHING_TO_RESUME)

    cdef void hangs_up(self, int32_t x) noexcept nogil:
        cdef int32_t k = self.agents[x].call
        if self.agents[x].state == BUSY:
            self.after_talk(x, True)
        elif self.agents[x].state != TALKING:
            self.refuse(NOT_TALKING)
        elif self.calls[k].n_rings and (self.calls[k].extra == NULL or not self.calls[k].extra.dialled):
            self.dropped(x)
        else:
            self.withdraw_all(k)
            self.let_go(k)
            self.forget(k)

    # --- inputs about calls

    cdef void call_waits(self, int64_t call, int64_t queue, int64_t want, int64_t priority, int64_t tier, int64_t tenant) noexcept nogil:
        cdef int64_t *more = self.more  # position, waited_ms, owner, owner_ms, number, callback
        cdef int32_t q, w = -1, k, i, x, ticket = -1
        cdef int64_t since
        cdef Queue *p
        cdef Call *new
        cdef Extra *extra
        if not (_fits(more[1], DURATION_MAX_MS) and _fits(more[3], DURATION_MAX_MS) and _fits(priority, 1000000) and _fits(tier, 9)):
            self.refuse(BAD_VALUE)
            return
        if not (_fits(more[0], ID_MAX) and _fits(call, ID_MAX) and _fits(more[2] + 1, ID_MAX + 1) and _fits(more[4], NUMBER_MAX)):
            self.refuse(BAD_VALUE)
            return
        for i in range(self.n_given):
            if not _fits(self.given[i].a, ID_MAX):
                self.refuse(BAD_VALUE)
                return
        if more[5] and not more[4]:
            self.refuse(NO_NUMBER)
            return
        if find(&self.call_ids, call) >= 0:
            self.refuse(CALL_EXISTS)
            return
        q = find(&self.queue_ids, queue)
        if q < 0:
            self.refuse(UNKNOWN_QUEUE)
            return
        p = &self.queues[q]
        if tenant != -1 and find(&self.tenant_ids, tenant) != p.tenant:
            self.refuse(OTHER_TENANT)
            return
        if want != -1:
            w = find(&self.want_ids, want)
            if w < 0:
                self.refuse(UNKNOWN_WANT)
                return
        if self.n_callbacks:
            ticket = self.ticket_of(q)
        if 0 <= self.tenants[p.tenant].calls_max <= self.tenants[p.tenant].calls - (ticket >= 0):
            self.refuse(NO_LINE_LEFT)
            return
        if p.length_max and p.n_waiting - (ticket >= 0) >= p.length_max:
            self.refuse(QUEUE_FULL)
            return
        since = self.now - more[1]
        if self.n_cuts or ticket >= 0:
            since = self.age_of(call, q, since, ticket)
        k = self.new_call(call, q, w, priority, tier, since)
        if k < 0:
            return
        new = &self.calls[k]
        self.arrives(k)
        if p.interval >= 0 and since == self.now and not (priority or tier or more[0]):
            new.expected = (p.n_waiting * p.interval) >> 8
        if self.n_given or more[2] >= 0 or more[4]:
            extra = self.extra(k)
            if extra == NULL:
                return
            extra.owner = more[2]; extra.owner_ms = more[3]; extra.customer = more[4]
            self.n_owned += more[2] >= 0
            self.set_callback(k, more[5] != 0)
            for i in range(self.n_given):
                self.never_again(extra, self.given[i].a)
        if more[0]:
            self.place_at(k, more[0])
        new.request = self.request_of(q, w, self.widened(k))
        if new.extra == NULL and p.at_once == 1 and not (p.reserve or p.causes or p.n_steps or p.overflow_ms or p.wait_max_ms or p.more_ms):
            # all others are matched as far as they can be: this one alone is new, and needs no place in line where an agent is free
            if self.broken:
                return
            for i in range(1, 10):
                if self.n_idle and (self.orders >> i) & 1:
                    x = self.pick(k, i, True)
                    if x >= 0:
                        self.offer(k, x)
                        return
        self.stand(k)
        self.watch_time(k)
        if p.causes:
            self.look_at(k)

    cdef int32_t new_call(self, int64_t call, int32_t q, int32_t want, int64_t priority, int64_t tier, int64_t since) noexcept nogil:
        """A slot for a caller who waits, standing nowhere yet; -1 where memory is out."""
        cdef int32_t k
        cdef Call *new
        if not self.reserve():
            self.broken = True
            return -1
        k = self.spare_call if self.spare_call >= 0 else self.n_calls
        if not add(&self.call_ids, call, k):
            self.broken = True
            return -1
        new = &self.calls[k]
        if k == self.n_calls:
            self.n_calls += 1
            new.check = False
        else:
            self.spare_call = new.agent
        new.since = since
        new.joined = self.now
        new.rung_at = 0
        new.expected = -1
        new.extra = NULL
        new.queue = q
        new.want = want
        new.agent = new.rings = new.due_pos = -1
        new.n_rings = 0
        new.priority = new.place_priority = <int32_t>priority
        new.tier = new.place_tier = <signed char>tier
        new.state = WAITS
        new.stands = NOWHERE
        new.engaged = False
        new.key.minor = call
        self.queues[q].n_waiting += 1
        self.tenants[self.queues[q].tenant].calls += 1
        self.set_key(k, since, 0)
        return k

    cdef void never_again(self, Extra *extra, int64_t agent) noexcept nogil:
        cdef int32_t i
        for i in range(extra.n_never):
            if extra.never[i] == agent:
                return
        i = extra.n_never
        if not _grow(<void **>&extra.never, &i, extra.n_never + 1, sizeof(int32_t)):
            self.broken = True
            return
        extra.never[extra.n_never] = <int32_t>agent
        extra.n_never += 1

    cdef int32_t ticket_of(self, int32_t q) noexcept nogil:
        """Rule 17: the call-back that its customer makes needless, or -1."""
        cdef int64_t number = self.more[4]
        cdef int32_t i, k, ticket = -1
        if self.more[5] or number == 0:
            return -1
        for i in range(self.n_callbacks):
            k = self.backs[i]
            if self.calls[k].state == WAITS and self.calls[k].queue == q and self.calls[k].extra.customer == number:
                if ticket < 0 or <uint32_t>self.calls[k].key.minor < <uint32_t>self.calls[ticket].key.minor:
                    ticket = k
        return ticket

    cdef int64_t age_of(self, int64_t call, int32_t q, int64_t since, int32_t ticket) noexcept nogil:
        """Rule 17: of who was cut off, or of his call-back."""
        cdef int64_t number = self.more[4]
        cdef int32_t i, n = 0, k
        for i in range(self.n_cuts):
            if self.cuts[i].until > self.now:
                self.cuts[n] = self.cuts[i]
                n += 1
        self.n_cuts = n
        for i in range(n):
            if number and self.cuts[i].queue == q and self.cuts[i].number == number:
                since = min(since, self.cuts[i].since)
                for k in range(i + 1, n):
                    self.cuts[k - 1] = self.cuts[k]
                self.n_cuts -= 1
                break
        if ticket >= 0:
            since = min(since, self.calls[ticket].since)
            self.withdraw_all(ticket)
            self.emit(REPLACED, <uint32_t>self.calls[ticket].key.minor, call, NONE)
            self.forget(ticket)
        return since

    cdef void place_at(self, int32_t k, int64_t position) noexcept nogil:
        """Rule 9: a position asked for."""
        cdef Call *call = &self.calls[k]
        cdef int32_t n = self.in_line(call.queue, k), j
        cdef int64_t i
        for i in range(position - 1, n):
            j = self.scratch[i]
            if self.calls[j].place_priority == call.place_priority and self.calls[j].place_tier == call.place_tier:
                if self.sooner(j, k):
                    self.set_key(k, self.calls[j].key.since, (self.calls[j].key.minor >> 32) - 1)
                return

    cdef void cut_off(self, int32_t q, int64_t number, int64_t since, int64_t until) noexcept nogil:
        cdef int32_t n = self.n_cuts
        if not _grow(<void **>&self.cuts, &self.cap_cuts, n + 1, sizeof(Cut)):
            self.broken = True
            return
        self.cuts[n].queue = q
        self.cuts[n].number = number
        self.cuts[n].since = since
        self.cuts[n].until = until
        self.n_cuts += 1

    cdef void of_call(self, int64_t code, int32_t k, int64_t b) noexcept nogil:
        cdef Call *call = &self.calls[k]
        cdef Queue *queue = &self.queues[call.queue]
        cdef bint dialled = call.extra != NULL and call.extra.dialled
        cdef int32_t q, n
        if code == C_LEAVES:
            self.withdraw_all(k)
            if call.state == TALKS:
                self.let_go(k)
            elif b and queue.back_ms and call.extra != NULL and call.extra.customer and call.extra.back < 0:
                self.cut_off(call.queue, call.extra.customer, call.since, self.now + queue.back_ms)
            self.forget(k)
        elif code == C_MOVES:
            q = find(&self.queue_ids, b)
            if q < 0:
                self.refuse(UNKNOWN_QUEUE)
            elif self.queues[q].tenant != queue.tenant:
                self.refuse(OTHER_TENANT)
            elif dialled:
                self.refuse(NOT_WAITING)
            else:
                self.withdraw_all(k)
                if call.state == TALKS:
                    self.let_go(k)
                    call.state = WAITS
                    queue.n_waiting += 1
                    self.engage(k)
                self.join(k, q)
        elif code == C_BACK:
            if call.state == TALKS:
                self.refuse(NOT_WAITING)
            elif call.extra == NULL or not call.extra.customer:
                self.refuse(NO_NUMBER)
            else:
                self.withdraw_all(k)
                self.set_callback(k, True)
                self.stand(k)
        elif not dialled:
            self.refuse(NOT_DIALLED)
        elif code == C_ANSWERS:
            call.extra.dialled = False
            self.set_callback(k, False)
            self.joined(k, call.agent)
        else:
            self.withdraw_all(k)
            self.let_go(k)
            self.forget(k)

    # --- inputs about offers

    cdef void of_offer(self, int64_t code, int64_t call, int64_t agent, int64_t c) noexcept nogil:
        """Compare and set."""
        cdef int32_t x = find(&self.agent_ids, agent), k, n, i
        cdef Agent *p
        if x < 0:
            self.refuse(UNKNOWN_AGENT)
            return
        p = &self.agents[x]
        k = p.call
        if k < 0 or <uint32_t>self.calls[k].key.minor != call:
            k = find(&self.call_ids, call)
        if k < 0:
            self.refuse(UNKNOWN_CALL)
            return
        if code == A_TAKES:
            self.takes(k, x)
        elif code == V_STANDS:
            if self.calls[k].agent != x:
                self.refuse(NOT_TALKING)
                return
            n = self.ringers(k)
            for i in range(n):
                x = self.scratch[i]
                self.taken(x)
                self.moved(x)
            return
        elif p.state != OFFERED or p.call != k:
            self.refuse(NO_SUCH_OFFER)
        elif code == O_RINGS:
            if not p.rang:
                p.rang = True
                start(&self.timers, x, self.now, self.now + p.ring_ms, p.id)
            self.emit(RINGING, call, agent, self.timers.links[x].major)
            return
        elif code == O_FAILS:
            self.turn_over(x, WITHDRAWN, HOLD_MS)
        elif code == O_WITHDRAWN:
            self.part(x)
            self.had_turn(k, x)
            self.set_state(x, FREE)
            self.emit(WITHDRAWN, call, agent, NONE)
        elif self.calls[k].state == TALKS:
            self.taken(x)
        elif code == A_REJECTS:
            self.turn_over(x, REJECTED, p.busy_ms if c else p.reject_ms)
        else:
            self.answers(k, x)
            return
        self.moved(x)

    cdef void answers(self, int32_t k, int32_t x) noexcept nogil:
        cdef Call *call = &self.calls[k]
        call.state = TALKS
        call.agent = x
        self.part(x)
        self.unstand(k)
        self.no_due(k)
        self.queues[call.queue].n_waiting -= 1
        self.agents[x].call = k
        self.agents[x].misses = 0
        self.set_state(x, TALKING)
        if call.extra != NULL:
            if call.n_rings == 0:
                self.begin_round(k)
            if call.extra.back >= 0:
                call.extra.dialled = True
                self.emit(DIALBACK, <uint32_t>call.key.minor, self.agents[x].id, NONE)
                return
        self.joined(k, x)

    cdef void takes(self, int32_t k, int32_t x) noexcept nogil:
        """A supervisor's."""
        cdef Agent *p = &self.agents[x]
        if self.calls[k].state == TALKS:
            self.refuse(NOT_WAITING)
        elif p.tenant != self.queues[self.calls[k].queue].tenant:
            self.refuse(OTHER_TENANT)
        elif (p.state != FREE and p.state != RESTING and p.state != WRAP_UP) or p.blocks or p.vanished:
            self.refuse(NOT_FREE)
        elif self.number_busy(k):
            self.refuse(NUMBER_BUSY)
        else:
            p.rest_until = self.now
            self.offer(k, x)
