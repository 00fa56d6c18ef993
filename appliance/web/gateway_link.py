"""The box's side of the browser seats' gateway: starts the process, speaks with it, starts it again when it died (A2, E5)."""

import asyncio
import contextlib
import json
import logging
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("seatbox.gateway_link")

BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
LASTED_S = 30.0
"""After living so long a death is a new one, and answered at once."""


class Gateway:
    """`on` is called in the event loop with each message: {"is": "listening" | "alive" | "page" | "gone", ...}."""

    def __init__(self, on: Callable[[dict[str, object]], None], host: str, port: int = 0, tls: tuple[Path, Path] | None = None) -> None:
        """host, port: to listen on; port 0 is any, and stays the same when the process is started again."""
        self._on, self._host, self._tls = on, host, tls
        self.port = port
        """Where pages connect; 0 until `start` is done."""
        self.pid: int | None = None
        self._rings: dict[str, str] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._process: asyncio.subprocess.Process | None = None
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

    async def stop(self) -> None:
        """Closes every page's socket and ends the process."""
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
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-m",
            "appliance.web.seat_gateway",
            "--box-fd",
            str(theirs.fileno()),
            "--listen",
            f"{self._host}:{self.port}",
        ]
        if self._tls:
            command += ["--cert", str(self._tls[0]), "--key", str(self._tls[1])]
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *command, pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL, start_new_session=True
            )
        self.pid = self._process.pid
        reader, self._writer = await asyncio.open_connection(sock=ours)
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

    def _heard(self, words: dict[str, object]) -> None:
        if words.get("is") == "listening" and isinstance(words.get("port"), int):
            self.port = int(str(words["port"]))
            self._listening.set()
        try:
            self._on(words)
        except Exception:
            log.exception("a message of the browser seats' gateway was not understood: %s", words)

    async def _bury(self) -> None:
        """Closing our end makes the gateway end by itself; it is killed where it does not within 3 s."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        process, self._process, self.pid = self._process, None, None
        if process is None:
            return
        try:
            await asyncio.wait_for(process.wait(), 3)
        except TimeoutError:
            log.error("the browser seats' gateway did not end by itself and is killed")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
