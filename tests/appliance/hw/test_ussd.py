"""A1: a question by USSD, bytes in and out: the answer whenever it comes, over several lines, never, and calls first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.hw.dialect import Answer, AskUssd
from appliance.messages.ussd import packed, text_of
from tests.support.hw_pair import Pair
from tests.support.hw_twin import WIRES, Twin

ASK = AskUssd("*100#", "AA180C3602")


def asking(family: str = "sim7600", wire: str = "whole") -> Twin:
    twin = Twin(family, WIRES[wire])
    twin.answers["AT+CMGL=4"] = ("OK",)
    twin.open()
    twin.wait(2_000)
    twin.facts.clear()
    twin.order(ASK)
    twin.wait(1_000)
    return twin


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (('+CUSD: 0,"Balance 52.30",15',), "UssdAnswered text=Balance 52.30 coding=15 packed=False"),
        (('+CUSD: 0,"4F59989D",72',), "UssdAnswered text=4F59989D coding=72 packed=False"),
        (('+CUSD: 2,"bye"',), "UssdAnswered text=bye coding=15 packed=False"),
        (
            ('+CUSD: 0,"Balance', "52.30, valid", 'until June",15'),
            "UssdAnswered text=Balance\n52.30, valid\nuntil June coding=15 packed=False",
        ),
        (("+CUSD: 4",), "UssdFailed why=the network does not know this code"),
        (("+CUSD: 5",), "UssdFailed why=no answer in time"),
        (("+CUSD: 0",), "UssdFailed why=an empty answer"),
    ],
)
def test_the_networks_answer_is_told_as_it_came(wire: str, lines: tuple[str, ...], told: str) -> None:
    twin = asking(wire=wire)
    assert twin.sent[-1] == 'AT+CUSD=1,"*100#",15' or 'AT+CUSD=1,"*100#",15' in twin.sent
    twin.say(*lines)
    twin.wait(1_000)
    assert twin.told() == [told]
    twin.say(*lines)
    twin.wait(1_000)
    assert len(twin.told()) == 1, "what was not asked for is nobody's"


def test_a_network_that_wants_more_is_told_that_it_is_over() -> None:
    twin = asking()
    twin.say('+CUSD: 1,"1 Balance 2 Package",15')
    twin.wait(1_000)
    assert twin.told() == ["UssdAnswered text=1 Balance 2 Package coding=15 packed=False"] and "AT+CUSD=2" in twin.sent


def test_a_stick_that_takes_packed_septets_gets_them() -> None:
    twin = asking("huawei")
    assert 'AT+CUSD=1,"AA180C3602",15' in twin.sent
    twin.say('+CUSD: 0,"31D98C56B3DD1A",15')
    twin.wait(1_000)
    assert twin.told() == ["UssdAnswered text=31D98C56B3DD1A coding=15 packed=True"]


def test_no_answer_at_all_ends_after_two_minutes() -> None:
    twin = asking()
    twin.wait(118_000)
    assert twin.told() == []
    twin.wait(3_000)
    assert twin.told() == ["UssdFailed why=no answer came"] and "AT+CUSD=2" in twin.sent


def test_an_error_of_the_module_is_told() -> None:
    twin = Twin("sim7600")
    twin.answers["AT+CMGL=4"] = ("OK",)
    twin.answers['AT+CUSD=1,"*100#",15'] = ("+CME ERROR: 4",)
    twin.open()
    twin.wait(2_000)
    twin.facts.clear()
    twin.order(ASK)
    twin.wait(1_000)
    assert twin.told() == ["UssdFailed why=+CME ERROR: 4"]


def test_who_rings_meanwhile_is_answered_and_the_answer_still_counts() -> None:
    twin = asking()
    twin.say("RING", '+CLIP: "10086",129')
    twin.wait(200)
    twin.order(Answer())
    twin.wait(200)
    assert "ATA" in twin.sent
    twin.say("OK", '+CUSD: 0,"Balance 1",15')
    twin.wait(500)
    assert "UssdAnswered text=Balance 1 coding=15 packed=False" in twin.told() and "LineAnswered" in twin.told()


def test_a_ring_within_an_answer_cut_off_is_a_ring() -> None:
    twin = asking()
    twin.say('+CUSD: 0,"Balance', "RING", '+CLIP: "10086",129')
    twin.wait(200)
    assert "LineRinging ring=1" in twin.told()


def test_in_a_call_nothing_is_asked() -> None:
    twin = Twin("sim7600")
    twin.open()
    twin.say("RING", '+CLIP: "10086",129')
    twin.wait(200)
    twin.facts.clear()
    twin.order(ASK)
    assert twin.told() == ["UssdFailed why=line busy"] and not [one for one in twin.sent if "CUSD" in one]


def test_what_the_line_is_at_is_waited_for() -> None:
    """Its stores are read: the question follows."""
    twin = Twin("sim7600")
    twin.answers["AT+CMGL=4"] = ()
    twin.open()
    twin.wait_until(lambda: "AT+CMGL=4" in twin.sent, 5_000)
    twin.order(ASK)
    twin.wait(1_000)
    assert not [one for one in twin.sent if "CUSD" in one]
    twin.answers["AT+CMGL=4"] = ("OK",)
    twin.say("OK")
    twin.wait_until(lambda: 'AT+CUSD=1,"*100#",15' in twin.sent, 5_000)


def test_an_analog_line_has_no_card() -> None:
    twin = Twin("v253")
    twin.open()
    twin.facts.clear()
    twin.order(ASK)
    assert twin.told() == ["UssdFailed why=no USSD on this line"]


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path, request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("code", "words"),
    [("*100#", "您的余额为12.50元"), ("*101#", "Your balance is 12.50 CNY"), ("*999#", "the network does not know this code")],
)
@pytest.mark.parametrize("pair", ["sim7600", "ec25", "huawei", "sim800"], indirect=True)
def test_each_family_is_answered_by_the_simulated_network(pair: Pair, code: str, words: str) -> None:
    pair.bench.trunk.balance = 12.5
    pair.wait(2_000)
    pair.facts.clear()
    pair.order(AskUssd(code, packed(code)))
    pair.wait(4_000)
    told = [fact for fact in pair.facts if type(fact).__name__.startswith("Ussd")]
    assert len(told) == 1
    assert (text_of(told[0].text, told[0].coding, told[0].packed) if hasattr(told[0], "text") else told[0].why) == words  # type: ignore[attr-defined]
