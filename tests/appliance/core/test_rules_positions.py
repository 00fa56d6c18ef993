"""A position asked for, and what keeps an age: transfer (rules 9 and 12)."""

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, Office, offers, refused

ENGLISH, CANTONESE = 5, 6


# --- a position asked for


def test_who_asks_for_the_first_position_is_first(office: Office) -> None:
    office.calls(1, 2, 3)
    office.call(4, position=1)
    assert office.core.waiting(1) == [4, 1, 2, 3]
    assert office.served_by(7) == [4, 1, 2, 3]


def test_who_asks_for_the_third_position_has_it(office: Office) -> None:
    office.calls(1, 2, 3, 4)
    office.call(5, position=3)
    assert office.core.waiting(1) == [1, 2, 5, 3, 4]
    assert office.core.position(5) == 3


def test_who_asks_for_a_position_behind_the_last_is_last(office: Office) -> None:
    office.calls(1, 2)
    office.call(3, position=3)
    office.now += 1
    office.call(4, position=9)
    assert office.core.waiting(1) == [1, 2, 3, 4]


def test_a_position_is_honoured_within_the_priority_only(office: Office) -> None:
    office.calls(1, 2, priority=5)
    office.calls(3, 4)
    office.call(5, position=1)
    assert office.core.waiting(1) == [1, 2, 5, 3, 4]


def test_a_position_is_honoured_within_the_tier_only(office: Office) -> None:
    office(i.QueuePoints(1, tier_points=0))
    office.calls(1, tier=1)
    office.calls(2)
    office.call(3, position=1)
    assert office.core.waiting(1) == [1, 3, 2]


def test_who_is_alone_with_his_priority_stands_where_it_puts_him(office: Office) -> None:
    office.calls(1, 2)
    office.call(3, priority=1, position=2)
    assert office.core.waiting(1) == [3, 1, 2]


def test_a_position_never_puts_a_caller_further_back_than_his_right(office: Office) -> None:
    office.calls(1, 2, 3)
    office.call(4, waited_ms=1_000, position=2)
    assert office.core.waiting(1) == [4, 1, 2, 3]


def test_of_two_who_asked_for_the_first_position_the_later_one_is_first(office: Office) -> None:
    office.calls(1)
    office.calls(2, position=1)
    office.calls(3, position=1)
    assert office.core.waiting(1) == [3, 2, 1]


def test_a_position_counts_those_whose_agents_ring(office: Office) -> None:
    office.staff(7)
    office.calls(1, 2, 3)
    office.call(4, position=2)
    assert office.core.waiting(1) == [1, 4, 2, 3]
    office(i.AgentAnswers(1, 7))
    office.call(5, position=2)
    assert office.core.waiting(1) == [4, 5, 2, 3]


def test_who_was_placed_ages_as_the_one_before_whom_he_stands(office: Office) -> None:
    office(i.QueuePoints(1, ageing=1))
    office.call(1)
    office.now += 10_000
    office.call(2, position=1)
    office.call(3, priority=9)
    assert office.core.waiting(1) == [2, 1, 3]


def test_a_position_counts_in_its_own_queue_only(office: Office) -> None:
    office.queues(2)
    office.calls(1, 2, queue=2)
    office.calls(3)
    office.call(4, position=1)
    assert office.core.waiting(1) == [4, 3]
    assert office.core.waiting(2) == [1, 2]
    assert office.served_by(7, (1, 2)) == [1, 2, 4, 3]


# --- moved, with his age


def test_a_transferred_caller_keeps_his_age(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.talk(1, 7)
    office.wait(5_000)
    office.calls(2, 3, queue=2)
    assert office(i.CallMoves(1, 2)) == [d.Release(1, 7), d.WrapUp(7, office.now + 10_000), d.Moved(1, 2)]
    assert office.core.waiting(2) == [1, 2, 3]


def test_a_transferred_caller_is_offered_in_his_new_queue_in_the_same_step(office: Office) -> None:
    office.queues(2)
    office.staff(7)
    office.staff(8, queues=(2,))
    office.talk(1, 7)
    assert offers(office(i.CallMoves(1, 2))) == [(1, 8)]
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]


def test_a_transferred_caller_keeps_his_points_of_priority_and_tier(office: Office) -> None:
    office.queues(2)
    office(i.QueuePoints(2, tier_points=1_000))
    office.call(1, tier=1)
    office.calls(2, queue=2, priority=999, waited_ms=500)
    office(i.CallMoves(1, 2))
    assert office.core.waiting(2) == [1, 2]


def test_a_transferred_caller_loses_the_position_that_he_had_asked_for(office: Office) -> None:
    office.calls(1, 2)
    office.calls(3, position=1)
    assert office.core.waiting(1) == [3, 1, 2]
    office(i.CallMoves(3, 1))
    assert office.core.waiting(1) == [1, 2, 3]


def test_a_transferred_caller_begins_a_new_round(office: Office) -> None:
    office.queues(2)
    office.staff(8, 7, queues=(1, 2))
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    office.wait(REST)
    assert office.core.explain(7) == "had turn"
    assert office(i.CallMoves(2, 2)) == [d.Moved(2, 2), d.Offer(2, 7, office.now + RING)]


def test_moves_that_do_not_fit_are_refused(office: Office) -> None:
    office(i.QueueSet(3, tenant=9))
    assert office(i.CallMoves(1, 1)) == refused("unknown call")
    office.call(1)
    assert office(i.CallMoves(1, 2)) == refused("unknown queue")
    assert office(i.CallMoves(1, 3)) == refused("other tenant")
    assert office.core.waiting(1) == [1]


def test_of_callers_of_one_age_a_moved_one_stands_by_his_number(office: Office) -> None:
    office.queues(2)
    office.call(5)
    office.call(4, queue=2)
    office.call(6, queue=2)
    office.now += 10
    office(i.CallMoves(5, 2))
    assert office.core.waiting(2) == [4, 5, 6]


def test_a_caller_moved_twice_is_no_further_back(office: Office) -> None:
    office.queues(2)
    office.calls(1, 2)
    for queue in (2, 1):
        office(i.CallMoves(1, queue))
    assert office.core.waiting(1) == [1, 2]
