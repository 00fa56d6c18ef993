"""A10: what is tried to make a box dial at its owner's cost is refused, in the journal, an alarm. The fraudster has a telephone only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.box import ROOT, Box, a_box

CONFIG = """
[dialling]
per_minute = 3
all_per_day = 500
spend_per_day = 50.0
messages_per_day = 4
price = [{ begins = "", yuan = 0.15 }]
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Who waits may ask for a call-back; a busy telephone is tried again after a second; a line dials three times a minute."""
    folder = tmp_path_factory.mktemp("fraud")
    config = folder / "office.toml"  # beside the state
    queue = 'id = "service"\ncall_back_key = "5"\ncall_back_tries = 1\nbusy_rest_s = 1.0\n'
    config.write_text((ROOT / "firmware_cfg" / "demo.toml").read_text().replace('id = "service"\n', queue, 1) + CONFIG)
    with a_box(folder / "state", config=config) as box:
        yield box


@pytest.fixture
def box(office: Box) -> Box:
    office.quiet()
    return office


def dialled_out(box: Box) -> list[str]:
    """Whom the box has dialled, newest first."""
    own = {line["number"] for line in box.get("/lines")}
    return [call["to"] for call in box.get("/exchange/calls") if call["from"] in own]


def alarms(box: Box, words: str) -> list[str]:
    return [text for text in box.get("/health")["alarms"] if words in text]


def refused(state: Path) -> int:
    """Entries of refused numbers in the journal, as an auditor reads it beside the running box."""
    with closing(sqlite3.connect(f"file:{state / 'journal.db'}?mode=ro", uri=True)) as journal:
        return int(journal.execute("SELECT count(*) FROM entries WHERE kind = 'DialRefused'").fetchone()[0])


def test_keys_of_a_caller_dial_nothing(box: Box) -> None:
    """Breaking out by DTMF: prefixes of exchanges, an outside number, a line's number."""
    before = dialled_out(box)
    line, other = box.get("/lines")[:2]
    far = box.dial(line["number"], caller="13916160001", keys=f"9*0#{other['number']}")
    box.until("all keys pressed", lambda: box.far_end(far)["connected_s"] and box.far_end(far)["connected_s"] > 6)
    assert dialled_out(box) == before and box.far_end(far)["state"] in ("connected", "ended")


@pytest.mark.parametrize(("caller", "words"), [("17951008521234567", "another country"), ("+8616812345", "by its beginning")])
def test_a_call_back_to_another_country_or_to_a_charged_service_is_refused_in_the_journal_and_an_alarm(
    box: Box, caller: str, words: str
) -> None:
    """The number shown is the caller's own word."""
    entries = refused(box.state)
    box.dial(box.line("l1")["number"], caller=caller, keys="5")
    box.until("his call-back is kept", lambda: [one for one in box.get("/queues/service")["kept"] if one["caller"] == caller])
    seat = box.phone_seats()[0]
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
    box.until("an alarm", lambda: alarms(box, words))
    assert caller not in dialled_out(box)
    box.until("it is in the journal", lambda: refused(box.state) > entries)


def test_an_agent_passes_no_call_abroad_or_to_a_charged_service(box: Box) -> None:
    seat = box.phone_seats()[0]
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
    box.dial(box.line("l1")["number"], caller="13916160002")
    box.until("they talk", lambda: box.seat(seat["id"])["state"] == "talking")
    for number, kind in (("0085212345678", "blind"), ("16812345", "consult")):
        answer = box.http.post(f"/seats/{seat['id']}/transfer", json={"to": number, "kind": kind})
        assert answer.status_code == 409 and number in answer.json()["error"]
        assert number not in dialled_out(box)
    assert box.seat(seat["id"])["state"] == "talking"


@pytest.mark.parametrize("number", ["0085212345678", "16812345", "+8616812345"])
def test_no_message_goes_abroad_or_to_a_charged_service(box: Box, number: str) -> None:
    answer = box.http.post("/messages", json={"to": number, "text": "hi"})
    assert answer.status_code == 409 and number in answer.json()["error"] and box.get("/messages") == []


def test_a_storm_of_messages_ends_at_the_days_cap_with_an_alarm(box: Box) -> None:
    for one in range(4):
        box.post("/messages", {"to": f"1390013900{one}", "text": "hi"})
    assert not alarms(box, "short messages")
    answer = box.post("/messages", {"to": "13900139009", "text": "hi"}, expect=409)
    assert "messages_per_day" in answer["error"]
    box.until("an alarm", lambda: alarms(box, "more than 4 parts of short messages"))
    box.until("four went", lambda: [one["state"] for one in box.get("/messages?direction=out")] == ["delivered"] * 4)


def test_a_storm_of_dialling_ends_at_the_cap_of_the_line_with_an_alarm(box: Box) -> None:
    """Somebody rings on and on at a seat whose telephone is busy: each offer would cost a call."""
    seat = box.phone_seats()[1]
    for line in ("l3", "l4"):
        box.post(f"/lines/{line}/disable")
    box.put(f"/exchange/phones/{seat['number']}", {"busy": True})
    box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[1]["id"]})
    box.dial(box.line("l1")["number"], caller="13916160003")
    box.until("an alarm", lambda: alarms(box, "times within a minute"))
    assert dialled_out(box).count(seat["number"]) <= 3
    assert refused(box.state) > 0


def used(box: Box) -> dict[str, float]:
    """Today's use of the office's caps."""
    return {cap["what"]: cap["used"] for cap in box.get("/lines/caps") if cap["of"] == "office"}


def test_a_killed_box_knows_at_its_start_what_today_has_cost_and_its_cap_holds(box: Box) -> None:
    before = used(box)
    assert before["per_day"] >= 2 and before["spend_per_day"] >= 0.15, "what the tests above have dialled"
    config = box.state.parent / "office.toml"
    config.write_text(config.read_text().replace("all_per_day = 500", f"all_per_day = {before['per_day']:.0f}"))
    box.kill()
    with a_box(box.state, config=config) as again:
        assert used(again) == before
        seat = again.phone_seats()[0]
        again.post(f"/seats/{seat['id']}/login", {"agent": again.get("/agents")[0]["id"]})
        again.until("its lines are there", lambda: all(line["state"] == "idle" for line in again.get("/lines")))
        dialled = dialled_out(again)
        again.dial(again.line("l1")["number"], caller="13916160004")
        again.until("an alarm", lambda: alarms(again, "all lines together dialled"))
        assert dialled_out(again) == dialled and used(again) == before
