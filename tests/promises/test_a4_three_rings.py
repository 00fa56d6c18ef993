"""A4: an offer not answered within three rings goes to the next seat, and counts against the first, once."""

from datetime import datetime

from tests.support.box import Box


def test_an_unanswered_offer_goes_to_the_next_seat_after_three_rings(box: Box) -> None:
    first, second = box.phone_seats()
    agents = box.get("/agents")
    box.put(f"/exchange/phones/{first['number']}", {"answers_after_s": None})
    box.put(f"/exchange/phones/{second['number']}", {"answers_after_s": 1, "keys": "1", "says": "tone:700"})
    before = {agent["id"]: agent["missed"] for agent in agents}
    box.post(f"/seats/{first['id']}/login", {"agent": agents[0]["id"]})
    box.post(f"/seats/{second['id']}/login", {"agent": agents[1]["id"]})
    far = box.dial(box.get("/lines")[0]["number"], caller="13944440001")
    call = box.until("answered by the second", lambda: (got := box.call_from("13944440001")) and got["answered_at"] and got)
    assert [(offer["seat"], offer["outcome"]) for offer in call["offers"]] == [(first["id"], "no_answer"), (second["id"], "answered")]
    assert call["offers"][0]["rings"] == 3 and call["seat"] == second["id"] and call["agent"] == agents[1]["id"]
    began, next_began = (datetime.fromisoformat(offer["at"]) for offer in call["offers"])
    assert 14.9 < (next_began - began).total_seconds() < 25  # three rings from alerting, at the latest 4 s after dialling; a noisy machine
    missed = {agent["id"]: agent["missed"] - before[agent["id"]] for agent in box.get("/agents")}
    assert missed == {agent["id"]: int(agent["id"] == agents[0]["id"]) for agent in agents}
    box.delete(f"/exchange/calls/{far}")
