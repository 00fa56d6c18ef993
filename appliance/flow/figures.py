"""Figures as people say them, in zh-CN and English (A3 A5): numbers, digits, positions, times, days, lengths of time. Pure functions.

The text is for a voice: no digits are left in it. Chinese: 二 counts and orders, 两 stands before measure words and thousands; a run of
noughts inside is one 零; in numbers read out digit by digit (telephones) 1 is 幺, as it is heard apart from 七.
Source: 现代汉语八百词 (吕叔湘), 二 and 两; GB/T 15835 for what is read digit by digit.
"""

from typing import Final, Literal

Language = Literal["zh_CN", "en"]

ZH: Final = "零一二三四五六七八九"
_ZH_PLACES: Final = ("", "十", "百", "千")
_ZH_UNITS: Final = ((10**8, "亿"), (10**4, "万"))
LARGEST: Final = 10**16 - 1
SMALL: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS: Final = ("", "", *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_EN_GROUPS: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
MONTHS: Final = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def number(n: int, language: Language) -> str:
    """A whole number, 0 to 10^16 - 1; ValueError beyond. "二百零五", "two hundred and five"."""
    if not 0 <= n <= LARGEST:
        raise ValueError(f"{n} is not said: 0 to {LARGEST}")
    return _zh(n) if language == "zh_CN" else _en(n)


def _zh(n: int, first: bool = True) -> str:
    """`first`: nothing stands before it, so 10 to 19 begin with 十."""
    for unit, name in _ZH_UNITS:
        if n >= unit:
            high, rest = divmod(n, unit)
            words = ("两" if high == 2 else _zh(high, first)) + name
            return words + ("零" if 0 < rest < unit // 10 else "") + (_zh(rest, False) if rest else "")
    return _zh_group(n, first) if n else ZH[0]


def _zh_group(n: int, first: bool) -> str:
    """1 to 9999."""
    words, nought = "", False
    for place in range(3, -1, -1):
        digit = n // 10**place % 10
        if digit == 0:
            nought = bool(words)
            continue
        if first and not words and place == 1 and digit == 1:
            words = "十"
        else:
            words += ("零" if nought else "") + ("两" if digit == 2 and place == 3 else ZH[digit]) + _ZH_PLACES[place]
        nought = False
    return words


def _en(n: int) -> str:
    if n < 20:
        return SMALL[n]
    if n < 100:
        return TENS[n // 10] + (f"-{SMALL[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{SMALL[n // 100]} hundred" + (f" and {_en(n % 100)}" if n % 100 else "")
    for power in range(len(_EN_GROUPS) - 1, 0, -1):
        unit = 1000**power
        if n >= unit:
            rest = n % unit
            joint = " and " if 0 < rest < 100 else " "
            return f"{_en(n // unit)} {_EN_GROUPS[power]}" + (f"{joint}{_en(rest)}" if rest else "")
    raise AssertionError(n)


def counted(n: int, measure: str) -> str:
    """So many of something, in Chinese: "两位", "十二位", "二十二分钟"."""
    return ("两" if n == 2 else number(n, "zh_CN")) + measure


def _plural(n: int, one: str, many: str = "") -> str:
    return f"{number(n, 'en')} {one if n == 1 else many or one + 's'}"


def ordinal(n: int, language: Language) -> str:
    """ "第二", "第十二"; "second", "twelfth", "twenty-first". From 1 on."""
    if n < 1:
        raise ValueError(f"{n} is no place in an order")
    if language == "zh_CN":
        return f"第{number(n, language)}"
    words, joint, last = _last_word(number(n, "en"))
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{words}{joint}{_ORDINALS.get(last, regular)}"


def _last_word(text: str) -> tuple[str, str, str]:
    at = max(text.rfind(" "), text.rfind("-"))
    return (text[:at], text[at], text[at + 1 :]) if at >= 0 else ("", "", text)


def digits(text: str, language: Language) -> str:
    """A telephone's or a ticket's number, digit by digit, a short rest between groups: "幺三九，零零零零，零零幺幺".

    Digits, letters, + * and #; spaces and hyphens are the groups; without them a mobile number is 3-4-4, others fours from the end.
    """
    parts = text.replace("-", " ").split()
    if len(parts) == 1:
        parts = _groups(parts[0])
    said = [_spelled(part, language) for part in parts]
    return ("，" if language == "zh_CN" else ", ").join(each for each in said if each)


def _groups(text: str) -> list[str]:
    if len(text) == 11 and text.isdigit() and text.startswith("1"):
        return [text[:3], text[3:7], text[7:]]
    first = len(text) % 4 or 4
    if first == 1 and len(text) > 4:  # never one alone
        first = 5
    return [text[:first], *(text[at : at + 4] for at in range(first, len(text), 4))]


def _spelled(text: str, language: Language) -> str:
    if language == "zh_CN":
        names = {"+": "加", "*": "星", "#": "井", "1": "幺"}
        return "".join(names.get(each) or (ZH[int(each)] if each.isascii() and each.isdigit() else each.upper()) for each in text)
    names = {"+": "plus", "*": "star", "#": "hash"}
    return " ".join(names.get(each) or (SMALL[int(each)] if each.isascii() and each.isdigit() else each.upper()) for each in text)


def clock_time(hour: int, minute: int, language: Language) -> str:
    """The time of day: "下午两点零五分", "晚上十点整"; "two oh five p.m.", "twelve noon". 0:00 to 23:59."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise ValueError(f"{hour}:{minute} is no time of day")
    if language == "zh_CN":
        part = next(name for begin, name in ((18, "晚上"), (13, "下午"), (12, "中午"), (6, "上午"), (0, "凌晨")) if hour >= begin)
        twelve = hour if hour <= 12 else hour - 12
        minutes = "整" if minute == 0 else f"零{ZH[minute]}分" if minute < 10 else f"{number(minute, language)}分"
        return f"{part}{counted(twelve, '点')}{minutes}"
    if minute == 0 and hour in (0, 12):
        return "twelve noon" if hour else "midnight"
    minutes = "" if minute == 0 else f" oh {SMALL[minute]}" if minute < 10 else f" {number(minute, language)}"
    return f"{number(hour % 12 or 12, language)}{minutes} {'p.m.' if hour >= 12 else 'a.m.'}"


def day(year: int, month: int, day_of_month: int, language: Language) -> str:
    """ "二零二六年十一月二十四日"; "the twenty-fourth of November, twenty twenty-six". Years 1000 to 9999."""
    if language == "zh_CN":
        years = "".join(ZH[int(each)] for each in str(year))
        return f"{years}年{number(month, language)}月{number(day_of_month, language)}日"
    return f"the {ordinal(day_of_month, language)} of {MONTHS[month - 1]}, {_year(year)}"


def _year(year: int) -> str:
    century, rest = divmod(year, 100)
    if century % 10 == 0 and rest < 10:  # 2000 to 2009
        return number(year, "en")
    return f"{number(century, 'en')} " + ("hundred" if rest == 0 else f"oh {SMALL[rest]}" if rest < 10 else number(rest, "en"))


def duration(seconds: int, language: Language) -> str:
    """A length of time: "两小时零五分钟", "一分三十秒"; "two hours and five minutes", "one minute and thirty seconds"."""
    if seconds < 0:
        raise ValueError(f"{seconds} s is no length of time")
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if language == "zh_CN":
        words = counted(hours, "小时") if hours else ""
        if minutes:
            joint = "零" if hours and minutes < 10 else ""
            words += joint + counted(minutes, "分" if left and not hours else "分钟")
        if (left and not hours) or not words:
            words += ("零" if minutes and left < 10 else "") + counted(left, "秒")
        return words
    parts = [_plural(hours, "hour")] if hours else []
    parts += [_plural(minutes, "minute")] if minutes else []
    parts += [_plural(left, "second")] if (left and not hours) or not parts else []
    return " and ".join(parts)


def position(place: int, language: Language) -> str:
    """What a waiting caller hears: "您排在第三位。", "You are number three in the queue." 1 is the next to be served."""
    if place < 1:
        raise ValueError(f"{place} is no place in a queue")
    if language == "zh_CN":
        return "下一个就轮到您了。" if place == 1 else f"您排在{ordinal(place, language)}位。"
    return "You are next in the queue." if place == 1 else f"You are number {number(place, language)} in the queue."


def expected_wait(seconds: float, language: Language) -> str:
    """Rounded up to whole minutes, above ten to fives: "预计等待约两分钟。"; "The expected wait is about two minutes."."""
    if seconds <= 60:
        return "预计等待不到一分钟。" if language == "zh_CN" else "The expected wait is less than one minute."
    minutes = -(-int(seconds) // 60)
    if minutes > 10:
        minutes = -(-minutes // 5) * 5
    said = duration(minutes * 60, language)
    return f"预计等待约{said}。" if language == "zh_CN" else f"The expected wait is about {said}."
