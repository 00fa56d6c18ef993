"""A Quectel EC25 (A1): call states by `+QIND: "ccinfo"` and `^DSCI`; its sound is on the NMEA port while AT+QPCMV=1,0 stands in a call,
or, where it is wired as a sound card (`card`), there while AT+QPCMV=1,2 stands.

Source: Quectel EC2x&EG9x AT Commands Manual, field notes: `^DSCI` has 3 for connected and 7 for alerting, `ccinfo` -1 for released.
"""
# ruff: noqa: ARG002, N802 -- every command is called the same way

from typing import Final

from appliance.exchange.modems.at import Fail, Setting
from appliance.exchange.modems.module import Module, ModuleCall, number_type

DSCI: Final = {0: 3, 2: 2, 3: 7, 4: 4, 6: 6}


class Ec25(Module):
    """EC25-E."""

    SETTINGS = Module.SETTINGS | {
        "^DSCI": Setting((0,), ((0, 1),)), "+QTONEDET": Setting((0,), ((0, 1),)), "+QAUDMOD": Setting((0,), ((0, 3),)),
        "+QSIMSTAT": Setting((0,), ((0, 1),)), "+QSIMDET": Setting((0, 0), ((0, 1), (0, 1)), 2),
    }  # fmt: skip
    FULL = '+QIND: "smsfull","SM"'
    MAKER, MODEL, REVISION = "Quectel", "EC25", "EC25EFAR06A08M4G"
    card = False
    BOOT = ((50, "RDY"), (300, "+CFUN: 1"), (500, "+CPIN: READY"), (700, "+QUSIM: 1"), (1200, "+QIND: SMS DONE"), (1500, "+QIND: PB DONE"))

    def defaults(self) -> None:
        super().defaults()
        self.ccinfo, self.wanted, self.cause = False, "0", "0,0"

    def _identity(self) -> list[str]:
        return [self.MAKER, self.MODEL, f"Revision: {self.REVISION}"]

    def _tell_state(self, call: ModuleCall) -> None:
        kind = number_type(call.number)
        if self.ccinfo:
            stat = -1 if call.stat == 6 else call.stat
            self.say(f'+QIND: "ccinfo",{call.id},{int(call.incoming)},{stat},0,0,"{call.number}",{kind}')
        if self.settings["^DSCI"][0]:
            self.say(f"^DSCI: {call.id},{int(call.incoming)},{DSCI[call.stat]},0,{call.number},{kind}")
        self._let_sound()

    def _let_sound(self) -> None:
        self._sound(self.wanted == ("1,2" if self.card else "1,0") and self.call is not None and self.call.stat in (0, 2, 3))

    def released(self, why: str, now: int) -> None:
        self.cause = {"busy": "5,17", "no answer": "5,19", "unassigned": "5,1", "congested": "5,42"}.get(why, "5,16")
        super().released(why, now)

    def _tell_sim(self) -> None:
        super()._tell_sim()
        if self.settings["+QSIMSTAT"][0]:
            self.say(f"+QSIMSTAT: 1,{int(self.sim)}")

    def key(self, key: str, now: int) -> None:
        if self.settings["+QTONEDET"][0] and self.call is not None and self.call.stat == 0:
            self.say(f"+QTONEDET: {ord(key)}")

    def do_QPCMV(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+QPCMV: (0,1),(0-2)"]
        if op == "?":
            return [f"+QPCMV: {self.wanted if self.wanted != '0' else '0,0'}"]
        if op != "=" or (args not in (["0"], ["1", "0"]) and not (self.card and args == ["1", "2"])):
            raise Fail  # a debug UART is not wired here
        self.wanted = ",".join(args)
        self._let_sound()
        return []

    def do_QINDCFG(self, op: str, args: list[str], now: int) -> list[str]:
        if op != "=" or len(args) < 2 or args[0] not in ("all", "csq", "smsfull", "ring", "smsincoming", "act", "ccinfo"):
            raise Fail(50)
        if args[0] in ("all", "ccinfo"):
            self.ccinfo = args[1] == "1"
        return []

    def do_QURCCFG(self, op: str, args: list[str], now: int) -> list[str]:
        if op != "=" or args not in (["urcport", one] for one in ("usbat", "usbmodem", "uart1")):
            raise Fail(50)
        return []

    def do_QGPSCFG(self, op: str, args: list[str], now: int) -> list[str]:
        if op != "=" or args not in (["outport", one] for one in ("none", "usbnmea", "uartdebug")):
            raise Fail(50)
        return []

    def do_CEER(self, op: str, args: list[str], now: int) -> list[str]:
        return self._plain(op, f"+CEER: {self.cause}")
