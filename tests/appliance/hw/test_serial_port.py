"""A path, socket:// and rfc2217:// are all a non-blocking descriptor; what cannot be opened is one clear line (A1)."""

import gc
import os
import select
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.hw.serial_port import Port, PortError, open_port
from tests.support.hw_ports import Pty, Served


@pytest.fixture
def pty() -> Iterator[Pty]:
    with Pty() as made:
        yield made


def read(port: Port, least: int) -> bytes:
    found = b""
    while len(found) < least and select.select([port.fd], [], [], 5.0)[0]:
        piece = os.read(port.fd, 4096)
        if not piece:
            break
        found += piece
    return found


EVERY_BYTE = bytes(range(256))


def test_a_path_carries_every_byte_both_ways_and_never_blocks(pty: Pty) -> None:
    port = open_port(pty.path)
    with pytest.raises(BlockingIOError):
        os.read(port.fd, 1)
    pty.write(EVERY_BYTE)
    assert read(port, 256) == EVERY_BYTE
    os.write(port.fd, EVERY_BYTE)
    assert pty.read(256) == EVERY_BYTE
    port.close()
    port.close()


@pytest.mark.parametrize("rfc2217", [False, True])
def test_a_network_port_carries_every_byte_both_ways(pty: Pty, rfc2217: bool) -> None:
    server = Served(pty, rfc2217)
    port = open_port(server.url)
    pty.write(EVERY_BYTE)
    assert read(port, 256) == EVERY_BYTE
    os.write(port.fd, EVERY_BYTE)
    assert pty.read(256) == EVERY_BYTE
    port.close()
    server.stop()


@pytest.mark.parametrize("rfc2217", [False, True])
def test_a_serial_server_that_goes_away_is_the_end_of_the_file(pty: Pty, rfc2217: bool) -> None:
    server = Served(pty, rfc2217)
    port = open_port(server.url)
    server.stop()
    assert select.select([port.fd], [], [], 5.0)[0]
    assert os.read(port.fd, 10) == b""
    port.close()


def test_a_serial_server_that_resets_the_connection_leaves_no_socket_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = open_port(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends a reset
        before = set(os.listdir("/proc/self/fd"))
        far.close()
        assert select.select([port.fd], [], [], 5.0)[0]
        assert os.read(port.fd, 10) == b""
        port.close()
        assert len(before - set(os.listdir("/proc/self/fd"))) >= 4  # far, ours, theirs and the client's
    gc.collect()  # an unclosed socket would warn here, and a warning is an error


def test_a_port_held_by_another_is_busy_and_free_again_after_it(pty: Pty) -> None:
    first = open_port(pty.path)
    with pytest.raises(PortError, match="busy"):
        open_port(pty.path)
    first.close()
    open_port(pty.path).close()


def test_what_cannot_be_opened_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no such port; is the modem plugged in") as error:
        open_port(str(tmp_path / "ttyUSB9"))
    assert "\n" not in str(error.value)
    (tmp_path / "file").write_text("")
    for url in (str(tmp_path / "file"), "socket://127.0.0.1:1", "nonsense://x", str(tmp_path)):
        with pytest.raises(PortError) as error:
            open_port(url)
        assert "\n" not in str(error.value)
        assert str(error.value).startswith(url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_port_without_rights_names_the_group(pty: Pty) -> None:
    os.chmod(pty.path, stat.S_IRUSR & 0)
    with pytest.raises(PortError, match="dialout"):
        open_port(pty.path)
