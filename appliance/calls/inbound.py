"""What the lines tell (A1 A3): a ring becomes a call, a pick-up a place in a queue, a hang-up an end."""

from collections.abc import Callable
from typing import Any, Final

from appliance.base.ids import call_id
from appliance.calls import announcing, callbacks, dialling, ears, joining, legs, offers, resume, staying, supervision, takes, tickets
from appliance.calls.call import Call, CallState
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.ports import line_place
from appliance.calls.queues import ms
from appliance.calls.seats import Seat, SeatState
from appliance.core import inputs
from appliance.events.call import CallDigit, CallerIdentified, CallPickedUp, CallQueued, CallStarted
from appliance.events.line import (
    CallerKnown,
    DigitHeard,
    LineAlerting,
    LineAnswered,
    LineConnected,
    LineDisabled,
    LineEvent,
    LineFault,
    LineHeard,
    LineHungUp,
    LineIdle,
    LineQuality,
    LineRinging,
    LineSoundOn,
    LineTakenUp,
)


def told(live: Live, fact: LineEvent) -> None:
    """Takes one fact of a line in. Facts of a line that is not (any longer) in the configuration are dropped."""
    line = live.lines.get(fact.line)
    if line is None:
        return
    changed = line.told(fact)
    if changed or not isinstance(fact, LineQuality):
        live.tell(fact)
    handler = HANDLERS.get(type(fact))
    if handler is not None:
        handler(live, line, fact)


def ringing(live: Live, line: Line, fact: Any) -> None:
    queue = live.queue_of(line)
    if queue is None:
        return
    if (dialled := callbacks.of(live, line.call)) is not None:  # a caller came in while we were about to dial: he has the line
        line.call = None
        live.tickets[dialled.id].tries -= 1
        callbacks.failed(live, dialled, "refused")
        offers.carry_out(live)
    if line.call is not None:
        resume.ringing_again(live, line)
        return
    if line.leg_of is not None or line.party_of is not None:  # a caller came in while we were about to dial: he has the line
        legs.over(live, line, "refused")
        offers.carry_out(live)
    call = Call(call_id(live.next_call), live.next_call, line.id, queue)
    live.next_call += 1
    line.call, live.calls[call.id] = call.id, call
    live.queues.call_begins(call.id, call.number)
    live.tell(CallStarted(at_ms=live.now_ms, call=call.id, direction="in", line=line.id))


def caller_known(live: Live, line: Line, fact: Any) -> None:
    call = live.calls.get(line.call) if line.call is not None else None
    if call is None or call.answering:
        return
    call.answering = True
    if call.caller is None:  # else it was known before a restart of the box
        call.caller = fact.caller
        live.tell(CallerIdentified(at_ms=live.now_ms, call=call.id, caller=fact.caller))
    live.line_orders.answer(line.id)


def answered(live: Live, line: Line, fact: Any) -> None:
    """Off-hook: the recording begins, ring-back is heard, and the caller has his place."""
    call = live.calls.get(line.call) if line.call is not None else None
    if call is None or call.state is not CallState.RINGING:
        return
    call.picked_up_ms = live.now_ms
    live.tell(CallPickedUp(at_ms=live.now_ms, call=call.id))
    live.recording.begin(call.id, line_place(line.id), live.now_ms)
    live.sound.play(line_place(line.id), "ringback")
    live.timers.set(("music", call.id), live.now_ms + ms(live.queues.config[call.queue].ring_back_s))
    call.move(CallState.QUEUED)
    live.tell(CallQueued(at_ms=live.now_ms, call=call.id, queue=call.queue))
    offers.wait_in_line(live, call)
    announcing.begin(live, call)


def alerting(live: Live, line: Line, fact: Any) -> None:
    """The agent's phone rings, or that of a leg which is being hung up: that one says nothing of the next offer."""
    if line.leg_of is not None and (seat := live.seats[line.leg_of]).leg == line.id:
        dialling.rings_now(live, seat)


