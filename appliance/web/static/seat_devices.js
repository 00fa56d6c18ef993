// A browser seat's microphone (A2): the chosen one or another, within a time; and what its owner chose before.

const REMEMBERED = { microphone: "seatbox.microphone", speaker: "seatbox.speaker", ring: "seatbox.ring" };
const MOST_MS = 15000; // a device that takes longer is taken for dead

// Echo cancellation for those without a headset. No noise suppression: it eats music, tones and quiet speakers.
const SOUND = { echoCancellation: true, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

export function remembered(what) {
  try {
    return localStorage.getItem(REMEMBERED[what]) || "";
  } catch {
    return "";
  }
}

export function remember(what, device) {
  try {
    localStorage.setItem(REMEMBERED[what], device);
  } catch {
    // private windows may forbid it; the choice then lasts as long as the page
  }
}

export class MicrophoneMissing extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

// The chosen microphone, or any where it is gone.
export async function microphone(device) {
  const wishes = device ? [{ ...SOUND, deviceId: { exact: device } }, SOUND] : [SOUND];
  let why = "";
  for (const audio of wishes) {
    try {
      return await opened(audio);
    } catch (wrong) {
      why = wrong.name; // NotAllowedError, NotFoundError, NotReadableError, TimeoutError ...
    }
  }
  throw new MicrophoneMissing(why);
}

// A person may think about it for any time; from then on the device has MOST_MS. One that comes later is given back.
async function opened(audio) {
  let late = false;
  const asked = navigator.mediaDevices.getUserMedia({ audio });
  const limit = microphoneGranted().then(() => within(MOST_MS, "microphone", asked));
  asked.then((stream) => late && stop(stream), () => {});
  try {
    return await Promise.race([asked, limit]);
  } catch (wrong) {
    late = true;
    throw wrong;
  }
}

// Done when the browser lets this page have a microphone; never, where it does not tell.
export async function microphoneGranted() {
  let status;
  try {
    status = await navigator.permissions.query({ name: "microphone" });
  } catch {
    return new Promise(() => {});
  }
  return new Promise((done) => {
    status.onchange = () => status.state === "granted" && done();
    status.onchange();
  });
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

// The promise's outcome, or a TimeoutError whose message says what took so long.
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new DOMException(what, "TimeoutError")), ms)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function stop(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}
