"""A2 A7: no browser hears a gap, and none is heard of it, while the box's Python is kept busy (a loop, collections, entries, clients).

Browser, busy box, exchange and clients share this machine's cores, so each gap is judged beside an idle process of the same seconds, and
the same call is listened to before, with the box in peace. Figures are printed (`pytest -s`); docs/seats.md has some.
"""

import dataclasses
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.box import Background, Box, a_box
from tests.support.browser import chromium, needs_chromium
from tests.support.idle_reference import Lateness, an_idle_process_on_each_core
from tests.support.seat_desk import answer, signed_in, sit_down
from tests.support.seat_ear import Heard, ear_at, since
from tests.support.seat_tones import write_microphone

pytestmark = needs_chromium
CALLER_HZ, AGENT_HZ = 620, 1130
FRAME_MS = 20.0
CROWDED_MS = 20.0
"""An idle process that lost more says that others use this machine: such a listening proves nothing."""
PERIOD_MS = 20.0
"""The page bridges what came too late by pieces of up to so much; what it made up must not hide a gap."""
LISTENING_S = 4.0
CALLER = "13914140002"


@dataclasses.dataclass(frozen=True)
class Listening:
    """Some seconds of one call, at both ends."""

    page: Heard
    idle: Lateness
    underruns: int
    made_up_ms: int
    box_underruns: int
    far_gaps_ms: list[float]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", AGENT_HZ)
    with sync_playwright() as playwright, chromium(playwright, microphone) as running:
        yield running


@contextmanager
def clients(box: Box, count: int) -> Iterator[None]:
    """Each fetches pages one after the other."""
    running = [Background(lambda stop: _fetch(box, stop)) for _ in range(count)]
    try:
        yield
    finally:
        for one in running:
            one.end()


def _fetch(box: Box, stop: Event) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {box.credentials['token']}"}, timeout=60.0) as client:
        while not stop.is_set():
            for path in ("/api/v1/calls", "/api/v1/seats", "/api/v1/health"):
                client.get(box.url + path)


@pytest.mark.parametrize(("wanted", "most", "count"), [(1, 5, 4), pytest.param(30, 30, 8, marks=pytest.mark.soak)])
def test_neither_end_of_a_browsers_call_hears_a_gap_while_the_interpreter_is_busy(
    browser: Browser, tmp_path: Path, wanted: int, most: int, count: int
) -> None:
    """wanted, most: listenings on a machine that is ours alone, listenings at all; count: clients."""
    with a_box(tmp_path / "state", program="tests.support.seat_busy_later") as box, signed_in(browser, box, bypass_csp=True) as page:
        box.http.timeout = 60.0
        far = in_a_call(box, page)
        told("in peace", listen(box, page, far, LISTENING_S))
        box.process.send_signal(signal.SIGUSR1)
        with clients(box, count):
            page.wait_for_timeout(500)
            busy: list[Listening] = []
            while len(busy) < most and len(ours_alone(busy)) < wanted:
                busy.append(listen(box, page, far, LISTENING_S))
                told("busy", busy[-1])
    silent_ms = sum(sum(heard.page.gaps_ms) + sum(heard.far_gaps_ms) for heard in busy)
    assert silent_ms < 1000 * LISTENING_S * len(busy), "the sound goes on whatever the machine does"
    for heard in ours_alone(busy):
        assert max(heard.page.gaps_ms, default=0.0) <= FRAME_MS + heard.idle.worst, "what the agent heard"
        assert heard.made_up_ms <= FRAME_MS + heard.idle.worst + PERIOD_MS, "what the agent heard in place of what came too late"
        assert max(heard.far_gaps_ms, default=0.0) <= FRAME_MS + heard.idle.worst, "what the caller heard"
    if not ours_alone(busy):
        least = min(heard.idle.worst for heard in busy)
        pytest.skip(f"others use this machine: beside the call an idle process lost {least:.0f} ms and more")


def ours_alone(listenings: list[Listening]) -> list[Listening]:
    return [heard for heard in listenings if heard.idle.worst <= CROWDED_MS]


def told(when: str, heard: Listening) -> None:
    print(when, json.dumps(dataclasses.asdict(heard)))


def in_a_call(box: Box, page: Page) -> str:
    """The far end of a call whose two ends hear each other, and an ear at the browser's."""
    seat = next(str(seat["id"]) for seat in box.get("/seats") if seat["kind"] == "browser")
    sit_down(page, seat, box.get("/agents")[0]["id"])
    far = box.dial(box.get("/lines")[0]["number"], caller=CALLER, says=f"tone:{CALLER_HZ}")
    answer(page)
    box.until("both speak", lambda: page.evaluate("seatboxSeat.speakerLevel > -20 && seatboxSeat.micLevel > -20"))
    ear_at(page)
    return far


def listen(box: Box, page: Page, far: str, seconds: float) -> Listening:
    """Both ends at once. The far end's seconds are those of its own recording, up to the moment it is fetched."""
    page.wait_for_timeout(500)
    before, box_before = since(page), underruns(box)
    with an_idle_process_on_each_core() as idle:
        page.wait_for_timeout(1000 * seconds)
        after = since(page)
        rate, sound = box.wav(f"/exchange/calls/{far}/recording")
        box_after = underruns(box)
    return Listening(
        page=after,
        idle=idle,
        underruns=after.underruns - before.underruns,
        made_up_ms=after.made_up_ms - before.made_up_ms,
        box_underruns=box_after - box_before,
        far_gaps_ms=gaps_ms(sound[-round(seconds * rate) :, 0], rate),
    )


def underruns(box: Box) -> int:
    """Of all the box's ports, its own late writing included."""
    return int(box.get("/health")["audio"]["underruns"])


def gaps_ms(sound: np.ndarray, rate: int) -> list[float]:
    """Runs below -60 dBFS of more than 2 ms."""
    quiet = np.abs(sound.astype(int)) < 33
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.view(np.int8), [0]])))
    return [round(1000 * float(run) / rate, 1) for run in edges[1::2] - edges[::2] if run > 0.002 * rate]
