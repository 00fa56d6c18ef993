"""The configuration on the page (E2): checked, saved whole or not at all, with a way back; a modem taken in as a line (A1)."""

import html
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.base.errors import NotFound, Refused
from appliance.box import config_file
from appliance.box.config_file import ConfigFile
from appliance.web.office import Family, Modem
from firmware_cfg import check
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]
SEAT = '\n[[seat]]\nid = "s9"\nname = "九号坐席"\nkind = "phone"\nnumber = "13800000199"\n'


@pytest.fixture
def file(tmp_path: Path) -> ConfigFile:
    path = tmp_path / "office.toml"
    path.write_bytes((check.HERE / "demo.toml").read_bytes())
    return ConfigFile(path, tmp_path)


def test_what_is_saved_is_in_force_and_what_was_can_be_had_back(file: ConfigFile) -> None:
    text, was = file.read()
    now = file.save(text + SEAT, was)
    assert file.fingerprint() == now != was and "九号坐席" in file.read()[0]
    assert [file.version(name) for name in file.versions()] == [text]
    file.save(text, now)
    assert file.fingerprint() == was and len(file.versions()) == 2


def test_one_with_mistakes_is_refused_and_nothing_changes(file: ConfigFile) -> None:
    text, was = file.read()
    with pytest.raises(Refused, match="mistakes"):
        file.save(text.replace('"v253"', '"v235"'), was)
    assert file.fingerprint() == was and file.versions() == []


def test_of_two_who_change_it_at_once_the_second_is_told(file: ConfigFile) -> None:
    text, was = file.read()
    file.save(text + SEAT, was)
    with pytest.raises(Refused, match="changed"):
        file.save(text + "# mine\n", was)
    assert "mine" not in file.read()[0]


def test_the_products_own_file_is_never_written(tmp_path: Path) -> None:
    shipped = check.HERE / "demo.toml"
    before = shipped.read_bytes()
    file = ConfigFile(shipped, tmp_path)
    text, was = file.read()
    file.save(text + SEAT, was)
    assert shipped.read_bytes() == before and file.path == tmp_path / "demo.toml" and "s9" in file.read()[0]


def test_a_disk_that_refuses_is_said_and_the_old_one_stays(file: ConfigFile, tmp_path: Path) -> None:
    text, was = file.read()
    (tmp_path / "configurations").write_text("in the way")
    with pytest.raises(Refused, match="unwritable"):
        file.save(text + SEAT, was)
    assert file.fingerprint() == was


def test_only_the_newest_versions_are_kept(file: ConfigFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_file, "KEPT", 3)
    text, was = file.read()
    for n in range(5):
        was = file.save(f"{text}# {n}\n", was)
    assert [file.version(name)[-2] for name in file.versions()] == ["3", "2", "1"]
    for name in ("../office", "x", ""):
        with pytest.raises(NotFound):
            file.version(name)


@pytest.mark.parametrize(("language", "words"), [("zh_CN", ("第", "尚未保存", "两秒内生效")), ("en", ("line ", "not saved yet", "Saved."))])
def test_the_page_names_each_mistake_with_its_line_and_saves_what_has_none(
    office: WebOffice, signed_in: As, language: str, words: tuple[str, str, str]
) -> None:
    client = signed_in()
    client.post("/language", data={"language": language, "next": "/"})
    text, was = office.configuration.read()
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}

    def send(what: str, text: str, was: str = was) -> str:
        return client.post(f"/configuration/{what}", files={"text": (None, text), "was": (None, was)}, headers=token).text

    wrong = text.replace('"v253"', '"v235"', 1)
    line = wrong[: wrong.index('"v235"')].count("\n") + 1
    found = send("check", wrong)
    assert f'data-to-line="{line}"' in found and words[0] in found and "v235" in found and "v253" in found
    assert f'data-to-line="{line}"' in send("save", wrong) and office.configuration.fingerprint() == was
    assert words[1] in send("check", text + SEAT)
    assert words[2] in send("save", text + SEAT) and "九号坐席" in office.configuration.read()[0]
    assert office.audited[-1][:2] == ("admin", "SaveConfiguration")
    name = office.configuration.versions()[0]
    assert "九号坐席" not in client.get(f"/configuration?before={name}").text
    assert client.get("/configuration?before=../../accounts").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh_CN",
            ["没有 strategi 这个设置项；是否应为", "的 dialect（调制解调器类型）；是否应为", "不能用作此处的时长；单位为秒，应为 1 到 120"],
        ),
        ("en", ["there is no setting strategi; did you mean", "there is no dialect", "is no length of time here; write seconds, 1 to 120"]),
    ],
)
def test_each_mistake_is_said_in_the_pages_language(office: WebOffice, signed_in: As, language: str, words: list[str]) -> None:
    client = signed_in()
    client.post("/language", data={"language": language, "next": "/"})
    text = office.configuration.read()[0].replace('"v253"', '"v235"', 1)
    text = text.replace("[[queue]]\n", '[[queue]]\nstrategi = "random"\n', 1) + '\n[[queue]]\nid = "late"\nring_limit_s = 900\n'
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}
    for what in ("check", "save"):
        found = client.post(f"/configuration/{what}", files={"text": (None, text), "was": (None, "")}, headers=token).text
        said = html.unescape(found[found.index('class="findings"') : found.index("</ol>")])
        assert said.count("<li>") == 3 and all(word in said for word in words), said
        assert bool(re.search("[a-z] [a-z]+ [a-z]", re.sub(r"<[^>]*>", "", said))) == (language == "en")


