"""A5: short messages on the page and through the interface, by right of role, in both languages."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from appliance.base.ids import LineId
from appliance.calls.commands import Answer
from appliance.events.line import TextStored
from appliance.messages.pdu import submits
from firmware_cfg.document import Template
from tests.appliance.messages.test_pdu import as_delivered
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]


def comes(office: WebOffice, text: str, sender: str = "13800138000") -> None:
    for index, pdu in enumerate(submits(sender, text, 3)):
        office.messages.publish([TextStored(at_ms=office.inside.now_ms, line=LineId("l1"), store="SM", index=index, pdu=as_delivered(pdu))])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_message_that_came_is_on_the_page_and_marked_as_read_and_markup_in_it_is_text(
    language: str, office: WebOffice, signed_in: As
) -> None:
    comes(office, "你好<script>alert(1)</script>😀")
    client = signed_in("boss")
    client.headers["accept-language"] = language
    shown = client.get("/messages").text
    assert "你好&lt;script&gt;" in shown and "😀" in shown and ("未读" if language == "zh-CN" else "new") in shown
    answer = client.post("/messages/m000001/read", data={"forgery": client.forgery()})
    assert answer.status_code == 200 and ("已读" if language == "zh-CN" else "read") in answer.text
    assert office.messages.one("m000001").read_by == "boss"  # type: ignore[union-attr]


def test_one_is_written_on_the_page_and_what_cannot_go_is_said(office: WebOffice, signed_in: As) -> None:
    client = signed_in("boss")
    forgery = client.forgery()
    assert client.post("/messages/write", data={"forgery": forgery, "to": "13800138000", "text": "单号8"}).status_code == 303
    assert "单号8" in client.get("/messages/live").text
    refused = client.post("/messages/write", data={"forgery": forgery, "to": "x", "text": "hi"})
    assert refused.status_code == 409 and "no number" in refused.text
    assert client.post("/messages/numbers/out", data={"forgery": forgery, "number": "13800138000"}).status_code == 303
    assert client.post("/messages/write", data={"forgery": forgery, "to": "13800138000", "text": "hi"}).status_code == 409


def test_the_interface_writes_reads_and_refuses(office: WebOffice, api: As) -> None:
    comes(office, "退订", sender="13900139000")
    client = api("boss")
    sent = client.post("/api/v1/messages", json={"to": "10086", "text": "hi"})
    assert sent.status_code == 201 and sent.json()["state"] == "waiting" and sent.json()["by"] == "boss"
    found = client.get("/api/v1/messages").json()
    assert [one["direction"] for one in found] == ["out", "in"] and found[1]["state"] == "new"
    assert [one["number"] for one in client.get("/api/v1/messages?direction=in").json()] == ["13900139000"]
    refused = client.post("/api/v1/messages", json={"to": "13900139000", "text": "hi"})
    assert refused.status_code == 409 and "13900139000" in refused.text
    assert client.post("/api/v1/messages/refusers", json={"number": "13900139000", "out": False}).json() == {}
    assert client.get("/api/v1/messages/m9").status_code == 404
    assert client.post("/api/v1/messages", json={"to": "10086", "text": "x" * 6000}).status_code == 422


def test_agents_see_no_messages_of_others(api: As, office: WebOffice) -> None:
    comes(office, "secret")
    client = api("li")
    assert client.get("/api/v1/messages").status_code == 403
    assert client.post("/api/v1/messages", json={"to": "10086", "text": "hi"}).status_code == 403


TEMPLATES = (
    Template(id="ticket", name="工单号", text="【{office}】工单号 {单号}"),
    Template(id="back", text="{agent}从 {line} 回电，队列{queue}"),
)


@pytest.fixture
def with_templates(office: WebOffice) -> WebOffice:
    office.document = replace(office.document, template=TEMPLATES)
    return office


def test_an_agent_sends_a_template_to_the_customer_of_his_call_and_to_nobody_else(with_templates: WebOffice, signed_in: As) -> None:
    office = with_templates
    office.inside.log_in("b1", "li")
    office.inside.ring("l1", "13912345678")
    office.inside.wait(1_000)
    office.inside.do(Answer, seat="b1")
    client = signed_in("li")
    forgery = client.get("/desk/b1").text.split('X-Forgery-Token": "')[1].split('"')[0]

    def send(**fields: str) -> str:
        return client.post("/desk/b1/message", data={"forgery": forgery, **fields}).text

    panel = client.get("/desk/b1/panel").text
    assert 'name="place.单号"' in panel and "place.office" not in panel and "place.agent" not in panel
    assert "{单号}" in send(template="ticket") and office.messages.newest() == []
    assert "A-17" in send(**{"template": "ticket", "place.单号": "A-17", "to": "13700000000", "text": "buy", "place.office": "Evil Inc"})
    send(template="back")
    assert [(one.number, one.text) for one in office.messages.newest()] == [
        ("13912345678", "李明从 13900000001 回电，队列客户服务"),
        ("13912345678", "【Seatbox】工单号 A-17"),
    ]
    assert client.post("/desk/b1/message", data={"forgery": forgery, "template": "none"}).status_code == 404
    office.inside.hang_up("l1")
    office.inside.wait(60_000)
    assert client.post("/desk/b1/message", data={"forgery": forgery, "template": "back"}).status_code == 404  # no call, no customer


def test_the_interface_fills_a_template(with_templates: WebOffice, api: As) -> None:
    client = api("boss")
    known = client.get("/api/v1/messages/templates").json()
    assert [(one["id"], one["name"], one["places"]) for one in known] == [("ticket", "工单号", ["单号"]), ("back", "back", [])]
    sent = client.post("/api/v1/messages", json={"to": "10086", "template": "ticket", "places": {"单号": "B-2"}})
    assert sent.status_code == 201 and sent.json()["text"] == "【Seatbox】工单号 B-2"
    assert client.post("/api/v1/messages", json={"to": "10086", "template": "ticket"}).status_code == 409
    assert client.post("/api/v1/messages", json={"to": "10086", "template": "ticket", "places": {"单号": "x" * 201}}).status_code == 409
    assert client.post("/api/v1/messages", json={"to": "10086", "template": "nothing"}).status_code == 404


def test_the_page_offers_templates_and_sends_none_with_a_place_left_open(with_templates: WebOffice, signed_in: As) -> None:
    client = signed_in("boss")
    page = client.get("/messages").text
    assert "【Seatbox】工单号 {单号}" in page
    refused = client.post("/messages/write", data={"forgery": client.forgery(), "to": "10086", "text": "【Seatbox】工单号 {单号}"})
    assert refused.status_code == 409 and "{单号}" in refused.text
