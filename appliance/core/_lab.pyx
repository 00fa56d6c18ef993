# distutils: extra_compile_args = -ffp-contract=off
"""An office in virtual time (E4): callers come, wait, talk or give up, agents answer, talk, wrap up, come and go. The core decides, all others obey.

Why Cython: the core takes a third of a microsecond a call; an office around it in Python would take fifty. Figures: bench/bench_simulate.py, docs/simulate.md
Oracle: tests/appliance/core/test_lab.py recomputes each figure from the trace with plain code and gives the trace's inputs to reference.py.
Memory: callers live in a ring by their number, which grows with the span of those who are there; all else is as large as the office.

Time is in units of the caller's choice (lab.py: microseconds), the core is told the same numbers as its ms: it has no clock. Of what happens at the
same moment the core's own deadlines come first, then agents (by number), shifts, callers who give up, callers who come.
"""
cimport cython
from cpython cimport array
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc

import array as _array
from typing import get_args

from appliance.core import decisions as _decisions
from appliance.core import inputs as _inputs
from appliance.core._acd cimport Acd, Action
from appliance.core._chance cimport CONSTANT, LOGNORMAL, Layers, Spread, Stream, cut_layers, draw, exponential, ln, rounded, seed_stream
from appliance.core._events cimport ABSENT, NEVER, Heap, Tree, cancel, grown, join, over, plan, room, whose
from appliance.core._hints cimport rare

cdef extern from *:
    """
    /* What is called inline here is meant so, as in the core. */
    #undef CYTHON_INLINE
    #define CYTHON_INLINE inline __attribute__((always_inline))
    """

cdef enum: NOTHING, RINGS, TALKS, LEAVES  # what an agent's event ends
cdef enum: GONE, WAITS, SERVED
cdef enum: NO_ARRIVALS, POISSON, RATES

LOG_WIDTH = 8

cdef Layers LAYERS_OF_EXP
cut_layers(&LAYERS_OF_EXP)

# Codes are places in inputs.Input and decisions.Decision; those that are not spoken of here keep the others in their places.
cdef enum:
    Q_SET, Q_OFFERS, Q_POINTS, Q_LIMITS, Q_EMPTIES, Q_WIDENS, W_SET, T_SET, A_SET, A_TRAITS, A_IN, A_OUT, A_PAUSES, A_RESUMES, A_ASKS, A_DIALS, A_BLOCKED,
    A_UNBLOCKED, A_VANISHES, A_RETURNS, A_HANGS_UP, C_WAITS, C_LEAVES, C_MOVES, C_BACK, CUSTOMER_ANSWERS, CUSTOMER_FAILS, O_RINGS, A_ANSWERS, A_REJECTS,
    O_FAILS, VOICE, A_TAKES, O_WITHDRAWN, TICK
cdef enum:
    OFFER, RINGING, MISSED, REJECTED, WITHDRAWN, TAKEN, CONNECT, DIAL_BACK, RELEASE, WRAP_UP, RESTS, PAUSED, TAKEN_OUT, FREE, REQUEUED, MOVED, EXPIRED,
    NOBODY_THERE, REPLACED, REFUSED
_SAID = {
    "AgentLogsIn": A_IN, "AgentLogsOut": A_OUT, "AgentPauses": A_PAUSES, "AgentResumes": A_RESUMES, "AgentHangsUp": A_HANGS_UP, "CallWaits": C_WAITS,
    "CallLeaves": C_LEAVES, "AgentAnswers": A_ANSWERS, "VoicePathStands": VOICE, "Tick": TICK, "Offer": OFFER, "Missed": MISSED, "Withdrawn": WITHDRAWN,
    "Taken": TAKEN, "Connect": CONNECT, "Release": RELEASE, "WrapUp": WRAP_UP, "Paused": PAUSED, "Free": FREE, "Refused": REFUSED,
}
for _kinds in (get_args(_inputs.Input), get_args(_decisions.Decision)):
    for _code, _kind in enumerate(_kinds):
        if _SAID.get(_kind.__name__, _code) != _code:
            raise ImportError(f"{_kind.__name__} has another code here than there")


