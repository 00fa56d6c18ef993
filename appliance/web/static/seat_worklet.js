// The browser seat's sound (A2): microphone -> 8 kHz A-law frames of 20 ms, and back through a jitter buffer of 40 to 60 ms.
// Runs in the browser's audio thread; frames come and go through a MessagePort (seat_worker.js holds the socket).
// A-law: ITU-T G.711. All lengths are samples of 8 kHz unless the name says otherwise.

const RATE = 8000;
const FRAME = 160;
const LOW = 320; // 40 ms
const HIGH = 480; // 60 ms
const TARGET = 400;
const MOST_TARGET = 960; // 120 ms: what a poor link may grow to
const TOO_MUCH = 480; // above the target: trimmed at once, whatever is being said
const GROWTH = 160; // by an underrun
const SHRINK_AFTER_S = 20; // without one
const MOST_SKEW = 0.01; // one percent faster or slower, a sixth of a semitone: nobody hears it
const QUIET = 0.003; // -50 dBFS: a frame that may be left out
const SILENT_CODE = 0xd5;
const SHORTEST = 80; // one or more periods of a voice of 50 Hz and above are between these two
const LONGEST = 160;
const WHOLE = 80; // 10 ms that are made up at full level
const MADE = 480; // 60 ms, at whose end nothing is left of it
const RAMP = 40; // 5 ms

// --- A-law

const DECODE = new Float32Array(256);
for (let code = 0; code < 256; code++) {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  let value = (bits & 15) << 4;
  value = segment === 0 ? value + 8 : (value + 0x108) << (segment - 1);
  DECODE[code] = ((bits & 0x80) !== 0 ? value : -value) / 32768;
}

function encode(sample) {
  const sign = sample < 0 ? 0 : 0x80;
  const size = Math.min(32767, Math.abs(sample) * 32768) >> 4;
  let segment = 0;
  for (let rest = size >> 4; rest > 0; rest >>= 1) segment++;
  const mantissa = segment < 2 ? size & 15 : (size >> (segment - 1)) & 15;
  return (sign | (segment << 4) | mantissa) ^ 0x55;
}

// --- Windowed-sinc filters, one row a phase, Blackman window; `cutoff` in cycles per sample of the input

function filterBank(taps, phases, cutoff) {
  const rows = [];
  for (let phase = 0; phase <= phases; phase++) {
    const row = new Float32Array(taps);
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const t = k - taps / 2 + 1 - phase / phases;
      const w = (t + taps / 2) / taps;
      const window = w <= 0 || w >= 1 ? 0 : 0.42 - 0.5 * Math.cos(2 * Math.PI * w) + 0.08 * Math.cos(4 * Math.PI * w);
      const x = 2 * Math.PI * cutoff * t;
      row[k] = (Math.abs(x) < 1e-9 ? 2 * cutoff : (2 * cutoff * Math.sin(x)) / x) * window;
      sum += row[k];
    }
    for (let k = 0; k < taps; k++) row[k] /= sum;
    rows.push(row);
  }
  return rows;
}

// The last `taps` samples, twice side by side, so that a filter always sees them in one piece.
class Delay {
  constructor(taps) {
    this.taps = taps;
    this.line = new Float32Array(2 * taps);
    this.at = 0;
  }

  push(sample) {
    this.line[this.at] = this.line[this.at + this.taps] = sample;
    this.at = (this.at + 1) % this.taps;
  }

  through(row) {
    let sum = 0;
    for (let k = 0, i = this.at; k < this.taps; k++, i++) sum += row[k] * this.line[i];
    return sum;
  }
}

// From the device's rate down to 8 kHz: nothing above 4.4 kHz comes back as a tone that nobody sang.
class Down {
  constructor(deviceRate) {
    this.step = deviceRate / RATE;
    const taps = 2 * Math.ceil(14 * this.step);
    this.phases = 64;
    this.rows = filterBank(taps, this.phases, 3700 / deviceRate);
    this.delay = new Delay(taps);
    this.until = this.step;
  }

  // Gives 8 kHz samples to `take`.
  feed(samples, take) {
    for (let i = 0; i < samples.length; i++) {
      this.delay.push(samples[i]);
      this.until -= 1;
      if (this.until <= 0) {
        take(this.delay.through(this.rows[Math.round((1 + this.until) * this.phases)]));
        this.until += this.step;
      }
    }
  }
}

