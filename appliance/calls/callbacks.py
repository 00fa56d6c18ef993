"""A call-back's attempt (A3): its agent is there, the customer is dialled on a free line; how a ticket ends without one (tickets.py)."""

from typing import Final

from appliance.base.ids import CallId, LineId, SeatId
from appliance.base.phone_numbers import national
from appliance.calls import dialling
from appliance.calls.call import Call, CallState
from appliance.calls.ending import end_call
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.ports import line_place
from appliance.calls.queues import ms
from appliance.calls.seats import Seat
from appliance.core import inputs
from appliance.events.call import CallBackFailed, CallDialled, CallPickedUp
from firmware_cfg.document import Queue

RING_LIMIT_MS: Final = 45_000
"""So long the customer's telephone may take to answer: nine rings; networks give up after 60 s."""


def dial(live: Live, call: Call, agent_seat: SeatId) -> None:
    """Its agent is ready and hears ring-back: the customer is dialled."""
    seat, ticket = live.seats[agent_seat], live.tickets[call.id]
    ticket.in_core = False
    ticket.tries += 1
    line = dialling.spare_line_that_knows(live)
    call.move(CallState.DIALLING)
    call.seat = seat.id
    if line is None or call.caller is None:
        ticket.tries -= 1
        return failed(live, call, "no line")
    line.call, call.line = call.id, line.id
    live.ring_back(call, seat)
    live.line_orders.dial(line.id, call.caller)
    live.timers.set(("dialled", call.id), live.now_ms + RING_LIMIT_MS)
    live.tell(CallDialled(at_ms=live.now_ms, call=call.id, line=line.id, seat=seat.id, agent=seat.agent))


def answered(live: Live, line: Line, call: Call) -> None:
    """The customer is there: recorded from here on, and the core joins them."""
    live.timers.clear(("dialled", call.id))
    call.picked_up_ms = live.now_ms
    live.tell(CallPickedUp(at_ms=live.now_ms, call=call.id))
    live.recording.begin(call.id, line_place(line.id), live.now_ms)
    live.feed(inputs.CustomerAnswers(call.number))


def there(live: Live, seat: Seat) -> None:
    """The agent says so, who hears the line: an analog one knows of its far end only what it hears."""
    call = of(live, seat.call)
    assert call is not None
    answered(live, live.lines[call.line], call)


def failed(live: Live, call: Call, why: str) -> None:
    """Busy, no answer, no line: the agent is free at once."""
    call.end_why = why
    live.feed(inputs.CustomerFails(call.number))


def attempt_over(live: Live, call: Call) -> None:
    """The core let the agent go, or lost him, before the customer was there: again later, or never."""
    why, ticket = call.end_why or "agent hung up", live.tickets[call.id]
    call.end_why = ""
    live.part(call, None)
    call.arranged = None
    _let_line_go(live, call)
    call.move(CallState.QUEUED)
    live.tell(CallBackFailed(at_ms=live.now_ms, call=call.id, why=why))
    config = live.queues.config.get(call.queue, Queue(id=""))
    if why == "fax" or ticket.tries >= config.call_back_tries:
        return end_call(live, call, "box", why)
    ticket.not_before_ms = live.now_ms + ms(config.call_back_again_s)
    live.timers.set(("call_back", call.id), ticket.not_before_ms)


def _let_line_go(live: Live, call: Call) -> None:
    live.timers.clear(("dialled", call.id))
    line, call.line = live.lines.get(call.line), LineId("")
    if line is not None and line.call == call.id:
        line.call = None
        live.line_orders.hang_up(line.id)


def of(live: Live, call: CallId | None) -> Call | None:
    """The call, where its customer is being dialled."""
    found = live.calls.get(call) if call is not None else None
    return found if found is not None and found.state is CallState.DIALLING else None


def comes_himself(live: Live, call: Call) -> int:
    """A customer whose call-back is kept here calls by himself: it is not needed any more; how long he has waited by it, in ms."""
    waited_ms = 0
    for other, ticket in list(live.tickets.items()):
        kept = live.calls[other]
        same = call.caller is not None and kept.caller is not None and national(kept.caller) == national(call.caller)
        if same and kept.queue == call.queue and not ticket.in_core and kept.state is CallState.QUEUED:
            waited_ms = max(waited_ms, live.now_ms - ticket.since_ms)
            end_call(live, kept, "caller", "called again")
    return min(10**9, waited_ms)


def put_aside(live: Live, call: Call) -> bool:
    """The core sent it away: it waited too long there, or nobody is at work. False: it is no ticket."""
    if call.id not in live.tickets:
        return False
    live.tickets[call.id].in_core = False
    return True
