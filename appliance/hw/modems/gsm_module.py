"""A GSM or LTE module apart from its calls: start-up, SIM, network, signal (A1). Sources: 3GPP TS 27.007 (+CSQ 8.5, +CREG 7.2), V.250."""

import re
from collections.abc import Callable, Generator
from typing import Any, ClassVar, Final

from appliance.base.ids import LineId
from appliance.events.line import LineIdentified, LineQuality, LineRecovery
from appliance.hw.at.chat import Command, Reply
from appliance.hw.at.fields import fields, numbers
from appliance.hw.dialect import Dialect, Kept, Profile, Quiet, Script, Wait, Wish
from appliance.hw.modems.gsm_call import calls_of
from appliance.hw.profile import Test

POLL_MS: Final = 10_000  # between calls
NO_NETWORK_MS: Final = 60_000
NETWORK_LATE_MS: Final = 10_000  # at the start
SIM_BUSY_TRIES: Final = 10
SHORT_QUIET_MS: Final = 60  # with a call in the module every 100 ms are heard
SIM_RADIO_TRIES: Final = 6  # of 10 s
NETWORK_RADIO_MS: Final = 300_000
NETWORK_GIVEN_UP_MS: Final = 900_000  # then the ladder
HEAD: Final = ("ATE0", "ATV1Q0", "AT+CMEE=1", "ATS0=0", "AT+CREG=2", "AT+CLIP=1", "AT+CRC=0", "AT+COPS=3,0")

Handler = Callable[[Any, str], None]


def on(*heads: str) -> Callable[[Handler], Handler]:
    """Marks the method for lines that begin with one of these words, up to their first colon or end; it gets the rest."""

    def mark(handler: Handler) -> Handler:
        handler.heads = heads  # type: ignore[attr-defined]
        return handler

    return mark


def handlers(dialect: type) -> dict[str, Handler]:
    """Word of a line -> method, the family's before the standard's."""
    found = {}
    for base in reversed(dialect.__mro__):
        for method in vars(base).values():
            for head in getattr(method, "heads", ()):
                found[head] = method
    return found


