"""Bytes to lines, one command at a time (A1)."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.hw.at.chat import Chat, Command, Reply
from appliance.hw.at.dle import DleLifter
from appliance.hw.at.fields import fields, numbers
from appliance.hw.at.parser import LONGEST, LineParser

DIALOGUE = b'AT+CLIP=1\r\r\nOK\r\n\r\n\x00\xffRING\r\n\r\n+CLIP: "13800138000",161,,,,0\r\n\r\r\n+RXDTMF: 5\r\r\n\r\n> '


@given(st.lists(st.integers(0, len(DIALOGUE)), max_size=20))
def test_lines_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    parser, found = LineParser(), []
    edges = [0, *sorted(cuts), len(DIALOGUE)]
    for begin, end in pairwise(edges):
        found += parser.feed(DIALOGUE[begin:end])
    assert found == ["AT+CLIP=1", "OK", "RING", '+CLIP: "13800138000",161,,,,0', "+RXDTMF: 5", ">"]
    assert parser.noise == 2


@given(st.lists(st.binary(max_size=5000), max_size=10))
def test_nothing_that_comes_is_kept_beyond_the_longest_line(pieces: list[bytes]) -> None:
    parser = LineParser()
    for piece in pieces:
        assert all(0 < len(line) <= LONGEST for line in parser.feed(piece))
        assert len(parser._rest) <= LONGEST


def test_a_line_without_end_is_dropped_and_the_next_is_read() -> None:
    parser = LineParser()
    for _ in range(100):
        assert parser.feed(b"x" * 1000) == []
    assert parser.feed(b"x\r\nRING\r\n") == ["RING"]
    assert parser.noise == 100_001


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_pairs_of_dle_are_the_same_however_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    def joined(pieces: list[bytes]) -> list[bytes | str]:
        lifter, found = DleLifter(), []
        for piece in pieces:
            for part in lifter.feed(piece):
                if isinstance(part, bytes) and found and isinstance(found[-1], bytes):
                    found[-1] += part
                else:
                    found.append(part)
        return found

    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert joined([data]) == joined([data[a:b] for a, b in pairwise(edges)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('1,0,"138,5",129', ["1", "0", "138,5", "129"]),
        ("", [""]),
        (",", ["", ""]),
        ('"",128,,,,1', ["", "128", "", "", "", "1"]),
        (" 2,1", ["2", "1"]),
    ],
)
def test_fields(text: str, found: list[str]) -> None:
    assert fields(text) == found


@given(st.text(max_size=60))
def test_fields_of_noise_are_fields_or_a_value_error(text: str) -> None:
    for read in (fields, lambda noise: numbers(noise, 1)):
        try:
            read(text)
        except ValueError:
            continue


class Modem:
    """Records what a Chat says and what became of the commands."""

    def __init__(self) -> None:
        self.silent = 0
        self.replies: list[tuple[str, Reply]] = []
        self.chat = Chat(self._gone)

    def _gone(self) -> None:
        self.silent += 1

    def send(self, text: str, now: int = 0, urgent: bool = False, limit_ms: int = 5000, prefix: str = "") -> None:
        self.chat.send(Command(text, limit_ms=limit_ms, prefix=prefix, then=lambda reply: self.replies.append((text, reply))), now, urgent)

    def wrote(self) -> bytes:
        return b"".join(write.data for write in self.chat.take_writes())


def test_one_command_is_in_flight_and_an_urgent_one_goes_to_the_head_behind_it() -> None:
    modem = Modem()
    for text in ("AT+CSQ", "AT+COPS?"):
        modem.send(text)
    modem.send("AT+CHUP", urgent=True)
    assert modem.wrote() == b"AT+CSQ\r"
    modem.chat.feed("OK", 10)
    assert modem.wrote() == b"AT+CHUP\r"
    modem.chat.feed("+CME ERROR: 3", 20)
    assert modem.wrote() == b"AT+COPS?\r"
    assert [(text, reply.ok) for text, reply in modem.replies] == [("AT+CSQ", True), ("AT+CHUP", False)]


def test_an_urgent_command_does_not_wait_for_the_lost_answer_of_a_question_but_for_one_that_still_comes() -> None:
    modem = Modem()
    modem.chat.send(Command("AT+CMGL=4", prefix="+CMGL:", limit_ms=20_000, gives_way=True), 0)
    modem.send("ATA", 1_000, urgent=True)
    for now in (3_000, 5_000):  # it goes on listing
        modem.chat.touch(now)
        modem.chat.tick(now)
        modem.chat.feed("+CMGL: 1,1,,22", now)
    modem.chat.tick(7_999)
    assert modem.wrote() == b"AT+CMGL=4\r"
    modem.chat.tick(8_000)  # nothing for 3 s
    modem.chat.tick(8_200)
    assert modem.wrote() == b"AT\r"
    modem.chat.feed("OK", 8_210)
    modem.chat.tick(8_410)
    assert modem.wrote() == b"ATA\r"
    patient = Modem()
    patient.send("AT+CFUN=1", limit_ms=15_000)
    patient.send("ATA", urgent=True)
    patient.chat.tick(14_999)
    assert patient.wrote() == b"AT+CFUN=1\r"


def test_lines_between_a_command_and_its_answer_belong_to_nobody_unless_they_are_its_own() -> None:
    modem = Modem()
    modem.send("AT+CSQ", prefix="+CSQ:")
    assert not modem.chat.feed("RING", 1)
    assert modem.chat.feed("+CSQ: 20,99", 2)
    assert not modem.chat.feed("NO CARRIER", 3)
    assert not modem.chat.feed("OKLAHOMA", 3)
    assert modem.chat.feed("OK", 4)
    assert modem.replies[0][1].lines == ("+CSQ: 20,99",)


def test_each_command_has_its_own_time_limit_and_the_next_waits_for_the_modem_to_be_in_step() -> None:
    modem = Modem()
    modem.send("AT+CUSD=1", limit_ms=15_000)
    modem.send("AT+CSQ")
    modem.wrote()
    modem.chat.tick(14_999)
    assert modem.replies == []
    modem.chat.tick(15_000)
    assert modem.replies == [("AT+CUSD=1", Reply(False, ""))]
    assert modem.wrote() == b""
    modem.chat.tick(15_200)
    assert modem.wrote() == b"AT\r"
    modem.chat.feed("OK", 15_210)  # the late one of the first command
    modem.chat.feed("OK", 15_220)  # that of AT
    assert modem.wrote() == b""
    modem.chat.tick(15_420)
    assert modem.wrote() == b"AT+CSQ\r"


def test_the_ladder_ends_in_silence_said_once() -> None:
    modem = Modem()
    modem.send("AT+CSQ")
    wrote = modem.wrote()
    for _ in range(50):
        if modem.chat.deadline_ms is not None:
            modem.chat.tick(modem.chat.deadline_ms)
            wrote += modem.wrote()
    assert wrote == b"AT+CSQ\r" + b"AT\r" * 3 + b"\x1b\r" + b"AT\r"
    assert modem.silent == 1
    assert modem.chat.deadline_ms is None


@given(st.integers(0, 10_000))
def test_random_lines_never_raise_nor_block(seed: int) -> None:
    chance = random.Random(seed)
    modem = Modem()
    modem.send("AT+CLCC", prefix="+CLCC:")
    now = 0
    for _ in range(60):
        now += chance.randrange(2000)
        modem.chat.feed(chance.choice(["OK", "ERROR", "RING", "+CLCC: 1", "AT", ">", "NO CARRIER", "\x1b"]), now)
        modem.chat.tick(now)
        modem.wrote()
    for _ in range(20):
        if modem.chat.deadline_ms is not None:
            modem.chat.tick(modem.chat.deadline_ms)
    assert modem.chat.idle
