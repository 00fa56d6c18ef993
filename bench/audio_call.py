"""One full call of two parties in virtual time, for a counter of instructions; `python -m bench.audio_call TICKS PPM [level]`.

A-law seat both ways, matrix, two-channel recording, keys and tones looked for on both legs, activity. One clock is PPM fast, the other as
much slow; with 0 samples pass unchanged, else all four directions are resampled. `level`: with level control of both,
and noise that swells as speech does. bench_audio.py counts the tick alone.
"""

import contextlib
import socket
import sys

import numpy as np

from appliance.audio import _dle, _dsp
from appliance.audio.bridge import Bridge
from firmware_cfg import call_progress

TICK_NS = 20_000_000
FRAME = 160


def main(ticks: int, ppm: float, level: bool) -> None:
    """Both legs are analog ports in their stream: A-law, shielded; without canceller, whose cost has a line of its own."""
    bridge = Bridge(start_thread=False)
    pairs = [socket.socketpair() for _ in range(2)]
    eps = []
    for near, far in pairs:
        far.setblocking(False)
        ep = bridge.add_v253_port(near.fileno())
        bridge.set_encoding(ep, "alaw")
        bridge.set_echo_canceller(ep, False)
        bridge.set_detect(ep, keys=True, tones=True)
        bridge.set_level_control(ep, level)
        bridge.set_tones(ep, call_progress.load("cn"))
        bridge.send_text(ep, b"AT+VTR\r", expect_connect=True)
        eps.append(ep)
    bridge.step(1)
    for _near, far in pairs:
        far.recv(100)
        far.send(b"\r\nCONNECT\r\n")
    bridge.set_hears(eps[0], {eps[1]})
    bridge.set_hears(eps[1], {eps[0]})
    tap = bridge.tap(eps[0], {eps[1]})
    rng = np.random.default_rng(7)
    loud = np.where(np.arange(8000 + 2 * FRAME) // FRAME % 10 < 8, 800, 40) if level else 2000
    said = _dsp.encode_bytes("alaw", rng.normal(0, loud, 8000 + 2 * FRAME).astype(np.int16))
    for tick in range(ticks):
        for (_near, far), fast in zip(pairs, (ppm, -ppm), strict=True):
            begin, end = (int(FRAME * k * (1 + fast * 1e-6)) for k in (tick, tick + 1))
            far.send(_dle.shield(said[begin % 8000 : begin % 8000 + end - begin]))
        bridge.step((tick + 2) * TICK_NS)
        for _near, far in pairs:
            with contextlib.suppress(BlockingIOError):
                far.recv(8192)
        if tick % 50 == 0:
            bridge.read_tap(tap)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), "level" in sys.argv)
