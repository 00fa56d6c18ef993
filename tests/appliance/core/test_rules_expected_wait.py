"""Position and expected wait from the queue's own measured rate, and how wrong it was."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import RING, Office

MINE, YOURS = 13_800_138_000, 13_900_139_000


# --- the expected wait


def talks_begin(office: Office, *gaps: int) -> None:
    """One agent without wrap-up: talks begin so far apart, and others wait all the time."""
    office.staff(7, wrap_up_ms=0)
    office.calls(*range(100, 101 + len(gaps)))
    for call, gap in zip(range(100, 101 + len(gaps)), (*gaps, 0), strict=True):
        office(i.AgentAnswers(call, 7))
        if gap:
            office.wait(gap)
            office(i.AgentHangsUp(7))


def test_before_anything_was_measured_no_wait_is_foretold(office: Office) -> None:
    office.call(1)
    assert office.core.expected_wait_ms(1) is None
    assert office.core.measured(1) == (None, 0, 0)


def test_the_expected_wait_is_the_measured_time_between_talks_for_each_position(office: Office) -> None:
    talks_begin(office, 1_000)
    office.calls(1, 2, 3)
    assert office.core.measured(1)[0] == 1_000
    assert [office.core.expected_wait_ms(call) for call in (1, 2, 3)] == [1_000, 2_000, 3_000]
    assert [office.core.position(call) for call in (1, 2, 3)] == [1, 2, 3]


def test_the_measured_rate_follows_slowly_by_an_eighth(office: Office) -> None:
    talks_begin(office, 1_000, 9_000)
    office.call(1)
    assert office.core.expected_wait_ms(1) == 2_000
    assert office.core.measured(1)[0] == 2_000


def test_the_rate_is_not_measured_over_a_time_when_nobody_waited(office: Office) -> None:
    talks_begin(office, 1_000)
    office.wait(500_000)  # nobody waits
    office.call(1)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))
    assert office.core.measured(1)[0] == 1_000


def test_the_rate_is_not_measured_where_the_last_one_left_in_between(office: Office) -> None:
    talks_begin(office, 1_000)
    office.call(1)
    office.wait(10)
    office(i.AgentHangsUp(7))
    office.calls(2)
    office(i.AgentAnswers(1, 7))  # 2 waits on: measured from here
    office(i.CallLeaves(2))
    office.wait(700_000)
    office.call(3)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(3, 7))
    assert office.core.measured(1)[0] == 1_000


def test_the_rate_is_each_queues_own(office: Office) -> None:
    office.queues(2)
    talks_begin(office, 1_000)
    office.call(1, queue=2)
    assert office.core.expected_wait_ms(1) is None


def test_the_error_of_the_expected_wait_is_measured(office: Office) -> None:
    talks_begin(office, 1_000)
    office.call(1)  # 1,000 foretold
    office.wait(1_400)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))
    assert office.core.measured(1)[1:] == (1, 400)
    office.call(2)  # 1,000 again: nobody waited, nothing was measured
    office.wait(950)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(2, 7))
    assert office.core.measured(1)[1:] == (2, 450)


def test_a_wait_foretold_is_dropped_where_the_caller_is_moved(office: Office) -> None:
    talks_begin(office, 1_000)
    office.call(1)
    office(i.CallMoves(1, 1))
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))
    assert office.core.measured(1)[1:] == (0, 0)


def test_a_wait_foretold_to_the_second_in_line_is_twice_as_long(office: Office) -> None:
    talks_begin(office, 1_000)
    office.calls(1, 2)
    office.wait(998)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))  # after 1,000: right
    office.wait(1_001)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(2, 7))  # after 2,000: right
    assert office.core.measured(1)[1:] == (2, 0)


def test_a_caller_with_an_open_offer_has_a_position_still(office: Office) -> None:
    office.staff(7)
    office.calls(1, 2)
    assert [office.core.position(call) for call in (1, 2)] == [1, 2]
    office(i.AgentAnswers(1, 7))
    assert office.core.position(2) == 1


def queue_empties(office: Office) -> None:
    """A talk began while 900 waited, who left: the rate would count from there."""
    talks_begin(office, 1_000)
    office.calls(800, 900)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(800, 7))
    assert office.core.measured(1)[0] == 1_000
    office(i.CallLeaves(900))
    office.wait(700_000)


def test_the_rate_is_not_measured_where_a_moved_caller_came_into_an_empty_queue(office: Office) -> None:
    office.queues(2)
    queue_empties(office)
    office.call(1, queue=2)
    office(i.CallMoves(1, 1))
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))
    assert office.core.measured(1)[0] == 1_000


def test_the_rate_is_not_measured_where_a_requeued_caller_came_into_an_empty_queue(office: Office) -> None:
    queue_empties(office)
    office.staff(8)
    assert office(i.AgentVanishes(7, keep_ms=0)) == [d.Requeued(800, 7), d.Offer(800, 8, office.now + RING)]
    office(i.AgentAnswers(800, 8))
    assert office.core.measured(1)[0] == 1_000


def test_the_rate_is_not_measured_where_a_dropped_caller_came_back_into_an_empty_queue(office: Office) -> None:
    talks_begin(office, 1_000)
    office(i.QueueOffers(1, at_once=2))
    office(i.AgentHangsUp(7))
    office.staff(8)
    office.calls(800, 900)
    office(i.AgentAnswers(800, 7))
    office(i.CallLeaves(900))
    office.wait(5_000)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(800, 8))
    assert office.core.measured(1)[0] == 1_000


def test_callers_of_another_queue_do_not_keep_the_measuring_going(office: Office) -> None:
    office.queues(2)
    office.calls(500, queue=2)
    queue_empties(office)
    office.call(1)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(1, 7))
    assert office.core.measured(1)[0] == 1_000


def test_the_error_of_a_wait_is_counted_once_where_the_first_who_answered_dropped(office: Office) -> None:
    talks_begin(office, 1_000)
    office(i.QueueOffers(1, at_once=2))
    office.call(1)
    office.staff(8, 9)
    office(i.AgentHangsUp(7))
    assert office.core.measured(1)[1] == 0
    for agent in (8, 9):
        office(i.AgentAnswers(1, agent))
        assert office.core.measured(1)[1] == 1
        office(i.AgentHangsUp(agent))


def test_the_measuring_goes_on_when_another_comes_and_in_another_queue_somebody_waits(office: Office) -> None:
    office.queues(2)
    office.calls(500, queue=2)
    talks_begin(office, 1_000)
    office.calls(800, 900)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(800, 7))  # 900 waits on
    office.wait(8_999)
    office.calls(901)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(900, 7))
    assert office.core.measured(1)[0] == 2_000


@pytest.mark.parametrize("brings", [{"priority": 5}, {"tier": 1}, {"waited_ms": 5_000}, {"position": 1}])
def test_the_error_is_measured_of_those_who_join_last_in_line_alone(office: Office, brings: dict[str, int]) -> None:
    talks_begin(office, 1_000)
    office(i.QueuePoints(1, tier_points=5))
    office.calls(1, 2)
    office.call(3, **brings)
    assert office.core.position(3) == 1 and office.core.expected_wait_ms(3) == 1_000
    office.wait(1_000)
    office(i.AgentHangsUp(7))
    office(i.AgentAnswers(3, 7))
    assert office.core.measured(1)[1:] == (0, 0), "a wait as of the last in line was never foretold to him"
