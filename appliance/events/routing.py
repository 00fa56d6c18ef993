"""What the routing core was told (A3 E4): with these a past decision can be made again, and explained. And whether it kept its promises."""

from appliance.base.ids import AgentId, CallId, QueueId
from appliance.events import Event


class RoutingNamed(Event, frozen=True, kw_only=True):
    """The core's numbers of queues and agents from here on."""

    queues: dict[QueueId, int]
    agents: dict[AgentId, int]


class RoutingFed(Event, frozen=True, kw_only=True):
    """The inputs of one turn, in order: rows of core/trace.py, 64-bit numbers, little-endian. Each run of the box begins with a new core.

    `hash`: of all decisions since then, after these; a replay that comes to another one is a defect.
    """

    rows: bytes
    hash: int


class RoutingBroken(Event, frozen=True, kw_only=True):
    """A promise of the routing core did not hold: a defect. `promise`: one of core/known.py; `what`: in the core's numbers."""

    promise: str
    what: str
    call: CallId | None = None
    agent: AgentId | None = None
