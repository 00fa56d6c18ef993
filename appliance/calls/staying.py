"""Outside phones that stay connected between calls, where the seat is set so (A2): a tone or the queue's name, key 1, and they talk.

Only a leg on which somebody has pressed key 1 stays, and each call asks for the key again: a mailbox never becomes an agent.
A hang-up, a call that nobody takes, a pause, the time limit or a restart ends it; the next call dials anew.
"""

from appliance.calls import dialling
from appliance.calls.live import Live
from appliance.calls.ports import line_place
from appliance.calls.queues import ms
from appliance.calls.seats import Seat, SeatState
from appliance.events.call import LegDialled


def stands(seat: Seat) -> bool:
    """The phone is connected, and nobody speaks or is asked there."""
    return seat.leg is not None and seat.call is None and seat.party_of is None and seat.take is None


def confirmed(live: Live, seat: Seat) -> None:
    """Key 1, the first on this leg: it may stay, so long."""
    if seat.config.stay_connected and seat.leg_until_ms is None:
        seat.leg_until_ms = live.now_ms + ms(seat.config.stay_max_s)


def ring(live: Live, seat: Seat) -> bool:
    """Asks for key 1 where the phone is connected, else dials it; False where there is no line for that."""
    if seat.leg is None:
        return dialling.ring_phone(live, seat)
    place, name = line_place(seat.leg), seat.call or seat.party_of
    call = live.calls[name] if name is not None else None
    live.sound.hears(place, frozenset())
    live.sound.play(place, "prompt_key_1")
    if call is not None:
        live.sound.announce(place, f"next:{call.queue}")
        live.tell(LegDialled(at_ms=live.now_ms, call=call.id, seat=seat.id, line=seat.leg))
    dialling.rings_now(live, seat)
    return True


def let_go(live: Live, seat: Seat) -> None:
    """Who spoke at this seat does so no more: its phone stays connected, in silence, or is hung up."""
    if seat.leg is None or not _may_stay(live, seat):
        return dialling.drop_leg(live, seat)
    live.timers.clear(("rings", seat.id))
    dialling.silence(live, seat.leg)
    live.timers.set(("leg", seat.id), seat.leg_until_ms or live.now_ms)
    return None


def _may_stay(live: Live, seat: Seat) -> bool:
    until_ms = seat.leg_until_ms
    return seat.config.stay_connected and seat.agent is not None and until_ms is not None and live.now_ms < until_ms


def tidy(live: Live) -> None:
    """At the end of each turn: what stands longer than it may, or for somebody who pauses."""
    for seat in live.seats.values():
        if stands(seat) and (seat.state is SeatState.PAUSED or not _may_stay(live, seat)):
            dialling.drop_leg(live, seat)
