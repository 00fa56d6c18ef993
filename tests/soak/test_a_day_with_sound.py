"""A day of an office at full load, with sound, on one virtual clock: every talk heard at both ends, nothing grows (E5, A1, A3, A7, A9).

The office is tests/support/day_office.py; a seed that fails fails again. SEATBOX_SEED=n draws another, SEATBOX_DAY_H=n a shorter day.
"""

import asyncio
import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.day_judge import Held, pieces_heard, speech_like
from tests.support.day_office import Day, no_growth
from tests.support.day_wires import MemoryLoop

SEED = 1
WARM = 2  # measurements until everything has been used once


async def _day(day: Day, calms: int, between_ms: int) -> None:
    began = time.process_time()
    day.start()
    await day.wait(15_000)
    for n in range(calms):
        await day.wait(between_ms)
        told = await day.calm()
        print(f"{n + 1}: {day.figures()}, processor {time.process_time() - began:.0f} s, {told}", flush=True)
        if n >= WARM:
            no_growth(day.measured[WARM - 1], told)


@pytest.mark.parametrize(
    ("calms", "between_ms"),
    [(4, 90_000), pytest.param(int(os.environ.get("SEATBOX_DAY_H", "24")), 3_600_000, marks=pytest.mark.soak)],
)
def test_a_day_at_full_load_is_heard_at_both_ends_and_nothing_grows(tmp_path: Path, calms: int, between_ms: int) -> None:
    seed = int(os.environ.get("SEATBOX_SEED", str(SEED)))
    print(f"seed {seed}", flush=True)
    logging.disable(logging.WARNING)  # pytest keeps every record, and would be what grows
    loop = MemoryLoop()
    asyncio.set_event_loop(loop)
    day = Day(tmp_path, loop, seed)
    try:
        loop.run_until_complete(_day(day, calms, between_ms))
        counts = day.counts
        print({name: counts[name] for name in sorted(counts)}, flush=True)
        happened = ["held", "answered", "abandoned", "ended by caller", "ended by agent"]
        happened += ["transfer blind", "transfer consult"] if counts["calls"] > 100 or seed == SEED else []
        assert all(counts[what] > 0 for what in happened), {what: counts[what] for what in happened}
        assert all(day.heard_at[name] > 0 for name in day.wires), day.heard_at
        assert counts["recordings"] == counts["LineAnswered"] and counts["most waiting"] > 1
    finally:
        logging.disable(logging.NOTSET)
        day.close()
        asyncio.set_event_loop(None)
        loop.close()


def test_the_judges_hear_a_gap_a_soft_frame_a_strange_voice_and_another_tone() -> None:
    said = np.tile(speech_like(800), 3)
    assert pieces_heard(said, 800, "whole") == 1
    gap, soft, strange = said.copy(), said.copy(), said.astype(int) + np.tile(speech_like(1300), 3) // 8
    gap[40_000:40_060] = 0
    soft[47_000:49_000] //= 4
    for sound, hz, why in ((gap, 800, "a gap"), (soft, 800, "a frame"), (strange, 800, "above the rest"), (said, 1300, "strongest at 800")):
        with pytest.raises(AssertionError, match=why):
            pieces_heard(np.asarray(sound, np.int16), hz, "broken")


def test_one_descriptor_thread_endpoint_or_a_megabyte_more_is_growth() -> None:
    first = Held(350_000, 25_000_000, 90_000_000, 39, 2, 4, 10)
    no_growth(first, first)
    for name in ("descriptors", "threads", "maps", "endpoints", "c_bytes"):
        more = 1_000_000 if name == "c_bytes" else 1
        with pytest.raises(AssertionError, match=name):
            no_growth(first, first._replace(**{name: getattr(first, name) + more}))
