"""The browser seat (A2): from mouth to ear, live, and what it costs the server.

Delay: a modem on a pseudo-terminal, the audio thread, the gateway process, and the seat's own script in Chromium, whose microphone is a
file that clicks. An audio worklet beside the seat's hears what the page's microphone gives and what the page gives to its loudspeaker; its
sample times are those at which the browser's audio thread is there at the earliest. What a computer's own sound devices add is not in it.
Cost: processor time of box and gateway, the whole demonstration with four browser seats, while nobody, one and four of them talk.
"""

import os
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from json import loads
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Page, sync_playwright

from appliance.audio.bridge import Bridge
from bench.__main__ import Report
from tests.support.box import ROOT, Box, a_box
from tests.support.browser import PROGRAM, chromium
from tests.support.seat_box import SeatBox
from tests.support.seat_desk import answer, signed_in, sit_down
from tests.support.seat_page import serve_page
from tests.support.seat_tones import write_microphone

DELAY_S: Final = 40.0
COST_S: Final = 20.0
CALM_MS: Final = 8_000  # after pages were loaded, or a call began
SETTLES_MS: Final = 4_000
LONGEST_MS: Final = 400
MICROPHONE_S: Final = 0.47  # between two clicks: not the modem's 0.5 s, so that all distances come

KEEP_MICROPHONE = """
const listens = AudioContext.prototype.createMediaStreamSource;
AudioContext.prototype.createMediaStreamSource = function (stream) { return (globalThis.mouth = listens.call(this, stream)); };
"""
EAR = """
registerProcessor("clicks", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.found = [[], []];
    this.quiet = [0, 0];
    this.offset = Infinity;
    this.port.onmessage = () => this.port.postMessage(this.found.map((times) => times.map((ms) => ms + this.offset)));
  }
  process(inputs) {
    this.offset = Math.min(this.offset, Date.now() - 1000 * currentTime);
    for (const side of [0, 1]) {
      const sound = inputs[side][0] ?? [];
      for (let k = 0; k < sound.length; k++) {
        if (this.quiet[side] > 0) this.quiet[side]--;
        else if (Math.abs(sound[k]) > 0.2) {
          this.found[side].push((1000 * (currentFrame + k)) / sampleRate);
          this.quiet[side] = 0.1 * sampleRate;
        }
      }
    }
    return true;
  }
});
"""
LISTEN = """async (source) => {
  const context = seat.output.context;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  globalThis.ear = new AudioWorkletNode(context, "clicks", { numberOfInputs: 2 });
  mouth.connect(ear, 0, 0);
  seat.output.connect(ear, 0, 1);
  ear.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
}"""
ASK = "() => new Promise((done) => { ear.port.onmessage = (event) => done(event.data); ear.port.postMessage(0); })"
LATENCY = "() => 1000 * (seat.output.context.baseLatency + (seat.output.context.outputLatency || 0))"


class House(SeatBox):
    """The seat's rings belong to an audio thread and not to this process."""

    def _bridge(self) -> None:
        self._ended.wait()


def run(report: Report) -> None:
    if not PROGRAM.exists():
        print("no Chromium here: the browser seat is not measured", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        _delay(report, Path(folder))
        _cost(report, Path(folder))


def _delay(report: Report, folder: Path) -> None:
    microphone = _clicks(folder / "clicks.wav")
    with House() as house, serve_page(house.page_ticket) as url, _modem_call(house) as (bridge, far):
        with sync_playwright() as playwright, chromium(playwright, microphone) as browser:
            page = browser.new_page()
            page.add_init_script(KEEP_MICROPHONE)
            page.goto(url)
            house.until(lambda: page.evaluate("seat.state") == "connected", "the page is connected")
            page.evaluate(LISTEN, EAR)
            command = [sys.executable, "-m", "bench.seat_clicks", str(far), str(DELAY_S)]
            modem = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[far], cwd=ROOT)
            page.wait_for_timeout(1000 * DELAY_S + 500)
            told = loads(modem.communicate(timeout=30)[0])
            spoken, played = page.evaluate(ASK)
            held = page.evaluate("stats.at(-1)")
            devices_ms = page.evaluate(LATENCY)
        underruns = bridge.figures().underruns
    note = f"aim 100, better 80; the page holds {held['buffer_ms']} ms, made up {held['made_up_ms']} ms; underruns {underruns}"
    note += f"; its devices claim {devices_ms:.0f} ms more"
    _row(report, "from a modem to a browser's ear", told["said"], played, note)
    _row(report, "from a browser's mouth to a modem", spoken, told["heard"], "aim 100, better 80")


