// The agent's desk: keys, the ring, the sound of a browser seat, what the agent has seen (A2 A4 A6).

import { post } from "./page.js";
import { connectSeat } from "./seat.js";

const panel = document.querySelector("[data-desk]");
const seatId = panel.dataset.desk;
const status = () => panel.querySelector("[data-seat-state]");
let seat = null;

// --- keys on one hand, never while somebody types

addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key.length > 1)) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const what = keypad && /^[0-9*#]$/.test(event.key) ? `[data-keys] button[value="${event.key}"]` : `button[data-key="${CSS.escape(event.key)}"]`;
  const button = panel.querySelector(`${what}:not(:disabled)`);
  if (button === null) return;
  event.preventDefault();
  button.click();
});

// --- after each change of the panel: first the card is on the screen, then it rings

let keypad = false;

function looked() {
  const now = status();
  if (now === null) return;
  if (now.dataset.seatState === "ringing" && panel.querySelector(`[data-card="${CSS.escape(now.dataset.call)}"]`)) {
    requestAnimationFrame(() => ring(now));
    if (document.hidden) ring(now); // no frames are drawn in a background tab
  } else {
    quiet();
    if (now.dataset.waits) flash(`☎ ${now.dataset.waits}`); // he talks: seen, not heard
  }
  seat?.mute(now.dataset.muted === "yes");
  keypad &&= now.dataset.seatState === "talking";
  showKeypad();
  const missed = panel.querySelector("[data-missed]");
  if (missed) missed.hidden = sessionStorage.getItem("seatbox.missed") === missed.dataset.missed;
}

function ring(now) {
  if (status()?.dataset.seatState !== "ringing") return;
  const notice = { title: now.dataset.flash, body: now.dataset.caller };
  seat?.ring("start", notice);
  flash(`☎ ${now.dataset.caller}`);
}

function quiet() {
  seat?.ring("stop");
  unflash();
}

// The tab's title changes each second while it rings (a browser slows timers of hidden tabs to that).
const title = document.title;
let flashing = null;

function flash(text) {
  if (flashing !== null) return;
  let on = true;
  document.title = text;
  flashing = setInterval(() => (document.title = (on = !on) ? text : title), 1000);
}

function unflash() {
  if (flashing === null) return;
  clearInterval(flashing);
  flashing = null;
  document.title = title;
}

function showKeypad() {
  const keys = panel.querySelector("[data-keys]");
  const button = panel.querySelector("[data-keypad]");
  if (keys) keys.hidden = !keypad;
  button?.setAttribute("aria-expanded", String(keypad));
}

panel.addEventListener("click", (event) => {
  if (event.target.closest("[data-keypad]")) {
    keypad = !keypad;
    showKeypad();
  }
  const missed = event.target.closest("[data-dismiss]")?.closest("[data-missed]");
  if (missed) {
    sessionStorage.setItem("seatbox.missed", missed.dataset.missed);
    missed.hidden = true;
  }
});
document.body.addEventListener("htmx:afterSwap", looked);

// A note that was taken is no longer in its field.
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("form.noting")) detail.elt.reset();
});

// --- the sound of a browser seat: microphone, loudspeaker, ring

const sound = document.querySelector("#sound");
if (sound) {
  seat = connectSeat({ seat: seatId, ticket, onState: soundState, onLevel: levels, onStats: figures });
  globalThis.seatboxSeat = seat;
  for (const choice of sound.querySelectorAll("[data-device]")) choice.addEventListener("change", () => choose(choice));
  sound.addEventListener("click", (event) => press(event.target.dataset.sound));
  navigator.mediaDevices?.addEventListener("devicechange", listDevices);
}

async function ticket() {
  const answer = await post(`/api/v1/seats/${seatId}/ticket`);
  if (answer.status === 401) location.assign("/sign-in");
  if (!answer.ok) throw new Error((await answer.json()).error);
  const given = await answer.json();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return { ticket: given.ticket, url: `${scheme}://${location.hostname}:${given.port}/seat` };
}

function soundState({ state, why }) {
  sound.dataset.state = state;
  const text = state === "failed" && why === "insecure" ? sound.dataset.insecure : (sound.dataset[state] ?? state);
  sound.querySelector("[data-sound-state]").textContent = text;
  sound.querySelector("[data-sound=reconnect]").hidden = !["taken_over", "dropped", "failed", "no_microphone"].includes(state);
  if (state !== "connected") {
    levels({ microphone: -90, speaker: -90 });
    sound.querySelector("[data-sound-figures]").hidden = true;
  }
  if (state === "connected" || state === "connecting") listDevices();
  looked();
}

async function listDevices() {
  const { microphones, speakers, chosen } = await seat.devices();
  fill("microphone", microphones, chosen.microphone);
  fill("speaker", speakers, chosen.speaker);
  fill("ring", speakers, chosen.ring);
}

function fill(what, devices, chosen) {
  const node = sound.querySelector(`[data-device=${what}]`);
  const wanted = [{ id: "", label: sound.dataset.default }, ...devices.filter((one) => one.id && one.id !== "default")];
  node.replaceChildren(...wanted.map((one) => new Option(one.label || one.id.slice(0, 8), one.id, false, one.id === chosen)));
}

function choose(choice) {
  const set = { microphone: "setMicrophone", speaker: "setSpeaker", ring: "setRingDevice" }[choice.dataset.device];
  seat[set](choice.value);
}

function levels({ microphone, speaker }) {
  const part = (dbfs) => Math.min(1, Math.max(0, (dbfs + 60) / 60)); // -60 dBFS and below is empty
  sound.querySelector("[data-level=microphone]").style.setProperty("--level", part(microphone));
  sound.querySelector("[data-level=speaker]").style.setProperty("--level", part(speaker));
}

function figures(told) {
  const line = sound.querySelector("[data-sound-figures]");
  for (const node of line.querySelectorAll("[data-figure]")) node.textContent = told[node.dataset.figure];
  line.hidden = false;
}

function press(what) {
  if (what === "tone") seat.testTone();
  if (what === "reconnect") seat.reconnect();
  if (what === "ring") {
    seat.ring("start", { title });
    setTimeout(() => status()?.dataset.seatState !== "ringing" && seat.ring("stop"), 2000);
  }
  if (globalThis.Notification?.permission === "default") Notification.requestPermission();
}

looked();
