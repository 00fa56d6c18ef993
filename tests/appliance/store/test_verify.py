"""`seatbox verify`: whoever doubts us flips, cuts, lengthens, removes, plants: each is named, and looking changes nothing (A7, E5)."""

import hashlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from appliance.base.ids import CallId
from appliance.events.recording import RecordingBegan, RecordingBlock
from appliance.store import table, verify
from appliance.store.entry import COLUMNS, GENESIS, chained
from appliance.store.head import Head
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock
from tests.support.store_office import RecordingOffice, office_with_history


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("history")
    office_with_history(state)
    return state


@pytest.fixture
def state(history: Path, tmp_path: Path) -> Path:
    return shutil.copytree(history, tmp_path / "state")


def recording(state: Path, call: str) -> Path:
    (found,) = (state / "recordings").rglob(f"{call}.wav")
    found.chmod(0o600)
    return found


def snapshot(state: Path) -> dict[str, tuple[str, int, int]]:
    """Name to content, size and time of change of everything in it."""
    files = [path for path in state.rglob("*") if path.is_file()]
    seen = {str(p.relative_to(state)): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_size, p.stat().st_mtime_ns) for p in files}
    return seen | {"": ("folder", 0, state.stat().st_mtime_ns)}


def said(state: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    before = snapshot(state)
    code = verify.main(state)
    assert snapshot(state) == before
    return code, capsys.readouterr().out.splitlines()


def test_an_honest_state_holds_and_an_unsealed_tail_is_open(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(state, capsys)
    assert code == 0
    assert lines[0].startswith("open call c3: ")
    assert "recordings: 2 sealed, 1 open" in lines


def flipped(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


@pytest.mark.parametrize("at", [0, 5, 43, 44, 16_043, 16_044, 40_000, -1])
def test_a_flipped_byte_of_a_recording_names_its_call(state: Path, capsys: pytest.CaptureFixture[str], at: int) -> None:
    flipped(recording(state, "c2"), at)
    code, lines = said(state, capsys)
    assert code == 1
    assert lines[0].startswith("BAD  call c2: ")
    assert "is not what was recorded" in lines[0]


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def cut_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def lengthened(path: Path) -> None:
    os.truncate(path, path.stat().st_size + 1)


def removed(path: Path) -> None:
    path.unlink()


def swapped_for_a_link(path: Path) -> None:
    path.rename(path.parent.parent.parent.parent.parent / "elsewhere.wav")
    path.symlink_to(path.parent.parent.parent.parent.parent / "elsewhere.wav")


@pytest.mark.parametrize(
    ("harm", "word"),
    [(cut, "cut"), (cut_to_nothing, "cut"), (lengthened, "lengthened"), (removed, "missing"), (swapped_for_a_link, "cannot be read")],
)
def test_a_harmed_recording_is_named_with_what_happened_to_it(
    state: Path, capsys: pytest.CaptureFixture[str], harm: Callable[[Path], None], word: str
) -> None:
    harm(recording(state, "c1"))
    code, lines = said(state, capsys)
    assert code == 1
    assert lines[0].startswith("BAD  call c1: ")
    assert word in lines[0]


def test_two_recordings_that_changed_places_are_both_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = recording(state, "c1"), recording(state, "c2")
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    code, lines = said(state, capsys)
    assert code == 1
    assert [line[:12] for line in lines[:2]] == ["BAD  call c1", "BAD  call c2"]


def test_of_an_open_recording_what_the_journal_knows_is_checked_too(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flipped(recording(state, "c3"), 9_000)
    assert said(state, capsys)[1][0].startswith("BAD  call c3: ")


def test_an_open_recording_may_not_grow_by_more_than_the_recorder_runs_ahead(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recording(state, "c3")
    os.truncate(path, path.stat().st_size + 32_000 * 6)
    code, lines = said(state, capsys)
    assert code == 1
    assert "call c3" in lines[0]
    assert "lengthened" in lines[0]


def test_a_planted_file_is_foreign(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "recordings" / "2026" / "c9.wav").write_bytes(b"RIFF")
    code, lines = said(state, capsys)
    assert code == 1
    assert lines[0] == "BAD  recordings/2026/c9.wav: a foreign file, no call of the journal recorded it"


def rewritten(state: Path, *orders: str) -> None:
    """As one would who has SQLite and the rights, and takes the triggers away first."""
    connection = sqlite3.connect(state / "journal.db")
    for trigger in ("update", "delete"):
        connection.execute(f"DROP TRIGGER entries_never_{trigger}")
    for order in orders:
        connection.execute(order)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("order", "line"),
    [
        ("UPDATE entries SET utc_ms = utc_ms + 1 WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET utc_trusted = 1 - utc_trusted WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET tenant = 'others' WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET tenant = CAST(tenant AS BLOB) WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET body = zeroblob(9) WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET hash = zeroblob(32) WHERE number = 5", "entry 5: is not what was written"),
        ("UPDATE entries SET at_ms = 'noon' WHERE number = 5", "entry 5: is not what was written"),
        ("DELETE FROM entries WHERE number = 5", "entry 5: missing"),
        ("DELETE FROM entries WHERE number BETWEEN 5 AND 7", "entry 5: missing, with those up to 7"),
        ("DELETE FROM entries WHERE number = 1", "entry 1: missing"),
        ("DELETE FROM entries WHERE number > 10", "entry 11: missing, the journal was cut: it ends at 10"),
        ("DELETE FROM entries", "entry 1: missing, the journal was cut: it ends at 0"),
        ("UPDATE entries SET number = 100 WHERE number = 5", "entry 5: missing"),
        ("DROP TABLE entries", "entry 1: journal.db cannot be read from there: no such table"),
    ],
)
def test_a_changed_missing_or_cut_entry_is_named_by_its_number(
    state: Path, capsys: pytest.CaptureFixture[str], order: str, line: str
) -> None:
    rewritten(state, order)
    code, lines = said(state, capsys)
    assert code == 1
    assert any(each.startswith(f"BAD  {line}") for each in lines), lines


def test_a_chain_forged_from_its_begin_is_seen_by_the_anchor(history: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another journal, whole in itself, with as many entries: put in the place of the true one."""
    other = state.parent / "other"
    other.mkdir()
    office = RecordingOffice(other)
    while office.journal.last_number < 40:
        office.call_begins(f"x{office.journal.last_number}")
    office.close()
    shutil.copyfile(other / "journal.db", state / "journal.db")
    code, lines = said(state, capsys)
    assert code == 1
    assert any("its hash is not the anchor's" in line for line in lines)


def test_a_missing_journal_and_a_missing_or_damaged_anchor_are_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flipped(state / "head", 3, 6)
    code, lines = said(state, capsys)
    assert (code, "anchor DIR/head is missing or damaged" in lines[0]) == (1, True), lines
    (state / "journal.db").unlink()
    assert said(state, capsys)[1][0] == "BAD  entry 1: journal.db is missing"


def test_random_flips_of_the_journal_never_show_a_traceback_and_never_pass_where_a_row_reads_differently(
    history: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.Random(20_261_124)
    honest = (history / "journal.db").read_bytes()
    rows = _rows(history / "journal.db")
    unseen = 0
    for _ in range(150):
        path = state / "journal.db"
        path.write_bytes(honest)
        flipped(path, seed.randrange(len(honest)), seed.randrange(8))
        code = verify.main(state)
        harmed = _rows(path) != rows
        assert code == 1 or not harmed
        unseen += code == 0
    assert unseen < 120  # bytes that hold nothing: a free page, the end of a page
    capsys.readouterr()


def _rows(path: Path) -> object:
    connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        return connection.execute(table.SELECT + " ORDER BY number").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as why:
        return str(why)
    finally:
        connection.close()


def test_every_flipped_byte_inside_a_row_is_named(history: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each byte of the body and the hash of one entry, where it stands in the file."""
    honest = (history / "journal.db").read_bytes()
    connection = sqlite3.connect(f"{(history / 'journal.db').as_uri()}?immutable=1", uri=True)
    body, digest = connection.execute("SELECT body, hash FROM entries WHERE number = 8").fetchone()
    connection.close()
    begin = honest.index(body + digest)
    for at in range(begin, begin + len(body) + 32, 3):
        (state / "journal.db").write_bytes(honest)
        flipped(state / "journal.db", at, at % 8)
        assert verify.main(state) == 1
        assert "BAD  entry 8: is not what was written" in capsys.readouterr().out


def test_a_file_that_is_no_database_is_one_clear_line(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "journal.db").write_bytes(b"\x00" * 5000)
    code, lines = said(state, capsys)
    assert code == 1
    assert any("journal.db cannot be read from there: " in line for line in lines)
    assert not any("foreign" in line for line in lines)  # nobody is accused by a journal that cannot be read


def test_it_reads_a_journal_whose_box_is_still_running(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = RecordingOffice(tmp_path)
    office.whole_call("c1")
    office.call_begins("c2")
    office.speaks(0.7)
    while office.journal.committed_number < office.journal.last_number:
        pass
    assert (tmp_path / "journal.db-wal").stat().st_size > 0
    code, lines = said(tmp_path, capsys)
    assert code == 0
    assert f"journal: {office.journal.last_number} entries" in lines[-3]
    office.close()


def test_an_anchor_behind_the_journal_is_true(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(f"{(state / 'journal.db').as_uri()}?immutable=1", uri=True)
    number, digest = connection.execute("SELECT number, hash FROM entries WHERE number = 6").fetchone()
    connection.close()
    head = Head(state / "head")
    head.write(number, digest)
    head.close()
    assert said(state, capsys)[0] == 0


def test_an_empty_directory_and_none_at_all_are_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(tmp_path) == 0
    assert "nothing has been written here yet" in capsys.readouterr().out
    assert verify.main(tmp_path / "none") == 1
    assert "is not a directory" in capsys.readouterr().err


def written_by_a_stranger(state: Path, bodies: list[bytes]) -> None:
    """A whole journal with a true chain, whatever its entries hold, and one file of a recording."""
    Journal(state, HandClock()).close()
    (state / "recordings").mkdir(exist_ok=True)
    (state / "recordings/c1.wav").write_bytes(b"RIFF" + bytes(96))
    with sqlite3.connect(state / table.NAME) as connection:
        before = GENESIS
        for number, body in enumerate(bodies, 1):
            columns = (number, "boot", 1, 1, 1, "house", "RecordingBegan", body)
            before = chained(before, *columns)
            connection.execute(f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * 9)})", (*columns, before))


BEGAN = RecordingBegan(at_ms=1, call=CallId("c1"), path="c1.wav")
FIRST = hashlib.blake2b(b"RIFF" + bytes(40), digest_size=32).hexdigest()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([BEGAN, b"\x82\xa4type\xaeRecordingBegan\xa1x" + b"\x91" * 3_000], "c1.wav"),
        ([RecordingBegan(at_ms=1, call=CallId("c1"), path="c\0.wav")], "it is no file's name"),
        (
            [
                BEGAN,
                RecordingBlock(at_ms=1, call=CallId("c1"), index=0, offset=0, size=44, blake2b=FIRST),
                RecordingBlock(at_ms=1, call=CallId("c1"), index=1, offset=44, size=2**50, blake2b=FIRST),
                RecordingBlock(at_ms=1, call=CallId("c1"), index=2, offset=60, size=4, blake2b=FIRST),
            ],
            "block 1 has 1125899906842624 bytes, the file has 100",
        ),
    ],
    ids=["nested without end", "no file's name", "a block larger than memory"],
)
def test_a_forged_journal_full_of_nonsense_is_named_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: list[object], words: str
) -> None:
    encode = msgspec.msgpack.encode
    written_by_a_stranger(tmp_path, [fact if isinstance(fact, bytes) else encode(fact) for fact in facts])
    code, lines = said(tmp_path, capsys)
    assert code == 1 and lines[-1].startswith("verify: ")
    assert any(words in line for line in lines)
