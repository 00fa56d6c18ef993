"""Where the browser seats' gateway and the box that comes after its own find each other (E5).

A socket without a file, so that DIR can be copied as it is. Anybody on the machine could take an abstract name,
so each side looks whose process the other is.
"""

import os
import socket
import struct
from pathlib import Path


def address(place: Path) -> str:
    """Of the box whose DIR this is."""
    known = place.stat()
    return f"\0seatbox-gateway-{known.st_dev:x}-{known.st_ino:x}"


def is_ours(peer: socket.socket) -> bool:
    """The other side runs as the same user."""
    _pid, user, _group = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return bool(user == os.geteuid())
