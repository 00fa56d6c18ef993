# distutils: extra_compile_args = -ffp-contract=off
"""An office in virtual time (E4): callers come, wait, talk or give up, agents answer, talk, wrap up, come and go. The core decides, all others obey.

Why Cython: the core takes half a microsecond a call; an office around it in Python would take fifty. Figures: bench/bench_simulate.py, docs/simulate.md
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
from appliance.core._events cimport ABSENT, Heap, cancel, plan, room

cdef enum: NOTHING, RINGS, TALKS, LEAVES  # what an agent's event ends
cdef enum: GONE, WAITS, SERVED
cdef enum: NO_ARRIVALS, POISSON, RATES
cdef int64_t NEVER = <int64_t>1 << 60
cdef int64_t ALL_BITS = -1

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
    "Taken": TAKEN, "Connect": CONNECT, "Release": RELEASE, "WrapUp": WRAP_UP, "Paused": PAUSED, "Refused": REFUSED,
}
for _kinds in (get_args(_inputs.Input), get_args(_decisions.Decision)):
    for _code, _kind in enumerate(_kinds):
        if _SAID.get(_kind.__name__, _code) != _code:
            raise ImportError(f"{_kind.__name__} has another code here than there")


cdef struct Caller:
    int64_t since
    int64_t talk
    int64_t patience
    int32_t queue
    int8_t state
    bint counted


cdef struct Person:
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
    cdef Heap of_people, of_callers, of_lines
    cdef int32_t *people_pos
    cdef int32_t *callers_pos
    cdef int32_t *lines_pos
    cdef int64_t *urgent  # (code, call, agent) that follow in the same moment
    cdef int64_t n_urgent, cap_urgent
    cdef int64_t row[8]  # the input told last; what callers alone have stays at no tier and no tenant
    cdef int64_t *log
    cdef int64_t n_log, cap_log
    cdef bint logging, broken, done, recorded
    cdef int64_t warm, mid, end, next_mark, limit, until, in_time, scale, open_calls, now, n_inputs, n_decisions, refused
    # shifts: one week, again and again
    cdef int64_t *shift_at
    cdef int32_t *shift_who
    cdef int8_t *shift_on
    cdef int64_t n_shifts, shift, week, week_start
    # recorded calls
    cdef const int64_t[::1] rec_at, rec_talk, rec_patience
    cdef const int32_t[::1] rec_line, rec_want, rec_priority
    cdef int64_t rec, n_rec
    cdef list kept

    def __init__(self, Acd core not None, list lines not None, list people not None, tuple times not None, tuple seed not None, list shifts not None,
                 int64_t week, tuple calls, bint logging):
        """See lab.py, which alone makes these."""
        cdef int32_t i, k
        cdef Line *line
        self.core = core
        self.row[7] = -1
        self.warm, self.mid, self.end, self.limit, self.until, self.in_time = times
        self.next_mark = self.mid
        self.logging = logging
        self.scale = seed[2]
        self.kept = []
        self.n_lines = len(lines)
        self.n_people = len(people)
        self.lines = <Line *>calloc(self.n_lines + 1, sizeof(Line))
        self.people = <Person *>calloc(self.n_people + 1, sizeof(Person))
        self.lines_pos = <int32_t *>malloc((self.n_lines + 1) * sizeof(int32_t))
        self.people_pos = <int32_t *>malloc((self.n_people + 1) * sizeof(int32_t))
        self.mask = 255
        self.callers = <Caller *>calloc(self.mask + 1, sizeof(Caller))
        self.callers_pos = <int32_t *>malloc((self.mask + 1) * sizeof(int32_t))
        self.oldest = self.newest = 1
        if (self.lines == NULL or self.people == NULL or self.lines_pos == NULL or self.people_pos == NULL or self.callers == NULL
                or self.callers_pos == NULL or not room(&self.of_lines, self.n_lines) or not room(&self.of_people, self.n_people)):
            raise MemoryError
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
            self.lines_pos[i] = ABSENT
        for i in range(self.n_people):
            self.people[i].ring, self.people[i].wrap_up = people[i]
            self.people[i].here_since = -1
            self.people_pos[i] = ABSENT
        self.n_shifts = len(shifts)
        self.week = week
        self.shift_at = <int64_t *>malloc((self.n_shifts + 1) * sizeof(int64_t))
        self.shift_who = <int32_t *>malloc((self.n_shifts + 1) * sizeof(int32_t))
        self.shift_on = <int8_t *>malloc(self.n_shifts + 1)
        if self.shift_at == NULL or self.shift_who == NULL or self.shift_on == NULL:
            raise MemoryError
        for k in range(self.n_shifts):
            self.shift_at[k], self.shift_who[k], self.shift_on[k] = shifts[k]
        if calls is not None:
            self.recorded = True
            self.rec_at, self.rec_talk, self.rec_patience, self.rec_line, self.rec_want, self.rec_priority = calls
            self.n_rec = self.rec_at.shape[0]

    def __dealloc__(self):
        cdef int32_t i
        if self.lines != NULL:
            for i in range(self.n_lines):
                free(self.lines[i].rates)
        free(self.lines); free(self.people); free(self.callers); free(self.urgent); free(self.log)
        free(self.lines_pos); free(self.people_pos); free(self.callers_pos)
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
        for x in range(self.n_lines):
            self.await_next(x)

    def step_on(self, int64_t rows=1 << 20, int64_t inputs=1 << 22):
        """On until the end, or until the log has so many rows or so many inputs were made: then True. Others run meanwhile."""
        cdef bint more
        with nogil:
            more = self.go(rows, self.n_inputs + inputs)
        if self.broken:
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
        cdef int64_t core, person, shift, caller, line, recorded, now
        cdef int32_t x
        while not (self.done or self.broken or self.refused):
            if self.n_log >= rows or self.n_inputs >= inputs:
                return True
            core = self.core.next_due()
            if core < 0:
                core = NEVER
            person = self.of_people.due[0].time if self.of_people.n else NEVER
            caller = self.of_callers.due[0].time if self.of_callers.n else NEVER
            line = self.of_lines.due[0].time if self.of_lines.n else NEVER
            recorded = self.rec_at[self.rec] if self.rec < self.n_rec else NEVER
            if recorded <= line:
                line = recorded
            shift = self.week_start + self.shift_at[self.shift] if self.n_shifts else NEVER
            now = min(core, person, caller, line)
            if self.is_over(now):
                break
            now = min(now, shift)
            if now > self.limit or now >= NEVER:
                break
            if now >= self.next_mark:
                self.mark(now)
            self.now = now
            if core == now:
                self.tell(TICK, 0, 0, 0, 0)
            elif person == now:
                self.person_acts(<int32_t>self.of_people.due[0].item)
            elif shift == now:
                self.shift_turns()
            elif caller == now:
                self.gives_up(self.of_callers.due[0].item)
            elif recorded == now:
                self.comes_as_recorded()
            else:
                x = <int32_t>self.of_lines.due[0].item
                self.await_next(x)
                self.comes(x, draw(&LAYERS_OF_EXP, &self.lines[x].talk, &self.lines[x].talks), draw(&LAYERS_OF_EXP, &self.lines[x].patience, &self.lines[x].endures),
                           self.lines[x].want, self.lines[x].priority)
        if not self.done:
            self.close_doors()
        return False

    cdef inline bint is_over(self, int64_t next) noexcept nogil:
        """Recorded calls: nothing goes on and nobody waits. Else: the window is over and all who count are through."""
        if self.open_calls:
            return False
        return next >= NEVER if self.recorded else next >= self.end

    cdef void mark(self, int64_t now) noexcept nogil:
        cdef int32_t i
        if self.now < self.mid:
            for i in range(self.n_lines):
                self.lines[i].backlog_mid = self.lines[i].waiting
        if self.now < self.end <= now:
            for i in range(self.n_lines):
                self.lines[i].backlog_end = self.lines[i].waiting
        self.next_mark = self.end if now < self.end else NEVER

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

    cdef void await_next(self, int32_t i) noexcept nogil:
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
        if at <= self.until:
            plan(&self.of_lines, self.lines_pos, ALL_BITS, i, at)
        else:
            cancel(&self.of_lines, self.lines_pos, ALL_BITS, i)

    cdef void comes_as_recorded(self) noexcept nogil:
        cdef int64_t i = self.rec
        cdef Line *line = &self.lines[self.rec_line[i]]
        self.rec += 1
        self.comes(self.rec_line[i], self.rec_talk[i], self.rec_patience[i], line.want if self.rec_want[i] < 0 else self.rec_want[i],
                   line.priority if self.rec_priority[i] < 0 else self.rec_priority[i] * self.scale)

    cdef void comes(self, int32_t i, int64_t talk, int64_t patience, int64_t want, int64_t priority) noexcept nogil:
        cdef int64_t number = self.newest
        cdef Caller *caller
        if not self.seat_for_one():
            self.broken = True
            return
        self.newest += 1
        caller = &self.callers[number & self.mask]
        caller.since = self.now
        caller.talk = talk
        caller.patience = patience
        caller.queue = i
        caller.state = WAITS
        caller.counted = self.warm <= self.now < self.end
        self.callers_pos[number & self.mask] = ABSENT
        self.lines[i].waiting += 1
        if caller.counted:
            self.lines[i].came += 1
            self.open_calls += self.lines[i].awaited
        self.tell(C_WAITS, number, i + 1, want, priority)
        if patience >= 0 and caller.state == WAITS:
            if not room(&self.of_callers, self.of_callers.n + 1):
                self.broken = True
                return
            plan(&self.of_callers, self.callers_pos, self.mask, number, self.now + patience)

    cdef bint seat_for_one(self) noexcept nogil:
        """Room in the ring, and in what an instant may bring; False where memory is out."""
        cdef int64_t mask, number
        cdef Caller *callers
        cdef int32_t *pos
        while self.oldest < self.newest and self.callers[self.oldest & self.mask].state == GONE:
            self.oldest += 1
        if self.newest - self.oldest <= self.mask:
            return True
        mask = 2 * self.mask + 1
        callers = <Caller *>calloc(mask + 1, sizeof(Caller))
        pos = <int32_t *>malloc((mask + 1) * sizeof(int32_t))
        if callers == NULL or pos == NULL:
            free(callers)
            free(pos)
            return False
        for number in range(self.oldest, self.newest):
            callers[number & mask] = self.callers[number & self.mask]
            pos[number & mask] = self.callers_pos[number & self.mask]
        free(self.callers)
        free(self.callers_pos)
        self.callers = callers
        self.callers_pos = pos
        self.mask = mask
        return True

    cdef void waits_no_more(self, int64_t number) noexcept nogil:
        """Answered or gone: what his waiting adds to the figures."""
        cdef Caller *caller = &self.callers[number & self.mask]
        cdef Line *line = &self.lines[caller.queue]
        cdef int64_t wait = self.now - caller.since
        line.waiting -= 1
        cancel(&self.of_callers, self.callers_pos, self.mask, number)
        if caller.counted:
            line.wait += wait
            line.waited += wait > 0
            self.open_calls -= line.awaited

    cdef void gives_up(self, int64_t number) noexcept nogil:
        cdef Caller *caller = &self.callers[number & self.mask]
        self.waits_no_more(number)
        if caller.counted:
            self.lines[caller.queue].left += 1
            self.lines[caller.queue].left_in_time += self.now - caller.since <= self.in_time
        caller.state = GONE
        self.tell(C_LEAVES, number, 0, 0, 0)

    cdef void person_acts(self, int32_t x) noexcept nogil:
        cdef Person *person = &self.people[x]
        if person.doing == TALKS:
            self.tell(A_HANGS_UP, x + 1, 0, 0, 0)
        elif person.doing == RINGS:
            self.tell(A_ANSWERS, person.call, x + 1, 0, 0)
        else:
            self.log_out(x)
        if person.doing == NOTHING:  # else what he does now has its own end already
            cancel(&self.of_people, self.people_pos, ALL_BITS, x)

    # --- shifts

    cdef void log_in(self, int32_t x) noexcept nogil:
        self.people[x].here_since = self.now
        self.tell(A_IN, x + 1, 0, 0, 0)

    cdef void log_out(self, int32_t x) noexcept nogil:
        cdef Person *person = &self.people[x]
        person.staffed += self.clipped(person.here_since, self.now)
        person.here_since = -1
        person.leaving = False
        person.doing = NOTHING
        cancel(&self.of_people, self.people_pos, ALL_BITS, x)
        self.tell(A_OUT, x + 1, 0, 0, 0)

    cdef void shift_turns(self) noexcept nogil:
        """He who talks or writes ends that first; an open offer goes to the next."""
        cdef int32_t x = self.shift_who[self.shift]
        cdef bint on = self.shift_on[self.shift]
        cdef Person *person = &self.people[x]
        self.shift += 1
        if self.shift == self.n_shifts:
            self.shift = 0
            self.week_start += self.week
        if on:
            if person.here_since < 0:
                self.log_in(x)
            elif person.leaving:
                person.leaving = False
                if person.doing == LEAVES:
                    person.doing = NOTHING
                    cancel(&self.of_people, self.people_pos, ALL_BITS, x)
                self.tell(A_RESUMES, x + 1, 0, 0, 0)
        elif person.here_since >= 0 and not person.leaving:
            if person.doing == TALKS:
                person.leaving = True
                self.tell(A_PAUSES, x + 1, 0, 0, 0)
            elif person.wraps_until > self.now:
                person.leaving = True
                person.doing = LEAVES
                plan(&self.of_people, self.people_pos, ALL_BITS, x, person.wraps_until)
                self.tell(A_PAUSES, x + 1, 0, 0, 0)
            else:
                self.log_out(x)

    # --- between lab and core

    cdef void tell(self, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        """An input, what the core decides, and what follows from that in the same moment."""
        cdef int64_t i = 0, what, call, x
        self.say(code, a, b, c, d)
        while i < self.n_urgent and not self.broken:
            what = self.urgent[3 * i]; call = self.urgent[3 * i + 1]; x = self.urgent[3 * i + 2]
            i += 1
            if what == A_ANSWERS:
                if self.people[x].doing == RINGS and self.people[x].call == call:
                    self.say(A_ANSWERS, call, x + 1, 0, 0)
            elif what == VOICE:
                self.say(VOICE, call, x + 1, 0, 0)
            else:
                self.people[x].staffed += self.clipped(self.people[x].here_since, self.now)
                self.people[x].here_since = -1
                self.people[x].leaving = False
                self.say(A_OUT, x + 1, 0, 0, 0)
        self.n_urgent = 0

    cdef inline void say(self, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        self.n_inputs += 1
        self.core.at = self.core.actions
        if self.logging:
            self.write(self.now, code, a, b, c, d)
        self.row[0] = self.now; self.row[1] = code; self.row[2] = a; self.row[3] = b; self.row[4] = c; self.row[5] = d
        self.core.step(self.row)
        if self.core.broken:
            self.broken = True
        self.n_decisions += self.core.at - self.core.actions
        self.obey()

    cdef inline void urge(self, int64_t what, int64_t call, int64_t x) noexcept nogil:
        cdef void *more
        if 3 * (self.n_urgent + 1) > self.cap_urgent:
            more = realloc(self.urgent, (6 * self.n_urgent + 48) * sizeof(int64_t))
            if more == NULL:
                self.broken = True
                return
            self.urgent = <int64_t *>more
            self.cap_urgent = 6 * self.n_urgent + 48
        self.urgent[3 * self.n_urgent] = what
        self.urgent[3 * self.n_urgent + 1] = call
        self.urgent[3 * self.n_urgent + 2] = x
        self.n_urgent += 1

    cdef inline void obey(self) noexcept nogil:
        cdef int64_t i
        cdef int32_t x, code
        cdef Action *action
        cdef Person *person
        for i in range(self.core.at - self.core.actions):
            action = &self.core.actions[i]
            code = action.code
            if self.logging:
                self.write(action.now, -1 - code, action.call, action.agent, action.until, 0)
            x = <int32_t>action.agent - 1
            person = &self.people[x]
            if code == OFFER:
                person.doing = RINGS
                person.call = action.call
                if person.ring == 0:
                    self.urge(A_ANSWERS, action.call, x)
                elif person.ring < action.until - self.now:
                    plan(&self.of_people, self.people_pos, ALL_BITS, x, self.now + person.ring)
                else:
                    cancel(&self.of_people, self.people_pos, ALL_BITS, x)
            elif code == CONNECT:
                self.connect(x, action.call)
            elif code == RELEASE:
                person.busy += self.clipped(person.talks_since, self.now)
                person.doing = NOTHING
                self.callers[action.call & self.mask].state = GONE
            elif code == WRAP_UP:
                person.wraps_until = action.until
                person.busy += self.clipped(self.now, action.until)
            elif code == PAUSED:
                self.last_notes(x)
            elif code == MISSED or code == WITHDRAWN or code == TAKEN:
                if person.doing == RINGS:
                    person.doing = NOTHING
                    cancel(&self.of_people, self.people_pos, ALL_BITS, x)
            elif code == REFUSED:
                self.refused = action.call + 1
                return

    cdef void connect(self, int32_t x, int64_t number) noexcept nogil:
        cdef Caller *caller = &self.callers[number & self.mask]
        cdef Line *line = &self.lines[caller.queue]
        self.waits_no_more(number)
        caller.state = SERVED
        if caller.counted:
            line.answered += 1
            line.in_time += self.now - caller.since <= self.in_time
        self.people[x].doing = TALKS
        self.people[x].talks_since = self.now
        self.people[x].call = number
        plan(&self.of_people, self.people_pos, ALL_BITS, x, self.now + caller.talk)
        if line.many:
            self.urge(VOICE, number, x)

    cdef void last_notes(self, int32_t x) noexcept nogil:
        """His shift was over before the talk was: he writes his notes, then he goes."""
        cdef Person *person = &self.people[x]
        if person.wrap_up == 0:
            self.urge(A_OUT, 0, x)
            return
        person.doing = LEAVES
        person.wraps_until = self.now + person.wrap_up
        person.busy += self.clipped(self.now, person.wraps_until)
        plan(&self.of_people, self.people_pos, ALL_BITS, x, person.wraps_until)

    cdef void write(self, int64_t now, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil:
        cdef void *more
        cdef int64_t *to
        if 8 * (self.n_log + 1) > self.cap_log:
            more = realloc(self.log, (16 * self.n_log + 8192) * sizeof(int64_t))
            if more == NULL:
                self.broken = True
                return
            self.log = <int64_t *>more
            self.cap_log = 16 * self.n_log + 8192
        to = &self.log[8 * self.n_log]
        to[0] = now; to[1] = code; to[2] = a; to[3] = b; to[4] = c; to[5] = d; to[6] = 0; to[7] = 0
        self.n_log += 1
