"""What is plugged in, from a made-up sysfs (A1)."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from appliance.box.modems import waiting_modems
from appliance.hw.discover import find_modems, usb_device
from firmware_cfg.document import Document, Line
from tests.support.hw_twin import Twin


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


def plug_card(root: Path, number: int, place: str, name: str) -> None:
    """A sound card of the USB device at this place, which is plugged in."""
    face = root / "sys/devices/pci0/usb1" / place / f"{place}:1.6"
    (face / f"sound/card{number}").mkdir(parents=True)
    (face / f"sound/card{number}/device").symlink_to(face)
    for folder, link, to in (
        ("sys/class/sound", f"card{number}", face / f"sound/card{number}"),
        ("proc/asound", name, Path(f"card{number}")),
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / link).symlink_to(to)


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


def test_a_module_that_is_a_sound_card_too_is_named_by_its_place(tmp_path: Path) -> None:
    for index, place in enumerate(("1-1.2", "1-1.3")):
        for interface in range(4):
            plug(tmp_path, f"ttyUSB{4 * index + interface}", place, "2c7c:0125", interface)
    plug_card(tmp_path, 2, "1-1.3", "EC25AUX")
    lines = msgspec.convert(tomllib.loads("".join(one.toml for one in find_modems(tmp_path)))["line"], list[Line])
    assert [(line.audio_port, line.sound_card) for line in lines] == [
        ("/dev/serial/by-path/pci-0-usb-0:1-1.2:1.1-port0", None),
        ("usb:1-1.3", "usb:1-1.3"),
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


def test_a_modem_without_sound_is_proposed_for_messages_and_ids_in_use_are_left_alone(tmp_path: Path) -> None:
    for interface in (2, 3, 4):
        plug(tmp_path, f"ttyUSB{interface}", "1-1.2", "1e0e:9011", interface)
    found = find_modems(tmp_path, taken=["l1", "l2"])
    (line,) = msgspec.convert(tomllib.loads(found[0].toml)["line"], list[Line])
    assert (line.id, line.dialect, line.direction, line.audio_port) == ("l3", "a7670", "messages", None)


def test_what_a_line_names_waits_no_more_whatever_its_tty_number_is_now(tmp_path: Path) -> None:
    for number, interface in ((7, 0), (8, 1), (9, 2), (10, 3)):
        plug(tmp_path, f"ttyUSB{number}", "1-1.3", "2c7c:0125", interface)
    (modem,) = waiting_modems(Document(), tmp_path)
    assert (modem.family and modem.family.title, modem.where) == ("Quectel EC25", "/dev/serial/by-path/pci-0-usb-0:1-1.3:1.2-port0")
    (line,) = msgspec.convert(tomllib.loads(modem.toml)["line"], list[Line])
    assert line.audio_port == "/dev/serial/by-path/pci-0-usb-0:1-1.3:1.1-port0"
    assert waiting_modems(Document(line=(line,)), tmp_path) == []


def test_the_usb_device_of_a_port_is_found_by_its_path(tmp_path: Path) -> None:
    plug(tmp_path, "ttyUSB2", "1-1.2", "1e0e:9001", 2)
    (tmp_path / "dev/ttyUSB2").touch()
    device = tmp_path / "sys/devices/pci0/usb1/1-1.2"
    assert usb_device("/dev/ttyUSB2", tmp_path) == device
    assert usb_device("/dev/serial/by-path/pci-0-usb-0:1-1.2:1.2-port0", tmp_path) == device
    assert usb_device("/dev/ttyUSB7", tmp_path) is None
    assert usb_device("exchange/l1-at", tmp_path) is None


@pytest.mark.parametrize("imei", ["861475035737602", "+CGSN: 861475035737602"])
def test_another_module_at_the_port_is_named_and_not_put_into_service(imei: str) -> None:
    twin = Twin("sim7600", imei="861475035737610")
    twin.answers["AT+CGSN"] = (imei, "OK")
    twin.open()
    told = twin.told()
    assert told[:2] == ["LineIdentified imei=861475035737602", told[1]]
    assert told[1].startswith("LineFault why=another module is at this port") and len(told) == 2
    twin.answers["AT+CGSN"] = ("861475035737610", "OK")
    twin.wait(70_000)
    assert twin.told()[-1] == "LineIdle"
