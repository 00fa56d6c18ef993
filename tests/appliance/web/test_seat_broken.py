"""A browser seat whose parts die or hang: it is not called alive without sound, says so, and comes back by itself (A2, E5)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import chromium, needs_chromium
from tests.support.seat_box import SeatBox
from tests.support.seat_page import serve_page
from tests.support.seat_tones import level_dbfs, write_microphone

pytestmark = needs_chromium

IN_THE_AUDIO_THREAD = """seat.output.context.audioWorklet.addModule(URL.createObjectURL(new Blob([%r], { type: "text/javascript" })))"""
THROWS = IN_THE_AUDIO_THREAD % "Math.abs = () => { throw new Error('killed by a test'); };"
FALLS_SILENT = IN_THE_AUDIO_THREAD % "MessagePort.prototype.postMessage = () => {};"
NEVER = "new Promise(() => {})"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone(tmp_path_factory.mktemp("microphone") / "mic.wav", 1130)
    with sync_playwright() as playwright, chromium(playwright, microphone) as running:
        yield running


@pytest.fixture(scope="module")
def box() -> Iterator[SeatBox]:
    with SeatBox() as started:
        yield started


@pytest.fixture
def page(browser: Browser, box: SeatBox) -> Iterator[Page]:
    """A page that shows nothing yet; `sit_down` opens the seat."""
    box.heard.clear()
    with serve_page(box.page_ticket) as address:
        context = browser.new_context(base_url=address)
        context.grant_permissions(["microphone"])
        yield context.new_page()
        context.close()


def sit_down(page: Page) -> None:
    page.goto("/")


def becomes(page: Page, state: str, times: int = 1) -> None:
    """The seat has come to this state so often, or more; connected it still is."""
    still = "states.at(-1) === 'connected' && " if state == "connected" else ""
    page.wait_for_function(f"{still}states.filter((one) => one === '{state}').length >= {times}", timeout=20_000)


def both_ways(page: Page, box: SeatBox) -> None:
    page.wait_for_function("seat.speakerLevel > -20 && seat.micLevel > -20", timeout=20_000)
    started = box.spoken_s
    box.until(lambda: box.spoken_s > started + 0.8, "the seat sends sound")
    box.until(lambda: level_dbfs(box.spoken(0.5), 1130, 8000) > -16, "the seat's tone, half a second of it whole")


@pytest.mark.parametrize(
    ("kill", "why"),
    [
        (THROWS, "audio"),
        (FALLS_SILENT, "audio"),
        ("seat.output.context.suspend()", "audio"),
    ],
    ids=["an error in the audio thread", "its end without a word", "a browser that takes the sound away"],
)
def test_a_seat_whose_sound_died_is_given_up_and_comes_back_by_itself(page: Page, box: SeatBox, kill: str, why: str) -> None:
    sit_down(page)
    becomes(page, "connected")
    box.until(lambda: box.said("alive"), "alive at first")
    alive = len(box.said("alive"))
    page.evaluate(kill)
    becomes(page, f"failed:{why}")
    assert len(box.said("alive")) - alive <= 2  # one that was on its way, one for the second in which it died: none for mere patience
    box.until(lambda: box.said("gone"), "the box hears that the seat is gone")
    alive = len(box.said("alive"))
    becomes(page, "connected", times=2)
    box.until(lambda: len(box.said("alive")) > alive, "alive again")
    both_ways(page, box)


@pytest.mark.parametrize(
    ("kill", "why"),
    [("setTimeout(() => { throw new Error('killed by a test'); })", "Uncaught Error: killed by a test"), ("self.close()", "link")],
    ids=["an error", "its end without a word"],
)
def test_a_seat_whose_worker_died_comes_back_by_itself(page: Page, box: SeatBox, kill: str, why: str) -> None:
    sit_down(page)
    becomes(page, "connected")
    page.workers[0].evaluate(kill)
    becomes(page, f"failed:{why}")
    box.until(lambda: box.said("gone"), "the box hears that the seat is gone")
    becomes(page, "connected", times=2)
    both_ways(page, box)


def test_a_worker_that_could_not_be_loaded_is_asked_for_again(page: Page, box: SeatBox) -> None:
    page.context.route("**/seat_worker.js", lambda route: route.abort(), times=1)
    sit_down(page)
    becomes(page, "failed:link")
    becomes(page, "connected")


@pytest.mark.parametrize(
    ("hangs", "state"),
    [
        ("navigator.mediaDevices.getUserMedia", "no_microphone:TimeoutError"),
        ("AudioWorklet.prototype.addModule", "failed:audio"),
    ],
)
def test_a_step_that_never_ends_is_given_up_and_tried_again(page: Page, box: SeatBox, hangs: str, state: str) -> None:
    page.clock.install()
    page.add_init_script(f"{{ const real = {hangs}; {hangs} = function () {{ {hangs} = real; return {NEVER}; }}; }}")
    sit_down(page)
    page.wait_for_function("window.seat !== undefined")
    page.clock.fast_forward(16_000)
    becomes(page, state)
    page.clock.fast_forward(3_000)
    becomes(page, "connected")
    both_ways(page, box)


def test_a_loudspeaker_that_cannot_be_chosen_in_time_leaves_the_default(page: Page, box: SeatBox) -> None:
    page.clock.install()
    page.add_init_script(f"AudioContext.prototype.setSinkId = () => {NEVER};")
    sit_down(page)
    page.wait_for_function("window.seat?.output != null", timeout=20_000)
    page.clock.fast_forward(4_000)
    becomes(page, "connected")
    both_ways(page, box)


def test_a_ticket_that_is_never_answered_is_asked_for_again(page: Page, box: SeatBox) -> None:
    page.clock.install()
    page.add_init_script(f"{{ const real = fetch; window.fetch = () => {{ window.fetch = real; return {NEVER}; }}; }}")
    sit_down(page)
    becomes(page, "connecting")
    page.wait_for_function("window.fetch.toString().includes('native')")
    page.clock.fast_forward(11_000)
    becomes(page, "connected")
    both_ways(page, box)


def test_a_microphone_that_comes_after_its_time_is_given_back(page: Page, box: SeatBox) -> None:
    page.clock.install()
    page.add_init_script("""
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wish) => {
          const stream = await real(wish);
          if (window.first !== undefined) return stream;
          window.first = stream;
          return new Promise((done) => (window.release = () => done(stream)));
        };""")
    sit_down(page)
    page.wait_for_function("window.first !== undefined")
    page.clock.fast_forward(16_000)
    becomes(page, "no_microphone:TimeoutError")
    page.evaluate("release()")
    page.wait_for_function("first.getAudioTracks()[0].readyState === 'ended'")
    page.clock.fast_forward(3_000)
    becomes(page, "connected")


def test_connecting_anew_while_it_starts_leaves_one_seat_and_not_two(page: Page, box: SeatBox) -> None:
    sit_down(page)
    page.wait_for_function("window.seat !== undefined")
    page.evaluate("for (let k = 0; k < 5; k++) seat.reconnect()")
    becomes(page, "connected")
    both_ways(page, box)
    assert page.evaluate("states.filter((one) => one === 'taken_over')") == []
    assert len(page.workers) == 1


def test_an_error_of_the_page_itself_does_not_end_the_sound(page: Page, box: SeatBox) -> None:
    sit_down(page)
    becomes(page, "connected")
    page.evaluate("states.push = () => { throw new Error('of the page itself'); }; seat.reconnect()")
    page.wait_for_function("window.seat?.state === 'connected'", timeout=20_000)
    both_ways(page, box)


def test_a_chosen_microphone_does_not_take_a_seat_back_that_another_page_has(page: Page, box: SeatBox) -> None:
    sit_down(page)
    becomes(page, "connected")
    box.call(lambda: box.gateway.drop("s1"))
    becomes(page, "dropped")
    page.evaluate("seat.setMicrophone('')")
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert page.evaluate("[seat.state, seat.output]") == ["dropped", None]
