"""What far ends measure (A1): tones, keys, gaps, the recording."""

import gc
import io
import tracemalloc
import wave
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from appliance.exchange.calls import FarEnd, Presser
from appliance.exchange.dtmf import KeyEar
from appliance.exchange.far_end import Ear, key_edges
from appliance.exchange.speech import CannotSay, sound_of
from appliance.exchange.tones import KEY_PAIRS, RATE, endless, key_tone, peaks, resampled, sine
from tests.support.exchange_bench import CALLER, OWN, Bench


def test_a_weak_tone_beside_a_strong_one_is_found_and_nothing_else() -> None:
    sound = sine(620.3, RATE, -13) + sine(1130.7, RATE, -55)
    assert peaks(sound) == [(620.3, -13.0), (1130.7, pytest.approx(-55, abs=0.5))]


def test_a_full_scale_sine_is_0_dbfs_and_silence_has_no_tone() -> None:
    assert peaks(sine(1000, RATE, 0)) == [(1000.0, 0.0)]
    assert peaks(np.zeros(RATE, np.int16)) == []
    assert peaks(np.random.default_rng(1).normal(0, 3, RATE).astype(np.int16)) == []


def test_an_endless_tone_has_no_click_where_it_begins_again() -> None:
    twice = np.concatenate([endless(620.3)] * 2)
    assert len(peaks(twice[76_000:84_000])) == 1


@pytest.mark.parametrize("on_ms", [50, 100, 500])
@pytest.mark.parametrize("twist_db", [-6, 0, 6])
def test_every_key_is_decoded_once(on_ms: int, twist_db: float) -> None:
    ear = KeyEar()
    for key, (low, high) in KEY_PAIRS.items():
        tone = sine(low, 8 * on_ms, -18 - twist_db / 2) + sine(high, 8 * on_ms, -18 + twist_db / 2)
        for piece in np.array_split(np.concatenate([tone, np.zeros(480, np.int16)]), 7):
            ear.feed(piece)
        assert ear.keys[-1:] == key
    assert ear.keys == "".join(KEY_PAIRS)


def test_the_same_key_twice_is_two_keys() -> None:
    ear = KeyEar()
    ear.feed(np.concatenate([key_tone("5"), key_tone("5")]))
    assert ear.keys == "55"


@pytest.mark.parametrize("what", ["tone:620", "tone:941", "speech:en"])
def test_no_key_is_heard_in_tones_and_speech(what: str, tmp_path: Path) -> None:
    ear = KeyEar()
    try:
        sound = sound_of(what, tmp_path)
    except CannotSay as reason:
        pytest.skip(str(reason))
    assert sound is not None
    ear.feed(sound)
    assert ear.keys == ""


def test_a_key_of_20_ms_is_none() -> None:
    ear = KeyEar()
    ear.feed(np.concatenate([np.zeros(400, np.int16), key_tone("5", on=160)]))
    assert ear.keys == ""


def test_the_gap_counts_from_the_first_sound_and_over_pieces(tmp_path: Path) -> None:
    ear = Ear(tmp_path / "a.raw")
    sound = np.concatenate([np.zeros(8000, np.int16), sine(500, 8000), np.zeros(1000, np.int16), sine(500, 4000), np.zeros(240, np.int16)])
    for piece in np.array_split(sound, 37):
        ear.feed(piece)
    heard = ear.heard(False)
    assert heard["longest_gap_ms"] == 125
    assert ear.first_sound == pytest.approx(8000, abs=2)
    ear.close()


def test_tones_are_the_last_seconds_and_of_an_ended_call_the_last_second_with_sound(tmp_path: Path) -> None:
    ear = Ear(tmp_path / "a.raw")
    for piece in np.array_split(np.concatenate([sine(500, 16_000), sine(1130, 16_000), np.zeros(16_000, np.int16)]), 50):
        ear.feed(piece)
    assert ear.heard(over=False)["tones"] == []
    assert ear.heard(over=True)["tones"] == [{"hz": 1130.0, "level_dbfs": -13.0}]
    ear.close()
    assert ear.heard(over=True)["tones"] == [{"hz": 1130.0, "level_dbfs": -13.0}]


def test_a_call_that_is_over_keeps_its_measures_and_not_its_sound(tmp_path: Path) -> None:
    gc.collect()
    ears = [Ear(tmp_path / f"{n}.raw") for n in range(20)]
    tracemalloc.start()
    try:
        for ear in ears:
            ear.feed(sine(1130, 24_000))
            ear.close()
            ear.close()
        assert tracemalloc.get_traced_memory()[0] < 20 * 8_000
    finally:
        tracemalloc.stop()
    assert all(ear.heard(over=True)["tones"] == [{"hz": 1130.0, "level_dbfs": -13.0}] for ear in ears)


