"""Recorded calls out of a CSV file (E4): lines to columns of integers, microseconds exactly as written.

Why Cython: a year of calls (300,000 lines) is read in a twentieth of a second; Python's csv and float take half of one. Figures: bench/bench_simulate.py
Oracle: tests/appliance/simulate/test_calls_file.py reads the same files with Python's csv and Fraction.
Memory: six columns, grown by doubling, given away as arrays.
"""
from cpython cimport array
from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport int32_t, int64_t

import array as _array

cdef enum: AT, TALK, PATIENCE, QUEUE, SKILLS, PRIORITY, KINDS
cdef enum: FINE, EMPTY, NEGATIVE, NONSENSE, TOO_LARGE
cdef int64_t LARGEST_US = 400000000000000  # 12 years: the core counts to 2**50

NAMES = ("t_s", "talk_s", "patience_s", "queue", "skills", "priority")
WHY = ("", "is missing", "is negative", "is no number", "is too large")


cdef class Rows:
    """Feed it whole lines; `columns` gives what they held. `order`: which column each place of a line is, -1 none of ours.

    `own`: queues of a line that names none. `queue_of`, `want_of`: functions from the text of a line to a number, None where there is none.
    """

    cdef list order, own, wrong
    cdef object queue_of, want_of
    cdef dict queues, wants
    cdef array.array at, talk, patience, queue, want, priority
    cdef int64_t line, n, last
    cdef readonly bint sorted

    def __init__(self, list order not None, list own not None, queue_of, want_of, int64_t line):
        self.order, self.own, self.queue_of, self.want_of, self.line = order, own, queue_of, want_of, line
        self.queues, self.wants, self.wrong = {}, {}, []
        self.at, self.talk, self.patience = _array.array("q"), _array.array("q"), _array.array("q")
        self.queue, self.want, self.priority = _array.array("i"), _array.array("i"), _array.array("i")
        self.sorted = True

    def columns(self):
        return self.at, self.talk, self.patience, self.queue, self.want, self.priority

    def take_wrong(self):
        """(line, column's name, text, why) of each mistake, in order."""
        wrong, self.wrong = self.wrong, []
        return wrong

    def feed(self, bytes text not None):
        """Whole lines, each with its end but perhaps the last."""
        cdef const char *p = PyBytes_AS_STRING(text)
        cdef const char *end = p + len(text)
        cdef const char *stop
        while p < end:
            stop = p
            while stop < end and stop[0] != b"\n":
                stop += 1
            self.line += 1
            if stop > p and not (stop == p + 1 and p[0] == b"\r"):
                self.take_line(p, stop - 1 if (stop - 1)[0] == b"\r" else stop)
            p = stop + 1

    cdef take_line(self, const char *p, const char *end):
        cdef int64_t[3] times
        cdef int64_t value = 0
        cdef int32_t place = 0, why, kind
        cdef int64_t priority = -1
        cdef object queue = None, want = -1
        cdef const char *stop
        cdef bint good = True, more = True
        times[0] = times[1] = 0
        times[2] = -1
        cdef int32_t seen = 0
        while more:
            stop = p
            if stop < end and stop[0] == b'"':
                stop += 1
                while stop < end and stop[0] != b'"':
                    stop += 1
            while stop < end and stop[0] != b",":
                stop += 1
            more = stop < end
            kind = <int32_t>self.order[place] if place < len(self.order) else -1
            if kind >= 0:
                seen |= 1 << kind
                why = FINE
                if kind <= PATIENCE or kind == PRIORITY:
                    why = microseconds(p, stop, &value)
                    if why == NONSENSE:
                        why = self.as_python_reads(p, stop, &value)
                    if kind == PRIORITY and why == FINE and (value % 1000000 or value > 1000000000):
                        why = NONSENSE if value % 1000000 else TOO_LARGE
                    if why == EMPTY and kind >= PATIENCE:
                        why = FINE
                        value = -1000000 if kind == PRIORITY else -1
                    if kind == PRIORITY:
                        priority = value // 1000000
                    else:
                        times[kind] = value
                elif kind == QUEUE:
                    queue = self.named(self.queues, self.queue_of, p, stop)
                    why = NONSENSE if queue is None else FINE
                else:
                    want = self.named(self.wants, self.want_of, p, stop)
                    why = NONSENSE if want is None else FINE
                if why != FINE:
                    good = False
                    self.complain(kind, p, stop, why)
            place += 1
            p = stop + 1
        if seen & 3 != 3:
            self.complain(TALK if seen & 1 else AT, end, end, EMPTY)
        elif good:
            if times[0] < self.last:
                self.sorted = False
            self.last = times[0]
            if queue is None or queue < 0:
                for own in self.own:
                    self.add(times, own, want, priority)
            else:
                self.add(times, queue, want, priority)

    cdef add(self, int64_t *times, int32_t queue, int32_t want, int64_t priority):
        cdef int64_t n = self.n
        if n == len(self.at):
            for column in (self.at, self.talk, self.patience, self.queue, self.want, self.priority):
                array.resize(column, 2 * n + 64)
        self.at.data.as_longlongs[n] = times[0]
        self.talk.data.as_longlongs[n] = times[1]
        self.patience.data.as_longlongs[n] = times[2]
        self.queue.data.as_ints[n] = queue
        self.want.data.as_ints[n] = want
        self.priority.data.as_ints[n] = <int32_t>priority
        self.n = n + 1

    def close(self):
        for column in (self.at, self.talk, self.patience, self.queue, self.want, self.priority):
            array.resize(column, self.n)

    cdef object named(self, dict known, object number_of, const char *p, const char *stop):
        cdef bytes text = p[:stop - p]
        found = known.get(text, self)
        if found is self:
            found = known[text] = number_of(text.strip().strip(b'"').strip())
        return found

    cdef int32_t as_python_reads(self, const char *p, const char *stop, int64_t *value):
        """What is seldom: 1e3, or a number in quotes."""
        cdef double number
        try:
            number = float(p[:stop - p].strip().strip(b'"'))
        except ValueError:
            return NONSENSE
        if number != number:
            return NONSENSE
        if number < 0:
            return NEGATIVE
        if number * 1e6 > LARGEST_US:
            return TOO_LARGE
        value[0] = <int64_t>(number * 1e6 + 0.5)
        return FINE

    cdef complain(self, int32_t kind, const char *p, const char *stop, int32_t why):
        if len(self.wrong) < 20:
            self.wrong.append((self.line, NAMES[kind], p[:stop - p].strip().decode("utf-8", "replace"), WHY[why]))


