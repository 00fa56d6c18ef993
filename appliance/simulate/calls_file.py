"""Recorded calls and talk times from CSV files (E4): read in pieces, refused by size, each mistake with its line."""

from __future__ import annotations

import stat
from array import array
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

from appliance.core.office import Calls, Office, Skills
from appliance.simulate._calls import NAMES, Rows
from firmware_cfg.findings import Finding, shown, suggestion

LARGEST_BYTES: Final = 100_000_000
"""Some three million calls: ten years of a busy office."""
_PIECE: Final = 1 << 20
_MOST_FINDINGS: Final = 20
_RIGHT: Final = {
    "t_s": "write seconds from the file's begin, for example 12.5",
    "talk_s": "write seconds, for example 180.0",
    "patience_s": "write seconds, or nothing for one who waits without end",
    "priority": "write a whole number from 0 to 1000, or nothing",
}


def calls(path: Path, office: Office, own: list[int]) -> tuple[Calls, list[Finding]]:
    """The calls of a file. own: queues that name it; they get what names no queue. Without them where something is wrong."""
    file = _opened(path)
    if isinstance(file, Finding):
        return Calls(), [file]
    with file:
        head = file.readline(10_000)
        names = [name.strip().strip('"').strip().lower() for name in head.decode("utf-8-sig", "replace").split(",")]
        wrong = [
            Finding(_name(path), 1, f"there is no column {column}", f"the first line names the columns: {','.join(NAMES[:3])}")
            for column in NAMES[:3]
            if column not in names
        ]
        wrong += [
            Finding(_name(path), 1, f"there is no column {shown(name)} known", suggestion(name, NAMES, ""))
            for name in names
            if name not in NAMES
        ]
        wrong += [Finding(_name(path), 1, f"the column {name} stands there twice", "keep one") for name in NAMES if names.count(name) > 1]
        if wrong:
            return Calls(), wrong[:_MOST_FINDINGS]
        texts = _Texts(office)
        rows = Rows([NAMES.index(name) for name in names], own, texts.queue_of, texts.want_of, 1)
        found: list[Finding] = []
        for lines in _pieces(file):
            rows.feed(lines)
            found += [texts.finding(_name(path), *wrong) for wrong in rows.take_wrong()]
            if len(found) >= _MOST_FINDINGS:
                break
    if found:
        return Calls(), found[:_MOST_FINDINGS]
    rows.close()
    columns = rows.columns()
    read = Calls(*columns, wants=tuple(texts.wants))
    return (read if rows.sorted else _in_order(read)), []


def durations(path: Path) -> tuple[tuple[float, ...], list[Finding]]:
    """One number a line; a first line in words is its heading."""
    file = _opened(path)
    if isinstance(file, Finding):
        return (), [file]
    values: list[float] = []
    with file:
        for number, line in enumerate(file, 1):
            text = line[:100].strip()
            try:
                value = float(text) if text else 0.0
            except ValueError:
                value = -1.0
            if number == 1 and value == -1.0 and not text.startswith(b"-"):
                continue
            if not 0 <= value <= 1e6:
                return (), [
                    Finding(
                        _name(path), number, f"{shown(text.decode('utf-8', 'replace'))} is no duration", "write seconds, one number a line"
                    )
                ]
            if text:
                values.append(value)
    if not values:
        return (), [Finding(_name(path), None, "holds no numbers", "write seconds, one number a line")]
    return tuple(values), []


def joined(first: Calls, second: Calls) -> Calls:
    """In order of time; wants of the second get new numbers."""
    if not first.at:
        return second
    wants = {needs: number for number, needs in enumerate(first.wants)}
    number = [wants.setdefault(needs, len(wants)) for needs in second.wants]
    want = array("i", [one if one < 0 else number[one] for one in second.want])
    columns = (first.at + second.at, first.talk + second.talk, first.patience + second.patience, first.queue + second.queue)
    return _in_order(Calls(*columns, first.want + want, first.priority + second.priority, tuple(wants)))


def _in_order(calls: Calls) -> Calls:
    """Of equal times the file's order stays."""
    order = sorted(range(len(calls.at)), key=calls.at.__getitem__)

    def turned(column: array[int]) -> array[int]:
        return array(column.typecode, [column[place] for place in order])

    times = turned(calls.at), turned(calls.talk), turned(calls.patience)
    return Calls(*times, turned(calls.queue), turned(calls.want), turned(calls.priority), calls.wants)


class _Texts:
    """What the words of a line mean."""

    def __init__(self, office: Office) -> None:
        self.queues = {queue.id: place for place, queue in enumerate(office.queues)}
        self.skills = {skill for agents in office.agents for skill, _ in agents.skills}
        self.wants: dict[Skills, int] = {}

    def queue_of(self, text: bytes) -> int | None:
        return self.queues.get(text.decode("utf-8", "replace")) if text else -1

    def want_of(self, text: bytes) -> int | None:
        """`english:3 french`: skills with their least levels, 1 where none is written."""
        needs: dict[str, int] = {}
        for word in text.decode("utf-8", "replace").replace(";", " ").split():
            skill, _, level = word.replace("=", ":").partition(":")
            if skill not in self.skills or (level or "1") not in tuple("123456789"):
                return None
            needs[skill] = int(level or "1")
        return self.wants.setdefault(tuple(sorted(needs.items())), len(self.wants)) if needs else -1

    def finding(self, name: str, line: int, column: str, text: str, why: str) -> Finding:
        if column == "queue":
            return Finding(name, line, f"there is no queue {shown(text)}", suggestion(text, self.queues, ""))
        if column == "skills":
            right = suggestion(text.partition(":")[0], self.skills, "give skills to some agents") + "; write them as english:3 french:1"
            return Finding(name, line, f"no agents have the skills {shown(text)}", right)
        said = f"{column} {why}" if why == "is missing" else f"{column} {shown(text)} {why}"
        return Finding(name, line, said, _RIGHT[column])


def _opened(path: Path) -> BufferedReader | Finding:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return Finding(_name(path), None, "is no file", "name a CSV file")
        if found.st_size > LARGEST_BYTES:
            size = f"holds {found.st_size / 1e6:,.0f} MB; at most {LARGEST_BYTES // 10**6} MB are read"
            return Finding(_name(path), None, size, "cut it into years")
        return path.open("rb")
    except (OSError, ValueError) as error:
        return Finding(
            _name(path), None, f"cannot be read: {getattr(error, 'strerror', None) or error}", "name a CSV file beside the scenario"
        )


def _pieces(file: BufferedReader) -> Iterator[bytes]:
    """Whole lines, some at once."""
    kept = b""
    while piece := file.read(_PIECE):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield kept + piece[:cut]
            kept = piece[cut:]
        else:
            kept += piece
    if kept:
        yield kept


def _name(path: Path) -> str:
    return path.name if path.name.isprintable() else shown(path.name)
