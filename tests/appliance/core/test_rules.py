"""The rules of decisions.py, one behaviour a test, for the oracle and the core alike (A3 A4)."""

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import Office, offers

RING, REST, WRAP, HOLD = 15_000, 10_000, 10_000, 1_000


def refused(why: str) -> list[d.Decision]:
    return [d.Refused(why)]


# --- rules 1 and 2: who gets whom


def test_a_caller_is_offered_to_a_free_agent_in_the_same_step(office: Office) -> None:
    office.staff(7)
    assert office.call(1) == [d.Offer(1, 7, office.now + RING)]


def test_an_agent_who_comes_takes_the_waiting_caller_in_the_same_step(office: Office) -> None:
    office(i.AgentSet(7, (1,)))
    assert office.call(1) == []
    assert office(i.AgentLogsIn(7)) == [d.Free(7), d.Offer(1, 7, RING)]


def test_nobody_gets_a_call_of_a_queue_that_he_does_not_serve(office: Office) -> None:
    office(i.QueueSet(2))
    office.staff(7, queues=(2,))
    office.staff(8, queues=(1, 2))
    assert offers(office.call(1)) == [(1, 8)]
    assert office.call(2) == []


def test_the_longest_idle_agent_is_first(office: Office) -> None:
    office.staff(9, 3, 5)
    assert offers(office.call(1)) == [(1, 9)]
    assert offers(office.call(2)) == [(2, 3)]


def test_of_agents_idle_alike_the_smaller_number_is_first(office: Office) -> None:
    for agent in (9, 3):
        office(i.AgentSet(agent, (1,)))
        office(i.AgentLogsIn(agent))
    assert offers(office.call(1)) == [(1, 3)]


def test_the_longest_waiting_caller_of_all_his_queues_is_first(office: Office) -> None:
    office(i.QueueSet(2))
    office(i.AgentSet(7, (1, 2), wrap_up_ms=0))
    for at, (call, queue) in enumerate([(5, 2), (4, 1), (3, 2)]):
        office.now = at * 10
        office.call(call, queue)
    order = []
    decided = office(i.AgentLogsIn(7))
    while offers(decided):
        ((call, agent),) = offers(decided)
        order.append(call)
        office(i.AgentAnswers(call, agent))
        decided = office(i.AgentHangsUp(agent))
    assert order == [5, 4, 3]


def test_of_callers_of_one_millisecond_the_smaller_number_is_first(office: Office) -> None:
    office(i.AgentSet(7, (1,)))
    office.call(5)
    office.call(4)
    assert office.core.waiting(1) == [4, 5]
    assert offers(office(i.AgentLogsIn(7))) == [(4, 7)]


def test_callers_are_matched_in_order_of_arrival_over_all_queues(office: Office) -> None:
    """Two agents come back at once: the earlier caller takes the longer idle one, whichever queue he is in."""
    office(i.QueueSet(2))
    office.staff(7, 8, queues=(1, 2), wrap_up_ms=100)
    for first, second in ((2, 1), (1, 2)):
        office.talk(1, 7)
        office.talk(2, 8)
        office(i.AgentHangsUp(7))
        office(i.AgentHangsUp(8))
        office.wait(10)
        office.call(4, first)
        office.wait(10)
        office.call(3, second)
        office.now += 100
        assert offers(office(i.Tick())) == [(4, 7), (3, 8)]
        for call in (4, 3):
            office(i.CallLeaves(call))


def test_idle_since_is_the_end_of_wrap_up(office: Office) -> None:
    office.staff(7, 8, wrap_up_ms=100)
    office.talk(1, 7)
    office.wait(50)
    office(i.AgentHangsUp(7))
    office.wait(200)
    assert offers(office.call(2)) == [(2, 8)]


def test_idle_since_is_when_wrap_up_was_due_even_where_the_tick_is_late(office: Office) -> None:
    office.staff(7, wrap_up_ms=100)
    office.staff(8, wrap_up_ms=50)
    office.talk(1, 7)
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentHangsUp(8))
    office.now += 500  # no tick in between
    office(i.Tick())
    assert offers(office.call(3)) == [(3, 8)]


