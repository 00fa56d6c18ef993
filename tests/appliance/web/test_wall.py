"""The wall of live calls and the desk's transfers, as a person uses them (A6 A8 A9)."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from appliance.calls.commands import Answer, CompleteTransfer, JoinTransfer, Note, Supervise
from appliance.calls.commands import Transfer as Pass
from appliance.events.line import DigitHeard
from firmware_cfg.document import Reason, Supervision, Transfer
from tests.appliance.web.test_api import a_talk
from tests.appliance.web.test_pages import look
from tests.support.web_client import Client
from tests.support.web_office import WebOffice, web_document

As = Callable[..., Client]
REASONS = (Reason(id="fault", name="报修", name_en="Fault report"), Reason(id="other", name="其他"))


@pytest.fixture
def office(tmp_path: Path, hashed_accounts: Path) -> WebOffice:
    """li at b1 talks with a customer; wang is free at b2. Outside numbers are allowed, calls have reasons."""
    (tmp_path / "accounts.json").write_bytes(hashed_accounts.read_bytes())
    office = WebOffice(tmp_path, replace(web_document(), transfer=Transfer(outside="on", numbers=("137",)), reason=REASONS))
    a_talk(office)
    office.inside.log_in("b2", "wang")
    return office


def the_call(office: WebOffice) -> str:
    return str(office.calls()[0].id)


def posted(client: Client, path: str, **fields: str) -> str:
    """The fragment that the page's own button gets."""
    answer = client.post(path, data=fields)
    assert answer.status_code == 200, answer.text
    look(answer.text)
    return answer.text


STATES: dict[str, Callable[[WebOffice], None]] = {
    "talking": lambda office: None,
    "consult rings": lambda office: office.inside.do(Pass, seat="b1", to="b2", kind="consult"),
    "consulting": lambda office: (STATES["consult rings"](office), office.inside.do(Answer, seat="b2"))[1],
    "conference": lambda office: (STATES["consulting"](office), office.inside.do(JoinTransfer, seat="b1"))[1],
    "handed over": lambda office: (STATES["consulting"](office), office.inside.do(CompleteTransfer, seat="b1"))[1],
    "asks outside": lambda office: office.inside.do(Pass, seat="b1", to="13700000000", kind="consult"),
    "outside": lambda office: office.inside.do(Pass, seat="b1", to="13700000000", kind="blind"),
    "monitored": lambda office: office.inside.do(Supervise, seat="b2", call=the_call(office), mode="monitor", by="boss"),
    "taken over": lambda office: office.inside.do(Supervise, seat="b2", call=the_call(office), mode="take_over", by="boss"),
    "noted": lambda office: office.inside.do(Note, seat="b1", text="<b>call him Mr Wu & son", by="li"),
}


@pytest.mark.parametrize("state", STATES)
def test_desks_wall_and_calls_page_are_whole_in_every_state(state: str, office: WebOffice, api: As) -> None:
    STATES[state](office)
    client = api()
    paths = ("/desk/b1", "/desk/b2/panel", "/wall", "/wall/live", f"/calls/{the_call(office)}", "/")
    for path, language in itertools.product(paths, ("zh-CN", "en")):
        client.headers["accept-language"] = language
        answer = client.get(path)
        assert answer.status_code == 200, path
        look(answer.text)
        assert "<b>call" not in answer.text


def test_the_wall_shows_each_call_with_levels_wait_and_talk_and_one_that_waits_cannot_be_listened_to(office: WebOffice, api: As) -> None:
    office.inside.wait(65_000)
    office.inside.do(Pass, seat="b1", to="b2", kind="consult")
    office.inside.ring("l2", "13800000000")
    client = api("boss")
    text = client.get("/wall").text
    cards = re.findall(r'<li class="card wall-call.*?</li>', text, re.DOTALL)
    assert len(cards) == 2 and "13912345678" in cards[0] and "13800000000" in cards[1]
    assert 'value="0.61" data-level="customer"' in cards[0] and 'value="0.7" data-level="agent"' in cards[0]
    assert "disabled" in cards[1] and "ringing" in cards[0]


