"""Nobody sees or does what his role does not allow: every route is tried as nobody, as an agent, as a supervisor (E2, never-again 29)."""

import re
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from appliance.calls.commands import Answer
from tests.support.web_client import Client
from tests.support.web_office import PASSWORDS, TOKENS, WebOffice

As = Callable[..., Client]
CANARY = "13977700001"  # the number of a caller who spoke with wang, and with nobody else
PORT = "exchange/l1-at"
OPEN = {
    ("GET", "/certificate"),  # public by nature: needed before one can sign in, and holds nothing of anybody
    ("GET", "/certificate/seatbox.crt"),
    ("GET", "/certificate/seatbox.pem"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/language"),
    ("GET", "/api/v1/health"),
    ("GET", "/lamps.css"),
}
WORDS = re.compile(r"李明|王芳|移动一|\b139\d{8}\b|客户服务|一号坐席|token-of|exchange/")


def routes(app: Starlette) -> Iterator[tuple[str, str]]:
    """Every method and path, with the ids of things that exist."""
    for route in app.routes:
        if isinstance(route, Route):
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield method, route.path


def filled(path: str, call: str) -> str:
    one = {"/calls/{id}": call, "/lines/{id}": "l1", "/seats/{id}": "b2"}
    for start, name in one.items():
        path = path.replace(start, start.replace("{id}", name))
    for name, value in {"seat": "b2", "what": "answer", "id": "x1", "number": "138", "line": "l1"}.items():
        path = path.replace("{" + name + "}", value)
    return path


@pytest.fixture
def call(office: WebOffice) -> str:
    """Wang, at b2, talks with the caller whose number nobody else may see; there is a recording."""
    office.inside.log_in("b2", "wang")
    call = str(office.inside.ring("l1", CANARY))
    office.inside.do(Answer, seat="b2")
    office.record(call)
    office.alarms.append("line 移动一: no signal")
    return call


def test_without_an_account_there_is_nothing_to_see_or_do(office: WebOffice, client: Client, call: str) -> None:
    before = len(office.audited)
    tried = 0
    for method, path in routes(client.app):
        if (method, path) in OPEN or path.endswith(("/stream", "/events")):
            continue
        tried += 1
        answer = client.request(method, filled(path, call))
        if path.startswith("/api/"):
            assert answer.status_code == 401 and answer.json() == {"error": "Sign in first, or bring a valid token."}, path
        else:
            assert answer.status_code in (303, 401), (method, path)
            assert answer.status_code == 401 or answer.headers["location"].startswith("/sign-in"), path
        assert not WORDS.search(answer.text), (path, answer.text)
    assert tried > 40 and len(office.audited) == before


@pytest.mark.parametrize("path", ["/stream", "/api/v1/events"])
def test_no_stream_without_an_account(path: str, client: Client) -> None:
    assert client.get(path).status_code in (303, 401)


@pytest.mark.parametrize("token", ["wrong", "", "token-of-li-00000000000", "ÿ" * 9])
def test_a_wrong_token_is_nobody_even_with_a_good_cookie(token: str, signed_in: As) -> None:
    client = signed_in()
    answer = client.get("/api/v1/seats", headers={"authorization": f"Bearer {token}".encode("latin-1")})
    assert answer.status_code == (401 if token else 200)


def test_an_agent_sees_no_byte_of_anothers_caller(office: WebOffice, client: Client, call: str) -> None:
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"
    for method, path in routes(client.app):
        if path.endswith(("/stream", "/events")) or path == "/sign-out":
            continue
        answer = client.request(method, filled(path, call))
        assert answer.status_code != 500, path
        assert CANARY not in answer.text and PORT not in answer.text and "no signal" not in answer.text, (method, path)


def test_an_agent_hears_no_event_of_anothers_call(office: WebOffice, client: Client, call: str) -> None:
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"

    def meanwhile(told: str) -> None:
        if "event: beat" in told and "event: seat" not in told:
            office.inside.wait(1000)
            office.inside.hang_up("l1")
            office.moved()

    told = client.stream("/api/v1/events", lambda told: "event: seat" in told and told.count("event: beat") > 1, meanwhile)
    assert "event: seat" in told and CANARY not in told and "event: call" not in told and PORT not in told


@pytest.mark.parametrize(
    ("person", "method", "path"),
    [
        ("li", "GET", "/people"), ("li", "GET", "/seats"), ("li", "GET", "/lines"), ("li", "POST", "/api/v1/lines/l1/disable"),
        ("li", "POST", "/api/v1/lamps/test"), ("li", "POST", "/api/v1/exchange/calls"), ("li", "GET", "/api/v1/exchange/calls"),
        ("li", "POST", "/api/v1/seats/b2/hang-up"), ("li", "POST", "/api/v1/seats/b2/ticket"), ("li", "GET", "/desk/b2"),
        ("boss", "POST", "/api/v1/lines/l1/disable"), ("boss", "POST", "/lines/l1/disable"), ("boss", "POST", "/seats/lamp-test"),
        ("boss", "POST", "/api/v1/exchange/calls"), ("boss", "POST", "/api/v1/lamps/test"),
    ],
)  # fmt: skip
def test_a_lesser_role_is_403(person: str, method: str, path: str, office: WebOffice, client: Client, call: str) -> None:
    client.headers["authorization"] = f"Bearer {TOKENS[person]}"
    before = list(office.audited)
    answer = client.request(method, path)
    assert answer.status_code == 403 and office.audited == before


def test_an_inspector_hears_every_call_and_supervises_from_his_own_seat_alone(office: WebOffice, client: Client, call: str) -> None:
    client.app.state.accounts.know({agent.id: agent.role for agent in office.document.agent} | {"li": "inspector"})
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"
    assert client.get(f"/api/v1/calls/{call}").json()["caller"] == CANARY
    assert client.get("/api/v1/recordings").status_code == 200 and client.get(f"/api/v1/calls/{call}/listenings").status_code == 200
    office.inside.log_in("b1", "li")
    assert CANARY in client.get("/wall").text
    listen = {"seat": "b2", "mode": "monitor"}
    assert client.post(f"/api/v1/calls/{call}/supervise", json=listen).status_code == 403, "another's seat"
    assert client.post(f"/api/v1/calls/{call}/supervise", json=listen | {"seat": "b1"}).status_code == 200
    assert ("li", "Supervise") in [(who, what) for who, what, *_ in office.audited]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/calls/{call}/move"), ("POST", "/api/v1/calls/{call}/take"), ("GET", "/api/v1/messages"), ("GET", "/people"),
        ("POST", "/api/v1/seats/b2/hang-up"), ("GET", "/lines"), ("POST", "/api/v1/deletions"), ("POST", "/queues/{call}/take"),
    ],
)  # fmt: skip
def test_an_inspector_orders_nothing(method: str, path: str, office: WebOffice, client: Client, call: str) -> None:
    client.app.state.accounts.know({agent.id: agent.role for agent in office.document.agent} | {"li": "inspector"})
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"
    before = list(office.audited)
    assert client.request(method, path.replace("{call}", call)).status_code in (403, 404) and office.audited == before


