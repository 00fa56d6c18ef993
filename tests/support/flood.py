"""Ports that pour garbage (E5): pseudo-terminals whose other end writes 1 MB/s each, from a process of its own.

`python -m tests.support.flood FOLDER NAME…` makes a link for each name, says "ready", and on SIGTERM what each port has taken, in bytes.
The first half of them pour any bytes, the others text.
"""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

RATE = 1_000_000
SIZE = 256 * 1024
STEP_S = 0.004  # a pseudo-terminal holds 4 kB
WORDS = (b"\r\nRING\r\n", b"\r\nOK\r\n", b'\r\n+CMTI: "ME",3\r\n', b"\x10R", b"\x10b", b"\x10\x03", b"\r\nCONNECT\r\n", b"\r\nERROR\r\n")
TEXTS = (
    b"$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n",
    b"[  12.345678] usb 1-1: new device\r\n",
    b"\r\nBUSY\r\n",
    b"\r\n+CLCC: 1,1,4,0,0\r\n",
    *WORDS[:3],
)


def noise(chance: random.Random) -> bytes:
    """Any bytes, and in between what a modem might say."""
    block = bytearray(chance.randbytes(SIZE))
    for _ in range(400):
        word, at = chance.choice(WORDS), chance.randrange(len(block) - 20)
        block[at : at + len(word)] = word
    return bytes(block)


def text(chance: random.Random) -> bytes:
    """Not one byte that no modem says: a satellite receiver's lines, a debugging log, short answers."""
    block = bytearray()
    while len(block) < SIZE:
        block += chance.choice(TEXTS)
    return bytes(block[:SIZE])


def pour(folder: Path, names: list[str]) -> None:
    chance = random.Random(5)
    blocks = noise(chance), text(chance)
    ends: dict[str, tuple[int, int, bytes]] = {}
    for place, name in enumerate(names):
        master, slave = os.openpty()  # the slave stays open: the box may close its end and open it again
        tty.setraw(slave)
        os.set_blocking(master, False)
        (folder / name).symlink_to(os.ttyname(slave))
        ends[name] = master, slave, blocks[2 * place // len(names)]
    taken = dict.fromkeys(names, 0)
    over: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(1))
    print("ready", flush=True)
    due = time.monotonic()
    while not over:
        due = max(due + STEP_S, time.monotonic())
        for name, (master, _, block) in ends.items():
            with contextlib.suppress(BlockingIOError):
                at = taken[name] % (len(block) - 4096)
                taken[name] += os.write(master, block[at : at + round(RATE * STEP_S)])
            with contextlib.suppress(BlockingIOError):
                os.read(master, 4096)  # what the box says to it
        time.sleep(max(0.0, due - time.monotonic()))
    print(json.dumps(taken))


@dataclass
class Flood:
    """`taken`: filled in at the end, bytes that each port's reader took."""

    process: subprocess.Popen[str]
    taken: dict[str, int] = field(default_factory=dict)

    def so_far(self) -> int:
        """Bytes taken from all ports together, up to now: it writes to nothing else."""
        return int(re.search(r"wchar: (\d+)", Path(f"/proc/{self.process.pid}/io").read_text())[1])  # type: ignore[index]


@contextlib.contextmanager
def flooded(folder: Path, names: list[str]) -> Iterator[Flood]:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.support.flood", str(folder), *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        flood = Flood(program)
        try:
            assert program.stdout.readline() == "ready\n"
            yield flood
        finally:
            program.terminate()
            flood.taken.update(json.loads(program.stdout.readline()))


if __name__ == "__main__":
    pour(Path(sys.argv[1]), sys.argv[2:])
