"""The gateway as a process: real sockets, real rings in shared memory, sound judged by frequency (A2, E5, never-again 31)."""

import asyncio
import contextlib
import json
import os
import signal
import socket as sockets
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from appliance.audio._dsp import decode_bytes, encode_bytes
from appliance.web import authority
from appliance.web.gateway_link import Gateway
from appliance.web.seat_gateway import keep_certificate, server_context
from appliance.web.seat_meeting import address
from tests.support.seat_box import SeatBox
from tests.support.seat_tones import level_dbfs, sine


@pytest.fixture(scope="module")
def shared_box() -> Iterator[SeatBox]:
    with SeatBox() as box:
        yield box


@pytest.fixture(scope="module")
def speechless(shared_box: SeatBox) -> Iterator[ClientConnection]:
    """A socket that says nothing from the first test to the last: its 5 s pass while the others run."""
    with connect(shared_box.url) as socket:
        yield socket


@pytest.fixture(autouse=True)
def from_the_start(speechless: ClientConnection) -> None:
    pass


@pytest.fixture
def box(shared_box: SeatBox) -> SeatBox:
    """The module's box with nobody at its seat and nothing said."""
    shared_box.call(lambda: shared_box.gateway.drop("s1"))
    shared_box.heard.clear()
    return shared_box


@contextlib.contextmanager
def sit_down(box: SeatBox) -> Iterator[ClientConnection]:
    with connect(box.url) as socket:
        socket.send(json.dumps({"ticket": box.ticket()}))
        assert json.loads(socket.recv(timeout=10)) == {"seat": "s1"}
        yield socket


def closed_with(socket: ClientConnection) -> int:
    """Reads until the gateway closes; the code it closed with."""
    while True:
        try:
            socket.recv(timeout=10)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 0


def next_sound(socket: ClientConnection) -> bytes:
    while True:
        message = socket.recv(timeout=10)
        if isinstance(message, bytes):
            return message


def next_ping(socket: ClientConnection) -> int:
    while True:
        message = socket.recv(timeout=10)
        if isinstance(message, str):
            return int(json.loads(message)["ping"])


def test_both_hear_each_other_by_frequency(box: SeatBox) -> None:
    voice = encode_bytes("alaw", sine(1130, 1.0, 8000))
    with sit_down(box) as socket:
        for _ in range(15):  # a busy machine may starve the test itself: such a second says nothing of levels
            heard = b""
            for tick in range(100):
                frame = next_sound(socket)
                assert len(frame) == 160
                heard += frame
                at = tick * 160 % 8000
                socket.send(voice[at : at + 160])
            ear, mouth = np.asarray(decode_bytes("alaw", heard[-8000:])), box.spoken(1.0)
            if abs(level_dbfs(ear, 620, 8000) + 13) < 1 and abs(level_dbfs(mouth, 1130, 8000) + 13) < 1:
                break
    assert level_dbfs(ear, 620, 8000) == pytest.approx(-13, abs=1)
    assert level_dbfs(mouth, 1130, 8000) == pytest.approx(-13, abs=1)
    assert level_dbfs(ear, 620, 8000) - level_dbfs(ear, 1130, 8000) > 30
    assert level_dbfs(mouth, 1130, 8000) - level_dbfs(mouth, 620, 8000) > 30


def test_a_ticket_is_good_once(box: SeatBox) -> None:
    ticket = json.dumps({"ticket": box.ticket()})
    with connect(box.url) as first, connect(box.url) as second:
        first.send(ticket)
        assert json.loads(first.recv(timeout=10)) == {"seat": "s1"}
        second.send(ticket)
        assert closed_with(second) == 4003
        assert next_sound(first)


@pytest.mark.parametrize("first", ['{"ticket":"guessed"}', '{"ticket":null}', '{"ticket":["s1"]}', "{}"])
def test_a_wrong_ticket_is_refused(box: SeatBox, first: str) -> None:
    with connect(box.url) as socket:
        socket.send(first)
        assert closed_with(socket) == 4003


