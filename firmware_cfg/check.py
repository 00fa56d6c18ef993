"""What may be wrong with a configuration (E2): `check` says everything at once, `load` gives the frozen document or raises.

Usable on any laptop that has Python and msgspec; `seatbox check FILE` prints the same.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware_cfg import line_numbers
from firmware_cfg.call_progress import Tones, check_tones
from firmware_cfg.document import Document
from firmware_cfg.fields import check_fields
from firmware_cfg.findings import ConfigErrors, Finding, Said, key_shown, shown
from firmware_cfg.rules import Known, Rules

HERE: Final = Path(__file__).parent
_LARGEST_BYTES: Final = 1_000_000  # a thousand agents take a tenth of it
_WHERE: Final = re.compile(r"\s*\((?:at line (\d+), column \d+|at end of document)\)\Z")
_FULL_WIDTH: Final = re.compile("[\u201c\u201d\u2018\u2019\uff1d\uff0c\u3010\u3011\uff3b\uff3d\uff02]")


def load(path: Path) -> Document:
    """The document of a file. Raises ConfigErrors with every mistake in it."""
    document, findings = examine(path)
    if document is None:
        raise ConfigErrors(findings)
    return document


def check(path: Path) -> list[Finding]:
    """Every mistake of a file, in the order of its lines; never raises, whatever the file holds."""
    return examine(path)[1]


def examine(path: Path) -> tuple[Document | None, list[Finding]]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or Said("its name is no file's name")
        return None, [Finding(_name(path), None, Said("cannot be read: {why}", why=why), Said("name a configuration file"))]
    return parse(data, _name(path), known())


def parse(data: bytes, name: str, known: Known) -> tuple[Document | None, list[Finding]]:
    """As `examine`, from bytes; name: what the findings call the file."""
    text, content = _read(data, name)
    return (None, [content]) if isinstance(content, Finding) else _content(content, text, known)


def examine_tones(path: Path) -> tuple[Tones | None, list[Finding]]:
    """A file of tones/, as `examine`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [Finding(_name(path), None, Said("cannot be read: {why}", why=error.strerror), Said("name a file of tones/"))]
    text, content = _read(data, _name(path))
    if isinstance(content, Finding):
        return None, [content]
    lines = line_numbers.LineNumbers(text)
    findings: list[Finding] = []

    def report(path: line_numbers.Path, wrong: Said, right: Said) -> None:
        findings.append(Finding(_spoken(path, content), lines.of(path), wrong, right))

    check_fields(content, Tones, report)
    tones = None if findings else msgspec.convert(content, Tones)
    if tones is not None:
        check_tones(tones, report)
    findings.sort(key=lambda finding: finding.line or 0)
    return (None if findings else tones), findings


