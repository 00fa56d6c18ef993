"""The page Queues and its calls of the interface (A3): who waits and why, who is next, a supervisor's orders; by right of role."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from appliance.calls.commands import Answer, Pause
from firmware_cfg.document import Queue
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]


@pytest.fixture
def call(office: WebOffice) -> str:
    """li, at b1, makes a pause; a caller waits in q, which li, wang, chen and boss serve; nobody serves r."""
    document = replace(office.document, queue=(*office.document.queue, Queue(id="r", name="投诉")))
    office.document = document
    office.inside._take(office.inside.switchboard.configure(document, office.inside.now_ms))
    office.inside.log_in("b1", "li")
    office.inside.do(Pause, seat="b1", reason="meal")
    return str(office.inside.ring("l1", "13912345678"))


def test_the_interface_says_who_waits_and_why(office: WebOffice, api: As, call: str) -> None:
    shown = api("boss").get("/api/v1/queues/q").json()
    assert shown["name"] == "客户服务" and shown["strategy"] == "longest-idle" and shown["each_s"] is None
    waiting = shown["waiting"][0]
    assert (waiting["call"], waiting["caller"], waiting["position"]) == (call, "13912345678", 1)
    assert [(each["why"], each["agents"]) for each in waiting["why"]] == [("paused", ["li"]), ("logged_out", ["wang", "chen", "boss"])]
    assert waiting["why"][0]["text"] == "paused"
    assert {each["agent"]: each["state"] for each in shown["staff"]}["li"] == "paused"


def test_the_preview_names_the_caller_an_agent_would_get(office: WebOffice, api: As, call: str) -> None:
    before = len(office.inside.facts)
    assert api("boss").get("/api/v1/queues/q/next").json() == [
        {
            "agent": "li", "name": "李明", "state": "paused", "call": call, "queue": "q", "position": 1, "why": "first",
            "text": "first in line", "passed_over": [],
        }
    ]  # fmt: skip
    assert len(office.inside.facts) == before and api("boss").get("/api/v1/queues/q/next?agent=wang").json() == []


def test_an_agent_sees_his_own_queues_with_masked_numbers(office: WebOffice, api: As, call: str) -> None:
    assert api("li").get("/api/v1/queues/q").json()["waiting"][0]["caller"] == "*******5678"
    for path in ("/api/v1/queues/r", "/api/v1/queues/r/next", "/api/v1/queues/x"):
        assert api("li").get(path).status_code == 404
    assert api("boss").get("/api/v1/queues/r").status_code == 200 and api("boss").get("/api/v1/queues/x/next").status_code == 404


def test_the_page_shows_it_in_words_and_both_languages(office: WebOffice, signed_in: As, call: str) -> None:
    client = signed_in("boss")
    page = client.get("/queues").text
    row = page.split(f'data-call="{call}"')[1].split("</tr>")[0]
    assert "13912345678" in row and "paused" in row and "李明" in row and "logged out" in row and "Orders" in row
    client.cookies.set("language", "zh_CN")
    row = client.get("/queues/live").text.split(f'data-call="{call}"')[1].split("</tr>")[0]
    assert "示忙或小休" in row and "未签入" in row
    assert "排在最前" in client.get("/queues/q/next").text


def test_an_agents_page_has_neither_numbers_nor_orders(office: WebOffice, signed_in: As, call: str) -> None:
    client = signed_in("li")
    page = client.get("/queues").text
    assert "13912345678" not in page and "*******5678" in page and "data-order" not in page and 'data-queue="r"' not in page
    assert "13912345678" not in client.get("/queues/q/next").text and client.get("/queues/r/next").status_code == 404


# --- orders


def test_a_supervisor_orders_and_the_calls_timeline_says_who(office: WebOffice, api: As, call: str) -> None:
    office.inside.log_in("b2", "chen")
    client = api("boss")
    assert office.inside.outcomes(call) == [("b2", None)]  # type: ignore[arg-type]
    withdrawn = client.post(f"/api/v1/calls/{call}/withdraw", json={"agent": "chen"})
    assert withdrawn.status_code == 200
    moved = client.post(f"/api/v1/calls/{call}/move", json={"queue": "r"}).json()
    assert moved["queue"] == "r" and "boss moved the caller to r" in [each["text"] for each in moved["timeline"]]
    taken = client.post(f"/api/v1/calls/{call}/take", json={"agent": "chen"}).json()
    assert [offer["outcome"] for offer in taken["offers"]][-1] is None
    office.inside.do(Answer, seat="b2")
    assert client.get(f"/api/v1/calls/{call}").json()["agent"] == "chen"
    assert [each for each in office.audited if each[1] in ("TakeNow", "Withdraw", "MoveCall")] == [
        ("boss", "Withdraw", call), ("boss", "MoveCall", call), ("boss", "TakeNow", call),
    ]  # fmt: skip


def test_what_cannot_be_is_one_clear_sentence(office: WebOffice, api: As, call: str) -> None:
    client = api("boss")
    answer = client.post(f"/api/v1/calls/{call}/take", json={"agent": "li"})
    assert answer.status_code == 409 and answer.json() == {"error": "李明 cannot take a call now: paused."}
    assert client.post(f"/api/v1/calls/{call}/take", json={"agent": "nobody"}).status_code == 404
    assert client.post(f"/api/v1/calls/{call}/move", json={"queue": "x"}).status_code == 404
    assert client.post(f"/api/v1/calls/{call}/move", json={}).status_code == 422
    assert client.post("/api/v1/calls/c999999/move", json={"queue": "r"}).status_code == 404


def test_an_agent_orders_nothing(office: WebOffice, client: Client, api: As, call: str) -> None:
    office.inside.log_in("b2", "wang")
    facts = len(office.inside.facts)
    for what, body in (("take", {"agent": "li"}), ("withdraw", {"agent": "wang"}), ("move", {"queue": "r"})):
        assert api("li").post(f"/api/v1/calls/{call}/{what}", json=body).status_code == 403
        assert client.post(f"/queues/calls/{call}/{what}", data={"to": "li"}).status_code == 403
    assert len(office.inside.facts) == facts and office.audited == []


def test_the_pages_buttons_order_and_a_refusal_is_shown_there(office: WebOffice, signed_in: As, call: str) -> None:
    client = signed_in("boss")
    office.inside.log_in("b2", "chen")
    assert f'data-order="{call}-withdraw-chen"' in client.get("/queues").text
    form = {"to": "r", "forgery": client.forgery()}
    page = client.post(f"/queues/calls/{call}/move", data=form).text
    assert f'data-call="{call}"' in page.split('data-queue="r"')[1]
    assert "waits in r already" in client.post(f"/queues/calls/{call}/move", data=form).text
    assert client.post(f"/queues/calls/{call}/dance", data=form).status_code == 404


def test_openapi_describes_preview_and_orders(api: As) -> None:
    paths = api("boss").get("/api/v1/openapi.json").json()["paths"]
    assert "would get if he were ready now" in paths["/queues/{id}/next"]["get"]["summary"]
    for what in ("take", "withdraw", "move"):
        assert paths[f"/calls/{{id}}/{what}"]["post"]["x-role"] == "supervisor"
