"""Short messages as modems carry them, in hex (A1): DELIVER and STATUS REPORT read, SUBMIT written. Sources: 3GPP TS 23.040, 9.2; 23.038.

What comes from a modem is hostile until read: every defect of it is BadPdu. A part is not read for itself: a character may be cut.
"""

from calendar import monthrange
from typing import Final

import msgspec

from appliance.messages.alphabet import from_septets, pack, septets, unpack

DIGITS: Final = "0123456789*#abc"
LONG_AT_MOST: Final = 10
"""Parts of a message that we send: some 1,500 letters or 670 Chinese characters."""
GSM7, OCTETS, UTF16 = "gsm7", "octets", "utf16"
VALID_FOR: Final = 0xA7  # 24 hours


class BadPdu(ValueError):
    """No message, or one that breaks the rules."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a received message. `body`: its septets (one a byte), or its octets. `total` 1: it is whole."""

    sender: str
    at: str  # when the centre took it, ISO 8601 with its own offset; "" where it says nonsense
    coding: str
    body: bytes
    reference: int = 0
    total: int = 1
    number: int = 1


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a part that we sent. `reference` is the modem's own of that part; `status`: "delivered", "trying", "failed"."""

    reference: int
    to: str
    status: str
    code: int


class _Reader:
    def __init__(self, text: str) -> None:
        try:
            self.data = bytes.fromhex(text)
        except ValueError:
            raise BadPdu("not hexadecimal") from None
        self.at = 0

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) < count:
            raise BadPdu("too short")
        self.at += count
        return found

    def rest(self) -> bytes:
        return self.data[self.at :]


