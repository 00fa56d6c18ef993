"""A1 A4: the rings of a line whose sound is a sound card: silent between calls, with keys, missed where it falls silent."""

import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.hw.headset_sound import HeadsetSound
from tests.support.audio_sounds import FRAME, Pcm, keys, level_db, longest_gap_ms, silence, tone

TICK_NS = 20_000_000
CARD_HZ, SEAT_HZ = 620, 1130


class Table:
    """A line's card and a seat, who hear each other. `card(n)`: what the far end says in the card's n-th block of 20 ms."""

    def __init__(self, ppm: float = 0.0) -> None:
        self.bridge = Bridge(start_thread=False)
        self.rings = [SharedRings.create(f"seatbox-test-line-{os.getpid()}-{i}") for i in range(2)]
        for ring in self.rings:
            ring.unlink()
        self.line, self.seat = self.bridge.add_line_ring(self.rings[0]), self.bridge.add_ring(self.rings[1])
        self.bridge.set_hears(self.line, {self.seat})
        self.bridge.set_hears(self.seat, {self.line})
        self.sound = HeadsetSound(self.rings[0], 8000, 8000)
        self.ticks = self.blocks = 0
        self.ppm = ppm
        self.card: Callable[[int], Pcm | None] = lambda n: tone(CARD_HZ, FRAME, start=n * FRAME)
        self.at_card: list[Pcm] = []
        self.at_seat: list[Pcm] = []

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            while self.blocks <= self.ticks * (1 + self.ppm / 1e6):
                said = self.card(self.blocks)
                if said is not None:
                    self.sound.heard(said)
                    self.at_card.append(self.sound.take(FRAME))
                self.blocks += 1
            self.rings[1].write_in(tone(SEAT_HZ, FRAME, start=self.ticks * FRAME).tobytes())
            self.bridge.step(1_000_000_000 + self.ticks * TICK_NS)
            self.at_seat.append(np.frombuffer(self.rings[1].read_out(320), np.int16))
            self.ticks += 1

    def told(self) -> list[str]:
        return [what for ep, what, _ in self.bridge.events() if ep == self.line]

    def close(self) -> None:
        for ep in (self.line, self.seat):
            self.bridge.remove(ep)


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.close()


def last_second(pieces: list[Pcm]) -> Pcm:
    return np.concatenate(pieces[-50:])


def test_a_card_is_silent_both_ways_between_calls_and_two_way_in_one(table: Table) -> None:
    table.run(200)
    assert not np.any(last_second(table.at_seat)) and not np.any(last_second(table.at_card))
    table.bridge.sound_on(table.line)
    table.run(100)
    assert abs(level_db(last_second(table.at_seat), CARD_HZ) - level_db(tone(CARD_HZ, 8000), CARD_HZ)) < 0.5
    assert abs(level_db(last_second(table.at_card), SEAT_HZ) - level_db(tone(SEAT_HZ, 8000), SEAT_HZ)) < 0.5
    assert longest_gap_ms(last_second(table.at_seat)) < 2 and longest_gap_ms(last_second(table.at_card)) < 2
    table.bridge.sound_off(table.line)
    table.run(100)
    assert not np.any(last_second(table.at_seat)) and not np.any(last_second(table.at_card))
    assert table.told() == []


def test_keys_that_come_from_a_card_are_events_once(table: Table) -> None:
    sound = np.concatenate([silence(400), keys(770, 1336, 100), silence(300), keys(697, 1209, 60), silence(3000)])
    table.card = lambda n: sound[n * FRAME : (n + 1) * FRAME]
    table.bridge.sound_on(table.line)
    table.run(60)
    assert table.told() == ["key:5", "key:1"]


@pytest.mark.parametrize("silent", ["nothing but zeros", "nothing at all"])
def test_two_seconds_without_sound_from_a_card_are_told_once_and_its_return_too(table: Table, silent: str) -> None:
    zeros = np.zeros(FRAME, np.int16)
    table.card = lambda n: tone(CARD_HZ, FRAME, start=n * FRAME) if not 100 <= n < 300 else zeros if silent == "nothing but zeros" else None
    table.bridge.sound_on(table.line)
    table.run(190)
    assert table.told() == []
    table.run(110)
    assert table.told() == ["no_sound"]
    table.run(100)
    assert table.told() == ["sound_again"]


def test_between_calls_a_card_that_gives_nothing_is_not_missed(table: Table) -> None:
    table.card = lambda n: None
    table.run(300)
    assert table.told() == []


@pytest.mark.parametrize("ppm", [150.0, -150.0])
def test_a_cards_clock_that_is_not_ours_costs_no_gap_in_two_minutes_and_no_delay(ppm: float) -> None:
    table = Table(ppm)
    try:
        table.bridge.sound_on(table.line)
        table.run(500)
        before = table.sound.underruns, table.bridge.figures().endpoints[table.line].underruns
        delay = table.bridge.figures().endpoints[table.line].buffer_ms
        table.at_card.clear()
        table.at_seat.clear()
        table.run(6_000)
        after = table.sound.underruns, table.bridge.figures().endpoints[table.line].underruns
        assert after == before
        assert abs(table.bridge.figures().endpoints[table.line].buffer_ms - delay) < 25
        for heard in (table.at_card, table.at_seat):
            assert longest_gap_ms(np.concatenate(heard)) < 2
    finally:
        table.close()
