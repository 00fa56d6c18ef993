"""What hurt the users of others (never-again 1, 3, 4, 5, 6, 9, 10, 14, 16), in virtual time, oracle and core alike where time allows."""

import random
from collections.abc import Callable
from itertools import pairwise

from appliance.core import Acd
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay
from tests.support.core_office import Core, Office, offers

RING, REST = 15_000, 10_000


def test_two_answers_in_one_tick_make_one_connect_in_10_000_random_orders() -> None:
    """1. The first agent's rings run out, or he loses the offer; both he and the next answer in the same millisecond."""
    for seed in range(10_000):
        pick = random.Random(seed)
        office = Office(Acd, watched=False)
        office.staff(7, 8, wrap_up_ms=0)
        office.call(1)
        office.now += pick.choice([RING - 1, RING, RING + 1]) if pick.random() < 0.5 else pick.randrange(RING)
        lose: i.Input = pick.choice([i.Tick(), i.AgentRejects(1, 7), i.AgentBlocked(7, 0), i.OfferFails(1, 7), i.AgentPauses(7)])
        told: list[i.Input] = [i.AgentAnswers(1, 7), i.AgentAnswers(1, 8), lose]
        pick.shuffle(told)
        decided = [decision for given in told for decision in office(given)]
        joined = [decision for decision in decided if isinstance(decision, d.Connect)]
        assert len(joined) <= 1
        if joined:
            loser = 15 - joined[0].agent
            assert office.core.agent(loser)[0] in ("free", "resting", "paused")
            assert not any(isinstance(decision, d.Missed) and decision.agent == joined[0].agent for decision in decided)


def test_wrap_up_is_never_shorter_in_six_queues_and_10_000_calls() -> None:
    """4. The least time from the end of a talk to the next offer is the person's wrap-up."""
    pick = random.Random(4)
    office = Office(Acd, watched=False)
    for queue in range(2, 7):
        office(i.QueueSet(queue))
    office.staff(7, queues=(1, 2, 3, 4, 5, 6), wrap_up_ms=30_000)
    ended, shortest, taken, call = -(10**9), 10**9, 0, 0
    while taken < 10_000:
        while len([1 for queue in range(1, 7) if office.core.waiting(queue)]) < 3:
            call += 1
            office.call(call, pick.randrange(1, 7))
        decided = office.wait(0) if office.core.agent(7)[0] == "offered" else office.wait(pick.randrange(1, 9_000))
        if offers(decided):
            shortest = min(shortest, office.now - ended) if taken else shortest
        if office.core.agent(7)[0] == "offered":
            waiting = [number for queue in range(1, 7) for number in office.core.waiting(queue)]
            assert [office(i.AgentAnswers(number, 7)) for number in waiting].count([d.Refused("no such offer")]) == len(waiting) - 1
            office.now += pick.randrange(60_000)
            office(i.AgentHangsUp(7))
            ended, taken = office.now, taken + 1
    assert 30_000 <= shortest < 39_000


def test_wrap_up_holds_to_the_millisecond(office: Office) -> None:
    """4."""
    office.staff(7, wrap_up_ms=30_000)
    for call in range(1, 30):
        office.call(call)
    decided = [d.Offer(1, 7, 0)]
    for call in range(1, 29):
        assert offers(decided) == [(call, 7)]
        office(i.AgentAnswers(call, 7))
        office(i.AgentHangsUp(7))
        assert offers(office.wait(29_999)) == []
        decided = office.wait(1)


def test_a_seat_that_never_answers_is_visited_once_a_round(office: Office) -> None:
    """6. With others who reject: nobody is rung again before all others were."""
    office.staff(7, 8, 9)
    seen = offers(office.call(1))
    for _ in range(30):
        last = seen[-1][1]
        seen += offers(office.wait(RING) if last == 7 else office(i.AgentRejects(1, last)))
        seen += offers(office.wait(1) if office.core.explain(seen[-1][1]) == "offered" else office.wait(REST))
    agents = [agent for _, agent in seen]
    rounds = [agents[at : at + 3] for at in range(0, len(agents) - 3, 3)]
    assert len(rounds) >= 8
    assert all(sorted(visited) == [7, 8, 9] for visited in rounds)


