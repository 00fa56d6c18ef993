"""Short messages (A1 A5): received, written, sent, delivered; who wants none. A message's id is the box's own counter."""

from appliance.base.ids import LineId
from appliance.events import Event


class MessageEvent(Event, frozen=True, kw_only=True):
    message: str


class MessageReceived(MessageEvent, frozen=True, kw_only=True):
    """All parts are there, or after a day those that came: `missing` are the others. `key`: which parts, so that none is told twice."""

    line: LineId
    sender: str
    text: str
    key: str
    sent_at: str = ""  # the centre's time, ISO 8601; "" where it said none
    missing: tuple[int, ...] = ()


class MessageRead(MessageEvent, frozen=True, kw_only=True):
    by: str


class MessageWritten(MessageEvent, frozen=True, kw_only=True):
    """To be sent. `template`: the one that it was made of."""

    to: str
    text: str
    by: str
    template: str = ""
    line: LineId | None = None  # by this one alone


class MessageTried(MessageEvent, frozen=True, kw_only=True):
    """From here on this part may have gone: it is on the disk before the modem is told."""

    part: int
    line: LineId


class MessagePartSent(MessageEvent, frozen=True, kw_only=True):
    """The network took it; `reference` is the modem's own, by which a report names it."""

    part: int
    line: LineId
    reference: int


class MessageSent(MessageEvent, frozen=True, kw_only=True):
    """All parts."""


class MessageDelivered(MessageEvent, frozen=True, kw_only=True):
    """The receiver's telephone has all of it."""


class MessageFailed(MessageEvent, frozen=True, kw_only=True):
    """`sure` False: nobody knows whether it went (no answer, or the box ended in the midst); it is not sent again by itself."""

    why: str
    sure: bool = True


class NumberOptedOut(Event, frozen=True, kw_only=True):
    """Gets no messages any more. `by`: "sender" by a word of his, or an account."""

    number: str
    by: str


class NumberOptedIn(Event, frozen=True, kw_only=True):
    number: str
    by: str
