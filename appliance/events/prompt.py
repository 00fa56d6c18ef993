"""What the box says and plays (A5)."""

from appliance.base.ids import AgentId, SeatId
from appliance.events import Event


class PromptSet(Event, frozen=True, kw_only=True):
    """`source`: "text", "file", "seat" (spoken at `seat` by `agent`), or "" where it was taken away.

    `sha256`: of the sound's samples as the line gets them."""

    name: str
    language: str
    by: str
    source: str
    text: str = ""
    sha256: str = ""
    seat: str = ""
    agent: str = ""


class PromptTakeBegan(Event, frozen=True, kw_only=True):
    """A prompt is to be spoken at this seat by its agent; `by` is who ordered it. The seat gets no calls until `PromptTakeEnded`."""

    seat: SeatId
    agent: AgentId | None
    name: str
    language: str
    by: str


class PromptTakeEnded(Event, frozen=True, kw_only=True):
    """`why`: "accepted" (a `PromptSet` stands before it), "discarded", "left" (its agent did something else), "hung up", "lost",
    "no answer", "busy", "congestion", "refused", "forgotten"; of all but the first nothing is kept."""

    seat: SeatId
    agent: AgentId | None
    name: str
    language: str
    why: str