def _row(report: Report, name: str, said: list[float], heard: list[float], note: str) -> None:
    begin = said[0] + SETTLES_MS
    delays = [min((at - then for at in heard if 0 <= at - then <= LONGEST_MS), default=None) for then in said if begin <= then <= heard[-1]]
    found = [ms for ms in delays if ms is not None]
    p50, p99 = np.percentile(found, [50, 99])
    missing = len(delays) - len(found)
    report.row(f"seat, {name}, median", float(p50), "ms", note=f"of {len(found)} clicks, {missing} not heard; {note}")
    report.row(f"seat, {name}, p99", float(p99), "ms", note=f"least {min(found):.0f}, most {max(found):.0f}")


def _clicks(path: Path) -> Path:
    """A microphone: 1 ms of a raised cosine, no higher than a telephone hears."""
    sound = np.zeros(round(48_000 * MICROPHONE_S), "<i2")
    sound[1000:1024] = np.round(28_000 * np.hanning(24))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(sound.tobytes())
    return path


@contextmanager
def _modem_call(house: SeatBox) -> Iterator[tuple[Bridge, int]]:
    """The seat and a module hear each other; the far end of the module's sound."""
    bridge = Bridge()
    far, near = os.openpty()
    line, seat = bridge.add_pcm_port(near), bridge.add_ring(house.rings)
    bridge.set_hears(line, {seat})
    bridge.set_hears(seat, {line})
    bridge.sound_on(line)
    bridge.start()
    try:
        yield bridge, far
    finally:
        bridge.stop()
        os.close(far)
        os.close(near)


# -- cost


def _cost(report: Report, folder: Path) -> None:
    microphone = write_microphone(folder / "tone.wav", 1130)
    with (
        a_box(folder / "state", config=_four_browsers(folder)) as box,
        sync_playwright() as playwright,
        chromium(playwright, microphone) as browser,
        ExitStack() as open_pages,
    ):
        pages = [open_pages.enter_context(signed_in(browser, box)) for _ in range(4)]
        seats = [seat["id"] for seat in box.get("/seats") if seat["kind"] == "browser"]
        for page, seat, agent in zip(pages, seats, box.get("/agents"), strict=False):
            sit_down(page, seat, agent["id"])
        nobody = _server_cores(box, pages[0])
        _talks(box, pages, 1)
        one = _server_cores(box, pages[0])
        _talks(box, pages, 4)
        four = _server_cores(box, pages[0])
    note = f"box and gateway {one * 100:.1f} % in all, of which {nobody * 100:.1f} % with four pages and no call"
    report.row("seat, one browser's call at the server, of a core", (one - nobody) * 100, "%", note=f"{note}; aim 4.5", better="less")
    note = f"box and gateway {four * 100:.1f} % in all; aim 3"
    report.row("seat, four browsers' calls, each, of a core", (four - nobody) / 4 * 100, "%", note=note, better="less")


def _four_browsers(folder: Path) -> Path:
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text("utf-8")
    for number in ("13800000103", "13800000104"):
        text = text.replace(f'kind = "phone"\nnumber = "{number}"\n', 'kind = "browser"\n')
    (folder / "four.toml").write_text(text, "utf-8")
    return folder / "four.toml"


def _talks(box: Box, pages: list[Page], many: int) -> None:
    """So many talk, both ways."""
    lines = box.get("/lines")
    while (talking := _talking(box)) < many:
        box.dial(lines[talking]["number"], caller=f"1391414{talking:04d}", says="tone:620")
        ringing = box.until(
            "a seat rings", lambda: [at for at, page in enumerate(pages) if page.query_selector("[data-seat-state=ringing]")]
        )
        answer(pages[ringing[0]])
        box.until("one more talks", lambda: _talking(box) > talking)


def _talking(box: Box) -> int:
    return sum(seat["state"] == "talking" for seat in box.get("/seats"))


def _server_cores(box: Box, page: Page) -> float:
    """Cores that box and gateway use; the exchange is the telephone network, and not counted."""
    page.wait_for_timeout(CALM_MS)
    before = _seconds(box)
    page.wait_for_timeout(1000 * COST_S)
    return (_seconds(box) - before) / COST_S


def _seconds(box: Box) -> float:
    pid = box.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    gateway = [child for child in children if b"seat_gateway" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert gateway, "the gateway is not a child of its box"
    ticks = 0
    for name in (str(pid), *gateway):
        fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
