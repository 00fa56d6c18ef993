"""Modem families as data: firmware_cfg/modems (A1)."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

import firmware_cfg


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the family's hardware does not allow, said to whoever asks for it."""

    zh_CN: str  # noqa: N815  as the catalogues are called
    en: str


class PowerKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the key is held to switch the module on and off, and how long each takes."""

    on_ms: int
    off_ms: int
    goes_off_s: int = 30
    boots_s: int = 20


class Test(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question of the self-test: in service only if a line of the answer begins with `good`."""

    ask: str
    good: str


class CardSound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different where the module's sound is a USB sound card of its own."""

    audio_on: str
    audio_check: Test | None = None
    digit: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A modem family: firmware_cfg/modems/<family>.toml."""

    name: str
    title: str = ""  # for people
    dialect: str  # file in hw/modems/
    voice: Literal["two_way", "half_duplex", "none"] = "two_way"
    limit: Limit | None = None  # why voice is less than two-way
    usb: tuple[str, ...] = ()  # "vendor:product", hex
    interfaces: dict[str, int] = {}  # USB interface numbers of "command" and "audio"
    baud: int = 115_200
    audio_baud: int = 921_600  # a USB port does not mind
    init: tuple[str, ...] = ()  # commands after the common head; an error to one is not a fault
    dial: str = "ATD{number};"
    digit: str = "AT+VTS={digit}"  # {call}: the module's own number of the call; "": the key is played as tones
    audio_on: str = ""  # sound over the audio port; "": none, or always
    audio_off: str = ""  # asked for before each call (it sticks at times) and after it
    audio_early: bool = False  # from dialling on: announcements and ring-back music are heard; else from the answer on
    audio_test: Test | None = None
    audio_check: Test | None = None  # asked after audio_on: some firmware says OK to what it does not do
    card: CardSound | None = None  # for lines whose audio_port is a sound card; None: the family has none
    cause: str = ""  # command that says why the last call ended
    ring_timeout_s: int = 60  # an outgoing call that nobody takes ends after this
    sound_code: int | None = None  # v253: +VSM code to take where AT+VSM=? does not say
    sound_encoding: str = ""
    text_stores: tuple[str, ...] = ("SM", "ME")  # short messages lie there; (): none on this family
    reset: str = ""  # command that restarts the module
    boots_s: int = 45  # from a reset until its ports are back, at most
    power_key: PowerKey | None = None
    reset_after_audio_trouble: bool = False  # overridden by the line's own setting, as is
    imei: str = ""  # the only module that may be at the port; "": any

    @classmethod
    def load(cls, family: str, place: Path | None = None) -> "Profile":
        """A family by its name; OSError where there is none, msgspec.ValidationError where the file is wrong. `place`: another folder."""
        path = (place or profiles_dir()) / f"{family}.toml"
        return msgspec.convert({"name": family, **tomllib.loads(path.read_text("utf-8"))}, cls)

    def with_card(self) -> "Profile":
        """As it is for a line whose sound is a sound card; ValueError where the family has none."""
        if self.card is None:
            raise ValueError(f"a {self.name} has no sound card")
        return msgspec.structs.replace(self, audio_on=self.card.audio_on, audio_check=self.card.audio_check, digit=self.card.digit)

    @classmethod
    def all(cls) -> "list[Profile]":
        return [cls.load(path.stem) for path in sorted(profiles_dir().glob("*.toml"))]


def profiles_dir() -> Path:
    return Path(firmware_cfg.__file__).parent / "modems"
