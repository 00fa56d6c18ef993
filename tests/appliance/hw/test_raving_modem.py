"""A modem that raves (A1): what it says too often, too long or with a tail does no harm to its line."""

import msgspec
import pytest

from appliance.events.line import DigitHeard, TextSent, TextStored, UssdAnswered
from appliance.hw.dialect import Answer, AskUssd, Dial, SendText
from appliance.hw.keys import MOST_KEYS, KeyFuse
from appliance.hw.modems.v253_formats import formats, line_label
from tests.support.hw_twin import Twin

FAMILIES = ("gsm", "sim7600", "ec25", "huawei", "sim800")
PDU = "0011000B813108108300F00008A7044F60597D"


@pytest.fixture
def twin(request: pytest.FixtureRequest) -> Twin:
    made = Twin(request.param)
    made.open()
    return made


@pytest.mark.parametrize("twin", FAMILIES, indirect=True)
def test_an_end_word_with_a_tail_is_noise(twin: Twin) -> None:
    """`BUSY: 1` had ended the driver with a KeyError."""
    twin.order(Dial("13912345678"))
    twin.say("OK")
    twin.wait(200)
    twin.say("BUSY: 1", "NO CARRIER: x", "NO ANSWER:")
    twin.wait(200)
    assert "LineHungUp" not in twin.kinds()
    twin.say("BUSY")
    twin.wait(200)
    assert twin.kinds().count("LineHungUp") == 1


@pytest.mark.parametrize("twin", FAMILIES, indirect=True)
def test_a_storm_of_end_words_asks_the_module_once(twin: Twin) -> None:
    """Each had queued a question of its own, thousands in the two seconds after a call."""
    twin.say("RING")
    twin.wait(100)
    twin.say("NO CARRIER")
    twin.wait(1_000)
    twin.clcc = '1,1,4,0,0,"13912345678",129'
    twin.say("RING")
    twin.wait(50)
    twin.sent.clear()
    twin.say(*["NO CARRIER"] * 500)
    twin.wait(50)
    assert twin.sent.count("AT+CLCC") <= 3  # of those that come at one moment, and while it answers
    assert len(twin.dialect._chat._queue) == 0


@pytest.mark.parametrize("twin", FAMILIES, indirect=True)
def test_a_reference_or_a_place_that_cannot_be_is_not_told(twin: Twin) -> None:
    """25 digits had made a fact that no journal takes: the line's facts were lost with it."""
    twin.answers["AT+CMGL=4"] = ("+CMGL: " + "9" * 25 + ",0,,18", PDU, "+CMGL: 7,0,,18", PDU, "OK")
    twin.say('+CMTI: "SM",7')
    twin.wait(1_000)
    assert {fact.index for fact in twin.facts if isinstance(fact, TextStored)} == {7}
    twin.order(SendText("m1", PDU, 18))
    twin.put(b"\r\n> ")
    twin.say("+CMGS: " + "9" * 25, "OK")
    twin.wait(1_000)
    assert not [fact for fact in twin.facts if isinstance(fact, TextSent)]
    assert "TextFailed" in twin.kinds()
    for fact in twin.facts:
        msgspec.msgpack.encode(fact)


@pytest.mark.parametrize("twin", FAMILIES, indirect=True)
def test_a_listing_with_a_mangled_line_gives_the_others(twin: Twin) -> None:
    """One lost quotation mark had ended the driver with a ValueError, in the midst of emptying a store."""
    twin.answers["AT+CMGL=4"] = ('+CMGL: 3,0,x",18', PDU, "+CMGL: 7,0,,18", PDU, "OK")
    twin.say('+CMTI: "SM",7')
    twin.wait(1_000)
    assert {fact.index for fact in twin.facts if isinstance(fact, TextStored)} == {7}


@pytest.mark.parametrize("twin", FAMILIES, indirect=True)
def test_an_alphabet_that_cannot_be_is_none(twin: Twin) -> None:
    twin.order(AskUssd("*100#", "AA180C3602"))
    twin.wait(500)
    twin.say('+CUSD: 0,"35.20",' + "9" * 25)
    twin.wait(100)
    (told,) = [fact for fact in twin.facts if isinstance(fact, UssdAnswered)]
    assert told.coding == 15


def test_keys_that_no_finger_presses_are_not_counted_nor_kept() -> None:
    keys = KeyFuse()
    assert sum(keys.heard("modem", "5", 1_000) for _ in range(10_000)) == MOST_KEYS
    assert keys.heard("modem", "6", 1_500)


@pytest.mark.parametrize("twin", ["v253"], indirect=True)
def test_a_storm_of_key_events_is_some_keys(twin: Twin) -> None:
    twin.say("RING")
    twin.wait(100)
    twin.order(Answer())
    twin.wait(2_000)
    twin.put(b"\x105" * 5_000)
    twin.wait(10)
    assert 1 <= len([fact for fact in twin.facts if isinstance(fact, DigitHeard)]) <= MOST_KEYS


def test_a_position_or_format_with_too_many_digits_is_passed_over() -> None:
    """It would have gone out again as a command of any length."""
    assert line_label([f'{"4" * 60},"T"', '3,"T"']) == 3
    assert [one.code for one in formats([f'{"4" * 60},"G.711U",8,0,8000,0,0', '4,"G.711U",8,0,8000,0,0'])] == [4]
