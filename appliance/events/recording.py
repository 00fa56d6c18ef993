"""A recording's life (A7): begun, block after block, sealed."""

from appliance.base.ids import CallId, SeatId
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


class RecordingGap(RecordingEvent, frozen=True, kw_only=True):
    """After a restart of the box in mid-call: from byte `offset` on `gap_ms` are silence, where nobody recorded."""

    offset: int
    gap_ms: int


class RecordingSealed(RecordingEvent, frozen=True, kw_only=True):
    """The file is whole: `size` bytes, true sizes in its header, `sha256` of them all. `after_crash`: sealed at the next start.

    `blocks`: blake2b (32 bytes, hex) over the blocks' hashes in their order; "" where an older Seatbox sealed it.
    """

    size: int
    seconds: float
    sha256: str
    after_crash: bool = False
    lost_ms: int = 0
    blocks: str = ""
    paused_ms: int = 0  # so much of it is silence, as the recording was paused


class RecordingFailed(RecordingEvent, frozen=True, kw_only=True):
    """The disk would not take it; said aloud, the call goes on. Seconds since lost are silence, so that time stays true."""

    why: str


class RecordingPaused(RecordingEvent, frozen=True, kw_only=True):
    """From here on silence is recorded, while payment data are spoken. `by`: "agent" of that seat."""

    seat: SeatId
    by: str = "agent"


class RecordingResumed(RecordingEvent, frozen=True, kw_only=True):
    """Sound is recorded again. `by`: "agent", or "box" where the pause had its longest length."""

    seat: SeatId
    by: str = "agent"


class RecordingPacked(RecordingEvent, frozen=True, kw_only=True):
    """The same samples as FLAC: `path` below DIR/recordings, `size` and `sha256` of that file. The WAV may go once this is on the disk."""

    path: str
    size: int
    sha256: str


class RecordingCopied(RecordingEvent, frozen=True, kw_only=True):
    """A copy with loss, for listening alone: `path` below DIR/listening, `size` and `sha256` of that file. The last one counts."""

    path: str
    size: int
    sha256: str


class RecordingMarked(RecordingEvent, frozen=True, kw_only=True):
    """Taken into the library of exemplary calls (优秀录音); `by` a person. A reason of "" takes it out again."""

    by: str
    reason: str


class HeadPrinted(Event, frozen=True, kw_only=True):
    """The hash of this very entry is told to the outside. `seals`: the hashes of all RecordingSealed since the last one, 32 bytes each.

    `day`: the local day that it closes, "2026-11-24"; `by`: "box", or who asked for one in between.
    """

    day: str
    by: str
    seals: bytes = b""


class DeletionProposed(Event, frozen=True, kw_only=True):
    """One of two people wants all originals gone that were begun before `before_utc_ms`, as the policy of `keep_days` allows."""

    proposal: str
    by: str
    why: str
    before_utc_ms: int
    keep_days: int
    recordings: int  # how many there were of them then


class DeletionWithdrawn(Event, frozen=True, kw_only=True):
    proposal: str
    by: str


class DeletionAgreed(Event, frozen=True, kw_only=True):
    """The second one, never the first."""

    proposal: str
    by: str


class RecordingDeleted(RecordingEvent, frozen=True, kw_only=True):
    """A tombstone. The files go once it is on the disk. `signature`: the box's, Ed25519 as hex (store/tombstone.py)."""

    proposal: str
    proposed_by: str
    agreed_by: str
    path: str
    size: int
    sha256: str
    began_utc_ms: int
    signature: str


class SigningKeyMade(Event, frozen=True, kw_only=True):
    """The box signs with this key from here on: Ed25519, 32 bytes as hex."""

    public: str
