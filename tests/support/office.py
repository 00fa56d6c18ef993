"""An office in virtual time: the real switchboard, core and folds; at the edges, ports that write down what they are ordered.

A line's far end is played by the test: what a driver would tell, the test tells.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from appliance.audio.prompts import Pcm
from appliance.base.ids import AgentId, CallId, LineId, SeatId
from appliance.calls import commands
from appliance.calls.call import Call
from appliance.calls.left_open import OpenCalls
from appliance.calls.onlooker import Onlooker
from appliance.calls.seats import Seat
from appliance.calls.snapshot import CallView
from appliance.calls.sound import SoundBoard
from appliance.calls.switchboard import Switchboard
from appliance.calls.tables import CallBook, DayBook
from appliance.calls.talks import Talks
from appliance.calls.tickets import Kept
from appliance.events import Event
from appliance.events import line as told
from firmware_cfg.document import Agent, Document, Line, Queue
from firmware_cfg.document import Seat as SeatConfig

UTC = 1_800_000_000_000


@dataclass
class Orders:
    """Ports that write down each order, as (verb, who, what)."""

    log: list[tuple[str, str, object]] = field(default_factory=list)

    def answer(self, line: LineId) -> None:
        self.log.append(("answer", line, None))

    def dial(self, line: LineId, number: str) -> None:
        self.log.append(("dial", line, number))

    def hang_up(self, line: LineId) -> None:
        self.log.append(("hang_up", line, None))

    def send_digit(self, line: LineId, digit: str) -> None:
        self.log.append(("digit", line, digit))

    def disable(self, line: LineId) -> None:
        self.log.append(("disable", line, None))

    def enable(self, line: LineId) -> None:
        self.log.append(("enable", line, None))


@dataclass
class Ears:
    """Who hears whom, as it stands now, and whose voices are recorded."""

    hearing: dict[str, frozenset[str]] = field(default_factory=dict)
    playing: dict[str, str | None] = field(default_factory=dict)
    recorded: dict[CallId, frozenset[str] | None] = field(default_factory=dict)
    paused: frozenset[CallId] = frozenset()
    announced: list[tuple[str, str]] = field(default_factory=list)
    said: Callable[[str], Pcm] = lambda _place: np.zeros(0, np.int16)
    """What is spoken at a place while it is captured."""
    kept: dict[str, Pcm | None] = field(default_factory=dict)  # None while it is being captured
    takes: dict[str, Pcm] = field(default_factory=dict)
    heard_takes: list[str] = field(default_factory=list)

    def hears(self, place: str, sources: frozenset[str]) -> None:
        self.hearing[place] = sources

    def play(self, place: str, sound: str | None) -> None:
        self.playing[place] = sound

    def announce(self, place: str, what: str) -> None:
        self.announced.append((place, what))

    def capture(self, place: str) -> None:
        self.kept[place] = None

    def capture_end(self, place: str) -> None:
        self.kept[place] = self.said(place)

    def hear_take(self, place: str) -> None:
        self.heard_takes.append(place)

    def forget(self, place: str) -> None:
        self.kept.pop(place, None)
        self.takes.pop(place, None)

    def fetch_captured(self) -> None:
        """It is kept whole at the end."""

    def captured(self, place: str) -> Pcm:
        kept = self.kept[place]
        assert kept is not None
        return kept

    def make_take(self, place: str, sound: Pcm) -> None:
        self.takes[place] = sound

    def begin(self, call: CallId, customer: str, at_ms: int) -> None:
        self.recorded[call] = frozenset()

    def resume(self, call: CallId, customer: str, picked_up_ms: int, *, paused: bool) -> None:
        self.recorded[call] = frozenset()

    def agents(self, call: CallId, places: frozenset[str]) -> None:
        self.recorded[call] = places

    def pause(self, call: CallId, paused: bool) -> None:
        self.paused = self.paused | {call} if paused else self.paused - {call}

    def end(self, call: CallId) -> None:
        self.recorded[call] = None


def a_document(browsers: int = 2, phones: int = 1, lines: int = 3, people: int = 4, wrap_up_s: float = 10.0) -> Document:
    """Lines l1.., browser seats b1.., phone seats p1.., agents a1.., one queue."""
    return Document(
        line=tuple(Line(id=f"l{n}", dialect="v253", port=f"x{n}", number=f"0208888000{n}", queue="q") for n in range(1, lines + 1)),
        queue=(Queue(id="q"),),
        seat=tuple(SeatConfig(id=f"b{n}", kind="browser") for n in range(1, browsers + 1))
        + tuple(SeatConfig(id=f"p{n}", kind="phone", number=f"1380013800{n}") for n in range(1, phones + 1)),
        agent=tuple(Agent(id=f"a{n}", name=f"Agent {n}", queues=("q",), wrap_up_s=wrap_up_s) for n in range(1, people + 1)),
    )


class TestOffice:
    """Pages that are open answer each second of virtual time, until told to be silent."""

    __test__ = False

    def __init__(self, document: Document | None = None, board: SoundBoard | None = None, orders: Any = None) -> None:
        """board: a real one in place of the ears that write down. orders: real lines, which tell by themselves."""
        self.now_ms = 1_000
        self.orders: Any = orders or Orders()
        self.ears = Ears()
        self.book, self.days, self.talks = CallBook(), DayBook(lambda utc: "today"), Talks()
        self.facts: list[Event] = []
        self.pages: set[str] = set()
        document = document if document is not None else a_document()
        self.onlooker = Onlooker()
        self.switchboard = Switchboard(
            document,
            self.orders,
            board or self.ears,
            board or self.ears,
            self.talks,
            next_call=1,
            now_ms=self.now_ms,
            onlooker=self.onlooker,
        )
        for line in document.line if orders is None else ():
            self.tell(told.LineIdle, line.id)

    def _take(self, facts: list[Event]) -> None:
        for fact in facts:
            self.facts.append(fact)
            self.book.take(UTC + self.now_ms, fact)
            self.days.take(UTC + self.now_ms, fact)
            self.talks.take(fact)
        queues = self.switchboard.live.queues
        broken = self.onlooker.look(10_000) or self.onlooker.look_round(queues.queues.values(), queues.core.waiting)
        assert broken is None, f"a promise of the routing core: {broken}"

    def restart(self, holds: Iterable[str] = (), *, away_ms: int = 1_500, asked: bool = True) -> None:
        """The box is killed, and starts again. `holds`: lines whose modem says it still has its call; the others list none.

        asked False: no line has told anything yet."""
        left = OpenCalls()
        for fact in self.facts:
            left.take(fact.at_ms, fact)
        seated = [(seat, agent, pause) for seat, (agent, pause) in self.days.seated.items()]
        document = self.switchboard.live.document
        number = self.switchboard.live.next_call
        self.now_ms += away_ms
        self.orders, self.ears = Orders(), Ears()
        self.onlooker = Onlooker()
        self.switchboard = Switchboard(
            document, self.orders, self.ears, self.ears, self.talks, next_call=number, now_ms=self.now_ms, onlooker=self.onlooker
        )
        self._take(self.switchboard.take_up(left, seated, self.now_ms))
        promises = [
            Kept(made.asked, UTC + self.now_ms - made.utc_ms + made.asked.waited_ms, made.tries) for made in self.days.call_backs.values()
        ]
        self._take(self.switchboard.called_back(promises, self.now_ms))
        if asked:
            for line in self.switchboard.live.lines:
                self.line_tells(line, up=line in holds)
        for seat in sorted(self.pages):
            self._take(self.switchboard.alive(SeatId(seat), self.now_ms))

    def line_tells(self, line: str, *, up: bool) -> None:
        """What its modem says to the box that has just started."""
        if up:
            self.tell(told.LineTakenUp, line, incoming=True)
            self.tell(told.LineSoundOn, line)
        else:
            self.tell(told.LineIdle, line)

    def tell(self, fact: type[told.LineEvent], line: str, **values: object) -> None:
        self._take(self.switchboard.fact(fact(at_ms=self.now_ms, line=LineId(line), **values), self.now_ms))  # type: ignore[arg-type]

    def do(self, command: type[commands.Command], **values: object) -> None:
        try:
            self._take(self.switchboard.command(command(**values), self.now_ms))
        finally:
            self._take(self.switchboard.left_over())

    def log_in(self, seat: str, agent: str) -> None:
        self.do(commands.LogIn, seat=seat, agent=agent)
        if seat.startswith("b"):
            self.pages.add(seat)
            self._take(self.switchboard.alive(SeatId(seat), self.now_ms))

    def wait(self, ms: int) -> None:
        """Time passes: pages answer each second, deadlines fire at their own millisecond."""
        end = self.now_ms + ms
        while self.now_ms < end:
            second = (self.now_ms // 1000 + 1) * 1000
            due = self.switchboard.next_ms
            self.now_ms = max(self.now_ms, min(end, second, due if due is not None else end))
            self._take(self.switchboard.tick(self.now_ms))
            if self.now_ms == second:
                for seat in sorted(self.pages):
                    self._take(self.switchboard.alive(SeatId(seat), self.now_ms))

    def ring(self, line: str, caller: str | None = "13912345678") -> CallId:
        """A customer rings, his number comes, the box takes the line off-hook."""
        self.tell(told.LineRinging, line, ring=1)
        self.tell(told.CallerKnown, line, caller=caller)
        self.tell(told.LineAnswered, line)
        self.tell(told.LineSoundOn, line)
        return CallId(f"c{self.switchboard.live.next_call - 1:06d}")

    def hang_up(self, line: str, by: str = "far") -> None:
        self.tell(told.LineHungUp, line, by=by)
        self.tell(told.LineIdle, line)

    def seat(self, seat: str) -> Seat:
        return self.switchboard.live.seats[SeatId(seat)]

    @property
    def states(self) -> dict[str, str]:
        return {seat.id: seat.state.value for seat in self.switchboard.live.seats.values()}

    def live_call(self, call: CallId) -> Call:
        return self.switchboard.live.calls[call]

    def call(self, call: CallId) -> CallView:
        return self.book.views[call]

    def outcomes(self, call: CallId) -> list[tuple[str, str | None]]:
        return [(offer.seat, offer.outcome) for offer in self.call(call).offers]

    def told(self, fact: type[Event]) -> list[Event]:
        return [each for each in self.facts if type(each) is fact]

    def agent_numbers(self) -> dict[AgentId, int]:
        return dict(self.switchboard.live.queues.agents)