def test_who_rejects_five_times_is_offered_once_a_rest(office: Office) -> None:
    """16."""
    office.staff(7)
    at = []
    decided = office.call(1)
    for _ in range(5):
        assert offers(decided) == [(1, 7)]
        at.append(office.now)
        office(i.AgentRejects(1, 7))
        decided = office.wait(REST)
    assert [later - earlier for earlier, later in pairwise(at)] == [REST] * 4


def test_toggling_at_every_millisecond_makes_no_more_than_one_offer_a_second(make: Callable[[], Core]) -> None:
    """14. Pause, block, sign of life, log-out: whatever is toggled, with one agent and with two."""
    toggles: list[tuple[i.Input, i.Input]] = [
        (i.AgentPauses(7), i.AgentResumes(7)),
        (i.AgentBlocked(7, 0), i.AgentUnblocked(7, 0)),
        (i.AgentVanishes(7), i.AgentReturns(7)),
        (i.AgentLogsOut(7), i.AgentLogsIn(7)),
    ]
    for off, on in toggles:
        for others in ((), (8,)):
            office = Office(make)
            office.staff(7, *others)
            made = [(office.now, agent) for _, agent in offers(office.call(1))]
            for ms in range(5_000):
                office.now += 1
                made += [(office.now, agent) for _, agent in offers(office(off if ms % 2 else on))]
            times = [now for now, agent in made if agent == 7]
            assert all(later - earlier >= 1_000 for earlier, later in pairwise(times)), (off, others, times[:5])
            assert len(times) >= 1


def test_an_offer_is_a_lease_fifty_agents_are_all_free_in_the_end(office: Office) -> None:
    """10. Fifty offered at once, nobody answers, the callers hang up."""
    office.staff(*range(50))
    for call in range(50):
        office.call(call)
    office.wait(RING)
    for call in range(50):
        office(i.CallLeaves(call))
    office.wait(REST)
    assert {office.core.agent(agent) for agent in range(50)} == {("free", None)}
    assert office.core.next_deadline_ms is None


def test_hanging_up_within_20_ms_of_the_answer_leaves_nothing_stale(make: Callable[[], Core]) -> None:
    """9."""
    for hang_up in range(-20, 21):
        office = Office(make)
        office.staff(7, wrap_up_ms=0)
        office.call(1)
        told: list[tuple[int, i.Input]] = sorted([(20, i.AgentAnswers(1, 7)), (20 + hang_up, i.CallLeaves(1))], key=lambda entry: entry[0])
        start = office.now
        for at, given in told:
            office.now = start + at
            office(given)
        assert office.core.agent(7) == ("free", None)
        assert office.core.waiting(1) == []
        assert offers(office.call(1)) == [(1, 7)]


def test_every_count_is_a_fold_over_the_decisions_and_the_sums_agree() -> None:
    """5. The core keeps no counters; from the decisions alone each offer has one end, each talk one end, and open ones are open."""
    for seed in range(10):
        oracle, core = Oracle(), Acd()
        day = RandomDay(seed, oracle)
        log: list[d.Decision] = []
        steps = day.start()
        for number in range(600):
            step = steps[number] if number < len(steps) else day.next()
            log += core.feed(*step)
            oracle.feed(*step)
        ringing: set[tuple[int, int]] = set()
        talking: set[tuple[int, int]] = set()
        for decision in log:
            match decision:
                case d.Offer(call=call, agent=agent):
                    ringing.add((call, agent))
                case d.Missed(call=call, agent=agent) | d.Withdrawn(call=call, agent=agent) | d.Taken(call=call, agent=agent):
                    ringing.remove((call, agent))
                case d.DialBack(call=call, agent=agent) | d.Connect(call=call, agent=agent) if (call, agent) not in talking:
                    ringing.remove((call, agent))
                    talking.add((call, agent))
                case d.Rejected(call=call, agent=agent):  # who answered and dropped while others rang, too
                    (talking if (call, agent) in talking else ringing).remove((call, agent))
                case d.Release(call=call, agent=agent) | d.Requeued(call=call, agent=agent):
                    talking.remove((call, agent))
        states = {agent: core.agent(agent)[0] for agent in oracle.agents}
        assert sorted(agent for _, agent in ringing) == sorted(agent for agent, state in states.items() if state == "offered")
        assert sorted(agent for _, agent in talking) == sorted(agent for agent, state in states.items() if state == "talking")
