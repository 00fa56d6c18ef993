"""What if (试算): the routing in force against a candidate, on a past day's callers or on drawn ones (A3 E4).

The simulation runs in a thread of its own, one at a time and at the lowest priority, without the interpreter's lock: no call waits for it.
"""

import asyncio
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from appliance.simulate.what_if import STRATEGY_WORDS, Candidate, Demand, PastCall, changed, compare, drawn, in_force, recorded, unheeded
from appliance.web.ask import Ask
from appliance.web.page import Page
from appliance.web.session import Role

PAGE = Page("/simulate", title="title.what_if", role=Role.ADMINISTRATOR, menu="what_if", place=7)
MOST_CALLS: Final = 20_000
"""Of a day; and so many are looked through to find it."""
_AT_ONCE: Final = 200
LIMITS: Final = {
    "agents": (0, 500),
    "wrap_up_s": (0, 3_600),
    "offer_s": (1, 120),
    "answer_s": (0, 60),
    "per_hour": (0, 3_600),
    "talk_s": (1, 7_200),
    "patience_s": (1, 7_200),
}
BARS: Final = ("service_level", "p_abandon", "occupancy")
ROWS: Final = (
    "arrivals",
    "answered",
    "abandoned",
    "p_wait",
    "mean_wait_s",
    "service_level",
    "service_level_with_abandoned",
    "p_abandon",
    "occupancy",
)
_WORKER: Final = ThreadPoolExecutor(1, "what-if", lambda: os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19))


@dataclass(frozen=True)
class Asked:
    """The form as it was filled in; `wrong`: the fields that cannot be."""

    values: dict[str, str]
    numbers: dict[str, float | None]
    wrong: tuple[str, ...]


@PAGE.get("")
async def form(ask: Ask) -> Response:
    return _shown(ask, _asked(_defaults(ask)))


@PAGE.post("")
async def run(ask: Ask) -> Response:
    asked = _asked({**_defaults(ask), **await ask.form()})
    if asked.wrong:
        return _shown(ask, asked, status=422)
    numbers = asked.numbers
    office = in_force(ask.office.document, numbers["answer_s"] or 0.0)
    if asked.values["source"] == "day":
        past = await _calls_of(ask, date.fromisoformat(asked.values["day"]))
        if not past:
            return _shown(ask, asked, nobody=True)
        office = recorded(office, past)
    else:
        demand = Demand(numbers["per_hour"] or 0.0, numbers["talk_s"] or 1.0, numbers["patience_s"])
        office = drawn(office, {queue.id: demand for queue in office.queues})
    candidate = Candidate(int(numbers["agents"] or 0), asked.values["strategy"] or None, numbers["wrap_up_s"], numbers["offer_s"])
    now, then = await asyncio.get_running_loop().run_in_executor(_WORKER, compare, office, candidate)
    found = [(queue, now[queue.id], then[queue.id], _bars(now[queue.id], then[queue.id])) for queue in ask.office.document.queue]
    return _shown(ask, asked, found, people=(len(office.agents), len(changed(office, candidate).agents)))


def _defaults(ask: Ask) -> dict[str, str]:
    """The routing in force, and yesterday."""
    office = in_force(ask.office.document, 4.0)
    yesterday = datetime.fromtimestamp(ask.office.snapshot().as_of_ms / 1000).astimezone().date() - timedelta(days=1)
    return {
        "source": "day",
        "day": yesterday.isoformat(),
        "per_hour": "60",
        "talk_s": "180",
        "patience_s": "",
        "answer_s": "4",
        "agents": str(len(office.agents)),
        "strategy": "",
        "wrap_up_s": "",
        "offer_s": "",
    }


def _asked(values: dict[str, str]) -> Asked:
    wrong = [] if values["source"] in ("day", "drawn") else ["source"]
    if values["strategy"] not in ("", *STRATEGY_WORDS):
        wrong.append("strategy")
    try:
        date.fromisoformat(values["day"])
    except ValueError:
        wrong.append("day")
    numbers: dict[str, float | None] = {}
    for name, (low, high) in LIMITS.items():
        text = values[name].strip()
        if not text and name in ("wrap_up_s", "patience_s", "offer_s"):
            numbers[name] = None
            continue
        try:
            numbers[name] = float(text)
        except ValueError:
            numbers[name] = math.nan
        if not low <= (numbers[name] or 0.0) <= high:
            wrong.append(name)
    return Asked(values, numbers, tuple(wrong))


async def _calls_of(ask: Ask, day: date) -> list[PastCall]:
    """Inbound calls of a queue that began on that day of the box's calendar; the pages in between belong to others."""
    begin = datetime(day.year, day.month, day.day).astimezone().timestamp() * 1000
    end = (datetime(day.year, day.month, day.day) + timedelta(days=1)).astimezone().timestamp() * 1000
    past: list[PastCall] = []
    lines = {line.id: line for line in ask.office.document.line}
    tiers = {queue.id: queue.tier_points for queue in ask.office.document.queue}
    before: str | None = None
    for _ in range(MOST_CALLS // _AT_ONCE):
        found = ask.office.calls(live=False, limit=_AT_ONCE, before=before)
        for call in found:
            if call.direction == "in" and call.queue is not None and call.ended_at_ms is not None and begin <= call.started_at_ms < end:
                came, answered = call.picked_up_at_ms or call.started_at_ms, call.answered_at_ms
                waited_s = max(0, (answered or call.ended_at_ms) - came) / 1000
                talk_s = None if answered is None else max(0, call.ended_at_ms - answered) / 1000
                line = lines.get(call.line)
                points = line.priority + line.tier * tiers.get(call.queue, 0) if line is not None else 0
                past.append(PastCall(call.queue, (came - begin) / 1000, waited_s, talk_s, points))
        if len(found) < _AT_ONCE or found[-1].started_at_ms < begin:
            break
        before = found[-1].id
        await asyncio.sleep(0)
    return past


def _bars(now: dict[str, Any], then: dict[str, Any]) -> list[tuple[str, float | None, float | None, float]]:
    """What the chart shows: shares of 1, of both; None where there is none."""
    return [(name, now.get(name), then.get(name), 1.0) for name in BARS]


def _shown(
    ask: Ask, asked: Asked, found: Any = None, people: tuple[int, int] = (0, 0), nobody: bool = False, status: int = 200
) -> Response:
    shown = {
        "asked": asked,
        "found": found,
        "people_at_work": people,
        "nobody": nobody,
        "unheeded": unheeded(ask.office.document),
        "limits": LIMITS,
        "strategies": STRATEGY_WORDS,
        "rows": ROWS,
    }
    return PAGE.render(ask, "what_if/page.html", shown, status)
