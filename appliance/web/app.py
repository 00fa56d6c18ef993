"""The box's pages and interface as one ASGI application (A2 A6 E2)."""

import logging
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from appliance.web import lamps, pages, shown
from appliance.web.api.find import nouns
from appliance.web.comparisons import Comparisons
from appliance.web.gate import Gate
from appliance.web.hearing import Listenings
from appliance.web.office import Office
from appliance.web.page import Page
from appliance.web.session import Accounts, Role, Sessions
from appliance.web.texts import Catalogues

HERE = Path(__file__).parent
log = logging.getLogger(__name__)


def create_app(office: Office, accounts: Accounts, *, sessions: Sessions | None = None) -> Starlette:
    """All of it; served by box.py. `accounts` knows passwords and tokens (people/accounts.py)."""
    found = find_pages()
    routes: list[BaseRoute] = [route for noun in nouns(office.demo) for route in noun.routes()]
    routes += [route for each in found for route in each.routes]
    routes += [lamps.ROUTE, Mount("/static", StaticFiles(directory=HERE / "static"))]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _up})
    app.router.redirect_slashes = False
    app.state.office, app.state.accounts, app.state.pages = office, accounts, found
    app.state.sessions = sessions or Sessions(office.state / "sessions.json")
    app.state.listenings = Listenings()
    app.state.comparisons = Comparisons(office.state)
    app.state.catalogues = Catalogues()
    app.state.templates = templates()
    app.add_middleware(Gate, state=app.state)
    return app


def find_pages() -> list[Page]:
    """All pages: each file of pages/ that has a `PAGE`."""
    modules = [import_module(f"{pages.__name__}.{found.name}") for found in iter_modules(pages.__path__)]
    return [module.PAGE for module in modules if hasattr(module, "PAGE")]


async def _up(_: Request, error: Exception) -> Response:
    """To the gate, which says it in the asked language."""
    raise error


@cache
def templates() -> Environment:
    """One for all: each template is compiled once. Everything is escaped; a name that is not given is an error, not a blank."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Callable[..., object]] = {
        "clock": shown.clock, "moment": shown.moment, "duration": shown.duration, "iso": shown.iso, "date": shown.date,
        "stamp": shown.stamp,
    }  # fmt: skip
    environment.filters.update(filters)
    environment.globals.update(Role=Role, zone_minutes=shown.zone_minutes, version_of=shown.version_of, told=shown.told)
    return environment
