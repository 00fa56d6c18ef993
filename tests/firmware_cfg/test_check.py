"""What an administrator is told about a configuration (E2): each mistake, its line, what would be right, all at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_cfg.check import HERE, check, known, load, parse
from firmware_cfg.document import Document
from firmware_cfg.findings import ConfigErrors
from firmware_cfg.rules import Known

KNOWN = Known(audio_ports={"sim7600": True, "v253": False}, lamps={"pi8": ("led1", "led2")}, buttons={"pi8": ("button1",)})
GOOD = """\
name = "Office"

[board]
name = "pi8"

[[queue]]
id = "service"
ring_limit_s = 15

[[line]]
id = "l1"
dialect = "sim7600"
port = "/dev/ttyUSB2"
audio_port = "/dev/ttyUSB4"
number = "13900000001"
queue = "service"

[[line]]
id = "l2"
dialect = "v253"
port = "rfc2217://192.0.2.7:4001"
number = "+862061000003"
queue = "service"

[[seat]]
id = "s1"
kind = "browser"
led = "led1"

[[seat]]
id = "s2"
kind = "phone"
number = "13800000104"

[[agent]]
id = "wang"
name = "王芳"
queues = ["service"]
skills = { english = 5 }
wrap_up_s = 10
"""


def said(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    document, findings = parse(data, "my.toml", KNOWN)
    assert (document is None) == bool(findings)
    return [str(finding) for finding in findings]


def line_of(text: str, written: str) -> int:
    return text[: text.index(written)].count("\n") + 1


def test_a_good_configuration_has_no_findings() -> None:
    assert said(GOOD) == []


# What is written instead of what, the path that must be named, and words of what must be said.
MISTAKES = [
    ('dialect = "v253"', 'dialect = "v235"', "line[l2].dialect", 'there is no dialect "v235"; did you mean "v253"?'),
    ('dialect = "v253"', 'dialect = "isdn"', "line[l2].dialect", 'it can be one of "sim7600", "v253"'),
    ('dialect = "v253"', "dialect = 253", "line[l2].dialect", "253 is a whole number; write a text in quotes"),
    ('queue = "service"', 'queue = "servise"', "line[l1].queue", 'did you mean "service"?'),
    ('queues = ["service"]', 'queues = ["servise"]', "agent[wang].queues[1]", 'there is no queue "servise"; did you mean "service"?'),
    ('queues = ["service"]', 'queues = ["service", "service"]', "agent[wang].queues[2]", "stands here twice"),
    ('queues = ["service"]', 'queues = "service"', "agent[wang].queues", "stands where a list belongs; write a list"),
    ('id = "l2"', 'id = "l1"', "line[l1].id", '"l1" is the id of an earlier line too'),
    ('id = "l2"', 'id = "l 2"', "line[2].id", "cannot be an id"),
    ('id = "l2"', "id = 2", "line[2].id", "2 is a whole number; write a text in quotes"),
    ('number = "+862061000003"', 'number = "0206 100-0003"', "line[l2].number", 'is no telephone number; write "02061000003"'),
    ('number = "+862061000003"', 'number = "二〇六一"', "line[l2].number", "is no telephone number; write digits"),
    ('number = "+862061000003"', 'number = "٠١٢"', "line[l2].number", "is no telephone number"),
    ('port = "/dev/ttyUSB2"', 'port = "/dev/../dev/ttyUSB4"', "line[l1].audio_port", "give each line its own port"),
    ('port = "/dev/ttyUSB2"', 'port = ""', "line[l1].port", "is no port"),
    ('audio_port = "/dev/ttyUSB4"', 'audio_port = "card:hw 2"', "line[l1].audio_port", '"card:hw 2" is no sound card; write "card:ID"'),
    ('audio_port = "/dev/ttyUSB4"', 'audio_port = "usb:2"', "line[l1].audio_port", '"usb:2" is no sound card; write "card:ID"'),
    ('audio_port = "/dev/ttyUSB4"', 'audio_port = "usb:1-1.4"', "line[l1].audio_port", "a sim7600 has its sound on no sound card"),
    ('"rfc2217://192.0.2.7:4001"', '"telnet://192.0.2.7:4001"', "line[l2].port", 'write "rfc2217://HOST:PORT"'),
    ('"rfc2217://192.0.2.7:4001"', '"rfc2217://192.0.2.7"', "line[l2].port", 'write "rfc2217://HOST:PORT"'),
    ('kind = "browser"', 'kind = "brouser"', "seat[s1].kind", 'did you mean "browser"?'),
    ('kind = "browser"', 'kind = "browser"\nnumber = "13800000107"', "seat[s1].number", "a browser seat has no telephone number"),
    ('number = "13800000104"', 'number = "13900000001"', "seat[s2].number", 'the number of line "l1": the box would ring itself'),
    ('kind = "browser"', 'kind = "browser"\nstay_connected = true', "seat[s1].stay_connected", "a browser seat has no telephone"),
    (
        'number = "13800000104"',
        'number = "13800000104"\nlevel_control = true',
        "seat[s2].level_control",
        "a phone seat has its sound on a line",
    ),
    ('number = "13800000104"', 'number = "13800000104"\nlevel_control = 1', "seat[s2].level_control", "write true or false"),
    ('number = "13800000104"', 'number = "13800000104"\nstay_max_s = nan', "seat[s2].stay_max_s", "write 60 to 43200"),
    ('led = "led1"', 'led = "led9"', "seat[s1].led", 'board "pi8" has no lamp "led9"; did you mean "led'),
    ('name = "pi8"', 'name = "pi9"', "board.name", 'there is no board "pi9"; did you mean "pi8"?'),
    ("wrap_up_s = 10", "wrap_up_s = -1", "agent[wang].wrap_up_s", "write seconds, 0 to 3600"),
    ("wrap_up_s = 10", "wrap_up_s = nan", "agent[wang].wrap_up_s", "write seconds, 0 to 3600"),
    ("wrap_up_s = 10", 'wrap_up_s = "10"', "agent[wang].wrap_up_s", "is a text; write a number, without quotes"),
    ("wrap_up_s = 10", "wrap_up_s = true", "agent[wang].wrap_up_s", "true is a truth value; write a number"),
    ("wrap_up_s = 10", "wrap_up_s = 2026-01-01", "agent[wang].wrap_up_s", "is a date or time; write a number"),
    ("wrap_up_s = 10", "wrapup_s = 10", "agent[wang].wrapup_s", 'there is no setting wrapup_s; did you mean "wrap_up_s"?'),
    ("ring_limit_s = 15", "ring_limit_s = 0", "queue[service].ring_limit_s", "write seconds, 1 to 120"),
    ("ring_limit_s = 15", "ring_limit_s = 15000", "queue[service].ring_limit_s", "write seconds, 1 to 120"),
    ("english = 5", "english = 11", "agent[wang].skills.english", "write 1 (a little) to 9 (best)"),
    ("ring_limit_s = 15", 'strategy = "longest-idel"', "queue[service].strategy", 'did you mean "longest-idle"?'),
    ("ring_limit_s = 15", "needs = { cantonese = 0 }", "queue[service].needs.cantonese", "write 1 (a little) to 9 (best)"),
    ("ring_limit_s = 15", "weight = -1", "queue[service].weight", "write 0 to 1000000"),
    ("ring_limit_s = 15", 'overflow_s = 5\noverflow_to = "service"', "queue[service].overflow_to", "is this queue itself"),
    ("ring_limit_s = 15", "overflow_s = 60", "queue[service].overflow_s", "write both overflow_s and overflow_to"),
    ("ring_limit_s = 15", 'when_empty = ["lunch"]', "queue[service].when_empty[1]", "is not known here"),
    ("ring_limit_s = 15", "widen = [{ after_s = 9 }, { after_s = 9 }]", "queue[service].widen[2].after_s", "more than 9"),
    ("ring_limit_s = 15", "widen = [{ after_s = 0.0004 }]", "queue[service].widen[1].after_s", "more than 0"),
    ("ring_limit_s = 15", "widen = [{ after_s = 9 }, { after_s = 9.0001 }]", "queue[service].widen[2].after_s", "more than 9"),
    ("ring_limit_s = 15", 'call_back_key = "12"', "queue[service].call_back_key", "no key of a telephone"),
    ("ring_limit_s = 15", 'call_back_machine = "hang_up"', "queue[service].call_back_machine", "nobody is called back; add call_back_key"),
    ("ring_limit_s = 15", 'call_back_machine = "again"', "queue[service].call_back_machine", 'it can be one of "hang_up", "tell"'),
    ("ring_limit_s = 15", 'leave_key = "A"', "queue[service].leave_key", "no key of a telephone"),
    ("ring_limit_s = 15", 'call_back_key = "1"\nleave_key = "1"', "queue[service].leave_key", "is call_back_key too"),
    ("ring_limit_s = 15", 'leave_to = "x"', "queue[service].leave_to", 'no queue "x"'),
    ("ring_limit_s = 15", "call_back_tries = 0", "queue[service].call_back_tries", "out of range"),
    ("ring_limit_s = 15", "wait_max_s = 0.0004", "queue[service].wait_max_s", "is no length of time"),
    ("ring_limit_s = 15", 'widen = [{ after_s = 9, also = "x" }]', "queue[service].widen[1].also", 'there is no queue "x"'),
    ("wrap_up_s = 10", "orders = { servce = 1 }", "agent[wang].orders.servce", "is none of this agent's queues"),
    ("wrap_up_s = 10", "orders = { service = 0 }", "agent[wang].orders.service", "write 1 (first) to 9 (last)"),
    ("wrap_up_s = 10", "weight = 0", "agent[wang].weight", "write 1 to 1000"),
    ('name = "王芳"', 'name = " "', "agent[wang].name", "is empty"),
    ("[board]", "[bord]", "bord", 'did you mean "board"?'),
    ('name = "Office"', 'name = "Office"\nlanguage = "zh-CN"', "language", 'did you mean "zh_CN"?'),
]


@pytest.mark.parametrize(
    ("before", "after", "path", "words"), MISTAKES, ids=[f"{after.splitlines()[-1]} at {path}" for _, after, path, _ in MISTAKES]
)
def test_a_mistake_is_named_with_its_path_its_line_and_what_would_be_right(before: str, after: str, path: str, words: str) -> None:
    text = GOOD.replace(before, after, 1)
    findings = [line for line in said(text) if line.startswith(f"{path} (line ")]
    assert findings, said(text)
    assert words in findings[0]
    where = line_of(text, "audio_port = ") if path.endswith("audio_port") else line_of(GOOD, before) + after.count("\n")
    assert f"(line {where}): " in findings[0]


def test_what_is_missing_is_said_at_the_table_it_belongs_to() -> None:
    text = GOOD.replace('audio_port = "/dev/ttyUSB4"\n', "").replace('number = "13800000104"\n', "").replace('name = "王芳"\n', "")
    at_line, at_seat, at_agent = (line_of(text, f'id = "{name}"') - 1 for name in ("l1", "s2", "wang"))
    findings = said(text)
    assert [finding.split(": ")[0] for finding in findings] == [
        f"line[l1].audio_port (line {at_line})",
        f"seat[s2].number (line {at_seat})",
        f"agent[wang].name (line {at_agent})",
    ]
    assert "a sim7600 has its sound on a port of its own" in findings[0]
    assert "a telephone that the box dials" in findings[1]


@pytest.mark.parametrize("card", ["card:EC25AUX", "card:Android_1", "usb:1-1.4", "usb:2-1"])
def test_a_line_may_name_its_modules_sound_card_where_the_family_has_one(card: str) -> None:
    text = GOOD.replace('"sim7600"', '"ec25"').replace("/dev/ttyUSB4", card).replace('"pi8"', '"demo"')
    assert parse(text.encode(), "my.toml", known())[1] == []


def test_a_line_whose_callers_lead_nowhere_is_named_but_not_one_that_only_dials_out() -> None:
    text = GOOD.replace('+862061000003"\nqueue = "service"', '+862061000003"')
    assert ["its callers would lead nowhere" in finding for finding in said(text)] == [True]
    assert said(text.replace('+862061000003"', '+862061000003"\ndirection = "out"')) == []


def test_a_phone_seat_that_no_line_could_ring_is_named() -> None:
    text = GOOD.replace('queue = "service"\n', 'queue = "service"\ndirection = "in"\n')
    assert ["no line may dial out" in finding for finding in said(text)] == [True]


def test_two_seats_cannot_share_a_lamp_or_a_telephone() -> None:
    text = GOOD + '[[seat]]\nid = "s3"\nkind = "phone"\nnumber = "13800000104"\nled = "led1"\n'
    assert {finding.split(" (")[0] for finding in said(text)} == {"seat[s3].number", "seat[s3].led"}


def test_ten_mistakes_give_ten_lines_in_the_order_of_the_file() -> None:
    text = GOOD
    for before, after in [
        ('name = "Office"', "name = 5"),
        ('name = "pi8"', 'name = "pi7"'),
        ("ring_limit_s = 15", "ring_limit_s = -3"),
        ('dialect = "sim7600"', 'dialect = "sim760"'),
        ('id = "l2"', 'id = "l1"'),
        ('number = "+862061000003"', 'number = "x"'),
        ('kind = "browser"', 'kind = "chair"'),
        ('number = "13800000104"', 'nummer = "13800000104"'),
        ("english = 5", 'english = "good"'),
        ("wrap_up_s = 10", "wrap_up = 10"),
    ]:
        text = text.replace(before, after, 1)
    findings = parse(text.encode(), "my.toml", KNOWN)[1]
    assert len(findings) == 10
    lines = [finding.line for finding in findings]
    assert lines == sorted(line for line in lines if line is not None)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('name = "Office\n', 1, "begin and end it with"),
        ("name = Office\n", 1, "write a text in quotes"),
        ("\nname\n", 2, "write name = value"),
        ('name = "a"\nname = "b"\n', 2, "keep one of the two"),
        ("[board]\n[board]\n", 2, "keep one of the two"),
        ("name = “Office”\n", 1, "with the English keyboard"),
        ('name ＝ "Office"\n', 1, "with the English keyboard"),
        ("[[line]\n", 1, "close each ["),
        ('[[agent]]\nqueues = ["a"\n\n', 2, "close each ["),
        ('port = "C:\\q"\n', 1, "write \\\\ for \\"),
    ],
)
def test_a_mistake_of_syntax_names_its_line_and_says_how_to_write_it(text: str, line: int, words: str) -> None:
    (finding,) = said(text)
    assert finding.startswith(f"my.toml (line {line}): ")
    assert words in finding


def test_a_file_that_is_not_utf_8_says_on_which_line() -> None:
    (finding,) = said("name = '好'\n".encode() + "# 好\n".encode("gbk"))
    assert finding.startswith("my.toml (line 2): is not UTF-8 here")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert said(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == []
    text = GOOD.replace('"sim7600"', '"sim7601"').replace("\n", "\r\n")
    assert f"(line {line_of(GOOD, 'dialect =')})" in said(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "a=" + "[" * 100_000,
        "a=" + "9" * 5000,
        "a=0x" + "f" * 5000,
        "line=[1]",
        "line=5",
        'board="pi8"',
        "\0",
        "[[agent]]\nskills=5",
        "a" + ".a" * 400_000 + "=1",
    ],
)
def test_extremes_are_findings_and_not_tracebacks(text: str) -> None:
    assert len(said(text)) >= 1


def test_what_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    assert "cannot be read" in str(check(tmp_path / "missing.toml")[0])
    assert "cannot be read" in str(check(tmp_path)[0])
    (tmp_path / "big.toml").write_bytes(b"#" * 1_100_000)
    assert "larger than 1 MB" in str(check(tmp_path / "big.toml")[0])


def test_load_raises_every_mistake_at_once(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('name = 5\nlanguage = "fr"\n')
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    assert len(caught.value.findings) == 2
    assert str(caught.value).count("\n") == 1


@pytest.mark.parametrize("name", ["factory.toml", "demo.toml"])
def test_what_we_ship_has_no_findings(name: str) -> None:
    assert check(HERE / name) == []


def test_the_commented_examples_of_the_factory_file_are_right() -> None:
    text = (HERE / "factory.toml").read_text()
    example = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and (" = " in line or "[" in line[:5])
    )
    example = example[example.index("[[line]]") :].replace("A modem on another machine:", "# ")
    example = "\n".join(line for line in example.splitlines() if not line[0].isdigit())
    document, findings = parse((text + example).encode(), "factory.toml", known())
    assert findings == []
    assert document is not None
    assert (len(document.line), len(document.seat), len(document.agent)) == (2, 3, 1)


def test_the_demonstration_office_is_as_the_contract_says() -> None:
    document = load(HERE / "demo.toml")
    assert sorted(line.dialect for line in document.line) == ["sim7600", "sim7600", "v253", "v253"]
    assert len({line.number for line in document.line}) == 4
    assert all(line.number.isdigit() for line in document.line)
    assert {line.queue for line in document.line} == {queue.id for queue in document.queue}
    assert sorted(seat.kind for seat in document.seat) == ["browser", "browser", "phone", "phone"]
    assert all(seat.number is not None and seat.number.isdigit() for seat in document.seat if seat.kind == "phone")
    assert len(document.agent) == 6
    for agent in document.agent:
        assert (agent.queues, agent.wrap_up_s) == (("service",), 10.0)


def test_an_empty_file_is_a_box_with_every_default() -> None:
    document, findings = parse(b"", "empty.toml", KNOWN)
    assert (document, findings) == (Document(), [])


KEYS = st.sampled_from(
    ["name", "id", "line", "seat", "queue", "agent", "board", "number", "port", "skills", "queues", "kind", "led", "x.y", '"a b"', "'c'"]
)
VALUES = st.recursive(
    st.sampled_from(
        [
            '"a"',
            "1",
            "-1",
            "1.5",
            "true",
            "nan",
            "inf",
            "2026-01-01",
            '"""m\nn"""',
            "'''o\n'''",
            '"l1"',
            '"phone"',
            '"\\u2028\\u0085\\n"',
            "9" * 400,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # ]\n".join(items) + "\n]")
        | st.tuples(KEYS, inner).map(lambda pair: f"{{ {pair[0]} = {pair[1]} }}")
    ),
    max_leaves=4,
)
HEADERS = st.sampled_from(["[board]", "[[line]]", "[[seat]]", "[[queue]]", "[[agent]]", "[line]", "[agent.skills]", "[[a.b]]", '["x\\ty"]'])
STATEMENTS = st.tuples(KEYS, VALUES).map(" = ".join) | HEADERS


@given(st.lists(STATEMENTS, max_size=12).map("\n".join))
def test_any_toml_gives_findings_of_one_line_each_or_a_document(text: str) -> None:
    assert all(len(finding.splitlines()) == 1 and finding.isprintable() for finding in said(text))


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_findings_or_a_document(data: bytes) -> None:
    said(data)


@given(st.integers(0, len(GOOD.encode()) - 1), st.binary(min_size=1, max_size=3), st.integers(0, 30))
def test_a_damaged_configuration_gives_findings_or_a_document(place: int, noise: bytes, cut: int) -> None:
    whole = GOOD.encode()
    said(whole[:place] + noise + whole[place + cut :])


@pytest.mark.parametrize(
    ("family", "words", "fits"), [("sim800", "no sound over its serial port", "messages"), ("rockwell", "half duplex", "in")]
)
def test_what_a_familys_hardware_does_not_allow_is_refused_with_the_sentence_of_its_profile(family: str, words: str, fits: str) -> None:
    line = f'[[line]]\nid = "x"\ndialect = "{family}"\nport = "/dev/x"\nnumber = "5"\n'
    good = GOOD.replace('"pi8"', '"demo"')
    found = check_bytes(good + line + 'queue = "service"\n')
    assert [finding.split(" (")[0] for finding in found] == ["line[x].direction", "line[x].queue"]
    assert all(words in finding and f'direction = "{fits}"' in finding for finding in found)
    assert check_bytes(good + line + f'direction = "{fits}"\n') == []


def check_bytes(text: str) -> list[str]:
    """With the profiles that lie beside the check."""
    return [str(finding) for finding in parse(text.encode(), "x.toml", known())[1]]


@pytest.mark.parametrize(
    ("setting", "finding"),
    [
        ('[transfer]\noutside = "on"', "allows no number"),
        ('[transfer]\noutside = "on"\nnumbers = ["07 55"]', "is no beginning of a telephone number"),
        ("[transfer]\nlongest_s = 5", "is no length of time here"),
        ('[transfer]\noutside = "perhaps"', "is not known here"),
        ('[[reason]]\nid = "a b"\nname = "x"', "cannot be an id"),
        ('[[template]]\nid = "a"\ntext = " "', "1 to 600 characters"),
        ('[[template]]\nid = "a"\ntext = "your {ticket"', "a brace stands alone"),
        ('[[template]]\nid = "a"\ntext = "your { ticket }"', "a brace stands alone"),
        ('[[queue]]\nid = "r"\nsaid_as = "客户服务"', "cannot be said"),
    ],
)
def test_what_is_wrong_with_transfers_and_reasons_is_said(setting: str, finding: str) -> None:
    document, findings = parse(f"{GOOD}\n{setting}\n".encode(), "office.toml", KNOWN)
    assert document is None and [finding in each.wrong for each in findings] == [True]


@pytest.mark.parametrize(
    ("setting", "finding"),
    [
        ("[dialling]\nspend_per_day = 50.0", "not every number has a price"),
        ('[dialling]\nline_spend_per_day = 5\n[[dialling.price]]\nbegins = "00"\nyuan = 2', "not every number has a price"),
        ('[[tenant]]\nid = "acme"\nspend_per_day = 50.0', "not every number has a price"),
        ("[dialling]\nspend_per_day = -1.0", "is out of range"),
        ("[dialling]\nspend_per_day = nan", "is out of range"),
        ("[dialling]\nall_per_day = -1", "is out of range"),
        ("[dialling]\nper_day = 0", "is out of range"),
        ('[dialling]\nprice = [{ begins = "x", yuan = 1 }]', "is no beginning of a telephone number"),
        ('[dialling]\nprice = [{ begins = "0", yuan = 1 }, { begins = "0", yuan = 2 }]', "has a price already"),
        ('[dialling]\nprice = [{ begins = "", yuan = -0.1 }]', "is no price"),
        ('[dialling]\nprice = [{ begins = "", yuan = 0.1234 }]', "is no price"),
        ('[dialling]\nprice = [{ begins = "", yuan = inf }]', "is no price"),
        ('[dialling]\nprice = [{ begins = "", yuan = 1, step_s = 0 }]', "is no length of a step"),
        ('[[tenant]]\nid = "house"', "is the office itself"),
        ('[[tenant]]\nid = "acme"\nper_minute = 601', "is out of range"),
        ('[[tenant]]\nid = "a b"', "cannot be an id"),
    ],
)
def test_what_is_wrong_with_caps_prices_and_tenants_is_said_in_one_line(setting: str, finding: str) -> None:
    document, findings = parse(f"{GOOD}\n{setting}\n".encode(), "office.toml", KNOWN)
    assert document is None and [finding in each.wrong for each in findings] == [True]


def test_a_line_belongs_to_a_tenant_of_the_configuration() -> None:
    rented = GOOD.replace('"pi8"', '"demo"').replace('id = "l1"\n', 'id = "l1"\ntenant = "acme"\n')
    assert "there is no tenant" in check_bytes(rented)[0]
    assert check_bytes(rented + '\n[[tenant]]\nid = "acme"\nper_day = 100\n') == []


@pytest.mark.parametrize(
    ("setting", "finding"),
    [
        ("balance = {}", "exactly one way"),
        ('balance = { ussd = "*100#", sms_to = "10086", text = "YE" }', "exactly one way"),
        ('balance = { ussd = "100" }', "is no USSD code"),
        ('balance = { sms_to = "carrier", text = "YE" }', "is no telephone number"),
        ('balance = { sms_to = "10086" }', "has a text"),
        ('balance = { ussd = "*100#", at = "25:00" }', "is no time of day"),
        ('balance = { ussd = "*100#", pattern = "(" }', "one group"),
        ('balance = { ussd = "*100#", pattern = "[0-9]+" }', "one group"),
        ("balance_low = 5.0", "nobody would ask"),
        ('balance = { ussd = "*100#" }\nbalance_low = -1.0', "is out of range"),
    ],
)
def test_what_is_wrong_with_a_balance_is_said_in_one_line(setting: str, finding: str) -> None:
    good = GOOD.replace('"pi8"', '"demo"')
    assert check_bytes(good.replace('id = "l1"\n', 'id = "l1"\nbalance = { sms_to = "10086", text = "YE" }\nbalance_low = 5.0\n')) == []
    told = check_bytes(good.replace('id = "l1"\n', f'id = "l1"\n{setting}\n'))
    assert [finding in each for each in told] == [True]


def test_a_power_key_is_one_of_the_board_and_no_two_lines_share_it_and_an_imei_has_15_digits() -> None:
    good = GOOD.replace('"pi8"', '"demo"').replace('id = "l1"\n', 'id = "l1"\npower_key = "key1"\nimei = "861475035737602"\n')
    assert check_bytes(good) == []
    both = check_bytes(good.replace('id = "l2"\n', 'id = "l2"\npower_key = "key1"\n'))
    assert ['"key1" is the power_key of line "l1" too' in one for one in both] == [True]
    assert ["no power key" in one for one in check_bytes(good.replace('"key1"', '"key9"'))] == [True]
    assert ["is no IMEI" in one for one in check_bytes(good.replace("737602", ""))] == [True]
