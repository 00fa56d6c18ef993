"""One line: its dialect, its ports, its sound (A1, E5). Runs in the event loop; opening a port happens beside it.

A port that vanishes is closed at once, told as a fault, and opened again when it is back; other lines never notice.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.base.clock import Clock
from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import LineConnected, LineFault, LineIdle, LineRecovery
from appliance.hw.dialect import (
    Dialect,
    Kept,
    LineOrder,
    PlayDigit,
    Profile,
    SoundOrder,
    SoundResume,
    SoundStart,
    SoundStop,
    load_dialect,
)
from appliance.hw.digits import digit_sound
from appliance.hw.discover import usb_device
from appliance.hw.headset_link import Headset
from appliance.hw.modems.gsm_messages import GsmMessages
from appliance.hw.modems.gsm_module import GsmModule
from appliance.hw.modems.v253_module import V253Module
from appliance.hw.power import Power
from appliance.hw.power_key import PowerKeys
from appliance.hw.recovery import Ladder, Rung
from appliance.hw.serial_port import Opener, Port, PortError, open_port
from appliance.hw.trace import Trace
from firmware_cfg import call_progress
from firmware_cfg.document import Line

log = logging.getLogger(__name__)

FIRST_AGAIN_MS: Final = 1_000
LAST_AGAIN_MS: Final = 60_000
LOOK_MS: Final = 500  # so often a path that was gone is looked for
BLOCK: Final = 4096
RING_LOOK_MS: Final = 100  # a ring is 1 s of current
KEY_EVERY_MS: Final = 220  # a key as tones, and a pause of 100 ms (ITU-T Q.24 wants 65)
MOST_UNSENT: Final = 65_536


class LineDriver:
    """`tell` gets each fact at once; it may order in answer. `bridge` None: a line whose sound nobody wants."""

    def __init__(
        self,
        line: Line,
        profile: Profile,
        bridge: Bridge | None,
        tell: Callable[[Event], None],
        clock: Clock,
        state_dir: Path,
        loop: asyncio.AbstractEventLoop | None = None,
        keys: PowerKeys | None = None,
        root: Path = Path("/"),
        kept: Kept | None = None,
        opener: Opener = open_port,
    ) -> None:
        """kept: the call that the journal knows on this line; taken up where the modem still holds it.

        opener: of its ports; may take seconds.
        """
        self._opener = opener
        own = {"reset_after_audio_trouble": line.reset_after_audio_trouble, "imei": line.imei or ""}
        profile = msgspec.structs.replace(profile.with_card() if line.sound_card is not None else profile, **own)
        self.line, self.profile = line, profile
        self._rings: SharedRings | None = None  # of its sound card, whose process is at the other end
        self._card: Headset | None = None
        self._card_still = False
        self._key_free_ms = 0
        self._tones = call_progress.load(line.country)
        self.endpoint: int | None = None
        self._bridge, self._tell, self._clock, self._state_dir, self._loop = bridge, tell, clock, state_dir, loop
        self._dialect: Dialect = load_dialect(profile.dialect)(LineId(line.id), profile, clock.now_ms())
        self._dialect.kept = kept
        self._sound_in_stream = issubclass(load_dialect(profile.dialect), V253Module)
        self._port: Port | None = None
        self._audio: Port | None = None
        self._unsent = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._again_ms = FIRST_AGAIN_MS
        self._opening: asyncio.Task[None] | None = None
        self._running = False
        self._busy = False
        self._keys, self._root = keys, root
        self._power = Power(root)
        self._usb: Path | None = None  # the device in sysfs, known while it is there
        self._ladder = Ladder(profile, key=keys is not None and keys.has(line.power_key))
        self._deeds: list[asyncio.TimerHandle] = []
        self._ring_look: asyncio.TimerHandle | None = None
        self._rang = False
        self._trace = Trace(line.id)
        self._trace.on = line.trace

    # the face

    @property
    def ports(self) -> list[str]:
        """As configured, relative paths from the state directory."""
        return [self._where(port) for port in self.line.ports]

    @property
    def takes_texts(self) -> bool:
        """Short messages go and come here."""
        return isinstance(self._dialect, GsmMessages) and bool(self.profile.text_stores)

    def start(self) -> None:
        """Opens the ports; the facts say how it went."""
        self._loop = self._loop or asyncio.get_running_loop()
        self._running = True
        if self.line.sound_card is not None and self._bridge is not None:
            place = self._state_dir.stat()
            self._rings = SharedRings.create(f"seatbox-{place.st_dev:x}-{place.st_ino:x}-line-{self.line.id}")  # a killed box's is replaced
            self._card = Headset(f"line {self.line.id}", self.line.sound_card, self._rings.name, self._on_card)
            self._card.start()
        self._open_soon(0)

    def stop(self) -> None:
        """Lets go of the ports. A call that is up stays up at the modem."""
        self._running = False
        for handle in (self._timer, self._again, self._ring_look, *self._deeds):
            if handle is not None:
                handle.cancel()
        if self._opening is not None:
            self._opening.cancel()
        self._close()
        if self._card is not None and self._rings is not None:
            self._card.end()
            self._rings.unlink()

    def order(self, order: LineOrder) -> None:
        self._dialect.order(order, self._clock.now_ms())
        self._after_work()

    def trace(self, on: bool) -> None:
        """Every byte of the command port in the log, numbers masked."""
        self._trace.flush()
        self._trace.on = on

    def control_level(self, on: bool) -> None:
        """From the next frame on, also in a call."""
        self.line = msgspec.structs.replace(self.line, level_control=on)
        if self._bridge is not None and self.endpoint is not None:
            self._bridge.set_level_control(self.endpoint, on)

    def on_text(self) -> None:
        """The audio thread has text or events of this line (v253)."""
        if self._bridge is not None and self.endpoint is not None and self._sound_in_stream:
            data = self._bridge.read_text(self.endpoint)
            if data:
                self._trace.read(data)
                self._dialect.feed(data, self._clock.now_ms())
                self._after_work()

    def on_heard(self, what: str) -> None:
        """The audio thread found something in this line's sound, or lost its port."""
        if what in ("port_gone", "port_error"):
            self._lost()  # of a module's sound port too: one device, and a call without sound is none
            return
        if what == "no_sound" and self._card is not None and self._card_still:
            self._card.again()
        self._dialect.heard(what, self._clock.now_ms())
        self._after_work()

    def _on_card(self, words: dict[str, object]) -> None:
        """What the process of the line's sound card says."""
        self._card_still = words["is"] == "still"
        if words["is"] in ("open", "gone") and isinstance(self._dialect, GsmModule):
            self._dialect.sound_card(str(words.get("why", "")), self._clock.now_ms())
            self._after_work()

    # ports

    def _where(self, port: str) -> str:
        return port if "://" in port else str(self._state_dir / port)

    def _open_soon(self, ms: int) -> None:
        if self._running and self._loop is not None:
            if self._again is not None:
                self._again.cancel()
            self._again = self._loop.call_later(ms / 1000, self._open_now)

    def _open_now(self) -> None:
        if self._running and self._loop is not None and self._port is None and (self._opening is None or self._opening.done()):
            self._opening = self._loop.create_task(self._open())

    async def _open(self) -> None:
        """Beside the loop: a driver may think for seconds about a port."""
        found: list[Port] = []
        try:
            for url, baud in zip(self.ports, (self.profile.baud, self.profile.audio_baud), strict=False):
                found.append(await asyncio.to_thread(self._opener, url, baud))
        except PortError as error:
            for port in found:
                port.close()
            self._not_opened(str(error))
            return
        except asyncio.CancelledError:
            for port in found:
                port.close()
            raise
        self._port, self._audio = found[0], found[1] if len(found) > 1 else None
        self._bind()

    def _not_opened(self, why: str) -> None:
        log.warning("line %s: %s; again in %d s", self.line.id, why, self._again_ms // 1000)
        self._dialect.lost(self._clock.now_ms(), why)
        self._after_work()
        missing = [path for path in self.ports if "://" not in path and not os.path.exists(path)]
        if missing:
            self._begin("gone")
            self._look_for(missing)
        else:
            self._open_soon(self._again_ms)
            self._again_ms = min(2 * self._again_ms, LAST_AGAIN_MS)

    def _look_for(self, paths: list[str]) -> None:
        """A modem that is plugged in again has its path again."""
        if not self._running or self._loop is None:
            return
        if all(os.path.exists(path) for path in paths):
            self._again_ms = FIRST_AGAIN_MS
            self._open_soon(100)
            return
        rung = self._ladder.missing(self._clock.now_ms())
        if rung is not None:
            self._climb(rung)
        else:
            self._again = self._loop.call_later(LOOK_MS / 1000, self._look_for, paths)

    def _bind(self) -> None:
        if self._port is None or self._loop is None:
            return
        log.info("line %s: open at %s", self.line.id, ", ".join(self.ports))
        self._usb = usb_device(self.ports[0], self._root)
        self._ladder.usb = self._usb is not None and os.access(self._usb / "authorized", os.W_OK)
        if self._sound_in_stream and self._port.has_ring_indicator:
            self._look_for_rings()
        if self._sound_in_stream and self._bridge is not None:
            self.endpoint = self._bridge.add_v253_port(self._port.fd)
        else:
            self._loop.add_reader(self._port.fd, self._readable)
            if self._audio is not None and self._bridge is not None:
                self.endpoint = self._bridge.add_pcm_port(self._audio.fd)
            elif self._rings is not None and self._bridge is not None:
                self.endpoint = self._bridge.add_line_ring(self._rings)
        if self.endpoint is not None and self._bridge is not None:
            self._bridge.set_tones(self.endpoint, self._tones)
            self._bridge.set_level_control(self.endpoint, self.line.level_control)
        self._dialect.found(self._clock.now_ms())
        self._after_work()

    def _close(self) -> None:
        self._trace.flush()
        self._unsent.clear()
        endpoint, self.endpoint = self.endpoint, None
        if endpoint is not None and self._bridge is not None:
            self._bridge.remove(endpoint)
        for port in (self._port, self._audio):
            if port is not None:
                if self._loop is not None and port.fd >= 0:
                    self._loop.remove_reader(port.fd)
                    self._loop.remove_writer(port.fd)
                port.close()
        self._port = self._audio = None

    def _lost(self) -> None:
        if self._port is None:
            return
        log.warning("line %s: the port is gone", self.line.id)
        self._close()
        self._dialect.lost(self._clock.now_ms())
        self._after_work()
        self._begin("gone")
        self._again_ms = FIRST_AGAIN_MS
        self._open_soon(LOOK_MS)

    # bytes, facts, sound

    def _look_for_rings(self) -> None:
        """The ring indicator: a ring whose RING was lost in noise, or came while the modem typed something else, is a ring."""
        if self._port is None or self._loop is None:
            return
        rang, self._rang = self._rang, self._port.rings
        if self._rang and not rang:
            self.on_heard("ring")
        self._ring_look = self._loop.call_later(RING_LOOK_MS / 1000, self._look_for_rings)

    def _readable(self) -> None:
        if self._port is None:
            return
        try:
            data = os.read(self._port.fd, BLOCK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        self._trace.read(data)
        self._dialect.feed(data, self._clock.now_ms())
        self._after_work()

    def _after_work(self) -> None:
        """Carries out what the dialect wants, in its order: sound, bytes, facts; then sets the clock."""
        if self._busy:
            return  # `tell` ordered something: the round below sees to it
        self._busy = True
        try:
            for _ in range(1000):
                if not self._one_round():
                    break
        finally:
            self._busy = False
        if self._dialect.reopen_wanted and self._port is not None:
            self._reopen()
        self._set_timer()

    def _one_round(self) -> bool:
        sounds, writes, facts = self._dialect.take_sound(), self._dialect.take_writes(), self._dialect.take_facts()
        for sound in sounds:
            self._sound(sound)
        for write in writes:
            self._trace.written(write.data)
            if self._sound_in_stream:
                if self.endpoint is not None and self._bridge is not None:
                    with contextlib.suppress(BlockingIOError):  # a port that takes nothing; the dialect's deadlines say so
                        self._bridge.send_text(self.endpoint, write.data, write.expect_connect, write.shielded)
            else:
                self._unsent += write.data
                self._flush()
        for fact in facts:
            self._tell(fact)
            if isinstance(fact, LineRecovery):
                self._ladder.begins()
            elif isinstance(fact, LineConnected) and self.endpoint is not None and self._bridge is not None:
                self._bridge.find_answer(self.endpoint)
            elif isinstance(fact, LineFault):
                log.warning("line %s: out of service: %s", self.line.id, fact.why)
                self._signs()
            elif isinstance(fact, LineIdle) and self._ladder.well():
                self._step("back")
        return bool(sounds or writes or facts)

    def _flush(self) -> None:
        if self._port is None or self._loop is None:
            self._unsent.clear()
            return
        try:
            sent = os.write(self._port.fd, self._unsent) if self._unsent else 0
            del self._unsent[:sent]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._loop.call_soon(self._lost)
            return
        if len(self._unsent) > MOST_UNSENT:
            self._unsent.clear()  # a port that takes nothing; the dialect's deadlines say so
        if self._unsent:
            self._loop.add_writer(self._port.fd, self._flush)
        else:
            self._loop.remove_writer(self._port.fd)

    def _sound(self, order: SoundOrder) -> None:
        if self.endpoint is None or self._bridge is None:
            return
        if isinstance(order, SoundStart):
            if self._sound_in_stream:
                self._bridge.set_encoding(self.endpoint, order.encoding)
            self._bridge.sound_on(self.endpoint)
        elif isinstance(order, SoundResume):
            self._bridge.set_encoding(self.endpoint, order.encoding)
            self._bridge.resume_stream(self.endpoint)
        elif isinstance(order, SoundStop):
            if self._sound_in_stream:
                self._bridge.text_mode(self.endpoint)
            self._bridge.sound_off(self.endpoint)
        elif isinstance(order, PlayDigit) and self._loop is not None:
            now_ms = self._clock.now_ms()
            at_ms = max(now_ms, self._key_free_ms)  # each key is whole, and apart from the next
            self._key_free_ms = at_ms + KEY_EVERY_MS
            self._loop.call_later((at_ms - now_ms) / 1000, self._play_digit, order.digit)

    def _play_digit(self, digit: str) -> None:
        if self.endpoint is not None and self._bridge is not None:
            self._bridge.load_sound(f"key_{digit}", digit_sound(digit))
            self._bridge.play(self.endpoint, f"key_{digit}", loop=False)

    # the way back

    def _reopen(self) -> None:
        """The dialect can do no more: the ladder is climbed, or the port opened again, ever more seldom."""
        self._dialect.reopen_wanted = False
        if self._dialect.climb_wanted:
            self._begin("silent")
            self._climb(self._ladder.next(self._clock.now_ms()))
            return
        self._close()
        self._open_soon(self._again_ms)
        self._again_ms = min(2 * self._again_ms, LAST_AGAIN_MS)

    def _begin(self, step: str) -> None:
        if self._ladder.begins():
            self._step(step)

    def _step(self, step: str) -> None:
        log.warning("line %s: %s", self.line.id, step)
        self._tell(LineRecovery(at_ms=self._clock.now_ms(), line=LineId(self.line.id), step=step))

    def _signs(self) -> None:
        for sign in self._power.signs():
            self._step(sign)

    def _climb(self, rung: Rung) -> None:
        """The rung's deeds in their time; then the port is opened, or as soon as it was gone and is back."""
        if rung.step:
            self._step(rung.step)
        if self._loop is None:
            return
        self._deeds.clear()
        for ms, deed in rung.deeds:
            if ms == 0:
                self._do(deed)
            else:
                self._deeds.append(self._loop.call_later(ms / 1000, self._do, deed))
        if rung.step == "reset":
            self._deeds.append(self._loop.call_later(0.3, self._close))  # the command has to leave first
        else:
            self._close()
        last = max((ms for ms, _ in rung.deeds), default=0)
        self._again = self._loop.call_later(last / 1000, self._await_back, self._clock.now_ms() + rung.open_ms, False)

    def _do(self, deed: str) -> None:
        if deed == "reset" and self._port is not None:
            with contextlib.suppress(OSError):  # a port that takes nothing: the next rung is for it
                if self._sound_in_stream and self._bridge is not None and self.endpoint is not None:
                    self._bridge.send_text(self.endpoint, self._ladder.blind)
                else:
                    os.write(self._port.fd, self._ladder.blind)
        elif deed in ("usb_off", "usb_on") and self._usb is not None:
            try:
                (self._usb / "authorized").write_text("0" if deed == "usb_off" else "1")
            except OSError as error:
                log.warning("line %s: its USB port cannot be switched: %s", self.line.id, error)
        elif deed in ("key_down", "key_up") and self._keys is not None and self.line.power_key is not None:
            self._keys.press(self.line.power_key, deed == "key_down")

    def _await_back(self, until_ms: int, was_gone: bool) -> None:
        there = all("://" in path or os.path.exists(path) for path in self.ports)
        if self._clock.now_ms() >= until_ms or (was_gone and there) or not self._running or self._loop is None:
            self._open_soon(100)
        else:
            self._again = self._loop.call_later(LOOK_MS / 1000, self._await_back, until_ms, was_gone or not there)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._dialect.deadline_ms
        if deadline is not None and self._running and self._loop is not None:
            self._timer = self._loop.call_later(max(0, deadline - self._clock.now_ms()) / 1000, self._due)

    def _due(self) -> None:
        self._timer = None
        self._dialect.tick(self._clock.now_ms())
        if self._dialect.mood == "idle":
            self._again_ms = FIRST_AGAIN_MS
        self._after_work()


def driver_for(
    line: Line,
    bridge: Bridge | None,
    tell: Callable[[Event], None],
    clock: Clock,
    state_dir: Path,
    loop: asyncio.AbstractEventLoop | None = None,
) -> LineDriver:
    """A driver by the line's own words; OSError or ValueError where the dialect is unknown."""
    with contextlib.suppress(ValueError):
        return LineDriver(line, Profile.load(line.dialect), bridge, tell, clock, state_dir, loop)
    raise ValueError(f"no modem dialect {line.dialect!r}")
