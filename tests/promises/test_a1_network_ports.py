"""A1: modems that hang on another machine, behind ser2net by RFC 2217 and by raw TCP: heard both ways, and back when the server is."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.exchange import launch
from firmware_cfg import check
from tests.support.box import ROOT, Box, a_box, tone_level

SER2NET = shutil.which("ser2net") or "/usr/sbin/ser2net"
ACCEPTERS = {"rfc2217": "telnet(rfc2217),tcp,127.0.0.1,{port}", "socket": "tcp,127.0.0.1,{port}"}
BEHIND = {"l1-at": "rfc2217", "l1-pcm": "socket", "l2-at": "socket", "l2-pcm": "socket", "l3": "rfc2217", "l4": "socket"}


class SerialServer:
    """ser2net in front of every port of the simulated exchange."""

    def __init__(self, state: Path) -> None:
        self.urls: dict[str, str] = {}
        text = ""
        for name, how in BEHIND.items():
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            self.urls[name] = f"{how}://127.0.0.1:{port}"
            text += f"connection: &{name}\n  accepter: {ACCEPTERS[how].format(port=port)}\n"
            text += f"  connector: serialdev,{state}/exchange/{name},115200n81,local\n"
        self._file = state.parent / "ser2net.yaml"
        self._file.write_text(text)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([SER2NET, "-n", "-d", "-c", str(self._file)], stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[tuple[Box, SerialServer]]:
    """A demonstration office all of whose lines are on the network."""
    state, text = tmp_path / "state", (ROOT / "firmware_cfg" / "demo.toml").read_text()
    lines = check.load(ROOT / "firmware_cfg" / "demo.toml").line
    launch.ensure(
        state,
        [
            {"line": line.id, "dialect": line.dialect, "number": line.number, "ports": [line.port, *filter(None, [line.audio_port])]}
            for line in lines
        ],
        {},
    )
    server = SerialServer(state)
    for name, url in server.urls.items():
        text = text.replace(f'"exchange/{name}"', f'"{url}"')
    config = tmp_path / "office.toml"
    config.write_text(text)
    try:
        with a_box(state, config=config) as box:
            yield box, server
    finally:
        server.stop()


@pytest.mark.parametrize(("caller_on", "seat_through"), [("l1", "l3"), ("l4", "l2")])
def test_a_call_over_remote_ports_is_heard_both_ways_and_a_lost_server_costs_only_its_calls(
    remote: tuple[Box, SerialServer], caller_on: str, seat_through: str
) -> None:
    box, server = remote
    seat = box.phone_seats()[0]
    for line in box.get("/lines"):
        if line["id"] not in (caller_on, seat_through):
            box.post(f"/lines/{line['id']}/disable")
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
    far = box.dial(box.line(caller_on)["number"], caller="13915151001", says="tone:620")
    box.until("answered", lambda: (got := box.call_from("13915151001")) and got["answered_at"])
    leg = box.leg_to(seat["number"])
    assert leg is not None and leg["trunk"] == seat_through
    box.until("the caller hears the agent", lambda: tone_level(box.far_end(far)["heard"], 1130) > -16)
    box.until("the agent hears the caller", lambda: tone_level(box.far_end(leg["id"])["heard"], 620) > -16)
    assert tone_level(box.far_end(far)["heard"], 620) < -45
    server.stop()
    fault = box.until("the line says so", lambda: (got := box.line(caller_on))["state"] == "fault" and got)
    assert "127.0.0.1" in fault["fault"] or "gone" in fault["fault"]
    box.until("the call is over", lambda: box.get(f"/calls/{box.call_from('13915151001')['id']}")["ended_at"])  # type: ignore[index]
    server.start()
    box.until("back in service by itself", lambda: all(box.line(line)["state"] == "idle" for line in (caller_on, seat_through)))
    assert "Traceback" not in box.log()
