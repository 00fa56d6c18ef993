"""A1: short messages at a module: stores emptied only when the box says so, parts sent at the prompt, calls first."""

import pytest

from appliance.hw.dialect import Answer, ClearText, SendText
from tests.support.hw_twin import WIRES, Twin

HELLO = "0891683108100005F0240D91683108108300F0000832105112141023044F60597D"
OTHER = "0891683108100005F0240D91683108108300F0000832105112141123044F60597D"
REPORT = "00062A0B813108108300F0321051121410233210511214202300"


def opened(wire: str = "whole", **answers: tuple[str, ...]) -> Twin:
    twin = Twin("sim7600", WIRES[wire])
    twin.answers["AT+CMGL=4"] = ("OK",)
    twin.open()
    twin.facts.clear()
    return twin


@pytest.mark.parametrize("wire", WIRES)
def test_what_lies_in_the_stores_is_told_once_and_deleted_when_the_box_has_it(wire: str) -> None:
    twin = opened(wire)
    twin.answers["AT+CMGL=4"] = (f"+CMGL: 3,0,,{len(HELLO) // 2 - 9}", HELLO, "OK")
    twin.say('+CMTI: "SM",3')
    twin.wait_until(lambda: len(twin.told()) >= 2, 20_000)
    assert set(twin.told()) == {f"TextStored store=SM index=3 pdu={HELLO}", f"TextStored store=ME index=3 pdu={HELLO}"}
    twin.wait(70_000)
    assert len(twin.told()) == 2 and not [sent for sent in twin.sent if sent.startswith("AT+CMGD")]
    twin.order(ClearText("SM", 3, HELLO))
    twin.wait_until(lambda: "AT+CMGD=3" in twin.sent, 20_000)
    twin.wait(2_000)
    assert twin.told()[2:3] == ["TextCleared store=SM index=3"]


def test_a_place_that_holds_another_part_by_now_is_not_deleted() -> None:
    twin = opened()
    twin.answers["AT+CMGL=4"] = ("+CMGL: 3,0,,30", OTHER, "OK")
    twin.say('+CMTI: "SM",3')
    twin.wait(3_000)
    twin.order(ClearText("SM", 3, HELLO))
    twin.wait(5_000)
    assert "AT+CMGD=3" not in twin.sent


def test_a_lost_note_of_a_message_is_made_good_within_a_minute() -> None:
    twin = opened()
    twin.answers["AT+CMGL=4"] = ("+CMGL: 7,1,,30", HELLO, "OK")
    twin.wait(61_000)
    assert f"TextStored store=SM index=7 pdu={HELLO}" in twin.told()


def prompt_and(twin: Twin, *answer: str) -> None:
    twin.answers["AT+CMGS=15"] = ()
    twin.wait_until(lambda: twin.sent[-1] == "AT+CMGS=15", 5_000)
    twin.put(b"\r\n> ")
    twin.wait_until(lambda: "1a" in twin.sent[-1] or twin._half.endswith(b"\x1a"), 5_000)
    twin._half = b""
    twin.say(*answer)
    twin.wait(1_000)


PART = SendText("m000001/1/1", "00110005810180F60008A7044F60597D", 15)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (("+CMGS: 42", "", "OK"), "TextSent job=m000001/1/1 reference=42"),
        (("+CMS ERROR: 42",), "TextFailed job=m000001/1/1 why=+CMS ERROR: 42 again=True sure=True busy=False"),
        (("+CMS ERROR: 21",), "TextFailed job=m000001/1/1 why=+CMS ERROR: 21 again=False sure=True busy=False"),
    ],
)
def test_a_part_goes_at_the_prompt_and_the_networks_word_is_told(answer: tuple[str, ...], told: str) -> None:
    twin = opened()
    twin.answers["AT+CMGS=15"] = ()
    twin.order(PART)
    prompt_and(twin, *answer)
    assert told in twin.told()


def test_no_word_of_the_network_means_that_nobody_knows() -> None:
    twin = opened()
    twin.answers["AT+CMGS=15"] = ()
    twin.order(PART)
    prompt_and(twin)
    twin.wait(65_000)
    assert "TextFailed job=m000001/1/1 why=no answer again=False sure=False busy=False" in twin.told()


def test_no_prompt_is_freed_by_escape_and_tried_again_later() -> None:
    twin = opened()
    twin.answers["AT+CMGS=15"] = ()
    twin.order(PART)
    twin.wait(8_000)
    assert "TextFailed job=m000001/1/1 why=no prompt again=True sure=True busy=False" in twin.told() and "raw 1b 0d" in twin.sent


def test_a_caller_who_rings_while_a_part_goes_is_answered_behind_it_and_both_are_told() -> None:
    twin = opened()
    twin.answers["AT+CMGS=15"] = ()
    twin.order(PART)
    twin.wait(100)
    twin.put(b"\r\n> ")
    twin.wait(100)
    twin._half = b""
    twin.say("RING", '+CLIP: "13800138000",161')
    twin.wait(100)
    twin.order(Answer())
    twin.say("+CMGS: 9", "OK")
    twin.wait(1_000)
    assert "TextSent job=m000001/1/1 reference=9" in twin.told() and "ATA" in twin.sent


def test_a_report_in_two_lines_is_told() -> None:
    twin = opened()
    twin.say("+CDS: 25", REPORT)
    twin.wait(100)
    assert f"TextReported pdu={REPORT}" in twin.told()


def test_a_report_in_the_midst_of_a_listing_is_told_and_the_listing_is_whole() -> None:
    twin = opened()
    twin.answers["AT+CMGL=4"] = ("+CMGL: 1,0,,25", "+CDS: 25", REPORT, HELLO, "OK")
    twin.wait(70_000)
    assert f"TextReported pdu={REPORT}" in twin.told() and any(f"index=1 pdu={HELLO}" in fact for fact in twin.told())


@pytest.mark.parametrize(("family", "word"), [("sim7600", "+SMS FULL"), ("ec25", '+QIND: "smsfull","SM"'), ("huawei", '^SMMEMFULL: "SM"')])
def test_a_store_that_says_it_is_full_is_emptied_at_once(family: str, word: str) -> None:
    twin = Twin(family, WIRES["whole"])
    twin.answers["AT+CMGL=4"] = ("OK",)
    twin.open()
    looks = twin.sent.count("AT+CMGL=4")
    twin.say(word)
    twin.wait(3_000)
    assert twin.sent.count("AT+CMGL=4") > looks


def test_in_a_call_nothing_is_sent_and_the_store_waits() -> None:
    twin = opened()
    twin.say("RING")
    twin.wait(10)
    twin.order(PART)
    assert "TextFailed job=m000001/1/1 why=line busy again=True sure=True busy=True" in twin.told()
