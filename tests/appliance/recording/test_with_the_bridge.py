"""Recorder and bridge together: the tap's sound, kept (A7)."""

import socket
from pathlib import Path

import numpy as np
import pytest

from appliance.audio.bridge import Bridge
from appliance.base.ids import CallId
from appliance.recording.writer import Recorder
from appliance.store.bus import Bus
from appliance.store.journal import Journal
from tests.support.store_clock import HandClock


def test_a_tap_of_the_real_bridge_is_recorded_for_its_whole_length_and_freed(tmp_path: Path) -> None:
    bridge, clock = Bridge(start_thread=False), HandClock()
    journal = Journal(tmp_path, clock, group_s=0)
    bus = Bus(journal)
    recorder = Recorder(tmp_path / "recordings", bridge, bus.publish, clock)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    tap = bridge.tap(bridge.add_pcm_port(ours.fileno()))
    recorder.begin(CallId("c1"), tap, clock.now_ms())
    ticks = 0
    for tick in range(60):
        clock.wait(20)
        ticks += bridge.step((tick + 1) * 20_000_000)
        if tick % 5 == 4:
            recorder.turn()
    bridge.end_tap(tap)
    recorder.end(CallId("c1"))
    recorder.turn()
    journal.close()
    (file,) = (tmp_path / "recordings").rglob("c1.wav")
    frames = np.frombuffer(file.read_bytes()[44:], "<i2").reshape(-1, 2)
    assert len(frames) == ticks * 160 == 9_600
    with pytest.raises(KeyError):
        bridge.read_tap(tap)
    bridge.stop()
    ours.close()
    theirs.close()
