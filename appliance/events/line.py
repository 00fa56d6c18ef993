"""What a line driver tells (A1). A line has at most one call; every fact names the line only.

Order on an incoming call: LineRinging (again on each later ring), CallerKnown at most once, then LineAnswered after our order
`answer`, or LineHungUp where the caller gave up. On an outgoing one: LineDialling, LineAlerting (not always), LineConnected, or
LineHungUp. LineHungUp comes exactly once for each call that was begun, LineIdle when the line can take or make the next one.
"""

from typing import Final

from appliance.base.ids import LineId
from appliance.events import Event


class LineEvent(Event, frozen=True, kw_only=True):
    line: LineId


class LineIdle(LineEvent, frozen=True, kw_only=True):
    """In service and without a call: after start, after a call, after a fault."""


class LineFault(LineEvent, frozen=True, kw_only=True):
    """Out of service. `why` is one sentence for a person; the driver goes on trying, LineIdle follows when it is well."""

    why: str


class LineIdentified(LineEvent, frozen=True, kw_only=True):
    """Which module is at the port, read at each start; ports and their numbers change, an IMEI does not."""

    imei: str


class DialRefused(LineEvent, frozen=True, kw_only=True):
    """The box's own rule kept this line from dialling (A10); `why` is one sentence for a person."""

    number: str
    why: str


class DialAllowed(LineEvent, frozen=True, kw_only=True):
    """The box's rules let this line dial (A10): it counts for its tenant's, line's and day's caps. Emergency calls are not told.

    It costs `price_li` (thousandths of a yuan) each begun `step_s`: from the answer on, or from the dialling where no modem tells it.
    """

    number: str
    price_li: int = 0
    step_s: int = 60
    costs_when_dialled: bool = False


class LineRecovery(LineEvent, frozen=True, kw_only=True):
    """A step of a line's way back into service, or a sign of why it left it; `step` is one of STEPS."""

    step: str


STEPS: Final = (
    "gone",  # its port vanished
    "silent",  # it answers no more
    "radio", "reopen", "reset", "usb", "power_key",  # what was done
    "broken",  # nothing helped; tried again ever more seldom
    "under_voltage", "over_current",  # the machine's own signs of bad power
    "back",  # in service
)  # fmt: skip


class LineDisabled(LineEvent, frozen=True, kw_only=True):
    """Out of service by a person's order."""


class LineEnabled(LineEvent, frozen=True, kw_only=True):
    """Told to come back; LineIdle follows."""


class LineRinging(LineEvent, frozen=True, kw_only=True):
    """A ring (each one). `ring` counts from 1."""

    ring: int


class CallerKnown(LineEvent, frozen=True, kw_only=True):
    """Caller ID came, or will not come any more (`caller` None: withheld, or none by the second ring)."""

    caller: str | None


class LineAnswered(LineEvent, frozen=True, kw_only=True):
    """We took the line off-hook: sound may flow both ways."""


class LineDialling(LineEvent, frozen=True, kw_only=True):
    """The modem accepted the number."""


class LineAlerting(LineEvent, frozen=True, kw_only=True):
    """The far end rings."""


class LineConnected(LineEvent, frozen=True, kw_only=True):
    """The modem says the far end answered (analog: not to be trusted); sound flows from LineSoundOn on."""


class LineSoundOn(LineEvent, frozen=True, kw_only=True):
    """The line's sound runs both ways, early media included."""


class LineSoundMissing(LineEvent, frozen=True, kw_only=True):
    """2 s of a call without sound in one direction. `direction`: "from" the far end (nothing came, or nothing but zeros), "to" it (the
    modem took none). LineSoundBack follows when it flows again; the call's end ends it too."""

    direction: str


class LineSoundBack(LineEvent, frozen=True, kw_only=True):
    """Sound flows both ways again."""


class LineFormat(LineEvent, frozen=True, kw_only=True):
    """How the sound of this analog modem's streams is encoded from here on: a restart takes a running one up by it."""

    encoding: str


class LineTakenUp(LineEvent, frozen=True, kw_only=True):
    """The modem still holds the call that was up when the box ended, and the box has it again; LineSoundOn follows."""

    incoming: bool


class LineHungUp(LineEvent, frozen=True, kw_only=True):
    """The call is over. `by`: "far" (they hung up), "us", "busy", "congestion" (no way through the network), "no_answer",
    "refused" (the modem would not), "lost"."""

    by: str


class DigitHeard(LineEvent, frozen=True, kw_only=True):
    """A key of the far end, once for each press: 0-9 * # A-D."""

    digit: str


class LineHeard(LineEvent, frozen=True, kw_only=True):
    """What the box's ears found in a call's sound, each once a call. `what`: "fax_calls", "fax_answers"; of who answered a call that the
    box dialled "person" or "machine", which by its beep may be known after a person was told; "beep": a message may be spoken now."""

    what: str


class LineQuality(LineEvent, frozen=True, kw_only=True):
    """What the modem knows of its network; not kept in the journal unless it changed."""

    operator: str | None = None
    signal_dbm: int | None = None


class TextStored(LineEvent, frozen=True, kw_only=True):
    """A part of a short message lies in this modem's store, in hex; it is deleted there when this is on the disk. May be told again."""

    store: str
    index: int
    pdu: str


class TextCleared(LineEvent, frozen=True, kw_only=True):
    """That place of the store is free again."""

    store: str
    index: int


class TextReported(LineEvent, frozen=True, kw_only=True):
    """The network tells what became of a part, in hex."""

    pdu: str


class TextSent(LineEvent, frozen=True, kw_only=True):
    """The network took the part of this job."""

    job: str
    reference: int


class TextFailed(LineEvent, frozen=True, kw_only=True):
    """It did not. `again`: later it may; `sure` False: it may have gone all the same; `busy`: the line did not even try."""

    job: str
    why: str
    again: bool
    sure: bool = True
    busy: bool = False


class UssdAnswered(LineEvent, frozen=True, kw_only=True):
    """The network's answer, as it came: `coding` is its data coding scheme (23.038), `packed`: its septets in hex."""

    text: str
    coding: int = 15
    packed: bool = False


class UssdFailed(LineEvent, frozen=True, kw_only=True):
    """No answer; `why` is the modem's word or ours."""

    why: str


class BalanceAsked(LineEvent, frozen=True, kw_only=True):
    """The network was asked what is left on this line's card. `how`: "ussd", "sms". `by` "": it was time. `day`: by the box's calendar."""

    day: str
    how: str
    by: str = ""


class BalanceRead(LineEvent, frozen=True, kw_only=True):
    """So much is left, and the answer's own words."""

    fen: int
    text: str


class BalanceUnread(LineEvent, frozen=True, kw_only=True):
    """No answer, or one without an amount (`text`)."""

    why: str
    text: str = ""
