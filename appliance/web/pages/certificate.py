"""How a computer or telephone learns to trust the box (A2 E2): its authority's certificate, to be installed once, step by step.

For everybody, as one needs it before signing in. The certificate is public; what must be compared is its fingerprint, which the box prints
when it starts (`seatbox run`, on its log).
"""

from starlette.responses import Response

from appliance.base.errors import NotFound
from appliance.web import authority
from appliance.web.ask import Ask
from appliance.web.page import Page

PAGE = Page("/certificate", title="title.certificate", role=None)
SYSTEMS = {"windows": 3, "macos": 3, "android": 3, "ios": 4, "linux": 2, "firefox": 3}
"""System: how many steps its guide has, `certificate.windows.1` and so on."""


@PAGE.get("")
async def guide(ask: Ask) -> Response:
    try:
        fingerprint = authority.fingerprint(ask.office.state)
    except FileNotFoundError:
        fingerprint = None  # only loopback has been served so far: there is none
    groups = [] if fingerprint is None else [fingerprint[n : n + 24].rstrip(":") for n in range(0, len(fingerprint), 24)]
    return PAGE.render(ask, "certificate.html", {"fingerprint": groups, "systems": SYSTEMS, "likely": likely(ask)})


@PAGE.get("/seatbox.crt")
async def der(ask: Ask) -> Response:
    """A click on it opens the installer on Windows, Android and iOS."""
    return _file(ask, "crt", "application/x-x509-ca-cert")


@PAGE.get("/seatbox.pem")
async def pem(ask: Ask) -> Response:
    return _file(ask, "pem", "application/x-pem-file")


def _file(ask: Ask, kind: str, media: str) -> Response:
    read = authority.authority_der if kind == "crt" else authority.authority_pem
    try:
        content = read(ask.office.state)
    except FileNotFoundError:
        raise NotFound("no certificate yet: it is made when the box serves another address than loopback") from None
    return Response(content, 200, {"content-disposition": f'attachment; filename="seatbox.{kind}"'}, media)


def likely(ask: Ask) -> str:
    """The system that asks, by what its browser says of itself; its guide stands open."""
    agent = ask.request.headers.get("user-agent", "").lower()
    words = {"firefox": "firefox", "android": "android", "iphone": "ios", "ipad": "ios", "windows": "windows", "mac os": "macos"}
    return next((system for word, system in words.items() if word in agent), "linux")
