"""DIR/accounts.json (mode 0600): who there is, as hashes only (E2). The box and `seatbox password` both change it, so each change locks it,
reads it again, and replaces it whole; who reads it notices when it was replaced."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from appliance.base.errors import SeatboxError
from appliance.base.files import write_whole


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`password`: its argon2 form; None: cannot sign in yet. `set_at_s`: UTC seconds; sessions from before are over."""

    name: str
    role: str
    password: str | None = None
    set_at_s: int = 0


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token for programs; `name` is whose, with that account's role at the time of use."""

    name: str
    label: str
    made_at_s: int


class Book(msgspec.Struct, kw_only=True):
    """The whole file. Tokens stand under the hash of their text."""

    accounts: dict[str, Account] = {}
    tokens: dict[str, Token] = {}


Mark = tuple[int, int, int]


class Register:
    """The file, read again when it was replaced."""

    def __init__(self, state: Path) -> None:
        self.path = state / "accounts.json"
        self._mark: Mark | None = None
        self._book = Book()

    def book(self) -> Book:
        """As it stands now. Raises SeatboxError where the file cannot be understood: nobody gets in by destroying it."""
        mark = self._marked()
        if mark != self._mark:
            self._book, self._mark = self._read(), mark
        return self._book

    @contextmanager
    def change(self) -> Iterator[Book]:
        """A book to change; written when the block ends without an error. Raises OSError where the disk is full: the old file stays."""
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            book = self._read()
            yield book
            write_whole(self.path, msgspec.json.format(msgspec.json.encode(book), indent=1))
        finally:
            os.close(lock)

    def _marked(self) -> Mark | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> Book:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Book)
        except FileNotFoundError:
            return Book()
        except (msgspec.MsgspecError, UnicodeDecodeError) as why:
            raise SeatboxError(f"{self.path} cannot be understood ({why}): put back a good copy, or move it away to begin anew") from why
