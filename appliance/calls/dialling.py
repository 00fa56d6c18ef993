"""Seats on outside phones (A2): a line is reserved for each, dialled for each offer, and let go after it (or kept: staying.py)."""

from appliance.base.ids import LineId
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.calls.ports import line_place
from appliance.calls.queues import bit
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Block, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import LegDialled


def reserve(live: Live) -> None:
    """Each logged-in phone seat without a leg keeps an idle line that may dial; who finds none is blocked in the core, and says so.

    A reservation holds while its line is idle. New ones are taken from the end of the
    configuration, so that the first lines stay for callers.
    """
    phones = [seat for seat in live.seats.values() if seat.is_phone and seat.agent is not None and seat.leg is None]
    taken: set[LineId] = set()
    for seat in phones:
        if seat.reserved is not None and ((line := live.lines.get(seat.reserved)) is None or not line.may_dial):
            seat.reserved = None
        if seat.reserved is not None:
            taken.add(seat.reserved)
    for seat in phones:
        if seat.reserved is None:
            spare = [line.id for line in live.lines.values() if line.may_dial and line.id not in taken]
            if spare:
                seat.reserved = spare[-1]
                taken.add(spare[-1])
        block(live, seat, Block.NO_LINE, seat.reserved is None)


def block(live: Live, seat: Seat, reason: Block, on: bool) -> None:
    if on is (reason in seat.blocks) or seat.agent is None:
        return
    number = live.number_of(seat)
    if on:
        seat.blocks.add(reason)
        live.feed(inputs.AgentBlocked(number, bit(reason)))
    else:
        seat.blocks.discard(reason)
        live.feed(inputs.AgentUnblocked(number, bit(reason)))


def ring_phone(live: Live, seat: Seat) -> bool:
    """Dials the seat's number on its reserved line, or on another where that one went, or still hangs up, in this very turn."""
    if seat.reserved is None:
        reserve(live)
    line = live.lines.get(seat.reserved) if seat.reserved is not None else None
    if line is None or not line.may_dial or seat.config.number is None:
        return False
    line.leg_of, seat.leg, seat.reserved, seat.leg_until_ms = seat.id, line.id, None, None
    live.sound.hears(line_place(line.id), frozenset())
    live.sound.play(line_place(line.id), "prompt_key_1")
    live.line_orders.dial(line.id, seat.config.number)
    if (call := seat.call or seat.party_of) is not None:
        live.tell(LegDialled(at_ms=live.now_ms, call=call, seat=seat.id, line=line.id))
    live.timers.set(("rings", seat.id), live.now_ms + DIAL_ALLOWANCE_MS)
    return True


def rings_now(live: Live, seat: Seat) -> None:
    """The phone alerts, or had time enough to: the three rings count from here."""
    live.timers.clear(("rings", seat.id))
    if seat.state is SeatState.RINGING and seat.call is not None and seat.rang_at_ms is None:
        live.feed(inputs.OfferRings(live.calls[seat.call].number, live.number_of(seat)))


def silence(live: Live, line: LineId) -> None:
    live.sound.play(line_place(line), None)
    live.sound.hears(line_place(line), frozenset())


def drop_leg(live: Live, seat: Seat) -> None:
    """Hangs up the outside phone."""
    live.timers.clear(("rings", seat.id))
    live.timers.clear(("leg", seat.id))
    if seat.leg is None:
        return
    line, seat.leg = seat.leg, None
    silence(live, line)
    live.line_orders.hang_up(line)


def spare_lines(live: Live) -> list[Line]:
    """Idle lines that may dial and that no phone seat counts on; the last of the configuration are to be used first."""
    kept = {seat.reserved for seat in live.seats.values()}
    return [line for line in live.lines.values() if line.may_dial and line.id not in kept]


def spare_line_that_knows(live: Live) -> Line | None:
    """As `spare_line`, but where there is one whose modem says when the far end answers, that one."""
    return next((line for line in reversed(spare_lines(live)) if line.says_answered), spare_line(live))


def spare_line(live: Live) -> Line | None:
    return next(reversed(spare_lines(live)), None)
