"""The player in a real browser: waveform drawn, a mark jumps, speed holds, and only playing is a listening (A7)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware_cfg.document import Recording
from tests.support.web_records import RecordsOffice
from tests.support.web_server import Server, a_browser, sign_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@contextmanager
def a_call(browser: Browser, place: Path, accounts: Path, policy: Recording | None = None) -> Iterator[Page]:
    """The page of a call that was talked and recorded, and kept as the policy says."""
    copyfile(accounts, place / "accounts.json")
    office = RecordsOffice(place)
    office.talks("c1", "li", "b1", "13900000011", pause=True)
    if policy is not None:
        office.custody.policy = policy
        for _ in range(2):
            office.custody.keeper.turn()
            office.custody.settle()
    server = Server(office)
    page = browser.new_context(locale="en-US", viewport={"width": 1100, "height": 900}).new_page()
    sign_in(page, server.url, "boss")
    page.goto(f"{server.url}/calls/c1")
    yield page
    page.context.close()
    server.stop()
    office.close()


@pytest.fixture
def page(browser: Browser, tmp_path: Path, hashed_accounts: Path) -> Iterator[Page]:
    with a_call(browser, tmp_path, hashed_accounts) as page:
        yield page


@pytest.fixture
def copied(browser: Browser, tmp_path: Path, hashed_accounts: Path) -> Iterator[Page]:
    with a_call(browser, tmp_path, hashed_accounts, Recording(pack_after_h=0.0, listening_copy=True)) as page:
        yield page


def test_the_small_copy_is_what_is_played_and_jumped_in_and_the_original_stays_to_be_downloaded(copied: Page) -> None:
    page, now = copied, copied.locator("[data-now]")
    expect(page.locator("[data-marks] .mark-hushed")).to_be_visible()
    page.locator("[data-play]").click()
    expect(now).to_have_text("0:01")
    page.locator("[data-play]").click()
    page.locator("[data-marks] .mark-hushed").click()
    expect(now).to_have_text("0:06")
    assert page.evaluate("document.querySelector('[data-audio]').currentSrc").endswith("/calls/c1/listening")
    assert 10.5 < page.evaluate("document.querySelector('[data-audio]').duration") < 12
    page.locator("[data-wave]").press("ArrowLeft")
    expect(now).to_have_text("0:01")
    assert page.locator("a[download='c1.wav']").get_attribute("href") == "/api/v1/calls/c1/recording"
    page.reload()
    expect(page.locator(".heard-by li")).to_have_count(1)


COLOURED = """canvas => {
  const {width, height} = canvas, data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  let seen = 0;
  for (let n = 3; n < data.length; n += 4) if (data[n] > 0) seen++;
  return seen / (width * height);
}"""


def test_a_recording_is_seen_jumped_in_and_played_at_twice_the_speed(page: Page) -> None:
    expect(page.locator("[data-marks] .mark-hushed")).to_be_visible()
    assert page.locator("[data-wave]").evaluate(COLOURED) > 0.1
    expect(page.locator("[data-length]")).to_have_text("0:11")
    expect(page.locator(".heard-by li")).to_have_count(0)
    page.select_option("[data-speed]", "2")
    page.locator("[data-play]").click()
    now = page.locator("[data-now]")
    expect(now).to_have_text(re.compile(r"0:0[1-9]"))  # not one moment: a busy machine draws late
    assert page.evaluate("document.querySelector('[data-audio]').playbackRate") == 2
    page.locator("[data-play]").click()
    page.locator("[data-marks] .mark-hushed").click()
    expect(now).to_have_text("0:06")
    page.locator("[data-wave]").press("ArrowLeft")
    expect(now).to_have_text("0:01")
    page.reload()
    expect(page.locator(".heard-by li")).to_have_count(1)
