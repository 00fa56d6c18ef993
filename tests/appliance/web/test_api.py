"""The interface keeps the contract's words, its status codes and its times (E2)."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from starlette.routing import Route

from appliance.calls.commands import Answer, CompleteTransfer, Supervise, Transfer
from appliance.events.line import LineFault
from appliance.recording import wav
from appliance.recording.wav import Copy
from firmware_cfg.document import Supervision
from tests.support.web_client import Client
from tests.support.web_office import TOKENS, WebOffice, make_app

Api = Callable[..., Client]
V1 = "/api/v1"
WORDS = {
    "lines": {"id", "name", "dialect", "state", "number", "operator", "signal_dbm", "fault", "ports"},
    "agents": {"id", "name", "status", "seat", "queues", "skills", "missed"},
    "seats": {"id", "name", "kind", "number", "agent", "state", "led", "why"},
    "queues": {"id", "name", "waiting", "longest_wait_s", "free_agents"},
    "calls": {
        "id", "direction", "caller", "line", "queue", "seat", "agent", "state", "started_at", "picked_up_at", "answered_at", "ended_at",
        "ended_by", "offers", "timeline", "recording",
    },
}  # fmt: skip


def a_talk(office: WebOffice, seat: str = "b1", agent: str = "li", line: str = "l1", caller: str = "13912345678") -> str:
    """Somebody is called, answers, and talks."""
    if office.inside.seat(seat).agent is None:
        office.inside.log_in(seat, agent)
    call = office.inside.ring(line, caller)
    office.inside.do(Answer, seat=seat)
    office.inside.wait(3000)
    return str(call)


@pytest.mark.parametrize("noun", WORDS)
def test_each_list_has_the_contracts_words(noun: str, office: WebOffice, api: Api) -> None:
    a_talk(office)
    found = api().get(f"{V1}/{noun}").json()
    assert found and all(set(each) >= WORDS[noun] for each in found)


def test_health_says_more_to_a_person_with_an_account(client: Client, api: Api) -> None:
    assert client.get(f"{V1}/health").json() == {"status": "ok"}
    known = api().get(f"{V1}/health").json()
    assert set(known) == {"status", "version", "uptime_s", "alarms", "audio"}
    assert set(known["audio"]) >= {"ticks", "late", "p99_ms", "worst_ms", "underruns"}


def test_a_degraded_box_tells_a_stranger_nothing_but_that(office: WebOffice, client: Client, api: Api) -> None:
    office.alarms.append("line 移动一: the modem is gone")
    assert client.get(f"{V1}/health").json() == {"status": "degraded"}
    assert api().get(f"{V1}/health").json()["alarms"] == office.alarms


def test_what_an_agent_does_at_a_seat(office: WebOffice, api: Api) -> None:
    box = api()
    seat = f"{V1}/seats/b1"
    assert box.post(f"{seat}/login", json={"agent": "li"}).json()["state"] == "free"
    paused = box.post(f"{seat}/pause", json={"reason": "喝水 & <b>"}).json()
    assert (paused["state"], paused["reason"]) == ("paused", "喝水 & <b>")
    assert box.get(f"{V1}/seats").json()[0]["why"].startswith("Paused (喝水 & <b>)")
    assert box.post(f"{seat}/resume").json()["state"] == "free"
    office.inside.ring("l1")
    assert box.get(f"{V1}/seats").json()[0]["state"] == "ringing"
    assert box.post(f"{seat}/answer").json()["state"] == "talking"
    assert box.post(f"{seat}/hold", content=b"").json()["state"] == "held"
    assert box.post(f"{seat}/retrieve", json={}).json()["state"] == "talking"
    assert box.post(f"{seat}/mute").json()["muted"] is True
    assert box.post(f"{seat}/mute", json={"muted": False}).json()["muted"] is False
    assert box.post(f"{seat}/key", json={"digit": "5"}).status_code == 200
    assert box.post(f"{seat}/next-status", json={"status": "paused:meal"}).json()["next_status"] == "paused:meal"
    assert box.post(f"{seat}/hang-up").status_code == 200
    office.inside.hang_up("l1", "us")
    assert box.post(f"{seat}/logout").json()["state"] == "logged_out"
    assert [what for _, what, about in office.audited if about == "b1"] == [
        "LogIn", "Pause", "Resume", "Answer", "Hold", "Retrieve", "Mute", "Mute", "SendDigit", "ChooseNext", "HangUp", "LogOut",
    ]  # fmt: skip


def test_the_answer_follows_the_commit(office: WebOffice, api: Api) -> None:
    api().post(f"{V1}/seats/b1/login", json={"agent": "li"})
    assert office.committed_to == len(office.inside.facts) + len(office.audited)


@pytest.mark.parametrize(("language", "sentence"), [("en", "Nobody is logged in at seat b1."), ("zh-CN,zh;q=0.9", "坐席 b1 无人签入。")])
def test_what_the_state_does_not_allow_is_409_with_a_reason_in_the_asked_language(language: str, sentence: str, api: Api) -> None:
    answer = api().post(f"{V1}/seats/b1/answer", headers={"accept-language": language})
    assert (answer.status_code, answer.json()) == (409, {"error": sentence})


def test_a_state_in_a_reason_is_said_in_the_language_too(office: WebOffice, api: Api) -> None:
    office.inside.log_in("b1", "li")
    answer = api().post(f"{V1}/seats/b1/resume", headers={"accept-language": "zh"})
    assert answer.json() == {"error": "坐席 b1 现在是“空闲”，无需示闲。"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/seats/none/login"), ("POST", "/seats/none/answer"), ("POST", "/lines/none/disable"), ("GET", "/calls/none"),
     ("GET", "/calls/none/recording"), ("GET", "/nothing"), ("POST", "/seats/none/ticket")],
)  # fmt: skip
def test_what_does_not_exist_is_404_with_one_sentence(method: str, path: str, api: Api) -> None:
    answer = api().request(method, V1 + path, json={"agent": "li"})
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no such thing here."})


def test_an_unknown_agent_is_404(api: Api) -> None:
    assert api().post(f"{V1}/seats/b1/login", json={"agent": "nobody"}).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"agent": 5}', b'{"agent": ""}', b'{"agent": "li", "x": 1}', b"\xff\xfe", b'{"agent":"\xff"}']
)
def test_a_bad_body_is_422_and_says_what_is_wrong(body: bytes, api: Api) -> None:
    answer = api().post(f"{V1}/seats/b1/login", content=body)
    assert answer.status_code == 422 and answer.json()["error"].startswith("The body is not as it should be: ")


def test_a_body_of_a_megabyte_is_413(api: Api) -> None:
    assert api().post(f"{V1}/seats/b1/login", content=b"x" * 1_000_000).status_code == 413


def test_a_method_that_is_not_there_is_405(api: Api) -> None:
    answer = api().delete(f"{V1}/seats")
    assert answer.status_code == 405 and set(answer.json()) == {"error"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    word=st.sampled_from(["login", "pause", "mute", "key", "next-status", "answer", "hang-up", "resume"]),
    seat=st.sampled_from(["b1", "p1", "%00", "..%2f", "坐席", "'"]),
    body=st.one_of(st.binary(max_size=60), st.sampled_from([b'{"reason": "' + b"x" * 300 + b'"}', b'{"digit":"1"}', b'{"agent":"li"}'])),
)
def test_no_body_makes_a_fault_of_ours(word: str, seat: str, body: bytes, api: Api) -> None:
    answer = api().post(f"{V1}/seats/{seat}/{word}", content=body)
    assert answer.status_code in (200, 404, 409, 422)
    assert answer.status_code == 200 or set(answer.json()) == {"error"}


def test_calls_are_newest_first_with_times_that_have_an_offset(office: WebOffice, api: Api) -> None:
    first = a_talk(office)
    second = str(office.inside.ring("l2", "13900009999"))
    box = api()
    found = box.get(f"{V1}/calls").json()
    assert [call["id"] for call in found] == [second, first]
    talk = found[1]
    times = [datetime.fromisoformat(talk[name]) for name in ("started_at", "picked_up_at", "answered_at")]
    assert all(time.tzinfo is not None for time in times) and times == sorted(times)
    assert talk["offers"][0] | {"at": ""} == {"seat": "b1", "agent": "li", "at": "", "rings": 1, "outcome": "answered"}
    assert [moment["what"] for moment in talk["timeline"]][:2] == ["started", "identified"]
    assert talk["timeline"][0]["text"] == "Came in on l1"
    assert box.get(f"{V1}/calls/{first}").json() == talk


def test_calls_are_filtered(office: WebOffice, api: Api) -> None:
    first = a_talk(office)
    office.inside.hang_up("l1")
    second = str(office.inside.ring("l2", "13900009999"))
    box = api()
    ids: Callable[[str], list[str]] = lambda query: [call["id"] for call in box.get(f"{V1}/calls?{query}").json()]  # noqa: E731
    assert ids("live=true") == [second] and ids("live=false") == [first]
    assert ids("caller=13912345678") == [first] and ids("limit=1") == [second] and ids(f"before={second}") == [first]
    for wrong in ("live=perhaps", "limit=0", "limit=x", "limit=9999999999", "limit=²"):
        assert box.get(f"{V1}/calls?{wrong}").status_code == 422


def test_a_recording_is_a_wav_and_a_player_can_jump_in_it(office: WebOffice, api: Api) -> None:
    call = a_talk(office)
    box = api()
    assert box.get(f"{V1}/calls/{call}/recording").status_code == 404
    wav = office.record(call)
    whole = box.get(f"{V1}/calls/{call}/recording")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, wav, "audio/wav")
    part = box.get(f"{V1}/calls/{call}/recording", headers={"range": "bytes=44-143"})
    assert (part.status_code, part.content) == (206, wav[44:144])
    assert part.headers["content-range"] == f"bytes 44-143/{len(wav)}"
    assert box.get(f"{V1}/calls/{call}/recording", headers={"range": f"bytes={len(wav)}-"}).status_code == 416
    assert ("admin", "Listen", call) in office.audited


def test_a_long_recording_is_read_only_where_it_is_asked_for(office: WebOffice, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hours that are not there (a sparse file): 230 MB, of which no more than a piece is ever in memory."""
    call = a_talk(office)
    path = office.state / "long.wav"
    with path.open("wb") as file:
        file.truncate(230_000_044)
        file.seek(200_000_000)
        file.write(b"here")
    read: list[int] = []

    class Watched(Copy):
        def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
            for piece in super().pieces(begin, end):
                read.append(len(piece))
                yield piece

    monkeypatch.setattr(office, "recording", lambda _: Watched(path))
    box = api()
    part = box.get(f"{V1}/calls/{call}/recording", headers={"range": "bytes=200000000-200000003"})
    assert (part.status_code, part.content, read) == (206, b"here", [4])
    head = box.get(f"{V1}/calls/{call}/recording", headers={"range": "bytes=40-47"})
    assert head.content == wav.header(230_000_000)[40:] + bytes(4)
    whole = box.request("HEAD", f"{V1}/calls/{call}/recording")
    assert whole.headers["content-length"] == "230000044" and whole.content == b"" and read == [4, 4, 4]
    end = box.get(f"{V1}/calls/{call}/recording", headers={"range": "bytes=-1000000"})
    assert len(end.content) == 1_000_000 and max(read) <= 1 << 18


