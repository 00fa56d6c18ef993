"""Browser seats' sound, a process of its own (A2): `python -m appliance.web.seat_gateway`, started by `gateway_link.Gateway`.

A-law over secure WebSockets on one side, rings in shared memory on the other, so that sound never shares an interpreter with
pages. It keeps no state that matters: when it dies the box starts it again and the seats come back by themselves. When the box
dies it keeps the pages' sockets open for the box after it (web/seat_meeting.py); none within KEEP_S, and it ends.
Words and close codes: docs/seats.md. Sound is never logged, and tickets are neither.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from appliance import __version__
from appliance.audio._dsp import decode_bytes, encode_bytes
from appliance.audio._ring import SharedRings
from appliance.web.seat_meeting import address, is_ours
from appliance.web.seat_precedence import Precedence
from appliance.web.seat_socket import (
    DROPPED,
    FRAME,
    LARGEST_MESSAGE,
    SILENT,
    TAKEN_OVER,
    WRONG_TICKET,
    Answer,
    Hostile,
    Page,
    json_object,
)
from appliance.web.seat_strangers import Complaints, stranger

log = logging.getLogger("seatbox.gateway")

FIRST_MESSAGE_S = 5.0
TICKET_S = 30.0
PING_S = 1.0
TICK_S = 0.02
SOONER_S = 0.005
"""After a tick that came before the audio thread's."""
GRACE_S = 20.0
"""A service manager tells all of a service's processes to end at once; the box needs the gateway until it has ended its calls."""
KEEP_S = 30.0
"""So long pages are kept without a box: as long as a seat that vanished keeps its call."""
MOST_SOCKETS = 256
"""All together, those without a ticket included; a seat has one."""
MOST_STRANGERS = 32
"""Sockets that have not shown a ticket yet."""
MOST_UNREAD = 65_536
"""Bytes for a box that does not read; signs of life beyond that are of no use to it."""
SEND_BUFFER = 16_384
"""Bytes that the kernel may keep for a page: what it hides there is delay."""


PCM_FRAME = 2 * FRAME
"""Bytes of 20 ms between gateway and rings: int16, 8 kHz."""
ALL = 1 << 16
"""Bytes; more than a ring holds."""


