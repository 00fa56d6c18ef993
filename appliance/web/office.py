"""What pages and API ask of the box; box.py provides it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.base.ids import LineId
from appliance.calls.commands import Command
from appliance.calls.explanation import MomentOfRouting
from appliance.calls.outgoing import Cap
from appliance.calls.snapshot import CallView, NextView, QueueDetail, Snapshot
from appliance.calls.studio import Studio
from appliance.flow.prompts import Prompts
from appliance.messages.balance import Account
from appliance.messages.views import MessageView
from appliance.recording.records import Records
from firmware_cfg.document import Document
from firmware_cfg.findings import Finding


class Sound(Protocol):
    """A WAV with correct sizes, or a copy for listening, to be read in parts: an hour is 115 MB."""

    size: int

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `begin` up to `end`, some 256 kB at a time. Reads the disk: never on the event loop."""
        ...


class Family(msgspec.Struct, frozen=True):
    """A family of modems, for people. `limits`, by language: what its hardware does not allow; {} where it allows all."""

    title: str
    limits: dict[str, str]


class Modem(msgspec.Struct, frozen=True):
    """A modem on USB that no line of the configuration names. `family` None: a device of no family that the box knows; it is left alone."""

    where: str
    usb: str
    family: Family | None
    toml: str  # the [[line]] to paste


class MessageDesk(Protocol):
    """Short messages (A5)."""

    def newest(self, *, direction: str | None = None, number: str | None = None, limit: int = 200) -> list[MessageView]: ...

    def one(self, message: str) -> MessageView | None: ...

    @property
    def refusers(self) -> dict[str, str]:
        """Numbers that want no messages (their last eleven digits), and by whose word."""
        ...

    def write(self, to: str, text: str, by: str, template: str = "") -> tuple[str, int]:
        """(its id, the number of its entry). Raises Refused."""
        ...

    def mark_read(self, message: str, by: str) -> int:
        """Raises NotFound."""
        ...

    def opt(self, number: str, out: bool, by: str) -> int:
        """Raises Refused."""
        ...


class Configuration(Protocol):
    """The configuration's file (E2). All of it reads the disk: never on the event loop."""

    def read(self) -> tuple[str, str]:
        """(text, its fingerprint). Raises Refused."""
        ...

    def examine(self, text: str) -> list[Finding]:
        """Everything that is wrong with it."""
        ...

    def save(self, text: str, was: str) -> str:
        """In place of the one whose fingerprint `was`; its own. Raises Refused. The box takes it over within a second or two."""
        ...

    def versions(self) -> list[str]:
        """Those before, newest first, by the time at which each was replaced."""
        ...

    def version(self, name: str) -> str:
        """Raises NotFound."""
        ...


class Office(Protocol):
    @property
    def document(self) -> Document: ...

    @property
    def state(self) -> Path:
        """DIR."""
        ...

    @property
    def messages(self) -> MessageDesk: ...

    @property
    def configuration(self) -> Configuration: ...

    @property
    def demo(self) -> bool: ...

    @property
    def version(self) -> str: ...

    @property
    def records(self) -> Records:
        """Recordings after their seal: search, marks, heads, proofs, retention."""
        ...

    @property
    def prompts(self) -> Prompts:
        """What callers hear."""
        ...

    @property
    def studio(self) -> Studio:
        """Prompts that are spoken at seats."""
        ...

    def snapshot(self) -> Snapshot: ...

    def caps(self) -> list[Cap]:
        """Of what the lines dial, and what was used of each today."""
        ...

    def balances(self) -> dict[LineId, Account]:
        """What is known of each line's card that was asked for."""
        ...

    def ask_balance(self, line: str, by: str) -> int:
        """Asks its network; the number of the entry. Raises NotFound, Refused."""
        ...

    def queues_in_detail(self) -> list[QueueDetail]: ...

    def next_callers(self, queue: str) -> list[NextView]:
        """Whom each agent of the queue would get if he were ready now. Raises NotFound."""
        ...

    def families(self) -> dict[str, Family]:
        """By the word that a line's `dialect` is."""
        ...

    def modems(self) -> list[Modem]:
        """Those that wait to be taken into the configuration; looked for in the kernel's own description, nothing is opened."""
        ...

    def command(self, command: Command, by: str) -> int:
        """Does it now; the number of the last journal entry that it made. Raises Refused, NotFound."""
        ...

    def audit(self, by: str, what: str, about: str = "") -> int: ...

    async def committed(self, number: int) -> None:
        """Returns when that entry is on the disk."""
        ...

    def call(self, call: str) -> CallView | None: ...

    def calls(self, *, live: bool | None = None, caller: str | None = None, limit: int = 200, before: str | None = None) -> list[CallView]:
        """Newest first."""
        ...

    async def whole(self, call: str) -> None:
        """Returns when the recording of a call that has ended is sealed (some 0.2 s after its end), at the latest after 3 s."""
        ...

    def explanation(self, call: str) -> list[MomentOfRouting]:
        """Why it went to whom; made again from the journal, some seconds for a long run: never on the event loop."""
        ...

    def recording(self, call: str) -> Sound | None:
        """Up to 0.5 s ago while the call runs; None where there is none. Looks at the disk: never on the event loop."""
        ...

    def listening(self, call: str) -> Sound | None:
        """The copy for listening, Opus in Ogg; None where there is none. Looks at the disk: never on the event loop."""
        ...

    def health(self) -> dict[str, object]:
        """{"status", "version", "uptime_s", "alarms", "audio": {"ticks", "late", "p99_ms", "worst_ms", "underruns"}}."""
        ...

    def levels(self) -> dict[str, float]:
        """How loud each line and seat that has sound was in the last second: `line:ID` or `seat:ID`, dBFS (-120: silence)."""
        ...

    def changes(self) -> AsyncIterator[tuple[str, dict[str, object]]]:
        """("line" | "seat" | "agent" | "queue" | "call" | "alarm", its view as JSON) from now on; ("reload", {}): read all again."""
        ...

    def seat_ticket(self, seat: str) -> tuple[str, int]:
        """(one-time ticket, the gateway's port) for a browser seat's socket."""
        ...

    async def exchange(self, request: dict[str, object]) -> tuple[int, object]:
        """Demonstration only: one request to the simulated exchange's socket, (HTTP status, JSON or bytes)."""
        ...
