"""The last gate before a line dials (A10): what may be dialled at all, how often, how many at once, for how much. Whoever orders the call
passes it.

A guard against toll fraud: numbers of other countries are refused until the configuration allows them; each line, each tenant and the
office have caps a minute, a day, at once and in money (which numbers, at what price: calls/dial_rules.py; what was used: calls/outgoing.py,
made again from the journal at a start). Sans-I/O; time is an argument.
"""

from collections.abc import Iterator

from appliance.base.ids import LineId, TenantId
from appliance.base.phone_numbers import within_china
from appliance.calls.dial_rules import EMERGENCY, price_of, refused
from appliance.calls.outgoing import Cap, Outgoing, tenant_of
from appliance.events.line import DialAllowed
from firmware_cfg.document import Dialling, Document, Line, Tenant


class DialGuard:
    """Decides, and counts nothing itself: what it let pass is a fact, which `use` has taken before the next question."""

    def __init__(self, use: Outgoing, document: Document) -> None:
        self.use = use
        self.configure(document)

    def configure(self, document: Document) -> None:
        self.rules: Dialling = document.dialling
        self._lines: dict[str, Line] = {line.id: line for line in document.line}
        self._tenants: dict[str, Tenant] = {tenant.id: tenant for tenant in document.tenant}

    def _tenant_of(self, line: str) -> str:
        return tenant_of(self._lines[line].tenant if line in self._lines else None)

    def free(self, number: str) -> bool:
        """No cap holds it, and it is not counted."""
        return within_china(number) in EMERGENCY and self.rules.emergency == "allow"

    def allowed(self, line: str, number: str, now_ms: int) -> DialAllowed:
        """The fact of what passed."""
        price_li, step_s = price_of(self.rules, number)
        heard_only = line in self._lines and self._lines[line].dialect in ("v253", "rockwell")
        return DialAllowed(
            at_ms=now_ms,
            tenant=TenantId(self._tenant_of(line)),
            line=LineId(line),
            number=number,
            price_li=price_li,
            step_s=step_s,
            costs_when_dialled=heard_only,
        )

    def why_not(self, line: str, number: str, utc_ms: int) -> str:
        """One sentence where the call is refused; "" where it may go out."""
        if self.free(number):
            return ""
        if why := refused(self.rules, number):
            return why
        step = price_of(self.rules, number)[0] / 1000
        for cap in self.caps_of(line, utc_ms):
            more = step if cap.what == "spend_per_day" else 1
            if more and round(cap.used + more, 3) > cap.most:
                return why_not(cap.of, cap.what, f"{cap.most:.2f}" if cap.what == "spend_per_day" else f"{cap.most:.0f}", cap.name)
        return ""

    def caps_of(self, line: str, utc_ms: int) -> Iterator[Cap]:
        """Those that hold for this line: its own, its tenant's, the office's."""
        yield from self._of_line(line, utc_ms)
        if (tenant := self._tenants.get(self._tenant_of(line))) is not None:
            yield from self._of_tenant(tenant, utc_ms, but=line)
        yield from self._of_office(utc_ms, but=line)

    def caps(self, utc_ms: int) -> list[Cap]:
        """All that the configuration sets, for the page: the office's, each tenant's, each line's that may dial."""
        tenants = (cap for tenant in self._tenants.values() for cap in self._of_tenant(tenant, utc_ms))
        dial = (line.id for line in self._lines.values() if line.direction in ("both", "out"))
        return [*self._of_office(utc_ms, but=""), *tenants, *(cap for line in dial for cap in self._of_line(line, utc_ms))]

    def overspent(self, utc_ms: int) -> str:
        """A sentence while calls that run go past a cap on money; "" else. They go on: no customer is cut off by the box."""
        if self.use.at_once():
            for cap in self.caps(utc_ms):
                if cap.what == "spend_per_day" and cap.used > cap.most:
                    most = f"{cap.most:.2f}"
                    return f"calls that run have cost more than a day's cap of {most} yuan allows: is somebody abusing a line?"
        return ""

    def _of_line(self, line: str, utc_ms: int) -> Iterator[Cap]:
        today, name = self.use.use(utc_ms, line=line), (self._lines[line].name if line in self._lines else "") or line
        yield Cap("line", line, name, "per_minute", self.use.in_a_minute(utc_ms, line=line), self.rules.per_minute)
        yield Cap("line", line, name, "per_day", today.calls, self.rules.per_day)
        if self.rules.line_spend_per_day:
            yield Cap("line", line, name, "spend_per_day", today.spent_li / 1000, self.rules.line_spend_per_day)

    def _of_tenant(self, tenant: Tenant, utc_ms: int, but: str = "") -> Iterator[Cap]:
        most = (tenant.per_minute, tenant.per_day, tenant.at_once, tenant.spend_per_day)
        return self._together("tenant", tenant.id, tenant.name or tenant.id, most, utc_ms, but)

    def _of_office(self, utc_ms: int, but: str) -> Iterator[Cap]:
        rules = self.rules
        return self._together(
            "office", None, "", (rules.all_per_minute, rules.all_per_day, rules.at_once, rules.spend_per_day), utc_ms, but
        )

    def _together(self, of: str, tenant: str | None, name: str, most: tuple[float, ...], utc_ms: int, but: str) -> Iterator[Cap]:
        """Of several lines; `but`: the one that is to dial is not out yet. A cap of 0 is none."""
        today = self.use.use(utc_ms, tenant=tenant)
        used = {
            "per_minute": self.use.in_a_minute(utc_ms, tenant=tenant),
            "per_day": today.calls,
            "at_once": self.use.at_once(but, tenant),
            "spend_per_day": today.spent_li / 1000,
        }
        return (Cap(of, tenant or "", name, what, count, cap) for (what, count), cap in zip(used.items(), most, strict=True) if cap)


def why_not(of: str, what: str, most: str, name: str) -> str:
    """What a reached cap says."""
    match of, what:
        case "line", "per_minute":
            return f"the line dialled {most} times within a minute: is somebody abusing it?"
        case "line", "per_day":
            return f"the line dialled {most} times within a day: is somebody abusing it?"
        case "line", _:
            return f"the line's calls would cost more than its {most} yuan a day: is somebody abusing it?"
        case "tenant", "per_minute":
            return f"the lines of {name} dialled {most} times within a minute: is somebody abusing them?"
        case "tenant", "per_day":
            return f"the lines of {name} dialled {most} times within a day: is somebody abusing them?"
        case "tenant", "at_once":
            return f"{most} lines of {name} dial or talk outwards already, more are not allowed"
        case "tenant", _:
            return f"calls of {name} would cost more than {most} yuan a day: is somebody abusing its lines?"
        case "office", "per_minute":
            return f"all lines together dialled {most} times within a minute: is somebody abusing them?"
        case "office", "per_day":
            return f"all lines together dialled {most} times within a day: is somebody abusing them?"
        case "office", "at_once":
            return f"{most} lines dial or talk outwards already, more are not allowed"
    return f"calls of all lines would cost more than {most} yuan a day: is somebody abusing them?"
