"""`seatbox verify`: the journal and every recording against their hash chain (E5, A7). It changes nothing.

It works on a copy of the journal, as SQLite would write beside the original even when it only reads. Order matters while a box runs: first
the list of files, then the anchor, then the journal, so that each is at most as new as the next.
"""

import shutil
import sqlite3
import struct
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from appliance.store import table
from appliance.store.entry import GENESIS, Entry, chained, entry_of_row
from appliance.store.head import read_head
from appliance.store.verify_custody import Deletions, Heads
from appliance.store.witness import Afterlife, Witness, Witnesses, judged, judged_copy

SHOWN = 1000


class Findings:
    """Lines for a person: what is wrong as it is found, what was seen after it."""

    def __init__(self) -> None:
        self.bad = 0
        self.seen: list[str] = []
        self.unreadable = False
        """The journal could not be read to its end."""

    def __call__(self, line: str) -> None:
        self.bad += 1
        if self.bad <= SHOWN:
            print(f"BAD  {line}")

    def end(self) -> int:
        """The exit code."""
        if self.bad > SHOWN:
            print(f"BAD  and {self.bad - SHOWN} more")
        for line in self.seen:
            print(line)
        print(f"verify: {self.bad} bad" if self.bad else "verify: all holds")
        return 1 if self.bad else 0


def main(state: Path, heads: Sequence[tuple[int, bytes]] = ()) -> int:
    """0: all holds (an unsealed tail is open, not bad); 1: something is bad, missing, cut, lengthened or foreign.

    heads: (number, hash) as they were printed, and kept outside: a journal that was written anew does not have them.
    """
    if not state.is_dir():
        print(f"{state} is not a directory", file=sys.stderr)
        return 1
    bad = Findings()
    try:
        _verify(state, bad, dict(heads))
    except OSError as why:
        bad(f"{why.filename or state} cannot be read: {why.strerror or why}")
    return bad.end()


def _verify(state: Path, bad: Findings, printed: dict[int, bytes]) -> None:
    directory = state / "recordings"
    files = dict(_files(directory))
    anchor = read_head(state / "head")
    if not (state / table.NAME).exists():
        if anchor or files or (state / "head").exists():
            bad(f"entry 1: {table.NAME} is missing")
        else:
            bad.seen.append("nothing has been written here yet")
        return
    sealed, heads, deletions = 0, Heads(printed), Deletions()
    last = (0, GENESIS)
    with tempfile.TemporaryDirectory(prefix="seatbox-verify-") as place:
        copy = _copied(state / table.NAME, Path(place))
        at_anchor = None
        witnesses = Witnesses(_afterlife(copy))
        for entry, sound in _chain(copy, bad):
            last = (entry.number, entry.hash)
            if anchor and entry.number == anchor[0]:
                at_anchor = entry.hash
            if not sound:
                witnesses.doubt(entry)
            for wrong in (*heads.take(entry), *deletions.take(entry)):
                bad(wrong)
            if witness := witnesses.take(entry):
                sealed += 1
                _say(witness, directory, files, bad)
    for witness in witnesses.still_open():
        _say(witness, directory, files, bad)
    _check_anchor(anchor, at_anchor, last[0], bad)
    for wrong in heads.missing():
        bad(wrong)
    strangers = sorted(set(files) - witnesses.paths)
    if bad.unreadable:
        bad.seen.append(f"{len(strangers)} files of recordings/ cannot be judged, as the journal cannot be read")
        strangers = []
    for path in strangers:
        bad(f"recordings/{path}: a foreign file, no call of the journal recorded it")
    bad.seen += deletions.lines()
    bad.seen.append(f"journal: {last[0]} entries, head {last[1].hex()}")
    bad.seen.append(f"recordings: {sealed} sealed, {len(witnesses.open)} open")


def _say(witness: Witness, directory: Path, files: dict[str, int], bad: Findings) -> None:
    if witness.doubted:
        bad(f"call {witness.call}: recordings/{witness.path}: cannot be judged, entry {witness.doubted} that speaks of it was changed")
        return
    wrong = judged(witness, directory, size_before=files.get(witness.path, 0))
    if witness.deleted is not None and (left := [path for path in (witness.path, *_packed_path(witness)) if path in files]):
        bad.seen.append(f"deleted call {witness.call}: recordings/{left[0]}: still there, the box removes it at its next start")
    if witness.copied is not None and witness.deleted is None and (amiss := judged_copy(witness.copied, directory.parent / "listening")):
        bad(f"call {witness.call}: listening/{witness.copied.path}: {amiss}")
    if wrong:
        bad(f"call {witness.call}: recordings/{witness.path}: {wrong}")
    elif witness.sealed is None:
        tail = max(0, files.get(witness.path, 0) - witness.covered)
        bad.seen.append(
            f"open call {witness.call}: recordings/{witness.path}: not sealed, its last {tail} bytes are not in the journal yet"
        )


