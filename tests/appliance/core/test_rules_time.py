"""What time does to a caller: overflow, the longest wait, nobody there (rules 12 to 15)."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Empty
from tests.support.core_office import REST, RING, Office, offers, refused

ENGLISH, CANTONESE = 5, 6


# --- overflow


def test_who_waited_so_long_moves_to_the_overflow_queue(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=30_000, overflow_to=2))
    office.staff(7, queues=(2,))
    office.call(1)
    assert office.core.next_deadline_ms == office.now + 30_000
    assert office.wait(29_999) == []
    assert office.wait(1) == [d.Moved(1, 2), d.Offer(1, 7, office.now + RING)]


def test_overflow_counts_from_joining_and_keeps_the_age(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2))
    office.call(1, waited_ms=5_000)
    office.calls(2, queue=2, waited_ms=4_999)
    assert office.wait(98) == []
    assert office.wait(1) == [d.Moved(1, 2)]
    assert office.core.waiting(2) == [1, 2]


def test_the_length_limit_does_not_count_for_overflow(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2))
    office(i.QueueLimits(2, length_max=1))
    office.calls(1, queue=2)
    office.call(2)
    assert office.wait(100) == [d.Moved(2, 2)]


@pytest.mark.parametrize("there", [((ENGLISH, 5),), ()])
def test_who_asks_for_what_his_queue_needs_needs_what_the_next_one_does(office: Office, there: tuple[tuple[int, int], ...]) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2))
    office(i.WantSet(1, ((CANTONESE, 5),)))
    if there:
        office(i.WantSet(2, there))
    office.staff(7, queues=(2,), skills=there)
    office.call(1, want=1)
    assert offers(office.wait(100)) == [(1, 7)]


def test_a_want_of_his_own_stays_with_him_where_he_goes(office: Office) -> None:
    office.queues(2)
    office(i.WantSet(9, ((CANTONESE, 5),)))
    office.staff(7, queues=(2,))
    office.call(1, want=9)
    assert offers(office(i.CallMoves(1, 2))) == []
    assert office.core.why_not(1, 7) == "lacks skill"


def test_nobody_overflows_while_an_agent_rings(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2))
    office.staff(7, 8)
    office.call(1)
    assert office.wait(5_000) == []
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST), d.Moved(1, 2)]


def test_overflow_ends_the_hold_for_the_owner(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=50, overflow_to=2))
    office.staff(6, 8, queues=(1, 2))
    office.talk(1, 6)
    office.call(3, owner=6, owner_ms=10**9)
    assert office.core.why_not(3, 8) == "held for owner"
    assert offers(office.wait(50)) == [(3, 8)]


def test_overflow_begins_a_new_round(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=REST + 50, overflow_to=2))
    office.staff(8, 7, queues=(1, 2))
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(REST + 49)) == []
    assert office.core.why_not(2, 7) == "had turn"
    assert office.wait(1) == [d.Moved(2, 2), d.Offer(2, 7, office.now + RING)]


def test_who_overflowed_counts_anew_in_the_other_queue(office: Office) -> None:
    office.queues(2, 3)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2))
    office(i.QueueLimits(2, overflow_ms=70, overflow_to=3))
    office.call(1)
    assert office.wait(169) == [d.Moved(1, 2)]
    assert office.wait(1) == [d.Moved(1, 3)]


def test_overflow_comes_before_the_longest_wait(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, overflow_ms=100, overflow_to=2, wait_max_ms=100))
    office.call(1)
    assert office.wait(100) == [d.Moved(1, 2)]
    assert office.core.waiting(2) == [1]


def test_overflow_set_while_callers_wait_holds_for_them(office: Office) -> None:
    office.queues(2)
    office.call(1)
    office.wait(500)
    assert office(i.QueueLimits(1, overflow_ms=500, overflow_to=2)) == [d.Moved(1, 2)]


def test_limits_that_do_not_fit_are_refused(office: Office) -> None:
    office(i.QueueSet(3, tenant=9))
    assert office(i.QueueLimits(1, overflow_ms=1, overflow_to=2)) == refused("unknown queue")
    assert office(i.QueueLimits(2)) == refused("unknown queue")
    assert office(i.QueueLimits(1, overflow_ms=1, overflow_to=3)) == refused("other tenant")
    assert office(i.QueueLimits(1, overflow_ms=1, overflow_to=1)) == refused("bad value")
    for values in (
        {"length_max": -1}, {"length_max": 2**31}, {"wait_max_ms": -1}, {"wait_max_ms": 10**9 + 1}, {"overflow_ms": -1},
        {"overflow_ms": 10**9 + 1}, {"back_ms": -1}, {"back_ms": 10**9 + 1},
    ):  # fmt: skip
        assert office(i.QueueLimits(1, **values)) == refused("bad value"), values
    assert office(i.QueueLimits(1, 2**31 - 1, 10**9, 0, 77, 10**9)) == []  # without overflow its queue says nothing


# --- the longest wait


def test_who_waited_as_long_as_the_queue_allows_is_out(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=60_000))
    office.call(1, waited_ms=500_000)
    assert office.core.next_deadline_ms == office.now + 60_000
    assert office.wait(59_999) == []
    assert office.wait(1) == [d.Expired(1)]
    assert office.core.waiting(1) == []
    assert office(i.CallLeaves(1)) == refused("unknown call")


def test_an_expired_call_may_come_again_under_its_number(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=10))
    office.call(1)
    office.wait(10)
    assert office.call(1) == []
    assert office.core.waiting(1) == [1]


def test_nobody_expires_while_an_agent_rings(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=100))
    office.staff(7)
    office.call(1)
    assert office.wait(RING - 1) == []
    assert office.wait(1) == [d.Missed(1, 7), d.Rests(7, office.now + REST), d.Expired(1)]


def test_an_answer_after_the_longest_wait_connects(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=100))
    office.staff(7)
    office.call(1)
    office.wait(5_000)
    assert office(i.AgentAnswers(1, 7)) == [d.Connect(1, 7)]
    assert office.wait(60_000) == []


def test_who_expires_when_an_agent_becomes_free_is_out(office: Office) -> None:
    """Time comes before matching, in that very millisecond."""
    office(i.QueueLimits(1, wait_max_ms=100))
    office.staff(7, wrap_up_ms=100)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office.call(2)
    assert office.wait(100) == [d.Free(7), d.Expired(2)]


def test_a_late_tick_expires_callers_by_smaller_number(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=100))
    office.calls(5, 9, 3)
    office.now += 1_000
    assert office(i.Tick()) == [d.Expired(3), d.Expired(5), d.Expired(9)]


def test_the_longest_wait_changed_holds_for_who_waits(office: Office) -> None:
    office.call(1)
    office.wait(500)
    assert office(i.QueueLimits(1, wait_max_ms=501)) == []
    assert office(i.QueueLimits(1, wait_max_ms=500)) == [d.Expired(1)]


# --- nobody there


def test_where_nobody_is_logged_in_callers_are_sent_away(office: Office) -> None:
    office(i.QueueEmpties(1, Empty.NOBODY_LOGGED_IN))
    office(i.AgentSet(7, (1,)))
    assert office.call(1) == [d.NobodyThere(1, Empty.NOBODY_LOGGED_IN)]
    assert office.core.waiting(1) == []
    assert office.call(1) == [d.NobodyThere(1, Empty.NOBODY_LOGGED_IN)]


def test_where_the_last_one_logs_out_those_who_wait_are_sent_away(office: Office) -> None:
    office(i.QueueEmpties(1, Empty.NOBODY_LOGGED_IN))
    office.staff(7, 8)
    office.talk(1, 7)
    office(i.AgentLogsOut(8))
    office.calls(4, 3)
    office(i.AgentHangsUp(7))
    gone = [d.NobodyThere(3, Empty.NOBODY_LOGGED_IN), d.NobodyThere(4, Empty.NOBODY_LOGGED_IN)]
    assert office(i.AgentLogsOut(7)) == gone


def test_where_all_are_paused_callers_are_sent_away(office: Office) -> None:
    office(i.QueueEmpties(1, Empty.ALL_PAUSED))
    office.staff(7, 8)
    office(i.AgentSet(9, (1,)))  # logged out
    office(i.AgentPauses(7))
    office.call(1)
    assert office(i.AgentPauses(8)) == [d.Withdrawn(1, 8), d.NobodyThere(1, Empty.ALL_PAUSED)]


def test_where_all_are_in_wrap_up_or_paused_callers_are_sent_away(office: Office) -> None:
    office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP))
    office.staff(7, 8)
    office(i.AgentPauses(8))
    office.talk(1, 7)
    assert office.call(2) == []
    assert office(i.AgentHangsUp(7))[2:] == [d.NobodyThere(2, Empty.ALL_IN_WRAP_UP)]


def test_who_ended_his_wrap_up_and_who_learned_something_while_paused_are_counted_once(office: Office) -> None:
    office.staff(7, wrap_up_ms=100)
    office.staff(8, wrap_up_ms=500)
    office(i.QueueEmpties(1, Empty.ALL_IN_WRAP_UP | Empty.ALL_PAUSED))
    office.talk(1, 7)
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentHangsUp(8))
    office.wait(100)
    office(i.AgentPauses(7))
    office(i.AgentSet(7, (1,), wrap_up_ms=100, skills=((1, 5),)))
    assert office.call(3) == [d.NobodyThere(3, Empty.ALL_IN_WRAP_UP)]
    office(i.AgentPauses(8))
    assert office.call(4) == [d.NobodyThere(4, Empty.ALL_PAUSED)]


@pytest.mark.parametrize("cause", list(Empty))
def test_a_cause_that_the_queue_does_not_name_sends_nobody_away(office: Office, cause: Empty) -> None:
    office(i.QueueEmpties(1, 7 - cause))
    if cause == Empty.NOBODY_LOGGED_IN:
        assert office.call(1) == []
    office.staff(7)
    if cause == Empty.NOBODY_LOGGED_IN:
        return
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    if cause == Empty.ALL_PAUSED:
        office(i.AgentPauses(7))
    assert office.call(2) == []


@pytest.mark.parametrize("busy", ["free", "rests", "dials", "blocked", "vanished", "talks"])
def test_one_who_is_there_in_any_other_way_keeps_the_callers(office: Office, busy: str) -> None:
    office(i.QueueEmpties(1, 7))
    office.staff(7, 8)
    office(i.AgentPauses(8))
    office.call(1)
    match busy:
        case "free":
            office(i.CallLeaves(1))
        case "rests":
            office(i.AgentRejects(1, 7))
        case "dials":
            office(i.AgentDials(7))
        case "blocked":
            office(i.AgentBlocked(7, 0))
        case "vanished":
            office(i.AgentVanishes(7))
        case "talks":
            office(i.AgentAnswers(1, 7))
    assert [decision for decision in office.call(2) if isinstance(decision, d.NobodyThere)] == []
    assert 2 in office.core.waiting(1)


def test_agents_of_an_added_queue_are_not_there(office: Office) -> None:
    office.queues(2)
    office.staff(7, queues=(2,))
    office(i.AgentDials(7))
    office(i.QueueWidens(1, 0, after_ms=1, also=2))
    office.call(1)
    office.wait(10)
    assert office(i.QueueEmpties(1, Empty.NOBODY_LOGGED_IN)) == [d.NobodyThere(1, Empty.NOBODY_LOGGED_IN)]


def test_nobody_is_sent_away_while_an_agent_rings(office: Office) -> None:
    office.queues(2)
    office(i.QueueEmpties(1, 7))
    office.staff(7)
    office.call(1)
    office.staff(8, queues=(2,))
    office(i.AgentTakes(1, 8))
    assert office(i.AgentPauses(7)) == [d.Withdrawn(1, 7)]
    assert office(i.AgentRejects(1, 8))[0:1] == [d.Rejected(1, 8)]
    assert office.core.waiting(1) == []


def test_who_overflows_to_a_queue_where_nobody_is_there_is_sent_away_from_it(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office(i.AgentDials(7))
    office(i.QueueLimits(1, overflow_ms=10, overflow_to=2))
    office(i.QueueEmpties(2, Empty.NOBODY_LOGGED_IN))
    office.call(1)
    assert office.wait(10) == [d.Moved(1, 2), d.NobodyThere(1, Empty.NOBODY_LOGGED_IN)]


def test_causes_out_of_range_are_refused(office: Office) -> None:
    assert office(i.QueueEmpties(1, 8)) == refused("bad value")
    assert office(i.QueueEmpties(1, -1)) == refused("bad value")
    assert office(i.QueueEmpties(2, 0)) == refused("unknown queue")
    assert office.call(1) == []
