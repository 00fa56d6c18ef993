"""Carries out the core's decisions: offers with their three rings (A4), joins, wrap-up, rest. One function a decision."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from appliance.base.ids import QueueId
from appliance.calls import callbacks, dialling, joining, staying, takes, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.ending import end_call as end_call
from appliance.calls.ending import hand_back as hand_back
from appliance.calls.ending import let_seat_go as let_seat_go
from appliance.calls.live import Live
from appliance.calls.queues import CAUSES, bit, ms
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import CallAnswered, CallOffered, CallQueued, OfferEnded, OfferMissed, OfferRang
from appliance.events.seat import AgentLoggedOut

log = logging.getLogger(__name__)

OLDEST_MS: Final = 1_000_000_000
"""The core takes no older call."""

RING_MS: Final = 5_000
"""A ring of China: 1 s on, 4 s off (GB/T 3380)."""


def carry_out(live: Live) -> None:
    """Until none is left: carrying one out may tell the core something, which decides again."""
    while live.decisions:
        decision = live.decisions.popleft()
        name = type(decision).__name__
        if name != "Refused":
            HANDLERS[name](live, decision)


def _call(live: Live, number: int) -> Call | None:
    """None where the call ended in this very turn."""
    return live.calls.get(live.queues.call_id(number)) if live.queues.knows(number) else None


def _seat(live: Live, number: int) -> Seat:
    return live.seat_of(live.queues.agent_id(number))


def offer(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    assert call is not None and seat.agent is not None
    call.move(CallState.OFFERED)
    seat.call, seat.rang_at_ms, seat.refused_by, seat.muted = call.id, None, None, False
    live.tell(CallOffered(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent))
    live.set_seat(seat, SeatState.RINGING, until_ms=decision.until_ms)
    if not seat.is_phone:
        live.feed(inputs.OfferRings(decision.call, decision.agent))
    elif not staying.ring(live, seat):
        live.feed(inputs.OfferFails(decision.call, decision.agent))


def ringing(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None or seat.agent is None or seat.call != call.id:
        return
    seat.rang_at_ms = live.now_ms
    live.set_seat(seat, SeatState.RINGING, until_ms=decision.until_ms)
    live.tell(OfferRang(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent, until_ms=decision.until_ms))


def _rings(live: Live, seat: Seat) -> int:
    """Rings begun since the first; a turn that comes late adds none."""
    if seat.rang_at_ms is None:
        return 0
    until_ms = min(live.now_ms, seat.until_ms) if seat.until_ms is not None else live.now_ms
    return max(1, (until_ms - seat.rang_at_ms + RING_MS - 1) // RING_MS)


def _back_to_queue(live: Live, call: Call, seat: Seat) -> None:
    staying.let_go(live, seat)
    seat.call = None
    if call.state is CallState.OFFERED and not ringing_for(live, call):
        call.move(CallState.QUEUED)


def ringing_for(live: Live, call: Call) -> list[Seat]:
    """The seats with an open offer of this call."""
    return [seat for seat in live.seats.values() if seat.state is SeatState.RINGING and seat.call == call.id]


def missed(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None or seat.agent is None:
        return
    live.tell(OfferMissed(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent, rings=_rings(live, seat)))
    dialling.drop_leg(live, seat)  # one that is connected too: nobody is there
    _back_to_queue(live, call, seat)


def rejected(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None or seat.agent is None:
        return
    if seat.refused_by == "no_answer":  # the network gave up before our three rings were over
        live.tell(OfferMissed(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent, rings=_rings(live, seat)))
    else:
        end_offer(live, call, seat, "rejected", seat.refused_by or "")
    _back_to_queue(live, call, seat)


def withdrawn(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None:
        return
    end_offer(live, call, seat, "withdrawn", seat.refused_by or "")
    _back_to_queue(live, call, seat)
    if seat.state is SeatState.RINGING:  # he did nothing wrong: free at once
        live.settle(seat, SeatState.FREE)


def taken(live: Live, decision: Any) -> None:
    """Several rang, and another one has the caller: no miss."""
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None:
        return
    end_offer(live, call, seat, "withdrawn", "taken")
    _back_to_queue(live, call, seat)
    live.settle(seat, SeatState.FREE)


def end_offer(live: Live, call: Call, seat: Seat, outcome: str, why: str = "") -> None:
    assert seat.agent is not None
    live.tell(
        OfferEnded(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent, outcome=outcome, rings=_rings(live, seat), why=why)
    )


def dial_back(live: Live, decision: Any) -> None:
    """Its agent has answered: now the customer is called. Who else rang for it stops."""
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    assert call is not None and seat.agent is not None
    live.timers.clear(("rings", seat.id))
    end_offer(live, call, seat, "answered")
    live.set_seat(seat, SeatState.TALKING)
    if ringing_for(live, call):
        live.feed(inputs.VoicePathStands(decision.call, decision.agent))
    callbacks.dial(live, call, seat.id)


def replaced(live: Live, decision: Any) -> None:
    """The customer calls by himself."""
    if (call := _call(live, decision.call)) is not None:
        end_call(live, call, "caller", "called again")


def connect(live: Live, decision: Any) -> None:
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    assert call is not None and seat.agent is not None
    live.timers.clear(("rings", seat.id))
    live.timers.clear(("music", call.id))
    if call.state is CallState.OFFERED:
        end_offer(live, call, seat, "answered")
    live.tickets.pop(call.id, None)
    call.move(CallState.TALKING)
    call.seat, call.meant_for = seat.id, None
    live.set_seat(seat, SeatState.TALKING)
    live.tell(CallAnswered(at_ms=live.now_ms, call=call.id, seat=seat.id, agent=seat.agent))
    call.by_hand = False
    live.arrange(call)
    if ringing_for(live, call):
        live.feed(inputs.VoicePathStands(decision.call, decision.agent))


def release(live: Live, decision: Any) -> None:
    """The talk is over. Where the agent ended it, so is the call."""
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None or call.seat != seat.id:  # over, or handed over to somebody else
        return
    let_seat_go(live, call)
    if call.state is CallState.DIALLING:
        callbacks.attempt_over(live, call)
    else:
        end_call(live, call, call.ended_by or "agent", call.end_why)


def again_in_line(live: Live, call: Call, queue: QueueId, *, owner: Seat | None = None, first: bool = False) -> None:
    """A call that was answered waits again, with the age that it has: for this queue, or first of all for one agent (A9)."""
    line, age_ms = live.lines[call.line], live.now_ms - (call.picked_up_ms or live.now_ms)
    call.queue = queue
    live.tell(CallQueued(at_ms=live.now_ms, call=call.id, queue=queue, again=first))
    waits = live.queues.caller(call.number, queue, line.config, call.caller)
    if owner is not None:
        limit_ms = ms(live.queues.config[queue].ring_limit_s) + DIAL_ALLOWANCE_MS
        waits = replace(waits, want=-1, owner=live.number_of(owner), owner_ms=limit_ms)
    call.meant_for = owner.agent if owner is not None else None
    if not live.feed(replace(waits, waited_ms=min(age_ms, OLDEST_MS), position=int(first))):
        return end_call(live, call, "box", "queue full")
    if owner is not None and live.queues.core.agent(live.number_of(owner))[0] in ("resting", "free"):
        live.feed(inputs.AgentTakes(call.number, live.number_of(owner)))
    return None


def out_of_line(live: Live, call: Call) -> None:
    """Somebody has who waits without the core's doing; who rings for him stops."""
    live.feed(inputs.CallLeaves(call.number))
    carry_out(live)
    live.timers.clear(("music", call.id))
    live.tickets.pop(call.id, None)
    call.meant_for = None


