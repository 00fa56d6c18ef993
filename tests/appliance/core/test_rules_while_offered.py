"""While an offer is open (rules 5, 8, 10, 11, 14): time does nothing to who rings at as many as may, and what it would have done is done
when the offer ends."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, WRAP, Office, offers

ENGLISH = 5


def widening(office: Office, after_ms: int = 10) -> None:
    """Agent 7 can do it, 8 once the search is wider."""
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms, lower=3))
    office.staff(7, skills=((ENGLISH, 5),))
    office.staff(8, skills=((ENGLISH, 2),))


# --- deadlines


def test_nothing_is_due_for_who_rings_but_the_end_of_the_offer(office: Office) -> None:
    widening(office)
    office(i.QueueLimits(1, wait_max_ms=20))
    assert offers(office.call(1, want=1)) == [(1, 7)]
    assert office.core.next_deadline_ms == office.now + RING


def test_what_was_due_for_who_waited_is_due_no_more_when_he_rings(office: Office) -> None:
    widening(office)
    office.talk(1, 7, want=1)
    office.call(2, want=1)
    assert office.core.next_deadline_ms == office.now + 10
    office(i.CallLeaves(1))
    office(i.AgentResumes(7))
    assert office.core.agent(7)[0] == "offered"
    assert office.core.next_deadline_ms == office.now + RING


def test_where_one_more_may_ring_the_search_widens_while_one_rings(office: Office) -> None:
    widening(office)
    office(i.QueueOffers(1, at_once=2))
    assert offers(office.call(1, want=1)) == [(1, 7)]
    assert office.core.next_deadline_ms == office.now + 10
    assert offers(office.wait(10)) == [(1, 8)]
    assert office.core.next_deadline_ms == office.now - 10 + RING


def test_who_may_ring_at_one_more_from_now_on_is_looked_for_further_when_it_is_time(office: Office) -> None:
    widening(office)
    office.call(1, want=1)
    office(i.QueueOffers(1, at_once=2))
    assert office.core.next_deadline_ms == office.now + 10
    assert offers(office.wait(10)) == [(1, 8)]


def test_who_may_ring_at_one_more_only_after_his_search_widened_rings_at_him_now(office: Office) -> None:
    widening(office)
    office.call(1, want=1)
    office.wait(10)
    assert offers(office(i.QueueOffers(1, at_once=2))) == [(1, 8)]


def test_in_a_round_his_search_widens_while_he_rings(office: Office) -> None:
    """For the round is complete when all whom he may get by now had their turn."""
    office(i.QueueSet(1, ring_ms=60_000))
    widening(office, 20_000)
    office.staff(9, skills=((ENGLISH, 5),))
    office.call(1, want=1)
    came = office.now
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 9)]
    office.wait(REST)
    assert office.core.next_deadline_ms == came + 20_000
    office.wait(20_000)
    assert office.core.next_deadline_ms == came + 60_000


def test_of_a_round_that_a_wider_search_leaves_open_nobody_is_asked_twice(office: Office) -> None:
    widening(office)
    office.staff(9, skills=((ENGLISH, 5),))
    office.call(1, want=1)
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 9)]
    office(i.OfferRings(1, 9))
    office.wait(10)
    assert offers(office(i.AgentRejects(1, 9))) == [(1, 8)]


def test_whose_owner_is_taken_out_for_missing_him_may_be_anybodys_at_the_time_he_would_have_been(office: Office) -> None:
    office.staff(8, 7)
    office.talk(9, 8)
    office(i.AgentTraits(7, misses_max=1))
    assert offers(office.call(1, owner=7, owner_ms=RING + 10)) == [(1, 7)]
    office.wait(RING)
    assert office.core.agent(7) == ("paused", None)
    assert office.core.next_deadline_ms == office.now + 10


# --- the offer ends


def test_who_was_not_taken_is_looked_for_further_at_once_when_it_was_time(office: Office) -> None:
    widening(office)
    office.call(1, want=1)
    office.wait(10)
    assert office.core.why_not(1, 8) == "rings already"
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 8)]


def test_who_was_not_taken_before_it_was_time_is_looked_for_further_then(office: Office) -> None:
    widening(office)
    office.call(1, want=1)
    assert offers(office(i.AgentRejects(1, 7))) == []
    assert office.core.why_not(1, 8) == "lacks skill"
    assert offers(office.wait(9)) == []
    assert offers(office.wait(1)) == [(1, 8)]


def test_who_waited_too_long_while_he_rang_is_sent_away_when_the_offer_ends(office: Office) -> None:
    office(i.QueueLimits(1, wait_max_ms=10))
    office.staff(7)
    office.call(1)
    assert office.wait(20) == []
    assert office(i.AgentRejects(1, 7))[-1] == d.Expired(1)


def test_whose_owner_becomes_free_while_he_rings_at_another_one_is_his_when_that_offer_ends(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.talk(1, 7)
    assert offers(office.call(2, owner=7, owner_ms=1)) == []
    assert offers(office.wait(1)) == [(2, 8)]
    assert offers(office(i.CallLeaves(1))) == []
    assert office.core.agent(7)[0] == "free"
    assert offers(office(i.AgentRejects(2, 8))) == [(2, 7)]


def test_two_who_are_missed_in_the_same_instant_both_ring_on_the_sooner_first(office: Office) -> None:
    office.staff(7, 8, 9, 10)
    assert offers(office.call(1) + office.call(2)) == [(1, 7), (2, 8)]
    assert offers(office.wait(RING)) == [(1, 9), (2, 10)]


@pytest.mark.parametrize(("priority", "first"), [(0, 1), (9, 2)])
def test_who_is_missed_as_another_agent_becomes_free_rings_at_him_if_he_is_the_first(office: Office, priority: int, first: int) -> None:
    office.staff(7, 8)
    office.talk(9, 7)
    assert offers(office.call(1)) == [(1, 8)]
    assert office.call(2, priority=priority) == []
    office.now += RING - WRAP
    assert offers(office(i.CallLeaves(9))) == []
    assert offers(office.wait(WRAP)) == [(first, 7)]
