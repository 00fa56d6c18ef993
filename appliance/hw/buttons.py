"""A button beside a headset, on the board's pins (A2, E1), through gpiozero: a short press, or one held for a second.

What it means is the box's business. Buttons connect their pin to ground; the pin's own resistor pulls it up.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from appliance.hw.lamps import Board, board_or_none, pin_factory

log = logging.getLogger(__name__)

BOUNCE_S: Final = 0.02
HELD_S: Final = 1.0


class Buttons:
    """`seats`: seat -> button of the board. `on(seat, held)` is called in the event loop once a press: at its end, or after HELD_S."""

    def __init__(
        self, board: Board | str, seats: Mapping[str, str], on: Callable[[str, bool], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        board = board_or_none(board)
        self._on, self._loop = on, loop
        self._pins: dict[str, Any] = {}
        self._held: set[str] = set()
        wanted = {seat: name for seat, name in seats.items() if name in board.button}
        factory = pin_factory(board) if wanted else None
        for seat, name in wanted.items():
            self._wire(seat, board.button[name].pin, factory)

    def _wire(self, seat: str, pin: int, factory: Any) -> None:
        from gpiozero import Button

        try:
            button = Button(pin, bounce_time=None if _is_mock(factory) else BOUNCE_S, hold_time=HELD_S, pin_factory=factory)
        except Exception as error:  # noqa: BLE001  gpiozero's and each pin library's own kinds
            log.error("button of seat %s: its pin fails (%s: %s); everything else goes on", seat, type(error).__name__, error)
            return
        button.when_held = lambda: self._was_held(seat)
        button.when_released = lambda: self._was_released(seat)
        self._pins[seat] = button

    def _was_held(self, seat: str) -> None:
        self._held.add(seat)
        self._loop.call_soon_threadsafe(self._on, seat, True)

    def _was_released(self, seat: str) -> None:
        if seat in self._held:
            self._held.discard(seat)
        else:
            self._loop.call_soon_threadsafe(self._on, seat, False)

    def pin_of(self, seat: str) -> Any:
        """gpiozero's pin, which a mock one lets be pressed; KeyError where the seat has none."""
        return self._pins[seat].pin

    def close(self) -> None:
        """The pins given back."""
        for button in self._pins.values():
            button.close()
        self._pins = {}


def _is_mock(factory: Any) -> bool:
    """A mock pin does not bounce, and its changes come without time between them."""
    return type(factory).__name__ == "MockFactory"
