"""The page "What if" (A3 E4): for the administrator alone, on a past day's callers or drawn ones, in both languages, wrong fields named."""

import re
from collections.abc import Callable

import pytest

from appliance.calls.commands import Answer
from tests.appliance.web.test_pages import look
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]


def compared(client: Client, **fields: str) -> str:
    token = re.search(r'name="forgery" value="([^"]+)"', client.get("/simulate").text)
    assert token is not None
    answer = client.post("/simulate", data={"forgery": token[1], **fields})
    assert answer.status_code == int(fields.get("expect", 200)), answer.text
    look(answer.text)
    return answer.text


def figures(text: str) -> dict[str, tuple[str, str]]:
    rows = re.findall(r'data-figure="(\w+)".*?<td class="num"[^>]*>(.*?)</td><td class="num"[^>]*>(.*?)</td>', text, re.DOTALL)
    return {name: (now, then) for name, now, then in rows}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_drawn_callers_are_compared_in_figures_and_a_chart(language: str, signed_in: As) -> None:
    client = signed_in()
    client.headers["accept-language"] = language
    text = compared(client, source="drawn", per_hour="30", talk_s="120", agents="8", strategy="fewest-calls")
    assert text.count("<svg") == 1
    found = figures(text)
    assert float(found["occupancy"][0].split()[0]) > float(found["occupancy"][1].split()[0]) > 0
    assert found["arrivals"][0] == found["arrivals"][1]


def test_yesterdays_callers_are_run_again(office: WebOffice, signed_in: As) -> None:
    inside = office.inside
    inside.log_in("b1", "li")
    for _ in range(3):
        inside.ring("l1", "13912345678")
        inside.do(Answer, seat="b1")
        inside.wait(30_000)
        inside.hang_up("l1")
        inside.wait(15_000)
    day = re.search(r'name="day" type="date" value="([^"]+)"', signed_in().get("/simulate").text)
    assert day is not None
    inside.wait(24 * 3600 * 1000)
    text = compared(signed_in(), agents="1")
    assert figures(text)["arrivals"] == ("3", "3")
    text = compared(signed_in(), day="1999-01-01")
    assert "No caller of a queue is known of 1999-01-01" in text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("agents", "-1", "People at work"),
        ("agents", "many", "People at work"),
        ("agents", "10000000", "People at work"),
        ("per_hour", "nan", "Callers an hour"),
        ("strategy", "shortest", "Who is offered"),
        ("day", "yesterday", "Day"),
        ("source", "stars", "Which callers"),
        ("wrap_up_s", "-5", "Seconds of wrap-up"),
    ],
)
def test_a_field_that_cannot_be_is_named_and_nothing_is_run(field: str, value: str, words: str, signed_in: As) -> None:
    text = compared(signed_in(), **{"source": "drawn", "expect": "422", field: value})
    assert re.search(r'role="alert">This cannot be simulated; look at: ' + words, text)
    assert "<svg" not in text


def test_too_few_agents_for_patient_callers_are_said_to_be_an_overload(signed_in: As) -> None:
    text = compared(signed_in(), source="drawn", per_hour="60", talk_s="120", agents="1")
    assert "Candidate: more callers than the agents can serve" in text
    assert figures(text)["mean_wait_s"][1] == "–"


def test_it_is_the_administrators_and_needs_the_sessions_token(signed_in: As) -> None:
    boss = signed_in("boss")
    assert boss.get("/simulate").status_code == 403
    assert "/simulate" not in boss.get("/").text
    admin = signed_in("admin")
    assert 'href="/simulate"' in admin.get("/").text
    assert admin.post("/simulate", data={"source": "drawn"}).status_code == 403
