"""One AT command at a time, each with its own time limit; sans-I/O (A1).

A command whose time is up is given up, its waiter told, and the modem brought back in step before the next: quiet, `AT`, exactly one OK
(else a late answer would be credited to the next command); `ESC`+CR once, for a modem that sits in a prompt; then `silent`.
Source: V.250; field practice in serial-line drivers (timed-out answers that arrive later).
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from appliance.hw.at.parser import PROMPT

GOOD: Final = frozenset({"OK"})
BAD: Final = frozenset({"ERROR", "COMMAND NOT SUPPORT"})
CALL_ENDS: Final = frozenset({"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"})

MOST_LINES: Final = 600  # of one answer: a full store of 255 messages, two lines each
_HEX: Final = re.compile(r"[0-9A-Fa-f]{14,400}\Z")

HURRY_MS: Final = 3_000  # a question unanswered for so long gives way to an urgent command; a slow SIM thinks for 1 or 2 s
QUIET_MS: Final = 200  # so long nothing may come before the modem is asked again
LONGEST_DRAIN_MS: Final = 1_500
RESYNC_MS: Final = 1_000  # for the OK to AT
RESYNC_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """How a command ended. `final` is the modem's own word, or "" where it gave none in time."""

    ok: bool
    final: str
    lines: tuple[str, ...] = ()


