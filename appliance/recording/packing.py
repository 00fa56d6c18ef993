"""Originals packed without loss (A7): FLAC by libsndfile, the same samples and so the same hashes, in less room (noise: 70 %).

The order: packed file written and synced beside; read back and held against the seal; its own hash told and on the disk; moved into place;
only then the WAV goes. Stopped at any step, the original or its checked packed form is there, and the next start goes on.
"""

import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from appliance.base.errors import SeatboxError
from appliance.events import Event
from appliance.events.recording import RecordingPacked
from appliance.store.packed import PackedSound
from appliance.store.wav_header import CHANNELS, FRAME, HEADER, RATE_HZ
from appliance.store.witness import Witness, sha256_of

PLACE: Final = "packing"
_PIECE: Final = 1 << 18


class CannotPack(SeatboxError):
    """It stays as it was recorded."""


def packing(witness: Witness, state: Path, tell: Callable[[Event], None], now_ms: Callable[[], int]) -> Iterator[str]:
    """Packs one sealed recording, giving the name of each step that is done. tell: returns once the fact is on the disk.

    Raises CannotPack where the packed form would not give back the very bytes, OSError where the disk refuses.
    """
    if witness.sealed is None or witness.deleted is not None:
        raise CannotPack(f"call {witness.call} is not sealed, or deleted")
    directory = state / "recordings"
    original = directory / witness.path
    place = original.with_suffix(".flac")
    if witness.packed is None or not place.exists():
        part = state / PLACE / f"{witness.call}.flac"
        _write(original, part)
        yield "written"
        _check(witness, part)
        yield "checked"
        path = str(place.relative_to(directory))
        tell(
            RecordingPacked(
                at_ms=now_ms(), tenant=witness.tenant, call=witness.call, path=path, size=part.stat().st_size, sha256=sha256_of(part)
            )
        )
        yield "told"
        part.chmod(0o400)
        part.replace(place)
        sync_folder(place.parent)
        yield "in place"
    elif sha256_of(place) != witness.packed.sha256:
        raise CannotPack(f"call {witness.call}: its packed file is not what was packed")
    original.unlink(missing_ok=True)
    sync_folder(original.parent)
    yield "removed"


def _write(original: Path, part: Path) -> None:
    """32,000 bytes a second become some 15,000; an hour takes about a second of a small machine."""
    import soundfile

    part.parent.mkdir(mode=0o700, exist_ok=True)
    part.unlink(missing_ok=True)
    with original.open("rb") as wav, soundfile.SoundFile(part, "w", RATE_HZ, CHANNELS, "PCM_16", format="FLAC") as packed:
        wav.seek(HEADER)
        while data := wav.read(_PIECE):
            whole = data[: len(data) // FRAME * FRAME]
            packed.write(np.frombuffer(whole, "<i2").astype(np.int16, copy=False).reshape(-1, CHANNELS))
    with part.open("rb") as file:
        os.fsync(file.fileno())


def _check(witness: Witness, part: Path) -> None:
    assert witness.sealed is not None
    sound = PackedSound(part)
    try:
        whole = sha256()
        for offset in range(0, sound.size, _PIECE):
            whole.update(sound.read(_PIECE, offset))
    finally:
        sound.close()
    if sound.size != witness.sealed.size or whole.hexdigest() != witness.sealed.sha256:
        part.unlink()
        raise CannotPack(f"call {witness.call}: its packed form would not give back the very bytes; it stays as it is")


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
