"""What all modems share (A1): command lines by ITU-T V.250, results, an agenda for what happens later.

A modem is a function of bytes and time: feed() and tick() are told the time, take_bytes() and take_acts() give what came of it.
"""
# ruff: noqa: ARG002, ARG005 -- every command is called the same way

import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

NUMERIC: Final = {"OK": 0, "CONNECT": 1, "RING": 2, "NO CARRIER": 3, "ERROR": 4, "NO DIALTONE": 6, "BUSY": 7, "NO ANSWER": 8}
CME_TEXT: Final = {3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 16: "incorrect password",
                   21: "invalid index", 30: "no network service", 50: "Incorrect parameters", 100: "unknown"}  # fmt: skip
ABORT_GUARD_MS: Final = 125  # V.250 5.6.1: bytes that soon after a command line do not abort it
LATENCY_MS: Final = 4
MOST_INPUT: Final = 16_384
_EXTENDED = re.compile(r"([+\-*^#$][A-Z][A-Z0-9]*)(=\?|\?|=)?(.*)\Z", re.DOTALL)
_BASIC = re.compile(r"([&\\%]?[A-Z])(\d*)")
_REGISTER = re.compile(r"S(\d+)(?:(\?)|=(\d*))")


@dataclass
class Act:
    """What the modem does to the telephone network: a word and what goes with it."""

    what: str
    value: str = ""
    more: dict[str, object] = field(default_factory=dict)


class Fail(Exception):
    """A command's error; `code` is its +CME ERROR, None a plain ERROR; `final` another result."""

    def __init__(self, code: int | None = None, final: str = "ERROR") -> None:
        self.code, self.final = code, final


class Later(Exception):
    """The final result comes later: the command said finish() into the agenda. `abort` is run when the host types meanwhile."""

    def __init__(self, abort: Callable[[int], None] | None = None) -> None:
        self.abort = abort


@dataclass(frozen=True)
class Setting:
    """A stored parameter: defaults and ranges of its values, `tail` of them optional. Ranges None: any text."""

    defaults: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]
    least: int = 1


