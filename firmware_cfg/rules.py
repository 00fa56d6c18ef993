"""What must be true between settings of the right form: ids, references, ports, numbers, durations (A1 A2 A3)."""

import math
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import msgspec

from firmware_cfg.document import Agent, Dialling, Line, Queue, Recording, Seat, Template, Tenant, Transfer
from firmware_cfg.fields import Report, entries
from firmware_cfg.findings import shown, suggestion
from firmware_cfg.line_numbers import Path

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}\Z")
_NETWORK: Final = re.compile(r"(?:rfc2217|socket)://[^/:\s]+:[0-9]{1,5}(?:[/?].*)?\Z")
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

    limits: of families whose hardware cannot do all, "half_duplex" or "none", and the sentence of their profile.
    """

    audio_ports: Mapping[str, bool]
    lamps: Mapping[str, Collection[str]]
    buttons: Mapping[str, Collection[str]]
    limits: Mapping[str, tuple[str, str]] = {}
    power_keys: Mapping[str, Collection[str]] = {}
    tones: Mapping[str, str] = {}  # country: what is wrong with its file of tones/, or ""


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
            self._report((*path, "text"), "a message has 1 to 600 characters", "write its text, places to be filled in braces: {ticket}")
        elif "{" in _PLACE.sub("", template.text) or "}" in _PLACE.sub("", template.text):
            self._report((*path, "text"), "a brace stands alone", "write a place as {ticket}: without blanks, closed")

    def _dialling(self) -> None:
        data = self._data.get("dialling")
        if not isinstance(data, dict) or any(path[:1] == ("dialling",) for path in self._bad):
            return
        rules = msgspec.convert(data, Dialling)
        for name in ("refuse", "allow"):
            for index, prefix in enumerate(getattr(rules, name)):
                if not _NUMBER.match(prefix):
                    right = 'write the first digits, as "00" or "+44"'
                    self._report(("dialling", name, index), f"{shown(prefix)} is no beginning of a telephone number", right)
        least = {"per_minute": 1, "per_day": 1}
        self._caps(("dialling",), rules, least)
        begun: dict[str, int] = {}
        for index, price in enumerate(rules.price):
            path: Path = ("dialling", "price", index)
            if price.begins and not _NUMBER.match(price.begins):
                right = 'write the first digits, as "00", or "" for all other numbers'
                self._report((*path, "begins"), f"{shown(price.begins)} is no beginning of a telephone number", right)
            elif begun.setdefault(price.begins, index) != index:
                self._report((*path, "begins"), f"{shown(price.begins)} has a price already", "write each beginning once")
            if not (0 <= price.yuan <= _DEAREST and abs(1000 * price.yuan - round(1000 * price.yuan)) < 1e-6):
                right = f"write yuan a step, 0 to {_DEAREST}, with three decimals at most"
                self._report((*path, "yuan"), f"{shown(price.yuan)} is no price", right)
            if not 1 <= price.step_s <= _LONGEST_S:
                self._report((*path, "step_s"), f"{shown(price.step_s)} is no length of a step", "write seconds, 1 to 3600; 60 is a minute")

    def _caps(self, path: Path, caps: Dialling | Tenant, least: Mapping[str, int] = {}) -> None:
        for name in caps.__struct_fields__:
            if name in _CAPS and not least.get(name, 0) <= (most := getattr(caps, name)) <= _CAPS[name]:
                self._report((*path, name), f"{shown(most)} is out of range", f"write {least.get(name, 0)} to {_CAPS[name]}")

    def _priced(self, tenants: list[tuple[Path, Tenant]]) -> None:
        """A cap on money that counts some numbers as free would be none."""
        if any(path[:1] == ("dialling",) for path in self._bad):
            return
        rules = msgspec.convert(self._data.get("dialling", {}), Dialling)
        capped: list[Path] = [("dialling", name) for name in ("spend_per_day", "line_spend_per_day") if getattr(rules, name) > 0]
        capped += [(*path, "spend_per_day") for path, tenant in tenants if tenant.spend_per_day > 0]
        if capped and all(price.begins for price in rules.price):
            right = (
                'add [[dialling.price]] with begins = "" (all other numbers) and yuan = 0.15 (a begun minute), or what your carrier takes'
            )
            self._report(capped[0], "caps money, but not every number has a price", right)

    def _tenant(self, path: Path, tenant: Tenant) -> None:
        self._caps(path, tenant)
        if tenant.id == HOUSE:
            self._report((*path, "id"), f"{shown(HOUSE)} is the office itself", "give the tenant another id")

    def _transfer(self) -> None:
        data = self._data.get("transfer")
        if not isinstance(data, dict) or any(path[:1] == ("transfer",) for path in self._bad):
            return
        transfer = msgspec.convert(data, Transfer)
        self._durations(("transfer",), transfer)
        for index, prefix in enumerate(transfer.numbers):
            if prefix and not _NUMBER.match(prefix):
                right = 'write how allowed numbers begin, as "0755", or "" for all'
                self._report(("transfer", "numbers", index), f"{shown(prefix)} is no beginning of a telephone number", right)
        if transfer.outside != "off" and not transfer.numbers:
            right = 'add numbers = ["0755", …], how allowed numbers begin, or [""] for all'
            self._report(("transfer", "outside"), f"{shown(transfer.outside)} allows no number", right)

    def _recording(self) -> None:
        data = self._data.get("recording")
        if not isinstance(data, dict) or any(path[0] == "recording" for path in self._bad):
            return
        policy = msgspec.convert(data, Recording)
        self._durations(("recording",), policy)
        self._numbers(("recording",), policy)
        if not (math.isfinite(policy.pack_after_h) and 0 <= policy.pack_after_h <= _MOST_HOURS):
            self._report(("recording", "pack_after_h"), f"{shown(policy.pack_after_h)} is no number of hours", f"write 0 to {_MOST_HOURS}")
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
                right = "use 1 to 32 letters of a to z, digits, - and _; the name for people stands in name"
                self._report((kind, index, "id"), f"{shown(name)} cannot be an id", right)
            elif name in first:
                self._report((kind, index, "id"), f"{shown(name)} is the id of an earlier {kind} too", f"give each {kind} an id of its own")
            first.setdefault(name, index)

    def _line(self, path: Path, line: Line) -> None:
        dialects = self._known.audio_ports
        if line.dialect not in dialects:
            self._report(
                (*path, "dialect"),
                f"there is no dialect {shown(line.dialect)}",
                suggestion(line.dialect, dialects, "add its profile to modems/"),
            )
        elif dialects[line.dialect] and line.audio_port is None:
            right = 'add audio_port = "…": the module\'s second serial port (seatbox doctor prints it)'
            self._report((*path, "audio_port"), f"is missing: a {line.dialect} has its sound on a port of its own", right)
        elif not dialects[line.dialect] and line.audio_port is not None:
            self._report((*path, "audio_port"), f"a {line.dialect} has no port for sound alone", "leave audio_port out")
        for name, port in (("port", line.port), ("audio_port", line.audio_port)):
            if port is not None:
                self._port((*path, name), port)
        self._number((*path, "number"), line.number)
        self._country(path, line)
        self._module(path, line)
        self._numbers(path, line)
        self._balance(path, line)
        known = self._known_ids("tenant")
        if line.tenant is not None and line.tenant not in known:
            right = suggestion(line.tenant, known, "add a [[tenant]] with this id, or leave it out")
            self._report((*path, "tenant"), f"there is no tenant {shown(line.tenant)}", right)
        voice, limit = self._known.limits.get(line.dialect, ("two_way", ""))
        if voice != "two_way":
            self._limited(path, line, voice, limit)
        elif line.direction == "messages":
            pass
        elif line.queue is not None:
            self._queue((*path, "queue"), line.queue)
        elif line.direction != "out":
            right = 'add queue = "…", or direction = "out" for a line that takes no calls'
            self._report((*path, "queue"), "is missing: its callers would lead nowhere", right)

    def _balance(self, path: Path, line: Line) -> None:
        balance, here = line.balance, (*path, "balance")
        if not 0 <= line.balance_low <= _RICHEST:
            self._report((*path, "balance_low"), f"{shown(line.balance_low)} is out of range", f"write yuan, 0 to {_RICHEST}")
        if balance is None:
            if line.balance_low:
                self._report((*path, "balance_low"), "stands alone: nobody would ask", 'add balance = { ussd = "*100#" }')
            return
        if line.dialect in _WITHOUT_CARD:
            self._report(here, f"a {line.dialect} has no card", "leave balance out")
        elif bool(balance.ussd) == bool(balance.sms_to):
            self._report(here, "is asked in exactly one way", 'write { ussd = "*100#" } or { sms_to = "10086", text = "YE" }')
        elif balance.ussd and not _USSD.match(balance.ussd):
            self._report((*here, "ussd"), f"{shown(balance.ussd)} is no USSD code", 'write * or #, digits, and # at its end, as "*100#"')
        elif balance.sms_to and not _NUMBER.match(balance.sms_to):
            self._number((*here, "sms_to"), balance.sms_to)
        elif balance.sms_to and not 0 < len(balance.text.strip()) <= _LONGEST_QUESTION:
            right = f'add text = "YE", 1 to {_LONGEST_QUESTION} characters'
            self._report((*here, "text"), "a message to the carrier has a text", right)
        if not _CLOCK.match(balance.at):
            self._report((*here, "at"), f"{shown(balance.at)} is no time of day", 'write hours and minutes, as "09:30"')
        try:
            groups = re.compile(balance.pattern).groups if balance.pattern else 1
        except re.error:
            groups = 0
        if groups != 1:
            right = "write one with one group, the amount, as '余额([0-9.]+)元'"
            self._report((*here, "pattern"), f"{shown(balance.pattern)} is no regular expression with one group", right)

    def _country(self, path: Path, line: Line) -> None:
        known = self._known.tones
        if known and line.country not in known:
            right = suggestion(line.country, known, "")
            self._report((*path, "country"), f"there is no file of {shown(line.country)} in tones/", right)
        elif known.get(line.country):
            self._report((*path, "country"), f"tones/{line.country}.toml is wrong: {known[line.country]}", "mend that file")

    def _module(self, path: Path, line: Line) -> None:
        if line.imei is not None and not re.fullmatch(r"[0-9]{15}", line.imei):
            self._report((*path, "imei"), f"{shown(line.imei)} is no IMEI", "write its 15 digits, or leave it out")
        if line.power_key is not None:
            board = self._data.get("board")
            name = board.get("name", "none") if isinstance(board, dict) else "none"
            keys = self._known.power_keys.get(name, ()) if isinstance(name, str) else ()
            if keys and line.power_key not in keys:
                right = suggestion(line.power_key, keys, "")
                self._report((*path, "power_key"), f"board {shown(name)} has no power key {shown(line.power_key)}", right)

    def _limited(self, path: Path, line: Line, voice: str, limit: str) -> None:
        """No agent can talk there: neither a queue's callers nor the box's own calls belong on it."""
        fits = "messages" if voice == "none" else "in"
        if line.queue is not None:
            self._report((*path, "queue"), limit, f'leave queue out, and write direction = "{fits}"')
        if line.direction != fits:
            self._report((*path, "direction"), limit, f'write direction = "{fits}"')

    def _port(self, path: Path, port: str) -> None:
        if not port.strip() or not port.isprintable():
            self._report(path, f"{shown(port)} is no port", 'write a path as "/dev/serial/by-path/…" (seatbox doctor prints it)')
        elif "://" in port and not _NETWORK.match(port):
            self._report(path, f"{shown(port)} is no address of a port", 'write "rfc2217://HOST:PORT" or "socket://HOST:PORT"')

    def _ports(self, lines: list[tuple[Path, Line]]) -> None:
        first: dict[str, str] = {}
        for path, line in lines:
            for name, port in (("port", line.port), ("audio_port", line.audio_port)):
                if port is None:
                    continue
                same = port if "://" in port else posixpath.normpath(port)
                if same in first:
                    self._report((*path, name), f"{shown(port)} is the {first[same]} too", "give each line its own port")
                first.setdefault(same, f"{name} of line {shown(line.id)}")
            if line.power_key is not None:
                if (key := f"power key {line.power_key}") in first:
                    self._report((*path, "power_key"), f"{shown(line.power_key)} is the {first[key]} too", "give each line its own key")
                first.setdefault(key, f"power_key of line {shown(line.id)}")

    def _number(self, path: Path, number: str) -> None:
        if not _NUMBER.match(number):
            digits = re.sub(r"[\s()./-]", "", number)
            right = f'write "{digits}"' if _NUMBER.match(digits) else 'write digits with an optional leading +, as "075512345678"'
            self._report(path, f"{shown(number)} is no telephone number", right)

    def _queue(self, path: Path, queue: str) -> None:
        known = self._known_ids("queue")
        if queue not in known:
            self._report(path, f"there is no queue {shown(queue)}", suggestion(queue, known, "add a [[queue]] with this id"))

    def _queue_itself(self, path: Path, queue: Queue) -> None:
        if not _SAYABLE.match(queue.said_as):
            right = 'write pinyin with tone numbers, as "ke4 hu4 fu2 wu4", or English words'
            self._report((*path, "said_as"), f"{shown(queue.said_as)} cannot be said", right)
        self._durations(path, queue)
        self._numbers(path, queue)
        self._levels((*path, "needs"), queue.needs)
        self._levels((*path, "prefers"), queue.prefers)
        if queue.overflow_to is not None:
            self._another_queue((*path, "overflow_to"), queue.overflow_to, queue.id)
        if (queue.overflow_to is None) != (queue.overflow_s == 0):
            name = "overflow_s" if queue.overflow_to is None else "overflow_to"
            self._report(
                (*path, name), "stands alone: an overflow has a time and a queue", "write both overflow_s and overflow_to, or neither"
            )
        if queue.leave_to is not None:
            self._another_queue((*path, "leave_to"), queue.leave_to, queue.id)
        for name, key in (("call_back_key", queue.call_back_key), ("leave_key", queue.leave_key)):
            if len(key) > 1 or key not in "0123456789*#":
                self._report((*path, name), f"{shown(key)} is no key of a telephone", 'write one of 0 to 9, "*" or "#"')
        if queue.call_back_key and queue.call_back_key == queue.leave_key:
            self._report((*path, "leave_key"), f"{shown(queue.leave_key)} is call_back_key too", "write another key")
        if queue.leave_to is not None and not queue.leave_key:
            self._report((*path, "leave_to"), "stands alone: nobody could go there", 'add leave_key = "…", or leave it out')
        if len(queue.widen) > _MOST_STEPS:
            self._report((*path, "widen"), f"has {len(queue.widen)} steps", f"write at most {_MOST_STEPS}")
        before = 0.0
        for index, step in enumerate(queue.widen):
            here = (*path, "widen", index)
            if not (math.isfinite(step.after_s) and step.after_s <= _LONGEST_S and round(1000 * before) < round(1000 * step.after_s)):
                right = f"write seconds, more than {before:g} by a thousandth at least, and at most {_LONGEST_S:g}"
                self._report((*here, "after_s"), f"{shown(step.after_s)} is no later step", right)
            before = step.after_s
            if not 0 <= step.lower <= _HIGHEST_SKILL:
                self._report((*here, "lower"), f"{shown(step.lower)} is no number of levels", f"write 0 to {_HIGHEST_SKILL}")
            if step.also is not None:
                self._another_queue((*here, "also"), step.also, queue.id)

    def _another_queue(self, path: Path, name: str, own: str) -> None:
        self._queue(path, name)
        if name == own:
            self._report(path, f"{shown(name)} is this queue itself", "name another queue, or leave it out")

    def _levels(self, path: Path, skills: Mapping[str, int]) -> None:
        for skill, level in skills.items():
            if not 1 <= level <= _HIGHEST_SKILL:
                self._report((*path, skill), f"{shown(level)} is no level", f"write 1 (a little) to {_HIGHEST_SKILL} (best)")

    def _numbers(self, path: Path, entry: Line | Queue | Recording) -> None:
        for name in entry.__struct_fields__:
            if name in _NUMBERS:
                least, most = _NUMBERS[name]
                if not least <= getattr(entry, name) <= most:
                    self._report((*path, name), f"{shown(getattr(entry, name))} is out of range", f"write {least} to {most}")

    def _seat(self, path: Path, seat: Seat) -> None:
        if seat.kind == "phone" and seat.number is None:
            right = 'add number = "…": where the box rings the agent'
            self._report((*path, "number"), "is missing: a phone seat is a telephone that the box dials", right)
        elif seat.kind != "phone" and seat.number is not None:
            self._report((*path, "number"), f"a {seat.kind} seat has no telephone number", 'leave number out, or write kind = "phone"')
        elif seat.number is not None:
            self._number((*path, "number"), seat.number)
        if seat.kind == "headset" and not (seat.device or "").strip():
            self._report((*path, "device"), "is missing: which sound device is this headset", 'add device = "…" (seatbox doctor prints it)')
        if seat.kind != "phone" and seat.stay_connected:
            self._report((*path, "stay_connected"), f"a {seat.kind} seat has no telephone", 'leave it out, or write kind = "phone"')
        if not 60 <= seat.stay_max_s <= 43_200:
            self._report((*path, "stay_max_s"), f"{shown(seat.stay_max_s)} s is out of range", "write 60 to 43200 (12 h)")
        for key in ("device", "button"):
            if seat.kind != "headset" and getattr(seat, key) is not None:
                self._report((*path, key), f"a {seat.kind} seat has no {key}", f'leave {key} out, or write kind = "headset"')

    def _limits(self) -> None:
        limits = self._data.get("limits")
        for name, most in limits.items() if isinstance(limits, dict) else ():
            if name in ("seats", "calls") and isinstance(most, int) and not 1 <= most <= 100_000:
                self._report(("limits", name), f"{shown(most)} is out of range", "write 1 to 100000, or leave it out for no limit")

    def _seats_together(self, seats: list[tuple[Path, Seat]], lines: list[tuple[Path, Line]]) -> None:
        board = self._data.get("board")
        name = board.get("name", "none") if isinstance(board, dict) else "none"
        if isinstance(name, str) and name != "none" and name not in self._known.lamps:
            boards = [*self._known.lamps, "none"]
            self._report(("board", "name"), f"there is no board {shown(name)}", suggestion(name, boards, ""))
        lamps = self._known.lamps.get(name, ()) if isinstance(name, str) else ()
        own = {line.number: line.id for _, line in lines}
        taken: dict[tuple[str, str], str] = {}
        for path, seat in seats:
            if seat.led is not None and lamps and seat.led not in lamps:
                self._report((*path, "led"), f"board {shown(name)} has no lamp {shown(seat.led)}", suggestion(seat.led, lamps, ""))
            buttons = self._known.buttons.get(name, ()) if isinstance(name, str) else ()
            if seat.button is not None and buttons and seat.button not in buttons:
                self._report(
                    (*path, "button"), f"board {shown(name)} has no button {shown(seat.button)}", suggestion(seat.button, buttons, "")
                )
            for key, value in (("led", seat.led), ("number", seat.number), ("device", seat.device), ("button", seat.button)):
                if value is None:
                    continue
                if (key, value) in taken:
                    right = f"give each seat its own {key}" + (", or leave it out" if key in ("led", "button") else "")
                    self._report((*path, key), f"{shown(value)} is the {key} of seat {shown(taken[key, value])} too", right)
                taken.setdefault((key, value), seat.id)
            if seat.number in own:
                wrong = f"{shown(seat.number)} is the number of line {shown(own[seat.number])}: the box would ring itself"
                self._report((*path, "number"), wrong, "write the agent's own telephone number")
            if seat.kind == "phone" and lines and all(line.direction in ("in", "messages") for _, line in lines):
                self._report(
                    (*path, "kind"), "no line may dial out, so this seat could never be rung", 'write direction = "both" at a line'
                )

    def _agent(self, path: Path, agent: Agent) -> None:
        if not agent.name.strip():
            self._report((*path, "name"), "is empty", "write the agent's name")
        for index, queue in enumerate(agent.queues):
            self._queue((*path, "queues", index), queue)
            if queue in agent.queues[:index]:
                self._report((*path, "queues", index), f"{shown(queue)} stands here twice", "name each queue once")
        self._levels((*path, "skills"), agent.skills)
        for queue, order in agent.orders.items():
            if queue not in agent.queues:
                self._report(
                    (*path, "orders", queue), f"{shown(queue)} is none of this agent's queues", "add it to queues, or leave it out"
                )
            elif not 1 <= order <= 9:
                self._report((*path, "orders", queue), f"{shown(order)} is no order", "write 1 (first) to 9 (last)")
        if not 1 <= agent.weight <= 1_000:
            self._report((*path, "weight"), f"{shown(agent.weight)} is out of range", "write 1 to 1000")
        self._numbers_of_agent(path, agent)
        self._durations(path, agent)

    def _numbers_of_agent(self, path: Path, agent: Agent) -> None:
        for name, value in (("misses_max", agent.misses_max), ("rank", agent.rank)):
            least, most = _NUMBERS[name]
            if not least <= value <= most:
                self._report((*path, name), f"{shown(value)} is out of range", f"write {least} to {most}")

    def _durations(self, path: Path, entry: Queue | Agent | Recording | Transfer) -> None:
        for name, seconds in _durations_of(entry):
            least, most = _DURATIONS[name]
            if not (math.isfinite(seconds) and least <= seconds <= most and not 0 < seconds < _SHORTEST_S):
                self._report((*path, name), f"{shown(seconds)} is no length of time here", f"write seconds, {least:g} to {most:g}")


def _durations_of(entry: Queue | Agent | Recording | Transfer) -> Iterator[tuple[str, float]]:
    for name in entry.__struct_fields__:
        if name in _DURATIONS and getattr(entry, name) is not None:
            yield name, getattr(entry, name)