def test_an_agent_logs_in_as_nobody_else(client: Client, signed_in: As) -> None:
    client.headers["authorization"] = f"Bearer {TOKENS['li']}"
    assert client.post("/api/v1/seats/b1/login", json={"agent": "wang"}).status_code == 403
    assert client.post("/api/v1/seats/b1/login", json={"agent": "li"}).status_code == 200
    del client.headers["authorization"]
    client = signed_in("wang")
    form = {"seat": "b2", "agent": "chen", "forgery": client.forgery()}
    assert client.post("/desk/log-in", data=form).status_code == 403


# --- sessions


def test_the_cookie_is_for_the_box_alone(client: Client) -> None:
    answer = client.post("/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie and answer.headers["location"] == "/"


def test_over_https_the_cookie_is_never_sent_in_the_clear(office: WebOffice, client: Client) -> None:
    answer = client.post("https://box.local/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_post_of_the_session_needs_its_token(office: WebOffice, signed_in: As) -> None:
    client = signed_in()
    login = {"json": {"agent": "li"}}
    assert client.post("/api/v1/seats/b1/login", **login).status_code == 403
    assert client.post("/api/v1/seats/b1/login", **login, headers={"x-forgery-token": "x"}).status_code == 403
    assert client.post("/desk/log-in", data={"seat": "b1", "agent": "li"}).status_code == 403
    assert not office.audited
    assert client.post("/api/v1/seats/b1/login", **login, headers={"x-forgery-token": client.forgery()}).status_code == 200
    assert client.post("/desk/log-in", data={"seat": "b2", "agent": "wang", "forgery": client.forgery()}).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_another_sites_page_can_post_nothing_not_even_a_sign_in(headers: dict[str, str], client: Client) -> None:
    answer = client.post("/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]}, headers=headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_signing_out_ends_the_session_and_a_new_one_has_another_cookie(client: Client, signed_in: As) -> None:
    old = signed_in().cookies["seatbox"]
    client.post("/sign-out", data={"forgery": client.forgery()})
    client.cookies.set("seatbox", old, domain="127.0.0.1")
    assert client.get("/").status_code == 303
    client.cookies.clear()
    assert signed_in().cookies["seatbox"] != old


def test_a_new_password_ends_the_sessions_from_before(office: WebOffice, signed_in: As, client: Client) -> None:
    signed_in("li")
    assert client.get("/desk").status_code == 200
    client.app.state.sessions.find(client.cookies["seatbox"]).began_s -= 60
    client.loop.run_until_complete(client.app.state.accounts.set_password("li", "another-password-9", by="test"))
    assert client.get("/desk").status_code == 303


def test_who_is_no_longer_in_the_configuration_is_nobody_at_once(signed_in: As, client: Client) -> None:
    signed_in("li")
    client.app.state.accounts.know({"wang": "agent"})
    assert client.get("/desk").status_code == 303


def test_a_stream_ends_when_its_person_has_signed_out(signed_in: As, client: Client) -> None:
    signed_in()

    def meanwhile(told: str) -> None:
        if "event: changed" in told:
            client.app.state.sessions.close(client.cookies["seatbox"])

    told = client.stream("/stream", lambda told: False, meanwhile)
    assert told.startswith("status 200") and "event: beat" not in told


def test_wrong_passwords_are_slowed_down_and_the_reason_is_a_sentence(client: Client) -> None:
    answers = [client.post("/sign-in", data={"name": "admin", "password": f"wrong-{n}"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert "The name or the password is not right." in answers[0].text and "Too many tries; try again in" in answers[-1].text
    assert client.post("/sign-in", data={"name": "admin", "password": PASSWORDS["admin"]}).status_code == 401


def test_an_unknown_name_is_told_the_same_as_a_wrong_password(client: Client) -> None:
    known, unknown = (client.post("/sign-in", data={"name": name, "password": "wrong"}).text for name in ("admin", "nobody"))
    assert known.replace('value="admin"', 'value="nobody"') == unknown


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nx: y"])
def test_after_signing_in_nobody_is_sent_elsewhere(elsewhere: str, client: Client) -> None:
    form = {"name": "admin", "password": PASSWORDS["admin"], "next": elsewhere}
    assert client.post("/sign-in", data=form).headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/health", "/static/page.css", "/nothing", "/lamps.css"])
def test_every_answer_keeps_other_sites_out(path: str, signed_in: As) -> None:
    headers = signed_in().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"


def test_a_strange_host_puts_nothing_into_the_policy(client: Client) -> None:
    policy = client.get("/sign-in", headers={"host": "a; script-src *"}).headers["content-security-policy"]
    assert "script-src *" not in policy


def test_static_files_stay_in_their_folder(client: Client) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"):
        assert client.get(path).status_code in (303, 401, 404)
