"""The end of a call, whatever ended it; and of its agent's part in it."""

from appliance.calls import dialling, joining, staying, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.seats import Block
from appliance.core import inputs
from appliance.events.call import CallEnded


def let_seat_go(live: Live, call: Call) -> None:
    """The call's agent has it no more; what his seat is now the core says."""
    assert call.seat is not None
    seat = live.seats[call.seat]
    call.seat, call.kept, seat.last_call = None, False, call.id
    if seat.parked is not None:
        return two_calls.over(live, seat, call)
    live.timers.clear(("keep", seat.id))
    staying.let_go(live, seat)
    seat.call, seat.muted = None, False
    dialling.block(live, seat, Block.TWO_CALLS, False)
    joining.second_rings(live, seat)
    return None


def hand_back(live: Live, call: Call) -> None:
    """The call's agent leaves it, and it goes on: he wraps up (the core says so), and it is nobody's."""
    assert call.seat is not None
    seat, unknown = live.seats[call.seat], call.by_hand
    goes_on = seat.parked is not None
    let_seat_go(live, call)
    call.by_hand = False
    if not (goes_on and unknown):  # else the core would take it for the end of the other call
        live.feed(inputs.AgentHangsUp(live.number_of(seat)))


def end_call(live: Live, call: Call, by: str, why: str = "") -> None:
    """The caller's line is let go, the recording ends, the call leaves the live state, and all who were in it."""
    line = live.lines.get(call.line)  # a call-back that waits has none
    call.move(CallState.ENDED)
    for timer in ("music", "longest", "dialled", "call_back"):
        live.timers.clear((timer, call.id))
    live.tickets.pop(call.id, None)
    if line is not None:
        live.part(call, None)
    joining.dismiss(live, call)
    if call.seat is not None and call.by_hand:
        hand_back(live, call)
    if line is not None and line.call == call.id:
        line.call = None
        live.line_orders.hang_up(line.id)
    live.tell(CallEnded(at_ms=live.now_ms, call=call.id, by=by, why=why))
    live.recording.end(call.id)
    del live.calls[call.id]
    live.queues.call_over(call.number)