def wait_in_line(live: Live, call: Call) -> None:
    """Into the core's queue. A queue that takes no more is said, and the call ends: nobody waits where nobody would be asked."""
    line, waited_ms = live.lines[call.line], callbacks.comes_himself(live, call)
    call.meant_for = live.agent_of(call)
    why = live.ask(live.queues.caller(call.number, call.queue, line.config, call.caller, call.meant_for, waited_ms=waited_ms))
    if why is not None:
        end_call(live, call, "box", why)


def moved(live: Live, decision: Any) -> None:
    """He waited so long that another queue has him now."""
    if (call := _call(live, decision.call)) is not None:
        call.queue, call.meant_for = live.queues.queue_id(decision.queue), None
        live.tell(CallQueued(at_ms=live.now_ms, call=call.id, queue=call.queue))


def expired(live: Live, decision: Any) -> None:
    if (call := _call(live, decision.call)) is not None and not callbacks.put_aside(live, call):
        end_call(live, call, "box", "waited too long")


def nobody_there(live: Live, decision: Any) -> None:
    if (call := _call(live, decision.call)) is not None and not callbacks.put_aside(live, call):
        end_call(live, call, "box", next(name.replace("_", " ") for name, cause in CAUSES.items() if cause == decision.cause))


def taken_out(live: Live, decision: Any) -> None:
    """He missed too many in a row."""
    seat = _seat(live, decision.agent)
    seat.next_status = None
    live.settle(seat, SeatState.PAUSED, reason="missed_calls")


