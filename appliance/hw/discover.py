"""What modems are plugged in (A1): from /sys/class/tty and /dev/serial/by-path, by the USB ids of the profiles.

Nothing is opened and nothing sent: text sent to an audio port is heard in the call.

Source: Linux sysfs: `class/tty/NAME/device/..` up to the USB interface (bInterfaceNumber) and its device (idVendor, idProduct).
"""

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from appliance.hw.dialect import Profile
from appliance.hw.sound_card import card_number


@dataclass(frozen=True, slots=True)
class Tty:
    """One tty of a USB device. `place` is the device's own in the USB tree, the same after each replug."""

    path: str
    by_path: str | None
    usb: str  # "vendor:product"
    interface: int
    place: str


@dataclass(frozen=True, slots=True)
class Found:
    """A modem; `toml` is the `[[line]]` to paste. `profile` None: a USB modem of no family we know."""

    path: str
    by_path: str | None
    usb: str
    profile: str | None
    toml: str
    audio: str | None = None
    names: frozenset[str] = frozenset()  # of all its ports, by path too


def find_modems(root: Path = Path("/"), profiles: Iterable[Profile] | None = None, taken: Collection[str] = ()) -> list[Found]:
    """Every modem of a known family, and ttys of unknown USB devices; `root` is another tree for tests, `taken` ids of lines."""
    known = list(profiles) if profiles is not None else Profile.all()
    ids = (name for number in itertools.count(1) if (name := f"l{number}") not in taken)
    by_place: dict[str, list[Tty]] = {}
    for tty in usb_ttys(root):
        by_place.setdefault(tty.place, []).append(tty)
    found: list[Found] = []
    for _, ttys in sorted(by_place.items()):
        profile = next((one for one in known if ttys[0].usb in one.usb), None)
        card = f"usb:{ttys[0].place}"
        has_card = profile is not None and profile.card is not None and card_number(card, root) is not None
        modem = _of_family(profile, ttys, next(ids), card if has_card else None) if profile is not None else _unknown(ttys)
        if modem is not None:
            found.append(modem)
    return found


def usb_ttys(root: Path) -> list[Tty]:
    """The ttys that hang on USB; built-in ports are left out."""
    names = by_path_names(root)
    found = []
    for entry in sorted((root / "sys/class/tty").glob("tty[A-Z]*")):
        interface = next((up for up in _upwards(entry, root) if (up / "bInterfaceNumber").is_file()), None)
        if interface is None:
            continue
        device = interface.parent
        try:
            usb = f"{_word(device / 'idVendor')}:{_word(device / 'idProduct')}"
            number = int(_word(interface / "bInterfaceNumber"), 16)
        except (OSError, ValueError):
            continue  # unplugged while we looked
        found.append(Tty(f"/dev/{entry.name}", names.get(entry.name), usb, number, device.name))
    return found


def usb_device(port: str, root: Path = Path("/")) -> Path | None:
    """The USB device of a port, in sysfs; None for a port that hangs on none, or is not there."""
    name = (root / port.lstrip("/")).resolve().name
    entry = root / "sys/class/tty" / name
    return next((up for up in _upwards(entry, root) if (up / "idVendor").is_file()), None) if entry.exists() else None


def by_path_names(root: Path) -> dict[str, str]:
    """ttyUSB2 -> /dev/serial/by-path/...: the name that stays the same in this socket."""
    folder = root / "dev/serial/by-path"
    links = sorted(folder.iterdir()) if folder.is_dir() else []
    return {link.readlink().name: f"/dev/serial/by-path/{link.name}" for link in links if link.is_symlink()}


def _upwards(entry: Path, root: Path) -> Iterable[Path]:
    real = (entry / "device").resolve()
    limit = (root / "sys").resolve()
    while real != limit and limit in real.parents:
        yield real
        real = real.parent


def _word(path: Path) -> str:
    return path.read_text("ascii").strip().lower()


def _of_family(profile: Profile, ttys: list[Tty], name: str, card: str | None) -> Found | None:
    interfaces = profile.interfaces or {"command": 0}
    command = next((one for one in ttys if one.interface == interfaces.get("command", 0)), None)
    audio = next((one for one in ttys if one.interface == interfaces.get("audio")), None)
    if command is None:
        return None
    lines = [
        "[[line]]",
        f'id = "{name}"',
        f'dialect = "{profile.name}"',
        f'port = "{command.by_path or command.path}"',
    ]
    sound = card if card is not None else (audio.by_path or audio.path) if audio is not None else None
    if sound is not None:
        lines.append(f'audio_port = "{sound}"')
    if profile.voice != "two_way":
        lines.append(f'direction = "{"messages" if profile.voice == "none" else "in"}"')
    lines.append('number = ""  # the line\'s own telephone number, digits only')
    return Found(
        command.path,
        command.by_path,
        command.usb,
        profile.name,
        "\n".join(lines) + "\n",
        sound,
        _names(ttys),
    )


def _unknown(ttys: list[Tty]) -> Found:
    first = min(ttys, key=lambda one: one.interface)
    toml = f"# USB {first.usb}: no family in firmware_cfg/modems has this id\n"
    return Found(first.path, first.by_path, first.usb, None, toml, names=_names(ttys))


def _names(ttys: list[Tty]) -> frozenset[str]:
    return frozenset(name for tty in ttys for name in (tty.path, tty.by_path) if name is not None)
