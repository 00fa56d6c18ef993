"""A page: its path, its place in the menu, who may see it. One file a page in pages/, found by itself; the menu is made of these."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from appliance.web.ask import Ask
from appliance.web.session import Role

Handler = Callable[[Ask], Awaitable[Response]]
OF_OFFICE: Final = 5


class Page:
    """`menu`: its entry's key (`menu.board`) and `place` its order there; None: not in the menu. `role` None: for everybody.

    From place OF_OFFICE on it belongs to the office's set-up, which folds into one entry of the menu.
    """

    def __init__(self, path: str, *, title: str, role: Role | None = Role.AGENT, menu: str | None = None, place: int = 0) -> None:
        self.path, self.title, self.role, self.menu, self.place = path, title, role, menu, place
        self.of_office = place >= OF_OFFICE
        self.routes: list[Route] = []

    def get(self, path: str = "") -> Callable[[Handler], Handler]:
        return self._on("GET", path)

    def post(self, path: str = "", *, forgery_checked: bool = True) -> Callable[[Handler], Handler]:
        """Changes something; `forgery_checked` False only where there is no session yet."""
        return self._on("POST", path, forgery_checked)

    def _on(self, method: str, path: str, forgery_checked: bool = True) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            async def endpoint(request: Request) -> Response:
                ask: Ask = request.state.ask
                if self.role is not None:
                    ask.need(self.role)
                if method == "POST" and forgery_checked:
                    await ask.check_forgery()
                return await handler(ask)

            full = (self.path.rstrip("/") + path) or "/"
            self.routes.append(Route(full, endpoint, methods=[method]))
            return handler

        return declare

    def render(self, ask: Ask, template: str, shown: Mapping[str, object] | None = None, status: int = 200) -> Response:
        """The template with what it shows, besides what every page has (`rendered`)."""
        return rendered(ask, template, {**(shown or {}), "page": self}, status)


def rendered(ask: Ask, template: str, shown: Mapping[str, object], status: int = 200) -> Response:
    app = ask.request.app
    html = app.state.templates.get_template(template).render(
        ask=ask, t=ask.texts, office=ask.office, person=ask.known, pages=menu(ask, app.state.pages),
        forgery=ask.session.forgery if ask.session else "", own_name=own_name(ask), **shown,
    )  # fmt: skip
    return Response(html, status, {"cache-control": "no-store"}, "text/html")


def own_name(ask: Ask) -> str:
    """What the person who asks is called: an agent by his name, others by their account's."""
    if ask.known is None:
        return ""
    return next((agent.name for agent in ask.office.document.agent if agent.id == ask.known.agent), "") or ask.known.name


def go(path: str, ask: Ask | None = None) -> Response:
    """See there. A request of htmx is told so by its own header."""
    if ask is not None and ask.request.headers.get("hx-request"):
        return Response(b"", 200, {"hx-redirect": path})
    return RedirectResponse(path, 303)


def menu(ask: Ask, pages: list[Page]) -> list[Page]:
    """What this person finds in the menu."""
    person = ask.known
    if person is None:
        return []
    shown = [page for page in pages if page.menu is not None and (page.role is None or person.may(page.role))]
    return sorted(shown, key=lambda page: page.place)
