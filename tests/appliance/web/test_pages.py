"""Every page, in both languages, in every state of a seat: whole, escaped, with texts and not keys (A2 A4 A6 E2)."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from appliance.base.ids import LineId
from appliance.box.dial_guard import DialGuard
from appliance.calls.commands import Answer, ChooseNext, Hold, Pause
from appliance.events.line import BalanceRead, BalanceUnread, LineConnected, LineHeard, LineIdentified, LineRecovery
from appliance.web.i18n_check import messages
from appliance.web.office import Family, Modem
from firmware_cfg.document import Balance, Dialling, Price, Tenant
from tests.support.office import UTC
from tests.support.web_client import Client
from tests.support.web_office import WebOffice, make_app, web_document

As = Callable[..., Client]
PAGES = (
    "/",
    "/configuration",
    "/board/live",
    "/desk",
    "/calls",
    "/people",
    "/seats",
    "/seats/live",
    "/lines",
    "/lines/live",
    "/wall",
    "/wall/live",
    "/simulate",
)
KEYS = set(messages("en"))
NASTY = "<script>alert('x')</script>\"'&{{7*7}}"


class Whole(HTMLParser):
    """Every element that is opened is closed, and no id stands twice."""

    VOID = {"meta", "link", "input", "br", "circle", "img"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs), "inline script or style, which the policy forbids"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag


def look(text: str) -> None:
    whole = Whole()
    whole.feed(text)
    assert whole.open == [] and len(set(whole.ids)) == len(whole.ids)
    shown = re.sub(r"<[^>]*>", " ", text)
    assert not KEYS & set(re.findall(r"[\w.]+", shown)), "a key instead of its text"
    assert "{{" not in shown.replace("{{7*7}}", "") and "…" not in shown.replace(" …", "").replace("……", "")


def in_state(office: WebOffice, state: str) -> None:
    """Seat b1, li, in that state."""
    if state == "logged_out":
        return
    office.inside.log_in("b1", "li")
    if state == "paused":
        office.inside.do(Pause, seat="b1", reason="meal")
    if state == "fault":
        office.inside.pages.clear()
        office.inside.wait(5000)
    if state in ("ringing", "talking", "held", "wrap_up"):
        office.inside.ring("l1", None if state == "held" else "13912345678")
        if state != "ringing":
            office.inside.do(Answer, seat="b1")
        if state == "held":
            office.inside.do(Hold, seat="b1")
        if state == "wrap_up":
            office.inside.hang_up("l1")
    assert office.inside.states["b1"] == state


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("state", ["logged_out", "free", "ringing", "talking", "held", "wrap_up", "paused", "fault"])
def test_every_page_is_whole_in_every_state(state: str, language: str, office: WebOffice, signed_in: As) -> None:
    in_state(office, state)
    client = signed_in()
    client.headers["accept-language"] = language
    calls = [f"/calls/{call.id}" for call in office.calls()]
    for path in [*PAGES, *calls, *(["/desk/b1", "/desk/b1/panel"] if state != "logged_out" else [])]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        if path.endswith(("/live", "/panel")):
            assert "<html" not in answer.text
        else:
            assert f'<html lang="{language}">' in answer.text
        look(answer.text)


@pytest.mark.parametrize("name", ["li", "boss"])
def test_a_lesser_roles_pages_are_whole_too(name: str, office: WebOffice, signed_in: As) -> None:
    in_state(office, "talking")
    client = signed_in(name)
    for path in ("/", "/calls"):
        look(client.get(path).text)
    assert client.get("/desk").headers.get("location") == ("/desk/b1" if name == "li" else None)
    look(client.get("/desk/b1").text)


def test_names_that_people_have_typed_are_shown_as_text(office: WebOffice, hashed_accounts: object) -> None:
    document = web_document()
    agents = tuple(replace(agent, name=NASTY) for agent in document.agent)
    seats = tuple(replace(seat, name=NASTY) for seat in document.seat)
    evil = replace(document, name=NASTY, agent=agents, seat=seats, line=tuple(replace(line, name=NASTY) for line in document.line))
    office = WebOffice(office.state, evil)
    office.alarms.append(NASTY)
    office.inside.log_in("b1", "li")
    office.inside.do(Pause, seat="b1", reason=NASTY)
    client = Client(make_app(office))
    client.headers["authorization"] = "Bearer token-of-admin-0000000000"
    for path in [*PAGES, "/desk/b1"]:
        text = client.get(path).text
        assert ("<script>alert" not in text and "{{7*7}}" in text) or path == "/calls", path
        look(text)
    client.app.state.accounts.close()
    client.close()


def test_the_board_is_of_one_moment(office: WebOffice, signed_in: As) -> None:
    in_state(office, "talking")
    office.inside.ring("l2", "13900001111")
    text = signed_in().get("/board/live").text
    counted = sum(int(number) for number in re.findall(r"<b class=\"num\">(\d+)</b>", text))
    assert counted == len(office.document.seat)
    assert f'data-number="{office.snapshot().number}"' in text and f'data-as-of="{office.snapshot().as_of_ms}"' in text
    assert re.search(r'data-queue="q">.*?<dd class="big num">1</dd>', text, re.DOTALL)


def test_a_missed_call_stands_on_the_desk(office: WebOffice, signed_in: As) -> None:
    in_state(office, "ringing")
    office.inside.wait(20_000)
    text = signed_in().get("/desk/b1/panel").text
    assert "You did not answer 13912345678 at" in text and "it rests for a moment" in text


def test_what_was_heard_at_the_other_end_stands_on_the_desk_of_who_has_the_call(office: WebOffice, signed_in: As) -> None:
    in_state(office, "talking")
    client = signed_in()
    assert "data-far-end" not in client.get("/desk/b1/panel").text
    office.inside.tell(LineHeard, "l1", what="person")
    assert "data-far-end" not in client.get("/desk/b1/panel").text
    office.inside.tell(LineHeard, "l1", what="fax_calls")
    assert 'data-far-end="fax_calls">A fax machine is calling' in client.get("/desk/b1/panel").text
    office.inside.hang_up("l1")
    assert "data-far-end" not in client.get("/desk/b1/panel").text


def test_the_card_knows_the_callers_earlier_calls(office: WebOffice, signed_in: As) -> None:
    in_state(office, "talking")
    office.inside.hang_up("l1")
    office.inside.wait(15_000)
    office.inside.ring("l2", "13912345678")
    text = signed_in().get("/desk/b1/panel").text
    assert 'data-seat-state="ringing"' in text and re.search(r'<ul class="earlier">.*李明', text, re.DOTALL)
    assert text.count("data-ring=") == 3, "three rings"


def test_a_button_that_is_refused_says_why_at_the_desk(office: WebOffice, signed_in: As) -> None:
    in_state(office, "free")
    client = signed_in()
    answer = client.post("/desk/b1/do/hold", headers={"x-forgery-token": client.forgery()})
    assert answer.status_code == 200 and "Seat b1 is not talking." in answer.text


def test_the_desks_buttons_do_it(office: WebOffice, signed_in: As) -> None:
    in_state(office, "ringing")
    client = signed_in()
    headers = {"x-forgery-token": client.forgery()}
    steps = (
        ("answer", {}, "talking"),
        ("hold", {}, "held"),
        ("retrieve", {}, "talking"),
        ("mute", {}, "talking"),
        ("key", {"digit": "7"}, "talking"),
    )
    for what, form, state in steps:
        assert client.post(f"/desk/b1/do/{what}", data=form, headers=headers).status_code == 200
        assert office.inside.states["b1"] == state
    client.post("/desk/b1/do/next", data={"status": "paused:rest"}, headers=headers)
    office.inside.hang_up("l1")
    office.inside.wait(11_000)
    assert office.inside.states["b1"] == "paused"
    assert client.post("/desk/b1/do/log_out", headers=headers | {"hx-request": "true"}).headers["hx-redirect"] == "/desk"
    assert client.post("/desk/b1/do/nonsense", headers=headers).status_code in (403, 404)


def test_the_persons_choice_of_language_wins(office: WebOffice, signed_in: As) -> None:
    client = signed_in()
    answer = client.post("/language", data={"language": "zh_CN", "next": "/lines"})
    assert answer.headers["location"] == "/lines" and "<h1>线路</h1>" in client.get("/lines").text


def test_a_line_can_be_disabled_on_its_page_by_the_administrator_alone(office: WebOffice, signed_in: As) -> None:
    client = signed_in()
    answer = client.post("/lines/l2/disable", headers={"x-forgery-token": client.forgery()})
    assert answer.status_code == 200 and ("disable", "l2", None) in office.inside.orders.log
    assert client.post("/lines/l2/explode", headers={"x-forgery-token": client.forgery()}).status_code == 404


def test_the_administrator_gives_a_person_a_password_and_it_signs_in(office: WebOffice, signed_in: As) -> None:
    box = signed_in()
    assert "no password yet" in box.get("/people").text
    box.headers["x-forgery-token"] = box.forgery()
    short = box.post("/people/password", data={"name": "chen", "password": "short"})
    assert short.status_code == 409 and "8" in short.text
    given = box.post("/people/password", data={"name": "chen", "password": "seven-lamps-9"})
    assert given.status_code == 200 and given.text.count("seven-lamps-9") == 1 and "陈静" in given.text
    assert "seven-lamps-9" not in box.get("/people").text
    box.cookies.clear()
    del box.headers["x-forgery-token"]
    entered = box.post("/sign-in", data={"name": "chen", "password": "seven-lamps-9"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk")
    choice = box.get("/desk").text
    assert "陈静" in choice and "李明" not in choice, "an agent sits down as himself"


@pytest.mark.parametrize("name", ["li", "boss"])
def test_nobody_but_the_administrator_gives_passwords(name: str, office: WebOffice, signed_in: As) -> None:
    box = signed_in(name)
    box.headers["x-forgery-token"] = box.forgery()
    assert box.post("/people/password", data={"name": "chen", "password": "seven-lamps-9"}).status_code == 403
    assert 'action="/people/password"' not in box.get("/people").text
    account = box.app.state.accounts.find("chen")
    assert account is not None and account.password is None


def test_the_caller_is_rejected_with_a_button_that_says_so(office: WebOffice, signed_in: As) -> None:
    in_state(office, "ringing")
    assert ">Reject <kbd>F4" in signed_in().get("/desk/b1").text


def test_after_the_call_comes_the_wrap_up_until_something_else_is_chosen_and_it_can_be_chosen_again(
    office: WebOffice, signed_in: As
) -> None:
    def chosen() -> list[str]:
        return re.findall(r'aria-pressed="true"[^>]*"status": "([^"]+)"', box.get("/desk/b1").text)

    in_state(office, "talking")
    box = signed_in()
    assert chosen() == ["wrap_up"]
    office.inside.do(ChooseNext, seat="b1", status="paused:meal")
    assert chosen() == ["paused:meal"]
    office.inside.do(ChooseNext, seat="b1", status="wrap_up")
    assert chosen() == ["wrap_up"]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_calls_page_tells_why_it_went_to_whom_when_asked(language: str, office: WebOffice, signed_in: As) -> None:
    office.inside.log_in("b1", "li")
    call = office.inside.ring("l1", "13912345678")
    client = signed_in()
    client.cookies.set("language", language)
    assert f'hx-get="/calls/{call}/why"' in client.get(f"/calls/{call}").text
    text = client.get(f"/calls/{call}/why").text
    look(text)
    words = messages(language)
    assert "李明" in text and words["routing.chosen"] in text
    assert words["routing.logged_out"] in text


def test_a_pause_for_missed_calls_is_called_so_and_not_busy_or_a_break(office: WebOffice, signed_in: Callable[..., Client]) -> None:
    document = office.document
    people = tuple(replace(agent, misses_max=1) for agent in document.agent)
    office.inside._take(office.inside.switchboard.configure(replace(document, agent=people), office.inside.now_ms))
    office.inside.log_in("b1", "li")
    office.inside.ring("l1")
    office.inside.wait(15_000)
    shown = signed_in("boss").get("/board/live").text.split('data-seat="b1"')[1].split("</li>")[0]
    assert "<b>did not answer</b>" in shown and "missed too many calls in a row" in shown and "on a break" not in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh_CN", ("无应答", "按电源键", "已恢复", "A7670 不通过 USB 传声音")),
        ("en", ("silent", "power key", "back", "an A7670 has no sound")),
    ],
)
def test_the_lines_page_says_what_was_done_about_a_line_and_which_modems_wait(
    office: WebOffice, signed_in: As, language: str, words: tuple[str, ...]
) -> None:
    office.inside.tell(LineIdentified, "l1", imei="861475035737602")
    for step in ("silent", "power_key", "back"):
        office.inside.tell(LineRecovery, "l1", step=step)
        office.inside.wait(1_000)
    limits = {"zh_CN": "A7670 不通过 USB 传声音", "en": "an A7670 has no sound over USB"}
    office.plugged_in.append(Modem("/dev/serial/by-path/x", "1e0e:9011", Family("SIMCom A7670", limits), '[[line]]\nid = "l5"\n'))
    office.plugged_in.append(Modem("/dev/ttyUSB9", "ffff:0001", None, ""))
    client = signed_in()
    client.post("/language", data={"language": language, "next": "/lines"})
    text = client.get("/lines").text
    look(text)
    assert all(word in text for word in words) and "861475035737602" in text and "[[line]]" in text
    times = re.findall(r"\d\d:\d\d:\d\d", text.split("data-recovery")[1].split("</p>")[0])
    assert len(times) == 3 and times == sorted(times)
    assert "ffff:0001" in text
    assert "1e0e:9011" not in signed_in("boss").get("/lines").text


@pytest.mark.parametrize(("language", "words"), [("zh_CN", ("外呼限额", "今日话费（元）")), ("en", ("used today", "Spent today, yuan"))])
def test_the_lines_page_says_what_was_used_of_each_cap_today(
    office: WebOffice, signed_in: As, language: str, words: tuple[str, ...]
) -> None:
    """A10: of the line, of who rents it, of the office."""
    rules = Dialling(per_day=9, all_per_day=90, spend_per_day=50.0, price=(Price(begins="", yuan=0.15),))
    first, *others = office.document.line
    lines = (replace(first, tenant="acme"), *others)
    office.document = replace(office.document, line=lines, dialling=rules, tenant=(Tenant(id="acme", name="阿克米", at_once=2),))
    guard = DialGuard(office.outgoing, office.document)
    office.outgoing.take(UTC, guard.allowed("l1", "13800138000", 0))
    office.outgoing.take(UTC, LineConnected(at_ms=0, line=LineId("l1")))
    client = signed_in("boss")
    client.post("/language", data={"language": language, "next": "/lines"})
    text = client.get("/lines").text
    look(text)
    assert all(word in text for word in words)
    card = text.split('data-line="l1"')[1].split("</section>")[0]
    assert 'data-cap="per_day">1 / 9<' in card
    tenant = text.split('data-caps="tenant:acme"')[1].split("</section>")[0]
    assert "阿克米" in tenant and 'data-cap="at_once">1 / 2<' in tenant
    office_card = text.split('data-caps="office"')[1].split("</section>")[0]
    assert 'data-cap="per_day">1 / 90<' in office_card and 'data-cap="spend_per_day">0.15 / 50.00<' in office_card


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh_CN", ("卡内余额", "没有答复", "查询余额")),
        ("en", ("Left on the card", "not learnt: no answer came", "Ask for the balance")),
    ],
)
def test_the_lines_page_shows_the_balance_with_its_time_and_an_administrator_asks_for_it(
    office: WebOffice, signed_in: As, language: str, words: tuple[str, ...]
) -> None:
    """A1: below the line's mark it is marked, the carrier's words are there and escaped."""
    first, *others = office.document.line
    office.document = replace(office.document, line=(replace(first, balance=Balance(ussd="*100#"), balance_low=10.0), *others))
    line = LineId("l1")
    office.accounts.take(UTC, BalanceRead(at_ms=0, line=line, fen=320, text="<b>3.20 left</b>"))
    client = signed_in()
    client.post("/language", data={"language": language, "next": "/lines"})
    look(client.get("/lines").text)
    office.accounts.take(UTC, BalanceUnread(at_ms=0, line=line, why="no answer came"))
    text = client.get("/lines").text
    assert all(word in text for word in words) and '<span class="num wrong">3.20</span>' in text and "&lt;b&gt;3.20 left" in text
    answer = client.post("/lines/l1/balance", headers={"x-forgery-token": client.forgery()})
    assert answer.status_code == 200 and office.accounts.waits(line)
    again = client.post("/lines/l1/balance", headers={"x-forgery-token": client.forgery()})
    assert again.status_code == 200 and 'role="alert"' in again.text
    assert client.post("/lines/l2/balance", headers={"x-forgery-token": client.forgery()}).status_code == 404
    boss = signed_in("boss")
    assert 'hx-post="/lines/l1/balance"' not in boss.get("/lines").text
    assert boss.post("/lines/l1/balance", headers={"x-forgery-token": boss.forgery()}).status_code == 403
