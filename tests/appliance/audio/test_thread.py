"""The thread: it needs no Python, takes orders under load, wakes who waits. No time of the clock is asserted (A4 E5)."""

import ctypes
import os
import select
import socket
import time

import numpy as np
import pytest

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge


@pytest.fixture
def running():
    bridge = Bridge()
    bridge.start()
    yield bridge
    bridge.stop()


def test_ticks_go_on_while_python_holds_its_lock(running: Bridge) -> None:
    """libc's usleep through PyDLL keeps the GIL: no other Python thread moves, this one must, by as many ticks as time has passed."""
    usleep = ctypes.PyDLL(None).usleep
    begin_ns, begin = time.monotonic_ns(), running.tick
    usleep(400_000)
    ticks, passed = running.tick - begin, (time.monotonic_ns() - begin_ns) / 20e6
    ran = running.figures().ticks
    assert ran > 0
    assert ticks >= 1  # with the GIL needed it would be none: `tick` is read before any other thread can get the lock
    assert ticks <= passed + 2


def test_remove_waits_so_that_the_descriptor_can_be_closed(running: Bridge) -> None:
    for _ in range(10):
        near, far = socket.socketpair()
        with near, far:
            ep = running.add_pcm_port(near.fileno())
            running.sound_on(ep)
            running.remove(ep)
        with pytest.raises(KeyError):
            running.sound_on(ep)
    assert [what for _, what, _ in running.events()] == []


def test_many_orders_while_it_runs_are_carried_out_in_order(running: Bridge) -> None:
    rings = [SharedRings.create(f"seatbox-test-{os.getpid()}-{i}") for i in range(4)]
    for ring in rings:
        ring.unlink()
    eps = [running.add_ring(ring) for ring in rings]
    for k in range(5000):
        running.set_hears(eps[k % 4], set(eps))
        if k % 500 == 0:
            tap = running.tap(eps[0], eps[1:])
            running.end_tap(tap)
            assert len(running.read_tap(tap)) % 160 == 0
            running.free_tap(tap)
    for ep in eps:
        running.remove(ep)
    assert running.figures().endpoints == {}


def test_text_and_a_lost_port_wake_whoever_waits_on_the_event_descriptor(running: Bridge) -> None:
    near, far = socket.socketpair()
    with near:
        ep = running.add_v253_port(near.fileno())
        far.send(b"\r\nRING\r\n")
        assert select.select([running.event_fd], [], [], 10)[0]
        assert running.events() == []
        assert running.read_text(ep) == b"\r\nRING\r\n"
        far.close()
        assert select.select([running.event_fd], [], [], 10)[0]
        assert [(e, what) for e, what, _ in running.events()] == [(ep, "port_gone")]
        running.remove(ep)


def test_the_recording_of_a_running_bridge_is_whole_frames(running: Bridge) -> None:
    ring = SharedRings.create(f"seatbox-test-{os.getpid()}-r")
    ring.unlink()
    ep = running.add_ring(ring)
    tap = running.tap(ep)
    first = running.tick
    while running.tick < first + 5:
        select.select([], [], [], 0.02)
    running.end_tap(tap)
    got = running.read_tap(tap)
    assert len(got) % 160 == 0
    assert len(got) >= 4 * 160
    assert not np.any(got)
    running.free_tap(tap)
    running.remove(ep)


def test_it_can_be_stopped_and_started_again() -> None:
    bridge = Bridge()
    for _ in range(3):
        bridge.start()
        before = bridge.tick
        while bridge.tick == before:
            select.select([], [], [], 0.01)
        bridge.stop()
        with pytest.raises(RuntimeError):
            bridge.start() or bridge.step(0)
        bridge.stop()
