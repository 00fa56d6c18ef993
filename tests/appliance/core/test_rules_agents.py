"""What agents do: work on demand, calls of their own, the reserve (rules 1, 5 and 6)."""

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import HOLD, REST, RING, WRAP, Office, offers, refused

# --- on demand


def test_who_works_on_demand_gets_a_call_when_he_asks(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    assert office.call(1) == []
    assert office.core.explain(7) == "not asked"
    assert office(i.AgentAsks(7)) == [d.Offer(1, 7, office.now + RING)]


def test_who_asked_gets_one_call(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentAsks(7))
    office.talk(1, 7)
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.Free(7)]
    assert office.call(2) == []


def test_an_asking_holds_until_a_caller_comes(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentAsks(7))
    office.wait(1_000_000)
    office(i.AgentBlocked(7, 0))
    office(i.AgentUnblocked(7, 0))
    assert offers(office.call(1)) == [(1, 7)]


def test_who_asked_and_missed_must_ask_again(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentAsks(7))
    office.call(1)
    office.wait(RING)
    assert office.wait(600_000) == [d.Free(7)]
    assert offers(office(i.AgentAsks(7))) == [(1, 7)]


def test_one_may_ask_while_he_talks_for_the_time_after(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentAsks(7))
    office.talk(1, 7)
    office.call(2)
    assert office(i.AgentAsks(7)) == []
    assert offers(office(i.AgentHangsUp(7))) == [(2, 7)]


def test_a_login_forgets_that_he_asked(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentAsks(7))
    office(i.AgentLogsOut(7))
    office(i.AgentLogsIn(7))
    assert office.call(1) == []


def test_a_round_does_not_wait_for_one_on_demand_who_has_not_asked(office: Office) -> None:
    office.staff(8, 7)
    office(i.AgentTraits(8, on_demand=True))
    office.call(1)
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == [(1, 7)]


def test_a_round_waits_for_one_on_demand_who_asked_and_talks(office: Office) -> None:
    office.staff(8, 7)
    office(i.AgentTraits(8, on_demand=True))
    office(i.AgentAsks(8))
    office.talk(9, 8)
    office(i.AgentAsks(8))
    office.call(1)
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == []


def test_a_round_does_not_wait_for_one_on_demand_who_talks_and_has_not_asked_again(office: Office) -> None:
    office.staff(8, 7)
    office(i.AgentTraits(8, on_demand=True))
    office(i.AgentAsks(8))
    office.talk(9, 8)
    office.call(1)
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == [(1, 7)]


