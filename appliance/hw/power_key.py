"""The power keys of modules on the board's pins (E1), through gpiozero; without pins its mock factory. A pin that fails stops nothing."""

import logging
from typing import Any

from appliance.hw.lamps import Board, board_or_none, pin_factory

log = logging.getLogger(__name__)


class PowerKeys:
    """`press(name, True)` holds the key down, False lets it go."""

    def __init__(self, board: Board | str, factory: Any = None) -> None:
        self.board = board_or_none(board)
        self.factory = factory
        self._keys: dict[str, Any] = {}

    def has(self, name: str | None) -> bool:
        return name is not None and name in self.board.power_key

    def press(self, name: str, down: bool) -> None:
        try:
            if name not in self._keys:
                from gpiozero import DigitalOutputDevice

                pin = self.board.power_key[name]
                self.factory = self.factory or pin_factory(self.board)
                self._keys[name] = DigitalOutputDevice(pin.pin, active_high=not pin.active_low, pin_factory=self.factory)
            self._keys[name].value = down
        except Exception as error:  # noqa: BLE001  gpiozero's and each pin library's own kinds
            log.error("power key %s: its pin fails (%s: %s); everything else goes on", name, type(error).__name__, error)

    def close(self) -> None:
        """Every key is let go."""
        for name, key in self._keys.items():
            try:
                key.close()
            except Exception as error:  # noqa: BLE001
                log.error("power key %s: its pin fails (%s: %s)", name, type(error).__name__, error)
        self._keys.clear()