def test_markup_in_it_is_text(office: WebOffice, signed_in: As) -> None:
    client = signed_in()
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}
    nasty = "</textarea><script>alert(1)</script>"
    shown = client.post("/configuration/check", files={"text": (None, nasty), "was": (None, nasty)}, headers=token).text
    assert "<script>alert" not in shown and "&lt;/textarea&gt;" in shown


def test_it_is_the_administrators_alone(office: WebOffice, signed_in: As) -> None:
    client = signed_in("boss")
    token = {"x-forgery-token": client.forgery(), "hx-request": "true"}
    assert client.get("/configuration").status_code == 403
    for path in ("/configuration/save", "/configuration/check", "/lines/adopt"):
        assert client.post(path, data={"text": "", "was": ""}, headers=token).status_code == 403
    assert "/configuration" not in client.get("/").text


def plugged_in(office: WebOffice) -> None:
    toml = '[[line]]\nid = "l5"\ndialect = "ec25"\nport = "/dev/serial/by-path/a"\naudio_port = "/dev/serial/by-path/b"\nnumber = ""\n'
    office.plugged_in.append(Modem("/dev/serial/by-path/a", "2c7c:0125", Family("Quectel EC25", {}), toml))


def test_a_modem_that_is_plugged_in_becomes_a_line(office: WebOffice, signed_in: As) -> None:
    plugged_in(office)
    client = signed_in()
    given = {"where": "/dev/serial/by-path/a", "name": '移动"三"', "number": "13900000005", "queue": "service"}
    shown = client.post("/lines/adopt", data={**given, "forgery": client.forgery()})
    line = tomllib.loads(office.configuration.read()[0])["line"][-1]
    assert line == {
        "id": "l5", "dialect": "ec25", "port": "/dev/serial/by-path/a", "audio_port": "/dev/serial/by-path/b",
        "name": '移动"三"', "number": "13900000005", "queue": "service",
    }, shown.text  # fmt: skip
    assert office.audited[-1][:2] == ("admin", "AdoptModem")


@pytest.mark.parametrize(
    ("change", "language", "words"),
    [
        ({"number": "no number"}, "zh_CN", "不是电话号码；请只写数字"),
        ({"queue": "nowhere"}, "zh_CN", "没有队列 "),
        ({"queue": "nowhere"}, "en", "there is no queue "),
        ({"number": ""}, "en", "is missing; add number = a text in quotes"),
    ],
)
def test_one_that_cannot_be_taken_in_is_said_beside_it_and_what_was_typed_stays(
    office: WebOffice, signed_in: As, change: dict[str, str], language: str, words: str
) -> None:
    plugged_in(office)
    client, was = signed_in(), office.configuration.fingerprint()
    client.post("/language", data={"language": language, "next": "/"})
    given = {"where": "/dev/serial/by-path/a", "name": "third", "number": "13900000005", "queue": "service", **change}
    shown = client.post("/lines/adopt", data={**given, "forgery": client.forgery()}).text
    assert 'class="wrong"' in shown and words in shown and 'value="third"' in shown
    assert office.configuration.fingerprint() == was


def test_a_modem_that_is_gone_is_not_found(office: WebOffice, signed_in: As) -> None:
    client = signed_in()
    given = {"where": "/dev/serial/by-path/a", "number": "13900000005", "queue": "service", "forgery": client.forgery()}
    assert client.post("/lines/adopt", data=given).status_code == 404
