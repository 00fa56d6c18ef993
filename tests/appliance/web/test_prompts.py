"""Prompts on the page and through the interface: spoken from text, uploaded, taken away, by the administrator alone (A5)."""

from collections.abc import Callable

import pytest

from tests.appliance.flow.test_prompts import tone_file
from tests.support.web_client import Client
from tests.support.web_office import PASSWORDS, WebOffice

V1 = "/api/v1"
Api = Callable[..., Client]


def test_text_is_spoken_and_a_file_is_taken_as_the_line_wants_it(office: WebOffice, api: Api) -> None:
    said = api("admin").put(f"{V1}/prompts/welcome/en", json={"text": "Welcome."})
    assert said.status_code == 200 and said.json()["source"] == "text" and said.json()["by"] == "admin"
    sent = api("admin").put(f"{V1}/prompts/hold/zh_CN", content=tone_file(44_100, "MP3"), headers={"content-type": "audio/mpeg"})
    assert sent.status_code == 200 and sent.json()["seconds"] == pytest.approx(1.0, abs=0.1)
    assert {each["id"] for each in api("boss").get(f"{V1}/prompts").json()} == {"welcome.en", "hold.zh_CN"}
    wav = api("boss").get(f"{V1}/prompts/hold/zh_CN")
    assert wav.headers["content-type"] == "audio/wav" and wav.content[:4] == b"RIFF" and wav.content[24:28] == (8000).to_bytes(4, "little")
    assert {"prompt:welcome:en", "hold"} <= set(office.sounds)
    assert api("admin").delete(f"{V1}/prompts/hold/zh_CN").status_code == 200
    assert api("admin").delete(f"{V1}/prompts/hold/zh_CN").status_code == 404


def test_only_the_administrator_sets_them(office: WebOffice, api: Api) -> None:
    for person, status in (("li", 403), ("boss", 403)):
        assert api(person).put(f"{V1}/prompts/welcome/en", json={"text": "x"}).status_code == status
        assert api(person).delete(f"{V1}/prompts/welcome/en").status_code == status
        assert api(person).get("/prompts").status_code == status
    assert api("li").get(f"{V1}/prompts").status_code == 403


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("welcome/en", {"json": {"text": ""}}, 422),
        ("welcome/en", {"json": {"words": "x"}}, 422),
        ("welcome/fr", {"json": {"text": "x"}}, 404),
        ("We..come/en", {"json": {"text": "x"}}, 404),
        ("hold/en", {"content": b"no sound", "headers": {"content-type": "audio/wav"}}, 409),
        ("hold/en", {"content": b"", "headers": {"content-type": "audio/wav"}}, 409),
    ],
)
def test_what_cannot_be_is_one_sentence(office: WebOffice, api: Api, path: str, more: dict[str, object], status: int) -> None:
    answer = api("admin").put(f"{V1}/prompts/{path}", **more)
    assert answer.status_code == status and answer.json()["error"]


def test_the_page_takes_a_file_and_says_what_is_wrong_with_one(office: WebOffice, client: Client) -> None:
    client.post("/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]})
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}
    wrong = client.post("/prompts/hold/en", files={"file": ("x.wav", b"nonsense")}, headers=token)
    assert "cannot be read as sound" in wrong.text
    assert client.post("/prompts/hold/en", files={"file": ("x.wav", tone_file())}).status_code == 403  # without the session's token
    done = client.post("/prompts/hold/en", files={"file": ("music.flac", tone_file(kind="FLAC"))}, headers=token)
    assert done.headers["hx-redirect"] == "/prompts"
    assert "music.flac" in client.get("/prompts").text
    assert client.post("/prompts/hold/en", data={"away": "1"}, headers=token).headers["hx-redirect"] == "/prompts"
    assert "music.flac" not in client.get("/prompts").text
