"""The sentences that are English in the code (faults of lines, alarms, findings of the check): each must be in both catalogues (E2)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PLACES: Final = ("hw", "box", "store", "recording")
SAYING: Final = ("_say_fault", "_give_up", "raise_", "_alarm", "_tell_alarm", "_alarm_from_thread")
"""What is said by a call of these is read by a person on the page."""
GIVING: Final = ("broken_sentence", "overspent", "_not_counted", "why_not", "_why_not", "sim_fault", "open_or_set_aside")
"""Functions that return such a sentence."""
NAMED: Final = ("cut", "trouble", "full")
"""Variables that hold one on its way."""


def skeleton(sentence: str) -> str:
    """The same whatever the words that vary are called."""
    return re.sub(r"{[^{}]*}", "{}", sentence)


def sentences(root: Path) -> dict[str, str]:
    """The skeleton of each sentence, and the file that says it."""
    found: dict[str, str] = {}
    for place in PLACES:
        for path in sorted((root / place).rglob("*.py")):
            for sentence in _said(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(sentence, str(path.relative_to(root.parent)))
    return found


def templates(folder: Path) -> dict[str, str]:
    """What the configuration's check says, each `Said("…")`, and the file that says it."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Said"), args=[ast.Constant(value=str(text))]) if text:
                    found.setdefault(text, str(path.relative_to(folder.parent)))
    return found


def _said(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name in SAYING:
                for given in args:
                    yield from _texts(given)
            case ast.FunctionDef(name=name, args=arguments):
                for default in arguments.defaults:
                    yield from _texts(default)
                if name in GIVING:
                    for inner in ast.walk(node):
                        if isinstance(inner, ast.Return) and inner.value is not None:
                            yield from _texts(inner.value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in NAMED:
                yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    """The sentences in an expression: words with blanks between them, not keys. Calls in it speak for themselves."""
    match node:
        case ast.Constant(value=str(text)) if " " in text:
            yield text
        case ast.JoinedStr(values=values):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values)
            if " " in text:
                yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _texts(part)
