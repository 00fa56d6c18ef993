"""A past call's routing is made again from the journal and explained, and comes to the same decisions (A3 E4, never-again 3, 25)."""

import subprocess
import sys
from pathlib import Path

from appliance.base.clock import BootClock
from appliance.calls import commands
from appliance.calls.explanation import KINDS, explained, rows
from appliance.core import Acd
from appliance.events import Event
from appliance.events.box import BoxStarted
from appliance.events.routing import RoutingFed
from appliance.store.journal import Journal
from tests.support.office import TestOffice

REPLAY = """
import sys
from pathlib import Path
from appliance.calls.explanation import rows
from appliance.core import Acd
from appliance.events.routing import RoutingFed
from appliance.store.table import read_entries
core = Acd()
for entry in read_entries(Path(sys.argv[1]) / "journal.db", kinds=("RoutingFed",)):
    core.run(rows(entry.event))
print(core.hash)
"""


def told(office: TestOffice) -> list[tuple[int, Event]]:
    return [(fact.at_ms + 1_000_000, fact) for fact in office.facts]


def a_day() -> TestOffice:
    """Three agents; calls answered, missed, rejected, left; pauses; a change of the configuration is the box's own matter."""
    office = TestOffice()
    office.log_in("b1", "a1")
    office.log_in("b2", "a2")
    for number in range(12):
        office.ring(f"l{1 + number % 2}", caller=f"1391111{number:04}")
        if number % 4 == 1:
            office.wait(16_000)  # missed: the next one rings
        elif number % 4 == 2:
            office.do(commands.Pause, seat="b2", reason="rest")
        for seat in ("b1", "b2"):
            if office.seat(seat).state == "ringing":
                office.do(commands.Answer, seat=seat)
        office.wait(5_000)
        office.hang_up(f"l{1 + number % 2}")
        office.wait(12_000)
        if number % 4 == 2:
            office.do(commands.Resume, seat="b2")
    return office


def test_each_agent_has_a_reason_for_each_offer() -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    office.log_in("b2", "a2")
    call = office.ring("l1", caller="13911110000")
    office.wait(15_000)
    office.do(commands.Answer, seat="b2")
    first, second = explained(told(office), call)
    why = {each.agent: each.why for each in first.considered}
    assert first.agent == "a1" and (why["a1"], why["a2"]) == ("chosen", "behind")
    assert set(why.values()) <= {"chosen", "behind", "logged_out"}
    why = {each.agent: each.why for each in second.considered}
    assert second.agent == "a2" and (why["a1"], why["a2"]) == ("resting", "chosen")
    assert second.at_ms - first.at_ms == 15_000


def test_a_caller_whom_nobody_could_take_has_the_reasons_of_that_moment() -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    office.do(commands.Pause, seat="b1", reason="rest")
    call = office.ring("l1", caller="13911110000")
    office.do(commands.Resume, seat="b1")
    waits, offered = explained(told(office), call)
    assert waits.agent is None
    assert {each.agent: each.why for each in waits.considered}["a1"] == "paused"
    assert offered.agent == "a1"


def test_a_later_run_of_the_box_begins_with_an_empty_core() -> None:
    """The second run's call has the same number for the core's agents, not the first one's waiting callers."""
    first, second = TestOffice(), TestOffice()
    first.ring("l1", caller="13911110000")
    second.log_in("b1", "a1")
    call = second.ring("l1", caller="13922220000")
    facts = [*told(first), (2_000_000, BoxStarted(at_ms=0, version="1", clean=False)), *told(second)]
    (moment,) = explained(facts, call)
    assert moment.agent == "a1"


def test_a_call_that_was_never_in_a_queue_has_no_explanation() -> None:
    assert explained(told(a_day()), "c999999") == []


def test_a_day_through_the_journal_decides_the_same_again_and_in_a_fresh_process(tmp_path: Path) -> None:
    office = a_day()
    journal = Journal(tmp_path, BootClock(), group_s=0.0)
    journal.append(office.facts)
    journal.close()
    core = Acd()
    hashes = 0
    for entry in journal.entries(kinds=KINDS):
        if isinstance(entry.event, RoutingFed):
            core.run(rows(entry.event))
            assert core.hash == entry.event.hash, f"entry {entry.number} decides otherwise"
            hashes += 1
    assert hashes > 50
    assert core.hash == office.switchboard.live.queues.core.hash
    again = subprocess.run([sys.executable, "-c", REPLAY, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(again.stdout) == core.hash
