"""Which numbers may be dialled at all (A10): asked when an agent orders it, and again at the last gate before a line (box/dial_guard.py).

China's numbering: 110 112 119 120 122 are for emergencies.
"""

from typing import Final

from appliance.base.phone_numbers import within_china
from firmware_cfg.document import Dialling

EMERGENCY: Final = frozenset(("110", "112", "119", "120", "122"))


def refused(rules: Dialling, number: str) -> str:
    """One sentence where the rules refuse the number, else ""."""
    plain = within_china(number)
    if plain in EMERGENCY:
        return "an emergency number was to be dialled, which the configuration refuses" if rules.emergency == "refuse" else ""
    if number.startswith(rules.allow):
        return ""
    if number.startswith(rules.refuse) or (plain is not None and plain.startswith(rules.refuse)):
        return "a number was to be dialled that the configuration refuses by its beginning"
    if plain is None and not rules.international:
        return "a number of another country was to be dialled, which the configuration does not allow"
    return ""


def price_of(rules: Dialling, number: str) -> tuple[int, int]:
    """What the number costs: thousandths of a yuan each begun step of so many seconds. The longest beginning that fits holds."""
    plain = within_china(number)
    fits = [one for one in rules.price if number.startswith(one.begins) or (plain is not None and plain.startswith(one.begins))]
    best = max(fits, key=lambda one: len(one.begins), default=None)
    return (round(1000 * best.yuan), best.step_s) if best is not None else (0, 60)
