"""`seatbox doctor` (E2 E5): looks at the machine, says what is wrong and what to do, and prints the [[line]] of each modem that it finds.

It opens no port that another program may be using: what is plugged in is read from the kernel's own description.
"""

import errno
import grp
import importlib
import importlib.util
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from appliance.hw.discover import Found, find_modems
from appliance.hw.sound_card import card_number
from appliance.store.trust import utc_is_trusted

LEAST_FREE_BYTES: Final = 1_000_000_000
RECORDING_BYTES_S: Final = 32_000  # two channels, 8 kHz, 16 bit
BUILT_S: Final = 1_767_225_600  # 2026-01-01: no machine that runs this is older
MODULES: Final = ("appliance.core._acd", "appliance.audio._bridge")


class Seen(msgspec.Struct, frozen=True):
    """One thing looked at. todo: what a person should do; empty where nothing is to be done."""

    level: Literal["ok", "note", "BAD"]
    what: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.level:<5}{self.what}" + (f"; {self.todo}" if self.todo else "")


def main(state: Path | None, listen: str) -> int:
    """0: nothing is wrong; 1: something is."""
    looks: list[Callable[[], Iterator[Seen]]] = [
        look_at_modules,
        lambda: look_at_disk(state or Path.cwd()),
        lambda: look_at_state(state),
        look_at_clock,
        lambda: look_at_address(listen),
        look_at_rights,
        lambda: look_at_pins(Path("/dev")),
        lambda: look_at_sound(Path("/proc/asound/cards"), modems),
        lambda: look_at_modems(modems),
    ]
    modems = find_modems()
    return tell([one for look in looks for one in look()], modems)


def tell(seen: list[Seen], modems: list[Found]) -> int:
    for one in seen:
        print(one)
    bad = sum(one.level == "BAD" for one in seen)
    print(f"doctor: {bad} thing{'' if bad == 1 else 's'} to mend" if bad else "doctor: nothing to mend", flush=True)
    if modems:
        print("\n# To paste into the configuration:\n\n" + "\n".join(modem.toml for modem in modems), end="")
    return 1 if bad else 0


def look_at_modules() -> Iterator[Seen]:
    for name in MODULES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield Seen("BAD", f"compiled module {name} does not load: {' '.join(str(error).split())}", "run `make install`")
            return
    yield Seen("ok", f"compiled modules, Python {sys.version_info.major}.{sys.version_info.minor}")


def look_at_disk(place: Path) -> Iterator[Seen]:
    """Free space where recordings will lie, as hours of one call."""
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    said = f"disk of {place}: {free / 1e9:.1f} GB free, {free // RECORDING_BYTES_S // 3600} hours of recorded calls"
    if free < LEAST_FREE_BYTES:
        yield Seen("BAD", said, "make room, or give --state a directory on a larger disk")
    else:
        yield Seen("ok", said)


def look_at_state(state: Path | None) -> Iterator[Seen]:
    if state is None or not state.exists():
        return
    if not state.is_dir():
        yield Seen("BAD", f"{state} is not a directory", "name the state directory with --state")
    elif not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        owner = _user(state.stat().st_uid)
        yield Seen("BAD", f"{state} belongs to {owner} and is not ours to write", f"run as {owner}, or `chown -R` it")
    elif state.stat().st_mode & 0o077:
        yield Seen("BAD", f"{state} can be read by other users of this machine", f"`chmod 700 {state}`: it holds recordings")
    else:
        yield Seen("ok", f"state directory {state}")


def look_at_clock() -> Iterator[Seen]:
    if time.time() < BUILT_S:
        wrong = f"the clock says {time.strftime('%Y-%m-%d %H:%M')}"
        yield Seen("BAD", wrong, "connect the box to a time server (`timedatectl set-ntp true`) or set the date")
    elif utc_is_trusted():
        yield Seen("ok", "clock, kept by a time server")
    else:
        yield Seen(
            "note",
            "nothing keeps the clock: times in the journal are marked as not trusted",
            "`timedatectl set-ntp true` where there is a network",
        )


