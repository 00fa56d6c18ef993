"""Parties of a call come and go (A8 A9): asked, there, gone. What that means for the call is transfer.py's and supervision.py's."""

from typing import Final

from appliance.base.ids import AgentId
from appliance.calls import dialling, staying, two_calls
from appliance.calls.call import Call
from appliance.calls.live import Live
from appliance.calls.parties import Party, Role
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Block, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import PartyAsked, PartyJoined, PartyLeft, SupervisionEnded, SupervisionStarted

ASKED_MS: Final = 15_000
"""Three rings, as for any call (A4); a colleague who does not answer has missed no offer."""

OUTSIDE_MS: Final = 60_000
"""So long an outside number's line may stay without any sound."""


def ask(live: Live, call: Call, party: Party) -> bool:
    """Rings the party's seat, or dials his number; False where no line could be had. A seat must be able to answer: the asker looks."""
    if not (_ring_seat(live, call, live.seats[party.seat], party) if party.seat is not None else _dial(live, call, party)):
        return False
    call.parties.append(party)
    if not party.listens:
        _tell(live, PartyAsked, call, party)
    return True


def _ring_seat(live: Live, call: Call, seat: Seat, party: Party) -> bool:
    """A page's listener is there by his own order: nothing rings. Nor at a seat in a talk: the call waits there (calls/second.py)."""
    if seat.call is not None:
        seat.second = call.id
        live.timers.set(("asked", seat.id), live.now_ms + ASKED_MS)
        return True
    seat.party_of, seat.muted = call.id, False
    if seat.is_phone and not staying.ring(live, seat):
        seat.party_of = None
        return False
    dialling.block(live, seat, Block.IN_A_CALL, True)
    if seat.is_phone or not party.listens:
        until_ms = live.now_ms + ASKED_MS + (DIAL_ALLOWANCE_MS if seat.is_phone else 0)
        live.timers.set(("asked", seat.id), until_ms)
        live.set_seat(seat, SeatState.RINGING, reason=party.role.value, until_ms=until_ms)
    return True


def second_rings(live: Live, seat: Seat) -> None:
    """His talk is over, and a colleague's call waits: it rings as for anybody who is free."""
    if seat.second is None:
        return
    call, seat.second = live.calls[seat.second], None
    party = call.party_at(seat.id)
    assert party is not None
    if not _ring_seat(live, call, seat, party):
        leave(live, call, party, "no answer")


def _dial(live: Live, call: Call, party: Party) -> bool:
    line = dialling.spare_line(live)
    if line is None or party.number is None:
        return False
    party.line, line.party_of = line.id, call.id
    dialling.silence(live, line.id)
    live.line_orders.dial(line.id, party.number)
    live.timers.set(("outside", line.id), live.now_ms + OUTSIDE_MS)
    return True


def _tell(live: Live, fact: type[PartyAsked] | type[PartyJoined], call: Call, party: Party) -> None:
    agent = live.seats[party.seat].agent if party.seat is not None else None
    live.tell(
        fact(at_ms=live.now_ms, call=call.id, seat=party.seat, agent=agent, number=party.number, line=party.line, role=party.role.value)
    )


def arrive(live: Live, call: Call, party: Party) -> None:
    """The party's voice path stands. Who talks is busy for the core; who listens gets no offers, and comes back as he was."""
    party.here = True
    if party.seat is not None:
        seat = live.seats[party.seat]
        live.timers.clear(("asked", seat.id))
        live.timers.clear(("rings", seat.id))
        if not party.listens and seat.parked is None:
            live.feed(inputs.AgentDials(live.number_of(seat)))
            dialling.block(live, seat, Block.IN_A_CALL, False)
        live.set_seat(seat, SeatState.TALKING, reason=party.role.value)
    else:
        live.timers.clear(("outside", party.line))
    if party.listens:
        live.tell(
            SupervisionStarted(
                at_ms=live.now_ms, call=call.id, seat=_seat(live, party).id, by=party.by, mode=party.role.value, on=agent_of(live, call)
            )
        )
    else:
        _tell(live, PartyJoined, call, party)
    live.arrange(call)


def becomes(live: Live, call: Call, party: Party, role: Role) -> None:
    """Another role for who is there."""
    party.role = role
    if party.seat is not None and not live.seats[party.seat].lost and live.seats[party.seat].parked != call.id:
        live.set_seat(live.seats[party.seat], SeatState.TALKING, reason=role.value)
    if not party.listens:
        _tell(live, PartyJoined, call, party)
    live.arrange(call)


def agent_of(live: Live, call: Call) -> AgentId | None:
    return live.seats[call.seat].agent if call.seat is not None else None


def _seat(live: Live, party: Party) -> Seat:
    assert party.seat is not None
    return live.seats[party.seat]


def leave(live: Live, call: Call, party: Party, why: str) -> None:
    """The party goes, or is sent: its seat comes back, its line is let go. The others hear what the matrix says now."""
    part_with(live, call, party, why)
    if party.seat is None:
        _let_line_go(live, party)
    else:
        _let_seat_go(live, call, party, why)
    live.arrange(call)


def part_with(live: Live, call: Call, party: Party, why: str) -> None:
    """It is none of the call's parties any more; its seat or line stays as it is."""
    call.parties.remove(party)
    if not party.listens:
        agent = live.seats[party.seat].agent if party.seat is not None else None
        live.tell(
            PartyLeft(at_ms=live.now_ms, call=call.id, seat=party.seat, agent=agent, number=party.number, role=party.role.value, why=why)
        )
    elif party.here:
        live.tell(
            SupervisionEnded(
                at_ms=live.now_ms,
                call=call.id,
                seat=_seat(live, party).id,
                by=party.by,
                mode=party.role.value,
                on=agent_of(live, call),
                why=why,
            )
        )


def _let_seat_go(live: Live, call: Call, party: Party, why: str) -> None:
    seat = _seat(live, party)
    for timer in ("asked", "rings", "party"):
        live.timers.clear((timer, seat.id))
    if seat.second == call.id:
        seat.second = None
        return None
    if seat.parked is not None:
        seat.last_call = call.id
        return two_calls.over(live, seat, call)
    if why == "no answer":  # nobody is there, even if the phone stays connected
        dialling.drop_leg(live, seat)
    staying.let_go(live, seat)
    seat.party_of, seat.muted = None, False
    dialling.block(live, seat, Block.TWO_CALLS, False)
    if party.here and not party.listens:
        seat.last_call = call.id
        live.feed(inputs.AgentHangsUp(live.number_of(seat)))  # wrap-up, pause or free: the core says
    else:
        dialling.block(live, seat, Block.IN_A_CALL, False)
        live.come_back(seat)
    return None


def _let_line_go(live: Live, party: Party) -> None:
    assert party.line is not None
    live.timers.clear(("outside", party.line))
    line = live.lines.get(party.line)
    dialling.silence(live, party.line)
    if line is not None and line.party_of is not None:
        line.party_of = None
        live.line_orders.hang_up(line.id)


def dismiss(live: Live, call: Call, why: str = "call over") -> None:
    """All parties go."""
    for party in list(call.parties):
        leave(live, call, party, why)
