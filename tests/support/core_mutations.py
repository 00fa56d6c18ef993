"""Mutants of the routing core (E4): every small change that the mutator knows, one at a time; do the named tests see it?

Of the oracle by its syntax tree, run in memory: comparisons, and/or, arithmetic, constants by one, conditions negated or dropped,
statements left out, min and max, any and all, parts of sort keys. Of the Cython core by its lines: core_switched.py.
"""

import ast
import copy
import importlib
import re
import signal
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.support.core_office import Core, Office

ROOT: Final = Path(__file__).resolve().parents[2]
CORE: Final = ROOT / "appliance" / "core"
TESTS: Final = ROOT / "tests" / "appliance" / "core"
SURVIVORS: Final = ROOT / "tests" / "soak" / "survivors.md"
CORE_SURVIVORS: Final = ROOT / "tests" / "soak" / "survivors_core.md"
HINTS: Final = ROOT / "tests" / "soak" / "killers.txt"
ORACLE: Final = (CORE / "reference.py").read_text()

COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
TWINS: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}


@dataclass(frozen=True)
class Mutant:
    name: str  # where: what -> what; the same as long as the code is
    path: tuple[tuple[str, int | None], ...]  # from the module to the node
    put: ast.AST


# --- the oracle, by its tree


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What this node may become."""
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for at in range(len(node.values)):
                left = [*node.values[:at], *node.values[at + 1 :]]
                yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.If() | ast.While():
            yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.comprehension(ifs=[_, *_]):
            yield ast.comprehension(node.target, node.iter, [], node.is_async)
        case ast.Call(func=ast.Name(id=name)) if name in TWINS:
            yield ast.Call(ast.Name(TWINS[name], ast.Load()), node.args, [] if name == "sorted" else node.keywords)
        case ast.Lambda(body=ast.Tuple(elts=parts)):
            for at in range(len(parts)):
                yield ast.Lambda(node.args, ast.Tuple([*parts[:at], *parts[at + 1 :]], ast.Load()))
        case ast.Expr(value=ast.Call()) | ast.Assign() | ast.AugAssign() | ast.Delete() | ast.Break():
            yield ast.Pass()
        case _:
            pass


def skipped(node: ast.AST, part: str) -> bool:
    """Types; and the state as data, which decides nothing: what it says is compared with the core's in test_state.py."""
    if isinstance(node, ast.FunctionDef) and node.name in ("state", "_queue_state", "_call_state", "plain"):
        return True
    return part in ("annotation", "returns", "decorator_list", "bases") or isinstance(node, ast.Import | ast.ImportFrom | ast.Assert)


def written(node: ast.AST) -> str:
    node = node.test if isinstance(node, ast.If | ast.While) else node
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())[:110]


def mutants(source: str) -> list[Mutant]:
    tree = ast.parse(source)
    found: list[Mutant] = []
    names: Counter[str] = Counter()

    def walk(node: ast.AST, path: tuple[tuple[str, int | None], ...], where: str, above: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}" if where else node.name
        for put in changes(node):
            name = f"{where or 'module'}: {written(node)} -> {written(put)}"
            if isinstance(node, ast.Constant):
                name += f" in {written(above)}"
            names[name] += 1
            found.append(Mutant(name if names[name] == 1 else f"{name} #{names[name]}", path, put))
        for part, value in ast.iter_fields(node):
            if skipped(node, part) or (part == "target" and isinstance(node, ast.AnnAssign)):
                continue
            for at, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST):
                    walk(child, (*path, (part, at)), where, node)

    walk(tree, (), "", tree)
    return found


def built(source: str, mutant: Mutant | None) -> types.ModuleType:
    tree = ast.parse(source)
    if mutant is not None:
        node: Any = tree
        for part, at in mutant.path[:-1]:
            node = getattr(node, part) if at is None else getattr(node, part)[at]
        part, at = mutant.path[-1]
        if at is None:
            setattr(node, part, copy.deepcopy(mutant.put))
        else:
            getattr(node, part)[at] = copy.deepcopy(mutant.put)
    name = "mutant_of_reference"
    module = types.ModuleType(name)
    sys.modules[name] = module  # dataclasses look themselves up there
    try:
        exec(compile(ast.fix_missing_locations(tree), name, "exec"), module.__dict__)
    finally:
        del sys.modules[name]
    return module


# --- the named tests, without pytest


