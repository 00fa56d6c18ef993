// The ring of a browser seat (A2, A4): on a device of its own choice, and in a tab that nobody looks at.
// A looped sound element, not a timer: background tabs have their timers slowed down, their sound is left alone.

const RATE = 8000;
const ON_S = 1; // a ring in China: 1 s on, 4 s off
const PERIOD_S = 5;

export class Ringer {
  #device;
  #sound = null;
  #notice = null;
  #title = null;
  ringing = false;

  constructor(device) {
    this.#device = device;
  }

  async use(device) {
    this.#device = device;
    if (this.#sound?.setSinkId) await this.#sound.setSinkId(device).catch(() => this.#sound.setSinkId("").catch(() => {}));
  }

  // True when it can be heard; false where the browser wants a click first (the notice and the title ring all the same).
  async start(notice) {
    if (this.ringing) return true;
    this.ringing = true;
    this.#title = document.title;
    document.title = `☎ ${notice?.title ?? document.title}`;
    this.#notify(notice);
    if (this.#sound === null) {
      this.#sound = new Audio(ringSound());
      this.#sound.loop = true;
      await this.use(this.#device);
    }
    if (!this.ringing) return true;
    this.#sound.currentTime = 0;
    try {
      await this.#sound.play();
      return true;
    } catch (wrong) {
      return wrong.name === "AbortError"; // stopped meanwhile
    }
  }

  stop() {
    if (!this.ringing) return;
    this.ringing = false;
    this.#sound?.pause();
    this.#notice?.close();
    this.#notice = null;
    document.title = this.#title;
  }

  #notify(notice) {
    if (!notice || document.visibilityState === "visible" || !("Notification" in window) || Notification.permission !== "granted") return;
    try {
      this.#notice = new Notification(notice.title, { body: notice.body ?? "", tag: "seatbox-ring", requireInteraction: true });
      this.#notice.onclick = () => window.focus();
    } catch {
      // phones allow notices from service workers only
    }
  }
}

// Five seconds as a WAV: 1 s of 440 and 480 Hz that swell twenty times a second, 4 s of nothing.
function ringSound() {
  const count = PERIOD_S * RATE;
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, word) => [...word].forEach((letter, k) => view.setUint8(at + k, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  for (let k = 0; k < ON_S * RATE; k++) {
    const t = k / RATE;
    const edge = Math.min(1, t / 0.02, (ON_S - t) / 0.02);
    const swell = 0.6 + 0.4 * Math.sin(2 * Math.PI * 20 * t);
    const value = 0.25 * edge * swell * (Math.sin(2 * Math.PI * 440 * t) + Math.sin(2 * Math.PI * 480 * t));
    view.setInt16(44 + 2 * k, Math.round(32767 * value), true);
  }
  return URL.createObjectURL(new Blob([view], { type: "audio/wav" }));
}
