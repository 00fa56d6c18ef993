"""What time does to a caller: lower levels, other groups (rule 11)."""

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import REST, RING, WRAP, Office, offers, refused

ENGLISH, CANTONESE = 5, 6


# --- lower levels


def test_after_a_time_lower_levels_will_do(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms=20_000, lower=2))
    office.staff(7, skills=((ENGLISH, 3),))
    assert office.call(1, want=1) == []
    assert office.core.why_not(1, 7) == "lacks skill"
    assert office.core.next_deadline_ms == office.now + 20_000
    assert office.wait(19_999) == []
    assert office.wait(1) == [d.Offer(1, 7, office.now + RING)]


def test_each_of_three_steps_has_its_time(office: Office) -> None:
    for step in range(3):
        office(i.QueueWidens(1, step, after_ms=10_000 * (step + 1), lower=step + 1))
    office.call(1)
    began = office.now
    for after_ms in (10_000, 20_000, 30_000):
        assert office.core.next_deadline_ms == began + after_ms
        office.wait(10_000)
    assert office.core.next_deadline_ms is None


def test_a_level_just_below_the_lowered_one_will_not_do(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms=20_000, lower=2))
    office.staff(7, skills=((ENGLISH, 2),))
    office.call(1, want=1)
    assert office.wait(60_000) == []


def test_a_skill_lowered_to_nothing_is_not_needed(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 2),)))
    office(i.QueueWidens(1, 0, after_ms=10, lower=1))
    office(i.QueueWidens(1, 1, after_ms=20, lower=2))
    office.staff(7)
    office.call(1, want=1)
    assert office.wait(19) == []
    assert offers(office.wait(1)) == [(1, 7)]


def test_the_last_step_says_how_much_lower_not_the_sum(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 9),)))
    office(i.QueueWidens(1, 0, after_ms=10, lower=3))
    office(i.QueueWidens(1, 1, after_ms=20, lower=4))
    office.staff(7, skills=((ENGLISH, 4),))
    office.staff(8, skills=((ENGLISH, 5),))
    office.call(1, want=1)
    assert office.wait(19) == []
    assert offers(office.wait(1)) == [(1, 8)]


def test_a_later_step_may_ask_for_more_again(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms=10, lower=3))
    office(i.QueueWidens(1, 1, after_ms=20, lower=0))
    office.call(1, want=1)
    office.wait(20)
    office.staff(7, skills=((ENGLISH, 4),))
    assert office.core.agent(7) == ("free", None)


def test_what_is_preferred_is_not_lowered(office: Office) -> None:
    office(i.WantSet(1, prefers=((CANTONESE, 5),)))
    office(i.QueueWidens(1, 0, after_ms=10, lower=9))
    office.call(1, want=1)
    office.wait(10)
    for agent, skills in ((7, ()), (8, ((CANTONESE, 4),))):
        office(i.AgentSet(agent, (1,), skills=skills, wrap_up_ms=0))
        office(i.AgentLogsIn(agent))
    assert [office.core.agent(agent)[0] for agent in (7, 8)] == ["offered", "free"]


def test_widening_counts_from_joining_not_from_the_age(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms=1_000, lower=9))
    office.staff(7)
    assert office.call(1, want=1, waited_ms=60_000) == []
    assert offers(office.wait(1_000)) == [(1, 7)]


def test_a_requeued_caller_is_widened_anew(office: Office) -> None:
    office(i.WantSet(1, needs=((ENGLISH, 5),)))
    office(i.QueueWidens(1, 0, after_ms=1_000, lower=9))
    office.staff(7, skills=((ENGLISH, 9),))
    office.talk(1, 7, want=1)
    office.staff(8)
    office.wait(5_000)
    assert office(i.AgentVanishes(7, keep_ms=0)) == [d.Requeued(1, 7)]
    assert office.wait(999) == []
    assert offers(office.wait(1)) == [(1, 8)]


# --- other groups


def test_after_a_time_agents_of_another_queue_may_take_the_caller(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=20_000, also=2))
    office.staff(7, queues=(2,))
    office.call(1)
    assert office.core.why_not(1, 7) == "other queue"
    assert office.wait(19_999) == []
    assert office.wait(1) == [d.Offer(1, 7, office.now + RING)]
    assert office.core.waiting(1) == [1]  # he is still in his own queue


def test_the_queues_of_earlier_steps_still_hold(office: Office) -> None:
    office.queues(2, 3)
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office(i.QueueWidens(1, 1, after_ms=20, also=3))
    office(i.QueueWidens(1, 2, after_ms=30, lower=1))
    office.call(1)
    office.call(2)
    office.wait(40)
    office.staff(7, queues=(2,))
    office.staff(8, queues=(3,))
    assert [office.core.agent(agent)[0] for agent in (7, 8)] == ["offered", "offered"]


def test_the_added_agents_need_the_skills_too(office: Office) -> None:
    office.queues(2)
    office(i.WantSet(1, needs=((ENGLISH, 1),)))
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.staff(7, queues=(2,))
    office.call(1, want=1)
    assert office.wait(10) == []
    office.staff(8, queues=(2,), skills=((ENGLISH, 1),))
    assert office.core.agent(8)[0] == "offered"


def test_the_order_of_a_pair_is_the_least_of_all_his_queues_that_are_added(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.call(1)
    office.calls(2, queue=2)
    office.wait(10)
    assert office.served_by(7, (1, 2), orders=(9, 3)) == [1, 2]  # both are of order 3 now, and 1 is the first


def test_before_the_step_the_order_is_that_of_the_callers_own_queue(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=10_000, also=2))
    office.calls(1)
    office.calls(2, queue=2)
    assert office.served_by(7, (1, 2), orders=(9, 3)) == [2, 1]


