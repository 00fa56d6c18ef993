"""Two modems in real time, and what lies between them: `python -m bench.audio_delay FD FD SECONDS` (A1 A2).

Each 20 ms a frame goes to either port; every fifth begins with a click, up and down in turn. A click's delay is from the write of its
frame to the read of the bytes that bring it at the other port. After half of the time both stand still for 500 ms, as a modem does that
loses its host: nothing is written, nothing read, what it would have said is lost. Prints the delays as JSON: those before in ms, those
after as (ms since the end of the stall, delay in ms).
"""

import contextlib
import json
import os
import select
import sys
import time

import numpy as np

TICK_NS = 20_000_000
STALL_NS = 500_000_000
CLICK = 20_000
EVERY = 5  # frames: two clicks up are 200 ms apart, so a delay of up to that is told right


def frame(click: int) -> bytes:
    """click: 1 up, -1 down, 0 none."""
    samples = np.zeros(160, "<i2")
    samples[0] = CLICK * click
    return samples.tobytes()


def clicks(data: bytes) -> list[int]:
    """Those in these samples: 1 up, -1 down. One that lies between two samples is two of them half as high."""
    samples = np.frombuffer(data, "<i2").astype(int)
    found = np.flatnonzero(np.abs(samples) > CLICK // 3)
    return [int(np.sign(samples[at])) for at in found[np.diff(found, prepend=-10) > 2]]


def main(fds: list[int], seconds: float) -> None:
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(30))  # a modem's firmware is not kept waiting
    for fd in fds:
        os.set_blocking(fd, False)
    sent: dict[int, dict[int, int]] = {fd: {} for fd in fds}
    odd = dict.fromkeys(fds, b"")
    delays: list[tuple[int, float]] = []
    began = due = time.monotonic_ns()
    half, tick = began + round(seconds / 2 * 1e9), 0
    stalled_until = 0
    while time.monotonic_ns() - began < seconds * 1e9:
        if not stalled_until and due >= half:
            stalled_until = due + STALL_NS
            time.sleep(STALL_NS / 1e9)
            due += STALL_NS
            for fd in fds:
                sent[fd].clear()
                with contextlib.suppress(BlockingIOError):
                    os.read(fd, 65536)
        click = 0 if tick % EVERY else 1 - tick // EVERY % 2 * 2
        for fd in fds:
            with contextlib.suppress(BlockingIOError):
                now = time.monotonic_ns()
                os.write(fd, frame(click))
                if click:
                    sent[fd][click] = now
        tick += 1
        due += TICK_NS
        while (left := due - time.monotonic_ns()) > 0:
            ready, _, _ = select.select(fds, [], [], left / 1e9)
            now = time.monotonic_ns()
            for fd in ready:
                data = odd[fd] + os.read(fd, 65536)
                odd[fd] = data[len(data) & ~1 :]
                other = fds[1 - fds.index(fd)]
                begun = [sent[other].pop(heard, None) for heard in clicks(data[: len(data) & ~1])]
                delays.extend((then, (now - then) / 1e6) for then in begun if then is not None)
    print(json.dumps({
        "before": [round(ms, 2) for then, ms in delays if then < half and then - began > 2e9],
        "after": [(round((then - stalled_until) / 1e6), round(ms, 2)) for then, ms in delays if stalled_until and then >= stalled_until],
    }))  # fmt: skip


if __name__ == "__main__":
    main([int(sys.argv[1]), int(sys.argv[2])], float(sys.argv[3]))
