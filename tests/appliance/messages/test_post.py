"""A1: messages neither lost nor doubled, whatever ends in between: the written facts are replayed up to every point of them."""

import pytest

from appliance.base.errors import Refused
from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events import message as told
from appliance.events.line import TextCleared, TextFailed, TextReported, TextSent, TextStored
from appliance.messages.allowance import Allowance
from appliance.messages.pdu import submits
from appliance.messages.post import Post
from tests.appliance.messages.test_pdu import as_delivered

L1 = LineId("l1")
LONG = "您好，您的工单T20261126已受理，" * 8 + "😀"


class Modem:
    """A store with places, and what the network was given; it outlives the box."""

    def __init__(self) -> None:
        self.places: dict[int, str] = {}
        self.went: list[str] = []

    def comes(self, text: str, sender: str = "13800138000", reference: int = 7) -> None:
        for pdu in submits(sender, text, reference):
            self.places[max(self.places, default=0) + 1] = as_delivered(pdu).upper()


class Box:
    """Post and journal; `until` entries are on the disk when the power goes."""

    def __init__(self, modem: Modem, journal: list[Event], room: int = 10**9) -> None:
        self.modem, self.journal, self.room = modem, journal, room
        self.post, self.now = Post(), 1_000
        for fact in journal:
            self.post.take(fact.at_ms, fact.at_ms, fact)
        self.tell(self.post.started(self.now))

    def tell(self, facts: list[Event]) -> None:
        """Journal first: what is not on the disk has not happened. What follows from a fact is written behind all that was told with it."""
        waiting = list(facts)
        while waiting:
            if len(self.journal) >= self.room:
                raise PowerCut
            self.journal.append(fact := waiting.pop(0))
            waiting += self.post.take(fact.at_ms, fact.at_ms, fact) + self.post.heard(self.now, fact)

    def lists_and_clears(self) -> None:
        """What box/messages.py does: a part is told, and when that is on the disk deleted in the modem."""
        for index, pdu in sorted(self.modem.places.items()):
            self.tell([TextStored(at_ms=self.now, line=L1, store="SM", index=index, pdu=pdu)])
        for index in sorted(self.modem.places):
            del self.modem.places[index]
            self.tell([TextCleared(at_ms=self.now, line=L1, store="SM", index=index)])

    def sends_all(self) -> None:
        for _ in range(20):
            following = self.post.next(self.now, [L1])
            if following is None:
                return
            self.tell([following[0]])
            self.modem.went.append(following[1])
            self.tell(
                [TextSent(at_ms=self.now, line=L1, job=self.post.outbox.job_of(following[0].message), reference=len(self.modem.went))]
            )

    def texts(self) -> list[str]:
        return [fact.text for fact in self.journal if isinstance(fact, told.MessageReceived)]


class PowerCut(Exception):
    pass


def test_a_power_cut_at_any_point_of_receiving_loses_nothing_and_doubles_nothing() -> None:
    cuts = 0
    for room in range(40):
        modem, journal = Modem(), list[Event]()
        modem.comes("hello")
        modem.comes(LONG, reference=9)
        modem.comes("hello again", sender="13900139000")
        try:
            Box(modem, journal, room).lists_and_clears()
        except PowerCut:
            cuts += 1
        again = Box(modem, journal)  # the modem lists what it still has
        again.lists_and_clears()
        assert sorted(again.texts()) == sorted(["hello", LONG, "hello again"]), f"cut after {room} entries"
        assert not modem.places
    assert cuts > 12


def test_a_power_cut_at_any_point_of_sending_sends_no_part_twice_and_names_what_nobody_knows() -> None:
    whole = submits("13800138000", LONG, 1)
    for room in range(2, 20):
        modem, journal = Modem(), list[Event]()
        try:
            box = Box(modem, journal, room)
            box.tell(box.post.write(box.now, "13800138000", LONG, by="li"))
            box.sends_all()
        except PowerCut:
            pass
        again = Box(modem, journal)
        again.sends_all()
        assert len(modem.went) == len(set(modem.went)), f"cut after {room}: a part went twice"
        ends = [fact for fact in again.journal if isinstance(fact, told.MessageSent | told.MessageFailed)]
        assert len(ends) == 1
        if isinstance(ends[0], told.MessageSent):
            assert modem.went == whole
        else:
            assert not ends[0].sure and again.post.seen.one("m000001").state == "unsure"  # type: ignore[union-attr]


def test_parts_in_any_order_and_doubled_are_one_message_and_a_missing_one_is_told_after_a_day() -> None:
    modem = Modem()
    modem.comes(LONG)
    parts = list(modem.places.values())
    assert len(parts) >= 3
    modem.places = dict(enumerate([parts[2], parts[0], parts[0], *parts[3:]], 1))
    box = Box(modem, [])
    box.lists_and_clears()
    assert box.texts() == []
    box.now += 24 * 3600 * 1000
    box.tell(box.post.due(box.now))
    (view,) = box.post.seen.newest()
    assert view.missing == 1 and len(view.text) < len(LONG)


