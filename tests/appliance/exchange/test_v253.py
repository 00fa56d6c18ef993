"""The simulated V.253 modem, judged by what serial-lines says; virtual time throughout (A1)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.exchange._pace import encoded
from appliance.exchange.calls import FarEnd
from appliance.exchange.tones import endless, peaks, sine
from tests.support.exchange_bench import CALLER, Bench, lines


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "v253")
    for text in ("ATE0", "AT+VCID=1", "AT+FCLASS=8", "AT+VSM=4,8000"):
        assert lines(made.type(text))[-1] == "OK"
    yield made
    made.close()


def events(data: bytes) -> list[bytes]:
    return [code for code in re.findall(rb"\x10(.)", data, re.DOTALL) if code != b"\x10"]


def unshielded(data: bytes) -> bytes:
    return re.sub(rb"\x10(.)", lambda m: b"\x10" if m[1] == b"\x10" else b"", data, flags=re.DOTALL)


def talking(bench: Bench, **behaviour: Any) -> None:
    bench.ring(**behaviour)
    bench.wait(2000)
    bench.type("AT+VLS=1", 400)
    assert b"\r\nCONNECT\r\n" in bench.type("AT+VTR", 150)
    bench.command = b""


def test_the_caller_is_told_between_the_first_and_the_second_ring(bench: Bench) -> None:
    bench.command = b""
    bench.ring()
    bench.wait(1500)
    assert lines(bench.command) == ["RING"]
    bench.wait(500)
    assert lines(bench.command) == ["RING", "DATE = 0705", "TIME = 1405", f"NMBR = {CALLER}"]
    bench.wait(3100)
    assert lines(bench.command)[4:] == ["RING"]


def test_answering_at_the_first_ring_loses_the_caller(bench: Bench) -> None:
    bench.ring()
    bench.wait(300)
    assert "NMBR" not in bench.type("AT+VLS=1", 3000).decode()


def test_no_caller_without_vcid_and_a_private_one_is_p(bench: Bench) -> None:
    bench.ring("")
    bench.wait(2000)
    assert lines(bench.command)[-1] == "NMBR = P"
    bench.type("AT+VLS=1", 400)
    bench.type("AT+VLS=0", 400)
    bench.type("AT+VCID=0")
    bench.command = b""
    bench.ring()
    bench.wait(2000)
    assert lines(bench.command) == ["RING"]


def test_the_hexadecimal_caller_id_has_its_checksum(bench: Bench) -> None:
    bench.type("AT+VCID=2")
    bench.ring("13800138000")
    bench.wait(2000)
    assert "MESG = 80170108303730353134303502" + "0B313338303031333830303095" in lines(bench.command)


def test_voice_commands_are_errors_outside_voice_mode(bench: Bench) -> None:
    bench.type("AT+FCLASS=0", 20)
    for text in ("AT+VSM=4,8000", "AT+VLS=1", "AT+VTR", "AT+VTX", "AT+VTS=5", "AT+VGR=128"):
        assert lines(bench.type(text)) == ["ERROR"], text


def test_what_the_modem_does_not_know_is_an_error(bench: Bench) -> None:
    for text in (
        "AT+VSM=128,8000",
        "AT+VSM=4,11025",
        "AT+VLS=99",
        "AT#CLS=8",
        "AT+CLIP=1",
        "AT+FCLASS=1",
        "AT+VTR",
        "AT+GCI=99",
        "AT+FLO=2",
    ):
        assert lines(bench.type(text)) == ["ERROR"], text


def test_the_formats_and_devices_are_listed_by_name(bench: Bench) -> None:
    assert lines(bench.type("AT+VSM=?")) == ['1,"UNSIGNED PCM",8,0,8000,0,0', '4,"G.711U",8,0,8000,0,0', '5,"G.711A",8,0,8000,0,0', "OK"]
    assert '1,"T",0B8433C1,0FE431C1,0B8431C1' in lines(bench.type("AT+VLS=?"))
    assert lines(bench.type("AT+FCLASS=?")) == ["0,8", "OK"]


@pytest.mark.parametrize(("format_", "codec"), [(1, 1), (4, 3), (5, 4)])
def test_each_hears_the_other_and_nothing_of_itself_in_every_format(bench: Bench, format_: int, codec: int) -> None:
    bench.type(f"AT+VSM={format_},8000")
    talking(bench, says=endless(620))
    mouth = encoded(sine(1130, 8000), codec)
    sent = 0

    def speak(_new: bytes) -> bytes:
        nonlocal sent
        piece = bytes(mouth[at % 8000] for at in range(sent, sent + 40))
        sent += 40
        return piece.replace(b"\x10", b"\x10\x10")

    got = unshielded(bench.wait(3000, speak))
    back = {encoded(np.array([s]), codec)[0]: s for s in range(-32768, 32768, 8)}
    assert peaks(np.array([back.get(b, 0) for b in got[8000:16000]], np.int16), floor_dbfs=-55)[0] == (620.0, -13.0)
    call = next(iter(bench.network.calls.values()))
    heard = call.ear.heard(False)
    assert isinstance(heard["tones"], list)
    assert heard["tones"][0] == {"hz": 1130.0, "level_dbfs": -13.0}
    assert all(abs(tone["hz"] - 620) > 20 for tone in heard["tones"])
    assert heard["longest_gap_ms"] == 0


def test_a_sample_of_0x10_is_doubled_and_no_event(bench: Bench) -> None:
    bench.type("AT+VSM=1,8000")
    talking(bench, says=np.full(8000, (0x10 - 0x80) << 8, np.int16))
    data = bench.wait(1000)
    assert events(data) == []
    assert set(unshielded(data)) == {0x10}


def test_duplex_ends_by_its_own_code_only(bench: Bench) -> None:
    talking(bench)
    for code in (b"\x10!", b"\x10\x1b", b"\x10\x03"):
        got = bench.wait(100, iter_once(code))
        assert b"OK" not in got
    got = bench.wait(100, iter_once(b"\x10^"))
    assert got.endswith(b"\x10\x03\r\nOK\r\n")
    assert lines(bench.type("AT+VLS=0", 400)) == ["OK"]


def test_the_doubled_command_code_works_too(bench: Bench) -> None:
    talking(bench)
    assert bench.wait(100, iter_once(b"\x10\x10\x10^")).endswith(b"\x10\x03\r\nOK\r\n")


def test_recording_ends_by_the_exclamation_mark_and_playing_by_etx_when_all_is_heard(bench: Bench) -> None:
    bench.ring(says=endless(620))
    bench.wait(2000)
    bench.type("AT+VLS=1", 400)
    bench.type("AT+VRX", 150)
    assert bench.wait(100, iter_once(b"\x10!")).endswith(b"\x10\x03\r\nOK\r\n")
    bench.type("AT+VTX", 150)
    bench.command = b""
    bench.wait(100, iter_once(b"\x10\x10".join([encoded(sine(1130, 800), 3).replace(b"\x10", b"")]) + b"\x10\x03"))
    assert bench.command == b""
    bench.wait(300)
    assert bench.command == b"\r\nOK\r\n"


def iter_once(data: bytes):  # type: ignore[no-untyped-def]
    """A talk that writes `data` once."""
    left = [data]
    return lambda _new: left.pop() if left else b""


def test_keys_come_as_events_in_the_stream(bench: Bench) -> None:
    talking(bench, keys="5#")
    assert events(bench.wait(9500)) == [b"/", b"5", b"5", b"~", b"/", b"#", b"#", b"~"]


def test_events_come_unframed_outside_a_stream(bench: Bench) -> None:
    bench.ring(keys="7")
    bench.wait(2000)
    bench.type("AT+VLS=1", 400)
    bench.command = b""
    bench.wait(9000)
    assert bench.command == b"\x10/\x107\x107\x10~"


def test_a_far_hang_up_is_the_busy_tone_of_china_until_the_box_hangs_up(bench: Bench) -> None:
    talking(bench, says=endless(620))
    call = next(iter(bench.network.calls.values()))
    bench.network.hang_up(call, bench.now)
    bench.wait(100)
    data = bench.wait(7000)
    assert events(data) == [b"b", b"b"]
    back = {encoded(np.array([s]), 3)[0]: s for s in range(-32768, 32768, 8)}
    sound = np.array([back.get(b, 0) for b in unshielded(data)])
    loud = np.array([np.abs(piece).max() > 1000 for piece in np.array_split(sound, len(sound) // 80)])
    runs = np.diff(np.flatnonzero(np.diff(loud.astype(int))))
    assert all(34 <= run <= 36 for run in runs)
    assert bench.ring().state == "busy"
    bench.wait(50, iter_once(b"\x10^"))
    bench.type("AT+VLS=0", 400)
    assert bench.ring().state == "ringing"


def test_a_dialled_call_gives_ring_back_then_the_far_end(bench: Bench) -> None:
    bench.network.phones["8001"] = FarEnd(answers_after_ms=6000, says=endless(620))
    assert lines(bench.type("ATDT8001;", 2000)) == ["OK"]
    bench.type("AT+VTR", 150)
    data = bench.wait(8000)
    assert events(data)[0] == b"r"
    call = next(iter(bench.network.calls.values()))
    assert (call.state, call.called, call.caller) == ("connected", "8001", "13800000001")


@pytest.mark.parametrize(
    ("phone", "final"), [(FarEnd(busy=True), "BUSY"), (FarEnd(answers_after_ms=None), "NO ANSWER"), (FarEnd(answers_after_ms=500), "OK")]
)
def test_dialling_without_a_semicolon_waits_for_the_result(bench: Bench, phone: FarEnd, final: str) -> None:
    bench.network.phones["8001"] = phone
    bench.type("ATDT8001", 500)
    bench.command = b""
    bench.wait(58_000)
    text = re.sub(rb"\x10.", b"", bench.command)
    assert lines(text) == [final]


def test_a_byte_typed_while_it_dials_aborts(bench: Bench) -> None:
    bench.network.phones["8001"] = FarEnd()
    bench.type("ATDT8001", 1000)
    assert lines(bench.type("", 20)) == ["NO CARRIER"]
    bench.wait(3000)
    assert not [call for call in bench.network.calls.values() if call.live]


def test_keys_sent_by_the_modem_are_heard(bench: Bench) -> None:
    bench.ring()
    bench.wait(2000)
    bench.type("AT+VLS=1", 400)
    assert lines(bench.type("AT+VTS={1,10},{#,20},[1100,,30]", 900)) == ["OK"]
    bench.wait(300)
    assert next(iter(bench.network.calls.values())).ear.keys == "1#"


def test_a_reset_of_power_hangs_up_and_forgets_the_settings(bench: Bench) -> None:
    talking(bench, says=endless(620))
    call = next(iter(bench.network.calls.values()))
    bench.trunk.reboot(bench.now)
    assert call.state == "ended"
    assert not bench.wait(10_900)
    bench.wait(200)
    assert lines(bench.type("AT+FCLASS?")) == ["AT+FCLASS?", "0", "OK"]
