"""What the configuration says of routing, in an office: skills, priorities, strategies, limits, and what becomes of callers (A3)."""

from msgspec.structs import replace

from appliance.calls import commands
from appliance.calls.seats import SeatState
from appliance.events.call import CallEnded, CallOffered, CallQueued
from firmware_cfg.document import Document, Queue, Widen
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
    from appliance.events import line as told

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