def test_the_same_words_twice_are_two_messages() -> None:
    modem, box = Modem(), None
    box = Box(modem, [])
    for _ in range(2):
        modem.comes("ok")
        box.lists_and_clears()
    assert box.texts() == ["ok", "ok"]


def test_a_sender_whose_count_came_round_makes_a_new_message_of_it() -> None:
    modem = Modem()
    modem.comes("a" * 200, reference=5)
    del modem.places[2]  # its second part never comes
    box = Box(modem, [])
    box.lists_and_clears()
    modem.comes("b" * 200, reference=5)
    box.lists_and_clears()
    assert "b" * 200 in box.texts() and any(text.startswith("aaa") for text in box.texts())


@pytest.mark.parametrize("word", ["TD", "退订", " td ", "退订。", "STOP"])
def test_who_answers_with_a_word_of_refusal_gets_no_more(word: str) -> None:
    modem = Modem()
    modem.comes(word)
    box = Box(modem, [])
    box.lists_and_clears()
    for number in ("13800138000", "+8613800138000"):
        with pytest.raises(Refused, match="opted_out"):
            box.post.write(box.now, number, "hi", by="li")
    again = Box(modem, box.journal)
    with pytest.raises(Refused, match="opted_out"):
        again.post.write(again.now, "13800138000", "hi", by="li")
    again.tell(again.post.opt(again.now, "13800138000", out=False, by="chief"))
    assert again.post.write(again.now, "13800138000", "hi", by="li")


def test_a_busy_network_is_tried_again_with_growing_pauses_and_given_up_in_the_end() -> None:
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "10086", "hi", by="li"))
    pauses = []
    for _ in range(5):
        following = box.post.next(box.now, [L1])
        assert following is not None
        box.tell([following[0]])
        job = box.post.outbox.job_of("m000001")
        box.tell([TextFailed(at_ms=box.now, line=L1, job=job, why="+CMS ERROR: 42", again=True)])
        if box.post.next_ms is not None:
            pauses.append(box.post.next_ms - box.now)
            assert box.post.next(box.now, [L1]) is None
            box.now = box.post.next_ms
    assert pauses == [30_000, 120_000, 600_000, 1_800_000]
    assert box.post.seen.one("m000001").state == "failed"  # type: ignore[union-attr]


def test_a_line_that_has_something_else_to_do_costs_a_second_and_no_try() -> None:
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "10086", "hi", by="li"))
    pauses = []
    for busy in (True, False, True, True, False):
        box.tell([box.post.next(box.now, [L1])[0]])  # type: ignore[index]
        job = box.post.outbox.job_of("m000001")
        box.tell([TextFailed(at_ms=box.now, line=L1, job=job, why="line busy" if busy else "+CMS ERROR: 42", again=True, busy=busy)])
        assert box.post.next_ms is not None
        pauses.append(box.post.next_ms - box.now)
        box.now = box.post.next_ms
    assert pauses == [1_000, 30_000, 1_000, 1_000, 120_000]


def test_a_part_that_waits_for_its_next_try_when_the_box_ends_is_tried_again_at_its_time() -> None:
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "10086", "hi", by="li"))
    for busy in (False, True, False):
        box.tell([box.post.next(box.now, [L1])[0]])  # type: ignore[index]
        job = box.post.outbox.job_of("m000001")
        box.tell([TextFailed(at_ms=box.now, line=L1, job=job, why="no", again=True, busy=busy)])
        again = Box(box.modem, box.journal)
        assert again.post.next_ms == box.post.next_ms and again.post.seen.one("m000001") == box.post.seen.one("m000001")
        assert again.post.next(box.post.next_ms - 1, [L1]) is None  # type: ignore[operator]
        box.now = box.post.next_ms  # type: ignore[assignment]


def test_a_line_that_is_busy_for_ever_ends_a_message_like_a_busy_network() -> None:
    """Nor is the journal filled for ever, two entries a second."""
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "10086", "hi", by="li"))
    pauses = []
    while (following := box.post.next(box.now, [L1])) is not None:
        box.tell([following[0]])
        job = box.post.outbox.job_of("m000001")
        box.tell([TextFailed(at_ms=box.now, line=L1, job=job, why="line busy", again=True, busy=True)])
        if box.post.next_ms is not None:
            pauses.append(box.post.next_ms - box.now)
            box.now = box.post.next_ms
    assert pauses == [1_000] * 60 + [30_000, 120_000, 600_000, 1_800_000]
    assert box.post.seen.one("m000001").state == "failed"  # type: ignore[union-attr]


