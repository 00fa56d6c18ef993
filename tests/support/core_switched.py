"""All changes of the Cython core in one module (E4): a number chosen at run time says which of them is in force, 0 none.

So the core is compiled once, not once a change: `if x < 1:` becomes `if ((x <= 1) if CHANGE == 17 else (x < 1)):`, a statement stands
in a branch of its own. What Cython does not compile so is left out, and counted. Each change is asked in a process of its own: one that
never ends, takes all memory or crashes has been noticed, too.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.core_mutations import ROOT, Line, Named, noticed

HEAD: Final = re.compile(r"^(\s*)(if|elif|while) (.*):\Z", re.DOTALL)
COUNT: Final = re.compile(r"^(\s*)for (\w+) in range\((.*)\):\Z", re.DOTALL)
WRONG: Final = re.compile(r"^(?:warning: )?[^\s:]*/(_acd\w*\.p[yx][xi]):(\d+):\d+:", re.MULTILINE)
LIMIT_S: Final = 60
MORE_BYTES: Final = 2_000_000_000
OFFICES: Final = 40
OFFICE_S: Final = 5.0
SWITCH: Final = """

cdef int CHANGE = 0


def switch(int to):
    global CHANGE
    CHANGE = to
"""
BUILD: Final = """
from setuptools import Extension, setup
setup(script_args=["-q", "build_ext", "--inplace"],
      ext_modules=[Extension("appliance.core._acd", ["appliance/core/_acd.c"], extra_compile_args=["-O0", "-g0", "-w", "-DSEATBOX_CALLS"])])
"""


@dataclass(frozen=True)
class Statement:
    """Lines first to last (from 0), joined as long as a bracket is open."""

    first: int
    last: int
    text: str


def statements(source: list[str]) -> Iterator[Statement]:
    first, depth, words = 0, 0, False
    for number, line in enumerate(source):
        if depth == 0 and not words:
            first = number
        inside_words = words  # which may hold one bracket without the other
        words ^= line.count('"""') % 2 == 1
        code = line.split("  # ")[0] if not (words or inside_words) else ""
        depth += sum(code.count(bracket) for bracket in "([{") - sum(code.count(bracket) for bracket in ")]}")
        if depth == 0 and not words:
            yield Statement(first, number, "\n".join(source[first : number + 1]))


def changed(statement: Statement, line: Line) -> str:
    rows = statement.text.split("\n")
    rows[line.number - statement.first] = line.put
    return "\n".join(row.split("  # ")[0] for row in rows)


