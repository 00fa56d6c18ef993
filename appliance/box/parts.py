"""The parts of a box, built from one configuration and wired (E5). Reads as a parts list; what each does stands in its own package."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from appliance import __version__
from appliance.audio import prompts
from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import CallId, LineId, SeatId
from appliance.box import standing
from appliance.box.alarms import Alarms
from appliance.box.balances import BalanceDesk
from appliance.box.books import Books, local_day
from appliance.box.changes import Changes
from appliance.box.custody import Custody
from appliance.box.dial_guard import DialGuard
from appliance.box.headsets import Headsets
from appliance.box.lines import Lines, kept_calls
from appliance.box.messages import Messages
from appliance.box.watchdog import Watchdog
from appliance.calls.commands import Answer, Command, HangUp
from appliance.calls.dial_rules import refused
from appliance.calls.onlooker import Onlooker
from appliance.calls.picture import Pictures
from appliance.calls.ports import seat_place
from appliance.calls.queue_picture import QueuePictures
from appliance.calls.seats import SeatState
from appliance.calls.snapshot import Snapshot
from appliance.calls.sound import SoundBoard
from appliance.calls.studio import Studio
from appliance.calls.switchboard import Switchboard
from appliance.calls.tickets import Kept
from appliance.events import Event
from appliance.events.box import BoxStarted, BoxStopped, ConfigCommitted
from appliance.events.line import LineEvent, LineFault, LineHungUp, LineIdle, LineSoundBack, LineSoundMissing
from appliance.events.seat import SeatStateChanged
from appliance.flow.prompts import Prompts
from appliance.hw.buttons import Buttons
from appliance.hw.lamps import Lamps
from appliance.hw.power_key import PowerKeys
from appliance.recording import vault, wav
from appliance.recording.writer import Recorder
from appliance.store.bus import Bus
from appliance.store.entry import Entry
from appliance.store.journal import Journal, JournalFull
from appliance.web.gateway_link import Gateway
from firmware_cfg.document import Document

log = logging.getLogger(__name__)

LOW_DISK_BYTES = 200_000_000
"""Below this an alarm stands: some three hours of one recorded line."""


class Parts:
    """Everything between the wires and the page. One event loop's."""

    def __init__(self, state: Path, document: Document, host: str, tls: tuple[Path, Path] | None) -> None:
        self.state, self.document = state, document
        self.loop = asyncio.get_running_loop()
        self.clock = BootClock()
        self.started_ms = self.clock.now_ms()

        self.journal = Journal(state, self.clock, alarm=lambda text: self._alarm_from_thread("journal", text))
        self.bus = Bus(self.journal)
        self.books = Books(state, self.journal)
        self.calls = self.books.calls
        was_clean, seated = self.books.clean, dict(self.books.days.seated)
        self._left = self.books.left_open(self.clock)
        self.bus.subscribe(self.books.take)
        self.alarms = Alarms(self.publish, self.clock.now_ms)
        self.custody = Custody(
            state,
            self.journal,
            self.bus,
            self.books,
            self.alarms,
            self.clock,
            lambda: self.document.recording,
            lambda to, text: self.messages.write_once(to, text, "box"),
        )

        self.bridge = Bridge()
        self.recorder = Recorder(
            state / "recordings",
            self.bridge,
            lambda facts: self.loop.call_soon_threadsafe(self.publish, list(facts)),
            self.clock,
            durable=lambda: self.journal.committed_number,
            alarm=lambda text: self._alarm_from_thread("recorder", text),
        )
        self.bus.subscribe(self.recorder.heard)
        self.sound = SoundBoard(self.bridge, self.recorder)
        self.keys = PowerKeys(document.board.name)
        self.guard = DialGuard(self.books.outgoing, document)
        self.lines = Lines(
            self.bridge, self.clock, state, self._line_told, self.keys, self.alarms.raise_, self.alarms.clear, self.guard, self.publish
        )
        self.prompts = Prompts(
            state,
            self.bridge.load_sound,
            lambda facts: self.publish(list(facts)),
            self.clock.now_ms,
            lambda act: self.loop.call_soon_threadsafe(act),
        )
        self.prompts.begin()
        self.sound.prompt_of = lambda what: self.prompts.sound_of(what, self.document.language)
        self.lines.sound = self.sound
        self.lamps = Lamps(document.board.name, self._leds(document), loop=self.loop, clock=self.clock)

        self.publish([BoxStarted(at_ms=self.clock.now_ms(), version=__version__, clean=was_clean)])
        first = self.books.first_unsealed
        self.publish(vault.seal_after_crash(self.journal, state / "recordings", self.clock, but=self._left.calls, first=first))
        self.recorder.keep(vault.left_open(self.journal, first))
        if self.journal.trouble is not None:
            self.alarms.raise_("journal.cut", self.journal.trouble)

        now_ms = self.clock.now_ms()
        onlooker, next_call = Onlooker(), self.books.days.last_call + 1
        self.switchboard = Switchboard(
            document, self.lines, self.sound, self.sound, self.books.talks, next_call=next_call, now_ms=now_ms, onlooker=onlooker
        )
        self.studio = Studio(self.switchboard.live, self.sound, self.prompts)
        self.watchdog = Watchdog(onlooker, self.switchboard.live, self.alarms, self.publish, self.clock.now_ms)
        self.pictures = Pictures(self.switchboard.live, self.calls, self.books.days, state)
        self.queue_pictures = QueuePictures(self.switchboard.live, self.pictures)
        self.changes = Changes(self.picture, self.calls.views.get)
        self.messages = Messages(
            self.journal,
            self.lines,
            self.publish,
            self.clock,
            self._lines_for_texts,
            lambda number: refused(self.guard.rules, number),
            lambda: self.guard.rules.messages_per_day,
            local_day,
        )
        self.bus.subscribe(self.messages.heard)
        self.balances = BalanceDesk(
            self.books.balances,
            self.journal,
            self.lines,
            self.messages,
            self.publish,
            self.clock,
            self.alarms,
            lambda: self.document,
            self._lines_for_texts,
        )
        self.bus.subscribe(self.balances.heard)
        self.bus.subscribe(self._after_facts)
        self.gateway = Gateway(self._gateway_told, host, tls=tls, place=state)
        self.headsets = Headsets(self._seat_answered, self._alarm)
        self.buttons = Buttons(document.board.name, self._buttons(document), self._button_pressed, self.loop)
        self.rings: dict[str, SharedRings] = {}
        self._alarmed_lines: set[LineId] = set()
        self.page_figures: dict[str, dict[str, object]] = {}
        self._seated = [(seat, agent, pause) for seat, (agent, pause) in seated.items()]
        self._timer: asyncio.TimerHandle | None = None
        self._second: asyncio.Task[None] | None = None
        self._names: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = False  # no turn after this

    # -- from start to end ----------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Lines and sound first, the page's part after."""
        self.bridge.start()
        self.loop.add_reader(self.bridge.event_fd, self.lines.heard)
        self.recorder.start()
        self.lines.kept = kept_calls(self._left, self.books.formats)
        self._turn(lambda now_ms: self.switchboard.take_up(self._left, self._seated, now_ms))
        self.messages.start()
        self.custody.start()
        self._speak_ahead()
        self._start_lines()
        self._add_sound_seats()
        self._turn(lambda now_ms: self.switchboard.called_back(self._promised(), now_ms))
        await self.gateway.start()
        self._names = asyncio.create_task(self._learn_names(), name="names of queues")
        self._second = asyncio.create_task(self._each_second(), name="each second")

    def _promised(self) -> list[Kept]:
        """Call-backs that the last run did not make; how long each waits is told by UTC, as the boot clock began anew."""
        utc_ms = self.clock.utc_ms()
        return [
            Kept(promise.asked, max(0, utc_ms - promise.utc_ms) + promise.asked.waited_ms, promise.tries)
            for promise in self.books.days.call_backs.values()
        ]

    def _speak_ahead(self) -> None:
        if any(queue.announce_s > 0 for queue in self.document.queue):
            self.prompts.ahead(self.document.language)

    async def until_asked(self) -> None:
        """Returns when each open call's line has told what it holds: who is in a call hears again before what else there is is loaded."""
        while self.switchboard.live.offers_wait:
            await asyncio.sleep(0.01)

    async def until_ready(self, limit_s: float = 20.0) -> None:
        """Returns when every line has left `starting`, or after the limit."""
        end = self.loop.time() + limit_s
        while self.loop.time() < end and any(line.state == "starting" for line in self.switchboard.live.lines.values()):
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """In order. Live calls stay up at the modems, and open in the journal: the next start takes them up."""
        self._stopping = True
        self.custody.stop()
        self.messages.stop()
        self.balances.stop()
        self.prompts.close()
        for task in (self._second, self._names, self._keeping):
            if task is not None:
                task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self.watchdog.stop()
        self.lines.stop()
        await asyncio.to_thread(self.recorder.stop)
        await asyncio.sleep(0)
        self.publish([BoxStopped(at_ms=self.clock.now_ms())])
        talking = any(seat.config.kind == "browser" and seat.in_a_call for seat in self.switchboard.live.seats.values())
        await self.gateway.stop(leave=talking)
        await self.headsets.stop()
        self.loop.remove_reader(self.bridge.event_fd)
        self.bridge.stop()
        for ring in self.rings.values():
            ring.unlink()
        self.lamps.close()
        self.buttons.close()
        self.keys.close()
        await asyncio.to_thread(self.journal.close)
        await asyncio.to_thread(self.books.close)

    def _add_sound_seats(self) -> None:
        """Browsers and headsets reach the audio thread by rings in shared memory; each has a process between it and these."""
        place = self.state.stat()
        for seat in self.document.seat:
            if seat.kind != "phone" and seat.id not in self.rings:
                name = f"seatbox-{place.st_dev:x}-{place.st_ino:x}-{len(self.rings)}"  # a killed box's is replaced
                ring = SharedRings.create(name)
                self.rings[seat.id] = ring
                self.sound.arrive(seat_place(seat.id), self.bridge.add_ring(ring))
                if seat.kind == "browser":
                    self.gateway.seat(seat.id, name)
            if seat.kind != "phone":
                self.bridge.set_level_control(self.sound.endpoints[seat_place(seat.id)], seat.level_control)
        self.headsets.configure(self.document.seat, {seat: ring.name for seat, ring in self.rings.items()})

    @staticmethod
    def _leds(document: Document) -> dict[str, str]:
        return {seat.id: seat.led for seat in document.seat if seat.led}

    @staticmethod
    def _buttons(document: Document) -> dict[str, str]:
        return {seat.id: seat.button for seat in document.seat if seat.button}

    # -- turns ----------------------------------------------------------------------------------------------------------------------

    def publish(self, facts: list[Event]) -> int:
        return self.bus.publish(facts)

    def order(self, command: Command) -> int:
        """A person's command; raises Refused, NotFound."""
        try:
            return self._turn(lambda now_ms: self.switchboard.command(command, now_ms))
        except Exception:
            self._turn(lambda _: self.switchboard.left_over())
            raise

    def _turn(self, door: Callable[[int], list[Event]]) -> int:
        """One turn and its facts. Whatever goes wrong in it, time goes on: else no deadline would come any more."""
        try:
            return self.publish(door(self.clock.now_ms()))
        finally:
            if self._timer is not None:
                self._timer.cancel()
            due = self.switchboard.next_ms
            delay = max(0.0, (due - self.clock.now_ms()) / 1000) if due is not None else None
            self._timer = None if delay is None else self.loop.call_later(delay, self._due)
            self.changes.soon()
            self.watchdog.soon()

    def _turn_of_itself(self, door: Callable[[int], list[Event]]) -> None:
        """A turn that no person has ordered: nobody is there to be told what went wrong, and drivers must not suffer from it."""
        if self._stopping:
            return
        try:
            self._turn(door)
        except JournalFull as error:
            log.error("%s", error)
        except Exception:
            log.exception("a turn failed; its facts so far come with the next one")

    def _due(self) -> None:
        self._timer = None
        self._turn_of_itself(self.switchboard.tick)

    def _line_told(self, fact: Event) -> None:
        if isinstance(fact, LineEvent):
            self._turn_of_itself(lambda now_ms: self.switchboard.fact(fact, now_ms))
            self._line_alarm(LineId(fact.line))
            self._sound_alarm(fact)

    def _start_lines(self) -> None:
        """As the configuration says, but for those in a call; what a person disabled stays so until he enables it."""
        for line in self.lines.configure(self.document.line, self._busy) & self.books.days.disabled:
            self.lines.disable(line)

    def _line_alarm(self, name: LineId) -> None:
        line = self.switchboard.live.lines.get(name)
        if line is not None and line.state == "fault":
            self._alarmed_lines.add(name)
            self.alarms.raise_(f"line.{name}", f"line {line.config.name or name}: {line.fault}")
        else:
            self._alarmed_lines.discard(name)
            self.alarms.clear(f"line.{name}")

    def _sound_alarm(self, fact: LineEvent) -> None:
        """A call of which one side hears nothing is no call, whatever the modem says of it."""
        line = self.switchboard.live.lines.get(LineId(fact.line))
        if isinstance(fact, LineSoundMissing) and line is not None:
            name = line.config.name or fact.line
            comes = f"line {name}: no sound from the far end for 2 seconds of a call"
            goes = f"line {name}: no sound to the far end for 2 seconds of a call"
            self.alarms.raise_(f"sound.{fact.line}", comes if fact.direction == "from" else goes)
        elif isinstance(fact, LineSoundBack | LineHungUp | LineFault | LineIdle):
            self.alarms.clear(f"sound.{fact.line}")

    def _gateway_told(self, message: dict[str, object]) -> None:
        if message.get("is") == "alive":
            self._seat_answered(SeatId(str(message["seat"])))
        elif message.get("is") == "page":
            self.page_figures[str(message["seat"])] = message

    def _seat_answered(self, seat: SeatId) -> None:
        self._turn_of_itself(lambda now_ms: self.switchboard.alive(seat, now_ms))

    def _button_pressed(self, name: str, held: bool) -> None:
        """A headset's button: short answers, a second's hangs up; at any other time it does nothing."""
        seat = SeatId(name)
        with contextlib.suppress(Refused, NotFound):
            self.order(HangUp(seat=seat) if held else Answer(seat=seat))

    def _after_facts(self, entries: list[Entry]) -> None:
        for entry in entries:
            fact = entry.event
            if isinstance(fact, SeatStateChanged):
                self.lamps.show(fact.seat, fact.state)
                if self.headsets.has(fact.seat):
                    self.sound.ring(seat_place(fact.seat), fact.state == SeatState.RINGING)
                if fact.state == SeatState.LOGGED_OUT:
                    self.gateway.drop(fact.seat)
        self.changes.soon()

    async def _learn_names(self) -> None:
        """What the box says to an agent's phone, and the departments' names in a transfer (A9): a tenth of a second each, in a thread."""
        self.bridge.load_sound("prompt_key_1", await asyncio.to_thread(prompts.prompt_key_1))
        for queue in self.document.queue:
            if queue.said_as and (said := await asyncio.to_thread(prompts.on_the_way, queue.said_as)) is not None:
                self.bridge.load_sound(f"to:{queue.id}", said)
            stays = any(seat.stay_connected for seat in self.document.seat)
            if stays and queue.said_as and (said := await asyncio.to_thread(prompts.next_call, queue.said_as)) is not None:
                self.bridge.load_sound(f"next:{queue.id}", said)

    def configure(self, document: Document, sha256: str) -> None:
        """A new configuration, already checked; the hash is of its file."""
        self.document = document
        self.guard.configure(document)
        self._turn_of_itself(
            lambda now_ms: [ConfigCommitted(at_ms=now_ms, sha256=sha256, by="file"), *self.switchboard.configure(document, now_ms)]
        )
        self._names = asyncio.create_task(self._learn_names(), name="names of queues")
        self._speak_ahead()
        self._start_lines()
        self._add_sound_seats()

    def _lines_for_texts(self) -> list[LineId]:
        """Idle ones that take short messages; those that a phone seat counts on come last."""
        live = self.switchboard.live
        counted_on = {seat.reserved for seat in live.seats.values()}
        idle = [line.id for line in live.lines.values() if line.state == "idle" and not line.in_use and self.lines.takes_texts(line.id)]
        return sorted(idle, key=lambda line: line in counted_on)

    def _busy(self, line: str) -> bool:
        known = self.switchboard.live.lines.get(LineId(line))
        return known is not None and known.in_use

    def _alarm_from_thread(self, key: str, text: str | None) -> None:
        self.loop.call_soon_threadsafe(self._alarm, key, text)

    def _alarm(self, key: str, text: str | None) -> None:
        if text is None:
            self.alarms.clear(key)
        else:
            self.alarms.raise_(key, text)

    async def _each_second(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                self._look_round()
            except Exception:
                log.exception("a look round the box failed")

    def _look_round(self) -> None:
        """What nobody tells: the disk fills, a changed or removed line has no call any more, a promise of the core is broken."""
        free = shutil.disk_usage(self.state).free
        full = f"only {free // 1_000_000} MB are left on the disk of {self.state.name}: make space, recordings will stop"
        self._alarm("disk", full if free < LOW_DISK_BYTES else None)
        self._alarm("dial.spend", self.guard.overspent(self.clock.utc_ms()) or None)
        self._alarm("messages.day", self.messages.abused or None)
        self.watchdog.each_second()
        self.custody.look()
        self.studio.look()
        self._keep_standing()
        self._start_lines()
        self.messages.turn()
        self.balances.turn()
        for name in self._alarmed_lines - set(self.switchboard.live.lines):
            self._line_alarm(name)
        self.changes.soon()

    def _keep_standing(self) -> None:
        """So that the next start need not read what this one has read."""

        async def when_on_the_disk(number: int, data: bytes) -> None:
            await self.journal.committed(number)
            await asyncio.to_thread(standing.keep, self.state, data)

        if (self._keeping is None or self._keeping.done()) and (now := self.books.standing()) is not None:
            self._keeping = asyncio.create_task(when_on_the_disk(*now), name="standing")

    # -- what is seen ---------------------------------------------------------------------------------------------------------------

    def picture(self) -> Snapshot:
        return self.pictures.take(self.clock.now_ms(), self.clock.utc_ms(), self.journal.last_number, self.alarms.texts)

    def sound_of(self, call: str) -> wav.Copy | wav.Unpacked | None:
        known = self.books.path(call)
        path = self.recorder.path(CallId(call)) or (self.state / "recordings" / known if known is not None else None)
        return wav.original(path) if path is not None else None

    def health(self) -> dict[str, object]:
        figures = self.bridge.figures()
        return {
            "status": "degraded" if self.alarms.standing else "ok",
            "version": __version__,
            "uptime_s": round((self.clock.now_ms() - self.started_ms) / 1000, 1),
            "alarms": self.alarms.texts,
            "audio": {
                "ticks": figures.ticks,
                "late": figures.late,
                "p50_ms": figures.p50_us / 1000,
                "p99_ms": figures.p99_us / 1000,
                "p999_ms": figures.p999_us / 1000,
                "worst_ms": figures.worst_us / 1000,
                "underruns": figures.underruns,
            },
        }

    def test_lamps(self) -> None:
        if self.lamps.test() == 0:
            raise Refused("lamps.none")
