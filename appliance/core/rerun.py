"""A recorded day once more (A3 E4): its inputs give its decisions and hash; under other settings, what would have become of each call.

Under other settings the world answers as it did: callers come when they came and leave when they left if they still wait; agents come, go
and pause at their times; who is offered a call that he was offered reacts as he did; a talk lasts as long as that call's did. What the day
does not tell is drawn from it, by the numbers of call and agent, so that every run draws alike: an agent who was not offered this call does
with it what he did with another one (misses and rejections included), a caller who had left talks as long as another one did, and one who
had not left has patience beyond what he waited: exponential, with the mean that the day's waits and losses make likeliest (as in
simulate/what_if.py). Under its own settings it comes to the day itself.
"""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

import heapq
import random
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from appliance.core import inputs, trace
from appliance.core._acd import Acd

_WIDTH: Final = trace.INPUT_WIDTH
_CODE: Final = {kind.__name__: code for code, kind in enumerate(trace.INPUTS)}
_KIND: Final = [kind.__name__ for kind in trace.INPUTS]
_SAID: Final = [kind.__name__ for kind in trace.DECISIONS]
_SETTINGS: Final = frozenset(
    {"QueueSet", "QueueOffers", "QueuePoints", "QueueLimits", "QueueEmpties", "QueueWidens", "WantSet", "TenantSet", "AgentTraits"}
)
_TO_OFFER: Final = frozenset({"OfferRings", "AgentAnswers", "AgentRejects", "OfferFails"})
_TO_CONNECT: Final = frozenset({"VoicePathStands"})
_TO_DIAL: Final = frozenset({"CustomerAnswers", "CustomerFails"})
_ANSWER_MS: Final = 4_000
_TALK_MS: Final = 180_000
_MADE: Final = 2**40  # the place of an input of which the day knows nothing: after all that it knows of the same time
_CALLBACK: Final = 2 + trace.MORE_FIELDS.index("callback")
_AGAIN_MS: Final = 1_000  # who logs out while he talks does so afterwards
_EVERY: Final = 500  # inputs: so often it is said how far it is
_AWAY: Final = frozenset({"logged_out", "paused"})
_AT_WORK: Final = frozenset({"talking", "wrap_up"})

