"""Telephone numbers: digits with an optional leading +, no spaces."""

import re

_NUMBER = re.compile(r"\+?[0-9]{1,20}\Z")


def is_number(text: str) -> bool:
    """True for digits with an optional leading +, at most 20 digits (E.164 allows 15; carriers' prefixes need more)."""
    return _NUMBER.match(text) is not None


_NO_AREA = re.compile(r"1[3-9][0-9]{9}|[48]00[0-9]{7}|(?:1|9[56])[0-9]{2,6}")  # mobiles, shared cost, short numbers
_MOBILE = re.compile(r"0(1[3-9][0-9]{9})\Z")


def within_china(number: str) -> str | None:
    """The number as dialled within China; None for one of another country, and for a prefix with nothing behind it.

    `+86`, `0086` and a 0 before a mobile number are taken off. Sources: ITU-T E.164; 00 is China's international prefix.
    """
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            rest = number.removeprefix(prefix)
            if not rest:
                return None
            number = rest if _NO_AREA.fullmatch(rest) else "0" + rest.removeprefix("0")
            break
    if number.startswith(("+", "00")):
        return None
    mobile = _MOBILE.match(number)
    return mobile[1] if mobile else number


def national(number: str) -> str:
    """One form of a number, whichever line it came over: as dialled within China, one of another country as it came."""
    return within_china(number) or number


def masked(number: str | None) -> str:
    """A number for a log: the last four digits of it are enough to find a call, and to nobody else of use.

    Three characters and fewer are masked whole; None, the withheld number, is `-`.
    """
    if number is None:
        return "-"
    keep = 4 if len(number) > 7 else 2 if len(number) > 3 else 0
    return "*" * (len(number) - keep) + (number[-keep:] if keep else "")
