"""What a waiting caller is told (A3): a welcome at the pick-up, then his place and the expected wait, every so many seconds."""

from appliance.base.ids import CallId
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.ports import line_place


def begin(live: Live, call: Call) -> None:
    """He waits from now on."""
    live.sound.announce(line_place(call.line), "welcome")
    _again(live, call)


def _again(live: Live, call: Call) -> None:
    every_s = live.queues.config[call.queue].announce_s
    if every_s > 0:
        live.timers.set(("announce", call.id), live.now_ms + round(every_s * 1000))


def due(live: Live, name: CallId) -> None:
    """His place, unless an agent is being rung for him, or has him."""
    call = live.calls.get(name)
    if call is None or call.state not in (CallState.QUEUED, CallState.OFFERED):
        return
    if call.state is CallState.QUEUED:
        place, wait_ms = live.queues.core.position(call.number), live.queues.core.expected_wait_ms(call.number)
        figure = f"{place}" if wait_ms is None else f"{place}:{_rounded(wait_ms)}"
        live.sound.announce(line_place(call.line), f"position:{figure}")
    _again(live, call)


def _rounded(wait_ms: int) -> int:
    """Whole minutes in seconds, above ten to fives, an hour at most: so many sentences there are to be spoken, and no more."""
    minutes = -(-wait_ms // 60_000)
    return min(60, minutes if minutes <= 10 else -(-minutes // 5) * 5) * 60
