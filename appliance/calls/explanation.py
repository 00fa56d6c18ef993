"""Why a past call went to whom (A3): the routing of its run of the box made again from the journal, with names for the core's numbers."""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

from array import array
from collections.abc import Iterable
from typing import Final

import msgspec

from appliance.base.ids import CallId, call_number
from appliance.core import explain
from appliance.events import Event
from appliance.events.box import BoxStarted
from appliance.events.call import CallEnded
from appliance.events.routing import RoutingFed, RoutingNamed

KINDS: Final = ("BoxStarted", "RoutingNamed", "RoutingFed", "CallEnded")
"""The facts that are needed, in the journal's order."""


class Considered(msgspec.Struct, frozen=True, kw_only=True):
    """`why`: as in core/explain.py, with _ for blanks."""

    agent: str
    why: str


class MomentOfRouting(msgspec.Struct, frozen=True, kw_only=True):
    """`agent`: to whom the call was offered; None: it began to wait, and nobody could take it. `ordered`: by a supervisor."""

    at_ms: int  # UTC
    agent: str | None
    considered: list[Considered]
    ordered: bool = False


def explained(facts: Iterable[tuple[int, Event]], call: str) -> list[MomentOfRouting]:
    """`facts`: (UTC ms, fact) of KINDS, in order, to the end of the call or of the journal. A call that the box never queued has none."""
    run: list[tuple[int, RoutingFed]] = []
    names: dict[int, str] = {}
    seen = False
    for utc_ms, fact in facts:
        match fact:
            case BoxStarted():
                if seen:
                    break
                run.clear()
                names.clear()
            case RoutingNamed():
                names |= {number: name for name, number in fact.agents.items()}
            case RoutingFed():
                run.append((utc_ms, fact))
            case CallEnded(call=ended) if ended == call:
                seen = True
                break
    offset = run[-1][0] - run[-1][1].at_ms if run else 0
    return named((rows(fact) for _, fact in run), names, offset, call)


def named(pieces: Iterable[array[int]], names: dict[int, str], offset_ms: int, call: str) -> list[MomentOfRouting]:
    """What core/explain.py says of what a core was told, with the agents' names; offset_ms: from the core's time to UTC."""
    return [
        MomentOfRouting(
            at_ms=moment.now_ms + offset_ms,
            ordered=moment.ordered,
            agent=None if moment.agent is None else names.get(moment.agent, str(moment.agent)),
            considered=[
                Considered(agent=names[agent], why=why.replace(" ", "_")) for agent, why in moment.reasons.items() if agent in names
            ],
        )
        for moment in explain.moments(pieces, call_number(CallId(call)))
    ]


def rows(fact: RoutingFed) -> array[int]:
    """The numbers of a fact, in this machine's order."""
    found = array("q")
    found.frombytes(fact.rows)
    if _BIG:
        found.byteswap()
    return found


_BIG: Final = array("q", [1]).tobytes()[0] == 0
