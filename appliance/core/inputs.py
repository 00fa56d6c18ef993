"""What the core is told. Ids are integers of the keeper's choice (0 .. 2**31 - 1, sparse if he likes); times are ms, durations `_ms`.

Every input is legal in every state: one that does not fit the state gives a `Refused` decision and changes nothing. So does a value out of
range ("bad value"): an id, a duration outside 0 .. 10**9 ms (a ring: from 1 ms), points outside 0 .. 10**6, a level outside 1 .. 9. What
tells what is known already (blocked twice, returned without having vanished) changes nothing and is not refused.

Only what differs from the defaults needs telling: `QueueSet`, `AgentSet`, `AgentLogsIn` and `CallWaits` make a working office.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag


class Strategy(IntEnum):
    """Which of the agents who may take a caller is first (rule 9). Ties: the longest idle, then the smaller number."""

    LONGEST_IDLE = 0
    BEST_LEVEL = 1  # the highest sum of levels in the skills that the call names
    FEWEST_CALLS = 2  # talks since the login
    LEAST_TALK = 3  # time in them
    ROUND_ROBIN = 4  # whom this queue has asked longest ago, whatever other queues did
    FIXED = 5  # the smallest rank
    RANDOM = 6  # by weight, from the queue's seed


class Empty(IntFlag):
    """For which causes a queue sends its callers away when nobody is there (rule 15)."""

    STAY = 0
    NOBODY_LOGGED_IN = 1
    ALL_PAUSED = 2
    ALL_IN_WRAP_UP = 4


# --- what an office is


@dataclass(frozen=True, slots=True)
class QueueSet:
    """A queue exists, or has new values (these hold from the next offer on). A queue is never removed: take it from its agents."""

    queue: int
    ring_ms: int = 15_000  # three rings of China: 1 s on, 4 s off (A4)
    rest_ms: int = 10_000  # an agent who missed rests so long (contract)
    reject_ms: int = -1  # who rejected; -1: as long as who missed
    busy_ms: int = -1  # whose telephone was busy; -1: as long as who rejected
    tenant: int = 0  # for ever


@dataclass(frozen=True, slots=True)
class QueueOffers:
    """How a queue offers. `at_once`: agents who ring for one caller, 0 all; `more_ms`: one more each so long (0: never).

    `reserve`: its callers are offered only while more free agents than these serve the queue (outbound beside inbound).
    """

    queue: int
    strategy: Strategy = Strategy.LONGEST_IDLE
    at_once: int = 1
    more_ms: int = 0
    reserve: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class QueuePoints:
    """Who comes first. `weight`: points of all its callers; `ageing`: points a second of waiting, 0..1000; `tier_points`: of a VIP tier."""

    queue: int
    weight: int = 0
    ageing: int = 0
    tier_points: int = 100


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """0: no limit. `overflow_to`: for who waited `overflow_ms`. `back_ms`: who was cut off and calls again so soon has his place."""

    queue: int
    length_max: int = 0
    wait_max_ms: int = 0
    overflow_ms: int = 0
    overflow_to: int = 0
    back_ms: int = 0


@dataclass(frozen=True, slots=True)
class QueueEmpties:
    """For which causes its callers are sent away."""

    queue: int
    causes: int = Empty.STAY


@dataclass(frozen=True, slots=True)
class QueueWidens:
    """Step 0..7: who waited `after_ms` (more than in the step before) needs `lower` levels less, and agents of `also` may take him too.

    A skill lowered to nothing is not needed. `also`: a queue, -1 none; those of earlier steps still hold. `after_ms` 0 takes this step
    and all later ones away. Steps come without a hole: else "bad value".
    """

    queue: int
    step: int
    after_ms: int
    lower: int = 0
    also: int = -1


@dataclass(frozen=True, slots=True)
class WantSet:
    """Skills that calls ask for by this number: (skill, least level) each. Languages and dialects are skills. New values hold at once."""

    want: int
    needs: tuple[tuple[int, int], ...] = ()
    prefers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TenantSet:
    """Limits of a tenant: agents logged in, calls in the core; -1 none. Who is in already stays."""

    tenant: int
    seats_max: int = -1
    calls_max: int = -1


@dataclass(frozen=True, slots=True)
class AgentSet:
    """An agent exists, or has new values. `setup_ms`: how long an offer may take until it rings (4 s for an outside phone, else 0).

    `orders`: beside each queue, 1..9: he takes callers of a lower number first, and they take him first (missing ones are 1).
    Legal at any moment: a talk goes on, an offer that he may take no longer is withdrawn, values hold from the next offer or
    wrap-up on. A queue that does not exist, or is another tenant's, is refused and nothing changes. `tenant` is for ever.
    """

    agent: int
    queues: tuple[int, ...]
    wrap_up_ms: int = 10_000
    setup_ms: int = 0
    tenant: int = 0
    orders: tuple[int, ...] = ()
    skills: tuple[tuple[int, int], ...] = ()  # (skill, level 1..9)


@dataclass(frozen=True, slots=True)
class AgentTraits:
    """`misses_max`: so many misses in a row and he is taken out (0 never). `on_demand`: offered only when he asked. `weight` 1..1000."""

    agent: int
    misses_max: int = 0
    on_demand: bool = False
    weight: int = 1
    rank: int = 0


# --- what agents do


@dataclass(frozen=True, slots=True)
class AgentLogsIn:
    """Free from here on, idle since now; his counts begin anew."""

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
class AgentAsks:
    """One who works on demand wants his next call; holds until an offer is made to him."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentDials:
    """He makes a call that is none of a queue's: busy until AgentHangsUp, then wrap-up. An open offer is withdrawn. Legal while paused."""

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
class AgentHangsUp:
    """The agent ends the talk. The core forgets the call: it may wait again under the same number."""

    agent: int


