"""Transfers and conferences (A9), and what becomes of a call whose agent goes.

The customer's line keeps its sound and its recording throughout.
"""

import re
from dataclasses import dataclass
from typing import Final

from appliance.base.errors import Refused
from appliance.base.ids import AgentId, QueueId, SeatId
from appliance.calls import commands, joining, offers, two_calls
from appliance.calls.call import Call, CallState
from appliance.calls.dial_rules import refused
from appliance.calls.live import Live
from appliance.calls.parties import CONFERENCE_MAX, Party, Role
from appliance.calls.queues import ms
from appliance.calls.seats import Seat, SeatState
from appliance.events.call import CallRetrieved, CallTransferred

NUMBER: Final = re.compile(r"\+?[0-9]{1,20}\Z")
ANNOUNCED_MS: Final = 10_000
"""By then a department's name has been said, and music follows it: from here on the music is that of all who wait."""
KINDS: Final = ("blind", "consult", "conference")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a transfer goes: exactly one of them."""

    seat: Seat | None = None
    queue: QueueId | None = None
    number: str | None = None


def transfer(live: Live, seat: Seat, command: commands.Transfer) -> None:
    call = own_call(live, seat)
    if command.kind not in KINDS:
        raise Refused("transfer.kind", kind=command.kind)
    if call.asked is not None:
        raise Refused("transfer.open", seat=seat.id)
    target = target_of(live, seat, command.to)
    if command.kind == "blind":
        blind(live, call, seat, target)
    else:
        ask(live, call, seat, target, command.kind)


def own_call(live: Live, seat: Seat) -> Call:
    """The call that this seat has, with its customer."""
    if seat.party_of is not None:
        raise Refused("call.anothers", seat=seat.id)
    if seat.call is None or seat.state not in (SeatState.TALKING, SeatState.HELD) or not live.calls[seat.call].with_customer:
        raise Refused("seat.not_talking", seat=seat.id)
    return live.calls[seat.call]


def target_of(live: Live, seat: Seat, to: str) -> Target:
    """A seat, an agent, a queue by its id, else an outside number. Raises Refused with why it cannot go there."""
    if SeatId(to) in live.seats:
        return Target(seat=able(live, seat, live.seats[SeatId(to)]))
    if (agent := live.agents.get(AgentId(to))) is not None:
        if agent.seat is None:
            raise Refused("agent.nowhere", agent=agent.config.name)
        return Target(seat=able(live, seat, live.seats[agent.seat]))
    if (queue := QueueId(to)) in live.queues.config:
        return Target(queue=queue)
    if NUMBER.match(to):
        return Target(number=allowed(live, to))
    raise Refused("transfer.unknown", to=to)


def able(live: Live, own: Seat, other: Seat, named: bool = True) -> Seat:
    """The other seat, where it can be rung now, or the call may wait there. `named`: this one is wanted, and no other."""
    if other is own:
        raise Refused("transfer.to_self", seat=own.id)
    return free_now(live, other, named and two_calls.has_room(live, other))


def free_now(live: Live, other: Seat, second: bool = False) -> Seat:
    """The seat, where it is free and can be rung; else Refused, with why not. `second`: in a talk it is as good as free."""
    if other.agent is None:
        raise Refused("seat.logged_out", seat=other.id)
    if other.state is not SeatState.FREE and not second:
        raise Refused("seat.not_free", seat=other.id, state=other.state.value)
    if other.is_phone and other.reserved is None and other.leg is None and not second:
        raise Refused("seat.no_line", seat=other.id)
    if not other.page_answers(live.now_ms):
        raise Refused("seat.not_free", seat=other.id, state=SeatState.FAULT.value)
    return other


def allowed(live: Live, number: str) -> str:
    """An outside number, where the box's rule lets agents call one in (A10: no transit for third parties)."""
    rule = live.document.transfer
    if rule.outside == "off":
        raise Refused("transfer.outside_off")
    if not any(number.startswith(prefix) for prefix in rule.numbers) or refused(live.document.dialling, number):
        raise Refused("transfer.number_not_allowed", number=number)
    return number


# --- to somebody else at once


