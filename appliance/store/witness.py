"""What the journal says of each recording, and whether its file says the same (A7).

Every byte of a recording is in a block whose hash the journal holds; the seal has the size and the SHA-256 of the whole.
A file may be ahead of the chain while its call runs, or where the box was killed: at most AHEAD bytes, as the recorder waits for it.
Block 0 is the header as it is while the call runs; the seal puts true sizes in its place. So these 44 bytes may be what the journal knows
or exactly what they become, and nothing else; which of the two was sealed is in the SHA-256 of the whole.
"""

import os
import stat
from collections.abc import Callable, Iterable
from hashlib import blake2b, sha256
from pathlib import Path

from appliance.base.ids import CallId
from appliance.events.recording import (
    RecordingBegan,
    RecordingBlock,
    RecordingCopied,
    RecordingDeleted,
    RecordingPacked,
    RecordingSealed,
)
from appliance.store.entry import Entry
from appliance.store.packed import PackedSound
from appliance.store.wav_header import FRAME, GROWING, HEADER, RATE_HZ, true_header

BLOCK = 16_000  # 0.5 s of 8000 Hz, two channels, 16 bits
AHEAD = 10 * BLOCK + 64
"""So many bytes of a running call may be in its file and not yet in the journal: 5 s, and the header."""

_READ = 1 << 20


class Witness:
    """The journal's words about one recording."""

    def __init__(self, began: RecordingBegan, number: int) -> None:
        self.call: CallId = began.call
        self.tenant, self.path = began.tenant, began.path
        self.rate_hz, self.channels = began.rate_hz, began.channels
        self.number = number
        self.blocks: list[RecordingBlock] = []
        self.sealed: RecordingSealed | None = None
        self.packed: RecordingPacked | None = None
        self.copied: RecordingCopied | None = None
        self.deleted: RecordingDeleted | None = None
        self.doubted = 0
        """Number of the first entry about it that is not what was written; 0: none."""

    @property
    def covered(self) -> int:
        """Bytes from the file's begin that the journal knows."""
        return self.blocks[-1].offset + self.blocks[-1].size if self.blocks else 0


