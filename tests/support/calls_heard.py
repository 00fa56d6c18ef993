"""An office in virtual time upon the real bridge: each line and seat sings a tone of its own, and we listen at all of them (A8 A9)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.base.ids import CallId
from appliance.calls.ports import Place
from appliance.calls.sound import SoundBoard
from firmware_cfg.document import Document
from tests.support.audio_sounds import FRAME, Pcm, level_db, tone
from tests.support.office import TestOffice

TICK_NS = 20_000_000
FIRST = CallId("c000001")
PEAK = 3000
HZ = {
    "line:l1": 400, "seat:b1": 650, "seat:b2": 900, "seat:b3": 1150, "seat:b4": 1400, "seat:b5": 1650, "line:l2": 1900, "line:l7": 2150,
    "line:l8": 2400,
}  # fmt: skip
MUSIC_HZ, RINGBACK_HZ = 2800, 3200
SAID_DB = 20 * float(np.log10(PEAK / 32768))
DOWN_DB = 45.0


class Taps:
    """The recorder's place: keeps what the taps give."""

    def __init__(self) -> None:
        self.taps: dict[CallId, int] = {}

    def begin(self, call: CallId, tap: int, picked_up_at_ms: int) -> None:
        self.taps[call] = tap

    def end(self, call: CallId) -> None:
        """What is left stays to be read."""


class HeardOffice(TestOffice):
    __test__ = False

    def __init__(self, document: Document) -> None:
        self.bridge, self.taps = Bridge(start_thread=False), Taps()
        self.bridge.load_sound("hold", tone(MUSIC_HZ, 8000, PEAK))
        self.bridge.load_sound("ringback", tone(RINGBACK_HZ, 8000, PEAK))
        self.board = SoundBoard(self.bridge, self.taps)
        self.rings = {place: SharedRings.create(f"seatbox-heard-{os.getpid()}-{place.replace(':', '-')}") for place in HZ}
        for place, ring in self.rings.items():
            ring.unlink()
            self.board.arrive(place, self.bridge.add_ring(ring))
        self.at = 0
        self.heard: dict[Place, list[Pcm]] = {place: [] for place in HZ}
        self.recorded: dict[CallId, list[Pcm]] = {}
        super().__init__(document, self.board)

    def listen(self, ticks: int) -> None:
        """So much time of the audio thread passes."""
        for _ in range(ticks):
            for place, ring in self.rings.items():
                ring.write_in(tone(HZ[place], FRAME, PEAK, self.at * FRAME).tobytes())
            self.bridge.step(self.at * TICK_NS + 1)
            self.at += 1
            for place, ring in self.rings.items():
                self.heard[place].append(np.frombuffer(ring.read_out(2 * FRAME), np.int16))
        for call, tap in self.taps.taps.items():
            self.recorded.setdefault(call, []).append(self.bridge.read_tap(tap))

    def hear_now(self) -> dict[Place, set[str]]:
        """Whom each hears, by frequency: within 3 dB of what was said; everything else at least 45 dB down, or this raises."""
        self.listen(30)
        found: dict[Place, set[str]] = {}
        sources = {**HZ, "music": MUSIC_HZ, "ringback": RINGBACK_HZ}
        for place, frames in self.heard.items():
            last = np.concatenate(frames[-25:])
            levels = {source: level_db(last, hz) - SAID_DB for source, hz in sources.items()}
            found[place] = {source for source, level in levels.items() if abs(level) < 3}
            between = {source: round(level) for source, level in levels.items() if -DOWN_DB < level <= -3 or level >= 3}
            assert not between, f"{place} hears {between} dB of whom it should not"
        return {place: heard for place, heard in found.items() if heard}

    def customers_path_is_whole(self, call: CallId = FIRST, place: Place = "line:l1") -> None:
        """What the customer said is in his recording from the first sample to the last, and he was never left in silence."""
        said = np.concatenate(self.recorded[call])[:, 0]
        _no_quiet_frame(said, "recorded of the customer")
        _no_quiet_frame(np.concatenate(self.heard[place]), "heard by the customer")


def _no_quiet_frame(sound: Pcm, what: str) -> None:
    first = int(np.flatnonzero(np.abs(sound.astype(int)) > PEAK // 2)[0])
    steady = sound[first + FRAME :].astype(float)
    frames = steady[: len(steady) // FRAME * FRAME].reshape(-1, FRAME)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) * 2 / 32768**2 + 1e-12)
    quiet = np.flatnonzero(levels < SAID_DB - 6)
    assert len(quiet) == 0, f"{what}: {len(quiet)} of {len(levels)} frames are quiet, the first at {quiet[0] * 20} ms"


@contextmanager
def heard_office(document: Document) -> Iterator[HeardOffice]:
    office = HeardOffice(document)
    try:
        yield office
    finally:
        office.bridge.stop()
