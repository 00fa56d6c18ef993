"""The day's head leaves the box by short message (A7): each day once, whatever restarts come between."""

import time
from pathlib import Path

from tests.support.box import ROOT, Box, a_box, command
from tests.support.store_clock import HandClock
from tests.support.store_office import RecordingOffice

KEEPER = "13811112222"
TWO_DAYS_MS = 2 * 86_400_000


def sent(box: Box) -> list[str]:
    return [each["text"] for each in box.get(f"/exchange/messages?number={KEEPER}")]


def test_a_day_that_is_over_is_told_to_the_keepers_telephone_once(tmp_path: Path) -> None:
    state, config = tmp_path / "state", tmp_path / "office.toml"
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    config.write_text(text + f'\n[recording]\nhead_to = ["{KEEPER}"]\n')
    state.mkdir(mode=0o700)
    before = RecordingOffice(state, HandClock(utc_ms=round(time.time() * 1000) - TWO_DAYS_MS))
    before.whole_call("c1")
    before.close()
    with a_box(state, config=config) as box:
        told = box.until("the head is sent", lambda: sent(box))
        head = told[0].split("head ")[1].split(",")[0]
        assert told[0].endswith("recordings 1"), "the call of that day"
        box.kill()
        again = Box(state, config=config)
        again.until("lines are ready", lambda: all(line["state"] == "idle" for line in again.get("/lines")))
        assert sent(again) == told, "not again after a kill"
        assert again.stop() == 0
    verdict = command("verify", "--state", str(state), "--head", head)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
