"""E5: at the start the modem is asked what it holds; the journal's call is taken up, any other is ended, and no text goes into a stream."""

import random

import pytest

from appliance.hw.dialect import HangUp, Kept, SoundResume, SoundStart
from tests.support.hw_twin import WIRES, Twin, Wire

IN = '1,1,0,0,0,"13800138000",161'
OUT = '3,0,0,0,0,"13900139000",129'


def started(family: str, kept: Kept, clcc: str = "", wire: Wire = WIRES["whole"]) -> Twin:
    twin = Twin(family, wire)
    twin.dialect.kept, twin.clcc = kept, clcc
    twin.dialect.found(twin.now)
    twin._collect()
    return twin


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(("incoming", "clcc"), [(True, IN), (False, OUT)])
def test_a_module_that_holds_the_journals_call_has_its_sound_again_within_half_a_second(wire: str, incoming: bool, clcc: str) -> None:
    twin = started("sim7600", Kept(incoming=incoming, number="13800138000" if incoming else None), clcc, WIRES[wire])
    twin.wait(1_200 if wire == "late" else 500)
    assert twin.told() == [f"LineTakenUp incoming={incoming}", "LineSoundOn"]
    assert twin.sounds == [SoundStart("signed16")]
    assert not {"ATH", "AT+CHUP", "ATE0"} & set(twin.sent), "the call is not disturbed by the set-up"


@pytest.mark.parametrize(
    ("kept", "clcc"),
    [
        (Kept(incoming=True, number="13800138000"), '1,1,0,0,0,"13911112222",161'),  # another caller
        (Kept(incoming=True), OUT),  # the other way round
        (Kept(incoming=False), '2,0,3,0,0,"13900139000",129'),  # it only rings there: dialled again by who wants it
    ],
)
def test_a_call_that_is_not_the_journals_is_ended(kept: Kept, clcc: str) -> None:
    twin = started("sim7600", kept, clcc)
    twin.wait_until(lambda: "AT+CHUP" in twin.sent)
    twin.clcc = ""
    twin.wait(8_000)
    assert twin.told() == ["LineIdle"]


def test_a_module_that_lists_no_call_any_more_is_set_up_and_idle() -> None:
    twin = started("sim7600", Kept(incoming=True))
    twin.wait(8_000)
    assert twin.told() == ["LineIdle"] and "AT+CHUP" not in twin.sent


def test_a_call_that_still_rings_is_left_ringing() -> None:
    twin = started("sim7600", Kept(incoming=True, up=False), '1,1,4,0,0,"13800138000",161')
    twin.wait(8_000)
    twin.say("RING")
    twin.wait(100)
    assert twin.told() == ["LineIdle", "LineRinging ring=1"] and "AT+CHUP" not in twin.sent


def test_a_call_that_was_being_answered_when_the_box_ended_is_taken_up_when_it_is_up() -> None:
    twin = started("sim7600", Kept(incoming=True, up=False), '1,1,4,0,0,"13800138000",161', WIRES["late"])
    twin.wait_until(lambda: "AT+CPIN?" in twin.sent)
    twin.clcc = IN
    twin.wait(2_000)
    assert twin.told() == ["LineTakenUp incoming=True", "LineSoundOn"] and "AT+CHUP" not in twin.sent


def test_sound_that_is_on_and_refuses_to_be_switched_on_again_is_switched_off_first() -> None:
    twin = started("sim7600", Kept(incoming=True), IN)
    twin.answers["AT+CPCMREG=1"] = ("ERROR",)
    twin.wait_until(lambda: "AT+CPCMREG=0" in twin.sent)
    twin.answers["AT+CPCMREG=1"] = ("OK",)
    twin.wait(1_000)
    assert twin.told()[-1] == "LineSoundOn"


@pytest.mark.parametrize("family", ["sim7600", "v253"])
def test_when_the_call_is_over_the_modem_is_set_up_as_at_any_start(family: str) -> None:
    twin = started(family, Kept(incoming=True, encoding="ulaw"), IN)
    if family == "v253":
        streams(twin, 400)
    else:
        twin.wait(400)
    twin.clcc, twin.streaming = "", family == "v253"
    twin.order(HangUp())
    twin.wait(10_000)
    assert twin.kinds()[-2:] == ["LineHungUp", "LineIdle"] and "ATE0" in twin.sent
    twin.facts.clear()
    twin.say("RING")
    twin.wait(10)
    assert twin.kinds() == ["LineRinging"], "and takes the next call"


def streams(twin: Twin, ms: int, a_ms: int = 8) -> None:
    """The modem's voice stream goes on as it did."""
    chance = random.Random(1)
    for _ in range(ms // 20):
        twin.put(bytes(chance.choice(b"ATOK\r\n\x7f\xff\x55") for _ in range(20 * a_ms)))
        twin.wait(20)


@pytest.mark.parametrize("incoming", [True, False])
def test_a_voice_stream_goes_on_in_place_and_not_a_byte_of_text_is_sent_into_it(incoming: bool) -> None:
    twin = started("v253", Kept(incoming=incoming, encoding="alaw"))
    streams(twin, 400)
    assert twin.told() == [f"LineTakenUp incoming={incoming}", "LineSoundOn"]
    assert twin.sounds == [SoundResume("alaw")] and twin.sent == []


def test_what_the_port_held_while_nobody_read_is_no_stream() -> None:
    twin = started("v253", Kept(incoming=True, encoding="ulaw"))
    twin.put(bytes(4096))
    twin.wait(10_000)
    assert twin.told() == ["LineIdle"]


def test_a_line_that_went_off_hook_just_before_the_end_gets_its_stream_now() -> None:
    twin = started("v253", Kept(incoming=True, up=False, encoding="ulaw"))
    twin.answers["AT+VLS?"] = ("1", "OK")
    twin.wait(1_000)
    assert twin.told() == ["LineTakenUp incoming=True", "LineSoundOn"] and twin.sent == ["AT+VLS?", "AT+VTR"]


def test_a_line_whose_stream_has_ended_is_put_on_hook() -> None:
    twin = started("v253", Kept(incoming=True, encoding="ulaw"))
    twin.put(b"\x10b\x10b")
    twin.wait(10_000)
    assert twin.told() == ["LineIdle"] and "ATH" in twin.sent


def test_a_stream_that_the_journal_knows_nothing_of_is_ended() -> None:
    twin = Twin("v253")
    twin.dialect.found(twin.now)
    twin._collect()
    twin.wait(10_000)
    assert twin.told() == ["LineIdle"] and twin.sent[0].startswith("raw")


def test_a_stream_of_two_bytes_a_sample_is_begun_anew_without_hanging_up() -> None:
    twin = started("v253", Kept(incoming=True, encoding="signed16"))
    twin.streaming = True
    streams(twin, 320, a_ms=16)
    twin.wait(2_000)
    assert twin.told() == ["LineTakenUp incoming=True", "LineSoundOn"]
    assert twin.sent[-1] == "AT+VTR" and not {"ATH", "AT+VLS=0"} & set(twin.sent)
    assert [type(order) for order in twin.sounds][-1] is SoundStart
