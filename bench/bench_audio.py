"""Audio core: mixing beside numpy, the DLE codec beside plain Python, and the tick's lateness beside its judges (A4).

Lateness: all in one run, while this process's Python is kept busy (a loop that holds the GIL, garbage collection of a big heap, database
rows): the tick thread, an idle C-timed process beside it, a Python thread, an asyncio timer. AUDIO_BENCH_S sets its length, 12 s at first.
"""

import asyncio
import gc
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from appliance.audio import _dle, _dsp, reference
from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from firmware_cfg import call_progress

SECONDS = float(os.environ.get("AUDIO_BENCH_S", "12"))
HOUSE_S = float(os.environ.get("AUDIO_HOUSE_S", "8"))
DELAY_RUNS, DELAY_S = 8, 12.0
PERIOD_NS = 20_000_000
CALLS = 32  # as 64 endpoints are the most
IDLE = """
import json, time
from appliance.audio.bridge import Bridge
bridge = Bridge(priority=0)
bridge.start()
time.sleep({s})
f = bridge.figures()
bridge.stop()
print(json.dumps([f.p50_us, f.p99_us, f.p999_us, f.worst_us]))
"""


def run(report: Any) -> None:
    _mixing(report)
    _dle_codec(report)
    _detectors(report)
    _instructions(report)
    _arithmetic(report)
    _full_house(report)
    _delay(report)
    _lateness(report)


def _mixing(report: Any) -> None:
    rng = np.random.default_rng(report.seed)
    for n in (2, 8, 32):
        frames = rng.integers(-20_000, 20_000, (n, 160)).astype(np.int16)
        masks = [((1 << n) - 1) & ~(1 << i) for i in range(n)]
        rounds = 20_000 // n
        ours = report.best(lambda f=frames, m=masks, r=rounds: _dsp.mix_frames(f, m, r)) / rounds / n
        report.row(f"audio, N-1 mix of {n}", ours * 1e9, "ns", note="a participant and frame")
        plain = report.best(lambda f=frames: [_numpy_mix(f) for _ in range(200)]) / 200 / n
        report.row(f"audio, N-1 mix of {n}, numpy", plain * 1e9, "ns", note="the same algorithm, vectorised by numpy")
        kept = Preallocated(n)
        held = report.best(lambda f=frames, k=kept: [k.mix(f) for _ in range(200)]) / 200 / n
        report.row(
            f"audio, N-1 mix of {n}, numpy preallocated", held * 1e9, "ns", note=f"no array made; we are {held / ours:.1f} times faster"
        )
        if not (kept.out == _dsp.mix_frames(frames, masks, 1)).all() or not (kept.out == _numpy_mix(frames)).all():
            raise ValueError("the mixes differ")


def _numpy_mix(frames: np.ndarray) -> np.ndarray:
    wide = frames.astype(np.int32)
    return np.clip(wide.sum(0) - wide, -32768, 32767).astype(np.int16)


class Preallocated:
    """The same by numpy into arrays that are there already: what one would write who minds the allocations."""

    def __init__(self, n: int) -> None:
        self.wide, self.total = np.empty((n, 160), np.int32), np.empty(160, np.int32)
        self.out = np.empty((n, 160), np.int16)

    def mix(self, frames: np.ndarray) -> None:
        np.copyto(self.wide, frames)
        np.sum(self.wide, 0, out=self.total)
        np.subtract(self.total, self.wide, out=self.wide)
        np.clip(self.wide, -32768, 32767, out=self.wide)
        np.copyto(self.out, self.wide, casting="unsafe")


def _dle_codec(report: Any) -> None:
    sound = np.random.default_rng(report.seed).integers(0, 256, 1 << 20).astype(np.uint8).tobytes()
    for name, data in (("random sound", sound), ("nothing but 0x10", b"\x10" * (1 << 20))):
        wire = _dle.shield(data)
        for direction, ours, plain, size in (
            ("encode", lambda d=data: _dle.shield(d), lambda d=data: reference.shielded(d), len(data)),
            ("decode", lambda w=wire: _dle.Decoder().feed(w), lambda w=wire: reference.unshielded(w), len(wire)),
        ):
            what = "bytes.replace" if direction == "encode" else "a loop in Python"
            report.row(f"audio, DLE {direction}, {name}", size / report.best(ours) / 1e6, "MB/s")
            report.row(f"audio, DLE {direction}, {name}, Python", size / report.best(plain, 1) / 1e6, "MB/s", note=what)


