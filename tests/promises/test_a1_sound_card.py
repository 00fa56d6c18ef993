"""A1: a line whose sound is its module's USB sound card: both ends hear each other; the card is pulled and comes back in the call."""

from pathlib import Path

import pytest

from tests.support.box import ROOT, a_box, tone_level
from tests.support.virtual_headset import VirtualCard

CALLER_HZ, AGENT_HZ = 620, 1130
CARD = "EC25AUX"
LINE = """
[[line]]
id = "l5"
name = "UAC"
dialect = "ec25"
port = "exchange/l5-at"
audio_port = "card:EC25AUX"
number = "13900000005"
queue = "service"
"""


def test_caller_and_agent_hear_each_other_over_a_sound_card_that_comes_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = VirtualCard(tmp_path / "card", CARD, tmp_path / "state/exchange/l5-card")
    for key, value in card.environment.items():
        monkeypatch.setenv(key, value)
    config = tmp_path / "office.toml"
    config.write_text((ROOT / "firmware_cfg" / "demo.toml").read_text() + LINE)
    try:
        with a_box(tmp_path / "state", config=config) as box:
            box.until("without its card it is out of service", lambda: CARD in (box.line("l5")["fault"] or ""))
            card.plug()
            box.until("with it, in service", lambda: box.line("l5")["state"] == "idle" and not box.get("/health")["alarms"])

            seat = box.phone_seats()[0]
            box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.1, "says": f"tone:{AGENT_HZ}", "keys": "1"})
            box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
            far = box.dial("13900000005", caller="13920020001", says=f"tone:{CALLER_HZ}")
            box.until("they talk", lambda: box.seat(seat["id"])["state"] == "talking")
            box.until("the caller hears the agent", lambda: tone_level(box.far_end(far)["heard"], AGENT_HZ) > -20)
            leg = box.leg_to(seat["number"])
            assert leg is not None
            box.until("the agent hears the caller", lambda: tone_level(box.far_end(leg["id"])["heard"], CALLER_HZ) > -20)
            box.post(f"/seats/{seat['id']}/mute", {"muted": True})
            for key in "71":
                box.post(f"/seats/{seat['id']}/key", {"digit": key})
            box.until("keys reach the caller as tones", lambda: box.far_end(far)["heard"]["keys"].endswith("71"))
            box.post(f"/seats/{seat['id']}/mute", {"muted": False})

            card.unplug()
            box.until(
                "an alarm names the line", lambda: [text for text in box.get("/health")["alarms"] if "UAC" in text and "sound" in text]
            )
            assert box.far_end(far)["state"] == "connected" and box.seat(seat["id"])["state"] == "talking"
            box.until("the agent hears nothing", lambda: tone_level(box.far_end(leg["id"])["heard"], CALLER_HZ) < -50)
            card.plug()
            box.until("the agent hears the caller again", lambda: tone_level(box.far_end(leg["id"])["heard"], CALLER_HZ) > -20)
            box.until("and he the agent", lambda: tone_level(box.far_end(far)["heard"], AGENT_HZ) > -20)
            box.until("the alarm is over", lambda: not box.get("/health")["alarms"])
            box.delete(f"/exchange/calls/{far}")
            box.until("over", lambda: box.call_from("13920020001")["ended_at"])
            box.until("ready for the next", lambda: box.line("l5")["state"] == "idle")
            box.stop()
            assert "Traceback" not in box.log()
    finally:
        card.close()
