"""Two calls at one seat (A2 A9): one is spoken with, the other in the background, on hold. The core knows one of them at the most.

The seat's own fields (`call`, `party_of`, `muted`, its state) are of the call spoken with; `parked` is the other. What an agent orders
is in second.py.
"""

from appliance.base.ids import AgentId
from appliance.calls.call import Call, CallState
from appliance.calls.dialling import block
from appliance.calls.live import Live
from appliance.calls.seats import Block, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import CallHeld, CallMuted, CallRetrieved


def own(live: Live, seat: Seat) -> list[Call]:
    """The calls whose agent sits here, the one spoken with first."""
    return [live.calls[name] for name in (seat.call, seat.parked) if name is not None and live.calls[name].seat == seat.id]


def waiting(live: Live, seat: Seat) -> Call | None:
    """The call that waits here beside the one in which he is: a colleague's first, then of his own customers who waits longest."""
    if seat.second is not None:
        return live.calls[seat.second]
    if not may_have(live, seat):
        return None
    his = [call for call in live.calls.values() if call.meant_for == seat.agent and call.state is CallState.QUEUED]
    return min((call for call in his if call.id not in live.tickets), key=lambda call: call.picked_up_ms or 0, default=None)


def may_have(live: Live, seat: Seat) -> bool:
    """Set so, and in a talk of his own, the only one."""
    talks = seat.state in (SeatState.TALKING, SeatState.HELD) and seat.call is not None and live.calls[seat.call].with_customer
    return seat.config.second_call and talks and seat.parked is None


def has_room(live: Live, seat: Seat) -> bool:
    """A second call may be sent here now."""
    return may_have(live, seat) and waiting(live, seat) is None


def talks(live: Live, seat: Seat) -> bool:
    """He is in a call which the core would count: as its agent, or asked into a colleague's."""
    if seat.call is not None:
        return seat.state is not SeatState.RINGING
    party = live.calls[seat.party_of].party_at(seat.id) if seat.party_of is not None else None
    return party is not None and party.here and not party.listens


def stays_busy(live: Live, seat: Seat) -> bool:
    """The call that the core knew is over, and he is in another: he is busy for the core until that one ends too."""
    return talks(live, seat) and live.feed(inputs.AgentDials(live.number_of(seat)))


def park(live: Live, seat: Seat) -> None:
    """The call spoken with goes into the background: its customer hears music, and so does a colleague who consults here."""
    name = seat.call or seat.party_of
    assert name is not None and seat.parked is None
    call = live.calls[name]
    if seat.muted:
        seat.muted = False
        live.tell(CallMuted(at_ms=live.now_ms, call=call.id, seat=seat.id, muted=False))
    if call.seat == seat.id:
        on_hold(live, seat, call)
    block(live, seat, Block.TWO_CALLS, True)
    seat.parked, seat.call, seat.party_of = call.id, None, None
    live.arrange(call)


def again(live: Live, seat: Seat, call: Call, agent: AgentId | None) -> bool:
    """After a restart: who talks here again has this one in the background, as before. False where he does not."""
    if seat.agent is None or seat.agent != agent or seat.call is None or seat.parked is not None:
        return False
    call.seat, call.by_hand, seat.parked = seat.id, True, call.id
    on_hold(live, seat, call)
    block(live, seat, Block.TWO_CALLS, True)
    return True


def on_hold(live: Live, seat: Seat, call: Call) -> None:
    if call.state is CallState.TALKING:
        call.move(CallState.HELD)
        live.tell(CallHeld(at_ms=live.now_ms, call=call.id, seat=seat.id))


def bring(live: Live, seat: Seat, call: Call) -> None:
    """He speaks with this one from now on."""
    if call.seat == seat.id:
        seat.call = call.id
        if call.state is CallState.HELD:
            call.move(CallState.TALKING)
            live.tell(CallRetrieved(at_ms=live.now_ms, call=call.id, seat=seat.id))
        live.set_seat(seat, SeatState.TALKING)
    else:
        _back_to_colleague(live, seat, call)
    live.arrange(call)


def over(live: Live, seat: Seat, call: Call) -> None:
    """One of the two is over here. A customer in the background stays on hold until he is retrieved, a colleague is heard at once."""
    if seat.parked == call.id:
        seat.parked = None
        return
    assert seat.parked is not None
    live.arrange(call)  # without him, before the other call has his ear
    other, seat.parked = live.calls[seat.parked], None
    seat.call = seat.party_of = None
    seat.muted = False
    if other.seat == seat.id:
        seat.call = other.id
        if not seat.lost:
            live.set_seat(seat, SeatState.HELD)
    else:
        _back_to_colleague(live, seat, other)
    live.arrange(other)


def _back_to_colleague(live: Live, seat: Seat, call: Call) -> None:
    seat.party_of = call.id
    party = call.party_at(seat.id)
    assert party is not None
    if not seat.lost:
        live.set_seat(seat, SeatState.TALKING, reason=party.role.value)
