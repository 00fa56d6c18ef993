"""A2: a headset's sound between its clock and the box's, the process that carries it, the plug that is pulled."""

import asyncio
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.audio._ring import SharedRings
from appliance.hw.headset import NoHeadset, find
from appliance.hw.headset_link import Headset
from appliance.hw.headset_sound import HeadsetSound
from tests.support.seat_tones import level_dbfs, purity_db, sine, usual_level_dbfs
from tests.support.virtual_headset import NAME, VirtualHeadset

SECOND = 8000


class Wire:
    """Rings in virtual time: what the box gave and has not been fetched, what the headset gave."""

    def __init__(self) -> None:
        self.out, self.into = bytearray(), bytearray()

    def write_in(self, data: bytes) -> None:
        self.into += data

    def read_out(self, n: int = 3200) -> bytes:
        got, self.out = bytes(self.out[:n]), self.out[n:]
        return got


def run(sound: HeadsetSound, wire: Wire, rate: int, seconds: float, hz: tuple[float, float], ppm: float = 0.0) -> np.ndarray:
    """The ears' sound. The device's block of 10 ms comes by a clock that is `ppm` fast, the box's tick of 20 ms by ours."""
    block, tick, ears = rate // 100, 0, []
    mouth = np.tile(sine(hz[0], 1.0, rate), 2)
    for number in range(round(seconds * 100 * (1 + ppm / 1e6))):
        now_s = number / 100 / (1 + ppm / 1e6)
        while tick * 0.02 <= now_s:
            at = np.arange(tick * 160, (tick + 1) * 160) / 8000
            wire.out += np.round(32767 * 10 ** (-13 / 20) * np.sin(2 * np.pi * hz[1] * at)).astype("<i2").tobytes()
            tick += 1
        at = number * block % rate
        sound.heard(mouth[at : at + block])
        ears.append(sound.take(block))
    return np.concatenate(ears)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
def test_both_directions_keep_tone_and_level_at_any_rate(rate: int) -> None:
    wire = Wire()
    ears = run(HeadsetSound(wire, rate, rate), wire, rate, 3.0, (620, 1130))[-rate:]
    mouth = np.frombuffer(bytes(wire.into), "<i2")
    assert 3 * SECOND - len(mouth) < 0.008 * SECOND, "the resampler keeps more than 8 ms back"
    assert abs(level_dbfs(ears, 1130, rate) + 13) < 0.5 and purity_db(ears, 1130, rate) > 45
    assert abs(level_dbfs(mouth[-SECOND:], 620, 8000) + 13) < 0.5 and purity_db(mouth[-SECOND:], 620, 8000) > 45


def test_what_lies_above_the_telephones_band_does_not_come_back_as_a_tone() -> None:
    wire = Wire()
    run(HeadsetSound(wire, 48_000, 48_000), wire, 48_000, 2.0, (7000, 1130))
    assert level_dbfs(np.frombuffer(bytes(wire.into), "<i2")[-SECOND:], 1000, 8000) < -60


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_two_minutes_with_clocks_apart_never_run_dry_and_keep_the_delay(ppm: float) -> None:
    wire = Wire()
    sound = HeadsetSound(wire, 16_000, 16_000)
    run(sound, wire, 16_000, 5.0, (620, 1130), ppm)
    before = sound.underruns
    ears = run(sound, wire, 16_000, 115.0, (620, 1130), ppm)
    assert sound.underruns == before
    assert sound._from_box.level < 1600
    loud = np.abs(ears[16_000:].astype(int)).reshape(-1, 160).max(1)
    assert loud.min() > 5000, "a gap"


class Devices:
    """As sounddevice lists them."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": name, "max_input_channels": 1, "max_output_channels": 0 if name == "Microphone" else 2} for name in self.names]


def test_the_exact_name_comes_before_one_that_contains_it() -> None:
    assert find(Devices("Jabra 2", "Jabra"), "Jabra") == 1
    assert find(Devices("Microphone", "Jabra EVOLVE: USB (hw:1,0)"), "jabra evolve") == 1


def test_a_headset_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(NoHeadset, match=r"no device 'Jabra' .*there are: 'Plantronics'"):
        find(Devices("Microphone", "Plantronics"), "Jabra")


def test_a_headset_speaks_and_hears_and_after_the_plug_was_pulled_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug = VirtualHeadset(tmp_path / "headset")
    for key, value in plug.environment.items():
        monkeypatch.setenv(key, value)
    rings = SharedRings.create(f"seatbox-test-headset-{os.getpid()}")
    told: list[dict[str, object]] = []

    async def heard(what: str, after: int) -> dict[str, object]:
        for _ in range(600):
            found = [words for words in told[after:] if words["is"] == what]
            if found:
                return found[0]
            await asyncio.sleep(0.05)
        raise AssertionError(f"never {what}: {told}")

    async def box() -> tuple[np.ndarray, bytes]:
        """The bridge's part: a tone to the ears, each tick by its deadline; what the mouth said."""
        tone, said = np.tile(sine(1130, 1.0, 8000), 2), b""
        begin = asyncio.get_running_loop().time()
        listening = asyncio.ensure_future(asyncio.to_thread(plug.listen, 1.5))
        tick = 0
        while not listening.done():
            at = tick * 160 % 8000
            rings.write_out(tone[at : at + 160].tobytes())
            said += rings.read_in()
            tick += 1
            await asyncio.sleep(max(0.0, begin + tick * 0.02 - asyncio.get_running_loop().time()))
        return listening.result(), said

    async def scene() -> None:
        headset = Headset("h1", NAME, rings.name, told.append)
        headset.start()
        try:
            gone = await heard("gone", 0)
            assert NAME in str(gone["why"]), gone
            plug.plug()
            assert (await heard("open", 0))["device"] == NAME
            await heard("alive", 0)
            plug.speak(620)
            for _ in range(8):  # the virtual sound server has gaps of its own where the machine is busy
                ears, said = await box()
                mouth = np.frombuffer(said, "<i2")
                if min(usual_level_dbfs(ears[-24_000:], 1130, plug.rate), usual_level_dbfs(mouth[-4000:], 620, 8000)) > -20:
                    break
            assert usual_level_dbfs(ears[-24_000:], 1130, plug.rate) > -20, "the ears do not hear the box"
            assert usual_level_dbfs(mouth[-4000:], 620, 8000) > -20, "the box does not hear the mouth"
            before = len(told)
            headset.again()
            await heard("gone", before)
            await heard("alive", before)
            before = len(told)
            plug.unplug()
            await heard("gone", before)
            plug.plug()
            await heard("open", before)
            await heard("alive", before)
        finally:
            await headset.stop()

    try:
        asyncio.run(scene())
    finally:
        plug.close()
        rings.unlink()
