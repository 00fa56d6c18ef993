"""What the machine keeps from a process that does nothing (A7): the judge beside every test of real time.

On each core one idle process wakes every 20 ms and sends a byte through a pseudo-terminal of its own. How late it comes out is how late
a modem's sound would come with nothing of ours in between: the wake-up, and the kernel's worker that carries a pseudo-terminal's bytes.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

IDLE = """
import json, os, pty, signal, sys, time, tty
os.sched_setaffinity(0, {int(sys.argv[1])})
modem, box = pty.openpty()
tty.setraw(box)
late, due = [], time.monotonic() + 0.02
def end(*_):
    ranked = sorted(late) or [0.0]
    print(json.dumps([round(1000 * ranked[min(len(ranked) - 1, int(len(ranked) * share))], 2) for share in (0.5, 0.99, 0.999, 1.0)]))
    sys.exit()
signal.signal(signal.SIGTERM, end)
print(flush=True)
while True:
    time.sleep(max(0.0, due - time.monotonic()))
    os.write(modem, b"\\0")
    os.read(box, 1)
    late.append(time.monotonic() - due)
    due = max(due + 0.02, time.monotonic())
"""


@dataclass
class Lateness:
    """Of idle processes that wake every 20 ms, in ms; of each figure the largest."""

    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    worst: float = 0.0


@contextlib.contextmanager
def an_idle_process_on_each_core() -> Iterator[Lateness]:
    """Beside what is measured; filled in when it ends. On each core, because what a host keeps from one core the other never sees."""
    words = [sys.executable, "-c", IDLE]
    cores = os.sched_getaffinity(0)
    processes = [subprocess.Popen([*words, str(core)], stdout=subprocess.PIPE, text=True) for core in cores]
    late = Lateness()
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        yield late
    finally:
        for process in processes:
            process.terminate()
        told = [json.loads(process.communicate(timeout=10)[0]) for process in processes]
        late.p50, late.p99, late.p999, late.worst = (max(figures) for figures in zip(*told, strict=True))
