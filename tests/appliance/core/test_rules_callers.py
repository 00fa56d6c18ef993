"""Which caller comes first, and whom he may get: skills, points, age, a position asked for, `never` (rules 1 and 9)."""

from typing import Any

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, Office, offers, refused

ENGLISH, CANTONESE = 5, 6


# --- skills


def test_a_caller_gets_only_an_agent_with_the_skill_he_needs(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3),)))
    office.staff(7)
    office.staff(8, skills=((CANTONESE, 9), (ENGLISH, 3)))
    assert offers(office.call(1, want=1)) == [(1, 8)]


def test_a_level_below_the_least_is_not_enough(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3),)))
    office.staff(7, skills=((ENGLISH, 2),))
    assert office.call(1, want=1) == []
    assert offers(office(i.AgentSet(7, (1,), skills=((ENGLISH, 3),)))) == [(1, 7)]


def test_of_several_needed_skills_all_are_needed(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3), (CANTONESE, 2))))
    office.staff(7, skills=((ENGLISH, 9),))
    office.staff(8, skills=((CANTONESE, 9),))
    assert office.call(1, want=1) == []
    office.staff(9, skills=((ENGLISH, 3), (CANTONESE, 2)))
    assert office.core.agent(9)[0] == "offered"


def test_a_caller_without_a_want_gets_anybody(office: Office) -> None:
    office(i.WantSet(0, needs=((ENGLISH, 9),)))
    office.staff(7)
    assert offers(office.call(1)) == [(1, 7)]


def test_a_caller_who_nobody_can_serve_lets_the_next_one_pass(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    office.staff(7)
    office.call(1, want=1)
    office.wait(10)
    assert offers(office.call(2)) == [(2, 7)]
    assert office.core.waiting(1) == [1, 2]


def test_who_has_what_the_caller_prefers_is_first_though_idle_for_less(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 4),)))
    office.staff(7)
    office.staff(8, skills=((CANTONESE, 3),))
    office.staff(9, skills=((CANTONESE, 4),))
    assert offers(office.call(1, want=1)) == [(1, 9)]
    assert offers(office.call(2, want=1)) == [(2, 7)]  # nobody has it: then any


def test_of_those_with_what_is_preferred_the_longest_idle_comes_first_then_of_the_others(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 4),)))
    office.staff(7, 8)
    office.staff(9, 10, skills=((CANTONESE, 4),))
    office.staff(11, skills=((CANTONESE, 3),))
    assert offers(office.calls(1, 2, 3, 4, 5, want=1)) == [(1, 9), (2, 10), (3, 7), (4, 8), (5, 11)]


def test_who_must_not_have_him_is_passed_over_though_he_is_preferred(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 4),)))
    office.staff(7)
    office.staff(8, 9, skills=((CANTONESE, 4),))
    assert offers(office.call(1, want=1, never=(8,))) == [(1, 9)]
    assert offers(office.call(2, want=1, never=(8,))) == [(2, 7)]
    assert offers(office.call(3, want=1, never=(9,))) == [(3, 8)]


def test_who_is_preferred_and_not_there_for_this_queue_is_not_asked(office: Office) -> None:
    office.queues(2)
    office(i.WantSet(1, needs=((ENGLISH, 2),), prefers=((CANTONESE, 4),)))
    office.staff(7, queues=(2,), skills=((CANTONESE, 9), (ENGLISH, 9)))
    office.staff(8, skills=((CANTONESE, 9), (ENGLISH, 1)))
    office.staff(9, skills=((ENGLISH, 2),))
    assert offers(office.call(1, want=1)) == [(1, 9)]


def test_in_a_round_all_with_what_is_preferred_come_before_the_others(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 4),)))
    office.staff(7)
    office.staff(8, 9, skills=((CANTONESE, 4),))
    asked = [offers(office.call(1, want=1))[0][1]]
    for _ in range(2):
        asked.append(offers(office(i.AgentRejects(1, asked[-1])))[0][1])
    assert asked == [8, 9, 7]


def test_who_has_only_some_of_what_is_preferred_is_no_better_than_others(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 1), (ENGLISH, 1))))
    office.staff(7)
    office.staff(8, skills=((CANTONESE, 9),))
    assert offers(office.call(1, want=1)) == [(1, 7)]


def test_what_is_preferred_goes_before_the_strategy(office: Office) -> None:
    office(i.QueueOffers(1, i.Strategy.FIXED))
    office(i.WantSet(1, prefers=((CANTONESE, 1),)))
    office.staff(7)
    office.staff(8, skills=((CANTONESE, 1),))
    office(i.AgentTraits(8, rank=9))
    assert offers(office.call(1, want=1)) == [(1, 8)]
    assert offers(office.call(2)) == [(2, 7)]


