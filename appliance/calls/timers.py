"""Deadlines by name. A turn asks what is due; nobody waits here."""

from collections.abc import Hashable, Iterator


class Timers:
    """A name has at most one deadline. Offices are small: a linear scan is the simplest thing that is right."""

    def __init__(self) -> None:
        self._due: dict[Hashable, int] = {}

    def set(self, name: Hashable, due_ms: int) -> None:
        self._due[name] = due_ms

    def clear(self, name: Hashable) -> None:
        self._due.pop(name, None)

    @property
    def next_ms(self) -> int | None:
        return min(self._due.values(), default=None)

    def due(self, now_ms: int) -> Iterator[Hashable]:
        """Names whose time has come, earliest first; each is cleared before it is given."""
        while self._due:
            name, at = min(self._due.items(), key=lambda item: item[1])
            if at > now_ms:
                return
            del self._due[name]
            yield name
