"""Copies for listening (A7): Opus in Ogg, some 40 kbit/s for both sides. The original stays what it is, and the only proof.

The order: written and synced beside; moved into place; its hash told. Stopped before that, it is made anew.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from appliance.events import Event
from appliance.events.recording import RecordingCopied
from appliance.recording.packing import PLACE, CannotPack, sync_folder
from appliance.recording.wav import FRAME, HEADER, LISTENING, RATE_HZ, listening_path, original
from appliance.store.wav_header import CHANNELS
from appliance.store.witness import Witness, sha256_of


def copying(witness: Witness, state: Path, tell: Callable[[Event], None], now_ms: Callable[[], int]) -> None:
    """Of one sealed recording. tell: returns once the fact is on the disk. Raises CannotPack, OSError."""
    import soundfile

    sound = original(state / "recordings" / witness.path)
    if sound is None or witness.sealed is None or witness.deleted is not None:
        raise CannotPack(f"call {witness.call} is not sealed, deleted, or not there")
    path = listening_path(witness.path)
    part, place = state / PLACE / f"{witness.call}.ogg", state / LISTENING / path
    part.parent.mkdir(mode=0o700, exist_ok=True)
    part.unlink(missing_ok=True)
    try:
        with soundfile.SoundFile(part, "w", RATE_HZ, CHANNELS, "OPUS", format="OGG") as copy:
            rest = b""
            for piece in sound.pieces(HEADER):
                data = rest + piece
                whole = len(data) // FRAME * FRAME
                copy.write(np.frombuffer(data[:whole], "<i2").astype(np.int16, copy=False).reshape(-1, CHANNELS))
                rest = data[whole:]
    except soundfile.SoundFileError as why:
        raise CannotPack(f"call {witness.call}: no copy for listening can be made: {why}") from None
    with part.open("rb") as file:
        os.fsync(file.fileno())
    size, digest = part.stat().st_size, sha256_of(part)
    part.chmod(0o400)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.replace(place)
    sync_folder(place.parent)
    tell(RecordingCopied(at_ms=now_ms(), tenant=witness.tenant, call=witness.call, path=path, size=size, sha256=digest))
