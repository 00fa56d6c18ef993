"""Short messages upon journal and lines (A1 A5): deleted in the modem when it is on the disk, sent when it is on the disk that it goes."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from appliance.base.clock import Clock
from appliance.base.ids import LineId
from appliance.box.lines import Lines
from appliance.events import Event
from appliance.events.line import TextFailed, TextSent, TextStored
from appliance.hw.dialect import ClearText, SendText
from appliance.messages.allowance import Allowance
from appliance.messages.pdu import length_of
from appliance.messages.post import KINDS, Post
from appliance.messages.views import MessageView
from appliance.store.entry import Entry
from appliance.store.journal import Journal, JournalFull

log = logging.getLogger(__name__)


class Messages:
    """A subscriber of the bus; `turn` each second and after each word of a modem. `ready`: lines that are idle and may make calls;
    `refused`: why a number may not be dialled; `most`: parts a day, 0 is no limit."""

    def __init__(
        self,
        journal: Journal,
        lines: Lines,
        publish: Callable[[list[Event]], int],
        clock: Clock,
        ready: Callable[[], list[LineId]],
        refused: Callable[[str], str],
        most: Callable[[], int],
        day: Callable[[int], str],
    ) -> None:
        self.allowance, self._most, self._day = Allowance(day), most, day
        self._refused: tuple[int, str] | None = None  # the cap that refused one, and on which day
        self.post = Post(refused, self._full)
        self._journal, self._lines, self._publish, self._clock, self._ready = journal, lines, publish, clock, ready
        self._kinds = frozenset((*KINDS, "TextSent", "TextFailed"))
        self._jobs: set[asyncio.Task[None]] = set()
        ahead = clock.utc_ms() - clock.now_ms()
        for entry in journal.entries(kinds=KINDS):
            self._take(entry.at_ms if entry.boot == journal.boot else entry.utc_ms - ahead, entry)

    def start(self) -> None:
        """What the last run left undone is told."""
        if facts := self.post.started(self._clock.now_ms()):
            self._publish(facts)

    def stop(self) -> None:
        for job in self._jobs:
            job.cancel()

    def _take(self, at_ms: int, entry: Entry) -> list[Event]:
        self.allowance.take(entry.utc_ms, entry.event)
        return self.post.take(at_ms, entry.utc_ms, entry.event)

    def heard(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.kind not in self._kinds:
                continue
            facts = self._take(entry.at_ms, entry)
            last = entry.number
            if facts := facts + self.post.heard(self._clock.now_ms(), entry.event):
                last = self._publish(facts)
            if isinstance(entry.event, TextStored):
                self._when_on_disk(last, LineId(entry.event.line), ClearText(entry.event.store, entry.event.index, entry.event.pdu))
            elif isinstance(entry.event, TextSent | TextFailed):
                asyncio.get_running_loop().call_soon(self.turn)

    def _full(self, parts: int) -> bool:
        """So many more are too many today."""
        most = self._most()
        over = bool(most) and self.allowance.used(self._clock.utc_ms()) + parts > most
        if over:
            self._refused = (most, self._day(self._clock.utc_ms()))
        return over

    @property
    def abused(self) -> str:
        """A sentence from the first message that today's cap refused on, until the day or the cap is another."""
        most = self._most()
        if self._refused != (most, self._day(self._clock.utc_ms())):
            return ""
        return f"more than {most} parts of short messages were to be written today, and are refused: is somebody abusing the box?"

    def turn(self) -> None:
        """What is due, and the next part for each line that has nothing else to do."""
        now_ms = self._clock.now_ms()
        try:
            if facts := self.post.due(now_ms):
                self._publish(facts)
            ready = self._ready()
            while (following := self.post.next(now_ms, ready)) is not None:
                tried, pdu = following
                ready.remove(tried.line)
                number = self._publish([tried])
                self._when_on_disk(number, tried.line, SendText(self.post.outbox.job_of(tried.message), pdu, length_of(pdu)))
        except JournalFull as error:
            log.error("short messages wait: %s", error)

    def _when_on_disk(self, number: int, line: LineId, order: ClearText | SendText) -> None:
        job = asyncio.get_running_loop().create_task(self._ordered(number, line, order))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _ordered(self, number: int, line: LineId, order: ClearText | SendText) -> None:
        await self._journal.committed(number)
        self._lines.text(line, order)

    # -- for pages and interface -----------------------------------------------------------------------------------------------------

    def newest(self, *, direction: str | None = None, number: str | None = None, limit: int = 200) -> list[MessageView]:
        found: Iterable[MessageView] = self.post.seen.newest(direction=direction, number=number)
        return [view for view, _ in zip(found, range(limit), strict=False)]

    @property
    def refusers(self) -> dict[str, str]:
        """Numbers that want no messages, and by whose word."""
        return dict(self.post.refusers)

    def one(self, message: str) -> MessageView | None:
        return self.post.seen.one(message)

    def write(self, to: str, text: str, by: str, template: str = "") -> tuple[str, int]:
        """(its id, the number of its entry). Raises Refused."""
        number = self._publish(facts := self.post.write(self._clock.now_ms(), to, text, by, template))
        asyncio.get_running_loop().call_soon(self.turn)
        return str(facts[0].message), number  # type: ignore[attr-defined]

    def ask(self, line: LineId, to: str, text: str) -> None:
        """The box's own question to the carrier of this line."""
        self._publish(self.post.ask(self._clock.now_ms(), line, to, text))
        asyncio.get_running_loop().call_soon(self.turn)

    def write_once(self, to: str, text: str, by: str) -> None:
        """Nothing where this very text goes, or went, to this number. Raises Refused."""
        if not any(view.text == text for view in self.post.seen.newest(direction="out", number=to)):
            self.write(to, text, by)

    def mark_read(self, message: str, by: str) -> int:
        """Raises NotFound."""
        return self._publish(self.post.mark_read(self._clock.now_ms(), message, by))

    def opt(self, number: str, out: bool, by: str) -> int:
        """Raises Refused."""
        return self._publish(self.post.opt(self._clock.now_ms(), number, out, by))
