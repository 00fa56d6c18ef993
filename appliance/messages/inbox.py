"""Messages that come (A1): parts to messages, each exactly once, whatever ends in between. Sans-I/O, a fold that can be made again.

A part is in the journal before it is deleted in the modem. Killed in between, the modem lists it again: the same bytes in the same place
are the same part. Told and not joined yet, the fold joins it at the next start; joined, MessageReceived names it by its key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from appliance.events import Event
from appliance.events.line import TextCleared, TextStored
from appliance.events.message import MessageReceived
from appliance.messages.pdu import BadPdu, Part, Report, read, text_of

PATIENCE_MS: Final = 24 * 3600 * 1000
"""So long missing parts are waited for: they come out of order, and hours apart."""

MOST_OPEN: Final = 500
"""Messages that wait for parts; of more the oldest is told as it is, so that memory is bounded."""


@dataclass(slots=True)
class _Open:
    line: str
    since_ms: int
    total: int
    parts: dict[int, Part] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return len(self.parts) == self.total


class Inbox:
    """`take` every fact in the journal's order; `due` then says which messages are to be told."""

    def __init__(self) -> None:
        self.slots: dict[tuple[str, str, int], str] = {}  # what lies in the modems and is in the journal
        self.broken = 0  # that no one can read
        self._open: dict[str, _Open] = {}

    def take(self, at_ms: int, fact: Event) -> Report | None:
        """A report that lay in a store is given back."""
        match fact:
            case TextStored(line=line, store=store, index=index, pdu=pdu):
                if self.slots.get((line, store, index)) != pdu:
                    self.slots[line, store, index] = pdu
                    return self._part(at_ms, line, pdu)
            case TextCleared(line=line, store=store, index=index):
                self.slots.pop((line, store, index), None)
            case MessageReceived(key=key):
                self._open.pop(key, None)
        return None

    def _part(self, at_ms: int, line: str, pdu: str) -> Report | None:
        try:
            part = read(pdu)
        except BadPdu:
            self.broken += 1
            return None
        if isinstance(part, Report):
            return part
        key = _key(line, part, pdu)
        found = self._open.get(key)
        if found is not None and found.parts.get(part.number, part) != part:  # the sender's count came round: another message
            self._open[f"{key}~{len(self._open)}~{at_ms}"] = self._open.pop(key)
            found = None
        if found is None:
            found = self._open[key] = _Open(line, at_ms, part.total)
        found.parts[part.number] = part
        return None

    def due(self, now_ms: int) -> Iterator[MessageReceived]:
        """Complete ones, and those whose time is over. Each is told again until its fact was taken; `message` is the teller's to set."""
        crowd = len(self._open) - MOST_OPEN
        for number, (key, one) in enumerate(list(self._open.items())):
            if one.whole or "~" in key or now_ms - one.since_ms >= PATIENCE_MS or number < crowd:
                parts = [one.parts[at] for at in sorted(one.parts)]
                yield MessageReceived(
                    at_ms=now_ms,
                    message="",
                    line=one.line,  # type: ignore[arg-type]
                    sender=parts[0].sender,
                    text=text_of(parts),
                    key=key,
                    sent_at=parts[0].at,
                    missing=tuple(at for at in range(1, one.total + 1) if at not in one.parts),
                )

    @property
    def next_ms(self) -> int | None:
        return min((one.since_ms + PATIENCE_MS for one in self._open.values()), default=None)


def _key(line: str, part: Part, pdu: str) -> str:
    """Parts of one message have the same; the time is not in it, as each part has its own."""
    own = pdu if part.total == 1 else f"{part.sender}/{part.coding}/{part.reference}/{part.total}"
    return blake2b(f"{line}/{own}".encode(), digest_size=12).hexdigest()
