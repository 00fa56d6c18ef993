"""A module's short messages (A1): PDU mode with its prompt, the card's store and the module's, reports, character sets.

Source: 3GPP TS 27.005. gammu is the judge: it asks for all of this before it believes in a phone.
"""
# ruff: noqa: ARG001, ARG002, N802 -- every command, act or verb is called the same way

import re
from typing import Final

from appliance.exchange.modems.at import AtModem, Fail, Later
from appliance.exchange.modems.sms import BadPdu, read_submit

CENTRE: Final = "+8613800100500"
STORES: Final = {"SM": 50, "ME": 23, "MT": 73}
SENDING_MS: Final = 900
MOST_TYPED: Final = 1_200  # characters of a body; a part has some 350
_WORDS = re.compile(r"[A-Z]{2}\Z")


class Messages(AtModem):
    """The commands of 27.005; act `sms`: value is the receiver, `text` what was sent."""

    FULL = "+SMS FULL"
    full_told = False  # once, until there was room again

    def defaults_of_messages(self) -> None:
        self.charset, self.stores, self._reference = "IRA", ["SM", "SM", "SM"], 0
        self.settings["+CMGD"] = ()

    def _cms(self, code: int) -> Fail:
        return Fail(final=f"+CMS ERROR: {code}")

    def do_CSCS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ['+CSCS: ("IRA","GSM","UCS2")']
        if op == "?":
            return [f'+CSCS: "{self.charset}"']
        if len(args) != 1 or args[0] not in ("IRA", "GSM", "UCS2"):
            raise Fail(50)
        self.charset = args[0]
        return []

    def do_CSCA(self, op: str, args: list[str], now: int) -> list[str]:
        return [f'+CSCA: "{CENTRE}",145'] if op == "?" else []

    def do_CSMS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "?":
            return [f"+CSMS: {self.settings['+CSMS'][0]},1,1,1"]
        self._setting("+CSMS", op, args)
        return ["+CSMS: (0-1)"] if op == "=?" else ["+CSMS: 1,1,1"]

    def do_CPMS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ['+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")']
        if op == "=":
            if not 1 <= len(args) <= 3 or any(arg not in STORES for arg in args):
                raise self._cms(302)
            self.stores[: len(args)] = args
            return ["+CPMS: " + ",".join(f"{self._used(store)},{STORES[store]}" for store in self.stores)]
        if op == "?":
            return ["+CPMS: " + ",".join(f'"{store}",{self._used(store)},{STORES[store]}' for store in self.stores)]
        raise Fail

    def _used(self, store: str) -> int:
        return len(self._kept(store))

    def _kept(self, store: str) -> dict[int, list[str]]:
        """Place -> [stat, PDU]. What lies on the card and in the module's memory is there after a power-up too."""
        if not hasattr(self, "places"):
            self.places: dict[str, dict[int, list[str]]] = {"SM": {}, "ME": {}}
        if store == "MT":
            return {**self.places["SM"], **{50 + at: kept for at, kept in self.places["ME"].items()}}
        return self.places[store]

    def deliver(self, pdu: str, now: int) -> bool:
        """The network brings a message; False where the card is full: it stays in the network."""
        places = self._kept("SM")
        free = next((at for at in range(1, STORES["SM"] + 1) if at not in places), None)
        if free is None:
            if not self.full_told:
                self.say(self.FULL)
            self.full_told = True
            return False
        self.full_told = False
        places[free] = ["0", pdu]
        if self.settings["+CNMI"][1] == 1:
            self.say(f'+CMTI: "SM",{free}')
        return True

    def do_CMGL(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CMGL: (0-4)" if self.settings["+CMGF"][0] == 0 else '+CMGL: ("ALL")']
        if self.settings["+CMGF"][0]:
            return []
        wanted = args[0] if args else "0"
        lines: list[str] = []
        for at, kept in sorted(self._kept(self.stores[0]).items()):
            if wanted in ("4", kept[0]):
                lines += [f"+CMGL: {at},{kept[0]},,{_length(kept[1])}", kept[1]]
                kept[0] = "1"
        return lines

    def do_CMGR(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return []
        kept = self._kept(self.stores[0]).get(int(args[0])) if args and args[0].isdigit() else None
        if kept is None:
            raise self._cms(321)
        stat, kept[0] = kept[0], "1"
        return [f"+CMGR: {stat},,{_length(kept[1])}", kept[1]]

    def do_CMGD(self, op: str, args: list[str], now: int) -> list[str]:
        places = self._kept(self.stores[0])
        if op == "=?":
            return [f"+CMGD: ({','.join(map(str, sorted(places)))}),(0-4)"]
        if op != "=" or not args or not all(arg.isdigit() for arg in args):
            raise Fail(50)
        if len(args) > 1 and args[1] != "0":
            for at in [at for at, kept in places.items() if args[1] == "4" or kept[0] == "1"]:
                del places[at]
        elif int(args[0]) not in places:
            raise self._cms(321)
        else:
            del places[int(args[0])]
        return []

    def do_CMGS(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return []
        text_mode = bool(self.settings["+CMGF"][0])
        if op != "=" or not args or (not text_mode and not args[0].isdigit()):
            raise self._cms(304 if not text_mode else 305)
        typed = bytearray()

        def body(data: bytes, then: int) -> bool:
            if self.echo:
                self.raw(data)
            for at, byte in enumerate(data):
                if byte == 0x1B:
                    self.body_rest(data[at + 1 :])
                    self.finish("OK", then)
                    return False
                if byte == 0x1A:
                    self.body_rest(data[at + 1 :])
                    self._send(bytes(typed), args[0], text_mode, then)
                    return False
                if len(typed) < MOST_TYPED:
                    typed.append(byte)
            return True

        def prompt(then: int) -> None:
            self.raw(b"\r\n> ")
            self._busy = False
            self.body = body

        self.at(now + 20, prompt)
        raise Later

    def body_rest(self, data: bytes) -> None:
        """What came behind the end of a body is the next command."""
        self._busy = True
        self._input[:0] = data

    def _send(self, typed: bytes, first: str, text_mode: bool, now: int) -> None:
        wants_report = False
        try:
            if text_mode:
                number, text = self._from_text(first), self._from_text(typed.decode("latin-1"))
            else:
                number, text = read_submit(typed.decode("latin-1").strip(), int(first))
                wants_report = bool(_first_octet(typed.decode("latin-1").strip()) & 0x20)
        except (BadPdu, ValueError):
            self.at(now + 10, lambda then: self.finish("+CMS ERROR: 304", then))
            return

        def sent(then: int) -> None:
            self._reference = self._reference % 255 + 1
            self.act("sms", number, text=text, reference=self._reference, wants_report=wants_report)
            self.say(f"+CMGS: {self._reference}")
            self.finish("OK", then)

        self.at(now + SENDING_MS, sent)

    def reported(self, pdu: str, now: int) -> None:
        """What became of a part that we sent."""
        if self.settings["+CNMI"][3] == 1:
            self.say(f"+CDS: {_length(pdu)}")
            self.say(pdu)

    def _from_text(self, text: str) -> str:
        if self.charset == "UCS2":
            return bytes.fromhex(text.strip()).decode("utf-16-be", "replace")
        return text.replace("\r", "\n").strip()


def _length(pdu: str) -> int:
    """Octets without the centre's."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


def _first_octet(pdu: str) -> int:
    at = 2 + 2 * int(pdu[:2], 16)
    return int(pdu[at : at + 2], 16)
