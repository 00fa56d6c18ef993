"""A Huawei stick with voice (A1): `^ORIG`, `^CONF`, `^CONN`, `^CEND`; its sound takes the diagnosis port after AT^DDSETEX=2, for one call.

Source: Huawei MU509 AT Command Interface Specification, field drivers for E173 and its like.
"""
# ruff: noqa: ARG002 -- every command is called the same way

from appliance.exchange.modems.at import Fail, Setting
from appliance.exchange.modems.module import Module, ModuleCall
from appliance.exchange.modems.sms import packed, unpacked


class Huawei(Module):
    """E173 with voice firmware."""

    SETTINGS = Module.SETTINGS | {
        "^CURC": Setting((1,), ((0, 1),)), "^DDTMFCFG": Setting((0, 0), ((0, 1), (0, 1)), 2),
    }  # fmt: skip
    FULL = '^SMMEMFULL: "SM"'
    MAKER, MODEL, REVISION = "huawei", "E173", "11.126.85.00.209"
    BOOT = ((100, "^BOOT:27710117,0,0,0,71"), (500, "+CPIN: READY"), (5000, "^BOOT:27710117,0,0,0,71"))

    def _tell_state(self, call: ModuleCall) -> None:
        if self.settings["^CURC"][0] and not call.incoming and call.stat in (2, 3):
            self.say(f"^ORIG:{call.id},0" if call.stat == 2 else f"^CONF:{call.id}")
        elif self.settings["^CURC"][0] and call.stat == 0:
            self.say(f"^CONN:{call.id},0")

    def released(self, why: str, now: int) -> None:
        self.cause = {"busy": 17, "no answer": 19, "unassigned": 1, "congested": 42}.get(why, 16)
        super().released(why, now)

    def defaults(self) -> None:
        super().defaults()
        self.cause = 16

    def _over(self, call: ModuleCall, seconds: int | None) -> None:
        if self.settings["^CURC"][0]:
            self.say(f"^CEND:{call.id},{seconds or 0},{25 if self.cause != 16 or seconds else 29},{self.cause}")
        self.cause = 16

    def _tell_sim(self) -> None:
        self.say(f"^SIMST:{1 if self.sim else 255},0")

    def key(self, key: str, now: int) -> None:
        if self.settings["^DDTMFCFG"][1] and self.call is not None and self.call.stat == 0:
            self.say(f"^DDTMF:{key}")

    def ussd_code(self, typed: str) -> str:
        """Nothing but packed septets in hex; whatever else is read as such all the same, to nonsense."""
        try:
            return unpacked(bytes.fromhex(typed))
        except ValueError:
            return ""

    def ussd_text(self, text: str) -> str:
        return packed(text).hex().upper()

    def do_caret_CVOICE(self, op: str, args: list[str], now: int) -> list[str]:  # noqa: N802
        if op != "?":
            raise Fail
        return ["^CVOICE:0,8000,16,20"]

    def do_caret_DDSETEX(self, op: str, args: list[str], now: int) -> list[str]:  # noqa: N802
        if op != "=" or args != ["2"] or self.call is None or self.call.stat not in (0, 2, 3):
            raise Fail
        self._sound(True)
        return []

    def do_caret_DTMF(self, op: str, args: list[str], now: int) -> list[str]:  # noqa: N802
        if op != "=" or len(args) != 2 or self.call is None or args[0] != str(self.call.id):
            raise Fail(3)
        return self.do_VTS(op, args[1:], now)
