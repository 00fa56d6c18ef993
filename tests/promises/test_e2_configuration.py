"""E2: the configuration is read again without a restart; one with mistakes changes nothing and is said on the page."""

import html
import re
from pathlib import Path

import httpx

from tests.support.box import ROOT, Box, a_box

NEW_SEAT = '\n[[seat]]\nid = "s9"\nname = "New seat"\nkind = "phone"\nnumber = "13800000199"\n'


def a_config(folder: Path) -> Path:
    config = folder / "office.toml"
    config.write_text((ROOT / "firmware_cfg" / "demo.toml").read_text())
    return config


def test_a_changed_configuration_holds_without_a_restart_and_a_call_goes_on(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    with a_box(tmp_path / "state", config=config) as box:
        far = box.dial(box.get("/lines")[0]["number"], caller="13915150001")
        box.until("a waiting call", lambda: (got := box.call_from("13915150001")) and got["state"] == "queued")
        config.write_text(config.read_text() + NEW_SEAT)
        box.until("the new seat", lambda: [seat for seat in box.get("/seats") if seat["id"] == "s9"])
        box.put("/exchange/phones/13800000199", {"answers_after_s": 0.5, "keys": "1", "says": "tone:700"})
        box.post("/seats/s9/login", {"agent": box.get("/agents")[0]["id"]})
        call = box.until("the caller is answered there", lambda: (got := box.call_from("13915150001")) and got["answered_at"] and got)
        assert call["seat"] == "s9" and box.far_end(far)["state"] == "connected"
        text = config.read_text()
        config.write_text(text.replace('dialect = "v253"', 'dialect = "v235"'))
        alarm = box.until("an alarm", lambda: box.get("/health")["alarms"])
        assert "2" in alarm[0], "so many lines have that mistake"
        assert "line" in box.log() and "v253" in box.log(), "the log says where, and what would be right"
        assert len(box.get("/lines")) == 4 and box.far_end(far)["state"] == "connected"
        config.write_text(text)
        box.until("the alarm is gone", lambda: not box.get("/health")["alarms"])
        box.stop()
        assert "Traceback" not in box.log()


def test_a_line_that_is_taken_out_goes_and_one_that_is_put_in_comes(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    text = config.read_text()
    with a_box(tmp_path / "state", config=config) as box:
        assert line_ids(box) == ["l1", "l2", "l3", "l4"]
        start, end = text.index('[[line]]\nid = "l4"'), text.index("[[seat]]")
        config.write_text(text[:start] + text[end:])
        box.until("three lines", lambda: line_ids(box) == ["l1", "l2", "l3"])
        config.write_text(text)
        box.until("four lines", lambda: line_ids(box) == ["l1", "l2", "l3", "l4"] and box.line("l4")["state"] == "idle")
        box.stop()
        assert "Traceback" not in box.log()


def line_ids(box: Box) -> list[str]:
    return sorted(line["id"] for line in box.get("/lines"))


def test_the_administrator_changes_it_on_the_page_and_it_holds_at_once_and_after_a_restart(tmp_path: Path) -> None:
    with a_box(tmp_path / "state") as box:
        with httpx.Client(base_url=box.url) as admin:
            admin.post("/sign-in", data={"name": box.credentials["user"], "password": box.credentials["password"]})
            page = admin.get("/configuration").text
            text = html.unescape(field(page, r"<textarea[^>]*>\n(.*?)</textarea>")) + NEW_SEAT
            sent = {"was": (None, field(page, r'name="was" value="(\w+)"')), "text": (None, text)}
            token = {"x-forgery-token": field(page, r'X-Forgery-Token": "([^"]+)"')}
            answer = admin.post("/configuration/save", files=sent, headers=token)
        assert 'class="good"' in answer.text, answer.text
        box.until("the new seat", lambda: [seat for seat in box.get("/seats") if seat["id"] == "s9"])
        box.stop()
    with a_box(tmp_path / "state") as box:
        assert box.seat("s9")["name"] == "New seat"


def field(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, page
    return found[1]