def test_a_fault_is_said_in_the_asked_language_and_to_programs_in_english(office: WebOffice, api: Api) -> None:
    office.inside.tell(LineFault, "l1", why="the port is gone: is the modem unplugged?")
    office.alarms.append("line 移动一: the port is gone: is the modem unplugged?")
    box = api()
    for accept, fault in ((None, "the port is gone"), ("zh-CN", "端口消失"), ("en", "the port is gone")):
        headers = {"accept-language": accept} if accept else {}
        assert box.get(f"{V1}/lines", headers=headers).json()[0]["fault"].startswith(fault)
        assert fault in box.get(f"{V1}/health", headers=headers).json()["alarms"][0]


def test_a_line_is_taken_out_of_service_and_back(office: WebOffice, api: Api) -> None:
    api().post(f"{V1}/lines/l1/disable")
    api().post(f"{V1}/lines/l1/enable")
    assert [order[:2] for order in office.inside.orders.log] == [("disable", "l1"), ("enable", "l1")]


def test_the_exchange_is_passed_through_in_the_demonstration(office: WebOffice, api: Api) -> None:
    asked = {"to": "13900000001", "from": "13800138000", "says": "tone:620"}
    assert api().post(f"{V1}/exchange/calls", json=asked).status_code == 201
    assert api().post(f"{V1}/exchange/calls", content=b'{"x":' * 9_000).status_code == 422
    api().get(f"{V1}/exchange/calls?number=13800138000")
    api().put(f"{V1}/exchange/trunks/l1", json={"fault": "unplug"})
    assert [(r["method"], r["path"], r["query"], r["body"]) for r in office.exchange_asked] == [
        ("POST", "/calls", {}, asked),
        ("GET", "/calls", {"number": "13800138000"}, {}),
        ("PUT", "/trunks/l1", {}, {"fault": "unplug"}),
    ]


