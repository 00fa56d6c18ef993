"""A1 E5: ten million inputs by atheris, which looks for bytes that reach new code: no crash, hang or unbounded growth. `make soak`.

SEATBOX_FUZZ_RUNS=n: so many for all targets together. What was new is left in a folder that is printed; `python -m tests.support.fuzz_keep
FOLDER` keeps the little of it that reaches something new.
"""

import importlib.util
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fuzz_targets import TARGETS, Target

RUNS = int(os.environ.get("SEATBOX_FUZZ_RUNS", "10000000"))
SHARES = sum(target.share for target in TARGETS)
SLOWEST_INPUT_S = 20
MOST_MEMORY_MB = 1_500
LONGEST_S = 1_800

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None and (platform.machine() != "x86_64" or sys.version_info >= (3, 14)),
        reason="there is no atheris for this machine",
    ),
]
counted: dict[str, int] = {}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = os.environ.get("SEATBOX_FUZZ_FOLDER")
    return Path(folder) if folder else tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_input_that_atheris_finds_breaks_a_parser(target: Target, place: Path) -> None:
    runs = -(-RUNS * target.share // SHARES)
    found = place / "defects" / target.name
    found.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.support.fuzz_run", target.name, str(place / "corpus" / target.name)]
    command += [f"-runs={runs}", f"-timeout={SLOWEST_INPUT_S}", f"-rss_limit_mb={MOST_MEMORY_MB}", "-max_len=4096"]
    command += ["-print_final_stats=1", f"-artifact_prefix={found}/"]
    with (found / "log").open("wb") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, timeout=LONGEST_S, check=False).returncode
    said = (found / "log").read_text("utf-8", "replace")
    defects = [path.name for path in found.iterdir() if path.name != "log"]
    assert (code, defects) == (0, []), f"{found}: {said[-4000:]}"
    done = re.search(r"number_of_executed_units: (\d+)", said)
    assert done is not None and int(done[1]) >= runs
    counted[target.name] = int(done[1])
    rate = re.search(r"Done \d+ runs in (\d+) second", said)
    print(f"{target.name}: {int(done[1]):,} inputs in {rate[1] if rate else '?'} s")


def test_all_together_they_were_as_many_as_asked_for(place: Path) -> None:
    print(f"fuzzed: {sum(counted.values()):,} inputs, {len(counted)} parsers; what was new: {place / 'corpus'}")
    assert len(counted) == len(TARGETS) and sum(counted.values()) >= RUNS
