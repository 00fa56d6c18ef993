"""Keys of the far end, from two ears: the modem's own decoder and the box's. Counted once (A1)."""

from typing import Final

TOGETHER_MS: Final = 400  # the modem's report and ours of one press lie so near: module 40-80 ms, ticks, a late wire
MOST_KEYS: Final = 16  # within TOGETHER_MS; a key and its pause last 65 ms at least (ITU-T Q.24), so more is a modem that raves
KEYS: Final = frozenset("0123456789*#ABCD")


class KeyFuse:
    """A report is the other ear's echo of a press that was counted already, or a new press.

    Pairing per ear, not a dead time: `55` pressed quickly is two reports from either ear, and both count.
    """

    def __init__(self) -> None:
        self._unpaired: list[tuple[int, str, str]] = []  # time, ear, digit: counted, the other ear has not reported it

    def reset(self) -> None:
        self._unpaired.clear()

    def heard(self, ear: str, digit: str, now_ms: int) -> bool:
        """True where this is a press not counted yet. `ear`: "modem" or "box". Other signs than keys raise ValueError."""
        if digit not in KEYS:
            raise ValueError(f"not a key: {digit!r}")
        self._unpaired = [one for one in self._unpaired if now_ms - one[0] <= TOGETHER_MS]
        for index, (_, other, same) in enumerate(self._unpaired):
            if other != ear and same == digit:
                del self._unpaired[index]
                return False
        if len(self._unpaired) >= MOST_KEYS:
            return False
        self._unpaired.append((now_ms, ear, digit))
        return True
