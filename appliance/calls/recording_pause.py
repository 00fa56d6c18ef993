"""A recording pauses while payment data are spoken (A7): the agent says when, silence of true length is recorded, and the timeline has it.

It belongs to the call: another seat that has it meanwhile may end the pause; a forgotten one ends by itself.
"""

from appliance.base.errors import Refused
from appliance.base.ids import CallId
from appliance.calls import commands
from appliance.calls.call import Call
from appliance.calls.live import Live
from appliance.calls.seats import Seat
from appliance.events.recording import RecordingPaused, RecordingResumed


def _call(live: Live, seat: Seat) -> Call:
    if seat.call is None or not seat.in_a_call or seat.call not in live.calls:
        raise Refused("seat.not_talking", seat=seat.id)
    return live.calls[seat.call]


def pause(live: Live, seat: Seat, command: commands.PauseRecording) -> None:
    call = _call(live, seat)
    if call.unrecorded is not None:
        raise Refused("recording.paused", seat=seat.id)
    call.unrecorded = seat.id
    live.recording.pause(call.id, True)
    live.timers.set(("unpause", call.id), live.now_ms + round(live.document.recording.pause_max_s * 1000))
    live.tell(RecordingPaused(at_ms=live.now_ms, call=call.id, seat=seat.id))


def resume(live: Live, seat: Seat, command: commands.ResumeRecording) -> None:
    call = _call(live, seat)
    if call.unrecorded is None:
        raise Refused("recording.not_paused", seat=seat.id)
    _resume(live, call, "agent")


def forgotten(live: Live, call: CallId) -> None:
    """The longest pause is over."""
    if call in live.calls and live.calls[call].unrecorded is not None:
        _resume(live, live.calls[call], "box")


def _resume(live: Live, call: Call, by: str) -> None:
    assert call.unrecorded is not None
    live.timers.clear(("unpause", call.id))
    live.recording.pause(call.id, False)
    live.tell(RecordingResumed(at_ms=live.now_ms, call=call.id, seat=call.unrecorded, by=by))
    call.unrecorded = None
