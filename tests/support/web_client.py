"""Somebody who asks the application: httpx upon ASGI in one event loop, and streams that are read until enough was seen."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette


class Client:
    """Keeps cookies, follows no redirect. The loop is the office's too."""

    def __init__(self, app: Starlette, base_url: str = "http://127.0.0.1:8080") -> None:
        self.app, self.loop = app, asyncio.new_event_loop()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 5000))
        self._http = httpx.AsyncClient(transport=transport, base_url=base_url, follow_redirects=False)
        self.headers, self.cookies = self._http.headers, self._http.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self._http.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.request("DELETE", path, **more)

    def forgery(self) -> str:
        """The token that a page of the session carries."""
        return str(self.get("/calls").text.split('X-Forgery-Token": "')[1].split('"')[0])

    def stream(self, path: str, until: Callable[[str], bool], meanwhile: Callable[[str], None] | None = None, limit_s: float = 20.0) -> str:
        """What a stream sends until `until(all)`; `meanwhile` is called with all at each piece. The reader then goes away.

        limit_s bounds a broken stream; it says nothing about speed.
        """
        request = self._http.build_request("GET", path)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("127.0.0.1", 8080),
            "client": ("192.0.2.7", 5),
        }
        told: list[str] = []
        enough = asyncio.Event()

        async def receive() -> dict[str, object]:
            await enough.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.append(f"status {message['status']}\n")
            told.append(message.get("body", b"").decode())
            if meanwhile is not None:
                meanwhile("".join(told))
            if until("".join(told)):
                enough.set()

        self.loop.run_until_complete(asyncio.wait_for(self.app(scope, receive, send), limit_s))
        return "".join(told)

    def close(self) -> None:
        self.loop.run_until_complete(self._http.aclose())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
