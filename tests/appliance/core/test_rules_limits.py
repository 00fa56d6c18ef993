"""Limits of queues and tenants, and that tenants are apart (rule 16)."""

from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import Office, offers, refused


def test_a_full_queue_refuses_another_caller(office: Office) -> None:
    office(i.QueueLimits(1, length_max=2))
    office.calls(1, 2)
    assert office.call(3) == refused("queue full")
    office(i.CallLeaves(1))
    assert office.call(3) == []


def test_who_talks_does_not_count_in_the_length_who_is_rung_does(office: Office) -> None:
    office(i.QueueLimits(1, length_max=1))
    office.staff(7)
    office.call(1)
    assert office.call(2) == refused("queue full")
    office(i.AgentAnswers(1, 7))
    assert office.call(2) == []


def test_a_length_limit_is_of_one_queue(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(1, length_max=1))
    office.calls(1)
    office.calls(2, 3, queue=2)
    assert office.core.waiting(2) == [2, 3]


def test_a_limit_of_zero_is_none(office: Office) -> None:
    office(i.QueueLimits(1, length_max=0))
    office.calls(*range(30))
    assert len(office.core.waiting(1)) == 30


def test_who_waits_already_stays_where_the_length_is_lowered(office: Office) -> None:
    office.calls(1, 2, 3)
    assert office(i.QueueLimits(1, length_max=1)) == []
    assert office.core.waiting(1) == [1, 2, 3]
    office(i.CallLeaves(1))
    office(i.CallLeaves(2))
    assert office.call(4) == refused("queue full")


def test_a_requeued_caller_comes_into_a_full_queue(office: Office) -> None:
    office(i.QueueLimits(1, length_max=1))
    office.staff(7)
    office.talk(1, 7)
    office.call(2)
    office(i.AgentVanishes(7, keep_ms=0))
    assert office.core.waiting(1) == [1, 2]


def test_a_moved_caller_comes_into_a_full_queue(office: Office) -> None:
    office.queues(2)
    office(i.QueueLimits(2, length_max=1))
    office.calls(1, queue=2)
    office.call(2)
    assert office(i.CallMoves(2, 2)) == [d.Moved(2, 2)]


def test_a_tenant_with_all_seats_taken_refuses_a_login(office: Office) -> None:
    office(i.TenantSet(0, seats_max=2))
    office.staff(7, 8)
    office(i.AgentSet(9, (1,)))
    assert office(i.AgentLogsIn(9)) == refused("no seat left")
    office(i.AgentPauses(7))
    assert office(i.AgentLogsIn(9)) == refused("no seat left")
    office(i.AgentLogsOut(7))
    assert office(i.AgentLogsIn(9)) == [d.Free(9)]


def test_a_tenant_without_seats_lets_nobody_in(office: Office) -> None:
    office(i.TenantSet(0, seats_max=0))
    office(i.AgentSet(9, (1,)))
    assert office(i.AgentLogsIn(9)) == refused("no seat left")
    office(i.TenantSet(0, seats_max=-1))
    assert office(i.AgentLogsIn(9)) == [d.Free(9)]


def test_who_is_logged_in_stays_where_the_seats_are_lowered(office: Office) -> None:
    office.staff(7, 8)
    assert office(i.TenantSet(0, seats_max=1)) == []
    assert [offers(office.call(call)) for call in (1, 2)] == [[(1, 7)], [(2, 8)]]


def test_seats_are_of_one_tenant(office: Office) -> None:
    office(i.QueueSet(2, tenant=4))
    office(i.TenantSet(0, seats_max=1))
    office(i.TenantSet(4, seats_max=1))
    office.staff(7)
    office.staff(8, queues=(2,), tenant=4)
    assert [office.core.agent(agent)[0] for agent in (7, 8)] == ["free", "free"]
    office(i.AgentSet(9, (2,), tenant=4))
    assert office(i.AgentLogsIn(9)) == refused("no seat left")


def test_a_tenant_with_all_lines_taken_refuses_a_call(office: Office) -> None:
    office.queues(2)
    office(i.TenantSet(0, calls_max=2))
    office.staff(7)
    office.talk(1, 7)
    office.call(2, queue=2)
    assert office.call(3) == refused("no line left")
    office(i.CallLeaves(1))
    assert office.call(3) == []


