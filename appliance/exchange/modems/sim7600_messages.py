"""A SIM7600's short messages (A1): PDU mode with its prompt, a message store that is empty, character sets.

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
_WORDS = re.compile(r"[A-Z]{2}\Z")


class Messages(AtModem):
    """The commands of 27.005; act `sms`: value is the receiver, `text` what was sent."""

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
            return ["+CPMS: " + ",".join(f"0,{STORES[store]}" for store in self.stores)]
        if op == "?":
            return ["+CPMS: " + ",".join(f'"{store}",0,{STORES[store]}' for store in self.stores)]
        raise Fail

    def do_CMGL(self, op: str, args: list[str], now: int) -> list[str]:
        return ["+CMGL: (0-4)" if self.settings["+CMGF"][0] == 0 else '+CMGL: ("ALL")'] if op == "=?" else []

    def do_CMGR(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return []
        raise self._cms(321)

    def do_CMGD(self, op: str, args: list[str], now: int) -> list[str]:
        if op == "=?":
            return ["+CMGD: (),(0-4)"]
        if op != "=" or not args or not all(arg.isdigit() for arg in args):
            raise Fail(50)
        if len(args) == 1:
            raise self._cms(321)
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
        try:
            if text_mode:
                number, text = self._from_text(first), self._from_text(typed.decode("latin-1"))
            else:
                number, text = read_submit(typed.decode("latin-1").strip(), int(first))
        except (BadPdu, ValueError):
            self.at(now + 10, lambda then: self.finish("+CMS ERROR: 304", then))
            return

        def sent(then: int) -> None:
            self._reference = self._reference % 255 + 1
            self.act("sms", number, text=text)
            self.say(f"+CMGS: {self._reference}")
            self.finish("OK", then)

        self.at(now + SENDING_MS, sent)

    def _from_text(self, text: str) -> str:
        if self.charset == "UCS2":
            return bytes.fromhex(text.strip()).decode("utf-16-be", "replace")
        return text.replace("\r", "\n").strip()
