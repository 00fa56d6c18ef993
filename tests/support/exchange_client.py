"""A client of the exchange's socket and a host at a modem's port, for tests: neither knows anything of the drivers."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from appliance.exchange.launch import ensure

TRUNKS = [
    {"line": "l1", "dialect": "sim7600", "number": "13800000001", "ports": ["exchange/l1-at", "exchange/l1-pcm"]},
    {"line": "l3", "dialect": "v253", "number": "02155550003", "ports": ["exchange/l3"]},
]


class ExchangeClient:
    """Asks the exchange at `state`; `box` says hello, so that the program stays."""

    def __init__(self, state: Path, box: bool = True) -> None:
        descriptor = os.open(state / "exchange", os.O_RDONLY)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(f"/proc/self/fd/{descriptor}/socket")
        os.close(descriptor)
        self.file = self.socket.makefile("rwb")
        if box:
            self.raw(b'{"hello": "box"}\n')

    def raw(self, line: bytes) -> dict[str, Any]:
        self.file.write(line)
        self.file.flush()
        answer: dict[str, Any] = json.loads(self.file.readline())
        if "bytes" in answer:
            answer["data"] = self.file.read(answer["bytes"])
        return answer

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, query: dict[str, Any] | None = None) -> Any:
        answer = self.raw(json.dumps({"method": method, "path": path, "body": body, "query": query or {}}).encode() + b"\n")
        self.status = answer["status"]
        return answer.get("data", answer.get("body"))

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextlib.contextmanager
def exchange(state: Path, phones: dict[str, Any] | None = None) -> Iterator[ExchangeClient]:
    """A running exchange; ended afterwards by its own pid."""
    ensure(state, TRUNKS, phones)
    client = ExchangeClient(state)
    try:
        yield client
    finally:
        client.close()
        pid_file = state / "exchange" / "pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
            until(lambda: not pid_file.exists())
        shutil.rmtree(state / "exchange" / "heard", ignore_errors=True)


def until(true: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait for something that another program does; what it was, or an AssertionError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = true()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class Host:
    """A host at a port: types, reads, talks."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.got = b""

    def write(self, data: bytes) -> None:
        os.write(self.fd, data)

    def read(self, seconds: float = 0.02) -> bytes:
        if select.select([self.fd], [], [], seconds)[0]:
            data = os.read(self.fd, 65536)
            self.got += data
            return data
        return b""

    def expect(self, text: bytes, seconds: float = 10.0) -> bytes:
        """All up to and with `text`; forgets it."""
        end = time.monotonic() + seconds
        while text not in self.got:
            assert time.monotonic() < end, f"{text!r} did not come, but {self.got!r}"
            self.read()
        at = self.got.index(text) + len(text)
        before, self.got = self.got[:at], self.got[at:]
        return before

    def command(self, text: str, final: bytes = b"\r\nOK\r\n") -> bytes:
        self.write(text.encode() + b"\r")
        return self.expect(final)

    def close(self) -> None:
        os.close(self.fd)


def talk_pcm(host: Host, hz: float, seconds: float) -> np.ndarray:
    """Write what is read, a tone, for `seconds`; what was heard."""
    heard, sent, end = b"", 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = host.read()
        heard += data
        n = len(heard) // 2 - sent
        if n:
            host.write(np.round(8000 * np.sin(2 * np.pi * hz * (sent + np.arange(n)) / 8000)).astype("<i2").tobytes())
            sent += n
    return np.frombuffer(heard[: len(heard) // 2 * 2], "<i2")


def level(sound: np.ndarray, hz: float) -> float:
    """Level of one frequency, dBFS."""
    x = np.asarray(sound, float)
    w = np.hanning(len(x))
    return float(20 * np.log10(2 * abs(np.sum(x * w * np.exp(-2j * np.pi * hz * np.arange(len(x)) / 8000))) / w.sum() / 32767 + 1e-9))
