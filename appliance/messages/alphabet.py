"""Characters of short messages: the GSM 7 bit alphabet with its extension, UTF-16 for all else (A1). Source: 3GPP TS 23.038, 6.2."""

from typing import Final

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
ESCAPE: Final = 0x1B

_SEPTETS: Final = {character: (code,) for code, character in enumerate(BASIC) if code != ESCAPE} | {
    character: (ESCAPE, code) for code, character in EXTENSION.items()
}


def septets(text: str) -> list[tuple[int, ...]] | None:
    """Each character's one or two septets; None where one has none: then all of the text goes as UTF-16."""
    found = [_SEPTETS.get(character) for character in text]
    return None if None in found else found  # type: ignore[return-value]


def from_septets(codes: list[int]) -> str:
    """An escape before a code that is not in the table is a blank and that character (23.038: as the receiver sees fit)."""
    out: list[str] = []
    escaped = False
    for code in codes:
        if escaped:
            out.append(EXTENSION.get(code, BASIC[code] if code != ESCAPE else " "))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            out.append(BASIC[code])
    return "".join(out)


def pack(codes: list[int], fill_bits: int = 0) -> bytes:
    """Septets into octets, least bit first, after `fill_bits` zero bits."""
    held, bits = 0, fill_bits
    out = bytearray()
    for code in codes:
        held |= code << bits
        bits += 7
        while bits >= 8:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if bits:
        out.append(held & 0xFF)
    return bytes(out)


def unpack(data: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """`count` septets after `fill_bits` bits; fewer where the data end."""
    held, bits = 0, 0
    out: list[int] = []
    for byte in data:
        held |= byte << bits
        bits += 8
        if fill_bits:
            held >>= fill_bits
            bits -= fill_bits
            fill_bits = 0
        while bits >= 7 and len(out) < count:
            out.append(held & 0x7F)
            held >>= 7
            bits -= 7
    return out
