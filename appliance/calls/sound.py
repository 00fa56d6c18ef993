"""Who hears whom, in terms of places (a line, a seat); the bridge knows endpoints only (A2 A7).

What is wanted is kept here: a port that comes back in mid-call is joined again, a place that is not there yet gets its sound later.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from appliance.audio.bridge import Bridge
from appliance.audio.prompts import Pcm
from appliance.base.ids import CallId
from appliance.calls.ports import Place

log = logging.getLogger(__name__)


class Recorder(Protocol):
    """The writer of recordings, as far as it is needed here."""

    def begin(self, call: CallId, tap: int, picked_up_at_ms: int) -> None: ...

    def pause(self, call: CallId, paused: bool) -> None: ...

    def resume(self, call: CallId, tap: int, picked_up_at_ms: int, paused: bool = False) -> None: ...

    def end(self, call: CallId) -> None: ...


@dataclass(slots=True)
class Captured:
    """What was spoken at a place for a prompt; `tap` while more may come."""

    tap: int | None
    pieces: list[Pcm] = field(default_factory=list)


class SoundBoard:
    """`Sound` and `Recording` of ports.py upon one bridge and one recorder."""

    def __init__(self, bridge: Bridge, recorder: Recorder) -> None:
        self.bridge, self.recorder = bridge, recorder
        self.endpoints: dict[Place, int] = {}
        self._hears: dict[Place, frozenset[Place]] = {}
        self._plays: dict[Place, str | None] = {}
        self._announcing: dict[Place, int] = {}  # to the endpoint that says it
        self.prompt_of: Callable[[str], str | None] = lambda _: None
        """The bridge's name of what is to be announced, set by the box."""
        self._captured: dict[Place, Captured] = {}
        self._taps: dict[CallId, tuple[int, Place, frozenset[Place]]] = {}

    def arrive(self, place: Place, endpoint: int) -> None:
        """The place has an endpoint now (again)."""
        self.endpoints[place] = endpoint
        self._again(place)

    def leave(self, place: Place) -> int | None:
        """The endpoint is gone; what was wanted stays wanted. The endpoint, for whoever removes it from the bridge."""
        endpoint = self.endpoints.pop(place, None)
        self._announcing.pop(place, None)
        self._again(place)
        return endpoint

    def _again(self, place: Place) -> None:
        if place in self.endpoints:
            self._play(place)
        for listener, sources in self._hears.items():
            if listener == place or place in sources:
                self._hear(listener)
        for call, (_tap, _customer, agents) in list(self._taps.items()):
            if place in agents:
                self.agents(call, agents)

    def hears(self, place: Place, sources: frozenset[Place]) -> None:
        self._hears[place] = sources
        self._hear(place)

    def _hear(self, place: Place) -> None:
        if place in self.endpoints:
            self.bridge.set_hears(self.endpoints[place], self._present(self._hears[place]))

    def _present(self, places: frozenset[Place]) -> frozenset[int]:
        return frozenset(self.endpoints[place] for place in places if place in self.endpoints)

    def play(self, place: Place, sound: str | None) -> None:
        """Music waits for the end of an announcement; silence does not, as somebody speaks from here on."""
        self._plays[place] = sound
        if sound is None:
            self._announcing.pop(place, None)
        if place in self.endpoints and place not in self._announcing:
            self._play(place)

    def announce(self, place: Place, what: str) -> None:
        name = self._next_call(what) if what.startswith("next:") else self.prompt_of(what)
        if name is not None and place in self.endpoints and self._plays.get(place) is not None:
            self._announcing[place] = self.endpoints[place]
            self.bridge.play(self.endpoints[place], name, loop=False)

    def _next_call(self, what: str) -> str:
        """A tone and the queue's name; the tone alone where nobody has said how the name is spoken, or nothing speaks."""
        return what if what in self.bridge.sounds() else "chime"

    def played(self, endpoint: int) -> None:
        """The bridge's `play_end`: back to what plays."""
        for place, announced in list(self._announcing.items()):
            if announced == endpoint:
                del self._announcing[place]
                if self.endpoints.get(place) == endpoint:
                    self._play(place)

    def ring(self, place: Place, on: bool) -> None:
        """A headset rings in its own ears; off takes away nothing but that."""
        if on:
            self.play(place, "ring")
        elif self._plays.get(place) == "ring":
            self.play(place, None)

    def _play(self, place: Place) -> None:
        sound = self._plays.get(place)
        if sound is not None and sound.startswith("to:") and sound not in self.bridge.sounds():
            sound = "hold"  # nothing here can speak that name
        self.bridge.play(self.endpoints[place], sound)

    def capture(self, place: Place) -> None:
        self.forget(place)
        if place in self.endpoints:
            self._captured[place] = Captured(self.bridge.tap(self.endpoints[place]))

    def capture_end(self, place: Place) -> None:
        captured = self._captured.get(place)
        if captured is not None and captured.tap is not None:
            self.bridge.end_tap(captured.tap)
            captured.pieces.append(self.bridge.read_tap(captured.tap)[:, 0].copy())
            self.bridge.free_tap(captured.tap)
            captured.tap = None

    def fetch_captured(self) -> None:
        """At the latest each half minute: a tap holds no more."""
        for captured in self._captured.values():
            if captured.tap is not None:
                captured.pieces.append(self.bridge.read_tap(captured.tap)[:, 0].copy())

    def captured(self, place: Place) -> Pcm:
        """What has been fetched so far; empty where nothing was captured."""
        known = self._captured.get(place)
        return np.concatenate(known.pieces) if known is not None and known.pieces else np.zeros(0, np.int16)

    def make_take(self, place: Place, sound: Pcm) -> None:
        """What `hear_take` plays."""
        self.bridge.load_sound(_take(place), sound)

    def hear_take(self, place: Place) -> None:
        if place in self.endpoints and _take(place) in self.bridge.sounds():
            self.bridge.play(self.endpoints[place], _take(place), loop=False)

    def forget(self, place: Place) -> None:
        captured = self._captured.pop(place, None)
        if captured is None:
            return
        if captured.tap is not None:
            self.bridge.end_tap(captured.tap)
            self.bridge.free_tap(captured.tap)
        self.bridge.forget_sound(_take(place))
        if place in self.endpoints:
            self._play(place)

    def levels_dbfs(self) -> dict[Place, float]:
        """From each place that has an endpoint, the mean of the last second."""
        return {place: self.bridge.level_dbfs(endpoint)[0] for place, endpoint in self.endpoints.items()}

    def begin(self, call: CallId, customer: Place, at_ms: int) -> None:
        if customer not in self.endpoints:  # its port went in this very moment; the line's fault follows and ends the call
            log.error("call %s is not recorded: %s has no sound", call, customer)
            return
        tap = self.bridge.tap(self.endpoints[customer])
        self._taps[call] = (tap, customer, frozenset())
        self.recorder.begin(call, tap, at_ms)

    def resume(self, call: CallId, customer: Place, picked_up_ms: int, *, paused: bool) -> None:
        if customer in self.endpoints:
            tap = self.bridge.tap(self.endpoints[customer])
            self._taps[call] = (tap, customer, frozenset())
            self.recorder.resume(call, tap, picked_up_ms, paused)

    def agents(self, call: CallId, places: frozenset[Place]) -> None:
        if call in self._taps:
            tap, customer, _before = self._taps[call]
            self._taps[call] = (tap, customer, places)
            self.bridge.set_tap(tap, self._present(places))

    def pause(self, call: CallId, paused: bool) -> None:
        self.recorder.pause(call, paused)

    def end(self, call: CallId) -> None:
        """The tap's last frames are still fetched by the recorder, which frees it."""
        if call in self._taps:
            tap, _customer, _agents = self._taps.pop(call)
            self.bridge.end_tap(tap)
        self.recorder.end(call)


def _take(place: Place) -> str:
    """The bridge's name of what was captured there, as callers would hear it."""
    return f"take:{place}"
