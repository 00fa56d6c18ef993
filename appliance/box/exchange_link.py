"""Demonstration only: the page's and the API's way to the simulated exchange, through its socket and nothing else."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

GONE = (503, {"error": "the simulated exchange does not answer; it starts with `seatbox run --demo`"})
LIMIT = 64 * 1024 * 1024  # bytes of one answer: an hour of mono sound


class ExchangeLink:
    """One short connection a request; one that stays, so that the exchange knows of a living box."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._presence: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._presence = asyncio.create_task(self._stay(), name="exchange presence")

    async def stop(self) -> None:
        if self._presence is not None:
            self._presence.cancel()
            await asyncio.gather(self._presence, return_exceptions=True)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A Unix path has 108 bytes at most; a directory's descriptor makes any path short."""
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return await asyncio.open_unix_connection(f"/proc/self/fd/{descriptor}/socket", limit=LIMIT)
        finally:
            os.close(descriptor)

    async def _stay(self) -> None:
        while True:
            try:
                reader, writer = await self._open()
                writer.write(b'{"hello":"box"}\n')
                while await reader.readline():
                    pass
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(1.0)

    async def request(self, request: dict[str, object]) -> tuple[int, Any]:
        """(HTTP status, JSON or bytes)."""
        try:
            reader, writer = await self._open()
        except OSError:
            return GONE
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            reply = json.loads(await asyncio.wait_for(reader.readline(), 10.0))
            if "bytes" in reply:
                return reply["status"], await asyncio.wait_for(reader.readexactly(reply["bytes"]), 10.0)
            return reply["status"], reply.get("body")
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
            return GONE
        finally:
            writer.close()
