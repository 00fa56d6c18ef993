"""What a host may type at a simulated modem without end (A1): it keeps a bounded part of it and goes on."""

from pathlib import Path

import pytest
from serial.rfc2217 import PortManager

from appliance.exchange.modems.sim7600 import Sim7600
from appliance.exchange.script import BadScript, Script
from appliance.exchange.serial_server import ControlLines, from_client
from tests.support.exchange_bench import Bench


def typed(modem: Sim7600, text: str, now: int) -> bytes:
    modem.feed(text.encode() + b"\r", now)
    modem.tick(now + 50)
    return modem.take_bytes()


def test_signal_reports_that_were_asked_for_often_come_once() -> None:
    modem = Sim7600("861475035737602", "13800000001")
    for now in range(0, 6_000, 100):
        assert b"OK" in typed(modem, "AT+AUTOCSQ=1,1", now)
    for now in range(6_000, 40_000, 10):
        modem.tick(now)
    assert modem.take_bytes().count(b"+CSQ:") == 2
    typed(modem, "AT+AUTOCSQ=0,0", 40_000)
    for now in range(40_100, 100_000, 10):
        modem.tick(now)
    assert b"+CSQ:" not in modem.take_bytes()
    typed(modem, "AT+AUTOCSQ=1,1", 100_000)
    modem.tick(108_000)
    assert b"+CSQ:" in modem.take_bytes()


def test_a_body_without_end_is_kept_to_the_longest_and_refused() -> None:
    modem = Sim7600("861475035737602", "13800000001")
    typed(modem, "ATE0", 0)
    assert b"> " in typed(modem, "AT+CMGS=18", 100)
    for now in range(200, 1_200):
        modem.feed(b"0" * 1_000, now)
    modem.feed(b"\x1a", 1_300)
    for now in range(1_300, 4_000, 10):
        modem.tick(now)
    assert b"+CMS ERROR: 304" in modem.take_bytes()
    assert b"OK" in typed(modem, "AT", 5_000)


def test_what_comes_while_it_works_is_kept_up_to_a_bound() -> None:
    modem = Sim7600("861475035737602", "13800000001")
    modem.feed(b"AT+COPS=?\r", 0)
    for _ in range(100):
        modem.feed(b"x" * 1_000, 1)
    assert len(modem._input) <= 16_384


@pytest.mark.parametrize("text", ["says 'tone:620", "ring 138\\"])
def test_a_script_with_an_open_quotation_names_its_line(text: str) -> None:
    with pytest.raises(BadScript, match="line 2: "):
        Script("# a remark\n" + text)


class Wire:
    """The transport's part."""

    def write(self, data: bytes) -> None: ...


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xfa\x2c\x01\x00\xff\xf0",  # half of a speed
        b"\xff\xf0",  # the end of nothing
        b"\xff\xfa\x2c\x03\x63\xff\xf0",  # a parity that there is not
        b"\xff\xfa" + b"x" * 3_000,  # without end
    ],
)
def test_a_client_that_breaks_rfc_2217_is_sent_away(tmp_path: Path, said: bytes) -> None:
    bench = Bench(tmp_path, "v253")
    manager = PortManager(ControlLines(bench.trunk), Wire())
    assert from_client(manager, b"AT\r\xff\xffx") == b"AT\r\xffx"
    assert from_client(manager, said) is None
    bench.close()
