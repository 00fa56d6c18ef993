"""Accounts (E2): who may sign in, and the tokens of programs. Hashing runs in a thread of its own, never on the event loop."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from appliance.base.clock import Clock
from appliance.base.errors import NotFound, Refused
from appliance.events import Event
from appliance.events.box import PasswordSet, SignedIn
from appliance.people import passwords
from appliance.people.lockout import Lockout
from appliance.people.register import Account, Book, Register, Token
from appliance.people.roles import Role, role_of

ADMINISTRATOR = "admin"
QUEUED = 16  # sign-ins that may wait for the one hashing thread; each takes 0.02 to 0.1 s and 19 MiB


class Accounts:
    """`tell` takes facts for the journal (SignedIn, PasswordSet); of the event loop's thread, all but the hashing."""

    def __init__(self, state: Path, clock: Clock, tell: Callable[[Sequence[Event]], object] | None = None) -> None:
        self._register = Register(state)
        self._clock, self._tell = clock, tell
        self._lockout = Lockout()
        self._thread = ThreadPoolExecutor(1, "passwords")
        self._queued = 0
        self._known: frozenset[str] | None = None

    # -- who there is ---------------------------------------------------------------------------------------------------------------

    def first_password(self) -> str | None:
        """Makes the first administrator where there is none; his password, this once. None where there is one already."""
        with self._register.change() as book:
            if any(account.role == Role.ADMINISTRATOR.word for account in book.accounts.values()):
                return None
            password = passwords.drawn_password()
            put_password(book, ADMINISTRATOR, password, Role.ADMINISTRATOR)
            return password

    def know(self, agents: Mapping[str, str]) -> None:
        """The configuration's agents, id to role: each has an account, without a password until one is set.

        Who is no longer among them cannot sign in and his tokens rest; his account is kept for the day he comes back.
        """
        self._known = frozenset((*agents, ADMINISTRATOR))
        accounts = self._register.book().accounts
        wanted = {name: role_of(role).word for name, role in agents.items() if name != ADMINISTRATOR}
        if all(name in accounts and accounts[name].role == role for name, role in wanted.items()):
            return
        with self._register.change() as book:
            for name, role in wanted.items():
                book.accounts[name] = msgspec.structs.replace(book.accounts.get(name, Account(name=name, role=role)), role=role)

    def names(self) -> list[str]:
        return sorted(self._register.book().accounts)

    def find(self, name: str) -> Account | None:
        """None for who does not exist, or is no longer known."""
        return self._register.book().accounts.get(name) if self._known is None or name in self._known else None

    def by_token(self, token: str) -> Account | None:
        """Whose program asks; None where nobody's."""
        found = self._register.book().tokens.get(passwords.token_key(token))
        return self.find(found.name) if found else None

    # -- signing in -----------------------------------------------------------------------------------------------------------------

    async def check(self, name: str, password: str, address: str) -> Account | None:
        """The account where name and password are right, else None. Raises Refused where tried too often or by too many at once."""
        if self._queued >= QUEUED:
            raise Refused("refused.too_many")
        self._lockout.begin(name, address, self._clock.now_ms())
        account = self.find(name)
        stored = account.password if account else None
        self._queued += 1
        try:
            ok = await asyncio.get_running_loop().run_in_executor(self._thread, passwords.right, password, stored)
        finally:
            self._queued -= 1
        if ok:
            self._lockout.passed(name, address)
        by = name if account else "unknown"  # who mistypes a password for a name has not told it to the journal
        self._say(SignedIn(at_ms=self._clock.now_ms(), by=by, ok=ok, address=address))
        return account if ok else None

    async def set_password(self, name: str, password: str, by: str) -> None:
        """Raises Refused where it is too short, NotFound where there is no such account."""
        if self.find(name) is None:
            raise NotFound(f"there is no account {name!r}")
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store_password, name, password)
        self._say(PasswordSet(at_ms=self._clock.now_ms(), by=by, about=name))

    def _store_password(self, name: str, password: str) -> None:
        with self._register.change() as book:
            put_password(book, name, password)

    def _say(self, fact: Event) -> None:
        if self._tell is not None:
            self._tell([fact])

    # -- tokens ---------------------------------------------------------------------------------------------------------------------

    def make_token(self, name: str, label: str) -> str:
        """A new token with this account's rights; its text is not kept. Raises NotFound."""
        token = passwords.drawn_token()
        self.keep_token(token, name, label)
        return token

    def keep_token(self, token: str, name: str, label: str) -> None:
        """The same with a text that is known already."""
        with self._register.change() as book:
            if name not in book.accounts:
                raise NotFound(f"there is no account {name!r}")
            book.tokens[passwords.token_key(token)] = Token(name=name, label=label, made_at_s=int(time.time()))

    def drop_tokens(self, label: str) -> int:
        """How many of that label there were."""
        with self._register.change() as book:
            keys = [key for key, token in book.tokens.items() if token.label == label]
            for key in keys:
                del book.tokens[key]
            return len(keys)

    def close(self) -> None:
        self._thread.shutdown()


def set_password_now(state: Path, name: str, password: str) -> None:
    """For the command line, where nothing else runs in this process. Raises Refused, NotFound."""
    with Register(state).change() as book:
        if name not in book.accounts:
            there = ", ".join(sorted(book.accounts)) or "none yet: start the box once"
            raise NotFound(f"there is no account {name!r}; there are: {there}")
        put_password(book, name, password)


def put_password(book: Book, name: str, password: str, role: Role | None = None) -> None:
    """A password into an open book; a new account gets `role`, or the least. Takes 0.1 s. Raises Refused."""
    hashed, now_s = passwords.hashed(password), int(time.time())
    old = book.accounts.get(name)
    word = role.word if role is not None else old.role if old is not None else Role.AGENT.word
    book.accounts[name] = Account(name=name, role=word, password=hashed, set_at_s=now_s)
