"""A person at the desk page in a real browser: signs in, sits down, listens (A2)."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, TimeoutError

from tests.support.box import Box
from tests.support.seat_tones import usual_level_dbfs

HEAR = """async () => {
  const node = seatboxSeat.output;
  const ear = new AnalyserNode(node.context, { fftSize: 32768 });
  node.connect(ear);
  await new Promise((done) => setTimeout(done, 800));
  const heard = new Float32Array(32768);
  ear.getFloatTimeDomainData(heard);
  node.disconnect(ear);
  return { rate: node.context.sampleRate, samples: Array.from(heard.slice(-Math.round(0.6 * node.context.sampleRate))) };
}"""
THROWS = """seatboxSeat.output.context.audioWorklet.addModule(URL.createObjectURL(new Blob(
  ["Math.abs = () => { throw new Error('killed by a test'); };"], { type: "text/javascript" })))"""
"""Ends the seat's sound as an error in its audio thread does; the page needs `bypass_csp`, as this is none of its files."""
PATIENCE_MS = 30_000


@contextlib.contextmanager
def signed_in(browser: Browser, box: Box, **more: Any) -> Iterator[Page]:
    """A page of its own session, signed in as the demonstration's administrator."""
    context = browser.new_context(base_url=box.url, **more)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=name]", box.credentials["user"])
    page.fill("input[name=password]", box.credentials["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url, timeout=PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()


def sit_down(page: Page, seat: str, agent: str) -> None:
    """Logs an agent in at a browser seat and waits until its sound is there."""
    page.goto("/desk")
    page.select_option("select[name=agent]", agent)
    page.check(f"input[name=seat][value={seat}]")
    page.click("form[action='/desk/log-in'] button.main")
    sound_is(page, "connected")


def sound_is(page: Page, state: str) -> None:
    try:
        page.wait_for_selector(f"#sound[data-state={state}]", timeout=PATIENCE_MS)
    except TimeoutError as error:
        shown = page.evaluate("[document.querySelector('#sound')?.outerHTML, globalThis.seatboxSeat?.state, globalThis.seatboxSeat?.stats]")
        raise AssertionError(f"the seat's sound is not {state} at {page.url} but {shown}") from error


def seat_is(page: Page, state: str) -> None:
    """What the page shows, without a reload."""
    page.wait_for_selector(f"[data-seat-state={state}]", timeout=PATIENCE_MS, state="attached")


def answer(page: Page) -> None:
    seat_is(page, "ringing")
    page.click("button[data-do=answer]")
    seat_is(page, "talking")


def hears_db(page: Page, hz: float) -> float:
    """Level in dBFS of a tone in the last 0.6 s that the agent heard."""
    ear = page.evaluate(HEAR)
    return usual_level_dbfs(np.array(ear["samples"]), hz, int(ear["rate"]))
