"""A recorded day once more (A3 E4): its inputs give its decisions and hash; under other settings, what would have become of each call.

Under other settings the world answers as it did: callers come when they came and leave when they left if they still wait; agents come, go
and pause at their times; who is offered a call that he was offered reacts as he did; a talk lasts as long as that call's did. What the day
does not tell is filled in: an agent who was not offered this call answers after his usual time (the median of his answers), a caller
who had left talks for the median of the talks, one who was answered waits until he is. Under its own settings it comes to the day itself.
"""

from __future__ import annotations  # `array[int]` can be written from 3.12 on

import heapq
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median_low
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
        self._answers: dict[int, list[int]] = defaultdict(list)
        self._talks: dict[int, list[tuple[int, Given]]] = defaultdict(list)
        self._wrap_ups: dict[int, tuple[int, Given]] = {}
        told = _Told(Acd(), window)
        self._learn(told, heard)
        self.hash, self.fates, self.end_ms, self.hours = told.core.hash, told.ended(), told.end_ms, told.hours

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
            wraps = one.kind == "AgentResumes" and call in known and told.core.agent(call)[0] == "wrap_up"
            if to and (to, call, agent) in since:
                delay = one.now_ms - since[to, call, agent]
                self._reactions[to, call, agent][-1].append((delay, one))
                if one.kind == "AgentAnswers":
                    self._answers[agent].append(delay)
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
                elif name == "Release":
                    last[who] = (one.now_ms, about)

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
        self.due: list[tuple[int, int, int, Given, int | None]] = []  # time, place of the day, order; whose agent is another
        self.made: dict[tuple[str, int, int], int] = defaultdict(int)
        self.talks: dict[int, int] = defaultdict(int)
        self.sets = {each.agent: each for each in settings or () if isinstance(each, inputs.AgentSet)}
        answers = [delay for delays in day._answers.values() for delay in delays]
        self.answer_ms = median_low(answers) if answers else _ANSWER_MS
        talked = [delay for talks in day._talks.values() for delay, _ in talks]
        self.talk_ms = median_low(talked) if talked else _TALK_MS
        self.run()
        self.hash, self.fates, self.hours = self.told.core.hash, self.told.ended(), self.told.hours

    def put(self, now_ms: int, one: Given, agent: int | None = None) -> None:
        heapq.heappush(self.due, (now_ms, one.place, len(self.due), one, agent))

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
        if one.kind in ("AgentAnswers", "AgentHangsUp") and self.settings is not None and not self.has_sense(one, agent):
            return None
        return one.at(now_ms, agent)

    def has_sense(self, one: Given, agent: int | None) -> bool:
        if one.kind == "AgentHangsUp":
            return (one.own[0] if agent is None else agent) in self.told.joined or one.place in self.day._places
        return self.told.core.agent(one.own[1] if agent is None else agent)[0] == "offered"

    def feed(self, now_ms: int, kind: str, rows: array[int]) -> list[tuple[str, int, int]]:
        said = self.told(now_ms, kind, rows)
        self.fed.append(rows)
        for name, call, agent in said:
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
        if turn < len(known):
            for delay, one in known[turn]:
                self.put(now_ms + delay, one)
        elif name == "Offer":
            answers = self.day._answers.get(agent)
            self.put(now_ms + (median_low(answers) if answers else self.answer_ms), _made("AgentAnswers", call, agent))
        elif name == "Connect":
            self.put(now_ms, _made("VoicePathStands", call, agent))
        else:
            self.put(now_ms + self.answer_ms, _made("CustomerAnswers", call))

    def talk(self, now_ms: int, call: int, agent: int) -> None:
        known = self.day._talks.get(call, [])
        turn = self.talks[call]
        self.talks[call] += 1
        if turn < len(known):
            delay, one = known[turn]
            self.put(now_ms + delay, one, agent if one.kind == "AgentHangsUp" else None)
        else:
            self.put(now_ms + self.talk_ms, _made("AgentHangsUp", agent))


def _made(kind: str, *own: int) -> Given:
    """An input of which the day knows nothing: after all that it knows of the same time."""
    return Given(0, 2**40, kind, array("q", [0, _CODE[kind], *own, *[0] * (_WIDTH - 2 - len(own))]))
