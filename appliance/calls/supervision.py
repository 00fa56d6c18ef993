"""The supervisor's ear and voice in live calls (A8): monitor, whisper, barge in, take over.

Each start, change and end is a fact with who and on whom.
"""

from typing import Final

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands, dialling, joining, offers, transfer
from appliance.calls.call import Call
from appliance.calls.live import Live
from appliance.calls.parties import LISTENERS, Party, Role
from appliance.calls.seats import Block, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import SupervisionChanged

MODES: Final = ("monitor", "whisper", "barge", "take_over", "stop")


def supervise(live: Live, seat: Seat, command: commands.Supervise) -> None:
    call = live.calls.get(command.call)
    if call is None:
        raise NotFound(f"there is no live call {command.call!r}")
    if command.mode not in MODES:
        raise Refused("supervise.mode", mode=command.mode)
    party = call.listener_at(seat.id)
    if command.mode == "stop":
        if party is None:
            raise Refused("supervise.none", seat=seat.id)
        return joining.leave(live, call, party, "stopped")
    if not call.with_customer:
        raise Refused("supervise.not_talking", call=call.id)
    if party is None:
        return begin(live, call, seat, command)
    return change(live, call, party, command)


def begin(live: Live, call: Call, seat: Seat, command: commands.Supervise) -> None:
    """From any seat that is not in a call; a call offered there goes on to the next agent, and who listens elsewhere stops that."""
    if seat.lost or not seat.page_answers(live.now_ms):
        raise Refused("seat.not_free", seat=seat.id, state=SeatState.FAULT.value)
    if seat.take is not None:
        raise Refused("take.open", seat=seat.id)
    elsewhere = live.calls.get(seat.party_of) if seat.party_of is not None else None
    old = elsewhere.listener_at(seat.id) if elsewhere is not None else None
    if (seat.in_a_call and old is None) or (seat.party_of is not None and old is None):
        raise Refused("seat.in_a_call", seat=seat.id)
    if elsewhere is not None and old is not None:
        joining.leave(live, elsewhere, old, "stopped")
    dialling.block(live, seat, Block.IN_A_CALL, True)
    offers.carry_out(live)
    takes_over = command.mode == "take_over"
    role = Role.MONITOR if takes_over else Role(command.mode)
    party = Party(role, seat=seat.id, by=command.by, takes_over=takes_over)
    if not joining.ask(live, call, party):
        dialling.block(live, seat, Block.IN_A_CALL, False)
        raise Refused("seat.no_line", seat=seat.id)
    if not seat.is_phone:
        arrived(live, call, party)


def arrived(live: Live, call: Call, party: Party) -> None:
    """Whoever was rung is there: by the page's word or, at an outside phone, by its key."""
    joining.arrive(live, call, party)
    if party.takes_over:
        take_over(live, call, party)


def change(live: Live, call: Call, party: Party, command: commands.Supervise) -> None:
    if not party.here:
        party.takes_over = command.mode == "take_over"
        if not party.takes_over:
            party.role = Role(command.mode)
    elif command.mode == "take_over":
        take_over(live, call, party)
    elif party.role.value != command.mode:
        joining.becomes(live, call, party, Role(command.mode))
        changed(live, call, party, command.mode, command.by)


def changed(live: Live, call: Call, party: Party, mode: str, by: str) -> None:
    assert party.seat is not None
    live.tell(SupervisionChanged(at_ms=live.now_ms, call=call.id, seat=party.seat, by=by, mode=mode, on=joining.agent_of(live, call)))


def take_over(live: Live, call: Call, party: Party) -> None:
    """The call is the supervisor's; its former agent wraps up, and a consultation that he had begun is over."""
    assert party.seat is not None
    seat = live.seats[party.seat]
    if call.asked is not None:
        joining.leave(live, call, call.asked, "cancelled")
    if not call.with_customer:  # while his telephone rang the customer was passed on, and waits
        offers.out_of_line(live, call)
    changed(live, call, party, "take_over", party.by)
    transfer.told(live, call, live.seats[call.seat] if call.seat is not None else None, "take_over", to=seat)
    joining.part_with(live, call, party, "took over")
    paused = seat.resume_as is SeatState.PAUSED
    seat.next_status = f"paused:{seat.resume_reason or 'busy'}" if paused else None
    live.feed(inputs.AgentDials(live.number_of(seat)))
    dialling.block(live, seat, Block.IN_A_CALL, False)
    if call.seat is not None:
        offers.hand_back(live, call)
    transfer.take(live, call, seat)


def is_listening(live: Live, seat: Seat) -> bool:
    """Whether somebody supervises a call from this seat, or is being rung for that."""
    call = live.calls.get(seat.party_of) if seat.party_of is not None else None
    party = call.party_at(seat.id) if call is not None else None
    return party is not None and party.role in LISTENERS
