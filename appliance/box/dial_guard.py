"""The last gate before a line dials (A10): what may be dialled at all, how often, how many at once. Whoever orders the call passes it.

A guard against toll fraud: numbers of other countries are refused until the configuration allows them, and each line has a cap a minute
and a day (which numbers: calls/dial_rules.py). Time is an argument.
"""

from collections import deque
from typing import Final

from appliance.base.phone_numbers import within_china
from appliance.calls.dial_rules import EMERGENCY, refused
from firmware_cfg.document import Dialling

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000


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
        rules = self.rules
        if within_china(number) in EMERGENCY and rules.emergency == "allow":
            return ""  # nothing else is asked
        if why := refused(rules, number):
            return why
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
