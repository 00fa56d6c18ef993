"""What an office was told is what its state says, and nothing else (E5)."""

from collections.abc import Callable
from typing import Any

from appliance.core import inputs as i
from appliance.core.inputs import Empty, Strategy
from tests.support.core_office import Core


def state(make: Callable[[], Core], *given: i.Input) -> dict[str, Any]:
    core: Any = make()
    for number, one in enumerate(given, start=1):
        assert not any("Refused" in repr(decision) for decision in core.feed(number, one)), one
    told: dict[str, Any] = core.state()
    return told


def test_a_tenants_limits_are_kept_where_they_were_told_alone(make: Callable[[], Core]) -> None:
    told = state(make, i.QueueSet(1, tenant=4), i.TenantSet(5, 2, 3), i.TenantSet(6, -1, 0), i.AgentSet(8, (), tenant=7))
    assert told["tenants"] == {5: (2, 3), 6: (-1, 0)}
    assert told["queues"][1]["tenant"] == 4
    assert told["agents"][8]["tenant"] == 7


def test_all_values_of_a_queue_are_kept(make: Callable[[], Core]) -> None:
    told = state(
        make,
        i.QueueSet(2),
        i.QueueSet(1, 11, 12, 13, 14),
        i.QueueOffers(1, Strategy.RANDOM, 3, 400, 5, 6),
        i.QueuePoints(1, 21, 22, 23),
        i.QueueLimits(1, 31, 32, 33, 2, 34),
        i.QueueEmpties(1, Empty.ALL_PAUSED),
        i.QueueWidens(1, 0, 40, 1),
        i.QueueWidens(1, 1, 50, 2, 2),
    )
    ring = {"ring_ms": 11, "rest_ms": 12, "reject_ms": 13, "busy_ms": 14}
    how = {"strategy": 6, "at_once": 3, "more_ms": 400, "reserve": 5, "random": 6}
    points = {"weight": 21, "ageing": 22, "tier_points": 23}
    limits = {"length_max": 31, "wait_max_ms": 32, "overflow_ms": 33, "overflow_to": 2, "back_ms": 34, "causes": 2}
    assert told["queues"][1].items() >= (ring | how | points | limits | {"steps": [(40, 1, -1), (50, 2, 2)]}).items()
    rest = {"number": 1, "tenant": 0, "asked": {}, "offers": 0, "served_ms": None, "interval": None, "errors_ms": 0, "errors": 0}
    assert told["queues"][1].items() >= rest.items()
    assert set(told["queues"]) == {1, 2}


def test_all_values_of_agents_and_wants_are_kept(make: Callable[[], Core]) -> None:
    told = state(
        make,
        i.QueueSet(1),
        i.QueueSet(2),
        i.WantSet(5, needs=((9, 3), (2, 1)), prefers=((4, 2),)),
        i.WantSet(6, prefers=((4, 2),)),
        i.AgentSet(8, (2, 1), 500, 600, orders=(7, 3), skills=((9, 2), (2, 4))),
        i.AgentTraits(8, 2, True, 30, 40),
        i.AgentSet(9, ()),
        i.AgentBlocked(8, 3),
        i.AgentBlocked(8, 30),
        i.AgentLogsIn(8),
        i.AgentAsks(8),
        i.AgentVanishes(8),
    )
    assert told["wants"] == {5: {"needs": {9: 3, 2: 1}, "prefers": {4: 2}}, 6: {"needs": {}, "prefers": {4: 2}}}
    assert set(told["agents"]) == {8, 9}
    what = {"queues": {2: 7, 1: 3}, "skills": {9: 2, 2: 4}, "wrap_up_ms": 500, "setup_ms": 600}
    traits = {"misses_max": 2, "on_demand": True, "weight": 30, "rank": 40}
    now = {"state": "free", "idle_since": 10, "until": None, "blocks": [3, 30], "asks": True, "vanished": True, "call": None}
    assert told["agents"][8].items() >= (what | traits | now).items()
    before = {"weight": 1, "misses_max": 0, "on_demand": False, "state": "logged_out", "blocks": [], "call": None, "rests": (0, 0, 0, 0)}
    assert told["agents"][9].items() >= before.items()


def test_who_waits_is_kept_with_all_that_he_brought(make: Callable[[], Core]) -> None:
    told = state(
        make,
        i.QueueSet(1),
        i.WantSet(5),
        i.CallWaits(1, 1, 5, 10, 2, waited_ms=1, owner=7, owner_ms=50, number=91, callback=True, never=(3, 2)),
        i.CallWaits(2, 1),
    )
    assert told["calls"][1] == {
        "number": 1, "queue": 1, "want": 5, "priority": 10, "tier": 2, "since": 2, "joined": 3, "owner": 7, "owner_ms": 50, "customer": 91,
        "callback": True, "never": [2, 3], "place": (10, 2, 2, 0), "state": "waiting", "agent": None, "dialled": False, "rung_at": None,
        "had_turn": [], "expected": None,
    }  # fmt: skip
    assert told["calls"][2] == {
        "number": 2, "queue": 1, "want": -1, "priority": 0, "tier": 0, "since": 4, "joined": 4, "owner": -1, "owner_ms": 0, "customer": 0,
        "callback": False, "never": [], "place": (0, 0, 4, 0), "state": "waiting", "agent": None, "dialled": False, "rung_at": None,
        "had_turn": [], "expected": None,
    }  # fmt: skip


def test_a_caller_who_is_moved_is_kept_as_one_who_came_to_that_queue(make: Callable[[], Core]) -> None:
    told = state(
        make, i.QueueSet(1), i.QueueSet(2), i.CallWaits(1, 1, priority=3, owner=7, owner_ms=50, number=91, position=1), i.CallMoves(1, 2)
    )
    assert told["calls"][1] == {
        "number": 1, "queue": 2, "want": -1, "priority": 3, "tier": 0, "since": 3, "joined": 4, "owner": -1, "owner_ms": 0, "customer": 91,
        "callback": False, "never": [], "place": (3, 0, 3, 0), "state": "waiting", "agent": None, "dialled": False, "rung_at": None,
        "had_turn": [], "expected": None,
    }  # fmt: skip


def test_a_talk_is_kept_with_who_talks_and_since_when(make: Callable[[], Core]) -> None:
    told = state(
        make,
        i.QueueSet(1),
        i.AgentSet(7, (1,)),
        i.AgentLogsIn(7),
        i.CallWaits(1, 1),
        i.CallWaits(2, 1),
        i.OfferRings(1, 7),
        i.AgentAnswers(1, 7),
        i.AgentPauses(7),
    )
    agent = {"state": "talking", "call": 1, "calls": 1, "talk_ms": 0, "since": 7, "until": None, "pause_next": True, "misses": 0}
    assert told["agents"][7].items() >= (agent | {"rang": True, "rests": (15_000, 10_000, 10_000, 10_000)}).items()
    call = {"state": "talking", "agent": 7, "rung_at": None, "had_turn": [], "dialled": False, "joined": 4}
    assert told["calls"][1].items() >= call.items()
    assert told["queues"][1].items() >= {"asked": {7: 1}, "offers": 1, "served_ms": 7, "interval": None}.items()
