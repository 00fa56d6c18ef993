"""Modems that are slow, silent, broken, gone; orders that come at a bad time (A1, E5)."""

import random

import pytest

from appliance.hw.dialect import Answer, Dial, Disable, Enable, HangUp, SendDigit
from tests.support.hw_twin import Twin

FAMILIES = ("sim7600", "v253")


def opened(family: str, **profile: object) -> Twin:
    twin = Twin(family, **profile)
    twin.open()
    twin.facts.clear()
    return twin


@pytest.mark.parametrize("family", FAMILIES)
def test_a_megabyte_of_random_bytes_is_survived_in_bounded_memory(family: str) -> None:
    twin = opened(family)
    chance = random.Random(7)
    for _ in range(1024):
        twin.dialect.feed(chance.randbytes(1024), twin.now)
        twin.wait(1)
    assert len(twin.dialect._parser._rest) <= 2048
    twin.wait(200_000)
    assert twin.dialect.mood == "idle"
    assert "LineRinging" not in twin.kinds()  # of two bytes each, some <DLE>R are among them
    twin.facts.clear()
    twin.say("RING")
    twin.wait(10)
    assert twin.kinds() == ["LineRinging"]


def test_a_busy_tones_two_bytes_in_the_midst_of_noise_end_no_call() -> None:
    twin = opened("v253")
    twin.say("RING")
    twin.wait(10)
    twin.dialect.feed(bytes(range(0x80, 0xF0)), twin.now)
    twin.order(Answer())
    twin.dialect.feed(b"\x10b", twin.now)
    twin.wait(10)
    assert "LineHungUp" not in twin.kinds()


def test_the_first_ring_after_noise_that_is_over_is_taken_though_it_is_two_bytes_alone() -> None:
    twin = opened("v253")
    twin.dialect.feed(bytes(range(0x80, 0xF0)), twin.now)
    twin.wait(5_000)
    twin.facts.clear()
    twin.put(b"\x10R")
    twin.wait(10)
    assert "LineRinging" in twin.kinds()


@pytest.mark.parametrize("family", FAMILIES)
def test_garbage_that_goes_on_is_named_as_such(family: str) -> None:
    twin = opened(family)
    for _ in range(60):
        twin.put(bytes(range(0x80, 0xC0)) * 4)
        twin.wait(100)
    assert any("garbage" in text for text in twin.told())
    twin.wait(120_000)
    assert twin.told()[-1] == "LineIdle"


