"""Analog voice modems by V.253 (A1): ring, caller ID, two-way sound by +VTR, hang-up by tones.

Sources: ITU-T V.253; Conexant, Silicon Labs, Multi-Tech command manuals; vgetty's practice. Where chips differ nothing is assumed: codes
of sound format and line are read from `=?` by name. The modem's own "answered" is not believed: the box's ears follow the call.
"""

import re
from dataclasses import dataclass
from typing import Final

from appliance.base.ids import LineId
from appliance.base.phone_numbers import is_number
from appliance.events.line import (
    CallerKnown,
    LineAlerting,
    LineAnswered,
    LineConnected,
    LineDialling,
    LineHungUp,
    LineRinging,
    LineSoundOn,
    LineTakenUp,
)
from appliance.hw.at.chat import CALL_ENDS, Command
from appliance.hw.at.dle import ETX
from appliance.hw.dialect import Kept, PlayDigit, Profile, Script, SoundResume, SoundStart, SoundStop, Wait
from appliance.hw.keys import KEYS
from appliance.hw.modems.v253_module import V253Module

RING_GONE_MS: Final = 8_000  # rings are 5 s apart in China (1 s on, 4 s off)
SAME_RING_MS: Final = 1_500  # RING and <DLE>R of one ring
CALLER_LATE_MS: Final = 6_500  # caller ID stands between ring 1 and ring 2; past this none comes
CALLER_EARLY_MS: Final = 10_000  # a record may come before its first RING
FALSE_TONES_MS: Final = 2_000  # after going off-hook the exchange's own dial tone and clicks are no hang-up
OFF_HOOK_MS: Final = 8_000
STREAM_RESTARTS: Final = 3
RINGBACK_FRESH_MS: Final = 12_000  # two of its periods, and some
CALL_END_WORDS: Final = {"BUSY": "busy", "NO ANSWER": "no_answer"}

_CALLER_ID = re.compile(r"(DATE|TIME|NMBR|NAME|MESG|DDN_NMBR|CIDM)\s*=\s*(.*)\Z")
_RING = re.compile(r"RING( [0-9A-Z])?\Z")


@dataclass(slots=True)
class Call:
    incoming: bool
    began_ms: int
    rings: int = 0
    last_ring_ms: int = 0
    caller_told: bool = False
    off_hook_ms: int | None = None  # ours: answered, or dialled
    ringback_ms: int = -1_000_000  # last heard
    alerting_told: bool = False
    connected_told: bool = False
    ends_by: str = ""
    restarts: int = 0


