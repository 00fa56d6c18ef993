"""A1 E5: whatever comes on a wire, no parser of it crashes, hangs or grows without bound. The short form of tests/soak/fuzz.

Each target's corpus and a few thousand changed inputs, the same each time. What atheris found once stands in tests/corpora/fuzz.
"""

from pathlib import Path

import pytest

from appliance.exchange.wiring import DIALECTS
from tests.support.fuzz_corpus import FOUND, mutations
from tests.support.fuzz_targets import BY_NAME, TARGETS, Target

LARGEST_CORPUS = 1_000_000


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_is_read_or_refused_within_its_bounds(target: Target) -> None:
    for data in mutations(target.name, target.short):
        try:
            target.run(data)
        except Exception as defect:
            raise AssertionError(f"{target.name} does not bear {data!r}") from defect


def test_the_corpus_is_small_and_of_targets_that_there_are() -> None:
    kept = [path for path in FOUND.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < LARGEST_CORPUS
    assert {path.parent.name for path in kept} <= set(BY_NAME)


def test_every_dialect_and_every_simulated_modem_is_among_the_targets() -> None:
    root = Path(__file__).parents[2]
    dialects = {path.stem for path in (root / "appliance/hw/modems").glob("*.py") if "\nDIALECT = " in path.read_text("utf-8")}
    of_family = {"ec25": "quectel", "sim800": "gsm"}
    lines = {name.removeprefix("line_") for name in BY_NAME if name.startswith("line_")}
    assert {of_family.get(name, name) for name in lines} == dialects
    assert {name.removeprefix("modem_") for name in BY_NAME if name.startswith("modem_")} == set(DIALECTS)
