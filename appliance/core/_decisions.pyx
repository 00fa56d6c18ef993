"""The core's decisions as final classes with a free list: names, fields and values of decisions.py, 13 kinds.

Why Cython: half the cost of a dataclass a decision. Equal by value (and by hash) to each other and to the plain forms.
"""
cimport cython
from libc.stdint cimport int64_t

from appliance.core.decisions import REASONS


cdef bint _same(object x, object y):
    """Same name, same fields, same values."""
    return type(x).__name__ == type(y).__name__ and type(x).__match_args__ == getattr(type(y), "__match_args__", None) and _values(x) == _values(y)


cdef tuple _values(object x):
    return tuple([getattr(x, name) for name in type(x).__match_args__])


cdef str _text(object x):
    return f"{type(x).__name__}({', '.join([f'{name}={getattr(x, name)!r}' for name in type(x).__match_args__])})"


cdef object make(int code, int64_t call, int64_t agent, int64_t until_ms):
    """The decision of this code; of Refused `call` is the place in REASONS."""
    cdef Offer offer
    cdef Ringing ringing
    cdef Missed missed
    cdef Rejected rejected
    cdef Withdrawn withdrawn
    cdef Connect connect
    cdef Release release
    cdef WrapUp wrapup
    cdef Rests rests
    cdef Paused paused
    cdef Free free
    cdef Requeued requeued
    cdef Refused refused
    if code == 0:
        offer = Offer.__new__(Offer)
        offer.call = call
        offer.agent = agent
        offer.until_ms = until_ms
        return offer
    elif code == 1:
        ringing = Ringing.__new__(Ringing)
        ringing.call = call
        ringing.agent = agent
        ringing.until_ms = until_ms
        return ringing
    elif code == 2:
        missed = Missed.__new__(Missed)
        missed.call = call
        missed.agent = agent
        return missed
    elif code == 3:
        rejected = Rejected.__new__(Rejected)
        rejected.call = call
        rejected.agent = agent
        return rejected
    elif code == 4:
        withdrawn = Withdrawn.__new__(Withdrawn)
        withdrawn.call = call
        withdrawn.agent = agent
        return withdrawn
    elif code == 5:
        connect = Connect.__new__(Connect)
        connect.call = call
        connect.agent = agent
        return connect
    elif code == 6:
        release = Release.__new__(Release)
        release.call = call
        release.agent = agent
        return release
    elif code == 7:
        wrapup = WrapUp.__new__(WrapUp)
        wrapup.agent = agent
        wrapup.until_ms = until_ms
        return wrapup
    elif code == 8:
        rests = Rests.__new__(Rests)
        rests.agent = agent
        rests.until_ms = until_ms
        return rests
    elif code == 9:
        paused = Paused.__new__(Paused)
        paused.agent = agent
        return paused
    elif code == 10:
        free = Free.__new__(Free)
        free.agent = agent
        return free
    elif code == 11:
        requeued = Requeued.__new__(Requeued)
        requeued.call = call
        requeued.agent = agent
        return requeued
    else:
        refused = Refused.__new__(Refused)
        refused.why = REASONS[call]
        return refused


@cython.final
@cython.freelist(64)
cdef class Offer:
    __match_args__ = ("call", "agent", "until_ms")

    def __init__(self, int64_t call, int64_t agent, int64_t until_ms):
        self.call = call
        self.agent = agent
        self.until_ms = until_ms

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Offer, _values(self)


@cython.final
@cython.freelist(64)
cdef class Ringing:
    __match_args__ = ("call", "agent", "until_ms")

    def __init__(self, int64_t call, int64_t agent, int64_t until_ms):
        self.call = call
        self.agent = agent
        self.until_ms = until_ms

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Ringing, _values(self)


@cython.final
@cython.freelist(64)
cdef class Missed:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Missed, _values(self)


@cython.final
@cython.freelist(64)
cdef class Rejected:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Rejected, _values(self)


@cython.final
@cython.freelist(64)
cdef class Withdrawn:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Withdrawn, _values(self)


@cython.final
@cython.freelist(64)
cdef class Connect:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Connect, _values(self)


@cython.final
@cython.freelist(64)
cdef class Release:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Release, _values(self)


@cython.final
@cython.freelist(64)
cdef class WrapUp:
    __match_args__ = ("agent", "until_ms")

    def __init__(self, int64_t agent, int64_t until_ms):
        self.agent = agent
        self.until_ms = until_ms

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return WrapUp, _values(self)


@cython.final
@cython.freelist(64)
cdef class Rests:
    __match_args__ = ("agent", "until_ms")

    def __init__(self, int64_t agent, int64_t until_ms):
        self.agent = agent
        self.until_ms = until_ms

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Rests, _values(self)


@cython.final
@cython.freelist(64)
cdef class Paused:
    __match_args__ = ("agent",)

    def __init__(self, int64_t agent):
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Paused, _values(self)


@cython.final
@cython.freelist(64)
cdef class Free:
    __match_args__ = ("agent",)

    def __init__(self, int64_t agent):
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Free, _values(self)


@cython.final
@cython.freelist(64)
cdef class Requeued:
    __match_args__ = ("call", "agent")

    def __init__(self, int64_t call, int64_t agent):
        self.call = call
        self.agent = agent

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Requeued, _values(self)


@cython.final
@cython.freelist(64)
cdef class Refused:
    __match_args__ = ("why",)

    def __init__(self, str why not None):
        self.why = why

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return _text(self)

    def __reduce__(self):
        return Refused, _values(self)


CLASSES = (Offer, Ringing, Missed, Rejected, Withdrawn, Connect, Release, WrapUp, Rests, Paused, Free, Requeued, Refused)
