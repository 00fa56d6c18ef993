"""Call-back instead of waiting (A3): a caller presses a key, hangs up and keeps his place; at his turn he is called, an agent reserved.

A ticket is an outbound call that waits. It is told to the core only while a line is free to dial it and somebody of its queue is at
work: else it is kept here, with the age it has. One number has one live attempt (core, rule 18); one that fails is tried again later.
"""

from dataclasses import dataclass
from typing import Final

from appliance.base.ids import LineId, QueueId, call_id, call_number
from appliance.calls import callbacks, dialling, offers
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live, Ticket
from appliance.calls.seats import SeatState
from appliance.core import inputs
from appliance.events.call import CallBackAsked, CallQueued, CallStarted

KEPT_MS: Final = 12 * 3_600_000
"""A call-back that nobody made in so long is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket as the journal knows it after a restart. `waited_ms`: since the caller began to wait."""

    asked: CallBackAsked
    waited_ms: int
    tries: int


def ask(live: Live, call: Call) -> None:
    """The caller hangs up (the box does it for him) and is called back at his turn. His ticket waits before his own call leaves: so an
    agent who rang for him rings for it next."""
    assert call.caller is not None
    number, since_ms = live.next_call, live.queues.since_ms(call.number)
    live.next_call += 1
    asked = CallBackAsked(
        at_ms=live.now_ms, call=call_id(number), of=call.id, caller=call.caller, line=call.line, queue=call.queue,
        waited_ms=live.now_ms - since_ms,
    )  # fmt: skip
    live.tell(CallStarted(at_ms=live.now_ms, call=asked.call, direction="out", line=call.line, caller=call.caller))
    live.tell(asked)
    live.tell(CallQueued(at_ms=live.now_ms, call=asked.call, queue=call.queue))
    keep(live, Kept(asked, asked.waited_ms, 0))
    admit(live)
    live.feed(inputs.CallLeaves(call.number))
    offers.carry_out(live)
    offers.end_call(live, call, "box", "call back")


def keep(live: Live, kept: Kept) -> None:
    """A ticket of now, or of before a restart."""
    asked = kept.asked
    call = Call(asked.call, call_number(asked.call), LineId(""), asked.queue, caller=asked.caller, outgoing=True)
    call.move(CallState.QUEUED)
    live.calls[call.id] = call
    live.queues.call_begins(call.id, call.number)
    live.tickets[call.id] = Ticket(asked.line, live.now_ms - kept.waited_ms, kept.tries)
    live.timers.set(("call_back", call.id), live.now_ms - kept.waited_ms + KEPT_MS)


def key(live: Live, call: Call, digit: str) -> None:
    """A caller's key while he waits: call me back, or let me out of this queue."""
    config = live.queues.config.get(call.queue)
    if config is None or call.state not in (CallState.QUEUED, CallState.OFFERED) or call.id in live.tickets:
        return
    if digit == config.call_back_key and call.caller is not None:
        ask(live, call)
    elif digit == config.leave_key and config.leave_to is not None:
        live.feed(inputs.CallMoves(call.number, live.queues.queues[QueueId(config.leave_to)]))
    elif digit == config.leave_key:
        live.feed(inputs.CallLeaves(call.number))
        offers.carry_out(live)
        offers.end_call(live, call, "caller", "left by key")


# -- in the core or kept here ---------------------------------------------------------------------------------------------------------


def admit(live: Live) -> None:
    """At the end of each turn: as many tickets wait in the core as there are lines to dial them, the oldest first; never more."""
    if not live.tickets:
        return
    waiting = {call: ticket for call, ticket in live.tickets.items() if live.calls[call].state is not CallState.DIALLING}
    lines = len(dialling.spare_lines(live))
    inside = sorted((call for call in waiting if waiting[call].in_core), key=lambda call: waiting[call].since_ms)
    inside.sort(key=lambda call: live.calls[call].state is not CallState.OFFERED)  # who rings already stays
    for at, call in enumerate(inside):
        if at >= lines or not _may_wait(live, live.calls[call], full=False):
            waiting[call].in_core = False
            live.feed(inputs.CallLeaves(live.calls[call].number))
    free = lines - sum(ticket.in_core for ticket in waiting.values())
    outside = sorted((call for call in waiting if not waiting[call].in_core), key=lambda call: waiting[call].since_ms)
    for call in outside:
        if free > 0 and waiting[call].not_before_ms <= live.now_ms and _may_wait(live, live.calls[call], full=True):
            waiting[call].in_core = _enter(live, live.calls[call], waiting[call])
            free -= waiting[call].in_core


def _may_wait(live: Live, call: Call, full: bool) -> bool:
    """Somebody of its queue is at work; where `full` counts, there is room."""
    config = live.queues.config.get(call.queue)
    if config is None:
        return False
    if full and config.length_max and len(live.queues.waiting(call.queue)) >= config.length_max:
        return False
    return somebody_at_work(live, call)


def somebody_at_work(live: Live, call: Call) -> bool:
    config = live.queues.config[call.queue]
    away = (SeatState.PAUSED, SeatState.FAULT, *((SeatState.WRAP_UP,) if "all_in_wrap_up" in config.when_empty else ()))
    agents = [agent for agent in live.agents.values() if call.queue in agent.config.queues and agent.seat is not None]
    return any(live.seats[agent.seat].state not in away for agent in agents if agent.seat is not None)


def _enter(live: Live, call: Call, ticket: Ticket) -> bool:
    line = live.lines.get(ticket.line)
    config = line.config if line is not None else next(iter(live.lines.values())).config
    waited_ms = min(10**9, live.now_ms - ticket.since_ms)
    return live.feed(
        live.queues.caller(call.number, call.queue, config, call.caller, live.agent_of(call), waited_ms=waited_ms, callback=True)
    )


def due(live: Live, kind: str, call: Call) -> None:
    """Nobody answers; or a ticket may be tried again, or is too old."""
    if kind == "dialled" and call.state is CallState.DIALLING:
        callbacks.failed(live, call, "no answer")
    elif kind == "call_back" and call.id in live.tickets:
        ticket = live.tickets[call.id]
        if call.state is CallState.DIALLING:
            live.timers.set(("call_back", call.id), live.now_ms + callbacks.RING_LIMIT_MS)
        elif live.now_ms >= ticket.since_ms + KEPT_MS:
            if ticket.in_core:
                live.feed(inputs.CallLeaves(call.number))
                offers.carry_out(live)
            offers.end_call(live, call, "box", "waited too long")
        else:
            live.timers.set(("call_back", call.id), ticket.since_ms + KEPT_MS)
