// What every page of the box does by itself: clocks that run, lights in step, and saying aloud when it is not up to date (A2 E2).

import "./morph.js";

const STALE_MS = 3000;
let ahead = 0; // how far the box's clock is ahead of the browser's, ms
let heard = Date.now(); // when the box was last heard
let number = null; // of the last journal entry that the box has told of

export const boxNow = () => Date.now() + ahead;

function spoken(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function runClocks(root = document) {
  const now = boxNow();
  for (const node of root.querySelectorAll("[data-since]")) write(node, spoken((now - Number(node.dataset.since)) / 1000));
  for (const node of root.querySelectorAll("time[data-until]")) write(node, spoken(Math.ceil((Number(node.dataset.until) - now) / 1000)));
  for (const node of root.querySelectorAll("[data-rings-until]")) drawRings(node, Number(node.dataset.ringsUntil) - now);
}

// Three rings of 5 s, one after the other: a full circle is a ring still to come.
function drawRings(node, left_ms) {
  const circles = [...node.querySelectorAll("[data-ring]")];
  const gone_s = circles.length * 5 - left_ms / 1000;
  circles.forEach((circle, index) => {
    const left = Math.min(1, Math.max(0, index + 1 - gone_s / 5));
    circle.style.strokeDashoffset = String(1 - left);
    circle.parentNode.classList.toggle("now", left > 0 && left < 1);
    circle.parentNode.classList.toggle("gone", left === 0);
  });
}

// A light that is drawn anew must not begin its rhythm anew: all count from one moment.
function inStep(root) {
  for (const lamp of root.querySelectorAll(".lamp")) {
    for (const rhythm of lamp.getAnimations?.({ subtree: true }) ?? []) rhythm.startTime = 0;
  }
}

// --- up to date, or not

const live = document.querySelector("[data-live]");

function listen() {
  live.addEventListener("htmx:sseOpen", (event) => {
    for (const kind of ["beat", "changed"]) event.detail.source.addEventListener(kind, beat);
  });
  setInterval(judge, 250);
}

function beat(event) {
  let words;
  try {
    words = JSON.parse(event.data);
  } catch {
    return;
  }
  heard = Date.now();
  ahead = words.as_of_ms - heard;
  number = words.number;
  const shown = document.querySelector("[data-number]");
  if (shown === null) return;
  if (Number(shown.dataset.number) >= number) showAsOf(shown, words.as_of_ms);
  else if (event.type === "beat") htmx.trigger(live.querySelector("[data-fetch]"), "again");
  judge();
}

function showAsOf(shown, as_of_ms) {
  shown.dataset.asOf = as_of_ms;
  const at = new Date(as_of_ms);
  const local = new Date(as_of_ms + (Number(document.body.dataset.zoneMinutes) + at.getTimezoneOffset()) * 60000); // the box's own time
  write(shown.querySelector("[data-clock]"), local.toTimeString().slice(0, 8));
}

let asked = 0;

function judge() {
  const stale = Date.now() - heard > STALE_MS;
  if (stale && Date.now() - asked > STALE_MS) stillSignedIn();
  document.body.classList.toggle("stale", stale);
  document.querySelector("[data-stale-note]").hidden = !stale;
}

// A silence may be the session's end: then to the sign-in. Where the box itself is silent the page waits for it.
async function stillSignedIn() {
  asked = Date.now();
  try {
    const answer = await fetch(live.querySelector("[data-fetch]").getAttribute("hx-get"), { headers: { "HX-Request": "true" } });
    if (answer.status === 401) location.assign("/sign-in");
  } catch {
    // no answer at all: asked again soon
  }
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  runClocks(event.detail.target);
  inStep(event.detail.target);
});

// What a button's refusal says is a page of its own: show it where the button was (409, 403 ... with a body).
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.requestConfig?.verb !== "get") location.reload();
});

// --- the demonstration's simulated caller

const simulate = document.querySelector("[data-simulate]");
simulate?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = Object.fromEntries(new FormData(simulate));
  const body = { to: field.to, from: field.from, says: field.says };
  if (field.hang_up_after_s) body.hang_up_after_s = Number(field.hang_up_after_s);
  const said = document.querySelector("[data-simulated]");
  const button = simulate.querySelector("button");
  button.disabled = true;
  try {
    const answer = await post("/api/v1/exchange/calls", body);
    write(said, answer.ok ? document.querySelector("#simulate").dataset.ok : (await answer.json()).error);
  } catch {
    write(said, document.querySelector("#simulate").dataset.dead);
  } finally {
    button.disabled = false;
  }
});

export function post(path, body = {}) {
  const forgery = JSON.parse(document.body.getAttribute("hx-headers"));
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json", ...forgery }, body: JSON.stringify(body) });
}

if (live) listen();
runClocks();
inStep(document);
setInterval(runClocks, 200);

// --- a chosen template fills the text beside it

document.addEventListener("change", (event) => {
  const choice = event.target.closest?.("[data-fills]");
  if (!choice || !choice.value) return;
  const text = choice.form.elements[choice.dataset.fills];
  text.value = choice.value;
  const place = /\{[^{}\s]+\}/.exec(text.value);
  text.focus();
  if (place) text.setSelectionRange(place.index, place.index + place[0].length);
});

// --- a finding leads to its line

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-to-line]");
  if (!button) return;
  const text = button.form.elements.text;
  const lines = text.value.split("\n");
  const at = lines.slice(0, button.dataset.toLine - 1).join("\n").length + (button.dataset.toLine > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(at, at + (lines[button.dataset.toLine - 1] ?? "").length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, button.dataset.toLine - 4);
});

// --- the menu's fold closes like one

const fold = document.querySelector(".more");

if (fold) {
  document.addEventListener("click", (event) => { if (!fold.contains(event.target)) fold.open = false; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && fold.open) { fold.open = false; fold.querySelector("summary").focus(); } });
}
