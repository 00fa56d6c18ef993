"""A2, E1: a push-button beside a headset, on gpiozero's mock pins."""

import asyncio

from appliance.hw import buttons
from appliance.hw.buttons import Buttons
from appliance.hw.lamps import Board, Push

BOARD = Board(name="test", pins=False, button={"b1": Push(pin=12), "b2": Push(pin=13)})


def pressed(monkeypatch_hold_s: float, hold_s: float) -> list[tuple[str, bool]]:
    """What is told of one press of h1's button, so many seconds long."""
    told: list[tuple[str, bool]] = []

    async def scene() -> None:
        one = Buttons(BOARD, {"h1": "b1"}, lambda seat, held: told.append((seat, held)), asyncio.get_running_loop())
        one.pin_of("h1").drive_low()
        await asyncio.sleep(hold_s)
        one.pin_of("h1").drive_high()
        await asyncio.sleep(0.05)
        one.close()

    was, buttons.HELD_S = buttons.HELD_S, monkeypatch_hold_s
    try:
        asyncio.run(scene())
    finally:
        buttons.HELD_S = was
    return told


def test_a_short_press_is_told_once_when_it_ends() -> None:
    assert pressed(1.0, 0.05) == [("h1", False)]


def test_a_long_press_is_told_once_and_its_end_is_no_second_one() -> None:
    assert pressed(0.1, 0.4) == [("h1", True)]


def test_a_seat_without_a_button_of_this_board_has_none_and_stops_nothing() -> None:
    async def scene() -> None:
        one = Buttons(BOARD, {"h1": "b9"}, lambda *_: None, asyncio.get_running_loop())
        one.close()

    asyncio.run(scene())


def test_two_seats_with_one_pin_one_fails_and_the_other_works(caplog) -> None:
    async def scene() -> None:
        one = Buttons(BOARD, {"h1": "b1", "h2": "b1"}, lambda *_: None, asyncio.get_running_loop())
        one.pin_of("h1").drive_low()
        one.close()

    asyncio.run(scene())
    assert "button of seat h2" in caplog.text
