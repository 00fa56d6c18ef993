"""What stands in the place of a deleted original (A7): who wanted it, who agreed, what it was; signed by the box.

The public key is a fact of the journal, so the printed heads cover it: a key that was exchanged later shows.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.events.recording import RecordingDeleted

NAME = "signing.key"


def tombstone_text(fact: RecordingDeleted) -> bytes:
    """What is signed: one line a field, without the signature."""
    fields = (fact.call, fact.proposal, fact.proposed_by, fact.agreed_by, fact.path, fact.size, fact.sha256, fact.began_utc_ms)
    return ("seatbox tombstone 1\n" + "\n".join(repr(field) for field in fields)).encode()


class SigningKey:
    """DIR/signing.key, 32 bytes, mode 0600; made at first use."""

    def __init__(self, state: Path) -> None:
        path = state / NAME
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except (FileNotFoundError, ValueError):
            self._key = Ed25519PrivateKey.generate()
            part = path.with_name(f"{NAME}.part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(self._key.private_bytes_raw())
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, fact: RecordingDeleted) -> str:
        return self._key.sign(tombstone_text(fact)).hex()


def signed(fact: RecordingDeleted, public: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(fact.signature), tombstone_text(fact))
    except (InvalidSignature, ValueError):
        return False
    return True
