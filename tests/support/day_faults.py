"""The day with sound, in which lines break (A1, E5): faults by name, and whoever talks on another line hears nothing of it.

From a fault's begin the call on its line is not judged any more, nor one that begins there before it is over; what was said before is.
"""

from array import array
from pathlib import Path
from typing import Final

from appliance.base.ids import LineId
from appliance.calls import commands
from appliance.calls.call import Call as LiveCall
from appliance.calls.lines import LineState
from appliance.calls.seats import Seat as LiveSeat
from appliance.calls.seats import SeatState
from appliance.events import Event
from appliance.events import call as happened
from appliance.events.line import LineFault, LineHungUp
from appliance.exchange.wiring import FAULTS
from tests.support.day_judge import Held
from tests.support.day_office import ALONE_MS, Broken, Day
from tests.support.day_wires import MemoryLoop

LINES_HZ: Final = sorted([*range(520, 2600, 250), *range(730, 2300, 250)])
SEATS_HZ: Final = [hz for hz in sorted([*range(605, 2500, 250), *range(645, 2500, 250)]) if abs(hz - 1100) > 40 and abs(hz - 2100) > 40]
# not 1100 and 2100, of fax machines; nor a line's and a seat's a multiple of 250 Hz apart: "The echo of an analog line" in docs/audio.md
WELL_MS: Final = 12 * 60_000  # the slowest rung of the ladder is tried after ten minutes
STAYS_MS: Final = 10_000  # in service so long: it is over
ANSWERED_MS: Final = 20_000  # four rings
SEEN_TO_MS: Final = (5_000, 60_000)  # after a hanging modem was named
ENDS_ITSELF: Final = {"reboot": 0, "urc_storm": 2_000, "garbage": 0, "flood": 6_000}  # ms
LASTING: Final = {  # ms, least and most
    "unplug": (1_000, 30_000),
    "silent_audio": (5_000, 60_000),
    "no_uplink": (5_000, 60_000),
    "slow_audio": (5_000, 60_000),
    "sim_removed": (5_000, 60_000),
    "no_network": (5_000, 90_000),
    "brown_out": (60_000, 200_000),
}
OF_A_CARD: Final = ("sim_removed", "no_network", "brown_out")
NAMES: Final = [name for name in FAULTS if name != "replug"]  # that is how an `unplug` ends


