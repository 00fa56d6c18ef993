"""Keys in the sound, beside an independent decoder (multimon-ng) and against hours of synthesised speech. Figures: docs/audio.md (A2 A5).

160 random keys a case, phases and gaps random too. `-s` prints what both missed, doubled or made up.
"""

import subprocess
from difflib import SequenceMatcher

import numpy as np
import pytest

from appliance.audio import _dsp
from appliance.audio._detect import Detector
from tests.support.audio_sounds import FRAME, Pcm

LOW, HIGH, KEYS = (697, 770, 852, 941), (1209, 1336, 1477, 1633), "123A456B789C*0#D"
RAW = "-t raw -r 8000 -e signed -b 16 -c 1"
MULTIMON = f"sox {RAW} - -t raw -r 22050 -e signed -b 16 -c 1 - | multimon-ng -q -a DTMF -t raw -"
GSM = f"sox {RAW} - -t gsm - | sox -t gsm - {RAW} -"
WORDS = {
    "en": "The quick brown fox jumps over the lazy dog. We will call you back between nine and eleven; the technician needs access to the "
    "cellar. Please hold the line while I look at your file. Zero one two three four five six seven eight nine.",
    "cmn": "您好,请问有什么可以帮您?我们会在九点到十一点之间给您回电话,师傅需要进入地下室。请稍等,我看一下您的资料。零一二三四五六七八九。",
}
# name -> what is done to the keys, and how many of 160 may be missed; nothing is ever made up or doubled
CASES: dict[str, tuple[dict[str, object], int]] = {
    "80 ms": ({"ms": 80, "gap": 80}, 0),
    "40 ms": ({"ms": 40, "gap": 40}, 0),
    "high tone 8 dB softer": ({"twist": -8}, 0),
    "high tone 4 dB louder": ({"twist": 4}, 0),
    "high tone 6 dB louder": ({"twist": 6}, 0),
    "1.8 % flat": ({"off": -0.018}, 0),
    "1.8 % sharp": ({"off": 0.018}, 0),
    "noise 10 dB below": ({"snr": 10}, 0),
    "-36 dBFS": ({"peak": 370}, 0),
    "A-law": ({"codec": "alaw"}, 0),
    "8 bits linear": ({"codec": "unsigned8"}, 0),
    "GSM full rate, 80 ms": ({"ms": 80, "gap": 80, "codec": "gsm"}, 0),
    "GSM full rate, 60 ms": ({"codec": "gsm"}, 3),
    "GSM full rate, 40 ms": ({"ms": 40, "gap": 40, "codec": "gsm"}, 24),
    "23 ms, which are no key": ({"ms": 23}, 160),
    "3.5 % off, which is no key": ({"off": 0.035}, 160),
}


def piped(command: str, sound: Pcm) -> bytes:
    return subprocess.run(command, shell=True, input=sound.tobytes(), capture_output=True, check=True, timeout=60).stdout


def dialled(
    chance: np.random.Generator,
    ms: int = 60,
    gap: int = 60,
    twist: float = 0,
    off: float = 0,
    peak: float = 3000,
    snr: float = 0,
    codec: str = "",
) -> tuple[list[str], Pcm]:
    keys = chance.integers(0, 16, 160)
    t = np.arange(ms * 8) / 8000 * (1 + off)
    parts = [np.zeros(800)]
    for key in keys:
        low, high = (np.sin(2 * np.pi * hz * t + chance.uniform(0, 6)) for hz in (LOW[key // 4], HIGH[key % 4]))
        parts += [peak * low + peak * 10 ** (twist / 20) * high, np.zeros(gap * 8 + chance.integers(0, 40))]
    sound = np.concatenate([*parts, np.zeros(1600)])
    if snr:
        sound += chance.normal(0, peak * 10 ** (-snr / 20), len(sound))
    pcm = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
    if codec == "gsm":
        pcm = np.frombuffer(piped(GSM, pcm), np.int16)
    elif codec:
        pcm = np.asarray(_dsp.decode_bytes(codec, _dsp.encode_bytes(codec, pcm)))
    return [KEYS[key] for key in keys], pcm


def ours(sound: Pcm) -> list[str]:
    return [what[4:] for _, what in Detector().feed(sound[: len(sound) // FRAME * FRAME]) if what.startswith("key:")]


def theirs(sound: Pcm) -> list[str]:
    return [line.split()[-1] for line in piped(MULTIMON, sound).decode().splitlines() if line.startswith("DTMF")]


def missed_and_false(said: list[str], heard: list[str]) -> tuple[int, int]:
    found = sum(block.size for block in SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks())
    return len(said) - found, len(heard) - found


@pytest.mark.parametrize("case", sorted(CASES))
def test_keys_are_heard_as_well_as_by_an_independent_decoder_and_none_is_made_up(case: str) -> None:
    how, may_miss = CASES[case]
    said, sound = dialled(np.random.default_rng(4), **how)  # type: ignore[arg-type]
    we, they = missed_and_false(said, ours(sound)), missed_and_false(said, theirs(sound))
    print(f"{case}: missed {we[0]}, false {we[1]}; multimon-ng missed {they[0]}, false {they[1]}")
    assert we[1] == 0
    assert we[0] <= may_miss
    if "no key" in case:
        assert we[0] == 160


def speech(voice: str, speed: int, pitch: int) -> Pcm:
    words = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", WORDS[voice.split("+")[0]]]
    wav = subprocess.run(words, capture_output=True, check=True, timeout=60).stdout
    raw = subprocess.run(f"sox -t wav - {RAW} - norm -3", shell=True, input=wav, capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(raw, np.int16)


@pytest.mark.parametrize("voice", ["en+f3", "cmn+m2"])
def test_speech_is_no_key(voice: str) -> None:
    assert ours(speech(voice, 150, 50)) == []


@pytest.mark.soak
def test_hours_of_speech_are_no_key() -> None:
    """18 voices of two languages, six speeds, six pitches, as loud as the line carries."""
    seconds, we, they = 0.0, 0, 0
    for voice in [f"{tongue}{kind}" for tongue in WORDS for kind in ("", "+f1", "+f2", "+f3", "+f4", "+m1", "+m2", "+m3", "+m5")]:
        for speed in (100, 120, 140, 160, 190, 220):
            for pitch in (10, 25, 40, 55, 70, 90):
                sound = speech(voice, speed, pitch)
                seconds += len(sound) / 8000
                we += len(ours(sound))
                they += len(theirs(sound))
    print(f"{seconds / 3600:.1f} hours of speech: {we} false keys, multimon-ng {they}")
    assert seconds > 3 * 3600
    assert we <= 1
