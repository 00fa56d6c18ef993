"""Keys and tones heard in the sound (A2: a key confirms; A1: a busy tone is the only sign that an analog caller left)."""

import numpy as np
import pytest

from appliance.audio import prompts
from appliance.audio._detect import Detector
from tests.support.audio_sounds import Pcm, cadence, keys, silence, tone

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
LAYOUT = ("123A", "456B", "789C", "*0#D")
ALL = [(LAYOUT[i][j], LOW[i], HIGH[j]) for i in range(4) for j in range(4)]


def heard(*parts: Pcm) -> list[str]:
    sound = np.concatenate([silence(100), *parts, silence(200)])
    return [what for _, what in Detector().feed(sound)]


@pytest.mark.parametrize(("key", "low", "high"), ALL)
def test_forty_ms_of_every_key_are_heard_once_at_any_moment_and_twist(key: str, low: float, high: float) -> None:
    for late in range(0, 160, 23):
        for twist in (-8, 0, 4):
            for off in (-0.015, 0.015):
                sound = keys(low * (1 + off), high * (1 - off), 40, twist)
                assert heard(np.zeros(late, np.int16), sound) == [f"key:{key}"], (late, twist, off)


def test_twenty_three_ms_are_no_key() -> None:
    assert [heard(np.zeros(late, np.int16), keys(852, 1336, 23)) for late in range(0, 160, 7)] == [[]] * 23


def test_a_key_pressed_twice_counts_twice_and_one_that_is_held_once() -> None:
    assert heard(keys(770, 1336, 40), silence(40), keys(770, 1336, 40)) == ["key:5", "key:5"]
    assert heard(keys(770, 1336, 4000)) == ["key:5"]
    assert heard(keys(770, 1336, 100), silence(10), keys(770, 1336, 100)) == ["key:5"]  # a drop-out of 10 ms is the same press


def test_keys_are_heard_in_noise_and_at_faint_and_loud_levels() -> None:
    rng = np.random.default_rng(5)
    for peak in (150, 1000, 12_000):
        sound = keys(697, 1209, 60, 2, peak) + (rng.normal(0, peak * 0.09, 480)).astype(np.int16)
        assert heard(sound.astype(np.int16)) == ["key:1"], peak


@pytest.mark.parametrize(("low", "high", "twist"), [(697, 1209, 12), (697, 1209, -16), (732, 1209, 0), (697, 1270, 0), (697, 770, 0)])
def test_what_is_no_key_is_not_taken_for_one(low: float, high: float, twist: float) -> None:
    """Too much twist, frequencies 5 % off, two of one group."""
    assert heard(keys(low, high, 200, twist)) == []


def test_speech_like_sound_presses_no_key() -> None:
    """Two minutes of voiced sounds: harmonics of a gliding pitch under moving formants, with pauses and hiss."""
    rng = np.random.default_rng(11)
    found = []
    detector = Detector()
    for _ in range(240):
        n = 4000
        pitch = np.cumsum(np.linspace(*rng.uniform(80, 320, 2), n)) / 8000
        sound = np.zeros(n)
        formants = rng.uniform((300, 800, 1800), (900, 1900, 3300))
        for harmonic in range(1, 24):
            hz = harmonic * pitch[-1] / n * 8000
            gain = sum(np.exp(-(((hz - f) / 120) ** 2)) for f in formants)
            sound += gain * np.sin(2 * np.pi * harmonic * pitch)
        sound = sound / (np.abs(sound).max() + 1e-9) * rng.uniform(2000, 15_000) * np.hanning(n) + rng.normal(0, 60, n)
        found += detector.feed(np.round(sound).astype(np.int16))
    assert found == []


def test_busy_tones_of_china_are_heard_once_and_ring_back_is_another() -> None:
    assert heard(cadence(0.35, 0.35, 12)) == ["busy_tone"]
    assert heard(cadence(0.7, 0.7, 8)) == ["busy_tone"]
    assert heard(cadence(0.35, 0.35, 12, hz=472)) == ["busy_tone"]
    assert heard(cadence(1, 4, 3)) == ["ringback_tone"]
    assert heard(tone(450, 24_000)) == ["dial_tone"]


def test_the_busy_tone_is_known_within_three_seconds() -> None:
    found = Detector().feed(cadence(0.35, 0.35, 12))
    assert found[0][0] <= 3 * 8000


@pytest.mark.parametrize("sound", [cadence(0.2, 0.2, 20), cadence(0.35, 0.35, 12, hz=620), cadence(0.35, 0.35, 2), cadence(0.1, 0.1, 30)])
def test_other_cadences_and_frequencies_are_no_busy_tone(sound: Pcm) -> None:
    assert heard(sound) == []


def test_a_fax_that_calls_and_one_that_answers_are_told_once_and_speech_and_music_never() -> None:
    calling = np.concatenate([np.concatenate([tone(1100, 4000), silence(3000)]) for _ in range(3)])
    assert heard(calling) == ["fax_calling_tone"]
    assert heard(tone(1100 * 1.01, 4000), silence(500)) == ["fax_calling_tone"]
    assert heard(tone(2100, 8000 * 3)) == ["fax_answer_tone"]
    assert heard(tone(1100, 8000 * 2), silence(100), tone(2100, 4000)) == []
    assert heard(prompts.hold(), prompts.chime(), prompts.alert()) == []
