"""The script of `seatbox modem --script` (A1): what the telephone network does to one modem, line by line.

says tone:620         what the next callers and those that the modem dials say (default: silence)
keys 12,3             the keys they press
answer after 3        whom the modem dials answers so many seconds after the first ring; `answer never`, `answer busy`
ring 13800138000      a subscriber calls; without a number it is withheld
text 13800138000 TEXT a subscriber sends a short message
wait 2.5              seconds
wait answer|end       until the latest call is connected, or over
hang-up               the far end hangs up
heard FILE            writes what the latest call's far end heard as WAV
fault NAME            a fault of docs/exchange.md; `fault none` ends it
# a remark; after the last line the modem goes on as it is
"""

import asyncio
import shlex
from collections.abc import Callable
from pathlib import Path

from appliance.exchange.calls import Call, FarEnd
from appliance.exchange.network import Network
from appliance.exchange.speech import CannotSay, sound_of
from appliance.exchange.tones import KEY_PAIRS
from appliance.exchange.wiring import Wire, now_ms

POLL_S = 0.02


class BadScript(ValueError):
    """One sentence with the line's number."""


class Script:
    """Read and checked at once; run() follows it."""

    def __init__(self, text: str) -> None:
        self.steps: list[tuple[int, str, str]] = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                words = shlex.split(line, comments=True)
            except ValueError:
                raise BadScript(f"line {number}: a quotation mark is not closed, or nothing follows the backslash") from None
            if not words:
                continue
            if words[0] not in VERBS:
                raise BadScript(f"line {number}: {words[0]!r} is not one of {', '.join(VERBS)}")
            rest = " ".join(words[1:])
            if not VERBS[words[0]](rest):
                raise BadScript(f"line {number}: {words[0]} cannot be followed by {rest!r}")
            self.steps.append((number, words[0], rest))

    async def run(self, network: Network, wire: Wire, sounds: Path) -> None:
        far_end = network.anyone or FarEnd()
        for number, verb, rest in self.steps:
            try:
                if verb == "says":
                    far_end.says = await asyncio.to_thread(sound_of, rest, sounds)
                elif verb == "keys":
                    far_end.keys = rest
                elif verb == "answer":
                    far_end.busy = rest == "busy"
                    far_end.answers_after_ms = int(float(rest[6:]) * 1000) if rest.startswith("after ") else None
                elif verb == "fault":
                    wire.set_fault(None if rest == "none" else rest, now_ms())
                elif verb == "ring":
                    caller = FarEnd(far_end.says, far_end.keys)
                    network.place(wire.trunk.number, rest, caller, now_ms())
                elif verb == "text":
                    network.text(wire.trunk.number, *rest.split(" ", 1))
                else:
                    await _with_call(verb, rest, network)
            except (CannotSay, LookupError, OSError) as error:
                raise BadScript(f"line {number}: {error}") from None


async def _with_call(verb: str, rest: str, network: Network) -> None:
    if verb == "wait" and rest not in ("answer", "end"):
        await asyncio.sleep(float(rest))
        return
    while not network.calls:
        await asyncio.sleep(POLL_S)
    call: Call = list(network.calls.values())[-1]
    if verb == "wait":
        while call.connected_ms is None if rest == "answer" else call.live:
            await asyncio.sleep(POLL_S)
    elif verb == "hang-up":
        network.hang_up(call, now_ms())
    else:
        Path(rest).write_bytes(call.ear.wav())


def _is_seconds(text: str) -> bool:
    try:
        return 0 <= float(text) <= 86_400
    except ValueError:
        return False


VERBS: dict[str, Callable[[str], bool]] = {
    "says": bool,
    "keys": lambda rest: all(key in KEY_PAIRS or key == "," for key in rest),
    "answer": lambda rest: rest in ("never", "busy") or (rest.startswith("after ") and _is_seconds(rest[6:])),
    "ring": lambda rest: rest.lstrip("+").isdigit() or not rest,
    "text": lambda rest: " " in rest and rest.split(" ", 1)[0].lstrip("+").isdigit(),
    "wait": lambda rest: rest in ("answer", "end") or _is_seconds(rest),
    "hang-up": lambda rest: not rest,
    "heard": bool,
    "fault": bool,
}
