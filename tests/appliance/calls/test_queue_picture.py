"""Queues in detail: who waits and why nobody takes him, and whom an agent would get next; as the core decides (A3)."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import NotFound
from appliance.base.ids import QueueId
from appliance.calls import commands
from appliance.calls.picture import Pictures
from appliance.calls.queue_picture import QueuePictures
from appliance.calls.snapshot import NextView, QueueDetail
from appliance.events import line as told
from firmware_cfg.document import Document, Queue, Widen
from tests.support.office import UTC, TestOffice, a_document

Q = QueueId("q")


def pictures(office: TestOffice) -> QueuePictures:
    made = Pictures(office.switchboard.live, office.book, office.days)
    made.take(office.now_ms, UTC + office.now_ms, 1, [])
    return QueuePictures(office.switchboard.live, made)


def detail(office: TestOffice, queue: str = "q") -> QueueDetail:
    return next(each for each in pictures(office).details(office.now_ms) if each.id == queue)


def following(office: TestOffice, agent: str, queue: QueueId = Q) -> NextView:
    return next(each for each in pictures(office).next_callers(queue, office.now_ms) if each.agent == agent)


def with_queue(**values: object) -> Document:
    document = a_document()
    return replace(document, queue=(replace(document.queue[0], **values),))


def test_who_waits_stands_in_order_with_points_and_place() -> None:
    document = with_queue(ageing=2, weight=5)
    office = TestOffice(replace(document, line=(document.line[0], replace(document.line[1], tier=1), document.line[2])))
    first = office.ring("l1", "13911110000")
    office.wait(10_000)
    important = office.ring("l2", None)
    waiting = detail(office).waiting
    assert [(each.call, each.position, each.points, each.tier, each.caller) for each in waiting] == [
        (important, 1, 105, 1, None), (first, 2, 25, 0, "13911110000"),
    ]  # fmt: skip
    assert waiting[1].waits_since_ms == UTC + office.now_ms - 10_000 and waiting[0].expected_wait_s is None


def test_why_nobody_takes_him_is_said_agent_by_agent() -> None:
    document = with_queue(needs={"cantonese": 5})
    skilled = {"a2": 9, "a3": 9}
    office = TestOffice(
        replace(document, agent=tuple(replace(a, skills={"cantonese": skilled[a.id]} if a.id in skilled else {}) for a in document.agent))
    )
    office.log_in("b1", "a1")
    office.log_in("b2", "a2")
    office.do(commands.Pause, seat="b2", reason="meal")
    office.ring("l1")
    waiting = detail(office).waiting[0]
    assert [(each.why, each.agents) for each in waiting.why] == [("paused", ["a2"]), ("lacks_skill", ["a1", "a4"]), ("logged_out", ["a3"])]
    assert waiting.needs == {"cantonese": 5} and waiting.offered_to == []


def test_a_queue_that_nobody_serves_says_so() -> None:
    document = a_document()
    office = TestOffice(replace(document, agent=tuple(replace(agent, queues=()) for agent in document.agent)))
    office.ring("l1")
    assert [each.why for each in detail(office).waiting[0].why] == ["nobody"]


def test_what_he_needs_is_shown_as_far_as_it_has_widened() -> None:
    office = TestOffice(with_queue(needs={"cantonese": 5, "hakka": 2}, widen=(Widen(after_s=10, lower=2),)))
    office.ring("l1")
    office.wait(10_000)
    assert detail(office).waiting[0].needs == {"cantonese": 3}


def test_who_is_offered_has_no_reason_and_the_agents_states_are_the_seats() -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    office.ring("l1")
    shown = detail(office)
    assert (shown.waiting[0].offered_to, shown.waiting[0].why) == (["a1"], [])
    assert [(each.agent, each.state) for each in shown.staff][:2] == [("a1", "ringing"), ("a2", "logged_out")]


def test_the_wait_is_foretold_from_what_was_measured() -> None:
    office = TestOffice(a_document(wrap_up_s=0))
    office.log_in("b1", "a1")
    for line in ("l1", "l2", "l3"):
        office.ring(line)
    for line in ("l1", "l2"):
        office.do(commands.Answer, seat="b1")
        office.wait(60_000)
        office.hang_up(line)
    office.do(commands.Answer, seat="b1")
    office.ring("l1")
    office.ring("l2")
    shown = detail(office)
    assert shown.each_s == 60.0 and [each.expected_wait_s for each in shown.waiting] == [60.0, 120.0]


def test_a_call_back_stands_in_line_and_one_that_is_aside_says_why() -> None:
    office = TestOffice(with_queue(call_back_key="5"))
    call = office.ring("l1", "13911110000")
    office.tell(told.DigitHeard, "l1", digit="5")
    shown = detail(office)
    assert shown.waiting == [] and [(each.why, each.tries) for each in shown.kept] == [("kept_staff", 0)]
    office.log_in("b1", "a1")
    office.do(commands.Reject, seat="b1")
    shown = detail(office)
    assert [(each.call != call, each.call_back, each.caller) for each in shown.waiting] == [
        (True, True, "13911110000")
    ] and shown.kept == []


# --- who would be next


def test_a_paused_agent_would_get_the_first_who_is_for_him_and_it_is_said_who_is_passed_over() -> None:
    document = a_document()
    document = replace(document, queue=(document.queue[0], Queue(id="r", needs={"cantonese": 5})))
    document = replace(document, agent=tuple(replace(agent, queues=("q", "r")) for agent in document.agent))
    office = TestOffice(replace(document, line=(replace(document.line[0], queue="r"), *document.line[1:])))
    office.log_in("b1", "a1")
    office.do(commands.Pause, seat="b1", reason="meal")
    hard = office.ring("l1")
    easy = office.ring("l2")
    seen = following(office, "a1")
    assert (seen.call, seen.why, seen.state, seen.position) == (easy, "first", "paused", 1)
    other = following(office, "a1", QueueId("r"))
    assert other == seen and hard != other.call
    office.hang_up("l2")
    seen = following(office, "a1")
    assert (seen.call, seen.why, [(each.call, each.why) for each in seen.passed_over]) == (None, "none_for_him", [(hard, "lacks_skill")])


def test_the_preview_is_what_happens_when_he_is_ready() -> None:
    office = TestOffice(with_queue(last_agent_s=60.0))
    office.log_in("b1", "a1")
    office.ring("l1", "13911110000")
    office.do(commands.Answer, seat="b1")
    office.hang_up("l1")
    office.do(commands.Pause, seat="b1", reason="meal")
    office.ring("l1", "13922220000")
    office.ring("l2", "13933330000")
    own = office.ring("l3", "13911110000")
    office.log_in("b2", "a2")  # gets the first
    told = len(office.facts)
    seen = following(office, "a1")
    assert len(office.facts) == told, "nothing was changed"
    office.do(commands.Resume, seat="b1")
    assert office.seat("b1").call == seen.call
    assert seen.call != own or seen.why == "his_customer"


def test_one_who_talks_rings_or_rests_is_previewed_too() -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    office.ring("l1")
    assert following(office, "a1").why == "ringing"
    office.do(commands.Answer, seat="b1")
    assert following(office, "a1").why == "nobody_waits"
    second = office.ring("l2")
    assert (following(office, "a1").call, following(office, "a1").why) == (second, "first")
    office.hang_up("l1")
    office.do(commands.Resume, seat="b1")
    office.wait(15_000)  # missed: rests, and has had his turn
    seen = following(office, "a1")
    assert office.seat("b1").rests_until_ms is not None and seen.call == second


def test_a_queue_that_is_none_is_not_found() -> None:
    with pytest.raises(NotFound):
        pictures(TestOffice()).next_callers(QueueId("x"), 0)
