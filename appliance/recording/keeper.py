"""The keeper of sealed recordings (A7): packs, deletes what two people agreed on, closes days. One slow thread of its own, lowest priority.

Every step is told to the journal first and done after: killed anywhere, the next start goes on.
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from appliance.base.clock import Clock
from appliance.base.errors import SeatboxError
from appliance.base.ids import CallId, TenantId
from appliance.events import Event
from appliance.events.recording import RecordingDeleted, SigningKeyMade
from appliance.recording import copying, packing
from appliance.recording.reconcile import Difference, bounds, foreign, reconcile
from appliance.recording.register import Recorded, Register
from appliance.recording.retention import Proposal
from appliance.recording.vault import Reader, witness_of
from appliance.recording.wav import LISTENING, listening_path, packed_path
from appliance.store.table import RETENTION
from appliance.store.tombstone import SigningKey
from firmware_cfg.document import Recording as Policy

log = logging.getLogger(__name__)

POLL_S: Final = 5.0
AT_ONCE: Final = 50
HOUR_MS: Final = 3_600_000


class Keeper:
    """`tell` returns once the facts are on the disk, and may be called from any thread but the event loop's.

    `policy`: the one in force; `agreed`: what two people agreed on.
    """

    def __init__(
        self,
        state: Path,
        journal: Reader,
        register: Register,
        tell: Callable[[Sequence[Event]], None],
        clock: Clock,
        policy: Callable[[], Policy],
        agreed: Callable[[], list[Proposal]] = list,
    ) -> None:
        self.state, self.directory = state, state / "recordings"
        self._journal, self.register, self._tell, self._clock, self._policy = journal, register, tell, clock, policy
        self._agreed = agreed
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._unpackable: set[str] = set()
        self._gone: set[str] = set()  # deleted in this run
        self._copied: set[str] = set()  # in this run, or it cannot be
        self._begun = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """At most a step later; never waits for the event loop."""
        self._stop.set()
        self._wake.set()

    def wake(self) -> None:
        """Something was agreed on."""
        self._wake.set()

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        while not self._stop.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                self.turn()
            except Exception:
                log.exception("a turn of the keeper failed; the next one comes")

    def turn(self) -> None:
        """One round. Raises what the disk raises."""
        if not self._begun:
            self._take_up()
            self._begun = True
        self._delete_agreed()
        policy = self._policy()
        old_ms = self._clock.utc_ms() - round(policy.pack_after_h * HOUR_MS)
        if policy.pack:
            due = self.register.to_pack(old_ms, AT_ONCE + len(self._unpackable))
            for row in due:
                if row.call not in self._unpackable and not self._stop.is_set():
                    self.pack(row)
        if policy.listening_copy:
            for row in self.register.to_copy(old_ms, policy.pack, AT_ONCE + len(self._copied)):
                if row.call not in self._copied | self._gone and not self._stop.is_set():
                    self.copy(row)

    def _take_up(self) -> None:
        """What the last run left half done."""
        for part in (self.state / packing.PLACE).glob("*"):
            part.unlink()
        for row in self.register.packed():
            if (self.directory / row.path).exists():
                self.pack(row)
        for row in self.register.deleted():
            self._remove(row)

    # -- packing --------------------------------------------------------------------------------------------------------------------

    def pack(self, row: Recorded) -> None:
        witness = witness_of(self._journal, CallId(row.call), row.began_number)
        if witness is None:
            return
        try:
            for _ in packing.packing(witness, self.state, lambda fact: self._tell([fact]), self._clock.now_ms):
                pass
        except (SeatboxError, OSError) as why:
            self._unpackable.add(row.call)
            log.warning("call %s is not packed: %s", row.call, why)

    def copy(self, row: Recorded) -> None:
        self._copied.add(row.call)
        witness = witness_of(self._journal, CallId(row.call), row.began_number)
        if witness is None:
            return
        try:
            copying.copying(witness, self.state, lambda fact: self._tell([fact]), self._clock.now_ms)
        except (SeatboxError, OSError) as why:
            log.warning("call %s has no copy for listening: %s", row.call, why)

    # -- deletion -------------------------------------------------------------------------------------------------------------------

    def _delete_agreed(self) -> None:
        for proposal in self._agreed():  # of this run and of earlier ones: nothing is left of those that are done
            rows = [row for row in self.register.to_delete(proposal.before_ms) if row.call not in self._gone]
            for begin in range(0, len(rows), AT_ONCE):
                if self._stop.is_set():
                    return
                some = rows[begin : begin + AT_ONCE]
                key = self._key()
                self._tell([self._tombstone(row, proposal, key) for row in some])
                self._gone |= {row.call for row in some}  # the tables are a moment behind
                for row in some:
                    self._remove(row)

    def _key(self) -> SigningKey:
        key = SigningKey(self.state)
        known = [entry.event.public for entry in self._journal.entries(kinds=RETENTION) if isinstance(entry.event, SigningKeyMade)]
        if known[-1:] != [key.public]:
            self._tell([SigningKeyMade(at_ms=self._clock.now_ms(), public=key.public)])
        return key

    def _tombstone(self, row: Recorded, proposal: Proposal, key: SigningKey) -> RecordingDeleted:
        def fact(signature: str) -> RecordingDeleted:
            return RecordingDeleted(
                at_ms=self._clock.now_ms(),
                tenant=TenantId(self.register.tenant),
                call=CallId(row.call),
                proposal=proposal.id,
                proposed_by=proposal.by,
                agreed_by=proposal.agreed_by or "",
                path=row.path,
                size=row.size,
                sha256=row.sha256,
                began_utc_ms=row.utc_ms,
                signature=signature,
            )

        return fact(key.sign(fact("")))

    def _remove(self, row: Recorded) -> None:
        copy = self.state / LISTENING / listening_path(row.path)
        for path in (copy, self.directory / row.path, packed_path(self.directory / row.path)):
            if path.exists():
                path.unlink()
                packing.sync_folder(path.parent)

    # -- the day --------------------------------------------------------------------------------------------------------------------

    def differences(self, day: str, after: str | None = None) -> list[Difference]:
        """Of a local day, or of all after another one, and whatever lies in recordings/ that nobody recorded. ValueError: no day."""
        begin, end = bounds(day)
        if after is not None:
            begin = bounds(after)[1]
        found = reconcile(self.register, self.directory, begin, end)
        return found + foreign(self.directory, self.register.paths())