class GsmModule(Dialect):
    """The module; its calls are Gsm's."""

    _handlers: ClassVar[dict[str, Handler]] = {}

    def __init_subclass__(cls) -> None:
        cls._handlers = handlers(cls)

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self.registered: bool | None = None
        self._quality: tuple[str | None, int | None] = (None, None)
        self._operator: str | None = None
        self._signal: int | None = None
        self._polls = 0
        self._imei = ""
        self._sim_out = False
        self._no_card = ""

    # into service

    def _start_up(self) -> Script:
        kept, self.kept = self.kept, None
        yield Quiet() if kept is None else Quiet(SHORT_QUIET_MS)
        if not (yield from self._wake()):
            self._went_silent()
            return
        if kept is not None and (yield from self._take_up(kept)):
            return
        self._unprepared = False
        for text in HEAD + self.profile.init:
            yield Command(text)
        yield from self._identity()
        yield from self._sim()
        if kept is not None and (yield from self._take_up(kept)):  # it was being answered when the box ended, and is up by now
            return
        yield from self._sound_test()
        if self.profile.audio_off:
            yield Command(self.profile.audio_off, limit_ms=3_000)
        yield from self._end_what_was_left()
        yield from self._texts_set_up()
        yield from self._network()
        self._into_service()

    def _texts_set_up(self) -> Script:
        """Short messages, where the module has them."""
        raise NotImplementedError

    def _take_up(self, kept: Kept) -> Generator[Wish, Reply, bool]:
        """The call of before the restart, where the module still holds it."""
        raise NotImplementedError

    def _sim(self) -> Script:
        busy = waited = 0
        while True:
            reply = yield Command("AT+CPIN?", prefix="+CPIN:")
            state = reply.lines[-1].partition(":")[2].strip() if reply.lines else reply.final
            if reply.ok and state in ("READY", "OK"):
                self._sim_out = False
                return
            if reply.final == "+CME ERROR: 14":  # busy after boot
                busy += 1
                if busy == SIM_BUSY_TRIES:
                    self._say_fault("the SIM card stays busy: take it out and put it in again")
                yield Wait(1_000)
                continue
            self._say_fault(sim_fault(state))
            waited += 1
            if waited == SIM_RADIO_TRIES:
                yield from self._radio()
            yield Wait(10_000)

    def _identity(self) -> Script:
        reply = yield Command("AT+CGSN", prefix="*", limit_ms=2_000)
        found = next((match[0] for line in reply.lines if (match := re.search(r"\b[0-9]{15}\b", line))), "")
        if found and found != self._imei:
            self._imei = found
            self._tell(LineIdentified, imei=found)
        if self.profile.imei and found and found != self.profile.imei:
            wanted = self.profile.imei
            self._give_up(f"another module is at this port: its IMEI is {found}, the configuration says {wanted}", climb=False)

    def _sound_test(self) -> Script:
        """Some variants of a family, and some firmware, have no voice: better known now than by the first caller."""
        test, check = self.profile.audio_test, self.profile.audio_check
        if test is not None and not (yield from self._says(test)):
            self._give_up(f"the modem has no voice over USB ({test.ask} says so): another variant or firmware is needed", climb=False)
        elif check is not None:
            yield Command(self.profile.audio_on, limit_ms=3_000)
            if not (yield from self._says(check)):
                self._give_up(f"the modem gives no sound to its sound card ({check.ask} says so): is it switched on in it?", climb=False)

    def _says(self, test: Test) -> Generator[Wish, Reply, bool]:
        reply = yield Command(test.ask, prefix="*")
        return any(line.startswith(test.good) for line in reply.lines)

    def _end_what_was_left(self) -> Script:
        """A call outlives the host in the module. What is up without us is ended; a caller who still rings is not."""
        for _ in range(5):
            reply = yield Command("AT+CLCC", prefix="+CLCC:")
            if reply.ok and not any(one.stat in (0, 1, 2, 3) for one in calls_of(reply)):
                return
            yield Command("AT+CHUP", limit_ms=10_000)
            yield Wait(500)
        self._give_up("the modem holds a call and will not end it")

    def _network(self) -> Script:
        waited = 0
        while True:
            yield Command("AT+CREG?")
            if self.registered is not False:
                return
            if waited >= NETWORK_LATE_MS:
                self._say_fault("the modem finds no network: look at antenna, SIM card and reception")
            if waited == NETWORK_RADIO_MS:
                yield from self._radio()
            if waited >= NETWORK_GIVEN_UP_MS:
                self._give_up("the modem finds no network: look at antenna, SIM card and reception")
            yield Wait(1_000)
            waited += 1_000

    def _radio(self) -> Script:
        """Off the air and on again: a module that sticks to a lost cell, or to a card whose contact was lost."""
        self._tell(LineRecovery, step="radio")
        yield Command("AT+CFUN=4", limit_ms=15_000)
        yield Wait(2_000)
        yield Command("AT+CFUN=1", limit_ms=15_000)

    def _into_service(self) -> None:
        if self._sim_out:  # it fell out while a call was up
            self._sim_gone()
            return
        if self._no_card:  # nobody would hear anything
            self.mood = "starting"
            self._say_fault(f"its sound card gives no sound: {self._no_card}")
            return
        self._after("poll", 50, self._poll)
        self._become_idle()
        if self.registered is False:  # lost while a call was up
            self._after("no_network", NO_NETWORK_MS, self._network_lost)

    def sound_card(self, missing: str, now_ms: int) -> None:
        """Why its sound card is not there, for a person; "" where it is. A call that is up goes on: the command port ends calls."""
        self._at(now_ms)
        self._no_card = missing
        if (missing and self.mood == "idle") or (self.mood == "starting" and self._script is None):
            self._into_service()

    # the module itself

    @on("RDY", "*ATREADY", "+CFUN")
    def restarted(self, text: str) -> None:
        """It began anew, echo and all; not our doing, or of our reset."""
        if self.mood == "starting":
            if text == "RDY":
                self._run(self._start_up())
            return
        if self.mood != "fault":
            self._forget_port()
            self._call_lost()
            self.mood = "starting"
            self._say_fault("the modem restarted by itself: its power supply may be too weak")
            self._run(self._start_up())

    @on("+CPIN", "+SIMCARD")
    def sim_state(self, text: str) -> None:
        self._sim_out = text.strip() in ("NOT READY", "NOT AVAILABLE", "NOT INSERTED")
        if self._sim_out and self.mood == "idle":
            self._sim_gone()

    def _sim_gone(self) -> None:
        self.mood = "starting"
        self._say_fault(sim_fault("NOT READY"))
        self._run(self._start_up())

    @on("+CREG")
    def registration(self, text: str) -> None:
        """`<stat>[,"lac",...]` by itself, `<n>,<stat>[,...]` as an answer."""
        found = numbers(text, least=1)
        stat = found[1] if len(found) > 1 and found[0] in (0, 1, 2) else found[0]
        self._registration(stat)

    def _registration(self, stat: int) -> None:
        good = stat in (1, 5, 6, 7, 9, 10)  # 6 and 7, "SMS only": with voice over LTE calls may work all the same
        if good:
            self._cancel("no_network")
        elif self.registered is not False and self.mood == "idle":
            self._after("no_network", NO_NETWORK_MS, self._network_lost)
        self.registered = good

    def _network_lost(self) -> None:
        if self.mood == "idle":
            self.mood = "starting"
            self._say_fault("the modem lost its network: look at antenna and reception")
            self._run(self._wait_for_network())

    def _wait_for_network(self) -> Script:
        yield from self._network()
        self._into_service()

    @on("+CSQ")
    def signal(self, text: str) -> None:
        self._signal = signal_dbm(numbers(text, least=1)[0])
        self._tell_quality()

    @on("+COPS")
    def operator(self, text: str) -> None:
        parts = fields(text)
        self._operator = parts[2] if len(parts) > 2 and parts[2] else None
        self._tell_quality()

    def _tell_quality(self) -> None:
        if (self._operator, self._signal) != self._quality:
            self._quality = (self._operator, self._signal)
            self._tell(LineQuality, operator=self._operator, signal_dbm=self._signal)

    def _poll(self) -> None:
        """Between calls: is it alive, how well does it hear, is it registered?"""
        if self.mood != "idle":
            return
        self._after("poll", POLL_MS, self._poll)
        if self._polls % 3 == 0:
            self._send(Command("AT+COPS?", gives_way=True))
            self._send(Command("AT+CREG?", gives_way=True))
        self._polls += 1
        self._send(Command("AT+CSQ", limit_ms=2_000))

    def _line(self, line: str) -> None:
        head, colon, rest = line.partition(":")
        handler = self._handlers.get(head)
        if handler is not None:
            handler(self, rest.strip() if colon else head)


def signal_dbm(csq: int) -> int | None:
    """Received level of a `+CSQ` value, in dBm; None where the modem does not know it (99).

    csq: 0..31 or 99; anything else raises ValueError, which is noise on the wire.
    Source: 3GPP TS 27.007, 8.5. 0 is -113 dBm or less, each step 2 dB, 31 is -51 dBm or more.
    """
    if csq == 99:
        return None
    if not 0 <= csq <= 31:
        raise ValueError(f"not a +CSQ value: {csq}")
    return -113 + 2 * csq


def sim_fault(state: str) -> str:
    """A sentence for what +CPIN says."""
    if state in ("SIM PIN", "+CME ERROR: 11"):
        return "the SIM card asks for its PIN: switch the PIN off in a telephone"
    if state in ("SIM PUK", "+CME ERROR: 12"):
        return "the SIM card is blocked and asks for its PUK"
    return f"the modem has no usable SIM card ({state.removeprefix('+CME ERROR: ') or 'no answer'})"
