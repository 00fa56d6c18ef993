"""Compiles the Cython modules: every `_*.pyx` below appliance/. Metadata stands in pyproject.toml.

`python setup.py build_ext --inplace` builds beside the sources; ONLY=appliance/audio limits it to one folder,
ONLY=none compiles nothing.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

ROOT = Path(__file__).parent
ONLY = os.environ.get("ONLY", "appliance")

# -fno-wrapv: setuptools' own -fwrapv stops vectorising. -O3: the mixing loops. No -march: one binary for every box of an architecture.
FLAGS = ["-O3", "-g", "-fno-wrapv", "-D_GNU_SOURCE"]
# The core's structures are read as what they are, so that the compiler may know what a store leaves alone; the sound's samples are not.
# A step of the core is one long function of many branches: what is reckoned early for later branches (pre, hoisting, gcse) or kept side
# by side in vectors (slp) must be put aside on the stack, which costs more than it saves: a twentieth of all instructions. A few
# comparisons are less than a jump through a table, and a word or two less than a call of memset.
CORE = [
    "-fstrict-aliasing", "-fno-tree-slp-vectorize", "-fno-tree-pre", "-fno-code-hoisting", "-fno-gcse", "-fno-jump-tables",
    "-fno-tree-loop-distribute-patterns",
]  # fmt: skip


def extension(path: Path) -> Extension:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    more = CORE if path.is_relative_to(ROOT / "appliance/core") else ["-fno-strict-aliasing"]
    headers = sorted(str(header.relative_to(ROOT)) for header in path.parent.glob("*.h"))
    return Extension(name, [str(path.relative_to(ROOT))], extra_compile_args=FLAGS + more, depends=headers, libraries=["rt"])


setup(
    ext_modules=cythonize(
        [extension(path) for path in sorted((ROOT / ONLY).rglob("_*.pyx"))],
        language_level=3,
        nthreads=min(2, os.cpu_count() or 1),
        quiet=True,
        compiler_directives={
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
        },
    ),
)
