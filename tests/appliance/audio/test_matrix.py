"""The matrix with gains: every mode of a call is one setting of it; each party hears whom it should and nobody else (A8 A9)."""

import os
from collections.abc import Mapping

import numpy as np
import pytest

from appliance.audio import reference
from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from tests.support.audio_sounds import FRAME, Pcm, level_db, longest_gap_ms, tone

TICK_NS = 20_000_000
PARTIES = ("customer", "agent", "second", "third", "inspector")
HZ = dict(zip(PARTIES, (500, 850, 1250, 1800, 2600), strict=True))
PEAK = 3000
Hears = dict[str, dict[str, float]]

# who hears whom at how many dB; music and notices are sources like the others
ALL: Hears = {who: {other: 0.0 for other in PARTIES if other != who} for who in PARTIES}
MODES: dict[str, Hears] = {
    "talk": {"customer": {"agent": 0}, "agent": {"customer": 0}},
    "hold": {"customer": {"music": -6}},
    "consult": {"customer": {"music": -6}, "agent": {"second": 0}, "second": {"agent": 0}},
    "conference": ALL,
    "monitor": {"customer": {"agent": 0}, "agent": {"customer": 0}, "inspector": {"customer": 0, "agent": 0}},
    "whisper": {
        "customer": {"agent": 0},
        "agent": {"customer": 0, "inspector": -3},
        "inspector": {"customer": 0, "agent": 0},
    },
    "barge": {
        "customer": {"agent": 0, "inspector": 0},
        "agent": {"customer": 0, "inspector": 0},
        "inspector": {"customer": 0, "agent": 0},
    },
    "take-over": {"customer": {"inspector": 0}, "inspector": {"customer": 0}, "agent": {"customer": -12, "inspector": -12}},
}


class Office:
    """Five people and the music, each a tone of its own, in virtual time."""

    def __init__(self) -> None:
        self.bridge = Bridge(start_thread=False)
        self.rings = {who: SharedRings.create(f"seatbox-test-{os.getpid()}-{who}") for who in PARTIES}
        for ring in self.rings.values():
            ring.unlink()
        self.eps = {who: self.bridge.add_ring(ring) for who, ring in self.rings.items()}
        self.eps["music"] = self.bridge.add_source()
        self.bridge.load_sound("a tone", tone(3200, 8000, PEAK))
        self.bridge.play(self.eps["music"], "a tone")
        self.at = 0

    def set(self, mode: Mapping[str, Mapping[str, float]]) -> None:
        for who in PARTIES:
            self.bridge.set_hears(self.eps[who], {self.eps[other]: db for other, db in mode.get(who, {}).items()})

    def run(self, ticks: int) -> dict[str, Pcm]:
        heard: dict[str, list[Pcm]] = {who: [] for who in PARTIES}
        for _ in range(ticks):
            for who, ring in self.rings.items():
                ring.write_in(tone(HZ[who], FRAME, PEAK, self.at * FRAME).tobytes())
            self.bridge.step(self.at * TICK_NS + 1)
            self.at += 1
            for who, ring in self.rings.items():
                heard[who].append(np.frombuffer(ring.read_out(2 * FRAME), np.int16))
        return {who: np.concatenate(frames) for who, frames in heard.items()}


def check(heard: Mapping[str, Pcm], mode: Hears, what: str) -> None:
    said = 20 * np.log10(PEAK / 32768)
    for who, sound in heard.items():
        for other, hz in {**HZ, "music": 3200}.items():
            level = level_db(sound[-4000:], hz)
            if other in mode.get(who, {}):
                assert abs(level - said - mode[who][other]) < 0.2, (what, who, other, level)
            else:
                assert level < said - 60, (what, who, other, level)


def steps(sound: Pcm) -> int:
    return int(np.max(np.abs(np.diff(sound.astype(int), 2))))


def test_in_every_mode_and_after_each_change_each_party_hears_exactly_whom_it_should() -> None:
    office = Office()
    office.run(6)
    for before, mode in ((a, b) for a in MODES for b in MODES if a != b):
        office.set(MODES[before])
        office.run(3)
        office.set(MODES[mode])
        heard = office.run(28)
        check(heard, MODES[mode], f"{before} -> {mode}")
        assert longest_gap_ms(heard["customer"]) < 2, (before, mode)


def test_a_change_of_a_gain_is_no_click() -> None:
    office = Office()
    office.set({"customer": {"agent": 0}})
    steady = steps(office.run(20)["customer"][10 * FRAME :])
    parts = []
    for k in range(60):
        office.set({"customer": {"agent": (-30, 0, -60)[k % 3]}})
        office.bridge.set_gain(office.eps["agent"], (0, -20)[k // 3 % 2])
        office.bridge.set_gain_to(office.eps["customer"], (0, -10, -40, 3)[k // 5 % 4])
        parts.append(office.run(2)["customer"])
    assert steps(np.concatenate(parts)) <= 1.5 * steady


def test_loud_parties_with_gains_are_added_in_32_bits_and_saturated_once() -> None:
    """All loud, two of them against the others: what wraps around or saturates in between gives another number."""
    office = Office()
    gains = {"agent": 12.0, "second": 6.0, "third": 0.0, "inspector": 11.5}
    weights = {who: round(4096 * 10 ** (db / 20)) for who, db in gains.items()}
    office.set({"customer": gains})
    rng = np.random.default_rng(3)
    said = [{who: rng.choice([-32768, 32767, 30000], FRAME).astype(np.int16) for who in PARTIES} for _ in range(12)]
    for tick, frames in enumerate(said):
        for who, ring in office.rings.items():
            ring.write_in(frames[who].tobytes())
        office.bridge.step(office.at * TICK_NS + 1)
        office.at += 1
        heard = np.frombuffer(office.rings["customer"].read_out(2 * FRAME), np.int16)
        if tick >= 4:
            wanted = sum((said[tick - 2][who].astype(np.int64) * w + 2048) >> 12 for who, w in weights.items())
            assert np.array_equal(heard, reference.saturated(wanted)), tick


def test_a_notice_to_one_party_is_heard_by_it_alone_over_the_talk_at_its_gain() -> None:
    office = Office()
    office.set(MODES["talk"])
    office.run(5)
    office.bridge.play(office.eps["customer"], "a tone", gain_db=-20)
    heard = office.run(28)
    check(heard, {"customer": {"agent": 0, "music": -20}, "agent": {"customer": 0}}, "notice")


@pytest.mark.parametrize("db", [-61, 12.5, float("nan")])
def test_a_gain_out_of_range_is_refused_and_changes_nothing(db: float) -> None:
    office = Office()
    office.set(MODES["talk"])
    with pytest.raises(ValueError, match="a gain is"):
        office.bridge.set_hears(office.eps["customer"], {office.eps["agent"]: 0, office.eps["second"]: db})
    office.run(5)
    check(office.run(28), MODES["talk"], "refused")


def test_a_source_hears_nobody() -> None:
    office = Office()
    with pytest.raises(ValueError, match="source"):
        office.bridge.set_hears(office.eps["music"], {office.eps["agent"]})
