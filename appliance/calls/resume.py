"""Calls outlive the box (E5): what the journal knows of those that were up, and how each is taken up again.

Without I/O, as its other half is: left_open.py folds facts into what was up when the box ended. `take_up` puts that into a new switchboard
before any line has told anything; then each line tells what its modem holds, and `confirmed`, `ringing_again` or the end of the call
follow (calls/inbound.py). Which of these when: the table in docs/restart.md, which tests/appliance/calls/test_resume.py goes through.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from appliance.base.ids import AgentId, CallId, SeatId, call_number
from appliance.calls import dialling, joining, offers, seating, takes, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.left_open import Open, OpenCalls, role_of, was_here
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.parties import Party, Role
from appliance.calls.ports import line_place
from appliance.calls.queues import ms
from appliance.calls.seats import LIFE_MS, Block, Seat, SeatState
from appliance.core import inputs
from appliance.events import call as happened
from appliance.events.seat import AgentLoggedIn, AgentLoggedOut, SeatFound

ASK_MS: Final = 3_000
"""So long after the start nothing is offered while a modem has not said yet whether it holds its call: who waits longest stays first."""

RING_AGAIN_MS: Final = 6_000
"""A call that rang when the box ended rings again within this (rings are 5 s apart), or its caller has given up."""

ALONE_MS: Final = LIFE_MS
"""The agent whose offer was open has it again alone for so long: his page may need that to come back."""

WHY: Final = "box restarted"


def take_up(live: Live, found: OpenCalls, seated: Iterable[tuple[SeatId, AgentId, str | None]]) -> None:
    """At the start, before the lines: every call is where it was, its line not heard of yet; nothing is offered until they are."""
    live.last_sign_ms = found.last_ms
    opens = [
        one for one in sorted(found.calls.values(), key=lambda one: call_number(one.id)) if not _ticket(live, one) and _fits(live, one)
    ]
    live.asking = {one.id for one in opens}
    live.offers_wait = bool(live.asking)
    for one in opens:
        _begin(live, one)
    talks = sorted((one for one in opens if one.state in (CallState.TALKING, CallState.HELD)), key=lambda one: one.state is CallState.HELD)
    joined = {one.seat for one in talks if _joined(live, one)}
    for seat_id, agent_id, away in seated:
        seat, agent = live.seats.get(seat_id), live.agents.get(agent_id)
        if seat_id in joined:
            continue
        if seat is not None and agent is not None and seat.agent is None and agent.seat is None:
            seating.sit_down(live, seat, agent, None if away == f"paused:{takes.PAUSE}" else away)
        else:
            live.tell(AgentLoggedOut(at_ms=live.now_ms, seat=seat_id, agent=agent_id, why="restart"))
    for one in opens:
        _parties(live, one)
    for one in sorted(opens, key=lambda one: (not one.first, one.since_ms or 0)):
        if one.id in live.calls and live.calls[one.id].state is CallState.QUEUED:
            _wait_again(live, one)
    if live.offers_wait:
        live.timers.set(("modems_told", ""), live.now_ms + ASK_MS)


def _ticket(live: Live, one: Open) -> bool:
    """A call-back that has not reached its customer: what its attempt had begun is over, the ticket is kept by tickets.py."""
    if not one.ticket:
        return False
    _offers_are_over(live, one)
    if one.dialled:
        live.tell(happened.CallBackFailed(at_ms=live.now_ms, call=one.id, why=WHY))
    return True


def _offers_are_over(live: Live, one: Open) -> None:
    """Nobody's miss; offered again when the call's line is heard of."""
    for seat, agent in one.rings.items():
        live.tell(happened.OfferEnded(at_ms=live.now_ms, call=one.id, seat=seat, agent=agent, outcome="withdrawn", why=WHY))


def _fits(live: Live, one: Open) -> bool:
    """False where the configuration has no place for it any more: its recording is sealed, and the modem ends what it holds."""
    line = live.lines.get(one.line)
    queue = one.queue or (live.queue_of(line) if line is not None else None)
    _offers_are_over(live, one)
    if line is not None and line.call is None and queue is not None and queue in live.queues.config:
        one.queue, line.call = queue, one.id
        return True
    for party in one.parties.values():
        _party_is_lost(live, party)
    live.tell(happened.CallEnded(at_ms=live.now_ms, call=one.id, by="box", why=WHY))
    live.recording.end(one.id)
    return False


def _parties(live: Live, one: Open) -> None:
    """Who was in the talk beside its agent, or listened, is in it again, at an outside phone or number until its line says otherwise."""
    call = live.calls[one.id]
    for party in one.parties.values():
        line = _free_line(live, one, party)
        if not call.with_customer:
            _party_is_lost(live, party)
        elif isinstance(party, happened.PartyEvent) and party.number is not None and line is not None:
            _number_again(live, call, party, line)
        elif (
            was_here(party)
            and party.seat is not None
            and (seat := live.seats.get(party.seat)) is not None
            and _free_to_be_in(seat)
            and not (seat.is_phone and line is None)
        ):
            _in_again(live, call, seat, party, seat.id in one.hushed)
            if seat.is_phone and line is not None:
                line.leg_of, seat.leg = seat.id, line.id
                dialling.block(live, seat, Block.NO_LINE, False)
        else:
            _party_is_lost(live, party)


def _free_line(live: Live, one: Open, party: happened.PartyEvent | happened.SupervisionEvent) -> Line | None:
    """The party's line to the outside, where there is one and nobody else is on it."""
    line = live.lines.get(found) if (found := one.line_of(party)) is not None else None
    return line if line is not None and line.call is None and line.leg_of is None and line.party_of is None else None


