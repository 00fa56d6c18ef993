"""Which lines of the Cython core do its tests run (E4)? `make coverage`, or `python -m tests.support.core_coverage [pytest arguments]`.

The core is translated in a folder of its own with Cython's line marks (`linetrace`). Each mark is then made a note "this line of this file
was reached", written down when the process ends. A mark so changed asks no interpreter: the tests run about as fast as ever, and lines that
run without the GIL, and those of the inline functions in the .pxd files, count like the others.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build" / "coverage"
LEAST: Final = 0.95
CORE: Final = "appliance/core/"
MARK: Final = re.compile(r"__Pyx_TraceLine\((\d+),\d+,\d,__PYX_ERR\((\d+), \d+, \w+\)\)")
FILES: Final = re.compile(r"__pyx_f\[\] = \{\n(.*?)\n\};", re.DOTALL)
NOTES: Final = """
#include <stdio.h>
#include <stdlib.h>
#define CORE_FILES 40
#define CORE_LINES 8192
static unsigned char core_reached[CORE_FILES][CORE_LINES];
static const char* const core_files[] = {
%s
};
__attribute__((destructor)) static void core_write_down(void) {
  const char *path = getenv("SEATBOX_COVERAGE");
  FILE *out = path ? fopen(path, "a") : NULL;
  if (out == NULL) return;
  for (int file = 0; file < (int)(sizeof(core_files) / sizeof(core_files[0])); file++)
    for (int line = 0; line < CORE_LINES; line++)
      if (core_reached[file][line]) fprintf(out, "%%s:%%d\\n", core_files[file], line);
  fclose(out);
}
"""
SETUP: Final = """
import sys
from pathlib import Path
from setuptools import Extension, setup
sources = sorted(str(path) for path in Path("appliance/core").glob("_*.c"))
modules = [Extension(path[:-2].replace("/", "."), [path], extra_compile_args=["-O1", "-g0", "-w"], libraries=["rt"]) for path in sources]
setup(script_args=["-q", "build_ext", "--inplace", "-j", "2"], ext_modules=modules)
"""

Lines = dict[str, set[int]]


def translated() -> Lines:
    """The core's C in BUILD, its marks made notes; the lines that have one, by file."""
    shutil.rmtree(BUILD, ignore_errors=True)
    for part in ("appliance", "firmware_cfg", "tests", "docs"):
        shutil.copytree(ROOT / part, BUILD / part, ignore=shutil.ignore_patterns("__pycache__", "_*.c", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", BUILD)
    for stale in (BUILD / CORE).glob("_*.so"):
        stale.unlink()
    sources = sorted(str(path.relative_to(BUILD)) for path in (BUILD / CORE).glob("_*.pyx"))
    options = ["linetrace=True", "boundscheck=False", "wraparound=False", "cdivision=True", "initializedcheck=False"]
    switches = [word for option in options for word in ("-X", option)]
    subprocess.run([sys.executable, "-m", "cython", "-3", *switches, *sources], cwd=BUILD, check=True)
    marked: Lines = defaultdict(set)
    for source in (BUILD / CORE).glob("_*.c"):
        text = source.read_text()
        names = FILES.search(text)
        assert names is not None, source
        files = re.findall(r'"(.*?)"', names[1])
        for line, file in MARK.findall(text):
            marked[files[int(file)]].add(int(line))
        text, marks = MARK.subn(r"core_reached[\2][\1] = 1;", text)
        assert marks > 0 and len(files) <= 40, source
        first = text.index("/* #### Code section: module_declarations ### */")
        source.write_text(text[:first] + NOTES % names[1] + text[first:])
    return {file: lines for file, lines in marked.items() if file.startswith(CORE)}


def reached(asked: list[str]) -> Lines:
    """The lines that these tests run, in BUILD; SystemExit where one fails."""
    notes = BUILD / "reached.txt"
    notes.unlink(missing_ok=True)
    subprocess.run([sys.executable, "build.py"], cwd=BUILD, check=True)
    environment = {**os.environ, "SEATBOX_COVERAGE": str(notes), "PYTHONPATH": str(BUILD)}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "not soak", *asked], cwd=BUILD, env=environment, check=False)
    if done.returncode:
        raise SystemExit("a test fails in the folder of the coverage: the figure would say nothing")
    found: Lines = defaultdict(set)
    for note in notes.read_text().splitlines():
        file, _, line = note.rpartition(":")
        found[file].add(int(line))
    return found


def spans(lines: set[int]) -> str:
    """`3 7-9`."""
    words: list[list[int]] = []
    for line in sorted(lines):
        if words and line == words[-1][-1] + 1:
            words[-1].append(line)
        else:
            words.append([line])
    return " ".join(str(word[0]) if len(word) == 1 else f"{word[0]}-{word[-1]}" for word in words)


def main(asked: list[str]) -> int:
    there = translated()
    (BUILD / "build.py").write_text(SETUP)
    found = reached(asked or ["tests/appliance/core"])
    total = hit = 0
    for file, lines in sorted(there.items()):
        missed = lines - found[file]
        share = 1 - len(missed) / len(lines)
        print(f"{file:<34}{len(lines) - len(missed):>6} of {len(lines):>5} lines  {share:7.1%}   not run: {spans(missed) or '-'}")
        total, hit = total + len(lines), hit + len(lines) - len(missed)
    print(f"{'the Cython core':<34}{hit:>6} of {total:>5} lines  {hit / total:7.1%}   (at least {LEAST:.0%})")
    return 0 if hit / total >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
