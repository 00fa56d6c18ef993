"""The bridge in virtual time against its oracle: who hears whom, the box's own sounds, taps, numbers given anew (A4 A7)."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from appliance.audio import prompts, reference
from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from tests.support.audio_sounds import FRAME, RATE, Pcm, level_db, tone

TICK_NS = 20_000_000
DEPTH = 2  # ticks: the third frame that came is the first that is heard


class Table:
    """Parties on rings, in virtual time, with equal clocks: samples pass unchanged."""

    def __init__(self, n: int) -> None:
        self.bridge = Bridge(start_thread=False)
        self.rings = [SharedRings.create(f"seatbox-test-{os.getpid()}-{i}") for i in range(n)]
        for ring in self.rings:
            ring.unlink()
        self.eps = [self.bridge.add_ring(ring) for ring in self.rings]
        self.now_ns = 1_000_000_000

    def tick(self, frames: list[Pcm]) -> list[Pcm]:
        for ring, frame in zip(self.rings, frames, strict=True):
            ring.write_in(frame.tobytes())
        self.bridge.step(self.now_ns)
        self.now_ns += TICK_NS
        return [np.frombuffer(ring.read_out(320), np.int16) for ring in self.rings]

    def silent(self, ticks: int) -> list[list[Pcm]]:
        return [self.tick([np.zeros(FRAME, np.int16)] * len(self.rings)) for _ in range(ticks)]


@pytest.fixture
def eight() -> Iterator[Table]:
    table = Table(8)
    table.silent(5)
    yield table
    for ep in table.eps:
        table.bridge.remove(ep)


def test_eight_loud_parties_hear_the_oracles_sum_of_the_seven_others(eight: Table) -> None:
    rng = np.random.default_rng(8)
    for i, ep in enumerate(eight.eps):
        eight.bridge.set_hears(ep, set(eight.eps) - {eight.eps[i]})
    eight.silent(1)
    said = [[rng.integers(-32768, 32768, FRAME).astype(np.int16) for _ in range(8)] for _ in range(20)]
    for at, frames in enumerate(said):
        heard = eight.tick(frames)
        if at >= DEPTH:
            wanted = reference.mixed(np.stack(said[at - DEPTH]), [set(range(8)) - {i} for i in range(8)])
            assert np.array_equal(np.stack(heard), wanted), at


def test_a_change_of_who_hears_whom_is_a_fade_of_five_ms(eight: Table) -> None:
    frames = [np.full(FRAME, 1000 * i, np.int16) for i in range(8)]
    eight.bridge.set_hears(eight.eps[0], {eight.eps[3], eight.eps[4]})
    for _ in range(4):
        heard = eight.tick(frames)
    assert np.all(heard[0] == 7000)
    eight.bridge.set_hears(eight.eps[0], {eight.eps[6]})
    heard = eight.tick(frames)
    assert np.array_equal(heard[0], reference.crossfaded(frames[6], np.full(FRAME, 7000, np.int16)))
    assert np.all(eight.tick(frames)[0] == 6000)


def test_nobody_hears_himself_or_a_number_that_does_not_exist(eight: Table) -> None:
    eight.bridge.set_hears(eight.eps[0], {eight.eps[0], 63, eight.eps[1]})
    frames = [np.full(FRAME, 1000 * (i + 1), np.int16) for i in range(8)]
    for _ in range(4):
        heard = eight.tick(frames)
    assert np.all(heard[0] == 2000)


def test_a_tap_has_exactly_one_frame_for_each_tick_from_its_first_on(eight: Table) -> None:
    left, agents = eight.eps[0], {eight.eps[1], eight.eps[2]}
    frames = [np.full(FRAME, 1000 * (i + 1), np.int16) for i in range(8)]
    for _ in range(4):
        eight.tick(frames)
    tap = eight.bridge.tap(left, agents)
    for _ in range(7):
        eight.tick(frames)
    got = eight.bridge.read_tap(tap)
    assert got.shape == (7 * FRAME, 2)
    assert np.all(got[:, 0] == 1000)
    assert np.all(got[:, 1] == 5000)
    eight.bridge.set_tap(tap, {eight.eps[7]})
    eight.tick(frames)
    assert np.all(eight.bridge.read_tap(tap)[:, 1] == 8000)
    eight.bridge.end_tap(tap)
    eight.tick(frames)
    assert len(eight.bridge.read_tap(tap)) == 0
    eight.bridge.free_tap(tap)
    with pytest.raises(KeyError):
        eight.bridge.read_tap(tap)


def test_ticks_that_were_skipped_are_silence_of_true_length_in_the_recording(eight: Table) -> None:
    tap = eight.bridge.tap(eight.eps[0])
    eight.silent(3)
    eight.now_ns += 50 * TICK_NS
    eight.silent(2)
    assert len(eight.bridge.read_tap(tap)) == (3 + 50 + 2) * FRAME
    assert eight.bridge.figures().skipped == 48  # three are taken in a row, the rest is left out
    eight.bridge.end_tap(tap)
    eight.bridge.free_tap(tap)


def test_a_recording_that_nobody_fetches_loses_frames_but_not_its_time(eight: Table) -> None:
    tap = eight.bridge.tap(eight.eps[0])
    ticks = 40 * 50  # 40 s
    eight.silent(ticks)
    got = len(eight.bridge.read_tap(tap))
    assert got >= 20 * RATE
    assert eight.bridge.lost_frames(tap) == ticks * FRAME - got
    eight.silent(10)
    assert got + len(eight.bridge.read_tap(tap)) == (ticks + 10) * FRAME
    eight.bridge.end_tap(tap)
    eight.bridge.free_tap(tap)


def test_a_number_that_is_given_anew_is_heard_and_recorded_by_nobody_of_before() -> None:
    table = Table(2)
    a, b = table.eps
    table.bridge.set_hears(b, {a})
    tap = table.bridge.tap(a, set())
    table.silent(4)
    table.bridge.remove(a)
    numbers = []
    for _ in range(64):  # round and round: the number comes again
        ring = SharedRings.create(f"seatbox-test-{os.getpid()}-again")
        ring.unlink()
        numbers.append(table.bridge.add_ring(ring))
        if numbers[-1] == a:
            break
        table.bridge.remove(numbers[-1])
    assert numbers[-1] == a
    table.rings[0] = ring
    table.bridge.read_tap(tap)
    for _ in range(6):
        heard = table.tick([np.full(FRAME, 9000, np.int16)] * 2)
    assert np.all(heard[1] == 0)
    assert np.all(table.bridge.read_tap(tap) == 0)


def test_what_the_box_plays_is_added_loops_and_ends() -> None:
    table = Table(2)
    table.silent(4)
    sound = tone(450, 3 * FRAME + 17)
    table.bridge.load_sound("short", sound)
    table.bridge.play(table.eps[0], "short")
    heard = np.concatenate([frames[0] for frames in table.silent(12)])
    assert np.array_equal(heard[40:], np.resize(sound, 12 * FRAME)[40:])
    table.bridge.play(table.eps[0], None)
    off = np.concatenate([frames[0] for frames in table.silent(2)])
    assert np.any(off[:39] != 0)
    assert np.all(off[40:] == 0)
    table.bridge.play(table.eps[0], "short", loop=False)
    table.silent(6)
    assert [(ep, what) for ep, what, _ in table.bridge.events()] == [(table.eps[0], "play_end")]
    with pytest.raises(KeyError, match="ringback"):
        table.bridge.play(table.eps[0], "ringbakc")


def test_sounds_begin_and_change_without_a_click() -> None:
    table = Table(1)
    table.silent(4)
    heard = []
    for name in ("ringback", "hold", "prompt_key_1", None, "alert", "hold"):
        table.bridge.play(table.eps[0], name)
        heard += [frames[0] for frames in table.silent(37)]
    steps = np.abs(np.diff(np.concatenate(heard).astype(int)))
    inside = max(np.max(np.abs(np.diff(pcm.astype(int)))) for pcm in prompts.built_in().values())
    assert np.max(steps) <= inside + 500


def test_ring_back_has_chinas_level_and_rhythm_and_the_loops_have_no_seam() -> None:
    ringback = prompts.ringback()
    assert len(ringback) == 5 * RATE
    assert abs(level_db(ringback[1000:7000], 450) - -13.1) < 0.3  # -10 dBm0
    assert not np.any(ringback[RATE:])
    for pcm in prompts.built_in().values():
        whole = pcm.astype(int)
        assert abs(whole[0] - whole[-1]) <= np.max(np.abs(np.diff(whole)))
        assert 1000 < np.max(np.abs(whole)) < 32_000


def test_levels_are_of_the_last_second_in_dbfs() -> None:
    table = Table(2)
    table.bridge.set_hears(table.eps[1], {table.eps[0]})
    for at in range(60):
        table.tick([tone(1000, FRAME, 32767 * 10 ** (-13 / 20), at * FRAME), np.zeros(FRAME, np.int16)])
    assert abs(table.bridge.level_dbfs(table.eps[0])[0] - -13) < 0.1
    assert abs(table.bridge.level_dbfs(table.eps[1])[1] - -13) < 0.1
    assert table.bridge.level_dbfs(table.eps[1])[0] == -120


def test_gain_counts_for_all_who_hear_it() -> None:
    table = Table(2)
    table.bridge.set_hears(table.eps[1], {table.eps[0]})
    table.bridge.set_gain(table.eps[0], -6.0206)
    for _ in range(5):
        heard = table.tick([np.full(FRAME, 8000, np.int16)] * 2)
    assert np.all(np.abs(heard[1] - 4000) <= 1)


def test_more_orders_than_the_ring_holds_are_all_carried_out() -> None:
    table = Table(2)
    for k in range(20_000):
        table.bridge.set_hears(table.eps[1], {table.eps[0]} if k % 2 else set())
    for _ in range(5):
        heard = table.tick([np.full(FRAME, 8000, np.int16)] * 2)
    assert np.all(heard[1] == 8000)