def _number_again(live: Live, call: Call, fact: happened.PartyEvent, line: Line) -> None:
    """One who was still called stays so until his line tells: what a module has not seen answered it does not take up."""
    role = Role.MEMBER if call.state is CallState.OUTSIDE else role_of(fact)
    party = Party(role, number=fact.number, line=line.id, here=was_here(fact))
    call.parties.append(party)
    line.party_of = call.id
    if not party.here:
        live.timers.set(("outside", line.id), live.now_ms + joining.OUTSIDE_MS)
    if role is Role.CONSULTED and call.seat is not None:
        live.set_seat(live.seats[call.seat], SeatState.HELD, reason="consult")


def _free_to_be_in(seat: Seat) -> bool:
    return seat.agent is not None and seat.call is None and seat.party_of is None


def _in_again(live: Live, call: Call, seat: Seat, fact: happened.PartyEvent | happened.SupervisionEvent, hushed: bool) -> None:
    """As joining.arrive does it, but that nothing has happened: it is told nobody anew. His page has 3 s to answer, then 30."""
    offers.carry_out(live)  # the login's own `Free` comes before the talk
    party = Party(role_of(fact), seat=seat.id, here=True, by=fact.by if isinstance(fact, happened.SupervisionEvent) else "")
    call.parties.append(party)
    seat.party_of, seat.muted = call.id, hushed
    if party.listens:
        dialling.block(live, seat, Block.IN_A_CALL, True)
    else:
        live.feed(inputs.AgentDials(live.number_of(seat)))
    live.set_seat(seat, SeatState.TALKING, reason=party.role.value)
    if party.role is Role.CONSULTED and call.seat is not None:
        live.set_seat(live.seats[call.seat], SeatState.HELD, reason="consult")


def _party_is_lost(live: Live, party: happened.PartyEvent | happened.SupervisionEvent) -> None:
    """Who was only asked, or has no line or seat any more, is not in the call: his modem's start lets his line go."""
    if isinstance(party, happened.PartyEvent):
        live.tell(
            happened.PartyLeft(
                at_ms=live.now_ms, call=party.call, seat=party.seat, agent=party.agent, number=party.number, role=party.role, why="lost"
            )
        )
    else:
        live.tell(
            happened.SupervisionEnded(
                at_ms=live.now_ms, call=party.call, seat=party.seat, by=party.by, mode=party.mode, on=party.on, why="lost"
            )
        )


