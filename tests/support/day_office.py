"""An office at full load with its sound, on one virtual clock (E5, A1, A3, A7, A9).

The exchange's network, trunks and simulated modems of analog lines (v253) and modules (sim7600); wires in memory; the real line drivers,
audio tick, sound board, recorder, switchboard and core. Everybody speaks a tone of his own that swells like syllables; each talk is
judged at both ends and in its recording. Not in it: what docs/audio.md says of wires in memory.
"""

import asyncio
import hashlib
import os
import random
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import numpy as np

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId
from appliance.box.lines import Lines
from appliance.calls import commands
from appliance.calls.call import Call as LiveCall
from appliance.calls.call import CallState
from appliance.calls.lines import LineState
from appliance.calls.ports import seat_place
from appliance.calls.seats import Seat as LiveSeat
from appliance.calls.seats import SeatState
from appliance.calls.sound import SoundBoard
from appliance.calls.tables import CallBook
from appliance.events import Event
from appliance.events import call as happened
from appliance.events.line import LineEvent, LineSoundMissing, LineSoundOn
from appliance.events.recording import RecordingBegan, RecordingFailed, RecordingSealed
from appliance.exchange._pace import Engine
from appliance.exchange.calls import Call, FarEnd
from appliance.exchange.network import Network
from appliance.exchange.trunks import AnalogTrunk, MobileTrunk, Trunk
from appliance.recording.writer import Recorder
from firmware_cfg.document import Agent, Document, Line, Queue, Seat
from tests.support.audio_sounds import RATE, Pcm
from tests.support.day_judge import Held, fill_numpys_cache, held, pieces_heard, speech_like, steady
from tests.support.day_wires import MemoryLoop, MemoryWire, Wires
from tests.support.office import TestOffice

TICK_MS = 20
FRAME_BYTES = 320
MUSIC_HZ, RINGBACK_HZ = 2800, 3200
SETTLES_MS = 600  # from a change until both ears have it: delay, and what is on its way
STARTS_MS = 1_700  # from a stream's begin until nothing that is 5 ms too much is cut out any more (docs/audio.md, "Delay and clocks")
TAIL_MS = 200
PATIENCE_S = 420  # of a customer at most
STUCK_MS = 20 * 60_000
ALONE_MS = 30_000
PPM = 60.0  # how far a modem's clock is off at most
HOLD_KEPT = 20  # pictures of calls


@dataclass
class Span:
    """Somebody was to hear something: a customer at his network's call, from one moment to another."""

    call: Call
    began_ms: int
    hz: int
    who: str
    ended_ms: int = 0
    swells: bool = True


@dataclass
class Spoken:
    """What a recording is to hold: from one sample to another the customer left, the agent right."""

    began_ms: int
    ended_ms: int
    left_hz: int
    right_hz: int


@dataclass
class Talk:
    """A box's call while customer and one agent talk, or the customer has music (seat None)."""

    line: str
    seat: str | None
    network: Call
    began_ms: int


@dataclass
class Broken:
    """A fault at a line, by a name of appliance/exchange/wiring.py."""

    line: str
    name: str
    at_ms: int  # its begin; once it has ended, its end
    ends_ms: int | None  # None: until it was named and somebody has seen to it
    ended: bool = False
    named: str = ""  # the cause that the box told
    well_ms: int | None = None  # since when the line has been in service


@dataclass
class Recording:
    picked_up_ms: int
    ended_ms: int = 0
    path: str = ""
    spoken: list[Spoken] = field(default_factory=list)


class DayOffice(TestOffice):
    """TestOffice without its memory of all facts: they are counted, and each call's are judged at its end."""

    __test__ = False

    def __init__(self, document: Document, board: SoundBoard, lines: Lines, took: Callable[[Event], None]) -> None:
        self._took = took
        super().__init__(document, board, lines)
        self.book = CallBook(HOLD_KEPT)

    def _take(self, facts: list[Event]) -> None:
        super()._take(facts)
        for fact in facts:
            self._took(fact)
        self.facts.clear()


