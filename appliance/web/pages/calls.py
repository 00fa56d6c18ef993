"""The list of calls, and one call with its timeline and its recording (A7)."""

import asyncio
import re

from starlette.responses import Response

from appliance.web.ask import Ask
from appliance.web.page import Page
from appliance.web.pages.desk import reasons
from appliance.web.session import Role

PAGE = Page("/calls", title="title.calls", role=Role.AGENT, menu="calls", place=3)
ON_A_PAGE = 50


@PAGE.get("")
async def calls(ask: Ask) -> Response:
    """Filters: whether it runs, the caller's number, and what came of it."""
    live = {"true": True, "false": False}.get(ask.query("live") or "")
    caller = re.sub(r"[\s\-()]", "", ask.query("caller") or "")[:21]
    result = ask.query("result") if ask.query("result") in ("answered", "lost") else None
    found = ask.office.calls(live=live, caller=caller or None, limit=ON_A_PAGE * 4 + 1, before=ask.query("before"))
    seen = [
        call for call in found
        if ask.may_see(call) and (result is None or (call.answered_at_ms is not None) == (result == "answered"))
    ]  # fmt: skip
    page, more = seen[:ON_A_PAGE], len(seen) > ON_A_PAGE or len(found) > ON_A_PAGE * 4
    before = (page or found)[-1].id if more else None
    snapshot = ask.office.snapshot()
    names, lines = {agent.id: agent.name for agent in snapshot.agents}, {line.id: line.name for line in snapshot.lines}
    return PAGE.render(
        ask,
        "calls/list.html",
        {"calls": page, "before": before, "live": live, "caller_wanted": caller, "result": result, "names": names, "lines": lines},
    )


@PAGE.get("/{id}")
async def one(ask: Ask) -> Response:
    shown = _shown(ask)
    call = ask.part("id")
    recorded = await asyncio.to_thread(ask.office.records.one, call)
    heard = await asyncio.to_thread(ask.office.records.listenings, call) if ask.person.may(Role.INSPECTOR) else []
    compared = ask.request.app.state.comparisons.known(ask.query("compared"), ask.person.name)
    return PAGE.render(ask, "calls/one.html", {**shown, "recorded": recorded, "heard": heard, "compared": compared})


@PAGE.get("/{id}/live")
async def live(ask: Ask) -> Response:
    """The part that changes while the call runs."""
    return PAGE.render(ask, "calls/_one.html", _shown(ask))


@PAGE.get("/{id}/why")
async def why(ask: Ask) -> Response:
    """Why it went to whom: opened when somebody asks."""
    shown = _shown(ask)
    moments = await asyncio.to_thread(ask.office.explanation, ask.part("id"))
    return PAGE.render(ask, "calls/_why.html", {**shown, "moments": moments})


def _shown(ask: Ask) -> dict[str, object]:
    call, snapshot = ask.call(ask.part("id")), ask.office.snapshot()
    return {
        "call": call,
        "snapshot": snapshot,
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "seats": {seat.id: seat.name for seat in snapshot.seats},
        "queues": {queue.id: queue.name for queue in snapshot.queues},
        "lines": {line.id: line.name for line in snapshot.lines},
        "reasons": dict(reasons(ask)),
    }
