"""An analog voice modem by ITU-T V.253 (A1): one port for text, <DLE> events and shielded sound.

The exchange of the town calls ring(), ring_stopped(), caller_id(), line_tone(), key(), key_ended(); the modem acts by off_hook,
on_hook, dial, digits, tones, stream, idle. The chip is one of the USB kind: RING stays RING in voice mode, caller ID has
blanks round `=`, digits come as <DLE>/ <DLE>5 <DLE>5 <DLE>~, +VSD is accepted and silence never reported.
"""
# ruff: noqa: ARG002, ARG005, N802, N815 -- every command, act or verb is called the same way

import re
from typing import Final

from appliance.exchange.modems.at import AtModem, Fail, Later, Setting

OFF_HOOK_MS: Final = 350
CONNECT_MS: Final = 100
RING_MS: Final = 1000  # of ringing current, then 4 s without
DIAL_TONE_MS: Final = 700  # the modem waits that long for the dial tone before it dials
BUSY_AFTER_MS: Final = 1900  # the detector wants 2.7 periods of 0.7 s
BUSY_EVERY_MS: Final = 4000
FORMATS: Final = {1: ("UNSIGNED PCM", 1), 4: ("G.711U", 3), 5: ("G.711A", 4)}  # name, codec of the pace
DEVICES: Final = {0: "", 1: "T", 2: "L", 3: "LT", 4: "S", 5: "ST", 6: "M", 7: "MST"}
ON_LINE: Final = (1, 3, 5, 7)
_DIAL = re.compile(r"[TP]?([0-9*#ABCD,!W ()-]*)(;?)\Z")