def test_the_recording_is_all_that_was_heard_with_true_sizes_also_meanwhile(tmp_path: Path) -> None:
    ear = Ear(tmp_path / "a.raw")
    first, second = sine(500, 1000), sine(700, 3000)
    ear.feed(first)
    for expected in (first, np.concatenate([first, second])):
        with wave.open(io.BytesIO(ear.wav())) as file:
            assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, RATE, 2)
            assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), "<i2"), expected)
        if expected is first:
            ear.feed(second)
    ear.close()
    assert ear.wav()[40:44] == (8000).to_bytes(4, "little")


def test_keys_are_pressed_a_second_after_the_first_sound_or_eight_after_the_connection() -> None:
    assert [Presser("1", 1000).due(now, None) for now in (1000, 8990, 9000)] == [False, False, True]
    assert [Presser("1", 1000).due(now, 4000) for now in (2490, 2500)] == [False, True]


def test_a_modem_notices_a_key_while_it_sounds_and_its_end_after() -> None:
    assert [key_edges(at) for at in (0, 399, 400, 959, 960, 1999, 2000)] == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 1), (2, 1)]


def test_a_machine_greets_and_beeps_once_and_a_fax_calls_again_and_again(tmp_path: Path) -> None:
    sound = sound_of("machine:zh", tmp_path)
    assert sound is not None
    at = [n for n in range(0, len(sound) - 800, 800) if peaks(sound[n : n + 1600]) and abs(peaks(sound[n : n + 1600])[0][0] - 1000) < 10]
    assert at and max(at) - min(at) <= 2400 and np.abs(sound[max(at) + 3200 :].astype(int)).max() < 33
    loud = np.abs(sound[: min(at)].astype(int)) >= 1000
    assert 3 * RATE < np.flatnonzero(loud)[-1] - np.flatnonzero(loud)[0] < 12 * RATE
    calling, answering = sound_of("fax:calling", tmp_path), sound_of("fax:answering", tmp_path)
    assert calling is not None and answering is not None
    assert (peaks(calling[12_000:16_000])[0][0], peaks(answering[16_000:40_000])[0][0]) == (1100.0, 2100.0)
    assert np.abs(calling[16_000:40_000].astype(int)).max() < 33 and np.abs(calling[40_000:44_000].astype(int)).max() > 1000


@pytest.mark.parametrize("what", ["tone:10", "machine:fr", "fax:both", "tone:x", "file:../x", "file:none.wav", "speech:fr", "music", ""])
def test_what_cannot_be_said_is_refused_with_a_sentence(what: str, tmp_path: Path) -> None:
    with pytest.raises(CannotSay):
        sound_of(what, tmp_path)


def test_a_file_of_another_rate_keeps_its_pitch(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        one = np.round(8000 * np.sin(2 * np.pi * 620 * np.arange(48_000) / 48_000)).astype("<i2")
        file.writeframes(np.repeat(one, 2).tobytes())
    sound = sound_of("file:a.wav", tmp_path)
    assert sound is not None
    assert peaks(sound)[0][0] == 620.0
    assert len(resampled(np.zeros(22_050), 22_050)) == RATE


def test_a_file_may_have_any_plain_name(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "my call (1).wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\1\2" * 800)
    assert sound_of("file:my call (1).wav", tmp_path) is not None


def test_speech_is_made_in_a_folder_of_any_length_and_for_two_at_once(tmp_path: Path) -> None:
    folder = tmp_path / ("long-name-" * 20) / ("long-name-" * 20)
    folder.mkdir(parents=True)
    with ThreadPoolExecutor(2) as two:
        for sound in two.map(lambda _: sound_of("speech:en", folder), range(2)):
            assert sound is not None
            assert len(sound) > 8000
    assert [path.name for path in folder.iterdir()] == ["speech-en.wav"]


def test_of_a_call_that_is_over_the_sound_that_was_said_is_let_go(tmp_path: Path) -> None:
    """A thousand calls are kept, to be asked for."""
    bench = Bench(tmp_path, "sim7600")
    said = endless(620)
    kept = weakref.ref(said)
    call = bench.network.place(OWN, CALLER, FarEnd(says=said), bench.now)
    bench.wait(3_000)
    bench.trunk.feed(b"ATA\r", bench.now)
    bench.wait(500)
    assert call.state == "connected"
    del said
    gc.collect()
    assert kept() is not None
    bench.network.hang_up(call, bench.now)
    bench.wait(100)
    gc.collect()
    assert kept() is None and call.id in bench.network.calls
    bench.close()
