"""Keys and tones heard in the sound (A2: a key confirms; A1: a busy tone is the only sign that an analog caller left)."""

import msgspec
import numpy as np
import pytest

from appliance.audio import prompts
from appliance.audio._detect import Detector, Tones
from appliance.audio.bridge import heard_as
from firmware_cfg import call_progress
from tests.support.audio_sounds import Pcm, cadence, keys, silence, tone

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
LAYOUT = ("123A", "456B", "789C", "*0#D")
ALL = [(LAYOUT[i][j], LOW[i], HIGH[j]) for i in range(4) for j in range(4)]
FILES = {path.stem: call_progress.load(path.stem) for path in sorted(call_progress.HERE.glob("*.toml"))}
EARS = {country: heard_as(tones) for country, tones in FILES.items()}
TONES = [(country, name) for country, tones in FILES.items() for name, _ in tones.named()]


def heard(*parts: Pcm, ears: Tones = EARS["cn"]) -> list[str]:
    sound = np.concatenate([silence(100), *parts, silence(200)])
    return [what for _, what in Detector(ears).feed(sound)]


def played(tone_: call_progress.Tone, seconds: float = 13.0, off_hz: float = 0.0, slower: float = 1.0) -> Pcm:
    """A tone as an exchange sends it, each frequency off by so much and its cadence slower."""
    n = round(seconds * 8000)
    sound = np.zeros(n)
    for hz in tone_.hz:
        sound += tone(hz + off_hz, n, 8000 / len(tone_.hz))
    ends = np.cumsum([round(8 * slower * part) for part in tone_.cadence_ms] or [n])
    for part in range(1, len(ends), 2):
        sound[(np.arange(n) % ends[-1] >= ends[part - 1]) & (np.arange(n) % ends[-1] < ends[part])] = 0
    return np.round(sound).astype(np.int16)


def with_noise(sound: Pcm, below_db: float) -> Pcm:
    level = float(np.sqrt(np.mean(sound[sound != 0].astype(float) ** 2)))
    noise = np.random.default_rng(7).normal(0, level * 10 ** (-below_db / 20), len(sound))
    return np.clip(np.round(sound + noise), -32768, 32767).astype(np.int16)


def speech_like(seconds: int, peak: float, seed: int = 3) -> Pcm:
    """Voiced sounds of half a second: harmonics of a gliding pitch under formants."""
    rng, parts = np.random.default_rng(seed), []
    for _ in range(2 * seconds):
        pitch = np.cumsum(np.linspace(*rng.uniform(90, 280, 2), 4000)) / 8000
        formants = rng.uniform((300, 800, 1800), (900, 1900, 3300))
        sound = np.zeros(4000)
        for harmonic in range(1, 24):
            hz = harmonic * pitch[-1] * 2
            sound += sum(np.exp(-(((hz - f) / 120) ** 2)) for f in formants) * np.sin(2 * np.pi * harmonic * pitch)
        parts.append(sound / (np.abs(sound).max() + 1e-9) * peak * np.hanning(4000))
    return np.round(np.concatenate(parts)).astype(np.int16)


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
    detectors = [Detector(ears) for ears in EARS.values()]
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
        found += [what for detector in detectors for what in detector.feed(np.round(sound).astype(np.int16))]
    assert found == []


@pytest.mark.parametrize(("country", "name"), TONES)
def test_each_tone_of_a_country_is_told_once_and_as_no_other(country: str, name: str) -> None:
    """Off in frequency to its tolerance, quicker and slower, in noise 12 dB below it, faint, and after a talk."""
    one, ears = getattr(FILES[country], name), EARS[country]
    told = [f"{name}_tone"]
    for off in (-one.tolerance_hz, 0, one.tolerance_hz):
        assert heard(with_noise(played(one, off_hz=off), 12), ears=ears) == told, off
    for slower in (0.93, 1.04):
        assert heard(played(one, slower=slower), ears=ears) == told, slower
    assert heard((played(one) // 64).astype(np.int16), ears=ears) == told
    assert heard(speech_like(6, 9000), played(one), ears=ears) == told


@pytest.mark.parametrize(("country", "name"), TONES)
def test_a_tone_is_known_though_somebody_speaks_softly_beside_it(country: str, name: str) -> None:
    """What an echo canceller leaves of our own agent: peaks 12 dB below the tone's."""
    one = getattr(FILES[country], name)
    sound = played(one)
    both = sound + speech_like(13, 2000)[: len(sound)]
    assert f"{name}_tone" in heard(both.astype(np.int16), ears=EARS[country])


@pytest.mark.parametrize(("country", "name"), TONES)
def test_frequencies_beyond_the_tolerance_are_no_tone(country: str, name: str) -> None:
    one = getattr(FILES[country], name)
    for off in (-2 * one.tolerance_hz - 15, 2 * one.tolerance_hz + 15):
        assert f"{name}_tone" not in heard(played(one, off_hz=off), ears=EARS[country]), off


def test_one_of_two_frequencies_alone_is_no_tone_of_two() -> None:
    for hz in (350, 440, 480, 620):
        alone = call_progress.Tone(hz=(hz,), tolerance_hz=10, cadence_ms=(500, 500), known_after_ms=1, source="")
        assert heard(played(alone), tone(hz, 24_000), ears=EARS["us"]) == [], hz


def test_the_tones_of_another_country_are_not_this_ones() -> None:
    for country, other in (("cn", "us"), ("us", "cn")):
        for name, one in FILES[country].named():
            assert heard(played(one), ears=EARS[other]) == [], (country, name)
    assert [what for _, what in Detector().feed(played(FILES["cn"].busy))] == []  # of no country


def test_a_cadence_of_four_parts_is_followed_from_wherever_one_begins_to_listen() -> None:
    double = call_progress.Tone(
        hz=(400, 450), tolerance_hz=10, cadence_ms=(400, 200, 400, 2000), tolerance_ms=60, known_after_ms=2000, source="BS 6305"
    )
    ears = heard_as(msgspec.structs.replace(FILES["us"], ringback=double))
    for begin_ms in (0, 300, 500, 700, 1500):
        assert heard(played(double)[8 * begin_ms :], ears=ears) == ["ringback_tone"], begin_ms
    single = msgspec.structs.replace(double, cadence_ms=(400, 2000))
    assert heard(played(single), ears=ears) == []


def test_the_busy_tone_is_known_within_three_seconds() -> None:
    for country, ears in EARS.items():
        assert Detector(ears).feed(played(FILES[country].busy))[0][0] <= 3 * 8000


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