def _detectors(report: Any) -> None:
    from appliance.audio._detect import Detector
    from appliance.audio._echo import Canceller
    from appliance.audio._elastic import run_elastic
    from appliance.audio.bridge import heard_as

    sound = np.random.default_rng(report.seed).integers(-8000, 8000, 160 * 2000).astype(np.int16)
    for country in ("cn", "us"):
        ears = heard_as(call_progress.load(country))
        took = report.best(lambda ears=ears: Detector(ears).feed(sound)) / 2000 * 1e9
        report.row("audio, keys and tones heard", took, "ns", note=f"a line and frame, tones/{country}.toml")
    quiet = (sound >> 4).astype(np.int16)
    report.row(
        "audio, line echo canceller", report.best(lambda: Canceller().feed(sound, quiet)) / 2000 * 1e9, "ns", note="a line and frame"
    )
    pushes = np.diff(np.floor(np.arange(2001) * 160 * 0.9999).astype(np.int64))
    report.row(
        "audio, elastic buffer", report.best(lambda: run_elastic(sound, pushes)) / 2000 * 1e9, "ns", note="a direction and frame, 100 ppm"
    )


def _instructions(report: Any) -> None:
    """What the tick costs with one call, whatever the machine does beside: counted by callgrind, where it is installed."""
    if shutil.which("valgrind") is None:
        return
    ticks = 1000
    for ppm, more, what in (
        (0, "", "equal clocks"),
        (0, "level", "the same with level control of both"),
        (100, "", "clocks 100 ppm fast and slow: all four directions resampled"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            count = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--toggle-collect=*_one_tick*"]
            told = subprocess.run(
                [*count, sys.executable, "-m", "bench.audio_call", str(ticks), str(ppm), more],
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[1],
                check=True,
            ).stderr
        counted = re.search(r"Collected : (\d+)", told)
        if counted is not None:
            name = "audio, a full call of two parties" + (f", {ppm} ppm" if ppm else "") + (", level control" if more else "")
            report.row(name, int(counted[1]) / ticks, "instr.", note=f"a frame: both legs, recording, keys, tones, activity; {what}")


def _arithmetic(report: Any) -> None:
    """How many such calls one core could reckon: 32 of them on rings, which cost no system call, and each leg's A-law and DLE."""
    bridge = Bridge(start_thread=False)
    rings = [SharedRings.create(f"seatbox-bench-{os.getpid()}-{n}") for n in range(2 * CALLS)]
    eps = [bridge.add_ring(ring) for ring in rings]
    for ep, other in zip(eps, [eps[n ^ 1] for n in range(len(eps))], strict=True):
        bridge.set_detect(ep, keys=True, tones=True)
        bridge.set_tones(ep, call_progress.load("cn"))
        bridge.set_hears(ep, {other})
    taps = [bridge.tap(ep, {other}) for ep, other in zip(eps[::2], eps[1::2], strict=True)]
    sound = np.random.default_rng(report.seed).normal(0, 2000, 160 * 50).astype("<i2")
    took_ns = []
    for tick in range(1, 2001):
        for ring in rings:
            ring.write_in(sound[tick % 50 * 160 :][:160].tobytes())
        begin = time.perf_counter_ns()
        bridge.step(tick * PERIOD_NS)
        took_ns.append(time.perf_counter_ns() - begin)
        for ring in rings:
            ring.read_out(16_000)
        for tap in taps if tick % 50 == 0 else ():
            bridge.read_tap(tap)
    for ring in rings:
        ring.unlink()
    codes = _dsp.encode_bytes("alaw", sound)
    lines = (
        lambda: _dsp.encode_bytes("alaw", sound),
        lambda: _dsp.decode_bytes("alaw", codes),
        lambda: _dle.shield(codes),
        lambda: _dle.Decoder().feed(codes),
    )
    leg_s = sum(report.best(line, 200) for line in lines) / 50
    call_s = float(np.median(took_ns)) / CALLS / 1e9 + 2 * leg_s
    note = f"{call_s * 1e6:.2f} µs a call and frame, of which A-law and DLE of both legs {2 * leg_s * 1e6:.2f}; aim 10,000; equal clocks"
    report.row("audio, full calls of two parties whose arithmetic one core does", 0.02 / call_s, "calls", note=note, better="more")


def _full_house(report: Any) -> None:
    """Every endpoint there can be: 32 lines on pseudo-terminals (half of them V.253, A-law, echo canceller), 32 seats, all recorded."""
    for name, priority in (("real-time", 50), ("ordinary", 0)):
        idle = subprocess.Popen(
            [sys.executable, "-c", IDLE.format(s=HOUSE_S)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
        )
        house = House(priority)
        found = house.run(HOUSE_S)
        told, _ = idle.communicate(timeout=60)
        if name == "ordinary" or found["real_time"]:
            p99, beside = found["p99_us"], json.loads(told)[1]
            report.row(f"audio, 32 lines and 32 seats, {name}, of a core", found["core"] * 100, "%", note="the tick thread; aim 10")
            report.row(f"audio, 32 lines and 32 seats, {name}, system calls", found["calls"], "", note="a line and tick; aim 2.1")
            missing = f"ticks skipped of {found['ticks']}; not recorded {found['lost']}, underruns after the first second {found['dry']}"
            report.row(f"audio, 32 lines and 32 seats, {name}, frames lost", found["skipped"], "", note=missing)
            report.row(
                f"audio, 32 lines and 32 seats, {name}, lateness p99", p99, "µs", note=f"aim twice the idle one's {beside:.0f} and 1,000"
            )


class House:
    """A bridge full of calls, line i with seat i; the far ends are a process of their own (audio_far.py)."""

    LINES = 32

    def __init__(self, priority: int) -> None:
        self.bridge = Bridge(priority=priority)
        ports = [os.openpty() for _ in range(self.LINES)]
        names = [f"seatbox-bench-{os.getpid()}-{i}" for i in range(self.LINES)]
        self.rings = [SharedRings.create(name) for name in names]
        self.lines, self.seats, self.taps = [], [], []
        for i, ((_far, near), ring) in enumerate(zip(ports, self.rings, strict=True)):
            self.lines.append(self.bridge.add_v253_port(near) if i % 2 else self.bridge.add_pcm_port(near))
            self.bridge.set_tones(self.lines[-1], call_progress.load("cn"))
            self.seats.append(self.bridge.add_ring(ring))
            self.bridge.set_hears(self.lines[i], {self.seats[i]})
            self.bridge.set_hears(self.seats[i], {self.lines[i]})
            self.taps.append(self.bridge.tap(self.lines[i], {self.seats[i]}))
            if i % 2:
                self.bridge.set_encoding(self.lines[i], "alaw")
                self.bridge.send_text(self.lines[i], b"AT+VTR\r", expect_connect=True)
            else:
                self.bridge.sound_on(self.lines[i])
        fars = [far for far, _near in ports]
        self.fds = [fd for pair in ports for fd in pair]
        command = [sys.executable, "-m", "bench.audio_far", ",".join(map(str, fars)), ",".join(names)]
        self.far = subprocess.Popen(command, pass_fds=fars, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE)

    def run(self, seconds: float) -> dict[str, Any]:
        self.bridge.start()
        self._listen(1.5)  # modems connect, buffers fill
        thread = next(task for task in Path("/proc/self/task").iterdir() if (task / "comm").read_text() == "seatbox-audio\n")
        before, was, dry = self._spent(thread), self.bridge.figures(), self._dry()
        self._listen(seconds - 1.5)
        after, figures = self._spent(thread), self.bridge.figures()
        dry = self._dry() - dry
        self.bridge.stop()
        self.far.communicate()
        lost = sum(self.bridge.lost_frames(tap) for tap in self.taps)
        for ring in self.rings:
            ring.unlink()
        for fd in self.fds:
            os.close(fd)
        ticks = figures.ticks - was.ticks
        calls = after[1] - before[1] + ticks  # and the sleep
        return {
            "core": (after[0] - before[0]) / 1e9 / (ticks * 0.02),
            "calls": calls / ticks / self.LINES,
            "ticks": ticks,
            "skipped": figures.skipped - was.skipped,
            "lost": lost,
            "dry": dry,
            "p99_us": figures.p99_us,
            "real_time": figures.real_time,
        }

    def _listen(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.25)
            for tap in self.taps:
                self.bridge.read_tap(tap)

    def _dry(self) -> int:
        return self.bridge.figures().underruns

    @staticmethod
    def _spent(thread: Path) -> tuple[int, int]:
        """(ns of processor time, reads and writes) of a thread."""
        counted = dict(line.split(": ") for line in (thread / "io").read_text().splitlines())
        return int((thread / "schedstat").read_text().split()[0]), int(counted["syscr"]) + int(counted["syscw"])


def _delay(report: Any) -> None:
    """From bytes in at one modem to bytes out at the other, live: each place of the frame, sixteen waits for the tick spread over 20 ms."""
    before: list[tuple[float, float]] = []
    after: list[tuple[int, float]] = []
    bridged = 0
    for run in range(DELAY_RUNS):
        bridge = Bridge()
        ports = [os.openpty() for _ in range(2)]
        lines = [bridge.add_pcm_port(near) for _far, near in ports]
        for line, other in (lines, lines[::-1]):
            bridge.set_hears(line, {other})
            bridge.sound_on(line)
        bridge.start()
        fars = [far for far, _near in ports]
        waits = [(2 * run + one + 0.5) * 20 / (2 * DELAY_RUNS) for one in (0, DELAY_RUNS)]  # of the two modems, 10 ms apart
        waits = [wait % 20 for wait in waits]
        command = [sys.executable, "-m", "bench.audio_delay", *map(str, fars), *map(str, waits), str(DELAY_S)]
        told = subprocess.run(command, pass_fds=fars, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1]).stdout
        bridged += bridge.figures().underruns
        bridge.stop()
        for fd in (fd for pair in ports for fd in pair):
            os.close(fd)
        found = json.loads(told)
        before += found["before"]
        after += found["after"]
    delays = [ms for _, ms in before]
    p50, p999 = np.percentile(delays, [50, 99.9])
    each = [np.median([ms for wait, ms in before if at <= wait < at + 5] or [0]) for at in (0, 5, 10, 15)]
    note = f"of {len(before)} clicks; aim 40; mean {np.mean(delays):.1f}, least {min(delays):.1f}; underruns {bridged}; "
    note += f"for waits of 0-5, 5-10, 10-15, 15-20 ms: {', '.join(f'{ms:.1f}' for ms in each)}"
    report.row("audio, delay between two modems, live, median", float(p50), "ms", note=note)
    report.row("audio, delay between two modems, live, p99.9", float(p999), "ms", note=f"aim 60; the longest {max(delays):.1f}")
    late = max(ms for at, ms in after if at >= 100)
    report.row("audio, delay between two modems, from 100 ms after a stall of 500 ms", late, "ms", note="the longest; aim 60")


def _lateness(report: Any) -> None:
    code = IDLE.format(s=SECONDS + 1)
    idle = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    ordinary, real_time = Bridge(priority=0), Bridge()
    stop = threading.Event()
    of_thread: list[float] = []
    of_asyncio: list[float] = []
    workers = [
        threading.Thread(target=_python_thread, args=(stop, of_thread)),
        threading.Thread(target=_asyncio_thread, args=(stop, of_asyncio)),
    ]
    for part in (ordinary, real_time):
        part.start()
    for worker in workers:
        worker.start()
    slices = _keep_python_busy(SECONDS)
    stop.set()
    for worker in workers:
        worker.join()
    for name, bridge in (("tick thread", ordinary), ("tick thread, real-time", real_time)):
        figures = bridge.figures()
        bridge.stop()
        if name == "tick thread" or figures.real_time:
            lost = f"{figures.ticks} ticks, {figures.late} late, {figures.skipped} skipped; {slices} slices of Python"
            _four(report, name, [figures.p50_us, figures.p99_us, figures.p999_us, figures.worst_us], lost)
    told, _ = idle.communicate(timeout=60)
    _four(report, "idle process beside it", json.loads(told), "the machine's own noise")
    _four(report, "Python thread", _quantiles(of_thread), f"{len(of_thread)} ticks of {SECONDS * 50:.0f}")
    _four(report, "asyncio timer", _quantiles(of_asyncio), f"{len(of_asyncio)} ticks of {SECONDS * 50:.0f}")


def _four(report: Any, who: str, values: list[float], note: str) -> None:
    for name, value in zip(("p50", "p99", "p99.9", "worst"), values, strict=True):
        report.row(f"audio, lateness, {who}, {name}", value, "µs", note=note if name == "p50" else "")


def _quantiles(late_us: list[float]) -> list[float]:
    ordered = sorted(late_us) or [0.0]
    return [ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.99, 0.999, 1.0)]


def _python_thread(stop: threading.Event, late_us: list[float]) -> None:
    due = time.monotonic_ns() + PERIOD_NS
    while not stop.is_set():
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        late = time.monotonic_ns() - due
        late_us.append(late / 1e3)
        due += PERIOD_NS * (1 + late // PERIOD_NS)  # what is missed is left out, as the tick does


def _asyncio_thread(stop: threading.Event, late_us: list[float]) -> None:
    async def timer() -> None:
        due = time.monotonic_ns() + PERIOD_NS
        while not stop.is_set():
            await asyncio.sleep(max(0, due - time.monotonic_ns()) / 1e9)
            late = time.monotonic_ns() - due
            late_us.append(late / 1e3)
            due += PERIOD_NS * (1 + late // PERIOD_NS)

    asyncio.run(timer())


def _keep_python_busy(seconds: float) -> int:
    """A loop, garbage, a heap of 300,000 objects collected again and again, and rows committed to a database."""
    heap = [{"k": [i, str(i)]} for i in range(300_000)]
    slices, end = 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        rows = sqlite3.connect(f"{folder}/rows.db", isolation_level=None)
        rows.execute("pragma journal_mode=wal")
        rows.execute("create table j (a integer primary key, b text)")
        while time.monotonic() < end:
            sum(i * i % 7 for i in range(40_000))
            rows.execute("begin")
            rows.executemany("insert into j (b) values (?)", [("x" * 200,)] * 50)
            rows.execute("commit")
            slices += 1
            if slices % 25 == 0:
                gc.collect()
        rows.close()
    del heap
    return slices
