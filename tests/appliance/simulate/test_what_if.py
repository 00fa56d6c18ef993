"""What if (A3 E4): the configuration as an office, a candidate beside it, a past day's callers with what the day cannot tell."""

import math

import pytest
from msgspec.structs import replace

from appliance.core.office import Office, Widen
from appliance.simulate.what_if import Candidate, Demand, PastCall, changed, compare, drawn, in_force, recorded, unheeded
from firmware_cfg.document import Agent, Document, Queue, Seat
from firmware_cfg.document import Widen as ConfiguredWiden


def document(agents: int = 4, seats: int = 3) -> Document:
    return Document(
        queue=(Queue(id="q", ring_limit_s=12.0, rest_s=7.0), Queue(id="vip")),
        seat=tuple(Seat(id=f"s{n}", kind="browser") for n in range(seats)),
        agent=tuple(
            Agent(id=f"a{n}", name=f"a{n}", queues=("q", "vip") if n == 0 else ("q",), wrap_up_s=5.0 * n, skills={"english": n + 1})
            for n in range(agents)
        ),
    )


def office() -> Office:
    return in_force(document(), 3.0)


def test_the_routing_in_force_is_the_configuration_with_as_many_people_as_seats() -> None:
    q, _ = office().queues
    assert (q.offer_s, q.rest_s, q.strategy) == (12.0, 7.0, "longest-idle")
    assert [(agents.count, agents.wrap_up_s, agents.ring_s) for agents in office().agents] == [(1, 0.0, 3.0), (1, 5.0, 3.0), (1, 10.0, 3.0)]
    assert office().agents[0].queues == ("q", "vip")
    assert in_force(Document(), 3.0).agents == ()


def test_the_routing_in_force_has_strategies_skills_points_widening_orders_and_ranks() -> None:
    base = document()
    queue = replace(
        base.queue[0],
        strategy="fixed",
        needs={"english": 2},
        prefers={"french": 1},
        weight=5_000,
        ageing=3,
        widen=(ConfiguredWiden(after_s=20.0, lower=1, also="vip"),),
        length_max=9,
    )
    agents = tuple(replace(agent, rank=9 - n, orders={"vip": 2}, weight=n + 1, misses_max=3) for n, agent in enumerate(base.agent))
    configured = replace(base, queue=(queue, base.queue[1]), agent=agents)
    q = in_force(configured, 3.0).queues[0]
    assert (q.strategy, q.skills, q.prefers, q.priority, q.ageing) == ("fixed", (("english", 2),), (("french", 1),), 5_000, 3)
    assert q.widen == (Widen(20.0, 1, "vip"),)
    assert [some.weight for some in in_force(configured, 3.0).agents] == [4, 3, 2]  # by rank
    assert in_force(replace(configured, seat=base.seat * 2), 3.0).agents[-1].orders == (1, 2)
    assert unheeded(configured) == ["length_max", "misses_max"]
    assert unheeded(base) == []
    past = [PastCall("q", float(n), 3.0, 60.0, points=n) for n in range(9)]
    now, then = compare(recorded(in_force(configured, 3.0), past), Candidate(3))
    assert now == then
    assert now["q"]["answered"] == 9


def test_a_candidate_has_the_same_people_once_more_or_fewer_of_them() -> None:
    more = changed(office(), Candidate(5, "fixed", None, 20.0))
    assert [agents.wrap_up_s for agents in more.agents] == [0.0, 5.0, 10.0, 0.0, 5.0]
    assert {(queue.strategy, queue.offer_s) for queue in more.queues} == {("fixed", 20.0)}
    fewer = changed(office(), Candidate(1, "random", 30.0, 20.0))
    assert [agents.wrap_up_s for agents in fewer.agents] == [30.0]
    assert changed(in_force(Document(), 3.0), Candidate(5, "fixed", None, 20.0)).agents == ()


def test_a_day_is_run_as_it_was_where_nothing_is_changed() -> None:
    past = [PastCall("q", 100.0, 3.0, 60.0), PastCall("q", 101.0, 3.0, 60.0), PastCall("gone", 102.0, 3.0, 60.0)]
    now, then = compare(recorded(office(), past), Candidate(3, "longest-idle", None, 12.0))
    assert now == then
    assert (now["q"]["arrivals"], now["q"]["mean_wait_s"], now["vip"]["arrivals"]) == (2, 3, 0)


def test_who_left_has_the_patience_that_he_showed_and_who_was_answered_more_than_he_needed() -> None:
    past = [PastCall("q", float(n), 10.0 + n % 3, None if n % 4 == 0 else 90.0) for n in range(2_000)]
    calls = recorded(office(), past).calls
    assert calls is not None
    left = [patience for call, patience in zip(past, calls.patience, strict=True) if call.talk_s is None]
    assert set(left) <= {10_000_000, 11_000_000, 12_000_000}
    beyond = [patience / 1e6 - call.waited_s for call, patience in zip(past, calls.patience, strict=True) if call.talk_s is not None]
    assert min(beyond) >= 0
    likeliest = sum(call.waited_s for call in past) / 500  # all waiting over all who left
    assert math.fsum(beyond) / len(beyond) == pytest.approx(likeliest, rel=0.1)
    assert set(recorded(office(), [PastCall("q", 0.0, 5.0, 60.0)]).calls.patience) == {-1}  # type: ignore[union-attr]
    nobody = recorded(office(), [PastCall("q", 0.0, 0.0, None)]).calls
    assert nobody is not None
    assert (list(nobody.patience), nobody.talk[0] > 0) == ([0], True)


def test_more_people_answer_sooner_and_too_few_are_an_overload() -> None:
    busy = drawn(office(), {"q": Demand(40.0, 180.0, None)})
    now, then = compare(busy, Candidate(6, "longest-idle", None, 12.0))
    assert then["q"]["mean_wait_s"] < now["q"]["mean_wait_s"]
    _, few = compare(busy, Candidate(1, "longest-idle", None, 12.0))
    assert few["q"]["overload"] is True
    patient = drawn(office(), {"q": Demand(40.0, 180.0, 60.0)})
    assert compare(patient, Candidate(1, "longest-idle", None, 12.0))[1]["q"]["p_abandon"] > 0.4