def blind(live: Live, call: Call, seat: Seat, target: Target) -> None:
    if target.number is not None:
        return to_outside(live, call, seat, target.number)
    queue = target.queue if target.queue is not None else department(live, call, target.seat)
    room_in(live, queue)
    told(live, call, seat, "blind", to=target.seat, queue=target.queue)
    leave_to_queue(live, call, queue, owner=target.seat)
    return None


def department(live: Live, call: Call, seat: Seat | None) -> QueueId:
    """Where a call for this agent waits should he not answer: its own queue if he serves it, else his first."""
    assert seat is not None and seat.agent is not None
    serves = live.agents[seat.agent].config.queues
    known = [QueueId(queue) for queue in serves if QueueId(queue) in live.queues.config]
    return call.queue if call.queue in known or not known else known[0]


def room_in(live: Live, queue: QueueId) -> None:
    most = live.queues.config[queue].length_max
    if most and len(live.queues.waiting(queue)) >= most:
        raise Refused("queue.full", queue=queue)


def leave_to_queue(live: Live, call: Call, queue: QueueId, *, owner: Seat | None = None, first: bool = False) -> None:
    """The call's agent goes, and the customer waits: with ring-back for one agent, with its name and music for a queue."""
    if queue not in live.queues.config:  # a new configuration has taken it away
        leads_to = live.queue_of(live.lines[call.line])
        if leads_to is None or leads_to not in live.queues.config:
            return offers.end_call(live, call, "box", "no queue")
        queue = leads_to
    named = owner is None and not first and live.queues.config[queue].said_as != ""
    live.part(call, "ringback" if owner is not None else f"to:{queue}" if named else "hold")
    if owner is not None or named:
        live.timers.set(("music", call.id), live.now_ms + (ANNOUNCED_MS if named else ms(live.queues.config[queue].ring_back_s)))
    call.move(CallState.QUEUED)
    offers.without_parties(live, call)
    if call.seat is not None:
        offers.hand_back(live, call)
    return offers.again_in_line(live, call, queue, owner=owner, first=first)


def told(
    live: Live, call: Call, seat: Seat | None, kind: str, *, to: Seat | None = None, queue: QueueId | None = None, number: str | None = None
) -> None:
    live.tell(
        CallTransferred(
            at_ms=live.now_ms,
            call=call.id,
            seat=seat.id if seat is not None else None,
            agent=seat.agent if seat is not None else None,
            kind=kind,
            to_seat=to.id if to is not None else None,
            to_agent=to.agent if to is not None else None,
            queue=queue if to is None else None,
            number=number,
        )
    )


def to_outside(live: Live, call: Call, seat: Seat, number: str) -> None:
    """The customer hears ring-back until the line says so itself. Only where the rule lets the agent leave."""
    may_leave_outside(live)
    party = Party(Role.MEMBER, number=number)
    if not joining.ask(live, call, party):
        raise Refused("line.none_free")
    told(live, call, seat, "blind", number=number)
    outside(live, call)


def may_leave_outside(live: Live) -> None:
    if live.document.transfer.outside != "on":
        raise Refused("transfer.outside_stay")


def outside(live: Live, call: Call) -> None:
    """The agent leaves the customer to an outside number, for a time that the box bounds."""
    call.move(CallState.OUTSIDE)
    offers.hand_back(live, call)
    live.timers.set(("longest", call.id), live.now_ms + ms(live.document.transfer.longest_s))
    live.arrange(call)


# --- first asked


def ask(live: Live, call: Call, seat: Seat, target: Target, kind: str) -> None:
    if call.people + 1 > CONFERENCE_MAX and kind == "conference":
        raise Refused("conference.full", most=str(CONFERENCE_MAX))
    other = target.seat if target.queue is None else somebody_of(live, seat, target.queue)
    role = Role.MEMBER if kind == "conference" else Role.CONSULTED
    party = Party(role, seat=other.id if other is not None else None, number=target.number)
    if not joining.ask(live, call, party):
        raise Refused("line.none_free" if other is None else "seat.no_line", seat="" if other is None else other.id)
    if role is Role.CONSULTED:
        if not call.goes_on:
            call.move(CallState.HELD)
        live.set_seat(seat, SeatState.HELD, reason="consult")
    live.arrange(call)


