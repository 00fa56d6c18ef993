"""Everything that is a fold over the journal: calls, days, where recordings lie (A7 E5)."""

import time
from pathlib import Path
from typing import Final

from appliance.base.clock import Clock
from appliance.base.ids import LineId
from appliance.box import standing
from appliance.calls.history import CallsTable, History
from appliance.calls.left_open import OpenCalls
from appliance.calls.outgoing import Outgoing
from appliance.calls.snapshot import CallView
from appliance.calls.tables import CallBook, DayBook
from appliance.calls.talks import Talks
from appliance.events.box import BoxStarted, BoxStopped
from appliance.events.call import CallEnded, CallStarted
from appliance.events.line import LineFormat
from appliance.events.recording import RecordingBegan, RecordingSealed
from appliance.messages.balance import Balances
from appliance.recording.register import RegisterTable
from appliance.store.database import Database
from appliance.store.entry import Entry
from appliance.store.journal import Journal
from appliance.store.projector import Projector

KEEP: Final = 500
"""Calls whose pictures are held in memory (some 4 kB each); all are in the table, which is a tenth of a second behind."""

DAY_KINDS: Final = (
    "AgentLoggedIn", "AgentLoggedOut", "BoxStarted", "BoxStopped", "CallBackAsked", "CallBackFailed", "CallDialled", "CallEnded",
    "CallQueued", "CallStarted", "LineDisabled", "LineEnabled", "LineFormat", "OfferMissed", "RecordingBegan",
    "RecordingSealed", "SeatStateChanged",
)  # fmt: skip

BEHIND: Final = 5_000
"""Entries that a start waits for the tables to take in, at some 20 µs each; of more (an update makes tables again) it does not wait."""


def local_day(utc_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(utc_ms / 1000))


class Books:
    """A subscriber of the bus. At start the table catches up with the journal, and the days are read from it."""

    def __init__(self, state: Path, journal: Journal) -> None:
        self.calls, self.days, self.talks, self.outgoing = CallBook(KEEP), DayBook(local_day), Talks(), Outgoing(local_day)
        self.balances = Balances()
        self.clean = True  # the last end of the box was in order
        self.paths: dict[str, str] = {}
        self.formats: dict[LineId, str] = {}
        self._state, self._journal = state, journal
        self.database = Database(state)
        self.projector = Projector(self.database, journal)
        self.projector.register(CallsTable())
        self.projector.register(RegisterTable())
        self.history = History(self.database)
        self._standing = standing.found(state, journal)
        self._standing.into(self.days, self.talks, self.outgoing, self.balances)
        self.clean, self.formats, self._began, self._unsealed = (
            self._standing.clean,
            self._standing.formats,
            self._standing.began,
            self._standing.unsealed,
        )
        self._kept = self._standing.number
        self.take(
            list(journal.entries(after=self._kept, kinds=tuple({*DAY_KINDS, *Talks.KINDS, *Outgoing.KINDS, *Balances.KINDS}))),
            calls=False,
        )
        self._look_back()
        journal.on_commit(self.projector.heard)
        self.projector.start()

    def _look_back(self) -> None:
        """The pictures of calls: from the tables, or, where these are far behind, of the open calls alone and from the journal."""
        if self.projector.catch_up(at_most=BEHIND):
            for view in reversed([*self.history.newest(limit=KEEP // 2), *self.history.newest(live=True)]):
                self.calls.views[view.id] = view
        elif self._began:
            for entry in self._journal.entries(after=min(self._began.values()) - 1):
                if getattr(entry.event, "call", None) in self._began:
                    self.calls.take(entry.utc_ms, entry.event)

    @property
    def first_unsealed(self) -> int:
        """No recording without a seal began with an entry before this one."""
        return min(self._unsealed.values(), default=self._standing.number + 1)

    def take(self, entries: list[Entry], calls: bool = True) -> None:
        if entries:
            self._standing.number, self._standing.hash = entries[-1].number, entries[-1].hash
        for entry in entries:
            if calls:
                self.calls.take(entry.utc_ms, entry.event)
            self.days.take(entry.utc_ms, entry.event)
            self.talks.take(entry.event)
            self.outgoing.take(entry.utc_ms, entry.event)
            self.balances.take(entry.utc_ms, entry.event)
            match entry.event:
                case RecordingBegan(call=call, path=path):
                    self.paths[call] = path
                    self._unsealed[call] = entry.number
                case RecordingSealed(call=call):
                    self._unsealed.pop(call, None)
                case CallStarted(call=call):
                    self._began[call] = entry.number
                case CallEnded(call=call):
                    self._began.pop(call, None)
                case LineFormat(line=line, encoding=encoding):
                    self.formats[line] = encoding
                case BoxStarted():
                    self.clean = False
                    if self.outgoing.out:
                        before = next(self._journal.entries(after=entry.number - 2), entry)
                        self.outgoing.restarted(before.utc_ms)
                case BoxStopped():
                    self.clean = True

    def left_open(self, clock: Clock) -> OpenCalls:
        """The calls that were up when the last run ended. Times of another boot of the machine are put into this one by the calendar."""
        found = OpenCalls()
        if self._began:
            ahead = clock.utc_ms() - clock.now_ms()
            for entry in self._journal.entries(after=min(self._began.values()) - 1):
                found.take(entry.at_ms if entry.boot == self._journal.boot else entry.utc_ms - ahead, entry.event)
        return found

    def find(self, *, live: bool | None, caller: str | None, before: str | None, limit: int) -> list[CallView]:
        """Newest first: the table's, each in its latest picture, and those that the table does not have yet."""
        found = {view.id: view for view in self.history.newest(caller=caller, before=before, limit=limit)}
        if before is None:
            newer = [view for view in self.calls.views.values() if view.id not in found and (caller is None or view.caller == caller)]
            found |= {view.id: view for view in newer}
        views = [self.calls.views.get(name, view) for name, view in found.items()]
        views = [view for view in views if live is None or (view.ended_at_ms is None) is live]
        return sorted(views, key=lambda view: (view.started_at_ms, view.id), reverse=True)[:limit]

    def one(self, call: str) -> CallView | None:
        return self.calls.views.get(call) or self.history.one(call)

    def path(self, call: str) -> str | None:
        return self.paths.get(call) or self.history.path(call)

    def standing(self) -> tuple[int, bytes] | None:
        """Each `STEP` entries: the folds as they are now, as of this entry, to be kept once it is on the disk; None before."""
        if self._standing.number - self._kept < standing.STEP:
            return None
        self._kept = self._standing.number
        return self._kept, self._as_bytes()

    def _as_bytes(self) -> bytes:
        self._standing.clean = self.clean
        return self._standing.of(self.days, self.talks, self.outgoing, self.balances)

    def close(self) -> None:
        """After the journal's end."""
        if self._journal.committed_number >= self._standing.number:
            standing.keep(self._state, self._as_bytes())
        self.projector.stop()
        self.database.close()