def _begin(live: Live, one: Open) -> None:
    assert one.queue is not None
    call = Call(one.id, call_number(one.id), one.line, one.queue, one.caller, one.state, one.picked_up_ms)
    call.unrecorded, call.outgoing = one.unrecorded, not one.incoming
    if one.state is CallState.OFFERED:
        call.state = CallState.QUEUED
    elif one.state is CallState.OUTSIDE and any(_free_line(live, one, party) for party in one.parties.values() if party.seat is None):
        since_ms = one.outside_ms if one.outside_ms is not None else live.now_ms
        live.timers.set(("longest", call.id), max(live.now_ms, since_ms + ms(live.document.transfer.longest_s)))
    elif one.state is CallState.OUTSIDE:  # he talked with an outside number, whose line nobody knows: he waits, before all
        call.state, one.first = CallState.QUEUED, True
        live.tell(happened.CallQueued(at_ms=live.now_ms, call=call.id, queue=call.queue, again=True))
    live.calls[one.id] = call
    live.queues.call_begins(call.id, call.number)


def _joined(live: Live, one: Open) -> bool:
    """Caller and agent are in a talk again, as far as the core and the seat go. Where the seat is not what it was, he waits, before all."""
    call = live.calls[one.id]
    seat = live.seats.get(one.seat) if one.seat is not None else None
    agent = live.agents.get(one.agent) if one.agent is not None else None
    leg = live.lines.get(one.leg) if one.leg is not None else None
    if seat is not None and two_calls.again(live, seat, call, one.agent):
        return True
    usable = seat is not None and agent is not None and seat.agent is None and agent.seat is None
    if not usable or seat is None or agent is None or (seat.is_phone and (leg is None or leg.call is not None)):
        one.first, call.state = True, CallState.QUEUED
        live.tell(happened.CallQueued(at_ms=live.now_ms, call=call.id, queue=call.queue, again=True))
        return False
    live.decisions.extend(live.queues.agent_at(agent.config, seat.is_phone, live.now_ms))
    offers.carry_out(live)
    seat.reset()
    seat.agent, agent.seat, seat.call, call.seat, seat.muted = agent.id, seat.id, call.id, seat.id, one.muted
    live.tell(AgentLoggedIn(at_ms=live.now_ms, seat=seat.id, agent=agent.id))
    _talk_in_the_core(live, call, agent.number)
    if leg is not None and seat.is_phone:
        leg.leg_of, seat.leg = seat.id, leg.id
    if not seat.is_phone:
        dialling.block(live, seat, Block.PAGE, True)
        seat.alive_ms = live.now_ms
        live.timers.set(("life", seat.id), live.now_ms + LIFE_MS)
    if one.kept:  # its page had gone; it has 3 s to be there again, and 30 s then
        call.state = CallState.TALKING
        live.tell(SeatFound(at_ms=live.now_ms, seat=seat.id, agent=seat.agent))
        live.tell(happened.CallRetrieved(at_ms=live.now_ms, call=call.id, seat=seat.id))
    live.set_seat(seat, SeatState.HELD if call.state is CallState.HELD else SeatState.TALKING)
    if one.next_status is not None:
        if one.next_status.startswith("paused:"):
            live.feed(inputs.AgentPauses(agent.number))
        seat.next_status = one.next_status
    return True


def _talk_in_the_core(live: Live, call: Call, agent: int) -> None:
    """By the core's own inputs: nobody else is logged in yet, so the caller is his. What the core decides of it has happened long ago."""
    live.feed(inputs.AgentLogsIn(agent))
    live.feed(live.queues.caller(call.number, call.queue, live.lines[call.line].config, call.caller))
    if not any(type(decision).__name__ == "Offer" for decision in live.decisions):
        live.feed(inputs.AgentTakes(call.number, agent))
    live.feed(inputs.AgentAnswers(call.number, agent))
    live.decisions.clear()


