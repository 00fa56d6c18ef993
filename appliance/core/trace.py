"""Inputs and decisions as rows of 64-bit numbers (E4): for `Acd.run`, for replay, for comparing.

An input is (now, code, a, b, c, d): the code is its place in `Input`, a.. are its fields in order, the rest 0. The queues of an AgentSet
come before it, one row each, with SERVES as the code and the queue in `a`. A decision is (now, code, call, agent, until_ms), absent
fields -1; of a Refused `call` is the place of `why` in REASONS.
"""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final, get_args

from appliance.core import decisions, inputs

INPUTS: Final[tuple[type, ...]] = get_args(inputs.Input)
DECISIONS: Final[tuple[type, ...]] = get_args(decisions.Decision)
SERVES: Final = len(INPUTS)
INPUT_WIDTH: Final = 6
ACTION_WIDTH: Final = 5


def pack(steps: Iterable[tuple[int, inputs.Input]]) -> array[int]:
    """Rows for `Acd.run`. OverflowError for what does not fit 64 bits."""
    rows = array("q")
    for now_ms, given in steps:
        values = [getattr(given, field.name) for field in fields(given)]
        if isinstance(given, inputs.AgentSet):
            for queue in given.queues:
                rows.extend((now_ms, SERVES, queue, 0, 0, 0))
            values.remove(given.queues)
        row = [now_ms, INPUTS.index(type(given)), *values]
        rows.extend(row + [0] * (INPUT_WIDTH - len(row)))
    return rows


def unpack(rows: array[int]) -> Iterator[tuple[int, decisions.Decision]]:
    """(now, decision) of each row that `Acd.run` gave."""
    for at in range(0, len(rows), ACTION_WIDTH):
        now_ms, code, call, agent, until_ms = rows[at : at + ACTION_WIDTH]
        kind = DECISIONS[code]
        if kind is decisions.Refused:
            yield now_ms, decisions.Refused(decisions.REASONS[call])
        else:
            known = {"call": call, "agent": agent, "until_ms": until_ms}
            made: Any = kind(*[known[name] for name in kind.__match_args__])  # type: ignore[attr-defined]
            yield now_ms, made
