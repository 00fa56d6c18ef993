"""Recordings on the page and through the interface: found, seen, heard by right of role, proven, deleted by two (A7)."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlencode

import pytest

from appliance.web.hearing import Listenings
from tests.support.store_custody import DAY_MS
from tests.support.web_client import Client
from tests.support.web_office import PASSWORDS, TOKENS
from tests.support.web_records import RecordsOffice

V1 = "/api/v1"
PROGRAM = Path(__file__).parents[3] / "docs" / "prove_recording.py"


@pytest.fixture
def office(tmp_path: Path, hashed_accounts: Path) -> Iterator[RecordsOffice]:
    copyfile(hashed_accounts, tmp_path / "accounts.json")
    office = RecordsOffice(tmp_path)
    office.talks("c1", "li", "b1", "13900000011", pause=True)
    office.talks("c2", "wang", "b2", "13900000022", seconds=2)
    yield office
    office.close()


Api = Callable[..., Client]


def ids(answer: object) -> list[str]:
    return [each["call"] for each in answer]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["c2", "c1"]),
        ({"caller": "0011"}, ["c1"]),
        ({"agent": "wang"}, ["c2"]),
        ({"queue": "q", "min_s": "5"}, ["c1"]),
        ({"max_s": "5"}, ["c2"]),
        ({"mark": "held"}, ["c1"]),
        ({"mark": "paused"}, ["c1"]),
        ({"mark": "exemplary"}, []),
        ({"since": "2100-01-01"}, []),
        ({"until": "2100-01-01", "limit": "1"}, ["c2"]),
    ],
)
def test_recordings_are_found_by_number_agent_queue_day_length_and_marks(
    office: RecordsOffice, api: Api, asked: dict[str, str], found: list[str]
) -> None:
    assert ids(api("boss").get(f"{V1}/recordings?{urlencode(asked)}").json()) == found


@pytest.mark.parametrize(
    "asked", ["since=never", "min_s=-1", "mark=nonsense", "limit=x", "max_s=nan", "before=a", "since=9999-12-31&until=9999-12-31"]
)
def test_a_search_for_nonsense_is_one_sentence(office: RecordsOffice, api: Api, asked: str) -> None:
    answer = api("boss").get(f"{V1}/recordings?{asked}")
    assert answer.status_code == 422 and "error" in answer.json()


def test_an_agent_finds_his_own_recordings_only(office: RecordsOffice, api: Api) -> None:
    assert ids(api("li").get(f"{V1}/recordings").json()) == ["c1"]
    assert ids(api("li").get(f"{V1}/recordings?agent=wang").json()) == ["c1"]
    for path in ("recording", "waveform", "proof", "listenings"):
        assert api("li").get(f"{V1}/calls/c2/{path}").status_code in (403, 404)


def test_the_waveform_shows_both_channels_and_what_happened_when(office: RecordsOffice, api: Api) -> None:
    wave = api("li").get(f"{V1}/calls/c1/waveform").json()
    assert wave["seconds"] == pytest.approx(11.0)
    assert len(wave["left"]) == len(wave["right"]) <= 1000

    def top(side: str, begin: float, end: float) -> int:
        column = len(wave[side]) / wave["seconds"]
        return max(wave[side][int(begin * column) : int(end * column)])

    assert top("left", 1.2, 3.8) == pytest.approx(500, abs=10) and top("right", 1.2, 3.8) == pytest.approx(300, abs=10)
    assert top("right", 0.1, 0.9) == 0
    assert top("left", 6.3, 7.9) == top("right", 6.3, 7.9) == 0  # the pause
    assert top("right", 8.3, 10.9) == pytest.approx(600, abs=10)
    spans = {mark["what"]: (mark["at_s"], mark["until_s"]) for mark in wave["marks"]}
    assert spans["held"] == (4.0, 6.0) and spans["hushed"] == (6.0, 8.0) and spans["queued"] == (0.0, 1.0)
    assert spans["answered"] == (1.0, None)


def test_each_listening_is_journalled_once_however_many_parts_the_player_asks_for(office: RecordsOffice, api: Api) -> None:
    box = api("li")
    box.get(f"{V1}/calls/c1/waveform")
    box.request("HEAD", f"{V1}/calls/c1/recording")
    for part in ("bytes=0-", "bytes=44-", "bytes=100000-", "bytes=5000-9000"):
        box.get(f"{V1}/calls/c1/recording", headers={"range": part})
    api("boss").get(f"{V1}/calls/c1/recording")
    heard = api("boss").get(f"{V1}/calls/c1/listenings").json()
    assert [each["by"] for each in heard] == ["boss", "li", "li"]  # twice from the begin, and parts of that


def test_who_begins_in_the_midst_of_a_recording_listens_too() -> None:
    listenings = Listenings()
    assert listenings.begins("li", "c1", 50_000, 0.0)
    assert not listenings.begins("li", "c1", 90_000, 5.0)
    assert listenings.begins("li", "c2", 90_000, 5.0) and listenings.begins("wang", "c1", 90_000, 5.0)
    assert listenings.begins("li", "c1", 90_000, 700.0)


def test_an_exemplary_call_is_for_everybody_to_hear_with_the_callers_number_masked(office: RecordsOffice, api: Api) -> None:
    assert api("li").post(f"{V1}/calls/c2/exemplary", json={"reason": "x"}).status_code == 403
    assert api("boss").post(f"{V1}/calls/c2/exemplary", json={"reason": ""}).status_code == 409
    assert api("boss").post(f"{V1}/calls/none/exemplary", json={"reason": "x"}).status_code == 404
    marked = api("boss").post(f"{V1}/calls/c2/exemplary", json={"reason": "calm and clear"})
    assert marked.status_code == 200 and marked.json()["exemplary"]["reason"] == "calm and clear"
    (entry,) = api("li").get(f"{V1}/library").json()
    assert entry["call"] == "c2" and entry["caller"] == "*******0022" and entry["exemplary"]["by"] == "boss"
    assert api("li").get(f"{V1}/calls/c2/recording").status_code == 200
    assert api("li").get(f"{V1}/calls/c2/waveform").status_code == 200
    assert "13900000022" not in api("li").get(f"{V1}/calls/c2/waveform").text + api("li").get("/recordings/library?play=c2").text
    assert api("li").get(f"{V1}/calls/c2").status_code == 404
    api("boss").post(f"{V1}/calls/c2/exemplary", json={"reason": ""})
    assert api("li").get(f"{V1}/library").json() == [] and api("li").get(f"{V1}/calls/c2/recording").status_code == 404


def test_a_head_is_printed_and_a_recording_is_proven_from_what_the_interface_gives(office: RecordsOffice, api: Api, tmp_path: Path) -> None:
    assert api("boss").get(f"{V1}/calls/c1/proof").status_code == 409  # no head yet
    assert api("boss").post(f"{V1}/heads").status_code == 403
    head = api("admin").post(f"{V1}/heads")
    assert head.status_code == 201 and head.json()["recordings"] == 2
    assert api("boss").get(f"{V1}/heads").json()[0] == head.json()
    (tmp_path / "c1.wav").write_bytes(api("boss").get(f"{V1}/calls/c1/recording").content)
    (tmp_path / "c1.json").write_text(json.dumps(api("boss").get(f"{V1}/calls/c1/proof").json()))
    command = [sys.executable, str(PROGRAM), str(tmp_path / "c1.wav"), str(tmp_path / "c1.json"), head.json()["hash"]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "call c1 is what was recorded\n"), done.stderr


def test_calls_and_recordings_are_held_against_each_other(office: RecordsOffice, api: Api) -> None:
    day = api("boss").get(f"{V1}/recordings").json()[0]["at"][:10]
    assert api("boss").get(f"{V1}/reconciliation?day={day}").status_code == 403
    assert api("admin").get(f"{V1}/reconciliation?day={day}").json() == {"day": day, "differences": []}
    office.custody.recording_of("c2").unlink()
    assert api("admin").get(f"{V1}/reconciliation?day={day}").json()["differences"][0]["about"] == "c2"
    assert api("admin").get(f"{V1}/reconciliation?day=yesterday").status_code == 422


def test_two_accounts_delete_what_the_policy_lets_go(office: RecordsOffice, api: Api) -> None:
    office.custody.clock.wait(31 * DAY_MS)
    assert api("li").get(f"{V1}/deletions").status_code == 403
    assert api("boss").post(f"{V1}/deletions", json={"why": "x", "before": "soon"}).status_code == 422
    made = api("boss").post(f"{V1}/deletions", json={"why": "30 days are over"})
    assert made.status_code == 201 and made.json()["recordings"] == 2
    name = made.json()["id"]
    refused = api("boss").post(f"{V1}/deletions/{name}/agree")
    assert refused.status_code == 409 and "Two different people" in refused.json()["error"]
    assert api("admin").post(f"{V1}/deletions/{name}/agree").json()["state"] == "agreed"
    office.custody.keeper.turn()
    office.custody.settle()
    assert [each["deleted"] for each in api("boss").get(f"{V1}/recordings").json()] == [name, name]
    assert api("boss").get(f"{V1}/calls/c1/recording").status_code == 404
    assert api("boss").get(f"{V1}/deletions").json()[0]["agreed_by"] == "admin"


def test_no_way_of_the_interface_deletes_or_alters_a_recording(office: RecordsOffice, api: Api) -> None:
    for method in ("DELETE", "PUT", "PATCH"):
        for path in ("/calls/c1/recording", "/recordings/c1", "/calls/c1", "/recordings"):
            assert api("admin").request(method, f"{V1}{path}").status_code in (404, 405)


def test_the_pages_show_search_player_library_and_retention(office: RecordsOffice, client: Client) -> None:
    client.post("/sign-in", data={"name": "boss", "password": PASSWORDS["boss"]})
    assert 'data-recording="c1"' in client.get("/recordings").text
    assert 'data-recording="c1"' not in client.get("/recordings?agent=wang").text
    page = client.get("/calls/c1").text
    assert "data-player" in page and "/api/v1/calls/c1/proof" in page
    forgery = client.forgery()
    assert client.post("/recordings/c1/exemplary", data={"reason": "patient"}).status_code == 403
    assert client.post("/recordings/c1/exemplary", data={"reason": "patient", "forgery": forgery}).status_code == 303
    assert "patient" in client.get("/recordings/library").text
    assert "data-player" in client.get("/recordings/library?play=c1").text
    assert 'id="reconciliation"' not in client.get("/records").text  # an administrator's
    office.custody.clock.wait(31 * DAY_MS)
    assert client.post("/records/deletions", data={"why": "old", "forgery": forgery}).status_code == 303
    proposed = client.get("/records").text
    assert 'data-proposal="d1"' in proposed and "/records/deletions/d1/agree" not in proposed
    assert client.post("/records/deletions/d1/agree", data={"forgery": forgery}).status_code == 409
    assert client.post("/records/deletions/d1/withdraw", data={"forgery": forgery}).status_code == 303
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"
    client.cookies.clear()
    assert client.get("/records").status_code == 403