@dataclass
class Named:
    name: str
    run: Callable[[Callable[[], Core]], None]
    seconds: float = 0.0
    enters: frozenset[str] = frozenset()  # functions of the oracle
    kills: Counter[str] = field(default_factory=Counter)  # by function

    def measure(self, make: Callable[[], Core]) -> None:
        """How long it takes, and which functions of the module of `make` it enters: it can see no change of others."""
        entered: set[str] = set()
        file = sys.modules[make.__module__].__file__

        def seen(frame: types.FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename == file:
                entered.add(frame.f_code.co_qualname if hasattr(frame.f_code, "co_qualname") else frame.f_code.co_name)

        began = time.perf_counter()
        sys.setprofile(seen)
        try:
            self.run(make)
        finally:
            sys.setprofile(None)
        self.seconds, self.enters = time.perf_counter() - began, frozenset(entered)


def named_tests() -> list[Named]:
    """All that take the office or what makes the core, each of its parameters by itself."""
    found = []
    for path in sorted(path for kind in ("rules", "never", "long", "many") for path in TESTS.glob(f"test_{kind}*.py")):
        module = importlib.import_module(f"tests.appliance.core.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_") and isinstance(test, types.FunctionType):
                takes = test.__code__.co_varnames[: test.__code__.co_argcount]
                if takes[:1] in (("office",), ("make",)):
                    found += [Named(f"{path.stem}.{name}{given or ''}", runner(test, takes[0], given)) for given in parameters(test)]
    return found


def parameters(test: types.FunctionType) -> list[dict[str, Any]]:
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names = [mark.args[0]] if isinstance(mark.args[0], str) else list(mark.args[0])
            return [dict(zip(names, value if len(names) > 1 else (value,), strict=True)) for value in mark.args[1]]
    return [{}]


def runner(test: types.FunctionType, takes: str, given: dict[str, Any]) -> Callable[[Callable[[], Core]], None]:
    return lambda make: test(Office(make) if takes == "office" else make, **given)


class TooLong(BaseException):
    """A test that never ends has noticed, too."""


def noticed(make: Callable[[], Core], tests: list[Named], where: str = "", limit_s: float = 2.0, ends: bool = False) -> str | None:
    """Which test fails first; None: none does. Who kills comes first the next time.

    The limit is of processor time; `ends`: past it the process ends.
    """

    def too_long(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, signal.SIG_DFL if ends else too_long)
    try:
        for test in sorted(tests, key=lambda test: (-test.kills[where], -test.kills.total(), test.seconds)):
            signal.setitimer(signal.ITIMER_VIRTUAL, limit_s + 20 * test.seconds)
            try:
                test.run(make)
            except (Exception, TooLong):  # noqa: BLE001
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                test.kills[where] += 1
                return test.name
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return None


def judged(source: str, mutant: Mutant, tests: list[Named]) -> str | None:
    try:
        module = built(source, mutant)
    except Exception as problem:  # noqa: BLE001
        return f"does not even load: {problem!r}"
    where = mutant.name.split(":")[0]
    able = [test for test in tests if where in test.enters] if where.startswith("Oracle.") else tests
    return noticed(module.Oracle, able or tests, where)


def excused(table: Path = SURVIVORS) -> dict[str, str]:
    """Mutants that no test can see, and why: the oracle's, or the Cython core's."""
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", table.read_text(), re.MULTILINE)
    return {name.replace("\\|", "|"): why for name, why in rows}


# --- who kills comes first: found by the long run, kept beside it


def with_hints(tests: list[Named]) -> list[Named]:
    """Tests that saw changes of a function are asked first about others of it."""
    by_name = {test.name: test for test in tests}
    for line in HINTS.read_text().splitlines() if HINTS.exists() else []:
        where, _, names = line.partition(": ")
        for place, name in enumerate(reversed(names.split("; "))):
            if name in by_name:
                by_name[name].kills[where] = place + 1
    return tests


def save_hints(judgements: dict[str, str | None]) -> None:
    """Of each function the tests that saw a change of it, the most useful first."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mutant, by in judgements.items():
        if by is not None and not by.startswith("does not"):
            seen[mutant.split(":")[0]][by] += 1
    HINTS.write_text("".join(f"{where}: {'; '.join(name for name, _ in names.most_common(12))}\n" for where, names in sorted(seen.items())))


# --- the Cython core, by its lines


@dataclass(frozen=True)
class Line:
    number: int
    was: str
    put: str


SWAPS: Final = (
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "), (r" and ", " or "),
    (r" or ", " and "), (r" \+ ", " - "), (r" - ", " + "), (r"\bnot ", ""), (r"\bTrue\b", "False"), (r"\bFalse\b", "True"), (r" & ", " | "),
    (r"\b1\b", "2"), (r"\b0\b", "1"), (r"^(\s+)if (.*):$", r"\1if not (\2):"), (r"^(\s+)while (.*):$", r"\1while False and (\2):"),
    (r"^(\s+)(self\.\w+\(.*\)|\w+\(self.*\)|[\w.\[\]]+ [-+|&]?= .*|continue|break)$", r"\1pass"),
)  # fmt: skip
MEMORY: Final = re.compile(r"cdef|cpdef|cimport|import|alloc|NULL|cap_|_grow|sizeof|free\(|broken|^\s*#|\"\"\"|^\S")


def lines(source: str) -> list[Line]:
    """Each pattern where it stands first in a line, in the part that decides; what is about memory, and words, is left alone."""
    found, decides, words = [], False, False
    for number, line in enumerate(source.splitlines()):
        decides = decides or (line.startswith("# --- ") and line != "# --- memory")
        words ^= line.count('"""') % 2 == 1
        if decides and not words and not MEMORY.search(line):
            code, *remark = line.split("  # ")
            changed = {"  # ".join([re.sub(pattern, put, code, count=1), *remark]) for pattern, put in SWAPS} - {line}
            found += [Line(number, line, put) for put in sorted(changed)]
    return found


def core_lines() -> list[tuple[str, Line]]:
    """All changes of the core, each with the file that it is in."""
    parts = sorted(path.name for path in CORE.glob("_acd*.p[yx][xi]"))
    return [(part, line) for part in parts for line in lines((CORE / part).read_text())]
