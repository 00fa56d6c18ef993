"""A recording's life (A7): begun, block after block, sealed."""

from appliance.base.ids import CallId
from appliance.events import Event


class RecordingEvent(Event, frozen=True, kw_only=True):
    call: CallId


class RecordingBegan(RecordingEvent, frozen=True, kw_only=True):
    """`path` is relative to DIR/recordings; its first block is the file's header."""

    path: str
    rate_hz: int = 8000
    channels: int = 2


class RecordingBlock(RecordingEvent, frozen=True, kw_only=True):
    """Bytes [offset, offset+size) of the file are written; `blake2b` (32 bytes, hex) is of these bytes.

    Block 0 is the header as it is while the call runs, with the largest sizes.
    """

    index: int
    offset: int
    size: int
    blake2b: str


class RecordingSealed(RecordingEvent, frozen=True, kw_only=True):
    """The file is whole: `size` bytes, true sizes in its header, `sha256` of them all. `after_crash`: sealed at the next start."""

    size: int
    seconds: float
    sha256: str
    after_crash: bool = False
    lost_ms: int = 0


class RecordingFailed(RecordingEvent, frozen=True, kw_only=True):
    """The disk would not take it; said aloud, the call goes on. Seconds since lost are silence, so that time stays true."""

    why: str
