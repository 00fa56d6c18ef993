"""SIMCom modules of the 7500, 7600 and A76xx series (A1): how a call begins and ends. Source: SIM7500/SIM7600 AT Command Manual."""

from appliance.hw.modems.gsm import Gsm
from appliance.hw.modems.gsm_module import on


class Sim7600(Gsm):
    """`AT+CPCMREG=1` outside a call is an error, and right after ATA too soon: it is asked for again until it is taken (gsm.py)."""

    @on("VOICE CALL")
    def voice_call(self, text: str) -> None:
        """`BEGIN` is a hint only (state 0 of +CLCC counts); `END: 000041` is the end, its time HHMMSS."""
        call = self.call
        if text.startswith("END") and call is not None:
            if self._may_be_the_last_calls(call):
                self._ask_whether_over(call)
            else:
                self._ended_by_network(call)

    @on("MISSED_CALL")
    def missed(self, _text: str) -> None:
        call = self.call
        if call is not None and call.incoming and not call.answered:
            if self._may_be_the_last_calls(call):
                self._ask_whether_over(call)
            else:
                self._end("far")


DIALECT = Sim7600