Heard = Callable[[float], None]
"""Is told which share is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Given:
    """One input: its time, its place in the day, its kind, its rows (those that belong before it included)."""

    now_ms: int
    place: int
    kind: str
    rows: array[int]

    @property
    def own(self) -> Sequence[int]:
        """Its fields in order."""
        return self.rows[-_WIDTH + 2 :]

    def at(self, now_ms: int, agent: int | None = None) -> array[int]:
        rows = array("q", self.rows)
        for row in range(0, len(rows), _WIDTH):
            rows[row] = now_ms
        if agent is not None:
            rows[-_WIDTH + (2 if self.kind == "AgentHangsUp" else 3)] = agent
        return rows


@dataclass(slots=True)
class Fate:
    """What became of a call. `agent`: who answered; `waited_ms`: until then, or until it ended.

    `outcome`: answered, left, expired, nobody there, replaced, or waiting: it still did when the day ended.
    """

    call: int
    queue: int
    came_ms: int
    agent: int | None = None
    waited_ms: int = 0
    outcome: str = "waiting"
    offered: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Hours:
    """Of all agents together, within a window. `there_ms`: logged in and not paused; `work_ms` of it: in talks and wrap-up."""

    begin_ms: int
    end_ms: int
    there_ms: int = 0
    work_ms: int = 0

    @property
    def occupancy(self) -> float | None:
        return self.work_ms / self.there_ms if self.there_ms else None


def given(rows: Iterable[array[int]]) -> Iterator[Given]:
    """The inputs of a day, whose rows come in pieces of any length that end with an input."""
    place = 0
    for piece in rows:
        begin = 0
        for at in range(0, len(piece), _WIDTH):
            if piece[at + 1] < trace.SERVES:
                yield Given(piece[at], place, _KIND[piece[at + 1]], piece[begin : at + _WIDTH])
                place, begin = place + 1, at + _WIDTH


class _Told:
    """A core, and what becomes of the calls and the agents that it is told of."""

    def __init__(self, core: Acd, window: tuple[int, int]) -> None:
        self.core, self.hours = core, Hours(*window)
        self.states: dict[int, tuple[str, int]] = {}  # agent: in which state, since when
        self.fates: dict[int, Fate] = {}
        self.joined: dict[int, int] = {}  # agent: call
        self.end_ms = 0

    def __call__(self, now_ms: int, kind: str, rows: array[int]) -> list[tuple[str, int, int]]:
        decided = self.core.run(rows)
        said = [(_SAID[decided[at + 1]], decided[at + 2], decided[at + 3]) for at in range(0, len(decided), trace.ACTION_WIDTH)]
        own, refused = rows[-_WIDTH + 2 :], any(name == "Refused" for name, _, _ in said)
        self.end_ms = max(self.end_ms, now_ms)
        if kind == "AgentSet" and not refused:
            self.states.setdefault(own[0], ("logged_out", now_ms))
        self._look(now_ms, own, said)
        if kind == "CallWaits" and not refused:
            self.fates[own[0]] = Fate(own[0], own[1], now_ms)
        for name, call, agent in said:
            fate = self.fates.get(call)
            if fate is None:
                continue
            if name == "Offer":
                fate.offered.append(agent)
            elif name == "Connect":
                fate.agent, fate.waited_ms, fate.outcome = agent, now_ms - fate.came_ms, "answered"
                self.joined[agent] = call
            elif name in ("Release", "Requeued", "Rejected"):
                self.joined.pop(agent, None)
            elif name in ("Expired", "NobodyThere", "Replaced"):
                self._over(fate, now_ms, {"NobodyThere": "nobody there"}.get(name, name.lower()))
        if kind in ("CallLeaves", "CustomerFails") and not refused and own[0] in self.fates:
            self._over(self.fates[own[0]], now_ms, "left")
        return said

    def _look(self, now_ms: int, own: Sequence[int], said: list[tuple[str, int, int]]) -> None:
        """At the agents who may be in another state now: those of whom input and decisions speak (a call's number may be one too)."""
        for agent in {own[0], own[1], *(number for _, *both in said for number in both)} & self.states.keys():
            state, since_ms = self.states[agent]
            now = self.core.agent(agent)[0]
            if now != state:
                self._count(state, since_ms, now_ms)
                self.states[agent] = now, now_ms

    def _count(self, state: str, since_ms: int, now_ms: int) -> None:
        hours = self.hours
        spent_ms = min(now_ms, hours.end_ms) - max(since_ms, hours.begin_ms)
        if spent_ms > 0 and state not in _AWAY:
            hours.there_ms += spent_ms
            hours.work_ms += spent_ms * (state in _AT_WORK)

    @staticmethod
    def _over(fate: Fate, now_ms: int, outcome: str) -> None:
        if fate.outcome == "waiting":
            fate.outcome, fate.waited_ms = outcome, now_ms - fate.came_ms

    def ended(self) -> dict[int, Fate]:
        for fate in self.fates.values():
            if fate.outcome == "waiting":
                fate.waited_ms = self.end_ms - fate.came_ms
        for state, since_ms in self.states.values():
            self._count(state, since_ms, self.end_ms)
        self.states.clear()
        return self.fates


class Day:
    """A recorded day: `hash`, `fates` and `hours` are those of its own decisions, made again. `window`: what of it counts for the hours."""

    def __init__(self, rows: Iterable[array[int]], window: tuple[int, int] = (0, 2**62), heard: Heard | None = None) -> None:
        self.inputs = list(given(rows))
        self.window = window
        self._world: list[Given] = []  # what happens in any case
        self._places: set[int] = set()  # of these
        self._refused: set[int] = set()  # places of what the core refused
        self._reactions: dict[tuple[str, int, int], list[list[tuple[int, Given]]]] = defaultdict(list)
        self._ends: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(
            list
        )  # of each offer: missed, withdrawn or "", after how long
        self._callbacks: set[int] = set()
        self._talks: dict[int, list[tuple[int, Given]]] = defaultdict(list)
        self._wrap_ups: dict[int, tuple[int, Given]] = {}
        told = _Told(Acd(), window)
        self._learn(told, heard)
        self.hash, self.fates, self.end_ms, self.hours = told.core.hash, told.ended(), told.end_ms, told.hours
        self._habits = self._habits_of()
        left = sum(fate.outcome == "left" for fate in self.fates.values())
        self._patience_ms = sum(fate.waited_ms for fate in self.fates.values()) / left if left else None

    def _learn(self, told: _Told, heard: Heard | None) -> None:
        """Which input was whose reaction to what, and after how long."""
        since: dict[tuple[str, int, int], int] = {}
        last: dict[int, tuple[int, int]] = {}  # agent: when his last talk ended, of which call
        known = {one.own[0] for one in self.inputs if one.kind == "AgentSet"}
        for one in self.inputs:
            if heard is not None and one.place % _EVERY == 0:
                heard(one.place / len(self.inputs))
            call, agent = one.own[0], one.own[1]
            joined = next((who for who, talks in told.joined.items() if talks == call), None)
            to = "Offer" if one.kind in _TO_OFFER else "Connect" if one.kind in _TO_CONNECT else "DialBack" if one.kind in _TO_DIAL else ""
            ends = (
                told.joined.get(call) if one.kind == "AgentHangsUp" else call if one.kind == "CallLeaves" and joined is not None else None
            )
            if to == "DialBack":
                agent = next((who for name, about, who in since if (name, about) == (to, call)), -1)
            if any(one.rows[at + 1] == trace.MORE and one.rows[at + _CALLBACK] for at in range(0, len(one.rows), _WIDTH)):
                self._callbacks.add(call)
            wraps = one.kind == "AgentResumes" and call in known and told.core.agent(call)[0] == "wrap_up"
            if to and (to, call, agent) in since:
                delay = one.now_ms - since[to, call, agent]
                self._reactions[to, call, agent][-1].append((delay, one))
            elif ends is not None and ("Connect", ends, call if one.kind == "AgentHangsUp" else joined or 0) in since:
                who = call if one.kind == "AgentHangsUp" else joined or 0
                self._talks[ends].append((one.now_ms - since["Connect", ends, who], one))
            elif wraps and call in last:
                self._wrap_ups[last[call][1]] = (one.now_ms - last[call][0], one)
            else:
                self._world.append(one)
                self._places.add(one.place)
            for name, about, who in told(one.now_ms, one.kind, one.rows):
                if name == "Refused":
                    self._refused.add(one.place)
                if name in ("Offer", "Connect", "DialBack"):
                    since[name, about, who] = one.now_ms
                    self._reactions[name, about, who].append([])
                if name == "Offer":
                    self._ends[about, who].append(("", 0))
                elif name in ("Missed", "Withdrawn", "Taken") and ("Offer", about, who) in since:
                    lasted_ms = one.now_ms - since["Offer", about, who]
                    self._ends[about, who][-1] = ("missed" if name == "Missed" else "withdrawn", lasted_ms)
                elif name == "Release":
                    last[who] = (one.now_ms, about)

    def _habits_of(self) -> dict[int, list[list[tuple[int, Given]]]]:
        """What each agent did with the offers that he let nobody take back: nothing of a missed one. -1: all, who answered or missed."""
        found: dict[int, list[list[tuple[int, Given]]]] = defaultdict(list)
        for (call, agent), ends in self._ends.items():
            for (end, _), reaction in zip(ends, self._reactions["Offer", call, agent], strict=True):
                kinds = [one.kind for _, one in reaction]
                if end == "missed" or (end == "" and any(kind != "OfferRings" for kind in kinds)):
                    found[agent].append(reaction)
                    if kinds in ([], ["AgentAnswers"]):
                        found[-1].append(reaction)
        return found

    def under(self, settings: Sequence[inputs.Input] | None = None) -> tuple[int, dict[int, Fate]]:
        """Hash and fates under these settings, told at the begin and in force all day; None: those of the day, each at its time."""
        other = self.other(settings)
        return other.hash, other.fates

    def other(self, settings: Sequence[inputs.Input] | None, heard: Heard | None = None) -> Other:
        """As `under`, with the hours, and what the core was told."""
        return Other(self, settings, heard)


class Other:
    """The day under other settings: `hash`, `fates`, `hours`; `fed`: the rows that the core was told, for explain.moments."""

    def __init__(self, day: Day, settings: Sequence[inputs.Input] | None, heard: Heard | None) -> None:
        self.day, self.settings, self.heard = day, settings, heard
        self.told = _Told(Acd(), day.window)
        self.fed: list[array[int]] = []
        self.offered: dict[int, int] = {}  # agent: the call that he was offered last
        self.order = count()
        self.due: list[tuple[int, int, int, Given, int | None]] = []  # time, place of the day, order; whose agent is another
        self.made: dict[tuple[str, int, int], int] = defaultdict(int)
        self.talks: dict[int, int] = defaultdict(int)
        self.sets = {each.agent: each for each in settings or () if isinstance(each, inputs.AgentSet)}
        self.talks_ms = sorted(talks[0][0] for talks in day._talks.values() if talks)
        self.run()
        self.hash, self.fates, self.hours = self.told.core.hash, self.told.ended(), self.told.hours

    def put(self, now_ms: int, one: Given, agent: int | None = None) -> None:
        heapq.heappush(self.due, (now_ms, one.place, next(self.order), one, agent))

    def run(self) -> None:
        began = self.day.inputs[0].now_ms if self.day.inputs else 0
        for setting in self.settings or ():
            self.feed(began, type(setting).__name__, trace.pack([(began, setting)]))
        for one in self.day._world:
            self.put(one.now_ms, one)
        while self.due and self.due[0][0] <= self.day.end_ms:
            now_ms, _, _, one, agent = heapq.heappop(self.due)
            if self.heard is not None and one.place % _EVERY == 0:
                self.heard((now_ms - began) / max(1, self.day.end_ms - began))
            self.until(now_ms)
            rows = self.rows_of(one, now_ms, agent)
            if rows is not None:
                said = self.feed(now_ms, one.kind, rows)
                refused = any(name == "Refused" for name, _, _ in said) and one.place not in self.day._refused
                if refused and one.kind == "AgentLogsOut" and one.own[0] in self.told.joined:
                    self.put(now_ms + _AGAIN_MS, one)
        self.until(self.day.end_ms)

    def until(self, now_ms: int) -> None:
        """Deadlines before this input, each at its time: the box ticks then."""
        while (due := self.told.core.next_deadline_ms) is not None and due < now_ms:
            self.feed(due, "Tick", array("q", [due, _CODE["Tick"], *[0] * (_WIDTH - 2)]))

    def rows_of(self, one: Given, now_ms: int, agent: int | None) -> array[int] | None:
        """None: it has no sense any more, or the settings stand in its place."""
        if self.settings is not None:
            if one.kind in _SETTINGS:
                return None
            if one.kind == "AgentSet":  # he sits down elsewhere: what is so since then, with the settings
                known = self.sets.get(one.own[0])
                if known is None:
                    return None
                seated = inputs.AgentSet(known.agent, known.queues, known.wrap_up_ms, one.own[2], known.tenant, known.orders, known.skills)
                return trace.pack([(now_ms, seated)])
        if one.kind == "CallLeaves" and agent is None and one.own[0] in self.told.joined.values() and one.place in self.day._places:
            return None  # he had left while he waited; now somebody talks with him
        if one.place == _MADE and not self.drawn_has_sense(one):
            return None
        if one.kind in ("AgentAnswers", "AgentHangsUp") and self.settings is not None and not self.has_sense(one, agent):
            return None
        return one.at(now_ms, agent)

    def has_sense(self, one: Given, agent: int | None) -> bool:
        if one.kind == "AgentHangsUp":
            return (one.own[0] if agent is None else agent) in self.told.joined or one.place in self.day._places
        return self.told.core.agent(one.own[1] if agent is None else agent)[0] == "offered"

    def drawn_has_sense(self, one: Given) -> bool:
        """What was drawn may come too late: the caller has left or is talked with, the agent rings for another one."""
        call, agent = one.own[0], one.own[1]
        if one.kind == "CallLeaves":
            return call in self.told.fates and self.told.fates[call].outcome == "waiting"
        return one.kind not in _TO_OFFER or (self.offered.get(agent) == call and self.told.core.agent(agent)[0] == "offered")

    def feed(self, now_ms: int, kind: str, rows: array[int]) -> list[tuple[str, int, int]]:
        said = self.told(now_ms, kind, rows)
        self.fed.append(rows)
        if kind == "CallWaits":
            self.wait(now_ms, rows[-_WIDTH + 2])
        for name, call, agent in said:
            if name == "Offer":
                self.offered[agent] = call
            if name in ("Offer", "Connect", "DialBack"):
                self.react(now_ms, name, call, agent)
            if name == "Connect":
                self.talk(now_ms, call, agent)
            if name == "Release" and call in self.day._wrap_ups:
                after_ms, one = self.day._wrap_ups[call]
                if one.own[0] == agent:
                    self.put(now_ms + after_ms, one)
        return said

    def react(self, now_ms: int, name: str, call: int, agent: int) -> None:
        known = self.day._reactions.get((name, call, agent), [])
        turn = self.made[name, call, agent]
        self.made[name, call, agent] += 1
        end, lasted_ms = self.day._ends[call, agent][turn] if name == "Offer" and turn < len(known) else ("", -1)
        for delay, one in known[turn] if turn < len(known) else ():
            self.put(now_ms + delay, one)
        if name == "Offer" and (turn >= len(known) or end == "withdrawn"):
            for delay, one in self.habit(call, agent, turn, lasted_ms):
                self.put(now_ms + delay, _made(one.kind, call, agent, *one.own[2:]))
        elif turn < len(known):
            return
        elif name == "Connect":
            self.put(now_ms, _made("VoicePathStands", call, agent))
        else:
            self.put(now_ms + _ANSWER_MS, _made("CustomerAnswers", call))

    def habit(self, call: int, agent: int, turn: int, after_ms: int) -> list[tuple[int, Given]]:
        """What he does with an offer whose end the day does not tell; nothing: he misses it. after_ms: so long he had done nothing."""
        known = self.day._habits.get(agent) or self.day._habits.get(-1)
        if not known:
            return [(_ANSWER_MS, _made("AgentAnswers"))]
        known = [reaction for reaction in known if not reaction or reaction[-1][0] > after_ms]
        reaction = known[_drawn(call, agent, turn) % len(known)] if known else []
        return [(delay, one) for delay, one in reaction if delay > after_ms]

    def wait(self, now_ms: int, call: int) -> None:
        """When he will have lost patience, where the day does not tell it."""
        fate = self.day.fates.get(call)
        if fate is not None and fate.outcome != "left" and self.day._patience_ms and call not in self.day._callbacks:
            more_ms = random.Random(call).expovariate(1 / self.day._patience_ms)
            self.put(now_ms + fate.waited_ms + 1 + round(more_ms), _made("CallLeaves", call))

    def talk(self, now_ms: int, call: int, agent: int) -> None:
        known = self.day._talks.get(call, [])
        turn = self.talks[call]
        self.talks[call] += 1
        if turn < len(known):
            delay, one = known[turn]
            self.put(now_ms + delay, one, agent if one.kind == "AgentHangsUp" else None)
        else:
            talk_ms = self.talks_ms[_drawn(call, turn) % len(self.talks_ms)] if self.talks_ms else _TALK_MS
            self.put(now_ms + talk_ms, _made("AgentHangsUp", agent))


def _made(kind: str, *own: int) -> Given:
    return Given(0, _MADE, kind, array("q", [0, _CODE[kind], *own, *[0] * (_WIDTH - 2 - len(own))]))


def _drawn(*numbers: int) -> int:
    """A number below 2**64 that looks like any other, and is the same each time. Source: the finalizer of SplitMix64."""
    mixed = 0
    for number in numbers:
        mixed = (mixed + number + 0x9E3779B97F4A7C15) & _ALL_BITS
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _ALL_BITS
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _ALL_BITS
        mixed ^= mixed >> 31
    return mixed


_ALL_BITS: Final = 2**64 - 1
