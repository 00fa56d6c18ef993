"""What every request passes: who asks, in which language, from which page; and what goes wrong is one clear sentence."""

import logging
import re
from typing import Any

import msgspec
from starlette.datastructures import MutableHeaders, State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.base.errors import ConfigError, NotAllowed, NotFound, Refused, SeatboxError
from appliance.web import page
from appliance.web.api.noun import PREFIX, json
from appliance.web.ask import Ask, Sentence
from appliance.web.people import person_of
from appliance.web.session import COOKIE, Person, Session, bearer, from_elsewhere
from appliance.web.texts import COOKIE as LANGUAGE_COOKIE
from appliance.web.texts import Texts

log = logging.getLogger(__name__)
SAFE = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Pure ASGI, so that streams are not buffered and a fault of ours never shows a traceback."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _guarded(MutableHeaders(scope=message), request)
            await send(message)

        ask = self._asked(request)
        request.state.ask = ask
        scope.setdefault("state", {})["ask"] = ask
        try:
            if request.method not in SAFE and from_elsewhere(request):
                raise Sentence("error.elsewhere", 403)
            await self.app(scope, receive, sending)
        except Exception as error:
            answer = self._answer(ask, error)
            if begun:
                raise
            await answer(scope, receive, sending)

    def _asked(self, request: Request) -> Ask:
        person, session = self._who(request)
        usual = "en" if bearer(request) is not None else self.state.office.document.language  # a program asks in no language of its own
        texts: Texts = self.state.catalogues.choose(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"), usual)
        return Ask(request, self.state.office, texts, person, session, lambda: self._who(request)[0] == person)

    def _who(self, request: Request) -> tuple[Person | None, Session | None]:
        """By token, or by the page's session. A wrong token is nobody, whatever the cookie says."""
        if (token := bearer(request)) is not None:
            return person_of(self.state.office, self.state.accounts.by_token(token)), None
        session = self.state.sessions.find(request.cookies.get(COOKIE))
        if session is None:
            return None, None
        account = self.state.accounts.find(session.name)
        if account is None or account.set_at_s > session.began_s:  # gone, or his password is another since
            return None, None
        return person_of(self.state.office, account), session

    def _answer(self, ask: Ask, error: Exception) -> Response:
        status, text, headers = self._said(ask, error)
        path = ask.request.url.path
        if path.startswith(PREFIX):
            answer = json({"error": text}, status)
        elif status == 401 and ask.request.method in SAFE and not ask.request.headers.get("hx-request"):
            answer = page.go("/sign-in" if path == "/" else f"/sign-in?next={path}")
        elif status == 401 and ask.request.headers.get("hx-request"):
            answer = Response(b"", 401, {"hx-redirect": "/sign-in"})
        else:
            answer = page.rendered(ask, "error.html", {"text": text, "code": status, "page": None}, status)
        answer.headers.update(headers)
        return answer

    def _said(self, ask: Ask, error: Exception) -> tuple[int, str, dict[str, str]]:
        texts = ask.texts
        match error:
            case Sentence(key=key, status=401):
                return 401, texts(key, **error.words), {"www-authenticate": "Bearer"}
            case Sentence(key=key, status=status):
                return status, texts(key, **error.words), {}
            case Refused():
                return 409, refusal(texts, error), {}
            case NotFound():
                return 404, texts("error.not_found"), {}
            case NotAllowed():
                return 403, texts("error.not_allowed"), {}
            case ConfigError():
                return 409, str(error), {}
            case HTTPException(status_code=404):
                return (404, texts("error.not_found"), {}) if ask.known is not None else (401, texts("error.sign_in"), {})
            case HTTPException(status_code=405):
                return 405, texts("error.method"), dict(error.headers or {})
            case HTTPException(status_code=status):
                return status, texts("error.request"), {}
            case msgspec.MsgspecError() | UnicodeError() if ask.request.method not in SAFE:
                log.warning("%s %s was not understood: %s", ask.request.method, ask.request.url.path, error)
                return 422, texts("error.body", detail=str(error)), {}
            case SeatboxError():
                return 409, str(error), {}
            case _:
                log.error("%s %s failed", ask.request.method, ask.request.url.path, exc_info=error)
                return 500, texts("error.ours"), {}


def refusal(texts: Texts, error: Refused) -> str:
    """Why not, in the asked language; words of state are said in it too."""
    words: dict[str, Any] = dict(error.words)
    if "state" in words:
        words["state"] = texts.word("seat_state", words["state"])
    return texts(error.key, **words)


def _guarded(headers: MutableHeaders, request: Request) -> None:
    """Everything comes from the box, and no other site may frame or read it."""
    if "content-security-policy" not in headers:
        headers["content-security-policy"] = policy(request)
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "same-origin"
    headers["x-frame-options"] = "DENY"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers["permissions-policy"] = "microphone=(self), speaker-selection=(self), autoplay=(self), camera=(), geolocation=()"


def policy(request: Request) -> str:
    """No inline script or style, nothing from elsewhere; the sound's socket is at another port of this same host."""
    host = request.headers.get("host", "")
    name = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?", host)
    sockets = f" wss://{name[1]}:* ws://{name[1]}:*" if name else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self' blob:; "
        f"worker-src 'self'; connect-src 'self'{sockets}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
