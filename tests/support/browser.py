"""Chromium as the tests use it: without a screen, its microphone a file or a test tone, no question asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

PROGRAM = Path("/usr/bin/chromium-headless-shell")
"""Debian's Chromium without what draws windows: the same engine, worklets and sound for half of the processor's time."""

needs_chromium = pytest.mark.skipif(not PROGRAM.exists(), reason=f"there is no {PROGRAM} here; `make test` installs it on Debian")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@contextmanager
def chromium(playwright: Playwright, microphone: Path | None = None, *more: str) -> Iterator[Browser]:
    """`microphone`: what is spoken into it, in a loop (WAV, 48 kHz mono)."""
    speaks = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
    browser = playwright.chromium.launch(executable_path=str(PROGRAM), args=[*FLAGS, *speaks, *more])
    try:
        yield browser
    finally:
        browser.close()
