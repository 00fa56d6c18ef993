"""What one page may do to the gateway, in virtual time (A2, E5)."""

import asyncio
import json

import pytest

from appliance.web.seat_socket import BAD_MESSAGE, BURST, FLOOD, FRAME, WAITING_FRAMES, Answer, Hostile, Page, json_object
from appliance.web.seat_strangers import Complaints, same_host

SOUND = bytes([0xD5]) * FRAME


class SlowSocket:
    """A socket that takes a message only when it is told to."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.open = asyncio.Semaphore(0)

    async def send(self, message: str | bytes) -> None:
        await self.open.acquire()
        self.sent.append(message)

    async def close(self, code: int, reason: str) -> None:
        raise AssertionError("nobody asked for it")


def page(now: float = 0.0) -> Page:
    return Page("s1", SlowSocket(), now)


def refused(code: int, about: Page, message: str | bytes, now: float = 0.0) -> None:
    with pytest.raises(Hostile) as wrong:
        about.receive(message, now)
    assert wrong.value.code == code


def test_twenty_milliseconds_of_sound_are_taken_as_they_are() -> None:
    assert page().receive(SOUND, 0.0) == SOUND


@pytest.mark.parametrize("size", [0, 1, 159, 161, 320])
def test_a_frame_of_another_length_is_no_page_of_ours(size: int) -> None:
    refused(BAD_MESSAGE, page(), b"\xd5" * size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        '"pong"',
        "{}",
        '{"pong":0}',
        '{"pong":2}',
        '{"pong":-1}',
        '{"pong":true}',
        '{"pong":"1"}',
        '{"pong":1.0}',
        '{"pong":1,"underruns":-1}',
        '{"pong":1,"underruns":"9"}',
        '{"pong":1,"buffer_ms":1e99}',
        '{"pong":1,"underruns":99999999999}',
        "[" * 500,
    ],
)
def test_nonsense_for_an_answer_is_hostile(text: str) -> None:
    asked = page()
    asked.ping()
    refused(BAD_MESSAGE, asked, text)


def test_an_answer_to_the_last_ping_is_a_sign_of_life_with_its_figures() -> None:
    asked = page()
    asked.ping()
    answer = asked.receive('{"pong":1,"underruns":3,"buffer_ms":52}', 0.1)
    assert isinstance(answer, Answer)
    assert (answer.underruns, answer.buffer_ms) == (3, 52)


def test_a_page_that_wakes_up_and_answers_old_pings_was_alive_but_is_not_counted_so() -> None:
    asked = page()
    for _ in range(5):
        asked.ping()
    assert [asked.receive(json.dumps({"pong": n}), 5.0) is None for n in (1, 2, 3, 4, 5)] == [True, True, True, False, False]


def test_a_page_at_its_own_pace_is_never_a_flood() -> None:
    talking = page()
    for tick in range(50 * 600):
        talking.receive(SOUND, tick * 0.02)


def test_three_seconds_of_sound_at_once_after_a_stall_are_no_flood() -> None:
    talking = page()
    for _ in range(150):
        talking.receive(SOUND, 3.0)


def test_more_than_a_burst_is_a_flood_also_when_it_is_empty_talk() -> None:
    flooding = page()
    for _ in range(int(BURST)):
        flooding.receive(SOUND, 0.0)
    refused(FLOOD, flooding, SOUND)


def test_a_slow_socket_loses_the_oldest_frames_and_gets_the_newest() -> None:
    async def story() -> tuple[list[str | bytes], int]:
        socket = SlowSocket()
        slow = Page("s1", socket, 0.0)
        sending = asyncio.ensure_future(slow.send_forever())
        for number in range(100):
            slow.sound(bytes([number]) * FRAME)
            await asyncio.sleep(0)
        for _ in range(100):
            socket.open.release()
            await asyncio.sleep(0)
        sending.cancel()
        return socket.sent, slow.dropped

    sent, dropped = asyncio.run(story())
    assert [frame[0] for frame in sent[1:]] == list(range(100 - WAITING_FRAMES, 100))
    assert dropped + len(sent) == 100


def test_no_number_of_pings_drives_out_the_word_that_makes_a_page_connected() -> None:
    """On a slow machine a second's ping can come between the greeting and the first message that is sent."""

    async def story() -> list[str | bytes]:
        slow = page()
        socket = slow.socket
        assert isinstance(socket, SlowSocket)
        slow.greet()
        for _ in range(3):
            slow.ping()
        slow.sound(SOUND)
        sending = asyncio.ensure_future(slow.send_forever())
        for _ in range(3):
            socket.open.release()
        while len(socket.sent) < 3:
            await asyncio.sleep(0)
        sending.cancel()
        return socket.sent

    assert asyncio.run(story()) == ['{"seat": "s1"}', '{"ping": 3}', SOUND]


def test_a_ping_reaches_a_slow_page_before_the_sound_that_waits() -> None:
    async def story() -> list[str | bytes]:
        socket = SlowSocket()
        slow = Page("s1", socket, 0.0)
        for _ in range(5):
            slow.sound(SOUND)
        slow.ping()
        sending = asyncio.ensure_future(slow.send_forever())
        socket.open.release()
        for _ in range(5):
            await asyncio.sleep(0)
        sending.cancel()
        return socket.sent

    assert asyncio.run(story()) == ['{"ping": 1}']


@pytest.mark.parametrize("message", [b'{"ticket":"x"}', "no", "[1]"])
def test_a_first_message_that_is_no_object_in_text_is_refused(message: str | bytes) -> None:
    with pytest.raises(Hostile):
        json_object(message)


@pytest.mark.parametrize(
    ("origin", "host", "secure", "allowed"),
    [
        ("https://192.168.1.5:8080", "192.168.1.5:8081", True, True),
        ("http://127.0.0.1:8080", "127.0.0.1:41000", False, True),
        ("https://SeatBox.local", "seatbox.local:8443", True, True),
        ("https://[fd00::5]:8080", "[fd00::5]:8443", True, True),
        ("https://evil.example", "192.168.1.5:8443", True, False),
        ("https://192.168.1.5.evil.example", "192.168.1.5:8443", True, False),
        ("http://192.168.1.5:8080", "192.168.1.5:8443", True, False),
        ("null", "192.168.1.5:8443", True, False),
        ("", "", True, False),
        ("https://[", "[", True, False),
        ("file://", "", False, False),
    ],
)
def test_only_a_page_of_the_same_host_may_knock(origin: str, host: str, secure: bool, allowed: bool) -> None:
    assert same_host([origin], [host], secure=secure) is allowed


def test_two_origins_or_hosts_are_none() -> None:
    assert not same_host(["http://a", "http://a"], ["a"], secure=False)
    assert not same_host(["http://a"], ["a", "a"], secure=False)


def test_a_stranger_gets_some_lines_in_the_log_and_then_a_count(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    complaints = Complaints(logging.getLogger("strangers"))
    for knock in range(1000):
        complaints.say("10.0.0.9", "a ticket that is unknown", knock * 0.01)
    assert len(caplog.messages) == 20
    complaints.say("10.0.0.9", "a ticket that is unknown", 100.0)
    assert "980 more" in caplog.messages[20]
    assert len(caplog.messages) == 22