def test_lines_are_of_one_tenant(office: Office) -> None:
    office(i.QueueSet(2, tenant=4))
    office(i.TenantSet(4, calls_max=1))
    office.calls(1, 2, 3)
    assert office.call(4, queue=2) == []
    assert office.call(5, queue=2) == refused("no line left")
    assert office.call(6) == []


def test_no_line_left_is_said_before_queue_full(office: Office) -> None:
    office(i.TenantSet(0, calls_max=1))
    office(i.QueueLimits(1, length_max=1))
    office.call(1)
    assert office.call(2) == refused("no line left")
    office(i.TenantSet(0, calls_max=2))
    assert office.call(2) == refused("queue full")


def test_a_call_refused_leaves_its_number_free(office: Office) -> None:
    office(i.TenantSet(0, calls_max=0))
    assert office.call(1) == refused("no line left")
    office(i.TenantSet(0))
    assert office.call(1) == []


def test_an_expired_caller_gives_his_line_back(office: Office) -> None:
    office(i.TenantSet(0, calls_max=1))
    office(i.QueueLimits(1, wait_max_ms=10))
    office.call(1)
    office.wait(10)
    assert office.call(2) == []


def test_tenants_out_of_range_are_refused(office: Office) -> None:
    for values in ({"tenant": -1}, {"tenant": 2**31}, {"seats_max": -2}, {"seats_max": 2**31}, {"calls_max": -2}, {"calls_max": 2**31}):
        assert office(i.TenantSet(**{"tenant": 0, **values})) == refused("bad value"), values
    assert office(i.TenantSet(2**31 - 1, 2**31 - 1, 2**31 - 1)) == []
    assert office(i.QueueSet(2, tenant=-1)) == refused("bad value")
    assert office(i.AgentSet(7, (), tenant=2**31)) == refused("bad value")


# --- apart


def test_a_queue_is_its_tenants_for_ever(office: Office) -> None:
    assert office(i.QueueSet(1, ring_ms=1, tenant=4)) == refused("other tenant")
    office.staff(7)
    assert office.call(1)[0] == d.Offer(1, 7, office.now + 15_000)


def test_an_agent_is_his_tenants_for_ever(office: Office) -> None:
    office.staff(7)
    assert office(i.AgentSet(7, (), tenant=4)) == refused("other tenant")
    assert offers(office.call(1)) == [(1, 7)]


def test_an_agent_serves_no_queue_of_another_tenant(office: Office) -> None:
    office(i.QueueSet(2, tenant=4))
    assert office(i.AgentSet(7, (1, 2))) == refused("other tenant")
    assert office(i.AgentLogsIn(7)) == refused("unknown agent")
    assert office(i.AgentSet(7, (2,), tenant=4)) == []


def test_a_call_names_the_tenant_of_its_queue_or_none(office: Office) -> None:
    office(i.QueueSet(2, tenant=4))
    assert office.call(1, queue=2, tenant=0) == refused("other tenant")
    assert office.call(1, queue=2, tenant=4) == []
    assert office.call(2, queue=2, tenant=-1) == []


def test_a_supervisor_gives_no_call_to_another_tenants_agent(office: Office) -> None:
    office(i.QueueSet(2, tenant=4))
    office.staff(7, queues=(2,), tenant=4)
    office.call(1)
    assert office(i.AgentTakes(1, 7)) == refused("other tenant")


def test_queues_that_do_not_fit_are_refused_and_the_old_values_stay(office: Office) -> None:
    for values in (
        {"ring_ms": 0}, {"ring_ms": 10**9 + 1}, {"rest_ms": -1}, {"rest_ms": 10**9 + 1}, {"reject_ms": -2}, {"reject_ms": 10**9 + 1},
        {"busy_ms": -2}, {"busy_ms": 10**9 + 1},
    ):  # fmt: skip
        assert office(i.QueueSet(1, **values)) == refused("bad value"), values
        assert office(i.QueueSet(2, **values)) == refused("bad value"), values
    assert office.call(1, queue=2) == refused("unknown queue")
    office.staff(7)
    assert office.call(1) == [d.Offer(1, 7, office.now + 15_000)]
