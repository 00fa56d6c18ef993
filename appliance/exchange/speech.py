"""What far ends say: tones, files, speech (A1). Speech is made by espeak-ng at first use and kept.

Chinese is given as pinyin: espeak-ng's own reading of the characters is not understandable.
"""

import os
import subprocess
import threading
import wave
from pathlib import Path
from typing import Final

import numpy as np

from appliance.exchange.tones import RATE, Sound, endless, resampled, sine

SENTENCES: Final = {
    # 您好，我的热水器坏了，一直没有热水，请帮我报修，谢谢。
    "zh": (
        "cmn-latn-pinyin",
        "nin2 hao3, wo3 de5 re4 shui3 qi4 huai4 le5, yi1 zhi2 mei2 you3 re4 shui3, qing3 bang1 wo3 bao4 xiu1, xie4 xie5.",
    ),
    "en": ("en", "Hello, this is a customer. My water heater does not work any more, could you please send somebody? Thank you."),
}
GREETINGS: Final = {
    # 您好，您拨打的用户无法接听，请留言。
    "zh": (
        "cmn-latn-pinyin",
        "nin2 hao3, nin2 bo1 da3 de5 yong4 hu4 wu2 fa3 jie1 ting1, qing3 liu2 yan2.",
    ),
    "en": ("en", "Hello, nobody can take your call now, please leave a message after the tone."),
}
LIFTS_S: Final = 0.6  # from the network's "answered" to the first word
WAITS_S: Final = 60  # so long nothing more is said before it all begins anew
BEEP_HZ: Final = 1000
CALLING_HZ, ANSWERING_HZ = 1100, 2100  # ITU-T T.30: 0.5 s on and 3 s off; 2.6 to 4 s, some 2 s after the answer
_MAKING = threading.Lock()
WAYS: Final = "tone:HZ, file:NAME, speech:zh, speech:en, machine:zh, machine:en, fax:calling, fax:answering or silence"


class CannotSay(ValueError):
    """One sentence for whoever asked."""


def sound_of(says: str, sounds: Path) -> Sound:
    """The endless sound of `tone:HZ`, `file:NAME`, `speech:LANGUAGE`, `machine:LANGUAGE` (a greeting and a
    beep), `fax:calling`, `fax:answering`, and of `silence`: a line's faint noise. Else CannotSay."""
    kind, _, what = says.partition(":")
    if says == "silence":  # 80 dB below a loud tone: no network sends nothing but zeros
        return _quiet(1)
    if kind == "tone":
        return _tone(what)
    if kind == "speech" and what in SENTENCES:
        return _speech(what, SENTENCES, sounds)
    if kind == "machine" and what in GREETINGS:
        said = _speech(what, GREETINGS, sounds)[:-RATE]
        return np.concatenate([_quiet(LIFTS_S), said, _quiet(0.5), sine(BEEP_HZ, RATE * 3 // 10), _quiet(WAITS_S)])
    if kind == "fax" and what == "calling":
        return np.concatenate([_quiet(1.5), *[sine(CALLING_HZ, RATE // 2), _quiet(3)] * 10])
    if kind == "fax" and what == "answering":
        return np.concatenate([_quiet(2), sine(ANSWERING_HZ, 3 * RATE), _quiet(WAITS_S)])
    if kind == "file":
        return _file(what, sounds)
    raise CannotSay(f"a far end cannot say {says!r}: use {WAYS}")


def _quiet(seconds: float) -> Sound:
    return np.random.default_rng(0).integers(-2, 3, round(seconds * RATE)).astype(np.int16)


def _tone(hz: str) -> Sound:
    try:
        value = float(hz)
    except ValueError:
        value = 0.0
    if not 50 <= value <= 3800:
        raise CannotSay(f"tone:{hz}: a telephone carries 50 to 3800 Hz")
    return endless(value)


def _file(name: str, sounds: Path) -> Sound:
    if not name or "/" in name or "\0" in name or name.startswith("."):
        raise CannotSay(f"file:{name}: a plain name in the folder exchange/sounds is needed")
    try:
        return read_wav(sounds / name)
    except (OSError, EOFError, UnicodeError, wave.Error) as error:
        raise CannotSay(f"file:{name} cannot be read as a WAV file in exchange/sounds: {error}") from None


def read_wav(path: Path) -> Sound:
    """A WAV file of 16 bit at 8 kHz; other rates are converted, of several channels the first is taken."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise wave.Error("16 bit samples are needed")
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")[:: file.getnchannels()]
        return resampled(data.astype(np.float64), file.getframerate())


def _speech(language: str, texts: dict[str, tuple[str, str]], sounds: Path) -> Sound:
    """The sentence and a second of nothing."""
    path = sounds / f"{'speech' if texts is SENTENCES else 'machine'}-{language}.wav"
    with _MAKING:  # two callers may speak for the first time at once
        if not path.exists():
            _speak(*texts[language], path)
    sound = read_wav(path).astype(np.float64)
    level = max(1.0, float(np.abs(sound).max()))
    return np.concatenate([np.round(sound * (16000 / level)).astype(np.int16), np.zeros(RATE, np.int16)])


def _speak(voice: str, sentence: str, path: Path) -> None:
    """Lets espeak-ng write `path`. It cuts the name that it writes to after some 200 characters, so it works in the folder itself."""
    raw = path.with_suffix(f".{os.getpid()}.part")
    command = ["espeak-ng", "-v", voice, "-s", "150", "-w", raw.name, sentence]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=20, cwd=path.parent)
    except FileNotFoundError:
        raise CannotSay("speech needs the program espeak-ng, which is not installed") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CannotSay(f"espeak-ng could not speak: {error}") from None
    raw.replace(path)