def test_who_is_blocked_keeps_his_place_among_the_idle(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentBlocked(7, 0))
    office.wait(100)
    office(i.AgentUnblocked(7, 0))
    assert offers(office.call(1)) == [(1, 7)]


def test_who_was_offered_a_caller_that_left_keeps_his_place_among_the_idle(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office.wait(100)
    assert office(i.CallLeaves(1)) == [d.Withdrawn(1, 7)]
    assert offers(office.call(2)) == [(2, 7)]


def test_who_resumes_is_idle_since_then(office: Office) -> None:
    office.staff(7, 8)
    office(i.AgentPauses(7))
    assert office(i.AgentResumes(7)) == [d.Free(7)]
    assert offers(office.call(1)) == [(1, 8)]


# --- who gets nothing


def test_a_logged_out_agent_gets_nothing(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentLogsOut(7)) == []
    assert office.call(1) == []
    assert office.core.explain(7) == "logged_out"


def test_a_paused_agent_gets_nothing(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentPauses(7)) == []
    assert office.call(1) == []
    assert office.core.explain(7) == "paused"
    assert office(i.AgentResumes(7)) == [d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_a_blocked_agent_gets_nothing_until_the_last_reason_is_gone(office: Office) -> None:
    office.staff(7)
    for reason in (0, 30, 30):
        assert office(i.AgentBlocked(7, reason)) == []
    assert office.call(1) == []
    assert office.core.explain(7) == "blocked"
    assert office(i.AgentUnblocked(7, 30)) == []
    assert offers(office(i.AgentUnblocked(7, 0))) == [(1, 7)]


def test_a_block_outlasts_logout_and_login(office: Office) -> None:
    office.staff(7)
    office(i.AgentBlocked(7, 4))
    office(i.AgentLogsOut(7))
    office(i.AgentLogsIn(7))
    assert office.call(1) == []
    assert offers(office(i.AgentUnblocked(7, 4))) == [(1, 7)]


def test_a_vanished_agent_gets_nothing_until_he_returns_or_logs_in(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentVanishes(7)) == []
    assert office.core.explain(7) == "vanished"
    assert office.call(1) == []
    assert offers(office(i.AgentReturns(7))) == [(1, 7)]
    office(i.CallLeaves(1))
    office(i.AgentVanishes(7))
    office(i.AgentLogsOut(7))
    office.call(2)
    assert offers(office(i.AgentLogsIn(7))) == [(2, 7)]


# --- rule 3: offers end


def test_an_offer_ends_after_three_rings_and_the_next_agent_is_offered(office: Office) -> None:
    office.staff(7, 8)
    assert office.call(1) == [d.Offer(1, 7, office.now + RING)]
    assert office.core.next_deadline_ms == office.now + RING
    assert office.wait(RING - 1) == []
    assert office.wait(1) == [d.Missed(1, 7), d.Rests(7, office.now + REST), d.Offer(1, 8, office.now + RING)]


def test_setting_up_has_its_own_time_and_the_rings_count_from_the_first(office: Office) -> None:
    office.staff(7, setup_ms=4_000)
    start = office.now
    assert office.call(1) == [d.Offer(1, 7, start + 4_000 + RING)]
    assert office.core.next_deadline_ms == start + 4_000 + RING
    office.wait(3_000)
    assert office(i.OfferRings(1, 7)) == [d.Ringing(1, 7, start + 3_000 + RING)]
    office.wait(5_000)
    assert office(i.OfferRings(1, 7)) == [d.Ringing(1, 7, start + 3_000 + RING)]  # a further ring moves nothing
    assert office.core.next_deadline_ms == start + 3_000 + RING


def test_an_answer_in_the_millisecond_of_the_deadline_is_late(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office.now += RING
    decided = office.core.feed(office.now, i.AgentAnswers(1, 7))  # without a tick before
    assert decided == [d.Missed(1, 7), d.Rests(7, office.now + REST), d.Refused("no such offer")]


def test_the_answer_joins_them_and_ends_the_deadline(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    assert office.core.next_deadline_ms is None
    assert office.core.agent(7) == ("talking", None)
    assert office.core.waiting(1) == []


def test_one_caller_is_offered_to_one_agent_at_a_time(office: Office) -> None:
    office.staff(7, 8)
    assert offers(office.call(1)) == [(1, 7)]
    assert office(i.Tick()) == []


def test_only_the_agent_with_the_open_offer_can_answer(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentAnswers(1, 8)) == refused("no such offer")
    assert office(i.AgentAnswers(1, 7)) == [d.Connect(1, 7)]
    assert office(i.AgentAnswers(1, 7)) == refused("no such offer")


def test_of_two_who_are_offered_each_can_answer_only_his_own_caller(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office.call(2)
    for given in (i.AgentAnswers(2, 7), i.AgentRejects(1, 8), i.OfferRings(2, 7), i.OfferFails(1, 8)):
        assert office(given) == refused("no such offer")
    assert office(i.AgentAnswers(2, 8)) == [d.Connect(2, 8)]


def test_the_caller_keeps_his_place_when_an_offer_ends(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office.wait(10)
    office.call(2)
    assert office.core.waiting(1) == [1, 2]
    office(i.AgentRejects(1, 7))
    assert office.core.waiting(1) == [1, 2]


def test_new_values_of_a_queue_hold_from_the_next_offer_on(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.QueueSet(1, ring_ms=5_000, rest_ms=3_000))
    assert office(i.OfferRings(1, 7)) == [d.Ringing(1, 7, office.now + RING)]
    assert office.wait(RING)[:2] == [d.Missed(1, 7), d.Rests(7, office.now + REST)]
    assert office.wait(REST)[1:] == [d.Offer(1, 7, office.now + 5_000)]
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + 3_000)]


def test_a_late_tick_gives_the_next_agent_his_full_three_rings(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office.now += 60_000
    assert office(i.Tick()) == [d.Missed(1, 7), d.Rests(7, office.now + REST), d.Offer(1, 8, office.now + RING)]


# --- rule 4: misses, rests


def test_who_missed_rests_and_others_callers_do_not_ring_him(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office.wait(RING)
    office(i.CallLeaves(1))
    assert office.call(2) == []
    assert office.core.explain(7) == "resting"
    assert office.wait(REST - 1) == []
    assert office.wait(1) == [d.Free(7), d.Offer(2, 7, office.now + RING)]


def test_who_rejected_rests_as_who_missed_but_is_not_said_to_have_missed(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST), d.Offer(1, 8, office.now + RING)]


def test_a_rest_of_zero_is_none(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=0))
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Free(7), d.Offer(1, 8, office.now + RING)]


def test_pausing_and_resuming_does_not_shorten_a_rest(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    until = office.now + REST
    office.wait(100)
    office(i.AgentPauses(7))
    assert office(i.AgentResumes(7)) == [d.Rests(7, until)]
    office(i.AgentLogsOut(7))
    assert office(i.AgentLogsIn(7)) == [d.Rests(7, until)]
    assert offers(office.wait(REST - 101)) == []
    assert offers(office.wait(1)) == [(1, 7)]


def test_a_rest_that_ends_in_a_pause_is_over(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentPauses(7))
    assert office.wait(REST) == []
    assert office(i.AgentResumes(7)) == [d.Free(7), d.Offer(1, 7, office.now + RING)]


def test_a_failed_offer_goes_on_to_the_next_without_a_miss(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.OfferFails(1, 7)) == [d.Withdrawn(1, 7), d.Rests(7, office.now + HOLD), d.Offer(1, 8, office.now + RING)]
    office.wait(HOLD)
    office(i.AgentRejects(1, 8))
    assert office.core.explain(7) == "offered"  # both had their turn: a new round


def test_a_failed_offer_was_his_turn(office: Office) -> None:
    office.staff(7, 8, 9)
    office.call(1)
    office(i.OfferFails(1, 7))
    office.wait(HOLD)
    assert offers(office(i.AgentRejects(1, 8))) == [(1, 9)]
    office.now += 1
    assert offers(office(i.OfferFails(1, 9))) == [(1, 7)]


def test_a_line_that_always_fails_is_dialled_once_a_second_at_most(office: Office) -> None:
    office.staff(7)
    made = offers(office.call(1))
    start = office.now
    while office.now < start + 10_000:
        if office.core.agent(7)[0] == "offered":
            office(i.OfferFails(1, 7))
        made += offers(office.wait(1))
    assert 9 <= len(made) <= 11


def test_who_pauses_when_offered_has_not_missed_and_the_call_goes_on(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentPauses(7)) == [d.Withdrawn(1, 7), d.Offer(1, 8, office.now + RING)]


def test_a_withdrawn_offer_was_no_turn(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentBlocked(7, 0))
    office(i.AgentUnblocked(7, 0))
    assert offers(office.wait(HOLD)) == [(2, 7)]  # 8 talks: were it a turn, the round would wait for him


def test_who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer(office: Office) -> None:
    office.staff(7, 8, 9)
    office.call(1)
    rests = d.Rests(7, office.now + HOLD)
    assert office(i.AgentBlocked(7, 0)) == [d.Withdrawn(1, 7), rests, d.Offer(1, 8, office.now + RING)]
    rests = d.Rests(8, office.now + HOLD)
    assert office(i.AgentVanishes(8)) == [d.Withdrawn(1, 8), rests, d.Offer(1, 9, office.now + RING)]
    assert office(i.AgentLogsOut(9)) == [d.Withdrawn(1, 9)]
    assert office.core.waiting(1) == [1]


# --- rule 5: rounds


def test_each_round_visits_each_agent_once(office: Office) -> None:
    office.staff(7, 8, 9)
    seen = offers(office.call(1))
    for _ in range(5):
        seen += offers(office.wait(RING))
    assert [agent for _, agent in seen] == [7, 8, 9, 7, 8, 9]


def test_a_rested_agent_waits_for_his_colleague_who_talks(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(REST)) == []
    assert office.core.explain(7) == "had turn"
    office(i.AgentHangsUp(8))
    assert offers(office.wait(WRAP)) == [(2, 8)]


def test_a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish(office: Office) -> None:
    for number, gone in enumerate([i.AgentPauses(8), i.AgentLogsOut(8), i.AgentBlocked(8, 0), i.AgentVanishes(8)]):
        for agent in (8, 7):
            office.staff(agent, wrap_up_ms=0)
        office.talk(10 + number, 8)
        office.call(number)
        office(i.AgentRejects(number, 7))
        office.wait(REST)
        assert office.core.explain(7) == "had turn"
        decided = office(gone)  # a pause and a logout come after the talk
        if isinstance(gone, i.AgentLogsOut):
            assert decided == refused("talking")
            office(i.AgentPauses(8))
        if isinstance(gone, i.AgentPauses | i.AgentLogsOut):
            assert offers(office(i.AgentHangsUp(8))) == [(number, 7)]
        else:
            assert offers(decided) == [(number, 7)]
            office(i.AgentHangsUp(8))
        office(i.CallLeaves(number))
        office(i.AgentUnblocked(8, 0))
        for agent in (7, 8):
            office(i.AgentLogsOut(agent))
        office.wait(REST)


def test_a_round_belongs_to_the_caller(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentAnswers(1, 8))
    office.wait(REST)
    assert offers(office.call(2)) == [(2, 7)]


def test_a_rested_agent_takes_the_next_caller_while_the_first_is_still_in_his_round(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    office.wait(REST)
    assert offers(office.call(3)) == [(3, 7)]
    assert office.core.waiting(1) == [2, 3]


# --- rule 6: after a talk


def test_wrap_up_is_the_persons_own(office: Office) -> None:
    office(i.QueueSet(2))
    office.staff(7, queues=(1, 2), wrap_up_ms=3_000)
    office.talk(1, 7)
    office.call(2, 2)
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + 3_000)]
    assert office.core.explain(7) == "wrap_up"
    assert office.wait(2_999) == []
    assert office.wait(1) == [d.Free(7), d.Offer(2, 7, office.now + RING)]


def test_without_wrap_up_he_is_free_at_once(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.Free(7)]


def test_the_caller_who_leaves_ends_the_talk(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    assert office(i.CallLeaves(1)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office(i.CallLeaves(1)) == refused("unknown call")
    assert office(i.AgentHangsUp(7)) == refused("not talking")


def test_resume_ends_wrap_up(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    assert office(i.AgentResumes(7)) == [d.Free(7)]
    assert office.core.next_deadline_ms is None


def test_a_pause_ends_wrap_up(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    assert office(i.AgentPauses(7)) == []
    assert office.wait(WRAP) == []
    assert office.core.agent(7) == ("paused", None)


def test_a_pause_chosen_while_talking_takes_the_place_of_wrap_up(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    assert office(i.AgentPauses(7)) == []
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.Paused(7)]
    assert office.wait(WRAP) == []
    assert office(i.AgentResumes(7)) == [d.Free(7)]
    office.talk(2, 7)
    assert office(i.AgentHangsUp(7))[1:] == [d.WrapUp(7, office.now + WRAP)]  # chosen once, for one call


def test_a_pause_chosen_while_talking_can_be_taken_back(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentPauses(7))
    assert office(i.AgentResumes(7)) == []
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]


def test_after_the_talk_a_call_may_wait_again_under_its_number(office: Office) -> None:
    office.staff(7, wrap_up_ms=0)
    office.talk(1, 7)
    office(i.AgentHangsUp(7))
    assert offers(office.call(1)) == [(1, 7)]


# --- rule 7: who vanishes in a call


def test_a_vanished_agents_call_is_kept_and_stays_his_when_he_returns(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    assert office(i.AgentVanishes(7, keep_ms=30_000)) == []
    assert office.core.agent(7) == ("talking", office.now + 30_000)
    assert office.wait(29_999) == []
    assert office(i.AgentReturns(7)) == []
    assert office.wait(60_000) == []
    assert office.core.agent(7) == ("talking", None)


def test_vanishing_twice_does_not_keep_the_call_longer(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentVanishes(7))
    office.wait(20_000)
    office(i.AgentVanishes(7))
    assert office.wait(10_000) == [d.Requeued(1, 7)]


def test_the_vanished_agents_caller_waits_again_before_all_others_of_his_queue(office: Office) -> None:
    office.staff(7)
    office.wait(10)
    office.call(1)
    office.wait(10)
    office.call(2)
    office(i.AgentRejects(1, 7))  # 1 and 2 wait, 3 comes and is taken by a newcomer, who vanishes
    office.wait(10)
    office.staff(8)
    office(i.AgentAnswers(1, 8))
    office.staff(9)
    office(i.AgentAnswers(2, 9))
    office.call(3)
    office.wait(REST)
    office(i.AgentPauses(7))
    office.call(4)
    office(i.AgentVanishes(9, keep_ms=0))
    assert office.core.waiting(1) == [2, 3, 4]
    assert office(i.AgentVanishes(8, keep_ms=5)) == []
    assert office.wait(5) == [d.Requeued(1, 8)]
    assert office.core.waiting(1) == [1, 2, 3, 4]


def test_a_requeued_caller_who_came_later_is_first_in_his_queue_all_the_same(office: Office) -> None:
    office(i.QueueSet(2))
    office.staff(8, queues=(1, 2))
    office.call(1)
    office(i.AgentRejects(1, 8))
    office.wait(5)
    office.staff(9, queues=(2,))
    office.talk(3, 9, queue=2)
    office.now += 1
    office(i.AgentSet(9, (1, 2)))
    office.call(2)
    office(i.AgentVanishes(9, keep_ms=0))
    assert office.core.waiting(1) == [1, 2]
    office.staff(6, queues=(1,))  # takes 1
    office(i.AgentAnswers(1, 6))
    office.staff(5, queues=(1,))  # takes 2, who came after 4
    office.call(4)
    assert office.core.waiting(1) == [2, 4]
    office(i.AgentRejects(2, 5))
    office.staff(15, queues=(1,))
    assert office.core.agent(15)[0] == "offered"
    office(i.AgentPauses(15))
    office.staff(16, queues=(1,))
    office(i.CallLeaves(2))
    office(i.AgentAnswers(4, 16))
    office.now += 1
    office.call(5)
    office(i.AgentVanishes(6, keep_ms=0))
    office(i.AgentVanishes(16, keep_ms=0))
    assert office.core.waiting(1) == [4, 1, 5]


def test_the_vanished_agent_is_without_call_and_wrap_up(office: Office) -> None:
    office.staff(7, 8)
    office.talk(1, 7)
    office(i.AgentVanishes(7, keep_ms=100))
    assert office.wait(100) == [d.Requeued(1, 7), d.Offer(1, 8, office.now + RING)]
    assert office.core.explain(7) == "vanished"
    assert offers(office.call(2)) == []
    assert office(i.AgentReturns(7)) == [d.Offer(2, 7, office.now + RING)]


def test_a_requeued_caller_begins_a_new_round(office: Office) -> None:
    """9 talks and had no turn: the old round would wait for him."""
    office.staff(9, 7, 8)
    office.talk(2, 9)
    office.call(1)
    office(i.AgentRejects(1, 7))
    office(i.AgentAnswers(1, 8))
    office.wait(REST)
    assert office(i.AgentVanishes(8, keep_ms=0)) == [d.Requeued(1, 8), d.Offer(1, 7, office.now + RING)]


def test_a_pause_chosen_in_the_call_begins_when_it_is_requeued(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentPauses(7))
    assert office(i.AgentVanishes(7, keep_ms=0)) == [d.Requeued(1, 7), d.Paused(7)]
    assert office(i.AgentReturns(7)) == []


def test_a_kept_caller_who_leaves_ends_the_talk_as_any(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office(i.AgentVanishes(7))
    assert office(i.CallLeaves(1)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office.wait(WRAP) == [d.Free(7)]


# --- rule 8: order of what is due


def test_what_is_due_first_fires_first(office: Office) -> None:
    office(i.QueueSet(2, ring_ms=100))
    office.staff(7, queues=(1,))
    office.staff(8, queues=(2,))
    office.call(1, 1)
    office.call(2, 2)
    office.now += RING
    fired = [decision for decision in office(i.Tick()) if isinstance(decision, d.Missed)]
    assert fired == [d.Missed(2, 8), d.Missed(1, 7)]


def test_of_what_is_due_at_once_offers_come_before_rests_wrap_ups_and_vanished(office: Office) -> None:
    for queue in (11, 12, 13, 14):
        office(i.QueueSet(queue, ring_ms=1_000, rest_ms=700))
    for agent, wrap in ((1, 0), (2, 500), (3, 0), (4, 0)):
        office(i.AgentSet(agent, (agent + 10,), wrap_up_ms=wrap))
        office(i.AgentLogsIn(agent))
        office.call(agent, agent + 10)
    office(i.AgentAnswers(1, 1))
    office(i.AgentAnswers(2, 2))
    office.now = 300
    office(i.AgentRejects(3, 3))
    office.now = 500
    office(i.CallLeaves(2))
    office.now = 600
    office(i.AgentVanishes(1, keep_ms=400))
    office.now = 1_000
    fired = [f"{type(decision).__name__}{getattr(decision, 'agent', '')}" for decision in office(i.Tick())]
    assert fired[:5] == ["Missed4", "Rests4", "Free3", "Free2", "Requeued1"]


def test_of_one_kind_due_at_once_the_smaller_agent_is_first(office: Office) -> None:
    for agent in (9, 7, 8):
        office(i.AgentSet(agent, (1,)))
        office(i.AgentLogsIn(agent))
        office.call(agent)
    office.now += RING
    missed = [decision.agent for decision in office(i.Tick()) if isinstance(decision, d.Missed)]
    assert missed == [7, 8, 9]


# --- inputs that do not fit


def test_what_does_not_fit_is_refused_with_its_reason_and_changes_nothing(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentLogsIn(99)) == refused("unknown agent")
    assert office(i.AgentLogsIn(7)) == refused("logged in already")
    assert office(i.AgentResumes(7)) == refused("nothing to resume")
    assert office(i.AgentHangsUp(7)) == refused("not talking")
    assert office.call(1, queue=99) == refused("unknown queue")
    assert office(i.AgentSet(8, (1, 99))) == refused("unknown queue")
    assert office(i.AgentLogsIn(8)) == refused("unknown agent")
    assert office(i.CallLeaves(1)) == refused("unknown call")
    assert office(i.AgentAnswers(1, 7)) == refused("unknown call")
    assert office(i.AgentAnswers(1, 99)) == refused("unknown agent")
    office.call(1)
    assert office.call(1) == refused("call exists")
    office(i.AgentAnswers(1, 7))
    assert office.call(1) == refused("call exists")
    assert office(i.AgentLogsOut(7)) == refused("talking")
    office(i.AgentPauses(7))
    assert office(i.AgentPauses(7)) == refused("paused already")
    office(i.AgentHangsUp(7))
    assert office(i.AgentPauses(7)) == refused("paused already")
    office(i.AgentLogsOut(7))
    for given in (i.AgentLogsOut(7), i.AgentPauses(7), i.AgentResumes(7)):
        assert office(given) == refused("not logged in")


def test_values_out_of_range_are_refused(office: Office) -> None:
    office.staff(7)
    for given in (
        i.QueueSet(-1), i.QueueSet(2**31), i.QueueSet(2, ring_ms=0), i.QueueSet(2, rest_ms=-1), i.QueueSet(2, ring_ms=10**9 + 1),
        i.AgentSet(-1, ()), i.AgentSet(2**80, ()), i.AgentSet(8, (), wrap_up_ms=-1), i.AgentSet(8, (), setup_ms=2**70),
        i.AgentBlocked(7, 31), i.AgentBlocked(7, -1), i.AgentUnblocked(7, 31), i.AgentVanishes(7, keep_ms=-1), i.CallWaits(-1, 1),
        i.CallWaits(2**31, 1),
    ):  # fmt: skip
        assert office(given) == refused("bad value"), given
    assert office(i.AgentSet(8, (-1,))) == refused("unknown queue")
    assert office(i.AgentSet(8, (2**80,))) == refused("unknown queue")
    assert offers(office.call(2**31 - 1)) == [(2**31 - 1, 7)]


def test_time_never_runs_backwards(office: Office) -> None:
    office.staff(7)
    office.call(1)
    assert office.core.feed(office.now - 1, i.AgentAnswers(1, 7)) == refused("time runs backwards")
    assert office.core.feed(-1, i.Tick()) == refused("time runs backwards")
    assert office.core.feed(2**62, i.Tick()) == refused("bad value")
    assert office(i.AgentAnswers(1, 7)) == [d.Connect(1, 7)]


def test_a_refused_input_still_lets_time_pass(office: Office) -> None:
    office.staff(7)
    office.call(1)
    office.now += RING
    assert office(i.CallLeaves(5)) == [d.Missed(1, 7), d.Rests(7, office.now + REST), d.Refused("unknown call")]


# --- an agent's queues change


def test_an_agent_who_serves_the_queue_no_longer_loses_its_offer_at_once(office: Office) -> None:
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentSet(7, ())) == [d.Withdrawn(1, 7), d.Offer(1, 8, office.now + RING)]
    assert office.core.explain(7) == "no queue"
    assert office.call(2) == []
    assert offers(office(i.AgentSet(7, (1, 1)))) == [(2, 7)]


def test_new_values_of_an_agent_leave_his_talk_and_his_offer_alone(office: Office) -> None:
    office(i.QueueSet(2))
    office.staff(7)
    office.call(1)
    assert office(i.AgentSet(7, (2, 1), wrap_up_ms=70)) == []
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentSet(7, (2,), wrap_up_ms=80)) == []
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + 80)]


def test_a_round_no_longer_waits_for_who_does_not_serve_the_queue(office: Office) -> None:
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    office.wait(REST)
    assert offers(office(i.AgentSet(8, ()))) == [(2, 7)]


def test_explain_says_none_only_of_who_would_get_the_next_call(office: Office) -> None:
    office.staff(7)
    assert office.core.explain(7) is None
    assert office.core.agent(7) == ("free", None)
    office.call(1)
    assert office.core.explain(7) == "offered"
    assert office.core.agent(7) == ("offered", office.now + RING)


def test_the_longest_idle_of_agents_with_different_queues_is_first(office: Office) -> None:
    office(i.QueueSet(2))
    office.staff(9, queues=(1, 2))
    office.staff(8, queues=(1,))
    office.staff(7, queues=(2, 1))
    assert [offers(office.call(call))[0] for call in (1, 2, 3)] == [(1, 9), (2, 8), (3, 7)]


def test_a_round_does_not_wait_for_who_is_logged_out(office: Office) -> None:
    office.staff(8, 7)
    office(i.AgentLogsOut(8))
    office.call(1)
    office(i.AgentRejects(1, 7))
    assert offers(office.wait(REST)) == [(1, 7)]


def test_a_round_counts_who_comes_back(office: Office) -> None:
    """7 had his turn and is blocked; 8 talks. When 7 is back, the round still waits for 8."""
    office.staff(8, 7)
    office.talk(1, 8)
    office.call(2)
    office(i.AgentRejects(2, 7))
    office.wait(REST)
    office(i.AgentBlocked(7, 0))
    office.staff(9)
    office(i.AgentRejects(2, 9))
    office.wait(REST)
    assert office.core.explain(9) == "had turn"
    assert office(i.AgentUnblocked(7, 0)) == []
    assert offers(office(i.AgentBlocked(8, 0))) == [(2, 7)]


def test_over_all_queues_a_requeued_caller_comes_where_he_arrived(office: Office) -> None:
    """1 arrived before 3, the first of his queue, and needs no place of his: 4 of the other queue comes in between."""
    office(i.QueueSet(2))
    office.staff(7, 8, queues=(1, 2), wrap_up_ms=0)
    office.now = 100
    office.talk(2, 7, queue=2)
    office.now = 200
    office.talk(1, 8, queue=1)
    office.now = 250
    office.call(4, queue=2)
    office.now = 300
    office.call(3, queue=1)
    office(i.AgentPauses(7))
    office(i.AgentVanishes(7, keep_ms=0))
    office(i.AgentVanishes(8, keep_ms=0))
    office.now = 400
    office(i.AgentSet(9, (1, 2), wrap_up_ms=0))
    order = []
    decided = office(i.AgentLogsIn(9))
    while offers(decided):
        order.append(offers(decided)[0][0])
        office(i.AgentAnswers(order[-1], 9))
        decided = office(i.AgentHangsUp(9))
    assert order == [2, 1, 4, 3]
    assert office.core.waiting(1) == []


def test_a_requeued_caller_is_before_those_with_an_open_offer(office: Office) -> None:
    office.staff(8, 7)
    office.call(1)  # offered to 8
    office.wait(10)
    office.talk(2, 7)
    office(i.AgentVanishes(7, keep_ms=0))
    assert office.core.waiting(1) == [2, 1]


def test_the_vanished_agent_is_idle_since_his_call_was_requeued(office: Office) -> None:
    office.staff(7)
    office.talk(1, 7)
    office.wait(100)
    office.staff(8)
    office.wait(100)
    office(i.AgentVanishes(7, keep_ms=0))
    office(i.CallLeaves(1))
    office(i.AgentReturns(7))
    assert [offers(office.call(call))[0] for call in (2, 3)] == [(2, 8), (3, 7)]