def test_a_supervisor_listens_changes_and_stops_with_the_walls_buttons(office: WebOffice, api: As) -> None:
    call, client = the_call(office), api("boss")
    for mode in ("monitor", "whisper", "barge"):
        shown = posted(client, f"/wall/{call}/{mode}", seat="b2")
        assert f'data-mode="{mode}"' in shown and office.inside.ears.hearing["seat:b2"] == {"line:l1", "seat:b1"}
    assert 'data-mode=""' in posted(client, f"/wall/{call}/stop", seat="b2")
    assert "Seat b1 is" in posted(client, f"/wall/{call}/monitor", seat="b1")
    posted(client, f"/wall/{call}/take_over", seat="b2")
    assert office.inside.states == {**office.inside.states, "b1": "wrap_up", "b2": "talking"}


def test_a_supervisor_at_a_telephone_is_told_that_it_rings_and_confirms_with_its_key(office: WebOffice, api: As) -> None:
    office.inside.log_in("p1", "chen")
    client = api("boss")
    shown = posted(client, f"/wall/{the_call(office)}/whisper", seat="p1")
    assert 'data-mode="whisper"' in shown and "press key 1" in shown
    line = office.inside.seat("p1").leg
    office.inside.tell(DigitHeard, str(line), digit="1")
    assert "press key 1" not in client.get("/wall/live?seat=p1").text
    assert 'data-party="whisper"' in client.get("/desk/p1/panel").text


def test_an_agent_has_no_wall_and_sees_who_listens_only_where_the_office_wants_it(office: WebOffice, api: As) -> None:
    STATES["monitored"](office)
    client = api("li")
    assert client.get("/wall").status_code == 403
    panel = client.get("/desk/b1/panel").text
    assert 'data-listener="monitor"' in panel and "data-parties" not in panel, "who listens is told once"
    office.document = replace(office.document, supervision=Supervision(agents_see=False))
    assert "data-listener" not in client.get("/desk/b1/panel").text and "boss" not in client.get(f"/calls/{the_call(office)}").text


def test_a_transfer_is_pressed_at_the_desk_and_what_is_known_is_on_the_other_ones_screen_before_he_answers(
    office: WebOffice, api: As
) -> None:
    client = api("li")
    posted(client, "/desk/b1/do/note", text="wants the invoice")
    shown = posted(client, "/desk/b1/do/consult", to="b2", number="")
    assert 'data-consult="rings"' in shown
    other = api("wang").get("/desk/b2/panel").text
    assert 'data-seat-state="ringing"' in other and "wants the invoice" in other and "13912345678" in other and "李明" in other
    office.inside.do(Answer, seat="b2")
    client = api("li")
    assert 'data-seat-state="talking"' in posted(client, "/desk/b1/do/join")
    assert 'data-seat-state="wrap_up"' in posted(client, "/desk/b1/do/leave")
    assert "wants the invoice" in client.get("/desk/b1/panel").text, "the call that he passed on is what he writes up"
    posted(client, "/desk/b1/do/reason", reason="fault")
    assert office.calls()[0].reason == "fault" and "Fault report" in client.get(f"/calls/{the_call(office)}").text


def test_what_a_transfer_refuses_stands_on_the_desk(office: WebOffice, api: As) -> None:
    client = api("li")
    assert "is not allowed for transfers" in posted(client, "/desk/b1/do/transfer", to="", number="0085 2123-4567")
    assert "consults nobody" in posted(client, "/desk/b1/do/complete")
    assert office.inside.states["b1"] == "talking"


def test_the_wall_without_a_seat_to_listen_at_says_so(office: WebOffice, api: As) -> None:
    client = api("boss")
    assert "No seat to listen at" in posted(client, f"/wall/{the_call(office)}/monitor", seat="")
