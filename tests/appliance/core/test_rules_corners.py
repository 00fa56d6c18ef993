"""Where two rules meet: found by changes of the core that no other test noticed (E4)."""

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
