"""What must be true between settings of the right form: ids, references, ports, numbers, durations (A1 A2 A3)."""

import math
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import msgspec

from firmware_cfg.document import Agent, Dialling, Line, Queue, Recording, Seat, Template, Tenant, Transfer
from firmware_cfg.fields import Report, entries
from firmware_cfg.findings import Finding, Said, between, out_of_range, shown, suggestion
from firmware_cfg.line_numbers import Path

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}\Z")
_NETWORK: Final = re.compile(r"(?:rfc2217|socket)://[^/:\s]+:[0-9]{1,5}(?:[/?].*)?\Z")
_CARD: Final = re.compile(r"card:[A-Za-z0-9_-]{1,40}\Z|usb:[0-9]+-[0-9]+(?:\.[0-9]+)*\Z")
_SAYABLE: Final = re.compile(r"(?:[A-Za-zü0-9]{1,20}(?: |\Z)){0,12}\Z")
_PLACE: Final = re.compile(r"\{[^{}\s]{1,30}\}")
_LONGEST_TEXT: Final = 600
_LONGEST_S: Final = 3600.0  # an hour: whoever writes more has mistaken the unit
_SHORTEST_S: Final = 0.001  # the box reckons in ms
_HIGHEST_SKILL: Final = 9
_DURATIONS: Final = {  # setting: least and most, in seconds
    "ring_limit_s": (1.0, 120.0),
    "rest_s": (0.0, _LONGEST_S),
    "reject_rest_s": (0.0, _LONGEST_S),
    "busy_rest_s": (0.0, _LONGEST_S),
    "wait_max_s": (0.0, _LONGEST_S),
    "overflow_s": (0.0, _LONGEST_S),
    "back_s": (0.0, _LONGEST_S),
    "last_agent_s": (0.0, _LONGEST_S),
    "more_s": (0.0, _LONGEST_S),
    "call_back_again_s": (1.0, _LONGEST_S),
    "ring_back_s": (0.0, _LONGEST_S),
    "announce_s": (0.0, _LONGEST_S),
    "wrap_up_s": (0.0, _LONGEST_S),
    "pause_max_s": (10.0, _LONGEST_S),
    "longest_s": (60.0, _LONGEST_S),
}


_NUMBERS: Final = {  # setting: least and most
    "weight": (0, 1_000_000),
    "ageing": (0, 1_000),
    "tier_points": (0, 1_000_000),
    "length_max": (0, 100_000),
    "at_once": (0, 64),
    "call_back_tries": (1, 10),
    "misses_max": (0, 1_000),
    "rank": (0, 1_000_000),
    "priority": (0, 1_000_000),
    "tier": (0, 9),
    "keep_days": (0, 36_500),
}
_CAPS: Final = {  # of what is dialled: the most that makes sense
    "per_minute": 600,
    "per_day": 100_000,
    "at_once": 1_000,
    "all_per_minute": 10_000,
    "all_per_day": 1_000_000,
    "spend_per_day": 1_000_000,
    "line_spend_per_day": 1_000_000,
    "messages_per_day": 1_000_000,
}
_RICHEST: Final = 100_000  # yuan on a card
_LONGEST_QUESTION: Final = 70
_USSD: Final = re.compile(r"[*#][0-9*#]{1,30}#\Z")
_CLOCK: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_WITHOUT_CARD: Final = ("v253", "rockwell")
_DEAREST: Final = 1_000  # yuan a step
HOUSE: Final = "house"  # the tenant that owns the box
_MOST_STEPS: Final = 8
_MOST_HOURS: Final = 87_600  # ten years


class Known(msgspec.Struct, frozen=True):
    """What stands beside the configuration: dialects and whether their sound has a port of its own; boards and their lamps.

    limits: of families whose hardware cannot do all, "half_duplex" or "none", and the sentence of their profile. tones: of each country
    the first mistake in its file. cards: dialects whose sound may be a sound card.
    """

    audio_ports: Mapping[str, bool]
    lamps: Mapping[str, Collection[str]]
    buttons: Mapping[str, Collection[str]]
    limits: Mapping[str, tuple[str, Said]] = {}
    power_keys: Mapping[str, Collection[str]] = {}
    tones: Mapping[str, Finding | None] = {}
    cards: Collection[str] = ()


