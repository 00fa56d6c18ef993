"""Where the core gets no memory it says so and decides nothing more: it never goes on half (E4). Each of its allocations fails once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler is not None, "what compiled the core"
    library = tmp_path_factory.mktemp("starved") / "starved.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SUPPORT / "core_starved.c"), "-ldl"], check=True)
    return library


@pytest.mark.parametrize(("seed", "every"), [(0, 5), pytest.param(0, 1, marks=pytest.mark.soak)])
def test_each_allocation_that_fails_is_said_or_harmless_and_nothing_is_decided_otherwise(starving: Path, seed: int, every: int) -> None:
    command = [sys.executable, "-m", "tests.support.core_starved", str(seed), str(every)]
    environment = {**os.environ, "LD_PRELOAD": str(starving)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2_000:]
    went_on, refused = map(int, done.stdout.split())
    assert refused > 100 / every and went_on < refused
