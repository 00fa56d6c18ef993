// The browser seat (A2): microphone, loudspeaker, ring and the link to the box. How a page uses it: docs/seats.md
//
//   const seat = connectSeat({ seat: "s1", url: "wss://box:8443/seat", ticket: async () => "...", onState, onLevel, onStats });

import { Ringer } from "./seat_ring.js";
import { MicrophoneMissing, microphone, microphoneGranted, pause, remember, remembered, stop, within } from "./seat_devices.js";

const HERE = import.meta.url;

// What takes longer is taken for dead, ms.
const MOST_MS = { module: 10000, sink: 3000, sound: 5000, ticket: 10000 };
const AGAIN_MS = [1000, 2000, 5000, 10000, 15000];
const LASTED_PINGS = 10; // seconds of connection after which a failure is a new one
const SILENT_BEATS = 3; // seconds without a report of the audio thread, which reports ten times a second
const SILENT_REPORTS = 30; // and without a beat of the worker

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
  #life = 0; // counts what was begun: whoever waited for something and finds another number has no say any more
  #starting = null;
  #retry = 0;
  #failures = 0;
  #pings = 0;
  #silentBeats = 0;
  #silentReports = 0;
  #soundSincePing = false;
  #closed = false;
  #latest = { underruns: 0, made_up_ms: 0, left_out_ms: 0, buffer_ms: 0, target_ms: 0 };
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
    if (this.#closed) return Promise.resolve();
    clearTimeout(this.#retry);
    this.#starting ??= this.#start(this.#life);
    return this.#starting;
  }

  async #start(life) {
    if (this.state !== "starting") this.#say("starting");
    try {
      if (!navigator.mediaDevices || !window.AudioWorkletNode) return this.#say("failed", "insecure");
      await this.#openMicrophone(life);
      await this.#openContext(life);
      this.#listen();
      if (this.#worker === null) this.#beginLink(life);
      else this.#worker.postMessage({ do: "again" });
    } catch (wrong) {
      if (life === this.#life) this.#broken(wrong.why ?? String(wrong.message ?? wrong), wrong instanceof MicrophoneMissing);
    } finally {
      if (life === this.#life) this.#starting = null;
    }
  }

  // What was waited for, where it is still wanted; else an error that nobody hears of.
  async #still(life, promise) {
    const given = await promise;
    if (life !== this.#life) throw new Error("outdated");
    return given;
  }

  async #openMicrophone(life) {
    const stream = await microphone(this.#devices.microphone);
    if (life !== this.#life) stop(stream);
    await this.#still(life);
    stop(this.#stream);
    this.#stream = stream;
    stream.getAudioTracks()[0].onended = () => this.#microphoneLost();
  }

  // Done when sound flows; until the person has clicked somewhere a browser may keep it from flowing.
  async #openContext(life) {
    if (this.#context !== null) return;
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    await this.#still(life, within(MOST_MS.module, "audio", context.audioWorklet.addModule(new URL("./seat_worklet.js", HERE))));
    const options = { numberOfInputs: 1, outputChannelCount: [1], channelCount: 1, channelCountMode: "explicit" };
    const worklet = new AudioWorkletNode(context, "seatbox-seat", options);
    this.#worklet = worklet;
    const flows = new Promise((done) => {
      worklet.port.onmessage = (event) => {
        done();
        if (this.#worklet === worklet) this.#measured(event.data);
      };
    });
    const dead = () => this.#worklet === worklet && this.#broken("audio");
    worklet.onprocessorerror = dead;
    context.addEventListener("error", dead); // the loudspeaker's device
    worklet.port.postMessage({ muted: this.muted });
    worklet.connect(context.destination);
    await this.#still(life, within(MOST_MS.sink, "speaker", this.#useSpeaker()).catch(() => {})); // then it plays on the browser's default
    if (context.state !== "running") await this.#still(life, this.#untilAllowed(context, life));
    await this.#still(life, within(MOST_MS.sound, "audio", flows));
  }

  #listen() {
    if (this.#stream.getAudioTracks()[0].readyState === "ended") throw new MicrophoneMissing("NotReadableError");
    this.#source?.disconnect();
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(this.#worklet);
  }

  async #untilAllowed(context, life) {
    const running = new Promise((done) => {
      const look = () => (context.state === "running" || life !== this.#life) && done();
      context.addEventListener("statechange", look);
      look();
    });
    const resume = () => context.resume().catch(() => {});
    resume();
    await Promise.race([running, pause(300)]);
    if (context.state === "running" || life !== this.#life) return;
    this.#say("blocked", "click");
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, resume);
    await running;
    for (const gesture of ["pointerdown", "keydown"]) removeEventListener(gesture, resume);
  }

  #beginLink(life) {
    const pipe = new MessageChannel();
    const worker = new Worker(new URL("./seat_worker.js", HERE));
    this.#worker = worker;
    this.#pings = this.#silentBeats = this.#silentReports = 0;
    worker.onmessage = (event) => this.#worker === worker && this.#linkSays(event.data);
    worker.onerror = (event) => this.#worker === worker && this.#broken(event.message || "link");
    this.#worklet.port.postMessage({ socket: pipe.port1 }, [pipe.port1]);
    worker.postMessage({ do: "begin", url: this.#options.url ?? "", sound: pipe.port2 }, [pipe.port2]);
    this.#say("connecting");
  }

  async #linkSays(words) {
    this.#silentReports = 0;
    if (words.is === "beat") {
      if (++this.#silentBeats === SILENT_BEATS) this.#suspect(() => this.#silentBeats >= SILENT_BEATS, "audio");
    } else if (words.is === "ping") {
      this.#pinged(words);
    } else if (words.is === "state") {
      if (words.state === "failed") return this.#broken(words.why);
      if (words.state === "taken_over" || words.state === "dropped") this.#release();
      this.#say(words.state, words.why);
    } else if (words.is === "ticket_wanted") {
      const worker = this.#worker;
      try {
        const given = await within(MOST_MS.ticket, "ticket", this.#options.ticket());
        worker.postMessage({ do: "ticket", ...(typeof given === "string" ? { ticket: given } : given) });
      } catch {
        worker.postMessage({ do: "no_ticket" });
      }
    }
  }

  // Answered only where the audio thread was heard since the last one: a seat that is deaf and dumb is not alive.
  #pinged(words) {
    if (!this.#soundSincePing) return;
    this.#soundSincePing = false;
    const { underruns, buffer_ms } = this.#latest;
    this.#worker.postMessage({ do: "pong", answer: { pong: words.ping, underruns, buffer_ms } });
    if (++this.#pings === LASTED_PINGS) this.#failures = 0;
    this.#options.onStats?.({ ...this.#latest, lost: words.lost, jitter_ms: words.jitter_ms });
  }

  #measured(report) {
    this.#silentBeats = 0;
    this.#soundSincePing = true;
    if (this.#worker !== null && ++this.#silentReports === SILENT_REPORTS) this.#suspect(() => this.#silentReports >= SILENT_REPORTS, "link");
    this.#latest = report;
    this.micLevel = report.microphone;
    this.speakerLevel = report.speaker;
    this.#options.onLevel?.({ microphone: report.microphone, speaker: report.speaker });
  }

  // Audio thread and worker watch each other, as neither's end is told to anybody. A page that stood still has much to read first.
  async #suspect(silent, why) {
    const life = this.#life;
    await pause(500);
    if (life === this.#life && silent()) this.#broken(why);
  }

  // A part died. The socket goes as well, so that no call is offered to a seat without sound; then all of it once more.
  #broken(why, noMicrophone = false) {
    if (this.#closed) return;
    this.#release();
    this.#say(noMicrophone ? "no_microphone" : "failed", why);
    if (why === "NotAllowedError") return this.#whenAllowed();
    this.#retry = setTimeout(() => this.start(), AGAIN_MS[Math.min(this.#failures++, AGAIN_MS.length - 1)]);
  }

  // Asking again by itself would be a nuisance; where the browser tells of a change of mind, it goes on then.
  async #whenAllowed() {
    const life = this.#life;
    await microphoneGranted();
    if (life === this.#life && this.state === "no_microphone") this.start();
  }

  #say(state, why) {
    if (this.#closed && state !== "closed") return;
    this.state = state;
    try {
      this.#options.onState?.({ state, why: why ?? null, seat: this.#options.seat });
    } catch (wrong) {
      console.error(wrong); // the page's own; the sound goes on
    }
  }

  // Sound and socket end, the choices stay.
  #release() {
    this.#life++;
    this.#starting = null;
    clearTimeout(this.#retry);
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
    this.#failures = 0;
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
    if (this.#source !== null) await this.#changeMicrophone().catch(() => {}); // where none can be had the old one stays
    else if (["starting", "no_microphone", "failed"].includes(this.state)) this.reconnect();
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
    if (this.#source === null) return;
    const life = this.#life;
    try {
      await this.#changeMicrophone();
    } catch (wrong) {
      if (life === this.#life) this.#broken(wrong.why ?? String(wrong), true);
    }
  }

  // In the middle of a call; where the chosen one is gone, another until it is back (the choice is kept).
  async #changeMicrophone() {
    await this.#openMicrophone(this.#life);
    this.#listen();
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
