"""The head anchor: DIR/head holds number and hash of the last entry that is surely on the disk, so that a cut journal is seen (E5).

Written in place after each commit: after a kill or a power cut it may be behind the journal, never ahead of it. It fits one sector.
"""

import contextlib
import fcntl
import os
import re
from pathlib import Path

from appliance.base.errors import SeatboxError
from appliance.store.entry import GENESIS

_FORM = re.compile(rb"([0-9]{20}) ([0-9a-f]{64})\n")


class Busy(SeatboxError):
    """Another box runs on this state directory."""


def read_head(path: Path) -> tuple[int, bytes] | None:
    """(number, hash) that the anchor holds; None where there is none, or where it is not one of ours."""
    try:
        found = _FORM.fullmatch(path.read_bytes())
    except OSError:
        return None
    return (int(found[1]), bytes.fromhex(found[2].decode())) if found else None


class Head:
    """The anchor of the one box that runs on a state directory: its lock, too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise Busy(f"another box runs on {path.parent}: stop it first, or name another directory with --state") from None

    def begin(self, number: int, digest: bytes) -> None:
        """Make it a true anchor before anything is written that it must be behind."""
        self.write(number, digest)
        os.fsync(self._fd)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def write(self, number: int, digest: bytes = GENESIS) -> None:
        """In place, not synced: an anchor that is behind is true."""
        os.pwrite(self._fd, b"%020d %s\n" % (number, digest.hex().encode()), 0)

    def close(self) -> None:
        """Synced, and free for the next box."""
        with contextlib.suppress(OSError):
            os.fsync(self._fd)
        os.close(self._fd)
