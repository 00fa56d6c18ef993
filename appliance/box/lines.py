"""The line drivers of one configuration: started, stopped, ordered (A1)."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from appliance.audio.bridge import Bridge
from appliance.base.clock import Clock
from appliance.base.ids import LineId
from appliance.box.dial_guard import DialGuard
from appliance.calls.call import CallState
from appliance.calls.left_open import OpenCalls
from appliance.calls.outgoing import Outgoing
from appliance.calls.ports import line_place
from appliance.calls.sound import SoundBoard
from appliance.events import Event
from appliance.events.line import DialRefused, LineHungUp
from appliance.hw.dialect import Answer, AskUssd, ClearText, Dial, Disable, Enable, HangUp, Kept, LineOrder, Profile, SendDigit, SendText
from appliance.hw.line_driver import LineDriver
from appliance.hw.power_key import PowerKeys
from appliance.hw.serial_port import Opener, open_port
from appliance.store.journal import JournalFull
from firmware_cfg.document import Document, Line

log = logging.getLogger(__name__)

CALM_MS: Final = 600_000  # a refusal's alarm stands at least so long


def kept_calls(left: OpenCalls, formats: dict[LineId, str]) -> dict[LineId, Kept]:
    """What the journal knows on each line: its customer, or an outside phone or number that is in his call."""
    found: dict[LineId, Kept] = {}
    for one in left.calls.values():
        found[one.line] = Kept(
            incoming=one.incoming, up=one.picked_up_ms is not None, number=one.caller, encoding=formats.get(one.line, "")
        )
        if one.state in (CallState.TALKING, CallState.HELD, CallState.OUTSIDE):
            for line in one.outside_lines:
                found[line] = Kept(incoming=False, encoding=formats.get(line, ""))
    return found


class Lines:
    """`Lines` of calls/ports.py upon real drivers, and the ears of the bridge."""

    def __init__(
        self,
        bridge: Bridge,
        clock: Clock,
        state: Path,
        tell: Callable[[Event], None],
        keys: PowerKeys | None = None,
        alarm: Callable[[str, str], None] = lambda key, text: None,  # noqa: ARG005
        calm: Callable[[str], None] = lambda key: None,  # noqa: ARG005
        guard: DialGuard | None = None,
        record: Callable[[list[Event]], object] = lambda facts: None,  # noqa: ARG005
        opener: Opener = open_port,
    ) -> None:
        """`alarm(key, text)`: somebody should look at what a line was to dial; `calm(key)`: it dials again and all was well for a while.

        `record`: into the journal at once, within the turn that dials, so that the next call of the same turn is counted with it.
        """
        self.guard, self._alarm, self._calm, self._record = guard or DialGuard(Outgoing(str), Document()), alarm, calm, record
        self._refused_ms: dict[LineId, int] = {}
        self.bridge, self.clock, self.state, self.tell, self.keys = bridge, clock, state, tell, keys
        self._opener = opener
        self.sound: SoundBoard | None = None
        self.drivers: dict[str, LineDriver] = {}
        self.configs: dict[str, Line] = {}
        self.kept: dict[LineId, Kept] = {}  # what the modems may still hold at the start

    def configure(self, lines: tuple[Line, ...], busy: Callable[[str], bool]) -> set[LineId]:
        """Starts what is new, stops what is gone, does both to what has changed, and leaves what is in a call; which were started.

        Level control alone changes in a call too.
        """
        wanted = {line.id: line for line in lines}
        for name, config in list(self.configs.items()):
            new = wanted.get(name)
            if new is not None and new.level_control != config.level_control:
                self.drivers[name].control_level(new.level_control)
                config = self.configs[name] = replace(config, level_control=new.level_control)
            if new != config and not busy(name):
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
            opener=self._opener,
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

    def text(self, line: LineId, order: AskUssd | ClearText | SendText) -> None:
        self._order(line, order)

    def takes_texts(self, line: LineId) -> bool:
        driver = self.drivers.get(line)
        return driver is not None and driver.takes_texts

    def answer(self, line: LineId) -> None:
        self._order(line, Answer())

    def dial(self, line: LineId, number: str) -> None:
        why = self.guard.why_not(line, number, self.clock.utc_ms()) or self._not_counted(line, number)
        if why:
            asyncio.get_running_loop().call_soon(self._refused, line, number, why)  # after the turn that ordered it
            return
        if line in self._refused_ms and self.clock.now_ms() - self._refused_ms[line] >= CALM_MS:
            del self._refused_ms[line]
            self._calm(f"dial.{line}")
        self._order(line, Dial(number))

    def _not_counted(self, line: LineId, number: str) -> str:
        """Writes down that the line dials; a sentence where that cannot be: what is not counted has no cap."""
        try:
            if not self.guard.free(number):
                self._record([self.guard.allowed(line, number, self.clock.now_ms())])
        except JournalFull:
            return "the journal takes no more entries, so outgoing calls cannot be counted"
        return ""

    def _refused(self, line: LineId, number: str, why: str) -> None:
        now_ms = self.clock.now_ms()
        self._refused_ms[line] = now_ms
        log.warning("line %s: not dialled: %s", line, why)
        self._alarm(f"dial.{line}", f"line {self.configs[line].name or line}: {why}" if line in self.configs else why)
        self._told(DialRefused(at_ms=now_ms, line=line, number=number, why=why))
        self._told(LineHungUp(at_ms=now_ms, line=line, by="refused"))

    def hang_up(self, line: LineId) -> None:
        self._order(line, HangUp())

    def send_digit(self, line: LineId, digit: str) -> None:
        self._order(line, SendDigit(digit))

    def disable(self, line: LineId) -> None:
        self._order(line, Disable())

    def enable(self, line: LineId) -> None:
        self._order(line, Enable())
