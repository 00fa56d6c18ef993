"""Short messages in PDU form, as 3GPP TS 23.040 lays them out: what a network reads of a SUBMIT."""

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
