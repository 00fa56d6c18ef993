"""A prompt spoken at a seat, through the interface and on the page: the administrator alone, one clear line where it cannot be (A5)."""

from collections.abc import Callable

import numpy as np
import pytest

from appliance.flow.sounds import PEAK
from tests.support.audio_sounds import tone
from tests.support.web_client import Client
from tests.support.web_office import PASSWORDS, WebOffice

V1 = "/api/v1"
TAKE = f"{V1}/prompts/welcome/zh_CN/take"
Api = Callable[..., Client]


@pytest.fixture(autouse=True)
def at_work(office: WebOffice) -> None:
    """Li sits at b1, and whoever is recorded says a second of 700 Hz."""
    office.inside.log_in("b1", "li")
    office.inside.ears.said = lambda place: tone(700, 8000, 1500)


def test_it_is_begun_recorded_heard_and_accepted(office: WebOffice, api: Api) -> None:
    admin = api("admin")
    assert admin.get(TAKE).status_code == 404
    begun = admin.post(TAKE, json={"seat": "b1"})
    assert begun.status_code == 200 and begun.json() == {
        "name": "welcome", "language": "zh_CN", "seat": "b1", "agent": "li", "by": "admin", "state": "ready", "seconds": 0.0,
    }  # fmt: skip
    assert admin.get(f"{V1}/seats").json()[0]["state"] == "paused"
    assert admin.post(f"{TAKE}/accept").json()["error"] == "Nothing is recorded yet."
    assert admin.post(f"{TAKE}/record").json()["state"] == "recording"
    assert admin.post(f"{TAKE}/accept").json()["error"] == "Nothing is recorded yet."
    stopped = admin.post(f"{TAKE}/stop").json()
    assert stopped["state"] == "recorded" and stopped["seconds"] == pytest.approx(1.0, abs=0.02)
    assert admin.post(f"{TAKE}/listen").json()["state"] == "recorded" and office.inside.ears.heard_takes == ["seat:b1"]
    assert admin.get(f"{V1}/prompts").json() == []
    accepted = admin.post(f"{TAKE}/accept")
    assert accepted.status_code == 200
    assert {name: accepted.json()[name] for name in ("source", "by", "seat", "agent")} == {
        "source": "seat", "by": "admin", "seat": "b1", "agent": "li",
    }  # fmt: skip
    assert np.abs(office.sounds["prompt:welcome:zh_CN"].astype(int)).max() == pytest.approx(PEAK, rel=0.01)
    assert admin.get(TAKE).status_code == 404 and office.inside.states["b1"] == "free"
    done = [what for who, what, about in office.audited if (who, about) == ("admin", "b1")]
    assert done == ["BeginTake", "RecordTake", "StopTake", "HearTake", "EndTake"]


def test_discarded_nothing_is_kept(office: WebOffice, api: Api) -> None:
    admin = api("admin")
    admin.post(TAKE, json={"seat": "b1"})
    admin.post(f"{TAKE}/record")
    admin.post(f"{TAKE}/stop")
    assert admin.delete(TAKE).status_code == 200
    assert admin.get(f"{V1}/prompts").json() == [] and office.inside.states["b1"] == "free"
    assert not office.inside.ears.kept and admin.delete(TAKE).status_code == 404


def test_nobody_but_the_administrator_may_and_nothing_happens(office: WebOffice, api: Api) -> None:
    calls = [("GET", ""), ("POST", ""), ("POST", "/record"), ("POST", "/stop"), ("POST", "/listen"), ("POST", "/accept"), ("DELETE", "")]
    for open_already in (False, True):
        if open_already:
            assert api("admin").post(TAKE, json={"seat": "b1"}).status_code == 200
        before = (office.inside.states, list(office.audited))
        for person in ("li", "boss"):
            for method, word in calls:
                body = {"json": {"seat": "b1"}} if (method, word) == ("POST", "") else {}
                assert api(person).request(method, f"{TAKE}{word}", **body).status_code == 403
            assert api(person).post("/prompts/welcome/zh_CN/take/record").status_code == 403
            assert api(person).get("/prompts/welcome/zh_CN/take").status_code == 403
        assert (office.inside.states, office.audited) == before


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"seat": "b2"}, 409, "Nobody is logged in at seat b2."),
        ({"seat": "p1"}, 409, "Seat p1 is not free (it is paused)."),
        ({"seat": "x9"}, 404, ""),
        ({}, 422, ""),
        ({"seat": ""}, 422, ""),
        ({"seat": "b1", "more": 1}, 422, ""),
    ],
)
def test_what_cannot_be_is_one_clear_line(office: WebOffice, api: Api, body: dict[str, object], status: int, says: str) -> None:
    office.inside.log_in("p1", "wang")
    api("admin").post(f"{V1}/seats/p1/pause", json={"reason": "busy"})
    answer = api("admin").post(TAKE, json=body)
    assert answer.status_code == status and "\n" not in answer.json()["error"]
    assert says in answer.json()["error"]


@pytest.mark.parametrize("path", ["welcome/fr", "We..come/en", "%2e%2e%2fx/en"])
def test_no_seat_is_taken_for_what_cannot_be_a_prompt(office: WebOffice, api: Api, path: str) -> None:
    assert api("admin").post(f"{V1}/prompts/{path}/take", json={"seat": "b1"}).status_code == 404
    assert office.inside.states["b1"] == "free"


def test_where_nobody_spoke_it_is_said_and_can_be_recorded_again(office: WebOffice, api: Api) -> None:
    admin = api("admin")
    admin.post(TAKE, json={"seat": "b1"})
    admin.post(f"{TAKE}/record")
    office.inside.ears.said = lambda place: np.zeros(8000, np.int16)
    silent = admin.post(f"{TAKE}/stop")
    assert silent.status_code == 409 and silent.json()["error"] == "Nobody was to be heard: record it once more."
    assert admin.get(TAKE).json()["state"] == "ready"
    assert admin.post(f"{TAKE}/record").status_code == 200


def test_the_page_names_the_seats_refuses_a_busy_one_in_one_line_and_says_why_a_take_ended(office: WebOffice, client: Client) -> None:
    client.post("/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]})
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}
    page = "/prompts/welcome/zh_CN/take"
    assert "一号坐席 · 李明 · " in client.get("/prompts").text
    office.inside.ring("l1")
    busy = client.post(f"{page}/begin", data={"seat": "b1"}, headers=token).text
    assert "Seat b1 is not free (it is ringing)." in busy and 'role="alert"' in busy
    office.inside.hang_up("l1")
    assert client.post(f"{page}/begin", data={"seat": "b1"}).status_code == 403, "without the session's token"
    assert 'data-take="ready"' in client.post(f"{page}/begin", data={"seat": "b1"}, headers=token).text
    assert client.get(f"{page}?is=ready").status_code == 204
    assert 'data-take="ready"' in client.get(f"{page}?is=ringing").text
    office.inside.pages.clear()
    office.inside.wait(4_000)
    gone = client.get(f"{page}?is=ready").text
    assert "The seat is gone: nothing was kept." in gone and "every 1s" not in gone
    assert client.post(f"{page}/record", headers=token).status_code == 200
    assert client.post(f"{page}/nonsense", headers=token).status_code == 404
