"""A modem's end of the wire for dialect tests: plays a dialogue of tests/corpora in virtual time, over one of four wires.

A dialogue's lines: `0.50 < text` the modem says it; `0.50 x 10 62` the modem sends these bytes; `0.50 > AT...` waits until the dialect has
sent that, and times go on from there; `0.50 ! Answer` an order of the box; `0.50 ? busy_tone` the box's ear; `= LineRinging ring=1` the
facts that must have been told, in order; `~ clcc TEXT` what AT+CLCC lists from now on (nothing: `~ clcc`); `~ answer CMD => A | B` how a
command is answered from now on; `~ lost`, `~ found` the port. Other commands are answered OK. `#` begins a remark.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import LineFormat, LineQuality
from appliance.hw import dialect as faces
from appliance.hw.dialect import Dialect, Profile, SoundOrder, load_dialect
from appliance.hw.modems.gsm_module import GsmModule

CORPORA = Path(__file__).parent.parent / "corpora"
ANSWERS = {
    "AT+CPIN?": ("+CPIN: READY", "OK"),
    "AT+CREG?": ("+CREG: 2,1", "OK"),
    "AT+CSQ": ("+CSQ: 20,99", "OK"),
    "AT+COPS?": ('+COPS: 0,0,"CHINA MOBILE",7', "OK"),
    "AT+VSM=?": ('1,"UNSIGNED PCM",8,0,8000,0,0', '4,"G.711U",8,0,(7200,8000),0,0', "OK"),
    "AT+VLS=?": ('0,"",B0804100,B0804100,B0804100', '1,"T",0B8433C1,0FE431C1,0B8431C1', "OK"),
    "AT+VTR": ("CONNECT",),
    "AT^CVOICE?": ("^CVOICE:0,8000,16,20", "OK"),
    "AT+QPCMV=?": ("+QPCMV: (0,1),(0-2)", "OK"),
    "AT+QPCMV?": ("+QPCMV: 1,2", "OK"),
}

Wire = Callable[[bytes], list[tuple[int, bytes]]]


def whole(data: bytes) -> list[tuple[int, bytes]]:
    return [(0, data)]


def byte_by_byte(data: bytes) -> list[tuple[int, bytes]]:
    return [(0, bytes([one])) for one in data]


def late(data: bytes) -> list[tuple[int, bytes]]:
    return [(150, data)]


def lossy(seed: int = 1, share: float = 0.03) -> Wire:
    """Loses and flips bytes."""
    chance = random.Random(seed)

    def wire(data: bytes) -> list[tuple[int, bytes]]:
        out = bytearray()
        for one in data:
            dice = chance.random()
            if dice >= share:
                out.append(one)
            elif dice < share / 3:
                out.append(one ^ (1 << chance.randrange(8)))
        return [(0, bytes(out))]

    return wire


def cut_anywhere(seed: int = 1) -> Wire:
    """In pieces of 1 to 9 bytes, some a little later than others."""
    chance = random.Random(seed)

    def wire(data: bytes) -> list[tuple[int, bytes]]:
        pieces, at = [], 0
        while at < len(data):
            step = chance.randint(1, 9)
            pieces.append((chance.choice((0, 0, 0, 2)), data[at : at + step]))
            at += step
        return pieces

    return wire


WIRES: dict[str, Wire] = {"whole": whole, "byte by byte": byte_by_byte, "late": late, "cut anywhere": cut_anywhere()}


class Twin:
    """The modem, the wire and the clock round one dialect."""

    def __init__(self, family: str, wire: Wire = whole, on_card: bool = False, **profile: object) -> None:
        """on_card: the line's sound is a sound card."""
        self.now = 1_000
        self._last_due = 0
        made = Profile.load(family)
        for name, value in profile.items():
            made = faces.msgspec.structs.replace(made, **{name: value})
        made = made.with_card() if on_card else made
        self.dialect: Dialect = load_dialect(made.dialect)(LineId("l1"), made, self.now)
        self.wire = wire
        self.answers: dict[str, tuple[str, ...]] = dict(ANSWERS)
        self.clcc = ""
        self.silent = False
        self.echo = False
        self.reopens = True  # at once; False: a test climbs the ladder itself
        self.streaming = False
        self.facts: list[Event] = []
        self.sounds: list[SoundOrder] = []
        self.sent: list[str] = []
        self.dials = 0
        self._half = b""
        self._air: list[tuple[int, int, bytes]] = []  # due, order, bytes on their way to the dialect
        self._count = 0

    # time

    def open(self) -> None:
        self.dialect.found(self.now)
        self._collect()
        self.wait(8_000)

    def wait(self, ms: int) -> None:
        """Virtual time goes on; what is due happens at its own moment."""
        end = self.now + ms
        for _ in range(200_000):
            due = min([one[0] for one in self._air] + [end])
            if self.dialect.deadline_ms is not None:
                due = min(due, max(self.now, self.dialect.deadline_ms))
            if due >= end and not any(one[0] <= end for one in self._air) and (self.dialect.deadline_ms or end + 1) > end:
                break
            self.now = max(self.now, due)
            self._deliver()
            self.dialect.tick(self.now)
            self._collect()
        else:
            raise AssertionError("the dialect wants to be ticked without end")
        self.now = end

    def wait_until(self, true: Callable[[], bool], ms: int = 60_000, what: str = "") -> None:
        end = self.now + ms
        while not true():
            assert self.now < end, f"did not happen within {ms} ms: {what}; sent so far: {self.sent[-8:]}, facts: {self.told()[-6:]}"
            self.wait(10)

    # the modem

    def say(self, *lines: str) -> None:
        for line in lines:
            self.put(f"\r\n{line}\r\n".encode())

    def put(self, data: bytes) -> None:
        for after, piece in self.wire(data):
            self._count += 1
            self._last_due = max(self._last_due, self.now + after)  # a serial wire keeps the order
            self._air.append((self._last_due, self._count, piece))

    def _deliver(self) -> None:
        ready = sorted(one for one in self._air if one[0] <= self.now)
        self._air = [one for one in self._air if one[0] > self.now]
        for _, _, piece in ready:
            self.dialect.feed(piece, self.now)

    def _collect(self) -> None:
        """Until the dialect has nothing more to say: bytes answered, facts and orders kept."""
        for write in self.dialect.take_writes():
            self._heard(write.data)
        self.sounds += self.dialect.take_sound()
        self.facts += self.dialect.take_facts()
        if self.dialect.reopen_wanted and self.reopens:
            self.dialect.reopen_wanted = False
            self._air.clear()
            self.dialect.found(self.now)
            self._collect()

    def _heard(self, data: bytes) -> None:
        if self.silent:
            return
        if b"\x10" in data or b"\x1b" in data:
            self.sent.append("raw " + data.hex(" "))
            if self.streaming and b"\x10\x5e" in data:
                self.streaming = False
                self.put(b"\x10\x03")
                self.say("OK")
            return
        self._half += data
        *commands, self._half = self._half.split(b"\r")
        for command in commands:
            self._command(command.decode("ascii", "replace"))

    def _command(self, text: str) -> None:
        self.sent.append(text)
        if self.echo:
            self.put(text.encode() + b"\r")
        if text == "AT+CLCC":
            self.say(*([f"+CLCC: {self.clcc}"] if self.clcc else []), "OK")
        elif text in self.answers:
            self.streaming = self.streaming or "CONNECT" in self.answers[text]
            self.say(*self.answers[text])
        elif not text.startswith("ATA") and not text.startswith("ATD"):
            self.say("OK")

    # orders and facts

    def order(self, order: faces.LineOrder) -> None:
        if isinstance(order, faces.Dial) and not self.call_up():
            self.dials += 1
        self.dialect.order(order, self.now)
        self._collect()

    def card(self, missing: str) -> None:
        """Its sound card is missing, with these words, or there."""
        assert isinstance(self.dialect, GsmModule)
        self.dialect.sound_card(missing, self.now)
        self._collect()

    def ear(self, what: str) -> None:
        self.dialect.heard(what, self.now)
        self._collect()

    def begun(self) -> int:
        """Calls begun so far, by a first ring or by our order."""
        return self.dials + self.told().count("LineRinging ring=1")

    def call_up(self) -> bool:
        return self.begun() > self.kinds().count("LineHungUp")

    def told(self) -> list[str]:
        """The facts as short texts, signal and operator left out."""
        return [short(fact) for fact in self.facts if not isinstance(fact, LineQuality | LineFormat)]

    def kinds(self) -> list[str]:
        return [text.split()[0] for text in self.told()]

    # a dialogue

    def play(self, name: str, strict: bool = True) -> None:
        """`strict` False: over a wire that loses bytes nothing is promised in detail; the modem's part is just played."""
        base, told = self.now, 0
        for line in (CORPORA / f"{name}.txt").read_text("utf-8").splitlines():
            text = line.split(" # ")[0].strip()
            if not text or text.startswith("#"):
                continue
            if text.startswith("="):
                if strict:
                    want = text[1:].strip()
                    self.wait_until(lambda at=told: len(self.told()) > at, 30_000, want)  # type: ignore[misc]
                    assert self.told()[told] == want
                told += 1
                continue
            if text.startswith("~"):
                self._set(text[1:].strip())
                continue
            at, kind, rest = re.match(r"(\d+\.\d+) (\S) ?(.*)\Z", text).groups()  # type: ignore[union-attr]
            base = self._entry(base, round(float(at) * 1000), kind, rest, strict)
        if strict:
            assert self.told()[told:] == []

    def _entry(self, base: int, at: int, kind: str, rest: str, strict: bool) -> int:
        if kind == ">":
            begun = len(self.sent)
            early = next((i for i in range(len(self.sent) - 1, max(-1, len(self.sent) - 6), -1) if self.sent[i] == rest), None)
            if early is None and strict:
                self.wait_until(lambda: rest in self.sent[begun:], 20_000, rest)
            elif early is None:
                self.wait(2_000)
            return self.now - at
        self.wait(max(0, base + at - self.now))
        if kind == "<":
            if rest.startswith("+CLCC:"):
                self.clcc = "" if rest.split(",")[2] == "6" else rest.partition(":")[2].strip()
            self.say(rest)
        elif kind == "x":
            self.put(bytes.fromhex(rest))
        elif kind == "!":
            word, *args = rest.split()
            self.order(getattr(faces, word)(*args))
        elif kind == "?":
            self.ear(rest)
        self.wait(0)
        return base

    def _set(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word == "clcc":
            self.clcc = rest
        elif word == "answer":
            command, _, answer = rest.partition(" => ")
            self.answers[command] = tuple(one.strip() for one in answer.split("|"))
        elif word == "lost":
            self._air.clear()
            self.dialect.lost(self.now)
            self._collect()
        elif word == "found":
            self._half, self.streaming = b"", False
            self.dialect.found(self.now)
            self._collect()


def short(fact: Event) -> str:
    """`LineRinging ring=1`."""
    names = [name for name in fact.__struct_fields__ if name not in ("at_ms", "tenant", "line")]
    return " ".join([type(fact).__name__, *(f"{name}={getattr(fact, name)}" for name in names)])
