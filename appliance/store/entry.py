"""One entry of the journal, its canonical form and its place in the hash chain (E5, A7).

An entry's hash is blake2b (32 bytes) over the hash before it and a canonical binary form of everything else it holds, number and
times included: nothing of it can change, move or vanish without a break. blake2b because a Pi 4 has no SHA instructions.
"""

import importlib
import pkgutil
import struct
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

import msgspec

import appliance.events
from appliance.base.ids import TenantId
from appliance.events import Event

GENESIS = bytes(32)
"""The hash before the first entry."""

_FIXED = struct.Struct(">QqqB")
_LENGTH = struct.Struct(">I")
_PERSON = b"seatbox journal1"  # exactly 16 bytes: a chain of ours is no chain of anybody else's

COLUMNS = ("number", "boot", "at_ms", "utc_ms", "utc_trusted", "tenant", "kind", "body", "hash")


class UnknownFact(Event, frozen=True, kw_only=True):
    """A fact of another version of the box (after a roll-back): its entry is kept and chained, its meaning is not known here."""

    kind: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with its place. `at_ms` is of the boot-time clock of `boot`; `utc_ms` is for people, as good as `utc_trusted` says."""

    number: int
    boot: str
    at_ms: int
    utc_ms: int
    utc_trusted: bool
    tenant: TenantId
    kind: str
    event: Event
    body: bytes  # msgpack of the event
    hash: bytes

    def row(self) -> tuple[object, ...]:
        """Its columns, in the order of COLUMNS."""
        return (
            self.number,
            self.boot,
            self.at_ms,
            self.utc_ms,
            int(self.utc_trusted),
            self.tenant,
            self.kind,
            self.body,
            self.hash,
        )


def chained(before: bytes, number: int, boot: str, at_ms: int, utc_ms: int, trusted: int, tenant: str, kind: str, body: bytes) -> bytes:
    """The hash of an entry that follows one whose hash is `before`. Raises what struct raises where a value is out of its range."""
    chain = blake2b(before, digest_size=32, person=_PERSON)
    chain.update(_FIXED.pack(number, at_ms, utc_ms, trusted))
    for part in (
        boot.encode("utf-8", "surrogateescape"),
        tenant.encode("utf-8", "surrogateescape"),
        kind.encode("utf-8", "surrogateescape"),
        body,
    ):
        chain.update(_LENGTH.pack(len(part)))
        chain.update(part)
    return chain.digest()


_encode = msgspec.msgpack.Encoder().encode


def entry_of(event: Event, before: bytes, number: int, boot: str, utc_ms: int, trusted: bool) -> Entry:
    """The entry of a fact, sealed with the chain's hash so far."""
    kind, body = type(event).__name__, _encode(event)
    digest = chained(before, number, boot, event.at_ms, utc_ms, int(trusted), event.tenant, kind, body)
    return Entry(
        number=number,
        boot=boot,
        at_ms=event.at_ms,
        utc_ms=utc_ms,
        utc_trusted=trusted,
        tenant=event.tenant,
        kind=kind,
        event=event,
        body=body,
        hash=digest,
    )


def _below(kind: type[Event]) -> Iterable[type[Event]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def kinds_of_facts() -> tuple[type[Event], ...]:
    """Every fact of appliance.events, found by walking its modules."""
    for module in pkgutil.iter_modules(appliance.events.__path__):
        importlib.import_module(f"appliance.events.{module.name}")
    return tuple(kind for kind in _below(Event) if kind.__module__.startswith("appliance.events."))


@cache
def _decoder() -> msgspec.msgpack.Decoder[Event]:
    kinds = kinds_of_facts()
    union: type[Event] = kinds[0]
    for kind in kinds[1:]:
        union = union | kind  # type: ignore[assignment]
    return msgspec.msgpack.Decoder(union)


def event_of(kind: str, body: bytes, at_ms: int, tenant: TenantId) -> Event:
    """The typed fact of an entry's body; an UnknownFact where this version has no such kind, or the body is damaged."""
    try:
        return _decoder().decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UnknownFact(at_ms=at_ms, tenant=tenant, kind=kind)


def entry_of_row(row: tuple[int, str, int, int, int, str, str, bytes, bytes]) -> Entry:
    """An entry from its columns, in the order of COLUMNS."""
    number, boot, at_ms, utc_ms, trusted, tenant, kind, body, digest = row
    owner = TenantId(tenant)
    return Entry(
        number=number,
        boot=boot,
        at_ms=at_ms,
        utc_ms=utc_ms,
        utc_trusted=bool(trusted),
        tenant=owner,
        kind=kind,
        event=event_of(kind, body, at_ms, owner),
        body=body,
        hash=digest,
    )
