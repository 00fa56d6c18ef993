"""Both languages are complete, and the right one is chosen (E2)."""

import ast
import re
from pathlib import Path

import pytest

from appliance.web import texts
from appliance.web.i18n_check import _findings, findings, messages, used
from firmware_cfg import check
from firmware_cfg.findings import Said
from tests.firmware_cfg.test_check import GOOD, MISTAKES


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
        (
            "the configuration is not taken over, mistakes in it: 3; Check on the page Configuration names each",
            "新配置没有启用，其中有 3 处错误；在“配置”页点“检查”可逐条查看",
        ),
        ("a sentence {of} nobody", "a sentence {of} nobody"),
        ("", ""),
    ],
)
def test_what_the_box_keeps_in_english_is_read_in_chinese(said: str, shown: str) -> None:
    assert texts.load("zh_CN").sentence(said) == shown


CHECKED = Path(check.__file__).parent


def calls_of(name: str) -> list[ast.Call]:
    """In the configuration's check."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(CHECKED.glob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in nodes if isinstance(node.func, ast.Name) and node.func.id == name]


def test_each_sentence_of_the_check_is_written_out_with_the_words_that_fill_it_and_is_in_both_catalogues() -> None:
    zh, en = (messages(language, texts.FINDING) for language in texts.LANGUAGES)
    made = calls_of("Said")
    assert len(made) >= 190
    for call in made:
        (template,) = [given.value for given in call.args if isinstance(given, ast.Constant)]
        words = set(re.findall(r"{(\w+)}", template))
        assert words == {word.arg for word in call.keywords}, template
        if template:
            assert en[template] == template and words == set(re.findall(r"{(\w+)}", zh[template])), template
            assert re.search("[\u4e00-\u9fff]", zh[template]) or not re.search(r"[a-z]", re.sub(r"{\w+}", "", template)), template


def test_no_finding_of_the_check_is_a_bare_text() -> None:
    made = calls_of("Finding")
    assert len(made) >= 10
    assert not [given for call in made for given in call.args[2:] if isinstance(given, ast.Constant | ast.JoinedStr | ast.BinOp)]


def test_a_finding_that_nobody_has_translated_is_found(tmp_path: Path) -> None:
    for folder in ("appliance", "firmware_cfg"):
        (tmp_path / folder).mkdir()
    (tmp_path / "firmware_cfg" / "x.py").write_text('report(path, Said("{value} melts", value=value), Said("cool it"))\n')
    found = "\n".join(findings(tmp_path / "appliance"))
    for sentence in ("{value} melts", "cool it"):
        assert f"zh_CN: {sentence} has no text" in found and f"en: {sentence} has no text" in found


@pytest.mark.parametrize(
    "text",
    [GOOD.replace(before, after, 1) for before, after, _, _ in MISTAKES]
    + ["name =", "a", "a = 1\na = 1", "[[line]", "line = [1]", "name = {}", "name ＝ 1", "a" + ".a" * 400]
    + [f'[[line]]\nid = "x"\ndialect = "{family}"\nport = "/dev/x"\nnumber = "5"\n' for family in ("sim800", "rockwell", "gsm", "a7670")],
    ids=lambda text: text.replace(GOOD, "")[-40:],
)
def test_every_mistake_is_said_in_chinese_and_in_english_as_at_the_console(text: str) -> None:
    found = check.parse(text.encode(), "box.toml", check.known())[1]
    assert found
    for one in found:
        assert isinstance(one.wrong, Said) and isinstance(one.right, Said)
        assert texts.load("en").sentence(one.whole) == str(one)
        for part in (one.wrong, one.right):
            assert re.search("[\u4e00-\u9fff]", texts.load("zh_CN").sentence(part)), part


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naem = 1", 'naem（第 1 行）：没有 naem 这个设置项；是否应为 "name"？'),
        ("name = 253", 'name（第 1 行）：253 是整数，类型不对；应为：带引号的文本 "…"'),
        ('name = "{name}" x', "box.toml（第 1 行）：值的后面还有多余内容；每行只写一项；注释以 # 开头"),
        ('[[queue]]\nid = "{value}"', 'queue[1].id（第 2 行）："{value}" 不能用作 id；'),
        (
            '[[line]]\nid = "x"\ndialect = "sim800"\nport = "/dev/x"\nnumber = "5"',
            'line[x].direction（第 1 行）：SIM800 不通过串口传声音（只有模拟引脚），不能接打电话；请写 direction = "messages"',
        ),
    ],
)
def test_a_mistake_in_chinese_leaves_settings_and_values_as_they_are(text: str, shown: str) -> None:
    found = check.parse(text.encode(), "box.toml", check.known())[1]
    assert shown in "\n".join(texts.load("zh_CN").sentence(one.whole) for one in found)
