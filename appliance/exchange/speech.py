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

from appliance.exchange.tones import RATE, Sound, endless, resampled

SENTENCES: Final = {
    # 您好，我的热水器坏了，一直没有热水，请帮我报修，谢谢。
    "zh": (
        "cmn-latn-pinyin",
        "nin2 hao3, wo3 de5 re4 shui3 qi4 huai4 le5, yi1 zhi2 mei2 you3 re4 shui3, qing3 bang1 wo3 bao4 xiu1, xie4 xie5.",
    ),
    "en": ("en", "Hello, this is a customer. My water heater does not work any more, could you please send somebody? Thank you."),
}
_MAKING = threading.Lock()


class CannotSay(ValueError):
    """One sentence for whoever asked."""


def sound_of(says: str, sounds: Path) -> Sound:
    """The endless sound of `tone:HZ`, `file:NAME`, `speech:zh`, `speech:en`, and of `silence`: a line's faint noise. Else CannotSay."""
    kind, _, what = says.partition(":")
    if says == "silence":  # 80 dB below a loud tone: no network sends nothing but zeros
        return np.random.default_rng(0).integers(-2, 3, 8000).astype(np.int16)
    if kind == "tone":
        return _tone(what)
    if kind == "speech" and what in SENTENCES:
        return _speech(what, sounds)
    if kind == "file":
        return _file(what, sounds)
    raise CannotSay(f"a far end cannot say {says!r}: use tone:HZ, file:NAME, speech:zh, speech:en or silence")


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


def _speech(language: str, sounds: Path) -> Sound:
    path = sounds / f"speech-{language}.wav"
    with _MAKING:  # two callers may speak for the first time at once
        if not path.exists():
            _speak(language, path)
    sound = read_wav(path).astype(np.float64)
    level = max(1.0, float(np.abs(sound).max()))
    return np.concatenate([np.round(sound * (16000 / level)).astype(np.int16), np.zeros(RATE, np.int16)])


def _speak(language: str, path: Path) -> None:
    """Lets espeak-ng write `path`. It cuts the name that it writes to after some 200 characters, so it works in the folder itself."""
    voice, sentence = SENTENCES[language]
    raw = path.with_suffix(f".{os.getpid()}.part")
    command = ["espeak-ng", "-v", voice, "-s", "150", "-w", raw.name, sentence]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=20, cwd=path.parent)
    except FileNotFoundError:
        raise CannotSay("speech needs the program espeak-ng, which is not installed") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CannotSay(f"espeak-ng could not speak: {error}") from None
    raw.replace(path)
