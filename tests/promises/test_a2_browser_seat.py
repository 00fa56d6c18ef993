"""A2: a caller rings, an agent answers on the desk page of a real browser, and both hear each other, by frequency.

SEATBOX_PICTURES=1 takes the README's pictures (docs/pictures/) on the way.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.box import ROOT, Box, tone_level
from tests.support.browser import chromium, needs_chromium
from tests.support.network import Network
from tests.support.seat_desk import PATIENCE_MS, THROWS, answer, hears_db, seat_is, signed_in, sit_down, sound_is
from tests.support.seat_tones import usual_level_dbfs, write_microphone

pytestmark = needs_chromium
CALLER_HZ, AGENT_HZ = 620, 1130


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", AGENT_HZ)
    with sync_playwright() as playwright, chromium(playwright, microphone) as running:
        yield running


@pytest.fixture
def desk(browser: Browser, box: Box) -> Iterator[Page]:
    """The desk of a free agent at a browser seat."""
    with signed_in(browser, box) as page:
        sit_down(page, browser_seat(box), box.get("/agents")[0]["id"])
        seat_is(page, "free")
        yield page


def browser_seat(box: Box) -> str:
    return next(str(seat["id"]) for seat in box.get("/seats") if seat["kind"] == "browser")


def picture(page: Page, name: str) -> None:
    if os.environ.get("SEATBOX_PICTURES") == "1":
        folder = ROOT / "docs" / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size < 300_000


def both_hear_each_other(box: Box, desk: Page, far: str) -> None:
    box.until("the caller hears the agent", lambda: tone_level(box.far_end(far)["heard"], AGENT_HZ) > -25)
    assert tone_level(box.far_end(far)["heard"], CALLER_HZ) < -45
    box.until("the agent hears the caller", lambda: hears_db(desk, CALLER_HZ) > -20)
    assert hears_db(desk, CALLER_HZ) - hears_db(desk, AGENT_HZ) > 30


@pytest.mark.parametrize("dialect", ["sim7600", "v253"])
def test_caller_and_agent_in_the_browser_hear_each_other_and_nothing_of_themselves(box: Box, desk: Page, dialect: str) -> None:
    line = box.of_dialect(dialect)[0]
    far = box.dial(box.line(line)["number"], says=f"tone:{CALLER_HZ}", caller=f"1391113{len(dialect):04d}")
    answer(desk)
    both_hear_each_other(box, desk, far)
    desk.wait_for_selector("[data-sound-figures]", timeout=PATIENCE_MS)
    assert int(desk.inner_text("[data-figure=buffer_ms]")) > 0 <= int(desk.inner_text("[data-figure=jitter_ms]"))
    picture(desk, "desk")
    desk.click("button[data-do=hang_up]")
    box.until("the caller is let go", lambda: box.far_end(far)["state"] == "ended")
    seat_is(desk, "wrap_up")


def test_a_reload_in_a_call_is_the_same_call(box: Box, desk: Page) -> None:
    far = box.dial(box.get("/lines")[0]["number"], says=f"tone:{CALLER_HZ}", caller="13911140001")
    answer(desk)
    call = box.call_from("13911140001")
    desk.reload()
    sound_is(desk, "connected")
    seat_is(desk, "talking")
    both_hear_each_other(box, desk, far)
    assert call is not None
    assert box.get(f"/calls/{call['id']}")["state"] == "talking"
    assert len(box.get(f"/calls/{call['id']}")["offers"]) == 1


def test_a_frozen_tab_is_offered_nothing_and_says_why(box: Box, desk: Page) -> None:
    """Its socket stays open and its sound goes on; only its script no longer answers."""
    seat = browser_seat(box)
    frozen = desk.context.new_cdp_session(desk)
    frozen.send("Debugger.enable")
    frozen.send("Debugger.pause")
    box.until("the seat is a fault", lambda: box.seat(seat)["state"] == "fault")
    assert box.seat(seat)["why"]
    box.dial(box.get("/lines")[0]["number"], caller="13911140002")
    call = box.until("the call waits", lambda: (found := box.call_from("13911140002")) and found["picked_up_at"] and found)
    box.until("the call stands in the queue", lambda: box.get("/queues")[0]["waiting"] == 1)
    assert box.get(f"/calls/{call['id']}")["offers"] == []
    frozen.send("Debugger.resume")
    frozen.send("Debugger.disable")
    box.until("the seat is back and offered the call", lambda: box.seat(seat)["state"] == "ringing")
    offers = box.get(f"/calls/{call['id']}")["offers"]
    assert len(offers) == 1


def test_a_page_whose_sound_died_is_offered_nothing_until_it_is_back_by_itself(browser: Browser, box: Box) -> None:
    """Its script still answers and its box still stands: only the browser's audio thread is dead, and cannot be had again for a while."""
    seat = browser_seat(box)
    with signed_in(browser, box, bypass_csp=True) as desk:
        desk.add_init_script("""{
          const real = AudioWorklet.prototype.addModule;
          window.broken = false;
          AudioWorklet.prototype.addModule = function (what) {
            return window.broken && !`${what}`.startsWith("blob:") ? Promise.reject(new Error("none to be had")) : real.call(this, what);
          };
        }""")
        sit_down(desk, seat, box.get("/agents")[0]["id"])
        seat_is(desk, "free")
        desk.evaluate(f"broken = true; {THROWS}")
        sound_is(desk, "failed")
        box.until("the seat is a fault", lambda: box.seat(seat)["state"] == "fault")
        assert box.seat(seat)["why"]
        box.dial(box.get("/lines")[0]["number"], caller="13911140005")
        call = box.until("the call waits", lambda: (found := box.call_from("13911140005")) and found["picked_up_at"] and found)
        box.until("the call stands in the queue", lambda: box.get("/queues")[0]["waiting"] == 1)
        assert box.get(f"/calls/{call['id']}")["offers"] == []
        desk.evaluate("broken = false")
        sound_is(desk, "connected")
        answer(desk)
        assert len(box.get(f"/calls/{call['id']}")["offers"]) == 1


