"""Ports that pour garbage (E5): pseudo-terminals whose other end writes 1 MB/s each, from a process of its own.

`python -m tests.support.flood FOLDER NAME…` makes a link for each name, says "ready", and on SIGTERM what each port has taken, in bytes.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path

RATE = 1_000_000
STEP_S = 0.004  # a pseudo-terminal holds 4 kB
WORDS = (b"\r\nRING\r\n", b"\r\nOK\r\n", b'\r\n+CMTI: "ME",3\r\n', b"\x10R", b"\x10b", b"\x10\x03", b"\r\nCONNECT\r\n", b"\r\nERROR\r\n")


def pour(folder: Path, names: list[str]) -> None:
    chance = random.Random(5)
    block = bytearray(chance.randbytes(256 * 1024))
    for _ in range(400):  # and what a modem might say, in between
        word, at = chance.choice(WORDS), chance.randrange(len(block) - 20)
        block[at : at + len(word)] = word
    ends: dict[str, tuple[int, int]] = {}
    for name in names:
        master, slave = os.openpty()  # the slave stays open: the box may close its end and open it again
        tty.setraw(slave)
        os.set_blocking(master, False)
        (folder / name).symlink_to(os.ttyname(slave))
        ends[name] = master, slave
    taken = dict.fromkeys(names, 0)
    over: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(1))
    print("ready", flush=True)
    due = time.monotonic()
    while not over:
        due = max(due + STEP_S, time.monotonic())
        for name, (master, _) in ends.items():
            with contextlib.suppress(BlockingIOError):
                at = taken[name] % (len(block) - 4096)
                taken[name] += os.write(master, block[at : at + round(RATE * STEP_S)])
            with contextlib.suppress(BlockingIOError):
                os.read(master, 4096)  # what the box says to it
        time.sleep(max(0.0, due - time.monotonic()))
    print(json.dumps(taken))


@contextlib.contextmanager
def flooded(folder: Path, names: list[str]) -> Iterator[dict[str, int]]:
    """Filled in at the end: bytes that each port's reader took."""
    folder.mkdir(parents=True)
    taken: dict[str, int] = {}
    command = [sys.executable, "-m", "tests.support.flood", str(folder), *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == "ready\n"
            yield taken
        finally:
            program.terminate()
            taken.update(json.loads(program.stdout.readline()))


if __name__ == "__main__":
    pour(Path(sys.argv[1]), sys.argv[2:])
