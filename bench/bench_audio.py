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
from appliance.audio.bridge import Bridge

SECONDS = float(os.environ.get("AUDIO_BENCH_S", "12"))
PERIOD_NS = 20_000_000
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


def _numpy_mix(frames: np.ndarray) -> np.ndarray:
    wide = frames.astype(np.int32)
    return np.clip(wide.sum(0) - wide, -32768, 32767).astype(np.int16)


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

    sound = np.random.default_rng(report.seed).integers(-8000, 8000, 160 * 2000).astype(np.int16)
    report.row("audio, keys and tones heard", report.best(lambda: Detector().feed(sound)) / 2000 * 1e9, "ns", note="a line and frame")
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
    ticks = 400
    for ppm, what in ((0, "equal clocks"), (100, "clocks 100 ppm fast and slow: all four directions resampled")):
        with tempfile.TemporaryDirectory() as folder:
            count = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--toggle-collect=*_one_tick*"]
            told = subprocess.run(
                [*count, sys.executable, "-m", "bench.audio_call", str(ticks), str(ppm)],
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[1],
                check=True,
            ).stderr
        counted = re.search(r"Collected : (\d+)", told)
        if counted is not None:
            name = f"audio, a full call of two parties, {ppm} ppm"
            report.row(name, int(counted[1]) / ticks, "instr.", note=f"a frame: both legs, recording, keys, tones, activity; {what}")


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