class Gateway:
    """Seats, tickets and pages of one box; `tell` takes what the box is to know."""

    def __init__(self, tell: Callable[[dict[str, object]], None]) -> None:
        self._tell = tell
        self._rings: dict[str, SharedRings] = {}
        self._pages: dict[str, Page] = {}
        self._tickets: dict[str, tuple[str, float]] = {}
        self._strangers = 0
        self._complaints = Complaints(log)
        self._closing: set[asyncio.Task[None]] = set()

    # What the box says

    def order(self, words: dict[str, object], now: float) -> None:
        """One line of the box; what it cannot mean is logged and left."""
        match words:
            case {"do": "seat", "seat": str(seat), "rings": str(name)}:
                self._rings[seat] = SharedRings.attach(name)
            case {"do": "ticket", "seat": str(seat), "ticket": str(ticket)}:
                self._tickets = {kept: of for kept, of in self._tickets.items() if of[1] > now}
                self._tickets[ticket] = (seat, now + TICKET_S)
            case {"do": "drop", "seat": str(seat)}:
                self._tickets = {kept: of for kept, of in self._tickets.items() if of[0] != seat}
                self._send_away(seat, DROPPED, "logged out")
            case _:
                log.error("the box said what the gateway does not know: %.80s", words)

    def _send_away(self, seat: str, code: int, reason: str) -> None:
        page = self._pages.get(seat)
        if page is not None:
            closing = asyncio.ensure_future(page.socket.close(code, reason))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    # What pages do

    async def serve_page(self, connection: ServerConnection) -> None:
        """One socket from its first message to its end."""
        who = str((connection.remote_address or ("-",))[0])
        if self._strangers >= MOST_STRANGERS:
            await self._refuse(connection, who, SILENT, "too many sockets without a ticket")
            return
        self._strangers += 1
        try:
            seat = await self._first_message(connection)
        except Hostile as wrong:
            await self._refuse(connection, who, wrong.code, wrong.why)
            return
        except ConnectionClosed:
            return
        finally:
            self._strangers -= 1
        await self._be_seat(connection, seat, who)

    async def _first_message(self, connection: ServerConnection) -> str:
        try:
            async with asyncio.timeout(FIRST_MESSAGE_S):
                first = await connection.recv()
        except TimeoutError:
            raise Hostile(SILENT, f"no ticket within {FIRST_MESSAGE_S:.0f} s") from None
        ticket = json_object(first).get("ticket")
        seat, until = self._tickets.pop(ticket, ("", 0.0)) if isinstance(ticket, str) else ("", 0.0)
        if until <= time.monotonic():
            raise Hostile(WRONG_TICKET, "a ticket that is unknown, used or old")
        return seat

    async def _be_seat(self, connection: ServerConnection, seat: str, who: str) -> None:
        page = Page(seat, connection, time.monotonic())
        self._send_away(seat, TAKEN_OVER, "another page took this seat over")
        self._pages[seat] = page
        if seat in self._rings:
            self._rings[seat].read_out(ALL)  # what gathered while nobody listened
        log.info("seat %s: page at %s", seat, who)
        page.greet()
        page.ping()
        sending = asyncio.ensure_future(page.send_forever())
        try:
            async for message in connection:
                self._received(page, message)
        except Hostile as wrong:
            await self._refuse(connection, who, wrong.code, wrong.why)
        except ConnectionClosed as end:
            if end.sent is not None and end.sent.code in (1002, 1007, 1009):
                self._complaints.say(who, f"{end.sent.reason or 'protocol broken'}; closed with {end.sent.code}", time.monotonic())
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await sending
            if self._pages.get(seat) is page:
                del self._pages[seat]
                self._tell({"is": "gone", "seat": seat})
                log.info("seat %s: page at %s gone (%s)", seat, who, connection.close_code)

    def _received(self, page: Page, message: str | bytes) -> None:
        heard = page.receive(message, time.monotonic())
        if self._pages.get(page.seat) is not page:
            return  # taken over; its last frames are nobody's
        if isinstance(heard, Answer):
            self._tell({"is": "alive", "seat": page.seat})
            self._tell(
                {"is": "page", "seat": page.seat, "underruns": heard.underruns, "buffer_ms": heard.buffer_ms, "dropped": page.dropped}
            )
        elif heard is not None and page.seat in self._rings:
            self._rings[page.seat].write_in(decode_bytes("alaw", heard).tobytes())

    async def _refuse(self, connection: ServerConnection, who: str, code: int, why: str) -> None:
        self._complaints.say(who, f"{why}; closed with {code}", time.monotonic())
        await connection.close(code, why)

    # What time does

    def tick(self) -> bool:
        """Every 20 ms: what the rings hold goes to the pages. False where one held nothing: we came before the audio thread."""
        all_spoke = True
        for seat, page in self._pages.items():
            if (rings := self._rings.get(seat)) is None:
                continue
            fresh = rings.read_out(ALL)
            all_spoke = all_spoke and bool(fresh)
            pcm = page.rest + fresh
            whole = len(pcm) - len(pcm) % PCM_FRAME
            page.rest = pcm[whole:]  # the audio thread writes whole frames, but a ring that lapped us begins anywhere
            codes = encode_bytes("alaw", memoryview(pcm[:whole]).cast("h")) if whole else b""
            for at in range(0, len(codes), FRAME):
                page.sound(codes[at : at + FRAME])
        return all_spoke

    def ping(self) -> None:
        """Every second."""
        for page in self._pages.values():
            page.ping()

    async def keep_time(self, precedence: Precedence) -> None:
        """Ticks by absolute deadlines; what was missed is not made up for, as a tick takes all that the rings hold."""
        due, ping_due, found = time.monotonic(), 0.0, True
        precedence.begin(due, time.process_time())
        while True:
            due = next_tick(due, time.monotonic(), found)
            await asyncio.sleep(due - time.monotonic())
            found = self.tick()
            precedence.look(time.monotonic(), time.process_time())
            if due >= ping_due:
                ping_due = due + PING_S
                self.ping()


def next_tick(due: float, now: float, found: bool) -> float:
    """When the tick after `due` is due; all in seconds.

    The audio thread has the same clock and period. Ticks just beside its own would find nothing now and then, and two frames after, and
    the page would get nothing for 40 ms: where a tick found nothing, all later ones are `SOONER_S` behind it.
    """
    return max(due + (TICK_S if found else SOONER_S), now - TICK_S)


