"""A driver on real pseudo-terminals: ports that vanish and come back, bytes cut anywhere, restart with a call up (A1, E5)."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.base.clock import BootClock
from appliance.events import Event
from appliance.events.line import LineQuality, LineRecovery
from appliance.hw.dialect import HangUp, Profile
from appliance.hw.line_driver import LineDriver, driver_for
from firmware_cfg.document import Line
from tests.support.hw_ports import Pty, Served
from tests.support.hw_twin import ANSWERS, short


class Modem:
    """Answers on the modem's end of a pseudo-terminal, in the loop."""

    def __init__(self, link: Path) -> None:
        self.pty = Pty(link)
        self.got = b""
        self.answers = dict(ANSWERS)
        asyncio.get_running_loop().add_reader(self.pty.master, self._read)

    def _read(self) -> None:
        try:
            self.got += os.read(self.pty.master, 4096)
        except OSError:
            return
        *commands, self.got = self.got.split(b"\r")
        for command in commands:
            self.say(*self.answers.get(command.decode(), ("OK",)))

    def say(self, *lines: str) -> None:
        for line in lines:
            self.pty.write(f"\r\n{line}\r\n".encode())

    def unplug(self) -> None:
        asyncio.get_running_loop().remove_reader(self.pty.master)
        self.pty.unplug()


class Line1:
    """A driver, what it told, and waiting for it."""

    def __init__(self, folder: Path, **line: object) -> None:
        self.facts: list[Event] = []
        self.driver = LineDriver(
            Line(**{"id": "l1", "dialect": "gsm", "port": "modem", "number": "1", **line}),  # type: ignore[arg-type]
            Profile.load("gsm"), None, self.facts.append, BootClock(), folder, asyncio.get_running_loop(),
        )  # fmt: skip

    def told(self) -> list[str]:
        return [short(fact) for fact in self.facts if not isinstance(fact, LineQuality | LineRecovery)]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.005)

    async def until_told(self, count: int) -> list[str]:
        await self.until(lambda: len(self.told()) >= count)
        return self.told()


def test_a_line_that_is_not_there_says_so_and_comes_up_when_it_is_plugged_in(tmp_path: Path) -> None:
    async def story() -> None:
        line = Line1(tmp_path)
        line.driver.start()
        assert "no such port" in (await line.until_told(1))[0]
        modem = Modem(tmp_path / "modem")
        assert (await line.until_told(2))[1] == "LineIdle"
        line.driver.stop()
        modem.unplug()

    asyncio.run(story())


def test_a_modem_unplugged_in_a_ring_and_replugged_under_another_name_works_again(tmp_path: Path) -> None:
    async def story() -> None:
        modem = Modem(tmp_path / "modem")
        line = Line1(tmp_path)
        line.driver.start()
        await line.until_told(1)
        modem.say("RING")
        await line.until_told(2)
        (tmp_path / "modem").unlink()
        modem.unplug()
        told = await line.until_told(4)
        assert told[:3] == ["LineIdle", "LineRinging ring=1", "LineHungUp by=lost"]
        assert told[3].startswith("LineFault")
        other = Modem(tmp_path / "modem")
        await line.until(lambda: line.told()[-1] == "LineIdle")
        other.say("RING")
        await line.until(lambda: line.told()[-1] == "LineRinging ring=1")
        line.driver.stop()
        other.unplug()

    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(story())
    assert len(os.listdir("/proc/self/fd")) <= before


def test_stopping_leaves_the_call_at_the_modem_and_the_port_to_the_next(tmp_path: Path) -> None:
    async def story() -> None:
        modem = Modem(tmp_path / "modem")
        line = Line1(tmp_path)
        line.driver.start()
        await line.until_told(1)
        modem.answers["ATA"] = ("OK",)
        modem.answers["AT+CLCC"] = ('+CLCC: 1,1,0,0,0,"138",161', "OK")
        modem.say("RING")
        await line.until_told(2)
        commands: list[str] = []
        modem.answers = Recording(modem.answers, commands)
        line.driver.stop()
        again = Line1(tmp_path)
        again.driver.start()
        await again.until(lambda: "AT+CHUP" in commands)
        assert commands.index("AT+CLCC") < commands.index("AT+CHUP")
        dict.__setitem__(modem.answers, "AT+CLCC", ("OK",))
        assert (await again.until_told(1))[-1] == "LineIdle"
        again.driver.stop()
        modem.unplug()

    asyncio.run(story())


class Recording(dict[str, tuple[str, ...]]):
    """Answers that remember what was asked."""

    def __init__(self, answers: dict[str, tuple[str, ...]], commands: list[str]) -> None:
        super().__init__(answers)
        self.commands = commands

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.commands.append(key)
        return super().get(key, default)  # type: ignore[arg-type]


def test_orders_and_the_trace_work_while_the_port_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        line = Line1(tmp_path, trace=True)
        line.driver.order(HangUp())
        line.driver.start()
        await line.until_told(1)
        line.driver.order(HangUp())
        modem = Modem(tmp_path / "modem")
        await line.until_told(2)
        modem.say('+CLIP: "13800138000",161')
        await line.until(lambda: "LineRinging ring=1" in line.told())
        line.driver.trace(False)
        line.driver.stop()
        line.driver.stop()
        modem.unplug()

    caplog.set_level("INFO")
    asyncio.run(story())
    assert '+CLIP: "*******8000"' in caplog.text
    assert "13800138000" not in caplog.text


@pytest.mark.parametrize("rfc2217", [False, True])
def test_a_modem_behind_a_serial_server_works_like_one_at_a_port(tmp_path: Path, rfc2217: bool) -> None:
    async def story() -> None:
        modem = Modem(tmp_path / "modem")
        server = Served(modem.pty, rfc2217)
        line = Line1(tmp_path, port=server.url)
        assert line.driver.ports == [server.url]
        line.driver.start()
        await line.until_told(1)
        modem.say("RING")
        assert (await line.until_told(2)) == ["LineIdle", "LineRinging ring=1"]
        await asyncio.to_thread(server.stop)
        told = await line.until_told(4)
        assert told[2] == "LineHungUp by=lost"
        assert told[3].startswith("LineFault")
        line.driver.stop()
        modem.unplug()

    asyncio.run(story())


def test_a_dialect_nobody_wrote_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises((OSError, ValueError), match="morse"):
        driver_for(Line(id="l1", dialect="morse", port="x", number="1"), None, lambda _: None, BootClock(), tmp_path)
