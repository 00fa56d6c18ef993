"""A call as the telephone network sees it (A1): who, which trunk, in what state, what its far end heard."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appliance.exchange.far_end import Ear, key_edges, pressed
from appliance.exchange.tones import Sound

LIVE: Final = ("dialling", "ringing", "connected")
KEYS_AFTER_SOUND_MS: Final = 1000
KEYS_AT_LATEST_MS: Final = 8000
COMMA_MS: Final = 1000


@dataclass
class FarEnd:
    """How a subscriber behaves in a call."""

    says: Sound | None = None
    keys: str = ""
    hang_up_after_ms: int | None = None
    answers_after_ms: int | None = 2000
    busy: bool = False
    congested: bool = False  # the network has no way to him


@dataclass
class Call:
    """One call; `incoming` is towards the box. Times are the network's milliseconds."""

    id: str
    at: datetime
    caller: str
    called: str
    line: str
    incoming: bool
    far_end: FarEnd
    ear: Ear
    began_ms: int
    state: str = "dialling"
    ringing_ms: int = 0
    connected_ms: int | None = None
    ended_ms: int | None = None
    presser: "Presser | None" = None
    unassigned: bool = False  # nobody has that number

    @property
    def live(self) -> bool:
        return self.state in LIVE

    def told(self, now_ms: int) -> dict[str, object]:
        """The contract's words of a call."""
        until = self.ended_ms if self.ended_ms is not None else now_ms
        connected_s = None if self.connected_ms is None else round((until - self.connected_ms) / 1000, 3)
        return {
            "id": self.id, "at": self.at.isoformat(), "from": self.caller, "to": self.called, "trunk": self.line,
            "state": self.state, "connected_s": connected_s, "heard": self.ear.heard(not self.live),
        }  # fmt: skip


class Presser:
    """A far end's fingers: presses its keys by the contract's rule and says which the modem should have recognised."""

    def __init__(self, keys: str, connected_ms: int) -> None:
        self._runs = pressed(keys)
        self._connected_ms = connected_ms
        self._begun = False
        self._pause_until = 0
        self._run = ""
        self._recognised = self._ended = 0

    def due(self, now_ms: int, first_sound: int | None) -> bool:
        """True once the first key is to be pressed; `first_sound` is the sample at which the far end first heard anything."""
        at = self._connected_ms + KEYS_AT_LATEST_MS
        if first_sound is not None:
            at = min(at, self._connected_ms + first_sound // 8 + KEYS_AFTER_SOUND_MS)
        self._begun = self._begun or now_ms >= at
        return self._begun

    def step(self, now_ms: int, once_at: int, once_done: bool) -> tuple[Sound | None, list[tuple[str, bool]]]:
        """Sound to begin now, and (key, ended) for each key whose begin or end the modem notices now."""
        noticed: list[tuple[str, bool]] = []
        if self._run:
            recognised, ended = key_edges(once_at)
            recognised, ended = min(recognised, len(self._run)), min(ended, len(self._run))
            edges = range(self._recognised + self._ended, recognised + ended)
            noticed += [(self._run[edge // 2], bool(edge % 2)) for edge in edges]
            self._recognised, self._ended = recognised, ended
            if not once_done:
                return None, noticed
            self._run, self._recognised, self._ended = "", 0, 0
        if now_ms < self._pause_until or not self._runs:
            return None, noticed
        run, sound = self._runs.pop(0)
        if not run:
            self._pause_until = now_ms + COMMA_MS
            return None, noticed
        self._run = run
        return sound, noticed
