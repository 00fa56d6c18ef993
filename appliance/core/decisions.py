"""What the core decides, in order. The plain forms; `_acd` gives final classes of the same names and fields that compare equal by value.

`isinstance(decision, Offer)` and `case Offer(call=c)` hold for both forms. Rules, in words (reference.py is written from these):
1. A waiting caller and an agent who serves his queue, is logged in, free, not blocked, not vanished, not resting, and has not had his
   turn in the caller's round never stay unmatched: an offer is made in the same step.
2. Among callers of an agent's queues the longest-waiting (by arrival, then by call number) is first; among agents who may take a caller
   the longest idle (then the smaller number). Callers are matched in order of arrival over all queues. Idle since: the login, the end of
   pause, wrap-up or rest, the end of a talk without wrap-up. An offer that the caller ends, and a block, leave it as it was.
3. One offer at a time for a caller and for an agent. An offer ends by answer, reject, failure, withdrawal, or its deadline: `setup_ms +
   ring_ms` after the offer until it rings, `ring_ms` after the first OfferRings (a further one changes nothing). At the deadline it is
   missed: an answer in that very millisecond is late.
4. A missed (deadline) or rejected offer: the agent rests `rest_ms` of the queue and has had his turn in this caller's round; the caller
   keeps his place. An offer that fails (his turn is over too) or is withdrawn because its agent pauses, logs out, is blocked or vanishes
   (not a turn) is no miss, but he rests 1 s, so that a dead line or a toggled pause cannot make offers in a loop. A rest goes on through
   pause and logout: who comes back before its end gets `Rests` in place of `Free`.
5. When every logged-in, unpaused agent of the queue (blocked and vanished ones left out) has had his turn, a new round begins for this
   caller at once: all may be offered again, the resting as soon as they are rested.
6. A talk that ends puts the agent into wrap-up for his own `wrap_up_ms` (0: free at once), whichever queue the call came from;
   AgentResumes ends it. A pause chosen while talking takes the place of wrap-up.
7. A vanished agent's call is kept `keep_ms`; then `Requeued`: it waits again at the head of its queue (before all others there, keeping
   its arrival), with a new round, and the agent is vanished without call (wrap-up does not apply; a pause chosen in the call begins).
   Over all queues it comes where it arrived, or just before the first of its own queue where that one came earlier. A login is a sign of
   life; blocks outlast it.
8. Timers due at the same time fire in order of their due time, then offers, then rests, wrap-ups, vanish deadlines, each by smaller id
   (of the agent). What they start counts from now, idle-since from when they were due. A step is: what is due, rounds, offers; the input;
   the same again.
"""

from abc import ABCMeta
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer(metaclass=ABCMeta):
    """Ring this agent with this call. `until_ms`: when it will be missed unless it rings (OfferRings gives a new one) or is answered."""

    call: int
    agent: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Ringing(metaclass=ABCMeta):
    """Answer to OfferRings: the three rings end at `until_ms`."""

    call: int
    agent: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Missed(metaclass=ABCMeta):
    """The deadline passed; counts against the agent once."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Rejected(metaclass=ABCMeta):
    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Withdrawn(metaclass=ABCMeta):
    """Stop ringing this agent; not his fault."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Connect(metaclass=ABCMeta):
    """Join them."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Release(metaclass=ABCMeta):
    """The talk is over (the agent hung up, or the caller left): take the agent out of the call."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class WrapUp(metaclass=ABCMeta):
    agent: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Rests(metaclass=ABCMeta):
    agent: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Paused(metaclass=ABCMeta):
    """A pause chosen during a call has begun."""

    agent: int


@dataclass(frozen=True, slots=True)
class Free(metaclass=ABCMeta):
    """The agent may be offered calls (again): wrap-up over, rested, resumed, logged in. Blocked agents too: the block is known outside."""

    agent: int


@dataclass(frozen=True, slots=True)
class Requeued(metaclass=ABCMeta):
    """The vanished agent's caller waits at the head again."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Refused(metaclass=ABCMeta):
    """The input did not fit the state; nothing changed. `why` is one of REASONS."""

    why: str


REASONS = (
    "unknown agent", "unknown queue", "unknown call", "call exists", "logged in already", "not logged in", "talking", "no such offer",
    "not talking", "nothing to resume", "paused already", "time runs backwards", "bad value",
)  # fmt: skip

Decision = Offer | Ringing | Missed | Rejected | Withdrawn | Connect | Release | WrapUp | Rests | Paused | Free | Requeued | Refused
