"""Deleting any one rule of the Cython core makes a named test fail (E4): each mutation is compiled in a folder of its own, not optimised.

`make soak`, a few seconds a mutation. The list is tests/support/core_mutations.py, the tests are those of test_rules.py.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.core_mutations import CORE, Mutation

pytestmark = pytest.mark.soak

ROOT = Path(__file__).resolve().parents[2]
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
from tests.appliance.core import test_rules
from tests.support.core_office import Office
try:
    getattr(test_rules, sys.argv[2])(Office(Acd))
except (AssertionError, KeyError, ValueError) as problem:
    print("noticed:", type(problem).__name__)
else:
    print("passed")
"""


def built(folder: Path, mutation: Mutation | None) -> None:
    """A copy of the core, broken and compiled; the decisions are taken as they are."""
    core = folder / "appliance" / "core"
    shutil.copytree(ROOT / "appliance" / "core", core, ignore=shutil.ignore_patterns("*.c", "__pycache__", "_acd.*.so"))
    shutil.copy(ROOT / "appliance" / "__init__.py", folder / "appliance")
    if mutation is not None:
        source = (core / mutation.file).read_text()
        assert source.count(mutation.old) == 1, f"{mutation.what}: fits {source.count(mutation.old)} times"
        (core / mutation.file).write_text(source.replace(mutation.old, mutation.new))
    (folder / "build.py").write_text(BUILD)
    subprocess.run([sys.executable, "build.py"], cwd=folder, check=True, capture_output=True, text=True, timeout=120)


def asked(folder: Path, test: str) -> str:
    """What the named test says of the core in this folder. One that never ends has noticed, too: it is no test that passes."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", ASK, str(folder), f"test_{test}"]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "noticed: it never ended"
    return done.stdout.strip() if done.returncode == 0 else f"noticed: exit {done.returncode} {done.stderr[-300:]}"


def test_the_unbroken_core_passes_in_its_folder(tmp_path: Path) -> None:
    built(tmp_path, None)
    for test in sorted({mutation.noticed_by for mutation in CORE}):
        assert asked(tmp_path, test) == "passed", test


@pytest.mark.parametrize("mutation", CORE, ids=lambda mutation: mutation.what)
def test_a_broken_rule_of_the_core_is_noticed_by_the_named_test(mutation: Mutation, tmp_path: Path) -> None:
    built(tmp_path, mutation)
    said = asked(tmp_path, mutation.noticed_by)
    assert said.startswith("noticed"), said
