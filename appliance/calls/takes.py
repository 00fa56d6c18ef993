"""Prompts spoken at a seat (A5): the seat leaves routing, is recorded, hears what was said; it is back when that is over, however it ends.

Whatever the agent does at his seat, and its loss, ends it and keeps nothing. What is kept, and as what, is studio.py's.
"""

from typing import Final

from appliance.base.errors import Refused
from appliance.calls import commands, dialling, staying
from appliance.calls.live import Live
from appliance.calls.seats import DIAL_ALLOWANCE_MS, Seat, SeatState, Take, TakeStep
from appliance.core import inputs
from appliance.events.prompt import PromptTakeBegan, PromptTakeEnded

PAUSE: Final = "prompt_recording"
"""The reason of the seat's pause meanwhile."""
ASKED_MS: Final = 15_000
"""Three rings, as for any call (A4)."""
LONGEST_MS: Final = 120_000
"""What is spoken longer than this is cut: no caller listens so long."""
FORGOTTEN_MS: Final = 300_000
"""An order that nobody goes on with ends by itself: the seat is needed."""


def alone(live: Live, seat: Seat, command: commands.BeginTake) -> None:
    """Raises Refused where this seat, or another for the same prompt, is at it already."""
    if seat.take is not None:
        raise Refused("take.open", seat=seat.id)
    for other in live.seats.values():
        if other.take is not None and (other.take.name, other.take.language) == (command.name, command.language):
            raise Refused("take.elsewhere", seat=other.id)


def begin(live: Live, seat: Seat, command: commands.BeginTake) -> None:
    """At a page or headset somebody is there; an outside phone is dialled, and says so by its key."""
    live.takes_over.pop((command.name, command.language), None)
    seat.take = Take(command.name, command.language, command.by, TakeStep.RINGING, live.now_ms)
    live.settle(seat, SeatState.PAUSED, reason=PAUSE)
    live.tell(
        PromptTakeBegan(at_ms=live.now_ms, seat=seat.id, agent=seat.agent, name=command.name, language=command.language, by=command.by)
    )
    if not seat.is_phone:
        return there(live, seat)
    live.timers.set(("take", seat.id), live.now_ms + ASKED_MS + DIAL_ALLOWANCE_MS)
    if not staying.ring(live, seat):
        end(live, seat, "refused")
        raise Refused("seat.no_line", seat=seat.id)
    return None


def rings(seat: Seat) -> bool:
    return seat.take is not None and seat.take.step is TakeStep.RINGING


def there(live: Live, seat: Seat) -> None:
    assert seat.take is not None
    seat.take.place = live.place_of(seat)
    live.timers.clear(("rings", seat.id))
    live.sound.hears(seat.take.place, frozenset())
    live.sound.play(seat.take.place, None)
    _is(live, seat, seat.take, TakeStep.READY)


def _is(live: Live, seat: Seat, take: Take, step: TakeStep) -> None:
    take.step, take.since_ms = step, live.now_ms
    live.timers.set(("take", seat.id), live.now_ms + (LONGEST_MS if step is TakeStep.RECORDING else FORGOTTEN_MS))


def _at(seat: Seat, *steps: TakeStep) -> tuple[Take, str]:
    """The seat's take and its place, where it is at one of these steps; else Refused."""
    take = seat.take
    if take is None:
        raise Refused("take.none", seat=seat.id)
    if take.step not in steps or take.place is None:
        raise Refused(
            "take.not_yet" if take.step is TakeStep.RINGING else "take.not_stopped" if take.step is TakeStep.RECORDING else "take.empty"
        )
    return take, take.place


def record(live: Live, seat: Seat, command: commands.RecordTake) -> None:
    take, place = _at(seat, TakeStep.READY, TakeStep.RECORDED)
    live.sound.capture(place)
    take.tries += 1
    _is(live, seat, take, TakeStep.RECORDING)


def stop(live: Live, seat: Seat, command: commands.StopTake) -> None:
    take, place = _at(seat, TakeStep.RECORDING)
    live.sound.capture_end(place)
    _is(live, seat, take, TakeStep.RECORDED)


def hear(live: Live, seat: Seat, command: commands.HearTake) -> None:
    _take, place = _at(seat, TakeStep.RECORDED)
    live.sound.hear_take(place)
    live.timers.set(("take", seat.id), live.now_ms + FORGOTTEN_MS)


def drop(live: Live, seat: Seat, command: commands.DropTake) -> None:
    take, place = _at(seat, TakeStep.RECORDED)
    live.sound.forget(place)
    _is(live, seat, take, TakeStep.READY)


def over(live: Live, seat: Seat, command: commands.EndTake) -> None:
    """At any step; only what was recorded can be accepted."""
    if seat.take is None or command.why == "accepted":
        _at(seat, TakeStep.RECORDED)
    end(live, seat, command.why)


def close(live: Live, seat: Seat, why: str) -> None:
    """The take is over, and its sound thrown away; the seat's pause stays."""
    if (take := seat.take) is None:
        return
    live.timers.clear(("take", seat.id))
    if take.place is not None:
        live.sound.forget(take.place)
    dialling.drop_leg(live, seat)
    seat.take = None
    live.takes_over[take.name, take.language] = why
    live.tell(PromptTakeEnded(at_ms=live.now_ms, seat=seat.id, agent=seat.agent, name=take.name, language=take.language, why=why))


def end(live: Live, seat: Seat, why: str) -> None:
    """The same, and the seat is back in routing."""
    close(live, seat, why)
    live.settle(seat, SeatState.FREE)
    live.feed(inputs.AgentResumes(live.number_of(seat)))


def time_is_up(live: Live, seat: Seat) -> None:
    if seat.take is None:
        return
    if seat.take.step is TakeStep.RECORDING:
        stop(live, seat, commands.StopTake(seat=seat.id))
    else:
        end(live, seat, "no answer" if rings(seat) else "forgotten")