cdef int32_t microseconds(const char *p, const char *end, int64_t *value) noexcept:
    """Of decimal seconds, rounded half up at the seventh decimal."""
    cdef int64_t whole = 0, part = 0, scale = 100000
    cdef int32_t digits = 0
    cdef bint negative = False, beyond = False
    while p < end and (p[0] == b" " or p[0] == b"\t"):
        p += 1
    while end > p and ((end - 1)[0] == b" " or (end - 1)[0] == b"\t"):
        end -= 1
    if p == end:
        return EMPTY
    if p[0] == b"-" or p[0] == b"+":
        negative = p[0] == b"-"
        p += 1
    while p < end and b"0" <= p[0] <= b"9":
        whole = whole * 10 + (p[0] - 48)
        digits += 1
        if digits > 15:
            return NONSENSE  # as_python_reads knows
        p += 1
    if p < end and p[0] == b".":
        p += 1
        while p < end and b"0" <= p[0] <= b"9":
            if scale:
                part += (p[0] - 48) * scale
                scale //= 10
            elif not beyond:
                part += p[0] >= b"5"
                beyond = True
            digits += 1
            p += 1
    if p < end or digits == 0:
        return NONSENSE
    value[0] = whole * 1000000 + part
    if negative and value[0] > 0:
        return NEGATIVE
    return TOO_LARGE if whole > LARGEST_US // 1000000 else FINE
