"""Short messages in PDU form, as 3GPP TS 23.040 lays them out: what a network reads of a SUBMIT."""

from datetime import datetime, timedelta
from typing import Final

GSM7: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
_NIBBLES = "0123456789*#abc"


class BadPdu(ValueError):
    """The network or module refuses it: +CMS ERROR 304."""


def read_submit(text: str, length: int) -> tuple[str, str]:
    """Receiver and text of a SUBMIT in hex; `length` is the octets after the service centre's, as AT+CMGS said."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise BadPdu("not hexadecimal") from None
    try:
        at = 1 + data[0]
        if len(data) - at != length:
            raise BadPdu("length")
        first, digits, kind = data[at], data[at + 2], data[at + 3]
        if first & 0x03 != 1:
            raise BadPdu("not a SUBMIT")
        at += 4
        size = (digits + 1) // 2
        number = "".join(_NIBBLES[n] for byte in data[at : at + size] for n in (byte & 15, byte >> 4) if n != 15)[:digits]
        at += size
        coding = data[at + 1]
        at += 2 + {0: 0, 1: 7, 2: 1, 3: 7}[(first >> 3) & 3]
        count, user = data[at], data[at + 1 :]
    except IndexError:
        raise BadPdu("too short") from None
    return ("+" if kind & 0x70 == 0x10 else "") + number, _text(user, count, coding, bool(first & 0x40))


def _text(user: bytes, count: int, coding: int, header: bool) -> str:
    skip = user[0] + 1 if header and user else 0
    if coding & 0x0C == 0x08:
        return user[skip:count].decode("utf-16-be", "replace")
    if coding & 0x0C == 0x04:
        return user[skip:count].decode("latin-1")
    septets, bits, held = [], 0, 0
    for byte in user:
        held |= byte << bits
        bits += 8
        while bits >= 7:
            septets.append(held & 0x7F)
            held >>= 7
            bits -= 7
    if len(septets) < count:
        raise BadPdu("too few septets")
    out, escaped = "", False
    for code in septets[(skip * 8 + 6) // 7 : count]:
        if escaped:
            out, escaped = out + EXTENSION.get(code, " "), False
        elif code == 0x1B:
            escaped = True
        else:
            out += GSM7[code]
    return out


def delivers(sender: str, text: str, stamp: datetime, reference: int) -> list[str]:
    """DELIVER PDUs in hex. Long ones are cut every 67 code units, as many senders do: half of an emoji may stand at the end of a part."""
    plain = all(character in GSM7 and character != "\x1b" for character in text)
    each = (153 if plain else 134) if len(text if plain else text.encode("utf-16-be")) > (160 if plain else 140) else 1000
    units = bytes(GSM7.index(character) for character in text) if plain else text.encode("utf-16-be", "surrogatepass")
    bodies = [units[at : at + each] for at in range(0, len(units), each)] or [b""]
    return [_deliver(sender, body, plain, stamp, (reference & 0xFF, len(bodies), n)) for n, body in enumerate(bodies, 1)]


def _deliver(sender: str, body: bytes, plain: bool, stamp: datetime, part: tuple[int, int, int]) -> str:
    header = bytes([5, 0, 3, *part]) if part[1] > 1 else b""
    held, bits = 0, -8 * len(header) % 7
    if plain:
        for code in body:
            held |= code << bits
            bits += 7
        user, count = header + held.to_bytes((bits + 7) // 8, "little"), len(body) + (8 * len(header) + 6) // 7
    else:
        user, count = header + body, len(header) + len(body)
    first = 0x04 | (0x40 if header else 0)
    return (_swapped("8613800100500", 0x91, centre=True) + bytes([first]) + _swapped(sender.lstrip("+"), 0x91 if "+" in sender else 0xA1)
            + bytes([0, 0 if plain else 8]) + _stamp(stamp) + bytes([count]) + user).hex().upper()  # fmt: skip


def report(to: str, reference: int, stamp: datetime) -> str:
    """A STATUS REPORT in hex: delivered."""
    number = _swapped(to.lstrip("+"), 0x91 if "+" in to else 0xA1)
    return (bytes([0, 6, reference]) + number + _stamp(stamp) * 2 + b"\0").hex().upper()


def packed(text: str) -> bytes:
    """Letters of the GSM alphabet in seven bits each, as USSD carries them: seven bits left over hold a CR (23.038, 6.1.2.3.1)."""
    text += "\r" if len(text) % 8 == 7 else ""
    bits = "".join(f"{GSM7.index(letter):07b}"[::-1] for letter in text)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def unpacked(data: bytes) -> str:
    bits = "".join(f"{byte:08b}"[::-1] for byte in data)
    codes = [int(bits[at : at + 7][::-1], 2) for at in range(0, len(bits) - 6, 7)]
    return "".join(GSM7[code] for code in codes).rstrip("\r")


def _swapped(digits: str, kind: int, centre: bool = False) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    data = bytes.fromhex("".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2)))
    return bytes([len(data) + 1 if centre else len(digits), kind]) + data


def _stamp(stamp: datetime) -> bytes:
    offset = stamp.utcoffset() or timedelta()
    quarters = round(abs(offset).total_seconds() / 900)
    digits = [f"{part:02}"[::-1] for part in (stamp.year % 100, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second)]
    zone = bytearray.fromhex(f"{quarters:02}"[::-1])
    zone[0] |= 0x08 if offset < timedelta() else 0
    return bytes.fromhex("".join(digits)) + bytes(zone)
