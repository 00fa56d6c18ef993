"""Messages that go (A1): in order, part by part, again where the network is busy, never twice where nobody knows. Sans-I/O.

Before a part is given to a modem its MessageTried is on the disk. A part of which nothing was heard after that (no answer, or the box
ended in the midst) may have gone: its message is told as failed, not sure, and a person decides. All else is tried again by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import TextFailed, TextSent
from appliance.events.message import (
    MessageDelivered,
    MessageEvent,
    MessageFailed,
    MessagePartSent,
    MessageSent,
    MessageTried,
    MessageWritten,
)
from appliance.messages.pdu import Report, submits

AGAIN_MS: Final = (30_000, 120_000, 600_000, 1_800_000)
"""Pauses before the second to fifth try of a part."""

BUSY_MS: Final = 1_000
"""Pause where the line had something else to do (its store emptied, a call that begins): that was no try."""

BUSY_MOST: Final = 60
"""So often a part, a minute in all. A line that is busy still has another trouble: each time more counts as a try."""

SILENT_MS: Final = 180_000
"""A modem that says nothing for so long has lost the part; the driver's own limits are shorter."""

REPORTS_MS: Final = 48 * 3600 * 1000
"""So long a report of the network is waited for: a message is valid for a day."""

EARLY_MOST: Final = 16
"""Reports kept that no part was found for: each line sends one part at a time."""


@dataclass(slots=True)
class Going:
    id: str
    to: str
    pdus: list[str]
    part: int = 1
    tries: int = 0
    busy: int = 0  # of the tries: the line had something else to do
    due_ms: int = 0
    line: LineId | None = None  # in flight there
    job: str = ""
    since_ms: int = 0
    sent: dict[int, tuple[LineId, int]] = field(default_factory=dict)  # part -> line, reference
    delivered: set[int] = field(default_factory=set)
    done_ms: int | None = None  # all parts went
    only: LineId | None = None  # no other line may take it


class Outbox:
    """`take` every fact in the journal's order, also at the start; `results` says what that means, `next` what goes now."""

    def __init__(self) -> None:
        self.going: dict[str, Going] = {}
        self._early: list[tuple[str, Report]] = []  # came before it was written that their part went, a network is that quick

    def take(self, at_ms: int, fact: Event) -> None:
        if isinstance(fact, TextFailed):
            self._again(at_ms, fact)
            return
        if isinstance(fact, MessageWritten):
            pdus = submits(fact.to, fact.text, int(fact.message[1:]))
            self.going[fact.message] = Going(fact.message, fact.to, pdus, due_ms=at_ms, only=fact.line)
            return
        one = self.going.get(fact.message) if isinstance(fact, MessageEvent) else None
        if one is None:
            return
        match fact:
            case MessageTried(line=line):
                one.line, one.since_ms, one.tries = line, at_ms, one.tries + 1
                one.job = f"{one.id}/{one.part}/{one.tries}"
            case MessagePartSent(part=part, line=line, reference=reference):
                one.sent[part] = (line, reference)
                one.part, one.tries, one.busy, one.line, one.due_ms = part + 1, 0, 0, None, at_ms
            case MessageSent():
                one.done_ms = at_ms
            case MessageDelivered() | MessageFailed():
                del self.going[one.id]

    def after_restart(self, now_ms: int) -> Iterator[Event]:
        """What was in flight when the box ended."""
        for one in list(self.going.values()):
            if one.line is not None:
                yield MessageFailed(at_ms=now_ms, message=one.id, why="box restarted", sure=False)
            elif one.done_ms is None and one.part > len(one.pdus):
                yield MessageSent(at_ms=now_ms, message=one.id)
            elif len(one.delivered) == len(one.pdus):
                yield MessageDelivered(at_ms=now_ms, message=one.id)

    def told(self, now_ms: int, fact: TextSent | TextFailed) -> Iterator[Event]:
        """A modem's word about the part that it has; of another's, too late, or of one tried again, it means nothing."""
        one = self._in_flight(fact.job)
        if one is None:
            return
        assert one.line is not None
        if isinstance(fact, TextSent):
            last = one.part == len(one.pdus)
            yield MessagePartSent(at_ms=now_ms, message=one.id, part=one.part, line=one.line, reference=fact.reference)
            if last:
                yield MessageSent(at_ms=now_ms, message=one.id)
        else:
            yield MessageFailed(at_ms=now_ms, message=one.id, why=fact.why, sure=fact.sure)

    def _in_flight(self, job: str) -> Going | None:
        return next((one for one in self.going.values() if one.job == job and one.line is not None), None)

    def _again(self, at_ms: int, fact: TextFailed) -> None:
        """The part waits for its next try, if it has one."""
        one = self._in_flight(fact.job)
        if one is None:
            return
        if fact.busy and one.busy < BUSY_MOST:
            one.line, one.due_ms, one.busy = None, at_ms + BUSY_MS, one.busy + 1
        elif fact.sure and fact.again and one.tries - one.busy <= len(AGAIN_MS):
            one.line, one.due_ms = None, at_ms + AGAIN_MS[one.tries - one.busy - 1]

    def reported(self, now_ms: int, line: str, report: Report) -> Iterator[Event]:
        """Of the newest message to that number on that line with this reference: they count up to 255 and begin anew."""
        for one in reversed(list(self.going.values())):
            part = next((part for part, known in one.sent.items() if known == (line, report.reference)), None)
            if part is None or one.to[-8:] != report.to[-8:]:
                continue
            if report.status == "failed":
                yield MessageFailed(at_ms=now_ms, message=one.id, why=f"the network gave up ({report.code})")
            elif report.status == "delivered":
                one.delivered.add(part)
                if len(one.delivered) == len(one.pdus):
                    yield MessageDelivered(at_ms=now_ms, message=one.id)
            return
        if any(one.line == line for one in self.going.values()):
            self._early.append((line, report))

    def reported_early(self, now_ms: int, line: str) -> Iterator[Event]:
        """Of the part of which is written now that it went by this line; what is of no part then never is."""
        early = [report for of, report in self._early if of == line]
        self._early = [one for one in self._early if one[0] != line]
        for report in early[-EARLY_MOST:]:
            yield from self.reported(now_ms, line, report)

    def late(self, now_ms: int) -> Iterator[Event]:
        """A modem that fell silent; and reports that never came are forgotten."""
        for one in list(self.going.values()):
            if one.line is not None and now_ms - one.since_ms >= SILENT_MS:
                yield MessageFailed(at_ms=now_ms, message=one.id, why="no answer", sure=False)
            elif one.done_ms is not None and now_ms - one.done_ms >= REPORTS_MS:
                del self.going[one.id]

    def next(self, now_ms: int, ready: list[LineId]) -> tuple[MessageTried, str] | None:
        """The next part for one of these lines, oldest message first, and its PDU. All parts of a message go by one line where it can."""
        for one in self.going.values():
            if one.line is None and one.done_ms is None and one.due_ms <= now_ms and one.part <= len(one.pdus) and ready:
                if one.only is not None and one.only not in ready:
                    continue
                used = one.only or (one.sent[one.part - 1][0] if one.part > 1 else ready[0])
                line = used if used in ready else ready[0]
                return MessageTried(at_ms=now_ms, message=one.id, part=one.part, line=line), one.pdus[one.part - 1]
        return None

    def job_of(self, message: str) -> str:
        return self.going[message].job

    @property
    def next_ms(self) -> int | None:
        return min(
            (one.due_ms if one.line is None else one.since_ms + SILENT_MS for one in self.going.values() if not one.done_ms), default=None
        )
