"""A5: a prompt spoken at a seat and accepted on the page: at a browser with its microphone, at an outside telephone over its line."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.box import Box, tone_level
from tests.support.browser import chromium, needs_chromium
from tests.support.seat_desk import PATIENCE_MS, hears_db, seat_is, signed_in, sit_down
from tests.support.seat_tones import level_dbfs, write_microphone

SPOKEN_HZ = 1130
PEAK_DBFS = -6.2


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", SPOKEN_HZ)
    with sync_playwright() as playwright, chromium(playwright, microphone) as running:
        yield running


@pytest.fixture(autouse=True)
def none_before(box: Box) -> Iterator[None]:
    yield
    for prompt in box.get("/prompts"):
        box.delete(f"/prompts/{prompt['name']}/{prompt['language']}")


def press(page: Page, step: str, then: str) -> None:
    page.click(f"#take-welcome-zh_CN [data-step={step}]", timeout=PATIENCE_MS)
    page.wait_for_selector(f"#take-welcome-zh_CN [data-take={then}]", timeout=PATIENCE_MS)


def is_in_force(box: Box, seat: str, agent: str) -> None:
    prompt = box.get("/prompts")[0]
    said = {"name": "welcome", "language": "zh_CN", "source": "seat", "seat": seat, "agent": agent}
    assert {name: prompt[name] for name in said} == said and prompt["by"] == box.credentials["user"]
    rate, sound = box.wav("/prompts/welcome/zh_CN")
    assert rate == 8000 and sound.shape[1] == 1 and len(sound) / rate > 0.4
    assert 20 * np.log10(np.abs(sound.astype(int)).max() / 32768) == pytest.approx(PEAK_DBFS, abs=0.3)
    assert level_dbfs(sound[-4000:, 0], SPOKEN_HZ) > -10


@needs_chromium
def test_at_a_browser_seat_it_is_recorded_heard_by_who_spoke_and_in_force_once_accepted_on_the_page(browser: Browser, box: Box) -> None:
    seat = next(str(seat["id"]) for seat in box.get("/seats") if seat["kind"] == "browser")
    agent = str(box.get("/agents")[0]["id"])
    with signed_in(browser, box) as desk, signed_in(browser, box) as page:
        sit_down(desk, seat, agent)
        seat_is(desk, "free")
        page.goto("/prompts")
        page.select_option("#take-welcome-zh_CN select[name=seat]", seat)
        page.click("#take-welcome-zh_CN form button")
        page.wait_for_selector("#take-welcome-zh_CN [data-take=ready]", timeout=PATIENCE_MS)
        seat_is(desk, "paused")
        press(page, "record", "recording")
        page.wait_for_timeout(700)  # somebody speaks
        press(page, "stop", "recorded")
        assert box.get("/prompts") == []
        assert hears_db(desk, SPOKEN_HZ) < -50, "nobody hears himself while he speaks"
        page.click("#take-welcome-zh_CN [data-step=listen]")
        box.until("who spoke hears it", lambda: heard_again(page, desk))
        page.click("#take-welcome-zh_CN [data-step=accept]")
        page.wait_for_selector("[data-prompt='welcome.zh_CN'] audio", timeout=PATIENCE_MS)
        is_in_force(box, seat, agent)
        seat_is(desk, "free")


def heard_again(page: Page, desk: Page) -> bool:
    if hears_db(desk, SPOKEN_HZ) > -20:
        return True
    page.click("#take-welcome-zh_CN [data-step=listen]")
    return False


def test_at_a_browser_seat_that_is_closed_nothing_is_kept_and_the_page_says_so(browser: Browser, box: Box) -> None:
    seat = next(str(seat["id"]) for seat in box.get("/seats") if seat["kind"] == "browser")
    with signed_in(browser, box) as page:
        with signed_in(browser, box) as desk:
            sit_down(desk, seat, box.get("/agents")[0]["id"])
            seat_is(desk, "free")
            box.post("/prompts/welcome/zh_CN/take", {"seat": seat})
            page.goto("/prompts")
            press(page, "record", "recording")
        page.wait_for_selector("#take-welcome-zh_CN [data-take-over=lost]", timeout=PATIENCE_MS)
        assert box.get("/prompts") == []
        box.until("the seat is a fault", lambda: box.seat(seat)["state"] == "fault")


def pass_s(box: Box, leg: str, seconds: float) -> None:
    """So much of the call at the telephone."""
    until_s = box.far_end(leg)["connected_s"] + seconds
    box.until("the call goes on", lambda: box.far_end(leg)["connected_s"] > until_s)


@pytest.mark.parametrize("dialect", ["sim7600", "v253"])
def test_at_an_outside_telephone_it_is_spoken_and_heard_over_the_line_of_its_seat(box: Box, dialect: str) -> None:
    seat = box.phone_seats()[0]
    for line in box.get("/lines"):
        if line["dialect"] != dialect:
            box.post(f"/lines/{line['id']}/disable")
    box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.2, "says": f"tone:{SPOKEN_HZ}", "keys": "1"})
    agent = box.get("/agents")[0]["id"]
    box.post(f"/seats/{seat['id']}/login", {"agent": agent})
    box.until("the seat has a line", lambda: not box.seat(seat["id"])["why"])
    take = "/prompts/welcome/zh_CN/take"
    assert box.post(take, {"seat": seat["id"]})["state"] == "ringing"
    box.until("its key 1 is pressed", lambda: box.get(take)["state"] == "ready")
    leg: dict[str, Any] = box.leg_to(seat["number"]) or {}
    pass_s(box, leg["id"], 0.5)  # the key itself is over
    box.post(f"{take}/record")
    pass_s(box, leg["id"], 1.5)
    assert box.post(f"{take}/stop")["seconds"] > 1.0
    box.post(f"{take}/listen")
    box.until("the telephone hears it", lambda: tone_level(box.far_end(leg["id"])["heard"], SPOKEN_HZ) > -25)
    box.post(f"{take}/accept")
    is_in_force(box, seat["id"], agent)
    box.until("the telephone is let go", lambda: box.far_end(leg["id"])["state"] == "ended")
    box.until("the seat is free", lambda: box.seat(seat["id"])["state"] == "free")
