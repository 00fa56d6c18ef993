"""The post office of the box (A1 A5): the one writer of messages. Facts of lines and orders of people in, facts out.

Sans-I/O: clearing and sending are carried out by the box, once the entries before them are on the disk (box/messages.py).
"""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId
from appliance.base.phone_numbers import is_number
from appliance.events import Event
from appliance.events import message as told
from appliance.events.line import TextFailed, TextReported, TextSent, TextStored
from appliance.messages.inbox import Inbox
from appliance.messages.outbox import Outbox
from appliance.messages.pdu import LONG_AT_MOST, BadPdu, Report, parts_of, read
from appliance.messages.views import Messages
from appliance.store.table import TEXTS

STOP_WORDS: Final = frozenset({"td", "t", "退订", "n", "stop", "取消"})
"""What a receiver answers who wants no more; the first three are what China's operators teach. Case and blanks do not matter."""

START_WORDS: Final = frozenset({"订阅", "start"})
MOST_WAITING: Final = 2_000

KINDS: Final = TEXTS
"""The facts that it is made of, in the journal's order."""


class Post:
    """`refused`: whether the box may not dial this number; then it does not write to it either (A10).
    `full`: whether so many parts more are too many today."""

    def __init__(
        self, refused: Callable[[str], object] = lambda _number: False, full: Callable[[int], object] = lambda _parts: False
    ) -> None:
        self._refused, self._full = refused, full
        self.inbox, self.outbox, self.seen = Inbox(), Outbox(), Messages()
        self.refusers: dict[str, str] = {}  # number (its last eleven digits) -> by whom
        self.last = 0

    # -- facts -----------------------------------------------------------------------------------------------------------------------

    def take(self, at_ms: int, utc_ms: int, fact: Event) -> list[Event]:
        """Every fact of KINDS, in order, also those of before a restart. What a report means follows from it, and is in the journal already
        where this is a restart."""
        if isinstance(fact, told.MessageEvent):
            self.last = max(self.last, int(fact.message[1:]))
        elif isinstance(fact, told.NumberOptedOut):
            self.refusers[_short(fact.number)] = fact.by
        elif isinstance(fact, told.NumberOptedIn):
            self.refusers.pop(_short(fact.number), None)
        self.outbox.take(at_ms, fact)
        self.seen.take(utc_ms, fact)
        report = self.inbox.take(at_ms, fact)
        if isinstance(fact, TextReported):
            report = _report(fact.pdu)
        if isinstance(fact, told.MessagePartSent):
            return list(self.outbox.reported_early(at_ms, fact.line))
        return list(self.outbox.reported(at_ms, fact.line, report)) if report and isinstance(fact, TextStored | TextReported) else []

    def started(self, now_ms: int) -> list[Event]:
        """After the facts of before: what the end of the last run left undone."""
        return [*self.outbox.after_restart(now_ms), *self.due(now_ms)]

    def heard(self, now_ms: int, fact: Event) -> list[Event]:
        """What else follows from a line's fact that was just taken."""
        if isinstance(fact, TextSent | TextFailed):
            return list(self.outbox.told(now_ms, fact))
        return self.due(now_ms)

    def due(self, now_ms: int) -> list[Event]:
        """Messages that are whole, or waited for long enough; modems that fell silent."""
        facts: list[Event] = list(self.outbox.late(now_ms))
        for number, fact in enumerate(self.inbox.due(now_ms), self.last + 1):
            facts.append(replace(fact, message=_id(number)))
            word = fact.text.strip().strip("。.!！").lower()
            if word in STOP_WORDS and is_number(fact.sender):
                facts.append(told.NumberOptedOut(at_ms=now_ms, number=fact.sender, by="sender"))
            elif word in START_WORDS and is_number(fact.sender):
                facts.append(told.NumberOptedIn(at_ms=now_ms, number=fact.sender, by="sender"))
        return facts

    # -- people ----------------------------------------------------------------------------------------------------------------------

    def write(self, now_ms: int, to: str, text: str, by: str, template: str = "") -> list[Event]:
        """Raises Refused with why not."""
        to = to.replace(" ", "").replace("-", "")
        text = text.strip()
        if not is_number(to) or len(to.lstrip("+")) > 20:
            raise Refused("message.number", to=to[:40])
        if not text:
            raise Refused("message.empty")
        if (parts := parts_of(text)) > LONG_AT_MOST:
            raise Refused("message.long", parts=str(parts), most=str(LONG_AT_MOST))
        if _short(to) in self.refusers:
            raise Refused("message.opted_out", to=to)
        if self._refused(to):
            raise Refused("message.not_allowed", to=to)
        if self._full(parts):
            raise Refused("message.day_full")
        if len(self.outbox.going) >= MOST_WAITING:
            raise Refused("message.queue_full")
        return [told.MessageWritten(at_ms=now_ms, message=_id(self.last + 1), to=to, text=text, by=by, template=template)]

    def ask(self, now_ms: int, line: LineId, to: str, text: str) -> list[Event]:
        """The box's own question to a carrier, by this line alone."""
        return [told.MessageWritten(at_ms=now_ms, message=_id(self.last + 1), to=to, text=text, by="box", line=line)]

    def mark_read(self, now_ms: int, message: str, by: str) -> list[Event]:
        view = self.seen.one(message)
        if view is None:
            raise NotFound(f"there is no message {message!r}")
        return [told.MessageRead(at_ms=now_ms, message=message, by=by)] if view.direction == "in" and view.read_by is None else []

    def opt(self, now_ms: int, number: str, out: bool, by: str) -> list[Event]:
        if not is_number(number):
            raise Refused("message.number", to=number[:40])
        fact = told.NumberOptedOut if out else told.NumberOptedIn
        return [fact(at_ms=now_ms, number=number, by=by)]

    # -- time ------------------------------------------------------------------------------------------------------------------------

    def next(self, now_ms: int, ready: Iterable[LineId]) -> tuple[told.MessageTried, str] | None:
        return self.outbox.next(now_ms, list(ready))

    @property
    def next_ms(self) -> int | None:
        return min((at for at in (self.inbox.next_ms, self.outbox.next_ms) if at is not None), default=None)


def _id(number: int) -> str:
    return f"m{number:06d}"


def _report(pdu: str) -> Report | None:
    try:
        found = read(pdu)
    except BadPdu:
        return None
    return found if isinstance(found, Report) else None


def _short(number: str) -> str:
    """With or without the country's code it is the same subscriber."""
    return number[-11:]
