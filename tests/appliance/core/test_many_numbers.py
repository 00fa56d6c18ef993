"""Hundreds of numbers are known at once: who has the same one is found, and nobody else (rules 16, 17).

What it aims at: callers whose number is known stand in chains by a hash of it, of which there are more as they become many.
"""

import random
from collections.abc import Callable

from appliance.core import decisions, inputs
from appliance.core.inputs import CallWaits
from appliance.core.reference import Oracle
from tests.support.core_office import Core, Office

MANY = 200


def test_a_call_back_begins_when_the_last_caller_of_its_number_hung_up_and_not_when_others_do(office: Office) -> None:
    office(inputs.QueueSet(0))
    for agent in range(MANY):
        office(inputs.AgentSet(agent, (0,), wrap_up_ms=0))
        office(inputs.AgentLogsIn(agent))
        office(CallWaits(agent, 0, number=100 + agent // 2))
        office(inputs.AgentAnswers(agent, agent))
    office(CallWaits(1_000, 0, number=100 + 30, callback=True))
    office(inputs.AgentSet(MANY, (0,)))
    assert office(inputs.AgentLogsIn(MANY)) == [decisions.Free(MANY)]
    for call in range(MANY):
        begins = [decision.call for decision in office(inputs.CallLeaves(call)) if isinstance(decision, decisions.Offer)]
        assert begins == ([1_000] if call == 61 else []), call


def test_of_many_call_backs_the_one_that_its_customer_makes_needless_is_taken_out(office: Office) -> None:
    office(inputs.QueueSet(0))
    for call in range(MANY):
        office(CallWaits(call, 0, number=1 + call, callback=True))
    for call in range(MANY):
        assert office(CallWaits(1_000 + call, 0, number=1 + call)) == [decisions.Replaced(call, 1_000 + call)]
        assert office(CallWaits(3_000 + call, 0, number=1 + call)) == []
    assert office(CallWaits(2_000, 0, number=1 + MANY)) == []
    assert office(CallWaits(2_001, 0)) == []
    for call in range(MANY):
        assert office(inputs.CallLeaves(1_000 + call)) == []


def test_who_makes_his_call_back_needless_is_known_from_then_on(office: Office) -> None:
    """Whichever their numbers are: some pairs stand beside one another in the table of calls."""
    office(inputs.QueueSet(0))
    for call in range(2, 40):
        office(CallWaits(1, 0, number=5, callback=True))
        assert office(CallWaits(call, 0, number=5)) == [decisions.Replaced(1, call)]
        assert office(inputs.CallLeaves(call)) == []


def test_numbers_that_come_and_go_by_the_hundred_are_decided_on_as_by_the_oracle(make: Callable[[], Core]) -> None:
    rng = random.Random(20260101)
    core, oracle = make(), Oracle()
    now = 0
    called_back: set[int] = set()

    def both(given: inputs.Input) -> None:
        found = core.feed(now, given)
        assert found == oracle.feed(now, given), given
        called_back.update(decision.call for decision in found if isinstance(decision, decisions.DialBack))

    both(inputs.QueueSet(0))
    both(inputs.QueueLimits(0, back_ms=5_000))
    for agent in range(12):
        both(inputs.AgentSet(agent, (0,), wrap_up_ms=0))
        both(inputs.AgentLogsIn(agent))
    for call in range(1_000):
        now += rng.randrange(200)
        both(CallWaits(call, 0, number=rng.choice((0, 1, 2, 3, rng.randrange(1, 400))), callback=rng.random() < 0.2))
        agent = rng.randrange(12)
        about = oracle.agents[agent].call
        if about is not None and oracle.agent(agent)[0] == "offered":
            both(inputs.AgentAnswers(about, agent))
        elif about is not None and oracle.calls[about].dialled:
            both(rng.choice((inputs.CustomerAnswers, inputs.CustomerFails))(about))
        elif about is not None:
            both(inputs.CallLeaves(about))
        waiting = oracle.waiting(0)
        if waiting and rng.random() < 0.6:
            both(inputs.CallLeaves(rng.choice(waiting), cut=rng.random() < 0.5))
    assert len(called_back) > 20
