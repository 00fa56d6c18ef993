"""All changes of the oracle, and a sample of changes of the Cython core, are noticed (E4): nine of ten at least.

`make soak`. What of the oracle is not noticed is explained in survivors.md. A change of the core is compiled in a folder of its own, not
optimised; the named tests are asked, then random offices beside the oracle. SEATBOX_SEED=n draws another sample.
"""

import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.core.reference import Oracle
from tests.support.core_mutations import CORE, ORACLE, ROOT, Line, excused, judged, lines, mutants, named_tests, save_hints, with_hints

pytestmark = pytest.mark.soak

SAMPLE = 60
SEED = int(os.environ.get("SEATBOX_SEED", "1"))
WORKERS = os.cpu_count() or 1
BUILD = """
from Cython.Build import cythonize
from setuptools import Extension, setup
setup(
    script_args=["-q", "build_ext", "--inplace"],
    ext_modules=cythonize(
        [Extension("appliance.core._acd", ["appliance/core/_acd.pyx"], extra_compile_args=["-O0", "-g0"])],
        language_level=3, quiet=True,
        compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True, "initializedcheck": False},
    ),
)
"""
ASK = """
import sys
from appliance.core import Acd, _acd
assert _acd.__file__.startswith(sys.argv[1]), _acd.__file__
from tests.appliance.core.test_random_steps import one_office
from tests.support.core_mutations import named_tests, noticed, with_hints
by = noticed(Acd, with_hints(named_tests()))
for seed in range(40 if by is None else 0):
    try:
        one_office(seed)
    except (AssertionError, KeyError, ValueError):
        by = f"random office {seed}"
        break
print("passed" if by is None else f"noticed: {by}")
"""


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


def compiled(folder: Path, part: str, line: Line | None) -> str:
    """A copy of the core with this line of a part changed, compiled; the decisions are taken as they are. Empty, or why it cannot be."""
    core = folder / "appliance" / "core"
    shutil.copytree(ROOT / "appliance" / "core", core, ignore=shutil.ignore_patterns("*.c", "__pycache__", "_acd.*.so"))
    shutil.copy(ROOT / "appliance" / "__init__.py", folder / "appliance")
    if line is not None:
        source = (core / part).read_text().splitlines()
        source[line.number] = line.put
        (core / part).write_text("\n".join(source) + "\n")
    (folder / "build.py").write_text(BUILD)
    done = subprocess.run([sys.executable, "build.py"], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return "" if done.returncode == 0 else done.stderr[-300:]


def asked(folder: Path) -> str:
    """One that never ends or ends badly has noticed, too: it is no test that passes."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", ASK, str(folder)]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "noticed: it never ended"
    return done.stdout.strip() if done.returncode == 0 else f"noticed: exit {done.returncode}"


def test_the_unchanged_core_passes_in_its_folder(tmp_path: Path) -> None:
    assert compiled(tmp_path, "", None) == ""
    assert asked(tmp_path) == "passed"


def test_nine_of_ten_changes_of_the_cython_core_are_noticed(tmp_path: Path) -> None:
    parts = sorted(path.name for path in CORE.glob("_acd*.p[yx][xi]"))
    whole = [(part, line) for part in parts for line in lines((CORE / part).read_text())]
    sample = random.Random(SEED).sample(whole, SAMPLE)

    def one(chosen: tuple[str, Line]) -> str | None:
        part, line = chosen
        folder = tmp_path / part / str(line.number) / str(abs(hash(line.put)))
        folder.mkdir(parents=True)
        if compiled(folder, part, line):
            return None
        said = asked(folder)
        shutil.rmtree(folder)
        return said

    with ThreadPoolExecutor(WORKERS) as pool:
        said = list(pool.map(one, sample))
    judged_lines = [(chosen, by) for chosen, by in zip(sample, said, strict=True) if by is not None]
    survivors = [chosen for chosen, by in judged_lines if by == "passed"]
    print(f"seed {SEED}: {len(judged_lines)} changes of the core that compile, {len(survivors)} not noticed")
    for part, line in survivors:
        print(f"{part}:{line.number + 1}: {line.was.strip()} -> {line.put.strip()}")
    assert len(judged_lines) >= SAMPLE / 2
    assert len(survivors) <= len(judged_lines) / 10
