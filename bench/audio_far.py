"""The far ends of a full house, in real time: modems on pseudo-terminals, browsers on rings; `python -m bench.audio_far FDS NAMES`.

Every second line is a V.253 modem, which answers its command with CONNECT and then sends A-law; the others send 16-bit samples.
Until the standard input ends. Each is 20 ms of sound every 20 ms; what comes is read and thrown away.
"""

import contextlib
import os
import select
import sys
import time

import numpy as np

from appliance.audio import _dle, _dsp
from appliance.audio._ring import SharedRings

TICK_NS = 20_000_000


def main(fds: list[int], names: list[str]) -> None:
    rng = np.random.default_rng(1)
    spoken = [rng.normal(0, 2000, 160).astype(np.int16) for _ in range(50)]
    linear = [frame.tobytes() for frame in spoken]
    alaw = [_dle.shield(_dsp.encode_bytes("alaw", frame)) for frame in spoken]
    rings = [SharedRings.attach(name) for name in names]
    connected = [i % 2 == 0 for i in range(len(fds))]
    for fd in fds:
        os.set_blocking(fd, False)
    due, tick = time.monotonic_ns(), 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for i, fd in enumerate(fds):
            with contextlib.suppress(BlockingIOError):
                heard = os.read(fd, 65536)
                if not connected[i] and b"AT+VTR" in heard:
                    connected[i] = True
                    os.write(fd, b"\r\nCONNECT\r\n")
            if connected[i]:
                os.write(fd, alaw[(tick + i) % 50] if i % 2 else linear[(tick + i) % 50])
        for i, ring in enumerate(rings):
            ring.write_in(linear[(tick + 7 * i) % 50])
            ring.read_out()
        tick += 1
        due += TICK_NS
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)


if __name__ == "__main__":
    main([int(fd) for fd in sys.argv[1].split(",")], sys.argv[2].split(","))