def somebody_of(live: Live, own: Seat, queue: QueueId) -> Seat:
    """Of the free seats that serve this queue the one that is free longest."""
    free = []
    for seat in live.seats.values():
        if seat is own or seat.agent is None or queue not in live.agents[seat.agent].config.queues or seat.rests_until_ms is not None:
            continue
        try:
            free.append(able(live, own, seat, named=False))
        except Refused:
            continue
    if not free:
        raise Refused("queue.nobody_free", queue=queue)
    return min(free, key=lambda seat: seat.since_ms)


def complete(live: Live, seat: Seat, command: commands.CompleteTransfer) -> None:
    """To who was consulted; without a consultation the conference goes on without this seat."""
    call = own_call(live, seat)
    party = call.asked
    if party is None:
        party = call.colleague or next((member for member in call.members if live.can_talk(member)), None)
    if party is None:
        raise Refused("transfer.none", seat=seat.id)
    if not live.can_talk(party):
        raise Refused("transfer.rings", to=party.seat or party.number or "")
    hand_over(live, call, party, "consult" if party.role is Role.CONSULTED else "conference")


def hand_over(live: Live, call: Call, party: Party, kind: str) -> None:
    """The call is this party's now; its agent wraps up."""
    assert call.seat is not None
    former = live.seats[call.seat]
    if party.seat is None:
        may_leave_outside(live)
        told(live, call, former, kind, number=party.number)
        party.role = Role.MEMBER
        return outside(live, call)
    told(live, call, former, kind, to=live.seats[party.seat])
    joining.part_with(live, call, party, "transferred")
    offers.hand_back(live, call)
    take(live, call, live.seats[party.seat])
    return None


def take(live: Live, call: Call, seat: Seat) -> None:
    """This seat, which the core knows as busy already, has the call; on hold, where it was in the background there."""
    for timer in ("asked", "party"):
        live.timers.clear((timer, seat.id))
    call.seat, call.by_hand, call.kept = seat.id, True, False
    live.timers.clear(("longest", call.id))
    call.move(CallState.TALKING)
    if seat.parked == call.id:
        two_calls.on_hold(live, seat, call)
    else:
        seat.party_of, seat.call = None, call.id
        live.set_seat(seat, SeatState.TALKING)
    live.arrange(call)


def join(live: Live, seat: Seat, command: commands.JoinTransfer) -> None:
    call = own_call(live, seat)
    party = call.asked
    if party is None:
        raise Refused("transfer.none", seat=seat.id)
    if not live.can_talk(party):
        raise Refused("transfer.rings", to=party.seat or party.number or "")
    if call.people > CONFERENCE_MAX:
        raise Refused("conference.full", most=str(CONFERENCE_MAX))
    joining.becomes(live, call, party, Role.MEMBER)
    back_to_customer(live, call, seat)


def cancel(live: Live, seat: Seat, command: commands.CancelTransfer) -> None:
    """Also of one whom the conference waits for."""
    call = own_call(live, seat)
    rings = next((party for party in reversed(call.members) if not party.here), None)
    party = call.asked or rings
    if party is None:
        raise Refused("transfer.none", seat=seat.id)
    joining.leave(live, call, party, "cancelled")
    if party is not rings:
        back_to_customer(live, call, seat)


def back_to_customer(live: Live, call: Call, seat: Seat) -> None:
    if call.state is CallState.HELD:
        call.move(CallState.TALKING)
        live.tell(CallRetrieved(at_ms=live.now_ms, call=call.id, seat=seat.id))
    live.set_seat(seat, SeatState.TALKING)
    live.arrange(call)


# --- somebody is gone


def party_gone(live: Live, call: Call, party: Party, why: str) -> None:
    """One whom the agent consulted leaves the customer on hold until he is retrieved; the last one in an outside talk leaves nobody."""
    joining.leave(live, call, party, why)
    if call.state is CallState.OUTSIDE and not call.members:
        if party.here or why == "hung up":
            offers.end_call(live, call, "box", "outside hung up")
        else:  # he never spoke with anybody there
            live.timers.clear(("longest", call.id))
            leave_to_queue(live, call, call.queue, first=True)


def agent_gone(live: Live, call: Call, *, gone: bool = False) -> None:
    """Its agent did not come back, and the core knows nothing of it, or a colleague is in the talk: he has it now, else it waits first.

    gone: whatever the core knows."""
    if call.colleague is not None:
        hand_over(live, call, call.colleague, "conference")
    elif call.by_hand or gone:
        leave_to_queue(live, call, call.queue, first=True)
