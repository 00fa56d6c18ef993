"""All changes of the oracle and of the Cython core are noticed by the named tests (E4): nine of ten at least.

`make soak`. What of the oracle is not noticed is explained in survivors.md. The changes of the core are compiled all into one module
(core_switched.py); the named tests are asked, then random offices beside the oracle. SEATBOX_SAMPLE=n draws n of them, by SEATBOX_SEED.
"""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from appliance.core.reference import Oracle
from tests.support.core_mutations import (
    CORE,
    CORE_SURVIVORS,
    ORACLE,
    core_lines,
    excused,
    judged,
    mutants,
    named_tests,
    save_hints,
    with_hints,
)
from tests.support.core_switched import asked, compiled, inside

pytestmark = pytest.mark.soak

SAMPLE = int(os.environ.get("SEATBOX_SAMPLE", "600"))
SEED = int(os.environ.get("SEATBOX_SEED", "1"))
WORKERS = os.cpu_count() or 1


def part_of_oracle(part: int) -> dict[str, str | None]:
    tests = with_hints(named_tests())
    for test in tests:
        test.measure(Oracle)
    return {mutant.name: judged(ORACLE, mutant, tests) for mutant in mutants(ORACLE)[part::WORKERS]}


def test_nine_of_ten_changes_of_the_oracle_are_noticed_and_the_rest_is_explained() -> None:
    judgements: dict[str, str | None] = {}
    with ProcessPoolExecutor(WORKERS) as pool:
        for part in pool.map(part_of_oracle, range(WORKERS)):
            judgements |= part
    survivors = [name for name, by in judgements.items() if by is None]
    print(f"{len(judgements)} changes of the oracle, {len(survivors)} not noticed")
    save_hints(judgements)
    assert [name for name in survivors if name not in excused()] == []
    assert len(survivors) <= len(judgements) / 10


def test_nine_of_ten_changes_of_the_cython_core_are_noticed(tmp_path: Path) -> None:
    """The module of all changes with none in force must pass, too."""
    known = core_lines()
    made = compiled(tmp_path, known)
    print(f"{len(known)} changes of the core, {len(made)} can be made")
    sample = random.Random(SEED).sample(sorted(made), min(SAMPLE, len(made)))
    where = {number: inside((CORE / part).read_text().splitlines(), line.number) for number, (part, line) in made.items()}

    excuses = excused(CORE_SURVIVORS)

    def name(number: int) -> str:
        part, line = made[number]
        return f"{part} {where[number]}: {line.was.strip()} -> {line.put.strip()}"

    def tell(number: int, by: str) -> None:
        if number and not by and name(number) not in excuses:
            print(f"not noticed: {name(number)}   (line {made[number][1].number + 1})", flush=True)

    found = asked(tmp_path, {0: "", **{number: where[number] for number in sample}}, tell, WORKERS)
    assert found.pop(0) == "", "the unchanged core does not pass in its folder"
    survivors = [number for number, by in found.items() if not by]
    can_be_seen = [number for number in survivors if name(number) not in excuses]
    explained = len(survivors) - len(can_be_seen)
    print(f"seed {SEED}: {len(found)} changes of the core, {explained} decide the same, {len(can_be_seen)} of the rest not noticed")
    assert len(made) >= len(known) * 0.9
    assert len(can_be_seen) <= (len(found) - explained) / 10
