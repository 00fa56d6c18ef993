"""Who asks: the page's sessions by cookie, the interface's bearer tokens, and the token against forged posts (E2)."""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import msgspec
from starlette.requests import HTTPConnection

from appliance.people.register import Account
from appliance.people.roles import Role

__all__ = ["Accounts", "Person", "Role", "Session", "Sessions"]

COOKIE: Final = "seatbox"
IDLE_S: Final = 12 * 3600
"""A session that nobody used for so long ends: a shift, not two."""
LONGEST_S: Final = 7 * 24 * 3600
KEEP_SEEN_EVERY_S: Final = 600
MOST_SESSIONS: Final = 2000
"""The oldest goes when there are more: a bound on memory, far above any office."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: Role
    agent: str | None = None  # his id in the configuration, where he is an agent

    def may(self, role: Role) -> bool:
        return self.role >= role


class Accounts(Protocol):
    """What the page asks of people/accounts.py; passwords and tokens are that module's."""

    async def check(self, name: str, password: str, address: str) -> Account | None:
        """The account where name and password are right; None where not. Raises Refused where tried too often."""
        ...

    def find(self, name: str) -> Account | None: ...

    async def set_password(self, name: str, password: str, by: str) -> None:
        """Raises Refused where it is too short or too long, NotFound where there is no such account."""
        ...

    def by_token(self, token: str) -> Account | None: ...


class Session(msgspec.Struct, kw_only=True):
    """`began_s` and `seen_s` are UTC seconds; `forgery` is what each of its posts must bring."""

    name: str
    forgery: str
    began_s: float
    seen_s: float


class Sessions:
    """Sessions outlive a restart of the box (an agent in a call must not sign in again), so they stand in a file of mode 0600.

    Keys are hashes of the cookies: who reads the file cannot become anybody.
    """

    def __init__(self, path: Path, now_s: Callable[[], float] = time.time) -> None:
        self._path, self._now_s = path, now_s
        self._sessions: dict[str, Session] = self._read()
        self._written_s = now_s()

    def open(self, name: str) -> tuple[str, Session]:
        """(the cookie's value, the session)."""
        cookie, now = secrets.token_urlsafe(32), self._now_s()
        session = Session(name=name, forgery=secrets.token_urlsafe(24), began_s=now, seen_s=now)
        self._sessions[_hashed(cookie)] = session
        self._tidy(now)
        self._write()
        return cookie, session

    def find(self, cookie: str | None) -> Session | None:
        if not cookie or (session := self._sessions.get(_hashed(cookie))) is None:
            return None
        now = self._now_s()
        if self._over(session, now):
            return None
        session.seen_s = max(session.seen_s, now)
        if now - self._written_s > KEEP_SEEN_EVERY_S:
            self._write()
        return session

    def close(self, cookie: str | None) -> None:
        if cookie and self._sessions.pop(_hashed(cookie), None):
            self._write()

    def close_all_of(self, name: str) -> None:
        """After a new password."""
        self._sessions = {key: session for key, session in self._sessions.items() if session.name != name}
        self._write()

    def _over(self, session: Session, now: float) -> bool:
        return now - session.seen_s > IDLE_S or now - session.began_s > LONGEST_S

    def _tidy(self, now: float) -> None:
        kept = sorted(((k, s) for k, s in self._sessions.items() if not self._over(s, now)), key=lambda item: item[1].seen_s)
        self._sessions = dict(kept[-MOST_SESSIONS:])

    def _read(self) -> dict[str, Session]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Session])
        except (OSError, msgspec.MsgspecError):
            return {}  # none yet, or unreadable: everybody signs in again

    def _write(self) -> None:
        """Whole or not at all. A full disk costs the sessions their life after a restart, and nothing else."""
        new = self._path.with_suffix(".new")
        self._written_s = self._now_s()
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(self._sessions))
            new.replace(self._path)
        except OSError:
            new.unlink(missing_ok=True)


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def same(given: str | None, wanted: str) -> bool:
    """Compares in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), wanted.encode())


def bearer(connection: HTTPConnection) -> str | None:
    """The token of `Authorization: Bearer TOKEN`."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def from_elsewhere(connection: HTTPConnection) -> bool:
    """True where a browser says that another site's page has sent this (Sec-Fetch-Site, Origin): refused before anything else."""
    if connection.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    origin = connection.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != connection.headers.get("host", "")


def address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""
