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
        self._callers: dict[CallId, str] = {}
        self._last: dict[str, AgentId] = {}

    def take(self, fact: Event) -> None:
        match fact:
            case CallStarted(call=call, caller=str(number)) | CallerIdentified(call=call, caller=str(number)):
                self._callers[call] = national(number)
            case CallAnswered(call=call, agent=agent) if call in self._callers:
                self._talks(self._callers[call], agent)
            case CallTransferred(call=call, kind="consult" | "conference", to_agent=str(agent)) if call in self._callers:
                self._talks(self._callers[call], AgentId(agent))
            case CallEnded(call=call):
                self._callers.pop(call, None)

    def _talks(self, number: str, agent: AgentId) -> None:
        self._last.pop(number, None)  # so that the newest stand last
        self._last[number] = agent
        if len(self._last) > self.kept:
            del self._last[next(iter(self._last))]

    def agents_of(self, number: str) -> tuple[AgentId, ...]:
        last = self._last.get(national(number))
        return () if last is None else (last,)
