"""A whole demonstration box as its own process: the command, its HTTP, its simulated exchange. Nothing in it knows of tests."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0
"""So long a condition is waited for at most: machines are shared and noisy, so it says nothing about speed."""


class Box:
    """`seatbox run --demo` on a state directory; `get`, `post` … speak /api/v1 with the demonstration's token."""

    def __init__(
        self, state: Path, *, demo: bool = True, config: Path | None = None, listen: str = "127.0.0.1:0", program: str = "appliance"
    ) -> None:
        self.state = state
        command = [sys.executable, "-m", program, "run", "--state", str(state), "--listen", listen]
        command += ["--demo"] if demo else []
        command += ["--config", str(config)] if config else []
        self.log_path = state.parent / f"{state.name}.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, text=True)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()
        if not self.first_line.startswith("ready "):
            self.process.wait(10)
            self.process.stdout.close()
            raise AssertionError(f"no ready line but {self.first_line!r}; its log ends:\n{self.log()[-3000:]}")
        self.url = self.first_line.removeprefix("ready ")
        credentials = json.loads((state / "demo-credentials.json").read_text()) if demo else {"token": ""}
        self.credentials = credentials
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {credentials['token']}"}, timeout=30.0, verify=False
        )

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: Any = None, expect: int | None = None) -> Any:
        answer = self.http.post(path, json=body) if body is not None else self.http.post(path)
        if expect is None:
            assert answer.is_success, (path, answer.status_code, answer.text)
        else:
            assert answer.status_code == expect, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any) -> None:
        answer = self.http.put(path, json=body)
        assert answer.is_success, (path, answer.status_code, answer.text)

    def delete(self, path: str) -> None:
        answer = self.http.delete(path)
        assert answer.is_success, (path, answer.status_code, answer.text)

    def wav(self, path: str) -> tuple[int, np.ndarray]:
        """(rate, samples of shape (n, channels)) of a WAV that the standard library's reader takes."""
        import io
        import wave

        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        with wave.open(io.BytesIO(answer.content)) as file:
            frames = file.readframes(file.getnframes())
            assert file.getsampwidth() == 2
            return file.getframerate(), np.frombuffer(frames, "<i2").reshape(-1, file.getnchannels())

    # -- what tests ask for again and again -----------------------------------------------------------------------------------------

    def line(self, name: str) -> dict[str, Any]:
        return next(line for line in self.get("/lines") if line["id"] == name)

    def seat(self, name: str) -> dict[str, Any]:
        return next(seat for seat in self.get("/seats") if seat["id"] == name)

    def of_dialect(self, dialect: str) -> list[str]:
        return [line["id"] for line in self.get("/lines") if line["dialect"] == dialect]

    def phone_seats(self) -> list[dict[str, Any]]:
        return [seat for seat in self.get("/seats") if seat["kind"] == "phone"]

    def dial(self, to: str, caller: str = "13912345678", says: str = "tone:620", **more: Any) -> str:
        found: str = self.post("/exchange/calls", {"to": to, "from": caller, "says": says, **more})["id"]
        return found

    def far_end(self, call: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/exchange/calls/{call}")
        return found

    def leg_to(self, number: str) -> dict[str, Any] | None:
        """The newest call of the exchange to this number."""
        found = [call for call in self.get(f"/exchange/calls?number={number}") if call["to"] == number]
        return found[0] if found else None

    def call_from(self, caller: str) -> dict[str, Any] | None:
        found = [call for call in self.get("/calls") if call["caller"] == caller]
        return found[0] if found else None

    def until(self, what: str, condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        """The condition's first true value; an AssertionError that says what was waited for."""
        end = time.monotonic() + patience_s
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                stood = f"lines {self.get('/lines')}; seats {self.get('/seats')}; messages {self.get('/messages')[:3]}"
                raise AssertionError(f"waited in vain for: {what}; {stood}; its log ends\n{self.log()[-2000:]}")
            time.sleep(0.05)

    def quiet(self) -> None:
        """Every seat logged out, every call over, every line in service: the next test starts here."""
        for call in self.get("/exchange/calls"):
            if call["state"] in ("dialling", "ringing", "connected"):
                self.http.delete(f"/exchange/calls/{call['id']}")
        self.until("no live call", lambda: not self.get("/calls?live=true"))
        for seat in self.get("/seats"):
            if seat["state"] != "logged_out":
                self.until(f"{seat['id']} logged out", lambda name=seat["id"]: self.http.post(f"/seats/{name}/logout").status_code != 409)
        for line in self.get("/lines"):
            if line["state"] == "disabled":
                self.post(f"/lines/{line['id']}/enable")
        self.until("all lines idle", lambda: all(line["state"] == "idle" for line in self.get("/lines")))

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.close()

    def close(self) -> None:
        self.http.close()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def exchange_pid(self) -> int:
        return int((self.state / "exchange" / "pid").read_text())

    def end_exchange(self) -> None:
        try:
            os.kill(self.exchange_pid(), signal.SIGTERM)
        except (OSError, ValueError):
            return


@contextmanager
def a_box(state: Path, **more: Any) -> Iterator[Box]:
    """Started, and ended with its exchange whatever happens."""
    box = Box(state, **more)
    try:
        yield box
    finally:
        if box.process.poll() is None:
            box.kill()
        box.end_exchange()


def command(*words: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    """`seatbox WORDS`."""
    return subprocess.run([sys.executable, "-m", "appliance", *words], cwd=ROOT, capture_output=True, text=True, timeout=timeout_s)


def tone_level(heard: dict[str, Any], hz: float) -> float:
    """Of a far end's `heard.tones`: the level of this tone, -120 where it is not among them."""
    return max((tone["level_dbfs"] for tone in heard["tones"] if abs(tone["hz"] - hz) < 15), default=-120.0)


class Background(threading.Thread):
    """Runs something beside a test; `end` stops it and raises what it raised."""

    def __init__(self, work: Callable[[threading.Event], None]) -> None:
        super().__init__(daemon=True)
        self._work, self._stop_it = work, threading.Event()
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work(self._stop_it)
        except Exception as error:  # noqa: BLE001 - `end` raises it in the test
            self._error = error

    def end(self) -> None:
        self._stop_it.set()
        self.join(30)
        if self._error is not None:
            raise self._error
