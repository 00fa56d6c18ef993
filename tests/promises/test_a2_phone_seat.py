"""A2 A7 without a browser: a caller and an outside phone hear each other through the box, in both directions of dialect."""

import time
from datetime import datetime

import numpy as np
import pytest

from tests.support.box import Box, tone_level
from tests.support.seat_tones import level_dbfs, usual_level_dbfs

CALLER_HZ, AGENT_HZ = 620, 1130


def only_dial_through(box: Box, dialect: str, not_line: str) -> None:
    """The seat's leg can only go through a line of this dialect."""
    for line in box.get("/lines"):
        if line["id"] != not_line and line["dialect"] != dialect:
            box.post(f"/lines/{line['id']}/disable")


@pytest.mark.parametrize(("caller_on", "seat_through"), [("sim7600", "v253"), ("v253", "sim7600")])
def test_caller_and_phone_seat_hear_each_other_and_nothing_of_themselves(box: Box, caller_on: str, seat_through: str) -> None:
    line = box.of_dialect(caller_on)[0]
    seat = box.phone_seats()[0]
    only_dial_through(box, seat_through, line)
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 1, "says": f"tone:{AGENT_HZ}", "keys": "1"})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
    far = box.dial(box.line(line)["number"], says=f"tone:{CALLER_HZ}", caller="13911110001" if caller_on == "v253" else "13911110002")
    caller = box.far_end(far)["from"]
    call = box.until("the call answered", lambda: (found := box.call_from(caller)) and found["answered_at"] and found)
    assert call["line"] == line and call["offers"][-1]["outcome"] == "answered"
    leg = box.until("the seat's leg", lambda: box.leg_to(seat["number"]))
    assert leg["trunk"] in box.of_dialect(seat_through)

    def joined() -> bool:
        heard_by_caller, heard_by_agent = box.far_end(far)["heard"], box.far_end(leg["id"])["heard"]
        return tone_level(heard_by_caller, AGENT_HZ) > -25 and tone_level(heard_by_agent, CALLER_HZ) > -25

    box.until("both far ends hear each other", joined)
    box.until("two seconds recorded after the join", lambda: box.far_end(far)["connected_s"] > 0 and two_seconds_more(box, call["id"]))
    answered = datetime.fromisoformat(box.get(f"/calls/{call['id']}")["answered_at"]).timestamp()
    for name, hz in ((far, AGENT_HZ), (leg["id"], CALLER_HZ)):
        assert heard_from(box, name, hz) - answered < 2.0, "two seconds after the confirming key"
    rate, by_caller = box.wav(f"/exchange/calls/{far}/recording")
    _, by_agent = box.wav(f"/exchange/calls/{leg['id']}/recording")
    for heard, other_hz, own_hz in ((by_caller[-rate:, 0], AGENT_HZ, CALLER_HZ), (by_agent[-rate:, 0], CALLER_HZ, AGENT_HZ)):
        assert level_dbfs(heard, other_hz) - level_dbfs(heard, own_hz) > 30
        assert -19 < usual_level_dbfs(heard, other_hz) < -7  # sent at -13

    box.delete(f"/exchange/calls/{far}")
    ended = box.until("the call over and sealed", lambda: (got := box.get(f"/calls/{call['id']}"))["recording"]["sha256"] and got)
    assert ended["ended_by"] == "caller"
    rate, sound = box.wav(f"/calls/{call['id']}/recording")
    assert rate == 8000 and sound.shape[1] == 2
    joined_at = round((answered - datetime.fromisoformat(ended["picked_up_at"]).timestamp()) * rate) + rate // 2
    talk = sound[joined_at : joined_at + rate]  # before the hanging-up: an analog line gives busy tone after it
    left, right = talk[:, 0], talk[:, 1]
    assert level_dbfs(left, CALLER_HZ) - level_dbfs(right, CALLER_HZ) > 30
    assert level_dbfs(right, AGENT_HZ) - level_dbfs(left, AGENT_HZ) > 30
    assert abs(len(sound) / rate - ended["recording"]["seconds"]) < 0.01
    assert np.abs(left).max() > 1000


def heard_from(box: Box, far_end: str, hz: float) -> float:
    """When (Unix time) this far end first heard the tone, within 50 ms, counted back from what it has heard until now."""
    now, seconds = time.time(), box.far_end(far_end)["connected_s"]
    _, heard = box.wav(f"/exchange/calls/{far_end}/recording")
    frames = [at for at in range(0, len(heard) - 800, 400) if level_dbfs(heard[at : at + 800, 0], hz) > -25]
    return float(now - seconds + frames[0] / 8000)


def two_seconds_more(box: Box, call: str, marks: dict[str, float] = {}) -> bool:  # noqa: B006
    """True once two more seconds of this call were recorded than at the first asking."""
    seconds = box.get(f"/calls/{call}")["recording"]["seconds"]
    return bool(seconds - marks.setdefault(call, seconds) >= 2.0)


def test_no_echo_of_a_call_is_left_when_it_is_over(box: Box) -> None:
    """The line and the seat are as before: the next caller gets through the same way."""
    seat = box.phone_seats()[1]
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:900", "keys": "1"})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[1]["id"]})
    number = box.get("/lines")[0]["number"]
    for caller in ("13922220001", "13922220002"):
        far = box.dial(number, caller=caller, says="tone:500")
        call = box.until("answered", lambda who=caller: (found := box.call_from(who)) and found["answered_at"] and found)
        box.until("the caller hears the agent", lambda far=far: tone_level(box.far_end(far)["heard"], 900) > -25)
        box.delete(f"/exchange/calls/{far}")
        box.until("over", lambda call=call: box.get(f"/calls/{call['id']}")["ended_at"])
        box.post(f"/seats/{seat['id']}/resume")
        box.until("line idle", lambda: box.get("/lines")[0]["state"] == "idle")


def test_a_phone_seat_without_a_free_line_says_why_and_gets_no_offer(box: Box) -> None:
    first, *others = box.get("/lines")
    for line in others:
        box.post(f"/lines/{line['id']}/disable")
    seat = box.phone_seats()[0]
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
    box.dial(first["number"], caller="13933330001")
    call = box.until("picked up", lambda: (found := box.call_from("13933330001")) and found["picked_up_at"] and found)
    shown = box.until("why", lambda: box.seat(seat["id"]) if box.seat(seat["id"])["why"] else None)
    assert shown["state"] == "free" and shown["why"]
    assert box.get(f"/calls/{call['id']}")["offers"] == []
