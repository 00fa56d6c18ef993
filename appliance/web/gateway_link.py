"""The box's side of the browser seats' gateway: finds the process that a box before left, or starts one; again when it died (A2, E5)."""

import asyncio
import contextlib
import json
import logging
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from appliance import __version__
from appliance.web.seat_meeting import address, is_ours

log = logging.getLogger("seatbox.gateway_link")

BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
ADOPT_S = 1.0
LASTED_S = 30.0
"""After living so long a death is a new one, and answered at once."""


class Gateway:
    """`on` is called in the event loop with each message: {"is": "listening" | "alive" | "page" | "gone", ...}."""

    def __init__(
        self,
        on: Callable[[dict[str, object]], None],
        host: str,
        port: int = 0,
        tls: tuple[Path, Path] | None = None,
        place: Path | None = None,
    ) -> None:
        """host, port: to listen on; port 0 is any, and stays the same when the process is started again.

        place: DIR, where a process finds the box that comes after the one that started it; None: it ends with its box.
        """
        self._on, self._host, self._tls, self._place = on, host, tls, place
        self.port = port
        """Where pages connect; 0 until `start` is done."""
        self.pid: int | None = None
        self._rings: dict[str, str] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._leave = False
        self._keeping: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Returns when pages can connect; raises OSError where the port is taken or the process ends at once."""
        self._keeping = asyncio.ensure_future(self._keep_running())
        listening = asyncio.ensure_future(self._listening.wait())
        await asyncio.wait([listening, self._keeping], return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            listening.cancel()
            await self._keeping

    async def stop(self, *, leave: bool = False) -> None:
        """Closes every page's socket and ends the process. leave: it goes on, and keeps the pages for the next box."""
        self._leave = leave
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._keeping
            self._keeping = None

    def seat(self, seat: str, rings: str) -> None:
        """This seat's rings in shared memory; said again to a gateway that was started again."""
        self._rings[seat] = rings
        self._order({"do": "seat", "seat": seat, "rings": rings})

    def ticket(self, seat: str) -> str:
        """Good once, for 30 s, for one page that wants to be this seat."""
        ticket = secrets.token_urlsafe(24)
        self._order({"do": "ticket", "seat": seat, "ticket": ticket})
        return ticket

    def drop(self, seat: str) -> None:
        """Closes the seat's page's socket and forgets its tickets: logged out or moved."""
        self._order({"do": "drop", "seat": seat})

    def _order(self, words: dict[str, object]) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(words).encode() + b"\n")

    async def _keep_running(self) -> None:
        deaths = 0
        while True:
            born = asyncio.get_running_loop().time()
            await self._live_once()
            if not self._listening.is_set():
                raise OSError(f"the browser seats' gateway did not start on {self._host}:{self.port}; the line above says why")
            deaths = 0 if asyncio.get_running_loop().time() - born > LASTED_S else deaths + 1
            pause = BACK_OFF_S[min(deaths, len(BACK_OFF_S) - 1)]
            log.error("the browser seats' gateway ended; it is started again in %.1f s, calls stay up", pause)
            await asyncio.sleep(pause)

    async def _live_once(self) -> None:
        """One process, from start to death; in a session of its own, so that Ctrl-C reaches the box alone, which then ends it in order."""
        reader, self._writer = await self._adopted() or await self._started()
        for seat, rings in self._rings.items():
            self._order({"do": "seat", "seat": seat, "rings": rings})
        try:
            while line := await reader.readline():
                self._heard(json.loads(line))
        except ConnectionError:
            pass  # it died with our words unread: its death is told below
        except ValueError as wrong:
            log.error("the browser seats' gateway speaks nonsense: %s", wrong)
        finally:
            await self._bury()

    async def _adopted(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The process of a box before us, with its pages; None where there is none, or it is of another kind: that one is ended."""
        if self._place is None:
            return None
        try:
            reader, writer = await asyncio.open_unix_connection(address(self._place))
        except OSError:
            return None
        if not is_ours(writer.get_extra_info("socket")):
            log.error("a process of another user pretends to be the browser seats' gateway")
            writer.close()
            return None
        try:
            hello = json.loads(await asyncio.wait_for(reader.readline(), ADOPT_S))
            same = {"host": self._host, "version": __version__, "tls": self._tls is not None}
            if {name: hello.get(name) for name in same} == same:
                log.info("the browser seats' gateway of before is found, its pages are still there")
                self._heard(hello)
                return reader, writer
            writer.write(b'{"do": "end"}\n')
        except (OSError, ValueError, TimeoutError):
            pass
        writer.close()
        return None

    async def _started(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "appliance.web.seat_gateway"]
        command += ["--box-fd", str(theirs.fileno()), "--listen", f"{self._host}:{self.port}"]
        if self._place is not None:
            command += ["--place", str(self._place)]
        if self._tls:
            command += ["--cert", str(self._tls[0]), "--key", str(self._tls[1])]
        with theirs:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
            )
        self.pid = self._process.pid
        return await asyncio.open_connection(sock=ours)

    def _heard(self, words: dict[str, object]) -> None:
        if words.get("is") == "listening" and isinstance(words.get("port"), int):
            self.port = int(str(words["port"]))
            self._listening.set()
        try:
            self._on(words)
        except Exception:
            log.exception("a message of the browser seats' gateway was not understood: %s", words)

    async def _bury(self) -> None:
        """Told to end, or with its link closed, the gateway ends by itself; one of ours is killed where it does not within 3 s."""
        if self._writer is not None:
            if not self._leave:
                self._order({"do": "end"})
            self._writer.close()
            self._writer = None
        process, self._process, self.pid = self._process, None, None
        if process is None:
            return
        if self._leave:
            threading.Thread(target=process.wait, name="gateway-end", daemon=True).start()  # takes note of its end some day
            return
        try:
            await asyncio.to_thread(process.wait, 3)
        except subprocess.TimeoutExpired:
            log.error("the browser seats' gateway did not end by itself and is killed")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
