"""A modem that clicks and listens: `python -m bench.seat_clicks FD SECONDS` (A2). Each 20 ms a frame; one of each 25 has a click.

Prints JSON of wall-clock times in ms: {"said": when each click's frame was written, "heard": when the bytes that brought one were read}.
"""

import contextlib
import json
import os
import select
import sys
import time

from bench.audio_delay import TICK_NS, clicks, frame

EVERY = 25  # frames, half a second
STRIDE = 61  # as in audio_delay: every place of the frame


def main(fd: int, seconds: float) -> None:
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(30))  # a modem's firmware is not kept waiting
    os.set_blocking(fd, False)
    said: list[float] = []
    heard: list[float] = []
    odd, quiet_until = b"", 0.0
    begin = time.monotonic_ns()
    for tick in range(round(seconds * 1e9 / TICK_NS)):
        while (left := begin + tick * TICK_NS - time.monotonic_ns()) > 0:
            ready, _, _ = select.select([fd], [], [], left / 1e9)
            if ready:
                now = time.time() * 1e3
                odd += os.read(fd, 65536)
                whole, odd = odd[: len(odd) & ~1], odd[len(odd) & ~1 :]
                if clicks(whole) and now > quiet_until:
                    heard.append(now)
                    quiet_until = now + 100
        with contextlib.suppress(BlockingIOError):
            os.write(fd, frame(int(tick % EVERY == 0), tick // EVERY * STRIDE % 160))
            if tick % EVERY == 0:
                said.append(time.time() * 1e3)
    print(json.dumps({"said": said, "heard": heard}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
