"""A second call waits at a seat whose agent talks (A2 A9): he takes it and goes back, and no customer is ever cut."""

import pytest
from msgspec.structs import replace

from appliance.base.errors import Refused
from appliance.base.ids import CallId
from appliance.calls import commands, two_calls
from appliance.events import line as told
from firmware_cfg.document import Document
from tests.support.calls_in_states import a_big_office, an_outside_number_answers
from tests.support.office import TestOffice

FIRST, SECOND = "line:l1", "line:l2"


def set_so(on: bool = True) -> Document:
    document = a_big_office()
    queue = replace(document.queue[0], last_agent_s=20.0)
    return replace(document, queue=(queue,), seat=tuple(replace(seat, second_call=on) for seat in document.seat))


def two_talks(document: Document | None = None) -> TestOffice:
    """b1 (a1) talks with l1, b2 (a2) with l2; b3 is free."""
    office = TestOffice(document if document is not None else set_so())
    for line, seat, agent in (("l1", "b1", "a1"), ("l2", "b2", "a2")):
        office.log_in(seat, agent)
        office.ring(line, f"1391111000{line[1]}")
        office.do(commands.Answer, seat=seat)
    office.log_in("b3", "a3")
    return office


def consulted(kind: str = "consult") -> TestOffice:
    """b2 asks b1, who talks."""
    office = two_talks()
    office.do(commands.Transfer, seat="b2", to="b1", kind=kind)
    return office


def taken() -> TestOffice:
    """b1 has put l1 on hold and talks with b2, whose customer l2 is on hold."""
    office = consulted()
    office.do(commands.Answer, seat="b1")
    return office


def hears(office: TestOffice) -> dict[str, set[str]]:
    return {place: set(sources) for place, sources in office.ears.hearing.items() if sources}


def both_whole(office: TestOffice) -> bool:
    """Neither customer's line was let go, each recording that began runs still."""
    calls = [office.live_call(CallId(call)) for call in ("c000001", "c000002")]
    cut = {line for verb, line, _ in office.orders.log if verb == "hang_up"} & {"l1", "l2"}
    return not cut and all(office.ears.recorded[call.id] is not None for call in calls)


def waits(office: TestOffice, seat: str = "b1") -> str | None:
    call = two_calls.waiting(office.switchboard.live, office.seat(seat))
    return call.id if call is not None else None


def test_as_delivered_no_second_call_waits_anywhere() -> None:
    office = two_talks(set_so(on=False))
    for kind in ("blind", "consult", "conference"):
        with pytest.raises(Refused, match=r"seat\.not_free"):
            office.do(commands.Transfer, seat="b2", to="b1", kind=kind)
    office.do(commands.HangUp, seat="b2")
    office.ring("l3", "13911110001")  # a1's customer
    assert waits(office) is None
    with pytest.raises(Refused, match=r"seat\.not_ringing"):
        office.do(commands.Answer, seat="b1")


def test_a_consultation_waits_at_a_seat_in_a_talk_and_disturbs_nobody() -> None:
    office = consulted()
    assert waits(office) == "c000002" and office.states["b1"] == "talking"
    assert hears(office) == {FIRST: {"seat:b1"}, "seat:b1": {FIRST}}
    assert office.ears.playing["seat:b2"] == "ringback" and office.ears.playing[SECOND] == "hold"


def test_who_takes_it_puts_his_customer_on_hold_and_talks_with_the_colleague() -> None:
    office = taken()
    assert hears(office) == {"seat:b1": {"seat:b2"}, "seat:b2": {"seat:b1"}}
    assert office.ears.playing[FIRST] == "hold" and office.ears.playing[SECOND] == "hold" and both_whole(office)
    assert office.call(CallId("c000001")).state == "held"
    assert office.ears.recorded[CallId("c000001")] == frozenset()


def test_he_goes_back_and_forth_and_the_colleague_hears_music_meanwhile() -> None:
    office = taken()
    office.do(commands.Swap, seat="b1")
    assert hears(office) == {FIRST: {"seat:b1"}, "seat:b1": {FIRST}} and office.ears.playing["seat:b2"] == "hold"
    assert office.ears.recorded[CallId("c000001")] == {"seat:b1"}
    office.do(commands.Swap, seat="b1")
    assert hears(office) == {"seat:b1": {"seat:b2"}, "seat:b2": {"seat:b1"}} and both_whole(office)


