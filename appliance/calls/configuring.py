"""A new configuration in a living office: what is new or other holds at once, what is gone goes as soon as no call uses it."""

from appliance.base.ids import AgentId, LineId, SeatId
from appliance.calls import offers
from appliance.calls.call import Call, CallState
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.seats import Agent, Seat
from appliance.core import inputs
from firmware_cfg.document import Document


def take(live: Live, document: Document) -> None:
    """Values hold from the next call on. A seat that is in use keeps its kind until `catch_up`."""
    live.document = document
    live.decisions.extend(live.queues.configure(document, live.now_ms))
    for line in document.line:
        live.lines.setdefault(LineId(line.id), Line(line)).config = line
    for seat in document.seat:
        known = live.seats.setdefault(SeatId(seat.id), Seat(seat, since_ms=live.now_ms))
        if known.config.kind == seat.kind:
            known.config = seat
    for person in document.agent:
        agent = AgentId(person.id)
        live.agents.setdefault(agent, Agent(person, live.queues.agents[agent])).config = person


def catch_up(live: Live) -> None:
    """At the end of each turn: what the configuration does not know any more, and no call uses now, goes."""
    document = live.document
    people, seats = {agent.id for agent in document.agent}, {seat.id: seat for seat in document.seat}
    for seat in list(live.seats.values()):
        wanted = seats.get(seat.id)
        stays = wanted is not None and wanted.kind == seat.config.kind
        if seat.agent is not None and not seat.in_a_call and (not stays or seat.agent not in people):
            offers.log_out(live, seat, "configuration")
        if seat.agent is None and wanted is not None:
            seat.config = wanted
        elif seat.agent is None and all(line.leg_of != seat.id for line in live.lines.values()):
            del live.seats[seat.id]
    for agent in [agent.id for agent in live.agents.values() if agent.id not in people and agent.seat is None]:
        del live.agents[agent]
    lines = {line.id for line in document.line}
    for call in [call for call in live.calls.values() if call.queue not in live.queues.config]:
        _to_another_queue(live, call)
    for line in [line.id for line in live.lines.values() if line.id not in lines and not line.in_use]:
        del live.lines[line]


def _to_another_queue(live: Live, call: Call) -> None:
    """The call's queue is gone: who waits goes, with the age he has, where his line leads now; where that is nowhere, his call ends.
    A talk goes on."""
    if call.state not in (CallState.RINGING, CallState.QUEUED):
        return None
    ticket = live.tickets.get(call.id)
    line = live.lines.get(call.line if ticket is None else ticket.line)
    queue = live.queue_of(line) if line is not None else None
    if queue is not None and queue in live.queues.config:
        if call.state is CallState.RINGING or (ticket is not None and not ticket.in_core):
            call.queue = queue
        else:
            live.feed(inputs.CallMoves(call.number, live.queues.queues[queue]))
            offers.carry_out(live)
        return None
    if call.state is CallState.QUEUED and (ticket is None or ticket.in_core):
        live.feed(inputs.CallLeaves(call.number))
    return offers.end_call(live, call, "box", "no queue")
