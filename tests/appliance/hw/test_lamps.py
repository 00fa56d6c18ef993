"""Lights over the seats (E1): rhythms, pins, tests, failures."""

import itertools
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockPWMPin

import firmware_cfg
from appliance.base.patterns import PATTERNS, level, next_change_ms
from appliance.hw.lamps import Board, Lamp, Lamps

STATES = ("logged_out", "free", "ringing", "talking", "held", "wrap_up", "paused", "fault")


class Hands:
    """A clock that a test holds."""

    def __init__(self) -> None:
        self.now = 10_000

    def now_ms(self) -> int:
        return self.now

    def utc_ms(self) -> int:
        return self.now


def run(lamps: Lamps, clock: Hands, ms: int) -> list[tuple[int, int]]:
    """Virtual time in steps of what the lamps ask for: (time, pin 17) at each change."""
    end = clock.now + ms
    seen: list[tuple[int, int]] = []
    while clock.now < end:
        due = lamps.tick(clock.now)
        lit = int(pin_of(lamps, "led1").state)
        if not seen or seen[-1][1] != lit:
            seen.append((clock.now, lit))
        clock.now = min(end, due if due is not None else end)
    return seen


def pin_of(lamps: Lamps, name: str) -> MockPWMPin:
    found: MockPWMPin = lamps._wired[name].leds["pin"].pin
    return found


def board(**lamps: Lamp) -> Board:
    return Board(name="test", pins=False, lamp=lamps or {"led1": Lamp(pin=17), "led2": Lamp(pin=27)})


def test_there_is_a_pattern_for_each_of_the_eight_states_and_no_other() -> None:
    assert set(PATTERNS) == set(STATES)


def test_any_two_patterns_differ_by_rhythm_alone_however_they_are_shifted() -> None:
    for one, two in itertools.combinations(PATTERNS.values(), 2):
        a = [level(one, t) for t in range(0, 4000, 50)]
        b = [level(two, t) for t in range(0, 4000, 50)]
        least = min(sum(x != y for x, y in zip(a, b[s:] + b[:s], strict=True)) for s in range(len(b)))
        assert least * 50 >= 400, (one, two)  # ms in 4 s that a person sees differ


def test_no_light_flashes_more_than_three_times_a_second() -> None:
    for pattern in PATTERNS.values():
        rises = [t for t in range(10, 6000, 10) if level(pattern, t) and not level(pattern, t - 10)]
        assert all(len([x for x in rises if t <= x < t + 1000]) <= 3 for t in range(0, 5000, 100))


@pytest.mark.parametrize("state", STATES)
def test_next_change_is_where_the_level_changes(state: str) -> None:
    pattern = PATTERNS[state]
    for t in range(0, 4000, 37):
        change = next_change_ms(pattern, t)
        same_until = change if change is not None else t + 2_000
        assert all(level(pattern, x) == level(pattern, t) for x in range(t, same_until))
        assert change is None or level(pattern, change) != level(pattern, t)


@pytest.mark.parametrize("state", STATES)
def test_the_pin_follows_the_rhythm_exactly(state: str) -> None:
    clock = Hands()
    lamps = Lamps(board(), {"s1": "led1"}, clock=clock)
    lamps.show("s1", state)
    begun = clock.now
    history = dict(run(lamps, clock, 6000))
    lit = 0
    for t in range(6000):
        lit = history.get(begun + t, lit)
        assert lit == level(PATTERNS[state], t), t
    states = [int(one.state) for one in pin_of(lamps, "led1").states]  # the pin's own memory
    assert len(states) - 1 == len(history) - (0 if level(PATTERNS[state], 0) else 1)
    lamps.close()


def test_a_colour_lamp_lights_the_pins_of_its_colour() -> None:
    clock = Hands()
    lamps = Lamps(board(led1=Lamp(red=5, green=6, blue=13)), {"s1": "led1"}, clock=clock)
    leds = lamps._wired["led1"].leds
    for state, lit in (
        ("free", {"green"}),
        ("talking", {"red"}),
        ("ringing", {"red", "green"}),
        ("wrap_up", {"blue"}),
        ("logged_out", set()),
    ):
        lamps.show("s1", state)
        assert {name for name, led in leds.items() if led.value} == lit, state
    lamps.close()


def test_the_lamp_test_lights_each_then_all_and_gives_the_states_back() -> None:
    clock = Hands()
    lamps = Lamps(board(), {"s1": "led1", "s2": "led2"}, clock=clock)
    lamps.show("s2", "free")
    length = lamps.test()
    seen = []
    for _ in range(length // 700 + 1):
        lamps.tick(clock.now)
        seen.append((int(pin_of(lamps, "led1").state), int(pin_of(lamps, "led2").state)))
        clock.now += 700
    assert seen == [(1, 0), (0, 1), (1, 1), (0, 0), (0, 1)]
    lamps.close()


def test_a_failing_pin_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Hands()
    lamps = Lamps(board(), {"s1": "led1", "s2": "led2"}, clock=clock)
    bad = pin_of(lamps, "led1")
    monkeypatch.setattr(
        type(bad), "_set_state", lambda self, value: (_ for _ in ()).throw(OSError("no such line")) if self is bad else None
    )
    lamps.show("s1", "free")
    lamps.show("s2", "free")
    assert list(lamps.failed) == ["led1"]
    assert "no such line" in lamps.failed["led1"]
    lamps.tick(clock.now + 5000)


def test_two_lamps_on_one_pin_and_an_unknown_lamp_are_told_and_stop_nothing(caplog: pytest.LogCaptureFixture) -> None:
    lamps = Lamps(board(led1=Lamp(pin=17), led2=Lamp(pin=17)), {"s1": "led1", "s2": "led2", "s3": "led9"}, clock=Hands())
    for seat in ("s1", "s2", "s3", "s4"):
        lamps.show(seat, "talking")
    assert list(lamps.failed) == ["led2"]
    assert "no lamp led9" in caplog.text
    lamps.close()


def test_every_board_file_loads_and_gives_each_lamp_its_own_pin() -> None:
    names = sorted(path.stem for path in (Path(firmware_cfg.__file__).parent / "boards").glob("*.toml"))
    assert {"none", "demo", "pi-40pin"} <= set(names)
    for name in names:
        found = Board.load(name)
        pins = [lamp.pin for lamp in found.lamp.values() if lamp.pin is not None]
        assert len(pins) == len(set(pins))


def test_a_board_without_pins_here_falls_back_to_mock_pins() -> None:
    lamps = Lamps(Board.load("pi-40pin"), {"s1": "led1"}, clock=Hands())
    lamps.show("s1", "free")
    assert lamps.failed == {} or all(lamps.failed.values())
    lamps.close()


def test_a_board_without_a_file_is_said_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    lamps = Lamps("no-such-board", {"s1": "led1"})
    lamps.show("s1", "free")
    assert lamps.test() == 0
    assert "no-such-board" in caplog.text


def test_a_lamp_without_pins_that_blinks_on_holds_no_more_than_after_a_minute() -> None:
    clock = Hands()
    lamps = Lamps(board(), {"s1": "led1"}, clock=clock)
    lamps.show("s1", "ringing")
    kept = []
    for _ in range(3):
        assert len(run(lamps, clock, 60_000)) > 100
        kept.append(len(pin_of(lamps, "led1").states))
    assert kept[0] == kept[1] == kept[2]
