"""The line drivers of one configuration: started, stopped, ordered (A1)."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from appliance.audio.bridge import Bridge
from appliance.base.clock import Clock
from appliance.base.ids import LineId
from appliance.calls.call import CallState
from appliance.calls.ports import line_place
from appliance.calls.resume import OpenCalls
from appliance.calls.sound import SoundBoard
from appliance.events import Event
from appliance.hw.dialect import Answer, ClearText, Dial, Disable, Enable, HangUp, Kept, LineOrder, Profile, SendDigit, SendText
from appliance.hw.line_driver import LineDriver
from appliance.hw.power_key import PowerKeys
from firmware_cfg.document import Line

log = logging.getLogger(__name__)


def kept_calls(left: OpenCalls, formats: dict[LineId, str]) -> dict[LineId, Kept]:
    """What the journal knows on each line: its customer, or the outside phone of the seat that he talks with."""
    found: dict[LineId, Kept] = {}
    for one in left.calls.values():
        found[one.line] = Kept(
            incoming=one.incoming, up=one.picked_up_ms is not None, number=one.caller, encoding=formats.get(one.line, "")
        )
        if one.leg is not None and one.state in (CallState.TALKING, CallState.HELD):
            found[one.leg] = Kept(incoming=False, encoding=formats.get(one.leg, ""))
    return found


class Lines:
    """`Lines` of calls/ports.py upon real drivers, and the ears of the bridge."""

    def __init__(self, bridge: Bridge, clock: Clock, state: Path, tell: Callable[[Event], None], keys: PowerKeys | None = None) -> None:
        self.bridge, self.clock, self.state, self.tell, self.keys = bridge, clock, state, tell, keys
        self.sound: SoundBoard | None = None
        self.drivers: dict[str, LineDriver] = {}
        self.configs: dict[str, Line] = {}
        self.kept: dict[LineId, Kept] = {}  # what the modems may still hold at the start

    def configure(self, lines: tuple[Line, ...], busy: Callable[[str], bool]) -> set[LineId]:
        """Starts what is new, stops what is gone, does both to what has changed, and leaves what is in a call; which were started."""
        wanted = {line.id: line for line in lines}
        for name, config in list(self.configs.items()):
            if wanted.get(name) != config and not busy(name):
                self._stop(name)
        started = [name for name in wanted if name not in self.drivers]
        for name in started:
            self._start(wanted[name])
        return {LineId(name) for name in started}

    def _start(self, config: Line) -> None:
        loop = asyncio.get_running_loop()
        driver = LineDriver(
            config,
            Profile.load(config.dialect),
            self.bridge,
            self._told,
            self.clock,
            self.state,
            loop,
            self.keys,
            kept=self.kept.pop(LineId(config.id), None),
        )
        self.drivers[config.id], self.configs[config.id] = driver, config
        driver.start()
        self.place(config.id)

    def _stop(self, name: str) -> None:
        if self.sound is not None:
            self.sound.leave(line_place(LineId(name)))
        self.drivers.pop(name).stop()
        del self.configs[name]

    def stop(self) -> None:
        """Live calls stay up at the modems."""
        for name in list(self.drivers):
            self._stop(name)

    def _told(self, fact: Event) -> None:
        line = getattr(fact, "line", None)
        if isinstance(line, str):
            self.place(line)  # a port that came or went has another endpoint
        self.tell(fact)

    def place(self, name: str) -> None:
        """Where the line's sound is now."""
        driver = self.drivers.get(name)
        if self.sound is None or driver is None:
            return
        place, endpoint = line_place(LineId(name)), driver.endpoint
        if self.sound.endpoints.get(place) != endpoint:
            if endpoint is None:
                self.sound.leave(place)
            else:
                self.sound.arrive(place, endpoint)

    def heard(self) -> None:
        """The bridge's eventfd is readable: text for v253 drivers, keys and tones for all."""
        for endpoint, what, _tick in self.bridge.events():
            if what == "play_end" and self.sound is not None:
                self.sound.played(endpoint)
            for driver in self.drivers.values():
                if driver.endpoint == endpoint:
                    driver.on_heard(what)
        for driver in list(self.drivers.values()):
            driver.on_text()

    def _order(self, line: LineId, order: LineOrder) -> None:
        driver = self.drivers.get(line)
        if driver is None:
            log.warning("line %s is gone: %s was not carried out", line, type(order).__name__)
        else:
            driver.order(order)

    def text(self, line: LineId, order: ClearText | SendText) -> None:
        self._order(line, order)

    def takes_texts(self, line: LineId) -> bool:
        driver = self.drivers.get(line)
        return driver is not None and driver.takes_texts

    def answer(self, line: LineId) -> None:
        self._order(line, Answer())

    def dial(self, line: LineId, number: str) -> None:
        self._order(line, Dial(number))

    def hang_up(self, line: LineId) -> None:
        self._order(line, HangUp())

    def send_digit(self, line: LineId, digit: str) -> None:
        self._order(line, SendDigit(digit))

    def disable(self, line: LineId) -> None:
        self._order(line, Disable())

    def enable(self, line: LineId) -> None:
        self._order(line, Enable())
