"""SIMCom modules (A1): a SIM7600, whose sound leaves by a second port after AT+CPCMREG=1 in a call; a SIM800 and an A7670, which have none.

Source: SIMCom's AT command manuals, field transcripts.
"""
# ruff: noqa: ARG002, ARG005, N802 -- every command, act or verb is called the same way

from typing import Final

from appliance.exchange.modems.at import Fail, Setting
from appliance.exchange.modems.module import Module, ModuleCall

SOUND_AFTER_MS: Final = 80  # earlier AT+CPCMREG=1 is refused


class SimCom(Module):
    """What its modules have in common: `AT+CLCC=1` tells each state by itself, `MISSED_CALL` one that nobody took."""

    SETTINGS = Module.SETTINGS | {
        "+DDET": Setting((0,), ((0, 1),)), "+CVHU": Setting((1,), ((0, 1),)), "+CSCLK": Setting((0,), ((0, 2),)),
    }  # fmt: skip
    MAKER = "SIMCOM INCORPORATED"

    def defaults(self) -> None:
        super().defaults()
        self.clcc = 0

    def do_CLCC(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=":
            if args not in (["0"], ["1"]):
                raise Fail(50)
            self.clcc = int(args[0])
            return []
        if op == "?":
            return [f"+CLCC: {self.clcc}"]
        if op == "=?":
            return ["+CLCC: (0-1)"]
        return super().do_CLCC(op, args, now)

    def _tell_state(self, call: ModuleCall) -> None:
        if self.clcc:
            self.say(self._clcc_line(call))

    def _ath_ends(self) -> bool:
        return not self.settings["+CVHU"][0]

    def do_SPIC(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, "+SPIC: 3,10,0,10")


class Lte(SimCom):
    """The modules of the 7600 and A76xx series."""

    BOOT = ((50, "*ATREADY: 1"), (400, "+CPIN: READY"), (900, "SMS DONE"), (1500, "PB DONE"))

    def _begun(self) -> None:
        self.say("VOICE CALL: BEGIN")

    def _over(self, call: ModuleCall, seconds: int | None) -> None:
        if seconds is not None:
            self.say(f"VOICE CALL: END: {seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}")

    def _missed(self, call: ModuleCall, now: int) -> None:
        minutes = now // 60_000 % 1440
        clock = f"{(minutes // 60 - 1) % 12 + 1:02d}:{minutes % 60:02d}{'AM' if minutes < 720 else 'PM'}"
        self.at(now + 30, lambda then: self.say(f"MISSED_CALL: {clock} {call.number}".rstrip()))

    def do_SIMCOMATI(self, op: str, args: list[str], now: int) -> list[str]:
        if op:
            raise Fail
        return self._identity()[:4]

    def do_CICCID(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, "+ICCID: 898600" + self.imei[-14:])

    def do_CRESET(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "":
            self._reboot(now)
        return []


class Sim7600(Lte):
    """SIM7600G-H."""

    SETTINGS = Lte.SETTINGS | {
        "+CPCMFRM": Setting((0,), ((0, 1),)), "+CECM": Setting((1,), ((0, 1),)), "+COUTGAIN": Setting((4,), ((0, 8),)),
        "+CMICGAIN": Setting((3,), ((0, 8),)), "+CNSMOD": Setting((0,), ((0, 1),)), "+AUTOCSQ": Setting((0, 0), ((0, 1), (0, 1)), 1),
        "+CGPS": Setting((0,), ((0, 1), (1, 3)), 1), "+CNMP": Setting((2,), ((2, 109),)), "+CSDVC": Setting((1,), ((1, 3),)),
        "+CPCMBANDWIDTH": Setting((1, 1), ((1, 2), (1, 2)), 1),
    }  # fmt: skip
    MODEL, REVISION = "SIMCOM_SIM7600G-H", "LE20B05SIM7600G22"
    _reports_signal = False  # the next report is in the agenda

    def forget(self) -> None:
        super().forget()
        self._reports_signal = False

    def key(self, key: str, now: int) -> None:
        """Framed by two CR."""
        if self.settings["+DDET"][0] and self.call is not None and self.call.stat == 0:
            self.raw(b"\r\r\n+RXDTMF: %b\r\r\n" % key.encode())

    def do_CGMR(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, f"+CGMR: {self.REVISION}")

    def do_CPCMREG(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CPCMREG: (0-1)"]
        if op == "?":
            return [f"+CPCMREG: {int(self.pcm)}"]
        if op != "=" or not args or args[0] not in ("0", "1") or len(args) > 2:
            raise Fail
        if args[0] == "1" and (self.call is None or self.call.stat != 0 or now - self.call.began_ms < SOUND_AFTER_MS):
            raise Fail
        self._sound(args[0] == "1")
        return []

    def do_AUTOCSQ(self, op: str, args: list[str], now: int) -> list[str]:
        lines = self._setting("+AUTOCSQ", op, args)
        if op == "=" and self.settings["+AUTOCSQ"][0] and not self._reports_signal:
            self._reports_signal = True
            self.at(now + 7000, self._report_signal)
        return lines

    def _report_signal(self, now: int) -> None:
        self._reports_signal = bool(self.settings["+AUTOCSQ"][0])
        if self._reports_signal:
            self.csq = 45 - self.csq
            self.say(f"+CSQ: {self.csq},99")
            self.at(now + 20_000, self._report_signal)

    def do_CNSMOD(self, op: str, args: list[str], now: int) -> list[str]:
        return [f"+CNSMOD: {self.settings['+CNSMOD'][0]},8"] if op == "?" else self._setting("+CNSMOD", op, args)


class A7670(Lte):
    """A7670E-FASE: its sound is on analog pins only."""

    SETTINGS = Lte.SETTINGS | {"+CNSMOD": Setting((0,), ((0, 1),))}
    MAKER, MODEL, REVISION = "INCORPORATED", "A7670E-FASE", "A7670M7_B04V01"

    def do_EXUNSOL(self, op: str, args: list[str], now: int) -> list[str]:
        if op != "=" or len(args) != 2 or args[1] not in ("0", "1"):
            raise Fail(50)
        return []


class Sim800(SimCom):
    """SIM800C, a GSM module on a UART: its sound is on analog pins only, a call's end is NO CARRIER."""

    SETTINGS = SimCom.SETTINGS | {"+IPR": Setting((0,), ((0, 460_800),))}
    MAKER, MODEL, REVISION = "SIMCOM_Ltd", "SIMCOM_SIM800C", "1418B05SIM800C24"
    BOOT = ((50, "RDY"), (100, "+CFUN: 1"), (700, "+CPIN: READY"), (2500, "Call Ready"), (2700, "SMS Ready"))

    def key(self, key: str, now: int) -> None:
        if self.settings["+DDET"][0] and self.call is not None and self.call.stat == 0:
            self.say(f"+DTMF: {key}")
