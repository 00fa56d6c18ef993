"""Figures as people say them, in both languages (A3 A5)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.flow import figures

NUMBERS = [
    (0, "零", "zero"),
    (1, "一", "one"),
    (2, "二", "two"),
    (10, "十", "ten"),
    (11, "十一", "eleven"),
    (12, "十二", "twelve"),
    (15, "十五", "fifteen"),
    (20, "二十", "twenty"),
    (21, "二十一", "twenty-one"),
    (22, "二十二", "twenty-two"),
    (99, "九十九", "ninety-nine"),
    (100, "一百", "one hundred"),
    (101, "一百零一", "one hundred and one"),
    (102, "一百零二", "one hundred and two"),
    (110, "一百一十", "one hundred and ten"),
    (112, "一百一十二", "one hundred and twelve"),
    (200, "二百", "two hundred"),
    (220, "二百二十", "two hundred and twenty"),
    (999, "九百九十九", "nine hundred and ninety-nine"),
    (1000, "一千", "one thousand"),
    (1001, "一千零一", "one thousand and one"),
    (1010, "一千零一十", "one thousand and ten"),
    (1100, "一千一百", "one thousand one hundred"),
    (2000, "两千", "two thousand"),
    (2002, "两千零二", "two thousand and two"),
    (2222, "两千二百二十二", "two thousand two hundred and twenty-two"),
    (10_000, "一万", "ten thousand"),
    (10_001, "一万零一", "ten thousand and one"),
    (10_012, "一万零一十二", "ten thousand and twelve"),
    (10_100, "一万零一百", "ten thousand one hundred"),
    (12_000, "一万两千", "twelve thousand"),
    (20_000, "两万", "twenty thousand"),
    (100_000, "十万", "one hundred thousand"),
    (120_000, "十二万", "one hundred and twenty thousand"),
    (120_012, "十二万零一十二", "one hundred and twenty thousand and twelve"),
    (200_000, "二十万", "two hundred thousand"),
    (1_000_000, "一百万", "one million"),
    (20_000_000, "两千万", "twenty million"),
    (100_000_000, "一亿", "one hundred million"),
    (100_120_000, "一亿零一十二万", "one hundred million one hundred and twenty thousand"),
    (200_000_002, "两亿零二", "two hundred million and two"),
    (1_000_000_000_000, "一万亿", "one trillion"),
]


@pytest.mark.parametrize(("n", "zh", "en"), NUMBERS)
def test_numbers(n: int, zh: str, en: str) -> None:
    assert (figures.number(n, "zh_CN"), figures.number(n, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("n", "said"), [(1, "一位"), (2, "两位"), (12, "十二位"), (20, "二十位"), (22, "二十二位"), (102, "一百零二位"), (2000, "两千位")]
)
def test_before_a_measure_word_two_is_liang_when_it_stands_alone(n: int, said: str) -> None:
    assert figures.counted(n, "位") == said


ORDINALS = [
    (1, "第一", "first"), (2, "第二", "second"), (3, "第三", "third"), (4, "第四", "fourth"), (5, "第五", "fifth"), (8, "第八", "eighth"),
    (9, "第九", "ninth"), (10, "第十", "tenth"), (11, "第十一", "eleventh"), (12, "第十二", "twelfth"), (13, "第十三", "thirteenth"),
    (20, "第二十", "twentieth"), (21, "第二十一", "twenty-first"), (22, "第二十二", "twenty-second"), (30, "第三十", "thirtieth"),
    (33, "第三十三", "thirty-third"), (100, "第一百", "one hundredth"), (101, "第一百零一", "one hundred and first"),
    (112, "第一百一十二", "one hundred and twelfth"), (1000, "第一千", "one thousandth"),
]  # fmt: skip


@pytest.mark.parametrize(("n", "zh", "en"), ORDINALS)
def test_ordinals(n: int, zh: str, en: str) -> None:
    assert (figures.ordinal(n, "zh_CN"), figures.ordinal(n, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("110", "幺幺零", "one one zero"),
        ("13900000012", "幺三九，零零零零，零零幺二", "one three nine, zero zero zero zero, zero zero one two"),
        ("02061000003", "零二零，六幺零零，零零零三", "zero two zero, six one zero zero, zero zero zero three"),
        ("12345678", "幺二三四，五六七八", "one two three four, five six seven eight"),
        ("123456789", "幺二三四五，六七八九", "one two three four five, six seven eight nine"),
        ("020-8111 0001", "零二零，八幺幺幺，零零零幺", "zero two zero, eight one one one, zero zero zero one"),
        ("A7", "A七", "A seven"),
        ("+86", "加八六", "plus eight six"),
        ("*45#", "星四五井", "star four five hash"),
        ("", "", ""),
    ],
)
def test_telephone_numbers_are_read_digit_by_digit_with_yao_for_one(text: str, zh: str, en: str) -> None:
    assert (figures.digits(text, "zh_CN"), figures.digits(text, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("hour", "minute", "zh", "en"),
    [
        (0, 0, "凌晨零点整", "midnight"),
        (0, 5, "凌晨零点零五分", "twelve oh five a.m."),
        (2, 0, "凌晨两点整", "two a.m."),
        (6, 30, "上午六点三十分", "six thirty a.m."),
        (9, 2, "上午九点零二分", "nine oh two a.m."),
        (12, 0, "中午十二点整", "twelve noon"),
        (12, 12, "中午十二点十二分", "twelve twelve p.m."),
        (14, 2, "下午两点零二分", "two oh two p.m."),
        (14, 22, "下午两点二十二分", "two twenty-two p.m."),
        (18, 0, "晚上六点整", "six p.m."),
        (23, 59, "晚上十一点五十九分", "eleven fifty-nine p.m."),
    ],
)
def test_times_of_day(hour: int, minute: int, zh: str, en: str) -> None:
    assert (figures.clock_time(hour, minute, "zh_CN"), figures.clock_time(hour, minute, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("date", "zh", "en"),
    [
        ((2026, 11, 24), "二零二六年十一月二十四日", "the twenty-fourth of November, twenty twenty-six"),
        ((2026, 2, 2), "二零二六年二月二日", "the second of February, twenty twenty-six"),
        ((2005, 12, 12), "二零零五年十二月十二日", "the twelfth of December, two thousand and five"),
        ((1999, 1, 31), "一九九九年一月三十一日", "the thirty-first of January, nineteen ninety-nine"),
        ((1900, 3, 3), "一九零零年三月三日", "the third of March, nineteen hundred"),
        ((1905, 3, 1), "一九零五年三月一日", "the first of March, nineteen oh five"),
    ],
)
def test_days(date: tuple[int, int, int], zh: str, en: str) -> None:
    assert (figures.day(*date, "zh_CN"), figures.day(*date, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "零秒", "zero seconds"),
        (1, "一秒", "one second"),
        (2, "两秒", "two seconds"),
        (12, "十二秒", "twelve seconds"),
        (60, "一分钟", "one minute"),
        (62, "一分零两秒", "one minute and two seconds"),
        (90, "一分三十秒", "one minute and thirty seconds"),
        (120, "两分钟", "two minutes"),
        (1320, "二十二分钟", "twenty-two minutes"),
        (3600, "一小时", "one hour"),
        (7200, "两小时", "two hours"),
        (7500, "两小时零五分钟", "two hours and five minutes"),
        (4320, "一小时十二分钟", "one hour and twelve minutes"),
        (3601, "一小时", "one hour"),
    ],
)
def test_lengths_of_time(seconds: int, zh: str, en: str) -> None:
    assert (figures.duration(seconds, "zh_CN"), figures.duration(seconds, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        (1, "下一个就轮到您了。", "You are next in the queue."),
        (2, "您排在第二位。", "You are number two in the queue."),
        (3, "您排在第三位。", "You are number three in the queue."),
        (12, "您排在第十二位。", "You are number twelve in the queue."),
    ],
)
def test_positions(place: int, zh: str, en: str) -> None:
    assert (figures.position(place, "zh_CN"), figures.position(place, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "预计等待不到一分钟。", "The expected wait is less than one minute."),
        (61, "预计等待约两分钟。", "The expected wait is about two minutes."),
        (600, "预计等待约十分钟。", "The expected wait is about ten minutes."),
        (661, "预计等待约十五分钟。", "The expected wait is about fifteen minutes."),
        (3700, "预计等待约一小时零五分钟。", "The expected wait is about one hour and five minutes."),
    ],
)
def test_expected_waits(seconds: float, zh: str, en: str) -> None:
    assert (figures.expected_wait(seconds, "zh_CN"), figures.expected_wait(seconds, "en")) == (zh, en)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: figures.number(-1, "en"),
        lambda: figures.number(10**16, "zh_CN"),
        lambda: figures.ordinal(0, "en"),
        lambda: figures.position(0, "zh_CN"),
        lambda: figures.clock_time(24, 0, "en"),
        lambda: figures.duration(-1, "en"),
    ],
)
def test_what_cannot_be_said_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


def heard(said: str) -> int:
    """The number that a Chinese listener understands: an own reading, by the rules of the words."""
    total = section = digit = 0
    for word in said:
        if word in "零一二三四五六七八九两":
            digit = 2 if word == "两" else "零一二三四五六七八九".index(word)
        elif word in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[word]
            digit = 0
        elif word == "万":
            section, digit = (section + digit) * 10_000, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    return total + section + digit


@given(st.one_of(st.integers(0, 30_000), st.integers(0, 10**12 - 1)))
def test_a_listener_understands_the_number_that_was_meant_and_no_digit_is_left(n: int) -> None:
    said = figures.number(n, "zh_CN")
    assert heard(said) == n
    assert ("零零" not in said and not said.endswith("零")) or n == 0
    assert not re.search(r"\d", said + figures.number(n, "en"))
