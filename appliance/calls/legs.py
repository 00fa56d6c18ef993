"""The line of an outside phone or number has ended by itself: what that means for the offer, the talk, the party on it (A2 A9)."""

from appliance.base.ids import CallId, SeatId
from appliance.calls import commands, dialling, offers, second, supervision, takes, transfer, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.parties import Party, Role
from appliance.calls.seats import Seat, SeatState
from appliance.core import inputs

ENDS = {"busy": "busy", "congestion": "congestion", "no_answer": "no answer", "refused": "refused", "lost": "lost"}
"""A line's words for an end, and a party's."""


def over(live: Live, line: Line, by: str) -> None:
    """`by`: as in LineHungUp."""
    if line.party_of is not None:
        return _number_gone(live, line, by)
    seat = live.seats[line.leg_of] if line.leg_of is not None else None
    line.leg_of = None
    if seat is None or seat.leg != line.id:
        return None
    live.timers.clear(("rings", seat.id))
    if seat.take is not None:
        seat.leg = None
        dialling.silence(live, line.id)
        return takes.end(live, seat, ENDS.get(by, "hung up"))
    second.give_up(live, seat, ENDS.get(by, "hung up"))
    if seat.party_of is not None:
        return _phone_gone(live, seat, line, by)
    if seat.call is None:  # it stood between two calls
        seat.leg = None
        return dialling.silence(live, line.id)
    call, number = live.calls[seat.call], live.number_of(seat)
    if seat.state is SeatState.RINGING:
        seat.leg, seat.refused_by = None, by
        dialling.silence(live, line.id)
        if by in ("refused", "lost", "congestion"):
            live.feed(inputs.OfferFails(call.number, number))
        else:
            live.feed(inputs.AgentRejects(call.number, number, busy=by == "busy"))
    elif by == "lost" and call.state is not CallState.DIALLING:
        _line_lost(live, seat)
    else:
        seat.leg = None
        hang_up(live, seat)
    return None


def _number_gone(live: Live, line: Line, by: str) -> None:
    call = live.calls[line.party_of] if line.party_of is not None else None
    line.party_of = None
    party = next((party for party in call.parties if party.line == line.id), None) if call is not None else None
    if call is not None and party is not None:
        transfer.party_gone(live, call, party, ENDS.get(by, "hung up"))


def _phone_gone(live: Live, seat: Seat, line: Line, by: str) -> None:
    """A phone seat that was asked, consulted, or listened."""
    assert seat.party_of is not None
    call = live.calls[seat.party_of]
    party = call.party_at(seat.id)
    seat.leg = None
    dialling.silence(live, line.id)
    if party is not None:
        transfer.party_gone(live, call, party, ENDS.get(by, "hung up" if party.here else "rejected"))


def _line_lost(live: Live, seat: Seat) -> None:
    """The talk of an agent at an outside phone is cut: the customer waits before all others, or stays with the colleague who is there."""
    assert seat.call is not None
    call, number = live.calls[seat.call], live.number_of(seat)
    seat.leg = None
    if call.by_hand or call.colleague is not None:
        return transfer.agent_gone(live, call)
    live.part(call, "hold")
    live.feed(inputs.AgentVanishes(number, keep_ms=0))
    live.feed(inputs.Tick())
    live.feed(inputs.AgentReturns(number))
    return None


def hang_up(live: Live, seat: Seat) -> None:
    """The agent of a call goes: out of a consultation back to the customer, out of a conference, which goes on; else the talk ends.

    Nobody is cut who waits on hold for the end of a consultation, and no supervisor who has barged in.
    """
    assert seat.call is not None
    call = live.calls[seat.call]
    barged = next((party for party in call.parties if party.role is Role.BARGE and party.here), None)
    if call.asked is not None:
        if seat.is_phone and seat.leg is None:
            _put_down(live, call, call.asked)
        else:
            transfer.cancel(live, seat, commands.CancelTransfer(seat=seat.id))
    elif call.colleague is not None:
        transfer.hand_over(live, call, call.colleague, "conference")
    elif barged is not None:
        supervision.take_over(live, call, barged)
    elif call.by_hand:
        offers.end_call(live, call, "agent")
    else:
        live.feed(inputs.AgentHangsUp(live.number_of(seat)))


def _put_down(live: Live, call: Call, asked: Party) -> None:
    """An outside phone's agent has put it down in a consultation: that completes it; before an answer the customer waits, first of all."""
    if asked.here and asked.seat is not None:
        transfer.hand_over(live, call, asked, "consult")
    else:
        transfer.leave_to_queue(live, call, call.queue, first=True)


def time_is_up(live: Live, kind: str, who: str) -> None:
    """A party's or a kept call's deadline: "asked", "party", "keep" of a seat, "outside" of a line, "longest" of a call."""
    if kind == "longest":
        if (call := live.calls.get(CallId(who))) is not None:
            offers.end_call(live, call, "box", "outside too long")
    elif kind == "keep":
        seat = live.seats[SeatId(who)]
        calls = two_calls.own(live, seat) if seat.lost else []
        for call in calls:
            transfer.agent_gone(live, call, gone=len(calls) > 1)
    else:
        for call in live.calls.values():
            party = next((party for party in call.parties if who in (party.seat, party.line)), None)
            if party is not None and not (kind == "outside" and live.can_talk(party)):  # the network ends what nobody answers
                return transfer.party_gone(live, call, party, "lost" if kind == "party" else "no answer")
    return None
