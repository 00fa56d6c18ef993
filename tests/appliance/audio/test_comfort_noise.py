"""Where sound is missing the noise of the line goes on, as soft and dull as it was; what had none is silent (A4)."""

from collections.abc import Callable

import numpy as np
import pytest

from appliance.audio import prompts
from tests.appliance.audio.test_echo import SAID, through
from tests.support.audio_ports import Module, Rig, Wire
from tests.support.audio_sounds import FRAME, RATE, Pcm, tone

HEARD_S = 12  # before the stall: the floor is known after the first whole 5 s
FULL = 32768 / 2**0.5


def noise(seconds: float, dbfs: float, pole: float = 0.0) -> Pcm:
    white = np.random.default_rng(3).normal(0, 1, round(seconds * RATE))
    shaped = np.empty(len(white))
    last = 0.0
    for k, value in enumerate(white):
        last = pole * last + value
        shaped[k] = last
    return np.round(shaped / np.std(shaped) * FULL * 10 ** (dbfs / 20)).astype(np.int16)


def spoken(seconds: float) -> Pcm:
    """Words with pauses of 0.4 s and more, digital silence between them."""
    words = prompts.spoken("en", SAID["en"])
    assert words is not None, "espeak-ng is missing: requirements/system installs it"
    return np.resize(np.concatenate([words, np.zeros(RATE // 2, np.int16)]), round(seconds * RATE))


def dbfs(sound: Pcm) -> float:
    return float(20 * np.log10(max(np.sqrt(np.mean(sound.astype(float) ** 2)) / FULL, 1e-6)))


def dullness_db(sound: Pcm) -> float:
    """How much louder it is below 1 kHz than above 3 kHz, in bands of the same width."""
    power = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(10 * np.log10(np.mean(power[hz < 1000]) / np.mean(power[hz > 3000])))


class Stalled:
    """A line that says `sound` and then nothing; `heard` is what the other side gets from then on, behind what lay in the buffers."""

    def __init__(self, sound: Pcm, silent_s: float = 6, setting: Callable[[Rig, int], None] = lambda rig, ep: None) -> None:
        self.rig = rig = Rig()
        self.line = Module(Wire(), lambda at, n: np.resize(sound, len(sound) + at + n)[at : at + n])
        self.ear = Module(Wire(), lambda _, n: np.zeros(n, np.int16))
        self.ep, ear = rig.module(self.line), rig.module(self.ear)
        rig.bridge.set_hears(ear, {self.ep})
        setting(rig, self.ep)
        self.tap = rig.bridge.tap(self.ep)
        rig.run(len(sound) // FRAME)
        self.before = len(self.ear.heard())
        self.made_up_ms = self._made_up()
        self.line.stopped = True
        rig.run(round(silent_s * 50))
        self.made_up_ms = self._made_up() - self.made_up_ms
        self.heard = self.ear.heard()[self.before + RATE // 2 :]

    def _made_up(self) -> float:
        return self.rig.bridge.figures().endpoints[self.ep].made_up_ms

    def events(self) -> list[str]:
        return [what for ep, what, _ in self.rig.bridge.events() if ep == self.ep]


@pytest.mark.parametrize("pole", [-0.5, 0.0, 0.7, 0.85])
@pytest.mark.parametrize("level", [-72, -60, -50])
def test_the_lines_own_noise_goes_on_at_its_level_and_colour(level: float, pole: float) -> None:
    floor = noise(HEARD_S, level, pole)
    stalled = Stalled(np.clip(spoken(HEARD_S).astype(int) + floor, -32768, 32767).astype(np.int16))
    assert abs(dbfs(stalled.heard) - level) < 3
    if level > -70:  # softer noise is a few steps of the converter
        assert abs(dullness_db(stalled.heard) - dullness_db(floor)) < 5  # one pole, of one frame


def test_it_has_no_holes_from_the_last_word_on() -> None:
    stalled = Stalled(noise(HEARD_S, -55))
    last = stalled.ear.heard()[stalled.before - RATE :]
    assert min(dbfs(last[at : at + FRAME]) for at in range(0, len(last) - FRAME, FRAME)) > -60
    stalled.line.stopped = False
    begin = len(stalled.ear.heard()) - RATE
    stalled.rig.run(100)
    back = stalled.ear.heard()[begin:]
    assert min(dbfs(back[at : at + FRAME]) for at in range(0, len(back) - FRAME, FRAME)) > -60


def test_it_is_never_louder_than_minus_45_dbfs() -> None:
    assert -48 < dbfs(Stalled(noise(HEARD_S, -30)).heard) <= -45


def test_it_is_never_louder_to_those_who_hear_it_at_whatever_gain() -> None:
    def louder(rig: Rig, ep: int) -> None:
        rig.bridge.set_gain(ep, 6)
        rig.bridge.set_level_control(ep, True)

    soft = (spoken(2 * HEARD_S) * 10 ** (-16 / 20)).astype(np.int16)
    stalled = Stalled(soft + noise(2 * HEARD_S, -52), setting=louder)
    assert stalled.rig.bridge.figures().endpoints[stalled.ep].gain_db > 6
    assert -48 < dbfs(stalled.heard) <= -45


@pytest.mark.parametrize(
    "name", ["words without noise", "nothing", "a tone", "a swelling tone", "ulaw", "alaw", "unsigned8", "an offset", "a gate"]
)
def test_what_has_no_noise_of_its_own_is_silent_when_it_is_missing(name: str) -> None:
    n = HEARD_S * RATE
    sound = {
        "words without noise": spoken(HEARD_S),
        "nothing": np.zeros(n, np.int16),
        "a tone": tone(620, n),
        "a swelling tone": np.round(tone(620, n) * (0.75 + 0.25 * np.sin(2 * np.pi * 4 * np.arange(n) / RATE))).astype(np.int16),
        **{codec: through(codec, tone(1130, n)) for codec in ("ulaw", "alaw", "unsigned8")},
        "an offset": np.full(n, 8, np.int16),
        "a gate": noise(HEARD_S, -40) * (np.arange(n) % (3 * RATE) > RATE // 10).astype(np.int16),  # a headset's own
    }[name]
    stalled = Stalled(sound)
    assert not stalled.heard.any()
    assert stalled.made_up_ms <= 80


def test_before_a_whole_five_seconds_were_heard_nothing_is_known_and_it_is_silent() -> None:
    assert not Stalled(noise(4, -55)).heard.any()


def test_it_counts_as_made_up_and_stands_in_the_recording() -> None:
    stalled = Stalled(noise(HEARD_S, -55), silent_s=6)
    assert 5800 <= stalled.made_up_ms <= 6000
    recorded = stalled.rig.bridge.read_tap(stalled.tap)[-4 * RATE :, 0]
    assert abs(dbfs(recorded) - -55) < 3


def test_it_is_no_sound_and_no_voice() -> None:
    """The alarm comes as it would, goes as it would, and the noise made up does not become the floor that is gone by."""
    stalled = Stalled(noise(HEARD_S, -47))
    assert stalled.events() == ["no_sound"]
    assert not stalled.rig.bridge.figures().endpoints[stalled.ep].voice
    stalled.line.stopped = False
    stalled.rig.run(50)
    assert stalled.events() == ["sound_again"]


def test_after_half_a_minute_it_ends() -> None:
    stalled = Stalled(noise(HEARD_S, -55), silent_s=40)
    assert dbfs(stalled.heard[25 * RATE : 29 * RATE]) > -58
    assert not stalled.heard[31 * RATE :].any()
    assert stalled.made_up_ms <= 31_000


def test_another_call_on_the_same_line_does_not_have_the_noise_of_the_last() -> None:
    stalled = Stalled(noise(HEARD_S, -55))
    stalled.rig.bridge.sound_off(stalled.ep)
    stalled.rig.run(10)
    stalled.rig.bridge.sound_on(stalled.ep)
    begin = len(stalled.ear.heard()) + FRAME * 10
    stalled.rig.run(100)
    assert not stalled.ear.heard()[begin:].any()
