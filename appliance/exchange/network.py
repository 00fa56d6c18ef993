"""The telephone network (A1): subscribers, trunks and calls, as a function of time.

It joins nothing by itself: a call has the box at one end and a subscriber at the other.
"""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.exchange.calls import Call, FarEnd, Presser
from appliance.exchange.far_end import Ear
from appliance.exchange.modems.sms import delivers, report
from appliance.exchange.trunks import Trunk

SETUP_MS: Final = 400  # from the last digit to the first ring
RELEASE_MS: Final = 600  # from the last digit to busy or no such number
RINGS_AT_MOST_MS: Final = 60_000
TEXTS_AGAIN_MS: Final = 2000  # a full card is tried again then
REPORT_MS: Final = 1500  # from the network's OK to the report of the receiver's telephone
USSD_MS: Final = 1500
CARRIER: Final = "10086"
CARRIER_MS: Final = 3000  # until its message is on its way
KEPT: Final = 1000  # calls whose recordings are kept


class Refusal(Exception):
    """A request that cannot be met: HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Network:
    """`heard` is the folder for what far ends hear; `wall` the time of day; `anyone` answers numbers nobody set up."""

    def __init__(self, heard: Path, wall: Callable[[], datetime], anyone: FarEnd | None = None) -> None:
        self.heard, self.wall, self.anyone = heard, wall, anyone
        self.trunks: dict[str, Trunk] = {}
        self.phones: dict[str, FarEnd] = {}
        self.calls: dict[str, Call] = {}
        self.message: Callable[[str, str, str, int], None] = self._note
        self.texts: list[dict[str, str]] = []  # that the box sent, newest last
        self._texts_again_ms = 0
        self._waiting: list[tuple[Trunk, str]] = []  # for a card that was full
        self._reports: list[tuple[int, Trunk, str]] = []
        self._carrier: list[tuple[int, Callable[[int], object]]] = []  # what it answers later
        self._ids = itertools.count(1)
        self._series = format(int(wall().timestamp()), "x")

    def add(self, trunk: Trunk) -> None:
        self.trunks[trunk.line] = trunk

    def tick(self, now: int) -> None:
        """Everything that is due."""
        self._deliver(now)
        for trunk in list(self.trunks.values()):
            trunk.tick(now)
            call = trunk.call
            if call is not None and call.live:
                self._advance(trunk, call, now)

    def close(self) -> None:
        """The files of what far ends heard."""
        for call in self.calls.values():
            call.ear.close()

    # from outside

    def place(self, called: str, caller: str, far_end: FarEnd, now: int) -> Call:
        """A subscriber dials a number of the box."""
        trunk = next((t for t in self.trunks.values() if t.number == called), None)
        if trunk is None:
            raise Refusal(404, f"no trunk has the number {called}")
        call = self._new(caller, called, trunk, True, far_end, now)
        if not trunk.free:
            self._close(call, "busy", now)
        elif not trunk.reachable:
            self._close(call, "ended", now)
        else:
            call.state, call.ringing_ms = "ringing", now
            trunk.offer(call, now)
        return call

    def hang_up(self, call: Call, now: int) -> None:
        """The far end hangs up."""
        was = call.state
        if self.end(call, "ended", now):
            self.trunks[call.line].far_hung_up(call, was, now)

    def text(self, to: str, sender: str, text: str) -> int:
        """A subscriber sends a short message to a number of the box; its parts."""
        trunk = next((t for t in self.trunks.values() if t.number == to), None)
        if trunk is None:
            raise Refusal(404, f"no trunk has the number {to}")
        if not hasattr(trunk.modem, "deliver"):
            raise Refusal(409, f"{to} is an analog line: it takes no short messages")
        parts = delivers(sender, text, self.wall(), next(self._ids))
        self._waiting += [(trunk, part) for part in parts]
        return len(parts)

    def _deliver(self, now: int) -> None:
        """What waits for a modem that is off, or whose card was full; and reports whose time has come."""
        if now >= self._texts_again_ms:
            for trunk, part in list(self._waiting):
                if trunk.reachable and not trunk.hung and trunk.modem.deliver(part, now):  # type: ignore[union-attr]
                    self._waiting.remove((trunk, part))
                else:
                    self._texts_again_ms = now + TEXTS_AGAIN_MS
        for at, answer in list(self._carrier):
            if at <= now:
                self._carrier.remove((at, answer))
                answer(now)
        for due, trunk, pdu in list(self._reports):
            if due <= now:
                self._reports.remove((due, trunk, pdu))
                trunk.modem.reported(pdu, now)  # type: ignore[union-attr]

    def texted(self, trunk: Trunk, to: str, text: str, reference: int, wants_report: bool, now: int) -> None:
        """The box sends a part; its receiver has it at once."""
        self.message(trunk.line, to, text, now)
        if wants_report:
            self._reports.append((now + REPORT_MS, trunk, report(to, reference, self.wall())))

        if to == CARRIER and text.strip().upper() in ("YE", "CXYE", "余额"):
            words = f"尊敬的客户，您的账户余额为{trunk.balance:.2f}元，截至{self.wall():%-m月%-d日}套餐内剩余通话120分钟。【中国移动】"
            self._carrier.append((now + CARRIER_MS, lambda _: self.text(trunk.number, CARRIER, words)))

    def asked(self, trunk: Trunk, code: str, now: int) -> None:
        """The box asks by USSD: *100# is answered in Chinese, *101# in English, others are not known."""
        words = {"*100#": f"您的余额为{trunk.balance:.2f}元", "*101#": f"Your balance is {trunk.balance:.2f} CNY"}.get(code)
        self._carrier.append((now + USSD_MS, lambda then: trunk.modem.ussd_answered(words, then)))  # type: ignore[union-attr]

    def _note(self, line: str, to: str, text: str, _now: int) -> None:
        self.texts.append({"at": self.wall().isoformat(), "line": line, "from": self.trunks[line].number, "to": to, "text": text})
        del self.texts[:-KEPT]

    # from trunks

    def dialled(self, trunk: Trunk, number: str, now: int, after_ms: int) -> Call:
        """The box dials; its last digit is sent `after_ms` from now."""
        known = self.phones.get(number, self.anyone)
        call = self._new(trunk.number, number, trunk, False, known or FarEnd(), now + after_ms)
        if known is None:
            call.unassigned = True
        return call

    def connect(self, call: Call, now: int) -> None:
        """Somebody answered."""
        call.state, call.connected_ms = "connected", now
        if call.far_end.keys:
            call.presser = Presser(call.far_end.keys, now)
        self.trunks[call.line].connected(call, now)

    def box_hung_up(self, call: Call, now: int) -> None:
        """A ringing call that the box refuses is busy to its caller."""
        self.end(call, "busy" if call.incoming and call.state == "ringing" else "ended", now)

    def end(self, call: Call, state: str, now: int) -> bool:
        """The call is over; False where it was already."""
        if not call.live:
            return False
        self._close(call, state, now)
        trunk = self.trunks[call.line]
        if trunk.call is call:
            trunk.over(call, now)
        call.ear.close()
        call.far_end = replace(call.far_end, says=None)  # a thousand calls are kept, and what each said would be 100 kB
        return True

    # inside

    def _advance(self, trunk: Trunk, call: Call, now: int) -> None:
        if call.state == "dialling":
            self._route(trunk, call, now)
        elif call.state == "ringing":
            waited = now - call.ringing_ms
            after = call.far_end.answers_after_ms
            if not call.incoming and after is not None and waited >= after:
                self.connect(call, now)
                trunk.progress("connected", now)
            elif waited >= RINGS_AT_MOST_MS:
                self.end(call, "no_answer", now)
                if call.incoming:
                    trunk.far_hung_up(call, "ringing", now)
                else:
                    trunk.progress("no_answer", now)

    def _route(self, trunk: Trunk, call: Call, now: int) -> None:
        waited = now - call.began_ms
        if call.unassigned or call.far_end.busy or call.far_end.congested or self._talking(call.called, call):
            if waited >= RELEASE_MS:
                why = "unassigned" if call.unassigned else "congested" if call.far_end.congested else "busy"
                self.end(call, "busy" if why == "busy" else "ended", now)
                trunk.progress(why, now)
        elif waited >= SETUP_MS:
            call.state, call.ringing_ms = "ringing", now
            trunk.progress("ringing", now)

    def _talking(self, number: str, besides: Call) -> bool:
        return any(c.live and c is not besides and number in (c.caller, c.called) for c in self.calls.values())

    def _new(self, caller: str, called: str, trunk: Trunk, incoming: bool, far_end: FarEnd, now: int) -> Call:
        name = f"x{self._series}-{next(self._ids)}"
        call = Call(name, self.wall(), caller, called, trunk.line, incoming, far_end, Ear(self.heard / f"{name}.raw"), now)
        self.calls[name] = call
        for old in list(self.calls.values())[: max(0, len(self.calls) - KEPT)]:
            if not old.live:
                del self.calls[old.id]
                with contextlib.suppress(FileNotFoundError):
                    old.ear.path.unlink()
        return call

    def _close(self, call: Call, state: str, now: int) -> None:
        call.state, call.ended_ms = state, now
