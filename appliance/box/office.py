"""What pages and API ask of the box (web/office.py), upon its parts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Protocol

import appliance
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId, QueueId, SeatId
from appliance.box.changes import Change
from appliance.box.config_file import ConfigFile
from appliance.box.modems import families, waiting_modems
from appliance.box.parts import Parts
from appliance.calls.commands import Command, TestLamps
from appliance.calls.explanation import KINDS, MomentOfRouting, explained
from appliance.calls.outgoing import Cap
from appliance.calls.ports import line_place, seat_place
from appliance.calls.snapshot import CallView, NextView, QueueDetail, Snapshot
from appliance.calls.studio import Studio
from appliance.events.box import PersonDid
from appliance.flow.prompts import Prompts
from appliance.messages.balance import Account
from appliance.recording import wav
from appliance.recording.records import Records
from appliance.web.ask import Sentence
from appliance.web.office import Family, MessageDesk, Modem
from firmware_cfg.document import Document

COMMIT_S: Final = 5.0
"""A commit takes 0.05 to 0.2 s; a card under load a second. A disk that has refused for so long is said."""

SLOW_S: Final = 30.0
"""A disk that takes entries, but slowly, is waited for; no person waits longer than this."""

SEAL_S: Final = 3.0
"""A recording is sealed some 0.2 s after its call's end; one of an hour after 3 s."""


class ExchangeLink(Protocol):
    async def request(self, request: dict[str, object]) -> tuple[int, Any]: ...


class BoxOffice:
    """`Office` of web/office.py."""

    version = appliance.__version__

    def __init__(self, parts: Parts, state: Path, exchange: ExchangeLink | None, configuration: ConfigFile) -> None:
        self.parts, self.state, self._exchange, self.configuration = parts, state, exchange, configuration
        self.demo = exchange is not None
        self._families = families()

    @property
    def messages(self) -> MessageDesk:
        return self.parts.messages

    @property
    def document(self) -> Document:
        return self.parts.document

    @property
    def prompts(self) -> Prompts:
        return self.parts.prompts

    @property
    def studio(self) -> Studio:
        return self.parts.studio

    @property
    def records(self) -> Records:
        return self.parts.custody.records

    def families(self) -> dict[str, Family]:
        return self._families

    def modems(self) -> list[Modem]:
        return waiting_modems(self.document)

    def snapshot(self) -> Snapshot:
        return self.parts.picture()

    def caps(self) -> list[Cap]:
        return self.parts.guard.caps(self.parts.clock.utc_ms())

    def balances(self) -> dict[LineId, Account]:
        return self.parts.books.balances.accounts

    def ask_balance(self, line: str, by: str) -> int:
        return self.parts.balances.ask(line, by)

    def queues_in_detail(self) -> list[QueueDetail]:
        return self.parts.queue_pictures.details(self.parts.clock.now_ms())

    def next_callers(self, queue: str) -> list[NextView]:
        return self.parts.queue_pictures.next_callers(QueueId(queue), self.parts.clock.now_ms())

    def command(self, command: Command, by: str) -> int:
        about = str(next((getattr(command, what) for what in ("seat", "line", "call") if hasattr(command, what)), ""))
        if isinstance(command, TestLamps):
            self.parts.test_lamps()
        else:
            self.parts.order(command)
        return self.audit(by, type(command).__name__, about)

    def audit(self, by: str, what: str, about: str = "") -> int:
        return self.parts.publish([PersonDid(at_ms=self.parts.clock.now_ms(), by=by, what=what, about=about)])

    async def committed(self, number: int) -> None:
        """A disk that refuses must not hang the page: it is said that the thing was done and is not on the disk yet."""
        journal, loop = self.parts.journal, asyncio.get_running_loop()
        last = loop.time() + SLOW_S
        while True:
            try:
                async with asyncio.timeout(COMMIT_S):
                    return await journal.committed(number)
            except TimeoutError:
                if journal.refusing is not None or loop.time() > last:
                    raise Sentence("error.not_on_disk", 503) from None

    def call(self, call: str) -> CallView | None:
        return self.parts.books.one(call)

    def calls(self, *, live: bool | None = None, caller: str | None = None, limit: int = 200, before: str | None = None) -> list[CallView]:
        return self.parts.books.find(live=live, caller=caller, before=before, limit=limit)

    async def whole(self, call: str) -> None:
        end = asyncio.get_running_loop().time() + SEAL_S
        while asyncio.get_running_loop().time() < end and self._unsealed(self.parts.books.one(call)):
            await asyncio.sleep(0.02)

    @staticmethod
    def _unsealed(view: CallView | None) -> bool:
        return view is not None and view.ended_at_ms is not None and view.recording is not None and view.recording.sha256 is None

    def explanation(self, call: str) -> list[MomentOfRouting]:
        return explained(((entry.utc_ms, entry.event) for entry in self.parts.journal.entries(kinds=KINDS)), call)

    def recording(self, call: str) -> wav.Copy | wav.Unpacked | None:
        return self.parts.sound_of(call)

    def listening(self, call: str) -> wav.AsItIs | None:
        return self.records.listening(call)

    def health(self) -> dict[str, object]:
        return self.parts.health()

    def levels(self) -> dict[str, float]:
        """Of an outside phone's seat: that of its line."""
        levels, seats = self.parts.sound.levels_dbfs(), self.parts.switchboard.live.seats
        legs = {seat_place(seat.id): line_place(seat.leg) for seat in seats.values() if seat.leg is not None}
        return levels | {seat: levels[line] for seat, line in legs.items() if line in levels}

    def changes(self) -> AsyncIterator[Change]:
        return self.parts.changes.watch()

    def seat_ticket(self, seat: str) -> tuple[str, int]:
        known = self.parts.switchboard.live.seats.get(SeatId(seat))
        if known is None:
            raise NotFound(f"there is no seat {seat!r}")
        if known.is_phone:
            raise Refused("seat.is_a_phone", seat=seat)
        return self.parts.gateway.ticket(seat), self.parts.gateway.port

    async def exchange(self, request: dict[str, object]) -> tuple[int, object]:
        if self._exchange is None:
            return 404, {"error": "the simulated exchange is there in the demonstration only"}
        return await self._exchange.request(request)
