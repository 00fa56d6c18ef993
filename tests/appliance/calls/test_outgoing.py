"""A10: what the caps on dialling count, in virtual time: by line, tenant, office and day, in calls and in money."""

import pytest

from appliance.base.ids import LineId, TenantId
from appliance.box.dial_guard import DialGuard
from appliance.calls.outgoing import Outgoing
from appliance.events import Event
from appliance.events.line import DialAllowed, LineConnected, LineDialling, LineHungUp, LineIdle, LineTakenUp
from firmware_cfg.document import Dialling, Document, Line, Price, Tenant

DAY_MS = 86_400_000
NOON = 20_000 * DAY_MS + DAY_MS // 2
MINUTE = 60_000
ME, ABROAD = "13800138000", "0085212345678"
PRICES = (
    Price(begins="", yuan=0.15),
    Price(begins="00852", yuan=1.99),
    Price(begins="+852", yuan=1.99),
    Price(begins="0755", yuan=0.1, step_s=6),
)


def line(name: str, tenant: str | None = None, dialect: str = "sim7600") -> Line:
    return Line(id=name, dialect=dialect, port=name, number="1", queue="q", tenant=tenant)


class Network:
    """A guard with its journal: what passes is told to the fold, as the box does."""

    def __init__(self, rules: Dialling, tenants: tuple[Tenant, ...] = (), lines: tuple[Line, ...] = ()) -> None:
        lines = lines or (line("l1"), line("l2"), line("t1", "acme"), line("t2", "acme"))
        self.document = Document(line=lines, dialling=rules, tenant=tenants)
        self.journal: list[tuple[int, Event]] = []
        self.utc_ms = NOON
        self.use = Outgoing(lambda utc_ms: str(utc_ms // DAY_MS))
        self.guard = DialGuard(self.use, self.document)

    def tell(self, fact: Event) -> None:
        self.journal.append((self.utc_ms, fact))
        self.use.take(self.utc_ms, fact)

    def dial(self, name: str, number: str = ME) -> str:
        why = self.guard.why_not(name, number, self.utc_ms)
        if not why:
            self.tell(self.guard.allowed(name, number, 0))
        return why

    def connected(self, name: str) -> None:
        self.tell(LineConnected(at_ms=0, line=LineId(name)))

    def hang_up(self, name: str, after_ms: int = 0) -> None:
        self.utc_ms += after_ms
        self.tell(LineHungUp(at_ms=0, line=LineId(name), by="us"))

    def talk(self, name: str, ms: int, number: str = ME) -> str:
        if why := self.dial(name, number):
            return why
        self.connected(name)
        self.hang_up(name, ms)
        return ""

    def restart(self) -> None:
        """As a start reads the journal: what a fold that has seen nothing knows after it."""
        self.use = Outgoing(self.use.day)
        for utc_ms, fact in self.journal:
            self.use.take(utc_ms, fact)
        self.use.restarted(self.journal[-1][0])
        self.guard = DialGuard(self.use, self.document)

    def spent(self, **of: str) -> float:
        return self.use.use(self.utc_ms, **of).spent_li / 1000


def test_each_begun_step_costs_and_who_did_not_answer_costs_nothing() -> None:
    net = Network(Dialling(price=PRICES))
    net.talk("l1", 61_000)
    assert net.spent() == 0.30
    net.dial("l1")
    net.hang_up("l1", 30_000)
    assert net.spent() == 0.30
    net.talk("l2", 13_000, "075512345678")
    assert (net.spent(line="l1"), net.spent(line="l2"), net.spent()) == (0.30, 0.30, 0.60)


def test_the_longest_beginning_has_the_price_in_each_form_of_a_number() -> None:
    net = Network(Dialling(price=PRICES, international=True))
    assert [net.guard.allowed("l1", number, 0).price_li for number in (ME, "+8613800138000", ABROAD, "+8675512345678")] == [
        150,
        150,
        1990,
        100,
    ]


def test_money_is_capped_a_day_for_a_line_a_tenant_and_the_office_each_for_itself() -> None:
    tenants = (Tenant(id="acme", spend_per_day=0.45),)
    net = Network(Dialling(price=PRICES, line_spend_per_day=0.30, spend_per_day=0.75), tenants)
    assert net.talk("t1", 2 * MINUTE) == ""
    assert "the line's calls would cost more than its 0.30 yuan" in net.talk("t1", MINUTE)
    assert net.talk("t2", MINUTE) == ""
    assert "calls of acme would cost more than 0.45 yuan" in net.talk("t2", MINUTE)
    assert net.talk("l1", 2 * MINUTE) == "", "three tenths and fifteen hundredths fit exactly"
    assert "calls of all lines would cost more than 0.75 yuan" in net.talk("l2", MINUTE)
    net.utc_ms += DAY_MS
    assert net.talk("t1", MINUTE) == ""


def test_a_call_that_runs_costs_already_and_one_past_the_cap_is_said_and_not_cut() -> None:
    net = Network(Dialling(price=PRICES, spend_per_day=0.40))
    net.dial("l1")
    net.connected("l1")
    net.utc_ms += 90_000
    assert "0.40 yuan" in net.dial("l2") and net.guard.overspent(net.utc_ms) == ""
    net.utc_ms += MINUTE
    assert "0.40 yuan" in net.guard.overspent(net.utc_ms)
    net.hang_up("l1")
    assert net.guard.overspent(net.utc_ms) == "" and net.spent() == 0.45


def test_an_analog_line_that_cannot_tell_the_answer_costs_from_the_dialling() -> None:
    net = Network(Dialling(price=PRICES), lines=(line("v1", dialect="v253"),))
    net.dial("v1")
    net.tell(LineDialling(at_ms=0, line=LineId("v1")))
    net.hang_up("v1", 61_000)
    assert net.spent() == 0.30


def test_a_tenants_lines_are_counted_together_and_the_offices_cap_holds_those_of_nobody() -> None:
    net = Network(Dialling(all_per_day=5), (Tenant(id="acme", name="阿克米", per_day=2, at_once=1),))
    assert net.dial("t1") == ""
    assert net.dial("t2") == "1 lines of 阿克米 dial or talk outwards already, more are not allowed"
    net.hang_up("t1")
    assert net.dial("t2") == ""
    net.hang_up("t2")
    assert "the lines of 阿克米 dialled 2 times within a day" in net.dial("t1")
    for _ in range(3):
        assert net.dial("l1") == ""
        net.hang_up("l1", 5 * MINUTE)
    assert "all lines together dialled 5 times within a day" in net.dial("l2")
    net.utc_ms += DAY_MS
    assert net.dial("l2") == ""


def test_the_rate_of_tenant_and_office_is_over_all_their_lines() -> None:
    net = Network(Dialling(all_per_minute=3), (Tenant(id="acme", per_minute=2),))
    assert [net.talk(name, 1_000) for name in ("t1", "t2")] == ["", ""]
    assert "acme dialled 2 times within a minute" in net.talk("t1", 1_000)
    assert net.talk("l1", 1_000) == ""
    assert "all lines together dialled 3 times within a minute" in net.talk("l2", 1_000)
    net.utc_ms += MINUTE
    assert net.talk("t1", 1_000) == ""


def test_a_restart_forgets_no_count() -> None:
    net = Network(Dialling(price=PRICES, per_minute=2, per_day=3, at_once=1, spend_per_day=5.0))
    net.talk("l1", 1_000)
    net.dial("l1")
    net.restart()
    assert "within a minute" in net.dial("l1")
    assert "1 lines dial" in net.dial("l2"), "the modem may still hold it"
    net.tell(LineIdle(at_ms=0, line=LineId("l1")))
    net.utc_ms += MINUTE
    assert net.talk("l1", 1_000) == ""
    net.restart()
    assert "within a day" in net.dial("l1")
    assert net.spent() == 0.30


@pytest.mark.parametrize(("taken_up", "cost"), [(True, 46.80), (False, 0.15)])
def test_a_call_that_was_up_costs_to_its_end_or_to_the_boxs_last_sign(taken_up: bool, cost: float) -> None:
    net = Network(Dialling(price=PRICES))
    net.dial("l1")
    net.connected("l1")
    net.utc_ms += 30_000
    net.journal.append((net.utc_ms, LineIdle(at_ms=0, line=LineId("l2"))))
    net.restart()
    net.utc_ms += 311 * MINUTE  # the power was away for so long
    net.tell(LineTakenUp(at_ms=0, line=LineId("l1"), incoming=False) if taken_up else LineIdle(at_ms=0, line=LineId("l1")))
    net.hang_up("l1")
    assert net.spent() == cost


def test_a_clock_that_was_wrong_for_a_while_neither_frees_a_day_nor_uses_up_another() -> None:
    net = Network(Dialling(per_day=1))
    assert net.dial("l1") == ""
    net.hang_up("l1")
    net.utc_ms -= 30 * DAY_MS
    assert net.dial("l1") == ""
    net.hang_up("l1")
    net.utc_ms += 30 * DAY_MS
    assert "within a day" in net.dial("l1")


def test_calls_of_a_changed_configuration_count_for_whom_they_were_made() -> None:
    net = Network(Dialling(), (Tenant(id="acme", per_day=1),))
    assert net.talk("t1", 1_000) == ""
    net.guard.configure(Document(line=(line("t1"), line("t2", "acme")), tenant=net.document.tenant))
    assert "acme" in net.dial("t2") and net.dial("t1") == ""


def test_a_fact_names_tenant_and_price_as_they_were() -> None:
    net = Network(Dialling(price=PRICES), (Tenant(id="acme"),))
    fact = net.guard.allowed("t1", ME, 7)
    assert fact == DialAllowed(at_ms=7, tenant=TenantId("acme"), line=LineId("t1"), number=ME, price_li=150)
