"""GSM and LTE modules by the standards (A1): calls, caller ID, keys, signal. A family's file says only where it differs.

Sources: 3GPP TS 27.007 (+CLCC 7.18, +CLIP 7.11, +CSQ 8.5, +CREG 7.2), V.250; what modules do besides, from field practice:
end codes come once, twice or not at all, before or after the OK of one's own command; the module keeps a call when the host dies;
`AT+CHUP` ends a voice call everywhere, `ATH` does not.
"""

from collections.abc import Generator
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
    LineRecovery,
    LineRinging,
    LineSoundOn,
    LineTakenUp,
)
from appliance.hw.at.chat import CALL_ENDS, Command, Reply
from appliance.hw.at.fields import fields
from appliance.hw.dialect import Kept, PlayDigit, Profile, Script, SoundStart, SoundStop, Wait, Wish
from appliance.hw.keys import KEYS
from appliance.hw.modems.gsm_call import Call, Listed, calls_of, cause_of, is_kept, listed, plain
from appliance.hw.modems.gsm_module import on
from appliance.hw.modems.gsm_ussd import GsmUssd

RING_GONE_MS: Final = 8_000  # rings come every 3-6 s; none for so long, and no call listed: the caller gave up
CALLER_LATE_MS: Final = 6_000  # +CLIP comes with each ring; none after this means none
SAME_RING_MS: Final = 1_500  # RING, +CLIP and +CLCC of one ring lie so near
END_WORD_MS: Final = 300  # after +CLCC says released, BUSY, NO ANSWER or NO CARRIER may still come
LATE_END_MS: Final = 2_000  # an end word that names no call may be the last call's, come late into the next one's ringing
WATCH_MS: Final = 2_000  # +CLCC is asked so often in a call
LOST_POLLS: Final = 30
BROWN_OUT_MS: Final = 4_000
SOUND_AFTER_MS: Final = 100  # a module refuses to switch its sound at once
SOUND_AGAIN_MS: Final = 300
MENDED_AT_MOST: Final = 2
SOUND_WITHIN_MS: Final = 12_000

END_WORDS: Final = {"BUSY": "busy", "NO ANSWER": "no_answer", "NO CARRIER": "far", "NO DIALTONE": "refused", "NO DIAL TONE": "refused"}


