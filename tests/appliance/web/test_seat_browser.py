"""The browser seat in a real browser: fake microphone, real worklet, real gateway, both directions by frequency (A2)."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.browser import chromium, needs_chromium
from tests.support.seat_box import SeatBox
from tests.support.seat_page import serve_page
from tests.support.seat_tones import level_dbfs, purity_db, write_microphone

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", 1130)
    with chromium(playwright, microphone) as running:
        yield running


@pytest.fixture(scope="module")
def shared_box() -> Iterator[SeatBox]:
    with SeatBox() as started:
        yield started


@pytest.fixture
def box(shared_box: SeatBox) -> SeatBox:
    """The module's box, nothing said yet."""
    shared_box.heard.clear()
    return shared_box


@pytest.fixture
def page(browser: Browser, box: SeatBox) -> Iterator[Page]:
    """A page whose seat is connected."""
    with serve_page(box.page_ticket) as address:
        context = browser.new_context()
        opened = context.new_page()
        opened.goto(address)
        wait_for(opened, "states.at(-1) === 'connected'")
        yield opened
        context.close()


def wait_for(page: Page, condition: str) -> None:
    page.wait_for_function(condition, timeout=15_000)


def heard(page: Page, hz: float = 620) -> tuple[NDArray[np.float64], int]:
    """0.6 s of what the agent hears, and its rate: of the tone, without a gap and without a jump in its phase.

    On a machine that others keep busy the page gets frames late and drops some; such a listening says nothing of level and purity.
    """
    for _ in range(15):
        wait_for(page, "seat.speakerLevel > -20")
        ear = page.evaluate("hear(0.6)")
        samples, rate = np.array(ear["samples"]), int(ear["rate"])
        pieces = samples[: len(samples) // 20 * 20].reshape(20, -1)
        whole = 20 * np.log10(np.sqrt(2) * np.sqrt(np.mean(samples**2)) + 1e-9)
        if np.abs(pieces).max(axis=1).min() > 0.1 and abs(whole - level_dbfs(samples, hz, rate)) < 0.3:
            return samples, rate
    raise AssertionError("fifteen listenings, and a gap in each")


def sent(box: SeatBox) -> NDArray[np.int16]:
    """0.5 s of what comes from the seat, from 0.3 s on: what was on its way before has come."""
    started = box.spoken_s
    box.until(lambda: box.spoken_s > started + 0.8, "the seat sends sound")
    return box.spoken(0.5)


def speaks(box: SeatBox, hz: float = 1130) -> NDArray[np.int16]:
    """0.5 s of what comes from the seat: of the tone, without a gap and without a jump in its phase, as in `heard`."""
    for _ in range(15):
        mouth = sent(box)
        whole = 20 * np.log10(np.sqrt(2) * np.sqrt(np.mean((mouth / 32768) ** 2)) + 1e-9)
        if abs(whole - level_dbfs(mouth, hz, 8000)) < 0.3:
            return mouth
    raise AssertionError("fifteen listenings, and none of the tone alone")


def test_the_agent_hears_the_caller_and_nothing_of_himself(page: Page) -> None:
    ear, rate = heard(page)
    assert level_dbfs(ear, 620, rate) == pytest.approx(-13, abs=1)
    assert level_dbfs(ear, 620, rate) - level_dbfs(ear, 1130, rate) > 30
    assert purity_db(ear, 620, rate) > 30


def test_the_caller_hears_the_agent_and_nothing_of_himself(page: Page, box: SeatBox) -> None:
    mouth = speaks(box)
    assert level_dbfs(mouth, 1130, 8000) == pytest.approx(-13.5, abs=2)
    assert level_dbfs(mouth, 1130, 8000) - level_dbfs(mouth, 620, 8000) > 30
    assert purity_db(mouth, 1130, 8000) > 30


def test_what_lies_above_the_telephones_band_does_not_come_back_as_a_tone(playwright: Playwright, tmp_path: Path, box: SeatBox) -> None:
    """6,870 Hz would fold to 1,130 Hz without a filter before the decimation."""
    microphone = write_microphone(tmp_path / "whistle.wav", 6870)
    with chromium(playwright, microphone) as whistling, serve_page(box.page_ticket) as address:
        opened = whistling.new_page()
        opened.goto(address)
        wait_for(opened, "states.at(-1) === 'connected' && seat.micLevel > -20")
        assert level_dbfs(sent(box), 1130, 8000) < -60


def test_muted_the_seat_sends_silence_and_goes_on_hearing(page: Page, box: SeatBox) -> None:
    page.evaluate("seat.mute(true)")
    assert np.abs(sent(box)).max() <= 8
    ear, rate = heard(page)
    assert level_dbfs(ear, 620, rate) > -15
    page.evaluate("seat.mute(false)")
    assert level_dbfs(speaks(box), 1130, 8000) > -16


def test_the_meters_show_what_is_spoken_and_heard(page: Page) -> None:
    wait_for(page, "Math.abs(seat.micLevel + 13) < 2 && Math.abs(seat.speakerLevel + 13) < 2")


def test_a_reloaded_page_is_the_same_seat_again(page: Page, box: SeatBox) -> None:
    page.reload()
    wait_for(page, "states.at(-1) === 'connected'")
    ear, rate = heard(page)
    assert level_dbfs(ear, 620, rate) > -15
    assert level_dbfs(speaks(box), 1130, 8000) > -16


def test_a_second_page_takes_the_seat_and_the_first_stays_quiet(page: Page, box: SeatBox) -> None:
    second = page.context.new_page()
    second.goto(page.url)
    wait_for(second, "states.at(-1) === 'connected'")
    wait_for(page, "states.at(-1) === 'taken_over'")
    assert page.evaluate("seat.output") is None
    page.evaluate("seat.reconnect()")
    wait_for(page, "states.at(-1) === 'connected'")
    wait_for(second, "states.at(-1) === 'taken_over'")


def test_after_a_death_of_the_gateway_the_seat_comes_back_by_itself(page: Page, box: SeatBox) -> None:
    assert box.gateway.pid is not None
    os.kill(box.gateway.pid, signal.SIGKILL)
    wait_for(page, "states.filter(state => state === 'connected').length === 2")
    assert level_dbfs(speaks(box), 1130, 8000) > -16
    ear, rate = heard(page)
    assert level_dbfs(ear, 620, rate) > -15


def test_a_dropped_seat_gives_the_microphone_back_and_does_not_try_again(page: Page, box: SeatBox) -> None:
    box.call(lambda: box.gateway.drop("s1"))
    wait_for(page, "states.at(-1) === 'dropped' && seat.output === null")


DRAWS = """() => {
    const node = seat.output;
    window.ear = new AnalyserNode(node.context, { fftSize: 16384 });
    node.connect(ear);
    const end = performance.now() + 700;
    while (performance.now() < end);
    const caught = new Float32Array(16384);
    ear.getFloatTimeDomainData(caught);
    return Array.from(caught);
}"""


def test_a_page_that_is_busy_drawing_loses_no_sound_in_either_direction(page: Page, box: SeatBox) -> None:
    """The socket lives in a worker: the page's script may stand still, longer than any jitter buffer would last.

    Were it the script that the sound waits for, it would be missing each time; a busy machine may starve Chromium's own sound now and then.
    """
    heard(page)
    rate = page.evaluate("seat.output.context.sampleRate")
    levels = []
    while max(levels, default=-99.0) <= -14 and len(levels) < 10:
        started = box.spoken_s
        levels.append(level_dbfs(np.array(page.evaluate(DRAWS)), 620, rate))
        assert box.spoken_s - started > 0.5
    assert levels[-1] > -14, levels


def test_a_page_whose_script_stands_still_is_not_called_alive(page: Page, box: SeatBox) -> None:
    """Its sound goes on (worker and worklet are threads of their own), and must not count."""
    box.until(lambda: box.said("alive"), "alive at first")
    frozen = page.context.new_cdp_session(page)
    frozen.send("Debugger.enable")
    frozen.send("Debugger.pause")
    before, spoken = len(box.said("alive")), box.spoken_s
    box.until(lambda: box.spoken_s > spoken + 3, "sound goes on")
    assert len(box.said("alive")) - before <= 1
    frozen.send("Debugger.resume")
    frozen.send("Debugger.disable")
    box.until(lambda: len(box.said("alive")) > before + 1, "alive again")


def test_the_ring_can_be_heard_and_stops(page: Page) -> None:
    assert page.evaluate("seat.ring('start', {title: '138****1234', body: 'sales'})") is True
    assert page.title().startswith("☎")
    page.evaluate("seat.ring('stop')")
    assert page.title() == "seat"


def test_devices_are_named_and_a_chosen_microphone_is_kept(page: Page, box: SeatBox) -> None:
    devices = page.evaluate("seat.devices()")
    assert devices["microphones"]
    assert all(one["label"] for one in devices["microphones"])
    page.evaluate("seat.setMicrophone(arguments[0])".replace("arguments[0]", repr(devices["microphones"][-1]["id"])))
    assert page.evaluate("seat.devices()")["chosen"]["microphone"] == devices["microphones"][-1]["id"]
    assert level_dbfs(speaks(box), 1130, 8000) > -16


def test_without_a_microphone_there_is_no_socket_and_the_page_says_why(browser: Browser, box: SeatBox) -> None:
    with serve_page(box.page_ticket) as address:
        context = browser.new_context()
        opened = context.new_page()
        opened.add_init_script("navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };")
        opened.goto(address)
        wait_for(opened, "states.at(-1) === 'no_microphone:NotAllowedError'")
        assert opened.evaluate("states.filter(state => state.startsWith('connect'))") == []
        context.close()


def test_closing_gives_everything_back(page: Page, box: SeatBox) -> None:
    page.evaluate("seat.close()")
    box.until(lambda: box.said("gone"), "the box hears that it is gone")
    assert page.evaluate("[seat.state, seat.output]") == ["closed", None]