# --- what calls do


@dataclass(frozen=True, slots=True)
class CallWaits:
    """A caller joins a queue, where his points and his age put him.

    `want`: of WantSet, -1 nothing; his queue's number: what each queue asks for where he waits. `position`: 1 first, 0 none asked.
    `waited_ms`: elsewhere. `owner`: the agent whose customer he is (-1 none): first in any case, alone for `owner_ms`. `number`: whose
    call, 0 withheld. `callback`: nobody is on the line; he is called when an agent is reserved. `never`: agents who must not get him.
    `tenant`: -1 the queue's.
    """

    call: int
    queue: int
    want: int = -1
    priority: int = 0
    tier: int = 0
    tenant: int = -1
    position: int = 0
    waited_ms: int = 0
    owner: int = -1
    owner_ms: int = 0
    number: int = 0
    callback: bool = False
    never: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CallLeaves:
    """The caller is gone (hung up, pressed a key), in whatever state; open offers are withdrawn, a talking agent goes into wrap-up.

    `cut`: his line broke; `back_ms` of his queue holds his place.
    """

    call: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class CallMoves:
    """Transferred, or moved by a supervisor: waits in that queue with the age he has. Offers are withdrawn, a talking agent is released."""

    call: int
    queue: int


@dataclass(frozen=True, slots=True)
class CallBackWanted:
    """The waiting caller hangs up and is called back at his turn; refused where he is not waiting, or his number is withheld."""

    call: int


@dataclass(frozen=True, slots=True)
class CustomerAnswers:
    """The customer who is called back is there."""

    call: int


@dataclass(frozen=True, slots=True)
class CustomerFails:
    """He is not there: the call is over, its agent free at once."""

    call: int


# --- what happens to offers


@dataclass(frozen=True, slots=True)
class OfferRings:
    """The phone rings now: the three rings count from here."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentAnswers:
    """Compare and set: the first agent with an open offer of this call gets it, one who comes later is `Taken`."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentRejects:
    """The agent says no: rests, and has had his turn in this round. `busy`: his telephone does."""

    call: int
    agent: int
    busy: bool = False


@dataclass(frozen=True, slots=True)
class OfferFails:
    """The line, not the agent, failed: withdrawn, no miss; his turn in this round is over, and the next offer to him waits for 1 s."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class VoicePathStands:
    """Caller and agent hear each other: only now other agents stop ringing."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class AgentTakes:
    """A supervisor's "take this call now": offered to him whatever his skills, queues, turn and the caller's `never`.

    He must be free, resting or in wrap-up, and reachable; the order ends his rest or wrap-up.
    """

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """A supervisor's "withdraw": no miss, the agent keeps his place among the idle, his turn in this round is over."""

    call: int
    agent: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time passes: everything due by now happens."""


Input = (
    QueueSet | QueueOffers | QueuePoints | QueueLimits | QueueEmpties | QueueWidens | WantSet | TenantSet | AgentSet | AgentTraits
    | AgentLogsIn | AgentLogsOut | AgentPauses | AgentResumes | AgentAsks | AgentDials | AgentBlocked | AgentUnblocked | AgentVanishes
    | AgentReturns | AgentHangsUp | CallWaits | CallLeaves | CallMoves | CallBackWanted | CustomerAnswers | CustomerFails | OfferRings
    | AgentAnswers | AgentRejects | OfferFails | VoicePathStands | AgentTakes | OfferWithdrawn | Tick
)  # fmt: skip
