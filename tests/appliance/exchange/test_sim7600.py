"""The simulated SIM7600, judged by what serial-lines' transcripts say; virtual time throughout (A1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.exchange.calls import FarEnd
from appliance.exchange.tones import endless, peaks
from tests.support.exchange_bench import CALLER, Bench, lines, sine_bytes


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "sim7600")
    made.type("ATE0")
    made.type("AT+CLIP=1")
    made.type("AT+CLCC=1")
    yield made
    made.close()


def talking(bench: Bench, **behaviour: Any) -> None:
    bench.ring(**behaviour)
    bench.wait(100)
    bench.type("ATA", 500)
    assert bench.type("AT+CPCMREG=1") == b"\r\nOK\r\n"


def test_echo_is_on_at_first_and_goes_with_ate0(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "sim7600")
    assert bench.type("AT") == b"AT\r\r\nOK\r\n"
    assert bench.type("ATE0") == b"ATE0\r\r\nOK\r\n"
    assert bench.type("AT") == b"\r\nOK\r\n"
    bench.close()


def test_what_the_module_does_not_know_is_an_error(bench: Bench) -> None:
    for unknown in ("AT+NONSENSE", "AT+QPCMV?", "AT^DDSETEX=2", "AT+VTX", "AT+FCLASS=8", "AT+CLIP=7", "ATB9", "AT+CLIP?x"):
        assert lines(bench.type(unknown))[-1].endswith(("ERROR", "Incorrect parameters")), unknown
    assert bench.type("At") == b""
    assert bench.type("hello") == b""


def test_the_form_of_an_error_follows_cmee(bench: Bench) -> None:
    assert lines(bench.type("AT+CLIP=7")) == ["+CME ERROR: Incorrect parameters"]
    bench.type("AT+CMEE=1")
    assert lines(bench.type("AT+CLIP=7")) == ["+CME ERROR: 50"]
    bench.type("AT+CMEE=0")
    assert lines(bench.type("AT+CLIP=7")) == ["ERROR"]


def test_commands_of_one_line_are_done_in_order_until_one_fails(bench: Bench) -> None:
    assert lines(bench.type("AT+CMEE=1;+CLVL=5;+CLVL?")) == ["+CLVL: 5", "OK"]
    assert lines(bench.type("AT+CLVL=1;+CLVL=99;+CLVL=3")) == ["+CME ERROR: 50"]
    assert lines(bench.type("AT+CLVL?")) == ["+CLVL: 1", "OK"]


def test_numbers_instead_of_words_with_v0(bench: Bench) -> None:
    bench.type("ATV0")
    assert bench.type("AT") == b"0\r"
    assert bench.type("AT+CSQ") == b"+CSQ: 23,99\r\n0\r"


def test_an_incoming_call_tells_ring_state_and_caller_every_five_seconds(bench: Bench) -> None:
    bench.command = b""
    bench.ring()
    bench.wait(100)
    first = ["RING", f'+CLCC: 1,1,4,0,0,"{CALLER}",161', f'+CLIP: "{CALLER}",161,,,,0']
    assert lines(bench.command) == first
    bench.wait(4850)
    assert lines(bench.command) == first
    bench.wait(100)
    assert lines(bench.command) == [*first, "RING", first[2]]


@pytest.mark.parametrize(("caller", "clip"), [("", '+CLIP: "",128,,,,1'), ("+8613900000000", '+CLIP: "+8613900000000",145,,,,0')])
def test_withheld_and_international_callers(bench: Bench, caller: str, clip: str) -> None:
    bench.command = b""
    bench.ring(caller)
    bench.wait(100)
    assert clip in lines(bench.command)


def test_answering_tells_begin_before_ok_and_active_after(bench: Bench) -> None:
    call = bench.ring()
    bench.wait(100)
    assert lines(bench.type("ATA", 500)) == ["VOICE CALL: BEGIN", "OK", f'+CLCC: 1,1,0,0,0,"{CALLER}",161']
    assert call.state == "connected"


def test_answering_nothing_is_no_carrier(bench: Bench) -> None:
    assert lines(bench.type("ATA")) == ["NO CARRIER"]


def test_a_byte_typed_while_it_answers_aborts_the_call(bench: Bench) -> None:
    call = bench.ring()
    bench.wait(100)
    bench.type("ATA", 200)
    assert "NO CARRIER" in lines(bench.type("AT", 50))
    assert call.state != "connected"


def test_sound_is_refused_outside_a_call_and_right_at_its_begin(bench: Bench) -> None:
    assert lines(bench.type("AT+CPCMREG=1")) == ["ERROR"]
    bench.ring()
    bench.wait(100)
    bench.type("ATA", 330)
    assert lines(bench.type("AT+CPCMREG=1"))[0] == "ERROR"
    bench.wait(100)
    assert lines(bench.type("AT+CPCMREG=1")) == ["OK"]
    assert bench.wait(200)
    bench.type("AT+CHUP", 200)
    assert not bench.wait(200)
    assert lines(bench.type("AT+CPCMREG?")) == ["+CPCMREG: 0", "OK"]


def test_each_hears_the_other_and_nothing_of_itself(bench: Bench) -> None:
    talking(bench, says=endless(620))
    call = next(iter(bench.network.calls.values()))
    sent = 0

    def write_per_read(new: bytes) -> bytes:
        nonlocal sent
        sent += len(new) // 2
        return sine_bytes(1130, sent - len(new) // 2, len(new) // 2)

    got = np.frombuffer(bench.wait(3000, write_per_read), "<i2")
    assert peaks(got[8000:16000]) == [(620.0, -13.0)]
    told = call.told(bench.now)["heard"]
    assert isinstance(told, dict)
    assert [tone["hz"] for tone in told["tones"]] == [1130.0]
    assert told["longest_gap_ms"] == 0


def test_hanging_up_is_told_in_hours_minutes_seconds_before_the_ok(bench: Bench) -> None:
    talking(bench)
    bench.wait(65_000)
    assert lines(bench.type("AT+CHUP")) == [f'+CLCC: 1,1,6,0,0,"{CALLER}",161', "VOICE CALL: END: 000105", "OK"]
    assert lines(bench.type("AT+CLCC")) == ["OK"]


def test_ath_ends_a_voice_call_only_with_cvhu_0(bench: Bench) -> None:
    talking(bench)
    call = next(iter(bench.network.calls.values()))
    assert lines(bench.type("ATH")) == ["OK"]
    assert call.live
    bench.type("AT+CVHU=0")
    bench.type("ATH")
    assert call.state == "ended"


def test_a_far_hang_up_tells_end_and_then_no_carrier(bench: Bench) -> None:
    talking(bench)
    call = next(iter(bench.network.calls.values()))
    bench.command = b""
    bench.network.hang_up(call, bench.now)
    bench.wait(100)
    told = lines(bench.command)
    assert told[0].startswith("+CLCC: 1,1,6")
    assert told[1:] == ["VOICE CALL: END: 000000", "NO CARRIER"]


def test_a_caller_who_gives_up_is_a_missed_call_and_rings_no_more(bench: Bench) -> None:
    call = bench.ring()
    bench.wait(6000)
    bench.command = b""
    bench.network.hang_up(call, bench.now)
    bench.wait(10_000)
    assert [line.split(":")[0] for line in lines(bench.command)] == ["+CLCC", "MISSED_CALL"]
    assert lines(bench.command)[1].endswith(CALLER)


def test_an_outgoing_call_from_dialling_to_talking(bench: Bench) -> None:
    bench.network.phones["8001"] = FarEnd(answers_after_ms=1000)
    assert lines(bench.type("ATD8001;", 200)) == ["OK", '+CLCC: 1,0,2,0,0,"8001",161']
    bench.command = b""
    bench.wait(2000)
    assert lines(bench.command) == ['+CLCC: 1,0,3,0,0,"8001",161', "VOICE CALL: BEGIN", '+CLCC: 1,0,0,0,0,"8001",161']


@pytest.mark.parametrize(
    ("phone", "final", "state"),
    [(FarEnd(busy=True), "BUSY", "busy"), (None, "NO CARRIER", "ended"), (FarEnd(answers_after_ms=None), "NO ANSWER", "no_answer")],
)
def test_an_outgoing_call_that_fails(bench: Bench, phone: FarEnd | None, final: str, state: str) -> None:
    if phone is not None:
        bench.network.phones["8001"] = phone
    bench.type("ATD8001;", 200)
    bench.wait(62_000)
    assert lines(bench.command)[-1] == final
    assert next(iter(bench.network.calls.values())).state == state
    assert bench.trunk.free


def test_the_ids_of_calls_do_not_start_at_one_again(bench: Bench) -> None:
    for _ in range(2):
        bench.ring()
        bench.wait(100)
        bench.type("AT+CHUP")
    bench.command = b""
    bench.ring()
    bench.wait(100)
    assert '+CLCC: 3,1,4,0,0,"' in bench.command.decode()


def test_keys_of_the_far_end_come_as_codes_with_two_carriage_returns(bench: Bench) -> None:
    bench.type("AT+DDET=1")
    talking(bench, keys="1,5")
    bench.command = b""
    bench.wait(9500)
    assert bench.command == b"\r\r\n+RXDTMF: 1\r\r\n\r\r\n+RXDTMF: 5\r\r\n"


def test_vts_is_heard_as_a_key_and_refused_without_a_call(bench: Bench) -> None:
    assert lines(bench.type("AT+VTS=5")) == ["+CME ERROR: operation not allowed"]
    talking(bench)
    for key in "5#":
        bench.type(f"AT+VTS={key}", 300)
    assert next(iter(bench.network.calls.values())).ear.keys == "5#"


def test_a_second_caller_finds_the_line_busy(bench: Bench) -> None:
    bench.ring()
    assert bench.ring("13700000000").state == "busy"


def test_a_message_is_sent_after_the_prompt(bench: Bench) -> None:
    assert bench.type("AT+CMGS=15", 50) == b"\r\n> "
    bench.trunk.feed(b"0011000581018 0F60008A7044F60597D".replace(b" ", b"") + b"\x1a", bench.now)
    bench.wait(1500)
    assert lines(bench.command)[-2:] == ["+CMGS: 1", "OK"]
    assert bench.messages == [("10086", "你好")]


def test_a_message_of_the_wrong_length_is_refused_and_escape_sends_nothing(bench: Bench) -> None:
    bench.type("AT+CMGS=14", 50)
    bench.trunk.feed(b"00110005810180F60008A7044F60597D\x1a", bench.now)
    bench.wait(1500)
    assert lines(bench.command)[-1] == "+CMS ERROR: 304"
    bench.type("AT+CMGS=14", 50)
    bench.trunk.feed(b"0011\x1b", bench.now)
    assert lines(bench.command)[-1] == "OK"
    assert bench.messages == []


def test_a_reset_takes_the_ports_away_ends_the_call_and_forgets_the_settings(bench: Bench) -> None:
    powered: list[bool] = []
    bench.trunk.on_power = powered.append
    talking(bench)
    bench.type("AT+CRESET", 500)
    assert powered == [False]
    assert next(iter(bench.network.calls.values())).state == "ended"
    bench.command = b""
    bench.wait(14_000)
    assert powered == [False, True]
    assert lines(bench.command) == ["*ATREADY: 1", "+CPIN: READY", "SMS DONE", "PB DONE"]
    assert bench.type("AT") == b"AT\r\r\nOK\r\n"


def test_a_message_in_seven_bits_is_read_too(bench: Bench) -> None:
    """ "Hi {x}" packed by hand: H i blank ESC ( x ESC )."""
    septets = [0x48, 0x69, 0x20, 0x1B, 0x28, 0x78, 0x1B, 0x29]
    held = sum(code << 7 * at for at, code in enumerate(septets))
    pdu = bytes.fromhex("0011000B913119325476F80000A708") + held.to_bytes(7, "little")
    bench.type(f"AT+CMGS={len(pdu) - 1}", 50)
    bench.trunk.feed(pdu.hex().upper().encode() + b"\x1a", bench.now)
    bench.wait(1500)
    assert bench.messages == [("+13912345678", "Hi {x}")]
