"""Level control of one direction: voices come to one level, all else passes as it came (A4)."""

import os
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from appliance.audio import prompts, reference
from appliance.audio._level import run_level
from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from tests.appliance.audio.test_echo import SAID
from tests.support.audio_ports import Module, Rig, Wire
from tests.support.audio_sounds import FRAME, RATE, Pcm, active_dbfs, keys, silence, tone

TICK_NS = 20_000_000
TARGET = FRAME * 32768.0**2 / 2 * 10 ** (-20 / 10)  # -20 dBFS
SETTLES = 5 * RATE


@cache
def speech(voice: str) -> Pcm:
    pcm = prompts.spoken(voice, SAID[voice])
    assert pcm is not None, "espeak-ng is missing: requirements/system installs it"
    return np.resize(pcm, 16 * RATE)


def at(sound: Pcm, db: float) -> Pcm:
    return np.clip(np.round(sound * 10 ** (db / 20)), -32768, 32767).astype(np.int16)


def noise(seconds: float, dbfs: float, seed: int = 1) -> Pcm:
    rms = 32768 / 2**0.5 * 10 ** (dbfs / 20)
    return np.round(np.random.default_rng(seed).normal(0, rms, round(seconds * RATE))).astype(np.int16)


class Desk:
    """Two parties on rings who hear each other, recorded; equal clocks, so that samples pass unchanged."""

    def __init__(self) -> None:
        self.bridge = Bridge(start_thread=False)
        self.rings = [SharedRings.create(f"seatbox-test-{os.getpid()}-level-{i}") for i in range(2)]
        for ring in self.rings:
            ring.unlink()
        self.eps = [self.bridge.add_ring(ring) for ring in self.rings]
        self.bridge.set_hears(self.eps[0], {self.eps[1]})
        self.bridge.set_hears(self.eps[1], {self.eps[0]})
        self.tap = self.bridge.tap(self.eps[0], {self.eps[1]})
        self.ticks = 0

    def talk(self, first: Pcm, second: Pcm, each: Callable[[int], None] | None = None) -> tuple[Pcm, Pcm]:
        """What is heard of the first and of the second."""
        heard: tuple[list[Pcm], list[Pcm]] = ([], [])
        for begin in range(0, len(first) - FRAME + 1, FRAME):
            for ring, sound in zip(self.rings, (first, second), strict=True):
                ring.write_in(sound[begin : begin + FRAME].tobytes())
            self.bridge.step(self.ticks * TICK_NS + 1)
            self.ticks += 1
            for of, ring in zip(heard, self.rings[::-1], strict=True):
                of.append(np.frombuffer(ring.read_out(2 * FRAME), np.int16))
            if each is not None:
                each(begin // FRAME)
        return np.concatenate(heard[0]), np.concatenate(heard[1])

    def gain_db(self, who: int) -> float:
        return self.bridge.figures().endpoints[self.eps[who]].gain_db


def controlled(target_db: float = -20) -> Desk:
    desk = Desk()
    for ep in desk.eps:
        desk.bridge.set_level_control(ep, True, target_db)
    return desk


# against the oracle


@pytest.mark.parametrize("db", [-14, 0, 12])
@pytest.mark.parametrize("voice", sorted(SAID))
def test_what_is_heard_and_the_gain_are_the_oracles(voice: str, db: float) -> None:
    frames = at(speech(voice), db).reshape(-1, FRAME)
    speech_left = reference.spoken(reference.energies(frames))
    told = np.random.default_rng(4).integers(0, int(TARGET), len(frames)) * (np.arange(len(frames)) // 50 % 3 == 0)
    known = np.arange(len(frames)) % 170 > 160
    speaking = np.array([left > 5 for left in speech_left], np.uint8)
    out, gains = run_level(frames, told, speaking, known.astype(np.uint8), TARGET)
    wanted, wanted_db = reference.levelled(frames, told.tolist(), speech_left, known.tolist())
    assert np.max(np.abs(out.astype(int) - wanted)) <= 1
    assert np.max(np.abs(20 * np.log10(gains) - wanted_db)) < 0.001


def test_the_whole_bridge_does_what_the_oracle_does() -> None:
    """From the recording, which has each frame as it came, follows what the other side hears, sample by sample."""
    desk = controlled()
    heard = desk.talk(at(speech("en"), -9), at(speech("cmn"), 6))
    came = desk.bridge.read_tap(desk.tap)
    for who in (0, 1):
        frames, other = came[:, who].reshape(-1, FRAME), heard[1 - who].reshape(-1, FRAME)
        powers = reference.energies(frames)
        begins = next(k for k, power in enumerate(powers) if power) + 1  # behind the fade-in
        left = [0] * begins + reference.spoken(powers[begins:])
        wanted, _ = reference.levelled(frames, reference.energies(other), left, [False] * len(frames))
        assert np.max(np.abs(heard[who].reshape(-1, FRAME).astype(int) - wanted)) <= 1


# speech


@pytest.mark.parametrize("target_db", [-20, -24])
@pytest.mark.parametrize("db", [-11, -6, 0, 6, 9])
@pytest.mark.parametrize("voice", sorted(SAID))
def test_loud_and_soft_speech_come_within_2_db_of_the_target_after_five_seconds(voice: str, db: float, target_db: float) -> None:
    frames = at(speech(voice), db).reshape(-1, FRAME)
    left = np.array(reference.spoken(reference.energies(frames)))
    nothing = np.zeros(len(frames), np.int64)
    target = TARGET * 10 ** ((target_db + 20) / 10)
    out, gains = run_level(frames, nothing, (left > 5).astype(np.uint8), nothing.astype(np.uint8), target)
    assert abs(active_dbfs(out.ravel()[SETTLES:]) - target_db) < 2
    assert np.max(np.abs(20 * np.log10(gains))) < 12.01


def test_two_who_talk_at_once_are_each_brought_to_the_target() -> None:
    desk = controlled()
    heard = desk.talk(at(speech("en+f3"), -10), at(speech("cmn"), 7))
    for sound in heard:
        assert abs(active_dbfs(sound[SETTLES:]) - -20) < 2


@pytest.mark.parametrize("louder_db", [-16, 16])
def test_another_voice_on_the_same_line_is_at_the_target_after_ten_seconds(louder_db: float) -> None:
    """The telephone is handed on, to a voice 16 dB softer or louder."""
    desk = controlled()
    first, second = at(speech("en+f3"), -louder_db / 2), at(speech("cmn"), louder_db / 2)
    heard, _ = desk.talk(np.concatenate([first, second]), silence(32_000))
    assert abs(active_dbfs(heard[len(first) + 10 * RATE :]) - -20) < 2


def test_one_direction_alone_may_be_controlled_and_the_other_passes_bit_by_bit() -> None:
    desk = Desk()
    desk.bridge.set_level_control(desk.eps[0], True)
    soft, loud = at(speech("en"), -10), at(speech("cmn"), 6)
    heard = desk.talk(soft, loud)
    assert abs(active_dbfs(heard[0][SETTLES:]) - -20) < 2
    assert np.array_equal(heard[1], desk.bridge.read_tap(desk.tap)[:, 1])
    assert np.array_equal(heard[1][2 * FRAME + 40 :], loud[40 : -2 * FRAME])


def test_a_recording_has_both_sides_as_they_came() -> None:
    desk = controlled()
    soft, loud = at(speech("en"), -10), at(speech("cmn"), 6)
    desk.talk(soft, loud)
    recorded = desk.bridge.read_tap(desk.tap)[2 * FRAME + 40 :]
    assert np.array_equal(recorded[:, 0], soft[40 : -2 * FRAME])
    assert np.array_equal(recorded[:, 1], loud[40 : -2 * FRAME])


def test_switched_off_it_passes_sample_for_sample_and_switched_on_again_it_knows_the_voice() -> None:
    desk = controlled()
    sound = at(speech("en"), -10)
    desk.talk(sound, silence(16_000))
    found = desk.gain_db(0)
    assert found > 8
    desk.bridge.set_level_control(desk.eps[0], False)
    desk.bridge.read_tap(desk.tap)
    heard, _ = desk.talk(sound[: 2 * RATE], silence(2000))
    assert np.array_equal(heard[FRAME:], desk.bridge.read_tap(desk.tap)[FRAME:, 0])
    assert desk.gain_db(0) == 0
    desk.bridge.set_level_control(desk.eps[0], True)
    desk.talk(silence(1000), silence(1000))
    assert abs(desk.gain_db(0) - found) < 1


# what is no speech


def test_noise_and_silence_are_not_pumped_up() -> None:
    """From the beginning of a call on, and after speech; the noise is louder than what counts as silence, -50 dBFS."""
    desk = controlled()
    desk.talk(noise(15, -44), silence(15_000))
    assert abs(desk.gain_db(0)) < 0.1
    desk.talk(at(speech("en"), -6), silence(16_000))
    found = desk.gain_db(0)
    assert found > 3
    desk.talk(np.concatenate([silence(200), noise(30, -46), silence(10_000)]), silence(40_200))
    assert abs(desk.gain_db(0) - found) < 0.5


@pytest.mark.parametrize("hz", [450, 1004, 2100])
def test_a_pure_tone_changes_no_gain(hz: float) -> None:
    desk = controlled()
    desk.talk(at(speech("en"), -8), silence(16_000))
    found: list[float] = []
    begun: list[int] = []

    def each(tick: int) -> None:
        found.append(desk.gain_db(0))
        begun.append(tick)

    desk.talk(np.concatenate([silence(1000), tone(hz, 20 * RATE, 6000), silence(1000)]), silence(22_000), each)
    after = found[60:]
    assert max(after) - min(after) < 0.01
    assert max(found) - min(found) < 0.5


@pytest.mark.parametrize("ms", [50, 100])
def test_keys_are_found_and_pass_with_both_tones_as_they_were(ms: int) -> None:
    """In the midst of soft speech, as one chooses in a menu; on a module's port, whose keys are told."""
    rig = Rig()
    soft, ears = at(speech("cmn"), -10), Module(Wire(), lambda _, n: np.zeros(n, np.int16))
    pressed = np.concatenate([silence(300), *([keys(770, 1336, ms, 2.0), silence(ms)] * 10), silence(300)])
    sound = np.concatenate([soft[: 8 * RATE], pressed, soft[: 4 * RATE], pressed])
    caller, listener = rig.module(Module(Wire(), lambda at, n: np.resize(sound, 40 * RATE)[at : at + n])), rig.module(ears)
    rig.bridge.set_hears(listener, {caller})
    rig.bridge.set_level_control(caller, True)
    gains: list[float] = []
    rig.run(len(sound) // FRAME + 10, lambda _: gains.append(rig.bridge.figures().endpoints[caller].gain_db))
    assert [what for ep, what, _ in rig.bridge.events() if ep == caller] == ["key:5"] * 20
    begins = 8 * 50 + 20
    during = gains[begins : begins + ms]
    assert gains[begins] > 6
    assert max(during) - min(during) < 0.5
    heard = ears.heard()
    power = np.abs(np.fft.rfft(heard[len(sound) - len(pressed) : len(sound)])) ** 2
    low, high = (np.sum(power[np.abs(np.fft.rfftfreq(len(pressed), 1 / RATE) - hz) < 100]) for hz in (770, 1336))
    assert abs(10 * np.log10(high / low) - 2) < 0.3


def test_the_echo_of_what_was_said_there_is_no_speech() -> None:
    """29 dB below, 40 ms later, spread; while the agent talks and the customer listens."""
    desk = controlled()
    said = speech("en")
    back = np.roll(at(said, -30), 320) + np.roll(at(said, -36), 330)
    desk.talk(back.astype(np.int16), said)
    assert abs(desk.gain_db(0)) < 1


# limits


def test_no_gain_makes_a_step_that_the_sound_does_not_have() -> None:
    """Soft speech at +12 dB, then a shout: the gain goes in a straight line within a frame, from a sample to the next by 0.02 at most."""
    desk = controlled()
    said = np.concatenate([at(speech("en"), -13), at(speech("en+f3"), 12)])
    heard, _ = desk.talk(said, silence(32_000))
    came = desk.bridge.read_tap(desk.tap)[:, 0].astype(int)
    allowed = 3.99 * np.abs(np.diff(came)) + 0.02 * np.maximum(np.abs(came[1:]), np.abs(came[:-1])) + 1
    assert np.all(np.abs(np.diff(heard.astype(int))) <= allowed)


def test_what_has_no_room_is_limited_and_never_wraps() -> None:
    desk = controlled()
    rng = np.random.default_rng(6)
    square = np.where(np.arange(2 * RATE) // 9 % 2, 32767, -32768).astype(np.int16)
    said = np.concatenate([at(speech("en"), -13), square, rng.integers(-32768, 32768, RATE).astype(np.int16)])
    heard, _ = desk.talk(said, silence(len(said) // 8))
    came = desk.bridge.read_tap(desk.tap)[:, 0].astype(int)
    assert desk.gain_db(0) < 1
    loud = np.abs(came) > 100
    assert np.all(np.sign(heard[loud]) == np.sign(came[loud]))
    assert np.max(np.abs(heard.astype(int))) >= 32_767
    limited = heard[len(speech("en")) + 3 * FRAME : len(speech("en")) + RATE].astype(int)
    assert np.mean(np.abs(limited) == 32_768) < 0.5, "a frame later there is room: nothing is cut off"


@pytest.mark.parametrize("target_db", [-31, -9, float("nan")])
def test_a_level_out_of_range_is_refused(target_db: float) -> None:
    desk = Desk()
    with pytest.raises(ValueError, match="a level of speech is"):
        desk.bridge.set_level_control(desk.eps[0], True, target_db)


def test_a_source_has_no_level_control() -> None:
    bridge = Bridge(start_thread=False)
    with pytest.raises(ValueError, match="is a source"):
        bridge.set_level_control(bridge.add_source(), True)
