"""Why a call went where it went (A3): decisions made again from what the core was told, and looked at. Costs nothing until somebody asks.

For each offer of a call, and where it joins a queue without one, every agent gets a reason: `chosen`, `behind` (he might have had it, but
by the queue's strategy another one came first), `ringing` (another call does), or one of reference.WHY_NOT: those right after the decision.
"""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from appliance.core import trace
from appliance.core._acd import Acd

CHOSEN: Final = "chosen"
BEHIND: Final = "behind"

_SERVES: Final = trace.SERVES
_AGENT_SET: Final = next(code for code, kind in enumerate(trace.INPUTS) if kind.__name__ == "AgentSet")
_CALL_WAITS: Final = next(code for code, kind in enumerate(trace.INPUTS) if kind.__name__ == "CallWaits")
_TAKES: Final = next(code for code, kind in enumerate(trace.INPUTS) if kind.__name__ == "AgentTakes")
_OFFER: Final = next(code for code, kind in enumerate(trace.DECISIONS) if kind.__name__ == "Offer")


@dataclass(frozen=True, slots=True)
class Moment:
    """`agent`: to whom the call was offered, None: it joined a queue and nobody might take it. `reasons`: of each agent.

    `ordered`: a supervisor said so, whatever the rules.
    """

    now_ms: int
    agent: int | None
    reasons: dict[int, str]
    ordered: bool = False


def moments(rows: Iterable[array[int]], call: int) -> Iterator[Moment]:
    """`rows`: of core/trace.py, as the core was told them since it was new, in pieces of any length that end with an input."""
    core, agents = Acd(), set[int]()
    for piece in rows:
        for now_ms, code, step in _inputs(piece):
            if code == _AGENT_SET:
                agents.add(step[-trace.INPUT_WIDTH + 2])
            decided = core.run(step)
            offered = False
            for at in range(0, len(decided), trace.ACTION_WIDTH):
                _, kind, about, agent, _ = decided[at : at + trace.ACTION_WIDTH]
                if kind == _OFFER and about == call:
                    offered = True
                    reasons = {who: _reason(core, call, who, agent) for who in sorted(agents)}
                    yield Moment(now_ms, agent, reasons, code == _TAKES and step[-trace.INPUT_WIDTH + 2] == call)
            joined = code == _CALL_WAITS and step[-trace.INPUT_WIDTH + 2] == call
            if joined and not offered and call in core.waiting(step[-trace.INPUT_WIDTH + 3]):
                yield Moment(now_ms, None, {who: _reason(core, call, who, None) for who in sorted(agents)})


def _inputs(piece: array[int]) -> Iterator[tuple[int, int, array[int]]]:
    """One input after the other, each with the rows that belong before it."""
    begin = 0
    for at in range(0, len(piece), trace.INPUT_WIDTH):
        if piece[at + 1] < _SERVES:
            yield piece[at], piece[at + 1], piece[begin : at + trace.INPUT_WIDTH]
            begin = at + trace.INPUT_WIDTH


def _reason(core: Acd, call: int, agent: int, chosen: int | None) -> str:
    if agent == chosen:
        return CHOSEN
    try:
        why = core.why_not(call, agent)
    except KeyError:
        return "unknown"  # told of, and refused
    return BEHIND if why in (None, "rings already") else "ringing" if why == "offered" else why