class V253(AtModem):
    """States: `device` as +VLS; `streaming` while the port carries sound."""

    SETTINGS = {
        "+VCID": Setting((0,), ((0, 2),)), "+VDR": Setting((0, 0), ((0, 1), (0, 255)), 1), "+VNH": Setting((0,), ((0, 2),)),
        "+VIT": Setting((0,), ((0, 255),)), "+VRA": Setting((70,), ((0, 255),)), "+VRN": Setting((10,), ((0, 255),)),
        "+VTD": Setting((100,), ((5, 255),)), "+IFC": Setting((2, 2), ((0, 2), (0, 2)), 1), "+IPR": Setting((0,), ((0, 230400),)),
        "-STE": Setting((0,), ((0, 7),)),
    }  # fmt: skip
    VOICE_SETTINGS = {
        "+VGR": Setting((128,), ((0, 255),)), "+VGT": Setting((128,), ((0, 255),)), "+VGM": Setting((128,), ((0, 255),)),
        "+VGS": Setting((128,), ((0, 255),)), "+VSD": Setting((128, 50), ((0, 255), (0, 255)), 1), "+VSP": Setting((0,), ((0, 1),)),
    }  # fmt: skip

    def __init__(self) -> None:
        self.streaming = ""  # "", "tx", "rx", "duplex"
        self.device = 0
        self.ringing, self._current_ms = False, 0
        self._dtr = False
        self.tone, self.tone_since = "", 0
        self.off = False
        self._held_events: list[bytes] = []
        self._ring_seen = 0
        super().__init__()

    def defaults(self) -> None:
        super().defaults()
        self.settings.update({name: s.defaults for name, s in self.VOICE_SETTINGS.items()})
        self.fclass, self.country, self.format, self.rate = 0, 0x26, 1, 8000
        self.control = {"&C": 1, "&D": 2}

    # what the line does

    def ring(self, now: int) -> None:
        """Ringing current begins: 1 s of it."""
        self.ringing, self._current_ms = True, now
        if self.streaming:
            return
        if self.settings["+VDR"][0]:
            self.say("DRON=10")
        self.result("RING")
        self._ring_seen += 1
        if self.registers[0] and self._ring_seen >= self.registers[0] and not self.device:
            self._go_off_hook(1)

    def ring_stopped(self, now: int) -> None:
        self.ringing, self._ring_seen = False, 0

    # control lines, which a pseudo-terminal has not and a serial server on the network tells (serial_server.py)

    def ring_indicator(self, now: int) -> bool:
        """RI: while ringing current flows."""
        return self.ringing and now - self._current_ms < RING_MS

    @property
    def carrier_detect(self) -> bool:
        """CD: always with AT&C0; with &C1 while there is the carrier of data, of which a voice call has none."""
        return self.control["&C"] == 0

    def data_terminal_ready(self, on: bool, now: int) -> None:
        """DTR: its fall ends a stream (AT&D1), hangs up too (&D2, as made), or resets (&D3); with &D0 it is nothing."""
        fell, self._dtr = self._dtr and not on, on
        does = self.control["&D"] if fell and not self.off else 0
        if does and self.streaming:
            self.streaming = ""
            self.act("idle")
        if does >= 2:
            self._hang_up()
        if does == 3:
            self.defaults()

    def caller_id(self, number: str, month_day: str, hour_minute: str, now: int) -> None:
        """The FSK packet between the first and the second ring; "" is a private number."""
        if not self.settings["+VCID"][0] or self.device or self.streaming:
            return
        if self.settings["+VCID"][0] == 2:
            self.say("MESG = " + _packet(number, month_day, hour_minute))
            return
        for text in (f"DATE = {month_day}", f"TIME = {hour_minute}", f"NMBR = {number or 'P'}"):
            self.say(text)

    def line_tone(self, tone: str, now: int) -> None:
        """What the exchange sends from now on: `dial`, `ringback`, `busy`, `speech`, or "" for nothing."""
        self.tone, self.tone_since = tone, now
        code = {"dial": (b"d", 3000, 3000), "ringback": (b"r", 1200, 5000), "busy": (b"b", BUSY_AFTER_MS, BUSY_EVERY_MS)}.get(tone)
        if code is not None:
            self._repeat(code[0], now + code[1], code[2], now)

    def _repeat(self, code: bytes, due: int, every: int, since: int) -> None:
        def again(now: int) -> None:
            if self.tone_since == since and self.tone and self.device in ON_LINE:
                self._event(b"\x10" + code)
                self._repeat(code, now + every, every, since)

        self.at(due, again)

    def key(self, key: str, now: int) -> None:
        """The modem's detector has recognised a key: its begin, and the key while it lasts."""
        if self.device in ON_LINE:
            sign = b"\x10" + key.encode()
            self._event(b"\x10/" + sign)
            self.at(now + 50, lambda then: self._event(sign))

    def key_ended(self, key: str, now: int) -> None:
        if self.device in ON_LINE:
            self._event(b"\x10~")

    def _event(self, data: bytes) -> None:
        """Events come in voice mode only, and wait while the host types a command."""
        if self.fclass != 8:
            return
        if self.typing and not self.streaming:
            self._held_events.append(data)
        else:
            self.raw(data)

    def finished(self, now: int) -> None:
        for data in self._held_events:
            self.raw(data)
        self._held_events.clear()

    # hook and dialling

    def _go_off_hook(self, device: int) -> None:
        before, self.device = self.device, device
        self._ring_seen = 0
        if (device in ON_LINE) != (before in ON_LINE):
            self.act("off_hook" if device in ON_LINE else "on_hook")

    def _hang_up(self) -> None:
        self.tone = ""
        self._go_off_hook(0)

    def _after(self, now: int, wait_ms: int, final: str = "OK") -> None:
        self.at(now + wait_ms, lambda then: self.finish(final, then))
        raise Later

    def basic(self, letter: str, number: int, now: int) -> list[str]:
        if letter == "H":
            if number > 1:
                raise Fail
            if number == 1:
                self._go_off_hook(1)
            else:
                self._hang_up()
                self.fclass = 0
            self._after(now, OFF_HOOK_MS)
        if letter == "A":
            if self.fclass != 8:
                raise Fail(final="NO CARRIER")
            self._go_off_hook(1)
            self._after(now, OFF_HOOK_MS)
        if letter in ("Z", "&F"):
            self._hang_up()
            self.defaults()
            return []
        if letter == "I":
            texts = {0: "56000", 3: "CX93010-SIM V1.0", 4: "Seatbox simulated V.253 voice modem", 6: "V.253"}
            if number > 7:
                raise Fail
            return [texts[number]] if number in texts else []
        if letter in ("X", "L", "M", "T", "P", "O", "&C", "&D", "&K", "&S", "&W", "\\N", "\\Q", "W"):
            if letter == "O" or number > 7:
                raise Fail(final="NO CARRIER" if letter == "O" else "ERROR")
            if letter in self.control:
                if number > {"&C": 1, "&D": 3}[letter]:
                    raise Fail
                self.control[letter] = number
            return []
        raise Fail

    def dial(self, number: str, now: int) -> list[str]:
        match = _DIAL.match(number.upper().strip())
        if match is None:
            raise Fail
        if self.fclass != 8 and not match[2]:
            raise Fail(final="NO CARRIER")
        digits = re.sub(r"[^0-9*#ABCD,]", "", match[1])
        was_on_line = self.device in ON_LINE
        self._go_off_hook(self.device if was_on_line else 1)
        started = [now]

        def send(then: int) -> None:
            if not self._busy or started[0] != now:
                return
            if not was_on_line and self.tone != "dial":
                self._hang_up()
                self.finish("NO DIALTONE", then)
                return
            time = 2 * self.registers[11] * len(digits.replace(",", "")) + 1000 * self.registers[8] * digits.count(",")
            if digits:
                self.act("dial", digits.replace(",", ""), after_ms=time)
            self.at(then + time, dialled)

        def dialled(then: int) -> None:
            if match[2]:
                self.finish("OK", then)
            else:
                self._progress(then, then + 1000 * self.registers[7])

        def abort(then: int) -> None:
            started[0] = -1
            self._hang_up()
            self.finish("NO CARRIER", then)

        self.at(now + (100 if was_on_line else DIAL_TONE_MS), send)
        raise Later(abort)

    def _progress(self, now: int, limit: int, rang: bool = False) -> None:
        """Follow a dialled call to its result, as +VRA and +VRN say."""
        if not self._busy or self.device not in ON_LINE:
            return
        rang = rang or self.tone == "ringback"
        quiet_ms = now - self.tone_since
        if self.tone == "busy" and quiet_ms >= BUSY_AFTER_MS:
            self._hang_up()
            self.finish("BUSY", now)
        elif self.tone == "speech" and quiet_ms >= (100 * self.settings["+VRA"][0] if rang else 1000 * self.settings["+VRN"][0]):
            self.finish("OK", now)
        elif now >= limit:
            self._hang_up()
            self.finish("NO ANSWER", now)
        else:
            self.at(now + 50, lambda then: self._progress(then, limit, rang))

    # voice commands

    def _voice(self) -> None:
        if self.fclass != 8:
            raise Fail

    def _setting(self, name: str, op: str, args: list[str]) -> list[str]:
        lines = super()._setting(name, op, args)
        return [line.split(": ", 1)[1] for line in lines]

    def _voice_setting(self, name: str, op: str, args: list[str]) -> list[str]:
        self._voice()
        setting = self.VOICE_SETTINGS[name]
        if op == "=?":
            return [",".join(f"({low}-{high})" for low, high in setting.ranges)]
        if op == "?":
            return [",".join(str(value) for value in self.settings[name])]
        values = list(self.settings[name])
        if not 1 <= len(args) <= len(values):
            raise Fail
        for at, text in enumerate(args):
            if not text.isdigit() or not setting.ranges[at][0] <= int(text) <= setting.ranges[at][1]:
                raise Fail
            values[at] = int(text)
        self.settings[name] = tuple(values)
        return []

    def do_VGR(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VGR", op, args)

    def do_VGT(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VGT", op, args)

    def do_VGM(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VGM", op, args)

    def do_VGS(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VGS", op, args)

    def do_VSD(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VSD", op, args)

    def do_VSP(self, op: str, args: list[str], now: int) -> list[str]:
        return self._voice_setting("+VSP", op, args)

    def do_FCLASS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["0,8"]
        if op == "?":
            return [str(self.fclass)]
        if args not in (["0"], ["8"]):
            raise Fail
        if args == ["0"] and self.fclass == 8:
            self._hang_up()
        self.fclass = int(args[0])
        return []

    def do_GCI(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?":
            return [f"{self.country:02X}"]
        if op == "=?":
            return ["(00,26,B5)"]
        if len(args) != 1 or args[0].upper() not in ("00", "26", "B5"):
            raise Fail
        self.country = int(args[0], 16)
        return []

    def do_GMI(self, op: str, args: list[str], now: int) -> list[str]:
        return ["Seatbox"] if op == "" else []

    def do_GMM(self, op: str, args: list[str], now: int) -> list[str]:
        return ["V.253 voice modem (simulated)"] if op == "" else []

    def do_GMR(self, op: str, args: list[str], now: int) -> list[str]:
        return ["1.0"] if op == "" else []

    do_FMI, do_FMM, do_FMR = do_GMI, do_GMM, do_GMR

    def do_VSM(self, op: str, args: list[str], now: int) -> list[str]:
        self._voice()
        if op == "=?":
            return [f'{code},"{name}",8,0,8000,0,0' for code, (name, _) in FORMATS.items()]
        if op == "?":
            return [f"{self.format},{self.rate},0,0"]
        if not 1 <= len(args) <= 4 or not all(arg.isdigit() for arg in args):
            raise Fail
        if int(args[0]) not in FORMATS or args[1:2] not in ([], ["8000"]) or any(arg != "0" for arg in args[2:]):
            raise Fail
        self.format = int(args[0])
        return []

    def do_VLS(self, op: str, args: list[str], now: int) -> list[str]:
        self._voice()
        if op == "=?":
            return [
                f'{code},"{name}",' + ("0B8433C1,0FE431C1,0B8431C1" if "T" in name else "B0804100,B0804100,B0804100")
                for code, name in DEVICES.items()
            ]
        if op == "?":
            return [str(self.device)]
        if len(args) != 1 or not args[0].isdigit() or int(args[0]) not in DEVICES:
            raise Fail
        if int(args[0]) == 0:
            self.tone = ""
        self._go_off_hook(int(args[0]))
        self._after(now, OFF_HOOK_MS)
        return []

    def do_VTS(self, op: str, args: list[str], now: int) -> list[str]:
        self._voice()
        if op == "=?":
            return ["(200-3200),(200-3200),(0-500)"]
        if op != "=" or not args:
            raise Fail
        tones = [self._one_tone(arg) for arg in args]
        self.act("tones", more=tones)
        self._after(now, 10 * sum(tone[-1] + (8 if isinstance(tone[0], str) else 0) for tone in tones) + 10)
        return []

    def _one_tone(self, text: str) -> tuple[str, int] | tuple[float, float, int]:
        """A key and its time, or two frequencies and their time; times in 0.01 s."""
        if re.match(r"[0-9*#A-Da-d]\Z", text):
            return text.upper(), self.settings["+VTD"][0]
        if match := re.match(r"\{([0-9*#A-Da-d]),(\d*)\}\Z", text):
            return match[1].upper(), min(int(match[2] or self.settings["+VTD"][0]), 500)
        if match := re.match(r"\[(\d*),(\d*),?(\d*)\]\Z", text):
            first, second = int(match[1] or 0), int(match[2] or 0)
            if any(hz and not 200 <= hz <= 3200 for hz in (first, second)):
                raise Fail
            return first, second, min(int(match[3] or self.settings["+VTD"][0]), 500)
        raise Fail

    # streams

    def do_VTX(self, op: str, args: list[str], now: int) -> list[str]:
        return self._stream("tx", op, now)

    def do_VRX(self, op: str, args: list[str], now: int) -> list[str]:
        return self._stream("rx", op, now)

    def do_VTR(self, op: str, args: list[str], now: int) -> list[str]:
        return self._stream("duplex", op, now)

    def _stream(self, kind: str, op: str, now: int) -> list[str]:
        self._voice()
        if op == "=?":
            return []
        if op or self.device == 0 or (kind == "duplex" and self.device not in ON_LINE):
            raise Fail

        def connect(then: int) -> None:
            self.finish("CONNECT", then)
            self.streaming = kind
            self.act("stream", kind, codec=FORMATS[self.format][1])

        self.at(now + CONNECT_MS, connect)
        raise Later

    def stream_ended(self, now: int, told: bytes) -> None:
        """The host ended the stream, or its last sound has been played; `told` goes before the result."""
        if not self.streaming:
            return
        self.streaming = ""
        self.raw(told)
        self.act("idle")
        self.at(now + 10, lambda then: self.result("OK"))

    # power

    def power_lost(self) -> None:
        self.forget()
        self.streaming, self.ringing, self.off = "", False, True
        self._held_events.clear()
        self._hang_up()
        self.act("idle")
        self.defaults()

    def booted(self, now: int) -> None:
        """An analog modem says nothing when it gets power."""
        self.off = False


def _packet(number: str, month_day: str, hour_minute: str) -> str:
    """The caller ID packet in hex: MDMF, date and time, number (or the reason of its absence), checksum."""
    stamp = (month_day + hour_minute).encode()
    body = bytes([1, len(stamp)]) + stamp
    body += bytes([2, len(number)]) + number.encode() if number else b"\x04\x01P"
    whole = bytes([0x80, len(body)]) + body
    return (whole + bytes([-sum(whole) & 0xFF])).hex().upper()