// From 8 kHz up to the device's rate, a little faster or slower when the jitter buffer asks for it.
class Up {
  constructor(deviceRate) {
    this.step = RATE / deviceRate;
    this.phases = 64;
    this.rows = filterBank(32, this.phases, 3700 / RATE);
    this.delay = new Delay(32);
    this.position = 0;
  }

  // One sample of the device; `next` gives the 8 kHz sample when one is due.
  sample(skew, next) {
    this.position += this.step * (1 + skew);
    while (this.position >= 1) {
      this.position -= 1;
      this.delay.push(next());
    }
    const phase = this.position * this.phases;
    const row = phase | 0;
    const share = phase - row;
    return this.delay.through(this.rows[row]) * (1 - share) + this.delay.through(this.rows[row + 1]) * share;
  }
}

// What came and has not been played: decoded, bounded, kept at the target by leaving out silence, by skew, and if need be by a cut.
// Running dry counts, and is filled with whole periods of what was heard last (as G.711's appendix I does for lost packets): what comes
// late is then in step with them, and they are the new reserve. They fade out within 60 ms; then it is silent until the target is there.
class JitterBuffer {
  constructor() {
    this.ring = new Float32Array(8192);
    this.clear();
    this.period = new Float32Array(LONGEST);
    this.underruns = 0;
    this.leftOut = 0;
    this.madeUp = 0;
  }

  clear() {
    this.written = this.read = 0;
    this.playing = false;
    this.everPlayed = false;
    this.target = TARGET;
    this.average = TARGET;
    this.skew = 0;
    this.gain = 0;
    this.sinceUnderrun = 0;
    this.made = 0; // samples in a row
    this.lag = LONGEST;
    this.last = 0;
  }

  get held() {
    return this.written - this.read;
  }

  push(codes) {
    let energy = 0;
    for (const code of codes) energy += DECODE[code] * DECODE[code];
    const surplus = this.held - this.target;
    if (this.playing && surplus > FRAME && energy < QUIET * QUIET * codes.length) {
      this.leftOut += codes.length;
      return;
    }
    const made = this.made;
    this.made = 0;
    for (let k = 0; k < codes.length; k++) {
      const gain = made === 0 || k >= RAMP ? 1 : left(made) + ((1 - left(made)) * k) / RAMP;
      this.ring[this.written++ & 8191] = DECODE[codes[k]] * gain;
    }
    if (this.held > this.target + TOO_MUCH) this.cut(this.held - this.target);
  }

  // Leaves out the oldest; 5 ms of the old sound fade into the new, so there is no click.
  cut(count) {
    for (let k = 0; k < RAMP; k++) {
      const old = this.ring[(this.read + k) & 8191];
      const at = (this.read + count + k) & 8191;
      this.ring[at] = old + ((this.ring[at] - old) * (k + 1)) / RAMP;
    }
    this.read += count;
    this.leftOut += count;
    this.average = this.held;
  }

  // The length after which the newest sound is most like itself, and the newest sound of that length, its ends fitted together.
  findPeriod() {
    const at = (back) => this.ring[(this.written - back) & 8191];
    let best = -Infinity;
    for (let lag = SHORTEST; lag <= LONGEST; lag++) {
      let cross = 0;
      let power = 1e-9;
      for (let k = 1; k <= LONGEST; k++) {
        const before = at(k + lag);
        cross += before * at(k);
        power += before * before;
      }
      if (cross / Math.sqrt(power) > best) {
        best = cross / Math.sqrt(power);
        this.lag = lag;
      }
    }
    const step = at(1) - at(1 + this.lag);
    for (let k = 0; k < this.lag; k++) this.period[k] = at(this.lag - k) + step * Math.max(0, (RAMP - k) / (RAMP + 1));
  }

  // One period more; false where it would be silence.
  makeUp() {
    if (this.made >= MADE) return false;
    if (this.made === 0) {
      this.findPeriod();
      this.underruns++;
      this.sinceUnderrun = 0;
      this.target = Math.min(MOST_TARGET, this.target + GROWTH);
    }
    for (let k = 0; k < this.lag; k++) this.ring[this.written++ & 8191] = this.period[k] * left(this.made + k);
    this.made += this.lag;
    this.madeUp += this.lag;
    return true;
  }

