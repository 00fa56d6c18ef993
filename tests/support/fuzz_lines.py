"""A line's dialect fed with anything (A1): a modem that answers well, and in between whatever an input says, in virtual time.

An input is cut at 0xFE. A piece that begins with `.` lets time pass, `!` is an order of the box, `?` what its ears heard, `~` the port
(lost, found, deaf, well); any other is bytes of the modem. In the end the modem is well again: so must the line be.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appliance.base.ids import LineId
from appliance.events.line import LineHungUp, LineRinging, LineTakenUp
from appliance.hw.at.parser import LONGEST
from appliance.hw.dialect import (
    Answer,
    AskUssd,
    ClearText,
    Dial,
    Dialect,
    Disable,
    Enable,
    HangUp,
    LineOrder,
    Profile,
    SendDigit,
    SendText,
    load_dialect,
)
from appliance.store.entry import event_of
from tests.support.hw_twin import ANSWERS

FAMILIES: Final = ("gsm", "sim7600", "ec25", "huawei", "sim800", "v253", "rockwell")
PDU: Final = "0011000B813108108300F00008A7044F60597D"
ORDERS: Final[tuple[LineOrder, ...]] = (
    Answer(), Dial("13912345678"), HangUp(), SendDigit("5"), Disable(), Enable(), SendText("m1", PDU, 18), ClearText("SM", 1, PDU),
    AskUssd("*100#", "AA180C3602"),
)  # fmt: skip
HEARD: Final = ("key:5", "busy_tone", "ringback", "voice", "no_sound", "sound_not_taken", "sound_again", "ring", "dial_tone")
MOST_QUEUED: Final = 40  # commands that wait
MOST_FACTS: Final = 12  # beside one a line or an event of what was fed
LARGEST_FACT: Final = 8_192
BACK_MS: Final = 20 * 60_000


class Broken(AssertionError):
    """A bound that does not hold."""


def must(true: object, what: str) -> None:
    if not true:
        raise Broken(what)


class Line:
    def __init__(self, profile: Profile) -> None:
        self.now = 1_000
        self.dialect: Dialect = load_dialect(profile.dialect)(LineId("l1"), profile, self.now)
        self.deaf = False
        self._half = b""
        self._begun = self._ended = 0
        self._voice = profile.dialect
        self.dialect.found(self.now)
        self.wait(8_000)
        must(self.dialect.mood == "idle", f"not in service: {self.dialect.mood} {self.dialect.fault}")

    def wait(self, ms: int) -> None:
        end = self.now + ms
        self._work(0)
        for _ in range(20_000):
            due = self.dialect.deadline_ms
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            self.dialect.tick(self.now)
            self._work(0)
        else:
            raise Broken("it wants to be ticked without end")
        self.now = end

    def feed(self, data: bytes) -> None:
        self.dialect.feed(data, self.now)
        self._work(len(data))

    def order(self, order: LineOrder) -> None:
        if isinstance(order, Dial):
            self._begun += 1
        self.dialect.order(order, self.now)
        self._work(0)

    def hear(self, what: str) -> None:
        self.dialect.heard(what, self.now)
        self._work(0)

    def port(self, what: int) -> None:
        if what % 4 == 0:
            self.dialect.lost(self.now)
        elif what % 4 == 1:
            self._half = b""
            self.dialect.found(self.now)
        else:
            self.deaf = what % 4 == 2
        self._work(0)

    def _work(self, fed: int) -> None:
        """The modem's answers, until the dialect has no more to say."""
        for _ in range(200):
            writes = self.dialect.take_writes()
            self._judge(fed)
            if self.dialect.reopen_wanted:
                self.dialect.reopen_wanted = False
                self._half = b""
                self.dialect.found(self.now)
                continue
            if not writes:
                return
            for write in writes:
                self._hear(write.data)
        raise Broken("they talk without end")

    def _hear(self, data: bytes) -> None:
        must(len(data) <= 500, "a command without end")
        if self.deaf:
            return
        if b"\x10" in data or b"\x1b" in data:
            if b"\x10\x5e" in data:
                self.dialect.feed(b"\x10\x03\r\nOK\r\n", self.now)
            return
        if data.endswith(b"\x1a"):
            self.dialect.feed(b"\r\n+CMGS: 7\r\n\r\nOK\r\n", self.now)
            return
        *commands, self._half = (self._half + data).split(b"\r")
        for command in commands:
            text = command.decode("ascii")
            must(text.isprintable(), f"no command: {text!r}")
            if text.startswith("AT+CMGS"):
                self.dialect.feed(b"\r\n> ", self.now)
                continue
            for line in ANSWERS.get(text, ("OK",)):
                self.dialect.feed(f"\r\n{line}\r\n".encode(), self.now)

    def _judge(self, fed: int) -> None:
        dialect = self.dialect
        facts, sounds = dialect.take_facts(), dialect.take_sound()
        must(len(facts) <= MOST_FACTS + fed and len(sounds) <= MOST_FACTS + fed, "facts out of nothing")
        for fact in facts:
            body = msgspec.msgpack.encode(fact)
            must(len(body) <= LARGEST_FACT, f"a fact of {len(body)} bytes")
            must(event_of(type(fact).__name__, body, fact.at_ms, fact.tenant) == fact, "a fact that the journal does not give back")
            if isinstance(fact, LineTakenUp) or (isinstance(fact, LineRinging) and fact.ring == 1):
                self._begun += 1
            self._ended += isinstance(fact, LineHungUp)
        must(self._ended <= self._begun, "more calls ended than began")
        must(len(dialect._chat._queue) <= MOST_QUEUED, "commands queue up without end")
        must(len(dialect._timers) <= 16 and len(dialect._parser._rest) <= LONGEST, "kept without bound")
        must(len(dialect._keys._unpaired) <= 100, "keys kept without bound")
        must(len(getattr(dialect, "_told", ())) <= 1_200 and len(getattr(dialect, "_to_clear", ())) <= 1_000, "places kept without bound")


def a_line(family: str) -> Callable[[bytes], None]:
    profile = Profile.load(family)

    def run(data: bytes) -> None:
        line = Line(profile)
        for piece in data.split(b"\xfe")[:200]:
            kind, rest = piece[:1], piece[1:]
            number = rest[0] if rest else 0
            if kind == b".":
                line.wait(min(60_000, 4 * int.from_bytes(rest[:2], "little")))
            elif kind == b"!":
                line.order(ORDERS[number % len(ORDERS)])
            elif kind == b"?":
                line.hear(HEARD[number % len(HEARD)])
            elif kind == b"~":
                line.port(number)
            else:
                line.feed(piece)
        _comes_back(line)

    return run


def _comes_back(line: Line) -> None:
    """The modem is well: the line is in service again, whatever came before."""
    line.deaf = False
    dialect: Any = line.dialect
    if dialect.mood == "closed":
        line.port(1)
    if dialect.mood == "call":
        line.order(HangUp())
    end = line.now + BACK_MS
    while dialect.mood != "idle" and line.now < end:
        line.wait(5_000)
    must(dialect.mood == "idle", f"out of service for ever: {dialect.mood} {dialect.fault!r}")
