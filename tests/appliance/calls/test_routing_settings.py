"""What the configuration says of routing, in an office: skills, priorities, strategies, limits, and what becomes of callers (A3)."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import Refused
from appliance.calls import commands
from appliance.calls.seats import SeatState
from appliance.events import line as told
from appliance.events.call import CallEnded, CallOffered, CallQueued
from firmware_cfg.document import Document, Limits, Queue, Widen
from tests.support.office import TestOffice, a_document


def office(*, queue: dict[str, object] | None = None, agents: dict[str, dict[str, object]] | None = None, **more: object) -> TestOffice:
    """a1 at b1 and a2 at b2 are logged in."""
    document = with_settings(a_document(), queue, agents, **more)
    made = TestOffice(document)
    made.log_in("b1", "a1")
    made.log_in("b2", "a2")
    return made


def with_settings(
    document: Document, queue: dict[str, object] | None = None, agents: dict[str, dict[str, object]] | None = None, **more: object
) -> Document:
    return replace(
        document,
        queue=(replace(document.queue[0], **(queue or {})), *document.queue[1:]),
        agent=tuple(replace(agent, **(agents or {}).get(agent.id, {})) for agent in document.agent),
        **more,
    )


def offered(made: TestOffice) -> list[tuple[str, str]]:
    return [(fact.call, fact.agent) for fact in made.facts if isinstance(fact, CallOffered)]


def ended(made: TestOffice) -> list[tuple[str, str]]:
    return [(fact.call, fact.why) for fact in made.facts if isinstance(fact, CallEnded)]


def test_a_call_goes_to_who_has_the_skill_though_another_is_longer_idle() -> None:
    made = office(queue={"needs": {"cantonese": 3}}, agents={"a2": {"skills": {"cantonese": 5}}})
    call = made.ring("l1")
    assert offered(made) == [(call, "a2")]
    assert made.seat("b1").state is SeatState.FREE


def test_after_a_time_lower_levels_will_do() -> None:
    made = office(queue={"needs": {"cantonese": 5}, "widen": (Widen(after_s=30, lower=3),)}, agents={"a1": {"skills": {"cantonese": 2}}})
    call = made.ring("l1")
    made.wait(29_999)
    assert offered(made) == []
    made.wait(1)
    assert offered(made) == [(call, "a1")]


def test_a_vip_lines_caller_comes_before_those_who_waited_longer() -> None:
    document = a_document()
    made = TestOffice(replace(document, line=(document.line[0], replace(document.line[1], tier=2), document.line[2])))
    made.ring("l1")
    important = made.ring("l2")
    made.log_in("b1", "a1")
    assert offered(made) == [(important, "a1")]


def test_a_strategy_changed_in_the_file_holds_from_the_next_offer_on_and_loses_nobody() -> None:
    made = office(agents={"a1": {"rank": 9}, "a2": {"rank": 1}})
    made.do(commands.Pause, seat="b1", reason="rest")
    made.do(commands.Pause, seat="b2", reason="rest")
    waiting = [made.ring("l1"), made.ring("l2")]
    made._take(made.switchboard.configure(with_settings(made.switchboard.live.document, {"strategy": "fixed"}), made.now_ms))
    made.do(commands.Resume, seat="b1")
    made.do(commands.Resume, seat="b2")
    assert [call for call, _ in offered(made)] == waiting
    for line in ("l1", "l2"):
        made.hang_up(line)
    made.wait(1_000)
    third = made.ring("l3")
    assert offered(made)[-1] == (third, "a2"), "the smallest rank"


def test_who_waited_too_long_for_one_queue_is_taken_by_another() -> None:
    other = Queue(id="other")
    document = a_document()
    document = replace(document, queue=(replace(document.queue[0], overflow_s=60.0, overflow_to="other"), other))
    document = replace(document, agent=tuple(replace(agent, queues=("other",)) for agent in document.agent))
    made = TestOffice(document)
    made.log_in("b1", "a1")
    call = made.ring("l1")
    made.wait(59_999)
    assert offered(made) == []
    made.wait(1)
    assert offered(made) == [(call, "a1")]
    assert [fact.queue for fact in made.facts if isinstance(fact, CallQueued)] == ["q", "other"]


def test_the_longest_wait_ends_the_call_and_says_why() -> None:
    made = office(queue={"wait_max_s": 45.0, "needs": {"rare": 9}})
    call = made.ring("l1")
    made.wait(45_000)
    assert ended(made) == [(call, "waited too long")]
    assert ("hang_up", "l1", None) in made.orders.log


def test_a_full_queue_ends_the_call_and_says_why() -> None:
    made = office(queue={"length_max": 1, "needs": {"rare": 9}})
    made.ring("l1")
    second = made.ring("l2")
    assert ended(made) == [(second, "queue full")]


def test_callers_are_let_go_for_the_named_cause_alone() -> None:
    made = TestOffice(with_settings(a_document(), {"when_empty": ("nobody_logged_in",)}))
    first = made.ring("l1")
    assert ended(made) == [(first, "nobody logged in")]
    made.hang_up("l1")
    made.log_in("b1", "a1")
    made.do(commands.Pause, seat="b1", reason="meal")
    made.ring("l2")
    made.wait(60_000)
    assert ended(made) == [(first, "nobody logged in")], "all paused is another cause"


def test_who_misses_too_many_in_a_row_is_paused_with_that_reason() -> None:
    made = office(agents={"a1": {"misses_max": 1}})
    made.ring("l1")
    made.wait(15_000)
    seat = made.seat("b1")
    assert (seat.state, seat.reason) == (SeatState.PAUSED, "missed_calls")
    made.do(commands.Resume, seat="b1")
    assert made.seat("b1").state is SeatState.FREE


def test_whose_line_broke_has_his_place_back_when_he_calls_again() -> None:
    made = TestOffice(with_settings(a_document(), {"back_s": 60.0}))
    made.ring("l1", caller="13911110000")
    made.wait(20_000)
    made.ring("l2", caller="13922220000")
    made.tell(told.LineHungUp, "l1", by="us")
    made.tell(told.LineFault, "l1", why="unplugged")
    made.wait(5_000)
    again = made.ring("l3", caller="13911110000")
    made.log_in("b1", "a1")
    assert offered(made) == [(again, "a1")]


def test_an_agents_own_queue_comes_first() -> None:
    document = a_document()
    document = replace(
        document, queue=(*document.queue, Queue(id="other")), line=(document.line[0], replace(document.line[1], queue="other"))
    )
    agent = replace(document.agent[0], queues=("q", "other"), orders={"q": 2})
    made = TestOffice(replace(document, agent=(agent, *document.agent[1:])))
    made.ring("l1")
    own = made.ring("l2")
    made.log_in("b1", "a1")
    assert offered(made) == [(own, "a1")]


def configure(made: TestOffice, document: Document) -> None:
    made._take(made.switchboard.configure(document, made.now_ms))


def two_queues(**values: object) -> Document:
    """a1 serves q, a2 r; l1 leads to q, l2 to r."""
    document = a_document()
    return replace(
        document,
        queue=(replace(document.queue[0], **values), Queue(id="r")),
        line=(document.line[0], replace(document.line[1], queue="r"), document.line[2]),
        agent=(document.agent[0], replace(document.agent[1], queues=("r",)), *document.agent[2:]),
    )


def test_agents_who_change_queues_with_each_other_empty_none_of_them() -> None:
    document = two_queues(when_empty=("nobody_logged_in",))
    made = TestOffice(document)
    made.log_in("b1", "a1")
    made.log_in("b2", "a2")
    made.ring("l1")
    made.do(commands.Answer, seat="b1")
    waits = made.ring("l3")
    swapped = (replace(document.agent[0], queues=("r",)), replace(document.agent[1], queues=("q",)), *document.agent[2:])
    configure(made, replace(document, agent=swapped))
    assert ended(made) == [] and offered(made)[-1] == (waits, "a2")


def test_a_new_configuration_is_one_change_nobody_is_offered_by_half_of_it() -> None:
    made = office(queue={"needs": {"cantonese": 5}})
    call = made.ring("l1")
    wanted = with_settings(a_document(), {"needs": {"hakka": 5}}, {"a1": {"skills": {"cantonese": 5}}, "a2": {"skills": {"hakka": 5}}})
    configure(made, wanted)
    assert offered(made) == [(call, "a2")]


def test_a_queue_whose_people_leave_with_it_loses_no_caller_and_no_age() -> None:
    document = two_queues(when_empty=("nobody_logged_in",))
    made = TestOffice(document)
    made.log_in("b1", "a1")
    made.do(commands.Pause, seat="b1", reason="meal")
    older = made.ring("l1")
    made.wait(5_000)
    younger = made.ring("l2")
    everything = tuple(replace(each, queue="r") for each in document.line)
    configure(
        made, replace(document, queue=document.queue[1:], line=everything, agent=tuple(replace(a, queues=("r",)) for a in document.agent))
    )
    assert ended(made) == [] and list(made.switchboard.live.queues.waiting("r")) == [older, younger]  # type: ignore[arg-type]


def test_skills_that_are_needed_from_now_on_are_needed_for_those_who_wait_already() -> None:
    made = office(agents={"a2": {"skills": {"cantonese": 5}}})
    for seat in ("b1", "b2"):
        made.do(commands.Pause, seat=seat, reason="rest")
    call = made.ring("l1")
    configure(made, with_settings(made.switchboard.live.document, {"needs": {"cantonese": 3}}))
    made.do(commands.Resume, seat="b1")
    assert offered(made) == []
    made.do(commands.Resume, seat="b2")
    assert offered(made) == [(call, "a2")]


def test_who_moves_to_another_queue_needs_what_that_one_needs() -> None:
    document = two_queues(needs={"cantonese": 5}, overflow_s=30.0, overflow_to="r")
    made = TestOffice(document)
    made.log_in("b1", "a2")
    call = made.ring("l1")
    made.wait(30_000)
    assert offered(made) == [(call, "a2")]


def test_a_busy_telephone_rests_as_long_as_its_queue_says() -> None:
    made = TestOffice(with_settings(a_document(), {"rest_s": 10.0, "reject_rest_s": 20.0, "busy_rest_s": 90.0}))
    made.log_in("p1", "a1")
    made.ring("l1")
    made.tell(told.LineDialling, "l3")
    made.hang_up("l3", by="busy")
    assert made.seat("p1").rests_until_ms == made.now_ms + 90_000


# --- the customer's last agent first


def talked(made: TestOffice, line: str, seat: str, caller: str | None) -> None:
    """That seat takes a call of this number, and it is over, wrap-up too."""
    made.ring(line, caller)
    made.do(commands.Answer, seat=seat)
    made.wait(1_000)
    made.hang_up(line)
    made.do(commands.Resume, seat=seat)


def test_who_talked_last_with_him_is_asked_first_though_another_is_longer_idle() -> None:
    made = office(queue={"last_agent_s": 20.0})
    talked(made, "l1", "b1", "13911110000")
    call = made.ring("l1", "13911110000")
    assert offered(made)[-1] == (call, "a1")


def test_the_same_number_over_another_kind_of_line_is_the_same_customer() -> None:
    made = office(queue={"last_agent_s": 20.0})
    talked(made, "l1", "b1", "+8613911110000")
    call = made.ring("l2", "013911110000")
    assert offered(made)[-1] == (call, "a1")


def test_he_is_waited_for_that_long_and_then_another_will_do() -> None:
    made = office(queue={"last_agent_s": 20.0})
    talked(made, "l1", "b1", "13911110000")
    made.ring("l2", "13922220000")
    made.do(commands.Answer, seat="b2")
    made.ring("l3", "13933330000")
    made.do(commands.Answer, seat="b1")
    made.hang_up("l2")
    made.do(commands.Resume, seat="b2")
    call = made.ring("l2", "13911110000")
    made.wait(19_999)
    assert offered(made)[-1] != (call, "a2") and made.seat("b2").state is SeatState.FREE
    made.wait(1)
    assert offered(made)[-1] == (call, "a2")


def test_one_who_is_not_there_is_not_waited_for() -> None:
    made = office(queue={"last_agent_s": 20.0})
    talked(made, "l1", "b1", "13911110000")
    made.do(commands.LogOut, seat="b1")
    call = made.ring("l1", "13911110000")
    assert offered(made)[-1] == (call, "a2")


def test_a_withheld_number_has_no_last_agent() -> None:
    made = office(queue={"last_agent_s": 20.0})
    talked(made, "l1", "b1", None)
    call = made.ring("l1", None)
    assert offered(made)[-1] == (call, "a2")


def test_without_the_setting_nobody_is_first() -> None:
    made = office()
    talked(made, "l1", "b1", "13911110000")
    call = made.ring("l1", "13911110000")
    assert offered(made)[-1] == (call, "a2")


# --- several ring at once


def test_all_ring_and_the_first_who_answers_has_him_the_others_missed_nothing() -> None:
    made = office(queue={"at_once": 0})
    call = made.ring("l1")
    assert made.states["b1"] == made.states["b2"] == "ringing" and made.call(call).state == "offered"
    made.do(commands.Answer, seat="b2")
    assert (made.states["b1"], made.states["b2"]) == ("free", "talking")
    assert made.outcomes(call) == [("b1", "withdrawn"), ("b2", "answered")]
    assert made.call(call).state == "talking" and made.call(call).agent == "a2" and made.days.missed_on(0, "a1") == 0
    made.hang_up("l1")
    assert made.states["b2"] == "wrap_up" and made.call(call).ended_by == "caller"


def test_one_of_several_says_no_and_the_others_ring_on() -> None:
    made = office(queue={"at_once": 2})
    call = made.ring("l1")
    made.do(commands.Reject, seat="b1")
    assert made.call(call).state == "offered" and made.live_call(call).state.value == "offered"
    made.wait(15_000)
    assert made.outcomes(call)[:2] == [("b1", "rejected"), ("b2", "no_answer")]


def test_one_more_rings_each_so_many_seconds() -> None:
    made = office(queue={"more_s": 5.0})
    call = made.ring("l1")
    made.wait(4_999)
    assert [seat for seat, _ in made.outcomes(call)] == ["b1"]
    made.wait(1)
    assert [seat for seat, _ in made.outcomes(call)] == ["b1", "b2"]


def test_the_caller_hangs_up_while_several_ring_and_none_is_left_ringing() -> None:
    made = office(queue={"at_once": 0})
    made.log_in("p1", "a3")
    call = made.ring("l1")
    made.hang_up("l1")
    assert made.outcomes(call) == [("b1", "withdrawn"), ("b2", "withdrawn"), ("p1", "withdrawn")]
    assert "ringing" not in made.states.values() and ("hang_up", "l3", None) in made.orders.log


def test_what_a_restart_finds_of_several_that_ring_is_nobodys_miss() -> None:
    made = office(queue={"at_once": 0})
    call = made.ring("l1")
    made.restart(["l1"])
    ended_then = [fact for fact in made.facts if getattr(fact, "outcome", "") == "withdrawn"]
    assert sorted(fact.seat for fact in ended_then) == ["b1", "b2"] and made.call(call).state == "offered"  # type: ignore[attr-defined]
    made.wait(4_000)
    assert made.states["b1"] == made.states["b2"] == "ringing", "and both ring again"


# --- limits of what is rented


def test_one_more_login_than_is_rented_is_refused_and_a_move_to_another_seat_is_none() -> None:
    made = TestOffice(replace(a_document(), limits=Limits(seats=1)))
    made.log_in("b1", "a1")
    with pytest.raises(Refused) as refused:
        made.log_in("b2", "a2")
    assert refused.value.key == "limit.seats" and made.states["b2"] == "logged_out"
    made.pages.discard("b1")
    made.wait(3_000)  # the page is gone
    made.log_in("b2", "a1")
    assert made.states["b2"] == "free"


def test_one_more_call_than_is_rented_is_told_so_and_ends() -> None:
    made = TestOffice(replace(a_document(), limits=Limits(calls=1)))
    first = made.ring("l1")
    second = made.ring("l2")
    assert ended(made) == [(second, "no line left")]
    made.hang_up("l1")
    configure(made, replace(made.switchboard.live.document, limits=Limits()))
    made.hang_up("l2")
    made.ring("l1")
    made.ring("l2")
    assert ended(made) == [(second, "no line left"), (first, "")]