cdef struct Line:  # a queue
    Stream comes, talks, endures
    Spread talk, patience
    double gap  # mean time between callers
    double *rates  # callers a unit of time, slot by slot
    int64_t slot
    int32_t n_rates
    int32_t arrivals
    int64_t want
    int64_t priority
    bint many  # several ring at once
    bint awaited  # the run goes on until its counted callers are through
    int64_t waiting
    int64_t came, answered, left, waited, in_time, left_in_time, backlog_mid, backlog_end
    uint64_t wait


cdef struct Caller:
    int64_t since
    int64_t talk
    Line *line
    int8_t state
    bint counted


cdef struct Urgent:  # what follows in the same moment
    int64_t code
    int64_t call
    int64_t x


cdef struct Person:
    int64_t item  # himself, where that is added to his times
    int64_t ring
    int64_t wrap_up
    int64_t here_since  # -1: logged out
    int64_t talks_since
    int64_t wraps_until
    int64_t staffed  # within the window, as `busy`
    int64_t busy
    int64_t call
    int8_t doing
    bint leaving


@cython.final
cdef class Lab:
    """One run. `step_on` as often as it says True; then `figures`."""

    cdef Acd core
    cdef Line *lines
    cdef int32_t n_lines
    cdef Person *people
    cdef int32_t n_people
    cdef Caller *callers
    cdef int64_t mask, oldest, newest  # numbers of callers: oldest .. newest - 1 are in the ring
    cdef Tree of_people, of_lines
    cdef int64_t item_bits, unit  # 1 << item_bits: by so much are times in `of_people` multiplied, and the person added; 1: there was no room for him
    cdef Heap of_callers
    cdef int32_t *callers_pos
    cdef Urgent next  # code 0: nothing follows
    cdef Urgent *urgent  # what follows after it, from `followed` on
    cdef int64_t n_urgent, cap_urgent, followed
    cdef int64_t patience  # of who comes now, or -1
    cdef int64_t row[8]  # the input told last; what callers alone have stays at no tier and no tenant
    cdef int64_t *log
    cdef int64_t n_log, cap_log, rows
    cdef int64_t heed  # before that time a turn need not ask whether it goes on
    cdef bint logging, broken, done, recorded
    cdef int64_t warm, mid, end, next_mark, limit, over_at, until, in_time, scale, open_calls, now, n_inputs, n_decisions, refused
    # shifts: one week, again and again
    cdef int64_t *shift_at
    cdef int32_t *shift_who
    cdef int8_t *shift_on
    cdef int64_t n_shifts, shift, week, week_start, shift_next
    # recorded calls
    cdef const int64_t[::1] rec_at, rec_talk, rec_patience
    cdef const int32_t[::1] rec_line, rec_want, rec_priority
    cdef int64_t rec, n_rec
    cdef int32_t first_line  # its place in `of_lines`: 1 where calls are recorded, which are the item 0
    cdef list kept

    def __init__(self, Acd core not None, list lines not None, list people not None, tuple times not None, tuple seed not None, list shifts not None,
                 int64_t week, tuple calls, bint logging):
        """See lab.py, which alone makes these."""
        cdef int32_t i, k
        cdef Line *line
        self.core = core
        self.row[7] = self.patience = -1
        self.warm, self.mid, self.end, self.limit, self.until, self.in_time = times
        self.limit = min(self.limit, NEVER - 1)
        self.logging = logging
        self.scale = seed[2]
        self.kept = []
        self.n_lines = len(lines)
        self.recorded = calls is not None
        self.first_line = self.recorded
        self.n_people = len(people)
        self.lines = <Line *>calloc(self.n_lines + 1, sizeof(Line))
        self.people = <Person *>calloc(self.n_people + 1, sizeof(Person))
        self.mask = 255
        self.callers = <Caller *>calloc(self.mask + 1, sizeof(Caller))
        self.callers_pos = <int32_t *>malloc((self.mask + 1) * sizeof(int32_t))
        self.oldest = self.newest = self.unit = 1
        if (self.lines == NULL or self.people == NULL or self.callers == NULL or self.callers_pos == NULL
                or not grown(&self.of_lines, self.n_lines + self.first_line) or not grown(&self.of_people, self.n_people)
                or not room(&self.of_callers, 0)):
            raise MemoryError
        for i in range(self.mask + 1):
            self.callers_pos[i] = ABSENT
        for i in range(self.n_lines):
            line = &self.lines[i]
            line.arrivals, line.gap, rates, line.slot, talk, patience, line.want, line.priority, line.many, line.awaited = lines[i]
            line.n_rates = len(rates)
            line.rates = <double *>malloc((line.n_rates + 1) * sizeof(double))
            if line.rates == NULL:
                raise MemoryError
            for k in range(line.n_rates):
                line.rates[k] = rates[k]
            self.spread(&line.talk, talk)
            self.spread(&line.patience, patience)
            seed_stream(&line.comes, seed[0], seed[1], i, 1)
            seed_stream(&line.talks, seed[0], seed[1], i, 2)
            seed_stream(&line.endures, seed[0], seed[1], i, 3)
        for i in range(self.n_people):
            self.people[i].ring, self.people[i].wrap_up = people[i]
            self.people[i].here_since = -1
        while self.unit < self.of_people.leaves:
            self.unit *= 2
            self.item_bits += 1
        if self.limit + 1 >= NEVER >> self.item_bits:
            self.unit = 1
            self.item_bits = 0
        for i in range(self.n_people):
            self.people[i].item = i & (self.unit - 1)
        self.n_shifts = len(shifts)
        self.week = week
        self.shift_at = <int64_t *>malloc((self.n_shifts + 1) * sizeof(int64_t))
        self.shift_who = <int32_t *>malloc((self.n_shifts + 1) * sizeof(int32_t))
        self.shift_on = <int8_t *>malloc(self.n_shifts + 1)
        if self.shift_at == NULL or self.shift_who == NULL or self.shift_on == NULL:
            raise MemoryError
        for k in range(self.n_shifts):
            self.shift_at[k], self.shift_who[k], self.shift_on[k] = shifts[k]
        if self.recorded:
            self.rec_at, self.rec_talk, self.rec_patience, self.rec_line, self.rec_want, self.rec_priority = calls
            self.n_rec = self.rec_at.shape[0]
        self.over_at = self.limit + 1 if self.recorded else self.end
        self.next_shift()
        self.next_recorded()
        self.await_mark(self.mid)

    def __dealloc__(self):
        cdef int32_t i
        if self.lines != NULL:
            for i in range(self.n_lines):
                free(self.lines[i].rates)
        free(self.lines); free(self.people); free(self.callers); free(self.urgent); free(self.log)
        free(self.callers_pos)
        free(self.of_lines.due); free(self.of_people.due); free(self.of_callers.due)
        free(self.shift_at); free(self.shift_who); free(self.shift_on)

    cdef int spread(self, Spread *to, tuple given) except -1:
        cdef array.array values
        to.kind, to.mean, to.sigma, values = given
        if to.kind == LOGNORMAL and to.mean > 0.0 and to.sigma > 0.0:
            to.sigma = ln(1.0 + to.sigma * to.sigma)  # of the logarithm: its variance, then its mean, then its deviation
            to.mean = ln(to.mean) - to.sigma / 2.0
            to.sigma = sqrt(to.sigma)
        elif to.kind == LOGNORMAL:
            to.kind = CONSTANT
        self.kept.append(values)
        to.values = <int64_t *>values.data.as_voidptr
        to.n = len(values)
        return 0

    # --- faces

    def open_doors(self, logged_in):
        """The moment 0: who is there logs in, and every queue awaits its first caller."""
        cdef int32_t x
        for x in logged_in:
            self.log_in(x)
            self.tell()
        for x in range(self.n_lines):
            self.await_next(x)

    def step_on(self, int64_t rows=1 << 20, int64_t inputs=1 << 22):
        """On until the end, or until the log has so many rows or so many inputs were made: then True. Others run meanwhile."""
        cdef bint more = False
        if not self.done:
            with nogil:
                more = self.go(rows, self.n_inputs + inputs)
        if self.broken or self.core.broken:
            raise MemoryError("the lab ran out of memory")
        if self.refused:
            raise RuntimeError(f"the core refused: {_decisions.REASONS[self.refused - 1]}")
        return more

    def take_log(self):
        """What was said since, LOG_WIDTH numbers a row: (now, code, arguments) of an input, (now, -1 - code, call, agent, until) of a decision."""
        cdef array.array out = array.clone(_array.array("q"), self.n_log * 8, False)
        cdef int64_t i
        for i in range(self.n_log * 8):
            out.data.as_longlongs[i] = self.log[i]
        self.n_log = 0
        return out

    def figures(self):
        """(queues, agents, events, decisions): sums in units of time, see lab.py."""
        cdef int32_t i
        cdef Line *q
        cdef list lines = []
        for i in range(self.n_lines):
            q = &self.lines[i]
            lines.append((q.came, q.answered, q.left, q.waited, q.wait, q.in_time, q.left_in_time, q.backlog_mid, q.backlog_end))
        return lines, [(self.people[i].busy, self.people[i].staffed) for i in range(self.n_people)], self.n_inputs, self.n_decisions

    # --- the office

    cdef bint go(self, int64_t rows, int64_t inputs) noexcept nogil:
        cdef int64_t core, person, caller, line, first, now
        self.rows = rows
        self.await_mark(self.next_mark)
        while self.n_inputs < inputs:
            person = self.of_people.due[1] >> self.item_bits
            caller = self.of_callers.due[0].time
            line = self.of_lines.due[1]
            now = min(person, caller, line)
            core = self.core.timers.soonest
            if rare(core <= now):
                core = self.core.next_due()
                now = min(now, core if core >= 0 else NEVER)
            if rare(now >= self.heed):
                first = now
                now = min(now, self.shift_next)
                if not self.goes_on(first, now):
                    break
                if now == self.shift_next and core != now and person != now:
                    self.now = now
                    if self.shift_turns():
                        self.tell()
                    continue
            self.now = now
            if core == now:
                self.put(TICK, 0, 0, 0, 0)
            elif person == now:
                self.person_acts(self.who_acts())
            elif caller == now:
                self.gives_up(self.of_callers.due[0].item)
            else:
                self.comes(whose(&self.of_lines) - self.first_line)
            self.tell()
            if self.patience >= 0:
                self.may_give_up()
        else:
            return True
        if self.n_log >= rows and not self.failed():
            return True
        self.close_doors()
        return False

    cdef bint failed(self) noexcept nogil:
        return self.broken or self.refused or self.core.broken

    cdef bint stops(self) noexcept nogil:
        return self.failed() or self.n_log >= self.rows

    cdef void breaks(self) noexcept nogil:
        """Memory is out."""
        self.broken = True
        self.heed = 0

    cdef bint goes_on(self, int64_t first, int64_t now) noexcept nogil:
        """Whether this turn does. `first`: what comes first, shifts apart."""
        if self.stops() or self.is_over(first) or now > self.limit:
            return False
        if now >= self.next_mark:
            self.mark(now)
        return True

    cdef bint is_over(self, int64_t first) noexcept nogil:
        """Recorded calls: nothing goes on and nobody waits. Else: the window is over and all who count are through."""
        return first >= self.over_at and not self.open_calls

    cdef void mark(self, int64_t now) noexcept nogil:
        cdef int32_t i
        if self.now < self.mid:
            for i in range(self.n_lines):
                self.lines[i].backlog_mid = self.lines[i].waiting
        if self.now < self.end <= now:
            for i in range(self.n_lines):
                self.lines[i].backlog_end = self.lines[i].waiting
        self.await_mark(self.end if now < self.end else NEVER)

    cdef void await_mark(self, int64_t at) noexcept nogil:
        self.next_mark = at
        self.heed = 0 if self.stops() else min(at, self.over_at, self.limit + 1, self.shift_next)

    cdef void close_doors(self) noexcept nogil:
        cdef int32_t x
        cdef int64_t now
        self.done = True
        if not self.recorded and self.now < self.end:
            self.mark(self.end)
            self.now = self.end
        now = self.now
        for x in range(self.n_people):
            if self.people[x].doing == TALKS:
                self.people[x].busy += self.clipped(self.people[x].talks_since, now)
            if self.people[x].here_since >= 0:
                self.people[x].staffed += self.clipped(self.people[x].here_since, now)

    cdef inline int64_t clipped(self, int64_t begin, int64_t end) noexcept nogil:
        """How much of it lies within the window."""
        begin = max(begin, self.warm)
        end = min(end, self.end)
        return end - begin if end > begin else 0

    cdef inline void await_next(self, int64_t i) noexcept nogil:
        """Plans the next caller of a queue."""
        cdef Line *line = &self.lines[i]
        cdef int64_t at = self.now, slot
        cdef double left, fits
        if line.arrivals == POISSON:
            at += rounded(exponential(&LAYERS_OF_EXP, &line.comes) * line.gap)
        elif line.arrivals == RATES:
            left = exponential(&LAYERS_OF_EXP, &line.comes)
            while at < NEVER:
                slot = at / line.slot
                fits = line.rates[slot % line.n_rates] * <double>((slot + 1) * line.slot - at)
                if left < fits:
                    at += rounded(left / line.rates[slot % line.n_rates])
                    break
                left -= fits
                at = (slot + 1) * line.slot
        else:
            return
        plan(&self.of_lines, self.first_line + i, at if at <= self.until else NEVER)

    cdef void comes_as_recorded(self) noexcept nogil:
        cdef int64_t i = self.rec
        cdef Line *line = &self.lines[self.rec_line[i]]
        self.rec += 1
        self.next_recorded()
        self.patience = self.rec_patience[i]
        self.is_there(self.rec_line[i], self.rec_talk[i], line.want if self.rec_want[i] < 0 else self.rec_want[i],
                      line.priority if self.rec_priority[i] < 0 else self.rec_priority[i] * self.scale)

    cdef void next_recorded(self) noexcept nogil:
        if self.recorded:
            plan(&self.of_lines, 0, self.rec_at[self.rec] if self.rec < self.n_rec else NEVER)

    cdef inline void comes(self, int64_t i) noexcept nogil:
        """The next of this queue, or of those who are recorded."""
        cdef Line *line = &self.lines[i]
        if rare(i < 0):
            self.comes_as_recorded()
            return
        self.await_next(i)
        self.patience = draw(&LAYERS_OF_EXP, &line.patience, &line.endures)
        self.is_there(i, draw(&LAYERS_OF_EXP, &line.talk, &line.talks), line.want, line.priority)

    cdef inline void is_there(self, int64_t i, int64_t talk, int64_t want, int64_t priority) noexcept nogil:
        cdef int64_t number = self.newest
        cdef Line *line = &self.lines[i]
        cdef Caller *caller
        if rare(number - self.oldest > self.mask) and not self.seat_for_one():
            self.breaks()
            self.put(TICK, 0, 0, 0, 0)  # something is told in any case
            return
        self.newest += 1
        caller = &self.callers[number & self.mask]
        caller.since = self.now
        caller.talk = talk
        caller.line = line
        caller.state = WAITS
        caller.counted = self.warm <= self.now < self.end
        line.waiting += 1
        if caller.counted:
            line.came += 1
            self.open_calls += line.awaited
        self.put(C_WAITS, number, i + 1, want, priority)

    cdef void may_give_up(self) noexcept nogil:
        """He who came just now, unless he was answered at once."""
        cdef int64_t number = self.newest - 1
        if self.callers[number & self.mask].state == WAITS:
            if room(&self.of_callers, self.of_callers.n + 1):
                join(&self.of_callers, self.callers_pos, self.mask, number, self.now + self.patience)
            else:
                self.breaks()
        self.patience = -1

    cdef bint seat_for_one(self) noexcept nogil:
        """In the ring, which is full; False where memory is out."""
        cdef int64_t mask = self.mask, number = self.oldest
        cdef Caller *callers = self.callers
        cdef int32_t *pos
        while number < self.newest and callers[number & mask].state == GONE:
            number += 1
        self.oldest = number
        if self.newest - number <= mask:
            return True
        mask += mask + 1
        callers = <Caller *>calloc(mask + 1, sizeof(Caller))
        pos = <int32_t *>malloc((mask + 1) * sizeof(int32_t))
        if callers == NULL or pos == NULL:
            free(callers)
            free(pos)
            return False
        for number in range(mask + 1):
            pos[number] = ABSENT
        for number in range(self.oldest, self.newest):
            callers[number & mask] = self.callers[number & self.mask]
            pos[number & mask] = self.callers_pos[number & self.mask]
        free(self.callers)
        free(self.callers_pos)
        self.callers = callers
        self.callers_pos = pos
        self.mask = mask
        return True

    cdef inline void waits_no_more(self, int64_t number, Caller *caller, Line *line) noexcept nogil:
        """Answered or gone: what his waiting adds to the figures."""
        cdef int64_t wait = self.now - caller.since
        line.waiting -= 1
        if rare(self.callers_pos[number & self.mask] != ABSENT):
            self.stays(number)
        if caller.counted:
            line.wait += wait
            line.waited += wait > 0
            self.open_calls -= line.awaited

    cdef void stays(self, int64_t number) noexcept nogil:
        """His patience ends no more."""
        cancel(&self.of_callers, self.callers_pos, self.mask, number)

    cdef void gives_up(self, int64_t number) noexcept nogil:
        cdef Caller *caller = &self.callers[number & self.mask]
        cdef Line *line = caller.line
        self.waits_no_more(number, caller, line)
        if caller.counted:
            line.left += 1
            line.left_in_time += self.now - caller.since <= self.in_time
        caller.state = GONE
        self.put(C_LEAVES, number, 0, 0, 0)

    cdef inline void acts_at(self, int64_t x, int64_t time) noexcept nogil:
        """What he does next, he does then; after the limit: never."""
        plan(&self.of_people, x, min(time, self.limit + 1) * self.unit + self.people[x].item)

    cdef inline int64_t who_acts(self) noexcept nogil:
        return self.of_people.due[1] & (self.unit - 1) if self.unit > 1 else whose(&self.of_people)

    cdef inline void person_acts(self, int64_t x) noexcept nogil:
        cdef Person *person = &self.people[x]
        over(&self.of_people, x)
        if person.doing == TALKS:
            self.put(A_HANGS_UP, x + 1, 0, 0, 0)
        elif person.doing == RINGS:
            self.put(A_ANSWERS, person.call, x + 1, 0, 0)
        else:
            self.log_out(x)

    # --- shifts

    cdef void log_in(self, int64_t x) noexcept nogil:
        self.people[x].here_since = self.now
        self.put(A_IN, x + 1, 0, 0, 0)

    cdef void log_out(self, int64_t x) noexcept nogil:
        cdef Person *person = &self.people[x]
        person.staffed += self.clipped(person.here_since, self.now)
        person.here_since = -1
        person.leaving = False
        person.doing = NOTHING
        over(&self.of_people, x)
        self.put(A_OUT, x + 1, 0, 0, 0)

    cdef bint shift_turns(self) noexcept nogil:
        """He who talks or writes ends that first; an open offer goes to the next. Whether there is something to tell."""
        cdef int32_t x = self.shift_who[self.shift]
        cdef bint on = self.shift_on[self.shift]
        cdef Person *person = &self.people[x]
        self.shift += 1
        if self.shift == self.n_shifts:
            self.shift = 0
            self.week_start += self.week
        self.next_shift()
        if on:
            if person.here_since < 0:
                self.log_in(x)
            elif person.leaving:
                person.leaving = False
                if person.doing == LEAVES:
                    person.doing = NOTHING
                    over(&self.of_people, x)
                self.put(A_RESUMES, x + 1, 0, 0, 0)
            else:
                return False
        elif person.here_since >= 0 and not person.leaving:
            if person.doing == TALKS:
                person.leaving = True
                self.put(A_PAUSES, x + 1, 0, 0, 0)
            elif person.wraps_until > self.now:
                person.leaving = True
                person.doing = LEAVES
                self.acts_at(x, person.wraps_until)
                self.put(A_PAUSES, x + 1, 0, 0, 0)
            else:
                self.log_out(x)
        else:
            return False
        return True

    cdef void next_shift(self) noexcept nogil:
        self.shift_next = self.week_start + self.shift_at[self.shift] if self.n_shifts else NEVER
        self.await_mark(self.next_mark)

    # --- between lab and core

    cdef inline void put(self, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        """What the core is told next."""
        cdef int64_t *row = self.row
        row[0] = self.now; row[1] = code; row[2] = a; row[3] = b; row[4] = c; row[5] = d

    cdef inline void tell(self) noexcept nogil:
        """An input, what the core decides, and what follows from that in the same moment."""
        while True:
            self.n_inputs += 1
            self.core.at = self.core.actions
            self.core.step(self.row)
            if rare(self.logging):
                self.write_down()
            self.obey()
            if not self.follows():
                break

    cdef inline bint follows(self) noexcept nogil:
        """Whether something does, which is put then."""
        cdef int64_t code, call, x
        while self.next.code:
            code = self.next.code
            call = self.next.call
            x = self.next.x
            self.next.code = 0
            if rare(self.n_urgent):
                self.move_up()
            if code == A_ANSWERS:
                if self.people[x].doing != RINGS or self.people[x].call != call:
                    continue
                self.put(A_ANSWERS, call, x + 1, 0, 0)
            elif code == VOICE:
                self.put(VOICE, call, x + 1, 0, 0)
            else:
                self.log_out(x)
            return True
        return False

    cdef void move_up(self) noexcept nogil:
        self.next = self.urgent[self.followed]
        self.followed += 1
        if self.followed == self.n_urgent:
            self.followed = self.n_urgent = 0

    cdef inline void urge(self, int64_t code, int64_t call, int64_t x) noexcept nogil:
        if rare(self.next.code):
            self.line_up(code, call, x)
            return
        self.next.code = code
        self.next.call = call
        self.next.x = x

    cdef void line_up(self, int64_t code, int64_t call, int64_t x) noexcept nogil:
        cdef void *more
        if self.n_urgent == self.cap_urgent:
            more = realloc(self.urgent, (2 * self.cap_urgent + 16) * sizeof(Urgent))
            if more == NULL:
                self.breaks()
                return
            self.urgent = <Urgent *>more
            self.cap_urgent = 2 * self.cap_urgent + 16
        self.urgent[self.n_urgent].code = code
        self.urgent[self.n_urgent].call = call
        self.urgent[self.n_urgent].x = x
        self.n_urgent += 1

    cdef inline void obey(self) noexcept nogil:
        cdef const Action *action = self.core.actions
        cdef const Action *end = self.core.at
        while action != end:
            self.n_decisions += 1
            if action.code == OFFER:
                self.is_offered(action.agent - 1, action)
            elif action.code == CONNECT:
                self.connect(action.agent - 1, action.call)
            elif action.code == RELEASE:
                self.is_released(action.agent - 1, action.call)
            elif action.code != FREE:
                self.obey_else(action.agent - 1, action)
            action += 1

    cdef void obey_else(self, int64_t x, const Action *action) noexcept nogil:
        cdef int64_t code = action.code
        if code == WRAP_UP:
            self.people[x].wraps_until = action.until
            self.people[x].busy += self.clipped(self.now, action.until)
        elif code == PAUSED:
            self.last_notes(x)
        elif code == MISSED or code == WITHDRAWN or code == TAKEN:
            if self.people[x].doing == RINGS:
                self.people[x].doing = NOTHING
                over(&self.of_people, x)
        elif code == REFUSED and not self.refused:
            self.refused = action.call + 1
            self.heed = 0

    cdef inline void is_offered(self, int64_t x, const Action *action) noexcept nogil:
        cdef Person *person = &self.people[x]
        person.doing = RINGS
        person.call = action.call
        if person.ring == 0:
            self.urge(A_ANSWERS, action.call, x)
        elif person.ring < action.until - self.now:
            self.acts_at(x, self.now + person.ring)
        else:
            over(&self.of_people, x)

    cdef inline void connect(self, int64_t x, int64_t number) noexcept nogil:
        cdef Caller *caller = &self.callers[number & self.mask]
        cdef Line *line = caller.line
        cdef Person *person = &self.people[x]
        self.waits_no_more(number, caller, line)
        caller.state = SERVED
        if caller.counted:
            line.answered += 1
            line.in_time += self.now - caller.since <= self.in_time
        person.doing = TALKS
        person.talks_since = self.now
        person.call = number
        self.acts_at(x, self.now + caller.talk)
        if rare(line.many):
            self.urge(VOICE, number, x)

    cdef inline void is_released(self, int64_t x, int64_t number) noexcept nogil:
        cdef Person *person = &self.people[x]
        person.busy += self.clipped(person.talks_since, self.now)
        person.doing = NOTHING
        self.callers[number & self.mask].state = GONE

    cdef void last_notes(self, int64_t x) noexcept nogil:
        """His shift was over before the talk was: he writes his notes, then he goes."""
        cdef Person *person = &self.people[x]
        if person.wrap_up == 0:
            self.urge(A_OUT, 0, x)
            return
        person.doing = LEAVES
        person.wraps_until = self.now + person.wrap_up
        person.busy += self.clipped(self.now, person.wraps_until)
        self.acts_at(x, person.wraps_until)

    cdef void write_down(self) noexcept nogil:
        """The input told last and what was decided."""
        cdef const Action *action = self.core.actions
        self.write(self.now, self.row[1], self.row[2], self.row[3], self.row[4], self.row[5])
        while action != self.core.at:
            self.write(action.now, -1 - action.code, action.call, action.agent, action.until, 0)
            action += 1

    cdef void write(self, int64_t now, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        cdef void *more
        cdef int64_t *to
        if 8 * (self.n_log + 1) > self.cap_log:
            more = realloc(self.log, (16 * self.n_log + 8192) * sizeof(int64_t))
            if more == NULL:
                self.breaks()
                return
            self.log = <int64_t *>more
            self.cap_log = 16 * self.n_log + 8192
        to = &self.log[8 * self.n_log]
        to[0] = now; to[1] = code; to[2] = a; to[3] = b; to[4] = c; to[5] = d; to[6] = 0; to[7] = 0
        self.n_log += 1
        if self.n_log >= self.rows:
            self.heed = 0
