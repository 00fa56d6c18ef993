"""The page's office behind a real server and in front of a real browser."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import chromium
from tests.support.web_office import PASSWORDS, WebOffice, make_app


class Server:
    """`do` runs something in the office's own loop; `stop` is the plug pulled."""

    def __init__(self, office: WebOffice) -> None:
        self.office = office
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(
            uvicorn.Config(make_app(office), port=0, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1)
        )
        self._server.config.loaded = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._up = threading.Event()
        self._thread.start()
        if not self._up.wait(20):
            raise AssertionError("the server did not start")
        self.url = f"http://127.0.0.1:{self.port}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self._up.set()
        await serving

    def do(self, what: Callable[[], Any]) -> Any:
        async def inside() -> Any:
            done = what()
            self.office.moved()
            return done

        return asyncio.run_coroutine_threadsafe(inside(), self._loop).result(20)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


def sign_in(page: Page, url: str, name: str = "admin") -> None:
    page.goto(f"{url}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORDS[name])
    page.click("button.main")
    page.wait_for_selector("nav")
