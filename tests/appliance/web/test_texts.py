"""Both languages are complete, and the right one is chosen (E2)."""

import re
from pathlib import Path

import pytest

from appliance.web import texts
from appliance.web.i18n_check import _findings, findings, messages, used


def test_both_catalogues_are_complete() -> None:
    assert findings() == []


def test_a_key_that_the_code_uses_and_nobody_has_written_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "appliance"
    folder.mkdir()
    (folder / "x.py").write_text('raise Refused("seat.flies" if high else "seat.swims", seat=1)\nreturn "why.moon"\n')
    (folder / "y.html").write_text("{{ t('page.nowhere') }}")
    found = "\n".join(findings(folder))
    for key in ("seat.flies", "seat.swims", "why.moon", "page.nowhere"):
        assert f"zh_CN: {key} has no text" in found and f"en: {key} has no text" in found


def test_differing_placeholders_and_laughable_words_are_found() -> None:
    found = list(_findings({"zh_CN": {"a.b": "{x} 代理"}, "en": {"a.b": "{y}"}}, {}))
    assert found == ["zh_CN: a.b says 代理; the trade says 坐席", "a.b: the languages do not fill in the same words"]


def test_every_refusal_of_the_box_is_a_sentence_in_both_languages() -> None:
    keys = [key for key, file in used().items() if file.startswith(("appliance/calls/", "appliance/people/"))]
    assert len(keys) >= 15
    for language in texts.LANGUAGES:
        assert all(messages(language)[key].endswith((".", "。")) for key in keys)


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        ("en", "zh-CN", "en"),
        ("fr", "zh-TW,zh;q=0.9", "zh_CN"),
        (None, "en-GB,en;q=0.9,zh;q=0.1", "en"),
        (None, "de, zh;q=0.3, en;q=0.8", "en"),
        (None, "en;q=0, zh", "zh_CN"),
        (None, "fr", "zh_CN"),
        (None, None, "zh_CN"),
        (None, ";;;q=x,", "zh_CN"),
        ("", "EN", "en"),
    ],
)
def test_the_persons_choice_then_the_browsers_then_the_configurations(cookie: str | None, accept: str | None, language: str) -> None:
    assert texts.Catalogues().choose(cookie, accept, "zh_CN").language == language


def test_a_word_that_a_person_typed_stands_for_itself() -> None:
    zh = texts.load("zh_CN")
    assert zh.word("reason", "meal") == "用餐" and zh.word("reason", "喝水{x}") == "喝水{x}" and zh.word("reason", None) == ""


def test_the_compiled_catalogue_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "seatbox.mo").write_bytes(texts.compiled("en"))
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    assert texts.load.__wrapped__("en")("sign_in.in") == "Sign in"


def test_a_fault_that_nobody_has_translated_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "appliance"
    (folder / "hw").mkdir(parents=True)
    (folder / "hw" / "x.py").write_text('self._say_fault(f"the modem {n} melts" if hot else "the modem is frozen over")\n')
    found = "\n".join(findings(folder))
    for sentence in ("the modem {} melts", "the modem is frozen over"):
        assert f"zh_CN: {sentence} has no text" in found and f"en: {sentence} has no text" in found


def test_every_fault_and_alarm_of_the_box_is_chinese_on_the_chinese_page_and_itself_on_the_english_one() -> None:
    said = [sentence for sentence in messages("en") if " " in re.sub(r"{\w+};?", "", sentence).strip()]
    assert len(said) >= 30
    for sentence in said:
        spoken = re.sub(r"{\w+}", "x7", sentence)
        assert texts.load("en").sentence(spoken) == spoken
        assert re.search("[\u4e00-\u9fff]", texts.load("zh_CN").sentence(spoken)), spoken


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the port is gone: is the modem unplugged?", "端口消失：调制解调器是否被拔出？"),
        (
            "line 固话二: /x/l4: no such port; is the modem plugged in? `seatbox doctor` lists the ports there are",
            "线路“固话二”：/x/l4：没有这个端口，调制解调器插好了吗？可用 seatbox doctor 查看现有端口",
        ),
        (
            "journal.db was damaged (a {x}): kept as old, a new one was begun; the journal was cut: entries 5 to 9 are missing",
            "journal.db 已损坏（a {x}）：旧文件另存为 old，已新建一个；日志被截断：缺少第 5 至 9 条记录",
        ),
        ("a sentence {of} nobody", "a sentence {of} nobody"),
        ("", ""),
    ],
)
def test_what_the_box_keeps_in_english_is_read_in_chinese(said: str, shown: str) -> None:
    assert texts.load("zh_CN").sentence(said) == shown
