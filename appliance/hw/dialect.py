"""What every modem dialect is: a machine without I/O. Bytes, orders and time go in; bytes, facts and orders for the sound come out (A1)."""

import importlib
from collections.abc import Callable, Generator
from inspect import GEN_RUNNING, getgeneratorstate
from typing import Any, Final

import msgspec

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import (
    DigitHeard,
    LineDisabled,
    LineEnabled,
    LineEvent,
    LineFault,
    LineHeard,
    LineHungUp,
    LineIdle,
    LineSoundBack,
    LineSoundMissing,
    TextFailed,
    UssdFailed,
)
from appliance.hw.at.chat import Chat, Command, Reply, Write
from appliance.hw.at.parser import LineParser
from appliance.hw.keys import KeyFuse
from appliance.hw.orders import (
    Answer,
    AskUssd,
    ClearText,
    Dial,
    Disable,
    Enable,
    HangUp,
    Kept,
    LineOrder,
    PlayDigit,
    SendDigit,
    SendText,
    SoundOrder,
    SoundResume,
    SoundStart,
    SoundStop,
)
from appliance.hw.profile import Profile

__all__ = [
    "Answer", "AskUssd", "ClearText", "Dial", "Dialect", "Disable", "Enable", "HangUp", "Kept",
    "LineOrder", "PlayDigit", "Profile", "Quiet", "Script", "SendDigit",
    "SendText", "SoundOrder", "SoundResume", "SoundStart", "SoundStop", "Wait", "Wish", "load_dialect",
]  # fmt: skip

NOISE_A_SECOND: Final = 50  # bytes; more is not a modem's noise but the wrong port or speed (serial-line field practice)
NOISE_SECONDS: Final = 3
MOST_A_SECOND: Final = 100_000  # bytes; at 115200 baud 11,520 fit into a second, and no module has that much to say over USB
MISSING: Final = {"no_sound": "from", "sound_not_taken": "to"}
HEARD: Final = {
    "fax_calling_tone": "fax_calls",
    "fax_answer_tone": "fax_answers",
    "answered_by_person": "person",
    "answered_by_machine": "machine",
    "beep": "beep",
}
SLOW_START_MS: Final = 15_000  # a healthy modem is in service within 5 s; the box says "ready" after 20 s at most


class Wait(msgspec.Struct, frozen=True):
    """In a script: go on after `ms`."""

    ms: int


class Quiet(msgspec.Struct, frozen=True):
    """In a script: go on when nothing came for `ms`, at the latest after `most_ms`."""

    ms: int = 300
    most_ms: int = 2_000


Wish = Command | Wait | Quiet
Script = Generator[Wish, Reply, None]


