"""The recorder as a process of its own, to be killed in a call: python -m tests.support.store_talking STATE HEARD.

It seals what the last run left, then records one call; into HEARD goes the moment (monotonic ns) from which on its tap hears.
Frame n of the sound is (n mod 30011, 7 - n mod 29989), so whoever reads the file knows which moment it is.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from appliance.base.clock import BootClock
from appliance.base.ids import CallId, LineId
from appliance.events import Event
from appliance.events.call import CallPickedUp, CallStarted
from appliance.recording.vault import seal_after_crash
from appliance.recording.writer import Recorder
from appliance.store.bus import Bus
from appliance.store.journal import Journal
from tests.support.store_clock import Sound


def said(begin: int, end: int) -> Sound:
    n = np.arange(begin, end)
    return np.stack([n % 30011, 7 - n % 29989], axis=1).astype(np.int16)


class Talking:
    """A tap that hears 8000 frames a second of real time, in steps of 20 ms."""

    def __init__(self) -> None:
        self.begin_ns, self._given = time.monotonic_ns(), 0

    def read_tap(self, tap: int) -> Sound:
        now = (time.monotonic_ns() - self.begin_ns) // 20_000_000 * 160
        sound, self._given = said(self._given, now), now
        return sound

    def lost_frames(self, tap: int) -> int:
        return 0

    def free_tap(self, tap: int) -> None:
        pass


async def main(state: Path, shared: Path) -> None:
    clock = BootClock()
    journal = Journal(state, clock)
    bus, loop = Bus(journal), asyncio.get_running_loop()

    def tell(facts: Sequence[Event]) -> None:
        loop.call_soon_threadsafe(bus.publish, facts)

    tap = Talking()
    recorder = Recorder(state / "recordings", tap, tell, clock, durable=lambda: journal.committed_number)
    bus.subscribe(recorder.heard)
    bus.publish(seal_after_crash(journal, state / "recordings", clock))
    call = CallId(f"c{journal.last_number + 1}")
    now = clock.now_ms()
    bus.publish([CallStarted(at_ms=now, call=call, direction="in", line=LineId("l1")), CallPickedUp(at_ms=now, call=call)])
    tap.begin_ns = time.monotonic_ns()
    shared.write_text(str(tap.begin_ns))
    recorder.begin(call, 1, now)
    recorder.start()
    print(call, flush=True)
    await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
