"""What a network answers by USSD, read (A1). Source: 3GPP TS 23.038, 5 (coding groups) and 6.1.2.3 (its packing)."""

from typing import Final

from appliance.messages.alphabet import from_septets, pack, septets, unpack

_CR: Final = 13  # fills up seven bits that would else be read as "@"


def packed(code: str) -> str:
    """As septets in hex, as some sticks want it. Raises ValueError where a character has no place in the GSM alphabet."""
    found = septets(code)
    if found is None:
        raise ValueError(code)
    codes = [one for character in found for one in character]
    return pack([*codes, _CR] if len(codes) % 8 == 7 else codes).hex().upper()


def text_of(said: str, coding: int, in_hex: bool) -> str:
    """The words of an answer; what is not as it should be stays as it came."""
    group, low = coding >> 4, coding & 0x0F
    ucs2, language = (coding & 0x0C) == 0x08 if 4 <= group <= 7 else group == 1 and low == 1, coding == 0x11
    try:
        data = bytes.fromhex(said) if ucs2 or in_hex else b""
    except ValueError:
        return said
    if ucs2:
        return data[2 if language else 0 :].decode("utf-16-be", "replace").strip()
    if in_hex:
        return from_septets(unpack(data, len(data) * 8 // 7)).rstrip("\r").strip()
    return said.strip()
