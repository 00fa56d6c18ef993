"""A sound card by what stays its own (A1): the id that ALSA gave it, or its place in the USB tree. Its number changes with each replug.

Sources: Linux, `/proc/asound/ID` is a link to `cardN`; `/sys/class/sound/cardN/device` is its USB interface, whose parent has the place.
"""

import re
from pathlib import Path
from typing import Final

_CARD: Final = re.compile(r"card([0-9]+)\Z")


def card_number(name: str, root: Path = Path("/")) -> int | None:
    """The number that `card:ID` or `usb:PLACE` has now; None where no such card is plugged in. root: another tree for tests."""
    kind, _, rest = name.partition(":")
    if kind == "card":
        link = root / "proc/asound" / rest
        found = _CARD.match(link.readlink().name) if link.is_symlink() else None
        return int(found[1]) if found is not None else None
    if kind == "usb":
        for card in (root / "sys/class/sound").glob("card*"):
            found = _CARD.match(card.name)
            if found is not None and _place(card) == rest:
                return int(found[1])
    return None


def _place(card: Path) -> str | None:
    """Of the USB device that a card belongs to, as "1-1.4"."""
    device = (card / "device").resolve()
    return next((up.name for up in (device, *device.parents) if (up / "idVendor").is_file()), None)
