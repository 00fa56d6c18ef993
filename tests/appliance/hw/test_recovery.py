"""A modem that hangs is brought back rung by rung, each told with its time, or named broken (A1, E1, E5); virtual time."""

import asyncio
import itertools
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gpiozero.pins.mock import MockFactory

from appliance.events import Event
from appliance.events.line import LineFault, LineIdle, LineRecovery
from appliance.hw.dialect import Profile
from appliance.hw.lamps import Board, Pin
from appliance.hw.line_driver import LineDriver
from appliance.hw.power import Power
from appliance.hw.power_key import PowerKeys
from appliance.hw.profile import PowerKey
from appliance.hw.recovery import Ladder
from firmware_cfg.document import Line
from tests.support.hw_ports import Pty
from tests.support.hw_twin import ANSWERS
from tests.support.virtual_loop import VirtualLoop, run

KEY = PowerKey(on_ms=500, off_ms=3_000, goes_off_s=30, boots_s=20)
PROFILE = msgspec.structs.replace(Profile.load("gsm"), reset="AT+CRESET", boots_s=45, power_key=KEY)
BOARD = Board(name="x", pins=False, power_key={"key1": Pin(pin=16)})


class Hanging:
    """A modem that answers nothing until one thing is done to it: `cure` is a command, "key" or nothing at all."""

    def __init__(self, folder: Path, cure: str) -> None:
        self.link, self.cure, self.hung = folder / "modem", cure, False
        self.pty = Pty(self.link)
        self.got = b""
        self.pin: Any = None  # of its power key
        self.seen: list[str] = []
        asyncio.get_running_loop().add_reader(self.pty.master, self._read)

    def _read(self) -> None:
        self.got += os.read(self.pty.master, 4096)
        *commands, self.got = self.got.split(b"\r")
        for command in (one.decode("latin-1").lstrip("\x1b") for one in commands):
            self.seen.append(command)
            if command == self.cure:
                self.hung = False
            if self.cure == "key" and self.pin is not None and [state.state for state in self.pin.states][-2:] == [True, False]:
                self.hung = False
            if not self.hung:
                for line in ANSWERS.get(command, ("OK",)):
                    self.pty.write(f"\r\n{line}\r\n".encode())

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.pty.master)
        self.pty.unplug()


async def hang(
    loop: VirtualLoop, folder: Path, cure: str, minutes: float, keys: bool = True
) -> tuple[list[tuple[int, str]], list[Event], Hanging]:
    """Brings a line into service, hangs its modem, and waits; the steps, in seconds since it hung."""
    facts: list[Event] = []
    modem = Hanging(folder, cure)
    factory = MockFactory()
    power_keys = PowerKeys(BOARD, factory) if keys else None
    line = Line(id="l1", dialect="gsm", port="modem", number="1", power_key="key1" if keys else None)
    driver = LineDriver(line, PROFILE, None, facts.append, loop, folder, loop, power_keys, folder)
    driver.start()
    while not any(isinstance(fact, LineIdle) for fact in facts):
        await asyncio.sleep(0.5)
    facts.clear()
    modem.hung, began = True, loop.now_ms()
    modem.pin = factory.pin(16)
    await asyncio.sleep(60 * minutes)
    driver.stop()
    modem.close()
    if power_keys is not None:
        power_keys.close()
    return [((fact.at_ms - began) // 1000, fact.step) for fact in facts if isinstance(fact, LineRecovery)], facts, modem


@pytest.mark.parametrize(
    ("cure", "steps"),
    [
        ("ATE0", ["silent", "reopen", "reset", "power_key", "broken"]),  # never: that is the first command of a start
        ("AT+CRESET", ["silent", "reopen", "reset", "back"]),
        ("key", ["silent", "reopen", "reset", "power_key", "back"]),
    ],
)
def test_a_modem_that_hangs_is_brought_back_rung_by_rung_or_named_broken(tmp_path: Path, cure: str, steps: list[str]) -> None:
    async def story(loop: VirtualLoop) -> None:
        told, facts, modem = await hang(loop, tmp_path, cure, minutes=5)
        assert [step for _, step in told] == steps
        assert "AT+CRESET" in modem.seen
        idle = any(isinstance(fact, LineIdle) for fact in facts)
        assert idle == (steps[-1] == "back")
        assert any(isinstance(fact, LineFault) and "does not answer" in fact.why for fact in facts)
        limit = {"reset": 90, "power_key": 180}.get(steps[-2], 300)
        assert told[-1][0] <= limit, told

    run(story)


def test_a_broken_line_is_tried_again_after_five_minutes_and_comes_back(tmp_path: Path) -> None:
    ladder = Ladder(PROFILE, key=True)
    now, told = 0, []
    for _ in range(400):
        rung = ladder.next(now)
        if rung.step:
            told.append((now // 1000, rung.step))
        now += rung.open_ms + 7_000
        if now > 3_600_000:
            break
    assert [step for _, step in told][:4] == ["reopen", "reset", "power_key", "broken"]
    resets = [at for at, step in told if step == "reset"]
    assert resets[1] - resets[0] > 300 and all(b - a > 30 for a, b in itertools.pairwise(resets))
    assert ladder.well() and not ladder.well()
    assert ladder.next(now).step == "reopen"


def test_a_running_module_is_switched_off_before_it_is_switched_on_and_one_without_a_port_only_on() -> None:
    ladder = Ladder(PROFILE, key=True)
    rungs = [ladder.next(0) for _ in range(3)]
    assert rungs[2].deeds == ((0, "key_down"), (3_000, "key_up"), (33_000, "key_down"), (33_500, "key_up"))
    assert rungs[2].open_ms == 53_500
    ladder = Ladder(PROFILE, key=True)
    assert ladder.missing(0) is None and ladder.missing(59_999) is None
    rung = ladder.missing(60_000)
    assert rung is not None and rung.deeds == ((0, "key_down"), (500, "key_up"))
    assert ladder.missing(61_000) is None
    assert Ladder(PROFILE).missing(10**9) is None


def test_the_power_of_a_usb_port_is_cut_where_it_can_be(tmp_path: Path) -> None:
    ladder = Ladder(msgspec.structs.replace(PROFILE, power_key=None), usb=True, key=True)
    assert [ladder.next(0).step for _ in range(4)] == ["reopen", "reset", "usb", "broken"]


def test_bad_power_is_named_where_the_machine_says_so_and_only_there(tmp_path: Path) -> None:
    assert Power(tmp_path).signs() == []
    monitor, port = tmp_path / "sys/class/hwmon/hwmon1", tmp_path / "sys/bus/usb/devices/1-0:1.0/usb1-port2"
    for folder in (monitor, port):
        folder.mkdir(parents=True)
    (monitor / "name").write_text("rpi_volt\n")
    (monitor / "in0_lcrit_alarm").write_text("0\n")
    (port / "over_current_count").write_text("3\n")
    power = Power(tmp_path)
    assert power.signs() == []
    (monitor / "in0_lcrit_alarm").write_text("1\n")
    (port / "over_current_count").write_text("4\n")
    assert power.signs() == ["under_voltage", "over_current"]
    (monitor / "in0_lcrit_alarm").write_text("0\n")
    assert power.signs() == []
    older = tmp_path / "sys/devices/platform/soc/soc:firmware"
    older.mkdir(parents=True)
    (older / "get_throttled").write_text("50005\n")
    assert power.signs() == ["under_voltage"]
