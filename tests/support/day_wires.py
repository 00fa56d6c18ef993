"""One virtual clock for a whole event loop, and wires in memory between the real line drivers and the simulated modems (E5, A1).

A wire is a pair of sockets. It has no speed, loses nothing, and no kernel's line discipline is in it.
"""

import fcntl
import os
import selectors
import socket
import struct
import termios
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from appliance.base.errors import SeatboxError
from appliance.exchange.ports import Port as ModemPort
from appliance.exchange.trunks import Trunk
from appliance.exchange.wiring import Wire
from appliance.hw.serial_port import Port, PortError
from tests.support.virtual_loop import VirtualLoop


class _Selector(selectors.DefaultSelector):
    """Where nothing waits to be read, time goes on to the next timer; no time passes otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits, and nobody has a timer"
        found = super().select(0)
        if not found and timeout > 0:
            self.passed_s += timeout
        return found


class MemoryLoop(VirtualLoop):
    """It is the box's clock too. What other threads would do is done at once and takes no time: there is no other thread."""

    def selector(self) -> _Selector:
        return _Selector()

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except (OSError, SeatboxError) as error:
            future.set_exception(error)
        return future


class _Device:
    """No ring indicator, nothing to close beside the descriptor."""

    ri = None

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def close(self) -> None:
        os.close(self._fd)


class MemoryPort(ModemPort):
    """A modem's port whose link is an empty file: there is something to plug in, and it is gone when it is pulled."""

    def open(self) -> None:
        if not self.is_open:
            ours, theirs = socket.socketpair()
            for end in (ours, theirs):
                end.setblocking(False)
            self.master, self.slave = ours.detach(), theirs.detach()
            self.link.touch()

    def close(self) -> None:
        if self.is_open:
            self.link.unlink(missing_ok=True)
            os.close(self.master)
            os.close(self.slave)
            self.master = self.slave = -1

    def unread(self) -> int:
        return int(struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0\0\0\0"))[0])


class MemoryWire(Wire):
    """A trunk's ports in memory, at the clock's time."""

    def __init__(self, trunk: Trunk, ports: list[ModemPort], now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        super().__init__(trunk, ports)

    def _readable(self) -> None:
        self.trunk.feed(self.ports[0].read(), self._now_ms())


class Wires:
    """`open` stands for `open_port`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports: dict[str, MemoryPort] = {}

    def port(self, name: str) -> MemoryPort:
        made = MemoryPort(self.folder / name)
        self._ports[str(made.link)] = made
        return made

    def open(self, url: str, baud: int = 115_200) -> Port:
        """A wire in memory has no speed."""
        port = self._ports[url]
        if not port.is_open:
            raise PortError(f"{url}: no such port")
        fd = os.dup(port.slave)
        return Port(url, fd, _Device(fd))  # type: ignore[arg-type]