class Rules:
    """Reports the mistakes of one document. Tables with a path in `bad` have not the right form: only their ids count."""

    def __init__(self, data: dict[str, Any], bad: set[Path], known: Known, report: Report) -> None:
        self._data, self._bad, self._known, self._report = data, bad, known, report

    def check(self) -> None:
        for kind in ("line", "queue", "seat", "agent", "reason", "template", "tenant"):
            self._ids(kind)
        lines = self._tables("line", Line)
        self._recording()
        seats = self._tables("seat", Seat)
        for path, line in lines:
            self._line(path, line)
        self._ports(lines)
        for path, seat in seats:
            self._seat(path, seat)
        self._seats_together(seats, lines)
        for path, queue in self._tables("queue", Queue):
            self._queue_itself(path, queue)
        for path, agent in self._tables("agent", Agent):
            self._agent(path, agent)
        for path, template in self._tables("template", Template):
            self._template(path, template)
        tenants = self._tables("tenant", Tenant)
        for path, tenant in tenants:
            self._tenant(path, tenant)
        self._transfer()
        self._limits()
        self._dialling()
        self._priced(tenants)

    def _template(self, path: Path, template: Template) -> None:
        if not template.text.strip() or len(template.text) > _LONGEST_TEXT:
            right = Said("write its text, places to be filled in braces: {place}", place="{ticket}")
            self._report((*path, "text"), Said("a message has 1 to {most} characters", most=_LONGEST_TEXT), right)
        elif "{" in _PLACE.sub("", template.text) or "}" in _PLACE.sub("", template.text):
            right = Said("write a place as {place}: without blanks, closed", place="{ticket}")
            self._report((*path, "text"), Said("a brace stands alone"), right)

    def _dialling(self) -> None:
        data = self._data.get("dialling")
        if not isinstance(data, dict) or any(path[:1] == ("dialling",) for path in self._bad):
            return
        rules = msgspec.convert(data, Dialling)
        for name in ("refuse", "allow"):
            for index, prefix in enumerate(getattr(rules, name)):
                if not _NUMBER.match(prefix):
                    self._report(("dialling", name, index), _no_beginning(prefix), Said('write the first digits, as "00" or "+44"'))
        least = {"per_minute": 1, "per_day": 1}
        self._caps(("dialling",), rules, least)
        begun: dict[str, int] = {}
        for index, price in enumerate(rules.price):
            path: Path = ("dialling", "price", index)
            if price.begins and not _NUMBER.match(price.begins):
                right = Said('write the first digits, as "00", or "" for all other numbers')
                self._report((*path, "begins"), _no_beginning(price.begins), right)
            elif begun.setdefault(price.begins, index) != index:
                wrong = Said("{value} has a price already", value=shown(price.begins))
                self._report((*path, "begins"), wrong, Said("write each beginning once"))
            if not (0 <= price.yuan <= _DEAREST and abs(1000 * price.yuan - round(1000 * price.yuan)) < 1e-6):
                right = Said("write yuan a step, 0 to {most}, with three decimals at most", most=_DEAREST)
                self._report((*path, "yuan"), Said("{value} is no price", value=shown(price.yuan)), right)
            if not 1 <= price.step_s <= _LONGEST_S:
                right = Said("write seconds, 1 to {most}; 60 is a minute", most=f"{_LONGEST_S:g}")
                self._report((*path, "step_s"), Said("{value} is no length of a step", value=shown(price.step_s)), right)

    def _caps(self, path: Path, caps: Dialling | Tenant, least: Mapping[str, int] = {}) -> None:
        for name in caps.__struct_fields__:
            if name in _CAPS and not least.get(name, 0) <= (most := getattr(caps, name)) <= _CAPS[name]:
                self._report((*path, name), out_of_range(shown(most)), between(least.get(name, 0), _CAPS[name]))

    def _priced(self, tenants: list[tuple[Path, Tenant]]) -> None:
        """A cap on money that counts some numbers as free would be none."""
        if any(path[:1] == ("dialling",) for path in self._bad):
            return
        rules = msgspec.convert(self._data.get("dialling", {}), Dialling)
        capped: list[Path] = [("dialling", name) for name in ("spend_per_day", "line_spend_per_day") if getattr(rules, name) > 0]
        capped += [(*path, "spend_per_day") for path, tenant in tenants if tenant.spend_per_day > 0]
        if capped and all(price.begins for price in rules.price):
            right = Said(
                'add [[dialling.price]] with begins = "" (all other numbers) and yuan = 0.15 (a begun minute), or what your carrier takes'
            )
            self._report(capped[0], Said("caps money, but not every number has a price"), right)

    def _tenant(self, path: Path, tenant: Tenant) -> None:
        self._caps(path, tenant)
        if tenant.id == HOUSE:
            wrong = Said("{value} is the office itself", value=shown(HOUSE))
            self._report((*path, "id"), wrong, Said("give the tenant another id"))

    def _transfer(self) -> None:
        data = self._data.get("transfer")
        if not isinstance(data, dict) or any(path[:1] == ("transfer",) for path in self._bad):
            return
        transfer = msgspec.convert(data, Transfer)
        self._durations(("transfer",), transfer)
        for index, prefix in enumerate(transfer.numbers):
            if prefix and not _NUMBER.match(prefix):
                right = Said('write how allowed numbers begin, as "0755", or "" for all')
                self._report(("transfer", "numbers", index), _no_beginning(prefix), right)
        if transfer.outside != "off" and not transfer.numbers:
            right = Said('add numbers = ["0755", …], how allowed numbers begin, or [""] for all')
            self._report(("transfer", "outside"), Said("{value} allows no number", value=shown(transfer.outside)), right)

    def _recording(self) -> None:
        data = self._data.get("recording")
        if not isinstance(data, dict) or any(path[0] == "recording" for path in self._bad):
            return
        policy = msgspec.convert(data, Recording)
        self._durations(("recording",), policy)
        self._numbers(("recording",), policy)
        if not (math.isfinite(policy.pack_after_h) and 0 <= policy.pack_after_h <= _MOST_HOURS):
            wrong = Said("{value} is no number of hours", value=shown(policy.pack_after_h))
            self._report(("recording", "pack_after_h"), wrong, between(0, _MOST_HOURS))
        for index, number in enumerate(policy.head_to):
            self._number(("recording", "head_to", index), number)

    def _tables(self, name: str, kind: type[Any]) -> list[tuple[Path, Any]]:
        return [
            ((name, index), msgspec.convert(item, kind))
            for index, item in entries(self._data, name)
            if not any(path[:2] == (name, index) for path in self._bad)
        ]

    def _known_ids(self, kind: str) -> list[str]:
        return [item["id"] for _, item in entries(self._data, kind) if isinstance(item.get("id"), str)]

    def _ids(self, kind: str) -> None:
        first: dict[str, int] = {}
        for index, item in entries(self._data, kind):
            name = item.get("id")
            if not isinstance(name, str):
                continue
            if not _ID.match(name):
                right = Said("use 1 to 32 letters of a to z, digits, - and _; the name for people stands in name")
                self._report((kind, index, "id"), Said("{value} cannot be an id", value=shown(name)), right)
            elif name in first:
                wrong = Said("{value} is the id of an earlier {kind} too", value=shown(name), kind=kind)
                self._report((kind, index, "id"), wrong, Said("give each {kind} an id of its own", kind=kind))
            first.setdefault(name, index)

    def _line(self, path: Path, line: Line) -> None:
        dialects = self._known.audio_ports
        if line.dialect not in dialects:
            right = suggestion(line.dialect, dialects, Said("add its profile to modems/"))
            self._report((*path, "dialect"), Said("there is no dialect {value}", value=shown(line.dialect)), right)
        elif dialects[line.dialect] and line.audio_port is None:
            right = Said('add audio_port = "…": the module\'s second serial port (seatbox doctor prints it)')
            wrong = Said("is missing: a {dialect} has its sound on a port of its own", dialect=line.dialect)
            self._report((*path, "audio_port"), wrong, right)
        elif not dialects[line.dialect] and line.audio_port is not None:
            wrong = Said("a {dialect} has no port for sound alone", dialect=line.dialect)
            self._report((*path, "audio_port"), wrong, Said("leave {setting} out", setting="audio_port"))
        for name, port in (("port", line.port), ("audio_port", line.audio_port)):
            if port is not None and (name == "port" or line.sound_card is None):
                self._port((*path, name), port)
        if line.sound_card is not None and line.dialect in dialects:
            self._sound_card((*path, "audio_port"), line)
        self._number((*path, "number"), line.number)
        self._country(path, line)
        self._module(path, line)
        self._numbers(path, line)
        self._balance(path, line)
        known = self._known_ids("tenant")
        if line.tenant is not None and line.tenant not in known:
            right = suggestion(line.tenant, known, Said("add a [[tenant]] with this id, or leave it out"))
            self._report((*path, "tenant"), Said("there is no tenant {value}", value=shown(line.tenant)), right)
        if line.fax == "hang_up" and line.direction in ("out", "messages"):
            right = Said("leave {setting} out", setting="fax")
            self._report((*path, "fax"), Said("nobody calls here: the line takes no calls"), right)
        voice, limit = self._known.limits.get(line.dialect, ("two_way", Said("")))
        if voice != "two_way":
            self._limited(path, line, voice, limit)
        elif line.direction == "messages":
            pass
        elif line.queue is not None:
            self._queue((*path, "queue"), line.queue)
        elif line.direction != "out":
            right = Said('add queue = "…", or direction = "out" for a line that takes no calls')
            self._report((*path, "queue"), Said("is missing: its callers would lead nowhere"), right)

    def _balance(self, path: Path, line: Line) -> None:
        balance, here = line.balance, (*path, "balance")
        if not 0 <= line.balance_low <= _RICHEST:
            self._report((*path, "balance_low"), out_of_range(shown(line.balance_low)), Said("write yuan, 0 to {most}", most=_RICHEST))
        if balance is None:
            if line.balance_low:
                right = Said("add balance = {example}", example='{ ussd = "*100#" }')
                self._report((*path, "balance_low"), Said("stands alone: nobody would ask"), right)
            return
        if line.dialect in _WITHOUT_CARD:
            self._report(here, Said("a {dialect} has no card", dialect=line.dialect), Said("leave {setting} out", setting="balance"))
        elif bool(balance.ussd) == bool(balance.sms_to):
            right = Said("write {one} or {other}", one='{ ussd = "*100#" }', other='{ sms_to = "10086", text = "YE" }')
            self._report(here, Said("is asked in exactly one way"), right)
        elif balance.ussd and not _USSD.match(balance.ussd):
            right = Said('write * or #, digits, and # at its end, as "*100#"')
            self._report((*here, "ussd"), Said("{value} is no USSD code", value=shown(balance.ussd)), right)
        elif balance.sms_to and not _NUMBER.match(balance.sms_to):
            self._number((*here, "sms_to"), balance.sms_to)
        elif balance.sms_to and not 0 < len(balance.text.strip()) <= _LONGEST_QUESTION:
            right = Said('add text = "YE", 1 to {most} characters', most=_LONGEST_QUESTION)
            self._report((*here, "text"), Said("a message to the carrier has a text"), right)
        if not _CLOCK.match(balance.at):
            right = Said('write hours and minutes, as "09:30"')
            self._report((*here, "at"), Said("{value} is no time of day", value=shown(balance.at)), right)
        try:
            groups = re.compile(balance.pattern).groups if balance.pattern else 1
        except re.error:
            groups = 0
        if groups != 1:
            right = Said("write one with one group, the amount, as '余额([0-9.]+)元'")
            wrong = Said("{value} is no regular expression with one group", value=shown(balance.pattern))
            self._report((*here, "pattern"), wrong, right)

    def _country(self, path: Path, line: Line) -> None:
        known = self._known.tones
        if known and line.country not in known:
            right = suggestion(line.country, known, Said("leave it out"))
            self._report((*path, "country"), Said("there is no file of {value} in tones/", value=shown(line.country)), right)
        elif (found := known.get(line.country)) is not None:
            wrong = Said("tones/{country}.toml is wrong: {finding}", country=line.country, finding=found.whole)
            self._report((*path, "country"), wrong, Said("mend that file"))

    def _module(self, path: Path, line: Line) -> None:
        if line.imei is not None and not re.fullmatch(r"[0-9]{15}", line.imei):
            wrong = Said("{value} is no IMEI", value=shown(line.imei))
            self._report((*path, "imei"), wrong, Said("write its 15 digits, or leave it out"))
        if line.power_key is not None:
            board = self._data.get("board")
            name = board.get("name", "none") if isinstance(board, dict) else "none"
            keys = self._known.power_keys.get(name, ()) if isinstance(name, str) else ()
            if keys and line.power_key not in keys:
                wrong = Said("board {board} has no power key {value}", board=shown(name), value=shown(line.power_key))
                self._report((*path, "power_key"), wrong, suggestion(line.power_key, keys, Said("leave it out")))

    def _limited(self, path: Path, line: Line, voice: str, limit: Said) -> None:
        """No agent can talk there: neither a queue's callers nor the box's own calls belong on it."""
        fits = "messages" if voice == "none" else "in"
        if line.queue is not None:
            self._report((*path, "queue"), limit, Said('leave queue out, and write direction = "{fits}"', fits=fits))
        if line.direction != fits:
            self._report((*path, "direction"), limit, Said('write direction = "{fits}"', fits=fits))

    def _sound_card(self, path: Path, line: Line) -> None:
        card = line.sound_card or ""
        if not _CARD.match(card):
            right = Said('write "card:ID" as in /proc/asound/cards, or "usb:PLACE" as "usb:1-1.4" (seatbox doctor prints it)')
            self._report(path, Said("{value} is no sound card", value=shown(card)), right)
        elif line.dialect not in self._known.cards and self._known.audio_ports[line.dialect]:
            wrong = Said("a {dialect} has its sound on no sound card", dialect=line.dialect)
            self._report(path, wrong, Said('write a path as "/dev/serial/by-path/…" (seatbox doctor prints it)'))

    def _port(self, path: Path, port: str) -> None:
        if not port.strip() or not port.isprintable():
            right = Said('write a path as "/dev/serial/by-path/…" (seatbox doctor prints it)')
            self._report(path, Said("{value} is no port", value=shown(port)), right)
        elif "://" in port and not _NETWORK.match(port):
            right = Said('write "rfc2217://HOST:PORT" or "socket://HOST:PORT"')
            self._report(path, Said("{value} is no address of a port", value=shown(port)), right)

    def _ports(self, lines: list[tuple[Path, Line]]) -> None:
        first: dict[str, Said] = {}
        for path, line in lines:
            for name, port in (("port", line.port), ("audio_port", line.audio_port)):
                if port is None:
                    continue
                same = port if "://" in port else posixpath.normpath(port)
                if same in first:
                    wrong = Said("{value} is the {place} too", value=shown(port), place=first[same])
                    self._report((*path, name), wrong, Said("give each line its own port"))
                first.setdefault(same, Said("{setting} of line {line}", setting=name, line=shown(line.id)))
            if line.power_key is not None:
                if (key := f"power key {line.power_key}") in first:
                    wrong = Said("{value} is the {place} too", value=shown(line.power_key), place=first[key])
                    self._report((*path, "power_key"), wrong, Said("give each line its own key"))
                first.setdefault(key, Said("{setting} of line {line}", setting="power_key", line=shown(line.id)))

    def _number(self, path: Path, number: str) -> None:
        if not _NUMBER.match(number):
            digits = re.sub(r"[\s()./-]", "", number)
            right = Said('write digits with an optional leading +, as "075512345678"')
            if _NUMBER.match(digits):
                right = Said("write {wanted}", wanted=shown(digits))
            self._report(path, Said("{value} is no telephone number", value=shown(number)), right)

    def _queue(self, path: Path, queue: str) -> None:
        known = self._known_ids("queue")
        if queue not in known:
            right = suggestion(queue, known, Said("add a [[queue]] with this id"))
            self._report(path, Said("there is no queue {value}", value=shown(queue)), right)

    def _queue_itself(self, path: Path, queue: Queue) -> None:
        if not _SAYABLE.match(queue.said_as):
            right = Said('write pinyin with tone numbers, as "ke4 hu4 fu2 wu4", or English words')
            self._report((*path, "said_as"), Said("{value} cannot be said", value=shown(queue.said_as)), right)
        self._durations(path, queue)
        self._numbers(path, queue)
        self._levels((*path, "needs"), queue.needs)
        self._levels((*path, "prefers"), queue.prefers)
        if queue.overflow_to is not None:
            self._another_queue((*path, "overflow_to"), queue.overflow_to, queue.id)
        if (queue.overflow_to is None) != (queue.overflow_s == 0):
            name = "overflow_s" if queue.overflow_to is None else "overflow_to"
            right = Said("write both overflow_s and overflow_to, or neither")
            self._report((*path, name), Said("stands alone: an overflow has a time and a queue"), right)
        if queue.leave_to is not None:
            self._another_queue((*path, "leave_to"), queue.leave_to, queue.id)
        for name, key in (("call_back_key", queue.call_back_key), ("leave_key", queue.leave_key)):
            if len(key) > 1 or key not in "0123456789*#":
                right = Said('write one of 0 to 9, "*" or "#"')
                self._report((*path, name), Said("{value} is no key of a telephone", value=shown(key)), right)
        if queue.call_back_key and queue.call_back_key == queue.leave_key:
            wrong = Said("{value} is call_back_key too", value=shown(queue.leave_key))
            self._report((*path, "leave_key"), wrong, Said("write another key"))
        if queue.call_back_machine == "hang_up" and not queue.call_back_key:
            right = Said('add call_back_key = "…", or leave it out')
            self._report((*path, "call_back_machine"), Said("stands alone: nobody is called back"), right)
        if queue.leave_to is not None and not queue.leave_key:
            right = Said('add leave_key = "…", or leave it out')
            self._report((*path, "leave_to"), Said("stands alone: nobody could go there"), right)
        if len(queue.widen) > _MOST_STEPS:
            wrong = Said("has {count} steps", count=len(queue.widen))
            self._report((*path, "widen"), wrong, Said("write at most {most}", most=_MOST_STEPS))
        before = 0.0
        for index, step in enumerate(queue.widen):
            here = (*path, "widen", index)
            if not (math.isfinite(step.after_s) and step.after_s <= _LONGEST_S and round(1000 * before) < round(1000 * step.after_s)):
                most = f"{_LONGEST_S:g}"
                right = Said(
                    "write seconds, more than {least} by a thousandth at least, and at most {most}", least=f"{before:g}", most=most
                )
                self._report((*here, "after_s"), Said("{value} is no later step", value=shown(step.after_s)), right)
            before = step.after_s
            if not 0 <= step.lower <= _HIGHEST_SKILL:
                wrong = Said("{value} is no number of levels", value=shown(step.lower))
                self._report((*here, "lower"), wrong, between(0, _HIGHEST_SKILL))
            if step.also is not None:
                self._another_queue((*here, "also"), step.also, queue.id)

    def _another_queue(self, path: Path, name: str, own: str) -> None:
        self._queue(path, name)
        if name == own:
            wrong = Said("{value} is this queue itself", value=shown(name))
            self._report(path, wrong, Said("name another queue, or leave it out"))

    def _levels(self, path: Path, skills: Mapping[str, int]) -> None:
        for skill, level in skills.items():
            if not 1 <= level <= _HIGHEST_SKILL:
                right = Said("write 1 (a little) to {most} (best)", most=_HIGHEST_SKILL)
                self._report((*path, skill), Said("{value} is no level", value=shown(level)), right)

    def _numbers(self, path: Path, entry: Line | Queue | Recording) -> None:
        for name in entry.__struct_fields__:
            if name in _NUMBERS:
                least, most = _NUMBERS[name]
                if not least <= getattr(entry, name) <= most:
                    self._report((*path, name), out_of_range(shown(getattr(entry, name))), between(least, most))

    def _seat(self, path: Path, seat: Seat) -> None:
        if seat.kind == "phone" and seat.number is None:
            right = Said('add number = "…": where the box rings the agent')
            self._report((*path, "number"), Said("is missing: a phone seat is a telephone that the box dials"), right)
        elif seat.kind != "phone" and seat.number is not None:
            wrong = Said("a {kind} seat has no telephone number", kind=seat.kind)
            self._report((*path, "number"), wrong, Said('leave {setting} out, or write kind = "{fits}"', setting="number", fits="phone"))
        elif seat.number is not None:
            self._number((*path, "number"), seat.number)
        if seat.kind == "headset" and not (seat.device or "").strip():
            right = Said('add device = "…" (seatbox doctor prints it)')
            self._report((*path, "device"), Said("is missing: which sound device is this headset"), right)
        if seat.kind != "phone" and seat.stay_connected:
            right = Said('leave {setting} out, or write kind = "{fits}"', setting="stay_connected", fits="phone")
            self._report((*path, "stay_connected"), Said("a {kind} seat has no telephone", kind=seat.kind), right)
        if seat.kind == "phone" and seat.level_control:
            right = Said("leave {setting} out, and write it at the lines that dial", setting="level_control")
            self._report((*path, "level_control"), Said("a phone seat has its sound on a line"), right)
        if not 60 <= seat.stay_max_s <= 43_200:
            right = Said("write 60 to 43200 (12 h)")
            self._report((*path, "stay_max_s"), out_of_range(f"{shown(seat.stay_max_s)} s"), right)
        for key in ("device", "button"):
            if seat.kind != "headset" and getattr(seat, key) is not None:
                right = Said('leave {setting} out, or write kind = "{fits}"', setting=key, fits="headset")
                self._report((*path, key), Said("a {kind} seat has no {setting}", kind=seat.kind, setting=key), right)

    def _limits(self) -> None:
        limits = self._data.get("limits")
        for name, most in limits.items() if isinstance(limits, dict) else ():
            if name in ("seats", "calls") and isinstance(most, int) and not 1 <= most <= 100_000:
                right = Said("write 1 to {most}, or leave it out for no limit", most=100_000)
                self._report(("limits", name), out_of_range(shown(most)), right)

    def _seats_together(self, seats: list[tuple[Path, Seat]], lines: list[tuple[Path, Line]]) -> None:
        board = self._data.get("board")
        name = board.get("name", "none") if isinstance(board, dict) else "none"
        if isinstance(name, str) and name != "none" and name not in self._known.lamps:
            boards = [*self._known.lamps, "none"]
            right = suggestion(name, boards, Said("leave it out"))
            self._report(("board", "name"), Said("there is no board {value}", value=shown(name)), right)
        lamps = self._known.lamps.get(name, ()) if isinstance(name, str) else ()
        own = {line.number: line.id for _, line in lines}
        taken: dict[tuple[str, str], str] = {}
        for path, seat in seats:
            if seat.led is not None and lamps and seat.led not in lamps:
                wrong = Said("board {board} has no lamp {value}", board=shown(name), value=shown(seat.led))
                self._report((*path, "led"), wrong, suggestion(seat.led, lamps, Said("leave it out")))
            buttons = self._known.buttons.get(name, ()) if isinstance(name, str) else ()
            if seat.button is not None and buttons and seat.button not in buttons:
                wrong = Said("board {board} has no button {value}", board=shown(name), value=shown(seat.button))
                self._report((*path, "button"), wrong, suggestion(seat.button, buttons, Said("leave it out")))
            for key, value in (("led", seat.led), ("number", seat.number), ("device", seat.device), ("button", seat.button)):
                if value is None:
                    continue
                if (key, value) in taken:
                    right = Said("give each seat its own {setting}", setting=key)
                    if key in ("led", "button"):
                        right = Said("give each seat its own {setting}, or leave it out", setting=key)
                    seat_shown = shown(taken[key, value])
                    wrong = Said("{value} is the {setting} of seat {seat} too", value=shown(value), setting=key, seat=seat_shown)
                    self._report((*path, key), wrong, right)
                taken.setdefault((key, value), seat.id)
            if seat.number in own:
                line = shown(own[seat.number])
                wrong = Said("{value} is the number of line {line}: the box would ring itself", value=shown(seat.number), line=line)
                self._report((*path, "number"), wrong, Said("write the agent's own telephone number"))
            if seat.kind == "phone" and lines and all(line.direction in ("in", "messages") for _, line in lines):
                right = Said('write direction = "both" at a line')
                self._report((*path, "kind"), Said("no line may dial out, so this seat could never be rung"), right)

    def _agent(self, path: Path, agent: Agent) -> None:
        if not agent.name.strip():
            self._report((*path, "name"), Said("is empty"), Said("write the agent's name"))
        for index, queue in enumerate(agent.queues):
            self._queue((*path, "queues", index), queue)
            if queue in agent.queues[:index]:
                wrong = Said("{value} stands here twice", value=shown(queue))
                self._report((*path, "queues", index), wrong, Said("name each queue once"))
        self._levels((*path, "skills"), agent.skills)
        for queue, order in agent.orders.items():
            if queue not in agent.queues:
                wrong = Said("{value} is none of this agent's queues", value=shown(queue))
                self._report((*path, "orders", queue), wrong, Said("add it to queues, or leave it out"))
            elif not 1 <= order <= 9:
                wrong = Said("{value} is no order", value=shown(order))
                self._report((*path, "orders", queue), wrong, Said("write 1 (first) to 9 (last)"))
        if not 1 <= agent.weight <= 1_000:
            self._report((*path, "weight"), out_of_range(shown(agent.weight)), between(1, 1_000))
        self._numbers_of_agent(path, agent)
        self._durations(path, agent)

    def _numbers_of_agent(self, path: Path, agent: Agent) -> None:
        for name, value in (("misses_max", agent.misses_max), ("rank", agent.rank)):
            least, most = _NUMBERS[name]
            if not least <= value <= most:
                self._report((*path, name), out_of_range(shown(value)), between(least, most))

    def _durations(self, path: Path, entry: Queue | Agent | Recording | Transfer) -> None:
        for name, seconds in _durations_of(entry):
            least, most = _DURATIONS[name]
            if not (math.isfinite(seconds) and least <= seconds <= most and not 0 < seconds < _SHORTEST_S):
                right = Said("write seconds, {least} to {most}", least=f"{least:g}", most=f"{most:g}")
                self._report((*path, name), Said("{value} is no length of time here", value=shown(seconds)), right)


def _durations_of(entry: Queue | Agent | Recording | Transfer) -> Iterator[tuple[str, float]]:
    for name in entry.__struct_fields__:
        if name in _DURATIONS and getattr(entry, name) is not None:
            yield name, getattr(entry, name)


def _no_beginning(digits: str) -> Said:
    return Said("{value} is no beginning of a telephone number", value=shown(digits))
