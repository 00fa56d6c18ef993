"""E5: the box dies with calls up and starts again. What the journal knows, what the modem says, what becomes of it: every pair."""

import pytest
from msgspec.structs import replace

from appliance.base.ids import LineId
from appliance.box.lines import kept_calls
from appliance.calls import commands
from appliance.calls.call import CallState
from appliance.calls.left_open import OpenCalls
from appliance.events import call as happened
from appliance.events import line as told
from appliance.hw.dialect import Kept
from firmware_cfg.document import Transfer
from tests.support.office import TestOffice, a_document

CALLER = "13912345678"


@pytest.fixture
def office() -> TestOffice:
    return TestOffice()


def ringing(office: TestOffice) -> None:
    office.tell(told.LineRinging, "l1", ring=1)
    office.tell(told.CallerKnown, "l1", caller=CALLER)


def queued(office: TestOffice) -> None:
    office.ring("l1", CALLER)


def offered(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.ring("l1", CALLER)


def phone_rings(office: TestOffice) -> None:
    office.log_in("p1", "a1")
    office.ring("l1", CALLER)
    office.tell(told.LineDialling, "l3")
    office.tell(told.LineAlerting, "l3")


def talking(office: TestOffice) -> None:
    offered(office)
    office.do(commands.Answer, seat="b1")


def muted(office: TestOffice) -> None:
    talking(office)
    office.do(commands.Mute, seat="b1", muted=True)


def held(office: TestOffice) -> None:
    talking(office)
    office.do(commands.Hold, seat="b1")


def kept(office: TestOffice) -> None:
    """Its page vanished a moment before."""
    talking(office)
    office.pages.discard("b1")
    office.wait(4_000)
    office.pages.add("b1")


def at_a_phone(office: TestOffice) -> None:
    phone_rings(office)
    office.tell(told.LineConnected, "l3")
    office.tell(told.LineSoundOn, "l3")
    office.tell(told.DigitHeard, "l3", digit="1")


def consulting(office: TestOffice) -> None:
    """The agent asks a colleague at a page; the customer is on hold."""
    talking(office)
    office.log_in("b2", "a2")
    office.do(commands.Transfer, seat="b1", to="b2", kind="consult")
    office.do(commands.Answer, seat="b2")


def conferring(office: TestOffice) -> None:
    consulting(office)
    office.do(commands.JoinTransfer, seat="b1")


def handed_over(office: TestOffice) -> None:
    consulting(office)
    office.do(commands.CompleteTransfer, seat="b1")


def supervised(office: TestOffice) -> None:
    talking(office)
    office.log_in("b2", "a2")
    office.do(commands.Supervise, seat="b2", call="c000001", mode="monitor", by="chief")


JOURNAL = (ringing, queued, offered, phone_rings, talking, muted, held, kept, at_a_phone, consulting, conferring, handed_over, supervised)
MODEM = {
    "up": ("l1",),  # the customer's line holds its call; a leg, where there was one, is gone
    "both up": ("l1", "l3"),
    "nothing": (),
    "leg only": ("l3",),
}
WAITS, RINGS, TALKS, HELD, ENDED = "waits", "rings b1", "talks", "held", "ended by box"
BECOMES = {
    # journal       up      both up  nothing  leg only
    "ringing": (WAITS, WAITS, "may ring again", "may ring again"),
    "queued": (WAITS, WAITS, ENDED, ENDED),
    "offered": (RINGS, RINGS, ENDED, ENDED),
    "phone_rings": ("rings p1", "rings p1", ENDED, ENDED),
    "talking": (TALKS, TALKS, ENDED, ENDED),
    "muted": (TALKS, TALKS, ENDED, ENDED),
    "held": (HELD, HELD, ENDED, ENDED),
    "kept": (TALKS, TALKS, ENDED, ENDED),
    "at_a_phone": ("rings p1", TALKS, ENDED, ENDED),
    "consulting": (HELD, HELD, ENDED, ENDED),
    "conferring": (TALKS, TALKS, ENDED, ENDED),
    "handed_over": (TALKS, TALKS, ENDED, ENDED),
    "supervised": (TALKS, TALKS, ENDED, ENDED),
}


def what_it_is(office: TestOffice) -> str:
    call = office.switchboard.live.calls.get("c000001")  # type: ignore[call-overload]
    if call is None:
        return f"ended by {office.call('c000001').ended_by}"  # type: ignore[arg-type]
    if call.state is CallState.OFFERED:
        return "rings " + ", ".join(seat.id for seat in office.switchboard.live.seats.values() if seat.call == call.id)
    return {"ringing": "may ring again", "queued": WAITS, "talking": TALKS, "held": HELD}[call.state.value]


@pytest.mark.parametrize("modem", MODEM)
@pytest.mark.parametrize("before", JOURNAL, ids=lambda one: one.__name__)
def test_what_the_journal_knows_and_what_the_modem_holds_give_what_becomes_of_the_call(before, modem: str) -> None:  # type: ignore[no-untyped-def]
    office = TestOffice(a_document(browsers=2, phones=1, lines=3))
    before(office)
    office.restart(MODEM[modem])
    assert what_it_is(office) == BECOMES[before.__name__][list(MODEM).index(modem)]
    assert len(office.told(happened.CallStarted)) == 1, "it is the same call"
    if what_it_is(office) == TALKS:
        place = {at_a_phone: "line:l3", handed_over: "seat:b2"}.get(before, "seat:b1")
        agents = frozenset() if before is muted else frozenset({place})
        if before is conferring:
            agents |= {"seat:b2"}
        assert office.ears.hearing["line:l1"] == agents
        assert office.ears.hearing[place] == {"line:l1"} | (agents - {place})
        assert office.ears.recorded["c000001"] == agents and office.call("c000001").state == "talking"
    elif what_it_is(office).startswith("ended"):
        assert office.call("c000001").timeline[-1].words["why"] == "box restarted"
        assert office.ears.recorded["c000001"] is None, "its recording is sealed"
        assert all(state in ("free", "logged_out", "wrap_up") for state in office.states.values())
    elif what_it_is(office) == HELD:
        assert office.ears.playing["line:l1"] == "hold"
    if modem.endswith("up"):
        assert len(office.told(happened.CallTakenUp)) == 1
    in_it = before in (consulting, conferring, supervised) and modem.endswith("up")
    assert len(office.call("c000001").parties) == in_it, "who was in the call at a page is in it, and nobody else"
    assert all(offer.outcome is not None for offer in office.call("c000001").offers[:-1])
    if modem == "leg only" and before is at_a_phone:
        assert ("hang_up", "l3", None) in office.orders.log


def test_a_call_that_rang_rings_again_and_is_the_same_call(office: TestOffice) -> None:
    ringing(office)
    office.restart()
    office.wait(2_000)
    office.tell(told.LineRinging, "l1", ring=1)
    office.tell(told.CallerKnown, "l1", caller=None)
    assert ("answer", "l1", None) in office.orders.log
    office.tell(told.LineAnswered, "l1")
    assert office.call("c000001").caller == CALLER and office.live_call("c000001").state is CallState.QUEUED
    office.wait(10_000)
    assert office.live_call("c000001").state is CallState.QUEUED


def test_a_caller_who_gave_up_while_the_box_was_away_has_left_by_himself(office: TestOffice) -> None:
    ringing(office)
    office.restart()
    office.wait(6_000)
    assert office.call("c000001").ended_by == "caller"


def test_place_and_waiting_time_are_kept_and_nobody_is_offered_before_the_first_in_line(office: TestOffice) -> None:
    calls = [office.ring(line) for line in ("l2", "l3", "l1")]
    office.wait(20_000)
    office.log_in("b1", "a1")  # the first rings there
    office.restart(asked=False)
    office.line_tells("l1", up=True)
    office.line_tells("l3", up=True)
    assert office.states["b1"] == "free", "the first in line has not been heard of yet"
    office.line_tells("l2", up=True)
    assert office.states["b1"] == "ringing" and office.seat("b1").call == calls[0]
    assert office.switchboard.live.queues.waiting("q") == calls  # type: ignore[arg-type]
    now = office.now_ms
    assert now - (office.live_call(calls[0]).picked_up_ms or 0) >= 21_500


def test_a_modem_that_never_says_what_it_holds_keeps_the_others_waiting_for_three_seconds_at_most(office: TestOffice) -> None:
    office.log_in("b1", "a1")
    office.wait(1)
    office.do(commands.Pause, seat="b1", reason="lunch")
    first, second = office.ring("l1"), office.ring("l2")
    office.do(commands.Resume, seat="b1")
    office.do(commands.Pause, seat="b1", reason="lunch")
    office.restart(asked=False)
    office.line_tells("l2", up=True)
    office.do(commands.Resume, seat="b1")
    office.wait(2_999)
    assert office.states["b1"] == "free"
    office.wait(1)
    assert office.states["b1"] == "ringing"
    office.tell(told.LineFault, "l1", why="gone")
    assert office.call(first).ended_by == "box" and second in office.switchboard.live.calls


def test_who_went_back_to_the_head_of_the_queue_is_still_before_all(office: TestOffice) -> None:
    waiting = office.ring("l2")
    office.wait(5_000)
    office.log_in("b1", "a1")
    office.do(commands.Answer, seat="b1")
    other = office.ring("l1")
    office.pages.clear()
    office.wait(40_000)  # the page does not come back: the talk is over, he waits before all
    assert office.switchboard.live.queues.waiting("q") == [waiting, other]  # type: ignore[arg-type]
    office.restart(["l1", "l2"])
    assert office.switchboard.live.queues.waiting("q") == [waiting, other]  # type: ignore[arg-type]


def test_a_talk_that_was_taken_up_ends_like_any_other(office: TestOffice) -> None:
    talking(office)
    office.restart(["l1"])
    office.do(commands.HangUp, seat="b1")
    assert office.states["b1"] == "wrap_up" and office.call("c000001").ended_by == "agent"
    assert ("hang_up", "l1", None) in office.orders.log


def test_a_page_that_does_not_come_back_keeps_its_call_for_thirty_seconds(office: TestOffice) -> None:
    talking(office)
    office.pages.clear()
    office.restart(["l1"])
    office.wait(3_000)
    assert office.states["b1"] == "fault" and office.live_call("c000001").kept
    office.wait(30_000)
    assert office.live_call("c000001").state is CallState.QUEUED


def test_what_the_agent_chose_for_after_the_call_is_kept(office: TestOffice) -> None:
    talking(office)
    office.do(commands.ChooseNext, seat="b1", status="paused:lunch")
    office.restart(["l1"])
    office.hang_up("l1")
    office.wait(11_000)
    assert office.states["b1"] == "paused" and office.seat("b1").reason == "lunch"


def test_a_call_whose_line_or_queue_is_not_in_the_configuration_any_more_is_ended_and_said(office: TestOffice) -> None:
    queued(office)
    office.switchboard.live.document = a_document(lines=3)
    office.switchboard.live.document = type(office.switchboard.live.document)(
        line=office.switchboard.live.document.line[1:],
        queue=office.switchboard.live.document.queue,
        seat=office.switchboard.live.document.seat,
        agent=office.switchboard.live.document.agent,
    )
    office.restart()
    assert office.call("c000001").ended_by == "box" and not office.switchboard.live.calls


def test_killed_twice_before_any_line_has_told_it_is_still_the_same_call(office: TestOffice) -> None:
    talking(office)
    office.restart(asked=False)
    office.restart(["l1"])
    assert what_it_is(office) == TALKS and len(office.told(happened.CallTakenUp)) == 1


def test_a_consultation_goes_on_and_can_be_completed(office: TestOffice) -> None:
    consulting(office)
    office.restart(["l1"])
    assert office.ears.hearing["seat:b1"] == {"seat:b2"} and office.ears.hearing["seat:b2"] == {"seat:b1"}
    assert office.ears.playing["line:l1"] == "hold" and (office.states["b1"], office.states["b2"]) == ("held", "talking")
    office.do(commands.CompleteTransfer, seat="b1")
    assert office.ears.hearing["line:l1"] == {"seat:b2"} and office.states["b1"] == "wrap_up"
    office.do(commands.HangUp, seat="b2")
    assert office.states["b2"] == "wrap_up" and office.call("c000001").ended_by == "agent"


def test_a_conference_goes_on_and_outlives_its_agent(office: TestOffice) -> None:
    conferring(office)
    office.do(commands.Mute, seat="b2", muted=True)
    office.restart(["l1"])
    assert office.ears.hearing["line:l1"] == {"seat:b1"}, "the colleague is still muted, the agent is not"
    office.do(commands.Mute, seat="b2", muted=False)
    assert office.ears.hearing["line:l1"] == {"seat:b1", "seat:b2"}
    office.do(commands.HangUp, seat="b1")
    assert office.ears.hearing["line:l1"] == {"seat:b2"} and office.live_call("c000001").seat == "b2"


def test_a_supervisor_still_listens_and_can_take_the_call_over(office: TestOffice) -> None:
    supervised(office)
    office.restart(["l1"])
    assert office.ears.hearing["seat:b2"] == {"seat:b1", "line:l1"} and office.ears.hearing["line:l1"] == {"seat:b1"}
    assert not office.told(happened.SupervisionEnded), "it has not ended: nothing of it is told"
    office.do(commands.Supervise, seat="b2", call="c000001", mode="take_over", by="chief")
    assert office.ears.hearing["line:l1"] == {"seat:b2"} and office.states["b1"] == "wrap_up"


def test_a_party_whose_page_does_not_come_back_leaves_after_thirty_seconds(office: TestOffice) -> None:
    conferring(office)
    office.pages.discard("b2")
    office.restart(["l1"])
    office.wait(3_000)
    assert office.states["b2"] == "fault" and office.ears.hearing["line:l1"] == {"seat:b1"}
    office.wait(30_000)
    assert not office.call("c000001").parties and office.states["b1"] == "talking"


def test_who_is_only_asked_is_not_in_the_call_after_a_restart(office: TestOffice) -> None:
    talking(office)
    office.log_in("b2", "a2")
    office.do(commands.Transfer, seat="b1", to="b2", kind="consult")
    office.restart(["l1"])
    assert not office.call("c000001").parties and office.states["b2"] == "free"
    office.do(commands.Retrieve, seat="b1")
    assert office.ears.hearing["line:l1"] == {"seat:b1"}


def test_who_wrapped_up_wraps_up_and_is_free_in_his_time(office: TestOffice) -> None:
    talking(office)
    office.hang_up("l1")
    office.wait(6_000)
    office.restart()
    assert office.states["b1"] == "wrap_up", "it begins anew: nobody is offered a call in the middle of his note"
    office.ring("l2")
    office.wait(9_900)
    assert office.states["b1"] == "wrap_up"
    office.wait(200)
    assert office.states["b1"] == "ringing"


def test_who_wrapped_up_may_be_ready_at_once(office: TestOffice) -> None:
    talking(office)
    office.hang_up("l1")
    office.restart()
    office.do(commands.Resume, seat="b1")
    office.ring("l2")
    assert office.states["b1"] == "ringing"


# --- outside phones and numbers


def an_office_that_dials_out() -> TestOffice:
    """a1 at the page b1 has the customer of l1; a3 sits at the telephone p1. Agents may call any number in."""
    document = a_document(browsers=2, phones=1, lines=4)
    office = TestOffice(replace(document, transfer=Transfer(outside="on", numbers=("",))))
    talking(office)
    office.log_in("p1", "a3")
    return office


def phone_joins(office: TestOffice, kind: str) -> None:
    """It is dialled on l4, and key 1 says that a3 is there."""
    office.do(commands.Transfer, seat="b1", to="p1", kind=kind)
    answers(office, "l4")
    office.tell(told.DigitHeard, "l4", digit="1")


def answers(office: TestOffice, line: str) -> None:
    for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
        office.tell(fact, line)


def number_joins(office: TestOffice, kind: str) -> None:
    """On l3: the last line is kept for the telephone."""
    office.do(commands.Transfer, seat="b1", to="13711112222", kind=kind)
    answers(office, "l3")


def heard_by(office: TestOffice, place: str) -> set[str]:
    return set(office.ears.hearing[place])


def test_a_colleague_at_an_outside_phone_is_still_in_the_conference_and_it_outlives_its_agent() -> None:
    office = an_office_that_dials_out()
    phone_joins(office, "conference")
    office.do(commands.Mute, seat="p1", muted=True)
    office.restart(["l1", "l4"])
    assert heard_by(office, "line:l1") == {"seat:b1"}, "the colleague is still muted"
    office.do(commands.Mute, seat="p1", muted=False)
    assert heard_by(office, "line:l1") == {"seat:b1", "line:l4"} and heard_by(office, "line:l4") == {"seat:b1", "line:l1"}
    assert office.ears.recorded["c000001"] == {"seat:b1", "line:l4"}
    assert not office.told(happened.PartyLeft) and len(office.told(happened.PartyJoined)) == 1
    office.do(commands.HangUp, seat="b1")
    assert heard_by(office, "line:l1") == {"line:l4"} and office.live_call("c000001").seat == "p1"
    office.hang_up("l4")
    assert office.call("c000001").ended_by == "agent" and office.states["p1"] == "wrap_up"


def test_a_colleague_consulted_at_an_outside_phone_gets_the_customer_after_a_restart() -> None:
    office = an_office_that_dials_out()
    phone_joins(office, "consult")
    office.restart(["l1", "l4"])
    assert heard_by(office, "seat:b1") == {"line:l4"} and heard_by(office, "line:l4") == {"seat:b1"}
    assert office.ears.playing["line:l1"] == "hold" and office.states["b1"] == "held"
    office.do(commands.CompleteTransfer, seat="b1")
    assert heard_by(office, "line:l1") == {"line:l4"} and office.states["b1"] == "wrap_up"


@pytest.mark.parametrize("joins", [phone_joins, number_joins], ids=lambda one: one.__name__)
def test_an_outside_party_whose_line_has_let_go_has_left_and_the_others_go_on(joins) -> None:  # type: ignore[no-untyped-def]
    office = an_office_that_dials_out()
    joins(office, "conference")
    office.restart(["l1"])
    assert not office.call("c000001").parties and heard_by(office, "line:l1") == {"seat:b1"}
    assert [fact.why for fact in office.told(happened.PartyLeft)] == ["lost"]  # type: ignore[attr-defined]
    office.wait(11_000)
    assert office.states["p1"] == "free", "the phone's agent may have the next call"


@pytest.mark.parametrize("kind", ["consult", "conference"])
def test_an_outside_number_is_still_in_the_call_and_its_line_is_let_go_with_it(kind: str) -> None:
    office = an_office_that_dials_out()
    number_joins(office, kind)
    office.restart(["l1", "l3"])
    both = kind == "conference"
    assert heard_by(office, "line:l3") == {"seat:b1"} | ({"line:l1"} if both else set())
    assert heard_by(office, "line:l1") == ({"seat:b1", "line:l3"} if both else set())
    office.do(commands.HangUp, seat="b1") if both else office.do(commands.CancelTransfer, seat="b1")
    assert ("hang_up", "l3", None) in office.orders.log
    if not both:
        assert heard_by(office, "line:l1") == {"seat:b1"}


def test_a_customer_put_through_to_an_outside_number_talks_on_for_what_is_left_of_the_longest_time() -> None:
    office = an_office_that_dials_out()
    number_joins(office, "blind")
    office.wait(600_000)
    office.restart(["l1", "l3"])
    assert office.live_call("c000001").state is CallState.OUTSIDE
    assert heard_by(office, "line:l1") == {"line:l3"} and heard_by(office, "line:l3") == {"line:l1"}
    longest_ms = int(office.switchboard.live.document.transfer.longest_s * 1000)
    office.wait(longest_ms - 600_000 - 1_500 - 1_000)
    assert "c000001" in office.switchboard.live.calls
    office.wait(1_000)
    assert office.call("c000001").timeline[-1].words["why"] == "outside too long"


def test_a_customer_whose_outside_number_is_gone_is_not_left_alone() -> None:
    office = an_office_that_dials_out()
    number_joins(office, "blind")
    office.restart(["l1"])
    assert office.call("c000001").timeline[-1].words["why"] == "outside hung up" and ("hang_up", "l1", None) in office.orders.log


def test_a_customer_who_leaves_while_the_box_is_away_frees_the_outside_number() -> None:
    office = an_office_that_dials_out()
    number_joins(office, "blind")
    office.restart(["l3"])
    assert ("hang_up", "l3", None) in office.orders.log and not office.switchboard.live.calls


def test_a_number_that_was_still_called_is_lost_where_its_modem_lists_no_call_and_in_the_talk_where_it_has_answered_meanwhile() -> None:
    for holds, parties in ((["l1"], 0), (["l1", "l4"], 1)):
        document = a_document(browsers=2, phones=1, lines=4)
        modules = tuple(replace(line, dialect="sim7600") for line in document.line)
        office = TestOffice(replace(document, line=modules, transfer=Transfer(outside="on", numbers=("",))))
        talking(office)
        office.do(commands.Transfer, seat="b1", to="13711112222", kind="conference")
        office.tell(told.LineDialling, "l4")
        office.restart(holds)
        assert len(office.call("c000001").parties) == parties and len(office.told(happened.PartyJoined)) == parties
        assert heard_by(office, "line:l1") == {"seat:b1"} | ({"line:l4"} if parties else set())


def test_a_supervisor_at_an_outside_phone_still_listens() -> None:
    office = an_office_that_dials_out()
    office.do(commands.Supervise, seat="p1", call="c000001", mode="whisper", by="chief")
    answers(office, "l4")
    office.tell(told.DigitHeard, "l4", digit="1")
    office.restart(["l1", "l4"])
    assert heard_by(office, "line:l4") == {"seat:b1", "line:l1"} and heard_by(office, "seat:b1") == {"line:l1", "line:l4"}
    assert heard_by(office, "line:l1") == {"seat:b1"} and not office.told(happened.SupervisionEnded)
    office.do(commands.HangUp, seat="b1")
    assert ("hang_up", "l4", None) in office.orders.log


def test_killed_twice_the_outside_parties_are_still_in_the_call() -> None:
    office = an_office_that_dials_out()
    number_joins(office, "conference")
    office.restart(asked=False)
    office.restart(["l1", "l3"])
    assert heard_by(office, "line:l1") == {"seat:b1", "line:l3"}


def test_a_modem_is_told_that_it_may_hold_the_outside_party_and_not_the_phone_that_was_only_rung() -> None:
    office = an_office_that_dials_out()
    number_joins(office, "conference")
    office.do(commands.Transfer, seat="b1", to="p1", kind="conference")
    left = OpenCalls()
    for fact in office.facts:
        left.take(fact.at_ms, fact)
    assert kept_calls(left, {LineId("l3"): "alaw"}) == {
        "l1": Kept(incoming=True, number=CALLER),
        "l3": Kept(incoming=False, encoding="alaw"),
    }
