// The browser seat's socket (A2), in a worker of its own, so that a page that is busy drawing makes no gap in the sound.
// Frames go straight to the audio thread. Pings go to the page's own script and are answered by it alone: a frozen page
// must be seen. The pauses between attempts are timed here because a page in the background has its timers slowed down.

const PAUSES_MS = [200, 500, 1000, 2000, 3000, 5000];
const LATE_MS = 5000; // three to five pings missing: the link is dead though nobody said so
const FRAME_MS = 20;
const MOST_WAITING = 3200; // bytes that the socket has not sent, 400 ms: what is older is of no use

// Codes after which trying again makes no sense; docs/seats.md
const FINAL = { 4001: "taken_over", 4004: "dropped" };

let url = "";
let sound = null; // the port to the audio thread
let socket = null;
let attempt = 0;
let timer = 0;
let heardAt = 0;
let lost = 0;
let frameAt = 0; // when the last frame of this connection came, 0 before the first
let jitter = 0; // ms

function tell(words) {
  self.postMessage(words);
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(() => tell({ is: "ticket_wanted" }), pause);
}

function again() {
  const pause = PAUSES_MS[Math.min(attempt++, PAUSES_MS.length - 1)];
  tell({ is: "state", state: "connecting", attempt });
  later(pause * (0.75 + Math.random() / 2));
}

function open(ticket) {
  leave();
  let mine;
  try {
    mine = new WebSocket(url);
  } catch (wrong) {
    tell({ is: "state", state: "failed", why: String(wrong) });
    return;
  }
  socket = mine;
  mine.binaryType = "arraybuffer";
  heardAt = performance.now();
  frameAt = jitter = 0;
  mine.onopen = () => mine.send(JSON.stringify({ ticket }));
  mine.onmessage = (event) => {
    if (mine !== socket) return;
    heardAt = performance.now();
    if (typeof event.data === "string") text(JSON.parse(event.data));
    else frame(event.data);
  };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    socket = null;
    if (event.code in FINAL) tell({ is: "state", state: FINAL[event.code] });
    else again();
  };
}

// How unevenly frames come: the running mean of RFC 3550 (6.4.1) over what each differs from 20 ms after the one before.
function frame(bytes) {
  if (frameAt) jitter += (Math.abs(heardAt - frameAt - FRAME_MS) - jitter) / 16;
  frameAt = heardAt;
  if (sound !== null) sound.postMessage(new Uint8Array(bytes), [bytes]);
}

function text(words) {
  if ("ping" in words) tell({ is: "ping", ping: words.ping, lost, jitter_ms: Math.round(jitter) });
  else if ("seat" in words) {
    attempt = 0;
    if (sound !== null) sound.postMessage(null);
    tell({ is: "state", state: "connected", seat: words.seat });
  }
}

function leave() {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  if (old !== null) old.close(1000);
}

function speak(event) {
  if (socket === null || socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MOST_WAITING) lost++;
  else socket.send(event.data);
}

// Each second also the sign that this worker lives: its end is told to nobody.
setInterval(() => {
  tell({ is: "beat" });
  if (socket !== null && performance.now() - heardAt > LATE_MS) {
    leave();
    again();
  }
}, 1000);

self.onmessage = (event) => {
  const words = event.data;
  switch (words.do) {
    case "begin":
      url = words.url;
      sound = words.sound;
      sound.onmessage = speak;
      later(0);
      break;
    case "ticket":
      if (words.url) url = words.url;
      open(words.ticket);
      break;
    case "no_ticket":
      again();
      break;
    case "pong":
      if (socket !== null && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(words.answer));
      break;
    case "again":
      attempt = 0;
      if (socket === null) later(0);
      break;
    case "leave":
      leave();
      break;
  }
};