def _packed_path(witness: Witness) -> list[str]:
    return [] if witness.packed is None else [witness.packed.path]


def _afterlife(copy: Path) -> Afterlife:
    """Nothing where the journal cannot be read: that is said elsewhere."""
    try:
        return Afterlife(table.read_entries(copy, kinds=table.AFTERLIFE))
    except (sqlite3.Error, OverflowError, UnicodeDecodeError, TypeError, ValueError):
        return Afterlife()


def _check_anchor(anchor: tuple[int, bytes] | None, at_anchor: bytes | None, last: int, bad: Findings) -> None:
    if anchor is None:
        bad(f"entry {last}: the anchor DIR/head is missing or damaged: a cut journal could not be seen")
    elif anchor[0] > last:
        bad(f"entry {last + 1}: missing, the journal was cut: it ends at {last}, the anchor knows {anchor[0]}")
    elif anchor[0] and at_anchor is None:
        bad(f"entry {anchor[0]}: missing, the anchor knows it")
    elif at_anchor is not None and at_anchor != anchor[1]:
        bad(f"entry {anchor[0]}: its hash is not the anchor's: the journal was written anew")


def _files(directory: Path) -> Iterator[tuple[str, int]]:
    """Everything under recordings/ that is not a folder, with its size."""
    for path in directory.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield str(path.relative_to(directory)), path.lstat().st_size


def _wal_mark(path: Path) -> bytes | None:
    """The head of the write-ahead log: salts that change when it is begun anew; None where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(32)
    except FileNotFoundError:
        return None


def _copied(path: Path, place: Path) -> Path:
    """A copy that is true although a box writes: the log grows only at its end, and if it was begun anew meanwhile we copy again."""
    wal = path.with_name(path.name + "-wal")
    copy = place / table.NAME
    for _ in range(100):
        mark = _wal_mark(wal)
        shutil.copyfile(path, copy)
        copied_wal = copy.with_name(wal.name)
        copied_wal.unlink(missing_ok=True)
        if mark is not None and wal.exists():
            shutil.copyfile(wal, copied_wal)
        if _wal_mark(wal) == mark:
            return copy
    raise OSError(11, "the journal is written faster than it can be copied", str(path))


def _chain(copy: Path, bad: Findings) -> Iterator[tuple[Entry, bool]]:
    """The entries, and whether each follows from the one before; the first break is named, and what still can be read is given."""
    number, before, broken = 0, GENESIS, False
    connection = sqlite3.connect(copy)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        for row in connection.execute(table.SELECT + " ORDER BY number"):
            wrong = _link(row, number, before)
            if wrong and not broken:
                broken = True
                bad(wrong)
            try:
                entry = entry_of_row(row)
            except (TypeError, ValueError):
                continue
            number, before = entry.number, entry.hash
            yield entry, wrong is None
        problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok" and not broken:
            bad(f"{table.NAME}: its structure is damaged: {' '.join(str(problem).split())}")
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as why:
        bad.unreadable = True
        words = (
            "its schema is damaged" if isinstance(why, UnicodeDecodeError) else " ".join(str(why).split())
        )  # SQLite quotes a damaged schema
        bad(f"entry {number + 1}: {table.NAME} cannot be read from there: {words}")
    finally:
        connection.close()


def _link(row: tuple[int, str, int, int, int, str, str, bytes, bytes], number: int, before: bytes) -> str | None:
    """What is wrong with a row that should follow entry `number`, whose hash is `before`."""
    expected = number + 1
    if row[0] != expected:
        return f"entry {expected}: missing" + (f", with those up to {row[0] - 1}" if row[0] > expected + 1 else "")
    try:
        digest = chained(before, *row[:8])
    except (TypeError, ValueError, AttributeError, OverflowError, struct.error):  # what a damaged row makes of its columns
        digest = None
    return None if digest == row[8] else f"entry {expected}: is not what was written (its hash does not follow)"
