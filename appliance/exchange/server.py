"""The exchange's socket and life (A1): newline-delimited JSON; it ends itself 60 s after the last box. See docs/exchange.md."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, Final

from appliance.exchange.requests import Requests

ALONE_S: Final = 60.0
LINE_AT_MOST: Final = 1 << 20


class Server:
    """Serves `requests` at `folder`/socket; `gone` is set when no box has been there for a minute."""

    def __init__(self, requests: Requests, folder: Path, alone_s: float = ALONE_S) -> None:
        self.requests, self.folder, self._alone_s = requests, folder, alone_s
        self.gone = asyncio.Event()
        self._boxes = 0
        self._alone: asyncio.TimerHandle | None = None

    async def serve(self) -> asyncio.Server:
        listener = bound(self.folder)
        self._wait_for_box()
        return await asyncio.start_unix_server(self._connection, sock=listener, limit=LINE_AT_MOST)

    def _wait_for_box(self) -> None:
        if self._alone is not None:
            self._alone.cancel()
        self._alone = asyncio.get_running_loop().call_later(self._alone_s, self.gone.set)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        box = False
        try:
            while line := await reader.readline():
                request = _parsed(line)
                if isinstance(request, dict) and request.get("hello") == "box":
                    if not box:
                        box, self._boxes = True, self._boxes + 1
                        if self._alone is not None:
                            self._alone.cancel()
                    status, answer = 200, {"hello": "exchange", "pid": os.getpid()}
                elif request is None:
                    status, answer = 400, {"error": "a request is one line of JSON"}
                else:
                    status, answer = await self._answer(request)
                writer.write(_reply(status, answer))
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.LimitOverrunError):
            pass  # the other side went away in mid-sentence, or sent a line without end
        finally:
            if box:
                self._boxes -= 1
                if not self._boxes:
                    self._wait_for_box()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: object) -> tuple[int, Any]:
        try:
            return await self.requests.ask(request)
        except Exception as error:  # noqa: BLE001 -- told to the asker and in the log; the calls stay up
            sys.excepthook(*sys.exc_info())
            return 500, {"error": f"a defect of the exchange: {error!r}"}


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _reply(status: int, answer: Any) -> bytes:
    if isinstance(answer, bytes):
        return json.dumps({"status": status, "bytes": len(answer), "type": "audio/wav"}).encode() + b"\n" + answer
    return json.dumps({"status": status, "body": answer}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def bound(folder: Path) -> socket.socket:
    """A listening socket `folder`/socket; paths of any length, as the name goes by way of the folder's descriptor."""
    (folder / "socket").unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{descriptor}/socket")
    finally:
        os.close(descriptor)
    os.chmod(folder / "socket", 0o600)
    return listener
