"""What `seatbox verify` asks of heads that were printed and of originals that were deleted (A7)."""

from collections import Counter
from collections.abc import Iterator

from appliance.events.recording import DeletionAgreed, DeletionProposed, HeadPrinted, RecordingDeleted, RecordingSealed, SigningKeyMade
from appliance.store.entry import Entry
from appliance.store.tombstone import signed


class Heads:
    """Each head names the seals since the last one; `printed`, kept outside, must be found as they were."""

    def __init__(self, printed: dict[int, bytes]) -> None:
        self._printed = dict(printed)
        self._seals: list[bytes] = []

    def take(self, entry: Entry) -> Iterator[str]:
        expected = self._printed.pop(entry.number, None)
        if expected is not None and entry.hash != expected:
            yield f"entry {entry.number}: its hash is not the printed one: the journal was written anew"
        if isinstance(entry.event, RecordingSealed):
            self._seals.append(entry.hash)
        elif isinstance(entry.event, HeadPrinted):
            if entry.event.seals != b"".join(self._seals):
                yield f"entry {entry.number}: the head of {entry.event.day} does not name the seals before it"
            self._seals = []

    def missing(self) -> list[str]:
        return [f"entry {number}: missing, its head was printed" for number in sorted(self._printed)]


class Deletions:
    """A tombstone is good where two different people wanted it, and the box signed it with its key of then."""

    def __init__(self) -> None:
        self._public = ""
        self._proposed: dict[str, str] = {}
        self._agreed: dict[str, str] = {}
        self._count: Counter[tuple[str, str, str]] = Counter()

    def take(self, entry: Entry) -> Iterator[str]:
        match entry.event:
            case SigningKeyMade(public=public):
                self._public = public
            case DeletionProposed(proposal=proposal, by=by):
                self._proposed[proposal] = by
            case DeletionAgreed(proposal=proposal, by=by):
                self._agreed[proposal] = by
            case RecordingDeleted() as fact:
                people = (self._proposed.get(fact.proposal, ""), self._agreed.get(fact.proposal, ""))
                if people != (fact.proposed_by, fact.agreed_by) or not all(people) or people[0] == people[1]:
                    yield f"call {fact.call}: recordings/{fact.path}: deleted without two people's agreement (entry {entry.number})"
                elif not signed(fact, self._public):
                    yield f"call {fact.call}: recordings/{fact.path}: its tombstone is not signed by the box (entry {entry.number})"
                else:
                    self._count[(fact.proposal, *people)] += 1

    def lines(self) -> list[str]:
        return [f"deleted by agreement {proposal} of {one} and {two}: {n} recordings" for (proposal, one, two), n in self._count.items()]
