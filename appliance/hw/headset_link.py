"""The box's side of the process of one headset or of a line's sound card (A1 A2, E5): starts it, hears it, starts it again when it ended
or fell silent."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

log = logging.getLogger("seatbox.headset")

BACK_OFF_S: Final = (0.5, 1.0, 2.0, 5.0)
"""A process starts in under a second of one core of a Pi; more often than this it looks only when the sound cards changed."""
SILENT_S: Final = 6.0
"""A process that says nothing for so long hangs in its driver, and is killed."""
CARDS: Final = Path("/proc/asound/cards")
_ENDING: Final[set[asyncio.Task[None]]] = set()


class Headset:
    """`on(words)` is called in the event loop: {"is": "open" | "alive" | "still" | "gone", ...}, see hw/headset.py."""

    def __init__(self, whose: str, device: str, rings: str, on: Callable[[dict[str, object]], None]) -> None:
        self._whose, self.device, self._rings, self._on = whose, device, rings, on
        self._keeping: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        """Returns at once; what becomes of it is told."""
        self._keeping = asyncio.ensure_future(self._keep_running())

    def again(self) -> None:
        """Opens the device anew, by another process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def end(self) -> None:
        """As `stop`, and does not wait for it."""
        task = asyncio.ensure_future(self.stop())
        _ENDING.add(task)
        task.add_done_callback(_ENDING.discard)

    async def stop(self) -> None:
        """Ends the process."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def _keep_running(self) -> None:
        failures, last = 0, ""
        while True:
            why, worked = await self._live_once()
            failures = 0 if worked else failures + 1
            if why != last:
                log.warning("%s: %s", self._whose, why)
            last = why
            self._tell({"is": "gone", "why": why})
            await self._pause(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])

    async def _pause(self, seconds: float) -> None:
        """Shorter where a sound card came or went."""
        cards, end = _cards(), asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end and _cards() == cards:
            await asyncio.sleep(0.5)

    async def _live_once(self) -> tuple[str, bool]:
        """One process from start to end: (why it ended, whether sound ran)."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "appliance.hw.headset", "--box-fd", str(theirs.fileno())]
        command += ["--rings", self._rings, "--device", self.device]
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command, pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL, start_new_session=True
            )
        self._process = process
        reader, writer = await asyncio.open_connection(sock=ours)
        why, worked = "its process ended", False
        try:
            while line := await asyncio.wait_for(reader.readline(), SILENT_S):
                words = json.loads(line)
                if words["is"] == "gone":
                    why = str(words["why"])
                else:
                    worked = True
                    self._tell(words)
        except TimeoutError:
            why = "its process stands still"
        except (ConnectionError, ValueError, KeyError) as error:
            why = f"its process speaks nonsense ({type(error).__name__})"
        finally:
            writer.close()
            if process.returncode is None:
                process.kill()
            await process.wait()
            self._process = None
        return why, worked

    def _tell(self, words: dict[str, object]) -> None:
        try:
            self._on(words)
        except Exception:
            log.exception("a headset's message was not understood: %s", words)


def _cards() -> str:
    try:
        return CARDS.read_text()
    except OSError:
        return ""
