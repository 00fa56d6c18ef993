"""The buffer between two clocks: a tone stays a tone, the depth is held, a stall leaves no delay (A4)."""

import numpy as np
import pytest

from appliance.audio._elastic import run_elastic
from tests.support.audio_sounds import FRAME, longest_gap_ms, purity_db, tone


def arrivals(ticks: int, ppm: float, quantum: int) -> np.ndarray:
    """Samples that came before each tick, of a clock that is ppm fast, in portions of `quantum`."""
    come = np.floor(np.arange(1, ticks + 1) * FRAME * (1 + ppm * 1e-6) / quantum).astype(np.int64) * quantum
    return np.diff(come, prepend=0)


@pytest.mark.parametrize("ppm", [-100, -35, 100])
def test_a_tone_stays_pure_while_the_clocks_differ(ppm: float) -> None:
    pushes = arrivals(8000, ppm, 1)
    out, _, underruns, flushed = run_elastic(tone(1130, int(pushes.sum())), pushes)
    last = out[-2 * 8000 :]
    assert purity_db(last, 1130) >= 50
    assert underruns == 0
    assert flushed <= FRAME


LONG = [(10, -200), (10, -100), (10, 100), (10, 200), *(pytest.param(60, ppm, marks=pytest.mark.soak) for ppm in (-200, 200))]


@pytest.mark.parametrize(("minutes", "ppm"), LONG)
def test_clock_difference_for_long_neither_drains_nor_fills_the_buffer_nor_clicks(minutes: int, ppm: float) -> None:
    """In whole frames, as modems send: the level moves by a frame now and then, and comes back without a step that one hears."""
    pushes = arrivals(minutes * 3000, ppm, FRAME)
    sound = tone(1130, int(pushes.sum()))
    out, levels, underruns, flushed = run_elastic(sound, pushes)
    steady = np.max(np.abs(np.diff(sound[:8000].astype(np.int32), 2)))
    assert np.max(np.abs(np.diff(out[16_000:].astype(np.int32), 2))) <= 1.01 * steady  # a click of -60 dBFS would be more
    assert longest_gap_ms(out[16_000:]) < 1
    assert underruns == 0
    assert flushed == 0
    assert levels[10:].min() >= 80
    assert levels[10:].max() <= 320 + 2 * FRAME
    worst = min(purity_db(out[at : at + 4000], 1130) for at in range(16_000, len(out) - 4000, 400_000))
    assert worst >= 35


def test_after_a_frame_that_slips_the_reserve_is_nearly_whole_again_in_two_minutes() -> None:
    """A slow modem's frame comes just behind the tick, and so does each after it: the reserve is a frame less at once."""
    pushes = np.full(8_000, FRAME, np.int64)
    pushes[1_000] = 0
    _, levels, underruns, _ = run_elastic(tone(1130, int(pushes.sum())), pushes, target=212)
    assert levels[999] == 212 and levels[1_001] < 60 and underruns == 0
    assert levels[4_000] > 140 and levels[7_000] > 190


def test_with_equal_clocks_every_sample_passes_unchanged() -> None:
    sound = np.random.default_rng(1).integers(-32768, 32768, 100 * FRAME).astype(np.int16)
    out, _, _, _ = run_elastic(sound, np.full(100, FRAME, np.int64))
    begin = 2 * FRAME + 40  # three ticks of depth, then the fade-in
    assert np.array_equal(out[begin:], sound[40 : 40 + len(out) - begin])


def test_bursts_of_a_hundred_ms_are_evened_out() -> None:
    pushes = np.array([5 * FRAME if i % 5 == 4 else 0 for i in range(500)], np.int64)
    out, _, underruns, _ = run_elastic(tone(700, int(pushes.sum())), pushes)
    assert longest_gap_ms(out[100 * FRAME :]) < 2
    assert underruns <= 2  # at most while it learns their size


