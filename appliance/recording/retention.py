"""Retention (A7): originals end by the policy of the configuration and by two people together, and leave a signed tombstone.

Decisions alone, told the time; `keeper.py` carries them out.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.base.errors import NotFound, Refused
from appliance.events import Event
from appliance.events.recording import DeletionAgreed, DeletionProposed, DeletionWithdrawn
from appliance.store.entry import Entry

DAY_MS: Final = 86_400_000


class Proposal(msgspec.Struct, kw_only=True):
    """`agreed_by` None: one person alone wants it. `state`: open, agreed, withdrawn."""

    id: str
    by: str
    why: str
    at_ms: int  # UTC
    before_ms: int  # UTC: what was begun before
    keep_days: int
    recordings: int
    agreed_by: str | None = None
    withdrawn_by: str | None = None

    @property
    def state(self) -> str:
        return "withdrawn" if self.withdrawn_by else "agreed" if self.agreed_by else "open"


class Retention:
    """A subscriber of the bus. `propose`, `agree` and `withdraw` give the fact to be published, or raise Refused."""

    def __init__(self) -> None:
        self.proposals: dict[str, Proposal] = {}
        """Oldest first."""

    def take(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            match entry.event:
                case DeletionProposed() as fact:
                    self.proposals[fact.proposal] = Proposal(
                        id=fact.proposal,
                        by=fact.by,
                        why=fact.why,
                        at_ms=entry.utc_ms,
                        before_ms=fact.before_utc_ms,
                        keep_days=fact.keep_days,
                        recordings=fact.recordings,
                    )
                case DeletionAgreed(proposal=name, by=by) if name in self.proposals:
                    self.proposals[name].agreed_by = by
                case DeletionWithdrawn(proposal=name, by=by) if name in self.proposals:
                    self.proposals[name].withdrawn_by = by

    def agreed(self) -> list[Proposal]:
        """For the keeper's thread."""
        return [each for each in list(self.proposals.values()) if each.state == "agreed"]

    def latest_before_ms(self, keep_days: int, utc_ms: int) -> int:
        """Whatever was begun before may go. Refused where the policy keeps all."""
        if keep_days <= 0:
            raise Refused("retention.no_policy")
        return utc_ms - keep_days * DAY_MS

    def propose(self, by: str, why: str, before_ms: int, recordings: int, keep_days: int, now_ms: int, utc_ms: int) -> Event:
        if before_ms > self.latest_before_ms(keep_days, utc_ms):
            raise Refused("retention.too_young", days=str(keep_days))
        if not why.strip():
            raise Refused("retention.no_reason")
        if recordings == 0:
            raise Refused("retention.nothing")
        if any(each.state == "open" for each in self.proposals.values()):
            raise Refused("retention.open")
        name = f"d{len(self.proposals) + 1}"
        return DeletionProposed(
            at_ms=now_ms, proposal=name, by=by, why=why.strip()[:500], before_utc_ms=before_ms, keep_days=keep_days, recordings=recordings
        )

    def _open(self, name: str) -> Proposal:
        if name not in self.proposals:
            raise NotFound(f"there is no proposal {name!r}")
        if self.proposals[name].state != "open":
            raise Refused("retention.decided")
        return self.proposals[name]

    def agree(self, name: str, by: str, keep_days: int, now_ms: int, utc_ms: int) -> Event:
        """The second person; a policy that keeps longer since then holds."""
        proposal = self._open(name)
        if proposal.by == by:
            raise Refused("retention.same_person")
        if proposal.before_ms > self.latest_before_ms(keep_days, utc_ms):
            raise Refused("retention.too_young", days=str(keep_days))
        return DeletionAgreed(at_ms=now_ms, proposal=name, by=by)

    def withdraw(self, name: str, by: str, now_ms: int) -> Event:
        """By anybody who has the right to propose."""
        return DeletionWithdrawn(at_ms=now_ms, proposal=self._open(name).id, by=by)
