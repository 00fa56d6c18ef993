"""Short messages at a GSM module (A1): its stores emptied, parts sent. It carries them in hex and reads none. Source: 3GPP TS 27.005.

PDU mode only: the one in which Chinese, long messages and reports mean the same on all families. A part is deleted when the box says that
it has it (`ClearText`), never before. Calls come first: a part is sent, and a store is read, between calls only.
"""

import re
from collections.abc import Generator
from itertools import pairwise
from typing import Final

from appliance.base.ids import LineId
from appliance.events.line import TextCleared, TextFailed, TextReported, TextSent, TextStored
from appliance.hw.at.chat import Command, Reply
from appliance.hw.at.fields import fields
from appliance.hw.at.parser import PROMPT
from appliance.hw.dialect import ClearText, Profile, Script, SendText, Wish
from appliance.hw.modems.gsm_module import GsmModule, on

LOOK_MS: Final = 60_000  # so often all stores are listed: notes of new messages are lost at times
SOON_MS: Final = 200
PROMPT_MS: Final = 5_000
NETWORK_MS: Final = 60_000  # 1-10 s as a rule, 40 s at times
AGAIN: Final = frozenset({38, 41, 42, 47, 314, 331, 332, 500})  # the network's or the card's trouble of the moment (27.005, 3.2.5)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{14,400}\Z")
_PLACE: Final = re.compile(r"[0-9]{1,4}\Z")  # of a store; the largest known have some hundreds
_REFERENCE: Final = re.compile(r"[0-9]{1,3}\Z")  # one octet (23.040, 9.2.3.6)
_ERROR: Final = re.compile(r"\+CMS ERROR: ?(\d+)")