def test_the_added_agents_are_chosen_by_the_strategy_of_the_callers_queue(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, i.Strategy.FIXED))
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.staff(7, 8, queues=(2,))
    office(i.AgentTraits(7, rank=5))
    office.call(1)
    assert offers(office.wait(10)) == [(1, 8)]


def test_a_round_waits_for_the_added_agents(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.staff(8, queues=(2,))
    office.staff(7)
    office.talk(9, 8, queue=2)
    office.call(1)
    office.wait(10)
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == []
    office(i.AgentHangsUp(8))
    assert offers(office.wait(WRAP)) == [(1, 8)]


def test_a_step_that_adds_an_agent_while_an_offer_is_open_rings_him_where_several_ring(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, at_once=2))
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.staff(7)
    office.staff(8, queues=(2,))
    assert offers(office.call(1)) == [(1, 7)]
    assert offers(office.wait(10)) == [(1, 8)]


def test_a_late_tick_takes_all_steps_that_are_due(office: Office) -> None:
    office.queues(2, 3)
    office(i.QueueOffers(1, at_once=0))
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office(i.QueueWidens(1, 1, after_ms=20, also=3))
    office.staff(8, queues=(3,))
    office.staff(7, queues=(2,))
    office.call(1)
    office.now += 500
    assert offers(office(i.Tick())) == [(1, 8), (1, 7)]


# --- steps changed while callers wait


def test_a_step_added_holds_at_once_for_who_waited_so_long(office: Office) -> None:
    office.queues(2)
    office.staff(7, queues=(2,))
    office.call(1)
    office.wait(50)
    assert office(i.QueueWidens(1, 0, after_ms=51, also=2)) == []
    assert offers(office.wait(1)) == [(1, 7)]
    office(i.CallLeaves(1))
    assert office.call(2) == []
    office.wait(30)
    assert offers(office(i.QueueWidens(1, 0, after_ms=30, also=2))) == [(2, 7)]


def test_a_step_taken_away_holds_no_longer_and_open_offers_stay(office: Office) -> None:
    office.queues(2)
    office(i.QueueWidens(1, 0, after_ms=10, also=2))
    office.staff(7, queues=(2,))
    office.call(1)
    office.wait(10)
    assert office(i.QueueWidens(1, 0, after_ms=0)) == []
    assert office.core.agent(7)[0] == "offered"
    assert offers(office(i.AgentRejects(1, 7))) == []
    assert office.wait(60_000) == [d.Free(7)]
    assert office.core.next_deadline_ms is None


def test_a_step_taken_away_takes_the_later_ones_with_it(office: Office) -> None:
    office.queues(2, 3)
    for step, also in ((0, 2), (1, 3), (2, 3)):
        office(i.QueueWidens(1, step, after_ms=10 * step + 10, also=also))
    office(i.QueueWidens(1, 1, after_ms=0))
    office.staff(8, queues=(3,))
    office.call(1)
    assert office.wait(60_000) == []
    office.staff(7, queues=(2,))
    assert office.core.agent(7)[0] == "offered"


def test_a_step_replaced_leaves_the_others_alone(office: Office) -> None:
    office.queues(2, 3, 4)
    for step, also in ((0, 2), (1, 3), (2, 4)):
        office(i.QueueWidens(1, step, after_ms=10 * step + 10, also=also))
    assert office(i.QueueWidens(1, 1, after_ms=25, also=-1)) == []
    for agent, queue in ((7, 2), (8, 3), (9, 4)):
        office.staff(agent, queues=(queue,))
    office(i.QueueOffers(1, at_once=0))
    office.call(1)
    assert offers(office.wait(60)) == [(1, 7), (1, 9)]


def test_steps_out_of_order_or_with_a_hole_are_refused(office: Office) -> None:
    office.queues(2)
    office(i.QueueSet(3, tenant=9))
    assert office(i.QueueWidens(1, 1, after_ms=10)) == refused("bad value")
    assert office(i.QueueWidens(1, 0, after_ms=10)) == []
    assert office(i.QueueWidens(1, 1, after_ms=10)) == refused("bad value")
    assert office(i.QueueWidens(1, 1, after_ms=20)) == []
    for after_ms in (20, 21):
        assert office(i.QueueWidens(1, 0, after_ms=after_ms)) == refused("bad value")
    assert office(i.QueueWidens(1, 2, after_ms=15)) == refused("bad value")
    assert office(i.QueueWidens(1, 2, after_ms=30)) == []
    assert office(i.QueueWidens(1, 0, after_ms=25)) == refused("bad value")
    for values in ({"lower": -1}, {"lower": 10}, {"also": -2}, {"also": 2**31}, {"after_ms": -1}, {"after_ms": 10**9 + 1}, {"step": -1}):
        assert office(i.QueueWidens(**{"queue": 1, "step": 0, "after_ms": 10, **values})) == refused("bad value"), values
    assert office(i.QueueWidens(1, 0, 10, also=7)) == refused("unknown queue")
    assert office(i.QueueWidens(7, 0, 10)) == refused("unknown queue")
    assert office(i.QueueWidens(1, 0, 10, also=3)) == refused("other tenant")


def test_there_are_eight_steps_at_most(office: Office) -> None:
    for step in range(8):
        assert office(i.QueueWidens(1, step, after_ms=step + 1, lower=9)) == []
    assert office(i.QueueWidens(1, 8, after_ms=100)) == refused("bad value")
    assert office(i.QueueWidens(1, 7, after_ms=100)) == []
