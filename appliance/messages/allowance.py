"""How many parts of short messages are written a day (A10): whoever got hold of a page or a token does not send thousands.

A fold over the journal, which a restart makes again. A part is what a carrier counts: a long message has several.
"""

from collections.abc import Callable
from typing import Final

from appliance.events import Event
from appliance.events.message import MessageWritten
from appliance.messages.pdu import parts_of

KEPT: Final = 3
"""Days that are remembered: a clock that was wrong at the start neither frees nor uses up another day's."""


class Allowance:
    """`take` every fact in the journal's order. `day` names the calendar day of a UTC time."""

    def __init__(self, day: Callable[[int], str]) -> None:
        self._day = day
        self._parts: dict[str, int] = {}

    def take(self, utc_ms: int, fact: Event) -> None:
        if not isinstance(fact, MessageWritten):
            return
        day = self._day(utc_ms)
        self._parts[day] = self._parts.pop(day, 0) + parts_of(fact.text)
        while len(self._parts) > KEPT:
            del self._parts[next(iter(self._parts))]

    def used(self, utc_ms: int) -> int:
        """Parts written today."""
        return self._parts.get(self._day(utc_ms), 0)
