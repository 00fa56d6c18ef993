"""The gateway comes first while sound is all it does, as others do while it has more to do; ticks in step with the audio thread (A2)."""

import random
import subprocess
import sys

import pytest

from appliance.web.seat_gateway import next_tick

BEGIN = """
import os, signal, sys, time
from appliance.base.precedence import NICE
from appliance.web.seat_precedence import PENANCE_S, Precedence
def shown(): return {os.SCHED_RR: "real time", os.SCHED_OTHER: f"nice {os.getpriority(os.PRIO_PROCESS, 0)}"}[os.sched_getscheduler(0)]
here = Precedence()
here.begin(0.0, 0.0)
print(shown())
"""


def said(program: str) -> list[str]:
    """What a process of its own session, as the gateway is one, prints."""
    words = [sys.executable, "-c", BEGIN + program]
    return subprocess.run(words, capture_output=True, text=True, start_new_session=True, check=True, timeout=60).stdout.split("\n")[:-1]


@pytest.fixture(autouse=True)
def allowed() -> None:
    if said("") != ["real time"]:
        pytest.skip("real time is not allowed here")


def test_who_uses_half_a_core_is_an_ordinary_process_for_five_seconds_and_then_comes_first_again() -> None:
    assert said("for now, cpu in (1.1, 0.5), (2.2, 1.2), (3.3, 1.3), (7.0, 1.4), (8.1, 1.5): here.look(now, cpu); print(shown())") == [
        "real time",
        "real time",
        "nice -10",
        "nice -10",
        "nice -10",
        "real time",
    ]


def test_who_goes_on_using_much_does_not_come_first_again() -> None:
    assert said("for now in range(2, 20): here.look(float(now), 0.9 * now)\nprint(shown())") == ["real time", "nice -10"]


def test_a_turn_without_end_is_taken_away() -> None:
    """By the kernel, as nothing of the process's own comes to its turn."""
    spin = "while time.process_time() < 20 and os.sched_getscheduler(0) == os.SCHED_RR: pass\nprint(shown())"
    assert said(spin) == ["real time", "nice -10"]


def test_the_precedence_counts_beyond_its_own_session_where_sessions_are_scheduled_as_groups() -> None:
    shown = said("group = '/proc/self/autogroup'\nprint(open(group).read().split()[-1] if os.path.exists(group) else NICE)")
    assert shown == ["real time", "-10"]


@pytest.mark.parametrize("apart_ms", [0.0, 0.2, 3.0, 10.0, 19.9])
def test_each_tick_finds_one_frame_wherever_it_began_beside_the_audio_threads(apart_ms: float) -> None:
    """Both wake up to 1 ms late; without the step behind the audio thread's ticks a page's frames would come 40 ms apart all the time."""
    some = random.Random(1)
    written = [0.02 * n + some.uniform(0, 0.001) for n in range(3000)]
    due, found, taken, last, waits = apart_ms / 1000, True, 0, 0.0, []
    for _ in range(2900):
        due = next_tick(due, due, found)
        now = due + some.uniform(0, 0.001)
        ready = sum(at <= now for at in written[taken : taken + 10])
        taken, found = taken + ready, ready > 0
        if ready:
            waits.append(now - last)
            last = now
    assert max(waits[10:]) < 0.027
    assert sum(wait > 0.022 for wait in waits[10:]) <= 2