def _wait_again(live: Live, one: Open) -> None:
    call = live.calls[one.id]
    waited_ms = min(live.now_ms - (one.since_ms if one.since_ms is not None else live.now_ms), offers.OLDEST_MS)
    waits = live.queues.caller(
        call.number,
        call.queue,
        live.lines[call.line].config,
        call.caller,
        live.agent_of(call),
        waited_ms=waited_ms,
        position=int(one.first),
    )
    rang = [agent for name in one.rings.values() if (agent := live.agents.get(name)) is not None and agent.seat is not None]
    if rang:
        waits = replace(waits, owner=rang[0].number, owner_ms=ALONE_MS)
    if not live.feed(waits):
        offers.end_call(live, call, "box", "queue full")


# --- what the lines tell then


def confirmed(live: Live, line: Line) -> None:
    """The modem holds the call, or the leg, that the journal knows: who talked talks again, who waited hears the box."""
    if line.leg_of is not None:
        seat = live.seats[line.leg_of]
        if (name := seat.call or seat.party_of) is not None:
            _sound(live, live.calls[name])
        return None
    if line.party_of is not None:
        return _number_confirmed(live, live.calls[line.party_of], line)
    call = live.calls.get(line.call) if line.call is not None else None
    if call is None:
        live.line_orders.hang_up(line.id)
        return None
    live.tell(happened.CallTakenUp(at_ms=live.now_ms, call=call.id, away_ms=live.now_ms - live.last_sign_ms))
    picked_up_ms = call.picked_up_ms if call.picked_up_ms is not None else live.now_ms
    live.recording.resume(call.id, line_place(line.id), picked_up_ms, paused=call.unrecorded is not None)
    if call.unrecorded is not None:
        live.timers.set(("unpause", call.id), live.now_ms + ms(live.document.recording.pause_max_s))
    _sound(live, call)
    asked(live, call.id)


def _number_confirmed(live: Live, call: Call, line: Line) -> None:
    """An outside number is still on its line. A module holds answered calls only: who was called before has answered meanwhile."""
    party = next(party for party in call.parties if party.line == line.id)
    if not party.here and line.says_answered:
        joining.arrive(live, call, party)
    _sound(live, call)


def _sound(live: Live, call: Call) -> None:
    if call.with_customer:
        call.arranged = None  # lines, seats and recorder are new: all of it is told again
        live.arrange(call)
    else:
        ring_back_until = (call.picked_up_ms or 0) + ms(live.queues.config[call.queue].ring_back_s)
        live.sound.play(line_place(call.line), "ringback" if ring_back_until > live.now_ms else "hold")
        live.timers.set(("music", call.id), ring_back_until)


def ringing_again(live: Live, line: Line) -> bool:
    """A ring on a line whose call rang when the box ended: it is the same call. False where none did."""
    call = live.calls.get(line.call) if line.call is not None else None
    if call is None or call.id not in live.asking or call.state is not CallState.RINGING:
        return False
    live.timers.clear(("ring_again", line.id))
    live.tell(happened.CallTakenUp(at_ms=live.now_ms, call=call.id, away_ms=live.now_ms - live.last_sign_ms))
    asked(live, call.id)
    return True


def wait_for_ring(live: Live, line: Line) -> bool:
    """The modem lists no call: one that rang may ring again. False where that is not awaited."""
    call = live.calls.get(line.call) if line.call is not None else None
    if call is None or call.id not in live.asking or call.state is not CallState.RINGING:
        return False
    live.timers.set(("ring_again", line.id), live.now_ms + RING_AGAIN_MS)
    return True


def asked(live: Live, call: CallId) -> None:
    """This call's line has told what it holds. When all have, the agents get offers."""
    live.asking.discard(call)
    if not live.asking and live.offers_wait:
        all_asked(live)


def all_asked(live: Live) -> None:
    live.offers_wait = False
    live.timers.clear(("modems_told", ""))
    for seat in live.seats.values():
        if seat.agent is not None:
            live.feed(inputs.AgentUnblocked(live.number_of(seat), seating.WHOLE))
