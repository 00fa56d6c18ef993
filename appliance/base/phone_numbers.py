"""Telephone numbers: digits with an optional leading +, no spaces."""

import re

_NUMBER = re.compile(r"\+?[0-9]{1,20}\Z")


def is_number(text: str) -> bool:
    """True for digits with an optional leading +, at most 20 digits (E.164 allows 15; carriers' prefixes need more)."""
    return _NUMBER.match(text) is not None


def masked(number: str | None) -> str:
    """A number for a log: the last four digits of it are enough to find a call, and to nobody else of use.

    Three characters and fewer are masked whole; None, the withheld number, is `-`.
    """
    if number is None:
        return "-"
    keep = 4 if len(number) > 7 else 2 if len(number) > 3 else 0
    return "*" * (len(number) - keep) + (number[-keep:] if keep else "")
