"""Which numbers may be dialled at all (A10): asked when an agent orders it, and again at the last gate before a line (box/dial_guard.py).

Sources: ITU-T E.164; China's numbering: 00 is the international prefix; 110 112 119 120 122 are for emergencies.
"""

import re
from typing import Final

from firmware_cfg.document import Dialling

EMERGENCY: Final = frozenset(("110", "112", "119", "120", "122"))
_NO_AREA: Final = re.compile(r"1[3-9][0-9]{9}|[48]00[0-9]{7}|(?:1|9[56])[0-9]{2,6}")  # mobiles, shared cost, short numbers


def national(number: str) -> str | None:
    """The number as dialled within China; None for one of another country. `+86`, `0086` and a 0 before a mobile number are taken off."""
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            number = number.removeprefix(prefix)
            return number if _NO_AREA.fullmatch(number) else "0" + number.removeprefix("0")
    if number.startswith(("+", "00")):
        return None
    if len(number) == 12 and number.startswith("01") and number[2] in "3456789":
        return number[1:]
    return number


def refused(rules: Dialling, number: str) -> str:
    """One sentence where the rules refuse the number, else ""."""
    plain = national(number)
    if plain in EMERGENCY:
        return "an emergency number was to be dialled, which the configuration refuses" if rules.emergency == "refuse" else ""
    if number.startswith(rules.allow):
        return ""
    if number.startswith(rules.refuse) or (plain is not None and plain.startswith(rules.refuse)):
        return "a number was to be dialled that the configuration refuses by its beginning"
    if plain is None and not rules.international:
        return "a number of another country was to be dialled, which the configuration does not allow"
    return ""