class V253(V253Module):
    """One call after the other on one analog line."""

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self.call: Call | None = None
        self._caller_early: tuple[int, str | None] | None = None
        self._in_key = False  # between <DLE>/ and <DLE>~ a digit is repeated and counts once
        self._key_done = False

    def _start_up(self) -> Script:
        self._in_key = False
        yield from super()._start_up()

    # incoming

    def _line(self, line: str) -> None:
        if _RING.match(line):
            self._rang()
            return
        item = _CALLER_ID.match(line)
        if item is not None:
            if item[1] == "NMBR":
                self._caller_came(item[2].strip())
            return
        if line in CALL_ENDS and self.call is not None and not self._streaming:
            self._end(CALL_END_WORDS.get(line, "far"))

    def _rang(self) -> None:
        call = self.call
        if call is None:
            if self.mood != "idle" or not self.enabled:
                return
            call = self.call = Call(incoming=True, began_ms=self.now_ms)
            self.mood = "call"
            self._cancel("poll")
            self._after("caller", CALLER_LATE_MS, self._caller_unknown)
        elif not call.incoming or call.off_hook_ms is not None or self.now_ms - call.last_ring_ms < SAME_RING_MS:
            return
        call.rings += 1
        call.last_ring_ms = self.now_ms
        self._tell(LineRinging, ring=call.rings)
        self._after("ring_gone", RING_GONE_MS, self._rings_stopped)
        if self._caller_early is not None and self.now_ms - self._caller_early[0] <= CALLER_EARLY_MS:
            self._caller(call, self._caller_early[1])
        elif call.rings >= 2:
            self._caller(call, None)
        self._caller_early = None

    def _caller_came(self, text: str) -> None:
        """`NMBR = 13800138000`; `P` withheld, `O` not known."""
        number = text if is_number(text) else None
        if self.call is not None and self.call.incoming:
            self._caller(self.call, number)
        elif self.call is None:
            self._caller_early = (self.now_ms, number)

    def _caller(self, call: Call, number: str | None) -> None:
        if not call.caller_told:
            call.caller_told = True
            self._cancel("caller")
            self._tell(CallerKnown, caller=number)

    def _caller_unknown(self) -> None:
        if self.call is not None and self.call.incoming:
            self._caller(self.call, None)

    def _rings_stopped(self) -> None:
        if self.call is not None and self.call.incoming and self.call.off_hook_ms is None:
            self._end("far")

    def _order_answer(self) -> None:
        call = self.call
        if call is not None and call.incoming and call.off_hook_ms is None and not call.ends_by:
            self._cancel("ring_gone")
            call.off_hook_ms = self.now_ms
            self._run(self._answer(call), urgent=True)

    def _answer(self, call: Call) -> Script:
        self._off_hook = True
        reply = yield Command(f"AT+VLS={self._label}", limit_ms=OFF_HOOK_MS, good=frozenset({"VCON"}))
        if not reply.ok:
            self._end("lost")
            return
        call.off_hook_ms = self.now_ms
        self._caller(call, None)
        self._tell(LineAnswered)
        yield from self._stream()

    def _take_up(self, kept: Kept, streams: bool) -> Script:
        """A stream of before the restart goes on in place. One of two bytes a sample is begun anew, off-hook all the while: which of
        its bytes is the first cannot be heard. So is one that had not begun yet."""
        call = self.call = Call(kept.incoming, self.now_ms, off_hook_ms=self.now_ms, caller_told=True, connected_told=True)
        self.mood, self._unprepared = "call", True
        self._cancel("slow")
        self._off_hook, self._streaming = True, streams
        self._encoding = kept.encoding
        if streams:
            self._sound.append(SoundResume(kept.encoding))
        self._tell(LineTakenUp, incoming=kept.incoming)
        if streams and kept.encoding != "signed16":
            self._tell(LineSoundOn)
            return
        yield from self._leave_stream()
        if self.call is call and not call.ends_by:
            yield from self._stream()

    def _stream(self) -> Script:
        """Sound both ways from CONNECT on."""
        if not self._encoding:
            return
        self._sound.append(SoundStart(self._encoding))
        self._streaming = True
        reply = yield Command("AT+VTR", expect_connect=True, good=frozenset({"CONNECT"}), finals=CALL_ENDS)
        if reply.final.startswith("CONNECT"):
            self._tell(LineSoundOn)
            return
        self._streaming = False
        self._sound.append(SoundStop())
        self._end(CALL_END_WORDS.get(reply.final, "far") if reply.final in CALL_ENDS else "lost")

    # outgoing

    def _order_dial(self, number: str) -> None:
        if self.call is not None:
            return
        digits = number.removeprefix("+")
        if self.mood != "idle" or not self.enabled or not 0 < len(digits) <= 32 or set(digits) - set("0123456789*#"):
            self._refuse_dial()
            return
        call = self.call = Call(incoming=False, began_ms=self.now_ms, caller_told=True)
        self.mood = "call"
        self._cancel("poll")
        self._after("ring_timeout", self.profile.ring_timeout_s * 1000, self._nobody_answers)
        self._run(self._dial(call, digits))

    def _dial(self, call: Call, digits: str) -> Script:
        """`;` leaves us in command state as soon as the digits are out, so that the sound is ours while it rings."""
        self._off_hook = True
        text = self.profile.dial.format(number=digits)
        reply = yield Command(text, limit_ms=30_000, finals=CALL_ENDS, good=frozenset({"VCON"}))
        if not reply.ok:
            self._end(CALL_END_WORDS.get(reply.final, "refused"))
            return
        call.off_hook_ms = self.now_ms
        self._tell(LineDialling)
        yield from self._stream()

    def _nobody_answers(self) -> None:
        """It rang to the last; where no ring-back was heard of late, nobody knows, and whoever ordered the call decides."""
        call = self.call
        if call is not None and not call.connected_told and self.now_ms - call.ringback_ms <= RINGBACK_FRESH_MS:
            self._end("no_answer")

    # in the call

    def heard(self, what: str, now_ms: int) -> None:
        """The box's ears; on an outgoing call they alone say how far it is."""
        self._at(now_ms)
        call = self.call
        if what == "ring":
            self._rang()
        if call is None or not self._streaming or what == "ring":
            return
        if what in ("busy_tone", "congestion_tone"):
            self._end("far" if call.incoming or call.connected_told else what.removesuffix("_tone"))
        elif what == "dial_tone" and call.off_hook_ms is not None and self.now_ms - call.off_hook_ms >= FALSE_TONES_MS:
            self._end("far")
        elif what in ("ringback", "ringback_tone"):
            self._alerting(call)
        elif what == "voice" or what.startswith("key:"):
            self._connected(call)
            super().heard(what, now_ms)
        else:
            super().heard(what, now_ms)

    def _alerting(self, call: Call) -> None:
        call.ringback_ms = self.now_ms
        if not call.incoming and not call.alerting_told and not call.connected_told:
            call.alerting_told = True
            self._tell(LineAlerting)

    def _connected(self, call: Call) -> None:
        if not call.incoming and not call.connected_told:
            call.connected_told = True
            self._cancel("ring_timeout")
            self._tell(LineConnected)

    def _event(self, letter: str) -> None:
        """One <DLE> event; what is not named here does not matter to a call (h and H are about the local telephone)."""
        if self._quiet is not None or (self._in_noise and letter != ETX):
            return  # two bytes: in the midst of noise they are chance, and neither ring nor busy
        call = self.call
        if letter == "R":
            self._rang()
        elif letter == ETX:
            self._stream_ended()
        elif letter == "/":
            self._in_key, self._key_done = True, False
        elif letter == "~":
            self._in_key = False
        elif letter in KEYS:
            self._modem_key(letter)
        elif call is not None and call.off_hook_ms is not None:
            if letter == "r":
                self._alerting(call)
            elif letter in "bdl" and self.now_ms - call.off_hook_ms >= (0 if letter == "b" else FALSE_TONES_MS):
                self._end("busy" if letter == "b" and not call.incoming and not call.connected_told else "far")

    def _modem_key(self, digit: str) -> None:
        if self._in_key and self._key_done:
            return
        self._key_done = True
        if self.call is not None:
            self._connected(self.call)
        self._key("modem", digit)

    def _in_talk(self) -> bool:
        return self.call is not None and self.call.off_hook_ms is not None

    def _order_digit(self, digit: str) -> None:
        if self._streaming and digit in KEYS:
            self._sound.append(PlayDigit(digit))

    def _stream_ended(self) -> None:
        """By the modem's own will; ours is waited for by its script."""
        call = self.call
        self._etx = True
        if not self._streaming or self.mood != "call" or call is None or call.ends_by:
            return
        self._streaming = False
        self._sound.append(SoundStop())
        call.restarts += 1
        if call.restarts > STREAM_RESTARTS:
            self._end("lost")
        else:
            self._run(self._stream_again())

    def _stream_again(self) -> Script:
        yield Wait(200)  # its OK comes first
        yield from self._stream()

    # the end

    def _order_hang_up(self) -> None:
        if self.call is not None:
            self.call.ends_by = self.call.ends_by or "us"
            self._run(self._hang_up(), urgent=True)

    def _hang_up(self) -> Script:
        yield from self._on_hook()
        self._end("us")

    def _end(self, by: str) -> None:
        """Said once; then the line is put on-hook before it is idle."""
        call, self.call = self.call, None
        if call is None:
            return
        self._cancel("ring_gone", "caller", "ring_timeout")
        self._keys.reset()
        self._in_key = False
        self._caller_early = None
        self._tell(LineHungUp, by=call.ends_by or by)
        self.mood = "clearing"
        self._run(self._clear())

    def _clear(self) -> Script:
        yield from self._on_hook()
        if self.mood != "clearing":
            return
        if self._unprepared:
            self.mood = "starting"
            yield from self._start_up()
        else:
            self._into_service()

    def _call_lost(self) -> None:
        call, self.call = self.call, None
        self._keys.reset()
        if self._streaming:
            self._streaming = False
            self._sound.append(SoundStop())
        if call is not None:
            self._tell(LineHungUp, by=call.ends_by or "lost")


DIALECT = V253