def look_at_address(listen: str) -> Iterator[Seen]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        yield Seen("BAD", f"{listen!r} is no address", "write HOST:PORT, for example 127.0.0.1:8080")
        return
    host = host.strip("[]")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            yield Seen(
                "BAD", f"port {port} of {host} is taken", "that is well if Seatbox runs; else stop the other program or use --listen"
            )
        elif error.errno in (errno.EACCES, errno.EPERM):
            yield Seen("BAD", f"port {port} is not ours to take", "ports below 1024 need root: use --listen with a higher one")
        else:
            yield Seen("BAD", f"{listen}: {error.strerror or error}", "name an address of this machine with --listen")
    else:
        yield Seen("ok", f"{listen} is free")


def look_at_rights() -> Iterator[Seen]:
    """Serial ports belong to the group dialout on Debian, pins to gpio."""
    if os.geteuid() == 0:
        yield Seen("ok", "rights: root opens every port")
        return
    mine = {_group(number) for number in {os.getegid(), *os.getgroups()}}
    user = _user(os.geteuid())
    if "dialout" in mine:
        yield Seen("ok", f"rights: {user} is in the group dialout")
    else:
        yield Seen("BAD", f"{user} may not open serial ports", f"`sudo usermod -aG dialout {user}`, then sign in again")


def look_at_pins(dev: Path) -> Iterator[Seen]:
    chips = sorted(dev.glob("gpiochip*"))
    if not chips:
        yield Seen("note", "no pins on this machine: lamps show on the page only")
    elif not any(os.access(chip, os.R_OK | os.W_OK) for chip in chips):
        yield Seen("BAD", f"{chips[0]} is not ours to use", f"`sudo usermod -aG gpio {_user(os.geteuid())}`, then sign in again")
    elif importlib.util.find_spec("lgpio") is None:
        yield Seen("BAD", "pins are there and their driver is not", "`sudo apt-get install python3-lgpio`, then `make install`")
    else:
        yield Seen("ok", f"pins at {chips[0]}")


def look_at_sound(cards: Path, modems: Sequence[Found] = ()) -> Iterator[Seen]:
    """Headsets on the box itself are not needed: browser and phone seats bring their own sound."""
    try:
        names = [line.split(":", 1)[1].strip() for line in cards.read_text().splitlines() if "]:" in line]
    except OSError:
        names = []
    if not names:
        yield Seen("note", "no sound card: browser and phone seats need none")
        return
    yield Seen("ok", f"sound cards: {', '.join(names)}")
    for name in without_modems(headsets(), {card_number(modem.audio) for modem in modems if modem.audio is not None}):
        yield Seen("ok", f"headset: {name}", f'for a seat write kind = "headset", device = {json.dumps(name, ensure_ascii=False)}')


def without_modems(names: list[str], cards: Collection[int | None]) -> list[str]:
    """Those devices whose card is no module's: that one is a line's."""
    return [name for name in names if not any(f"(hw:{number}," in name for number in cards)]


def headsets() -> list[str]:
    """Names of the devices with ears and microphone; asked in a process of its own, for a vanished one can hang PortAudio."""
    ask = [sys.executable, "-m", "appliance.hw.headset", "--list"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return told.stdout.splitlines() if told.returncode == 0 else []


def look_at_modems(modems: list[Found]) -> Iterator[Seen]:
    if not modems:
        yield Seen("note", "no modem on USB", "plug one in and look again; `lsusb` shows what the machine sees")
    for modem in modems:
        name = f"{modem.profile or 'unknown device'} ({modem.usb}) at {modem.by_path or modem.path}"
        if modem.profile is None:
            yield Seen("note", name, "if it is a modem, give its family a profile in firmware_cfg/modems/")
        elif not os.access(modem.path, os.R_OK | os.W_OK):
            yield Seen("BAD", f"{name} is not ours to open", f"`sudo usermod -aG dialout {_user(os.geteuid())}`, then sign in again")
        else:
            yield Seen("ok", name)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
