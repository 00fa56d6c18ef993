"""Passwords and tokens (E2): argon2id for what people remember, a plain hash for what a machine drew from 256 bits.

argon2id with 19 MiB, t=2, p=1. Source: OWASP Password Storage Cheat Sheet; a Pi 4 takes some 0.1 s for it, so never on the event loop.
"""

import secrets
import unicodedata
from hashlib import blake2b

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from appliance.base.errors import Refused

SHORTEST = 8
LONGEST = 1000
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
NOBODY = _hasher.hash(secrets.token_hex(16))
"""Checked where there is no such person, so that the time it takes tells nothing."""


def hashed(password: str) -> str:
    """Raises Refused where it is too short or too long."""
    if len(password) < SHORTEST:
        raise Refused("refused.password_short", least=str(SHORTEST))
    if len(password) > LONGEST:
        raise Refused("refused.password_long", most=str(LONGEST))
    return _hasher.hash(_bytes(password))


def right(password: str, stored: str | None) -> bool:
    """Takes as long where nothing is stored."""
    try:
        return _hasher.verify(stored or NOBODY, _bytes(password[:LONGEST])) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """The same from each keyboard: composed and decomposed letters are one."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def drawn_password() -> str:
    """15 letters in groups of five, 74 bits: to be typed from a screen."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


def drawn_token() -> str:
    return secrets.token_urlsafe(32)


def token_key(token: str) -> str:
    """Under which a token is kept: who reads the file cannot use it."""
    return blake2b(token.encode("utf-8", "surrogatepass"), digest_size=32, person=b"seatbox token").hexdigest()
