"""A call at a GSM module, and how `+CLCC` lists it (A1). Source: 3GPP TS 27.007, 7.18."""

from dataclasses import dataclass

from appliance.base.phone_numbers import is_number
from appliance.hw.at.chat import Reply
from appliance.hw.at.fields import fields, numbers


@dataclass(slots=True)
class Call:
    incoming: bool
    began_ms: int
    rings: int = 0
    last_ring_ms: int = 0
    number: int | None = None  # the module's own, of +CLCC
    caller_told: bool = False
    answered: bool = False  # by us, or by the far end
    dialling_told: bool = False
    alerting_told: bool = False
    sound: bool = False
    sound_tries: int = 0
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
    caller = more[5] if len(more) > 5 and is_number(more[5]) else None
    return Listed(number, direction == 1, stat, caller) if mode == 0 else None


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
