"""Sixteen lines, thousands of calls, faults by name, on one virtual clock: each line back or named, no call stuck (A1, E5).

The office is tests/support/soak_office.py; a seed that fails fails again. SEATBOX_SEED=n draws another.
"""

import os
from pathlib import Path

import pytest

from tests.support.soak_office import SoakOffice

BETWEEN_S = 4.0  # customers, on average
CALLS_A_FAULT = 10


@pytest.mark.parametrize(("calls", "faults"), [(40, 8), pytest.param(10_000, 1_000, marks=pytest.mark.soak)])
def test_whatever_breaks_each_line_comes_back_or_is_named_and_no_call_is_stuck(tmp_path: Path, calls: int, faults: int) -> None:
    seed = int(os.environ.get("SEATBOX_SEED", "20261126"))
    print(f"seed {seed}", flush=True)
    office = SoakOffice(tmp_path, seed)
    office.wait(10_000)
    customers = 0
    while office.counts["rang"] < calls or office.counts["faults"] < faults:
        office.customer()
        customers += 1
        if customers % CALLS_A_FAULT == 0:
            office.fault()
        office.wait(20 * round(office.random.expovariate(1 / BETWEEN_S) * 50))
        if customers % 1_000 == 0:
            print(f"{office.counts['rang']} calls, {office.counts['faults']} faults, {office.now / 3_600_000:.1f} h", flush=True)
    office.drain()
    took = {name: f"{len(all_ms)} times, {max(all_ms) / 1000:.1f} s at most" for name, all_ms in office.took_ms.items() if all_ms}
    print(f"seed {seed}: {office.now / 3_600_000:.1f} h, {dict(office.counts)}, named {dict(office.named)}, {took}")
