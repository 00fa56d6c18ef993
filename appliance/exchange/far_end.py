"""A far end: what it says, and what it hears (A1). Its ear measures; it keeps all it heard in a file of raw samples."""

import io
import wave
from pathlib import Path

import numpy as np

from appliance.exchange.dtmf import KeyEar
from appliance.exchange.tones import KEY_OFF, KEY_ON, RATE, SILENT, Sound, key_tone, peaks

SAVE_BYTES = 64_000  # four seconds
MOST_UNSAVED = 16_000_000  # a quarter of an hour that a full disk may last
MEASURED = 1600  # samples, 0.2 s: what is measured at once
HEARD_AFTER = 16  # so many loud samples in one piece are sound and no click


class Ear:
    """Fed with every sample from the connection on; `path` gets them all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pieces: list[Sound] = []  # not measured yet
        self._waiting = 0  # their samples
        self._samples = 0
        self.first_sound: int | None = None
        self._keys = KeyEar()
        self._gap = self._longest = 0
        self._newest = np.zeros(0, np.int16)  # the last two seconds
        self._last_loud = np.zeros(0, np.int16)  # the last second that ended with sound
        self._unsaved = bytearray()
        self._tones: list[tuple[float, float]] | None = None  # of the last second with sound, once it is over

    def feed(self, sound: Sound) -> None:
        """Measured in larger pieces than it comes in, once anything was heard."""
        if len(sound):
            self._pieces.append(sound)
            self._waiting += len(sound)
        if self.first_sound is None or self._waiting >= MEASURED:
            self._measure()

    def _measure(self) -> None:
        if not self._waiting:
            return
        sound = np.concatenate(self._pieces)
        self._pieces, self._waiting = [], 0
        self._unsaved += sound.astype("<i2").tobytes()
        if len(self._unsaved) >= SAVE_BYTES:
            self._save()
        loud = np.flatnonzero(np.abs(sound.astype(np.int32)) >= SILENT)
        if self.first_sound is None:
            if len(loud) >= HEARD_AFTER:
                self.first_sound = self._samples + int(loud[0])
                self._measure_gap(loud, len(sound), int(loud[0]))
        else:
            self._measure_gap(loud, len(sound), 0)
        self._keys.feed(sound)
        self._newest = np.concatenate([self._newest, sound])[-2 * RATE :]
        if len(loud):
            end = len(self._newest) - len(sound) + int(loud[-1]) + 1
            self._last_loud = self._newest[max(0, end - RATE) : end]
        self._samples += len(sound)

    def _measure_gap(self, loud: "np.typing.NDArray[np.intp]", n: int, start: int) -> None:
        if not len(loud):
            self._gap += n - start
        else:
            first = self._gap + int(loud[0]) - start
            inner = int(np.diff(loud).max()) - 1 if len(loud) > 1 else 0
            self._longest = max(self._longest, first, inner)
            self._gap = n - 1 - int(loud[-1])
        self._longest = max(self._longest, self._gap)

    @property
    def keys(self) -> str:
        self._measure()
        return self._keys.keys

    def heard(self, over: bool) -> dict[str, object]:
        """The contract's `heard`. Tones are those of the last second; of a call that is over, of the last second with sound."""
        self._measure()
        tones = self._tones if over and self._tones is not None else peaks(self._last_loud if over else self._newest[-RATE:])
        return {
            "seconds": round(self._samples / RATE, 3),
            "tones": [{"hz": hz, "level_dbfs": level} for hz, level in tones],
            "keys": self.keys,
            "longest_gap_ms": self._longest * 1000 // RATE,
        }

    def _save(self) -> None:
        """To the file, so that long calls do not fill the memory; a full disk lets it wait here and be tried with the next piece."""
        try:
            with self.path.open("ab", buffering=0) as file:
                while self._unsaved:
                    del self._unsaved[: file.write(self._unsaved)]
        except OSError:
            del self._unsaved[: max(0, len(self._unsaved) - MOST_UNSAVED)]

    def close(self) -> None:
        """It is over: measured, and the sound let go (a thousand calls are kept, of 48 kB each otherwise)."""
        self._measure()
        self._save()
        if self._tones is None:
            self._tones = peaks(self._last_loud)
        self._newest = self._last_loud = np.zeros(0, np.int16)

    def wav(self) -> bytes:
        """All heard so far, mono."""
        self._measure()
        saved = self.path.read_bytes() if self.path.exists() else b""
        return wav_of(saved + bytes(self._unsaved))


def wav_of(samples: bytes) -> bytes:
    """Raw 16 bit samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples[: len(samples) // 2 * 2])
    return out.getvalue()


def pressed(keys: str) -> list[tuple[str, Sound]]:
    """Runs of keys between commas, each with its sound; an empty run is a pause of 1 s."""
    runs: list[tuple[str, Sound]] = []
    for number, run in enumerate(keys.split(",")):
        if number:
            runs.append(("", np.zeros(0, np.int16)))
        if run:
            runs.append((run, np.concatenate([key_tone(key) for key in run])))
    return runs


def key_edges(at: int) -> tuple[int, int]:
    """How many keys of a run have been recognised and how many have ended, `at` samples after its begin.

    A modem's own detector needs some 50 ms of a key.
    """
    period = KEY_ON + KEY_OFF
    recognised = (at - 400) // period + 1 if at >= 400 else 0
    ended = (at - KEY_ON - 160) // period + 1 if at >= KEY_ON + 160 else 0
    return recognised, ended
