"""The routing core's promises in a running box (A3 A4): each step goes by an onlooker who believes nobody (core/invariants.py).

A turn only notes its steps, so that no call waits for the looking: the box has them looked at between turns, some at a time.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from appliance.core.inputs import Input
from appliance.core.invariants import Watch
from appliance.core.known import Broken, Promise

__all__ = ["Broken", "Onlooker", "Promise"]

STEPS_AT_ONCE: Final = 10
"""Some 200 µs each in an office of 16 seats: a look takes 2 ms."""
EVERYBODY_MS: Final = 1_000
"""So often everybody is looked at; what a decision shows is seen at once."""


class Onlooker:
    """Silent after the first broken promise: what follows from it would be blamed on others. `broken` stands until the box starts anew."""

    def __init__(self, every_ms: int = EVERYBODY_MS) -> None:
        self._watch = Watch(every_ms)
        self._steps: deque[tuple[int, Input, list[Any]]] = deque()
        self.steps_seen = 0

    @property
    def broken(self) -> Broken | None:
        return self._watch.broken

    @property
    def pending(self) -> int:
        """Steps that are noted and not looked at."""
        return len(self._steps)

    def note(self, now_ms: int, given: Input, decided: list[Any]) -> None:
        if self.broken is None:
            self._steps.append((now_ms, given, decided))

    def look(self, most: int = STEPS_AT_ONCE) -> Broken | None:
        """At the oldest steps; what was broken, once."""
        for _ in range(min(most, len(self._steps))):
            self.steps_seen += 1
            if (broken := self._watch.noted(*self._steps.popleft())) is not None:
                self._steps.clear()
                return broken
        return None

    def look_round(self, queues: Iterable[int], waiting: Callable[[int], Iterable[int]]) -> Broken | None:
        """At everybody, and at who waits by the core's own lists: between turns. Nothing while steps are pending."""
        if self.broken is not None or self._steps:
            return None
        try:
            self._watch.look_round()
            for queue in queues:
                self._watch.all_wait(queue, waiting(queue))
        except Broken as broken:
            self._watch.broken = broken
            return broken
        return None
