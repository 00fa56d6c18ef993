// A recording's player (A7): the waveform of both channels with its marks, at 1 to 2 times the speed. Nothing is fetched of the sound before it is played.

const SPANS = { held: "--note", kept: "--note", hushed: "--stop", queued: "--dim", requeued: "--dim" };

for (const player of document.querySelectorAll("[data-player]")) begin(player);

async function begin(player) {
  const part = (name) => player.querySelector(`[data-${name}]`);
  const audio = part("audio"), canvas = part("wave"), button = part("play");
  audio.src = player.dataset.src;
  audio.addEventListener("error", () => { // a browser without Opus in Ogg, or a copy that is gone
    if (!audio.src.endsWith(player.dataset.original)) audio.src = player.dataset.original;
  });
  let wave = { seconds: 0, left: [], right: [], marks: [] };
  const length = () => wave.seconds || audio.duration || 0;

  const show = () => {
    part("now").textContent = clock(audio.currentTime);
    part("length").textContent = clock(length());
    canvas.setAttribute("aria-valuemax", Math.round(length()));
    canvas.setAttribute("aria-valuenow", Math.round(audio.currentTime));
    canvas.setAttribute("aria-valuetext", clock(audio.currentTime));
    button.textContent = audio.paused ? button.dataset.saysPlay : button.dataset.saysStop;
    draw(canvas, wave, audio.currentTime, length());
  };
  const follow = () => {
    show();
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const go = (second) => {
    audio.currentTime = Math.max(0, Math.min(length(), second));
    show();
  };

  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  part("speed").addEventListener("change", (event) => (audio.playbackRate = Number(event.target.value)));
  audio.addEventListener("play", () => {
    audio.playbackRate = Number(part("speed").value);
    follow();
  });
  for (const name of ["pause", "ended", "seeked", "loadedmetadata"]) audio.addEventListener(name, show);
  canvas.addEventListener("click", (event) => go((event.offsetX / canvas.clientWidth) * length()));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) go(audio.currentTime + step);
    else if (event.key === " ") button.click();
    else return;
    event.preventDefault();
  });
  new ResizeObserver(show).observe(canvas);

  const answer = await fetch(player.dataset.waveform).catch(() => null);
  if (answer?.ok) {
    wave = await answer.json();
    part("loading").hidden = true;
    list(part("marks"), wave.marks, go);
  }
  show();
}

function list(place, marks, go) {
  for (const mark of marks) {
    const item = document.createElement("li"), jump = document.createElement("button");
    jump.type = "button";
    jump.className = `quiet mark mark-${mark.what}`;
    jump.textContent = `${clock(mark.at_s)}${mark.until_s === null ? "" : `–${clock(mark.until_s)}`}  ${mark.text}`;
    jump.addEventListener("click", () => go(mark.at_s));
    item.append(jump);
    place.append(item);
  }
}

function draw(canvas, wave, now, length) {
  const scale = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d"), colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(name).trim();
  const x = (second) => (length ? (second / length) * width : 0);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  for (const mark of wave.marks) {
    if (mark.until_s === null) continue;
    pen.globalAlpha = mark.what === "hushed" ? 0.3 : 0.16;
    pen.fillStyle = colour(SPANS[mark.what] ?? "--dim");
    pen.fillRect(x(mark.at_s), 0, Math.max(2, x(mark.until_s) - x(mark.at_s)), height);
  }
  pen.globalAlpha = 1;
  lane(pen, wave.left, colour("--lane-left"), height * 0.27, height * 0.24, width, now, length);
  lane(pen, wave.right, colour("--lane-right"), height * 0.75, height * 0.24, width, now, length);
  pen.fillStyle = colour("--note");
  for (const mark of wave.marks) if (mark.until_s === null) flag(pen, x(mark.at_s), height);
  pen.fillStyle = colour("--text");
  pen.fillRect(x(now) - 1, 0, 2, height);
}

function lane(pen, peaks, colour, middle, reach, width, now, length) {
  pen.fillStyle = colour;
  const step = width / Math.max(1, peaks.length);
  peaks.forEach((peak, n) => {
    pen.globalAlpha = length && (n / peaks.length) * length > now ? 0.55 : 1;
    const half = Math.max(0.5, Math.sqrt(peak / 1000) * reach); // so that quiet voices are seen
    pen.fillRect(n * step, middle - half, step < 2 ? step + 0.5 : step * 0.8, 2 * half);
  });
  pen.globalAlpha = 1;
}

function flag(pen, at, height) {
  pen.fillRect(at, 0, 1, height);
  pen.beginPath();
  pen.moveTo(at, 0);
  pen.lineTo(at + 8, 4);
  pen.lineTo(at, 8);
  pen.fill();
}

function clock(seconds) {
  const all = Math.floor(seconds || 0), hours = Math.floor(all / 3600), two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}` : `${Math.floor(all / 60)}:${two(all % 60)}`;
}
