"""Several agents ring for one caller; the first answer wins, the others are taken, not missed (rule 10)."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import HOLD, REST, RING, WRAP, Office, offers, refused


def test_all_free_agents_ring_at_once(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    assert office.call(1) == [d.Offer(1, agent, office.now + RING) for agent in (7, 8, 9)]


def test_no_more_agents_ring_than_the_queue_says(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    assert offers(office.call(1)) == [(1, 7), (1, 8)]
    assert offers(office.call(2)) == [(2, 9)]
    assert office.core.why_not(1, 9) == "offered"


def test_no_more_than_64_agents_ring_for_one_caller(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(*range(70))
    assert len(offers(office.call(1))) == 64
    assert len(offers(office.call(2))) == 6


def test_the_first_caller_takes_all_that_he_may_before_the_next(office: Office) -> None:
    office.staff(7, 8, 9)
    for agent in (7, 8, 9):
        office(i.AgentDials(agent))
        office(i.AgentHangsUp(agent))
    office(i.QueueOffers(1, at_once=2))
    office.calls(1, 2)
    office.now += WRAP
    assert offers(office(i.Tick())) == [(1, 7), (1, 8), (2, 9)]


def test_the_first_answer_connects_and_the_others_go_on_ringing(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    office.call(1)
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]
    assert [office.core.agent(agent)[0] for agent in (7, 9)] == ["offered", "offered"]
    assert office.wait(100) == []


def test_when_the_voice_path_stands_the_others_are_taken(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(9, 8, 7)
    office.call(1)
    office(i.AgentAnswers(1, 8))
    assert office(i.VoicePathStands(1, 8)) == [d.Taken(1, 7), d.Taken(1, 9)]
    assert {office.core.agent(agent) for agent in (7, 9)} == {("free", None)}
    assert office(i.VoicePathStands(1, 8)) == []


def test_who_was_asked_last_rings_on_when_the_one_asked_before_him_rejects(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.wait(1)
    office(i.AgentPauses(7))
    office(i.AgentResumes(7))
    assert offers(office.call(1)) == [(1, 8), (1, 7)]
    office(i.AgentRejects(1, 8))
    assert office(i.CallLeaves(1)) == [d.Withdrawn(1, 7)]


def test_who_was_taken_keeps_his_place_among_the_idle(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office.call(1)
    office.wait(3_000)
    office(i.AgentAnswers(1, 8))
    office(i.VoicePathStands(1, 8))
    office(i.QueueOffers(1))
    assert offers(office.call(2)) == [(2, 7)]


def test_who_was_taken_gets_the_next_waiting_caller_at_once(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.calls(1, 2)
    office(i.AgentAnswers(1, 7))
    assert office(i.VoicePathStands(1, 7)) == [d.Taken(1, 8), d.Offer(2, 8, office.now + RING)]


@pytest.mark.parametrize("first", [7, 8])
def test_of_two_answers_in_one_instant_the_first_wins_and_the_other_is_taken(office: Office, first: int) -> None:
    """never-again 1."""
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    assert office(i.AgentAnswers(1, first)) == [d.Connect(1, first)]
    assert office(i.AgentAnswers(1, 15 - first)) == [d.Taken(1, 15 - first)]
    assert office.core.agent(15 - first) == ("free", None)


def test_who_answers_after_he_was_taken_has_no_offer(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office(i.VoicePathStands(1, 7))
    assert office(i.AgentAnswers(1, 8)) == refused("no such offer")


@pytest.mark.parametrize("busy", [False, True])
def test_who_rejects_while_another_talks_is_taken_without_a_rest(office: Office, busy: bool) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentRejects(1, 8, busy)) == [d.Taken(1, 8)]
    assert offers(office.call(2)) == [(2, 8)]


def test_whose_rings_end_while_another_talks_is_taken_not_missed(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office(i.AgentTraits(8, misses_max=1))
    office.call(1)
    office.wait(RING - 1)
    office(i.AgentAnswers(1, 7))
    assert office.wait(1) == [d.Taken(1, 8)]
    assert office.core.agent(8) == ("free", None)


def test_an_offer_that_rings_late_has_its_own_three_rings(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7)
    office.staff(8, setup_ms=4_000)
    office.call(1)
    office.wait(3_000)
    office(i.OfferRings(1, 8))
    assert office.wait(RING - 3_000) == [d.Missed(1, 7), d.Rests(7, office.now + REST)]
    assert office.wait(3_000)[0] == d.Missed(1, 8)


def test_one_who_misses_is_followed_by_the_next_while_the_others_ring(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office.call(1)
    assert office(i.AgentRejects(1, 7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST), d.Offer(1, 9, office.now + RING)]
    assert office.core.agent(8)[0] == "offered"


def test_an_agent_who_becomes_free_rings_too(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7)
    office.call(1)
    office(i.AgentSet(8, (1,)))
    assert offers(office(i.AgentLogsIn(8))) == [(1, 8)]


def test_nobody_is_added_while_the_caller_talks(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0, more_ms=1_000))
    office.staff(7)
    office.talk(1, 7)
    office.staff(8)
    assert office.core.agent(8) == ("free", None)
    assert office.core.next_deadline_ms is None


@pytest.mark.parametrize("after_ms", [0, 500, 1_000, 2_000, 3_000])
def test_who_answers_and_drops_is_followed_by_one_who_rings_still_without_a_new_round(office: Office, after_ms: int) -> None:
    """never-again 2."""
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8, 9)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office.wait(after_ms)
    assert office(i.AgentHangsUp(7)) == [d.Rejected(1, 7), d.Rests(7, office.now + REST)]
    assert office.core.waiting(1) == [1]
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]
    assert office(i.VoicePathStands(1, 8)) == [d.Taken(1, 9)]


def test_who_dropped_had_his_turn_and_rests_as_who_rejected(office: Office) -> None:
    office(i.QueueSet(1, rest_ms=1, reject_ms=300, busy_ms=2))
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentHangsUp(7)) == [d.Rejected(1, 7), d.Rests(7, office.now + 300)]
    assert office.wait(300) == [d.Free(7)]
    assert office.core.why_not(1, 7) == "had turn"


def test_a_pause_chosen_before_he_drops_begins_then(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office(i.AgentPauses(7))
    assert office(i.AgentHangsUp(7)) == [d.Rejected(1, 7), d.Paused(7)]
    assert office(i.AgentResumes(7)) == [d.Free(7)]
    assert office.core.why_not(1, 7) == "had turn"


def test_when_all_who_rang_have_dropped_a_new_round_begins(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    for agent in (7, 8):
        office(i.AgentAnswers(1, agent))
        if agent == 7:
            office(i.AgentHangsUp(agent))
    office(i.CallMoves(1, 1))  # 8 talks alone: his hanging up would end the call
    assert offers(office.wait(REST)) == [(1, 7), (1, 8)]


def test_who_hangs_up_when_nobody_else_rings_ends_the_call(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentRejects(1, 8))
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office(i.CallLeaves(1)) == refused("unknown call")


def test_who_hangs_up_when_the_others_were_taken_ends_the_call(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office(i.VoicePathStands(1, 7))
    assert office(i.AgentHangsUp(7)) == [d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office.core.waiting(1) == []


def test_after_a_drop_the_rings_that_end_are_missed(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    office(i.AgentHangsUp(7))
    assert office.wait(RING)[-3:-1] == [d.Missed(1, 8), d.Rests(8, office.now + REST)]


def test_a_caller_who_hangs_up_while_all_ring_withdraws_each_offer_and_nobody_rests(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(9, 7, 8)
    office.call(1)
    assert office(i.CallLeaves(1)) == [d.Withdrawn(1, agent) for agent in (7, 8, 9)]
    assert offers(office.call(2)) == [(2, 9), (2, 7), (2, 8)]


def test_a_caller_who_hangs_up_between_the_answer_and_the_voice_path_frees_all(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    assert office(i.CallLeaves(1)) == [d.Withdrawn(1, 8), d.Release(1, 7), d.WrapUp(7, office.now + WRAP)]
    assert office(i.VoicePathStands(1, 7)) == refused("unknown call")
    assert office.core.agent(8) == ("free", None)


def test_a_caller_who_is_moved_withdraws_each_offer(office: Office) -> None:
    office.queues(2)
    office(i.QueueOffers(1, at_once=0))
    office.staff(8, 7)
    office.call(1)
    assert office(i.CallMoves(1, 2)) == [d.Withdrawn(1, 7), d.Withdrawn(1, 8), d.Moved(1, 2)]


def test_one_of_many_who_pauses_loses_his_offer_alone(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office.call(1)
    assert office(i.AgentPauses(7)) == [d.Withdrawn(1, 7), d.Offer(1, 9, office.now + RING)]
    assert office.core.agent(8)[0] == "offered"


def test_one_whose_line_fails_while_another_talks_rests_a_second(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    assert office(i.OfferFails(1, 8)) == [d.Withdrawn(1, 8), d.Rests(8, office.now + HOLD)]


def test_the_voice_path_of_who_does_not_talk_is_refused(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    assert office(i.VoicePathStands(1, 99)) == refused("unknown agent")
    assert office(i.VoicePathStands(1, 7)) == refused("unknown call")
    office.call(1)
    assert office(i.VoicePathStands(1, 7)) == refused("not talking")
    office(i.AgentAnswers(1, 7))
    assert office(i.VoicePathStands(1, 8)) == refused("not talking")
    assert office.core.agent(8)[0] == "offered"


def test_a_vanished_agents_caller_may_be_answered_by_one_who_rings_still(office: Office) -> None:
    office(i.QueueOffers(1, at_once=0))
    office.staff(7, 8)
    office.call(1)
    office(i.AgentAnswers(1, 7))
    assert office(i.AgentVanishes(7, keep_ms=10)) == []
    assert office.wait(10) == [d.Requeued(1, 7)]
    assert office.core.agent(8)[0] == "offered"
    assert office(i.AgentAnswers(1, 8)) == [d.Connect(1, 8)]


def test_fifty_seats_ring_one_answers_while_the_rest_is_set_up_and_all_are_free(office: Office) -> None:
    """never-again 10."""
    office(i.QueueOffers(1, at_once=0))
    office.staff(*range(50), setup_ms=4_000, wrap_up_ms=0)
    assert len(offers(office.call(1))) == 50
    for agent in range(0, 50, 7):
        office(i.OfferRings(1, agent))
    assert office(i.AgentAnswers(1, 21)) == [d.Connect(1, 21)]
    assert office(i.VoicePathStands(1, 21)) == [d.Taken(1, agent) for agent in range(50) if agent != 21]
    office(i.CallLeaves(1))
    assert {office.core.agent(agent) for agent in range(50)} == {("free", None)}
    assert office.core.next_deadline_ms is None


# --- progressively


def test_each_more_ms_one_more_agent_rings(office: Office) -> None:
    office.now = 1_000_003
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(7, 8, 9)
    assert offers(office.call(1)) == [(1, 7)]
    assert office.core.next_deadline_ms == office.now + 4_000
    assert office.wait(3_999) == []
    assert offers(office.wait(1)) == [(1, 8)]
    assert office.core.next_deadline_ms == office.now + 4_000
    assert office.wait(3_999) == []
    assert offers(office.wait(1)) == [(1, 9)]


def test_progressive_ringing_begins_with_as_many_as_the_queue_says(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2, more_ms=4_000))
    office.staff(6, 7, 8, 9)
    assert offers(office.call(1)) == [(1, 6), (1, 7)]
    assert offers(office.wait(4_000)) == [(1, 8)]


def test_a_late_tick_adds_all_that_are_due(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(6, 7, 8, 9)
    office.call(1)
    office.now += 8_000
    assert offers(office(i.Tick())) == [(1, 7), (1, 8)]


def test_a_rejected_offer_is_made_up_for_at_once_however_far_the_ringing_went(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(6, 7, 8, 9)
    office.call(1)
    office.wait(4_000)
    assert offers(office(i.AgentRejects(1, 6))) == [(1, 8)]
    assert office.core.agent(7)[0] == "offered"


def test_progressive_ringing_begins_anew_when_no_offer_is_open(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(6, 7)
    office.call(1)
    office.wait(3_000)
    assert offers(office(i.AgentRejects(1, 6))) == [(1, 7)]
    office.staff(8, 9)
    assert offers(office.wait(4_000 - 3)) == []
    assert offers(office.wait(1)) == [(1, 8)]


def test_progressive_ringing_ends_with_the_answer(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(7, 8)
    office.talk(1, 7)
    assert office.wait(60_000) == []


def test_without_more_ms_nobody_is_added(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=0))
    office.staff(7, 8)
    office.call(1)
    assert office.wait(RING - 1) == []


def test_progressive_ringing_ends_at_64(office: Office) -> None:
    office(i.QueueOffers(1, at_once=63, more_ms=1))
    office.staff(*range(70))
    assert len(offers(office.call(1))) == 63
    assert len(offers(office.wait(1_000))) == 1
    assert office.core.next_deadline_ms == office.now - 1_000 + RING


def test_progressive_ringing_goes_on_when_the_caller_is_requeued_while_others_ring(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(6, 7, 8, 9)
    office.call(1)
    office.wait(4_000)
    office(i.AgentAnswers(1, 6))
    assert offers(office(i.AgentVanishes(6, keep_ms=0))) == [(1, 8)]  # two may ring since 4 s
    assert offers(office.wait(4_000)) == [(1, 9)]


def test_more_ms_changed_while_the_caller_is_rung_counts_from_the_first_offer(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=10_000))
    office.staff(6, 7, 8)
    office.call(1)
    office.wait(5_000)
    assert offers(office(i.QueueOffers(1, at_once=1, more_ms=5_000))) == [(1, 7)]
    assert offers(office.wait(5_000)) == [(1, 8)]


def test_at_once_raised_while_the_caller_is_rung_rings_more_at_once(office: Office) -> None:
    office.staff(6, 7, 8)
    office.call(1)
    assert offers(office(i.QueueOffers(1, at_once=3))) == [(1, 7), (1, 8)]


def test_at_once_lowered_leaves_open_offers_and_adds_none(office: Office) -> None:
    office(i.QueueOffers(1, at_once=3))
    office.staff(6, 7, 8, 9)
    office.call(1)
    assert office(i.QueueOffers(1, at_once=2)) == []
    assert offers(office(i.AgentRejects(1, 6))) == []
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 9)]


def test_progressive_ringing_does_not_count_the_time_when_nobody_rang(office: Office) -> None:
    office(i.QueueOffers(1, at_once=1, more_ms=4_000))
    office.staff(6)
    office.call(1)
    office(i.AgentPauses(6))
    office.staff(7, 8)
    office(i.AgentPauses(7))
    for agent in (6, 7):
        office(i.AgentDials(agent))
        office(i.AgentResumes(agent))
    office(i.AgentDials(8))
    for agent in (6, 7, 8):
        office(i.AgentHangsUp(agent))
    office.now += 60_000
    assert len(offers(office(i.Tick()))) == 1


def test_a_round_is_not_looked_at_while_the_caller_talks(office: Office) -> None:
    """7 had his turn. While 8 talks he is blocked for a moment: nobody would be left in the round. When he drops, 10 is asked, not 7."""
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office(i.AgentTraits(9, on_demand=True))
    office(i.AgentAsks(9))
    office.call(1)
    assert offers(office(i.AgentRejects(1, 7))) == [(1, 9)]
    office.wait(REST)
    office(i.AgentAnswers(1, 8))
    office(i.AgentBlocked(8, 0))
    office(i.AgentUnblocked(8, 0))
    office.staff(10)
    assert offers(office(i.AgentHangsUp(8))) == [(1, 10)]


def test_who_talked_and_was_relieved_by_a_move_has_no_voice_path_any_more(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7)
    office.talk(1, 7)
    office.staff(8, 9)
    assert offers(office(i.CallMoves(1, 1))) == [(1, 8), (1, 9)]
    assert office(i.VoicePathStands(1, 7)) == refused("not talking")


def test_a_voice_path_that_stands_takes_no_offer_of_another_call(office: Office) -> None:
    office(i.QueueOffers(1, at_once=2))
    office.staff(7, 8, 9)
    office.call(1)
    office.call(2)
    office(i.AgentAnswers(1, 7))
    assert office(i.VoicePathStands(1, 7)) == [d.Taken(1, 8), d.Offer(2, 8, office.now + RING)]
    assert office.core.agent(9)[0] == "offered"
