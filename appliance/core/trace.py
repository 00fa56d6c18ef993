"""Inputs and decisions as rows of 64-bit numbers (E4): for `Acd.run`, for replay, for comparing.

An input is (now, code, a, b, c, d, e, f): the code is its place in `Input`, a.. are its fields in order, the rest 0. What does not fit
comes in rows before it: of an AgentSet SERVES (queue, order) and KNOWS (skill, level), of a WantSet NEEDS and PREFERS (skill, level).
A CallWaits is (call, queue, want, priority, tier, whose); whose: -1 nothing, -2 less the number he calls from, or the tenant that is
told. Where there is more, MORE (position, waited_ms, owner, owner_ms, number if not told yet, callback) and NEVER (agent) come before it.
A decision is (now, code, call, agent, until_ms), absent fields -1; a queue, cause or other call stands in place of the agent; of a Refused
`call` is the place of `why` in REASONS.
"""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final, get_args

from appliance.core import decisions, inputs

INPUTS: Final[tuple[type, ...]] = get_args(inputs.Input)
DECISIONS: Final[tuple[type, ...]] = get_args(decisions.Decision)
SERVES, KNOWS, NEEDS, PREFERS, MORE, NEVER = range(len(INPUTS), len(INPUTS) + 6)
INPUT_WIDTH: Final = 8
ACTION_WIDTH: Final = 5
NUMBER_MAX: Final = 2**62
NO_TENANT: Final = 2**31
MORE_FIELDS: Final = ("position", "waited_ms", "owner", "owner_ms", "number", "callback")
NOTHING_MORE: Final = (0, 0, -1, 0, 0, False)


def row_of(given: inputs.Input) -> tuple[list[tuple[int, ...]], list[int]]:
    """The rows that come before an input, each from its code on, and the input's own numbers."""
    match given:
        case inputs.AgentSet():
            orders = (*given.orders, *[1] * len(given.queues))
            before = [(SERVES, queue, order) for queue, order in zip(given.queues, orders, strict=False)]
            return [*before, *((KNOWS, *skill) for skill in given.skills)], [given.agent, given.wrap_up_ms, given.setup_ms, given.tenant]
        case inputs.WantSet():
            return [*((NEEDS, *skill) for skill in given.needs), *((PREFERS, *skill) for skill in given.prefers)], [given.want]
        case inputs.CallWaits():
            whose = _whose(given.tenant, given.number)
            number = 0 if whose < -1 else given.number
            more = tuple(number if name == "number" else getattr(given, name) for name in MORE_FIELDS)
            rows = [(MORE, *more)] if more != NOTHING_MORE else []
            own = [given.call, given.queue, given.want, given.priority, given.tier, whose]
            return [*rows, *((NEVER, agent) for agent in given.never)], own
    return [], [getattr(given, field.name) for field in fields(given)]


def _whose(tenant: int, number: int) -> int:
    """What is no tenant (less than -1) is one that nobody has."""
    if tenant == -1 and 0 < number <= NUMBER_MAX:
        return -2 - number
    return tenant if tenant >= -1 else NO_TENANT


def pack(steps: Iterable[tuple[int, inputs.Input]]) -> array[int]:
    """Rows for `Acd.run`. OverflowError for what does not fit 64 bits."""
    rows = array("q")
    for now_ms, given in steps:
        before, own = row_of(given)
        for row in (*before, (INPUTS.index(type(given)), *own)):
            rows.extend((now_ms, *row, *[0] * (INPUT_WIDTH - 1 - len(row))))
    return rows


def unpack(rows: array[int]) -> Iterator[tuple[int, decisions.Decision]]:
    """(now, decision) of each row that `Acd.run` gave."""
    for at in range(0, len(rows), ACTION_WIDTH):
        now_ms, code, call, second, until_ms = rows[at : at + ACTION_WIDTH]
        kind: Any = DECISIONS[code]
        if kind is decisions.Refused:
            yield now_ms, decisions.Refused(decisions.REASONS[call])
        else:
            known = {"call": call, "until_ms": until_ms, **dict.fromkeys(decisions.SECOND, second)}
            yield now_ms, kind(*[known[name] for name in kind.__match_args__])
