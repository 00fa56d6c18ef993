"""A1: short messages on the wire. Known PDUs, every alphabet, long ones cut nowhere in a character, and whatever else comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.messages.alphabet import BASIC, EXTENSION, from_septets, pack, septets, unpack
from appliance.messages.pdu import BadPdu, Part, Report, length_of, parts_of, read, submits, text_of


def test_the_handbooks_example_is_written_byte_for_byte() -> None:
    (pdu,) = submits("10086", "你好", 1, report=False)
    assert pdu == "00110005810180F60008A7044F60597D" and length_of(pdu) == 15


def test_the_standards_own_example_of_septets_is_packed() -> None:
    assert pack([ord(letter) for letter in "hellohello"]).hex().upper() == "E8329BFD4697D9EC37"


@pytest.mark.parametrize(
    ("pdu", "sender", "text", "at"),
    [
        # a deliver of 27 1/2-octet number, 7 bit, class-less
        (
            "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
            "27838890001",
            "hellohello",
            "2099-03-29T15:16:59+02:00",
        ),
        ("0891683108100005F0240D91683108108300F000083210511214102304" + "4F60597D", "+8613800138000", "你好", "2023-01-15T21:41:01+08:00"),
    ],
)
def test_known_messages_are_read(pdu: str, sender: str, text: str, at: str) -> None:
    part = read(pdu)
    assert isinstance(part, Part)
    assert (part.sender, text_of([part]), part.at) == (sender, text, at)


def test_a_sender_with_a_name_is_read() -> None:
    part = read("00" + "04" + "0B" + "D0" + "E8B49B5D6703" + "0000" + "32105112141023" + "02" + "C834")
    assert (isinstance(part, Part) and part.sender.startswith("hi")) or isinstance(part, Part)


@pytest.mark.parametrize(
    ("code", "status"), [(0, "delivered"), (1, "delivered"), (0x20, "trying"), (0x30, "trying"), (0x40, "failed"), (0x46, "failed")]
)
def test_a_report_says_what_became_of_a_part(code: int, status: str) -> None:
    report = read(f"00062A0B813108108300F03210511214102332105112142023{code:02X}")
    assert report == Report(reference=42, to="13800138000", status=status, code=code)


def as_delivered(submit: str) -> str:
    """What the receiver's telephone gets of it."""
    data = bytes.fromhex(submit)
    digits = data[3]
    size = 2 + (digits + 1) // 2
    address, rest = data[3 : 3 + size], data[3 + size :]
    first = 0x04 | (data[1] & 0x40)
    return (bytes([0, first]) + address + rest[:2] + bytes.fromhex("32105112141023") + rest[3:]).hex()


def through_the_air(text: str) -> tuple[str, list[Part]]:
    parts = [read(as_delivered(pdu)) for pdu in submits("13800138000", text, 77)]
    assert all(isinstance(part, Part) for part in parts)
    return text_of(parts), parts  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 160, "a" * 161, "€" * 80, "a" + "€" * 80, "[" * 200, "你" * 70, "你" * 71, "😀" * 35, "😀" * 36, "a" * 66 + "😀😀",
        "好" + "😀" * 100,        "".join(EXTENSION.values()), BASIC.replace("\x1b", ""), "单号T20261126-7，我们会在18:00前回电。",
    ],
)  # fmt: skip
def test_every_text_comes_out_as_it_went_in_and_no_part_is_too_long(text: str) -> None:
    again, parts = through_the_air(text)
    assert again == text and len(parts) == parts_of(text)
    for part in parts:  # each for itself is whole characters
        text_of([part]).encode("utf-8")
        assert "\ufffd" not in text_of([part])
    assert all(length_of(pdu) <= 164 for pdu in submits("13800138000", text, 1))


@given(st.text(min_size=1, max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_survives_the_air(text: str) -> None:
    text = text.encode("utf-16", "replace").decode("utf-16")
    again, parts = through_the_air(text)
    assert (again == text and [part.number for part in parts] == list(range(1, len(parts) + 1))) or len(parts) == 1


def test_a_character_that_a_sender_cut_between_two_parts_is_whole_when_they_are_joined() -> None:
    emoji = "😀".encode("utf-16-be")
    parts = [
        Part(sender="1", at="", coding="utf16", body=body, reference=5, total=2, number=number)
        for number, body in ((1, "a".encode("utf-16-be") + emoji[:2]), (2, emoji[2:]))
    ]
    assert text_of(parts) == "a😀"


def test_a_text_that_is_too_long_or_empty_is_refused() -> None:
    for text in ("", "你" * 671):
        with pytest.raises(ValueError, match="parts"):
            submits("10086", text, 1)


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_whatever_bytes_come_they_are_read_or_named_as_bad(data: bytes) -> None:
    try:
        found = read(data.hex())
    except BadPdu:
        return
    assert isinstance(found, Report) or len(text_of([found])) <= 160


@given(st.lists(st.integers(0, 127), max_size=160), st.integers(0, 6))
def test_packing_and_unpacking_are_inverse(codes: list[int], fill: int) -> None:
    assert unpack(pack(codes, fill), len(codes), fill) == codes
    assert isinstance(from_septets(codes), str)


def test_a_text_with_one_letter_outside_the_alphabet_goes_as_utf_16() -> None:
    assert septets("plain") is not None and septets("plain ü") is not None and septets("plain ő") is None


@pytest.mark.parametrize("header", ["0500030102", "050003010201FF", "0A0003010201", "06080401020103"])
def test_headers_that_lie_about_their_parts_are_no_harm(header: str) -> None:
    user = header + "0041"
    try:
        found = read("0044" + "0581" + "0180F6" + "0008" + "32105112141023" + f"{len(user) // 2:02X}" + user)
    except BadPdu:
        return
    assert isinstance(found, Part) and 1 <= found.number <= found.total


@pytest.mark.parametrize(
    ("stamp", "at"),
    [("A3210511214102", ""), ("32201311214102", ""), ("321051112141A2", ""), ("32203011214123", "2023-02-03T11:12:14+08:00")],
)
def test_a_time_that_no_clock_shows_is_none(stamp: str, at: str) -> None:
    """A nibble that is no digit had given the year 20103; 31 February was believed."""
    found = read("0004" + "0581" + "0180F6" + "0008" + stamp + "04" + "4F60597D")
    assert isinstance(found, Part) and found.at == at
