"""An ear at a browser seat's loudspeaker (A2): what the page played, sample by sample, and an idle process beside it.

The ear is an audio worklet of its own behind the seat's. It cannot hear that the browser's audio thread came too late for its device,
so it measures that by the clock: `stall_ms`. On one machine with a busy box that is the machine's doing, and is judged beside the idle
process; on an agent's own computer it is not there.
"""

from dataclasses import dataclass

from playwright.sync_api import Page

SOURCE = """
registerProcessor("ear", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.begin();
    this.port.onmessage = () => { this.port.postMessage(this.heard()); this.begin(); };
  }
  begin() { this.samples = this.run = this.stall = 0; this.gaps = []; this.from = this.at = Date.now(); }
  heard() {
    this.close();
    return { seconds: this.samples / sampleRate, clock_s: (this.at - this.from) / 1000, gaps_ms: this.gaps, stall_ms: this.stall };
  }
  close() {
    if (this.run > 0.002 * sampleRate) this.gaps.push(Math.round(10000 * this.run / sampleRate) / 10);
    this.run = 0;
  }
  process(inputs) {
    const now = Date.now();
    this.stall = Math.max(this.stall, now - this.at);
    this.at = now;
    const sound = inputs[0][0] ?? new Float32Array(128);
    for (const sample of sound) if (Math.abs(sample) < 0.001) this.run++; else if (this.run > 0) this.close();
    this.samples += sound.length;
    return true;
  }
});
"""
BEGIN = """async (source) => {
  const context = seatboxSeat.output.context;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  globalThis.ear = new AudioWorkletNode(context, "ear");
  seatboxSeat.output.connect(ear).connect(new GainNode(context, { gain: 0 })).connect(context.destination);
}"""
ASK = """async () => {
  const told = await new Promise((done) => { ear.port.onmessage = (event) => done(event.data); ear.port.postMessage(0); });
  return { ...told, ...seatboxSeat.stats };
}"""


@dataclass(frozen=True)
class Heard:
    """Since the last time it was asked."""

    seconds: float
    """Of sound."""
    clock_s: float
    gaps_ms: list[float]
    """Runs below -60 dBFS that are longer than 2 ms."""
    stall_ms: float
    """The longest time between two turns of the browser's audio thread, by the clock (10 ms is usual)."""
    underruns: int
    """The page's own count, from the beginning."""
    made_up_ms: int
    """Likewise: sound with which the page bridged what came too late."""
    left_out_ms: int
    """Likewise."""
    buffer_ms: int
    target_ms: int


def ear_at(page: Page) -> None:
    """Puts an ear to the loudspeaker of the desk page's seat; its context must have `bypass_csp`, as the ear is none of its files."""
    page.evaluate(BEGIN, SOURCE)


def since(page: Page) -> Heard:
    told = page.evaluate(ASK)
    return Heard(**{name: told[name] for name in Heard.__dataclass_fields__})
