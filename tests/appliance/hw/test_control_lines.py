"""Behind an RFC 2217 server (A1): a ring is told by RI too and counts once, DTR may fall and the call stays, both hear each other."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.base.ids import LineId
from appliance.events import Event
from appliance.hw.dialect import Answer, Profile
from appliance.hw.line_driver import LineDriver
from appliance.hw.modems.v253 import V253
from firmware_cfg.document import Line
from tests.support.exchange_client import until
from tests.support.hw_twin import short


@contextmanager
def a_modem(folder: Path, script: str) -> Iterator[str]:
    """`seatbox modem` on the network; its address."""
    (folder / "script").write_text(script)
    words = ["modem", "--dialect", "v253", "--rfc2217", "127.0.0.1:0", "--script", str(folder / "script")]
    command = [sys.executable, "-m", "appliance", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        word, address = program.stdout.readline().split()
        assert word == "rfc2217"
        try:
            yield f"rfc2217://{address}"
        finally:
            program.terminate()
            program.wait(10)


pytestmark = pytest.mark.filterwarnings("ignore:set:DeprecationWarning")  # of pyserial's client, to itself


def typed(port: serial.SerialBase, command: str) -> None:
    port.write(command.encode() + b"\r")
    said = port.read_until(b"OK\r\n")
    assert said.endswith(b"OK\r\n"), said


def test_a_plain_client_sees_the_ring_indicator_and_hangs_up_by_dtr(tmp_path: Path) -> None:
    """pyserial's own client. As made (AT&D2) a fall of DTR puts the modem on-hook; with AT&D0 it does nothing. CD follows AT&C."""
    with a_modem(tmp_path, "wait 1\nring 13800001111\nwait end\nring 13800002222\n") as url, serial.serial_for_url(url, timeout=5) as port:
        until(lambda: port.ri)
        until(lambda: not port.ri)  # 1 s of ringing current, then 4 s without
        assert not port.cd
        typed(port, "AT+FCLASS=8;&C0")
        until(lambda: port.cd)
        typed(port, "AT+VLS=1")
        port.dtr = False
        port.dtr = True
        until(lambda: port.ri)  # the next caller: the first one was hung up
        typed(port, "AT&D0+VLS=1")
        port.dtr = False
        port.dtr = True
        port.write(b"AT+VLS?\r")
        assert b"\r\n1\r\n" in port.read_until(b"OK\r\n")


def test_a_second_client_is_sent_away_and_the_first_goes_on(tmp_path: Path) -> None:
    with a_modem(tmp_path, "wait 60\n") as url, serial.serial_for_url(url, timeout=5) as port:
        typed(port, "AT")
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=5) as other:
            assert other.recv(100) == b""
        typed(port, "AT")


def test_a_ring_told_by_the_indicator_alone_is_a_ring_and_with_its_text_no_second_one() -> None:
    line = V253(LineId("l1"), Profile.load("v253"), 0)
    line.mood = "idle"
    line.heard("ring", 1_000)
    assert [short(fact) for fact in line.take_facts()] == ["LineRinging ring=1"]
    line.feed(b"\r\nRING\r\n", 1_200)
    assert line.take_facts() == []
    line.feed(b"\r\nRING\r\n", 6_000)
    line.heard("ring", 6_100)
    assert [short(fact).split()[0] for fact in line.take_facts()] == ["LineRinging", "CallerKnown"]


def test_the_box_answers_behind_the_server_and_the_call_stays_over_a_fall_of_dtr(tmp_path: Path) -> None:
    asyncio.run(_answered(tmp_path))


async def _answered(folder: Path) -> None:
    with a_modem(folder, f"says tone:620\nwait 3\nring 13912345678\nwait end\nheard '{folder}/heard.wav'\n") as url:
        facts: list[Event] = []
        loop, bridge = asyncio.get_running_loop(), Bridge()
        line = Line(id="l1", dialect="v253", port=url, number="13800000000")

        def driver() -> LineDriver:
            made = LineDriver(line, Profile.load("v253"), bridge, facts.append, BootClock(), folder, loop)
            made.start()
            return made

        async def told(word: str, count: int = 1) -> None:
            async with asyncio.timeout(30):
                while sum(short(fact).startswith(word) for fact in facts) < count:
                    await asyncio.sleep(0.01)

        bridge.start()
        one = driver()

        def heard() -> None:
            for endpoint, what, _ in bridge.events():
                if endpoint == one.endpoint:
                    one.on_heard(what)
            one.on_text()

        loop.add_reader(bridge.event_fd, heard)
        await told("LineRinging", 2)
        rings = [short(fact) for fact in facts if short(fact).startswith("LineRinging")]
        assert rings == ["LineRinging ring=1", "LineRinging ring=2"], "each ring once, though its text and RI both told it"
        one.order(Answer())
        await told("LineSoundOn")
        async with asyncio.timeout(20):
            while one.endpoint is None or bridge.level_dbfs(one.endpoint)[0] < -25:
                await asyncio.sleep(0.02)
        one.stop()  # the connection goes, DTR falls
        with await asyncio.to_thread(serial.serial_for_url, url, timeout=5) as port:  # it is taken again only after that
            assert len(await asyncio.to_thread(port.read, 4000)) == 4000, "the caller's sound goes on"
        assert not (folder / "heard.wav").exists(), "the caller was not dropped"
        loop.remove_reader(bridge.event_fd)
        bridge.stop()