class Afterlife:
    """What became of recordings after their seal; it is read before `Witnesses`, which hand out each recording at its seal."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.packed: dict[CallId, RecordingPacked] = {}
        self.copied: dict[CallId, RecordingCopied] = {}
        self.deleted: dict[CallId, RecordingDeleted] = {}
        for entry in entries:
            match entry.event:
                case RecordingPacked(call=call) as packed:
                    self.packed[call] = packed
                case RecordingCopied(call=call) as copied:
                    self.copied[call] = copied
                case RecordingDeleted(call=call) as deleted:
                    self.deleted[call] = deleted


class Witnesses:
    """Fold over entries: who testifies what. Recordings that are sealed are handed out at once, so that memory holds open ones only."""

    def __init__(self, afterlife: Afterlife | None = None) -> None:
        self._after = afterlife or Afterlife()
        self.open: dict[CallId, Witness] = {}
        self.paths: set[str] = set()
        self._doubted: dict[CallId | None, int] = {}

    def take(self, entry: Entry) -> Witness | None:
        """The witness whose recording this entry sealed, else None."""
        match entry.event:
            case RecordingBegan(call=call) as began:
                self.open[call] = Witness(began, entry.number)
                self.paths.add(began.path)
            case RecordingBlock(call=call) as block if call in self.open:
                self.open[call].blocks.append(block)
            case RecordingSealed(call=call) as sealed if call in self.open:
                witness = self._marked(self.open.pop(call))
                witness.sealed = sealed
                witness.packed, witness.deleted = self._after.packed.get(call), self._after.deleted.get(call)
                witness.copied = self._after.copied.get(call)
                if witness.packed is not None:
                    self.paths.add(witness.packed.path)
                return witness
        return None

    def doubt(self, entry: Entry) -> None:
        """To be called before `take` where the entry itself was changed: the file is not to be blamed for it."""
        self._doubted.setdefault(getattr(entry.event, "call", None), entry.number)

    def _marked(self, witness: Witness) -> Witness:
        witness.doubted = self._doubted.get(witness.call, 0)
        return witness

    def still_open(self) -> list[Witness]:
        """Those without a seal."""
        return [self._marked(witness) for witness in self.open.values()]

    def take_all(self, entries: Iterable[Entry]) -> "Witnesses":
        """For those who want the open ones only."""
        for entry in entries:
            self.take(entry)
        return self


def open_recording(directory: Path, path: str) -> int:
    """A descriptor to read a recording's file. Raises OSError where it is missing, a link, or no file at all."""
    if "\0" in path:
        raise OSError("it is no file's name")
    fd = os.open(directory / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError("it is not a regular file")
    return fd


def judged(witness: Witness, directory: Path, *, size_before: int | None = None) -> str | None:
    """What is wrong with a recording, in words for a line of `seatbox verify`; None where file and journal agree.

    size_before: the file's size before the journal was read (the file of a running call grows meanwhile); None: its size now.
    Of a packed one the original or the packed file must be there, and whichever is there must be right. A deleted one has no file to judge.
    """
    if witness.deleted is not None:
        return None
    if witness.packed is not None and witness.sealed is not None:
        there = os.path.lexists(directory / witness.packed.path)
        wrong = _judged_packed(witness.packed, witness, directory) if there else None
        if wrong is not None or (there and not os.path.lexists(directory / witness.path)):
            return wrong
    try:
        fd = open_recording(directory, witness.path)
    except FileNotFoundError:
        return "the file is missing" if witness.covered else None
    except OSError as why:
        return f"the file cannot be read ({why.strerror or why})"
    try:
        head = os.pread(fd, HEADER, 0)  # before its size: once it has true sizes, a running recorder adds nothing any more
        return _judged(witness, lambda size, offset: os.pread(fd, size, offset), head, os.fstat(fd).st_size, size_before)
    except OSError as why:
        return f"the file cannot be read ({why.strerror or why})"
    finally:
        os.close(fd)


def sha256_of(path: Path) -> str:
    """Of a whole file. Raises OSError."""
    whole = sha256()
    with path.open("rb", buffering=0) as file:
        while data := file.read(_READ):
            whole.update(data)
    return whole.hexdigest()


def judged_copy(copied: RecordingCopied, listening: Path) -> str | None:
    """What is wrong with a copy for listening, as `judged`."""
    path = listening / copied.path
    try:
        if path.is_symlink() or not path.is_file():
            return "the copy for listening is missing"
        return None if sha256_of(path) == copied.sha256 else "the copy for listening is not what was made"
    except OSError as why:
        return f"the copy for listening cannot be read ({why.strerror or why})"


def _judged_packed(packed: RecordingPacked, witness: Witness, directory: Path) -> str | None:
    """Its samples are named by second where they differ; else its bytes where these differ."""
    try:
        sound = PackedSound(directory / packed.path)
        try:
            wrong = _judged(witness, sound.read, sound.read(HEADER, 0), sound.size, None)
        finally:
            sound.close()
        if wrong is None and sha256_of(directory / packed.path) != packed.sha256:
            wrong = "its packed file is not what was packed, though it sounds the same"
    except OSError as why:
        return f"the packed file cannot be read ({why.strerror or why})"
    return wrong


def _judged(witness: Witness, read: Callable[[int, int], bytes], head: bytes, size: int, size_before: int | None) -> str | None:
    """read: so many bytes from that offset on."""
    covered, sealed = witness.covered, witness.sealed
    if size < covered:
        return f"the file was cut {_at(size)}: it has {size} bytes, the journal knows {covered}"
    became = true_header(size if sealed is None else sealed.size)
    if not witness.blocks and head not in (GROWING[: len(head)], became):
        return _changed(0, 0, len(head))
    whole, all_blocks = sha256(), blake2b(digest_size=32)
    offset = 0
    for block in witness.blocks:
        if block.offset != offset:
            return f"block {block.index} begins at byte {block.offset}, the one before it ended at {offset}"
        if not 0 <= block.size <= size - offset:
            return f"block {block.index} has {block.size} bytes, the file has {size}"
        data = read(block.size, block.offset) if offset else head[: block.size]
        known = GROWING if not offset and data == became else data
        if blake2b(known, digest_size=32).hexdigest() != block.blake2b:
            return _changed(block.index, block.offset, block.size)
        whole.update(data)
        all_blocks.update(bytes.fromhex(block.blake2b))
        offset += block.size
    if sealed is None:
        tail = (size if size_before is None else size_before) - covered
        return f"the file was lengthened: {tail} bytes more than the journal knows" if tail > AHEAD else None
    if size > sealed.size:
        return f"the file was lengthened {_at(sealed.size)}: it has {size} bytes, it was sealed with {sealed.size}"
    if size < sealed.size:
        return f"the file was cut {_at(size)}: it has {size} bytes, it was sealed with {sealed.size}"
    if sealed.blocks and sealed.blocks != all_blocks.hexdigest():
        return "the journal's blocks are not those that were sealed"
    return None if whole.hexdigest() == sealed.sha256 else "the SHA-256 of the whole is not the seal's"


def second_at(offset: int) -> float:
    """Of the sound, at that byte of the file."""
    return max(0, offset - HEADER) // FRAME / RATE_HZ


def _at(offset: int) -> str:
    return f"at second {second_at(offset):.1f}"


def _changed(index: int, offset: int, size: int) -> str:
    seconds = f", second {second_at(offset):.1f} to {second_at(offset + size):.1f}" if offset else ""
    return f"block {index} (bytes {offset} to {offset + size - 1}{seconds}) is not what was recorded"
