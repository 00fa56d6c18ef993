"""The lines' balances upon journal and modems (A1): what is due is written down, asked, and its answer told (messages/balance.py)."""

import asyncio
import logging
import time
from collections.abc import Callable

from appliance.base.clock import Clock
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId
from appliance.box.alarms import Alarms
from appliance.box.books import local_day
from appliance.box.lines import Lines
from appliance.box.messages import Messages
from appliance.events import Event
from appliance.events.line import BalanceAsked
from appliance.hw.dialect import AskUssd
from appliance.messages.balance import Balances
from appliance.messages.ussd import packed
from appliance.store.entry import Entry
from appliance.store.journal import Journal, JournalFull
from firmware_cfg.document import Document, Line

log = logging.getLogger(__name__)


class BalanceDesk:
    """A subscriber of the bus; `turn` each second. `ready`: lines that are idle."""

    def __init__(
        self,
        fold: Balances,
        journal: Journal,
        lines: Lines,
        messages: Messages,
        publish: Callable[[list[Event]], int],
        clock: Clock,
        alarms: Alarms,
        document: Callable[[], Document],
        ready: Callable[[], list[LineId]],
    ) -> None:
        self.fold, self._journal, self._lines, self._messages = fold, journal, lines, messages
        self._publish, self._clock, self._alarms, self._document, self._ready = publish, clock, alarms, document, ready
        self._jobs: set[asyncio.Task[None]] = set()
        self._alarmed: set[str] = set()

    def stop(self) -> None:
        for job in self._jobs:
            job.cancel()

    def heard(self, entries: list[Entry]) -> None:
        for entry in entries:
            if facts := self.fold.heard(self._clock.now_ms(), entry.event, self._document().line):
                self._publish(facts)

    def turn(self) -> None:
        utc_ms = self._clock.utc_ms()
        clock = time.strftime("%H:%M", time.localtime(utc_ms / 1000))
        try:
            if facts := self.fold.late(self._clock.now_ms(), utc_ms):
                self._publish(facts)
            for line in self.fold.due(utc_ms, local_day(utc_ms), clock, self._document().line):
                if line.id in self._ready():
                    self._ask(line, "")
        except JournalFull as error:
            log.error("balances wait: %s", error)
        self._look()

    def ask(self, name: str, by: str) -> int:
        """By a person; the number of the entry. Raises NotFound, Refused."""
        line = next((one for one in self._document().line if one.id == name), None)
        if line is None or line.balance is None:
            raise NotFound(name)
        if self.fold.waits(LineId(name)):
            raise Refused("lines.balance_waits")
        if name not in self._ready():
            raise Refused("lines.balance_busy")
        return self._ask(line, by)

    def _ask(self, line: Line, by: str) -> int:
        assert line.balance is not None
        balance, day = line.balance, local_day(self._clock.utc_ms())
        how = "ussd" if balance.ussd else "sms"
        number = self._publish([BalanceAsked(at_ms=self._clock.now_ms(), line=LineId(line.id), day=day, how=how, by=by)])
        if balance.ussd:
            job = asyncio.get_running_loop().create_task(self._by_ussd(number, LineId(line.id), balance.ussd))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)
        else:
            self._messages.ask(LineId(line.id), balance.sms_to, balance.text)
        return number

    async def _by_ussd(self, number: int, line: LineId, code: str) -> None:
        await self._journal.committed(number)
        self._lines.text(line, AskUssd(code, packed(code)))

    def _look(self) -> None:
        """An alarm for each line whose card is nearly empty."""
        low = {line.id: text for line in self._document().line if (text := self.fold.low(line))}
        for name in self._alarmed - set(low):
            self._alarms.clear(f"balance.{name}")
        for name, text in low.items():
            self._alarms.raise_(f"balance.{name}", text)
        self._alarmed = set(low)
