"""Who talked last with which number (A3: the last agent first, 不踢皮球): a fold in memory, made again from the journal at start."""

from typing import Final

from appliance.base.ids import AgentId, CallId
from appliance.base.phone_numbers import national
from appliance.events import Event
from appliance.events.call import CallAnswered, CallEnded, CallerIdentified, CallStarted, CallTransferred

KEPT: Final = 100_000
"""Numbers that are remembered, some 20 MB; of more the longest silent is forgotten."""


class Talks:
    """`CallerLookup` of ports.py, of what the lines know. A withheld number is nobody's."""

    KINDS: Final = ("CallAnswered", "CallEnded", "CallStarted", "CallTransferred", "CallerIdentified")
    """The facts that it needs, in the journal's order."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self.callers: dict[CallId, str] = {}
        self.last: dict[str, AgentId] = {}

    def take(self, fact: Event) -> None:
        match fact:
            case CallStarted(call=call, caller=str(number)) | CallerIdentified(call=call, caller=str(number)):
                self.callers[call] = national(number)
            case CallAnswered(call=call, agent=agent) if call in self.callers:
                self._talks(self.callers[call], agent)
            case CallTransferred(call=call, kind="consult" | "conference", to_agent=str(agent)) if call in self.callers:
                self._talks(self.callers[call], AgentId(agent))
            case CallEnded(call=call):
                self.callers.pop(call, None)

    def _talks(self, number: str, agent: AgentId) -> None:
        self.last.pop(number, None)  # so that the newest stand last
        self.last[number] = agent
        if len(self.last) > self.kept:
            del self.last[next(iter(self.last))]

    def agents_of(self, number: str) -> tuple[AgentId, ...]:
        last = self.last.get(national(number))
        return () if last is None else (last,)
