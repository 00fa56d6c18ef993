"""What a voice modem offers: sound formats (`AT+VSM=?`) and line positions (`AT+VLS=?`), by name and not by number (A1).

The same number is another codec on the next chip. Sources: V.253 tables 17 and 21; Conexant, Silicon Labs, Multi-Tech manuals.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.hw.dialect import Profile

_FORMAT = re.compile(r'(?:\+VSM:\s*)?(\d{1,3})\s*[,;]\s*"?([^",;]*)"?\s*[,;]\s*(\d+)\s*[,;](.*)\Z')
_LABEL = re.compile(r'(?:\+VLS:\s*)?(\d{1,3})\s*[,;]\s*"([^"]*)"')
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")

PREFERENCE: Final = ("ulaw", "alaw", "signed16", "unsigned8")


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """`code` for AT+VSM; `encoding` as the audio thread calls it. Always 8000 samples a second."""

    code: int
    encoding: str


def encoding_of(name: str, bits: int) -> str | None:
    """The audio thread's word for a format's name; None for what it cannot (ADPCM, 8-bit signed)."""
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())
    if "ADPCM" in plain:
        return None
    if plain in ("ULAW", "MULAW", "G711U", "G711ULAW", "G711MULAW", "PCMU"):
        return "ulaw"
    if plain in ("ALAW", "G711A", "G711ALAW", "PCMA"):
        return "alaw"
    if bits == 16 and plain in ("SIGNEDPCM", "LINEAR", "16BITLINEAR", "LINEARPCM", "PCM", "SIGNEDPCM16"):
        return "signed16"
    if bits == 8 and plain in ("UNSIGNEDPCM", "8BITLINEAR", "LINEAR", "8BIT", "UNSIGNED8BITPCM", "UNSIGNEDPCM8BIT", "LINEARPCM"):
        return "unsigned8"
    return None


def offers_8000(rest: str) -> bool:
    """True where the fields after the bits name the rate 8000, alone, in a list or in a range."""
    return any(int(low) <= 8000 <= int(high or low) for low, high in _RANGE.findall(rest))


def formats(lines: Iterable[str]) -> list[SoundFormat]:
    """Every format of an answer to `AT+VSM=?` that we can use; lines of another shape are passed over."""
    found = []
    for line in lines:
        match = _FORMAT.match(line)
        if match is None or not offers_8000(match[4]):
            continue
        encoding = encoding_of(match[2], int(match[3]))
        if encoding is not None:
            found.append(SoundFormat(int(match[1]), encoding))
    return found


def best_format(lines: Iterable[str], profile: Profile) -> SoundFormat | None:
    """The profile's own where it names one; else the best the modem offers: companded before 8-bit linear, which has some 42 dB only."""
    if profile.sound_code is not None:
        return SoundFormat(profile.sound_code, profile.sound_encoding or "unsigned8")
    return min(formats(lines), key=lambda one: PREFERENCE.index(one.encoding), default=None)


def line_label(lines: Iterable[str]) -> int:
    """The number of the position "off-hook, modem on the line": its string is "T". 1 where the modem does not say."""
    for line in lines:
        match = _LABEL.match(line)
        if match is not None and match[2] == "T":
            return int(match[1])
    return 1