def test_a_real_box_knows_no_exchange(office: WebOffice) -> None:
    office.demo = False
    client = Client(make_app(office))
    client.headers["authorization"] = f"Bearer {TOKENS['admin']}"
    assert client.get(f"{V1}/exchange/calls").status_code == 404
    assert not any("exchange" in path for path in client.get(f"{V1}/openapi.json").json()["paths"])
    assert 'id="simulate"' not in client.get("/").text
    client.close()


def test_the_description_has_every_call_and_no_other(client: Client, api: Api) -> None:
    document = api().get(f"{V1}/openapi.json").json()
    described = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    routes = [route for route in client.app.routes if isinstance(route, Route) and route.path.startswith(V1)]
    there = {(route.path.removeprefix(V1), method) for route in routes for method in route.methods or () if method != "HEAD"}
    assert described == there
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', api().get(f"{V1}/openapi.json").text))
    assert refs and refs <= set(document["components"]["schemas"])
    assert all(call["summary"] for calls in document["paths"].values() for call in calls.values())


def test_a_fault_of_ours_is_one_sentence_and_in_the_log(office: WebOffice, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    office.snapshot = broken  # type: ignore[method-assign,assignment]
    answer = api().get(f"{V1}/lines")
    assert (answer.status_code, answer.json()) == (500, {"error": "The box made a mistake; it is in the log, and calls go on."})
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(("language", "sentence"), [("en", "was chosen."), ("zh", "被选中。")])
def test_a_call_says_why_it_went_to_whom(language: str, sentence: str, office: WebOffice, api: Api) -> None:
    call = a_talk(office)
    (moment,) = api().get(f"{V1}/calls/{call}/routing", headers={"accept-language": language}).json()
    why = {each["agent"]: (each["why"], each["text"]) for each in moment["considered"]}
    assert moment["agent"] == "li" and why["li"] == ("chosen", sentence)
    assert why["wang"][0] == "logged_out"
    datetime.fromisoformat(moment["at"])


def test_a_call_is_consulted_joined_and_completed_in_the_contracts_words(office: WebOffice, api: Api) -> None:
    call, box = a_talk(office), api()
    office.inside.log_in("b2", "wang")
    assert box.post(f"{V1}/seats/b1/transfer", json={"to": "b2", "kind": "consult"}).json()["state"] == "held"
    assert box.post(f"{V1}/seats/b2/answer").json() | {"since": ""} == {
        **box.get(f"{V1}/seats").json()[1], "state": "talking", "party": "consulted", "call": call, "since": "",
    }  # fmt: skip
    assert box.post(f"{V1}/seats/b1/transfer/join").json()["state"] == "talking"
    assert [(each["role"], each["seat"]) for each in box.get(f"{V1}/calls/{call}").json()["parties"]] == [("member", "b2")]
    assert box.post(f"{V1}/seats/b1/transfer/complete").json()["state"] == "wrap_up"
    shown = box.get(f"{V1}/calls/{call}").json()
    assert (shown["seat"], shown["agent"], shown["agents"], shown["parties"]) == ("b2", "wang", ["li"], [])


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("transfer", {"to": "b2", "kind": "blind"}, 409, "Seat b2 is not free (it is paused)."),
        ("transfer", {"to": "b2"}, 409, "Seat b2 is not free (it is paused)."),
        ("transfer", {"to": "nobody"}, 409, "nobody is no seat, no agent, no queue and no telephone number."),
        ("transfer", {"to": "13700000000"}, 409, "This box passes no calls to outside numbers."),
        ("transfer", {"to": "b1"}, 409, "Seat b1 cannot transfer to itself."),
        ("transfer", {"to": "b2", "kind": "gently"}, 422, None),
        ("transfer", {}, 422, None),
        ("transfer/complete", {}, 409, "Seat b1 consults nobody."),
        ("transfer/cancel", {}, 409, "Seat b1 consults nobody."),
        ("reason", {"reason": "weather"}, 409, "There is no wrap-up reason weather."),
        ("note", {"text": ""}, 422, None),
    ],
)
def test_what_a_transfer_refuses_is_one_clear_line(
    office: WebOffice, api: Api, path: str, body: dict[str, str], status: int, sentence: str | None
) -> None:
    a_talk(office)
    box = api()
    office.inside.log_in("b2", "wang")
    box.post(f"{V1}/seats/b2/pause", json={})
    answer = box.post(f"{V1}/seats/b1/{path}", json=body)
    assert answer.status_code == status and "\n" not in answer.json()["error"]
    assert sentence in (None, answer.json()["error"])