@dataclass(slots=True)
class Command:
    """`text` goes out with a CR, or `raw` as it is (in a voice stream). `prefix`: information lines that belong to it, "*" any.

    `finals`: result codes besides OK and ERROR that end it; those in `good` count as success. `resync` False: a missing answer is the
    caller's affair. `gives_way`: a question whose answer nobody misses, when an urgent command waits behind it.
    `expect_connect` and `shielded` are for the audio thread, which owns a v253's bytes.
    """

    text: str
    limit_ms: int = 5_000
    prefix: str = ""
    finals: frozenset[str] = frozenset()
    good: frozenset[str] = frozenset()
    hex: bool = False  # lines of hex digits belong to it too
    resync: bool = True
    gives_way: bool = False
    raw: bytes | None = None
    expect_connect: bool = False
    shielded: bool = False
    then: Callable[[Reply], None] | None = None
    lines: list[str] = field(default_factory=list)

    def bytes(self) -> bytes:
        return self.raw if self.raw is not None else self.text.encode("ascii", "replace") + b"\r"


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes for the port, in order."""

    data: bytes
    expect_connect: bool = False
    shielded: bool = False


class Chat:
    """The queue to one AT port. `silent` is called once when the ladder has no more rungs here."""

    def __init__(self, silent: Callable[[], None]) -> None:
        self._silent = silent
        self.reset()

    def reset(self) -> None:
        """Forget all: the port is new."""
        self._queue: deque[Command] = deque()
        self._flying: Command | None = None
        self._writes: list[Write] = []
        self._step = ""  # of the resync: "", "drain", "ask", "escape", "settle"
        self._tries = 0
        self._drain_until = 0
        self._limit_ms = 0  # of the one in flight
        self._hurries = False
        self.deadline_ms: int | None = None

    @property
    def idle(self) -> bool:
        return self._flying is None and not self._queue and not self._step

    def send(self, command: Command, now_ms: int, urgent: bool = False) -> None:
        """Urgent ones go to the head, behind the one in flight."""
        if urgent:
            self._queue.appendleft(command)
            self._hurries = True
            self._hurry(now_ms)
        else:
            self._queue.append(command)
        self._next(now_ms)

    def drop_waiting(self) -> None:
        """What was not sent yet is not wanted any more."""
        self._queue.clear()

    def take_writes(self) -> list[Write]:
        writes, self._writes = self._writes, []
        return writes

    def touch(self, now_ms: int) -> None:
        """Bytes came: while draining, quiet begins again (up to a limit)."""
        if self._step == "drain":
            self.deadline_ms = min(now_ms + QUIET_MS, self._drain_until)
        elif self._hurries:
            self._hurry(now_ms)

    def _hurry(self, now_ms: int) -> None:
        """Somebody rings, and the answer to a question was lost on the wire: he does not wait for its whole time."""
        if self._flying is not None and self._flying.gives_way and not self._step:
            self.deadline_ms = min(self._limit_ms, now_ms + HURRY_MS)

    def feed(self, line: str, now_ms: int) -> bool:
        """One line; True where it belonged to the command in flight (or to getting back in step)."""
        if self._step:
            return self._feed_resync(line, now_ms)
        command = self._flying
        if command is None:
            return line in GOOD or line in BAD or line.startswith("AT")
        if line == command.text:
            return True  # echo
        verdict = final(line, command)
        if verdict is not None:
            self._finish(Reply(verdict, line, tuple(command.lines)), now_ms)
            return True
        ours = command.prefix == "*" or line.startswith(command.prefix) or (command.hex and _HEX.match(line) is not None)
        if command.prefix and line != PROMPT and ours:
            if len(command.lines) < MOST_LINES:
                command.lines.append(line)
            return True
        return False

    def tick(self, now_ms: int) -> None:
        if self.deadline_ms is None or now_ms < self.deadline_ms:
            return
        self.deadline_ms = None
        if self._step:
            self._tick_resync(now_ms)
            return
        command = self._flying
        if command is not None:
            if command.resync:
                self._begin_resync(now_ms)
            self._finish(Reply(False, "", tuple(command.lines)), now_ms)

    # one after the other

    def _next(self, now_ms: int) -> None:
        if self._flying is None and not self._step and self._queue:
            command = self._flying = self._queue.popleft()
            self._writes.append(Write(command.bytes(), command.expect_connect, command.shielded))
            self.deadline_ms = self._limit_ms = now_ms + command.limit_ms
            self._hurries = False

    def _finish(self, reply: Reply, now_ms: int) -> None:
        command, self._flying = self._flying, None
        if not self._step:
            self.deadline_ms = None
        if command is not None and command.then is not None:
            command.then(reply)
        self._next(now_ms)

    # back in step

    def _begin_resync(self, now_ms: int) -> None:
        self._step, self._tries = "drain", 0
        self._drain_until = now_ms + LONGEST_DRAIN_MS
        self.deadline_ms = now_ms + QUIET_MS

    def _ask(self, now_ms: int) -> None:
        self._step = "ask"
        self._tries += 1
        self._writes.append(Write(b"AT\r"))
        self.deadline_ms = now_ms + RESYNC_MS

    def _feed_resync(self, line: str, now_ms: int) -> bool:
        if line in GOOD or line in BAD or line.startswith("AT"):
            if self._step in ("ask", "settle") and line in GOOD:
                self._step = "settle"  # a second OK would be the late one: wait until no more comes
                self.deadline_ms = now_ms + QUIET_MS
            return True
        return False

    def _tick_resync(self, now_ms: int) -> None:
        if self._step == "settle":
            self._step = ""
            self._next(now_ms)
        elif self._step == "ask" and self._tries == RESYNC_TRIES:
            self._step = "escape"
            self._writes.append(Write(b"\x1b\r"))
            self.deadline_ms = now_ms + QUIET_MS
        elif self._step == "ask" and self._tries > RESYNC_TRIES:
            self.reset()
            self._silent()
        else:
            self._ask(now_ms)


def final(line: str, command: Command) -> bool | None:
    """True for success, False for failure, None where the line does not end the command. Whole lines only."""
    if line in GOOD or line in command.good:
        return True
    if line in BAD or line in command.finals or line.startswith(("+CME ERROR", "+CMS ERROR", "ERROR+", "ERROR^")):
        return False
    if command.good and any(line.startswith(word + " ") for word in command.good):
        return True  # CONNECT 115200
    return None
