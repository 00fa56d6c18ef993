"""Quectel EC20, EC25, EG25 and their like (A1): call states by `+QIND: "ccinfo"`, or by `^DSCI` on older firmware; keys as ASCII codes.

Sources: Quectel EC2x&EG9x AT Commands Manual; field practice: `^DSCI` counts otherwise than +CLCC, `ccinfo` as +CLCC with -1 for released.
"""

from typing import Final

from appliance.base.phone_numbers import is_number
from appliance.hw.at.fields import fields, numbers
from appliance.hw.keys import KEYS
from appliance.hw.modems.gsm import Gsm
from appliance.hw.modems.gsm_call import Listed, listed
from appliance.hw.modems.gsm_module import on

DSCI_STAT: Final = {2: 2, 3: 0, 4: 4, 6: 6, 7: 3}  # dialling, connected, incoming, ended, alerting -> the numbers of +CLCC


class Quectel(Gsm):
    """Two families of the same codes may come for one call: what was told is not told again."""

    @on("+QIND")
    def indication(self, text: str) -> None:
        kind, _, rest = text.partition(",")
        if kind.strip('"') == "smsfull":
            self._look_soon()
        elif kind.strip('"') == "ccinfo":
            one = listed(rest)
            if one is not None:
                self._call_state(one)

    @on("^DSCI")
    def call_indication(self, text: str) -> None:
        """`<id>,<dir>,<stat>,<mode>,<number>,<type>`."""
        number, direction, stat, mode = numbers(text, least=4)[:4]
        if direction not in (0, 1):
            raise ValueError(text)
        if mode == 0 and stat in DSCI_STAT:
            more = fields(text)
            caller = more[4] if len(more) > 4 and is_number(more[4]) else None
            self._call_state(Listed(number, direction == 1, DSCI_STAT[stat], caller))

    @on("+QTONEDET")
    def tone(self, text: str) -> None:
        """`56` is the key 8."""
        key = chr(numbers(text, least=1)[0] % 128)
        if key in KEYS:
            self._key("modem", key)

    @on("+QSIMSTAT")
    def sim_contact(self, text: str) -> None:
        """`<enabled>,<inserted>`."""
        if numbers(text, least=2)[1] == 0:
            self.sim_state("NOT INSERTED")


DIALECT = Quectel
