"""Why an agent gets no call, in the words of WHY_NOT; and that a step decides all that follows from it (rules 1, 5 and 19)."""

from collections.abc import Callable

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, WRAP, Core, Office, offers, refused


def test_an_agent_of_another_queue_is_not_explained_by_its_callers(office: Office) -> None:
    office.queues(2)
    office.staff(7, queues=(2,))
    office.call(1)
    assert office.core.explain(7) is None
    assert office.core.why_not(1, 7) == "other queue"


def test_who_asked_is_explained_by_none_where_nobody_waits(office: Office) -> None:
    office.staff(7)
    office(i.AgentTraits(7, on_demand=True))
    assert office.core.explain(7) == "not asked"
    office(i.AgentAsks(7))
    assert office.core.explain(7) is None


def test_an_agent_is_explained_by_the_first_caller_of_his_queues(office: Office) -> None:
    office.staff(8, 7)
    office.talk(9, 8)
    office.calls(1)
    office(i.AgentRejects(1, 7))
    office.call(2, never=(7,))
    office.wait(REST)
    assert office.core.why_not(2, 7) == "excluded"
    assert office.core.explain(7) == "had turn"


def test_an_agent_of_an_added_queue_is_explained_by_himself(office: Office) -> None:
    office.queues(2, 3)
    office(i.QueueWidens(1, 0, after_ms=100, also=2))
    office.staff(7, queues=(2,))
    office.staff(8, queues=(3,))
    office(i.AgentDials(7))
    office.call(1)
    assert office.core.why_not(1, 7) == "other queue"
    office.wait(100)
    assert office.core.why_not(1, 7) == "busy"
    assert office.core.why_not(1, 8) == "other queue"


def test_blocked_and_vanished_are_told_apart(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentBlocked(7, 0))
    office(i.AgentVanishes(8))
    office.call(1)
    assert [office.core.why_not(1, agent) for agent in (7, 8)] == ["blocked", "vanished"]
    assert [office.core.explain(agent) for agent in (7, 8)] == ["blocked", "vanished"]


def test_an_owner_for_whom_the_caller_is_held_is_explained_by_another_reason(office: Office) -> None:
    office(i.QueueOffers(1, reserve=2))
    office.staff(7, 8)
    office.call(1, owner=7, owner_ms=60_000)
    assert [office.core.why_not(1, agent) for agent in (7, 8)] == ["reserve", "held for owner"]


