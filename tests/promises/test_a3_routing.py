"""A3: skills, the customer's last agent, VIPs, overflow, orders; and the box says why. Over real lines' dialects, one box for all."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.box import ROOT, Box, a_box, tone_level

QUEUES = """
[[queue]]
id = "service"
name = "客户服务"
last_agent_s = 30
call_back_key = "5"

[[queue]]
id = "cantonese"
name = "粤语"
needs = { cantonese = 5 }
overflow_s = 1
overflow_to = "service"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """li at s3, wang at s4, who speaks Cantonese; l2 leads to the Cantonese queue, l3's callers are VIPs. Phones answer by themselves."""
    folder = tmp_path_factory.mktemp("routing")
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    text = text.replace('[[queue]]\nid = "service"\nname = "客户服务"\n', QUEUES)
    text = text.replace('number = "13900000002"\nqueue = "service"', 'number = "13900000002"\nqueue = "cantonese"')
    text = text.replace('number = "02061000003"', 'number = "02061000003"\ntier = 2')
    text = text.replace('queues = ["service"]\nwrap_up_s = 10', 'queues = ["service", "cantonese"]\nwrap_up_s = 0')
    text = text.replace('name = "王芳"', 'name = "王芳"\nskills = { cantonese = 9 }')
    config = folder / "office.toml"
    config.write_text(text)
    with a_box(folder / "state", config=config) as box:
        for seat in box.phone_seats():
            box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.2, "keys": "1", "says": "tone:700"})
        yield box


def answered(box: Box, caller: str) -> dict[str, Any]:
    call = box.until(f"{caller} is answered", lambda: (got := box.call_from(caller)) and got["answered_at"] and got)
    assert isinstance(call, dict)
    return call


def dial(box: Box, line: str, caller: str) -> str:
    box.until(f"{line} is idle", lambda: box.line(line)["state"] == "idle")
    return box.dial(str(box.line(line)["number"]), caller=caller)


def over(box: Box, far: str, seat: str) -> None:
    box.delete(f"/exchange/calls/{far}")
    box.until("the seat is free again", lambda: box.seat(seat)["state"] == "free")


def test_who_can_help_is_asked_and_who_helped_before_and_who_matters_more(office: Box) -> None:
    box = office
    box.post("/seats/s3/login", {"agent": "li"})
    box.post("/seats/s4/login", {"agent": "wang"})

    # skills: li is idle for longer, wang speaks the language
    far = dial(box, "l2", "13930000001")
    call = answered(box, "13930000001")
    assert call["agent"] == "wang" and [offer["agent"] for offer in call["offers"]] == ["wang"]
    why = {each["agent"]: each["why"] for each in box.get(f"/calls/{call['id']}/routing")[0]["considered"]}
    assert why["li"] == "lacks_skill" and why["wang"] == "chosen" and why["chen"] in ("logged_out", "lacks_skill")
    over(box, far, "s4")

    # the last agent: li is idle for longer again, and wang knows this customer; a new one is li's
    far = dial(box, "l1", "13930000001")
    assert answered(box, "13930000001")["agent"] == "wang"
    over(box, far, "s4")

    # nobody is ready: the preview says who comes first for li, and that comes true
    for seat in ("s3", "s4"):
        box.post(f"/seats/{seat}/pause", {"reason": "meal"})
    plain = dial(box, "l1", "13930000002")
    box.until("one waits", lambda: box.get("/queues/service")["waiting"])
    vip = dial(box, "l3", "13930000003")
    waiting = box.until("two wait", lambda: len(got := box.get("/queues/service")["waiting"]) == 2 and got)
    assert [(each["caller"], each["position"], each["tier"]) for each in waiting] == [("13930000003", 1, 2), ("13930000002", 2, 0)]
    assert {"why": "paused", "text": "paused", "agents": ["wang", "li"], "call": None} in waiting[0]["why"]
    preview = {each["agent"]: each for each in box.get("/queues/service/next")}["li"]
    assert (preview["call"], preview["why"]) == (waiting[0]["call"], "first")
    box.post("/seats/s3/resume")
    assert answered(box, "13930000003")["agent"] == "li"
    box.delete(f"/exchange/calls/{plain}")
    over(box, vip, "s3")


def test_who_waited_too_long_is_helped_by_others_and_a_supervisor_may_step_in(office: Box) -> None:
    box = office
    box.post("/seats/s4/pause", {"reason": "meal"})
    far = dial(box, "l2", "13930000004")
    waiting = box.until("he waits", lambda: box.get("/queues/cantonese")["waiting"])
    assert waiting[0]["why"][0]["why"] == "paused" and waiting[0]["needs"] == {"cantonese": 5}
    call = answered(box, "13930000004")
    assert call["agent"] == "li" and [each["text"] for each in call["timeline"] if each["what"] == "queued"][-1].endswith("service")
    over(box, far, "s3")
    far = dial(box, "l2", "13930000005")
    late = box.until("another waits", lambda: box.get("/queues/cantonese")["waiting"])[0]["call"]
    assert "cannot take a call now" in box.post(f"/calls/{late}/take", {"agent": "wang"}, expect=409)["error"]
    box.post(f"/calls/{late}/take", {"agent": "li"})
    call = answered(box, "13930000005")
    assert call["agent"] == "li" and "admin ordered li to take this call now" in [each["text"] for each in call["timeline"]]
    over(box, far, "s3")


def test_who_presses_the_key_is_called_back_when_an_agent_is_there_and_both_hear_each_other(office: Box) -> None:
    box = office
    for seat in ("s3", "s4"):
        box.post(f"/seats/{seat}/pause", {"reason": "meal"})
    box.put("/exchange/phones/13930000006", {"answers_after_s": 0.5, "says": "tone:900"})
    line = box.line("l1")
    box.until("l1 is idle", lambda: box.line("l1")["state"] == "idle")
    box.dial(line["number"], caller="13930000006", keys="5")
    kept = box.until("his call-back is kept", lambda: box.get("/queues/service")["kept"])[0]
    assert (kept["caller"], kept["why"]) == ("13930000006", "kept_staff")
    first = next(call for call in box.get("/calls") if call["caller"] == "13930000006" and call["direction"] == "in")
    assert first["ended_by"] == "box" and first["timeline"][-1]["what"] in ("ended", "sealed")
    box.post("/seats/s3/resume")
    call = box.until("they talk", lambda: (got := box.get(f"/calls/{kept['call']}"))["answered_at"] and got)
    assert (call["direction"], call["agent"], call["state"]) == ("out", "li", "talking")
    happened = [each["what"] for each in call["timeline"]]
    assert happened.index("offered") < happened.index("dialled") < happened.index("picked_up") < happened.index("answered")
    far = box.until("the customer's end", lambda: box.leg_to("13930000006"))
    box.until("he hears the agent", lambda: tone_level(box.far_end(far["id"])["heard"], 700) > -40)
    leg = box.leg_to(str(box.seat("s3")["number"]))
    assert leg is not None
    box.until("and the agent him", lambda: tone_level(box.far_end(leg["id"])["heard"], 900) > -40)
    over(box, far["id"], "s3")
