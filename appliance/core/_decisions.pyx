"""The core's decisions as final classes with a free list: names, fields and values of decisions.py.

Why Cython: half the cost of a dataclass a decision. Equal by value (and by hash) to each other and to the plain forms.
"""
cimport cython
from libc.stdint cimport int64_t

from appliance.core.decisions import REASONS


cdef extern from "Python.h":
    ctypedef struct PyObject
    ctypedef struct PyTypeObject:
        object (*tp_new)(PyTypeObject *, PyObject *, PyObject *)


cdef bint _same(object x, object y):
    """Same name, same fields, same values."""
    return type(x).__name__ == type(y).__name__ and type(x).__match_args__ == getattr(type(y), "__match_args__", None) and _values(x) == _values(y)


cdef tuple _values(object x):
    return tuple([getattr(x, name) for name in type(x).__match_args__])


@cython.freelist(256)
cdef class Made:
    """What is common: the numbers of a decision's row, of which each kind shows its own."""

    def __init__(self, *values):
        if len(values) != len(self.__match_args__):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(self.__match_args__)}")
        for name, value in zip(self.__match_args__, values):
            if name == "why":
                self.call = REASONS.index(value)
            elif name == "call":
                self.call = value
            elif name == "until_ms":
                self.until_ms = value
            else:
                self.agent = value

    def __eq__(self, other):
        return _same(self, other)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        return f"{type(self).__name__}({', '.join([f'{name}={getattr(self, name)!r}' for name in type(self).__match_args__])})"

    def __reduce__(self):
        return type(self), _values(self)


@cython.final
cdef class Offer(Made):
    __match_args__ = ("call", "agent", "until_ms")


@cython.final
cdef class Ringing(Made):
    __match_args__ = ("call", "agent", "until_ms")


@cython.final
cdef class Missed(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Rejected(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Withdrawn(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Taken(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Connect(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class DialBack(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Release(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class WrapUp(Made):
    __match_args__ = ("agent", "until_ms")


@cython.final
cdef class Rests(Made):
    __match_args__ = ("agent", "until_ms")


@cython.final
cdef class Paused(Made):
    __match_args__ = ("agent",)


@cython.final
cdef class TakenOut(Made):
    __match_args__ = ("agent",)


@cython.final
cdef class Free(Made):
    __match_args__ = ("agent",)


@cython.final
cdef class Requeued(Made):
    __match_args__ = ("call", "agent")


@cython.final
cdef class Moved(Made):
    __match_args__ = ("call", "queue")

    @property
    def queue(self):
        return self.agent


@cython.final
cdef class Expired(Made):
    __match_args__ = ("call",)


@cython.final
cdef class NobodyThere(Made):
    __match_args__ = ("call", "cause")

    @property
    def cause(self):
        return self.agent


@cython.final
cdef class Replaced(Made):
    __match_args__ = ("call", "by")

    @property
    def by(self):
        return self.agent


@cython.final
cdef class Refused(Made):
    __match_args__ = ("why",)

    @property
    def why(self):
        return REASONS[self.call]


CLASSES = (
    Offer, Ringing, Missed, Rejected, Withdrawn, Taken, Connect, DialBack, Release, WrapUp,
    Rests, Paused, TakenOut, Free, Requeued, Moved, Expired, NobodyThere, Replaced, Refused,
)
"""In the order of decisions.Decision."""

cdef tuple _classes = CLASSES
cdef tuple _no_arguments = ()


cdef object make(int code, int64_t call, int64_t agent, int64_t until_ms):
    """The decision of this code; of Refused `call` is the place in REASONS."""
    cdef PyTypeObject *kind = <PyTypeObject *><PyObject *>_classes[code]
    cdef Made made = <Made>kind.tp_new(kind, <PyObject *>_no_arguments, NULL)
    made.call = call
    made.agent = agent
    made.until_ms = until_ms
    return made
