"""The table of calls says what the live pictures said (never-again 5, 25): both are one fold over the journal."""

from pathlib import Path

from appliance.base.clock import BootClock
from appliance.calls import commands
from appliance.calls.history import CallsTable, History
from appliance.events.recording import RecordingBegan
from appliance.store.database import Database
from appliance.store.journal import Journal
from appliance.store.projector import Projector
from tests.support.office import TestOffice


def test_the_table_made_from_the_journal_equals_the_live_pictures(tmp_path: Path) -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    first = office.ring("l1", caller="13911110000")
    office.do(commands.Answer, seat="b1")
    office.hang_up("l1")
    second = office.ring("l2", caller="13922220000")
    office.wait(30_000)
    facts = [*office.facts, RecordingBegan(at_ms=office.now_ms, call=first, path="2026/x.wav")]
    journal = Journal(tmp_path, BootClock(), group_s=0.0)
    journal.append(facts)
    journal.close()
    database = Database(tmp_path)
    projector = Projector(database, journal)
    projector.register(CallsTable())
    projector.catch_up()
    history = History(database)
    assert [view.id for view in history.newest()] == [second, first]
    assert [view.id for view in history.newest(caller="13911110000")] == [first]
    assert [view.id for view in history.newest(before=second)] == [first]
    assert history.path(first) == "2026/x.wav" and history.path(second) is None
    for call in (first, second):
        stored, live = history.one(call), office.call(call)
        assert stored is not None
        assert (stored.state, stored.caller, stored.ended_by) == (live.state, live.caller, live.ended_by)
        assert [(offer.seat, offer.outcome, offer.rings) for offer in stored.offers] == [(o.seat, o.outcome, o.rings) for o in live.offers]
        assert [moment.what for moment in stored.timeline] == [moment.what for moment in live.timeline]
    database.close()
