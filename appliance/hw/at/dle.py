"""Events of a voice modem among its text: pairs of DLE (0x10) and a letter, lifted out before lines are split (A1).

Source: V.253 6.3. A pair may be split across reads; `10 10` is one byte 0x10, `10 1A` two, which in text are noise.
"""

from typing import Final

DLE: Final = 0x10
ETX: Final = "\x03"
_DATA: Final = frozenset((0x10, 0x1A))


class DleLifter:
    """Gives text as bytes and events as one-letter strings, in the order they came."""

    def __init__(self) -> None:
        self._half = False

    def reset(self) -> None:
        self._half = False

    def feed(self, data: bytes) -> list[bytes | str]:
        found: list[bytes | str] = []
        at = 0
        if self._half and data:
            self._half = False
            self._pair(data[0], found)
            at = 1
        while at < len(data):
            dle = data.find(DLE, at)
            if dle < 0:
                found.append(data[at:])
                break
            if dle > at:
                found.append(data[at:dle])
            if dle + 1 == len(data):
                self._half = True
                break
            self._pair(data[dle + 1], found)
            at = dle + 2
        return found

    @staticmethod
    def _pair(second: int, found: list[bytes | str]) -> None:
        if second not in _DATA:
            found.append(chr(second))