def test_a_supervisor_listens_speaks_and_takes_over_and_an_agent_never_may(office: WebOffice, api: Api) -> None:
    call, boss = a_talk(office), api("boss")
    office.inside.log_in("b2", "wang")
    for mode in ("monitor", "whisper", "barge"):
        answer = boss.post(f"{V1}/calls/{call}/supervise", json={"seat": "b2", "mode": mode})
        assert answer.status_code == 200 and answer.json()["parties"][0] | {"since": ""} == {
            "role": mode, "seat": "b2", "agent": None, "number": None, "here": True, "since": "", "by": "boss",
        }  # fmt: skip
    assert boss.post(f"{V1}/calls/{call}/supervise", json={"seat": "b2", "mode": "take_over"}).json()["agent"] == "wang"
    assert office.inside.states["b1"] == "wrap_up"
    assert boss.post(f"{V1}/calls/{call}/supervise", json={"seat": "b9", "mode": "monitor"}).status_code == 404
    assert boss.post(f"{V1}/calls/none/supervise", json={"seat": "b2", "mode": "monitor"}).status_code == 404
    assert boss.post(f"{V1}/calls/{call}/supervise", json={"seat": "b2", "mode": "shout"}).status_code == 422
    assert ("boss", "Supervise", "b2") in office.audited
    assert api("li").post(f"{V1}/calls/{call}/supervise", json={"seat": "b2", "mode": "monitor"}).status_code == 403


