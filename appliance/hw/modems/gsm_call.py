"""A call at a GSM module, and how `+CLCC` lists it (A1). Source: 3GPP TS 27.007, 7.18."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.base.phone_numbers import is_number
from appliance.hw.at.chat import Reply
from appliance.hw.at.fields import fields, numbers
from appliance.hw.orders import Kept


@dataclass(slots=True)
class Call:
    incoming: bool
    began_ms: int
    transmits_ms: int = -1_000_000  # ATA or ATD went out: the moment that takes most power
    rings: int = 0
    last_ring_ms: int = 0
    number: int | None = None  # the module's own, of +CLCC
    caller_told: bool = False
    answered: bool = False  # by us, or by the far end
    dialling_told: bool = False
    alerting_told: bool = False
    sound: bool = False
    sound_tries: int = 0
    mended: int = 0  # times that a dead sound was switched off and on
    taken_up: bool = False  # from before the box's restart: its sound may be on already
    asked_whether_over: bool = False  # AT+CLCC for it is on its way
    ends_by: str = ""  # decided already: "us", "no_answer"
    empty_polls: int = 0
    failed_polls: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of +CLCC."""

    number: int
    incoming: bool
    stat: int  # 0 active 1 held 2 dialling 3 alerting 4 incoming 5 waiting 6 released
    caller: str | None


def listed(text: str) -> Listed | None:
    """The fields after `+CLCC:`; None for what is no voice call. ValueError: noise."""
    number, direction, stat, mode = numbers(text, least=4)[:4]
    if direction not in (0, 1):
        raise ValueError(text)
    more = fields(text)
    caller = plain(more[5]) if len(more) > 5 and is_number(plain(more[5])) else None
    return Listed(number, direction == 1, stat, caller) if mode == 0 else None


def plain(number: str) -> str:
    """A number as digits. With `AT+CSCS="UCS2"` some firmware gives it as UTF-16 in hex: `00310030` is 10."""
    if re.fullmatch(r"(00(?:2[BbAa3]|3[0-9]))+", number) and len(number) >= 8:
        return bytes.fromhex(number).decode("utf-16-be")
    return number


def by_cause(cause: int) -> str:
    """The end of a call that nobody took, by its cause (ITU-T Q.850): the word of `LineHungUp.by`.

    17 and 21 (busy, rejected); 18 to 20 (no answer, absent); 34, 42, 44, 47 (no circuit, congestion); 16 and 31 (cleared), -1 (unknown).
    Others: number or network refused it.
    """
    if cause in (17, 21):
        return "busy"
    if cause in (18, 19, 20):
        return "no_answer"
    if cause in (34, 42, 44, 47):
        return "congestion"
    return "far" if cause in (-1, 0, 16, 31) else "refused"


_CAUSE_WORDS: Final = (
    ("busy", "busy"),
    ("reject", "busy"),
    ("congestion", "congestion"),
    ("no answer", "no_answer"),
    ("no user", "no_answer"),
    ("unassigned", "refused"),
)


def cause_of(lines: Iterable[str]) -> str:
    """Of an answer to `AT+CEER`: `+CEER: 5,17`, `+CEER: User busy`; its form differs by firmware. "far" where it does not say."""
    for line in lines:
        text = line.partition(":")[2].strip().lower()
        numbers_found = re.findall(r"-?\d+", text)
        if numbers_found and re.fullmatch(r"[-\d, ]+", text):
            return by_cause(int(numbers_found[-1]))
        for word, by in _CAUSE_WORDS:
            if word in text:
                return by
    return "far"


def calls_of(reply: Reply) -> list[Listed]:
    """The voice calls of an answer to AT+CLCC, released ones left out."""
    found = []
    for line in reply.lines:
        try:
            one = listed(line.partition(":")[2])
        except ValueError:
            continue
        if one is not None and one.stat in (0, 1, 2, 3, 4, 5):
            found.append(one)
    return found


def is_kept(one: Listed, kept: Kept) -> bool:
    """The journal's call: up, in its direction, and of its number where both know one."""
    same = one.caller is None or kept.number is None or one.caller[-8:] == kept.number[-8:]  # +86 or not
    return one.stat in (0, 1) and one.incoming == kept.incoming and same
