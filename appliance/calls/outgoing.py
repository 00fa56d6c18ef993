"""What goes out and what it has cost today, by line, tenant and office (A10): a fold over the journal, which a restart makes again.

A day is the box's calendar day; a call counts for the day on which it was dialled. Money is in li (厘), thousandths of a yuan.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from appliance.base.ids import HOUSE, LineId
from appliance.events import Event
from appliance.events.line import DialAllowed, LineConnected, LineDialling, LineHungUp, LineIdle, LineTakenUp

MINUTE_MS: Final = 60_000
KEPT: Final = 3
"""Days that are remembered: a clock that was wrong at the start (a Pi has no clock chip) neither frees nor uses up another day's caps."""


class Use(msgspec.Struct):
    """Of one day: calls dialled, and what the ended ones have cost."""

    calls: int = 0
    spent_li: int = 0


class Cap(msgspec.Struct, frozen=True):
    """One cap and what was used of it. `of`: "line", "tenant", "office". `what`: "per_minute", "per_day", "at_once", "spend_per_day"."""

    of: str
    id: str
    name: str
    what: str
    used: float  # of a spend_per_day yuan, else calls
    most: float


class Day(msgspec.Struct):
    office: Use = msgspec.field(default_factory=Use)
    lines: dict[str, Use] = {}
    tenants: dict[str, Use] = {}

    def uses(self, line: str, tenant: str) -> tuple[Use, ...]:
        return self.office, self.lines.setdefault(line, Use()), self.tenants.setdefault(tenant, Use())


class Out(msgspec.Struct):
    """A call that goes out on a line. It costs `price_li` each begun `step_s`."""

    day: str
    tenant: str
    price_li: int
    step_s: int
    when_dialled: bool
    since_ms: int | None = None  # UTC; it costs from here on
    seen_ms: int | None = None  # the box ended in it, and this was its last sign

    def cost_li(self, utc_ms: int) -> int:
        if self.since_ms is None:
            return 0
        return self.price_li * max(1, -(-(utc_ms - self.since_ms) // (1000 * self.step_s)))


class Outgoing:
    """`take` every fact in the journal's order. `day` names the calendar day of a UTC time."""

    KINDS: Final = ("DialAllowed", "LineConnected", "LineDialling", "LineHungUp", "LineIdle", "LineTakenUp")

    def __init__(self, day: Callable[[int], str]) -> None:
        self.day = day
        self.days: dict[str, Day] = {}
        self.out: dict[LineId, Out] = {}
        self.minute: list[tuple[int, LineId, str]] = []  # dialled within the last one: when, line, tenant

    def take(self, utc_ms: int, fact: Event) -> None:
        match fact:
            case DialAllowed(line=line):
                self._end(utc_ms, line)
                self._begin(utc_ms, fact)
            case LineDialling(line=line) if line in self.out and self.out[line].when_dialled:
                self._costs(utc_ms, line)
            case LineConnected(line=line) if line in self.out:
                self._costs(utc_ms, line)
            case LineTakenUp(line=line) if line in self.out:
                self.out[line].seen_ms = None
            case LineHungUp(line=line) | LineIdle(line=line):
                self._end(utc_ms, line)

    def restarted(self, last_utc_ms: int) -> None:
        """The box starts, its last sign before was then: a call that no modem holds any more costs up to there."""
        for out in self.out.values():
            out.seen_ms = last_utc_ms if out.seen_ms is None else out.seen_ms

    def _begin(self, utc_ms: int, fact: DialAllowed) -> None:
        name = self.day(utc_ms)
        for use in self._day(name).uses(fact.line, fact.tenant):
            use.calls += 1
        self.out[fact.line] = Out(name, fact.tenant, fact.price_li, fact.step_s, fact.costs_when_dialled)
        self.minute = [one for one in self.minute if utc_ms - MINUTE_MS < one[0] <= utc_ms]
        self.minute.append((utc_ms, fact.line, fact.tenant))

    def _costs(self, utc_ms: int, line: LineId) -> None:
        if self.out[line].since_ms is None:
            self.out[line].since_ms = utc_ms

    def _end(self, utc_ms: int, line: LineId) -> None:
        out = self.out.pop(line, None)
        if out is not None and (cost := out.cost_li(utc_ms if out.seen_ms is None else out.seen_ms)):
            for use in self._day(out.day).uses(line, out.tenant):
                use.spent_li += cost

    def _day(self, name: str) -> Day:
        """This one; it is the newest now, and the oldest is forgotten."""
        day = self.days[name] = self.days.pop(name, Day())
        while len(self.days) > KEPT:
            del self.days[next(iter(self.days))]
        return day

    def use(self, utc_ms: int, line: str | None = None, tenant: str | None = None) -> Use:
        """Of today: what has ended and what runs. Of a line, of a tenant, or of the office where neither is named."""
        name = self.day(utc_ms)
        day = self.days.get(name) or Day()
        ended = day.lines.get(line) if line is not None else day.tenants.get(tenant) if tenant is not None else day.office
        runs = [out for at, out in self.out.items() if out.day == name and line in (None, at) and tenant in (None, out.tenant)]
        ended = ended or Use()
        return Use(ended.calls, ended.spent_li + sum(out.cost_li(utc_ms) for out in runs))

    def at_once(self, but: str = "", tenant: str | None = None) -> int:
        """Lines that go out now, without this one."""
        return sum(at != but and tenant in (None, out.tenant) for at, out in self.out.items())

    def in_a_minute(self, utc_ms: int, line: str | None = None, tenant: str | None = None) -> int:
        recent = [one for one in self.minute if utc_ms - MINUTE_MS < one[0] <= utc_ms]
        return sum(line in (None, at) and tenant in (None, of) for _, at, of in recent)


def tenant_of(name: str | None) -> str:
    """Who rents a line; the house's own where nobody does."""
    return name or HOUSE
