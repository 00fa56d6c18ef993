"""The modems' clocks, with a virtual time (A1): backlog, stalls, drift, echo, odd bytes."""

import os
import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest

from appliance.exchange._pace import Channel, Engine, transcode
from appliance.exchange.ports import Port
from appliance.exchange.tones import endless, sine

STEP = 5_000_000


class Rig:
    """An engine with one channel over a socket pair."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.theirs.setblocking(False)
        self.engine = Engine()
        self.channel: Channel = self.engine.open()
        self.channel.attach(self.ours.fileno(), self.theirs.fileno())
        self.now = 0
        self.engine.step(0)

    def run(self, ms: int) -> bytes:
        for _ in range(ms // 5):
            self.now += STEP
            self.engine.step(self.now)
        return self.read()

    def read(self) -> bytes:
        try:
            return self.theirs.recv(1 << 20)
        except BlockingIOError:
            return b""


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.ours.close()
    made.theirs.close()


def test_sound_comes_in_bursts_of_20_ms(rig: Rig) -> None:
    rig.channel.pcm(True)
    assert [len(rig.run(5)) for _ in range(8)] == [0, 0, 0, 320, 0, 0, 0, 320]


def test_sound_that_nobody_fetched_for_200_ms_is_dropped(rig: Rig) -> None:
    rig.channel.pcm(True)
    assert len(rig.run(5000)) == 3200
    assert rig.channel.figures()["dropped"] == 40_000 - 1600


def test_after_a_stall_time_is_not_replayed_and_old_sound_of_the_host_is_forgotten(rig: Rig) -> None:
    rig.channel.pcm(True)
    rig.run(100)
    os.write(rig.theirs.fileno(), bytes(20_000))
    rig.now += 3_000_000_000
    rig.engine.step(rig.now)
    assert len(rig.run(20)) <= 640
    assert rig.channel.figures()["waiting"] <= 480
    assert rig.engine.stalls == 1


@pytest.mark.parametrize("ppm", [-500.0, 0.0, 500.0])
def test_the_crystal_sets_the_rate(rig: Rig, ppm: float) -> None:
    rig.channel.set_ppm(ppm)
    rig.run(20_000)
    assert abs(rig.channel.figures()["produced"] - 160_000 * (1 + ppm * 1e-6)) <= 1


def test_a_late_host_is_heard_as_a_gap_of_its_lateness_and_no_longer(rig: Rig) -> None:
    rig.channel.pcm(True)
    rig.channel.listen(True)
    loud = np.full(160, 5000, "<i2").tobytes()
    for at in range(60):
        if not 30 <= at < 36:
            os.write(rig.theirs.fileno(), loud)
        rig.run(20)
    heard = rig.channel.heard()
    first = int(np.flatnonzero(heard)[0])
    assert first <= 8 * 60
    gap = np.diff(np.flatnonzero(heard)).max() - 1
    assert 8 * 60 <= gap <= 8 * 120


def test_more_than_200_ms_ahead_the_oldest_is_forgotten(rig: Rig) -> None:
    rig.channel.pcm(True)
    os.write(rig.theirs.fileno(), bytes(6400))
    rig.run(5)
    assert rig.channel.figures()["waiting"] <= 400


def test_a_sample_split_over_two_writes_stays_whole(rig: Rig) -> None:
    rig.channel.pcm(True)
    rig.channel.listen(True)
    data = np.full(1600, 0x0102, "<i2").tobytes()
    for at in range(0, len(data), 321):
        os.write(rig.theirs.fileno(), data[at : at + 321])
        rig.run(20)
    rig.run(200)
    heard = rig.channel.heard()
    assert set(heard[heard != 0].tolist()) == {0x0102}


def test_the_hybrid_gives_back_what_the_host_says(rig: Rig) -> None:
    rig.channel.pcm(True)
    rig.channel.set_echo(20)
    got = b""
    for at in range(50):
        os.write(rig.theirs.fileno(), sine(500, 160 * 50, -10)[160 * at : 160 * at + 160].astype("<i2").tobytes())
        got += rig.run(20)
    echo = np.frombuffer(got, "<i2")[4000:]
    assert 20 * np.log10(np.abs(echo).max() / 32767) == pytest.approx(-30, abs=0.5)


def test_no_echo_and_no_noise_unless_told(rig: Rig) -> None:
    rig.channel.pcm(True)
    os.write(rig.theirs.fileno(), sine(500, 1600, -3).astype("<i2").tobytes())
    assert set(rig.run(400)) == {0}


def test_silent_audio_is_silent_both_ways(rig: Rig) -> None:
    rig.channel.pcm(True)
    rig.channel.listen(True)
    rig.channel.say(endless(620))
    rig.channel.set_faults(mute=True)
    os.write(rig.theirs.fileno(), sine(500, 1600).astype("<i2").tobytes())
    assert set(rig.run(400)) == {0}
    assert not rig.channel.heard().any()


def test_keys_of_the_network_replace_the_hosts_sound_and_queue(rig: Rig) -> None:
    rig.channel.listen(True)
    rig.channel.tone_to_far_end(np.full(800, 11, np.int16))
    rig.channel.tone_to_far_end(np.full(800, 22, np.int16))
    rig.run(300)
    assert rig.channel.heard().tolist() == [11] * 800 + [22] * 800 + [0] * 800


def carried(port: Port, channel: Channel) -> None:
    """The kernel carries a pseudo-terminal's bytes in its own time; here so many steps are no time at all."""
    figures = channel.figures()
    written = 2 * (figures["produced"] // 160 * 160 - figures["dropped"])
    give_up = time.monotonic() + 10
    while port.unread() < written:
        assert time.monotonic() < give_up, f"{port.unread()} of {written} bytes came through"
        time.sleep(0.001)  # real time: it is the kernel's worker that is waited for


def test_a_pseudo_terminal_never_holds_more_than_200_ms(tmp_path) -> None:  # type: ignore[no-untyped-def]
    port = Port(tmp_path / "deep" / "link")
    port.open()
    engine = Engine()
    channel = engine.open()
    channel.attach(port.master, port.slave)
    channel.pcm(True)
    host = os.open(port.link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    for at in range(2000):
        engine.step(at * STEP)
        if at % 10 == 9:
            carried(port, channel)
    assert channel.figures()["dropped"] > 0
    got = b""
    while True:
        try:
            got += os.read(host, 4096)
        except BlockingIOError:
            break
    assert 2560 <= len(got) <= 3200 + 640
    os.close(host)
    channel.detach()
    port.close()
    assert not port.link.is_symlink()


@pytest.mark.parametrize(("codec", "least_db"), [(1, 30), (2, 30), (3, 33), (4, 33)])
def test_codecs_keep_a_telephones_distance_to_noise(codec: int, least_db: float) -> None:
    sound = sine(620, 8000).astype(float)
    noise = transcode(sound.astype(np.int16), codec) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) > least_db


def test_g711_codes_are_the_recommendations() -> None:
    from appliance.exchange._pace import encoded

    silence = np.zeros(1, np.int16)
    assert (encoded(silence, 3), encoded(silence, 4), encoded(silence, 1)) == (b"\xff", b"\xd5", b"\x80")
    extremes = np.array([32767, -32768], np.int16)
    assert (encoded(extremes, 3), encoded(extremes, 4)) == (b"\x80\x00", b"\xaa\x2a")
