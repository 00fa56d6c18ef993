"""The desk and the board in a real browser: keys, card before ring, nothing lost by a change, greyed when the box is silent (A2 A4 A6)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.calls.commands import Answer
from tests.support.web_office import WebOffice
from tests.support.web_server import Server, a_browser, sign_in

PAGES = ("/", "/desk", "/desk/b1", "/calls", "/people", "/seats", "/lines")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture
def server(office: WebOffice) -> Iterator[Server]:
    server = Server(office)
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """Signed in as the administrator, in English, with li at seat b1."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and "9/seat" not in said.text else None)
    sign_in(page, server.url)
    server.do(lambda: server.office.inside.log_in("b1", "li"))
    yield page
    page.close()
    assert [said for said in complaints if "ERR_" not in said] == [], "scripts without a fault, and nothing that the policy forbids"


def test_a_call_is_taken_with_the_keys_of_one_hand(server: Server, page: Page, office: WebOffice) -> None:
    page.goto(f"{server.url}/desk/b1")
    expect(page.locator("[data-seat-state=free]")).to_be_visible()
    server.do(lambda: office.inside.ring("l1", "13912345678"))
    expect(page.locator("[data-seat-state=ringing]")).to_be_visible()
    expect(page.locator(".customer .big")).to_have_text("13912345678")
    expect(page.locator(".ring")).to_have_count(3)
    page.focus("#reason") if page.locator("#reason").is_enabled() else None
    page.keyboard.press("F2")
    page.wait_for_timeout(200)
    assert office.inside.states["b1"] == "ringing", "a key in a field is the field's"
    page.locator("#reason").blur()
    for key, state in (("F2", "talking"), ("F7", "held"), ("F7", "talking")):
        page.keyboard.press(key)
        expect(page.locator(f"[data-seat-state={state}]")).to_be_visible()
    page.keyboard.press("F8")
    expect(page.locator("[data-muted=yes]")).to_be_visible()


def test_no_key_is_lost_however_soon_after_a_change_it_is_pressed(server: Server, page: Page, office: WebOffice) -> None:
    """A button may be gone before the answer to its press comes: that answer must not put the panel anew."""
    server.do(lambda: office.inside.ring("l1", "13912345678"))
    server.do(lambda: office.inside.do(Answer, seat="b1"))
    page.goto(f"{server.url}/desk/b1")
    expect(page.locator("[data-seat-state=talking]")).to_be_visible()
    page.evaluate("document.querySelector('[data-seat-state]').mark = 'the same'")
    for turn in range(40):
        page.keyboard.press("F7")
        expect(page.locator(f"[data-seat-state={('held', 'talking')[turn % 2]}]")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-seat-state]').mark") == "the same"


def test_the_card_is_on_the_screen_before_it_rings(server: Server, page: Page, office: WebOffice) -> None:
    page.goto(f"{server.url}/desk/b1")
    page.evaluate(
        """() => { window.at_ring = null; const title = document.title;
        new MutationObserver(() => { window.at_ring ??= document.querySelector('.customer .big')?.textContent ?? 'no card'; })
          .observe(document.querySelector('title'), { childList: true, characterData: true, subtree: true }); }"""
    )
    server.do(lambda: office.inside.ring("l1", "13912345678"))
    page.wait_for_function("() => window.at_ring !== null")
    assert page.evaluate("window.at_ring.trim()") == "13912345678"
    assert "13912345678" in page.title() or "☎" in page.title()


def test_a_change_takes_away_neither_focus_nor_keypad_nor_button(server: Server, page: Page, office: WebOffice) -> None:
    server.do(lambda: office.inside.ring("l1", "13912345678"))
    server.do(lambda: office.inside.do(Answer, seat="b1"))
    page.goto(f"{server.url}/desk/b1")
    page.click("[data-keypad]")
    page.focus("[name=digit][value='5']")
    page.evaluate("document.activeElement.mark = 'the same'")
    server.do(lambda: office.inside.ring("l2", "13900000000"))
    expect(page.locator(".status-figures dd").first).to_have_text("1")
    assert page.evaluate("document.activeElement.mark") == "the same"
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert ("digit", "l1", "5") in office.inside.orders.log


def test_a_silent_box_greys_the_board_and_a_talking_one_does_not(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/")
    shown = page.locator("[data-as-of]")
    before = shown.get_attribute("data-as-of")
    server.do(lambda: server.office.inside.wait(2000))
    page.wait_for_function("before => document.querySelector('[data-as-of]').dataset.asOf > before", arg=before)
    assert not page.evaluate("document.body.classList.contains('stale')")
    server.stop()
    page.wait_for_selector("body.stale")
    expect(page.locator("[data-stale-note]")).to_be_visible()


def test_an_open_page_whose_session_has_ended_leads_to_the_sign_in(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    sign_in(page, server.url)
    page.goto(f"{server.url}/")
    forgery = page.locator("form[action='/sign-out'] input[name=forgery]").get_attribute("value")
    assert page.request.post(f"{server.url}/sign-out", form={"forgery": forgery or ""}).ok
    page.wait_for_url("**/sign-in", timeout=20_000)
    page.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_fits_a_phone(language: str, server: Server, browser: Browser, office: WebOffice, page: Page, tmp_path: Path) -> None:
    server.do(lambda: office.inside.ring("l1", "13912345678"))
    phone = browser.new_page(viewport={"width": 375, "height": 780}, locale=language)
    sign_in(phone, server.url)
    for path in [*PAGES, f"/calls/{office.calls()[0].id}"]:
        phone.goto(server.url + path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375, path
    phone.close()


@pytest.mark.parametrize("width", [1280, 1024, 390])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_each_entry_of_the_menu_can_be_seen_and_followed_without_scrolling_sideways(
    browser: Browser, server: Server, width: int, language: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, locale=language)
    sign_in(page, server.url)
    fold = page.locator("nav .more")
    expect(fold.locator("a").first).to_be_hidden()
    fold.locator("summary").click()
    for entry in page.locator("nav a").all():
        expect(entry).to_be_in_viewport(ratio=1)
        box = entry.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, entry.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    expect(fold.locator("a").first).to_be_hidden()
    fold.locator("summary").click()
    fold.locator("a[href='/lines']").click()
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith("/lines")
    expect(fold.locator("summary")).to_have_attribute("aria-current", "true")
    page.close()
