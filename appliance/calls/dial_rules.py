"""Which numbers may be dialled at all (A10): asked when an agent orders it, and again at the last gate before a line (box/dial_guard.py).

China's numbering: 110 112 119 120 122 are for emergencies; a carrier's code (179xx and 12593, and 190, 193, 196 where a 0 follows) has
another number behind it; no subscriber's number begins with 1 within its area: what does so behind an area's code is that area's service.
"""

import re
from typing import Final

from appliance.base.phone_numbers import within_china
from firmware_cfg.document import Dialling

EMERGENCY: Final = frozenset(("110", "112", "119", "120", "122"))

_CARRIER = re.compile(r"(?:179[0-9]{2}|12593|19[036](?=0[0-9]{8}))(?=[0-9]{3})")
_SERVICE_OF_AN_AREA = re.compile(r"\A0(?:(?:10|2[0-9]|[3-9][0-9]{2})(?=1)|(?=1[1-9]))")  # +86168… is 0168… within China


def refused(rules: Dialling, number: str) -> str:
    """One sentence where the rules refuse the number, else ""."""
    plain = within_china(number)
    if plain in EMERGENCY:
        return "an emergency number was to be dialled, which the configuration refuses" if rules.emergency == "refuse" else ""
    if number.startswith(rules.allow):
        return ""
    forms = () if plain is None else (plain, _SERVICE_OF_AN_AREA.sub("", plain))
    if number.startswith(rules.refuse) or any(form.startswith(rules.refuse) for form in forms):
        return "a number was to be dialled that the configuration refuses by its beginning"
    if plain is None and not rules.international:
        return "a number of another country was to be dialled, which the configuration does not allow"
    behind = (form[carrier.end() :] for form in forms if (carrier := _CARRIER.match(form)))
    return next((why for rest in behind if (why := refused(rules, rest))), "")


def price_of(rules: Dialling, number: str) -> tuple[int, int]:
    """What the number costs: thousandths of a yuan each begun step of so many seconds. The longest beginning that fits holds."""
    plain = within_china(number)
    fits = [one for one in rules.price if number.startswith(one.begins) or (plain is not None and plain.startswith(one.begins))]
    best = max(fits, key=lambda one: len(one.begins), default=None)
    return (round(1000 * best.yuan), best.step_s) if best is not None else (0, 60)
