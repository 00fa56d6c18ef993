"""Call-progress tones as data: firmware_cfg/tones/<country>.toml, heard by the box's tone listener on lines of that country (A1 A2)."""

import tomllib
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Final

import msgspec

from firmware_cfg.fields import Report
from firmware_cfg.findings import Said, between, out_of_range, shown

HERE: Final = Path(__file__).parent / "tones"
_LEAST_HZ, _MOST_HZ = 200.0, 3300.0
_APART_HZ: Final = 30.0  # two frequencies of one tone, nearer than that, are one to who listens for 20 ms
_LEAST_MS, _MOST_MS = 100, 10_000  # a part of a cadence
_MOST_PARTS: Final = 6


class Tone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tone. It is told as soon as so much of it was heard without a flaw, once a call."""

    hz: tuple[float, ...]  # one frequency, or two at once
    tolerance_hz: float
    cadence_ms: tuple[int, ...] = ()  # on, off, on, off …, then again; (): without end
    tolerance_ms: int = 0  # of each part of the cadence
    known_after_ms: int
    source: str  # where these figures stand


class Tones(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A country's exchanges."""

    title: str  # for people
    dial: Tone
    ringback: Tone
    busy: Tone
    congestion: Tone  # no way through the network, whoever is called

    def named(self) -> list[tuple[str, Tone]]:
        """("busy", its tone) and so on."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name != "title"]


def load(country: str, place: Path = HERE) -> Tones:
    """A country's tones; OSError where there is no such file. What `check` of the file would refuse is not looked at again."""
    return msgspec.convert(tomllib.loads((place / f"{country}.toml").read_text("utf-8")), Tones)


def check_tones(tones: Tones, report: Report) -> None:
    """What cannot be heard, or cannot be told apart."""
    sound = [name for name, tone in tones.named() if _alone(name, tone, report)]
    for first, second in combinations(sound, 2):
        if _alike(getattr(tones, first), getattr(tones, second)):
            right = Said("write frequencies or cadences that differ by more than both tolerances")
            report((second,), Said("cannot be told from {tone}", tone=first), right)


def _alone(name: str, tone: Tone, report: Report) -> bool:
    wrong: list[str] = []

    def say(key: str, what: Said, right: Said) -> None:
        wrong.append(key)
        report((name, key), what, right)

    if len(tone.hz) not in (1, 2) or not all(_LEAST_HZ <= hz <= _MOST_HZ for hz in tone.hz):
        say("hz", Said("{hz} is no tone of an exchange", hz=_listed(tone.hz)), Said("write one or two frequencies, 200 to 3300"))
    elif len(tone.hz) == 2 and abs(tone.hz[0] - tone.hz[1]) < _APART_HZ:
        wrong_hz = Said("{hz} lie too near to each other to be heard as two", hz=_listed(tone.hz))
        say("hz", wrong_hz, Said("write two that are {least} Hz apart, or one", least=f"{_APART_HZ:g}"))
    if not 1 <= tone.tolerance_hz <= 40:
        say("tolerance_hz", out_of_range(f"{tone.tolerance_hz:g}"), between(1, 40))
    parts = tone.cadence_ms
    if len(parts) % 2 or len(parts) > _MOST_PARTS:
        right = Said("write on, off, on, off …, at most {most}; nothing for a tone without end", most=_MOST_PARTS)
        say("cadence_ms", Said("has {count} parts", count=len(parts)), right)
    elif not all(_LEAST_MS <= part <= _MOST_MS for part in parts):
        bad = next(part for part in parts if not _LEAST_MS <= part <= _MOST_MS)
        right = Said("write ms, {least} to {most}", least=_LEAST_MS, most=_MOST_MS)
        say("cadence_ms", Said("{value} is no part of a cadence", value=shown(bad)), right)
    elif parts and not 20 <= tone.tolerance_ms <= min(parts) // 2:
        right = Said("write 20 to {most}, half of the shortest part", most=min(parts) // 2)
        say("tolerance_ms", out_of_range(shown(tone.tolerance_ms)), right)
    if "cadence_ms" not in wrong:
        least = parts[0] + 100 if parts else 500
        if not least <= tone.known_after_ms <= 30_000:
            say("known_after_ms", out_of_range(shown(tone.known_after_ms)), between(least, 30_000))
    if not tone.source.strip():
        say("source", Said("is empty"), Said("write where these figures stand"))
    return not wrong


def _alike(one: Tone, other: Tone) -> bool:
    if len(one.hz) != len(other.hz):
        return False
    apart = one.tolerance_hz + other.tolerance_hz
    if any(abs(a - b) > apart for a, b in zip(sorted(one.hz), sorted(other.hz), strict=True)):
        return False
    if not one.cadence_ms or not other.cadence_ms:  # one without end is known once it is longer than any part that sounds
        endless, cut = (one, other) if not one.cadence_ms else (other, one)
        return endless.known_after_ms <= max(cut.cadence_ms[::2], default=10**9) + cut.tolerance_ms
    parts = max(len(one.cadence_ms), len(other.cadence_ms))
    both = zip((one.cadence_ms * parts)[:parts], (other.cadence_ms * parts)[:parts], strict=True)
    return all(abs(a - b) <= one.tolerance_ms + other.tolerance_ms for a, b in both)


def _listed(hz: tuple[float, ...]) -> str:
    each = [f"{one:g} Hz" for one in hz[:4]] or ["[]"]
    return reduce(lambda one, other: Said("{one} and {other}", one=one, other=other), each)
