"""A1 A5: what is left on a line's card: when it is asked, how the answer is read, in virtual time."""

import pytest

from appliance.base.ids import LineId
from appliance.events import Event
from appliance.events.line import BalanceAsked, BalanceRead, BalanceUnread, UssdAnswered, UssdFailed
from appliance.events.message import MessageReceived
from appliance.messages.balance import AGAIN_MS, PATIENCE_MS, Balances, amount_fen
from appliance.messages.ussd import packed, text_of
from firmware_cfg.document import Balance, Line

L1, DAY_MS = LineId("l1"), 86_400_000


def line(balance: Balance, low: float = 0.0) -> Line:
    return Line(id="l1", name="移动一", dialect="sim7600", port="x", number="1", balance=balance, balance_low=low)


USSD = line(Balance(ussd="*100#"), low=10.0)
SMS = line(Balance(sms_to="10086", text="YE"))


class Desk:
    def __init__(self, config: Line) -> None:
        self.fold, self.config, self.utc_ms, self.asked = Balances(), config, 0, 0

    def turn(self, clock: str) -> bool:
        """True where the line is asked."""
        self.tell(*self.fold.late(0, self.utc_ms))
        day = str(self.utc_ms // DAY_MS)
        for due in self.fold.due(self.utc_ms, day, clock, (self.config,)):
            self.tell(BalanceAsked(at_ms=0, line=LineId(due.id), day=day, how="ussd"))
            self.asked += 1
            return True
        return False

    def tell(self, *facts: Event) -> list[Event]:
        told: list[Event] = []
        for fact in facts:
            self.fold.take(self.utc_ms, fact)
            told += self.fold.heard(0, fact, (self.config,))
        for fact in told:
            self.fold.take(self.utc_ms, fact)
        return told


@pytest.mark.parametrize(
    ("text", "pattern", "fen"),
    [
        ("您的余额为52.30元", "", 5230),
        ("尊敬的客户，您的账户余额为9元，截至11月26日套餐内剩余通话120分钟。", "", 900),
        ("截至2026年11月26日，可用余额：-3.5元", "", -350),
        ("您当前话费12.00元，余额截至11月26日为52.30元", "", 5230),
        ("Your balance is 47.10 CNY", "", 4710),
        ("Balance: 0.00", "", 0),
        ("剩余120分钟", "", None),
        ("", "", None),
        ("A=12;B=7.5", "B=([0-9.]+)", 750),
        ("B=.", "B=([0-9.]+)", None),
    ],
)  # fmt: skip
def test_the_amount_is_found_in_what_carriers_say(text: str, pattern: str, fen: int | None) -> None:
    assert amount_fen(text, pattern) == fen


@pytest.mark.parametrize(
    ("said", "coding", "in_hex", "text"),
    [
        ("Balance 5", 15, False, "Balance 5"),
        ("4F59989D", 72, False, "余额"),
        ("4F59989D0035", 0x48, False, "余额5"),
        ("7A680035", 0x11, False, "5"),
        ("AA180C3602", 15, True, "*100#"),
        ("31D98C56B3DD1A", 15, True, "1234567"),
        ("60A8xx", 72, False, "60A8xx"),
    ],
)  # fmt: skip
def test_an_answer_is_read_by_its_coding(said: str, coding: int, in_hex: bool, text: str) -> None:
    assert text_of(said, coding, in_hex) == text


@pytest.mark.parametrize("code", ["*100#", "*1234#1", "*12345#", "*123456#", "1"])
def test_packed_septets_come_back_whole_whatever_their_count(code: str) -> None:
    assert text_of(packed(code), 15, True) == code
    assert packed("*100#") == "AA180C3602", "as Huawei's sticks are known to take it"


def test_it_is_asked_once_a_day_from_its_time_on() -> None:
    desk = Desk(USSD)
    assert not desk.turn("09:29") and desk.turn("09:30")
    told = desk.tell(UssdAnswered(at_ms=0, line=L1, text="Your balance is 52.30 CNY"))
    assert told == [BalanceRead(at_ms=0, line=L1, fen=5230, text="Your balance is 52.30 CNY")]
    assert not desk.turn("23:59")
    desk.utc_ms += DAY_MS
    assert not desk.turn("00:10") and desk.turn("11:00")


def test_without_an_answer_it_is_asked_again_after_half_an_hour_three_times_a_day() -> None:
    desk = Desk(USSD)
    for _ in range(20):
        if desk.turn("12:00"):
            desk.tell(UssdFailed(at_ms=0, line=L1, why="line busy"))
        desk.utc_ms += AGAIN_MS // 2
    assert desk.asked == 3
    desk.utc_ms = DAY_MS
    assert desk.turn("12:00")


def test_who_never_answers_is_given_up_after_ten_minutes_also_after_a_restart() -> None:
    desk = Desk(USSD)
    desk.turn("12:00")
    desk.utc_ms += PATIENCE_MS - 1
    assert desk.fold.late(0, desk.utc_ms) == [] and desk.fold.waits(L1)
    desk.utc_ms += 1
    assert desk.fold.late(0, desk.utc_ms) == [BalanceUnread(at_ms=0, line=L1, why="no answer came")]


def test_a_message_counts_only_from_the_number_that_was_asked_and_while_it_is_waited_for() -> None:
    desk, words = Desk(SMS), "您的余额为7.00元"
    message = MessageReceived(at_ms=0, message="m1", line=L1, sender="10086", text=words, key="k")
    assert desk.tell(message) == []
    desk.turn("12:00")
    assert desk.tell(MessageReceived(at_ms=0, message="m2", line=L1, sender="13800138000", text=words, key="k")) == []
    assert desk.tell(message) == [BalanceRead(at_ms=0, line=L1, fen=700, text=words)]
    assert desk.tell(message) == []


def test_what_holds_no_amount_is_said_and_the_last_balance_stays() -> None:
    desk = Desk(USSD)
    desk.turn("12:00")
    desk.tell(UssdAnswered(at_ms=0, line=L1, text="Balance: 12.00"))
    desk.utc_ms += DAY_MS
    desk.turn("12:00")
    assert desk.tell(UssdAnswered(at_ms=0, line=L1, text="try later")) == [
        BalanceUnread(at_ms=0, line=L1, why="no amount found in the answer", text="try later")
    ]
    account = desk.fold.accounts[L1]
    assert account.fen == 1200 and account.why


def test_a_sentence_stands_below_the_lines_low_mark() -> None:
    desk = Desk(USSD)
    assert desk.fold.low(USSD) == ""
    desk.turn("12:00")
    desk.tell(UssdAnswered(at_ms=0, line=L1, text="Balance: 9.99"))
    assert desk.fold.low(USSD) == "line 移动一: 9.99 yuan are left on its card, less than 10.00: top it up"
    assert desk.fold.low(line(Balance(ussd="*100#"), low=9.99)) == ""


@pytest.mark.parametrize("said", ["1e999", "9" * 300, "nan", "-inf"])
def test_an_amount_that_no_card_holds_is_none(said: str) -> None:
    """By a line's own pattern; the fact would not have gone into the journal."""
    assert amount_fen(said, r"([-.\w]+)") is None
