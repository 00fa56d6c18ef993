"""What the switchboard orders of a line, and a dialect of its sound (A1)."""

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The call that the journal knows on a line when the box starts: what the modem may still hold (E5)."""

    incoming: bool
    up: bool = True  # answered; else it rang
    number: str | None = None  # the far end's, where it is known
    encoding: str = ""  # of a v253's stream; "" where none ran


class LineOrder(msgspec.Struct, frozen=True, tag=True):
    """What the switchboard orders of a line."""


class Answer(LineOrder, frozen=True):
    pass


class Dial(LineOrder, frozen=True):
    """`number`: 0-9 * # and a leading +. Dropped while a call is up (LineRinging told so already), refused otherwise where it cannot be."""

    number: str


class HangUp(LineOrder, frozen=True):
    pass


class SendDigit(LineOrder, frozen=True):
    digit: str


class Disable(LineOrder, frozen=True):
    """Takes and makes no call from now on; a call that is up may end first."""


class Enable(LineOrder, frozen=True):
    pass


class ClearText(LineOrder, frozen=True):
    """The box has this part of a short message on its disk: its place in the modem's store may go, if it still holds the part."""

    store: str
    index: int
    pdu: str


class SendText(LineOrder, frozen=True):
    """A part of a short message, in hex; `length`: its octets without the centre's. Answered by TextSent or TextFailed of this job."""

    job: str
    pdu: str
    length: int


class AskUssd(LineOrder, frozen=True):
    """A code for the network, and the same as packed septets in hex. Answered by UssdAnswered or UssdFailed."""

    code: str
    packed: str


class SoundOrder(msgspec.Struct, frozen=True, tag=True):
    """What the dialect orders of the line's sound."""


class SoundStart(SoundOrder, frozen=True):
    """The sound runs from now on; of a v253 when its CONNECT has passed. Encodings: signed16 ulaw alaw unsigned8."""

    encoding: str = "signed16"


class SoundStop(SoundOrder, frozen=True):
    pass


class SoundResume(SoundOrder, frozen=True):
    """The stream of a v253 runs already, from before the box's restart: what comes now is sound, no text may be sent into it."""

    encoding: str


class PlayDigit(SoundOrder, frozen=True):
    """The key as tones in the sound: a modem in a voice stream takes no commands."""

    digit: str
