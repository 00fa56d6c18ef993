"""A2: a seat that is a USB headset at the box: caller and agent hear each other, the plug is pulled and put back within the call."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.box import ROOT, a_box
from tests.support.seat_tones import level_dbfs, usual_level_dbfs
from tests.support.virtual_headset import NAME, VirtualHeadset

SEAT = f'\n[[seat]]\nid = "h1"\nname = "Reception"\nkind = "headset"\ndevice = "{NAME}"\nbutton = "button1"\n'


def test_caller_and_headset_hear_each_other_and_a_pulled_plug_costs_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug = VirtualHeadset(tmp_path / "headset")
    for key, value in plug.environment.items():
        monkeypatch.setenv(key, value)
    config = tmp_path / "office.toml"
    config.write_text((ROOT / "firmware_cfg" / "demo.toml").read_text() + SEAT)
    try:
        with a_box(tmp_path / "state", config=config) as box:
            box.post("/seats/h1/login", {"agent": box.get("/agents")[0]["id"]})
            assert "耳麦" in box.seat("h1")["why"] or "headset" in box.seat("h1")["why"]
            box.until("an alarm that names it", lambda: [text for text in box.get("/health")["alarms"] if NAME in text])
            plug.plug()
            box.until("plugged in, it may be called", lambda: box.seat("h1")["why"] is None and not box.get("/health")["alarms"])

            far = box.dial(box.get("/lines")[0]["number"], caller="13920020001", says="tone:620")
            box.until("it rings", lambda: box.seat("h1")["state"] == "ringing")
            box.until("it rings in the ears", lambda: rings_in(plug))
            box.post("/seats/h1/answer")
            plug.speak(1130)
            box.until("the caller hears the mouth", lambda: hears(box.far_end(far), 1130))
            (ears,) = box.until("the ears hear the caller", lambda: hearing(plug, 620))
            assert level_dbfs(ears, 1130, plug.rate) < level_dbfs(ears, 620, plug.rate) - 30

            plug.unplug()
            box.until("its seat is in fault, the call kept", lambda: box.seat("h1")["state"] == "fault")
            assert box.far_end(far)["state"] == "connected"
            plug.plug()
            plug.speak(1130)
            box.until("they talk again", lambda: box.seat("h1")["state"] == "talking")
            heard = box.far_end(far)["heard"]["seconds"]
            box.until("three seconds more", lambda: box.far_end(far)["heard"]["seconds"] > heard + 3)
            last = lambda: box.wav(f"/exchange/calls/{far}/recording")[1][-8000:, 0]  # noqa: E731
            box.until("the caller hears the mouth again", lambda: usual_level_dbfs(last(), 1130) > -20)
            box.delete(f"/exchange/calls/{far}")
            box.until("over", lambda: box.call_from("13920020001")["ended_at"])
            box.stop()
            assert "Traceback" not in box.log()
    finally:
        plug.close()


def rings_in(plug: VirtualHeadset) -> bool:
    sound = plug.listen(1.2)
    return max(level_dbfs(sound, hz, plug.rate) for hz in (660, 880)) > -50


def hearing(plug: VirtualHeadset, hz: int) -> list[NDArray[np.int16]]:
    """A second of what the ears hear, if it is this tone; nothing else, as a starved sound server has gaps of its own."""
    sound = plug.listen(1.5)[-plug.rate :]
    return [sound] if usual_level_dbfs(sound, hz, plug.rate) > -20 else []


def hears(far: dict, hz: int) -> bool:
    return any(abs(tone["hz"] - hz) < 10 and tone["level_dbfs"] > -20 for tone in far["heard"]["tones"])