def read(text: str) -> Part | Report:
    """A PDU as `+CMGR`, `+CMGL` or `+CDS` give it, with the centre's number in front. Raises BadPdu."""
    reader = _Reader(text)
    reader.take(reader.byte())  # the service centre
    first = reader.byte()
    if first & 3 == 2:
        return _report(reader)
    if first & 3 != 0:
        raise BadPdu("neither a DELIVER nor a STATUS REPORT")
    sender = _address(reader)
    reader.byte()  # protocol
    coding = _coding(reader.byte())
    at = _time(reader.take(7))
    count, user = reader.byte(), reader.rest()
    if count > (160 if coding == GSM7 else 140) or len(user) > 140:
        raise BadPdu("longer than a message can be")
    if coding != GSM7 and len(user) < count:
        raise BadPdu("too short")
    header, skip = _header(user) if first & 0x40 else ({}, 0)
    if coding == GSM7:
        whole = unpack(user, count)
        if len(whole) < count:
            raise BadPdu("too short")
        body = bytes(whole[(8 * skip + 6) // 7 :])
    else:
        body = user[skip:count]
    return Part(sender=sender, at=at, coding=coding, body=body, **header)


def _header(user: bytes) -> tuple[dict[str, int], int]:
    """What it says of the parts, and its octets. Elements that we do not know are passed over."""
    if not user or user[0] + 1 > len(user):
        raise BadPdu("a header without an end")
    found: dict[str, int] = {}
    at, end = 1, user[0] + 1
    while at + 2 <= end:
        kind, size = user[at], user[at + 1]
        value = user[at + 2 : at + 2 + size]
        if len(value) < size or at + 2 + size > end:
            raise BadPdu("a header without an end")
        if (kind, size) in ((0, 3), (8, 4)):
            reference, total, number = int.from_bytes(value[:-2], "big"), value[-2], value[-1]
            if total and 1 <= number <= total:  # else the element is void (23.040, 9.2.3.24.1)
                found = {"reference": reference, "total": total, "number": number}
        at += 2 + size
    return found, end


def _report(reader: _Reader) -> Report:
    reference, to = reader.byte(), _address(reader)
    reader.take(14)  # sent, delivered
    code = reader.byte()
    status = "delivered" if code <= 0x02 else "trying" if code & 0x60 == 0x20 else "failed"
    return Report(reference=reference, to=to, status=status, code=code)


def _address(reader: _Reader) -> str:
    count, kind = reader.byte(), reader.byte()
    if count > 20:
        raise BadPdu("an address of more than 20 digits")
    data = reader.take((count + 1) // 2)
    if kind & 0x70 == 0x50:
        return from_septets(unpack(data, count * 4 // 7)).strip()
    digits = "".join(DIGITS[nibble] for byte in data for nibble in (byte & 15, byte >> 4) if nibble != 15)[:count]
    return ("+" if kind & 0x70 == 0x10 else "") + digits


def _coding(scheme: int) -> str:
    """23.038, 4. Classes, compression marks and groups of waiting messages do not matter to how the body is read."""
    if scheme & 0xC0 == 0 or scheme & 0xC0 == 0x40:
        return {0: GSM7, 1: OCTETS, 2: UTF16}.get(scheme >> 2 & 3, GSM7)
    if scheme & 0xF0 == 0xE0:
        return UTF16
    return OCTETS if scheme & 0xF4 == 0xF4 else GSM7


def _time(data: bytes) -> str:
    digits = [(byte & 15, byte >> 4) for byte in data]
    if any(low > 9 or high > 9 for low, high in digits[:6]) or digits[6][1] > 9:
        return ""
    year, month, day, hour, minute, second = (10 * low + high for low, high in digits[:6])
    low, high = digits[6]
    quarters = 10 * (low & 7) + high
    sign = "-" if low & 8 else "+"
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2000 + year, month)[1]):
        return ""
    if not (hour < 24 and minute < 60 and second < 60 and quarters <= 56):
        return ""
    return f"20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{quarters // 4:02}:{quarters % 4 * 15:02}"


def text_of(parts: list[Part]) -> str:
    """Of all parts, in their order: joined first and read then, as a character may be cut between two."""
    body = b"".join(part.body for part in parts)
    if parts[0].coding == GSM7:
        return from_septets(list(body))
    return body.decode("utf-16-be" if parts[0].coding == UTF16 else "latin-1", "replace")


def submits(to: str, text: str, reference: int, *, report: bool = True) -> list[str]:
    """The message's parts as PDUs in hex, without a centre's number (the card's own is used).

    A character is never cut: neither an escape from its letter nor half of an emoji. Raises ValueError where the text is empty or
    needs more than LONG_AT_MOST parts.
    """
    found = septets(text)
    if found is not None:
        bodies = _split([bytes(codes) for codes in found], 160, 153)
    else:
        bodies = _split([character.encode("utf-16-be", "surrogatepass") for character in text], 140, 134)
    if not 1 <= len(bodies) <= LONG_AT_MOST:
        raise ValueError(f"a message has 1 to {LONG_AT_MOST} parts, not {len(bodies)}")
    return [_submit(to, body, found is not None, reference & 0xFF, len(bodies), n, report) for n, body in enumerate(bodies, 1)]


def parts_of(text: str) -> int:
    """How many parts it takes."""
    found = septets(text)
    if found is not None:
        return len(_split([bytes(codes) for codes in found], 160, 153))
    return len(_split([character.encode("utf-16-be", "surrogatepass") for character in text], 140, 134))


def _split(characters: list[bytes], alone: int, each: int) -> list[bytes]:
    whole = b"".join(characters)
    if len(whole) <= alone:
        return [whole] if whole else []
    parts, part = [], b""
    for character in characters:
        if len(part) + len(character) > each:
            parts.append(part)
            part = b""
        part += character
    return [*parts, part]


def _submit(to: str, body: bytes, gsm7: bool, reference: int, total: int, number: int, report: bool) -> str:
    digits = to.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    header = bytes([5, 0, 3, reference, total, number]) if total > 1 else b""
    if gsm7:
        fill = -8 * len(header) % 7
        count, user = len(body) + (8 * len(header) + 6) // 7, header + pack(list(body), fill)
    else:
        count, user = len(header) + len(body), header + body
    first = 0x11 | (0x20 if report else 0) | (0x40 if header else 0)
    address = f"{len(digits):02X}{0x91 if to.startswith('+') else 0x81:02X}{swapped}"
    return f"00{first:02X}00{address}00{0 if gsm7 else 8:02X}{VALID_FOR:02X}{count:02X}{user.hex().upper()}"


def length_of(pdu: str) -> int:
    """What AT+CMGS wants: octets without the centre's."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)
