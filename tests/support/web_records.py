"""The page's office with recordings that are sealed, searched, packed and deleted: real journal, register and keeper behind WebOffice."""

from pathlib import Path

import numpy as np

from appliance.base.ids import AgentId, CallId, LineId, QueueId, SeatId
from appliance.events import Event
from appliance.events import call as happened
from appliance.events.box import PersonDid
from appliance.events.recording import RecordingPaused, RecordingResumed
from appliance.recording import wav
from firmware_cfg.document import Recording
from tests.support.store_custody import CustodyOffice
from tests.support.web_office import UTC, WebOffice


class RecordsOffice(WebOffice):
    """Calls c1 (li, held and paused within) and c2 (wang) are over. The custody's clock is the only one."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.custody = CustodyOffice(state, policy=Recording(pack=False, keep_days=30))
        self.custody.tell = self.tell  # type: ignore[method-assign]
        self.records = self.custody.records

    def tell(self, facts: list[Event]) -> None:  # type: ignore[override]
        self.custody.facts += facts
        self.custody.bus.publish(facts)
        for fact in facts:
            self.inside.book.take(self.utc(), fact)

    def utc(self) -> int:
        return self.custody.clock.utc_ms()

    def talks(self, call: str, agent: str, seat: str, caller: str, seconds: int = 6, pause: bool = False) -> None:
        now, name = self.custody.clock.now_ms, CallId(call)
        self.tell([happened.CallStarted(at_ms=now(), call=name, direction="in", line=LineId("l1"), caller=caller)])
        self.tell([happened.CallPickedUp(at_ms=now(), call=name), happened.CallQueued(at_ms=now(), call=name, queue=QueueId("q"))])
        self.custody.recorder._tell = self.tell  # type: ignore[assignment]
        self.custody.recorder.begin(name, 0, now())
        self.hears(1.0, 0.05, 0.0)
        at = {"call": name, "seat": SeatId(seat), "agent": AgentId(agent)}
        self.tell([happened.CallOffered(at_ms=now(), **at), happened.OfferEnded(at_ms=now(), outcome="answered", **at)])  # type: ignore[arg-type]
        self.tell([happened.CallAnswered(at_ms=now(), **at)])  # type: ignore[arg-type]
        self.hears(seconds / 2, 0.5, 0.3)
        if pause:
            self.tell([happened.CallHeld(at_ms=now(), call=name, seat=SeatId(seat))])
            self.hears(2.0, 0.02, 0.0)
            self.tell([happened.CallRetrieved(at_ms=now(), call=name, seat=SeatId(seat))])
            self.tell([RecordingPaused(at_ms=now(), call=name, seat=SeatId(seat))])
            self.custody.recorder.pause(name, True)
            self.hears(2.0, 0.5, 0.5)
            self.custody.recorder.pause(name, False)
            self.tell([RecordingResumed(at_ms=now(), call=name, seat=SeatId(seat))])
        self.hears(seconds / 2, 0.2, 0.6)
        self.tell([happened.CallEnded(at_ms=now(), call=name, by="caller")])
        self.custody.recorder.end(name)
        self.custody.recorder.turn()
        self.custody.settle()

    def hears(self, seconds: float, left: float, right: float) -> None:
        """Tones that swell like syllables, at these levels of full scale."""
        n = np.arange(int(seconds * 8000))
        swell = np.abs(np.sin(2 * np.pi * 1.3 * n / 8000))
        both = np.stack([left * np.sin(2 * np.pi * 300 * n / 8000), right * np.sin(2 * np.pi * 440 * n / 8000)], axis=1) * swell[:, None]
        sound = (both * 32767).astype(np.int16)
        for at in range(0, len(sound), 800):
            self.custody.taps.hear(0, sound[at : at + 800])
            self.custody.clock.wait(100)
            self.custody.recorder.turn()

    def audit(self, by: str, what: str, about: str = "") -> int:
        self.audited.append((by, what, about))
        number = self.custody.bus.publish([PersonDid(at_ms=self.custody.clock.now_ms(), by=by, what=what, about=about)])
        self.custody.settle()
        return number

    async def committed(self, number: int) -> None:
        self.custody.settle()

    def recording(self, call: str) -> wav.Copy | wav.Unpacked | None:  # type: ignore[override]
        row = self.records.one(call)
        return None if row is None else wav.original(self.state / "recordings" / row.path)

    def listening(self, call: str) -> wav.AsItIs | None:  # type: ignore[override]
        return self.records.listening(call)

    def close(self) -> None:
        self.custody.close()


__all__ = ["UTC", "RecordsOffice"]