class AtModem:
    """A command interpreter. Subclasses give SETTINGS, methods `do_NAME(op, args, now)`, `basic(letter, number, now)` and `dial`."""

    SETTINGS: dict[str, Setting] = {}
    PREFIX: dict[str, str] = {"+": "", "-": "minus_", "*": "star_", "^": "caret_", "#": "hash_", "$": "dollar_"}

    def __init__(self) -> None:
        self._agenda: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = itertools.count()
        self._out = bytearray()
        self._acts: list[Act] = []
        self._input = bytearray()
        self._line = bytearray()
        self._last_line = ""
        self._busy = False
        self._abort: Callable[[int], None] | None = None
        self._busy_since = 0
        self.body: Callable[[bytes, int], bool] | None = None  # takes the bytes after a prompt; True while it wants more
        self.defaults()

    def defaults(self) -> None:
        """As after a power-up."""
        self.echo, self.verbose, self.quiet = True, True, False
        self.registers = {0: 0, 3: 13, 4: 10, 5: 8, 6: 2, 7: 50, 8: 2, 10: 14, 11: 95, 12: 50}
        self.settings: dict[str, tuple[int, ...]] = {name: s.defaults for name, s in self.SETTINGS.items()}
        self.cmee = 0

    # what the trunk calls

    @property
    def deadline_ms(self) -> int | None:
        return self._agenda[0][0] if self._agenda else None

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        while self._agenda and self._agenda[0][0] <= now_ms:
            due, _, act = heapq.heappop(self._agenda)
            act(max(due, 0))
            self._work(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes that the host wrote."""
        self._input += data[: MOST_INPUT - len(self._input)]  # what a modem cannot keep is lost
        self._work(now_ms)

    def take_bytes(self) -> bytes:
        data, self._out = bytes(self._out), bytearray()
        return data

    def take_acts(self) -> list[Act]:
        acts, self._acts = self._acts, []
        return acts

    # what subclasses use

    def act(self, what: str, value: str = "", **more: object) -> None:
        self._acts.append(Act(what, value, more))

    def at(self, due_ms: int, act: Callable[[int], None]) -> None:
        heapq.heappush(self._agenda, (due_ms, next(self._order), act))

    def forget(self) -> None:
        """Drop all that was to come (a reset)."""
        self._agenda.clear()
        self._input.clear()
        self._line.clear()
        self._busy, self._abort, self.body = False, None, None

    def raw(self, data: bytes) -> None:
        self._out += data

    def say(self, text: str) -> None:
        """An information line or an unsolicited one."""
        self.raw(b"\r\n%b\r\n" % text.encode() if self.verbose else b"%b\r\n" % text.encode())

    def result(self, text: str) -> None:
        """A result code, in words or numbers."""
        if self.quiet:
            return
        if self.verbose:
            self.raw(b"\r\n%b\r\n" % text.encode())
        else:
            self.raw(b"%b\r" % (str(NUMERIC[text]) if text in NUMERIC else text).encode())

    def finish(self, text: str, now: int) -> None:
        """The final result of the command in work."""
        if not self._busy:
            return
        self.result(text)
        self._busy, self._abort = False, None
        self.finished(now)

    def finished(self, now: int) -> None:
        """Called after each final result."""

    def error(self, fail: Fail) -> str:
        if fail.code is None or self.cmee == 0:
            return fail.final
        return f"+CME ERROR: {fail.code if self.cmee == 1 else CME_TEXT.get(fail.code, 'unknown')}"

    @property
    def typing(self) -> bool:
        """The host has begun a command line, or one is in work."""
        return bool(self._line) or self._busy

    # the command line

    def _work(self, now: int) -> None:
        while self._input:
            if self._busy:
                if self._abort is not None and now - self._busy_since >= ABORT_GUARD_MS:
                    abort, self._abort = self._abort, None
                    del self._input[:1]
                    abort(now)
                    continue
                return
            if self.body is not None:
                data = bytes(self._input)
                self._input.clear()
                if not self.body(data, now):
                    self.body = None
                continue
            byte = self._input.pop(0)
            self._type(byte, now)

    def _type(self, byte: int, now: int) -> None:
        if self.echo:
            self._out.append(byte)
        if byte == self.registers[3]:
            line = self._line.decode("latin-1")
            self._line.clear()
            self._execute_line(line, now)
        elif byte == self.registers[5]:
            del self._line[-1:]
        elif (byte >= 0x20 and byte < 0x7F) or byte == 0x09:
            self._line.append(byte)
            if len(self._line) > 1200:
                self._line.clear()
            if bytes(self._line[-2:]).upper() == b"A/" and len(self._line) == 2:
                self._line.clear()
                self._execute_line(self._last_line, now)

    def _execute_line(self, line: str, now: int) -> None:
        at = re.search(r"AT|at", line)
        if at is None:
            return
        line = line[at.start() :]
        self._last_line = line
        self._busy, self._busy_since, self._abort = True, now, None
        said: list[str] = []
        try:
            for one in self._split(line[2:]):
                said += one(now)
        except Fail as fail:
            self._answer(said, self.error(fail), now)
        except Later as later:
            self._abort = later.abort
            for text in said:
                self.say(text)
        else:
            self._answer(said, "OK", now)

    def _answer(self, said: list[str], final: str, now: int) -> None:
        def speak(then: int) -> None:
            for text in said:
                self.say(text)
            self.finish(final, then)

        self.at(now + LATENCY_MS, speak)

    def _split(self, body: str) -> list[Callable[[int], list[str]]]:
        """The commands of one line. Raises Fail where it is not one."""
        todo: list[Callable[[int], list[str]]] = []
        body = body.strip()
        while body:
            if body[0] in " ;":
                body = body[1:]
            elif body[0].upper() == "D":
                number, body = body[1:], ""
                todo.append(lambda now, number=number: self.dial(number, now))  # type: ignore[misc]
            elif body[0] in self.PREFIX and not re.match(r"[&\\%]", body[0]):
                one, body = _until_semicolon(body)
                todo.append(lambda now, one=one: self._extended(one, now))  # type: ignore[misc]
            elif match := _REGISTER.match(body.upper()):
                body = body[match.end() :]
                todo.append(lambda now, m=match: self._register(int(m[1]), m[2], m[3]))  # type: ignore[misc]
            elif match := _BASIC.match(body.upper()):
                body = body[match.end() :]
                todo.append(lambda now, m=match: self._basic(m[1], int(m[2] or 0), now))  # type: ignore[misc]
            else:
                todo.append(_no_such)
                break
        return todo

    def _register(self, number: int, asked: str | None, value: str | None) -> list[str]:
        if number not in self.registers:
            raise Fail
        if asked:
            return [f"{self.registers[number]:03d}"]
        if int(value or 0) > 255:
            raise Fail
        self.registers[number] = int(value or 0)
        return []

    def _basic(self, letter: str, number: int, now: int) -> list[str]:
        if letter in "EVQ":
            if number > 1:
                raise Fail
            attribute = {"E": "echo", "V": "verbose", "Q": "quiet"}[letter]
            setattr(self, attribute, bool(number))
            return []
        return self.basic(letter, number, now)

    def _extended(self, text: str, now: int) -> list[str]:
        match = _EXTENDED.match(text.strip()[:1] + re.sub(r"^[A-Za-z0-9]+", lambda m: m[0].upper(), text.strip()[1:]))
        if match is None:
            raise Fail
        name, op, args = match[1], match[2] or "", match[3]
        if op in ("", "?", "=?") and args.strip():
            raise Fail
        handler = getattr(self, "do_" + self.PREFIX[name[0]] + name[1:], None)
        if handler is not None:
            lines: list[str] = handler(op, arguments(args), now)
            return lines
        if name in self.SETTINGS:
            return self._setting(name, op, arguments(args))
        raise Fail

    def _setting(self, name: str, op: str, args: list[str]) -> list[str]:
        setting = self.SETTINGS[name]
        if op == "=?":
            return [f"{name}: " + ",".join(f"({low}-{high})" if low != high else f"({low})" for low, high in setting.ranges)]
        if op == "?":
            return [f"{name}: " + ",".join(str(value) for value in self.settings[name])]
        if op != "=" or not setting.least <= len(args) <= len(setting.ranges):
            raise Fail(50)
        values = list(self.settings[name])
        for at, text in enumerate(args):
            if text == "" and at:
                continue
            if not text.isdigit() or not setting.ranges[at][0] <= int(text) <= setting.ranges[at][1]:
                raise Fail(50)
            values[at : at + 1] = [int(text)]
        self.settings[name] = tuple(values)
        return []

    def dial(self, number: str, now: int) -> list[str]:
        raise Fail

    def basic(self, letter: str, number: int, now: int) -> list[str]:
        raise Fail


def _no_such(_now: int) -> list[str]:
    raise Fail


def _until_semicolon(body: str) -> tuple[str, str]:
    quoted = False
    for at, sign in enumerate(body):
        quoted ^= sign == '"'
        if sign == ";" and not quoted:
            return body[:at], body[at + 1 :]
    return body, ""


def arguments(text: str) -> list[str]:
    """What stands between the commas, unquoted; brackets hold commas together."""
    found, depth, quoted, one = [], 0, False, ""
    for sign in text.strip():
        quoted ^= sign == '"'
        depth += (sign in "{[(") - (sign in "}])") if not quoted else 0
        if sign == "," and not quoted and depth == 0:
            found.append(one.strip().strip('"'))
            one = ""
        else:
            one += sign
    return [*found, one.strip().strip('"')] if text.strip() else []
