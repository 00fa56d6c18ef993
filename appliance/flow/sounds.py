"""Sound of any kind made fit for a telephone line (A5): one channel, 8000 Hz, 16 bits, at an even level.

Read by libsndfile (WAV, FLAC, Ogg, Opus, MP3 ...). The rate is changed in the frequency domain, some 20 s at a time.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from appliance.base.errors import Refused

RATE_HZ: Final = 8000
LONGEST_S: Final = 600
PEAK: Final = 16_000
"""-6 dBFS: as loud as the box's own tones, with room for what a line adds."""
EDGE: Final = 400
"""50 ms of silence are left at both ends; what is below QUIET before and after is cut off."""
QUIET: Final = 0.01

Sound = npt.NDArray[np.int16]
Samples = npt.NDArray[np.float32]


BLOCK_S: Final = 20
"""So much is changed at a time, with a second more on both sides: the memory is the same however long a file is."""


def read_sound(data: bytes) -> Sound:
    """A file's bytes as a prompt. Refused where libsndfile cannot read it, or it is empty, silent, or longer than ten minutes."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > LONGEST_S * file.samplerate:
                raise Refused("prompt.too_long", minutes=str(LONGEST_S // 60))
            blocks = list(_blocks(file))
    except (RuntimeError, TypeError, ValueError):  # soundfile's own errors are RuntimeErrors
        raise Refused("prompt.unreadable") from None
    return for_the_line(np.concatenate(blocks) if blocks else np.zeros(0, np.float32))


def for_the_line(samples: Samples) -> Sound:
    """One channel of 8000 Hz at any level: edges trimmed, level set. Refused where there is nothing to hear."""
    peak = float(np.abs(samples).max(initial=0.0))
    if not np.isfinite(peak) or peak < 1e-4:
        raise Refused("prompt.silent")
    heard = np.flatnonzero(np.abs(samples) > QUIET * peak)
    begin, end = max(0, int(heard[0]) - EDGE), min(len(samples), int(heard[-1]) + EDGE)
    return np.round(samples[begin:end] * (PEAK / peak)).astype(np.int16)


def _blocks(file: Any) -> Iterator[Samples]:
    """One channel at 8000 Hz, piece after piece."""
    rate = int(file.samplerate)
    for begin in range(0, file.frames, BLOCK_S * rate):
        first = max(0, begin - rate)
        file.seek(first)
        samples = file.read(begin - first + (BLOCK_S + 1) * rate, dtype="float32", always_2d=True).mean(axis=1)
        cut = (begin - first) // rate * RATE_HZ
        here = min(BLOCK_S * RATE_HZ, round((file.frames - begin) * RATE_HZ / rate))
        yield resampled(samples, rate)[cut : cut + here]


def resampled(samples: Samples, rate_hz: int) -> Samples:
    """To 8000 Hz, band-limited: what that cannot carry is left out, nothing folds back."""
    if rate_hz == RATE_HZ:
        return samples
    count = max(1, round(len(samples) * RATE_HZ / rate_hz))
    spectrum = np.fft.rfft(samples.astype(np.float64))
    fitted = np.zeros(count // 2 + 1, np.complex128)
    kept = min(len(fitted), len(spectrum))
    fitted[:kept] = spectrum[:kept]
    return (np.fft.irfft(fitted, count) * (count / max(1, len(samples)))).astype(np.float32)
