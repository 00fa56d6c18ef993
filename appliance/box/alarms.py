"""What a person must act on, until it is mended."""

import logging
from collections.abc import Callable

from appliance.events import Event
from appliance.events.box import AlarmCleared, AlarmRaised
from appliance.store.journal import JournalFull

log = logging.getLogger(__name__)


class Alarms:
    """A key stands for one cause; its text may change while it stands."""

    def __init__(self, publish: Callable[[list[Event]], int], now_ms: Callable[[], int]) -> None:
        self._publish, self._now_ms = publish, now_ms
        self.standing: dict[str, str] = {}

    def raise_(self, key: str, text: str) -> None:
        if self.standing.get(key) != text:
            self.standing[key] = text
            self._tell(AlarmRaised(at_ms=self._now_ms(), key=key, text=text))

    def clear(self, key: str) -> None:
        if self.standing.pop(key, None) is not None:
            self._tell(AlarmCleared(at_ms=self._now_ms(), key=key))

    def _tell(self, fact: Event) -> None:
        """A journal that takes nothing more must not keep an alarm from standing: the page shows it all the same."""
        try:
            self._publish([fact])
        except JournalFull as error:
            log.error("%s: %s", type(fact).__name__, error)

    @property
    def texts(self) -> list[str]:
        return list(self.standing.values())
