"""Every order of events in a small world, to a depth: core, oracle and onlooker from each state on (E4).

States that differ only by when they are count once. An edge is one event, in the core made again from the state (`Acd.restore`), in copies
of the oracle and of the onlooker; all must agree, and the states after must be equal.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from appliance.core import Acd
from appliance.core import inputs as i
from appliance.core.invariants import Watch
from appliance.core.reference import Oracle

TIMES: Final = frozenset({"idle_since", "until", "rest_until", "since", "joined", "rung_at", "served_ms"})
UNSEEN: Final = frozenset({"now", "hash", "errors", "errors_ms", "interval", "served_ms", "expected", "offers"})
"""What decides nothing."""


@dataclass(frozen=True)
class World:
    name: str
    settings: tuple[i.Input, ...]
    calls: tuple[i.CallWaits, ...]
    agents: tuple[int, ...]


@dataclass
class Found:
    states: int = 1
    edges: int = 0
    depth: int = 0


def events(world: World, state: dict[str, Any], due: int | None) -> Iterator[tuple[int, i.Input]]:
    """All that may happen next, now or when something is due."""
    now = state["now"]
    for call in world.calls:
        if call.call not in state["calls"]:
            yield now, call
        else:
            yield now, i.CallLeaves(call.call)
    for agent in world.agents:
        known = state["agents"][agent]
        match known["state"]:
            case "logged_out":
                yield now, i.AgentLogsIn(agent)
                continue
            case "paused":
                yield now, i.AgentResumes(agent)
            case "talking":
                yield now, i.AgentHangsUp(agent)
                yield now, i.VoicePathStands(known["call"], agent)
            case "offered":
                yield now, i.AgentAnswers(known["call"], agent)
                yield now, i.AgentRejects(known["call"], agent)
                yield now, i.OfferRings(known["call"], agent)
            case "wrap_up":
                yield now, i.AgentResumes(agent)
        if known["state"] != "paused":
            yield now, i.AgentPauses(agent)
        yield now, i.AgentReturns(agent) if known["vanished"] else i.AgentVanishes(agent, 20)
        yield now, i.AgentLogsOut(agent)
    if due is not None:
        yield max(now, due), i.Tick()


def form(state: dict[str, Any]) -> bytes:
    """Equal for states from which the same comes."""

    def relative(value: Any, name: object = None) -> Any:
        if isinstance(value, dict):
            return tuple((key, relative(each, key)) for key, each in sorted(value.items()) if key not in UNSEEN)
        if name == "place":
            return (*value[:2], value[2] - state["now"], value[3])
        if name in TIMES and value is not None:
            return max(value - state["now"], -100) if name in ("idle_since", "rest_until") else value - state["now"]
        return tuple(value) if isinstance(value, list) else value

    return pickle.dumps(relative(state))


def explore(world: World, depth: int, most: int = 10**9) -> Found:
    """Breadth first, `depth` events deep, at most `most` edges."""
    oracle, core, watch = Oracle(), Acd(), Watch()
    for given in world.settings:
        decided = core.feed(0, given)
        assert decided == oracle.feed(0, given)
        watch.saw(0, given, decided)
    found, seen = Found(), {form(core.state())}
    edge = [(core.state(), pickle.dumps((oracle, watch)))]
    for _ in range(depth):
        reached = []
        for state, others in edge:
            for now, given in events(world, state, Acd.restore(state).next_deadline_ms):
                found.edges += 1
                after, copy = _step(state, others, now, given)
                if (known := form(after)) not in seen:
                    seen.add(known)
                    reached.append((after, copy))
                if found.edges >= most:
                    found.states = len(seen)
                    return found
        edge = reached
        found.depth += 1
    found.states = len(seen)
    return found


def _step(state: dict[str, Any], others: bytes, now: int, given: i.Input) -> tuple[dict[str, Any], bytes]:
    core = Acd.restore(state)
    oracle, watch = pickle.loads(others)
    due = core.next_deadline_ms
    for one in (i.Tick(), given) if due is not None and due <= now and not isinstance(given, i.Tick) else (given,):
        decided = core.feed(now, one)
        assert decided == oracle.feed(now, one), (state, now, one)
        watch.saw(now, one, decided)
    after = core.state()
    assert after == oracle.state(), (state, now, given)
    return after, pickle.dumps((oracle, watch))
