"""Who waits hears a welcome, and his place every so often, until an agent is there; then nothing is said into the talk (A3)."""

import msgspec

from appliance.audio.bridge import Bridge
from appliance.calls import commands
from appliance.calls.sound import SoundBoard
from tests.support.office import TestOffice, a_document


def an_office(announce_s: float) -> TestOffice:
    document = a_document()
    (queue,) = document.queue
    return TestOffice(msgspec.structs.replace(document, queue=(msgspec.structs.replace(queue, announce_s=announce_s),)))


def test_each_caller_hears_his_own_place_every_so_many_seconds() -> None:
    office = an_office(30.0)
    office.ring("l1")
    office.ring("l2")
    office.wait(61_000)
    assert office.ears.announced == [
        ("line:l1", "welcome"), ("line:l2", "welcome"),
        ("line:l1", "position:1"), ("line:l2", "position:2"), ("line:l1", "position:1"), ("line:l2", "position:2"),
    ]  # fmt: skip
    office.hang_up("l1")
    office.wait(30_000)
    assert office.ears.announced[-1] == ("line:l2", "position:1")


def test_without_the_setting_only_the_welcome_is_said() -> None:
    office = an_office(0.0)
    office.ring("l1")
    office.wait(120_000)
    assert office.ears.announced == [("line:l1", "welcome")]


def test_nothing_is_said_while_an_agent_is_rung_or_talks() -> None:
    office = an_office(10.0)
    office.log_in("b1", "a1")
    office.ring("l1")
    office.wait(12_000)  # the first ring's time
    office.do(commands.Answer, seat="b1")
    office.wait(60_000)
    assert office.ears.announced == [("line:l1", "welcome")]


class Quiet:
    def begin(self, call: object, tap: int, picked_up_at_ms: int) -> None: ...
    def pause(self, call: object, paused: bool) -> None: ...
    def end(self, call: object) -> None: ...


class Played(Bridge):
    """The bridge without its thread; what is played is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[str | None, bool]] = []

    def play(self, ep: int, sound: str | None, loop: bool = True, gain_db: float = 0.0) -> None:
        self.log.append((sound, loop))


def a_board() -> tuple[SoundBoard, Played]:
    bridge = Played()
    board = SoundBoard(bridge, Quiet())
    board.endpoints["line:l1"] = 1
    board.prompt_of = lambda what: f"said:{what}" if what != "unknown" else None
    board.play("line:l1", "ringback")
    return board, bridge


def test_after_an_announcement_the_music_goes_on_and_a_change_of_music_waits_for_its_end() -> None:
    board, bridge = a_board()
    board.announce("line:l1", "welcome")
    board.play("line:l1", "hold")
    assert bridge.log == [("ringback", True), ("said:welcome", False)]
    board.played(1)
    assert bridge.log[-1] == ("hold", True)
    board.played(1)  # of nothing that we know
    assert len(bridge.log) == 3


def test_a_talk_ends_an_announcement_at_once_and_none_begins_in_it() -> None:
    board, bridge = a_board()
    board.announce("line:l1", "welcome")
    board.play("line:l1", None)
    assert bridge.log[-1] == (None, True)
    board.announce("line:l1", "position:1")
    board.announce("line:l9", "welcome")
    assert len(bridge.log) == 3


def test_what_has_no_sound_yet_leaves_the_music_alone() -> None:
    board, bridge = a_board()
    board.announce("line:l1", "unknown")
    assert bridge.log == [("ringback", True)]
