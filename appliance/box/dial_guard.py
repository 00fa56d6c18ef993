"""The last gate before a line dials (A10): what may be dialled at all, how often, how many at once. Whoever orders the call passes it.

A guard against toll fraud: numbers of other countries are refused until the configuration allows them, and each line has a cap a minute
and a day. Time is an argument. Sources: ITU-T E.164; China's numbering: 00 is the international prefix; 110 112 119 120 122 are for
emergencies.
"""

import re
from collections import deque
from typing import Final

from firmware_cfg.document import Dialling

EMERGENCY: Final = frozenset(("110", "112", "119", "120", "122"))
_NO_AREA: Final = re.compile(r"1[3-9][0-9]{9}|[48]00[0-9]{7}|(?:1|9[56])[0-9]{2,6}")  # mobiles, shared cost, short numbers
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000


def national(number: str) -> str | None:
    """The number as dialled within China; None for one of another country. `+86`, `0086` and a 0 before a mobile number are taken off."""
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            number = number.removeprefix(prefix)
            return number if _NO_AREA.fullmatch(number) else "0" + number.removeprefix("0")
    if number.startswith(("+", "00")):
        return None
    if len(number) == 12 and number.startswith("01") and number[2] in "3456789":
        return number[1:]
    return number


class DialGuard:
    """Counts what it let pass. One event loop's."""

    def __init__(self, rules: Dialling) -> None:
        self.rules = rules
        self._dialled: dict[str, deque[int]] = {}
        self._out: set[str] = set()

    def over(self, line: str) -> None:
        """The line's call has ended."""
        self._out.discard(line)

    def why_not(self, line: str, number: str, now_ms: int) -> str:
        """One sentence where the call is refused; "" where it may go out, and then it is counted."""
        rules, plain = self.rules, national(number)
        if plain in EMERGENCY:
            if rules.emergency == "refuse":
                return "an emergency number was to be dialled, which the configuration refuses"
            return ""  # nothing else is asked
        if not number.startswith(rules.allow):
            if number.startswith(rules.refuse) or (plain is not None and plain.startswith(rules.refuse)):
                return "a number was to be dialled that the configuration refuses by its beginning"
            if plain is None and not rules.international:
                return "a number of another country was to be dialled, which the configuration does not allow"
        past = self._dialled.setdefault(line, deque())
        while past and past[0] <= now_ms - DAY_MS:
            past.popleft()
        if sum(at > now_ms - MINUTE_MS for at in past) >= rules.per_minute:
            most = rules.per_minute
            return f"the line dialled {most} times within a minute: is somebody abusing it?"
        if len(past) >= rules.per_day:
            most = rules.per_day
            return f"the line dialled {most} times within a day: is somebody abusing it?"
        if rules.at_once and len(self._out | {line}) > rules.at_once:
            most = rules.at_once
            return f"{most} lines dial or talk outwards already, more are not allowed"
        past.append(now_ms)
        self._out.add(line)
        return ""
