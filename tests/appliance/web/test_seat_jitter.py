"""The page's jitter buffer in a real browser, sample by sample, without clock and sound card (A2)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright

from appliance.audio._dsp import encode_bytes
from tests.support.browser import chromium, needs_chromium
from tests.support.seat_page import STATIC
from tests.support.seat_tones import sine, write_microphone

pytestmark = needs_chromium

FRAME = 160
LOAD = """(source) => {
  const made = new Function("AudioWorkletProcessor", "registerProcessor", "sampleRate", source + "; return JitterBuffer;");
  window.JitterBuffer = made(class {}, () => {}, 48000);
}"""
RUN = """({ codes, pushes }) => {
  const buffer = new JitterBuffer(), out = [], bytes = Uint8Array.from(codes);
  let at = 0;
  for (const count of pushes) {
    for (let k = 0; k < count; k++, at += 160) buffer.push(bytes.slice(at, at + 160));
    buffer.steer(0.02);
    for (let k = 0; k < 160; k++) out.push(buffer.next());
  }
  return { out, underruns: buffer.underruns, made_up: buffer.madeUp, left_out: buffer.leftOut, target: buffer.target, held: buffer.held };
}"""

JITTER = """({ source, arrivals }) => {
  let socket, now = 0;
  const told = [], self = { postMessage: (words) => told.push(words) };
  class Socket { constructor() { socket = this; } send() {} close() {} }
  new Function("self", "WebSocket", "performance", "setInterval", source)(self, Socket, { now: () => now }, () => 0);
  self.onmessage({ data: { do: "begin", url: "", sound: { postMessage() {} } } });
  return arrivals.map((gaps) => {
    self.onmessage({ data: { do: "ticket", ticket: "t" } });
    for (const gap of gaps) { now += gap; socket.onmessage({ data: new ArrayBuffer(160) }); }
    socket.onmessage({ data: '{"ping": 1}' });
    return told.at(-1).jitter_ms;
  });
}"""
"""What the page says of its network's jitter after frames that come so many ms apart, on one connection after the other."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", 1130)
    with sync_playwright() as playwright, chromium(playwright, microphone) as browser:
        opened = browser.new_page()
        opened.evaluate(LOAD, (STATIC / "seat_worklet.js").read_text())
        yield opened


def played(page: Page, pushes: list[int], hz: float = 620) -> tuple[np.ndarray, dict[str, Any]]:
    """What comes out when so many frames of a tone come in before each 20 ms."""
    tone = sine(hz, sum(pushes) * FRAME / 8000 + 1, 8000)[: sum(pushes) * FRAME]
    told = page.evaluate(RUN, {"codes": list(encode_bytes("alaw", tone)), "pushes": pushes})
    return np.array(told.pop("out")), told


def longest_gap_ms(sound: np.ndarray) -> float:
    """Below -60 dBFS."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (np.abs(sound) < 0.001).view(np.int8), [0]])))
    return float(max(edges[1::2] - edges[::2], default=0)) / 8


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("hz", [110, 220, 620, 1130])
@pytest.mark.parametrize("frames", [3, 4])
def test_frames_that_come_too_late_make_no_silence_and_no_click(page: Page, frames: int, hz: float, lost: bool) -> None:
    """50 ms lie ready; the rest is made up of what was heard last, and what comes then is in step with it."""
    pushes = [1] * 50 + [0] * frames + [1 if lost else 1 + frames] + [1] * 50
    out, told = played(page, pushes, hz)
    around = out[45 * FRAME : 75 * FRAME]
    assert told["underruns"] == 1
    assert told["made_up"] > 0
    assert longest_gap_ms(around) < 2
    steepest = 2 * np.pi * hz / 8000 * 10 ** (-13 / 20)
    assert np.abs(np.diff(around)).max() <= 1.5 * steepest + 0.01


def test_sound_that_ends_is_made_up_for_60_ms_and_then_it_is_silent(page: Page) -> None:
    out, told = played(page, [1] * 50 + [0] * 20)
    end = 50 * FRAME + 3 * FRAME  # what lay ready, and some
    assert np.abs(out[50 * FRAME : end]).max() > 0.1
    assert np.abs(out[end + 480 :]).max() < 0.001
    assert told["underruns"] == 1


def test_what_comes_in_time_passes_and_nothing_is_made_up(page: Page) -> None:
    out, told = played(page, [1, 0, 2, 1] * 50)
    assert told["underruns"] == told["made_up"] == told["left_out"] == 0
    assert longest_gap_ms(out[6 * FRAME :]) < 2


def test_lateness_again_and_again_makes_the_reserve_longer_until_it_lasts(page: Page) -> None:
    _, told = played(page, [1] * 50 + ([0] * 4 + [5] + [1] * 20) * 12)
    assert 1 <= told["underruns"] <= 4
    assert told["target"] <= 960


def test_the_jitter_is_how_far_frames_come_from_20_ms_apart_and_each_connection_begins_anew(page: Page) -> None:
    arrivals = [[20] * 100, [14, 26] * 50, [90, 0, 0, 0] * 30, [5000, *[20] * 100]]
    told = page.evaluate(JITTER, {"source": (STATIC / "seat_worker.js").read_text(), "arrivals": arrivals})
    assert told[:2] == [0, 6] and 25 <= told[2] <= 45 and told[3] == 0
