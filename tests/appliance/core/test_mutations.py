"""A change of the oracle makes a named test fail (E4): here a sample, drawn by seed.

All of them, and a sample of the Cython core's: tests/soak/test_core_mutations.py.
"""

import os
import random

import pytest

from appliance.core.reference import Oracle
from tests.support.core_mutations import ORACLE, Named, excused, judged, mutants, named_tests, with_hints

SAMPLE, PARTS = 120, 4
SEED = int(os.environ.get("SEATBOX_SEED", "1"))


@pytest.fixture(scope="module")
def tests() -> list[Named]:
    return with_hints(named_tests())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_sample_of_changes_of_the_oracle_is_noticed_by_the_named_tests(part: int, tests: list[Named]) -> None:
    known = excused()
    can_be_seen = [mutant for mutant in mutants(ORACLE) if mutant.name not in known]
    sample = random.Random(SEED).sample(can_be_seen, SAMPLE)[part::PARTS]
    print(f"seed {SEED}")
    assert [mutant.name for mutant in sample if judged(ORACLE, mutant, tests) is None] == []


def test_every_excuse_is_of_a_change_that_can_be_made_and_has_a_reason() -> None:
    names = {mutant.name for mutant in mutants(ORACLE)}
    assert set(excused()) <= names
    assert all(len(why) > 10 for why in excused().values())


def test_the_unchanged_oracle_passes_the_tests_that_hint_at_themselves(tests: list[Named]) -> None:
    hinted = [test for test in tests if test.kills]
    assert len(hinted) > 50
    for test in hinted:
        test.run(Oracle)
