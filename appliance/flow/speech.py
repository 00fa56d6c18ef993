"""Text as speech (A5), by the system's offline synthesiser espeak-ng where it is installed; people may record or upload better.

Every step is a process of its own at the lowest priority: no call waits for it, and its memory goes with it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from appliance.base.errors import Refused
from appliance.flow.figures import Language
from appliance.flow.sounds import Sound, read_sound

VOICES: Final[dict[Language, str]] = {"zh_CN": "cmn-latn-pinyin", "en": "en-gb"}
WORDS_A_MINUTE: Final = "150"
LONGEST_TEXT: Final = 1000
TIMEOUT_S: Final = 60


def can_speak() -> bool:
    return shutil.which("espeak-ng") is not None


def speak(text: str, language: Language) -> Sound:
    """8000 Hz, 16 bits; some 0.3 s a sentence, never on the event loop. Refused where there is no synthesiser, or nothing to say."""
    text = " ".join(text.split())[:LONGEST_TEXT]
    if not text:
        raise Refused("prompt.no_text")
    if not can_speak():
        raise Refused("prompt.no_voice")
    words = _run([sys.executable, "-m", "appliance.flow.pinyin"], text) if language == "zh_CN" else text
    with tempfile.TemporaryDirectory(prefix="seatbox-speech-") as place:
        file = Path(place) / "said.wav"
        _run(["espeak-ng", "-v", VOICES[language], "-s", WORDS_A_MINUTE, "-w", str(file), "--stdin"], words)
        return read_sound(file.read_bytes())


def _run(command: list[str], text: str) -> str:
    try:
        done = subprocess.run(["nice", "-n", "19", *command], input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        raise Refused("prompt.not_said") from None
    return done.stdout