def test_what_the_network_refuses_for_good_is_not_tried_again_and_a_late_word_means_nothing() -> None:
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "10086", "hi", by="li"))
    box.tell([box.post.next(box.now, [L1])[0]])  # type: ignore[index]
    job = box.post.outbox.job_of("m000001")
    box.tell([TextFailed(at_ms=box.now, line=L1, job=job, why="+CMS ERROR: 21", again=False)])
    box.tell([TextSent(at_ms=box.now, line=L1, job=job, reference=1)])
    assert box.post.seen.one("m000001").state == "failed" and box.post.next(box.now, [L1]) is None  # type: ignore[union-attr]


def test_reports_of_all_parts_make_it_delivered() -> None:
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "13800138000", LONG, by="li"))
    box.sends_all()
    assert box.post.seen.one("m000001").state == "sent"  # type: ignore[union-attr]
    for reference in range(1, len(box.modem.went) + 1):
        box.tell([TextReported(at_ms=box.now, line=L1, pdu=f"0006{reference:02X}0B813108108300F0321051121410233210511214202300")])
    assert box.post.seen.one("m000001").state == "delivered" and not box.post.outbox.going  # type: ignore[union-attr]


def test_reports_quicker_than_the_word_that_their_part_went_make_it_delivered_also_over_a_restart() -> None:
    """A modem may tell both in one breath."""
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "13800138000", LONG, by="li"))
    for reference in range(1, 30):
        following = box.post.next(box.now, [L1])
        if following is None:
            break
        box.tell([following[0]])
        report = TextReported(at_ms=box.now, line=L1, pdu=f"0006{reference:02X}0B813108108300F0321051121410233210511214202300")
        box.tell([TextSent(at_ms=box.now, line=L1, job=box.post.outbox.job_of("m000001"), reference=reference), report])
    assert box.post.seen.one("m000001").state == "delivered" and not box.post.outbox.going  # type: ignore[union-attr]
    assert isinstance(box.journal.pop(), told.MessageDelivered)
    assert Box(box.modem, box.journal).post.seen.one("m000001").state == "delivered"  # type: ignore[union-attr]


def test_a_message_whose_reports_come_before_and_after_a_restart_is_delivered() -> None:
    """Wherever the restart is, between the last report and what it means too."""
    box = Box(Modem(), [])
    box.tell(box.post.write(box.now, "13800138000", LONG, by="li"))
    box.sends_all()
    before = len(box.journal)
    for reference in range(1, len(box.modem.went) + 1):
        box.tell([TextReported(at_ms=box.now, line=L1, pdu=f"0006{reference:02X}0B813108108300F0321051121410233210511214202300")])
    reports = [fact for fact in box.journal if isinstance(fact, TextReported)]
    for kept in range(before, len(box.journal) + 1):
        again = Box(box.modem, box.journal[:kept])
        again.tell([report for report in reports if report not in again.journal])
        assert again.post.seen.one("m000001").state == "delivered" and not again.post.outbox.going  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("to", "text", "why"), [("abc", "hi", "number"), ("", "hi", "number"), ("10086", " ", "empty"), ("10086", "你" * 700, "long")]
)
def test_what_cannot_go_is_refused_in_words(to: str, text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        Post().write(0, to, text, by="li")


def test_a_number_that_may_not_be_dialled_gets_no_message() -> None:
    post = Post(lambda number: number.startswith("168"))
    with pytest.raises(Refused, match="not_allowed"):
        post.write(0, "168-12345", "hi", by="li")
    assert post.write(0, "10086", "hi", by="li")


def test_no_more_parts_a_day_than_allowed_and_a_long_message_counts_as_it_is_cut() -> None:
    day = 86_400_000
    used = Allowance(lambda utc_ms: str(utc_ms // day))
    post = Post(full=lambda parts: used.used(now) + parts > 3)
    now = 5 * day

    def write(text: str) -> None:
        for fact in post.write(0, "10086", text, by="li"):
            post.take(0, now, fact)
            used.take(now, fact)

    write("你" * 71)
    with pytest.raises(Refused, match="day_full"):
        write("你" * 71)
    write("hi")
    with pytest.raises(Refused, match="day_full"):
        write("hi")
    now += day
    write("hi")
    assert used.used(now) == 1 and used.used(now - day) == 3


def test_bytes_that_no_one_can_read_are_counted_and_cleared_and_hurt_nobody() -> None:
    modem = Modem()
    modem.places = {1: "00FFFF", 2: "07"}
    modem.comes("well")
    box = Box(modem, [])
    box.lists_and_clears()
    assert box.texts() == ["well"] and box.post.inbox.broken == 2 and not modem.places
