// The browser seat (A2): microphone, loudspeaker, ring and the link to the box. How a page uses it: docs/seats.md
//
//   const seat = connectSeat({ seat: "s1", url: "wss://box:8443/seat", ticket: async () => "...", onState, onLevel, onStats });

import { Ringer } from "./seat_ring.js";

const HERE = import.meta.url;
const REMEMBERED = { microphone: "seatbox.microphone", speaker: "seatbox.speaker", ring: "seatbox.ring" };

// Echo cancellation for those without a headset. No noise suppression: it eats music, tones and quiet speakers.
const SOUND = { echoCancellation: true, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

function remembered(what) {
  try {
    return localStorage.getItem(REMEMBERED[what]) || "";
  } catch {
    return "";
  }
}

function remember(what, device) {
  try {
    localStorage.setItem(REMEMBERED[what], device);
  } catch {
    // private windows may forbid it; the choice then lasts as long as the page
  }
}

// One seat at this page. Returns at once; what happens is told to onState({state, why}).
export function connectSeat(options) {
  const seat = new BrowserSeat(options);
  seat.start();
  return seat;
}

export class BrowserSeat {
  #options;
  #devices = { microphone: remembered("microphone"), speaker: remembered("speaker"), ring: remembered("ring") };
  #context = null;
  #worklet = null;
  #source = null;
  #stream = null;
  #worker = null;
  #ringer = null;
  #starting = null;
  #closed = false;
  #latest = { underruns: 0, left_out_ms: 0, buffer_ms: 0, target_ms: 0 };
  state = "starting";
  muted = false;
  micLevel = -90; // dBFS, as of the last tenth of a second
  speakerLevel = -90;

  constructor(options) {
    this.#options = options;
    this.#ringer = new Ringer(this.#devices.ring);
  }

  // --- the life of it

  start() {
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#comeBack);
    navigator.mediaDevices?.addEventListener("devicechange", this.#devicesChanged);
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #start() {
    try {
      if (!navigator.mediaDevices || !window.AudioWorkletNode) return this.#say("failed", "insecure");
      await this.#openMicrophone();
      if (this.#closed || !(await this.#openContext())) return;
      this.#source = this.#context.createMediaStreamSource(this.#stream);
      this.#source.connect(this.#worklet);
      if (this.#worker === null) this.#beginLink();
      else this.#worker.postMessage({ do: "again" });
    } catch (wrong) {
      this.#release();
      this.#say(wrong instanceof MicrophoneMissing ? "no_microphone" : "failed", wrong.why ?? String(wrong));
    }
  }

  async #openMicrophone() {
    const stream = await microphone(this.#devices.microphone);
    if (this.#closed) return stop(stream);
    stop(this.#stream);
    this.#stream = stream;
    stream.getAudioTracks()[0].onended = () => this.#microphoneLost();
  }

  // True when sound can flow; until the person has clicked somewhere a browser may keep it from flowing.
  async #openContext() {
    if (this.#context !== null) return true;
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    await context.audioWorklet.addModule(new URL("./seat_worklet.js", HERE));
    if (this.#closed) return false;
    this.#worklet = new AudioWorkletNode(context, "seatbox-seat", { numberOfInputs: 1, outputChannelCount: [1] });
    this.#worklet.port.onmessage = (event) => this.#measured(event.data);
    this.#worklet.onprocessorerror = () => this.#say("failed", "audio");
    this.#worklet.port.postMessage({ muted: this.muted });
    this.#worklet.connect(context.destination);
    await this.#useSpeaker();
    if (context.state !== "running") await this.#untilAllowed(context);
    return !this.#closed;
  }

  async #untilAllowed(context) {
    const running = new Promise((done) => {
      const look = () => (context.state === "running" || this.#closed) && done();
      context.addEventListener("statechange", look);
      look();
    });
    const soon = new Promise((done) => setTimeout(done, 300));
    context.resume().catch(() => {});
    await Promise.race([running, soon]);
    if (context.state === "running" || this.#closed) return;
    this.#say("blocked", "click");
    const resume = () => context.resume().catch(() => {});
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, resume);
    await running;
    for (const gesture of ["pointerdown", "keydown"]) removeEventListener(gesture, resume);
  }

  #beginLink() {
    const pipe = new MessageChannel();
    this.#worker = new Worker(new URL("./seat_worker.js", HERE));
    this.#worker.onmessage = (event) => this.#linkSays(event.data);
    this.#worker.onerror = (event) => this.#say("failed", event.message);
    this.#worklet.port.postMessage({ socket: pipe.port1 }, [pipe.port1]);
    this.#worker.postMessage({ do: "begin", url: this.#options.url ?? "", sound: pipe.port2 }, [pipe.port2]);
    this.#say("connecting");
  }

  async #linkSays(words) {
    if (words.is === "ping") {
      const { underruns, buffer_ms } = this.#latest;
      this.#worker.postMessage({ do: "pong", answer: { pong: words.ping, underruns, buffer_ms } });
      this.#options.onStats?.({ ...this.#latest, lost: words.lost });
    } else if (words.is === "state") {
      if (words.state === "taken_over" || words.state === "dropped") this.#release();
      this.#say(words.state, words.why);
    } else if (words.is === "ticket_wanted") {
      const worker = this.#worker;
      try {
        const given = await this.#options.ticket();
        worker.postMessage({ do: "ticket", ...(typeof given === "string" ? { ticket: given } : given) });
      } catch {
        worker.postMessage({ do: "no_ticket" });
      }
    }
  }

  #measured(report) {
    this.#latest = report;
    this.micLevel = report.microphone;
    this.speakerLevel = report.speaker;
    this.#options.onLevel?.({ microphone: report.microphone, speaker: report.speaker });
  }

  #say(state, why) {
    if (this.#closed && state !== "closed") return;
    this.state = state;
    this.#options.onState?.({ state, why: why ?? null, seat: this.#options.seat });
  }

  // Sound and socket end, the choices stay.
  #release() {
    this.#worker?.postMessage({ do: "leave" });
    this.#worker?.terminate();
    this.#worker = null;
    this.#ringer.stop();
    stop(this.#stream);
    this.#source?.disconnect();
    this.#worklet?.port.postMessage({ end: true });
    this.#worklet?.disconnect();
    this.#context?.close().catch(() => {});
    this.#stream = this.#source = this.#worklet = this.#context = null;
    this.micLevel = this.speakerLevel = -90;
  }

  #leave = () => this.#release();

  // Back from the browser's cache of whole pages ("back" button): everything was released.
  #comeBack = (event) => {
    if (event.persisted && !this.#closed) this.start();
  };

  close() {
    if (this.#closed) return;
    this.#release();
    this.#say("closed");
    this.#closed = true;
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#comeBack);
    navigator.mediaDevices?.removeEventListener("devicechange", this.#devicesChanged);
  }

  // Again after "taken_over", "dropped" or "failed": this page wants the seat.
  reconnect() {
    if (this.#closed) return;
    this.#release();
    this.start();
  }

  // --- devices

  async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (kind) => all.filter((one) => one.kind === kind).map((one) => ({ id: one.deviceId, label: one.label }));
    return { microphones: of("audioinput"), speakers: of("audiooutput"), chosen: { ...this.#devices } };
  }

  async setMicrophone(device) {
    this.#devices.microphone = device;
    remember("microphone", device);
    if (this.#context === null) await this.start();
    else await this.#changeMicrophone();
  }

  async setSpeaker(device) {
    this.#devices.speaker = device;
    remember("speaker", device);
    await this.#useSpeaker();
  }

  async setRingDevice(device) {
    this.#devices.ring = device;
    remember("ring", device);
    await this.#ringer.use(device);
  }

  async #useSpeaker() {
    if (this.#context?.setSinkId === undefined) return; // a browser that cannot choose plays on its own default
    try {
      await this.#context.setSinkId(this.#devices.speaker);
    } catch {
      await this.#context.setSinkId("").catch(() => {}); // unplugged since it was chosen
    }
  }

  async #microphoneLost() {
    if (this.#closed || this.#context === null) return;
    try {
      await this.#changeMicrophone();
    } catch (wrong) {
      this.#release();
      this.#say("no_microphone", wrong.why ?? String(wrong));
    }
  }

  // In the middle of a call; where the chosen one is gone, another until it is back (the choice is kept).
  async #changeMicrophone() {
    await this.#openMicrophone();
    this.#source?.disconnect();
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(this.#worklet);
  }

  #devicesChanged = () => {
    if (this.#closed) return;
    if (this.state === "no_microphone") this.start();
    this.#useSpeaker();
  };

  // --- what the agent does

  mute(muted) {
    this.muted = muted;
    this.#worklet?.port.postMessage({ muted });
  }

  // A second of 440 Hz on the loudspeaker of the seat.
  testTone() {
    if (this.#context === null) return;
    const context = this.#context;
    const tone = new OscillatorNode(context, { frequency: 440 });
    const gain = new GainNode(context, { gain: 0 });
    const now = context.currentTime;
    gain.gain.setTargetAtTime(0.2, now, 0.01);
    gain.gain.setTargetAtTime(0, now + 0.95, 0.01);
    tone.connect(gain).connect(context.destination);
    tone.start(now);
    tone.stop(now + 1.1);
  }

  // "start" or "stop"; notice: {title, body} for people who look at another window
  ring(what, notice) {
    return what === "start" ? this.#ringer.start(notice) : this.#ringer.stop();
  }

  // As of the last tenth of a second: {underruns, buffer_ms, target_ms, left_out_ms}, and the levels.
  get stats() {
    return { ...this.#latest };
  }

  // The node whose output the agent hears, for a meter or a test; null while there is no sound.
  get output() {
    return this.#worklet;
  }
}

class MicrophoneMissing extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

// The chosen microphone, or any where it is gone.
async function microphone(device) {
  const wishes = device ? [{ ...SOUND, deviceId: { exact: device } }, SOUND] : [SOUND];
  let why = "";
  for (const audio of wishes) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (wrong) {
      why = wrong.name; // NotAllowedError, NotFoundError, NotReadableError ...
    }
  }
  throw new MicrophoneMissing(why);
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}