def test_a_consultation_that_ends_leaves_him_with_his_customer_on_hold_until_he_is_retrieved() -> None:
    office = taken()
    office.do(commands.CancelTransfer, seat="b2")
    assert office.states["b1"] == "held" and office.ears.playing[FIRST] == "hold"
    assert hears(office) == {SECOND: {"seat:b2"}, "seat:b2": {SECOND}}
    office.do(commands.Retrieve, seat="b1")
    assert hears(office)[FIRST] == {"seat:b1"} and both_whole(office)


@pytest.mark.parametrize("there", [True, False], ids=["talking", "gone back meanwhile"])
def test_a_customer_passed_on_to_him_is_his_beside_the_first(there: bool) -> None:
    office = taken()
    if not there:
        office.do(commands.Swap, seat="b1")
    office.do(commands.CompleteTransfer, seat="b2")
    assert office.states["b2"] == "wrap_up" and both_whole(office)
    now, other = (SECOND, FIRST) if there else (FIRST, SECOND)
    assert hears(office) == {now: {"seat:b1"}, "seat:b1": {now}} and office.ears.playing[other] == "hold"
    office.do(commands.Swap, seat="b1")
    assert hears(office) == {other: {"seat:b1"}, "seat:b1": {other}} and office.ears.playing[now] == "hold" and both_whole(office)


def test_a_call_of_his_own_customer_waits_and_is_taken_out_of_the_queue() -> None:
    office = two_talks()
    office.hang_up("l2")
    call = office.ring("l3", "13911110001")
    assert waits(office) == call and waits(office, "b2") is None
    office.do(commands.Answer, seat="b1")
    assert office.call(call).agent == "a1" and hears(office) == {"line:l3": {"seat:b1"}, "seat:b1": {"line:l3"}}
    assert office.ears.playing[FIRST] == "hold" and not office.switchboard.live.queues.waiting("q")  # type: ignore[arg-type]


def test_a_stranger_in_the_queue_waits_at_nobodys_seat() -> None:
    office = two_talks()
    office.do(commands.LogOut, seat="b3")
    office.ring("l3", "13999999999")
    assert waits(office) is None


def test_a_blind_transfer_waits_for_him_and_goes_to_others_when_he_does_not_take_it() -> None:
    office = two_talks()
    office.do(commands.Transfer, seat="b2", to="b1", kind="blind")
    assert waits(office) == "c000002" and office.states["b2"] == "wrap_up" and office.states["b3"] == "free"
    office.wait(19_000)
    assert office.states["b3"] == "ringing" and waits(office) is None and office.days.missed_on(0, "a1") == 0
    assert both_whole(office)


def test_a_blind_transfer_that_he_takes_is_his_and_the_first_waits_on_hold() -> None:
    office = two_talks()
    office.do(commands.Transfer, seat="b2", to="b1", kind="blind")
    office.do(commands.Answer, seat="b1")
    assert hears(office) == {SECOND: {"seat:b1"}, "seat:b1": {SECOND}} and both_whole(office)


def test_who_does_not_answer_a_waiting_consultation_has_missed_nothing_and_says_no_at_once() -> None:
    office = consulted()
    office.wait(15_000)
    assert waits(office) is None and office.states["b1"] == "talking" and office.states["b2"] == "held"
    office.do(commands.Retrieve, seat="b2")
    office.do(commands.Transfer, seat="b2", to="b1", kind="consult")
    office.do(commands.Reject, seat="b1")
    assert waits(office) is None and office.days.missed_on(0, "a1") == 0 and both_whole(office)


def test_when_his_talk_ends_the_waiting_consultation_rings_as_at_any_free_seat() -> None:
    office = consulted()
    office.hang_up("l1")
    assert office.states["b1"] == "ringing"
    office.do(commands.Answer, seat="b1")
    assert hears(office) == {"seat:b1": {"seat:b2"}, "seat:b2": {"seat:b1"}}


def test_he_is_busy_for_the_queue_until_both_calls_are_over_and_wraps_up_once() -> None:
    office = taken()
    office.do(commands.CompleteTransfer, seat="b2")
    office.hang_up("l1")
    assert office.states["b1"] == "talking"
    office.do(commands.Pause, seat="b3", reason="x")
    office.wait(30_000)
    office.do(commands.Pause, seat="b2", reason="x")
    waiting = office.ring("l3", "13999999999")
    assert office.call(waiting).state == "queued"
    office.hang_up("l2")
    assert office.states["b1"] == "wrap_up"
    office.wait(10_000)
    assert office.states["b1"] == "ringing"


