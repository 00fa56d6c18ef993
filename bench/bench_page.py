"""Page and API (E2): requests a second of a whole demonstration box, and how long one takes, with one and with eight clients.

The clients share the machine's cores with the box: on two cores a figure with eight clients is of both together. Each client keeps its
connection and asks again when it has the whole answer. Answers other than 200 end the bench.
"""

import json
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

from bench.__main__ import Report

ROOT: Final = Path(__file__).parents[1]
LENGTH_S: Final = 2.0
CLIENTS: Final = (1, 8)
ASKED: Final = (
    ("GET /api/v1/health", "/api/v1/health"),
    ("GET /api/v1/lines", "/api/v1/lines"),
    ("GET /api/v1/calls", "/api/v1/calls"),
    ("page: the board", "/"),
    ("page: calls", "/calls"),
)


def run(report: Report) -> None:
    with _box() as (url, credentials):
        headers = {"Authorization": f"Bearer {credentials['token']}", "Cookie": _session(url, credentials)}
        for name, path in ASKED:
            for clients in CLIENTS:
                times = _asked(url, path, headers, clients)
                half, most = times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3
                label = f"{name}, {clients} client{'s' if clients > 1 else ''}"
                report.row(label, len(times) / LENGTH_S, "requests/s", f"median {half:.1f} ms, p99 {most:.1f} ms")


@contextmanager
def _box() -> Iterator[tuple[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        state = Path(folder) / "state"
        command = [sys.executable, "-m", "appliance", "run", "--demo", "--state", str(state), "--listen", "127.0.0.1:0"]
        box = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, text=True)
        try:
            assert box.stdout is not None
            ready = box.stdout.readline().split()
            if len(ready) != 2:
                raise RuntimeError(f"the box did not start: {(Path(folder) / 'log').read_text()[-1000:]}")
            yield ready[1], json.loads((state / "demo-credentials.json").read_text())
        finally:
            box.send_signal(signal.SIGTERM)
            box.wait(30)
            _end_exchange(state / "exchange" / "pid")


def _end_exchange(pid: Path) -> None:
    """It would end by itself 60 s later, and its directory is gone by then."""
    try:
        subprocess.run(["kill", pid.read_text().strip()], check=False)
    except OSError:
        return
    until = time.monotonic() + 10
    while pid.exists() and time.monotonic() < until:
        time.sleep(0.05)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _session(url: str, credentials: dict[str, Any]) -> str:
    """Signs in as a person does; the cookie."""
    form = urllib.parse.urlencode({"name": credentials["user"], "password": credentials["password"]}).encode()
    request = urllib.request.Request(f"{url}/sign-in", form, {"Origin": url})
    try:
        answer = urllib.request.build_opener(_NoRedirect).open(request)
    except HTTPError as redirect:
        answer = redirect
    return str(answer.headers["Set-Cookie"]).split(";")[0]


def _asked(url: str, path: str, headers: dict[str, str], clients: int) -> list[float]:
    """Seconds of each answer, shortest first."""
    where = urllib.parse.urlsplit(url)
    assert where.hostname and where.port
    lines = [f"GET {path} HTTP/1.1", f"Host: {where.netloc}", *(f"{name}: {value}" for name, value in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    begun: dict[socket.socket, float] = {}
    for _ in range(clients):
        client = socket.create_connection((where.hostname, where.port))
        selector.register(client, selectors.EVENT_READ, bytearray())
        begun[client] = time.perf_counter()
        client.sendall(request)
    times: list[float] = []
    until = time.perf_counter() + LENGTH_S
    while (now := time.perf_counter()) < until:
        for key, _ in selector.select(until - now):
            client, held = key.fileobj, key.data
            assert isinstance(client, socket.socket)
            held += client.recv(1 << 20)
            if _whole(held, path):
                held.clear()
                done = time.perf_counter()
                times.append(done - begun[client])
                begun[client] = done
                client.sendall(request)
    for client in begun:
        client.close()
    selector.close()
    return sorted(times)


def _whole(held: bytearray, path: str) -> bool:
    head = held.find(b"\r\n\r\n")
    if head < 0:
        return False
    if not held.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{path} was answered {bytes(held[:60])!r}")
    fields = bytes(held[:head]).lower()
    at = fields.index(b"content-length:") + 15
    return len(held) >= head + 4 + int(fields[at:].split(b"\r\n", 1)[0])
