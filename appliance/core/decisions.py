"""What the core decides, in order. The plain forms; `_acd` gives final classes of the same names and fields that
compare equal by value.

`isinstance(decision, Offer)` and `case Offer(call=c)` hold for both forms. Rules, in words (reference.py is written from these):

Who may take whom
1. A waiting caller and an agent who may take him never stay unmatched: the offer is made in the same step. An agent may take a
   caller when he is free, neither blocked nor vanished, has asked (where he works on demand), serves the queue (or one that the
   caller's widening adds), has the skills at their least levels, has not had his turn in the caller's round, is not among `never`,
   the caller is not held for another (rule 8), more free agents than the queue's reserve serve it, and nobody else with a
   call-back's number is offered or talking.
2. Matching goes by the agents' orders: first owners take who is theirs (rule 8), then all pairs of order 1, then of order 2 ...;
   the order of a pair is the least that the agent gives the caller's queue or an added one. Within an order callers come by score
   over all queues, and each takes as many agents as he may (rule 10) before the next. Idle since: the login, the end of pause,
   wrap-up or rest, the end of a talk without wrap-up. An offer that the caller ends, and a block, leave it as it was.
3. One open offer for an agent; as many for a caller as rule 10 says. An offer ends by answer, reject, failure, withdrawal, or its
   deadline: `setup_ms + ring_ms` after the offer until it rings, `ring_ms` after the first OfferRings (a further one changes
   nothing). At the deadline it is missed: an answer in that very millisecond is late.
4. A missed or rejected offer: the agent rests (`rest_ms`, `reject_ms`, `busy_ms` of the queue as it was at the offer) and has had
   his turn in this caller's round; the caller keeps his place. An offer that fails (his turn is over too) or is withdrawn because
   its agent pauses, logs out, dials, is blocked or vanishes (not a turn) is no miss, but he rests 1 s, so that a dead line or a
   toggled pause cannot make offers in a loop. A rest goes on through pause, logout and outside calls: who comes back before its end
   gets `Rests` in place of `Free`. After `misses_max` misses in a row (an answer, a login, a resume begin anew) he is taken out
   instead: paused until he resumes.
5. When every logged-in, unpaused agent who could ever take this caller (blocked and vanished ones left out, and those on demand who
   have not asked) has had his turn, a new round begins for him at once: all may be offered again, the resting as soon as they are
   rested.
6. A talk that ends puts the agent into wrap-up for his own `wrap_up_ms` (0: free at once), whichever queue the call came from;
   AgentResumes ends it. A pause chosen while talking takes the place of wrap-up. A call outside the queues is a talk here.
7. A vanished agent's call is kept `keep_ms`; then `Requeued`: it waits again at the head of its queue (with points, tier and age of
   the first one there, just before him, where that one was earlier), with a new round, and the agent is vanished without call
   (wrap-up does not apply; a pause chosen in the call begins). A login is a sign of life; blocks outlast it.
8. A caller with an owner: an owner who may take him is first in any case (owners by smaller number, each his first caller). For
   `owner_ms` after joining the caller is held for him alone, while he could ever take him, is logged in, unpaused and reachable,
   has asked (where he works on demand) and has not had his turn.

Who comes first
9. A caller's score is 1000 (weight + priority + tier * tier_points) + ageing * waiting ms; `since`: joined - waited_ms, of who was
   cut off or called back his old one. The highest score is first, then the earlier `since`, then the smaller number. A position
   asked for: just before the caller of the same priority and tier who has this position (or the next one behind) among all in the
   queue, never further back than by right (he has that one's `since`; of those put before callers of one `since`, who came later is
   first, then the smaller number). Agents: those who have all that the caller prefers are first, then by the queue's strategy. Of
   RANDOM the queue's generator (splitmix64) draws one by weight, in order of number; when there is one alone nothing is drawn.
10. A caller rings `at_once` agents (0: all), `more_ms` after the first of his open offers one more, and so on while he has one, in
    all 64 at most. The first answer connects; the others go on ringing until VoicePathStands, then they are `Taken`; so is who
    answers or whose rings end while the caller talks. None of this is a miss, a turn or a rest. Hangs the first one up before that,
    the offer was rejected and the others go on.

What time does to a caller (while none of his offers is open), in this order, callers by smaller number
11. Steps of QueueWidens hold from `after_ms` after joining on (while offers are open, too; who rings as many as he may, in a queue
    without `more_ms`, and has no round begun, has no deadline for this, nor for 12 and 13, before an offer ends).
12. `overflow_ms` after joining he moves to `overflow_to`: joins there, with his age, a new round, no owner; the length limit does
    not count. Who asks for the want of his queue's own number asks, moved to another, for that of its number (none: for nothing).
13. `wait_max_ms` after joining he is `Expired`, and out.
14. (see 15) then rounds (5), then matching (2).
15. Where nobody is there, for a cause that the queue names, he is sent away (`NobodyThere`), and out. Causes: nobody who serves it
    is logged in; all logged in are paused; all logged in are paused or in wrap-up, one at least in wrap-up.

Limits and call-backs
16. A queue with `length_max` not talking refuses another ("queue full"), a tenant with `seats_max` logged in a login ("no seat
    left"), one with `calls_max` calls a call ("no line left"). A call-back that he would replace (17) is not counted.
17. Who leaves by `cut` with a number, not talking, and joins the same queue within `back_ms` (of the leaving) has the age he had. A
    call-back that waits with the same number in the queue where its customer comes by himself gives him its age and is `Replaced`;
    its open offers are withdrawn.
18. A call-back is answered by its agent first: `DialBack`; CustomerAnswers connects them, CustomerFails (or either's end) ends it
    without wrap-up, also where others ring still: two never dial for one customer.

Time
19. Timers due at the same time fire in order of their due time, then offers, then rests, wrap-ups, vanish deadlines, each by
    smaller id (of the agent). What they start counts from now, idle-since from when they were due (a requeue: from now). A step is:
    what is due (agents, then callers), rounds, offers; the input; the same again.
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
class Taken(metaclass=ABCMeta):
    """Stop ringing this agent: another one has the call. Not his fault; he is free at once."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Connect(metaclass=ABCMeta):
    """Join them."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class DialBack(metaclass=ABCMeta):
    """The agent is ready: dial the customer."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Release(metaclass=ABCMeta):
    """The talk is over (the agent hung up, the caller left or moves on): take the agent out of the call."""

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
class TakenOut(metaclass=ABCMeta):
    """He missed too many in a row: paused until he resumes."""

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
class Moved(metaclass=ABCMeta):
    """The caller waits in that queue now: overflow, transfer, or a supervisor."""

    call: int
    queue: int


