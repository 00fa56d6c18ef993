"""A pseudo-terminal with a modem's end in our hands, and network ports upon it, for transport tests."""

import os
import select
import socket
import threading
import tty
from pathlib import Path
from typing import Self

import serial
import serial.rfc2217


class Pty:
    """`path` is what the box opens; `read` and `write` are the modem's end."""

    def __init__(self, link: Path | None = None) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        if link is not None:
            link.unlink(missing_ok=True)
            link.symlink_to(self.path)
            self.path = str(link)

    def write(self, data: bytes) -> None:
        os.write(self.master, data)

    def read(self, least: int, s: float = 5.0) -> bytes:
        """At least so many bytes, or what came until nothing came for `s`."""
        found = b""
        while len(found) < least and select.select([self.master], [], [], s)[0]:
            found += os.read(self.master, 4096)
        return found

    def unplug(self) -> None:
        for fd in (self.master, self.slave):
            try:
                os.close(fd)
            except OSError:
                continue

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()


class NoModemLines(serial.Serial):
    """A pseudo-terminal has none; the library's server asks for them and sets them."""

    cts = dsr = ri = cd = False

    def _update_rts_state(self) -> None:
        pass

    def _update_dtr_state(self) -> None:
        pass


class Served:
    """A serial server in this process: `socket://` (raw) or `rfc2217://` in front of one pseudo-terminal."""

    def __init__(self, pty: Pty, rfc2217: bool) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"{'rfc2217' if rfc2217 else 'socket'}://127.0.0.1:{port}"
        self._serial = NoModemLines(pty.path, 115_200, timeout=0.02)
        self._rfc2217 = rfc2217
        self._stopping = False
        self.client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            self.client, _ = self._listener.accept()
        except OSError:
            return
        self.client.settimeout(0.02)
        manager = serial.rfc2217.PortManager(self._serial, self) if self._rfc2217 else None
        while not self._stopping:
            try:
                self._carry(manager)
            except OSError:
                return

    def _carry(self, manager: serial.rfc2217.PortManager | None) -> None:
        assert self.client is not None
        try:
            data = self.client.recv(1024)
            if not data:
                raise OSError
            self._serial.write(b"".join(manager.filter(data)) if manager else data)
        except TimeoutError:
            pass
        back = self._serial.read(1024)
        if back:
            self.client.sendall(b"".join(manager.escape(back)) if manager else back)

    def write(self, data: bytes) -> None:
        """PortManager's way to the client."""
        assert self.client is not None
        self.client.sendall(data)

    def stop(self) -> None:
        self._stopping = True
        self._listener.close()
        self._thread.join(2)
        if self.client is not None:
            self.client.close()
        self._serial.close()