class GsmMessages(GsmModule):
    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self._store = ""  # the one that the module has chosen
        self._told: dict[tuple[str, int], str] = {}  # what lies there and was told in this life
        self._to_clear: list[ClearText] = []
        self._sending: SendText | None = None
        self._report_follows = False

    def _texts_set_up(self) -> Script:
        """Into PDU mode; what the network brings is stored, and reports come at once."""
        self._store, self._sending = "", None
        self._told.clear()
        self._to_clear.clear()
        if not self.profile.text_stores:
            return
        yield Command("AT+CMGF=0")
        for text in ("AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=2,1"):
            reply = yield Command(text)
            if reply.ok:
                break
        self._look_soon()

    # work between calls

    def _look_soon(self, ms: int = SOON_MS) -> None:
        if self.profile.text_stores:
            self._after("texts", ms, self._look)

    def _look(self) -> None:
        self._after("texts", LOOK_MS, self._look)
        if self.mood == "idle" and self._script is None and self._sending is None:
            self._run(self._empty_stores())
        elif self.mood in ("idle", "call", "clearing"):
            self._after("texts", 1_000, self._look)

    def _empty_stores(self) -> Script:
        yield from self._clear_places()
        for store in self.profile.text_stores:
            if not (yield from self._choose(store)):
                continue
            reply = yield Command("AT+CMGL=4", prefix="+CMGL:", hex=True, limit_ms=20_000, gives_way=True)
            self._listed(store, reply.lines)
            yield from self._clear_places()

    def _choose(self, store: str) -> Generator[Wish, Reply, bool]:
        if self._store != store:
            reply = yield Command(f'AT+CPMS="{store}","{store}","{store}"', gives_way=True)
            self._store = store if reply.ok else ""
        return self._store == store

    def _listed(self, store: str, lines: tuple[str, ...]) -> None:
        """`+CMGL: <index>,<stat>,...` and the part in the next line; what we wrote there ourselves (stat 2 and 3) is none of ours."""
        here: set[int] = set()
        for head, pdu in pairwise(lines):
            try:
                parts = fields(head.partition(":")[2]) if head.startswith("+CMGL:") else []
            except ValueError:  # noise; the next look may read it
                continue
            if len(parts) < 2 or not _PLACE.match(parts[0]) or parts[1] not in ("0", "1") or not _HEX.match(pdu):
                continue
            index = int(parts[0])
            here.add(index)
            if self._told.get((store, index)) != pdu:
                self._told[store, index] = pdu
                self._tell(TextStored, store=store, index=index, pdu=pdu.upper())
        for known in [at for at in self._told if at[0] == store and at[1] not in here]:
            del self._told[known]

    def _clear_places(self) -> Script:
        """Only what still is what was told: a place may hold another part by now."""
        while self._to_clear:
            order = self._to_clear.pop(0)
            if self._told.get((order.store, order.index), "").upper() != order.pdu or not (yield from self._choose(order.store)):
                continue
            reply = yield Command(f"AT+CMGD={order.index}")
            if reply.ok:
                self._told.pop((order.store, order.index), None)
                self._tell(TextCleared, store=order.store, index=order.index)

    def _order_clear_text(self, order: ClearText) -> None:
        self._to_clear.append(order)
        self._look_soon()

    @on("+CMTI", "^SMMEMFULL", "+SMS FULL")
    def message_came(self, _text: str) -> None:
        self._look_soon()

    @on("+CDS")
    def report_comes(self, _text: str) -> None:
        self._report_follows = True

    def _take_line(self, line: str) -> None:
        """Before the command in flight: a listing, too, takes lines of hex digits for its own."""
        follows, self._report_follows = self._report_follows, False
        if follows and _HEX.match(line):
            self._tell(TextReported, pdu=line.upper())
        else:
            super()._take_line(line)

    # sending

    def _order_send_text(self, order: SendText) -> None:
        free = self.mood == "idle" and self._script is None and self._sending is None and self._chat.idle
        if not free or not self.enabled or not self.profile.text_stores:
            self._tell(TextFailed, job=order.job, why="line busy", again=True, busy=True)
        else:
            self._send_text(order)

    def _send_text(self, order: SendText) -> None:
        """No script: a caller who rings meanwhile is answered behind it, and the network's word is still heard."""
        self._sending = order
        self._send(Command(f"AT+CMGS={order.length}", limit_ms=PROMPT_MS, good=frozenset({PROMPT}), resync=False, then=self._prompted))

    def _prompted(self, reply: Reply) -> None:
        order = self._sending
        if order is None:
            return
        if reply.final != PROMPT:  # out of a prompt that comes late
            self._send(Command("", raw=b"\x1b\r", limit_ms=300, resync=False), urgent=True)
            self._text_failed(reply.final or "no prompt", reply.final)
            return
        body = Command("", raw=order.pdu.encode() + b"\x1a", limit_ms=NETWORK_MS, prefix="+CMGS:", then=self._network_said)
        self._send(body, urgent=True)

    def _network_said(self, reply: Reply) -> None:
        order = self._sending
        numbers = [line.partition(":")[2].split(",")[0].strip() for line in reply.lines]
        if order is None:
            return
        if reply.ok and numbers and _REFERENCE.match(numbers[-1]):
            self._sending = None
            self._tell(TextSent, job=order.job, reference=int(numbers[-1]))
        elif reply.final and not reply.ok:
            self._text_failed(reply.final, reply.final)
        else:
            self._text_lost("no answer")

    def _forget_port(self) -> None:
        """The modem is gone, or begins anew, with what it was about to send."""
        super()._forget_port()
        self._text_lost("the modem was lost")

    def _text_failed(self, why: str, final: str) -> None:
        """The modem or the network said no: nothing went."""
        order, self._sending = self._sending, None
        if order is not None:
            found = _ERROR.match(final)
            again = found is None or int(found[1]) in AGAIN
            self._tell(TextFailed, job=order.job, why=why, again=again)

    def _text_lost(self, why: str) -> None:
        """Nobody knows whether it went."""
        order, self._sending = self._sending, None
        if order is not None:
            self._tell(TextFailed, job=order.job, why=why, again=False, sure=False)
