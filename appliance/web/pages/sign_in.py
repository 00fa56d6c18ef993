"""Signing in and out, and the choice of language (E2)."""

import re

from starlette.responses import Response

from appliance.base.errors import Refused
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page, go
from appliance.web.people import person_of
from appliance.web.session import COOKIE, LONGEST_S, Person, Role, address
from appliance.web.texts import COOKIE as LANGUAGE_COOKIE
from appliance.web.texts import LANGUAGES

PAGE = Page("/", title="title.sign_in", role=None)
YEAR_S = 365 * 24 * 3600


@PAGE.get("/sign-in")
async def show(ask: Ask) -> Response:
    if ask.known is not None:
        return go(home(ask.known))
    return PAGE.render(ask, "sign_in.html", {"next": inside(ask.query("next")), "name": "", "wrong": None})


@PAGE.post("/sign-in", forgery_checked=False)
async def sign_in(ask: Ask) -> Response:
    """Another site's page cannot post here (gate.py); there is no session yet whose token could be asked for."""
    form, state = await ask.form(), ask.request.app.state
    name, next_page, wrong = form.get("name", "").strip()[:100], inside(form.get("next")), ask.texts("sign_in.wrong")
    try:
        account = await state.accounts.check(name, form.get("password", "")[:1000], address(ask.request))
    except Refused as error:
        account, wrong = None, refusal(ask.texts, error)
    person = person_of(ask.office, account)
    if person is None:
        return PAGE.render(ask, "sign_in.html", {"next": next_page, "name": name, "wrong": wrong}, 401)
    state.sessions.close(ask.request.cookies.get(COOKIE))
    cookie, _ = state.sessions.open(person.name)
    answer = go(next_page or home(person))
    answer.set_cookie(
        COOKIE, cookie, max_age=LONGEST_S, path="/", httponly=True, samesite="strict", secure=ask.request.url.scheme == "https"
    )
    return answer


@PAGE.post("/sign-out")
async def sign_out(ask: Ask) -> Response:
    ask.request.app.state.sessions.close(ask.request.cookies.get(COOKIE))
    answer = go("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@PAGE.post("/language", forgery_checked=False)
async def language(ask: Ask) -> Response:
    """The person's own choice, kept by the browser."""
    form = await ask.form()
    answer = go(inside(form.get("next")) or "/")
    if form.get("language") in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, form["language"], max_age=YEAR_S, path="/", httponly=True, samesite="lax")
    return answer


def home(person: Person) -> str:
    """Where a person's work is."""
    return "/" if person.may(Role.SUPERVISOR) else "/desk"


def inside(path: str | None) -> str:
    """The path, where it is one of this box; else nothing."""
    return path if path and re.fullmatch(r"/(?![/\\])[A-Za-z0-9_\-./]*", path) else ""
