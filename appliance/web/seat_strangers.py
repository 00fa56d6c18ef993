"""Who may knock at the gateway at all, and how much of the log strangers may fill (A2, E5)."""

import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

PATH: Final = "/seat"
LINES: Final = 20
"""Log lines that one address gets in WINDOW_S; the rest is counted."""
WINDOW_S: Final = 60.0
ADDRESSES: Final = 1000

WELCOME: Final = "Seatbox: this browser trusts the sound port now. You may close this page.\n本页仅用于确认证书，可以关闭。\n"


def stranger(connection: ServerConnection, request: Request, *, secure: bool) -> Response | None:
    """An answer for whoever is not a page of this box; None lets the handshake go on.

    A browser always names the page's origin, a foreign page therefore its own: it must be this host, over the same kind of
    connection (the page has a port of its own). A program sends none and shows a ticket like everybody.
    """
    if "Upgrade" not in request.headers and request.path == "/":
        response = connection.respond(HTTPStatus.OK, WELCOME)
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response
    if request.path != PATH:
        return connection.respond(HTTPStatus.NOT_FOUND, "nothing here\n")
    origins = request.headers.get_all("Origin")
    if origins and not same_host(origins, request.headers.get_all("Host"), secure=secure):
        return connection.respond(HTTPStatus.FORBIDDEN, "a page of another host\n")
    return None


def same_host(origins: list[str], hosts: list[str], *, secure: bool) -> bool:
    """True where one origin and one Host header name the same host; `null`, several, or nonsense are False."""
    if len(origins) != 1 or len(hosts) != 1:
        return False
    try:
        origin, host = urlsplit(origins[0]), urlsplit(f"//{hosts[0]}")
        return origin.scheme == ("https" if secure else "http") and origin.hostname is not None and origin.hostname == host.hostname
    except ValueError:
        return False


class Complaints:
    """One line for each thing a stranger does, at most LINES a minute and address, so that nobody fills the disk."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._since = 0.0
        self._said: dict[str, int] = {}

    def say(self, who: str, what: str, now: float) -> None:
        if now - self._since > WINDOW_S:
            for address, count in self._said.items():
                if count > LINES:
                    self._log.warning("%s: %d more of the like not shown", address, count - LINES)
            self._since, self._said = now, {}
        if who not in self._said and len(self._said) >= ADDRESSES:
            who = "others"
        self._said[who] = self._said.get(who, 0) + 1
        if self._said[who] <= LINES:
            self._log.warning("%s: %s", who, what)
