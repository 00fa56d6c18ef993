"""One call's recording while it is written (A7): sound in, bytes and block hashes out. Owned by the recorder's thread.

The file is its header, then blocks of 0.5 s, each hashed as its bytes are handed to the disk. What the disk would not take stays in
memory up to KEEP; what is older than that becomes silence of its true length, so that time in the file stays the call's time.
The seal puts true sizes into the header; as these stand before all sound, the SHA-256 of the whole is read back from the file.
"""

import os
from hashlib import blake2b, sha256
from pathlib import Path

from appliance.base.ids import CallId, TenantId
from appliance.events import Event
from appliance.events.recording import RecordingBegan, RecordingBlock, RecordingGap, RecordingSealed
from appliance.recording import wav
from appliance.store.wav_header import GROWING, true_header
from appliance.store.witness import AHEAD, BLOCK, Witness

KEEP = 60 * wav.RATE_HZ * wav.FRAME  # 60 s
_READ = 1 << 18


class Take:
    """`path` is below `directory`. Bytes go to the file in order and are never written again, but for the header at the seal."""

    def __init__(self, call: CallId, tenant: TenantId, tap: int | None, directory: Path, path: str) -> None:
        self.call, self.tenant, self.tap, self.directory, self.path = call, tenant, tap, directory, path
        self.began: int | None = None  # number of its RecordingBegan, once the bus has told it
        self.ended = False
        self.failed = False
        self.sized = False  # its header has true sizes, on the disk
        self.lost = 0  # bytes that are silence in the place of sound
        self.paused = False  # what is heard is not to be kept
        self.hushed = 0  # bytes that are silence, as it was paused
        self.hush_next = False  # paused at some time since what was fetched last
        self.offset = 0  # bytes in the file
        self.covered = 0  # bytes whose block the journal has on the disk
        self.told: list[tuple[int, int]] = []  # (entry number, bytes covered with it), not yet on the disk
        self.unsynced: list[RecordingBlock] = []
        self._fd = -1
        self._lost_seen = 0  # frames that the tap has lost
        self._head = GROWING
        self._silence = 0  # bytes owed before the buffer
        self._buffer = bytearray()
        self._index = 0
        self._begin_of_block = 0
        self._block = blake2b(digest_size=32)
        self._blocks = blake2b(digest_size=32)  # over the blocks' hashes
        self._whole = sha256()
        self._read = 0  # bytes of the file that are in `_whole`
        self.behind = False  # it waits for the journal
        self.after_crash = False  # nothing is added: only what a box before us left is sealed
        self.gap: RecordingGap | None = None  # to be told
        self._again = False
        self._due: int | None = None  # frames since the call's picking-up when the tap began

    @classmethod
    def again(cls, witness: Witness, tap: int | None, directory: Path) -> "Take":
        """The recording that a box before us left open; without a tap it is only sealed."""
        take = cls(witness.call, witness.tenant, tap, directory, witness.path)
        take.began, take.covered, take._index, take._again = witness.number, witness.covered, len(witness.blocks), True
        for block in witness.blocks:
            take._blocks.update(bytes.fromhex(block.blake2b))
        take.after_crash = tap is None
        return take

    def due(self, ms: int) -> None:
        """The tap began so long after sample 0: what is missing until then is silence, and marked."""
        self._due = ms * wav.RATE_HZ // 1000

    def began_fact(self, now_ms: int) -> Event:
        return RecordingBegan(at_ms=now_ms, tenant=self.tenant, call=self.call, path=self.path)

    def hear(self, sound: bytes, lost_frames: int) -> None:
        """Sound since last time; `lost_frames` is the tap's count since its begin: they are silence in its sound already."""
        hush, self.hush_next = self.paused or self.hush_next, self.paused
        if hush:
            self.hushed += len(sound)
            sound = bytes(len(sound))
        self._buffer += sound
        self.lost += (lost_frames - self._lost_seen) * wav.FRAME
        self._lost_seen = lost_frames
        over = len(self._buffer) - KEEP
        if over > 0:
            del self._buffer[:over]
            self._silence += over
            self.lost += over

    @property
    def drained(self) -> bool:
        """All that was heard is in the file, and it has begun."""
        return self._fd >= 0 and not (self._head or self._silence or self._buffer)

    def write(self, now_ms: int, *, bounded: bool) -> None:
        """Hands what it has to the disk. bounded: keep within AHEAD of the journal. Raises OSError."""
        if self._fd < 0:
            if not (self._again and self._reopen(now_ms)):
                self._create()
            self._owe(now_ms)
        self.behind = False
        while chunk := self._next():
            if bounded and self.offset + len(chunk) - self.covered > AHEAD - BLOCK:
                self.behind = True
                break
            self._put(chunk, self.offset)
            self._taken(chunk, now_ms)

    def _create(self) -> None:
        file = self.directory / self.path
        fresh = [folder for folder in (file.parent, *file.parent.parents[:3]) if not folder.exists()]
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        for folder in {file.parent, *(folder.parent for folder in fresh)}:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def _reopen(self, now_ms: int) -> bool:
        """The file that was left: its tail becomes blocks, as it is. False where there is none. Raises OSError."""
        file = self.directory / self.path
        try:
            file.chmod(0o600)  # an older box may have been killed between true sizes and seal
            fd = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        size = os.fstat(fd).st_size
        if size < self.covered:
            os.close(fd)
            raise OSError(f"its file was cut: it has {size} bytes, the journal knows {self.covered}")
        self._fd = fd
        if size < wav.HEADER:
            return True  # the whole header is written (again)
        if os.pread(fd, wav.HEADER, 0) != GROWING:
            self._put(GROWING, 0)
        self._head, self.offset = b"", self.covered
        self._begin_of_block = self.offset
        while data := os.pread(fd, BLOCK - (self.offset - self._begin_of_block) if self._index else wav.HEADER, self.offset):
            self._block.update(data)
            self.offset += len(data)
            if self._index == 0 or self.offset - self._begin_of_block == BLOCK:
                self._close_block(now_ms)
        return True

    def _owe(self, now_ms: int) -> None:
        """Of a call that was taken up: silence for the time in which nobody recorded."""
        if self._due is None:
            return
        have = max(0, self.offset - wav.HEADER)
        gap = max(0, self._due * wav.FRAME - have)
        self._silence += gap or -have % wav.FRAME
        self.gap = RecordingGap(
            at_ms=now_ms,
            tenant=self.tenant,
            call=self.call,
            offset=max(self.offset, wav.HEADER),
            gap_ms=gap // wav.FRAME * 1000 // wav.RATE_HZ,
        )

    def _next(self) -> bytes:
        """What comes next into the file, up to the end of a block; empty where there is nothing."""
        if self._head:
            return self._head
        room = BLOCK - (self.offset - self._begin_of_block)
        if self._silence:
            return bytes(min(room, self._silence))
        return bytes(self._buffer[:room])

    def _put(self, chunk: bytes, offset: int) -> None:
        done = 0
        while done < len(chunk):
            done += os.pwrite(self._fd, chunk[done:], offset + done)

    def _taken(self, chunk: bytes, now_ms: int) -> None:
        if self._head:
            self._head = b""
        elif self._silence:
            self._silence -= len(chunk)
        else:
            del self._buffer[: len(chunk)]
        self._block.update(chunk)
        self.offset += len(chunk)
        if self._index == 0 or self.offset - self._begin_of_block == BLOCK:
            self._close_block(now_ms)

    def _close_block(self, now_ms: int) -> None:
        size = self.offset - self._begin_of_block
        digest = self._block.hexdigest()
        self._blocks.update(self._block.digest())
        self.unsynced.append(
            RecordingBlock(
                at_ms=now_ms, tenant=self.tenant, call=self.call, index=self._index, offset=self._begin_of_block, size=size, blake2b=digest
            )
        )
        self._index += 1
        self._begin_of_block = self.offset
        self._block = blake2b(digest_size=32)

    def finish(self, now_ms: int) -> None:
        """The last block, however short."""
        if self.offset > self._begin_of_block:
            self._close_block(now_ms)

    def fileno(self) -> int:
        return self._fd

    def sync(self) -> None:
        """To the disk itself. Raises OSError."""
        os.fdatasync(self._fd)

    def true_sizes(self) -> None:
        """Into the header, once all else is on the disk: a power cut leaves one header or the other, with all its sound. OSError."""
        self._put(true_header(self.offset), 0)

    def read_back(self, most: int) -> int:
        """Takes up to `most` bytes further into the SHA-256; how many. A file that somebody cut ends early: verify names it. OSError."""
        begin = self._read
        while (room := min(most - (self._read - begin), self.offset - self._read)) > 0:
            data = os.pread(self._fd, min(_READ, room), self._read)
            if not data:
                self._read = self.offset
                break
            self._whole.update(data)
            self._read += len(data)
        return self._read - begin

    @property
    def whole(self) -> bool:
        """The seal can be told."""
        return self.sized and self._read == self.offset

    def sealed_fact(self, now_ms: int) -> Event:
        return RecordingSealed(
            at_ms=now_ms,
            tenant=self.tenant,
            call=self.call,
            size=self.offset,
            seconds=wav.seconds_of(self.offset),
            sha256=self._whole.hexdigest(),
            after_crash=self.after_crash,
            lost_ms=self.lost // wav.FRAME * 1000 // wav.RATE_HZ,
            blocks=self._blocks.hexdigest(),
            paused_ms=self.hushed // wav.FRAME * 1000 // wav.RATE_HZ,
        )

    def close(self) -> None:
        """Nobody writes it any more."""
        if self._fd >= 0:
            os.fchmod(self._fd, 0o400)
            os.close(self._fd)
            self._fd = -1
