"""What keeps recordings after their seal, wired into a box (A7): the day's head and report, packing, deletion, reconciliation."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.base.clock import Clock
from appliance.base.errors import Refused
from appliance.base.phone_numbers import masked
from appliance.box.alarms import Alarms
from appliance.box.books import Books, local_day
from appliance.events import Event
from appliance.events.recording import HeadPrinted, RecordingSealed
from appliance.recording.heads import Heads, message
from appliance.recording.keeper import Keeper
from appliance.recording.records import Records
from appliance.recording.register import Register
from appliance.recording.retention import Retention
from appliance.store.bus import Bus
from appliance.store.entry import Entry
from appliance.store.journal import Journal
from appliance.store.table import ENDS, HEADS, RETENTION
from firmware_cfg.document import Recording as Policy

log = logging.getLogger(__name__)


class Custody:
    """Of the event loop's thread; what is slow runs in the keeper's, or in one of asyncio's."""

    def __init__(
        self,
        state: Path,
        journal: Journal,
        bus: Bus,
        books: Books,
        alarms: Alarms,
        clock: Clock,
        policy: Callable[[], Policy],
        send: Callable[[str, str], object],
    ) -> None:
        """send: a number and the text that goes to it, where it has not gone there already. Raises Refused."""
        self._journal, self._bus, self._alarms, self._clock = journal, bus, alarms, clock
        self._policy, self._send = policy, send
        self._loop = asyncio.get_running_loop()
        self.heads, self.retention = Heads(state, bus.publish, local_day), Retention()
        first = next(journal.entries(), None)
        self.heads.learn(
            journal.entries(kinds=HEADS),
            lambda after: (entry for entry in journal.entries(after=after, kinds=ENDS) if isinstance(entry.event, RecordingSealed)),
            first.utc_ms if first is not None else clock.utc_ms(),
        )
        self.retention.take(list(journal.entries(kinds=RETENTION)))
        register = Register(books.database.reader)
        self.keeper = Keeper(state, journal, register, self._tell, clock, policy, self.retention.agreed)
        self.records = Records(state, register, self.keeper, self.heads, self.retention, bus.publish, clock, policy)
        self._closing: asyncio.Task[None] | None = None
        self._tables, self._all, self._keeps = books.projector, journal.committed_number, False
        bus.subscribe(self.heads.take)  # what is published from here on, seals of the last run's recordings included
        bus.subscribe(self.retention.take)

    def start(self) -> None:
        """Where the tables are made again from the journal, once they are whole: what they do not know yet is not to be deleted twice."""
        self._keeps = self._tables.number >= self._all
        if self._keeps:
            self.keeper.start()

    def look(self) -> None:
        """Each second: is a day over, is a report to be written?"""
        if not self._keeps:
            self.start()
        self.heads.look(self._clock.now_ms(), self._clock.utc_ms())
        if self._keeps and (self._closing is None or self._closing.done()) and self.heads.unwritten:
            self._closing = asyncio.create_task(self._close(), name="the day's report")

    async def _close(self) -> None:
        """Once the head is on the disk: the day's books against each other, and the report."""
        try:
            for entry in list(self.heads.unwritten):
                await self._journal.committed(entry.number)
                text = ""
                if isinstance(entry.event, HeadPrinted) and entry.event.by == "box":
                    found = await asyncio.to_thread(self.keeper.differences, entry.event.day, self.heads.before.get(entry.number))
                    lines = [f"{each.what} {each.about} {each.detail}".rstrip() for each in found]
                    text = "".join(f"{line}\n" for line in lines or ["reconciliation: nothing is missing"])
                    self._say(entry.event.day, len(found))
                    self._send_head(entry)
                await asyncio.to_thread(self.heads.write_report, entry, text)
        except Exception:
            log.exception("the day's report could not be written; it is tried again")

    def _send_head(self, entry: Entry) -> None:
        """To whom the configuration names; before the report is written, so that a kill in between costs neither."""
        wrong = ""
        for number in self._policy().head_to:
            try:
                self._send(number, message(entry))
            except Refused as error:
                wrong = f"the day's head was not sent to {masked(number)}: {error.key}"
        if wrong:
            self._alarms.raise_("head_to", wrong)
        else:
            self._alarms.clear("head_to")

    def _say(self, day: str, found: int) -> None:
        if found:
            self._alarms.raise_(
                "reconciliation", f"{day}: {found} differences between calls and recordings; see the page Records or `seatbox reconcile`"
            )
        else:
            self._alarms.clear("reconciliation")

    def _tell(self, facts: Sequence[Event]) -> None:
        """From the keeper's thread; returns once they are on the disk."""
        asyncio.run_coroutine_threadsafe(self._told(list(facts)), self._loop).result(timeout=60)

    async def _told(self, facts: list[Event]) -> None:
        await self._journal.committed(self._bus.publish(facts))

    def stop(self) -> None:
        self.keeper.stop()
        if self._closing is not None:
            self._closing.cancel()
