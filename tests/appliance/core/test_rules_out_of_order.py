"""Who comes out of order is served in order all the same, whoever leaves in between (rule 9)."""

import random

import pytest

from appliance.core import inputs as i
from tests.support.core_office import Office


def test_of_callers_each_with_more_points_than_all_before_the_last_is_first(office: Office) -> None:
    office.now = 1
    office.calls(*range(1, 41))
    for call in range(41, 81):
        office.call(call, priority=call)
    assert office.served_by(7) == [*range(80, 40, -1), *range(1, 41)]


@pytest.mark.parametrize("seed", range(6))
def test_callers_of_many_priorities_are_served_by_them_whoever_leaves_in_between(office: Office, seed: int) -> None:
    rng = random.Random(seed)
    points = {call: rng.randrange(1_000) for call in range(90)}
    gone = []
    for call, priority in points.items():
        office.calls(call, priority=priority)
        if rng.random() < 0.3:
            gone.append(rng.choice([other for other in range(call + 1) if other not in gone]))
            office(i.CallLeaves(gone[-1]))
    assert office.served_by(7) == sorted(points.keys() - set(gone), key=lambda call: (-points[call], call))


def test_when_the_last_ones_leave_who_comes_then_stands_by_his_points(office: Office) -> None:
    """Again and again, so that places are used anew."""
    waits: dict[int, int] = {}
    for call in range(0, 60, 3):
        for number, priority in ((call, 500 - call), (call + 1, 1), (call + 2, 900 - 7 * call)):
            office.calls(number, priority=priority)
            waits[number] = priority
            if priority == 1:
                office(i.CallLeaves(number))
                del waits[number]
    assert office.served_by(7) == sorted(waits, key=lambda call: (-waits[call], call))


def test_many_in_order_come_and_go_and_the_rest_stays_in_order(office: Office) -> None:
    """Who waits longest is served first, a few hundred times, while a handful waits."""
    office.staff(7, wrap_up_ms=0)
    came, served = 0, []
    for _ in range(150):
        for _ in range(2 if came < 20 else 1):
            office.calls(came)
            came += 1
        state = office.core.waiting(1)[0]
        served.append(state)
        office(i.AgentAnswers(state, 7))
        office(i.AgentHangsUp(7))
        if came % 5 == 0 and len(waiting := office.core.waiting(1)) > 4:
            office(i.CallLeaves(waiting[2]))
    assert served == sorted(served)