  // The next 8 kHz sample; silence while there is not enough.
  next = () => {
    if (!this.playing && this.held >= this.target) {
      this.playing = this.everPlayed = true;
      this.gain = 0;
      this.average = this.held;
    }
    if (this.playing && this.held === 0 && !this.makeUp()) {
      this.playing = false;
      this.made = 0;
    }
    if (!this.playing) return (this.last *= 0.97); // fades out in some 10 ms
    if (this.gain < 1) this.gain = Math.min(1, this.gain + 0.0125);
    return (this.last = this.ring[this.read++ & 8191] * this.gain);
  };

  // Once a block of `seconds`: the level is watched slowly, and steered to the target's 40 to 60 ms.
  steer(seconds) {
    if (!this.playing) return;
    this.average += (this.held - this.average) * Math.min(1, seconds / 0.5);
    const off = this.average - this.target;
    const slack = (HIGH - LOW) / 4;
    const wanted = Math.abs(off) < slack ? 0 : Math.max(-MOST_SKEW, Math.min(MOST_SKEW, (off / TARGET) * 0.02));
    this.skew += (wanted - this.skew) * Math.min(1, seconds / 0.2);
    this.sinceUnderrun += seconds;
    if (this.sinceUnderrun > SHRINK_AFTER_S && this.target > TARGET) {
      this.target = Math.max(TARGET, this.target - FRAME / 2);
      this.sinceUnderrun = 0;
    }
  }
}

// Of made-up sound after so many samples of it.
function left(made) {
  return Math.max(0, Math.min(1, (MADE - made) / (MADE - WHOLE)));
}

class Level {
  constructor() {
    this.sum = this.count = 0;
  }

  add(samples) {
    for (let k = 0; k < samples.length; k++) this.sum += samples[k] * samples[k];
    this.count += samples.length;
  }

  // dBFS since the last time: a full-scale sine is 0, silence -90.
  take() {
    const dbfs = this.count === 0 || this.sum === 0 ? -90 : Math.max(-90, 10 * Math.log10((2 * this.sum) / this.count));
    this.sum = this.count = 0;
    return Math.round(dbfs * 10) / 10;
  }
}

class Seat extends AudioWorkletProcessor {
  constructor() {
    super();
    this.socket = null;
    this.muted = false;
    this.ended = false;
    this.down = new Down(sampleRate);
    this.up = new Up(sampleRate);
    this.jitter = new JitterBuffer();
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.spoken = new Level();
    this.heard = new Level();
    this.untilReport = 0;
    this.port.onmessage = (event) => this.told(event.data);
  }

  told(words) {
    if ("muted" in words) this.muted = words.muted;
    if ("end" in words) this.ended = true;
    if ("socket" in words) {
      this.socket = words.socket;
      this.socket.onmessage = (event) => {
        if (event.data === null) this.jitter.clear(); // a new connection: nothing old is played
        else this.jitter.push(event.data);
      };
    }
  }

  speak = (sample) => {
    this.frame[this.filled++] = this.muted ? SILENT_CODE : encode(sample);
    if (this.filled < FRAME) return;
    this.filled = 0;
    if (this.socket === null) return;
    const codes = this.frame.slice();
    this.socket.postMessage(codes, [codes.buffer]);
  };

  process(inputs, outputs) {
    const out = outputs[0][0];
    const seconds = out.length / sampleRate;
    const mouth = inputs[0].length > 0 ? inputs[0][0] : new Float32Array(out.length);
    this.spoken.add(mouth);
    this.down.feed(mouth, this.speak);
    this.jitter.steer(seconds);
    for (let k = 0; k < out.length; k++) out[k] = this.up.sample(this.jitter.skew, this.jitter.next);
    this.heard.add(out);
    for (let other = 1; other < outputs[0].length; other++) outputs[0][other].set(out);
    this.untilReport -= seconds;
    if (this.untilReport <= 0) this.report();
    return !this.ended;
  }

  // Ten times a second to the page.
  report() {
    this.untilReport = 0.1;
    const { underruns, leftOut, madeUp, average, target } = this.jitter;
    const ms = (samples) => Math.round((samples * 1000) / RATE);
    this.port.postMessage({
      microphone: this.spoken.take(),
      speaker: this.heard.take(),
      underruns,
      left_out_ms: ms(leftOut),
      made_up_ms: ms(madeUp),
      buffer_ms: this.jitter.playing ? ms(average) : 0,
      target_ms: ms(target),
    });
  }
}

registerProcessor("seatbox-seat", Seat);
