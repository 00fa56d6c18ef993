"""The onlooker of a running box (A3, never-again 3 and 13): a core that breaks a promise is seen, by name, and no call waits for it."""

from typing import Any

import pytest

from appliance.calls.onlooker import STEPS_AT_ONCE, Onlooker
from appliance.core import Acd
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.known import Promise

RING, REST, WRAP = 15_000, 10_000, 10_000


class Told:
    """A true core and its onlooker; `lie` notes decisions that no core should make."""

    def __init__(self, *agents: int) -> None:
        self.core, self.onlooker, self.now = Acd(), Onlooker(every_ms=0), 0
        self(i.QueueSet(1))
        for agent in agents:
            self(i.AgentSet(agent, (1,), wrap_up_ms=WRAP))
            self(i.AgentLogsIn(agent))

    def __call__(self, *given: i.Input) -> None:
        for one in given:
            self.onlooker.note(self.now, one, list(self.core.feed(self.now, one)))

    def lie(self, given: i.Input, *decided: d.Decision) -> tuple[Any, ...]:
        assert self.onlooker.look(1_000) is None
        self.onlooker.note(self.now, given, list(decided))
        broken = self.onlooker.look()
        assert broken is not None, "not seen"
        return broken.promise, broken.call, broken.agent


def talking() -> Told:
    office = Told(7)
    office(i.CallWaits(1, 1), i.AgentAnswers(1, 7))
    return office


def ringing() -> Told:
    office = Told(7)
    office(i.CallWaits(1, 1))
    return office


LIES = [
    (lambda: Told(7), 0, i.CallWaits(1, 1), [], (Promise.NOT_PASSED_OVER, 1, 7)),
    (ringing, 0, i.CallWaits(2, 1), [d.Offer(2, 7, RING)], (Promise.ONE_OFFER, 2, 7)),
    (ringing, 0, i.CallWaits(1, 1), [], (Promise.NOT_LOST, 1, None)),
    (ringing, 0, i.CallLeaves(1), [], (Promise.ONE_OUTCOME, 1, None)),
    (ringing, RING - 1, i.Tick(), [d.Missed(1, 7), d.Rests(7, RING - 1 + REST)], (Promise.ONE_MISS, 1, 7)),
    (ringing, RING, i.Tick(), [d.Missed(1, 7), d.Rests(7, RING + REST), d.Missed(1, 7)], (Promise.ONE_MISS, 1, 7)),
    (ringing, RING, i.Tick(), [], (Promise.ONE_MISS, 1, 7)),
    (talking, 0, i.AgentHangsUp(7), [d.Release(1, 7), d.WrapUp(7, WRAP - 1)], (Promise.NOT_SHORTENED, None, 7)),
    (talking, 0, i.Tick(), [d.Release(9, 7)], (Promise.NOT_AFTER_THE_END, 9, 7)),
    (talking, 0, i.Tick(), [d.Release(1, 7), d.WrapUp(7, WRAP)], (Promise.BY_THE_RULES, 1, 7)),
]


@pytest.mark.parametrize(("office", "now", "given", "decided", "seen"), LIES, ids=[f"{n} {lie[-1][0]}" for n, lie in enumerate(LIES)])
def test_each_broken_promise_is_named_with_its_caller_and_agent(office: Any, now: int, given: Any, decided: Any, seen: Any) -> None:
    told = office()
    told.now = now
    assert told.lie(given, *decided) == seen


def test_every_promise_is_among_the_lies() -> None:
    assert {lie[-1][0] for lie in LIES} == set(Promise)


def test_a_caller_whom_the_core_forgets_is_seen_even_when_nobody_is_free() -> None:
    told = Told()
    told(i.CallWaits(1, 1))
    assert told.onlooker.look_round([1], lambda _: []) is None, "its step is not looked at yet"
    assert told.onlooker.look() is None
    assert told.onlooker.look_round([1], told.core.waiting) is None
    broken = told.onlooker.look_round([1], lambda _: [])
    assert broken is not None and (broken.promise, broken.call) == (Promise.NOT_LOST, 1)
    assert told.onlooker.broken is broken


def test_a_turn_only_notes_and_a_look_is_bounded() -> None:
    told = Told()
    for call in range(1, 3 * STEPS_AT_ONCE):
        told(i.CallWaits(call, 1))
    waiting = told.onlooker.pending
    assert told.onlooker.steps_seen == 0
    assert told.onlooker.look() is None
    assert (told.onlooker.steps_seen, told.onlooker.pending) == (STEPS_AT_ONCE, waiting - STEPS_AT_ONCE)


def test_after_a_broken_promise_nothing_is_noted_any_more() -> None:
    told = ringing()
    told.lie(i.CallLeaves(1))
    told(i.Tick())
    assert told.onlooker.pending == 0
    assert told.onlooker.look() is None