@pytest.mark.parametrize("first", ["", "ticket", "[]", b"\xd5" * 160])
def test_a_first_message_that_is_no_ticket_is_refused(box: SeatBox, first: str | bytes) -> None:
    with connect(box.url) as socket:
        socket.send(first)
        assert closed_with(socket) == 4002


def test_a_ticket_of_a_seat_that_was_dropped_meanwhile_is_worthless(box: SeatBox) -> None:
    ticket = box.ticket()
    box.call(lambda: box.gateway.drop("s1"))
    with connect(box.url) as socket:
        socket.send(json.dumps({"ticket": ticket}))
        assert closed_with(socket) == 4003


def test_a_second_page_takes_the_seat_over_and_the_box_hears_of_no_gap(box: SeatBox) -> None:
    with sit_down(box) as old, sit_down(box) as new:
        assert closed_with(old) == 4001
        assert next_sound(new)
        new.send(json.dumps({"pong": next_ping(new)}))
        box.until(lambda: box.said("alive"), "the new page is alive")
        assert box.said("gone") == []


def test_the_old_pages_sound_is_nobodys_after_a_take_over(box: SeatBox) -> None:
    loud = encode_bytes("alaw", sine(1130, 0.02, 8000, dbfs=-3))
    with sit_down(box) as old, sit_down(box) as new:
        spoken = box.spoken_s
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20):
                old.send(loud)
        assert closed_with(old) == 4001
        for _ in range(20):
            next_sound(new)
        assert box.spoken_s == spoken


def test_a_page_that_leaves_is_told_to_the_box(box: SeatBox) -> None:
    with sit_down(box):
        pass
    box.until(lambda: box.said("gone"), "the box hears of it")


def test_a_dropped_seat_is_told_why(box: SeatBox) -> None:
    with sit_down(box) as socket:
        box.call(lambda: box.gateway.drop("s1"))
        assert closed_with(socket) == 4004


def test_a_page_that_answers_pings_is_alive_with_its_figures(box: SeatBox) -> None:
    with sit_down(box) as socket:
        socket.send(json.dumps({"pong": next_ping(socket), "underruns": 2, "buffer_ms": 51}))
        box.until(lambda: box.said("page"), "the page's figures")
    assert box.said("alive")[0] == {"is": "alive", "seat": "s1"}
    assert box.said("page")[0] == {"is": "page", "seat": "s1", "underruns": 2, "buffer_ms": 51, "dropped": 0}


def test_a_frozen_page_is_never_called_alive_though_its_sound_goes_on(box: SeatBox) -> None:
    with sit_down(box) as socket:
        pings = 0
        while pings < 3:
            message = socket.recv(timeout=10)
            if isinstance(message, str):
                pings += 1
            else:
                socket.send(message)
    box.until(lambda: box.said("gone"), "it is gone in the end")
    assert box.said("alive") == []


@pytest.mark.parametrize("frame", [b"", b"\xd5" * 159, b"\xd5" * 161, '{"pong":99}', "hello"])
def test_what_is_no_message_of_ours_ends_the_socket(box: SeatBox, frame: str | bytes) -> None:
    with sit_down(box) as socket:
        socket.send(frame)
        assert closed_with(socket) == 4002


def test_a_big_message_ends_the_socket(box: SeatBox) -> None:
    with sit_down(box) as socket:
        socket.send(b"\xd5" * 100_000)
        assert closed_with(socket) == 1009


def test_a_flood_ends_the_socket_and_not_the_gateway(box: SeatBox) -> None:
    with sit_down(box) as flooding:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(5000):
                flooding.send(b"\xd5" * 160)
        assert closed_with(flooding) == 4029
    with sit_down(box) as socket:
        assert next_sound(socket)


def test_a_crowd_without_tickets_does_not_keep_the_agent_out(box: SeatBox) -> None:
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(connect(box.url)) for _ in range(40)]
        assert [closed_with(late) for late in crowd[35:]] == [4008] * 5
        crowd[0].close()
        with sit_down(box) as socket:
            assert next_sound(socket)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://evil.example:8080", "null", "https://127.0.0.1:8080"])
