"""One lamp per seat on the board's pins (E1), through gpiozero; without pins its mock factory. A pin that fails stops nothing.

What is lit is a plain function of time (`appliance.base.patterns`); `Lamps.tick(now_ms)` carries it to the pins and says when to come
again.
"""

import asyncio
import logging
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

import firmware_cfg
from appliance.base.clock import BootClock, Clock
from appliance.base.patterns import PATTERNS, level, next_change_ms

log = logging.getLogger(__name__)

PIN_STATES: Final = 64  # a mock pin keeps, for tests
TEST_STEP_MS: Final = 700  # the lamp test lights one lamp after the other, then all
COLOURS: Final = {"none": (), "green": ("green",), "red": ("red",), "blue": ("blue",), "amber": ("red", "green")}


class Lamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One LED, `pin`, or one of three colours, `red`, `green` and `blue`; GPIO numbers (BCM). `active_low`: on when the pin is low."""

    pin: int | None = None
    red: int | None = None
    green: int | None = None
    blue: int | None = None
    active_low: bool = False


class Push(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One push-button between `pin` (GPIO number, BCM) and ground."""

    pin: int


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One output, as GPIO number (BCM). A transistor between pin and key usually turns it round: pin high, key pressed."""

    pin: int
    active_low: bool = False


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """firmware_cfg/boards/<name>.toml."""

    name: str
    title: str = ""
    pins: bool = True  # False: there are none, only gpiozero's mock ones
    lamp: dict[str, Lamp] = {}
    button: dict[str, Push] = {}
    power_key: dict[str, Pin] = {}  # of modems

    @classmethod
    def load(cls, name: str) -> "Board":
        """A board by its name; OSError where there is none, msgspec.ValidationError where the file is wrong."""
        path = Path(firmware_cfg.__file__).parent / "boards" / f"{name}.toml"
        return msgspec.convert({"name": name, **tomllib.loads(path.read_text("utf-8"))}, cls)


def pin_factory(board: Board) -> Any:
    """gpiozero's own choice on a Pi; its mock factory where there are no pins, and then the lamps are on the page only."""
    from gpiozero.pins.mock import MockFactory, MockPWMPin

    if board.pins:
        from gpiozero.devices import Device
        from gpiozero.exc import BadPinFactory, PinFactoryFallback

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PinFactoryFallback)  # it tries each library in turn
                Device.ensure_pin_factory()
            return Device.pin_factory
        except (BadPinFactory, OSError, ImportError) as error:
            log.warning("board %s: no pins here (%s); the lamps are on the page only", board.name, error)

    class ForgetfulPin(MockPWMPin):  # type: ignore[misc]
        """A mock pin remembers every state that it ever had, and a box without pins blinks for years."""

        def _change_state(self, value: float) -> bool:
            changed: bool = super()._change_state(value)
            del self.states[:-PIN_STATES]
            return changed

    return MockFactory(pin_class=ForgetfulPin)


class _Wired:
    """A lamp and its pins."""

    def __init__(self, name: str, lamp: Lamp, factory: Any) -> None:
        self.name, self.failed = name, ""
        self._lit: dict[str, bool] = {}
        self.leds: dict[str, Any] = {}
        from gpiozero import LED

        for colour in ("pin", "red", "green", "blue"):
            pin = getattr(lamp, colour)
            if pin is not None:
                try:
                    self.leds[colour] = LED(pin, active_high=not lamp.active_low, pin_factory=factory)
                    self._lit[colour] = False
                except Exception as error:  # noqa: BLE001  gpiozero's and each pin library's own kinds
                    self._fail(error)

    def show(self, colour: str, on: bool) -> None:
        for name, led in self.leds.items():
            lit = on and (name == "pin" or name in COLOURS.get(colour, ()))
            if self._lit[name] != lit:
                self._lit[name] = lit
                try:
                    led.value = lit
                except Exception as error:  # noqa: BLE001
                    self._fail(error)

    def close(self) -> None:
        for led in self.leds.values():
            try:
                led.close()
            except Exception as error:  # noqa: BLE001
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self.failed:
            self.failed = f"{type(error).__name__}: {error}"
            log.error("lamp %s: its pin fails (%s); everything else goes on", self.name, self.failed)


