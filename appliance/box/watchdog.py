"""Whether the routing core keeps its promises in this box (A3, never-again 3 and 13): what should never be seen is looked for all the time.

Each step goes by the onlooker (calls/onlooker.py), between turns. Each second he looks at everybody, and at the core's own lists; and the
office is looked at without him: a caller waits, and a free seat that serves him has not been asked.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from appliance.base.ids import AgentId, CallId, call_id
from appliance.box.alarms import Alarms
from appliance.calls.call import CallState
from appliance.calls.live import Live
from appliance.calls.onlooker import Broken, Onlooker, Promise
from appliance.calls.seats import SeatState
from appliance.events import Event
from appliance.events.routing import RoutingBroken
from appliance.store.journal import JournalFull

log = logging.getLogger(__name__)

PAUSE_S: Final = 0.02
"""Between two looks: the loop is another's for most of the time."""
UNEASY_MS: Final = 3_000
"""A turn lasts some ms; whoever is free beside a caller for so long was forgotten."""


class Watchdog:
    def __init__(
        self, onlooker: Onlooker, live: Live, alarms: Alarms, publish: Callable[[list[Event]], int], now_ms: Callable[[], int]
    ) -> None:
        self.onlooker, self.live, self.alarms = onlooker, live, alarms
        self._publish, self._now_ms = publish, now_ms
        self._timer: asyncio.TimerHandle | None = None
        self._uneasy_since: int | None = None

    def soon(self) -> None:
        """A turn is over: its steps are looked at in a moment."""
        if self._timer is None and self.onlooker.pending:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        self._tell(self.onlooker.look())
        self.soon()

    def each_second(self) -> None:
        queues = self.live.queues
        self._tell(self.onlooker.look_round(queues.queues.values(), queues.core.waiting))
        self._somebody_forgotten()

    def _tell(self, broken: Broken | None) -> None:
        """An alarm until the box starts anew: nobody knows what else does not hold any more."""
        if broken is None:
            return
        call = None if broken.call is None else call_id(broken.call)
        agent = None if broken.agent is None else self.live.queues.known_agent(broken.agent)
        log.error("the routing broke a promise (%s): %s; caller %s, agent %s", broken.promise, broken, call, agent)
        self.alarms.raise_("core.promise", broken_sentence(broken.promise, call, agent))
        try:
            self._publish([RoutingBroken(at_ms=self._now_ms(), promise=broken.promise.value, what=str(broken), call=call, agent=agent)])
        except JournalFull as error:
            log.error("RoutingBroken: %s", error)

    def _somebody_forgotten(self) -> None:
        now_ms = self._now_ms()
        if not self._somebody_was_not_asked(now_ms):
            self._uneasy_since = None
        elif self._uneasy_since is None:
            self._uneasy_since = now_ms
        if self._uneasy_since is not None and now_ms - self._uneasy_since > UNEASY_MS:
            self.alarms.raise_("core", "callers wait although agents are free: a defect of the routing, please report it")
        else:
            self.alarms.clear("core")

    def _somebody_was_not_asked(self, now_ms: int) -> bool:
        live = self.live
        free = [seat for seat in live.seats.values() if seat.state is SeatState.FREE and seat.why(now_ms) is None]
        for call in live.calls.values():
            waits = call.state is CallState.QUEUED and call.number in live.queues.core.waiting(live.queues.queues[call.queue])
            if waits and any(live.queues.core.why_not(call.number, live.number_of(seat)) is None for seat in free):
                return True
        return False


def broken_sentence(promise: Promise, call: CallId | None, agent: AgentId | None) -> str:
    """For a person; the log has the words of the onlooker."""
    who, whom = call or "–", agent or "–"
    match promise:
        case Promise.NOT_PASSED_OVER:
            return f"the routing broke rule 1: caller {who} waits although agent {whom} is free: a defect, please report it"
        case Promise.ONE_OFFER:
            return f"the routing broke rule 3: caller {who} and agent {whom}, one is offered twice: a defect, please report it"
        case Promise.NOT_LOST:
            return f"the routing lost or doubled caller {who} (agent {whom}): a defect, please report it"
        case Promise.ONE_OUTCOME:
            return f"the routing broke rules 12 to 17: caller {who} (agent {whom}) did not end as he should: a defect, please report it"
        case Promise.ONE_MISS:
            return (
                f"the routing broke rule 4: the offer of caller {who} to agent {whom} did not end once, in time: a defect, please report it"
            )
        case Promise.NOT_SHORTENED:
            return (
                f"the routing broke rule 6: wrap-up or rest of agent {whom} (caller {who}) has not its length: a defect, please report it"
            )
        case Promise.NOT_AFTER_THE_END:
            return f"the routing acted on what had ended: caller {who}, agent {whom}: a defect, please report it"
        case Promise.BY_THE_RULES:
            return f"the routing broke a rule: caller {who}, agent {whom}: a defect, please report it; the log says which"
