"""Nobody deletes an original alone: policy and two people, a signed tombstone, and every other way is named (A7)."""

import sqlite3
from pathlib import Path

import pytest

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import CallId
from appliance.events.recording import DeletionAgreed, DeletionProposed, RecordingDeleted
from appliance.store import verify
from appliance.store.tombstone import NAME, SigningKey, signed
from firmware_cfg.document import Recording
from tests.support.store_custody import DAY_MS, CustodyOffice

POLICY = Recording(pack=False, keep_days=30)


@pytest.fixture
def office(tmp_path: Path) -> CustodyOffice:
    """c1 and c2 are 40 days old, c3 is new; c2 is exemplary."""
    office = CustodyOffice(tmp_path, policy=POLICY)
    office.whole_call("c1", seed=1)
    office.whole_call("c2", seed=2)
    row = office.records.one("c2")
    assert row is not None
    office.records.mark(row, "boss", "calm with an angry customer")
    office.clock.wait(40 * DAY_MS)
    office.whole_call("c3", seed=3)
    return office


def proposed(office: CustodyOffice, by: str = "boss") -> str:
    before = office.records.before_of(None)
    office.records.propose(by, "policy of 30 days", before, len(office.records.to_delete(before)))
    office.settle()
    return office.records.proposals[0].id


def there(office: CustodyOffice) -> list[str]:
    return sorted(path.stem for path in (office.state / "recordings").rglob("*") if path.is_file())


def test_two_people_delete_what_is_old_enough_and_each_leaves_a_signed_tombstone(
    office: CustodyOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    name = proposed(office)
    office.keeper.turn()
    assert there(office) == ["c1", "c2", "c3"]
    office.records.agree(name, "admin")
    office.keeper.turn()
    assert there(office) == ["c2", "c3"]  # the exemplary one and the new one stay
    (stone,) = [fact for fact in office.facts if isinstance(fact, RecordingDeleted)]
    assert (stone.call, stone.proposed_by, stone.agreed_by) == ("c1", "boss", "admin")
    assert signed(stone, SigningKey(office.state).public)
    office.settle()
    row = office.records.one("c1")
    assert row is not None and row.deleted == name
    office.keeper.turn()
    assert len([fact for fact in office.facts if isinstance(fact, RecordingDeleted)]) == 1
    office.close()
    assert verify.main(office.state) == 0
    assert f"deleted by agreement {name} of boss and admin: 1 recordings" in capsys.readouterr().out


def test_one_person_alone_cannot(office: CustodyOffice) -> None:
    name = proposed(office)
    with pytest.raises(Refused, match="same_person"):
        office.records.agree(name, "boss")
    with pytest.raises(Refused, match="open"):
        office.records.propose("admin", "again", office.records.before_of(None), 1)
    office.records.withdraw(name, "boss")
    with pytest.raises(Refused, match="decided"):
        office.records.agree(name, "admin")
    with pytest.raises(NotFound):
        office.records.agree("d99", "admin")
    office.keeper.turn()
    assert there(office) == ["c1", "c2", "c3"]
    office.close()


def test_the_policy_holds_for_what_is_proposed_and_when_it_is_agreed(office: CustodyOffice) -> None:
    with pytest.raises(Refused, match="too_young"):
        office.records.propose("boss", "all of it", office.clock.utc_ms(), 3)
    with pytest.raises(Refused, match="no_reason"):
        office.records.propose("boss", "  ", office.records.before_of(None), 1)
    with pytest.raises(Refused, match="nothing"):
        office.records.propose("boss", "old", office.records.before_of(None) - 300 * DAY_MS, 0)
    name = proposed(office)
    office.policy = Recording(pack=False, keep_days=60)
    with pytest.raises(Refused, match="too_young"):
        office.records.agree(name, "admin")
    office.policy = Recording(pack=False, keep_days=0)
    with pytest.raises(Refused, match="no_policy"):
        office.records.agree(name, "admin")
    office.close()


def test_killed_between_tombstone_and_removal_the_next_start_removes_the_file(
    office: CustodyOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = proposed(office)
    office.records.agree(name, "admin")
    SigningKey(office.state)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))  # the end of this process
    with pytest.raises(KeyboardInterrupt):
        office.keeper.turn()
    monkeypatch.undo()
    office.close()
    assert "c1" in there(office)
    assert verify.main(office.state) == 0
    assert "still there" in capsys.readouterr().out
    later = CustodyOffice(office.state, office.clock, POLICY)
    later.keeper.turn()
    assert there(later) == ["c2", "c3"]
    later.close()
    assert verify.main(office.state) == 0


def test_killed_between_agreement_and_tombstones_the_next_start_goes_on(office: CustodyOffice) -> None:
    office.records.agree(proposed(office), "admin")
    office.settle()
    office.close()
    later = CustodyOffice(office.state, office.clock, POLICY)
    later.keeper.turn()
    assert there(later) == ["c2", "c3"]
    later.close()


def test_a_file_removed_from_outside_is_named_also_beside_agreed_deletions(
    office: CustodyOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    office.records.agree(proposed(office), "admin")
    office.keeper.turn()
    office.settle()
    office.recording_of("c3").unlink()
    office.close()
    assert verify.main(office.state) == 1
    bad = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BAD")]
    assert len(bad) == 1 and "call c3" in bad[0] and "missing" in bad[0]


def stone(office: CustodyOffice, proposal: str, signature: str) -> RecordingDeleted:
    row = office.records.one("c1")
    assert row is not None
    fields = {"path": row.path, "size": row.size, "sha256": row.sha256, "began_utc_ms": row.utc_ms, "signature": signature}
    return RecordingDeleted(at_ms=1, call=CallId("c1"), proposal=proposal, proposed_by="boss", agreed_by="admin", **fields)  # type: ignore[arg-type]


def test_tombstones_without_agreement_or_signature_are_named(office: CustodyOffice, capsys: pytest.CaptureFixture[str]) -> None:
    office.tell([stone(office, "d7", "00" * 64)])
    office.close()
    assert verify.main(office.state) == 1
    assert "deleted without two people's agreement" in capsys.readouterr().out


def test_a_tombstone_signed_by_another_key_is_named(office: CustodyOffice, capsys: pytest.CaptureFixture[str]) -> None:
    office.records.agree(proposed(office), "admin")
    office.tell([stone(office, "d1", "00" * 64)])
    office.close()
    assert verify.main(office.state) == 1
    assert "not signed by the box" in capsys.readouterr().out


def test_an_agreement_of_one_with_himself_is_named(office: CustodyOffice, capsys: pytest.CaptureFixture[str]) -> None:
    facts = [
        DeletionProposed(at_ms=1, proposal="d1", by="boss", why="x", before_utc_ms=10**15, keep_days=1, recordings=1),
        DeletionAgreed(at_ms=1, proposal="d1", by="boss"),
    ]
    office.tell(facts)
    office.tell([stone(office, "d1", "00" * 64)])
    office.close()
    assert verify.main(office.state) == 1
    assert "deleted without two people's agreement" in capsys.readouterr().out


def test_the_signing_key_is_private_and_stays_the_same(tmp_path: Path) -> None:
    key = SigningKey(tmp_path)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert SigningKey(tmp_path).public == key.public


def test_the_journal_itself_refuses_to_forget_a_tombstone(office: CustodyOffice) -> None:
    office.close()
    connection = sqlite3.connect(office.state / "journal.db")
    with pytest.raises(sqlite3.Error, match="append-only"):
        connection.execute("DELETE FROM entries")
    connection.close()