class Day:
    """`loop` is the clock of everything."""

    def __init__(self, folder: Path, loop: MemoryLoop, seed: int, analog: int = 3, modules: int = 3, agents: int = 4) -> None:
        self.random, self.loop, self.folder = random.Random(seed), loop, folder
        self.counts: Counter[str] = Counter()
        self.heard_at: Counter[str] = Counter()  # seconds of judged talk, by line
        self.measured: list[Held] = []
        self.busy = True  # customers ring
        self.ticks = 0
        self.waits_s = array("q", [0] * (PATIENCE_S + 1))  # so many were answered after that many; no object each, as objects are counted
        fill_numpys_cache()
        (folder / "heard").mkdir()
        self.network = Network(folder / "heard", lambda: datetime(2026, 7, 5, 14, 5, tzinfo=UTC))
        self.engine = Engine()
        self.wires_of_memory = Wires(folder)
        self.wires: dict[str, MemoryWire] = {}
        self.bridge = Bridge(start_thread=False)
        self.bridge.load_sound("hold", steady(MUSIC_HZ))
        self.bridge.load_sound("ringback", steady(RINGBACK_HZ))
        self.recorder = Recorder(folder / "recordings", self.bridge, self._recorded, loop)
        self.board = SoundBoard(self.bridge, self.recorder)
        self.lines = Lines(self.bridge, loop, folder, self._told, opener=self.wires_of_memory.open)
        self.lines.sound = self.board
        families = ["v253"] * analog + ["sim7600"] * modules
        names = [f"l{n}" for n in range(1, len(families) + 1)]
        seats = [f"b{n}" for n in range(1, agents + 1)]
        document = Document(
            line=tuple(
                Line(
                    id=name,
                    dialect=family,
                    port=f"{name}-at",
                    audio_port=None if family == "v253" else f"{name}-pcm",
                    number=f"0208888{n:04d}",
                    queue="q",
                )
                for n, (name, family) in enumerate(zip(names, families, strict=True))
            ),
            queue=(Queue(id="q"),),
            seat=tuple(Seat(id=seat, kind="browser") for seat in seats),
            agent=tuple(Agent(id=f"a{n}", name=f"Agent {n}", queues=("q",), wrap_up_s=5.0) for n in range(1, agents + 1)),
        )
        self.hz = self._voices(names, seats)
        self.says = {who: speech_like(hz) for who, hz in self.hz.items()}
        self._frames = {seat: self.says[seat].tobytes() for seat in seats}
        self.rings = {seat: SharedRings.create(f"seatbox-day-{os.getpid()}-{seat}") for seat in seats}
        self._ears: dict[str, list[bytes]] = {seat: [] for seat in seats}
        self._next_ring: dict[str, int] = {}
        self._callers: dict[str, tuple[Call, int]] = {}
        self._talks: dict[str, Talk] = {}
        self._spans: list[Span] = []
        self._open: dict[str, int] = {}  # calls that have begun, and not ended
        self._unanswered: set[str] = set()
        self._offers: set[tuple[str, str]] = set()
        self._recordings: dict[str, Recording] = {}
        self._changed = False
        self._alone_since: dict[str, int] = {}
        self._sound_on: dict[str, int] = {}  # since when a line's stream runs
        self.broken: dict[str, Broken] = {}  # lines, by FaultyDay (day_faults.py)
        self._spoilt: dict[str, str] = {}  # calls that were up while their line was broken, and the line; not judged from then on
        self._due: list[tuple[int, Callable[[], None]]] = []
        self.ended: asyncio.Future[None] = loop.create_future()
        self.office = DayOffice(document, self.board, self.lines, self._took)
        for name, family, line in zip(names, families, document.line, strict=True):
            self._plug_in(name, family, line.number)
        for seat, ring in self.rings.items():
            ring.unlink()
            self.board.arrive(seat_place(seat), self.bridge.add_ring(ring))
        loop.set_exception_handler(lambda _, what: self._fails(what.get("exception") or RuntimeError(what["message"])))
        loop.add_reader(self.engine.event_fd, self._streams)
        loop.add_reader(self.bridge.event_fd, self.lines.heard)

    def _plug_in(self, name: str, family: str, number: str) -> None:
        channel = self.engine.open()
        trunk: Trunk
        if family == "v253":
            trunk = AnalogTrunk(self.network, name, number, channel)
            ports = [self.wires_of_memory.port(f"{name}-at")]
        else:
            trunk = MobileTrunk(self.network, name, number, channel, f"86147503573{len(self.wires):04d}", family)
            ports = [self.wires_of_memory.port(f"{name}-at"), self.wires_of_memory.port(f"{name}-pcm")]
        trunk.ppm = self.random.uniform(-PPM, PPM)
        channel.set_ppm(trunk.ppm)
        self.network.add(trunk)
        self.wires[name] = MemoryWire(trunk, list(ports), self.loop.now_ms)
        self.wires[name].plug()
        self.wires[name].watch(self.loop)

    def _voices(self, lines: list[str], seats: list[str]) -> dict[str, int]:
        """Everybody's own tone, in Hz."""
        return {name: 560 + 60 * n for n, name in enumerate(lines)} | {seat: 1300 + 100 * n for n, seat in enumerate(seats)}

    @property
    def now(self) -> int:
        return self.ticks * TICK_MS

    # time

    def start(self) -> None:
        self._began_s = self.loop.time()
        self.lines.configure(self.office.switchboard.live.document.line, lambda _: False)
        for n, seat in enumerate(self.rings, 1):
            self.office.log_in(seat, f"a{n}")
        self._tick()

    def _tick(self) -> None:
        try:
            self._one_tick()
        except Exception as error:  # noqa: BLE001 -- whatever it is, the day fails with it
            self._fails(error)
            return
        self.loop.call_at(self._began_s + (self.ticks + 1) * TICK_MS / 1000, self._tick)

    def _fails(self, error: BaseException) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)

    def _one_tick(self) -> None:
        self.ticks += 1
        now, at = self.now, self.ticks % 250 * FRAME_BYTES
        self.engine.step(now * 1_000_000)
        self.network.tick(now)
        for seat, ring in self.rings.items():
            ring.write_in(self._frames[seat][at : at + FRAME_BYTES])
        self.bridge.step(now * 1_000_000)
        for seat, ring in self.rings.items():
            self._ears[seat].append(ring.read_out(FRAME_BYTES))
        if self.ticks % 5 == 0:
            self.recorder.turn()
        self.office.wait(now - self.office.now_ms)
        while self._due and self._due[0][0] <= now:
            self._due.pop(0)[1]()
        if self._changed:
            self._changed = False
            self._who_talks()
        if self.ticks % 50 == 0:
            self._each_second()

    def later(self, ms: float, do: Callable[[], None]) -> None:
        self._due.append((self.now + round(ms), do))
        self._due.sort(key=lambda one: one[0])

    async def wait(self, ms: int) -> None:
        """Time passes; what failed in a tick is raised here."""
        done = self.loop.create_future()
        self.later(ms, lambda: done.set_result(None))
        await asyncio.wait([done, self.ended], return_when=asyncio.FIRST_COMPLETED)
        if self.ended.done():
            self.ended.result()

    def _streams(self) -> None:
        os.read(self.engine.event_fd, 8)
        for wire in self.wires.values():
            wire.stream_events(self.now)

    # facts

    def _told(self, fact: Event) -> None:
        self.counts[type(fact).__name__] += 1
        if isinstance(fact, LineSoundMissing):
            assert fact.line in self.broken or fact.line in self._spoilt.values(), f"at {self.now} ms: {fact}"
        elif isinstance(fact, LineSoundOn):
            self._sound_on[fact.line] = self.now
        if isinstance(fact, LineEvent):
            self.office.now_ms = max(self.office.now_ms, self.loop.now_ms())
            self.office._take(self.office.switchboard.fact(fact, self.office.now_ms))

    def _took(self, fact: Event) -> None:
        """Each call begins and ends once, each offer too; then it is looked who talks."""
        self._changed = True
        match fact:
            case happened.CallStarted(call=call):
                assert call not in self._open, f"{call} begins twice"
                self._open[call] = fact.at_ms
                self._unanswered.add(call)
                self.counts["calls"] += 1
            case happened.CallPickedUp(call=call):
                self._recordings.setdefault(call, Recording(0)).picked_up_ms = fact.at_ms
            case happened.CallOffered(call=call, seat=seat):
                assert (call, seat) not in self._offers, f"{call} is offered twice to {seat} at once"
                self._offers.add((call, seat))
            case happened.OfferEnded(call=call, seat=seat) | happened.OfferMissed(call=call, seat=seat):
                assert (call, seat) in self._offers, f"an offer of {call} to {seat} ends twice"
                self._offers.discard((call, seat))
                self.counts["offer " + (fact.outcome if isinstance(fact, happened.OfferEnded) else "missed")] += 1
            case happened.CallAnswered(call=call):
                if call in self._unanswered:
                    self._unanswered.discard(call)
                    self.waits_s[min((fact.at_ms - self._open[call]) // 1000, PATIENCE_S)] += 1
                self.counts["answered"] += 1
            case happened.CallTransferred():
                self.counts[f"transfer {fact.kind}"] += 1
            case happened.CallHeld():
                self.counts["held"] += 1
            case happened.CallEnded(call=call):
                assert call in self._open, f"{call} ends twice, or has not begun"
                del self._open[call]
                self.counts["abandoned"] += call in self._unanswered
                self._unanswered.discard(call)
                assert not any(one == call for one, _ in self._offers), f"{call} is over and rings on"
                self.counts[f"ended by {fact.by}{': ' + fact.why if fact.why else ''}"] += 1
                if call in self._recordings:
                    self._recordings[call].ended_ms = fact.at_ms

    # who is to hear whom

    def _who_talks(self) -> None:
        live = self.office.switchboard.live
        found: dict[str, tuple[str, str | None]] = {}
        for call in live.calls.values():
            if call.state is CallState.TALKING and not call.parties and call.seat is not None:
                found[call.id] = (call.line, call.seat)
            elif call.state is CallState.HELD and not call.parties:
                found[call.id] = (call.line, None)
        for name, talk in list(self._talks.items()):
            if found.get(name) != (talk.line, talk.seat):
                self._over(name, self._talks.pop(name))
        for name, (line, seat) in found.items():
            network = self.wires[line].trunk.call
            if name not in self._talks and name not in self._spoilt and network is not None:
                if seat is not None:
                    self._ears[seat] = []
                self._talks[name] = Talk(line, seat, network, self.now)

    def _over(self, name: str, talk: Talk) -> None:
        """The agent's ear is judged now, the customer's and the recording at their ends."""
        ended_ms = min(self.now, talk.network.ended_ms or self.now) - TAIL_MS
        began_ms = max(talk.began_ms + SETTLES_MS, self._sound_on.get(talk.line, 0) + STARTS_MS)
        who = f"{name} at {talk.line} with {talk.seat or 'music'}, {talk.began_ms} to {self.now} ms"
        if ended_ms - began_ms < 1000:
            return
        if talk.seat is None:
            self._spans.append(Span(talk.network, began_ms, MUSIC_HZ, f"{who}: the customer", ended_ms, swells=False))
            return
        self._spans.append(Span(talk.network, began_ms, self.hz[talk.seat], f"{who}: the customer", ended_ms))
        first = (began_ms - talk.began_ms) // TICK_MS
        sound = np.frombuffer(b"".join(self._ears[talk.seat][first : (ended_ms - talk.began_ms) // TICK_MS]), "<i2")
        assert len(sound) >= (ended_ms - began_ms) * 8 - 2 * RATE // 50, f"{who}: the agent was given {len(sound)} samples"
        self.counts["minutes judged"] += pieces_heard(sound, self.hz[talk.line], f"{who}: the agent")
        self.heard_at[talk.line] += (ended_ms - began_ms) // 1000
        self.counts["talk s"] += (ended_ms - began_ms) // 1000
        if name in self._recordings:
            spoken = Spoken(began_ms, ended_ms, self.hz[talk.line], self.hz[talk.seat])
            self._recordings[name].spoken.append(spoken)

    def _network_calls_over(self) -> None:
        """Judged, and forgotten with their files: the day's own memory is not what is measured."""
        for call in [call for call in self.network.calls.values() if not call.live]:
            if any(talk.network is call for talk in self._talks.values()):
                continue  # the box does not know yet
            spans = [span for span in self._spans if span.call is call]
            if spans:
                data = call.ear.path.read_bytes() if call.ear.path.exists() else b""
                sound = np.frombuffer(data, "<i2")
                for span in spans:
                    self.counts["minutes judged"] += pieces_heard(self._cut(sound, call, span), span.hz, span.who, span.swells)
                self._spans = [span for span in self._spans if span.call is not call]
            call.ear.path.unlink(missing_ok=True)
            del self.network.calls[call.id]

    def _cut(self, sound: Pcm, call: Call, span: Span) -> Pcm:
        assert call.connected_ms is not None
        ended_ms = min(span.ended_ms, call.ended_ms or span.ended_ms)
        return sound[(span.began_ms - call.connected_ms) * 8 : (ended_ms - call.connected_ms) * 8]

    # recordings

    def _recorded(self, facts: Sequence[Event]) -> None:
        for fact in facts:
            assert not isinstance(fact, RecordingFailed), fact
            if isinstance(fact, RecordingBegan):
                self._recordings.setdefault(fact.call, Recording(0)).path = fact.path
            elif isinstance(fact, RecordingSealed):
                self._sealed(fact)
        told = [fact for fact in facts if isinstance(fact, RecordingBegan | RecordingSealed)]
        if told:
            self.loop.call_soon(self.office._take, told)  # after the turn that began it

    def _sealed(self, fact: RecordingSealed) -> None:
        told = self._recordings.pop(fact.call)
        path = self.folder / "recordings" / told.path
        data = path.read_bytes()
        assert len(data) == fact.size, f"{fact.call}: {len(data)} bytes, sealed were {fact.size}"
        assert hashlib.sha256(data).hexdigest() == fact.sha256, f"{fact.call}: not what was sealed"
        if self._spoilt.pop(fact.call, None) is None:
            assert fact.lost_ms == 0 and fact.paused_ms == 0, fact
            lasted_s = (told.ended_ms - told.picked_up_ms) / 1000
            assert abs(fact.seconds - lasted_s) < 0.5, f"{fact.call} lasted {lasted_s} s, its recording {fact.seconds} s"
        sound = np.frombuffer(data[len(data) - round(fact.seconds * RATE) * 4 :], "<i2").reshape(-1, 2)
        for part in told.spoken:
            first, last = (part.began_ms - told.picked_up_ms) * 8, (part.ended_ms - told.picked_up_ms) * 8
            for side, hz in ((0, part.left_hz), (1, part.right_hz)):
                name = f"{fact.call}: the recording's {('customer', 'agent')[side]}"
                self.counts["minutes judged"] += pieces_heard(sound[first:last, side], hz, name)
        self.counts["recordings"] += 1
        self.counts["recorded s"] += round(fact.seconds)
        path.unlink()

    # people, each second

    def _each_second(self) -> None:
        for seat in self._ears:
            if not any(talk.seat == seat for talk in self._talks.values()):
                self._ears[seat] = []
        self._customers()
        self._agents()
        self._network_calls_over()
        self._nobody_is_stuck()

    def _customers(self) -> None:
        for name, wire in self.wires.items():
            call, patience = self._callers.get(name, (None, 0))
            if call is not None and call.live and self.now >= patience:
                self.network.hang_up(call, self.now)
            if not self._may_ring(name) or (call is not None and call.live):
                self._next_ring.pop(name, None)
            elif self.busy and self.now >= self._next_ring.setdefault(name, self.now + self._pause_ms()):
                caller = f"1380000{self.random.randrange(60):04d}"
                call = self.network.place(wire.trunk.number, caller, FarEnd(says=self.says[name]), self.now)
                self._callers[name] = (call, self.now + self._patience_ms())

    def _may_ring(self, line: str) -> bool:
        return self.wires[line].trunk.free and self.office.switchboard.live.lines[LineId(line)].state is LineState.IDLE

    def _patience_ms(self) -> int:
        """From a customer's dialling until he hangs up."""
        dice = self.random.random()
        return self.random.randint(*((500, 9_000) if dice < 0.06 else (10_000, 60_000) if dice < 0.25 else (60_000, PATIENCE_S * 1000)))

    def _pause_ms(self) -> int:
        """Two minutes of three every line is wanted at once; in the third somebody is free to be consulted."""
        rush = self.now // 60_000 % 3 < 2
        return self.random.randint(1_000, 8_000) if rush else self.random.randint(20_000, 90_000)

    def _agents(self) -> None:
        live = self.office.switchboard.live
        for seat in list(live.seats.values()):
            dice = self.random.random()
            if seat.state is SeatState.RINGING and dice < 0.25:
                self._do(commands.Answer, seat=seat.id)
            elif seat.state in (SeatState.TALKING, SeatState.HELD) and seat.party_of is None and seat.call is not None:
                self._in_a_talk(seat, live.calls[seat.call], dice)
            elif seat.state is SeatState.PAUSED and dice < 0.2:
                self._do(commands.Resume, seat=seat.id)

    def _in_a_talk(self, seat: LiveSeat, call: LiveCall, dice: float) -> None:
        """Hangs up, holds and comes back, passes on; who is consulted rings and talks a while, then has the customer, or has not."""
        if call.asked is not None:
            if call.asked.here and dice < 0.1:
                self._do(commands.CompleteTransfer, seat=seat.id)
            elif dice > 0.98:
                self._do(commands.CancelTransfer, seat=seat.id)
        elif seat.state is SeatState.HELD:
            if dice < 0.12:
                self._do(commands.Retrieve, seat=seat.id)
        elif dice < 0.005:
            self._do(commands.HangUp, seat=seat.id)
        elif dice < 0.011:
            self._do(commands.Hold, seat=seat.id)
        elif dice < 0.014:
            self._do(commands.Transfer, seat=seat.id, to="q", kind="blind")
        elif dice < 0.045:
            others = [one.id for one in self.office.switchboard.live.seats.values() if one.state is SeatState.FREE]
            if others:
                self._do(commands.Transfer, seat=seat.id, to=self.random.choice(others), kind="consult")

    def _do(self, command: type[commands.Command], **values: object) -> None:
        try:
            self.office.do(command, **values)
            self.counts[command.__name__] += 1
        except (Refused, NotFound) as error:
            self.counts[f"refused {command.__name__}: {error}"] += 1

    def _nobody_is_stuck(self) -> None:
        live = self.office.switchboard.live
        for name, began_ms in self._open.items():
            assert self.now - began_ms < STUCK_MS, f"{name} has no end"
        held_lines = {call.line for call in live.calls.values()}
        for name, wire in self.wires.items():
            call = wire.trunk.call
            alone = name not in self.broken and (name in held_lines) != (call is not None and call.state in ("ringing", "connected"))
            self._alone_since[name] = (self._alone_since.get(name) or self.now) if alone else 0
            assert not alone or self.now - self._alone_since[name] < ALONE_MS, f"{name}: box and network do not agree on its call"
        self.counts["line s in use"] += len(held_lines)
        self.counts["s"] += 1
        waiting = sum(call.state in (CallState.QUEUED, CallState.OFFERED) for call in live.calls.values())
        self.counts["most waiting"] = max(self.counts["most waiting"], waiting)

    # calm, when what is held is measured

    async def calm(self) -> Held:
        """Everybody hangs up; then each line is unplugged and back, so that ports come and go; what is held is measured and kept."""
        self.busy = False
        for call, _ in self._callers.values():
            if call.live:
                self.network.hang_up(call, self.now)
        await self._until_idle()
        for wire in self.wires.values():
            wire.unplug()
        await self.wait(2_000)
        for wire in self.wires.values():
            wire.plug()
        await self._until_idle()
        assert not self._recordings and not self._offers and not self._spans, (self._recordings, self._offers, self._spans)
        assert not list((self.folder / "recordings").rglob("*.wav")), "a recording that nobody sealed"
        self.measured.append(held(len(self.bridge.figures().endpoints)))
        self.busy = True
        return self.measured[-1]

    async def _until_idle(self) -> None:
        live = self.office.switchboard.live
        for _ in range(120):
            await self.wait(1_000)
            states = {line.id: line.state for line in live.lines.values()}
            if not live.calls and not self.network.calls and set(states.values()) == {LineState.IDLE} and not self._recordings:
                return
        raise AssertionError(f"not idle after two minutes: {list(live.calls.values())}, {states}, {self.network.calls}, {self._recordings}")

    def close(self) -> None:
        self.lines.stop()
        for wire in self.wires.values():
            wire.unplug()
        self.loop.remove_reader(self.engine.event_fd)
        self.loop.remove_reader(self.bridge.event_fd)
        self.network.close()
        self.bridge.stop()

    def figures(self) -> str:
        told = self.bridge.figures()
        median_s = bisect_left(list(accumulate(self.waits_s)), sum(self.waits_s) / 2)
        counts = self.counts
        use = counts["line s in use"] / max(1, counts["s"]) / len(self.wires)
        return (
            f"{self.now / 3_600_000:.2f} h, {counts['calls']} calls, lines in use {use:.0%}, talk {counts['talk s'] / 3600:.1f} h, "
            f"{counts['minutes judged']} pieces judged, {counts['recordings']} recordings of {counts['recorded s'] / 3600:.1f} h, "
            f"abandoned {counts['abandoned']}, wait median {median_s} s, underruns {told.underruns}"
        )


LIMITS = Held(blocks=3_000, c_bytes=200_000, resident=6_000_000, descriptors=0, threads=0, maps=0, endpoints=0)


def no_growth(first: Held, last: Held) -> None:
    grown = {name: b - a for name, a, b in zip(Held._fields, first, last, strict=True)}
    over = {name: more for name, more in grown.items() if more > getattr(LIMITS, name)}
    assert not over, f"grown: {over}; from {first} to {last}"
