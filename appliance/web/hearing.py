"""Who may hear a recording, and the journal of who did (A7).

A player asks for one sound in many parts: these are one listening. Whoever begins anew, or goes on after ten minutes, listens again.
"""

import asyncio
from typing import Final

from appliance.base.errors import NotFound
from appliance.calls.snapshot import CallView
from appliance.recording.register import Recorded
from appliance.web.ask import Ask
from appliance.web.ranges import asked_part
from appliance.web.session import Role

SAME_S: Final = 600.0
HEADER: Final = 44
MOST: Final = 10_000
LARGEST: Final = 1 << 40


async def to_hear(ask: Ask) -> CallView:
    """The call, where this person may hear it: his own, all for inspectors, and for everybody what is in the library. Else NotFound."""
    view = ask.office.call(ask.part("id"))
    if view is None:
        raise NotFound(ask.part("id"))
    if not ask.may_see(view) and not await exemplary(ask, view.id):
        raise NotFound(view.id)
    return ask.seen(view)


async def exemplary(ask: Ask, call: str) -> bool:
    row = await asyncio.to_thread(ask.office.records.one, call)
    return row is not None and bool(row.reason) and not row.deleted


class Listenings:
    """Which sounds are being listened to, so that a part that a player asks for is not taken for another listening."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], float] = {}

    def begins(self, person: str, call: str, first_byte: int, now_s: float) -> bool:
        key = (person, call)
        anew = first_byte <= HEADER or now_s - self._last.get(key, -SAME_S) >= SAME_S
        if len(self._last) > MOST:
            self._last.clear()
        self._last[key] = now_s
        return anew


def listened(ask: Ask, call: str) -> None:
    """Into the journal, once a listening."""
    if ask.request.method == "HEAD":
        return
    part = asked_part(ask.request.headers.get("range"), LARGEST)
    if ask.request.app.state.listenings.begins(ask.person.name, call, part[0] if part else 0, asyncio.get_running_loop().time()):
        ask.office.audit(ask.person.name, "Listen", call)


def own(ask: Ask, row: Recorded) -> bool:
    """May see whose call it was."""
    me = ask.person.agent
    return ask.person.may(Role.INSPECTOR) or (me is not None and f" {me} " in row.agents)
