"""Sixteen lines, thousands of short calls with their sound, faults by name, on one virtual clock (E5, A1, A3, A7).

The office is tests/support/day_faults.py; a seed that fails fails again. SEATBOX_SEED=n draws another, SEATBOX_FAULTS=n fewer faults.
"""

import asyncio
import logging
import os
import time
from pathlib import Path

import pytest

from tests.support.day_faults import NAMES, FaultyDay
from tests.support.day_office import no_growth
from tests.support.day_wires import MemoryLoop

SEED = 20261127
FAULTS = int(os.environ.get("SEATBOX_FAULTS", "1000"))
BETWEEN = 500  # calls from one measurement to the next
WARM = 2  # measurements until everything has been used once


async def _day(day: FaultyDay, calls: int, faults: int) -> None:
    began = time.process_time()
    day.start()
    await day.wait(30_000)
    await day.calm()
    day.faults, day.calls_a_fault = faults, calls // faults
    while day.counts["calls"] < calls or day.counts["faults"] < faults:
        until = min(day.counts["calls"] + BETWEEN, calls)
        while day.counts["calls"] < until or (until == calls and day.counts["faults"] < faults):
            await day.wait(1_000)
        told = await day.calm()
        print(f"{day.counts['faults']} faults, {day.figures()}, processor {time.process_time() - began:.0f} s, {told}", flush=True)
        assert told[3:] == day.measured[0][3:], (told, day.measured[0])  # descriptors, threads, rings, endpoints
        if len(day.measured) > WARM:
            no_growth(day.measured[WARM - 1], told)


@pytest.mark.parametrize(
    ("of_each_kind", "agents", "calls", "faults"),
    [(2, 3, 40, len(NAMES)), pytest.param(8, 12, 10 * FAULTS, FAULTS, marks=pytest.mark.soak)],
)
def test_whatever_breaks_nobody_on_another_line_hears_of_it(
    tmp_path: Path, of_each_kind: int, agents: int, calls: int, faults: int
) -> None:
    seed = int(os.environ.get("SEATBOX_SEED", str(SEED)))
    print(f"seed {seed}", flush=True)
    logging.disable(logging.ERROR)  # pytest keeps every record, and would be what grows
    loop = MemoryLoop()
    asyncio.set_event_loop(loop)
    day = FaultyDay(tmp_path, loop, seed, of_each_kind, of_each_kind, agents)
    try:
        loop.run_until_complete(_day(day, calls, faults))
        counts = day.counts
        print({name: counts[name] for name in sorted(counts)}, flush=True)
        assert all(day.took_ms[name] for name in NAMES) or faults < len(NAMES), day.took_ms
        assert all(day.heard_at[name] > 0 for name in day.wires), day.heard_at
        assert counts["recordings"] + counts["without sound at the picking-up"] == counts["picked up"]
        assert counts["talk s beside a broken line"] > 0 and len(day.named["hang"]) > 0
    finally:
        print(day.told_of_faults(), flush=True)
        print(f"the clock stood at {day.now} ms", {line: one.name for line, one in day.broken.items()}, flush=True)
        logging.disable(logging.NOTSET)
        day.close()
        asyncio.set_event_loop(None)
        loop.close()


def test_a_fault_that_another_line_hears_of_is_found(tmp_path: Path) -> None:
    """As though what breaks one line took 20 ms of the sound of all."""

    class Touching(FaultyDay):
        def _breaks(self) -> None:
            super()._breaks()
            self._touch(True)
            self.later(20, lambda: self._touch(False))

        def _touch(self, mute: bool) -> None:
            for name in self.wires.keys() - self.broken.keys():
                self.wires[name].trunk.channel.set_faults(mute=mute)

    loop = MemoryLoop()
    asyncio.set_event_loop(loop)
    day = Touching(tmp_path, loop, SEED, 2, 2, 3)
    try:
        with pytest.raises(AssertionError, match=r"a gap of|a frame of"):
            loop.run_until_complete(_day(day, 6, 3))
    finally:
        day.close()
        asyncio.set_event_loop(None)
        loop.close()
