"""Two modems in real time, and what lies between them: `python -m bench.audio_delay FD FD WAIT WAIT SECONDS` (A1 A2).

Each 20 ms a frame goes to either port; one sample of every fifth is a click, up and down in turn, each at another place of its frame.
WAIT, one for either port: how many ms before the box's tick a frame comes. When the ticks are is seen by what comes back in the first
second; then all stands still for 0.8 s, and begins again in that phase. A click's delay is from the write of its frame to the read of
the bytes that bring it at the other port. After half of the time both stand still for 500 ms, as a modem does that loses its host:
nothing is written, nothing read, what it would have said is lost. Prints the delays as JSON: those before as (ms of wait, delay in ms),
the wait as it was found at that frame; those after as (ms since the end of the stall, delay in ms).
"""

import contextlib
import json
import os
import select
import statistics
import sys
import time

import numpy as np

TICK_NS = 20_000_000
STALL_NS = 500_000_000
SETTLES_NS = 3_000_000_000
PAUSE_NS = 800_000_000
CLICK = 20_000
EVERY = 5  # frames: two clicks up are 200 ms apart, so a delay of up to that is told right
STRIDE = 61  # samples from one click's place to the next: with 160 it has no factor in common, so all places come


def frame(click: int, place: int) -> bytes:
    """click: 1 up, -1 down, 0 none."""
    samples = np.zeros(160, "<i2")
    samples[place] = CLICK * click
    return samples.tobytes()


def clicks(data: bytes) -> list[int]:
    """Those in these samples: 1 up, -1 down. One that lies between two samples is two of them half as high."""
    samples = np.frombuffer(data, "<i2").astype(int)
    found = np.flatnonzero(np.abs(samples) > CLICK // 3)
    return [int(np.sign(samples[at])) for at in found[np.diff(found, prepend=-10) > 2]]


class Modem:
    """One port: writes a frame when it is due, and remembers when each click was."""

    def __init__(self, fd: int, due_ns: int) -> None:
        self.fd, self.due_ns, self.tick = fd, due_ns, 0
        self.sent: dict[int, int] = {}
        self.wrote_ns = 0
        self.waits: dict[int, float] = {}
        self.odd = b""

    def write(self) -> None:
        number = self.tick // EVERY
        click = 0 if self.tick % EVERY else 1 - number % 2 * 2
        with contextlib.suppress(BlockingIOError):
            self.wrote_ns = time.monotonic_ns()
            os.write(self.fd, frame(click, number * STRIDE % 160))
            if click:
                self.sent[click] = self.wrote_ns
        self.tick += 1
        self.due_ns += TICK_NS

    def read(self) -> list[int]:
        data = self.odd + os.read(self.fd, 65536)
        self.odd = data[len(data) & ~1 :]
        return clicks(data[: len(data) & ~1])

    def drop(self) -> None:
        self.sent.clear()
        with contextlib.suppress(BlockingIOError):
            os.read(self.fd, 65536)


def turn(modems: list[Modem], until_ns: int) -> list[tuple[int, float, float]]:
    """Until then: (when its frame was written, its wait, its delay) of each click that came through."""
    found = []
    while (now := time.monotonic_ns()) < until_ns:
        for modem in modems:
            if modem.due_ns <= now:
                modem.write()
        left = min(until_ns, *(modem.due_ns for modem in modems)) - time.monotonic_ns()
        ready, _, _ = select.select([modem.fd for modem in modems], [], [], max(0, left) / 1e9)
        now = time.monotonic_ns()
        for modem, other in (modems, modems[::-1]):
            if modem.fd not in ready:
                continue
            modem.waits.setdefault(modem.wrote_ns, (now - modem.wrote_ns) / 1e6)
            for heard in modem.read():
                then = other.sent.pop(heard, None)
                if then is not None:
                    found.append((then, other.waits.get(then, 0.0), (now - then) / 1e6))
    return found


def ticks_phase(modem: Modem) -> int:
    """When in 20 ms the box writes, ns."""
    at = [(wrote + round(wait * 1e6)) % TICK_NS for wrote, wait in list(modem.waits.items())[10:]]
    near = [(one - at[0] + TICK_NS // 2) % TICK_NS for one in at]
    return (at[0] - TICK_NS // 2 + round(statistics.median(near))) % TICK_NS


def main(fds: list[int], waits_ms: list[float], seconds: float) -> None:
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(30))  # a modem's firmware is not kept waiting
    for fd in fds:
        os.set_blocking(fd, False)
    begin = time.monotonic_ns()
    modems = [Modem(fd, begin) for fd in fds]
    turn(modems, begin + 1_000_000_000)
    phase = ticks_phase(modems[0])
    begin = time.monotonic_ns() + PAUSE_NS
    begin += (phase - begin) % TICK_NS
    for modem, wait_ms in zip(modems, waits_ms, strict=True):
        modem.due_ns = begin + TICK_NS - round(wait_ms * 1e6)
    time.sleep((begin - time.monotonic_ns()) / 1e9)
    for modem in modems:
        modem.drop()
    before = turn(modems, begin + round(seconds / 2 * 1e9))
    stalled_until = time.monotonic_ns() + STALL_NS
    time.sleep(STALL_NS / 1e9)
    for modem in modems:
        modem.due_ns += STALL_NS
        modem.drop()
    after = turn(modems, begin + round(seconds * 1e9))
    print(json.dumps({
        "before": [(round(wait, 2), round(ms, 2)) for then, wait, ms in before if then - begin > SETTLES_NS],
        "after": [(round((then - stalled_until) / 1e6), round(ms, 2)) for then, _, ms in after if then >= stalled_until],
    }))  # fmt: skip


if __name__ == "__main__":
    main([int(sys.argv[1]), int(sys.argv[2])], [float(sys.argv[3]), float(sys.argv[4])], float(sys.argv[5]))
