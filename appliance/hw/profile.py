"""Modem families as data: firmware_cfg/modems (A1)."""

import tomllib
from pathlib import Path

import msgspec

import firmware_cfg


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A modem family: firmware_cfg/modems/<family>.toml."""

    name: str
    dialect: str  # file in hw/modems/
    usb: tuple[str, ...] = ()  # "vendor:product", hex
    interfaces: dict[str, int] = {}  # USB interface numbers of "command" and "audio"
    baud: int = 115_200
    audio_baud: int = 921_600  # a USB port does not mind
    init: tuple[str, ...] = ()  # commands after the common head; an error to one is not a fault
    dial: str = "ATD{number};"
    ring_timeout_s: int = 60  # an outgoing call that nobody takes ends after this
    sound_code: int | None = None  # v253: +VSM code to take where AT+VSM=? does not say
    sound_encoding: str = ""
    reset: str = ""  # command that restarts the module
    reset_after_audio_trouble: bool = False  # overridden by the line's own setting

    @classmethod
    def load(cls, family: str) -> "Profile":
        """A family by its name; OSError where there is none, msgspec.ValidationError where the file is wrong."""
        path = profiles_dir() / f"{family}.toml"
        return msgspec.convert({"name": family, **tomllib.loads(path.read_text("utf-8"))}, cls)

    @classmethod
    def all(cls) -> "list[Profile]":
        return [cls.load(path.stem) for path in sorted(profiles_dir().glob("*.toml"))]


def profiles_dir() -> Path:
    return Path(firmware_cfg.__file__).parent / "modems"
