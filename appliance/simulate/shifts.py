"""Shifts of a scenario's agents (E4): days and times of a week that comes again and again, Monday 0:00 first."""

from __future__ import annotations

import re
from typing import Final

from appliance.core.office import Shift
from appliance.simulate.reader import Table
from firmware_cfg.findings import shown

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_S: Final = 24 * 3600
_EXAMPLE: Final = 'shifts = [{ days = ["mon", "tue"], begin = "08:00", end = "17:30" }]'


def of(agents: Table) -> tuple[Shift, ...]:
    """None: always there."""
    return tuple(shift for one in agents.tables("shifts", _EXAMPLE, wanted=False) for shift in _shifts(one))


def _shifts(table: Table) -> list[Shift]:
    """One a day. An end at or before the begin is the next day's."""
    days = table.get("days") if table.has("days") else list(DAYS)
    table.get("days")
    if not isinstance(days, list) or not days or not all(day in DAYS for day in days):
        table.wrong("days", f"is {shown(days)}", f"write a list of {', '.join(DAYS)}")
        days = []
    begin, end = _of_day(table, "begin", "08:00"), _of_day(table, "end", "17:30")
    table.close()
    if begin is None or end is None:
        return []
    if begin == end:
        table.wrong("end", "is when the shift begins", 'write another time; a whole day is "00:00" to "24:00"')
        return []
    length = (end - begin) % _DAY_S or _DAY_S
    return [Shift(at, at + length) for day in days for at in [DAYS.index(day) * _DAY_S + begin]]


def _of_day(table: Table, key: str, example: str) -> int | None:
    value = table.get(key)
    if not table.has(key):
        table.missing(key, f'{key} = "{example}"')
        return None
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 24 * 60:
        table.wrong(key, f"is {shown(value)}, which is no time of day", f'write hours and minutes, for example "{example}"')
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60
