"""How a noun of the interface declares its calls; openapi.py describes them from the same declaration."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appliance.web.ask import Ask
from appliance.web.session import Role

PREFIX = "/api/v1"
Handler = Callable[[Ask], Awaitable[object]]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the interface: `takes` and `gives` are msgspec types, `gives` may be a media type."""

    method: str
    path: str
    handler: Handler
    role: Role | None
    takes: Any = None
    gives: Any = None
    status: int = 200
    query: tuple[str, ...] = ()
    demo: bool = False  # exists in the demonstration only


class Noun:
    def __init__(self, name: str, *, demo: bool = False) -> None:
        self.name, self.demo = name, demo
        self.operations: list[Operation] = []

    def on(
        self, method: str, path: str, *, role: Role | None = Role.AGENT, takes: Any = None, gives: Any = None, status: int = 200,
        query: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:  # fmt: skip
        """Declares one call. `role` None: for everybody."""

        def declare(handler: Handler) -> Handler:
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    handler=handler,
                    role=role,
                    takes=takes,
                    gives=gives,
                    status=status,
                    query=query,
                    demo=self.demo,
                )
            )
            return handler

        return declare

    def routes(self) -> list[Route]:
        return [Route(PREFIX + operation.path, _endpoint(operation), methods=[operation.method]) for operation in self.operations]


def _endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        ask: Ask = request.state.ask
        if operation.role is not None:
            ask.need(operation.role)
            if operation.method not in ("GET", "HEAD"):
                await ask.check_forgery()
        given = await operation.handler(ask)
        return given if isinstance(given, Response) else json(given, operation.status)

    return endpoint


def json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"cache-control": "no-store"}, "application/json")
