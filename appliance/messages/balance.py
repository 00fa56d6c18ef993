"""What is left on each line's card (余额), asked of its network by USSD or a short message (A1 A5). Sans-I/O; a fold over the journal.

Asked once a day at the line's time, again after half an hour without an answer, three times a day at most; and when a person asks.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import BalanceAsked, BalanceRead, BalanceUnread, UssdAnswered, UssdFailed
from appliance.events.message import MessageReceived
from appliance.messages.ussd import text_of
from firmware_cfg.document import Balance, Line

AGAIN_MS: Final = 1_800_000
TRIES: Final = 3
MOST_FEN: Final = 10**11  # a billion yuan: a line's own pattern may find any digits
PATIENCE_MS: Final = 600_000  # a carrier's message comes within seconds, at times within minutes
AMOUNT: Final = (
    re.compile(r"(?:余额|结余|剩余话费)[^元]{0,60}?(-?\d{1,7}(?:\.\d{1,2})?)\s*元"),
    re.compile(r"balance[^\d-]{0,30}(-?\d{1,7}(?:\.\d{1,2})?)", re.IGNORECASE),
    re.compile(r"(-?\d{1,7}(?:\.\d{1,2})?)\s*元"),
)
"""How China's carriers say it, best first; a line's own `pattern` takes their place."""


class Account(msgspec.Struct):
    """Of one line. Times are UTC."""

    asked_ms: int = 0
    day: str = ""
    tries: int = 0  # of that day
    waits: bool = False
    read_ms: int | None = None
    fen: int | None = None
    text: str = ""
    why: str = ""  # no answer was got, or none that could be read


def amount_fen(text: str, pattern: str = "") -> int | None:
    """The amount in an answer; None where there is none."""
    for shape in (re.compile(pattern),) if pattern else AMOUNT:
        if found := shape.search(text):
            try:
                fen = round(100 * float(found[1]))
            except (TypeError, ValueError, OverflowError):
                return None
            return fen if abs(fen) < MOST_FEN else None
    return None


class Balances:
    """`take` every fact in the journal's order; `heard` says what follows from one."""

    KINDS: Final = ("BalanceAsked", "BalanceRead", "BalanceUnread")

    def __init__(self) -> None:
        self.accounts: dict[LineId, Account] = {}

    def take(self, utc_ms: int, fact: Event) -> None:
        match fact:
            case BalanceAsked(line=line, day=day):
                one = self.accounts.setdefault(line, Account())
                one.tries = one.tries + 1 if one.day == day else 1
                one.asked_ms, one.day, one.waits = utc_ms, day, True
            case BalanceRead(line=line, fen=fen, text=text):
                one = self.accounts.setdefault(line, Account())
                one.fen, one.text, one.read_ms, one.why, one.waits = fen, text, utc_ms, "", False
            case BalanceUnread(line=line, why=why):
                one = self.accounts.setdefault(line, Account())
                one.why, one.waits = why, False

    def heard(self, now_ms: int, fact: Event, lines: Iterable[Line]) -> list[Event]:
        """An answer to what was asked."""
        line = next((one for one in lines if one.id == getattr(fact, "line", None)), None)
        if line is None or line.balance is None or not self.waits(LineId(line.id)):
            return []
        match fact:
            case UssdAnswered(text=text, coding=coding, packed=in_hex) if line.balance.ussd:
                return [_read(now_ms, line, line.balance, text_of(text, coding, in_hex))]
            case UssdFailed(why=why) if line.balance.ussd:
                return [BalanceUnread(at_ms=now_ms, line=LineId(line.id), why=why)]
            case MessageReceived(sender=sender, text=text) if line.balance.sms_to and sender[-11:] == line.balance.sms_to[-11:]:
                return [_read(now_ms, line, line.balance, text)]
        return []

    def late(self, now_ms: int, utc_ms: int) -> list[Event]:
        """Who waits for an answer that does not come any more."""
        late = [line for line, one in self.accounts.items() if one.waits and not 0 <= utc_ms - one.asked_ms < PATIENCE_MS]
        return [BalanceUnread(at_ms=now_ms, line=line, why="no answer came") for line in late]

    def due(self, utc_ms: int, day: str, clock: str, lines: Iterable[Line]) -> list[Line]:
        """Those to be asked now; `clock` is the time of day, "09:30"."""
        return [line for line in lines if line.balance is not None and clock >= line.balance.at and self._due(utc_ms, day, LineId(line.id))]

    def _due(self, utc_ms: int, day: str, line: LineId) -> bool:
        one = self.accounts.get(line)
        if one is None or one.day != day:
            return one is None or not one.waits
        return bool(one.why) and not one.waits and one.tries < TRIES and utc_ms - one.asked_ms >= AGAIN_MS

    def waits(self, line: LineId) -> bool:
        return line in self.accounts and self.accounts[line].waits

    def low(self, line: Line) -> str:
        """A sentence where the last known balance is below the line's `balance_low`; "" else."""
        one = self.accounts.get(LineId(line.id))
        if line.balance is None or one is None or one.fen is None or one.fen >= round(100 * line.balance_low):
            return ""
        name, left, low = line.name or line.id, f"{one.fen / 100:.2f}", f"{line.balance_low:.2f}"
        return f"line {name}: {left} yuan are left on its card, less than {low}: top it up"


def _read(now_ms: int, line: Line, balance: Balance, text: str) -> Event:
    fen = amount_fen(text, balance.pattern)
    if fen is None:
        return BalanceUnread(at_ms=now_ms, line=LineId(line.id), why="no amount found in the answer", text=text[:1_000])
    return BalanceRead(at_ms=now_ms, line=LineId(line.id), fen=fen, text=text[:1_000])
