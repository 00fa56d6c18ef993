"""What all GSM and LTE modules share (A1): AT port, calls, network, power. A family's file says who it is and how it tells its calls.

Sources: 3GPP TS 27.007 and 27.005, the makers' AT command manuals, field transcripts (docs/exchange.md names the order of the codes).
The network calls incoming(), gone(), alerting(), answered(), released(), key(); the module acts by dial, answer, hang_up, digits,
sound, sms, reboot.
"""
# ruff: noqa: ARG002, ARG005, N802, N815 -- every command, act or verb is called the same way

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from appliance.exchange.modems.at import LATENCY_MS, AtModem, Fail, Later, Setting
from appliance.exchange.modems.sim7600_messages import Messages

RING_EVERY_MS: Final = 5000
ANSWER_MS: Final = 310
BOOT_MS: Final = 11_000  # until the USB ports are back
_NUMBER = re.compile(r"[0-9*#+ABCDabcd]{1,40}\Z")


@dataclass
class ModuleCall:
    """The module's one call; stat is 27.007's: 0 active, 2 dialling, 3 alerting, 4 incoming, and 6, ended."""

    id: int
    incoming: bool
    stat: int
    number: str
    began_ms: int = 0


def number_type(number: str) -> int:
    """Type of number: 128 withheld, 145 international, 161 national (what China's networks give)."""
    return 128 if not number else 145 if number.startswith("+") else 161


