"""The vault (A7): a recording after its seal, and the seals that a crash left open."""

import os
from collections.abc import Container, Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.ids import CallId
from appliance.events import Event
from appliance.events.box import AlarmRaised
from appliance.events.recording import RecordingBegan, RecordingBlock, RecordingSealed
from appliance.recording import wav
from appliance.store.entry import Entry
from appliance.store.table import AFTERLIFE, ENDS
from appliance.store.wav_header import GROWING, true_header
from appliance.store.witness import BLOCK, Afterlife, Witness, Witnesses, judged, open_recording

ALL = ("RecordingBegan", "RecordingBlock", "RecordingSealed")


class Reader(Protocol):
    """What the vault asks of a journal."""

    def entries(self, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Entry]: ...


def witness_of(journal: Reader, call: CallId, first: int | None = None) -> Witness | None:
    """What the journal says of one call's recording; None where there is none. first: number of its RecordingBegan, where it is known."""
    if first is None:
        ends = journal.entries(kinds=ENDS)
        first = next((e.number for e in ends if isinstance(e.event, RecordingBegan) and e.event.call == call), None)
    if first is None:
        return None
    witnesses = Witnesses(Afterlife(journal.entries(after=first, kinds=AFTERLIFE)))
    for entry in journal.entries(after=first - 1, kinds=ALL):
        witness = witnesses.take(entry)
        if witness is not None and witness.call == call:
            return witness
    return witnesses.open.get(call)


def verify_recording(journal: Reader, directory: Path, call: CallId) -> str | None:
    """What is wrong with one recording, in words; None where it is what was recorded."""
    witness = witness_of(journal, call)
    return "it was never recorded" if witness is None else judged(witness, directory)


def left_open(journal: Reader, first: int = 1) -> list[Witness]:
    """The recordings without a seal: of calls that run, or that the last run left. first: no older entry began one of them."""
    open_since: dict[str, int] = {}
    for entry in journal.entries(after=first - 1, kinds=ENDS):
        call = getattr(entry.event, "call", "")
        if isinstance(entry.event, RecordingSealed):
            open_since.pop(call, None)
        else:
            open_since[call] = entry.number
    if not open_since:
        return []
    return list(Witnesses().take_all(journal.entries(after=min(open_since.values()) - 1, kinds=ALL)).open.values())


def seal_after_crash(journal: Reader, directory: Path, clock: Clock, but: Container[CallId] = (), first: int = 1) -> list[Event]:
    """Facts that seal what the last run left open: the tail becomes further blocks, no sound is dropped or changed.

    `but`: calls that may still be up; their recordings are gone on with. `first`: as in `left_open`.

    To be published before the first call. Killed before they are committed, the next start finds the same again. A recording that is not
    what the journal knows is not sealed: an alarm names it at each start.
    """
    return [fact for witness in left_open(journal, first) if witness.call not in but for fact in _seal(witness, directory, clock.now_ms())]


def _seal(witness: Witness, directory: Path, now_ms: int) -> list[Event]:
    wrong = judged(witness, directory)
    if wrong is not None:
        return [_alarm(witness, now_ms, wrong)]
    try:
        fd = open_recording(directory, witness.path)
    except FileNotFoundError:  # killed before its first byte
        return [_sealed(witness, now_ms, 0, sha256().hexdigest(), blake2b(digest_size=32).hexdigest())]
    try:
        _give_true_sizes(fd, directory / witness.path)
        facts = _read_back(witness, fd, now_ms)
        os.fchmod(fd, 0o400)
    except OSError as why:
        return [_alarm(witness, now_ms, f"it cannot be sealed ({why.strerror or why})")]
    finally:
        os.close(fd)
    return facts


def _alarm(witness: Witness, now_ms: int, wrong: str) -> Event:
    return AlarmRaised(at_ms=now_ms, key=f"recording:{witness.call}", text=f"recording of call {witness.call}: {wrong}")


def _give_true_sizes(fd: int, path: Path) -> None:
    """Into the header, in one write, after all sound is on the disk; nothing where an earlier start, or the recorder, did it. OSError.

    Killed before its header was whole, it gets one and plays: a recording of no sound.
    """
    os.fsync(fd)
    head = os.pread(fd, wav.HEADER, 0)
    if len(head) == wav.HEADER and head != GROWING:
        return
    os.fchmod(fd, 0o600)  # an older Seatbox, killed before its seal was committed, had made it read-only
    writable = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.pwrite(writable, true_header(max(wav.HEADER, os.fstat(fd).st_size)), 0)
        os.fsync(writable)
    finally:
        os.close(writable)


def _read_back(witness: Witness, fd: int, now_ms: int) -> list[Event]:
    """Blocks for what the journal does not know yet, and the seal. The chain keeps the header as it was while the call ran. OSError."""
    whole, size, all_blocks = sha256(), 0, blake2b(digest_size=32)
    for block in witness.blocks:
        all_blocks.update(bytes.fromhex(block.blake2b))
        whole.update(os.pread(fd, block.size, block.offset))
        size += block.size
    facts: list[Event] = []
    index = len(witness.blocks)
    while data := os.pread(fd, BLOCK if size else wav.HEADER, size):
        known = data if size else GROWING[: len(data)]
        digest = blake2b(known, digest_size=32).hexdigest()
        facts.append(
            RecordingBlock(at_ms=now_ms, tenant=witness.tenant, call=witness.call, index=index, offset=size, size=len(data), blake2b=digest)
        )
        all_blocks.update(bytes.fromhex(digest))
        whole.update(data)
        size, index = size + len(data), index + 1
    return [*facts, _sealed(witness, now_ms, size, whole.hexdigest(), all_blocks.hexdigest())]


def _sealed(witness: Witness, now_ms: int, size: int, digest: str, blocks: str) -> Event:
    return RecordingSealed(
        at_ms=now_ms,
        tenant=witness.tenant,
        call=witness.call,
        size=size,
        seconds=wav.seconds_of(size),
        sha256=digest,
        after_crash=True,
        blocks=blocks,
    )