def wrap_up(live: Live, decision: Any) -> None:
    seat = _seat(live, decision.agent)
    if two_calls.stays_busy(live, seat):
        return
    live.settle(seat, SeatState.WRAP_UP, until_ms=decision.until_ms)
    _next_status(live, seat)


def _next_status(live: Live, seat: Seat) -> None:
    """What the agent chose during the call. A pause comes by itself (`paused`), as the core knows of it."""
    if (seat.next_status or "").startswith("paused:"):
        return
    status, seat.next_status = seat.next_status, None
    if status == "free" and seat.state is SeatState.WRAP_UP:
        live.feed(inputs.AgentResumes(live.number_of(seat)))
    elif status == "logged_out":
        log_out(live, seat, "asked")


def log_out(live: Live, seat: Seat, why: str) -> None:
    """The agent leaves the seat; an open offer goes on to the next, who had asked him goes without.

    A prompt that is spoken there is not kept. Not for a seat in a call."""
    takes.close(live, seat, "left")
    if seat.party_of is not None:
        call = live.calls[seat.party_of]
        party = call.party_at(seat.id)
        assert party is not None
        joining.leave(live, call, party, "rejected")
    if live.feed(inputs.AgentLogsOut(live.number_of(seat))):
        carry_out(live)
        dialling.drop_leg(live, seat)
        assert seat.agent is not None
        agent, seat.agent = seat.agent, None
        live.agents[agent].seat = None
        live.tell(AgentLoggedOut(at_ms=live.now_ms, seat=seat.id, agent=agent, why=why))
        for timer in ("life", "sign_out", "keep"):
            live.timers.clear((timer, seat.id))
        for reason in tuple(seat.blocks):
            live.feed(inputs.AgentUnblocked(live.agents[agent].number, bit(reason)))
        seat.reset()
        live.set_seat(seat, SeatState.LOGGED_OUT)


def rests(live: Live, decision: Any) -> None:
    seat = _seat(live, decision.agent)
    seat.rests_until_ms = decision.until_ms
    live.settle(seat, SeatState.FREE, until_ms=decision.until_ms)


def paused(live: Live, decision: Any) -> None:
    """A pause chosen during the call begins."""
    seat = _seat(live, decision.agent)
    if two_calls.stays_busy(live, seat):
        return
    status, seat.next_status = seat.next_status, None
    live.settle(seat, SeatState.PAUSED, reason=(status or "").removeprefix("paused:"))


def free(live: Live, decision: Any) -> None:
    """Wrap-up or rest is over. (A login and an end of a pause say it themselves.)"""
    agent = live.agents[live.queues.agent_id(decision.agent)]
    if agent.seat is None:
        return
    seat = live.seats[agent.seat]
    if seat.call is None and not two_calls.stays_busy(live, seat):
        seat.rests_until_ms = None
        live.settle(seat, SeatState.FREE)
        _next_status(live, seat)


def requeued(live: Live, decision: Any) -> None:
    """His agent did not come back: the caller waits again, before all others."""
    call, seat = _call(live, decision.call), _seat(live, decision.agent)
    if call is None:
        return
    live.part(call, "hold")
    let_seat_go(live, call)
    call.move(CallState.QUEUED)
    without_parties(live, call)
    live.settle(seat, SeatState.FREE)
    live.tell(CallQueued(at_ms=live.now_ms, call=call.id, queue=call.queue, again=True))
    _next_status(live, seat)


def without_parties(live: Live, call: Call) -> None:
    """The call waits again: who was asked into it goes, who listens stays."""
    for party in [party for party in call.parties if not party.listens]:
        joining.leave(live, call, party, "lost")


HANDLERS: Final[dict[str, Callable[[Live, Any], None]]] = {
    "Offer": offer,
    "Ringing": ringing,
    "Missed": missed,
    "Rejected": rejected,
    "Withdrawn": withdrawn,
    "Taken": taken,
    "DialBack": dial_back,
    "Replaced": replaced,
    "Connect": connect,
    "Release": release,
    "WrapUp": wrap_up,
    "Rests": rests,
    "Paused": paused,
    "Free": free,
    "Requeued": requeued,
    "Moved": moved,
    "Expired": expired,
    "NobodyThere": nobody_there,
    "TakenOut": taken_out,
}