class Module(Messages, AtModem):
    """`imei` 15 digits, `own` the number of its card."""

    SETTINGS = {
        "+CLIP": Setting((0,), ((0, 1),)), "+CLIR": Setting((0,), ((0, 2),)), "+CRC": Setting((0,), ((0, 1),)),
        "+COLP": Setting((0,), ((0, 1),)), "+CSSN": Setting((0, 0), ((0, 1), (0, 1)), 1), "+CLVL": Setting((2,), ((0, 5),)),
        "+VTD": Setting((1,), ((1, 255),)), "+CTZU": Setting((0,), ((0, 1),)), "+CTZR": Setting((0,), ((0, 1),)),
        "+CMUT": Setting((0,), ((0, 1),)), "+CEREG": Setting((0,), ((0, 2),)),
        "+CREG": Setting((0,), ((0, 2),)), "+CGREG": Setting((0,), ((0, 2),)), "+CMGF": Setting((0,), ((0, 1),)),
        "+CSMS": Setting((0,), ((0, 1),)), "+CNMI": Setting((2, 1, 0, 0, 0), ((0, 2), (0, 3), (0, 2), (0, 2), (0, 1)), 1),
        "+CSMP": Setting((17, 167, 0, 0), ((0, 255),) * 4, 1), "+CMMS": Setting((0,), ((0, 2),)), "+CGSMS": Setting((3,), ((0, 3),)),
        "+CSDH": Setting((0,), ((0, 1),)), "+STK": Setting((0,), ((0, 1),)), "+CMGD": Setting((), ((0, 50), (0, 4)), 1),
    }  # fmt: skip
    MAKER, MODEL, REVISION = "", "", ""
    BOOT: ClassVar[tuple[tuple[int, str], ...]] = ()  # ms after the ports are back, and the code

    def __init__(self, imei: str, own: str) -> None:
        super().__init__()
        self.imei, self.own = imei, own
        self.call: ModuleCall | None = None
        self.pcm = False
        self.off = False
        self._next_id = 1
        self.sim = self.network = True  # its card is in, its antenna too

    def defaults(self) -> None:
        super().defaults()
        self.cmee, self.csq, self.operator_format = 2, 23, 0
        self.defaults_of_messages()

    # what the network does

    def incoming(self, number: str, now: int) -> None:
        """A call rings; "" is a withheld number."""
        self.call = call = ModuleCall(self._take_id(), True, 4, number)
        self._ring(call, now, first=True)

    def _ring(self, call: ModuleCall, now: int, first: bool = False) -> None:
        if self.call is not call or call.stat != 4:
            return
        self.result("+CRING: VOICE" if self.settings["+CRC"][0] else "RING")
        if first:
            self.at(now + 20, lambda then: self._tell_state(call))
        if self.settings["+CLIP"][0]:
            self.at(now + 30, lambda then: self._clip(call))
        self.at(now + RING_EVERY_MS, lambda then: self._ring(call, then))

    def _clip(self, call: ModuleCall) -> None:
        if self.call is call and call.stat == 4:
            self.say(f'+CLIP: "{call.number}",{number_type(call.number)},,,,{0 if call.number else 1}')

    def alerting(self, now: int) -> None:
        if self.call is not None and self.call.stat == 2:
            self._state(3)

    def answered(self, now: int) -> None:
        """The one we dialled has answered."""
        if self.call is None:
            return
        call, self.call.began_ms = self.call, now
        self._begun()
        self.at(now + 15, lambda then: self._state(0) if self.call is call else None)

    def released(self, why: str, now: int) -> None:
        """The network ended the call: `normal`, `busy`, `congested`, `no answer`, `unassigned`."""
        call = self.call
        if call is None:
            return
        was = call.stat
        self._end(now)
        if was == 4:
            self._missed(call, now)
        else:
            final = {"busy": "BUSY", "no answer": "NO ANSWER"}.get(why, "NO CARRIER")
            self.at(now + 40, lambda then: self.result(final))

    # how a family tells its calls

    def _begun(self) -> None:
        """The call is answered."""

    def _over(self, call: ModuleCall, seconds: int | None) -> None:
        """The call has ended; seconds: how long it was talked."""

    def _missed(self, call: ModuleCall, now: int) -> None:
        """A caller gave up."""
        self.result("NO CARRIER")

    def key(self, key: str, now: int) -> None:
        """The module's detector has recognised a key of the far end."""

    def key_ended(self, key: str, now: int) -> None:
        """The module says nothing of it."""

    def _take_id(self) -> int:
        number, self._next_id = self._next_id, self._next_id % 7 + 1
        return number

    def _state(self, stat: int) -> None:
        if self.call is not None:
            self.call.stat = stat
            self._tell_state(self.call)

    def _tell_state(self, call: ModuleCall) -> None:
        """`call.stat` is new; by itself a module tells nothing."""

    def _clcc_line(self, call: ModuleCall) -> str:
        return f'+CLCC: {call.id},{int(call.incoming)},{call.stat},0,0,"{call.number}",{number_type(call.number)}'

    def _end(self, now: int) -> None:
        """The codes of a call's end; its sound stops by itself."""
        call, self.call = self.call, None
        assert call is not None
        talked, call.stat = call.stat == 0, 6
        self._sound(False)
        self._tell_state(call)
        self._over(call, (now - call.began_ms) // 1000 if talked else None)

    def _ath_ends(self) -> bool:
        return True

    def _sound(self, on: bool) -> None:
        if self.pcm != on:
            self.pcm = on
            self.act("sound", "on" if on else "off")

    # calls, from the host

    def dial(self, number: str, now: int) -> list[str]:
        voice, number = ";" in number, number.split(";")[0].strip()
        number = re.sub(r"[ \-()]|[IiGg]\Z", "", number)
        if not voice:
            raise Fail(final="NO CARRIER")
        if self.call is not None or not _NUMBER.match(number):
            raise Fail(3 if self.call is not None else None)
        if not self.registered:
            raise Fail(final="NO CARRIER")
        self.call = call = ModuleCall(self._take_id(), False, 2, number)
        self.act("dial", number)

        def accepted(then: int) -> None:
            self.finish("OK", then)
            if self.call is call:
                self.at(then + 20, lambda later: self._tell_state(call))

        def abort(then: int) -> None:
            if self.call is call:
                self.call = None
                self.act("hang_up")
            self.finish("NO CARRIER", then)

        self.at(now + 60, accepted)
        raise Later(abort)

    def basic(self, letter: str, number: int, now: int) -> list[str]:
        if letter == "A":
            self._answer_call(now)
        if letter == "H":
            if number > 0:
                raise Fail
            return self._hang_up(now) if self._ath_ends() else []
        if letter in ("Z", "&F"):
            self.defaults()
            return []
        if letter == "I":
            return self._identity()
        if letter in ("X", "L", "M", "&C", "&D", "&K", "&W", "T", "P", "&S"):
            return []
        raise Fail

    def _answer_call(self, now: int) -> None:
        call = self.call
        if call is None or call.stat != 4:
            raise Fail(final="NO CARRIER")
        call.stat = 0
        call.began_ms = now + ANSWER_MS

        def answered(then: int) -> None:
            if self.call is not call:
                self.finish("NO CARRIER", then)
                return
            self.act("answer")
            self._begun()
            self.at(then + 10, lambda later: self.finish("OK", later))
            self.at(then + 30, lambda later: self._tell_state(call) if self.call is call else None)

        def abort(then: int) -> None:
            if self.call is call:
                self._end(then)
                self.act("hang_up")
            self.finish("NO CARRIER", then)

        self.at(now + ANSWER_MS, answered)
        raise Later(abort)

    def _hang_up(self, now: int) -> list[str]:
        if self.call is not None:
            self._end(now)
            self.act("hang_up")
        return []

    def do_CHUP(self, op: str, args: list[str], now: int) -> list[str]:
        if op not in ("", "=?"):
            raise Fail
        if op == "":
            self._hang_up(now)
        return []

    def do_CHLD(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CHLD: (0,1,1x,2,2x,3,4)"]
        if op != "=" or len(args) != 1:
            raise Fail(50)
        if self.call is None or args[0] not in ("0", "1", f"1{self.call.id}"):
            raise Fail(3)
        return self._hang_up(now)

    def do_CLCC(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return []
        if op:
            raise Fail
        return [self._clcc_line(self.call)] if self.call is not None else []

    def do_VTS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+VTS: (0-9,*,#,A,B,C,D)"]
        if op != "=" or not args or not re.match(r"[0-9*#A-Da-d]\Z", args[0]):
            raise Fail(50)
        if self.call is None or self.call.stat != 0:
            raise Fail(3)
        self.act("digit", args[0].upper(), ms=100 * self.settings["+VTD"][0])
        return []

    # who and where it is

    def _identity(self) -> list[str]:
        return [f"Manufacturer: {self.MAKER}", f"Model: {self.MODEL}", f"Revision: {self.REVISION}", f"IMEI: {self.imei}", "+GCAP: +CGSM"]

    def _plain(self, op: str, text: str) -> list[str]:
        if op not in ("", "=?"):
            raise Fail
        return [] if op else [text]

    def do_CGMI(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, self.MAKER)

    def do_CGMM(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, self.MODEL)

    def do_CGMR(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, self.REVISION)

    def do_CGSN(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, self.imei)

    def do_CIMI(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, "46000" + self.imei[-10:])

    def do_GCAP(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, "+GCAP: +CGSM")

    do_GMI, do_GMM, do_GMR, do_GSN = do_CGMI, do_CGMM, do_CGMR, do_CGSN

    def do_CNUM(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, f'+CNUM: "","{self.own}",{129 if not self.own.startswith("+") else 145}')

    @property
    def registered(self) -> bool:
        return self.sim and self.network

    def set_network(self, sim: bool, network: bool, now: int) -> None:
        """Its card is taken out or put in, the network lost or found: told by itself."""
        sim_before, registered_before = self.sim, self.registered
        self.sim, self.network = sim, network
        if self.call is not None and not self.registered:
            self.act("hang_up")
            self.released("normal", now)
        if sim != sim_before:
            self._tell_sim()
        if self.registered != registered_before and self.settings["+CREG"][0]:
            self.say("+CREG: " + ("1" + (',"2A3F","01B2C3D4",7' if self.settings["+CREG"][0] == 2 else "") if self.registered else "2"))

    def _tell_sim(self) -> None:
        self.say("+CPIN: READY" if self.sim else "+CPIN: NOT READY")

    def do_CPIN(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?" and not self.sim:
            raise Fail(10)
        if op == "?":
            return ["+CPIN: READY"]
        if op == "=?":
            return []
        raise Fail(3)

    def do_CSQ(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CSQ: (0-31,99,100-191,199),(0-7,99)"]
        return self._plain(op, f"+CSQ: {self.csq if self.network else 99},99")

    def _registration(self, name: str, op: str, args: list[str]) -> list[str]:
        if op != "?":
            return self._setting(name, op, args)
        mode = self.settings[name][0]
        if not self.registered:
            return [f"{name}: {mode},{2 if self.sim else 0}"]
        return [f"{name}: {mode},1" + (',"2A3F","01B2C3D4",7' if mode == 2 else "")]

    def do_CREG(self, op: str, args: list[str], now: int) -> list[str]:
        return self._registration("+CREG", op, args)

    def do_CEREG(self, op: str, args: list[str], now: int) -> list[str]:
        return self._registration("+CEREG", op, args)

    def do_CGREG(self, op: str, args: list[str], now: int) -> list[str]:
        return self._registration("+CGREG", op, args)

    def do_COPS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?":
            return ["+COPS: 0," + ('0,"CHINA MOBILE"', '1,"CMCC"', '2,"46000"')[self.operator_format] + ",7"]
        if op == "=?":
            self.at(now + 3000, self._operators)
            raise Later(lambda then: self.finish("ERROR", then))
        if op != "=" or args[:1] not in (["0"], ["3"]) or args[1:2] not in ([], ["0"], ["1"], ["2"]):
            raise Fail(50)
        self.operator_format = int(args[1]) if len(args) > 1 else self.operator_format
        return []

    def _operators(self, now: int) -> None:
        self.say('+COPS: (2,"CHINA MOBILE","CMCC","46000",7),(3,"CHN-UNICOM","UNICOM","46001",7),,(0,1,2,3,4),(0,1,2)')
        self.finish("OK", now)

    def do_CPAS(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, f"+CPAS: {0 if self.call is None else 3 if self.call.stat == 4 else 4}")

    def do_CEER(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, "+CEER: No cause information available")

    def do_CMEE(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?":
            return [f"+CMEE: {self.cmee}"]
        if op == "=?":
            return ["+CMEE: (0-2)"]
        if len(args) != 1 or args[0] not in ("0", "1", "2"):
            raise Fail(50)
        self.cmee = int(args[0])
        return []

    def do_CCWA(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CCWA: (0-1)"]
        if op == "?":
            return ["+CCWA: 0"]
        if not args or args[0] not in ("0", "1", ""):
            raise Fail(50)
        return ["+CCWA: 0,1"] if args[1:2] == ["2"] else []

    def do_CUSD(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CUSD: (0-2)"]
        if op == "?":
            return ["+CUSD: 0"]
        if not args or args[0] not in ("0", "1", "2"):
            raise Fail(50)
        if len(args) > 1:
            self.act("ussd", self.ussd_code(args[1]))
        return []

    def ussd_code(self, typed: str) -> str:
        """What goes to the network; some firmware wants it packed."""
        return typed

    def ussd_answered(self, text: str | None, now: int) -> None:
        """The network's words; None: it does not know the code. What is not plain comes as UCS2 in hex."""
        if text is None:
            self.say("+CUSD: 4")
        elif text.isascii():
            self.say(f'+CUSD: 0,"{self.ussd_text(text)}",15')
        else:
            self.say(f'+CUSD: 0,"{text.encode("utf-16-be").hex().upper()}",72')

    def ussd_text(self, text: str) -> str:
        return text

    # power

    def do_CFUN(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?":
            return ["+CFUN: 1"]
        if op == "=?":
            return ["+CFUN: (0-1,4-7),(0-1)"]
        if args[:1] not in (["0"], ["1"], ["4"], ["6"]):
            raise Fail(50)
        if args == ["6"] or args[1:] == ["1"]:
            self._reboot(now)
        return []

    def _reboot(self, now: int) -> None:
        self.at(now + 200, lambda then: self.act("reboot"))

    def power_lost(self) -> None:
        """All that it knew is gone, its call with it."""
        self.forget()
        self.call, self.off = None, True
        self._sound(False)
        self.defaults()

    def booted(self, now: int) -> None:
        """The ports are back; the codes of a start follow."""
        self.off = False
        for after, text in self.BOOT:
            self.at(now + after + LATENCY_MS, lambda then, text=text: self.say(text))  # type: ignore[misc]