@pytest.mark.parametrize(
    ("family", "what"),
    [*((family, b"$GPGGA,092750.000,5321.6802,N\r\n") for family in FAMILIES), ("v253", b"\x10Q\x10~")],
)
def test_more_text_than_a_modem_can_say_is_garbage_too(family: str, what: bytes) -> None:
    twin = opened(family)
    for _ in range(60):
        twin.put(what * (20_000 // len(what)))
        twin.wait(100)
    assert any("garbage" in text for text in twin.told())
    twin.wait(120_000)
    assert twin.told()[-1] == "LineIdle"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_ring_in_a_stream_of_text_does_not_keep_it_from_being_garbage(family: str) -> None:
    twin = opened(family)
    twin.put(b"\r\nRING\r\n")
    twin.wait(100)
    assert any("LineRinging" in text for text in twin.told())
    for _ in range(60):
        twin.put(b"\r\nRING\r\n" + b"+MORE: 1,2,3\r\n" * 1_400)
        twin.wait(100)
    assert any("garbage" in text for text in twin.told())
    assert any("LineHungUp" in text for text in twin.told())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_burst_of_text_of_a_second_or_a_long_stream_at_serial_speed_is_none(family: str) -> None:
    twin = opened(family)
    for at_once, times in ((500_000, 1), (1_152, 100)):
        for _ in range(times):
            twin.put(b"+MORE: 1,2,3\r\n" * (at_once // 14))
            twin.wait(100)
        twin.wait(5_000)
    assert not any("garbage" in text for text in twin.told())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_silent_modem_is_a_fault_said_once_and_comes_back(family: str) -> None:
    twin = opened(family)
    twin.silent = True
    twin.wait(120_000)
    assert twin.kinds() == ["LineFault"]
    twin.silent = False
    twin.wait(60_000)
    assert twin.kinds() == ["LineFault", "LineIdle"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_modem_that_dies_in_a_call_ends_it_once(family: str) -> None:
    twin = opened(family)
    twin.say("RING")
    twin.wait(6_000)
    twin.answers["ATA"] = ("OK",)
    twin.order(Answer())
    twin.wait(1_000)
    twin.silent = True
    twin.order(HangUp())
    twin.wait(300_000)
    assert twin.kinds().count("LineHungUp") == 1
    assert "LineFault" in twin.kinds()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_port_that_vanishes_loses_its_call_once_and_returns(family: str) -> None:
    twin = opened(family)
    twin.say("RING")
    twin.wait(200)
    twin._set("lost")
    assert twin.told()[-2] == "LineHungUp by=lost"
    assert twin.told()[-1].startswith("LineFault why=the port is gone")
    twin._set("lost")
    twin.wait(5_000)
    assert twin.kinds().count("LineFault") == 1
    twin._set("found")
    twin.wait(10_000)
    assert twin.told()[-1] == "LineIdle"


def test_a_command_without_an_answer_is_given_up_and_its_late_answer_credited_to_nobody() -> None:
    twin = opened("sim7600")
    twin.answers["AT+VTS=5"] = ()
    twin.say("RING")
    twin.wait(10)
    twin.answers["ATA"] = ("OK",)
    twin.clcc = '1,1,0,0,0,"138",161'
    twin.order(Answer())
    twin.wait(600)
    assert "LineSoundOn" in twin.kinds()
    twin.order(SendDigit("5"))
    twin.wait(2_050)
    twin.say("ERROR")  # late, while the modem is brought back in step
    twin.wait(3_000)
    at = len(twin.sent)
    twin.order(HangUp())
    twin.clcc = ""
    twin.wait(100)
    assert "AT+CHUP" in twin.sent[at:]
    assert twin.told()[-2:] == ["LineHungUp by=us", "LineIdle"]


def test_a_call_found_at_the_start_is_ended_and_one_that_rings_is_taken() -> None:
    twin = Twin("sim7600")
    twin.clcc = '2,1,0,0,0,"13800138000",161'
    twin.dialect.found(twin.now)
    twin.wait_until(lambda: "AT+CHUP" in twin.sent)
    twin.clcc = ""
    twin.wait(8_000)
    assert twin.told() == ["LineIdle"]
    ringing = Twin("sim7600")
    ringing.clcc = '1,1,4,0,0,"13800138000",161'
    ringing.open()
    ringing.say("RING")
    ringing.wait(10)
    assert "AT+CHUP" not in ringing.sent
    assert ringing.kinds() == ["LineIdle", "LineRinging"]


def test_a_v253_line_is_taken_out_of_a_stream_and_on_hook_before_anything_else() -> None:
    twin = Twin("v253")
    twin.open()
    assert twin.sent[0].startswith("raw 00 10 18 10 03 10 5e 10 21")
    assert twin.sent.index("ATH") < twin.sent.index("AT+FCLASS=8")
    assert twin.sent[-1] == "AT+VLS=0"


@pytest.mark.parametrize(
    ("answer", "command", "encoding"),
    [
        (('128,"8-BIT LINEAR",8,0,8000,0,0', "OK"), "AT+VSM=128,8000", "unsigned8"),
        (('129,"IMA ADPCM",4,0,8000,0,0', '131,"ULAW",8,0,(7200-11025),0,0', '132,"ALAW",8,0,8000', "OK"), "AT+VSM=131,8000", "ulaw"),
        (('4,"G.711U",8,0,7200,0,0', '5,"G.711A",8,0,8000,0,0', "OK"), "AT+VSM=5,8000", "alaw"),
        (('+VSM: 0,"SIGNED PCM",8,0,8000', '+VSM: 133,"LINEAR",16,0,8000', "OK"), "AT+VSM=133,8000", "signed16"),
    ],
)
def test_the_sound_format_is_chosen_by_name_and_bits(answer: tuple[str, ...], command: str, encoding: str) -> None:
    twin = Twin("v253")
    twin.answers["AT+VSM=?"] = answer
    twin.open()
    assert command in twin.sent
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(100)
    assert [getattr(order, "encoding", "") for order in twin.sounds] == [encoding]


def test_a_modem_without_a_known_format_or_voice_mode_says_so() -> None:
    for command, word in (("AT+VSM=?", "sound format"), ("AT+FCLASS=8", "voice mode")):
        twin = Twin("v253")
        twin.answers[command] = ("ERROR",)
        twin.open()
        assert word in twin.told()[-1]


def test_the_line_position_is_found_by_its_string() -> None:
    twin = Twin("v253")
    twin.answers["AT+VLS=?"] = ('0,""', '1,"H"', '4,"T",0B,0F,0B', "OK")
    twin.open()
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(10)
    assert "AT+VLS=4" in twin.sent


def test_a_stream_end_that_is_missed_is_said_in_the_triple_form() -> None:
    twin = opened("v253")
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(100)
    twin.streaming = False  # deaf to the single form
    twin.order(HangUp())
    twin.wait(1_100)
    assert twin.sent[-1] == "raw 10 10 10 5e"
    twin.wait(10_000)
    assert twin.told()[-2:] == ["LineHungUp by=us", "LineIdle"]


def test_sound_that_is_refused_for_12_s_ends_the_call_and_restarts_the_module() -> None:
    twin = opened("sim7600")
    twin.answers["AT+CPCMREG=1"] = ("ERROR",)
    twin.answers["ATA"] = ("OK",)
    twin.clcc = '1,1,0,0,0,"138",161'
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(11_000)
    assert twin.kinds()[-1] == "LineAnswered"
    twin.answers["AT+CHUP"] = ("OK",)
    twin.wait_until(lambda: "AT+CHUP" in twin.sent)
    twin.clcc = ""
    twin.wait_until(lambda: "AT+CRESET" in twin.sent)
    assert "LineHungUp by=lost" in twin.told()
    assert any("sound" in text for text in twin.told() if text.startswith("LineFault"))
    twin.wait(30_000)
    assert twin.told()[-1] == "LineIdle"


@pytest.mark.parametrize("needed", [False, True])
def test_sound_that_had_to_be_asked_for_twice_restarts_the_module_after_the_call_where_the_line_says_so(needed: bool) -> None:
    twin = opened("sim7600", reset_after_audio_trouble=needed)
    twin.play("sim7600-incoming", strict=False)
    twin.wait(30_000)
    assert ("AT+CRESET" in twin.sent) is needed


def test_a_silent_end_is_found_by_asking() -> None:
    twin = opened("sim7600")
    twin.answers["ATA"] = ("OK",)
    twin.say("RING")
    twin.wait(10)
    twin.clcc = '1,1,0,0,0,"138",161'
    twin.order(Answer())
    twin.wait(60_000)
    assert "LineHungUp" not in twin.kinds()
    twin.clcc = ""
    twin.wait(6_000)
    assert twin.told()[-2:] == ["LineHungUp by=far", "LineIdle"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_disabled_line_takes_and_makes_no_call(family: str) -> None:
    twin = opened(family)
    twin.order(Disable())
    twin.say("RING")
    twin.wait(20_000)
    twin.order(Dial("13800138000"))
    twin.wait(1_000)
    assert twin.told() == ["LineDisabled", "LineHungUp by=refused"]
    twin.order(Enable())
    twin.say("RING")
    twin.wait(100)
    assert twin.kinds()[-3:] == ["LineEnabled", "LineIdle", "LineRinging"]


def test_disabling_in_a_call_lets_it_end_first() -> None:
    twin = opened("v253")
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(1_000)
    twin.order(Disable())
    twin.wait(1_000)
    assert "LineDisabled" not in twin.kinds()
    twin.order(HangUp())
    twin.wait(1_000)
    assert twin.kinds()[-2:] == ["LineHungUp", "LineDisabled"]


def test_a_line_taken_out_of_service_and_back_in_one_call_never_left_it() -> None:
    twin = opened("v253")
    twin.say("RING")
    twin.wait(10)
    twin.order(Answer())
    twin.wait(1_000)
    before = twin.kinds()
    twin.order(Disable())
    twin.order(Enable())
    twin.wait(1_000)
    assert twin.kinds() == before
    twin.order(HangUp())
    twin.wait(1_000)
    assert twin.kinds()[-2:] == ["LineHungUp", "LineIdle"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("number", ["", "138;+CHUP", "13800\r138", "1" * 40, "abc"])
def test_a_number_that_is_none_is_refused_and_never_written(family: str, number: str) -> None:
    twin = opened(family)
    sent = len(twin.sent)
    twin.order(Dial(number))
    twin.wait(100)
    assert twin.told() == ["LineHungUp by=refused"]
    assert not any("D" in text for text in twin.sent[sent:])


@pytest.mark.parametrize("family", FAMILIES)
def test_dialling_into_a_ring_is_dropped_and_the_ring_stays(family: str) -> None:
    twin = opened(family)
    twin.say("RING")
    twin.wait(10)
    twin.order(Dial("13800138000"))
    twin.wait(100)
    assert twin.told() == ["LineRinging ring=1"]


def test_a_missing_sim_card_is_named_and_noticed_when_it_is_back() -> None:
    twin = Twin("sim7600")
    twin.answers["AT+CPIN?"] = ("+CME ERROR: 10",)
    twin.open()
    assert "SIM" in twin.told()[-1]
    twin.answers["AT+CPIN?"] = ("+CPIN: READY", "OK")
    twin.wait(15_000)
    assert twin.told()[-1] == "LineIdle"


def test_a_lost_network_is_an_alarm_after_a_minute() -> None:
    twin = opened("sim7600")
    twin.answers["AT+CREG?"] = ("+CREG: 2,2", "OK")
    twin.say("+CREG: 2")
    twin.wait(55_000)
    assert twin.told() == []
    twin.wait(10_000)
    assert "network" in twin.told()[-1]
    twin.answers["AT+CREG?"] = ("+CREG: 2,1", "OK")
    twin.wait(5_000)
    assert twin.told()[-1] == "LineIdle"


def test_two_quick_presses_of_one_key_are_two_whichever_ear_hears_them() -> None:
    for ears in (("modem",), ("box",), ("modem", "box")):
        twin = opened("sim7600")
        twin.answers["ATA"] = ("OK",)
        twin.clcc = '1,1,0,0,0,"138",161'
        twin.say("RING")
        twin.wait(10)
        twin.order(Answer())
        twin.wait(1_000)
        for _ in range(2):
            if "modem" in ears:
                twin.say("+RXDTMF: 5")
            twin.wait(60)
            if "box" in ears:
                twin.ear("key:5")
            twin.wait(140)
        assert twin.kinds().count("DigitHeard") == 2


def test_signal_and_operator_are_told_when_they_change() -> None:
    twin = Twin("sim7600")
    twin.open()
    twin.wait(60_000)
    found = [(fact.operator, fact.signal_dbm) for fact in twin.facts if type(fact).__name__ == "LineQuality"]
    assert found[-1] == ("CHINA MOBILE", -73)
    assert len(found) <= 2


def test_a_modem_that_never_gets_ready_says_so_within_the_time_the_box_has() -> None:
    for command, answer in (("AT+CPIN?", ("+CME ERROR: 14",)), ("AT+CMEE=1", ()), ("AT+CREG?", ("+CREG: 2,2", "OK"))):
        twin = Twin("sim7600")
        twin.answers[command] = answer
        if command == "AT+CMEE=1":
            twin.answers.update(dict.fromkeys(("ATS0=0", "AT+CREG=2", "AT+CLIP=1"), ()))
        twin.dialect.found(twin.now)
        twin.wait(19_000)
        assert twin.kinds() == ["LineFault"], command
        twin.answers[command] = ("OK",) if command != "AT+CREG?" else ("+CREG: 2,1", "OK")
        twin.wait(60_000)
        assert twin.kinds() == ["LineFault", "LineIdle"], command


def talking(family: str) -> Twin:
    twin = opened(family)
    twin.say("RING")
    twin.wait(10)
    twin.answers["ATA"] = ("OK",)
    twin.clcc = '1,1,0,0,0,"138",161'
    twin.order(Answer())
    twin.wait(2_500)
    assert "LineSoundOn" in twin.kinds()
    twin.facts.clear()
    return twin


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("heard", "direction"), [("no_sound", "from"), ("sound_not_taken", "to")])
def test_a_dead_direction_of_a_calls_sound_is_told_once_and_its_return_too(family: str, heard: str, direction: str) -> None:
    twin = talking(family)
    for _ in range(4):
        twin.dialect.heard(heard, twin.now)
        twin.wait(2_100)
    twin.dialect.heard("sound_again", twin.now)
    twin.dialect.heard("sound_again", twin.now)
    twin._collect()
    told = [fact for fact in twin.facts if type(fact).__name__.startswith("LineSound")]
    assert [type(fact).__name__ for fact in told] == ["LineSoundMissing", "LineSoundBack"]
    assert told[0].direction == direction  # type: ignore[attr-defined]


def test_a_modules_dead_sound_is_switched_off_and_on_within_the_call_twice_at_most() -> None:
    twin = talking("sim7600")
    twin.sent.clear()
    for _ in range(5):
        twin.dialect.heard("no_sound", twin.now)
        twin.wait(2_100)
    commands = [line for line in twin.sent if "CPCMREG" in line]
    assert commands == ["AT+CPCMREG=0", "AT+CPCMREG=1"] * 2
    assert twin.dialect.mood == "call"
    assert "LineHungUp" not in twin.kinds()


def test_after_a_call_a_dead_sound_is_forgotten() -> None:
    twin = talking("sim7600")
    twin.dialect.heard("no_sound", twin.now)
    twin.wait(1_000)
    twin.order(HangUp())
    twin.wait(5_000)
    twin.facts.clear()
    twin.dialect.heard("sound_again", twin.now)
    twin._collect()
    assert "LineSoundBack" not in twin.kinds()
