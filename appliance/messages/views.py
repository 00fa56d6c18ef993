"""Messages as people see them: a fold in memory, newest first."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from appliance.events import Event
from appliance.events import message as told

KEEP: Final = 2_000


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: of one that came "new", "read"; of one that goes "waiting", "sending", "sent", "delivered", "failed", "unsure"."""

    id: str
    direction: str  # in out
    number: str
    text: str
    at_ms: int  # UTC
    state: str
    line: str | None = None
    by: str | None = None  # who wrote it
    read_by: str | None = None
    why: str | None = None
    missing: int = 0


class Messages:
    def __init__(self, keep: int = KEEP) -> None:
        self._keep, self._views = keep, dict[str, MessageView]()

    def take(self, utc_ms: int, fact: Event) -> None:
        if isinstance(fact, told.MessageReceived):
            self._views[fact.message] = MessageView(
                id=fact.message, direction="in", number=fact.sender, text=fact.text, at_ms=utc_ms, state="new", line=fact.line,
                missing=len(fact.missing),
            )  # fmt: skip
        elif isinstance(fact, told.MessageWritten):
            self._views[fact.message] = MessageView(
                id=fact.message, direction="out", number=fact.to, text=fact.text, at_ms=utc_ms, state="waiting", by=fact.by
            )
        elif isinstance(fact, told.MessageEvent) and fact.message in self._views:
            self._views[fact.message] = _after(self._views[fact.message], fact)
        if len(self._views) > self._keep:
            del self._views[next(iter(self._views))]

    def one(self, message: str) -> MessageView | None:
        return self._views.get(message)

    def newest(self, *, direction: str | None = None, number: str | None = None) -> Iterator[MessageView]:
        for view in reversed(self._views.values()):
            if direction in (None, view.direction) and number in (None, view.number):
                yield view

    @property
    def unread(self) -> int:
        return sum(view.state == "new" for view in self._views.values())


def _after(view: MessageView, fact: told.MessageEvent) -> MessageView:
    match fact:
        case told.MessageRead(by=by):
            return replace(view, state="read", read_by=by)
        case told.MessageTried(line=line):
            return replace(view, state="sending", line=line)
        case told.MessageSent():
            return replace(view, state="sent")
        case told.MessageDelivered():
            return replace(view, state="delivered")
        case told.MessageFailed(why=why, sure=sure):
            return replace(view, state="failed" if sure else "unsure", why=why)
    return view