class Gsm(GsmUssd):
    """A module with voice; the sound's commands are its family's."""

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self.call: Call | None = None
        self._last_end_ms = -1_000_000

    # incoming

    def _incoming(self) -> Call | None:
        """The call that a sign of ringing belongs to; begins it where there is none. None: not for us now."""
        call = self.call
        if call is not None:
            return call if call.incoming and not call.answered else None
        if self.mood != "idle" or not self.enabled:
            return None
        call = self.call = Call(incoming=True, began_ms=self.now_ms)
        self.mood = "call"
        self._cancel("poll")
        self._ring(call)
        self._after("caller", CALLER_LATE_MS, self._caller_unknown)
        if self.profile.audio_off:
            self._send(Command(self.profile.audio_off, limit_ms=1_000))  # it sticks at times, and must be off before ATA
        return call

    def _ring(self, call: Call) -> None:
        call.rings += 1
        call.last_ring_ms = self.now_ms
        self._tell(LineRinging, ring=call.rings)
        self._after("ring_gone", RING_GONE_MS, self._rings_stopped)
        if call.rings == 2 and not call.caller_told:
            self._after("caller", 500, self._caller_unknown)

    @on("RING", "+CRING")
    def rang(self, _text: str) -> None:
        begun = self.call is not None
        call = self._incoming()
        if call is not None and begun and self.now_ms - call.last_ring_ms >= SAME_RING_MS:
            self._ring(call)

    @on("+CLIP")
    def caller_came(self, text: str) -> None:
        parts = fields(text)
        if len(parts) < 2:
            raise ValueError(text)
        number = plain(parts[0])
        if parts[1] == "145" and number and not number.startswith("+"):
            number = "+" + number
        if number and not is_number(number):
            raise ValueError(text)
        call = self._incoming()
        if call is not None:
            self._caller(call, number or None)

    def _caller(self, call: Call, number: str | None) -> None:
        if not call.caller_told:
            call.caller_told = True
            self._cancel("caller")
            self._tell(CallerKnown, caller=number)

    def _caller_unknown(self) -> None:
        if self.call is not None and self.call.incoming:
            self._caller(self.call, None)

    def _rings_stopped(self) -> None:
        if self.call is not None and self.call.incoming and not self.call.answered:
            self._send(Command("AT+CLCC", prefix="+CLCC:", then=self._rings_stopped_why))

    def _rings_stopped_why(self, reply: Reply) -> None:
        call = self.call
        if call is None or not call.incoming or call.answered:
            return
        if any(one.stat in (4, 5) for one in calls_of(reply)):
            self._after("ring_gone", RING_GONE_MS, self._rings_stopped)
        elif reply.ok:
            self._end("far")
        else:
            self._after("ring_gone", 1_000, self._rings_stopped)

    def _order_answer(self) -> None:
        call = self.call
        if call is not None and call.incoming and not call.answered and not call.ends_by:
            self._cancel("ring_gone")
            self._run(self._answer(call), urgent=True)

    def lost(self, now_ms: int, why: str = "the port is gone: is the modem unplugged?") -> None:
        """A module that vanishes as its transmitter begins was not pulled out: its supply gave way."""
        if self.call is not None and now_ms - self.call.transmits_ms <= BROWN_OUT_MS:
            trouble = "the modem vanished as a call began: its power supply may be too weak, it needs 2 A at such moments"
            super().lost(now_ms, trouble)
        else:
            super().lost(now_ms, why)

    def _answer(self, call: Call) -> Script:
        yield from self._last_words()
        call.transmits_ms = self.now_ms
        for _ in range(2):
            reply = yield Command("ATA", limit_ms=20_000, finals=CALL_ENDS)
            if reply.ok or call.answered:
                self._answered(call)
                yield from self._sound_on(call)
                return
            reply = yield Command("AT+CLCC", prefix="+CLCC:")
            if any(one.stat == 0 for one in calls_of(reply)):
                self._answered(call)
                yield from self._sound_on(call)
                return
            if reply.ok and not calls_of(reply):
                break
        self._end("far")

    def _last_words(self) -> Script:
        """What the module still says of the call before would be taken for the answer to ATA or ATD."""
        waits_ms = self._last_end_ms + END_WORD_MS - self.now_ms
        if waits_ms > 0:
            yield Wait(waits_ms)

    def _answered(self, call: Call) -> None:
        if not call.answered:
            call.answered = True
            self._cancel("ring_gone")
            self._caller(call, None)
            self._tell(LineAnswered)
            self._watch()

    # outgoing

    def _order_dial(self, number: str) -> None:
        if self.call is not None:
            return
        good = 0 < len(number) <= 32 and not set(number.removeprefix("+")) - set("0123456789*#")
        if self.mood != "idle" or not self.enabled or not good:
            self._refuse_dial()
            return
        call = self.call = Call(incoming=False, began_ms=self.now_ms, caller_told=True)
        self.mood = "call"
        self._cancel("poll")
        self._after("ring_timeout", self.profile.ring_timeout_s * 1000, self._nobody_answers)
        self._run(self._dial(call, number))

    def _dial(self, call: Call, number: str) -> Script:
        yield from self._last_words()
        call.transmits_ms = self.now_ms
        if self.profile.audio_off:
            yield Command(self.profile.audio_off, limit_ms=1_000)
        reply = yield Command(self.profile.dial.format(number=number), limit_ms=10_000, finals=CALL_ENDS)
        if not reply.ok:
            self._end(END_WORDS.get(reply.final, "refused"))
            return
        self._dialling(call)
        self._watch()
        if self.profile.audio_early:
            yield from self._sound_on(call)

    def _dialling(self, call: Call) -> None:
        if not call.dialling_told:
            call.dialling_told = True
            self._tell(LineDialling)

    def _alerting(self, call: Call) -> None:
        self._dialling(call)
        if not call.alerting_told and not call.answered:
            call.alerting_told = True
            self._tell(LineAlerting)

    def _connected(self, call: Call) -> None:
        if not call.answered:
            call.answered = True
            self._cancel("ring_timeout", "end_word")
            self._dialling(call)
            self._tell(LineConnected)
            self._watch()
            if not call.sound:
                self._run(self._sound_on(call))

    def _nobody_answers(self) -> None:
        if self.call is not None and not self.call.answered:
            self.call.ends_by = "no_answer"
            self._hang_up_now()

    # in the call

    @on("+CLCC")
    def call_state(self, text: str) -> None:
        one = listed(text)
        if one is not None:
            self._call_state(one)

    def _call_state(self, one: Listed) -> None:
        rings_anew = one.incoming and one.stat == 4 and self.call is None
        call = self._incoming() if rings_anew else self.call
        if call is None or call.incoming != one.incoming or (call.number is not None and call.number != one.number):
            return
        call.number = one.number
        if one.stat in (4, 5) and one.caller:
            self._caller(call, one.caller)
        elif one.stat in (2, 3):
            self._dialling(call)
            if one.stat == 3:
                self._alerting(call)
        elif one.stat == 0:
            if call.incoming:
                self._answered(call)
            else:
                self._connected(call)
        elif one.stat not in (0, 1, 2, 3, 4, 5):
            self._ended_by_network(call)

    def _ended_by_network(self, call: Call) -> None:
        if call.incoming or call.answered or call.ends_by:
            self._end("far")
        else:
            self._after("end_word", END_WORD_MS, self._ask_cause)

    def _ask_cause(self) -> None:
        """No word came with the end of a call that nobody took; many networks play an announcement in place of BUSY."""
        if self.call is not None and self.profile.cause:
            self._cancel("watch")
            self._run(self._cause(self.call), urgent=True)
        else:
            self._end("far")

    def _cause(self, call: Call) -> Script:
        reply = yield Command(self.profile.cause, prefix="*", limit_ms=1_000)
        if self.call is call:
            self._end(cause_of(reply.lines))

    @on("NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE")
    def end_word(self, text: str) -> None:
        if text not in END_WORDS:
            raise ValueError(text)  # `BUSY: 1`
        call = self.call
        if call is not None and self._may_be_the_last_calls(call):
            self._ask_whether_over(call)
        elif call is not None and (call.answered or not call.incoming):
            if text == "NO CARRIER" and not call.answered and not call.ends_by and self.profile.cause:
                self._ended_by_network(call)
            else:
                self._end("far" if call.answered else END_WORDS[text])
        elif call is not None and text == "NO CARRIER":
            self._end("far")

    def _may_be_the_last_calls(self, call: Call) -> bool:
        return not call.answered and not call.ends_by and self.now_ms - self._last_end_ms <= LATE_END_MS

    def _ask_whether_over(self, call: Call) -> None:
        def told(reply: Reply) -> None:
            call.asked_whether_over = False
            if self.call is call and reply.ok and not calls_of(reply):
                self._end("far")

        if not call.asked_whether_over:  # one question at a time, however often the word comes
            call.asked_whether_over = True
            self._send(Command("AT+CLCC", prefix="+CLCC:", then=told))

    def _watch(self) -> None:
        self._after("watch", WATCH_MS, self._ask_call)

    def _ask_call(self) -> None:
        self._after("watch", WATCH_MS, self._ask_call)
        if self._chat.idle:
            self._send(Command("AT+CLCC", prefix="+CLCC:", then=self._call_listed))

    def _call_listed(self, reply: Reply) -> None:
        """The safety net under the unsolicited codes."""
        call = self.call
        if call is None:
            return
        if not reply.ok:
            call.failed_polls += 1
            if call.failed_polls >= LOST_POLLS:
                self._give_up("the modem does not say whether its call is still up")
            return
        call.failed_polls = 0
        found = calls_of(reply)
        call.empty_polls = 0 if found else call.empty_polls + 1
        if call.empty_polls >= 2:
            self._ended_by_network(call)
            return
        for line in reply.lines:  # a released one among them came by itself
            self._take_line(line)

    def _take_up(self, kept: Kept) -> Generator[Wish, Reply, bool]:
        """Nothing else is asked of the module until it is over. Another call than the journal's is not ours: it is ended as before."""
        for _ in range(3):
            reply = yield Command("AT+CLCC", prefix="+CLCC:", limit_ms=1_000)
            if reply.ok:
                break
        found = next((one for one in calls_of(reply) if is_kept(one, kept)), None)
        if found is None:
            return False
        if found.stat == 1:  # on hold in the network: not our doing, but nobody would hear anything
            yield Command("AT+CHLD=2")
        call = self.call = Call(found.incoming, self.now_ms, number=found.number, taken_up=True)
        call.caller_told = call.answered = call.dialling_told = True
        self.mood, self._unprepared = "call", True
        self._cancel("slow")
        self._tell(LineTakenUp, incoming=found.incoming)
        self._watch()
        yield from self._sound_on(call)
        return True

    def _sound_on(self, call: Call) -> Script:
        if self.profile.audio_on:
            if not call.taken_up:
                yield Wait(SOUND_AFTER_MS)
            began = self.now_ms
            while True:
                call.sound_tries += 1
                reply = yield Command(self.profile.audio_on, limit_ms=3_000)
                check = self.profile.audio_check
                if reply.ok and (check is None or (yield from self._says(check))):
                    break
                if self.now_ms - began >= SOUND_WITHIN_MS:
                    if call.incoming or call.answered:
                        self._no_sound(call)
                    return  # while it rings there may be none yet: again at the answer
                if call.taken_up and self.profile.audio_off:  # some refuse to switch on what is on
                    yield Command(self.profile.audio_off, limit_ms=1_000)
                yield Wait(SOUND_AGAIN_MS)
        call.sound = True
        self._sound.append(SoundStart("signed16"))
        self._tell(LineSoundOn)

    def _mend_sound(self) -> None:
        """The audio port is switched off and on within the call, at most twice: what is silent again then is the network's."""
        call = self.call
        if call is not None and call.sound and call.mended < MENDED_AT_MOST and self.profile.audio_on and self._script is None:
            call.mended += 1
            self._run(self._arm_again(call))

    def _arm_again(self, call: Call) -> Script:
        if self.profile.audio_off:
            yield Command(self.profile.audio_off, limit_ms=1_000)
        for _ in range(SOUND_WITHIN_MS // SOUND_AGAIN_MS):
            yield Wait(SOUND_AGAIN_MS)
            if self.call is not call or not call.sound:
                return
            reply = yield Command(self.profile.audio_on, limit_ms=3_000)
            if reply.ok:
                self._sound.append(SoundStart("signed16"))
                return

    def _no_sound(self, call: Call) -> None:
        call.ends_by = "lost"
        self._hang_up_now()

    def _in_talk(self) -> bool:
        return self.call is not None and (self.call.answered or not self.call.incoming)

    @on("+RXDTMF", "+DTMF")
    def key_came(self, text: str) -> None:
        self._key("modem", text.strip().strip('"'))

    def _order_digit(self, digit: str) -> None:
        if not self.profile.digit and self.call is not None and self.call.sound and digit in KEYS:
            self._sound.append(PlayDigit(digit))
        elif self.profile.digit and self._in_talk() and digit in KEYS:
            self._send(Command(self._digit(digit), limit_ms=2_000, then=lambda reply: self._digit_again(reply, digit)))

    def _digit(self, digit: str) -> str:
        return self.profile.digit.format(digit=digit, call=self.call.number if self.call is not None and self.call.number else 1)

    def _digit_again(self, reply: Reply, digit: str) -> None:
        if not reply.ok and reply.final and self._in_talk():  # refused just after the answer; once more
            self._send(Command(self._digit(digit), limit_ms=2_000))

    # the end

    def _order_hang_up(self) -> None:
        if self.call is not None:
            self.call.ends_by = self.call.ends_by or "us"
            self._hang_up_now()

    def _hang_up_now(self) -> None:
        self._sound_off()
        self._run(self._hang_up(), urgent=True)

    def _hang_up(self) -> Script:
        yield Command("AT+CHUP", limit_ms=10_000)  # an error says: gone already
        self._end("us")

    def _sound_off(self) -> None:
        if self.call is not None and self.call.sound:
            self.call.sound = False
            self._sound.append(SoundStop())

    def _end(self, by: str) -> None:
        """The call is over; said once, whatever else the module still says of it."""
        call = self.call
        if call is None:
            return
        self._sound_off()
        self._cancel("ring_gone", "caller", "watch", "ring_timeout", "end_word")
        self.call, self._last_end_ms = None, self.now_ms
        self._keys.reset()
        self._tell(LineHungUp, by=call.ends_by or by)
        self.mood = "clearing"
        self._run(self._clear(call))

    def _clear(self, call: Call) -> Script:
        """Ready only when the module lists no call of ours. One that rings now is the next caller, unless we just turned this one away."""
        if self.profile.audio_off:
            yield Command(self.profile.audio_off, limit_ms=3_000)
        turned_away = call.incoming and not call.answered
        for attempt in range(5):
            reply = yield Command("AT+CLCC", prefix="+CLCC:")
            left = calls_of(reply)
            if reply.ok and (not left or (all(one.stat in (4, 5) for one in left) and not (turned_away and attempt < 2))):
                break
            yield Command("AT+CHUP", limit_ms=10_000)
            yield Wait(500)
        else:
            self._give_up("the modem holds a call and will not end it")
            return
        if self.profile.reset and (call.ends_by == "lost" or (call.sound_tries > 1 and self.profile.reset_after_audio_trouble)):
            self._say_fault("the modem had trouble with its sound and is being restarted")
            yield Command(self.profile.reset, limit_ms=10_000, resync=False)
            self._tell(LineRecovery, step="reset")
            yield Wait(3_000)
            self._give_up("the modem had trouble with its sound and is being restarted", climb=False)
            return
        if self._unprepared:
            self.mood = "starting"
            yield from self._start_up()
            return
        self._into_service()
        for one in left:
            self._call_state(one)

    def _call_lost(self) -> None:
        call, self.call = self.call, None
        self._keys.reset()
        if call is not None:
            if call.sound:
                self._sound.append(SoundStop())
            self._tell(LineHungUp, by=call.ends_by or "lost")


DIALECT = Gsm
