"""What pages and interface ask of recordings (A7): search, marks, heads, proofs, retention.

Questions read the disk: never on the event loop. Commands are for the event loop's thread; each gives the number of the journal entry that
must be on the disk before it is done.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from appliance.base.clock import Clock
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import CallId
from appliance.events import Event
from appliance.events.recording import HeadPrinted, RecordingMarked
from appliance.recording.heads import Heads
from appliance.recording.keeper import Keeper
from appliance.recording.reconcile import Difference, bounds
from appliance.recording.register import Recorded, Register, Search
from appliance.recording.retention import Proposal, Retention
from appliance.recording.wav import LISTENING, AsItIs
from appliance.store import table
from appliance.store.entry import Entry
from appliance.store.proof import heads, proof_of
from firmware_cfg.document import Recording as Policy

MOST_REASON = 500


class Records:
    def __init__(
        self,
        state: Path,
        register: Register,
        keeper: Keeper,
        printed: Heads,
        retention: Retention,
        publish: Callable[[Sequence[Event]], int],
        clock: Clock,
        policy: Callable[[], Policy],
    ) -> None:
        self.register, self.keeper, self.printed, self.retention = register, keeper, printed, retention
        self._copies = state / LISTENING
        self._journal, self._publish, self._clock, self._policy = state / table.NAME, publish, clock, policy

    # -- questions ------------------------------------------------------------------------------------------------------------------

    def search(self, wanted: Search, limit: int = 50) -> list[Recorded]:
        return self.register.search(wanted, limit)

    def one(self, call: str) -> Recorded | None:
        return self.register.one(call)

    def library(self) -> list[Recorded]:
        return self.register.library()

    def listenings(self, call: str) -> list[tuple[int, str]]:
        return self.register.listenings(call)

    def listening(self, call: str) -> AsItIs | None:
        """The copy for listening, where there is one."""
        row = self.register.one(call)
        if row is None or not row.copied or row.deleted:
            return None
        try:
            return AsItIs(self._copies / row.copied)
        except OSError:
            return None

    def proof(self, call: str) -> dict[str, Any]:
        """Raises NotFound, Refused."""
        return proof_of(self._journal, call)

    def heads(self, limit: int = 60) -> list[tuple[Entry, HeadPrinted]]:
        """Newest first."""
        if not self._journal.exists():
            return []
        found = [(entry, entry.event) for entry in heads(self._journal) if isinstance(entry.event, HeadPrinted)]
        return found[: -limit - 1 : -1]

    def differences(self, day: str) -> list[Difference]:
        """ValueError for what is no day."""
        return self.keeper.differences(day)

    def to_delete(self, before_ms: int) -> list[Recorded]:
        return self.register.to_delete(before_ms)

    @property
    def policy(self) -> Policy:
        return self._policy()

    @property
    def proposals(self) -> list[Proposal]:
        """Newest first."""
        return list(self.retention.proposals.values())[::-1]

    # -- commands -------------------------------------------------------------------------------------------------------------------

    def mark(self, row: Recorded, by: str, reason: str) -> int:
        """Into the library of exemplary calls with a reason; out of it with none."""
        reason = " ".join(reason.split())[:MOST_REASON]
        if not reason and not row.reason:
            raise Refused("library.no_reason")
        if row.deleted:
            raise NotFound(row.call)
        return self._publish([RecordingMarked(at_ms=self._clock.now_ms(), call=CallId(row.call), by=by, reason=reason)])

    def print_head(self, by: str) -> int:
        self.printed.print_now(self._clock.now_ms(), self._clock.utc_ms(), by)
        assert self.printed.last is not None
        return self.printed.last.number

    def before_of(self, day: str | None) -> int:
        """Begin of that local day; None: as late as the policy allows. Raises Refused, ValueError."""
        latest = self.retention.latest_before_ms(self.policy.keep_days, self._clock.utc_ms())
        return latest if day is None else bounds(day)[0]

    def propose(self, by: str, why: str, before_ms: int, recordings: int) -> int:
        now_ms, utc_ms = self._clock.now_ms(), self._clock.utc_ms()
        return self._publish([self.retention.propose(by, why, before_ms, recordings, self.policy.keep_days, now_ms, utc_ms)])

    def agree(self, proposal: str, by: str) -> int:
        fact = self.retention.agree(proposal, by, self.policy.keep_days, self._clock.now_ms(), self._clock.utc_ms())
        number = self._publish([fact])
        self.keeper.wake()
        return number

    def withdraw(self, proposal: str, by: str) -> int:
        return self._publish([self.retention.withdraw(proposal, by, self._clock.now_ms())])
