"""A second call waits at a seat whose agent talks (来电等待), where the seat is set so (A2 A9): the first goes on hold, and back.

Only a call that is meant for him waits there: a colleague's consultation or conference, a transfer to him, a customer of his own.
"""

from appliance.base.errors import Refused
from appliance.calls import commands, joining, offers, supervision, transfer, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.seats import Seat, SeatState
from appliance.events.call import CallAnswered


def take(live: Live, seat: Seat) -> None:
    """The first call is on hold, he speaks with the second."""
    call = two_calls.waiting(live, seat)
    if call is None:
        raise Refused("seat.not_ringing", seat=seat.id)
    _may_leave(live, seat)
    if seat.second is None:
        return _his_own(live, seat, call)
    two_calls.park(live, seat)
    seat.second, seat.party_of = None, call.id
    party = call.party_at(seat.id)
    assert party is not None
    return supervision.arrived(live, call, party)


def _his_own(live: Live, seat: Seat, call: Call) -> None:
    """Out of the queue. For the core he has left it, as its agent has a call already: it is by hand."""
    assert seat.agent is not None
    offers.out_of_line(live, call)  # first: else the core would look for another agent, as this one has two calls
    two_calls.park(live, seat)
    call.move(CallState.TALKING)
    call.seat, call.by_hand, seat.call = seat.id, True, call.id
    live.set_seat(seat, SeatState.TALKING)
    live.tell(CallAnswered(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent))
    live.arrange(call)


def _may_leave(live: Live, seat: Seat) -> None:
    """Nobody whom he consults, or rings, waits for him."""
    if seat.call is not None and live.calls[seat.call].asked is not None:
        raise Refused("transfer.open", seat=seat.id)


def refuse(live: Live, seat: Seat) -> None:
    """A colleague is told at once; a customer waits on, and goes to others when his time is over."""
    if seat.second is None:
        raise Refused("seat.not_ringing", seat=seat.id)
    call = live.calls[seat.second]
    party = call.party_at(seat.id)
    assert party is not None
    transfer.party_gone(live, call, party, "rejected")


def swap(live: Live, seat: Seat, command: commands.Swap) -> None:
    """The one spoken with is on hold, the other is spoken with."""
    if seat.parked is None or seat.state not in (SeatState.TALKING, SeatState.HELD):
        raise Refused("second.none", seat=seat.id)
    _may_leave(live, seat)
    other, seat.parked = live.calls[seat.parked], None
    two_calls.park(live, seat)
    two_calls.bring(live, seat, other)


def give_up(live: Live, seat: Seat, why: str) -> None:
    """Nobody is at the seat any more: who waits in the background goes on, a customer before all others."""
    if seat.parked is None:
        return
    call = live.calls[seat.parked]
    if call.seat == seat.id:
        transfer.agent_gone(live, call, gone=True)
    elif (party := call.party_at(seat.id)) is not None:
        transfer.party_gone(live, call, party, why)


def lost(live: Live, seat: Seat) -> None:
    """The page is gone: a colleague who waits is told."""
    if seat.second is not None and (party := live.calls[seat.second].party_at(seat.id)) is not None:
        joining.leave(live, live.calls[seat.second], party, "lost")