class Dialect:
    """The face, and what all dialects share: clockwork, one script at a time, facts, faults."""

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        self.line, self.profile, self.now_ms = line, profile, now_ms
        self.mood = "closed"  # closed starting idle call clearing fault
        self.reopen_wanted = False  # the driver closes the port and opens it again, in its own time
        self.climb_wanted = False  # or climbs the ladder (recovery.py)
        self.enabled, self._disabled_told = True, False
        self.fault = ""
        self.kept: Kept | None = None  # set before the first `found`: the call of before the restart
        self._unprepared = False  # a call was taken up before the modem was set up: that is done when it is over
        self._facts: list[Event] = []
        self._sound: list[SoundOrder] = []
        self._timers: dict[str, tuple[int, Callable[[], None]]] = {}
        self._script: Script | None = None
        self._script_number = 0
        self._quiet: tuple[int, int] | None = None  # ms, latest end
        self._parser = LineParser()
        self._noise_before, self._noise_second, self._noisy_seconds = 0, 0, 0
        self._this_second = 0  # bytes
        self._chat = Chat(self._went_silent)
        self._keys = KeyFuse()
        self._sound_missing = False
        self._heard: set[str] = set()  # in this call

    # the face

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes of the command port."""
        self._at(now_ms)
        if self.mood == "closed":
            return
        self._chat.touch(self.now_ms)
        if self._quiet is not None:
            ms, latest = self._quiet
            self._after("script", min(self.now_ms + ms, latest) - self.now_ms, self._script_timer())
        for line in self._parser.feed(data):
            self._take_line(line)
        self._listen_for_noise(len(data))

    def order(self, order: LineOrder, now_ms: int) -> None:
        self._at(now_ms)
        match order:
            case Answer():
                self._order_answer()
            case Dial(number):
                self._order_dial(number)
            case HangUp():
                self._order_hang_up()
            case SendDigit(digit):
                self._order_digit(digit)
            case SendText():
                self._order_send_text(order)
            case ClearText():
                self._order_clear_text(order)
            case AskUssd():
                self._order_ask_ussd(order)
            case Disable():
                self._order_disable()
            case Enable():
                self._order_enable()

    def tick(self, now_ms: int) -> None:
        """Time has passed; call when `now_ms` reaches `deadline_ms`."""
        self._at(now_ms)
        for _ in range(100):  # what is due may make more due; never without end
            due = min(self._timers.items(), key=lambda one: one[1][0], default=None)
            if due is not None and due[1][0] <= self.now_ms:
                del self._timers[due[0]]
                due[1][1]()
            elif self._chat.deadline_ms is not None and self._chat.deadline_ms <= self.now_ms:
                self._chat.tick(self.now_ms)
            else:
                return

    def lost(self, now_ms: int, why: str = "the port is gone: is the modem unplugged?") -> None:
        """The port vanished, or would not open; `why` is for a person."""
        self._at(now_ms)
        self._forget_port()
        self._call_lost()
        self.kept = None
        self.mood = "closed"
        self._say_fault(why)

    def found(self, now_ms: int) -> None:
        """The port is open (again): all starts over."""
        self._at(now_ms)
        self._forget_port()
        self.reopen_wanted = self.climb_wanted = False
        self.mood = "starting"
        self._after("slow", SLOW_START_MS, self._slow_start)
        self._run(self._start_up())

    def heard(self, what: str, now_ms: int) -> None:
        """What the box's own ears found in the line's sound: "key:5", "busy_tone", "ringback", "voice",
        "ring" (the port's ring indicator), "no_sound", "sound_not_taken", "sound_again", and HEARD's."""
        self._at(now_ms)
        if what.startswith("key:"):
            self._key("box", what[4:])
        elif what in HEARD:
            if self._in_talk() and what not in self._heard:
                self._heard.add(what)
                self._tell(LineHeard, what=HEARD[what])
        elif what in MISSING:
            if not self._sound_missing:
                self._sound_missing = True
                self._tell(LineSoundMissing, direction=MISSING[what])
            self._mend_sound()
        elif what == "sound_again" and self._sound_missing:
            self._sound_missing = False
            self._tell(LineSoundBack)

    def _mend_sound(self) -> None:
        """One direction of the call's sound is dead: what this dialect can do about it within the call."""

    @property
    def deadline_ms(self) -> int | None:
        times = [due for due, _ in self._timers.values()]
        if self._chat.deadline_ms is not None:
            times.append(self._chat.deadline_ms)
        return min(times, default=None)

    def take_writes(self) -> list[Write]:
        return self._chat.take_writes()

    def take_bytes(self) -> bytes:
        return b"".join(write.data for write in self.take_writes())

    def take_facts(self) -> list[Event]:
        facts, self._facts = self._facts, []
        return facts

    def take_sound(self) -> list[SoundOrder]:
        orders, self._sound = self._sound, []
        return orders

    # what a dialect adds

    def _start_up(self) -> Script:
        raise NotImplementedError

    def _line(self, line: str) -> None:
        """A line that belongs to no command. ValueError: noise."""
        raise NotImplementedError

    def _order_answer(self) -> None:
        raise NotImplementedError

    def _order_dial(self, number: str) -> None:
        raise NotImplementedError

    def _order_hang_up(self) -> None:
        raise NotImplementedError

    def _order_digit(self, digit: str) -> None:
        raise NotImplementedError

    def _order_send_text(self, order: SendText) -> None:
        """Of a line without short messages."""
        self._tell(TextFailed, job=order.job, why="no messages on this line", again=False)

    def _order_clear_text(self, order: ClearText) -> None:
        pass

    def _order_ask_ussd(self, order: AskUssd) -> None:  # noqa: ARG002
        """Of a line without a card."""
        self._tell(UssdFailed, why="no USSD on this line")

    def _call_lost(self) -> None:
        """The line is gone with its call, if any: one LineHungUp."""
        raise NotImplementedError

    # shared

    def _at(self, now_ms: int) -> None:
        self.now_ms = max(self.now_ms, now_ms)

    def _tell(self, fact: type[LineEvent], **more: Any) -> None:
        if fact in (LineHungUp, LineFault):
            self._sound_missing = False
            self._heard.clear()
        self._facts.append(fact(at_ms=self.now_ms, line=self.line, **more))

    def _after(self, name: str, ms: int, do: Callable[[], None]) -> None:
        self._timers[name] = (self.now_ms + max(0, ms), do)

    def _cancel(self, *names: str) -> None:
        for name in names:
            self._timers.pop(name, None)

    def _send(self, command: Command, urgent: bool = False) -> None:
        self._chat.send(command, self.now_ms, urgent)

    def _forget_port(self) -> None:
        self._stop_script()
        self._timers.clear()
        self._parser.reset()
        self._chat.reset()
        self._noise_before, self._noisy_seconds, self._this_second = self._parser.noise, 0, 0

    def _take_line(self, line: str) -> None:
        if self._chat.feed(line, self.now_ms):
            return
        try:
            self._line(line)
        except ValueError:
            self._parser.noise += len(line)

    def _key(self, ear: str, digit: str) -> None:
        if self._in_talk() and self._keys.heard(ear, digit, self.now_ms):
            self._tell(DigitHeard, digit=digit)

    def _in_talk(self) -> bool:
        return False

    # scripts: several commands in a row, one script at a time; a new one takes the place of the old

    def _run(self, script: Script, urgent: bool = False) -> None:
        self._stop_script()
        self._chat.drop_waiting()
        self._script = script
        self._step(None, urgent)

    def _stop_script(self) -> None:
        script, self._script = self._script, None
        self._script_number += 1
        self._quiet = None
        self._cancel("script")
        if script is not None and getgeneratorstate(script) != GEN_RUNNING:
            script.close()

    def _step(self, reply: Reply | None, urgent: bool = False) -> None:
        script = self._script
        if script is None:
            return
        number = self._script_number
        try:
            wish = next(script) if reply is None else script.send(reply)
        except StopIteration:
            if number == self._script_number:
                self._script = None
            return
        if number != self._script_number:
            script.close()  # it started another script in its own step
            return
        if isinstance(wish, Command):
            wish.then = lambda answer: self._step(answer) if number == self._script_number else None
            self._send(wish, urgent)
        elif isinstance(wish, Wait):
            self._after("script", wish.ms, self._script_timer())
        else:
            self._quiet = (wish.ms, self.now_ms + wish.most_ms)
            self._after("script", wish.ms, self._script_timer())

    def _script_timer(self) -> Callable[[], None]:
        number = self._script_number

        def go_on() -> None:
            self._quiet = None
            if number == self._script_number:
                self._step(Reply(True, ""))

        return go_on

    # in and out of service

    def _wake(self) -> Generator[Wish, Reply, bool]:
        """True when the module answers; ESC frees one that sits in a prompt."""
        for attempt in range(6):
            reply = yield Command("AT", limit_ms=1_000, resync=False)
            if reply.ok:
                yield Quiet(100)
                return True
            if attempt == 2:
                yield Command("", raw=b"\x1b\r", limit_ms=200, resync=False)
        return False

    def _become_idle(self) -> None:
        """Ready for the next call."""
        self.mood, self.fault = "idle", ""
        self._tell_disabled()
        if self.enabled:
            self._tell(LineIdle)

    def _say_fault(self, why: str) -> None:
        """Once for each different reason."""
        self._tell_disabled()
        if why != self.fault:
            self.fault = why
            if self.enabled:
                self._tell(LineFault, why=why)

    def _tell_disabled(self) -> None:
        if not self.enabled and not self._disabled_told:
            self._disabled_told = True
            self._tell(LineDisabled)

    def _slow_start(self) -> None:
        if self.mood == "starting" and not self.fault:
            self._say_fault("the modem answers badly and is not ready yet")

    def _went_silent(self) -> None:
        self._give_up("the modem does not answer: it is being opened again; if this lasts, switch it off and on")

    def _give_up(self, why: str, climb: bool = True) -> None:
        """Out of service; the driver climbs the ladder, or where that would help nothing opens the port again, ever more seldom."""
        self._forget_port()
        self._call_lost()
        self.mood = "fault"
        self._say_fault(why)
        self.reopen_wanted, self.climb_wanted = True, climb

    def _order_disable(self) -> None:
        self.enabled = False
        if self.mood not in ("call", "clearing"):
            self._tell_disabled()  # else when the call is over

    def _order_enable(self) -> None:
        if self.enabled:
            return
        was_out, self.enabled, self._disabled_told = self._disabled_told, True, False
        if not was_out:
            return  # its call is still up: it never left service
        self._tell(LineEnabled)
        if self.mood == "idle":
            self._tell(LineIdle)
        elif self.fault:
            self._tell(LineFault, why=self.fault)

    def _refuse_dial(self) -> None:
        self._tell(LineHungUp, by="refused")

    @property
    def _in_noise(self) -> bool:
        """So much noise right now that a short word in it is chance: two of its bytes are a ring of V.253."""
        if self.now_ms // 1000 > self._noise_second + 1:
            return False  # it is over
        return self._noisy_seconds > 0 or self._parser.noise - self._noise_before > NOISE_A_SECOND

    def _listen_for_noise(self, came: int) -> None:
        """Many bytes that are no text, or more text than a modem can say, second after second: the wrong port, the wrong speed, a broken
        cable. A live call is left alone; one that only rings may be garbage itself."""
        second = self.now_ms // 1000
        if second != self._noise_second:
            much = self._parser.noise - self._noise_before > NOISE_A_SECOND or self._this_second > MOST_A_SECOND
            self._noisy_seconds = self._noisy_seconds + 1 if much and second == self._noise_second + 1 else 0
            self._noise_second, self._noise_before, self._this_second = second, self._parser.noise, 0
        self._this_second += came
        ringing = self.mood == "call" and not self._in_talk()
        if self._noisy_seconds >= NOISE_SECONDS and (ringing or self.mood not in ("call", "clearing", "fault")):
            self._give_up("the port delivers garbage: is it the right port and speed, is the cable sound?")


def load_dialect(name: str) -> type[Dialect]:
    """The class of a dialect file; ValueError where there is no such file."""
    try:
        module = importlib.import_module(f"appliance.hw.modems.{name}")
    except ModuleNotFoundError as error:
        raise ValueError(f"no modem dialect {name!r}") from error
    found: type[Dialect] = module.DIALECT
    return found
