"""An office in full swing that is killed and started again (E5): a talk at an outside phone, one at a page, one who waits."""

import contextlib
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from appliance.audio._dsp import decode_bytes, encode_bytes
from tests.support.box import Box
from tests.support.seat_tones import sine

CALLER_HZ, PHONE_HZ, PAGE_HZ = 620, 1130, 1430
WINDOW = 160  # samples, 20 ms
TALKER, TALKER_2, WAITER = "13955550001", "13955550002", "13955550003"


class Headset(threading.Thread):
    """A browser seat without a browser: its socket, a tone that it sends, what it hears. It never connects again by itself."""

    def __init__(self, box: Box, seat: str, hz: float) -> None:
        super().__init__(daemon=True, name="headset")
        given = box.post(f"/seats/{seat}/ticket")
        self._stack = contextlib.ExitStack()
        self.socket = self._stack.enter_context(connect(f"ws://127.0.0.1:{given['port']}/seat"))
        self.socket.send(json.dumps({"ticket": given["ticket"]}))
        self.frames = np.array_split(sine(hz, 1.0, 8000), 50)
        self.heard: list[tuple[float, np.ndarray]] = []
        self.closed = False
        self.start()

    def run(self) -> None:
        at, due = 0, time.monotonic()
        try:
            while True:
                due += 0.02
                while (left := due - time.monotonic()) > 0:
                    try:
                        self._take(self.socket.recv(timeout=left))
                    except TimeoutError:
                        break
                self.socket.send(encode_bytes("alaw", self.frames[at % 50]))
                at += 1
        except (ConnectionClosed, OSError):
            self.closed = True

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.heard.append((time.monotonic(), np.asarray(decode_bytes("alaw", message))))
        elif "ping" in (words := json.loads(message)):
            self.socket.send(json.dumps({"pong": words["ping"], "underruns": 0, "buffer_ms": 60}))

    def since(self, moment: float) -> np.ndarray:
        found = [sound for at, sound in list(self.heard) if at >= moment]
        return np.concatenate(found) if found else np.zeros(0, np.int16)

    def leave(self) -> None:
        self._stack.close()
        self.join(5)


def tone_windows(samples: np.ndarray, hz: float) -> np.ndarray:
    """Of each 20 ms whether the tone is in it, at more than -45 dBFS."""
    n = len(samples) // WINDOW
    if n == 0:
        return np.zeros(0, bool)
    x = samples[: n * WINDOW].reshape(n, WINDOW).astype(float) / 32768 * np.hanning(WINDOW)
    level = 4 * np.abs(x @ np.exp(-2j * np.pi * hz * np.arange(WINDOW) / 8000)) / WINDOW
    return np.asarray(level > 10 ** (-45 / 20))


def longest_without_ms(samples: np.ndarray, hz: float) -> int:
    """The longest run of 20 ms windows without the tone, in ms."""
    longest = run = 0
    for there in tone_windows(samples, hz):
        run = 0 if there else run + 1
        longest = max(longest, run)
    return 20 * longest


@dataclass
class Office:
    """Three calls at once; `kill` ends the box and starts it again."""

    box: Box
    headset: Headset
    page: str
    talker: str = ""
    second: str = ""
    waiter: str = ""
    leg: str = ""
    calls: dict[str, str] = field(default_factory=dict)

    def back(self) -> dict[str, int]:
        """Kills the box (-9) and starts it at once. How long caller and seat did not hear each other, as each of them heard it, in ms."""
        return self._again(self.box.kill)

    def in_order(self) -> dict[str, int]:
        return self._again(self.box.stop)

    def _again(self, end: Any) -> dict[str, int]:
        before = {name: self._heard_s(name) for name in (self.talker, self.leg, self.second)}
        end()
        self.box = Box(self.box.state)
        found = {}
        for what, name, hz in (("caller", self.talker, PHONE_HZ), ("phone", self.leg, CALLER_HZ)):
            self.box.until(f"{what} hears the other again", lambda name=name, hz=hz: self._tail_has(name, hz))  # type: ignore[misc]
            found[what] = longest_without_ms(self._wav(name)[int(8000 * (before[name] - 0.3)) :], hz)
        return found

    def _wav(self, name: str) -> np.ndarray:
        _, heard = self.box.wav(f"/exchange/calls/{name}/recording")
        return heard[:, 0]

    def _heard_s(self, name: str) -> float:
        return float(self.box.far_end(name)["heard"]["seconds"])

    def _tail_has(self, name: str, hz: float) -> bool:
        windows = tone_windows(self._wav(name)[-4000:], hz)
        return len(windows) > 0 and bool(windows[-5:].all())

    def view(self, caller: str) -> dict[str, Any]:
        found: dict[str, Any] = self.box.get(f"/calls/{self.calls[caller]}")
        return found

    def moments(self, caller: str) -> list[str]:
        return [moment["what"] for moment in self.view(caller)["timeline"]]


def full_house(box: Box) -> Office:
    """Waits until all three calls are where they are to be."""
    page = next(seat["id"] for seat in box.get("/seats") if seat["kind"] == "browser")
    phone, agents = box.phone_seats()[0], box.get("/agents")
    lines = [line["number"] for line in box.get("/lines")]
    box.put(f"/exchange/phones/{phone['number']}", {"answers_after_s": 0.2, "says": f"tone:{PHONE_HZ}", "keys": "1"})
    box.post(f"/seats/{phone['id']}/login", {"agent": agents[0]["id"]})
    talker = box.dial(lines[0], caller=TALKER, says=f"tone:{CALLER_HZ}")
    box.until("one talks at the phone", lambda: (got := box.call_from(TALKER)) and got["answered_at"])
    headset = Headset(box, page, PAGE_HZ)
    box.post(f"/seats/{page}/login", {"agent": agents[1]["id"]})
    second = box.dial(lines[1], caller=TALKER_2, says=f"tone:{CALLER_HZ}")
    box.until("it rings at the page", lambda: box.seat(page)["state"] == "ringing")
    box.post(f"/seats/{page}/answer")
    waiter = box.dial(lines[2], caller=WAITER, says=f"tone:{CALLER_HZ}")
    box.until("one waits", lambda: (got := box.call_from(WAITER)) and got["state"] == "queued")
    leg = box.leg_to(phone["number"])
    assert leg is not None
    office = Office(box, headset, page, talker, second, waiter, leg["id"])
    office.calls = {caller: box.call_from(caller)["id"] for caller in (TALKER, TALKER_2, WAITER)}  # type: ignore[index]
    return office


def random_moment(seed: int) -> None:
    """Up to 0.7 s pass: the kill comes anywhere in a second's rounds of syncs, commits and pings."""
    time.sleep(random.Random(seed).uniform(0.0, 0.7))
