"""Rests, misses in a row, wrap-up, vanishing (rules 4, 6 and 7)."""

import random

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import HOLD, REST, RING, WRAP, Office, offers, refused

# --- rests


def test_missed_rejected_and_busy_have_rests_of_their_own(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=1_000, reject_ms=2_000, busy_ms=3_000))
    office.staff(7, 8, 9)
    office.call(1)
    assert office.wait(RING)[:2] == [d.Missed(1, 7), d.Rests(7, office.now + 1_000)]
    assert office(i.AgentRejects(1, 8))[:2] == [d.Rejected(1, 8), d.Rests(8, office.now + 2_000)]
    assert office(i.AgentRejects(1, 9, busy=True))[:2] == [d.Rejected(1, 9), d.Rests(9, office.now + 3_000)]


def test_who_rejected_rests_as_who_missed_unless_told_otherwise(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=4_000))
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentRejects(1, 7))[1] == d.Rests(7, office.now + 4_000)
    assert office(i.AgentRejects(1, 8, busy=True))[1] == d.Rests(8, office.now + 4_000)


def test_whose_telephone_was_busy_rests_as_who_rejected_unless_told_otherwise(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=4_000, reject_ms=0))
    office.staff(7)
    office.call(1)
    assert office(i.AgentRejects(1, 7, busy=True)) == [d.Rejected(1, 7), d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_a_rest_is_of_the_queue_whose_caller_was_offered(office: Office) -> None:
    office(i.QueueSet(2, rest_ms=700))
    office.staff(7, queues=(1, 2))
    office.call(1, queue=2)
    assert office(i.AgentRejects(1, 7))[1] == d.Rests(7, office.now + 700)


def test_a_rest_goes_on_through_a_call_outside(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.call(1)
    office(i.AgentRejects(1, 7))
    until = office.now + REST
    office(i.AgentDials(7))
    office.wait(100)
    assert office(i.AgentHangsUp(7)) == [d.Rests(7, until)]
    assert office.wait(REST - 101) == []
    assert office.wait(1) == [d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_a_rest_that_is_longer_than_wrap_up_goes_on_after_it(office: Office) -> None:
    office.staff(7, wrap_up_ms=3_000)
    office.call(1)
    office(i.AgentRejects(1, 7))
    until = office.now + REST
    office(i.AgentDials(7))
    office(i.AgentHangsUp(7))
    assert office.wait(3_000) == [d.Rests(7, until)]
    assert office.wait(7_000) == [d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_idle_since_is_the_end_of_the_rest_where_wrap_up_was_shorter_and_the_tick_late(office: Office) -> None:
    office.staff(7, wrap_up_ms=3_000)
    office.staff(8, wrap_up_ms=5_000)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.CallLeaves(1))
    for agent in (7, 8):
        office(i.AgentDials(agent))
        office(i.AgentHangsUp(agent))
    office.now += 90_000
    office(i.Tick())
    assert offers(office.call(2)) == [(2, 8)]


def test_resume_in_wrap_up_does_not_end_a_rest(office: Office) -> None:
    office.staff(7, wrap_up_ms=3_000)
    office.call(1)
    office(i.AgentRejects(1, 7))
    until = office.now + REST
    office(i.AgentDials(7))
    office(i.AgentHangsUp(7))
    assert office(i.AgentResumes(7)) == [d.Rests(7, until)]


def test_a_rest_cannot_be_resumed_from(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    assert office(i.AgentResumes(7)) == refused("nothing to resume")


def test_who_withdrew_from_an_offer_rests_a_second_when_he_comes_back(office: Office) -> None:
    for off, on in ((i.AgentPauses(7), i.AgentResumes(7)), (i.AgentLogsOut(7), i.AgentLogsIn(7))):
        office.staff(7) if off == i.AgentPauses(7) else None
        office.call(1)
        office(off)
        until = office.now + HOLD
        office.wait(HOLD - 1)
        assert office(on) == [d.Rests(7, until)]
        assert office.wait(1) == [d.Free(7), d.Offer(1, 7, office.now + RING)]
        office(i.CallLeaves(1))


def test_a_login_after_the_rest_is_over_is_free(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentLogsOut(7))
    office(i.CallLeaves(1))
    office.wait(REST)
    assert office(i.AgentLogsIn(7)) == [d.Free(7)]


# --- misses


def test_who_misses_so_many_in_a_row_is_taken_out(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, misses_max=2))
    office.call(1)
    assert office.wait(RING) == [d.Missed(1, 7), d.Rests(7, office.now + REST)]
    office.wait(REST)
    assert office.wait(RING) == [d.Missed(1, 7), d.TakenOut(7)]
    assert office.core.agent(7) == ("paused", None)
    assert office.wait(600_000) == []


def test_who_was_taken_out_comes_back_when_he_resumes_and_begins_anew(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1)
    office.wait(RING)
    office(i.AgentTraits(7, misses_max=2))
    office.wait(REST)
    assert office(i.AgentResumes(7)) == [d.Free(7), d.Offer(1, 7, office.now + RING)]
    assert office.wait(RING)[1] == d.Rests(7, office.now + REST)


def test_who_was_taken_out_and_resumes_at_once_has_his_rest_still(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1)
    office.wait(RING)
    assert office(i.AgentResumes(7)) == [d.Rests(7, office.now + REST)]


@pytest.mark.parametrize("fresh", ["answer", "login", "resume"])
def test_misses_in_a_row_begin_anew_with(office: Office, fresh: str) -> None:
    office.staff(7, wrap_up_ms=0)
    office(i.AgentTraits(7, misses_max=2))
    office.call(1)
    office.wait(RING + REST)
    match fresh:
        case "answer":
            office(i.AgentAnswers(1, 7))
            office(i.AgentHangsUp(7))
            office.call(1)
        case "login":
            office(i.AgentLogsOut(7))
            office(i.AgentLogsIn(7))
            office.wait(HOLD)
        case "resume":
            office(i.AgentPauses(7))
            office(i.AgentResumes(7))
            office.wait(HOLD)
    assert office.core.agent(7)[0] == "offered"
    assert office.wait(RING) == [d.Missed(1, 7), d.Rests(7, office.now + REST)]
    office.wait(REST)
    assert office.wait(RING) == [d.Missed(1, 7), d.TakenOut(7)]


def test_rejected_failed_and_withdrawn_offers_are_no_misses(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office.staff(7)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1)
    assert office(i.AgentRejects(1, 7))[1] == d.Free(7)
    assert office(i.OfferFails(1, 7))[1] == d.Rests(7, office.now + HOLD)
    office.wait(HOLD)
    assert office(i.AgentBlocked(7, 0))[1] == d.Rests(7, office.now + HOLD)


def test_a_rejection_between_two_misses_does_not_begin_anew(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office.staff(7)
    office(i.AgentTraits(7, misses_max=2))
    office.call(1)
    office.wait(RING)
    office(i.AgentRejects(1, 7))
    assert office.wait(RING) == [d.Missed(1, 7), d.TakenOut(7)]


def test_without_a_limit_nobody_is_taken_out(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office.staff(7)
    office.call(1)
    for _ in range(20):
        assert offers(office.wait(RING)) == [(1, 7)]


def test_when_one_is_taken_out_the_next_is_offered(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentTraits(7, misses_max=1))
    office.call(1)
    assert office.wait(RING) == [d.Missed(1, 7), d.TakenOut(7), d.Offer(1, 8, office.now + RING)]


# --- wrap-up, vanishing


def test_wrap_up_is_never_shortened_over_10_000_calls_in_six_queues(office: Office) -> None:
    """never-again 4: three agents with wrap-ups of their own, configuration told again and again."""
    pick = random.Random(4)
    office.queues(2, 3, 4, 5, 6)
    wraps = {7: 3_000, 8: 500, 9: 0}
    for agent, wrap_up_ms in wraps.items():
        office.staff(agent, queues=(1, 2, 3, 4, 5, 6), wrap_up_ms=wrap_up_ms)
    ended = dict.fromkeys(wraps, -(10**9))
    shortest = dict.fromkeys(wraps, 10**9)
    offered: dict[int, int] = {}
    for call in range(10_000):
        decided = office.call(call, pick.randrange(1, 7))
        for agent, number in offered.items():
            decided += office(i.AgentAnswers(number, agent))
            decided += office(i.AgentHangsUp(agent))
            ended[agent] = office.now
        if call % 50 == 0:
            office(i.QueueSet(pick.randrange(1, 7), rest_ms=call))
        office.now += pick.randrange(1, 700)
        decided += office(i.Tick())
        offered = {agent: number for number, agent in offers(decided)}
        for agent in offered:
            shortest[agent] = min(shortest[agent], office.now - ended[agent])
        for queue in range(1, 7):
            for number in office.core.waiting(queue)[4:]:
                office(i.CallLeaves(number))
    assert all(wraps[agent] <= shortest[agent] < wraps[agent] + 50 for agent in wraps), shortest


def test_a_wrap_up_changed_holds_from_the_next_one_on(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office(i.AgentSet(7, (1,), wrap_up_ms=50))
    assert office.wait(WRAP - 1) == []
    assert office.wait(1) == [d.Free(7)]
    office.talk(2, 7)
    assert office(i.AgentHangsUp(7))[1] == d.WrapUp(7, office.now + 50)


def test_a_vanished_agent_who_rests_or_wraps_up_is_freed_by_time_and_offered_nothing(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office(i.AgentVanishes(7))
    office.call(2)
    assert office.wait(WRAP) == [d.Free(7)]
    assert offers(office(i.AgentReturns(7))) == [(2, 7)]


def test_a_resume_is_no_sign_of_life(office: Office) -> None:
    office.staff(7)
    office(i.AgentVanishes(7))
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))
    assert office.call(1) == []
    assert office.core.explain(7) == "vanished"


def test_a_returned_agent_who_vanishes_again_has_a_full_time_to_keep(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentVanishes(7, keep_ms=1_000))
    office.wait(999)
    office(i.AgentReturns(7))
    assert office.core.next_deadline_ms is None
    office(i.AgentVanishes(7, keep_ms=1_000))
    assert office.wait(999) == []
    assert office.wait(1) == [d.Requeued(1, 7)]


def test_a_vanished_agent_who_hangs_up_ends_his_call(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentVanishes(7))
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office.wait(60_000) == [d.Free(7)]


def test_a_requeued_caller_takes_points_and_tier_of_the_first_one_there(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office.calls(2, priority=70, tier=1)
    office.calls(3, priority=60)
    office(i.AgentVanishes(7, keep_ms=0))
    assert office.core.waiting(1) == [1, 2, 3]
    office(i.QueuePoints(1, tier_points=0))
    assert office.core.waiting(1) == [1, 2, 3]
    office.call(4, priority=71)
    assert office.core.waiting(1) == [4, 1, 2, 3]


def test_a_requeued_caller_who_is_first_by_right_keeps_his_own_points(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7, priority=90)
    office.calls(2, priority=70)
    office(i.AgentVanishes(7, keep_ms=0))
    office.call(3, priority=80)
    assert office.core.waiting(1) == [1, 3, 2]


def test_unknown_agents_and_reasons_are_refused(office: Office) -> None:
    for given in (
        i.AgentLogsOut(9), i.AgentPauses(9), i.AgentResumes(9), i.AgentBlocked(9, 0), i.AgentUnblocked(9, 0), i.AgentVanishes(9),
        i.AgentReturns(9), i.AgentHangsUp(9), i.OfferRings(1, 9), i.AgentRejects(1, 9), i.OfferFails(1, 9), i.OfferWithdrawn(1, 9),
        i.AgentTakes(1, 9), i.AgentDials(9),
    ):  # fmt: skip
        assert office(given) == refused("unknown agent"), given


def test_what_tells_what_is_known_already_changes_nothing_and_is_not_refused(office: Office) -> None:
    office.staff(7)
    for given in (
        i.AgentReturns(7),
        i.AgentUnblocked(7, 3),
        i.AgentBlocked(7, 3),
        i.AgentBlocked(7, 3),
        i.AgentVanishes(7),
        i.AgentVanishes(7),
    ):
        assert office(given) == []


def test_a_rejection_takes_nobody_out_where_the_limit_was_lowered(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office.wait(RING + REST)
    office(i.AgentTraits(7, misses_max=1))
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST)]


def test_who_had_chosen_a_pause_is_paused_when_his_call_is_requeued(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentPauses(7))
    office(i.AgentVanishes(7, keep_ms=0))
    assert office.core.agent(7) == ("paused", None)
    office(i.AgentReturns(7))
    assert offers(office(i.AgentResumes(7))) == [(1, 7)]


def test_a_requeued_caller_takes_no_points_of_one_who_talks(office: Office) -> None:
    office.staff(8, 7)
    office.talk(2, 8, priority=9)
    office.talk(1, 7)
    office.calls(3, priority=5)
    office(i.AgentVanishes(7, keep_ms=0))
    office.call(4, priority=7)
    assert office.core.waiting(1) == [4, 1, 3]


def test_a_requeued_caller_is_nobodys_customer(office: Office) -> None:
    office.staff(7, 5, 0, 1)
    office.talk(9, 7, owner=7)
    assert offers(office(i.AgentVanishes(7, keep_ms=0))) == [(9, 5)]