def test_a_page_of_another_host_is_turned_away_before_the_handshake(box: SeatBox, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(box.url, origin=Origin(origin)):
        pass
    assert refused.value.response.status_code == 403


def test_the_boxs_own_page_on_another_port_is_let_in(box: SeatBox) -> None:
    with connect(box.url, origin=Origin("http://127.0.0.1:8080")) as socket:
        socket.send(json.dumps({"ticket": box.ticket()}))
        assert json.loads(socket.recv(timeout=10)) == {"seat": "s1"}


def test_other_addresses_on_the_port_are_nothing(box: SeatBox) -> None:
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(f"http://127.0.0.1:{box.gateway.port}/etc/passwd", timeout=10)
    missing.value.close()
    assert missing.value.code == 404
    with urllib.request.urlopen(f"http://127.0.0.1:{box.gateway.port}/", timeout=10) as welcome:
        assert "Seatbox" in welcome.read().decode()


def test_a_gateway_that_was_killed_comes_back_on_its_port_with_its_seats(tmp_path: Path) -> None:
    with SeatBox() as box:
        port, first = box.gateway.port, box.gateway.pid
        assert first is not None
        with sit_down(box):
            os.kill(first, signal.SIGKILL)
            box.until(lambda: len(box.said("listening")) == 2, "it listens again")
        assert (box.gateway.port, box.gateway.pid != first) == (port, True)
        with sit_down(box) as socket:
            assert next_sound(socket)


def test_a_gateway_that_dies_while_the_box_speaks_is_started_again() -> None:
    """The box learns of the death by a broken pipe, before any end of file."""
    with SeatBox() as box:
        first = box.gateway.pid
        assert first is not None

        def kill_and_speak() -> None:
            os.kill(first, signal.SIGKILL)
            with contextlib.suppress(OSError):  # somebody has buried it
                while " Z " not in Path(f"/proc/{first}/stat").read_text():
                    pass
            box.gateway.ticket("s1")

        box.call(kill_and_speak)
        box.until(lambda: len(box.said("listening")) == 2, "it is back")
        with sit_down(box):
            pass


def test_told_to_end_with_all_of_the_service_the_gateway_waits_for_the_box(caplog: pytest.LogCaptureFixture) -> None:
    """A service manager sends SIGTERM to each process; the box's end is no death of the gateway, and starts none."""
    with SeatBox() as box, sit_down(box) as socket:
        assert box.gateway.pid is not None
        first = box.gateway.pid
        os.kill(first, signal.SIGTERM)
        box.call(lambda: box.rings.write_out(sine(620, 0.1, 8000).tobytes()))
        while not isinstance(socket.recv(timeout=10), bytes):
            pass
        assert box.gateway.pid == first
    assert "started again" not in caplog.text


def test_the_gateway_comes_before_the_pages(box: SeatBox) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    if int(subprocess.run(["nice", "-n", "-10", "nice"], capture_output=True, text=True).stdout) >= ours:
        pytest.skip("no process may come before others here")
    assert box.gateway.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, box.gateway.pid) == -10


def test_when_the_box_is_gone_the_gateway_ends(tmp_path: Path) -> None:
    """The box's end of the socketpair closes, whatever the box died of."""
    ours, theirs = sockets.socketpair()
    command = [sys.executable, "-m", "appliance.web.seat_gateway", "--box-fd", str(theirs.fileno()), "--listen", "127.0.0.1:0"]
    gateway = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    theirs.close()
    with ours:
        assert json.loads(ours.makefile("rb").readline())["is"] == "listening"
    assert gateway.wait(timeout=15) == 0


def test_nonsense_from_the_box_is_logged_and_the_seat_goes_on(box: SeatBox) -> None:
    with sit_down(box) as socket:
        box.call(lambda: box.gateway._order({"do": "dance"}))
        box.call(lambda: box.gateway._order({"do": "seat", "seat": "s9", "rings": "no-such-rings"}))
        for _ in range(20):
            assert next_sound(socket)


