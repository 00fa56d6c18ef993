"""What a line may dial, whoever orders it: toll fraud tried (A10)."""

import asyncio
from pathlib import Path

import pytest

from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.base.ids import LineId
from appliance.base.phone_numbers import within_china
from appliance.box.dial_guard import DialGuard
from appliance.box.lines import Lines
from appliance.calls.outgoing import Outgoing
from appliance.events import Event
from appliance.events.line import DialRefused, LineHungUp
from firmware_cfg.document import Dialling, Document


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("13800138000", "13800138000"), ("+8613800138000", "13800138000"), ("008613800138000", "13800138000"),
        ("013800138000", "13800138000"), ("+862061000003", "02061000003"), ("02061000003", "02061000003"), ("95533", "95533"),
        ("+442071234567", None), ("00442071234567", None), ("110", "110"), ("+86110", "110"),
    ],
)  # fmt: skip
def test_a_number_is_known_in_each_of_its_forms(number: str, plain: str | None) -> None:
    assert within_china(number) == plain


class Guarded(DialGuard):
    """What passes is told to the fold at once, as the box does."""

    def dial(self, line: str, number: str, utc_ms: int) -> str:
        why = self.why_not(line, number, utc_ms)
        if not why and not self.free(number):
            self.use.take(utc_ms, self.allowed(line, number, utc_ms))
        return why


def a_guard(rules: Dialling) -> Guarded:
    return Guarded(Outgoing(lambda utc_ms: str(utc_ms // 86_400_000)), Document(dialling=rules))


def test_other_countries_and_refused_beginnings_are_not_dialled_until_they_are_allowed() -> None:
    guard = a_guard(Dialling(refuse=("1259", "0898"), allow=("+852",)))
    for number in ("00442071234567", "+19005550100", "12590123", "089812345678", "+8689812345678"):
        assert guard.dial("l1", number, 0), number
    for number in ("13800138000", "02061000003", "+85221234567", "+8613800138000"):
        assert guard.dial("l1", number, 0) == "", number
    assert a_guard(Dialling(international=True)).dial("l1", "+19005550100", 0) == ""


@pytest.mark.parametrize(
    "number",
    [
        "+8616812345", "008616812345", "0086016812345", "01016812345", "075516812345", "+862016812345", "+8612590123456",
        "1795116812345", "+861795116812345",
        "17951008521234567", "125930085212345678", "19300852123456", "+8617911008521234567", "0179510085212345678",
    ],
)  # fmt: skip
def test_no_country_area_or_carrier_before_it_hides_a_refused_number(number: str) -> None:
    """A caller shows what he likes and asks to be called back."""
    assert a_guard(Dialling()).dial("l1", number, 0)


@pytest.mark.parametrize(
    "number",
    ["1795113800138000", "17909075588886666", "19300852123", "19012345678", "01012345678", "075512345", "075588886666", "4001681234"],
)
def test_a_carrier_or_an_area_before_an_ordinary_number_is_dialled(number: str) -> None:
    assert a_guard(Dialling()).dial("l1", number, 0) == ""


def test_beginnings_of_an_area_are_not_those_of_a_service() -> None:
    guard = a_guard(Dialling(refuse=("10",)))
    assert guard.dial("l1", "10086", 0) and guard.dial("l1", "01088886666", 0) == ""
    assert a_guard(Dialling(allow=("17951",))).dial("l1", "1795116812345", 0) == ""


def test_a_redial_storm_ends_at_the_cap_of_its_line_and_the_other_line_goes_on() -> None:
    guard = a_guard(Dialling(per_minute=5, per_day=8))
    tried = [guard.dial("l1", "13800138000", at) for at in range(0, 50_000, 5_000)]
    assert [why == "" for why in tried] == [True] * 5 + [False] * 5
    assert "within a minute" in tried[-1]
    assert guard.dial("l2", "13800138000", 50_000) == ""
    later = [guard.dial("l1", "13800138000", 200_000 + at) for at in range(5)]
    assert [why == "" for why in later] == [True] * 3 + [False] * 2
    assert "within a day" in later[-1]
    assert guard.dial("l1", "13800138000", 86_400_000) == ""


def test_no_more_lines_at_once_than_allowed_until_one_is_free_again() -> None:
    guard = a_guard(Dialling(at_once=2))
    assert [guard.dial(line, "13800138000", 0) == "" for line in ("l1", "l2", "l3")] == [True, True, False]
    guard.use.take(0, LineHungUp(at_ms=0, line=LineId("l1"), by="far"))
    assert guard.dial("l3", "13800138000", 0) == ""


def test_emergency_numbers_go_by_policy_and_no_cap_holds_them_back() -> None:
    guard = a_guard(Dialling(per_minute=1, at_once=1, refuse=("1",)))
    assert guard.dial("l1", "02061000003", 0) == ""
    assert all(guard.dial("l2", number, 0) == "" for number in ("110", "119", "120", "122", "112"))
    assert "emergency" in a_guard(Dialling(emergency="refuse")).dial("l1", "119", 0)


def test_a_refused_number_never_reaches_the_modem_and_is_a_fact_an_alarm_and_an_end(tmp_path: Path) -> None:
    told: list[Event] = []
    alarms: list[tuple[str, str]] = []

    async def story() -> None:
        lines = Lines(Bridge(), BootClock(), tmp_path, told.append, alarm=lambda key, text: alarms.append((key, text)))
        lines.dial(LineId("l1"), "+19005550100")
        assert told == []  # after the turn that ordered it
        await asyncio.sleep(0)

    asyncio.run(story())
    assert [type(fact) for fact in told] == [DialRefused, LineHungUp]
    assert alarms[0][0] == "dial.l1" and "another country" in alarms[0][1]
