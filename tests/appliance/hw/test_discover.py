"""What is plugged in, from a made-up sysfs (A1)."""

import tomllib
from pathlib import Path

import msgspec

from appliance.hw.discover import find_modems
from firmware_cfg.document import Line


def plug(root: Path, name: str, place: str, usb: str, interface: int, by_path: bool = True) -> None:
    device = root / "sys/devices/pci0/usb1" / place
    face = device / f"{place}:1.{interface}"
    (face / name / "tty" / name).mkdir(parents=True)
    (device / "idVendor").write_text(usb.split(":")[0] + "\n")
    (device / "idProduct").write_text(usb.split(":")[1] + "\n")
    (face / "bInterfaceNumber").write_text(f"{interface:02x}\n")
    (face / name / "tty" / name / "device").symlink_to(face / name)
    classes = root / "sys/class/tty"
    classes.mkdir(parents=True, exist_ok=True)
    (classes / name).symlink_to(face / name / "tty" / name)
    if by_path:
        links = root / "dev/serial/by-path"
        links.mkdir(parents=True, exist_ok=True)
        (links / f"pci-0-usb-0:{place}:1.{interface}-port0").symlink_to(f"../../{name}")


def test_two_equal_modules_are_told_apart_by_their_sockets(tmp_path: Path) -> None:
    for index, place in enumerate(("1-1.2", "1-1.3")):
        for interface in range(5):
            plug(tmp_path, f"ttyUSB{5 * index + interface}", place, "1e0e:9001", interface)
    found = find_modems(tmp_path)
    assert [(one.path, one.profile) for one in found] == [("/dev/ttyUSB2", "sim7600"), ("/dev/ttyUSB7", "sim7600")]
    assert found[0].by_path == "/dev/serial/by-path/pci-0-usb-0:1-1.2:1.2-port0"
    assert found[1].audio == "/dev/serial/by-path/pci-0-usb-0:1-1.3:1.4-port0"


def test_the_suggested_line_can_be_pasted(tmp_path: Path) -> None:
    plug(tmp_path, "ttyACM0", "1-1.1", "0572:1329", 0)
    plug(tmp_path, "ttyUSB0", "1-1.2", "1e0e:9001", 2, by_path=False)
    plug(tmp_path, "ttyUSB1", "1-1.2", "1e0e:9001", 4, by_path=False)
    found = find_modems(tmp_path)
    lines = msgspec.convert(tomllib.loads("".join(one.toml for one in found))["line"], list[Line])
    assert [(line.dialect, line.port, line.audio_port) for line in lines] == [
        ("v253", "/dev/serial/by-path/pci-0-usb-0:1-1.1:1.0-port0", None),
        ("sim7600", "/dev/ttyUSB0", "/dev/ttyUSB1"),
    ]


def test_unknown_devices_and_built_in_ports_do_no_harm(tmp_path: Path) -> None:
    assert find_modems(tmp_path) == []
    plug(tmp_path, "ttyUSB0", "1-1.4", "ffff:0001", 0)
    built_in = tmp_path / "sys/class/tty/ttyAMA0"
    (tmp_path / "sys/devices/platform/uart").mkdir(parents=True)
    built_in.mkdir()
    (built_in / "device").symlink_to(tmp_path / "sys/devices/platform/uart")
    (tmp_path / "sys/class/tty/ttyS0").mkdir()
    found = find_modems(tmp_path)
    assert [(one.path, one.profile) for one in found] == [("/dev/ttyUSB0", None)]
    assert tomllib.loads(found[0].toml) == {}


def test_this_machine_can_be_looked_at() -> None:
    for one in find_modems():
        assert one.path.startswith("/dev/")