def digit(live: Live, line: Line, fact: Any) -> None:
    """Key 1 of a ringing outside phone answers its offer; a caller's keys go into his call's history."""
    if line.leg_of is not None:
        seat = live.seats[line.leg_of]
        rings = seat.state is SeatState.RINGING or callbacks.of(live, seat.call) is not None or takes.rings(seat)
        if rings and seat.leg == line.id and fact.digit == "1":
            staying.confirmed(live, seat)
            _key_1(live, seat)
    elif line.call is not None:
        live.tell(CallDigit(at_ms=live.now_ms, call=line.call, digit=fact.digit))
        tickets.key(live, live.calls[line.call], fact.digit)


def _key_1(live: Live, seat: Seat) -> None:
    """The agent at the outside phone is there: for the offered call, for the one into which he is asked, or to speak a prompt."""
    if takes.rings(seat):
        takes.there(live, seat)
    elif callbacks.of(live, seat.call) is not None:
        callbacks.there(live, seat)
    elif seat.call is not None:
        live.feed(inputs.AgentAnswers(live.calls[seat.call].number, live.number_of(seat)))
    elif seat.party_of is not None and (party := live.calls[seat.party_of].party_at(seat.id)) is not None:
        supervision.arrived(live, live.calls[seat.party_of], party)


def connected(live: Live, line: Line, fact: Any) -> None:
    """An outside number answered, or a customer who is called back, as far as the modem knows."""
    if (called := callbacks.of(live, line.call)) is not None:
        callbacks.answered(live, line, called)
    if line.party_of is not None:
        call = live.calls[line.party_of]
        for party in [party for party in call.parties if party.line == line.id and not party.here]:
            joining.arrive(live, call, party)


def sound_on(live: Live, line: Line, fact: Any) -> None:
    """What the line itself says while an outside number, or a customer who is called back, rings is heard by who called it."""
    if (called := callbacks.of(live, line.call)) is not None and called.seat is not None:
        live.ring_back(called, live.seats[called.seat], early=True)
    if line.party_of is not None:
        live.arrange(live.calls[line.party_of])


def hung_up(live: Live, line: Line, fact: Any) -> None:
    if line.leg_of is not None or line.party_of is not None:
        legs.over(live, line, fact.by)
    elif line.call is not None:
        call_lost(live, line, "caller" if fact.by == "far" else "box", "" if fact.by in ("far", "us") else fact.by)


def call_lost(live: Live, line: Line, by: str, why: str) -> None:
    """The caller's line has no call any more."""
    assert line.call is not None
    call = live.calls[line.call]
    line.call = None
    if call.state is CallState.DIALLING:
        return callbacks.failed(live, call, why or "hung up")
    call.ended_by, call.end_why = by, why
    if call.state not in (CallState.RINGING, CallState.OUTSIDE) and not call.by_hand:
        live.feed(inputs.CallLeaves(call.number, cut=by != "caller"))
        offers.carry_out(live)
    if call.id in live.calls:
        offers.end_call(live, call, by, why)
    if call.id in live.asking:
        resume.asked(live, call.id)


def out_of_service(live: Live, line: Line, fact: Any) -> None:
    """A driver ends its call before it tells a fault; where it could not, the call ends here and nobody waits for ever."""
    if line.leg_of is not None or line.party_of is not None:
        legs.over(live, line, "lost")
    elif line.call is not None:
        call_lost(live, line, "box", resume.WHY if line.call in live.asking else "line lost")


def idle(live: Live, line: Line, fact: Any) -> None:
    if not resume.wait_for_ring(live, line):
        out_of_service(live, line, fact)


def taken_up(live: Live, line: Line, fact: Any) -> None:
    """The modem holds a call of before the restart. One that rang by the journal was being answered when the box ended."""
    call = live.calls.get(line.call) if line.call is not None else None
    if call is not None and call.state is CallState.RINGING:
        resume.ringing_again(live, line)
        answered(live, line, fact)
    else:
        resume.confirmed(live, line)


HANDLERS: Final[dict[type[LineEvent], Callable[[Live, Line, Any], None]]] = {
    LineRinging: ringing,
    CallerKnown: caller_known,
    LineAnswered: answered,
    LineAlerting: alerting,
    LineConnected: connected,
    LineSoundOn: sound_on,
    DigitHeard: digit,
    LineHeard: ears.heard,
    LineHungUp: hung_up,
    LineFault: out_of_service,
    LineDisabled: out_of_service,
    LineIdle: idle,
    LineTakenUp: taken_up,
}