def board_or_none(board: Board | str) -> Board:
    """A board file by name; one that cannot be read is said, and the lamps are on the page only."""
    if isinstance(board, Board):
        return board
    try:
        return Board.load(board)
    except (OSError, msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        log.error("board %s: %s; the lamps are on the page only", board, error)
        return Board(name=board, pins=False)


class Lamps:
    """`seats`: seat -> lamp of the board; a seat without a lamp, or with one the board does not have, is dark and stops nothing."""

    def __init__(
        self, board: Board | str, seats: Mapping[str, str], loop: asyncio.AbstractEventLoop | None = None, clock: Clock | None = None
    ) -> None:
        self.board, self.seats = board_or_none(board), dict(seats)
        self._clock, self._loop = clock or BootClock(), loop
        board = self.board
        factory = pin_factory(board) if board.lamp else None
        self._wired = {name: _Wired(name, lamp, factory) for name, lamp in board.lamp.items()}
        self._shown: dict[str, tuple[str, int]] = {}  # lamp -> state, since
        self._test_since: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        for seat, name in self.seats.items():
            if name not in self._wired:
                log.warning("seat %s: board %s has no lamp %s", seat, board.name, name)

    @property
    def failed(self) -> dict[str, str]:
        """Lamp -> why its pin fails."""
        return {name: wired.failed for name, wired in self._wired.items() if wired.failed}

    def show(self, seat: str, state: str) -> None:
        """From now on; `state` is one of PATTERNS (KeyError: ours to mend)."""
        name = self.seats.get(seat)
        pattern = PATTERNS[state]
        if name in self._wired and self._shown.get(name, ("", 0))[0] != state:
            self._shown[name] = (state, self._clock.now_ms())
            log.debug("lamp %s: %s, %s", name, state, pattern.colour)
            self._again()

    def test(self) -> int:
        """Lamp test: each by itself in the board's order, then all at once; gives its length in ms. The states come back after it."""
        self._test_since = self._clock.now_ms()
        self._again()
        return self._test_ms()

    def tick(self, now_ms: int) -> int | None:
        """Sets every lamp to what it must be at `now_ms`; gives the next moment at which one changes, or None."""
        if self._test_since is not None and now_ms - self._test_since >= self._test_ms():
            self._test_since = None
        if self._test_since is not None:
            return self._tick_test(now_ms, self._test_since)
        due = []
        for name, wired in self._wired.items():
            state, since = self._shown.get(name, ("logged_out", 0))
            pattern, t_ms = PATTERNS[state], max(0, now_ms - since)
            wired.show(pattern.colour, level(pattern, t_ms))
            change = next_change_ms(pattern, t_ms)
            if change is not None:
                due.append(since + change)
        return min(due, default=None)

    def close(self) -> None:
        """All dark, the pins given back."""
        if self._timer is not None:
            self._timer.cancel()
        for wired in self._wired.values():
            wired.show("none", False)
            wired.close()

    def _test_ms(self) -> int:
        return (len(self._wired) + 2) * TEST_STEP_MS if self._wired else 0

    def _tick_test(self, now_ms: int, since: int) -> int:
        step = (now_ms - since) // TEST_STEP_MS
        for index, wired in enumerate(self._wired.values()):
            wired.show("amber", index == step or step == len(self._wired))
        return since + (step + 1) * TEST_STEP_MS

    def _again(self) -> None:
        """Carry out now, and come again when the next lamp changes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.tick(self._clock.now_ms())
        if self._loop is not None and due is not None:
            self._timer = self._loop.call_later(max(0, due - self._clock.now_ms()) / 1000, self._again)
