"""The exchange's requests (A1), by the contract's words: method, path, query and body in, status and answer out."""
# ruff: noqa: ARG002 -- every command, act or verb is called the same way

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from appliance.exchange.calls import FarEnd
from appliance.exchange.network import Network, Refusal
from appliance.exchange.speech import WAYS, CannotSay, sound_of
from appliance.exchange.tones import KEY_PAIRS
from appliance.exchange.wiring import Wiring, now_ms

NUMBER: Final = re.compile(r"\+?[0-9]{1,20}\Z")
_HALF: Final = re.compile("[\ud800-\udfff]")  # JSON can say half of a character
Answer = tuple[int, Any]  # bytes are a WAV file


class Requests:
    """`ask` answers one request; what is wrong comes back as 4xx with one sentence."""

    def __init__(self, network: Network, wiring: Wiring, sounds: Path) -> None:
        self.network, self.wiring, self.sounds = network, wiring, sounds
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Awaitable[Answer]]]] = [
            ("POST", re.compile(r"/calls\Z"), self._place),
            ("GET", re.compile(r"/calls\Z"), self._list),
            ("GET", re.compile(r"/calls/([\w-]+)\Z"), self._one),
            ("GET", re.compile(r"/calls/([\w-]+)/recording\Z"), self._recording),
            ("DELETE", re.compile(r"/calls/([\w-]+)\Z"), self._hang_up),
            ("POST", re.compile(r"/messages\Z"), self._text),
            ("GET", re.compile(r"/messages\Z"), self._texts),
            ("PUT", re.compile(r"/phones/(\+?\w+)\Z"), self._phone),
            ("GET", re.compile(r"/trunks\Z"), self._trunks),
            ("PUT", re.compile(r"/trunks/([\w.-]+)\Z"), self._trunk),
        ]

    async def ask(self, request: object) -> Answer:
        try:
            if not isinstance(request, dict):
                raise Refusal(400, "a request is an object with method, path, query and body")
            method, path = str(request.get("method", "GET")), str(request.get("path", ""))
            query, body = request.get("query") or {}, request.get("body")
            if not isinstance(query, dict) or not isinstance(body, dict | None):
                raise Refusal(422, "query and body are objects")
            for wanted, pattern, handler in self._routes:
                match = pattern.match(path)
                if match and method == wanted:
                    return await handler(*match.groups(), query=query, body=body or {})
            raise Refusal(405 if any(p.match(path) for _, p, _ in self._routes) else 404, f"the exchange does not know {method} {path}")
        except Refusal as refusal:
            return refusal.status, {"error": refusal.sentence}

    # calls

    async def _place(self, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        _only(body, {"to", "from", "says", "hang_up_after_s", "keys"})
        called = _number(body, "to")
        caller = "" if body.get("from") in (None, "") else _number(body, "from")
        after = _seconds(body, "hang_up_after_s")
        far_end = FarEnd(await self._says(body), _keys(body), after)
        call = self.network.place(called, caller, far_end, now_ms())
        return 201, call.told(now_ms())

    async def _list(self, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        number = query.get("number")
        found = [c for c in self.network.calls.values() if number in (None, c.caller, c.called)]
        return 200, [call.told(now_ms()) for call in reversed(found)]

    async def _one(self, name: str, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        return 200, self._call(name).told(now_ms())

    async def _recording(self, name: str, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        return 200, self._call(name).ear.wav()

    async def _hang_up(self, name: str, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        call = self._call(name)
        self.network.hang_up(call, now_ms())
        return 200, call.told(now_ms())

    def _call(self, name: str) -> Any:
        if name not in self.network.calls:
            raise Refusal(404, f"there is no call {name}")
        return self.network.calls[name]

    # subscribers and trunks

    async def _phone(self, number: str, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        _only(body, {"answers_after_s", "busy", "congested", "says", "keys", "hang_up_after_s"})
        if not NUMBER.match(number):
            raise Refusal(422, "a number is digits with an optional leading +")
        if any(trunk.number == number for trunk in self.network.trunks.values()):
            raise Refusal(409, f"{number} is a line of the box and no subscriber")
        busy, congested = body.get("busy", False), body.get("congested", False)
        if not isinstance(busy, bool) or not isinstance(congested, bool):
            raise Refusal(422, f"{'congested' if isinstance(busy, bool) else 'busy'} is true or false")
        after = _seconds(body, "answers_after_s") if "answers_after_s" in body else 2000
        far_end = FarEnd(await self._says(body), _keys(body), _seconds(body, "hang_up_after_s"), after, busy, congested)
        self.network.phones[number] = far_end
        return 200, {"number": number, "answers_after_s": None if after is None else after / 1000, "busy": busy, "congested": congested}

    async def _text(self, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        _only(body, {"to", "from", "text"})
        text = body.get("text")
        if not isinstance(text, str) or not 0 < len(text) <= 1_000 or _HALF.search(text):
            raise Refusal(422, "text is 1 to 1000 characters, none of them half of one")
        parts = self.network.text(_number(body, "to"), _number(body, "from"), text)
        return 201, {"to": body["to"], "from": body["from"], "parts": parts}

    async def _texts(self, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        number = query.get("number")
        return 200, [text for text in reversed(self.network.texts) if number in (None, text["to"], text["from"])]

    async def _trunks(self, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        return 200, [self._told(line) for line in self.wiring.wires]

    async def _trunk(self, line: str, query: dict[str, Any], body: dict[str, Any]) -> Answer:
        _only(body, {"ppm", "echo_db", "echo_ms", "fault", "balance"})
        if line not in self.wiring.wires:
            raise Refusal(404, f"there is no trunk {line}")
        wire = self.wiring.wires[line]
        trunk = wire.trunk
        ppm, echo = body.get("ppm", trunk.ppm), body.get("echo_db", trunk.echo_db)
        if not _is_number(ppm) or abs(ppm) > 100_000:
            raise Refusal(422, "ppm is a number from -100000 to 100000")
        if echo is not None and (not _is_number(echo) or not 0 <= echo <= 60):
            raise Refusal(422, "echo_db is null, or decibels from 0 to 60 below the box's own sound")
        late = body.get("echo_ms", trunk.echo_ms)
        if not _is_number(late) or not 1 <= late <= 60:
            raise Refusal(422, "echo_ms is how late the echo comes, from 1 to 60")
        left = body.get("balance", trunk.balance)
        if not _is_number(left) or abs(left) > 1_000_000:
            raise Refusal(422, "balance is yuan on the card of this line")
        trunk.balance = float(left)
        if "fault" in body:
            if not isinstance(body["fault"], str | None):
                raise Refusal(422, "fault is a name or null")
            wire.set_fault(body["fault"], now_ms())
        trunk.ppm, trunk.echo_db, trunk.echo_ms = float(ppm), echo, float(late)
        trunk.channel.set_ppm(trunk.ppm)
        trunk.channel.set_echo(echo, trunk.echo_ms)
        return 200, self._told(line)

    def _told(self, line: str) -> dict[str, Any]:
        wire = self.wiring.wires[line]
        trunk = wire.trunk
        return {
            "line": line, "dialect": trunk.kind, "number": trunk.number, "ports": [str(port.link) for port in wire.ports],
            "call": trunk.call.id if trunk.call is not None else None, "ppm": trunk.ppm, "echo_db": trunk.echo_db,
            "echo_ms": trunk.echo_ms, "fault": trunk.fault, "pours": wire.pours, "balance": trunk.balance, "sound": trunk.channel.figures(),
        }  # fmt: skip

    async def _says(self, body: dict[str, Any]) -> Any:
        says = body.get("says", "silence")
        if not isinstance(says, str):
            raise Refusal(422, f"says is {WAYS}")
        try:
            return await asyncio.to_thread(sound_of, says, self.sounds)
        except CannotSay as error:
            raise Refusal(422, str(error)) from None


def _only(body: dict[str, Any], known: set[str]) -> None:
    for name in body:
        if name not in known:
            raise Refusal(422, f"{name} is not one of {', '.join(sorted(known))}")


def _is_number(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and math.isfinite(value))


def _number(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not NUMBER.match(value):
        raise Refusal(422, f"{name} is a telephone number: digits with an optional leading +, as text")
    return value


def _seconds(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= 86_400:
        raise Refusal(422, f"{name} is null or seconds, 0 to 86400")
    return int(value * 1000)


def _keys(body: dict[str, Any]) -> str:
    keys = body.get("keys") or ""
    if not isinstance(keys, str) or len(keys) > 200 or any(key != "," and key not in KEY_PAIRS for key in keys):
        raise Refusal(422, "keys are digits, * # A B C D and commas, at most 200")
    return keys
