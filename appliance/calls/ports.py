"""What calls/ asks of others. box.py plugs them in; none of these waits."""

from typing import Protocol

from appliance.base.ids import AgentId, CallId, LineId

Place = str
"""Where sound comes from and goes to: `line:ID` or `seat:ID`."""


def line_place(line: LineId) -> Place:
    return f"line:{line}"


def seat_place(seat: str) -> Place:
    return f"seat:{seat}"


class Lines(Protocol):
    """Orders to the line drivers; their outcome comes back as facts of events/line.py."""

    def answer(self, line: LineId) -> None: ...

    def dial(self, line: LineId, number: str) -> None: ...

    def hang_up(self, line: LineId) -> None: ...

    def send_digit(self, line: LineId, digit: str) -> None: ...

    def disable(self, line: LineId) -> None: ...

    def enable(self, line: LineId) -> None: ...


class Sound(Protocol):
    """Who hears whom. The last word for a place holds until the next; a place that is not there yet gets it when it comes."""

    def hears(self, place: Place, sources: frozenset[Place]) -> None: ...

    def play(self, place: Place, sound: str | None) -> None:
        """`ringback`, `hold`, `prompt_key_1`, `to:QUEUE` (its name, then music), or None; looped."""
        ...

    def announce(self, place: Place, what: str) -> None:
        """Once, then what plays goes on: `welcome`, `position:3`, `position:3:120` (expected wait in s), `next:QUEUE` (a tone, its name).

        Nothing where there is no such."""
        ...

    def capture(self, place: Place) -> None:
        """What is spoken there is kept from now on, and what was kept of it before is thrown away."""
        ...

    def capture_end(self, place: Place) -> None:
        """No more is added; what was spoken stays until `forget`."""
        ...

    def hear_take(self, place: Place) -> None:
        """Once, what was captured there, as callers would hear it."""
        ...

    def forget(self, place: Place) -> None:
        """What was captured there is gone, and is heard no more."""
        ...


class Recording(Protocol):
    """The tap of a call, from pick-up to end (A7)."""

    def begin(self, call: CallId, customer: Place, at_ms: int) -> None: ...

    def resume(self, call: CallId, customer: Place, picked_up_ms: int, *, paused: bool) -> None:
        """After a restart in mid-call: the same recording goes on, with silence for the time in which nobody recorded."""
        ...

    def agents(self, call: CallId, places: frozenset[Place]) -> None:
        """Whose voices make the right channel from now on."""
        ...

    def pause(self, call: CallId, paused: bool) -> None:
        """Silence in the place of both channels while paused."""
        ...

    def end(self, call: CallId) -> None: ...


class CallerLookup(Protocol):
    """What is known of who calls (A3)."""

    def agents_of(self, number: str) -> tuple[AgentId, ...]:
        """Whose customer this number is, the dearest first: who owns his case, then who talked with him last."""
        ...
