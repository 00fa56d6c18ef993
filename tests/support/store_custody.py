"""An office whose recordings are kept after their seal: register, keeper, retention upon RecordingOffice, all in one thread."""

from collections.abc import Sequence
from pathlib import Path

from appliance.events import Event
from appliance.recording.heads import Heads
from appliance.recording.keeper import Keeper
from appliance.recording.records import Records
from appliance.recording.register import Register, RegisterTable
from appliance.recording.retention import Retention
from appliance.recording.vault import seal_after_crash
from appliance.store.database import Database
from appliance.store.projector import Projector
from firmware_cfg.document import Recording
from tests.support.store_clock import HandClock, noise
from tests.support.store_office import RecordingOffice

DAY_MS = 86_400_000


def day_of(utc_ms: int) -> str:
    return f"day-{utc_ms // DAY_MS:06}"


class CustodyOffice(RecordingOffice):
    def __init__(self, state: Path, clock: HandClock | None = None, policy: Recording | None = None) -> None:
        super().__init__(state, clock)
        self.policy = policy or Recording(pack_after_h=0.0)
        self.bus.publish(seal_after_crash(self.journal, state / "recordings", self.clock))
        self._wait()
        self.database = Database(state)
        self.projector = Projector(self.database, self.journal)
        self.projector.register(RegisterTable())
        self.projector.catch_up()
        self.retention = Retention()
        self.retention.take(list(self.journal.entries()))
        self.bus.subscribe(self.retention.take)
        self.printed = Heads(state, self.bus.publish, day_of)
        self.bus.subscribe(self.printed.take)
        register = Register(self.database.reader)
        self.keeper = Keeper(state, self.journal, register, self.told, self.clock, lambda: self.policy, self.retention.agreed)
        self.records = Records(
            state, register, self.keeper, self.printed, self.retention, self.bus.publish, self.clock, lambda: self.policy
        )

    def told(self, facts: Sequence[Event]) -> None:
        self.tell(facts)
        self.settle()

    def _wait(self) -> None:
        while self.journal.committed_number < self.journal.last_number:
            pass

    def settle(self) -> None:
        """The journal and the tables have all."""
        self._wait()
        self.projector.catch_up()

    def whole_call(self, call: str, seconds: float = 2.2, seed: int = 1) -> None:
        super().whole_call(call, seconds, seed)
        self.settle()

    @staticmethod
    def taps_noise(seconds: float, seed: int) -> bytes:
        """What `speaks` lets the tap hear, as the file has it."""
        return noise(seconds, seed).astype("<i2").tobytes()

    def close(self) -> None:
        super().close()
        self.database.close()