def test_who_could_be_rung_where_enough_ring_is_told_so(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office.core.why_not(1, 8) == "rings already"
    office(i.AgentAnswers(1, 7))
    assert office.core.why_not(1, 8) == "talking already"


def test_an_unknown_agent_or_caller_is_a_key_error(office: Office) -> None:
    for question in (office.core.agent, office.core.explain, office.core.position, office.core.expected_wait_ms):
        try:
            question(99)
        except KeyError:
            continue
        raise AssertionError(question)


# --- a step decides all that follows from it


def test_an_offer_to_one_on_demand_that_ends_anothers_round_is_followed_by_the_offer_in_the_same_step(office: Office) -> None:
    """1 waits for 8, who asked and has not had 1; when 8 is offered 2, nobody is left in the round of 1."""
    office(i.WantSet(1, needs=((5, 1),)))
    office.staff(7)
    office.staff(8, skills=((5, 1),), wrap_up_ms=0)
    office(i.AgentTraits(8, on_demand=True))
    office(i.AgentDials(8))
    office(i.AgentAsks(8))
    office.call(1)
    office(i.AgentRejects(1, 7))
    office.wait(REST)
    assert office.core.explain(7) == "had turn"
    office.call(2, want=1, priority=9)
    assert offers(office(i.AgentHangsUp(8))) == [(2, 8), (1, 7)]


def test_a_new_caller_for_one_on_demand_ends_the_round_of_who_waited_for_him(office: Office) -> None:
    """1 had 7, and is kept from 8 by the reserve alone."""
    office(i.QueueSet(2))
    office.staff(7, 8, queues=(1, 2))
    office(i.AgentTraits(8, on_demand=True))
    office(i.AgentAsks(8))
    office(i.QueueOffers(1, reserve=3))
    office.call(1)
    office(i.AgentTakes(1, 7))
    office(i.AgentRejects(1, 7))
    office.wait(REST)
    assert office.core.why_not(1, 7) == "had turn"
    assert offers(office.call(2, queue=2)) == [(2, 8)]
    assert office.core.why_not(1, 7) == "reserve"


def test_who_is_offered_to_one_on_demand_begins_a_new_round_where_all_others_had_their_turn(office: Office) -> None:
    """In the same step: 8 counts no more, and 7 had 1."""
    office.staff(7, 8)
    office(i.AgentTraits(8, on_demand=True))
    office(i.AgentAsks(8))
    office.call(1)
    assert offers(office(i.OfferWithdrawn(1, 7))) == [(1, 8)]
    assert office.core.why_not(1, 7) == "rings already"


def test_an_offer_to_an_owner_on_demand_ends_the_hold_of_his_other_customer_in_the_same_step(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=0)
    office(i.AgentTraits(7, on_demand=True))
    office(i.AgentDials(7))
    office(i.AgentAsks(7))
    office.calls(1, 2, owner=7, owner_ms=10**9)
    assert offers(office(i.AgentHangsUp(7))) == [(1, 7), (2, 8)]


def test_time_has_an_end(office: Office) -> None:
    office.staff(7)
    assert office.core.feed(2**50 + 1, i.Tick()) == refused("bad value")
    assert office.core.feed(2**50, i.CallWaits(1, 1)) == [d.Offer(1, 7, 2**50 + RING)]


def test_time_begins_at_zero(make: Callable[[], Core]) -> None:
    assert make().feed(-1, i.Tick()) == refused("time runs backwards")
    assert make().feed(0, i.Tick()) == []


def test_each_reason_of_a_refusal_has_its_hash(office: Office) -> None:
    """Expired and Refused too: what they have not is -1."""
    office(i.QueueLimits(1, wait_max_ms=5))
    office.call(1)
    office.now = 5
    office(i.Tick())
    office(i.CallLeaves(9))
    office.call(1, queue=9)
    expected = 0xCBF29CE484222325
    expired = (5 << 5 | 16, (1 << 32) - 1, -1)
    unknown = [(5 << 5 | 19, (d.REASONS.index(why) << 32) - 1, -1) for why in ("unknown call", "unknown queue")]
    for word in (*expired, *unknown[0], *unknown[1]):
        expected = ((expected ^ (word % 2**64)) * 0x100000001B3) % 2**64
    assert office.core.hash == expected


def test_what_is_told_with_its_defaults_changes_nothing(office: Office) -> None:
    """Of two queues and two agents one is told everything again, as it is."""
    office.queues(2)
    for given in (i.QueueOffers(2), i.QueuePoints(2), i.QueueLimits(2), i.QueueEmpties(2), i.TenantSet(0)):
        assert office(given) == []
    office.staff(7, 8, queues=(1, 2), wrap_up_ms=0)
    office(i.AgentTraits(8))
    for queue in (1, 2):
        for call in (1, 2):
            office.call(call, queue=queue, tier=call - 1)
        assert [office.core.waiting(queue), office.core.next_deadline_ms] == [[2, 1], office.now + RING]
        for call in (1, 2):
            office(i.CallLeaves(call))
    office(i.AgentDials(7))
    office(i.AgentDials(8))
    for first, second in ((1, 2), (2, 1)):
        office.call(5, queue=first)
        office.call(6, queue=second)
        office.now += 1
    assert offers(office(i.AgentHangsUp(7))) == [(5, 7)]
    assert offers(office(i.AgentHangsUp(8))) == [(6, 8)]


def test_numbers_begin_at_zero(office: Office) -> None:
    """Queue, want, agent, owner and call of number 0 are as any."""
    office.queues(0)
    office(i.WantSet(0, needs=((0, 2),), prefers=((1, 1),)))
    office(i.QueueWidens(1, 0, after_ms=50, also=0))
    office.staff(7)
    office.staff(5, queues=(0,), skills=((0, 2),))
    office.staff(0, queues=(0,), skills=((0, 2), (1, 1)))
    office(i.AgentDials(0))
    assert office.call(0, want=0, owner=0, owner_ms=70) == []
    assert office.core.next_deadline_ms == office.now + 50
    assert offers(office.wait(50)) == []  # held for 0, whom the step adds
    assert office.core.next_deadline_ms == office.now + 20
    assert offers(office.wait(20)) == [(0, 5)]
    office(i.CallLeaves(0))
    office(i.AgentHangsUp(0))
    office.wait(WRAP)
    assert offers(office.call(0, queue=0, want=0)) == [(0, 0)]  # he has what is preferred


def test_traits_told_with_their_defaults_change_nothing(office: Office) -> None:
    office.staff(8, 7, wrap_up_ms=0)
    office(i.AgentTraits(8))
    office(i.QueueOffers(1, i.Strategy.RANDOM, seed=3))
    drawn = office.whom(12)
    office(i.AgentTraits(7))
    office(i.QueueOffers(1, i.Strategy.RANDOM, seed=3))
    assert office.whom(12) == drawn


def test_a_rank_that_was_not_told_is_zero(office: Office) -> None:
    office(i.QueueOffers(1, i.Strategy.FIXED))
    office.staff(8, 7)
    office(i.AgentTraits(8, rank=0))
    assert offers(office.call(1)) == [(1, 8)]
