"""A8 A9: answer, hold, consult and transfer to a second browser, monitor and barge in from a third, as people press the buttons.

Whether each hears whom it should after every change, without the least gap, is shown in virtual time by test_parties_heard.py.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.box import ROOT, Box, a_box, tone_level
from tests.support.browser import chromium, needs_chromium
from tests.support.seat_desk import PATIENCE_MS, answer, hears_db, seat_is, signed_in, sit_down
from tests.support.seat_tones import level_dbfs, write_microphone

pytestmark = needs_chromium
CALLER_HZ, AGENT_HZ = 620, 1130


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Box]:
    """The demonstration, its third seat a browser too."""
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    phone = 'id = "s3"\nname = "三号坐席（电话）"\nkind = "phone"\nnumber = "13800000103"'
    assert phone in text
    config = tmp_path / "office.toml"
    config.write_text(text.replace(phone, 'id = "s3"\nname = "三号坐席"\nkind = "browser"'))
    with a_box(tmp_path / "state", config=config) as box:
        yield box


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path / "mic.wav", AGENT_HZ)
    with sync_playwright() as playwright, chromium(playwright, microphone) as running:
        yield running


def far_end_hears_agent(box: Box, far: str, whether: bool) -> None:
    """The last second of what the customer heard."""

    def now() -> bool:
        rate, sound = box.wav(f"/exchange/calls/{far}/recording")
        last = sound[-rate:, 0] / 32768
        return (level_dbfs(last, AGENT_HZ, rate) > -30) is whether

    box.until(f"the customer hears {'the agent' if whether else 'music'}", now)


def press(page: Page, what: str) -> None:
    page.click(f"button[data-do={what}]:not(:disabled)", timeout=PATIENCE_MS)


def test_a_customer_is_held_consulted_about_transferred_and_listened_to_without_a_gap(office: Box, browser: Browser) -> None:
    box = office
    with signed_in(browser, box) as first, signed_in(browser, box) as second, signed_in(browser, box) as third:
        sit_down(first, "s1", "wang")
        far = box.dial(box.get("/lines")[0]["number"], says=f"tone:{CALLER_HZ}", caller="13911150001")
        answer(first)
        call = box.until("the call is there", lambda: box.call_from("13911150001"))["id"]
        sit_down(second, "s2", "li")
        sit_down(third, "s3", "zhang")
        far_end_hears_agent(box, far, True)

        press(first, "hold")
        seat_is(first, "held")
        far_end_hears_agent(box, far, False)
        press(first, "retrieve")
        seat_is(first, "talking")

        first.select_option("[data-transfer] select[name=to]", "s2")
        press(first, "consult")
        first.wait_for_selector("[data-consult=rings]", timeout=PATIENCE_MS)
        seat_is(second, "ringing")
        assert second.text_content("[data-card] .big").strip() == "13911150001"  # type: ignore[union-attr]
        answer(second)
        first.wait_for_selector("[data-consult=here]", timeout=PATIENCE_MS)
        far_end_hears_agent(box, far, False)
        assert hears_db(second, AGENT_HZ) > -25 and hears_db(second, CALLER_HZ) < -50
        press(first, "complete")
        seat_is(first, "wrap_up")
        first.click("button[data-reason=fault]")
        seat_is(second, "talking")
        far_end_hears_agent(box, far, True)
        assert hears_db(second, CALLER_HZ) > -20

        with signed_in(browser, box) as wall:
            wall.goto("/wall")
            wall.select_option("#wall-seat", "s3")
            wall.click(f"[data-call={call}] button[data-do=monitor]")
            wall.wait_for_selector(f"[data-call={call}][data-mode=monitor]", timeout=PATIENCE_MS)
            assert hears_db(third, CALLER_HZ) > -20 and hears_db(third, AGENT_HZ) > -25
            second.wait_for_selector("[data-listener=monitor]", timeout=PATIENCE_MS)
            wall.click(f"[data-call={call}] button[data-do=take_over]")
            seat_is(second, "wrap_up")
            seat_is(third, "talking")
        press(third, "hang_up")
        box.until("the customer is let go", lambda: box.far_end(far)["state"] == "ended")

    shown = box.until("the recording is sealed", lambda: (one := box.get(f"/calls/{call}"))["recording"]["sha256"] and one)
    assert (shown["agent"], shown["agents"], shown["reason"]) == ("zhang", ["wang", "li"], "fault")
    assert tone_level(box.far_end(far)["heard"], CALLER_HZ) < -45, "the customer never hears himself"
    rate, sound = box.wav(f"/calls/{call}/recording")
    customer = sound[rate // 2 : -rate // 2, 0].astype(float) / 32768
    frames = customer[: len(customer) // 160 * 160].reshape(-1, 160)
    quiet = float(np.mean(np.mean(frames**2, axis=1) * 2 < 10**-2.5))
    assert quiet < 0.05, f"{quiet:.0%} of what the customer said is not in the recording: more than a busy machine loses"