def test_over_tls_the_boxs_authority_vouches_for_the_socket_and_plain_ones_are_refused(tmp_path: Path) -> None:
    tls = authority.ensure(tmp_path, [])
    trusting = ssl.create_default_context(cadata=authority.authority_pem(tmp_path).decode())
    with SeatBox(tls) as box:
        with connect(box.url, ssl=trusting, origin=Origin(f"https://localhost:{box.gateway.port + 1}")) as socket:
            socket.send(json.dumps({"ticket": box.ticket()}))
            assert json.loads(socket.recv(timeout=10)) == {"seat": "s1"}
        address = ("127.0.0.1", box.gateway.port)
        with sockets.create_connection(address) as bare, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(bare, server_hostname="localhost")
        with sockets.create_connection(address) as bare:
            bare.sendall(b"GET /seat HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert not bare.recv(1000).startswith(b"HTTP/1.1 1")


def test_a_renewed_certificate_is_used_though_its_first_reading_failed(tmp_path: Path) -> None:
    certificate, key = authority.ensure(tmp_path, [])
    context = server_context(certificate, key)
    readings: list[str] = []

    class Context:
        def load_cert_chain(self, certificate: Path, key: Path) -> None:
            readings.append(certificate.name)
            context.load_cert_chain(certificate, key)

    async def renew() -> None:
        keeping = asyncio.ensure_future(keep_certificate(cast(ssl.SSLContext, Context()), certificate, key, every_s=0.001))
        await asyncio.sleep(0)
        good = certificate.read_bytes()
        certificate.write_bytes(b"half of it")
        while len(readings) < 2:
            await asyncio.sleep(0.001)
        certificate.write_bytes(good)
        failed = len(readings)
        while len(readings) == failed:
            await asyncio.sleep(0.001)
        keeping.cancel()

    asyncio.run(asyncio.wait_for(renew(), 20))


def test_a_port_that_is_taken_is_said_at_the_start() -> None:
    with SeatBox() as box:

        async def second() -> None:
            await Gateway(lambda _: None, "127.0.0.1", box.gateway.port).start()

        with pytest.raises(OSError, match="did not start"):
            box.do(second)


def test_who_says_nothing_is_sent_away(speechless: ClientConnection) -> None:
    assert closed_with(speechless) == 4008


def test_the_gateway_outlives_its_box_and_the_next_one_finds_it_with_its_pages(tmp_path: Path) -> None:
    with SeatBox(place=tmp_path) as first:
        pid = first.gateway.pid
        with sit_down(first) as socket:
            first.leave()
            with SeatBox(place=tmp_path) as second:
                assert second.gateway.port == first.gateway.port and second.gateway.pid is None
                second.until(lambda: second.said("alive") or answered(socket), "the page is alive to it at once")
                fresh = [frame for _ in range(60) if isinstance(frame := socket.recv(timeout=10), bytes)]
                assert level_dbfs(np.asarray(decode_bytes("alaw", b"".join(fresh[-25:]))), 620, 8000) > -20, "it hears the new box's rings"
        first.until(lambda: not Path(f"/proc/{pid}").exists(), "and ends with it")


def answered(socket: ClientConnection) -> None:
    words = socket.recv(timeout=10)
    if isinstance(words, str) and "ping" in (told := json.loads(words)):
        socket.send(json.dumps({"pong": told["ping"], "underruns": 0, "buffer_ms": 60}))


@pytest.mark.parametrize("other", ["version", "host"])
def test_a_gateway_of_another_kind_is_ended_and_a_new_one_started(tmp_path: Path, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with SeatBox(place=tmp_path) as first:
        first.leave()
        if other == "version":
            monkeypatch.setattr("appliance.web.gateway_link.__version__", "99")
        second = SeatBox(place=tmp_path)
        if other == "host":
            second.gateway = Gateway(second.heard.append, "localhost", place=tmp_path)
        with second:
            assert second.gateway.pid is not None


def test_where_the_name_is_taken_the_gateway_does_its_work_all_the_same_and_ends_with_its_box(tmp_path: Path) -> None:
    with sockets.socket(sockets.AF_UNIX) as squatter:
        squatter.bind(address(tmp_path))  # and does not listen
        with SeatBox(place=tmp_path) as box, sit_down(box) as socket:
            assert next_sound(socket)
            pid = box.gateway.pid
            box.leave()
            box.until(lambda: not Path(f"/proc/{pid}").exists(), "it ends")
