"""One page's socket at the gateway: what it may send, what it gets, and whether its script still answers (A2, never-again 31).

Sans-I/O but for `send_forever`: the clock is an argument, so that floods and frozen pages are tested in virtual time.
"""

import asyncio
import collections
import json
from typing import Final, Protocol, TypeGuard

FRAME: Final = 160
"""A-law bytes of 20 ms."""
LARGEST_MESSAGE: Final = 1024
"""Bytes; a frame has 160, the longest text of our own page some 120."""
WAITING_FRAMES: Final = 10
"""Frames kept for a slow socket, 200 ms; the oldest go first."""
MESSAGES_PER_S: Final = 100.0
"""A page sends 50 frames a second and one answer."""
BURST: Final = 500.0
"""Messages at once: what a wireless link that stood still for some seconds delivers."""
PINGS_BELIEVED: Final = 2
"""An answer to an older ping than the last two says that the page was alive, not that it is."""

TAKEN_OVER: Final = 4001
BAD_MESSAGE: Final = 4002
WRONG_TICKET: Final = 4003
DROPPED: Final = 4004
SILENT: Final = 4008
FLOOD: Final = 4029


class Hostile(Exception):
    """What came is none of our page's: close with `code`."""

    def __init__(self, code: int, why: str) -> None:
        self.code, self.why = code, why
        super().__init__(why)


class Socket(Protocol):
    """What a WebSocket must do for a page."""

    async def send(self, message: str | bytes) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


class Answer:
    """What the page's script said in answer to a ping."""

    def __init__(self, underruns: int, buffer_ms: int) -> None:
        self.underruns, self.buffer_ms = underruns, buffer_ms


class Page:
    """One socket that came with a good ticket for `seat`."""

    def __init__(self, seat: str, socket: Socket, now: float) -> None:
        self.seat, self.socket = seat, socket
        self.dropped = 0
        """Frames that a slow socket lost."""
        self.rest = b""
        """Less than a frame of what the ring held; kept for the gateway."""
        self._frames: collections.deque[bytes] = collections.deque()
        self._greeting = self._question = ""
        self._last_ping = 0
        self._something = asyncio.Event()
        self._allowance, self._counted_at = BURST, now

    def receive(self, message: str | bytes, now: float) -> bytes | Answer | None:
        """One message of the page: 160 A-law codes, an answer to a recent ping, or None for one to an old ping. Raises Hostile."""
        self._allowance = min(BURST, self._allowance + (now - self._counted_at) * MESSAGES_PER_S) - 1
        self._counted_at = now
        if self._allowance < 0:
            raise Hostile(FLOOD, "too many messages")
        if isinstance(message, bytes):
            if len(message) != FRAME:
                raise Hostile(BAD_MESSAGE, f"a frame of {len(message)} bytes in place of {FRAME}")
            return message
        return self._answer(message)

    def _answer(self, message: str) -> Answer | None:
        words = json_object(message)
        number = words.get("pong")
        if not _count(number) or not 1 <= number <= self._last_ping:
            raise Hostile(BAD_MESSAGE, "an answer to no ping")
        underruns, buffer_ms = words.get("underruns", 0), words.get("buffer_ms", 0)
        if not _count(underruns) or not _count(buffer_ms):
            raise Hostile(BAD_MESSAGE, "an answer without sense")
        return Answer(underruns, buffer_ms) if number > self._last_ping - PINGS_BELIEVED else None

    def sound(self, frame: bytes) -> None:
        """A frame for the page; never waits: of more than WAITING_FRAMES the oldest are lost."""
        if len(self._frames) >= WAITING_FRAMES:
            self._frames.popleft()
            self.dropped += 1
        self._frames.append(frame)
        self._something.set()

    def greet(self) -> None:
        """The first message: this seat is yours. Nothing comes before it, and nothing drives it out."""
        self._greeting = json.dumps({"seat": self.seat})
        self._something.set()

    def ping(self) -> None:
        """Ask the page's script for a sign of life; a question that a slow socket has not taken yet goes."""
        self._last_ping += 1
        self._question = json.dumps({"ping": self._last_ping})
        self._something.set()

    def _next_text(self) -> str:
        text = self._greeting or self._question
        if self._greeting:
            self._greeting = ""
        else:
            self._question = ""
        return text

    async def send_forever(self) -> None:
        """Everything that waits, in order, for as long as the socket lives; ends by the socket's own exception."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._frames or self._greeting or self._question:
                if text := self._next_text():
                    await self.socket.send(text)
                elif self._frames:
                    await self.socket.send(self._frames.popleft())


def json_object(message: str | bytes) -> dict[str, object]:
    """A text message's JSON object; all else is hostile."""
    try:
        words = json.loads(message)
    except (ValueError, RecursionError) as wrong:
        raise Hostile(BAD_MESSAGE, "no JSON") from wrong
    if not isinstance(message, str) or not isinstance(words, dict):
        raise Hostile(BAD_MESSAGE, "no JSON object as text")
    return words


def _count(value: object) -> TypeGuard[int]:
    """A whole number that a page may count to; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
