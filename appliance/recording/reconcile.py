"""Calls without a recording, recordings without a call (A7): each day's two books held against each other and against the disk."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlite_utils import Database as Tables

from appliance.recording.register import Register, RegisterTable
from appliance.recording.wav import packed_path
from appliance.store.entry import Entry

SHORT_MS: Final = 1000
"""So much a recording may be shorter than its call: what a power cut may cost."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`what`: no_recording unsealed short file_missing no_call foreign; `about`: a call's id or a path below recordings/."""

    what: str
    about: str
    detail: str = ""


def bounds(day: str) -> tuple[int, int]:
    """UTC ms of a local day's begin and end. Raises ValueError for what is no day."""
    begin = datetime.strptime(day, "%Y-%m-%d")
    return round(begin.timestamp() * 1000), round((begin + timedelta(days=1)).timestamp() * 1000)


def reconcile(register: Register, directory: Path, begin_ms: int, end_ms: int) -> list[Difference]:
    """Of calls picked up, and recordings begun, from begin up to end. A call that runs is not judged. directory: DIR/recordings."""
    found: list[Difference] = []
    for call, started, picked, ended, end_why, path, sealed, seconds, deleted in register.of_day(begin_ms, end_ms):
        if path and started is None:
            found.append(Difference(what="no_call", about=call, detail=path))
        if started is not None and ended is None:
            continue
        if not path:
            found.append(Difference(what="no_recording", about=call))
        elif sealed is None:
            found.append(Difference(what="unsealed", about=call, detail=path))
        elif not deleted and not (directory / path).exists() and not packed_path(directory / path).exists():
            found.append(Difference(what="file_missing", about=call, detail=path))
        elif picked is not None and ended is not None and end_why != "box restarted" and ended - picked - seconds * 1000 > SHORT_MS:
            found.append(Difference(what="short", about=call, detail=f"{seconds:.1f} < {(ended - picked) / 1000:.1f}"))
    return found


def foreign(directory: Path, known: Iterable[str]) -> list[Difference]:
    """Files below recordings/ that no call of the journal recorded. known: paths of originals and packed ones."""
    paths = set(known)
    there = (path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir())
    return [
        Difference(what="foreign", about=name) for name in sorted(str(path.relative_to(directory)) for path in there) if name not in paths
    ]


@contextmanager
def register_of(entries: Iterable[Entry]) -> Iterator[Register]:
    """The register folded in memory, for a box that does not run."""
    connection = sqlite3.connect(":memory:")
    table = RegisterTable()
    table.create(Tables(connection))
    chunk: list[Entry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == 1000:
            table.apply(chunk, connection)
            chunk = []
    table.apply(chunk, connection)

    @contextmanager
    def reader() -> Iterator[sqlite3.Connection]:
        yield connection

    try:
        yield Register(reader)
    finally:
        connection.close()