def test_a_want_redefined_holds_at_once_for_who_waits_already(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3),)))
    office.staff(7, skills=((ENGLISH, 2),))
    office.call(1, want=1)
    assert office(i.WantSet(2, needs=())) == []
    assert offers(office(i.WantSet(1, needs=((ENGLISH, 2),)))) == [(1, 7)]


def test_a_want_redefined_leaves_an_open_offer_alone(office: Office) -> None:
    office(i.WantSet(1))
    office.staff(7)
    office.call(1, want=1)
    assert office(i.WantSet(1, needs=((ENGLISH, 9),))) == []
    assert office(i.AgentAnswers(1, 7)) == [d.Connect(1, 7)]


def test_an_agent_who_lost_the_needed_skill_loses_the_offer(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3),)))
    office.staff(7, skills=((ENGLISH, 3),))
    office.call(1, want=1)
    assert office(i.AgentSet(7, (1,), skills=((ENGLISH, 2),))) == [d.Withdrawn(1, 7)]
    assert office.core.agent(7) == ("free", None)
    assert offers(office(i.AgentSet(7, (1,), skills=((ENGLISH, 3),)))) == [(1, 7)]  # no rest, no turn


def test_an_unknown_want_is_refused(office: Office) -> None:
    assert office.call(1, want=3) == refused("unknown want")
    office(i.WantSet(3))
    assert office.call(1, want=3) == []


def test_wants_out_of_range_are_refused_and_change_nothing(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 3),)))
    for skill, level in ((ENGLISH, 0), (ENGLISH, 10), (-1, 3), (2**31, 3)):
        assert office(i.WantSet(1, needs=((skill, level),))) == refused("bad value")
        assert office(i.WantSet(1, prefers=((skill, level),))) == refused("bad value")
        assert office(i.AgentSet(7, (1,), skills=((skill, level),))) == refused("bad value")
    assert office(i.WantSet(-1)) == refused("bad value")
    office.staff(7)
    assert office.call(1, want=1) == []


def test_a_round_does_not_wait_for_who_lacks_the_skill(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    office.staff(8)
    office.staff(7, skills=((ENGLISH, 1),))
    office.talk(1, 8)
    office.call(2, want=1)
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(REST)) == [(2, 7)]


# --- never


def test_a_caller_never_gets_an_agent_whom_he_excludes(office: Office) -> None:
    office.staff(7, 8, 9)
    assert offers(office.call(1, never=(7, 8))) == [(1, 9)]
    assert offers(office.call(2, never=(7, 8))) == []
    assert offers(office.call(3)) == [(3, 7)]


def test_a_round_does_not_wait_for_an_excluded_agent(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2, never=(8,))
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(REST)) == [(2, 7)]


def test_an_excluded_agent_may_be_unknown(office: Office) -> None:
    office.call(1, never=(55,))
    office.staff(55)
    assert office.core.agent(55) == ("free", None)
    office.staff(56)
    assert office.core.agent(56)[0] == "offered"


# --- points


def test_the_higher_priority_is_first_though_it_came_later(office: Office) -> None:
    office.calls(1, 2)
    office.call(3, priority=1)
    assert office.core.waiting(1) == [3, 1, 2]
    assert office.served_by(7) == [3, 1, 2]


def test_a_tier_is_worth_the_tier_points_of_the_queue(office: Office) -> None:
    office(i.QueuePoints(1, tier_points=10))
    office.calls(1, priority=19)
    office.calls(2, tier=2)
    office.calls(3, priority=21)
    assert office.served_by(7) == [3, 2, 1]


def test_a_tier_is_worth_100_points_unless_told_otherwise(office: Office) -> None:
    office.calls(1, priority=99)
    office.calls(2, tier=1)
    office.calls(3, priority=101)
    assert office.served_by(7) == [3, 2, 1]


def test_tier_points_changed_while_callers_wait_change_their_order(office: Office) -> None:
    office.calls(1, priority=50)
    office.calls(2, tier=1)
    assert office.core.waiting(1) == [2, 1]
    office(i.QueuePoints(1, tier_points=10))
    assert office.core.waiting(1) == [1, 2]
    assert office.served_by(7) == [1, 2]


def test_the_weight_of_a_queue_goes_before_the_time_waited(office: Office) -> None:
    office.queues(2)
    office(i.QueuePoints(2, weight=1))
    office.calls(1, 2)
    office.calls(3, 4, queue=2)
    assert office.served_by(7, (1, 2)) == [3, 4, 1, 2]


