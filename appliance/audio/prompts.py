"""What the box plays by itself: ring-back, music while one waits, prompts (A4). Made here by arithmetic; nothing is a file.

Levels: 0 dBm0 is -3.14 dBFS (G.711), so the -10 dBm0 of an exchange's tones (serial-lines 6.1) are a sine of -13.1 dBFS.
"""

import re
import shutil
import subprocess
import wave
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

RATE = 8000
Pcm = NDArray[np.int16]
Sound = NDArray[np.float64]

TONE_DBFS = -13.1
PROMPT_KEY_1 = (("cmn-latn-pinyin", "qing3 an4 yi1 jian4 jie1 ting1"), ("en", "press one to take the call"))
ON_THE_WAY = (("cmn-latn-pinyin", "zheng4 zai4 wei4 nin2 zhuan3 jie1"), ("en", "transferring you to"))
# the hold music: (beats, chord of semitones above A3); four bars of four, our own
HOLD_CHORDS = ((-9, -5, -2, 2), (-12, -5, 0, 3), (-4, 0, 3, 8), (-2, 2, 5, 8))
HOLD_TUNE = (7, 10, 14, 10, 12, 7, 3, 7, 8, 12, 15, 12, 14, 10, 5, 10)
BEAT_S = 0.75


def amplitude(level_dbfs: float) -> float:
    """The peak of a sine of this level, in samples."""
    return float(32767 * 10 ** (level_dbfs / 20))


def _pcm(sound: Sound) -> Pcm:
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


def _edges(sound: Sound, fade_s: float = 0.005) -> Sound:
    """Begins and ends in silence, without a click."""
    n = min(int(fade_s * RATE), len(sound) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / max(n, 1))
    sound = sound.copy()
    sound[:n] *= ramp
    sound[len(sound) - n :] *= ramp[::-1]
    return sound


def tone(hz: float, seconds: float, level_dbfs: float = TONE_DBFS) -> Sound:
    """A sine with soft edges."""
    return _edges(amplitude(level_dbfs) * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE))


def ringback() -> Pcm:
    """China's ring-back tone: 450 Hz, 1 s on, 4 s off (GB/T 3380)."""
    return _pcm(np.concatenate([tone(450, 1.0), np.zeros(4 * RATE)]))


def _note(semitones: float, seconds: float, level_dbfs: float) -> Sound:
    """A soft plucked note: three partials that die away, the high ones first."""
    t = np.arange(round(seconds * RATE)) / RATE
    hz = 220 * 2 ** (semitones / 12)
    partials = sum(a * np.exp(-t * d) * np.sin(2 * np.pi * hz * k * t) for k, a, d in ((1, 1.0, 1.6), (2, 0.35, 3.0), (3, 0.12, 5.0)))
    return _edges(amplitude(level_dbfs) * np.asarray(partials), 0.012)


def hold() -> Pcm:
    """Music while one waits: twelve seconds, gentle, and its end goes over into its beginning (late notes ring round)."""
    beat = round(BEAT_S * RATE)
    out = np.zeros(beat * len(HOLD_TUNE))

    def put(at: int, note: Sound) -> None:
        where = (at + np.arange(len(note))) % len(out)
        np.add.at(out, where, note)

    for i, semitones in enumerate(HOLD_TUNE):
        put(i * beat, _note(semitones, 1.6, -21.0))
        chord = HOLD_CHORDS[i // 4]
        put(i * beat, _note(chord[i % 4], 2.2, -25.0))
        if i % 4 == 0:
            put(i * beat, _note(chord[0] - 12, 3.0, -23.0))
    return _pcm(out)


def chime() -> Pcm:
    """Three rising notes: attention."""
    return _pcm(np.concatenate([_note(s, 0.28, -15.0) for s in (3, 7, 10)] + [np.zeros(RATE // 2)]))


def alert() -> Pcm:
    """Two short high tones, then a pause: something wants an answer."""
    gap = np.zeros(RATE // 10)
    return _pcm(np.concatenate([tone(880, 0.12, -16), gap, tone(880, 0.12, -16), gap, np.zeros(RATE)]))


def spoken(voice: str, words: str) -> Pcm | None:
    """espeak-ng's voice at 8 kHz, -20 dBFS; None where it is not installed or does not speak."""
    if shutil.which("espeak-ng") is None:
        return None
    try:
        run = subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "--stdout", words], capture_output=True, timeout=5, check=True)
        with wave.open(BytesIO(run.stdout)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(1 << 24), "<i2").astype(float)
    except (OSError, subprocess.SubprocessError, wave.Error, EOFError):
        return None
    return None if len(sound) == 0 else _pcm(_levelled(_resampled(sound, rate)))


def _resampled(sound: Sound, rate: int) -> Sound:
    """To 8 kHz, band-limited to 3.5 kHz."""
    span = np.arange(-64, 65)
    low_pass = np.sinc(span * 2 * 3500 / rate) * np.hamming(len(span))
    smooth = np.convolve(sound, low_pass / low_pass.sum(), "same")
    at = np.arange(int(len(sound) * RATE / rate)) * rate / RATE
    return np.interp(at, np.arange(len(smooth)), smooth)


def _levelled(sound: Sound, level_dbfs: float = -20.0) -> Sound:
    loud = np.sqrt(np.mean(sound**2)) * np.sqrt(2)
    return _edges(sound * amplitude(level_dbfs) / max(loud, 1.0))


def prompt_key_1() -> Pcm:
    """ "Press one to take the call" in Chinese and English; the chime where nothing can speak. Ends with a pause, for the loop."""
    parts = [spoken(voice, words) for voice, words in PROMPT_KEY_1]
    said = [p for p in parts if p is not None]
    if not said:
        return chime()
    pause = np.zeros(int(0.6 * RATE), np.int16)
    return np.concatenate([piece for part in said for piece in (part, pause)])


def on_the_way(said_as: str) -> Pcm | None:
    """ "Transferring you to NAME", then music: what a customer hears who is passed on to a department (A9). None where nothing can speak.

    said_as: the name as pinyin with tone numbers (espeak-ng's own reading of Chinese characters is unusable), or in English.
    """
    chinese = all(re.fullmatch(r"[a-zü]+[1-5]", word) for word in said_as.split())
    voice, begins = ON_THE_WAY[0 if chinese else 1]
    said = spoken(voice, f"{begins} {said_as}")
    return None if said is None else np.concatenate([said, np.zeros(RATE // 2, np.int16), hold()])


def next_call(said_as: str) -> Pcm | None:
    """A tone, then the queue's name: what an agent hears whose telephone stays connected. None where nothing can speak."""
    chinese = all(re.fullmatch(r"[a-zü]+[1-5]", word) for word in said_as.split())
    said = spoken(ON_THE_WAY[0 if chinese else 1][0], said_as)
    return None if said is None else np.concatenate([chime(), said, np.zeros(RATE // 4, np.int16)])


def ring() -> Pcm:
    """A headset's own ring: two tones that alternate for 1 s, then 4 s of rest, as a ring is in China; soft, for it is in the ear."""
    turn = np.concatenate([tone(660, 0.1, -26), tone(880, 0.1, -26)])
    return _pcm(np.concatenate([*[turn] * 5, np.zeros(4 * RATE)]))


@cache
def built_in() -> dict[str, Pcm]:
    """All that `Bridge.play` knows from the start. A chime stands for `prompt_key_1` until it is spoken: callers do not wait for that."""
    return {"ringback": ringback(), "hold": hold(), "prompt_key_1": chime(), "alert": alert(), "chime": chime(), "ring": ring()}