class Boxes:
    """The box that we speak with: the one that started us, and after its death the one after it."""

    def __init__(self, place: Path | None) -> None:
        """place: the box's DIR, where the next box finds us; None: we end with our box."""
        self.over = asyncio.Event()
        self._place, self._writer, self._alone = place, None, None  # type: Path | None, asyncio.StreamWriter | None, asyncio.TimerHandle | None

    def tell(self, words: dict[str, object]) -> None:
        if self._writer is not None and self._writer.transport.get_write_buffer_size() < MOST_UNREAD:
            self._writer.write(json.dumps(words).encode() + b"\n")

    async def follow(self, gateway: Gateway, hello: dict[str, object], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One box's lines until it is gone, or another takes its place."""
        self._writer = writer
        if self._alone is not None:
            self._alone.cancel()
        self.tell(hello)
        gateway.ping()  # who answers is alive to the new box at once
        with contextlib.suppress(ConnectionError):
            while (line := await reader.readline()) and self._writer is writer:
                try:
                    words = json.loads(line)
                    if words == {"do": "end"}:
                        return self.over.set()
                    gateway.order(words, time.monotonic())
                except (ValueError, OSError, KeyError) as wrong:
                    log.error("an order that could not be done: %s", wrong)
        if self._writer is writer:
            self._writer = None
            self._wait_for_another()
        writer.close()
        return None

    def _wait_for_another(self) -> None:
        if self._place is None:
            return self.over.set()
        log.info("the box is gone; the pages are kept for the one after it")
        self._alone = asyncio.get_running_loop().call_later(KEEP_S, self.over.set)
        return None

    def listen(self) -> socket.socket | None:
        """None where we end with our box, or another process has the name: then the box after ours starts its own."""
        if self._place is None:
            return None
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            listener.bind(address(self._place))
        except OSError as wrong:
            log.error("the next box will not find us: %s", wrong)
            listener.close()
            self._place = None
            return None
        return listener


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


async def keep_certificate(context: ssl.SSLContext, certificate: Path, key: Path, every_s: float = 60.0) -> None:
    """A renewed certificate is used from the next socket on; one that does not fit its key yet is tried again."""
    seen = certificate.stat().st_mtime_ns
    while True:
        await asyncio.sleep(every_s)
        with contextlib.suppress(OSError):
            if (now := certificate.stat().st_mtime_ns) != seen:
                context.load_cert_chain(certificate, key)
                seen = now


async def run(box: socket.socket, host: str, port: int, tls: tuple[Path, Path] | None, place: Path | None = None) -> None:
    """Until there is no box any more, or GRACE_S after SIGTERM."""
    boxes = Boxes(place)
    gateway = Gateway(boxes.tell)
    context = server_context(*tls) if tls else None
    async with listening(gateway, host, port, context) as server:
        hello = {
            "is": "listening",
            "port": server.sockets[0].getsockname()[1],
            "host": host,
            "version": __version__,
            "tls": tls is not None,
        }

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not is_ours(writer.get_extra_info("socket")):
                return writer.close()
            await boxes.follow(gateway, hello, reader, writer)

        jobs = [asyncio.ensure_future(boxes.over.wait()), asyncio.ensure_future(gateway.keep_time(Precedence()))]
        first = asyncio.ensure_future(met(*await asyncio.open_connection(sock=box)))
        later = await asyncio.start_unix_server(met, sock=listener) if (listener := boxes.listen()) is not None else None
        gc.freeze()
        if tls and context:
            jobs.append(asyncio.ensure_future(keep_certificate(context, *tls)))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: loop.call_later(GRACE_S, boxes.over.set))
        done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        for job in (*jobs, first):
            job.cancel()
        if later is not None:
            later.close()
        server.close(close_connections=True)
    for job in done:
        if not job.cancelled() and job.exception() is not None:
            raise SystemExit(f"the gateway ends: {job.exception()!r}")


@contextlib.asynccontextmanager
async def listening(gateway: Gateway, host: str, port: int, context: ssl.SSLContext | None) -> AsyncIterator[Server]:
    """Sockets for pages; whoever is not one is turned away before the handshake."""

    def first_look(connection: ServerConnection, request: Request) -> Response | None:
        connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if len(connection.server.connections) > MOST_SOCKETS:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "full\n")
        return stranger(connection, request, secure=context is not None)

    async with serve(
        gateway.serve_page,
        host,
        port,
        ssl=context,
        process_request=first_look,
        max_size=LARGEST_MESSAGE,
        max_queue=16,
        write_limit=2 * FRAME,
        compression=None,
        open_timeout=FIRST_MESSAGE_S,
        close_timeout=2,
        ping_interval=None,
        server_header=None,
        logger=logging.getLogger("seatbox.gateway.websockets"),
        ssl_handshake_timeout=FIRST_MESSAGE_S if context else None,
    ) as server:
        yield server


def main() -> int:
    words = argparse.ArgumentParser(prog="seat_gateway", description="Browser seats' sound; started by the box")
    words.add_argument("--box-fd", type=int, required=True, help="one end of a Unix socketpair: JSON lines")
    words.add_argument("--listen", required=True, metavar="HOST:PORT", help="port 0: any")
    words.add_argument("--place", type=Path, metavar="DIR", help="where the next box finds us when ours has died")
    words.add_argument("--cert", type=Path)
    words.add_argument("--key", type=Path)
    asked = words.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("seatbox.gateway.websockets").setLevel(logging.CRITICAL)
    host, _, port = asked.listen.rpartition(":")
    tls = (asked.cert, asked.key) if asked.cert and asked.key else None
    box = socket.socket(fileno=asked.box_fd)
    try:
        asyncio.run(run(box, host.strip("[]"), int(port), tls, asked.place))
    except OSError as wrong:
        log.error("the browser seats' gateway cannot listen on %s: %s", asked.listen, os.strerror(wrong.errno or 0))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