def test_who_works_on_demand_no_longer_gets_calls_again(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    office.call(1)
    assert offers(office(i.AgentTraits(7))) == [(1, 7)]


def test_askings_that_do_not_fit_are_refused(office: Office) -> None:
    assert office(i.AgentAsks(7)) == refused("unknown agent")
    office(i.AgentSet(7, (1,)))
    assert office(i.AgentAsks(7)) == refused("not logged in")
    office(i.AgentLogsIn(7))
    assert office(i.AgentAsks(7)) == refused("not on demand")


# --- calls of his own


def test_a_call_outside_the_queues_counts_as_busy_and_has_wrap_up(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentDials(7)) == []
    assert office.core.agent(7) == ("busy", None)
    assert office.call(1) == []
    assert office.core.explain(7) == "busy"
    assert office(i.AgentHangsUp(7)) == [d.WrapUp(7, office.now + WRAP)]
    assert office.wait(WRAP) == [d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_who_dials_when_offered_has_not_missed_and_the_call_goes_on(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office.call(1)
    assert office(i.AgentDials(7)) == [d.Withdrawn(1, 7), d.Offer(1, 8, office.now + RING)]
    assert office(i.AgentHangsUp(7)) == [d.Rests(7, office.now + HOLD)]


def test_who_dials_while_paused_is_paused_after_it(office: Office) -> None:
    office.staff(7)
    office(i.AgentPauses(7))
    assert office(i.AgentDials(7)) == []
    assert office(i.AgentHangsUp(7)) == [d.Paused(7)]
    assert office.core.agent(7) == ("paused", None)


def test_who_resumes_in_a_call_outside_begun_while_paused_is_free_after_it(office: Office) -> None:
    office.staff(7)
    office(i.AgentPauses(7))
    office(i.AgentDials(7))
    assert office(i.AgentResumes(7)) == []
    assert office(i.AgentHangsUp(7)) == [d.WrapUp(7, office.now + WRAP)]


def test_a_pause_chosen_in_a_call_outside_takes_the_place_of_wrap_up(office: Office) -> None:
    office.staff(7)
    office(i.AgentDials(7))
    assert office(i.AgentPauses(7)) == []
    assert office(i.AgentPauses(7)) == refused("paused already")
    assert office(i.AgentHangsUp(7)) == [d.Paused(7)]


def test_who_dials_in_wrap_up_has_a_full_wrap_up_after_it(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    office.wait(WRAP - 1)
    office(i.AgentDials(7))
    assert office.wait(60_000) == []
    assert office(i.AgentHangsUp(7)) == [d.WrapUp(7, office.now + WRAP)]


def test_calls_outside_that_do_not_fit_are_refused(office: Office) -> None:
    assert office(i.AgentDials(7)) == refused("unknown agent")
    office(i.AgentSet(7, (1,)))
    assert office(i.AgentDials(7)) == refused("not logged in")
    office(i.AgentLogsIn(7))
    assert office(i.AgentHangsUp(7)) == refused("not talking")
    office(i.AgentDials(7))
    assert office(i.AgentDials(7)) == refused("talking")
    assert office(i.AgentLogsOut(7)) == refused("talking")
    office(i.AgentHangsUp(7))
    office(i.AgentResumes(7))
    office.talk(1, 7)
    assert office(i.AgentDials(7)) == refused("talking")


def test_who_vanishes_in_a_call_outside_stays_busy_until_it_ends(office: Office) -> None:
    office.staff(7)
    office(i.AgentDials(7))
    assert office(i.AgentVanishes(7, keep_ms=10)) == []
    assert office.wait(60_000) == []
    assert office.core.agent(7) == ("busy", None)


# --- reserve


def test_the_callers_of_a_queue_with_a_reserve_leave_so_many_agents_free(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(2, reserve=2))
    office.staff(7, 8, 9, queues=(1, 2))
    assert offers(office.call(1, queue=2)) == [(1, 7)]
    assert office.call(2, queue=2) == []
    assert office.core.why_not(2, 8) == "reserve"
    assert offers(office.call(3)) == [(3, 8)]


def test_who_waits_for_the_reserve_is_offered_when_one_more_is_free(office: Office) -> None:
    office(i.QueueOffers(1, reserve=1))
    office.staff(7)
    assert office.call(1) == []
    office(i.AgentSet(8, (1,)))
    assert offers(office(i.AgentLogsIn(8))) == [(1, 7)]


def test_the_reserve_counts_only_those_who_could_be_offered_a_call(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, reserve=1))
    office.staff(6, queues=(2,))  # serves another queue
    office.staff(7, 8, 9, 10, 11)
    office(i.AgentBlocked(8, 0))
    office(i.AgentVanishes(9))
    office(i.AgentPauses(10))
    office(i.AgentTraits(11, on_demand=True))
    assert office.call(1) == []
    assert offers(office(i.AgentAsks(11))) == [(1, 7)]


def test_the_reserve_holds_for_owners_too(office: Office) -> None:
    office(i.QueueOffers(1, reserve=1))
    office.staff(7)
    assert office.call(1, owner=7, owner_ms=60_000) == []


def test_a_reserve_lowered_while_callers_wait_lets_them_through(office: Office) -> None:
    office(i.QueueOffers(1, reserve=1))
    office.staff(7)
    office.call(1)
    assert offers(office(i.QueueOffers(1))) == [(1, 7)]


def test_ringing_all_leaves_the_reserve_free(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0, reserve=1))
    office.staff(7, 8, 9)
    assert offers(office.call(1)) == [(1, 7), (1, 8)]
