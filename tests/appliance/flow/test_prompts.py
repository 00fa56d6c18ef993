"""Prompts: any sound fits the line, text is spoken, figures are made once, and a broken file is nobody's silence (A5)."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from appliance.base.errors import NotFound, Refused
from appliance.events import Event
from appliance.events.prompt import PromptSet
from appliance.flow import speech
from appliance.flow.pinyin import pinyin
from appliance.flow.prompts import Prompts
from appliance.flow.sounds import PEAK, RATE_HZ, Sound, read_sound


def tone_file(
    rate: int = 44_100, kind: str = "WAV", hz: float = 1000.0, seconds: float = 1.0, channels: int = 2, level: float = 0.1
) -> bytes:
    n = np.arange(int(rate * seconds))
    out = io.BytesIO()
    soundfile.write(out, np.stack([level * np.sin(2 * np.pi * hz * n / rate)] * channels, axis=1), rate, format=kind)
    return out.getvalue()


def power_at(sound: Sound, hz: float) -> float:
    """dB below the whole."""
    n = np.arange(len(sound))
    wave = sound * np.exp(-2j * np.pi * hz * n / RATE_HZ)
    return float(20 * np.log10(np.abs(wave.mean()) * np.sqrt(2) / np.sqrt((sound.astype(float) ** 2).mean())))


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_any_rate_becomes_8000_hz_with_pitch_length_and_level_right(rate: int) -> None:
    sound = read_sound(tone_file(rate))
    assert len(sound) == pytest.approx(8000, abs=3)
    assert power_at(sound, 1000.0) > -0.2
    assert np.abs(sound).max() == pytest.approx(PEAK, rel=0.01)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
def test_any_format_that_the_library_reads_is_taken(kind: str) -> None:
    assert power_at(read_sound(tone_file(44_100, kind)), 1000.0) > -0.5


def test_what_a_line_cannot_carry_does_not_fold_back() -> None:
    n = np.arange(44_100)
    out = io.BytesIO()
    soundfile.write(out, 0.2 * np.sin(2 * np.pi * 500 * n / 44_100) + 0.2 * np.sin(2 * np.pi * 7000 * n / 44_100), 44_100, format="WAV")
    sound = read_sound(out.getvalue())
    assert power_at(sound, 1000.0) < -45 and power_at(sound, 500.0) > -0.2


def test_a_long_file_is_unbroken_where_its_blocks_meet() -> None:
    sound = read_sound(tone_file(11_025, hz=440.0, seconds=45.0, channels=1)).astype(float)
    assert len(sound) == pytest.approx(45 * 8000, abs=3)
    middle = sound[8000:-8000]
    n = np.arange(len(middle))
    basis = np.stack([np.sin(2 * np.pi * 440 * n / RATE_HZ), np.cos(2 * np.pi * 440 * n / RATE_HZ)], axis=1)
    left = middle - basis @ np.linalg.lstsq(basis, middle, rcond=None)[0]
    assert np.abs(left).max() < 0.01 * PEAK


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a sound at all" * 50, tone_file(level=0.0)[:2000]])
def test_what_is_no_sound_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(Refused):
        read_sound(data)


def test_silence_and_an_hour_are_refused() -> None:
    with pytest.raises(Refused, match="silent"):
        read_sound(tone_file(level=0.0))
    out = io.BytesIO()
    soundfile.write(out, np.ones(601 * 1000, np.int16), 1000, format="WAV")
    with pytest.raises(Refused, match="too_long"):
        read_sound(out.getvalue())


def test_chinese_is_given_to_the_voice_as_pinyin_with_the_right_readings() -> None:
    assert pinyin("您排在第二位。") == "nin2 pai2 zai4 di4 er4 wei4."
    assert pinyin("长途电话幺三九，银行，重庆") == "chang2 tu2 dian4 hua4 yao1 san1 jiu3, yin2 hang2, chong2 qing4"


@pytest.mark.parametrize(("text", "language"), [("您排在第三位。", "zh_CN"), ("You are number three in the queue.", "en")])
def test_the_systems_voice_speaks_both_languages(text: str, language: str) -> None:
    sound = speech.speak(text, language)  # type: ignore[arg-type]
    assert 1.0 < len(sound) / RATE_HZ < 5.0 and np.abs(sound).max() == pytest.approx(PEAK, rel=0.01)


def test_without_a_synthesiser_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Refused, match="no_voice"):
        speech.speak("hello", "en")
    with pytest.raises(Refused, match="no_text"):
        speech.speak("  ", "en")


class Box:
    def __init__(self, state: Path) -> None:
        self.sounds: dict[str, Sound] = {}
        self.facts: list[Event] = []
        self.spoken: list[str] = []
        self.prompts = Prompts(state, self.sounds.__setitem__, self.publish, lambda: 7, say=self.say)
        self.prompts.begin()

    def publish(self, facts: object) -> int:
        self.facts += facts  # type: ignore[operator]
        return len(self.facts)

    def say(self, text: str, language: str) -> Sound:
        self.spoken.append(text)
        return np.full(len(text) * 100, 1000, np.int16)

    def done(self) -> None:
        if self.prompts._worker is not None:
            self.prompts._worker.shutdown(wait=True)
            self.prompts._worker = None


def test_a_prompt_is_kept_over_a_restart_and_music_replaces_the_boxs_own(tmp_path: Path) -> None:
    box = Box(tmp_path)
    sound = read_sound(tone_file())
    box.prompts.keep("hold", "zh_CN", sound, "file", "ours.mp3", "admin")
    box.prompts.keep("welcome", "zh_CN", box.prompts.from_text("您好", "zh_CN"), "text", "您好", "admin")
    assert [(fact.name, fact.source, fact.by) for fact in box.facts if isinstance(fact, PromptSet)] == [
        ("hold", "file", "admin"), ("welcome", "text", "admin")]  # fmt: skip
    later = Box(tmp_path)
    assert np.array_equal(later.sounds["hold"], sound)
    assert later.prompts.sound_of("welcome", "zh_CN") == "prompt:welcome:zh_CN" and later.prompts.sound_of("welcome", "en") is None
    later.prompts.remove("welcome", "zh_CN", "admin")
    assert Box(tmp_path).prompts.sound_of("welcome", "zh_CN") is None
    with pytest.raises(NotFound):
        later.prompts.remove("welcome", "zh_CN", "admin")


def test_a_damaged_prompt_does_not_keep_the_box_from_starting(tmp_path: Path) -> None:
    Box(tmp_path).prompts.keep("hold", "en", read_sound(tone_file()), "file", "x", "admin")
    (tmp_path / "prompts" / "hold.en.wav").write_bytes(b"nonsense")
    (tmp_path / "prompts" / "welcome.en.json").write_text("{")
    assert Box(tmp_path).prompts.known == {}


@pytest.mark.parametrize(("name", "language"), [("../x", "en"), ("welcome", "fr"), ("", "en"), ("A", "en"), ("x" * 40, "en")])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str, language: str) -> None:
    box = Box(tmp_path)
    with pytest.raises(NotFound):
        box.prompts.keep(name, language, np.ones(10, np.int16), "file", "x", "admin")
    with pytest.raises(NotFound):
        box.prompts.wav(name, language)


def test_a_position_is_spoken_at_its_first_use_and_known_from_then_on_also_after_a_restart(tmp_path: Path) -> None:
    box = Box(tmp_path)
    assert box.prompts.sound_of("position:3:120", "zh_CN") is None
    assert box.prompts.sound_of("position:3:120", "zh_CN") is None
    box.done()
    name = box.prompts.sound_of("position:3:120", "zh_CN")
    assert name is not None and len(box.sounds[name]) > 0
    assert box.spoken == ["您排在第三位。", "预计等待约两分钟。"]
    later = Box(tmp_path)
    later.prompts.sound_of("position:3", "zh_CN")
    later.done()
    assert later.spoken == [] and later.prompts.sound_of("position:3", "zh_CN") is not None


@pytest.mark.parametrize("what", ["position:0", "position:31", "position:x", "position:", "nothing", ""])
def test_what_cannot_be_said_is_silence(tmp_path: Path, what: str) -> None:
    assert Box(tmp_path).prompts.sound_of(what, "en") is None