def test_a_pause_chosen_in_two_calls_begins_after_both() -> None:
    office = taken()
    office.do(commands.CompleteTransfer, seat="b2")
    office.do(commands.Pause, seat="b1", reason="meal")
    office.hang_up("l1")
    assert office.states["b1"] == "talking" and office.seat("b1").next_status == "paused:meal"
    office.hang_up("l2")
    assert office.states["b1"] == "paused" and office.seat("b1").reason == "meal"


def test_a_third_call_waits_nowhere() -> None:
    office = taken()
    office.log_in("b4", "a4")
    office.ring("l3", "13999999999")
    office.do(commands.Answer, seat="b3")
    with pytest.raises(Refused, match=r"seat\.not_free"):
        office.do(commands.Transfer, seat="b3", to="b1", kind="consult")


def test_he_who_consults_takes_no_second_call_before_that_is_over() -> None:
    office = consulted()
    office.do(commands.Transfer, seat="b1", to="b3", kind="consult")
    with pytest.raises(Refused, match=r"transfer\.open"):
        office.do(commands.Answer, seat="b1")
    assert waits(office) is None or office.states["b1"] == "held"


def test_both_customers_of_a_seat_that_vanished_wait_first_of_all_after_30_s() -> None:
    office = taken()
    office.do(commands.CompleteTransfer, seat="b2")
    office.pages.discard("b1")
    for seat in ("b2", "b3"):
        office.do(commands.Pause, seat=seat, reason="x")
    office.wait(3_000)
    assert office.states["b1"] == "fault" and office.ears.playing[SECOND] == "hold"
    office.wait(30_000)
    assert [office.call(CallId(call)).state for call in ("c000001", "c000002")] == ["queued", "queued"] and both_whole(office)


def test_a_seat_that_is_found_in_time_has_both_calls() -> None:
    office = taken()
    office.do(commands.CompleteTransfer, seat="b2")
    office.pages.discard("b1")
    office.wait(20_000)
    office.pages.add("b1")
    office.wait(1_000)
    office.do(commands.Swap, seat="b1")
    assert hears(office) == {FIRST: {"seat:b1"}, "seat:b1": {FIRST}} and both_whole(office)


def test_an_outside_phone_takes_a_second_call_by_the_desk_and_its_hang_up_cuts_neither_customer() -> None:
    office = two_talks()
    for seat in ("b2", "b3"):
        office.do(commands.Pause, seat=seat, reason="x")
    office.do(commands.LogOut, seat="b3")
    office.log_in("p1", "a3")
    third = office.ring("l3", "13999999999")
    leg = office.seat("p1").leg
    assert leg is not None
    for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
        office.tell(fact, leg)
    office.tell(told.DigitHeard, leg, digit="1")
    office.do(commands.Transfer, seat="b2", to="p1", kind="blind")
    office.do(commands.Answer, seat="p1")
    assert hears(office)[SECOND] == {f"line:{leg}"} and office.ears.playing["line:l3"] == "hold" and office.seat("p1").leg == leg
    office.hang_up(leg)
    assert office.call(third).state in ("queued", "offered") and "hang_up" not in {
        verb for verb, line, _ in office.orders.log if line == "l3"
    }


def test_a_restart_cuts_neither_customer() -> None:
    office = taken()
    office.do(commands.CompleteTransfer, seat="b2")
    office.restart(holds=("l1", "l2"))
    states = {call: office.call(CallId(call)).state for call in ("c000001", "c000002")}
    assert states["c000002"] == "talking" and office.live_call(CallId("c000002")).seat == "b1"
    assert states["c000001"] == "held" and office.seat("b1").parked == "c000001" and both_whole(office)
    office.do(commands.Swap, seat="b1")
    assert hears(office) == {FIRST: {"seat:b1"}, "seat:b1": {FIRST}}


def test_outside_numbers_are_no_second_call() -> None:
    office = two_talks()
    office.do(commands.Transfer, seat="b2", to="13700000000", kind="consult")
    an_outside_number_answers(office)
    assert waits(office) is None and office.states["b2"] == "held"


def test_a_restart_in_a_consultation_beside_a_customer_on_hold_leaves_both_customers_on_hold_with_their_agents() -> None:
    office = taken()
    office.restart(holds=("l1", "l2"))
    assert {call: (view.state, view.seat) for call, view in office.book.views.items()} == {
        "c000001": ("held", "b1"), "c000002": ("held", "b2")
    }  # fmt: skip
    for seat, customer in (("b1", FIRST), ("b2", SECOND)):
        office.do(commands.Retrieve, seat=seat)
        assert hears(office)[customer] == {f"seat:{seat}"}
    assert both_whole(office)
