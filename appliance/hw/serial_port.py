"""Serial ports: a path, `rfc2217://` or `socket://`; always a non-blocking descriptor to the rest (A1).

Network ports are pumped by one Python thread through a socketpair: some 10 ms later than a path, and with no promise.
"""

import contextlib
import errno
import fcntl
import os
import socket
import termios
import threading
import warnings
from collections.abc import Callable
from typing import Final

import serial

from appliance.base.errors import SeatboxError

_PUMP_S: Final = 0.01
_BLOCK: Final = 4096
_LENIENT: Final = "ign_set_control"


class PortError(SeatboxError):
    """A port that cannot be opened; one line that says what to do."""


class Port:
    """`fd` is non-blocking; end of file or EIO on it means the port is gone."""

    def __init__(self, url: str, fd: int, device: serial.SerialBase, pump: "_Pump | None" = None) -> None:
        self.url, self.fd = url, fd
        self._device, self._pump = device, pump

    @property
    def has_ring_indicator(self) -> bool:
        """A real serial port has one, and RFC 2217 tells it; a pseudo-terminal, most USB modems and raw TCP have none."""
        if "://" in self.url:
            return self.url.startswith("rfc2217://")
        try:
            return self._device.ri is not None
        except OSError:
            return False

    @property
    def rings(self) -> bool:
        """The ring indicator is up. False where that is not known."""
        try:
            return bool(self._device.ri)
        except (OSError, serial.SerialException, AttributeError):
            return False

    def close(self) -> None:
        """Twice does no harm. Never waits for bytes that a dead device will not take."""
        if self.fd < 0:
            return
        fd, self.fd = self.fd, -1
        if self._pump is not None:
            self._pump.stop()
            return
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(fd, termios.TCIOFLUSH)
        with contextlib.suppress(OSError, serial.SerialException):
            self._device.close()


Opener = Callable[[str, int], Port]
"""`open_port`, or what stands for it where the wires are in memory."""


def open_port(url: str, baud: int = 115_200) -> Port:
    """Opens it for us alone, raw; PortError in one clear line otherwise. May take seconds for a network port: not for the event loop."""
    if "://" in url:
        return _open_network(url, baud)
    try:
        device = serial.Serial(url, baud, timeout=0, write_timeout=0, exclusive=True)
    except (serial.SerialException, OSError, ValueError) as error:
        raise PortError(why_not(url, error)) from error
    fd = device.fileno()
    os.set_blocking(fd, False)
    _keep_for_us(fd)
    return Port(url, fd, device)


def _keep_for_us(fd: int) -> None:
    """No hang-up when we die (the call must stay up), "nothing there" told from "gone" (VMIN 1), and no other program beside us.

    TIOCEXCL not on a pseudo-terminal: its other end keeps it open, so the mark would outlive us and shut ourselves out.
    """
    with contextlib.suppress(termios.error, OSError):
        settings = termios.tcgetattr(fd)
        settings[2] = (settings[2] & ~termios.HUPCL) | termios.CLOCAL
        settings[6][termios.VMIN], settings[6][termios.VTIME] = 1, 0
        termios.tcsetattr(fd, termios.TCSANOW, settings)
    with contextlib.suppress(OSError):
        if not os.ttyname(fd).startswith("/dev/pts/"):
            fcntl.ioctl(fd, termios.TIOCEXCL)


def why_not(url: str, error: Exception) -> str:
    """The one line for a person."""
    number = getattr(error, "errno", None)
    if number is None and error.__context__ is not None:
        number = getattr(error.__context__, "errno", None)
    if number == errno.ENOENT:
        return f"{url}: no such port; is the modem plugged in? `seatbox doctor` lists the ports there are"
    if number in (errno.EACCES, errno.EPERM):
        return f"{url}: no right to open it; add the box's user to the group dialout"
    if number in (errno.EBUSY, errno.EAGAIN):
        return f"{url}: busy; another program (ModemManager, a getty, a terminal) holds it: stop that one"
    if number in (errno.ENXIO, errno.ENODEV, errno.EIO):
        return f"{url}: the device behind it is gone; plug the modem in again"
    if number == errno.ECONNREFUSED:
        return f"{url}: nobody listens there; is the serial server running, are address and port right?"
    return f"{url}: cannot be opened ({str(error).splitlines()[0] if str(error) else type(error).__name__})"


def _open_network(url: str, baud: int) -> Port:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the library, to itself
            device = serial.serial_for_url(_lenient(url), baud, timeout=_PUMP_S)
    except (serial.SerialException, OSError, ValueError) as error:
        raise PortError(why_not(url, error)) from error
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    pump = _Pump(device, ours, theirs)
    return Port(url, ours.fileno(), device, pump)


def _lenient(url: str) -> str:
    """ser2net leaves settings unanswered that its device does not have (pyserial: "timeout while waiting for option 'control'")."""
    if not url.startswith("rfc2217://") or _LENIENT in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{_LENIENT}"


class _Pump:
    """Carries bytes both ways until either side ends; then the descriptor shows end of file."""

    def __init__(self, device: serial.SerialBase, ours: socket.socket, theirs: socket.socket) -> None:
        self._device, self._ours, self._theirs = device, ours, theirs
        self._stopping = threading.Event()
        theirs.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="serial pump", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._ours.close()
        self._thread.join(2.0)

    def _run(self) -> None:
        with contextlib.suppress(OSError, serial.SerialException, ValueError, TypeError):
            while not self._stopping.is_set() and self._turn():
                pass
        self._theirs.close()
        link = getattr(self._device, "_socket", None)  # pyserial forgets it unclosed where the far end has reset it
        with contextlib.suppress(Exception):  # the library raises what it likes when its far end has gone
            self._device.close()
        if isinstance(link, socket.socket):
            link.close()

    def _turn(self) -> bool:
        data = self._device.read(_BLOCK)
        if data:
            with contextlib.suppress(BlockingIOError):
                self._theirs.send(data)  # a reader that stalls loses the rest, as with a modem
        try:
            out = self._theirs.recv(_BLOCK)
        except BlockingIOError:
            return True
        if not out:
            return False
        self._device.write(out)
        return True