def test_a_weight_changed_while_callers_wait_holds_for_them(office: Office) -> None:
    office.queues(2)
    office.calls(1)
    office.calls(2, queue=2)
    office.calls(3)
    office(i.QueuePoints(2, weight=7))
    office(i.QueuePoints(1, weight=8))
    office(i.QueuePoints(2, weight=9))
    assert office.served_by(7, (1, 2)) == [2, 1, 3]


def test_weight_priority_and_tier_are_one_sum(office: Office) -> None:
    office.queues(2)
    office(i.QueuePoints(2, weight=5, tier_points=20))
    office.calls(1, priority=46)
    office.calls(2, queue=2, tier=1, priority=20)  # 45
    office.calls(3, queue=2, tier=2)  # 45
    office.calls(4, queue=2, tier=2, priority=2)  # 47
    assert office.served_by(7, (1, 2)) == [4, 1, 2, 3]


def test_ageing_gives_points_for_each_second_waited(office: Office) -> None:
    """10 points are 10 s: who came 10,000 ms later with them is behind, one millisecond less and he is before."""
    office(i.QueuePoints(1, ageing=1))
    office.call(1)
    office.now += 9_999
    office.call(2, priority=10)
    office.now += 1
    office.call(3, priority=10)
    assert office.core.waiting(1) == [2, 1, 3]


def test_without_ageing_no_wait_makes_up_for_a_point(office: Office) -> None:
    office.call(1)
    office.now += 86_400_000
    office.call(2, priority=1)
    assert office.core.waiting(1) == [2, 1]


def test_ageing_set_while_callers_wait_counts_their_whole_wait(office: Office) -> None:
    office.call(1)
    office.now += 20_000
    office.call(2, priority=39)
    assert office.core.waiting(1) == [2, 1]
    office(i.QueuePoints(1, ageing=2))
    assert office.core.waiting(1) == [1, 2]


def test_a_queue_that_ages_overtakes_one_that_does_not_in_its_very_millisecond(office: Office) -> None:
    for waited, order in ((4_999, [1, 2]), (5_000, [2, 1]), (5_001, [2, 1])):
        base = office.now
        office.queues(2)
        office(i.QueuePoints(1, weight=10))
        office(i.QueuePoints(2, ageing=2))
        office.call(2, queue=2)
        office.now = base + 10
        office.call(1)
        office.now = base + waited
        assert office.served_by(waited, (1, 2)) == order
        office(i.AgentLogsOut(waited))


def test_time_waited_elsewhere_is_age(office: Office) -> None:
    office.calls(1)
    office.now += 5_000
    office.calls(2, waited_ms=5_002)
    office.calls(3, waited_ms=5_002)
    assert office.core.waiting(1) == [2, 1, 3]  # 3 came a millisecond later and is as old as 1


def test_time_waited_elsewhere_earns_ageing_points(office: Office) -> None:
    office(i.QueuePoints(1, ageing=10))
    office.call(1, priority=100)
    office.call(2, waited_ms=10_001)
    office.call(3, waited_ms=9_999)
    assert office.core.waiting(1) == [2, 1, 3]


def test_points_out_of_range_are_refused(office: Office) -> None:
    for values in (
        {"weight": -1},
        {"weight": 10**6 + 1},
        {"ageing": 1_001},
        {"ageing": -1},
        {"tier_points": 10**6 + 1},
        {"tier_points": -1},
    ):
        assert office(i.QueuePoints(1, **values)) == refused("bad value"), values
    assert office(i.QueuePoints(9)) == refused("unknown queue")
    assert office(i.QueuePoints(1, 10**6, 1_000, 10**6)) == []
    wrong: tuple[dict[str, Any], ...] = (
        {"priority": -1}, {"priority": 10**6 + 1}, {"tier": -1}, {"tier": 10}, {"position": -1}, {"position": 2**31}, {"waited_ms": -1},
        {"waited_ms": 10**9 + 1}, {"owner": -2}, {"owner": 2**31}, {"owner_ms": -1}, {"owner_ms": 10**9 + 1}, {"number": -1},
        {"number": 2**62 + 1}, {"never": (-1,)}, {"never": (3, 2**31)},
    )  # fmt: skip
    for values in wrong:
        assert office.call(1, **values) == refused("bad value"), values
    assert office.call(1, priority=10**6, tier=9, position=2**31 - 1, waited_ms=10**9, owner=2**31 - 1, owner_ms=10**9, number=2**62) == []