def _read(data: bytes, name: str) -> tuple[str, dict[str, Any] | Finding]:
    """The text and what is in it, or why that cannot be said."""
    if len(data) > _LARGEST_BYTES:
        return "", Finding(name, None, Said("is larger than 1 MB"), Said("name a configuration file"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        right = Said("save the file as UTF-8 (in Windows' Notepad: Save as, Encoding)")
        return "", Finding(name, line, Said("is not UTF-8 here"), right)
    if (crowded := line_numbers.crowded(text)) is not None:
        wrong = Said("has more than {most} dots on a line", most=line_numbers.MOST_DOTS)
        return "", Finding(name, crowded, wrong, Said("write name = value, one a line"))
    try:
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return text, _syntax(error, text, name)


def _content(content: dict[str, Any], text: str, beside: Known) -> tuple[Document | None, list[Finding]]:
    lines = line_numbers.LineNumbers(text)
    findings: list[Finding] = []
    bad: set[line_numbers.Path] = set()

    def report(path: line_numbers.Path, wrong: Said, right: Said) -> None:
        bad.add(path)
        findings.append(Finding(_spoken(path, content), lines.of(path), wrong, right))

    check_fields(content, Document, report)
    Rules(content, set(bad), beside, report).check()
    findings.sort(key=lambda finding: finding.line or 0)
    return (None if findings else msgspec.convert(content, Document)), findings


def known(here: Path = HERE) -> Known:
    """The dialects, boards and countries' tones that lie beside this file, or in another place."""
    audio_ports: dict[str, bool] = {}
    cards: set[str] = set()
    limits: dict[str, tuple[str, Said]] = {}
    for path in sorted((here / "modems").glob("*.toml")):
        profile = tomllib.loads(path.read_text("utf-8"))
        audio_ports[path.stem] = "audio" in profile.get("interfaces", {})
        if "card" in profile:
            cards.add(path.stem)
        if "limit" in profile:
            limits[path.stem] = (profile["voice"], Said.brought(profile["limit"]))
    lamps: dict[str, tuple[str, ...]] = {}
    buttons: dict[str, tuple[str, ...]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for path in sorted((here / "boards").glob("*.toml")):
        board = tomllib.loads(path.read_text("utf-8"))
        lamps[path.stem], buttons[path.stem] = tuple(board.get("lamp", {})), tuple(board.get("button", {}))
        keys[path.stem] = tuple(board.get("power_key", {}))
    tones = {path.stem: next(iter(examine_tones(path)[1]), None) for path in sorted((here / "tones").glob("*.toml"))}
    return Known(audio_ports=audio_ports, lamps=lamps, buttons=buttons, limits=limits, power_keys=keys, tones=tones, cards=cards)


def _name(path: Path) -> str:
    return path.name if path.name.isprintable() else shown(path.name)


def _spoken(path: line_numbers.Path, content: dict[str, Any]) -> str:
    """`line[l1].port`: an entry by its id where it has a plain one, else by its place from 1."""
    words = ""
    for place, key in enumerate(path):
        if isinstance(key, str):
            words += ("." if words else "") + key_shown(key)
        else:
            words += f"[{_id(path[: place + 1], content) or key + 1}]"
    return words


def _id(path: line_numbers.Path, content: Any) -> str | None:
    for key in path:
        content = content[key]
    name = content.get("id") if isinstance(content, dict) else None
    return name if isinstance(name, str) and key_shown(name) == name else None


def _syntax(error: Exception, text: str, name: str) -> Finding:
    if isinstance(error, RecursionError):
        return Finding(name, None, Said("has brackets within brackets without end"), Said("close each [ with a ]"))
    found = _WHERE.search(str(error))
    if not found:
        return Finding(name, None, Said("has a value that TOML does not know"), Said("write texts in quotes, numbers without"))
    line = int(found[1]) if found[1] else text.rstrip().count("\n") + 1
    written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if _FULL_WIDTH.search(written):
        right = Said('type " = , [ ] with the English keyboard')
        return Finding(name, line, Said("has Chinese punctuation where TOML wants plain"), right)
    return Finding(name, line, *_said(str(error)[: found.start()]))


def _said(message: str) -> tuple[Said, Said]:
    """tomllib's words, and what would be right."""
    if "overwrite" in message or "twice" in message or "already" in message or "immutable" in message or "mutate" in message:
        return (
            Said("the same setting or table stands here a second time"),
            Said("keep one of the two; a second line, seat or agent begins with [[…]]"),
        )
    if "Expected '='" in message or "after a key" in message:
        return Said("this is no setting"), Said("write name = value")
    if "Invalid value" in message:
        right = Said('write a text in quotes, "…", a number without, or true or false')
        return Said("the value is not written as TOML wants it"), right
    if "string" in message or "Unterminated" in message or "escape" in message or "character" in message or "\\" in message:
        right = Said('begin and end it with " on one line, and write {twice} for {once}', twice="\\\\", once="\\")
        return Said("a text is not written as TOML wants it"), right
    if "statement" in message:
        return Said("something stands after the value"), Said("write one setting a line; begin a remark with #")
    if "array" in message or "table" in message or "]" in message or "}" in message:
        right = Said("close each [ with ], each [[ with ]], each {opened} with {closed}", opened="{", closed="}")
        return Said("a bracket is not closed"), right
    return Said("this is not TOML"), Said("write name = value, one a line")
