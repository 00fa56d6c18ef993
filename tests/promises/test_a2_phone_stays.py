"""A2 with a telephone that stays connected: two calls, one leg, each taken by its own key 1, and both hear each other."""

from pathlib import Path

from tests.support.box import ROOT, a_box, tone_level

AGENT_HZ = 1130


def test_two_calls_reach_a_connected_telephone_over_one_leg(tmp_path: Path) -> None:
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    config = tmp_path / "office.toml"
    config.write_text(text.replace('kind = "phone"', 'kind = "phone"\nstay_connected = true'))
    with a_box(tmp_path / "state", config=config) as box:
        seat, lines = box.phone_seats()[0], box.of_dialect("sim7600")
        keys = "1" + ",1" * 30  # as long as he is asked, and in between, when nobody asks
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.1, "says": f"tone:{AGENT_HZ}", "keys": keys})
        box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        for caller, line in zip(("13911110011", "13911110012"), lines, strict=True):
            far = box.dial(box.line(line)["number"], caller=caller)
            call = box.until("answered", lambda caller=caller: (got := box.call_from(caller)) and got["answered_at"] and got)  # type: ignore[misc]
            assert call["seat"] == seat["id"] and call["offers"][-1]["outcome"] == "answered"
            box.until("the caller hears the agent", lambda far=far: tone_level(box.far_end(far)["heard"], AGENT_HZ) > -25)  # type: ignore[misc]
            box.delete(f"/exchange/calls/{far}")
            box.until("wrap-up", lambda: box.seat(seat["id"])["state"] == "wrap_up")
            assert box.seat(seat["id"])["connected"]
            box.post(f"/seats/{seat['id']}/resume")
        legs = [each for each in box.get(f"/exchange/calls?number={seat['number']}") if each["to"] == seat["number"]]
        assert [leg["state"] for leg in legs] == ["connected"], "one leg, which is connected still"
        box.post(f"/seats/{seat['id']}/logout")
        box.until("hung up", lambda: box.far_end(legs[0]["id"])["state"] == "ended")
        assert "Traceback" not in box.log()