@dataclass(frozen=True, slots=True)
class Expired(metaclass=ABCMeta):
    """He waited as long as the queue allows, and is out of the core."""

    call: int


@dataclass(frozen=True, slots=True)
class NobodyThere(metaclass=ABCMeta):
    """He is out of the core. `cause`: one of inputs.Empty."""

    call: int
    cause: int


@dataclass(frozen=True, slots=True)
class Replaced(metaclass=ABCMeta):
    """The call-back is not needed: its customer is there himself as call `by`."""

    call: int
    by: int


@dataclass(frozen=True, slots=True)
class Refused(metaclass=ABCMeta):
    """The input did not fit the state; nothing changed. `why` is one of REASONS."""

    why: str


REASONS = (
    "unknown agent", "unknown queue", "unknown call", "call exists", "logged in already", "not logged in", "talking", "no such offer",
    "not talking", "nothing to resume", "paused already", "time runs backwards", "bad value", "other tenant", "unknown want", "queue full",
    "no seat left", "no line left", "not free", "not waiting", "not on demand", "no number", "not dialled", "number busy",
)  # fmt: skip

Decision = (
    Offer | Ringing | Missed | Rejected | Withdrawn | Taken | Connect | DialBack | Release | WrapUp | Rests | Paused | TakenOut | Free
    | Requeued | Moved | Expired | NobodyThere | Replaced | Refused
)  # fmt: skip

SECOND = ("agent", "queue", "cause", "by")
"""The names that the second number of a decision's row may have (trace.py, and the hash)."""