@pytest.mark.parametrize("sees", [True, False])
def test_an_agent_sees_who_listens_where_the_configuration_says_so(office: WebOffice, api: Api, sees: bool) -> None:
    office.document = replace(office.document, supervision=Supervision(agents_see=sees))
    call = a_talk(office)
    office.inside.log_in("b2", "wang")
    office.inside.do(Supervise, seat="b2", call=call, mode="monitor", by="boss")
    agent = api("li")
    shown, seat = agent.get(f"{V1}/calls/{call}").json(), agent.get(f"{V1}/seats").json()[1]
    listed = agent.get(f"{V1}/calls").json()[0]
    assert bool(shown["parties"]) is bool(listed["parties"]) is sees and seat["party"] == ("monitor" if sees else None)
    assert any("supervis" in each["what"] for each in shown["timeline"]) is sees
    assert api("boss").get(f"{V1}/calls/{call}").json()["parties"]


def test_who_is_asked_into_a_call_sees_it_and_who_passed_it_on_still_does(office: WebOffice, api: Api) -> None:
    call = a_talk(office, seat="b2", agent="wang")
    assert api("li").get(f"{V1}/calls/{call}").status_code == 404
    office.inside.log_in("b1", "li")
    office.inside.do(Transfer, seat="b2", to="b1", kind="consult")
    assert api("li").get(f"{V1}/calls/{call}").status_code == 200
    office.inside.do(Answer, seat="b1")
    office.inside.do(CompleteTransfer, seat="b2")
    office.inside.do(Transfer, seat="b1", to="q", kind="blind")
    assert api("li").get(f"{V1}/calls/{call}").json()["agents"] == ["wang", "li"]
