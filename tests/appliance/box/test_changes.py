"""What programs that watch are told (E2): each change, to a call's very end."""

from appliance.box.changes import Changes
from appliance.calls.picture import Pictures
from appliance.calls.snapshot import Snapshot
from appliance.events.recording import RecordingBegan, RecordingSealed
from tests.support.office import UTC, TestOffice


class Watched(Changes):
    """Writes down what it would send."""

    def __init__(self, office: TestOffice) -> None:
        self.sent: list[tuple[str, dict[str, object]]] = []
        pictures = Pictures(office.switchboard.live, office.book, office.days)

        def picture() -> Snapshot:
            return pictures.take(office.now_ms, UTC + office.now_ms, 0, [])

        super().__init__(picture, office.book.views.get)

    def send(self, kind: str, view: dict[str, object]) -> None:
        self.sent.append((kind, view))

    def of_calls(self) -> list[tuple[object, object]]:
        self.sent.clear()
        self.look()
        return [(view["state"], view["recording"]) for kind, view in self.sent if kind == "call"]


def test_the_end_of_a_call_and_the_seal_of_its_recording_are_told() -> None:
    office = TestOffice()
    changes = Watched(office)
    call = office.ring("l1")
    office._take([RecordingBegan(at_ms=office.now_ms, call=call, path="x")])
    assert changes.of_calls() == [("queued", {"seconds": 0.0, "sha256": None})]
    office.hang_up("l1")
    assert changes.of_calls() == [("ended", {"seconds": 0.0, "sha256": None})]
    assert changes.of_calls() == []
    office._take([RecordingSealed(at_ms=office.now_ms, call=call, size=44, seconds=1.0, sha256="ab")])
    assert changes.of_calls() == [("ended", {"seconds": 1.0, "sha256": "ab"})]
    assert changes.of_calls() == []


def test_how_long_the_first_has_waited_does_not_jump_with_the_clock_on_the_wall() -> None:
    office = TestOffice()
    pictures = Pictures(office.switchboard.live, office.book, office.days)
    office.ring("l1")
    office.wait(2_000)
    for jump_ms in (-3_600_000, 0, 30_000_000_000):
        assert pictures.take(office.now_ms, UTC + office.now_ms + jump_ms, 0, []).queues[0].longest_wait_s == 2.0
