"""Where two rules meet: found by changes of the core that no other test noticed (E4)."""

import pytest

from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.core.inputs import Empty
from tests.support.core_office import WRAP, Office, offers


def test_who_changes_his_queues_in_wrap_up_counts_once_among_those_who_write(office: Office) -> None:
    """Another one of the new queue talks: so not all there are in wrap-up, and who waits stays."""
    office.queues(2)
    office(i.QueueEmpties(2, Empty.ALL_IN_WRAP_UP))
    office.staff(7)
    office.talk(1, 7)
    office.staff(8, queues=(1, 2))
    office.talk(2, 8)
    office(i.AgentHangsUp(7))
    office(i.AgentSet(7, (1, 2)))
    assert office.call(3, queue=2) == []
    assert office.core.waiting(2) == [3]
    assert d.NobodyThere(3, Empty.ALL_IN_WRAP_UP) in office(i.AgentHangsUp(8))


def test_an_excluded_agent_who_had_a_turn_by_order_is_not_counted_twice_in_a_round(office: Office) -> None:
    """The third one talks and has not been asked: the round is not over."""
    office.staff(9, 7, 8)
    office.talk(1, 9)
    assert offers(office.call(2, never=(7,))) == [(2, 8)]
    office(i.OfferWithdrawn(2, 8))
    office(i.AgentTakes(2, 7))
    office(i.AgentRejects(2, 7))
    assert offers(office.wait(60_000)) == []
    assert office.core.why_not(2, 8) == "had turn"
    office(i.AgentHangsUp(9))
    assert (2, 9) in offers(office.wait(WRAP))


def test_more_kinds_of_agents_than_a_machine_word_has_bits(office: Office) -> None:
    """Each has a skill of his own, and each caller finds the one who has his: who waits, and who is waited for."""
    kinds = 131
    for kind in range(kinds):
        office(i.WantSet(kind, needs=((kind, 1),)))
        office(i.AgentSet(kind, (1,), skills=((kind, 1),)))
    for kind in range(kinds - 1, -1, -1):
        assert offers(office.call(kind, want=kind)) == []
    for kind in (0, 63, 64, 65, 127, 128, 130):
        assert offers(office(i.AgentLogsIn(kind))) == [(kind, kind)]
        office(i.AgentAnswers(kind, kind))
    for kind in (66, 129):
        office(i.CallLeaves(kind))
        office(i.AgentLogsIn(kind))
        assert offers(office.call(1_000 + kind, want=kind)) == [(1_000 + kind, kind)]


def test_small_ids_large_ids_and_those_far_between_are_all_found(office: Office) -> None:
    """The core keeps small ids in a table by place and the others elsewhere: whichever comes first, each agent is himself."""
    ids = [*range(16), 40, 200, 33, 2**31 - 1, 10**9, 17, 64, 63, 10**9 + 1, 5_000, *range(70, 130), 250, 1_000]
    for agent in ids:
        office.staff(agent)
    for agent in ids:
        assert office.core.agent(agent)[0] == "free"
    assert [agent for offer in range(len(ids)) for _, agent in offers(office.call(1_000 + offer))] == ids, "who is idle longest, each once"
    for agent in (18, 41, 2**31 - 2, 131, 999):
        with pytest.raises(KeyError):
            office.core.agent(agent)


def test_customers_with_several_call_backs_each_are_counted_one_by_one(office: Office) -> None:
    numbers = [number * 7_919 for number in range(1, 40)]
    calls = dict(enumerate([number for number in numbers for _ in range(3)], 1))
    for call, number in calls.items():
        office.call(call, number=number, callback=True)
    assert office.core.waiting(1) == list(calls)
    for call in list(calls)[::2]:
        office(i.CallLeaves(call))
    assert office.core.waiting(1) == list(calls)[1::2]
    office.staff(7)
    assert office.core.agent(7)[0] != "free", "one of those who are left is called back"
