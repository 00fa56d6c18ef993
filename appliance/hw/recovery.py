"""What is done to a modem that does not answer, rung by rung (A1, E1, E5); sans-I/O: the driver carries the deeds out.

Reopen, reset blindly, cut the power of its USB port, press its power key; then it is broken, and the ladder is climbed again after 5, 10,
20, 40, 60 minutes; between, its port is opened once a minute, in case somebody saw to it. A module is never cut off twice within 30 s:
it may be writing its flash memory. Source: makers' hardware manuals, field practice of serial gateways.
"""

from dataclasses import dataclass
from typing import Final

from appliance.hw.profile import Profile

REOPEN_MS: Final = 1_000
REOPEN_BROKEN_MS: Final = 60_000
AGAIN_MS: Final = (300_000, 600_000, 1_200_000, 2_400_000, 3_600_000)
MISSING_MS: Final = 60_000  # a port that is gone so long does not come back by itself
USB_OFF_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Rung:
    """`step`: the word of LineRecovery, "" where it is not worth one. `deeds`: ms from now, and reset, usb_off, usb_on, key_down or key_up.

    `open_ms`: then the port is opened, or as soon as it was gone and is back.
    """

    step: str
    open_ms: int
    deeds: tuple[tuple[int, str], ...] = ()


class Ladder:
    """Of one line; `usb`: its USB port's power is ours to switch, `key`: its power key is wired."""

    def __init__(self, profile: Profile, usb: bool = False, key: bool = False) -> None:
        self.profile, self.usb, self.key = profile, usb, key and profile.power_key is not None
        self._rungs: list[str] = []
        self.troubled = False
        self._rounds = 0
        self._next_round_ms = 0
        self._missing_ms: int | None = None

    @property
    def blind(self) -> bytes:
        """What the deed "reset" writes: out of a prompt, then the command."""
        return b"\x1b\r" + self.profile.reset.encode() + b"\r"

    def begins(self) -> bool:
        """A trouble has begun; False where it had before."""
        begun, self.troubled = not self.troubled, True
        if begun:
            self._rungs = ["reopen", *self._powers()]
        return begun

    def well(self) -> bool:
        """In service; True where that was not so before."""
        was, self.troubled = self.troubled, False
        self._rounds, self._missing_ms = 0, None
        return was

    def next(self, now_ms: int) -> Rung:
        """The port is there and the modem did not answer."""
        self.begins()
        self._missing_ms = None
        if self._rungs:
            return self._rung(self._rungs.pop(0))
        if self._rounds == 0 or now_ms >= self._next_round_ms:
            first = self._rounds == 0
            self._next_round_ms = now_ms + AGAIN_MS[min(self._rounds, len(AGAIN_MS) - 1)]
            self._rounds += 1
            if first:
                return Rung("broken", REOPEN_BROKEN_MS)
            self._rungs = self._powers()
            if self._rungs:
                return self._rung(self._rungs.pop(0))
        return Rung("", REOPEN_BROKEN_MS)

    def missing(self, now_ms: int) -> Rung | None:
        """The port is not there; None: nothing to do but look for it. A module without a tty is off, and one press switches it on."""
        if self._missing_ms is None:
            self._missing_ms = now_ms
        key = self.profile.power_key
        if not self.key or key is None or now_ms - self._missing_ms < MISSING_MS:
            return None
        self._missing_ms = now_ms + AGAIN_MS[min(self._rounds, len(AGAIN_MS) - 1)] - MISSING_MS
        self._rounds += 1
        return Rung("power_key", key.on_ms + key.boots_s * 1000, ((0, "key_down"), (key.on_ms, "key_up")))

    def _powers(self) -> list[str]:
        return [name for name, there in (("reset", self.profile.reset), ("usb", self.usb), ("power_key", self.key)) if there]

    def _rung(self, name: str) -> Rung:
        boots_ms = self.profile.boots_s * 1000
        if name == "reset":
            return Rung(name, boots_ms, ((0, "reset"),))
        if name == "usb":
            return Rung(name, USB_OFF_MS + boots_ms, ((0, "usb_off"), (USB_OFF_MS, "usb_on")))
        key = self.profile.power_key
        if name == "power_key" and key is not None:  # it runs, for its port is there: off, and when it is down, on
            on = key.off_ms + key.goes_off_s * 1000
            deeds = ((0, "key_down"), (key.off_ms, "key_up"), (on, "key_down"), (on + key.on_ms, "key_up"))
            return Rung(name, on + key.on_ms + key.boots_s * 1000, deeds)
        return Rung("reopen", REOPEN_MS)
