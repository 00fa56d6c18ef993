"""The second call on the desk and in the API (A2 A9): who waits, the key that takes it, the way back."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from appliance.calls.commands import Answer
from tests.support.web_office import WebOffice

As = Callable[..., Any]


def consulted(office: WebOffice) -> None:
    """li at b1 and wang at b2 talk with a customer each; wang asks li."""
    live = office.inside.switchboard.live
    seats = tuple(replace(seat, second_call=True) for seat in live.document.seat)
    office.document = replace(live.document, seat=seats)
    office.inside._take(office.inside.switchboard.configure(office.document, office.inside.now_ms))
    for line, seat, agent, caller in (("l1", "b1", "li", "13911110001"), ("l2", "b2", "wang", "13911110002")):
        office.inside.log_in(seat, agent)
        office.inside.ring(line, caller)
        office.inside.do(Answer, seat=seat)


def test_the_desk_shows_who_waits_takes_him_with_f2_and_goes_back_with_f6(office: WebOffice, api: As) -> None:
    consulted(office)
    other = api("wang")
    assert "In a talk (waits there)" in other.get("/desk/b2/panel").text
    assert other.post("/desk/b2/do/consult", data={"to": "b1", "number": ""}, headers={"hx-request": "true"}).status_code == 200
    client = api("li")
    shown = client.get("/desk/b1/panel").text
    assert 'data-second="c000002"' in shown and "13911110002" in shown and "Hold and take it" in shown
    shown = client.post("/desk/b1/do/answer", headers={"hx-request": "true"}).text
    assert 'data-held-call="c000001"' in shown and "13911110001" in shown and 'data-key="F6"' in shown
    assert office.inside.ears.hearing["seat:b1"] == {"seat:b2"}
    shown = client.post("/desk/b1/do/swap", headers={"hx-request": "true"}).text
    assert 'data-held-call="c000002"' in shown and office.inside.ears.hearing["seat:b1"] == {"line:l1"}


def test_the_api_names_both_calls_and_goes_between_them(office: WebOffice, api: As) -> None:
    consulted(office)
    client = api("admin")
    assert client.post("/api/v1/seats/b2/transfer", json={"to": "b1", "kind": "consult"}).json()["waiting_call"] is None
    seat = next(seat for seat in client.get("/api/v1/seats").json() if seat["id"] == "b1")
    assert (seat["call"], seat["waiting_call"], seat["held_call"]) == ("c000001", "c000002", None)
    seat = client.post("/api/v1/seats/b1/answer").json()
    assert (seat["call"], seat["waiting_call"], seat["held_call"]) == ("c000002", None, "c000001")
    seat = client.post("/api/v1/seats/b1/swap").json()
    assert (seat["call"], seat["held_call"], seat["state"]) == ("c000001", "c000002", "talking")
    client.post("/api/v1/seats/b2/hang-up")
    assert client.post("/api/v1/seats/b1/swap").status_code == 409
