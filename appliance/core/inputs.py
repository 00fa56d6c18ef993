"""What the core is told. Ids are integers of the keeper's choice (0 .. 2**31 - 1, sparse if he likes); times are ms, durations `_ms`.

Every input is legal in every state: one that does not fit the state gives a `Refused` decision and changes nothing. So does a value out of
range ("bad value"): an id, a reason past 0..30, a duration outside 0 .. 10**9 ms (a ring: from 1 ms). What tells what is known already
(blocked twice, returned without having vanished) changes nothing and is not refused.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueSet:
    """A queue exists, or has new values (these hold from the next offer on). A queue is never removed: take it from its agents."""

    queue: int
    ring_ms: int = 15_000  # three rings of China: 1 s on, 4 s off (A4)
    rest_ms: int = 10_000  # an agent who missed or rejected rests so long (contract)


@dataclass(frozen=True, slots=True)
class AgentSet:
    """An agent exists, or has new values. `setup_ms`: how long an offer may take until it rings (4 s for an outside phone, else 0).

    Legal at any moment: a talk goes on, an offer of a queue that he serves no longer is withdrawn, values hold from the next offer or
    wrap-up on. A queue that does not exist is refused and nothing changes.
    """

    agent: int
    queues: tuple[int, ...]
    wrap_up_ms: int = 10_000
    setup_ms: int = 0


@dataclass(frozen=True, slots=True)
class AgentLogsIn:
    """Free from here on, idle since now."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentLogsOut:
    """An open offer is withdrawn and goes on to the next; refused while the agent talks."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentPauses:
    """Ends wrap-up; an open offer is withdrawn (not a miss) and goes on to the next. While talking: pause when the call is over."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentResumes:
    """Ends a pause, a wrap-up, and takes back a pause chosen during a call. Idle since now."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentBlocked:
    """May get no offers for a reason outside (bit 0..30): no free line, page not answering. An open offer is withdrawn."""

    agent: int
    reason: int


@dataclass(frozen=True, slots=True)
class AgentUnblocked:
    """That reason is gone; when none is left the agent may get offers again. `idle since` is unchanged."""

    agent: int
    reason: int


@dataclass(frozen=True, slots=True)
class AgentVanishes:
    """No sign of life. Outside a call the same as a block (a login ends it); in a call a deadline of `keep_ms` begins, then requeued."""

    agent: int
    keep_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class AgentReturns:
    """The sign of life is back; the call, if still kept, stays his."""

    agent: int


@dataclass(frozen=True, slots=True)
class CallWaits:
    """A caller joins the end of a queue."""

    call: int
    queue: int


@dataclass(frozen=True, slots=True)
class CallLeaves:
    """The caller is gone, in whatever state; an open offer is withdrawn, a talking agent goes into wrap-up."""

    call: int


@dataclass(frozen=True, slots=True)
class OfferRings:
    """The phone rings now: the three rings count from here."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentAnswers:
    """Compare and set: only the agent with the open offer of this call gets it, the loser's is refused."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentRejects:
    """The agent says no (or his phone is busy): rests, and counts as having had his turn in this round."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class OfferFails:
    """The line, not the agent, failed: withdrawn, no miss; his turn in this round is over, and the next offer to him waits for 1 s."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentHangsUp:
    """The agent ends the talk. The core forgets the call: it may wait again under the same number."""

    agent: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time passes: everything due by now happens."""


Input = (
    QueueSet | AgentSet | AgentLogsIn | AgentLogsOut | AgentPauses | AgentResumes | AgentBlocked | AgentUnblocked | AgentVanishes
    | AgentReturns | CallWaits | CallLeaves | OfferRings | AgentAnswers | AgentRejects | OfferFails | AgentHangsUp | Tick
)  # fmt: skip