@pytest.mark.parametrize("backlog", [0, 50])
def test_after_a_stall_of_a_second_the_delay_is_what_it_was(backlog: int) -> None:
    """backlog: frames that were kept by somebody during the stall, and come all at once."""
    pushes = np.full(500, FRAME, np.int64)
    pushes[200:250] = 0
    pushes[250] += backlog * FRAME
    ramp = (np.arange(int(pushes.sum())) // FRAME).astype(np.int16)
    out, levels, _, _ = run_elastic(ramp, pushes)
    come = np.cumsum(pushes)
    before = come[199] // FRAME - out[200 * FRAME - 1]
    after = come[-1] // FRAME - out[-1]
    assert after - before <= 3  # frames: 60 ms
    assert levels[300:].max() <= 320 + FRAME


def test_running_dry_fades_and_counts_once() -> None:
    pushes = np.full(100, FRAME, np.int64)
    pushes[50:] = 0
    out, _, underruns, _ = run_elastic(np.full(50 * FRAME, 10_000, np.int16), pushes)
    assert underruns == 1
    assert np.max(np.abs(np.diff(out.astype(int)))) <= 10_000 // 40 + 2


def late(ticks: int, at: int, frames: int, lost: bool = False) -> np.ndarray:
    """A frame a tick, but for `frames` ticks from `at` on nothing; then all of them at once, unless they are lost."""
    pushes = np.full(ticks, FRAME, np.int64)
    pushes[at : at + frames] = 0
    if not lost:
        pushes[at + frames] += frames * FRAME
    return pushes


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("hz", [110, 220, 620, 1130])
@pytest.mark.parametrize("frames", [3, 4])
def test_what_comes_40_ms_too_late_makes_no_silence_and_no_click(frames: int, hz: float, lost: bool) -> None:
    """Two frames lie ready; the rest is made up of what was heard last, and what comes then is in step with it."""
    pushes = late(200, 100, frames, lost)
    out, _, underruns, _ = run_elastic(tone(hz, int(pushes.sum())), pushes, most=960)
    around = out[95 * FRAME : 115 * FRAME].astype(int)
    assert underruns == 1
    assert longest_gap_ms(around) < 2
    steepest = np.abs(np.diff(tone(hz, 8000).astype(int))).max()
    assert np.abs(np.diff(around)).max() <= 1.5 * steepest + 330


def test_a_tone_that_is_late_by_a_frame_loses_less_than_5_db() -> None:
    pushes = late(200, 100, 3)
    out, _, _, _ = run_elastic(tone(620, int(pushes.sum())), pushes)
    levels = [np.abs(out[at : at + 40].astype(int)).max() for at in range(95 * FRAME, 115 * FRAME, 40)]
    assert min(levels) > 0.6 * max(levels)


def test_what_was_late_makes_a_seats_reserve_longer_and_a_calm_minute_makes_it_what_it_was() -> None:
    pushes = late(10_000, 100, 4)
    _, levels, underruns, _ = run_elastic(tone(620, int(pushes.sum())), pushes, most=960)
    assert underruns == 1
    assert 320 + FRAME <= levels[200:300].min() <= 320 + 3 * FRAME
    assert levels[-50:].min() <= 320 + FRAME


def test_lateness_again_and_again_costs_one_underrun_after_the_other_no_more_than_four() -> None:
    """60 ms late each second: the reserve grows until it lasts."""
    pushes = np.full(1500, FRAME, np.int64)
    for at in range(100, 1450, 50):
        pushes[at : at + 5] = 0
        pushes[at + 5] += 5 * FRAME
    _, levels, underruns, _ = run_elastic(tone(620, int(pushes.sum())), pushes, most=960)
    assert 1 <= underruns <= 4
    assert levels.max() <= 960 + 7 * FRAME


def test_made_up_sound_is_gone_after_60_ms() -> None:
    pushes = np.full(100, FRAME, np.int64)
    pushes[50:] = 0
    out, _, _, _ = run_elastic(tone(620, 50 * FRAME), pushes)
    held = 2 * FRAME  # what lay ready
    assert np.abs(out[50 * FRAME + held : 50 * FRAME + held + 240].astype(int)).max() > 1000
    assert not out[50 * FRAME + held + 480 + 160 :].any()
