"""A state directory with history in it: two sealed calls and one that still ran when its box was killed."""

from collections.abc import Sequence
from pathlib import Path

from appliance.base.ids import CallId, LineId
from appliance.events import Event
from appliance.events.call import CallEnded, CallStarted
from appliance.recording.writer import Recorder
from appliance.store.bus import Bus
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock, HandTaps, noise


class RecordingOffice:
    """Journal, bus and recorder in one thread, their time held by hand; the recorder's own thread is not started."""

    def __init__(self, state: Path, clock: HandClock | None = None) -> None:
        self.state, self.clock, self.taps = state, clock or HandClock(), HandTaps()
        self.alarms: list[str | None] = []
        self.journal = Journal(state, self.clock, group_s=0.0)
        self.bus = Bus(self.journal)
        self.facts: list[Event] = []
        self.recorder = Recorder(state / "recordings", self.taps, self.tell, self.clock, alarm=self.alarms.append)
        self.bus.subscribe(self.recorder.heard)

    def tell(self, facts: Sequence[Event]) -> None:
        self.facts += facts
        self.bus.publish(facts)

    def call_begins(self, call: str, tap: int = 0) -> None:
        now = self.clock.now_ms()
        self.bus.publish([CallStarted(at_ms=now, call=CallId(call), direction="in", line=LineId("l1"))])
        self.recorder.begin(CallId(call), tap, now)

    def speaks(self, seconds: float, tap: int = 0, seed: int = 1) -> None:
        """Sound passes, the recorder turning every 100 ms."""
        sound = noise(seconds, seed)
        for at in range(0, len(sound), 800):
            self.taps.hear(tap, sound[at : at + 800])
            self.clock.wait(100)
            self.recorder.turn()

    def call_ends(self, call: str) -> None:
        self.bus.publish([CallEnded(at_ms=self.clock.now_ms(), call=CallId(call), by="caller")])
        self.recorder.end(CallId(call))
        self.recorder.turn()

    def whole_call(self, call: str, seconds: float = 2.2, seed: int = 1) -> None:
        self.call_begins(call)
        self.speaks(seconds, seed=seed)
        self.call_ends(call)

    def recording_of(self, call: str) -> Path:
        (found,) = (self.state / "recordings").rglob(f"{call}.wav")
        return found

    def close(self) -> None:
        self.journal.close()


def office_with_history(state: Path) -> None:
    """Calls c1 and c2 are sealed, c3 still runs; then the box ends."""
    office = RecordingOffice(state)
    office.whole_call("c1", seed=1)
    office.whole_call("c2", seed=2)
    office.call_begins("c3")
    office.speaks(1.7, seed=3)
    office.close()