def arguments(text: str) -> list[str]:
    """Of a call, by the commas outside brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [each.strip() for each in found]


def chosen(was: str, puts: list[tuple[int, str]], kind: str = "") -> list[tuple[int, str]]:
    """An expression, one row a change (its number, 0 for what is no change's)."""
    return [(0, "("), *((number, f"{kind}({put}) if CHANGE == {number} else") for number, put in puts), (0, f"{kind}({was}))")]


def switched(statement: Statement, puts: list[tuple[int, str]]) -> list[tuple[int, str]] | None:
    """The rows that stand for this statement with all its changes; None: it is of no kind that can be switched."""
    was = "\n".join(row.split("  # ")[0] for row in statement.text.split("\n"))
    if head := HEAD.match(was):
        heads = [(number, HEAD.match(put)) for number, put in puts]
        if any(match is None or match[2] != head[2] for _, match in heads):
            return None
        rows = chosen(head[3], [(number, match[3]) for number, match in heads if match is not None], "<bint>")
        return [(0, f"{head[1]}{head[2]} ("), *rows, (0, "):")]
    if count := COUNT.match(was):
        ends = arguments(count[3])
        parts: list[list[tuple[int, str]]] = [[] for _ in ends]
        for number, put in puts:
            match = COUNT.match(put)
            others = arguments(match[3]) if match is not None else []
            if len(others) != len(ends):
                return None
            for place, (one, other) in enumerate(zip(ends, others, strict=True)):
                if one != other:
                    parts[place].append((number, other))
        rows = [
            row for one, part in zip(ends, parts, strict=True) for row in [*(chosen(one, part) if part else [(0, f"({one})")]), (0, ",")]
        ]
        return [(0, f"{count[1]}for {count[2]} in range("), *rows[:-1], (0, "):")]
    if was.rstrip().endswith(":"):
        return None
    indent = " " * (len(was) - len(was.lstrip()))
    rows = [(0, f"{indent}if CHANGE == 0:"), *((0, f"    {row}") for row in was.split("\n"))]
    for number, put in puts:
        rows += [(0, f"{indent}elif CHANGE == {number}:"), *((number, f"    {row}") for row in put.split("\n"))]
    return [*rows, (0, f"{indent}else:"), *((0, f"    {row}") for row in was.split("\n"))]


def woven(source: str, lines: dict[int, Line]) -> tuple[list[tuple[int, str]], set[int]]:
    """The whole source with these changes, and the numbers of those that cannot be switched."""
    rows: list[tuple[int, str]] = []
    out: set[int] = set()
    for statement in statements(source.splitlines()):
        mine = [(number, changed(statement, line)) for number, line in lines.items() if statement.first <= line.number <= statement.last]
        put = switched(statement, mine) if mine else None
        if put is None:
            out.update(number for number, _ in mine)
            put = [(0, row) for row in statement.text.split("\n")]
        rows += put
        if statement.text.startswith("from appliance.core.trace import"):
            rows += [(0, row) for row in SWITCH.splitlines()]
    return rows, out


def compiled(folder: Path, lines: list[tuple[str, Line]]) -> dict[int, tuple[str, Line]]:
    """The core with all these changes in `folder`; those that could be made, by number."""
    core = folder / "appliance" / "core"
    shutil.copytree(ROOT / "appliance" / "core", core, ignore=shutil.ignore_patterns("*.c", "__pycache__", "_acd.*.so"))
    shutil.copy(ROOT / "appliance" / "__init__.py", folder / "appliance")
    sources = {path.name: path.read_text() for path in core.glob("_acd*.p[yx][xi]")}
    left = dict(enumerate(lines, start=1))
    options = ("boundscheck=False", "wraparound=False", "cdivision=True", "initializedcheck=False")
    switches = [word for option in options for word in ("-X", option)]
    command = [sys.executable, "-m", "cython", "-3", *switches, "appliance/core/_acd.pyx"]
    while True:
        at: dict[str, list[int]] = {}
        for part, source in sources.items():
            rows, out = woven(source, {number: line for number, (where, line) in left.items() if where == part})
            left = {number: each for number, each in left.items() if number not in out}
            at[part] = [number for number, text in rows for _ in text.split("\n")]
            (core / part).write_text("\n".join(text for _, text in rows) + "\n")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        wrong = {at[part][int(row) - 1] for part, row in WRONG.findall(done.stderr)} - {0}
        assert wrong, done.stderr[-2000:]
        left = {number: each for number, each in left.items() if number not in wrong}
    (folder / "build.py").write_text(BUILD)
    subprocess.run([sys.executable, "build.py"], cwd=folder, check=True)
    return left


# --- in the folder


def ask(change: int, where: str, tests: list[Named]) -> str:
    """Who notices this change; "" nobody. In a process of its own, which ends after LIMIT_S of processor time."""
    said, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(said)
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_AS, (used.ru_maxrss * 1024 + MORE_BYTES, used.ru_maxrss * 1024 + MORE_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            os.write(saying, (_noticed(change, where, tests) or "nobody").encode())
        finally:
            os._exit(0)
    os.close(saying)
    with os.fdopen(said) as file:
        word = file.read()
    os.waitpid(child, 0)
    return "" if word == "nobody" else word or "it crashed or never ended"


def _noticed(change: int, where: str, tests: list[Named]) -> str | None:
    from appliance.core import Acd, _acd
    from tests.appliance.core.test_random_steps import one_office

    _acd.switch(change)  # type: ignore[attr-defined]
    if (by := noticed(Acd, tests, where, limit_s=OFFICE_S, ends=True)) is not None:
        return by
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    for seed in range(OFFICES):
        signal.setitimer(signal.ITIMER_VIRTUAL, OFFICE_S)
        try:
            one_office(seed)
        except (AssertionError, KeyError, ValueError):
            return f"random office {seed}"
    return None


def inside(source: list[str], number: int) -> str:
    """The function that this line stands in."""
    heads = (re.match(r"\s*(?:cdef|cpdef|def) [^=]*?(\w+)\(", source[at]) for at in range(number, -1, -1))
    return next((head[1] for head in heads if head), "")


def main() -> None:
    """Reads `number function` from standard input, a line each, and answers `number who`."""
    from appliance.core import _acd
    from tests.support.core_mutations import named_tests, with_hints

    folder = os.environ["SEATBOX_SWITCHED"]
    assert str(_acd.__file__).startswith(folder), _acd.__file__
    tests = with_hints(named_tests())
    by_name = {test.name: test for test in tests}
    for row in sys.stdin:
        number, _, where = row.strip().partition(" ")
        by = ask(int(number), where, tests)
        if by in by_name:
            by_name[by].kills[where] += 1
        print(number, by, flush=True)


def asked(folder: Path, changes: dict[int, str], tell: Callable[[int, str], None], workers: int) -> dict[int, str]:
    """Of each change, given by the function that it is in, who notices it; "" nobody. `tell` hears it at once."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "SEATBOX_SWITCHED": str(folder)}
    command = [sys.executable, "-c", "from tests.support.core_switched import main; main()"]
    found: dict[int, str] = {}

    def share(part: int) -> None:
        asks = folder / f"asks{part}"
        asks.write_text("".join(f"{number} {where}\n" for number, where in list(changes.items())[part::workers]))
        with (
            asks.open() as file,
            subprocess.Popen(command, cwd=folder, env=environment, stdin=file, stdout=subprocess.PIPE, text=True) as process,
        ):
            for row in process.stdout or ():
                number, _, by = row.strip().partition(" ")
                found[int(number)] = by
                tell(int(number), by)
        assert process.returncode == 0

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(share, range(workers)))
    assert set(found) == set(changes)
    return found
