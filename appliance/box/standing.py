"""Where the folds of a start stood at one entry (E5): read in place of the journal's head, so that a start takes as long after years.

A copy and nothing more: without it, or where it is another version's or another journal's, everything is read from entry 1.
"""

import logging
from pathlib import Path
from typing import Final

import msgspec

from appliance.base.files import write_whole
from appliance.base.ids import AgentId, CallId, LineId, SeatId
from appliance.calls.outgoing import Day, Out, Outgoing
from appliance.calls.tables import DayBook, Promise
from appliance.calls.talks import Talks
from appliance.messages.balance import Account, Balances
from appliance.store.journal import Journal

log = logging.getLogger(__name__)

NAME: Final = "standing"
VERSION: Final = 4
"""Goes up when a fold of `Standing` takes facts otherwise, or other facts."""

STEP: Final = 2_000
"""Entries after which it is written anew: so many are read at a start, at some 10 µs each."""


class Standing(msgspec.Struct, kw_only=True):
    """As of entry `number`, whose hash says that the journal is the same."""

    version: int = VERSION
    number: int = 0
    hash: bytes = b""
    clean: bool = True
    began: dict[str, int] = {}  # live calls: number of the entry with which each began
    unsealed: dict[str, int] = {}  # recordings without a seal: number of the entry with which each began
    formats: dict[LineId, str] = {}
    misses: list[tuple[str, str, int]] = []  # day, agent, how many
    seated: dict[SeatId, tuple[AgentId, str | None]] = {}
    last_call: int = 0
    disabled: set[LineId] = set()
    call_backs: dict[CallId, Promise] = {}
    callers: dict[CallId, str] = {}
    talked: dict[str, AgentId] = {}
    dialled: dict[str, Day] = {}
    out: dict[LineId, Out] = {}
    minute: list[tuple[int, LineId, str]] = []
    accounts: dict[LineId, Account] = {}

    def of(self, days: DayBook, talks: Talks, outgoing: Outgoing, balances: Balances) -> bytes:
        """With these folds in it, as the file's bytes."""
        self.misses = [(day, agent, count) for (day, agent), count in days.misses.items()]
        self.seated, self.last_call, self.disabled, self.call_backs = days.seated, days.last_call, days.disabled, days.call_backs
        self.callers, self.talked = talks.callers, talks.last
        self.dialled, self.out, self.minute = outgoing.days, outgoing.out, outgoing.minute
        self.accounts = balances.accounts
        return msgspec.msgpack.encode(self)

    def into(self, days: DayBook, talks: Talks, outgoing: Outgoing, balances: Balances) -> None:
        days.misses = {(day, agent): count for day, agent, count in self.misses}
        days.seated, days.last_call, days.disabled, days.call_backs = self.seated, self.last_call, self.disabled, self.call_backs
        talks.callers, talks.last = self.callers, self.talked
        outgoing.days, outgoing.out, outgoing.minute = self.dialled, self.out, self.minute
        balances.accounts = self.accounts


def found(state: Path, journal: Journal) -> Standing:
    """The one on the disk; an empty one, as of before entry 1, where it does not fit."""
    try:
        standing = msgspec.msgpack.decode((state / NAME).read_bytes(), type=Standing)
    except FileNotFoundError:
        return Standing()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as why:
        log.warning("%s cannot be read (%s): the journal is read from its head", state / NAME, why)
        return Standing()
    entry = next(journal.entries(after=standing.number - 1), None) if standing.version == VERSION and standing.number > 0 else None
    return standing if entry is not None and (entry.number, entry.hash) == (standing.number, standing.hash) else Standing()


def keep(state: Path, data: bytes) -> None:
    """A disk that refuses costs the next start some time, and nothing else."""
    try:
        write_whole(state / NAME, data)
    except OSError as why:
        log.warning("%s cannot be written: %s", state / NAME, why)