class FaultyDay(Day):
    """Short talks; while `faults` are to come there is one each `calls_a_fault` calls, the names in shuffled rounds."""

    def __init__(self, folder: Path, loop: MemoryLoop, seed: int, analog: int = 8, modules: int = 8, agents: int = 12) -> None:
        super().__init__(folder, loop, seed, analog, modules, agents)
        self.faults, self.calls_a_fault = 0, 10
        self.took_ms = {name: array("q") for name in NAMES}
        self.named: dict[str, set[str]] = {name: set() for name in NAMES}  # the causes that were told
        self.times_named = dict.fromkeys(NAMES, 0)
        self._round: list[str] = []
        self._well_since: dict[str, int] = {}

    def _voices(self, lines: list[str], seats: list[str]) -> dict[str, int]:
        return dict(zip(lines, LINES_HZ, strict=False)) | dict(zip(seats, SEATS_HZ, strict=False))

    # people

    def _may_ring(self, line: str) -> bool:
        """Nobody knows that a line is broken."""
        return super()._may_ring(line) or line in self.broken

    def _patience_ms(self) -> int:
        return self.random.randint(*((500, 9_000) if self.random.random() < 0.06 else (10_000, 60_000)))

    def _pause_ms(self) -> int:
        return self.random.randint(1_000, 5_000) if super()._pause_ms() < 20_000 else self.random.randint(5_000, 20_000)

    def _in_a_talk(self, seat: LiveSeat, call: LiveCall, dice: float) -> None:
        if call.asked is None and seat.state is SeatState.TALKING and dice > 0.985:
            self._do(commands.HangUp, seat=seat.id)
        else:
            super()._in_a_talk(seat, call, dice)

    # what breaks

    def _each_second(self) -> None:
        super()._each_second()
        if self.busy and self.counts["faults"] < min(self.faults, self.counts["calls"] // self.calls_a_fault):
            self.later(self.random.uniform(0, 900), self._breaks)
        for one in list(self.broken.values()):
            self._goes_on(one)
        if self.broken:
            self.counts["talk s beside a broken line"] += len(self._talks)

    def _breaks(self) -> None:
        if not self._round:
            self._round = self.random.sample(NAMES, len(NAMES))
        name = self._round[-1]
        kinds = ("sim7600",) if name in OF_A_CARD else ("sim7600", "v253")
        lines = [line for line, wire in self.wires.items() if line not in self.broken and wire.trunk.kind in kinds]
        if not lines:
            return  # in a second, perhaps
        line = self.random.choice(lines)
        self._round.pop()
        self.counts["faults"] += 1
        lasts_ms = self.random.randint(*LASTING[name]) if name in LASTING else ENDS_ITSELF.get(name)
        for call, talk in list(self._talks.items()):
            if talk.line == line:
                self._over(call, self._talks.pop(call))
        self._spoilt |= {call.id: line for call in self.office.switchboard.live.calls.values() if call.line == line}
        self.broken[line] = Broken(line, name, self.now, None if lasts_ms is None else self.now + lasts_ms)
        self.wires[line].set_fault(name, self.now)

    def _goes_on(self, one: Broken) -> None:
        """It ends in its time; then the line is in service soon, and stays so."""
        line = self.office.switchboard.live.lines[LineId(one.line)]
        if line.state is LineState.FAULT:
            assert line.fault, f"{one}: a fault without its cause"
            one.named = one.named or line.fault
            if one.ends_ms is None:
                one.ends_ms = self.now + self.random.randint(*SEEN_TO_MS)
        if not one.ended:
            if one.ends_ms is not None and self.now >= one.ends_ms:
                if one.name not in ENDS_ITSELF:
                    self.wires[one.line].set_fault("replug" if one.name == "unplug" else None, self.now)
                one.ended, one.at_ms = True, self.now
        elif line.state is LineState.FAULT:
            one.well_ms = None
        else:
            one.well_ms = one.well_ms or self.now
            if self.now - one.well_ms >= STAYS_MS and line.state is not LineState.STARTING:
                self._is_over(one, one.well_ms)
                return
        assert self.now - one.at_ms < WELL_MS, f"{one}: neither in service nor named: {line.state} {line.fault}, {line.recovery}"

    def _is_over(self, one: Broken, well_ms: int) -> None:
        del self.broken[one.line]
        self.took_ms[one.name].append(well_ms - one.at_ms)
        if one.named:
            self.times_named[one.name] += 1
            self.named[one.name].add(one.named.removeprefix(f"{self.folder}/{one.line}-"))
        self._well_since[one.line] = self.now

    # what must hold

    def _told(self, fact: Event) -> None:
        if isinstance(fact, LineFault) or (isinstance(fact, LineHungUp) and fact.by == "lost"):
            there = fact.line in self.broken or not self.busy or (fact.line in self._spoilt.values() and isinstance(fact, LineHungUp))
            assert there, f"at {self.now} ms, of a line that nothing was done to: {fact}"
        super()._told(fact)

    def _took(self, fact: Event) -> None:
        super()._took(fact)
        if isinstance(fact, happened.CallStarted) and fact.line in self.broken:
            self._spoilt[fact.call] = fact.line
        elif isinstance(fact, happened.CallPickedUp):
            self.counts["picked up"] += 1
        elif isinstance(fact, happened.CallEnded) and fact.call in self._spoilt:
            self.counts["calls with a fault"] += 1
            if fact.call in self._recordings and not self._recordings[fact.call].path:
                del self._recordings[fact.call]
                self.counts["without sound at the picking-up"] += 1  # its port was gone, and nothing could be recorded
            if fact.call not in self._recordings:
                del self._spoilt[fact.call]

    def _nobody_is_stuck(self) -> None:
        super()._nobody_is_stuck()
        for call in self.network.calls.values():
            since = max(call.began_ms, self._well_since.get(call.line, 0))
            rings_on = call.state == "ringing" and call.line not in self.broken and self.now - since > ANSWERED_MS
            assert not rings_on, f"nobody takes {call.id} at {call.line} off-hook"
        for call in self.office.switchboard.live.calls.values():
            network = self.wires[call.line].trunk.call
            over_ms = network.ended_ms if network is not None else None
            assert over_ms is None or call.line in self.broken or self.now - over_ms < ALONE_MS, f"{call.id} at {call.line} is over"

    async def calm(self) -> Held:
        """No new faults; those that there are end in their time."""
        self.busy = False
        await self.wait(1_000)  # one may be about to begin
        while self.broken:
            await self.wait(1_000)
        return await super().calm()

    def told_of_faults(self) -> str:
        return "\n".join(
            f"{name}: {len(all_ms)} times, {self.times_named[name]} named {sorted(self.named[name])}, "
            f"back after {sorted(all_ms)[len(all_ms) // 2] / 1000:.0f} s, at most {max(all_ms) / 1000:.0f} s"
            for name, all_ms in self.took_ms.items()
            if all_ms
        )
