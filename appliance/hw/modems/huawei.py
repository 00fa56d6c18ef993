"""Huawei sticks whose firmware has voice (A1): `^ORIG`, `^CONF`, `^CONN`, `^CEND`; the sound is a second tty after `AT^DDSETEX=2`.

Sources: Huawei AT Command Interface Specification (MU509), field drivers: DDSETEX is taken for one call, after the OK of ATD or ATA.
"""

from appliance.hw.at.fields import numbers
from appliance.hw.keys import KEYS
from appliance.hw.modems.gsm import Gsm
from appliance.hw.modems.gsm_call import by_cause
from appliance.hw.modems.gsm_module import on, signal_dbm


class Huawei(Gsm):
    """Its own codes say no direction: they belong to the one call that is up."""

    USSD_PACKED = True  # E1550, E1750, E150, E173, E1552, E171, E153, E156B, E1752 take it in no other form

    @on("^ORIG")
    def dialling_began(self, _text: str) -> None:
        if self.call is not None and not self.call.incoming:
            self._dialling(self.call)

    @on("^CONF")
    def alerting_began(self, _text: str) -> None:
        if self.call is not None and not self.call.incoming and not self.call.answered:
            self._alerting(self.call)

    @on("^CONN")
    def connected(self, _text: str) -> None:
        if self.call is not None:
            if self.call.incoming:
                self._answered(self.call)
            else:
                self._connected(self.call)

    @on("^CEND")
    def ended(self, text: str) -> None:
        """`<id>,<seconds>,<end status>[,<cause of Q.850>]`."""
        found = numbers(text, least=2)
        call = self.call
        if call is None:
            return
        if len(found) > 3 and not call.incoming and not call.answered:
            self._end(by_cause(found[3]))
        else:
            self._ended_by_network(call)

    @on("^DDTMF")
    def tone(self, text: str) -> None:
        key = text.strip()
        if key not in KEYS:
            raise ValueError(text)
        self._key("modem", key)

    @on("^SIMST")
    def sim_contact(self, text: str) -> None:
        """255: none."""
        if numbers(text, least=1)[0] == 255:
            self.sim_state("NOT INSERTED")

    @on("^RSSI")
    def level(self, text: str) -> None:
        """As `+CSQ`, by itself."""
        self._signal = signal_dbm(numbers(text, least=1)[0])
        self._tell_quality()


DIALECT = Huawei
