"""Telephone numbers: digits with an optional leading +, no spaces."""

import re

_NUMBER = re.compile(r"\+?[0-9]{1,20}\Z")


def is_number(text: str) -> bool:
    """True for digits with an optional leading +, at most 20 digits (E.164 allows 15; carriers' prefixes need more)."""
    return _NUMBER.match(text) is not None


_ABROAD = re.compile(r"(?:\+|00)86(?=[1-9][0-9]{6})")
_MOBILE = re.compile(r"0?(1[3-9][0-9]{9})\Z")


def national(number: str) -> str:
    """One form of a number of China, whichever line it came over: +86 and 0086 as 0, a mobile one without the 0 of another city's."""
    number = _ABROAD.sub("0", number, count=1) if _ABROAD.match(number) else number
    mobile = _MOBILE.match(number)
    return mobile[1] if mobile else number


def masked(number: str | None) -> str:
    """A number for a log: the last four digits of it are enough to find a call, and to nobody else of use.

    Three characters and fewer are masked whole; None, the withheld number, is `-`.
    """
    if number is None:
        return "-"
    keep = 4 if len(number) > 7 else 2 if len(number) > 3 else 0
    return "*" * (len(number) - keep) + (number[-keep:] if keep else "")