def test_a_network_that_is_lost_for_five_seconds_costs_no_call_and_both_hear_each_other_again(browser: Browser, box: Box) -> None:
    seat = browser_seat(box)
    with Network() as network, signed_in(browser, box, proxy={"server": network.proxy, "bypass": "<-loopback>"}) as desk:
        sit_down(desk, seat, box.get("/agents")[0]["id"])
        seat_is(desk, "free")
        far = box.dial(box.get("/lines")[0]["number"], says=f"tone:{CALLER_HZ}", caller="13911140006")
        answer(desk)
        both_hear_each_other(box, desk, far)
        call = box.call_from("13911140006")
        assert call is not None
        network.lose()
        desk.wait_for_timeout(5_000)  # the loss itself
        assert hears_db(desk, CALLER_HZ) < -60, "nothing comes through a lost network"
        network.find()
        box.until("the agent hears the caller", lambda: hears_db(desk, CALLER_HZ) > -20)
        heard = box.far_end(far)["heard"]["seconds"]
        box.until("a second more was heard", lambda: box.far_end(far)["heard"]["seconds"] > heard + 1)

        def at_the_caller() -> float:
            return usual_level_dbfs(box.wav(f"/exchange/calls/{far}/recording")[1][-4000:, 0], AGENT_HZ)

        box.until("the caller hears the agent", lambda: at_the_caller() > -20)
        seat_is(desk, "talking")
        after = box.get(f"/calls/{call['id']}")
        assert after["state"] == "talking" and after["seat"] == seat and len(after["offers"]) == 1


def test_the_board_shows_the_call(browser: Browser, box: Box, desk: Page) -> None:
    box.dial(box.get("/lines")[0]["number"], says="speech:zh", caller="13911140003")
    answer(desk)
    call = box.until("the call is there", lambda: box.call_from("13911140003"))
    with signed_in(browser, box) as board:
        board.goto("/")
        board.wait_for_selector("text=13911140003")
        picture(board, "board")
        board.goto(f"/calls/{call['id']}")
        picture(board, "call")
