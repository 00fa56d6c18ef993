"""A question to the network by USSD at a GSM module (A1): its balance. Source: 3GPP TS 27.007, 7.15 (+CUSD).

The module says OK at once, and the network answers later, or never. No script waits for that: a caller who rings meanwhile is answered.
The answer is told as it came; who knows alphabets reads it (messages/ussd.py).
"""

import re
from typing import ClassVar, Final

from appliance.base.ids import LineId
from appliance.events.line import UssdAnswered, UssdFailed
from appliance.hw.at.chat import Command, Reply
from appliance.hw.at.fields import fields
from appliance.hw.dialect import AskUssd, Profile
from appliance.hw.modems.gsm_messages import GsmMessages
from appliance.hw.modems.gsm_module import on

USSD_MS: Final = 120_000  # networks take 1 to 15 s, at times two minutes
FREE_MS: Final = 20_000  # so long the line may be at something else
TAKEN_MS: Final = 15_000
LONGEST: Final = 1_000  # characters of an answer that goes over several lines
PLAIN: Final = 15  # the alphabet of what is asked, and of an answer that names none
FAILED: Final = {2: "the network ended it", 3: "another device answered", 4: "the network does not know this code", 5: "no answer in time"}


class GsmUssd(GsmMessages):
    USSD_PACKED: ClassVar[bool] = False  # text goes and comes as packed septets in hex

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self._asking = False
        self._half = ""  # an answer whose quote is still open

    def _order_ask_ussd(self, order: AskUssd) -> None:
        if self._asking:
            self._tell(UssdFailed, why="line busy")
            return
        self._asking = True
        self._ask(order, self.now_ms + FREE_MS)

    def _ask(self, order: AskUssd, until_ms: int) -> None:
        """Between two commands; stores are being read for a second at times. Calls are not waited for."""
        if self.mood != "idle" or not self.enabled or self.now_ms > until_ms:
            self._ussd_over("line busy")
            return
        if self._script is not None or self._sending is not None or not self._chat.idle:
            self._after("ussd", 250, lambda: self._ask(order, until_ms))
            return
        self._after("ussd", USSD_MS, self._ussd_late)
        code = order.packed if self.USSD_PACKED else order.code
        self._send(Command(f'AT+CUSD=1,"{code}",{PLAIN}', limit_ms=TAKEN_MS, gives_way=True, then=self._ussd_taken))

    def _ussd_taken(self, reply: Reply) -> None:
        if not reply.ok:
            self._ussd_over(reply.final or "no answer came")

    def _ussd_late(self) -> None:
        self._ussd_over("no answer came")
        self._end_ussd()

    def _end_ussd(self) -> None:
        """The network would wait for more."""
        if self.mood == "idle" and self._script is None:
            self._send(Command("AT+CUSD=2", gives_way=True))

    def _ussd_over(self, why: str) -> None:
        self._cancel("ussd")
        if self._asking:
            self._asking = False
            self._tell(UssdFailed, why=why)

    def _line(self, line: str) -> None:
        """An answer may hold line ends: its lines are joined until the quote closes. What is no part of it ends that."""
        half, self._half = self._half, ""
        if half and not line.startswith(("RING", "+", "^")) and len(half) < LONGEST:
            line = f"{half}\n{line}"
        if line.startswith("+CUSD:") and line.count('"') % 2:
            self._half = line
        else:
            super()._line(line)

    @on("+CUSD")
    def ussd_came(self, text: str) -> None:
        """`<m>[,"<text>"[,<dcs>]]`; m 0: done, 1: it wants more of us."""
        found = fields(text)
        if not found[0].isdigit():
            raise ValueError(text)
        if not self._asking:
            return  # the network's own, or the echo of our end
        state, said = int(found[0]), found[1] if len(found) > 1 else ""
        if state > 2 or not said:
            self._ussd_over(FAILED.get(state, "an empty answer"))
            return
        self._cancel("ussd")
        self._asking = False
        coding = int(found[2]) if len(found) > 2 and re.fullmatch(r"[0-9]{1,3}", found[2]) else PLAIN
        self._tell(UssdAnswered, text=said, coding=coding, packed=self.USSD_PACKED)
        if state == 1:
            self._end_ussd()

    def _forget_port(self) -> None:
        super()._forget_port()
        self._half = ""
        self._ussd_over("the modem was lost")
