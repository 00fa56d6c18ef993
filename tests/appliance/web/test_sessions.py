"""Sessions live through a restart of the box, end by themselves, and their file makes nobody anybody (E2 E5)."""

from pathlib import Path

from appliance.web.session import IDLE_S, LONGEST_S, MOST_SESSIONS, Sessions


class Hand:
    now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_session_outlives_a_restart_of_the_box(tmp_path: Path) -> None:
    cookie, session = Sessions(tmp_path / "s.json", Hand()).open("li")
    found = Sessions(tmp_path / "s.json", Hand()).find(cookie)
    assert found is not None and (found.name, found.forgery) == ("li", session.forgery)


def test_the_file_is_private_and_has_no_cookie_in_it(tmp_path: Path) -> None:
    cookie, _ = Sessions(tmp_path / "s.json", Hand()).open("li")
    assert cookie not in (tmp_path / "s.json").read_text() and (tmp_path / "s.json").stat().st_mode & 0o777 == 0o600


def test_an_unused_session_ends_and_a_used_one_ends_too_one_day(tmp_path: Path) -> None:
    hand = Hand()
    sessions = Sessions(tmp_path / "s.json", hand)
    idle, used = sessions.open("li")[0], sessions.open("wang")[0]
    end = hand.now_s + LONGEST_S
    while hand.now_s + IDLE_S / 2 < end:
        hand.now_s += IDLE_S / 2
        assert sessions.find(used) is not None
    assert sessions.find(idle) is None
    hand.now_s = end + 1
    assert sessions.find(used) is None


def test_a_used_session_is_still_used_after_a_restart(tmp_path: Path) -> None:
    hand = Hand()
    sessions = Sessions(tmp_path / "s.json", hand)
    cookie = sessions.open("li")[0]
    hand.now_s += IDLE_S - 10
    sessions.find(cookie)
    hand.now_s += IDLE_S - 10
    assert Sessions(tmp_path / "s.json", hand).find(cookie) is not None


def test_a_torn_file_signs_everybody_out_and_nothing_worse(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_bytes(b'{"a": {"name')
    sessions = Sessions(tmp_path / "s.json", Hand())
    assert sessions.find("a") is None and sessions.open("li")[0]


def test_a_full_disk_does_not_keep_people_out(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "no such folder" / "s.json", Hand())
    cookie, _ = sessions.open("li")
    assert sessions.find(cookie) is not None


def test_sessions_are_bounded(tmp_path: Path) -> None:
    hand = Hand()
    sessions = Sessions(tmp_path / "s.json", hand)
    sessions._write = lambda: None  # type: ignore[method-assign]  # 2,000 writes prove nothing here
    first = sessions.open("li")[0]
    for _ in range(MOST_SESSIONS):
        hand.now_s += 0.001
        last = sessions.open("li")[0]
    assert sessions.find(first) is None and sessions.find(last) is not None
