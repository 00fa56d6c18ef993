"""A box's keeper of history as a process of its own, to be killed: python -m tests.support.store_writer STATE.

It appends facts as fast as they are acknowledged and records one call, and writes each acknowledged number to its standard output.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from appliance.base.clock import BootClock
from appliance.base.ids import CallId, LineId
from appliance.events import Event
from appliance.events.call import CallStarted
from appliance.recording.vault import seal_after_crash
from appliance.recording.writer import Recorder
from appliance.store.bus import Bus
from appliance.store.journal import Journal
from tests.support.store_clock import Sound, noise


class Speaking:
    """A tap that hears 0.1 s of noise each time it is asked."""

    def __init__(self) -> None:
        self._sound = noise(0.1)

    def read_tap(self, tap: int) -> Sound:
        return self._sound + np.int16(tap)

    def lost_frames(self, tap: int) -> int:
        return 0

    def free_tap(self, tap: int) -> None:
        pass


async def main(state: Path) -> None:
    clock = BootClock()
    journal = Journal(state, clock, group_s=0.005)
    bus = Bus(journal)
    loop = asyncio.get_running_loop()

    def tell(facts: Sequence[Event]) -> None:
        loop.call_soon_threadsafe(bus.publish, facts)

    recorder = Recorder(state / "recordings", Speaking(), tell, clock, durable=lambda: journal.committed_number)
    bus.subscribe(recorder.heard)
    bus.publish(seal_after_crash(journal, state / "recordings", clock))
    call = CallId(f"c{journal.last_number + 1}")
    recorder.begin(call, 1, clock.now_ms())
    recorder.start()
    while True:
        facts = [CallStarted(at_ms=clock.now_ms(), call=CallId(f"{call}-{n}"), direction="in", line=LineId("l1")) for n in range(7)]
        number = bus.publish(facts)
        await journal.committed(number)
        os.write(1, b"%d\n" % number)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
