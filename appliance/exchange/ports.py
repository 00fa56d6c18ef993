"""Pseudo-terminals as a modem's ports (A1): a link that the box opens as it opens a real port, and our own end, kept open.

Because we hold the slave too, the box may die and come back while a call is up.
"""

import contextlib
import errno
import fcntl
import os
import struct
import termios
import tty
from pathlib import Path
from typing import Final

UNREAD_AT_MOST: Final = 3000  # bytes of text that wait for a host; more is lost, as in a driver's buffer


class Port:
    """One port. open() makes the link, close() takes it away: then the host's reads fail as with a pulled plug."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master = self.slave = -1

    @property
    def is_open(self) -> bool:
        return self.master >= 0

    def open(self) -> None:
        if self.is_open:
            return
        if self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(errno.EEXIST, "there is a file or device already; a link to a port would replace it", str(self.link))
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.link.parent.mkdir(parents=True, exist_ok=True)
        new = self.link.with_name(self.link.name + ".new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self.slave))
        new.replace(self.link)

    def close(self) -> None:
        if not self.is_open:
            return
        with contextlib.suppress(OSError):  # another exchange's link at the same place stays
            if str(self.link.readlink()) == os.ttyname(self.slave):
                self.link.unlink()
        os.close(self.master)
        os.close(self.slave)
        self.master = self.slave = -1

    def unread(self) -> int:
        """Bytes that the host has not fetched."""
        return int(struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0\0\0\0"))[0])

    def read(self) -> bytes:
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """As much as a driver's buffer takes."""
        if not self.is_open or self.unread() > UNREAD_AT_MOST:
            return
        try:
            os.write(self.master, data)
        except OSError:
            return
